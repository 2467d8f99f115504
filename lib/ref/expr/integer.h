/* SPDX-License-Identifier: MIT */
/* Expressions of the integers, signed and unsigned. Conventions: expr/arith.h. */

TR__INLINE V FN(negative)(V a) { return -a; }

/* No unsigned lane is below 0, so -1 comes out of signed ones only. */
TR__INLINE V FN(sign)(V a)
{
	return v_select(v_gt(a, SET(0)), SET(1), v_select(v_lt(a, SET(0)), SET((E)-1), SET(0)));
}

/* 1 / a is 0 but for 1 and -1. */
TR__INLINE V FN(reciprocal)(V a) { return v_select(v_eq(v_abs(a), SET(1)), a, SET(0)); }

TR__INLINE V FN(floor)(V a) { return a; }
TR__INLINE V FN(ceil)(V a) { return a; }
TR__INLINE V FN(trunc)(V a) { return a; }

/* As remainder, but for the sign. */
TR__INLINE V FN(fmod)(V a, V b)
{
	V r = FN(remainder)(a, b), less = r - b;
	M differ = v_mxor(v_lt(a, SET(0)), v_lt(r, SET(0)));

	return v_select(v_mand(v_ne(r, SET(0)), differ), less, r);
}

/* Euclid's algorithm. The least number, which has no positive one, stays as it is, as absolute leaves it. */
TR__INLINE V FN(gcd)(V a, V b)
{
	V x = a, y = b;

	for (int i = 0; i < 2 * 8 * (int)sizeof(E); i++) {
		M left = v_ne(y, SET(0));
		V rest;

		if (!v_any(left))
			break;
#ifdef F
		if (FN(all_exact)(x, y))
			return FN(gcd_exact)(x, y);
#endif
		rest = FN(remainder)(x, y);
		x = v_select(left, y, x);
		y = v_select(left, rest, y);
	}
	return v_abs(x);
}

TR__INLINE V FN(lcm)(V a, V b)
{
	V share = v_abs(FN(floor_divide)(v_abs(a), FN(gcd)(a, b)));

	return share * v_abs(b);
}

/*
 * By squaring, a bit of b at a time. A negative power is that of 1 / a, truncated, which leaves 1, -1 and 0; there b's
 * lowest bit is all that counts.
 */
TR__INLINE V FN(pow)(V a, V b)
{
	M negative = v_lt(b, SET(0));
	V r = SET(1), lowest = b & SET(1);
	V base = v_select(negative, FN(reciprocal)(a), a), left = v_select(negative, lowest, b);

	r = v_select(v_mand(negative, v_eq(base, SET(0))), SET(0), r);
	for (int i = 0; i < 8 * (int)sizeof(E); i++) {
		if (!v_any(v_ne(left, SET(0))))
			break;
		V odd = left & SET(1), product = r * base;
		r = v_select(v_ne(odd, SET(0)), product, r);
		base = base * base;
		left = v_shr(left, SET(1));
	}
	return r;
}

TR__INLINE V FN(fmin)(V a, V b) { return v_min(a, b); }
TR__INLINE V FN(fmax)(V a, V b) { return v_max(a, b); }

TR__INLINE V FN(bitwise_and)(V a, V b) { return a & b; }
TR__INLINE V FN(bitwise_or)(V a, V b) { return a | b; }
TR__INLINE V FN(bitwise_xor)(V a, V b) { return a ^ b; }
TR__INLINE V FN(invert)(V a) { return ~a; }

TR__INLINE M FN(shift_in_width)(V n)
{
	return v_mand(v_ge(n, SET(0)), v_lt(n, SET(8 * sizeof(E))));
}

TR__INLINE V FN(left_shift)(V a, V b)
{
	V n = b & SET(8 * sizeof(E) - 1);

	return v_select(FN(shift_in_width)(b), v_shl(a, n), SET(0));
}

/* What is left when all bits are shifted out: -1 of a negative number, else 0; of unsigned ones always 0. */
TR__INLINE V FN(right_shift)(V a, V b)
{
	V n = b & SET(8 * sizeof(E) - 1);
	V gone = v_select(v_lt(a, SET(0)), SET((E)-1), SET(0));

	return v_select(FN(shift_in_width)(b), v_shr(a, n), gone);
}
