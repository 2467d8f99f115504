/* SPDX-License-Identifier: MIT */
/*
 * Elementary functions of f64: constants, polynomials (found by tools/gen/minimax.py, lowest power first), and the
 * functions that go by tables in f32; the rest is generic. No include guard: included once per vocabulary, by expr/all.h.
 */

#define T f64
#define V vf64
#define VI vi64
#define VU vu64
#define E ef64
#define M mf64
#define FN(name) op_##name##_f64
#define SET(c) vf64_set((ef64)(c))
#define SETI(c) vi64_set(c)
#define CONST(name) name##_f64
#define LENGTH(name) (int)(sizeof(name##_f64) / sizeof(ef64))
#define MANTISSA 52
#define WIDTH 64
#define BITS 51 /* of a random magnitude */
#define LOOKUP16(table, i) vf64_lookup(table, i)
#define LOOKUP(table, i) vf64_gather(table, i)

#define ROUND_f64 0x1.8p52
#define LOG2E_f64 0x1.71547652b82fep+0
#define LOG2E_REST_f64 0x1.777d0ffda0d24p-56
#define LN2_f64 0x1.62e42fefa39efp-1
#define LN2_REST_f64 0x1.abc9e3b39803fp-56
#define LN2_HIGH_f64 0x1.62e42fefa4p-1 /* 41 bits: k·LN2_HIGH is exact */
#define LN2_LOW_f64 -0x1.8432a1b0e2634p-43
#define LOG10E_f64 0x1.bcb7b1526e50ep-2
#define LOG10E_REST_f64 0x1.95355baaafad3p-57
#define LOG10_2_HIGH_f64 0x1.34413509f8p-2
#define LOG10_2_LOW_f64 -0x1.80433b83b532ap-44
#define LEAST_NORMAL_f64 0x1p-1022
#define LOG1P_LARGE_f64 0x1p512

/* e^±NORMAL and all between are normal; e^MIN rounds to 0; MAX is the greatest with a finite e^MAX. */
#define EXP_NORMAL_f64 708.0
#define EXP_MIN_f64 -746.0
#define EXP_MAX_f64 0x1.62e42fefa39efp+9
#define EXP2_NORMAL_f64 1022.0
#define EXP2_MIN_f64 -1076.0
#define EXP2_MAX_f64 1024.0
#define EXPM1_MIN_f64 -38.0 /* the result is -1 */
#define TANH_CLAMP_f64 18.7
#define TANH_ONE_f64 19.07
#define MISH_LARGE_f64 40.0
#define SILU_MIN_f64 -760.0

/* 2 √(2/π) and 0.044715 times it. */
#define GELU_C0_f64 0x1.9884533ep+0 /* 32 bits */
#define GELU_C0_REST_f64 -0x1.7935ee5e06987p-33
#define GELU_C1_f64 0x1.2444f2a4d8b4bp-4
#define GELU_C1_REST_f64 -0x1.6c843a29d1c7p-61
#define GELU_TANH_NORMAL_f64 21.0
#define GELU_TANH_MIN_f64 -23.0
#define GELU_NORMAL_f64 37.0
#define GELU_MIN_f64 -39.0
#define TAIL_C_f64 5.5

#define HYPOT_LARGE_f64 0x1p400
#define HYPOT_SCALE_f64 0x1p700
#define CBRT_SCALE_f64 0x1p233
#define CBRT_DROP_f64 20
#define CBRT_BIAS_f64 0x553eee57p12
#define CBRT_STEPS_f64 2

#define STIRLING_0_f64 0x1.acfe390c97d69p-2 /* (log 2π - 1) / 2 */
#define LOG_PI_f64 0x1.250d048e7a1bdp+0
#define LOG_PI_REST_f64 0x1.7abf2ad8d5088p-57
#define EPSILON_f64 0x1p-52
#define HALF_INVERSE_ROOT_f64 0x5fd6eb50c7b537a9ll
#define ATANH_LARGE_f64 0x1.ffffffffffff8p-1
#define ASINH_LARGE_f64 0x1p30  /* from here on asinh a and acosh a are log 2a */
#define POW_MOST_f64 1500.0

/* π and its powers of two; LARGE is where its parts are too few, and the steps of its table. */
#define PI_f64 0x1.921fb54442d18p+1
#define PI_2_f64 0x1.1a62633145c07p-53
#define PI_3_f64 -0x1.f1976b7ed8fbcp-109
#define INV_PI_f64 0x1.45f306dc9c883p-2
#define PI_180_f64 0x1.1df46a2529d39p-6
#define INV_PI_180_f64 0x1.ca5dc1a63c1f8p+5
#define LARGE_f64 0x1p30
#define LARGE_LOG_f64 30
#define LARGE_STEP_f64 4

#define RANDOM_UNIT_f64 0x1p-51
#define NORMAL_MIDDLE_f64 3.125 /* of w, up to twice which the first polynomial goes */
#define NORMAL_FAR_MIDDLE_f64 4.25

static const ef64 EXP_f64[] = {
	0x1.555555555555bp-3, 0x1.5555555555558p-5, 0x1.111111110ee3ep-7, 0x1.6c16c16c14ec6p-10,
	0x1.a01a01b2ba89dp-13, 0x1.a01a01adb4b66p-16, 0x1.71ddf21e81ddbp-19, 0x1.27e4cbf373b9ep-22,
	0x1.af684f4cd3dc1p-26, 0x1.1f8b8833e9941p-29,
};

static const ef64 EXP_SMALL_f64[] = {
	1, 1, 0x1p-1, 0x1.555555555555cp-3, 0x1.5555555553172p-5,
	0x1.111111110e597p-7, 0x1.6c16c17cf2f08p-10, 0x1.a01a01b6c454bp-13, 0x1.a019aa97278f5p-16, 0x1.71dde732c3b7ap-19,
	0x1.28a01ef93d669p-22, 0x1.af7c09fd5c755p-26,
};

static const ef64 EXP2_f64[] = {
	1,
	0x1.62e42fefa39efp-1, 0x1.ebfbdff82c58fp-3, 0x1.c6b08d704a1d5p-5, 0x1.3b2ab6fba4d76p-7, 0x1.5d87fe7874237p-10,
	0x1.430912f8abf81p-13, 0x1.ffcbfd49a4b1fp-17, 0x1.62c0215cbd8a6p-20, 0x1.b523322638433p-24, 0x1.e4d205c86d682p-28,
	0x1.ec7025e9dbceep-32, 0x1.c0f88637f6d0bp-36,
};

static const ef64 SINH_f64[] = {
	0x1.5555555555559p-3, 0x1.111111110f628p-7, 0x1.a01a01b021ba5p-13, 0x1.71ddf7aaad17cp-19, 0x1.af5fff8a59709p-26,
};

static const ef64 COSH_f64[] = {
	0x1p-1, 0x1.5555555555558p-5, 0x1.6c16c16c14ffbp-10, 0x1.a01a01ad802dbp-16, 0x1.27e4cc0c82c76p-22,
	0x1.1f8be65b0aa81p-29,
};

static const ef64 ATANH_f64[] = {
	0x1.5555555555555p-2, 0x1.9999999999b6fp-3, 0x1.249249247733fp-3, 0x1.c71c71df8b44p-4, 0x1.745d10fd1335dp-4,
	0x1.3b14afa39d22fp-4, 0x1.10f7813444369p-4, 0x1.e5252fe2a2195p-5, 0x1.8e9a1777be2dp-5, 0x1.1b82c5829213ap-4,
};

static const ef64 ACOSH_f64[] = {
	-0x1.55555555553fcp-4, 0x1.333333330b6cfp-6, -0x1.6db6db5432b4bp-8, 0x1.f1c7144340821p-10,
	-0x1.6e8adf1b58d38p-11, 0x1.1c4331f442d18p-12, -0x1.c8b2145980affp-14, 0x1.746cc9f072326p-15,
	-0x1.23fccf88daaccp-16, 0x1.7bf1b9e014dbep-18, -0x1.1e9f3a7f4d006p-20,
};

static const ef64 ASINH_f64[] = {
	-0x1.55555555553fcp-3, 0x1.333333330b6cfp-4, -0x1.6db6db5432b4bp-5, 0x1.f1c7144340821p-6,
	-0x1.6e8adf1b58d38p-6, 0x1.1c4331f442d18p-6, -0x1.c8b2145980affp-7, 0x1.746cc9f072326p-7,
	-0x1.23fccf88daaccp-7, 0x1.7bf1b9e014dbep-8, -0x1.1e9f3a7f4d006p-9,
};

static const ef64 SIN_f64[] = {
	-0x1.5555555555547p-3, 0x1.111111110f572p-7, -0x1.a01a019bad6ep-13, 0x1.71de351ee302ap-19,
	-0x1.ae5e1f78a0c51p-26, 0x1.5d7e33398aadp-33,
};

static const ef64 COS_f64[] = {
	0x1.5555555555555p-5, -0x1.6c16c16c16b2fp-10, 0x1.a01a019ffc95cp-16, -0x1.27e4fb5a132afp-22,
	0x1.1eed6f9a6ffa9p-29, -0x1.9374a791d735bp-37, 0x1.9def39009cf6cp-45,
};

static const ef64 TAN_f64[] = {
	0x1.5555555555562p-2, 0x1.11111111100fdp-3, 0x1.ba1ba1baffefp-5, 0x1.664f484f85974p-6, 0x1.226e3c331ce3ep-7,
	0x1.d6d2a20c1429ap-9, 0x1.7db55d330ebd9p-10, 0x1.3496ae8a2d50ep-11, 0x1.009e5ef90ad1cp-12, 0x1.54179624c71cbp-14,
	0x1.2ca186fb2c37p-14, -0x1.05c6c1d31bceep-15, 0x1.be9b79559644ep-15, -0x1.bd2105463b08ep-16, 0x1.59802aecf5cfbp-17,
};

static const ef64 ATAN_f64[] = {
	-0x1.555555555553dp-2, 0x1.999999999583fp-3, -0x1.24924922ab6b5p-3, 0x1.c71c70e4fedb6p-4,
	-0x1.745cf8b631501p-4, 0x1.3b1115fbe7a48p-4, -0x1.10eb8feb476d6p-4, 0x1.df0cbffa9d64ep-5,
	-0x1.9cc63d6cf0a31p-5, 0x1.37b372d2be581p-5, -0x1.251a78235a86bp-6,
};

static const ef64 ASIN_f64[] = {
	0x1.5555555555386p-3, 0x1.333333336fa61p-4, 0x1.6db6db41c03c6p-5, 0x1.f1c72c73c65f1p-6,
	0x1.6e89eedc12292p-6, 0x1.1c6c312b1958ep-6, 0x1.c6f7c155624ffp-7, 0x1.8ee988a7027c7p-7,
	0x1.aa8906e5cf4d6p-8, 0x1.40cf510c13d0dp-6, -0x1.0b2367eedf95ep-6, 0x1.05de6fbf855b8p-5,
};

static const ef64 LOG_NEAR_f64[] = {
	0x1.5555555555555p-2, -0x1.0p-2, 0x1.99999999a7ebp-3, -0x1.555555554e099p-3, 0x1.249243a84b5d4p-3,
	-0x1.0000057c1245ap-3, 0x1.c867138072d81p-4, -0x1.97be827b15913p-4,
};

static const ef64 STIRLING_f64[] = {
	0x1.5555555555555p-4, -0x1.6c16c16c04e5ap-9, 0x1.a01a006a9f28p-11, -0x1.38119a692bedp-11,
	0x1.b7fc3143641p-11, -0x1.c04a57a9459c6p-10,
};

static const ef64 LOG_f64[] = {
	-0x1.fffffffffffc7p-2, 0x1.55555555554e3p-2, -0x1.00000000bf09bp-2, 0x1.9999999baaf13p-3,
	-0x1.55553fc7b6a4cp-3, 0x1.249230e4eaca4p-3, -0x1.00732807450bap-3, 0x1.c7ff909e301bap-4,
};

static const ef64 LOG2_f64[] = {
	-0x1.71547652b82d5p-1, 0x1.ec709dc3a0358p-2, -0x1.71547653ccfc5p-2, 0x1.2776c51078339p-2,
	-0x1.ec707e96a1924p-3, 0x1.a6173f6e3c3e1p-3, -0x1.71fac9d7984e1p-3, 0x1.48f065647b737p-3,
};

static const ef64 LOG10_f64[] = {
	-0x1.bcb7b1526e4dcp-3, 0x1.287a7636f4344p-3, -0x1.bcb7b153bd032p-4, 0x1.63c62775f649ap-4,
	-0x1.287a6365af285p-4, 0x1.fc3f8b4ec1d26p-5, -0x1.bd8037684b4c8p-5, 0x1.8bf00f71c53bbp-5,
};

static const ef64 TAIL_f64[] = {
	0x1.8c2b8893b5c8dp-1, -0x1.5ed05c7e41a2dp-1, 0x1.1239b3f8c06d2p-1, -0x1.77dbb5cddaa33p-2,
	0x1.be33e6ee99c89p-3, -0x1.c15806fa4262ep-4, 0x1.71707b573684fp-5, -0x1.c83edf465ed1p-7,
	0x1.4034e56dcc64p-9, 0x1.1ab3490015bcp-12, -0x1.544963c0536f4p-12, 0x1.2b88e34185c4p-14,
	0x1.11cdb3354118p-16, -0x1.969f9a1e16089p-17, 0x1.df7f478dfd1ep-22, 0x1.8e117634e9bep-20,
	-0x1.201eddff20768p-22, -0x1.7b868c35c09dfp-23, 0x1.b5755294bbd7ap-25, 0x1.83e9ece25a724p-26,
	-0x1.9d81745e18333p-28, -0x1.5ee32d3704fa3p-29, 0x1.d783518369456p-35,
};

/* erf(x) = x + x·near(x²) below 1. */
static const ef64 ERF_NEAR_f64[] = {
	0x1.06eba8214db69p-3, -0x1.812746b037a32p-2, 0x1.ce2f21a046d67p-4, -0x1.b82ce313ef60ep-6,
	0x1.565bcd4e2a113p-8, -0x1.c02dc17bf5859p-11, 0x1.f9a4fb73427a9p-14, -0x1.f4fcf392dc285p-17,
	0x1.bc8d007fc06cep-20, -0x1.7c6759f7ad674p-23, 0x1.d3dd31a1312d8p-26, -0x1.27fc70cc79e69p-27,
	0x1.6bfdcb9ae1f92p-29, -0x1.b3e94bb4a71a4p-32,
};

/* The quantile of the normal distribution over x, by w and by the root of w. */
static const ef64 NORMAL_NEAR_f64[] = {
	0x1.2b57ec65a8009p+1, 0x1.5bc94440cc7ebp-2, -0x1.179b257405911p-7, -0x1.12994fbb838dbp-10,
	0x1.14e8fc42595e2p-12, -0x1.496276034bc6p-16, -0x1.032ee378e9d43p-19, 0x1.4186bea68eaa2p-21,
	-0x1.6125b55645dd8p-25, -0x1.8faf5fc8bc63ep-28, 0x1.98a6901e9f73bp-30, -0x1.50c072cc3056fp-34,
	-0x1.42f3101a1aeecp-36, 0x1.05c0df9346ebdp-38, -0x1.ff4d173ddcf95p-44, -0x1.fd1f39cf92202p-45,
	0x1.48e2c780dc0dep-47, -0x1.29eeb6f33817p-54, -0x1.78a717edc0079p-53, 0x1.a10ef2aa03ae7p-56,
	0x1.360936a9ed62cp-62, -0x1.3306fbc7a8915p-61, 0x1.d852dcbbb6af4p-65, 0x1.7dd646c05daa5p-68,
	-0x1.02516a41dd667p-70,
};

static const ef64 NORMAL_FAR_f64[] = {
	0x1.7262c2b3d8cedp+2, 0x1.6da6b4a968493p+0, 0x1.083c702fa1bfep-10, -0x1.c2b9e77245053p-11,
	0x1.3aa399241faebp-12, -0x1.7e1d6837afc77p-14, 0x1.04c1a6437062bp-15, -0x1.e3e9493a3ea0ap-17,
	0x1.1392e320f8521p-17, -0x1.30c150a1eaa82p-18, 0x1.1ad8c564811a8p-19, -0x1.873ba60292d44p-21,
	0x1.1b82f88782003p-23, 0x1.37b19a78d0378p-25, -0x1.6f037c14c8654p-25, 0x1.453dbd5f3e2f9p-26,
	-0x1.24c38045bee8p-28, -0x1.d2d979bdf5571p-33, 0x1.5009ebae0fbc1p-31, -0x1.441ecf970617fp-32,
	0x1.1c809a5875bf5p-34, 0x1.0d101698da359p-36, -0x1.6930d8ffada02p-37, -0x1.ba3f5f17906fbp-41,
	0x1.84b45e592075ep-42, 0x1.15919447bde1dp-41, -0x1.2e9662bbfc879p-45, -0x1.24741d42e7c9ap-44,
	0x1.14a56ee79dea1p-48, 0x1.859f083b78442p-49,
};

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
#include "lib/ref/expr/random_try.h"

/*
 * tanh a = x / (x + 2), x = e^2|a| - 1 = 2^n (m + r + tail), m = 1 - 2^-n. The quotient q is corrected by what rounding
 * numerator, denominator and division left over, times 1 / (x + 2) = (1 - tanh a) / 2. Up to TANH_CLAMP that is exact
 * enough; from there to TANH_ONE the result is the number before 1.
 */
TR__INLINE vf64 op_tanh_f64(vf64 a)
{
	vf64 r, s, y = v_abs(a), clamp = SET(TANH_CLAMP_f64), least = v_select(v_gt(y, clamp), clamp, y);
	vi64 n = op_exp_reduce_f64(least + least, SET(0), &r, &s);
	vf64 pow = op_pow2_f64(n), m = SET(1) - op_pow2_f64(-n);
	vf64 sum = m + r;
	vf64 rest = (m - sum) + r + op_exp_tail_f64(r, s);
	vf64 total = sum + rest;
	vf64 x = total * pow;
	vf64 x_low = ((sum - total) + rest) * pow;
	vf64 d = x + SET(2);
	vf64 d_low = (x - (d - SET(2))) + x_low;
	vf64 q = x / d;

	rest = v_fma(v_neg(q), d_low, v_fma(v_neg(q), d, x) + x_low);
	q = v_fma(rest, v_fma(q, SET(-0.5), SET(0.5)), q);
	return v_copysign(v_select(v_gt(y, SET(TANH_ONE_f64)), SET(1), q), a);
}

/*
 * (y + c)·erfc(y / √2) / 2·e^(y²/2) for y >= 0, a scaled tail of the normal distribution: a polynomial in
 * t = (y - c) / (y + c), which maps all y into [-1, 1) (Shepherd & Laframboise, Math. Comp. 36, 1981).
 */
TR__INLINE vf64 op_normal_tail_f64(vf64 t)
{
	return v_fma(op_poly_f64(t, TAIL_f64 + 1, LENGTH(TAIL) - 1), t, SET(TAIL_f64[0]));
}

/*
 * a·Φ(a) = max(a, 0) - y·Φ(-y), y = |a|. With u = y / (y + c), y·Φ(-y) = u·normal_tail(2u - 1)·e^(-y²/2), where y²
 * needs twice the precision, and u is corrected by what rounding y + c and the quotient left over, divided by
 * y + c = c / (1 - u). As in times_sigmoid, 2^n comes last.
 */
TR__INLINE vf64 op_gelu_f64(vf64 a)
{
	vf64 p, e, y = v_abs(a), half = y * SET(0.5), c = SET(TAIL_C_f64);
	vf64 square = half * y;
	vi64 n;

	e = op_exp_negative_f64(v_neg(square), v_fma(v_neg(half), y, square), &p, &n);

	vf64 d = y + c;
	vf64 u = y / d;
	vf64 rest = v_fma(v_neg(u), y - (d - c), v_fma(v_neg(u), d, y));

	u = v_fma(rest, v_fma(u, SET(-1 / TAIL_C_f64), SET(1 / TAIL_C_f64)), u);

	vf64 scaled = u * op_normal_tail_f64(v_fma(u, SET(2), SET(-1)));
	mf64 negative = v_lt(a, SET(0));
	vf64 b = v_fma(v_neg(scaled), e, v_select(negative, SET(-0.0), a));

	if (op_any_beyond_f64(a, GELU_NORMAL_f64)) {
		mf64 beyond = v_ge(y, SET(GELU_NORMAL_f64));
		vf64 tiny = v_select(v_lt(a, SET(GELU_MIN_f64)), a * SET(0), v_neg(op_scale_f64(scaled * p, n)));

		b = v_select(beyond, v_select(negative, tiny, a), b);
	}
	return b;
}

/* From 1 on, 1 - erfc(x), by what gelu is made of with y = √2·x. */
TR__INLINE vf64 op_erf_f64(vf64 a)
{
	vf64 p, x = v_abs(a), most = SET(6);
	vi64 n;

	x = v_select(v_gt(x, most), most, x);

	vf64 square = x * x;
	vf64 e = op_exp_negative_f64(v_neg(square), v_fma(v_neg(x), x, square), &p, &n);
	vf64 y = x * SET(0x1.6a09e667f3bcdp+0);
	vf64 inverse = SET(1) / (y + SET(TAIL_C_f64));
	vf64 tail = inverse * op_normal_tail_f64(v_fma(y + y, inverse, SET(-1)));
	vf64 near = op_poly_f64(square, ERF_NEAR_f64, LENGTH(ERF_NEAR));
	vf64 r = v_select(v_lt(x, SET(1)), v_fma(x, near, x), v_fma(tail * SET(-2), e, SET(1)));

	return v_copysign(r, a);
}

/*
 * (y + c)·erfc(x)·e^(x²) / 2 is normal_tail of y = √2·x: times 2·e^-x² / (y + c), each factor to twice the precision; 1 -
 * erf(a) below 1/2. As in times_sigmoid, 2^n comes last where e^-x² is not normal.
 */
TR__INLINE vf64 op_erfc_f64(vf64 a)
{
	vf64 z = v_abs(a), most = SET(27.3), x = v_select(v_gt(z, most), most, z);
	vf64 y = x * SET(0x1.6a09e667f3bcdp+0);
	vf64 y_low = v_fma(x, SET(0x1.6a09e667f3bcdp+0), v_neg(y)) + x * SET(-0x1.bdd3413b26456p-54);
	vf64 d_low, d = op_sum_f64(y, SET(TAIL_C_f64), &d_low), i_low;
	vf64 inverse = op_quotient_f64(SET(1), SET(0), d, d_low + y_low, &i_low);
	vf64 tail = op_horner_f64(v_fma(y + y, inverse, SET(-1)), TAIL_f64, LENGTH(TAIL));
	vf64 square = x * x, r, s, e_low;
	vi64 n = op_exp_reduce_f64(v_neg(square), v_fma(v_neg(x), x, square), &r, &s);
	vf64 e = op_sum_ordered_f64(SET(1), r, &e_low);
	vf64 rest = e_low + op_exp_tail_f64(r, s);

	e = op_sum_ordered_f64(e, rest, &e_low);

	vf64 product = e * inverse;
	vf64 low = v_fma(e, inverse, v_neg(product)) + v_fma(e, i_low, e_low * inverse);
	vf64 twice = tail + tail;
	vf64 c = op_scale_f64(v_fma(product, twice, low * twice), n);

	c = v_select(v_lt(a, SET(0)), SET(2) - c, c);
	c = v_select(v_lt(z, SET(0.5)), SET(1) - op_erf_f64(a), c);
	return v_select(v_isnan(a), a, c);
}

/*
 * atan(y / x), 0 <= y <= x or less, as *q + t beyond π/4 if *middle: there, from tan(π/8) on, the quotient is
 * (y - x) / (y + x). Small: at most tan(π/8).
 */
TR__INLINE vf64 op_atan_sum_f64(vf64 y, vf64 x, mf64 *middle, vf64 *q)
{
	vf64 top_low, top = op_sum_f64(y, v_neg(x), &top_low), bottom_low, bottom = op_sum_ordered_f64(x, y, &bottom_low);
	mf64 over = v_gt(y, x * SET(0.41421356));
	vf64 low, none = SET(0);

	*middle = over;
	*q = op_quotient_f64(v_select(over, top, y), v_select(over, top_low, none), v_select(over, bottom, x),
			  v_select(over, bottom_low, none), &low);

	vf64 square = *q * *q;

	return v_fma(*q * square, op_poly_f64(square, ATAN_f64, LENGTH(ATAN)), low);
}

TR__INLINE vf64 op_atan_f64(vf64 a)
{
	vf64 q, y = v_abs(a), most = SET(0x1p60);

	y = v_select(v_gt(y, most), most, y);

	mf64 middle, swap = v_gt(y, SET(1));
	vf64 t = op_atan_sum_f64(v_select(swap, SET(1), y), v_select(swap, y, SET(1)), &middle, &q);
	vf64 turns = v_select(middle, SET(0.25), v_select(swap, SET(0.5), SET(0)));
	vf64 times = v_select(swap, SET(-1), SET(1));

	return v_copysign(op_arc_join_f64(turns, q * times, t * times), a);
}

/*
 * The angle of the point (b, a). The quotient of the lesser and the greater may underflow; then it is the result, or of no
 * consequence. The greater is scaled away from the ends of the range: from where sums overflow, and from where residuals
 * underflow.
 */
TR__INLINE vf64 op_atan2_f64(vf64 a, vf64 b)
{
	vf64 y = v_abs(a), x = v_abs(b), q;
	mf64 swap = v_gt(y, x), left = op_signbit_f64(b), middle;
	vf64 most = v_select(swap, y, x), least = v_select(swap, x, y);
	mf64 small = v_lt(most, SET(1 / HYPOT_LARGE_f64)), large = v_gt(most, SET(0.125 / LEAST_NORMAL_f64));
	vf64 scale = v_select(small, SET(HYPOT_SCALE_f64), v_select(large, SET(0.0625), SET(1)));
	mf64 infinite = v_eq(most, SET(INFINITY)), zero = v_eq(most, SET(0));

	/* Inf / Inf counts as 1, and 0 / 0 as 0 */
	least = v_select(infinite, v_select(v_eq(least, SET(INFINITY)), SET(1), SET(0)), least * scale);
	most = v_select(v_mor(infinite, zero), SET(1), most * scale);

	vf64 t = op_atan_sum_f64(least, most, &middle, &q);
	vf64 base = v_select(swap, SET(0.5), v_select(left, SET(1), SET(0)));
	vf64 times = v_select(v_mxor(swap, left), SET(-1), SET(1));
	vf64 turns = v_select(middle, v_fma(times, SET(0.25), base), base);
	vf64 r = op_arc_join_f64(turns, q * times, t * times);
	mf64 plain = v_mnot(v_mor(v_mor(swap, left), v_ge(q, SET(LEAST_NORMAL_f64 / EPSILON_f64))));

	r = v_select(v_mand(plain, v_mnot(middle)), q, r);
	return v_copysign(v_select(v_mor(v_isnan(a), v_isnan(b)), a + b, r), a);
}

TR__INLINE vf64 op_float_power_f64(vf64 a, vf64 b)
{
	return op_pow_f64(a, b);
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
