/* SPDX-License-Identifier: MIT */
/*
 * Softmax and normalisation of rows, and variances of rows that are kept in registers. Folds and joins: vk/shaders/rows.h, which
 * includes this. Conventions: vk/shaders/kernels.h.
 */
/* The rows of softmax_short in shared memory: neighbouring ones of 16 elements keep off each other's banks. */
#define SHORT_PLACE(i) ((i) + (i) / 16u)
#define LOAD_SHORT(j, T, X) E_##T v##j = shared_short_##T[SHORT_PLACE(from + min(j##u, present - 1u))];
#define GREATEST(j, T, X) most = max(most, v##j);
#define SHORT_LESS(j, T, X) \
	v##j = v##j - most; \
	normal = normal && v##j > E_##T(LEAST_NORMAL); \
	E_##T w##j = v##j;
#define SHORT_EXPS_f32 ALL_TO_EXP
/* Of f64, where exp is long code, one by one. */
#define SHORT_EXPS_f64 \
	for (uint j = 0u; j < present; j++) \
		shared_short_f64[SHORT_PLACE(from + j)] = op_exp_f64(shared_short_f64[SHORT_PLACE(from + j)] - most); \
	EACH_16(SHORT_AGAIN, f64, 0)
#define SHORT_AGAIN(j, T, X) v##j = shared_short_##T[SHORT_PLACE(from + min(j##u, present - 1u))];
#define SHORT_KEEP(j, T, X) w##j = v##j;
#define STORE_SHORT(j, T, X) \
	if (j##u < present) \
		shared_short_##T[SHORT_PLACE(from + j##u)] = log ? w##j - factor : w##j * factor;
/*
 * y = softmax, log_softmax or layer_norm of the rows of x, [rows, n]. Parameters: y x  n rows  log|eps weight bias weight_step
 * bias_step  teams blocks; weight and bias are 0 if missing.
 */
#define NORMALISE(T) \
	void kernel_softmax_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t n = PARAM(2), rows = PARAM(3), blocks = PARAM(10), row = min(uint64_t(group), rows - 1ul); \
		uint teams = uint(PARAM(9)); \
		uint64_t x = PARAM(1) + row * n * BYTES_##T, y = PARAM(0) + row * n * BYTES_##T, each = uint64_t(64u * teams); \
		E_##T most = row_maximum_##T(local, teams, blocks, n, x, E_##T(0)); \
		E_##T sum = row_exp_##T(local, teams, blocks, n, x, most); \
		E_##T inverse = E_##T(1) / sum, less = op_log_##T(sum); \
		barrier(); /* x may be y */ \
		if (uint64_t(group) >= rows) \
			return; \
		for (uint64_t i = uint64_t(local); i < n; i += each) { \
			E_##T v = at_##T(x + i * BYTES_##T).v - most; \
			if (PARAM(4) != 0ul) \
				v = v - less; \
			else \
				v = op_exp_##T(v) * inverse; \
			at_##T(y + i * BYTES_##T).v = v; \
		} \
	} \
	/*
	 * Of rows of 1 to 16 elements: the rows of a workgroup come to shared memory in order, an invocation does one of them there,
	 * and they leave in order.
	 */ \
	void kernel_softmax_short_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t rows = PARAM(3), first = uint64_t(group) * 64ul; \
		uint present = uint(PARAM(2)), from = local * present, end; \
		uint64_t x = PARAM(1) + first * uint64_t(present) * BYTES_##T, y = PARAM(0) + first * uint64_t(present) * BYTES_##T; \
		bool log = PARAM(4) != 0ul, normal = true; \
		if (first >= rows) \
			return; \
		end = uint(min(rows - first, 64ul)) * present; \
		for (uint i = local; i < end; i += 64u) \
			shared_short_##T[SHORT_PLACE(i)] = at_##T(x + uint64_t(i) * BYTES_##T).v; \
		barrier(); \
		if (from < end) { \
			EACH_16(LOAD_SHORT, T, 0) \
			E_##T most = v0; \
			EACH_16(GREATEST, T, 0) \
			EACH_16(SHORT_LESS, T, 0) \
			SHORT_EXPS_##T \
			if (!log) { \
				EACH_16(SHORT_KEEP, T, 0) \
			} \
			HALVES_16(T, add) \
			E_##T factor = v0; \
			if (log) \
				factor = op_log_##T(v0); \
			else \
				factor = E_##T(1) / v0; \
			EACH_16(STORE_SHORT, T, 0) \
		} \
		barrier(); \
		for (uint i = local; i < end; i += 64u) \
			at_##T(y + uint64_t(i) * BYTES_##T).v = shared_short_##T[SHORT_PLACE(i)]; \
	} \
	void kernel_layer_norm_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t n = PARAM(2), rows = PARAM(3), weight = PARAM(5), bias = PARAM(6), blocks = PARAM(10); \
		uint64_t row = min(uint64_t(group), rows - 1ul); \
		uint teams = uint(PARAM(9)); \
		uint64_t x = PARAM(1) + row * n * BYTES_##T, y = PARAM(0) + row * n * BYTES_##T, each = uint64_t(64u * teams); \
		E_##T count = E_##T(n), eps = at_##T(params + 32ul).v; \
		E_##T mean = row_add_##T(local, teams, blocks, n, x, E_##T(0)) / count; \
		E_##T var = row_square_##T(local, teams, blocks, n, x, mean) / count; \
		E_##T scale = E_##T(1) / sqrt(var + eps); \
		barrier(); \
		if (uint64_t(group) >= rows) \
			return; \
		for (uint64_t i = uint64_t(local); i < n; i += each) { \
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

/*
 * Softmax of few long rows, x [rows, n], by all of the GPU: kernel_row_maximum leaves the greatest elements of segments, then
 * soft_sums the sums of exp(x - most) of segments, lane by lane, then soft_finish y. Either makes itself what it needs of the row,
 * `most` and the sum, of the `parts` elements that were left of it, at most 4,096, lane by lane. Parameters: y x most  n rows
 * row_bytes left parts  teams blocks|log segments length. left is row_bytes from row to row; soft_sums: y is [rows, segments, 64];
 * soft_finish: `length` elements are a segment.
 */
#define SOFT_LOAD(j, T, X) \
	E_##T v##j = E_##T(0); \
	if (i + 256u * j##u < last) \
		v##j = at_##T(x + at + 256ul * j##ul * BYTES_##T).v - most; \
	normal = normal && v##j > E_##T(LEAST_NORMAL);
#define SOFT_STORE(j, T, X) \
	if (i + 256u * j##u < last) \
		at_##T(y + at + 256ul * j##ul * BYTES_##T).v = log ? v##j - factor : v##j * factor;
/* EACH: how many elements an invocation has at a time, MANY a workgroup; of f64, whose exp is long code, one. */
#define EACH_1(DO, T, X) DO(0, T, X)
#define SOFT(T, EACH, MANY, NORMAL) \
	void kernel_soft_sums_##T(uint64_t params, uint group, uint local) \
	{ \
		uint segments = uint(PARAM(10)), s = group % segments, r = group / segments, teams = uint(PARAM(8)); \
		uint64_t n = PARAM(3), rows = PARAM(4), row = min(uint64_t(r), rows - 1ul), parts = PARAM(7), blocks = PARAM(9); \
		uint64_t y = PARAM(0) + ((row * uint64_t(segments) + uint64_t(s)) * 64ul + uint64_t(local)) * BYTES_##T, p = PARAM(2); \
		uint64_t x = PARAM(1) + row * n * BYTES_##T; \
		E_##T most = row_join_maximum_##T(local, teams, blocks_of(parts, teams), parts, PARAM(6) + row * PARAM(5), E_##T(0)), acc; \
		barrier(); \
		acc = lane_exp_##T(local, teams, blocks, uint64_t(s), n, x, most); \
		if (uint64_t(r) < rows && local < 64u) \
			at_##T(y).v = acc; \
		if (uint64_t(r) < rows && local == 0u && s == 0u) \
			at_##T(p + row * BYTES_##T).v = most; \
	} \
	void kernel_soft_finish_##T(uint64_t params, uint group, uint local) \
	{ \
		uint segments = uint(PARAM(10)), s = group % segments, r = group / segments, teams = uint(PARAM(8)); \
		uint64_t n = PARAM(3), rows = PARAM(4), row = min(uint64_t(r), rows - 1ul), parts = PARAM(7), length = PARAM(11); \
		uint64_t first = uint64_t(s) * length, x = PARAM(1) + (row * n + first) * BYTES_##T; \
		uint64_t y = PARAM(0) + (row * n + first) * BYTES_##T; \
		uint last = uint(min(length, n - first)); \
		E_##T most = at_##T(PARAM(2) + row * BYTES_##T).v; \
		E_##T factor = row_join_add_##T(local, teams, blocks_of(parts, teams), parts, PARAM(6) + row * PARAM(5), E_##T(0)); \
		bool log = PARAM(9) != 0ul; \
		if (uint64_t(r) >= rows) \
			return; \
		if (log) \
			factor = op_log_##T(factor); \
		else \
			factor = E_##T(1) / factor; \
		for (uint i = local; i < last; i += MANY) { \
			bool normal = true; \
			uint64_t at = uint64_t(i) * BYTES_##T; \
			EACH(SOFT_LOAD, T, 0) \
			if (!log && normal) { \
				EACH(NORMAL, T, 0) \
			} else if (!log) { \
				EACH(TO_EXP, T, 0) \
			} \
			EACH(SOFT_STORE, T, 0) \
		} \
	}

SOFT(f32, EACH_8, 2048u, TO_NORMAL_EXP) SOFT(f64, EACH_1, 256u, TO_EXP)

/*
 * The same of f32 rows of 17 to 16,384 elements, which are loaded once: a team of 32 invocations keeps 1,024 elements in registers,
 * invocation t those of the lanes t and t + 32, 32 at most, in turn. `teams` teams have a row, and `each` rows are a workgroup's.
 * Where a row has less than a whole team's, kernels of a quarter and half of it do not ask for what cannot be there. Parameters:
 * y x  n rows  log|eps|divisor weight bias weight_step bias_step  teams each.
 */
#define EACH_32(DO, T, X) EACH_16(DO, T, X) \
	DO(16, T, X) DO(17, T, X) DO(18, T, X) DO(19, T, X) DO(20, T, X) DO(21, T, X) DO(22, T, X) DO(23, T, X) \
	DO(24, T, X) DO(25, T, X) DO(26, T, X) DO(27, T, X) DO(28, T, X) DO(29, T, X) DO(30, T, X) DO(31, T, X)

/* What is not there is the row's last element once more: it adds nothing to the greatest one, and is left out of sums. */
#define WHOLE_ROW(EACH) \
	uint n = uint(PARAM(2)), teams = uint(PARAM(9)), t = local % 32u, number = local / 32u % teams; \
	uint from = number * 1024u + t, present = from < n ? min((n - from + 31u) / 32u, 32u) : 0u; \
	uint64_t rows = PARAM(3), r = uint64_t(group) * PARAM(10) + uint64_t(local / 32u / teams); \
	uint64_t row = min(r, rows - 1ul) * uint64_t(n) * 4ul, x = PARAM(1) + row, y = PARAM(0) + row + uint64_t(from) * 4ul; \
	EACH(LOAD_WHOLE, f32, 0)
#define LOAD_WHOLE(j, T, X) float v##j = at_f32(x + uint64_t(min(from + 32u * j##u, n - 1u)) * 4ul).v;
#define STORE_WHOLE(j, T, X) \
	if (j##u < present) \
		at_f32(y + 128ul * j##ul).v = X(v##j, j);

/*
 * What invocations make of their two lanes, a and b, goes to all of the row's. -0, which changes no sum, stands for what is absent.
 * The teams join theirs first; then the 32 invocations of each team the lanes' halves.
 */
#define HALVE_32(NAME, OP) \
	float halve_32_##NAME(uint place, uint t, float v) \
	{ \
		shared_whole[place + t / 4u][t % 4u] = v; \
		barrier(); \
		vec4 a = OP(shared_whole[place], shared_whole[place + 4u]), b = OP(shared_whole[place + 1u], shared_whole[place + 5u]); \
		vec4 c = OP(shared_whole[place + 2u], shared_whole[place + 6u]), d = OP(shared_whole[place + 3u], shared_whole[place + 7u]); \
		a = OP(OP(a, c), OP(b, d)); \
		return OP(OP(a.x, a.z), OP(a.y, a.w)); \
	}
#define PLUS(a, b) ((a) + (b))
HALVE_32(add, PLUS) HALVE_32(max, max)

#define FROM_WHOLE(j, T, X) \
	float v##j = none; \
	if (j##u < teams) \
		v##j = shared_teams[place + 64u * j##u];
#define PLUS_16(i, j) v##i = v##i + v##j;
float join_whole_lane(uint place, uint teams)
{
	float none = -0.0f;

	EACH_16(FROM_WHOLE, f32, 0)
	PLUS_16(0, 1) PLUS_16(2, 3) PLUS_16(4, 5) PLUS_16(6, 7) PLUS_16(8, 9) PLUS_16(10, 11) PLUS_16(12, 13) PLUS_16(14, 15)
	PLUS_16(0, 2) PLUS_16(4, 6) PLUS_16(8, 10) PLUS_16(12, 14) PLUS_16(0, 4) PLUS_16(8, 12) PLUS_16(0, 8)
	return v0;
}

/* Of one team, which takes turns with two places: some may still read the one when others write the other. */
float one_sum(uint local, uint teams, uint turn, float a, float b)
{
	return halve_32_add(turn * 32u + local / 32u * 8u, local % 32u, a + b);
}

float one_most(uint local, uint teams, float v)
{
	return halve_32_max(local / 32u * 8u, local % 32u, v);
}

/* Of several; the barrier between the two steps keeps their places apart. */
float many_sum(uint local, uint teams, uint turn, float a, float b)
{
	uint t = local % 32u, row = local / 32u / teams * teams * 64u, own = local / 32u * 64u + t;

	shared_teams[own] = a;
	shared_teams[own + 32u] = b;
	barrier();
	a = join_whole_lane(row + t, teams) + join_whole_lane(row + t + 32u, teams);
	return halve_32_add(local / 32u * 8u, t, a);
}

float many_most(uint local, uint teams, float v)
{
	uint t = local % 32u, row = local / 32u / teams * teams * 64u;

	shared_teams[local / 32u * 64u + t] = v;
	barrier();
	for (uint k = 0u; k < teams; k++)
		v = max(v, shared_teams[row + 64u * k + t]);
	return halve_32_max(local / 32u * 8u, t, v);
}

/* a and b: the sums of a function of the elements of either lane. */
#define CHAIN_WHOLE(j, T, X) \
	if (j##u < present && j##u > 1u) { \
		if (j##u % 2u == 0u) \
			a = a + X(v##j); \
		else \
			b = b + X(v##j); \
	}
#define SUMS_OF(EACH, X) \
	a = present > 0u ? X(v0) : -0.0f; \
	b = present > 1u ? X(v1) : -0.0f; \
	EACH(CHAIN_WHOLE, f32, X)
#define ITSELF(v) (v)
#define EXP_OF(v) op_exp_f32(v)
#define SQUARE_OF(v) ((v) * (v))

/* A NaN need not be the greatest element: it makes a NaN of the sum. */
#define LESS_MOST(j, T, X) \
	v##j = v##j - most; \
	normal = normal && v##j > LEAST_NORMAL;
#define LESS_GREATEST(EACH, HOW) \
	float most = v0, a, b; \
	bool normal = true; \
	EACH(GREATEST, f32, 0) \
	most = HOW##_most(local, teams, most); \
	EACH(LESS_MOST, f32, 0)
#define SCALED(v, j) ((v) * factor)
#define LESS(v, j) ((v) - less)
#define LESS_MEAN(j, T, X) v##j = v##j - mean;
#define VARIANCE(EACH, HOW, DIVISOR) \
	float a, b, mean, var; \
	SUMS_OF(EACH, ITSELF) \
	mean = HOW##_sum(local, teams, 0u, a, b) / float(n); \
	EACH(LESS_MEAN, f32, 0) \
	SUMS_OF(EACH, SQUARE_OF) \
	var = HOW##_sum(local, teams, 1u, a, b) / (DIVISOR);
#define WEIGHTED(j, T, X) \
	if (j##u < present) { \
		float w = 1.0f, c = -0.0f; \
		if (weight != 0ul) \
			w = at_f32(weight + 32ul * j##ul * weight_step).v; \
		if (bias != 0ul) \
			c = at_f32(bias + 32ul * j##ul * bias_step).v; \
		at_f32(y + 128ul * j##ul).v = fma(v##j * scale, w, c); \
	}

/* Last, var: y[rows] = the sum of the squares of what is left when the mean is subtracted, over the divisor. */
#define WHOLE(SIZE, EACH, HOW) \
	void kernel_softmax_##SIZE##_f32(uint64_t params, uint group, uint local) \
	{ \
		WHOLE_ROW(EACH) \
		LESS_GREATEST(EACH, HOW) \
		if (normal) { \
			EACH(TO_NORMAL_EXP, f32, 0) \
		} else { \
			EACH(TO_EXP, f32, 0) \
		} \
		SUMS_OF(EACH, ITSELF) \
		float factor = 1.0f / HOW##_sum(local, teams, 1u, a, b); \
		if (r < rows) { \
			EACH(STORE_WHOLE, f32, SCALED) \
		} \
	} \
	void kernel_log_softmax_##SIZE##_f32(uint64_t params, uint group, uint local) \
	{ \
		WHOLE_ROW(EACH) \
		LESS_GREATEST(EACH, HOW) \
		if (normal) { \
			SUMS_OF(EACH, normal_exp) \
		} else { \
			SUMS_OF(EACH, EXP_OF) \
		} \
		float less = op_log_f32(HOW##_sum(local, teams, 1u, a, b)); \
		if (r < rows) { \
			EACH(STORE_WHOLE, f32, LESS) \
		} \
	} \
	void kernel_layer_norm_##SIZE##_f32(uint64_t params, uint group, uint local) \
	{ \
		uint64_t weight = PARAM(5), bias = PARAM(6), weight_step = PARAM(7), bias_step = PARAM(8); \
		float eps = at_f32(params + 32ul).v; \
		WHOLE_ROW(EACH) \
		VARIANCE(EACH, HOW, float(n)) \
		float scale = 1.0f / sqrt(var + eps); \
		weight = weight == 0ul ? 0ul : weight + uint64_t(from) * weight_step; \
		bias = bias == 0ul ? 0ul : bias + uint64_t(from) * bias_step; \
		if (r < rows) { \
			EACH(WEIGHTED, f32, 0) \
		} \
	} \
	void kernel_var_##SIZE##_f32(uint64_t params, uint group, uint local) \
	{ \
		float divisor = at_f32(params + 32ul).v; \
		uint64_t result = PARAM(0); \
		WHOLE_ROW(EACH) \
		VARIANCE(EACH, HOW, divisor) \
		if (r < rows && number == 0u && t == 0u) \
			at_f32(result + r * 4ul).v = var; \
	}

WHOLE(quarter, EACH_8, one)
WHOLE(half, EACH_16, one)
WHOLE(team, EACH_32, one)
WHOLE(teams, EACH_32, many)

#undef NORMALISE
