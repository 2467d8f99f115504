/* SPDX-License-Identifier: MIT */
/*
 * Whole-row operations: softmax, log_softmax along any axis, layer_norm along the last. Rows go to the level's
 * kernels as dense elements, where they are or through a buffer; rows that lie side by side, or are transposed to lie so
 * because they are short, go to kernels of their own. Long rows are streamed through the fixed tree on all threads
 * instead. All with the same bits.
 */
#include <stdio.h>

#include "simd/rows.h"

/* A row that has to go through a buffer is streamed if it is longer; a direct one only if threads would idle. */
#define LONG 16384
#define WORTH_SPLIT_NS 20000.0

/* Rows side by side in a unit; the longest rows that are transposed to lie so, and the fewest. */
#define BESIDE 64
#define SHORT 64
#define LEAST_SHORT 16

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

/* So many rows, to and from elements apart. */
static void run_kernel(const struct tr_rows_job *job, void *dst, int64_t to, const void *src, int64_t from, int64_t rows)
{
	const struct tr_kernels *k = job->dev->k;
	size_t n = (size_t)job->n;
	tr_row_fn row = job->cmd->op == TR_OP_softmax ? k->softmax[job->dtype] : k->log_softmax[job->dtype];

	if (job->cmd->family == TR_FAMILY_NORM) {
		k->layer_norm[job->dtype](dst, to, src, from, job->weight, job->bias, n, (size_t)rows, job->eps);
		return;
	}
	for (int64_t i = 0; i < rows; i++)
		row((char *)dst + i * to * (int64_t)job->size, (const char *)src + i * from * (int64_t)job->size, n);
}

/* Rows [first, last). buf has room for a row of 16-byte elements, and one of the type after it. */
static void run_rows(const struct tr_rows_job *job, int64_t first, int64_t last, char *buf)
{
	struct tr_operand to = tr__row_of(job->dst, job->axis), from = tr__row_of(job->src, job->axis);
	struct tr_walk w = tr__rows_walk(job);
	size_t n = (size_t)job->n;
	char *row = buf + n * 16;
	int64_t rows = 1;

	tr__walk_seek(&w, first);
	for (int64_t i = first; i < last; i += rows) {
		to.addr = tr__row_at(job->dst, w.offset[0]);
		from.addr = tr__row_at(job->src, w.offset[1]);
		if (job->direct) {
			rows = tr__walk_run(&w) < last - i ? tr__walk_run(&w) : last - i;
			run_kernel(job, to.addr, w.stride[0][w.ndim - 1], from.addr, w.stride[1][w.ndim - 1], rows);
		} else {
			run_kernel(job, row, 0, tr__load_range(job->dev, &from, 0, n, job->dtype, row), 0, 1);
			tr__store_range(job->dev, &to, 0, n, job->dtype, row, buf);
		}
		tr__walk_advance(&w, rows);
	}
}

/* ---- rows side by side ---- */

static void run_kernels(const struct tr_rows_job *job, void *dst, ptrdiff_t to, const void *src, ptrdiff_t from, size_t rows,
			void *room)
{
	const struct tr_kernels *k = job->dev->k;
	size_t n = (size_t)job->n;

	if (job->cmd->op == TR_OP_softmax)
		k->softmaxes[job->dtype](dst, to, src, from, n, rows, room);
	else if (job->cmd->op == TR_OP_log_softmax)
		k->log_softmaxes[job->dtype](dst, to, src, from, n, rows, room);
	else
		k->layer_norms[job->dtype](dst, to, src, from, job->weight, job->bias, n, rows, job->eps, room);
}

static void *at(const struct tr_rows_job *job, const struct tr_operand *o, int64_t offset)
{
	return (char *)o->addr + offset * (int64_t)job->size;
}

/* One unit. The block has 64 bytes for each element of a row, then, for rows that are turned, room for them. */
static void run_beside(const struct tr_rows_job *job, int64_t unit, char *block)
{
	char *tile = block + job->n * 64;
	int64_t o, j, left;
	size_t rows;

	if (job->turned) {
		int64_t first = unit * BESIDE, to = job->to.walk.stride[0][0], from = job->from.walk.stride[0][0];

		rows = job->rows - first < BESIDE ? (size_t)(job->rows - first) : BESIDE;
		tr__transpose(tile, BESIDE, at(job, job->src, first * from), from, (size_t)job->n, rows, job->size);
		run_kernels(job, tile, BESIDE, tile, BESIDE, rows, block);
		tr__transpose(at(job, job->dst, first * to), to, tile, BESIDE, rows, (size_t)job->n, job->size);
		return;
	}
	o = unit / job->strips;
	j = unit % job->strips * BESIDE;
	left = job->to.inner - j;
	rows = left < BESIDE ? (size_t)left : BESIDE;
	run_kernels(job, at(job, job->dst, tr__reduce_offset(&job->to, o) + j), job->to.step,
		    at(job, job->src, tr__reduce_offset(&job->from, o) + j), job->from.step, rows, block);
}

static void run_part(void *arg, size_t part, unsigned worker)
{
	const struct tr_rows_job *job = arg;
	int64_t each = job->units / (int64_t)job->parts, more = job->units % (int64_t)job->parts, p = (int64_t)part;
	int64_t first = p * each + (p < more ? p : more), last = first + each + (p < more);

	if (!job->turned && !job->strips) {
		run_rows(job, first, last, job->dev->scratch[worker]);
		return;
	}
	for (int64_t i = first; i < last; i++)
		run_beside(job, i, job->dev->scratch[worker]);
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

/*
 * Units of rows side by side: where they lie so in both operands, and where they are short and evenly spaced. Returns the
 * bytes a worker needs; 0: rows are taken one by one.
 */
static size_t choose_beside(struct tr_rows_job *job)
{
	struct tr_reduce_view *to = &job->to, *from = &job->from;
	bool own_type = job->src->dtype == job->dtype && job->dst->dtype == job->dtype;

	if (!own_type || job->n > (job->direct ? SHORT : LONG) || (job->direct && job->rows < LEAST_SHORT))
		return 0;
	tr__reduce_view(from, job->src, job->axis, 1);
	tr__reduce_view(to, job->dst, job->axis, 1);
	if (job->direct && !to->columns && to->walk.ndim == 1 && from->walk.ndim == 1) {
		job->turned = true;
		job->units = (job->rows - 1) / BESIDE + 1;
		return (size_t)job->n * (64 + BESIDE * job->size);
	}
	if (job->direct || !to->columns || !to->even || !from->even || to->beside != 1 || from->beside != 1)
		return 0;
	job->strips = (to->inner - 1) / BESIDE + 1;
	job->units = to->outer * job->strips;
	return (size_t)job->n * 64;
}

int tr__exec_softmax(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	struct tr_rows_job job = {0};
	double cost_ns;
	size_t need;

	if (!tr__rows_begin(&job, dev, cmd, (int)cmd->attr.i64[0]))
		return 0;
	cost_ns = (double)job.n * (double)job.rows * (double)job.size * 0.15 + (double)job.rows * 20;
	if (job.n > LONG &&
	    (!job.direct || (job.rows < dev->threads && cost_ns / (double)job.rows >= WORTH_SPLIT_NS))) {
		if (tr__rows_stream(&job))
			return no_memory(dev, sizeof(double) * (TR_TREE_PARTS * TR_LANES + 3 * TR_ROWS_CHUNK), detail);
		return 0;
	}
	need = choose_beside(&job);
	if (!need && !job.direct)
		need = (size_t)job.n * (16 + job.size);
	if (tr__scratch(dev, need))
		return no_memory(dev, need, detail);
	run(&job, cost_ns);
	return 0;
}

int tr__exec_norm(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	struct tr_rows_job job = {0};
	size_t n, need, beside;
	const void **parameter[] = {&job.weight, &job.bias};

	if (!tr__rows_begin(&job, dev, cmd, cmd->operand[1].ndim - 1))
		return 0;
	n = (size_t)job.n;
	job.eps = cmd->attr.f64[0];
	/* Rows side by side, or a row to convert and one of the type; then weight and bias, read from worker 0's block. */
	beside = choose_beside(&job);
	if (__builtin_mul_overflow(n, 16 + 3 * job.size, &need) || __builtin_add_overflow(need, beside, &need))
		return -TR_EOVERFLOW;
	if (tr__scratch(dev, need))
		return no_memory(dev, need, detail);
	for (int i = 0; i < 2; i++) {
		const struct tr_operand *o = &cmd->operand[2 + i];
		char *room = (char *)dev->scratch[0] + beside + n * (16 + (1 + (size_t)i) * job.size);

		if (2 + i < cmd->noperand && o->addr)
			*parameter[i] = tr__load_range(dev, o, 0, n, job.dtype, room);
	}
	run(&job, (double)n * (double)job.rows * (double)job.size * 0.03 + (double)job.rows * 20);
	return 0;
}
