/* SPDX-License-Identifier: MIT */
/* Elements of memory as wider lanes and back, in 128-bit registers: the words of simd/kernels/cast.h. */
#ifndef TR_SIMD_KERNELS_CAST_VEC128_H
#define TR_SIMD_KERNELS_CAST_VEC128_H

#include <string.h>

/* The low bytes of a vector, zeros above. */
TR__INLINE vi8 load_low(const void *p, size_t bytes)
{
	vi8 v = {0};

	memcpy(&v, p, bytes);
	return v;
}

TR__INLINE vi32 i32_from_u8(const void *p) { return wide_u16(wide_u8(load_low(p, 4))); }
TR__INLINE vi32 i32_from_u16(const void *p) { return wide_u16((vi16)load_low(p, 8)); }
TR__INLINE vi64 i64_from_u8(const void *p) { return wide_u32(wide_u16(wide_u8(load_low(p, 2)))); }
TR__INLINE vi64 i64_from_u16(const void *p) { return wide_u32(wide_u16((vi16)load_low(p, 4))); }
TR__INLINE vi64 i64_from_u32(const void *p) { return wide_u32((vi32)load_low(p, 8)); }

/* Signed: to the top of the lane and down again. */
TR__INLINE vi32 i32_from_i8(const void *p) { return i32_from_u8(p) << 24 >> 24; }
TR__INLINE vi32 i32_from_i16(const void *p) { return i32_from_u16(p) << 16 >> 16; }
TR__INLINE vi64 i64_from_i32(const void *p)
{
	vi32 v = (vi32)load_low(p, 8);

	return (vi64)__builtin_shufflevector(v, v >> 31, 0, 4, 1, 5);
}

TR__INLINE vi64 i64_from_i8(const void *p)
{
	vi32 v = wide_u16(wide_u8(load_low(p, 2))) << 24 >> 24;

	return (vi64)__builtin_shufflevector(v, v >> 31, 0, 4, 1, 5);
}

TR__INLINE vi64 i64_from_i16(const void *p)
{
	vi32 v = wide_u16((vi16)load_low(p, 4)) << 16 >> 16;

	return (vi64)__builtin_shufflevector(v, v >> 31, 0, 4, 1, 5);
}

/* Exponents are rebased by adding; infinities and NaN a second time; denormals are integers in units of 2^-24. */
TR__INLINE vf32 half_bits(vi32 h)
{
	vi32 rebase = vi32_set((127 - 15) << 23), size = h & vi32_set(0x7fff), bits = (size << 13) + rebase;

	bits = v_select_i32(v_gt_i32(size, vi32_set(0x7bff)), bits + rebase, bits);
	bits = v_select_i32(v_lt_i32(size, vi32_set(0x400)), (vi32)(v_from_int_f32(size) * vf32_set(0x1p-24f)), bits);
	return (vf32)(bits | (h & vi32_set(0x8000)) << 16);
}

TR__INLINE vf32 f32_from_f16(const void *p) { return half_bits(i32_from_u16(p)); }

TR__INLINE vf64 f64_from_i8(const void *p) { return v_from_int_f64(i64_from_i8(p)); }
TR__INLINE vf64 f64_from_u8(const void *p) { return v_from_int_f64(i64_from_u8(p)); }
TR__INLINE vf64 f64_from_i16(const void *p) { return v_from_int_f64(i64_from_i16(p)); }
TR__INLINE vf64 f64_from_u16(const void *p) { return v_from_int_f64(i64_from_u16(p)); }
TR__INLINE vf64 f64_from_i32(const void *p) { return v_from_int_f64(i64_from_i32(p)); }
TR__INLINE vf64 f64_from_u32(const void *p) { return v_from_int_f64(i64_from_u32(p)); }
TR__INLINE vf64 f64_from_f16(const void *p) { return widen_low(half_bits(wide_u16((vi16)load_low(p, 4)))); }
TR__INLINE vf64 f64_from_f32(const void *p) { return widen_low((vf32)load_low(p, 8)); }
TR__INLINE vf64 f64_from_bf16(const void *p) { return widen_low((vf32)(wide_u16((vi16)load_low(p, 4)) << 16)); }

TR__INLINE void i16_of_i32(void *p, vi32 a)
{
	vi16 v = low_i32(a, a);

	memcpy(p, &v, 8);
}

TR__INLINE void i8_of_i32(void *p, vi32 a)
{
	vi16 v = low_i32(a, a);
	vi8 b = low_i16(v, v);

	memcpy(p, &b, 4);
}

TR__INLINE void i32_of_i64(void *p, vi64 a)
{
	vi32 v = low_i64(a, a);

	memcpy(p, &v, 8);
}

TR__INLINE void i16_of_i64(void *p, vi64 a)
{
	vi32 v = low_i64(a, a);
	vi16 h = low_i32(v, v);

	memcpy(p, &h, 4);
}

TR__INLINE void i8_of_i64(void *p, vi64 a)
{
	vi32 v = low_i64(a, a);
	vi16 h = low_i32(v, v);
	vi8 b = low_i16(h, h);

	memcpy(p, &b, 2);
}

/*
 * To nearest even by adding just less than half of what is cut off, or half if the last bit kept is odd. Below the
 * least normal number, adding 1/2 leaves multiples of 2^-24 in the low bits, rounded the same way.
 */
TR__INLINE void f16_of_f32(void *p, vf32 a)
{
	vi32 size = (vi32)v_abs_f32(a), sign = (vi32)((vu32)((vi32)a ^ size) >> 16);
	vi32 normal = (size + vi32_set(0xfff) + (size >> 13 & vi32_set(1)) - vi32_set((127 - 15) << 23)) >> 13;
	vi32 small = (vi32)((vf32)size + vf32_set(0.5f)) - (vi32)vf32_set(0.5f);
	vi32 bits = v_select_i32(v_lt_i32(size, vi32_set(0x38800000)), small, normal);

	bits = v_select_i32(v_gt_i32(size, vi32_set(0x477fffff)), vi32_set(0x7c00), bits);
	bits = v_select_i32(v_gt_i32(size, vi32_set(0x7f800000)), vi32_set(0x7e00), bits);
	i16_of_i32(p, bits | sign);
}

TR__INLINE void f32_of_f64(void *p, vf64 a)
{
	vf32 v = narrow_f64(a, a);

	memcpy(p, &v, 8);
}

#endif
