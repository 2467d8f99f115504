/* SPDX-License-Identifier: MIT */
/* Array manipulation, made of views and copies into views: no command of its own. */
#include <string.h>

#include <trueno/manip.h>
#include <trueno/ops.h>

#include "lib/context.h"

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

/* Closes the scope of intermediates around a result. */
static struct tr_tensor *out_of_scope(struct tr_context *ctx, struct tr_tensor *y)
{
	tr_keep(y);
	tr_scope_end(ctx);
	return y;
}

struct tr_tensor *tr_moveaxis(struct tr_tensor *a, int from, int to)
{
	int perm[TR_MAX_RANK];

	if (!a)
		return NULL;
	from = need_axis(a, from, a->ndim, "moveaxis");
	to = from < 0 ? from : need_axis(a, to, a->ndim, "moveaxis");
	if (to < 0)
		return NULL;
	for (int i = 0; i < a->ndim; i++)
		perm[i] = i;
	memmove(perm + from, perm + from + 1, (size_t)(a->ndim - from - 1) * sizeof(*perm));
	memmove(perm + to + 1, perm + to, (size_t)(a->ndim - to - 1) * sizeof(*perm));
	perm[to] = from;
	return tr_permute(a, perm);
}

struct tr_tensor *tr_swapaxes(struct tr_tensor *a, int axis1, int axis2)
{
	int perm[TR_MAX_RANK];

	if (!a)
		return NULL;
	axis1 = need_axis(a, axis1, a->ndim, "swapaxes");
	axis2 = axis1 < 0 ? axis1 : need_axis(a, axis2, a->ndim, "swapaxes");
	if (axis2 < 0)
		return NULL;
	for (int i = 0; i < a->ndim; i++)
		perm[i] = i;
	perm[axis1] = axis2;
	perm[axis2] = axis1;
	return tr_permute(a, perm);
}

struct tr_tensor *tr_squeeze_all(struct tr_tensor *a)
{
	int64_t shape[TR_MAX_RANK];
	int n = 0;

	if (!a)
		return NULL;
	for (int i = 0; i < a->ndim; i++)
		if (a->shape[i] != 1)
			shape[n++] = a->shape[i];
	return tr_reshape(a, n, shape);
}

struct tr_tensor *tr_ravel(struct tr_tensor *a)
{
	return a ? tr_reshape(a, 1, &a->numel) : NULL;
}

struct tr_tensor *tr_flip(struct tr_tensor *a, uint32_t axes)
{
	char text[TR_SHAPE_TEXT];
	struct tr_tensor *y = a;
	int bits;

	if (!a)
		return NULL;
	bits = tr__axes_mask(axes, a->ndim);
	if (bits < 0) {
		tr__fail(a->ctx, TR_EINVAL, "flip: axes do not exist in shape %s, or are named twice",
			 tr__shape_text(text, a->ndim, a->shape));
		return NULL;
	}
	tr_scope_begin(a->ctx);
	if (!bits)
		y = tr_reshape(a, a->ndim, a->shape);
	for (int i = 0; i < a->ndim; i++)
		if (bits >> i & 1)
			y = tr_slice_axis(y, i, TR_NONE, TR_NONE, -1);
	return out_of_scope(a->ctx, y);
}

struct tr_tensor *tr_rot90(struct tr_tensor *a, int k)
{
	struct tr_tensor *y;

	if (!a)
		return NULL;
	if (a->ndim < 2) {
		tr__fail(a->ctx, TR_ESHAPE, "rot90: rank %d is below 2", a->ndim);
		return NULL;
	}
	k &= 3;
	tr_scope_begin(a->ctx);
	y = k & 1 ? tr_transpose(a) : tr_flip(a, 0);
	if (k == 1 || k == 2)
		y = tr_flip(y, TR_AXIS(-2));
	if (k == 2 || k == 3)
		y = tr_flip(y, TR_AXIS(-1));
	return out_of_scope(a->ctx, y);
}

/* y[at : at + size of part] = part along the axis, converted. */
static int place(struct tr_tensor *y, struct tr_tensor *part, int axis, int64_t at)
{
	struct tr_tensor *slot;
	int err;

	if (!part)
		return y->ctx->status;
	slot = tr_slice_axis(y, axis, at, at + part->shape[axis], 1);
	err = slot ? tr_astype_out(slot, part) : y->ctx->status;
	tr_free(slot);
	return err;
}

struct tr_tensor *tr_roll(struct tr_tensor *a, int64_t shift, int axis)
{
	struct tr_tensor *y;
	int64_t n;
	int err;

	if (!a)
		return NULL;
	axis = need_axis(a, axis, a->ndim, "roll");
	if (axis < 0)
		return NULL;
	n = a->shape[axis];
	shift = n ? (shift % n + n) % n : 0;
	tr_scope_begin(a->ctx);
	y = tr_empty(a->ctx, tr_dtype_of(a), a->ndim, a->shape);
	err = y ? place(y, tr_slice_axis(a, axis, 0, n - shift, 1), axis, shift) : -TR_ENOMEM;
	if (!err)
		err = place(y, tr_slice_axis(a, axis, n - shift, n, 1), axis, 0);
	return out_of_scope(a->ctx, err ? NULL : y);
}

struct tr_tensor *tr_stack(struct tr_tensor *const *parts, int n, int axis)
{
	struct tr_tensor *y = NULL, *slot;
	int64_t shape[TR_MAX_RANK + 1];
	enum tr_dtype dtype;
	char x[TR_SHAPE_TEXT], z[TR_SHAPE_TEXT];
	int ndim, err = 0;

	for (int p = 0; p < n; p++)
		if (!parts[p])
			return NULL;
	if (n < 1)
		return NULL;
	ndim = parts[0]->ndim;
	axis = need_axis(parts[0], axis, ndim + 1, "stack");
	if (axis < 0)
		return NULL;
	dtype = tr__common_type(parts, n);
	for (int p = 1; p < n; p++) {
		if (parts[p]->ndim != ndim || memcmp(parts[p]->shape, parts[0]->shape, (size_t)ndim * sizeof(*shape))) {
			tr__fail(parts[0]->ctx, TR_ESHAPE, "stack: part %d is %s, the first %s", p,
				 tr__shape_text(x, parts[p]->ndim, parts[p]->shape),
				 tr__shape_text(z, ndim, parts[0]->shape));
			return NULL;
		}
	}
	for (int i = 0; i <= ndim; i++)
		shape[i] = i == axis ? n : parts[0]->shape[i < axis ? i : i - 1];
	y = tr_empty(parts[0]->ctx, dtype, ndim + 1, shape);
	for (int p = 0; y && p < n && !err; p++) {
		slot = tr_select(y, axis, p);
		err = slot ? tr_astype_out(slot, parts[p]) : -TR_ENOMEM;
		tr_free(slot);
	}
	if (!err)
		return y;
	tr_free(y);
	return NULL;
}

/* Parts from cut[i] to cut[i + 1], i < n. */
static int cut_up(struct tr_tensor *a, const int64_t *at, int n, int axis, struct tr_tensor **out)
{
	for (int i = 0; i < n; i++) {
		out[i] = tr_slice_axis(a, axis, i ? at[i - 1] : 0, i + 1 < n ? at[i] : TR_NONE, 1);
		if (out[i])
			continue;
		while (i-- > 0)
			tr_free(out[i]);
		return a->ctx->status;
	}
	return 0;
}

int tr_split_at(struct tr_tensor *a, const int64_t *at, int n, int axis, struct tr_tensor **out)
{
	if (!a)
		return -TR_EINVAL;
	if (n < 1)
		return tr__fail(a->ctx, TR_EINVAL, "split: %d parts", n);
	axis = need_axis(a, axis, a->ndim, "split");
	return axis < 0 ? -TR_EINVAL : cut_up(a, at, n, axis, out);
}

/* Part i of n begins where i larger ones, as far as there are, and smaller ones end. */
static int split_evenly(struct tr_tensor *a, int n, int axis, struct tr_tensor **out)
{
	int64_t size = a->shape[axis] / n, larger = a->shape[axis] % n, at = 0;

	for (int i = 0; i < n; i++) {
		int64_t end = at + size + (i < larger);

		out[i] = tr_slice_axis(a, axis, at, end, 1);
		at = end;
		if (out[i])
			continue;
		while (i-- > 0)
			tr_free(out[i]);
		return a->ctx->status;
	}
	return 0;
}

int tr_array_split(struct tr_tensor *a, int n, int axis, struct tr_tensor **out)
{
	if (!a)
		return -TR_EINVAL;
	if (n < 1)
		return tr__fail(a->ctx, TR_EINVAL, "split: %d parts", n);
	axis = need_axis(a, axis, a->ndim, "split");
	return axis < 0 ? -TR_EINVAL : split_evenly(a, n, axis, out);
}

int tr_split(struct tr_tensor *a, int n, int axis, struct tr_tensor **out)
{
	char text[TR_SHAPE_TEXT];
	int k;

	if (!a)
		return -TR_EINVAL;
	k = need_axis(a, axis, a->ndim, "split");
	if (k < 0)
		return -TR_EINVAL;
	if (n >= 1 && a->shape[k] % n)
		return tr__fail(a->ctx, TR_ESHAPE, "split: axis %d of %s cannot be cut into %d equal parts", k,
				tr__shape_text(text, a->ndim, a->shape), n);
	return tr_array_split(a, n, k, out);
}

/* y[…, n, …] for an axis, in front of which and behind which the rest is one axis each: a view of dense y. */
static struct tr_tensor *around(struct tr_tensor *y, int axis, int64_t n)
{
	int64_t shape[3] = {1, n, 1};

	for (int i = 0; i < axis; i++)
		shape[0] *= y->shape[i];
	shape[2] = shape[0] && n ? y->numel / shape[0] / n : 0;
	return tr_reshape(y, 3, shape);
}

/* a, dense, reps times along one axis. */
static struct tr_tensor *tile_axis(struct tr_tensor *a, int axis, int64_t reps)
{
	struct tr_tensor *y, *to, *from;
	int64_t shape[TR_MAX_RANK];

	memcpy(shape, a->shape, sizeof(shape));
	if (reps < 0 || __builtin_mul_overflow(shape[axis], reps, &shape[axis])) {
		tr__fail(a->ctx, reps < 0 ? TR_EINVAL : TR_EOVERFLOW, "tile: %lld times axis %d", (long long)reps, axis);
		return NULL;
	}
	y = tr_empty(a->ctx, tr_dtype_of(a), a->ndim, shape);
	if (!y || !y->numel)
		return y;
	to = around(y, axis, reps);
	from = to ? tr_broadcast_to(tr_reshape(a, 3, (const int64_t[]){to->shape[0], 1, to->shape[2]}), 3, to->shape) : NULL;
	return from && !tr_copy_out(to, from) ? y : NULL;
}

struct tr_tensor *tr_tile(struct tr_tensor *a, int ndim, const int64_t *reps)
{
	int64_t shape[TR_MAX_RANK];
	struct tr_tensor *y;
	int n;

	if (!a)
		return NULL;
	n = ndim > a->ndim ? ndim : a->ndim;
	if (ndim < 0 || n > TR_MAX_RANK) {
		tr__fail(a->ctx, TR_ESHAPE, "tile: %d axes; at most %d", ndim, TR_MAX_RANK);
		return NULL;
	}
	for (int i = 0; i < n; i++)
		shape[i] = i < n - a->ndim ? 1 : a->shape[i - (n - a->ndim)];
	tr_scope_begin(a->ctx);
	y = tr_copy(tr_reshape(a, n, shape));
	for (int i = n; y && i-- > n - ndim;)
		if (reps[i - (n - ndim)] != 1)
			y = tile_axis(y, i, reps[i - (n - ndim)]);
	return out_of_scope(a->ctx, y);
}

struct tr_tensor *tr_repeat(struct tr_tensor *a, int64_t n, int axis)
{
	struct tr_tensor *y, *to, *from;
	int64_t shape[TR_MAX_RANK], rows[3];

	if (!a)
		return NULL;
	axis = need_axis(a, axis, a->ndim, "repeat");
	if (axis < 0)
		return NULL;
	memcpy(shape, a->shape, sizeof(shape));
	if (n < 0 || __builtin_mul_overflow(shape[axis], n, &shape[axis])) {
		tr__fail(a->ctx, n < 0 ? TR_EINVAL : TR_EOVERFLOW, "repeat: %lld times axis %d", (long long)n, axis);
		return NULL;
	}
	tr_scope_begin(a->ctx);
	y = tr_empty(a->ctx, tr_dtype_of(a), a->ndim, shape);
	if (y && y->numel) {
		rows[0] = rows[2] = 1;
		rows[1] = n;
		for (int i = 0; i < a->ndim; i++)
			rows[i <= axis ? 0 : 2] *= a->shape[i];
		to = tr_reshape(y, 3, rows);
		rows[1] = 1;
		from = to ? tr_broadcast_to(tr_reshape(a, 3, rows), 3, to->shape) : NULL;
		y = from && !tr_copy_out(to, from) ? y : NULL;
	}
	return out_of_scope(a->ctx, y);
}
