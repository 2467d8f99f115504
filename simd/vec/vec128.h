/* SPDX-License-Identifier: MIT */
/*
 * The vector vocabulary of lib/ref/vec1.h in 128-bit registers, as far as the compilers' vector types can say it with
 * one good instruction or two on every processor. simd/vec/<level>.h includes this first, takes from the macros below
 * what suits it, writes the rest with its own instructions and ends with lib/ref/vec_words.h. A mask is an integer
 * vector of the same lanes. Knows no instruction set.
 */
#ifndef TR_SIMD_VEC_VEC128_H
#define TR_SIMD_VEC_VEC128_H

#include <string.h>

#include "lib/ref/elem.h"

#define V_SIZE 16 /* bytes */
#define V_HALF 0

#define VECTOR(T) \
	typedef e##T v##T __attribute__((vector_size(16))); \
	typedef e##T unaligned_##T __attribute__((vector_size(16), aligned(1), may_alias))

VECTOR(i8); VECTOR(i16); VECTOR(i32); VECTOR(i64);
VECTOR(u8); VECTOR(u16); VECTOR(u32); VECTOR(u64);
VECTOR(f32); VECTOR(f64);
typedef vu8 vb8;

typedef vi8 mb8, mi8, mu8;
typedef vi16 mi16, mu16;
typedef vi32 mi32, mu32, mf32;
typedef vi64 mi64, mu64, mf64;

/* What the level's header defines besides words: the low halves of a's lanes, then of b's; whether any or all bits are
 * set; f32 to f64 and back. */
TR__INLINE vi16 low_i32(vi32 a, vi32 b);
TR__INLINE int any_bit(vi8 a);
TR__INLINE int all_bits(vi8 a);
TR__INLINE vf64 widen_low(vf32 a);
TR__INLINE vf64 widen_high(vf32 a);
TR__INLINE vf32 narrow_f64(vf64 a, vf64 b);

/* Copies size <= 16 bytes in powers of two, without a call. */
TR__INLINE void copy_part(void *dst, const void *src, size_t size)
{
	char *d = dst;
	const char *s = src;

#define PIECE(bytes) \
	if (size & bytes) { \
		memcpy(d, s, bytes); \
		d += bytes; \
		s += bytes; \
	}
	if (size >= 16) {
		memcpy(d, s, 16);
		return;
	}
	PIECE(8) PIECE(4) PIECE(2) PIECE(1)
#undef PIECE
}

TR__INLINE vi8 load_part(const void *p, size_t size)
{
	vi8 buf = {0};

	copy_part(&buf, p, size);
	return buf;
}

TR__INLINE void store_part(void *p, vi8 a, size_t size)
{
	copy_part(p, &a, size);
}

#define TIMES_2(x) x, x
#define TIMES_4(x) TIMES_2(x), TIMES_2(x)
#define TIMES_8(x) TIMES_4(x), TIMES_4(x)
#define TIMES_16(x) TIMES_8(x), TIMES_8(x)

/* The bits of a where m is set, of b elsewhere. A level may have said it otherwise. */
#ifndef V_BITS
#define V_BITS(m, a, b) (((m) & (a)) | (~(m) & (b)))
#endif

/* VI: signed integers of the same size. */
#define COMMON(T, lanes, VI) \
	TR__INLINE v##T v##T##_set(e##T x) { return (v##T){TIMES_##lanes(x)}; } \
	TR__INLINE v##T v##T##_load(const void *p) { return *(const unaligned_##T *)p; } \
	TR__INLINE v##T v##T##_load_part(const void *p, size_t k) { return (v##T)load_part(p, k * sizeof(e##T)); } \
	TR__INLINE void v_store_##T(void *p, v##T a) { *(unaligned_##T *)p = a; } \
	TR__INLINE void v_store_part_##T(void *p, v##T a, size_t k) { store_part(p, (vi8)a, k * sizeof(e##T)); } \
	TR__INLINE v##T v_select_##T(m##T m, v##T a, v##T b) { return (v##T)V_BITS(m, (VI)a, (VI)b); } \
	TR__INLINE v##T v_each1_##T(e##T (*f)(e##T), v##T a) \
	{ \
		for (size_t i = 0; i < sizeof(a) / sizeof(a[0]); i++) \
			a[i] = f(a[i]); \
		return a; \
	} \
	TR__INLINE v##T v_each2_##T(e##T (*f)(e##T, e##T), v##T a, v##T b) \
	{ \
		for (size_t i = 0; i < sizeof(a) / sizeof(a[0]); i++) \
			a[i] = f(a[i], b[i]); \
		return a; \
	}

COMMON(i8, 16, vi8) COMMON(i16, 8, vi16) COMMON(i32, 4, vi32) COMMON(i64, 2, vi64)
COMMON(u8, 16, vi8) COMMON(u16, 8, vi16) COMMON(u32, 4, vi32) COMMON(u64, 2, vi64)
COMMON(f32, 4, vi32) COMMON(f64, 2, vi64)

TR__INLINE vi8 v_abs_i8(vi8 a) { return (a ^ (a < 0)) - (a < 0); }
TR__INLINE vi16 v_abs_i16(vi16 a) { return (a ^ (a < 0)) - (a < 0); }
TR__INLINE vi32 v_abs_i32(vi32 a) { return (a ^ (a < 0)) - (a < 0); }
TR__INLINE vi64 v_abs_i64(vi64 a) { return (a ^ a >> 63) - (a >> 63); }
TR__INLINE vu8 v_abs_u8(vu8 a) { return a; }
TR__INLINE vu16 v_abs_u16(vu16 a) { return a; }
TR__INLINE vu32 v_abs_u32(vu32 a) { return a; }
TR__INLINE vu64 v_abs_u64(vu64 a) { return a; }

#define FLOATING(T, VI) \
	TR__INLINE m##T v_isnan_##T(v##T a) { return (m##T)(a != a); } \
	TR__INLINE VI v_bits_##T(v##T a) { return (VI)a; } \
	TR__INLINE v##T v_from_bits_##T(VI i) { return (v##T)i; } \
	TR__INLINE v##T v_abs_##T(v##T a) { return (v##T)((VI)a & ~(VI)v##T##_set(-(e##T)0)); } \
	TR__INLINE v##T v_neg_##T(v##T a) { return (v##T)((VI)a ^ (VI)v##T##_set(-(e##T)0)); } \
	TR__INLINE v##T v_copysign_##T(v##T a, v##T s) { return v_select_##T((VI)v##T##_set(-(e##T)0), s, a); }

FLOATING(f32, vi32) FLOATING(f64, vi64)

TR__INLINE vf32 v_from_int_f32(vi32 i) { return __builtin_convertvector(i, vf32); }

/* In [2^52, 2^53) the integer stands in the low bits; half of that above the middle is for negative ones. */
TR__INLINE vi64 v_to_int_f64(vf64 a)
{
	vf64 shift = vf64_set(0x1.8p52);

	return (vi64)(a + shift) - (vi64)shift;
}

TR__INLINE vf64 v_from_int_f64(vi64 i)
{
	vf64 shift = vf64_set(0x1.8p52);

	return (vf64)(i + (vi64)shift) - shift;
}

TR__INLINE vf32 vf32_gather(const float *p, vi32 i) { return (vf32){p[i[0]], p[i[1]], p[i[2]], p[i[3]]}; }
#ifndef V_LOOKUP /* a level may have its own */
#define V_LOOKUP(p, i) vf32_gather(p, i)
#endif
TR__INLINE vf32 vf32_lookup(const float *p, vi32 i) { return V_LOOKUP(p, i); }
TR__INLINE vf64 vf64_gather(const double *p, vi64 i) { return (vf64){p[i[0]], p[i[1]]}; }
TR__INLINE vf64 vf64_lookup(const double *p, vi64 i) { return vf64_gather(p, i); }

TR__INLINE vi8 low_i16(vi16 a, vi16 b)
{
	return __builtin_shufflevector((vi8)a, (vi8)b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}

TR__INLINE vi32 low_i64(vi64 a, vi64 b)
{
	return __builtin_shufflevector((vi32)a, (vi32)b, 0, 2, 4, 6);
}

/* The first half of the lanes, each twice as wide, with zeros above. */
TR__INLINE vi16 wide_u8(vi8 a)
{
	return (vi16)__builtin_shufflevector(a, (vi8){0}, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

TR__INLINE vi32 wide_u16(vi16 a)
{
	return (vi32)__builtin_shufflevector(a, (vi16){0}, 0, 8, 1, 9, 2, 10, 3, 11);
}

TR__INLINE vi64 wide_u32(vi32 a)
{
	return (vi64)__builtin_shufflevector(a, (vi32){0}, 0, 4, 1, 5);
}

/* Masks as bytes, 0 or -1, in the low end, and back. */
TR__INLINE vi8 mask_bytes_i8(vi8 m) { return m; }
TR__INLINE vi8 mask_bytes_i16(vi16 m) { return low_i16(m, m); }
TR__INLINE vi8 mask_bytes_i32(vi32 m) { return mask_bytes_i16(low_i32(m, m)); }
TR__INLINE vi8 mask_bytes_i64(vi64 m) { return mask_bytes_i32(low_i64(m, m)); }

TR__INLINE vi8 mask_load_i8(vi8 v) { return v != 0; }
TR__INLINE vi16 mask_load_i16(vi8 v) { return wide_u8(v) != 0; }
TR__INLINE vi32 mask_load_i32(vi8 v) { return wide_u16(wide_u8(v)) != 0; }
TR__INLINE vi64 mask_load_i64(vi8 v)
{
	vi32 both = __builtin_shufflevector(wide_u16(wide_u8(v)), (vi32){0}, 0, 0, 1, 1);

	return (vi64)(both != 0);
}

#define MASK(T) \
	TR__INLINE void v_store_mask_##T(void *p, v##T m) \
	{ \
		vi8 b = -mask_bytes_##T(m); \
		memcpy(p, &b, 16 / sizeof(e##T)); \
	} \
	TR__INLINE void v_store_mask_part_##T(void *p, v##T m, size_t k) { store_part(p, -mask_bytes_##T(m), k); } \
	TR__INLINE int v_any_##T(v##T m) { return any_bit((vi8)m); } \
	TR__INLINE int v_all_##T(v##T m) { return all_bits((vi8)m); }

#define MASK_LOAD(T, I) \
	TR__INLINE m##T m##T##_load(const void *p) \
	{ \
		vi8 b = {0}; \
		memcpy(&b, p, 16 / sizeof(e##T)); \
		return mask_load_##I(b); \
	} \
	TR__INLINE m##T m##T##_load_part(const void *p, size_t k) { return mask_load_##I(load_part(p, k)); }

#define TR__BY_MASK(word, m) _Generic((m), vi8: word##_i8, vi16: word##_i16, vi32: word##_i32, vi64: word##_i64)

MASK(i8) MASK(i16) MASK(i32) MASK(i64)
MASK_LOAD(i8, i8) MASK_LOAD(i16, i16) MASK_LOAD(i32, i32) MASK_LOAD(i64, i64)
MASK_LOAD(u8, i8) MASK_LOAD(u16, i16) MASK_LOAD(u32, i32) MASK_LOAD(u64, i64)
MASK_LOAD(f32, i32) MASK_LOAD(f64, i64)

#undef VECTOR
#undef COMMON
#undef TIMES_2
#undef TIMES_4
#undef TIMES_8
#undef TIMES_16
#undef FLOATING
#undef MASK
#undef MASK_LOAD

TR__INLINE vu64 vu64_zip_low(vu64 a, vu64 b) { return __builtin_shufflevector(a, b, 0, 2); }
TR__INLINE vu64 vu64_zip_high(vu64 a, vu64 b) { return __builtin_shufflevector(a, b, 1, 3); }

/* For the level's header to take: comparisons, limits by comparing, shifts by a count per lane. */
#define V128_COMPARE(T) \
	TR__INLINE m##T v_eq_##T(v##T a, v##T b) { return (m##T)(a == b); } \
	TR__INLINE m##T v_ne_##T(v##T a, v##T b) { return (m##T)(a != b); } \
	TR__INLINE m##T v_lt_##T(v##T a, v##T b) { return (m##T)(a < b); } \
	TR__INLINE m##T v_le_##T(v##T a, v##T b) { return (m##T)(a <= b); } \
	TR__INLINE m##T v_gt_##T(v##T a, v##T b) { return (m##T)(a > b); } \
	TR__INLINE m##T v_ge_##T(v##T a, v##T b) { return (m##T)(a >= b); }

#define V128_LIMIT(T) \
	TR__INLINE v##T v_min_##T(v##T a, v##T b) { return v_select_##T(v_lt_##T(a, b), a, b); } \
	TR__INLINE v##T v_max_##T(v##T a, v##T b) { return v_select_##T(v_lt_##T(a, b), b, a); }

/* Where limits propagate a NaN they do for what need not. */
#define V128_ORDERED(T) \
	TR__INLINE v##T v_least_##T(v##T a, v##T b) { return v_min_##T(a, b); } \
	TR__INLINE v##T v_most_##T(v##T a, v##T b) { return v_max_##T(a, b); } \
	TR__INLINE m##T v_unordered_##T(v##T a, v##T b) { return (m##T)(a != a) | (m##T)(b != b); }

#define V128_SHIFT(T) \
	TR__INLINE v##T v_shl_##T(v##T a, v##T n) { return a << n; } \
	TR__INLINE v##T v_shr_##T(v##T a, v##T n) { return a >> n; }

/* By 16, 8, 4, 2 and 1 where the count has that bit. */
#define V128_SHIFT_STEP(T, s, op) \
	if (8 * sizeof(e##T) > s) \
		a = v_select_##T((m##T)((n & v##T##_set(s)) != 0), a op (s & (8 * sizeof(e##T) - 1)), a);
#define V128_SHIFT_STEPS(T, op) \
	V128_SHIFT_STEP(T, 16, op) V128_SHIFT_STEP(T, 8, op) V128_SHIFT_STEP(T, 4, op) V128_SHIFT_STEP(T, 2, op) \
	V128_SHIFT_STEP(T, 1, op)
#define V128_SHIFT_BY_STEPS(T) \
	TR__INLINE v##T v_shl_##T(v##T a, v##T n) { V128_SHIFT_STEPS(T, <<) return a; } \
	TR__INLINE v##T v_shr_##T(v##T a, v##T n) { V128_SHIFT_STEPS(T, >>) return a; }

#endif
