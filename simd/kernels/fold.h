/* SPDX-License-Identifier: MIT */
/*
 * Kernels of reductions for one type: fold, halve, argmin, argmax. Included once per type T by a part of a level
 * (simd/levels), which has chosen the vector vocabulary and, for floating types, has the expressions of lib/ref/expr.
 *
 * Rows are folded in blocks of vectors, which hides the latency of the operation. Each lane is one chain from top to
 * bottom, so the width of a block shows in no result; only where the order shows in no result either (free) are two
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
#define UNUSED __attribute__((unused)) /* by folds without a centre, or in order */
#define UNROLL TR__UNROLL(16)

/* One step of halving: within a vector x, or between vectors x[0 … 64 / LANES - 1]. */
#define WITHIN(join, h) \
	if (LANES > h) \
		x = join(T, x, lanes_down(T, x, h));
#define BETWEEN(join, h) \
	UNROLL for (size_t i = h / LANES; i-- > 0;) \
		x[i] = join(T, x[i], x[i + h / LANES]);

#define FOLD_BLOCK(fold, join, of, free, centred, width) \
	TR__INLINE void FN(fold##_block##width)(E *acc, const E *src, ptrdiff_t stride, size_t rows, const E *centre) \
	{ \
		V x[width], v, w UNUSED, c[width] UNUSED; \
		size_t r = 1; \
		\
		UNROLL for (size_t i = 0; i < width; i++) { \
			v = LOAD(src + i * LANES); \
			c[i] = centred ? LOAD(centre + i * LANES) : v; \
			x[i] = of(T, v, c[i]); \
		} \
		for (; free && rows - r >= 2; r += 2) { \
			const E *next = src + stride; \
			\
			src = next + stride; \
			UNROLL for (size_t i = 0; i < width; i++) { \
				v = LOAD(next + i * LANES); \
				w = LOAD(src + i * LANES); \
				v = of(T, v, c[i]); \
				w = of(T, w, c[i]); \
				x[i] = join(T, x[i], join(T, v, w)); \
			} \
		} \
		for (; r < rows; r++) { \
			src += stride; \
			UNROLL for (size_t i = 0; i < width; i++) { \
				v = LOAD(src + i * LANES); \
				v = of(T, v, c[i]); \
				x[i] = join(T, x[i], v); \
			} \
		} \
		UNROLL for (size_t i = 0; i < width; i++) \
			v_store(acc + i * LANES, x[i]); \
	}

/* width: the most vectors of a block, 8, 4 or 1. */
#define FOLD(fold, join, of, TYPE, free, centred, width) \
	FOLD_BLOCK(fold, join, of, free, centred, 8) \
	FOLD_BLOCK(fold, join, of, free, centred, 4) \
	FOLD_BLOCK(fold, join, of, free, centred, 1) \
	\
	static void FN(fold_##fold)(void *acc, const void *src, ptrdiff_t stride, size_t rows, size_t n, \
				    const void *centre) \
	{ \
		const E *s = src, *c = centre; \
		E *a = acc; \
		size_t j = 0; \
		\
		for (; width >= 8 && n - j >= 8 * LANES; j += 8 * LANES) \
			FN(fold##_block8)(a + j, s + j, stride, rows, c + (centred ? j : 0)); \
		for (; width >= 4 && n - j >= 4 * LANES; j += 4 * LANES) \
			FN(fold##_block4)(a + j, s + j, stride, rows, c + (centred ? j : 0)); \
		for (; n - j >= LANES; j += LANES) \
			FN(fold##_block1)(a + j, s + j, stride, rows, c + (centred ? j : 0)); \
		if (j < n && n >= LANES) { /* overlap: the same columns once more */ \
			j = n - LANES; \
			FN(fold##_block1)(a + j, s + j, stride, rows, c + (centred ? j : 0)); \
		} else if (j < n) { \
			V v = LOAD_PART(s, n), k UNUSED = centred ? LOAD_PART(c, n) : v, x = of(T, v, k); \
			\
			for (size_t r = 1; r < rows; r++) { \
				s += stride; \
				v = LOAD_PART(s, n); \
				v = of(T, v, k); \
				x = join(T, x, v); \
			} \
			v_store_part(a, x, n); \
		} \
	}

#define HALVE(fold, join, of, TYPE, free, centred, width) \
	TR__INLINE E FN(fold##_within)(V x) \
	{ \
		WITHIN(join, 32) WITHIN(join, 16) WITHIN(join, 8) WITHIN(join, 4) WITHIN(join, 2) WITHIN(join, 1) \
		return x[0]; \
	} \
	\
	TR__INLINE E FN(fold##_lanes)(const E *lanes) \
	{ \
		V x[TR_LANES / LANES]; \
		\
		UNROLL for (size_t i = 0; i < TR_LANES / LANES; i++) \
			x[i] = LOAD(lanes + i * LANES); \
		BETWEEN(join, 32) BETWEEN(join, 16) BETWEEN(join, 8) BETWEEN(join, 4) BETWEEN(join, 2) \
		return FN(fold##_within)(x[0]); \
	} \
	\
	static void FN(halve_##fold)(void *lanes) \
	{ \
		*(E *)lanes = FN(fold##_lanes)(lanes); \
	}

TR__FOLDS_NUMBER(FOLD, T)
TR__FOLDS_NUMBER(HALVE, T)
#if TR__PASTE2(IS_BOOL_, T)
TR__FOLDS_BOOL(FOLD, T)
TR__FOLDS_BOOL(HALVE, T)
#else
TR__FOLDS_NUMERIC(FOLD, T)
TR__FOLDS_NUMERIC(HALVE, T)
#endif
#if TR__PASTE2(IS_FLOAT_, T)
TR__FOLDS_FLOAT(FOLD, T)
TR__FOLDS_FLOAT(HALVE, T)
TR__FOLDS_OF(FOLD, T)
#endif

/* The extreme of n >= 1 elements. Seeing an element twice does not matter, so the last vector may overlap others. */
#define EXTREME(fold, join) \
	TR__INLINE E FN(extreme_##fold)(const E *src, size_t n) \
	{ \
		V x; \
		\
		if (n >= TR_LANES) { \
			E lanes[TR_LANES]; \
			\
			FN(fold_##fold)(lanes, src, TR_LANES, n / TR_LANES, TR_LANES, NULL); \
			UNROLL for (size_t i = 0; i < TR_LANES; i += LANES) \
				v_store(lanes + i, join(T, LOAD(lanes + i), LOAD(src + n - TR_LANES + i))); \
			return FN(fold##_lanes)(lanes); \
		} \
		if (n >= LANES) { \
			x = LOAD(src + n - LANES); \
			for (size_t i = 0; n - i >= LANES; i += LANES) \
				x = join(T, x, LOAD(src + i)); \
		} else { \
			x = v_select(FIRST_LANES(n), LOAD_PART(src, n), SET(src[0])); \
		} \
		return FN(fold##_within)(x); \
	}

EXTREME(minimum, TR__JOIN_MINIMUM)
EXTREME(maximum, TR__JOIN_MAXIMUM)

TR__INLINE bool FN(differ)(E a, E b)
{
	return a != b;
}

/* Index of the first element that equals value, or, if nans, is NaN; there is one. */
TR__INLINE size_t FN(find)(const E *src, size_t n, E value, bool nans)
{
	V wanted = SET(value);
	size_t i = 0;

	for (; n - i >= LANES; i += LANES) {
		V x = LOAD(src + i);

		if (nans ? v_any(v_mor(v_eq(x, wanted), v_ne(x, x))) : v_any(v_eq(x, wanted)))
			break;
	}
	while (FN(differ)(src[i], value) && !(nans && FN(differ)(src[i], src[i])))
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
			best = first + FN(find)(x + first, count, value, true); \
			if (is_nan) \
				break; \
		} \
		return best; \
	}

ARG(argmin, minimum, <)
ARG(argmax, maximum, >)

#if TR__PASTE2(IS_FLOAT_, T)
EXTREME(fmin, TR__JOIN_FMIN)
EXTREME(fmax, TR__JOIN_FMAX)

#define NANARG(name, fold, better) \
	static size_t FN(name)(const void *src, size_t n) \
	{ \
		const E *x = src; \
		size_t best = n; \
		\
		for (size_t first = 0; first < n; first += ARG_BLOCK) { \
			size_t count = n - first < ARG_BLOCK ? n - first : ARG_BLOCK; \
			E value = FN(extreme_##fold)(x + first, count); \
			\
			if (FN(differ)(value, value) || (best < n && !(value better x[best]))) \
				continue; \
			best = first + FN(find)(x + first, count, value, false); \
		} \
		return best; \
	}

NANARG(nanargmin, fmin, <)
NANARG(nanargmax, fmax, >)
#undef NANARG
#endif

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
	FILL(TR_FOLD_FMIN, fmin)
	FILL(TR_FOLD_FMAX, fmax)
	k->fold[TR_FOLD_ADD_ABS][type] = FN(fold_add_abs);
	k->fold[TR_FOLD_ADD_SQUARE][type] = FN(fold_add_square);
	k->fold[TR_FOLD_ADD_NONZERO][type] = FN(fold_add_nonzero);
	k->fold[TR_FOLD_MINIMUM_ABS][type] = FN(fold_minimum_abs);
	k->fold[TR_FOLD_MAXIMUM_ABS][type] = FN(fold_maximum_abs);
	k->fold[TR_FOLD_ADD_NUMBER][type] = FN(fold_add_number);
	k->fold[TR_FOLD_MULTIPLY_NUMBER][type] = FN(fold_multiply_number);
	k->fold[TR_FOLD_ADD_IS_NUMBER][type] = FN(fold_add_is_number);
	k->fold[TR_FOLD_ADD_DEVIATION][type] = FN(fold_add_deviation);
	k->fold[TR_FOLD_ADD_NUMBER_DEVIATION][type] = FN(fold_add_number_deviation);
	k->fold[TR_FOLD_ADD_EXP][type] = FN(fold_add_exp);
	k->fold[TR_FOLD_ADD_POW][type] = FN(fold_add_pow);
	k->nanargmin[type] = FN(nanargmin);
	k->nanargmax[type] = FN(nanargmax);
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
#undef UNUSED
#undef UNROLL
#undef WITHIN
#undef BETWEEN
#undef FOLD_BLOCK
#undef FOLD
#undef HALVE
#undef EXTREME
#undef ARG_BLOCK
#undef ARG
