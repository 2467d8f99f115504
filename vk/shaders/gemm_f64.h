/* SPDX-License-Identifier: MIT */
/*
 * The f64 product: tiles of 64 × 64 by 128 invocations, 4 × 8 elements each, in pairs; slices of 8 along k. Any strides; what is past
 * an edge is +0 in a and -0 in b. A pair lies in shared memory at its place along the tile, turned by k, so that neighbours that
 * store along k meet different banks.
 */
#define F64_WHERE(i, along_k) \
	uint number##i = local + i##u * 128u; \
	uint o_a##i = a_along ? number##i / 8u : number##i % 64u, k_a##i = a_along ? number##i % 8u : number##i / 64u; \
	uint o_b##i = b_along ? number##i / 8u : number##i % 64u, k_b##i = b_along ? number##i % 8u : number##i / 64u; \
	double na##i = 0.0, nb##i = -0.0;
#define F64_FETCH(i, X) \
	na##i = 0.0; \
	nb##i = -0.0; \
	if (uint64_t(o_a##i) < left_rows && k0 + uint64_t(k_a##i) < k) \
		na##i = at_f64(a + uint64_t(o_a##i) * a_row + (k0 + uint64_t(k_a##i)) * a_k).v; \
	if (uint64_t(o_b##i) < left_cols && k0 + uint64_t(k_b##i) < k) \
		nb##i = at_f64(b + uint64_t(o_b##i) * b_col + (k0 + uint64_t(k_b##i)) * b_k).v;
#define F64_PUT(i, X) \
	shared_gemmd[at + 32u * k_a##i + ((o_a##i / 2u) ^ k_a##i)][o_a##i & 1u] = na##i; \
	shared_gemmd[at + 256u + 32u * k_b##i + ((o_b##i / 2u) ^ k_b##i)][o_b##i & 1u] = nb##i;
#define FOUR(DO, X) DO(0, X) DO(1, X) DO(2, X) DO(3, X)
#define F64_ROW(r) (row + uint64_t(r % 2) + uint64_t(r / 2) * 32ul)
#define F64_COL(q) (col + 16ul * uint64_t(q))
#define F64_SUMS(DO, r) DO(r, 0) DO(r, 1) DO(r, 2) DO(r, 3)
#define F64_BEGIN(r, q) \
	f64vec2 c##r##q = f64vec2(0.0); \
	if (c != 0ul && F64_ROW(r) < m) { \
		if (F64_COL(q) < n) \
			c##r##q.x = at_f64(c + F64_ROW(r) * PARAM(18) + F64_COL(q) * PARAM(13)).v; \
		if (F64_COL(q) + 1ul < n) \
			c##r##q.y = at_f64(c + F64_ROW(r) * PARAM(18) + (F64_COL(q) + 1ul) * PARAM(13)).v; \
	}
#define F64_STORE(r, q) \
	if (F64_ROW(r) < m) { \
		if (F64_COL(q) < n) \
			at_f64(y + F64_ROW(r) * PARAM(7) + F64_COL(q) * PARAM(8)).v = c##r##q.x; \
		if (F64_COL(q) + 1ul < n) \
			at_f64(y + F64_ROW(r) * PARAM(7) + (F64_COL(q) + 1ul) * PARAM(8)).v = c##r##q.y; \
	}
#define F64_STEP(r, q, s) \
	c##r##q.x = fma(s, t##q.x, c##r##q.x); \
	c##r##q.y = fma(s, t##q.y, c##r##q.y);
#define F64_PIECE(r, s) F64_STEP(r, 0, s) F64_STEP(r, 1, s) F64_STEP(r, 2, s) F64_STEP(r, 3, s)

void kernel_gemm_f64(uint64_t params, uint group, uint local)
{
	uint64_t m = PARAM(4), n = PARAM(5), k = PARAM(6), a_row = PARAM(9), a_k = PARAM(10), b_k = PARAM(11), b_col = PARAM(12);
	uint across = uint((n + 63ul) / 64ul), down = uint((m + 63ul) / 64ul), tile = group % (across * down), at = 0u;
	uint band = tile / (BAND * across), rest = tile % (BAND * across), tall = min(BAND, down - band * BAND);
	uint64_t batch = uint64_t(group / (across * down));
	uint64_t row0 = uint64_t((band * BAND + rest % tall) * 64u), col0 = uint64_t(rest / tall * 64u);
	uint64_t y = PARAM(0) + batch * PARAM(14), a = PARAM(1) + batch * PARAM(15) + row0 * a_row;
	uint64_t b = PARAM(2) + batch * PARAM(16) + col0 * b_col, c = PARAM(3), left_rows = m - row0, left_cols = n - col0;
	uint ty = local / 8u, tx = local % 8u;
	uint64_t row = row0 + uint64_t(2u * ty), col = col0 + uint64_t(2u * tx);
	bool a_along = a_k <= a_row, b_along = b_k < b_col;

	if (uint64_t(group) >= PARAM(17))
		return;
	F64_SUMS(F64_BEGIN, 0) F64_SUMS(F64_BEGIN, 1) F64_SUMS(F64_BEGIN, 2) F64_SUMS(F64_BEGIN, 3)
	FOUR(F64_WHERE, 0)
	for (uint64_t k0 = 0ul; k0 < k + 8ul; k0 += 8ul) {
		if (k0 < k) {
			FOUR(F64_FETCH, 0)
		}
		if (k0 != 0ul) {
			uint from = at ^ 512u;

#pragma GCC unroll 8
			for (uint p = 0u; p < 8u; p++) {
				f64vec2 s0 = shared_gemmd[from + 32u * p + (ty ^ p)], s1 = shared_gemmd[from + 32u * p + ((ty + 16u) ^ p)];
				f64vec2 t0 = shared_gemmd[from + 256u + 32u * p + (tx ^ p)];
				f64vec2 t1 = shared_gemmd[from + 256u + 32u * p + ((tx + 8u) ^ p)];
				f64vec2 t2 = shared_gemmd[from + 256u + 32u * p + ((tx + 16u) ^ p)];
				f64vec2 t3 = shared_gemmd[from + 256u + 32u * p + ((tx + 24u) ^ p)];

				F64_PIECE(0, s0.x) F64_PIECE(1, s0.y) F64_PIECE(2, s1.x) F64_PIECE(3, s1.y)
			}
		}
		if (k0 < k) {
			FOUR(F64_PUT, 0)
			at = at ^ 512u;
		}
		barrier();
	}
	F64_SUMS(F64_STORE, 0) F64_SUMS(F64_STORE, 1) F64_SUMS(F64_STORE, 2) F64_SUMS(F64_STORE, 3)
}
