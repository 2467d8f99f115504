/* SPDX-License-Identifier: MIT */
/*
 * The REDUCE family: how elements come to the fixed tree, which results are reduced side by side, and what is done
 * with the sums. Knows axes, strides and types; what the tree is, simd/tree.h and docs/numerics.md say.
 *
 * Results are made in units of `width` consecutive ones. In the row form, where the last axis is reduced, that is
 * - a single row, element after element,
 * - rows side by side, if they lie so in memory (a transposed matrix), or
 * - rows shorter than the lanes, which are transposed on the way in to lie so.
 * In the column form it is a strip of columns. Which one is taken shows in no result.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "simd/reduce.h"
#include "simd/tree.h"

/* Most results of a unit: columns, rows side by side, short rows; and results finished at once. */
#define STRIP 512
#define BESIDE 32
#define SHORT 64
#define BATCH 512

/* Least rows side by side that pay, and short ones. */
#define LEAST_BESIDE 8
#define LEAST_SHORT 16

/* Most chunks of what is folded on the stack: a tree that two levels of partial results are enough for. */
#define SMALL_CHUNKS 4

/* Least work on one unit that several threads share, in nanoseconds. */
#define WORTH_SPLIT_NS 20000.0

enum then { NOTHING, DIVIDE = 1, DEVIATION = 2, ROOT = 4 };

/* What an operation reduces, how, and what follows. TR_DTYPE_NONE: the command's type. */
struct reduction {
	uint8_t fold;
	uint8_t load;  /* type elements are loaded as */
	uint8_t dtype; /* type they are folded in */
	uint8_t then;
	double empty; /* result over no elements */
};

static const struct reduction reductions[TR_OP_COUNT] = {
	[TR_OP_sum] = {TR_FOLD_ADD, TR_DTYPE_NONE, TR_DTYPE_NONE, NOTHING, 0},
	[TR_OP_prod] = {TR_FOLD_MULTIPLY, TR_DTYPE_NONE, TR_DTYPE_NONE, NOTHING, 1},
	[TR_OP_mean] = {TR_FOLD_ADD, TR_DTYPE_NONE, TR_DTYPE_NONE, DIVIDE, NAN},
	[TR_OP_var] = {TR_FOLD_ADD, TR_DTYPE_NONE, TR_DTYPE_NONE, DEVIATION | DIVIDE, NAN},
	[TR_OP_std] = {TR_FOLD_ADD, TR_DTYPE_NONE, TR_DTYPE_NONE, DEVIATION | DIVIDE | ROOT, NAN},
	[TR_OP_min] = {TR_FOLD_MINIMUM, TR_DTYPE_NONE, TR_DTYPE_NONE, NOTHING, NAN},
	[TR_OP_max] = {TR_FOLD_MAXIMUM, TR_DTYPE_NONE, TR_DTYPE_NONE, NOTHING, NAN},
	[TR_OP_all] = {TR_FOLD_AND, TR_BOOL, TR_BOOL, NOTHING, 1},
	[TR_OP_any] = {TR_FOLD_OR, TR_BOOL, TR_BOOL, NOTHING, 0},
	[TR_OP_count_nonzero] = {TR_FOLD_ADD, TR_BOOL, TR_I64, NOTHING, 0},
};

enum form {
	ROW,          /* lanes along the row */
	ROWS_BESIDE,  /* lanes × rows, rows side by side in memory */
	ROWS_SHORT,   /* the same after transposing; one chunk */
	COLUMNS
};

struct job {
	struct tr_device *dev;
	const struct tr_operand *dst, *src;
	const struct reduction *reduction;
	enum tr_dtype load;
	size_t load_size;
	enum form form;
	bool direct;      /* elements can be folded where they are */
	struct tr_reduce_view view;
	int64_t strips;   /* units the view's inner results are cut into */
	int64_t units;
	double divisor;
	struct tr_tree tree; /* of a full unit */
	/* Offsets into a worker's scratch block. */
	size_t room, mean, divisors, results, partials;
};

/* One unit in work. */
struct unit {
	const struct job *job;
	int64_t o, j;
	const char *base;  /* direct: of its first element */
	const char *mean;  /* of each result, or in TR_LANES copies; NULL in the first pass */
};

/* ---- elements ---- */

/* n elements of the source's range as the fold's type; buf has room for them in either type. */
static const char *load(const struct job *job, int64_t first, size_t n, char *buf)
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
	const struct job *job = u->job;
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

static size_t fold_chunk(const struct tr_tree *t, size_t chunk, void *acc, char *scratch)
{
	const struct unit *u = t->arg;
	const struct job *job = u->job;
	size_t first = chunk * t->lanes * TR_CHUNK_ROWS, count = (size_t)job->view.n - first;
	size_t rows, tail, row = t->width * t->size;
	ptrdiff_t step = job->direct ? job->view.step : (ptrdiff_t)t->width;
	const char *p;
	char *a = acc;

	if (count > t->lanes * TR_CHUNK_ROWS)
		count = t->lanes * TR_CHUNK_ROWS;
	rows = count / t->lanes;
	tail = count % t->lanes;

	if (job->form == ROWS_SHORT) {
		char *to = u->mean ? scratch : a;

		p = load(job, u->j * job->view.n, t->width * count, scratch + t->width * count * t->size);
		tr__transpose(to, (ptrdiff_t)t->width, p, (ptrdiff_t)count, count, t->width, t->size);
		if (!u->mean)
			return count * t->width;
		p = to;
	} else if (job->direct) {
		p = u->base + (ptrdiff_t)first * step * (ptrdiff_t)t->size;
	} else if (job->form == ROW) {
		p = load(job, u->o * job->view.n + (int64_t)first, count, scratch);
	} else {
		p = load_columns(u, t->width, first, count, scratch);
	}
	if (job->form == ROW)
		return tr__tree_fold_line(t, acc, p, count, u->mean);
	for (size_t l = 0; l < t->lanes && l < count; l++)
		tr__tree_fold_rows(t, a + l * row, p + (ptrdiff_t)l * step * (ptrdiff_t)t->size,
				   (ptrdiff_t)t->lanes * step, rows + (l < tail), t->width, u->mean);
	return (rows ? t->lanes : tail) * t->width;
}

/* ---- units ---- */

/* Prepares unit number i and the tree for it. */
static void start(const struct job *job, int64_t i, struct unit *u, struct tr_tree *t)
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
static void divide(const struct job *job, void *a, const void *divisors, size_t n)
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
static void fill(const struct job *job, char *dst, double value, size_t n)
{
	job->tree.k->cast[TR_F64][job->tree.dtype](dst, &value, 1);
	repeat(dst, job->tree.size, n);
}

/* Between the passes of a variance: sums become means, of a single row in TR_LANES copies. */
static void take_mean(struct unit *u, const struct tr_tree *t, const char *sums, char *block)
{
	const struct job *job = u->job;
	char *mean = block + job->mean;

	memcpy(mean, sums, t->width * t->size);
	fill(job, block + job->divisors, (double)job->view.n, t->width);
	divide(job, mean, block + job->divisors, t->width);
	if (job->form == ROW)
		repeat(mean, t->size, TR_LANES);
	u->mean = mean;
}

/* One unit on one thread; its results at the start of the block. */
static void run_unit(const struct job *job, int64_t i, char *block)
{
	struct unit u;
	struct tr_tree t;

	start(job, i, &u, &t);
	tr__tree_halve(&t, block, tr__tree_fold(&t, 0, t.chunks, block, block + job->room));
	if (job->reduction->then & DEVIATION) {
		take_mean(&u, &t, block, block);
		tr__tree_halve(&t, block, tr__tree_fold(&t, 0, t.chunks, block, block + job->room));
	}
}

/* What follows the fold, for n results in place. */
static void conclude(const struct job *job, char *results, size_t n, char *block)
{
	const struct tr_tree *t = &job->tree;

	if (job->reduction->then & DIVIDE) {
		fill(job, block + job->divisors, job->divisor, n);
		divide(job, results, block + job->divisors, n);
	}
	if (job->reduction->then & ROOT) {
		const void *src[] = {results};

		t->k->map[TR_OP_sqrt][t->dtype](results, src, n);
	}
}

/* The block's n results go to dst, from result number first on. */
static void finish(const struct job *job, int64_t first, size_t n, char *block)
{
	conclude(job, block + job->results, n, block);
	tr__store_range(job->dev, job->dst, first, n, job->tree.dtype, block + job->results, block);
}

/* Units [first, last) one after the other. */
static void run_units(const struct job *job, int64_t first, int64_t last, char *block)
{
	const struct tr_tree *t = &job->tree;
	size_t have = 0;
	int64_t from = 0;

	for (int64_t i = first; i < last; i++) {
		int64_t at = i / job->strips * job->view.inner + i % job->strips * (int64_t)t->width;
		int64_t left = job->view.inner - i % job->strips * (int64_t)t->width;
		size_t width = left < (int64_t)t->width ? (size_t)left : t->width;

		run_unit(job, i, block);
		if (!have)
			from = at;
		memcpy(block + job->results + have * t->size, block, width * t->size);
		have += width;
		if (have + t->width > BATCH || i + 1 == last) {
			finish(job, from, have, block);
			have = 0;
		}
	}
}

struct parts {
	const struct job *job;
	size_t parts;
};

static void run_part(void *arg, size_t part, unsigned worker)
{
	const struct parts *p = arg;
	int64_t each = p->job->units / (int64_t)p->parts, more = p->job->units % (int64_t)p->parts, i = (int64_t)part;
	int64_t first = i * each + (i < more ? i : more);

	run_units(p->job, first, first + each + (i < more), p->job->dev->scratch[worker]);
}

/* Few long units: each on all threads. */
static void run_split(const struct job *job, double cost_ns)
{
	char *block = job->dev->scratch[0];

	for (int64_t i = 0; i < job->units; i++) {
		struct unit u;
		struct tr_tree t;

		start(job, i, &u, &t);
		tr__tree_run(job->dev, &t, cost_ns, job->room, job->partials);
		if (job->reduction->then & DEVIATION) {
			take_mean(&u, &t, block, block);
			tr__tree_run(job->dev, &t, cost_ns, job->room, job->partials);
		}
		memcpy(block + job->results, block, t.width * t.size);
		finish(job, u.o * job->view.inner + u.j, t.width, block);
	}
}

/* ---- the plan ---- */

/* Chooses the form, the units, and whether elements are folded where they are. */
static void choose_form(struct job *job)
{
	struct tr_reduce_view *v = &job->view;
	struct tr_tree *t = &job->tree;

	job->direct = v->even && job->src->dtype == job->load && job->load == t->dtype;
	t->lanes = v->columns ? 1 : TR_LANES;
	if (v->columns) {
		job->form = COLUMNS;
		job->direct = job->direct && v->beside == 1;
		t->width = STRIP;
	} else if (job->direct && tr__reduce_view_turn(v, LEAST_BESIDE)) {
		job->form = ROWS_BESIDE;
		t->width = BESIDE;
	} else if (v->n <= TR_LANES && v->outer >= LEAST_SHORT) {
		job->form = ROWS_SHORT;
		job->direct = false;
		v->inner = v->outer;
		v->outer = 1;
		t->width = SHORT;
	} else {
		job->form = ROW;
		job->direct = job->direct && (v->step == 1 || v->n == 1);
		t->width = 1;
	}
	if (v->inner < (int64_t)t->width)
		t->width = (size_t)v->inner;
	job->strips = (v->inner - 1) / (int64_t)t->width + 1;
	job->units = v->outer * job->strips;
	t->chunks = ((size_t)v->n - 1) / (t->lanes * TR_CHUNK_ROWS) + 1;
}

/* Lays out a worker's block: the stack, or room to convert results, first. Returns its size. */
static size_t lay_out(struct job *job)
{
	const struct tr_tree *t = &job->tree;
	size_t stack = tr__tree_stack(t), chunk = t->lanes * TR_CHUNK_ROWS, at;

	if (chunk > (size_t)job->view.n)
		chunk = (size_t)job->view.n;
	at = stack > BATCH * 16 ? stack : BATCH * 16;
	job->room = at;
	if (!job->direct)
		at += chunk * t->width * (2 * t->size + job->load_size) + 64;
	job->mean = at = (at + 63) & ~(size_t)63;
	job->divisors = at += STRIP * t->size;
	job->results = at += BATCH * t->size;
	job->partials = at += BATCH * t->size;
	return at;
}

/* Results over no elements. */
static void fill_empty(struct job *job, int64_t results, char *block)
{
	for (int64_t first = 0; first < results; first += BATCH) {
		size_t n = results - first < BATCH ? (size_t)(results - first) : BATCH;

		fill(job, block + job->results, job->reduction->empty, n);
		tr__store_range(job->dev, job->dst, first, n, job->tree.dtype, block + job->results, block);
	}
}

/* Nanoseconds on one core: 32 bytes each while they stream, thrice the time if they are converted. */
static double cost(const struct job *job, int64_t results)
{
	double elements = (double)results * (double)job->view.n * (job->reduction->then & DEVIATION ? 2 : 1);

	return elements * (double)job->tree.size / (job->direct ? 32 : 10) + (double)job->units * 20;
}

static void run(struct job *job, double cost_ns)
{
	struct parts p = {.job = job};
	int64_t few = 2 * (int64_t)job->dev->threads;

	p.parts = tr__pool_parts(job->dev, cost_ns, job->tree.chunks > 1 ? SIZE_MAX : (size_t)job->units);
	if (p.parts > 1 && job->units < few && job->tree.chunks >= (size_t)few &&
	    cost_ns / (double)job->units >= WORTH_SPLIT_NS) {
		run_split(job, cost_ns / (double)job->units);
		return;
	}
	if (p.parts > (size_t)job->units)
		p.parts = (size_t)job->units;
	tr__pool_run(job->dev, p.parts, run_part, &p);
}

/*
 * A short row in place to a single result, on the stack: what is left of the above if nothing is to be decided. False:
 * it is not that. Saves half the time of a thousand elements.
 */
static bool run_small(struct job *job, int outer_axes, int reduced_axes)
{
	enum { SLOTS = 4, SLOT = TR_LANES * sizeof(double) };
	const struct tr_operand *o = job->src;
	struct tr_tree *t = &job->tree;
	_Alignas(64) char block[(SLOTS + 1) * SLOT + sizeof(double)];

	if (o->ndim != 1 || outer_axes || reduced_axes != 1 || o->stride[0] != 1 ||
	    o->shape[0] > SMALL_CHUNKS * TR_LANES * TR_CHUNK_ROWS || o->dtype != t->dtype || job->load != t->dtype ||
	    job->dst->dtype != t->dtype)
		return false;
	job->form = ROW;
	job->direct = true;
	job->room = 0;
	job->view.inner = job->strips = 1;
	job->view.step = 1;
	job->view.walk.ndim = 1;
	job->view.walk.stride[0][0] = 0;
	t->lanes = TR_LANES;
	t->width = 1;
	t->chunks = ((size_t)o->shape[0] - 1) / (TR_LANES * TR_CHUNK_ROWS) + 1;
	job->mean = SLOTS * SLOT;
	job->divisors = job->mean + SLOT;
	run_unit(job, 0, block);
	conclude(job, block, 1, block);
	memcpy(job->dst->addr, block, t->size);
	return true;
}

int tr__exec_reduce(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	const struct reduction *r = &reductions[cmd->op];
	const struct tr_operand *src = &cmd->operand[1];
	int outer = (int)cmd->attr.u32[1], reduced = (int)cmd->attr.u32[2];
	struct job job;
	struct tr_tree *t = &job.tree;
	int64_t results;
	size_t size;

	job.dev = dev;
	job.dst = &cmd->operand[0];
	job.src = src;
	job.reduction = r;
	results = tr__product(job.dst->shape, job.dst->ndim);
	t->k = dev->k;
	t->fold = r->fold;
	t->dtype = r->dtype == TR_DTYPE_NONE ? cmd->dtype : r->dtype;
	t->size = tr_dtype_size(t->dtype);
	t->fold_chunk = fold_chunk;
	job.load = r->load == TR_DTYPE_NONE ? t->dtype : r->load;
	job.load_size = tr_dtype_size(job.load);
	job.view.n = tr__product(src->shape + outer, reduced);
	job.divisor = (double)job.view.n;
	if (r->then & DEVIATION)
		job.divisor = cmd->attr.f64[2] > 0 ? cmd->attr.f64[2] : NAN;
	if (!results || (job.view.n && run_small(&job, outer, reduced)))
		return 0;
	t->lanes = t->width = t->chunks = 1;
	job.direct = true;
	if (job.view.n) {
		tr__reduce_view(&job.view, src, outer, reduced);
		choose_form(&job);
	}
	size = lay_out(&job);
	if (job.view.n && job.tree.chunks > 1)
		size += TR_TREE_PARTS * ((t->lanes * t->width * t->size + 63) & ~(size_t)63);
	if (tr__scratch(dev, size)) {
		snprintf(detail, 128, "cannot allocate %zu bytes for each of %u threads", size, dev->threads);
		return -TR_ENOMEM;
	}
	if (job.view.n)
		run(&job, cost(&job, results));
	else
		fill_empty(&job, results, dev->scratch[0]);
	return 0;
}
