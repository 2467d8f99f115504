/* SPDX-License-Identifier: MIT */
/*
 * argmin, argmax, take and embedding. Indices are looked at before anything is written, which takes a submission of its
 * own: a wrong one is an error, never a fault. Knows kernels by name.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vk/recording.h"
#include "vk/rows.h"

#define SEGMENT 16384 /* elements of a row that a workgroup looks through, if there are few rows */
#define MOST_SEGMENTS 4096
#define BLOCKS (16 * TR_VK_GROUP) /* elements that a workgroup looks at at a time */

static uint64_t groups_of(uint64_t n)
{
	return (n + TR_VK_GROUP - 1) / TR_VK_GROUP;
}

int tr__vk_run_named(struct tr_device *dev, const char *name, enum tr_dtype dtype, const uint64_t *params, unsigned n,
		     uint64_t groups, const struct tr_vk_range *range, unsigned nrange, char *detail)
{
	uint64_t address, *w;
	VkPipeline pipeline;
	int err = tr__vk_named(dev, name, dtype, TR_VK_GROUP, &pipeline, detail);

	if (err)
		return err;
	w = tr__vk_params(dev, n, &address, &err, detail);
	if (!w)
		return err;
	memcpy(w, params, n * sizeof(*w));
	return tr__vk_dispatch(dev, pipeline, &address, 1, groups, range, nrange, detail);
}

/* Elements of a segment: whole blocks of all invocations if there are several. */
static int64_t length_of(int64_t n, int64_t segments)
{
	return segments == 1 ? n : ((n + segments - 1) / segments + BLOCKS - 1) / BLOCKS * BLOCKS;
}

/* One dispatch: index and, with segments, values from r->x and, if given, indices. */
static int argument(struct tr_device *dev, const struct tr_vk_rows *r, int64_t segments, const struct tr_operand *index,
		    const struct tr_operand *values, const struct tr_operand *indices, bool most, char *detail)
{
	uint64_t groups = (r->inner == 1 ? (uint64_t)r->rows : groups_of((uint64_t)r->rows)) * (uint64_t)segments;
	struct tr_vk_range range[4] = {tr__vk_extent(index, true), tr__vk_extent(&r->x, false)};
	unsigned n = 2;
	uint64_t params[] = {(uintptr_t)index->addr, values ? (uintptr_t)values->addr : 0, (uintptr_t)r->x.addr,
			     indices ? (uintptr_t)indices->addr : 0, (uint64_t)r->n, (uint64_t)r->inner,
			     (uint64_t)r->rows, (uint64_t)segments, (uint64_t)length_of(r->n, segments)};

	if (values)
		range[n++] = tr__vk_extent(values, true);
	if (indices)
		range[n++] = tr__vk_extent(indices, false);
	return tr__vk_run_named(dev, most ? "argmax" : "argmin", r->dtype, params, sizeof(params) / sizeof(*params), groups, range, n,
				detail);
}

static int search(struct tr_device *dev, const struct tr_vk_rows *rows, const struct tr_operand *y, bool most, char *detail)
{
	int64_t segments = rows->n / SEGMENT, enough = MOST_SEGMENTS / rows->rows;
	struct tr_vk_rows r = *rows;
	struct tr_operand like = {.ndim = 2, .shape = {r.rows}}, values, indices;
	int err;

	segments = segments < enough ? segments : enough;
	if (segments > 1) /* none is empty */
		segments = (r.n + length_of(r.n, segments) - 1) / length_of(r.n, segments);
	if (segments <= 1)
		return argument(dev, &r, 1, y, NULL, NULL, most, detail);
	like.shape[1] = segments;
	err = tr__vk_scratch(dev, r.dtype, &like, &values, detail);
	if (!err)
		err = tr__vk_scratch(dev, TR_I64, &like, &indices, detail);
	if (!err)
		err = argument(dev, &r, segments, &indices, &values, NULL, most, detail);
	r.x = values;
	r.n = segments;
	r.inner = 1;
	return err ? err : argument(dev, &r, 1, y, NULL, &indices, most, detail);
}

int tr__vk_exec_argreduce(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	struct tr_operand x = cmd->operand[1], y = cmd->operand[0], made = y;
	enum tr_dtype dtype = (enum tr_dtype)cmd->dtype;
	bool direct = y.dtype == TR_I64 && tr__vk_is_dense(&y);
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
	err = search(dev, &r, &made, cmd->op == TR_OP_argmax, detail);
	return err || direct ? err : tr__vk_convert(dev, &y, &made, detail);
}

static int64_t product(const int64_t *shape, int n)
{
	int64_t p = 1;

	for (int i = 0; i < n; i++)
		p *= shape[i];
	return p;
}

int tr__vk_checked(const struct tr_device *dev, const struct tr_vk_check *c, char *detail)
{
	uint32_t position;
	uint64_t culprit;
	char number[24];
	int err;

	memcpy(&position, c->word, sizeof(position));
	if (position == UINT32_MAX)
		return 0;
	err = tr__vk_peek(dev, c->indices + 8 * (uint64_t)position, &culprit, sizeof(culprit));
	if (c->was_unsigned)
		snprintf(number, sizeof(number), "%" PRIu64, culprit);
	else
		snprintf(number, sizeof(number), "%" PRId64, (int64_t)culprit);
	snprintf(detail, 128, "index %s at position %" PRIu32 " is out of bounds for axis %" PRId64 " with size %" PRId64,
		 err ? "?" : number, position, c->axis, c->limit);
	return -TR_EINDEX;
}

/*
 * 0, or -TR_EINDEX with the first index that is not in low … limit - 1. idx is dense, of TR_I64. What is recorded to be
 * replayed is looked at after each replay; guard is then the address of the word that tells kernels to leave things alone
 * unless it is UINT32_MAX, else 0.
 */
static int check(struct tr_device *dev, const struct tr_operand *idx, bool was_unsigned, int64_t low, int64_t axis,
		 int64_t limit, uint64_t *guard, char *detail)
{
	struct tr_vk_check c = {.indices = (uintptr_t)idx->addr, .axis = axis, .limit = limit, .was_unsigned = was_unsigned};
	uint64_t n = (uint64_t)product(idx->shape, idx->ndim);
	struct tr_vk_range range[2] = {{.write = true}, tr__vk_extent(idx, false)};
	struct tr_mem mem;
	int err = tr__vk_scratch_memory(dev, sizeof(*c.word), &mem, detail);

	if (err)
		return err;
	c.word = mem.host;
	*c.word = UINT32_MAX;
	*guard = dev->recorder ? (uintptr_t)mem.addr : 0;
	range[0].low = (uintptr_t)mem.addr;
	range[0].high = range[0].low + sizeof(*c.word);
	err = tr__vk_run_named(dev, "check", TR_I64,
			       (const uint64_t[]){(uintptr_t)mem.addr, (uintptr_t)idx->addr, n, (uint64_t)low,
						  (uint64_t)limit},
			       5, groups_of(n), range, 2, detail);
	if (!err && dev->recorder)
		return tr__vk_recorder_check(dev, &c, detail);
	if (!err)
		err = tr__vk_flush(dev, detail);
	return err ? err : tr__vk_checked(dev, &c, detail);
}

/* Rows move as units of 1 to 16 bytes. */
static int gather(struct tr_device *dev, const struct tr_operand *y, const struct tr_operand *a, const struct tr_operand *idx,
		  int axis, uint64_t guard, char *detail)
{
	static const char *const names[] = {[1] = "take_u8", [2] = "take_u16", [4] = "take_u32", [8] = "take_u64",
					    [16] = "take_v4"};
	uint64_t inner = (uint64_t)product(a->shape + axis + 1, a->ndim - axis - 1) * tr_dtype_size((enum tr_dtype)a->dtype);
	uint64_t n = (uint64_t)product(y->shape, y->ndim) * tr_dtype_size((enum tr_dtype)a->dtype), unit = 16;
	struct tr_vk_range range[4] = {tr__vk_extent(y, true), tr__vk_extent(a, false), tr__vk_extent(idx, false),
				       {guard, guard ? guard + sizeof(uint32_t) : 0, false}};

	while ((inner | (uintptr_t)y->addr | (uintptr_t)a->addr) % unit)
		unit /= 2;
	return tr__vk_run_named(dev, names[unit], TR_DTYPE_NONE,
				(const uint64_t[]){(uintptr_t)y->addr, (uintptr_t)a->addr, (uintptr_t)idx->addr, n / unit,
						   (uint64_t)product(idx->shape, idx->ndim), inner / unit,
						   (uint64_t)a->shape[axis], guard},
				8, groups_of(n / unit), range, 4, detail);
}

int tr__vk_exec_take(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	struct tr_operand y = cmd->operand[0], a = cmd->operand[1], idx = cmd->operand[2], made = y;
	int axis = cmd->family == TR_FAMILY_TAKE ? (int)cmd->attr.i64[0] : 0;
	bool direct = y.dtype == a.dtype && tr__vk_is_dense(&y), was_unsigned = idx.dtype == TR_U64;
	int64_t limit = a.shape[axis];
	uint64_t guard;
	int err;

	if (!product(idx.shape, idx.ndim))
		return 0;
	err = tr__vk_make_dense(dev, TR_I64, &idx, detail);
	if (!err)
		err = check(dev, &idx, was_unsigned, cmd->family == TR_FAMILY_TAKE && !was_unsigned ? -limit : 0, axis,
			    limit, &guard, detail);
	if (err || !product(y.shape, y.ndim))
		return err;
	err = tr__vk_make_dense(dev, (enum tr_dtype)a.dtype, &a, detail);
	if (!err && !direct)
		err = tr__vk_scratch(dev, (enum tr_dtype)a.dtype, &y, &made, detail);
	if (!err)
		err = gather(dev, &made, &a, &idx, axis, guard, detail);
	return err || direct ? err : tr__vk_convert(dev, &y, &made, detail);
}
