/* SPDX-License-Identifier: MIT */
/* Timing on a shared machine: the median of many short samples, and how far they spread. Knows nothing of Trueno. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stddef.h>

struct sample {
	double median, low, high; /* nanoseconds a call; low and high are the quartiles */
	size_t calls;
};

/* Calls fn(arg) for about seconds after a warm-up, in samples long enough for the clock. */
struct sample measure(void (*fn)(void *arg), void *arg, double seconds);

/* "1.23 µs" and the like into buf[16]. */
char *show_ns(char buf[16], double ns);

#endif
