/* SPDX-License-Identifier: MIT */
/*
 * Kernels of sliding windows for one type: taps_fma, taps_add, taps_max; lanes_fma, lanes_add, lanes_max. Included once
 * per type T by simd/levels/rows.c.
 *
 * Two rows of up to four vectors keep eight chains in flight and share the broadcast weight. The last vector of a row
 * ends at its end: where the row is no multiple of a vector, some elements are computed twice, to the same bits.
 */
#include "lib/ref/fold.h"
#include "simd/kernels/lanes.h"

#define E TR__PASTE2(e, T)
#define V TR__PASTE2(v, T)
#define FN(name) TR__PASTE3(name, _, T)
#define LOAD(p) TR__PASTE3(v, T, _load)(p)
#define LOAD_PART(p, k) TR__PASTE3(v, T, _load_part)(p, k)
#define SET(c) TR__PASTE3(v, T, _set)(c)
#define LANES v_lanes(T)
#define UNROLL TR__UNROLL(4)
#define UNROLL8 TR__UNROLL(8)

#ifndef TAPS_KINDS
#define TAPS_KINDS
enum taps_kind { TAPS_FMA, TAPS_ADD, TAPS_MAX };
#endif

/* rows by vecs vectors, the last at tail; part, if not 0: how many elements a row has, fewer than a vector. */
TR__INLINE void FN(taps_block)(const struct tr_taps *t, const E *x, E *y, ptrdiff_t tail, const size_t rows,
			       const size_t vecs, size_t part, const enum taps_kind kind)
{
	const E *w = t->w;
	V acc[2][4];

	UNROLL for (size_t i = 0; i < rows; i++)
		UNROLL for (size_t j = 0; j < vecs; j++)
			acc[i][j] = SET(*(const E *)t->start);
	for (size_t p = 0; p < t->taps; p++) {
		const E *s = x + t->at[p];
		V scale = SET(kind == TAPS_FMA ? w[p] : 0);

		UNROLL for (size_t i = 0; i < rows; i++, s += t->x_row)
			UNROLL for (size_t j = 0; j < vecs; j++) {
				const E *at = s + (j + 1 < vecs ? (ptrdiff_t)(j * LANES) : tail);
				V v = part ? LOAD_PART(at, part) : LOAD(at);

				acc[i][j] = kind == TAPS_FMA ? v_chain(scale, v, acc[i][j])
					    : kind == TAPS_ADD ? acc[i][j] + v : v_max(acc[i][j], v);
			}
	}
	UNROLL for (size_t i = 0; i < rows; i++, y += t->y_row)
		UNROLL for (size_t j = 0; j < vecs; j++) {
			if (part)
				v_store_part(y + tail, acc[i][j], part);
			else
				v_store(y + (j + 1 < vecs ? (ptrdiff_t)(j * LANES) : tail), acc[i][j]);
		}
}

/* Whole rows of any length. */
TR__INLINE void FN(taps_rows)(const struct tr_taps *t, const E *x, E *y, const size_t rows, const enum taps_kind kind)
{
	size_t n = t->cols;

	if (n < LANES) {
		if (n)
			FN(taps_block)(t, x, y, 0, rows, 1, n, kind);
		return;
	}
	for (; n >= 4 * LANES; n -= 4 * LANES, x += 4 * LANES, y += 4 * LANES)
		FN(taps_block)(t, x, y, 3 * LANES, rows, 4, 0, kind);
	if (n > 3 * LANES)
		FN(taps_block)(t, x, y, (ptrdiff_t)(n - LANES), rows, 4, 0, kind);
	else if (n > 2 * LANES)
		FN(taps_block)(t, x, y, (ptrdiff_t)(n - LANES), rows, 3, 0, kind);
	else if (n > LANES)
		FN(taps_block)(t, x, y, (ptrdiff_t)(n - LANES), rows, 2, 0, kind);
	else if (n)
		FN(taps_block)(t, x, y, (ptrdiff_t)n - (ptrdiff_t)LANES, rows, 1, 0, kind);
}

#define TAPS(name, kind) \
	static void FN(name)(const struct tr_taps *t) \
	{ \
		const E *x = t->x; \
		E *y = t->y; \
		size_t i = 0; \
\
		for (; t->rows - i >= 2; i += 2, x += 2 * t->x_row, y += 2 * t->y_row) \
			FN(taps_rows)(t, x, y, 2, kind); \
		if (i < t->rows) \
			FN(taps_rows)(t, x, y, 1, kind); \
	}
TAPS(taps_fma, TAPS_FMA)
TAPS(taps_add, TAPS_ADD)
TAPS(taps_max, TAPS_MAX)

/* cols columns of one vector of channels; part, if not 0: how many channels there are. */
TR__INLINE void FN(lanes_block)(const struct tr_lane_taps *t, size_t j, size_t c, const size_t cols, size_t part,
				const enum taps_kind kind)
{
	const E *x = (const E *)t->x + (ptrdiff_t)j * t->x_col + c, *w = t->w, *start = (const E *)t->start + c;
	const E *div = t->div;
	E *y = (E *)t->y + (ptrdiff_t)j * t->y_col + c;
	const ptrdiff_t step = t->x_col;
	V acc[8];

	UNROLL8 for (size_t k = 0; k < cols; k++)
		acc[k] = part ? LOAD_PART(start, part) : LOAD(start);
	for (size_t p = 0; p < t->taps; p++) {
		const E *at = x + t->at[p];
		V scale = SET(0);

		if (kind == TAPS_FMA)
			scale = part ? LOAD_PART(w + p * t->n + c, part) : LOAD(w + p * t->n + c);
		UNROLL8 for (size_t k = 0; k < cols; k++) {
			V v = part ? LOAD_PART(at + (ptrdiff_t)k * step, part) : LOAD(at + (ptrdiff_t)k * step);

			acc[k] = kind == TAPS_FMA ? v_chain(scale, v, acc[k])
				 : kind == TAPS_ADD ? acc[k] + v : v_max(acc[k], v);
		}
	}
	UNROLL8 for (size_t k = 0; k < cols; k++, y += t->y_col) {
		if (kind == TAPS_ADD && div)
			acc[k] = acc[k] / SET(div[j + k]);
		if (part)
			v_store_part(y, acc[k], part);
		else
			v_store(y, acc[k]);
	}
}

/* Every column of one vector of channels. */
TR__INLINE void FN(lanes_row)(const struct tr_lane_taps *t, size_t c, size_t part, const enum taps_kind kind)
{
	size_t j = 0;

	for (; t->cols - j >= 8; j += 8)
		FN(lanes_block)(t, j, c, 8, part, kind);
	if (t->cols - j >= 4) {
		FN(lanes_block)(t, j, c, 4, part, kind);
		j += 4;
	}
	if (t->cols - j >= 2) {
		FN(lanes_block)(t, j, c, 2, part, kind);
		j += 2;
	}
	if (j < t->cols)
		FN(lanes_block)(t, j, c, 1, part, kind);
}

#define LANE_TAPS(name, kind) \
	static void FN(name)(const struct tr_lane_taps *t) \
	{ \
		size_t c = 0; \
\
		for (; t->n - c >= LANES; c += LANES) \
			FN(lanes_row)(t, c, 0, kind); \
		if (c < t->n) \
			FN(lanes_row)(t, c, t->n - c, kind); \
	}
LANE_TAPS(lanes_fma, TAPS_FMA)
LANE_TAPS(lanes_add, TAPS_ADD)
LANE_TAPS(lanes_max, TAPS_MAX)

/* Into the level's table. */
static void FN(fill_taps)(struct tr_kernels *k)
{
	const enum tr_dtype type = TR__PASTE2(TR__DTYPE_, T);

	k->taps_fma[type] = FN(taps_fma);
	k->taps_add[type] = FN(taps_add);
	k->taps_max[type] = FN(taps_max);
	k->lanes_fma[type] = FN(lanes_fma);
	k->lanes_add[type] = FN(lanes_add);
	k->lanes_max[type] = FN(lanes_max);
}

#undef TAPS
#undef LANE_TAPS
#undef UNROLL8
#undef E
#undef V
#undef FN
#undef LOAD
#undef LOAD_PART
#undef SET
#undef LANES
#undef UNROLL
