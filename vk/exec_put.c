/* SPDX-License-Identifier: MIT */
/*
 * PUT, writing by an index, and RAVEL, which makes one index of several. The order of equal indices shows in what is written:
 * indices are sorted, and an invocation for each that is the last or the first of its equals does the work of all. Knows kernels by
 * name.
 */
#include "vk/checks.h"
#include "vk/rows.h"

/* y = (index, or index + limit of one below 0) · step + more; both dense, of TR_I64. */
static int ravel(struct tr_device *dev, const struct tr_operand *y, const struct tr_operand *idx, int64_t limit, int64_t step,
		 int64_t more, uint64_t guard, char *detail)
{
	uint64_t n = (uint64_t)tr__vk_count(idx->shape, idx->ndim);

	return tr__vk_run_named(dev, "ravel", TR_DTYPE_NONE,
				(const uint64_t[]){(uintptr_t)y->addr, (uintptr_t)idx->addr, n, (uint64_t)limit, (uint64_t)step,
						   (uint64_t)more, guard},
				7, tr__vk_groups(n),
				(const struct tr_vk_range[]){tr__vk_extent(y, true), tr__vk_extent(idx, false),
							     {guard, guard ? guard + sizeof(uint32_t) : 0, false}},
				3, detail);
}

int tr__vk_exec_ravel(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	struct tr_operand y = cmd->operand[0], idx = cmd->operand[1], made = y;
	bool direct = y.dtype == TR_I64 && tr__vk_is_dense(&y), was_unsigned = idx.dtype == TR_U64;
	int64_t limit = cmd->attr.i64[0];
	uint64_t guard;
	int err;

	if (!tr__vk_count(idx.shape, idx.ndim))
		return 0;
	err = tr__vk_make_dense(dev, TR_I64, &idx, detail);
	if (!err)
		err = tr__vk_check_indices(dev, &idx, was_unsigned, was_unsigned ? 0 : -limit, cmd->attr.i64[3], limit, &guard,
					   detail);
	if (!err && !direct)
		err = tr__vk_scratch(dev, TR_I64, &y, &made, detail);
	if (!err)
		err = ravel(dev, &made, &idx, limit, cmd->attr.i64[1], cmd->attr.i64[2], guard, detail);
	return err || direct ? err : tr__vk_convert(dev, &y, &made, detail);
}

/* Indices without those below 0, as a vector, and their numbers in the order of the indices. */
static int sort_indices(struct tr_device *dev, const struct tr_operand *idx, int64_t limit, uint64_t guard,
			struct tr_operand *places, struct tr_operand *order, char *detail)
{
	struct tr_operand like = {.ndim = 1, .shape = {tr__vk_count(idx->shape, idx->ndim)}};
	struct tr_operand o[2];
	struct tr_cmd cmd = {.op = TR_OP_argsort, .family = TR_FAMILY_SORT, .dtype = TR_I64, .noperand = 2, .operand = o};
	int err = tr__vk_scratch(dev, TR_I64, &like, places, detail);

	if (!err)
		err = tr__vk_scratch(dev, TR_I64, &like, order, detail);
	if (!err)
		err = ravel(dev, places, idx, limit, 1, 0, guard, detail);
	o[0] = *order;
	o[1] = *places;
	return err ? err : tr__vk_exec_sort(dev, &cmd, detail);
}

#define PUT_PARAMS 11 /* and two for each axis */

/* Axes first … last - 1 of y from the last on, with strides in bytes; those that lie like one are one. How many are left. */
static uint64_t note_axes(uint64_t *w, const struct tr_operand *y, int first, int last)
{
	uint64_t size = tr_dtype_size((enum tr_dtype)y->dtype), n = 0;

	for (int d = last - 1; d >= first; d--) {
		uint64_t stride = (uint64_t)y->stride[d] * size;

		if (y->shape[d] == 1)
			continue;
		if (n && stride == w[2 * n - 1] * w[2 * n - 2]) {
			w[2 * n - 2] *= (uint64_t)y->shape[d];
			continue;
		}
		w[2 * n] = (uint64_t)y->shape[d];
		w[2 * n + 1] = stride;
		n++;
	}
	return n;
}

/* The most bytes that whole pieces of rows can be moved by: a multiple of an element's. */
static uint64_t find_unit(const uint64_t *w, uint64_t size)
{
	uint64_t unit = 16, all = w[0] | w[1] | w[7];

	if (!w[9] || w[PUT_PARAMS + 1] != size)
		return size;
	all |= w[PUT_PARAMS] * size;
	for (uint64_t k = 1; k < w[9] + w[10]; k++)
		all |= w[PUT_PARAMS + 2 * k + 1];
	while (all % unit)
		unit /= 2;
	return unit;
}

/* Rows move as units of 1 to 16 bytes; sums are of elements. */
static int put(struct tr_device *dev, bool add, const struct tr_operand *y, const struct tr_operand *a,
	       const struct tr_operand *places, const struct tr_operand *order, int axis, uint64_t guard, char *detail)
{
	enum tr_dtype dtype = (enum tr_dtype)y->dtype;
	uint64_t size = tr_dtype_size(dtype), unit = size, n = (uint64_t)tr__vk_count(a->shape, a->ndim);
	uint64_t w[PUT_PARAMS + 2 * TR_MAX_RANK] = {
		(uintptr_t)y->addr, (uintptr_t)a->addr, (uintptr_t)places->addr, (uintptr_t)order->addr, n,
		(uint64_t)places->shape[0], (uint64_t)tr__vk_count(y->shape + axis + 1, y->ndim - axis - 1),
		(uint64_t)y->stride[axis] * size, guard};
	struct tr_vk_range range[5] = {tr__vk_extent(y, true), tr__vk_extent(a, false), tr__vk_extent(places, false),
				       tr__vk_extent(order, false), {guard, guard ? guard + sizeof(uint32_t) : 0, false}};
	unsigned all;

	w[9] = note_axes(w + PUT_PARAMS, y, axis + 1, y->ndim);
	w[10] = note_axes(w + PUT_PARAMS + 2 * w[9], y, 0, axis);
	all = PUT_PARAMS + 2 * (unsigned)(w[9] + w[10]);
	if (!add)
		unit = find_unit(w, size);
	w[4] = w[4] * size / unit;
	w[6] = w[6] * size / unit;
	if (unit != size) {
		w[PUT_PARAMS] = w[PUT_PARAMS] * size / unit;
		w[PUT_PARAMS + 1] = unit;
	}
	if (dtype >= TR_I8 && dtype <= TR_I64) /* wrap as unsigned ones do */
		dtype = (enum tr_dtype)(dtype - TR_I8 + TR_U8);
	if (add)
		return tr__vk_run_named(dev, "add", dtype, w, all, tr__vk_groups(w[4]), range, 5, detail);
	return tr__vk_run_unit(dev, "put", unit, w, all, tr__vk_groups(w[4]), range, 5, detail);
}

int tr__vk_exec_put(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	struct tr_operand y = cmd->operand[0], a = cmd->operand[1], idx = cmd->operand[2], places, order;
	bool was_unsigned = idx.dtype == TR_U64;
	int axis = (int)cmd->attr.i64[0];
	int64_t limit = y.shape[axis];
	uint64_t guard;
	int err;

	if (!tr__vk_count(idx.shape, idx.ndim))
		return 0;
	err = tr__vk_make_dense(dev, TR_I64, &idx, detail);
	if (!err)
		err = tr__vk_check_indices(dev, &idx, was_unsigned, was_unsigned ? 0 : -limit, axis, limit, &guard, detail);
	if (err || !tr__vk_count(a.shape, a.ndim))
		return err;
	err = tr__vk_make_dense(dev, (enum tr_dtype)a.dtype, &a, detail);
	if (!err)
		err = sort_indices(dev, &idx, limit, guard, &places, &order, detail);
	return err ? err : put(dev, cmd->op == TR_OP_index_add, &y, &a, &places, &order, axis, guard, detail);
}
