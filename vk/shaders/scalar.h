/* SPDX-License-Identifier: MIT */
/*
 * Divisions (lib/ref/expr/scalar.h) in GLSL, where integers divided by zero, negative remainders and fmod are all left
 * open: the same results by unsigned division alone. Conventions: vk/shaders/words.h.
 */

#define SCALAR_UNSIGNED(tag, U) \
	U scalar_floor_divide_##tag(U a, U b) { return b == U(0) ? U(0) : a / (b == U(0) ? U(1) : b); } \
	U scalar_remainder_##tag(U a, U b) { return b == U(0) ? U(0) : a % (b == U(0) ? U(1) : b); }

/* W is U, or where shaders divide no U a wider one. floor(a / b) from |a| and |b|, whose quotient wraps for least / -1. */
#define SCALAR_SIGNED(tag, S, U) \
	U magnitude_##tag(S a) { return a < S(0) ? U(0) - U(a) : U(a); } \
	S scalar_floor_divide_##tag(S a, S b) \
	{ \
		U x = magnitude_##tag(a); \
		U y = b == S(0) ? U(1) : magnitude_##tag(b); \
		U q = x / y; \
		bool differ = (a < S(0)) != (b < S(0)); \
		q = differ ? U(0) - (q + U(q * y != x ? 1 : 0)) : q; \
		return b == S(0) ? S(0) : S(q); \
	} \
	S scalar_remainder_##tag(S a, S b) \
	{ \
		U x = magnitude_##tag(a); \
		U y = b == S(0) ? U(1) : magnitude_##tag(b); \
		U r = x % y; \
		bool differ = (a < S(0)) != (b < S(0)); \
		r = r != U(0) && differ ? y - r : r; \
		return b == S(0) ? S(0) : b < S(0) ? S(U(0) - r) : S(r); \
	}

SCALAR_UNSIGNED(u8, uint8_t) SCALAR_UNSIGNED(u16, uint16_t) SCALAR_UNSIGNED(u32, uint) SCALAR_UNSIGNED(u64, uint64_t)
SCALAR_SIGNED(i8, int8_t, uint8_t) SCALAR_SIGNED(i16, int16_t, uint16_t)
SCALAR_SIGNED(i32, int, uint) SCALAR_SIGNED(i64, int64_t, uint64_t)

int top_bit(uint a) { return findMSB(a); }
int top_bit(uint64_t a)
{
	uint high = uint(a >> 32);

	return high != 0u ? 32 + findMSB(high) : findMSB(uint(a));
}

/*
 * fmod by integers: with |a| = x·2^n·u and |b| = y·u, u the unit of b, it is (x·2^n mod y)·u, one bit of n at a time.
 * MAN: mantissa bits.
 */
#define SCALAR_FLOAT(tag, F, U, TO, FROM, MAN, SIGN, INF) \
	F scalar_fmod_##tag(F a, F b) \
	{ \
		U x = TO(a) & ~(SIGN), y = TO(b) & ~(SIGN), sign = TO(a) & SIGN; \
		int ex = int(x >> MAN), ey = int(y >> MAN), n; \
		if (x >= INF || y > INF || y == U(0)) \
			return FROM(INF | U(1)); \
		if (x < y) \
			return a; \
		x = (x & ((U(1) << MAN) - U(1))) | (ex == 0 ? U(0) : U(1) << MAN); \
		y = (y & ((U(1) << MAN) - U(1))) | (ey == 0 ? U(0) : U(1) << MAN); \
		ex = ex == 0 ? 1 : ex; \
		ey = ey == 0 ? 1 : ey; \
		x = x % y; \
		for (n = ex - ey; n > 0; n = n - 1) { \
			x = x << 1; \
			x = x >= y ? x - y : x; \
		} \
		if (x == U(0)) \
			return FROM(sign); \
		n = MAN - top_bit(x); \
		if (ey > n) \
			return FROM(sign | (U(ey - n) << MAN) | ((x << n) & ((U(1) << MAN) - U(1)))); \
		return FROM(sign | (x << (ey - 1))); \
	} \
	F scalar_remainder_##tag(F a, F b) \
	{ \
		F r = scalar_fmod_##tag(a, b); \
		if (r == F(0)) \
			return v_copysign(F(0), b); \
		return (r < F(0)) != (b < F(0)) && !v_isnan(r) ? r + b : r; \
	} \
	F scalar_floor_divide_##tag(F a, F b) \
	{ \
		F r = scalar_fmod_##tag(a, b), q, low; \
		if (b == F(0)) \
			return a / b; \
		q = (a - r) / b - ((r < F(0)) != (b < F(0)) && r != F(0) ? F(1) : F(0)); \
		if (q == F(0)) \
			return v_copysign(F(0), a / b); \
		low = floor(q); \
		return q - low > F(0.5) ? low + F(1) : low; \
	}

SCALAR_FLOAT(f32, float, uint, floatBitsToUint, uintBitsToFloat, 23, 0x80000000u, 0x7f800000u)
SCALAR_FLOAT(f64, double, uint64_t, doubleBitsToUint64, uint64BitsToDouble, 52, 0x8000000000000000ul,
	     0x7ff0000000000000ul)

#undef SCALAR_UNSIGNED
#undef SCALAR_SIGNED
#undef SCALAR_FLOAT
