/* SPDX-License-Identifier: MIT */
/*
 * Elementary functions of f32: constants, polynomials (found by tools/gen/minimax.py, lowest power first), tanh and
 * erf; the rest is generic. No include guard: included once per vocabulary, by expr/all.h.
 */

#define T f32
#define V vf32
#define VI vi32
#define VU vu32
#define E ef32
#define M mf32
#define FN(name) op_##name##_f32
#define SET(c) vf32_set((ef32)(c))
#define SETI(c) vi32_set(c)
#define CONST(name) name##_f32
#define LENGTH(name) (int)(sizeof(name##_f32) / sizeof(ef32))
#define MANTISSA 23
#define WIDTH 32
#define BITS 31 /* of a random magnitude */
#define LOOKUP16(table, i) vf32_lookup(table, i)
#define LOOKUP(table, i) vf32_lookup(table, i)

#define ROUND_f32 0x1.8p23f
#define LOG2E_f32 0x1.715476p+0f
#define LOG2E_REST_f32 0x1.4ae0cp-26f
#define LN2_f32 0x1.62e43p-1f
#define LN2_REST_f32 -0x1.05c61p-29f
#define LN2_HIGH_f32 0x1.62e4p-1f /* 15 bits: k·LN2_HIGH is exact */
#define LN2_LOW_f32 0x1.7f7d1cp-20f
#define LOG10E_f32 0x1.bcb7b2p-2f
#define LOG10E_REST_f32 -0x1.5b235ep-27f
#define LOG10_2_HIGH_f32 0x1.344p-2f
#define LOG10_2_LOW_f32 0x1.3509f8p-18f
#define LEAST_NORMAL_f32 0x1p-126f
#define LOG1P_LARGE_f32 0x1p64f

/* e^±NORMAL and all between are normal; e^MIN rounds to 0; MAX is the greatest with a finite e^MAX. */
#define EXP_NORMAL_f32 87.0f
#define EXP_MIN_f32 -104.0f
#define EXP_MAX_f32 0x1.62e42ep+6f
#define EXP2_NORMAL_f32 126.0f
#define EXP2_MIN_f32 -151.0f
#define EXP2_MAX_f32 128.0f
#define EXPM1_MIN_f32 -18.0f /* the result is -1 */
#define MISH_LARGE_f32 20.0f
#define SILU_MIN_f32 -110.0f

/* 2 √(2/π) and 0.044715 times it. */
#define GELU_C0_f32 0x1.9888p+0f /* 14 bits */
#define GELU_C0_REST_f32 -0x1.d6615ep-15f
#define GELU_C1_f32 0x1.2444f2p-4f
#define GELU_C1_REST_f32 0x1.49b16ap-29f
#define GELU_TANH_NORMAL_f32 9.5f
#define GELU_TANH_MIN_f32 -12.0f
#define GELU_NORMAL_f32 12.75f
#define GELU_MIN_f32 -14.5f

#define HYPOT_LARGE_f32 0x1p40f
#define HYPOT_SCALE_f32 0x1p90f
#define CBRT_SCALE_f32 0x1p30f
#define CBRT_DROP_f32 0
#define CBRT_BIAS_f32 0x54a21d2ap0f
#define CBRT_STEPS_f32 1

#define STIRLING_0_f32 0x1.acfe3ap-2f /* (log 2π - 1) / 2 */
#define LOG_PI_f32 0x1.250d04p+0f
#define LOG_PI_REST_f32 0x1.1cf438p-25f
#define EPSILON_f32 0x1p-23f
#define HALF_INVERSE_ROOT_f32 0x5eb759df
#define ATANH_LARGE_f32 0x1.ffff8p-1f
#define ASINH_LARGE_f32 0x1p14f  /* from here on asinh a and acosh a are log 2a */
#define POW_MOST_f32 200.0f

/* π and its powers of two; LARGE is where its parts are too few, and the steps of its table. */
#define PI_f32 0x1.921fb6p+1f
#define PI_2_f32 -0x1.777a5cp-24f
#define PI_3_f32 -0x1.ee59dap-49f
#define INV_PI_f32 0x1.45f306p-2f
#define PI_180_f32 0x1.1df46ap-6f
#define INV_PI_180_f32 0x1.ca5dc2p+5f
#define LARGE_f32 0x1p15f
#define LARGE_LOG_f32 15
#define LARGE_STEP_f32 3

#define RANDOM_UNIT_f32 0x1p-31f
#define NORMAL_MIDDLE_f32 2.5f /* of w, up to twice which the first polynomial goes */
#define NORMAL_FAR_MIDDLE_f32 3.5f

static const ef32 EXP_f32[] = {0x1.555556p-3f, 0x1.5554e6p-5f, 0x1.110fd8p-7f, 0x1.6d4ebap-10f, 0x1.a29d1ep-13f};

static const ef32 EXP_SMALL_f32[] = {
	1, 1, 0x1p-1f, 0x1.555492p-3f, 0x1.5554bep-5f, 0x1.1239ecp-7f, 0x1.6d7beep-10f,
};

static const ef32 EXP2_f32[] = {
	1, 	0x1.62e43p-1f, 0x1.ebfbep-3f, 0x1.c6af7ep-5f, 0x1.3b29eap-7f, 0x1.5f0774p-10f, 0x1.4491bp-13f,
};

static const ef32 SINH_f32[] = {0x1.555556p-3f, 0x1.110fbep-7f, 0x1.a2e342p-13f};

static const ef32 COSH_f32[] = {0x1p-1f, 0x1.5554e6p-5f, 0x1.6d4f1p-10f};

static const ef32 ATANH_f32[] = {0x1.555548p-2f, 0x1.99a7c8p-3f, 0x1.2247cap-3f, 0x1.08099cp-3f};

static const ef32 ACOSH_f32[] = {-0x1.555536p-4f, 0x1.3324ecp-6f, -0x1.6b94a4p-8f, 0x1.cd52b4p-10f, -0x1.b0ff46p-12f};

static const ef32 ASINH_f32[] = {-0x1.555536p-3f, 0x1.3324ecp-4f, -0x1.6b94a4p-5f, 0x1.cd52b4p-6f, -0x1.b0ff46p-7f};

static const ef32 SIN_f32[] = {-0x1.555544p-3f, 0x1.1106c6p-7f, -0x1.991bf8p-13f};

static const ef32 COS_f32[] = {0x1.55554ap-5f, -0x1.6c0c1ap-10f, 0x1.99e0eep-16f};

static const ef32 TAN_f32[] = {
	0x1.555564p-2f, 0x1.110c98p-3f, 0x1.bb06b6p-5f, 0x1.5afabp-6f, 0x1.6bd77cp-7f, -0x1.0376aep-12f, 0x1.29a274p-8f,
};

static const ef32 ATAN_NEAR_f32[] = {-0x1.55555p-2f, 0x1.9989ap-3f, -0x1.1dc072p-3f};

static const ef32 ASIN_f32[] = {0x1.5555cap-3f, 0x1.33016cp-4f, 0x1.748a12p-5f, 0x1.8bb4dap-6f, 0x1.59cep-5f};

static const ef32 LOG_NEAR_f32[] = {0x1.555544p-2f, -0x1.000274p-2f, 0x1.9a692ap-3f, -0x1.4ac46ap-3f};

static const ef32 STIRLING_f32[] = {0x1.555554p-4f, -0x1.6b457cp-9f};

static const ef32 LOG_f32[] = {-0x1.fffffp-2f, 0x1.5557b8p-2f, -0x1.0072dcp-2f, 0x1.8e599ap-3f};

static const ef32 LOG2_f32[] = {-0x1.71546ap-1f, 0x1.ec73e6p-2f, -0x1.71fd4p-2f, 0x1.1fa06ap-2f};

static const ef32 LOG10_f32[] = {-0x1.bcb7a4p-3f, 0x1.287c9cp-3f, -0x1.bd7ccap-4f, 0x1.59bcd2p-4f};

/* The quantile of the normal distribution over x, by w and by the root of w. */
static const ef32 NORMAL_NEAR_f32[] = {
	0x1.0fc8bcp+1f, 0x1.652c5cp-2f, -0x1.8324e8p-8f, -0x1.d069c4p-10f, 0x1.43588ap-12f, -0x1.d9e122p-18f,
	-0x1.3d3ca2p-18f, 0x1.67fc56p-21f, 0x1.343eacp-28f, -0x1.cb105ap-27f, 0x1.cc12f2p-30f,
};

static const ef32 NORMAL_FAR_f32[] = {
	0x1.2de4cap+2f, 0x1.6cb4dcp+0f, 0x1.2fa00ap-8f, -0x1.7e9aa8p-9f, 0x1.971c06p-10f, -0x1.f41baep-11f,
	0x1.382cd8p-11f, -0x1.5fda66p-12f, 0x1.075ad8p-13f, 0x1.38c32p-17f, -0x1.dd8dd2p-16f, 0x1.b4dd38p-18f,
};

#include "lib/ref/expr/math_table_f32.h"
#include "lib/ref/expr/math_table_lgamma.h"
#include "lib/ref/expr/math_table_log.h"
#include "lib/ref/expr/math_table_turns.h"
#include "lib/ref/expr/math_poly.h"
#include "lib/ref/expr/math_sum.h"
#include "lib/ref/expr/math_exp.h"
#include "lib/ref/expr/math_log.h"
#include "lib/ref/expr/math_root.h"
#include "lib/ref/expr/math_pow.h"
#include "lib/ref/expr/math_trig.h"
#include "lib/ref/expr/math_arc.h"
#include "lib/ref/expr/math_hyper.h"
#include "lib/ref/expr/math_gamma.h"
#include "lib/ref/expr/math_activation.h"
#include "lib/ref/expr/random.h"

/* The last numbers whose results are less than 1. */
#define TANH_LAST 9.0109f
#define ERF_LAST 3.9192f
#define ERFC_MOST 10.1f /* erfc rounds to 0 */
#define ERFC_NORMAL 9.0f

/* The number of the interval of y >= 0: the bits of a float from the first of the fraction on count them. */
TR__INLINE vi32 table_interval_f32(vf32 y)
{
	vi32 interval = (v_bits(y) >> 22) - SETI((0x3e000000 >> 22) - 1);

	return v_min(v_max(interval, SETI(0)), SETI(15));
}

/* f(|a|) with the sign of a, for an f given by one of the tables. */
TR__INLINE vf32 table_odd_f32(const ef32 table[TABLE_ROWS][16], vf32 a, vf32 last)
{
	vf32 y = v_abs(a);
	vi32 i = table_interval_f32(y);
	vf32 t = y - vf32_lookup(table[0], i);
	vf32 p = vf32_lookup(table[TABLE_ROWS - 1], i);

	_Pragma("GCC unroll 16")
	for (int row = TABLE_ROWS - 2; row >= 2; row--)
		p = v_fma(p, t, vf32_lookup(table[row], i));
	p = v_fma(p, t, v_select(v_lt(y, SET(0.125)), y, vf32_lookup(table[1], i)));
	return v_copysign(v_select(v_gt(y, last), SET(1), p), a);
}

TR__INLINE vf32 op_tanh_f32(vf32 a)
{
	return table_odd_f32(TANH_TABLE_f32, a, SET(TANH_LAST));
}

TR__INLINE vf32 op_erf_f32(vf32 a)
{
	return table_odd_f32(ERF_TABLE_f32, a, SET(ERF_LAST));
}

/* atan c + atan t, t = (y - c) / (1 + c·y), c from the table; |t| <= 1/8. */
TR__INLINE vf32 op_atan_f32(vf32 a)
{
	vf32 y = v_abs(a), most = SET(0x1p60f);
	vi32 i = table_interval_f32(y);
	vf32 c = vf32_lookup(ATAN_TABLE_f32[0], i), t, square;

	y = v_select(v_gt(y, most), most, y);
	t = (y - c) / v_fma(y, c, SET(1));
	square = t * t;
	t = v_fma(t * square, op_horner_f32(square, ATAN_NEAR_f32, LENGTH(ATAN_NEAR)), t);
	return v_copysign(vf32_lookup(ATAN_TABLE_f32[1], i) + t, a);
}

#define INVERSE_f32 0x7ef311c7 /* less the bits of a number, those of its inverse within 1/8 */

/*
 * The angle of the point (b, a): atan c + atan t as above, of the interval of up to 1.02 times the quotient, got without dividing;
 * what t and y - c·x lose to rounding is made good. From π if b is negative, which is added to twice the precision.
 * Operands that leave no room are scaled first: Inf / Inf counts as 1, 0 / 0 as 0.
 */
TR__INLINE vf32 op_atan2_f32(vf32 a, vf32 b)
{
	vf32 y = v_abs(a), x = v_abs(b), most = v_select(v_gt(y, x), y, x);
	mf32 small = v_lt(most, SET(1 / HYPOT_LARGE_f32)), usual = v_mand(v_mnot(small), v_lt(most, SET(0x1p118f)));

	if (__builtin_expect(!v_all(usual), 0)) {
		vf32 scale = v_select(small, SET(HYPOT_SCALE_f32), v_select(usual, SET(1), SET(0x1p-8f)));
		vf32 y_end = v_select(v_eq(y, SET(INFINITY)), SET(1), y * SET(0));
		vf32 x_end = v_select(v_eq(x, SET(INFINITY)), SET(1), x * SET(0));
		mf32 infinite = v_eq(most, SET(INFINITY));

		y = v_select(infinite, y_end, y * scale);
		x = v_select(infinite, x_end, v_select(v_eq(most, SET(0)), SET(1), x * scale));
	}

	vf32 inverse = v_from_bits(SETI(INVERSE_f32) - v_bits(x));

	inverse = v_fma(inverse, v_fma(v_neg(x), inverse, SET(1.02)), inverse);

	vi32 i = table_interval_f32(y * inverse);
	vf32 c = vf32_lookup(ATAN_TABLE_f32[0], i), angle = vf32_lookup(ATAN_TABLE_f32[1], i);
	vf32 product = c * x, product_low = v_fma(c, x, v_neg(product)), less = y - product, top = less - product_low;
	vf32 bottom = v_fma(c, y, x), t = top / bottom, square = t * t;
	vf32 rest = v_fma(v_neg(t), bottom, top) + ((less - top) - product_low);
	mf32 left = v_lt(v_bits(b), SETI(0));
	vf32 times = v_select(left, SET(-1), SET(1)), base = v_select(left, SET(PI_f32), SET(0));
	vf32 high = v_fma(times, angle, base), low = v_fma(times, angle, base - high) + v_select(left, SET(PI_2_f32), SET(0));

	rest = rest * v_from_bits(SETI(INVERSE_f32) - v_bits(bottom));
	rest = v_fma(t * square, op_horner_f32(square, ATAN_NEAR_f32, LENGTH(ATAN_NEAR)), rest);
	return v_copysign(high + v_fma(times, t, v_fma(times, rest, low)), a);
}

/* The interval of x >= 0, and x less the point in it that the polynomial is about. */
#define TABLE_SHIFTED(table, shift, x, i, t) \
	vi32 i = (v_bits(x + SET(shift)) >> 21) & SETI(15); \
	vf32 t = x - vf32_lookup(table[0], i)

/*
 * e^-x² times the table's value c + rest, e^-x² = 2^n·(1 + r + tail): c is exact, c·(1 + r) + rest a sum, and what is left is
 * small. Of negative numbers 2 - erfc(x). As in times_sigmoid, 2^n comes last where e^-x² is not normal.
 */
TR__INLINE vf32 op_erfc_f32(vf32 a)
{
	vf32 y = v_abs(a), most = SET(ERFC_MOST), x = v_select(v_gt(y, most), most, y), r, s, square = x * x;
	TABLE_SHIFTED(ERFC_TABLE_f32, ERFC_SHIFT, x, i, t);
	vf32 p = vf32_lookup(ERFC_TABLE_f32[ERFC_ROWS - 1], i), c = vf32_lookup(ERFC_TABLE_f32[1], i);
	vi32 n = op_exp_reduce_f32(v_neg(square), v_fma(v_neg(x), x, square), &r, &s);

	_Pragma("GCC unroll 16")
	for (int row = ERFC_ROWS - 2; row >= 2; row--)
		p = v_fma(p, t, vf32_lookup(ERFC_TABLE_f32[row], i));

	vf32 rest = p * t, rest_low = v_fma(p, t, v_neg(rest)), tail = op_exp_tail_f32(r, s);
	vf32 high = v_fma(c, r, c), low = v_fma(c, r, c - high), both = high + rest;
	vf32 sum = both + ((low + ((high - both) + rest)) + v_fma(c, tail, v_fma(rest, r + tail, rest_low)));
	vf32 e = op_scale_normal_f32(sum, n);

	if (op_any_beyond_f32(a, ERFC_NORMAL))
		e = op_scale_f32(sum, n);
	return v_select(v_lt(a, SET(0)), SET(2) - e, e);
}

/*
 * a·Φ(a) = max(a, 0) - y·Φ(-y), y = |a|: the table's value times e^(-y²/2), where y² needs twice the precision. As in
 * times_sigmoid, 2^n comes last.
 */
TR__INLINE vf32 op_gelu_f32(vf32 a)
{
	vf32 y = v_abs(a), half = y * SET(0.5), square = half * y, p;
	TABLE_SHIFTED(GELU_TABLE_f32, GELU_SHIFT, y, i, t);
	vf32 tail = vf32_lookup(GELU_TABLE_f32[GELU_ROWS - 1], i);
	vi32 n;
	vf32 e = op_exp_negative_f32(v_neg(square), v_fma(v_neg(half), y, square), &p, &n);

	_Pragma("GCC unroll 16")
	for (int row = GELU_ROWS - 2; row >= 1; row--)
		tail = v_fma(tail, t, vf32_lookup(GELU_TABLE_f32[row], i));

	mf32 negative = v_lt(a, SET(0));
	vf32 b = v_fma(v_neg(tail), e, v_select(negative, SET(-0.0), a));

	if (op_any_beyond_f32(a, GELU_NORMAL_f32)) {
		vf32 tiny = v_select(v_lt(a, SET(GELU_MIN_f32)), a * SET(0), v_neg(op_scale_f32(tail * p, n)));

		b = v_select(v_ge(y, SET(GELU_NORMAL_f32)), v_select(negative, tiny, a), b);
	}
	return b;
}

#undef T
#undef V
#undef VI
#undef VU
#undef E
#undef M
#undef FN
#undef SET
#undef SETI
#undef CONST
#undef LENGTH
#undef MANTISSA
#undef WIDTH
#undef BITS
#undef LOOKUP16
#undef LOOKUP
