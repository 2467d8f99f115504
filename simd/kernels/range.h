/* SPDX-License-Identifier: MIT */
/*
 * Ranges of values for one type. Included once per type T by a part of a level (simd/levels).
 *
 * The numbers of a vector are its first lane's plus each lane's own, an exact sum as long as the type has all numbers so
 * far; integers wrap.
 */
#include <float.h>

#include "simd/kernels/lanes.h"

#define E TR__PASTE2(e, T)
#define V TR__PASTE2(v, T)
#define FN(name) TR__PASTE3(name, _, T)
#define LOAD(p) TR__PASTE3(v, T, _load)(p)
#define SET(c) TR__PASTE3(v, T, _set)(c)
#define LANES v_lanes(T)
#define ALL_BELOW (INT64_C(1) << (TR__PASTE2(TR__DTYPE_, T) == TR_F32 ? FLT_MANT_DIG : DBL_MANT_DIG))

static void FN(range)(void *dst, const void *start, const void *step, int64_t first, size_t n)
{
	V x = SET(*(const E *)start), by = SET(*(const E *)step), lanes, number, y;
	E *d = dst, lane[LANES];

	for (size_t i = 0; i < LANES; i++)
		lane[i] = (E)i;
	lanes = LOAD(lane);
	for (size_t i = 0; i < n; i += LANES) {
		int64_t at = first + (int64_t)i;

		number = SET((E)at) + lanes;
		if (at + (int64_t)LANES > ALL_BELOW) {
			for (size_t j = 0; j < LANES; j++)
				lane[j] = (E)(at + (int64_t)j);
			number = LOAD(lane);
		}
		y = number * by;
		y = x + y;
		if (n - i >= LANES)
			v_store(d + i, y);
		else
			v_store_part(d + i, y, n - i);
	}
}

#undef E
#undef V
#undef FN
#undef LOAD
#undef SET
#undef LANES
#undef ALL_BELOW
