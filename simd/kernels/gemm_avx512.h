/* SPDX-License-Identifier: MIT */
/*
 * Matrix kernels for x86-64-v4: tiles of 14 rows by two 512-bit registers, that is 28 accumulators, two columns of
 * the vector side and one splat element in 31 of the 32 registers. Masked loads and stores cost what whole ones do,
 * so edges take the same path.
 */
#ifndef TR_SIMD_KERNELS_GEMM_AVX512_H
#define TR_SIMD_KERNELS_GEMM_AVX512_H

#include <immintrin.h>

#include "lib/ref/elem.h"
#include "lib/ref/kernels.h"

#define GEMM_UNROLL TR__UNROLL(16)
#define GEMM_INLINE static inline __attribute__((always_inline))

#define MASKS_COST 0
#define MR 14
#define EACH_MR(F) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11) F(12) F(13) F(14)
#define DOT_MR 8
#define EACH_DOT_MR(F) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8)

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

#define T float
#define G(name) name##_f32_avx512
#define VEC __m512
#define LANES 16
#define MASK __mmask16
#define LOAD(p) _mm512_loadu_ps(p)
#define LOAD_PART(p, m) _mm512_maskz_loadu_ps(m, p)
#define STORE(p, x) _mm512_storeu_ps(p, x)
#define STORE_PART(p, m, x) _mm512_mask_storeu_ps(p, m, x)
#define SPLAT(x) _mm512_set1_ps(x)
#define FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#include "simd/kernels/gemm_tile.h"

#define T double
#define G(name) name##_f64_avx512
#define VEC __m512d
#define LANES 8
#define MASK __mmask8
#define LOAD(p) _mm512_loadu_pd(p)
#define LOAD_PART(p, m) _mm512_maskz_loadu_pd(m, p)
#define STORE(p, x) _mm512_storeu_pd(p, x)
#define STORE_PART(p, m, x) _mm512_mask_storeu_pd(p, m, x)
#define SPLAT(x) _mm512_set1_pd(x)
#define FMA(a, b, c) _mm512_fmadd_pd(a, b, c)
#include "simd/kernels/gemm_tile.h"

#define T int32_t
#define G(name) name##_i32_avx512
#define VEC __m512i
#define LANES 16
#define MASK __mmask16
#define LOAD(p) _mm512_loadu_si512(p)
#define LOAD_PART(p, m) _mm512_maskz_loadu_epi32(m, p)
#define STORE(p, x) _mm512_storeu_si512(p, x)
#define STORE_PART(p, m, x) _mm512_mask_storeu_epi32(p, m, x)
#define SPLAT(x) _mm512_set1_epi32(x)
#define FMA(a, b, c) _mm512_add_epi32(_mm512_mullo_epi32(a, b), c)
#include "simd/kernels/gemm_tile.h"

#define T int64_t
#define G(name) name##_i64_avx512
#define VEC __m512i
#define LANES 8
#define MASK __mmask8
#define LOAD(p) _mm512_loadu_si512(p)
#define LOAD_PART(p, m) _mm512_maskz_loadu_epi64(m, p)
#define STORE(p, x) _mm512_storeu_si512(p, x)
#define STORE_PART(p, m, x) _mm512_mask_storeu_epi64(p, m, x)
#define SPLAT(x) _mm512_set1_epi64(x)
#define FMA(a, b, c) _mm512_add_epi64(_mm512_mullo_epi64(a, b), c)
#include "simd/kernels/gemm_tile.h"

/* Elements of 4 and 8 bytes: lanes and sizes follow from the size alone. */
#define GEMM_KERNEL(T) \
	{ \
		.tile = gemm_tile_##T##_avx512, .dot = gemm_dot_##T##_avx512, .copy2d = gemm_copy2d_##T##_avx512, \
		.mr = 14, .nr = 128 / sizeof(e##T), .lanes = 64 / sizeof(e##T), .dot_mr = 8, \
		.dot_nr = 64 / sizeof(e##T), .kc = 512, .nc = 1152 / sizeof(e##T) \
	}

#undef MASKS_COST
#undef MR
#undef EACH_MR
#undef DOT_MR
#undef EACH_DOT_MR
#endif
