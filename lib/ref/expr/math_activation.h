/* SPDX-License-Identifier: MIT */
/*
 * Activations with a piece of e^a or none at all, after PyTorch's functional ones; sigmoid, silu and gelu are in
 * math_exp.h. Generic, in the convention of expr/arith.h. p and q are the operation's numbers.
 */

TR__INLINE V FN(leaky_relu)(V a, V p) { return v_select(v_gt(a, SET(0)), a, a * p); }
TR__INLINE V FN(prelu)(V a, V b) { return v_select(v_gt(a, SET(0)), a, a * b); }
TR__INLINE V FN(elu)(V a, V p) { return v_select(v_gt(a, SET(0)), a, p * FN(expm1)(a)); }
TR__INLINE V FN(celu)(V a, V p) { return v_select(v_gt(a, SET(0)), a, p * FN(expm1)(a / p)); }
TR__INLINE V FN(hardtanh)(V a, V p, V q) { return v_min(v_max(a, p), q); }
TR__INLINE V FN(softsign)(V a) { return a / (SET(1) + v_abs(a)); }
TR__INLINE V FN(threshold)(V a, V p, V q) { return v_select(v_le(a, p), q, a); }
TR__INLINE V FN(hardshrink)(V a, V p) { return v_select(v_le(v_abs(a), p), SET(0), a); }

/* a - p, a + p or 0, whichever brings a nearer to 0 without passing it. */
TR__INLINE V FN(softshrink)(V a, V p)
{
	V y = v_abs(a);

	return v_select(v_le(y, p), SET(0), v_copysign(y - p, a));
}

/* Klambauer et al., "Self-Normalizing Neural Networks" (2017): λ and λα. */
TR__INLINE V FN(selu)(V a)
{
	return v_select(v_gt(a, SET(0)), a * SET(1.0507009873554804934), FN(expm1)(a) * SET(1.7580993408473768599));
}

/* Both by minimum(maximum(a + 3, 0), 6). */
TR__INLINE V FN(hardsigmoid)(V a) { return v_min(v_max(a + SET(3), SET(0)), SET(6)) / SET(6); }
TR__INLINE V FN(hardswish)(V a) { return a * v_min(v_max(a + SET(3), SET(0)), SET(6)) / SET(6); }

/* Negative down to -0. */
TR__INLINE V FN(logsigmoid)(V a)
{
	return v_neg(FN(log1p)(FN(exp)(v_neg(v_abs(a)))) - v_min(a, SET(0)));
}

/* log(1 + e^(p·a)) / p, the exponent to twice the precision; a where p·a is above q. */
TR__INLINE V FN(softplus)(V a, V p, V q)
{
	V u = a * p, u_low = v_fma(a, p, v_neg(u));
	M over = v_gt(u, q);
	V e = FN(exp)(v_select(over, SET(0), u));

	e = v_select(v_gt(e, SET(0)), v_fma(e, u_low, e), e); /* u_low is NaN where u is infinite */
	return v_select(over, a, FN(log1p)(e) / p);
}

/*
 * a·tanh(log(1 + e^a)) = a·t / (t + 2), t = e (e + 2), e = e^a. As in times_sigmoid, where e is not normal 2^n comes last; t
 * is then 2e. From MISH_LARGE on the quotient is 1.
 */
TR__INLINE V FN(mish)(V a)
{
	V p;
	VI n = FN(exp_split)(a, &p);
	V e = FN(scale_normal)(p, n), t = v_fma(e, e, e + e);
	V y = v_select(v_gt(a, SET(CONST(MISH_LARGE))), a, a * (t / (t + SET(2))));

	if (FN(any_beyond)(a, CONST(EXP_NORMAL))) {
		V tiny = v_select(v_lt(a, SET(CONST(SILU_MIN))), a * SET(0), FN(scale)(a * p, n));

		y = v_select(v_lt(a, SET(-CONST(EXP_NORMAL))), tiny, y);
	}
	return y;
}
