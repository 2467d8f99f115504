/* SPDX-License-Identifier: MIT */
/* Tensors from a rule, made of ranges, views, comparisons and fills. */
#include <math.h>

#include <trueno/create.h>
#include <trueno/ops.h>

#include "lib/submit.h"

struct tr_tensor *tr_empty_like(struct tr_tensor *a)
{
	return a ? tr_empty(a->ctx, tr_dtype_of(a), a->ndim, a->shape) : NULL;
}

struct tr_tensor *tr_zeros_like(struct tr_tensor *a)
{
	return tr_full_like(a, 0);
}

struct tr_tensor *tr_ones_like(struct tr_tensor *a)
{
	return tr_full_like(a, 1);
}

struct tr_tensor *tr_full_like(struct tr_tensor *a, double value)
{
	return a ? tr_full(a->ctx, tr_dtype_of(a), a->ndim, a->shape, value) : NULL;
}

/* A range of n elements; attr of the entry is already set. */
static struct tr_tensor *range(struct tr_context *ctx, struct tr_sqe *sqe, enum tr_dtype dtype, int64_t n)
{
	struct tr_tensor *y = tr_empty(ctx, dtype, 1, &n);

	if (!y)
		return NULL;
	sqe->dst = tr_handle(y);
	if (tr__submit(ctx, sqe))
		return y;
	tr_free(y);
	return NULL;
}

static bool is_float(enum tr_dtype dtype)
{
	return (unsigned)dtype < TR_DTYPE_COUNT && (TR__SET_FLOAT | TR__SET_HALF) & TR__BIT(dtype);
}

struct tr_tensor *tr_arange(struct tr_context *ctx, enum tr_dtype dtype, double start, double stop, double step)
{
	double n = ceil((stop - start) / step), next = start + step;
	struct tr_sqe sqe;

	if (!isfinite(start) || !isfinite(stop) || !isfinite(step) || step == 0) {
		tr__fail(ctx, TR_EINVAL, "arange: from %g to %g in steps of %g", start, stop, step);
		return NULL;
	}
	if (n >= 0x1p62) {
		tr__fail(ctx, TR_EOVERFLOW, "arange: %g elements", n);
		return NULL;
	}
	tr_prep(&sqe, TR_OP_arange);
	sqe.attr.f64[0] = start;
	sqe.attr.f64[1] = next;
	if (!is_float(dtype)) {
		if (!(fabs(start) < 0x1p63 && fabs(next) < 0x1p63)) {
			tr__fail(ctx, TR_EOVERFLOW, "arange: %g or %g does not fit an integer", start, next);
			return NULL;
		}
		sqe.attr.i64[0] = (int64_t)start;
		sqe.attr.i64[1] = (int64_t)next;
	}
	return range(ctx, &sqe, dtype, n > 0 ? (int64_t)n : 0);
}

struct tr_tensor *tr_arange_int(struct tr_context *ctx, enum tr_dtype dtype, int64_t start, int64_t stop, int64_t step)
{
	bool up = step > 0;
	uint64_t gap = up ? (uint64_t)stop - (uint64_t)start : (uint64_t)start - (uint64_t)stop;
	uint64_t stride = up ? (uint64_t)step : -(uint64_t)step, n = 0;
	struct tr_sqe sqe;

	if (!step) {
		tr__fail(ctx, TR_EINVAL, "arange: from %lld to %lld in steps of 0", (long long)start, (long long)stop);
		return NULL;
	}
	if (up ? stop > start : stop < start)
		n = (gap - 1) / stride + 1;
	if (n > INT64_MAX) {
		tr__fail(ctx, TR_EOVERFLOW, "arange: %llu elements", (unsigned long long)n);
		return NULL;
	}
	tr_prep(&sqe, TR_OP_arange);
	sqe.attr.i64[0] = start;
	sqe.attr.i64[1] = (int64_t)((uint64_t)start + (uint64_t)step);
	if (is_float(dtype)) {
		sqe.attr.f64[0] = (double)start;
		sqe.attr.f64[1] = (double)start + (double)step;
	}
	return range(ctx, &sqe, dtype, (int64_t)n);
}

static struct tr_tensor *linspace(struct tr_context *ctx, enum tr_dtype dtype, double start, double stop, int64_t n,
				  bool endpoint)
{
	double divisor = (double)(endpoint ? n - 1 : n), delta = stop - start, step = delta / divisor;
	struct tr_tensor *y = tr_arange_int(ctx, TR_F64, 0, n, 1);

	if (divisor <= 0) /* one element, at start */
		step = delta;
	if (step != 0)
		y = tr_multiply(y, tr_scalar(ctx, step));
	else if (divisor > 0) /* a step too small to be told from 0 */
		y = tr_multiply(tr_divide(y, tr_scalar(ctx, divisor)), tr_scalar(ctx, delta));
	y = tr_add(y, tr_scalar(ctx, start));
	if (y && endpoint && n > 1 && tr_fill_out(tr_slice_axis(y, 0, n - 1, n, 1), stop))
		return NULL;
	if (!is_float(dtype))
		y = tr_floor(y);
	return dtype == TR_F64 ? y : tr_astype(y, dtype);
}

/* Closes the scope of intermediates around a result. */
static struct tr_tensor *out_of_scope(struct tr_context *ctx, struct tr_tensor *y)
{
	tr_keep(y);
	tr_scope_end(ctx);
	return y;
}

struct tr_tensor *tr_linspace(struct tr_context *ctx, enum tr_dtype dtype, double start, double stop, int64_t n,
			      bool endpoint)
{
	if (n < 0 || !((unsigned)dtype < TR_DTYPE_COUNT && (TR__SET_NUMERIC | TR__SET_HALF) & TR__BIT(dtype))) {
		tr__fail(ctx, n < 0 ? TR_EINVAL : TR_EDTYPE, "linspace: %lld elements of %s", (long long)n,
			 tr_dtype_name(dtype));
		return NULL;
	}
	tr_scope_begin(ctx);
	return out_of_scope(ctx, linspace(ctx, dtype, start, stop, n, endpoint));
}

/* bool [n, m]: where j - i is at most k. */
static struct tr_tensor *below(struct tr_context *ctx, int64_t n, int64_t m, int64_t k)
{
	struct tr_tensor *i = tr_unsqueeze(tr_arange_int(ctx, TR_I64, 0, n, 1), 1);

	/* Beyond the matrix one k is as good as another. */
	k = k < -n ? -n : k > m ? m : k;
	return tr_less_equal(tr_arange_int(ctx, TR_I64, -k, m - k, 1), i);
}

struct tr_tensor *tr_tri(struct tr_context *ctx, enum tr_dtype dtype, int64_t n, int64_t m, int64_t k)
{
	if (n < 0 || m < 0) {
		tr__fail(ctx, TR_EINVAL, "tri: shape [%lld,%lld]", (long long)n, (long long)m);
		return NULL;
	}
	tr_scope_begin(ctx);
	return out_of_scope(ctx, tr_astype(below(ctx, n, m, k), dtype));
}

struct tr_tensor *tr_eye(struct tr_context *ctx, enum tr_dtype dtype, int64_t n, int64_t m, int64_t k)
{
	struct tr_tensor *y = tr_zeros(ctx, dtype, 2, (const int64_t[]){n, m}), *diagonal;
	int err = 0;

	if (!y)
		return NULL;
	if (k > -n && k < m) {
		diagonal = tr_diagonal(y, k, 0, 1);
		err = diagonal ? tr_fill_out(diagonal, 1) : ctx->status;
		tr_free(diagonal);
	}
	if (!err)
		return y;
	tr_free(y);
	return NULL;
}

static struct tr_tensor *triangle(struct tr_tensor *a, int64_t k, bool lower)
{
	struct tr_context *ctx = a->ctx;
	struct tr_tensor *mask, *zero;

	if (a->ndim < 2) {
		tr__fail(ctx, TR_ESHAPE, "%s: rank %d is below 2", lower ? "tril" : "triu", a->ndim);
		return NULL;
	}
	if (!lower) /* what is not below by one more */
		k = k == INT64_MIN ? k : k - 1;
	mask = below(ctx, a->shape[a->ndim - 2], a->shape[a->ndim - 1], k);
	zero = tr_zeros(ctx, tr_dtype_of(a), 0, NULL);
	return lower ? tr_where(mask, a, zero) : tr_where(mask, zero, a);
}

struct tr_tensor *tr_tril(struct tr_tensor *a, int64_t k)
{
	if (!a)
		return NULL;
	tr_scope_begin(a->ctx);
	return out_of_scope(a->ctx, triangle(a, k, true));
}

struct tr_tensor *tr_triu(struct tr_tensor *a, int64_t k)
{
	if (!a)
		return NULL;
	tr_scope_begin(a->ctx);
	return out_of_scope(a->ctx, triangle(a, k, false));
}

struct tr_tensor *tr_diag(struct tr_tensor *a, int64_t k)
{
	struct tr_tensor *y, *diagonal;
	int64_t n, away = k < 0 ? -k : k;
	int err;

	if (!a)
		return NULL;
	if (a->ndim == 2)
		return tr_diagonal(a, k, 0, 1);
	if (a->ndim != 1 || k == INT64_MIN || __builtin_add_overflow(a->shape[0], away, &n)) {
		tr__fail(a->ctx, TR_ESHAPE, "diag: rank %d, diagonal %lld: a vector or a matrix is needed", a->ndim,
			 (long long)k);
		return NULL;
	}
	y = tr_zeros(a->ctx, tr_dtype_of(a), 2, (const int64_t[]){n, n});
	diagonal = tr_diagonal(y, k, 0, 1);
	err = diagonal ? tr_copy_out(diagonal, a) : -TR_ENOMEM;
	tr_free(diagonal);
	if (!err)
		return y;
	tr_free(y);
	return NULL;
}

/* Axis of the grids along which coordinates number d run. */
static int grid_axis(int d, int n, unsigned flags)
{
	return flags & TR_MESHGRID_XY && n > 1 && d < 2 ? 1 - d : d;
}

int tr_meshgrid(struct tr_tensor *const *axes, int n, unsigned flags, struct tr_tensor **out)
{
	int64_t shape[TR_MAX_RANK], own[TR_MAX_RANK];
	struct tr_context *ctx = axes[0] ? axes[0]->ctx : NULL;
	struct tr_tensor *grid[TR_MAX_RANK];

	if (!ctx || n < 1 || n > TR_MAX_RANK)
		return ctx ? tr__fail(ctx, TR_EINVAL, "meshgrid: %d vectors; 1 to %d are taken", n, TR_MAX_RANK) : -TR_EINVAL;
	for (int d = 0; d < n; d++) {
		if (!axes[d] || axes[d]->ndim != 1)
			return tr__fail(ctx, TR_ESHAPE, "meshgrid: operand %d is no vector", d + 1);
		shape[grid_axis(d, n, flags)] = axes[d]->shape[0];
	}
	for (int d = 0; d < n; d++) {
		struct tr_tensor *line;

		for (int i = 0; i < n; i++)
			own[i] = i == grid_axis(d, n, flags) ? axes[d]->shape[0] : 1;
		line = tr_reshape(axes[d], n, own);
		grid[d] = tr_broadcast_to(line, n, shape);
		tr_free(line);
		if (!grid[d]) {
			while (d-- > 0)
				tr_free(grid[d]);
			return ctx->status;
		}
	}
	for (int d = 0; d < n; d++)
		out[d] = grid[d];
	return 0;
}
