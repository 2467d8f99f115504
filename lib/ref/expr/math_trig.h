/* SPDX-License-Identifier: MIT */
/*
 * sin cos tan. Generic, in the convention of expr/arith.h; constants and polynomials are in math_f32.h and math_f64.h.
 *
 * All rest on y = k·π/2 + high + low. Up to LARGE, k·π/2 is subtracted in three parts (Cody & Waite, 1980). y - k·PI/2 is
 * exact by fma: where k is not 0, neither has a bit below the last place of a number less than 1. Of the next difference the
 * low part is what Fast2Sum gives; where the operands are in the wrong order for it, the error is below its last place.
 * Beyond LARGE the fraction of y / π comes from the digits of 1 / π that matter for the exponent of y (Payne & Hanek,
 * SIGNUM 18, 1983), here by products of floats, whose errors fma gives, and sums that lose nothing.
 */

/* x less the nearest even number. */
TR__INLINE V FN(mod2)(V x)
{
	return v_fma(v_rint(x * SET(0.5)), SET(-2), x);
}

/* y / π less the nearest half of an even integer k, k in the lowest bits of the result; for LARGE <= y < Inf. */
TR__INLINE VI FN(turns_large)(V y, V *high, V *low)
{
	VI g = (v_bits(y) - v_bits(SET(CONST(LARGE)))) >> (MANTISSA + CONST(LARGE_STEP));
	VI up = SETI(MANTISSA - CONST(LARGE_LOG)) - (g << CONST(LARGE_STEP));
	V x = y * FN(pow2)(up << MANTISSA); /* an integer */
	V t0 = LOOKUP(CONST(TURNS)[0], g), t1 = LOOKUP(CONST(TURNS)[1], g);
	V t2 = LOOKUP(CONST(TURNS)[2], g), t3 = LOOKUP(CONST(TURNS)[3], g);
	V p0 = x * t0, p1 = x * t1, p2 = x * t2;
	V l0 = v_fma(x, t0, v_neg(p0)), l1 = v_fma(x, t1, v_neg(p1)), l2 = v_fma(x, t2, v_neg(p2));
	V e0, e1, e2, e3, e4, e5, s, k, f;

	/* what is left of p0, l0 and p1 makes the whole part; l1 and p2 are less than the last place of that */
	s = FN(sum)(FN(mod2)(p0), FN(mod2)(l0), &e0);
	s = FN(sum)(s, FN(mod2)(p1), &e1);
	k = v_rint(s + s);
	f = v_fma(k, SET(-0.5), s);
	f = FN(sum)(f, l1, &e2);
	f = FN(sum)(f, p2, &e3);
	f = FN(sum)(f, e0, &e4);
	f = FN(sum)(f, e1, &e5);
	s = FN(sum)(e2, e3, &e0);
	s = FN(sum)(s, e4, &e1);
	s = FN(sum)(s, e5, &e2);
	*high = FN(sum)(f, s, &e3);
	*low = e3 + (e0 + e1 + e2 + v_fma(x, t3, l2));
	return v_bits(k + SET(CONST(ROUND)));
}

/* The same for large lanes of y, times π; the others stay. */
TR__INLINE VI FN(reduce_large)(V y, VI k, V *high, V *low)
{
	M large = v_mand(v_ge(y, SET(CONST(LARGE))), v_lt(y, SET(INFINITY)));
	V f, f_low, r, rest;
	VI k_large = FN(turns_large)(v_select(large, y, SET(CONST(LARGE))), &f, &f_low);

	r = f * SET(CONST(PI));
	rest = v_fma(f, SET(CONST(PI)), v_neg(r)) + v_fma(f, SET(CONST(PI_2)), f_low * SET(CONST(PI)));
	*high = v_select(large, r, *high);
	*low = v_select(large, rest, *low);
	return v_select(large, k_large, k);
}

/* y = k·π/2 + high + low for y >= 0: k in the lowest bits of the result. Inf and NaN give NaN. */
TR__INLINE VI FN(reduce_pi)(V y, V *high, V *low)
{
	V shift = SET(CONST(ROUND));
	V rounded = v_fma(y, SET(CONST(INV_PI) * 2), shift);
	V n = rounded - shift;
	V r = v_fma(n, SET(-CONST(PI) / 2), y);
	V p = n * SET(CONST(PI_2) / 2), p_low = v_fma(n, SET(CONST(PI_2) / 2), v_neg(p));
	VI k = v_bits(rounded);

	*high = r - p;
	*low = v_fma(n, SET(-CONST(PI_3) / 2), ((r - *high) - p) - p_low);
	if (__builtin_expect(!v_all(v_lt(y, SET(CONST(LARGE)))), 0))
		k = FN(reduce_large)(y, k, high, low);
	return k;
}

/* sin(r + s) = r + the result; |r| <= π/4, square = r². 1 - square/2 stands for cos r, which s is times. */
TR__INLINE V FN(sin_rest)(V r, V s, V square)
{
	V p = FN(poly)(square, CONST(SIN), LENGTH(SIN));

	return v_fma(r * square, p, v_fma(square * s, SET(-0.5), s));
}

/* cos(r + s) = the result + *low. */
TR__INLINE V FN(cos_sum)(V r, V s, V square, V *low)
{
	V rest = v_fma(square * square, FN(poly)(square, CONST(COS), LENGTH(COS)), v_neg(r * s));
	V high = v_fma(square, SET(-0.5), SET(1));

	*low = v_fma(square, SET(-0.5), SET(1) - high) + rest;
	return high;
}

/* sin(k·π/2 + r + s) but for the sign. */
TR__INLINE V FN(sin_quarter)(VI k, V r, V s)
{
	V square = r * r, low, cosine = FN(cos_sum)(r, s, square, &low);

	return v_select(v_eq(k & SETI(1), SETI(0)), r + FN(sin_rest)(r, s, square), cosine + low);
}

/* a with its sign bit changed where k / 2 is odd, and where b has one. */
TR__INLINE V FN(turn_sign)(V a, VI k, VI b)
{
	VI sign = v_bits(SET(-0.0));

	return v_from_bits(v_bits(a) ^ ((b ^ (k << (8 * (int)sizeof(E) - 2))) & sign));
}

TR__INLINE V FN(sin)(V a)
{
	V r, s;
	VI k = FN(reduce_pi)(v_abs(a), &r, &s);

	return FN(turn_sign)(FN(sin_quarter)(k, r, s), k, v_bits(a));
}

TR__INLINE V FN(cos)(V a)
{
	V r, s;
	VI k = FN(reduce_pi)(v_abs(a), &r, &s) + SETI(1);

	return FN(turn_sign)(FN(sin_quarter)(k, r, s), k, SETI(0));
}

/*
 * tan(r + s), s times 1 + tan² r; in every other quarter of the circle -1 by that, to which its rounding is added. What r²
 * loses to rounding counts where r is near π/4: 3/4 is about the slope there of (tan r - r) / r by r².
 */
TR__INLINE V FN(tan)(V a)
{
	V r, s;
	VI k = FN(reduce_pi)(v_abs(a), &r, &s);
	V square = r * r, cube = r * square, p = FN(horner)(square, CONST(TAN), LENGTH(TAN));
	V near = v_fma(cube, p, r), lost = v_fma(r, r, v_neg(square)) * SET(0.75);
	V rest = v_fma(cube, p, v_fma(r, lost, v_fma(near, near, SET(1)) * s));
	V low, t = FN(sum_ordered)(r, rest, &low), inverse = SET(-1) / t;

	inverse = v_fma(v_fma(inverse, low, v_fma(inverse, t, SET(1))), inverse, inverse);
	return FN(turn_sign)(v_select(v_eq(k & SETI(1), SETI(0)), t, inverse), SETI(0), v_bits(a));
}

TR__INLINE V FN(deg2rad)(V a) { return a * SET(CONST(PI_180)); }
TR__INLINE V FN(rad2deg)(V a) { return a * SET(CONST(INV_PI_180)); }
