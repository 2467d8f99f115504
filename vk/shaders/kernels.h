/* SPDX-License-Identifier: MIT */
/*
 * Kernels that are more than an expression. Each is a function of its parameters' address (64-bit words), the number of
 * its workgroup and that of the invocation in it; vk/kernel.c writes the main function that calls it. at_T(address).v
 * is the element in memory, shared_T are 2048 elements the workgroup shares. Conventions: vk/shaders/words.h.
 */
#define PARAM(i) (at_u64(params + 8ul * uint64_t(i)).v)

/*
 * y[M,N] = c + a[M,K] · b[K,N], strides in bytes: each element one chain of multiply-adds, fused or wrapping, k ascending. A
 * workgroup makes a tile of 64 × 64, an invocation 4 × 4 elements of it, 16 apart so that a warp's loads are
 * contiguous. Parameters: y a b c  M N K  y_row y_col  a_row a_k  b_k b_col  c_col  y_batch a_batch b_batch  groups c_row  scale; c is 0
 * if the chains start at 0. Sums of floating-point numbers are multiplied by `scale` in the end.
 */
#define SCALE_OF(params) uintBitsToFloat(uint(PARAM(19)))
#define TILE 64u
#define DEPTH 16u

#define WRAP(a, b, c) ((a) * (b) + (c))
/* The 16 elements by name, since an array may end up in memory: number, row and column of each. */
#define EACH_SUM(DO, T, E) DO(0, 0, 0, T, E) DO(1, 0, 1, T, E) DO(2, 0, 2, T, E) DO(3, 0, 3, T, E) \
	DO(4, 1, 0, T, E) DO(5, 1, 1, T, E) DO(6, 1, 2, T, E) DO(7, 1, 3, T, E) \
	DO(8, 2, 0, T, E) DO(9, 2, 1, T, E) DO(10, 2, 2, T, E) DO(11, 2, 3, T, E) \
	DO(12, 3, 0, T, E) DO(13, 3, 1, T, E) DO(14, 3, 2, T, E) DO(15, 3, 3, T, E)
#define SUM_ROW(i) (row + 16ul * i##ul)
#define SUM_COL(j) (col + 16ul * j##ul)
#define BEGIN_SUM(number, i, j, T, E) \
	E c##number = E(0); \
	if (c != 0ul && SUM_ROW(i) < m && SUM_COL(j) < n) \
		c##number = at_##T(c + SUM_ROW(i) * PARAM(18) + SUM_COL(j) * PARAM(13)).v;
#define STEP_SUM(number, i, j, T, STEP) c##number = STEP(s##i, t##j, c##number);
#define STORE_SUM(number, i, j, T, E) \
	if (SUM_ROW(i) < m && SUM_COL(j) < n) \
		at_##T(y + SUM_ROW(i) * PARAM(7) + SUM_COL(j) * PARAM(8)).v = c##number;
#define FACTORS(i, T, E) \
	E s##i = shared_##T[p * TILE + ((ty + 16u * i##u) ^ (4u * (p / 4u)))], t##i = shared_##T[1024u + p * TILE + tx + 16u * i##u];

#define MATMUL(T, E, STEP) \
	void kernel_matmul_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t m = PARAM(4), n = PARAM(5), k = PARAM(6), c = PARAM(3); \
		uint across = uint((n + 63ul) / 64ul), down = uint((m + 63ul) / 64ul); \
		uint64_t batch = uint64_t(group / (across * down)); \
		uint64_t row0 = uint64_t(group / across % down * TILE), col0 = uint64_t(group % across * TILE); \
		uint64_t y = PARAM(0) + batch * PARAM(14); \
		uint64_t a = PARAM(1) + batch * PARAM(15), a_row = PARAM(9), a_k = PARAM(10); \
		uint64_t b = PARAM(2) + batch * PARAM(16), b_k = PARAM(11), b_col = PARAM(12); \
		uint tx = local % 16u, ty = local / 16u; \
		uint64_t row = row0 + uint64_t(ty), col = col0 + uint64_t(tx); \
		if (uint64_t(group) >= PARAM(17)) \
			return; \
		EACH_SUM(BEGIN_SUM, T, E) \
		for (uint64_t k0 = 0ul; k0 < k; k0 += uint64_t(DEPTH)) { \
			uint most = uint(min(k - k0, uint64_t(DEPTH))); \
			barrier(); \
			for (uint i = local; i < TILE * DEPTH; i += 256u) { \
				uint p = i % DEPTH, r = i / DEPTH; \
				E v = E(0); \
				if (row0 + uint64_t(r) < m && p < most) \
					v = at_##T(a + (row0 + uint64_t(r)) * a_row + (k0 + uint64_t(p)) * a_k).v; \
				shared_##T[p * TILE + (r ^ (4u * (p / 4u)))] = v; \
			} \
			for (uint i = local; i < TILE * DEPTH; i += 256u) { \
				uint q = b_col <= b_k ? i % TILE : i / DEPTH, p = b_col <= b_k ? i / TILE : i % DEPTH; \
				E v = E(0); \
				if (col0 + uint64_t(q) < n && p < most) \
					v = at_##T(b + (col0 + uint64_t(q)) * b_col + (k0 + uint64_t(p)) * b_k).v; \
				shared_##T[1024u + p * TILE + q] = v; \
			} \
			barrier(); \
			for (uint p = 0u; p < most; p++) { \
				FACTORS(0, T, E) FACTORS(1, T, E) FACTORS(2, T, E) FACTORS(3, T, E) \
				EACH_SUM(STEP_SUM, T, STEP) \
			} \
		} \
		EACH_SUM(STORE_SUM, T, E) \
	}

MATMUL(u32, uint, WRAP)
MATMUL(u64, uint64_t, WRAP)

#undef MATMUL
#undef FACTORS
#undef STORE_SUM
#undef STEP_SUM
#undef BEGIN_SUM
#undef SUM_COL
#undef SUM_ROW
#undef EACH_SUM
#undef WRAP

#include "vk/shaders/gemm.h"
#include "vk/shaders/gemm_conv.h"
#include "vk/shaders/gemm_wide.h"
#include "vk/shaders/gemm_small.h"
#include "vk/shaders/gemm_thin.h"
#include "vk/shaders/gemm_f64.h"
#include "vk/shaders/rows.h"
#include "vk/shaders/index.h"
#include "vk/shaders/order.h"
#include "vk/shaders/transpose.h"
#include "vk/shaders/windows.h"
#include "vk/shaders/transposed.h"
#include "vk/shaders/put.h"
#include "vk/shaders/resize.h"
#include "vk/shaders/random.h"
