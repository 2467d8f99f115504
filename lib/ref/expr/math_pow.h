/* SPDX-License-Identifier: MIT */
/*
 * pow. Generic, in the convention of expr/arith.h; the table is expr/math_table_log.h.
 *
 * |a|^b = 2^(b·log2|a|). The logarithm has the bits of the type and a dozen more, so that its error is small even times
 * the greatest b that matters: |a| = 2^k·m, m·c = 1 + f with c from a table, and log2(1 + f) as in math_log.h, but for a
 * small f.
 */

/* log2(x) + more for normal x, as a sum. */
TR__INLINE V FN(log2_sum)(V x, VI more, V *low)
{
	VI above = v_bits(x) - v_bits(SET(CONST(LOG2_BASE)));
	VI k = above >> MANTISSA;
	VI i = (above >> (MANTISSA - CONST(LOG2_BITS))) & SETI((1 << CONST(LOG2_BITS)) - 1);
	V m = v_from_bits(v_bits(x) - (k << MANTISSA));
	V c = LOOKUP(CONST(LOG2_TABLE)[0], i);
	V p = m * c, p_low = v_fma(m, c, v_neg(p));
	V f_low, f = FN(sum)(p - SET(1), p_low, &f_low);
	V square = f * f, square_low = v_fma(f, f, v_neg(square));
	V h_low, h = FN(sum_ordered)(f, square * SET(-0.5), &h_low);

	h_low = h_low + v_fma(square_low, SET(-0.5), v_fma(v_neg(f), f_low, f_low));
	h_low = v_fma(f * square, FN(poly)(f, CONST(LOG_NEAR), LENGTH(LOG_NEAR)), h_low);
	h = FN(sum_ordered)(h, h_low, &h_low);

	V scaled = h * SET(CONST(LOG2E)), rest = v_fma(h, SET(CONST(LOG2E)), v_neg(scaled));

	h_low = v_fma(h_low, SET(CONST(LOG2E)), v_fma(h, SET(CONST(LOG2E_REST)), rest));

	V s_low, s = FN(sum)(v_from_int(k + more) + LOOKUP(CONST(LOG2_TABLE)[1], i), scaled, &s_low);

	return FN(sum_ordered)(s, s_low + (LOOKUP(CONST(LOG2_TABLE)[2], i) + h_low), low);
}

/* 2^(a + a_low) for |a| below twice the range of exponents. */
TR__INLINE V FN(exp2_sum)(V a, V a_low)
{
	V shift = SET(CONST(ROUND));
	V rounded = a + shift;
	V f = a - (rounded - shift);
	V r = f * SET(CONST(LN2));
	V s = v_fma(f, SET(CONST(LN2_REST)), v_fma(f, SET(CONST(LN2)), v_neg(r)));
	V p;

	s = v_fma(a_low, SET(CONST(LN2)), s);
	p = FN(add3)(SET(1), r, FN(exp_tail)(r, s));
	return FN(scale)(p, FN(shifted_int)(rounded));
}

/*
 * 2^(b·log2 x) for x > 0 normal but for the factor 2^more. Where b·log2 x has no part to it but an exponent out of range,
 * it is kept from becoming infinite.
 */
TR__INLINE V FN(pow_positive)(V x, VI more, V b)
{
	V low, log = FN(log2_sum)(x, more, &low);
	V p = b * log, most = SET(CONST(POW_MOST));
	V p_low = v_fma(b, log, v_neg(p)) + b * low;
	M inside = v_lt(v_abs(p), most);

	return FN(exp2_sum)(v_select(inside, p, v_copysign(most, p)), v_select(inside, p_low, SET(0)));
}

/* C's pow, Annex F: 1 of b = 0 and of a = 1 whatever the other is, NaN included. */
TR__INLINE V FN(pow_special)(V a, V b)
{
	VI more;
	V x = v_abs(a), y = v_abs(b), normal = FN(log_normalise)(x, &more), r = FN(pow_positive)(normal, more, b);
	M whole = v_eq(v_trunc(b), b), odd = v_mand(whole, v_ne(v_trunc(b * SET(0.5)), b * SET(0.5)));
	M up = v_gt(b, SET(0)), infinite = v_eq(y, SET(INFINITY));
	M endless = v_mor(v_eq(x, SET(INFINITY)), v_mand(infinite, v_gt(x, SET(1))));
	M nothing = v_mor(v_eq(x, SET(0)), v_mand(infinite, v_lt(x, SET(1))));

	r = v_select(endless, v_select(up, SET(INFINITY), SET(0)), r);
	r = v_select(nothing, v_select(up, SET(0), SET(INFINITY)), r);
	r = v_select(v_mand(v_mand(v_lt(a, SET(0)), v_gt(a, SET(-INFINITY))), v_mnot(whole)), SET(NAN), r);
	r = v_select(v_mand(FN(signbit)(a), odd), v_neg(r), r);
	r = v_select(v_mor(v_isnan(a), v_isnan(b)), a + b, r);
	r = v_select(v_mand(infinite, v_eq(x, SET(1))), SET(1), r);
	return v_select(v_mor(v_eq(b, SET(0)), v_eq(a, SET(1))), SET(1), r);
}

TR__INLINE V FN(pow)(V a, V b)
{
	if (FN(log_any_special)(a) || FN(any_beyond)(b, INFINITY))
		return FN(pow_special)(a, b);
	return FN(pow_positive)(a, SETI(0), b);
}
