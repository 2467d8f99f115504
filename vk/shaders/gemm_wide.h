/* SPDX-License-Identifier: MIT */
/*
 * The f32 product of vk/shaders/gemm.h, where both operands can be fetched by 16 bytes and k is a multiple of 16,
 * by 16 × 8 elements an invocation, 128 of them, or 64 where there are few columns, and slices of 8 along k: fewer loads from
 * shared memory for what is multiplied, and a barrier for fewer.
 */
#define WIDE_SLICE 8u
#define WIDE_SWIZZLE(k) (4u * ((k) / 4u))
#define WIDE_WHERE_K(base, step_o, step_k, number, width, left) \
	(base + min(uint64_t((number) / 2u), left - 1ul) * step_o + uint64_t(16u * ((number) % 2u)))
#define WIDE_WHERE_T(base, step_o, step_k, number, width, left) WHERE_T(base, step_o, step_k, number, width, left)
#define WIDE_PUT_K(NAME, at, number, width, v) put_four_##NAME(at, width, ALONG_K, (number) / 2u, 4u * ((number) % 2u), v)
#define WIDE_PUT_T(NAME, at, number, width, v) \
	put_four_##NAME(at, width, ALONG_TILE, 4u * ((number) % ((width) / 4u)), (number) / ((width) / 4u), v)
#define EACH_WIDE_ROW(DO) EACH_ROW(DO) DO(8) DO(9) DO(10) DO(11) DO(12) DO(13) DO(14) DO(15)
#define WIDE_ROW_OF(r) (row + uint64_t(r % 4) + uint64_t(r / 4) * quarter_rows)
#define BEGIN_WIDE_ROW(r) \
	vec4 c##r##0 = start_four(c, c_row, c_col, WIDE_ROW_OF(r), col, m, n); \
	vec4 c##r##1 = start_four(c, c_row, c_col, WIDE_ROW_OF(r), col + half_cols, m, n);
#define STORE_WIDE_ROW(r) \
	store_four(y, WIDE_ROW_OF(r), col, m, n, y_row, y_col, c##r##0 * scale); \
	store_four(y, WIDE_ROW_OF(r), col + half_cols, m, n, y_row, y_col, c##r##1 * scale);
/* Each invocation fetches so many vectors of a, and two of b. */
#define WIDE_FETCHES(DO, NAME, B, R, C) DO(0, NAME, B, R, C) DO(1, NAME, B, R, C)
#define WIDE_FETCHES_wide128(DO, NAME, A, R, C) WIDE_FETCHES(DO, NAME, A, R, C)
#define WIDE_FETCHES_wide64(DO, NAME, A, R, C) WIDE_FETCHES(DO, NAME, A, R, C) DO(2, NAME, A, R, C) DO(3, NAME, A, R, C)
#define WIDE_NUMBER(i, R, C) (local + i##u * (R * C / 128u))
#define FIRST_WIDE_A(i, NAME, A, R, C) \
	uint64_t pa##i = WIDE_WHERE_##A(a, a_row, a_k, WIDE_NUMBER(i, R, C), R, left_rows); \
	vec4 na##i = at_v4(pa##i).v;
#define FIRST_WIDE_B(i, NAME, B, R, C) \
	uint64_t pb##i = WIDE_WHERE_##B(b, b_col, b_k, WIDE_NUMBER(i, R, C), C, left_cols); \
	vec4 nb##i = at_v4(pb##i).v;
#define NEXT_WIDE_A(i, NAME, A, R, C) \
	pa##i = pa##i + next_a; \
	na##i = at_v4(pa##i).v;
#define NEXT_WIDE_B(i, NAME, B, R, C) \
	pb##i = pb##i + next_b; \
	nb##i = at_v4(pb##i).v;
#define PUT_WIDE_A(i, NAME, A, R, C) WIDE_PUT_##A(NAME, at, WIDE_NUMBER(i, R, C), R, na##i);
#define PUT_WIDE_B(i, NAME, B, R, C) WIDE_PUT_##B(NAME, at + WIDE_SLICE / 4u * R, WIDE_NUMBER(i, R, C), C, nb##i);

#define WIDE_GEMM(NAME, A, B, ROWS, COLS) \
	void kernel_##NAME##_##A##_##B##_f32(uint64_t params, uint group, uint local) \
	{ \
		uint64_t m = PARAM(4), n = PARAM(5), k = PARAM(6), y_row = PARAM(7), y_col = PARAM(8); \
		uint64_t a_row = PARAM(9), a_k = PARAM(10), b_k = PARAM(11), b_col = PARAM(12), c_col = PARAM(13), c_row = PARAM(18); \
		TILE_OF_GROUP(ROWS, COLS) \
		uint64_t y = PARAM(0) + batch * PARAM(14), a = PARAM(1) + batch * PARAM(15) + row0 * a_row; \
		uint64_t b = PARAM(2) + batch * PARAM(16) + col0 * b_col, c = PARAM(3), quarter_rows = ROWS / 4u; \
		uint64_t half_cols = COLS / 2u, left_rows = m - row0, left_cols = n - col0; \
		uint warp = local / 32u, lane = local % 32u, ty = warp / (COLS / 64u) * 4u + lane / 8u; \
		uint tx = warp % (COLS / 64u) * 8u + lane % 8u, at = 0u, left = uint(k / 8ul); \
		uint64_t row = row0 + uint64_t(4u * ty), col = col0 + uint64_t(4u * tx); \
		EACH_WIDE_ROW(BEGIN_WIDE_ROW) \
		if (uint64_t(group) >= PARAM(17)) \
			return; \
		WIDE_FETCHES_##NAME(FIRST_WIDE_A, NAME, A, ROWS, COLS) \
		WIDE_FETCHES(FIRST_WIDE_B, NAME, B, ROWS, COLS) \
		for (;;) { \
			WIDE_FETCHES_##NAME(PUT_WIDE_A, NAME, A, ROWS, COLS) \
			WIDE_FETCHES(PUT_WIDE_B, NAME, B, ROWS, COLS) \
			barrier(); \
			left = left - 1u; \
			uint64_t next_a = left != 0u ? 8ul * a_k : 0ul, next_b = left != 0u ? 8ul * b_k : 0ul; \
			WIDE_FETCHES_##NAME(NEXT_WIDE_A, NAME, A, ROWS, COLS) \
			WIDE_FETCHES(NEXT_WIDE_B, NAME, B, ROWS, COLS) \
			_Pragma("GCC unroll 8") \
			for (uint p = 0u; p < WIDE_SLICE; p++) { \
				uint base_a = at + p * (ROWS / 4u), turn = WIDE_SWIZZLE(p); \
				uint base_b = at + WIDE_SLICE / 4u * ROWS + p * (COLS / 4u); \
				vec4 s0 = shared_##NAME[base_a + (ty ^ turn)]; \
				vec4 s1 = shared_##NAME[base_a + ((ty + ROWS / 16u) ^ turn)]; \
				vec4 s2 = shared_##NAME[base_a + ((ty + ROWS / 8u) ^ turn)]; \
				vec4 s3 = shared_##NAME[base_a + ((ty + 3u * (ROWS / 16u)) ^ turn)]; \
				vec4 t0 = shared_##NAME[base_b + (tx ^ turn)]; \
				vec4 t1 = shared_##NAME[base_b + ((tx + COLS / 8u) ^ turn)]; \
				PIECE(0, s0.x) PIECE(1, s0.y) PIECE(2, s0.z) PIECE(3, s0.w) \
				PIECE(4, s1.x) PIECE(5, s1.y) PIECE(6, s1.z) PIECE(7, s1.w) \
				PIECE(8, s2.x) PIECE(9, s2.y) PIECE(10, s2.z) PIECE(11, s2.w) \
				PIECE(12, s3.x) PIECE(13, s3.y) PIECE(14, s3.z) PIECE(15, s3.w) \
			} \
			at = at ^ (WIDE_SLICE / 4u * (ROWS + COLS)); \
			if (left == 0u) \
				break; \
		} \
		float scale = SCALE_OF(params); \
		EACH_WIDE_ROW(STORE_WIDE_ROW) \
	}
#define WIDE_GEMMS(NAME, ROWS, COLS) \
	PUT_FOUR(NAME, WIDE_SWIZZLE) \
	WIDE_GEMM(NAME, K, K, ROWS, COLS) WIDE_GEMM(NAME, K, T, ROWS, COLS) \
	WIDE_GEMM(NAME, T, K, ROWS, COLS) WIDE_GEMM(NAME, T, T, ROWS, COLS)

WIDE_GEMMS(wide128, 128u, 128u)
WIDE_GEMMS(wide64, 128u, 64u)
