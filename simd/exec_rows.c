/* SPDX-License-Identifier: MIT */
/*
 * Whole-row operations: softmax, log_softmax along any axis, layer_norm along the last. Rows go to the level's
 * kernels as dense elements: where they are, through a buffer, or, lying side by side, through transposed tiles. Long
 * rows are streamed through the fixed tree on all threads instead, with the same bits.
 */
#include <stdio.h>

#include "simd/rows.h"

/* A row that has to go through a buffer is streamed if it is longer; a direct one only if threads would idle. */
#define LONG 16384
#define WORTH_SPLIT_NS 20000.0

/* Tiles of rows side by side: elements in one, within limits of its rows. */
#define TILE 32768
#define TILE_ROWS_LEAST 16
#define TILE_ROWS_MOST 64

/* Elements transposed at once, few enough lines to stay in L1; and elements between the rows of a tile, so that rows
 * of a power of two do not meet in the same sets of the cache. */
#define TILE_BLOCK 32
#define TILE_PAD 16

/* ---- single rows ---- */

struct tr_walk tr__rows_walk(const struct tr_rows_job *job)
{
	int64_t shape[TR_MAX_RANK], to[TR_MAX_RANK], from[TR_MAX_RANK];
	struct tr_walk w;
	int n = 0;

	for (int d = 0; d < job->src->ndim; d++) {
		if (d == job->axis)
			continue;
		shape[n] = job->src->shape[d];
		to[n] = job->dst->stride[d];
		from[n++] = job->src->stride[d];
	}
	tr__walk_init(&w, n, shape, to, from);
	return w;
}

static void run_kernel(const struct tr_rows_job *job, void *dst, const void *src)
{
	const struct tr_kernels *k = job->dev->k;
	size_t n = (size_t)job->n;

	if (job->cmd->op == TR_OP_softmax)
		k->softmax[job->dtype](dst, src, n);
	else if (job->cmd->op == TR_OP_log_softmax)
		k->log_softmax[job->dtype](dst, src, n);
	else
		k->layer_norm[job->dtype](dst, src, job->weight, job->bias, n, job->eps);
}

/* Rows [first, last). buf has room for a row of 16-byte elements, and one of the type after it. */
static void run_rows(const struct tr_rows_job *job, int64_t first, int64_t last, char *buf)
{
	struct tr_operand to = tr__row_of(job->dst, job->axis), from = tr__row_of(job->src, job->axis);
	struct tr_walk w = tr__rows_walk(job);
	size_t n = (size_t)job->n;
	char *row = buf + n * 16;

	tr__walk_seek(&w, first);
	for (int64_t i = first; i < last; i++) {
		to.addr = tr__row_at(job->dst, w.offset[0]);
		from.addr = tr__row_at(job->src, w.offset[1]);
		if (job->direct) {
			run_kernel(job, to.addr, from.addr);
		} else {
			run_kernel(job, row, tr__load_range(job->dev, &from, 0, n, job->dtype, row));
			tr__store_range(job->dev, &to, 0, n, job->dtype, row, buf);
		}
		tr__walk_advance(&w, 1);
	}
}

/* ---- rows side by side ---- */

static void run_tile(const struct tr_rows_job *job, int64_t unit, char *tile)
{
	int64_t strips = (job->to.inner - 1) / job->width + 1, o = unit / strips, j = unit % strips * job->width;
	size_t size = job->size, n = (size_t)job->n;
	size_t width = (size_t)(job->to.inner - j < job->width ? job->to.inner - j : job->width);
	ptrdiff_t stride = job->n + TILE_PAD;
	const char *src = (const char *)job->src->addr + (tr__reduce_offset(&job->from, o) + j) * (int64_t)size;
	char *dst = (char *)job->dst->addr + (tr__reduce_offset(&job->to, o) + j) * (int64_t)size;

	for (size_t at = 0; at < n; at += TILE_BLOCK) {
		size_t part = n - at < TILE_BLOCK ? n - at : TILE_BLOCK;

		tr__transpose(tile + at * size, stride, src + (ptrdiff_t)at * job->from.step * (ptrdiff_t)size,
			      job->from.step, width, part, size);
	}
	for (size_t i = 0; i < width; i++)
		run_kernel(job, tile + i * (size_t)stride * size, tile + i * (size_t)stride * size);
	for (size_t at = 0; at < n; at += TILE_BLOCK) {
		size_t part = n - at < TILE_BLOCK ? n - at : TILE_BLOCK;

		tr__transpose(dst + (ptrdiff_t)at * job->to.step * (ptrdiff_t)size, job->to.step, tile + at * size, stride,
			      part, width, size);
	}
}

static void run_part(void *arg, size_t part, unsigned worker)
{
	const struct tr_rows_job *job = arg;
	int64_t each = job->units / (int64_t)job->parts, more = job->units % (int64_t)job->parts, p = (int64_t)part;
	int64_t first = p * each + (p < more ? p : more), last = first + each + (p < more);

	if (!job->width) {
		run_rows(job, first, last, job->dev->scratch[worker]);
		return;
	}
	for (int64_t i = first; i < last; i++)
		run_tile(job, i, job->dev->scratch[worker]);
}

/* ---- commands ---- */

static int no_memory(const struct tr_device *dev, size_t size, char *detail)
{
	snprintf(detail, 128, "cannot allocate %zu bytes for each of %u threads", size, dev->threads);
	return -TR_ENOMEM;
}

bool tr__rows_begin(struct tr_rows_job *job, struct tr_device *dev, const struct tr_cmd *cmd, int axis)
{
	job->dev = dev;
	job->cmd = cmd;
	job->dst = &cmd->operand[0];
	job->src = &cmd->operand[1];
	job->dtype = cmd->dtype;
	job->size = tr_dtype_size(job->dtype);
	job->axis = axis;
	job->rows = tr__product(job->dst->shape, job->dst->ndim);
	if (!job->rows)
		return false;
	job->n = job->src->shape[axis];
	job->rows /= job->n;
	job->units = job->rows;
	job->direct = job->src->dtype == job->dtype && job->dst->dtype == job->dtype &&
		      (job->n == 1 || (job->src->stride[axis] == 1 && job->dst->stride[axis] == 1));
	return true;
}

static void run(struct tr_rows_job *job, double cost_ns)
{
	job->parts = tr__pool_parts(job->dev, cost_ns, (size_t)job->units);
	tr__pool_run(job->dev, job->parts, run_part, job);
}

/* Tiles, where rows lie side by side in both operands. */
static void choose_tiles(struct tr_rows_job *job)
{
	if (job->direct || job->src->dtype != job->dtype || job->dst->dtype != job->dtype || job->n > LONG)
		return;
	tr__reduce_view(&job->from, job->src, job->axis, 1);
	tr__reduce_view(&job->to, job->dst, job->axis, 1);
	if (!job->to.columns || !job->to.even || !job->from.even || job->to.beside != 1 || job->from.beside != 1)
		return;
	job->width = TILE / job->n;
	if (job->width < TILE_ROWS_LEAST)
		job->width = TILE_ROWS_LEAST;
	if (job->width > TILE_ROWS_MOST)
		job->width = TILE_ROWS_MOST;
	if (job->width > job->to.inner)
		job->width = job->to.inner;
	job->units = job->to.outer * ((job->to.inner - 1) / job->width + 1);
}

int tr__exec_softmax(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	struct tr_rows_job job = {0};
	double cost_ns;
	size_t need = 0;

	if (!tr__rows_begin(&job, dev, cmd, (int)cmd->attr.i64[0]))
		return 0;
	cost_ns = (double)job.n * (double)job.rows * (double)job.size * 0.15 + (double)job.rows * 20;
	if (job.n > LONG &&
	    (!job.direct || (job.rows < dev->threads && cost_ns / (double)job.rows >= WORTH_SPLIT_NS))) {
		if (tr__rows_stream(&job))
			return no_memory(dev, sizeof(double) * (TR_TREE_PARTS * TR_LANES + 3 * TR_ROWS_CHUNK), detail);
		return 0;
	}
	choose_tiles(&job);
	if (job.width)
		need = (size_t)(job.width * (job.n + TILE_PAD)) * job.size;
	else if (!job.direct)
		need = (size_t)job.n * (16 + job.size);
	if (tr__scratch(dev, need))
		return no_memory(dev, need, detail);
	run(&job, cost_ns);
	return 0;
}

int tr__exec_norm(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	struct tr_rows_job job = {0};
	size_t n, need;
	const void **parameter[] = {&job.weight, &job.bias};

	if (!tr__rows_begin(&job, dev, cmd, cmd->operand[1].ndim - 1))
		return 0;
	n = (size_t)job.n;
	job.eps = cmd->attr.f64[0];
	/* A row to convert and one of the type, then weight and bias, which are read from worker 0's block. */
	if (__builtin_mul_overflow(n, 16 + 3 * job.size, &need))
		return -TR_EOVERFLOW;
	if (tr__scratch(dev, need))
		return no_memory(dev, need, detail);
	for (int i = 0; i < 2; i++) {
		const struct tr_operand *o = &cmd->operand[2 + i];
		char *room = (char *)dev->scratch[0] + n * (16 + (1 + (size_t)i) * job.size);

		if (2 + i < cmd->noperand && o->addr)
			*parameter[i] = tr__load_range(dev, o, 0, n, job.dtype, room);
	}
	run(&job, (double)n * (double)job.rows * (double)job.size * 0.06 + (double)job.rows * 20);
	return 0;
}
