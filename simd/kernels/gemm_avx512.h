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
#include "simd/kernels/transpose_avx512.h"

#define MASKS_COST 1
#define MR 14
#define EACH_MR(F) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11) F(12) F(13) F(14)
#define DOT_MR 8
#define EACH_DOT_MR(F) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8)
#define EACH_WIDE(F) F(1, 8) F(2, 8) F(3, 8) F(4, 4)

#define LISTED
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

#define LISTED
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

/* Integers have no lists. */
#define LIST_f32 gemm_list_f32_avx512
#define LIST_f64 gemm_list_f64_avx512
#define LIST_i32 NULL
#define LIST_i64 NULL
#define SLIDE_f32 gemm_slide_f32_avx512
#define SLIDE_f64 gemm_slide_f64_avx512
#define SLIDE_i32 NULL
#define SLIDE_i64 NULL

/* Elements of 4 and 8 bytes: lanes and sizes follow from the size alone. */
#define GEMM_KERNEL(T) \
	{ \
		.tile = gemm_tile_##T##_avx512, .list = LIST_##T, .slide = SLIDE_##T, .dot = gemm_dot_##T##_avx512, \
		.copy2d = gemm_copy2d_##T##_avx512, \
		.mr = 14, .nr = 128 / sizeof(e##T), .lanes = 64 / sizeof(e##T), .dot_mr = 8, \
		.dot_nr = 64 / sizeof(e##T), .kc = 512, .nc = 1152 / sizeof(e##T) \
	}

#undef MASKS_COST
#undef MR
#undef EACH_MR
#undef DOT_MR
#undef EACH_DOT_MR
#undef EACH_WIDE
#endif
