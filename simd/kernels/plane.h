/* SPDX-License-Identifier: MIT */
/*
 * A window of 3 × 3 or 5 × 5 over one plane, struct tr_plane, columns in the lanes. Included once per type T by
 * simd/levels/rows.c.
 *
 * A block of columns goes down the plane once: a line is loaded k times, each time one column further (where the window moves
 * by two, every other column of two vectors), and added to the results whose windows it is in, which move on with the lines. The last vector of a row ends at its end: where
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

/* which lanes are columns of the plane, where lane 0 is column at and the next is column at + step */
TR__INLINE M FN(plane_inside)(ptrdiff_t at, ptrdiff_t width, const int step)
{
	static const E count[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
	const V lane = LOAD(count) * SET(step);

	return v_ge(lane, SET((E)-at)) & v_lt(lane, SET((E)(width - at)));
}

/* Every other column from x on: even and odd ones of two vectors, of which part, if not 0, columns are read. */
TR__INLINE void FN(plane_halves)(const E *x, size_t part, V *even, V *odd)
{
	size_t first = part < LANES / 2 ? 2 * part : LANES;
	V a = part ? LOAD_PART(x, first) : LOAD(x), b = part ? LOAD_PART(x + first, 2 * part - first) : LOAD(x + LANES);

	*even = lanes_even(T, a, b);
	*odd = lanes_odd(T, a, b);
}

/* What the k positions of the window's row that begins at x meet, in v. */
TR__INLINE void FN(plane_line)(const E *x, size_t part, const int k, const int step, V *v)
{
	V none;

	if (step == 1) {
		UNROLL for (int q = 0; q < k; q++)
			v[q] = part ? LOAD_PART(x + q, part) : LOAD(x + q);
	} else {
		UNROLL for (int q = 0; q < k; q += 2)
			FN(plane_halves)(x + q, part, &v[q], q + 1 < k ? &v[q + 1] : &none);
	}
}

/* vecs vectors from column j on, the last at tail; part, if not 0: how many columns there are, fewer than a vector. edge:
 * windows reach beyond the plane, by k / 2 columns at most: those of the first and last vector, and of the last but one if
 * the last adds a single column. acc[a] is the result that is in its (a·step + sub)-th row of the window. below: one vector
 * of columns, of two halves of the plane at once, or its few chains would wait for one another; halves may have a row in
 * common. */
TR__INLINE void FN(plane_block)(const struct tr_plane *t, ptrdiff_t j, ptrdiff_t tail, const int vecs, size_t part,
				const int k, const int step, const bool edge, const bool below)
{
	const V start = SET(*(const E *)t->start);
	const void *const *line = t->line;
	const size_t rows = below ? (t->rows + 1) / 2 : t->rows, lines = (rows - 1) * (size_t)step + (size_t)k;
	const size_t down = below ? t->rows - rows : 0;
	const int most = (k - 1) / step; /* of a */
	E *y = (E *)t->y + j, *const second = y + (ptrdiff_t)down * t->y_row;
	ptrdiff_t done = 0;
	V acc[TR_PLANE_MOST + 1][PLANE_VECS], w[TR_PLANE_MOST * TR_PLANE_MOST], v[TR_PLANE_MOST];
	M first[TR_PLANE_MOST], last[TR_PLANE_MOST], before[TR_PLANE_MOST];

	j = j * step - t->pad;
	UNROLL for (int p = 0; p < k * k; p++)
		w[p] = SET(((const E *)t->w)[p]);
	UNROLL for (int q = 0; q < k; q++) {
		first[q] = FN(plane_inside)(j + q, t->width, step);
		last[q] = FN(plane_inside)(j + tail * step + q, t->width, step);
		before[q] = FN(plane_inside)(j + (vecs - 2) * LANES * step + q, t->width, step);
		if (below)
			first[q] = last[q];
	}
	UNROLL for (int a = 0; a <= most; a++)
		UNROLL for (int i = 0; i < vecs; i++)
			acc[a][i] = start;
	for (size_t r = 0; r < lines; r += (size_t)step)
		UNROLL for (int sub = 0; sub < step; sub++) {
			const size_t at = r + (size_t)sub;
			const E *const x = (const E *)line[at < lines ? at : at - 1] + j;
			const E *const lower = below ? (const E *)line[(at < lines ? at : at - 1) + down * (size_t)step] + j : x;

			if (at == lines)
				break;
			UNROLL for (int i = 0; i < vecs; i++) {
				const ptrdiff_t column = below || i + 1 == vecs ? tail : i * LANES;

				FN(plane_line)((i ? lower : x) + column * step, part, k, step, v);
				UNROLL for (int q = 0; q < k; q++) {
					if (edge && (!i || i + 1 == vecs || (k > 3 && i + 2 == vecs)))
						v[q] = v_select(i + 1 == vecs ? last[q] : i ? before[q] : first[q], v[q],
								SET(0));
					UNROLL for (int a = 0; a * step + sub < k; a++)
						acc[a][i] = v_chain(w[(a * step + sub) * k + q], v[q], acc[a][i]);
				}
			}
			if (sub == (k - 1) % step && at + 1 >= (size_t)k) {
				UNROLL for (int i = 0; i < vecs; i++) {
					E *to = (i ? second : y) + (below || i + 1 == vecs ? tail : i * LANES) + done;

					if (part)
						v_store_part(to, acc[most][i], part);
					else
						v_store(to, acc[most][i]);
				}
				done += t->y_row;
			}
			if (sub + 1 < step)
				continue;
			UNROLL for (int a = most; a > 0; a--)
				UNROLL for (int i = 0; i < vecs; i++)
					acc[a][i] = acc[a - 1][i];
			UNROLL for (int i = 0; i < vecs; i++)
				acc[0][i] = start;
		}
}

/* So many columns from j on, at most PLANE_VECS vectors. */
TR__INLINE void FN(plane_columns)(const struct tr_plane *t, ptrdiff_t j, ptrdiff_t n, const int k, const int step)
{
	const bool edge = j * step < t->pad || (j + n - 1) * step + k - t->pad > t->width;
	const int vecs = (int)((n + LANES - 1) / LANES);

#define BLOCK(v) \
	if (vecs == (v) && edge) \
		FN(plane_block)(t, j, n - LANES, v, 0, k, step, true, false); \
	else if (vecs == (v)) \
		FN(plane_block)(t, j, n - LANES, v, 0, k, step, false, false);
	if (n < LANES)
		FN(plane_block)(t, j, 0, 2, (size_t)n, k, step, true, true);
	else if (vecs == 1)
		FN(plane_block)(t, j, n - LANES, 2, 0, k, step, true, true);
	else BLOCK(2) else BLOCK(3) else BLOCK(4)
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
		if (t->step == 1 && t->k == 3)
			FN(plane_columns)(t, j, n, 3, 1);
		else if (t->step == 1)
			FN(plane_columns)(t, j, n, 5, 1);
		else if (t->k == 3)
			FN(plane_columns)(t, j, n, 3, 2);
		else
			FN(plane_columns)(t, j, n, 5, 2);
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
