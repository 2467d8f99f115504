/* SPDX-License-Identifier: MIT */
/*
 * The MAX_POOL, AVG_POOL and ADAPTIVE_POOL families. With enough channels to fill the lanes, windows are swept
 * (sweep.h). Otherwise a part is some planes; the plane with its padding lies in scratch, and the kernel of sliding
 * windows runs over its rows. Adaptive windows differ in size, so they are summed one by one.
 */
#include <math.h>
#include <string.h>

#include "simd/sweep.h"
#include "simd/window.h"

enum { Y, X };

/* About what an element of a window costs, in nanoseconds. */
#define TAP_NS 0.1
#define ADAPTIVE_NS 1.0

struct pool {
	struct tr_device *dev;
	const struct tr_operand *y, *x;
	struct tr_pool_params p;
	enum tr_dtype dtype;
	size_t size, taps;
	bool max, dense;       /* dense: rows of the result are written in place */
	struct tr_window window;
	size_t planes, parts;
	double start;          /* of every chain, as an element of dtype in its first bytes */
	size_t at_row, at_div, at_store, at_buf, at_taps; /* in a worker's scratch; the plane is at 0 */
};

static bool reserve(size_t *total, size_t *at, size_t n, size_t size)
{
	size_t bytes;

	*at = *total;
	return !__builtin_mul_overflow(n, size, &bytes) && !__builtin_add_overflow(bytes, 63, &bytes) &&
	       !__builtin_add_overflow(*total, bytes & ~(size_t)63, total);
}

static void set_element(enum tr_dtype dtype, void *at, double x)
{
	float narrow = (float)x;

	if (dtype == TR_F32)
		memcpy(at, &narrow, sizeof(narrow));
	else
		memcpy(at, &x, sizeof(x));
}

/* How many positions of window j of axis i count. */
static int64_t counted(const struct pool *p, int i, int64_t j)
{
	int64_t size = p->x->shape[2 + i], first = j * p->p.stride[i] - p->p.padding[i], last = first + p->p.kernel[i];

	if (last > size + p->p.padding[i])
		last = size + p->p.padding[i];
	if (p->p.flags & TR_POOL_EXCLUDE_PAD) {
		first = first < 0 ? 0 : first;
		last = last > size ? size : last;
	}
	return last - first;
}

/* Divides a row of sums by what their windows count. rows: how many in d and h; *known: of the divisors in ws. */
static void divide(const struct pool *p, char *row, int64_t rows, int64_t *known, char *ws)
{
	int64_t n = p->y->shape[4];
	const void *src[2] = {row, ws + p->at_div};

	for (int64_t j = 0; j < n && rows != *known; j++)
		set_element(p->dtype, ws + p->at_div + (size_t)j * p->size, (double)(rows * counted(p, 2, j)));
	*known = rows;
	p->dev->k->map[TR_OP_divide][p->dtype](row, src, (size_t)n);
}

/* One row of the result. */
static void run_row(const struct pool *p, struct tr_taps *t, int64_t d, int64_t h, const struct tr_operand *y,
		    int64_t *known,
		    char *ws)
{
	t->y = ws + p->at_row;
	if (p->dense)
		t->y = (char *)y->addr + (d * y->stride[0] + h * y->stride[1]) * (int64_t)p->size;
	(p->max ? p->dev->k->taps_max : p->dev->k->taps_add)[p->dtype](t);
	if (!p->max)
		divide(p, t->y, counted(p, 0, d) * counted(p, 1, h), known, ws);
	if (!p->dense)
		tr__store_range(p->dev, y, (d * y->shape[1] + h) * y->shape[2], t->cols, p->dtype, t->y,
				ws + p->at_store);
}

/* One channel of an operand. */
static struct tr_operand plane_of(const struct tr_operand *o, size_t plane)
{
	struct tr_operand v = {.dtype = o->dtype, .ndim = 3};
	int64_t image = (int64_t)(plane / (size_t)o->shape[1]), channel = (int64_t)(plane % (size_t)o->shape[1]);

	v.addr = (char *)o->addr + (image * o->stride[0] + channel * o->stride[1]) * (int64_t)tr_dtype_size(o->dtype);
	for (int i = 0; i < 3; i++) {
		v.shape[i] = o->shape[2 + i];
		v.stride[i] = o->stride[2 + i];
	}
	return v;
}

static void run_plane(const struct pool *p, size_t plane, char *ws)
{
	const struct tr_window *w = &p->window;
	struct tr_operand y = plane_of(p->y, plane), x = plane_of(p->x, plane);
	struct tr_taps t = {.rows = 1,
			    .cols = (size_t)y.shape[2],
			    .taps = p->taps,
			    .at = (const ptrdiff_t *)(const void *)(ws + p->at_taps),
			    .start = &p->start};
	const char *from = x.addr;
	int64_t known = 0;

	if (!w->in_place) {
		tr__window_copy(w, (int64_t)(plane / (size_t)p->x->shape[1]), (int64_t)(plane % (size_t)p->x->shape[1]),
				ws,
				ws + p->at_buf);
		from = ws;
	}
	for (int64_t d = 0; d < y.shape[0]; d++) {
		if (p->max && p->dense) {
			t.rows = (size_t)y.shape[1];
			t.x_row = tr__window_row(w, 0, 1);
			t.y_row = (ptrdiff_t)y.stride[1];
			t.x = from + tr__window_row(w, d, 0) * (ptrdiff_t)p->size;
			run_row(p, &t, d, 0, &y, &known, ws);
			continue;
		}
		for (int64_t h = 0; h < y.shape[1]; h++) {
			t.x = from + tr__window_row(w, d, h) * (ptrdiff_t)p->size;
			run_row(p, &t, d, h, &y, &known, ws);
		}
	}
}

static void list_taps(const struct pool *p, ptrdiff_t *at)
{
	const int64_t *n = p->window.taps, *by = p->window.dilation;

	for (int64_t d = 0; d < n[0]; d++)
		for (int64_t h = 0; h < n[1]; h++)
			for (int64_t w = 0; w < n[2]; w++)
				*at++ = tr__window_tap(&p->window, d * by[0], h * by[1], w * by[2]);
}

/* Planes of one part. */
static void share(const struct pool *p, size_t part, size_t *first, size_t *last)
{
	size_t more = p->planes % p->parts;

	*first = p->planes / p->parts * part + (part < more ? part : more);
	*last = *first + p->planes / p->parts + (part < more);
}

static void run_part(void *arg, size_t part, unsigned worker)
{
	const struct pool *p = arg;
	char *ws = p->dev->scratch[worker];
	size_t i, last;

	list_taps(p, (ptrdiff_t *)(void *)(ws + p->at_taps));
	for (share(p, part, &i, &last); i < last; i++)
		run_plane(p, i, ws);
}

static void start_pool(struct pool *p, struct tr_device *dev, const struct tr_cmd *cmd)
{
	*p = (struct pool){.dev = dev,
			   .y = &cmd->operand[Y],
			   .x = &cmd->operand[X],
			   .dtype = (enum tr_dtype)cmd->dtype,
			   .size = tr_dtype_size(cmd->dtype),
			   .taps = 1,
			   .max = cmd->family == TR_FAMILY_MAX_POOL};
	memcpy(&p->p, &cmd->attr, sizeof(p->p));
	p->planes = (size_t)(p->y->shape[0] * p->y->shape[1]);
	p->dense = p->y->dtype == p->dtype && (p->y->stride[4] == 1 || p->y->shape[4] == 1);
}

static double numel(const struct tr_operand *o)
{
	double n = 1;

	for (int d = 0; d < o->ndim; d++)
		n *= (double)o->shape[d];
	return n;
}

/* With channels in the lanes. */
static int sweep(const struct pool *p)
{
	struct tr_sweep s = {.dev = p->dev, .y = p->y, .x = p->x, .dtype = p->dtype, .fill = p->max ? -INFINITY : 0,
			     .mean = !p->max, .exclude_pad = p->p.flags & TR_POOL_EXCLUDE_PAD,
			     .kernel = (p->max ? p->dev->k->lanes_max : p->dev->k->lanes_add)[p->dtype]};

	for (int i = 0; i < 3; i++) {
		s.lead[i] = p->p.padding[i];
		s.stride[i] = p->p.stride[i];
		s.dilation[i] = p->p.dilation[i];
		s.taps[i] = p->p.kernel[i];
	}
	return tr__sweep(&s);
}

int tr__exec_pool(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	struct pool p;
	size_t total, cols;
	bool fits = true;
	int err;

	(void)detail;
	start_pool(&p, dev, cmd);
	if (tr__sweeps(dev, p.dtype, p.x->shape[1]))
		return sweep(&p);
	cols = (size_t)p.y->shape[4];
	set_element(p.dtype, &p.start, p.max ? -INFINITY : 0);
	p.window = (struct tr_window){.dev = dev, .x = p.x, .dtype = p.dtype, .fill = &p.start};
	for (int i = 0; i < 3; i++) {
		p.window.lead[i] = p.p.padding[i];
		p.window.stride[i] = p.p.stride[i];
		p.window.dilation[i] = p.p.dilation[i];
		p.window.count[i] = p.y->shape[2 + i];
		p.window.taps[i] = p.p.kernel[i];
		if (__builtin_mul_overflow(p.taps, (size_t)p.p.kernel[i], &p.taps))
			return -TR_EOVERFLOW;
	}
	err = tr__window_plan(&p.window);
	if (err)
		return err;
	total = p.window.plane;
	fits &= reserve(&total, &p.at_row, cols, p.size);
	fits &= reserve(&total, &p.at_div, cols, p.size);
	fits &= reserve(&total, &p.at_store, cols, 16);
	fits &= reserve(&total, &p.at_buf, p.window.buffer, 1);
	fits &= reserve(&total, &p.at_taps, p.taps, sizeof(ptrdiff_t));
	if (!fits)
		return -TR_EOVERFLOW;
	err = tr__scratch(dev, total);
	if (err)
		return err;
	p.parts = tr__pool_parts(dev, numel(p.y) * (double)p.taps * TAP_NS, p.planes);
	tr__pool_run(dev, p.parts, run_part, &p);
	return 0;
}

/* ---- adaptive ---- */

/* Window j of n over size elements. */
static void adaptive_window(int64_t j, int64_t n, int64_t size, int64_t *first, int64_t *last)
{
	*first = j * size / n;
	*last = ((j + 1) * size + n - 1) / n;
}

/* Planes taken together: as many independent chains hide the latency of the addition. */
#define TOGETHER 8

/* One window of n <= TOGETHER planes, plane elements apart, into results out elements apart. */
struct mean {
	size_t n, out;
	int64_t plane, stride[2], first[3], last[3];
};

#define DEFINE_MEAN(T) \
	static inline __attribute__((always_inline)) void sum_##T(const struct mean *m, const T *x, T *y, \
								  const size_t n) \
	{ \
		T acc[TOGETHER] = {0}; \
		T count = (T)((m->last[0] - m->first[0]) * (m->last[1] - m->first[1]) * (m->last[2] - m->first[2])); \
\
		for (int64_t d = m->first[0]; d < m->last[0]; d++) \
			for (int64_t h = m->first[1]; h < m->last[1]; h++) { \
				const T *at = x + d * m->stride[0] + h * m->stride[1]; \
\
				for (int64_t w = m->first[2]; w < m->last[2]; w++) \
					_Pragma("GCC unroll 8") for (size_t i = 0; i < n; i++) \
						acc[i] += at[(int64_t)i * m->plane + w]; \
			} \
		_Pragma("GCC unroll 8") for (size_t i = 0; i < n; i++) \
			y[i * m->out] = acc[i] / count; \
	} \
\
	static void mean_##T(const struct mean *m, const void *x, void *y) \
	{ \
		if (m->n == TOGETHER) \
			sum_##T(m, x, y, TOGETHER); \
		else \
			for (size_t i = 0; i < m->n; i++) \
				sum_##T(m, (const T *)x + (int64_t)i * m->plane, (T *)y + i * m->out, 1); \
	}
DEFINE_MEAN(float)
DEFINE_MEAN(double)

/* n planes from plane i on. */
static void adaptive_planes(const struct pool *p, size_t i, size_t n, char *ws)
{
	const int64_t *in = &p->x->shape[2], *out = &p->y->shape[2];
	struct mean m = {.n = n,
			 .out = (size_t)(out[0] * out[1] * out[2]),
			 .plane = in[0] * in[1] * in[2],
			 .stride = {in[1] * in[2], in[2]}};
	const void *from = tr__load_range(p->dev, p->x, (int64_t)i * m.plane, n * (size_t)m.plane, p->dtype, ws);
	char *to = ws + p->at_row;

	for (int64_t d = 0; d < out[0]; d++) {
		adaptive_window(d, out[0], in[0], &m.first[0], &m.last[0]);
		for (int64_t h = 0; h < out[1]; h++) {
			adaptive_window(h, out[1], in[1], &m.first[1], &m.last[1]);
			for (int64_t w = 0; w < out[2]; w++, to += p->size) {
				adaptive_window(w, out[2], in[2], &m.first[2], &m.last[2]);
				(p->dtype == TR_F32 ? mean_float : mean_double)(&m, from, to);
			}
		}
	}
	tr__store_range(p->dev, p->y, (int64_t)(i * m.out), n * m.out, p->dtype, ws + p->at_row, ws + p->at_store);
}

static void run_adaptive(void *arg, size_t part, unsigned worker)
{
	const struct pool *p = arg;
	size_t i, end, n;

	for (share(p, part, &i, &end); i < end; i += n) {
		n = end - i < TOGETHER ? end - i : TOGETHER;
		adaptive_planes(p, i, n, p->dev->scratch[worker]);
	}
}

int tr__exec_adaptive(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	struct pool p;
	size_t total = 0, in = TOGETHER, out = TOGETHER, at;
	bool fits = true;
	int err;

	(void)detail;
	start_pool(&p, dev, cmd);
	for (int i = 2; i < 5; i++)
		if (__builtin_mul_overflow(in, (size_t)p.x->shape[i], &in) ||
		    __builtin_mul_overflow(out, (size_t)p.y->shape[i], &out))
			return -TR_EOVERFLOW;
	fits &= reserve(&total, &at, in, p.size);
	fits &= reserve(&total, &p.at_row, out, p.size);
	fits &= reserve(&total, &p.at_store, out, 16);
	if (!fits)
		return -TR_EOVERFLOW;
	err = tr__scratch(dev, total);
	if (err)
		return err;
	p.parts = tr__pool_parts(dev, (numel(p.x) + numel(p.y)) * ADAPTIVE_NS, p.planes);
	tr__pool_run(dev, p.parts, run_adaptive, &p);
	return 0;
}
