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
 * contiguous. Parameters: y a b c  M N K  y_row y_col  a_row a_k  b_k b_col  c_col  y_batch a_batch b_batch  groups c_row; c is 0
 * if the chains start at 0.
 */
#define TILE 64u
#define DEPTH 16u

#define FMA(a, b, c) fma(a, b, c)
#define WRAP(a, b, c) ((a) * (b) + (c))
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
		E acc[16]; \
		if (uint64_t(group) >= PARAM(17)) \
			return; \
		for (uint i = 0u; i < 16u; i++) { \
			uint64_t row = row0 + uint64_t(ty + 16u * (i / 4u)), col = col0 + uint64_t(tx + 16u * (i % 4u)); \
			acc[i] = E(0); \
			if (c != 0ul && row < m && col < n) \
				acc[i] = at_##T(c + row * PARAM(18) + col * PARAM(13)).v; \
		} \
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
				E s[4], t[4]; \
				_Pragma("GCC unroll 4") \
				for (uint i = 0u; i < 4u; i++) { \
					s[i] = shared_##T[p * TILE + ((ty + 16u * i) ^ (4u * (p / 4u)))]; \
					t[i] = shared_##T[1024u + p * TILE + tx + 16u * i]; \
				} \
				_Pragma("GCC unroll 16") \
				for (uint i = 0u; i < 16u; i++) \
					acc[i] = STEP(s[i / 4u], t[i % 4u], acc[i]); \
			} \
		} \
		for (uint i = 0u; i < 16u; i++) { \
			uint64_t row = row0 + uint64_t(ty + 16u * (i / 4u)), col = col0 + uint64_t(tx + 16u * (i % 4u)); \
			if (row < m && col < n) \
				at_##T(y + row * PARAM(7) + col * PARAM(8)).v = acc[i]; \
		} \
	}

MATMUL(f32, float, FMA)
MATMUL(f64, double, FMA)
MATMUL(u32, uint, WRAP)
MATMUL(u64, uint64_t, WRAP)

#undef MATMUL
#undef FMA
#undef WRAP

#include "vk/shaders/gemm.h"
#include "vk/shaders/rows.h"
#include "vk/shaders/index.h"
#include "vk/shaders/windows.h"
