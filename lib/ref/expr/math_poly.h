/* SPDX-License-Identifier: MIT */
/* Polynomials, for the expressions of one type. Generic, in the convention of expr/arith.h. */

/* c[0] + c[1]·x + …, one step after the other: for coefficients whose every other sum is much larger than all of it. */
TR__INLINE V FN(horner)(V x, const E *c, int length)
{
	V p = SET(c[length - 1]);

	_Pragma("GCC unroll 32")
	for (int i = length - 2; i >= 0; i--)
		p = v_fma(p, x, SET(c[i]));
	return p;
}

/*
 * c[0] + c[1]·x + …, as even(x²) + x·odd(x²), each by Horner's rule. Two chains of half the length instead of one:
 * a processor looks too few elements ahead to fill its multipliers with one chain of each.
 */
TR__INLINE V FN(poly)(V x, const E *c, int length)
{
	int top = length - 1, even = top & ~1, odd = (top - 1) | 1;
	V square = x * x, p = SET(c[even]), q = SET(c[odd]);

	_Pragma("GCC unroll 16")
	for (int i = even - 2; i >= 0; i -= 2)
		p = v_fma(p, square, SET(c[i]));
	_Pragma("GCC unroll 16")
	for (int i = odd - 2; i > 0; i -= 2)
		q = v_fma(q, square, SET(c[i]));
	return v_fma(q, x, p);
}
