/* SPDX-License-Identifier: MIT */
/*
 * The specification's own elementwise kernels against plain C: integers by 128-bit arithmetic, f32 by double (whose
 * rounding to f32 is the single one for + - * / sqrt), conversions by comparing distances to the neighbours.
 * Functions with a tolerance are tested against golden values elsewhere.
 */
#include "tests/harness.h"

#include <math.h>
#include <string.h>

#include "lib/op.h"
#include "lib/ref/kernels.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

typedef __int128 wide;

static wide floor_div(wide a, wide b)
{
	wide q;

	if (!b)
		return 0;
	q = a / b;
	return q * b != a && (a < 0) != (b < 0) ? q - 1 : q;
}

static wide shift(wide a, wide n, bool left, int width)
{
	if (n < 0 || n >= width)
		return left || a >= 0 ? 0 : -1;
	return left ? a * ((wide)1 << n) : a >> n;
}

/* To the type's width and some more, which is cut off. */
static wide power(wide a, wide b)
{
	unsigned __int128 r = 1, base = (unsigned __int128)a;

	if (b < 0)
		return a == 1 || a == -1 ? (b & 1 ? a : 1) : 0;
	for (; b; b >>= 1) {
		if (b & 1)
			r *= base;
		base *= base;
	}
	return (wide)r;
}

static wide divisor(wide a, wide b)
{
	while (b) {
		wide rest = a % b;

		a = b;
		b = rest;
	}
	return a < 0 ? -a : a;
}

/* The exact result, to be cut to the type's width. false for operations that integers do not have. */
static bool integer_truth(enum tr_op op, wide a, wide b, wide c, int width, wide *r)
{
	switch ((int)op) {
	case TR_OP_add: *r = a + b; return true;
	case TR_OP_subtract: *r = a - b; return true;
	case TR_OP_multiply: *r = (wide)((unsigned __int128)a * (unsigned __int128)b); return true;
	case TR_OP_floor_divide: *r = floor_div(a, b); return true;
	case TR_OP_remainder: *r = b ? a - floor_div(a, b) * b : 0; return true;
	case TR_OP_fmod: *r = b ? a % b : 0; return true;
	case TR_OP_gcd: *r = divisor(a, b); return true;
	case TR_OP_lcm: *r = a && b ? (a / divisor(a, b) < 0 ? -(a / divisor(a, b)) : a / divisor(a, b)) : 0;
		*r = (wide)((unsigned __int128)*r * (unsigned __int128)(b < 0 ? -b : b)); return true;
	case TR_OP_pow: *r = power(a, b); return true;
	case TR_OP_negative: *r = -a; return true;
	case TR_OP_absolute: *r = a < 0 ? -a : a; return true;
	case TR_OP_sign: *r = (a > 0) - (a < 0); return true;
	case TR_OP_square: *r = (wide)((unsigned __int128)a * (unsigned __int128)a); return true;
	case TR_OP_minimum: case TR_OP_fmin: *r = a < b ? a : b; return true;
	case TR_OP_maximum: case TR_OP_fmax: *r = a > b ? a : b; return true;
	case TR_OP_clip: *r = a > b ? a : b; *r = *r < c ? *r : c; return true;
	case TR_OP_relu: *r = a > 0 ? a : 0; return true;
	case TR_OP_equal: *r = a == b; return true;
	case TR_OP_not_equal: *r = a != b; return true;
	case TR_OP_less: *r = a < b; return true;
	case TR_OP_less_equal: *r = a <= b; return true;
	case TR_OP_greater: *r = a > b; return true;
	case TR_OP_greater_equal: *r = a >= b; return true;
	case TR_OP_logical_and: *r = a && b; return true;
	case TR_OP_logical_or: *r = a || b; return true;
	case TR_OP_logical_xor: *r = !a != !b; return true;
	case TR_OP_logical_not: *r = !a; return true;
	case TR_OP_bitwise_and: *r = a & b; return true;
	case TR_OP_bitwise_or: *r = a | b; return true;
	case TR_OP_bitwise_xor: *r = a ^ b; return true;
	case TR_OP_invert: *r = ~a; return true;
	case TR_OP_left_shift: *r = shift(a, b, true, width); return true;
	case TR_OP_right_shift: *r = shift(a, b, false, width); return true;
	default: return false;
	}
}

/* Element of an integer type from its low bytes, and back. */
static wide widen(enum tr_dtype dtype, const void *p)
{
	int width = 8 * (int)tr_dtype_size(dtype);
	uint64_t bits = 0;

	memcpy(&bits, p, tr_dtype_size(dtype));
	if (dtype >= TR_U8)
		return bits;
	return (int64_t)(bits << (64 - width)) >> (64 - width);
}

static void check_integer(enum tr_op op, enum tr_dtype dtype, wide a, wide b, wide c)
{
	size_t size = tr_dtype_size(dtype), out = tr__ops[op].result == TR_RESULT_BOOL ? 1 : size;
	uint64_t x[3] = {(uint64_t)a, (uint64_t)b, (uint64_t)c}, got = 0, want = 0;
	const void *src[3] = {&x[0], &x[1], &x[2]};
	wide r;

	if (!integer_truth(op, widen(dtype, src[0]), widen(dtype, src[1]), widen(dtype, src[2]), 8 * (int)size, &r))
		return;
	tr__ref_kernels.map[op][dtype](&got, src, 1);
	memcpy(&want, &r, out);
	if (got != want) {
		test_note("%s %s: %lld %lld %lld gives %llx, not %llx", tr__ops[op].name, tr_dtype_name(dtype), (long long)a,
			  (long long)b, (long long)c, (unsigned long long)got, (unsigned long long)want);
		CU_FAIL("wrong integer");
	}
}

/* 8 bits in full; wider types at their limits, powers of two and at random. */
static void integers_are_exact(void)
{
	unsigned checked = 0;

	for (int op = 0; op < TR_OP_COUNT; op++) {
		for (int dtype = TR_I8; dtype <= TR_U64; dtype++) {
			if (!tr__ref_kernels.map[op][dtype] || tr__ops[op].family == TR_FAMILY_SELECT)
				continue;
			checked++;
			for (int a = 0; a < 256; a++)
				for (int b = 0; b < 256; b++)
					check_integer((enum tr_op)op, (enum tr_dtype)dtype, (int8_t)a, (int8_t)b, a ^ b);
			for (int a = 0; a < 200; a++)
				for (int b = 0; b < 200; b++)
					check_integer((enum tr_op)op, (enum tr_dtype)dtype,
						      ((wide)1 << a % 65) + a % 3 - 1, (b & 1 ? -1 : 1) * ((wide)1 << b % 65),
						      (wide)test_rand());
			for (int i = 0; i < 20000; i++)
				check_integer((enum tr_op)op, (enum tr_dtype)dtype, (wide)test_rand(),
					      (wide)(test_rand() >> test_rand_below(64)), (wide)test_rand());
		}
	}
	CU_ASSERT_TRUE(checked > 29 * 8 - 16);
}

static double float_min(double a, double b)
{
	return isnan(a) || isnan(b) ? (double)NAN : a == b ? (signbit(a) ? a : b) : a < b ? a : b;
}

static double float_max(double a, double b)
{
	return -float_min(-a, -b);
}

/* Python's divmod as CPython's floatobject does it, from the exact fmod. It rounds on the way: one for each type. */
#define PYTHON_DIVMOD(name, T, f) \
	static T name(T a, T b, bool quotient) \
	{ \
		T mod = fmod##f(a, b), div, whole; \
		\
		if (b == 0) \
			return quotient ? a / b : (T)NAN; \
		div = (a - mod) / b; \
		if (mod == 0) { \
			mod = copysign##f(0, b); \
		} else if ((b < 0) != (mod < 0)) { \
			mod += b; \
			div -= 1; \
		} \
		if (!quotient) \
			return mod; \
		if (div == 0) \
			return copysign##f(0, a / b); \
		whole = floor##f(div); \
		return div - whole > (T)0.5 ? whole + 1 : whole; \
	}
PYTHON_DIVMOD(python_divmod, double, )
PYTHON_DIVMOD(python_divmodf, float, f)

/* Exact before rounding to f32, or correctly rounded in f64. */
static bool float_truth(enum tr_op op, double a, double b, double c, double *r)
{
	switch ((int)op) {
	case TR_OP_add: *r = a + b; return true;
	case TR_OP_subtract: *r = a - b; return true;
	case TR_OP_multiply: *r = a * b; return true;
	case TR_OP_divide: *r = a / b; return true;
	case TR_OP_floor_divide: *r = python_divmod(a, b, true); return true;
	case TR_OP_remainder: *r = python_divmod(a, b, false); return true;
	case TR_OP_negative: *r = -a; return true;
	case TR_OP_absolute: *r = fabs(a); return true;
	case TR_OP_sign: *r = isnan(a) ? a : (a > 0) - (a < 0); return true;
	case TR_OP_square: *r = a * a; return true;
	case TR_OP_reciprocal: *r = 1 / a; return true;
	case TR_OP_sqrt: *r = sqrt(a); return true;
	case TR_OP_floor: *r = floor(a); return true;
	case TR_OP_ceil: *r = ceil(a); return true;
	case TR_OP_trunc: *r = trunc(a); return true;
	case TR_OP_rint: *r = nearbyint(a); return true;
	case TR_OP_minimum: *r = float_min(a, b); return true;
	case TR_OP_maximum: *r = float_max(a, b); return true;
	case TR_OP_fmin: *r = isnan(a) ? b : isnan(b) ? a : float_min(a, b); return true;
	case TR_OP_fmax: *r = isnan(a) ? b : isnan(b) ? a : float_max(a, b); return true;
	case TR_OP_clip: *r = float_min(float_max(a, b), c); return true;
	case TR_OP_copysign: *r = copysign(a, b); return true;
	case TR_OP_relu: *r = float_max(a, 0.0); return true;
	default: return false;
	}
}

static bool test_truth(enum tr_op op, double a, double b, bool *r)
{
	switch ((int)op) {
	case TR_OP_isnan: *r = isnan(a); return true;
	case TR_OP_isinf: *r = isinf(a); return true;
	case TR_OP_isfinite: *r = isfinite(a); return true;
	case TR_OP_signbit: *r = signbit(a); return true;
	case TR_OP_equal: *r = a == b; return true;
	case TR_OP_not_equal: *r = a != b; return true;
	case TR_OP_less: *r = a < b; return true;
	case TR_OP_less_equal: *r = a <= b; return true;
	case TR_OP_greater: *r = a > b; return true;
	case TR_OP_greater_equal: *r = a >= b; return true;
	case TR_OP_logical_and: *r = a != 0 && b != 0; return true;
	case TR_OP_logical_or: *r = a != 0 || b != 0; return true;
	case TR_OP_logical_xor: *r = (a != 0) != (b != 0); return true;
	case TR_OP_logical_not: *r = a == 0; return true;
	default: return false;
	}
}

static bool same_f64(double a, double b)
{
	return isnan(a) ? isnan(b) : !memcmp(&a, &b, sizeof(a));
}

static void check_float(enum tr_op op, double a, double b, double c)
{
	float x[3] = {(float)a, (float)b, (float)c}, got_f32;
	double y[3] = {a, b, c}, want, got;
	const void *f32[3] = {&x[0], &x[1], &x[2]}, *f64[3] = {&y[0], &y[1], &y[2]};
	bool truth, test;

	if (test_truth(op, x[0], x[1], &truth)) {
		tr__ref_kernels.map[op][TR_F32](&test, f32, 1);
		CU_ASSERT_EQUAL(test, truth);
		test_truth(op, a, b, &truth);
		tr__ref_kernels.map[op][TR_F64](&test, f64, 1);
		CU_ASSERT_EQUAL(test, truth);
	} else if (float_truth(op, a, b, c, &want)) {
		test_note("%s: %a %a %a", tr__ops[op].name, a, b, c);
		tr__ref_kernels.map[op][TR_F64](&got, f64, 1);
		CU_ASSERT_TRUE(same_f64(got, want));
		float_truth(op, x[0], x[1], x[2], &want);
		if (op == TR_OP_floor_divide || op == TR_OP_remainder)
			want = python_divmodf(x[0], x[1], op == TR_OP_floor_divide);
		tr__ref_kernels.map[op][TR_F32](&got_f32, f32, 1);
		CU_ASSERT_TRUE(same_f64(got_f32, (float)want));
	}
}

static void floats_are_exact(void)
{
	for (int op = 0; op < TR_OP_COUNT; op++) {
		if (!tr__ref_kernels.map[op][TR_F64])
			continue;
		for (int i = 0; i < 30000; i++) {
			bool narrow = test_rand_below(2);

			check_float((enum tr_op)op, narrow ? test_rand_f32() : test_rand_f64(),
				    narrow ? test_rand_f32() : test_rand_f64(), narrow ? test_rand_f32() : test_rand_f64());
			check_float((enum tr_op)op, (double)(int)test_rand_below(999) / 2 - 250,
				    (double)(int)test_rand_below(99) / 4 - 12, test_rand_normal());
		}
	}
}

/* Quotients around integers, where the fast path of floor_divide and remainder has to step back. */
static void divisions_near_integers(void)
{
	for (int i = 0; i < 300000; i++) {
		double b = test_rand_normal() * ldexp(1, (int)test_rand_below(40) - 20);
		double a = b * (double)(test_rand() >> (16 + test_rand_below(48)));

		for (int side = -1; side <= 1; side++) {
			double near = side ? nextafter(a, side * HUGE_VAL) : a;
			double near_f32 = side ? nextafterf((float)a, (float)side * HUGE_VALF) : (float)a;

			check_float(TR_OP_floor_divide, near, b, 0);
			check_float(TR_OP_remainder, near, b, 0);
			check_float(TR_OP_floor_divide, near_f32, (float)b, 0);
			check_float(TR_OP_remainder, near_f32, (float)b, 0);
		}
	}
}

static void fma_rounds_once(void)
{
	for (int i = 0; i < 100000; i++) {
		float x[3] = {test_rand_f32(), test_rand_f32(), test_rand_f32()}, got;
		double y[3] = {test_rand_f64(), test_rand_f64(), test_rand_f64()}, got_f64;
		const void *f32[3] = {&x[0], &x[1], &x[2]}, *f64[3] = {&y[0], &y[1], &y[2]};

		tr__ref_kernels.map[TR_OP_fma][TR_F32](&got, f32, 1);
		CU_ASSERT_TRUE(same_f64(got, fmaf(x[0], x[1], x[2])));
		tr__ref_kernels.map[TR_OP_fma][TR_F64](&got_f64, f64, 1);
		CU_ASSERT_TRUE(same_f64(got_f64, fma(y[0], y[1], y[2])));
		tr__ref_kernels.map[TR_OP_lerp][TR_F32](&got, f32, 1);
		CU_ASSERT_TRUE(same_f64(got, fmaf(x[2], x[1] - x[0], x[0])));
	}
}

static double f64_of(enum tr_dtype dtype, const void *p)
{
	double x;

	tr__ref_kernels.cast[dtype][TR_F64](&x, p, 1);
	return x;
}

/* What the bits of f16 and bf16 mean, and that each comes back. */
static void halves_mean_what_they_say(void)
{
	for (unsigned bits = 0; bits < 0x10000; bits++) {
		uint16_t h = (uint16_t)bits, back;
		int man = h & 0x3ff, exp = h >> 10 & 31;
		double f16 = exp == 31 ? (man ? (double)NAN : HUGE_VAL)
				       : ldexp(exp ? man + 1024 : man, exp ? exp - 25 : -24);
		uint32_t wide_bits = bits << 16;
		float bf16;

		memcpy(&bf16, &wide_bits, sizeof(bf16));
		CU_ASSERT_TRUE(same_f64(f64_of(TR_F16, &h), h & 0x8000 ? -f16 : f16));
		CU_ASSERT_TRUE(same_f64(f64_of(TR_BF16, &h), bf16));
		for (int to = TR_F16; to <= TR_BF16; to++) {
			double x = f64_of((enum tr_dtype)to, &h);

			tr__ref_kernels.cast[TR_F64][to](&back, &x, 1);
			CU_ASSERT_TRUE(isnan(x) ? isnan(f64_of((enum tr_dtype)to, &back)) : back == h);
		}
	}
}

/* The half nearest to x, the even one of two: no neighbour may be nearer. The largest's other neighbour is 2^top. */
static void check_rounding(enum tr_dtype to, uint16_t h, long double x, int top)
{
	uint16_t inf = to == TR_F16 ? 0x7c00 : 0x7f80;
	long double own = (h & 0x7fff) == inf ? copysignl(ldexpl(1, top), x) : f64_of(to, &h), error = fabsl(own - x);

	CU_ASSERT_EQUAL((h & 0x8000) != 0, signbit(x) != 0);
	for (int step = -1; step <= 1; step += 2) {
		uint16_t next = (uint16_t)(h + step);
		long double other;

		if ((h & 0x7fff) == (step < 0 ? 0 : inf))
			continue;
		other = fabsl(((next & 0x7fff) == inf ? copysignl(ldexpl(1, top), x) : f64_of(to, &next)) - x);
		CU_ASSERT_TRUE(error < other || (error == other && !(h & 1)));
		if ((h & 0x7fff) == inf) /* beyond 2^top everything is infinite */
			CU_ASSERT_TRUE(fabsl(x) >= ldexpl(1, top) || error <= other);
	}
}

static void halves_round_to_nearest(void)
{
	for (int i = 0; i < 200000; i++) {
		int64_t whole = (int64_t)test_rand() >> test_rand_below(64);
		double x = ldexp(test_rand_unit() * 2 - 1, (int)test_rand_below(60) - 40);
		uint16_t near = (uint16_t)test_rand_below(0x7c00), h;

		if (i & 1) { /* on and next to the middle between two */
			uint16_t after = (uint16_t)(near + 1);
			enum tr_dtype of = i & 2 && near < 0x7bff ? TR_F16 : TR_BF16;

			x = (f64_of(of, &near) + f64_of(of, &after)) / 2;
			x = i & 4 ? x : nextafter(x, i & 8 ? HUGE_VAL : 0);
		}
		for (int to = TR_F16; to <= TR_BF16; to++) {
			int top = to == TR_F16 ? 16 : 128;

			test_note("%a, %lld to %s", x, (long long)whole, tr_dtype_name((enum tr_dtype)to));
			if (fabs(x) < ldexp(1, top)) {
				tr__ref_kernels.cast[TR_F64][to](&h, &x, 1);
				check_rounding((enum tr_dtype)to, h, x, top);
			}
			if (fabsl((long double)whole) < ldexpl(1, top)) {
				tr__ref_kernels.cast[TR_I64][to](&h, &whole, 1);
				check_rounding((enum tr_dtype)to, h, whole, top);
			}
		}
	}
}

/* Truncated if that fits the type, else its limit; NaN gives 0. */
static void floats_saturate_into_integers(void)
{
	static const double limits[] = {INFINITY, -INFINITY, NAN, -0.0, 0x1p31, 0x1p32, 0x1p63, -0x1p63, 0x1p64, 127.9, 128,
					-128.9, -129, 255.9, 256, -0.9, 65535.5, 4294967295.5, -2147483648.5, 2147483647.5};

	for (size_t i = 0; i < COUNT(limits) + 100000; i++) {
		double x = i < COUNT(limits) ? limits[i] : test_rand_f64();

		for (int to = TR_I8; to <= TR_U64; to++) {
			int width = 8 * (int)tr_dtype_size((enum tr_dtype)to), is_signed = to < TR_U8;
			wide most = ((wide)1 << (width - is_signed)) - 1, least = is_signed ? -most - 1 : 0;
			wide want = isnan(x) ? 0 : x >= 0x1p64 ? most : x <= -0x1p64 ? least : (wide)x;
			uint64_t got = 0;

			want = want > most ? most : want < least ? least : want;
			tr__ref_kernels.cast[TR_F64][to](&got, &x, 1);
			test_note("%a to %s", x, tr_dtype_name((enum tr_dtype)to));
			CU_ASSERT_TRUE(widen((enum tr_dtype)to, &got) == want);
		}
	}
}

static void complex_parts(void)
{
	float pair[4] = {0, 3, 2.5f, NAN}, re[2];
	double wide_pair[4];
	uint8_t truth[2];

	tr__ref_kernels.cast[TR_C64][TR_F32](re, pair, 2);
	CU_ASSERT_TRUE(re[0] == 0 && re[1] == 2.5f);
	tr__ref_kernels.cast[TR_C64][TR_BOOL](truth, pair, 2);
	CU_ASSERT_TRUE(truth[0] == 1 && truth[1] == 1);
	tr__ref_kernels.cast[TR_C64][TR_C128](wide_pair, pair, 2);
	CU_ASSERT_TRUE(wide_pair[1] == 3 && wide_pair[2] == 2.5 && isnan(wide_pair[3]));
	tr__ref_kernels.cast[TR_F32][TR_C128](wide_pair, re, 2);
	CU_ASSERT_TRUE(wide_pair[1] == 0 && !signbit(wide_pair[1]) && wide_pair[2] == 2.5 && wide_pair[3] == 0);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(integers_are_exact),
		TEST(floats_are_exact),
		TEST(divisions_near_integers),
		TEST(fma_rounds_once),
		TEST(halves_mean_what_they_say),
		TEST(halves_round_to_nearest),
		TEST(floats_saturate_into_integers),
		TEST(complex_parts),
	};

	return TEST_RUN("ref", cases);
}
