/* SPDX-License-Identifier: MIT */
/*
 * Lanes of one vector among themselves, which the vocabulary of lib/ref/vec1.h has no words for because one lane
 * has no neighbours. Included by templates after simd/vec/<isa>.h.
 */
#ifndef TR_SIMD_KERNELS_LANES_H
#define TR_SIMD_KERNELS_LANES_H

#include "lib/ref/elem.h"

/*
 * Lane i of the result is lane i + h of a, h <= lanes / 2 a constant; the last h lanes are open. Levels whose registers
 * can be shifted by whole bytes say so (V_FROM_BYTE). V_SIZE is the vectors' size in bytes.
 */
#ifdef V_FROM_BYTE
#define lanes_down(T, a, h) ((TR__PASTE2(v, T))V_FROM_BYTE(a, (h) * sizeof(TR__PASTE2(e, T)) % 16))
#else
#define lanes_down(T, a, h) lanes_from(T, a, a, (h) % v_lanes(T))
#endif

/* Lane i of the result is lane i - h of b, or lane lanes + i - h of a, which stands before it; 0 <= h < lanes. */
#define lanes_up(T, a, b, h) lanes_from(T, a, b, v_lanes(T) - (h))

/* Lane i of the result is lane i + k of a and b in a row, k a constant. */
#define lanes_from(T, a, b, k) \
	__builtin_shufflevector(a, b, TR__PASTE4(LANES_FROM_, V_SIZE, _, TR__PASTE2(LANE_SIZE_, T))(k))
#define LANE_SIZE_b8 1
#define LANE_SIZE_i8 1
#define LANE_SIZE_u8 1
#define LANE_SIZE_i16 2
#define LANE_SIZE_u16 2
#define LANE_SIZE_i32 4
#define LANE_SIZE_u32 4
#define LANE_SIZE_i64 8
#define LANE_SIZE_u64 8
#define LANE_SIZE_f32 4
#define LANE_SIZE_f64 8
#define FROM_2(k) k, (k) + 1
#define FROM_4(k) k, (k) + 1, (k) + 2, (k) + 3
#define FROM_8(k) FROM_4(k), FROM_4((k) + 4)
#define FROM_16(k) FROM_8(k), FROM_8((k) + 8)
#define FROM_32(k) FROM_16(k), FROM_16((k) + 16)
#define FROM_64(k) FROM_32(k), FROM_32((k) + 32)
#define LANES_FROM_16_8(k) FROM_2(k)
#define LANES_FROM_16_4(k) FROM_4(k)
#define LANES_FROM_16_2(k) FROM_8(k)
#define LANES_FROM_16_1(k) FROM_16(k)
#define LANES_FROM_32_8(k) FROM_4(k)
#define LANES_FROM_32_4(k) FROM_8(k)
#define LANES_FROM_32_2(k) FROM_16(k)
#define LANES_FROM_32_1(k) FROM_32(k)
#define LANES_FROM_64_8(k) FROM_8(k)
#define LANES_FROM_64_4(k) FROM_16(k)
#define LANES_FROM_64_2(k) FROM_32(k)
#define LANES_FROM_64_1(k) FROM_64(k)

/* Of floats, which a level's header defines too: v_min and v_max where neither is a NaN, open where one is; whether one is. */
#define v_least(a, b) TR__BY_FLOAT(v_least, a)(a, b)
#define v_most(a, b) TR__BY_FLOAT(v_most, a)(a, b)
#define v_unordered(a, b) TR__BY_FLOAT(v_unordered, a)(a, b)

/* The even and the odd lanes of a and b in a row. */
#define lanes_even(T, a, b) LANES_PICK(T, a, b, 0)
#define lanes_odd(T, a, b) LANES_PICK(T, a, b, 1)
#define LANES_PICK(T, a, b, k) \
	__builtin_shufflevector(a, b, TR__PASTE4(LANES_PICK_, V_SIZE, _, TR__PASTE2(LANE_SIZE_, T))(k))
#define PICK_2(k) k, (k) + 2
#define PICK_4(k) PICK_2(k), PICK_2((k) + 4)
#define PICK_8(k) PICK_4(k), PICK_4((k) + 8)
#define PICK_16(k) PICK_8(k), PICK_8((k) + 16)
#define LANES_PICK_16_8(k) PICK_2(k)
#define LANES_PICK_16_4(k) PICK_4(k)
#define LANES_PICK_32_8(k) PICK_4(k)
#define LANES_PICK_32_4(k) PICK_8(k)
#define LANES_PICK_64_8(k) PICK_8(k)
#define LANES_PICK_64_4(k) PICK_16(k)

/* Bytes for m<T>_load_part(lane_ones, k): a mask of the first k lanes. */
static const eb8 lane_ones[64] __attribute__((unused)) = {
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
};

/* For #if in templates. */
#define IS_BOOL_b8 1
#define IS_FLOAT_f32 1
#define IS_FLOAT_f64 1

/* The integers as wide. */
#define INT_f32 i32
#define INT_f64 i64

#define IS_NARROW_b8 1
#define IS_NARROW_i8 1
#define IS_NARROW_u8 1
#define IS_NARROW_i16 1
#define IS_NARROW_u16 1

#endif
