/* SPDX-License-Identifier: MIT */
/* Distinct elements and sets: sorted elements are told from their neighbours. */
#include "lib/sets/sets.h"

static bool has_nan(const struct tr_tensor *a)
{
	return (TR__SET_FLOAT | TR__SET_HALF | TR__SET_COMPLEX) & TR__BIT(a->dtype);
}

/* Which of sorted s[n] begin a run of equal elements: bool [n]. */
static struct tr_tensor *begins(struct tr_tensor *s, bool nans_differ)
{
	struct tr_tensor *next = tr__part(s, 1, TR_NONE), *y = s ? tr_ones(s->ctx, TR_BOOL, 1, s->shape) : NULL;
	struct tr_tensor *differ = tr_not_equal(next, tr__part(s, 0, -1));

	if (s && has_nan(s) && !nans_differ) /* behind a NaN there are only NaNs */
		differ = tr_logical_and(differ, tr_equal(tr__part(s, 0, -1), tr__part(s, 0, -1)));
	return y && differ && !tr_copy_out(tr__part(y, 1, TR_NONE), differ) ? y : NULL;
}

/* Of an order and where its runs begin: what flags ask for. */
static int describe(struct tr_tensor *order, struct tr_tensor *begin, uint32_t flags, struct tr_unique *out)
{
	struct tr_context *ctx = order->ctx;
	struct tr_tensor *at, *ends, *run;

	if (flags & TR_UNIQUE_INDEX)
		out->index = tr_masked_select(order, begin);
	if (flags & TR_UNIQUE_INVERSE) {
		run = tr_subtract(tr_cumsum(begin, 0, 0), tr_scalar_int(ctx, 1));
		out->inverse = tr_empty(ctx, TR_I64, 1, order->shape);
		if (!run || !out->inverse || tr_index_copy_out(out->inverse, run, order, 0))
			return ctx->status;
	}
	if (flags & TR_UNIQUE_COUNTS) {
		at = tr_flatnonzero(begin);
		ends = tr_full(ctx, TR_I64, 1, (const int64_t[]){1}, (double)order->shape[0]);
		if (!at || !ends)
			return ctx->status;
		ends = at->numel ? tr_concatenate((struct tr_tensor *[]){tr__part(at, 1, TR_NONE), ends}, 2, 0) : at;
		out->counts = tr_subtract(ends, at);
	}
	return (flags & TR_UNIQUE_INDEX && !out->index) || (flags & TR_UNIQUE_COUNTS && !out->counts) ? ctx->status : 0;
}

static int unique(struct tr_tensor *a, uint32_t flags, struct tr_unique *out)
{
	bool places = flags & (TR_UNIQUE_INDEX | TR_UNIQUE_INVERSE | TR_UNIQUE_COUNTS);
	struct tr_tensor *x = tr_ravel(a), *order, *s, *begin;
	int err;

	order = flags & (TR_UNIQUE_INDEX | TR_UNIQUE_INVERSE) ? tr_argsort(x, 0) : NULL;
	s = order ? tr_take(x, order, 0) : tr_sort(x, 0);
	begin = begins(s, flags & TR_UNIQUE_NANS);
	out->values = tr_masked_select(s, begin);
	if (!out->values)
		return a->ctx->status;
	err = places ? describe(order ? order : s, begin, flags, out) : 0;
	if (err || !out->inverse)
		return err;
	out->inverse = tr_reshape(out->inverse, a->ndim, a->shape);
	return out->inverse ? 0 : a->ctx->status;
}

/* The order of rows[n, m] by their elements, the first column first of all. */
static struct tr_tensor *order_rows(struct tr_tensor *rows)
{
	struct tr_tensor *order = tr_arange_int(rows->ctx, TR_I64, 0, rows->shape[0], 1);

	for (int64_t j = rows->shape[1]; order && j-- > 0;) {
		tr_scope_begin(rows->ctx);
		order = tr__leave(rows->ctx, tr_take(order, tr_argsort(tr_take(tr_select(rows, 1, j), order, 0), 0), 0));
	}
	return order;
}

static int unique_along(struct tr_tensor *a, int axis, uint32_t flags, struct tr_unique *out)
{
	struct tr_tensor *front = tr_moveaxis(a, axis, 0), *rows, *order, *s, *begin = NULL, *differ;
	int64_t n = a->shape[axis], m = 1;
	int err;

	for (int d = 0; d < a->ndim; d++)
		m *= d == axis ? 1 : a->shape[d];
	rows = tr_reshape(front, 2, (const int64_t[]){n, m});
	order = rows ? order_rows(rows) : NULL;
	s = tr_take(rows, order, 0);
	differ = tr_any(tr_not_equal(tr__part(s, 1, TR_NONE), tr__part(s, 0, -1)), TR_AXIS(1), 0);
	begin = differ ? tr_ones(a->ctx, TR_BOOL, 1, &n) : NULL;
	if (!begin || tr_copy_out(tr__part(begin, 1, TR_NONE), differ))
		return a->ctx->status;
	out->values = tr_moveaxis(tr_take(front, tr_masked_select(order, begin), 0), 0, axis);
	err = out->values ? describe(order, begin, flags, out) : a->ctx->status;
	return err;
}

static int keep(struct tr_context *ctx, struct tr_unique *out, int err)
{
	if (err)
		*out = (struct tr_unique){NULL, NULL, NULL, NULL};
	tr_keep(out->values);
	tr_keep(out->index);
	tr_keep(out->inverse);
	tr_keep(out->counts);
	tr_scope_end(ctx);
	return err;
}

int tr_unique(struct tr_tensor *a, uint32_t flags, struct tr_unique *out)
{
	*out = (struct tr_unique){NULL, NULL, NULL, NULL};
	if (!a)
		return -TR_EINVAL;
	if (flags & ~(TR_UNIQUE_INDEX | TR_UNIQUE_INVERSE | TR_UNIQUE_COUNTS | TR_UNIQUE_NANS))
		return tr__fail(a->ctx, TR_EINVAL, "unique: unknown flags 0x%x", flags);
	tr_scope_begin(a->ctx);
	return keep(a->ctx, out, unique(a, flags, out));
}

int tr_unique_along(struct tr_tensor *a, int axis, uint32_t flags, struct tr_unique *out)
{
	*out = (struct tr_unique){NULL, NULL, NULL, NULL};
	if (!a)
		return -TR_EINVAL;
	axis = tr__need_axis(a, axis, "unique");
	if (axis < 0)
		return -TR_EINVAL;
	tr_scope_begin(a->ctx);
	return keep(a->ctx, out, unique_along(a, axis, flags, out));
}

/* Distinct elements, or NULL. */
static struct tr_tensor *values_of(struct tr_tensor *a)
{
	struct tr_unique u;

	return a && !tr_unique(a, 0, &u) ? u.values : NULL;
}

/* Whether each of a is in sorted, of the same type. */
static struct tr_tensor *found_in(struct tr_tensor *a, struct tr_tensor *sorted)
{
	struct tr_tensor *at;

	if (!sorted || !a)
		return NULL;
	if (!sorted->numel)
		return tr_zeros(a->ctx, TR_BOOL, a->ndim, a->shape);
	at = tr_minimum(tr_searchsorted(sorted, a, 0), tr_scalar_int(a->ctx, sorted->numel - 1));
	return tr_equal(tr_take(sorted, at, 0), a);
}

/* a and b in the type they promote to; false if either is missing. */
static bool alike(struct tr_tensor **a, struct tr_tensor **b)
{
	enum tr_dtype dtype;

	if (!*a || !*b)
		return false;
	dtype = tr__common_type((struct tr_tensor *[]){*a, *b}, 2);
	*a = tr_dtype_of(*a) == dtype ? *a : tr_astype(*a, dtype);
	*b = tr_dtype_of(*b) == dtype ? *b : tr_astype(*b, dtype);
	return *a && *b;
}

struct tr_tensor *tr_isin(struct tr_tensor *a, struct tr_tensor *tests)
{
	struct tr_context *ctx = a ? a->ctx : NULL;

	if (!a || !tests)
		return NULL;
	tr_scope_begin(ctx);
	return tr__leave(ctx, alike(&a, &tests) ? found_in(a, tr_sort(tr_ravel(tests), 0)) : NULL);
}

struct tr_tensor *tr_intersect1d(struct tr_tensor *a, struct tr_tensor *b)
{
	struct tr_context *ctx = a ? a->ctx : NULL;
	struct tr_tensor *y = NULL;

	if (!a || !b)
		return NULL;
	tr_scope_begin(ctx);
	if (alike(&a, &b)) {
		a = values_of(a);
		y = tr_masked_select(a, found_in(a, values_of(b)));
	}
	return tr__leave(ctx, y);
}

struct tr_tensor *tr_union1d(struct tr_tensor *a, struct tr_tensor *b)
{
	struct tr_context *ctx = a ? a->ctx : NULL;
	struct tr_tensor *both[2];

	if (!a || !b)
		return NULL;
	tr_scope_begin(ctx);
	both[0] = tr_ravel(a);
	both[1] = tr_ravel(b);
	return tr__leave(ctx, both[0] && both[1] ? values_of(tr_concatenate(both, 2, 0)) : NULL);
}

static struct tr_tensor *without(struct tr_tensor *a, struct tr_tensor *sorted)
{
	return tr_masked_select(a, tr_logical_not(found_in(a, sorted)));
}

struct tr_tensor *tr_setdiff1d(struct tr_tensor *a, struct tr_tensor *b)
{
	struct tr_context *ctx = a ? a->ctx : NULL;
	struct tr_tensor *y = NULL;

	if (!a || !b)
		return NULL;
	tr_scope_begin(ctx);
	if (alike(&a, &b))
		y = without(values_of(a), values_of(b));
	return tr__leave(ctx, y);
}

struct tr_tensor *tr_setxor1d(struct tr_tensor *a, struct tr_tensor *b)
{
	struct tr_context *ctx = a ? a->ctx : NULL;
	struct tr_tensor *y = NULL, *part[2];

	if (!a || !b)
		return NULL;
	tr_scope_begin(ctx);
	if (alike(&a, &b)) {
		a = values_of(a);
		b = values_of(b);
		part[0] = without(a, b);
		part[1] = without(b, a);
		y = part[0] && part[1] ? tr_sort(tr_concatenate(part, 2, 0), 0) : NULL;
	}
	return tr__leave(ctx, y);
}
