/* SPDX-License-Identifier: MIT */
/*
 * The words of the vector vocabulary (lib/ref/vec1.h), each chosen by the type of an argument. Included last by
 * every header that gives them meaning, which provides word_<T> for each type and TR__BY_MASK for its masks.
 */
#ifndef TR_REF_VEC_WORDS_H
#define TR_REF_VEC_WORDS_H

#define TR__BY_FLOAT(word, a) _Generic((a), vf32: word##_f32, vf64: word##_f64)
#define TR__BY_INTEGER(word, a) \
	_Generic((a), vi8: word##_i8, vi16: word##_i16, vi32: word##_i32, vi64: word##_i64, \
		 vu8: word##_u8, vu16: word##_u16, vu32: word##_u32, vu64: word##_u64)
#define TR__BY_TYPE(word, a) \
	_Generic((a), vi8: word##_i8, vi16: word##_i16, vi32: word##_i32, vi64: word##_i64, \
		 vu8: word##_u8, vu16: word##_u16, vu32: word##_u32, vu64: word##_u64, \
		 vf32: word##_f32, vf64: word##_f64)

#define v_lanes(T) (sizeof(TR__PASTE2(v, T)) / sizeof(TR__PASTE2(e, T)))

/* bool shares the bytes, and so all words, of u8. */
#define vb8_set(c) vu8_set(c)
#define vb8_load(p) vu8_load(p)
#define vb8_load_part(p, k) vu8_load_part(p, k)
#define mb8_load(p) mu8_load(p)
#define mb8_load_part(p, k) mu8_load_part(p, k)

#define v_store(p, a) TR__BY_TYPE(v_store, a)(p, a)
#define v_store_part(p, a, k) TR__BY_TYPE(v_store_part, a)(p, a, k)
#define v_store_mask(p, m) TR__BY_MASK(v_store_mask, m)(p, m)
#define v_store_mask_part(p, m, k) TR__BY_MASK(v_store_mask_part, m)(p, m, k)

#define v_fma(a, b, c) TR__BY_FLOAT(v_fma, a)(a, b, c)
#define v_sqrt(a) TR__BY_FLOAT(v_sqrt, a)(a)
#ifndef v_sqrt_stream /* a level may have its own */
#define v_sqrt_stream(a) v_sqrt(a)
#endif
#define v_floor(a) TR__BY_FLOAT(v_floor, a)(a)
#define v_ceil(a) TR__BY_FLOAT(v_ceil, a)(a)
#define v_trunc(a) TR__BY_FLOAT(v_trunc, a)(a)
#define v_rint(a) TR__BY_FLOAT(v_rint, a)(a)
#define v_neg(a) TR__BY_FLOAT(v_neg, a)(a)
#define v_copysign(a, s) TR__BY_FLOAT(v_copysign, a)(a, s)
#define v_isnan(a) TR__BY_FLOAT(v_isnan, a)(a)
#define v_to_int(a) TR__BY_FLOAT(v_to_int, a)(a)
#define v_bits(a) TR__BY_FLOAT(v_bits, a)(a)
#define v_from_int(i) _Generic((i), vi32: v_from_int_f32, vi64: v_from_int_f64)(i)
#define v_from_bits(i) _Generic((i), vi32: v_from_bits_f32, vi64: v_from_bits_f64)(i)

#define v_min(a, b) TR__BY_TYPE(v_min, a)(a, b)
#define v_max(a, b) TR__BY_TYPE(v_max, a)(a, b)
#define v_abs(a) TR__BY_TYPE(v_abs, a)(a)
#define v_eq(a, b) TR__BY_TYPE(v_eq, a)(a, b)
#define v_ne(a, b) TR__BY_TYPE(v_ne, a)(a, b)
#define v_lt(a, b) TR__BY_TYPE(v_lt, a)(a, b)
#define v_le(a, b) TR__BY_TYPE(v_le, a)(a, b)
#define v_gt(a, b) TR__BY_TYPE(v_gt, a)(a, b)
#define v_ge(a, b) TR__BY_TYPE(v_ge, a)(a, b)
#define v_select(m, a, b) TR__BY_TYPE(v_select, a)(m, a, b)
#define v_each1(f, a) TR__BY_TYPE(v_each1, a)(f, a)
#define v_each2(f, a, b) TR__BY_TYPE(v_each2, a)(f, a, b)
#define v_shl(a, n) TR__BY_INTEGER(v_shl, a)(a, n)
#define v_shr(a, n) TR__BY_INTEGER(v_shr, a)(a, n)

/* The casts undo the promotion of small masks, which would break v_mnot's high bits and v_all. */
#define v_mand(m, n) ((__typeof__(m))((m) & (n)))
#define v_mor(m, n) ((__typeof__(m))((m) | (n)))
#define v_mxor(m, n) ((__typeof__(m))((m) ^ (n)))
#define v_mnot(m) ((__typeof__(m))~(m))
#define v_any(m) TR__BY_MASK(v_any, m)(m)
#define v_all(m) TR__BY_MASK(v_all, m)(m)

#endif
