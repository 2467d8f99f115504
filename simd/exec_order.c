/* SPDX-License-Identifier: MIT */
/*
 * The MEDIAN and QUANTILE families: brings each result's elements into a dense row, picks two neighbours by their rank
 * (order.h) and joins them. Elements across memory are transposed on the way. Threads share results.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "simd/order.h"
#include "simd/reduce.h"

/* Results side by side that are transposed together, if their rows are no longer than LONG. */
#define BESIDE 16
#define LONG 65536

struct job {
	struct tr_device *dev;
	const struct tr_cmd *cmd;
	const struct tr_operand *dst, *src;
	struct tr_reduce_view view;
	enum tr_dtype dtype;
	size_t size;
	size_t width;  /* results of a unit; above 1 they lie side by side and are of the type */
	int64_t strips, units;
	size_t parts;
	size_t stride; /* bytes of a row in a worker's block */
};

/* What q (n - 1) falls between: rank, and the share of the next. */
static size_t place(const struct job *job, size_t n, double *share)
{
	bool median = job->cmd->family == TR_FAMILY_MEDIAN;
	double at = (median ? 0.5 : job->cmd->attr.f64[3]) * (double)(n - 1), rank = floor(at);

	*share = at - rank;
	switch (job->cmd->attr.u32[3]) {
	case TR_QUANTILE_LOWER:
		*share = 0;
		break;
	case TR_QUANTILE_HIGHER:
		rank = ceil(at);
		*share = 0;
		break;
	case TR_QUANTILE_NEAREST:
		rank = rint(at);
		*share = 0;
		break;
	case TR_QUANTILE_MIDPOINT:
		*share = *share > 0 ? 0.5 : 0;
		break;
	}
	return rank >= (double)n ? n - 1 : (size_t)rank;
}

/* The mean of two, and NumPy's interpolation, each step rounded to the type. */
static double join(const struct job *job, const double two[2], double share)
{
	double a = two[0], b = two[1], t = share;

	if (share == 0 || a == b)
		return a;
	if (job->dtype == TR_F32) {
		float x = (float)a, y = (float)b, d = y - x, f = (float)t;

		if (job->cmd->family == TR_FAMILY_MEDIAN)
			return (double)((x + y) / 2);
		return (double)(f >= 0.5f ? y - d * (1 - f) : x + d * f);
	}
	if (job->cmd->family == TR_FAMILY_MEDIAN)
		return (a + b) / 2;
	return t >= 0.5 ? b - (b - a) * (1 - t) : a + (b - a) * t;
}

/* The result of one row of n elements. room is apart from it and has space for as many; so has spare. */
static double solve(const struct job *job, const char *row, char *room, char *spare)
{
	bool skips = job->cmd->op == TR_OP_nanmedian || job->cmd->op == TR_OP_nanquantile;
	const struct tr_kernels *k = job->dev->k;
	size_t n = (size_t)job->view.n, i = k->argmax[job->dtype](row, n), below = 0, rank;
	double low = -INFINITY, high = INFINITY, two[2], share;
	float fl = -INFINITY, fh = INFINITY;
	bool is_f64 = job->dtype == TR_F64;

	/* argmax is drawn to a NaN. */
	memcpy(&two[0], row + i * job->size, job->size);
	memcpy(&fl, &two[0], sizeof(fl));
	if (is_f64 ? isnan(two[0]) : isnan(fl)) {
		if (!skips)
			return NAN;
		fl = -INFINITY;
		n = k->between[job->dtype](spare, row, n, is_f64 ? (void *)&low : &fl, is_f64 ? (void *)&high : &fh, &below);
		row = spare;
		if (!n)
			return NAN;
	}
	rank = place(job, n, &share);
	tr__order_pick(k, job->dtype, row, n, rank, room, two);
	return join(job, two, share);
}

static void put(const struct job *job, int64_t result, double value, char *buf)
{
	char x[sizeof(double)];

	if (job->dtype == TR_F64)
		memcpy(x, &value, sizeof(value));
	else
		job->dev->k->cast[TR_F64][job->dtype](x, &value, 1);
	tr__store_range(job->dev, job->dst, result, 1, job->dtype, x, buf);
}

/* One row, as dense elements of the type, where it lies or at rows. */
static const char *load_row(const struct job *job, int64_t o, int64_t j, char *rows)
{
	const struct tr_operand *src = job->src;
	int outer = (int)job->cmd->attr.u32[1], reduced = (int)job->cmd->attr.u32[2], kept = outer + reduced;
	struct tr_operand line = {.dtype = src->dtype, .ndim = (uint8_t)reduced};
	struct tr_walk w;

	tr__walk_init(&w, src->ndim - kept, src->shape + kept, src->stride + kept, NULL);
	tr__walk_seek(&w, j);
	line.addr = (char *)src->addr + (tr__reduce_offset(&job->view, o) + w.offset[0]) * (int64_t)tr_dtype_size(src->dtype);
	memcpy(line.shape, src->shape + outer, (size_t)reduced * sizeof(*line.shape));
	memcpy(line.stride, src->stride + outer, (size_t)reduced * sizeof(*line.stride));
	return tr__load_range(job->dev, &line, 0, (size_t)job->view.n, job->dtype, rows);
}

/* The block has room for two rows, then for those of a unit. */
static void run_unit(const struct job *job, int64_t unit, char *block)
{
	const struct tr_reduce_view *v = &job->view;
	int64_t o = unit / job->strips, j = unit % job->strips * (int64_t)job->width;
	size_t width = v->inner - j < (int64_t)job->width ? (size_t)(v->inner - j) : job->width;
	char *room = block, *spare = room + job->stride, *rows = spare + job->stride;

	if (job->width > 1)
		tr__transpose(rows, (ptrdiff_t)(job->stride / job->size),
			      (const char *)job->src->addr + (tr__reduce_offset(v, o) + j) * (int64_t)job->size, v->step, width,
			      (size_t)v->n, job->size);
	for (size_t i = 0; i < width; i++) {
		const char *row = job->width > 1 ? rows + i * job->stride : load_row(job, o, j, rows);

		put(job, o * v->inner + j + (int64_t)i, solve(job, row, room, spare), spare);
	}
}

static void run_part(void *arg, size_t part, unsigned worker)
{
	const struct job *job = arg;
	int64_t each = job->units / (int64_t)job->parts, more = job->units % (int64_t)job->parts, p = (int64_t)part;
	int64_t first = p * each + (p < more ? p : more), last = first + each + (p < more);

	for (int64_t i = first; i < last; i++)
		run_unit(job, i, job->dev->scratch[worker]);
}

static void fill_nan(const struct job *job, int64_t results)
{
	char buf[16];

	for (int64_t i = 0; i < results; i++)
		put(job, i, NAN, buf);
}

/* Chooses units. Returns the bytes a worker needs, 0 if they are too many to count. */
static size_t plan(struct job *job)
{
	struct tr_reduce_view *v = &job->view;
	size_t need;

	tr__reduce_view(v, job->src, (int)job->cmd->attr.u32[1], (int)job->cmd->attr.u32[2]);
	job->width = 1;
	if (v->columns && v->even && v->beside == 1 && job->src->dtype == job->dtype && v->n <= LONG)
		job->width = v->inner < BESIDE ? (size_t)v->inner : BESIDE;
	job->strips = (v->inner - 1) / (int64_t)job->width + 1;
	job->units = v->outer * job->strips;
	job->stride = ((size_t)v->n * job->size + 127) & ~(size_t)63;
	return __builtin_mul_overflow(job->stride, job->width + 2, &need) ? 0 : need;
}

int tr__exec_order(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	struct job job = {.dev = dev, .cmd = cmd, .dst = &cmd->operand[0], .src = &cmd->operand[1], .dtype = cmd->dtype};
	int64_t results = tr__product(job.dst->shape, job.dst->ndim);
	size_t need;

	job.size = tr_dtype_size(job.dtype);
	job.view.n = tr__product(job.src->shape + cmd->attr.u32[1], (int)cmd->attr.u32[2]);
	if (!job.view.n)
		fill_nan(&job, results);
	if (!results || !job.view.n)
		return 0;
	need = plan(&job);
	if (!need || tr__scratch(dev, need)) {
		snprintf(detail, 128, "cannot allocate %zu bytes for each of %u threads", need, dev->threads);
		return -TR_ENOMEM;
	}
	job.parts = tr__pool_parts(dev, (double)results * ((double)job.view.n * 1.0 + 200), (size_t)job.units);
	tr__pool_run(dev, job.parts, run_part, &job);
	return 0;
}
