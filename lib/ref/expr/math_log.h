/* SPDX-License-Identifier: MIT */
/*
 * Logarithms: log log2 log10 log1p. Generic, in the convention of expr/arith.h; the constants and polynomials of a
 * type are in math_f32.h and math_f64.h, the table is expr/math_table_log.h.
 *
 * All rest on x = 2^k·(1 + r) / c, c of the table, |r| < 1/16, and x = 1 + r about 1. The logarithms of 2^k and 1 / c have
 * a high part whose sum is exact; the logarithm of 1 + r is r times a constant, and r²·p(r) beside it.
 */

/* The k of x = 2^k·m, BASE <= m < 2·BASE, and the interval of m: bits count up with x. */
TR__INLINE VI FN(log_interval)(V x, VI *i)
{
	VI above = v_bits(x) - v_bits(SET(CONST(LOG_BASE)));

	*i = (above >> (MANTISSA - CONST(LOG_BITS))) & SETI((1 << CONST(LOG_BITS)) - 1);
	return above >> MANTISSA;
}

/* The k, i and r of normal x; the k that is returned is greater by more. */
TR__INLINE V FN(log_reduce)(V x, VI more, VI *i, V *r)
{
	VI k = FN(log_interval)(x, i);

	*r = v_fma(v_from_bits(v_bits(x) - (k << MANTISSA)), LOOKUP16(CONST(LOG_TABLE)[0], *i), SET(-1));
	return v_from_int(k + more);
}

/* log of 2^k·(1 + r) / c, where c is of interval i, as whole + (r + low). */
TR__INLINE void FN(log_parts)(V k, VI i, V r, V *whole, V *low)
{
	*whole = v_fma(k, SET(CONST(LN2_HIGH)), LOOKUP16(CONST(LOG_TABLE)[3], i));
	*low = v_fma(r * r, FN(poly)(r, CONST(LOG), LENGTH(LOG)), v_fma(k, SET(CONST(LN2_LOW)), LOOKUP16(CONST(LOG_TABLE)[4], i)));
}

TR__INLINE V FN(log_join)(V k, VI i, V r)
{
	V whole, low;

	FN(log_parts)(k, i, r, &whole, &low);
	return whole + (r + low);
}

TR__INLINE V FN(log_of)(V x, VI more)
{
	VI i;
	V r, k = FN(log_reduce)(x, more, &i, &r);

	return FN(log_join)(k, i, r);
}

/* whole + r·(c + c_low) + low. */
TR__INLINE V FN(log_times)(V whole, V r, E c, E c_low, V low)
{
	return whole + v_fma(r, SET(c), v_fma(r, SET(c_low), low));
}

TR__INLINE V FN(log2_of)(V x, VI more)
{
	VI i;
	V r, k = FN(log_reduce)(x, more, &i, &r);
	V low = v_fma(r * r, FN(poly)(r, CONST(LOG2), LENGTH(LOG2)), LOOKUP16(CONST(LOG_TABLE)[2], i));

	return FN(log_times)(k + LOOKUP16(CONST(LOG_TABLE)[1], i), r, CONST(LOG2E), CONST(LOG2E_REST), low);
}

TR__INLINE V FN(log10_of)(V x, VI more)
{
	VI i;
	V r, k = FN(log_reduce)(x, more, &i, &r);
	V low = v_fma(k, SET(CONST(LOG10_2_LOW)), LOOKUP16(CONST(LOG_TABLE)[6], i));

	low = v_fma(r * r, FN(poly)(r, CONST(LOG10), LENGTH(LOG10)), low);
	return FN(log_times)(v_fma(k, SET(CONST(LOG10_2_HIGH)), LOOKUP16(CONST(LOG_TABLE)[5], i)), r, CONST(LOG10E),
			     CONST(LOG10E_REST), low);
}

/* Whether some a is not a positive normal number. */
TR__INLINE int FN(log_any_special)(V a)
{
	return __builtin_expect(!v_all(v_mand(v_ge(a, SET(CONST(LEAST_NORMAL))), v_lt(a, SET(INFINITY)))), 0);
}

/* A denormal made normal, times 2^(MANTISSA + 1); others as they are. */
TR__INLINE V FN(log_normalise)(V a, VI *more)
{
	M small = v_lt(a, SET(CONST(LEAST_NORMAL)));

	*more = v_select(small, SETI(-(MANTISSA + 1)), SETI(0));
	return v_select(small, a * SET(2.0 * (1ll << MANTISSA)), a);
}

/* y, but the limit at 0 and Inf and NaN where there is no logarithm. */
TR__INLINE V FN(log_special)(V a, V y)
{
	y = v_select(v_eq(a, SET(0)), SET(-INFINITY), y);
	y = v_select(v_lt(a, SET(0)), SET(NAN), y);
	return v_select(v_lt(a, SET(INFINITY)), y, a);
}

#define LOGARITHM(name) \
	TR__INLINE V FN(name)(V a) \
	{ \
		V y = FN(name##_of)(a, SETI(0)); \
		if (FN(log_any_special)(a)) { \
			VI more; \
			V x = FN(log_normalise)(a, &more); \
			y = FN(log_special)(a, FN(name##_of)(x, more)); \
		} \
		return y; \
	}

LOGARITHM(log)
LOGARITHM(log2)
LOGARITHM(log10)

#undef LOGARITHM

/*
 * log(1 + a) for -1 < a < LOG1P_LARGE. k is that of the rounded sum; c has few bits, of which 2^-k·c - 1 loses none while the 1
 * matters. What r loses to rounding counts where k is 0: there c·a is added last, whole and c - 1 nearly cancelling.
 */
TR__INLINE V FN(log1p_of)(V a)
{
	VI i, k = FN(log_interval)(SET(1) + a, &i);
	V pow = FN(pow2)(-(k << MANTISSA)), c = LOOKUP16(CONST(LOG_TABLE)[0], i), x = a * pow;
	V base = v_fma(pow, c, SET(-1)), r = v_fma(x, c, base), product = x * c, whole, low;

	FN(log_parts)(v_from_int(k), i, r, &whole, &low);

	V near = product + ((whole + base) + (v_fma(x, c, v_neg(product)) + low));

	return v_select(v_eq(k, SETI(0)), near, whole + (r + low));
}

TR__INLINE V FN(log1p)(V a)
{
	V y = FN(log1p_of)(a);
	M usual = v_mand(v_gt(a, SET(-1)), v_lt(a, SET(CONST(LOG1P_LARGE))));

	if (__builtin_expect(!v_all(usual), 0)) {
		V large = FN(log_special)(SET(1) + a, FN(log_of)(a, SETI(0)));

		y = v_select(usual, y, large);
	}
	return v_copysign(y, a);
}

/* The greater, and the logarithm of 1 and the lesser's share of it. Equal infinities are left out of their difference. */
TR__INLINE V FN(logaddexp)(V a, V b)
{
	V least = v_neg(v_abs(a - b)), more = FN(log1p)(FN(exp)(least));

	return v_select(v_eq(a, b), a + SET(CONST(LN2)), v_max(a, b) + more);
}

TR__INLINE V FN(logaddexp2)(V a, V b)
{
	V least = v_neg(v_abs(a - b)), more = FN(log1p)(FN(exp2)(least)) * SET(CONST(LOG2E));

	return v_select(v_eq(a, b), a + SET(1), v_max(a, b) + more);
}
