/* SPDX-License-Identifier: MIT */
/* Arithmetic on shapes and strides. Pure functions: no context, no tensor, no memory. */
#ifndef TR_LIB_SHAPE_H
#define TR_LIB_SHAPE_H

#include "lib/driver.h"

/* Product of shape; -1 if it, times size, does not fit PTRDIFF_MAX (zero axes do not hide an overflow). */
int64_t tr__numel(int ndim, const int64_t *shape, size_t size);

/* Whether two shapes are the same. */
static inline bool tr__same_shape(int ndim, const int64_t *shape, int other_ndim, const int64_t *other)
{
	if (ndim != other_ndim)
		return false;
	for (int i = 0; i < ndim; i++)
		if (shape[i] != other[i])
			return false;
	return true;
}

/* C-order strides in elements. */
void tr__contiguous_strides(int ndim, const int64_t *shape, int64_t *stride);
bool tr__is_contiguous(int ndim, const int64_t *shape, const int64_t *stride);

/* Broadcasts shape b into shape a (a of rank *ndim, updated). -1, or the axis of the result that clashes. */
int tr__broadcast(int *ndim, int64_t *a, int bndim, const int64_t *b);

/* Strides that make a view of (shape, stride) look like out: 0 on repeated axes. It must broadcast. */
void tr__broadcast_strides(int ndim, const int64_t *shape, const int64_t *stride, int out_ndim, const int64_t *out,
			   int64_t *out_stride);

/* Merges adjacent axes [first, last) of all n operands where every operand allows it, and drops axes of size 1.
 * All have the same rank, and the same sizes there. Returns how many axes are left of last - first. */
int tr__merge_axes(struct tr_operand *const *o, int n, int first, int last);

/* The strides of a view with a new shape, same element count; false if only a copy can have it. */
bool tr__reshape_strides(int ndim, const int64_t *shape, const int64_t *stride, int out_ndim, const int64_t *out,
			 int64_t *out_stride);

/* Lowest and one past highest element offset of a view relative to its first element; both 0 when empty. */
void tr__extent(int ndim, const int64_t *shape, const int64_t *stride, int64_t *low, int64_t *high);

/* axis in -ndim..ndim-1 to 0..ndim-1; -1 otherwise. */
static inline int tr__axis(int axis, int ndim)
{
	return axis >= -ndim && axis < ndim ? axis + (axis < 0 ? ndim : 0) : -1;
}

/* A TR_AXIS set to a bit mask over ndim axes; -1 if an axis is out of range or named twice. */
int tr__axes_mask(uint32_t axes, int ndim);

/* "[3,4]" into buf, cut to fit. Returns buf. */
#define TR_SHAPE_TEXT 96
char *tr__shape_text(char buf[TR_SHAPE_TEXT], int ndim, const int64_t *shape);

#endif
