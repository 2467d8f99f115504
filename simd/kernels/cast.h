/* SPDX-License-Identifier: MIT */
/*
 * Conversions that have a vector form; the specification (lib/ref/cast.h) serves the rest: f16 and bf16 from types
 * that f32 does not hold exactly, 64-bit integers from floating types or to f32, complex numbers.
 *
 * A conversion goes through lanes W of 32 or 64 bits that hold every value of the source exactly, W_from_F(p), and
 * rounds or truncates once on the way out, T_of_W(p, v): words of simd/kernels/cast_words.h and cast_<level>.h, which is
 * included before.
 */
#ifndef TR_SIMD_KERNELS_CAST_H
#define TR_SIMD_KERNELS_CAST_H

#include <string.h>

#include "simd/kernels/cast_words.h"

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
