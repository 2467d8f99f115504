/* SPDX-License-Identifier: MIT */
/*
 * A window over planes at most half as wide as a vector, struct tr_narrow, for f32: two rows in one, with k / 2 zeros or more
 * behind each. Then a neighbouring column is the neighbouring lane, around the vector's ends too, and no border needs a case
 * of its own. Included by simd/levels/rows.c.
 */
#include "lib/ref/kernels.h"
#include "simd/kernels/lanes.h"

#define HALF (v_lanes(f32) / 2)
#define UNROLL TR__UNROLL(8)

/* Where lanes come from, for planes of so many columns. */
struct narrow_lanes {
	vi32 from;              /* element, from the first row's first */
	mf32 both, upper, lower; /* not the zeros behind a row; those of one row */
};

static struct narrow_lanes narrow_lanes(size_t cols)
{
	eb8 inside[2][v_lanes(f32)] = {{0}};
	ei32 from[v_lanes(f32)] = {0};
	struct narrow_lanes l;

	for (size_t i = 0; i < cols; i++) {
		inside[0][i] = inside[1][HALF + i] = 1;
		from[i] = (ei32)i;
		from[HALF + i] = (ei32)(cols + i);
	}
	l.from = vi32_load(from);
	l.upper = mf32_load(inside[0]);
	l.lower = mf32_load(inside[1]);
	l.both = v_mor(l.upper, l.lower);
	return l;
}

/* Rows r and r + 1 of the plane at x; one that it does not have is 0. */
TR__INLINE vf32 narrow_rows(const ef32 *x, ptrdiff_t r, ptrdiff_t rows, ptrdiff_t cols, const struct narrow_lanes *l)
{
	if (r < -1 || r >= rows)
		return vf32_set(0);
	return v_select(r < 0 ? l->lower : r + 1 < rows ? l->both : l->upper, vf32_lookup(x + r * cols, l->from), vf32_set(0));
}

/* Lane i of the result is lane i + by of v, around its ends. */
TR__INLINE vf32 narrow_turn(vf32 v, const int by)
{
	switch (by) {
	case -2:
		return lanes_from(f32, v, v, v_lanes(f32) - 2);
	case -1:
		return lanes_from(f32, v, v, v_lanes(f32) - 1);
	case 1:
		return lanes_from(f32, v, v, 1);
	case 2:
		return lanes_from(f32, v, v, 2);
	default:
		return v;
	}
}

/* What the k positions of one row of the window meet of rows r and r + 1. */
TR__INLINE void narrow_line(const ef32 *x, ptrdiff_t r, ptrdiff_t rows, ptrdiff_t cols, const struct narrow_lanes *l, const int k,
			    vf32 *line)
{
	const vf32 v = narrow_rows(x, r, rows, cols, l);

	UNROLL for (int q = 0; q < k; q++)
		line[q] = narrow_turn(v, q - k / 2);
}

/* Two rows of results at a time; the lines that the next two need again are kept. */
TR__INLINE void narrow_plane(const ef32 *x, const ef32 *weight, vf32 start, ef32 *y, ptrdiff_t rows, size_t cols,
			     const struct narrow_lanes *l, const int k)
{
	vf32 line[TR_PLANE_MOST][TR_PLANE_MOST];

	UNROLL for (int p = 0; p + 2 < k; p++)
		narrow_line(x, p - k / 2, rows, (ptrdiff_t)cols, l, k, line[p]);
	for (ptrdiff_t h = 0; h < rows; h += 2, y += 2 * cols) {
		vf32 acc = start;

		UNROLL for (int p = k - 2; p < k; p++)
			narrow_line(x, h + p - k / 2, rows, (ptrdiff_t)cols, l, k, line[p]);
		UNROLL for (int p = 0; p < k; p++)
			UNROLL for (int q = 0; q < k; q++)
				acc = v_chain(vf32_set(weight[p * k + q]), line[p][q], acc);
		v_store_part(y, acc, cols);
		if (h + 1 < rows)
			v_store_part(y + cols, lanes_from(f32, acc, acc, HALF), cols);
		UNROLL for (int p = 0; p + 2 < k; p++)
			UNROLL for (int q = 0; q < k; q++)
				line[p][q] = line[p + 2][q];
	}
}

static void narrow_fma_f32(const struct tr_narrow *t)
{
	const struct narrow_lanes l = narrow_lanes(t->cols);
	const size_t plane = t->rows * t->cols;

	for (size_t n = 0; n < t->planes; n++) {
		const ef32 *x = (const ef32 *)t->x + n * plane, *w = (const ef32 *)t->w + n * t->k * t->k;
		const vf32 start = vf32_set(((const ef32 *)t->start)[(ptrdiff_t)n * t->start_step]);
		ef32 *y = (ef32 *)t->y + n * plane;

		if (t->k == 3)
			narrow_plane(x, w, start, y, (ptrdiff_t)t->rows, t->cols, &l, 3);
		else
			narrow_plane(x, w, start, y, (ptrdiff_t)t->rows, t->cols, &l, 5);
	}
}

#undef HALF
#undef UNROLL
