/* SPDX-License-Identifier: MIT */
/*
 * What stands in for arithmetic that GPUs or their compilers get wrong; vk/link.c says where. First of all fused
 * multiply-add, for GPUs that multiply, round and add. Conventions: vk/shaders/words.h.
 */

/*
 * The product is exact in f64, and so is the error of the sum (Knuth's TwoSum). Made odd where it is not exact, the sum
 * rounds to f32 as the exact one would (Boldo & Melquiond, "Emulation of FMA and correctly rounded sums", 2008).
 */
float soft_fma_f32(float a, float b, float c)
{
	double p = double(a) * double(b), z = double(c);
	double s = p + z;
	double back = s - p;
	double error = (p - (s - back)) + (z - back);
	uint64_t bits = doubleBitsToUint64(s);

	if (v_abs(s) < double(INFINITY) && error != 0 && (bits & 1ul) == 0ul)
		bits = (error > 0) == (s > 0) ? bits + 1ul : bits - 1ul;
	return float(uint64BitsToDouble(bits));
}

#define SIGN 0x80000000u
#define INFINITE 0x7f800000u
#define NONE 0x7fc00000u
#define IS_SPECIAL(size) ((size) - 1u >= INFINITE - 1u) /* zero, infinite or no number */

/*
 * a / b, for GPUs whose quotients are some units off. Between 2^-60 and 2^60, and of a = 0, nothing on the way leaves the normal numbers: the inverse
 * is refined to the nearest number, and what the quotient leaves over, which is exact, corrects it twice, so that the last rounding is
 * that of a / b unless b's bits are all ones (Markstein, "Computation of elementary functions on the IBM RISC System/6000
 * processor", 1990). The division of vectors is left as the GPU does it. Of other numbers f64 cannot round wrongly, because it has
 * more than twice the bits.
 */
float soft_divide_f32(float a, float b)
{
	uint x = floatBitsToUint(a) & ~SIGN, y = floatBitsToUint(b) & ~SIGN, ones = 0x7fffffu;
	uint sign = (floatBitsToUint(a) ^ floatBitsToUint(b)) & SIGN;

	if (((x >> 23) - 67u < 120u || x == 0u) && (y >> 23) - 67u < 120u && (y & ones) != ones) {
		float r = (vec2(1.0f, 1.0f) / vec2(b, b)).x, q;

		r = fma(fma(-b, r, 1.0f), r, r);
		r = fma(fma(-b, r, 1.0f), r, r);
		q = a * r;
		q = fma(fma(-b, q, a), r, q);
		q = fma(fma(-b, q, a), r, q);
		return uintBitsToFloat((floatBitsToUint(q) & ~SIGN) | sign);
	}
	if (IS_SPECIAL(x) || IS_SPECIAL(y)) {
		bool none = x > INFINITE || y > INFINITE || (x == y && (x == 0u || x == INFINITE));

		return uintBitsToFloat(sign | (none ? NONE : x == INFINITE || y == 0u ? INFINITE : 0u));
	}
	return float(double(a) / double(b));
}

/*
 * The root of a, where GPUs have the inverse of one within two units: s and half the inverse are refined by what s·h is off 1/2, and
 * what s² leaves over corrects s once more. For every a of [1, 4), and so of any power of 4 times that, inverses four units off end
 * in the nearest number.
 */
float soft_sqrt_f32(float a)
{
	uint x = floatBitsToUint(a);

	if ((x >> 23) - 67u < 120u) {
		float r = inversesqrt(a), s = a * r, h = 0.5f * r, rest = fma(-s, h, 0.5f);

		s = fma(s, rest, s);
		h = fma(h, rest, h);
		return fma(fma(-s, s, a), h, s);
	}
	if (IS_SPECIAL(x & ~SIGN) || x > SIGN)
		return uintBitsToFloat(x > INFINITE && x != SIGN ? NONE : x);
	return float(sqrt(double(a)));
}

/* a · +0, for compilers that take any product with 0 for +0: zero with the sign of a, or NaN. */
float soft_times_zero_f32(float a)
{
	int bits = v_bits(a);

	return v_from_bits((bits & (1 << 31)) | (v_abs(a) < INFINITY ? 0 : 0x7fc00000));
}

double soft_times_zero_f64(double a)
{
	int64_t bits = v_bits(a);

	return v_from_bits((bits & (1l << 63)) | (v_abs(a) < double(INFINITY) ? 0l : 0x7ff8000000000000l));
}

/* 128 bits. */
#define WIDE u64vec2 /* x: low, y: high */

WIDE wide_multiply(uint64_t a, uint64_t b)
{
	uint64_t low = 0xfffffffful, a0 = a & low, a1 = a >> 32, b0 = b & low, b1 = b >> 32;
	uint64_t middle = a1 * b0 + ((a0 * b0) >> 32);
	uint64_t cross = a0 * b1 + (middle & low);

	return WIDE((cross << 32) | ((a0 * b0) & low), a1 * b1 + (middle >> 32) + (cross >> 32));
}

WIDE wide_left(WIDE a, int n)
{
	if (n >= 64)
		return WIDE(0ul, a.x << (n - 64));
	return n == 0 ? a : WIDE(a.x << n, (a.y << n) | (a.x >> (64 - n)));
}

/* What is shifted out leaves its trace in the last bit. */
WIDE wide_right(WIDE a, int n)
{
	WIDE r = n >= 64 ? WIDE(a.y >> (n & 63), 0ul) : WIDE((a.x >> n) | (n == 0 ? 0ul : a.y << ((64 - n) & 63)), a.y >> n);
	WIDE back;

	if (n > 127)
		return WIDE((a.x | a.y) != 0ul ? 1ul : 0ul, 0ul);
	back = wide_left(r, n);
	return WIDE(r.x | (back.x != a.x || back.y != a.y ? 1ul : 0ul), r.y);
}

WIDE wide_add(WIDE a, WIDE b)
{
	uint64_t x = a.x + b.x;

	return WIDE(x, a.y + b.y + (x < a.x ? 1ul : 0ul));
}

WIDE wide_subtract(WIDE a, WIDE b)
{
	return WIDE(a.x - b.x, a.y - b.y - (a.x < b.x ? 1ul : 0ul));
}

int wide_top_bit(WIDE a)
{
	return a.y != 0ul ? 64 + top_bit(a.y) : top_bit(a.x);
}

/* |a| = m·2^e with m in [2^52, 2^53), a finite and not 0. */
uint64_t f64_split(double a, int *e)
{
	uint64_t bits = doubleBitsToUint64(a) & 0x7ffffffffffffffful, m = bits & 0xffffffffffffful;
	int shift = 0;

	*e = int(bits >> 52);
	if (*e == 0) {
		shift = 52 - top_bit(m);
		*e = 1 - shift - 1075;
		return m << shift;
	}
	*e = *e - 1075;
	return m | (1ul << 52);
}

/* (-1)^sign·m·2^e, rounded to nearest even; m is not 0. */
double f64_round(uint64_t sign, WIDE m, int e)
{
	int top = wide_top_bit(m) + e, shift = (top < -1022 ? -1022 : top) - 52 - e;
	uint64_t r;

	if (top > 1023)
		return uint64BitsToDouble(sign | 0x7ff0000000000000ul);
	if (shift <= 0) {
		r = wide_left(m, -shift).x;
	} else {
		uint64_t kept = wide_right(wide_left(m, shift == 1 ? 1 : 0), shift == 1 ? 0 : shift - 2).x;

		r = kept >> 2;
		r = r + ((kept & 3ul) + (r & 1ul) > 2ul ? 1ul : 0ul);
	}
	return uint64BitsToDouble(sign | ((top < -1022 ? 0ul : uint64_t(top + 1022) << 52) + r));
}

double soft_fma_f64(double a, double b, double c)
{
	uint64_t x = doubleBitsToUint64(a), y = doubleBitsToUint64(b), z = doubleBitsToUint64(c);
	uint64_t top = 1ul << 63, inf = 0x7ff0000000000000ul, sign = (x ^ y) & top, mx, my, mz;
	int ex, ey, ez, e, up;
	WIDE p, q, m;

	if ((x & ~top) >= inf || (y & ~top) >= inf || (x & ~top) == 0ul || (y & ~top) == 0ul)
		return a * b + c;
	if ((z & ~top) >= inf)
		return c; /* whatever the product would overflow to */
	if ((z & ~top) == 0ul)
		return a * b;
	mx = f64_split(a, &ex);
	my = f64_split(b, &ey);
	mz = f64_split(c, &ez);
	p = wide_multiply(mx, my);
	up = 125 - wide_top_bit(p);
	p = wide_left(p, up);
	e = ex + ey - up;
	q = wide_left(WIDE(mz, 0ul), 73);
	ez = ez - 73;
	if (e >= ez) {
		q = wide_right(q, e - ez);
	} else {
		p = wide_right(p, ez - e);
		e = ez;
	}
	if (sign == (z & top)) {
		m = wide_add(p, q);
	} else if (p.y > q.y || (p.y == q.y && p.x >= q.x)) {
		m = wide_subtract(p, q);
	} else {
		m = wide_subtract(q, p);
		sign = z & top;
	}
	if ((m.x | m.y) == 0ul)
		return double(0);
	return f64_round(sign, m, e);
}
