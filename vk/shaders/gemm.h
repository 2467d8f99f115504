/* SPDX-License-Identifier: MIT */
/*
 * The f32 product in register tiles of 8 × 8. Conventions: vk/shaders/kernels.h; parameters and result: kernel_matmul.
 *
 * A workgroup makes a tile of ROWS × COLS, an invocation two by two pieces of 4 × 4 of it, half a tile apart, so that a
 * warp's loads from shared memory are few and in different banks. While one slice of 16 along k is multiplied the next one is on
 * its way from memory into registers, and then into the other half of shared memory.
 *
 * A slice lies there as vectors of 4 along the tile: vector q of step k at k · width / 4 + (q ^ swizzle(k)), so that
 * stores of 4 steps of one row by neighbours meet different banks. Past the edges a holds +0 and b -0: their product
 * -0 leaves any sum as it is, the sign of zero included.
 */
#define SLICE 16u
#define SWIZZLE(k) (2u * ((k) / 4u))

/* How 4 elements of an operand are fetched: 16 bytes along k, 16 bytes along the tile, or one by one in one of these
 * directions. o: place along the tile. */
#define ALONG_K 0u
#define ALONG_TILE 1u
#define SINGLY 2u

uint fetch_mode(uint64_t base, uint64_t step_o, uint64_t step_k, uint64_t most_o, uint64_t most_k)
{
	bool aligned = (base & 15ul) == 0ul;

	if (step_k == 4ul && aligned && (step_o & 15ul) == 0ul && (most_k & 3ul) == 0ul)
		return ALONG_K;
	if (step_o == 4ul && aligned && (step_k & 15ul) == 0ul && (most_o & 3ul) == 0ul)
		return ALONG_TILE;
	return step_o < step_k ? SINGLY + ALONG_TILE : SINGLY + ALONG_K;
}

float fetch_one(uint64_t base, uint64_t step_o, uint64_t step_k, uint64_t o, uint64_t k, uint64_t most_o, uint64_t most_k,
		float none)
{
	if (o < most_o && k < most_k)
		return at_f32(base + o * step_o + k * step_k).v;
	return none;
}

vec4 fetch_four(uint64_t base, uint64_t step_o, uint64_t step_k, uint64_t o, uint64_t k, uint64_t most_o,
		uint64_t most_k, uint mode, float none)
{
	uint64_t do_ = (mode & 1u) == ALONG_TILE ? 1ul : 0ul, dk = 1ul - do_;
	vec4 r = vec4(none);

	if (mode < SINGLY) {
		if (o < most_o && k < most_k)
			r = at_v4(base + o * step_o + k * step_k).v;
		return r;
	}
	r.x = fetch_one(base, step_o, step_k, o, k, most_o, most_k, none);
	r.y = fetch_one(base, step_o, step_k, o + do_, k + dk, most_o, most_k, none);
	r.z = fetch_one(base, step_o, step_k, o + 2ul * do_, k + 2ul * dk, most_o, most_k, none);
	r.w = fetch_one(base, step_o, step_k, o + 3ul * do_, k + 3ul * dk, most_o, most_k, none);
	return r;
}

/* Four elements into the slice that begins at vector `at`: one vector, or a component each of four. */
#define PUT_FOUR(NAME, TURN) \
	void put_four_##NAME(uint at, uint width, uint mode, uint o, uint k, vec4 v) \
	{ \
		at = at + k * (width / 4u) + ((o / 4u) ^ TURN(k)); \
		if ((mode & 1u) == ALONG_TILE) { \
			shared_##NAME[at] = v; \
			return; \
		} \
		shared_##NAME[at][o & 3u] = v.x; \
		shared_##NAME[at + width / 4u][o & 3u] = v.y; \
		shared_##NAME[at + width / 2u][o & 3u] = v.z; \
		shared_##NAME[at + 3u * (width / 4u)][o & 3u] = v.w; \
	}

#define MULTIPLY_ADD(c, s, t) \
	c.x = fma(s, t.x, c.x); \
	c.y = fma(s, t.y, c.y); \
	c.z = fma(s, t.z, c.z); \
	c.w = fma(s, t.w, c.w);

#define PIECE(r, s) \
	MULTIPLY_ADD(c##r##0, s, t0) \
	MULTIPLY_ADD(c##r##1, s, t1)

/* Where the number-th vector of a slice comes from: its place along the tile and along k. */
#define PLACE_O(mode, number, width) (((mode) & 1u) == ALONG_TILE ? 4u * ((number) % ((width) / 4u)) : (number) / 4u)
#define PLACE_K(mode, number, width) (((mode) & 1u) == ALONG_TILE ? (number) / ((width) / 4u) : 4u * ((number) % 4u))

#define EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#define ROW_OF(r) (row + uint64_t(r % 4) + uint64_t(r / 4) * half_rows)
#define BEGIN_ROW(r) \
	vec4 c##r##0 = start_four(c, c_row, c_col, ROW_OF(r), col, m, n); \
	vec4 c##r##1 = start_four(c, c_row, c_col, ROW_OF(r), col + half_cols, m, n);
#define STORE_ROW(r) \
	store_four(y, ROW_OF(r), col, m, n, y_row, y_col, c##r##0 * scale); \
	store_four(y, ROW_OF(r), col + half_cols, m, n, y_row, y_col, c##r##1 * scale);

void store_four(uint64_t y, uint64_t row, uint64_t col, uint64_t m, uint64_t n, uint64_t y_row, uint64_t y_col, vec4 v)
{
	uint64_t p = y + row * y_row + col * y_col;

	if (row >= m)
		return;
	if (y_col == 4ul && (p & 15ul) == 0ul && col + 3ul < n) {
		at_v4(p).v = v;
		return;
	}
	if (col < n)
		at_f32(p).v = v.x;
	if (col + 1ul < n)
		at_f32(p + y_col).v = v.y;
	if (col + 2ul < n)
		at_f32(p + 2ul * y_col).v = v.z;
	if (col + 3ul < n)
		at_f32(p + 3ul * y_col).v = v.w;
}

vec4 start_four(uint64_t c, uint64_t c_row, uint64_t c_col, uint64_t row, uint64_t col, uint64_t m, uint64_t n)
{
	uint64_t p = c + row * c_row + col * c_col;
	vec4 v = vec4(0.0f);

	if (c == 0ul || row >= m)
		return v;
	if (col < n)
		v.x = at_f32(p).v;
	if (col + 1ul < n)
		v.y = at_f32(p + c_col).v;
	if (col + 2ul < n)
		v.z = at_f32(p + 2ul * c_col).v;
	if (col + 3ul < n)
		v.w = at_f32(p + 3ul * c_col).v;
	return v;
}

/* Tiles are taken in bands of 8 rows of them, so that those at work at one time share their operands in the cache. */
#define BAND 8u

/* Which tile a workgroup has: bands of BAND rows of tiles, down a band first. */
#define TILE_OF_GROUP(ROWS, COLS) \
	uint across = uint((n + uint64_t(COLS - 1u)) / uint64_t(COLS)); \
	uint down = uint((m + uint64_t(ROWS - 1u)) / uint64_t(ROWS)), tile = group % (across * down); \
	uint64_t batch = uint64_t(group / (across * down)); \
	uint band = tile / (BAND * across), rest = tile % (BAND * across), tall = min(BAND, down - band * BAND); \
	uint64_t row0 = uint64_t((band * BAND + rest % tall) * ROWS), col0 = uint64_t(rest / tall * COLS);

/* A slice of both sides, as they lie in shared memory from FROM on, onto the 8 x 8 elements of an invocation. */
#define MULTIPLY_SLICE(NAME, FROM, ROWS, COLS) \
	for (uint p = 0u; p < SLICE; p++) { \
		uint base_a = FROM + p * (ROWS / 4u), turn = SWIZZLE(p); \
		uint base_b = FROM + SLICE / 4u * ROWS + p * (COLS / 4u); \
		vec4 s0 = shared_##NAME[base_a + (ty ^ turn)]; \
		vec4 s1 = shared_##NAME[base_a + ((ty + ROWS / 8u) ^ turn)]; \
		vec4 t0 = shared_##NAME[base_b + (tx ^ turn)]; \
		vec4 t1 = shared_##NAME[base_b + ((tx + COLS / 8u) ^ turn)]; \
		PIECE(0, s0.x) PIECE(1, s0.y) PIECE(2, s0.z) PIECE(3, s0.w) \
		PIECE(4, s1.x) PIECE(5, s1.y) PIECE(6, s1.z) PIECE(7, s1.w) \
	}

#define GEMM(NAME, ROWS, COLS) \
	PUT_FOUR(NAME, SWIZZLE) \
	void kernel_##NAME##_f32(uint64_t params, uint group, uint local) \
	{ \
		uint64_t m = PARAM(4), n = PARAM(5), k = PARAM(6), y_row = PARAM(7), y_col = PARAM(8); \
		uint64_t a_row = PARAM(9), a_k = PARAM(10), b_k = PARAM(11), b_col = PARAM(12), c_col = PARAM(13), c_row = PARAM(18); \
		TILE_OF_GROUP(ROWS, COLS) \
		uint64_t y = PARAM(0) + batch * PARAM(14), a = PARAM(1) + batch * PARAM(15) + row0 * a_row; \
		uint64_t b = PARAM(2) + batch * PARAM(16) + col0 * b_col, c = PARAM(3), half_rows = ROWS / 2u; \
		uint64_t half_cols = COLS / 2u, left_rows = m - row0, left_cols = n - col0; \
		uint warp = local / 32u, lane = local % 32u, ty = warp / (COLS / 64u) * 4u + lane / 8u; \
		uint tx = warp % (COLS / 64u) * 8u + lane % 8u, at = 0u; \
		uint mode_a = fetch_mode(a, a_row, a_k, left_rows, k), mode_b = fetch_mode(b, b_col, b_k, left_cols, k); \
		uint64_t row = row0 + uint64_t(4u * ty), col = col0 + uint64_t(4u * tx); \
		vec4 next_a[4], next_b[4]; \
		EACH_ROW(BEGIN_ROW) \
		if (uint64_t(group) >= PARAM(17)) \
			return; \
		for (uint64_t k0 = 0ul; k0 < k + 16ul; k0 += 16ul) { \
			if (k0 < k) { \
				for (uint i = 0u; i < 256u / COLS; i++) { \
					uint number = local + i * (ROWS * COLS / 64u); \
					next_a[i] = fetch_four(a, a_row, a_k, uint64_t(PLACE_O(mode_a, number, ROWS)), \
							  k0 + uint64_t(PLACE_K(mode_a, number, ROWS)), left_rows, k, \
							  mode_a, 0.0f); \
				} \
				for (uint i = 0u; i < 256u / ROWS; i++) { \
					uint number = local + i * (ROWS * COLS / 64u); \
					next_b[i] = fetch_four(b, b_col, b_k, uint64_t(PLACE_O(mode_b, number, COLS)), \
							  k0 + uint64_t(PLACE_K(mode_b, number, COLS)), left_cols, k, \
							  mode_b, -0.0f); \
				} \
			} \
			if (k0 != 0ul) { \
				uint from = (at ^ 1u) * (SLICE / 4u * (ROWS + COLS)); \
				MULTIPLY_SLICE(NAME, from, ROWS, COLS) \
			} \
			if (k0 < k) { \
				uint to = at * (SLICE / 4u * (ROWS + COLS)); \
				for (uint i = 0u; i < 256u / COLS; i++) { \
					uint number = local + i * (ROWS * COLS / 64u); \
					put_four_##NAME(to, ROWS, mode_a, PLACE_O(mode_a, number, ROWS), \
						 PLACE_K(mode_a, number, ROWS), next_a[i]); \
				} \
				for (uint i = 0u; i < 256u / ROWS; i++) { \
					uint number = local + i * (ROWS * COLS / 64u); \
					put_four_##NAME(to + SLICE / 4u * ROWS, COLS, mode_b, PLACE_O(mode_b, number, COLS), \
						 PLACE_K(mode_b, number, COLS), next_b[i]); \
				} \
				at = at ^ 1u; \
			} \
			barrier(); \
		} \
		float scale = SCALE_OF(params); \
		EACH_ROW(STORE_ROW) \
	}

GEMM(gemm128, 128u, 128u)
GEMM(gemm64, 64u, 64u)

/*
 * The same where both operands can be fetched by 16 bytes and k is a multiple of 16: no choice is left to the loop, and
 * what lies past an edge is not looked at: the last rows or columns are fetched again, and their results not stored. A and B:
 * K or T (tile), the direction in which four elements of the operand lie side by side.
 */
#define WHERE_K(base, step_o, step_k, number, width, left) \
	(base + min(uint64_t((number) / 4u), left - 1ul) * step_o + uint64_t(16u * ((number) % 4u)))
#define WHERE_T(base, step_o, step_k, number, width, left) \
	(base + min(uint64_t(4u * ((number) % ((width) / 4u))), ((left + 3ul) & ~3ul) - 4ul) * 4ul + \
	 uint64_t((number) / ((width) / 4u)) * step_k)
#define PUT_K(NAME, at, number, width, v) put_four_##NAME(at, width, ALONG_K, (number) / 4u, 4u * ((number) % 4u), v)
#define PUT_T(NAME, at, number, width, v) \
	put_four_##NAME(at, width, ALONG_TILE, 4u * ((number) % ((width) / 4u)), (number) / ((width) / 4u), v)
#define FETCHES_gemm128(DO, NAME, A, B, R, C) DO(0, NAME, A, B, R, C) DO(1, NAME, A, B, R, C)
#define FETCHES_gemm64(DO, NAME, A, B, R, C) DO(0, NAME, A, B, R, C) DO(1, NAME, A, B, R, C) DO(2, NAME, A, B, R, C) \
	DO(3, NAME, A, B, R, C)
#define NUMBER(i, R, C) (local + i##u * (R * C / 64u))
#define FIRST_FETCH(i, NAME, A, B, R, C) \
	uint64_t pa##i = WHERE_##A(a, a_row, a_k, NUMBER(i, R, C), R, left_rows); \
	uint64_t pb##i = WHERE_##B(b, b_col, b_k, NUMBER(i, R, C), C, left_cols); \
	vec4 na##i = at_v4(pa##i).v, nb##i = at_v4(pb##i).v;
#define NEXT_FETCH(i, NAME, A, B, R, C) \
	pa##i = pa##i + next_a; \
	pb##i = pb##i + next_b; \
	na##i = at_v4(pa##i).v; \
	nb##i = at_v4(pb##i).v;
#define PUT_FETCHED(i, NAME, A, B, R, C) \
	PUT_##A(NAME, at, NUMBER(i, R, C), R, na##i); \
	PUT_##B(NAME, at + SLICE / 4u * R, NUMBER(i, R, C), C, nb##i);

#define WHOLE_GEMM(NAME, A, B, ROWS, COLS) \
	void kernel_##NAME##_##A##_##B##_f32(uint64_t params, uint group, uint local) \
	{ \
		uint64_t m = PARAM(4), n = PARAM(5), k = PARAM(6), y_row = PARAM(7), y_col = PARAM(8); \
		uint64_t a_row = PARAM(9), a_k = PARAM(10), b_k = PARAM(11), b_col = PARAM(12), c_col = PARAM(13), c_row = PARAM(18); \
		TILE_OF_GROUP(ROWS, COLS) \
		uint64_t y = PARAM(0) + batch * PARAM(14), a = PARAM(1) + batch * PARAM(15) + row0 * a_row; \
		uint64_t b = PARAM(2) + batch * PARAM(16) + col0 * b_col, c = PARAM(3), half_rows = ROWS / 2u; \
		uint64_t half_cols = COLS / 2u, left_rows = m - row0, left_cols = n - col0; \
		uint warp = local / 32u, lane = local % 32u, ty = warp / (COLS / 64u) * 4u + lane / 8u; \
		uint tx = warp % (COLS / 64u) * 8u + lane % 8u, at = 0u; \
		uint64_t row = row0 + uint64_t(4u * ty), col = col0 + uint64_t(4u * tx); \
		EACH_ROW(BEGIN_ROW) \
		if (uint64_t(group) >= PARAM(17)) \
			return; \
		FETCHES_##NAME(FIRST_FETCH, NAME, A, B, ROWS, COLS) \
		for (uint64_t k0 = 16ul;; k0 += 16ul) { \
			FETCHES_##NAME(PUT_FETCHED, NAME, A, B, ROWS, COLS) \
			barrier(); \
			uint64_t next_a = k0 < k ? 16ul * a_k : 0ul, next_b = k0 < k ? 16ul * b_k : 0ul; \
			FETCHES_##NAME(NEXT_FETCH, NAME, A, B, ROWS, COLS) \
			_Pragma("GCC unroll 16") \
			MULTIPLY_SLICE(NAME, at, ROWS, COLS) \
			at = at ^ (SLICE / 4u * (ROWS + COLS)); \
			if (k0 >= k) \
				break; \
		} \
		float scale = SCALE_OF(params); \
		EACH_ROW(STORE_ROW) \
	}
#define WHOLE_GEMMS(NAME, ROWS, COLS) \
	WHOLE_GEMM(NAME, K, K, ROWS, COLS) WHOLE_GEMM(NAME, K, T, ROWS, COLS) \
	WHOLE_GEMM(NAME, T, K, ROWS, COLS) WHOLE_GEMM(NAME, T, T, ROWS, COLS)

WHOLE_GEMMS(gemm64, 64u, 64u)
