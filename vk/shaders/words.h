/* SPDX-License-Identifier: MIT */
/*
 * The vector vocabulary (lib/ref/vec1.h) in GLSL: vectors of one lane, masks that are bools. Read by the preprocessor
 * only, on the way to vk/gen/glsl.c, which see for what may be written here. Knows no operation.
 *
 * Everything is exact on devices that round additions, multiplications and fma correctly; where the bits of a float
 * decide (NaN, signs, denormals) they are looked at as an integer, which no device may touch.
 */
#define TR_REF_ELEM_H
#define TR_REF_EXPR_SCALAR_H
#define TR__INLINE
#define TR__UNUSED
#define TR__PASTE2_(a, b) a##b
#define TR__PASTE2(a, b) TR__PASTE2_(a, b)
#define TR__PASTE3_(a, b, c) a##b##c
#define TR__PASTE3(a, b, c) TR__PASTE3_(a, b, c)
#define TR__PASTE4_(a, b, c, d) a##b##c##d
#define TR__PASTE4(a, b, c, d) TR__PASTE4_(a, b, c, d)

#define eb8 uint8_t
#define ei8 int8_t
#define ei16 int16_t
#define ei32 int
#define ei64 int64_t
#define eu8 uint8_t
#define eu16 uint16_t
#define eu32 uint
#define eu64 uint64_t
#define ef32 float
#define ef64 double
#define vb8 eb8
#define vi8 ei8
#define vi16 ei16
#define vi32 ei32
#define vi64 ei64
#define vu8 eu8
#define vu16 eu16
#define vu32 eu32
#define vu64 eu64
#define vf32 ef32
#define vf64 ef64
#define mb8 bool
#define mi8 bool
#define mi16 bool
#define mi32 bool
#define mi64 bool
#define mu8 bool
#define mu16 bool
#define mu32 bool
#define mu64 bool
#define mf32 bool
#define mf64 bool

#define vb8_set(c) uint8_t(c)
#define vi8_set(c) int8_t(c)
#define vi16_set(c) int16_t(c)
#define vi32_set(c) int(c)
#define vi64_set(c) int64_t(c)
#define vu8_set(c) uint8_t(c)
#define vu16_set(c) uint16_t(c)
#define vu32_set(c) uint(c)
#define vu64_set(c) uint64_t(c)
#define vf32_set(c) float(c)
#define vf64_set(c) double(c)

#define INFINITY (1.0f / 0.0f)
#define NAN (0.0f / 0.0f)
#define __builtin_expect(x, y) TRUTH (x)

/* A subgroup goes one way, as a vector does: else invocations that take different ones would wait for each other. */
#define v_all(m) subgroupAll(m)
#define v_any(m) subgroupAny(m)
#define v_mand(m, n) ((m) && (n))
#define v_mor(m, n) ((m) || (n))
#define v_mxor(m, n) ((m) != (n))
#define v_mnot(m) (!(m))
#define v_eq(a, b) ((a) == (b))
#define v_ne(a, b) ((a) != (b))
#define v_lt(a, b) ((a) < (b))
#define v_le(a, b) ((a) <= (b))
#define v_gt(a, b) ((a) > (b))
#define v_ge(a, b) ((a) >= (b))
#define v_select(m, a, b) ((m) ? (a) : (b))
#define v_shl(a, n) ((a) << (n))
#define v_shr(a, n) ((a) >> (n))
#define v_each2(f, a, b) f(a, b)
#define v_fma(a, b, c) fma(a, b, c)
#define v_sqrt(a) sqrt(a)
#define v_sqrt_stream(a) sqrt(a)
#define v_floor(a) floor(a)
#define v_ceil(a) ceil(a)
#define v_trunc(a) trunc(a)
#define v_rint(a) roundEven(a)
#define v_neg(a) (-(a))
#define vf32_lookup(p, i) (p[i])
#define vf64_lookup(p, i) (p[int(i)])
#define vf64_gather(p, i) (p[int(i)])
#define vu64_mul_low(a, b) (uint64_t(uint(a)) * uint64_t(uint(b)))

#define WORDS_INTEGER(T) \
	T v_min(T a, T b) { return b < a ? b : a; } \
	T v_max(T a, T b) { return b > a ? b : a; }
#define WORDS_SIGNED(T) \
	WORDS_INTEGER(T) \
	T v_abs(T a) { return a < T(0) ? -a : a; }
#define WORDS_UNSIGNED(T) \
	WORDS_INTEGER(T) \
	T v_abs(T a) { return a; }

WORDS_SIGNED(int8_t) WORDS_SIGNED(int16_t) WORDS_SIGNED(int) WORDS_SIGNED(int64_t)
WORDS_UNSIGNED(uint8_t) WORDS_UNSIGNED(uint16_t) WORDS_UNSIGNED(uint) WORDS_UNSIGNED(uint64_t)

/* Choices are made one by one, of what is there already, so that none is a branch. I holds the bits of F; SIGN is its sign bit, INF the bits of infinity. */
#define WORDS_FLOAT(F, I, TO, FROM, SIGN, INF) \
	I v_bits(F a) { return TO(a); } \
	F v_from_bits(I a) { return FROM(a); } \
	F v_from_int(I a) { return F(a); } \
	I v_to_int(F a) { return I(roundEven(a)); } \
	F v_abs(F a) { return FROM(TO(a) & ~(SIGN)); } \
	F v_copysign(F a, F s) { return FROM((TO(a) & ~(SIGN)) | (TO(s) & SIGN)); } \
	bool v_isnan(F a) { return (TO(a) & ~(SIGN)) > INF; } \
	F v_min(F a, F b) \
	{ \
		F least = FROM(TO(a) | TO(b)); \
		bool none_a = v_isnan(a), none_b = v_isnan(b); \
		least = b < a ? b : least; \
		least = a < b ? a : least; \
		least = none_b ? b : least; \
		return none_a ? a : least; \
	} \
	F v_max(F a, F b) \
	{ \
		F most = FROM(TO(a) & TO(b)); \
		bool none_a = v_isnan(a), none_b = v_isnan(b); \
		most = b > a ? b : most; \
		most = a > b ? a : most; \
		most = none_b ? b : most; \
		return none_a ? a : most; \
	}

WORDS_FLOAT(float, int, floatBitsToInt, intBitsToFloat, (1 << 31), 0x7f800000)
WORDS_FLOAT(double, int64_t, doubleBitsToInt64, int64BitsToDouble, (1l << 63), 0x7ff0000000000000l)

#undef WORDS_INTEGER
#undef WORDS_SIGNED
#undef WORDS_UNSIGNED
#undef WORDS_FLOAT
