/* SPDX-License-Identifier: MIT */
/* Square transposes in 512-bit registers, and the words that matrix kernels of x86-64-v4 share. Knows no memory. */
#ifndef TR_SIMD_KERNELS_TRANSPOSE_AVX512_H
#define TR_SIMD_KERNELS_TRANSPOSE_AVX512_H

#include <immintrin.h>
#include <stddef.h>

#include "lib/ref/elem.h"

#define GEMM_UNROLL TR__UNROLL(16)
#define GEMM_INLINE static inline __attribute__((always_inline, unused))

GEMM_INLINE __mmask16 mask_f32_avx512(size_t n)
{
	return (__mmask16)((1u << n) - 1);
}

GEMM_INLINE __mmask8 mask_f64_avx512(size_t n)
{
	return (__mmask8)((1u << n) - 1);
}

/* 2×2 within pairs, pairs within 128 bits, then the 4×4 matrix of 128-bit quarters. */
GEMM_INLINE void transpose_f32_avx512(__m512 r[16])
{
	__m512 a[16];

	GEMM_UNROLL for (int i = 0; i < 16; i += 2) {
		a[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
		a[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
	}
	GEMM_UNROLL for (int i = 0; i < 16; i += 4)
		GEMM_UNROLL for (int j = 0; j < 2; j++) {
			const __m512d lo = _mm512_castps_pd(a[i + j]), hi = _mm512_castps_pd(a[i + j + 2]);

			r[i + 2 * j] = _mm512_castpd_ps(_mm512_unpacklo_pd(lo, hi));
			r[i + 2 * j + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(lo, hi));
		}
	GEMM_UNROLL for (int j = 0; j < 4; j++) {
		const __m512 even0 = _mm512_shuffle_f32x4(r[j], r[j + 4], 0x88);
		const __m512 odd0 = _mm512_shuffle_f32x4(r[j], r[j + 4], 0xdd);
		const __m512 even1 = _mm512_shuffle_f32x4(r[j + 8], r[j + 12], 0x88);
		const __m512 odd1 = _mm512_shuffle_f32x4(r[j + 8], r[j + 12], 0xdd);

		r[j] = _mm512_shuffle_f32x4(even0, even1, 0x88);
		r[j + 4] = _mm512_shuffle_f32x4(odd0, odd1, 0x88);
		r[j + 8] = _mm512_shuffle_f32x4(even0, even1, 0xdd);
		r[j + 12] = _mm512_shuffle_f32x4(odd0, odd1, 0xdd);
	}
}

/* 2×2 within 128 bits, then the 4×4 matrix of 128-bit quarters. */
GEMM_INLINE void transpose_f64_avx512(__m512d r[8])
{
	__m512d a[8];

	GEMM_UNROLL for (int i = 0; i < 8; i += 2) {
		a[i] = _mm512_unpacklo_pd(r[i], r[i + 1]);
		a[i + 1] = _mm512_unpackhi_pd(r[i], r[i + 1]);
	}
	GEMM_UNROLL for (int j = 0; j < 2; j++) {
		const __m512d even0 = _mm512_shuffle_f64x2(a[j], a[j + 2], 0x88);
		const __m512d odd0 = _mm512_shuffle_f64x2(a[j], a[j + 2], 0xdd);
		const __m512d even1 = _mm512_shuffle_f64x2(a[j + 4], a[j + 6], 0x88);
		const __m512d odd1 = _mm512_shuffle_f64x2(a[j + 4], a[j + 6], 0xdd);

		r[j] = _mm512_shuffle_f64x2(even0, even1, 0x88);
		r[j + 2] = _mm512_shuffle_f64x2(odd0, odd1, 0x88);
		r[j + 4] = _mm512_shuffle_f64x2(even0, even1, 0xdd);
		r[j + 6] = _mm512_shuffle_f64x2(odd0, odd1, 0xdd);
	}
}

/* Integers move as floats of their size. */
#define mask_i32_avx512 mask_f32_avx512
#define mask_i64_avx512 mask_f64_avx512

GEMM_INLINE void transpose_i32_avx512(__m512i r[16])
{
	__m512 f[16];

	GEMM_UNROLL for (int i = 0; i < 16; i++)
		f[i] = _mm512_castsi512_ps(r[i]);
	transpose_f32_avx512(f);
	GEMM_UNROLL for (int i = 0; i < 16; i++)
		r[i] = _mm512_castps_si512(f[i]);
}

GEMM_INLINE void transpose_i64_avx512(__m512i r[8])
{
	__m512d f[8];

	GEMM_UNROLL for (int i = 0; i < 8; i++)
		f[i] = _mm512_castsi512_pd(r[i]);
	transpose_f64_avx512(f);
	GEMM_UNROLL for (int i = 0; i < 8; i++)
		r[i] = _mm512_castpd_si512(f[i]);
}

#endif
