/* SPDX-License-Identifier: MIT */
/*
 * The VECDOT family: inner products along the last axis, by the tree of reductions. Few long ones share their tree among
 * threads, many are shared out whole. Knows strides and types; what a chunk is, lib/ref/kernels.h says.
 */
#include <stdio.h>
#include <string.h>

#include "simd/strided.h"
#include "simd/tree.h"

enum { Y, A, B };

/* Elements of a leaf of the tree: of operands to convert few enough that they stay near. */
#define CHUNK ((size_t)TR_LANES * TR_CHUNK_ROWS)
#define LINE ((size_t)TR_LANES * TR_LINE_ROWS)

/* Results kept until they are written together. */
#define RESULTS 64

/* Nanoseconds of one result beside its elements', and bytes of one operand in a nanosecond. */
#define RESULT_NS 15.0
#define DENSE_BYTES 64.0
#define CONVERTED_BYTES 4.0

/* Least work on one result that several threads share, in nanoseconds. */
#define WORTH_SPLIT_NS 6000.0

struct vecdot {
	struct tr_device *dev;
	const struct tr_operand *operand;
	struct tr_tree tree;
	bool dense[2]; /* the operands' rows, and of the type evaluated in */
	size_t n, leaf;
	int64_t units;
	size_t parts;
	size_t at_stage, at_results, at_partials; /* in scratch, in bytes; the tree's stack is at 0 */
};

/* The operands of one result. */
struct row {
	const struct vecdot *v;
	char *base[2];
};

/* n elements of a row from number first on, as the type evaluated in. */
static const void *elements(const struct row *r, int i, size_t first, size_t n, void *buf)
{
	const struct tr_operand *o = &r->v->operand[A + i];
	struct tr_operand line;

	if (r->v->dense[i])
		return r->base[i] + first * r->v->tree.size;
	line = (struct tr_operand){.addr = r->base[i], .dtype = o->dtype, .ndim = 1, .shape = {(int64_t)r->v->n},
				   .stride = {o->stride[o->ndim - 1]}};
	return tr__load_range(r->v->dev, &line, (int64_t)first, n, r->v->tree.dtype, buf);
}

static size_t fold_leaf(const struct tr_tree *t, size_t chunk, void *acc, char *scratch)
{
	const struct row *r = t->arg;
	size_t most = r->v->leaf, first = chunk * most, n = r->v->n - first < most ? r->v->n - first : most;
	const void *part[2];

	for (int i = 0; i < 2; i++)
		part[i] = elements(r, i, first, n, scratch + (size_t)i * CHUNK * t->size);
	t->k->dot[t->dtype](acc, part[0], part[1], n);
	return n < TR_LANES ? n : TR_LANES;
}

static struct row row_of(const struct vecdot *v, const struct tr_walk *w)
{
	struct row r = {.v = v};

	for (int i = 0; i < 2; i++) {
		const struct tr_operand *o = &v->operand[A + i];

		r.base[i] = (char *)o->addr + w->offset[i] * (int64_t)tr_dtype_size(o->dtype);
	}
	return r;
}

/* To the start of block; nothing to add makes 0. */
static void one(const struct vecdot *v, const struct tr_walk *w, char *block)
{
	struct row r = row_of(v, w);
	struct tr_tree t = v->tree;

	t.arg = &r;
	if (!v->n)
		memset(block, 0, t.size);
	else
		tr__tree_halve(&t, block, tr__tree_fold(&t, 0, t.leaves, block, block + v->at_stage));
}

static struct tr_walk walk_from(const struct vecdot *v, int64_t unit)
{
	const struct tr_operand *a = &v->operand[A];
	struct tr_walk w;

	tr__walk_init(&w, a->ndim - 1, a->shape, a->stride, v->operand[B].stride);
	if (unit)
		tr__walk_seek(&w, unit);
	return w;
}

static void run_units(const struct vecdot *v, int64_t first, int64_t last, char *block)
{
	struct tr_walk w = walk_from(v, first);
	size_t size = v->tree.size;

	for (int64_t done = first; first < last; first = done) {
		while (done < last && done - first < RESULTS) {
			one(v, &w, block);
			memcpy(block + v->at_results + (size_t)(done - first) * size, block, size);
			if (++done < last)
				tr__walk_advance(&w, 1);
		}
		tr__store_range(v->dev, &v->operand[Y], first, (size_t)(done - first), v->tree.dtype,
				block + v->at_results, block + v->at_stage);
	}
}

static void run_part(void *arg, size_t part, unsigned worker)
{
	const struct vecdot *v = arg;
	int64_t each = v->units / (int64_t)v->parts, more = v->units % (int64_t)v->parts, i = (int64_t)part;
	int64_t first = i * each + (i < more ? i : more);

	run_units(v, first, first + each + (i < more), v->dev->scratch[worker]);
}

/* Few and long: each on all threads. */
static void split(const struct vecdot *v, double ns)
{
	struct tr_walk w = walk_from(v, 0);

	for (int64_t u = 0; u < v->units; u++) {
		struct row r = row_of(v, &w);
		struct tr_tree t = v->tree;
		char *block = v->dev->scratch[0];

		t.arg = &r;
		tr__tree_run(v->dev, &t, ns, v->at_stage, v->at_partials);
		tr__store_range(v->dev, &v->operand[Y], u, 1, t.dtype, block, block + v->at_stage);
		if (u + 1 < v->units)
			tr__walk_advance(&w, 1);
	}
}

static bool dense(const struct tr_operand *o, enum tr_dtype dtype)
{
	return o->dtype == dtype && (o->stride[o->ndim - 1] == 1 || o->shape[o->ndim - 1] <= 1);
}

/* What changes no sum, -0 where it is a number: lanes that no element reaches are halved with the others. */
static void fill_nothing(void *lanes, enum tr_dtype dtype)
{
	static const float f32[TR_LANES] = {[0 ... TR_LANES - 1] = -0.0f};
	static const double f64[TR_LANES] = {[0 ... TR_LANES - 1] = -0.0};

	if (dtype == TR_F32)
		memcpy(lanes, f32, sizeof(f32));
	else if (dtype == TR_F64)
		memcpy(lanes, f64, sizeof(f64));
	else
		memset(lanes, 0, sizeof(f64));
}

/* One short product of dense vectors, on the stack: half the time of a thousand elements is saved. */
static bool run_small(const struct vecdot *v)
{
	const struct tr_operand *o = v->operand;
	const struct tr_tree *t = &v->tree;
	_Alignas(64) char lanes[TR_LANES * sizeof(double)];

	if (v->units != 1 || !v->n || v->n > v->leaf || o[Y].dtype != t->dtype || !v->dense[0] || !v->dense[1])
		return false;
	if (v->n < TR_LANES)
		fill_nothing(lanes, t->dtype);
	t->k->dot[t->dtype](lanes, o[A].addr, o[B].addr, v->n);
	tr__tree_halve(t, lanes, TR_LANES);
	memcpy(o[Y].addr, lanes, t->size);
	return true;
}

static double cost(const struct vecdot *v)
{
	double ns = RESULT_NS;

	for (int i = A; i <= B; i++)
		ns += (double)v->n * (double)v->tree.size /
		      (v->dense[i - A] ? 2 * DENSE_BYTES : CONVERTED_BYTES);
	return ns;
}

int tr__exec_vecdot(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	const struct tr_operand *o = cmd->operand;
	struct vecdot v = {.dev = dev, .operand = o, .n = (size_t)o[A].shape[o[A].ndim - 1], .units = 1};
	struct tr_tree *t = &v.tree;
	double ns;

	for (int d = 0; d < o[Y].ndim; d++)
		v.units *= o[Y].shape[d];
	t->k = dev->k;
	t->fold = TR_FOLD_ADD;
	t->dtype = (enum tr_dtype)cmd->dtype;
	t->size = tr_dtype_size(t->dtype);
	t->lanes = TR_LANES;
	t->width = 1;
	t->fold_leaf = fold_leaf;
	v.dense[0] = dense(&o[A], t->dtype);
	v.dense[1] = dense(&o[B], t->dtype);
	v.leaf = v.dense[0] && v.dense[1] ? LINE : CHUNK;
	t->leaves = v.n ? (v.n - 1) / v.leaf + 1 : 1;
	if (!v.units || run_small(&v))
		return 0;
	v.at_stage = tr__tree_stack(t);
	v.at_results = v.at_stage + 2 * CHUNK * t->size;
	v.at_partials = v.at_results + RESULTS * t->size;
	if (tr__scratch(dev, v.at_partials + TR_TREE_PARTS * TR_LANES * t->size)) {
		snprintf(detail, 128, "out of memory for %u threads", dev->threads);
		return -TR_ENOMEM;
	}
	ns = cost(&v);
	v.parts = tr__pool_parts(dev, ns * (double)v.units, SIZE_MAX);
	if (v.parts > 1 && v.units < 2 * (int64_t)dev->threads && ns >= WORTH_SPLIT_NS) {
		split(&v, ns);
		return 0;
	}
	if (v.parts > (size_t)v.units)
		v.parts = (size_t)v.units;
	tr__pool_run(dev, v.parts, run_part, &v);
	return 0;
}
