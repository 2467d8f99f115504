/* SPDX-License-Identifier: MIT */
/*
 * Kernels of whole rows for one type: softmax, log_softmax, layer_norm. Included once per type T by
 * simd/levels/rows.c, after fold.h and the expressions of lib/ref/expr.
 *
 * A row is taken a chunk of the fold at a time, so that what one step writes the next finds in L1.
 */
#include "lib/ref/rows.h"
#include "simd/kernels/lanes.h"

#define E TR__PASTE2(e, T)
#define V TR__PASTE2(v, T)
#define FN(name) TR__PASTE3(name, _, T)
#define OP(name) TR__PASTE4(op_, name, _, T)
#define LOAD(p) TR__PASTE3(v, T, _load)(p)
#define LOAD_PART(p, k) TR__PASTE3(v, T, _load_part)(p, k)
#define SET(c) TR__PASTE3(v, T, _set)(c)
#define LANES v_lanes(T)

#define CHUNK (TR_LANES * TR_CHUNK_ROWS)
#define DEPTH 56 /* bits of the number of chunks that fit an address space, and one */

/* dst[i] = f(…), i < n: V x stands for src's elements in the expression. */
#define EACH(dst, src, n, expression) \
	do { \
		size_t i = 0; \
		for (; (n) - i >= LANES; i += LANES) { \
			V x = LOAD((src) + i); \
			v_store((dst) + i, expression); \
		} \
		if (i < (n)) { \
			V x = LOAD_PART((src) + i, (n) - i); \
			v_store_part((dst) + i, expression, (n) - i); \
		} \
	} while (0)

/* What row_fold adds up: x, (x - c)² or exp(x - c). */
#ifndef ROW_FOLD_KINDS
#define ROW_FOLD_KINDS
enum row_fold { ROW_PLAIN, ROW_SQUARES, ROW_EXPS };
#endif

/* A chunk of n elements, folded to TR_LANES; lanes without elements hold -0, which adds nothing. */
TR__INLINE void FN(row_chunk)(E *lanes, const E *src, size_t n, enum row_fold kind, const E *centre)
{
	size_t rows = n / TR_LANES, tail = n % TR_LANES;
	V c = LOAD(centre), none = SET(-(E)0);

	if (!rows)
		for (size_t j = 0; j < TR_LANES; j += LANES)
			v_store(lanes + j, none);
	else if (kind == ROW_SQUARES)
		FN(fold_add_deviation)(lanes, src, TR_LANES, rows, TR_LANES, centre);
	else
		FN(fold_add)(lanes, src, TR_LANES, rows, TR_LANES, NULL);
	src += n - tail;
	for (size_t j = 0; j < tail; j += LANES) {
		bool whole = tail - j >= LANES;
		V x = whole ? LOAD(src + j) : LOAD_PART(src + j, tail - j);

		if (kind == ROW_SQUARES)
			x = (x - c) * (x - c);
		x = LOAD(lanes + j) + x;
		if (whole)
			v_store(lanes + j, x);
		else
			v_store_part(lanes + j, x, tail - j);
	}
}

/* The row fold of n >= 1 elements. ROW_EXPS leaves the exponentials in dst, which may be src; NULL: nowhere. */
TR__INLINE E FN(row_fold)(E *dst, const E *src, size_t n, enum row_fold kind, E c)
{
	E stack[DEPTH][TR_LANES], scratch[CHUNK], centre[TR_LANES];
	size_t depth = 0, count = 0;

	for (size_t j = 0; j < TR_LANES; j += LANES)
		v_store(centre + j, SET(c));
	for (size_t first = 0; first < n; first += CHUNK) {
		size_t part = n - first < CHUNK ? n - first : CHUNK;
		const E *from = src + first;

		if (kind == ROW_EXPS) {
			E *to = dst ? dst + first : scratch;

			EACH(to, from, part, OP(exp)(x - SET(c)));
			from = to;
		}
		FN(row_chunk)(stack[depth++], from, part, kind, centre);
		for (size_t k = ++count; !(k & 1); k /= 2) {
			depth--;
			EACH(stack[depth - 1], stack[depth], TR_LANES, LOAD(stack[depth - 1] + i) + x);
		}
	}
	for (; depth > 1; depth--)
		EACH(stack[depth - 2], stack[depth - 1], TR_LANES, LOAD(stack[depth - 2] + i) + x);
	return FN(add_lanes)(stack[0]);
}

static void FN(softmax)(void *dst, const void *src, size_t n)
{
	/* A row of one chunk keeps its exponentials at hand: reading them back from lines of dst that are still on
	 * their way from memory would wait for those. */
	E exps[CHUNK], *y = dst, *e = n <= CHUNK ? exps : y, most = FN(extreme_maximum)(src, n);
	V scale = SET(1 / FN(row_fold)(e, src, n, ROW_EXPS, most));

	EACH(y, e, n, x * scale);
}

static void FN(log_softmax)(void *dst, const void *src, size_t n)
{
	const E *s = src;
	E *y = dst, most = FN(extreme_maximum)(s, n);
	V m = SET(most), log_sum = OP(log)(SET(FN(row_fold)(NULL, s, n, ROW_EXPS, most)));

	EACH(y, s, n, (x - m) - log_sum);
}

static void FN(layer_norm)(void *dst, const void *src, const void *weight, const void *bias, size_t n, double eps)
{
	const E *s = src, *w = weight, *b = bias;
	E *y = dst, centre = FN(row_fold)(NULL, s, n, ROW_PLAIN, 0) / (E)n;
	E var = FN(row_fold)(NULL, s, n, ROW_SQUARES, centre) / (E)n;
	V mean = SET(centre), scale = SET(1) / v_sqrt(SET(var + (E)eps));

	if (w && b)
		EACH(y, s, n, v_fma((x - mean) * scale, n - i >= LANES ? LOAD(w + i) : LOAD_PART(w + i, n - i),
				    n - i >= LANES ? LOAD(b + i) : LOAD_PART(b + i, n - i)));
	else if (w)
		EACH(y, s, n, (x - mean) * scale * (n - i >= LANES ? LOAD(w + i) : LOAD_PART(w + i, n - i)));
	else if (b)
		EACH(y, s, n, (x - mean) * scale + (n - i >= LANES ? LOAD(b + i) : LOAD_PART(b + i, n - i)));
	else
		EACH(y, s, n, (x - mean) * scale);
}

/* Into the level's table. */
static void FN(fill_rows)(struct tr_kernels *k)
{
	const enum tr_dtype type = TR__PASTE2(TR__DTYPE_, T);

	k->softmax[type] = FN(softmax);
	k->log_softmax[type] = FN(log_softmax);
	k->layer_norm[type] = FN(layer_norm);
}

#undef E
#undef V
#undef FN
#undef OP
#undef LOAD
#undef LOAD_PART
#undef SET
#undef LANES
#undef CHUNK
#undef DEPTH
#undef EACH
