/* SPDX-License-Identifier: MIT */
/*
 * Reductions and row operations: the fixed trees of docs/numerics.md. Conventions: vk/shaders/kernels.h.
 *
 * x is dense, [outer, n, inner]; a row runs along n. Where rows are folded by 64 lanes a workgroup has four of them.
 */
#define LANES 64u
#define CHUNK 16ul

/* How elements are folded, and what is folded. */
#define FOLD_ADD 0u
#define FOLD_MULTIPLY 1u
#define FOLD_MINIMUM 2u
#define FOLD_MAXIMUM 3u
#define OF_X 0u
#define OF_SQUARES 1u /* of x - mean */
#define OF_EXP 2u     /* of x - mean */

#define ROWS(T, E, DEVIATION) \
	E fold_##T(uint how, E a, E b) \
	{ \
		if (how == FOLD_ADD) \
			return op_add_##T(a, b); \
		if (how == FOLD_MULTIPLY) \
			return op_multiply_##T(a, b); \
		return how == FOLD_MINIMUM ? op_minimum_##T(a, b) : op_maximum_##T(a, b); \
	} \
	E element_##T(uint64_t p, uint of, E mean) \
	{ \
		E x = at_##T(p).v; \
		DEVIATION(T) \
		return x; \
	} \
	/* The column fold of count >= 1 elements from p on: chunks, joined as a binary counter carries. */ \
	E column_##T(uint64_t p, uint64_t step, uint64_t count, uint how, uint of, E mean) \
	{ \
		E waiting[48], acc = E(0); \
		uint depth = 0u; \
		uint64_t chunk = 0ul; \
		for (uint64_t i = 0ul; i < count; i += CHUNK) { \
			uint64_t last = min(i + CHUNK, count); \
			acc = element_##T(p + i * step, of, mean); \
			for (uint64_t j = i + 1ul; j < last; j++) \
				acc = fold_##T(how, acc, element_##T(p + j * step, of, mean)); \
			for (uint64_t carry = chunk; (carry & 1ul) != 0ul; carry = carry >> 1) { \
				depth = depth - 1u; \
				acc = fold_##T(how, waiting[depth], acc); \
			} \
			waiting[depth] = acc; \
			depth = depth + 1u; \
			chunk = chunk + 1ul; \
		} \
		for (depth = depth - 1u; depth > 0u; depth = depth - 1u) \
			acc = fold_##T(how, waiting[depth - 1u], acc); \
		return acc; \
	} \
	/* The row fold, by all invocations; each gets its row's result. */ \
	E row_##T(uint local, uint64_t p, uint64_t step, uint64_t count, uint how, uint of, E mean) \
	{ \
		uint lane = local % LANES, present = uint(min(count, uint64_t(LANES))); \
		barrier(); \
		if (lane < present) \
			shared_##T[local] = column_##T(p + uint64_t(lane) * step, step * uint64_t(LANES), \
						       (count - uint64_t(lane) + 63ul) / 64ul, how, of, mean); \
		for (uint h = LANES / 2u; h > 0u; h = h / 2u) { \
			barrier(); \
			if (lane < h && lane + h < present) \
				shared_##T[local] = fold_##T(how, shared_##T[local], shared_##T[local + h]); \
		} \
		barrier(); \
		return shared_##T[local - lane]; \
	} \
	/* y[outer, inner] = fold of x. Parameters: y x  n inner rows  how of means  empty; empty: what it is for n = 0. */ \
	void kernel_reduce_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t n = PARAM(2), inner = PARAM(3), rows = PARAM(4), means = PARAM(7), size = BYTES_##T; \
		uint how = uint(PARAM(5)), of = uint(PARAM(6)); \
		uint64_t r = inner == 1ul ? uint64_t(group) * 4ul + uint64_t(local / LANES) \
					  : uint64_t(group) * 256ul + uint64_t(local); \
		bool live = r < rows; \
		uint64_t row = live ? r : 0ul; \
		uint64_t p = PARAM(1) + (row / inner * n * inner + row % inner) * size; \
		E mean = E(0), y = at_##T(params + 64ul).v; \
		if (means != 0ul) \
			mean = at_##T(means + row * size).v; \
		if (n != 0ul && inner == 1ul) \
			y = row_##T(local, p, size, n, how, of, mean); \
		else if (n != 0ul) \
			y = column_##T(p, inner * size, n, how, of, mean); \
		if (live && (inner != 1ul || local % LANES == 0u)) \
			at_##T(PARAM(0) + row * size).v = y; \
	}

#define BYTES_f32 4ul
#define BYTES_f64 8ul
#define BYTES_i64 8ul
#define BYTES_u64 8ul
#define DEVIATION_NONE(T)
#define DEVIATION_FLOAT(T) \
	if (of == OF_SQUARES) \
		return (x - mean) * (x - mean); \
	if (of == OF_EXP) \
		return op_exp_##T(x - mean);

ROWS(f32, float, DEVIATION_FLOAT)
ROWS(f64, double, DEVIATION_FLOAT)
ROWS(i64, int64_t, DEVIATION_NONE)
ROWS(u64, uint64_t, DEVIATION_NONE)

/* softmax parameters: y x  n inner rows  log. layer_norm's: y x  n 1 rows  eps  weight bias, and their strides in bytes;
 * an address of 0 for one that is missing. */
#define NORMALISE(T, E) \
	void kernel_softmax_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t n = PARAM(2), inner = PARAM(3), rows = PARAM(4), size = BYTES_##T, step = inner * size; \
		uint64_t r = uint64_t(group) * 4ul + uint64_t(local / LANES); \
		uint64_t row = r < rows ? r : 0ul, offset = (row / inner * n * inner + row % inner) * size; \
		uint64_t x = PARAM(1) + offset, y = PARAM(0) + offset; \
		E most = row_##T(local, x, step, n, FOLD_MAXIMUM, OF_X, E(0)); \
		E sum = row_##T(local, x, step, n, FOLD_ADD, OF_EXP, most), inverse = E(1) / sum, less = op_log_##T(sum); \
		barrier(); /* x may be y */ \
		for (uint64_t i = uint64_t(local % LANES); i < n && r < rows; i += 64ul) { \
			E v = at_##T(x + i * step).v - most; \
			if (PARAM(5) != 0ul) \
				v = v - less; \
			else \
				v = op_exp_##T(v) * inverse; \
			at_##T(y + i * step).v = v; \
		} \
	} \
	void kernel_layer_norm_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t n = PARAM(2), rows = PARAM(4), size = BYTES_##T, weight = PARAM(6), bias = PARAM(7); \
		uint64_t r = uint64_t(group) * 4ul + uint64_t(local / LANES), row = r < rows ? r : 0ul; \
		uint64_t x = PARAM(1) + row * n * size, y = PARAM(0) + row * n * size; \
		E count = E(n), eps = at_##T(params + 40ul).v; \
		E mean = row_##T(local, x, size, n, FOLD_ADD, OF_X, E(0)) / count; \
		E var = row_##T(local, x, size, n, FOLD_ADD, OF_SQUARES, mean) / count; \
		E scale = E(1) / sqrt(var + eps); \
		barrier(); \
		for (uint64_t i = uint64_t(local % LANES); i < n && r < rows; i += 64ul) { \
			E w = E(1), b = v_neg(E(0)); \
			if (weight != 0ul) \
				w = at_##T(weight + i * PARAM(8)).v; \
			if (bias != 0ul) \
				b = at_##T(bias + i * PARAM(9)).v; \
			at_##T(y + i * size).v = fma((at_##T(x + i * size).v - mean) * scale, w, b); \
		} \
	}

NORMALISE(f32, float)
NORMALISE(f64, double)

#undef ROWS
#undef NORMALISE
