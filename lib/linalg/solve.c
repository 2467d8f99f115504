/* SPDX-License-Identifier: MIT */
/* Square systems: solve, inv, det, slogdet, cholesky. */
#include <math.h>
#include <string.h>

#include <trueno/ops.h>

#include "lib/linalg/linalg.h"

/* Solves for b, dense columns that become the solutions. */
static struct tr_tensor *solve(struct tr_linalg *l, struct tr_tensor *a, struct tr_tensor *b)
{
	struct tr_tensor *columns;

	l->trouble = "is singular";
	if (!b || !b->numel)
		return b;
	columns = tr__linalg_columns(l, a);
	if (!tr__linalg_data(columns, &l->a) || !tr__linalg_data(b, &l->b) || tr__linalg_run(l, l->kernels->solve))
		return NULL;
	return b;
}

struct tr_tensor *tr_solve(struct tr_tensor *a, struct tr_tensor *b)
{
	char x[TR_SHAPE_TEXT], y[TR_SHAPE_TEXT];
	struct tr_tensor *wide = b, *r = NULL;
	struct tr_linalg l;

	if (!b || !tr__linalg_check("solve", a, true))
		return NULL;
	if (!b->ndim || b->shape[b->ndim > 1 ? b->ndim - 2 : 0] != a->shape[a->ndim - 1]) {
		tr__fail(a->ctx, TR_ESHAPE, "solve: matrices %s and right-hand sides %s", tr__shape_text(x, a->ndim, a->shape),
			 tr__shape_text(y, b->ndim, b->shape));
		return NULL;
	}
	if (b->ndim == 1)
		wide = tr_unsqueeze(b, 1);
	if (wide && !tr__linalg_begin(&l, "solve", a, wide)) {
		r = tr__linalg_rows(solve(&l, a, tr__linalg_columns(&l, wide)));
		if (b->ndim == 1)
			r = tr_squeeze(r, -1);
		tr__linalg_end(&l, r);
	}
	if (wide != b)
		tr_free(wide);
	return r;
}

struct tr_tensor *tr__linalg_inverse(struct tr_tensor *a, const char *who, bool lenient)
{
	struct tr_linalg l;
	struct tr_tensor *y;

	if (!tr__linalg_check(who, a, true) || tr__linalg_begin(&l, who, a, NULL))
		return NULL;
	l.lenient = lenient;
	l.k = l.n;
	l.job = 'I';
	y = tr__linalg_empty(&l, l.dtype, 2, (int64_t[]){l.n, l.n});
	return tr__linalg_end(&l, tr__linalg_rows(solve(&l, a, y)));
}

struct tr_tensor *tr_inv(struct tr_tensor *a)
{
	return tr__linalg_inverse(a, "inv", false);
}

/* Fills s and, unless job is 'D', u: values of empty matrices, or the kernel's. */
static int determine(struct tr_linalg *l, struct tr_tensor *a, struct tr_tensor *s, struct tr_tensor *u)
{
	struct tr_tensor *columns;
	int err;

	if (!s || (l->job != 'D' && !u))
		return -TR_ENOMEM;
	if (!l->n || !l->count) {
		err = tr_fill_out(s, 1);
		return err || l->job == 'D' ? err : tr_fill_out(u, 0);
	}
	columns = tr__linalg_columns(l, a);
	if (!tr__linalg_data(columns, &l->a) || !tr__linalg_data(s, &l->s) || (u && !tr__linalg_data(u, &l->u)))
		return l->ctx->status;
	return tr__linalg_run(l, l->kernels->lu);
}

struct tr_tensor *tr_det(struct tr_tensor *a)
{
	struct tr_linalg l;
	struct tr_tensor *y;

	if (!tr__linalg_check("det", a, true) || tr__linalg_begin(&l, "det", a, NULL))
		return NULL;
	l.job = 'D';
	y = tr__linalg_empty(&l, l.dtype, 0, NULL);
	return tr__linalg_end(&l, determine(&l, a, y, NULL) ? NULL : y);
}

int tr_slogdet(struct tr_tensor *a, struct tr_tensor **sign, struct tr_tensor **logabsdet)
{
	struct tr_linalg l;
	struct tr_tensor *s, *u;
	int err;

	if (!a)
		return -TR_EINVAL;
	if (!tr__linalg_check("slogdet", a, true) || tr__linalg_begin(&l, "slogdet", a, NULL))
		return a->ctx->status;
	s = tr__linalg_empty(&l, l.dtype, 0, NULL);
	u = tr__linalg_empty(&l, l.real, 0, NULL);
	err = determine(&l, a, s, u);
	if (!err) {
		*sign = tr_keep(s);
		*logabsdet = tr_keep(u);
	}
	tr_scope_end(l.ctx);
	return err;
}

struct tr_tensor *tr_cholesky(struct tr_tensor *a, bool upper)
{
	struct tr_linalg l;
	struct tr_tensor *y;

	if (!tr__linalg_check("cholesky", a, true) || tr__linalg_begin(&l, "cholesky", a, NULL))
		return NULL;
	l.triangle = upper ? 'U' : 'L';
	l.trouble = "is not positive definite";
	y = tr__linalg_columns(&l, a);
	if (y && y->numel && (!tr__linalg_data(y, &l.a) || tr__linalg_run(&l, l.kernels->cholesky)))
		y = NULL;
	return tr__linalg_end(&l, tr__linalg_rows(y));
}
