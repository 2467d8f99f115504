/* SPDX-License-Identifier: MIT */
/*
 * The executor of take and embedding: dst[outer…, idx…, inner…] = a[outer…, index, inner…]. All indices are checked
 * before anything is written. Elements are moved as bytes.
 */
#include <string.h>

#include "simd/indexed.h"
#include "simd/map.h"

struct take {
	struct tr_indexed x;
	struct tr_copy row; /* the inner part, addresses not set */
	bool row_dense;
	size_t row_bytes;
	size_t parts;
};

/* Single elements: dst[i·to] = a[index[i]·step]. */
#define DEFINE_ELEMENTS(bytes) \
	static void take_elements_##bytes(const struct take *t, const struct tr_index_run *r) \
	{ \
		int64_t limit = t->x.limit, step = t->x.step * (bytes), to = r->to * (bytes); \
		const int64_t *index = r->index; \
		const char *a = r->sided; \
		char *dst = r->plain; \
\
		for (size_t i = 0; i < r->n; i++, dst += to) \
			memcpy(dst, a + (index[i] < 0 ? index[i] + limit : index[i]) * step, bytes); \
	}
DEFINE_ELEMENTS(1)
DEFINE_ELEMENTS(2)
DEFINE_ELEMENTS(4)
DEFINE_ELEMENTS(8)
DEFINE_ELEMENTS(16)

static void take_elements(const void *arg, const struct tr_index_run *r)
{
	const struct take *t = arg;

	switch (t->x.size) {
	case 1:
		take_elements_1(t, r);
		break;
	case 2:
		take_elements_2(t, r);
		break;
	case 4:
		take_elements_4(t, r);
		break;
	case 8:
		take_elements_8(t, r);
		break;
	default:
		take_elements_16(t, r);
	}
}

static void take_rows(const void *arg, const struct tr_index_run *r)
{
	const struct take *t = arg;
	int64_t size = (int64_t)t->x.size;
	struct tr_copy row = t->row;

	for (size_t i = 0; i < r->n; i++) {
		int64_t at = r->index[i] < 0 ? r->index[i] + t->x.limit : r->index[i];

		row.dst = r->plain + (int64_t)i * r->to * size;
		row.src = r->sided + at * t->x.step * size;
		if (t->row_dense)
			memcpy(row.dst, row.src, t->row_bytes);
		else
			tr__copy_units(&row, 0, row.units);
	}
}

static void take_part(void *arg, size_t part, unsigned worker)
{
	const struct take *t = arg;
	int64_t rows = t->x.outer * t->x.nidx, chunk = rows / (int64_t)t->parts, first = (int64_t)part * chunk;

	(void)worker;
	tr__indexed_walk(&t->x, first, part + 1 == t->parts ? rows : first + chunk,
			 t->row_bytes == t->x.size ? take_elements : take_rows, t);
}

int tr__exec_take(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	const struct tr_operand *dst = &cmd->operand[0], *a = &cmd->operand[1], *idx = &cmd->operand[2];
	int axis = (int)cmd->attr.i64[0];
	struct take t;
	int err = tr__check_indices(dev, idx, a->shape[axis], cmd->family == TR_FAMILY_TAKE, false, axis, detail);

	if (err)
		return err;
	if (!tr__indexed_init(&t.x, dev, dst, a, idx, axis))
		return 0;
	tr__copy_init(&t.row, t.x.inner, dst->shape + t.x.plain_inner, NULL, dst->stride + t.x.plain_inner, NULL,
		      a->stride + t.x.sided_inner, t.x.size);
	t.row_dense = t.row.walk.ndim == 1 && !t.row.transposed &&
		      ((t.row.walk.stride[0][0] == 1 && t.row.walk.stride[1][0] == 1) || t.row.units == 1);
	t.row_bytes = (size_t)t.x.row * t.x.size;
	t.parts = tr__pool_parts(dev, (double)t.x.outer * (double)t.x.nidx *
				      (2 + (double)t.row_bytes * 2 * TR_MAP_BYTE_NS), (size_t)(t.x.outer * t.x.nidx));
	tr__pool_run(dev, t.parts, take_part, &t);
	return 0;
}
