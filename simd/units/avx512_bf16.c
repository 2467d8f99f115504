/* SPDX-License-Identifier: MIT */
/* Products of bf16 by AVX512_BF16: vdpbf16ps adds two products to an f32, flushing denormals, rounding to nearest even. */
#include "simd/units/units.h"

#include "simd/kernels/group_avx512.h"

#define TILE_ONLY
#define MASKS_COST 1
#define MR 14
#define EACH_MR(F) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11) F(12) F(13) F(14)
#define T float
#define G(name) name##_bf16_avx512
#define mask_bf16_avx512 mask_f32_avx512
#define VEC __m512
#define LANES 16
#define MASK __mmask16
#define LOAD(p) _mm512_loadu_ps(p)
#define LOAD_PART(p, m) _mm512_maskz_loadu_ps(m, p)
#define STORE(p, x) _mm512_storeu_ps(p, x)
#define STORE_PART(p, m, x) _mm512_mask_storeu_ps(p, m, x)
#define SPLAT(x) _mm512_set1_ps(x)
#define FMA(a, b, c) _mm512_dpbf16_ps(c, (__m512bh)(a), (__m512bh)(b))
#include "simd/kernels/gemm_tile.h"

static void group_bf16(const struct tr_group *g)
{
	group(g, sizeof(uint16_t));
}

void tr__unit_avx512_bf16(struct tr_kernels *k)
{
	k->gemm_bf16 = (struct tr_gemm_kernel){
		.tile = gemm_tile_bf16_avx512, .copy2d = k->gemm[TR_F32].copy2d, .mr = 14, .nr = 32, .lanes = 16,
		.kc = 512, .nc = 288, .pack = group_bf16, .group = 2, .round = 1,
	};
}
