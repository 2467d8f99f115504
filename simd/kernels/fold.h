/* SPDX-License-Identifier: MIT */
/*
 * Kernels of reductions for one type: fold, halve, deviation, argmin, argmax. Included once per type T by
 * a part of a level (simd/levels), which has chosen the vector vocabulary.
 *
 * Rows are folded in blocks of vectors, which hides the latency of the operation. Each lane is one chain from top to
 * bottom, so the width of a block shows in no result; only where the order shows in no result either (pairs) are two
 * rows joined before they join the chain.
 */
#include "lib/ref/fold.h"
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

/* One step of halving: within a vector x, or between vectors x[0 … 64 / LANES - 1]. */
#define WITHIN(op, h) \
	if (LANES > h) \
		x = op(x, lanes_down(T, x, h));
#define BETWEEN(op, h) \
	UNROLL for (size_t i = h / LANES; i-- > 0;) \
		x[i] = op(x[i], x[i + h / LANES]);

#define FOLD_BLOCK(fold, op, pairs, width) \
	TR__INLINE void FN(fold##_block##width)(E *acc, const E *src, ptrdiff_t stride, size_t rows) \
	{ \
		V x[width]; \
		size_t r = 1; \
		\
		UNROLL for (size_t i = 0; i < width; i++) \
			x[i] = LOAD(src + i * LANES); \
		for (; pairs && rows - r >= 2; r += 2) { \
			const E *next = src + stride; \
			\
			src = next + stride; \
			UNROLL for (size_t i = 0; i < width; i++) \
				x[i] = op(x[i], op(LOAD(next + i * LANES), LOAD(src + i * LANES))); \
		} \
		for (; r < rows; r++) { \
			src += stride; \
			UNROLL for (size_t i = 0; i < width; i++) \
				x[i] = op(x[i], LOAD(src + i * LANES)); \
		} \
		UNROLL for (size_t i = 0; i < width; i++) \
			v_store(acc + i * LANES, x[i]); \
	}

#define FOLD(fold, op, pairs) \
	FOLD_BLOCK(fold, op, pairs, 8) \
	FOLD_BLOCK(fold, op, pairs, 4) \
	FOLD_BLOCK(fold, op, pairs, 1) \
	\
	static void FN(fold_##fold)(void *acc, const void *src, ptrdiff_t stride, size_t rows, size_t n) \
	{ \
		const E *s = src; \
		E *a = acc; \
		size_t j = 0; \
		\
		for (; n - j >= 8 * LANES; j += 8 * LANES) \
			FN(fold##_block8)(a + j, s + j, stride, rows); \
		for (; n - j >= 4 * LANES; j += 4 * LANES) \
			FN(fold##_block4)(a + j, s + j, stride, rows); \
		for (; n - j >= LANES; j += LANES) \
			FN(fold##_block1)(a + j, s + j, stride, rows); \
		if (j < n && n >= LANES) { /* overlap: the same columns once more */ \
			FN(fold##_block1)(a + n - LANES, s + n - LANES, stride, rows); \
		} else if (j < n) { \
			V x = LOAD_PART(s, n); \
			\
			for (size_t r = 1; r < rows; r++) { \
				s += stride; \
				x = op(x, LOAD_PART(s, n)); \
			} \
			v_store_part(a, x, n); \
		} \
	} \
	\
	TR__INLINE E FN(fold##_within)(V x) \
	{ \
		WITHIN(op, 32) WITHIN(op, 16) WITHIN(op, 8) WITHIN(op, 4) WITHIN(op, 2) WITHIN(op, 1) \
		return x[0]; \
	} \
	\
	TR__INLINE E FN(fold##_lanes)(const E *lanes) \
	{ \
		V x[TR_LANES / LANES]; \
		\
		UNROLL for (size_t i = 0; i < TR_LANES / LANES; i++) \
			x[i] = LOAD(lanes + i * LANES); \
		BETWEEN(op, 32) BETWEEN(op, 16) BETWEEN(op, 8) BETWEEN(op, 4) BETWEEN(op, 2) \
		return FN(fold##_within)(x[0]); \
	} \
	\
	static void FN(halve_##fold)(void *lanes) \
	{ \
		*(E *)lanes = FN(fold##_lanes)(lanes); \
	}

FOLD(minimum, v_min, 1)
FOLD(maximum, v_max, 1)
#if TR__PASTE2(IS_BOOL_, T)
FOLD(and, TR__FOLD_AND, 1)
FOLD(or, TR__FOLD_OR, 1)
#else
FOLD(add, TR__FOLD_ADD, 0)
FOLD(multiply, TR__FOLD_MULTIPLY, 0)
#endif

#if TR__PASTE2(IS_FLOAT_, T)
TR__INLINE void FN(deviation_block)(E *acc, const E *src, ptrdiff_t stride, size_t rows, const E *mean, size_t width)
{
	V x[4], m[4];

	UNROLL for (size_t i = 0; i < width; i++) {
		V d = LOAD(src + i * LANES) - (m[i] = LOAD(mean + i * LANES));

		x[i] = d * d;
	}
	for (size_t r = 1; r < rows; r++) {
		src += stride;
		UNROLL for (size_t i = 0; i < width; i++) {
			V d = LOAD(src + i * LANES) - m[i];

			x[i] = x[i] + d * d;
		}
	}
	UNROLL for (size_t i = 0; i < width; i++)
		v_store(acc + i * LANES, x[i]);
}

static void FN(deviation)(void *acc, const void *src, ptrdiff_t stride, size_t rows, size_t n, const void *mean)
{
	const E *s = src, *m = mean;
	E *a = acc;
	size_t j = 0;

	for (; n - j >= 4 * LANES; j += 4 * LANES)
		FN(deviation_block)(a + j, s + j, stride, rows, m + j, 4);
	for (; n - j >= LANES; j += LANES)
		FN(deviation_block)(a + j, s + j, stride, rows, m + j, 1);
	if (j < n && n >= LANES) {
		FN(deviation_block)(a + n - LANES, s + n - LANES, stride, rows, m + n - LANES, 1);
	} else if (j < n) {
		V centre = LOAD_PART(m, n), d = LOAD_PART(s, n) - centre, x = d * d;

		for (size_t r = 1; r < rows; r++) {
			s += stride;
			d = LOAD_PART(s, n) - centre;
			x = x + d * d;
		}
		v_store_part(a, x, n);
	}
}
#endif

/* The extreme of n >= 1 elements. Seeing an element twice does not matter, so the last vector may overlap others. */
#define EXTREME(fold, op) \
	TR__INLINE E FN(extreme_##fold)(const E *src, size_t n) \
	{ \
		V x; \
		\
		if (n >= TR_LANES) { \
			E lanes[TR_LANES]; \
			\
			FN(fold_##fold)(lanes, src, TR_LANES, n / TR_LANES, TR_LANES); \
			UNROLL for (size_t i = 0; i < TR_LANES; i += LANES) \
				v_store(lanes + i, op(LOAD(lanes + i), LOAD(src + n - TR_LANES + i))); \
			return FN(fold##_lanes)(lanes); \
		} \
		if (n >= LANES) { \
			x = LOAD(src + n - LANES); \
			for (size_t i = 0; n - i >= LANES; i += LANES) \
				x = op(x, LOAD(src + i)); \
		} else { \
			x = v_select(FIRST_LANES(n), LOAD_PART(src, n), SET(src[0])); \
		} \
		return FN(fold##_within)(x); \
	}

EXTREME(minimum, v_min)
EXTREME(maximum, v_max)

TR__INLINE bool FN(differ)(E a, E b)
{
	return a != b;
}

/* Index of the first element that equals value or is NaN; there is one. */
TR__INLINE size_t FN(find)(const E *src, size_t n, E value)
{
	V wanted = SET(value);
	size_t i = 0;

	for (; n - i >= LANES; i += LANES) {
		V x = LOAD(src + i);

		if (v_any(v_mor(v_eq(x, wanted), v_ne(x, x))))
			break;
	}
	while (FN(differ)(src[i], value) && !FN(differ)(src[i], src[i]))
		i++;
	return i;
}

/* By blocks that stay in L1: the extreme, and only where it is a better one, its place. */
#define ARG_BLOCK 2048
#define ARG(name, fold, better) \
	static size_t FN(name)(const void *src, size_t n) \
	{ \
		const E *x = src; \
		size_t best = 0; \
		\
		for (size_t first = 0; first < n; first += ARG_BLOCK) { \
			size_t count = n - first < ARG_BLOCK ? n - first : ARG_BLOCK; \
			E value = FN(extreme_##fold)(x + first, count); \
			bool is_nan = FN(differ)(value, value); \
			\
			if (first && !is_nan && !(value better x[best])) \
				continue; \
			best = first + FN(find)(x + first, count, value); \
			if (is_nan) \
				break; \
		} \
		return best; \
	}

ARG(argmin, minimum, <)
ARG(argmax, maximum, >)

/* Into the level's table. */
static void FN(fill_folds)(struct tr_kernels *k)
{
	const enum tr_dtype type = TR__PASTE2(TR__DTYPE_, T);

#define FILL(kind, name) \
	k->fold[kind][type] = FN(fold_##name); \
	k->halve[kind][type] = FN(halve_##name);
	FILL(TR_FOLD_MINIMUM, minimum)
	FILL(TR_FOLD_MAXIMUM, maximum)
#if TR__PASTE2(IS_BOOL_, T)
	FILL(TR_FOLD_AND, and)
	FILL(TR_FOLD_OR, or)
#else
	FILL(TR_FOLD_ADD, add)
	FILL(TR_FOLD_MULTIPLY, multiply)
#endif
#if TR__PASTE2(IS_FLOAT_, T)
	k->deviation[type] = FN(deviation);
#endif
#undef FILL
	k->argmin[type] = FN(argmin);
	k->argmax[type] = FN(argmax);
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
#undef WITHIN
#undef BETWEEN
#undef FOLD_BLOCK
#undef FOLD
#undef EXTREME
#undef ARG_BLOCK
#undef ARG
