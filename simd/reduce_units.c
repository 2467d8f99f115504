/* SPDX-License-Identifier: MIT */
/*
 * Units of a planned reduction: how elements come to the fixed tree and what is done with the sums. Knows forms,
 * strides and types; chooses nothing.
 */
#include <math.h>
#include <string.h>

#include "simd/reduce_job.h"

/* One unit in work. */
struct unit {
	const struct tr_reduce_job *job;
	int64_t o, j;
	const char *base;   /* direct: of its first element */
	const char *centre; /* of each result, or in TR_LANES copies; NULL for folds without one */
};

/* ---- elements ---- */

/* n elements of the program's value as `to`; buf has room for them. */
static const void *evaluate(const struct tr_reduce_job *job, int64_t first, size_t n, enum tr_dtype to, char *buf,
			    char *program)
{
	const struct tr_map_plan *plan = job->plan;
	size_t size = tr_dtype_size(to);

	if (n <= plan->tile && job->value == to)
		return tr__map_range(plan, program, first, n);
	for (size_t at = 0; at < n; at += plan->tile) {
		size_t part = n - at < plan->tile ? n - at : plan->tile;
		const void *p = tr__map_range(plan, program, first + (int64_t)at, part);

		if (job->value == to)
			memcpy(buf + at * size, p, part * size);
		else
			job->tree.k->cast[job->value][to](buf + at * size, p, part);
	}
	return buf;
}

/* n elements of what is reduced as `to`. block: the worker's. */
static const void *source(const struct tr_reduce_job *job, int64_t first, size_t n, enum tr_dtype to, char *buf,
			  char *block)
{
	if (job->plan)
		return evaluate(job, first, n, to, buf, block + job->program);
	return tr__load_range(job->dev, job->src, first, n, to, buf);
}

/* n elements of the source's range as the fold's type; buf has room for them in either type. */
static const char *load(const struct tr_reduce_job *job, int64_t first, size_t n, char *buf, char *block)
{
	const struct tr_tree *t = &job->tree;
	const void *p;

	if (job->load == t->dtype)
		return source(job, first, n, t->dtype, buf, block);
	p = source(job, first, n, job->load, buf + n * t->size, block);
	t->k->cast[job->load][t->dtype](buf, p, n);
	return buf;
}

/* rows × width elements of a strip of columns, dense, into buf. */
static const char *load_columns(const struct unit *u, size_t width, size_t first, size_t rows, char *buf, char *block)
{
	const struct tr_reduce_job *job = u->job;
	size_t bytes = width * job->tree.size;
	int64_t at = (u->o * job->view.n + (int64_t)first) * job->view.inner + u->j;

	if ((int64_t)width == job->view.inner)
		return load(job, at, rows * width, buf, block);
	for (size_t r = 0; r < rows; r++) {
		char *room = buf + rows * bytes;

		memcpy(buf + r * bytes, load(job, at + (int64_t)r * job->view.inner, width, room, block),
		       bytes);
	}
	return buf;
}

/* ---- a leaf ---- */

size_t tr__reduce_fold_leaf(const struct tr_tree *t, size_t leaf, void *acc, char *scratch)
{
	const struct unit *u = t->arg;
	const struct tr_reduce_job *job = u->job;
	size_t first = leaf * t->lanes * job->rows, count = (size_t)job->view.n - first;
	size_t rows, tail, row = t->width * t->size;
	bool narrow = job->form == TR_REDUCE_COLUMNS && job->rows == TR_COLUMN_ROWS;
	tr_fold_fn fold = (narrow ? t->k->column : t->k->fold)[t->fold][t->dtype];
	ptrdiff_t step = job->direct ? job->view.step : (ptrdiff_t)t->width;
	const char *p;
	char *a = acc, *block = scratch - job->room;

	if (count > t->lanes * job->rows)
		count = t->lanes * job->rows;
	rows = count / t->lanes;
	tail = count % t->lanes;

	if (job->form == TR_REDUCE_SHORT) {
		bool as_it_is = t->fold < TR_FOLD_JOINS;
		char *to = as_it_is ? a : scratch;

		p = load(job, u->j * job->view.n, t->width * count, scratch + t->width * count * t->size, block);
		tr__transpose(to, (ptrdiff_t)t->width, p, (ptrdiff_t)count, count, t->width, t->size);
		if (as_it_is)
			return count * t->width;
		p = to;
	} else if (job->direct) {
		p = u->base + (ptrdiff_t)first * step * (ptrdiff_t)t->size;
	} else if (job->form == TR_REDUCE_ROW) {
		p = load(job, u->o * job->view.n + (int64_t)first, count, scratch, block);
	} else {
		p = load_columns(u, t->width, first, count, scratch, block);
	}
	if (job->form == TR_REDUCE_ROW)
		return tr__tree_fold_line(t, acc, p, count, u->centre);
	for (size_t l = 0; l < t->lanes && l < count; l++)
		fold(a + l * row, p + (ptrdiff_t)l * step * (ptrdiff_t)t->size, (ptrdiff_t)t->lanes * step,
		     rows + (l < tail), t->width, u->centre);
	return (rows ? t->lanes : tail) * t->width;
}

/* ---- units ---- */

/* Prepares unit number i and the tree for it. */
static void start(const struct tr_reduce_job *job, int64_t i, struct unit *u, struct tr_tree *t)
{
	*u = (struct unit){.job = job, .o = i / job->strips, .j = i % job->strips * (int64_t)job->tree.width};
	*t = job->tree;
	t->arg = u;
	if (job->view.inner - u->j < (int64_t)t->width)
		t->width = (size_t)(job->view.inner - u->j);
	if (job->direct)
		u->base = (const char *)job->src->addr + (tr__reduce_offset(&job->view, u->o) + u->j) * (int64_t)t->size;
}

/* n copies of the element at dst, itself the first. */
static void repeat(char *dst, size_t size, size_t n)
{
	for (size_t have = 1; have < n; have *= 2)
		memcpy(dst + have * size, dst, (have < n - have ? have : n - have) * size);
}

/* n copies of a number in the fold's type. */
static void fill(const struct tr_reduce_job *job, char *dst, double value, size_t n)
{
	job->tree.k->cast[TR_F64][job->tree.dtype](dst, &value, 1);
	repeat(dst, job->tree.size, n);
}

/* a[i] = op(a[i], b[i]), i < n. */
static void apply(const struct tr_reduce_job *job, enum tr_op op, void *a, const void *b, size_t n)
{
	const void *src[] = {a, b};

	job->tree.k->map[op][job->tree.dtype](a, src, n);
}

/* a[i] = a[i] / divisor, i < n. */
static void divide(const struct tr_reduce_job *job, char *a, double divisor, size_t n, char *block)
{
	fill(job, block + job->divisors, divisor, n);
	apply(job, TR_OP_divide, a, block + job->divisors, n);
}

/* a[i] = a[i] / (counts - ddof), NaN unless that is positive. */
static void divide_by_free(const struct tr_reduce_job *job, char *a, size_t n, char *block)
{
	char *d = block + job->divisors;
	double ddof = (double)job->view.n - job->free;

	fill(job, d, -ddof, n);
	apply(job, TR_OP_add, d, block + job->count, n);
	for (size_t i = 0; i < n; i++) {
		double free;

		job->tree.k->cast[job->tree.dtype][TR_F64](&free, d + i * job->tree.size, 1);
		if (!(free > 0))
			fill(job, d + i * job->tree.size, NAN, 1);
	}
	apply(job, TR_OP_divide, a, d, n);
}

/* r = pow(r, 1 / p). */
static void take_power(const struct tr_reduce_job *job, char *r, size_t n, char *block)
{
	fill(job, block + job->divisors, 1 / job->order, n);
	apply(job, TR_OP_pow, r, block + job->divisors, n);
}

/* The centre of the folds to come: r, of a single row in TR_LANES copies. */
static void take_centre(const struct tr_reduce_job *job, const char *r, size_t n, bool finite, char *block)
{
	const struct tr_tree *t = &job->tree;
	char *c = block + job->centre;

	memcpy(c, r, n * t->size);
	for (size_t i = 0; finite && i < n; i++) {
		double value;

		t->k->cast[t->dtype][TR_F64](&value, c + i * t->size, 1);
		if (isinf(value))
			memset(c + i * t->size, 0, t->size);
	}
	if (job->form == TR_REDUCE_ROW)
		repeat(c, t->size, TR_LANES);
}

/* The steps after a fold, in their order, for its n results at r. */
static void take_steps(const struct tr_reduce_job *job, unsigned then, char *r, size_t n, char *block)
{
	if (then & TR_STEP_DIVIDE_N)
		divide(job, r, (double)job->view.n, n, block);
	if (then & TR_STEP_DIVIDE)
		divide(job, r, job->free > 0 ? job->free : NAN, n, block);
	if (then & TR_STEP_DIVIDE_COUNT)
		apply(job, TR_OP_divide, r, block + job->count, n);
	if (then & TR_STEP_DIVIDE_DDOF)
		divide_by_free(job, r, n, block);
	if (then & TR_STEP_ROOT)
		apply(job, TR_OP_sqrt, r, NULL, n);
	if (then & TR_STEP_POWER)
		take_power(job, r, n, block);
	if (then & TR_STEP_LOG)
		apply(job, TR_OP_log, r, NULL, n);
	if (then & TR_STEP_PLUS_CENTRE)
		apply(job, TR_OP_add, r, block + job->centre, n);
	if (then & TR_STEP_MINUS_CENTRE)
		apply(job, TR_OP_subtract, r, block + job->centre, n);
	if (then & TR_STEP_COUNT)
		memcpy(block + job->count, r, n * job->tree.size);
	if (then & (TR_STEP_CENTRE | TR_STEP_FINITE_CENTRE))
		take_centre(job, r, n, then & TR_STEP_FINITE_CENTRE, block);
}

/* All passes over one unit; run folds its chunks to results at the start of the block. */
typedef void (*fold_all_fn)(const struct tr_reduce_job *job, const struct tr_tree *t, char *block, double cost_ns);

/* all and any of a row: no further than to the element that decides. */
static void decide(const struct unit *u, char *block)
{
	const struct tr_reduce_job *job = u->job;
	bool any = job->reduction->pass[0].fold == TR_FOLD_OR, found = false;
	int decisive = any; /* the byte to look for */
	int64_t n = job->view.n, most = job->direct ? n : TR_LANES * TR_CHUNK_ROWS;

	for (int64_t first = 0; first < n && !found; first += most) {
		size_t count = (size_t)(n - first < most ? n - first : most);
		const char *p = job->direct ? u->base + first
					    : load(job, u->o * n + first, count, block + job->room, block);

		found = memchr(p, decisive, count) != NULL;
	}
	*(uint8_t *)block = any == found;
}

static void run_passes(const struct tr_reduce_job *job, int64_t i, char *block, fold_all_fn fold_all, double cost_ns)
{
	const struct tr_reduction *r = job->reduction;
	struct unit u;
	struct tr_tree t;

	start(job, i, &u, &t);
	if (r->pass[0].then & TR_STEP_POWER)
		fill(job, block + job->centre, job->order, job->form == TR_REDUCE_ROW ? TR_LANES : t.width);
	if (job->form == TR_REDUCE_ROW && t.dtype == TR_BOOL && r->load == TR_BOOL) {
		decide(&u, block);
		return;
	}
	for (unsigned p = 0; p < r->passes; p++) {
		t.fold = r->pass[p].fold;
		u.centre = block + job->centre;
		fold_all(job, &t, block, cost_ns);
		if (p + 1 < r->passes || !job->late)
			take_steps(job, r->pass[p].then, block, t.width, block);
	}
}

static void fold_here(const struct tr_reduce_job *job, const struct tr_tree *t, char *block, double cost_ns)
{
	(void)cost_ns;
	tr__tree_halve(t, block, tr__tree_fold(t, 0, t->leaves, block, block + job->room));
}

static void fold_on_threads(const struct tr_reduce_job *job, const struct tr_tree *t, char *block, double cost_ns)
{
	(void)block;
	tr__tree_run(job->dev, t, cost_ns, job->room, job->partials);
}

void tr__reduce_unit(const struct tr_reduce_job *job, int64_t i, char *block)
{
	run_passes(job, i, block, fold_here, 0);
}

void tr__reduce_conclude(const struct tr_reduce_job *job, char *results, size_t n, char *block)
{
	take_steps(job, job->late, results, n, block);
}

/* The block's n results go to dst, from result number first on. */
static void finish(const struct tr_reduce_job *job, int64_t first, size_t n, char *block)
{
	tr__reduce_conclude(job, block + job->results, n, block);
	tr__store_range(job->dev, job->dst, first, n, job->tree.dtype, block + job->results, block);
}

/* Whether units are rows where they are, of one leaf that is folded once. */
static bool is_plain(const struct tr_reduce_job *job)
{
	const struct tr_reduction *r = job->reduction;

	return job->form == TR_REDUCE_ROW && job->direct && job->tree.leaves == 1 && r->passes == 1 &&
	       job->late == r->pass[0].then && job->tree.dtype != TR_BOOL;
}

/* Such units, of which there may be many: nothing is decided for each. */
static void fold_plain(const struct tr_reduce_job *job, int64_t first, int64_t last, char *block)
{
	struct tr_tree t = job->tree;
	struct tr_walk w = job->view.walk;
	int64_t n = job->view.n, stride = w.stride[0][w.ndim - 1];

	t.fold = job->reduction->pass[0].fold;
	tr__walk_seek(&w, first);
	for (int64_t done = first; first < last; first = done) {
		char *to = block + job->results;

		while (done < last && done - first < TR_REDUCE_BATCH) {
			const char *row = (const char *)job->src->addr + w.offset[0] * (int64_t)t.size;
			int64_t most = last - done, room = TR_REDUCE_BATCH - (done - first), rows = tr__walk_run(&w);

			most = most < room ? most : room;
			rows = rows < most ? rows : most;
			if (n >= TR_LANES && t.fold < TR_FOLD_JOINS) {
				t.k->lines[t.fold][t.dtype](to, row, stride, (size_t)rows, (size_t)n);
			} else {
				tr__tree_halve(&t, block, tr__tree_fold_line(&t, block, row, (size_t)n, NULL));
				memcpy(to, block, t.size);
				rows = 1;
			}
			to += (size_t)rows * t.size;
			done += rows;
			if (done < last)
				tr__walk_advance(&w, rows);
		}
		finish(job, first, (size_t)(done - first), block);
	}
}

void tr__reduce_units(const struct tr_reduce_job *job, int64_t first, int64_t last, char *block)
{
	const struct tr_tree *t = &job->tree;
	size_t have = 0;
	int64_t from = 0;

	if (is_plain(job)) {
		fold_plain(job, first, last, block);
		return;
	}

	for (int64_t i = first; i < last; i++) {
		int64_t at = i / job->strips * job->view.inner + i % job->strips * (int64_t)t->width;
		int64_t left = job->view.inner - i % job->strips * (int64_t)t->width;
		size_t width = left < (int64_t)t->width ? (size_t)left : t->width;

		tr__reduce_unit(job, i, block);
		if (!have)
			from = at;
		memcpy(block + job->results + have * t->size, block, width * t->size);
		have += width;
		if (have + t->width > TR_REDUCE_BATCH || i + 1 == last) {
			finish(job, from, have, block);
			have = 0;
		}
	}
}

void tr__reduce_split(const struct tr_reduce_job *job, double cost_ns)
{
	char *block = job->dev->scratch[0];
	int64_t width = (int64_t)job->tree.width;

	for (int64_t i = 0; i < job->units; i++) {
		int64_t o = i / job->strips, j = i % job->strips * width;
		size_t n = (size_t)(job->view.inner - j < width ? job->view.inner - j : width);

		run_passes(job, i, block, fold_on_threads, cost_ns);
		memcpy(block + job->results, block, n * job->tree.size);
		finish(job, o * job->view.inner + j, n, block);
	}
}

void tr__reduce_fill_empty(const struct tr_reduce_job *job, int64_t results, char *block)
{
	for (int64_t first = 0; first < results; first += TR_REDUCE_BATCH) {
		size_t n = results - first < TR_REDUCE_BATCH ? (size_t)(results - first) : TR_REDUCE_BATCH;

		fill(job, block + job->results, job->reduction->empty, n);
		tr__store_range(job->dev, job->dst, first, n, job->tree.dtype, block + job->results, block);
	}
}
