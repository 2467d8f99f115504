/* SPDX-License-Identifier: MIT */
/* Elements of memory as wider lanes and back, in 512-bit registers: the words of simd/kernels/cast.h. */
#ifndef TR_SIMD_KERNELS_CAST_AVX512_H
#define TR_SIMD_KERNELS_CAST_AVX512_H

#define LOAD64(p) _mm_loadl_epi64((const __m128i *)(p))
#define LOAD128(p) _mm_loadu_si128((const __m128i *)(p))
#define LOAD256(p) _mm256_loadu_si256((const __m256i *)(p))

TR__INLINE vi32 i32_from_i8(const void *p) { return (vi32)_mm512_cvtepi8_epi32(LOAD128(p)); }
TR__INLINE vi32 i32_from_u8(const void *p) { return (vi32)_mm512_cvtepu8_epi32(LOAD128(p)); }
TR__INLINE vi32 i32_from_i16(const void *p) { return (vi32)_mm512_cvtepi16_epi32(LOAD256(p)); }
TR__INLINE vi32 i32_from_u16(const void *p) { return (vi32)_mm512_cvtepu16_epi32(LOAD256(p)); }

TR__INLINE vi64 i64_from_i8(const void *p) { return (vi64)_mm512_cvtepi8_epi64(LOAD64(p)); }
TR__INLINE vi64 i64_from_u8(const void *p) { return (vi64)_mm512_cvtepu8_epi64(LOAD64(p)); }
TR__INLINE vi64 i64_from_i16(const void *p) { return (vi64)_mm512_cvtepi16_epi64(LOAD128(p)); }
TR__INLINE vi64 i64_from_u16(const void *p) { return (vi64)_mm512_cvtepu16_epi64(LOAD128(p)); }
TR__INLINE vi64 i64_from_i32(const void *p) { return (vi64)_mm512_cvtepi32_epi64(LOAD256(p)); }
TR__INLINE vi64 i64_from_u32(const void *p) { return (vi64)_mm512_cvtepu32_epi64(LOAD256(p)); }

TR__INLINE vf32 f32_from_f16(const void *p) { return (vf32)_mm512_cvtph_ps(LOAD256(p)); }

TR__INLINE vf64 f64_from_i8(const void *p) { return (vf64)_mm512_cvtepi32_pd(_mm256_cvtepi8_epi32(LOAD64(p))); }
TR__INLINE vf64 f64_from_u8(const void *p) { return (vf64)_mm512_cvtepi32_pd(_mm256_cvtepu8_epi32(LOAD64(p))); }
TR__INLINE vf64 f64_from_i16(const void *p) { return (vf64)_mm512_cvtepi32_pd(_mm256_cvtepi16_epi32(LOAD128(p))); }
TR__INLINE vf64 f64_from_u16(const void *p) { return (vf64)_mm512_cvtepi32_pd(_mm256_cvtepu16_epi32(LOAD128(p))); }
TR__INLINE vf64 f64_from_i32(const void *p) { return (vf64)_mm512_cvtepi32_pd(LOAD256(p)); }
TR__INLINE vf64 f64_from_u32(const void *p) { return (vf64)_mm512_cvtepu32_pd(LOAD256(p)); }
TR__INLINE vf64 f64_from_f16(const void *p) { return (vf64)_mm512_cvtps_pd(_mm256_cvtph_ps(LOAD128(p))); }
TR__INLINE vf64 f64_from_f32(const void *p) { return (vf64)_mm512_cvtps_pd(_mm256_loadu_ps(p)); }
TR__INLINE vf64 f64_from_bf16(const void *p)
{
	return (vf64)_mm512_cvtps_pd((__m256)_mm256_slli_epi32(_mm256_cvtepu16_epi32(LOAD128(p)), 16));
}

TR__INLINE void i8_of_i32(void *p, vi32 a) { _mm_storeu_si128(p, _mm512_cvtepi32_epi8((__m512i)a)); }
TR__INLINE void i16_of_i32(void *p, vi32 a) { _mm256_storeu_si256(p, _mm512_cvtepi32_epi16((__m512i)a)); }
TR__INLINE void i8_of_i64(void *p, vi64 a) { _mm_storel_epi64(p, _mm512_cvtepi64_epi8((__m512i)a)); }
TR__INLINE void i16_of_i64(void *p, vi64 a) { _mm_storeu_si128(p, _mm512_cvtepi64_epi16((__m512i)a)); }
TR__INLINE void i32_of_i64(void *p, vi64 a) { _mm256_storeu_si256(p, _mm512_cvtepi64_epi32((__m512i)a)); }

TR__INLINE void f16_of_f32(void *p, vf32 a)
{
	_mm256_storeu_si256(p, _mm512_cvtps_ph((__m512)a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}

TR__INLINE void f32_of_f64(void *p, vf64 a) { _mm256_storeu_ps(p, _mm512_cvtpd_ps((__m512d)a)); }

/* Out of range the instruction gives the least integer. */
#define I32_OF_F32
TR__INLINE void i32_of_f32(void *p, vf32 a)
{
	__m512i i = _mm512_maskz_cvttps_epi32((__mmask16)~v_isnan(a), (__m512)a);

	_mm512_storeu_si512(p, _mm512_mask_mov_epi32(i, v_ge(a, vf32_set(0x1p31f)), _mm512_set1_epi32(INT32_MAX)));
}

#undef LOAD64
#undef LOAD128
#undef LOAD256

#endif
