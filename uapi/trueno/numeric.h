/* SPDX-License-Identifier: MIT */
/*
 * Samples of a function: differences, interpolation between them, the area below them; and places in a grid as numbers.
 * Names and values are NumPy's.
 *
 * All return NULL, or a negative status, on failure and pass a NULL operand through; results belong to the current scope.
 * Axes may be negative, counted from the back. Errors not named: TR_EINVAL (an axis that is not there), TR_ENOMEM.
 */
#ifndef TRUENO_NUMERIC_H
#define TRUENO_NUMERIC_H

#include <trueno/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* a[…, i + 1, …] - a[…, i, …] along an axis, n times over; of bool whether they differ (numpy.diff). NULL + TR_EINVAL: n < 0. */
TR_API struct tr_tensor *tr_diff(struct tr_tensor *a, int n, int axis);

/*
 * The polygon through the points (xp[i], fp[i]), xp ascending, at x: float64, or complex128 of a complex fp, of x's shape. Left
 * of xp[0] it is *left, right of the last point *right; NULL stands for the nearest fp (numpy.interp):
 *   y = fp[j] + (x - xp[j]) (fp[j + 1] - fp[j]) / (xp[j + 1] - xp[j])
 * NULL + TR_ESHAPE (xp and fp are no vectors of one length, or empty) | TR_EDTYPE (x or xp complex).
 */
TR_API struct tr_tensor *tr_interp(struct tr_tensor *x, struct tr_tensor *xp, struct tr_tensor *fp, const double *left,
				   const double *right);

/* Sum over i of (x[i + 1] - x[i]) (y[…, i + 1, …] + y[…, i, …]) / 2 along an axis; x is NULL for steps of dx, a vector, or
 * of a shape that y's broadcasts with (numpy.trapezoid). NULL + TR_ESHAPE. */
TR_API struct tr_tensor *tr_trapezoid(struct tr_tensor *y, struct tr_tensor *x, double dx, int axis);

/* Places in a C-order grid shape[ndim] as numbers, from their ndim coordinates, which broadcast; outside the grid an index is
 * refused, or taken modulo the size, or becomes the nearest (numpy.ravel_multi_index, mode). int64.
 * NULL + TR_EINDEX | TR_EDTYPE (no integers) | TR_ESHAPE | TR_EOVERFLOW (a grid of more than 2^63 places). */
enum tr_index_mode { TR_INDEX_RAISE, TR_INDEX_WRAP, TR_INDEX_CLIP };
TR_API struct tr_tensor *tr_ravel_multi_index(struct tr_tensor *const *indices, int ndim, const int64_t *shape,
					      enum tr_index_mode mode);

/* And back: out[ndim], int64. 0, or -TR_EINDEX | -TR_EDTYPE | -TR_EOVERFLOW, and then no element of out is set. */
TR_API int tr_unravel_index(struct tr_tensor *indices, int ndim, const int64_t *shape, struct tr_tensor **out);

#ifdef __cplusplus
}
#endif
#endif
