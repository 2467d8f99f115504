/* SPDX-License-Identifier: MIT */
/*
 * Operands of a product made such that a kernel can fetch them by 16 bytes: copied to lines that begin at multiples of 16 bytes,
 * with as many more of k as make it whole slices. Knows operands, no kernel.
 */
#include <string.h>

#include "vk/vk.h"

static int fill(struct tr_device *dev, struct tr_operand *o, double value, char *detail)
{
	struct tr_cmd cmd = {.op = TR_OP_fill, .family = TR_FAMILY_FILL, .dtype = o->dtype, .noperand = 1, .operand = o,
			     .attr.f64 = {value}};

	return tr__vk_exec_map(dev, &cmd, detail);
}

int tr__vk_padded(struct tr_device *dev, struct tr_operand *o, int tile, int k, int64_t slice, double value, bool along_k,
		  char *detail)
{
	int64_t size = (int64_t)tr_dtype_size((enum tr_dtype)o->dtype), per = 16 / size;
	int64_t more = (slice - o->shape[k] % slice) % slice;
	int line = along_k || o->stride[tile] != 1 ? tile : k, other = line == tile ? k : tile, n = o->ndim;
	struct tr_operand like = *o, copy, made, rest;
	int err;

	/* Laid out with the axis that lies side by side last. */
	for (int d = 0; d < n - 2; d++)
		like.shape[d] = o->stride[d] ? o->shape[d] : 1;
	like.shape[n - 2] = o->shape[line];
	like.shape[n - 1] = o->shape[other];
	like.shape[line == k ? n - 2 : n - 1] += more;
	if (other == tile)
		like.shape[n - 1] = (like.shape[n - 1] + per - 1) / per * per;
	err = tr__vk_scratch(dev, (enum tr_dtype)o->dtype, &like, &copy, detail);
	if (err)
		return err;
	made = copy;
	for (int d = 0; d < n - 2; d++) {
		made.shape[d] = o->shape[d];
		made.stride[d] = o->stride[d] ? copy.stride[d] : 0;
	}
	made.shape[line] = copy.shape[n - 2];
	made.stride[line] = copy.stride[n - 2];
	made.shape[other] = copy.shape[n - 1];
	made.stride[other] = copy.stride[n - 1];
	like = *o; /* what is copied: each element once */
	copy = made;
	for (int d = 0; d < n; d++)
		like.shape[d] = copy.shape[d] = d < n - 2 && !o->stride[d] ? 1 : o->shape[d];
	err = tr__vk_convert(dev, &copy, &like, detail);
	if (!err && more) {
		rest = copy;
		rest.shape[k] = more;
		rest.addr = (char *)copy.addr + o->shape[k] * copy.stride[k] * size;
		err = fill(dev, &rest, value, detail);
	}
	*o = made;
	return err;
}
