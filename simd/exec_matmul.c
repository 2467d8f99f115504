/* SPDX-License-Identifier: MIT */
/*
 * The MATMUL and LINEAR families: a batch of matrix products, merged into fewer and taller ones where the strides
 * allow it, cut into parts and given to the pool. How one product runs is simd/gemm's business.
 */
#include "simd/gemm.h"

/* Sides of the product. */
enum { A, B, C, SIDES };

struct batch {
	struct tr_gemm g;
	int ndim;
	int64_t shape[TR_MAX_RANK];
	int64_t stride[SIDES][TR_MAX_RANK];
	size_t count;            /* products */
	size_t rows, cols;       /* tiles of one */
	size_t m_units, n_units; /* units per product */
	size_t units, parts;
	void **scratch;
};

/* A vector as a matrix of one row. */
static struct tr_operand as_matrix(const struct tr_operand *o)
{
	struct tr_operand r = *o;

	if (r.ndim == 1) {
		r.ndim = 2;
		r.shape[1] = r.shape[0];
		r.stride[1] = r.stride[0];
		r.shape[0] = 1;
	}
	return r;
}

/* Takes the batch's axes from the operands; a linear weight w has none. */
static void set_batch(struct batch *b, const struct tr_operand *c, const struct tr_operand *a,
		      const struct tr_operand *w, bool linear)
{
	b->ndim = c->ndim - 2;
	for (int d = 0; d < b->ndim; d++) {
		b->shape[d] = c->shape[d];
		b->stride[A][d] = a->stride[d];
		b->stride[B][d] = linear ? 0 : w->stride[d];
		b->stride[C][d] = c->stride[d];
	}
}

/* Turns inner batch axes that B does not vary over, and that continue the rows of A and C, into rows. */
static void merge_rows(struct batch *b)
{
	struct tr_gemm *g = &b->g;

	while (b->ndim) {
		int d = b->ndim - 1;

		if (b->shape[d] != 1) {
			if (b->stride[B][d])
				return;
			if (g->m == 1) {
				g->s.row = b->stride[A][d];
				g->c.row = b->stride[C][d];
			} else if (b->stride[A][d] != g->s.row * (ptrdiff_t)g->m ||
				   b->stride[C][d] != g->c.row * (ptrdiff_t)g->m) {
				return;
			}
			g->m *= (size_t)b->shape[d];
		}
		b->ndim = d;
	}
}

/* The product of batch index i. */
static void seek(const struct batch *b, size_t i, struct tr_gemm *g)
{
	int64_t offset[SIDES] = {0};

	for (int d = b->ndim - 1; d >= 0; d--) {
		int64_t at = (int64_t)(i % (size_t)b->shape[d]);

		i /= (size_t)b->shape[d];
		for (int side = 0; side < SIDES; side++)
			offset[side] += at * b->stride[side][d];
	}
	g->s.addr += offset[g->swapped ? B : A] * (int64_t)tr_dtype_size(g->s.dtype);
	g->v.addr += offset[g->swapped ? A : B] * (int64_t)tr_dtype_size(g->v.dtype);
	g->c.addr += offset[C] * (int64_t)tr_dtype_size(g->c.dtype);
}

/* Where piece i of pieces begins, of n that are cut as evenly as may be. */
static size_t piece(size_t n, size_t pieces, size_t i)
{
	return n / pieces * i + (i < n % pieces ? i : n % pieces);
}

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void run_part(void *arg, size_t part, unsigned worker)
{
	const struct batch *b = arg;
	size_t u = piece(b->units, b->parts, part), last = piece(b->units, b->parts, part + 1);

	for (; u < last; u++) {
		size_t i = u / b->n_units % b->m_units, j = u % b->n_units;
		struct tr_gemm g = b->g;

		seek(b, u / b->n_units / b->m_units, &g);
		tr__gemm_run(&g, piece(b->rows, b->m_units, i) * g.mr, min_size(piece(b->rows, b->m_units, i + 1) * g.mr, g.m),
			     piece(b->cols, b->n_units, j) * g.nr, min_size(piece(b->cols, b->n_units, j + 1) * g.nr, g.n),
			     b->scratch[worker]);
	}
}

/* Units for each thread that are parts one by one. */
#define PARTS_MOST 8

/* A product takes so long on each thread that there are units to take from a thread that is held up. */
#define BALANCE_NS 20e6
#define BALANCE_UNITS 2

/*
 * Cuts products into about as many units as there are threads: each unit more reads or packs again what others do, and
 * several of a thread are seldom equal. want: units that are worth handing out.
 */
static void cut(struct batch *b, size_t want, double ns)
{
	const struct tr_gemm *g = &b->g;
	size_t threads = g->dev->threads, units = min_size(want, threads);
	double best = 0;

	if (want > threads && ns > BALANCE_NS * (double)threads)
		units *= BALANCE_UNITS;
	else if (g->stream && g->m > TR_FEW) /* c, written in every step, stays in L1 */
		units = min_size(want, BALANCE_UNITS * threads);
	if (b->count >= want || b->count % threads == 0)
		units = 1;
	b->m_units = b->n_units = 1;
	for (size_t m = 1; m <= units && units > 1; m++) {
		size_t m_units = min_size(m, b->rows), n_units = min_size(units / m, b->cols);
		double cost = tr__gemm_cost(g, tr__ceil_div(b->rows, m_units) * g->mr, tr__ceil_div(b->cols, n_units) * g->nr);

		if (units % m || (best && cost >= best))
			continue;
		best = cost;
		b->m_units = m_units;
		b->n_units = n_units;
	}
}

struct packing {
	const struct tr_gemm *g;
	char *panels;
	size_t parts;
};

static void pack_part(void *arg, size_t part, unsigned worker)
{
	const struct packing *p = arg;
	const struct tr_gemm *g = p->g;
	size_t step = tr__ceil_div(tr__ceil_div(g->n, g->nr), p->parts) * g->nr, j = part * step;

	if (j < g->n)
		tr__gemm_pack_part(g, j, j + step < g->n ? j + step : g->n, p->panels, g->dev->scratch[worker]);
}

/* Nanoseconds in which a core packs an element of weights, first touch of their new memory included. */
#define PACK_NS 2.0

/* Plans to read a frozen operand from the panels kept of it, making them if it is time to. False: to be planned without. */
static bool plan_kept(struct tr_device *dev, struct batch *b)
{
	struct tr_gemm g = b->g;
	struct packing p = {.g = &g};
	size_t size, temp;
	bool fresh;

	for (int d = 0; d < b->ndim; d++) {
		if (b->stride[A][d])
			g.s.frozen = NULL;
		if (b->stride[B][d])
			g.v.frozen = NULL;
	}
	if ((!g.s.frozen && !g.v.frozen) || tr__gemm_plan_kept(&g, &size, &temp) || !size || tr__scratch(dev, temp))
		return false;
	p.panels = tr__gemm_kept(&g, size, &fresh);
	if (!p.panels)
		return false;
	if (fresh) {
		p.parts = tr__pool_parts(dev, (double)g.n * (double)g.elements * PACK_NS, tr__ceil_div(g.n, g.nr));
		tr__pool_run(dev, p.parts, pack_part, &p);
	}
	tr__gemm_read(&g, p.panels);
	b->g = g;
	return true;
}

/* A bias that is not dense, or of another type, is copied behind worker 0's workspace, where all workers read it. */
static int run(struct tr_device *dev, struct batch *b, const struct tr_operand *bias)
{
	struct tr_gemm *g = &b->g;
	size_t most = b->count, size, bias_size;
	double ns;
	int err = plan_kept(dev, b) ? 0 : tr__gemm_plan(g);

	if (err)
		return err;
	b->rows = tr__ceil_div(g->m, g->mr);
	b->cols = tr__ceil_div(g->n, g->nr);
	if (__builtin_mul_overflow(most, b->rows * b->cols, &most))
		return -TR_EOVERFLOW;
	ns = tr__gemm_ns(g) * (double)b->count;
	b->parts = tr__pool_parts(dev, ns, most);
	cut(b, b->parts, ns);
	b->units = b->count * b->m_units * b->n_units;
	b->parts = b->parts > 1 && b->units <= PARTS_MOST * dev->threads ? b->units : min_size(b->parts, b->units);

	bias_size = bias ? (size_t)bias->shape[0] * g->size : 0;
	if (__builtin_add_overflow(g->workspace, bias_size, &size))
		return -TR_EOVERFLOW;
	err = tr__scratch(dev, size);
	if (err)
		return err;
	if (bias)
		g->c0 = tr__load_range(dev, bias, 0, (size_t)bias->shape[0], g->dtype,
				       (char *)dev->scratch[0] + g->workspace);
	b->scratch = dev->scratch;
	if (b->parts == 1)
		run_part(b, 0, 0);
	else
		tr__pool_run(dev, b->parts, run_part, b);
	return 0;
}

/* Multiply-adds of what is worth no plan, and rows that keep the unit busy without one. */
#define SMALL_WORK (64 * 64 * 64)
#define SMALL_ROWS 4

/* One small product of dense rows, tile after tile: half the time of 8 × 8 is saved. */
static bool run_small(const struct tr_device *dev, const struct tr_cmd *cmd)
{
	const struct tr_operand *c = &cmd->operand[0], *a = &cmd->operand[1], *b = &cmd->operand[2];
	const struct tr_gemm_kernel *kernel = &dev->k->gemm[cmd->dtype];
	static const double zero;
	size_t m, n, mr, size;

	if (cmd->family != TR_FAMILY_MATMUL || c->ndim != 2 || a->dtype != cmd->dtype || b->dtype != cmd->dtype ||
	    c->dtype != cmd->dtype || b->stride[1] != 1 || c->stride[1] != 1)
		return false;
	m = (size_t)c->shape[0];
	n = (size_t)c->shape[1];
	if (m < SMALL_ROWS || n < kernel->lanes / 2 || m > SMALL_WORK || n > SMALL_WORK || a->shape[1] > SMALL_WORK ||
	    m * n * (size_t)a->shape[1] > SMALL_WORK)
		return false;
	size = tr_dtype_size(cmd->dtype);
	mr = tr__ceil_div(m, tr__ceil_div(m, kernel->mr));
	for (size_t i = 0; i < m; i += mr) {
		struct tr_gemm_tile t = {.mr = m - i < mr ? m - i : mr, .k = (size_t)a->shape[1], .s_row = a->stride[0],
					 .s_k = a->stride[1], .v_ld = b->stride[0], .c0 = &zero, .ldc = c->stride[0]};

		t.s = t.ahead = (const char *)a->addr + (ptrdiff_t)i * a->stride[0] * (ptrdiff_t)size;
		for (size_t j = 0; j < n; j += kernel->nr) {
			t.nr = n - j < kernel->nr ? n - j : kernel->nr;
			t.v = (const char *)b->addr + j * size;
			t.c = (char *)c->addr + ((ptrdiff_t)i * c->stride[0] + (ptrdiff_t)j) * (ptrdiff_t)size;
			kernel->tile(&t);
		}
	}
	return true;
}

int tr__exec_matmul(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	bool linear = cmd->family == TR_FAMILY_LINEAR;
	const struct tr_operand *bias = cmd->noperand > 3 ? &cmd->operand[3] : NULL;
	struct tr_operand c, a;
	struct batch b;

	(void)detail;
	if (run_small(dev, cmd))
		return 0;
	c = as_matrix(&cmd->operand[0]);
	a = as_matrix(&cmd->operand[1]);
	b.count = 1;
	b.g = (struct tr_gemm){.dev = dev,
			       .dtype = (enum tr_dtype)cmd->dtype,
			       .m = (size_t)c.shape[c.ndim - 2],
			       .n = (size_t)c.shape[c.ndim - 1],
			       .k = (size_t)a.shape[a.ndim - 1],
			       .s = tr__matrix(&a, false),
			       .v = tr__matrix(&cmd->operand[2], linear),
			       .c = tr__matrix(&c, false),
			       .c0 = bias ? bias->addr : NULL,
			       .c0_col = bias != NULL};
	set_batch(&b, &c, &a, &cmd->operand[2], linear);
	merge_rows(&b);
	for (int d = 0; d < b.ndim; d++)
		if (__builtin_mul_overflow(b.count, (size_t)b.shape[d], &b.count))
			return -TR_EOVERFLOW;
	if (!b.count || !b.g.m || !b.g.n)
		return 0;
	return run(dev, &b, bias);
}
