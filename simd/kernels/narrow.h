/* SPDX-License-Identifier: MIT */
/*
 * A window over planes narrower than two vectors, struct tr_narrow, for f32: a row in one or two, or two rows in one, with
 * k / 2 zeros or more behind each. Then a neighbouring column is the neighbouring lane, around the row's ends too, and no
 * border needs a case of its own. Included by simd/levels/rows.c.
 */
#include "lib/ref/kernels.h"
#include "simd/kernels/lanes.h"

#define LANES v_lanes(f32)
#define HALF (LANES / 2)
#define UNROLL TR__UNROLL(8)

/* How rows lie in vectors. */
enum narrow_kind { NARROW_PAIR, NARROW_ROW, NARROW_LONG }; /* two rows in one, one in one, one in two */

/* Where lanes come from, for planes of so many columns. */
struct narrow_lanes {
	vi32 from;              /* element, from the first row's first */
	vi32 into;              /* the lane that an element goes to */
	mf32 both, upper, lower; /* not the zeros behind a row, in its last vector; those of one row of two */
};

static struct narrow_lanes narrow_lanes(size_t cols)
{
	eb8 inside[2][LANES] = {{0}};
	ei32 from[LANES] = {0}, into[LANES] = {0};
	struct narrow_lanes l;

	for (size_t i = 0; i < cols; i++) {
		inside[0][i] = 1;
		from[i] = (ei32)i;
	}
	for (size_t i = 0; i < cols && cols < HALF; i++) {
		inside[1][HALF + i] = 1;
		from[HALF + i] = (ei32)(cols + i);
		into[i] = (ei32)i;
		into[cols + i] = (ei32)(HALF + i);
	}
	l.from = vi32_load(from);
	l.into = vi32_load(into);
	l.upper = mf32_load(inside[0]);
	l.lower = mf32_load(inside[1]);
	l.both = v_mor(l.upper, l.lower);
	return l;
}

/* Row r of the plane at x, or a pair of r and r + 1; one that it does not have is 0. whole: it has what is asked for. */
TR__INLINE void narrow_rows(const ef32 *x, ptrdiff_t r, ptrdiff_t rows, ptrdiff_t cols, const struct narrow_lanes *l,
			    const enum narrow_kind kind, const bool whole, vf32 *v)
{
	const bool first = !whole && kind == NARROW_PAIR && r == -1;

	v[0] = v[1] = vf32_set(0); /* v[1]: of a long row only */
	if (!whole && ((r < 0 && !first) || r >= rows))
		return;
	x += r * cols;
	if (kind == NARROW_PAIR) {
		v[0] = v_select(first ? l->lower : whole || r + 1 < rows ? l->both : l->upper, vf32_lookup(x, l->from), v[0]);
	} else if (kind == NARROW_ROW) {
		v[0] = v_select(l->upper, vf32_load(x), v[0]);
	} else {
		v[0] = vf32_load(x);
		v[1] = v_select(l->upper, vf32_load(x + LANES), v[1]);
	}
}

/* Lane i of the result is lane i + by of v, going on in next and coming from there: around the row's ends. */
TR__INLINE vf32 narrow_turn(vf32 v, vf32 next, const int by)
{
	switch (by) {
	case -2:
		return lanes_from(f32, next, v, LANES - 2);
	case -1:
		return lanes_from(f32, next, v, LANES - 1);
	case 1:
		return lanes_from(f32, v, next, 1);
	case 2:
		return lanes_from(f32, v, next, 2);
	default:
		return v;
	}
}

/* What the k positions of one row of the window meet of row r, or of a pair. */
TR__INLINE void narrow_line(const ef32 *x, ptrdiff_t r, ptrdiff_t rows, ptrdiff_t cols, const struct narrow_lanes *l, const int k,
			    const enum narrow_kind kind, const bool whole, vf32 (*line)[2])
{
	vf32 v[2];

	narrow_rows(x, r, rows, cols, l, kind, whole, v);
	UNROLL for (int q = 0; q < k; q++) {
		line[q][0] = narrow_turn(v[0], v[kind == NARROW_LONG], q - k / 2);
		if (kind == NARROW_LONG)
			line[q][1] = narrow_turn(v[1], v[0], q - k / 2);
	}
}

/* Row h of results, or two. whole: all rows that are new to it, and its second, exist. */
TR__INLINE void narrow_step(const ef32 *x, const ef32 *weight, vf32 start, ef32 *y, ptrdiff_t h, ptrdiff_t rows, size_t cols,
			    const struct narrow_lanes *l, const int k, const enum narrow_kind kind, const bool whole,
			    vf32 (*line)[TR_PLANE_MOST][2])
{
	const int step = kind == NARROW_PAIR ? 2 : 1, vecs = kind == NARROW_LONG ? 2 : 1;
	vf32 acc[2] = {start, start};
	ef32 rows_of[16] = {0};

	UNROLL for (int p = k - step; p < k; p++)
		narrow_line(x, h + p - k / 2, rows, (ptrdiff_t)cols, l, k, kind, whole, line[p]);
	UNROLL for (int p = 0; p < k; p++)
		UNROLL for (int q = 0; q < k; q++)
			UNROLL for (int i = 0; i < vecs; i++)
				acc[i] = v_chain(vf32_set(weight[p * k + q]), line[p][q][i], acc[i]);
	if (kind == NARROW_PAIR) { /* one store for both rows, for most cross a line */
		v_store(rows_of, acc[0]);
		v_store_part(y, vf32_lookup(rows_of, l->into), whole || h + 1 < rows ? 2 * cols : cols);
	} else if (kind == NARROW_ROW) {
		v_store_part(y, acc[0], cols);
	} else {
		v_store(y, acc[0]);
		if (cols > LANES)
			v_store_part(y + LANES, acc[1], cols - LANES);
	}
}

/* Lines that the next results need again are kept. */
TR__INLINE void narrow_plane(const ef32 *x, const ef32 *weight, vf32 start, ef32 *y, ptrdiff_t rows, size_t cols,
			     const struct narrow_lanes *l, const int k, const enum narrow_kind kind)
{
	const int step = kind == NARROW_PAIR ? 2 : 1, vecs = kind == NARROW_LONG ? 2 : 1;
	vf32 line[TR_PLANE_MOST][TR_PLANE_MOST][2];

	UNROLL for (int p = 0; p + step < k; p++)
		narrow_line(x, p - k / 2, rows, (ptrdiff_t)cols, l, k, kind, false, line[p]);
	for (ptrdiff_t h = 0; h < rows; h += step, y += (size_t)step * cols) {
		if (kind == NARROW_PAIR && h + k / 2 + step <= rows)
			narrow_step(x, weight, start, y, h, rows, cols, l, k, kind, true, line);
		else
			narrow_step(x, weight, start, y, h, rows, cols, l, k, kind, false, line);
		UNROLL for (int p = 0; p + step < k; p++)
			UNROLL for (int q = 0; q < k; q++)
				UNROLL for (int i = 0; i < vecs; i++)
					line[p][q][i] = line[p + step][q][i];
	}
}

static void narrow_fma_f32(const struct tr_narrow *t)
{
	const size_t plane = t->rows * t->cols, room = t->cols + t->k / 2;
	const enum narrow_kind kind = room <= HALF ? NARROW_PAIR : room <= LANES ? NARROW_ROW : NARROW_LONG;
	const struct narrow_lanes l = narrow_lanes(t->cols - (kind == NARROW_LONG) * LANES);

	for (size_t n = 0; n < t->planes; n++) {
		const ef32 *x = (const ef32 *)t->x + n * plane, *w = (const ef32 *)t->w + n * t->k * t->k;
		const vf32 start = vf32_set(((const ef32 *)t->start)[(ptrdiff_t)n * t->start_step]);
		ef32 *y = (ef32 *)t->y + n * plane;

#define PLANE(K, KIND) \
	if (t->k == (K) && kind == (KIND)) \
		narrow_plane(x, w, start, y, (ptrdiff_t)t->rows, t->cols, &l, K, KIND);
		PLANE(3, NARROW_PAIR)
		PLANE(3, NARROW_ROW)
		PLANE(3, NARROW_LONG)
		PLANE(5, NARROW_PAIR)
		PLANE(5, NARROW_ROW)
		PLANE(5, NARROW_LONG)
#undef PLANE
	}
}

#undef LANES
#undef HALF
#undef UNROLL
