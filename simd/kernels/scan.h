/* SPDX-License-Identifier: MIT */
/*
 * Kernels of scans and of ranges of values for one type. Included once per type T by a part of a level
 * (simd/levels), after fold.h.
 *
 * A block of a row is a few registers, scanned by doubling steps between their lanes; only one addition a block is on
 * the way from block to block. Columns go the same way with a register for each element of the block.
 */
#include "lib/ref/scan.h"
#include "simd/kernels/lanes.h"

#define E TR__PASTE2(e, T)
#define V TR__PASTE2(v, T)
#define FN(name) TR__PASTE3(name, _, T)
#define LOAD(p) TR__PASTE3(v, T, _load)(p)
#define LOAD_PART(p, k) TR__PASTE3(v, T, _load_part)(p, k)
#define FIRST_LANES(k) TR__PASTE3(m, T, _load_part)(lane_ones, k)
#define SET(c) TR__PASTE3(v, T, _set)(c)
#define LANES v_lanes(T)
#define UNROLL TR__UNROLL(16)

/* Registers of a block of 4- or 8-byte elements; rows of narrower ones are taken as columns, element by element. */
#define PARTS (TR_SCAN_BLOCK / LANES)

/* One doubling step over x[0 … PARTS-1]; of a distance that is whole registers, or within them. */
#define STEP(join, h) \
	if (h >= LANES) { \
		UNROLL for (size_t i = PARTS; i-- > h / LANES;) \
			x[i] = join(T, x[i - h / LANES], x[i]); \
	} else { \
		UNROLL for (size_t i = PARTS; i-- > 1;) \
			x[i] = join(T, lanes_up(T, x[i - 1], x[i], h % LANES), x[i]); \
		V up = lanes_up(T, x[0], x[0], h % LANES); \
		x[0] = v_select(FIRST_LANES(h), x[0], join(T, up, x[0])); \
	}

/* chunk and carry go from block to block; a block ends with the last element in every lane of `total`. */
#define SCAN_ROW(fold, join, of, TYPE, free, centred, width) \
	TR__INLINE void FN(scan_row_##fold)(E *y, const E *s, size_t n, E *carried, bool first) \
	{ \
		V x[PARTS], chunk = SET(0), carry = SET(first ? 0 : *carried), total; \
		\
		for (size_t at = 0; at < n; at += TR_SCAN_BLOCK) { \
			bool whole = n - at >= TR_SCAN_BLOCK, begins = at % TR_SCAN_CHUNK == 0; \
			\
			for (size_t i = 0, p = at; i < PARTS; i++, p += LANES) \
				x[i] = whole || p + LANES <= n ? LOAD(s + p) : p < n ? LOAD_PART(s + p, n - p) : SET(0); \
			STEP(join, 1) STEP(join, 2) STEP(join, 4) STEP(join, 8) \
			total = SET(x[PARTS - 1][LANES - 1]); \
			UNROLL for (size_t i = 0; i < PARTS; i++) { \
				x[i] = begins ? x[i] : join(T, chunk, x[i]); \
				x[i] = first ? x[i] : join(T, carry, x[i]); \
			} \
			chunk = begins ? total : join(T, chunk, total); \
			for (size_t i = 0, p = at; i < PARTS; i++, p += LANES) { \
				if (whole || p + LANES <= n) \
					v_store(y + p, x[i]); \
				else if (p < n) \
					v_store_part(y + p, x[i], n - p); \
			} \
			if ((at + TR_SCAN_BLOCK) % TR_SCAN_CHUNK == 0 && whole) { \
				carry = first ? chunk : join(T, carry, chunk); \
				first = false; \
			} \
		} \
		*carried = carry[0]; \
	}

#define SCAN_STRIP(fold, join, of, TYPE, free, centred, width) \
	TR__INLINE void FN(scan_strip_##fold)(E *y, ptrdiff_t to, const E *s, ptrdiff_t from, size_t rows, size_t k, \
					      E *carried, bool first) \
	{ \
		V chunk = SET(0), carry = first ? chunk : LOAD_PART(carried, k), x[TR_SCAN_BLOCK]; \
		\
		for (size_t r = 0; r < rows; r += TR_SCAN_BLOCK) { \
			size_t n = rows - r < TR_SCAN_BLOCK ? rows - r : TR_SCAN_BLOCK; \
			\
			for (size_t i = 0; i < n; i++, s += from) \
				x[i] = k == LANES ? LOAD(s) : LOAD_PART(s, k); \
			for (size_t h = 1; h < TR_SCAN_BLOCK; h *= 2) \
				for (size_t i = n; i-- > h;) \
					x[i] = join(T, x[i - h], x[i]); \
			for (size_t i = 0; i < n && r % TR_SCAN_CHUNK; i++) \
				x[i] = join(T, chunk, x[i]); \
			chunk = x[n - 1]; \
			for (size_t i = 0; i < n; i++, y += to) { \
				V v = first ? x[i] : join(T, carry, x[i]); \
				\
				if (k == LANES) \
					v_store(y, v); \
				else \
					v_store_part(y, v, k); \
			} \
			if ((r + n) % TR_SCAN_CHUNK == 0) { \
				carry = first ? chunk : join(T, carry, chunk); \
				first = false; \
			} \
		} \
		v_store_part(carried, carry, k); \
	}

#define SCAN_ALL(fold, join, of, TYPE, free, centred, width) \
	static void FN(scan_##fold)(void *dst, ptrdiff_t to, const void *src, ptrdiff_t from, size_t rows, size_t n, \
				    void *carry, bool first) \
	{ \
		const E *s = src; \
		E *y = dst, *c = carry; \
		\
		if (n == 1 && to == 1 && from == 1) { \
			ROW_OR_STRIP(fold, y, s, rows, c, first); \
			return; \
		} \
		for (size_t j = 0; j < n; j += LANES) { \
			if (n - j >= LANES) \
				FN(scan_strip_##fold)(y + j, to, s + j, from, rows, LANES, c + j, first); \
			else \
				FN(scan_strip_##fold)(y + j, to, s + j, from, rows, n - j, c + j, first); \
		} \
	}

#if TR__PASTE2(IS_NARROW_, T)
#define SCAN(...) SCAN_STRIP(__VA_ARGS__) SCAN_ALL(__VA_ARGS__)
#define ROW_OR_STRIP(fold, y, s, rows, c, first) FN(scan_strip_##fold)(y, 1, s, 1, rows, 1, c, first)
#else
#define SCAN(...) SCAN_ROW(__VA_ARGS__) SCAN_STRIP(__VA_ARGS__) SCAN_ALL(__VA_ARGS__)
#define ROW_OR_STRIP(fold, y, s, rows, c, first) FN(scan_row_##fold)(y, s, rows, c, first)
#endif

TR__FOLDS_NUMBER(SCAN, T)
#if !TR__PASTE2(IS_BOOL_, T)
TR__FOLDS_NUMERIC(SCAN, T)
#endif

#if TR__PASTE2(IS_FLOAT_, T)
/* Vectors counted at a time: a lane's count stays exact. */
#define BETWEEN_RUN 1024

static size_t FN(between)(void *dst, const void *src, size_t n, const void *low, const void *high, size_t *below)
{
	const E *s = src, least = *(const E *)low, most = *(const E *)high;
	V lo = SET(least), hi = SET(most), one = SET(1), zero = SET(0);
	E *y = dst, lanes[LANES];
	size_t count = 0, i = 0;

	while (n - i >= LANES) {
		size_t vectors = (n - i) / LANES < BETWEEN_RUN ? (n - i) / LANES : BETWEEN_RUN;
		V less = zero;

		for (; vectors; vectors--, i += LANES) {
			V x = LOAD(s + i);
			TR__PASTE2(m, T) within = v_mand(v_ge(x, lo), v_le(x, hi));

			less = less + v_select(v_lt(x, lo), one, zero);
			if (v_all(within)) {
				v_store(y + count, x);
				count += LANES;
			} else if (v_any(within)) {
				for (size_t l = 0; l < LANES; l++) {
					E e = s[i + l];

					y[count] = e;
					count += (e >= least) & (e <= most);
				}
			}
		}
		v_store(lanes, less);
		for (size_t l = 0; l < LANES; l++)
			*below += (size_t)lanes[l];
	}
	for (; i < n; i++) {
		E e = s[i];

		*below += e < least;
		y[count] = e;
		count += (e >= least) & (e <= most);
	}
	return count;
}
#undef BETWEEN_RUN
#endif

/* Into the level's table. */
static void FN(fill_scans)(struct tr_kernels *k)
{
	const enum tr_dtype type = TR__PASTE2(TR__DTYPE_, T);

	k->scan[TR_FOLD_MINIMUM][type] = FN(scan_minimum);
	k->scan[TR_FOLD_MAXIMUM][type] = FN(scan_maximum);
#if !TR__PASTE2(IS_BOOL_, T)
	k->scan[TR_FOLD_ADD][type] = FN(scan_add);
	k->scan[TR_FOLD_MULTIPLY][type] = FN(scan_multiply);
#endif
#if TR__PASTE2(IS_FLOAT_, T)
	k->between[type] = FN(between);
#endif
}

#undef E
#undef V
#undef FN
#undef LOAD
#undef LOAD_PART
#undef FIRST_LANES
#undef SET
#undef LANES
#undef UNROLL
#undef PARTS
#undef STEP
#undef SCAN_ROW
#undef SCAN_STRIP
#undef SCAN_ALL
#undef SCAN
#undef ROW_OR_STRIP
