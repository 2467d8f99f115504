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

#define I TR__PASTE2(e, TR__PASTE2(INT_, T))
#define VI TR__PASTE2(v, TR__PASTE2(INT_, T))
#define LOADI(p) TR__PASTE3(v, TR__PASTE2(INT_, T), _load)(p)
#define SETI(c) TR__PASTE3(v, TR__PASTE2(INT_, T), _set)(c)
#define BITS (8 * (int)sizeof(I))
#define LAST ((I)(INT64_MAX >> (64 - BITS))) /* above the key of any number */

/* Integers in the order of the numbers they stand for: its own inverse. */
TR__INLINE VI FN(keys)(VI bits)
{
	return bits ^ ((bits >> (BITS - 1)) & SETI(LAST));
}

TR__INLINE I FN(key)(I bits)
{
	return bits ^ ((bits >> (BITS - 1)) & LAST);
}

/* How many of `vectors` of keys are at most `key`. */
TR__INLINE size_t FN(at_most)(const I *room, size_t vectors, I key)
{
	VI a = SETI(0), b = a, k = SETI(key), zero = a, one = SETI(1);
	I lanes[LANES];
	size_t i = 0, count = 0;

	for (; i + 2 <= vectors; i += 2) {
		a = a + v_select(v_le(LOADI(room + i * LANES), k), one, zero);
		b = b + v_select(v_le(LOADI(room + (i + 1) * LANES), k), one, zero);
	}
	if (i < vectors)
		a = a + v_select(v_le(LOADI(room + i * LANES), k), one, zero);
	v_store(lanes, a + b);
	for (i = 0; i < LANES; i++)
		count += (size_t)lanes[i];
	return count;
}

/* The least key with more than `rank` at or below it, by halving the range of keys. */
static void FN(pick)(void *two, const void *src, size_t n, size_t rank, void *room)
{
	size_t vectors = (n + LANES - 1) / LANES, count = 0;
	I *key = room, lanes[2][LANES], low, high, picked[2];
	VI least = SETI(LAST), most = SETI(-LAST - 1);
	const E *s = src;
	V first = SET(s[0]);

	for (size_t i = 0; i < vectors; i++, s += LANES) {
		size_t k = n - i * LANES;
		V x = k < LANES ? v_select(FIRST_LANES(k), LOAD_PART(s, k), first) : LOAD(s);
		VI bits = FN(keys)(v_bits(x));

		least = v_min(least, bits);
		most = v_max(most, bits);
		v_store(key + i * LANES, bits);
	}
	for (size_t i = n; i < vectors * LANES; i++)
		key[i] = LAST;
	v_store(lanes[0], least);
	v_store(lanes[1], most);
	low = lanes[0][0];
	high = lanes[1][0];
	for (size_t l = 1; l < LANES; l++) {
		low = lanes[0][l] < low ? lanes[0][l] : low;
		high = lanes[1][l] > high ? lanes[1][l] : high;
	}
	while (low < high) {
		I middle = (low & high) + ((low ^ high) >> 1);

		count = FN(at_most)(key, vectors, middle);
		if (count > rank)
			high = middle;
		else
			low = middle + 1;
	}
	picked[0] = picked[1] = low;
	if (rank + 1 < n && FN(at_most)(key, vectors, low) <= rank + 1) {
		VI above = SETI(low), next = SETI(LAST);

		for (size_t i = 0; i < vectors; i++) {
			VI x = LOADI(key + i * LANES);

			next = v_select(v_gt(x, above), v_min(x, next), next);
		}
		v_store(lanes[0], next);
		picked[1] = LAST;
		for (size_t l = 0; l < LANES; l++)
			picked[1] = lanes[0][l] < picked[1] ? lanes[0][l] : picked[1];
	}
	for (size_t i = 0; i < 2; i++)
		picked[i] = FN(key)(picked[i]);
	memcpy(two, picked, sizeof(picked));
}
#undef I
#undef VI
#undef LOADI
#undef SETI
#undef BITS
#undef LAST
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
	k->pick[type] = FN(pick);
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
