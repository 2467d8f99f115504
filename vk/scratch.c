/* SPDX-License-Identifier: MIT */
/*
 * Memory for what a command needs between its dispatches, and conversions into it. It is given back when nothing that
 * was recorded can still use it. Knows operands, no operation.
 */
#include <stdio.h>
#include <string.h>

#include "vk/recording.h"

int tr__vk_scratch_memory(struct tr_device *dev, size_t size, struct tr_mem *out, char *detail)
{
	int err;

	if (dev->recorder)
		err = tr__vk_recorder_scratch(dev, size, out);
	else if (dev->nscratch == TR_VK_SCRATCH)
		err = -TR_ENOMEM;
	else
		err = tr__vk_heap_alloc(&dev->heap, size, out);
	if (err) {
		snprintf(detail, 128, "out of device memory for %zu bytes of scratch", size);
		return err;
	}
	if (!dev->recorder)
		dev->scratch[dev->nscratch++] = *out;
	return 0;
}

int tr__vk_scratch(struct tr_device *dev, enum tr_dtype dtype, const struct tr_operand *like, struct tr_operand *out,
		   char *detail)
{
	size_t n = tr_dtype_size(dtype);
	bool overflow = false;
	struct tr_mem mem;
	int err;

	*out = *like;
	out->dtype = (uint8_t)dtype;
	for (int d = like->ndim - 1; d >= 0; d--) {
		out->stride[d] = (int64_t)(n / tr_dtype_size(dtype));
		overflow |= __builtin_mul_overflow(n, (size_t)like->shape[d], &n);
	}
	err = tr__vk_scratch_memory(dev, overflow ? SIZE_MAX : n ? n : 1, &mem, detail);
	if (err)
		return err;
	out->addr = mem.addr;
	return 0;
}

void tr__vk_scratch_free(struct tr_device *dev)
{
	while (dev->nscratch)
		tr__vk_heap_free(&dev->heap, &dev->scratch[--dev->nscratch]);
}

int tr__vk_convert(struct tr_device *dev, const struct tr_operand *dst, const struct tr_operand *src, char *detail)
{
	struct tr_operand o[2] = {*dst, *src};
	struct tr_cmd cmd = {
		.op = TR_OP_astype, .family = TR_FAMILY_CAST, .dtype = dst->dtype, .noperand = 2, .operand = o};

	return tr__vk_exec_map(dev, &cmd, detail);
}

int tr__vk_converted(struct tr_device *dev, enum tr_dtype dtype, struct tr_operand *o, char *detail)
{
	struct tr_operand copy;
	int err;

	if (!o->addr || o->dtype == dtype)
		return 0;
	err = tr__vk_scratch(dev, dtype, o, &copy, detail);
	if (!err)
		err = tr__vk_convert(dev, &copy, o, detail);
	*o = copy;
	return err;
}
