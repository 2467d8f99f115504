/* SPDX-License-Identifier: MIT */
/*
 * Elements of memory as wider lanes and back, what of it the vector vocabulary can say: W_from_F(p), exact, and
 * T_of_W(p, v), which rounds or truncates once. The others are in simd/kernels/cast_<level>.h, which is included before.
 */
#ifndef TR_SIMD_KERNELS_CAST_WORDS_H
#define TR_SIMD_KERNELS_CAST_WORDS_H

#include "lib/ref/kernels.h"

/* In: types of the lane's own size, bool as u8, and what takes an exact step from there. */
TR__INLINE vi32 i32_from_b8(const void *p) { return i32_from_u8(p); }
TR__INLINE vi32 i32_from_i32(const void *p) { return vi32_load(p); }
TR__INLINE vi32 i32_from_u32(const void *p) { return vi32_load(p); }
TR__INLINE vi64 i64_from_b8(const void *p) { return i64_from_u8(p); }
TR__INLINE vi64 i64_from_i64(const void *p) { return vi64_load(p); }
TR__INLINE vi64 i64_from_u64(const void *p) { return vi64_load(p); }
TR__INLINE vf32 f32_from_b8(const void *p) { return v_from_int(i32_from_u8(p)); }
TR__INLINE vf32 f32_from_i8(const void *p) { return v_from_int(i32_from_i8(p)); }
TR__INLINE vf32 f32_from_u8(const void *p) { return v_from_int(i32_from_u8(p)); }
TR__INLINE vf32 f32_from_i16(const void *p) { return v_from_int(i32_from_i16(p)); }
TR__INLINE vf32 f32_from_u16(const void *p) { return v_from_int(i32_from_u16(p)); }
TR__INLINE vf32 f32_from_bf16(const void *p) { return v_from_bits(i32_from_u16(p) << 16); }
TR__INLINE vf32 f32_from_f32(const void *p) { return vf32_load(p); }
TR__INLINE vf64 f64_from_b8(const void *p) { return f64_from_u8(p); }
TR__INLINE vf64 f64_from_f64(const void *p) { return vf64_load(p); }

/* Not exact, but rounded once, here: only to the lane's own type. The halves of a 64-bit integer are exact, and so is
 * moving the upper one to its place. */
TR__INLINE vf32 f32_from_i32(const void *p) { return v_from_int(vi32_load(p)); }

TR__INLINE vf64 f64_from_i64(const void *p)
{
	vi64 a = vi64_load(p);

	return v_from_int(a >> 32) * vf64_set(0x1p32) + v_from_int(a & vi64_set(0xffffffff));
}

TR__INLINE vf64 f64_from_u64(const void *p)
{
	vu64 a = vu64_load(p);

	return v_from_int((vi64)(a >> 32)) * vf64_set(0x1p32) + v_from_int((vi64)(a & vu64_set(0xffffffff)));
}

/* Out: the low bits, so signedness does not matter. */
TR__INLINE void i32_of_i32(void *p, vi32 a) { v_store(p, a); }
TR__INLINE void i64_of_i64(void *p, vi64 a) { v_store(p, a); }
TR__INLINE void u8_of_i32(void *p, vi32 a) { i8_of_i32(p, a); }
TR__INLINE void u16_of_i32(void *p, vi32 a) { i16_of_i32(p, a); }
TR__INLINE void u32_of_i32(void *p, vi32 a) { v_store(p, a); }
TR__INLINE void u8_of_i64(void *p, vi64 a) { i8_of_i64(p, a); }
TR__INLINE void u16_of_i64(void *p, vi64 a) { i16_of_i64(p, a); }
TR__INLINE void u32_of_i64(void *p, vi64 a) { i32_of_i64(p, a); }
TR__INLINE void u64_of_i64(void *p, vi64 a) { v_store(p, a); }

TR__INLINE void f32_of_f32(void *p, vf32 a) { v_store(p, a); }
TR__INLINE void f64_of_f64(void *p, vf64 a) { v_store(p, a); }

/* To nearest even by adding just less than half of what is cut off, or half if the last bit kept is odd. */
TR__INLINE void bf16_of_f32(void *p, vf32 a)
{
	vi32 bits = v_bits(a);
	vi32 rounded = bits + vi32_set(0x7fff) + (bits >> 16 & vi32_set(1));

	i16_of_i32(p, v_select(v_isnan(a), bits | vi32_set(0x400000), rounded) >> 16);
}

TR__INLINE void b8_of_i32(void *p, vi32 a) { v_store_mask(p, v_ne(a, vi32_set(0))); }
TR__INLINE void b8_of_i64(void *p, vi64 a) { v_store_mask(p, v_ne(a, vi64_set(0))); }
TR__INLINE void b8_of_f32(void *p, vf32 a) { v_store_mask(p, v_ne(a, vf32_set(0))); }
TR__INLINE void b8_of_f64(void *p, vf64 a) { v_store_mask(p, v_ne(a, vf64_set(0))); }

/* Floating to integer: NaN to 0, then into the target's range, which the lane's type holds exactly. */
#define SATURATE(T, W, I, least, most) \
	TR__INLINE void T##_of_##W(void *p, v##W a) \
	{ \
		a = v_select(v_isnan(a), v##W##_set(0), a); \
		a = v_min(v_max(a, v##W##_set(least)), v##W##_set(most)); \
		T##_of_##I(p, v_to_int(v_trunc(a))); \
	}
SATURATE(i8, f32, i32, INT8_MIN, INT8_MAX) SATURATE(u8, f32, i32, 0, UINT8_MAX)
SATURATE(i16, f32, i32, INT16_MIN, INT16_MAX) SATURATE(u16, f32, i32, 0, UINT16_MAX)
SATURATE(i8, f64, i64, INT8_MIN, INT8_MAX) SATURATE(u8, f64, i64, 0, UINT8_MAX)
SATURATE(i16, f64, i64, INT16_MIN, INT16_MAX) SATURATE(u16, f64, i64, 0, UINT16_MAX)
SATURATE(i32, f64, i64, INT32_MIN, INT32_MAX) SATURATE(u32, f64, i64, 0, UINT32_MAX)
#undef SATURATE

#ifndef I32_OF_F32 /* a level may have its own */
/* INT32_MAX is no f32: below it comes 2^31 - 128. */
TR__INLINE void i32_of_f32(void *p, vf32 a)
{
	vf32 inside = v_select(v_isnan(a), vf32_set(0), v_min(v_max(a, vf32_set(-0x1p31f)), vf32_set(0x1.fffffep30f)));

	v_store(p, v_select(v_ge(a, vf32_set(0x1p31f)), vi32_set(INT32_MAX), v_to_int(v_trunc(inside))));
}
#endif

#endif
