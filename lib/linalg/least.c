/* SPDX-License-Identifier: MIT */
/* Least squares and what singular values tell: lstsq, pinv, matrix_rank. */
#include <float.h>
#include <math.h>
#include <string.h>

#include <trueno/complex.h>
#include <trueno/ops.h>

#include "lib/linalg/linalg.h"

static double precision(enum tr_dtype real)
{
	return real == TR_F32 ? (double)FLT_EPSILON : DBL_EPSILON;
}

/* b[m,k] as columns of max(m,n) rows, of which those past m are 0. */
static struct tr_tensor *tall(struct tr_linalg *l, struct tr_tensor *b)
{
	int64_t rows = l->m > l->n ? l->m : l->n;
	struct tr_tensor *y = tr_zeros(l->ctx, l->dtype, 2, (int64_t[]){l->k, rows});

	return y && !tr_astype_out(tr_slice_axis(y, 1, 0, l->m, 1), tr_transpose(b)) ? y : NULL;
}

static struct tr_tensor *residuals(struct tr_linalg *l, struct tr_tensor *columns, bool any)
{
	if (!any)
		return tr_empty(l->ctx, l->real, 1, (int64_t[]){0});
	return tr_sum(tr_square(tr_absolute(tr_slice_axis(columns, 1, l->n, TR_NONE, 1))), TR_AXIS(1), 0);
}

/* Runs the kernel; without elements there is nothing to run: x = 0, of rank 0. */
static int least_squares(struct tr_linalg *l, struct tr_tensor *a, struct tr_tensor *columns, struct tr_tensor *s)
{
	struct tr_tensor *of_a = tr__linalg_columns(l, a);

	if (!columns || !s || !of_a)
		return -TR_ENOMEM;
	if (!of_a->numel)
		return 0;
	if (l->k)
		return !tr__linalg_data(of_a, &l->a) || !tr__linalg_data(columns, &l->b) || !tr__linalg_data(s, &l->s)
			       ? l->ctx->status
			       : tr__linalg_run(l, l->kernels->lstsq);
	/* LAPACK returns at once if there is no right-hand side; rank and singular values are asked for all the same. */
	l->k = 1;
	columns = tr_zeros(l->ctx, l->dtype, 2, (int64_t[]){1, l->m > l->n ? l->m : l->n});
	return !tr__linalg_data(of_a, &l->a) || !tr__linalg_data(columns, &l->b) || !tr__linalg_data(s, &l->s)
		       ? l->ctx->status
		       : tr__linalg_run(l, l->kernels->lstsq);
}

static int lstsq(struct tr_linalg *l, struct tr_tensor *a, struct tr_tensor *b, bool vector, struct tr_lstsq *y)
{
	int64_t least = l->m < l->n ? l->m : l->n;
	struct tr_tensor *columns = tall(l, b), *s = tr_empty(l->ctx, l->real, 1, &least);
	int err = least_squares(l, a, columns, s);

	if (err)
		return err;
	if (!least && columns->numel && tr_fill_out(tr_slice_axis(columns, 1, 0, l->n, 1), 0))
		return l->ctx->status;
	y->rank = l->columns;
	y->singular = s;
	y->residuals = residuals(l, columns, l->columns == l->n && l->m > l->n);
	y->x = tr__linalg_rows(tr_slice_axis(columns, 1, 0, l->n, 1));
	if (vector)
		y->x = tr_squeeze(y->x, 1);
	return y->x && y->residuals ? 0 : l->ctx->status;
}

int tr_lstsq(struct tr_tensor *a, struct tr_tensor *b, double rcond, struct tr_lstsq *result)
{
	char x[TR_SHAPE_TEXT], z[TR_SHAPE_TEXT];
	struct tr_tensor *wide = b;
	struct tr_lstsq y = {0};
	struct tr_linalg l;
	int err;

	if (!a || !b)
		return -TR_EINVAL;
	if (a->ndim != 2 || b->ndim < 1 || b->ndim > 2 || a->shape[0] != b->shape[0])
		return tr__fail(a->ctx, TR_ESHAPE, "lstsq: a matrix %s and right-hand sides %s", tr__shape_text(x, a->ndim, a->shape),
				tr__shape_text(z, b->ndim, b->shape));
	if (b->ndim == 1)
		wide = tr_unsqueeze(b, 1);
	if (!wide)
		return a->ctx->status;
	err = tr__linalg_begin(&l, "lstsq", a, wide);
	if (!err) {
		l.rcond = isnan(rcond) ? precision(l.real) * (l.m > l.n ? l.m : l.n) : rcond;
		l.trouble = "has singular values that did not converge";
		err = lstsq(&l, a, wide, b->ndim == 1, &y);
		if (!err) {
			*result = y;
			tr_keep(y.x);
			tr_keep(y.residuals);
			tr_keep(y.singular);
		}
		tr_scope_end(a->ctx);
	}
	if (wide != b)
		tr_free(wide);
	return err;
}

/* s > rtol · the greatest, or s > tol; s is [stack…, k]. */
static struct tr_tensor *large(struct tr_tensor *a, struct tr_tensor *s, struct tr_tensor *tol, struct tr_tensor *rtol)
{
	int64_t m = a->shape[a->ndim - 2], n = a->shape[a->ndim - 1];

	if (!s)
		return NULL;
	if (tol)
		return tr_greater(s, tr_unsqueeze(tol, -1));
	rtol = rtol ? tr_unsqueeze(rtol, -1) : tr_scalar(a->ctx, precision(tr_dtype_of(s)) * (double)(m > n ? m : n));
	/* magnitudes of eigenvalues do not fall */
	return tr_greater(s, tr_multiply(tr_max(s, TR_AXIS(-1), TR_KEEPDIMS), rtol));
}

/* v · diag(w where that is large, inverted, else 0) · uᴴ; u or v may be its own other side. */
static struct tr_tensor *invert(struct tr_tensor *u, struct tr_tensor *w, struct tr_tensor *keep, struct tr_tensor *v)
{
	struct tr_tensor *inverse;

	if (!w)
		return NULL;
	inverse = tr_where(keep, tr_reciprocal(w), tr_scalar(w->ctx, 0));
	return tr_matmul(v, tr_multiply(tr_unsqueeze(inverse, -1), tr_conjugate(tr_transpose(u))));
}

static struct tr_tensor *empty_pinv(struct tr_tensor *a)
{
	bool stays = a->dtype == TR_F32 || a->dtype == TR_C64 || a->dtype == TR_C128;

	return tr_astype(tr_transpose(a), stays ? tr_dtype_of(a) : TR_F64);
}

struct tr_tensor *tr_pinv(struct tr_tensor *a, struct tr_tensor *rtol, bool hermitian)
{
	struct tr_tensor *u, *w, *v, *y = NULL;

	if (!tr__linalg_check("pinv", a, hermitian))
		return NULL;
	if (rtol && rtol->ctx != a->ctx) {
		tr__fail(a->ctx, TR_EINVAL, "pinv: rtol is of another context");
		return NULL;
	}
	tr_scope_begin(a->ctx);
	if (!a->numel)
		y = empty_pinv(a);
	else if (hermitian && !tr_eigh(a, false, &w, &v))
		y = invert(v, w, large(a, tr_absolute(w), NULL, rtol), v);
	else if (!hermitian && !tr_svd(a, false, &u, &w, &v))
		y = invert(u, w, large(a, w, NULL, rtol), tr_conjugate(tr_transpose(v)));
	tr_keep(y);
	tr_scope_end(a->ctx);
	return y;
}

struct tr_tensor *tr_matrix_rank(struct tr_tensor *a, struct tr_tensor *tol, struct tr_tensor *rtol, bool hermitian)
{
	struct tr_tensor *y, *s;
	int64_t shape[TR_MAX_RANK];

	if (!a)
		return NULL;
	if ((tol && rtol) || (tol && tol->ctx != a->ctx) || (rtol && rtol->ctx != a->ctx)) {
		tr__fail(a->ctx, TR_EINVAL, "matrix_rank: at most one of tol and rtol, and of the operand's context");
		return NULL;
	}
	if (a->ndim >= 2 && !tr__linalg_check("matrix_rank", a, hermitian))
		return NULL;
	tr_scope_begin(a->ctx);
	if (a->ndim < 2) {
		y = tr_astype(tr_any(a, TR_ALL_AXES, 0), TR_I64);
	} else if (!a->numel) {
		memcpy(shape, a->shape, sizeof(shape));
		y = tr_zeros(a->ctx, TR_I64, a->ndim - 2, shape);
	} else {
		s = hermitian ? tr_absolute(tr_eigvalsh(a, false)) : tr__linalg_singular(a, "matrix_rank", false);
		y = tr_count_nonzero(large(a, s, tol, rtol), TR_AXIS(-1), 0);
	}
	tr_keep(y);
	tr_scope_end(a->ctx);
	return y;
}
