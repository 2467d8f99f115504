/* SPDX-License-Identifier: MIT */
/*
 * Reductions and row operations: the fixed trees of docs/numerics.md. Conventions: vk/shaders/kernels.h.
 *
 * x is [outer, n, inner]; a row runs along n. A row fold (inner = 1) is shared by teams of 16 invocations, each of which
 * has the lanes t, t + 16, t + 32, t + 48; a column fold by as many invocations as wanted for every column. Both
 * go by blocks of 16 elements of a lane, the tree's leaves: a team folds `blocks` of them, a power of two, which make
 * one subtree, the teams of a workgroup join theirs in shared memory, and where a row has several workgroups,
 * its segments, they leave partial results in memory. A second dispatch joins those: there the elements are subtrees
 * already, and a block of 16 is joined as a tree instead of a chain.
 */
#define EACH_16(DO, T, X) DO(0, T, X) DO(1, T, X) DO(2, T, X) DO(3, T, X) DO(4, T, X) DO(5, T, X) DO(6, T, X) \
	DO(7, T, X) DO(8, T, X) DO(9, T, X) DO(10, T, X) DO(11, T, X) DO(12, T, X) DO(13, T, X) DO(14, T, X) DO(15, T, X)
#define CHAIN_16(T, FN) JOIN(0, 1, T, FN) JOIN(0, 2, T, FN) JOIN(0, 3, T, FN) JOIN(0, 4, T, FN) JOIN(0, 5, T, FN) \
	JOIN(0, 6, T, FN) JOIN(0, 7, T, FN) JOIN(0, 8, T, FN) JOIN(0, 9, T, FN) JOIN(0, 10, T, FN) JOIN(0, 11, T, FN) \
	JOIN(0, 12, T, FN) JOIN(0, 13, T, FN) JOIN(0, 14, T, FN) JOIN(0, 15, T, FN)
#define TREE_16(T, FN) JOIN(0, 1, T, FN) JOIN(2, 3, T, FN) JOIN(4, 5, T, FN) JOIN(6, 7, T, FN) JOIN(8, 9, T, FN) \
	JOIN(10, 11, T, FN) JOIN(12, 13, T, FN) JOIN(14, 15, T, FN) JOIN(0, 2, T, FN) JOIN(4, 6, T, FN) \
	JOIN(8, 10, T, FN) JOIN(12, 14, T, FN) JOIN(0, 4, T, FN) JOIN(8, 12, T, FN) JOIN(0, 8, T, FN)
#define HALVES_16(T, FN) JOIN(0, 8, T, FN) JOIN(1, 9, T, FN) JOIN(2, 10, T, FN) JOIN(3, 11, T, FN) JOIN(4, 12, T, FN) \
	JOIN(5, 13, T, FN) JOIN(6, 14, T, FN) JOIN(7, 15, T, FN) JOIN(0, 4, T, FN) JOIN(1, 5, T, FN) JOIN(2, 6, T, FN) \
	JOIN(3, 7, T, FN) JOIN(0, 2, T, FN) JOIN(1, 3, T, FN) JOIN(0, 1, T, FN)
#define JOIN(i, j, T, FN) \
	if (j##u < present) \
		v##i = op_##FN##_##T(v##i, v##j);
#define LOAD(j, T, ELEMENT) \
	E_##T v##j = E_##T(0); \
	if (j##u < present) \
		v##j = ELEMENT(T, at_##T(p + j##ul * step).v, mean);

/* The ways to fold a block: all loads before the first fold; or, where an element takes long code, one by one. */
#define AS_CHAIN(T, FN, WHAT) \
	EACH_16(LOAD, T, WHAT) \
	CHAIN_16(T, FN) \
	return v0;
#define AS_TREE(T, FN, WHAT) \
	EACH_16(LOAD, T, WHAT) \
	TREE_16(T, FN) \
	return v0;
#define AS_LOOP(T, FN, WHAT) \
	E_##T acc = WHAT(T, at_##T(p).v, mean); \
	for (uint j = 1u; j < present; j++) \
		acc = op_##FN##_##T(acc, WHAT(T, at_##T(p + uint64_t(j) * step).v, mean)); \
	return acc;

#define E_f32 float
#define E_f64 double
#define E_i64 int64_t
#define E_u64 uint64_t
#define BYTES_f32 4ul
#define BYTES_f64 8ul
#define BYTES_i64 8ul
#define BYTES_u64 8ul

/* What is folded: elements, or what is made of them. */
#define ELEMENT(T, x, mean) (x)
#define SQUARE(T, x, mean) (((x) - mean) * ((x) - mean))
#define EXP(T, x, mean) op_exp_##T((x) - mean)

#define LEAF 16ul                  /* elements of a lane in a block */
#define ROW_LEAF (64ul * LEAF)
#define DEEPEST 32u                /* subtrees that can wait for their right neighbour */

/* Of `count` elements those of the block that begins with element `first`. */
uint present_of(uint64_t first, uint64_t count)
{
	return first < count ? uint(min(count - first, LEAF)) : 0u;
}

/*
 * block: 1 to 16 elements, `step` bytes apart. column: the fold of `blocks` blocks of `count` elements from block `first` on.
 * row: of the n elements from p on, by `teams` teams, segment `s` of the row; what all invocations of a row get is its
 * fold if there is one segment, while its lanes are in shared memory before they are halved, at 64 · the row's first team.
 */
#define FOLD(NAME, T, FN, WHAT, ORDER) \
	E_##T block_##NAME##_##T(uint64_t p, uint64_t step, uint present, E_##T mean) \
	{ \
		ORDER(T, FN, WHAT) \
	} \
	E_##T column_##NAME##_##T(uint64_t p, uint64_t step, uint64_t count, uint64_t first, uint64_t blocks, E_##T mean) \
	{ \
		E_##T waiting[DEEPEST], acc = E_##T(0); \
		uint64_t last = min(first + blocks, (count + LEAF - 1ul) / LEAF); \
		uint depth = 0u; \
		for (uint64_t b = first; b < last; b += 1ul) { \
			acc = block_##NAME##_##T(p + b * LEAF * step, step, present_of(b * LEAF, count), mean); \
			for (uint64_t carry = b - first; (carry & 1ul) != 0ul; carry = carry >> 1) { \
				depth = depth - 1u; \
				acc = op_##FN##_##T(waiting[depth], acc); \
			} \
			if (b + 1ul < last) { \
				waiting[depth] = acc; \
				depth = depth + 1u; \
			} \
		} \
		for (; depth > 0u; depth = depth - 1u) \
			acc = op_##FN##_##T(waiting[depth - 1u], acc); \
		return acc; \
	} \
	E_##T row_##NAME##_##T(uint local, uint teams, uint64_t blocks, uint64_t s, uint64_t n, uint64_t p, uint64_t step, \
			       E_##T mean) \
	{ \
		uint t = local % 16u, team = local / 16u, number = team % teams, present = uint(min(n, 64ul)); \
		uint64_t first = (s * uint64_t(teams) + uint64_t(number)) * blocks; \
		uint base = 64u * team + t; \
		barrier(); \
		for (uint lane = t; lane < 64u; lane += 16u) { \
			uint64_t count = uint64_t(lane) < n ? (n - uint64_t(lane) + 63ul) / 64ul : 0ul; \
			shared_##T[64u * team + lane] = column_##NAME##_##T(p + uint64_t(lane) * step, 64ul * step, count, \
									     first, blocks, mean); \
		} \
		for (uint apart = 1u; apart < teams; apart = 2u * apart) { \
			bool joins = number % (2u * apart) == 0u && number + apart < teams; \
			barrier(); \
			for (uint lane = t; lane < 64u && joins; lane += 16u) \
				if ((first + uint64_t(apart) * blocks) * ROW_LEAF + uint64_t(lane) < n) \
					shared_##T[64u * team + lane] = op_##FN##_##T( \
						shared_##T[64u * team + lane], shared_##T[64u * (team + apart) + lane]); \
		} \
		E_##T a = shared_##T[base], b = shared_##T[base + 16u]; \
		if (t + 32u < present) \
			a = op_##FN##_##T(a, shared_##T[base + 32u]); \
		if (t + 48u < present) \
			b = op_##FN##_##T(b, shared_##T[base + 48u]); \
		if (t + 16u < present) \
			a = op_##FN##_##T(a, b); \
		shared_##T[1024u + local] = a; \
		for (uint h = 8u; h > 0u; h = h / 2u) { \
			barrier(); \
			if (t < h && t + h < present) \
				shared_##T[1024u + local] = op_##FN##_##T(shared_##T[1024u + local], \
									  shared_##T[1024u + local + h]); \
		} \
		barrier(); \
		return shared_##T[1024u + 16u * (team - number)]; \
	} \
	/* Parameters: y x  n inner rows  row_bytes means empty  teams blocks segments width; empty: what it is for n = 0, means
	   0 or an element for each row. y is [rows], or with more than one segment [rows, segments, 64]. */ \
	void kernel_row_##NAME##_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t n = PARAM(2), rows = PARAM(4), means = PARAM(6), segments = PARAM(10); \
		uint teams = uint(PARAM(8)), team = local / 16u, t = local % 16u; \
		uint64_t s = uint64_t(group) % segments, r = uint64_t(group) / segments * uint64_t(16u / teams) + uint64_t(team / teams); \
		uint64_t row = min(r, rows - 1ul), y = PARAM(0); \
		E_##T mean = E_##T(0), whole; \
		if (means != 0ul) \
			mean = at_##T(means + row * BYTES_##T).v; \
		whole = row_##NAME##_##T(local, teams, PARAM(9), s, n, PARAM(1) + row * PARAM(5), BYTES_##T, mean); \
		if (r >= rows || team % teams != 0u) \
			return; \
		if (segments != 1ul) { \
			for (uint lane = t; lane < 64u; lane += 16u) \
				at_##T(y + ((r * segments + s) * 64ul + uint64_t(lane)) * BYTES_##T).v = \
					shared_##T[64u * team + lane]; \
		} else if (t == 0u) { \
			if (n == 0ul) \
				whole = at_##T(params + 56ul).v; \
			at_##T(y + r * BYTES_##T).v = whole; \
		} \
	} \
	/* The same for rows of 1 to 16 elements, an invocation each: every lane has one, and they are halved at once. */ \
	E_##T short_##NAME##_##T(uint64_t p, uint present, E_##T mean) \
	{ \
		uint64_t step = BYTES_##T; \
		EACH_16(LOAD, T, WHAT) \
		HALVES_16(T, FN) \
		return v0; \
	} \
	void kernel_short_##NAME##_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t r = uint64_t(group) * 256ul + uint64_t(local); \
		E_##T mean = E_##T(0); \
		if (r >= PARAM(4)) \
			return; \
		if (PARAM(6) != 0ul) \
			mean = at_##T(PARAM(6) + r * BYTES_##T).v; \
		at_##T(PARAM(0) + r * BYTES_##T).v = short_##NAME##_##T(PARAM(1) + r * PARAM(5), uint(PARAM(2)), mean); \
	} \
	/* The same for columns, `width` of them a workgroup; y is [outer, segments, inner]. */ \
	void kernel_column_##NAME##_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t n = PARAM(2), inner = PARAM(3), rows = PARAM(4), means = PARAM(6), blocks = PARAM(9); \
		uint64_t segments = PARAM(10), s = uint64_t(group) % segments; \
		uint width = uint(PARAM(11)), number = local / width, teams = 256u / width; \
		uint64_t r = uint64_t(group) / segments * uint64_t(width) + uint64_t(local % width), row = min(r, rows - 1ul); \
		uint64_t first = (s * uint64_t(teams) + uint64_t(number)) * blocks; \
		uint64_t p = PARAM(1) + (row / inner * n * inner + row % inner) * BYTES_##T; \
		E_##T mean = E_##T(0), acc; \
		if (means != 0ul) \
			mean = at_##T(means + row * BYTES_##T).v; \
		acc = column_##NAME##_##T(p, inner * BYTES_##T, n, first, blocks, mean); \
		for (uint apart = 1u; apart < teams; apart = 2u * apart) { \
			shared_##T[local] = acc; \
			barrier(); \
			if (number + apart < teams && (first + uint64_t(apart) * blocks) * LEAF < n) \
				acc = op_##FN##_##T(acc, shared_##T[local + apart * width]); \
			barrier(); \
		} \
		if (n == 0ul) \
			acc = at_##T(params + 56ul).v; \
		if (r < rows && number == 0u) \
			at_##T(PARAM(0) + ((r / inner * segments + s) * inner + r % inner) * BYTES_##T).v = acc; \
	}

#define FOLDS(T) \
	FOLD(add, T, add, ELEMENT, AS_CHAIN) FOLD(join_add, T, add, ELEMENT, AS_TREE) \
	FOLD(multiply, T, multiply, ELEMENT, AS_CHAIN) FOLD(join_multiply, T, multiply, ELEMENT, AS_TREE) \
	FOLD(minimum, T, minimum, ELEMENT, AS_CHAIN) FOLD(join_minimum, T, minimum, ELEMENT, AS_TREE) \
	FOLD(maximum, T, maximum, ELEMENT, AS_CHAIN) FOLD(join_maximum, T, maximum, ELEMENT, AS_TREE)

FOLDS(f32) FOLDS(f64) FOLDS(i64) FOLDS(u64)
FOLD(square, f32, add, SQUARE, AS_CHAIN) FOLD(exp, f32, add, EXP, AS_CHAIN)
FOLD(square, f64, add, SQUARE, AS_CHAIN) FOLD(exp, f64, add, EXP, AS_LOOP)

/*
 * y = softmax, log_softmax or layer_norm of the rows of x, [rows, n]. Parameters: y x  n rows  log|eps weight bias weight_step
 * bias_step  teams blocks; weight and bias are 0 if missing.
 */
#define NORMALISE(T) \
	void kernel_softmax_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t n = PARAM(2), rows = PARAM(3), blocks = PARAM(10); \
		uint teams = uint(PARAM(9)), per_row = 16u * teams; \
		uint64_t r = uint64_t(group) * uint64_t(16u / teams) + uint64_t(local / per_row), row = min(r, rows - 1ul); \
		uint64_t x = PARAM(1) + row * n * BYTES_##T, y = PARAM(0) + row * n * BYTES_##T, each = uint64_t(per_row); \
		E_##T most = row_maximum_##T(local, teams, blocks, 0ul, n, x, BYTES_##T, E_##T(0)); \
		E_##T sum = row_exp_##T(local, teams, blocks, 0ul, n, x, BYTES_##T, most); \
		E_##T inverse = E_##T(1) / sum, less = op_log_##T(sum); \
		barrier(); /* x may be y */ \
		if (r >= rows) \
			return; \
		for (uint64_t i = uint64_t(local % per_row); i < n; i += each) { \
			E_##T v = at_##T(x + i * BYTES_##T).v - most; \
			if (PARAM(4) != 0ul) \
				v = v - less; \
			else \
				v = op_exp_##T(v) * inverse; \
			at_##T(y + i * BYTES_##T).v = v; \
		} \
	} \
	/* Of rows of 1 to 16 elements: an invocation folds a row, then all of them write the rows of the workgroup in order. */ \
	void kernel_softmax_short_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t n = PARAM(2), rows = PARAM(3), first = uint64_t(group) * 256ul; \
		uint64_t x = PARAM(1) + min(first + uint64_t(local), rows - 1ul) * n * BYTES_##T, from = first * n; \
		uint present = uint(n), end = uint(min(rows - first, 256ul)) * present; \
		E_##T most = short_maximum_##T(x, present, E_##T(0)), sum = short_exp_##T(x, present, most); \
		E_##T factor = E_##T(1) / sum; \
		if (first >= rows) \
			return; \
		if (PARAM(4) != 0ul) \
			factor = op_log_##T(sum); \
		shared_##T[local] = most; \
		shared_##T[256u + local] = factor; \
		barrier(); \
		for (uint i = local; i < end; i += 256u) { \
			E_##T v = at_##T(PARAM(1) + (from + uint64_t(i)) * BYTES_##T).v - shared_##T[i / present]; \
			if (PARAM(4) != 0ul) \
				v = v - shared_##T[256u + i / present]; \
			else \
				v = op_exp_##T(v) * shared_##T[256u + i / present]; \
			at_##T(PARAM(0) + (from + uint64_t(i)) * BYTES_##T).v = v; \
		} \
	} \
	void kernel_layer_norm_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t n = PARAM(2), rows = PARAM(3), weight = PARAM(5), bias = PARAM(6), blocks = PARAM(10); \
		uint teams = uint(PARAM(9)), per_row = 16u * teams; \
		uint64_t r = uint64_t(group) * uint64_t(16u / teams) + uint64_t(local / per_row), row = min(r, rows - 1ul); \
		uint64_t x = PARAM(1) + row * n * BYTES_##T, y = PARAM(0) + row * n * BYTES_##T, each = uint64_t(per_row); \
		E_##T count = E_##T(n), eps = at_##T(params + 32ul).v; \
		E_##T mean = row_add_##T(local, teams, blocks, 0ul, n, x, BYTES_##T, E_##T(0)) / count; \
		E_##T var = row_square_##T(local, teams, blocks, 0ul, n, x, BYTES_##T, mean) / count; \
		E_##T scale = E_##T(1) / sqrt(var + eps); \
		barrier(); \
		if (r >= rows) \
			return; \
		for (uint64_t i = uint64_t(local % per_row); i < n; i += each) { \
			E_##T w = E_##T(1), b = v_neg(E_##T(0)); \
			if (weight != 0ul) \
				w = at_##T(weight + i * PARAM(7)).v; \
			if (bias != 0ul) \
				b = at_##T(bias + i * PARAM(8)).v; \
			at_##T(y + i * BYTES_##T).v = fma((at_##T(x + i * BYTES_##T).v - mean) * scale, w, b); \
		} \
	}

NORMALISE(f32)
NORMALISE(f64)

#undef FOLD
#undef FOLDS
#undef NORMALISE
