/* SPDX-License-Identifier: MIT */
/*
 * The vector vocabulary of lib/ref/vec1.h in 256-bit registers: x86-64-v3, that is AVX2, FMA, F16C, BMI. A mask is
 * an integer vector of the same lanes. Partial stores go through a copy on the stack: masked stores are
 * microcoded on some processors and do not exist for small elements.
 */
#ifndef TR_SIMD_VEC_AVX2_H
#define TR_SIMD_VEC_AVX2_H

#include <immintrin.h>
#include <string.h>

#include "lib/ref/elem.h"

#define V_SIZE 32 /* bytes */
#define V_HALF 1  /* has instructions that convert f16 */

/* A step of a contraction's chain. */
#define V_UNFUSED 0
#define v_chain(a, b, c) v_fma(a, b, c)

#define VECTOR(T) \
	typedef e##T v##T __attribute__((vector_size(32))); \
	typedef e##T unaligned_##T __attribute__((vector_size(32), aligned(1), may_alias))

VECTOR(i8); VECTOR(i16); VECTOR(i32); VECTOR(i64);
VECTOR(u8); VECTOR(u16); VECTOR(u32); VECTOR(u64);
VECTOR(f32); VECTOR(f64);
typedef vu8 vb8;

typedef vi8 mb8, mi8, mu8;
typedef vi16 mi16, mu16;
typedef vi32 mi32, mu32, mf32;
typedef vi64 mi64, mu64, mf64;

/* Copies size <= 32 bytes in powers of two, without a call. */
TR__INLINE void copy_part(void *dst, const void *src, size_t size)
{
	char *d = dst;
	const char *s = src;

#define PIECE(bytes) \
	if (size & bytes) { \
		memcpy(d, s, bytes); \
		d += bytes; \
		s += bytes; \
	}
	PIECE(32) PIECE(16) PIECE(8) PIECE(4) PIECE(2) PIECE(1)
#undef PIECE
}

TR__INLINE __m256i load_part(const void *p, size_t size)
{
	char buf[32] __attribute__((aligned(32))) = {0};

	copy_part(buf, p, size);
	return _mm256_load_si256((const __m256i *)buf);
}

TR__INLINE void store_part(void *p, __m256i a, size_t size)
{
	char buf[32] __attribute__((aligned(32)));

	_mm256_store_si256((__m256i *)buf, a);
	copy_part(p, buf, size);
}

/* R: the register type; set, blend: suffixes of set1 and blendv. */
#define COMMON(T, R, set, blend) \
	TR__INLINE v##T v##T##_set(e##T x) { return (v##T)_mm256_set1_##set(x); } \
	TR__INLINE v##T v##T##_load(const void *p) { return *(const unaligned_##T *)p; } \
	TR__INLINE v##T v##T##_load_part(const void *p, size_t k) { return (v##T)load_part(p, k * sizeof(e##T)); } \
	TR__INLINE void v_store_##T(void *p, v##T a) { *(unaligned_##T *)p = a; } \
	TR__INLINE void v_store_part_##T(void *p, v##T a, size_t k) { store_part(p, (__m256i)a, k * sizeof(e##T)); } \
	TR__INLINE m##T v_eq_##T(v##T a, v##T b) { return (m##T)(a == b); } \
	TR__INLINE m##T v_ne_##T(v##T a, v##T b) { return (m##T)(a != b); } \
	TR__INLINE m##T v_lt_##T(v##T a, v##T b) { return (m##T)(a < b); } \
	TR__INLINE m##T v_le_##T(v##T a, v##T b) { return (m##T)(a <= b); } \
	TR__INLINE m##T v_gt_##T(v##T a, v##T b) { return (m##T)(a > b); } \
	TR__INLINE m##T v_ge_##T(v##T a, v##T b) { return (m##T)(a >= b); } \
	TR__INLINE v##T v_select_##T(m##T m, v##T a, v##T b) \
	{ \
		return (v##T)_mm256_blendv_##blend((R)b, (R)a, (R)m); \
	} \
	TR__INLINE v##T v_each1_##T(e##T (*f)(e##T), v##T a) \
	{ \
		for (size_t i = 0; i < sizeof(a) / sizeof(a[0]); i++) \
			a[i] = f(a[i]); \
		return a; \
	} \
	TR__INLINE v##T v_each2_##T(e##T (*f)(e##T, e##T), v##T a, v##T b) \
	{ \
		for (size_t i = 0; i < sizeof(a) / sizeof(a[0]); i++) \
			a[i] = f(a[i], b[i]); \
		return a; \
	}

COMMON(i8, __m256i, epi8, epi8) COMMON(i16, __m256i, epi16, epi8)
COMMON(i32, __m256i, epi32, epi8) COMMON(i64, __m256i, epi64x, epi8)
COMMON(u8, __m256i, epi8, epi8) COMMON(u16, __m256i, epi16, epi8)
COMMON(u32, __m256i, epi32, epi8) COMMON(u64, __m256i, epi64x, epi8)
COMMON(f32, __m256, ps, ps) COMMON(f64, __m256d, pd, pd)

#define LIMIT(T, s) \
	TR__INLINE v##T v_min_##T(v##T a, v##T b) { return (v##T)_mm256_min_##s((__m256i)a, (__m256i)b); } \
	TR__INLINE v##T v_max_##T(v##T a, v##T b) { return (v##T)_mm256_max_##s((__m256i)a, (__m256i)b); }
#define LIMIT64(T) \
	TR__INLINE v##T v_min_##T(v##T a, v##T b) { return v_select_##T(v_lt_##T(a, b), a, b); } \
	TR__INLINE v##T v_max_##T(v##T a, v##T b) { return v_select_##T(v_lt_##T(a, b), b, a); }

LIMIT(i8, epi8) LIMIT(i16, epi16) LIMIT(i32, epi32) LIMIT64(i64)
LIMIT(u8, epu8) LIMIT(u16, epu16) LIMIT(u32, epu32) LIMIT64(u64)

TR__INLINE vi8 v_abs_i8(vi8 a) { return (vi8)_mm256_abs_epi8((__m256i)a); }
TR__INLINE vi16 v_abs_i16(vi16 a) { return (vi16)_mm256_abs_epi16((__m256i)a); }
TR__INLINE vi32 v_abs_i32(vi32 a) { return (vi32)_mm256_abs_epi32((__m256i)a); }
TR__INLINE vi64 v_abs_i64(vi64 a) { return (a ^ (a < 0)) - (a < 0); }
TR__INLINE vu8 v_abs_u8(vu8 a) { return a; }
TR__INLINE vu16 v_abs_u16(vu16 a) { return a; }
TR__INLINE vu32 v_abs_u32(vu32 a) { return a; }
TR__INLINE vu64 v_abs_u64(vu64 a) { return a; }

/* Shifts by a count per lane. 32 and 64 bits have instructions, but for the signed right shift of 64. */
TR__INLINE vi32 v_shl_i32(vi32 a, vi32 n) { return (vi32)_mm256_sllv_epi32((__m256i)a, (__m256i)n); }
TR__INLINE vi32 v_shr_i32(vi32 a, vi32 n) { return (vi32)_mm256_srav_epi32((__m256i)a, (__m256i)n); }
TR__INLINE vu32 v_shl_u32(vu32 a, vu32 n) { return (vu32)_mm256_sllv_epi32((__m256i)a, (__m256i)n); }
TR__INLINE vu32 v_shr_u32(vu32 a, vu32 n) { return (vu32)_mm256_srlv_epi32((__m256i)a, (__m256i)n); }
TR__INLINE vi64 v_shl_i64(vi64 a, vi64 n) { return (vi64)_mm256_sllv_epi64((__m256i)a, (__m256i)n); }
TR__INLINE vu64 v_shl_u64(vu64 a, vu64 n) { return (vu64)_mm256_sllv_epi64((__m256i)a, (__m256i)n); }
TR__INLINE vu64 v_shr_u64(vu64 a, vu64 n) { return (vu64)_mm256_srlv_epi64((__m256i)a, (__m256i)n); }

/* 16 bits: the upper halves of 32-bit lanes, and the lower ones apart. */
TR__INLINE vu16 v_shl_u16(vu16 a, vu16 n)
{
	__m256i x = (__m256i)a, k = (__m256i)n, low = _mm256_set1_epi32(0xffff);
	__m256i even = _mm256_sllv_epi32(x, _mm256_and_si256(k, low));
	__m256i odd = _mm256_sllv_epi32(_mm256_andnot_si256(low, x), _mm256_srli_epi32(k, 16));

	return (vu16)_mm256_blend_epi16(even, odd, 0xaa);
}

TR__INLINE vu16 v_shr_u16(vu16 a, vu16 n)
{
	__m256i x = (__m256i)a, k = (__m256i)n, low = _mm256_set1_epi32(0xffff);
	__m256i even = _mm256_srlv_epi32(_mm256_and_si256(x, low), _mm256_and_si256(k, low));
	__m256i odd = _mm256_srlv_epi32(x, _mm256_srli_epi32(k, 16));

	return (vu16)_mm256_blend_epi16(even, odd, 0xaa);
}

/* 8 bits: by 4, 2 and 1 where the count has that bit, moved to where blendv looks. */
TR__INLINE vu8 v_shl_u8(vu8 a, vu8 n)
{
	__m256i x = (__m256i)a, k = _mm256_slli_epi16((__m256i)n, 5);

	x = _mm256_blendv_epi8(x, _mm256_and_si256(_mm256_slli_epi16(x, 4), _mm256_set1_epi8(-16)), k);
	k = _mm256_add_epi8(k, k);
	x = _mm256_blendv_epi8(x, _mm256_and_si256(_mm256_slli_epi16(x, 2), _mm256_set1_epi8(-4)), k);
	k = _mm256_add_epi8(k, k);
	return (vu8)_mm256_blendv_epi8(x, _mm256_add_epi8(x, x), k);
}

TR__INLINE vu8 v_shr_u8(vu8 a, vu8 n)
{
	__m256i x = (__m256i)a, k = _mm256_slli_epi16((__m256i)n, 5);

	x = _mm256_blendv_epi8(x, _mm256_and_si256(_mm256_srli_epi16(x, 4), _mm256_set1_epi8(0x0f)), k);
	k = _mm256_add_epi8(k, k);
	x = _mm256_blendv_epi8(x, _mm256_and_si256(_mm256_srli_epi16(x, 2), _mm256_set1_epi8(0x3f)), k);
	k = _mm256_add_epi8(k, k);
	return (vu8)_mm256_blendv_epi8(x, _mm256_and_si256(_mm256_srli_epi16(x, 1), _mm256_set1_epi8(0x7f)), k);
}

/* Complementing a negative number before and after makes zeros shifted in into ones. */
#define SHIFT_SIGNED(T, U) \
	TR__INLINE v##T v_shr_##T(v##T a, v##T n) \
	{ \
		v##T sign = (v##T)(a < 0); \
		return (v##T)v_shr_##U((v##U)(a ^ sign), (v##U)n) ^ sign; \
	}

TR__INLINE vi8 v_shl_i8(vi8 a, vi8 n) { return (vi8)v_shl_u8((vu8)a, (vu8)n); }
TR__INLINE vi16 v_shl_i16(vi16 a, vi16 n) { return (vi16)v_shl_u16((vu16)a, (vu16)n); }
SHIFT_SIGNED(i8, u8) SHIFT_SIGNED(i16, u16) SHIFT_SIGNED(i64, u64)

/*
 * minps gives its second operand if either is NaN or both are zeros, so of the two orders one is the NaN or the
 * -0, and or-ing keeps that. For the maximum the bits in which the orders differ are set (making -0 or a NaN)
 * and subtracted as a number: -0 - -0 is +0, NaN stays, and where nothing differs x - 0 is x.
 */
#define FLOATING(T, s, R, VI) \
	TR__INLINE m##T v_isnan_##T(v##T a) { return (m##T)(a != a); } \
	TR__INLINE VI v_bits_##T(v##T a) { return (VI)a; } \
	TR__INLINE v##T v_from_bits_##T(VI i) { return (v##T)i; } \
	TR__INLINE v##T v_fma_##T(v##T a, v##T b, v##T c) { return (v##T)_mm256_fmadd_##s((R)a, (R)b, (R)c); } \
	TR__INLINE v##T v_sqrt_##T(v##T a) { return (v##T)_mm256_sqrt_##s((R)a); } \
	TR__INLINE v##T v_floor_##T(v##T a) { return (v##T)_mm256_round_##s((R)a, _MM_FROUND_FLOOR); } \
	TR__INLINE v##T v_ceil_##T(v##T a) { return (v##T)_mm256_round_##s((R)a, _MM_FROUND_CEIL); } \
	TR__INLINE v##T v_trunc_##T(v##T a) { return (v##T)_mm256_round_##s((R)a, _MM_FROUND_TRUNC); } \
	TR__INLINE v##T v_rint_##T(v##T a) { return (v##T)_mm256_round_##s((R)a, _MM_FROUND_NINT); } \
	TR__INLINE v##T v_abs_##T(v##T a) { return (v##T)_mm256_andnot_##s(_mm256_set1_##s(-0.0f), (R)a); } \
	TR__INLINE v##T v_neg_##T(v##T a) { return (v##T)_mm256_xor_##s(_mm256_set1_##s(-0.0f), (R)a); } \
	TR__INLINE v##T v_copysign_##T(v##T a, v##T b) \
	{ \
		R sign = _mm256_set1_##s(-0.0f); \
		return (v##T)_mm256_or_##s(_mm256_andnot_##s(sign, (R)a), _mm256_and_##s(sign, (R)b)); \
	} \
	TR__INLINE v##T v_min_##T(v##T a, v##T b) \
	{ \
		return (v##T)_mm256_or_##s(_mm256_min_##s((R)a, (R)b), _mm256_min_##s((R)b, (R)a)); \
	} \
	TR__INLINE v##T v_max_##T(v##T a, v##T b) \
	{ \
		R x = _mm256_max_##s((R)a, (R)b), y = _mm256_max_##s((R)b, (R)a), differ = _mm256_xor_##s(x, y); \
		return (v##T)_mm256_sub_##s(_mm256_or_##s(x, differ), differ); \
	} \
	TR__INLINE v##T v_least_##T(v##T a, v##T b) { return v_min_##T(a, b); } \
	TR__INLINE v##T v_most_##T(v##T a, v##T b) \
	{ \
		return (v##T)_mm256_and_##s(_mm256_max_##s((R)a, (R)b), _mm256_max_##s((R)b, (R)a)); \
	} \
	TR__INLINE m##T v_unordered_##T(v##T a, v##T b) { return (m##T)_mm256_cmp_##s((R)a, (R)b, _CMP_UNORD_Q); }

FLOATING(f32, ps, __m256, vi32) FLOATING(f64, pd, __m256d, vi64)

TR__INLINE vi32 v_to_int_f32(vf32 a) { return (vi32)_mm256_cvtps_epi32((__m256)a); }
TR__INLINE vf32 v_from_int_f32(vi32 i) { return (vf32)_mm256_cvtepi32_ps((__m256i)i); }

/* In [2^52, 2^53) the integer stands in the low bits; half of that above the middle is for negative ones. */
TR__INLINE vi64 v_to_int_f64(vf64 a)
{
	vf64 shift = vf64_set(0x1.8p52);

	return (vi64)(a + shift) - (vi64)shift;
}

TR__INLINE vf64 v_from_int_f64(vi64 i)
{
	vf64 shift = vf64_set(0x1.8p52);

	return (vf64)(i + (vi64)shift) - shift;
}

TR__INLINE vf32 vf32_gather(const float *p, vi32 i)
{
	return (vf32)_mm256_i32gather_ps(p, (__m256i)i, 4);
}

/* The permutation looks at bits 0 to 2 of i, the blend at bit 3, moved where a float has its sign. */
TR__INLINE vf32 vf32_lookup(const float *p, vi32 i)
{
	__m256i index = (__m256i)i;
	__m256 low = _mm256_permutevar8x32_ps(_mm256_loadu_ps(p), index);
	__m256 high = _mm256_permutevar8x32_ps(_mm256_loadu_ps(p + 8), index);

	return (vf32)_mm256_blendv_ps(low, high, (__m256)_mm256_slli_epi32(index, 28));
}

TR__INLINE vf64 vf64_gather(const double *p, vi64 i)
{
	return (vf64)_mm256_i64gather_pd(p, (__m256i)i, 8);
}

TR__INLINE vf64 vf64_lookup(const double *p, vi64 i) { return vf64_gather(p, i); }

TR__INLINE vu64 vu64_mul_low(vu64 a, vu64 b) { return (vu64)_mm256_mul_epu32((__m256i)a, (__m256i)b); }

/* a0 b0 a2 b2 and a1 b1 a3 b3, whose halves are what comes together. */
TR__INLINE vu64 vu64_zip_low(vu64 a, vu64 b)
{
	__m256i even = _mm256_unpacklo_epi64((__m256i)a, (__m256i)b), odd = _mm256_unpackhi_epi64((__m256i)a, (__m256i)b);

	return (vu64)_mm256_permute2x128_si256(even, odd, 0x20);
}

TR__INLINE vu64 vu64_zip_high(vu64 a, vu64 b)
{
	__m256i even = _mm256_unpacklo_epi64((__m256i)a, (__m256i)b), odd = _mm256_unpackhi_epi64((__m256i)a, (__m256i)b);

	return (vu64)_mm256_permute2x128_si256(even, odd, 0x31);
}

/* Masks as bytes, 0 or -1, in the low end. Saturating packs keep 0 and -1. */
TR__INLINE __m256i mask_bytes_i8(vi8 m)
{
	return (__m256i)m;
}

TR__INLINE __m256i mask_bytes_i16(vi16 m)
{
	__m256i v = (__m256i)m;

	return _mm256_castsi128_si256(_mm_packs_epi16(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1)));
}

TR__INLINE __m256i mask_bytes_i32(vi32 m)
{
	__m256i v = (__m256i)m;
	__m128i half = _mm_packs_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));

	return _mm256_castsi128_si256(_mm_packs_epi16(half, half));
}

TR__INLINE __m256i mask_bytes_i64(vi64 m)
{
	__m128i v = _mm256_castsi256_si128(mask_bytes_i32((vi32)m)); /* every byte twice */

	return _mm256_castsi128_si256(_mm_packs_epi16(v, v));
}

TR__INLINE vi8 mask_load_i8(__m256i v) { return (vi8)v != 0; }
TR__INLINE vi16 mask_load_i16(__m256i v) { return (vi16)_mm256_cvtepu8_epi16(_mm256_castsi256_si128(v)) != 0; }
TR__INLINE vi32 mask_load_i32(__m256i v) { return (vi32)_mm256_cvtepu8_epi32(_mm256_castsi256_si128(v)) != 0; }
TR__INLINE vi64 mask_load_i64(__m256i v) { return (vi64)_mm256_cvtepu8_epi64(_mm256_castsi256_si128(v)) != 0; }

#define MASK(T) \
	TR__INLINE void v_store_mask_##T(void *p, v##T m) \
	{ \
		__m256i b = _mm256_abs_epi8(mask_bytes_##T(m)); \
		memcpy(p, &b, v_lanes(T)); \
	} \
	TR__INLINE void v_store_mask_part_##T(void *p, v##T m, size_t k) \
	{ \
		store_part(p, _mm256_abs_epi8(mask_bytes_##T(m)), k); \
	} \
	TR__INLINE int v_any_##T(v##T m) { return !_mm256_testz_si256((__m256i)m, (__m256i)m); } \
	TR__INLINE int v_all_##T(v##T m) { return _mm256_testc_si256((__m256i)m, _mm256_set1_epi8(-1)); }

#define MASK_LOAD(T, I) \
	TR__INLINE m##T m##T##_load(const void *p) \
	{ \
		__m256i b = _mm256_setzero_si256(); \
		memcpy(&b, p, v_lanes(T)); \
		return mask_load_##I(b); \
	} \
	TR__INLINE m##T m##T##_load_part(const void *p, size_t k) { return mask_load_##I(load_part(p, k)); }

#define TR__BY_MASK(word, m) _Generic((m), vi8: word##_i8, vi16: word##_i16, vi32: word##_i32, vi64: word##_i64)

#include "lib/ref/vec_words.h"

MASK(i8) MASK(i16) MASK(i32) MASK(i64)
MASK_LOAD(i8, i8) MASK_LOAD(i16, i16) MASK_LOAD(i32, i32) MASK_LOAD(i64, i64)
MASK_LOAD(u8, i8) MASK_LOAD(u16, i16) MASK_LOAD(u32, i32) MASK_LOAD(u64, i64)
MASK_LOAD(f32, i32) MASK_LOAD(f64, i64)

#undef VECTOR
#undef COMMON
#undef LIMIT
#undef LIMIT64
#undef SHIFT_SIGNED
#undef FLOATING
#undef MASK
#undef MASK_LOAD

#endif
