/* SPDX-License-Identifier: MIT */
/*
 * Copies between arrangements whose elements lie side by side along different axes: an elementwise kernel would meet one side
 * of them an element a line. Knows operands and one kernel.
 */
#include <string.h>

#include "vk/vk.h"

#define PARAMS 11
#define LEAST 16 /* elements along either axis, below which lines are not worth it */
#define SIDE 32

/* The axis along which x's elements lie side by side, if that is another than y's; -1 for none. */
static int turned_axis(const struct tr_operand *y, const struct tr_operand *x)
{
	int last = y->ndim - 1, found = -1;

	if (y->ndim < 2 || y->stride[last] != 1 || x->stride[last] == 1 || y->shape[last] < LEAST)
		return -1;
	for (int d = 0; d < last; d++)
		if (x->stride[d] == 1 && x->shape[d] >= LEAST)
			found = d;
	return found;
}

/* The one other axis of more than one element; -1 if there is none, -2 if there are more. */
static int batch_axis(const struct tr_operand *y, int turned)
{
	int found = -1;

	for (int d = 0; d < y->ndim - 1; d++)
		if (d != turned && y->shape[d] != 1)
			found = found == -1 ? d : -2;
	return found;
}

bool tr__vk_can_transpose(const struct tr_vk_gpu *gpu, const struct tr_operand *y, const struct tr_operand *x)
{
	static const enum tr_dtype moved[9] = {[1] = TR_U8, [2] = TR_U16, [4] = TR_U32, [8] = TR_U64};
	size_t size = tr_dtype_size((enum tr_dtype)y->dtype);
	int turned = turned_axis(y, x);

	return size <= 8 && size == tr_dtype_size((enum tr_dtype)x->dtype) && gpu->dtypes >> moved[size] & 1 && turned >= 0 &&
	       batch_axis(y, turned) != -2;
}

int tr__vk_transpose(struct tr_device *dev, const struct tr_operand *y, const struct tr_operand *x, char *detail)
{
	static const char *const names[9] = {[1] = "transpose_u8", [2] = "transpose_u16", [4] = "transpose_u32",
					     [8] = "transpose_u64"};
	int64_t size = (int64_t)tr_dtype_size((enum tr_dtype)y->dtype);
	int turned = turned_axis(y, x), last = y->ndim - 1, batch = batch_axis(y, turned);
	uint64_t rows = (uint64_t)y->shape[turned], cols = (uint64_t)y->shape[last];
	uint64_t across = (cols + SIDE - 1) / SIDE, down = (rows + SIDE - 1) / SIDE;
	uint64_t groups = across * down * (batch < 0 ? 1 : (uint64_t)y->shape[batch]);
	uint64_t w[PARAMS] = {
		(uintptr_t)y->addr, (uintptr_t)x->addr, rows, cols, (uint64_t)(y->stride[turned] * size),
		(uint64_t)(x->stride[last] * size), batch < 0 ? 0 : (uint64_t)(y->stride[batch] * size),
		batch < 0 ? 0 : (uint64_t)(x->stride[batch] * size), across, down, groups};
	struct tr_vk_range range[2] = {tr__vk_extent(y, true), tr__vk_extent(x, false)};

	return tr__vk_run_named(dev, names[size], TR_DTYPE_NONE, w, PARAMS, groups, range, 2, detail);
}
