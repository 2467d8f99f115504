/* SPDX-License-Identifier: MIT */
/*
 * Philox4x32-10 (Salmon, Moraes, Dror and Shaw, Parallel random numbers: as easy as 1, 2, 3, SC11): 128 random bits as a
 * function of a counter of 128 bits and a key of 64; and what of random words needs no floats. No include guard: included
 * once per vocabulary, by expr/all.h.
 *
 * The counter's words, from the lowest: position (two), attempt, stream. A lane of a vu64 holds a block of its own; what
 * its upper half holds between rounds is of no meaning, since only lower halves are multiplied.
 */

/* The block of a position: words 0 and 1 as low, 2 and 3 as high. stream: the stream in the upper half, the attempt in the
 * lower. */
TR__INLINE void op_philox(vu64 position, vu64 key, vu64 stream, vu64 *low, vu64 *high)
{
	vu64 c0 = position, c1 = position >> 32, c2 = stream, c3 = stream >> 32, k0 = key, k1 = key >> 32;
	vu64 lower = vu64_set(0xffffffffu);

	_Pragma("GCC unroll 10")
	for (int i = 0; i < 10; i++) {
		vu64 a = vu64_mul_low(c0, vu64_set(0xd2511f53u)), b = vu64_mul_low(c2, vu64_set(0xcd9e8d57u));

		c0 = (b >> 32) ^ c1 ^ k0;
		c1 = b;
		c2 = (a >> 32) ^ c3 ^ k1;
		c3 = a;
		k0 = k0 + vu64_set(0x9e3779b9u);
		k1 = k1 + vu64_set(0xbb67ae85u);
	}
	*low = (c0 & lower) | (c1 << 32);
	*high = (c2 & lower) | (c3 << 32);
}

/* Attempts that stand for something else: a number that scales a candidate. Attempts proper stop at MOST. */
#define RANDOM_MOST 64
#define RANDOM_SCALE 0xfffffffeu

TR__INLINE vu64 op_random_bits_u64(vu64 a, TR__UNUSED vu64 p, TR__UNUSED vu64 q)
{
	return a;
}

/*
 * x·q / 2^64, rounded down, into y where open, unless one of the 2^64 mod q lowest remainders that are one too many comes out
 * (Lemire, Fast random integer generation in an interval, ACM TOMACS 29, 2019); which remain open.
 */
TR__INLINE mu64 op_random_below_u64(vu64 x, vu64 q, mu64 open, vu64 *y)
{
	vu64 lower = vu64_set(0xffffffffu), x_high = x >> 32, q_high = q >> 32;
	vu64 low = vu64_mul_low(x, q), middle = vu64_mul_low(x_high, q) + (low >> 32);
	vu64 other = vu64_mul_low(x, q_high) + (middle & lower);
	vu64 whole = vu64_mul_low(x_high, q_high) + (middle >> 32) + (other >> 32);
	vu64 rest = (other << 32) | (low & lower);
	mu64 again = v_mand(open, v_lt(rest, q));

	if (__builtin_expect(v_any(again), 0)) {
		vu64 none = vu64_set(0), one = vu64_set(1), divisor = v_select(v_eq(q, none), one, q);

		again = v_mand(again, v_lt(rest, v_each2(scalar_remainder_u64, none - q, divisor)));
	}
	*y = v_select(v_mand(open, v_mnot(again)), whole, *y);
	return again;
}

TR__INLINE vu64 op_random_integers_u64(vu64 a, vu64 p, vu64 q, vu64 key, vu64 stream)
{
	vu64 low, high, y = vu64_set(0);
	mu64 open = v_eq(a, a);

	for (int i = 0; i < RANDOM_MOST && v_any(open); i++) {
		op_philox(a, key, stream + vu64_set(i), &low, &high);
		open = op_random_below_u64(low, q, open, &y);
		if (__builtin_expect(v_any(open), 0))
			open = op_random_below_u64(high, q, open, &y);
		y = v_select(v_eq(q, vu64_set(0)), low, y);
	}
	return p + y;
}
