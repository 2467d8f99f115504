/* SPDX-License-Identifier: MIT */
/*
 * Reductions and row operations. A reduction's source is presented as [kept…, reduced…, kept inner…]: the inner
 * group is the kept axes behind the last reduced one, so whether it is empty depends on the logical axes alone.
 */
#include <math.h>

#include "lib/ref/reduction.h"
#include "lib/rules/rules.h"

/* The method of a quantile, in its flags. */
#define METHOD 0x07000000u
#define METHODS 5

/* Whether there is a result over no elements. */
static bool is_empty_ok(const struct tr_call *c)
{
	if (c->info->family == TR_FAMILY_ARGREDUCE)
		return false;
	if (c->info->family != TR_FAMILY_REDUCE && c->info->family != TR_FAMILY_VECTOR_NORM)
		return true;
	return !tr__reduction((enum tr_op)c->sqe->op, c->eval, c->sqe->attr.f64[3])->refuses;
}

/* The accumulator and result type, from the row and from TR_AS. */
static int reduce_types(struct tr_call *c, uint32_t flags)
{
	uint32_t asked = flags >> 8 & 0xff;
	enum tr_dtype in = tr_dtype_of(c->src[0]);
	int err;

	if (asked > TR_DTYPE_COUNT)
		return tr__refuse(c, TR_EINVAL, "TR_AS names element type %u, which is not one", asked - 1);
	err = tr__promote(c, 0);
	if (asked && (err == TR__IN_PARTS || !err) && TR__SET_COMPLEX & TR__BIT(asked - 1) && tr__complex_has(c)) {
		c->eval = c->result = (enum tr_dtype)(asked - 1);
		return TR__IN_PARTS;
	}
	if (err > 0 || (err && !asked))
		return err;
	if (c->info->result == TR_RESULT_WIDE && !asked) {
		if (tr__kind(in) == TR_KIND_UINT)
			c->eval = c->result = TR_U64;
		else if (tr__kind(in) < TR_KIND_FLOAT)
			c->eval = c->result = TR_I64;
	}
	if (!asked)
		return 0;
	if (c->info->result != TR_RESULT_WIDE && c->info->result != TR_RESULT_MEAN)
		return tr__refuse(c, TR_EINVAL, "takes no TR_AS");
	c->result = (enum tr_dtype)(asked - 1);
	c->eval = c->result == TR_F16 || c->result == TR_BF16 ? TR_F32 : c->result;
	if (!(c->info->dtypes & TR__BIT(c->eval)))
		return tr__refuse(c, TR_EDTYPE, "cannot accumulate in %s", tr_dtype_name(c->result));
	return 0;
}

int tr__infer_reduce(struct tr_call *c)
{
	const struct tr_tensor *a = c->src[0];
	uint32_t flags = c->sqe->attr.u32[1];
	int mask = tr__axes_mask(c->sqe->attr.u32[0], a->ndim);
	int64_t n = 1;
	char text[TR_SHAPE_TEXT];
	int err;

	if (mask < 0)
		return tr__refuse(c, TR_EINVAL, "axes do not exist in shape %s, or are named twice",
				  tr__shape_text(text, a->ndim, a->shape));
	if (flags & ~(TR_KEEPDIMS | 0xffff00u | (c->info->family == TR_FAMILY_QUANTILE ? METHOD : 0)))
		return tr__refuse(c, TR_EINVAL, "unknown flags 0x%x", flags);
	err = reduce_types(c, flags);
	if (err)
		return err;
	c->ndim = 0;
	for (int i = 0; i < a->ndim; i++) {
		if (!(mask >> i & 1)) {
			c->shape[c->ndim++] = a->shape[i];
			continue;
		}
		n *= a->shape[i];
		if (flags & TR_KEEPDIMS)
			c->shape[c->ndim++] = 1;
	}
	if (n == 0 && !is_empty_ok(c))
		return tr__refuse(c, TR_ESHAPE, "no elements along the reduced axes of %s, and no neutral element",
				  tr__shape_text(text, a->ndim, a->shape));
	c->scratch[0] = mask;
	c->scratch[1] = n;
	return 0;
}

int tr__infer_argreduce(struct tr_call *c)
{
	int err = tr__infer_reduce(c);
	int mask = (int)c->scratch[0];

	if (!err && c->sqe->attr.u32[0] != TR_ALL_AXES && __builtin_popcount((unsigned)mask) != 1)
		return tr__refuse(c, TR_EINVAL, "takes one axis, or all of them");
	return err;
}

int tr__infer_vector_norm(struct tr_call *c)
{
	double p = c->sqe->attr.f64[3];

	if (isnan(p))
		return tr__refuse(c, TR_EINVAL, "there is no norm of order NaN");
	return tr__infer_reduce(c);
}

int tr__infer_quantile(struct tr_call *c)
{
	double q = c->sqe->attr.f64[3];

	if (!(q >= 0 && q <= 1))
		return tr__refuse(c, TR_EINVAL, "q is %g, not within 0 and 1", q);
	if ((c->sqe->attr.u32[1] & METHOD) >> 24 >= METHODS)
		return tr__refuse(c, TR_EINVAL, "unknown flags 0x%x", c->sqe->attr.u32[1]);
	return tr__infer_reduce(c);
}

/* Source and destination in logical order, the destination without reduced axes; tr__group_reduce does the rest. */
void tr__lower_reduce(struct tr_call *c, struct tr_node *node)
{
	struct tr_operand *s = &node->operand[1], *d = &node->operand[0];
	unsigned mask = (unsigned)c->scratch[0];
	bool keepdims = c->sqe->attr.u32[1] & TR_KEEPDIMS;
	int ddof = (int)(c->sqe->attr.u32[1] >> 16 & 0xff), kept = 0;

	tr__bind(node, 0, c->dst);
	tr__bind(node, 1, c->src[0]);
	for (int i = 0; i < s->ndim && keepdims; i++) {
		if (mask >> i & 1)
			continue;
		d->shape[kept] = d->shape[i];
		d->stride[kept++] = d->stride[i];
	}
	if (keepdims)
		d->ndim = (uint8_t)kept;
	node->cmd.noperand = 2;
	node->cmd.attr.u32[0] = mask;
	node->cmd.attr.u32[3] = c->sqe->attr.u32[1] & METHOD;
	node->cmd.attr.f64[2] = (double)(c->scratch[1] - ddof);
}

enum { OUTER, REDUCED, INNER, GROUPS };

/* Appends to `to` those of from's axes that are of a group. */
static void append_group(struct tr_operand *to, const struct tr_operand *from, unsigned mask, int group)
{
	int last = mask ? 31 - __builtin_clz(mask) : -1;

	for (int i = 0; i < from->ndim; i++) {
		if ((mask >> i & 1 ? REDUCED : i < last ? OUTER : INNER) != group)
			continue;
		to->shape[to->ndim] = from->shape[i];
		to->stride[to->ndim++] = from->stride[i];
	}
}

void tr__group_reduce(struct tr_operand *dst, struct tr_operand *src, int n, union tr_attr *attr)
{
	struct tr_operand from[TR_PROGRAM_OPERANDS], to = *dst, *all[TR_PROGRAM_OPERANDS + 1];
	unsigned mask = attr->u32[0];
	int count[GROUPS], begin = 0, kept = 0;

	dst->ndim = 0;
	for (int k = 0; k < n; k++) {
		from[k] = src[k];
		src[k].ndim = 0;
		all[k] = &src[k];
	}
	for (int g = 0; g < GROUPS; g++) {
		int axes;

		for (int k = 0; k < n; k++)
			append_group(&src[k], &from[k], mask, g);
		axes = src[0].ndim - begin;
		if (g == REDUCED) {
			count[g] = tr__merge_axes(all, n, begin, src[0].ndim);
		} else {
			/* The destination's axes of this group, merged along with the sources': set in place after them. */
			struct tr_operand part; /* not cleared: that costs more than the rest of this loop */

			part.ndim = src[0].ndim;
			for (int i = 0; i < axes; i++) {
				part.shape[begin + i] = to.shape[kept + i];
				part.stride[begin + i] = to.stride[kept + i];
			}
			kept += axes;
			all[n] = &part;
			count[g] = tr__merge_axes(all, n + 1, begin, src[0].ndim);
			for (int i = begin; i < begin + count[g]; i++) {
				dst->shape[dst->ndim] = part.shape[i];
				dst->stride[dst->ndim++] = part.stride[i];
			}
		}
		begin += count[g];
	}
	attr->u32[1] = (uint32_t)count[OUTER];
	attr->u32[2] = (uint32_t)count[REDUCED];
}

static int check_axis(struct tr_call *c)
{
	const struct tr_tensor *a = c->src[0];
	int axis = tr__axis((int)c->sqe->attr.i64[0], a->ndim);
	char text[TR_SHAPE_TEXT];

	if (axis < 0 || c->sqe->attr.i64[0] != (int)c->sqe->attr.i64[0])
		return tr__refuse(c, TR_EINVAL, "axis %lld does not exist in shape %s",
				  (long long)c->sqe->attr.i64[0], tr__shape_text(text, a->ndim, a->shape));
	c->scratch[0] = axis;
	return 0;
}

int tr__infer_scan(struct tr_call *c)
{
	uint32_t flags = c->sqe->attr.u32[2];
	int err = check_axis(c);

	if (err)
		return err;
	if (flags & ~0xff00u)
		return tr__refuse(c, TR_EINVAL, "unknown flags 0x%x", flags);
	tr__shape_set(c, c->src[0]->ndim, c->src[0]->shape);
	return reduce_types(c, flags);
}

int tr__infer_softmax(struct tr_call *c)
{
	int err = check_axis(c);

	if (err)
		return err;
	tr__shape_set(c, c->src[0]->ndim, c->src[0]->shape);
	return tr__promote(c, 0);
}

int tr__infer_sort(struct tr_call *c)
{
	return tr__infer_softmax(c);
}

int tr__infer_search(struct tr_call *c)
{
	const struct tr_tensor *a = c->src[0], *v = c->src[1];
	uint32_t flags = c->sqe->attr.u32[0];
	char text[TR_SHAPE_TEXT];

	if (flags & ~TR_SEARCH_RIGHT)
		return tr__refuse(c, TR_EINVAL, "unknown flags 0x%x", flags);
	if (a->ndim != 1)
		return tr__refuse(c, TR_ESHAPE, "what is searched is %s; it must have one axis",
				  tr__shape_text(text, a->ndim, a->shape));
	tr__shape_set(c, v->ndim, v->shape);
	return tr__promote(c, 0);
}

void tr__lower_search(struct tr_call *c, struct tr_node *node)
{
	tr__bind(node, 0, c->dst);
	tr__bind(node, 1, c->src[0]);
	tr__bind(node, 2, c->src[1]);
	node->cmd.noperand = 3;
}

int tr__infer_norm(struct tr_call *c)
{
	const struct tr_tensor *a = c->src[0];
	char x[TR_SHAPE_TEXT], y[TR_SHAPE_TEXT];

	if (a->ndim < 1)
		return tr__refuse(c, TR_ESHAPE, "a scalar has no axis to normalise");
	for (int i = 1; i < c->nsrc; i++) {
		const struct tr_tensor *w = c->src[i];

		if (w && (w->ndim != 1 || w->shape[0] != a->shape[a->ndim - 1]))
			return tr__refuse(c, TR_ESHAPE, "%s is %s, but the last axis of %s wants [%lld]",
					  i == 1 ? "weight" : "bias", tr__shape_text(x, w->ndim, w->shape),
					  tr__shape_text(y, a->ndim, a->shape), (long long)a->shape[a->ndim - 1]);
	}
	tr__shape_set(c, a->ndim, a->shape);
	c->scratch[0] = a->ndim - 1;
	return tr__promote(c, 0);
}

/* Source and destination keep their shape; axes before and after the row's are merged. */
void tr__lower_rows(struct tr_call *c, struct tr_node *node)
{
	struct tr_operand *both[2] = {&node->operand[0], &node->operand[1]};
	int axis = (int)c->scratch[0];

	tr__bind(node, 0, c->dst);
	tr__bind(node, 1, c->src[0]);
	tr__merge_axes(both, 2, axis + 1, both[0]->ndim);
	axis = tr__merge_axes(both, 2, 0, axis);
	node->cmd.noperand = 2;
	if (c->info->family == TR_FAMILY_NORM) {
		for (int i = 1; i <= 2; i++)
			tr__bind(node, i + 1, c->src[i]);
		node->cmd.noperand = 4;
		node->cmd.attr.f64[0] = c->sqe->attr.f64[0];
	} else {
		node->cmd.attr.i64[0] = axis;
	}
}
