/* SPDX-License-Identifier: MIT */
/*
 * sinh cosh asinh acosh atanh. Generic, in the convention of expr/arith.h, by way of e^a - 1 (math_exp.h) and log(1 + a)
 * (math_log.h) to twice the precision.
 */

/* e^y / 2 for y > 0, to overflow. */
TR__INLINE V FN(half_exp)(V y)
{
	V r, s, most = SET(CONST(EXP_NORMAL) + 3);
	VI n = FN(exp_reduce)(v_select(v_gt(y, most), most, y), SET(0), &r, &s);

	return FN(scale)(FN(add3)(SET(1), r, FN(exp_tail)(r, s)), n - v_bits(SET(1)) + v_bits(SET(0.5)));
}

/*
 * (e^y ∓ e^-y) / 2 for y = n·log(2) + r + s is m·cosh(r + s) + p·sinh(r + s) for minus and p·cosh(r + s) + m·sinh(r + s)
 * for plus, m = up - down, p = up + down, up = 2^(n-1), down = 2^(-n-1). sine and cosine: what r and 1 leave of them.
 */
TR__INLINE V FN(hyperbolic)(V y, V *up, V *down, V *sine, V *cosine)
{
	V r, s;
	VI n = FN(exp_reduce)(y, SET(0), &r, &s), half = v_bits(SET(0.5));
	V t = r + s, square = t * t;

	*up = v_from_bits(half + n);
	*down = v_from_bits(half - n);
	*sine = v_fma(t * square, FN(poly)(square, CONST(SINH), LENGTH(SINH)), s);
	*cosine = square * FN(poly)(square, CONST(COSH), LENGTH(COSH));
	return r;
}

/* a·(1 + cosine) + b·(r + sine) + rest. Of a + b·r, which is what is large, the rounding is made good. */
TR__INLINE V FN(hyperbolic_sum)(V a, V b, V rest, V r, V sine, V cosine)
{
	V high = v_fma(b, r, a), low = v_fma(b, r, a - high) + rest;

	return high + (low + v_fma(b, sine, a * cosine));
}

/* y may be infinite or NaN. */
TR__INLINE V FN(hyperbolic_large)(V y, V x)
{
	return v_select(v_lt(y, SET(CONST(EXP_NORMAL))), x, v_select(v_lt(y, SET(INFINITY)), FN(half_exp)(y), y));
}

TR__INLINE V FN(sinh)(V a)
{
	V y = v_abs(a), up, down, sine, cosine, r = FN(hyperbolic)(y, &up, &down, &sine, &cosine);
	V m = up - down, x = FN(hyperbolic_sum)(m, up + down, (up - m) - down, r, sine, cosine);

	if (FN(any_beyond)(a, CONST(EXP_NORMAL)))
		x = FN(hyperbolic_large)(y, x);
	return v_copysign(x, a);
}

TR__INLINE V FN(cosh)(V a)
{
	V y = v_abs(a), up, down, sine, cosine, r = FN(hyperbolic)(y, &up, &down, &sine, &cosine);
	V p = up + down, x = FN(hyperbolic_sum)(p, up - down, (up - p) + down, r, sine, cosine);

	if (FN(any_beyond)(a, CONST(EXP_NORMAL)))
		x = FN(hyperbolic_large)(y, x);
	return x;
}

/* log(x + x_low) of x >= 1. */
TR__INLINE V FN(log_above_1)(V x, V x_low)
{
	VI i, k = FN(log_interval)(x, &i);
	V pow = FN(pow2)(-(k << MANTISSA)), c = LOOKUP16(CONST(LOG_TABLE)[0], i);

	return FN(log_join)(v_from_int(k), i, v_fma(x_low * pow, c, v_fma(x * pow, c, SET(-1))));
}

/* Below 1/2 a polynomial; from there on log(y + √(y² + 1)), to log(2y) where that is the same. 1 - h is exact while it matters. */
TR__INLINE V FN(asinh)(V a)
{
	V y = v_abs(a), square = y * y, h = v_fma(y, y, SET(1)), most = SET(CONST(ASINH_LARGE));
	V s_low, s = FN(root)(h, v_fma(y, y, SET(1) - h), &s_low);
	V low, x = FN(sum_ordered)(s, y, &low);
	V r = FN(log_above_1)(x, low + s_low);
	V small = v_fma(y * square, FN(poly)(square, CONST(ASINH), LENGTH(ASINH)), y);

	r = v_select(v_lt(y, SET(0.5)), small, r);
	if (__builtin_expect(!v_all(v_lt(y, most)), 0))
		r = v_select(v_lt(y, most), r, v_select(v_lt(y, SET(INFINITY)), FN(log_of)(y, SETI(1)), y));
	return v_copysign(r, a);
}

/*
 * Of u = a - 1, which is exact below ASINH_LARGE, √2u times a polynomial below 1/2; from there on log(a + √(a² - 1)), a² - 1 being
 * a sum.
 */
TR__INLINE V FN(acosh)(V a)
{
	V u = a - SET(1), square = a * a, most = SET(CONST(ASINH_LARGE));
	M near = v_lt(u, SET(0.5));
	V p = v_select(near, u + u, square - SET(1)), p_low = v_select(near, SET(0), v_fma(a, a, v_neg(square)));
	V s_low, s = FN(root)(p, p_low, &s_low);
	V low, x = FN(sum_ordered)(a, s, &low);
	V r = FN(log_above_1)(x, low + s_low);

	r = v_select(near, s + v_fma(s * u, FN(poly)(u, CONST(ACOSH), LENGTH(ACOSH)), s_low), r);
	if (__builtin_expect(!v_all(v_lt(a, most)), 0))
		r = v_select(v_lt(a, most), r, v_select(v_lt(a, SET(INFINITY)), FN(log_of)(a, SETI(1)), a));
	return v_select(v_lt(a, SET(1)), SET(NAN), r);
}

/*
 * log((1 + y) / (1 - y)) / 2 = k·log(2)/2 + atanh t, t = (y (1 + 2^k) + 1 - 2^k) / (y (1 - 2^k) + 1 + 2^k), for y < 1. The
 * bits of 1 + y and 1 - y count like logarithms; k = 0 below 1/4, where t is y, and |t| is at most 0.27. What the
 * quotient's rounding loses counts for k = 1, where 0.385 is about 1 over the denominator. From ATANH_LARGE on 1 + 2^k is not
 * exact, nor need it be.
 */
TR__INLINE V FN(atanh)(V a)
{
	V y = v_abs(a), one = SET(1);
	VI k = (v_bits(one + y) - v_bits(one - y) + (v_bits(SET(1.25)) - v_bits(one))) >> MANTISSA;
	V pow = FN(pow2)(k << MANTISSA);
	V top = v_fma(y, one + pow, one - pow), bottom = v_fma(y, one - pow, one + pow), t = top / bottom, square = t * t;
	V n = v_from_int(k) * SET(0.5), high = v_fma(n, SET(CONST(LN2_HIGH)), t);
	V low = v_fma(n, SET(CONST(LN2_HIGH)), v_neg(high)) + t;

	low = v_fma(v_fma(v_neg(t), bottom, top), SET(0.385), v_fma(n, SET(CONST(LN2_LOW)), low));

	V r = high + v_fma(t * square, FN(poly)(square, CONST(ATANH), LENGTH(ATANH)), low);

	if (__builtin_expect(!v_all(v_lt(y, SET(CONST(ATANH_LARGE)))), 0)) {
		V near = FN(log_of)((one + y) / (one - y), SETI(0)) * SET(0.5);

		r = v_select(v_lt(y, SET(CONST(ATANH_LARGE))), r, near);
		r = v_select(v_lt(y, one), r, v_select(v_eq(y, one), SET(INFINITY), SET(NAN)));
	}
	return v_copysign(r, a);
}
