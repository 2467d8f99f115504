/* SPDX-License-Identifier: MIT */
/*
 * Conversions between all element types (lib/ref/cast.h) in GLSL. cast_F_T takes and gives elements as they lie in
 * memory: f16 and bf16 are their bits, bool a byte, complex numbers vectors of two. Conventions: vk/shaders/words.h.
 */
#define ef16 uint16_t
#define ebf16 uint16_t
#define ec64 f32vec2
#define ec128 f64vec2

float f32_from_f16(uint16_t h)
{
	uint man = uint(h) & 0x3ffu, e = (uint(h) >> 10) & 31u, sign = (uint(h) & 0x8000u) << 16;
	uint small = floatBitsToUint(float(man) * 0x1p-24f);
	uint bits = (man << 13) | ((e == 31u ? 255u : e + 112u) << 23);

	return uintBitsToFloat(sign | (e == 0u ? small : bits));
}

/* The GPU's own conversions, where vk/probe.c finds them to be the same. */
float hard_f32_from_f16(uint16_t h)
{
	return unpackHalf2x16(uint(h)).x;
}

uint16_t hard_f16_from_f32(float a)
{
	return uint16_t(packHalf2x16(vec2(a, 0.0f)));
}

float f32_from_bf16(uint16_t h)
{
	return uintBitsToFloat(uint(h) << 16);
}

/* Below half a unit to nearest; on a tie, up only if that makes it even. A carry into the exponent is right. */
uint16_t f16_from_f32(float a)
{
	uint bits = floatBitsToUint(a), sign = (bits >> 16) & 0x8000u, r;

	bits = bits & 0x7fffffffu;
	r = ((bits + 0xfffu + ((bits >> 13) & 1u)) >> 13) - (112u << 10);
	r = bits < 0x38800000u ? uint(roundEven(uintBitsToFloat(bits) * 0x1p24f)) : r;
	r = bits >= 0x477ff000u ? 0x7c00u : r;
	r = bits > 0x7f800000u ? 0x7e00u | ((bits >> 13) & 0x3ffu) : r;
	return uint16_t(sign | r);
}

uint16_t bf16_from_f32(float a)
{
	uint bits = floatBitsToUint(a);
	uint r = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;

	return uint16_t((bits & 0x7fffffffu) > 0x7f800000u ? (bits >> 16) | 0x40u : r);
}

/* To f32 by rounding to odd: what is lost leaves its trace in the last bit, so a second rounding to fewer bits
 * gives what a single one would. Overflow becomes the greatest finite number, which rounds to infinity. */
float odd_f32(double a)
{
	float f = float(a);
	uint bits = floatBitsToUint(f);

	if (v_isnan(a) || v_abs(a) == double(INFINITY) || double(f) == a)
		return f;
	bits = v_abs(double(f)) > v_abs(a) ? bits - 1u : bits;
	return uintBitsToFloat(bits | 1u);
}

/* Keeps the upper 24 bits, the last of them sticky: exact as a float. */
float odd_f32(uint64_t a)
{
	int shift = top_bit(a) - 23;

	if (shift <= 0)
		return float(uint(a));
	return float(((uint(a >> shift) | uint((a & ((1ul << shift) - 1ul)) != 0ul ? 1 : 0)))) *
	       uintBitsToFloat(uint(shift + 127) << 23);
}

float odd_f32(int64_t a) { return a < 0l ? -odd_f32(0ul - uint64_t(a)) : odd_f32(uint64_t(a)); }
float odd_f32(float a) { return a; }
float odd_f32(uint8_t a) { return float(a); }
float odd_f32(int8_t a) { return float(a); }
float odd_f32(uint16_t a) { return float(a); }
float odd_f32(int16_t a) { return float(a); }
float odd_f32(uint a)
{
	uint shift = uint(max(top_bit(a) - 23, 0)), low = (1u << shift) - 1u;

	return float((a & ~low) | ((a & low) != 0u ? 1u << shift : 0u));
}
float odd_f32(int a) { return a < 0 ? -odd_f32(0u - uint(a)) : odd_f32(uint(a)); }

/* VALUE_T(x): an element as a GLSL value. */
#define VALUE_b8(x) (x)
#define VALUE_i8(x) (x)
#define VALUE_i16(x) (x)
#define VALUE_i32(x) (x)
#define VALUE_i64(x) (x)
#define VALUE_u8(x) (x)
#define VALUE_u16(x) (x)
#define VALUE_u32(x) (x)
#define VALUE_u64(x) (x)
#define VALUE_f16(x) f32_from_f16(x)
#define VALUE_bf16(x) f32_from_bf16(x)
#define VALUE_f32(x) (x)
#define VALUE_f64(x) (x)
#define VALUE_c64(v) ((v).x)
#define VALUE_c128(v) ((v).x)

/* Float to integer, below its least and from most + 1 on saturated; E is the element, I what the device converts to. */
#define SATURATE(T, E, I, F, least, most, limit) \
	E T##_from(F a) \
	{ \
		F b = v_isnan(a) || a <= F(least) || a >= F(limit) ? F(0) : a; \
		E r = E(I(b)); \
		r = a <= F(least) ? E(least) : r; \
		return a >= F(limit) ? E(most) : r; \
	}
#define SATURATE_ALL(F) \
	SATURATE(i8, int8_t, int, F, -128, 127, 127) \
	SATURATE(i16, int16_t, int, F, -32768, 32767, 32767) \
	SATURATE(i32, int, int, F, (-2147483647 - 1), 2147483647, 2147483648.0) \
	SATURATE(i64, int64_t, int64_t, F, (-9223372036854775807l - 1l), 9223372036854775807l, 9223372036854775808.0) \
	SATURATE(u8, uint8_t, uint, F, 0, 255, 255) \
	SATURATE(u16, uint16_t, uint, F, 0, 65535, 65535) \
	SATURATE(u32, uint, uint, F, 0, 4294967295u, 4294967296.0) \
	SATURATE(u64, uint64_t, uint64_t, F, 0, 18446744073709551615ul, 18446744073709551616.0)
SATURATE_ALL(float) SATURATE_ALL(double)

/* Integers keep their low bits. */
#define TRUNCATE(T, E, F) E T##_from(F a) { return E(a); }
#define TRUNCATE_ALL(F) \
	TRUNCATE(i8, int8_t, F) TRUNCATE(i16, int16_t, F) TRUNCATE(i32, int, F) TRUNCATE(i64, int64_t, F) \
	TRUNCATE(u8, uint8_t, F) TRUNCATE(u16, uint16_t, F) TRUNCATE(u32, uint, F) TRUNCATE(u64, uint64_t, F)
TRUNCATE_ALL(int8_t) TRUNCATE_ALL(int16_t) TRUNCATE_ALL(int) TRUNCATE_ALL(int64_t)
TRUNCATE_ALL(uint8_t) TRUNCATE_ALL(uint16_t) TRUNCATE_ALL(uint) TRUNCATE_ALL(uint64_t)

#define CAST_ALL(F) \
	CAST(F, i8, i8_from(VALUE_##F(a))) CAST(F, i16, i16_from(VALUE_##F(a))) \
	CAST(F, i32, i32_from(VALUE_##F(a))) CAST(F, i64, i64_from(VALUE_##F(a))) \
	CAST(F, u8, u8_from(VALUE_##F(a))) CAST(F, u16, u16_from(VALUE_##F(a))) \
	CAST(F, u32, u32_from(VALUE_##F(a))) CAST(F, u64, u64_from(VALUE_##F(a))) \
	CAST(F, f16, f16_from_f32(odd_f32(VALUE_##F(a)))) CAST(F, bf16, bf16_from_f32(odd_f32(VALUE_##F(a)))) \
	CAST(F, f32, float(VALUE_##F(a))) CAST(F, f64, double(VALUE_##F(a)))
#define CAST_REAL(F) \
	CAST_ALL(F) \
	CAST(F, b8, uint8_t(VALUE_##F(a) != 0 ? 1 : 0)) \
	CAST(F, c64, f32vec2(float(VALUE_##F(a)), 0)) CAST(F, c128, f64vec2(double(VALUE_##F(a)), 0))
#define CAST(F, T, x) e##T cast_##F##_##T(e##F a) { return x; }

CAST_REAL(b8)
CAST_REAL(i8) CAST_REAL(i16) CAST_REAL(i32) CAST_REAL(i64)
CAST_REAL(u8) CAST_REAL(u16) CAST_REAL(u32) CAST_REAL(u64)
CAST_REAL(f16) CAST_REAL(bf16) CAST_REAL(f32) CAST_REAL(f64)
CAST_ALL(c64) CAST_ALL(c128)
CAST(c64, b8, uint8_t(a.x != 0 || a.y != 0 ? 1 : 0)) CAST(c128, b8, uint8_t(a.x != 0 || a.y != 0 ? 1 : 0))
CAST(c64, c64, a) CAST(c128, c128, a) CAST(c64, c128, f64vec2(a)) CAST(c128, c64, f32vec2(a))
