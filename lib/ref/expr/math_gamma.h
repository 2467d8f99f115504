/* SPDX-License-Identifier: MIT */
/*
 * lgamma. Generic, in the convention of expr/arith.h; the table is expr/math_table_lgamma.h.
 *
 * log Γ of a positive number is a table's polynomial on [11/16, 11), about the points where it is 0 among others; below,
 * log Γ(1 + x) - log x; above, Stirling's series. Of a negative number, log(π / (y·|sin πy|)) - log Γ(y), y = -a. All terms
 * come to nearly twice the precision, so that what is left where they cancel is good to an absolute error of about one
 * part in 2^(MANTISSA + 3): between the zeros of negative numbers, below -2, that is all that can be said.
 */

/* log(x + x_low) of positive x, as a sum. */
TR__INLINE V FN(log_sum)(V x, V x_low, V *low)
{
	VI more;
	VI i;
	V r, whole, rest, normal = FN(log_normalise)(x, &more);
	V k = FN(log_reduce)(normal, more, &i, &r);

	FN(log_parts)(k, i, r, &whole, &rest);

	V s = FN(sum_ordered)(whole, r, low);

	return FN(sum_ordered)(s, *low + (rest + x_low / x), low);
}

/* log Γ(y) for y > 0, as a sum. */
TR__INLINE V FN(lgamma_positive)(V y, V *low)
{
	M small = v_lt(y, SET(0.6875)), large = v_ge(y, SET(11));
	V log_low, log = FN(log_sum)(y, SET(0), &log_low);
	V w = v_select(small, SET(1) + y, y);
	VI i;

	w = v_select(v_lt(w, SET(11)), w, SET(1));
	i = (v_bits(w) - v_bits(SET(0.6875))) >> (MANTISSA - 2);

	V m = LOOKUP(CONST(LGAMMA_TABLE)[0], i), slope = LOOKUP(CONST(LGAMMA_TABLE)[3], i);
	V t = v_select(small, y + (SET(1) - m), w - m), tilt = t * slope;
	V p = LOOKUP(CONST(LGAMMA_TABLE)[CONST(LGAMMA_ROWS) - 1], i);

	_Pragma("GCC unroll 16")
	for (int row = CONST(LGAMMA_ROWS) - 2; row >= 5; row--)
		p = v_fma(p, t, LOOKUP(CONST(LGAMMA_TABLE)[row], i));
	p = v_fma(p, t, LOOKUP(CONST(LGAMMA_TABLE)[4], i));

	V e, h = FN(sum)(LOOKUP(CONST(LGAMMA_TABLE)[1], i), tilt, &e);
	V l = e + v_fma(p, t, v_fma(t, slope, v_neg(tilt)) + LOOKUP(CONST(LGAMMA_TABLE)[2], i));
	V less = FN(sum)(h, v_neg(log), &e);

	l = v_select(small, l + (e - log_low), l);
	h = v_select(small, less, h);

	V a = log - SET(1), a_low = ((log - a) - SET(1)) + log_low;
	V product = y * a, inverse = SET(1) / y;
	V rest = v_fma(a, SET(-0.5), SET(CONST(STIRLING_0)));
	V far_low = v_fma(y, a, v_neg(product)) + y * a_low;

	rest = v_fma(FN(poly)(inverse * inverse, CONST(STIRLING), LENGTH(STIRLING)), inverse, rest);

	V far = FN(sum_ordered)(product, rest, &e);

	far_low = v_select(v_lt(far, SET(INFINITY)), e + far_low, SET(0));
	*low = v_select(large, far_low, l);
	return v_select(large, far, h);
}

/* log(1 / (y·|sin πy|)) for y above 2^-MANTISSA, as a sum; Inf of integers. */
TR__INLINE V FN(log_reflected)(V y, V *low)
{
	V x = y - v_rint(y);           /* |x| <= 1/2, of which quarters are taken off again */
	V k = v_rint(x + x), f = v_fma(k, SET(-0.5), x);
	V r = f * SET(CONST(PI)), s = v_fma(f, SET(CONST(PI)), v_neg(r)) + f * SET(CONST(PI_2));
	V square = r * r, cosine_low, cosine = FN(cos_sum)(r, s, square, &cosine_low);
	M odd = v_ne(k, SET(0));
	V sine_low, sine = FN(sum_ordered)(r, FN(sin_rest)(r, s, square), &sine_low);

	cosine = FN(sum_ordered)(cosine, v_fma(v_fma(r, r, v_neg(square)), SET(-0.5), cosine_low), &cosine_low);

	V turn = v_select(odd, cosine, sine), turn_low = v_select(odd, cosine_low, sine_low);
	V p = v_abs(turn) * y, sign = v_copysign(SET(1), turn);
	V p_low = v_fma(v_abs(turn), y, v_neg(p)) + turn_low * sign * y;
	V l, h = FN(log_sum)(p, p_low, &l);

	*low = v_select(v_gt(p, SET(0)), v_neg(l), SET(0));
	return v_select(v_gt(p, SET(0)), v_neg(h), SET(INFINITY));
}

TR__INLINE V FN(lgamma)(V a)
{
	V y = v_abs(a), low, high = FN(lgamma_positive)(y, &low), r = high + low;
	M tiny = v_lt(y, SET(CONST(EPSILON)));

	if (v_any(v_lt(a, SET(0)))) {
		V e0, e1, l, h = FN(log_reflected)(v_select(tiny, SET(CONST(EPSILON)), y), &l);
		V s = FN(sum)(h, SET(CONST(LOG_PI)), &e0);

		s = FN(sum)(s, v_neg(high), &e1);
		s = s + (((e0 + SET(CONST(LOG_PI_REST))) + e1) + (l - low));
		r = v_select(v_lt(a, SET(0)), v_select(v_lt(h, SET(INFINITY)), s, h), r);
	}
	r = v_select(tiny, v_neg(FN(log)(y)), r);
	return v_select(v_lt(y, SET(INFINITY)), r, y);
}
