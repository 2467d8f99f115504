/* SPDX-License-Identifier: MIT */
/*
 * Evaluating a product of many labelled tensors: diagonals and sizes first, then two at a time in the order that takes
 * the fewest multiplications. Knows no subscripts; term.c computes.
 */
#include <math.h>
#include <string.h>

#include <trueno/ops.h>

#include "lib/product/product.h"

#define BIT(label) ((uint64_t)1 << (label))
#define SETS (1u << TR_EINSUM_OPERANDS)

struct plan {
	const struct tr_einsum *e;
	struct tr_terms s;
	struct tr_term term[TR_EINSUM_OPERANDS];
	uint64_t label[TR_EINSUM_OPERANDS];
	uint64_t out;
	uint16_t left[SETS]; /* a set of operands is the product of left[set] and the others */
};

/* An axis that occurs twice in an operand has one size there. */
static int check_diagonals(const struct tr_einsum *e, int i, const struct tr_tensor *t)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz????????";
	char shape[TR_SHAPE_TEXT];

	_Static_assert(sizeof(letters) == TR_LABELS + 1, "a name for every label");
	for (int d = 0; d < e->rank[i]; d++)
		for (int c = 0; c < d; c++)
			if (e->label[i][c] == e->label[i][d] && t->shape[c] != t->shape[d])
				return tr__fail(e->ctx, TR_ESHAPE,
						"%s: operand %d, %s, has no diagonal of axes %d and %d, both '%c': their sizes differ",
						e->who, i + 1, tr__shape_text(shape, t->ndim, t->shape), c, d,
						letters[e->label[i][d]]);
	return 0;
}

/* The size of every label; sizes of 1 give way. */
static int settle_sizes(struct plan *p, struct tr_tensor *const *operands)
{
	const struct tr_einsum *e = p->e;
	int64_t *size = p->s.size;
	char shape[TR_SHAPE_TEXT];

	for (int l = 0; l < TR_LABELS; l++)
		size[l] = 1;
	for (int i = 0; i < e->n; i++) {
		const struct tr_tensor *t = operands[i];
		int err = check_diagonals(e, i, t);

		if (err)
			return err;
		for (int d = 0; d < e->rank[i]; d++) {
			int64_t *own = &size[e->label[i][d]];

			if (*own == 1)
				*own = t->shape[d];
			else if (t->shape[d] != *own && t->shape[d] != 1)
				return tr__fail(e->ctx, TR_ESHAPE,
						"%s: axis %d of operand %d, %s, has size %lld, but the same axis of another "
						"has %lld", e->who, d, i + 1, tr__shape_text(shape, t->ndim, t->shape),
						(long long)t->shape[d], (long long)*own);
		}
	}
	return 0;
}

/* The type all operands promote to together. */
static enum tr_dtype common_dtype(struct tr_tensor *const *operands, int n)
{
	enum tr_dtype dtype = TR_DTYPE_NONE;

	for (int weak = 0; weak < 2; weak++)
		for (int i = 0; i < n; i++) {
			enum tr_dtype d = tr_dtype_of(operands[i]);

			if (!(operands[i]->flags & TR_TENSOR_WEAK) != !weak)
				continue;
			if (dtype == TR_DTYPE_NONE)
				dtype = d;
			else
				dtype = weak ? tr__promote_weak(dtype, d) : tr_promote_types(dtype, d);
		}
	return dtype;
}

static void remove_axis(struct tr_term *x, int axis)
{
	for (int d = axis; d + 1 < x->t->ndim; d++) {
		x->label[d] = x->label[d + 1];
		x->t->shape[d] = x->t->shape[d + 1];
		x->t->stride[d] = x->t->stride[d + 1];
	}
	x->t->ndim--;
}

/* A view of operand i in which labels differ, and axes of size 1 that others repeat are gone. */
static int make_term(struct plan *p, int i, struct tr_tensor *t)
{
	struct tr_term *x = &p->term[i];

	x->t = tr__tensor_view(t);
	if (!x->t)
		return -TR_ENOMEM;
	memcpy(x->label, p->e->label[i], sizeof(x->label));
	for (int d = x->t->ndim - 1; d >= 0; d--) {
		int c = 0;

		while (x->label[c] != x->label[d])
			c++;
		if (c < d) {
			x->t->stride[c] += x->t->stride[d];
			remove_axis(x, d);
		} else if (x->t->shape[d] == 1 && p->s.size[x->label[d]] != 1) {
			remove_axis(x, d);
		}
	}
	tr__tensor_settle(x->t);
	p->label[i] = tr__term_labels(x);
	return 0;
}

/* The labels that a set of operands still has after its own are summed: those that the output or others have. */
static uint64_t kept(const struct plan *p, unsigned set)
{
	uint64_t mine = 0, others = p->out;

	for (int i = 0; i < p->e->n; i++) {
		if (set >> i & 1)
			mine |= p->label[i];
		else
			others |= p->label[i];
	}
	return mine & others;
}

static double volume(const struct plan *p, uint64_t labels)
{
	double n = 1;

	for (; labels; labels &= labels - 1)
		n *= (double)p->s.size[__builtin_ctzll(labels)];
	return n;
}

/* Every set by every cut in two, smaller sets first: 3^n steps. Cuts whose product has too many axes lose. */
static void choose_order(struct plan *p)
{
	double cost[SETS];
	uint64_t keep[SETS];

	for (unsigned set = 1; set < 1u << p->e->n; set++) {
		keep[set] = kept(p, set);
		cost[set] = set & (set - 1) ? INFINITY : 0;
		p->left[set] = (uint16_t)(set & -set);
		for (unsigned a = (set - 1) & set; a; a = (a - 1) & set) {
			unsigned b = set ^ a;
			double c;

			if (a < b)
				break;
			c = cost[a] + cost[b] + volume(p, keep[a] | keep[b]);
			if (__builtin_popcountll(keep[set]) > TR_MAX_RANK)
				c += 1e300;
			if (c < cost[set]) {
				cost[set] = c;
				p->left[set] = (uint16_t)a;
			}
		}
	}
}

static struct tr_term evaluate(struct plan *p, unsigned set)
{
	uint64_t keep = kept(p, set);
	struct tr_term x, y;

	if (!(set & (set - 1))) {
		struct tr_term *t = &p->term[__builtin_ctz(set)];

		x = *t;
		t->t = NULL;
		return tr__term_sum(&p->s, x, keep);
	}
	x = evaluate(p, p->left[set]);
	y = evaluate(p, set ^ p->left[set]);
	return tr__term_multiply(&p->s, x, y, keep);
}

struct tr_tensor *tr__einsum_run(const struct tr_einsum *e, struct tr_tensor *const *operands)
{
	struct plan p = {.e = e, .s = {.ctx = e->ctx, .who = e->who}};
	struct tr_tensor *y = NULL;
	struct tr_term x;

	if (settle_sizes(&p, operands))
		return NULL;
	p.s.dtype = common_dtype(operands, e->n);
	memset(p.s.place, UINT8_MAX, sizeof(p.s.place));
	for (int d = 0; d < e->out_rank; d++) {
		p.s.place[e->out[d]] = (uint8_t)d;
		p.out |= BIT(e->out[d]);
	}
	for (int i = 0; i < e->n; i++)
		if (make_term(&p, i, operands[i]))
			goto out;
	choose_order(&p);
	if (e->n > 2)
		tr_batch_begin(e->ctx);
	x = evaluate(&p, (1u << e->n) - 1);
	if (x.t)
		y = tr__term_arrange(&x, e->out, e->out_rank);
	tr_free(x.t);
	if (e->n > 2 && tr_batch_end(e->ctx)) {
		tr_free(y);
		y = NULL;
	}
out:
	for (int i = 0; i < e->n; i++)
		tr_free(p.term[i].t);
	return y;
}

struct tr_tensor *tr_einsum(const char *subscripts, struct tr_tensor *const *operands, int n)
{
	struct tr_einsum e = {0};

	for (int i = 0; i < n; i++)
		if (!operands[i])
			return NULL;
	if (n < 1)
		return NULL;
	e.ctx = operands[0]->ctx;
	if (n > TR_EINSUM_OPERANDS) {
		tr__fail(e.ctx, TR_EINVAL, "einsum: %d operands; at most %d", n, TR_EINSUM_OPERANDS);
		return NULL;
	}
	for (int i = 1; i < n; i++)
		if (operands[i]->ctx != e.ctx) {
			tr__fail(e.ctx, TR_EINVAL, "einsum: operand %d is of another context", i + 1);
			return NULL;
		}
	return tr__einsum_parse(&e, subscripts, operands, n) ? NULL : tr__einsum_run(&e, operands);
}
