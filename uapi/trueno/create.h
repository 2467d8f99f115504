/* SPDX-License-Identifier: MIT */
/*
 * Tensors from a rule: like another, evenly spaced, diagonal, triangular, grids of coordinates. Names and values are
 * NumPy's. <trueno/tensor.h> has empty, zeros, ones, full and those made from memory.
 *
 * All return NULL on failure, pass a NULL operand through, and belong to the current scope. Where a context is given the
 * tensor is of it; else of the first operand's.
 */
#ifndef TRUENO_CREATE_H
#define TRUENO_CREATE_H

#include <trueno/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The shape and type of a, in C order. NULL + TR_ENOMEM. */
TR_API struct tr_tensor *tr_empty_like(struct tr_tensor *a);
TR_API struct tr_tensor *tr_zeros_like(struct tr_tensor *a);
TR_API struct tr_tensor *tr_ones_like(struct tr_tensor *a);
TR_API struct tr_tensor *tr_full_like(struct tr_tensor *a, double value);

/*
 * start, start + step, … before stop: ceil((stop - start) / step) elements, none if that is negative. Element i is
 * start + i (next - start), where next is start + step in the type of the tensor; half precision goes through float32.
 * NULL + TR_EINVAL (step is 0, a bound NaN or infinite) | TR_EDTYPE (bool, complex) | TR_EOVERFLOW | TR_ENOMEM.
 */
TR_API struct tr_tensor *tr_arange(struct tr_context *ctx, enum tr_dtype dtype, double start, double stop, double step);
TR_API struct tr_tensor *tr_arange_int(struct tr_context *ctx, enum tr_dtype dtype, int64_t start, int64_t stop,
				       int64_t step);

/*
 * n >= 0 numbers from start to stop: start + i (stop - start) / (n - 1), evaluated in float64 and converted (integers: the
 * floor); the last is stop itself. Without endpoint the divisor is n, and stop is left out.
 * NULL + TR_EINVAL (n < 0) | TR_EDTYPE (bool, complex) | TR_ENOMEM.
 */
TR_API struct tr_tensor *tr_linspace(struct tr_context *ctx, enum tr_dtype dtype, double start, double stop, int64_t n,
				     bool endpoint);

/* [n, m], 1 where j == i + k and 0 elsewhere; and 1 where j <= i + k. NULL + TR_EINVAL | TR_ENOMEM. */
TR_API struct tr_tensor *tr_eye(struct tr_context *ctx, enum tr_dtype dtype, int64_t n, int64_t m, int64_t k);
TR_API struct tr_tensor *tr_tri(struct tr_context *ctx, enum tr_dtype dtype, int64_t n, int64_t m, int64_t k);

/* a[…, i, j] where j <= i + k (tril) or j >= i + k (triu), and 0 elsewhere. NULL + TR_ESHAPE below rank 2. */
TR_API struct tr_tensor *tr_tril(struct tr_tensor *a, int64_t k);
TR_API struct tr_tensor *tr_triu(struct tr_tensor *a, int64_t k);

/* A matrix with the vector a on its k-th diagonal and 0 elsewhere; or, of a matrix, a view of that diagonal (numpy.diag).
 * NULL + TR_ESHAPE for other ranks. */
TR_API struct tr_tensor *tr_diag(struct tr_tensor *a, int64_t k);

/*
 * Coordinate grids of n vectors: out[d] is a read-only view of axes[d] that repeats along all axes but its own, which is d, or
 * under TR_MESHGRID_XY (numpy.meshgrid's default) the other of 0 and 1. 0, or -TR_EINVAL (n outside 1..8) | -TR_ESHAPE
 * (not a vector) | -TR_ENOMEM, and then no element of out is set.
 */
#define TR_MESHGRID_XY 0x1u
TR_API int tr_meshgrid(struct tr_tensor *const *axes, int n, unsigned flags, struct tr_tensor **out);

#ifdef __cplusplus
}
#endif
#endif
