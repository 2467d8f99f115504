/* SPDX-License-Identifier: MIT */
/*
 * The avx512 level: x86-64-v4's 512-bit vectors with mask registers. One file, because its compiler flags allow
 * instructions that no other may use: everything in it is static but the table.
 */
#define LEVEL avx512

#include "simd/levels.h"
#include "simd/vec/avx512.h"
/* in the words of the vector header */
#include "lib/ref/expr/all.h"
#include "lib/ref/map_rows.h"
#include "simd/kernels/cast_avx512.h"
#include "simd/kernels/cast.h"
#include "simd/kernels/gemm_avx512.h"

#define TEMPLATE "simd/kernels/map.h"
#include "lib/ref/each_type.h"
#define TEMPLATE "simd/kernels/fold.h"
#include "lib/ref/each_type.h"
#define TEMPLATE "simd/kernels/rows.h"
#include "lib/ref/each_type.h"
#define TEMPLATE "simd/kernels/taps.h"
#include "lib/ref/each_type.h"

const struct tr_kernels tr__avx512_kernels = {
	.name = "avx512",
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
	.gemm = {[TR_F32] = GEMM_F32_AVX512, [TR_F64] = GEMM_F64_AVX512},
	.taps_fma = TAPS_FMA_KERNELS,
	.taps_add = TAPS_ADD_KERNELS,
	.taps_max = TAPS_MAX_KERNELS,
};
