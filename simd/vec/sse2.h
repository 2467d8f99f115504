/* SPDX-License-Identifier: MIT */
/*
 * The vector vocabulary of lib/ref/vec1.h for the x86-64 baseline: SSE2, which has no fused multiply-add, no rounding
 * to integers, no comparison of 64-bit integers and limits for two of their types only.
 */
#ifndef TR_SIMD_VEC_SSE2_H
#define TR_SIMD_VEC_SSE2_H

#include <emmintrin.h>

#include "simd/vec/vec128.h"

/* A step of a contraction's chain. */
#define V_UNFUSED 1
#define v_chain(a, b, c) ((a) * (b) + (c))

/* The first bytes of the result are a's from n, a constant, on. */
#define V_FROM_BYTE(a, n) _mm_srli_si128((__m128i)(a), n)

/* The saturating pack keeps halves that are sign-extended before. */
TR__INLINE vi16 low_i32(vi32 a, vi32 b)
{
	return (vi16)_mm_packs_epi32((__m128i)(a << 16 >> 16), (__m128i)(b << 16 >> 16));
}

TR__INLINE int any_bit(vi8 a)
{
	return _mm_movemask_epi8(_mm_cmpeq_epi8((__m128i)a, _mm_setzero_si128())) != 0xffff;
}

TR__INLINE int all_bits(vi8 a)
{
	return _mm_movemask_epi8(_mm_cmpeq_epi8((__m128i)a, _mm_set1_epi8(-1))) == 0xffff;
}

TR__INLINE vf64 widen_low(vf32 a) { return (vf64)_mm_cvtps_pd((__m128)a); }
TR__INLINE vf64 widen_high(vf32 a) { return (vf64)_mm_cvtps_pd(_mm_movehl_ps((__m128)a, (__m128)a)); }

TR__INLINE vf32 narrow_f64(vf64 a, vf64 b)
{
	return (vf32)_mm_movelh_ps(_mm_cvtpd_ps((__m128d)a), _mm_cvtpd_ps((__m128d)b));
}

V128_COMPARE(i8) V128_COMPARE(i16) V128_COMPARE(i32)
V128_COMPARE(u8) V128_COMPARE(u16) V128_COMPARE(u32)
V128_COMPARE(f32) V128_COMPARE(f64)

/* 64 bits: both halves equal; and the sign of a - b, corrected where it overflowed, to the whole lane. */
TR__INLINE vi64 equal_64(vi64 a, vi64 b)
{
	vi32 halves = (vi32)a == (vi32)b;

	return (vi64)(halves & __builtin_shufflevector(halves, halves, 1, 0, 3, 2));
}

TR__INLINE vi64 less_i64(vi64 a, vi64 b)
{
	vi64 d = a - b;
	vi32 sign = (vi32)(d ^ ((a ^ b) & (d ^ a))) >> 31;

	return (vi64)__builtin_shufflevector(sign, sign, 1, 1, 3, 3);
}

/* The borrow of a - b. */
TR__INLINE vi64 less_u64(vu64 a, vu64 b)
{
	vi32 borrow = (vi32)((~a & b) | (~(a ^ b) & (a - b))) >> 31;

	return (vi64)__builtin_shufflevector(borrow, borrow, 1, 1, 3, 3);
}

#define COMPARE_64(T) \
	TR__INLINE vi64 v_eq_##T(v##T a, v##T b) { return equal_64((vi64)a, (vi64)b); } \
	TR__INLINE vi64 v_ne_##T(v##T a, v##T b) { return ~equal_64((vi64)a, (vi64)b); } \
	TR__INLINE vi64 v_lt_##T(v##T a, v##T b) { return less_##T(a, b); } \
	TR__INLINE vi64 v_le_##T(v##T a, v##T b) { return ~less_##T(b, a); } \
	TR__INLINE vi64 v_gt_##T(v##T a, v##T b) { return less_##T(b, a); } \
	TR__INLINE vi64 v_ge_##T(v##T a, v##T b) { return ~less_##T(a, b); }
COMPARE_64(i64) COMPARE_64(u64)
#undef COMPARE_64

#define LIMIT(T, s) \
	TR__INLINE v##T v_min_##T(v##T a, v##T b) { return (v##T)_mm_min_##s((__m128i)a, (__m128i)b); } \
	TR__INLINE v##T v_max_##T(v##T a, v##T b) { return (v##T)_mm_max_##s((__m128i)a, (__m128i)b); }
V128_LIMIT(i8) LIMIT(i16, epi16) V128_LIMIT(i32) V128_LIMIT(i64)
LIMIT(u8, epu8) V128_LIMIT(u16) V128_LIMIT(u32) V128_LIMIT(u64)
#undef LIMIT

V128_SHIFT_BY_STEPS(i8) V128_SHIFT_BY_STEPS(i16) V128_SHIFT_BY_STEPS(i32)
V128_SHIFT_BY_STEPS(u8) V128_SHIFT_BY_STEPS(u16) V128_SHIFT_BY_STEPS(u32)

/* 64 bits: the instruction has one count for both lanes. */
#define SHIFT_64(name, s) \
	TR__INLINE vu64 name(vu64 a, vu64 n) \
	{ \
		__m128i x = (__m128i)a, k = (__m128i)n; \
		return __builtin_shufflevector((vu64)s(x, k), (vu64)s(x, _mm_unpackhi_epi64(k, k)), 0, 3); \
	}
SHIFT_64(v_shl_u64, _mm_sll_epi64) SHIFT_64(v_shr_u64, _mm_srl_epi64)
#undef SHIFT_64

TR__INLINE vi64 v_shl_i64(vi64 a, vi64 n) { return (vi64)v_shl_u64((vu64)a, (vu64)n); }

/* Complementing a negative number before and after makes zeros shifted in into ones. */
TR__INLINE vi64 v_shr_i64(vi64 a, vi64 n)
{
	vi64 sign = a >> 63;

	return (vi64)v_shr_u64((vu64)(a ^ sign), (vu64)n) ^ sign;
}

/*
 * rint: numbers below 1/eps lose their fraction to it when it is added. The others come from there by a step of 1 and
 * keep a's sign, which zeros would lose.
 * min, max: as in simd/vec/avx2.h.
 */
#define FLOATING(T, s, R, magic) \
	TR__INLINE v##T v_sqrt_##T(v##T a) { return (v##T)_mm_sqrt_##s((R)a); } \
	TR__INLINE v##T v_rint_##T(v##T a) \
	{ \
		v##T size = v_abs_##T(a), one = v##T##_set(magic); \
		return v_select_##T(v_lt_##T(size, one), v_copysign_##T((size + one) - one, a), a); \
	} \
	TR__INLINE v##T v_floor_##T(v##T a) \
	{ \
		v##T r = v_rint_##T(a), step = (v##T)((m##T)v##T##_set(1) & v_gt_##T(r, a)); \
		return v_copysign_##T(r - step, a); \
	} \
	TR__INLINE v##T v_ceil_##T(v##T a) \
	{ \
		v##T r = v_rint_##T(a), step = (v##T)((m##T)v##T##_set(1) & v_lt_##T(r, a)); \
		return v_copysign_##T(r + step, a); \
	} \
	TR__INLINE v##T v_trunc_##T(v##T a) { return v_copysign_##T(v_floor_##T(v_abs_##T(a)), a); } \
	TR__INLINE v##T v_min_##T(v##T a, v##T b) \
	{ \
		return (v##T)_mm_or_##s(_mm_min_##s((R)a, (R)b), _mm_min_##s((R)b, (R)a)); \
	} \
	TR__INLINE v##T v_max_##T(v##T a, v##T b) \
	{ \
		R x = _mm_max_##s((R)a, (R)b), y = _mm_max_##s((R)b, (R)a), differ = _mm_xor_##s(x, y); \
		return (v##T)_mm_sub_##s(_mm_or_##s(x, differ), differ); \
	} \
	TR__INLINE v##T v_least_##T(v##T a, v##T b) { return v_min_##T(a, b); } \
	TR__INLINE v##T v_most_##T(v##T a, v##T b) \
	{ \
		return (v##T)_mm_and_##s(_mm_max_##s((R)a, (R)b), _mm_max_##s((R)b, (R)a)); \
	} \
	TR__INLINE m##T v_unordered_##T(v##T a, v##T b) { return (m##T)_mm_cmpunord_##s((R)a, (R)b); }
FLOATING(f32, ps, __m128, 0x1p23f) FLOATING(f64, pd, __m128d, 0x1p52)
#undef FLOATING

TR__INLINE vu64 vu64_mul_low(vu64 a, vu64 b) { return (vu64)_mm_mul_epu32((__m128i)a, (__m128i)b); }

TR__INLINE vi32 v_to_int_f32(vf32 a) { return (vi32)_mm_cvtps_epi32((__m128)a); }

#include "simd/vec/fma.h"

#include "lib/ref/vec_words.h"

#endif
