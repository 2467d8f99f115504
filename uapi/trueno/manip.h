/* SPDX-License-Identifier: MIT */
/*
 * Array manipulation: joining, splitting, repeating, padding, turning round. Names and rules are NumPy's. What can be a view
 * is one, and says so; <trueno/view.h> has the elementary views.
 *
 * All return NULL on failure and pass a NULL operand through; axes may be negative, counted from the back. Errors not named:
 * TR_EINVAL (an axis that is not there, or named twice), TR_ESHAPE (a rank above TR_MAX_RANK), TR_EOVERFLOW, TR_ENOMEM.
 */
#ifndef TRUENO_MANIP_H
#define TRUENO_MANIP_H

#include <trueno/view.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Views: axis from moved to place to, the others in order; two axes exchanged; axes of size 1 all removed. */
TR_API struct tr_tensor *tr_moveaxis(struct tr_tensor *a, int from, int to);
TR_API struct tr_tensor *tr_swapaxes(struct tr_tensor *a, int axis1, int axis2);
TR_API struct tr_tensor *tr_squeeze_all(struct tr_tensor *a);

/* All elements in C order along one axis; a view if the strides allow it. */
TR_API struct tr_tensor *tr_ravel(struct tr_tensor *a);

/* A view with the elements of the axes (TR_AXIS(i) | …, or TR_ALL_AXES) in reverse order. */
TR_API struct tr_tensor *tr_flip(struct tr_tensor *a, uint32_t axes);

/* A view of a matrix of the last two axes turned by k quarters, counter-clockwise (numpy.rot90 with axes -2 and -1). */
TR_API struct tr_tensor *tr_rot90(struct tr_tensor *a, int k);

/* Elements moved shift places along an axis, those that leave it coming in at the other end. */
TR_API struct tr_tensor *tr_roll(struct tr_tensor *a, int64_t shift, int axis);

/* n tensors of one shape along a new axis; types promote. NULL + TR_ESHAPE if shapes differ. */
TR_API struct tr_tensor *tr_stack(struct tr_tensor *const *parts, int n, int axis);

/*
 * Views of n parts along an axis, into out[n]. split: of equal size, -TR_ESHAPE if that does not come out. array_split: the first
 * ones larger by one where it does not. split_at: cut before at[0], …, at[n - 2], which count as the ends of Python's slices.
 * 0 or a negative status, and then no element of out is set.
 */
TR_API int tr_split(struct tr_tensor *a, int n, int axis, struct tr_tensor **out);
TR_API int tr_array_split(struct tr_tensor *a, int n, int axis, struct tr_tensor **out);
TR_API int tr_split_at(struct tr_tensor *a, const int64_t *at, int n, int axis, struct tr_tensor **out);

/* a laid n = ndim axes wide beside itself: reps[i] times along axis i. Missing axes of a or of reps count as 1, in front. */
TR_API struct tr_tensor *tr_tile(struct tr_tensor *a, int ndim, const int64_t *reps);

/* Each element along the axis n times in a row. */
TR_API struct tr_tensor *tr_repeat(struct tr_tensor *a, int64_t n, int axis);

/*
 * before[i] elements in front of axis i and after[i] behind it: CONSTANT value; EDGE the nearest element; REFLECT those of the
 * mirror image about the edge element, and SYMMETRIC about the edge itself, as often as needed; WRAP those of the other end.
 * NULL + TR_EINVAL (a negative width, an unknown mode) | TR_ESHAPE (an empty axis to extend by other than a constant).
 */
enum tr_pad_mode { TR_PAD_CONSTANT, TR_PAD_EDGE, TR_PAD_REFLECT, TR_PAD_SYMMETRIC, TR_PAD_WRAP };
TR_API struct tr_tensor *tr_pad(struct tr_tensor *a, const int64_t *before, const int64_t *after, enum tr_pad_mode mode,
				double value);

#ifdef __cplusplus
}
#endif
#endif
