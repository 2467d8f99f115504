/* SPDX-License-Identifier: MIT */
/*
 * Division of the signed integers that have a float F of their width, by dividing floats. Conventions: expr/arith.h.
 *
 * The nearest integer to the quotient of the rounded operands leaves a remainder of less than |b|, or in i32, where the
 * quotient may have 7 bits more than f32, one that the same again brings there; one step at most makes it floor's. In i64,
 * where v_from_int ends at 2^51, greater numbers are divided one by one.
 */

/* Lanes beyond v_from_int's reach, the least number among them. */
TR__INLINE M FN(out_of_reach)(V a)
{
	V y = v_abs(a);

	return v_mor(v_lt(y, SET(0)), v_ge(y, SET((E)1 << (8 * sizeof(E) - 14))));
}

/* The quotient as an integer; that of 2^31 as a lesser one, which the next step makes good. */
TR__INLINE V FN(nearest)(V a, V b)
{
	TR__PASTE2(v, F) most = TR__PASTE3(v, F, _set)(sizeof(E) == 4 ? 0x1.fffffep30f : 0x1p52f);
	TR__PASTE2(v, F) f = v_from_int(a) / v_from_int(b);

	return v_to_int(v_min(v_max(f, v_neg(most)), most));
}

/* floor(a / b) and, in *r, what is left of a; b is not 0. */
TR__INLINE V FN(divide_floats)(V a, V b, V *r)
{
	V q = FN(nearest)(a, b), rest = a - q * b;

	if (sizeof(E) == 4) {
		V more = FN(nearest)(rest, b);

		q = q + more;
		rest = rest - more * b;
	}

	M past = v_mand(v_ne(rest, SET(0)), v_mxor(v_lt(rest, SET(0)), v_lt(b, SET(0))));

	*r = v_select(past, rest + b, rest);
	return v_select(past, q - SET(1), q);
}

TR__INLINE V FN(floor_divide)(V a, V b)
{
	M zero = v_eq(b, SET(0));
	V r, q;

	if (sizeof(E) == 8 && __builtin_expect(v_any(v_mor(FN(out_of_reach)(a), FN(out_of_reach)(b))), 0))
		return v_each2(TR__PASTE2(scalar_floor_divide_, T), a, b);
	q = FN(divide_floats)(a, v_select(zero, SET(1), b), &r);
	return v_select(zero, SET(0), q);
}

TR__INLINE V FN(remainder)(V a, V b)
{
	M zero = v_eq(b, SET(0));
	V r;

	if (sizeof(E) == 8 && __builtin_expect(v_any(v_mor(FN(out_of_reach)(a), FN(out_of_reach)(b))), 0))
		return v_each2(TR__PASTE2(scalar_remainder_, T), a, b);
	FN(divide_floats)(a, v_select(zero, SET(1), b), &r);
	return v_select(zero, SET(0), r);
}

/* Whether all of a and b are integers that F holds and v_from_int reaches. */
TR__INLINE int FN(all_exact)(V a, V b)
{
	V x = v_abs(a), y = v_abs(b), most = SET((E)1 << (sizeof(E) == 4 ? 24 : 50));
	M large = v_mor(v_ge(x, most), v_ge(y, most)), least = v_mor(v_lt(x, SET(0)), v_lt(y, SET(0)));

	return __builtin_expect(!v_any(v_mor(large, least)), 1);
}

/* Of such numbers, by Euclid's algorithm with the remainder nearest to 0, which is exact in floats. */
TR__INLINE V FN(gcd_exact)(V a, V b)
{
	TR__PASTE2(v, F) x = v_from_int(v_abs(a)), y = v_from_int(v_abs(b)), rest;

	for (int i = 0; i < 8 * (int)sizeof(E); i++) {
		TR__PASTE2(m, F) left = v_ne(y, TR__PASTE3(v, F, _set)(0));

		if (!v_any(left))
			break;
		rest = v_abs(v_fma(v_neg(v_rint(x / y)), y, x));
		x = v_select(left, y, x);
		y = v_select(left, rest, y);
	}
	return v_to_int(x);
}
