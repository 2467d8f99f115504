/* SPDX-License-Identifier: MIT */
/*
 * argmin and argmax: blocks of each row go to the level's kernel as dense elements of one type, and the best of a
 * block is compared with the best so far by that same kernel. Elements across memory are transposed on the way. The
 * variants that pass over NaNs fail where there is nothing else.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "simd/reduce.h"

/* Elements of a row in one block; results side by side, elements of each in a block of those; results stored at once. */
#define BLOCK 4096
#define BESIDE 64
#define BESIDE_BLOCK 128
#define BATCH 64

/* Elements from row to row of a transposed block: 16 more, so that rows do not meet in the same sets of the cache. */
#define STRIDE (BESIDE_BLOCK + 16)

/* Most threads one row is split over, and the least work that pays, in nanoseconds. */
#define PARTS 64
#define WORTH_SPLIT_NS 20000.0

struct job {
	struct tr_device *dev;
	const struct tr_operand *dst, *src;
	struct tr_reduce_view view;
	tr_arg_fn arg;
	enum tr_dtype dtype;
	size_t size;
	bool direct;  /* elements are dense in rows, or side by side, and of the type */
	size_t width; /* results of a unit: 1, or side by side */
	int64_t strips, units;
	size_t parts;
	atomic_bool none;     /* a result with nothing to point at was met */
	size_t tile, results; /* offsets in a worker's block, which begins with a buffer for a block of elements */
};

/* The best element seen so far. */
struct best {
	int64_t index; /* -1: none */
	double value;  /* of the job's type */
};

/* Takes n dense elements, the first of which has index first, into account. Later elements win only if better. */
static void update(const struct job *job, struct best *best, const char *block, size_t n, int64_t first)
{
	size_t i = job->arg(block, n);
	char pair[2 * sizeof(best->value)];

	if (i == n) /* nothing but NaNs, which are passed over */
		return;
	if (best->index >= 0) {
		memcpy(pair, &best->value, job->size);
		memcpy(pair + job->size, block + i * job->size, job->size);
		if (job->arg(pair, 2) == 0)
			return;
	}
	memcpy(&best->value, block + i * job->size, job->size);
	best->index = first + (int64_t)i;
}

/* Elements [first, last) of row o. */
static void search_row(const struct job *job, int64_t o, int64_t first, int64_t last, struct best *best, char *buf)
{
	if (job->direct) {
		const char *row = (const char *)job->src->addr + tr__reduce_offset(&job->view, o) * (int64_t)job->size;

		update(job, best, row + first * (int64_t)job->size, (size_t)(last - first), first);
		return;
	}
	for (int64_t at = first; at < last; at += BLOCK) {
		size_t n = last - at < BLOCK ? (size_t)(last - at) : BLOCK;

		update(job, best, tr__load_range(job->dev, job->src, o * job->view.n + at, n, job->dtype, buf), n, at);
	}
}

/* `rows` elements, from number first on, of `width` results from o, j on, transposed into tile. */
static void load_tile(const struct job *job, int64_t o, int64_t j, size_t width, int64_t first, size_t rows, char *buf,
		      char *tile)
{
	const struct tr_reduce_view *v = &job->view;
	size_t bytes = width * job->size;
	int64_t at = (o * v->n + first) * v->inner + j;

	if (job->direct) {
		const char *p = (const char *)job->src->addr +
				(tr__reduce_offset(v, o) + j + first * v->step) * (int64_t)job->size;

		tr__transpose(tile, STRIDE, p, v->step, width, rows, job->size);
		return;
	}
	for (size_t r = 0; r < rows; r++) {
		char *row = buf + r * bytes;
		const void *p = tr__load_range(job->dev, job->src, at + (int64_t)r * v->inner, width, job->dtype, row);

		if (p != row)
			memcpy(row, p, bytes);
	}
	tr__transpose(tile, STRIDE, buf, (ptrdiff_t)width, width, rows, job->size);
}

static void search_beside(const struct job *job, int64_t o, int64_t j, size_t width, struct best *best, char *block)
{
	for (int64_t first = 0; first < job->view.n; first += BESIDE_BLOCK) {
		int64_t left = job->view.n - first;
		size_t rows = left < BESIDE_BLOCK ? (size_t)left : BESIDE_BLOCK;

		load_tile(job, o, j, width, first, rows, block, block + job->tile);
		for (size_t i = 0; i < width; i++)
			update(job, &best[i], block + job->tile + i * STRIDE * job->size, rows, first);
	}
}

static void run_units(struct job *job, int64_t first, int64_t last, char *block)
{
	int64_t *results = (int64_t *)(void *)(block + job->results);
	size_t have = 0;
	int64_t from = 0;

	for (int64_t u = first; u < last; u++) {
		struct best best[BESIDE];
		int64_t o = u / job->strips, j = u % job->strips * (int64_t)job->width;
		size_t width = job->view.inner - j < (int64_t)job->width ? (size_t)(job->view.inner - j) : job->width;

		for (size_t i = 0; i < width; i++)
			best[i].index = -1;
		if (job->width > 1)
			search_beside(job, o, j, width, best, block);
		else
			search_row(job, o, 0, job->view.n, best, block);
		if (!have)
			from = o * job->view.inner + j;
		for (size_t i = 0; i < width; i++) {
			if (best[i].index < 0)
				atomic_store(&job->none, true);
			results[have++] = best[i].index;
		}
		if (have + job->width > BATCH || u + 1 == last) {
			tr__store_range(job->dev, job->dst, from, have, TR_I64, results, block);
			have = 0;
		}
	}
}

static void run_part(void *arg, size_t part, unsigned worker)
{
	struct job *job = arg;
	int64_t each = job->units / (int64_t)job->parts, more = job->units % (int64_t)job->parts, i = (int64_t)part;
	int64_t first = i * each + (i < more ? i : more);

	run_units(job, first, first + each + (i < more), job->dev->scratch[worker]);
}

/* One row on several threads. */
struct split {
	const struct job *job;
	int64_t o;
	struct best best[PARTS];
};

static void search_part(void *arg, size_t part, unsigned worker)
{
	struct split *s = arg;
	int64_t n = s->job->view.n, each = n / (int64_t)s->job->parts, first = (int64_t)part * each;

	s->best[part].index = -1;
	search_row(s->job, s->o, first, part + 1 == s->job->parts ? n : first + each, &s->best[part],
		   s->job->dev->scratch[worker]);
}

static void run_split(struct job *job)
{
	struct split s = {.job = job};

	for (s.o = 0; s.o < job->units; s.o++) {
		tr__pool_run(job->dev, job->parts, search_part, &s);
		for (size_t i = 1; i < job->parts; i++)
			if (s.best[i].index >= 0)
				update(job, &s.best[0], (const char *)&s.best[i].value, 1, s.best[i].index);
		if (s.best[0].index < 0)
			atomic_store(&job->none, true);
		tr__store_range(job->dev, job->dst, s.o, 1, TR_I64, &s.best[0].index, job->dev->scratch[0]);
	}
}

/* Chooses units, and whether elements are taken where they are. Returns the bytes a worker needs. */
static size_t plan(struct job *job, int outer_axes, int reduced_axes)
{
	struct tr_reduce_view *v = &job->view;
	size_t at;

	tr__reduce_view(v, job->src, outer_axes, reduced_axes);
	job->direct = v->even && job->src->dtype == job->dtype;
	job->width = 1;
	if (v->columns || (job->direct && tr__reduce_view_turn(v, 2))) {
		job->direct = job->direct && v->beside == 1;
		job->width = v->inner < BESIDE ? (size_t)v->inner : BESIDE;
	} else {
		job->direct = job->direct && (v->step == 1 || v->n == 1);
	}
	job->strips = (v->inner - 1) / (int64_t)job->width + 1;
	job->units = v->outer * job->strips;
	at = job->width > 1 ? BESIDE * BESIDE_BLOCK * job->size : BLOCK * job->size;
	job->tile = at;
	if (job->width > 1)
		at += BESIDE * STRIDE * job->size;
	job->results = at;
	return at + BATCH * sizeof(int64_t);
}

static tr_arg_fn kernel(const struct tr_kernels *k, enum tr_op op, enum tr_dtype dtype)
{
	bool is_float = dtype == TR_F32 || dtype == TR_F64; /* others are all numbers */

	switch (op) {
	case TR_OP_nanargmin:
		return is_float ? k->nanargmin[dtype] : k->argmin[dtype];
	case TR_OP_nanargmax:
		return is_float ? k->nanargmax[dtype] : k->argmax[dtype];
	case TR_OP_argmin:
		return k->argmin[dtype];
	default:
		return k->argmax[dtype];
	}
}

/* Whether every result has an index. */
static int check_found(const struct job *job, char *detail)
{
	if (!atomic_load(&job->none))
		return 0;
	snprintf(detail, 128, "nothing but NaNs along the axis");
	return -TR_EINVAL;
}

int tr__exec_argreduce(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	struct job job = {.dev = dev, .dst = &cmd->operand[0], .src = &cmd->operand[1], .dtype = cmd->dtype};
	double cost_ns;
	size_t size;

	if (!tr__product(job.dst->shape, job.dst->ndim))
		return 0;
	job.size = tr_dtype_size(job.dtype);
	job.arg = kernel(dev->k, (enum tr_op)cmd->op, job.dtype);
	size = plan(&job, (int)cmd->attr.u32[1], (int)cmd->attr.u32[2]);
	if (tr__scratch(dev, size)) {
		snprintf(detail, 128, "cannot allocate %zu bytes for each of %u threads", size, dev->threads);
		return -TR_ENOMEM;
	}
	cost_ns = (double)job.units * ((double)job.view.n * (double)job.width * (job.direct ? 0.1 : 0.5) + 20);
	if (job.width == 1 && job.units < dev->threads && cost_ns / (double)job.units >= WORTH_SPLIT_NS) {
		job.parts = tr__pool_parts(dev, cost_ns / (double)job.units, PARTS);
		run_split(&job);
		return check_found(&job, detail);
	}
	job.parts = tr__pool_parts(dev, cost_ns, (size_t)job.units);
	tr__pool_run(dev, job.parts, run_part, &job);
	return check_found(&job, detail);
}
