/* SPDX-License-Identifier: MIT */
/*
 * Convolutions of f32 as products of vk/shaders/gemm.h: A lies along k, and B is gathered from the input, which is padded. Element
 * (k, o) lies at the place of o plus offset k of a table of 32-bit numbers, counted in elements. Where the table says NOWHERE32, past
 * the last k, b is -0, and a is +0. Parameters: those of a product, with the input for b, its images b_batch apart, and the table
 * for b_k; from parameter 19 on D H W of the result, stride D H W, H W of the input.
 */
#define NOWHERE32 0xffffffffu
uint conv_place(uint64_t params, uint o)
{
	uint width = uint(PARAM(21)), height = uint(PARAM(20)), h = o / width, d = h / height;

	return ((d * uint(PARAM(22))) * uint(PARAM(25)) + (h - d * height) * uint(PARAM(23))) * uint(PARAM(26)) +
	       (o - h * width) * uint(PARAM(24));
}

vec4 conv_four(uint64_t x, uint64_t table, uint k, uint o0, uint o1, uint o2, uint o3)
{
	uint from = at_u32(table + uint64_t(k) * 4ul).v;
	vec4 v = vec4(-0.0f);

	if (from != NOWHERE32) {
		v.x = at_f32(x + uint64_t(o0 + from) * 4ul).v;
		v.y = at_f32(x + uint64_t(o1 + from) * 4ul).v;
		v.z = at_f32(x + uint64_t(o2 + from) * 4ul).v;
		v.w = at_f32(x + uint64_t(o3 + from) * 4ul).v;
	}
	return v;
}

#define FIRST_CONV(i, NAME, A, B, R, C) \
	uint64_t pa##i = WHERE_K(a, a_row, a_k, NUMBER(i, R, C), R, left_rows); \
	vec4 na##i = at_v4(pa##i).v, nb##i = conv_four(x, table, NUMBER(i, R, C) / (C / 4u), o0, o1, o2, o3);
#define NEXT_CONV(i, NAME, A, B, R, C) \
	pa##i = pa##i + next_a; \
	na##i = at_v4(pa##i).v; \
	nb##i = conv_four(x, table, slice + NUMBER(i, R, C) / (C / 4u), o0, o1, o2, o3);
#define CONV_GEMM(NAME, ROWS, COLS) \
	void kernel_conv_##NAME##_f32(uint64_t params, uint group, uint local) \
	{ \
		uint64_t m = PARAM(4), n = PARAM(5), k = PARAM(6), y_row = PARAM(7), y_col = PARAM(8); \
		uint64_t a_row = PARAM(9), a_k = PARAM(10), table = PARAM(11), c_col = PARAM(13), c_row = PARAM(18); \
		uint across = uint((n + uint64_t(COLS - 1u)) / uint64_t(COLS)); \
		uint down = uint((m + uint64_t(ROWS - 1u)) / uint64_t(ROWS)), tile = group % (across * down); \
		uint64_t batch = uint64_t(group / (across * down)); \
		uint64_t row0 = uint64_t(tile % down * ROWS), col0 = uint64_t(tile / down * COLS); \
		uint64_t y = PARAM(0) + batch * PARAM(14), a = PARAM(1) + row0 * a_row; \
		uint64_t x = PARAM(2) + batch * PARAM(16), c = PARAM(3), half_rows = ROWS / 2u; \
		uint64_t half_cols = COLS / 2u, left_rows = m - row0; \
		uint warp = local / 32u, lane = local % 32u, ty = warp / (COLS / 64u) * 4u + lane / 8u; \
		uint tx = warp % (COLS / 64u) * 8u + lane % 8u, at = 0u, slice = 0u, depth = uint(k); \
		uint64_t row = row0 + uint64_t(4u * ty), col = col0 + uint64_t(4u * tx); \
		uint first = uint(col0) + 4u * (local % (COLS / 4u)), last = uint(n) - 1u; \
		uint o0 = conv_place(params, min(first, last)), o1 = conv_place(params, min(first + 1u, last)); \
		uint o2 = conv_place(params, min(first + 2u, last)), o3 = conv_place(params, min(first + 3u, last)); \
		EACH_ROW(BEGIN_ROW) \
		if (uint64_t(group) >= PARAM(17)) \
			return; \
		FETCHES_##NAME(FIRST_CONV, NAME, K, T, ROWS, COLS) \
		for (;;) { \
			FETCHES_##NAME(PUT_FETCHED, NAME, K, T, ROWS, COLS) \
			barrier(); \
			uint64_t next_a = 0ul; \
			slice = slice + 16u; \
			bool more = slice < depth; \
			if (more) \
				next_a = 64ul; \
			slice = more ? slice : 0u; \
			FETCHES_##NAME(NEXT_CONV, NAME, K, T, ROWS, COLS) \
			_Pragma("GCC unroll 16") \
			MULTIPLY_SLICE(NAME, at, ROWS, COLS) \
			at = at ^ (SLICE / 4u * (ROWS + COLS)); \
			if (!more) \
				break; \
		} \
		float scale = 1.0f; \
		EACH_ROW(STORE_ROW) \
	}

CONV_GEMM(gemm128, 128u, 128u)
CONV_GEMM(gemm64, 64u, 64u)
