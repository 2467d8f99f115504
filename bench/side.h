/* SPDX-License-Identifier: MIT */
/*
 * A side of bench/versus written in C: a process that reads commands, a line each, and answers each with one line,
 * "ok …" or "error …". bench/sides.py speaks the other end. Knows nothing of what is timed.
 */
#ifndef BENCH_SIDE_H
#define BENCH_SIDE_H

#include <stddef.h>
#include <stdint.h>

#define SIDE_MAX_RANK 12 /* what oneDNN reads of a shape */

struct side_operand {
	const char *dtype; /* NumPy's name */
	int ndim;
	int64_t shape[SIDE_MAX_RANK];
	const char *layout; /* "c": dense; "s": every other element of the last axis; "t": last two axes exchanged */
	void *data;         /* what the file held, C order; the side's to free */
	size_t bytes;
};

struct side {
	/* Begins a new case: forgets the operands and steps of the last one. */
	void (*clear)(void);
	/* Takes the operand, its data included. 0, or -1 after side_error. */
	int (*operand)(struct side_operand *o);
	/* A command of the side's own; what it puts into answer[room], a blank first, follows "ok". 0, or -1 after
	 * side_error. */
	int (*command)(int words, char **word, char *answer, size_t room);
	/* What is timed. */
	void (*run)(void *unused);
	/* The last result, dense, C order, and NumPy's name of its type; NULL after side_error. Valid until the next
	 * command. */
	const void *(*result)(size_t *bytes, const char **dtype);
};

/* The reason of a -1; returns it. */
int side_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Serves until end of file or "quit". The value is main's. */
int side_serve(const struct side *side);

#endif
