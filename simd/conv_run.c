/* SPDX-License-Identifier: MIT */
/*
 * Computing pieces of a planned convolution. As a matrix product: rows of weights times a block of the windows'
 * elements, which is packed panel by panel and never exists as a whole. Directly, where there are too few outputs to
 * share the packing: a kernel slides over the rows of the planes. Both continue every chain in the same order.
 */
#include "simd/conv.h"
#include "simd/strided.h"

/* The planes are read in place for so many tiles of outputs; packing would cost more than the strides do. */
#define PACK_ABOVE 8

/* Rows of outputs that the direct kernel takes at once on their way through a buffer. */
#define DIRECT_ROWS 2

struct piece {
	const struct tr_conv *c;
	const struct tr_conv_phase *f;
	int64_t image;
	size_t group, o0, o1, p0, p1;
	const char *x, *w, *c0; /* first plane, first weight row and start of the group */
	ptrdiff_t c0_row;
	size_t run;             /* columns that follow each other in the plane */
	char *ws;
};

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

bool tr__conv_dense(const struct tr_conv *c, const struct tr_conv_phase *f, int axis)
{
	int64_t inner = 1;

	if (c->y->dtype != c->dtype)
		return false;
	for (int i = 2; i >= axis; i--) {
		if (f->q[i] != 1 && c->y->stride[2 + i] * tr__conv_step(c, i) != inner)
			return false;
		inner *= f->q[i];
	}
	return true;
}

/* The outputs of one channel of the piece. */
static struct tr_operand outputs(const struct piece *u, size_t o)
{
	const struct tr_operand *y = u->c->y;
	struct tr_operand v = {.dtype = y->dtype, .ndim = 3};
	int64_t at = u->image * y->stride[0] + (int64_t)(u->group * u->c->cout + o) * y->stride[1];

	for (int i = 0; i < 3; i++) {
		at += u->f->first[i] * y->stride[2 + i];
		v.shape[i] = u->f->q[i];
		v.stride[i] = y->stride[2 + i] * tr__conv_step(u->c, i);
	}
	v.addr = (char *)y->addr + at * (int64_t)tr_dtype_size(y->dtype);
	return v;
}

/* ---- as a matrix product ---- */

static size_t run_length(const struct tr_conv *c, const struct tr_conv_phase *f)
{
	size_t run = (size_t)f->q[2];

	if (f->q[1] != 1 && tr__window_row(&c->window, 0, 1) != (ptrdiff_t)run)
		return run;
	run *= (size_t)f->q[1];
	if (f->q[0] != 1 && tr__window_row(&c->window, 1, 0) != (ptrdiff_t)run)
		return run;
	return run * (size_t)f->q[0];
}

/* Where column p begins in a plane, in elements. */
static ptrdiff_t column(const struct piece *u, size_t p)
{
	size_t off = p % u->run, line = (p - off) / (size_t)u->f->q[2];

	return tr__window_row(&u->c->window, (int64_t)line / u->f->q[1], (int64_t)line % u->f->q[1]) + (ptrdiff_t)off;
}

/* The windows' elements of columns [p, p+n) and `channels` channels as a panel, rows nr apart. */
static void pack_panel(const struct piece *u, const char *x, size_t channels, size_t p, size_t n, char *panel)
{
	const struct tr_conv *c = u->c;
	const ptrdiff_t *at = (const ptrdiff_t *)tr__conv_shared(c, c->at_taps) + u->f->at;
	tr_copy2d_fn copy2d = c->dev->k->gemm[c->dtype].copy2d;
	size_t taps = u->f->taps, len;

	for (size_t done = 0; done < n; done += len) {
		const char *from = x + column(u, p + done) * (ptrdiff_t)c->size;

		len = min_size(u->run - (p + done) % u->run, n - done);
		for (size_t t = 0; t < taps; t++)
			copy2d(panel + (t * c->nr + done) * c->size, (ptrdiff_t)(taps * c->nr), channels, len,
			       from + at[t] * (ptrdiff_t)c->size, c->window.channel, 1);
	}
}

/* A block of channels from ch on, for columns [p,p+cols): all outputs of the piece. */
static void run_block(const struct piece *u, size_t ch, size_t p, size_t cols, bool dense)
{
	const struct tr_conv *c = u->c;
	size_t channels = min_size(c->depth, c->cin - ch), k = u->f->taps * c->cin, size = c->size;
	const char *x = u->x + (ptrdiff_t)ch * c->window.channel * (ptrdiff_t)size, *v = u->ws;
	struct tr_gemm_tile t = {.k = channels * u->f->taps, .s_row = (ptrdiff_t)k, .s_k = 1, .v_ld = (ptrdiff_t)c->nr};
	size_t panel = c->nr * t.k * size;

	if (u->f->taps == 1 && u->run >= u->p1 && c->cout <= PACK_ABOVE * c->mr) {
		const ptrdiff_t *at = (const ptrdiff_t *)tr__conv_shared(c, c->at_taps) + u->f->at;

		v = x + (*at + column(u, p)) * (ptrdiff_t)size;
		t.v_ld = c->window.channel;
		panel = c->nr * size;
	} else {
		for (size_t j = 0; j < cols; j += c->nr)
			pack_panel(u, x, channels, p + j, min_size(c->nr, cols - j), u->ws + j / c->nr * panel);
	}
	t.ldc = dense ? (ptrdiff_t)c->y->stride[1] : (ptrdiff_t)c->nr;
	t.c0_row = ch ? t.ldc : u->c0_row;
	t.c0_col = ch != 0;
	for (size_t o = u->o0; o < u->o1; o += c->mr) {
		char *y = dense ? (char *)outputs(u, o).addr + p * size : u->ws + c->at_c + (o - u->o0) * c->nr * size;

		t.mr = min_size(c->mr, u->o1 - o);
		t.s = u->w + (o * k + ch * u->f->taps) * size;
		for (size_t j = 0; j < cols; j += c->nr) {
			t.nr = min_size(c->nr, cols - j);
			t.v = v + j / c->nr * panel;
			t.c = y + j * size;
			t.c0 = ch ? t.c : u->c0 + (ptrdiff_t)o * u->c0_row * (ptrdiff_t)size;
			c->dev->k->gemm[c->dtype].tile(&t);
		}
	}
}

/* Columns [p,p+cols) of all outputs of the piece from rows nr apart to where they lie, line by line. */
static void store_columns(const struct piece *u, size_t p, size_t cols)
{
	const struct tr_conv *c = u->c;
	size_t width = (size_t)u->f->q[2], high = (size_t)u->f->q[1], len, size = tr_dtype_size(c->y->dtype);

	for (size_t done = 0; done < cols; done += len) {
		size_t line = (p + done) / width, off = (p + done) % width;
		struct tr_operand y = outputs(u, u->o0);
		int64_t at = (int64_t)(line / high) * y.stride[0] + (int64_t)(line % high) * y.stride[1] +
			     (int64_t)off * y.stride[2];
		struct tr_operand run = {.addr = (char *)y.addr + at * (int64_t)size, .dtype = y.dtype, .ndim = 1,
					 .stride = {y.stride[2]}};
		const char *from = u->ws + c->at_c + done * c->size;

		len = min_size(width - off, cols - done);
		run.shape[0] = (int64_t)len;
		for (size_t o = u->o0; o < u->o1; o++, from += c->nr * c->size) {
			if (y.dtype == c->dtype)
				tr__copy_run(run.addr, run.stride[0], from, 1, len, size);
			else
				tr__store_range(c->dev, &run, 0, len, c->dtype, from, u->ws + c->at_store);
			run.addr = (char *)run.addr + c->y->stride[1] * (int64_t)size;
		}
	}
}

static void run_product(struct piece *u)
{
	const struct tr_conv *c = u->c;
	bool dense = tr__conv_dense(c, u->f, 0);
	size_t nc = dense ? c->nc : c->nr;

	u->run = run_length(c, u->f);
	for (size_t p = u->p0; p < u->p1; p += nc) {
		size_t cols = min_size(nc, u->p1 - p), ch = 0;

		do {
			run_block(u, ch, p, cols, dense);
			ch += c->depth;
		} while (ch < c->cin);
		if (!dense)
			store_columns(u, p, cols);
	}
}

/* ---- directly ---- */

/* Outputs [o0,o1) at depth d. */
static void slide(const struct piece *u, int64_t d)
{
	const struct tr_conv *c = u->c;
	const struct tr_window *w = &c->window;
	bool dense = tr__conv_dense(c, u->f, 2);
	size_t rows = (size_t)u->f->q[1], step = dense ? rows : DIRECT_ROWS, cols = (size_t)u->f->q[2];
	struct tr_taps t = {.cols = cols,
			    .taps = u->f->taps * c->cin,
			    .x_row = tr__window_row(w, 0, 1),
			    .at = (const ptrdiff_t *)tr__conv_shared(c, c->at_direct) + u->f->at * c->cin};

	for (size_t o = u->o0; o < u->o1; o++) {
		struct tr_operand y = outputs(u, o);

		t.w = u->w + o * t.taps * c->size;
		t.start = u->c0 + (ptrdiff_t)o * u->c0_row * (ptrdiff_t)c->size;
		t.y_row = dense ? (ptrdiff_t)y.stride[1] : (ptrdiff_t)cols;
		for (size_t h = 0; h < rows; h += step) {
			t.rows = min_size(step, rows - h);
			t.x = u->x + tr__window_row(w, d, (int64_t)h) * (ptrdiff_t)c->size;
			t.y = dense ? (char *)y.addr + d * y.stride[0] * (int64_t)c->size : u->ws;
			c->dev->k->taps_fma[c->dtype](&t);
			if (!dense)
				tr__store_range(c->dev, &y, (d * u->f->q[1] + (int64_t)h) * u->f->q[2], t.rows * cols,
						c->dtype, u->ws, u->ws + c->at_store);
		}
	}
}

/* The planes of the piece's group into the worker's scratch, where the kernel finds them in cache. */
static const char *copy_planes(const struct piece *u, size_t first)
{
	const struct tr_conv *c = u->c;
	char *to = u->ws + c->at_own;

	for (size_t ch = 0; ch < c->cin; ch++)
		tr__window_copy(&c->window, u->image, (int64_t)(first + ch), to + ch * c->window.plane,
				u->ws + c->at_buf);
	return to;
}

void tr__conv_unit(const struct tr_conv *c, size_t unit, void *ws)
{
	static const double zero;
	struct piece u = {.c = c, .ws = ws, .c0 = (const char *)&zero};
	size_t pixels, channel;

	u.p0 = unit % c->p_units * c->p_step;
	unit /= c->p_units;
	u.o0 = unit % c->o_units * c->o_step;
	unit /= c->o_units;
	u.group = unit % c->groups;
	unit /= c->groups;
	u.image = c->image + (int64_t)(unit % (size_t)c->images);
	u.f = &tr__conv_phases(c)[unit / (size_t)c->images];
	pixels = (size_t)(u.f->q[0] * (c->direct ? 1 : u.f->q[1] * u.f->q[2]));
	u.p1 = min_size(u.p0 + c->p_step, pixels);
	u.o1 = min_size(u.o0 + c->o_step, c->cout);

	channel = u.group * c->cin;
	if (c->own_planes)
		u.x = copy_planes(&u, channel);
	else if (c->window.in_place)
		u.x = (const char *)c->x->addr +
		      ((ptrdiff_t)u.image * c->window.image + (ptrdiff_t)channel * c->window.channel) *
			      (ptrdiff_t)c->size;
	else
		u.x = tr__conv_shared(c, c->at_planes) +
		      ((size_t)(u.image - c->image) * c->groups * c->cin + channel) * c->window.plane;
	u.w = (c->ready_weights ? (const char *)c->w->addr : tr__conv_shared(c, c->at_weights)) +
	      (u.f->weights + u.group * c->cout * u.f->taps * c->cin) * c->size;
	if (c->bias) {
		u.c0 = (c->ready_bias ? (const char *)c->bias->addr : tr__conv_shared(c, c->at_bias)) +
		       u.group * c->cout * c->size;
		u.c0_row = 1;
	}
	if (!c->direct)
		run_product(&u);
	for (size_t d = u.p0; d < u.p1 && c->direct; d++)
		slide(&u, (int64_t)d);
}
