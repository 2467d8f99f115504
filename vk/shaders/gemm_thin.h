/* SPDX-License-Identifier: MIT */
/*
 * The f32 product of few rows: tiles of 8 × 32 by 256 invocations with a chain each, slices of 64 along k. A chain cannot be cut, so
 * there are no more of them than elements, and what counts is how much of b is on its way: four slices, in registers, while one
 * is multiplied. Any strides of a; b can be fetched by 16 bytes, along k (K) or along the tile (T). Columns past the edge are the last
 * ones again, and not stored; past the last k a is +0 and b, if it need be, -0. Parameters and result: kernel_matmul.
 *
 * A slice of b lies in shared memory as vectors of 4 steps, that of column q and steps 4·k at 32·k + (q ^ k), or, fetched along the
 * tile, as vectors of 4 columns; a's follows as vectors of 4 steps. Two slices take turns.
 */
#define THIN_ROWS 8u
#define THIN_COLS 32u
#define THIN_SLICE 64u
#define THIN_B (THIN_COLS * THIN_SLICE / 4u)
#define THIN_ROOM (THIN_B + THIN_ROWS * THIN_SLICE / 4u)

/* Of the i-th vector of b and element of a that an invocation fetches; k0: where its slice begins. */
#define THIN_FETCH_K(i, S) wb##S##i = at_v4(b + min(uint64_t(local / 16u + 16u * i##u), left_cols - 1ul) * b_col + at_k * b_k).v;
#define THIN_FETCH_T(i, S) \
	wb##S##i = vec4(-0.0f); \
	if (k0 + uint64_t(local / 8u + 32u * i##u) < k) \
		wb##S##i = at_v4(b + min(uint64_t(4u * (local % 8u)), ((left_cols + 3ul) & ~3ul) - 4ul) * 4ul + \
				 (k0 + uint64_t(local / 8u + 32u * i##u)) * b_k).v;
#define THIN_FETCH_A(i, S) \
	wa##S##i = 0.0f; \
	if (local / 64u + 4u * i##u < rows && k0 + uint64_t(local % 64u) < k) \
		wa##S##i = at_f32(a + uint64_t(local / 64u + 4u * i##u) * a_row + (k0 + uint64_t(local % 64u)) * a_k).v;
#define THIN_PUT_K(i, S) shared_thin[at + 32u * (local % 16u) + ((local / 16u + 16u * i##u) ^ (local % 16u))] = wb##S##i;
#define THIN_PUT_T(i, S) shared_thin[at + 8u * (local / 8u + 32u * i##u) + local % 8u] = wb##S##i;
#define THIN_PUT_A(i, S) \
	shared_thin[at + THIN_B + 16u * (local / 64u + 4u * i##u) + local % 64u / 4u][local & 3u] = wa##S##i;
#define THIN_EACH(DO, S) DO(0, S) DO(1, S)
#define THIN_BEGIN(i, S) \
	vec4 wb##S##i = vec4(0.0f); \
	float wa##S##i = 0.0f;

/* Four steps of a chain from vector p on. */
#define THIN_STEP_K \
	vec4 s = shared_thin[at + THIN_B + 16u * ty + p], t = shared_thin[at + 32u * p + (tx ^ p)]; \
	sum = fma(s.x, t.x, sum); \
	sum = fma(s.y, t.y, sum); \
	sum = fma(s.z, t.z, sum); \
	sum = fma(s.w, t.w, sum);
#define THIN_STEP_T \
	vec4 s = shared_thin[at + THIN_B + 16u * ty + p]; \
	sum = fma(s.x, shared_thin[at + 32u * p + tx / 4u][tx & 3u], sum); \
	sum = fma(s.y, shared_thin[at + 32u * p + 8u + tx / 4u][tx & 3u], sum); \
	sum = fma(s.z, shared_thin[at + 32u * p + 16u + tx / 4u][tx & 3u], sum); \
	sum = fma(s.w, shared_thin[at + 32u * p + 24u + tx / 4u][tx & 3u], sum);

#define THIN_FETCH(B, S) \
	at_k = min(k0 + uint64_t(4u * (local % 16u)), ((k + 3ul) & ~3ul) - 4ul); \
	THIN_EACH(THIN_FETCH_##B, S) \
	THIN_EACH(THIN_FETCH_A, S) \
	k0 += uint64_t(THIN_SLICE);
#define THIN_PUT(B, S) THIN_EACH(THIN_PUT_##B, S) THIN_EACH(THIN_PUT_A, S)

/* The slice in shared memory, whose registers S take the one that is four further; that after it follows from registers NEXT. */
#define THIN_MULTIPLY(B, S, NEXT) \
	barrier(); \
	THIN_FETCH(B, S) \
	if (ty < rows) { \
		if (left >= THIN_SLICE) { \
			_Pragma("GCC unroll 16") \
			for (uint p = 0u; p < THIN_SLICE / 4u; p++) { \
				THIN_STEP_##B \
			} \
		} else { \
			for (uint p = 0u; p < (left + 3u) / 4u; p++) { \
				THIN_STEP_##B \
			} \
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
		uint64_t b = PARAM(2) + batch * PARAM(16) + col0 * b_col, c = PARAM(3), left_cols = n - col0, k0 = 0ul, at_k; \
		uint ty = local / 32u, tx = local % 32u, at = 0u, left = uint(k), rows = uint(min(m - row0, uint64_t(THIN_ROWS))); \
		uint64_t row = row0 + uint64_t(ty), col = col0 + uint64_t(tx); \
		float sum = 0.0f; \
		if (uint64_t(group) >= PARAM(17)) \
			return; \
		if (c != 0ul && row < m && col < n) \
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
		if (row < m && col < n) \
			at_f32(y + row * PARAM(7) + col * PARAM(8)).v = sum * SCALE_OF(params); \
	}

THIN_GEMM(K)
THIN_GEMM(T)
