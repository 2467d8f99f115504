/* SPDX-License-Identifier: MIT */
/* What all calls share (lib/linalg/linalg.h): checks, types, column-major copies, scratch. */
#include <limits.h>
#include <string.h>

#include <trueno/create.h>
#include <trueno/ops.h>

#include "lib/linalg/linalg.h"

void *tr__linalg_scratch(struct tr_linalg *l, int64_t n, size_t size)
{
	int64_t bytes;
	struct tr_tensor *t;

	n = n < 1 ? 1 : n;
	if (__builtin_mul_overflow(n, (int64_t)size, &bytes)) {
		tr__fail(l->ctx, TR_EOVERFLOW, "%s: too large a workspace", l->who);
		return NULL;
	}
	t = tr_empty(l->ctx, TR_U8, 1, &bytes);
	return t ? tr_data(t) : NULL;
}

int tr__linalg_run(struct tr_linalg *l, int (*kernel)(struct tr_linalg *l))
{
	int err;

	tr__lapack_begin(l->ctx, (int64_t)l->m * l->n);
	err = kernel(l);
	tr__lapack_end();
	return err;
}

int tr__linalg_without_result(struct tr_linalg *l, int64_t i)
{
	int64_t at[TR_MAX_RANK];
	char text[TR_SHAPE_TEXT];

	if (l->lenient)
		return 0;
	if (!l->ndim)
		return tr__fail(l->ctx, TR_ENUMERIC, "%s: the matrix %s", l->who, l->trouble);
	for (int d = l->ndim; d-- > 0; i /= l->stack[d])
		at[d] = i % l->stack[d];
	return tr__fail(l->ctx, TR_ENUMERIC, "%s: matrix %s of the stack %s", l->who,
			tr__shape_text(text, l->ndim, at), l->trouble);
}

bool tr__linalg_check(const char *who, const struct tr_tensor *a, bool square)
{
	char text[TR_SHAPE_TEXT];

	if (!a)
		return false;
	if (a->ndim >= 2 && (!square || a->shape[a->ndim - 1] == a->shape[a->ndim - 2]))
		return true;
	tr__fail(a->ctx, TR_ESHAPE, "%s: %s: the array must have at least two axes%s", who, tr__shape_text(text, a->ndim, a->shape),
		 square ? ", the last two of one size: square matrices" : "");
	return false;
}

/* The type a tensor's numbers are computed in, or TR_DTYPE_NONE. */
static enum tr_dtype type_of(const struct tr_tensor *a)
{
	switch (tr_dtype_of(a)) {
	case TR_F16:
	case TR_BF16:
		return TR_DTYPE_NONE;
	case TR_F32:
	case TR_C64:
	case TR_C128:
		return tr_dtype_of(a);
	default:
		return TR_F64;
	}
}

static int find_types(struct tr_linalg *l, const struct tr_tensor *a, const struct tr_tensor *b)
{
	enum tr_dtype x = type_of(a), y = b ? type_of(b) : x;
	const struct tr_tensor *bad = x == TR_DTYPE_NONE ? a : b;

	if (x == TR_DTYPE_NONE || y == TR_DTYPE_NONE)
		return tr__fail(l->ctx, TR_EDTYPE, "%s: %s is unsupported in linalg", l->who,
				tr_dtype_name(tr_dtype_of(bad)));
	l->dtype = tr_promote_types(x, y);
	l->real = l->dtype == TR_F32 || l->dtype == TR_C64 ? TR_F32 : TR_F64;
	l->kernels = tr__linalg_kernels(l->dtype);
	return 0;
}

static int find_stack(struct tr_linalg *l, const struct tr_tensor *a, const struct tr_tensor *b)
{
	char x[TR_SHAPE_TEXT], y[TR_SHAPE_TEXT];

	l->ndim = a->ndim - 2;
	memcpy(l->stack, a->shape, sizeof(l->stack));
	if (b && tr__broadcast(&l->ndim, l->stack, b->ndim - 2, b->shape) >= 0)
		return tr__fail(l->ctx, TR_ESHAPE, "%s: stacks of %s and %s do not broadcast", l->who,
				tr__shape_text(x, a->ndim, a->shape), tr__shape_text(y, b->ndim, b->shape));
	l->count = tr__numel(l->ndim, l->stack, 1);
	if (l->count < 0)
		return tr__fail(l->ctx, TR_EOVERFLOW, "%s: too many problems", l->who);
	return 0;
}

int tr__linalg_begin(struct tr_linalg *l, const char *who, struct tr_tensor *a, struct tr_tensor *b)
{
	int64_t m = a->shape[a->ndim - 2], n = a->shape[a->ndim - 1], k = b ? b->shape[b->ndim - 1] : 0;

	memset(l, 0, sizeof(*l));
	l->ctx = a->ctx;
	l->who = who;
	if (b && b->ctx != a->ctx)
		return tr__fail(a->ctx, TR_EINVAL, "%s: the operands are of two contexts", who);
	if (m > INT_MAX || n > INT_MAX || k > INT_MAX)
		return tr__fail(a->ctx, TR_EOVERFLOW, "%s: a matrix of more than 2^31 - 1 rows or columns", who);
	if (find_types(l, a, b) || find_stack(l, a, b))
		return a->ctx->status;
	l->m = (lapack_int)m;
	l->n = (lapack_int)n;
	l->k = (lapack_int)k;
	l->lapack = tr__lapack(a->ctx, who);
	if (!l->lapack)
		return -TR_EDEVICE;
	tr_scope_begin(l->ctx);
	return 0;
}

struct tr_tensor *tr__linalg_end(struct tr_linalg *l, struct tr_tensor *y)
{
	tr_keep(y);
	tr_scope_end(l->ctx);
	return y;
}

struct tr_tensor *tr__linalg_columns(struct tr_linalg *l, struct tr_tensor *a)
{
	int64_t shape[TR_MAX_RANK];
	struct tr_tensor *whole = a;

	if (!a)
		return NULL;
	for (int i = 0; i < 2; i++)
		shape[l->ndim + i] = a->shape[a->ndim - 2 + i];
	memcpy(shape, l->stack, (size_t)l->ndim * sizeof(*shape));
	if (!tr__same_shape(a->ndim, a->shape, l->ndim + 2, shape))
		whole = tr_broadcast_to(a, l->ndim + 2, shape);
	return tr_astype(tr_transpose(whole), l->dtype);
}

struct tr_tensor *tr__linalg_rows(struct tr_tensor *columns)
{
	return tr_copy(tr_transpose(columns));
}

struct tr_tensor *tr__linalg_empty(struct tr_linalg *l, enum tr_dtype dtype, int n, const int64_t *sizes)
{
	int64_t shape[TR_MAX_RANK];

	memcpy(shape, l->stack, (size_t)l->ndim * sizeof(*shape));
	for (int i = 0; i < n; i++)
		shape[l->ndim + i] = sizes[i];
	return tr_empty(l->ctx, dtype, l->ndim + n, shape);
}

struct tr_tensor *tr__linalg_identity(struct tr_linalg *l, int64_t n)
{
	struct tr_tensor *one = tr_eye(l->ctx, l->dtype, n, n, 0);
	int64_t shape[TR_MAX_RANK];

	memcpy(shape, l->stack, (size_t)l->ndim * sizeof(*shape));
	shape[l->ndim] = shape[l->ndim + 1] = n;
	return l->ndim ? tr_copy(tr_broadcast_to(one, l->ndim + 2, shape)) : one;
}
