/* SPDX-License-Identifier: MIT */
/*
 * The vector vocabulary of lib/ref/vec1.h for AArch64's Advanced SIMD, which every such processor with floating point
 * has: it rounds, limits and fuses as the vocabulary asks.
 */
#ifndef TR_SIMD_VEC_NEON_H
#define TR_SIMD_VEC_NEON_H

#include <arm_neon.h>

/* The table as 64 bytes, of which lane i takes four from 4i on. */
#define V_LOOKUP(p, i) \
	((vf32)vqtbl4q_u8(vld1q_u8_x4((const uint8_t *)(p)), (uint8x16_t)((i) * 0x04040404 + 0x03020100)))

#include "simd/vec/vec128.h"

/* A step of a contraction's chain. */
#define V_UNFUSED 0
#define v_chain(a, b, c) v_fma(a, b, c)

/* The first bytes of the result are a's from n, a constant, on. */
#define V_FROM_BYTE(a, n) vextq_s8((int8x16_t)(a), (int8x16_t)(a), n)

TR__INLINE vi16 low_i32(vi32 a, vi32 b)
{
	return (vi16)vuzp1q_s16((int16x8_t)a, (int16x8_t)b);
}

TR__INLINE int any_bit(vi8 a) { return vmaxvq_u32((uint32x4_t)a) != 0; }
TR__INLINE int all_bits(vi8 a) { return vminvq_u32((uint32x4_t)a) == UINT32_MAX; }

TR__INLINE vf64 widen_low(vf32 a) { return (vf64)vcvt_f64_f32(vget_low_f32((float32x4_t)a)); }
TR__INLINE vf64 widen_high(vf32 a) { return (vf64)vcvt_high_f64_f32((float32x4_t)a); }

TR__INLINE vf32 narrow_f64(vf64 a, vf64 b)
{
	return (vf32)vcvt_high_f32_f64(vcvt_f32_f64((float64x2_t)a), (float64x2_t)b);
}

V128_COMPARE(i8) V128_COMPARE(i16) V128_COMPARE(i32) V128_COMPARE(i64)
V128_COMPARE(u8) V128_COMPARE(u16) V128_COMPARE(u32) V128_COMPARE(u64)
V128_COMPARE(f32) V128_COMPARE(f64)

V128_SHIFT(i8) V128_SHIFT(i16) V128_SHIFT(i32) V128_SHIFT(i64)
V128_SHIFT(u8) V128_SHIFT(u16) V128_SHIFT(u32) V128_SHIFT(u64)

/* R: the register type; s: the suffix of its instructions. */
#define LIMIT(T, R, s) \
	TR__INLINE v##T v_min_##T(v##T a, v##T b) { return (v##T)vminq_##s((R)a, (R)b); } \
	TR__INLINE v##T v_max_##T(v##T a, v##T b) { return (v##T)vmaxq_##s((R)a, (R)b); }
LIMIT(i8, int8x16_t, s8) LIMIT(i16, int16x8_t, s16) LIMIT(i32, int32x4_t, s32) V128_LIMIT(i64)
LIMIT(u8, uint8x16_t, u8) LIMIT(u16, uint16x8_t, u16) LIMIT(u32, uint32x4_t, u32) V128_LIMIT(u64)
LIMIT(f32, float32x4_t, f32) LIMIT(f64, float64x2_t, f64)
V128_ORDERED(f32) V128_ORDERED(f64)
#undef LIMIT

#define FLOATING(T, R, s) \
	TR__INLINE v##T v_fma_##T(v##T a, v##T b, v##T c) { return (v##T)vfmaq_##s((R)c, (R)a, (R)b); } \
	TR__INLINE v##T v_sqrt_##T(v##T a) { return (v##T)vsqrtq_##s((R)a); } \
	TR__INLINE v##T v_floor_##T(v##T a) { return (v##T)vrndmq_##s((R)a); } \
	TR__INLINE v##T v_ceil_##T(v##T a) { return (v##T)vrndpq_##s((R)a); } \
	TR__INLINE v##T v_trunc_##T(v##T a) { return (v##T)vrndq_##s((R)a); } \
	TR__INLINE v##T v_rint_##T(v##T a) { return (v##T)vrndnq_##s((R)a); }
FLOATING(f32, float32x4_t, f32) FLOATING(f64, float64x2_t, f64)
#undef FLOATING

TR__INLINE vu64 vu64_mul_low(vu64 a, vu64 b)
{
	return (vu64)vmull_u32(vmovn_u64((uint64x2_t)a), vmovn_u64((uint64x2_t)b));
}

TR__INLINE vi32 v_to_int_f32(vf32 a) { return (vi32)vcvtnq_s32_f32((float32x4_t)a); }

#include "lib/ref/vec_words.h"

#endif
