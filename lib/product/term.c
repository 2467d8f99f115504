/* SPDX-License-Identifier: MIT */
/*
 * Products of two labelled tensors by matmul, vecdot or multiply, whichever the labels call for, over views wherever
 * strides allow it. Knows neither subscripts nor more than two operands.
 */
#include <trueno/ops.h>

#include "lib/product/product.h"

#define BIT(label) ((uint64_t)1 << (label))

uint64_t tr__term_labels(const struct tr_term *x)
{
	uint64_t set = 0;

	for (int i = 0; i < x->t->ndim; i++)
		set |= BIT(x->label[i]);
	return set;
}

static int axis_of(const struct tr_term *x, uint8_t label)
{
	for (int i = 0; i < x->t->ndim; i++)
		if (x->label[i] == label)
			return i;
	return -1;
}

struct tr_tensor *tr__term_arrange(const struct tr_term *x, const uint8_t *label, int n)
{
	struct tr_tensor *v = tr__tensor_view(x->t);

	if (!v)
		return NULL;
	v->ndim = (uint8_t)n;
	for (int i = 0; i < n; i++) {
		int axis = axis_of(x, label[i]);

		v->shape[i] = axis < 0 ? 1 : x->t->shape[axis];
		v->stride[i] = axis < 0 ? 0 : x->t->stride[axis];
	}
	tr__tensor_settle(v);
	return v;
}

struct tr_term tr__term_sum(const struct tr_terms *s, struct tr_term x, uint64_t keep)
{
	struct tr_term y = {0};
	uint32_t axes = 0;
	int n = 0;

	if (!x.t)
		return x;
	for (int i = 0; i < x.t->ndim; i++) {
		if (keep & BIT(x.label[i]))
			y.label[n++] = x.label[i];
		else
			axes |= TR_AXIS(i);
	}
	if (!axes)
		return x;
	y.t = s->dtype == TR_BOOL ? tr_any(x.t, axes, 0) : tr_sum(x.t, axes, TR_AS(s->dtype));
	tr_free(x.t);
	return y;
}

/* The labels of a set in the order `less` puts them: by place in the output, or as they lie in x's memory. */
static int list_by_place(const struct tr_terms *s, uint64_t set, uint8_t *label)
{
	int n = 0;

	for (int l = 0; l < TR_LABELS; l++) {
		int at = n;

		if (!(set & BIT(l)))
			continue;
		for (; at > 0 && s->place[label[at - 1]] > s->place[l]; at--)
			label[at] = label[at - 1];
		label[at] = (uint8_t)l;
		n++;
	}
	return n;
}

static int64_t distance(const struct tr_term *x, uint8_t label)
{
	int64_t d = x->t->stride[axis_of(x, label)];

	return d < 0 ? -d : d;
}

static int list_by_stride(const struct tr_term *x, uint64_t set, uint8_t *label)
{
	int n = 0;

	for (int i = 0; i < x->t->ndim; i++) {
		int at = n;

		if (!(set & BIT(x->label[i])))
			continue;
		for (; at > 0 && distance(x, label[at - 1]) < distance(x, x->label[i]); at--)
			label[at] = label[at - 1];
		label[at] = x->label[i];
		n++;
	}
	return n;
}

/* Whether these axes of x are one run of constant step. */
static bool is_run(const struct tr_term *x, const uint8_t *label, int n)
{
	for (int i = 0; i + 1 < n; i++) {
		int outer = axis_of(x, label[i]), inner = axis_of(x, label[i + 1]);

		if (x->t->stride[outer] != x->t->stride[inner] * x->t->shape[inner])
			return false;
	}
	return true;
}

/* The labels to sum over, in an order that lets both be read in place, or else the larger. */
static int list_summed(const struct tr_term *x, const struct tr_term *y, uint64_t set, uint8_t *label)
{
	uint8_t by_x[TR_MAX_RANK], by_y[TR_MAX_RANK];
	int n = list_by_stride(x, set, by_x);
	bool x_order;

	list_by_stride(y, set, by_y);
	if (is_run(y, by_x, n))
		x_order = true;
	else if (is_run(x, by_y, n))
		x_order = false;
	else
		x_order = x->t->numel >= y->t->numel;
	for (int i = 0; i < n; i++)
		label[i] = x_order ? by_x[i] : by_y[i];
	return n;
}

struct group {
	int n;
	uint8_t label[TR_MAX_RANK];
};

static int64_t elements(const struct tr_terms *s, const struct group *g)
{
	int64_t n = 1;

	for (int i = 0; i < g->n; i++)
		n *= s->size[g->label[i]];
	return n;
}

/* x as [batch…, rows, cols], each of the last two a group merged into one axis; left out if NULL. */
static struct tr_tensor *fold_groups(const struct tr_terms *s, const struct tr_term *x, const struct group *batch,
				     const struct group *rows, const struct group *cols)
{
	const struct group *groups[] = {batch, rows, cols};
	uint8_t label[TR_MAX_RANK];
	int64_t shape[TR_MAX_RANK];
	struct tr_tensor *v, *y;
	int n = 0, ndim = 0;

	for (int g = 0; g < 3; g++) {
		if (!groups[g])
			continue;
		for (int i = 0; i < groups[g]->n; i++) {
			label[n++] = groups[g]->label[i];
			if (!g)
				shape[ndim++] = s->size[groups[g]->label[i]];
		}
		if (g)
			shape[ndim++] = elements(s, groups[g]);
	}
	v = tr__term_arrange(x, label, n);
	y = tr_reshape(v, ndim, shape);
	tr_free(v);
	return y;
}

/* The dense result of groups as a term with an axis for every label. */
static struct tr_term unfold(const struct tr_terms *s, struct tr_tensor *y, const struct group *groups, int n)
{
	int64_t shape[TR_MAX_RANK];
	struct tr_term r;
	int ndim = 0;

	for (int g = 0; g < n; g++)
		for (int i = 0; i < groups[g].n; i++) {
			r.label[ndim] = groups[g].label[i];
			shape[ndim++] = s->size[groups[g].label[i]];
		}
	r.t = tr_reshape(y, ndim, shape);
	tr_free(y);
	return r;
}

/* Converts x where promotion with y alone would not come to the result's type. */
static int convert(const struct tr_terms *s, struct tr_term *x, const struct tr_term *y)
{
	struct tr_tensor *t;

	if ((x->t->flags | y->t->flags) & TR_TENSOR_WEAK ||
	    tr_promote_types(tr_dtype_of(x->t), tr_dtype_of(y->t)) == s->dtype)
		return 0;
	t = tr_astype(x->t, s->dtype);
	tr_free(x->t);
	x->t = t;
	return t ? 0 : s->ctx->status;
}

static struct tr_term elementwise(const struct tr_terms *s, struct tr_term *x, struct tr_term *y, const struct group *all)
{
	struct tr_tensor *p, *q;
	struct tr_term r;

	if (convert(s, x, y))
		return (struct tr_term){0};
	p = tr__term_arrange(x, all->label, all->n);
	q = tr__term_arrange(y, all->label, all->n);
	r = (struct tr_term){.t = p && q ? tr_multiply(p, q) : NULL};
	for (int i = 0; i < all->n; i++)
		r.label[i] = all->label[i];
	tr_free(p);
	tr_free(q);
	return r;
}

/* Along the last axis. vecdot would conjugate the first of complex ones. */
static struct tr_tensor *sum_of_products(struct tr_tensor *p, struct tr_tensor *q)
{
	struct tr_tensor *y, *products;

	if (!((TR__BIT(p->dtype) | TR__BIT(q->dtype)) & TR__SET_COMPLEX))
		return tr_vecdot(p, q);
	products = tr_multiply(p, q);
	y = tr_sum(products, TR_AXIS(-1), 0);
	tr_free(products);
	return y;
}

static struct tr_term inner(const struct tr_terms *s, struct tr_term *x, struct tr_term *y, const struct group *batch,
			    const struct group *summed)
{
	struct tr_tensor *p, *q, *r;

	if (convert(s, x, y))
		return (struct tr_term){0};
	p = fold_groups(s, x, batch, NULL, summed);
	q = fold_groups(s, y, batch, NULL, summed);
	r = p && q ? sum_of_products(p, q) : NULL;
	tr_free(p);
	tr_free(q);
	return unfold(s, r, batch, 1);
}

/* groups: batch, rows, columns of the product. */
static struct tr_term matrices(const struct tr_terms *s, struct tr_term *x, struct tr_term *y,
			       const struct group groups[3], const struct group *summed)
{
	struct tr_tensor *p = fold_groups(s, x, &groups[0], &groups[1], summed);
	struct tr_tensor *q = fold_groups(s, y, &groups[0], summed, &groups[2]);
	struct tr_tensor *r = NULL;

	if (p && q) {
		bool weak = (p->flags | q->flags) & TR_TENSOR_WEAK;

		r = weak ? tr_matmul(p, q) : tr_matmul_as(p, q, s->dtype);
	}
	tr_free(p);
	tr_free(q);
	return unfold(s, r, groups, 3);
}

/* The first of x's and y's own labels in the output says which is on the left. */
static bool turned(const struct tr_terms *s, uint64_t mine, uint64_t other)
{
	uint8_t label[TR_LABELS];

	return list_by_place(s, mine | other, label) && other & BIT(label[0]);
}

struct tr_term tr__term_multiply(const struct tr_terms *s, struct tr_term x, struct tr_term y, uint64_t keep)
{
	uint64_t mx = x.t ? tr__term_labels(&x) : 0, my = y.t ? tr__term_labels(&y) : 0;
	struct group summed, groups[3];
	struct tr_term r = {0};

	if (!x.t || !y.t)
		goto out;
	if (__builtin_popcountll((mx | my) & keep) > TR_MAX_RANK) {
		tr__fail(s->ctx, TR_ESHAPE, "%s: a product of two operands would have %d axes; at most %d", s->who,
			 __builtin_popcountll((mx | my) & keep), TR_MAX_RANK);
		goto out;
	}
	if (turned(s, mx & ~my, my & ~mx)) {
		struct tr_term t = x;

		x = y;
		y = t;
		mx ^= my;
		my ^= mx;
		mx ^= my;
	}
	groups[0].n = list_by_place(s, mx & my & keep, groups[0].label);
	summed.n = list_summed(&x, &y, mx & my & ~keep, summed.label);
	groups[1].n = list_by_stride(&x, mx & ~my, groups[1].label);
	groups[2].n = list_by_stride(&y, my & ~mx, groups[2].label);
	if (!summed.n) {
		groups[0].n = list_by_place(s, mx | my, groups[0].label);
		r = elementwise(s, &x, &y, &groups[0]);
	} else if (!groups[1].n && !groups[2].n) {
		r = inner(s, &x, &y, &groups[0], &summed);
	} else {
		r = matrices(s, &x, &y, groups, &summed);
	}
out:
	tr_free(x.t);
	tr_free(y.t);
	return r;
}
