/* SPDX-License-Identifier: MIT */
/*
 * Softmax and normalisation of rows, and variances of rows that are kept in registers. Folds and joins: vk/shaders/rows.h, which
 * includes this. Conventions: vk/shaders/kernels.h.
 */
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
 * The same of f32 rows of 17 to 16,384 elements, which are loaded once: an invocation keeps a block of its lane, 16 elements 64
 * apart, in registers; `teams` teams have a row, and `each` rows are a workgroup's. Parameters: y x  n rows
 * log|eps|divisor weight bias weight_step bias_step  teams each.
 */
#define WHOLE_ROW \
	uint n = uint(PARAM(2)), teams = uint(PARAM(9)), lane = local % 64u, number = local / 64u % teams; \
	uint from = number * 1024u + lane, present = from < n ? min((n - from + 63u) / 64u, 16u) : 0u, lanes = min(n, 64u); \
	uint subtrees = lane < n ? (n - lane + 1023u) / 1024u : 0u; \
	uint64_t rows = PARAM(3), r = uint64_t(group) * PARAM(10) + uint64_t(local / 64u / teams); \
	uint64_t at = (min(r, rows - 1ul) * uint64_t(n) + uint64_t(from)) * 4ul; \
	EACH_16(LOAD_WHOLE, f32, PARAM(1) + at)
/* What is not there is a first element once more. */
#define LOAD_WHOLE(j, T, X) \
	float v##j = v; \
	if (j##u < present) \
		v##j = at_f32(X + 256ul * j##ul).v; \
	v = v0;
#define STORE_WHOLE(j, T, X) \
	if (j##u < present) \
		at_f32(PARAM(0) + at + 256ul * j##ul).v = X(v##j, j);
#define CHAIN_WHOLE(j, T, X) \
	if (j##u < present && j##u > 0u) \
		acc = acc + X(v##j);
#define ITSELF(v) (v)
#define EXP_OF(v) op_exp_f32(v)
#define SQUARE_OF(v) ((v) * (v))
/* acc = the sum of a function of the elements, finished by JOIN. */
#define SUM_OF(X, JOIN, p, q) \
	acc = X(v0); \
	EACH_16(CHAIN_WHOLE, f32, X) \
	acc = JOIN##_f32(local, teams, lanes, join_teams_add_f32(local, teams, subtrees, acc), p, q);

/* Softmax subtracts the greatest element. A NaN need not be it: it makes a NaN of the sum. */
#define GREATEST(j, T, X) most = v##j > most ? v##j : most;
#define LESS_MOST(j, T, X) \
	v##j = v##j - most; \
	normal = normal && v##j > LEAST_NORMAL;
#define LESS_GREATEST \
	float most = v0; \
	bool normal = true; \
	EACH_16(GREATEST, f32, 0) \
	most = join_lanes_maximum_f32(local, teams, lanes, join_teams_maximum_f32(local, teams, subtrees, most), 0.0f, 0.0f); \
	EACH_16(LESS_MOST, f32, 0)
#define SCALED(v, j) ((v) * acc)
void kernel_softmax_whole_f32(uint64_t params, uint group, uint local)
{
	float acc, v = 0.0f;

	WHOLE_ROW
	LESS_GREATEST
	ALL_TO_EXP
	SUM_OF(ITSELF, inverse_sum, 0.0f, 0.0f)
	if (r < rows) {
		EACH_16(STORE_WHOLE, f32, SCALED)
	}
}

#define LESS(v, j) ((v) - acc)
void kernel_log_softmax_whole_f32(uint64_t params, uint group, uint local)
{
	float acc, v = 0.0f;

	WHOLE_ROW
	LESS_GREATEST
	SUM_OF(EXP_OF, log_sum, 0.0f, 0.0f)
	if (r < rows) {
		EACH_16(STORE_WHOLE, f32, LESS)
	}
}

#define LESS_MEAN(j, T, X) v##j = v##j - acc;
float weight_at(uint64_t weight, uint64_t place, float none)
{
	float w = none;

	if (weight != 0ul)
		w = at_f32(weight + place).v;
	return w;
}
#define NORMED(v, j) \
	fma((v) * acc, weight_at(PARAM(5), uint64_t(from + 64u * j##u) * PARAM(7), 1.0f), \
	    weight_at(PARAM(6), uint64_t(from + 64u * j##u) * PARAM(8), -0.0f))
void kernel_layer_norm_whole_f32(uint64_t params, uint group, uint local)
{
	float acc, v = 0.0f;

	WHOLE_ROW
	SUM_OF(ITSELF, divided_sum, float(n), 0.0f)
	EACH_16(LESS_MEAN, f32, 0)
	SUM_OF(SQUARE_OF, scale_of_sum, float(n), at_f32(params + 32ul).v)
	if (r < rows) {
		EACH_16(STORE_WHOLE, f32, NORMED)
	}
}

/* y[rows] = the sum of the squares of what is left when the mean is subtracted, over the divisor. */
void kernel_var_whole_f32(uint64_t params, uint group, uint local)
{
	float acc, v = 0.0f;

	WHOLE_ROW
	SUM_OF(ITSELF, divided_sum, float(n), 0.0f)
	EACH_16(LESS_MEAN, f32, 0)
	SUM_OF(SQUARE_OF, divided_sum, at_f32(params + 32ul).v, 0.0f)
	if (r < rows && number == 0u && lane == 0u)
		at_f32(PARAM(0) + r * 4ul).v = acc;
}

#undef NORMALISE
