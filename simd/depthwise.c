/* SPDX-License-Identifier: MIT */
/*
 * Depthwise convolution of depthwise.h. A unit is one plane. The kernel is given its lines one by one: zeros above and
 * below; the plane's own where they lie, because what it reads beyond their ends is the neighbouring row and counts as
 * 0; those whose neighbours may be nobody's, a plane's first and last, or of dense planes the first one's first and the last
 * one's last, as copies with room at both ends. Planes narrower than two
 * vectors go to a kernel that takes many; of those it is the first and the last of the tensor that are copied.
 */
#include "simd/depthwise.h"

#include <string.h>

#include "simd/map.h"

/* About what a multiply-add of a vector costs, and what is to be done with it besides, in nanoseconds. */
#define FMA_NS 0.15
#define VECTOR_NS 1.5

struct depthwise {
	const struct tr_conv *c;
	size_t k, line; /* of the window; bytes of a line with room at both ends */
	size_t parts, planes, at_lines;
	bool narrow; /* simd/kernels/narrow.h's */
	bool dense;  /* planes follow each other */
};

static bool plane_fits(const struct tr_conv *c)
{
	const struct tr_operand *x = c->x, *y = c->y;

	return c->p.padding[1] <= c->w->shape[4] / 2 && c->p.padding[2] <= c->w->shape[4] / 2 && x->stride[4] == 1 &&
	       y->stride[4] == 1 && x->stride[3] >= x->shape[4] && x->stride[3] >= c->p.padding[2] + 2 &&
	       2 * y->shape[4] >= c->dev->k->gemm[c->dtype].lanes;
}

static bool narrow_fits(const struct tr_conv *c)
{
	const struct tr_operand *x = c->x, *y = c->y;
	int64_t half = c->w->shape[4] / 2, lanes = c->dev->k->gemm[c->dtype].lanes, room = x->shape[4] + half;

	return c->dev->k->narrow_fma[c->dtype] && c->p.stride[1] == 1 && c->p.padding[1] == half &&
	       c->p.padding[2] == half && tr__is_dense(x) && tr__is_dense(y) &&
	       (room <= lanes || (x->shape[4] >= lanes && room <= 2 * lanes));
}

bool tr__depthwise_fits(const struct tr_conv *c)
{
	const struct tr_operand *x = c->x, *y = c->y, *w = c->w;
	int64_t k = w->shape[4];

	return !c->transposed && c->cin == 1 && c->cout == 1 && (k == 3 || k == TR_PLANE_MOST) && w->shape[3] == k &&
	       w->shape[2] == 1 && c->p.stride[1] == c->p.stride[2] && c->p.stride[1] <= 2 && c->p.dilation[1] == 1 &&
	       c->p.dilation[2] == 1 && x->shape[2] == 1 && y->shape[2] == 1 && x->dtype == c->dtype &&
	       y->dtype == c->dtype && w->dtype == c->dtype && tr__is_dense(w) &&
	       (!c->bias || c->bias->dtype == c->dtype) && (plane_fits(c) || narrow_fits(c));
}

/* A copy of a row with zeros at both ends; returns its first column. */
static const char *copy_row(const struct depthwise *d, char *to, const char *row)
{
	const struct tr_conv *c = d->c;
	size_t pad = (size_t)c->p.padding[2] * c->size, width = (size_t)c->x->shape[4] * c->size;

	memset(to, 0, pad);
	memcpy(to + pad, row, width);
	memset(to + pad + width, 0, d->line - pad - width);
	return to + pad;
}

static void run_plane(const struct depthwise *d, size_t plane, char *ws)
{
	static const double zero;
	const struct tr_conv *c = d->c;
	const struct tr_operand *x = c->x, *y = c->y;
	int64_t image = (int64_t)(plane / c->groups), channel = (int64_t)(plane % c->groups), high = x->shape[3];
	const char *from = (const char *)x->addr + (image * x->stride[0] + channel * x->stride[1]) * (int64_t)c->size;
	const char **line = (const char **)(void *)(ws + d->at_lines);
	struct tr_plane t = {.rows = (size_t)y->shape[3], .cols = (size_t)y->shape[4], .k = d->k,
			     .step = (size_t)c->p.stride[1], .pad = c->p.padding[2],
			     .width = (ptrdiff_t)x->shape[4], .line = (const void *const *)line, .start = &zero,
			     .y_row = (ptrdiff_t)y->stride[3]};

	for (size_t i = 0; i < (t.rows - 1) * t.step + d->k; i++) {
		int64_t h = (int64_t)i - c->p.padding[1];

		if (h < 0 || h >= high)
			line[i] = ws + (size_t)c->p.padding[2] * c->size;
		else if ((h || (d->dense && plane)) && (h + 1 < high || (d->dense && plane + 1 < d->planes)))
			line[i] = from + h * x->stride[3] * (int64_t)c->size;
		else
			line[i] = copy_row(d, ws + (h ? 2 : 1) * d->line, from + h * x->stride[3] * (int64_t)c->size);
	}
	t.w = (const char *)c->w->addr + (size_t)channel * d->k * d->k * c->size;
	if (c->bias)
		t.start = (const char *)c->bias->addr + channel * c->bias->stride[0] * (int64_t)c->size;
	t.y = (char *)y->addr + (image * y->stride[0] + channel * y->stride[1]) * (int64_t)c->size;
	c->dev->k->plane_fma[c->dtype](&t);
}

/* Planes [i,last), of one image. */
static void run_narrow(const struct depthwise *d, size_t i, size_t last, const char *x)
{
	static const float zero;
	const struct tr_conv *c = d->c;
	size_t channel = i % c->groups, plane = (size_t)c->x->shape[3] * (size_t)c->x->shape[4];
	struct tr_narrow t = {.planes = last - i, .rows = (size_t)c->x->shape[3], .cols = (size_t)c->x->shape[4], .k = d->k,
			      .x = x, .w = (const char *)c->w->addr + channel * d->k * d->k * c->size, .start = &zero,
			      .y = (char *)c->y->addr + i * plane * c->size};

	if (c->bias) {
		t.start = (const char *)c->bias->addr + (int64_t)channel * c->bias->stride[0] * (int64_t)c->size;
		t.start_step = (ptrdiff_t)c->bias->stride[0];
	}
	c->dev->k->narrow_fma[c->dtype](&t);
}

/* As many planes of [i,last) as can go together; those next to an end of x, where nothing may be read, one by one from a
 * copy. How many that were. */
static size_t next_narrow(const struct depthwise *d, size_t i, size_t last, char *ws)
{
	const struct tr_conv *c = d->c;
	size_t bytes = (size_t)c->x->shape[3] * (size_t)c->x->shape[4] * c->size, margin = TR_NARROW_MARGIN * c->size;
	size_t edge = tr__ceil_div(margin, bytes), n = c->groups - i % c->groups;
	const char *x = (const char *)c->x->addr + i * bytes;

	if (i < edge || i + edge >= d->planes) {
		memcpy(ws + margin, x, bytes);
		run_narrow(d, i, i + 1, ws + margin);
		return 1;
	}
	if (n > last - i)
		n = last - i;
	if (n > d->planes - edge - i)
		n = d->planes - edge - i;
	run_narrow(d, i, i + n, x);
	return n;
}

static void run_part(void *arg, size_t part, unsigned worker)
{
	const struct depthwise *d = arg;
	size_t more = d->planes % d->parts, each = d->planes / d->parts, i = each * part + (part < more ? part : more);
	size_t last = i + each + (part < more);
	char *ws = d->c->dev->scratch[worker];

	memset(ws, 0, d->line);
	while (i < last && d->narrow)
		i += next_narrow(d, i, last, ws);
	for (; i < last; i++)
		run_plane(d, i, ws);
}

/* Bytes of scratch; 0 if they do not fit. */
static size_t plan(struct depthwise *d)
{
	const struct tr_conv *c = d->c;
	size_t width = (size_t)c->x->shape[4] + 2 * (size_t)c->p.padding[2] + 2, total;
	size_t lines = ((size_t)c->y->shape[3] - 1) * (size_t)c->p.stride[1] + d->k;

	if (d->narrow) {
		d->line = ((size_t)(c->x->shape[3] * c->x->shape[4]) + 2 * TR_NARROW_MARGIN) * c->size;
		return d->line;
	}
	d->line = (width * c->size + 63) & ~(size_t)63;
	d->at_lines = 3 * d->line;
	if (__builtin_mul_overflow(lines, sizeof(void *), &total) || __builtin_add_overflow(total, d->at_lines, &total))
		return 0;
	return total;
}

int tr__depthwise(const struct tr_conv *c)
{
	const struct tr_operand *y = c->y;
	struct depthwise d = {.c = c, .k = (size_t)c->w->shape[4], .narrow = narrow_fits(c),
			      .dense = tr__is_dense(c->x)};
	size_t lanes = c->dev->k->gemm[c->dtype].lanes, vectors;
	size_t total;
	int err;

	d.planes = (size_t)y->shape[0] * c->groups;
	if (!d.planes || !y->shape[3] || !y->shape[4])
		return 0;
	total = plan(&d);
	if (!total)
		return -TR_EOVERFLOW;
	err = tr__scratch(c->dev, total);
	if (err)
		return err;
	vectors = (size_t)y->shape[3] * tr__ceil_div((size_t)y->shape[4], lanes);
	if (d.narrow && 2 * ((size_t)y->shape[4] + d.k / 2) <= lanes)
		vectors = (vectors + 1) / 2; /* two rows in one */
	d.parts = tr__pool_parts(c->dev, (FMA_NS * (double)(d.k * d.k) + VECTOR_NS) * (double)d.planes * (double)vectors,
				 d.planes);
	tr__pool_run(c->dev, d.parts, run_part, &d);
	return 0;
}
