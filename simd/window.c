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

	if (x->dtype != w->dtype || (w->count[2] > 1 && w->sort != 1) ||
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
	w->sort = w->in_order ? 1 : w->stride[2];
	w->step = w->stride[2] / w->sort;
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
	w->phases = min_i64(w->sort, (w->taps[2] - 1) * w->dilation[2] + 1);
	w->width = all[2] / w->sort + (all[2] % w->sort != 0);
	w->extent[0] = all[0];
	w->extent[1] = all[1];
	if (__builtin_mul_overflow((size_t)w->phases, (size_t)w->width, &n) ||
	    __builtin_mul_overflow(n, (size_t)all[1], &n) || __builtin_mul_overflow(n, (size_t)all[0], &n) ||
	    __builtin_mul_overflow(n, w->size, &n) || n > PTRDIFF_MAX / 2)
		return -TR_EOVERFLOW;
	w->phase = (ptrdiff_t)w->width;
	w->row = (ptrdiff_t)(w->phases * w->width);
	w->slab = w->row * (ptrdiff_t)all[1];
	w->plane = ((n + 63) & ~(size_t)63) | 64; /* an odd number of lines: planes do not fall into one set of L1 */
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

static int64_t clamp(int64_t x, int64_t low, int64_t high)
{
	return x < low ? low : min_i64(x, high);
}

/* The part's of one phase of a row from n elements: width elements from position phase on, a stride apart. from: NULL for
 * padding. */
static void copy_phase(const struct tr_window *w, char *to, const char *from, int64_t n, int64_t phase,
		       const struct tr_window_part *part)
{
	int64_t step = w->sort, before = w->lead[2] - phase, head = 0, body, first, size = (int64_t)w->size, end;

	if (before > 0)
		head = before / step + (before % step != 0);
	first = head * step - before; /* >= 0: the element the first position behind the padding meets */
	body = !from || first >= n ? 0 : (n - first - 1) / step + 1;
	end = clamp(head + body, part->w0, part->w1);
	first -= head * step;
	head = clamp(head, part->w0, part->w1);
	fill(w, to + part->w0 * size, head - part->w0);
	if (end > head)
		w->dev->k->gemm[w->dtype].copy2d(to + head * size, 0, 1, (size_t)(end - head),
						 from + (first + head * step) * size, 0, (ptrdiff_t)step);
	fill(w, to + end * size, part->w1 - end);
}

/* False if no window has an element at position p of axis i: windows smaller than their stride leave gaps. */
static bool is_read(const struct tr_window *w, int i, int64_t p)
{
	return p % w->stride[i] <= (w->taps[i] - 1) * w->dilation[i];
}

/* rows gaps of n elements each, a row of the plane apart. */
static void fill_gaps(const struct tr_window *w, char *to, int64_t rows, int64_t n)
{
	uint64_t wide;
	uint32_t narrow;

	if (w->size == sizeof(wide)) {
		memcpy(&wide, w->fill, sizeof(wide));
		for (int64_t r = 0; r < rows; r++)
			for (int64_t i = 0; i < n; i++)
				((uint64_t *)(void *)to)[r * w->row + i] = wide;
		return;
	}
	memcpy(&narrow, w->fill, sizeof(narrow));
	for (int64_t r = 0; r < rows; r++)
		for (int64_t i = 0; i < n; i++)
			((uint32_t *)(void *)to)[r * w->row + i] = narrow;
}

/* What positions [0,all) of an axis meet of x's n elements: how many (none if not above 0), from which on, behind how much
 * padding. */
static int64_t overlap(int64_t lead, int64_t n, int64_t all, int64_t *first, int64_t *before)
{
	*first = lead < 0 ? min_i64(-lead, n) : 0;
	*before = lead < 0 ? 0 : min_i64(lead, all);
	return min_i64(n - *first, all - *before);
}

/* What a copy of so many rows of n elements will read; the processor does not foresee jumps from row to row. */
static void fetch_rows(const struct tr_operand *x, const char *from, int64_t rows, int64_t n)
{
	int64_t size = (int64_t)tr_dtype_size(x->dtype), bytes = n * x->stride[4] * size;

	for (int64_t r = 0; r < rows; r++)
		for (int64_t b = 0; b < bytes; b += 64)
			__builtin_prefetch(from + r * x->stride[3] * size + b);
}

/* Rows [h0,h1) of a slab whose rows are copied as they lie: x's at once, and what is between two of them. from: the slab of
 * x, NULL for padding. */
static void copy_slab(const struct tr_window *w, char *to, const char *from, int64_t h0, int64_t h1)
{
	const struct tr_operand *x = w->x;
	int64_t h, top, column, left, size = (int64_t)w->size, rows = overlap(w->lead[1] - h0, x->shape[3], h1 - h0, &h, &top);
	int64_t n = overlap(w->lead[2], x->shape[4], w->width, &column, &left), right = w->width - left - n;

	if (!from || rows <= 0 || n <= 0) {
		fill(w, to, (h1 - h0) * w->row);
		return;
	}
	from += (h * x->stride[3] + column * x->stride[4]) * size;
	fetch_rows(x, from + x->stride[1] * size, rows, n); /* the next channel's */
	fill(w, to, top * w->row + left);
	to += (top * w->row + left) * size;
	w->dev->k->gemm[w->dtype].copy2d(to, w->row, (size_t)rows, (size_t)n, from, (ptrdiff_t)x->stride[3],
					 (ptrdiff_t)x->stride[4]);
	fill_gaps(w, to + n * size, rows - 1, right + left);
	to += ((rows - 1) * w->row + n) * size;
	fill(w, to, right + (h1 - h0 - top - rows) * w->row);
}

static bool copies_slabs(const struct tr_window *w, const struct tr_window_part *part)
{
	return w->sort == 1 && w->x->dtype == w->dtype && w->stride[1] <= (w->taps[1] - 1) * w->dilation[1] + 1 &&
	       part->w1 - part->w0 == w->width;
}

/* The part's of row h of the plane; from: the slab of x, NULL for padding. */
static void copy_row(const struct tr_window *w, char *to, const char *from, int64_t h, const struct tr_window_part *part,
		     void *buf)
{
	const struct tr_operand *x = w->x;
	struct tr_operand line = {.dtype = x->dtype, .ndim = 1, .shape = {x->shape[4]}, .stride = {x->stride[4]}};
	const void *row = NULL;

	h -= w->lead[1];
	if (from && h >= 0 && h < x->shape[3]) {
		row = line.addr = (char *)(uintptr_t)from + h * x->stride[3] * (int64_t)tr_dtype_size(x->dtype);
		if (x->dtype != w->dtype || x->stride[4] != 1)
			row = tr__load_range(w->dev, &line, 0, (size_t)x->shape[4], w->dtype, buf);
	}
	for (int64_t f = 0; f < w->phases; f++)
		copy_phase(w, to + f * w->width * (int64_t)w->size, row, x->shape[4], f, part);
}

void tr__window_copy_part(const struct tr_window *w, int64_t image, int64_t channel, const struct tr_window_part *part,
			  void *to, void *buf)
{
	const struct tr_operand *x = w->x;
	const char *plane = (const char *)x->addr +
			    (image * x->stride[0] + channel * x->stride[1]) * (int64_t)tr_dtype_size(x->dtype);

	for (int64_t d = part->d0; d < part->d1; d++) {
		char *slab = (char *)to + (d - part->d0) * w->slab * (int64_t)w->size;
		int64_t at = d - w->lead[0];
		const char *from = NULL;

		if (!is_read(w, 0, d))
			continue;
		if (at >= 0 && at < x->shape[2])
			from = plane + at * x->stride[2] * (int64_t)tr_dtype_size(x->dtype);
		if (copies_slabs(w, part)) {
			copy_slab(w, slab, from, part->h0, part->h1);
			continue;
		}
		for (int64_t h = part->h0; h < part->h1; h++)
			if (is_read(w, 1, h))
				copy_row(w, slab + (h - part->h0) * w->row * (int64_t)w->size, from, h, part, buf);
	}
}

void tr__window_copy(const struct tr_window *w, int64_t image, int64_t channel, void *plane, void *buf)
{
	const struct tr_window_part all = {.d1 = w->extent[0], .h1 = w->extent[1], .w1 = w->width};

	tr__window_copy_part(w, image, channel, &all, plane, buf);
}

void tr__window_columns(const struct tr_window *w, int64_t first, int64_t last, struct tr_window_part *part)
{
	part->w0 = first * w->step;
	part->w1 = min_i64(w->width, (last - 1) * w->step + (w->taps[2] - 1) * w->dilation[2] / w->sort + 1);
}

ptrdiff_t tr__window_tap(const struct tr_window *w, int64_t d, int64_t h, int64_t column)
{
	if (w->in_place)
		return (ptrdiff_t)d * w->slab + (ptrdiff_t)h * w->row + (ptrdiff_t)column;
	return (ptrdiff_t)d * w->slab + (ptrdiff_t)h * w->row + (ptrdiff_t)(column % w->sort) * w->phase +
	       (ptrdiff_t)(column / w->sort);
}
