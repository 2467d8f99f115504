/* SPDX-License-Identifier: MIT */
/*
 * The f32 product of few rows: tiles of 8 × 16, slices of 128 along k, 256 invocations that fetch and as many of them as there are
 * elements that multiply, a chain each. A chain cannot be cut, so what counts is how much of b is on its way: four slices, in registers,
 * while one is multiplied. Any strides of a; b can be fetched by 16 bytes, along k (K) or along the tile (T). Columns past the edge are
 * the last ones again, and not stored; past the last k a is +0 and b -0. Parameters and result: kernel_matmul.
 *
 * A slice of b lies in shared memory as vectors of 4 steps, that of column q and steps 4·k at 16·k + (q ^ k % 8), or, fetched along
 * the tile, as vectors of 4 columns; a's follows as vectors of 4 steps. Two slices take turns.
 */
#define THIN_ROWS 8u
#define THIN_COLS 16u
#define THIN_SLICE 128u
#define THIN_B (THIN_COLS * THIN_SLICE / 4u)
#define THIN_ROOM (THIN_B + THIN_ROWS * THIN_SLICE / 4u)

/*
 * The i-th vector of b that an invocation fetches, and two elements of a; k0: where its slice begins. No fetch is asked about, since
 * a branch would wait for it: what is not there is the last one again, and replaced on its way to shared memory.
 */
#define THIN_FETCH_K(i, S) wb##S##i = at_v4(b + min(uint64_t(local / 32u + 8u * i##u), left_cols - 1ul) * b_col + at_k * b_k).v;
#define THIN_FETCH_T(i, S) \
	wb##S##i = at_v4(b + min(uint64_t(4u * (local % 4u)), ((left_cols + 3ul) & ~3ul) - 4ul) * 4ul + \
			 min(k0 + uint64_t(local / 4u + 64u * i##u), k - 1ul) * b_k).v;
#define THIN_A(i, j) (local / 128u + 4u * i##u + 2u * j##u)
#define THIN_ONE(i, j, S) wa##S##i##j = at_f32(a + uint64_t(min(THIN_A(i, j), rows - 1u)) * a_row + one_k * a_k).v;
#define THIN_FETCH_A(i, S) THIN_ONE(i, 0, S) THIN_ONE(i, 1, S)
#define THIN_PUT_K(i, S) \
	shared_thin[at + 16u * (local % 32u) + ((local / 32u + 8u * i##u) ^ (local % 8u))] = \
		4u * (local % 32u) < left ? wb##S##i : vec4(-0.0f);
#define THIN_PUT_T(i, S) shared_thin[at + local + 256u * i##u] = local / 4u + 64u * i##u < left ? wb##S##i : vec4(-0.0f);
#define THIN_PUT_A(i, S) \
	shared_thin[at + THIN_B + 32u * THIN_A(i, 0) + local % 128u / 4u][local & 3u] = local % 128u < left ? wa##S##i##0 : 0.0f; \
	shared_thin[at + THIN_B + 32u * THIN_A(i, 1) + local % 128u / 4u][local & 3u] = local % 128u < left ? wa##S##i##1 : 0.0f;
#define THIN_EACH(DO, S) DO(0, S) DO(1, S)
#define THIN_BEGIN(i, S) \
	vec4 wb##S##i = vec4(0.0f); \
	float wa##S##i##0 = 0.0f, wa##S##i##1 = 0.0f;

/* Four steps of a chain: the j-th vectors from place_a and place_b on, and what becomes of them. */
#define THIN_LOAD_K(j) vec4 s##j = shared_thin[place_a + j##u], t##j = shared_thin[place_b + 16u * j##u + (tx ^ j##u)];
#define THIN_LOAD_T(j) \
	vec4 s##j = shared_thin[place_a + j##u]; \
	float t##j##x = shared_thin[place_b + 16u * j##u + tx / 4u][tx & 3u]; \
	float t##j##y = shared_thin[place_b + 16u * j##u + 4u + tx / 4u][tx & 3u]; \
	float t##j##z = shared_thin[place_b + 16u * j##u + 8u + tx / 4u][tx & 3u]; \
	float t##j##w = shared_thin[place_b + 16u * j##u + 12u + tx / 4u][tx & 3u]; \
	vec4 t##j = vec4(t##j##x, t##j##y, t##j##z, t##j##w);
#define THIN_STEP(j) \
	sum = fma(s##j.x, t##j.x, sum); \
	sum = fma(s##j.y, t##j.y, sum); \
	sum = fma(s##j.z, t##j.z, sum); \
	sum = fma(s##j.w, t##j.w, sum);
#define THIN_ALL(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)

#define THIN_FETCH(B, S) \
	at_k = min(k0 + uint64_t(4u * (local % 32u)), ((k + 3ul) & ~3ul) - 4ul); \
	one_k = min(k0 + uint64_t(local % 128u), k - 1ul); \
	THIN_EACH(THIN_FETCH_##B, S) \
	THIN_EACH(THIN_FETCH_A, S) \
	k0 += uint64_t(THIN_SLICE);
#define THIN_PUT(B, S) THIN_EACH(THIN_PUT_##B, S) THIN_EACH(THIN_PUT_A, S)

/* The slice in shared memory, whose registers S take the one that is four further; that after it follows from registers NEXT. */
#define THIN_MULTIPLY(B, S, NEXT) \
	barrier(); \
	THIN_FETCH(B, S) \
	if (ty < rows) { \
		uint place_a = at + THIN_B + 32u * ty, place_b = at; \
		for (uint p = min(left, THIN_SLICE); p > 0u; p = p > 32u ? p - 32u : 0u) { \
			THIN_ALL(THIN_LOAD_##B) \
			THIN_ALL(THIN_STEP) \
			place_a = place_a + 8u; \
			place_b = place_b + 128u; \
		} \
	} \
	if (left <= THIN_SLICE) \
		break; \
	left = left - THIN_SLICE; \
	at = THIN_ROOM - at; \
	THIN_PUT(B, NEXT)

#define THIN_GEMM(B) \
	void kernel_thin_##B##_f32(uint64_t params, uint group, uint local) \
	{ \
		uint64_t m = PARAM(4), n = PARAM(5), k = PARAM(6), a_row = PARAM(9), a_k = PARAM(10), b_k = PARAM(11), b_col = PARAM(12); \
		TILE_OF_GROUP(THIN_ROWS, THIN_COLS) \
		uint64_t y = PARAM(0) + batch * PARAM(14), a = PARAM(1) + batch * PARAM(15) + row0 * a_row; \
		uint64_t b = PARAM(2) + batch * PARAM(16) + col0 * b_col, c = PARAM(3), left_cols = n - col0, k0 = 0ul, at_k, one_k; \
		uint ty = local / 16u, tx = local % 16u, at = 0u, left = uint(k), rows = uint(min(m - row0, uint64_t(THIN_ROWS))); \
		uint64_t row = row0 + uint64_t(ty), col = col0 + uint64_t(tx); \
		float sum = 0.0f; \
		if (uint64_t(group) >= PARAM(17)) \
			return; \
		if (c != 0ul && ty < rows && col < n) \
			sum = at_f32(c + row * PARAM(18) + col * PARAM(13)).v; \
		THIN_EACH(THIN_BEGIN, 0) THIN_EACH(THIN_BEGIN, 1) THIN_EACH(THIN_BEGIN, 2) THIN_EACH(THIN_BEGIN, 3) \
		THIN_FETCH(B, 0) \
		THIN_FETCH(B, 1) \
		THIN_FETCH(B, 2) \
		THIN_FETCH(B, 3) \
		THIN_PUT(B, 0) \
		for (;;) { \
			THIN_MULTIPLY(B, 0, 1) \
			THIN_MULTIPLY(B, 1, 2) \
			THIN_MULTIPLY(B, 2, 3) \
			THIN_MULTIPLY(B, 3, 0) \
		} \
		if (ty < rows && col < n) \
			at_f32(y + row * PARAM(7) + col * PARAM(8)).v = sum * SCALE_OF(params); \
	}

THIN_GEMM(K)
THIN_GEMM(T)
