/* SPDX-License-Identifier: MIT */
/*
 * Computing a block of a planned matrix product on one thread. Loops, outermost first: nc columns, depth of k, mr rows,
 * kc of that depth, nr columns. So a block of the vector side stays in L2 and the rows of the scalar side in L1, and
 * every chain runs over k in order. By panels: mc rows, kc of k, nr columns, mr rows. So the rows stay in L2, a panel of the
 * vector side in L1, and that is read once for mc rows.
 */
#include "simd/gemm.h"

#define LINE 64 /* bytes of the cache's */
#define AHEAD 8 /* steps of k that a row of the vector side is fetched before its use */

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static char *element(const struct tr_matrix *x, size_t i, size_t j)
{
	ptrdiff_t offset = (ptrdiff_t)i * x->row + (ptrdiff_t)j * x->col;

	return x->addr + offset * (ptrdiff_t)tr_dtype_size(x->dtype);
}

/* rows × cols elements from [i,j], as an operand of two axes; turned: columns first. */
static struct tr_operand window(const struct tr_matrix *x, size_t i, size_t j, size_t rows, size_t cols, bool turned)
{
	struct tr_operand o = {.addr = element(x, i, j), .dtype = (uint8_t)x->dtype, .ndim = 2};

	o.shape[turned] = (int64_t)rows;
	o.shape[!turned] = (int64_t)cols;
	o.stride[turned] = x->row;
	o.stride[!turned] = x->col;
	return o;
}

/* runs runs of n elements, step elements apart, to runs of the type evaluated in, ld apart. */
static void convert_runs(const struct tr_gemm *g, enum tr_dtype from, char *to, size_t ld, const char *src, ptrdiff_t step,
			 size_t runs, size_t n)
{
	tr_cast_fn cast = g->dev->k->cast[from][g->dtype];

	for (; runs; runs--, to += ld * g->size, src += step * (ptrdiff_t)tr_dtype_size(from))
		cast(to, src, n);
}

/* Columns j … j+cols-1 of rows p … p+kc-1 of v as a panel: rows nr apart, or for dot the columns, kc apart. temp: room
 * for a panel of another type on its way. */
static void pack_panel(const struct tr_gemm *g, size_t p, size_t kc, size_t j, size_t cols, char *panel, char *temp)
{
	const struct tr_matrix *v = &g->v;
	bool turned = g->dot || v->row == 1;
	struct tr_operand o;
	const void *from;

	if (v->dtype == g->dtype) {
		g->kernel->copy2d(panel, (ptrdiff_t)g->nr, kc, cols, element(v, p, j), v->row, v->col);
		return;
	}
	if (!kc)
		return;
	if (v->row == 1) {
		convert_runs(g, v->dtype, g->dot ? panel : temp, kc, element(v, p, j), v->col, cols, kc);
		if (!g->dot)
			g->kernel->copy2d(panel, (ptrdiff_t)g->nr, kc, cols, temp, 1, (ptrdiff_t)kc);
		return;
	}
	o = window(v, p, j, kc, cols, turned);
	from = tr__load_range(g->dev, &o, 0, kc * cols, g->dtype, g->dot ? panel : temp);
	if (turned && !g->dot)
		g->kernel->copy2d(panel, (ptrdiff_t)g->nr, kc, cols, from, 1, (ptrdiff_t)kc);
	else if (!g->dot)
		g->kernel->copy2d(panel, (ptrdiff_t)g->nr, kc, cols, from, (ptrdiff_t)cols, 1);
}

static void pack_rows(const struct tr_gemm *g, size_t i, size_t rows, size_t p, size_t kc, char *to)
{
	const struct tr_matrix *s = &g->s;

	if (g->grouped) {
		tr__short_pack_rows(g, i, rows, to);
		return;
	}
	if (s->dtype == g->dtype) {
		g->kernel->copy2d(to, (ptrdiff_t)g->s_ld, rows, kc, element(s, i, p), s->row, s->col);
		return;
	}
	if (kc && s->col == 1) {
		convert_runs(g, s->dtype, to, g->s_ld, element(s, i, p), s->row, rows, kc);
		return;
	}
	for (size_t r = 0; r < rows && kc; r++, to += g->s_ld * g->size) {
		struct tr_operand o = window(s, i + r, p, 1, kc, false);

		tr__load_range(g->dev, &o, 0, kc, g->dtype, to);
	}
}

/* Rows from i on and columns [n0,n1), finished, from the buffer into c. */
static void store_rows(const struct tr_gemm *g, size_t i, size_t rows, size_t n0, size_t n1, char *ws)
{
	struct tr_operand o;

	if (g->c.dtype == g->dtype && g->c.row == 1) {
		g->kernel->copy2d(element(&g->c, i, n0), g->c.col, n1 - n0, rows, ws + g->at_c, 1,
				  (ptrdiff_t)(n1 - n0));
		return;
	}
	o = window(&g->c, i, n0, rows, n1 - n0, false);
	tr__store_range(g->dev, &o, 0, rows * (n1 - n0), g->dtype, ws + g->at_c, ws + g->at_x);
}

/* Rows that follow one another are one stream to fetch, a little with each step of k: the next row of tiles'. */
static bool dense_rows(const struct tr_gemm *g, const struct tr_gemm_tile *t)
{
	return g->s.col == 1 && !g->pack_s && !g->grouped && g->s.row == (ptrdiff_t)t->k;
}

/*
 * What the tile fetches as it goes. Weights that come from memory come once, so the first tile of a row fetches the next
 * row's; others fetch what they will need of v. Streaming, a few rows fetch the rows of v after these, but for L2.
 */
static void look_ahead(const struct tr_gemm *g, struct tr_gemm_tile *t, bool first)
{
	ptrdiff_t row = t->v_ld * (ptrdiff_t)g->size;

	t->ahead = t->v;
	t->ahead_step = 0;
	if (first && dense_rows(g, t)) {
		t->ahead = (const char *)t->s + t->mr * t->k * g->size;
		t->ahead_step = (ptrdiff_t)(t->mr * g->size);
	} else if (!g->stream) {
		t->ahead = (const char *)t->v + AHEAD * row;
		t->ahead_step = row;
	} else if (g->m <= TR_FEW) {
		for (size_t p = t->k; p < 2 * t->k; p++)
			for (size_t b = 0; b < g->nr * g->size; b += LINE)
				__builtin_prefetch((const char *)t->v + (ptrdiff_t)p * row + b, 0, 2);
	}
}

/* Chains of short types start from what lies behind their panel. */
static void start_behind(const struct tr_gemm *g, struct tr_gemm_tile *t, const char *v)
{
	const char *start = v + g->nr * g->k * g->size;
	bool filled = tr__short_start(g, t, start);

	t->c0 = filled ? t->c : start;
	t->c0_row = filled ? t->ldc : 0;
	t->c0_col = 1;
}

/* One row of tiles over k from p on; t has mr, k and the scalar side set. */
static void run_row(const struct tr_gemm *g, struct tr_gemm_tile *t, const char *v, ptrdiff_t panel, size_t i, size_t p,
		    size_t n0, size_t n1, char *buffer)
{
	const char *c0 = (const char *)g->c0 + (ptrdiff_t)i * g->c0_row * (ptrdiff_t)g->size;

	t->ldc = g->buffer_c ? (ptrdiff_t)(n1 - n0) : g->c.row;
	t->c0_row = p ? t->ldc : g->c0_row;
	t->c0_col = p ? 1 : g->c0_col;
	for (size_t j = n0; j < n1; j += g->nr, v += panel * (ptrdiff_t)g->size) {
		t->nr = min_size(g->nr, n1 - j);
		t->v = v;
		t->c = g->buffer_c ? buffer + (j - n0) * g->size : element(&g->c, i, j);
		t->c0 = p ? t->c : c0 + (ptrdiff_t)j * g->c0_col * (ptrdiff_t)g->size;
		if (g->extra)
			start_behind(g, t, v);
		look_ahead(g, t, j == n0);
		g->tile(t);
	}
}

/*
 * The block of v as t and *panel then say it lies. Rows of another type are converted as wide as the block and stay
 * rows: a call for every row of a panel would cost more than its elements.
 */
static const char *pack_block(const struct tr_gemm *g, struct tr_gemm_tile *t, ptrdiff_t *panel, size_t n0, size_t n1,
			      size_t p, size_t depth, char *ws)
{
	const struct tr_matrix *v = &g->v;

	if (g->wide_v) {
		*panel = (ptrdiff_t)g->nr;
		t->v_ld = (ptrdiff_t)g->v_ld;
		convert_runs(g, v->dtype, ws, g->v_ld, element(v, p, n0), v->row, depth, n1 - n0);
		return ws;
	}
	*panel = (ptrdiff_t)(g->nr * (depth + g->extra));
	t->v_ld = (ptrdiff_t)(g->dot ? depth : g->nr);
	if (g->grouped) {
		tr__short_pack_panels(g, n0, n1 - n0, ws);
		return ws;
	}
	for (size_t j = n0; j < n1; j += g->nr)
		pack_panel(g, p, depth, j, min_size(g->nr, n1 - j), ws + (j - n0) * (depth + g->extra) * g->size,
			   ws + g->at_x);
	return ws;
}

/* Columns [n0,n1), at most nc, and depth rows of the vector side from p on. */
static void run_block(const struct tr_gemm *g, size_t m0, size_t m1, size_t n0, size_t n1, size_t p, char *ws)
{
	size_t depth = min_size(g->depth, g->k - p);
	ptrdiff_t panel = g->v_panel;
	struct tr_gemm_tile t = {.v_ld = g->dot ? g->v.col : g->v.row};
	const char *v = element(&g->v, p, 0) + (ptrdiff_t)(n0 / g->nr) * panel * (ptrdiff_t)g->size;

	if (g->pack_v)
		v = pack_block(g, &t, &panel, n0, n1, p, depth, ws);
	for (size_t i = m0, held = 0; i < m1; i += g->mr) {
		size_t q = 0;

		t.mr = min_size(g->mr, m1 - i);
		do {
			t.k = min_size(g->kc, depth - q);
			t.s = element(&g->s, i, p + q);
			t.s_row = g->grouped ? g->s.row * (ptrdiff_t)tr_dtype_size(g->s.dtype) / (ptrdiff_t)g->size : g->s.row;
			t.s_k = g->s.col;
			if (g->pack_s || (g->grouped && t.mr % g->kernel->round)) {
				pack_rows(g, i, t.mr, p + q, t.k, ws + g->at_s);
				t.s = ws + g->at_s;
				t.s_row = (ptrdiff_t)g->s_ld;
				t.s_k = 1;
			}
			run_row(g, &t, v + (ptrdiff_t)q * (g->dot ? 1 : t.v_ld) * (ptrdiff_t)g->size, panel, i, p + q,
				n0, n1, ws + g->at_c + held * (n1 - n0) * g->size);
			q += t.k;
		} while (q < depth);
		held += t.mr;
		if (g->buffer_c && (held == g->c_rows || i + t.mr == m1)) {
			store_rows(g, i + t.mr - held, held, n0, n1, ws);
			held = 0;
		}
	}
}

static void enter(const struct tr_gemm *g)
{
	if (g->kernel->enter)
		g->kernel->enter();
}

static void leave(const struct tr_gemm *g)
{
	if (g->kernel->leave)
		g->kernel->leave();
}

/*
 * Rows [i0,i1) over kc of k from p on. The first tile that meets a panel fetches the next one, the others what they will
 * need of their own.
 */
static void run_panels(const struct tr_gemm *g, size_t i0, size_t i1, size_t n0, size_t n1, size_t p, char *ws)
{
	ptrdiff_t size = (ptrdiff_t)g->size;
	struct tr_gemm_tile t = {.k = min_size(g->kc, g->k - p), .s_row = g->s.row, .s_k = g->s.col, .ldc = g->c.row,
				 .v_ld = g->pack_v ? (ptrdiff_t)g->nr : g->v.row};
	const char *rows = element(&g->s, i0, p);

	if (g->pack_s) {
		rows = ws + g->at_s;
		t.s_row = (ptrdiff_t)g->s_ld;
		t.s_k = 1;
		pack_rows(g, i0, i1 - i0, p, t.k, ws + g->at_s);
	}
	t.ahead_step = t.v_ld * size;
	t.c0_row = p ? t.ldc : g->c0_row;
	t.c0_col = p ? 1 : g->c0_col;
	for (size_t j = n0; j < n1; j += g->nr) {
		t.nr = min_size(g->nr, n1 - j);
		t.v = g->pack_v ? ws : element(&g->v, p, j);
		if (g->pack_v)
			pack_panel(g, p, t.k, j, t.nr, ws, ws + g->at_x);
		t.ahead = g->pack_v ? t.v : (const char *)t.v + (ptrdiff_t)g->nr * size;
		for (size_t i = i0; i < i1; i += t.mr) {
			t.mr = min_size(g->mr, i1 - i);
			t.s = rows + (ptrdiff_t)(i - i0) * t.s_row * size;
			t.c = element(&g->c, i, j);
			t.c0 = p ? t.c : (const char *)g->c0 + ((ptrdiff_t)i * g->c0_row + (ptrdiff_t)j * g->c0_col) * size;
			g->tile(&t);
			t.ahead = (const char *)t.v + AHEAD * t.ahead_step;
		}
	}
}

static void run_all_panels(const struct tr_gemm *g, size_t m0, size_t m1, size_t n0, size_t n1, char *ws)
{
	for (size_t i = m0; i < m1; i += g->mc) {
		size_t p = 0;

		do {
			run_panels(g, i, min_size(i + g->mc, m1), n0, n1, p, ws);
			p += g->kc;
		} while (p < g->k);
	}
}

static void run_blocks(const struct tr_gemm *g, size_t m0, size_t m1, size_t n0, size_t n1, char *ws)
{
	for (size_t j = n0; j < n1; j += g->nc) {
		size_t p = 0;

		do {
			run_block(g, m0, m1, j, min_size(j + g->nc, n1), p, ws);
			p += g->depth;
		} while (p < g->k);
	}
}

void tr__gemm_run(const struct tr_gemm *g, size_t m0, size_t m1, size_t n0, size_t n1, void *ws)
{
	enter(g);
	if (g->panels)
		run_all_panels(g, m0, m1, n0, n1, ws);
	else
		run_blocks(g, m0, m1, n0, n1, ws);
	leave(g);
}

void tr__gemm_pack_part(const struct tr_gemm *g, size_t j0, size_t j1, void *panels, void *temp)
{
	size_t rows = g->k + g->extra;
	char *to = panels;

	enter(g);
	if (g->grouped)
		tr__short_pack_panels(g, j0, j1 - j0, to + j0 * rows * g->size);
	for (size_t j = j0; j < j1 && !g->grouped; j += g->nr)
		pack_panel(g, 0, g->k, j, min_size(g->nr, j1 - j), to + j * rows * g->size, temp);
	leave(g);
}

void tr__gemm_read(struct tr_gemm *g, void *panels)
{
	g->v = (struct tr_matrix){.addr = panels, .row = (ptrdiff_t)g->nr, .col = 1, .dtype = g->dtype};
	g->v_panel = (ptrdiff_t)(g->nr * (g->k + g->extra));
}

void tr__gemm_pack(struct tr_gemm *g, void *panels)
{
	size_t size = tr__ceil_div(g->n, g->nr) * g->nr * (g->k + g->extra) * g->size;

	tr__gemm_pack_part(g, 0, g->n, panels, (char *)panels + size);
	tr__gemm_read(g, panels);
}
