/* SPDX-License-Identifier: MIT */
/* Elements of memory as wider lanes and back, in 256-bit registers: the words of simd/kernels/cast.h. */
#ifndef TR_SIMD_KERNELS_CAST_AVX2_H
#define TR_SIMD_KERNELS_CAST_AVX2_H

#define LOAD32(p) _mm_loadu_si32(p)
#define LOAD64(p) _mm_loadl_epi64((const __m128i *)(p))
#define LOAD128(p) _mm_loadu_si128((const __m128i *)(p))

TR__INLINE vi32 i32_from_i8(const void *p) { return (vi32)_mm256_cvtepi8_epi32(LOAD64(p)); }
TR__INLINE vi32 i32_from_u8(const void *p) { return (vi32)_mm256_cvtepu8_epi32(LOAD64(p)); }
TR__INLINE vi32 i32_from_i16(const void *p) { return (vi32)_mm256_cvtepi16_epi32(LOAD128(p)); }
TR__INLINE vi32 i32_from_u16(const void *p) { return (vi32)_mm256_cvtepu16_epi32(LOAD128(p)); }

TR__INLINE vi64 i64_from_i8(const void *p) { return (vi64)_mm256_cvtepi8_epi64(LOAD32(p)); }
TR__INLINE vi64 i64_from_u8(const void *p) { return (vi64)_mm256_cvtepu8_epi64(LOAD32(p)); }
TR__INLINE vi64 i64_from_i16(const void *p) { return (vi64)_mm256_cvtepi16_epi64(LOAD64(p)); }
TR__INLINE vi64 i64_from_u16(const void *p) { return (vi64)_mm256_cvtepu16_epi64(LOAD64(p)); }
TR__INLINE vi64 i64_from_i32(const void *p) { return (vi64)_mm256_cvtepi32_epi64(LOAD128(p)); }
TR__INLINE vi64 i64_from_u32(const void *p) { return (vi64)_mm256_cvtepu32_epi64(LOAD128(p)); }

TR__INLINE vf32 f32_from_f16(const void *p) { return (vf32)_mm256_cvtph_ps(LOAD128(p)); }

TR__INLINE vf64 f64_from_i8(const void *p) { return (vf64)_mm256_cvtepi32_pd(_mm_cvtepi8_epi32(LOAD32(p))); }
TR__INLINE vf64 f64_from_u8(const void *p) { return (vf64)_mm256_cvtepi32_pd(_mm_cvtepu8_epi32(LOAD32(p))); }
TR__INLINE vf64 f64_from_i16(const void *p) { return (vf64)_mm256_cvtepi32_pd(_mm_cvtepi16_epi32(LOAD64(p))); }
TR__INLINE vf64 f64_from_u16(const void *p) { return (vf64)_mm256_cvtepi32_pd(_mm_cvtepu16_epi32(LOAD64(p))); }
TR__INLINE vf64 f64_from_i32(const void *p) { return (vf64)_mm256_cvtepi32_pd(LOAD128(p)); }
TR__INLINE vf64 f64_from_u32(const void *p) { return v_from_int(i64_from_u32(p)); }
TR__INLINE vf64 f64_from_f16(const void *p) { return (vf64)_mm256_cvtps_pd(_mm_cvtph_ps(LOAD64(p))); }
TR__INLINE vf64 f64_from_f32(const void *p) { return (vf64)_mm256_cvtps_pd(_mm_loadu_ps(p)); }
TR__INLINE vf64 f64_from_bf16(const void *p)
{
	return (vf64)_mm256_cvtps_pd((__m128)_mm_slli_epi32(_mm_cvtepu16_epi32(LOAD64(p)), 16));
}

/* The halves' low parts, picked by a shuffle, side by side. */
TR__INLINE __m128i halves_64(__m256i a, __m128i pick) /* 8 bytes of each */
{
	return _mm_unpacklo_epi64(_mm_shuffle_epi8(_mm256_castsi256_si128(a), pick),
				  _mm_shuffle_epi8(_mm256_extracti128_si256(a, 1), pick));
}

TR__INLINE __m128i halves_32(__m256i a, __m128i pick) /* 4 bytes of each */
{
	return _mm_unpacklo_epi32(_mm_shuffle_epi8(_mm256_castsi256_si128(a), pick),
				  _mm_shuffle_epi8(_mm256_extracti128_si256(a, 1), pick));
}

TR__INLINE __m128i halves_16(__m256i a, __m128i pick) /* 2 bytes of each */
{
	return _mm_unpacklo_epi16(_mm_shuffle_epi8(_mm256_castsi256_si128(a), pick),
				  _mm_shuffle_epi8(_mm256_extracti128_si256(a, 1), pick));
}

TR__INLINE void i8_of_i32(void *p, vi32 a)
{
	_mm_storel_epi64(p, halves_32((__m256i)a, _mm_set1_epi32(0x0c080400)));
}

TR__INLINE void i16_of_i32(void *p, vi32 a)
{
	_mm_storeu_si128(p, halves_64((__m256i)a, _mm_set1_epi64x(0x0d0c090805040100)));
}

TR__INLINE void i8_of_i64(void *p, vi64 a)
{
	_mm_storeu_si32(p, halves_16((__m256i)a, _mm_set1_epi16(0x0800)));
}

TR__INLINE void i16_of_i64(void *p, vi64 a)
{
	_mm_storel_epi64(p, halves_32((__m256i)a, _mm_set1_epi32(0x09080100)));
}

TR__INLINE void i32_of_i64(void *p, vi64 a)
{
	_mm_storeu_si128(p, halves_64((__m256i)a, _mm_set1_epi64x(0x0b0a090803020100)));
}

TR__INLINE void f16_of_f32(void *p, vf32 a)
{
	_mm_storeu_si128(p, _mm256_cvtps_ph((__m256)a, _MM_FROUND_TO_NEAREST_INT));
}

TR__INLINE void f32_of_f64(void *p, vf64 a) { _mm_storeu_ps(p, _mm256_cvtpd_ps((__m256d)a)); }

#undef LOAD32
#undef LOAD64
#undef LOAD128

#endif
