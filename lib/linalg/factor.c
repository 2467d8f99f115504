/* SPDX-License-Identifier: MIT */
/* Factors and spectra: qr, svd, eigh, eig. */
#include <math.h>
#include <string.h>

#include <trueno/create.h>
#include <trueno/ops.h>

#include "lib/linalg/linalg.h"

/* Closes the call around n results, all or none of which there are. */
static int end_with(struct tr_linalg *l, int n, struct tr_tensor **const *out, struct tr_tensor *const *y)
{
	int err = 0;

	for (int i = 0; i < n; i++)
		if (!y[i])
			err = l->ctx->status ? l->ctx->status : -TR_ENOMEM;
	for (int i = 0; i < n && !err; i++)
		*out[i] = tr_keep(y[i]);
	tr_scope_end(l->ctx);
	return err;
}

/* q[…,m,k] of the factors in l. */
static struct tr_tensor *make_q(struct tr_linalg *l, int64_t k)
{
	struct tr_tensor *q;

	if (!l->n) /* nothing to factor: any orthonormal columns will do */
		return k == l->m ? tr__linalg_identity(l, l->m) : tr__linalg_empty(l, l->dtype, 2, (int64_t[]){l->m, k});
	l->k = (lapack_int)k;
	q = tr__linalg_empty(l, l->dtype, 2, (int64_t[]){k, l->m});
	if (q && q->numel && (!tr__linalg_data(q, &l->u) || tr__linalg_run(l, l->kernels->q)))
		return NULL;
	return tr__linalg_rows(q);
}

/* r[…,rows,n] of the factors, dense columns. */
static struct tr_tensor *make_r(struct tr_tensor *columns, int64_t rows)
{
	return tr_triu(tr_slice_axis(tr_transpose(columns), -2, 0, rows, 1), 0);
}

int tr_qr(struct tr_tensor *a, enum tr_qr_mode mode, struct tr_tensor **q, struct tr_tensor **r)
{
	struct tr_tensor *y[2] = {NULL, NULL}, *columns, *scalars;
	struct tr_linalg l;
	int64_t least;

	if (!a)
		return -TR_EINVAL;
	if ((unsigned)mode > TR_QR_RAW)
		return tr__fail(a->ctx, TR_EINVAL, "qr: mode %d", (int)mode);
	if (!tr__linalg_check("qr", a, false) || tr__linalg_begin(&l, "qr", a, NULL))
		return a->ctx->status;
	least = l.m < l.n ? l.m : l.n;
	columns = tr__linalg_columns(&l, a);
	scalars = tr__linalg_empty(&l, l.dtype, 1, &least);
	if (!columns || !scalars)
		return end_with(&l, 1, &q, y);
	if (columns->numel && (!tr__linalg_data(columns, &l.a) || !tr__linalg_data(scalars, &l.s) || tr__linalg_run(&l, l.kernels->qr)))
		return end_with(&l, 1, &q, y);
	if (mode == TR_QR_RAW) {
		y[0] = columns;
		y[1] = scalars;
		return end_with(&l, 2, (struct tr_tensor **[]){q, r}, y);
	}
	y[0] = make_r(columns, mode == TR_QR_COMPLETE ? l.m : least);
	if (mode == TR_QR_R) {
		*q = NULL;
		return end_with(&l, 1, &r, y);
	}
	y[1] = make_q(&l, mode == TR_QR_COMPLETE ? l.m : least);
	return end_with(&l, 2, (struct tr_tensor **[]){r, q}, y);
}

/* Runs the kernel for s, and u and v unless job is 'N'; all are dense columns. */
static int decompose(struct tr_linalg *l, struct tr_tensor *a, struct tr_tensor *u, struct tr_tensor *s, struct tr_tensor *v)
{
	struct tr_tensor *columns = tr__linalg_columns(l, a);

	if (!s || (l->job != 'N' && (!u || !v)))
		return -TR_ENOMEM;
	if (!tr__linalg_data(columns, &l->a) || !tr__linalg_data(s, &l->s))
		return l->ctx->status;
	if (l->job != 'N' && (!tr__linalg_data(u, &l->u) || !tr__linalg_data(v, &l->v)))
		return l->ctx->status;
	return columns->numel ? tr__linalg_run(l, l->kernels->svd) : 0;
}

static int begin_svd(struct tr_linalg *l, const char *who, struct tr_tensor *a, char job)
{
	if (!tr__linalg_check(who, a, false) || tr__linalg_begin(l, who, a, NULL))
		return a->ctx->status;
	l->job = job;
	l->columns = l->m < l->n ? l->m : l->n;
	l->trouble = "has singular values that did not converge";
	return 0;
}

int tr_svd(struct tr_tensor *a, bool full, struct tr_tensor **u, struct tr_tensor **s, struct tr_tensor **vh)
{
	struct tr_tensor *y[3] = {NULL, NULL, NULL};
	struct tr_linalg l;
	int64_t k, columns, rows;

	if (!a)
		return -TR_EINVAL;
	if (begin_svd(&l, "svd", a, full ? 'A' : 'S'))
		return a->ctx->status;
	k = l.columns;
	columns = full ? l.m : k;
	rows = full ? l.n : k;
	y[0] = tr__linalg_empty(&l, l.dtype, 2, (int64_t[]){columns, l.m});
	y[1] = tr__linalg_empty(&l, l.real, 1, &k);
	y[2] = tr__linalg_empty(&l, l.dtype, 2, (int64_t[]){l.n, rows});
	if (decompose(&l, a, y[0], y[1], y[2])) {
		y[0] = NULL;
	} else if (!k && full) { /* no values; the factors of all that is left out */
		y[0] = tr__linalg_identity(&l, l.m);
		y[2] = tr__linalg_identity(&l, l.n);
	} else {
		y[0] = tr__linalg_rows(y[0]);
		y[2] = tr__linalg_rows(y[2]);
	}
	return end_with(&l, 3, (struct tr_tensor **[]){u, s, vh}, y);
}

struct tr_tensor *tr__linalg_singular(struct tr_tensor *a, const char *who, bool lenient)
{
	struct tr_linalg l;
	struct tr_tensor *s;
	int64_t k;

	if (!a || begin_svd(&l, who, a, 'N'))
		return NULL;
	l.lenient = lenient;
	k = l.columns;
	s = tr__linalg_empty(&l, l.real, 1, &k);
	return tr__linalg_end(&l, decompose(&l, a, NULL, s, NULL) ? NULL : s);
}

struct tr_tensor *tr_svdvals(struct tr_tensor *a)
{
	return tr__linalg_singular(a, "svdvals", false);
}

/* y[0] = eigenvalues, y[1] = eigenvectors if job is 'V'. Begins the call, and ends it on failure. */
static int symmetric(struct tr_linalg *l, const char *who, struct tr_tensor *a, bool upper, char job, struct tr_tensor **y)
{
	struct tr_tensor *columns;
	int64_t n;

	if (!tr__linalg_check(who, a, true) || tr__linalg_begin(l, who, a, NULL))
		return a->ctx->status;
	l->job = job;
	l->triangle = upper ? 'U' : 'L';
	l->trouble = "has eigenvalues that did not converge";
	n = l->n;
	y[0] = tr__linalg_empty(l, l->real, 1, &n);
	columns = tr__linalg_columns(l, a);
	if (!y[0] || !tr__linalg_data(y[0], &l->s) || !tr__linalg_data(columns, &l->a) ||
	    (columns->numel && tr__linalg_run(l, l->kernels->eigh))) {
		tr_scope_end(l->ctx);
		return l->ctx->status;
	}
	y[1] = job == 'V' ? tr__linalg_rows(columns) : NULL;
	return 0;
}

int tr_eigh(struct tr_tensor *a, bool upper, struct tr_tensor **w, struct tr_tensor **v)
{
	struct tr_tensor *y[2];
	struct tr_linalg l;

	if (!a)
		return -TR_EINVAL;
	if (symmetric(&l, "eigh", a, upper, 'V', y))
		return a->ctx->status;
	return end_with(&l, 2, (struct tr_tensor **[]){w, v}, y);
}

struct tr_tensor *tr_eigvalsh(struct tr_tensor *a, bool upper)
{
	struct tr_tensor *y[2];
	struct tr_linalg l;

	if (!a || symmetric(&l, "eigvalsh", a, upper, 'N', y))
		return NULL;
	return tr__linalg_end(&l, y[0]);
}

/* Whether all elements are finite. 0 or a status. */
static int need_finite(struct tr_linalg *l, struct tr_tensor *columns)
{
	struct tr_tensor *finite = tr_all(tr_isfinite(columns), TR_ALL_AXES, 0);
	const bool *p = finite ? tr_data_const(finite) : NULL;

	if (!p)
		return l->ctx->status;
	return *p ? 0 : tr__fail(l->ctx, TR_ENUMERIC, "%s: the array must not contain infinities or NaNs", l->who);
}

static int general(struct tr_linalg *l, const char *who, struct tr_tensor *a, char job, struct tr_tensor **y)
{
	struct tr_tensor *columns;
	enum tr_dtype pairs;
	int64_t n;

	if (!tr__linalg_check(who, a, true) || tr__linalg_begin(l, who, a, NULL))
		return a->ctx->status;
	l->job = job;
	l->trouble = "has eigenvalues that did not converge";
	n = l->n;
	pairs = l->real == TR_F32 ? TR_C64 : TR_C128;
	columns = tr__linalg_columns(l, a);
	y[0] = tr__linalg_empty(l, pairs, 1, &n);
	y[1] = job == 'V' ? tr__linalg_empty(l, pairs, 2, (int64_t[]){n, n}) : NULL;
	if (!columns || !y[0] || (job == 'V' && !y[1]))
		goto fail;
	if (!columns->numel)
		return 0;
	if (need_finite(l, columns) || !tr__linalg_data(columns, &l->a) || !tr__linalg_data(y[0], &l->s) ||
	    (job == 'V' && !tr__linalg_data(y[1], &l->u)) || tr__linalg_run(l, l->kernels->eig))
		goto fail;
	if (job == 'V')
		y[1] = tr__linalg_rows(y[1]);
	return 0;
fail:
	tr_scope_end(l->ctx);
	return l->ctx->status;
}

int tr_eig(struct tr_tensor *a, struct tr_tensor **w, struct tr_tensor **v)
{
	struct tr_tensor *y[2];
	struct tr_linalg l;

	if (!a)
		return -TR_EINVAL;
	if (general(&l, "eig", a, 'V', y))
		return a->ctx->status;
	return end_with(&l, 2, (struct tr_tensor **[]){w, v}, y);
}

struct tr_tensor *tr_eigvals(struct tr_tensor *a)
{
	struct tr_tensor *y[2];
	struct tr_linalg l;

	if (!a || general(&l, "eigvals", a, 'N', y))
		return NULL;
	return tr__linalg_end(&l, y[0]);
}
