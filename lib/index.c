/* SPDX-License-Identifier: MIT */
/*
 * Reading and writing by an index, and positions of nonzero elements: made of views, take, index_copy and the operations
 * that find elements. What an index means is index_plan.c's business.
 */
#include <trueno/ops.h>

#include "lib/index.h"
#include "lib/submit.h"

/* How many elements a bool tensor has that are true; -1 with the reason in the context. Runs pending work. */
static int64_t count_true(struct tr_tensor *mask, const char *who)
{
	struct tr_tensor *count;
	int64_t n = 0;

	if (mask->ctx->capturing) {
		tr__fail(mask->ctx, TR_ESTATE, "%s: a plan cannot record how many elements are true", who);
		return -1;
	}
	count = tr_count_nonzero(mask, TR_ALL_AXES, 0);
	if (!count || tr_read(count, &n, sizeof(n)))
		return -1;
	return n;
}

static struct tr_tensor *flat_positions(struct tr_tensor *a, const char *who)
{
	struct tr_tensor *y;
	int64_t n;

	if (TR__SET_COMPLEX & TR__BIT(a->dtype)) {
		a = tr_astype(a, TR_BOOL);
		if (!a)
			return NULL;
	}
	n = count_true(a, who);
	y = n < 0 ? NULL : tr_empty(a->ctx, TR_I64, 1, &n);

	return y && !tr_flatnonzero_out(y, a) ? y : NULL;
}

/* Closes the scope of intermediates around a result. */
static struct tr_tensor *out_of_scope(struct tr_context *ctx, struct tr_tensor *y)
{
	tr_keep(y);
	tr_scope_end(ctx);
	return y;
}

struct tr_tensor *tr_flatnonzero(struct tr_tensor *a)
{
	if (!a)
		return NULL;
	tr_scope_begin(a->ctx);
	return out_of_scope(a->ctx, flat_positions(a, "flatnonzero"));
}

/* Coordinates along one axis of positions in C order: flat / behind % size. */
static struct tr_tensor *coordinate(struct tr_tensor *flat, int64_t behind, int64_t size, bool first)
{
	struct tr_context *ctx = flat->ctx;
	struct tr_tensor *y = behind == 1 ? flat : tr_floor_divide(flat, tr_scalar_int(ctx, behind));

	if (!first)
		return tr_remainder(y, tr_scalar_int(ctx, size));
	return y == flat ? tr_slice_axis(flat, 0, TR_NONE, TR_NONE, 1) : y;
}

static int nonzero(struct tr_tensor *a, struct tr_tensor **axes)
{
	struct tr_tensor *flat = flat_positions(a, "nonzero");
	int64_t behind = 1;

	for (int d = a->ndim; d-- > 0;) {
		axes[d] = flat ? coordinate(flat, behind, a->shape[d], d == 0) : NULL;
		if (!axes[d])
			return a->ctx->status;
		behind *= a->shape[d] ? a->shape[d] : 1;
	}
	return 0;
}

int tr_nonzero(struct tr_tensor *a, struct tr_tensor **axes)
{
	int err;

	if (!a)
		return -TR_EINVAL;
	if (!a->ndim)
		return tr__fail(a->ctx, TR_ESHAPE, "nonzero: a tensor without axes has no positions");
	tr_scope_begin(a->ctx);
	err = nonzero(a, axes);
	for (int d = 0; d < a->ndim && !err; d++)
		tr_keep(axes[d]);
	tr_scope_end(a->ctx);
	return err;
}

struct tr_tensor *tr_argwhere(struct tr_tensor *a)
{
	struct tr_tensor *flat, *y = NULL, *axes[TR_MAX_RANK] = {NULL};
	int err = 0;

	if (!a)
		return NULL;
	tr_scope_begin(a->ctx);
	if (a->ndim) {
		err = nonzero(a, axes);
		y = err ? NULL : tr_empty(a->ctx, TR_I64, 2, (const int64_t[]){axes[0]->shape[0], a->ndim});
	} else { /* rows of no columns */
		flat = flat_positions(a, "argwhere");
		y = flat ? tr_empty(a->ctx, TR_I64, 2, (const int64_t[]){flat->shape[0], 0}) : NULL;
	}
	for (int d = 0; y && d < a->ndim && !err; d++)
		err = tr_copy_out(tr_select(y, 1, d), axes[d]);
	return out_of_scope(a->ctx, err ? NULL : y);
}

static struct tr_tensor *masked_select(struct tr_tensor *a, struct tr_tensor *mask, const char *who)
{
	struct tr_context *ctx = a->ctx;
	int64_t shape[TR_MAX_RANK], n;
	struct tr_tensor *y;
	int ndim = a->ndim;
	char x[TR_SHAPE_TEXT], z[TR_SHAPE_TEXT];

	for (int i = 0; i < ndim; i++)
		shape[i] = a->shape[i];
	if (mask->dtype != TR_BOOL || mask->ctx != ctx || tr__broadcast(&ndim, shape, mask->ndim, mask->shape) >= 0) {
		tr__fail(ctx, mask->dtype != TR_BOOL ? TR_EDTYPE : TR_ESHAPE,
			 "%s: a mask of %s, shape %s, is none for shape %s", who, tr_dtype_name(tr_dtype_of(mask)),
			 tr__shape_text(x, mask->ndim, mask->shape), tr__shape_text(z, a->ndim, a->shape));
		return NULL;
	}
	n = count_true(tr_broadcast_to(mask, ndim, shape), who);
	y = n < 0 ? NULL : tr_empty(ctx, tr_dtype_of(a), 1, &n);
	return y && !tr_masked_select_out(y, a, mask) ? y : NULL;
}

struct tr_tensor *tr_masked_select(struct tr_tensor *a, struct tr_tensor *mask)
{
	if (!a || !mask)
		return NULL;
	tr_scope_begin(a->ctx);
	return out_of_scope(a->ctx, masked_select(a, mask, "masked_select"));
}

/* t with the axes of the tensors' common shape, which begin at p->where, in front. */
static struct tr_tensor *common_first(const struct tr__index_plan *p, struct tr_tensor *t)
{
	int perm[TR_MAX_RANK], n = 0;

	for (int i = 0; i < p->common; i++)
		perm[n++] = p->where + i;
	for (int i = 0; i < p->ndim; i++)
		if (i < p->where || i >= p->where + p->common)
			perm[n++] = i;
	return tr_permute(t, perm);
}

static struct tr_tensor *get(struct tr_tensor *a, int n, const struct tr_index *index)
{
	struct tr_tensor *span, *places, *y;
	struct tr__index_plan p;

	if (tr__index_plan(&p, a, n, index, "slice"))
		return NULL;
	if (p.mask)
		return masked_select(p.view, p.mask, "slice");
	if (!p.n)
		return p.view != a ? p.view : tr__tensor_view(a);
	if (p.n == 1)
		return tr_take(p.view, p.by[0].tensor, p.by[0].axis);
	if (tr__index_places(&p, &span, &places))
		return NULL;
	y = tr__tensor_create(a->ctx, tr_dtype_of(a), p.ndim, p.shape);
	return y && !tr_take_out(common_first(&p, y), span, places, 0) ? y : NULL;
}

struct tr_tensor *tr_index_get(struct tr_tensor *a, int n, const struct tr_index *index)
{
	if (!a)
		return NULL;
	tr_scope_begin(a->ctx);
	return out_of_scope(a->ctx, get(a, n, index));
}

/* value as the destination's shape and type ask; axes of size 1 in front that it has too many of are dropped. */
static struct tr_tensor *fit_value(struct tr_tensor *value, int ndim, const int64_t *shape, enum tr_dtype dtype)
{
	int extra = value->ndim - ndim;

	for (int i = 0; i < extra; i++)
		if (value->shape[i] != 1)
			extra = 0;
	if (extra > 0)
		value = tr_reshape(value, ndim, value->shape + extra);
	if (value && tr_dtype_of(value) != dtype)
		value = tr_astype(value, dtype);
	return tr_broadcast_to(value, ndim, shape);
}

static int set(struct tr_tensor *a, int n, const struct tr_index *index, struct tr_tensor *value)
{
	struct tr_tensor *span, *places, *v = NULL;
	struct tr__index_plan p;
	int err = tr__index_plan(&p, a, n, index, "assign");

	if (err)
		return err;
	if (p.mask && value->numel == 1 && !(TR__SET_COMPLEX & TR__BIT(a->dtype))) {
		v = fit_value(value, 0, NULL, tr_dtype_of(a));
		return v ? tr_where_out(p.view, p.mask, v, p.view) : a->ctx->status;
	}
	if (p.mask)
		err = tr__index_expand(&p, "assign");
	if (!err)
		v = fit_value(value, p.ndim, p.shape, tr_dtype_of(a));
	if (!v)
		return a->ctx->status;
	if (!p.n)
		return tr_copy_out(p.view, v);
	if (p.n == 1)
		return tr_index_copy_out(p.view, v, p.by[0].tensor, p.by[0].axis);
	err = tr__index_places(&p, &span, &places);
	return err ? err : tr_index_copy_out(span, common_first(&p, v), places, 0);
}

int tr_index_set(struct tr_tensor *a, int n, const struct tr_index *index, struct tr_tensor *value)
{
	int err;

	if (!a || !value)
		return -TR_EINVAL;
	if (value->ctx != a->ctx)
		return tr__fail(a->ctx, TR_EINVAL, "assign: the value is of another context");
	tr_scope_begin(a->ctx);
	err = set(a, n, index, value);
	tr_scope_end(a->ctx);
	return err;
}
