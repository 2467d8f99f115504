/* SPDX-License-Identifier: MIT */
/* Arithmetic on shapes and strides: counting, broadcasting, merging and splitting axes. */
#include <stdio.h>
#include <string.h>

#include "lib/shape.h"

int64_t tr__numel(int ndim, const int64_t *shape, size_t size)
{
	int64_t n = 1, bytes = (int64_t)size;
	bool empty = false;

	for (int i = 0; i < ndim; i++) {
		if (shape[i] < 0)
			return -1;
		if (shape[i] == 0) {
			empty = true;
			continue;
		}
		if (__builtin_mul_overflow(bytes, shape[i], &bytes))
			return -1;
		n *= shape[i];
	}
	return empty ? 0 : n;
}

void tr__contiguous_strides(int ndim, const int64_t *shape, int64_t *stride)
{
	int64_t step = 1;

	for (int i = ndim; i-- > 0;) {
		stride[i] = step;
		step *= shape[i] ? shape[i] : 1;
	}
}

bool tr__is_contiguous(int ndim, const int64_t *shape, const int64_t *stride)
{
	int64_t step = 1;
	bool dense = true;

	for (int i = ndim; i-- > 0;) {
		if (shape[i] == 0)
			return true;
		if (shape[i] != 1) {
			dense &= stride[i] == step;
			step *= shape[i];
		}
	}
	return dense;
}

int tr__broadcast(int *ndim, int64_t *a, int bndim, const int64_t *b)
{
	int n = *ndim > bndim ? *ndim : bndim;
	int shift = n - *ndim;

	if (shift > 0) {
		memmove(a + shift, a, (size_t)*ndim * sizeof(*a));
		for (int i = 0; i < shift; i++)
			a[i] = 1;
		*ndim = n;
	}
	for (int i = n - bndim; i < n; i++) {
		int64_t size = b[i - (n - bndim)];

		if (a[i] == 1)
			a[i] = size;
		else if (size != 1 && size != a[i])
			return i;
	}
	return -1;
}

void tr__broadcast_strides(int ndim, const int64_t *shape, const int64_t *stride, int out_ndim, const int64_t *out,
			   int64_t *out_stride)
{
	int lead = out_ndim - ndim;

	for (int i = 0; i < out_ndim; i++)
		out_stride[i] = i < lead || (shape[i - lead] == 1 && out[i] != 1) ? 0 : stride[i - lead];
}

static bool mergeable(struct tr_operand *const *o, int n, int outer, int inner)
{
	for (int k = 0; k < n; k++)
		if (o[k]->stride[outer] != o[k]->stride[inner] * o[k]->shape[inner])
			return false;
	return true;
}

static void put_axis(struct tr_operand *const *o, int n, int to, int from)
{
	for (int k = 0; to != from && k < n; k++) {
		o[k]->shape[to] = o[k]->shape[from];
		o[k]->stride[to] = o[k]->stride[from];
	}
}

int tr__merge_axes(struct tr_operand *const *o, int n, int first, int last)
{
	int out = first; /* axes [first, out) are done */
	int ndim = o[0]->ndim, dropped;

	for (int i = first; i < last; i++) {
		if (o[0]->shape[i] == 1)
			continue;
		if (out > first && mergeable(o, n, out - 1, i)) {
			for (int k = 0; k < n; k++) {
				o[k]->stride[out - 1] = o[k]->stride[i];
				o[k]->shape[out - 1] *= o[k]->shape[i];
			}
		} else {
			put_axis(o, n, out++, i);
		}
	}
	dropped = last - out;
	for (int i = last; dropped && i < ndim; i++)
		put_axis(o, n, i - dropped, i);
	for (int k = 0; k < n; k++)
		o[k]->ndim = (uint8_t)(ndim - dropped);
	return out - first;
}

/*
 * Walks both shapes in groups of axes with equal products: inside a group the old axes must be one run of
 * constant step, which the new axes then divide.
 */
bool tr__reshape_strides(int ndim, const int64_t *shape, const int64_t *stride, int out_ndim, const int64_t *out,
			 int64_t *out_stride)
{
	int64_t s[TR_MAX_RANK], t[TR_MAX_RANK];
	int n = 0, i = 0, j = 0;

	for (int k = 0; k < ndim; k++) {
		if (shape[k] == 0) {
			tr__contiguous_strides(out_ndim, out, out_stride);
			return true;
		}
		if (shape[k] != 1) {
			s[n] = shape[k];
			t[n++] = stride[k];
		}
	}
	while (i < n && j < out_ndim) {
		int i0 = i, j0 = j;
		int64_t a = s[i++], b = out[j++];

		while (a != b) {
			if (a < b)
				a *= s[i++];
			else
				b *= out[j++];
		}
		for (int k = i0; k + 1 < i; k++)
			if (t[k] != t[k + 1] * s[k + 1])
				return false;
		out_stride[j - 1] = t[i - 1];
		for (int k = j - 1; k-- > j0;)
			out_stride[k] = out_stride[k + 1] * out[k + 1];
	}
	for (; j < out_ndim; j++) /* only sizes of 1 are left */
		out_stride[j] = 1;
	return true;
}

void tr__extent(int ndim, const int64_t *shape, const int64_t *stride, int64_t *low, int64_t *high)
{
	*low = 0;
	*high = 1;
	for (int i = 0; i < ndim; i++) {
		if (shape[i] == 0) {
			*low = *high = 0;
			return;
		}
		*(stride[i] < 0 ? low : high) += stride[i] * (shape[i] - 1);
	}
}

int tr__axes_mask(uint32_t axes, int ndim)
{
	int mask = 0;

	if (axes == TR_ALL_AXES)
		return (1 << ndim) - 1;
	if (axes & TR_AXIS_BAD)
		return -1;
	for (int bit = 0; bit < 2 * TR_MAX_RANK; bit++) {
		int axis;

		if (!(axes >> bit & 1))
			continue;
		axis = tr__axis(bit < TR_MAX_RANK ? bit : bit - 2 * TR_MAX_RANK, ndim);
		if (axis < 0 || mask >> axis & 1)
			return -1;
		mask |= 1 << axis;
	}
	return mask;
}

char *tr__shape_text(char buf[TR_SHAPE_TEXT], int ndim, const int64_t *shape)
{
	int n = snprintf(buf, TR_SHAPE_TEXT, "[");

	for (int i = 0; i < ndim && n < TR_SHAPE_TEXT - 24; i++)
		n += snprintf(buf + n, (size_t)(TR_SHAPE_TEXT - n), "%s%lld", i ? "," : "", (long long)shape[i]);
	snprintf(buf + n, (size_t)(TR_SHAPE_TEXT - n), "]");
	return buf;
}
