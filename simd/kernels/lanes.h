/* SPDX-License-Identifier: MIT */
/*
 * Lanes of one vector among themselves, which the vocabulary of lib/ref/vec1.h has no words for because one lane
 * has no neighbours. Included by templates after simd/vec/<isa>.h.
 */
#ifndef TR_SIMD_KERNELS_LANES_H
#define TR_SIMD_KERNELS_LANES_H

#include "lib/ref/elem.h"

/* Long enough that a vector of the widest level can be loaded at any offset up to half of it. */
#define RAMP8(k) k, k + 1, k + 2, k + 3, k + 4, k + 5, k + 6, k + 7
#define RAMP32(k) RAMP8(k), RAMP8(k + 8), RAMP8(k + 16), RAMP8(k + 24)
static const ei8 lane_ramp_i8[] = {RAMP32(0), RAMP32(32), RAMP32(64)};
static const ei16 lane_ramp_i16[] = {RAMP32(0), RAMP8(32), RAMP8(40)};
static const ei32 lane_ramp_i32[] = {RAMP8(0), RAMP8(8), RAMP8(16)};
static const ei64 lane_ramp_i64[] = {RAMP8(0), RAMP8(8)};
#undef RAMP8
#undef RAMP32

/* Lane i of the result is lane i + h of a, h <= lanes / 2; the last h lanes are some lanes of a. */
#define lanes_down(T, a, h) __builtin_shuffle(a, lanes_from(TR__PASTE2(LANE_INT_, T), h))
#define lanes_from(I, h) TR__PASTE3(v, I, _load)(TR__PASTE2(lane_ramp_, I) + (h))

/* The signed integer of the same size. */
#define LANE_INT_b8 i8
#define LANE_INT_u8 i8
#define LANE_INT_u16 i16
#define LANE_INT_u32 i32
#define LANE_INT_u64 i64
#define LANE_INT_i8 i8
#define LANE_INT_i16 i16
#define LANE_INT_i32 i32
#define LANE_INT_i64 i64
#define LANE_INT_f32 i32
#define LANE_INT_f64 i64

/* Bytes for m<T>_load_part(lane_ones, k): a mask of the first k lanes. */
static const eb8 lane_ones[64] __attribute__((unused)) = {
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
};

/* For #if in templates. */
#define IS_BOOL_b8 1
#define IS_FLOAT_f32 1
#define IS_FLOAT_f64 1

#endif
