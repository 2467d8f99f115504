/* SPDX-License-Identifier: MIT */
/*
 * A window over planes narrower than a vector, struct tr_narrow, for f32: a row in one, or two if they fit, with k / 2 zeros or
 * more behind each. Then a neighbouring column is the neighbouring lane, around the vector's ends too, and no border needs a
 * case of its own. Included by simd/levels/rows.c.
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
		inside[0][i] = 1;
		from[i] = (ei32)i;
	}
	for (size_t i = 0; i < cols && cols < HALF; i++) {
		inside[1][HALF + i] = 1;
		from[HALF + i] = (ei32)(cols + i);
	}
	l.from = vi32_load(from);
	l.upper = mf32_load(inside[0]);
	l.lower = mf32_load(inside[1]);
	l.both = v_mor(l.upper, l.lower);
	return l;
}

/* Row r of the plane at x, or rows r and r + 1 if `both`; one that it does not have is 0. */
TR__INLINE vf32 narrow_rows(const ef32 *x, ptrdiff_t r, ptrdiff_t rows, ptrdiff_t cols, const struct narrow_lanes *l,
			    const bool both)
{
	if (r < -both || r >= rows)
		return vf32_set(0);
	if (!both)
		return v_select(l->upper, vf32_load(x + r * cols), vf32_set(0));
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

/* What the k positions of one row of the window meet of row r, or r and r + 1. */
TR__INLINE void narrow_line(const ef32 *x, ptrdiff_t r, ptrdiff_t rows, ptrdiff_t cols, const struct narrow_lanes *l, const int k,
			    const bool both, vf32 *line)
{
	const vf32 v = narrow_rows(x, r, rows, cols, l, both);

	UNROLL for (int q = 0; q < k; q++)
		line[q] = narrow_turn(v, q - k / 2);
}

/* One row of results or two at a time; the lines that the next need again are kept. */
TR__INLINE void narrow_plane(const ef32 *x, const ef32 *weight, vf32 start, ef32 *y, ptrdiff_t rows, size_t cols,
			     const struct narrow_lanes *l, const int k, const bool both)
{
	const int step = both ? 2 : 1;
	vf32 line[TR_PLANE_MOST][TR_PLANE_MOST];

	UNROLL for (int p = 0; p + step < k; p++)
		narrow_line(x, p - k / 2, rows, (ptrdiff_t)cols, l, k, both, line[p]);
	for (ptrdiff_t h = 0; h < rows; h += step, y += (size_t)step * cols) {
		vf32 acc = start;

		UNROLL for (int p = k - step; p < k; p++)
			narrow_line(x, h + p - k / 2, rows, (ptrdiff_t)cols, l, k, both, line[p]);
		UNROLL for (int p = 0; p < k; p++)
			UNROLL for (int q = 0; q < k; q++)
				acc = v_chain(vf32_set(weight[p * k + q]), line[p][q], acc);
		v_store_part(y, acc, cols);
		if (both && h + 1 < rows)
			v_store_part(y + cols, lanes_from(f32, acc, acc, HALF), cols);
		UNROLL for (int p = 0; p + step < k; p++)
			UNROLL for (int q = 0; q < k; q++)
				line[p][q] = line[p + step][q];
	}
}

static void narrow_fma_f32(const struct tr_narrow *t)
{
	const struct narrow_lanes l = narrow_lanes(t->cols);
	const size_t plane = t->rows * t->cols;
	const bool both = t->cols + t->k / 2 <= HALF;

	for (size_t n = 0; n < t->planes; n++) {
		const ef32 *x = (const ef32 *)t->x + n * plane, *w = (const ef32 *)t->w + n * t->k * t->k;
		const vf32 start = vf32_set(((const ef32 *)t->start)[(ptrdiff_t)n * t->start_step]);
		ef32 *y = (ef32 *)t->y + n * plane;

		if (t->k == 3 && both)
			narrow_plane(x, w, start, y, (ptrdiff_t)t->rows, t->cols, &l, 3, true);
		else if (t->k == 3)
			narrow_plane(x, w, start, y, (ptrdiff_t)t->rows, t->cols, &l, 3, false);
		else if (both)
			narrow_plane(x, w, start, y, (ptrdiff_t)t->rows, t->cols, &l, 5, true);
		else
			narrow_plane(x, w, start, y, (ptrdiff_t)t->rows, t->cols, &l, 5, false);
	}
}

#undef HALF
#undef UNROLL
