/* SPDX-License-Identifier: MIT */
/*
 * Matrix kernels of 128-bit levels, in the words of the level's header. Included once by simd/kernels/gemm_<level>.h,
 * which defines MR and EACH_MR: the rows of a tile, two registers wide, that the register file has room for.
 */
#ifndef TR_SIMD_KERNELS_GEMM_VEC128_H
#define TR_SIMD_KERNELS_GEMM_VEC128_H

#include "lib/ref/kernels.h"

#define GEMM_UNROLL TR__UNROLL(16)
#define GEMM_INLINE static inline __attribute__((always_inline))

#define MASKS_COST 1
#define DOT_MR 4
#define EACH_DOT_MR(F) F(1) F(2) F(3) F(4)
#define EACH_WIDE(F) F(1, 8) F(2, 4) F(3, 4) F(4, 2)

/* What selects the first elements of a register is their number. */
GEMM_INLINE size_t mask_of(size_t n) { return n; }
#define mask_f32 mask_of
#define mask_f64 mask_of
#define mask_i32 mask_of
#define mask_i64 mask_of

/* 2×2 within pairs, then pairs. */
#define TRANSPOSE_4(T) \
	GEMM_INLINE void transpose_##T(v##T r[4]) \
	{ \
		v##T a = __builtin_shufflevector(r[0], r[1], 0, 4, 1, 5); \
		v##T b = __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7); \
		v##T c = __builtin_shufflevector(r[2], r[3], 0, 4, 1, 5); \
		v##T d = __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7); \
		\
		r[0] = __builtin_shufflevector(a, c, 0, 1, 4, 5); \
		r[1] = __builtin_shufflevector(a, c, 2, 3, 6, 7); \
		r[2] = __builtin_shufflevector(b, d, 0, 1, 4, 5); \
		r[3] = __builtin_shufflevector(b, d, 2, 3, 6, 7); \
	}
#define TRANSPOSE_2(T) \
	GEMM_INLINE void transpose_##T(v##T r[2]) \
	{ \
		v##T low = __builtin_shufflevector(r[0], r[1], 0, 2); \
		\
		r[1] = __builtin_shufflevector(r[0], r[1], 1, 3); \
		r[0] = low; \
	}
TRANSPOSE_4(f32) TRANSPOSE_2(f64) TRANSPOSE_4(i32) TRANSPOSE_2(i64)
#undef TRANSPOSE_4
#undef TRANSPOSE_2

#define LISTED
#define T ef32
#define G(name) name##_f32
#define VEC vf32
#define LANES 4
#define MASK size_t
#define LOAD(p) vf32_load(p)
#define LOAD_PART(p, k) vf32_load_part(p, k)
#define STORE(p, x) v_store(p, x)
#define STORE_PART(p, k, x) v_store_part(p, x, k)
#define SPLAT(x) vf32_set(x)
#define FMA(a, b, c) v_chain(a, b, c)
#include "simd/kernels/gemm_tile.h"

#define LISTED
#define T ef64
#define G(name) name##_f64
#define VEC vf64
#define LANES 2
#define MASK size_t
#define LOAD(p) vf64_load(p)
#define LOAD_PART(p, k) vf64_load_part(p, k)
#define STORE(p, x) v_store(p, x)
#define STORE_PART(p, k, x) v_store_part(p, x, k)
#define SPLAT(x) vf64_set(x)
#define FMA(a, b, c) v_chain(a, b, c)
#include "simd/kernels/gemm_tile.h"

#define T ei32
#define G(name) name##_i32
#define VEC vi32
#define LANES 4
#define MASK size_t
#define LOAD(p) vi32_load(p)
#define LOAD_PART(p, k) vi32_load_part(p, k)
#define STORE(p, x) v_store(p, x)
#define STORE_PART(p, k, x) v_store_part(p, x, k)
#define SPLAT(x) vi32_set(x)
#define FMA(a, b, c) ((c) + (a) * (b))
#include "simd/kernels/gemm_tile.h"

#define T ei64
#define G(name) name##_i64
#define VEC vi64
#define LANES 2
#define MASK size_t
#define LOAD(p) vi64_load(p)
#define LOAD_PART(p, k) vi64_load_part(p, k)
#define STORE(p, x) v_store(p, x)
#define STORE_PART(p, k, x) v_store_part(p, x, k)
#define SPLAT(x) vi64_set(x)
#define FMA(a, b, c) ((c) + (a) * (b))
#include "simd/kernels/gemm_tile.h"

/* Integers have no lists. */
#define LIST_f32 gemm_list_f32
#define LIST_f64 gemm_list_f64
#define LIST_i32 NULL
#define LIST_i64 NULL
#define SLIDE_f32 gemm_slide_f32
#define SLIDE_f64 gemm_slide_f64
#define SLIDE_i32 NULL
#define SLIDE_i64 NULL

/* Elements of 4 and 8 bytes: lanes and sizes follow from the size alone. */
#define GEMM_KERNEL(T) \
	{ \
		.tile = gemm_tile_##T, .list = LIST_##T, .slide = SLIDE_##T, .dot = gemm_dot_##T, .copy2d = gemm_copy2d_##T, .mr = MR, \
		.nr = 32 / sizeof(e##T), .lanes = 16 / sizeof(e##T), .dot_mr = DOT_MR, .dot_nr = 16 / sizeof(e##T), .kc = 512, \
		.nc = 1152 / sizeof(e##T) \
	}

#endif
