/* SPDX-License-Identifier: MIT */
/*
 * Views: tensors that share another's storage. All cost O(rank) and copy no element, except tr_reshape where
 * the strides leave no other way. A view keeps the storage alive, and writing through either shows in both.
 *
 * All return NULL on failure, pass a NULL operand through, and belong to the current scope. Axes may be
 * negative, counted from the back.
 */
#ifndef TRUENO_VIEW_H
#define TRUENO_VIEW_H

#include <trueno/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The same elements in C order as shape[ndim]; one entry may be -1 and is then worked out.
 * NULL + TR_ESHAPE if the counts differ. */
TR_API struct tr_tensor *tr_reshape(struct tr_tensor *a, int ndim, const int64_t *shape);

/* Axis i of the result is axis perm[i] of a; perm is a permutation of 0..ndim-1, NULL reverses all axes. */
TR_API struct tr_tensor *tr_permute(struct tr_tensor *a, const int *perm);

/* The last two axes exchanged. NULL + TR_ESHAPE below rank 2. */
TR_API struct tr_tensor *tr_transpose(struct tr_tensor *a);

/* a[start:stop:step] along one axis, as Python: out-of-range ends are clamped, negative ones count from the
 * end, step may be negative but not 0. TR_NONE stands for an end left out. */
#define TR_NONE INT64_MIN
TR_API struct tr_tensor *tr_slice_axis(struct tr_tensor *a, int axis, int64_t start, int64_t stop, int64_t step);

/* a[…, index, …]: one axis less. NULL + TR_EINDEX outside. */
TR_API struct tr_tensor *tr_select(struct tr_tensor *a, int axis, int64_t index);

/* NumPy's diagonal: axis1 and axis2 make way for a last axis of the elements [i, i + offset], or [i - offset, i] of a
 * negative offset. NULL + TR_EINVAL unless they are two axes of a. */
TR_API struct tr_tensor *tr_diagonal(struct tr_tensor *a, int64_t offset, int axis1, int axis2);

/* NumPy's broadcast_to: new leading axes and axes of size 1 are repeated with stride 0. Read-only unless
 * nothing is repeated. */
TR_API struct tr_tensor *tr_broadcast_to(struct tr_tensor *a, int ndim, const int64_t *shape);

/* The element i, j, … of the result is element offset + i strides[0] + j strides[1] + … of a's storage, counted from a's
 * first. NULL + TR_EINVAL if one lies outside the storage. Read-only if a stride is 0 along more than one element; of others
 * that name an element twice the writer must take care. */
TR_API struct tr_tensor *tr_as_strided(struct tr_tensor *a, int ndim, const int64_t *shape, const int64_t *strides,
				       int64_t offset);

/* A new axis of size 1 before position axis (0..ndim, or -1 for last); an axis of size 1 removed. */
TR_API struct tr_tensor *tr_unsqueeze(struct tr_tensor *a, int axis);
TR_API struct tr_tensor *tr_squeeze(struct tr_tensor *a, int axis);

/* Joins n tensors along an existing axis; they agree in all other axes, and types promote. Copies. */
TR_API struct tr_tensor *tr_concatenate(struct tr_tensor *const *parts, int n, int axis);

#ifdef __cplusplus
}
#endif
#endif
