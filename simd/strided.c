/* SPDX-License-Identifier: MIT */
/*
 * Moving elements as bytes between views (strided.h). Values are never looked at, so NaN payloads and padding
 * survive. Knows no types, no threads.
 */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "simd/strided.h"

/* Sixteen bytes, aligned as the parts of a complex number are. */
typedef uint64_t u128 __attribute__((vector_size(16), aligned(8), may_alias));

void tr__walk_init(struct tr_walk *w, int ndim, const int64_t *shape, const int64_t *a, const int64_t *b)
{
	int n = 0;

	for (int d = 0; d < ndim; d++) {
		int64_t sa = a[d], sb = b ? b[d] : 0;

		if (shape[d] == 1)
			continue;
		if (n && w->stride[0][n - 1] == sa * shape[d] && w->stride[1][n - 1] == sb * shape[d]) {
			w->shape[n - 1] *= shape[d];
			w->stride[0][n - 1] = sa;
			w->stride[1][n - 1] = sb;
			continue;
		}
		w->shape[n] = shape[d];
		w->stride[0][n] = sa;
		w->stride[1][n] = sb;
		w->coord[n++] = 0;
	}
	if (!n) {
		w->shape[0] = 1;
		w->stride[0][0] = w->stride[1][0] = 1;
		w->coord[n++] = 0;
	}
	w->ndim = n;
	w->offset[0] = w->offset[1] = 0;
}

void tr__walk_seek(struct tr_walk *w, int64_t first)
{
	w->offset[0] = w->offset[1] = 0;
	for (int d = w->ndim - 1; d >= 0; d--) {
		int64_t c = first;

		if (d) {
			c = first % w->shape[d];
			first /= w->shape[d];
		}
		w->coord[d] = c;
		w->offset[0] += c * w->stride[0][d];
		w->offset[1] += c * w->stride[1][d];
	}
}

typedef uint64_t pattern __attribute__((vector_size(16), aligned(1), may_alias));

/* The beginning of a fill, and the most that is copied on from it at once, by the C library's widest registers. */
#define FILL_FIRST 256
#define FILL_MOST 2048

/* If elements are wide characters, or repeat one, or one byte, which the C library fills best. */
static bool fill_known(char *dst, const void *value, size_t n, size_t size)
{
	const char *byte = value;
	wchar_t c;

	if (size > sizeof(c) && memcmp(byte, byte + sizeof(c), size - sizeof(c)))
		return false;
	if (size < sizeof(c) || (uintptr_t)dst % sizeof(c)) {
		if (size > 1 && memcmp(byte, byte + 1, size - 1))
			return false;
		memset(dst, *byte, n * size);
		return true;
	}
	memcpy(&c, value, sizeof(c));
	wmemset((wchar_t *)(void *)dst, c, n * (size / sizeof(c)));
	return true;
}

/* Every element the same: 16 bytes at a time, which all sizes divide, then all that is there already. */
static void fill_run(char *dst, const void *value, size_t n, size_t size)
{
	size_t total = n * size, first = total < 2 * FILL_FIRST ? total : FILL_FIRST, i = 0;
	pattern p;

	if (total >= FILL_FIRST && fill_known(dst, value, n, size))
		return;
	for (size_t k = 0; k < sizeof(p); k += size)
		memcpy((char *)&p + k, value, size);
	for (; i + sizeof(p) <= first; i += sizeof(p))
		*(pattern *)(dst + i) = p;
	memcpy(dst + i, &p, first - i);
	for (i = first; i < total; i += first) {
		first = i < FILL_MOST ? i : FILL_MOST;
		first = first < total - i ? first : total - i;
		memcpy(dst + i, dst, first);
	}
}

/*
 * dst[i] = src[2i], 16 bytes at a time; returns for how many i, which leaves at least the last one: what lies behind
 * src[2(n-1)] is not read.
 */
#define DEFINE_EVEN(type, lanes, ...)                                                                         \
	typedef type even_v_##type __attribute__((vector_size(16), aligned(1), may_alias));                   \
	static size_t even_##type(void *dst, const void *src, size_t n)                                       \
	{                                                                                                     \
		even_v_##type *d = dst;                                                                       \
		const even_v_##type *s = src;                                                                 \
		size_t i = 0;                                                                                 \
                                                                                                              \
		for (; i + (lanes) < n; i += (lanes), d++, s += 2)                                            \
			*d = __builtin_shufflevector(s[0], s[1], __VA_ARGS__);                                \
		return i;                                                                                     \
	}
DEFINE_EVEN(uint8_t, 16, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
DEFINE_EVEN(uint16_t, 8, 0, 2, 4, 6, 8, 10, 12, 14)
DEFINE_EVEN(uint32_t, 4, 0, 2, 4, 6)
DEFINE_EVEN(uint64_t, 2, 0, 2)

static size_t even_u128(void *dst, const void *src, size_t n)
{
	(void)dst, (void)src, (void)n;
	return 0;
}

/* Elements may lie at any address: they can be parts of a buffer, or of a user's packed records. */
#define DEFINE_RUN(type)                                                                              \
	typedef type any_##type __attribute__((aligned(1)));                                          \
	static void copy_run_##type(any_##type *dst, ptrdiff_t to, const any_##type *src, ptrdiff_t from, size_t n) \
	{                                                                                             \
		size_t i = 0;                                                                         \
                                                                                                      \
		if (to == 1 && from == 2)                                                             \
			i = even_##type(dst, src, n);                                                 \
		if (to == 1)                                                                          \
			for (; i < n; i++)                                                            \
				dst[i] = src[(ptrdiff_t)i * from];                                    \
		else                                                                                  \
			for (; i < n; i++)                                                            \
				dst[(ptrdiff_t)i * to] = src[(ptrdiff_t)i * from];                    \
	}
DEFINE_RUN(uint8_t)
DEFINE_RUN(uint16_t)
DEFINE_RUN(uint32_t)
DEFINE_RUN(uint64_t)
DEFINE_RUN(u128)

void tr__copy_run(void *dst, ptrdiff_t to, const void *src, ptrdiff_t from, size_t n, size_t size)
{
	if (to == 1 && from == 1) {
		memcpy(dst, src, n * size);
		return;
	}
	if (to == 1 && from == 0) {
		fill_run(dst, src, n, size);
		return;
	}
	switch (size) {
	case 1:
		copy_run_uint8_t(dst, to, src, from, n);
		break;
	case 2:
		copy_run_uint16_t(dst, to, src, from, n);
		break;
	case 4:
		copy_run_uint32_t(dst, to, src, from, n);
		break;
	case 8:
		copy_run_uint64_t(dst, to, src, from, n);
		break;
	default:
		copy_run_u128(dst, to, src, from, n);
	}
}

/* Columns read side by side: as many lines of src as an 8-way cache holds even when from is a multiple of a page. */
#define STRIP 8

#define DEFINE_TRANSPOSE(type)                                                                                  \
	static void transpose_##type(type *dst, ptrdiff_t to, const type *src, ptrdiff_t from, size_t rows,     \
				     size_t cols)                                                               \
	{                                                                                                       \
		size_t j = 0;                                                                                   \
                                                                                                                \
		for (; j + STRIP <= cols; j += STRIP) {                                                         \
			const type *s = src + (ptrdiff_t)j * from;                                              \
                                                                                                                \
			for (size_t i = 0; i < rows; i++) {                                                     \
				type *d = dst + (ptrdiff_t)i * to + j;                                          \
				type t0 = s[i], t1 = s[i + from], t2 = s[i + 2 * from], t3 = s[i + 3 * from];   \
				type t4 = s[i + 4 * from], t5 = s[i + 5 * from], t6 = s[i + 6 * from];          \
				type t7 = s[i + 7 * from];                                                      \
                                                                                                                \
				d[0] = t0, d[1] = t1, d[2] = t2, d[3] = t3;                                     \
				d[4] = t4, d[5] = t5, d[6] = t6, d[7] = t7;                                     \
			}                                                                                       \
		}                                                                                               \
		for (; j < cols; j++)                                                                           \
			for (size_t i = 0; i < rows; i++)                                                       \
				dst[(ptrdiff_t)i * to + j] = src[(ptrdiff_t)i + (ptrdiff_t)j * from];           \
	}
DEFINE_TRANSPOSE(uint8_t)
DEFINE_TRANSPOSE(uint16_t)
DEFINE_TRANSPOSE(uint32_t)
DEFINE_TRANSPOSE(uint64_t)
DEFINE_TRANSPOSE(u128)

typedef uint32_t v4u32 __attribute__((vector_size(16), aligned(4), may_alias));

static inline void square_uint32_t(uint32_t *dst, ptrdiff_t to, const uint32_t *src, ptrdiff_t from)
{
	v4u32 a = *(const v4u32 *)src, b = *(const v4u32 *)(src + from);
	v4u32 c = *(const v4u32 *)(src + 2 * from), d = *(const v4u32 *)(src + 3 * from);
	v4u32 ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
	v4u32 ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
	v4u32 cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
	v4u32 cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);

	*(v4u32 *)dst = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
	*(v4u32 *)(dst + to) = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
	*(v4u32 *)(dst + 2 * to) = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
	*(v4u32 *)(dst + 3 * to) = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
}

static inline void square_uint64_t(uint64_t *dst, ptrdiff_t to, const uint64_t *src, ptrdiff_t from)
{
	u128 a = *(const u128 *)src, b = *(const u128 *)(src + from);

	*(u128 *)dst = __builtin_shufflevector(a, b, 0, 2);
	*(u128 *)(dst + to) = __builtin_shufflevector(a, b, 1, 3);
}

/* The sizes that fill vectors: squares of side × side, strip by strip; what is left over one by one. */
#define DEFINE_SQUARES(type, side)                                                                              \
	static void squares_##type(type *dst, ptrdiff_t to, const type *src, ptrdiff_t from, size_t rows,       \
				   size_t cols)                                                                 \
	{                                                                                                       \
		size_t r = rows - rows % (side), c = cols - cols % STRIP;                                       \
                                                                                                                \
		for (size_t j = 0; j < c; j += STRIP)                                                           \
			for (size_t i = 0; i < r; i += (side))                                                  \
				for (size_t k = j; k < j + STRIP; k += (side))                                  \
					square_##type(dst + (ptrdiff_t)i * to + k, to,                          \
						      src + (ptrdiff_t)k * from + i, from);                     \
		transpose_##type(dst + (ptrdiff_t)r * to, to, src + r, from, rows - r, c);                      \
		transpose_##type(dst + c, to, src + (ptrdiff_t)c * from, from, rows, cols - c);                 \
	}
DEFINE_SQUARES(uint32_t, 4)
DEFINE_SQUARES(uint64_t, 2)

static void transpose_block(void *dst, ptrdiff_t to, const void *src, ptrdiff_t from, size_t rows, size_t cols,
			    size_t size)
{
	switch (size) {
	case 1:
		transpose_uint8_t(dst, to, src, from, rows, cols);
		break;
	case 2:
		transpose_uint16_t(dst, to, src, from, rows, cols);
		break;
	case 4:
		squares_uint32_t(dst, to, src, from, rows, cols);
		break;
	case 8:
		squares_uint64_t(dst, to, src, from, rows, cols);
		break;
	default:
		transpose_u128(dst, to, src, from, rows, cols);
	}
}

/* Rows of dst a page apart all fall into one set of L1; there a block goes through a buffer, to write whole lines. */
#define PAGE 4096
#define BLOCK_ROWS 64
#define BLOCK_BYTES 128

void tr__transpose(void *dst, ptrdiff_t to, const void *src, ptrdiff_t from, size_t rows, size_t cols, size_t size)
{
	_Alignas(64) char block[BLOCK_ROWS * (BLOCK_BYTES + 16)];
	size_t width = BLOCK_BYTES / size;
	ptrdiff_t pitch = (ptrdiff_t)((BLOCK_BYTES + 16) / size);

	if (rows < STRIP || rows > BLOCK_ROWS || to * (ptrdiff_t)size % PAGE) {
		transpose_block(dst, to, src, from, rows, cols, size);
		return;
	}
	for (size_t j = 0; j < cols; j += width) {
		size_t n = cols - j < width ? cols - j : width;
		char *d = (char *)dst + j * size;

		transpose_block(block, pitch, (const char *)src + (ptrdiff_t)j * from * (ptrdiff_t)size, from, rows, n,
				size);
		for (size_t i = 0; i < rows; i++)
			memcpy(d + (ptrdiff_t)i * to * (ptrdiff_t)size, block + (ptrdiff_t)i * pitch * (ptrdiff_t)size,
			       n * size);
	}
}

/* Takes axis d out of the walk, leaving at least one axis. */
static void drop_axis(struct tr_walk *w, int d)
{
	for (w->ndim--; d < w->ndim; d++) {
		w->shape[d] = w->shape[d + 1];
		w->stride[0][d] = w->stride[0][d + 1];
		w->stride[1][d] = w->stride[1][d + 1];
	}
	if (!w->ndim) {
		w->ndim = 1;
		w->shape[0] = 1;
		w->stride[0][0] = w->stride[1][0] = 0;
	}
}

/* Rows of a stripe: whole cache lines of any size, and enough of them in a row for memory to like it. */
#define STRIPE_ROWS 64
#define PLANE_LEAST 4

/* If dst is dense along its last axis and src along another, the two make planes to transpose. */
static void find_planes(struct tr_copy *c)
{
	struct tr_walk *w = &c->walk;
	int last = w->ndim - 1, p = 0;

	while (p < last && w->stride[1][p] != 1)
		p++;
	if (p == last || w->stride[0][last] != 1 || w->shape[p] < PLANE_LEAST || w->shape[last] < PLANE_LEAST)
		return;
	c->transposed = true;
	c->rows = w->shape[p];
	c->cols = w->shape[last];
	c->to = w->stride[0][p];
	c->from = w->stride[1][last];
	c->stripes = (c->rows + STRIPE_ROWS - 1) / STRIPE_ROWS;
	c->units = c->units / c->rows / c->cols * c->stripes;
	drop_axis(w, last);
	drop_axis(w, p);
}

void tr__copy_init(struct tr_copy *c, int ndim, const int64_t *shape, void *dst, const int64_t *to, const void *src,
		   const int64_t *from, size_t size)
{
	int64_t sorted[3][TR_MAX_RANK];

	/* Any order of the axes is as good to a copy; dst's own order writes whole lines. */
	for (int d = 0; d < ndim; d++) {
		int at = d;

		for (; at > 0 && llabs(sorted[1][at - 1]) < llabs(to[d]); at--)
			for (int k = 0; k < 3; k++)
				sorted[k][at] = sorted[k][at - 1];
		sorted[0][at] = shape[d];
		sorted[1][at] = to[d];
		sorted[2][at] = from[d];
	}
	tr__walk_init(&c->walk, ndim, sorted[0], sorted[1], sorted[2]);
	c->dst = dst;
	c->src = src;
	c->size = size;
	c->transposed = false;
	c->units = 1;
	for (int d = 0; d < c->walk.ndim; d++)
		c->units *= c->walk.shape[d];
	find_planes(c);
}

static void copy_stripes(const struct tr_copy *c, int64_t first, int64_t last)
{
	struct tr_walk w = c->walk;

	for (int64_t u = first; u < last; u++) {
		int64_t row = u % c->stripes * STRIPE_ROWS;
		int64_t rows = c->rows - row < STRIPE_ROWS ? c->rows - row : STRIPE_ROWS;

		tr__walk_seek(&w, u / c->stripes);
		tr__transpose((char *)c->dst + (w.offset[0] + row * c->to) * (int64_t)c->size, c->to,
			      (const char *)c->src + (w.offset[1] + row) * (int64_t)c->size, c->from, (size_t)rows,
			      (size_t)c->cols, c->size);
	}
}

void tr__copy_units(const struct tr_copy *c, int64_t first, int64_t last)
{
	struct tr_walk w;
	int inner = c->walk.ndim - 1;

	if (c->transposed) {
		copy_stripes(c, first, last);
		return;
	}
	w = c->walk;
	if (first)
		tr__walk_seek(&w, first);
	while (first < last) {
		int64_t run = tr__walk_run(&w);

		if (run > last - first)
			run = last - first;
		tr__copy_run((char *)c->dst + w.offset[0] * (int64_t)c->size, w.stride[0][inner],
			     (const char *)c->src + w.offset[1] * (int64_t)c->size, w.stride[1][inner], (size_t)run,
			     c->size);
		tr__walk_advance(&w, run);
		first += run;
	}
}
