/* SPDX-License-Identifier: MIT */
/* The public view functions: they fill an entry of the VIEW family, or are made of those that do. */
#include <trueno/ops.h>

#include "lib/submit.h"

static struct tr_tensor *shaped(enum tr_op op, struct tr_tensor *a, int ndim, const int64_t *shape)
{
	struct tr_sqe sqe;

	if (!a)
		return NULL;
	if (ndim < 0 || ndim > TR_MAX_RANK) {
		tr__fail(a->ctx, TR_EINVAL, "%s: rank %d is outside 0..%d", tr_op_name(op), ndim, TR_MAX_RANK);
		return NULL;
	}
	tr_prep_unary(&sqe, op, tr_handle(a));
	sqe.rank = (uint16_t)ndim;
	for (int i = 0; i < ndim; i++)
		sqe.attr.i64[i] = shape[i];
	return tr__submit(a->ctx, &sqe);
}

struct tr_tensor *tr_reshape(struct tr_tensor *a, int ndim, const int64_t *shape)
{
	return shaped(TR_OP_reshape, a, ndim, shape);
}

struct tr_tensor *tr_broadcast_to(struct tr_tensor *a, int ndim, const int64_t *shape)
{
	return shaped(TR_OP_broadcast_to, a, ndim, shape);
}

struct tr_tensor *tr_permute(struct tr_tensor *a, const int *perm)
{
	int64_t p[TR_MAX_RANK];

	if (!a)
		return NULL;
	for (int i = 0; i < a->ndim; i++)
		p[i] = perm ? perm[i] : a->ndim - 1 - i;
	return shaped(TR_OP_permute, a, a->ndim, p);
}

struct tr_tensor *tr_transpose(struct tr_tensor *a)
{
	int perm[TR_MAX_RANK];

	if (!a)
		return NULL;
	if (a->ndim < 2) {
		tr__fail(a->ctx, TR_ESHAPE, "transpose: rank %d has no two axes to exchange", a->ndim);
		return NULL;
	}
	for (int i = 0; i < a->ndim; i++)
		perm[i] = i;
	perm[a->ndim - 1] = a->ndim - 2;
	perm[a->ndim - 2] = a->ndim - 1;
	return tr_permute(a, perm);
}

struct tr_tensor *tr_slice_axis(struct tr_tensor *a, int axis, int64_t start, int64_t stop, int64_t step)
{
	struct tr_sqe sqe;

	if (!a)
		return NULL;
	tr_prep_unary(&sqe, TR_OP_slice, tr_handle(a));
	sqe.attr.i64[0] = axis;
	sqe.attr.i64[1] = start;
	sqe.attr.i64[2] = stop;
	sqe.attr.i64[3] = step;
	return tr__submit(a->ctx, &sqe);
}

struct tr_tensor *tr_diagonal(struct tr_tensor *a, int64_t offset, int axis1, int axis2)
{
	struct tr_sqe sqe;

	if (!a)
		return NULL;
	tr_prep_unary(&sqe, TR_OP_diagonal, tr_handle(a));
	sqe.attr.i64[0] = offset;
	sqe.attr.i64[1] = axis1;
	sqe.attr.i64[2] = axis2;
	return tr__submit(a->ctx, &sqe);
}

/* The first and one past the last element that strides reach from offset. Whether they fit 64 bits. */
static bool reach(int ndim, const int64_t *shape, const int64_t *strides, int64_t *low, int64_t *high)
{
	int64_t span;

	for (int i = 0; i < ndim; i++) {
		int64_t *end = strides[i] < 0 ? low : high;

		if (__builtin_mul_overflow(strides[i], shape[i] - 1, &span) || __builtin_add_overflow(*end, span, end))
			return false;
	}
	return !__builtin_add_overflow(*high, 1, high);
}

struct tr_tensor *tr_as_strided(struct tr_tensor *a, int ndim, const int64_t *shape, const int64_t *strides,
				int64_t offset)
{
	int64_t low = 0, high = 0, numel;
	struct tr_tensor *v;
	char text[TR_SHAPE_TEXT];

	if (!a)
		return NULL;
	numel = ndim < 0 || ndim > TR_MAX_RANK ? -1 : tr__numel(ndim, shape, tr__size(tr_dtype_of(a)));
	if (numel > 0 && (__builtin_add_overflow(a->offset, offset, &low) || (high = low, false) ||
			  !reach(ndim, shape, strides, &low, &high) || low < 0 ||
			  high > (int64_t)(a->storage->size / tr__size(tr_dtype_of(a)))))
		numel = -1;
	if (numel < 0) {
		tr__fail(a->ctx, TR_EINVAL, "as_strided: shape %s with these strides at %lld leaves the storage",
			 tr__shape_text(text, ndim < 0 || ndim > TR_MAX_RANK ? 0 : ndim, shape), (long long)offset);
		return NULL;
	}
	v = tr__tensor_view(a);
	if (!v)
		return NULL;
	v->ndim = (uint8_t)ndim;
	v->offset += numel ? offset : 0;
	for (int i = 0; i < ndim; i++) {
		v->shape[i] = shape[i];
		v->stride[i] = strides[i];
		if (numel && strides[i] == 0 && shape[i] > 1)
			v->flags |= TR_TENSOR_REPEATS;
	}
	tr__tensor_settle(v);
	return v;
}

/* axis in 0..ndim-1, or -1 after a complaint. */
static int need_axis(struct tr_tensor *a, int axis, int ndim, const char *who)
{
	int k = tr__axis(axis, ndim);
	char text[TR_SHAPE_TEXT];

	if (k < 0)
		tr__fail(a->ctx, TR_EINVAL, "%s: axis %d does not exist for shape %s", who, axis,
			 tr__shape_text(text, a->ndim, a->shape));
	return k;
}

struct tr_tensor *tr_select(struct tr_tensor *a, int axis, int64_t index)
{
	struct tr_tensor *row, *y;
	int k;

	if (!a)
		return NULL;
	k = need_axis(a, axis, a->ndim, "select");
	if (k < 0)
		return NULL;
	if (index < -a->shape[k] || index >= a->shape[k]) {
		tr__fail(a->ctx, TR_EINDEX, "select: index %lld is out of bounds for axis %d with size %lld",
			 (long long)index, axis, (long long)a->shape[k]);
		return NULL;
	}
	if (index < 0)
		index += a->shape[k];
	row = tr_slice_axis(a, k, index, index + 1, 1);
	y = tr_squeeze(row, k);
	tr_free(row);
	return y;
}

struct tr_tensor *tr_unsqueeze(struct tr_tensor *a, int axis)
{
	int64_t shape[TR_MAX_RANK + 1];
	int k;

	if (!a)
		return NULL;
	k = need_axis(a, axis, a->ndim + 1, "unsqueeze");
	if (k < 0)
		return NULL;
	for (int i = 0; i <= a->ndim; i++)
		shape[i] = i < k ? a->shape[i] : i == k ? 1 : a->shape[i - 1];
	return tr_reshape(a, a->ndim + 1, shape);
}

struct tr_tensor *tr_squeeze(struct tr_tensor *a, int axis)
{
	int64_t shape[TR_MAX_RANK];
	int k;

	if (!a)
		return NULL;
	k = need_axis(a, axis, a->ndim, "squeeze");
	if (k < 0)
		return NULL;
	if (a->shape[k] != 1) {
		tr__fail(a->ctx, TR_ESHAPE, "squeeze: axis %d has size %lld, not 1", axis, (long long)a->shape[k]);
		return NULL;
	}
	for (int i = 0; i + 1 < a->ndim; i++)
		shape[i] = a->shape[i < k ? i : i + 1];
	return tr_reshape(a, a->ndim - 1, shape);
}

enum tr_dtype tr__common_type(struct tr_tensor *const *parts, int n)
{
	enum tr_dtype t = tr_dtype_of(parts[0]);

	for (int i = 1; i < n; i++)
		if (tr__kind(tr_dtype_of(parts[i])) > tr__kind(t))
			t = tr_dtype_of(parts[i]);
	for (int i = 0; i < n; i++)
		t = tr_promote_types(t, tr_dtype_of(parts[i]));
	return t;
}

/* The joined shape and type; false after a complaint. */
static bool joined(struct tr_tensor *const *parts, int n, int axis, int64_t *shape, enum tr_dtype *dtype)
{
	const struct tr_tensor *first = parts[0];
	char a[TR_SHAPE_TEXT], b[TR_SHAPE_TEXT];

	for (int i = 0; i < first->ndim; i++)
		shape[i] = first->shape[i];
	*dtype = tr__common_type(parts, n);
	for (int p = 1; p < n; p++) {
		const struct tr_tensor *t = parts[p];
		bool fits = t->ndim == first->ndim;

		for (int i = 0; i < first->ndim && fits; i++)
			fits = i == axis || t->shape[i] == shape[i];
		if (!fits || __builtin_add_overflow(shape[axis], t->shape[axis], &shape[axis])) {
			tr__fail(first->ctx, TR_ESHAPE, "concatenate: part %d is %s, which does not join %s along axis %d",
				 p, tr__shape_text(a, t->ndim, t->shape),
				 tr__shape_text(b, first->ndim, first->shape), axis);
			return false;
		}
	}
	return true;
}

struct tr_tensor *tr_concatenate(struct tr_tensor *const *parts, int n, int axis)
{
	int64_t shape[TR_MAX_RANK], at = 0;
	enum tr_dtype dtype;
	struct tr_tensor *y;
	int err = 0;

	for (int p = 0; p < n; p++)
		if (!parts[p])
			return NULL;
	if (n < 1)
		return NULL;
	axis = need_axis(parts[0], axis, parts[0]->ndim, "concatenate");
	if (axis < 0 || !joined(parts, n, axis, shape, &dtype))
		return NULL;
	y = tr__tensor_create(parts[0]->ctx, dtype, parts[0]->ndim, shape);
	for (int p = 0; y && p < n && !err; p++) {
		struct tr_tensor *slot = tr_slice_axis(y, axis, at, at + parts[p]->shape[axis], 1);

		err = tr_astype_out(slot, parts[p]);
		tr_free(slot);
		at += parts[p]->shape[axis];
	}
	if (err) {
		tr_free(y);
		return NULL;
	}
	return y;
}
