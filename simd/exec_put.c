/* SPDX-License-Identifier: MIT */
/*
 * The executors of the PUT family, dst[outer…, index, inner…] = or += a[outer…, idx…, inner…], and of RAVEL, which makes
 * one index of several. All indices are checked before anything is written. Rows of equal indices follow each other, so
 * work is only cut along the outer axes, and by the places that indices name.
 */
#include <string.h>

#include "simd/indexed.h"
#include "simd/map.h"

/* Elements summed at a time where they are not dense, or of half precision. */
#define STAGE 64

#define AHEAD 16
#define FAR 32768 /* bytes, more than which are not in L1 */

#define LONG_ROW 512 /* bytes */

struct put {
	struct tr_indexed x;
	struct tr_copy row;     /* the inner part, addresses not set */
	struct tr_walk row_add; /* the same for sums */
	bool add;
	int64_t ranges;         /* of places; 1 unless the outer axes are too few for the threads */
	size_t parts;
};

/* The indices from first to last - 1. */
struct put_range {
	const struct put *put;
	int64_t first, last;
};

/* dst[i·to] += src[i·from]; half precision in single. */
static void add_run(const struct put *p, char *dst, int64_t to, const char *src, int64_t from, size_t n)
{
	const struct tr_kernels *k = p->x.dev->k;
	enum tr_dtype t = (enum tr_dtype)p->x.plain->dtype;
	bool half = t == TR_F16 || t == TR_BF16;
	_Alignas(64) char a[STAGE * 8], b[STAGE * 8], wide[2][STAGE * sizeof(float)];
	int64_t size = (int64_t)p->x.size;

	if (!half && ((to == 1 && from == 1) || n == 1)) {
		k->map[TR_OP_add][t](dst, (const void *[]){dst, src}, n);
		return;
	}
	for (size_t m; n; n -= m, dst += (int64_t)m * to * size, src += (int64_t)m * from * size) {
		m = n < STAGE ? n : STAGE;
		tr__copy_run(a, 1, dst, to, m, p->x.size);
		tr__copy_run(b, 1, src, from, m, p->x.size);
		if (half) {
			k->cast[t][TR_F32](wide[0], a, m);
			k->cast[t][TR_F32](wide[1], b, m);
			k->map[TR_OP_add][TR_F32](wide[0], (const void *[]){wide[0], wide[1]}, m);
			k->cast[TR_F32][t](a, wide[0], m);
		} else {
			k->map[TR_OP_add][t](a, (const void *[]){a, b}, m);
		}
		tr__copy_run(dst, to, a, 1, m, p->x.size);
	}
}

static void add_row(const struct put *p, char *dst, const char *src)
{
	struct tr_walk w = p->row_add;
	int64_t left = p->x.row, size = (int64_t)p->x.size;

	while (left) {
		int64_t n = tr__walk_run(&w);

		add_run(p, dst + w.offset[0] * size, w.stride[0][w.ndim - 1], src + w.offset[1] * size,
			w.stride[1][w.ndim - 1], (size_t)n);
		left -= n;
		if (left)
			tr__walk_advance(&w, n);
	}
}

/* Single elements: dst[index[i]·step] = a[i·to]. Their lines, if FAR, are fetched AHEAD: a processor waits one by one for those
 * it only writes. */
#define DEFINE_ELEMENTS(bytes) \
	static void put_elements_##bytes(const struct put *p, const struct tr_index_run *r) \
	{ \
		int64_t limit = p->x.limit, step = p->x.step * (bytes), to = r->to * (bytes); \
		const int64_t *index = r->index; \
		const char *a = r->plain; \
		char *dst = r->sided; \
\
		bool far = limit * step > FAR || limit * step < -FAR; \
\
		for (size_t i = 0; i < r->n; i++, a += to) { \
			if (far) { \
				int64_t ahead = index[i + AHEAD < r->n ? i + AHEAD : i]; \
\
				__builtin_prefetch(dst + (ahead < 0 ? ahead + limit : ahead) * step, 1); \
			} \
			memcpy(dst + (index[i] < 0 ? index[i] + limit : index[i]) * step, a, bytes); \
		} \
	}
DEFINE_ELEMENTS(1)
DEFINE_ELEMENTS(2)
DEFINE_ELEMENTS(4)
DEFINE_ELEMENTS(8)
DEFINE_ELEMENTS(16)

static void put_elements(const void *arg, const struct tr_index_run *r)
{
	const struct put *p = arg;

	switch (p->x.size) {
	case 1:
		put_elements_1(p, r);
		break;
	case 2:
		put_elements_2(p, r);
		break;
	case 4:
		put_elements_4(p, r);
		break;
	case 8:
		put_elements_8(p, r);
		break;
	default:
		put_elements_16(p, r);
	}
}

/* Single elements: dst[index[i]·step] += a[i·to]. */
#define DEFINE_SUMS(T) \
	static void add_elements_##T(const struct put *p, const struct tr_index_run *r) \
	{ \
		int64_t limit = p->x.limit, step = p->x.step; \
		const int64_t *index = r->index; \
		const T *a = (const void *)r->plain; \
		T *dst = (void *)r->sided; \
\
		if (step == 1 && !r->to) { \
			T all = *a; \
\
			for (size_t i = 0; i < r->n; i++) \
				dst[index[i] < 0 ? index[i] + limit : index[i]] += all; \
			return; \
		} \
		for (size_t i = 0; i < r->n; i++, a += r->to) \
			dst[(index[i] < 0 ? index[i] + limit : index[i]) * step] += *a; \
	}
DEFINE_SUMS(float)
DEFINE_SUMS(double)
DEFINE_SUMS(uint8_t) /* which wrap as signed ones of the size do */
DEFINE_SUMS(uint16_t)
DEFINE_SUMS(uint32_t)
DEFINE_SUMS(uint64_t)

static void add_elements(const void *arg, const struct tr_index_run *r)
{
	static void (*const sums[TR_DTYPE_COUNT])(const struct put *p, const struct tr_index_run *r) = {
		[TR_I8] = add_elements_uint8_t,   [TR_U8] = add_elements_uint8_t,   [TR_I16] = add_elements_uint16_t,
		[TR_U16] = add_elements_uint16_t, [TR_I32] = add_elements_uint32_t, [TR_U32] = add_elements_uint32_t,
		[TR_I64] = add_elements_uint64_t, [TR_U64] = add_elements_uint64_t, [TR_F32] = add_elements_float,
		[TR_F64] = add_elements_double,
	};
	const struct put *p = arg;
	int64_t size = (int64_t)p->x.size;

	if (sums[p->x.plain->dtype]) {
		sums[p->x.plain->dtype](p, r);
		return;
	}
	for (size_t i = 0; i < r->n; i++) {
		int64_t at = r->index[i] < 0 ? r->index[i] + p->x.limit : r->index[i];

		add_run(p, r->sided + at * p->x.step * size, 1, r->plain + (int64_t)i * r->to * size, 1, 1);
	}
}

static void put_rows(const void *arg, const struct tr_index_run *r)
{
	const struct put_range *range = arg;
	const struct put *p = range->put;
	int64_t size = (int64_t)p->x.size;
	struct tr_copy row = p->row;

	for (size_t i = 0; i < r->n; i++) {
		int64_t at = r->index[i] < 0 ? r->index[i] + p->x.limit : r->index[i];

		if (at < range->first || at >= range->last)
			continue;
		row.src = r->plain + (int64_t)i * r->to * size;
		row.dst = r->sided + at * p->x.step * size;
		if (p->add)
			add_row(p, row.dst, row.src);
		else
			tr__copy_units(&row, 0, row.units);
	}
}

static void put_part(void *arg, size_t part, unsigned worker)
{
	const struct put *p = arg;
	int64_t chunks = (int64_t)p->parts / p->ranges, chunk = (int64_t)part / p->ranges, range = (int64_t)part % p->ranges;
	int64_t each = p->x.outer / chunks, first = chunk * each, last = chunk + 1 == chunks ? p->x.outer : first + each;
	struct put_range of = {p, p->x.limit * range / p->ranges, p->x.limit * (range + 1) / p->ranges};

	(void)worker;
	if (p->x.row > 1)
		tr__indexed_walk(&p->x, first * p->x.nidx, last * p->x.nidx, put_rows, &of);
	else
		tr__indexed_walk(&p->x, first * p->x.nidx, last * p->x.nidx, p->add ? add_elements : put_elements, p);
}

/* Parts of the outer axes; where there is one step of those, of the places, if rows are long enough for all indices to be read. */
static void cut(struct put *p)
{
	double bytes = (double)p->x.row * (double)p->x.size;
	bool by_place = p->x.outer == 1 && bytes >= LONG_ROW;

	p->parts = tr__pool_parts(p->x.dev, (double)p->x.outer * (double)p->x.nidx * (3 + bytes * 2 * TR_MAP_BYTE_NS),
				  (size_t)(by_place ? p->x.limit : p->x.outer));
	p->ranges = by_place ? (int64_t)p->parts : 1;
}

int tr__exec_put(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	const struct tr_operand *dst = &cmd->operand[0], *a = &cmd->operand[1], *idx = &cmd->operand[2];
	int axis = (int)cmd->attr.i64[0];
	struct put p = {.add = cmd->op == TR_OP_index_add};
	bool alone = !axis && dst->ndim == 1;
	int err = tr__check_indices(dev, idx, dst->shape[axis], true, alone, axis, detail);

	if (err)
		return err;
	if (!tr__indexed_init(&p.x, dev, a, dst, idx, axis))
		return 0;
	tr__copy_init(&p.row, p.x.inner, dst->shape + p.x.sided_inner, NULL, dst->stride + p.x.sided_inner, NULL,
		      a->stride + p.x.plain_inner, p.x.size);
	tr__walk_init(&p.row_add, p.x.inner, dst->shape + p.x.sided_inner, dst->stride + p.x.sided_inner,
		      a->stride + p.x.plain_inner);
	cut(&p);
	tr__pool_run(dev, p.parts, put_part, &p);
	return 0;
}

struct ravel {
	struct tr_device *dev;
	const struct tr_operand *dst, *idx;
	int64_t n, limit, step, added;
	size_t parts;
};

static void ravel_part(void *arg, size_t part, unsigned worker)
{
	const struct ravel *r = arg;
	int64_t chunk = r->n / (int64_t)r->parts, first = (int64_t)part * chunk;
	int64_t last = part + 1 == r->parts ? r->n : first + chunk, in[TR_INDEX_BATCH], out[TR_INDEX_BATCH];

	(void)worker;
	for (; first < last; first += TR_INDEX_BATCH) {
		size_t n = last - first < TR_INDEX_BATCH ? (size_t)(last - first) : TR_INDEX_BATCH;
		const int64_t *index = tr__load_range(r->dev, r->idx, first, n, TR_I64, in);

		for (size_t i = 0; i < n; i++)
			out[i] = (index[i] < 0 ? index[i] + r->limit : index[i]) * r->step + r->added;
		tr__store_range(r->dev, r->dst, first, n, TR_I64, out, NULL);
	}
}

int tr__exec_ravel(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	struct ravel r = {.dev = dev, .dst = &cmd->operand[0], .idx = &cmd->operand[1], .n = 1,
			  .limit = cmd->attr.i64[0], .step = cmd->attr.i64[1], .added = cmd->attr.i64[2]};
	int err = tr__check_indices(dev, r.idx, r.limit, true, false, cmd->attr.i64[3], detail);

	if (err)
		return err;
	for (int d = 0; d < r.dst->ndim; d++)
		r.n *= r.dst->shape[d];
	r.parts = tr__pool_parts(dev, (double)r.n, (size_t)r.n);
	tr__pool_run(dev, r.parts, ravel_part, &r);
	return 0;
}
