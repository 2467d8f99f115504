/* SPDX-License-Identifier: MIT */
/* Products of bytes by AVX512_VNNI: vpdpbusd adds four products of u8 and i8 to 32 bits, which wrap. */
#include "simd/units/units.h"

#include "simd/kernels/group_avx512.h"

#define TILE_ONLY
#define MASKS_COST 1
#define MR 14
#define EACH_MR(F) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11) F(12) F(13) F(14)
#define T int32_t
#define G(name) name##_u8i8_avx512
#define mask_u8i8_avx512 mask_f32_avx512
#define VEC __m512i
#define LANES 16
#define MASK __mmask16
#define LOAD(p) _mm512_loadu_si512(p)
#define LOAD_PART(p, m) _mm512_maskz_loadu_epi32(m, p)
#define STORE(p, x) _mm512_storeu_si512(p, x)
#define STORE_PART(p, m, x) _mm512_mask_storeu_epi32(p, m, x)
#define SPLAT(x) _mm512_set1_epi32(x)
/* Not the intrinsic: gcc 12 copies its accumulator, and then has not enough registers. */
#define FMA(a, b, c) \
	({ \
		__m512i acc_ = c; \
		__asm__("vpdpbusd %2, %1, %0" : "+v"(acc_) : "v"(a), "v"(b)); \
		acc_; \
	})
#include "simd/kernels/gemm_tile.h"

static void group_i8(const struct tr_group *g)
{
	group(g, sizeof(int8_t));
}

void tr__unit_avx512_vnni(struct tr_kernels *k)
{
	k->gemm_bytes[false][true] = (struct tr_gemm_kernel){
		.tile = gemm_tile_u8i8_avx512, .copy2d = k->gemm[TR_I32].copy2d, .mr = 14, .nr = 32, .lanes = 16,
		.kc = 512, .nc = 288, .pack = group_i8, .group = 4, .round = 1,
	};
}
