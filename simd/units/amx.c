/* SPDX-License-Identifier: MIT */
/* Products of bytes, exact, and of bf16, rounded its own way, by AMX. How a tile runs is simd/kernels/gemm_amx.h's. */
#include "simd/units/units.h"

#include "simd/kernels/group_avx512.h"

#define TILE_CONFIG(p) _tile_loadconfig(p)
#define TILE_RELEASE() _tile_release()
#define TILE_ZERO(c) _tile_zero(c)
#define TILE_LOAD(c, p, stride) _tile_loadd(c, p, stride)
#define TILE_STREAM(c, p, stride) _tile_stream_loadd(c, p, stride)
#define TILE_STORE(c, p, stride) _tile_stored(c, p, stride)

#define T int32_t
#define NAME gemm_tile_u8i8_amx
#define TILE_MULTIPLY(c, a, b) _tile_dpbusd(c, a, b)
#include "simd/kernels/gemm_amx.h"

#define T int32_t
#define NAME gemm_tile_i8i8_amx
#define TILE_MULTIPLY(c, a, b) _tile_dpbssd(c, a, b)
#include "simd/kernels/gemm_amx.h"

#define T int32_t
#define NAME gemm_tile_i8u8_amx
#define TILE_MULTIPLY(c, a, b) _tile_dpbsud(c, a, b)
#include "simd/kernels/gemm_amx.h"

#define T int32_t
#define NAME gemm_tile_u8u8_amx
#define TILE_MULTIPLY(c, a, b) _tile_dpbuud(c, a, b)
#include "simd/kernels/gemm_amx.h"

/* As f32 to bf16 is converted everywhere, but that denormals become 0, which the units make none of. */
#define T float
#define NAME gemm_tile_bf16_amx
#define TILE_MULTIPLY(c, a, b) _tile_dpbf16ps(c, a, b)
#define HALF gemm_half_bf16_amx
#define TO_HALF(to, sum) \
	_mm512_storeu_si512(to, (__m512i)_mm512_cvtne2ps_pbh(_mm512_load_ps((sum) + AMX_ROWS), _mm512_load_ps(sum)))
#include "simd/kernels/gemm_amx.h"

static void group_i8(const struct tr_group *g)
{
	group(g, sizeof(int8_t));
}

static void group_bf16(const struct tr_group *g)
{
	group(g, sizeof(uint16_t));
}

#define KERNEL(type, pack_type, elements, sums, ...) \
	(struct tr_gemm_kernel) \
	{ \
		.tile = gemm_tile_##type##_amx, .copy2d = k->gemm[sums].copy2d, .mr = 2 * AMX_ROWS, .nr = 2 * AMX_ROWS, \
		.lanes = AMX_ROWS, .kc = 512, .nc = 256, .pack = group_##pack_type, .group = elements, .round = AMX_ROWS, \
		.enter = amx_enter, .leave = amx_leave, __VA_ARGS__ \
	}

void tr__unit_amx(struct tr_kernels *k)
{
	k->gemm_bytes[false][false] = KERNEL(u8u8, i8, 4, TR_I32);
	k->gemm_bytes[false][true] = KERNEL(u8i8, i8, 4, TR_I32);
	k->gemm_bytes[true][false] = KERNEL(i8u8, i8, 4, TR_I32);
	k->gemm_bytes[true][true] = KERNEL(i8i8, i8, 4, TR_I32);
	k->gemm_bf16 = KERNEL(bf16, bf16, 2, TR_F32, .tile_half = gemm_half_bf16_amx);
}
