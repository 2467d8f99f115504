/* SPDX-License-Identifier: MIT */
/*
 * Random numbers of distributions that take candidates until one is accepted, in f64: each attempt has a block of its own.
 * No include guard: included once per vocabulary, at the end of expr/math_f64.h, with its macros.
 */

TR__INLINE M op_random_bernoulli_f64(V a, V p, TR__UNUSED V q)
{
	return v_lt(op_random_unit_f64(a), p);
}

/* Two numbers of an attempt, as bits. */
TR__INLINE void op_random_pair_f64(V a, vu64 key, vu64 stream, V *first, V *second)
{
	vu64 low, high;

	op_philox((vu64)(v_bits(a)), key, stream, &low, &high);
	*first = v_from_bits((VI)low);
	*second = v_from_bits((VI)high);
}

/*
 * Marsaglia and Tsang, A simple method for generating gamma variables, ACM TOMS 26 (2000): d (1 + z / √(9d))³, d = p - 1/3.
 * Below p = 1 that of p + 1, times u^(1/p).
 */
TR__INLINE V op_random_loggamma_f64(V a, V p, V q, vu64 key, vu64 stream)
{
	M small = v_lt(p, SET(1)), open = v_ge(p, SET(0));
	V d = v_select(small, p + SET(1), p) - SET(1.0 / 3), c = SET(1) / v_sqrt(SET(9) * d), y = SET(0), z, u, x, t;

	for (int i = 0; i < RANDOM_MOST && v_any(open); i++) {
		op_random_pair_f64(a, key, stream + vu64_set(i), &z, &u);
		z = op_random_standard_normal_f64(z);
		op_random_sides_f64(u, &x, &t);

		V v = v_fma(c, z, SET(1)), least = SET(0x1p-60), safe = v_select(v_lt(v, least), least, v);
		V log_v = SET(3) * op_log_of_f64(safe, SETI(0)), cube = safe * safe * safe;
		V bound = v_fma(z * z, SET(0.5), d * ((SET(1) - cube) + log_v));
		M taken = v_mand(open, v_mand(v_ge(v, least), v_lt(v_neg(op_random_log_f64(x, t)), bound)));

		y = v_select(taken, log_v, y);
		open = v_mand(open, v_mnot(taken));
	}
	if (v_any(small)) {
		op_random_pair_f64(a, key, stream + vu64_set(RANDOM_SCALE), &u, &z);
		op_random_sides_f64(u, &x, &t);
		y = v_select(small, y - op_random_log_f64(x, t) / p, y);
	}
	return y + op_log_f64(d * q);
}

/*
 * log k! less (log 2π) / 2 + (k + 1/2) log(k + 1) - (k + 1), of an integer k >= 0, by its series in k + 1. That is 3e-4 off at 0, 2e-6
 * at 1 and 4e-8 at 2, which from a mean of 10 on nobody can see: those have probabilities below 5e-5, 5e-4 and 3e-3.
 */
TR__INLINE V op_random_stirling_f64(V k)
{
	V inverse = SET(1) / (k + SET(1)), square = inverse * inverse;
	V p = v_fma(square, SET(-1.0 / 1680), SET(1.0 / 1260));

	return inverse * v_fma(square, v_fma(square, p, SET(-1.0 / 360)), SET(1.0 / 12));
}

/* What of u is left after the probabilities of 0, 1, … are taken from it, while there is any: how many are. ratio and slope:
 * k's probability is that of k - 1 times ratio / k - slope. */
TR__INLINE V op_random_count_f64(V a, V first, V ratio, V slope, vu64 key, vu64 stream)
{
	V u, other, y = SET(0), each = first, sum = first;
	M open;

	op_random_pair_f64(a, key, stream, &u, &other);
	u = op_random_unit_f64(u);
	open = v_ge(u, sum);
	for (int i = 1; i < 2 * RANDOM_MOST && v_any(open); i++) {
		each = each * (ratio / SET(i) - slope);
		open = v_mand(open, v_gt(each, SET(0)));
		y = v_select(open, SET(i), y);
		sum = sum + each;
		open = v_mand(open, v_ge(u, sum));
	}
	return y;
}

/*
 * By counting below a mean of 10, else PTRS (Hörmann, The transformed rejection method for generating Poisson random variables,
 * Insurance: Mathematics and Economics 12, 1993). The logarithm of a probability is in terms of 1 + δ = p / (k + 1) there, so that
 * it is as exact for large p.
 */
TR__INLINE V op_random_poisson_f64(V a, V p, TR__UNUSED V q, vu64 key, vu64 stream)
{
	M open = v_ge(p, SET(10)), few = v_mnot(open);
	V b = v_fma(SET(2.53), v_sqrt(p), SET(0.931)), slope = v_fma(SET(0.02483), b, SET(-0.059)), y = SET(0), u, v, x, t;
	V most = SET(0.9277) - SET(3.6224) / (b - SET(2)), scale = (SET(1.1239) + SET(1.1328) / (b - SET(3.4))) * p;

	if (v_any(few))
		y = op_random_count_f64(a, op_exp_f64(v_neg(p)), p, SET(0), key, stream);
	for (int i = 0; i < RANDOM_MOST && v_any(open); i++) {
		op_random_pair_f64(a, key, stream + vu64_set(i), &u, &v);
		op_random_sides_f64(u, &x, &t);
		u = x - SET(0.5);
		op_random_sides_f64(v, &v, &t);

		V near = SET(0.5) - v_abs(u), k = v_floor(v_fma((slope + slope) / near + b, u, p + SET(0.43)));
		M some = v_ge(k, SET(0)), taken = v_mand(v_ge(near, SET(0.07)), v_le(v, most));
		V c = v_select(some, k, SET(0)), k1 = c + SET(1), gap = p - k1;
		/* log(e^-p p^k / k!), less log(√(k + 1) / p), which is on the other side */
		V chance = v_fma(k1, op_log1p_of_f64(gap / k1), v_neg(gap)) - SET(0.91893853320467274178) -
			   op_random_stirling_f64(c);
		V bound = op_log_of_f64(v * scale / ((slope / (near * near) + b) * v_sqrt(k1)), SETI(0));

		taken = v_mand(v_mand(open, some), v_mor(taken, v_le(bound, chance)));
		y = v_select(taken, k, y);
		open = v_mand(open, v_mnot(taken));
	}
	return y;
}

/* BTRS (Hörmann, The generation of binomial random variates, J. Statistical Computation and Simulation 46, 1993), by counting
 * below a mean of 10; of the lesser of p and 1 - p. */
TR__INLINE V op_random_binomial_f64(V a, V p, V q, vu64 key, vu64 stream)
{
	M swap = v_gt(p, SET(0.5));
	V chance = v_select(swap, SET(1) - p, p), other = SET(1) - chance, mean = q * chance, odds = chance / other;
	M open = v_ge(mean, SET(10)), few = v_mnot(open);
	V root = v_sqrt(mean * other), b = v_fma(SET(2.53), root, SET(1.15));
	V slope = v_fma(SET(0.01), chance, v_fma(SET(0.0248), b, SET(-0.0873))), most = SET(0.92) - SET(4.2) / b;
	V alpha = (SET(2.83) + SET(5.1) / b) * root, mode = v_floor((q + SET(1)) * chance), y = SET(0), u, v, x, t;
	V rest = q - mode, start = (mode + SET(0.5)) * op_log_of_f64((mode + SET(1)) / (odds * (rest + SET(1))), SETI(0)) +
				   op_random_stirling_f64(mode) + op_random_stirling_f64(rest);

	if (v_any(few))
		y = op_random_count_f64(a, op_exp_f64(q * op_log1p_of_f64(v_neg(chance))), odds * (q + SET(1)), odds, key, stream);
	for (int i = 0; i < RANDOM_MOST && v_any(open); i++) {
		op_random_pair_f64(a, key, stream + vu64_set(i), &u, &v);
		op_random_sides_f64(u, &x, &t);
		u = x - SET(0.5);
		op_random_sides_f64(v, &v, &t);

		V near = SET(0.5) - v_abs(u), k = v_floor(v_fma((slope + slope) / near + b, u, mean + SET(0.5)));
		M inside = v_mand(v_ge(k, SET(0)), v_le(k, q));
		V c = v_select(inside, k, mode), left = q - c;
		V bound = op_log_of_f64(v * alpha / (slope / (near * near) + b), SETI(0));
		V most_log = start + (q + SET(1)) * op_log_of_f64((rest + SET(1)) / (left + SET(1)), SETI(0)) +
			     (c + SET(0.5)) * op_log_of_f64(odds * (left + SET(1)) / (c + SET(1)), SETI(0)) -
			     op_random_stirling_f64(c) - op_random_stirling_f64(left);
		M squeezed = v_mand(v_ge(near, SET(0.07)), v_le(v, most));
		M taken = v_mand(open, v_mand(inside, v_mor(squeezed, v_le(bound, most_log))));

		y = v_select(taken, k, y);
		open = v_mand(open, v_mnot(taken));
	}
	y = v_select(v_gt(y, q), q, y); /* counting may round past the end */
	return v_select(swap, q - y, y);
}
