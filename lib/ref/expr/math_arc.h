/* SPDX-License-Identifier: MIT */
/*
 * asin acos, and what atan and atan2 share. Generic, in the convention of expr/arith.h; constants and polynomials are in
 * math_f32.h and math_f64.h. Each is turns·π ± (x + t), x exact and t small.
 */

/* turns·π + (x + t), where turns is 0 or turns·π above |x|. */
TR__INLINE V FN(arc_join)(V turns, V x, V t)
{
	V base = turns * SET(CONST(PI)), base_low = v_fma(turns, SET(CONST(PI)), v_neg(base));
	V low, s = FN(sum_ordered)(base, x, &low);

	return s + (low + (v_fma(turns, SET(CONST(PI_2)), base_low) + t));
}

/* asin x for 0 <= y <= 1/2, and half of acos y beyond, as x + t. */
TR__INLINE V FN(asin_sum)(V y, M over, V *t)
{
	V low, z = v_select(over, (SET(1) - y) * SET(0.5), y * y);
	V s = FN(root)(z, SET(0), &low);
	V x = v_select(over, s, y);

	*t = v_fma(x * z, FN(poly)(z, CONST(ASIN), LENGTH(ASIN)), v_select(over, low, SET(0)));
	return x;
}

/* asin y = π/2 - 2 asin √((1 - y) / 2). */
TR__INLINE V FN(asin)(V a)
{
	V t, y = v_abs(a);
	M over = v_gt(y, SET(0.5));
	V x = FN(asin_sum)(y, over, &t);
	V times = v_select(over, SET(-2), SET(1));

	return v_copysign(FN(arc_join)(v_select(over, SET(0.5), SET(0)), x * times, t * times), a);
}

TR__INLINE V FN(acos)(V a)
{
	V t, y = v_abs(a);
	M over = v_gt(y, SET(0.5)), negative = v_lt(a, SET(0));
	V x = FN(asin_sum)(y, over, &t);
	V turns = v_select(over, v_select(negative, SET(1), SET(0)), SET(0.5));
	V times = v_select(over, SET(2), SET(-1));

	times = v_select(negative, v_neg(times), times);
	return FN(arc_join)(turns, x * times, t * times);
}
