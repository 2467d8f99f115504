/* SPDX-License-Identifier: MIT */
/* Elementwise families: operands broadcast together, types promote, operand strides become 0 where they repeat. */
#include <string.h>

#include "lib/rules/rules.h"

int tr__infer_broadcast(struct tr_call *c)
{
	char a[TR_SHAPE_TEXT], b[TR_SHAPE_TEXT];

	tr__shape_set(c, c->src[0]->ndim, c->src[0]->shape);
	for (int i = 1; i < c->nsrc; i++) {
		struct tr_tensor *t = c->src[i];
		int64_t before[TR_MAX_RANK];
		int ndim = c->ndim, axis;

		if (tr__same_shape(t->ndim, t->shape, ndim, c->shape))
			continue;
		memcpy(before, c->shape, sizeof(before));
		axis = tr__broadcast(&c->ndim, c->shape, t->ndim, t->shape);
		if (axis >= 0)
			return tr__refuse(c, TR_ESHAPE, "shapes %s and %s do not broadcast: axis %d is %lld vs %lld",
					  tr__shape_text(a, ndim, before),
					  tr__shape_text(b, t->ndim, t->shape), axis,
					  (long long)before[axis - (c->ndim - ndim)],
					  (long long)t->shape[axis - (c->ndim - t->ndim)]);
	}
	return 0;
}

int tr__infer_map(struct tr_call *c)
{
	int err = tr__promote(c, c->info->family == TR_FAMILY_SELECT ? 1 : 0);

	return err ? err : tr__infer_broadcast(c);
}

int tr__infer_cast(struct tr_call *c)
{
	struct tr_tensor *a = c->src[0];

	tr__shape_set(c, a->ndim, a->shape);
	c->eval = c->result = tr_dtype_of(a);
	if (c->info->result != TR_RESULT_ASKED)
		return 0;
	if (c->dst)
		c->result = tr_dtype_of(c->dst);
	else if (c->sqe->dtype < TR_DTYPE_COUNT)
		c->result = (enum tr_dtype)c->sqe->dtype;
	else
		return tr__refuse(c, TR_EINVAL, "element type %u is not one", c->sqe->dtype);
	return 0;
}

int tr__infer_fill(struct tr_call *c)
{
	if (!c->dst)
		return tr__refuse(c, TR_EINVAL, "needs a destination");
	tr__shape_set(c, c->dst->ndim, c->dst->shape);
	c->eval = c->result = tr_dtype_of(c->dst);
	return 0;
}

/* All operands dense and of one shape: a line says it all, and leaves no axes to merge. */
static bool is_line(const struct tr_call *c)
{
	for (int i = 0; i < c->nsrc; i++)
		if (!c->src[i]->contiguous || c->src[i]->numel != c->dst->numel)
			return false;
	return c->dst->contiguous;
}

void tr__lower_map(struct tr_call *c, struct tr_node *node)
{
	/* a queued node keeps its axes: others of its shape that broadcast may be fused with it */
	bool line = !tr__collects(c->ctx) && is_line(c);

	node->cmd.noperand = (uint8_t)(c->nsrc + 1);
	for (int i = 0; i <= c->nsrc; i++) {
		struct tr_tensor *t = i ? c->src[i - 1] : c->dst;

		if (line)
			tr__bind_line(node, i, t);
		else if (t->ndim == c->ndim && t->numel == c->dst->numel)
			tr__bind(node, i, t);
		else
			tr__bind_broadcast(node, i, t, c->ndim, c->shape);
	}
}
