/* SPDX-License-Identifier: MIT */
/*
 * The vector vocabulary of lib/ref/vec1.h for WebAssembly's SIMD128, which has no fused multiply-add and shifts all
 * lanes of a vector by one count.
 */
#ifndef TR_SIMD_VEC_WASM128_H
#define TR_SIMD_VEC_WASM128_H

#include <wasm_simd128.h>

/* As an intrinsic: clang 14 takes minutes for nested expressions of & and |. */
#define V_BITS(m, a, b) wasm_v128_bitselect((v128_t)(a), (v128_t)(b), (v128_t)(m))

#include "simd/vec/vec128.h"

/* A step of a contraction's chain. */
#define V_UNFUSED 1
#define v_chain(a, b, c) ((a) * (b) + (c))

TR__INLINE vi16 low_i32(vi32 a, vi32 b)
{
	return __builtin_shufflevector((vi16)a, (vi16)b, 0, 2, 4, 6, 8, 10, 12, 14);
}

TR__INLINE int any_bit(vi8 a) { return wasm_v128_any_true((v128_t)a); }
TR__INLINE int all_bits(vi8 a) { return wasm_i8x16_all_true((v128_t)(a == -1)); }

TR__INLINE vf64 widen_low(vf32 a) { return (vf64)wasm_f64x2_promote_low_f32x4((v128_t)a); }
/* Shuffles as intrinsics where clang 14 would see through them: it makes single elements of a conversion's halves. */
TR__INLINE vf64 widen_high(vf32 a) { return widen_low((vf32)wasm_i32x4_shuffle((v128_t)a, (v128_t)a, 2, 3, 2, 3)); }

TR__INLINE vf32 narrow_f64(vf64 a, vf64 b)
{
	v128_t low = wasm_f32x4_demote_f64x2_zero((v128_t)a), high = wasm_f32x4_demote_f64x2_zero((v128_t)b);

	return (vf32)wasm_i64x2_shuffle(low, high, 0, 2);
}

V128_COMPARE(i8) V128_COMPARE(i16) V128_COMPARE(i32) V128_COMPARE(i64)
V128_COMPARE(u8) V128_COMPARE(u16) V128_COMPARE(u32)
V128_COMPARE(f32) V128_COMPARE(f64)

/* Only signed numbers of 64 bits compare: moved there. */
#define COMPARE_U64(name, op) \
	TR__INLINE vi64 name(vu64 a, vu64 b) { return (vi64)(a ^ vu64_set(1ull << 63)) op (vi64)(b ^ vu64_set(1ull << 63)); }
TR__INLINE vi64 v_eq_u64(vu64 a, vu64 b) { return (vi64)(a == b); }
TR__INLINE vi64 v_ne_u64(vu64 a, vu64 b) { return (vi64)(a != b); }
COMPARE_U64(v_lt_u64, <) COMPARE_U64(v_le_u64, <=) COMPARE_U64(v_gt_u64, >) COMPARE_U64(v_ge_u64, >=)
#undef COMPARE_U64

V128_SHIFT_BY_STEPS(i8) V128_SHIFT_BY_STEPS(i16) V128_SHIFT_BY_STEPS(i32) V128_SHIFT(i64)
V128_SHIFT_BY_STEPS(u8) V128_SHIFT_BY_STEPS(u16) V128_SHIFT_BY_STEPS(u32) V128_SHIFT(u64)

#define LIMIT(T, name) \
	TR__INLINE v##T v_min_##T(v##T a, v##T b) { return (v##T)wasm_##name##_min((v128_t)a, (v128_t)b); } \
	TR__INLINE v##T v_max_##T(v##T a, v##T b) { return (v##T)wasm_##name##_max((v128_t)a, (v128_t)b); }
LIMIT(i8, i8x16) LIMIT(i16, i16x8) LIMIT(i32, i32x4) V128_LIMIT(i64)
LIMIT(u8, u8x16) LIMIT(u16, u16x8) LIMIT(u32, u32x4) V128_LIMIT(u64)
LIMIT(f32, f32x4) LIMIT(f64, f64x2)
V128_ORDERED(f32) V128_ORDERED(f64)
#undef LIMIT

#define FLOATING(T, name) \
	TR__INLINE v##T v_sqrt_##T(v##T a) { return (v##T)wasm_##name##_sqrt((v128_t)a); } \
	TR__INLINE v##T v_floor_##T(v##T a) { return (v##T)wasm_##name##_floor((v128_t)a); } \
	TR__INLINE v##T v_ceil_##T(v##T a) { return (v##T)wasm_##name##_ceil((v128_t)a); } \
	TR__INLINE v##T v_trunc_##T(v##T a) { return (v##T)wasm_##name##_trunc((v128_t)a); } \
	TR__INLINE v##T v_rint_##T(v##T a) { return (v##T)wasm_##name##_nearest((v128_t)a); }
FLOATING(f32, f32x4) FLOATING(f64, f64x2)
#undef FLOATING

TR__INLINE vu64 vu64_mul_low(vu64 a, vu64 b)
{
	vi32 x = __builtin_shufflevector((vi32)a, (vi32)b, 0, 2, 4, 6);

	return (vu64)wasm_u64x2_extmul_low_u32x4((v128_t)x, (v128_t)__builtin_shufflevector(x, x, 2, 3, 2, 3));
}

TR__INLINE vi32 v_to_int_f32(vf32 a) { return (vi32)wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest((v128_t)a)); }

#include "simd/vec/fma.h"

#include "lib/ref/vec_words.h"

#endif
