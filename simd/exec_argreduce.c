/* SPDX-License-Identifier: MIT */
/*
 * argmin and argmax. Rows that lie along memory go to the level's kernel one by one, and the best of a block is compared
 * with the best so far by that same kernel; results side by side, strip by strip, to the one for columns. Short rows are
 * transposed to lie so. The variants that pass over NaNs fail where there is nothing else.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "simd/reduce.h"

/* Bytes of a row's elements, or of a strip's, in one block. */
#define BLOCK_BYTES 16384

/* Results side by side: at most, and what they are cut down to where there would be too few units for all threads. */
#define BESIDE 256
#define LEAST_BESIDE 64

/* Rows that are short, so many of which are taken together, and the least number of them that pays. */
#define SHORT 32
#define SHORT_BESIDE 64
#define LEAST_SHORT 16

/* Results stored at once. */
#define BATCH 512

/* Most threads one row is split over, and the least work that pays, in nanoseconds. */
#define PARTS 64
#define WORTH_SPLIT_NS 20000.0

enum form { ROW, COLUMNS, SHORT_ROWS };

struct job {
	struct tr_device *dev;
	const struct tr_operand *dst, *src;
	struct tr_reduce_view view;
	tr_arg_fn arg;
	tr_args_fn args;
	bool numbers; /* NaNs are passed over */
	enum tr_dtype dtype;
	size_t size;
	enum form form;
	bool direct;  /* elements are dense in rows, or side by side, and of the type */
	size_t width; /* results of a unit: 1, or side by side */
	int64_t strips, units;
	size_t parts;
	atomic_bool none; /* a result with nothing to point at was met */
	size_t tile, best, results; /* offsets in a worker's block, which begins with a buffer for a block of elements */
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
	int64_t block = BLOCK_BYTES / (int64_t)job->size;

	if (job->direct) {
		const char *row = (const char *)job->src->addr + tr__reduce_offset(&job->view, o) * (int64_t)job->size;

		update(job, best, row + first * (int64_t)job->size, (size_t)(last - first), first);
		return;
	}
	for (int64_t at = first; at < last; at += block) {
		size_t n = last - at < block ? (size_t)(last - at) : (size_t)block;

		update(job, best, tr__load_range(job->dev, job->src, o * job->view.n + at, n, job->dtype, buf), n, at);
	}
}

/* `rows` elements, from number first on, of `width` results from o, j on; *stride: elements from one to the next. */
static const char *load_columns(const struct job *job, int64_t o, int64_t j, size_t width, int64_t first, size_t rows,
				ptrdiff_t *stride, char *block)
{
	const struct tr_reduce_view *v = &job->view;
	size_t bytes = width * job->size;
	int64_t at = (o * v->n + first) * v->inner + j;

	*stride = (ptrdiff_t)width;
	if (job->form == SHORT_ROWS) {
		const void *p = tr__load_range(job->dev, job->src, j * v->n, width * rows, job->dtype, block);

		tr__transpose(block + job->tile, (ptrdiff_t)width, p, (ptrdiff_t)rows, rows, width, job->size);
		return block + job->tile;
	}
	if (job->direct) {
		*stride = v->step;
		return (const char *)job->src->addr +
		       (tr__reduce_offset(v, o) + j + first * v->step) * (int64_t)job->size;
	}
	for (size_t r = 0; r < rows; r++) {
		char *row = block + r * bytes;
		const void *p = tr__load_range(job->dev, job->src, at + (int64_t)r * v->inner, width, job->dtype, row);

		if (p != row)
			memcpy(row, p, bytes);
	}
	return block;
}

static bool is_nan(const struct job *job, const char *element)
{
	double d = 0;
	float f;

	if (job->dtype == TR_F64) {
		memcpy(&d, element, sizeof(d));
	} else if (job->dtype == TR_F32) {
		memcpy(&f, element, sizeof(f));
		d = f;
	}
	return d != d;
}

/* The indices of `width` results from o, j on; -1 for nothing. */
static void search_columns(const struct job *job, int64_t o, int64_t j, size_t width, int64_t *index, char *block)
{
	enum tr_dtype at_dtype = job->dtype == TR_BOOL ? TR_U8 : job->dtype;
	tr_cast_fn widen = job->dev->k->cast[at_dtype][TR_I64];
	char *best = block + job->best, *at = best + BESIDE * job->size;
	size_t most = BLOCK_BYTES / (width * job->size);
	int64_t n = job->view.n, row[BESIDE];

	if (most > TR_ARG_ROWS)
		most = TR_ARG_ROWS;
	for (int64_t first = 0; first < n; first += (int64_t)most) {
		size_t rows = n - first < (int64_t)most ? (size_t)(n - first) : most;
		ptrdiff_t stride;
		const char *p = load_columns(job, o, j, width, first, rows, &stride, block);

		if (first == 0) {
			memcpy(best, p, width * job->size);
			memset(index, 0, width * sizeof(*index));
		}
		job->args(best, at, p, stride, rows, width);
		widen(row, at, width);
		for (size_t i = 0; i < width; i++)
			index[i] = row[i] == TR_ARG_NONE ? index[i] : first + row[i];
	}
	for (size_t i = 0; i < width && job->numbers; i++)
		if (is_nan(job, best + i * job->size))
			index[i] = -1;
}

static void run_units(struct job *job, int64_t first, int64_t last, char *block)
{
	int64_t *results = (int64_t *)(void *)(block + job->results);
	size_t have = 0;
	int64_t from = 0;

	for (int64_t u = first; u < last; u++) {
		int64_t o = u / job->strips, j = u % job->strips * (int64_t)job->width;
		size_t width = job->view.inner - j < (int64_t)job->width ? (size_t)(job->view.inner - j) : job->width;

		if (!have)
			from = o * job->view.inner + j;
		if (job->form == ROW) {
			struct best best = {.index = -1};

			search_row(job, o, 0, job->view.n, &best, block);
			results[have] = best.index;
		} else {
			search_columns(job, o, j, width, results + have, block);
		}
		for (size_t i = 0; i < width; i++)
			if (results[have + i] < 0)
				atomic_store(&job->none, true);
		have += width;
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

/* Chooses form and units, and whether elements are taken where they are. Returns the bytes a worker needs. */
static size_t plan(struct job *job, int outer_axes, int reduced_axes)
{
	struct tr_reduce_view *v = &job->view;
	size_t most = 1, at = BATCH * 16; /* a buffer for results on their way out, too */

	tr__reduce_view(v, job->src, outer_axes, reduced_axes);
	job->direct = v->even && job->src->dtype == job->dtype;
	if (v->columns || (job->direct && tr__reduce_view_turn(v, 2))) {
		job->form = COLUMNS;
		job->direct = job->direct && v->beside == 1;
		most = BESIDE;
		while (most > LEAST_BESIDE && v->outer * ((v->inner - 1) / (int64_t)most + 1) < 4 * (int64_t)job->dev->threads)
			most /= 2;
	} else if (v->n <= SHORT && v->outer >= LEAST_SHORT) {
		job->form = SHORT_ROWS;
		v->inner = v->outer;
		v->outer = 1;
		most = SHORT_BESIDE;
	} else {
		job->form = ROW;
		job->direct = job->direct && (v->step == 1 || v->n == 1);
	}
	job->width = v->inner < (int64_t)most ? (size_t)v->inner : most;
	job->strips = (v->inner - 1) / (int64_t)job->width + 1;
	job->units = v->outer * job->strips;
	job->tile = at = at > BLOCK_BYTES ? at : BLOCK_BYTES;
	if (job->form == SHORT_ROWS)
		at += BLOCK_BYTES;
	job->best = at;
	job->results = at += 2 * BESIDE * sizeof(double);
	return at + BATCH * sizeof(int64_t);
}

static void choose_kernels(struct job *job, const struct tr_kernels *k, enum tr_op op)
{
	bool least = op == TR_OP_argmin || op == TR_OP_nanargmin;

	/* others are all numbers */
	job->numbers = (op == TR_OP_nanargmin || op == TR_OP_nanargmax) && (job->dtype == TR_F32 || job->dtype == TR_F64);
	if (job->numbers) {
		job->arg = (least ? k->nanargmin : k->nanargmax)[job->dtype];
		job->args = (least ? k->nanargmins : k->nanargmaxs)[job->dtype];
	} else {
		job->arg = (least ? k->argmin : k->argmax)[job->dtype];
		job->args = (least ? k->argmins : k->argmaxs)[job->dtype];
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
	choose_kernels(&job, dev->k, (enum tr_op)cmd->op);
	size = plan(&job, (int)cmd->attr.u32[1], (int)cmd->attr.u32[2]);
	if (tr__scratch(dev, size)) {
		snprintf(detail, 128, "cannot allocate %zu bytes for each of %u threads", size, dev->threads);
		return -TR_ENOMEM;
	}
	cost_ns = (double)job.units * ((double)job.view.n * (double)job.width * (job.direct ? 0.1 : 0.5) + 20);
	if (job.form == ROW && job.units < dev->threads && cost_ns / (double)job.units >= WORTH_SPLIT_NS) {
		job.parts = tr__pool_parts(dev, cost_ns / (double)job.units, PARTS);
		run_split(&job);
		return check_found(&job, detail);
	}
	job.parts = tr__pool_parts(dev, cost_ns, (size_t)job.units);
	tr__pool_run(dev, job.parts, run_part, &job);
	return check_found(&job, detail);
}
