/* SPDX-License-Identifier: MIT */
/* Planes with padding, and columns sorted by stride, for sliding windows (window.h). */
#include "simd/window.h"

#include <string.h>

#include "simd/strided.h"

static int64_t min_i64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Positions from the first window's first element to the last one's last; -1 if they do not fit. */
static int64_t extent(const struct tr_window *w, int i)
{
	int64_t moved, span, all;

	if (__builtin_mul_overflow(w->count[i] - 1, w->stride[i], &moved) ||
	    __builtin_mul_overflow(w->taps[i] - 1, w->dilation[i], &span) || __builtin_add_overflow(moved, span,
												    &all) ||
	    all == INT64_MAX)
		return -1;
	return all + 1;
}

static bool lies_ready(const struct tr_window *w, const int64_t *all)
{
	const struct tr_operand *x = w->x;

	if (x->dtype != w->dtype || (w->count[2] > 1 && w->stride[2] != 1) ||
	    (all[2] > 1 && x->stride[4] != 1))
		return false;
	for (int i = 0; i < 3; i++)
		if (w->lead[i] != 0 || all[i] > x->shape[2 + i])
			return false;
	return true;
}

int tr__window_plan(struct tr_window *w)
{
	int64_t all[3];
	size_t n;

	w->size = tr_dtype_size(w->dtype);
	for (int i = 0; i < 3; i++) {
		all[i] = extent(w, i);
		if (all[i] < 0)
			return -TR_EOVERFLOW;
	}
	w->plane = w->buffer = 0;
	w->in_place = lies_ready(w, all);
	if (w->in_place) {
		w->phases = 1;
		w->phase = 0;
		w->width = all[2];
		w->row = (ptrdiff_t)w->x->stride[3];
		w->slab = (ptrdiff_t)w->x->stride[2];
		w->channel = (ptrdiff_t)w->x->stride[1];
		w->image = (ptrdiff_t)w->x->stride[0];
		return 0;
	}
	/* A window that is narrower than its stride leaves phases that nobody reads. */
	w->phases = min_i64(w->stride[2], (w->taps[2] - 1) * w->dilation[2] + 1);
	w->width = all[2] / w->stride[2] + (all[2] % w->stride[2] != 0);
	w->extent[0] = all[0];
	w->extent[1] = all[1];
	if (__builtin_mul_overflow((size_t)w->phases, (size_t)w->width, &n) ||
	    __builtin_mul_overflow(n, (size_t)all[1], &n) || __builtin_mul_overflow(n, (size_t)all[0], &n) ||
	    __builtin_mul_overflow(n, w->size, &n) || n > PTRDIFF_MAX / 2)
		return -TR_EOVERFLOW;
	w->phase = (ptrdiff_t)w->width;
	w->row = (ptrdiff_t)(w->phases * w->width);
	w->slab = w->row * (ptrdiff_t)all[1];
	w->plane = (n + 63) & ~(size_t)63;
	w->buffer = ((size_t)w->x->shape[4] * w->size + 63) & ~(size_t)63;
	w->channel = (ptrdiff_t)(w->plane / w->size);
	return 0;
}

static void fill(const struct tr_window *w, char *to, int64_t n)
{
	if (n == 1)
		memcpy(to, w->fill, w->size);
	else if (n)
		tr__copy_run(to, 1, w->fill, 0, (size_t)n, w->size);
}

/* One phase of a row from n elements: width elements from position phase on, a stride apart. from: NULL for padding. */
static void copy_phase(const struct tr_window *w, char *to, const char *from, int64_t n, int64_t phase)
{
	int64_t step = w->stride[2], before = w->lead[2] - phase, head = 0, body, first;

	if (before > 0)
		head = before / step + (before % step != 0);
	first = head * step - before; /* >= 0: the element the first position behind the padding meets */
	body = !from || first >= n ? 0 : (n - first - 1) / step + 1;
	head = min_i64(head, w->width);
	body = min_i64(body, w->width - head);
	fill(w, to, head);
	if (body)
		tr__copy_run(to + head * (int64_t)w->size, 1, from + first * (int64_t)w->size, (ptrdiff_t)step,
			     (size_t)body, w->size);
	fill(w, to + (head + body) * (int64_t)w->size, w->width - head - body);
}

/* False if no window has an element at position p of axis i: windows smaller than their stride leave gaps. */
static bool is_read(const struct tr_window *w, int i, int64_t p)
{
	return p % w->stride[i] <= (w->taps[i] - 1) * w->dilation[i];
}

void tr__window_copy(const struct tr_window *w, int64_t image, int64_t channel, void *plane, void *buf)
{
	const struct tr_operand *x = w->x;
	struct tr_operand line = {.dtype = x->dtype, .ndim = 1, .shape = {x->shape[4]}, .stride = {x->stride[4]}};

	for (int64_t d = 0; d < w->extent[0]; d++)
		for (int64_t h = 0; h < w->extent[1]; h++) {
			int64_t at_d = d - w->lead[0], at_h = h - w->lead[1];
			bool inside = at_d >= 0 && at_d < x->shape[2] && at_h >= 0 && at_h < x->shape[3];
			char *to = (char *)plane + (d * w->slab + h * w->row) * (int64_t)w->size;
			const char *from = NULL;

			if (!is_read(w, 0, d) || !is_read(w, 1, h))
				continue;
			if (inside) {
				line.addr = (char *)x->addr + (image * x->stride[0] + channel * x->stride[1] +
							       at_d * x->stride[2] + at_h * x->stride[3]) *
								      (int64_t)tr_dtype_size(x->dtype);
				from = line.addr;
				if (x->dtype != w->dtype || x->stride[4] != 1)
					from = tr__load_range(w->dev, &line, 0, (size_t)x->shape[4], w->dtype, buf);
			}
			for (int64_t f = 0; f < w->phases; f++)
				copy_phase(w, to + f * w->width * (int64_t)w->size, from, x->shape[4], f);
		}
}

ptrdiff_t tr__window_tap(const struct tr_window *w, int64_t d, int64_t h, int64_t column)
{
	if (w->in_place)
		return (ptrdiff_t)d * w->slab + (ptrdiff_t)h * w->row + (ptrdiff_t)column;
	return (ptrdiff_t)d * w->slab + (ptrdiff_t)h * w->row + (ptrdiff_t)(column % w->stride[2]) * w->phase +
	       (ptrdiff_t)(column / w->stride[2]);
}
