/* SPDX-License-Identifier: MIT */
/* Roots: rsqrt cbrt hypot. Generic, in the convention of expr/arith.h. */

/*
 * y = 1 / √a has the errors of two roundings; one Newton step on a·y² = 1, whose residual is computed exactly but for
 * its last rounding, leaves that of the final addition. At 0 and Inf the residual is NaN and y stands.
 */
TR__INLINE V FN(rsqrt)(V a)
{
	V y = SET(1) / v_sqrt(a);
	V p = a * y;
	V rest = v_fma(v_fma(a, y, v_neg(p)), y, v_fma(p, y, SET(-1)));

	return v_select(v_isnan(rest), y, v_fma(y * rest, SET(-0.5), y));
}

/*
 * Bits count like logarithms, so less a third of them is v = 1 / ∛x to 4 bits. With 1 - x·v³ = e, v (1 - e)^(-1/3) by the
 * first terms of its series has four times as many; x·v² is the root, which a step of Newton's method ends, 1 / x^(2/3)
 * being v²: of its residual only the rounding of r² is lost, of which a third counts. Small operands are scaled, so that
 * no denormal is met.
 */
TR__INLINE V FN(cbrt)(V a)
{
	V y = v_abs(a), up = SET(CONST(CBRT_SCALE));
	M small = v_lt(y, SET(1 / CONST(HYPOT_LARGE)));
	V x = v_select(small, y * (up * up * up), y), unscale = v_select(small, SET(1 / CONST(CBRT_SCALE)), SET(1));
	V count = v_fma(v_from_int(v_bits(x) >> CONST(CBRT_DROP)), SET(-1.0 / 3), SET(CONST(CBRT_BIAS)));
	V v = v_from_bits(v_to_int(count) << CONST(CBRT_DROP)), square;

	for (int i = 0; i < CONST(CBRT_STEPS); i++) {
		V e = v_fma(v_neg(x * v), v * v, SET(1));

		v = v_fma(v * e, v_fma(v_fma(e, SET(14.0 / 81), SET(2.0 / 9)), e, SET(1.0 / 3)), v);
	}
	square = v * v;

	V r = x * square;

	r = v_fma(v_fma(r * r, r, v_neg(x)), square * SET(-1.0 / 3), r) * unscale;
	return v_copysign(v_select(v_mand(v_gt(y, SET(0)), v_lt(y, SET(INFINITY))), r, y), a);
}

/*
 * √(a² + b²), both scaled by a power of two where squares could leave the range, and corrected by the residual
 * (a² + b² - h²) / 2h in exact squares (Borges, "An Improved Algorithm for hypot(a,b)", ACM TOMS 47, 2020).
 * An infinity wins against NaN.
 */
TR__INLINE V FN(hypot)(V a, V b)
{
	V x = v_abs(a), y = v_abs(b);
	M swap = v_lt(x, y);
	V most = v_select(swap, y, x), least = v_select(swap, x, y);
	M large = v_gt(most, SET(CONST(HYPOT_LARGE))), small = v_lt(most, SET(1 / CONST(HYPOT_LARGE)));
	V down = SET(1 / CONST(HYPOT_SCALE)), up = SET(CONST(HYPOT_SCALE));
	V scale = v_select(large, down, v_select(small, up, SET(1)));
	V unscale = v_select(large, up, v_select(small, down, SET(1)));

	most = most * scale;
	least = least * scale;

	V most2 = most * most, least2 = least * least;
	V h = v_sqrt(most2 + least2);
	V h2 = h * h;
	V rest = (most2 - h2) + least2;
	V low = v_fma(most, most, v_neg(most2)) + v_fma(least, least, v_neg(least2));

	rest = rest + (low - v_fma(h, h, v_neg(h2)));

	V r = (h + v_select(v_gt(h, SET(0)), rest / (h + h), SET(0))) * unscale;
	M infinite = v_mor(v_eq(x, SET(INFINITY)), v_eq(y, SET(INFINITY)));

	return v_select(infinite, SET(INFINITY), r);
}
