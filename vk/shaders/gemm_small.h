/* SPDX-License-Identifier: MIT */
/*
 * The f32 product where tiles of 64 × 64 would be too few for the GPU's processors: tiles of 32 × 32 by 64 invocations, 4 × 4 elements
 * each, and slices of 32 along k, since such a workgroup mostly waits for memory. Both operands can be fetched by 16 bytes, and k
 * is a multiple of 32. Conventions: vk/shaders/gemm.h.
 */
#define SMALL_SWIZZLE(k) (((k) / 4u) & 7u)
#define SMALL_WHERE_K(base, step_o, step_k, number, left) \
	(base + min(uint64_t((number) / 8u), left - 1ul) * step_o + uint64_t(16u * ((number) % 8u)))
#define SMALL_WHERE_T(base, step_o, step_k, number, left) WHERE_T(base, step_o, step_k, number, 32u, left)
#define SMALL_PUT_K(at, number, v) put_four_gemm32(at, 32u, ALONG_K, (number) / 8u, 4u * ((number) % 8u), v)
#define SMALL_PUT_T(at, number, v) put_four_gemm32(at, 32u, ALONG_TILE, 4u * ((number) % 8u), (number) / 8u, v)
#define SMALL_EACH(DO, A, B) DO(0, A, B) DO(1, A, B) DO(2, A, B) DO(3, A, B)
#define SMALL_FIRST(i, A, B) \
	uint64_t pa##i = SMALL_WHERE_##A(a, a_row, a_k, local + 64u * i##u, left_rows); \
	uint64_t pb##i = SMALL_WHERE_##B(b, b_col, b_k, local + 64u * i##u, left_cols); \
	vec4 na##i = at_v4(pa##i).v, nb##i = at_v4(pb##i).v;
#define SMALL_NEXT(i, A, B) \
	pa##i = pa##i + next_a; \
	pb##i = pb##i + next_b; \
	na##i = at_v4(pa##i).v; \
	nb##i = at_v4(pb##i).v;
#define SMALL_PUT(i, A, B) \
	SMALL_PUT_##A(at, local + 64u * i##u, na##i); \
	SMALL_PUT_##B(at + 256u, local + 64u * i##u, nb##i);
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
		uint ty = local / 8u, tx = local % 8u, at = 0u; \
		uint64_t row = row0 + uint64_t(4u * ty), col = col0 + uint64_t(4u * tx); \
		SMALL_EACH(SMALL_BEGIN, A, B) \
		if (uint64_t(group) >= PARAM(17)) \
			return; \
		SMALL_EACH(SMALL_FIRST, A, B) \
		for (uint64_t k0 = 32ul;; k0 += 32ul) { \
			SMALL_EACH(SMALL_PUT, A, B) \
			barrier(); \
			uint64_t next_a = k0 < k ? 32ul * a_k : 0ul, next_b = k0 < k ? 32ul * b_k : 0ul; \
			SMALL_EACH(SMALL_NEXT, A, B) \
			_Pragma("GCC unroll 32") \
			for (uint p = 0u; p < 32u; p++) { \
				vec4 s = shared_gemm32[at + 8u * p + (ty ^ SMALL_SWIZZLE(p))]; \
				vec4 t = shared_gemm32[at + 256u + 8u * p + (tx ^ SMALL_SWIZZLE(p))]; \
				MULTIPLY_ADD(c0, s.x, t) \
				MULTIPLY_ADD(c1, s.y, t) \
				MULTIPLY_ADD(c2, s.z, t) \
				MULTIPLY_ADD(c3, s.w, t) \
			} \
			at = at ^ 512u; \
			if (k0 >= k) \
				break; \
		} \
		SMALL_EACH(SMALL_STORE, A, B) \
	}

SMALL_GEMM(K, K) SMALL_GEMM(K, T) SMALL_GEMM(T, K) SMALL_GEMM(T, T)
