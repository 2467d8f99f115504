/* SPDX-License-Identifier: MIT */
/*
 * y[batch, rows, cols] = x with x's elements side by side along the rows, y's along the columns: squares of 32 × 32 go through shared
 * memory, so that both are met by whole lines. Parameters: y x  rows cols  y_row x_col  y_batch x_batch  across down groups,
 * strides in bytes; squares across and down. Conventions: vk/shaders/kernels.h.
 */
#define SQUARE_SIDE 32u
#define SQUARE_PITCH 33u /* neighbours in a column meet different banks */

#define TRANSPOSE(T, E, S, F, BYTES) \
	void kernel_transpose_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t rows = PARAM(2), cols = PARAM(3), across = PARAM(8), each = across * PARAM(9); \
		uint64_t batch = uint64_t(group) / each, square = uint64_t(group) % each; \
		uint64_t row0 = square / across * 32ul, col0 = square % across * 32ul; \
		uint64_t x = PARAM(1) + batch * PARAM(7), y = PARAM(0) + batch * PARAM(6); \
		if (uint64_t(group) >= PARAM(10)) \
			return; \
		uint side = local % SQUARE_SIDE, other = local / SQUARE_SIDE; \
		_Pragma("GCC unroll 4") \
		for (uint i = 0u; i < 4u; i++) { \
			uint64_t row = row0 + uint64_t(side), col = col0 + uint64_t(other + 8u * i); \
			if (row < rows && col < cols) \
				shared_##S[(other + 8u * i) * SQUARE_PITCH + side] = F(at_##T(x + row * BYTES + col * PARAM(5)).v); \
		} \
		barrier(); \
		_Pragma("GCC unroll 4") \
		for (uint i = 0u; i < 4u; i++) { \
			uint64_t row = row0 + uint64_t(other + 8u * i), col = col0 + uint64_t(side); \
			if (row < rows && col < cols) \
				at_##T(y + row * PARAM(4) + col * BYTES).v = E(shared_##S[side * SQUARE_PITCH + other + 8u * i]); \
		} \
	}

TRANSPOSE(u8, uint8_t, u32, uint, 1ul)
TRANSPOSE(u16, uint16_t, u32, uint, 2ul)
TRANSPOSE(u32, uint, u32, uint, 4ul)
TRANSPOSE(u64, uint64_t, u64, uint64_t, 8ul)

#undef TRANSPOSE
