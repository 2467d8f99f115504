/* SPDX-License-Identifier: MIT */
/*
 * Units of a planned reduction: how elements come to the fixed tree and what is done with the sums. Knows forms,
 * strides and types; chooses nothing.
 */
#include <string.h>

#include "simd/reduce_job.h"

/* One unit in work. */
struct unit {
	const struct tr_reduce_job *job;
	int64_t o, j;
	const char *base;  /* direct: of its first element */
	const char *mean;  /* of each result, or in TR_LANES copies; NULL in the first pass */
};

/* ---- elements ---- */

/* n elements of the source's range as the fold's type; buf has room for them in either type. */
static const char *load(const struct tr_reduce_job *job, int64_t first, size_t n, char *buf)
{
	const struct tr_tree *t = &job->tree;
	const void *p;

	if (job->load == t->dtype)
		return tr__load_range(job->dev, job->src, first, n, t->dtype, buf);
	p = tr__load_range(job->dev, job->src, first, n, job->load, buf + n * t->size);
	t->k->cast[job->load][t->dtype](buf, p, n);
	return buf;
}

/* rows × width elements of a strip of columns, dense, into buf. */
static const char *load_columns(const struct unit *u, size_t width, size_t first, size_t rows, char *buf)
{
	const struct tr_reduce_job *job = u->job;
	size_t bytes = width * job->tree.size;
	int64_t at = (u->o * job->view.n + (int64_t)first) * job->view.inner + u->j;

	if ((int64_t)width == job->view.inner)
		return load(job, at, rows * width, buf);
	for (size_t r = 0; r < rows; r++) {
		char *room = buf + rows * bytes;

		memcpy(buf + r * bytes, load(job, at + (int64_t)r * job->view.inner, width, room), bytes);
	}
	return buf;
}

/* ---- a chunk ---- */

size_t tr__reduce_fold_chunk(const struct tr_tree *t, size_t chunk, void *acc, char *scratch)
{
	const struct unit *u = t->arg;
	const struct tr_reduce_job *job = u->job;
	size_t first = chunk * t->lanes * TR_CHUNK_ROWS, count = (size_t)job->view.n - first;
	size_t rows, tail, row = t->width * t->size;
	ptrdiff_t step = job->direct ? job->view.step : (ptrdiff_t)t->width;
	const char *p;
	char *a = acc;

	if (count > t->lanes * TR_CHUNK_ROWS)
		count = t->lanes * TR_CHUNK_ROWS;
	rows = count / t->lanes;
	tail = count % t->lanes;

	if (job->form == TR_REDUCE_SHORT) {
		char *to = u->mean ? scratch : a;

		p = load(job, u->j * job->view.n, t->width * count, scratch + t->width * count * t->size);
		tr__transpose(to, (ptrdiff_t)t->width, p, (ptrdiff_t)count, count, t->width, t->size);
		if (!u->mean)
			return count * t->width;
		p = to;
	} else if (job->direct) {
		p = u->base + (ptrdiff_t)first * step * (ptrdiff_t)t->size;
	} else if (job->form == TR_REDUCE_ROW) {
		p = load(job, u->o * job->view.n + (int64_t)first, count, scratch);
	} else {
		p = load_columns(u, t->width, first, count, scratch);
	}
	if (job->form == TR_REDUCE_ROW)
		return tr__tree_fold_line(t, acc, p, count, u->mean);
	for (size_t l = 0; l < t->lanes && l < count; l++)
		tr__tree_fold_rows(t, a + l * row, p + (ptrdiff_t)l * step * (ptrdiff_t)t->size,
				   (ptrdiff_t)t->lanes * step, rows + (l < tail), t->width, u->mean);
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

/* a[i] = a[i] / divisors[i], i < n. */
static void divide(const struct tr_reduce_job *job, void *a, const void *divisors, size_t n)
{
	const void *src[] = {a, divisors};

	job->tree.k->map[TR_OP_divide][job->tree.dtype](a, src, n);
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

/* Between the passes of a variance: sums become means, of a single row in TR_LANES copies. */
static void take_mean(struct unit *u, const struct tr_tree *t, const char *sums, char *block)
{
	const struct tr_reduce_job *job = u->job;
	char *mean = block + job->mean;

	memcpy(mean, sums, t->width * t->size);
	fill(job, block + job->divisors, (double)job->view.n, t->width);
	divide(job, mean, block + job->divisors, t->width);
	if (job->form == TR_REDUCE_ROW)
		repeat(mean, t->size, TR_LANES);
	u->mean = mean;
}

void tr__reduce_unit(const struct tr_reduce_job *job, int64_t i, char *block)
{
	struct unit u;
	struct tr_tree t;

	start(job, i, &u, &t);
	tr__tree_halve(&t, block, tr__tree_fold(&t, 0, t.chunks, block, block + job->room));
	if (job->reduction->then & TR_REDUCE_DEVIATION) {
		take_mean(&u, &t, block, block);
		tr__tree_halve(&t, block, tr__tree_fold(&t, 0, t.chunks, block, block + job->room));
	}
}

void tr__reduce_conclude(const struct tr_reduce_job *job, char *results, size_t n, char *block)
{
	const struct tr_tree *t = &job->tree;

	if (job->reduction->then & TR_REDUCE_DIVIDE) {
		fill(job, block + job->divisors, job->divisor, n);
		divide(job, results, block + job->divisors, n);
	}
	if (job->reduction->then & TR_REDUCE_ROOT) {
		const void *src[] = {results};

		t->k->map[TR_OP_sqrt][t->dtype](results, src, n);
	}
}

/* The block's n results go to dst, from result number first on. */
static void finish(const struct tr_reduce_job *job, int64_t first, size_t n, char *block)
{
	tr__reduce_conclude(job, block + job->results, n, block);
	tr__store_range(job->dev, job->dst, first, n, job->tree.dtype, block + job->results, block);
}

void tr__reduce_units(const struct tr_reduce_job *job, int64_t first, int64_t last, char *block)
{
	const struct tr_tree *t = &job->tree;
	size_t have = 0;
	int64_t from = 0;

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

	for (int64_t i = 0; i < job->units; i++) {
		struct unit u;
		struct tr_tree t;

		start(job, i, &u, &t);
		tr__tree_run(job->dev, &t, cost_ns, job->room, job->partials);
		if (job->reduction->then & TR_REDUCE_DEVIATION) {
			take_mean(&u, &t, block, block);
			tr__tree_run(job->dev, &t, cost_ns, job->room, job->partials);
		}
		memcpy(block + job->results, block, t.width * t.size);
		finish(job, u.o * job->view.inner + u.j, t.width, block);
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
