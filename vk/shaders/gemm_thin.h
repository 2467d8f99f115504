/* SPDX-License-Identifier: MIT */
/*
 * The f32 product of few rows: tiles of ROWS × 16, slices of 128 along k, 256 invocations that fetch and as many of them as there are
 * elements that multiply, a chain each. A chain cannot be cut, so what counts is how much of b is on its way, four slices, in
 * registers, and how short the way of a chain from one step to the next is: it loads two vectors ahead. Any strides of a; b can be
 * fetched by 16 bytes, along k (K) or along the tile (T). No fetch is asked about, since a branch would wait for it: what is not there is
 * what was fetched last, and columns past the edge are not stored; past the last k zeros are put, +0 for a and -0 for b.
 * Parameters and result: kernel_matmul.
 *
 * A slice of b lies in shared memory as vectors of 4 steps, that of column q and steps 4·k at 16·k + (q ^ k % 8), or, fetched along
 * the tile, as vectors of 4 columns; a's follows as vectors of 4 steps. Two slices take turns.
 */
#define THIN_COLS 16u
#define THIN_SLICE 128u
#define THIN_B (THIN_COLS * THIN_SLICE / 4u)
#define THIN_ROOM(ROWS) (THIN_B + ROWS * THIN_SLICE / 4u)

/* Where an invocation's two vectors of b lie along k and along the tile, and its elements of a, ROWS / 2, 2 rows apart. */
#define THIN_K_K(i) (4u * (local % 32u))
#define THIN_K_T(i) (local / 4u + 64u * i##u)
#define THIN_FIRST_K(i) \
	uint64_t pb##i = b + min(uint64_t(local / 32u + 8u * i##u), left_cols - 1ul) * b_col + \
			 uint64_t(min(THIN_K_K(i), ((left + 3u) & ~3u) - 4u)) * b_k;
#define THIN_FIRST_T(i) \
	uint64_t pb##i = b + min(uint64_t(4u * (local % 4u)), ((left_cols + 3ul) & ~3ul) - 4ul) * 4ul + \
			 uint64_t(min(THIN_K_T(i), left - 1u)) * b_k;
#define THIN_FIRST_A(j) \
	uint64_t pa##j = a + uint64_t(min(local / 128u + 2u * j##u, rows - 1u)) * a_row + uint64_t(min(local % 128u, left - 1u)) * a_k;
#define THIN_FETCH_B(i, B, S) \
	wb##S##i = at_v4(pb##i).v; \
	pb##i = pb##i + (ahead + THIN_K_##B(i) < depth ? b_step : 0ul);
#define THIN_FETCH_A(j, S) \
	wa##S##j = at_f32(pa##j).v; \
	pa##j = pa##j + (ahead + local % 128u < depth ? a_step : 0ul);
#define THIN_PUT_K(i, S) \
	shared_thin[at + 16u * (local % 32u) + ((local / 32u + 8u * i##u) ^ (local % 8u))] = \
		THIN_K_K(i) < left ? wb##S##i : vec4(-0.0f);
#define THIN_PUT_T(i, S) shared_thin[at + local + 256u * i##u] = THIN_K_T(i) < left ? wb##S##i : vec4(-0.0f);
#define THIN_PUT_A(j, S) \
	shared_thin[at + THIN_B + 32u * (local / 128u + 2u * j##u) + local % 128u / 4u][local & 3u] = \
		local % 128u < left ? wa##S##j : 0.0f;
#define THIN_BEGIN_B(i, S) vec4 wb##S##i;
#define THIN_BEGIN_A(j, S) float wa##S##j;
#define THIN_A_2(DO, S) DO(0, S)
#define THIN_A_8(DO, S) DO(0, S) DO(1, S) DO(2, S) DO(3, S)

/* A vector of either operand of a chain, n vectors further on, into registers G and j; and its steps. */
#define THIN_LOAD_K(G, j, n) \
	G##s##j = shared_thin[place_a + n]; \
	G##t##j = shared_thin[place_b + 16u * n + (tx ^ n)];
#define THIN_LOAD_T(G, j, n) \
	G##s##j = shared_thin[place_a + n]; \
	G##t##j.x = shared_thin[place_b + 16u * n + tx / 4u][tx & 3u]; \
	G##t##j.y = shared_thin[place_b + 16u * n + 4u + tx / 4u][tx & 3u]; \
	G##t##j.z = shared_thin[place_b + 16u * n + 8u + tx / 4u][tx & 3u]; \
	G##t##j.w = shared_thin[place_b + 16u * n + 12u + tx / 4u][tx & 3u];
#define THIN_STEP(G, j) \
	sum = fma(G##s##j.x, G##t##j.x, sum); \
	sum = fma(G##s##j.y, G##t##j.y, sum); \
	sum = fma(G##s##j.z, G##t##j.z, sum); \
	sum = fma(G##s##j.w, G##t##j.w, sum);

#define THIN_FETCH(ROWS, B, S) \
	THIN_FETCH_B(0, B, S) \
	THIN_FETCH_B(1, B, S) \
	THIN_A_##ROWS(THIN_FETCH_A, S) \
	ahead = ahead + THIN_SLICE;
#define THIN_PUT(ROWS, B, S) THIN_PUT_##B(0, S) THIN_PUT_##B(1, S) THIN_A_##ROWS(THIN_PUT_A, S)
#define THIN_BEGIN(ROWS, S) THIN_BEGIN_B(0, S) THIN_BEGIN_B(1, S) THIN_A_##ROWS(THIN_BEGIN_A, S)

/* The slice in shared memory, whose registers S take the one that is four further; that after it follows from registers NEXT. */
#define THIN_MULTIPLY(ROWS, B, S, NEXT) \
	barrier(); \
	THIN_FETCH(ROWS, B, S) \
	if (ty < rows) { \
		uint place_a = at + THIN_B + 32u * ty, place_b = at; \
		vec4 xs0, xs1, xt0, xt1, ys0, ys1, yt0, yt1; \
		THIN_LOAD_##B(x, 0, 0u) THIN_LOAD_##B(x, 1, 1u) \
		for (uint h = 1u; h <= THIN_SLICE / 32u; h++) { \
			THIN_LOAD_##B(y, 0, 2u) THIN_LOAD_##B(y, 1, 3u) \
			THIN_STEP(x, 0) THIN_STEP(x, 1) \
			THIN_LOAD_##B(x, 0, 4u) THIN_LOAD_##B(x, 1, 5u) \
			THIN_STEP(y, 0) THIN_STEP(y, 1) \
			THIN_LOAD_##B(y, 0, 6u) THIN_LOAD_##B(y, 1, 7u) \
			THIN_STEP(x, 0) THIN_STEP(x, 1) \
			place_a = place_a + (h < THIN_SLICE / 32u ? 8u : 0u); \
			place_b = place_b + (h < THIN_SLICE / 32u ? 128u : 0u); \
			THIN_LOAD_##B(x, 0, 0u) THIN_LOAD_##B(x, 1, 1u) \
			THIN_STEP(y, 0) THIN_STEP(y, 1) \
		} \
	} \
	if (left <= THIN_SLICE) \
		break; \
	left = left - THIN_SLICE; \
	at = THIN_ROOM(ROWS##u) - at; \
	THIN_PUT(ROWS, B, NEXT)

#define THIN_GEMM(ROWS, B) \
	void kernel_thin##ROWS##_##B##_f32(uint64_t params, uint group, uint local) \
	{ \
		uint64_t m = PARAM(4), n = PARAM(5), a_row = PARAM(9), a_k = PARAM(10), b_k = PARAM(11), b_col = PARAM(12); \
		TILE_OF_GROUP(ROWS##u, THIN_COLS) \
		uint64_t y = PARAM(0) + batch * PARAM(14), a = PARAM(1) + batch * PARAM(15) + row0 * a_row; \
		uint64_t b = PARAM(2) + batch * PARAM(16) + col0 * b_col, c = PARAM(3), left_cols = n - col0; \
		uint64_t a_step = uint64_t(THIN_SLICE) * a_k, b_step = uint64_t(THIN_SLICE) * b_k; \
		uint ty = local / 16u, tx = local % 16u, at = 0u, depth = uint(PARAM(6)), left = depth, ahead = THIN_SLICE; \
		uint rows = uint(min(m - row0, uint64_t(ROWS##u))); \
		uint64_t row = row0 + uint64_t(ty), col = col0 + uint64_t(tx); \
		float sum = 0.0f; \
		if (uint64_t(group) >= PARAM(17)) \
			return; \
		if (c != 0ul && ty < rows && col < n) \
			sum = at_f32(c + row * PARAM(18) + col * PARAM(13)).v; \
		THIN_FIRST_##B(0) \
		THIN_FIRST_##B(1) \
		THIN_FIRST_A(0) THIN_FIRST_A(1) THIN_FIRST_A(2) THIN_FIRST_A(3) \
		THIN_BEGIN(ROWS, 0) THIN_BEGIN(ROWS, 1) THIN_BEGIN(ROWS, 2) THIN_BEGIN(ROWS, 3) \
		THIN_FETCH(ROWS, B, 0) \
		THIN_FETCH(ROWS, B, 1) \
		THIN_FETCH(ROWS, B, 2) \
		THIN_FETCH(ROWS, B, 3) \
		THIN_PUT(ROWS, B, 0) \
		for (;;) { \
			THIN_MULTIPLY(ROWS, B, 0, 1) \
			THIN_MULTIPLY(ROWS, B, 1, 2) \
			THIN_MULTIPLY(ROWS, B, 2, 3) \
			THIN_MULTIPLY(ROWS, B, 3, 0) \
		} \
		if (ty < rows && col < n) \
			at_f32(y + row * PARAM(7) + col * PARAM(8)).v = sum * SCALE_OF(params); \
	}

THIN_GEMM(2, K) THIN_GEMM(2, T)
THIN_GEMM(8, K) THIN_GEMM(8, T)
