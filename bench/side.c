/* SPDX-License-Identifier: MIT */
/*
 * The loop of a side, and the commands all sides share:
 *
 *	clear                               forget the last case
 *	operand DTYPE SHAPE LAYOUT FILE     SHAPE as 3,4 ("-": a scalar); FILE holds the elements
 *	time SECONDS                        ok calls low median high, nanoseconds a call
 *	result FILE                         write the last result there; ok DTYPE
 *	probe CPU                           ok nanoseconds of a fixed amount of arithmetic on that CPU
 *	count N                             N calls inside side_counted, for callgrind
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/measure.h"
#include "bench/side.h"

#define MOST_WORDS 64

static char reason[512];

int side_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	return -1;
}

/* The whole file; NULL after side_error. */
static void *slurp(const char *path, size_t *bytes)
{
	FILE *f = fopen(path, "rb");
	void *data = NULL;
	long size;

	if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0 || fseek(f, 0, SEEK_SET)) {
		side_error("%s cannot be read", path);
	} else {
		*bytes = (size_t)size;
		data = aligned_alloc(64, (*bytes + 64) / 64 * 64);
		if (!data || fread(data, 1, *bytes, f) != *bytes) {
			side_error("%s: %s", path, data ? "short read" : "out of memory");
			free(data);
			data = NULL;
		}
	}
	if (f)
		fclose(f);
	return data;
}

static int operand(const struct side *side, char **word)
{
	struct side_operand o = {.dtype = word[1], .layout = word[3]};
	char *p = word[2];

	while (*p && *p != '-' && o.ndim < SIDE_MAX_RANK) {
		o.shape[o.ndim++] = strtoll(p, &p, 10);
		p += *p == ',';
	}
	o.data = slurp(word[4], &o.bytes);
	return o.data ? side->operand(&o) : -1;
}

static int save(const struct side *side, const char *path, const char **dtype)
{
	size_t bytes;
	const void *data = side->result(&bytes, dtype);
	FILE *f = data ? fopen(path, "wb") : NULL;
	size_t written = f ? fwrite(data, 1, bytes, f) : 0;

	if (f && (fclose(f) || written != bytes))
		return side_error("%s cannot be written", path);
	return data ? f ? 0 : side_error("%s cannot be written", path) : -1;
}

/* Eight independent chains of integer arithmetic: they fill a core's ports, so that a sibling at work shows. */
static void spin(void *result)
{
	uint64_t x[8];

	for (int k = 0; k < 8; k++)
		x[k] = (uint64_t)(uintptr_t)result + (uint64_t)k;
	for (int i = 0; i < 10000; i++) {
		for (int k = 0; k < 8; k++)
			x[k] = (x[k] + 0x9e3779b9u) ^ (x[k] >> 7);
		__asm__ volatile("" : "+r"(x[0]), "+r"(x[1]), "+r"(x[2]), "+r"(x[3]), "+r"(x[4]), "+r"(x[5]), "+r"(x[6]),
				 "+r"(x[7]));
	}
}

/* The best of the samples: what the core can do now, whatever preempted some of them. Where a program cannot choose its
 * processor, of the one it is on. */
static double probe(int cpu)
{
	struct sample s;
#ifdef CPU_SET
	cpu_set_t before, one;

	sched_getaffinity(0, sizeof(before), &before);
	CPU_ZERO(&one);
	CPU_SET((size_t)cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
#else
	(void)cpu;
#endif
	s = measure(spin, NULL, 0.0003);
#ifdef CPU_SET
	sched_setaffinity(0, sizeof(before), &before);
#endif
	return s.low;
}

/* Its name is where callgrind starts to count, so it must stay a function. */
void side_counted(const struct side *side, int n);
__attribute__((noinline)) void side_counted(const struct side *side, int n)
{
	for (int i = 0; i < n; i++)
		side->run(NULL);
}

static int obey(const struct side *side, int words, char **word, char *answer, size_t room)
{
	if (!strcmp(word[0], "clear")) {
		side->clear();
	} else if (!strcmp(word[0], "operand") && words == 5) {
		return operand(side, word);
	} else if (!strcmp(word[0], "time") && words == 2) {
		struct sample s = measure(side->run, NULL, atof(word[1]));

		snprintf(answer, room, " %zu %.2f %.2f %.2f", s.calls, s.low, s.median, s.high);
	} else if (!strcmp(word[0], "result") && words == 2) {
		const char *dtype = "";

		if (save(side, word[1], &dtype))
			return -1;
		snprintf(answer, room, " %s", dtype);
	} else if (!strcmp(word[0], "probe") && words == 2) {
		snprintf(answer, room, " %.1f", probe(atoi(word[1])));
	} else if (!strcmp(word[0], "count") && words == 2) {
		side_counted(side, atoi(word[1]));
	} else {
		return side->command(words, word, answer, room);
	}
	return 0;
}

int side_serve(const struct side *side)
{
	char line[4096], answer[128];

	while (fgets(line, sizeof(line), stdin)) {
		char *word[MOST_WORDS], *rest = line;
		int words = 0;

		while (words < MOST_WORDS && (word[words] = strtok_r(NULL, " \n", &rest)))
			words++;
		if (!words)
			continue;
		if (!strcmp(word[0], "quit"))
			break;
		answer[0] = '\0';
		if (obey(side, words, word, answer, sizeof(answer)))
			printf("error %s\n", reason);
		else
			printf("ok%s\n", answer);
		fflush(stdout);
	}
	return 0;
}
