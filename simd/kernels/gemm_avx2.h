/* SPDX-License-Identifier: MIT */
/*
 * Matrix kernels for x86-64-v3: tiles of 6 rows by two 256-bit registers, that is 12 accumulators, two columns of the
 * vector side and one splat element in 15 of the 16 registers.
 */
#ifndef TR_SIMD_KERNELS_GEMM_AVX2_H
#define TR_SIMD_KERNELS_GEMM_AVX2_H

#include <immintrin.h>

#include "lib/ref/elem.h"
#include "lib/ref/kernels.h"

#define GEMM_UNROLL TR__UNROLL(16)
#define GEMM_INLINE static inline __attribute__((always_inline))

#define MASKS_COST 1
#define MR 6
#define EACH_MR(F) F(1) F(2) F(3) F(4) F(5) F(6)
#define DOT_MR 4
#define EACH_DOT_MR(F) F(1) F(2) F(3) F(4)
#define EACH_WIDE(F) F(1, 8) F(2, 4) F(3, 4) F(4, 2)

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

/* Integers move as floats of their size. */
#define mask_i32_avx2 mask_f32_avx2
#define mask_i64_avx2 mask_f64_avx2

GEMM_INLINE void transpose_i32_avx2(__m256i r[8])
{
	__m256 f[8];

	GEMM_UNROLL for (int i = 0; i < 8; i++)
		f[i] = _mm256_castsi256_ps(r[i]);
	transpose_f32_avx2(f);
	GEMM_UNROLL for (int i = 0; i < 8; i++)
		r[i] = _mm256_castps_si256(f[i]);
}

GEMM_INLINE void transpose_i64_avx2(__m256i r[4])
{
	__m256d f[4];

	GEMM_UNROLL for (int i = 0; i < 4; i++)
		f[i] = _mm256_castsi256_pd(r[i]);
	transpose_f64_avx2(f);
	GEMM_UNROLL for (int i = 0; i < 4; i++)
		r[i] = _mm256_castpd_si256(f[i]);
}

/* The low halves of 64-bit products: low · low, and the two cross products shifted up. */
GEMM_INLINE __m256i mullo_i64_avx2(__m256i a, __m256i b)
{
	const __m256i cross = _mm256_mullo_epi32(a, _mm256_shuffle_epi32(b, 0xb1));
	const __m256i high = _mm256_add_epi32(cross, _mm256_slli_epi64(cross, 32));

	return _mm256_add_epi64(_mm256_mul_epu32(a, b), _mm256_and_si256(high, _mm256_set1_epi64x(-1LL << 32)));
}

#define LISTED
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

#define LISTED
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

#define T int32_t
#define G(name) name##_i32_avx2
#define VEC __m256i
#define LANES 8
#define MASK __m256i
#define LOAD(p) _mm256_loadu_si256((const __m256i *)(p))
#define LOAD_PART(p, m) _mm256_maskload_epi32(p, m)
#define STORE(p, x) _mm256_storeu_si256((__m256i *)(p), x)
#define STORE_PART(p, m, x) _mm256_maskstore_epi32(p, m, x)
#define SPLAT(x) _mm256_set1_epi32(x)
#define FMA(a, b, c) _mm256_add_epi32(_mm256_mullo_epi32(a, b), c)
#include "simd/kernels/gemm_tile.h"

#define T int64_t
#define G(name) name##_i64_avx2
#define VEC __m256i
#define LANES 4
#define MASK __m256i
#define LOAD(p) _mm256_loadu_si256((const __m256i *)(p))
#define LOAD_PART(p, m) _mm256_maskload_epi64((const long long *)(p), m)
#define STORE(p, x) _mm256_storeu_si256((__m256i *)(p), x)
#define STORE_PART(p, m, x) _mm256_maskstore_epi64((long long *)(p), m, x)
#define SPLAT(x) _mm256_set1_epi64x(x)
#define FMA(a, b, c) _mm256_add_epi64(mullo_i64_avx2(a, b), c)
#include "simd/kernels/gemm_tile.h"

/* Integers have no lists. */
#define LIST_f32 gemm_list_f32_avx2
#define LIST_f64 gemm_list_f64_avx2
#define LIST_i32 NULL
#define LIST_i64 NULL
#define SLIDE_f32 gemm_slide_f32_avx2
#define SLIDE_f64 gemm_slide_f64_avx2
#define SLIDE_i32 NULL
#define SLIDE_i64 NULL

/* Elements of 4 and 8 bytes: lanes and sizes follow from the size alone. */
#define GEMM_KERNEL(T) \
	{ \
		.tile = gemm_tile_##T##_avx2, .list = LIST_##T, .slide = SLIDE_##T, .dot = gemm_dot_##T##_avx2, \
		.copy2d = gemm_copy2d_##T##_avx2, \
		.mr = 6, .nr = 64 / sizeof(e##T), .lanes = 32 / sizeof(e##T), .dot_mr = 4, .dot_nr = 32 / sizeof(e##T), \
		.kc = 512, .nc = 1152 / sizeof(e##T) \
	}

#undef MASKS_COST
#undef MR
#undef EACH_MR
#undef DOT_MR
#undef EACH_DOT_MR
#undef EACH_WIDE
#endif
