/* SPDX-License-Identifier: MIT */
/*
 * The f32 product where tiles of 64 × 64 would be too few for the GPU's processors: tiles of 32 × 32 by 64 invocations, 4 × 4
 * elements each, and slices of 32 along k. Since such a workgroup mostly waits for memory two slices are on their way while a third
 * is multiplied. Both operands can be fetched by 16 bytes, and k is a multiple of 32. Conventions: vk/shaders/gemm.h.
 */
#define SMALL_SWIZZLE(k) (((k) / 4u) & 7u)
#define SMALL_WHERE_K(base, step_o, step_k, number, left) \
	(base + min(uint64_t((number) / 8u), left - 1ul) * step_o + uint64_t(16u * ((number) % 8u)))
#define SMALL_WHERE_T(base, step_o, step_k, number, left) WHERE_T(base, step_o, step_k, number, 32u, left)
#define SMALL_PUT_K(at, number, v) put_four_gemm32(at, 32u, ALONG_K, (number) / 8u, 4u * ((number) % 8u), v)
#define SMALL_PUT_T(at, number, v) put_four_gemm32(at, 32u, ALONG_TILE, 4u * ((number) % 8u), (number) / 8u, v)
#define SMALL_EACH(DO, A, B) DO(0, A, B) DO(1, A, B) DO(2, A, B) DO(3, A, B)
#define SMALL_WHERE(i, A, B) \
	uint64_t pa##i = SMALL_WHERE_##A(a, a_row, a_k, local + 64u * i##u, left_rows); \
	uint64_t pb##i = SMALL_WHERE_##B(b, b_col, b_k, local + 64u * i##u, left_cols);
/* Registers S take the slice that is two further, or once more the last one. */
#define SMALL_FIRST(i, S) vec4 na##S##i = at_v4(pa##i).v, nb##S##i = at_v4(pb##i).v;
#define SMALL_NEXT(i, S) \
	na##S##i = at_v4(pa##i).v; \
	nb##S##i = at_v4(pb##i).v;
#define SMALL_ADVANCE(i, A, B) \
	pa##i = pa##i + next_a; \
	pb##i = pb##i + next_b;
#define SMALL_PUT(i, A, B, S) \
	SMALL_PUT_##A(at, local + 64u * i##u, na##S##i); \
	SMALL_PUT_##B(at + 256u, local + 64u * i##u, nb##S##i);
#define SMALL_STEP(k) \
	s = shared_gemm32[place_a + k]; \
	t = shared_gemm32[place_b + k]; \
	MULTIPLY_ADD(c0, s.x, t) \
	MULTIPLY_ADD(c1, s.y, t) \
	MULTIPLY_ADD(c2, s.z, t) \
	MULTIPLY_ADD(c3, s.w, t)
#define SMALL_SLICES(A, B, S) \
	SMALL_PUT(0, A, B, S) SMALL_PUT(1, A, B, S) SMALL_PUT(2, A, B, S) SMALL_PUT(3, A, B, S) \
	barrier(); \
	next_a = ahead < k ? 32ul * a_k : 0ul; \
	next_b = ahead < k ? 32ul * b_k : 0ul; \
	ahead += 32ul; \
	SMALL_EACH(SMALL_ADVANCE, A, B) \
	SMALL_NEXT(0, S) SMALL_NEXT(1, S) SMALL_NEXT(2, S) SMALL_NEXT(3, S) \
	for (uint p = 0u; p < 8u; p++) { \
		uint place_a = at + 32u * p + (ty ^ p), place_b = at + 256u + 32u * p + (tx ^ p); \
		vec4 s, t; \
		SMALL_STEP(0u) SMALL_STEP(8u) SMALL_STEP(16u) SMALL_STEP(24u) \
	} \
	at = at ^ 512u; \
	left = left - 32u; \
	if (left == 0u) \
		break;
#define SMALL_BEGIN(i, A, B) vec4 c##i = start_four(c, PARAM(18), PARAM(13), row + i##ul, col, m, n);
#define SMALL_STORE(i, A, B) store_four(y, row + i##ul, col, m, n, PARAM(7), PARAM(8), c##i * SCALE_OF(params));

PUT_FOUR(gemm32, SMALL_SWIZZLE)

#define SMALL_GEMM(A, B) \
	void kernel_gemm32_##A##_##B##_f32(uint64_t params, uint group, uint local) \
	{ \
		uint64_t m = PARAM(4), n = PARAM(5), k = PARAM(6), a_row = PARAM(9), a_k = PARAM(10), b_k = PARAM(11), b_col = PARAM(12); \
		TILE_OF_GROUP(32u, 32u) \
		uint64_t y = PARAM(0) + batch * PARAM(14), a = PARAM(1) + batch * PARAM(15) + row0 * a_row; \
		uint64_t b = PARAM(2) + batch * PARAM(16) + col0 * b_col, c = PARAM(3), left_rows = m - row0, left_cols = n - col0; \
		uint ty = local / 8u, tx = local % 8u, at = 0u, left = uint(k); \
		uint64_t row = row0 + uint64_t(4u * ty), col = col0 + uint64_t(4u * tx); \
		SMALL_EACH(SMALL_BEGIN, A, B) \
		if (uint64_t(group) >= PARAM(17)) \
			return; \
		SMALL_EACH(SMALL_WHERE, A, B) \
		SMALL_FIRST(0, X) SMALL_FIRST(1, X) SMALL_FIRST(2, X) SMALL_FIRST(3, X) \
		uint64_t next_a = 32ul < k ? 32ul * a_k : 0ul, next_b = 32ul < k ? 32ul * b_k : 0ul, ahead = 64ul; \
		SMALL_EACH(SMALL_ADVANCE, A, B) \
		SMALL_FIRST(0, Y) SMALL_FIRST(1, Y) SMALL_FIRST(2, Y) SMALL_FIRST(3, Y) \
		for (;;) { \
			SMALL_SLICES(A, B, X) \
			SMALL_SLICES(A, B, Y) \
		} \
		SMALL_EACH(SMALL_STORE, A, B) \
	}

SMALL_GEMM(K, K) SMALL_GEMM(K, T) SMALL_GEMM(T, K) SMALL_GEMM(T, T)
