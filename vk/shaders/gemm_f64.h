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
#define F64_ROW(r) (row + uint64_t(r % 2) + uint64_t(r / 2) * apart)
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
			at_f64(y + F64_ROW(r) * PARAM(7) + F64_COL(q) * PARAM(8)).v = c##r##q.x * scale; \
		if (F64_COL(q) + 1ul < n) \
			at_f64(y + F64_ROW(r) * PARAM(7) + (F64_COL(q) + 1ul) * PARAM(8)).v = c##r##q.y * scale; \
	}
#define F64_STEP(r, q, s) \
	c##r##q.x = fma(s, t##q.x, c##r##q.x); \
	c##r##q.y = fma(s, t##q.y, c##r##q.y);
#define F64_PIECE(r, s) F64_STEP(r, 0, s) F64_STEP(r, 1, s) F64_STEP(r, 2, s) F64_STEP(r, 3, s)

void kernel_gemm_f64(uint64_t params, uint group, uint local)
{
	uint64_t m = PARAM(4), n = PARAM(5), k = PARAM(6), a_row = PARAM(9), a_k = PARAM(10), b_k = PARAM(11), b_col = PARAM(12);
	TILE_OF_GROUP(64u, 64u)
	uint64_t y = PARAM(0) + batch * PARAM(14), a = PARAM(1) + batch * PARAM(15) + row0 * a_row;
	uint64_t b = PARAM(2) + batch * PARAM(16) + col0 * b_col, c = PARAM(3), left_rows = m - row0, left_cols = n - col0;
	uint ty = local / 8u, tx = local % 8u, at = 0u;
	uint64_t row = row0 + uint64_t(2u * ty), col = col0 + uint64_t(2u * tx), apart = 32ul;
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
	double scale = uint64BitsToDouble(PARAM(19));

	F64_SUMS(F64_STORE, 0) F64_SUMS(F64_STORE, 1) F64_SUMS(F64_STORE, 2) F64_SUMS(F64_STORE, 3)
}

/*
 * The same where both operands can be fetched by 16 bytes and k is a multiple of 8: by 64 invocations, 8 × 8 elements each, in pairs
 * that lie 16 apart. A and B: as for gemm.h's.
 */
#define D64_TURN(k) ((k) & 6u)
#define D64_WHERE_K(base, step_o, step_k, number, left) \
	(base + min(uint64_t((number) / 4u), left - 1ul) * step_o + uint64_t(16u * ((number) % 4u)))
#define D64_WHERE_T(base, step_o, step_k, number, left) \
	(base + min(uint64_t(2u * ((number) % 32u)), ((left + 1ul) & ~1ul) - 2ul) * 8ul + uint64_t((number) / 32u) * step_k)
#define D64_PUT_K(at, number, v) \
	shared_gemmd[at + 64u * ((number) % 4u) + ((number) / 8u ^ D64_TURN(2u * ((number) % 4u)))][(number) / 4u & 1u] = v.x; \
	shared_gemmd[at + 64u * ((number) % 4u) + 32u + ((number) / 8u ^ D64_TURN(2u * ((number) % 4u)))][(number) / 4u & 1u] = v.y;
#define D64_PUT_T(at, number, v) shared_gemmd[at + 32u * ((number) / 32u) + ((number) % 32u ^ D64_TURN((number) / 32u))] = v;
#define D64_FIRST(i, A, B) \
	uint64_t pa##i = D64_WHERE_##A(a, a_row, a_k, local + 64u * i##u, left_rows); \
	uint64_t pb##i = D64_WHERE_##B(b, b_col, b_k, local + 64u * i##u, left_cols); \
	f64vec2 na##i = at_d2(pa##i).v, nb##i = at_d2(pb##i).v;
#define D64_NEXT(i, A, B) \
	pa##i = pa##i + next_a; \
	pb##i = pb##i + next_b; \
	na##i = at_d2(pa##i).v; \
	nb##i = at_d2(pb##i).v;
#define D64_PUT(i, A, B) \
	D64_PUT_##A(at, local + 64u * i##u, na##i) \
	D64_PUT_##B(at + 256u, local + 64u * i##u, nb##i)
#define D64_EACH(DO, A, B) DO(0, A, B) DO(1, A, B) DO(2, A, B) DO(3, A, B)
#define D64_ROWS(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#define D64_START_ROW(r) F64_SUMS(F64_BEGIN, r)
#define D64_STORE_ROW(r) F64_SUMS(F64_STORE, r)

#define D64_GEMM(A, B) \
	void kernel_gemm_##A##_##B##_f64(uint64_t params, uint group, uint local) \
	{ \
		uint64_t m = PARAM(4), n = PARAM(5), k = PARAM(6), a_row = PARAM(9), a_k = PARAM(10), b_k = PARAM(11), b_col = PARAM(12); \
		TILE_OF_GROUP(64u, 64u) \
		uint64_t y = PARAM(0) + batch * PARAM(14), a = PARAM(1) + batch * PARAM(15) + row0 * a_row; \
		uint64_t b = PARAM(2) + batch * PARAM(16) + col0 * b_col, c = PARAM(3), left_rows = m - row0, left_cols = n - col0; \
		uint ty = local / 8u, tx = local % 8u, at = 0u; \
		uint64_t row = row0 + uint64_t(2u * ty), col = col0 + uint64_t(2u * tx), apart = 16ul; \
		D64_ROWS(D64_START_ROW) \
		if (uint64_t(group) >= PARAM(17)) \
			return; \
		D64_EACH(D64_FIRST, A, B) \
		for (uint64_t k0 = 8ul;; k0 += 8ul) { \
			D64_EACH(D64_PUT, A, B) \
			barrier(); \
			uint64_t next_a = k0 < k ? 8ul * a_k : 0ul, next_b = k0 < k ? 8ul * b_k : 0ul; \
			D64_EACH(D64_NEXT, A, B) \
			for (uint p = 0u; p < 8u; p++) { \
				uint base_a = at + 32u * p, base_b = at + 256u + 32u * p, turn = D64_TURN(p); \
				f64vec2 s0 = shared_gemmd[base_a + (ty ^ turn)], s1 = shared_gemmd[base_a + ((ty + 8u) ^ turn)]; \
				f64vec2 s2 = shared_gemmd[base_a + ((ty + 16u) ^ turn)], s3 = shared_gemmd[base_a + ((ty + 24u) ^ turn)]; \
				f64vec2 t0 = shared_gemmd[base_b + (tx ^ turn)], t1 = shared_gemmd[base_b + ((tx + 8u) ^ turn)]; \
				f64vec2 t2 = shared_gemmd[base_b + ((tx + 16u) ^ turn)], t3 = shared_gemmd[base_b + ((tx + 24u) ^ turn)]; \
				F64_PIECE(0, s0.x) F64_PIECE(1, s0.y) F64_PIECE(2, s1.x) F64_PIECE(3, s1.y) \
				F64_PIECE(4, s2.x) F64_PIECE(5, s2.y) F64_PIECE(6, s3.x) F64_PIECE(7, s3.y) \
			} \
			at = at ^ 512u; \
			if (k0 >= k) \
				break; \
		} \
		double scale = uint64BitsToDouble(PARAM(19)); \
		D64_ROWS(D64_STORE_ROW) \
	}

D64_GEMM(K, K) D64_GEMM(K, T) D64_GEMM(T, K) D64_GEMM(T, T)
