/* SPDX-License-Identifier: MIT */
/*
 * sinh cosh asinh acosh atanh. Generic, in the convention of expr/arith.h, by way of e^a - 1 (math_exp.h) and log(1 + a)
 * (math_log.h) to twice the precision.
 */

/* e^y / 2 for y > 0, to overflow. */
TR__INLINE V FN(half_exp)(V y)
{
	V r, s, most = SET(CONST(EXP_NORMAL) + 3);
	VI n = FN(exp_reduce)(v_select(v_gt(y, most), most, y), SET(0), &r, &s);

	return FN(scale)(FN(add3)(SET(1), r, FN(exp_tail)(r, s)), n - v_bits(SET(1)) + v_bits(SET(0.5)));
}

/* (x + x / (x + 1)) / 2, x = e^|a| - 1. */
TR__INLINE V FN(sinh)(V a)
{
	V r, s, low, x, x_low, d, d_low, q, q_low, y = v_abs(a), most = SET(CONST(EXP_NORMAL));
	V total, rest, pow;
	VI n = FN(expm1_sum)(v_select(v_gt(y, most), most, y), &r, &s, &total, &rest);

	pow = FN(pow2)(n);
	x = FN(sum_ordered)(total * pow, rest * pow, &x_low);
	d = FN(sum)(x, SET(1), &d_low);
	q = FN(quotient)(x, x_low, d, d_low + x_low, &q_low);
	x = FN(sum_ordered)(x, q, &low);
	x = (x + (low + (q_low + x_low))) * SET(0.5);
	if (FN(any_beyond)(a, CONST(EXP_NORMAL)))
		x = v_select(v_lt(y, most), x, v_select(v_lt(y, SET(INFINITY)), FN(half_exp)(y), y));
	return v_copysign(v_select(v_lt(y, SET(CONST(SINH_TINY))), y, x), a);
}

/* (e^y + e^-y) / 2, e^-y by division. */
TR__INLINE V FN(cosh)(V a)
{
	V r, s, e, e_low, q, q_low, low, pow, back, y = v_abs(a), most = SET(CONST(EXP_NORMAL));
	VI n = FN(exp_reduce)(v_select(v_gt(y, most), most, y), SET(0), &r, &s);

	e = FN(sum_ordered)(SET(1), r, &e_low);
	e = FN(sum_ordered)(e, e_low + FN(exp_tail)(r, s), &e_low);
	q = SET(1) / e;
	q_low = v_fma(v_neg(q), e_low, v_fma(v_neg(q), e, SET(1))) * q;
	pow = FN(pow2)(n);
	back = FN(pow2)(-n);
	e = FN(sum_ordered)(e * pow, q * back, &low);
	e = (e + (low + v_fma(e_low, pow, q_low * back))) * SET(0.5);
	if (FN(any_beyond)(a, CONST(EXP_NORMAL)))
		e = v_select(v_lt(y, most), e, v_select(v_lt(y, SET(INFINITY)), FN(half_exp)(y), y));
	return e;
}

/* log(1 + t), t = y + y² / (1 + √(y² + 1)); log(2y) where that is the same. */
TR__INLINE V FN(asinh)(V a)
{
	V y = v_abs(a), most = SET(CONST(ASINH_LARGE)), z = v_select(v_gt(y, most), most, y);
	V square = z * z;
	V square_low = v_fma(z, z, v_neg(square));
	V h, h_low, s, s_low, d, d_low, q, q_low, t, low;

	h = FN(sum)(square, SET(1), &h_low);
	s = FN(root)(h, h_low + square_low, &s_low);
	d = FN(sum_ordered)(s, SET(1), &d_low);
	q = FN(quotient)(square, square_low, d, d_low + s_low, &q_low);
	t = FN(sum_ordered)(z, q, &low);

	V r = FN(log1p_of)(t, low + q_low);

	if (__builtin_expect(!v_all(v_lt(y, most)), 0))
		r = v_select(v_lt(y, most), r, v_select(v_lt(y, SET(INFINITY)), FN(log_of)(y, SETI(1)), y));
	return v_copysign(v_select(v_lt(y, SET(CONST(SINH_TINY))), y, r), a);
}

/* log(1 + t), t = u + √(u² + 2u), u = a - 1, which is exact below ASINH_LARGE. */
TR__INLINE V FN(acosh)(V a)
{
	V most = SET(CONST(ASINH_LARGE)), u = v_select(v_gt(a, most), most, a) - SET(1);
	V w_low, w = FN(sum)(u, SET(2), &w_low);
	V p = u * w;
	V s_low, s = FN(root)(p, v_fma(u, w, v_neg(p)) + u * w_low, &s_low);
	V low, t = FN(sum)(s, u, &low);
	V r = FN(log1p_of)(t, low + s_low);

	if (__builtin_expect(!v_all(v_lt(a, most)), 0))
		r = v_select(v_lt(a, most), r, v_select(v_lt(a, SET(INFINITY)), FN(log_of)(a, SETI(1)), a));
	return v_select(v_lt(a, SET(1)), SET(NAN), r);
}

/* log(1 + 2y / (1 - y)) / 2. */
TR__INLINE V FN(atanh)(V a)
{
	V y = v_abs(a), d_low, d = FN(sum_ordered)(SET(1), v_neg(y), &d_low);
	V t_low, t = FN(quotient)(y + y, SET(0), d, d_low, &t_low);
	V r = FN(log1p_of)(t, t_low) * SET(0.5);

	r = v_select(v_lt(y, SET(1)), r, v_select(v_eq(y, SET(1)), SET(INFINITY), SET(NAN)));
	return v_copysign(v_select(v_lt(y, SET(CONST(SINH_TINY))), y, r), a);
}
