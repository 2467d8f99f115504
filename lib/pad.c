/* SPDX-License-Identifier: MIT */
/* Padding: a constant round a copy, or a take along each axis by the positions that a mode says. */
#include <string.h>

#include <trueno/manip.h>
#include <trueno/ops.h>

#include "lib/context.h"

/* Which element of an axis of n stands at position i, which may lie outside. */
static int64_t source(enum tr_pad_mode mode, int64_t i, int64_t n)
{
	int64_t period = mode == TR_PAD_REFLECT ? 2 * (n - 1) : mode == TR_PAD_SYMMETRIC ? 2 * n : n;

	if (mode == TR_PAD_EDGE)
		return i < 0 ? 0 : i < n ? i : n - 1;
	if (period == 0) /* the mirror image of one element about itself */
		return 0;
	i = (i % period + period) % period;
	if (i < n)
		return i;
	return mode == TR_PAD_REFLECT ? period - i : period - 1 - i;
}

static struct tr_tensor *extend(struct tr_tensor *a, int axis, int64_t before, int64_t length, enum tr_pad_mode mode)
{
	const struct tr_allocator *alloc = &a->ctx->alloc;
	int64_t *position = tr__alloc(alloc, (size_t)length, sizeof(*position));
	struct tr_tensor *at;

	if (!position) {
		tr__fail(a->ctx, TR_ENOMEM, "pad: out of memory for %lld positions", (long long)length);
		return NULL;
	}
	for (int64_t i = 0; i < length; i++)
		position[i] = source(mode, i - before, a->shape[axis]);
	at = tr_from_data(a->ctx, TR_I64, 1, &length, position);
	tr__free(alloc, position, (size_t)length, sizeof(*position));
	return tr_take(a, at, axis);
}

static struct tr_tensor *constant(struct tr_tensor *a, const int64_t *before, const int64_t *shape, double value)
{
	struct tr_tensor *y = tr_full(a->ctx, tr_dtype_of(a), a->ndim, shape, value), *inside = y;

	for (int i = 0; i < a->ndim; i++)
		inside = tr_slice_axis(inside, i, before[i], before[i] + a->shape[i], 1);
	return inside && !tr_copy_out(inside, a) ? y : NULL;
}

/* The padded shape. */
static int measure(struct tr_tensor *a, const int64_t *before, const int64_t *after, enum tr_pad_mode mode, int64_t *shape)
{
	if ((unsigned)mode > TR_PAD_WRAP)
		return tr__fail(a->ctx, TR_EINVAL, "pad: unknown mode %d", (int)mode);
	for (int i = 0; i < a->ndim; i++) {
		bool grows = before[i] || after[i];

		if (before[i] < 0 || after[i] < 0)
			return tr__fail(a->ctx, TR_EINVAL, "pad: %lld before and %lld after axis %d", (long long)before[i],
					(long long)after[i], i);
		if (grows && !a->shape[i] && mode != TR_PAD_CONSTANT)
			return tr__fail(a->ctx, TR_ESHAPE, "pad: axis %d is empty; only a constant can extend it", i);
		if (__builtin_add_overflow(a->shape[i], before[i], &shape[i]) ||
		    __builtin_add_overflow(shape[i], after[i], &shape[i]) || shape[i] > INT64_MAX / 4)
			return tr__fail(a->ctx, TR_EOVERFLOW, "pad: axis %d would be too long", i);
	}
	return 0;
}

struct tr_tensor *tr_pad(struct tr_tensor *a, const int64_t *before, const int64_t *after, enum tr_pad_mode mode, double value)
{
	int64_t shape[TR_MAX_RANK];
	struct tr_tensor *y = a;

	if (!a || measure(a, before, after, mode, shape))
		return NULL;
	tr_scope_begin(a->ctx);
	if (mode == TR_PAD_CONSTANT)
		y = constant(a, before, shape, value);
	for (int i = 0; mode != TR_PAD_CONSTANT && y && i < a->ndim; i++)
		if (shape[i] != a->shape[i])
			y = extend(y, i, before[i], shape[i], mode);
	if (y == a)
		y = tr_copy(a);
	tr_keep(y);
	tr_scope_end(a->ctx);
	return y;
}
