/* SPDX-License-Identifier: MIT */
/*
 * Rows as the executors of reductions and of row operations see them, and folds of rows.
 */
#ifndef TR_VK_ROWS_H
#define TR_VK_ROWS_H

#include "vk/spirv.h"

#define TR_VK_SHORT 16    /* elements of a row that one invocation folds */
#define TR_VK_MEDIUM 1024 /* that 16 do */
#define TR_VK_TEAM 64     /* invocations that have a lane each */

/* x is [outer, n, inner], dense but that rows (inner = 1) may lie further apart. */
struct tr_vk_rows {
	struct tr_operand x;
	enum tr_dtype dtype;
	int64_t n, inner, rows; /* rows = outer · inner */
	int64_t row_bytes;      /* from row to row if inner = 1 */
};

/* How the blocks of a row or column are dealt: to `segments` workgroups, to `teams` in each, `blocks` to a team. */
struct tr_vk_deal {
	int64_t teams, blocks, segments;
	int64_t width; /* columns of a workgroup */
};

/* n >= 0, rows >= 1; a workgroup has one row. */
void tr__vk_deal_row(const struct tr_vk_gpu *gpu, struct tr_vk_deal *d, int64_t n, int64_t rows);

/* A row runs along axes first … first + count - 1 of dense x. */
void tr__vk_find_rows(struct tr_vk_rows *r, const struct tr_operand *x, int first, int count, enum tr_dtype dtype);

/*
 * Records y = fold of each row. how: the kernel's name after "row_" or "column_"; join: that for subtrees. means: an
 * element for each row, or NULL; empty: the bits of a fold of nothing. y has the rows' number of elements, dense. For "dot",
 * of rows only, means are the other operand's rows, and empty is how many bytes apart they lie.
 */
int tr__vk_fold(struct tr_device *dev, const struct tr_vk_rows *r, const struct tr_operand *y, const char *how,
		const char *join, const struct tr_operand *means, uint64_t empty, char *detail);

/* Whether rows are such that a workgroup keeps them in registers; and y = their variances then, dense, with that divisor. */
bool tr__vk_is_whole(const struct tr_vk_gpu *gpu, const struct tr_vk_rows *r);
int tr__vk_whole_var(struct tr_device *dev, const struct tr_vk_rows *r, const struct tr_operand *y, double divisor,
		     char *detail);

/* Replaces an operand by a dense copy of the type if it is not that already. */
int tr__vk_make_dense(struct tr_device *dev, enum tr_dtype dtype, struct tr_operand *o, char *detail);

/* The bits of a value in a type. */
uint64_t tr__vk_bits(enum tr_dtype dtype, double value);

/* y = op(y[, value]), elementwise in place; value NULL for none. */
int tr__vk_apply(struct tr_device *dev, enum tr_op op, struct tr_operand *y, const double *value, char *detail);

/* Elements of a shape, and workgroups of TR_VK_GROUP for n invocations. */
static inline int64_t tr__vk_count(const int64_t *shape, int n)
{
	int64_t p = 1;

	for (int i = 0; i < n; i++)
		p *= shape[i];
	return p;
}

static inline uint64_t tr__vk_groups(uint64_t n)
{
	return (n + TR_VK_GROUP - 1) / TR_VK_GROUP;
}

/* y = the fold of each row that an operation of the REDUCE and VECTOR_NORM families is, by way of elementwise commands. */
int tr__vk_passes(struct tr_device *dev, const struct tr_cmd *cmd, const struct tr_vk_rows *r, struct tr_operand *y, char *detail);

#endif
