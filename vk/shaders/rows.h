/* SPDX-License-Identifier: MIT */
/*
 * Reductions and row operations: the fixed trees of docs/numerics.md. Conventions: vk/shaders/kernels.h.
 *
 * x is [outer, n, inner]; a row runs along n. A row fold (inner = 1) is shared by teams of 64 invocations, one for each
 * lane; a column fold by as many invocations as wanted for every column. Both go by blocks of 16 elements of a lane, the
 * tree's leaves: a team folds `blocks` of them, a power of two, which make one subtree, the teams of a workgroup join
 * theirs in shared memory, and where a row has several workgroups, its segments, they leave partial results in memory. A second
 * dispatch joins those: there the elements are subtrees already, and a block of 16 is joined as a tree instead of a chain.
 *
 * Rows of up to 1,024 elements, at most a block a lane, have less to share: 16 invocations fold one, up to 16 elements
 * one does.
 */
#define EACH_8(DO, T, X) DO(0, T, X) DO(1, T, X) DO(2, T, X) DO(3, T, X) DO(4, T, X) DO(5, T, X) DO(6, T, X) DO(7, T, X)
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
		v##j = ELEMENT(T, AT_##T(p + j##ul * step), mean);

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
	E_##T acc = WHAT(T, AT_##T(p), mean); \
	for (uint j = 1u; j < present; j++) \
		acc = op_##FN##_##T(acc, WHAT(T, AT_##T(p + uint64_t(j) * step), mean)); \
	return acc;

/* exp of f32, of nothing above 0, has no branch where no result is less than normal, which is asked for a block at a time. */
#define LEAST_NORMAL -87.0f
float normal_exp(float a)
{
	float p;
	int n = op_exp_split_f32(a, p);

	return op_scale_normal_f32(p, n);
}
#define TO_EXP(j, T, X) v##j = op_exp_##T(v##j);
#define TO_NORMAL_EXP(j, T, X) v##j = normal_exp(v##j);
#define ALL_TO_EXP \
	if (normal) { \
		EACH_16(TO_NORMAL_EXP, f32, 0) \
	} else { \
		EACH_16(TO_EXP, f32, 0) \
	}
#define LOAD_LESS(j, T, WHAT) \
	float v##j = 0.0f; \
	if (j##u < present) \
		v##j = at_f32(p + j##ul * step).v - mean; \
	normal = normal && v##j > LEAST_NORMAL;
#define AS_EXPS(T, FN, WHAT) \
	bool normal = true; \
	EACH_16(LOAD_LESS, T, WHAT) \
	ALL_TO_EXP \
	CHAIN_16(T, FN) \
	return v0;

/* Elements are BYTES wide and AT an address; what they are folded to is an E, in memory a SUM. f16 and bf16 are folded in f32. */
#define E_f32 float
#define E_f64 double
#define E_i64 int64_t
#define E_u64 uint64_t
#define E_f16 float
#define E_bf16 float
#define BYTES_f32 4ul
#define BYTES_f64 8ul
#define BYTES_i64 8ul
#define BYTES_u64 8ul
#define BYTES_f16 2ul
#define BYTES_bf16 2ul
#define AT_f32(p) at_f32(p).v
#define AT_f64(p) at_f64(p).v
#define AT_i64(p) at_i64(p).v
#define AT_u64(p) at_u64(p).v
#define AT_f16(p) f32_from_f16(at_u16(p).v)
#define AT_bf16(p) f32_from_bf16(at_u16(p).v)
#define SUM_f32(p, i) at_f32(p + (i) * 4ul).v
#define SUM_f64(p, i) at_f64(p + (i) * 8ul).v
#define SUM_i64(p, i) at_i64(p + (i) * 8ul).v
#define SUM_u64(p, i) at_u64(p + (i) * 8ul).v
#define SUM_f16 SUM_f32
#define SUM_bf16 SUM_f32
#define shared_f16 shared_f32
#define shared_bf16 shared_f32
#define op_add_f16 op_add_f32
#define op_add_bf16 op_add_f32
#define op_multiply_f16 op_multiply_f32
#define op_multiply_bf16 op_multiply_f32
#define op_minimum_f16 op_minimum_f32
#define op_minimum_bf16 op_minimum_f32
#define op_maximum_f16 op_maximum_f32
#define op_maximum_bf16 op_maximum_f32

/* What is folded: elements, or what is made of them. */
#define ELEMENT(T, x, mean) (x)
#define SQUARE(T, x, mean) (((x) - mean) * ((x) - mean))
#define EXP(T, x, mean) op_exp_##T((x) - mean)

#define LEAF 16ul                  /* elements of a lane in a block */
#define ROW_LEAF (64ul * LEAF)
#define DEEPEST 32u                /* subtrees that can wait for their right neighbour */

/* Divisions of 64 bits are long code; 32 do where both numbers have no more. */
uint64_t quotient(uint64_t a, uint64_t b)
{
	if (((a | b) >> 32) == 0ul)
		return uint64_t(uint(a) / uint(b));
	return a / b;
}

/* The blocks of each of `teams` teams that have n elements of a row among them: a power of two. */
uint64_t blocks_of(uint64_t n, uint teams)
{
	uint all = uint((n + ROW_LEAF * uint64_t(teams) - 1ul) / (ROW_LEAF * uint64_t(teams)));

	return all <= 1u ? 1ul : 2ul << findMSB(all - 1u);
}

/* Of `count` elements those of the block that begins with element `first`. */
uint present_of(uint64_t first, uint64_t count)
{
	return first < count ? uint(min(count - first, LEAF)) : 0u;
}

/* How many of `teams` teams, which have `blocks` blocks each, a power of two, from block `first` on, have an element of the lane. */
uint subtrees_of(uint64_t first, uint64_t blocks, uint64_t lane, uint64_t n, uint teams)
{
	uint64_t before = first * ROW_LEAF + lane, size = blocks * ROW_LEAF, found = 0ul;

	if (before < n)
		found = min((n - before + size - 1ul) >> findMSB(uint(size)), uint64_t(teams));
	return uint(found);
}

/*
 * What a workgroup's invocations join of a row's subtrees. join_teams: of the `teams` teams of 64 each row has, the first `subtrees`
 * have one in this lane; the lane's fold is what the first team gets. join_lanes: the fold of the first team's lanes,
 * `present` of which there are, for all invocations of the row.
 */
#define FROM_TEAM(j, T, FIRST) \
	E_##T v##j = E_##T(0); \
	if (j##u < present) \
		v##j = shared_##T[FIRST + 64u * j##u];
#define FROM_LANE(j, T, FIRST) \
	E_##T v##j = E_##T(0); \
	if (j##u < present) \
		v##j = shared_##T[FIRST + j##u];
#define JOIN_LANES(FN, T) \
	E_##T join_lanes_##FN##_##T(uint local, uint teams, uint lanes, E_##T value) \
	{ \
		uint number = local / 64u / teams, lane = local - number * teams * 64u, base = 1024u + 64u * number; \
		uint present = min(lanes, 16u); \
		if (lane < 64u) \
			shared_##T[base + lane] = value; \
		barrier(); \
		if (lane < 16u) { \
			E_##T a = value, b = shared_##T[base + lane + 16u]; \
			if (lane + 32u < lanes) \
				a = op_##FN##_##T(a, shared_##T[base + lane + 32u]); \
			if (lane + 48u < lanes) \
				b = op_##FN##_##T(b, shared_##T[base + lane + 48u]); \
			if (lane + 16u < lanes) \
				a = op_##FN##_##T(a, b); \
			shared_##T[1280u + 17u * number + lane] = a; \
		} \
		barrier(); \
		if (lane == 0u) { \
			EACH_16(FROM_LANE, T, 1280u + 17u * number) \
			HALVES_16(T, FN) \
			shared_##T[1400u + number] = v0; \
		} \
		barrier(); \
		return shared_##T[1400u + number]; \
	}
#define JOINS(FN, T) \
	E_##T join_teams_##FN##_##T(uint local, uint teams, uint subtrees, E_##T value) \
	{ \
		uint row = local / 64u / teams * teams * 64u, present = subtrees; \
		E_##T joined = value; \
		if (teams > 1u) { \
			shared_##T[local] = value; \
			barrier(); \
			if (local < row + 64u) { \
				EACH_16(FROM_TEAM, T, local) \
				TREE_16(T, FN) \
				joined = v0; \
			} \
		} \
		return joined; \
	} \
	JOIN_LANES(FN, T)
#define ALL_JOINS(T) JOINS(add, T) JOINS(multiply, T) JOINS(minimum, T) JOINS(maximum, T)

ALL_JOINS(f32) ALL_JOINS(f64) ALL_JOINS(i64) ALL_JOINS(u64)

/*
 * block: 1 to 16 elements, `step` bytes apart. column: the fold of `blocks` blocks of `count` elements from block `first` on.
 * A workgroup has one row of these.
 */
#define FOLD(NAME, T, S, FN, WHAT, ORDER) \
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
	/* The lanes of segment `s` of the row, in its first 64 invocations, and the whole row in all of them. */ \
	E_##T lane_##NAME##_##T(uint local, uint teams, uint64_t blocks, uint64_t s, uint64_t n, uint64_t p, E_##T mean) \
	{ \
		uint64_t lane = uint64_t(local % 64u), first = s * uint64_t(teams) * blocks, number = uint64_t(local / 64u); \
		E_##T acc = column_##NAME##_##T(p + lane * BYTES_##T, 64ul * BYTES_##T, lane < n ? (n - lane + 63ul) >> 6 : 0ul, \
						first + number * blocks, blocks, mean); \
		return join_teams_##FN##_##S(local, teams, subtrees_of(first, blocks, lane, n, teams), acc); \
	} \
	E_##T row_##NAME##_##T(uint local, uint teams, uint64_t blocks, uint64_t n, uint64_t p, E_##T mean) \
	{ \
		return join_lanes_##FN##_##S(local, teams, uint(min(n, 64ul)), \
					     lane_##NAME##_##T(local, teams, blocks, 0ul, n, p, mean)); \
	} \
	/* Parameters: y x  n inner rows  row_bytes means empty  teams blocks segments width; empty: what it is for n = 0, means
	   0 or an element for each row. A workgroup is `teams` teams. y is [rows], or with more than one segment [rows, segments, 64]. */ \
	void kernel_row_##NAME##_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t n = PARAM(2), rows = PARAM(4), means = PARAM(6); \
		uint segments = uint(PARAM(10)), s = group % segments, r = group / segments, teams = uint(PARAM(8)); \
		uint64_t row = min(uint64_t(r), rows - 1ul), y = PARAM(0), p = PARAM(1) + row * PARAM(5); \
		E_##T mean = E_##T(0), acc; \
		if (means != 0ul) \
			mean = SUM_##T(means, row); \
		acc = lane_##NAME##_##T(local, teams, PARAM(9), uint64_t(s), n, p, mean); \
		if (segments != 1u) { \
			if (uint64_t(r) < rows && local < 64u) \
				SUM_##T(y, (uint64_t(r) * uint64_t(segments) + uint64_t(s)) * 64ul + uint64_t(local)) = acc; \
			return; \
		} \
		acc = join_lanes_##FN##_##S(local, teams, uint(min(n, 64ul)), acc); \
		if (n == 0ul) \
			acc = SUM_##T((params + 56ul), 0ul); \
		if (uint64_t(r) < rows && local == 0u) \
			SUM_##T(y, uint64_t(r)) = acc; \
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
			mean = SUM_##T(PARAM(6), r); \
		SUM_##T(PARAM(0), r) = short_##NAME##_##T(PARAM(1) + r * PARAM(5), uint(PARAM(2)), mean); \
	} \
	/* The same for columns of 1 to 16 elements: a chain. */ \
	void kernel_few_##NAME##_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t r = uint64_t(group) * 256ul + uint64_t(local), n = PARAM(2), inner = PARAM(3); \
		E_##T mean = E_##T(0); \
		if (r >= PARAM(4)) \
			return; \
		if (PARAM(6) != 0ul) \
			mean = SUM_##T(PARAM(6), r); \
		SUM_##T(PARAM(0), r) = block_##NAME##_##T( \
			PARAM(1) + (quotient(r, inner) * (n - 1ul) * inner + r) * BYTES_##T, inner * BYTES_##T, uint(n), mean); \
	} \
	/* The same for columns, `width` of them a workgroup; y is [outer, segments, inner]. */ \
	void kernel_column_##NAME##_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t n = PARAM(2), inner = PARAM(3), rows = PARAM(4), means = PARAM(6), blocks = PARAM(9); \
		uint segments = uint(PARAM(10)), s = group % segments; \
		uint width = uint(PARAM(11)), number = local / width, teams = 256u / width; \
		uint64_t r = uint64_t(group / segments) * uint64_t(width) + uint64_t(local % width), row = min(r, rows - 1ul); \
		uint64_t first = uint64_t(s * teams + number) * blocks, outer = quotient(row, inner), place = row - outer * inner; \
		uint64_t p = PARAM(1) + (outer * n * inner + place) * BYTES_##T; \
		E_##T mean = E_##T(0), acc; \
		if (means != 0ul) \
			mean = SUM_##T(means, row); \
		acc = column_##NAME##_##T(p, inner * BYTES_##T, n, first, blocks, mean); \
		for (uint apart = 1u; apart < teams; apart = 2u * apart) { \
			shared_##T[local] = acc; \
			barrier(); \
			if (number + apart < teams && (first + uint64_t(apart) * blocks) * LEAF < n) \
				acc = op_##FN##_##T(acc, shared_##T[local + apart * width]); \
			barrier(); \
		} \
		if (n == 0ul) \
			acc = SUM_##T((params + 56ul), 0ul); \
		if (r < rows && number == 0u) \
			SUM_##T(PARAM(0), (outer * uint64_t(segments) + uint64_t(s)) * inner + place) = acc; \
	}

/*
 * Rows of 17 to 1,024 elements, 16 invocations each: invocation t has lanes t, t + 16, t + 32, t + 48, and loads 4 elements of each
 * at a time. The 16 invocations' halves are halved further by one. Parameters: as of kernel_row.
 */
#define LOAD_LANES(j, T, X) \
	E_##T v##j = E_##T(0); \
	if (i + 16u * j##u < n) \
		v##j = AT_##T(p + uint64_t(i + 16u * j##u) * BYTES_##T);
#define CHAIN_LANE(l, j, T, FN) \
	if (i + 16u * j##u < n) \
		a##l = op_##FN##_##T(a##l, v##j);
#define MEDIUM(FN, T) \
	void kernel_medium_##FN##_##T(uint64_t params, uint group, uint local) \
	{ \
		uint n = uint(PARAM(2)), t = local % 16u, i = t, present = 16u; \
		uint64_t rows = PARAM(4), first = uint64_t(group) * 16ul, r = first + uint64_t(local); \
		uint64_t p = PARAM(1) + min(first + uint64_t(local / 16u), rows - 1ul) * PARAM(5); \
		EACH_16(LOAD_LANES, T, 0) \
		E_##T a0 = v0, a1 = v1, a2 = v2, a3 = v3; \
		CHAIN_LANE(0, 4, T, FN) CHAIN_LANE(1, 5, T, FN) CHAIN_LANE(2, 6, T, FN) CHAIN_LANE(3, 7, T, FN) \
		CHAIN_LANE(0, 8, T, FN) CHAIN_LANE(1, 9, T, FN) CHAIN_LANE(2, 10, T, FN) CHAIN_LANE(3, 11, T, FN) \
		CHAIN_LANE(0, 12, T, FN) CHAIN_LANE(1, 13, T, FN) CHAIN_LANE(2, 14, T, FN) CHAIN_LANE(3, 15, T, FN) \
		for (i = t + 256u; i < n; i += 256u) { \
			EACH_16(LOAD_LANES, T, 0) \
			CHAIN_LANE(0, 0, T, FN) CHAIN_LANE(1, 1, T, FN) CHAIN_LANE(2, 2, T, FN) CHAIN_LANE(3, 3, T, FN) \
			CHAIN_LANE(0, 4, T, FN) CHAIN_LANE(1, 5, T, FN) CHAIN_LANE(2, 6, T, FN) CHAIN_LANE(3, 7, T, FN) \
			CHAIN_LANE(0, 8, T, FN) CHAIN_LANE(1, 9, T, FN) CHAIN_LANE(2, 10, T, FN) CHAIN_LANE(3, 11, T, FN) \
			CHAIN_LANE(0, 12, T, FN) CHAIN_LANE(1, 13, T, FN) CHAIN_LANE(2, 14, T, FN) CHAIN_LANE(3, 15, T, FN) \
		} \
		if (t + 32u < n) \
			a0 = op_##FN##_##T(a0, a2); \
		if (t + 48u < n) \
			a1 = op_##FN##_##T(a1, a3); \
		if (t + 16u < n) \
			a0 = op_##FN##_##T(a0, a1); \
		shared_##T[local / 16u * 17u + t] = a0; \
		barrier(); \
		if (local < 16u && r < rows) { \
			EACH_16(FROM_LANE, T, 17u * local) \
			HALVES_16(T, FN) \
			SUM_##T(PARAM(0), r) = v0; \
		} \
	}
#define MEDIUMS(T) MEDIUM(add, T) MEDIUM(multiply, T) MEDIUM(minimum, T) MEDIUM(maximum, T)

MEDIUMS(f32) MEDIUMS(f64) MEDIUMS(i64) MEDIUMS(u64) MEDIUMS(f16) MEDIUMS(bf16)

#define FOLDS(T, S) \
	FOLD(add, T, S, add, ELEMENT, AS_CHAIN) FOLD(multiply, T, S, multiply, ELEMENT, AS_CHAIN) \
	FOLD(minimum, T, S, minimum, ELEMENT, AS_CHAIN) FOLD(maximum, T, S, maximum, ELEMENT, AS_CHAIN)
#define FOLD_JOINS(T) \
	FOLD(join_add, T, T, add, ELEMENT, AS_TREE) FOLD(join_multiply, T, T, multiply, ELEMENT, AS_TREE) \
	FOLD(join_minimum, T, T, minimum, ELEMENT, AS_TREE) FOLD(join_maximum, T, T, maximum, ELEMENT, AS_TREE)

FOLDS(f32, f32) FOLDS(f64, f64) FOLDS(i64, i64) FOLDS(u64, u64) FOLDS(f16, f32) FOLDS(bf16, f32)
FOLD_JOINS(f32) FOLD_JOINS(f64) FOLD_JOINS(i64) FOLD_JOINS(u64)
FOLD(square, f32, f32, add, SQUARE, AS_CHAIN) FOLD(exp, f32, f32, add, EXP, AS_EXPS)
FOLD(square, f64, f64, add, SQUARE, AS_CHAIN) FOLD(exp, f64, f64, add, EXP, AS_LOOP)

/* Columns of 1 to 16 f32, four neighbours an invocation: inner is a multiple of 4. Parameters: as of kernel_few, without means. */
#define LOAD_FOUR(j, T, X) \
	vec4 v##j = vec4(0.0f); \
	if (j##u < present) \
		v##j = at_v4(p + j##ul * step).v;
#define CHAIN_FOUR(j, T, FN) \
	if (j##u < present && j##u > 0u) \
		v0 = vec4(op_##FN##_f32(v0.x, v##j.x), op_##FN##_f32(v0.y, v##j.y), op_##FN##_f32(v0.z, v##j.z), op_##FN##_f32(v0.w, v##j.w));
#define FOUR_COLUMNS(FN) \
	void kernel_four_##FN##_f32(uint64_t params, uint group, uint local) \
	{ \
		uint64_t r = (uint64_t(group) * 256ul + uint64_t(local)) * 4ul, inner = PARAM(3), step = inner * 4ul; \
		uint64_t p = PARAM(1) + (quotient(r, inner) * (PARAM(2) - 1ul) * inner + r) * 4ul; \
		uint present = uint(PARAM(2)); \
		if (r >= PARAM(4)) \
			return; \
		EACH_16(LOAD_FOUR, f32, 0) \
		EACH_16(CHAIN_FOUR, f32, FN) \
		at_v4(PARAM(0) + r * 4ul).v = v0; \
	}

FOUR_COLUMNS(add) FOUR_COLUMNS(multiply) FOUR_COLUMNS(minimum) FOUR_COLUMNS(maximum)

/*
 * The row fold of products, but that a chain of them is fused. Parameters: as of kernel_row, the other operand's address for means
 * and its bytes from row to row for empty.
 */
#define LOAD_PAIR(j, T, X) \
	E_##T v##j = E_##T(0), w##j = E_##T(0); \
	if (j##u < present) { \
		v##j = at_##T(p + j##ul * step).v; \
		w##j = at_##T(q + j##ul * step).v; \
	}
#define CHAIN_PAIR(j, T, X) \
	if (j##u < present && j##u > 0u) \
		acc = fma(v##j, w##j, acc);
#define DOT(T) \
	E_##T column_dot_##T(uint64_t p, uint64_t q, uint64_t count, uint64_t first, uint64_t blocks) \
	{ \
		E_##T waiting[DEEPEST], acc = E_##T(0); \
		uint64_t last = min(first + blocks, (count + LEAF - 1ul) / LEAF), step = 64ul * BYTES_##T; \
		uint depth = 0u; \
		p = p + first * LEAF * step; \
		q = q + first * LEAF * step; \
		for (uint64_t b = first; b < last; b += 1ul) { \
			uint present = present_of(b * LEAF, count); \
			EACH_16(LOAD_PAIR, T, 0) \
			acc = v0 * w0; \
			EACH_16(CHAIN_PAIR, T, 0) \
			p = p + LEAF * step; \
			q = q + LEAF * step; \
			for (uint64_t carry = b - first; (carry & 1ul) != 0ul; carry = carry >> 1) { \
				depth = depth - 1u; \
				acc = waiting[depth] + acc; \
			} \
			if (b + 1ul < last) { \
				waiting[depth] = acc; \
				depth = depth + 1u; \
			} \
		} \
		for (; depth > 0u; depth = depth - 1u) \
			acc = waiting[depth - 1u] + acc; \
		return acc; \
	} \
	void kernel_row_dot_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t n = PARAM(2), rows = PARAM(4), blocks = PARAM(9), lane = uint64_t(local % 64u), y = PARAM(0); \
		uint segments = uint(PARAM(10)), s = group % segments, r = group / segments, teams = uint(PARAM(8)); \
		uint64_t row = min(uint64_t(r), rows - 1ul), at = lane * BYTES_##T; \
		E_##T acc = column_dot_##T(PARAM(1) + row * PARAM(5) + at, PARAM(6) + row * PARAM(7) + at, \
					   lane < n ? (n - lane + 63ul) >> 6 : 0ul, \
					   uint64_t(s * teams + local / 64u) * blocks, blocks); \
		acc = join_teams_add_##T(local, teams, subtrees_of(uint64_t(s) * uint64_t(teams) * blocks, blocks, lane, n, teams), acc); \
		if (segments != 1u) { \
			if (uint64_t(r) < rows && local < 64u) \
				at_##T(y + ((uint64_t(r) * uint64_t(segments) + uint64_t(s)) * 64ul + lane) * BYTES_##T).v = acc; \
			return; \
		} \
		acc = join_lanes_add_##T(local, teams, uint(min(n, 64ul)), acc); \
		if (uint64_t(r) < rows && local == 0u) \
			at_##T(y + uint64_t(r) * BYTES_##T).v = acc; \
	}

DOT(f32) DOT(f64)

#include "vk/shaders/normalise.h"

#undef FOLD
#undef FOLDS
#undef FOLD_JOINS
