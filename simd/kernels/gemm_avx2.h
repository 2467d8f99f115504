/* SPDX-License-Identifier: MIT */
/*
 * Matrix kernels for x86-64-v3: tiles of 6 rows by two 256-bit registers, that is 12 accumulators, two columns of the
 * vector side and one splat element in 15 of the 16 registers.
 */
#ifndef TR_SIMD_KERNELS_GEMM_AVX2_H
#define TR_SIMD_KERNELS_GEMM_AVX2_H

#include <immintrin.h>

#include "lib/ref/kernels.h"

#define GEMM_UNROLL _Pragma("GCC unroll 16")
#define GEMM_INLINE static inline __attribute__((always_inline))

#define MASKS_COST 1
#define MR 6
#define EACH_MR(F) F(1) F(2) F(3) F(4) F(5) F(6)
#define DOT_MR 4
#define EACH_DOT_MR(F) F(1) F(2) F(3) F(4)

GEMM_INLINE __m256i mask_f32_avx2(size_t n)
{
	return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

GEMM_INLINE __m256i mask_f64_avx2(size_t n)
{
	return _mm256_cmpgt_epi64(_mm256_set1_epi64x((long long)n), _mm256_setr_epi64x(0, 1, 2, 3));
}

/* 2×2 within pairs, pairs within 128 bits, then the 2×2 matrix of 128-bit halves. */
GEMM_INLINE void transpose_f32_avx2(__m256 r[8])
{
	__m256 a[8];

	GEMM_UNROLL for (int i = 0; i < 8; i += 2) {
		a[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
		a[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
	}
	GEMM_UNROLL for (int i = 0; i < 8; i += 4)
		GEMM_UNROLL for (int j = 0; j < 2; j++) {
			const __m256d lo = _mm256_castps_pd(a[i + j]), hi = _mm256_castps_pd(a[i + j + 2]);

			r[i + 2 * j] = _mm256_castpd_ps(_mm256_unpacklo_pd(lo, hi));
			r[i + 2 * j + 1] = _mm256_castpd_ps(_mm256_unpackhi_pd(lo, hi));
		}
	GEMM_UNROLL for (int j = 0; j < 4; j++) {
		const __m256 lo = _mm256_permute2f128_ps(r[j], r[j + 4], 0x20);

		r[j + 4] = _mm256_permute2f128_ps(r[j], r[j + 4], 0x31);
		r[j] = lo;
	}
}

/* 2×2 within 128 bits, then the 2×2 matrix of 128-bit halves. */
GEMM_INLINE void transpose_f64_avx2(__m256d r[4])
{
	__m256d a[4];

	GEMM_UNROLL for (int i = 0; i < 4; i += 2) {
		a[i] = _mm256_unpacklo_pd(r[i], r[i + 1]);
		a[i + 1] = _mm256_unpackhi_pd(r[i], r[i + 1]);
	}
	GEMM_UNROLL for (int j = 0; j < 2; j++) {
		r[j] = _mm256_permute2f128_pd(a[j], a[j + 2], 0x20);
		r[j + 2] = _mm256_permute2f128_pd(a[j], a[j + 2], 0x31);
	}
}

#define T float
#define G(name) name##_f32_avx2
#define VEC __m256
#define LANES 8
#define MASK __m256i
#define LOAD(p) _mm256_loadu_ps(p)
#define LOAD_PART(p, m) _mm256_maskload_ps(p, m)
#define STORE(p, x) _mm256_storeu_ps(p, x)
#define STORE_PART(p, m, x) _mm256_maskstore_ps(p, m, x)
#define SPLAT(x) _mm256_set1_ps(x)
#define FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
#include "simd/kernels/gemm_tile.h"
#undef T
#undef G
#undef VEC
#undef LANES
#undef MASK
#undef LOAD
#undef LOAD_PART
#undef STORE
#undef STORE_PART
#undef SPLAT
#undef FMA

#define T double
#define G(name) name##_f64_avx2
#define VEC __m256d
#define LANES 4
#define MASK __m256i
#define LOAD(p) _mm256_loadu_pd(p)
#define LOAD_PART(p, m) _mm256_maskload_pd(p, m)
#define STORE(p, x) _mm256_storeu_pd(p, x)
#define STORE_PART(p, m, x) _mm256_maskstore_pd(p, m, x)
#define SPLAT(x) _mm256_set1_pd(x)
#define FMA(a, b, c) _mm256_fmadd_pd(a, b, c)
#include "simd/kernels/gemm_tile.h"
#undef T
#undef G
#undef VEC
#undef LANES
#undef MASK
#undef LOAD
#undef LOAD_PART
#undef STORE
#undef STORE_PART
#undef SPLAT
#undef FMA

#define GEMM_F32 \
	{ \
		.tile = gemm_tile_f32_avx2, .dot = gemm_dot_f32_avx2, .copy2d = gemm_copy2d_f32_avx2, .mr = 6, \
		.nr = 16, .lanes = 8, .dot_mr = 4, .dot_nr = 8, .kc = 512, .nc = 288 \
	}
#define GEMM_F64 \
	{ \
		.tile = gemm_tile_f64_avx2, .dot = gemm_dot_f64_avx2, .copy2d = gemm_copy2d_f64_avx2, .mr = 6, \
		.nr = 8, .lanes = 4, .dot_mr = 4, .dot_nr = 4, .kc = 512, .nc = 144 \
	}

#undef MASKS_COST
#undef MR
#undef EACH_MR
#undef DOT_MR
#undef EACH_DOT_MR
#endif
