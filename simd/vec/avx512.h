/* SPDX-License-Identifier: MIT */
/*
 * The vector vocabulary of lib/ref/vec1.h in 512-bit registers: x86-64-v4, that is AVX-512 F, BW, CD, DQ, VL.
 * Masks are mask registers; partial loads and stores are masked, and a masked-off lane touches no memory.
 */
#ifndef TR_SIMD_VEC_AVX512_H
#define TR_SIMD_VEC_AVX512_H

#include <immintrin.h>

#include "lib/ref/elem.h"

#define V_SIZE 64 /* bytes */
#define V_HALF 1  /* has instructions that convert f16 */

/* A step of a contraction's chain. */
#define V_UNFUSED 0
#define v_chain(a, b, c) v_fma(a, b, c)

#define VECTOR(T) \
	typedef e##T v##T __attribute__((vector_size(64))); \
	typedef e##T unaligned_##T __attribute__((vector_size(64), aligned(1), may_alias))

VECTOR(i8); VECTOR(i16); VECTOR(i32); VECTOR(i64);
VECTOR(u8); VECTOR(u16); VECTOR(u32); VECTOR(u64);
VECTOR(f32); VECTOR(f64);
typedef vu8 vb8;

typedef __mmask64 mb8, mi8, mu8;
typedef __mmask32 mi16, mu16;
typedef __mmask16 mi32, mu32, mf32;
typedef __mmask8 mi64, mu64, mf64;

/* The lowest k bits, k <= 64. */
TR__INLINE uint64_t low_bits(size_t k)
{
	return _bzhi_u64(~0ull, (unsigned)k);
}

/* R: the register type; mov: the suffix of moves. */
#define MEMORY(T, R, mov) \
	TR__INLINE v##T v##T##_set(e##T x) { return (v##T)_mm512_set1_##mov(x); } \
	TR__INLINE v##T v##T##_load(const void *p) { return *(const unaligned_##T *)p; } \
	TR__INLINE v##T v##T##_load_part(const void *p, size_t k) \
	{ \
		return (v##T)_mm512_maskz_loadu_##mov((m##T)low_bits(k), p); \
	} \
	TR__INLINE void v_store_##T(void *p, v##T a) { *(unaligned_##T *)p = a; } \
	TR__INLINE void v_store_part_##T(void *p, v##T a, size_t k) \
	{ \
		_mm512_mask_storeu_##mov(p, (m##T)low_bits(k), (R)a); \
	} \
	TR__INLINE v##T v_select_##T(m##T m, v##T a, v##T b) \
	{ \
		return (v##T)_mm512_mask_blend_##mov(m, (R)b, (R)a); \
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

#define INTEGER(T, mov, s) \
	MEMORY(T, __m512i, mov) \
	TR__INLINE m##T v_eq_##T(v##T a, v##T b) { return _mm512_cmpeq_##s##_mask((__m512i)a, (__m512i)b); } \
	TR__INLINE m##T v_ne_##T(v##T a, v##T b) { return _mm512_cmpneq_##s##_mask((__m512i)a, (__m512i)b); } \
	TR__INLINE m##T v_lt_##T(v##T a, v##T b) { return _mm512_cmplt_##s##_mask((__m512i)a, (__m512i)b); } \
	TR__INLINE m##T v_le_##T(v##T a, v##T b) { return _mm512_cmple_##s##_mask((__m512i)a, (__m512i)b); } \
	TR__INLINE m##T v_gt_##T(v##T a, v##T b) { return _mm512_cmpgt_##s##_mask((__m512i)a, (__m512i)b); } \
	TR__INLINE m##T v_ge_##T(v##T a, v##T b) { return _mm512_cmpge_##s##_mask((__m512i)a, (__m512i)b); } \
	TR__INLINE v##T v_min_##T(v##T a, v##T b) { return (v##T)_mm512_min_##s((__m512i)a, (__m512i)b); } \
	TR__INLINE v##T v_max_##T(v##T a, v##T b) { return (v##T)_mm512_max_##s((__m512i)a, (__m512i)b); }

/* Shifts by a count per lane, where there is an instruction. */
#define SHIFT(T, left, right) \
	TR__INLINE v##T v_shl_##T(v##T a, v##T n) { return (v##T)_mm512_##left((__m512i)a, (__m512i)n); } \
	TR__INLINE v##T v_shr_##T(v##T a, v##T n) { return (v##T)_mm512_##right((__m512i)a, (__m512i)n); }

#define SIGNED(T, s) \
	INTEGER(T, s, s) \
	TR__INLINE v##T v_abs_##T(v##T a) { return (v##T)_mm512_abs_##s((__m512i)a); }

#define UNSIGNED(T, mov, s) \
	INTEGER(T, mov, s) \
	TR__INLINE v##T v_abs_##T(v##T a) { return a; }

SIGNED(i8, epi8) SIGNED(i16, epi16) SIGNED(i32, epi32) SIGNED(i64, epi64)
UNSIGNED(u8, epi8, epu8) UNSIGNED(u16, epi16, epu16) UNSIGNED(u32, epi32, epu32) UNSIGNED(u64, epi64, epu64)

SHIFT(i16, sllv_epi16, srav_epi16) SHIFT(i32, sllv_epi32, srav_epi32) SHIFT(i64, sllv_epi64, srav_epi64)
SHIFT(u16, sllv_epi16, srlv_epi16) SHIFT(u32, sllv_epi32, srlv_epi32) SHIFT(u64, sllv_epi64, srlv_epi64)

/*
 * Bytes have no shifts of their own: the odd ones are shifted as the upper halves of 16-bit lanes, the even ones
 * after moving them there.
 */
#define SHIFT8(T, right) \
	TR__INLINE v##T bytes_##T(__m512i even, __m512i odd) \
	{ \
		return (v##T)_mm512_mask_blend_epi8(0xaaaaaaaaaaaaaaaaull, _mm512_srli_epi16(even, 8), odd); \
	} \
	TR__INLINE v##T v_shl_##T(v##T a, v##T n) \
	{ \
		__m512i x = (__m512i)a, k = (__m512i)n, low = _mm512_set1_epi16(0xff); \
		__m512i odd = _mm512_sllv_epi16(_mm512_andnot_si512(low, x), _mm512_srli_epi16(k, 8)); \
		__m512i even = _mm512_sllv_epi16(x, _mm512_and_si512(k, low)); \
		return (v##T)_mm512_mask_blend_epi8(0xaaaaaaaaaaaaaaaaull, even, odd); \
	} \
	TR__INLINE v##T v_shr_##T(v##T a, v##T n) \
	{ \
		__m512i x = (__m512i)a, k = (__m512i)n; \
		__m512i odd = _mm512_##right(x, _mm512_srli_epi16(k, 8)); \
		__m512i even = _mm512_##right(_mm512_slli_epi16(x, 8), _mm512_and_si512(k, _mm512_set1_epi16(0xff))); \
		return bytes_##T(even, odd); \
	}

SHIFT8(i8, srav_epi16) SHIFT8(u8, srlv_epi16)

/* vrange picks the right zero but prefers a number to a quiet NaN. */
#define FLOATING(T, s, R, VI, epi) \
	MEMORY(T, R, s) \
	TR__INLINE m##T v_eq_##T(v##T a, v##T b) { return _mm512_cmp_##s##_mask((R)a, (R)b, _CMP_EQ_OQ); } \
	TR__INLINE m##T v_ne_##T(v##T a, v##T b) { return _mm512_cmp_##s##_mask((R)a, (R)b, _CMP_NEQ_UQ); } \
	TR__INLINE m##T v_lt_##T(v##T a, v##T b) { return _mm512_cmp_##s##_mask((R)a, (R)b, _CMP_LT_OQ); } \
	TR__INLINE m##T v_le_##T(v##T a, v##T b) { return _mm512_cmp_##s##_mask((R)a, (R)b, _CMP_LE_OQ); } \
	TR__INLINE m##T v_gt_##T(v##T a, v##T b) { return _mm512_cmp_##s##_mask((R)a, (R)b, _CMP_GT_OQ); } \
	TR__INLINE m##T v_ge_##T(v##T a, v##T b) { return _mm512_cmp_##s##_mask((R)a, (R)b, _CMP_GE_OQ); } \
	TR__INLINE m##T v_isnan_##T(v##T a) { return _mm512_cmp_##s##_mask((R)a, (R)a, _CMP_UNORD_Q); } \
	TR__INLINE VI v_bits_##T(v##T a) { return (VI)a; } \
	TR__INLINE v##T v_from_bits_##T(VI i) { return (v##T)i; } \
	TR__INLINE v##T v_fma_##T(v##T a, v##T b, v##T c) { return (v##T)_mm512_fmadd_##s((R)a, (R)b, (R)c); } \
	TR__INLINE v##T v_sqrt_##T(v##T a) { return (v##T)_mm512_sqrt_##s((R)a); } \
	TR__INLINE v##T v_floor_##T(v##T a) { return (v##T)_mm512_roundscale_##s((R)a, _MM_FROUND_FLOOR); } \
	TR__INLINE v##T v_ceil_##T(v##T a) { return (v##T)_mm512_roundscale_##s((R)a, _MM_FROUND_CEIL); } \
	TR__INLINE v##T v_trunc_##T(v##T a) { return (v##T)_mm512_roundscale_##s((R)a, _MM_FROUND_TRUNC); } \
	TR__INLINE v##T v_rint_##T(v##T a) { return (v##T)_mm512_roundscale_##s((R)a, _MM_FROUND_NINT); } \
	TR__INLINE v##T v_abs_##T(v##T a) { return (v##T)_mm512_abs_##s((R)a); } \
	TR__INLINE v##T v_neg_##T(v##T a) { return (v##T)_mm512_xor_##s((R)a, _mm512_set1_##s(-0.0)); } \
	TR__INLINE v##T v_copysign_##T(v##T a, v##T b) \
	{ \
		__m512i sign = (__m512i)_mm512_set1_##s(-0.0); \
		return (v##T)_mm512_ternarylogic_##epi(sign, (__m512i)b, (__m512i)a, 0xca); /* sign ? b : a */ \
	} \
	TR__INLINE VI v_to_int_##T(v##T a) { return (VI)_mm512_cvt##s##_##epi((R)a); } \
	TR__INLINE v##T v_from_int_##T(VI i) { return (v##T)_mm512_cvt##epi##_##s((__m512i)i); } \
	TR__INLINE v##T v_min_##T(v##T a, v##T b) \
	{ \
		R r = _mm512_range_##s((R)a, (R)b, 4); \
		return (v##T)_mm512_mask_add_##s(r, _mm512_cmp_##s##_mask((R)a, (R)b, _CMP_UNORD_Q), (R)a, (R)b); \
	} \
	TR__INLINE v##T v_max_##T(v##T a, v##T b) \
	{ \
		R r = _mm512_range_##s((R)a, (R)b, 5); \
		return (v##T)_mm512_mask_add_##s(r, _mm512_cmp_##s##_mask((R)a, (R)b, _CMP_UNORD_Q), (R)a, (R)b); \
	} \
	TR__INLINE v##T v_least_##T(v##T a, v##T b) { return (v##T)_mm512_range_##s((R)a, (R)b, 4); } \
	TR__INLINE v##T v_most_##T(v##T a, v##T b) { return (v##T)_mm512_range_##s((R)a, (R)b, 5); } \
	TR__INLINE m##T v_unordered_##T(v##T a, v##T b) { return _mm512_cmp_##s##_mask((R)a, (R)b, _CMP_UNORD_Q); }

FLOATING(f32, ps, __m512, vi32, epi32) FLOATING(f64, pd, __m512d, vi64, epi64)

/*
 * Square roots by multiplications, two in a cycle where the divider has one vector in 12 or 24: y = 1 / √a to 14 bits, g = a·y
 * and h = y / 2 made exact by turns (Goldschmidt), at last g corrected by its exact residual (Markstein, IBM J. R&D 34, 1990). All
 * f32 of two binades were tried; of f64 the last error is below 2^-103, and all whose root is that close to the middle of two
 * numbers were. STEPS double the bits; beyond [LEAST, LEAST + SPAN), as bits, the residual may not be exact.
 */
#define SQRT_STREAM(T, s, R, epi, epu, LEAST, SPAN, STEPS) \
	TR__INLINE v##T v_sqrt_stream_##T(v##T v) \
	{ \
		R a = (R)v, half = _mm512_set1_##s(0.5), y = _mm512_rsqrt14_##s(a); \
		R g = _mm512_mul_##s(a, y), h = _mm512_mul_##s(half, y), rest; \
		__m512i above = (__m512i)(v_bits_##T(v) - LEAST); \
		\
		if (__builtin_expect((m##T)~_mm512_cmplt_##epu##_mask(above, _mm512_set1_##epi(SPAN)), 0)) \
			return v_sqrt_##T(v); \
		for (int i = 0; i < STEPS; i++) { \
			rest = _mm512_fnmadd_##s(h, g, half); \
			g = _mm512_fmadd_##s(g, rest, g); \
			h = _mm512_fmadd_##s(h, rest, h); \
		} \
		return (v##T)_mm512_fmadd_##s(_mm512_fnmadd_##s(g, g, a), h, g); \
	}

SQRT_STREAM(f32, ps, __m512, epi32, epu32, 0x10000000, 0x60000000, 1)
SQRT_STREAM(f64, pd, __m512d, epi64, epu64, 0x1000000000000000, 0x6000000000000000, 2)
#define v_sqrt_stream(a) TR__BY_FLOAT(v_sqrt_stream, a)(a)

TR__INLINE vf32 vf32_gather(const float *p, vi32 i)
{
	return (vf32)_mm512_i32gather_ps((__m512i)i, p, 4);
}

TR__INLINE vf32 vf32_lookup(const float *p, vi32 i)
{
	return (vf32)_mm512_permutexvar_ps((__m512i)i, _mm512_loadu_ps(p));
}

TR__INLINE vf64 vf64_lookup(const double *p, vi64 i)
{
	return (vf64)_mm512_permutex2var_pd(_mm512_loadu_pd(p), (__m512i)i, _mm512_loadu_pd(p + 8));
}

TR__INLINE vf64 vf64_gather(const double *p, vi64 i)
{
	return (vf64)_mm512_i64gather_pd((__m512i)i, p, 8);
}

TR__INLINE vu64 vu64_mul_low(vu64 a, vu64 b) { return (vu64)_mm512_mul_epu32((__m512i)a, (__m512i)b); }

TR__INLINE vu64 vu64_zip_low(vu64 a, vu64 b)
{
	return (vu64)_mm512_permutex2var_epi64((__m512i)a, _mm512_set_epi64(11, 3, 10, 2, 9, 1, 8, 0), (__m512i)b);
}

TR__INLINE vu64 vu64_zip_high(vu64 a, vu64 b)
{
	return (vu64)_mm512_permutex2var_epi64((__m512i)a, _mm512_set_epi64(15, 7, 14, 6, 13, 5, 12, 4), (__m512i)b);
}

/* Masks, by their number of lanes. */
#define MASK(lanes, P, store, mask_store) \
	TR__INLINE void v_store_mask_m##lanes(void *p, __mmask##lanes m) { store; } \
	TR__INLINE void v_store_mask_part_m##lanes(void *p, __mmask##lanes m, size_t k) \
	{ \
		P##_mask_storeu_epi8(p, (mask_store)low_bits(k), P##_maskz_set1_epi8(m, 1)); \
	} \
	TR__INLINE int v_any_m##lanes(__mmask##lanes m) { return m != 0; } \
	TR__INLINE int v_all_m##lanes(__mmask##lanes m) { return m == (__mmask##lanes)-1; }

MASK(64, _mm512, _mm512_storeu_si512(p, _mm512_maskz_set1_epi8(m, 1)), __mmask64)
MASK(32, _mm256, _mm256_storeu_si256(p, _mm256_maskz_set1_epi8(m, 1)), __mmask32)
MASK(16, _mm, _mm_storeu_si128(p, _mm_maskz_set1_epi8(m, 1)), __mmask16)
MASK(8, _mm, _mm_storel_epi64(p, _mm_maskz_set1_epi8(m, 1)), __mmask16)

TR__INLINE __mmask64 load_m64(const void *p)
{
	__m512i v = _mm512_loadu_si512(p);
	return _mm512_test_epi8_mask(v, v);
}

TR__INLINE __mmask32 load_m32(const void *p)
{
	__m256i v = _mm256_loadu_si256(p);
	return _mm256_test_epi8_mask(v, v);
}

TR__INLINE __mmask16 load_m16(const void *p)
{
	__m128i v = _mm_loadu_si128(p);
	return _mm_test_epi8_mask(v, v);
}

TR__INLINE __mmask8 load_m8(const void *p)
{
	__m128i v = _mm_loadl_epi64(p);
	return (__mmask8)_mm_test_epi8_mask(v, v);
}

TR__INLINE uint64_t load_bools(const void *p, size_t k)
{
	__m512i v = _mm512_maskz_loadu_epi8(low_bits(k), p);
	return _mm512_test_epi8_mask(v, v);
}

#define MASK_LOAD(T, lanes) \
	TR__INLINE m##T m##T##_load(const void *p) { return load_m##lanes(p); } \
	TR__INLINE m##T m##T##_load_part(const void *p, size_t k) { return (m##T)load_bools(p, k); }

MASK_LOAD(i8, 64) MASK_LOAD(i16, 32) MASK_LOAD(i32, 16) MASK_LOAD(i64, 8)
MASK_LOAD(u8, 64) MASK_LOAD(u16, 32) MASK_LOAD(u32, 16) MASK_LOAD(u64, 8)
MASK_LOAD(f32, 16) MASK_LOAD(f64, 8)

#undef VECTOR
#undef MEMORY
#undef INTEGER
#undef SHIFT
#undef SHIFT8
#undef SIGNED
#undef UNSIGNED
#undef FLOATING
#undef SQRT_STREAM
#undef MASK
#undef MASK_LOAD

#define TR__BY_MASK(word, m) \
	_Generic((m), __mmask64: word##_m64, __mmask32: word##_m32, __mmask16: word##_m16, __mmask8: word##_m8)

#include "lib/ref/vec_words.h"

#endif
