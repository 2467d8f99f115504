/* SPDX-License-Identifier: MIT */
/* Norms of matrices and condition numbers. */
#include <math.h>

#include <trueno/create.h>
#include <trueno/ops.h>

#include "lib/linalg/linalg.h"

/* Sums of magnitudes along one of the last two axes, the greatest or least of them along the other. */
static struct tr_tensor *greatest_sum(struct tr_tensor *a, bool columns, bool least, uint32_t flags)
{
	struct tr_tensor *sums = tr_sum(tr_absolute(a), TR_AXIS(columns ? -2 : -1), TR_KEEPDIMS);
	uint32_t axes = TR_AXIS(-1) | TR_AXIS(-2);

	return least ? tr_min(sums, axes, flags) : tr_max(sums, axes, flags);
}

/* Of singular values, by which the matrix has one axis more. */
static struct tr_tensor *of_singular(struct tr_tensor *a, enum tr_matrix_norm order, uint32_t flags)
{
	struct tr_tensor *s = tr__linalg_singular(a, "matrix_norm", false), *y;

	if (order == TR_NORM_NUC)
		y = tr_sum(s, TR_AXIS(-1), flags);
	else
		y = order == TR_NORM_2 ? tr_max(s, TR_AXIS(-1), flags) : tr_min(s, TR_AXIS(-1), flags);
	return flags & TR_KEEPDIMS ? tr_unsqueeze(y, -1) : y;
}

static struct tr_tensor *norm(struct tr_tensor *a, enum tr_matrix_norm order, uint32_t flags)
{
	bool empty = !a->shape[a->ndim - 1] || !a->shape[a->ndim - 2];

	if (empty && (order == TR_NORM_1 || order == TR_NORM_2 || order == TR_NORM_INF || order == TR_NORM_NUC))
		return tr_sum(tr_absolute(a), TR_AXIS(-1) | TR_AXIS(-2), flags); /* 0 of each */
	switch (order) {
	case TR_NORM_FRO:
		return tr_norm(tr__kind(tr_dtype_of(a)) == TR_KIND_COMPLEX ? tr_absolute(a) : a, 2, TR_AXIS(-1) | TR_AXIS(-2), flags);
	case TR_NORM_1:
	case TR_NORM_MINUS_1:
		return greatest_sum(a, true, order == TR_NORM_MINUS_1, flags);
	case TR_NORM_INF:
	case TR_NORM_MINUS_INF:
		return greatest_sum(a, false, order == TR_NORM_MINUS_INF, flags);
	default:
		return of_singular(a, order, flags);
	}
}

/* Integers and bool as float64. */
static struct tr_tensor *as_float(struct tr_tensor *a)
{
	enum tr_kind kind = tr__kind(tr_dtype_of(a));

	return kind == TR_KIND_FLOAT || kind == TR_KIND_COMPLEX ? a : tr_astype(a, TR_F64);
}

struct tr_tensor *tr_matrix_norm(struct tr_tensor *a, enum tr_matrix_norm order, uint32_t flags)
{
	struct tr_tensor *x, *y;

	if (!tr__linalg_check("matrix_norm", a, false))
		return NULL;
	if ((unsigned)order > TR_NORM_MINUS_INF || flags & ~TR_KEEPDIMS) {
		tr__fail(a->ctx, TR_EINVAL, "matrix_norm: order %d, flags 0x%x", (int)order, flags);
		return NULL;
	}
	tr_scope_begin(a->ctx);
	x = as_float(a);
	y = tr_keep(x ? norm(x, order, flags) : NULL);
	tr_scope_end(a->ctx);
	return y;
}

/* NaN becomes Inf where a itself has none: 0 / 0 and the inverse of a singular matrix. */
static struct tr_tensor *without_nan(struct tr_tensor *y, struct tr_tensor *a)
{
	struct tr_tensor *own = tr_any(tr_isnan(a), TR_AXIS(-1) | TR_AXIS(-2), 0);

	return tr_where(tr_logical_and(tr_isnan(y), tr_logical_not(own)), tr_scalar(y->ctx, (double)INFINITY), y);
}

struct tr_tensor *tr_cond(struct tr_tensor *a, enum tr_matrix_norm order)
{
	struct tr_tensor *y, *x, *s, *first, *last;
	bool by_singular = order == TR_NORM_2 || order == TR_NORM_MINUS_2;

	if (!tr__linalg_check("cond", a, !by_singular))
		return NULL;
	if ((unsigned)order > TR_NORM_MINUS_INF || !a->numel) {
		tr__fail(a->ctx, a->numel ? TR_EINVAL : TR_ESHAPE, "cond: %s",
			 a->numel ? "the order is not one" : "it is not defined on empty arrays");
		return NULL;
	}
	tr_scope_begin(a->ctx);
	x = as_float(a);
	if (!x) {
		y = NULL;
	} else if (by_singular) {
		s = tr__linalg_singular(x, "cond", true);
		first = tr_select(s, -1, 0);
		last = tr_select(s, -1, -1);
		y = order == TR_NORM_2 ? tr_divide(first, last) : tr_divide(last, first);
	} else {
		s = tr__linalg_inverse(x, "cond", true);
		y = s ? tr_multiply(norm(x, order, 0), norm(s, order, 0)) : NULL;
	}
	y = tr_keep(y ? without_nan(y, x) : NULL);
	tr_scope_end(a->ctx);
	return y;
}
