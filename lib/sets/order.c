/* SPDX-License-Identifier: MIT */
/* Orders: by several keys, elements named by an order, the first few of one. */
#include "lib/sets/sets.h"

int tr__need_axis(struct tr_tensor *a, int axis, const char *who)
{
	int k = tr__axis(axis, a->ndim);
	char text[TR_SHAPE_TEXT];

	if (k < 0)
		tr__fail(a->ctx, TR_EINVAL, "%s: axis %d does not exist for shape %s", who, axis,
			 tr__shape_text(text, a->ndim, a->shape));
	return k;
}

int tr__value_of(struct tr_tensor *t, void *out, size_t size, const char *who)
{
	if (!t)
		return -TR_EINVAL;
	if (t->ctx->capturing)
		return tr__fail(t->ctx, TR_ESTATE, "%s: a plan cannot record a size that depends on values", who);
	return tr_read(t, out, size);
}

/* 0, 1, … along axis d of a shape with ndim axes, 1 long elsewhere. */
static struct tr_tensor *steps(struct tr_context *ctx, int64_t n, int d, int ndim)
{
	int64_t shape[TR_MAX_RANK];

	for (int i = 0; i < ndim; i++)
		shape[i] = i == d ? n : 1;
	return tr_reshape(tr_arange_int(ctx, TR_I64, 0, n, 1), ndim, shape);
}

struct tr_tensor *tr_take_along_axis(struct tr_tensor *a, struct tr_tensor *indices, int axis)
{
	struct tr_index index[TR_MAX_RANK];
	struct tr_context *ctx;
	bool whole = true;

	if (!a || !indices)
		return NULL;
	ctx = a->ctx;
	axis = tr__need_axis(a, axis, "take_along_axis");
	if (axis < 0)
		return NULL;
	if (indices->ndim != a->ndim) {
		tr__fail(ctx, TR_ESHAPE, "take_along_axis: indices have %d axes, and the operand %d", indices->ndim, a->ndim);
		return NULL;
	}
	tr_scope_begin(ctx);
	for (int d = 0; d < a->ndim; d++) {
		struct tr_tensor *t = d == axis ? indices : steps(ctx, a->shape[d], d, a->ndim);

		index[d] = (struct tr_index){.kind = TR_INDEX_TENSOR, .tensor = t};
		whole &= t != NULL;
	}
	return tr__leave(ctx, whole ? tr_index_get(a, a->ndim, index) : NULL);
}

struct tr_tensor *tr_lexsort(struct tr_tensor *const *keys, int n, int axis)
{
	struct tr_tensor *order;
	char x[TR_SHAPE_TEXT], y[TR_SHAPE_TEXT];

	for (int i = 0; i < n; i++)
		if (!keys[i])
			return NULL;
	if (n < 1)
		return NULL;
	for (int i = 1; i < n; i++)
		if (!tr__same_shape(keys[i]->ndim, keys[i]->shape, keys[0]->ndim, keys[0]->shape)) {
			tr__fail(keys[0]->ctx, TR_ESHAPE, "lexsort: key %d is %s, the first %s", i,
				 tr__shape_text(x, keys[i]->ndim, keys[i]->shape),
				 tr__shape_text(y, keys[0]->ndim, keys[0]->shape));
			return NULL;
		}
	axis = tr__need_axis(keys[0], axis, "lexsort");
	if (axis < 0)
		return NULL;
	tr_scope_begin(keys[0]->ctx);
	order = tr_argsort(keys[0], axis);
	for (int i = 1; i < n; i++)
		order = tr_take_along_axis(order, tr_argsort(tr_take_along_axis(keys[i], order, axis), axis), axis);
	return tr__leave(keys[0]->ctx, order);
}

/* The first k along the axis of an order, or the last k from behind, where equal elements stay in order: those that
 * sorting the reverse of a puts last. */
static struct tr_tensor *first_few(struct tr_tensor *a, int64_t k, int axis, bool smallest)
{
	struct tr_tensor *order;

	if (smallest)
		return tr_slice_axis(tr_argsort(a, axis), axis, 0, k, 1);
	order = tr_argsort(tr_flip(a, TR_AXIS(axis)), axis);
	order = tr_slice_axis(tr_flip(order, TR_AXIS(axis)), axis, 0, k, 1);
	return tr_subtract(tr_scalar_int(a->ctx, a->shape[axis] - 1), order);
}

int tr_topk(struct tr_tensor *a, int64_t k, int axis, uint32_t flags, struct tr_tensor **values, struct tr_tensor **indices)
{
	struct tr_tensor *order, *found = NULL;

	if (!a)
		return -TR_EINVAL;
	axis = tr__need_axis(a, axis, "topk");
	if (axis < 0)
		return -TR_EINVAL;
	if (k < 0 || k > a->shape[axis] || flags & ~TR_SMALLEST)
		return tr__fail(a->ctx, TR_EINVAL, "topk: %lld of an axis of %lld elements, flags 0x%x", (long long)k,
				(long long)a->shape[axis], flags);
	tr_scope_begin(a->ctx);
	order = tr_copy(first_few(a, k, axis, flags & TR_SMALLEST));
	if (values)
		found = tr_take_along_axis(a, order, axis);
	tr_keep(order);
	tr_keep(found);
	tr_scope_end(a->ctx);
	if (!order || (values && !found)) {
		tr_free(order);
		tr_free(found);
		return a->ctx->status;
	}
	if (values)
		*values = found;
	if (indices)
		*indices = order;
	else
		tr_free(order);
	return 0;
}
