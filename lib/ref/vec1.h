/* SPDX-License-Identifier: MIT */
/*
 * The vector vocabulary, and its meaning: vectors of one lane, in plain C. simd/vec/<level>.h says the same words
 * with the level's registers, so an expression written in them is at once the specification of an operation (here)
 * and its kernel (there), with the same bits wherever fma is one instruction. Knows no operation.
 *
 * Types, for a tag T of b8 i8 i16 i32 i64 u8 u16 u32 u64 f32 f64:
 *   e<T>   an element            v<T>   a vector; v_lanes(T) elements of it
 *   m<T>   what comparing v<T> gives: all or no bits of a lane. Masks of lanes of one size are one type.
 *
 * In what follows V is any v<T>, VF vf32 or vf64, VI any integer vector, M a mask; a word's last letters say no
 * type because it is chosen by the first vector argument. v_fma(a, b, c) is v_fma_f32(a, b, c) for a vf32.
 *
 * Operators, on every level: + - * of one type (integers wrap); / of VF; & | ^ ~ of VI; << >> of VI by an int
 * constant (signed >> copies the sign). Small integers promote at one lane, so give a result to a V before
 * passing it on. Comparison operators and ?: are not in the vocabulary.
 *
 * Making and moving:
 *   v<T>_set(c)               c in every lane
 *   v<T>_load(p)              v_lanes(T) elements, any alignment
 *   v<T>_load_part(p, k)      0 <= k <= lanes elements, zeros after them; touches no other memory
 *   v_store(p, V)             v_store_part(p, V, k)
 *   v<T>_gather(p, i)         p[i] per lane; T f32 with i of vi32, T f64 with vi64
 *   v<T>_lookup(p, i)         the same, 0 <= i < 16, of a table of 16 that is fetched whole
 *   v_store_mask(p, M)        lanes bytes, 1 where set, else 0;  v_store_mask_part(p, M, k)
 *   m<T>_load(p)              set where byte p[i] is not 0;      m<T>_load_part(p, k)
 *
 * Floats (IEEE 754 binary, round to nearest even; which NaN a NaN result is stays open):
 *   v_fma(a, b, c)            a*b + c, one rounding
 *   v_sqrt v_floor v_ceil v_trunc v_rint            correctly rounded; rint halves to even
 *   v_sqrt_stream(a)          v_sqrt, faster where a loop does nothing else and slower elsewhere
 *   v_neg(a) v_copysign(a, s)                       act on the sign bit, of NaN too
 *   v_to_int(a)               vi32 of vf32, vi64 of vf64: nearest even; |a| < 2^31, 2^51
 *   v_from_int(i)             the reverse; vi64: |i| < 2^51
 *   v_bits(a) v_from_bits(i)  the same bits as vi32, vi64 and back
 *   v_isnan(a)                → M
 *
 * All V:
 *   v_min v_max               IEEE 754-2019 minimum, maximum: NaN if either is, -0 < +0
 *   v_abs                     sign bit cleared; of signed integers, the least stays; unsigned unchanged
 *   v_eq v_ne v_lt v_le v_gt v_ge   → M; false with a NaN, but v_ne true
 *   v_select(M, a, b)         a where set, else b
 *   v_each1(f, a) v_each2(f, a, b)  lane by lane through a function of elements: for what has no vector form
 * VI: v_shl(a, n) v_shr(a, n) by a count per lane, 0 <= n < width of the lane
 * vu64: vu64_mul_low(a, b)      products of the lower halves of lanes
 *       vu64_zip_low(a, b) vu64_zip_high(a, b)    first and second half of a0 b0 a1 b1 …
 * M:  v_mand v_mor v_mxor v_mnot → M;  v_any(m) v_all(m) → int, for branching around a rare path
 */
#ifndef TR_REF_VEC1_H
#define TR_REF_VEC1_H

#include <math.h>
#include <string.h>

#include "lib/ref/elem.h"

typedef eb8 vb8;
typedef ei8 vi8;
typedef ei16 vi16;
typedef ei32 vi32;
typedef ei64 vi64;
typedef eu8 vu8;
typedef eu16 vu16;
typedef eu32 vu32;
typedef eu64 vu64;
typedef ef32 vf32;
typedef ef64 vf64;

/* 0 or -1, so that & | ^ ~ are the mask operations, as on real masks. */
typedef int mb8, mi8, mi16, mi32, mi64, mu8, mu16, mu32, mu64, mf32, mf64;

#define MEMORY(T) \
	TR__INLINE v##T v##T##_set(e##T c) { return c; } \
	TR__INLINE v##T v##T##_load(const void *p) { v##T v; memcpy(&v, p, sizeof(v)); return v; } \
	TR__INLINE v##T v##T##_load_part(const void *p, size_t k) { return k ? v##T##_load(p) : 0; } \
	TR__INLINE void v_store_##T(void *p, v##T v) { memcpy(p, &v, sizeof(v)); } \
	TR__INLINE void v_store_part_##T(void *p, v##T v, size_t k) { if (k) v_store_##T(p, v); } \
	TR__INLINE m##T m##T##_load(const void *p) { return -(*(const eb8 *)p != 0); } \
	TR__INLINE m##T m##T##_load_part(const void *p, size_t k) { return k ? m##T##_load(p) : 0; }

#define COMPARE(T) \
	TR__INLINE m##T v_eq_##T(v##T a, v##T b) { return -(a == b); } \
	TR__INLINE m##T v_ne_##T(v##T a, v##T b) { return -(a != b); } \
	TR__INLINE m##T v_lt_##T(v##T a, v##T b) { return -(a < b); } \
	TR__INLINE m##T v_le_##T(v##T a, v##T b) { return -(a <= b); } \
	TR__INLINE m##T v_gt_##T(v##T a, v##T b) { return -(a > b); } \
	TR__INLINE m##T v_ge_##T(v##T a, v##T b) { return -(a >= b); } \
	TR__INLINE v##T v_select_##T(m##T m, v##T a, v##T b) { return m ? a : b; } \
	TR__INLINE v##T v_each1_##T(e##T (*f)(e##T), v##T a) { return f(a); } \
	TR__INLINE v##T v_each2_##T(e##T (*f)(e##T, e##T), v##T a, v##T b) { return f(a, b); }

#define INTEGER(T) \
	TR__INLINE v##T v_min_##T(v##T a, v##T b) { return b < a ? b : a; } \
	TR__INLINE v##T v_max_##T(v##T a, v##T b) { return b > a ? b : a; } \
	TR__INLINE v##T v_abs_##T(v##T a) { return (v##T)(v_lt_##T(a, 0) ? -a : a); } \
	TR__INLINE v##T v_shl_##T(v##T a, v##T n) { return (v##T)(a << n); } \
	TR__INLINE v##T v_shr_##T(v##T a, v##T n) { return (v##T)(a >> n); }

/* Of zeros that differ in sign, minimum is the one with the bit set, maximum the other. */
#define FLOATING(T, I, f) \
	TR__INLINE I v_bits_##T(v##T a) { I i; memcpy(&i, &a, sizeof(i)); return i; } \
	TR__INLINE v##T v_from_bits_##T(I i) { v##T a; memcpy(&a, &i, sizeof(a)); return a; } \
	TR__INLINE v##T v_fma_##T(v##T a, v##T b, v##T c) { return fma##f(a, b, c); } \
	TR__INLINE v##T v_sqrt_##T(v##T a) { return sqrt##f(a); } \
	TR__INLINE v##T v_floor_##T(v##T a) { return floor##f(a); } \
	TR__INLINE v##T v_ceil_##T(v##T a) { return ceil##f(a); } \
	TR__INLINE v##T v_trunc_##T(v##T a) { return trunc##f(a); } \
	TR__INLINE v##T v_rint_##T(v##T a) { return rint##f(a); } \
	TR__INLINE v##T v_abs_##T(v##T a) { return fabs##f(a); } \
	TR__INLINE v##T v_neg_##T(v##T a) { return -a; } \
	TR__INLINE v##T v_copysign_##T(v##T a, v##T s) { return copysign##f(a, s); } \
	TR__INLINE I v_to_int_##T(v##T a) { return (I)rint##f(a); } \
	TR__INLINE v##T v_from_int_##T(I i) { return (v##T)i; } \
	TR__INLINE m##T v_isnan_##T(v##T a) { return -(a != a); } \
	TR__INLINE v##T v_min_##T(v##T a, v##T b) \
	{ \
		return a != a || b != b ? a + b : a < b ? a : b < a ? b : signbit(a) ? a : b; \
	} \
	TR__INLINE v##T v_max_##T(v##T a, v##T b) \
	{ \
		return a != a || b != b ? a + b : a > b ? a : b > a ? b : signbit(a) ? b : a; \
	} \
	TR__INLINE v##T v##T##_gather(const e##T *p, I i) { return p[i]; }

MEMORY(i8) MEMORY(i16) MEMORY(i32) MEMORY(i64)
MEMORY(u8) MEMORY(u16) MEMORY(u32) MEMORY(u64) MEMORY(f32) MEMORY(f64)
COMPARE(i8) COMPARE(i16) COMPARE(i32) COMPARE(i64)
COMPARE(u8) COMPARE(u16) COMPARE(u32) COMPARE(u64) COMPARE(f32) COMPARE(f64)
INTEGER(i8) INTEGER(i16) INTEGER(i32) INTEGER(i64)
INTEGER(u8) INTEGER(u16) INTEGER(u32) INTEGER(u64)
FLOATING(f32, vi32, f) FLOATING(f64, vi64, )

TR__INLINE vf32 vf32_lookup(const float *p, vi32 i) { return p[i]; }
TR__INLINE vf64 vf64_lookup(const double *p, vi64 i) { return p[i]; }
TR__INLINE vu64 vu64_mul_low(vu64 a, vu64 b) { return (a & 0xffffffffu) * (b & 0xffffffffu); }
TR__INLINE vu64 vu64_zip_low(vu64 a, vu64 b) { (void)b; return a; }
TR__INLINE vu64 vu64_zip_high(vu64 a, vu64 b) { (void)a; return b; }

#undef MEMORY
#undef COMPARE
#undef INTEGER
#undef FLOATING

TR__INLINE void v_store_mask_m1(void *p, int m) { *(eb8 *)p = m & 1; }
TR__INLINE void v_store_mask_part_m1(void *p, int m, size_t k) { if (k) v_store_mask_m1(p, m); }
TR__INLINE int v_any_m1(int m) { return m; }
TR__INLINE int v_all_m1(int m) { return m; }

#define TR__BY_MASK(word, m) _Generic((m), int: word##_m1)

#include "lib/ref/vec_words.h"

#endif
