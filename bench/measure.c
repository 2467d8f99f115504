/* SPDX-License-Identifier: MIT */
/* Timing; see measure.h. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench/measure.h"

#define SAMPLES 101
#define LEAST_SAMPLES 3
#define LONG_CALL_NS 5e7 /* such a call is a sample of many already */
#define LEAST_SAMPLE_NS 20000.0

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double time_calls(void (*fn)(void *arg), void *arg, size_t calls)
{
	double start = now_ns();

	for (size_t i = 0; i < calls; i++)
		fn(arg);
	return now_ns() - start;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct sample measure(void (*fn)(void *arg), void *arg, double seconds)
{
	double ns[SAMPLES], once = time_calls(fn, arg, 1), end;
	size_t inner = 1, n = 0, least;
	struct sample s;

	if (once < seconds * 1e9) /* else one call has warmed up what there is */
		once = time_calls(fn, arg, 2) / 2;
	while (once * (double)inner < LEAST_SAMPLE_NS) {
		inner *= 2;
		once = time_calls(fn, arg, inner) / (double)inner;
	}
	least = once > LONG_CALL_NS ? 1 : LEAST_SAMPLES;
	end = now_ns() + seconds * 1e9;
	do
		ns[n++] = time_calls(fn, arg, inner) / (double)inner;
	while (n < SAMPLES && (n < least || now_ns() < end));
	qsort(ns, n, sizeof(*ns), by_value);
	s.median = ns[n / 2];
	s.low = ns[n / 4];
	s.high = ns[n - 1 - n / 4];
	s.calls = n * inner;
	return s;
}

char *show_ns(char buf[16], double ns)
{
	if (ns < 1e3)
		snprintf(buf, 16, "%.1f ns", ns);
	else if (ns < 1e6)
		snprintf(buf, 16, "%.2f us", ns / 1e3);
	else
		snprintf(buf, 16, "%.2f ms", ns / 1e6);
	return buf;
}
