/* SPDX-License-Identifier: MIT */
/*
 * The ATTENTION family: softmax(scale · q·kᵀ + mask) · v. A part is some query rows of one head; it keeps the scores of
 * one block of rows against all keys in scratch, and nothing larger than that or than the packed keys. How the
 * two products run is simd/gemm's business.
 */
#include "simd/gemm.h"

enum { Y, Q, K, V, MASK };

/* Scores of a block of query rows: at most this many bytes where tiles allow, and this many rows. */
#define BLOCK_BYTES (256 << 10)
#define BLOCK_ROWS 64

struct attention {
	struct tr_device *dev;
	const struct tr_operand *operand;
	enum tr_dtype dtype;
	size_t size;
	size_t heads, rows, keys;   /* all leading axes together; query rows and keys of each */
	double scale;
	struct tr_gemm scores, mix; /* of the first block of the first head */
	bool has_mask, pack_k, pack_v;
	size_t block, ld;           /* query rows at a time; from one row of scores to the next */
	size_t cuts, units, parts;  /* pieces of a head, pieces, and what the pool is given */
	size_t at_scores, at_scale, at_mask, at_k, at_v; /* in scratch, in bytes; the products' workspace is at 0 */
};

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t max_size(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* Where head i of an operand begins. */
static char *head_addr(const struct tr_operand *o, size_t i)
{
	int64_t offset = 0;

	for (int d = o->ndim - 3; d >= 0; d--) {
		offset += (int64_t)(i % (size_t)o->shape[d]) * o->stride[d];
		i /= (size_t)o->shape[d];
	}
	return (char *)o->addr + offset * (int64_t)tr_dtype_size(o->dtype);
}

/* rows rows of a planned product, whichever side they became. */
static void multiply(const struct tr_gemm *g, size_t rows, void *ws)
{
	if (g->swapped)
		tr__gemm_run(g, 0, g->m, 0, rows, ws);
	else
		tr__gemm_run(g, 0, rows, 0, g->n, ws);
}

static void set_rows(struct tr_gemm *g, char *s, char *c)
{
	if (g->swapped)
		g->v.addr = s;
	else
		g->s.addr = s;
	g->c.addr = c;
}

/* Row t of a head's mask as dense elements of the type evaluated in. */
static const void *mask_row(const struct attention *a, size_t head, size_t t, char *ws)
{
	const struct tr_operand *o = &a->operand[MASK];

	if (o->dtype == a->dtype && o->stride[o->ndim - 1] == 1)
		return head_addr(o, head) + (int64_t)t * o->stride[o->ndim - 2] * (int64_t)a->size;
	return tr__load_range(a->dev, o, (int64_t)((head * a->rows + t) * a->keys), a->keys, a->dtype, ws + a->at_mask);
}

/* The scores of query row t of a head into probabilities. */
static void finish_row(const struct attention *a, size_t head, size_t t, char *row, char *ws)
{
	const struct tr_kernels *k = a->dev->k;
	const void *src[2] = {row, ws + a->at_scale};

	if (a->scale != 1)
		k->map[TR_OP_multiply][a->dtype](row, src, a->keys);
	if (a->has_mask) {
		src[1] = mask_row(a, head, t, ws);
		k->map[TR_OP_add][a->dtype](row, src, a->keys);
	}
	k->softmax[a->dtype](row, row, a->keys);
}

/* Query rows [t0,t1) of a head. */
static void run_rows(const struct attention *a, size_t head, size_t t0, size_t t1, char *ws)
{
	const struct tr_operand *o = a->operand;
	const char *q = head_addr(&o[Q], head);
	char *y = head_addr(&o[Y], head);
	int64_t q_row = o[Q].stride[o[Q].ndim - 2] * (int64_t)tr_dtype_size(o[Q].dtype);
	int64_t y_row = o[Y].stride[o[Y].ndim - 2] * (int64_t)tr_dtype_size(o[Y].dtype);
	struct tr_gemm scores = a->scores, mix = a->mix;

	*(scores.swapped ? &scores.s.addr : &scores.v.addr) = head_addr(&o[K], head);
	*(mix.swapped ? &mix.s.addr : &mix.v.addr) = head_addr(&o[V], head);
	if (a->pack_k)
		tr__gemm_pack(&scores, ws + a->at_k);
	if (a->pack_v)
		tr__gemm_pack(&mix, ws + a->at_v);
	for (size_t t = t0; t < t1; t += a->block) {
		size_t rows = min_size(a->block, t1 - t);
		char *row = ws + a->at_scores;

		set_rows(&scores, (char *)q + (int64_t)t * q_row, row);
		if (a->keys)
			multiply(&scores, rows, ws);
		for (size_t i = 0; i < rows && a->keys; i++, row += a->ld * a->size)
			finish_row(a, head, t + i, row, ws);
		set_rows(&mix, ws + a->at_scores, y + (int64_t)t * y_row);
		multiply(&mix, rows, ws);
	}
}

static void splat(const struct attention *a, void *to)
{
	if (a->dtype == TR_F32)
		for (size_t i = 0; i < a->keys; i++)
			((float *)to)[i] = (float)a->scale;
	else
		for (size_t i = 0; i < a->keys; i++)
			((double *)to)[i] = a->scale;
}

static void run_part(void *arg, size_t part, unsigned worker)
{
	const struct attention *a = arg;
	size_t more = a->units % a->parts, u = a->units / a->parts * part + min_size(part, more);
	size_t last = u + a->units / a->parts + (part < more);
	size_t step = tr__ceil_div(tr__ceil_div(a->rows, a->block), a->cuts) * a->block;
	char *ws = a->dev->scratch[worker];

	splat(a, ws + a->at_scale);
	for (; u < last; u++) {
		size_t t = u % a->cuts * step;

		if (t < a->rows)
			run_rows(a, u / a->cuts, t, min_size(t + step, a->rows), ws);
	}
}

/* Packs b beforehand if more than one block would. */
static int plan(struct tr_gemm *g, bool again, bool *pack, size_t *panels)
{
	*panels = 0;
	*pack = again && (g->v.col != 1 || g->v.dtype != g->dtype);
	return *pack ? tr__gemm_plan_packed(g, panels) : tr__gemm_plan(g);
}

/* An odd number of cache lines, so that rows of scores do not fall into one set. */
static size_t scores_ld(size_t keys, size_t size)
{
	return (tr__ceil_div(keys * size, 64) | 1) * (64 / size);
}

static void plan_blocks(struct attention *a)
{
	size_t mr = a->dev->k->gemm[a->dtype].mr, rows;

	a->ld = scores_ld(a->keys, a->size);
	rows = BLOCK_BYTES / (a->ld * a->size) / mr * mr;
	rows = min_size(max_size(rows, 2 * mr), BLOCK_ROWS / mr * mr);
	a->block = tr__ceil_div(a->rows, tr__ceil_div(a->rows, rows));
}

/* Plans the products and lays out scratch, of *total bytes. */
static int plan_scratch(struct attention *a, size_t *total)
{
	bool again = a->rows > a->block;
	size_t k_panels, v_panels = 0, row = a->ld * a->size, at;
	int err = a->keys ? plan(&a->scores, again, &a->pack_k, &k_panels) : 0;

	if (!a->keys)
		k_panels = 0;
	if (!err)
		err = plan(&a->mix, again, &a->pack_v, &v_panels);
	if (err)
		return err;
	at = max_size(a->scores.workspace, a->mix.workspace);
	a->at_scores = at;
	a->at_scale = at + a->block * row;
	a->at_mask = a->at_scale + row;
	a->at_k = a->at_mask + row;
	if (__builtin_add_overflow(a->at_k, k_panels, &a->at_v) || __builtin_add_overflow(a->at_v, v_panels, total))
		return -TR_EOVERFLOW;
	return 0;
}

static void set_products(struct attention *a, const struct tr_operand *o)
{
	struct tr_gemm g = {.dev = a->dev, .dtype = a->dtype, .m = a->block};

	a->scores = a->mix = g;
	a->scores.n = a->mix.k = a->keys;
	a->scores.k = (size_t)o[Q].shape[o[Q].ndim - 1];
	a->scores.s = tr__matrix(&o[Q], false);
	a->scores.v = tr__matrix(&o[K], true);
	a->scores.c = a->mix.s = (struct tr_matrix){.row = (ptrdiff_t)a->ld, .col = 1, .dtype = a->dtype};
	a->mix.n = (size_t)o[Y].shape[o[Y].ndim - 1];
	a->mix.v = tr__matrix(&o[V], false);
	a->mix.c = tr__matrix(&o[Y], false);
}

static int run(struct attention *a)
{
	size_t total, pieces = tr__ceil_div(a->rows, a->block), most;
	int err = plan_scratch(a, &total);
	double ns;

	if (err)
		return err;
	if (__builtin_mul_overflow(a->heads, pieces, &most))
		return -TR_EOVERFLOW;
	err = tr__scratch(a->dev, total);
	if (err)
		return err;
	ns = tr__gemm_ns(&a->mix) + (a->keys ? tr__gemm_ns(&a->scores) : 0) + (double)a->block * (double)a->keys;
	a->parts = tr__pool_parts(a->dev, ns * (double)most, most);
	a->cuts = min_size(pieces, tr__ceil_div(a->parts, a->heads));
	a->units = a->heads * a->cuts;
	a->parts = min_size(a->parts, a->units);
	if (a->parts == 1)
		run_part(a, 0, 0);
	else
		tr__pool_run(a->dev, a->parts, run_part, a);
	return 0;
}

int tr__exec_attention(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	const struct tr_operand *o = cmd->operand;
	struct attention a = {.dev = dev,
			      .operand = o,
			      .dtype = (enum tr_dtype)cmd->dtype,
			      .size = tr_dtype_size(cmd->dtype),
			      .heads = 1,
			      .rows = (size_t)o[Y].shape[o[Y].ndim - 2],
			      .keys = (size_t)o[K].shape[o[K].ndim - 2],
			      .scale = cmd->attr.f64[0],
			      .has_mask = cmd->noperand > MASK};
	size_t bytes;

	(void)detail;
	for (int d = 0; d < o[Y].ndim - 2; d++)
		if (__builtin_mul_overflow(a.heads, (size_t)o[Y].shape[d], &a.heads))
			return -TR_EOVERFLOW;
	if (!a.heads || !a.rows || !o[Y].shape[o[Y].ndim - 1])
		return 0;
	if (__builtin_mul_overflow(a.keys, (size_t)2 * BLOCK_ROWS * a.size, &bytes))
		return -TR_EOVERFLOW;
	plan_blocks(&a);
	set_products(&a, o);
	return run(&a);
}
