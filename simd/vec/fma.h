/* SPDX-License-Identifier: MIT */
/*
 * v_fma for 128-bit levels without the instruction, correctly rounded: expressions give the same bits with it as with
 * hardware. Rounding the exact result to odd in a wider format and then to nearest is rounding once (S. Boldo and
 * G. Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd", 2008). Both are
 * calls, since they are thirty instructions and more. Included after simd/vec/vec128.h.
 */
#ifndef TR_SIMD_VEC_FMA_H
#define TR_SIMD_VEC_FMA_H

#include <math.h>

/* a + b = *sum + the result, exactly (Knuth's two-sum). */
TR__INLINE vf64 two_sum(vf64 a, vf64 b, vf64 *sum)
{
	vf64 s = a + b, t = s - a;

	*sum = s;
	return (a - (s - t)) + (b - t);
}

/* a + b towards zero, with the last bit set if that is inexact. Infinities and NaN stay: their error is NaN. */
TR__INLINE vf64 odd_sum(vf64 a, vf64 b)
{
	vf64 s, e = two_sum(a, b, &s);
	vi64 inexact = (vi64)(v_abs_f64(e) > vf64_set(0));
	vu64 past = (vu64)(inexact & ((vi64)s ^ (vi64)e)) >> 63; /* 1 if s was rounded away from zero */

	return (vf64)(((vu64)s - past) | (vu64)inexact >> 63);
}

/* Products of f32 are exact in f64. */
static __attribute__((noinline, unused)) vf32 fma_by_odd(vf32 a, vf32 b, vf32 c)
{
	vf64 low = odd_sum(widen_low(a) * widen_low(b), widen_low(c));
	vf64 high = odd_sum(widen_high(a) * widen_high(b), widen_high(c));

	return narrow_f64(low, high);
}

/*
 * The sum rounded to f64 and then to f32 is rounded as if once, unless it lies half way between two f32: what follows their 24
 * bits is a one and zeros, or they have fewer bits, below 2^-126. Few do.
 */
static __attribute__((noinline, unused)) vf32 v_fma_f32(vf32 a, vf32 b, vf32 c)
{
	vf64 low = widen_low(a) * widen_low(b) + widen_low(c), high = widen_high(a) * widen_high(b) + widen_high(c);
	vi32 last = __builtin_shufflevector((vi32)low, (vi32)high, 0, 2, 4, 6);
	vi32 first = __builtin_shufflevector((vi32)low, (vi32)high, 1, 3, 5, 7);
	vi32 tie = (last & 0x1fffffff) == 0x10000000;
	/* sizes from above 0 to below 2^-126, moved to the least integers */
	vi32 small = (vi32)((vu32)(first & INT32_MAX) + INT32_MAX) < INT32_MIN + 0x38100000 - 1;

	if (__builtin_expect(any_bit((vi8)(tie | small)), 0))
		return fma_by_odd(a, b, c);
	return narrow_f64(low, high);
}

/* Zero, or of a size that leaves the halves of a product's operands and its error within f64's range. */
TR__INLINE vi64 is_medium(vf64 a)
{
	vf64 size = v_abs_f64(a);

	return (vi64)(size < vf64_set(0x1p400)) & ((vi64)(size > vf64_set(0x1p-400)) | (vi64)(size == vf64_set(0)));
}

/* The first 26 bits of a; what is left has 26 and a sign (Veltkamp). */
TR__INLINE vf64 first_half(vf64 a)
{
	vf64 t = a * vf64_set(0x1p27 + 1);

	return t - (t - a);
}

static __attribute__((noinline, unused)) vf64 v_fma_f64(vf64 a, vf64 b, vf64 c)
{
	vi64 medium = is_medium(a) & is_medium(b) & (vi64)(v_abs_f64(c) < vf64_set(0x1p1000));
	vf64 a1, a2, b1, b2, high, low, th, tl, vh, vl;

	if (!all_bits((vi8)medium))
		return (vf64){fma(a[0], b[0], c[0]), fma(a[1], b[1], c[1])};
	a1 = first_half(a);
	a2 = a - a1;
	b1 = first_half(b);
	b2 = b - b1;
	high = a * b;
	low = a2 * b2 - (((high - a1 * b1) - a2 * b1) - a1 * b2); /* a·b - high (Dekker) */
	tl = two_sum(c, low, &th);
	vl = two_sum(high, th, &vh);
	/* a product of zero leaves the sign of the sum to its operands */
	return v_select_f64((vi64)(high == vf64_set(0)), high + c, vh + odd_sum(tl, vl));
}

#endif
