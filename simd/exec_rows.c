/* SPDX-License-Identifier: MIT */
/*
 * Whole-row operations: softmax, log_softmax along any axis, layer_norm along the last. Rows go to the level's
 * kernels as dense elements: where they are, through a buffer, or, lying side by side, through transposed tiles. Long
 * rows are streamed through the fixed tree on all threads instead, with the same bits.
 */
#include <stdio.h>
#include <string.h>

#include "simd/reduce.h"
#include "simd/tree.h"

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

#define CHUNK (TR_LANES * TR_CHUNK_ROWS)

struct job {
	struct tr_device *dev;
	const struct tr_cmd *cmd;
	const struct tr_operand *dst, *src;
	enum tr_dtype dtype;
	size_t size;
	int axis;
	int64_t n, rows;   /* elements of a row */
	bool direct;       /* rows are dense and of the type in src and dst */
	struct tr_reduce_view to, from; /* dst and src, with the rows' elements as what is reduced */
	int64_t width;     /* rows of a tile, 0: row by row */
	int64_t units;
	size_t parts;
	double eps;
	const void *weight, *bias;
};

/* ---- single rows ---- */

/* The rows' starts, in C order of the other axes: view 0 is dst's, view 1 src's. */
static struct tr_walk walk_rows(const struct job *job)
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

/* An operand that is one row, whose address is still to be set. */
static struct tr_operand row_of(const struct tr_operand *o, int axis)
{
	struct tr_operand row = {.dtype = o->dtype, .ndim = 1};

	row.shape[0] = o->shape[axis];
	row.stride[0] = o->stride[axis];
	return row;
}

static void *row_at(const struct tr_operand *o, int64_t offset)
{
	return (char *)o->addr + offset * (int64_t)tr_dtype_size(o->dtype);
}

static void run_kernel(const struct job *job, void *dst, const void *src)
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
static void run_rows(const struct job *job, int64_t first, int64_t last, char *buf)
{
	struct tr_operand to = row_of(job->dst, job->axis), from = row_of(job->src, job->axis);
	struct tr_walk w = walk_rows(job);
	size_t n = (size_t)job->n;
	char *row = buf + n * 16;

	tr__walk_seek(&w, first);
	for (int64_t i = first; i < last; i++) {
		to.addr = row_at(job->dst, w.offset[0]);
		from.addr = row_at(job->src, w.offset[1]);
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

static void run_tile(const struct job *job, int64_t unit, char *tile)
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
	const struct job *job = arg;
	int64_t each = job->units / (int64_t)job->parts, more = job->units % (int64_t)job->parts, p = (int64_t)part;
	int64_t first = p * each + (p < more ? p : more), last = first + each + (p < more);

	if (!job->width) {
		run_rows(job, first, last, job->dev->scratch[worker]);
		return;
	}
	for (int64_t i = first; i < last; i++)
		run_tile(job, i, job->dev->scratch[worker]);
}

/* ---- long rows ---- */

/* A row in work. Its elements are taken by chunks, three times: for the maximum, the sum, the result. */
struct stream {
	const struct job *job;
	struct tr_operand to, from;
	char *exps;       /* softmax: where the exponentials go to stay, the destination itself; or NULL */
	const char *most; /* CHUNK copies of the row's maximum */
	const char *last; /* CHUNK copies of the factor, or of the sum's logarithm */
	size_t room;      /* where in a worker's block a chunk has room, thrice */
	size_t parts, chunks;
};

static void map(const struct job *job, enum tr_op op, void *dst, const void *a, const void *b, size_t n)
{
	const void *src[] = {a, b};

	job->dev->k->map[op][job->dtype](dst, src, n);
}

static size_t chunk_size(const struct stream *s, size_t chunk)
{
	size_t left = (size_t)s->job->n - chunk * CHUNK;

	return left < CHUNK ? left : CHUNK;
}

static const char *load_chunk(const struct stream *s, size_t chunk, size_t n, char *buf)
{
	return tr__load_range(s->job->dev, &s->from, (int64_t)(chunk * CHUNK), n, s->job->dtype, buf);
}

static size_t fold_maximum(const struct tr_tree *t, size_t chunk, void *acc, char *scratch)
{
	const struct stream *s = t->arg;
	size_t n = chunk_size(s, chunk);

	return tr__tree_fold_line(t, acc, load_chunk(s, chunk, n, scratch), n, NULL);
}

/* e = exp(x - max x) of a chunk. */
static char *exps(const struct stream *s, size_t chunk, size_t n, char *buf)
{
	char *e = s->exps ? s->exps + chunk * CHUNK * s->job->size : buf;

	map(s->job, TR_OP_subtract, e, load_chunk(s, chunk, n, buf), s->most, n);
	map(s->job, TR_OP_exp, e, e, NULL, n);
	return e;
}

static size_t fold_exps(const struct tr_tree *t, size_t chunk, void *acc, char *scratch)
{
	const struct stream *s = t->arg;
	size_t n = chunk_size(s, chunk);

	return tr__tree_fold_line(t, acc, exps(s, chunk, n, scratch), n, NULL);
}

/* The last pass over one chunk. */
static void finish_chunk(const struct stream *s, size_t chunk, char *buf)
{
	const struct job *job = s->job;
	size_t n = chunk_size(s, chunk);
	char *stage = buf + CHUNK * job->size;

	if (s->exps) {
		char *e = s->exps + chunk * CHUNK * job->size;

		map(job, TR_OP_multiply, e, e, s->last, n);
		return;
	}
	if (job->cmd->op == TR_OP_softmax) {
		map(job, TR_OP_multiply, buf, exps(s, chunk, n, buf), s->last, n);
	} else {
		map(job, TR_OP_subtract, buf, load_chunk(s, chunk, n, buf), s->most, n);
		map(job, TR_OP_subtract, buf, buf, s->last, n);
	}
	tr__store_range(job->dev, &s->to, (int64_t)(chunk * CHUNK), n, job->dtype, buf, stage);
}

static void finish_part(void *arg, size_t part, unsigned worker)
{
	const struct stream *s = arg;
	size_t each = s->chunks / s->parts, more = s->chunks % s->parts;
	size_t first = part * each + (part < more ? part : more), last = first + each + (part < more);

	for (size_t c = first; c < last; c++)
		finish_chunk(s, c, (char *)s->job->dev->scratch[worker] + s->room);
}

/* n copies of the element at dst, itself the first. */
static void repeat(char *dst, size_t size, size_t n)
{
	for (size_t have = 1; have < n; have *= 2)
		memcpy(dst + have * size, dst, (have < n - have ? have : n - have) * size);
}

static int stream_row(const struct job *job, void *dst, void *src)
{
	struct stream s = {.job = job, .to = row_of(job->dst, job->axis), .from = row_of(job->src, job->axis)};
	struct tr_tree t = {.k = job->dev->k, .dtype = job->dtype, .size = job->size, .lanes = TR_LANES, .width = 1};
	double n = (double)job->n, one = 1;
	size_t partials;
	char *block, *most, *last;

	s.to.addr = dst;
	s.from.addr = src;
	t.chunks = s.chunks = ((size_t)job->n - 1) / CHUNK + 1;
	t.arg = &s;
	s.room = tr__tree_stack(&t);
	partials = s.room + CHUNK * (job->size + 16);
	if (tr__scratch(job->dev, partials + (TR_TREE_PARTS * TR_LANES + 2 * CHUNK) * job->size))
		return -TR_ENOMEM;
	block = job->dev->scratch[0];
	s.most = most = block + partials + TR_TREE_PARTS * TR_LANES * job->size;
	s.last = last = most + CHUNK * job->size;
	if (job->cmd->op == TR_OP_softmax && s.to.dtype == job->dtype && s.to.stride[0] == 1)
		s.exps = s.to.addr;

	t.fold = TR_FOLD_MAXIMUM;
	t.fold_chunk = fold_maximum;
	tr__tree_run(job->dev, &t, n * 0.1, s.room, partials);
	memcpy(most, block, job->size);
	repeat(most, job->size, CHUNK);

	t.fold = TR_FOLD_ADD;
	t.fold_chunk = fold_exps;
	tr__tree_run(job->dev, &t, n * 0.4, s.room, partials);
	if (job->cmd->op == TR_OP_softmax) {
		job->dev->k->cast[TR_F64][job->dtype](last, &one, 1);
		map(job, TR_OP_divide, last, last, block, 1);
	} else {
		map(job, TR_OP_log, last, block, NULL, 1);
	}
	repeat(last, job->size, CHUNK);

	s.parts = tr__pool_parts(job->dev, n * 0.2, s.chunks);
	tr__pool_run(job->dev, s.parts, finish_part, &s);
	return 0;
}

static int stream_rows(const struct job *job)
{
	struct tr_walk w = walk_rows(job);

	for (int64_t i = 0; i < job->rows; i++) {
		if (stream_row(job, row_at(job->dst, w.offset[0]), row_at(job->src, w.offset[1])))
			return -TR_ENOMEM;
		tr__walk_advance(&w, 1);
	}
	return 0;
}

/* ---- commands ---- */

static int no_memory(const struct tr_device *dev, size_t size, char *detail)
{
	snprintf(detail, 128, "cannot allocate %zu bytes for each of %u threads", size, dev->threads);
	return -TR_ENOMEM;
}

/* Fills in all but weight and bias. False: there is nothing to do. */
static bool begin(struct job *job, struct tr_device *dev, const struct tr_cmd *cmd, int axis)
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

static void run(struct job *job, double cost_ns)
{
	job->parts = tr__pool_parts(job->dev, cost_ns, (size_t)job->units);
	tr__pool_run(job->dev, job->parts, run_part, job);
}

/* Tiles, where rows lie side by side in both operands. */
static void choose_tiles(struct job *job)
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
	struct job job = {0};
	double cost_ns;
	size_t need = 0;

	if (!begin(&job, dev, cmd, (int)cmd->attr.i64[0]))
		return 0;
	cost_ns = (double)job.n * (double)job.rows * (double)job.size * 0.15 + (double)job.rows * 20;
	if (job.n > LONG &&
	    (!job.direct || (job.rows < dev->threads && cost_ns / (double)job.rows >= WORTH_SPLIT_NS))) {
		if (stream_rows(&job))
			return no_memory(dev, sizeof(double) * (TR_TREE_PARTS * TR_LANES + 3 * CHUNK), detail);
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
	struct job job = {0};
	size_t n, need;
	const void **parameter[] = {&job.weight, &job.bias};

	if (!begin(&job, dev, cmd, cmd->operand[1].ndim - 1))
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
