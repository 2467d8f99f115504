/* SPDX-License-Identifier: MIT */
/*
 * Scans as docs/numerics.md specifies them, and ranges of values, one element at a time. Knows no axes and no vectors.
 */
#include <math.h>

#include "lib/ref/scan.h"

#include "lib/ref/vec1.h"
/* after the vocabulary they are written in */
#include "lib/ref/expr/all.h"

/* A block is scanned by doubling steps, a chunk adds what its blocks before came to, and the row what its chunks did. */
#define SCAN(fold, join, of, T, free, centred, width) \
	static void block_##fold##_##T(e##T *p, size_t n) \
	{ \
		for (size_t h = 1; h < TR_SCAN_BLOCK; h *= 2) \
			for (size_t i = n; i-- > h;) \
				p[i] = (e##T)join(T, p[i - h], p[i]); \
	} \
	\
	static void column_##fold##_##T(e##T *y, ptrdiff_t to, const e##T *x, ptrdiff_t from, size_t rows, e##T *carry, \
					bool first) \
	{ \
		e##T p[TR_SCAN_BLOCK], chunk = 0; \
		\
		for (size_t r = 0; r < rows; r += TR_SCAN_BLOCK) { \
			size_t n = rows - r < TR_SCAN_BLOCK ? rows - r : TR_SCAN_BLOCK; \
			\
			for (size_t i = 0; i < n; i++) \
				p[i] = x[(ptrdiff_t)(r + i) * from]; \
			block_##fold##_##T(p, n); \
			for (size_t i = 0; i < n && r % TR_SCAN_CHUNK; i++) \
				p[i] = (e##T)join(T, chunk, p[i]); \
			chunk = p[n - 1]; \
			for (size_t i = 0; i < n; i++) \
				y[(ptrdiff_t)(r + i) * to] = first ? p[i] : (e##T)join(T, *carry, p[i]); \
			if ((r + n) % TR_SCAN_CHUNK == 0) { \
				*carry = first ? chunk : (e##T)join(T, *carry, chunk); \
				first = false; \
			} \
		} \
	} \
	\
	void tr__ref_scan_##fold##_##T(void *dst, ptrdiff_t to, const void *src, ptrdiff_t from, size_t rows, size_t n, \
				       void *carry, bool first) \
	{ \
		for (size_t j = 0; j < n; j++) \
			column_##fold##_##T((e##T *)dst + j, to, (const e##T *)src + j, from, rows, (e##T *)carry + j, first); \
	}
TR__EACH_SCAN(SCAN)

#define BETWEEN(name, T) \
	size_t name##_##T(void *dst, const void *src, size_t n, const void *low, const void *high, size_t *below) \
	{ \
		const e##T *x = src, least = *(const e##T *)low, most = *(const e##T *)high; \
		e##T *y = dst; \
		size_t count = 0; \
		\
		for (size_t i = 0; i < n; i++) { \
			*below += x[i] < least; \
			if (x[i] >= least && x[i] <= most) \
				y[count++] = x[i]; \
		} \
		return count; \
	}
TR__EACH_FLOAT(BETWEEN, tr__ref_between)

/* Sorted: each element goes to its place among those before it. */
#define PICK(name, T) \
	void name##_##T(void *two, const void *src, size_t n, size_t rank, void *room) \
	{ \
		e##T *x = room, *y = two; \
		for (size_t i = 0, j; i < n; i++) { \
			e##T v = ((const e##T *)src)[i]; \
			for (j = i; j && (x[j - 1] > v || (x[j - 1] == v && signbit(v) && !signbit(x[j - 1]))); j--) \
				x[j] = x[j - 1]; \
			x[j] = v; \
		} \
		y[0] = x[rank]; \
		y[1] = x[rank + 1 < n ? rank + 1 : rank]; \
	}
TR__EACH_FLOAT(PICK, tr__ref_pick)
