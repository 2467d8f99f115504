/* SPDX-License-Identifier: MIT */
/* Random numbers: one dispatch of the row's kernel (vk/shaders/random.h), into the destination or what is converted to it. */
#include <stdio.h>

#include "vk/rows.h"

int tr__vk_exec_random(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	enum tr_dtype dtype = (enum tr_dtype)cmd->dtype, stored = tr__ops[cmd->op].result == TR_RESULT_BOOL ? TR_BOOL : dtype;
	struct tr_operand y = cmd->operand[0], made = y;
	bool direct = y.dtype == stored && tr__vk_is_dense(&y);
	uint64_t n = 1, units, p, q;
	struct tr_vk_range range;
	int err = 0;

	if (!(dev->gpu->dtypes & TR__BIT(dtype))) {
		snprintf(detail, 128, "%.60s has no %s", dev->gpu->name, tr_dtype_name(dtype));
		return -TR_EDTYPE;
	}
	for (int d = 0; d < y.ndim; d++)
		n *= (uint64_t)y.shape[d];
	if (!direct)
		err = tr__vk_scratch(dev, stored, &y, &made, detail);
	if (err)
		return err;
	p = dtype == TR_U64 ? (uint64_t)cmd->attr.i64[0] : tr__vk_bits(dtype, cmd->attr.f64[0]);
	q = dtype == TR_U64 ? (uint64_t)cmd->attr.i64[1] : tr__vk_bits(dtype, cmd->attr.f64[1]);
	units = cmd->family == TR_FAMILY_RANDOM ? (n * tr_dtype_size(dtype) + 15) / 16 : n;
	range = tr__vk_extent(&made, true);
	err = tr__vk_run_named(dev, tr__ops[cmd->op].name, dtype,
			       (const uint64_t[]){(uintptr_t)made.addr, n, p, q, (uint64_t)cmd->attr.i64[2],
						  (uint64_t)cmd->attr.i64[3], (uint64_t)cmd->attr.i64[4]},
			       7, (units + TR_VK_GROUP - 1) / TR_VK_GROUP, &range, 1, detail);
	return err || direct ? err : tr__vk_convert(dev, &y, &made, detail);
}
