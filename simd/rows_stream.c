/* SPDX-License-Identifier: MIT */
/*
 * softmax and log_softmax of long rows: streamed by chunks through the fixed tree, on all threads, with the bits of the
 * kernels for whole rows. Whether a row is long is decided elsewhere.
 */
#include <string.h>

#include "simd/rows.h"

/* A row in work. Its elements are taken by chunks, three times: for the maximum, the sum, the result. */
struct stream {
	const struct tr_rows_job *job;
	struct tr_operand to, from;
	char *exps;       /* softmax: where the exponentials go to stay, the destination itself; or NULL */
	const char *most; /* TR_ROWS_CHUNK copies of the row's maximum */
	const char *last; /* TR_ROWS_CHUNK copies of the factor, or of the sum's logarithm */
	size_t room;      /* where in a worker's block a chunk has room, thrice */
	size_t parts, chunks;
};

static void map(const struct tr_rows_job *job, enum tr_op op, void *dst, const void *a, const void *b, size_t n)
{
	const void *src[] = {a, b};

	job->dev->k->map[op][job->dtype](dst, src, n);
}

static size_t chunk_size(const struct stream *s, size_t chunk)
{
	size_t left = (size_t)s->job->n - chunk * TR_ROWS_CHUNK;

	return left < TR_ROWS_CHUNK ? left : TR_ROWS_CHUNK;
}

static const char *load_chunk(const struct stream *s, size_t chunk, size_t n, char *buf)
{
	return tr__load_range(s->job->dev, &s->from, (int64_t)(chunk * TR_ROWS_CHUNK), n, s->job->dtype, buf);
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
	char *e = s->exps ? s->exps + chunk * TR_ROWS_CHUNK * s->job->size : buf;

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
	const struct tr_rows_job *job = s->job;
	size_t n = chunk_size(s, chunk);
	char *stage = buf + TR_ROWS_CHUNK * job->size;

	if (s->exps) {
		char *e = s->exps + chunk * TR_ROWS_CHUNK * job->size;

		map(job, TR_OP_multiply, e, e, s->last, n);
		return;
	}
	if (job->cmd->op == TR_OP_softmax) {
		map(job, TR_OP_multiply, buf, exps(s, chunk, n, buf), s->last, n);
	} else {
		map(job, TR_OP_subtract, buf, load_chunk(s, chunk, n, buf), s->most, n);
		map(job, TR_OP_subtract, buf, buf, s->last, n);
	}
	tr__store_range(job->dev, &s->to, (int64_t)(chunk * TR_ROWS_CHUNK), n, job->dtype, buf, stage);
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

static int stream_row(const struct tr_rows_job *job, void *dst, void *src)
{
	struct stream s = {.job = job, .to = tr__row_of(job->dst, job->axis), .from = tr__row_of(job->src, job->axis)};
	struct tr_tree t = {.k = job->dev->k, .dtype = job->dtype, .size = job->size, .lanes = TR_LANES, .width = 1};
	double n = (double)job->n, one = 1;
	size_t partials;
	char *block, *most, *last;

	s.to.addr = dst;
	s.from.addr = src;
	t.leaves = s.chunks = ((size_t)job->n - 1) / TR_ROWS_CHUNK + 1;
	t.arg = &s;
	s.room = tr__tree_stack(&t);
	partials = s.room + TR_ROWS_CHUNK * (job->size + 16);
	if (tr__scratch(job->dev, partials + (TR_TREE_PARTS * TR_LANES + 2 * TR_ROWS_CHUNK) * job->size))
		return -TR_ENOMEM;
	block = job->dev->scratch[0];
	s.most = most = block + partials + TR_TREE_PARTS * TR_LANES * job->size;
	s.last = last = most + TR_ROWS_CHUNK * job->size;
	if (job->cmd->op == TR_OP_softmax && s.to.dtype == job->dtype && s.to.stride[0] == 1)
		s.exps = s.to.addr;

	t.fold = TR_FOLD_MAXIMUM;
	t.fold_leaf = fold_maximum;
	tr__tree_run(job->dev, &t, n * 0.1, s.room, partials);
	memcpy(most, block, job->size);
	repeat(most, job->size, TR_ROWS_CHUNK);

	t.fold = TR_FOLD_ADD;
	t.fold_leaf = fold_exps;
	tr__tree_run(job->dev, &t, n * 0.4, s.room, partials);
	if (job->cmd->op == TR_OP_softmax) {
		job->dev->k->cast[TR_F64][job->dtype](last, &one, 1);
		map(job, TR_OP_divide, last, last, block, 1);
	} else {
		map(job, TR_OP_log, last, block, NULL, 1);
	}
	repeat(last, job->size, TR_ROWS_CHUNK);

	s.parts = tr__pool_parts(job->dev, n * 0.2, s.chunks);
	tr__pool_run(job->dev, s.parts, finish_part, &s);
	return 0;
}

int tr__rows_stream(const struct tr_rows_job *job)
{
	struct tr_walk w = tr__rows_walk(job);

	for (int64_t i = 0; i < job->rows; i++) {
		if (stream_row(job, tr__row_at(job->dst, w.offset[0]), tr__row_at(job->src, w.offset[1])))
			return -TR_ENOMEM;
		tr__walk_advance(&w, 1);
	}
	return 0;
}
