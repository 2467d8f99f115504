/* SPDX-License-Identifier: MIT */
/*
 * The lanes of an inner product for one type. Included once per type T by simd/levels/gemm.c. All lanes of a chunk are
 * in registers: 4 to 16 chains, which hides the latency.
 */
#include <string.h>

#include "lib/ref/kernels.h"
#include "simd/kernels/lanes.h"

#define E TR__PASTE2(e, T)
#define V TR__PASTE2(v, T)
#define FN(name) TR__PASTE3(name, _, T)
#define LOAD(p) TR__PASTE3(v, T, _load)(p)
#define LOAD_PART(p, k) TR__PASTE3(v, T, _load_part)(p, k)
#define LANES v_lanes(T)
#define UNROLL TR__UNROLL(16)
#if TR__PASTE2(IS_FLOAT_, T)
#define FMA(a, b, c) v_chain(a, b, c)
#else
#define FMA(a, b, c) ((c) + (a) * (b))
#endif

TR__INLINE void FN(dot_rows)(E *lane, const E *x, const E *y, size_t rows)
{
	V sum[TR_LANES / LANES];

	UNROLL for (size_t i = 0; i < TR_LANES / LANES; i++)
		sum[i] = LOAD(x + i * LANES) * LOAD(y + i * LANES);
	/* Or gcc, which sees that rows are few, unrolls these instead and leaves the sums in memory. */
	TR__UNROLL(1) for (size_t r = 1; r < rows; r++) {
		x += TR_LANES;
		y += TR_LANES;
		UNROLL for (size_t i = 0; i < TR_LANES / LANES; i++)
			sum[i] = FMA(LOAD(x + i * LANES), LOAD(y + i * LANES), sum[i]);
	}
	UNROLL for (size_t i = 0; i < TR_LANES / LANES; i++)
		v_store(lane + i * LANES, sum[i]);
}

TR__INLINE void FN(dot_join)(E *lane, const E *more, size_t n)
{
	size_t i = 0;

	for (; n - i >= LANES; i += LANES)
		v_store(lane + i, LOAD(lane + i) + LOAD(more + i));
	if (i < n)
		v_store_part(lane + i, LOAD(lane + i) + LOAD(more + i), n - i);
}

TR__INLINE void FN(dot_chunk)(E *lane, const E *a, const E *b, size_t n)
{
	size_t rows = n / TR_LANES, tail = n % TR_LANES;
	const E *x = a + n - tail, *y = b + n - tail;

	if (rows)
		FN(dot_rows)(lane, a, b, rows);
	for (size_t i = 0; i < tail; i += LANES) {
		size_t k = tail - i < LANES ? tail - i : LANES;
		V p = LOAD_PART(x + i, k), q = LOAD_PART(y + i, k);

		v_store_part(lane + i, rows ? FMA(p, q, LOAD(lane + i)) : p * q, k);
	}
}

/* Lanes are added to those of the chunks before as a counter's carries go; of fewer than TR_LANES, only those there are. */
static void FN(dot)(void *acc, const void *a, const void *b, size_t n)
{
	enum { CHUNK = TR_LANES * TR_CHUNK_ROWS };
	_Alignas(64) E stack[4][TR_LANES];
	const E *x = a, *y = b;
	E *top = stack[0];
	size_t count = 0, lanes = TR_LANES;

	if (n <= CHUNK) {
		FN(dot_chunk)(acc, x, y, n);
		return;
	}
	for (size_t left = n; left; top += TR_LANES) {
		size_t part = left < CHUNK ? left : CHUNK;

		FN(dot_chunk)(top, x, y, part);
		lanes = part < TR_LANES ? part : TR_LANES;
		for (size_t k = ++count; !(k & 1); k /= 2, lanes = TR_LANES, top -= TR_LANES)
			FN(dot_join)(top - TR_LANES, top, lanes);
		x += part;
		y += part;
		left -= part;
	}
	for (top -= TR_LANES; top > stack[0]; top -= TR_LANES, lanes = TR_LANES)
		FN(dot_join)(top - TR_LANES, top, lanes);
	memcpy(acc, stack[0], sizeof(stack[0]));
}

#undef E
#undef V
#undef FN
#undef LOAD
#undef LOAD_PART
#undef LANES
#undef UNROLL
#undef FMA

/* An entry of the level's table. */
#define DOT_KERNEL(T) dot_##T
