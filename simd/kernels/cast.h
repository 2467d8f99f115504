/* SPDX-License-Identifier: MIT */
/*
 * Conversions that have a vector form; the specification (lib/ref/cast.h) serves the rest: f16 and bf16 from types
 * that f32 does not hold exactly, 64-bit integers from floating types or to f32, complex numbers.
 *
 * A conversion goes through lanes W of 32 or 64 bits that hold every value of the source exactly, W_from_F(p), and
 * rounds or truncates once on the way out, T_of_W(p, v). Simple ones are in simd/kernels/cast_<level>.h, which is
 * included before; here are those that the vector vocabulary can say.
 */
#ifndef TR_SIMD_KERNELS_CAST_H
#define TR_SIMD_KERNELS_CAST_H

#include <string.h>

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

/* INT32_MAX is no f32: below it comes 2^31 - 128. */
TR__INLINE void i32_of_f32(void *p, vf32 a)
{
	vf32 inside = v_select(v_isnan(a), vf32_set(0), v_min(v_max(a, vf32_set(-0x1p31f)), vf32_set(0x1.fffffep30f)));

	v_store(p, v_select(v_ge(a, vf32_set(0x1p31f)), vi32_set(INT32_MAX), v_to_int(v_trunc(inside))));
}

/* X(W, from, to): through W. */
#define FROM_TINY(X, W, T) X(W, b8, T) X(W, i8, T) X(W, u8, T)
#define FROM_SMALL(X, W, T) FROM_TINY(X, W, T) X(W, i16, T) X(W, u16, T)
#define FROM_HALF(X, W, T) X(W, f16, T) X(W, bf16, T)
#define EACH_CAST(X) \
	X(i32, i8, b8) X(i32, u8, b8) X(i32, i16, b8) X(i32, u16, b8) X(i32, i32, b8) X(i32, u32, b8) \
	X(i32, i16, i8) X(i32, u16, i8) X(i32, i32, i8) X(i32, u32, i8) \
	X(i32, i16, u8) X(i32, u16, u8) X(i32, i32, u8) X(i32, u32, u8) \
	FROM_TINY(X, i32, i16) X(i32, i32, i16) X(i32, u32, i16) \
	FROM_TINY(X, i32, u16) X(i32, i32, u16) X(i32, u32, u16) \
	FROM_SMALL(X, i32, i32) FROM_SMALL(X, i32, u32) \
	FROM_SMALL(X, i64, i64) X(i64, i32, i64) X(i64, u32, i64) \
	FROM_SMALL(X, i64, u64) X(i64, i32, u64) X(i64, u32, u64) \
	X(i64, i64, b8) X(i64, i64, i8) X(i64, i64, u8) X(i64, i64, i16) X(i64, i64, u16) X(i64, i64, i32) X(i64, i64, u32) \
	X(i64, u64, b8) X(i64, u64, i8) X(i64, u64, u8) X(i64, u64, i16) X(i64, u64, u16) X(i64, u64, i32) X(i64, u64, u32) \
	FROM_SMALL(X, f32, f32) FROM_HALF(X, f32, f32) X(f32, i32, f32) \
	FROM_SMALL(X, f32, f16) X(f32, bf16, f16) X(f32, f32, f16) \
	FROM_SMALL(X, f32, bf16) X(f32, f16, bf16) X(f32, f32, bf16) \
	FROM_HALF(X, f32, b8) FROM_HALF(X, f32, i8) FROM_HALF(X, f32, u8) \
	FROM_HALF(X, f32, i16) FROM_HALF(X, f32, u16) FROM_HALF(X, f32, i32) FROM_HALF(X, f64, u32) \
	X(f32, f32, b8) X(f32, f32, i8) X(f32, f32, u8) X(f32, f32, i16) X(f32, f32, u16) X(f32, f32, i32) X(f64, f32, u32) \
	FROM_SMALL(X, f64, f64) FROM_HALF(X, f64, f64) X(f64, f32, f64) \
	X(f64, i32, f64) X(f64, u32, f64) X(f64, i64, f64) X(f64, u64, f64) \
	X(f64, u32, f32) X(f64, f64, f32) \
	X(f64, f64, b8) X(f64, f64, i8) X(f64, f64, u8) X(f64, f64, i16) X(f64, f64, u16) X(f64, f64, i32) X(f64, f64, u32)

/* The rest of less than a vector goes through buffers that have a whole one's room. */
#define CAST(W, F, T) \
	static void TR__KERNEL(cast_##F, T)(void *dst, const void *src, size_t n) \
	{ \
		const size_t lanes = v_lanes(W); \
		const e##F *s = src; \
		e##T *d = dst; \
		\
		for (; n >= lanes; n -= lanes, s += lanes, d += lanes) \
			T##_of_##W(d, W##_from_##F(s)); \
		if (n) { \
			e##F in[v_lanes(W)] = {0}; \
			e##T out[v_lanes(W)]; \
			\
			memcpy(in, s, n * sizeof(*s)); \
			T##_of_##W(out, W##_from_##F(in)); \
			memcpy(d, out, n * sizeof(*d)); \
		} \
	}

/* The same bits under another name. dst may be src, hence memmove. */
#define CAST_COPY(size) \
	static void TR__KERNEL(cast_copy, size)(void *dst, const void *src, size_t n) { memmove(dst, src, n * size); }

EACH_CAST(CAST)
CAST_COPY(1) CAST_COPY(2) CAST_COPY(4) CAST_COPY(8) CAST_COPY(16)

#undef CAST
#undef CAST_COPY

/* Into the level's table. */
static void fill_casts(struct tr_kernels *k)
{
#define FILL(W, F, T) k->cast[TR__DTYPE_##F][TR__DTYPE_##T] = TR__KERNEL(cast_##F, T);
#define FILL_COPY(F, T, size) k->cast[TR_##F][TR_##T] = TR__KERNEL(cast_copy, size);
	EACH_CAST(FILL)
	FILL_COPY(BOOL, BOOL, 1) FILL_COPY(BOOL, I8, 1) FILL_COPY(BOOL, U8, 1)
	FILL_COPY(I8, I8, 1) FILL_COPY(I8, U8, 1) FILL_COPY(U8, I8, 1) FILL_COPY(U8, U8, 1)
	FILL_COPY(I16, I16, 2) FILL_COPY(I16, U16, 2)
	FILL_COPY(U16, I16, 2) FILL_COPY(U16, U16, 2) FILL_COPY(BF16, BF16, 2)
	FILL_COPY(I32, I32, 4) FILL_COPY(I32, U32, 4) FILL_COPY(U32, I32, 4) FILL_COPY(U32, U32, 4)
	FILL_COPY(I64, I64, 8) FILL_COPY(I64, U64, 8) FILL_COPY(U64, I64, 8) FILL_COPY(U64, U64, 8)
	FILL_COPY(F16, F16, 2) FILL_COPY(F32, F32, 4) FILL_COPY(F64, F64, 8) FILL_COPY(C64, C64, 8)
	FILL_COPY(C128, C128, 16)
#undef FILL
#undef FILL_COPY
}

#endif
