/* SPDX-License-Identifier: MIT */
/*
 * Exponentials, and what is made of them: exp exp2 expm1 sigmoid silu gelu gelu_tanh. Generic, in the convention of
 * expr/arith.h; the constants and polynomials of a type are in math_f32.h and math_f64.h.
 *
 * All rest on one reduction, after Cody & Waite, "Software Manual for the Elementary Functions" (1980):
 *   e^(a + b) = 2^n · e^(r + s),  n the nearest integer to a·log2 e,  |r + s| <= ln(2)/2
 *   e^(r + s) = 1 + t (1 + t·q(t)) = 1 + r + tail,  tail = s + t²·q(t),  t = r + s,  q(t) = 1/2 + …
 * r = a - n·LN2 is exact: where n is not 0, |a| > 1/4, and neither a nor LN2 has a bit below the last place of r < 1/2.
 * So the roundings that matter are that of the last addition and, by a quarter of it, that of t. An integer n is kept as n << MANTISSA, ready to be
 * added to the bits of a float.
 */

/* Adding 1.5·2^MANTISSA to a small number rounds it to an integer and leaves that in the lowest bits. */
TR__INLINE VI FN(shifted_int)(V rounded)
{
	return v_bits(rounded) << MANTISSA;
}

/* 2^n, for n of a normal number. */
TR__INLINE V FN(pow2)(VI n)
{
	return v_from_bits(n + v_bits(SET(1)));
}

/* a·2^n for all n that a MANTISSA shift keeps. In two steps, so that a denormal result is rounded once. */
TR__INLINE V FN(scale)(V a, VI n)
{
	VI half = (n >> (MANTISSA + 1)) << MANTISSA;

	return a * FN(pow2)(half) * FN(pow2)(n - half);
}

/* a·2^n for a and the result normal. */
TR__INLINE V FN(scale_normal)(V a, VI n)
{
	return v_from_bits(v_bits(a) + n);
}

/* a + b + c for |a| >= |b| or a = 0, the first addition without error (Dekker's Fast2Sum). */
TR__INLINE V FN(add3)(V a, V b, V c)
{
	V s = a + b;

	return s + ((a - s) + b + c);
}

/* e^(a + b) = 2^n · e^(r + s); b is small against a. */
TR__INLINE VI FN(exp_reduce)(V a, V b, V *r, V *s)
{
	V shift = SET(CONST(ROUND));
	V rounded = v_fma(a, SET(CONST(LOG2E)), shift);
	V n = rounded - shift;

	*r = v_fma(n, SET(-CONST(LN2)), a);
	*s = v_fma(n, SET(-CONST(LN2_REST)), b);
	return FN(shifted_int)(rounded);
}

/* e^(r + s) - 1 - r. */
TR__INLINE V FN(exp_tail)(V r, V s)
{
	V t = r + s;

	return v_fma(t * t, v_fma(FN(poly)(t, CONST(EXP), LENGTH(EXP)), t, SET(0.5)), s);
}

/* e^t for |t| <= ln(2)/2. */
TR__INLINE V FN(exp_small)(V t)
{
	return FN(horner)(t, CONST(EXP_SMALL), LENGTH(EXP_SMALL));
}

/* e^a = 2^n·p: n is returned. */
TR__INLINE VI FN(exp_split)(V a, V *p)
{
	V shift = SET(CONST(ROUND));
	V rounded = v_fma(a, SET(CONST(LOG2E)), shift);
	V n = rounded - shift;

	*p = FN(exp_small)(v_fma(n, SET(-CONST(LN2_REST)), v_fma(n, SET(-CONST(LN2)), a)));
	return FN(shifted_int)(rounded);
}

/* Whether some |a| is not below limit: infinite, NaN, or where a result is no normal number. */
TR__INLINE int FN(any_beyond)(V a, E limit)
{
	return __builtin_expect(!v_all(v_lt(v_abs(a), SET(limit))), 0);
}

TR__INLINE V FN(exp)(V a)
{
	V p;
	VI n = FN(exp_split)(a, &p);
	V e = FN(scale_normal)(p, n);

	if (FN(any_beyond)(a, CONST(EXP_NORMAL))) {
		e = v_select(v_lt(a, SET(CONST(EXP_MIN))), SET(0), FN(scale)(p, n));
		e = v_select(v_gt(a, SET(CONST(EXP_MAX))), SET(INFINITY), e);
	}
	return e;
}

TR__INLINE V FN(exp2)(V a)
{
	V shift = SET(CONST(ROUND));
	V rounded = a + shift;
	V f = a - (rounded - shift);
	V p = FN(horner)(f, CONST(EXP2), LENGTH(EXP2));
	VI n = FN(shifted_int)(rounded);
	V e = FN(scale_normal)(p, n);

	if (FN(any_beyond)(a, CONST(EXP2_NORMAL))) {
		e = v_select(v_lt(a, SET(CONST(EXP2_MIN))), SET(0), FN(scale)(p, n));
		e = v_select(v_ge(a, SET(CONST(EXP2_MAX))), SET(INFINITY), e);
	}
	return e;
}

/*
 * e^a - 1 = 2^n (m + r + tail), m = 1 - 2^-n, for a >= EXPM1_MIN and normal e^a; from n = MANTISSA + 2 on, m loses
 * something. m + r can be a third of m, and is added without error.
 */
TR__INLINE V FN(expm1)(V a)
{
	V r, s, low = SET(CONST(EXPM1_MIN));
	VI n = FN(exp_reduce)(v_select(v_lt(a, low), low, a), SET(0), &r, &s);
	V back = FN(pow2)(-n);
	V m = SET(1) - back;
	V tail = FN(exp_tail)(r, s);
	V e = FN(add3)(m, r, tail + ((SET(1) - m) - back)) * FN(pow2)(n);

	if (FN(any_beyond)(a, CONST(EXP_NORMAL))) {
		V large = FN(scale)(FN(add3)(SET(1), r, tail), n);

		e = v_select(v_gt(a, SET(CONST(EXP_NORMAL))), large, e);
		e = v_select(v_gt(a, SET(CONST(EXP_MAX))), SET(INFINITY), e);
	}
	return v_copysign(e, a);
}

/* e^(high + low) = 2^n·p for high <= 0. What it returns is right where that is normal; p and n are right everywhere. */
TR__INLINE V FN(exp_negative)(V high, V low, V *p, VI *n)
{
	V r, s;

	*n = FN(exp_reduce)(high, low, &r, &s);
	*p = FN(exp_small)(r + s);
	return FN(scale_normal)(*p, *n);
}

/*
 * 1 / (1 + e^-a). With e = e^-|a| and q = e / (1 + e) it is 1 - q, or for negative a e - e·q, which keeps the rounding
 * of 1 + e out of a small result.
 */
TR__INLINE V FN(sigmoid)(V a)
{
	V p, y = v_abs(a);
	VI n = FN(exp_split)(v_neg(y), &p);
	V e = FN(scale_normal)(p, n);

	if (FN(any_beyond)(a, CONST(EXP_NORMAL)))
		e = v_select(v_gt(y, SET(-CONST(EXP_MIN))), SET(0), FN(scale)(p, n));

	V one = v_select(v_lt(a, SET(0)), e, SET(1));

	return v_fma(v_neg(one), e / (SET(1) + e), one);
}

/*
 * a / (1 + e^-b), as sigmoid, for a b with the sign of a; e = e^-|b| = 2^n·p. On the negative side e^b may be denormal
 * where a·e^b is not, so that there the factor 2^n comes last. limit: beyond it e^-|b| is not normal; least: below it the
 * result is 0. a = -Inf gives -Inf · 0 = NaN, as the formula does.
 */
TR__INLINE V FN(times_sigmoid)(V a, V e, V p, VI n, E limit, E least)
{
	M negative = v_lt(a, SET(0));
	V y = v_select(negative, a * e, a);

	y = v_copysign(v_fma(v_neg(y), e / (SET(1) + e), y), a);

	if (FN(any_beyond)(a, limit)) {
		M beyond = v_ge(v_abs(a), SET(limit));
		V tiny = v_select(v_lt(a, SET(least)), a * SET(0), FN(scale)(a * p, n));

		y = v_select(beyond, v_select(negative, tiny, a), y);
	}
	return y;
}

TR__INLINE V FN(silu)(V a)
{
	V p;
	VI n = FN(exp_split)(v_neg(v_abs(a)), &p);

	return FN(times_sigmoid)(a, FN(scale_normal)(p, n), p, n, CONST(EXP_NORMAL), CONST(SILU_MIN));
}

/*
 * (1 + tanh u) / 2 = sigmoid(2u); 2u = a (c0 + c1·a²) to twice the precision, for its error is the result's. c0 is short, so that
 * w - c0 is exact; -|2u| is what is computed.
 */
TR__INLINE V FN(gelu_tanh)(V a)
{
	V square = a * a, square_low = v_fma(a, a, v_neg(square)), c1 = SET(CONST(GELU_C1));
	V w = v_fma(c1, square, SET(CONST(GELU_C0)));
	V w_low = v_fma(c1, square, SET(CONST(GELU_C0)) - w);
	V y = v_copysign(a, SET(-1));
	V rest = v_fma(c1, square_low, v_fma(SET(CONST(GELU_C1_REST)), square, SET(CONST(GELU_C0_REST))));
	V u = y * w, p;
	VI n;
	V e = FN(exp_negative)(u, v_fma(y, w_low + rest, v_fma(y, w, v_neg(u))), &p, &n);

	return FN(times_sigmoid)(a, e, p, n, CONST(GELU_TANH_NORMAL), CONST(GELU_TANH_MIN));
}
