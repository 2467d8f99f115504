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
		_Pragma("GCC unroll 4") for (; (n) - i >= LANES; i += LANES) { \
			V x = LOAD((src) + i); \
			v_store((dst) + i, expression); \
		} \
		if (i < (n)) { \
			V x = LOAD_PART((src) + i, (n) - i); \
			v_store_part((dst) + i, expression, (n) - i); \
		} \
	} while (0)

/*
 * The greatest of n >= 1 elements; open with a NaN, or of the wrong size, which takes nothing from softmax: the sum of
 * exponentials is a NaN then, and all results with it. Seeing an element twice does not matter.
 */
TR__INLINE E FN(greatest)(const E *s, size_t n)
{
	V a, b, c, d;
	size_t i = 0;

	if (n < LANES)
		return FN(extreme_maximum)(s, n);
	a = b = c = d = LOAD(s + n - LANES);
	for (; n - i >= 4 * LANES; i += 4 * LANES) {
		a = v_most(a, LOAD(s + i));
		b = v_most(b, LOAD(s + i + LANES));
		c = v_most(c, LOAD(s + i + 2 * LANES));
		d = v_most(d, LOAD(s + i + 3 * LANES));
	}
	for (; n - i >= LANES; i += LANES)
		a = v_most(a, LOAD(s + i));
	return FN(maximum_within)(v_most(v_most(a, b), v_most(c, d)));
}

#define NORM_ROWS 4 /* rows of layer_norm in work at a time, if they are at most so many bytes: half of L1 */
#define NORM_BYTES 16384

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

/*
 * The same of exp(x - c), which goes to `to` if that is not NULL, as soon as it is there. Meanwhile what follows is fetched:
 * the next chunk, or the next row of a matrix.
 */
TR__INLINE void FN(exp_chunk)(E *lanes, E *to, const E *src, size_t n, E c)
{
	V none = SET(-(E)0), m = SET(c), x;
	size_t i = 0;

	for (size_t j = 0; j < TR_LANES; j += LANES)
		v_store(lanes + j, none);
	for (; n - i >= LANES; i += LANES) {
		E *lane = lanes + i % TR_LANES;

		__builtin_prefetch(src + i + CHUNK);
		x = OP(exp)(LOAD(src + i) - m);
		v_store(lane, LOAD(lane) + x);
		if (to)
			v_store(to + i, x);
	}
	if (i < n) {
		E *lane = lanes + i % TR_LANES;

		x = OP(exp)(LOAD_PART(src + i, n - i) - m);
		v_store_part(lane, LOAD(lane) + x, n - i);
		if (to)
			v_store_part(to + i, x, n - i);
	}
}

/* The row fold of n >= 1 elements. ROW_EXPS leaves the exponentials in dst, which may be src; NULL: nowhere. */
TR__INLINE E FN(row_fold)(E *dst, const E *src, size_t n, enum row_fold kind, E c)
{
	E stack[DEPTH][TR_LANES], centre[TR_LANES];
	size_t depth = 0, count = 0;

	for (size_t j = 0; j < TR_LANES; j += LANES)
		v_store(centre + j, SET(c));
	for (size_t first = 0; first < n; first += CHUNK) {
		size_t part = n - first < CHUNK ? n - first : CHUNK;

		if (kind == ROW_EXPS)
			FN(exp_chunk)(stack[depth++], dst ? dst + first : NULL, src + first, part, c);
		else
			FN(row_chunk)(stack[depth++], src + first, part, kind, centre);
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
	E exps[CHUNK], *y = dst, *e = n <= CHUNK ? exps : y, most = FN(greatest)(src, n);
	V scale = SET(1 / FN(row_fold)(e, src, n, ROW_EXPS, most));

	EACH(y, e, n, x * scale);
}

static void FN(log_softmax)(void *dst, const void *src, size_t n)
{
	const E *s = src;
	E *y = dst, most = FN(greatest)(s, n);
	V m = SET(most), log_sum = OP(log)(SET(FN(row_fold)(NULL, s, n, ROW_EXPS, most)));

	EACH(y, s, n, (x - m) - log_sum);
}

/* The last step of a row of layer_norm; another, which begins ahead elements later, is fetched meanwhile. */
TR__INLINE void FN(norm_row)(E *y, const E *s, const E *w, const E *b, size_t n, V mean, V scale, ptrdiff_t ahead)
{
#define NORM (__builtin_prefetch((const void *)((uintptr_t)(s + i) + (uintptr_t)ahead * sizeof(E))), (x - mean) * scale)
#define AT(p) (n - i >= LANES ? LOAD(p + i) : LOAD_PART(p + i, n - i))
	if (w && b)
		EACH(y, s, n, v_fma(NORM, AT(w), AT(b)));
	else if (w)
		EACH(y, s, n, NORM * AT(w));
	else if (b)
		EACH(y, s, n, NORM + AT(b));
	else
		EACH(y, s, n, NORM);
#undef NORM
#undef AT
}

/*
 * A step of several rows before the next step of any: a row's sums are chains, at whose ends little is to do but wait, and
 * the processor takes up the next row's meanwhile.
 */
static void FN(layer_norm)(void *dst, ptrdiff_t to, const void *src, ptrdiff_t from, const void *weight, const void *bias,
			   size_t n, size_t rows, double eps)
{
	const size_t most = n * sizeof(E) * NORM_ROWS <= NORM_BYTES ? NORM_ROWS : 1;

	for (size_t j = 0, k; j < rows; j += k) {
		const E *s = (const E *)src + (ptrdiff_t)j * from;
		E *y = (E *)dst + (ptrdiff_t)j * to, mean[NORM_ROWS], var[NORM_ROWS];

		k = rows - j < most ? rows - j : most;
		for (size_t r = 0; r < k; r++)
			mean[r] = FN(row_fold)(NULL, s + (ptrdiff_t)r * from, n, ROW_PLAIN, 0) / (E)n;
		for (size_t r = 0; r < k; r++)
			var[r] = FN(row_fold)(NULL, s + (ptrdiff_t)r * from, n, ROW_SQUARES, mean[r]) / (E)n;
		for (size_t r = 0; r < k; r++)
			FN(norm_row)(y + (ptrdiff_t)r * to, s + (ptrdiff_t)r * from, weight, bias, n, SET(mean[r]),
				     SET(1) / v_sqrt(SET(var[r] + (E)eps)), (ptrdiff_t)k * from);
	}
}

/* ---- rows side by side, a register for each element of LANES rows ---- */

/* Chunks that TR_BESIDE_MOST elements make wait for their neighbours at a time. */
#define BESIDE_DEPTH 6

/* acc[0 … TR_LANES) of a chunk of n elements, rows of `from` apart; returns how many lanes there are. */
TR__INLINE size_t FN(beside_chunk)(V *acc, const E *src, ptrdiff_t from, size_t n, enum row_fold kind, V c, size_t k,
				   E *exps)
{
	for (size_t r = 0; r < n; r++, src += from) {
		V x = k == LANES ? LOAD(src) : LOAD_PART(src, k), *a = &acc[r % TR_LANES];

		if (kind == ROW_SQUARES)
			x = (x - c) * (x - c);
		if (kind == ROW_EXPS) {
			x = OP(exp)(x - c);
			if (exps)
				v_store(exps + r * LANES, x);
		}
		*a = r < TR_LANES ? x : *a + x;
	}
	return n < TR_LANES ? n : TR_LANES;
}

/* The row fold of each of k rows. ROW_EXPS leaves the exponentials in exps, LANES for each element; exps may be src, or NULL. */
TR__INLINE V FN(beside_fold)(const E *src, ptrdiff_t from, size_t n, enum row_fold kind, V c, size_t k, E *exps)
{
	V stack[BESIDE_DEPTH][TR_LANES];
	size_t depth = 0, count = 0, filled = 0;

	for (size_t first = 0; first < n; first += CHUNK) {
		size_t part = n - first < CHUNK ? n - first : CHUNK;

		filled = FN(beside_chunk)(stack[depth++], src + (ptrdiff_t)first * from, from, part, kind, c, k,
					  exps ? exps + first * LANES : NULL);
		for (size_t m = ++count; !(m & 1); m /= 2, filled = TR_LANES) {
			depth--;
			for (size_t l = 0; l < filled; l++)
				stack[depth - 1][l] = stack[depth - 1][l] + stack[depth][l];
		}
	}
	for (; depth > 1; depth--, filled = TR_LANES)
		for (size_t l = 0; l < filled; l++)
			stack[depth - 2][l] = stack[depth - 2][l] + stack[depth - 1][l];
	for (size_t half = TR_LANES / 2; half; half /= 2) {
		for (size_t l = 0; l + half < filled && l < half; l++)
			stack[0][l] = stack[0][l] + stack[0][l + half];
		filled = filled < half ? filled : half;
	}
	return stack[0][0];
}

/* The greatest of each row. What is read goes to room, LANES for each element: lines far apart may be gone the next time. */
TR__INLINE V FN(beside_most)(const E *src, ptrdiff_t from, size_t n, size_t k, E *room)
{
	V m = k == LANES ? LOAD(src) : LOAD_PART(src, k), p = m, x;

	v_store(room, m);
	for (size_t i = 1; i < n; i++) {
		src += from;
		x = k == LANES ? LOAD(src) : LOAD_PART(src, k);
		v_store(room + i * LANES, x);
		if (i & 1)
			m = v_most(m, x);
		else
			p = v_most(p, x);
	}
	return v_most(m, p);
}

TR__INLINE void FN(put)(E *dst, V x, size_t k)
{
	if (k == LANES)
		v_store(dst, x);
	else
		v_store_part(dst, x, k);
}

TR__INLINE void FN(softmax_strip)(E *y, ptrdiff_t to, const E *s, ptrdiff_t from, size_t n, size_t k, E *room, bool is_log)
{
	V m = FN(beside_most)(s, from, n, k, room), sum, scale;

	sum = FN(beside_fold)(room, LANES, n, ROW_EXPS, m, LANES, is_log ? NULL : room);
	scale = is_log ? OP(log)(sum) : SET(1) / sum;
	for (size_t i = 0; i < n; i++, y += to) {
		V x = LOAD(room + i * LANES);

		FN(put)(y, is_log ? (x - m) - scale : x * scale, k);
	}
}

TR__INLINE void FN(norm_strip)(E *y, ptrdiff_t to, const E *s, ptrdiff_t from, const E *w, const E *b, size_t n, size_t k,
			       E eps, E *room)
{
	V mean = FN(beside_fold)(s, from, n, ROW_PLAIN, SET(0), k, room) / SET((E)n);
	V var = FN(beside_fold)(s, from, n, ROW_SQUARES, mean, k, room) / SET((E)n);
	V scale = SET(1) / v_sqrt(var + SET(eps));

	for (size_t i = 0; i < n; i++, s += from, y += to) {
		V x = ((k == LANES ? LOAD(s) : LOAD_PART(s, k)) - mean) * scale;

		FN(put)(y, v_fma(x, SET(w ? w[i] : 1), SET(b ? b[i] : -(E)0)), k);
	}
}

/* f(strip…) for whole strips of LANES rows, then for what is left. */
#define STRIPS(strip, ...) \
	for (size_t j = 0; j < rows; j += LANES) { \
		if (rows - j >= LANES) { \
			const size_t k = LANES; \
			strip((E *)dst + j, to, (const E *)src + j, from, __VA_ARGS__); \
		} else { \
			const size_t k = rows - j; \
			strip((E *)dst + j, to, (const E *)src + j, from, __VA_ARGS__); \
		} \
	}

static void FN(softmaxes)(void *dst, ptrdiff_t to, const void *src, ptrdiff_t from, size_t n, size_t rows, void *room)
{
	STRIPS(FN(softmax_strip), n, k, room, false)
}

static void FN(log_softmaxes)(void *dst, ptrdiff_t to, const void *src, ptrdiff_t from, size_t n, size_t rows, void *room)
{
	STRIPS(FN(softmax_strip), n, k, room, true)
}

static void FN(layer_norms)(void *dst, ptrdiff_t to, const void *src, ptrdiff_t from, const void *weight, const void *bias,
			    size_t n, size_t rows, double eps, void *room)
{
	STRIPS(FN(norm_strip), weight, bias, n, k, (E)eps, room)
}

/* Into the level's table. */
static void FN(fill_rows)(struct tr_kernels *k)
{
	const enum tr_dtype type = TR__PASTE2(TR__DTYPE_, T);

	k->softmax[type] = FN(softmax);
	k->log_softmax[type] = FN(log_softmax);
	k->layer_norm[type] = FN(layer_norm);
	k->softmaxes[type] = FN(softmaxes);
	k->log_softmaxes[type] = FN(log_softmaxes);
	k->layer_norms[type] = FN(layer_norms);
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
#undef NORM_ROWS
#undef NORM_BYTES
#undef BESIDE_DEPTH
#undef STRIPS
