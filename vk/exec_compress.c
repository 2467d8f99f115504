/* SPDX-License-Identifier: MIT */
/*
 * NONZERO and COMPRESS: elements that a mask chooses, or their positions, one behind the other. A running sum of the mask says how
 * many there are, and where each goes. RANGE: a vector from two of its elements. Knows kernels by name.
 */
#include <string.h>

#include "lib/ref/kernels.h"
#include "vk/checks.h"
#include "vk/rows.h"

/* How many elements up to each are not 0, as a vector. */
static int count_up(struct tr_device *dev, struct tr_operand mask, struct tr_operand *found, char *detail)
{
	struct tr_operand o[2];
	struct tr_cmd cmd = {.op = TR_OP_cumsum, .family = TR_FAMILY_SCAN, .dtype = TR_I64, .noperand = 2, .operand = o};
	int err = tr__vk_converted(dev, TR_BOOL, &mask, detail);

	if (!err)
		err = tr__vk_make_dense(dev, TR_I64, &mask, detail);
	mask.shape[0] = tr__vk_count(mask.shape, mask.ndim);
	mask.stride[0] = mask.ndim = 1;
	if (!err)
		err = tr__vk_scratch(dev, TR_I64, &mask, found, detail);
	o[0] = *found;
	o[1] = mask;
	return err ? err : tr__vk_exec_scan(dev, &cmd, detail);
}

int tr__vk_exec_compress(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	bool select = cmd->family == TR_FAMILY_COMPRESS;
	struct tr_operand y = cmd->operand[0], a = cmd->operand[1], found = {.ndim = 1}, made = y;
	uint64_t n = (uint64_t)tr__vk_count(a.shape, a.ndim), guard;
	struct tr_vk_range range[4];
	bool direct = tr__vk_is_dense(&y);
	int err;

	err = count_up(dev, cmd->operand[select ? 2 : 1], &found, detail);
	if (!err)
		err = tr__vk_check_room(dev, (uintptr_t)found.addr + 8 * (n - 1), y.shape[0], &guard, detail);
	if (err || !y.shape[0])
		return err;
	if (select)
		err = tr__vk_make_dense(dev, (enum tr_dtype)a.dtype, &a, detail);
	if (!err && !direct)
		err = tr__vk_scratch(dev, (enum tr_dtype)y.dtype, &y, &made, detail);
	if (err)
		return err;
	range[0] = tr__vk_extent(&made, true);
	range[1] = tr__vk_extent(&found, false);
	range[2] = (struct tr_vk_range){guard, guard ? guard + sizeof(uint32_t) : 0, false};
	range[3] = tr__vk_extent(&a, false);
	const uint64_t params[] = {(uintptr_t)made.addr, (uintptr_t)a.addr, (uintptr_t)found.addr, n, guard};

	if (select)
		err = tr__vk_run_unit(dev, "select", tr_dtype_size((enum tr_dtype)y.dtype), params, 5, tr__vk_groups(n), range, 4,
				      detail);
	else
		err = tr__vk_run_named(dev, "positions", TR_DTYPE_NONE, params, 5, tr__vk_groups(n), range, 3, detail);
	return err || direct ? err : tr__vk_convert(dev, &y, &made, detail);
}

/* A number as an element of y, in the type evaluated in. */
static void set(void *element, const struct tr_cmd *cmd, const void *number)
{
	enum tr_dtype to = (enum tr_dtype)cmd->dtype, stored = (enum tr_dtype)cmd->operand[0].dtype;
	enum tr_dtype given = to == TR_F32 || to == TR_F64 ? TR_F64 : TR_I64;
	char rounded[16];

	tr__ref_kernels.cast[given][stored](rounded, number, 1);
	tr__ref_kernels.cast[stored][to](element, rounded, 1);
}

int tr__vk_exec_range(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	struct tr_operand y = cmd->operand[0], made = y;
	enum tr_dtype own = (enum tr_dtype)cmd->dtype, dtype = own == TR_F32 || own == TR_F64 ? own : TR_U64;
	bool direct = y.dtype == own && tr_dtype_size(own) == tr_dtype_size(dtype) && tr__vk_is_dense(&y);
	uint64_t start = 0, next = 0, step = 0;
	int err = 0;

	set(&start, cmd, &cmd->attr.i64[0]);
	set(&next, cmd, &cmd->attr.i64[1]);
	tr__ref_kernels.map[TR_OP_subtract][own](&step, (const void *[]){&next, &start}, 1);
	if (!direct)
		err = tr__vk_scratch(dev, dtype, &y, &made, detail);
	if (!err)
		err = tr__vk_run_named(dev, "range", dtype,
				       (const uint64_t[]){(uintptr_t)made.addr, (uint64_t)y.shape[0], start, step, next}, 5,
				       tr__vk_groups((uint64_t)y.shape[0]), (const struct tr_vk_range[]){tr__vk_extent(&made, true)},
				       1, detail);
	return err || direct ? err : tr__vk_convert(dev, &y, &made, detail);
}
