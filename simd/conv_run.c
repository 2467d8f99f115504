/* SPDX-License-Identifier: MIT */
/*
 * Computing pieces of a planned convolution. With outputs in the lanes: a panel of weights is turned, so that those of
 * one step of the chain lie side by side, and meets the elements of the windows where they lie in the planes; results
 * are turned back. Directly, where there are too few outputs for that: a kernel slides over the rows of the planes, with
 * pixels in the lanes.
 */
#include "simd/conv.h"
#include "simd/strided.h"

/* Rows of outputs that the direct kernel takes at once on their way through a buffer. */
#define DIRECT_ROWS 2

struct piece {
	const struct tr_conv *c;
	const struct tr_conv_phase *f;
	int64_t image;
	size_t group, o0, o1, p0, p1;
	const char *x, *w, *c0; /* first plane, first weight row and start of the group */
	const char *panel;      /* the weights of [o0,o1) */
	ptrdiff_t c0_row;
	size_t run;             /* columns that follow each other in the plane */
	ptrdiff_t step;         /* so many elements apart */
	ptrdiff_t origin;       /* where in the plane what there is of it begins */
	char *ws;
};

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static int64_t min_i64(int64_t a, int64_t b)
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

/* ---- outputs in the lanes ---- */

static void set_run(struct piece *u)
{
	const struct tr_window *w = &u->c->window;
	const ptrdiff_t pitch[2] = {tr__window_row(w, 1, 0), tr__window_row(w, 0, 1)};

	u->run = (size_t)u->f->q[2];
	u->step = (ptrdiff_t)w->step;
	for (int i = 1; i >= 0; i--) {
		if (u->f->q[i] == 1)
			continue;
		if (u->run == 1)
			u->step = pitch[i];
		else if (pitch[i] != (ptrdiff_t)u->run * u->step)
			return;
		u->run *= (size_t)u->f->q[i];
	}
}

/* Where column p begins in a plane, in elements. */
static ptrdiff_t column(const struct piece *u, size_t p)
{
	size_t off = p % u->run, line = (p - off) / (size_t)u->f->q[2];

	return tr__window_row(&u->c->window, (int64_t)line / u->f->q[1], (int64_t)line % u->f->q[1]) +
	       (ptrdiff_t)off * u->step;
}

/* Outputs of columns [p,p+cols), a column's next to each other. y: where those of the first output lie one after the other,
 * which are fetched meanwhile, or NULL. */
static void make_columns(const struct piece *u, size_t p, size_t cols, const char *y)
{
	const struct tr_conv *c = u->c;
	const struct tr_gemm_kernel *kernel = &c->dev->k->gemm[c->dtype];
	size_t size = c->size, mr, left = u->run - p % u->run;
	ptrdiff_t at = column(u, p) - u->origin, line = (ptrdiff_t)c->y->stride[1] * (ptrdiff_t)size;
	struct tr_gemm_tile t = {.nr = u->o1 - u->o0, .k = u->f->taps * c->cin, .s_row = u->step,
				 .at = (const ptrdiff_t *)(const void *)tr__conv_shared(c, c->at_list) + u->f->at * c->cin,
				 .v = u->panel, .v_ld = (ptrdiff_t)c->nr, .ldc = (ptrdiff_t)c->nr,
				 .c0 = u->c0 + (ptrdiff_t)u->o0 * u->c0_row * (ptrdiff_t)size, .c0_col = u->c0_row};

	for (size_t done = 0; done < cols; done += mr) {
		if (!left) {
			left = u->run;
			at = column(u, p + done) - u->origin;
		}
		mr = min_size(left, cols - done);
		if (mr > kernel->mr)
			mr = tr__ceil_div(mr, tr__ceil_div(mr, kernel->mr));
		for (size_t o = 0; o < t.nr && y; o++)
			__builtin_prefetch(y + (ptrdiff_t)o * line + (ptrdiff_t)(done * size), 1);
		t.mr = mr;
		t.s = u->x + at * (ptrdiff_t)size;
		t.c = u->ws + c->at_c + done * c->nr * size;
		kernel->list(&t);
		at += (ptrdiff_t)mr * u->step;
		left -= mr;
	}
}

/* Columns [p,p+cols) from lines of as many to where they lie. */
static void store_columns(const struct piece *u, size_t p, size_t cols, const char *lines)
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
		const char *from = lines + done * c->size;

		len = min_size(width - off, cols - done);
		run.shape[0] = (int64_t)len;
		for (size_t o = u->o0; o < u->o1; o++, from += cols * c->size) {
			if (y.dtype == c->dtype)
				tr__copy_run(run.addr, run.stride[0], from, 1, len, size);
			else
				tr__store_range(c->dev, &run, 0, len, c->dtype, from, u->ws + c->at_store);
			run.addr = (char *)run.addr + c->y->stride[1] * (int64_t)size;
		}
	}
}

/* A panel of outputs of all the piece's columns in one image. */
static void run_panel(const struct piece *u)
{
	const struct tr_conv *c = u->c;
	bool dense = tr__conv_dense(c, u->f, 0);
	tr_copy2d_fn copy2d = c->dev->k->gemm[c->dtype].copy2d;
	size_t cols;

	for (size_t p = u->p0; p < u->p1; p += cols) {
		char *to = u->ws + c->at_turned;

		cols = min_size(TR_CONV_PIXELS, u->p1 - p);
		if (dense)
			to = (char *)outputs(u, u->o0).addr + p * c->size;
		make_columns(u, p, cols, dense ? to : NULL);
		copy2d(to, dense ? (ptrdiff_t)c->y->stride[1] : (ptrdiff_t)cols, u->o1 - u->o0, cols, u->ws + c->at_c, 1,
		       (ptrdiff_t)c->nr);
		if (!dense)
			store_columns(u, p, cols, to);
	}
}

/* ---- directly ---- */

/* Rows [h0,h1) of outputs at depth d, columns [w0,w1) of them. */
struct band {
	int64_t d, h0, h1, w0, w1;
};

/* Where its pixels begin, in the planes. */
static const char *band_input(const struct piece *u, const struct band *b)
{
	return u->x + (tr__window_row(&u->c->window, b->d, b->h0) + (ptrdiff_t)b->w0 - u->origin) *
			      (ptrdiff_t)u->c->size;
}

/* Output by output. */
static void slide(const struct piece *u, const struct band *b)
{
	const struct tr_conv *c = u->c;
	bool dense = tr__conv_dense(c, u->f, 2);
	size_t rows = (size_t)(b->h1 - b->h0), step = dense ? rows : DIRECT_ROWS, cols = (size_t)(b->w1 - b->w0);
	struct tr_taps t = {.cols = cols,
			    .taps = u->f->taps * c->cin,
			    .x_row = tr__window_row(&c->window, 0, 1),
			    .at = (const ptrdiff_t *)tr__conv_shared(c, c->at_list) + u->f->at * c->cin};

	for (size_t o = u->o0; o < u->o1; o++) {
		struct tr_operand y = outputs(u, o);
		int64_t at = b->d * y.stride[0] + b->h0 * y.stride[1] + b->w0 * y.stride[2];

		t.w = u->w + o * t.taps * c->size;
		t.start = u->c0 + (ptrdiff_t)o * u->c0_row * (ptrdiff_t)c->size;
		t.y_row = dense ? (ptrdiff_t)y.stride[1] : (ptrdiff_t)cols;
		for (size_t h = 0; h < rows; h += step) {
			t.rows = min_size(step, rows - h);
			t.x = band_input(u, b) + (ptrdiff_t)h * t.x_row * (ptrdiff_t)c->size;
			t.y = dense ? (char *)y.addr + at * (int64_t)c->size : u->ws;
			c->dev->k->taps_fma[c->dtype](&t);
			if (!dense)
				tr__store_range(c->dev, &y,
						(b->d * u->f->q[1] + b->h0 + (int64_t)h) * u->f->q[2] + b->w0,
						t.rows * cols, c->dtype, u->ws, u->ws + c->at_store);
		}
	}
}

/* A vector of a band: its first pixel. */
struct place {
	size_t row, col;
};

/* The one behind p, the last of all again behind itself. The last of a row ends at its end: what is computed twice has the
 * same bits. */
static struct place next_place(struct place p, size_t rows, size_t cols, size_t lanes)
{
	if (p.col + lanes < cols)
		return (struct place){p.row, min_size(p.col + lanes, cols - lanes)};
	return p.row + 1 < rows ? (struct place){p.row + 1, 0} : p;
}

/* Several outputs of two vectors of pixels at a time. */
static void slide_tiles(const struct piece *u, const struct band *b)
{
	const struct tr_conv *c = u->c;
	const struct tr_gemm_kernel *kernel = &c->dev->k->gemm[c->dtype];
	const struct tr_operand y = outputs(u, 0);
	const ptrdiff_t size = (ptrdiff_t)c->size, x_row = tr__window_row(&c->window, 0, 1), y_row = (ptrdiff_t)y.stride[1];
	size_t lanes = kernel->lanes, cols = (size_t)(b->w1 - b->w0), rows = (size_t)(b->h1 - b->h0);
	size_t pairs = (rows * tr__ceil_div(cols, lanes) + 1) / 2;
	const char *x = band_input(u, b);
	char *to = (char *)y.addr + (b->d * y.stride[0] + b->h0 * y.stride[1] + b->w0) * (int64_t)size;
	struct tr_gemm_tile t = {.nr = 2 * lanes, .k = u->f->taps * c->cin, .s_row = (ptrdiff_t)(u->f->taps * c->cin), .s_k = 1,
				 .at = (const ptrdiff_t *)(const void *)tr__conv_shared(c, c->at_list) + u->f->at * c->cin,
				 .c0_row = u->c0_row, .ldc = (ptrdiff_t)c->y->stride[1], .ahead_step = (ptrdiff_t)c->y->stride[1] * size};

	for (size_t o = u->o0; o < u->o1; o += t.mr) {
		char *line = to + (ptrdiff_t)o * t.ldc * size;
		struct place p = {0, 0}, q;

		t.mr = tr__ceil_div(u->o1 - o, tr__ceil_div(u->o1 - o, kernel->mr));
		t.s = u->w + o * t.k * c->size;
		t.c0 = u->c0 + (ptrdiff_t)o * u->c0_row * size;
		for (size_t i = 0; i < pairs; i++, p = next_place(q, rows, cols, lanes)) {
			q = next_place(p, rows, cols, lanes);
			t.v = x + ((ptrdiff_t)p.row * x_row + (ptrdiff_t)p.col) * size;
			t.v_next = (ptrdiff_t)(q.row - p.row) * x_row + (ptrdiff_t)q.col - (ptrdiff_t)p.col;
			t.c = line + ((ptrdiff_t)p.row * y_row + (ptrdiff_t)p.col) * size;
			t.c_next = (ptrdiff_t)(q.row - p.row) * y_row + (ptrdiff_t)q.col - (ptrdiff_t)p.col;
			t.ahead = (char *)t.c + 2 * t.c_next * size;
			kernel->slide(&t);
		}
	}
}

static void run_direct(const struct piece *u)
{
	const struct tr_conv *c = u->c;
	struct band b = {.h1 = 1, .w0 = (int64_t)u->p0, .w1 = (int64_t)u->p1};
	int64_t high = u->f->q[1], last;

	for (int64_t p = (int64_t)u->p0; p < (int64_t)u->p1; p = last) {
		last = (int64_t)u->p1;
		if (c->lines) {
			last = min_i64(last, (p / high + 1) * high);
			b = (struct band){.d = p / high, .h0 = p % high, .h1 = last - p / high * high, .w1 = u->f->q[2]};
		}
		if (c->tiles && b.w1 - b.w0 >= c->dev->k->gemm[c->dtype].lanes)
			slide_tiles(u, &b);
		else
			slide(u, &b);
	}
}

/* What the piece's outputs meet of the planes. */
static struct tr_window_part part_read(const struct piece *u)
{
	const struct tr_window *w = &u->c->window;
	int64_t width = u->c->lines ? 1 : u->f->q[2], first = (int64_t)u->p0 / width, last = ((int64_t)u->p1 - 1) / width;
	int64_t high = u->f->q[1];
	struct tr_window_part r = {.d1 = w->extent[0], .h1 = w->extent[1], .w1 = w->width};

	r.d0 = first / high * w->stride[0];
	r.d1 = min_i64(w->extent[0], last / high * w->stride[0] + u->c->reach[0]);
	if (first / high == last / high) {
		r.h0 = first % high * w->stride[1];
		r.h1 = min_i64(w->extent[1], last % high * w->stride[1] + u->c->reach[1]);
	}
	if (first == last && !u->c->lines && !u->c->transposed)
		tr__window_columns(w, (int64_t)u->p0 % width, ((int64_t)u->p1 - 1) % width + 1, &r);
	return r;
}

/* That of the piece's group and images into the worker's scratch, where the kernel finds it in cache. */
static void copy_planes(struct piece *u, int64_t last)
{
	const struct tr_conv *c = u->c;
	struct tr_window_part part = part_read(u);
	char *to = u->ws + c->at_own;

	u->origin = (ptrdiff_t)part.d0 * c->window.slab + (ptrdiff_t)part.h0 * c->window.row;
	for (int64_t i = u->image; i < last; i++)
		for (size_t ch = 0; ch < c->cin; ch++, to += c->channel * (ptrdiff_t)c->size)
			tr__window_copy_part(&c->window, i, (int64_t)(u->group * c->cin + ch), &part, to,
					     u->ws + c->at_buf);
}

/* Where the planes of the piece's group of image number i of its images begin. */
static const char *planes_of(const struct piece *u, int64_t i)
{
	const struct tr_conv *c = u->c;
	ptrdiff_t first = (ptrdiff_t)(u->group * c->cin);

	if (c->own_planes)
		return u->ws + c->at_own + (ptrdiff_t)i * (ptrdiff_t)c->cin * c->channel * (ptrdiff_t)c->size;
	if (c->window.in_place)
		return (const char *)c->x->addr +
		       ((ptrdiff_t)(u->image + i) * c->window.image + first * c->channel) * (ptrdiff_t)c->size;
	return tr__conv_shared(c, c->at_planes) +
	       ((ptrdiff_t)(u->image + i - c->image) * (ptrdiff_t)(c->groups * c->cin) + first) * c->channel *
		       (ptrdiff_t)c->size;
}

void tr__conv_pack(const struct tr_conv *c, const struct tr_conv_phase *f, const char *w, size_t o, char *panel)
{
	size_t row = f->taps * c->cin;

	c->dev->k->gemm[c->dtype].copy2d(panel, (ptrdiff_t)c->nr, row, min_size(c->nr, c->cout - o), w + o * row * c->size, 1,
					 (ptrdiff_t)row);
}

/* Panels one after the other meet the same planes, which stay in cache. */
static void run_panels(struct piece *u, int64_t images)
{
	const struct tr_conv *c = u->c;
	size_t last = u->o1;

	set_run(u);
	for (; u->o0 < last; u->o0 = u->o1) {
		u->o1 = min_size(u->o0 + c->nr, last);
		u->panel = c->panels ? tr__conv_panel(c, u->f, u->group, u->o0) : u->ws + c->at_panel;
		if (!c->panels)
			tr__conv_pack(c, u->f, u->w, u->o0, u->ws + c->at_panel);
		for (int64_t i = 0; i < images; i++) {
			struct piece one = *u;

			one.x = planes_of(u, i);
			one.image += i;
			run_panel(&one);
		}
	}
}

void tr__conv_unit(const struct tr_conv *c, size_t unit, void *ws)
{
	static const double zero;
	struct piece u = {.c = c, .ws = ws, .c0 = (const char *)&zero};
	size_t pixels;
	int64_t last;

	u.o0 = unit % c->o_units * c->o_step;
	unit /= c->o_units;
	u.group = unit % c->groups;
	unit /= c->groups;
	u.p0 = unit % c->p_units * c->p_step;
	unit /= c->p_units;
	u.image = c->image + (int64_t)(unit % c->i_units) * c->i_step;
	u.f = &tr__conv_phases(c)[unit / c->i_units];
	pixels = (size_t)(u.f->q[0] * u.f->q[1] * (c->lines ? 1 : u.f->q[2]));
	if (u.p0 >= pixels)
		return;
	u.p1 = min_size(u.p0 + c->p_step, pixels);
	u.o1 = min_size(u.o0 + c->o_step, c->cout);
	u.w = tr__conv_rows(c, u.f, u.group);
	if (c->bias) {
		u.c0 = (c->ready_bias ? (const char *)c->bias->addr : tr__conv_shared(c, c->at_bias)) +
		       u.group * c->cout * c->size;
		u.c0_row = 1;
	}
	last = min_i64(u.image + c->i_step, c->image + c->images);
	if (c->own_planes)
		copy_planes(&u, last);
	if (!c->direct) {
		run_panels(&u, last - u.image);
		return;
	}
	u.x = planes_of(&u, 0);
	run_direct(&u);
}
