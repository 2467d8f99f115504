/* SPDX-License-Identifier: MIT */
/*
 * Generators, and the distributions: entries that carry a position in a stream, and formulae of them. Moves a generator on,
 * past what a call used, once the call has been taken.
 */
#include <math.h>
#include <string.h>

#include <trueno/ops.h>
#include <trueno/random.h>

#include "lib/ref/kernels.h"
#include "lib/submit.h"

#define SPAWN 0xffffffffu /* the attempt whose blocks are seeds */

void tr_generator_init(struct tr_generator *g, uint64_t seed)
{
	*g = (struct tr_generator){.seed = seed};
}

void tr_generator_spawn(struct tr_generator *g, struct tr_generator *children, int n)
{
	uint64_t block[2];

	for (int i = 0; i < n; i++) {
		tr__ref_kernels.philox(block, g->seed, (uint64_t)g->stream << 32 | SPAWN, g->spawned++, 1);
		children[i] = (struct tr_generator){.seed = block[0], .stream = (uint32_t)block[1]};
	}
}

void tr_generator_jump(struct tr_generator *g, uint32_t n)
{
	g->stream += n;
	g->position = 0;
}

void tr_generator_advance(struct tr_generator *g, uint64_t n)
{
	g->position += n;
}

/* Blocks that n elements of y take from a stream. */
static uint64_t blocks(const struct tr_tensor *y, enum tr_op op)
{
	uint64_t n = (uint64_t)y->numel;
	bool narrow = tr__ops[op].dtypes & TR__BIT(TR_F32) && y->dtype != TR_F64;

	if (tr__ops[op].family == TR_FAMILY_RANDOM_TRY)
		return n;
	return narrow ? (n + 3) / 4 : (n + 1) / 2;
}

/* Fills y; attr has the numbers. */
static int fill(struct tr_tensor *y, struct tr_generator *g, enum tr_op op, union tr_attr attr)
{
	struct tr_sqe sqe;

	if (!y)
		return -TR_EINVAL;
	tr_prep(&sqe, op);
	sqe.attr = attr;
	sqe.attr.i64[2] = (int64_t)g->seed;
	sqe.attr.i64[3] = (int64_t)g->position;
	sqe.attr.i64[4] = (int64_t)((uint64_t)g->stream << 32);
	sqe.dst = tr_handle(y);
	if (!tr__submit(y->ctx, &sqe))
		return y->ctx->status;
	g->position += blocks(y, op);
	return 0;
}

/* y, unless it could not be filled. */
static struct tr_tensor *filled(struct tr_tensor *y, int err)
{
	if (!err)
		return y;
	tr_free(y);
	return NULL;
}

#define PAIR(p, q) ((union tr_attr){.f64 = {p, q}})

int tr_random_bits_out(struct tr_tensor *y, struct tr_generator *g)
{
	return fill(y, g, TR_OP_random_bits, PAIR(0, 0));
}

struct tr_tensor *tr_random_bits(struct tr_context *ctx, struct tr_generator *g, int ndim, const int64_t *shape)
{
	struct tr_tensor *y = tr_empty(ctx, TR_U64, ndim, shape);

	return filled(y, tr_random_bits_out(y, g));
}

int tr_random_uniform_out(struct tr_tensor *y, struct tr_generator *g, double low, double high)
{
	return fill(y, g, TR_OP_random_uniform, PAIR(low, high - low));
}

struct tr_tensor *tr_random_uniform(struct tr_context *ctx, struct tr_generator *g, enum tr_dtype dtype, int ndim,
				    const int64_t *shape, double low, double high)
{
	struct tr_tensor *y = tr_empty(ctx, dtype, ndim, shape);

	return filled(y, tr_random_uniform_out(y, g, low, high));
}

int tr_random_normal_out(struct tr_tensor *y, struct tr_generator *g, double loc, double scale)
{
	return fill(y, g, TR_OP_random_normal, PAIR(loc, scale));
}

struct tr_tensor *tr_random_normal(struct tr_context *ctx, struct tr_generator *g, enum tr_dtype dtype, int ndim,
				   const int64_t *shape, double loc, double scale)
{
	struct tr_tensor *y = tr_empty(ctx, dtype, ndim, shape);

	return filled(y, tr_random_normal_out(y, g, loc, scale));
}

int tr_random_exponential_out(struct tr_tensor *y, struct tr_generator *g, double scale)
{
	return fill(y, g, TR_OP_random_exponential, PAIR(0, scale));
}

struct tr_tensor *tr_random_exponential(struct tr_context *ctx, struct tr_generator *g, enum tr_dtype dtype, int ndim,
					const int64_t *shape, double scale)
{
	struct tr_tensor *y = tr_empty(ctx, dtype, ndim, shape);

	return filled(y, tr_random_exponential_out(y, g, scale));
}

int tr_random_loggamma_out(struct tr_tensor *y, struct tr_generator *g, double alpha, double scale)
{
	return fill(y, g, TR_OP_random_loggamma, PAIR(alpha, scale));
}

struct tr_tensor *tr_random_loggamma(struct tr_context *ctx, struct tr_generator *g, enum tr_dtype dtype, int ndim,
				     const int64_t *shape, double alpha, double scale)
{
	struct tr_tensor *y = tr_empty(ctx, dtype, ndim, shape);

	return filled(y, tr_random_loggamma_out(y, g, alpha, scale));
}

int tr_random_poisson_out(struct tr_tensor *y, struct tr_generator *g, double lam)
{
	return fill(y, g, TR_OP_random_poisson, PAIR(lam, 0));
}

struct tr_tensor *tr_random_poisson(struct tr_context *ctx, struct tr_generator *g, enum tr_dtype dtype, int ndim,
				    const int64_t *shape, double lam)
{
	struct tr_tensor *y = tr_empty(ctx, dtype, ndim, shape);

	return filled(y, tr_random_poisson_out(y, g, lam));
}

int tr_random_binomial_out(struct tr_tensor *y, struct tr_generator *g, int64_t n, double p)
{
	return fill(y, g, TR_OP_random_binomial, PAIR(p, (double)n));
}

struct tr_tensor *tr_random_binomial(struct tr_context *ctx, struct tr_generator *g, enum tr_dtype dtype, int ndim,
				     const int64_t *shape, int64_t n, double p)
{
	struct tr_tensor *y = tr_empty(ctx, dtype, ndim, shape);

	return filled(y, tr_random_binomial_out(y, g, n, p));
}

int tr_random_bernoulli_out(struct tr_tensor *y, struct tr_generator *g, double p)
{
	return fill(y, g, TR_OP_random_bernoulli, PAIR(p, 0));
}

struct tr_tensor *tr_random_bernoulli(struct tr_context *ctx, struct tr_generator *g, int ndim, const int64_t *shape, double p)
{
	struct tr_tensor *y = tr_empty(ctx, TR_BOOL, ndim, shape);

	return filled(y, tr_random_bernoulli_out(y, g, p));
}

/* Whether low, low + 1, … low + last are values of an integer type; of others too, which are refused later. */
static bool holds(enum tr_dtype dtype, int64_t low, uint64_t last)
{
	size_t bits = dtype == TR_BOOL ? 1 : 8 * tr_dtype_size(dtype);
	uint64_t most = bits < 64 ? (1ull << bits) - 1 : UINT64_MAX;

	if (TR__SET_SINT & TR__BIT(dtype)) {
		uint64_t half = most / 2 + 1;

		return (uint64_t)low + half <= most && last <= most - ((uint64_t)low + half);
	}
	return (uint64_t)low <= most && last <= most - (uint64_t)low;
}

int tr_random_integers_out(struct tr_tensor *y, struct tr_generator *g, int64_t low, uint64_t count)
{
	enum tr_dtype dtype = y ? tr_dtype_of(y) : TR_DTYPE_NONE;

	if (y && TR__SET_BITS & TR__BIT(dtype) && !holds(dtype, low, count - 1))
		return tr__fail(y->ctx, TR_EINVAL, "random_integers: %llu integers from %lld are not all %s",
				(unsigned long long)count, (long long)low, tr_dtype_name(dtype));
	return fill(y, g, TR_OP_random_integers, (union tr_attr){.i64 = {low, (int64_t)count}});
}

struct tr_tensor *tr_random_integers(struct tr_context *ctx, struct tr_generator *g, enum tr_dtype dtype, int ndim,
				     const int64_t *shape, int64_t low, uint64_t count)
{
	struct tr_tensor *y = tr_empty(ctx, dtype, ndim, shape);

	return filled(y, tr_random_integers_out(y, g, low, count));
}

/* y = f of random numbers of its shape in float64, which are made by draws. */
static int formula(struct tr_tensor *y, struct tr_generator *g, double a, double b, bool is_beta)
{
	struct tr_generator next = *g;
	struct tr_tensor *x, *z = NULL;
	int err;

	tr_scope_begin(y->ctx);
	x = tr_random_loggamma(y->ctx, &next, TR_F64, y->ndim, y->shape, a, is_beta ? 1 : b);
	if (is_beta) {
		z = tr_random_loggamma(y->ctx, &next, TR_F64, y->ndim, y->shape, b, 1);
		x = tr_subtract(x, z);
		err = tr_sigmoid_out(y, x);
	} else {
		err = tr_exp_out(y, x);
	}
	if (!err)
		*g = next;
	tr_scope_end(y->ctx);
	return err;
}

int tr_random_gamma_out(struct tr_tensor *y, struct tr_generator *g, double alpha, double scale)
{
	return y ? formula(y, g, alpha, scale, false) : -TR_EINVAL;
}

struct tr_tensor *tr_random_gamma(struct tr_context *ctx, struct tr_generator *g, enum tr_dtype dtype, int ndim,
				  const int64_t *shape, double alpha, double scale)
{
	struct tr_tensor *y = tr_empty(ctx, dtype, ndim, shape);

	return filled(y, tr_random_gamma_out(y, g, alpha, scale));
}

int tr_random_beta_out(struct tr_tensor *y, struct tr_generator *g, double a, double b)
{
	if (y && !(a >= 1e-300 && b >= 1e-300))
		return tr__fail(y->ctx, TR_EINVAL, "random_beta: a is %g and b is %g; both must be at least 1e-300", a, b);
	return y ? formula(y, g, a, b, true) : -TR_EINVAL;
}

struct tr_tensor *tr_random_beta(struct tr_context *ctx, struct tr_generator *g, enum tr_dtype dtype, int ndim,
				 const int64_t *shape, double a, double b)
{
	struct tr_tensor *y = tr_empty(ctx, dtype, ndim, shape);

	return filled(y, tr_random_beta_out(y, g, a, b));
}
