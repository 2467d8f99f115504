/* SPDX-License-Identifier: MIT */
/*
 * The REDUCE family: which results are reduced side by side, and on how many threads. Knows axes, strides and types;
 * what the tree is, simd/tree.h and docs/numerics.md say.
 *
 * Results are made in units of `width` consecutive ones. In the row form, where the last axis is reduced, that is
 * - a single row, element after element,
 * - rows side by side, if they lie so in memory (a transposed matrix), or
 * - rows shorter than the lanes, which are transposed on the way in to lie so.
 * In the column form it is a strip of columns. Which one is taken shows in no result.
 */
#include <stdio.h>
#include <string.h>

#include "simd/reduce_job.h"

/* Most results of a unit: rows side by side, short rows. */
#define BESIDE 32
#define SHORT 64

/* Least rows side by side that pay, and short ones. */
#define LEAST_BESIDE 8
#define LEAST_SHORT 16

/* Least work on one unit that several threads share, in nanoseconds. */
#define WORTH_SPLIT_NS 20000.0

/* Bytes of a leaf where chunks are not kept apart: what L1 holds. */
#define LEAF_BYTES 32768

/* Rows of a leaf that is converted on its way: in both types it stays in L1. */
#define CONVERTED_ROWS 64

/* Columns narrower than this, in bytes, are folded by several chunks at a time. */
#define NARROW_BYTES 64

/* ---- the plan ---- */

/* Whether the order of elements shows in no result of any pass. */
static bool in_any_order(const struct tr_reduce_job *job)
{
	bool is_float = job->tree.dtype == TR_F32 || job->tree.dtype == TR_F64;

	for (unsigned p = 0; p < job->reduction->passes; p++) {
		enum tr_fold join = tr__fold_join[job->reduction->pass[p].fold];

		if (is_float && (join == TR_FOLD_ADD || join == TR_FOLD_MULTIPLY))
			return false;
	}
	return true;
}

/* Rows of a leaf, and leaves. */
static void choose_leaves(struct tr_reduce_job *job, bool any_order)
{
	struct tr_tree *t = &job->tree;
	size_t row = t->lanes * t->width * t->size;

	job->rows = TR_CHUNK_ROWS;
	if (job->form == TR_REDUCE_COLUMNS && row <= NARROW_BYTES)
		job->rows = TR_COLUMN_ROWS;
	else if (any_order && job->direct)
		while (2 * job->rows * row <= LEAF_BYTES)
			job->rows *= 2;
	else if (job->form == TR_REDUCE_ROW && !job->plan)
		job->rows = job->direct ? TR_LINE_ROWS : CONVERTED_ROWS;
	t->leaves = ((size_t)job->view.n - 1) / (t->lanes * job->rows) + 1;
}

/* Chooses the form, the units, and whether elements are folded where they are. */
static void choose_form(struct tr_reduce_job *job)
{
	struct tr_reduce_view *v = &job->view;
	struct tr_tree *t = &job->tree;
	bool any_order = in_any_order(job);

	job->direct = !job->plan && v->even && job->src->dtype == job->load && job->load == t->dtype;
	t->lanes = v->columns ? 1 : TR_LANES;
	if (v->columns) {
		job->form = TR_REDUCE_COLUMNS;
		job->direct = job->direct && v->beside == 1;
		t->width = TR_REDUCE_STRIP;
	} else if (job->direct && tr__reduce_view_turn(v, LEAST_BESIDE)) {
		job->form = TR_REDUCE_BESIDE;
		t->width = any_order ? TR_REDUCE_STRIP : BESIDE;
		t->lanes = any_order ? 1 : TR_LANES;
	} else if (v->n <= TR_LANES && v->outer >= LEAST_SHORT) {
		job->form = TR_REDUCE_SHORT;
		job->direct = false;
		v->inner = v->outer;
		v->outer = 1;
		t->width = SHORT;
	} else {
		job->form = TR_REDUCE_ROW;
		job->direct = job->direct && (v->step == 1 || v->n == 1);
		t->width = 1;
	}
	if (v->inner < (int64_t)t->width)
		t->width = (size_t)v->inner;
	job->strips = (v->inner - 1) / (int64_t)t->width + 1;
	job->units = v->outer * job->strips;
	choose_leaves(job, any_order);
}

/* Lays out a worker's block: the stack, or room to convert results, first. Returns its size. */
static size_t lay_out(struct tr_reduce_job *job)
{
	const struct tr_tree *t = &job->tree;
	size_t stack = tr__tree_stack(t), leaf = t->lanes * job->rows, at;

	if (leaf > (size_t)job->view.n)
		leaf = (size_t)job->view.n;
	at = stack > TR_REDUCE_BATCH * 16 ? stack : TR_REDUCE_BATCH * 16;
	job->room = at;
	if (!job->direct)
		at += leaf * t->width * (2 * t->size + job->load_size) + 64;
	job->centre = at = (at + 63) & ~(size_t)63;
	job->count = at += TR_REDUCE_STRIP * t->size;
	job->divisors = at += TR_REDUCE_STRIP * t->size;
	job->results = at += TR_REDUCE_BATCH * t->size;
	job->program = at += TR_REDUCE_BATCH * t->size;
	if (job->plan)
		at = (at + 63 + job->plan->scratch) & ~(size_t)63;
	job->partials = at;
	return at;
}

struct parts {
	const struct tr_reduce_job *job;
	size_t parts;
};

static void run_part(void *arg, size_t part, unsigned worker)
{
	const struct parts *p = arg;
	int64_t each = p->job->units / (int64_t)p->parts, more = p->job->units % (int64_t)p->parts, i = (int64_t)part;
	int64_t first = i * each + (i < more ? i : more);

	tr__reduce_units(p->job, first, first + each + (i < more), p->job->dev->scratch[worker]);
}

/* Nanoseconds on one core: 32 bytes each while they stream, thrice the time if they are converted. */
static double cost(const struct tr_reduce_job *job, int64_t results)
{
	double elements = (double)results * (double)job->view.n * job->reduction->passes;

	if (job->plan)
		elements *= 1 + job->plan->cost + (double)job->plan->bytes * TR_MAP_BYTE_NS;
	return elements * (double)job->tree.size / (job->direct ? 32 : 10) + (double)job->units * 20;
}

static void run(struct tr_reduce_job *job, double cost_ns)
{
	struct parts p = {.job = job};
	int64_t few = 2 * (int64_t)job->dev->threads;

	p.parts = tr__pool_parts(job->dev, cost_ns, job->tree.leaves > 1 ? SIZE_MAX : (size_t)job->units);
	if (p.parts > 1 && job->units < few && job->tree.leaves >= (size_t)few &&
	    cost_ns / (double)job->units >= WORTH_SPLIT_NS) {
		tr__reduce_split(job, cost_ns / (double)job->units);
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
static bool run_small(struct tr_reduce_job *job, int outer_axes, int reduced_axes)
{
	enum { SLOT = TR_LANES * sizeof(double) };
	const struct tr_operand *o = job->src;
	struct tr_tree *t = &job->tree;
	_Alignas(64) char block[2 * SLOT + 2 * sizeof(double)];

	if (job->plan || o->ndim != 1 || outer_axes || reduced_axes != 1 || o->stride[0] != 1 ||
	    o->shape[0] > TR_LANES * TR_LINE_ROWS || o->dtype != t->dtype || job->load != t->dtype ||
	    job->dst->dtype != t->dtype)
		return false;
	job->form = TR_REDUCE_ROW;
	job->direct = true;
	job->room = 0;
	job->view.inner = job->strips = 1;
	job->view.step = 1;
	job->view.walk.ndim = 1;
	job->view.walk.stride[0][0] = 0;
	t->lanes = TR_LANES;
	t->width = 1;
	job->rows = TR_LINE_ROWS;
	t->leaves = 1;
	job->centre = SLOT;
	job->count = job->centre + SLOT;
	job->divisors = job->count + sizeof(double);
	tr__reduce_unit(job, 0, block);
	tr__reduce_conclude(job, block, 1, block);
	memcpy(job->dst->addr, block, t->size);
	return true;
}

/* Everything but the plan. */
static void begin(struct tr_reduce_job *job, struct tr_device *dev, const struct tr_cmd *cmd, struct tr_map_plan *plan)
{
	const struct tr_reduction *r = tr__reduction_of(cmd);
	uint16_t last = r->pass[r->passes - 1].then;
	struct tr_tree *t = &job->tree;

	job->dev = dev;
	job->dst = &cmd->operand[0];
	job->src = &cmd->operand[1];
	job->reduction = r;
	job->late = last & ~(TR_STEP_DIVIDE_N | TR_STEP_DIVIDE | TR_STEP_ROOT) ? 0 : last;
	t->k = dev->k;
	t->dtype = r->dtype == TR_DTYPE_NONE ? cmd->dtype : r->dtype;
	t->size = tr_dtype_size(t->dtype);
	t->fold_leaf = tr__reduce_fold_leaf;
	job->load = r->load == TR_DTYPE_NONE ? t->dtype : r->load;
	job->load_size = tr_dtype_size(job->load);
	job->view.n = tr__product(job->src->shape + cmd->attr.u32[1], (int)cmd->attr.u32[2]);
	job->free = cmd->attr.f64[2];
	job->order = cmd->attr.f64[3];
	job->plan = NULL;
	if (cmd->prog) {
		tr__map_plan_ranges(plan, dev, cmd->prog, cmd->operand + 1);
		job->plan = plan;
		job->value = (enum tr_dtype)cmd->prog->to;
	}
}

int tr__exec_reduce(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	int outer = (int)cmd->attr.u32[1], reduced = (int)cmd->attr.u32[2];
	struct tr_reduce_job job;
	struct tr_tree *t = &job.tree;
	struct tr_map_plan plan;
	int64_t results;
	size_t size;

	begin(&job, dev, cmd, &plan);
	results = tr__product(job.dst->shape, job.dst->ndim);
	if (!results || (job.view.n && run_small(&job, outer, reduced)))
		return 0;
	t->lanes = t->width = t->leaves = 1;
	job.rows = TR_CHUNK_ROWS;
	job.direct = true;
	if (job.view.n) {
		tr__reduce_view(&job.view, job.src, outer, reduced);
		choose_form(&job);
	}
	size = lay_out(&job);
	if (job.view.n && job.tree.leaves > 1)
		size += TR_TREE_PARTS * ((t->lanes * t->width * t->size + 63) & ~(size_t)63);
	if (tr__scratch(dev, size)) {
		snprintf(detail, 128, "cannot allocate %zu bytes for each of %u threads", size, dev->threads);
		return -TR_ENOMEM;
	}
	for (unsigned i = 0; job.plan && i < dev->threads; i++)
		tr__map_begin(job.plan, (char *)dev->scratch[i] + job.program);
	if (job.view.n)
		run(&job, cost(&job, results));
	else
		tr__reduce_fill_empty(&job, results, dev->scratch[0]);
	return 0;
}
