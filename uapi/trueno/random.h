/* SPDX-License-Identifier: MIT */
/*
 * Random numbers: Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC11), a function of seed, stream and position, so that
 * every CPU level, number of threads and split into calls gives the same numbers. docs/numerics.md says which bits make which
 * element. Distributions and names are those of numpy.random.Generator; the numbers are not NumPy's. Not for secrets.
 *
 *	struct tr_generator g;
 *	tr_generator_init(&g, 42);
 *	x = tr_random_normal(ctx, &g, TR_F32, 2, shape, 0, 1);
 *
 * Functions that make a tensor give one of C order in the current scope, or NULL with the reason in the context; an _out form
 * writes y, of any strides, in C order of its elements, and gives 0 or a negative status. Both take numbers from g and move
 * it on past them, but not on failure. A NULL y is -TR_EINVAL.
 *
 * Positions are settled when a call is made, not when it runs: the order of calls decides, batches change nothing, and a plan
 * has the same numbers each time it is run. To vary them, put other tensors in their place (tr_plan_bind) or write them anew.
 */
#ifndef TRUENO_RANDOM_H
#define TRUENO_RANDOM_H

#include <trueno/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A place in a stream, and all there is to save and restore. Generators of different seed or stream share no number. Used
 * by one thread at a time; copies go on alike. */
struct tr_generator {
	uint64_t seed;     /* the key */
	uint64_t position; /* of the next block of 16 random bytes; wraps */
	uint32_t stream;
	uint32_t spawned;  /* children made so far */
};

/* The beginning of stream 0 of a seed. */
TR_API void tr_generator_init(struct tr_generator *g, uint64_t seed);

/* n generators with seeds and streams of their own, drawn from g's: no two alike, and none like g, but with probability
 * about n² / 2^97. A generator's k-th child is the same whatever was drawn before. */
TR_API void tr_generator_spawn(struct tr_generator *g, struct tr_generator *children, int n);

/* To the beginning of the stream n further on; and n blocks further within this one. */
TR_API void tr_generator_jump(struct tr_generator *g, uint32_t n);
TR_API void tr_generator_advance(struct tr_generator *g, uint64_t n);

/* uint64, every value as likely. NULL + TR_EINVAL | TR_EOVERFLOW | TR_ENOMEM. y: bool or an integer type, which gets the
 * lowest bits (bool: whether any is set). */
TR_API struct tr_tensor *tr_random_bits(struct tr_context *ctx, struct tr_generator *g, int ndim, const int64_t *shape);
TR_API int tr_random_bits_out(struct tr_tensor *y, struct tr_generator *g);

/*
 * Continuous distributions, of dtype float32 or float64; y may be of half precision too, rounded from float32 (TR_EDTYPE
 * otherwise). TR_EINVAL: a parameter that is NaN, or outside what is said.
 *
 * uniform      low + (high - low) u, u in [0, 1) a multiple of 2^-24 (float64: 2^-53); all finite. The sum is rounded, perhaps
 *              to high
 * normal       mean loc, standard deviation scale >= 0
 * exponential  scale · -log(1 - u), scale >= 0
 * gamma        shape `alpha` >= 0, mean alpha · scale, scale >= 0; evaluated in float64
 * loggamma     its logarithm, which does not underflow for small alpha
 * beta         in [0, 1], mean a / (a + b); a and b at least 1e-300. Evaluated in float64
 */
TR_API struct tr_tensor *tr_random_uniform(struct tr_context *ctx, struct tr_generator *g, enum tr_dtype dtype, int ndim,
					   const int64_t *shape, double low, double high);
TR_API int tr_random_uniform_out(struct tr_tensor *y, struct tr_generator *g, double low, double high);
TR_API struct tr_tensor *tr_random_normal(struct tr_context *ctx, struct tr_generator *g, enum tr_dtype dtype, int ndim,
					  const int64_t *shape, double loc, double scale);
TR_API int tr_random_normal_out(struct tr_tensor *y, struct tr_generator *g, double loc, double scale);
TR_API struct tr_tensor *tr_random_exponential(struct tr_context *ctx, struct tr_generator *g, enum tr_dtype dtype, int ndim,
					       const int64_t *shape, double scale);
TR_API int tr_random_exponential_out(struct tr_tensor *y, struct tr_generator *g, double scale);
TR_API struct tr_tensor *tr_random_gamma(struct tr_context *ctx, struct tr_generator *g, enum tr_dtype dtype, int ndim,
					 const int64_t *shape, double alpha, double scale);
TR_API int tr_random_gamma_out(struct tr_tensor *y, struct tr_generator *g, double alpha, double scale);
TR_API struct tr_tensor *tr_random_loggamma(struct tr_context *ctx, struct tr_generator *g, enum tr_dtype dtype, int ndim,
					    const int64_t *shape, double alpha, double scale);
TR_API int tr_random_loggamma_out(struct tr_tensor *y, struct tr_generator *g, double alpha, double scale);
TR_API struct tr_tensor *tr_random_beta(struct tr_context *ctx, struct tr_generator *g, enum tr_dtype dtype, int ndim,
					const int64_t *shape, double a, double b);
TR_API int tr_random_beta_out(struct tr_tensor *y, struct tr_generator *g, double a, double b);

/* bool, true with probability p in [0, 1], as exactly as 2^-53. y: any type. */
TR_API struct tr_tensor *tr_random_bernoulli(struct tr_context *ctx, struct tr_generator *g, int ndim, const int64_t *shape,
					     double p);
TR_API int tr_random_bernoulli_out(struct tr_tensor *y, struct tr_generator *g, double p);

/* low, low + 1, … low + count - 1, each exactly as likely; a count of 0 stands for 2^64. dtype: bool or an integer type that has
 * them all (TR_EINVAL otherwise); for uint64 low is its bits. */
TR_API struct tr_tensor *tr_random_integers(struct tr_context *ctx, struct tr_generator *g, enum tr_dtype dtype, int ndim,
					    const int64_t *shape, int64_t low, uint64_t count);
TR_API int tr_random_integers_out(struct tr_tensor *y, struct tr_generator *g, int64_t low, uint64_t count);

/* Counts, evaluated in float64 and converted to dtype, an integer or floating type: events of mean lam, successes among n of
 * probability p. 0 <= lam, n <= 2^53; 0 <= p <= 1. */
TR_API struct tr_tensor *tr_random_poisson(struct tr_context *ctx, struct tr_generator *g, enum tr_dtype dtype, int ndim,
					   const int64_t *shape, double lam);
TR_API int tr_random_poisson_out(struct tr_tensor *y, struct tr_generator *g, double lam);
TR_API struct tr_tensor *tr_random_binomial(struct tr_context *ctx, struct tr_generator *g, enum tr_dtype dtype, int ndim,
					    const int64_t *shape, int64_t n, double p);
TR_API int tr_random_binomial_out(struct tr_tensor *y, struct tr_generator *g, int64_t n, double p);

/* int64 [n]: 0 … n - 1 in an order of which each is as likely (Fisher and Yates). Made on the host.
 * NULL + TR_EINVAL (n < 0) | TR_ENOMEM. */
TR_API struct tr_tensor *tr_random_permutation(struct tr_context *ctx, struct tr_generator *g, int64_t n);

/* Puts y's slices along an axis, which may be negative, into random order. 0, -TR_EINVAL (no such axis) | -TR_EREADONLY |
 * -TR_ENOMEM. */
TR_API int tr_random_shuffle(struct tr_tensor *y, struct tr_generator *g, int axis);

/*
 * int64 of a shape: numbers below n. With replacement they are independent; without, all different and in random order.
 * p: n probabilities, not negative and of sum 1 within 1e-8, or NULL for equal ones; without replacement each number is
 * drawn by the probabilities of those still left. Made on the host if p is given or without replacement.
 * NULL + TR_EINVAL (n < 1 or p is as it must not be, or fewer numbers that can be drawn than asked for) | TR_ENOMEM.
 */
TR_API struct tr_tensor *tr_random_choice(struct tr_context *ctx, struct tr_generator *g, int64_t n, int ndim,
					  const int64_t *shape, bool replace, const double *p);

#ifdef __cplusplus
}
#endif
#endif
