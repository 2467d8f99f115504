/* SPDX-License-Identifier: MIT */
/*
 * The kernel that fills memory with blocks of random bits, in the vector vocabulary, for the specification and every level.
 * Included after lib/ref/expr/all.h.
 */
#ifndef TR_REF_PHILOX_H
#define TR_REF_PHILOX_H

#include <string.h>

/* As many blocks as there are lanes, in the order of memory. */
TR__INLINE void philox_lanes(vu64 position, vu64 key, vu64 stream, vu64 *first, vu64 *second)
{
	vu64 low, high;

	op_philox(position, key, stream, &low, &high);
	*first = vu64_zip_low(low, high);
	*second = vu64_zip_high(low, high);
}

static void TR__KERNEL(philox, u64)(void *dst, uint64_t key, uint64_t stream, uint64_t position, size_t n)
{
	static const eu64 lane[8] = {0, 1, 2, 3, 4, 5, 6, 7};
	const size_t lanes = v_lanes(u64);
	const vu64 k = vu64_set(key), s = vu64_set(stream), step = vu64_set(lanes);
	vu64 at = vu64_load(lane) + vu64_set(position), a, b, c, d;
	eu64 *p = dst, last[16];

	for (; n >= 2 * lanes; n -= 2 * lanes) { /* two, whose steps wait for each other less */
		philox_lanes(at, k, s, &a, &b);
		philox_lanes(at + step, k, s, &c, &d);
		v_store(p, a);
		v_store(p + lanes, b);
		v_store(p + 2 * lanes, c);
		v_store(p + 3 * lanes, d);
		at = at + step + step;
		p += 4 * lanes;
	}
	while (n) {
		size_t now = n < lanes ? n : lanes;

		philox_lanes(at, k, s, &a, &b);
		v_store(last, a);
		v_store(last + lanes, b);
		memcpy(p, last, now * 16);
		at = at + step;
		p += 2 * lanes;
		n -= now;
	}
}

#endif
