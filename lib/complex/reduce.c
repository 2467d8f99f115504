/* SPDX-License-Identifier: MIT */
/*
 * Reductions and running products of complex numbers. Where parts cannot be reduced each for itself, the reduced axes are
 * made one, the last, and its result gets the axes back that it should have.
 */
#include <math.h>

#include <trueno/manip.h>
#include <trueno/ops.h>
#include <trueno/sets.h>

#include "lib/complex/complex.h"
#include "lib/context.h"

typedef struct tr_tensor *T;
typedef struct tr__parts P;

#define FN(name) P tr__complex_##name(struct tr_call *c, const P *x)
#define BOTH(re, im) (P){re, im, false}
#define REAL(t) (P){t, NULL, true}
#define SCALAR(v) tr_scalar(c->ctx, v)
#define AXES c->sqe->attr.u32[0]
#define FLAGS c->sqe->attr.u32[1]
#define LAST TR_AXIS(-1)

/* Which elements are no numbers: a NaN in either part. */
static T is_nan(const P *x)
{
	return tr_logical_or(tr_isnan(x->re), tr_isnan(x->im));
}

static P replaced(struct tr_call *c, const P *x, double value)
{
	T nan = is_nan(x);

	return BOTH(tr_where(nan, SCALAR(value), x->re), tr_where(nan, SCALAR(0), x->im));
}

/* With the reduced axes as one, behind the others. */
static P in_line(struct tr_call *c, const P *x)
{
	const struct tr_tensor *a = c->src[0];
	int perm[TR_MAX_RANK], mask = tr__axes_mask(AXES, a->ndim), kept = 0, n = 0;
	int64_t shape[TR_MAX_RANK + 1], length = 1;

	for (int i = 0; i < a->ndim; i++)
		if (!(mask >> i & 1)) {
			shape[kept] = a->shape[i];
			perm[kept++] = i;
		}
	n = kept;
	for (int i = 0; i < a->ndim; i++)
		if (mask >> i & 1) {
			length *= a->shape[i];
			perm[n++] = i;
		}
	if (kept == TR_MAX_RANK) { /* over no axis at all */
		tr__fail(c->ctx, TR_ESHAPE, "%s: complex, over no axis of %d", c->info->name, kept);
		return REAL(NULL);
	}
	shape[kept] = length;
	return BOTH(tr_reshape(tr_permute(x->re, perm), kept + 1, shape),
		    tr_reshape(tr_permute(x->im, perm), kept + 1, shape));
}

/* What in_line's last axis has been reduced to, in the shape of the result. */
static T back(struct tr_call *c, T y)
{
	const struct tr_tensor *a = c->src[0];
	int mask = tr__axes_mask(AXES, a->ndim), n = 0;
	int64_t shape[TR_MAX_RANK];

	for (int i = 0; i < a->ndim; i++)
		if (!(mask >> i & 1))
			shape[n++] = a->shape[i];
		else if (FLAGS & TR_KEEPDIMS)
			shape[n++] = 1;
	return tr_reshape(y, n, shape);
}

static P multiply(const P *a, const P *b)
{
	return BOTH(tr_subtract(tr_multiply(a->re, b->re), tr_multiply(a->im, b->im)),
		    tr_add(tr_multiply(a->re, b->im), tr_multiply(a->im, b->re)));
}

static P cut(const P *a, int axis, int64_t start, int64_t stop, int64_t step)
{
	return BOTH(tr_slice_axis(a->re, axis, start, stop, step), tr_slice_axis(a->im, axis, start, stop, step));
}

static P joined(const P *a, const P *b, int axis)
{
	bool whole = a->re && a->im && b->re && b->im;

	return BOTH(whole ? tr_concatenate((T[]){a->re, b->re}, 2, axis) : NULL,
		    whole ? tr_concatenate((T[]){a->im, b->im}, 2, axis) : NULL);
}

/* Neighbours in pairs, again and again; one that is left over waits. */
static P product(struct tr_call *c, const P *x)
{
	P y = in_line(c, x);
	int axis;

	if (!y.re || !y.im)
		return REAL(NULL);
	axis = y.re->ndim - 1;
	if (!y.re->shape[axis])
		return BOTH(back(c, tr_prod(y.re, LAST, 0)), back(c, tr_sum(y.im, LAST, 0)));
	while (y.re && y.im && y.re->shape[axis] > 1) {
		int64_t n = y.re->shape[axis], even = n & ~(int64_t)1;
		P a = cut(&y, axis, 0, even, 2), b = cut(&y, axis, 1, even, 2), rest = cut(&y, axis, even, n, 1);

		y = multiply(&a, &b);
		if (n > even)
			y = joined(&y, &rest, axis);
	}
	return BOTH(back(c, y.re), back(c, y.im));
}

FN(prod)
{
	return product(c, x);
}

FN(nanprod)
{
	P y = replaced(c, x, 1);

	return product(c, &y);
}

FN(nansum)
{
	P y = replaced(c, x, 0);
	uint32_t flags = FLAGS & TR_KEEPDIMS;

	return BOTH(tr_sum(y.re, AXES, flags), tr_sum(y.im, AXES, flags));
}

/* How many numbers there are. */
static T count(struct tr_call *c, const P *x, uint32_t flags)
{
	T n = tr_count_nonzero(tr_logical_not(is_nan(x)), AXES, flags);

	return n ? tr_astype(n, tr_dtype_of(x->re)) : NULL;
}

static P mean(struct tr_call *c, const P *x, uint32_t flags)
{
	P y = replaced(c, x, 0);
	T n = count(c, x, flags);

	return BOTH(tr_divide(tr_sum(y.re, AXES, flags), n), tr_divide(tr_sum(y.im, AXES, flags), n));
}

FN(nanmean)
{
	return mean(c, x, FLAGS & TR_KEEPDIMS);
}

FN(nanvar)
{
	uint32_t flags = FLAGS & TR_KEEPDIMS;
	P m = mean(c, x, TR_KEEPDIMS);
	T square = tr_add(tr_square(tr_subtract(x->re, m.re)), tr_square(tr_subtract(x->im, m.im)));
	T n = tr_subtract(count(c, x, flags), SCALAR((double)(FLAGS >> 16 & 0xff)));
	T sum = tr_sum(tr_where(is_nan(x), SCALAR(0), square), AXES, flags);

	return REAL(tr_where(tr_greater(n, SCALAR(0)), tr_divide(sum, n), SCALAR(NAN)));
}

FN(nanstd)
{
	return REAL(tr_sqrt(tr__complex_nanvar(c, x).re));
}

/*
 * Where along the last axis of in_line's the first of the greatest elements is, or of the least ones: by real parts, then
 * imaginary ones. The first that is no number, if there is one and it counts.
 */
static T extreme(struct tr_call *c, const P *x, bool greatest, bool skip)
{
	T nan = is_nan(x), least = SCALAR(greatest ? -INFINITY : INFINITY);
	T re = tr_where(nan, least, x->re), im, hit;

	hit = tr_equal(re, greatest ? tr_max(re, LAST, TR_KEEPDIMS) : tr_min(re, LAST, TR_KEEPDIMS));
	hit = tr_logical_and(hit, tr_logical_not(nan));
	im = tr_where(hit, x->im, least);
	im = tr_equal(im, greatest ? tr_max(im, LAST, TR_KEEPDIMS) : tr_min(im, LAST, TR_KEEPDIMS));
	hit = tr_logical_and(hit, im);
	if (!skip)
		hit = tr_where(tr_any(nan, LAST, TR_KEEPDIMS), nan, hit);
	return tr_argmax(hit, LAST, TR_KEEPDIMS);
}

static P at(struct tr_call *c, const P *line, T place)
{
	return BOTH(back(c, tr_take_along_axis(line->re, place, -1)), back(c, tr_take_along_axis(line->im, place, -1)));
}

/* Over nothing there is no extreme, as over no real numbers. */
static bool some(struct tr_call *c, const P *line)
{
	if (!line->re || !line->im)
		return false;
	if (line->re->shape[line->re->ndim - 1])
		return true;
	tr__fail(c->ctx, TR_ESHAPE, "%s: no elements along the reduced axes, and no neutral element", c->info->name);
	return false;
}

#define EXTREME(name, greatest, skip) \
	FN(name) \
	{ \
		P line = in_line(c, x); \
\
		return some(c, &line) ? at(c, &line, extreme(c, &line, greatest, skip)) : REAL(NULL); \
	}
EXTREME(max, true, false)
EXTREME(min, false, false)
EXTREME(nanmax, true, true)
EXTREME(nanmin, false, true)

#define PLACE(name, greatest) \
	FN(name) \
	{ \
		P line = in_line(c, x); \
\
		return REAL(some(c, &line) ? back(c, extreme(c, &line, greatest, false)) : NULL); \
	}
PLACE(argmax, true)
PLACE(argmin, false)

/* The mean of the two middle ones of so many first in order; skip: of the numbers, else the last element if it is none. */
static P middle(struct tr_call *c, const P *x, bool skip)
{
	P line = in_line(c, x), low, high;
	T places, nans, last, first;
	int64_t n;

	if (!line.re || !line.im)
		return REAL(NULL);
	n = line.re->shape[line.re->ndim - 1];
	if (!n)
		return BOTH(back(c, tr_mean(line.re, LAST, 0)), back(c, tr_mean(line.im, LAST, 0)));
	places = tr__complex_order(c, &line, line.re->ndim - 1);
	nans = tr_count_nonzero(is_nan(&line), LAST, TR_KEEPDIMS);
	first = tr_subtract(tr_scalar_int(c->ctx, n), skip ? nans : tr_scalar_int(c->ctx, 0)); /* how many count */
	last = tr_floor_divide(first, tr_scalar_int(c->ctx, 2));
	first = tr_floor_divide(tr_subtract(first, tr_scalar_int(c->ctx, 1)), tr_scalar_int(c->ctx, 2));
	first = tr_maximum(first, tr_scalar_int(c->ctx, 0));
	if (!skip) {
		first = tr_where(tr_greater(nans, tr_scalar_int(c->ctx, 0)), tr_scalar_int(c->ctx, n - 1), first);
		last = tr_where(tr_greater(nans, tr_scalar_int(c->ctx, 0)), tr_scalar_int(c->ctx, n - 1), last);
	}
	low = at(c, &line, tr_take_along_axis(places, tr_astype(first, TR_I64), -1));
	high = at(c, &line, tr_take_along_axis(places, tr_astype(last, TR_I64), -1));
	return BOTH(tr_multiply(tr_add(low.re, high.re), SCALAR(0.5)), tr_multiply(tr_add(low.im, high.im), SCALAR(0.5)));
}

FN(median)
{
	return middle(c, x, false);
}

FN(nanmedian)
{
	return middle(c, x, true);
}

FN(cumsum)
{
	int axis = (int)c->sqe->attr.i64[0];

	return BOTH(tr_cumsum(x->re, axis, 0), tr_cumsum(x->im, axis, 0));
}

/* Products of the last 1, 2, 4, … elements in turn. */
FN(cumprod)
{
	int axis = tr__axis((int)c->sqe->attr.i64[0], c->src[0]->ndim);
	int64_t n = c->src[0]->shape[axis];
	P y = BOTH(tr_copy(x->re), tr_copy(x->im));

	for (int64_t d = 1; d < n && y.re && y.im; d *= 2) {
		P first = cut(&y, axis, 0, d, 1), rest = cut(&y, axis, d, n, 1), before = cut(&y, axis, 0, n - d, 1);

		rest = multiply(&rest, &before);
		y = joined(&first, &rest, axis);
	}
	return y;
}
