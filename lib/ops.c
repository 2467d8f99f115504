/* SPDX-License-Identifier: MIT */
/*
 * The public operations: each row of the table becomes tr_x() and tr_x_out(), which fill an entry and submit it.
 * One short function per family does the work.
 */
#include <math.h>
#include <string.h>

#include <trueno/ops.h>

#include "lib/submit.h"

/* The context of the first operand there is. Without any, there is nobody to complain to. */
static struct tr_context *context_of(struct tr_tensor *const *src, int n)
{
	for (int i = 0; i < n; i++)
		if (src[i])
			return src[i]->ctx;
	return NULL;
}

/*
 * Fills in the operands and submits. required: how many must be there; a missing one means that an operation before
 * this one failed, so the reason is in the context already; if it is not, the caller passed NULL by mistake.
 */
static struct tr_tensor *submit(struct tr_sqe *sqe, struct tr_tensor *y, struct tr_tensor *const *src, int n,
				int required)
{
	struct tr_context *ctx = y ? y->ctx : context_of(src, n);

	if (!y && !ctx)
		return NULL;
	for (int i = 0; i < n; i++) {
		if (!src[i] && i < required) {
			tr__fail(ctx, TR_EINVAL, "%s: operand %d is NULL", tr_op_name((enum tr_op)sqe->op), i + 1);
			return NULL;
		}
		if (src[i] && src[i]->ctx != ctx) {
			tr__fail(ctx, TR_EINVAL, "%s: operand %d is of another context",
				 tr_op_name((enum tr_op)sqe->op), i + 1);
			return NULL;
		}
		sqe->src[i] = tr__handle(src[i]);
	}
	sqe->nsrc = (uint8_t)n;
	sqe->dst = tr__handle(y);
	return tr__submit(ctx, sqe);
}

/* The _out forms' result: y itself came back, or the context has the reason. */
static int status(struct tr_tensor *y, const struct tr_tensor *result)
{
	if (!y)
		return -TR_EINVAL;
	return result ? 0 : y->ctx->status;
}

static struct tr_tensor *unary(enum tr_op op, struct tr_tensor *y, struct tr_tensor *a)
{
	struct tr_sqe sqe;

	tr_prep(&sqe, op);
	return submit(&sqe, y, &a, 1, 1);
}

/* round's numbers: what to multiply by before and to divide by, both exact for f64 up to 10^22. */
static struct tr_tensor *rounded(enum tr_op op, struct tr_tensor *y, struct tr_tensor *a, int decimals)
{
	struct tr_sqe sqe;

	tr_prep(&sqe, op);
	sqe.attr.f64[0] = decimals > 0 ? pow(10, decimals) : 1;
	sqe.attr.f64[1] = decimals < 0 ? pow(10, -(double)decimals) : 1;
	return submit(&sqe, y, &a, 1, 1);
}

static struct tr_tensor *with_numbers(enum tr_op op, struct tr_tensor *y, struct tr_tensor *a, double p, double q)
{
	struct tr_sqe sqe;

	tr_prep(&sqe, op);
	sqe.attr.f64[0] = p;
	sqe.attr.f64[1] = q;
	return submit(&sqe, y, &a, 1, 1);
}

static struct tr_tensor *binary(enum tr_op op, struct tr_tensor *y, struct tr_tensor *a, struct tr_tensor *b)
{
	struct tr_tensor *src[] = {a, b};
	struct tr_sqe sqe;

	tr_prep(&sqe, op);
	return submit(&sqe, y, src, 2, 2);
}

static struct tr_tensor *ternary(enum tr_op op, struct tr_tensor *y, struct tr_tensor *a, struct tr_tensor *b,
				 struct tr_tensor *c)
{
	struct tr_tensor *src[] = {a, b, c};
	struct tr_sqe sqe;

	tr_prep(&sqe, op);
	return submit(&sqe, y, src, 3, 3);
}

static struct tr_tensor *reduce(enum tr_op op, struct tr_tensor *y, struct tr_tensor *a, uint32_t axes,
				uint32_t flags)
{
	struct tr_sqe sqe;

	tr_prep_reduce(&sqe, op, 0, axes, flags);
	return submit(&sqe, y, &a, 1, 1);
}

static struct tr_tensor *reduce_by(enum tr_op op, struct tr_tensor *y, struct tr_tensor *a, double value, uint32_t axes,
				   uint32_t flags)
{
	struct tr_sqe sqe;

	tr_prep_reduce_by(&sqe, op, 0, value, axes, flags);
	return submit(&sqe, y, &a, 1, 1);
}

static struct tr_tensor *scan(enum tr_op op, struct tr_tensor *y, struct tr_tensor *a, int axis, uint32_t flags)
{
	struct tr_sqe sqe;

	tr_prep_scan(&sqe, op, 0, axis, flags);
	return submit(&sqe, y, &a, 1, 1);
}

static struct tr_tensor *along(enum tr_op op, struct tr_tensor *y, struct tr_tensor *const *src, int n, int axis)
{
	struct tr_sqe sqe;

	tr_prep(&sqe, op);
	sqe.attr.i64[0] = axis;
	return submit(&sqe, y, src, n, n);
}

static struct tr_tensor *flagged(enum tr_op op, struct tr_tensor *y, struct tr_tensor *const *src, int n, uint32_t flags)
{
	struct tr_sqe sqe;

	tr_prep(&sqe, op);
	sqe.attr.u32[0] = flags;
	return submit(&sqe, y, src, n, n);
}

static struct tr_tensor *scaled(enum tr_op op, struct tr_tensor *y, struct tr_tensor *const *src, int n, int required,
				double value)
{
	struct tr_sqe sqe;

	tr_prep(&sqe, op);
	sqe.attr.f64[0] = value;
	return submit(&sqe, y, src, n, required);
}

/* params: a structure that the entry holds as it is, or NULL for zeros. */
static struct tr_tensor *shaped(enum tr_op op, struct tr_tensor *y, struct tr_tensor *const *src, int n, int required,
				const void *params, size_t size)
{
	struct tr_sqe sqe;

	tr_prep(&sqe, op);
	if (params)
		memcpy(&sqe.attr, params, size);
	return submit(&sqe, y, src, n, required);
}

#define T struct tr_tensor *

#define DEFINE_UNARY(name) \
	T tr_##name(T a) { return unary(TR_OP_##name, NULL, a); } \
	int tr_##name##_out(T y, T a) { return status(y, y ? unary(TR_OP_##name, y, a) : NULL); }

#define DEFINE_UNARY1(name) \
	T tr_##name(T a, double p) { return with_numbers(TR_OP_##name, NULL, a, p, 0); } \
	int tr_##name##_out(T y, T a, double p) { return status(y, y ? with_numbers(TR_OP_##name, y, a, p, 0) : NULL); }

#define DEFINE_UNARY2(name) \
	T tr_##name(T a, double p, double q) { return with_numbers(TR_OP_##name, NULL, a, p, q); } \
	int tr_##name##_out(T y, T a, double p, double q) \
	{ \
		return status(y, y ? with_numbers(TR_OP_##name, y, a, p, q) : NULL); \
	}

#define DEFINE_DECIMALS(name) \
	T tr_##name(T a, int decimals) { return rounded(TR_OP_##name, NULL, a, decimals); } \
	int tr_##name##_out(T y, T a, int decimals) \
	{ \
		return status(y, y ? rounded(TR_OP_##name, y, a, decimals) : NULL); \
	}

#define DEFINE_BINARY(name) \
	T tr_##name(T a, T b) { return binary(TR_OP_##name, NULL, a, b); } \
	int tr_##name##_out(T y, T a, T b) { return status(y, y ? binary(TR_OP_##name, y, a, b) : NULL); }

#define DEFINE_TERNARY(name) \
	T tr_##name(T a, T b, T c) { return ternary(TR_OP_##name, NULL, a, b, c); } \
	int tr_##name##_out(T y, T a, T b, T c) { return status(y, y ? ternary(TR_OP_##name, y, a, b, c) : NULL); }

#define DEFINE_SELECT(name) DEFINE_TERNARY(name)

#define DEFINE_REDUCE(name) \
	T tr_##name(T a, uint32_t axes, uint32_t flags) { return reduce(TR_OP_##name, NULL, a, axes, flags); } \
	int tr_##name##_out(T y, T a, uint32_t axes, uint32_t flags) \
	{ \
		return status(y, y ? reduce(TR_OP_##name, y, a, axes, flags) : NULL); \
	}

#define DEFINE_ARGREDUCE(name) DEFINE_REDUCE(name)

#define DEFINE_MEDIAN(name) DEFINE_REDUCE(name)

#define DEFINE_VECTOR_NORM(name) \
	T tr_##name(T a, double value, uint32_t axes, uint32_t flags) \
	{ \
		return reduce_by(TR_OP_##name, NULL, a, value, axes, flags); \
	} \
	int tr_##name##_out(T y, T a, double value, uint32_t axes, uint32_t flags) \
	{ \
		return status(y, y ? reduce_by(TR_OP_##name, y, a, value, axes, flags) : NULL); \
	}

#define DEFINE_QUANTILE(name) DEFINE_VECTOR_NORM(name)

#define DEFINE_SCAN(name) \
	T tr_##name(T a, int axis, uint32_t flags) { return scan(TR_OP_##name, NULL, a, axis, flags); } \
	int tr_##name##_out(T y, T a, int axis, uint32_t flags) \
	{ \
		return status(y, y ? scan(TR_OP_##name, y, a, axis, flags) : NULL); \
	}

#define DEFINE_SOFTMAX(name) \
	T tr_##name(T a, int axis) { return along(TR_OP_##name, NULL, &a, 1, axis); } \
	int tr_##name##_out(T y, T a, int axis) { return status(y, y ? along(TR_OP_##name, y, &a, 1, axis) : NULL); }

#define DEFINE_SORT(name) DEFINE_SOFTMAX(name)

#define DEFINE_SEARCH(name) \
	T tr_##name(T a, T v, uint32_t flags) { return flagged(TR_OP_##name, NULL, (T[]){a, v}, 2, flags); } \
	int tr_##name##_out(T y, T a, T v, uint32_t flags) \
	{ \
		return status(y, y ? flagged(TR_OP_##name, y, (T[]){a, v}, 2, flags) : NULL); \
	}

#define DEFINE_NORM(name) \
	T tr_##name(T a, T weight, T bias, double eps) \
	{ \
		return scaled(TR_OP_##name, NULL, (T[]){a, weight, bias}, 3, 1, eps); \
	} \
	int tr_##name##_out(T y, T a, T weight, T bias, double eps) \
	{ \
		return status(y, y ? scaled(TR_OP_##name, y, (T[]){a, weight, bias}, 3, 1, eps) : NULL); \
	}

#define DEFINE_VECDOT(name) DEFINE_BINARY(name)

#define DEFINE_LINEAR(name) \
	T tr_##name(T a, T weight, T bias) { return scaled(TR_OP_##name, NULL, (T[]){a, weight, bias}, 3, 2, 0); } \
	int tr_##name##_out(T y, T a, T weight, T bias) \
	{ \
		return status(y, y ? scaled(TR_OP_##name, y, (T[]){a, weight, bias}, 3, 2, 0) : NULL); \
	}

#define DEFINE_ATTENTION(name) \
	T tr_##name(T q, T k, T v, T mask, double scale) \
	{ \
		return scaled(TR_OP_##name, NULL, (T[]){q, k, v, mask}, 4, 3, scale); \
	} \
	int tr_##name##_out(T y, T q, T k, T v, T mask, double scale) \
	{ \
		return status(y, y ? scaled(TR_OP_##name, y, (T[]){q, k, v, mask}, 4, 3, scale) : NULL); \
	}

#define DEFINE_CONV(name) \
	T tr_##name(T a, T weight, T bias, const struct tr_conv_params *params) \
	{ \
		return shaped(TR_OP_##name, NULL, (T[]){a, weight, bias}, 3, 2, params, sizeof(*params)); \
	} \
	int tr_##name##_out(T y, T a, T weight, T bias, const struct tr_conv_params *params) \
	{ \
		return status(y, y ? shaped(TR_OP_##name, y, (T[]){a, weight, bias}, 3, 2, params, sizeof(*params)) \
				   : NULL); \
	}

#define DEFINE_CONV_TRANSPOSE(name) DEFINE_CONV(name)

#define DEFINE_MAX_POOL(name) \
	T tr_##name(T a, const struct tr_pool_params *params) \
	{ \
		return shaped(TR_OP_##name, NULL, &a, 1, 1, params, sizeof(*params)); \
	} \
	int tr_##name##_out(T y, T a, const struct tr_pool_params *params) \
	{ \
		return status(y, y ? shaped(TR_OP_##name, y, &a, 1, 1, params, sizeof(*params)) : NULL); \
	}

#define DEFINE_AVG_POOL(name) DEFINE_MAX_POOL(name)
#define DEFINE_ADAPTIVE_POOL(name) DEFINE_MAX_POOL(name)

#define DEFINE_INTERPOLATE(name) \
	T tr_##name(T a, const struct tr_interpolate_params *params) \
	{ \
		return shaped(TR_OP_##name, NULL, &a, 1, 1, params, sizeof(*params)); \
	} \
	int tr_##name##_out(T y, T a, const struct tr_interpolate_params *params) \
	{ \
		return status(y, y ? shaped(TR_OP_##name, y, &a, 1, 1, params, sizeof(*params)) : NULL); \
	}

#define DEFINE_EMBEDDING(name) DEFINE_BINARY(name)

#define DEFINE_TAKE(name) \
	T tr_##name(T a, T indices, int axis) { return along(TR_OP_##name, NULL, (T[]){a, indices}, 2, axis); } \
	int tr_##name##_out(T y, T a, T indices, int axis) \
	{ \
		return status(y, y ? along(TR_OP_##name, y, (T[]){a, indices}, 2, axis) : NULL); \
	}

#define DEFINE_PUT(name) \
	int tr_##name##_out(T y, T a, T indices, int axis) \
	{ \
		return status(y, y ? along(TR_OP_##name, y, (T[]){a, indices}, 2, axis) : NULL); \
	}

#define DEFINE_NONZERO(name) \
	int tr_##name##_out(T y, T a) { return status(y, y ? unary(TR_OP_##name, y, a) : NULL); }

#define DEFINE_COMPRESS(name) \
	int tr_##name##_out(T y, T a, T b) { return status(y, y ? binary(TR_OP_##name, y, a, b) : NULL); }

/* Below: prototypes that only some of a family's rows share. */
#define DEFINE_CAST(name)
#define DEFINE_MATMUL(name)
#define DEFINE_FILL(name)
#define DEFINE_RAVEL(name)
#define DEFINE_RANGE(name)
#define DEFINE_RANDOM(name)
#define DEFINE_RANDOM_TRY(name)
#define DEFINE_VIEW(name)

#define OP(name, family, ...) DEFINE_##family(name)
#include "lib/ops.def"

struct tr_tensor *tr_copy(struct tr_tensor *a)
{
	return unary(TR_OP_copy, NULL, a);
}

int tr_copy_out(struct tr_tensor *y, struct tr_tensor *a)
{
	return status(y, y ? unary(TR_OP_copy, y, a) : NULL);
}

struct tr_tensor *tr_astype(struct tr_tensor *a, enum tr_dtype dtype)
{
	struct tr_sqe sqe;

	tr_prep(&sqe, TR_OP_astype);
	sqe.dtype = (uint8_t)((unsigned)dtype < TR_DTYPE_COUNT ? dtype : TR_DTYPE_NONE);
	return submit(&sqe, NULL, &a, 1, 1);
}

int tr_astype_out(struct tr_tensor *y, struct tr_tensor *a)
{
	return status(y, y ? unary(TR_OP_astype, y, a) : NULL);
}

DEFINE_BINARY(matmul)

struct tr_tensor *tr_matmul_as(struct tr_tensor *a, struct tr_tensor *b, enum tr_dtype dtype)
{
	struct tr_tensor *src[] = {a, b};
	struct tr_sqe sqe;

	tr_prep(&sqe, TR_OP_matmul_as);
	sqe.dtype = (uint8_t)((unsigned)dtype < TR_DTYPE_COUNT ? dtype : TR_DTYPE_NONE);
	return submit(&sqe, NULL, src, 2, 2);
}

int tr_matmul_as_out(struct tr_tensor *y, struct tr_tensor *a, struct tr_tensor *b)
{
	return status(y, y ? binary(TR_OP_matmul_as, y, a, b) : NULL);
}

int tr_fill_out(struct tr_tensor *y, double value)
{
	return status(y, y ? scaled(TR_OP_fill, y, NULL, 0, 0, value) : NULL);
}
