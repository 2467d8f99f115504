/* SPDX-License-Identifier: MIT */
/* Expressions of f32 and f64 that need no approximation. Conventions: expr/arith.h. */

TR__INLINE V FN(negative)(V a) { return v_neg(a); }
TR__INLINE V FN(divide)(V a, V b) { return a / b; }
TR__INLINE V FN(reciprocal)(V a) { return SET(1) / a; }
TR__INLINE V FN(sqrt)(V a) { return v_sqrt_stream(a); }
TR__INLINE V FN(fma)(V a, V b, V c) { return v_fma(a, b, c); }
TR__INLINE V FN(lerp)(V a, V b, V c) { return v_fma(c, b - a, a); }
TR__INLINE V FN(copysign)(V a, V b) { return v_copysign(a, b); }

TR__INLINE V FN(floor)(V a) { return v_floor(a); }
TR__INLINE V FN(ceil)(V a) { return v_ceil(a); }
TR__INLINE V FN(trunc)(V a) { return v_trunc(a); }
TR__INLINE V FN(rint)(V a) { return v_rint(a); }

/* p and q are powers of ten, of which one is 1. */
TR__INLINE V FN(round)(V a, V p, V q) { return v_rint(a * p / q) * q / p; }

TR__INLINE V FN(fmin)(V a, V b) { return v_select(v_isnan(a), b, v_select(v_isnan(b), a, v_min(a, b))); }
TR__INLINE V FN(fmax)(V a, V b) { return v_select(v_isnan(a), b, v_select(v_isnan(b), a, v_max(a, b))); }

/* NumPy's: +0 of either zero, NaN of NaN. */
TR__INLINE V FN(sign)(V a)
{
	V rest = v_select(v_isnan(a), a, SET(0));

	return v_select(v_gt(a, SET(0)), SET(1), v_select(v_lt(a, SET(0)), SET(-1), rest));
}

/* NumPy's: NaN only of NaN a; the value at 0 may be any. */
TR__INLINE V FN(heaviside)(V a, V b)
{
	V step = v_select(v_gt(a, SET(0)), SET(1), v_select(v_lt(a, SET(0)), SET(0), a));

	return v_select(v_eq(a, SET(0)), b, step);
}

/* Bits count up with the magnitude. From 0 the next number is the least, with the sign of b. */
TR__INLINE V FN(nextafter)(V a, V b)
{
	M away = v_mxor(v_gt(b, a), v_lt(a, SET(0)));
	V up = v_from_bits(v_bits(a) + 1), down = v_from_bits(v_bits(a) - 1);
	V least = v_copysign(v_from_bits(v_bits(SET(0)) + 1), b);
	V r = v_select(v_eq(a, SET(0)), least, v_select(away, up, down));

	r = v_select(v_eq(a, b), b, r);
	return v_select(v_mor(v_isnan(a), v_isnan(b)), a + b, r);
}

TR__INLINE M FN(isposinf)(V a) { return v_eq(a, SET(INFINITY)); }
TR__INLINE M FN(isneginf)(V a) { return v_eq(a, SET(-INFINITY)); }
TR__INLINE M FN(isnan)(V a) { return v_isnan(a); }
TR__INLINE M FN(isinf)(V a) { return v_eq(v_abs(a), SET(INFINITY)); }
TR__INLINE M FN(isfinite)(V a) { return v_lt(v_abs(a), SET(INFINITY)); }
TR__INLINE M FN(signbit)(V a) { return v_lt(v_bits(a), v_bits(SET(0))); }

/*
 * floor(a / b) = q and a - q·b = r as Python defines them. While |a / b| is below a quarter of the integers' range the
 * rounded quotient's floor is q or q + 1, and in either case one fma gives a - q·b rounded once; in the second it
 * is exact and has the wrong sign, and one step back rounds r once. True wherever the result mask is set; the
 * rest (huge quotients, infinities, NaN, division by 0) is left to fmod.
 */
TR__INLINE M FN(divide_with_remainder)(V a, V b, V *q, V *r)
{
	V quotient = a / b;
	V whole = v_floor(quotient);
	V rest = v_fma(v_neg(whole), b, a);
	M nonzero = v_ne(rest, SET(0));
	M past = v_mand(nonzero, v_ne(v_copysign(SET(1), rest), v_copysign(SET(1), b)));

	*q = v_select(past, whole - SET(1), whole);
	*r = v_select(past, rest + b, v_select(nonzero, rest, v_copysign(SET(0), b)));
	return v_mand(v_lt(v_abs(quotient), SET(sizeof(E) == 4 ? 0x1p22 : 0x1p51)), v_lt(v_abs(b), SET(INFINITY)));
}

TR__INLINE V FN(floor_divide)(V a, V b)
{
	V q, r;
	M done = FN(divide_with_remainder)(a, b, &q, &r);

	if (__builtin_expect(!v_all(done), 0))
		q = v_select(done, q, v_each2(TR__PASTE2(scalar_floor_divide_, T), a, b));
	return q;
}

TR__INLINE V FN(remainder)(V a, V b)
{
	V q, r;
	M done = FN(divide_with_remainder)(a, b, &q, &r);

	if (__builtin_expect(!v_all(done), 0))
		r = v_select(done, r, v_each2(TR__PASTE2(scalar_remainder_, T), a, b));
	return r;
}

/*
 * a - trunc(a / b)·b, which is exact, as in divide_with_remainder: of magnitudes, the rounded quotient's whole part may be
 * one too large, and then one step back is exact too.
 */
TR__INLINE V FN(fmod)(V a, V b)
{
	V x = v_abs(a), y = v_abs(b);
	V quotient = x / y;
	V rest = v_fma(v_neg(v_trunc(quotient)), y, x);
	M done = v_mand(v_lt(quotient, SET(sizeof(E) == 4 ? 0x1p22 : 0x1p51)), v_lt(y, SET(INFINITY)));
	V r = v_copysign(v_select(v_lt(rest, SET(0)), rest + y, rest), a);

	if (__builtin_expect(!v_all(done), 0))
		r = v_select(done, r, v_each2(TR__PASTE2(scalar_fmod_, T), a, b));
	return r;
}
