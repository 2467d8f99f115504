/* SPDX-License-Identifier: MIT */
/*
 * The executor of take and embedding: dst[outer…, idx…, inner…] = a[outer…, index, inner…]. All indices are checked
 * before anything is written. Elements are moved as bytes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "simd/cpu.h"
#include "simd/map.h"
#include "simd/strided.h"

/* Indices converted at a time, on the stack. */
#define BATCH 256

struct take {
	struct tr_device *dev;
	const struct tr_operand *dst, *a, *idx;
	size_t size;         /* of an element */
	int64_t outer, nidx; /* products of shapes */
	int64_t limit, step; /* of a's axis: size and stride */
	bool from_end;       /* negative indices count from there; else they are out of range */
	struct tr_walk rows; /* over outer… and idx… of dst; view 1 is a's outer axes, with stride 0 along idx… */
	struct tr_copy row;  /* the inner part, addresses not set */
	bool row_dense;
	size_t row_bytes;
	size_t parts;
};

static int64_t product(const int64_t *shape, int n)
{
	int64_t p = 1;

	for (int d = 0; d < n; d++)
		p *= shape[d];
	return p;
}

static int check(const struct take *t, int axis, char *detail)
{
	bool is_unsigned = t->idx->dtype == TR_U64;
	int64_t low = t->from_end && !is_unsigned ? -t->limit : 0, batch[BATCH];

	for (int64_t first = 0; first < t->nidx; first += BATCH) {
		size_t n = t->nidx - first < BATCH ? (size_t)(t->nidx - first) : BATCH;
		const int64_t *index = tr__load_range(t->dev, t->idx, first, n, TR_I64, batch);

		for (size_t i = 0; i < n; i++) {
			int64_t x = index[i];

			if (x < t->limit && x >= low)
				continue;
			if (is_unsigned)
				snprintf(detail, 128,
					 "index %" PRIu64 " at position %" PRId64
					 " is out of range for axis %d with size %" PRId64,
					 (uint64_t)x, first + (int64_t)i, axis, t->limit);
			else
				snprintf(detail, 128,
					 "index %" PRId64 " at position %" PRId64
					 " is out of range for axis %d with size %" PRId64,
					 x, first + (int64_t)i, axis, t->limit);
			return -TR_EINDEX;
		}
	}
	return 0;
}

/* Single elements, n of them: dst[i·to] = a[index[i]·step]. */
#define DEFINE_ELEMENTS(bytes)                                                                               \
	static void take_elements_##bytes(char *dst, int64_t to, const char *a, const struct take *t,        \
					  const int64_t *index, size_t n)                                    \
	{                                                                                                    \
		for (size_t i = 0; i < n; i++) {                                                             \
			int64_t x = index[i] < 0 ? index[i] + t->limit : index[i];                           \
                                                                                                             \
			memcpy(dst + (int64_t)i * to * (bytes), a + x * t->step * (bytes), bytes);           \
		}                                                                                            \
	}
DEFINE_ELEMENTS(1)
DEFINE_ELEMENTS(2)
DEFINE_ELEMENTS(4)
DEFINE_ELEMENTS(8)
DEFINE_ELEMENTS(16)

static void take_elements(char *dst, int64_t to, const char *a, const struct take *t, const int64_t *index, size_t n)
{
	switch (t->size) {
	case 1:
		take_elements_1(dst, to, a, t, index, n);
		break;
	case 2:
		take_elements_2(dst, to, a, t, index, n);
		break;
	case 4:
		take_elements_4(dst, to, a, t, index, n);
		break;
	case 8:
		take_elements_8(dst, to, a, t, index, n);
		break;
	default:
		take_elements_16(dst, to, a, t, index, n);
	}
}

static void take_rows(char *dst, int64_t to, const char *a, const struct take *t, const int64_t *index, size_t n)
{
	int64_t size = (int64_t)t->size;
	struct tr_copy row = t->row;

	for (size_t i = 0; i < n; i++) {
		int64_t x = index[i] < 0 ? index[i] + t->limit : index[i];

		row.dst = dst + (int64_t)i * to * size;
		row.src = a + x * t->step * size;
		if (t->row_dense)
			memcpy(row.dst, row.src, t->row_bytes);
		else
			tr__copy_units(&row, 0, row.units);
	}
}

/* Rows [first, last) of outer × idx, a run of dst's innermost row axis or a batch of indices at a time. */
static void take_range(const struct take *t, int64_t first, int64_t last)
{
	struct tr_walk w = t->rows;
	int64_t batch[BATCH];

	tr__walk_seek(&w, first);
	while (first < last) {
		int64_t j = first % t->nidx, n = tr__walk_run(&w);
		const int64_t *index;
		char *dst;
		const char *a;

		if (n > t->nidx - j)
			n = t->nidx - j;
		if (n > last - first)
			n = last - first;
		if (n > BATCH)
			n = BATCH;
		index = tr__load_range(t->dev, t->idx, j, (size_t)n, TR_I64, batch);
		dst = (char *)t->dst->addr + w.offset[0] * (int64_t)t->size;
		a = (const char *)t->a->addr + w.offset[1] * (int64_t)t->size;
		if (t->row_dense && t->row_bytes == t->size)
			take_elements(dst, w.stride[0][w.ndim - 1], a, t, index, (size_t)n);
		else
			take_rows(dst, w.stride[0][w.ndim - 1], a, t, index, (size_t)n);
		tr__walk_advance(&w, n);
		first += n;
	}
}

static void take_part(void *arg, size_t part, unsigned worker)
{
	const struct take *t = arg;
	int64_t rows = t->outer * t->nidx, chunk = rows / (int64_t)t->parts, first = (int64_t)part * chunk;

	(void)worker;
	take_range(t, first, part + 1 == t->parts ? rows : first + chunk);
}

/* Where rows begin in dst and in a, and what a row is. */
static void lay_out(struct take *t, int axis)
{
	const struct tr_operand *dst = t->dst, *a = t->a;
	int lead = axis + t->idx->ndim, inner = a->ndim - axis - 1;
	int64_t from[TR_MAX_RANK];

	for (int d = 0; d < lead; d++)
		from[d] = d < axis ? a->stride[d] : 0;
	tr__walk_init(&t->rows, lead, dst->shape, dst->stride, from);
	tr__copy_init(&t->row, inner, dst->shape + lead, NULL, dst->stride + lead, NULL, a->stride + axis + 1,
		      t->size);
	t->row_dense = t->row.walk.ndim == 1 && !t->row.transposed &&
		       ((t->row.walk.stride[0][0] == 1 && t->row.walk.stride[1][0] == 1) || t->row.units == 1);
	t->row_bytes = (size_t)t->row.units * t->size;
}

int tr__exec_take(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	int axis = (int)cmd->attr.i64[0], err;
	struct take t = {
		.dev = dev,
		.dst = &cmd->operand[0],
		.a = &cmd->operand[1],
		.idx = &cmd->operand[2],
		.size = tr_dtype_size(cmd->operand[0].dtype),
		.from_end = cmd->family == TR_FAMILY_TAKE,
	};
	double cost;

	t.limit = t.a->shape[axis];
	t.step = t.a->stride[axis];
	t.outer = product(t.a->shape, axis);
	t.nidx = product(t.idx->shape, t.idx->ndim);
	err = check(&t, axis, detail);
	if (err || !product(t.dst->shape, t.dst->ndim))
		return err;
	lay_out(&t, axis);
	cost = (double)t.outer * (double)t.nidx * (2 + (double)t.row_bytes * 2 * TR_MAP_BYTE_NS);
	t.parts = tr__pool_parts(dev, cost, (size_t)(t.outer * t.nidx));
	tr__pool_run(dev, t.parts, take_part, &t);
	return 0;
}
