/* SPDX-License-Identifier: MIT */
/*
 * One operation on whole rows in work, between its planner with the dense rows (exec_rows.c) and the streaming of long
 * ones (rows_stream.c). Knows strides, no kernels.
 */
#ifndef TR_SIMD_ROWS_H
#define TR_SIMD_ROWS_H

#include "simd/reduce.h"
#include "simd/tree.h"

#define TR_ROWS_CHUNK (TR_LANES * TR_CHUNK_ROWS)

struct tr_rows_job {
	struct tr_device *dev;
	const struct tr_cmd *cmd;
	const struct tr_operand *dst, *src;
	enum tr_dtype dtype;
	size_t size;
	int axis;
	int64_t n, rows;   /* elements of a row */
	bool direct;       /* rows are dense and of the type in src and dst */
	struct tr_reduce_view to, from; /* dst and src, with the rows' elements as what is reduced */
	bool turned;       /* units are short rows, transposed to lie side by side */
	int64_t strips;    /* units are rows side by side, so many in each outer index; 0: they are not */
	int64_t units;
	size_t parts;
	double eps;
	const void *weight, *bias;
};

/* Fills in all but tiles, parts, weight and bias. False: there is nothing to do. */
bool tr__rows_begin(struct tr_rows_job *job, struct tr_device *dev, const struct tr_cmd *cmd, int axis);

/* The rows' starts, in C order of the other axes: view 0 is dst's, view 1 src's. */
struct tr_walk tr__rows_walk(const struct tr_rows_job *job);

/* An operand that is one row, whose address is still to be set. */
static inline struct tr_operand tr__row_of(const struct tr_operand *o, int axis)
{
	struct tr_operand row = {.dtype = o->dtype, .ndim = 1};

	row.shape[0] = o->shape[axis];
	row.stride[0] = o->stride[axis];
	return row;
}

static inline void *tr__row_at(const struct tr_operand *o, int64_t offset)
{
	return (char *)o->addr + offset * (int64_t)tr_dtype_size(o->dtype);
}

/* All rows one after the other, each on all threads, with the bits that the kernels give. 0 or -TR_ENOMEM. */
int tr__rows_stream(const struct tr_rows_job *job);

#endif
