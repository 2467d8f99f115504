/* SPDX-License-Identifier: MIT */
/*
 * What sorting makes possible: orders by several keys, the largest few, distinct elements, sets, counts and histograms. Names
 * and values are NumPy's, topk is PyTorch's; tr_sort, tr_argsort and tr_searchsorted are operations of <trueno/ops.h>.
 *
 * Elements are in tr_sort's order: NaN last, complex numbers by real part, then imaginary. All return NULL, or a negative
 * status, on failure and pass a NULL operand through; results belong to the current scope. Where a size depends on values,
 * pending work runs first and no plan can record the call (TR_ESTATE). Errors not named: TR_ENOMEM.
 */
#ifndef TRUENO_SETS_H
#define TRUENO_SETS_H

#include <trueno/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* int64: the order of n keys of one shape along an axis, the last key first of all (numpy.lexsort). NULL + TR_EINVAL (no key;
 * an axis that is not there) | TR_ESHAPE. */
TR_API struct tr_tensor *tr_lexsort(struct tr_tensor *const *keys, int n, int axis);

/* y[…, i, …] = a[…, indices[…, i, …], …] along one axis; the other axes broadcast (numpy.take_along_axis). NULL + TR_EINVAL (no
 * such axis) | TR_ESHAPE (another rank) | TR_EDTYPE (no integers) | TR_EINDEX, known when it runs. */
TR_API struct tr_tensor *tr_take_along_axis(struct tr_tensor *a, struct tr_tensor *indices, int axis);

/*
 * The k largest elements along an axis, in descending order, or under TR_SMALLEST the k smallest, in ascending order, and where
 * they are (torch.topk); of equal ones the first. NaN counts as the largest. Either result may be NULL for not wanted.
 * 0, or -TR_EINVAL (no such axis; k below 0 or above its size) | -TR_EDTYPE.
 */
#define TR_SMALLEST 0x1u
TR_API int tr_topk(struct tr_tensor *a, int64_t k, int axis, uint32_t flags, struct tr_tensor **values,
		   struct tr_tensor **indices);

/*
 * The distinct elements, ascending: values[m]. Under TR_UNIQUE_INDEX index[m], the first place of each among a's elements in C
 * order; under TR_UNIQUE_INVERSE inverse, of a's shape, with values[inverse] = a; under TR_UNIQUE_COUNTS counts[m]. All int64;
 * what was not asked for is NULL. NaNs are one value, or under TR_UNIQUE_NANS differ (numpy.unique, equal_nan).
 */
#define TR_UNIQUE_INDEX 0x1u
#define TR_UNIQUE_INVERSE 0x2u
#define TR_UNIQUE_COUNTS 0x4u
#define TR_UNIQUE_NANS 0x8u
struct tr_unique {
	struct tr_tensor *values, *index, *inverse, *counts;
};
TR_API int tr_unique(struct tr_tensor *a, uint32_t flags, struct tr_unique *out);

/* The same of what lies along an axis, ordered by its elements in C order; inverse[n]. NaNs always differ. -TR_EINVAL: no such
 * axis. */
TR_API int tr_unique_along(struct tr_tensor *a, int axis, uint32_t flags, struct tr_unique *out);

/* Whether each element of a is among tests, which may have any shape: bool, of a's shape. NaN is among nothing. */
TR_API struct tr_tensor *tr_isin(struct tr_tensor *a, struct tr_tensor *tests);

/* Distinct elements, ascending, of the type a and b promote to: those in both, in either, in a but not in b, in one but not
 * the other. */
TR_API struct tr_tensor *tr_intersect1d(struct tr_tensor *a, struct tr_tensor *b);
TR_API struct tr_tensor *tr_union1d(struct tr_tensor *a, struct tr_tensor *b);
TR_API struct tr_tensor *tr_setdiff1d(struct tr_tensor *a, struct tr_tensor *b);
TR_API struct tr_tensor *tr_setxor1d(struct tr_tensor *a, struct tr_tensor *b);

/*
 * y[i] = how many elements of a are i, or the sum of their weights: [max(max a + 1, minlength)]. int64, or with weights float64.
 * NULL + TR_EDTYPE (no integers) | TR_ESHAPE (not a vector; weights of another shape) | TR_EINVAL (a number below 0).
 */
TR_API struct tr_tensor *tr_bincount(struct tr_tensor *a, struct tr_tensor *weights, int64_t minlength);

/* int64: i with bins[i - 1] <= a < bins[i], or under right < a <=; in descending bins the other way round (numpy.digitize).
 * NULL + TR_ESHAPE (bins are no vector) | TR_EINVAL (they do not ascend or descend) | TR_EDTYPE (complex). */
TR_API struct tr_tensor *tr_digitize(struct tr_tensor *a, struct tr_tensor *bins, bool right);

/*
 * y[i] = how many elements of a, or the sum of their weights, lie in [edges[i], edges[i + 1]), the last bin closed:
 * [n edges - 1], int64, or of the weights' type, float64 for those of bool and half precision. NaN lies nowhere.
 * NULL + TR_ESHAPE (edges are no vector of at least one; weights of another shape) | TR_EINVAL (edges that descend) | TR_EDTYPE.
 */
TR_API struct tr_tensor *tr_histogram(struct tr_tensor *a, struct tr_tensor *edges, struct tr_tensor *weights);

#ifdef __cplusplus
}
#endif
#endif
