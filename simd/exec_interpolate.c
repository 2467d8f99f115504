/* SPDX-License-Identifier: MIT */
/*
 * The INTERPOLATE family. A line of the result is made from one row of the input (nearest), or two or four (linear):
 * each row is resized along the line first and kept while lines need it, then rows are mixed. Where the channels lie
 * next to each other in both operands, a row holds all channels of its positions.
 */
#include <math.h>
#include <string.h>

#include "simd/cpu.h"
#include "simd/strided.h"

enum { Y, X };

/* About what an element of the result costs, in nanoseconds. */
#define NEAREST_NS 0.5
#define LINEAR_NS 1.0

#define SLOTS 4 /* rows that a line can need */

/* What an axis of the result is made of: elements near[j] and next[j], with weights of dtype. */
struct axis {
	const int32_t *near, *next;
	const char *weight[2];
	bool mixed; /* else result j is element near[j] */
};

struct resize {
	struct tr_device *dev;
	const struct tr_operand *y, *x;
	struct tr_interpolate_params p;
	enum tr_dtype dtype;
	size_t size;
	int64_t inner, planes; /* channels of a position, and planes of such positions */
	struct axis axis[3];
	int64_t lines;
	size_t parts;
	bool dense;            /* lines of the result are written in place */
	bool ready;            /* rows of x are read in place */
	size_t row_in, row_out; /* elements of a row before and after it is resized */
	size_t at_in, at_temp[2], at_mix[2], at_store, at_slot[SLOTS], at_axis[3]; /* at_axis: in worker 0's scratch */
};

/* Where the resized rows of a worker are; key: number of the row in x, -1 for none. */
struct rows {
	int64_t key[SLOTS];
	const char *row[SLOTS];
};

static bool reserve(size_t *total, size_t *at, size_t n, size_t size)
{
	size_t bytes;

	*at = *total;
	return !__builtin_mul_overflow(n, size, &bytes) && !__builtin_add_overflow(bytes, 63, &bytes) &&
	       !__builtin_add_overflow(*total, bytes & ~(size_t)63, total);
}

/*
 * Positions and weights along axis i. All in T, the type evaluated in, so that which elements are nearest is the same
 * everywhere; nearest rounds the position to single precision before the floor, as PyTorch does.
 */
#define DEFINE_POSITIONS(T, floor_T) \
	static void positions_##T(const struct resize *r, int i, int32_t *near, int32_t *next, T *w0, T *w1) \
	{ \
		int64_t size = r->x->shape[2 + i], n = r->y->shape[2 + i]; \
		bool align = r->p.flags & TR_ALIGN_CORNERS, linear = r->p.mode == TR_INTERPOLATE_LINEAR; \
		T half = r->p.mode == TR_INTERPOLATE_NEAREST ? 0 : (T)0.5, x; \
		T scale = r->p.scale[i] > 0 ? (T)(1 / r->p.scale[i]) : (T)size / (T)n; \
\
		if (align) \
			scale = n > 1 ? (T)(size - 1) / (T)(n - 1) : 0; \
		for (int64_t j = 0; j < n; j++) { \
			x = align ? scale * (T)j : scale * ((T)j + half); \
			if (linear && !align) \
				x = x - half > 0 ? x - half : 0; \
			x = linear ? x : (T)(float)x; \
			near[j] = (int32_t)(floor_T(x) < (T)(size - 1) ? floor_T(x) : (T)(size - 1)); \
			if (near[j] >= size) /* size - 1 was rounded up */ \
				near[j] = (int32_t)(size - 1); \
			next[j] = near[j] + (near[j] < size - 1); \
			w1[j] = x - (T)near[j] < 1 ? x - (T)near[j] : 1; \
			w0[j] = 1 - w1[j]; \
		} \
	}
DEFINE_POSITIONS(float, floorf)
DEFINE_POSITIONS(double, floor)

static void set_axis(struct resize *r, int i)
{
	int64_t n = r->y->shape[2 + i];
	char *at = (char *)r->dev->scratch[0] + r->at_axis[i];
	char *w0 = at + 2 * (size_t)n * sizeof(int32_t), *w1 = w0 + (size_t)n * r->size;
	int32_t *near = (int32_t *)(void *)at, *next = near + n;

	if (r->dtype == TR_F32)
		positions_float(r, i, near, next, (float *)(void *)w0, (float *)(void *)w1);
	else
		positions_double(r, i, near, next, (double *)(void *)w0, (double *)(void *)w1);
	r->axis[i] = (struct axis){near, next, {w0, w1}, false};
	r->axis[i].mixed = r->p.mode == TR_INTERPOLATE_LINEAR && n != r->x->shape[2 + i];
	for (int64_t j = 0; j < n && r->p.mode == TR_INTERPOLATE_LINEAR && !r->axis[i].mixed; j++)
		near[j] = (int32_t)j;
}

/* to[j] = from[at[j]], elements of size bytes. */
static void pick(char *to, const char *from, const int32_t *at, size_t n, size_t size)
{
	if (size == 4)
		for (size_t j = 0; j < n; j++)
			memcpy(to + 4 * j, from + 4 * (ptrdiff_t)at[j], 4);
	else
		for (size_t j = 0; j < n; j++)
			memcpy(to + 8 * j, from + 8 * (ptrdiff_t)at[j], 8);
}

/* n elements of *to = w0·a + w1·b, the first product rounded. Not by chains where they round every product. */
static void mix(const struct resize *r, char *ws, void *to, const char *a, const char *b, const char *w0, const char *w1,
		size_t n)
{
	static const float minus_f32 = -0.0f;
	static const double minus_f64 = -0.0;
	const ptrdiff_t at[2] = {0, (b - a) / (ptrdiff_t)r->size};
	char w[2 * sizeof(double)];
	struct tr_taps t = {.rows = 1, .cols = n, .taps = 2, .x = a, .at = at, .w = w, .y = to,
			    .start = r->dtype == TR_F32 ? (const void *)&minus_f32 : &minus_f64};

	if (r->dev->k->unfused) {
		char *first = ws + r->at_temp[0], *second = ws + r->at_temp[1];

		tr__copy_run(first, 1, w0, 0, n, r->size);
		tr__copy_run(second, 1, w1, 0, n, r->size);
		r->dev->k->map[TR_OP_multiply][r->dtype](first, (const void *[]){first, a}, n);
		r->dev->k->map[TR_OP_fma][r->dtype](to, (const void *[]){second, b, first}, n);
		return;
	}
	memcpy(w, w0, r->size);
	memcpy(w + r->size, w1, r->size);
	r->dev->k->taps_fma[r->dtype](&t);
}

/* A row of x that does not lie ready. */
static const char *load_line(const struct resize *r, char *from, char *buf)
{
	struct tr_operand line = {.addr = from, .dtype = r->x->dtype, .ndim = 2,
				  .shape = {r->x->shape[4], r->inner}, .stride = {r->x->stride[4], r->x->stride[1]}};

	return tr__load_range(r->dev, &line, 0, r->row_in, r->dtype, buf);
}

static void store_line(const struct resize *r, char *to, const char *from, char *buf)
{
	struct tr_operand line = {.addr = to, .dtype = r->y->dtype, .ndim = 2, .shape = {r->y->shape[4], r->inner},
				  .stride = {r->y->stride[4], r->y->stride[1]}};

	tr__store_range(r->dev, &line, 0, r->row_out, r->dtype, from, buf);
}

/* One row of x, resized along the line; in slot, or where it lies if nothing has to be done. */
static const char *resize_row(const struct resize *r, int64_t row, char *ws, char *slot)
{
	const struct tr_operand *x = r->x;
	const struct axis *w = &r->axis[2];
	int64_t h = row % x->shape[3], d = row / x->shape[3] % x->shape[2], plane = row / x->shape[3] / x->shape[2];
	int64_t channels = x->shape[1] / r->inner, n = r->y->shape[4];
	char *at = (char *)x->addr + (plane / channels * x->stride[0] + plane % channels * x->stride[1] +
				      d * x->stride[2] + h * x->stride[3]) * (int64_t)tr_dtype_size(x->dtype);
	const char *from = r->ready ? at : load_line(r, at, ws + r->at_in);
	const char *weight[2] = {w->weight[0], w->weight[1]};

	if (!w->mixed && r->p.mode == TR_INTERPOLATE_LINEAR) {
		if (from != ws + r->at_in)
			return from;
		return memcpy(slot, from, r->row_in * r->size);
	}
	if (r->inner > 1) {
		size_t step = (size_t)r->inner * r->size;

		for (int64_t j = 0; j < n; j++, slot += step)
			if (w->mixed)
				mix(r, ws, slot, from + (size_t)w->near[j] * step, from + (size_t)w->next[j] * step,
				    weight[0] + (size_t)j * r->size, weight[1] + (size_t)j * r->size, (size_t)r->inner);
			else
				memcpy(slot, from + (size_t)w->near[j] * step, step);
		return slot - (size_t)n * step;
	}
	pick(w->mixed ? ws + r->at_temp[0] : slot, from, w->near, (size_t)n, r->size);
	if (w->mixed) {
		char *a = ws + r->at_temp[0], *b = ws + r->at_temp[1];

		pick(b, from, w->next, (size_t)n, r->size);
		r->dev->k->map[TR_OP_multiply][r->dtype](a, (const void *[]){a, weight[0]}, (size_t)n);
		r->dev->k->map[TR_OP_fma][r->dtype](slot, (const void *[]){b, weight[1], a}, (size_t)n);
	}
	return slot;
}

/* The slot that holds row want, or else one that holds none of need[0 … n). */
static int slot_of(const struct rows *rows, int64_t want, const int64_t *need, int n)
{
	int spare = 0;

	for (int s = 0; s < SLOTS; s++) {
		bool needed = false;

		if (rows->key[s] == want)
			return s;
		for (int i = 0; i < n; i++)
			needed |= rows->key[s] == need[i];
		if (!needed)
			spare = s;
	}
	return spare;
}

/* Resized rows need[0 … n), n <= SLOTS; slot[k] is where need[k] is. */
static void find_rows(const struct resize *r, struct rows *rows, const int64_t *need, int n, int *slot, char *ws)
{
	for (int k = 0; k < n; k++) {
		int s = slot_of(rows, need[k], need, n);

		if (rows->key[s] != need[k]) {
			rows->key[s] = need[k];
			rows->row[s] = resize_row(r, need[k], ws, ws + r->at_slot[s]);
		}
		slot[k] = s;
	}
}

/* Line h of slab d of the plane. */
static void run_line(const struct resize *r, struct rows *rows, int64_t plane, int64_t d, int64_t h, char *ws)
{
	const struct tr_operand *y = r->y, *x = r->x;
	const struct axis *slabs = &r->axis[0], *lines = &r->axis[1];
	int nd = slabs->mixed ? 2 : 1, nh = lines->mixed ? 2 : 1, slot[SLOTS];
	int64_t need[SLOTS], channels = y->shape[1] / r->inner;
	const char *mixed[2];
	char *to, *at;

	at = (char *)y->addr + (plane / channels * y->stride[0] + plane % channels * y->stride[1] + d * y->stride[2] +
				h * y->stride[3]) * (int64_t)tr_dtype_size(y->dtype);
	to = r->dense ? at : ws + r->at_temp[0];
	for (int i = 0; i < nd * nh; i++)
		need[i] = (plane * x->shape[2] + (i / nh ? slabs->next : slabs->near)[d]) * x->shape[3] +
			  (i % nh ? lines->next : lines->near)[h];
	find_rows(r, rows, need, nd * nh, slot, ws);
	for (int i = 0; i < nd; i++) {
		mixed[i] = rows->row[slot[i * nh]];
		if (nh == 1)
			continue;
		char *half = nd == 1 ? to : ws + r->at_mix[i];

		mix(r, ws, half, mixed[i], rows->row[slot[i * nh + 1]], lines->weight[0] + (size_t)h * r->size,
		    lines->weight[1] + (size_t)h * r->size, r->row_out);
		mixed[i] = half;
	}
	if (nd == 2)
		mix(r, ws, to, mixed[0], mixed[1], slabs->weight[0] + (size_t)d * r->size,
		    slabs->weight[1] + (size_t)d * r->size, r->row_out);
	else if (nh == 1)
		memcpy(to, mixed[0], r->row_out * r->size);
	if (!r->dense)
		store_line(r, at, to, ws + r->at_store);
}

static void run_part(void *arg, size_t part, unsigned worker)
{
	const struct resize *r = arg;
	int64_t chunk = r->lines / (int64_t)r->parts, more = r->lines % (int64_t)r->parts, p = (int64_t)part;
	int64_t i = chunk * p + (p < more ? p : more), last = i + chunk + (p < more);
	struct rows rows = {{-1, -1, -1, -1}, {NULL}};

	for (; i < last; i++) {
		int64_t h = i % r->y->shape[3], d = i / r->y->shape[3] % r->y->shape[2];

		run_line(r, &rows, i / r->y->shape[3] / r->y->shape[2], d, h, r->dev->scratch[worker]);
	}
}

static int plan_scratch(struct resize *r)
{
	size_t total = 0;
	bool fits = true;

	fits &= reserve(&total, &r->at_in, r->row_in, r->size);
	for (int i = 0; i < 2; i++) {
		fits &= reserve(&total, &r->at_temp[i], r->row_out, r->size);
		fits &= reserve(&total, &r->at_mix[i], r->row_out, r->size);
	}
	fits &= reserve(&total, &r->at_store, r->row_out, 16);
	for (int i = 0; i < SLOTS; i++)
		fits &= reserve(&total, &r->at_slot[i], r->row_out, r->size);
	for (int i = 0; i < 3; i++)
		fits &= reserve(&total, &r->at_axis[i], (size_t)r->y->shape[2 + i], 2 * (sizeof(int32_t) + r->size));
	return fits ? tr__scratch(r->dev, total) : -TR_EOVERFLOW;
}

int tr__exec_interpolate(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	const struct tr_operand *y = &cmd->operand[Y], *x = &cmd->operand[X];
	struct resize r = {.dev = dev, .y = y, .x = x, .dtype = (enum tr_dtype)cmd->dtype,
			   .size = tr_dtype_size(cmd->dtype), .inner = 1};
	int err;

	(void)detail;
	memcpy(&r.p, &cmd->attr, sizeof(r.p));
	if (x->shape[1] > 1 && x->stride[1] == 1 && y->stride[1] == 1)
		r.inner = x->shape[1];
	r.planes = y->shape[0] * (y->shape[1] / r.inner);
	r.lines = r.planes * y->shape[2] * y->shape[3];
	if (__builtin_mul_overflow((size_t)x->shape[4], (size_t)r.inner, &r.row_in))
		return -TR_EOVERFLOW;
	r.row_out = (size_t)(y->shape[4] * r.inner);
	r.dense = y->dtype == r.dtype && (y->stride[4] == r.inner || y->shape[4] == 1);
	r.ready = x->dtype == r.dtype && (x->stride[4] == r.inner || x->shape[4] == 1);
	err = plan_scratch(&r);
	if (err)
		return err;
	for (int i = 0; i < 3; i++)
		set_axis(&r, i);
	r.parts = tr__pool_parts(dev, (double)r.lines * (double)r.row_out *
					      (r.p.mode == TR_INTERPOLATE_LINEAR ? LINEAR_NS : NEAREST_NS), (size_t)r.lines);
	tr__pool_run(dev, r.parts, run_part, &r);
	return 0;
}
