/* SPDX-License-Identifier: MIT */
/*
 * The avx2 level: x86-64-v3's 256-bit vectors with fused multiply-add. One file, because its compiler flags allow
 * instructions that no other may use: everything in it is static but the table.
 */
#define LEVEL avx2

#include "simd/levels.h"
#include "simd/vec/avx2.h"
/* in the words of the vector header */
#include "lib/ref/expr/all.h"
#include "lib/ref/map_rows.h"
#include "simd/kernels/cast_avx2.h"
#include "simd/kernels/cast.h"
#include "simd/kernels/gemm_avx2.h"

#define TEMPLATE "simd/kernels/map.h"
#include "lib/ref/each_type.h"
#define TEMPLATE "simd/kernels/fold.h"
#include "lib/ref/each_type.h"
#define TEMPLATE "simd/kernels/rows.h"
#include "lib/ref/each_type.h"
#define TEMPLATE "simd/kernels/taps.h"
#include "lib/ref/each_type.h"

const struct tr_kernels tr__avx2_kernels = {
	.name = "avx2",
	.map = {
#include "lib/ref/map_slots.h"
	},
	.cast = CAST_KERNELS,
	.fold = FOLD_KERNELS,
	.halve = HALVE_KERNELS,
	.deviation = DEVIATION_KERNELS,
	.argmin = ARGMIN_KERNELS,
	.argmax = ARGMAX_KERNELS,
	.softmax = SOFTMAX_KERNELS,
	.log_softmax = LOG_SOFTMAX_KERNELS,
	.layer_norm = LAYER_NORM_KERNELS,
	.gemm = {[TR_F32] = GEMM_F32_AVX2, [TR_F64] = GEMM_F64_AVX2},
	.taps_fma = TAPS_FMA_KERNELS,
	.taps_add = TAPS_ADD_KERNELS,
	.taps_max = TAPS_MAX_KERNELS,
};
