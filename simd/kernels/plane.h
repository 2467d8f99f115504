/* SPDX-License-Identifier: MIT */
/*
 * A window of 3 × 3 or 5 × 5 over one plane, struct tr_plane, columns in the lanes. Included once per type T by
 * simd/levels/rows.c.
 *
 * A block of columns goes down the plane once: a line is loaded k times, each time one column further, and added to the
 * k results whose windows it is in, which move on by one with every line. The last vector of a row ends at its end: where
 * the row is no multiple of a vector, some elements are computed twice, to the same bits.
 */
#include "lib/ref/kernels.h"
#include "simd/kernels/lanes.h"

#define E TR__PASTE2(e, T)
#define V TR__PASTE2(v, T)
#define M TR__PASTE2(m, T)
#define FN(name) TR__PASTE3(name, _, T)
#define LOAD(p) TR__PASTE3(v, T, _load)(p)
#define LOAD_PART(p, k) TR__PASTE3(v, T, _load_part)(p, k)
#define SET(c) TR__PASTE3(v, T, _set)(c)
#define LANES ((ptrdiff_t)v_lanes(T))
#define UNROLL TR__UNROLL(32)

/* Most vectors of a block: with k = 3 their chains, the weights and a line fit the registers. */
#ifndef PLANE_VECS
#define PLANE_VECS 4
#endif

/* which lanes are columns of the plane, where lane 0 is column at */
TR__INLINE M FN(plane_inside)(ptrdiff_t at, ptrdiff_t width)
{
	static const E count[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
	const V lane = LOAD(count);

	return v_ge(lane, SET((E)-at)) & v_lt(lane, SET((E)(width - at)));
}

/* vecs vectors from column j on, the last at tail; part, if not 0: how many columns there are, fewer than a vector. edge:
 * windows reach beyond the plane, by k / 2 columns at most: those of the first and last vector, and of the last but one if
 * the last adds a single column. */
TR__INLINE void FN(plane_block)(const struct tr_plane *t, ptrdiff_t j, ptrdiff_t tail, const int vecs, size_t part,
				const int k, const bool edge)
{
	const V start = SET(*(const E *)t->start);
	const void *const *line = t->line;
	const size_t lines = t->rows + (size_t)k - 1;
	E *y = (E *)t->y + j;
	V acc[TR_PLANE_MOST + 1][PLANE_VECS], w[TR_PLANE_MOST * TR_PLANE_MOST];
	M first[TR_PLANE_MOST], last[TR_PLANE_MOST], before[TR_PLANE_MOST];

	j -= t->pad;
	UNROLL for (int p = 0; p < k * k; p++)
		w[p] = SET(((const E *)t->w)[p]);
	UNROLL for (int q = 0; q < k; q++) {
		first[q] = FN(plane_inside)(j + q, t->width);
		last[q] = FN(plane_inside)(j + tail + q, t->width);
		before[q] = FN(plane_inside)(j + (vecs - 2) * LANES + q, t->width);
	}
	UNROLL for (int p = 0; p < k; p++)
		UNROLL for (int i = 0; i < vecs; i++)
			acc[p][i] = start;
	for (size_t r = 0; r < lines; r++) {
		const E *x = (const E *)line[r] + j;

		UNROLL for (int q = 0; q < k; q++)
			UNROLL for (int i = 0; i < vecs; i++) {
				const E *at = x + (i + 1 < vecs ? i * LANES : tail) + q;
				V v = part ? LOAD_PART(at, part) : LOAD(at);

				if (edge && (!i || i + 1 == vecs || (k > 3 && i + 2 == vecs)))
					v = v_select(i + 1 == vecs ? last[q] : i ? before[q] : first[q], v, SET(0));
				UNROLL for (int p = 0; p < k; p++)
					acc[p][i] = v_chain(w[p * k + q], v, acc[p][i]);
			}
		if (r + 1 >= (size_t)k) {
			UNROLL for (int i = 0; i < vecs; i++) {
				if (part)
					v_store_part(y, acc[k - 1][i], part);
				else
					v_store(y + (i + 1 < vecs ? i * LANES : tail), acc[k - 1][i]);
			}
			y += t->y_row;
		}
		UNROLL for (int p = k - 1; p > 0; p--)
			UNROLL for (int i = 0; i < vecs; i++)
				acc[p][i] = acc[p - 1][i];
		UNROLL for (int i = 0; i < vecs; i++)
			acc[0][i] = start;
	}
}

/* So many columns from j on, at most PLANE_VECS vectors. */
TR__INLINE void FN(plane_columns)(const struct tr_plane *t, ptrdiff_t j, ptrdiff_t n, const int k)
{
	const bool edge = j < t->pad || j + n + k - 1 - t->pad > t->width;
	const int vecs = (int)((n + LANES - 1) / LANES);

#define BLOCK(v) \
	if (vecs == (v) && edge) \
		FN(plane_block)(t, j, n - LANES, v, 0, k, true); \
	else if (vecs == (v)) \
		FN(plane_block)(t, j, n - LANES, v, 0, k, false);
	if (n < LANES)
		FN(plane_block)(t, j, 0, 1, (size_t)n, k, true);
	else BLOCK(1) else BLOCK(2) else BLOCK(3) else BLOCK(4)
#undef BLOCK
}

static void FN(plane_fma)(const struct tr_plane *t)
{
	const ptrdiff_t cols = (ptrdiff_t)t->cols, most = PLANE_VECS * LANES;

	/* a rest of less than a vector could not end with one: it is taken with columns before it */
	for (ptrdiff_t j = 0; j < cols; j += most) {
		ptrdiff_t n = cols - j < most ? cols - j : most;

		if (n < LANES && j) {
			j -= LANES - n;
			n = LANES;
		}
		if (t->k == 3)
			FN(plane_columns)(t, j, n, 3);
		else
			FN(plane_columns)(t, j, n, 5);
	}
}

#undef E
#undef V
#undef M
#undef FN
#undef LOAD
#undef LOAD_PART
#undef SET
#undef LANES
#undef UNROLL
