/* SPDX-License-Identifier: MIT */
/*
 * Conversions between all element types, specified. Knows no vectors.
 *
 * They are C's casts, and where C leaves the result open:
 *   floating to integer   truncates towards zero; out of range saturates, NaN gives 0
 *   integer to integer    the low bits
 *   to bool               whether not 0; NaN is not 0; a complex number if either part is
 *   complex to real       the real part;   real to complex: imaginary part +0
 *   to f16, bf16, f32     one rounding from the source's value to nearest even, denormals included; a NaN stays one
 */
#ifndef TR_REF_CAST_H
#define TR_REF_CAST_H

#include <math.h>
#include <string.h>

#include "lib/ref/elem.h"

/* f16 and bf16: binary formats of man mantissa bits and exponent bias. The result of rounding a's magnitude. */
TR__INLINE uint16_t small_from_f64(double a, int man, int bias)
{
	uint64_t bits, least_normal = (uint64_t)(1024 - bias) << 52;
	uint16_t inf = (uint16_t)((2 * bias + 1) << man), sign;

	memcpy(&bits, &a, sizeof(bits));
	sign = (uint16_t)(bits >> 48 & 0x8000);
	bits &= ~(1ull << 63);
	if (a != a) /* quiet, with as much of the payload as fits */
		return sign | inf | (uint16_t)(1u << (man - 1)) | ((uint16_t)(bits >> (52 - man)) & ((1u << man) - 1));
	if (bits < least_normal) {
		double steps = ldexp(fabs(a), bias + man - 1); /* exact: in units of the least denormal */

		return sign | (uint16_t)rint(steps);
	}
	/* Below half a unit to nearest; on a tie, up only if that makes it even. A carry into the exponent is right. */
	bits += (1ull << (51 - man)) - 1 + (bits >> (52 - man) & 1);
	bits = (bits >> (52 - man)) - ((uint64_t)(1023 - bias) << man);
	return sign | (bits < inf ? (uint16_t)bits : inf);
}

TR__INLINE float f32_from_f16(uint16_t h)
{
	uint32_t bits = (uint32_t)(h & 0x8000) << 16, man = h & 0x3ff, exp = h >> 10 & 31;
	float a;

	if (!exp)
		return h & 0x8000 ? -(float)man * 0x1p-24f : (float)man * 0x1p-24f;
	bits |= man << 13 | (exp == 31 ? 255 : exp + 112) << 23;
	memcpy(&a, &bits, sizeof(a));
	return a;
}

TR__INLINE float f32_from_bf16(uint16_t h)
{
	uint32_t bits = (uint32_t)h << 16;
	float a;

	memcpy(&a, &bits, sizeof(a));
	return a;
}

/* To f64 by rounding to odd: what is lost leaves its trace in the last bit, so a second rounding to fewer bits
 * gives what a single one would. */
TR__INLINE double odd_from_u64(uint64_t a)
{
	return (double)(a >> 53 ? (a >> 11 | ((a & 0x7ff) != 0)) << 11 : a);
}

TR__INLINE double odd_from_i64(int64_t a)
{
	return a < 0 ? -odd_from_u64(-(uint64_t)a) : odd_from_u64((uint64_t)a);
}

TR__INLINE double odd_from_f64(double a) /* of the types that f64 holds exactly */
{
	return a;
}

#define SATURATE(T, least, most) \
	TR__INLINE e##T T##_from_float(double a) \
	{ \
		if (a != a) \
			return 0; \
		if (a <= (double)(least)) \
			return least; \
		return a >= (double)(most) ? most : (e##T)a; \
	} \
	TR__INLINE e##T T##_from_integer(uint64_t a) { return (e##T)a; }

SATURATE(i8, INT8_MIN, INT8_MAX) SATURATE(i16, INT16_MIN, INT16_MAX)
SATURATE(i32, INT32_MIN, INT32_MAX) SATURATE(i64, INT64_MIN, INT64_MAX)
SATURATE(u8, 0, UINT8_MAX) SATURATE(u16, 0, UINT16_MAX) SATURATE(u32, 0, UINT32_MAX) SATURATE(u64, 0, UINT64_MAX)
#undef SATURATE

/* from_T(p, i): element i as a C value; its real part if complex. */
TR__INLINE float from_f16(const void *p, size_t i) { return f32_from_f16(((const uint16_t *)p)[i]); }
TR__INLINE float from_bf16(const void *p, size_t i) { return f32_from_bf16(((const uint16_t *)p)[i]); }
TR__INLINE float from_c64(const void *p, size_t i) { return ((const float *)p)[2 * i]; }
TR__INLINE double from_c128(const void *p, size_t i) { return ((const double *)p)[2 * i]; }

#define FROM_PLAIN(T) \
	TR__INLINE e##T from_##T(const void *p, size_t i) { return ((const e##T *)p)[i]; }
FROM_PLAIN(b8) FROM_PLAIN(i8) FROM_PLAIN(i16) FROM_PLAIN(i32) FROM_PLAIN(i64)
FROM_PLAIN(u8) FROM_PLAIN(u16) FROM_PLAIN(u32) FROM_PLAIN(u64) FROM_PLAIN(f32) FROM_PLAIN(f64)
#undef FROM_PLAIN

/* TO_T(x): the value x of a C type as an element. */
#define TO_INTEGER(T, x) _Generic((x), float: T##_from_float, double: T##_from_float, default: T##_from_integer)(x)
#define TO_b8(x) ((x) != 0)
#define TO_i8(x) TO_INTEGER(i8, x)
#define TO_i16(x) TO_INTEGER(i16, x)
#define TO_i32(x) TO_INTEGER(i32, x)
#define TO_i64(x) TO_INTEGER(i64, x)
#define TO_u8(x) TO_INTEGER(u8, x)
#define TO_u16(x) TO_INTEGER(u16, x)
#define TO_u32(x) TO_INTEGER(u32, x)
#define TO_u64(x) TO_INTEGER(u64, x)
#define TO_f32(x) ((float)(x))
#define TO_f64(x) ((double)(x))
#define TO_ODD(x) _Generic((x), int64_t: odd_from_i64, uint64_t: odd_from_u64, default: odd_from_f64)(x)
#define TO_f16(x) small_from_f64(TO_ODD(x), 10, 15)
#define TO_bf16(x) small_from_f64(TO_ODD(x), 7, 127)

#define CAST_REAL(E, F, T) \
	static void cast_##F##_##T##_scalar(void *dst, const void *src, size_t n) \
	{ \
		for (size_t i = 0; i < n; i++) \
			((E *)dst)[i] = (E)TO_##T(from_##F(src, i)); \
	}

#define CAST_FROM(F) \
	CAST_REAL(int8_t, F, i8) CAST_REAL(int16_t, F, i16) CAST_REAL(int32_t, F, i32) CAST_REAL(int64_t, F, i64) \
	CAST_REAL(uint8_t, F, u8) CAST_REAL(uint16_t, F, u16) CAST_REAL(uint32_t, F, u32) CAST_REAL(uint64_t, F, u64) \
	CAST_REAL(uint16_t, F, f16) CAST_REAL(uint16_t, F, bf16) CAST_REAL(float, F, f32) CAST_REAL(double, F, f64)

#define CAST_WIDEN(E, F, T) \
	static void cast_##F##_##T##_scalar(void *dst, const void *src, size_t n) \
	{ \
		for (size_t i = 0; i < n; i++) { \
			((E *)dst)[2 * i] = (E)from_##F(src, i); \
			((E *)dst)[2 * i + 1] = 0; \
		} \
	}

#define CAST_COMPLEX(E, F, G, T) \
	static void cast_##F##_##T##_scalar(void *dst, const void *src, size_t n) \
	{ \
		for (size_t i = 0; i < 2 * n; i++) \
			((G *)dst)[i] = (G)((const E *)src)[i]; \
	}

#define CAST_COMPLEX_BOOL(E, F) \
	static void cast_##F##_b8_scalar(void *dst, const void *src, size_t n) \
	{ \
		for (size_t i = 0; i < n; i++) \
			((eb8 *)dst)[i] = ((const E *)src)[2 * i] != 0 || ((const E *)src)[2 * i + 1] != 0; \
	}

/* A row of struct tr_kernels.cast. */
#define CAST_SLOTS_SCALAR(F) \
	{ \
		cast_##F##_b8_scalar, \
		cast_##F##_i8_scalar, cast_##F##_i16_scalar, cast_##F##_i32_scalar, cast_##F##_i64_scalar, \
		cast_##F##_u8_scalar, cast_##F##_u16_scalar, cast_##F##_u32_scalar, cast_##F##_u64_scalar, \
		cast_##F##_f16_scalar, cast_##F##_bf16_scalar, cast_##F##_f32_scalar, cast_##F##_f64_scalar, \
		cast_##F##_c64_scalar, cast_##F##_c128_scalar, \
	}

#endif
