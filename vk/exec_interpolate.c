/* SPDX-License-Identifier: MIT */
/* INTERPOLATE: an invocation for each element of the result (vk/shaders/resize.h). Knows kernels by name. */
#include <string.h>

#include "vk/rows.h"

enum { LINEAR = 8, ALIGN = 16, CENTRE = 32 }; /* as in the shader; below: axes that are mixed */

/* Elements of x from one of y to the next, bits of the type evaluated in. */
static uint64_t scale_of(const struct tr_interpolate_params *p, int axis, int64_t from, int64_t to, enum tr_dtype dtype)
{
	double scale = p->scale[axis] > 0 ? 1 / p->scale[axis] : (double)from / (double)to;
	float narrow = p->scale[axis] > 0 ? (float)scale : (float)from / (float)to;
	uint64_t bits = 0;

	if (p->flags & TR_ALIGN_CORNERS) {
		scale = to > 1 ? (double)(from - 1) / (double)(to - 1) : 0;
		narrow = to > 1 ? (float)(from - 1) / (float)(to - 1) : 0;
	}
	if (dtype == TR_F64)
		memcpy(&bits, &scale, sizeof(scale));
	else
		memcpy(&bits, &narrow, sizeof(narrow));
	return bits;
}

int tr__vk_exec_interpolate(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	struct tr_operand y = cmd->operand[0], x = cmd->operand[1], made = y;
	enum tr_dtype dtype = (enum tr_dtype)cmd->dtype;
	bool direct = y.dtype == dtype && tr__vk_is_dense(&y);
	uint64_t n = (uint64_t)tr__vk_count(y.shape, y.ndim), w[16] = {0};
	struct tr_interpolate_params p;
	int err;

	memcpy(&p, &cmd->attr, sizeof(p));
	err = tr__vk_make_dense(dev, dtype, &x, detail);
	if (!err && !direct)
		err = tr__vk_scratch(dev, dtype, &y, &made, detail);
	if (err)
		return err;
	w[0] = (uintptr_t)made.addr;
	w[1] = (uintptr_t)x.addr;
	w[2] = n;
	w[15] = (p.mode == TR_INTERPOLATE_LINEAR ? LINEAR : 0) | (p.flags & TR_ALIGN_CORNERS ? ALIGN : 0) |
		(p.mode == TR_INTERPOLATE_NEAREST_EXACT ? CENTRE : 0);
	for (int i = 0; i < 3; i++) {
		int64_t from = x.shape[2 + i], to = y.shape[2 + i];

		w[3 + i] = (uint64_t)to;
		w[6 + i] = (uint64_t)from;
		w[12 + i] = scale_of(&p, i, from, to, dtype);
		w[15] |= p.mode == TR_INTERPOLATE_LINEAR && from != to ? 1u << i : 0;
	}
	err = tr__vk_run_named(dev, "interpolate", dtype, w, 16, tr__vk_groups(n),
			       (const struct tr_vk_range[]){tr__vk_extent(&made, true), tr__vk_extent(&x, false)}, 2, detail);
	return err || direct ? err : tr__vk_convert(dev, &y, &made, detail);
}
