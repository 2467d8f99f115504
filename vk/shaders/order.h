/* SPDX-License-Identifier: MIT */
/*
 * Sorting rows, searching in sorted vectors, and running sums. Conventions: vk/shaders/kernels.h.
 *
 * Rows are sorted as pairs of a 64-bit key in the order of the elements and the element's place, which makes all pairs differ:
 * Batcher's bitonic network ("Sorting networks and their applications", 1968) is stable that way. Rows are padded to a power
 * of two with pairs that come last. A pair number t of a step of distance j joins the elements t and t + j of each 2 j.
 */
#define PAIRS 512u /* of 1024 elements that a workgroup sorts in shared memory, two for an invocation */

/*
 * Parameters: keys places x  n  padded  all  sign infinity width bool zeros. sign: the sign bit of a signed type; infinity: the
 * bits of +Inf of a floating one; width: all bits of the type. NaN comes last, zeros are equal unless `zeros`. all: padded elements
 * of all rows.
 */
#define KEYS(T, BYTES) \
	void kernel_keys_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t i = uint64_t(group) * 256ul + uint64_t(local), n = PARAM(3), padded = PARAM(4); \
		uint64_t at = i % padded, row = i / padded, sign = PARAM(6), infinity = PARAM(7), width = PARAM(8); \
		uint64_t key = 0xfffffffffffffffful; \
		if (i >= PARAM(5)) \
			return; \
		if (at < n) { \
			uint64_t v = uint64_t(at_##T(PARAM(2) + (row * n + at) * BYTES).v), size = v & (width ^ sign); \
			key = v ^ sign; \
			if (PARAM(9) != 0ul) \
				key = v != 0ul ? 1ul : 0ul; \
			if (infinity != 0ul) { \
				key = v ^ ((v & sign) != 0ul ? width : sign); \
				key = size == 0ul && PARAM(10) == 0ul ? sign : size > infinity ? width : key; \
			} \
		} \
		at_u64(PARAM(0) + i * 8ul).v = key; \
		at_u32(PARAM(1) + i * 4ul).v = uint(at); \
	} \
	/* Parameters: y places x  n padded  all. y[row, i] = x[row, the place of pair i]; all: elements of y. */ \
	void kernel_sorted_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t i = uint64_t(group) * 256ul + uint64_t(local), n = PARAM(3); \
		if (i >= PARAM(5)) \
			return; \
		uint64_t row = i / n, place = uint64_t(at_u32(PARAM(1) + (row * PARAM(4) + i % n) * 4ul).v); \
		at_##T(PARAM(0) + i * BYTES).v = at_##T(PARAM(2) + (row * n + place) * BYTES).v; \
	}
KEYS(u8, 1ul) KEYS(u16, 2ul) KEYS(u32, 4ul) KEYS(u64, 8ul)

/* The same, but y is the places, of 64 bits. */
void kernel_places(uint64_t params, uint group, uint local)
{
	uint64_t i = uint64_t(group) * 256ul + uint64_t(local), n = PARAM(3);

	if (i >= PARAM(5))
		return;
	at_u64(PARAM(0) + i * 8ul).v = uint64_t(at_u32(PARAM(1) + (i / n * PARAM(4) + i % n) * 4ul).v);
}

/* Parameters: keys places  pairs  j k. One step of the network: distance j, runs of k ascending and descending in turn. */
void kernel_sort_step(uint64_t params, uint group, uint local)
{
	uint64_t t = uint64_t(group) * 256ul + uint64_t(local), j = PARAM(3), low = t / j * 2ul * j + t % j;
	uint64_t a = PARAM(0) + low * 8ul, b = a + j * 8ul, p = PARAM(1) + low * 4ul, q = p + j * 4ul;

	if (t >= PARAM(2))
		return;
	uint64_t first = at_u64(a).v, second = at_u64(b).v;
	uint first_place = at_u32(p).v, second_place = at_u32(q).v;
	bool after = first > second || (first == second && first_place > second_place);
	if (after == ((low & PARAM(4)) == 0ul)) {
		at_u64(a).v = second;
		at_u64(b).v = first;
		at_u32(p).v = second_place;
		at_u32(q).v = first_place;
	}
}

/* Parameters: keys places  all  padded  first last. The steps of distances up to 512 of the runs first … last, in shared memory. */
void kernel_sort_block(uint64_t params, uint group, uint local)
{
	uint64_t base = uint64_t(group) * 1024ul, padded = PARAM(3);
	uint last = uint(min(PARAM(5), 1024ul));

	for (uint i = local; i < 1024u; i += 256u) {
		uint64_t key = 0xfffffffffffffffful;
		uint place = i;
		if (base + uint64_t(i) < PARAM(2)) {
			key = at_u64(PARAM(0) + (base + uint64_t(i)) * 8ul).v;
			place = at_u32(PARAM(1) + (base + uint64_t(i)) * 4ul).v;
		}
		shared_u64[i] = key;
		shared_u32[i] = place;
	}
	for (uint64_t k = PARAM(4); k <= PARAM(5); k = k * 2ul) {
		for (uint j = uint(min(k / 2ul, 512ul)); j > 0u; j = j / 2u) {
			barrier();
			for (uint t = local; t < PAIRS; t += 256u) {
				uint a = t / j * 2u * j + t % j, b = a + j;
				bool after = shared_u64[a] > shared_u64[b] ||
					     (shared_u64[a] == shared_u64[b] && shared_u32[a] > shared_u32[b]);
				if (after == ((((base + uint64_t(a)) & (padded - 1ul)) & k) == 0ul)) {
					uint64_t key = shared_u64[a];
					uint place = shared_u32[a];
					shared_u64[a] = shared_u64[b];
					shared_u32[a] = shared_u32[b];
					shared_u64[b] = key;
					shared_u32[b] = place;
				}
			}
		}
	}
	barrier();
	for (uint i = local; i < 1024u; i += 256u) {
		if (base + uint64_t(i) < PARAM(2)) {
			at_u64(PARAM(0) + (base + uint64_t(i)) * 8ul).v = shared_u64[i];
			at_u32(PARAM(1) + (base + uint64_t(i)) * 4ul).v = shared_u32[i];
		}
	}
}

/* How many of a sorted row's keys are below `width`, a NaN's. */
uint64_t numbers_of(uint64_t keys, uint64_t n, uint64_t width)
{
	uint64_t low = 0ul, high = n;

	for (uint64_t left = n; left > 0ul; left = high - low) {
		uint64_t half = low + left / 2ul;
		bool goes = at_u64(keys + half * 8ul).v < width;
		low = goes ? half + 1ul : low;
		high = goes ? high : half;
	}
	return low;
}

/*
 * Parameters: y keys places x  n padded rows  q  method skips width. Quantile q (docs/numerics.md), bits of f64, of each sorted
 * row. method: 0 linear, 1 lower, 2 higher, 3 nearest, 4 midpoint, 5 median; skips: whether NaNs are left out.
 */
#define QUANTILE(T) \
	void kernel_quantile_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t row = uint64_t(group) * 256ul + uint64_t(local), n = PARAM(4), first = row * PARAM(5), method = PARAM(8); \
		if (row >= PARAM(6)) \
			return; \
		uint64_t m = numbers_of(PARAM(1) + first * 8ul, n, PARAM(10)), y = PARAM(0) + row * BYTES_##T; \
		if (m == 0ul || (m < n && PARAM(9) == 0ul)) { \
			at_##T(y).v = E_##T(NAN); \
			return; \
		} \
		double v = op_multiply_f64(at_f64(params + 56ul).v, double(m - 1ul)), low = floor(v); \
		double share = op_subtract_f64(v, low), rank = low; \
		if (method == 2ul && share > double(0)) \
			rank = low + double(1); \
		if (method == 3ul) \
			rank = roundEven(v); \
		if (method >= 1ul && method <= 3ul) \
			share = double(0); \
		if (method == 4ul && share > double(0)) \
			share = double(0.5); \
		uint64_t k = min(uint64_t(rank), m - 1ul), next = min(k + 1ul, m - 1ul), x = PARAM(3) + row * n * BYTES_##T; \
		E_##T a = at_##T(x + uint64_t(at_u32(PARAM(2) + (first + k) * 4ul).v) * BYTES_##T).v; \
		E_##T b = at_##T(x + uint64_t(at_u32(PARAM(2) + (first + next) * 4ul).v) * BYTES_##T).v; \
		E_##T t = E_##T(share), apart = op_subtract_##T(b, a), z = a; \
		if (share != double(0) && a != b) { \
			if (method == 5ul) \
				z = op_multiply_##T(op_add_##T(a, b), E_##T(0.5)); \
			else if (t >= E_##T(0.5)) \
				z = op_subtract_##T(b, op_multiply_##T(apart, op_subtract_##T(E_##T(1), t))); \
			else \
				z = op_add_##T(a, op_multiply_##T(apart, t)); \
		} \
		at_##T(y).v = z; \
	}
QUANTILE(f32) QUANTILE(f64)

/* Whether x, of a sorted vector, goes before v: below it, or not above it. NaN is above every number and equal to another. */
#define GOES_FLOAT(T) \
	bool goes_##T(E_##T x, E_##T v, bool right) \
	{ \
		bool nan_x = v_isnan(x), nan_v = v_isnan(v); \
		if (nan_v) \
			return right || !nan_x; \
		return !nan_x && (right ? x <= v : x < v); \
	}
#define GOES_INTEGER(T) \
	bool goes_##T(E_##T x, E_##T v, bool right) { return right ? x <= v : x < v; }

/* Parameters: y a v  count n right. y[i] = how many of a[0 … n - 1] go before v[i]. */
#define SEARCH(T) \
	void kernel_search_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t i = uint64_t(group) * 256ul + uint64_t(local), low = 0ul, high = PARAM(4); \
		bool right = PARAM(5) != 0ul; \
		if (i >= PARAM(3)) \
			return; \
		E_##T v = at_##T(PARAM(2) + i * BYTES_##T).v; \
		for (uint64_t left = high; left > 0ul; left = high - low) { \
			uint64_t half = low + left / 2ul; \
			bool goes = goes_##T(at_##T(PARAM(1) + half * BYTES_##T).v, v, right); \
			low = goes ? half + 1ul : low; \
			high = goes ? high : half; \
		} \
		at_u64(PARAM(0) + i * 8ul).v = low; \
	}
GOES_FLOAT(f32) GOES_FLOAT(f64) GOES_INTEGER(i64) GOES_INTEGER(u64)
SEARCH(f32) SEARCH(f64) SEARCH(i64) SEARCH(u64)

/*
 * Running sums and their like (docs/numerics.md), rows dense. Parameters: y x carry  n  chunks  all: elements of y.
 * scan: each chunk of 1024 by itself, a workgroup a chunk. carry: the last element of each chunk joined with those before, one
 * invocation a row; carry[row, chunk]. join: y joined with what the chunks before it came to.
 */
#define SCAN(OP, T) \
	void kernel_##OP##_scan_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t n = PARAM(3), chunks = PARAM(4), row = uint64_t(group) / chunks, first = uint64_t(group) % chunks * 1024ul; \
		uint m = uint(min(n - min(first, n), 1024ul)); \
		uint64_t at = (row * n + first) * BYTES_##T; \
		if (row * n >= PARAM(5)) \
			return; \
		for (uint i = local; i < m; i += 256u) \
			shared_##T[i] = at_##T(PARAM(1) + at + uint64_t(i) * BYTES_##T).v; \
		for (uint h = 1u; h < 16u; h = h * 2u) { \
			barrier(); \
			for (uint i = local; i < m; i += 256u) { \
				uint into = 1024u + i; \
				shared_##T[into] = shared_##T[i]; \
				if (i % 16u >= h) \
					shared_##T[into] = op_##OP##_##T(shared_##T[i - h], shared_##T[i]); \
			} \
			barrier(); \
			for (uint i = local; i < m; i += 256u) \
				shared_##T[i] = shared_##T[1024u + i]; \
		} \
		barrier(); \
		if (local == 0u) { \
			shared_##T[1024u] = shared_##T[min(15u, m - 1u)]; \
			for (uint b = 1u; b * 16u < m; b += 1u) \
				shared_##T[1024u + b] = \
					op_##OP##_##T(shared_##T[1023u + b], shared_##T[min(b * 16u + 15u, m - 1u)]); \
		} \
		barrier(); \
		for (uint i = local; i < m; i += 256u) { \
			E_##T q = shared_##T[i]; \
			if (i >= 16u) \
				q = op_##OP##_##T(shared_##T[1023u + i / 16u], q); \
			at_##T(PARAM(0) + at + uint64_t(i) * BYTES_##T).v = q; \
		} \
	} \
	void kernel_##OP##_carry_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t n = PARAM(3), chunks = PARAM(4), row = uint64_t(group) * 256ul + uint64_t(local); \
		E_##T c = E_##T(0); \
		if (row * n >= PARAM(5)) \
			return; \
		for (uint64_t k = 0ul; k < chunks; k += 1ul) { \
			E_##T end = at_##T(PARAM(0) + (row * n + min(k * 1024ul + 1023ul, n - 1ul)) * BYTES_##T).v; \
			if (k != 0ul) \
				end = op_##OP##_##T(c, end); \
			c = end; \
			at_##T(PARAM(2) + (row * chunks + k) * BYTES_##T).v = c; \
		} \
	} \
	void kernel_##OP##_join_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t i = uint64_t(group) * 256ul + uint64_t(local), n = PARAM(3), chunk = i % n / 1024ul; \
		uint64_t y = PARAM(0) + i * BYTES_##T; \
		if (i >= PARAM(5) || chunk == 0ul) \
			return; \
		at_##T(y).v = op_##OP##_##T(at_##T(PARAM(2) + (i / n * PARAM(4) + chunk - 1ul) * BYTES_##T).v, at_##T(y).v); \
	}
#define SCANS(T) SCAN(add, T) SCAN(multiply, T) SCAN(maximum, T) SCAN(minimum, T)
SCANS(f32) SCANS(f64) SCANS(i64) SCANS(u64)

#undef KEYS
#undef QUANTILE
#undef SEARCH
#undef SCANS
#undef SCAN
#undef GOES_FLOAT
#undef GOES_INTEGER
