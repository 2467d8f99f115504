/* SPDX-License-Identifier: MIT */
/*
 * Kernels of reductions for one type: fold, column, line, halve. Included once per type T by a part of a level
 * (simd/levels), which has chosen the vector vocabulary and, for floating types, has the expressions of lib/ref/expr.
 *
 * Rows are folded in blocks of vectors, which hides the latency of the operation. Each lane is one chain from top to
 * bottom, so the width of a block shows in no result; only where the order shows in no result either (free) are two
 * rows joined before they join the chain, and of numbers, until a NaN is met, four.
 */
#include <string.h>

#include "lib/ref/fold.h"
#include "simd/kernels/lanes.h"

#define E TR__PASTE2(e, T)
#define V TR__PASTE2(v, T)
#define FN(name) TR__PASTE3(name, _, T)
#define LOAD(p) TR__PASTE3(v, T, _load)(p)
#define LOAD_PART(p, k) TR__PASTE3(v, T, _load_part)(p, k)
#define FIRST_LANES(k) TR__PASTE3(m, T, _load_part)(lane_ones, k)
#define LANES v_lanes(T)
#define UNUSED __attribute__((unused)) /* by folds without a centre, or in order */
#define UNROLL TR__UNROLL(16)
#define CHUNKS (TR_COLUMN_ROWS / TR_CHUNK_ROWS)
#define CHUNK (TR_LANES * TR_CHUNK_ROWS)
#define DEPTH 4 /* of a line's chunks that wait for their neighbours, and one */

/* One step of halving: within a vector x, or between vectors x[0 … 64 / LANES - 1]. */
#define WITHIN(join, h) \
	if (LANES > h) \
		x = join(T, x, lanes_down(T, x, h));
#define BETWEEN(join, h) \
	UNROLL for (size_t i = h / LANES; i-- > 0;) \
		x[i] = join(T, x[i], x[i + h / LANES]);

/*
 * Free folds of floats, which are all of least and greatest elements: as if there were no NaN. Returns whether that is so.
 * Opposite infinities in a row of sums pass for one too.
 */
#define NUMBERS_TR__JOIN_MINIMUM v_least
#define NUMBERS_TR__JOIN_MAXIMUM v_most
#define NUMBERS_TR__JOIN_FMIN v_least
#define NUMBERS_TR__JOIN_FMAX v_most
#define NUMBERS_0(fold, join, of, width)
#if TR__PASTE2(IS_FLOAT_, T)
#define NUMBERS_1(fold, join, of, width) \
	TR__INLINE bool FN(fold##_numbers##width)(E *acc, const E *src, ptrdiff_t stride, size_t rows) \
	{ \
		V x[width], p, q, v, w; \
		TR__PASTE2(m, T) odd = v_isnan(LOAD(src)); \
		size_t r = 1; \
		\
		UNROLL for (size_t i = 0; i < width; i++) { \
			v = LOAD(src + i * LANES); \
			x[i] = of(T, v, v); \
			odd = v_mor(odd, v_isnan(v)); \
		} \
		for (; rows - r >= 4; r += 4) { \
			const E *s = src + stride, *t = s + stride, *u = t + stride; \
			\
			src = u + stride; \
			UNROLL for (size_t i = 0; i < width; i++) { \
				p = LOAD(s + i * LANES); \
				q = LOAD(t + i * LANES); \
				v = LOAD(u + i * LANES); \
				w = LOAD(src + i * LANES); \
				odd = v_mor(odd, v_unordered(p + q, v + w)); \
				p = NUMBERS_##join(of(T, p, p), of(T, q, q)); \
				v = NUMBERS_##join(of(T, v, v), of(T, w, w)); \
				x[i] = NUMBERS_##join(x[i], NUMBERS_##join(p, v)); \
			} \
		} \
		for (; r < rows; r++) { \
			src += stride; \
			UNROLL for (size_t i = 0; i < width; i++) { \
				v = LOAD(src + i * LANES); \
				odd = v_mor(odd, v_isnan(v)); \
				x[i] = NUMBERS_##join(x[i], of(T, v, v)); \
			} \
		} \
		if (v_any(odd)) \
			return false; \
		UNROLL for (size_t i = 0; i < width; i++) \
			v_store(acc + i * LANES, x[i]); \
		return true; \
	}
#define TRY_NUMBERS_1(call) \
	if (rows > 4 && call) \
		return;
#else
#define NUMBERS_1(fold, join, of, width)
#define TRY_NUMBERS_1(call)
#endif
#define TRY_NUMBERS_0(call)

#define FOLD_BLOCK(fold, join, of, free, centred, width) \
	NUMBERS_##free(fold, join, of, width) \
	TR__INLINE void FN(fold##_block##width)(E *acc, const E *src, ptrdiff_t stride, size_t rows, const E *centre) \
	{ \
		V x[width], v, w UNUSED, c[width] UNUSED; \
		size_t r = 1; \
		\
		TRY_NUMBERS_##free(FN(fold##_numbers##width)(acc, src, stride, rows)) \
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

/*
 * The column fold of at most CHUNKS chunks, one after the other as they lie in memory: their chains are short, so that the
 * processor has several in work. k: how many elements of a vector there are, if part.
 */
#define COLUMN(fold, join, of, TYPE, free, centred, width) \
	TR__INLINE V FN(fold##_chain)(const E *src, ptrdiff_t stride, size_t rows, V c UNUSED, bool part, size_t k) \
	{ \
		V v = part ? LOAD_PART(src, k) : LOAD(src), x = of(T, v, c); \
		\
		TR__UNROLL(5) for (size_t r = 1; r < rows; r++) { \
			src += stride; \
			v = part ? LOAD_PART(src, k) : LOAD(src); \
			v = of(T, v, c); \
			x = join(T, x, v); \
		} \
		return x; \
	} \
	\
	TR__INLINE V FN(fold##_column)(const E *src, ptrdiff_t stride, size_t rows, V c, bool part, size_t k) \
	{ \
		size_t chunks = (rows + TR_CHUNK_ROWS - 1) / TR_CHUNK_ROWS, i = 0; \
		ptrdiff_t chunk = TR_CHUNK_ROWS * stride; \
		V x[CHUNKS]; \
		\
		for (; rows >= TR_CHUNK_ROWS; i++, rows -= TR_CHUNK_ROWS, src += chunk) \
			x[i] = FN(fold##_chain)(src, stride, TR_CHUNK_ROWS, c, part, k); \
		if (rows) \
			x[i] = FN(fold##_chain)(src, stride, rows, c, part, k); \
		for (size_t h = 1; h < chunks; h *= 2) \
			for (i = 0; i + h < chunks; i += 2 * h) \
				x[i] = join(T, x[i], x[i + h]); \
		return x[0]; \
	} \
	\
	static void FN(column_##fold)(void *acc, const void *src, ptrdiff_t stride, size_t rows, size_t n, \
				      const void *centre) \
	{ \
		const E *s = src, *c = centre; \
		E *a = acc; \
		V v; \
		\
		for (size_t j = 0; j < n && n >= LANES; j += LANES) { \
			j = n - j < LANES ? n - LANES : j; /* overlap: the same columns once more */ \
			v = LOAD(centred ? c + j : s); \
			v_store(a + j, FN(fold##_column)(s + j, stride, rows, v, false, 0)); \
		} \
		if (n < LANES) { \
			v = LOAD_PART(centred ? c : s, n); \
			v_store_part(a, FN(fold##_column)(s, stride, rows, v, true, n), n); \
		} \
	}

/*
 * All lanes of a chunk, then those that get one more element. Whole vectors are stored, because who halves them loads such.
 * Then chunks and their tree; where the order shows in no result the whole is one chunk.
 */
#define LINE(fold, join, of, TYPE, free, centred, width) \
	static void FN(chunk_##fold)(E *a, const E *s, size_t n, const E *c) \
	{ \
		size_t rows = n / TR_LANES, tail = n % TR_LANES; \
		\
		if (rows) \
			FN(fold_##fold)(a, s, TR_LANES, rows, TR_LANES, c); \
		s += rows * TR_LANES; \
		for (size_t i = 0; i < tail; i += LANES) { \
			size_t k = tail - i < LANES ? tail - i : LANES; \
			V v = LOAD_PART(s + i, k), w UNUSED = centred ? LOAD_PART(c + i, k) : v, x = of(T, v, w), y; \
			\
			y = rows ? LOAD(a + i) : x; \
			v_store(a + i, rows ? v_select(FIRST_LANES(k), join(T, y, x), y) : x); \
		} \
	} \
	\
	/* a[i] = a[i] ⊕ b[i], i < n <= TR_LANES */ \
	TR__INLINE void FN(join_##fold)(E *a, const E *b, size_t n) \
	{ \
		size_t i = 0; \
		V x; \
		\
		for (; n - i >= LANES; i += LANES) { \
			x = join(T, LOAD(a + i), LOAD(b + i)); \
			v_store(a + i, x); \
		} \
		if (i < n) { \
			x = join(T, LOAD_PART(a + i, n - i), LOAD_PART(b + i, n - i)); \
			v_store_part(a + i, x, n - i); \
		} \
	} \
	\
	static void FN(line_##fold)(void *acc, const void *src, size_t n, const void *centre) \
	{ \
		const bool any_order = free || (E)1 / 2 == 0; \
		E stack[DEPTH][TR_LANES]; \
		const E *s = src; \
		size_t top = 0, filled = TR_LANES; \
		\
		if (any_order || n <= CHUNK) { \
			FN(chunk_##fold)(acc, src, n, centre); \
			return; \
		} \
		for (size_t count = 0; n; count++) { \
			size_t part = n < CHUNK ? n : CHUNK; \
			\
			filled = part < TR_LANES ? part : TR_LANES; \
			FN(chunk_##fold)(stack[top], s, part, centre); \
			for (size_t k = count; k & 1; k /= 2, filled = TR_LANES, top--) \
				FN(join_##fold)(stack[top - 1], stack[top], filled); \
			top++; \
			s += part; \
			n -= part; \
		} \
		for (top--; top; top--, filled = TR_LANES) \
			FN(join_##fold)(stack[top - 1], stack[top], filled); \
		memcpy(acc, stack[0], sizeof(stack[0])); \
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

#define LINES(fold, join, of, TYPE, free, centred, width) \
	static void FN(lines_##fold)(void *dst, const void *src, ptrdiff_t stride, size_t rows, size_t n) \
	{ \
		const E *s = src; \
		E *d = dst, lanes[TR_LANES]; \
		\
		for (size_t i = 0; i < rows; i++, s += stride) { \
			FN(line_##fold)(lanes, s, n, NULL); \
			d[i] = FN(fold##_lanes)(lanes); \
		} \
	}

#define FOLDS(...) FOLD(__VA_ARGS__) COLUMN(__VA_ARGS__) LINE(__VA_ARGS__)
TR__FOLDS_NUMBER(FOLDS, T)
TR__FOLDS_NUMBER(HALVE, T)
TR__FOLDS_NUMBER(LINES, T)
#if TR__PASTE2(IS_BOOL_, T)
TR__FOLDS_BOOL(FOLDS, T)
TR__FOLDS_BOOL(HALVE, T)
TR__FOLDS_BOOL(LINES, T)
#else
TR__FOLDS_NUMERIC(FOLDS, T)
TR__FOLDS_NUMERIC(HALVE, T)
TR__FOLDS_NUMERIC(LINES, T)
#endif
#if TR__PASTE2(IS_FLOAT_, T)
TR__FOLDS_FLOAT(FOLDS, T)
TR__FOLDS_FLOAT(HALVE, T)
TR__FOLDS_FLOAT(LINES, T)
TR__FOLDS_OF(FOLDS, T)
#endif

/* Into the level's table. */
static void FN(fill_folds)(struct tr_kernels *k)
{
	const enum tr_dtype type = TR__PASTE2(TR__DTYPE_, T);

#define FILL(kind, name) \
	FILL_OF(kind, name) \
	k->lines[kind][type] = FN(lines_##name); \
	k->halve[kind][type] = FN(halve_##name);
#define FILL_OF(kind, name) \
	k->fold[kind][type] = FN(fold_##name); \
	k->column[kind][type] = FN(column_##name); \
	k->line[kind][type] = FN(line_##name);
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
	FILL_OF(TR_FOLD_ADD_ABS, add_abs)
	FILL_OF(TR_FOLD_ADD_SQUARE, add_square)
	FILL_OF(TR_FOLD_ADD_NONZERO, add_nonzero)
	FILL_OF(TR_FOLD_MINIMUM_ABS, minimum_abs)
	FILL_OF(TR_FOLD_MAXIMUM_ABS, maximum_abs)
	FILL_OF(TR_FOLD_ADD_NUMBER, add_number)
	FILL_OF(TR_FOLD_MULTIPLY_NUMBER, multiply_number)
	FILL_OF(TR_FOLD_ADD_IS_NUMBER, add_is_number)
	FILL_OF(TR_FOLD_ADD_DEVIATION, add_deviation)
	FILL_OF(TR_FOLD_ADD_NUMBER_DEVIATION, add_number_deviation)
	FILL_OF(TR_FOLD_ADD_EXP, add_exp)
	FILL_OF(TR_FOLD_ADD_POW, add_pow)
#endif
#undef FILL
#undef FILL_OF
}

#undef E
#undef V
#undef FN
#undef LOAD
#undef LOAD_PART
#undef FIRST_LANES
#undef LANES
#undef UNUSED
#undef UNROLL
#undef WITHIN
#undef BETWEEN
#undef NUMBERS_TR__JOIN_MINIMUM
#undef NUMBERS_TR__JOIN_MAXIMUM
#undef NUMBERS_TR__JOIN_FMIN
#undef NUMBERS_TR__JOIN_FMAX
#undef NUMBERS_0
#undef NUMBERS_1
#undef TRY_NUMBERS_0
#undef TRY_NUMBERS_1
#undef FOLD_BLOCK
#undef FOLD
#undef COLUMN
#undef LINE
#undef LINES
#undef FOLDS
#undef CHUNKS
#undef CHUNK
#undef DEPTH
#undef HALVE
