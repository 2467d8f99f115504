/* SPDX-License-Identifier: MIT */
/*
 * What the executors that follow indices share: checking them, and rows named by them along one axis of a tensor. The
 * indexed side has the axis, the plain side the indices' axes in its place. Knows no direction and no operation.
 */
#ifndef TR_SIMD_INDEXED_H
#define TR_SIMD_INDEXED_H

#include "simd/cpu.h"
#include "simd/strided.h"

/* Indices converted at a time, on the stack. */
#define TR_INDEX_BATCH 256

/* 0 if all indices are below limit and, counted from the end or not at all, not below 0. Else -TR_EINDEX, and detail names
 * the first that is not. alone: on this thread, whose caches they should come to, because it will use them all. */
int tr__check_indices(struct tr_device *dev, const struct tr_operand *idx, int64_t limit, bool from_end, bool alone,
		      int64_t axis, char *detail);

struct tr_indexed {
	struct tr_device *dev;
	const struct tr_operand *plain, *sided, *idx;
	size_t size;         /* of an element */
	int64_t outer, nidx; /* products of shapes */
	int64_t limit, step; /* of the indexed axis: size and stride */
	struct tr_walk rows; /* over outer… and idx… of plain; view 1 is sided's outer axes, with stride 0 along idx… */
	int inner;           /* axes of a row, and where they begin in plain and in sided */
	int plain_inner, sided_inner;
	int64_t row;         /* elements in a row */
};

/* False if there is no element to move, and x is not whole then. */
bool tr__indexed_init(struct tr_indexed *x, struct tr_device *dev, const struct tr_operand *plain,
		      const struct tr_operand *sided, const struct tr_operand *idx, int axis);

/* A run of rows: n of them, plain's to elements apart; row i of sided begins index[i] (from_end: plus limit if below 0)
 * times step elements behind sided. */
struct tr_index_run {
	char *plain, *sided;
	int64_t to;
	const int64_t *index;
	size_t n;
};

typedef void (*tr_index_run_fn)(const void *arg, const struct tr_index_run *run);

/* Calls fn for rows [first, last) of outer × idx, in order. */
void tr__indexed_walk(const struct tr_indexed *x, int64_t first, int64_t last, tr_index_run_fn fn, const void *arg);

#endif
