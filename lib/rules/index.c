/* SPDX-License-Identifier: MIT */
/* Writing by index, places of indices, ranges, and results as long as there are elements of a kind: the destination says
 * how long. What users write as an index is lib/index.c's business. */
#include "lib/rules/rules.h"

static int need_destination(struct tr_call *c)
{
	return c->dst ? 0 : tr__refuse(c, TR_EINVAL, "needs a destination");
}

/* The shape values must have, from the destination's with its axis replaced by the indices' shape. */
static int values_shape(struct tr_call *c, int axis, int *ndim, int64_t *shape)
{
	const struct tr_tensor *y = c->dst, *idx = c->src[1];
	int n = 0;

	if (y->ndim - 1 + idx->ndim > TR_MAX_RANK)
		return tr__refuse(c, TR_ESHAPE, "values would have rank %d; at most %d", y->ndim - 1 + idx->ndim,
				  TR_MAX_RANK);
	for (int i = 0; i < axis; i++)
		shape[n++] = y->shape[i];
	for (int i = 0; i < idx->ndim; i++)
		shape[n++] = idx->shape[i];
	for (int i = axis + 1; i < y->ndim; i++)
		shape[n++] = y->shape[i];
	*ndim = n;
	return 0;
}

/* Whether t broadcasts to the shape as it is, which stays. */
static bool fits(const struct tr_tensor *t, int ndim, const int64_t *shape)
{
	bool fit = t->ndim <= ndim;

	for (int i = 0; i < t->ndim && fit; i++)
		fit = t->shape[i] == 1 || t->shape[i] == shape[ndim - t->ndim + i];
	return fit;
}

int tr__infer_put(struct tr_call *c)
{
	const struct tr_tensor *a = c->src[0], *idx = c->src[1], *y = c->dst;
	int axis, ndim, err = need_destination(c);
	char x[TR_SHAPE_TEXT], z[TR_SHAPE_TEXT];
	int64_t shape[TR_MAX_RANK];
	enum tr_dtype dtype;

	if (err)
		return err;
	dtype = tr_dtype_of(y);
	axis = tr__axis((int)c->sqe->attr.i64[0], y->ndim);
	if (axis < 0 || c->sqe->attr.i64[0] != (int)c->sqe->attr.i64[0])
		return tr__refuse(c, TR_EINVAL, "axis %lld does not exist in shape %s", (long long)c->sqe->attr.i64[0],
				  tr__shape_text(x, y->ndim, y->shape));
	if (!(TR__SET_INTEGER & TR__BIT(idx->dtype)))
		return tr__refuse(c, TR_EDTYPE, "indices are %s; they must be integers", tr_dtype_name(tr_dtype_of(idx)));
	if (a->dtype != y->dtype)
		return tr__refuse(c, TR_EDTYPE, "values are %s and the destination %s: cast first",
				  tr_dtype_name(tr_dtype_of(a)), tr_dtype_name(dtype));
	if (!((c->info->dtypes | TR__SET_HALF) & TR__BIT(dtype)))
		return tr__refuse(c, TR_EDTYPE, "not defined for %s", tr_dtype_name(dtype));
	err = values_shape(c, axis, &ndim, shape);
	if (err)
		return err;
	if (!fits(a, ndim, shape))
		return tr__refuse(c, TR_ESHAPE, "values are %s; the places to write are %s",
				  tr__shape_text(x, a->ndim, a->shape), tr__shape_text(z, ndim, shape));
	if (y->shape[axis] == 0 && idx->numel)
		return tr__refuse(c, TR_EINDEX, "axis %d of %s is empty", axis, tr__shape_text(x, y->ndim, y->shape));
	tr__shape_set(c, y->ndim, y->shape);
	c->eval = c->result = dtype;
	c->scratch[0] = axis;
	return 0;
}

void tr__lower_put(struct tr_call *c, struct tr_node *node)
{
	int64_t shape[TR_MAX_RANK];
	int ndim;

	values_shape(c, (int)c->scratch[0], &ndim, shape);
	tr__bind(node, 0, c->dst);
	tr__bind_broadcast(node, 1, c->src[0], ndim, shape);
	tr__bind(node, 2, c->src[1]);
	node->cmd.noperand = 3;
	node->cmd.attr.i64[0] = c->scratch[0];
}

int tr__infer_ravel(struct tr_call *c)
{
	const struct tr_tensor *idx = c->src[0];

	if (!(TR__SET_INTEGER & TR__BIT(idx->dtype)))
		return tr__refuse(c, TR_EDTYPE, "indices are %s; they must be integers", tr_dtype_name(tr_dtype_of(idx)));
	if (c->sqe->attr.i64[0] < 0)
		return tr__refuse(c, TR_EINVAL, "an axis of %lld elements", (long long)c->sqe->attr.i64[0]);
	c->eval = c->result = TR_I64;
	tr__shape_set(c, idx->ndim, idx->shape);
	return 0;
}

void tr__lower_indices(struct tr_call *c, struct tr_node *node)
{
	node->cmd.noperand = (uint8_t)(1 + c->nsrc);
	tr__bind(node, 0, c->dst);
	if (c->nsrc)
		tr__bind(node, 1, c->src[0]);
}

/* A destination of one axis, of whatever length: only the run can tell how long it should be. */
static int infer_found(struct tr_call *c, enum tr_dtype dtype)
{
	char text[TR_SHAPE_TEXT];
	int err = need_destination(c);

	if (err)
		return err;
	if (c->dst->ndim != 1)
		return tr__refuse(c, TR_ESHAPE, "the destination is %s; it must have one axis",
				  tr__shape_text(text, c->dst->ndim, c->dst->shape));
	if (tr_dtype_of(c->dst) != dtype)
		return tr__refuse(c, TR_EDTYPE, "the destination is %s; it must be %s",
				  tr_dtype_name(tr_dtype_of(c->dst)), tr_dtype_name(dtype));
	tr__shape_set(c, 1, c->dst->shape);
	c->eval = c->result = dtype;
	return 0;
}

int tr__infer_nonzero(struct tr_call *c)
{
	return infer_found(c, TR_I64);
}

int tr__infer_range(struct tr_call *c)
{
	int err = infer_found(c, c->dst ? tr_dtype_of(c->dst) : TR_I64);

	if (err)
		return err;
	if (!((TR__SET_NUMERIC | TR__SET_HALF) & TR__BIT(c->result)))
		return tr__refuse(c, TR_EDTYPE, "not defined for %s", tr_dtype_name(c->result));
	c->eval = TR__SET_HALF & TR__BIT(c->result) ? TR_F32 : c->result;
	return 0;
}

int tr__infer_compress(struct tr_call *c)
{
	int err;

	if (c->src[1]->dtype != TR_BOOL)
		return tr__refuse(c, TR_EDTYPE, "the mask is %s; it must be bool", tr_dtype_name(tr_dtype_of(c->src[1])));
	err = tr__infer_broadcast(c);
	return err ? err : infer_found(c, tr_dtype_of(c->src[0]));
}

void tr__lower_compress(struct tr_call *c, struct tr_node *node)
{
	node->cmd.noperand = 3;
	tr__infer_broadcast(c); /* the operands' common shape, which is not the destination's */
	tr__bind(node, 0, c->dst);
	tr__bind_broadcast(node, 1, c->src[0], c->ndim, c->shape);
	tr__bind_broadcast(node, 2, c->src[1], c->ndim, c->shape);
}
