/* SPDX-License-Identifier: MIT */
/* argmin, argmax, take and embedding. Knows kernels by name. */
#include <string.h>

#include "vk/checks.h"
#include "vk/rows.h"

#define BLOCKS (16 * TR_VK_GROUP) /* elements that a workgroup looks at at a time, and the least of a segment's */
#define MOST_SEGMENTS 8192        /* some times as many workgroups as a GPU runs at once, so that the last ones do not count */

/* Elements of a segment: whole blocks of all invocations if there are several. */
static int64_t length_of(int64_t n, int64_t segments)
{
	return segments == 1 ? n : ((n + segments - 1) / segments + BLOCKS - 1) / BLOCKS * BLOCKS;
}

/* One dispatch: index and, with segments, values from r->x and, if given, indices. */
static int argument(struct tr_device *dev, const struct tr_vk_rows *r, int64_t segments, const struct tr_operand *index,
		    const struct tr_operand *values, const struct tr_operand *indices, const char *name, char *detail)
{
	uint64_t groups = (r->inner == 1 ? (uint64_t)r->rows : tr__vk_groups((uint64_t)r->rows)) * (uint64_t)segments;
	struct tr_vk_range range[4] = {tr__vk_extent(index, true), tr__vk_extent(&r->x, false)};
	unsigned n = 2;
	uint64_t params[] = {(uintptr_t)index->addr, values ? (uintptr_t)values->addr : 0, (uintptr_t)r->x.addr,
			     indices ? (uintptr_t)indices->addr : 0, (uint64_t)r->n, (uint64_t)r->inner,
			     (uint64_t)r->rows, (uint64_t)segments, (uint64_t)length_of(r->n, segments)};

	if (values)
		range[n++] = tr__vk_extent(values, true);
	if (indices)
		range[n++] = tr__vk_extent(indices, false);
	return tr__vk_run_named(dev, name, r->dtype, params, sizeof(params) / sizeof(*params), groups, range, n,
				detail);
}

static int search(struct tr_device *dev, const struct tr_vk_rows *rows, const struct tr_operand *y, const char *name, char *detail)
{
	int64_t segments = rows->n / BLOCKS, enough = MOST_SEGMENTS / rows->rows;
	struct tr_vk_rows r = *rows;
	struct tr_operand like = {.ndim = 2, .shape = {r.rows}}, values, indices;
	int err;

	segments = segments < enough ? segments : enough;
	if (segments > 1) /* none is empty */
		segments = (r.n + length_of(r.n, segments) - 1) / length_of(r.n, segments);
	if (segments <= 1)
		return argument(dev, &r, 1, y, NULL, NULL, name, detail);
	like.shape[1] = segments;
	err = tr__vk_scratch(dev, r.dtype, &like, &values, detail);
	if (!err)
		err = tr__vk_scratch(dev, TR_I64, &like, &indices, detail);
	if (!err)
		err = argument(dev, &r, segments, &indices, &values, NULL, name, detail);
	r.x = values;
	r.n = segments;
	r.inner = 1;
	return err ? err : argument(dev, &r, 1, y, NULL, &indices, name, detail);
}

int tr__vk_exec_argreduce(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	struct tr_operand x = cmd->operand[1], y = cmd->operand[0], made = y;
	enum tr_dtype dtype = (enum tr_dtype)cmd->dtype;
	bool direct = y.dtype == TR_I64 && tr__vk_is_dense(&y);
	bool skips, most = cmd->op == TR_OP_argmax || cmd->op == TR_OP_nanargmax;
	struct tr_vk_rows r;
	int err = 0;

	if (dtype != TR_F32 && dtype != TR_F64)
		dtype = dtype >= TR_I8 && dtype <= TR_I64 ? TR_I64 : TR_U64;
	err = tr__vk_converted(dev, (enum tr_dtype)cmd->dtype, &x, detail);
	if (!err)
		err = tr__vk_make_dense(dev, dtype, &x, detail);
	if (!err && !direct)
		err = tr__vk_scratch(dev, TR_I64, &y, &made, detail);
	if (err)
		return err;
	tr__vk_find_rows(&r, &x, (int)cmd->attr.u32[1], (int)cmd->attr.u32[2], dtype);
	skips = (dtype == TR_F32 || dtype == TR_F64) && (cmd->op == TR_OP_nanargmin || cmd->op == TR_OP_nanargmax);
	err = search(dev, &r, &made, skips ? most ? "nanargmax" : "nanargmin" : most ? "argmax" : "argmin", detail);
	if (!err && skips)
		err = tr__vk_check_numbers(dev, &r, &made, detail);
	return err || direct ? err : tr__vk_convert(dev, &y, &made, detail);
}

/* Rows move as units of 1 to 16 bytes. */
static int gather(struct tr_device *dev, const struct tr_operand *y, const struct tr_operand *a, const struct tr_operand *idx,
		  int axis, uint64_t guard, char *detail)
{
	uint64_t inner = (uint64_t)tr__vk_count(a->shape + axis + 1, a->ndim - axis - 1) * tr_dtype_size((enum tr_dtype)a->dtype);
	uint64_t n = (uint64_t)tr__vk_count(y->shape, y->ndim) * tr_dtype_size((enum tr_dtype)a->dtype), unit = 16;
	struct tr_vk_range range[4] = {tr__vk_extent(y, true), tr__vk_extent(a, false), tr__vk_extent(idx, false),
				       {guard, guard ? guard + sizeof(uint32_t) : 0, false}};

	while ((inner | (uintptr_t)y->addr | (uintptr_t)a->addr) % unit)
		unit /= 2;
	return tr__vk_run_unit(dev, "take", unit,
			       (const uint64_t[]){(uintptr_t)y->addr, (uintptr_t)a->addr, (uintptr_t)idx->addr, n / unit,
						  (uint64_t)tr__vk_count(idx->shape, idx->ndim), inner / unit,
						  (uint64_t)a->shape[axis], guard},
			       8, tr__vk_groups(n / unit), range, 4, detail);
}

int tr__vk_exec_take(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	struct tr_operand y = cmd->operand[0], a = cmd->operand[1], idx = cmd->operand[2], made = y;
	int axis = cmd->family == TR_FAMILY_TAKE ? (int)cmd->attr.i64[0] : 0;
	bool direct = y.dtype == a.dtype && tr__vk_is_dense(&y), was_unsigned = idx.dtype == TR_U64;
	int64_t limit = a.shape[axis];
	uint64_t guard;
	int err;

	if (!tr__vk_count(idx.shape, idx.ndim))
		return 0;
	err = tr__vk_make_dense(dev, TR_I64, &idx, detail);
	if (!err)
		err = tr__vk_check_indices(dev, &idx, was_unsigned, cmd->family == TR_FAMILY_TAKE && !was_unsigned ? -limit : 0,
					   axis, limit, &guard, detail);
	if (err || !tr__vk_count(y.shape, y.ndim))
		return err;
	err = tr__vk_make_dense(dev, (enum tr_dtype)a.dtype, &a, detail);
	if (!err && !direct)
		err = tr__vk_scratch(dev, (enum tr_dtype)a.dtype, &y, &made, detail);
	if (!err)
		err = gather(dev, &made, &a, &idx, axis, guard, detail);
	return err || direct ? err : tr__vk_convert(dev, &y, &made, detail);
}
