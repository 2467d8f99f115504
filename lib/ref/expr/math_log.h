/* SPDX-License-Identifier: MIT */
/*
 * Logarithms: log log2 log10 log1p. Generic, in the convention of expr/arith.h; the constants and polynomials of a
 * type are in math_f32.h and math_f64.h.
 *
 * All rest on x = 2^k (1 + f), 3/4 <= 1 + f < 3/2, and log(1 + f) = f - f²/2 + f³·p(f) as a sum high + low, low
 * holding what f - f²/2 loses to rounding. k·log(2) is added with its own low part (Cody & Waite, 1980).
 */

/* The k of x = 2^k (1 + f): bits count up with x, and from 3/4 on the exponent of x / (3/4) is k. */
TR__INLINE VI FN(log_exponent)(V x)
{
	return (v_bits(x) - v_bits(SET(0.75))) >> MANTISSA;
}

TR__INLINE void FN(log_one_plus)(V f, V *high, V *low)
{
	V square = f * f;
	V square_low = v_fma(f, f, v_neg(square));
	V h = v_fma(square, SET(-0.5), f);
	V l = v_fma(square, SET(-0.5), f - h);

	l = v_fma(square_low, SET(-0.5), l);
	*low = v_fma(f * square, FN(poly)(f, CONST(LOG), LENGTH(LOG)), l);
	*high = h;
}

/* k·(c + c_low) + high + low, where k·c is exact and either 0 or above |high|. */
TR__INLINE V FN(log_join)(V k, E c, E c_low, V high, V low)
{
	V whole = k * SET(c);
	V sum = whole + high;

	return sum + ((whole - sum) + high + v_fma(k, SET(c_low), low));
}

/* (high + low)·(c + c_low), again as a sum. */
TR__INLINE void FN(log_times)(V *high, V *low, E c, E c_low)
{
	V product = *high * SET(c);
	V rest = v_fma(*high, SET(c), v_neg(product));

	rest = v_fma(*high, SET(c_low), rest);
	*low = v_fma(*low, SET(c), rest);
	*high = product;
}

/* x = 2^k (1 + f) for normal x; the k that is returned is greater by more. */
TR__INLINE V FN(log_split)(V x, VI more, V *high, V *low)
{
	VI k = FN(log_exponent)(x);

	FN(log_one_plus)(v_from_bits(v_bits(x) - (k << MANTISSA)) - SET(1), high, low);
	return v_from_int(k + more);
}

TR__INLINE V FN(log_of)(V x, VI more)
{
	V high, low, k = FN(log_split)(x, more, &high, &low);

	return FN(log_join)(k, CONST(LN2_HIGH), CONST(LN2_LOW), high, low);
}

TR__INLINE V FN(log2_of)(V x, VI more)
{
	V high, low, k = FN(log_split)(x, more, &high, &low);

	FN(log_times)(&high, &low, CONST(LOG2E), CONST(LOG2E_REST));
	return FN(log_join)(k, 1, 0, high, low);
}

TR__INLINE V FN(log10_of)(V x, VI more)
{
	V high, low, k = FN(log_split)(x, more, &high, &low);

	FN(log_times)(&high, &low, CONST(LOG10E), CONST(LOG10E_REST));
	return FN(log_join)(k, CONST(LOG10_2_HIGH), CONST(LOG10_2_LOW), high, low);
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
 * k is that of the rounded 1 + a, so 1 + f may leave [3/4, 3/2) by a rounding error. f = 2^-k·a + (2^-k - 1) is
 * exact while the 1 matters: where k is not 0, 2^-k·a has no bits below the last place of f.
 */
TR__INLINE V FN(log1p_split)(V a, V *high, V *low)
{
	VI k = FN(log_exponent)(SET(1) + a);
	V pow = FN(pow2)(-(k << MANTISSA));

	FN(log_one_plus)(v_fma(a, pow, pow - SET(1)), high, low);
	return v_from_int(k);
}

/* log(1 + a + a_low) for -1/4 <= a < LOG1P_LARGE. */
TR__INLINE V FN(log1p_of)(V a, V a_low)
{
	V high, low, k = FN(log1p_split)(a, &high, &low);

	return FN(log_join)(k, CONST(LN2_HIGH), CONST(LN2_LOW), high, low + a_low / (SET(1) + a));
}

TR__INLINE V FN(log1p)(V a)
{
	V high, low, k = FN(log1p_split)(a, &high, &low);
	V y = FN(log_join)(k, CONST(LN2_HIGH), CONST(LN2_LOW), high, low);
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
