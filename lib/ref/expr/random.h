/* SPDX-License-Identifier: MIT */
/*
 * Random numbers of floating types from random bits, one draw each. Generic, in the convention of expr/arith.h; after the
 * elementary functions. An operand's lanes are bits, whatever number they would be. BITS of them make a magnitude m,
 * which stands for x = (m + 1/2) / 2^BITS, within (0, 1) and never an end; the lowest bit is free for a sign.
 */

/* x, and t = 1 - x with its own relative precision. */
TR__INLINE void FN(random_sides)(V a, V *x, V *t)
{
	VI m = (VI)((VU)(v_bits(a)) >> (WIDTH - BITS)), most = SETI((1ull << BITS) - 1);

	*x = v_fma(v_from_int(m), SET(CONST(RANDOM_UNIT)), SET(CONST(RANDOM_UNIT) / 2));
	*t = v_fma(v_from_int(most - m), SET(CONST(RANDOM_UNIT)), SET(CONST(RANDOM_UNIT) / 2));
}

/* The first MANTISSA + 1 bits as a number in [0, 1): one in [1, 2) less 1, or less the number before 1 if the last is set. */
TR__INLINE V FN(random_unit)(V a)
{
	VI one = v_bits(SET(1)), last = (VI)((VU)(v_bits(a) << MANTISSA) >> (WIDTH - 1));

	return v_from_bits((VI)((VU)(v_bits(a)) >> (WIDTH - MANTISSA)) | one) - v_from_bits(one - last);
}

/* -log t, of which x is what is exact where t is near 1. */
TR__INLINE V FN(random_log)(V x, V t)
{
	VI i, k = FN(log_interval)(t, &i);
	V c = LOOKUP16(CONST(LOG_TABLE)[0], i), f = v_from_bits(v_bits(t) - (k << MANTISSA)) - SET(1);

	f = v_select(v_eq(k, SETI(0)), v_neg(x), f);
	return v_neg(FN(log_join)(v_from_int(k), i, v_fma(f, c, c - SET(1))));
}

/*
 * The quantile of the standard normal distribution at (1 ± x) / 2: ±x times a function of w = -log(1 - x²) (Giles, Approximating
 * the erfinv function, GPU Computing Gems, 2011), in the far tail of √w.
 */
TR__INLINE V FN(random_standard_normal)(V a)
{
	V x, t, w, g;

	FN(random_sides)(a, &x, &t);
	w = v_neg(FN(log_of)(v_fma(t, x, t), SETI(0)));
	g = FN(poly)(w - SET(CONST(NORMAL_MIDDLE)), CONST(NORMAL_NEAR), LENGTH(NORMAL_NEAR));

	M far = v_gt(w, SET(2 * CONST(NORMAL_MIDDLE)));

	if (__builtin_expect(v_any(far), 0)) {
		V root = v_sqrt(v_select(far, w, SET(2 * CONST(NORMAL_MIDDLE)))) - SET(CONST(NORMAL_FAR_MIDDLE));

		g = v_select(far, FN(horner)(root, CONST(NORMAL_FAR), LENGTH(NORMAL_FAR)), g);
	}
	return v_copysign(x * g, v_from_bits(v_bits(a) << (WIDTH - 1)));
}

TR__INLINE V FN(random_uniform)(V a, V p, V q)
{
	return v_fma(FN(random_unit)(a), q, p);
}

TR__INLINE V FN(random_normal)(V a, V p, V q)
{
	return v_fma(FN(random_standard_normal)(a), q, p);
}

TR__INLINE V FN(random_exponential)(V a, V p, V q)
{
	V x, t;

	FN(random_sides)(a, &x, &t);
	return v_fma(FN(random_log)(x, t), q, p);
}
