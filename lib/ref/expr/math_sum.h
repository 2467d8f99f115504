/* SPDX-License-Identifier: MIT */
/* Sums and quotients to twice the precision of one type. Generic, in the convention of expr/arith.h. */

/* a + b = the result + *low, exactly (Knuth's 2Sum). */
TR__INLINE V FN(sum)(V a, V b, V *low)
{
	V s = a + b;
	V back = s - a;

	*low = (a - (s - back)) + (b - back);
	return s;
}

/* The same where |a| >= |b| or a = 0 (Dekker's Fast2Sum). */
TR__INLINE V FN(sum_ordered)(V a, V b, V *low)
{
	V s = a + b;

	*low = (a - s) + b;
	return s;
}

/* (a + a_low) / (b + b_low) as a sum; b_low is small against b. */
TR__INLINE V FN(quotient)(V a, V a_low, V b, V b_low, V *low)
{
	V q = a / b;

	*low = (v_fma(v_neg(q), b, a) + v_fma(v_neg(q), b_low, a_low)) / b;
	return q;
}

/*
 * √(a + a_low) as a sum, of normal a or 0. The rest is divided by 2√a in bits, which count like logarithms: half of them from a
 * constant is 1 / √a within 1/28 (Lomont, "Fast Inverse Square Root", 2003).
 */
TR__INLINE V FN(root)(V a, V a_low, V *low)
{
	V s = v_sqrt(a), half_inverse = v_from_bits(SETI(CONST(HALF_INVERSE_ROOT)) - (v_bits(a) >> 1));

	*low = (v_fma(v_neg(s), s, a) + a_low) * half_inverse;
	return s;
}
