/* SPDX-License-Identifier: MIT */
/* take: one axis of the source replaced by the shape of the indices. embedding: rows of a matrix. */
#include "lib/rules/rules.h"

int tr__infer_take(struct tr_call *c)
{
	const struct tr_tensor *a = c->src[0], *idx = c->src[1];
	int axis = tr__axis((int)c->sqe->attr.i64[0], a->ndim);
	char text[TR_SHAPE_TEXT];
	enum tr_kind kind = tr__kind(tr_dtype_of(idx));

	if (axis < 0 || c->sqe->attr.i64[0] != (int)c->sqe->attr.i64[0])
		return tr__refuse(c, TR_EINVAL, "axis %lld does not exist in shape %s",
				  (long long)c->sqe->attr.i64[0], tr__shape_text(text, a->ndim, a->shape));
	if (kind != TR_KIND_SINT && kind != TR_KIND_UINT)
		return tr__refuse(c, TR_EDTYPE, "indices are %s; they must be integers",
				  tr_dtype_name(tr_dtype_of(idx)));
	if (a->ndim - 1 + idx->ndim > TR_MAX_RANK)
		return tr__refuse(c, TR_ESHAPE, "the result would have rank %d; at most %d", a->ndim - 1 + idx->ndim,
				  TR_MAX_RANK);
	c->ndim = 0;
	for (int i = 0; i < axis; i++)
		c->shape[c->ndim++] = a->shape[i];
	for (int i = 0; i < idx->ndim; i++)
		c->shape[c->ndim++] = idx->shape[i];
	for (int i = axis + 1; i < a->ndim; i++)
		c->shape[c->ndim++] = a->shape[i];
	if (a->shape[axis] == 0 && idx->numel)
		return tr__refuse(c, TR_EINDEX, "axis %d of %s is empty", axis,
				  tr__shape_text(text, a->ndim, a->shape));
	c->eval = c->result = tr_dtype_of(a);
	c->scratch[0] = axis;
	return 0;
}

void tr__lower_take(struct tr_call *c, struct tr_node *node)
{
	tr__bind(node, 0, c->dst);
	tr__bind(node, 1, c->src[0]);
	tr__bind(node, 2, c->src[1]);
	node->cmd.noperand = 3;
	node->cmd.attr.i64[0] = c->scratch[0];
}

int tr__infer_embedding(struct tr_call *c)
{
	const struct tr_tensor *idx = c->src[0], *w = c->src[1];
	char text[TR_SHAPE_TEXT];

	if (idx->dtype != TR_I32 && idx->dtype != TR_I64)
		return tr__refuse(c, TR_EDTYPE, "indices are %s; they must be int32 or int64",
				  tr_dtype_name(tr_dtype_of(idx)));
	if (w->ndim != 2)
		return tr__refuse(c, TR_ESHAPE, "weight is %s; it must be a matrix of rows to choose from",
				  tr__shape_text(text, w->ndim, w->shape));
	if (idx->ndim + 1 > TR_MAX_RANK)
		return tr__refuse(c, TR_ESHAPE, "the result would have rank %d; at most %d", idx->ndim + 1, TR_MAX_RANK);
	if (w->shape[0] == 0 && idx->numel)
		return tr__refuse(c, TR_EINDEX, "weight is %s: there are no rows",
				  tr__shape_text(text, w->ndim, w->shape));
	tr__shape_set(c, idx->ndim, idx->shape);
	c->shape[c->ndim++] = w->shape[1];
	c->eval = c->result = tr_dtype_of(w);
	return 0;
}

void tr__lower_embedding(struct tr_call *c, struct tr_node *node)
{
	tr__bind(node, 0, c->dst);
	tr__bind(node, 1, c->src[1]);
	tr__bind(node, 2, c->src[0]);
	node->cmd.noperand = 3;
	node->cmd.attr.i64[0] = 0;
}
