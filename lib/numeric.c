/* SPDX-License-Identifier: MIT */
/* Differences, interpolation and areas; places in a grid. Compositions of public operations. */
#include <trueno/create.h>
#include <trueno/numeric.h>

#include "lib/sets/sets.h"

/* a without the elements [start, stop) does not name, along an axis. */
static struct tr_tensor *along(struct tr_tensor *a, int axis, int64_t start, int64_t stop)
{
	return tr_slice_axis(a, axis, start, stop, 1);
}

struct tr_tensor *tr_diff(struct tr_tensor *a, int n, int axis)
{
	struct tr_tensor *y = a;

	if (!a)
		return NULL;
	axis = tr__need_axis(a, axis, "diff");
	if (axis < 0)
		return NULL;
	if (n < 0) {
		tr__fail(a->ctx, TR_EINVAL, "diff: order %d is negative", n);
		return NULL;
	}
	tr_scope_begin(a->ctx);
	if (!n)
		y = tr__tensor_view(a);
	for (int i = 0; i < n && y; i++) {
		struct tr_tensor *next = along(y, axis, 1, TR_NONE), *here = along(y, axis, 0, -1);

		y = a->dtype == TR_BOOL ? tr_not_equal(next, here) : tr_subtract(next, here);
	}
	return tr__leave(a->ctx, y);
}

/* Between points j and j + 1, from whichever end gives a number: fp may be infinite. */
static struct tr_tensor *between(struct tr_tensor *x, struct tr_tensor *xp, struct tr_tensor *fp, struct tr_tensor *j)
{
	struct tr_tensor *k = tr_add(j, tr_scalar_int(j ? j->ctx : x->ctx, 1)), *x0 = tr_take(xp, j, 0), *x1 = tr_take(xp, k, 0);
	struct tr_tensor *f0 = tr_take(fp, j, 0), *f1 = tr_take(fp, k, 0), *y, *z;
	struct tr_tensor *slope = tr_divide(tr_subtract(f1, f0), tr_subtract(x1, x0));

	y = tr_add(tr_multiply(slope, tr_subtract(x, x0)), f0);
	z = tr_add(tr_multiply(slope, tr_subtract(x, x1)), f1);
	z = tr_where(tr_logical_and(tr_isnan(z), tr_equal(f0, f1)), f0, z);
	y = tr_where(tr_isnan(y), z, y);
	return tr_where(tr_equal(x, x0), f0, y);
}

/* Real values only. */
static struct tr_tensor *interp(struct tr_tensor *x, struct tr_tensor *xp, struct tr_tensor *fp, const double *left,
				const double *right)
{
	struct tr_context *ctx = fp->ctx;
	struct tr_tensor *y, *j, *first = tr_select(xp, 0, 0), *last = tr_select(xp, 0, -1), *low, *high;
	int64_t n = xp->numel;

	high = tr_select(fp, 0, -1);
	if (n > 1) {
		j = tr_subtract(tr_searchsorted(xp, x, TR_SEARCH_RIGHT), tr_scalar_int(ctx, 1));
		j = tr_clip(j, tr_scalar_int(ctx, 0), tr_scalar_int(ctx, n - 2));
		y = tr_where(tr_equal(x, last), high, between(x, xp, fp, j));
	} else {
		y = tr_add(tr_multiply(x, tr_scalar(ctx, 0)), high);
		y = tr_where(tr_equal(x, last), high, y);
	}
	low = left ? tr_full(ctx, TR_F64, 0, NULL, *left) : tr_select(fp, 0, 0);
	high = right ? tr_full(ctx, TR_F64, 0, NULL, *right) : high;
	y = tr_where(tr_less(x, first), low, tr_where(tr_greater(x, last), high, y));
	return tr_where(tr_isnan(x), x, y);
}

struct tr_tensor *tr_interp(struct tr_tensor *x, struct tr_tensor *xp, struct tr_tensor *fp, const double *left,
			    const double *right)
{
	struct tr_context *ctx = x ? x->ctx : NULL;
	char a[TR_SHAPE_TEXT], b[TR_SHAPE_TEXT];
	struct tr_tensor *y = NULL;

	if (!x || !xp || !fp)
		return NULL;
	if (xp->ndim != 1 || fp->ndim != 1 || xp->numel != fp->numel || !xp->numel) {
		tr__fail(ctx, TR_ESHAPE, "interp: points are %s and values %s; both must be vectors of one length, not empty",
			 tr__shape_text(a, xp->ndim, xp->shape), tr__shape_text(b, fp->ndim, fp->shape));
		return NULL;
	}
	if (TR__SET_COMPLEX & (TR__BIT(x->dtype) | TR__BIT(xp->dtype))) {
		tr__fail(ctx, TR_EDTYPE, "interp: x of %s, points of %s; neither may be complex", tr_dtype_name(tr_dtype_of(x)),
			 tr_dtype_name(tr_dtype_of(xp)));
		return NULL;
	}
	tr_scope_begin(ctx);
	x = tr_astype(x, TR_F64);
	xp = tr_astype(xp, TR_F64);
	if (x && xp && TR__SET_COMPLEX & TR__BIT(fp->dtype)) {
		struct tr_tensor *re = tr_astype(tr_real(fp), TR_F64), *im = tr_astype(tr_imag(fp), TR_F64);

		if (re && im)
			y = tr_complex(interp(x, xp, re, left, right), interp(x, xp, im, left, right));
	} else {
		fp = tr_astype(fp, TR_F64);
		y = x && xp && fp ? interp(x, xp, fp, left, right) : NULL;
	}
	return tr__leave(ctx, y);
}

struct tr_tensor *tr_trapezoid(struct tr_tensor *y, struct tr_tensor *x, double dx, int axis)
{
	struct tr_tensor *width, *sum;
	int64_t shape[TR_MAX_RANK];
	struct tr_context *ctx;

	if (!y)
		return NULL;
	ctx = y->ctx;
	axis = tr__need_axis(y, axis, "trapezoid");
	if (axis < 0)
		return NULL;
	tr_scope_begin(ctx);
	width = tr_scalar(ctx, dx);
	if (x) {
		width = tr_diff(x, 1, x->ndim == 1 ? 0 : axis);
		for (int i = 0; i < y->ndim; i++)
			shape[i] = i == axis && width ? width->numel : 1;
		if (x->ndim == 1)
			width = tr_reshape(width, y->ndim, shape);
	}
	sum = tr_add(along(y, axis, 1, TR_NONE), along(y, axis, 0, -1));
	sum = tr_divide(tr_multiply(width, sum), tr_scalar(ctx, 2));
	return tr__leave(ctx, tr_sum(sum, TR_AXIS(axis), 0));
}

/* The places of a grid, or -1 after a complaint. */
static int64_t places_of(struct tr_context *ctx, int ndim, const int64_t *shape, const char *who)
{
	int64_t n = ndim >= 0 && ndim <= 32 ? tr__numel(ndim, shape, 1) : -1;

	for (int i = 0; i < ndim && n >= 0; i++)
		n = shape[i] < 0 ? -1 : n;
	if (n < 0)
		tr__fail(ctx, TR_EOVERFLOW, "%s: a grid of %d axes with more places than can be counted", who, ndim);
	return n;
}

/* i as int64 within [0, n), as mode says. */
static struct tr_tensor *within(struct tr_tensor *i, int64_t n, enum tr_index_mode mode, const char *who)
{
	struct tr_tensor *outside, *y;
	uint8_t any = 0;

	if (!(TR__SET_INTEGER & TR__BIT(i->dtype))) {
		tr__fail(i->ctx, TR_EDTYPE, "%s: indices are %s; they must be integers", who, tr_dtype_name(tr_dtype_of(i)));
		return NULL;
	}
	if (mode == TR_INDEX_WRAP && n)
		return tr_astype(tr_remainder(tr_astype(i, TR_I64), tr_scalar_int(i->ctx, n)), TR_I64);
	y = tr_astype(i, TR_I64);
	if (mode == TR_INDEX_CLIP && n)
		return tr_clip(y, tr_scalar_int(i->ctx, 0), tr_scalar_int(i->ctx, n - 1));
	outside = tr_logical_or(tr_less(y, tr_scalar_int(i->ctx, 0)), tr_greater_equal(y, tr_scalar_int(i->ctx, n)));
	if (tr__value_of(tr_any(outside, TR_ALL_AXES, 0), &any, 1, who))
		return NULL;
	if (!any)
		return y;
	tr__fail(i->ctx, TR_EINDEX, "%s: an index is out of bounds for an axis of %lld", who, (long long)n);
	return NULL;
}

struct tr_tensor *tr_ravel_multi_index(struct tr_tensor *const *indices, int ndim, const int64_t *shape,
				       enum tr_index_mode mode)
{
	struct tr_tensor *y = NULL, *i;
	struct tr_context *ctx;
	int64_t step = 1;

	for (int d = 0; d < ndim; d++)
		if (!indices[d])
			return NULL;
	if (ndim < 1)
		return NULL;
	ctx = indices[0]->ctx;
	if (places_of(ctx, ndim, shape, "ravel_multi_index") < 0)
		return NULL;
	tr_scope_begin(ctx);
	for (int d = ndim; d-- > 0;) {
		i = within(indices[d], shape[d], mode, "ravel_multi_index");
		i = step == 1 ? i : tr_multiply(i, tr_scalar_int(ctx, step));
		y = d == ndim - 1 ? i : tr_add(y, i);
		step *= shape[d];
		if (!y)
			break;
	}
	return tr__leave(ctx, y);
}

int tr_unravel_index(struct tr_tensor *indices, int ndim, const int64_t *shape, struct tr_tensor **out)
{
	struct tr_tensor *left, *axes[32];
	int64_t n;
	int err = 0;

	if (!indices)
		return -TR_EINVAL;
	n = places_of(indices->ctx, ndim, shape, "unravel_index");
	if (n < 0)
		return -TR_EOVERFLOW;
	tr_scope_begin(indices->ctx);
	left = within(indices, n, TR_INDEX_RAISE, "unravel_index");
	for (int d = ndim; d-- > 0 && !err;) {
		struct tr_tensor *size = tr_scalar_int(indices->ctx, shape[d] ? shape[d] : 1);

		axes[d] = tr_keep(tr_remainder(left, size));
		left = tr_floor_divide(left, size);
		err = axes[d] ? 0 : indices->ctx->status;
	}
	for (int d = 0; d < ndim && !err; d++)
		out[d] = axes[d];
	tr_scope_end(indices->ctx);
	return left ? err : indices->ctx->status;
}
