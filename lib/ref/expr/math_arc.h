/* SPDX-License-Identifier: MIT */
/*
 * asin acos atan atan2. Generic, in the convention of expr/arith.h; constants and polynomials are in math_f32.h and
 * math_f64.h. Each is turns·π ± (x + t), x exact and t small.
 */

/* turns·π + (x + t), where turns is 0 or turns·π above |x|. */
TR__INLINE V FN(arc_join)(V turns, V x, V t)
{
	V base = turns * SET(CONST(PI)), base_low = v_fma(turns, SET(CONST(PI)), v_neg(base));
	V low, s = FN(sum_ordered)(base, x, &low);

	return s + (low + (v_fma(turns, SET(CONST(PI_2)), base_low) + t));
}

/*
 * atan(y / x), 0 <= y <= x or less, as *q + t beyond π/4 if *middle: there, from tan(π/8) on, the quotient is
 * (y - x) / (y + x). Small: at most tan(π/8).
 */
TR__INLINE V FN(atan_sum)(V y, V x, M *middle, V *q)
{
	V top_low, top = FN(sum)(y, v_neg(x), &top_low), bottom_low, bottom = FN(sum_ordered)(x, y, &bottom_low);
	M over = v_gt(y, x * SET(0.41421356));
	V low, none = SET(0);

	*middle = over;
	*q = FN(quotient)(v_select(over, top, y), v_select(over, top_low, none), v_select(over, bottom, x),
			  v_select(over, bottom_low, none), &low);

	V square = *q * *q;

	return v_fma(*q * square, FN(poly)(square, CONST(ATAN), LENGTH(ATAN)), low);
}

/*
 * The angle of the point (b, a). The quotient of the lesser and the greater may underflow; then it is the result, or of no
 * consequence. The greater is scaled away from the ends of the range: from where sums overflow, and from where residuals
 * underflow.
 */
TR__INLINE V FN(atan2)(V a, V b)
{
	V y = v_abs(a), x = v_abs(b), q;
	M swap = v_gt(y, x), left = FN(signbit)(b), middle;
	V most = v_select(swap, y, x), least = v_select(swap, x, y);
	M small = v_lt(most, SET(1 / CONST(HYPOT_LARGE))), large = v_gt(most, SET(0.125 / CONST(LEAST_NORMAL)));
	V scale = v_select(small, SET(CONST(HYPOT_SCALE)), v_select(large, SET(0.0625), SET(1)));
	M infinite = v_eq(most, SET(INFINITY)), zero = v_eq(most, SET(0));

	/* Inf / Inf counts as 1, and 0 / 0 as 0 */
	least = v_select(infinite, v_select(v_eq(least, SET(INFINITY)), SET(1), SET(0)), least * scale);
	most = v_select(v_mor(infinite, zero), SET(1), most * scale);

	V t = FN(atan_sum)(least, most, &middle, &q);
	V base = v_select(swap, SET(0.5), v_select(left, SET(1), SET(0)));
	V times = v_select(v_mxor(swap, left), SET(-1), SET(1));
	V turns = v_select(middle, v_fma(times, SET(0.25), base), base);
	V r = FN(arc_join)(turns, q * times, t * times);
	M plain = v_mnot(v_mor(v_mor(swap, left), v_ge(q, SET(CONST(LEAST_NORMAL) / CONST(EPSILON)))));

	r = v_select(v_mand(plain, v_mnot(middle)), q, r);
	return v_copysign(v_select(v_mor(v_isnan(a), v_isnan(b)), a + b, r), a);
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
