/* SPDX-License-Identifier: MIT */
/*
 * What the elementary functions should give, from the C library in a wider type (double for f32, long
 * double for f64), and how far off a result is. Knows nothing of how the library computes.
 */
#ifndef TESTS_TRUTH_H
#define TESTS_TRUTH_H

#include <float.h>
#include <math.h>
#include <stdbool.h>

#include <trueno/opcodes.h>

#define TRUTHS(W, s) \
	static W truth_deg2rad##s(W a) { return a * (W)0.0174532925199432957692369076848861271L; } \
	static W truth_rad2deg##s(W a) { return a * (W)57.2957795130823208767981548141051703L; } \
	static W truth_rsqrt##s(W a) { return 1 / sqrt##s(a); } \
	static W truth_acosh##s(W a) { return a < 1 ? (W)NAN : acosh##s(a); } /* musl's has a branch left there */ \
	static W truth_sigmoid##s(W a) { return 1 / (1 + exp##s(-a)); } \
	static W truth_silu##s(W a) { return a / (1 + exp##s(-a)); } \
	static W truth_gelu##s(W a) { return a / 2 * erfc##s(-a * (W)0.707106781186547524400844362104849039L); } \
	static W truth_gelu_tanh##s(W a) \
	{ \
		return truth_sigmoid##s((W)1.59576912160573071175978423973752L * (a + (W)0.044715L * a * a * a)) * a; \
	}

/* The numbers of operations that have some, p and q. */
#define TRUTH_ELU 0.75
#define TRUTH_CELU 1.5
#define TRUTH_SOFTPLUS 1.5
#define TRUTH_SOFTPLUS_LIMIT 20.0

#define ACTIVATIONS(W, s) \
	static W truth_elu##s(W a) { return a > 0 ? a : TRUTH_ELU * expm1##s(a); } \
	static W truth_selu##s(W a) \
	{ \
		return (W)1.0507009873554804934193349852946L * (a > 0 ? a : (W)1.6732632423543772848170429916717L * expm1##s(a)); \
	} \
	static W truth_celu##s(W a) { return a > 0 ? a : TRUTH_CELU * expm1##s(a / TRUTH_CELU); } \
	static W truth_logsigmoid##s(W a) { return a > 0 ? -log1p##s(exp##s(-a)) : a - log1p##s(exp##s(a)); } \
	static W truth_mish##s(W a) \
	{ \
		W e = exp##s(a < 100 ? a : 100), t = e * (e + 2); \
		return a < 100 ? a * (t / (t + 2)) : a; \
	} \
	static W truth_softplus##s(W a) \
	{ \
		W u = a * TRUTH_SOFTPLUS; \
		return u > TRUTH_SOFTPLUS_LIMIT ? a : log1p##s(exp##s(u)) / TRUTH_SOFTPLUS; \
	}

ACTIVATIONS(double, )
ACTIVATIONS(long double, l)

#define SUMS(W, s) \
	static W truth_logaddexp##s(W a, W b) \
	{ \
		return isnan(a) || isnan(b) ? (W)NAN : a == b ? a + log##s(2) : fmax##s(a, b) + log1p##s(exp##s(-fabs##s(a - b))); \
	} \
	static W truth_logaddexp2##s(W a, W b) \
	{ \
		return isnan(a) || isnan(b) ? (W)NAN : a == b ? a + 1 : fmax##s(a, b) + log1p##s(exp2##s(-fabs##s(a - b))) / log##s(2); \
	}

SUMS(double, )
SUMS(long double, l)
TRUTHS(double, )
TRUTHS(long double, l)

/* lgamma writes its sign where all threads see it. */
static double truth_lgamma(double a)
{
	int sign;

	return lgamma_r(a, &sign);
}

static const struct truth {
	enum tr_op op;
	double (*of_f32)(double);
	long double (*of_f64)(long double);
	double p, q;
	double reach; /* beyond ±reach nothing new happens in f32; 0: the logarithm of the operand is what matters */
} truths[] = {
	{TR_OP_exp, exp, expl, 0, 0, 110},
	{TR_OP_exp2, exp2, exp2l, 0, 0, 155},
	{TR_OP_expm1, expm1, expm1l, 0, 0, 90},
	{TR_OP_log, log, logl, 0, 0, 0},
	{TR_OP_log2, log2, log2l, 0, 0, 0},
	{TR_OP_log10, log10, log10l, 0, 0, 0},
	{TR_OP_log1p, log1p, log1pl, 0, 0, 0},
	{TR_OP_sinh, sinh, sinhl, 0, 0, 90},
	{TR_OP_cosh, cosh, coshl, 0, 0, 90},
	{TR_OP_tanh, tanh, tanhl, 0, 0, 10},
	{TR_OP_asinh, asinh, asinhl, 0, 0, 0},
	{TR_OP_acosh, truth_acosh, truth_acoshl, 0, 0, 0},
	{TR_OP_atanh, atanh, atanhl, 0, 0, 1},
	{TR_OP_sin, sin, sinl, 0, 0, 100},
	{TR_OP_cos, cos, cosl, 0, 0, 100},
	{TR_OP_tan, tan, tanl, 0, 0, 100},
	{TR_OP_asin, asin, asinl, 0, 0, 1},
	{TR_OP_acos, acos, acosl, 0, 0, 1},
	{TR_OP_atan, atan, atanl, 0, 0, 20},
	{TR_OP_cbrt, cbrt, cbrtl, 0, 0, 0},
	{TR_OP_erf, erf, erfl, 0, 0, 5},
	{TR_OP_erfc, erfc, erfcl, 0, 0, 11},
	{TR_OP_lgamma, truth_lgamma, lgammal, 0, 0, 40},
	{TR_OP_deg2rad, truth_deg2rad, truth_deg2radl, 0, 0, 1000},
	{TR_OP_rad2deg, truth_rad2deg, truth_rad2degl, 0, 0, 1000},
	{TR_OP_rsqrt, truth_rsqrt, truth_rsqrtl, 0, 0, 0},
	{TR_OP_sigmoid, truth_sigmoid, truth_sigmoidl, 0, 0, 110},
	{TR_OP_silu, truth_silu, truth_silul, 0, 0, 115},
	{TR_OP_gelu, truth_gelu, truth_gelul, 0, 0, 15},
	{TR_OP_gelu_tanh, truth_gelu_tanh, truth_gelu_tanhl, 0, 0, 12},
	{TR_OP_elu, truth_elu, truth_elul, TRUTH_ELU, 0, 20},
	{TR_OP_selu, truth_selu, truth_selul, 0, 0, 20},
	{TR_OP_celu, truth_celu, truth_celul, TRUTH_CELU, 0, 30},
	{TR_OP_logsigmoid, truth_logsigmoid, truth_logsigmoidl, 0, 0, 105},
	{TR_OP_mish, truth_mish, truth_mishl, 0, 0, 110},
	{TR_OP_softplus, truth_softplus, truth_softplusl, TRUTH_SOFTPLUS, TRUTH_SOFTPLUS_LIMIT, 75},
};

#define TRUTH_COUNT (sizeof(truths) / sizeof(*truths))

/* The same of two operands. */
static const struct pair_truth {
	enum tr_op op;
	double (*of_f32)(double, double);
	long double (*of_f64)(long double, long double);
	bool is_power, is_sum;
} pair_truths[] = {
	{TR_OP_hypot, hypot, hypotl, false, false},
	{TR_OP_atan2, atan2, atan2l, false, false},
	{TR_OP_pow, pow, powl, true, false},
	{TR_OP_float_power, pow, powl, true, false},
	{TR_OP_logaddexp, truth_logaddexp, truth_logaddexpl, false, true},
	{TR_OP_logaddexp2, truth_logaddexp2, truth_logaddexp2l, false, true},
};

#define PAIR_TRUTH_COUNT (sizeof(pair_truths) / sizeof(*pair_truths))

/*
 * Error of got in units in the last place of want, in a type of digits binary digits whose denormals start below
 * 2^(least - 1). HUGE_VAL for a special value, or a sign, that is not as it should be. An Inf next to the greatest
 * number counts as the number that would follow.
 */
static inline double truth_ulps(long double got, long double want, int digits, int least, int most)
{
	long double end = ldexpl(1, most), smallest_step = ldexpl(1, least - digits), step;
	int e;

	if (isnan(want) || isnan(got))
		return isnan(want) && isnan(got) ? 0 : HUGE_VAL;
	if (!signbit(got) != !signbit(want))
		return HUGE_VAL;
	if (isinf(want) || fabsl(want) >= end)
		return isinf(got) ? 0 : (double)((end - fabsl(got)) / ldexpl(1, most - digits));
	if (want == 0)
		return (double)(fabsl(got) / smallest_step);
	frexpl(want, &e);
	step = ldexpl(1, e - digits);
	if (step < smallest_step)
		step = smallest_step;
	return (double)(fabsl((isinf(got) ? copysignl(end, got) : got) - want) / step);
}

static inline double truth_ulps_f32(float got, double want)
{
	return truth_ulps(got, want, FLT_MANT_DIG, FLT_MIN_EXP, FLT_MAX_EXP);
}

static inline double truth_ulps_f64(double got, long double want)
{
	return truth_ulps(got, want, DBL_MANT_DIG, DBL_MIN_EXP, DBL_MAX_EXP);
}

/*
 * The error of a result, in the units its row's tolerance is in: below -2, where zeros of lgamma lie close, those of 1 for
 * results less than that.
 */
static inline double truth_error_f32(const struct truth *t, float a, float got)
{
	double want = t->of_f32(a);

	if (t->op == TR_OP_lgamma && a < -2 && fabs(want) < 1)
		return isfinite(got) ? fabs(got - want) / FLT_EPSILON : HUGE_VAL;
	return truth_ulps_f32(got, want);
}

static inline double truth_error_f64(const struct truth *t, double a, double got)
{
	long double want = t->of_f64(a);

	if (t->op == TR_OP_lgamma && a < -2 && fabsl(want) < 1)
		return isfinite(got) ? (double)(fabsl(got - want) / DBL_EPSILON) : HUGE_VAL;
	return truth_ulps_f64(got, want);
}

/* The same of two operands; logaddexp's units are those of the greatest of operands and result. */
static inline double pair_error_f32(const struct pair_truth *t, float a, float b, float got)
{
	double want = t->of_f32(a, b), most = fmax(fabs((double)a), fabs((double)b));

	if (!t->is_sum || !(fabs(want) < most) || most > FLT_MAX)
		return truth_ulps_f32(got, want);
	return isfinite(got) ? truth_ulps_f32((float)most, most + (got - want)) : HUGE_VAL;
}

static inline double pair_error_f64(const struct pair_truth *t, double a, double b, double got)
{
	long double want = t->of_f64(a, b), most = fmaxl(fabs(a), fabs(b));

	if (!t->is_sum || !(fabsl(want) < most) || most > DBL_MAX)
		return truth_ulps_f64(got, want);
	return isfinite(got) ? truth_ulps_f64((double)most, most + (got - want)) : HUGE_VAL;
}

#endif
