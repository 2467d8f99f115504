/* SPDX-License-Identifier: MIT */
/*
 * Indices that are results, argmin and argmax, and indices that are operands, take. Conventions: vk/shaders/kernels.h.
 */

/* Whether b, found at j, goes before a, found at i: NaN before numbers, or if it is skipped after, then the extreme, then the lower
 * index. */
#define GOES_FIRST_FLOAT(T) \
	bool goes_first_##T(E_##T a, uint64_t i, E_##T b, uint64_t j, bool most, bool skips) \
	{ \
		bool nan_a = v_isnan(a), nan_b = v_isnan(b); \
		if (nan_a || nan_b) \
			return nan_a == nan_b ? j < i : skips ? nan_a : nan_b; \
		return a == b ? j < i : most ? b > a : b < a; \
	}
#define GOES_FIRST_INTEGER(T) \
	bool goes_first_##T(E_##T a, uint64_t i, E_##T b, uint64_t j, bool most, bool skips) \
	{ \
		return a == b ? j < i : most ? b > a : b < a; \
	}
#define NOWHERE 0xfffffffffffffffful

/*
 * Parameters: y values  x indices  n inner rows  how segments; how: 1 for the greatest, and 2 if NaN is skipped. y = the index of each
 * row's extreme; with more than one segment y and values are [rows, segments] with those of the segments, which a second dispatch
 * takes as x and indices (0: an element's own index). A row (inner = 1) is shared by a workgroup, a column has an invocation.
 */
#define LOOK_AT(T, v, index) \
	if (best == NOWHERE || goes_first_##T(value, best, v, index, most, skips)) { \
		value = v; \
		best = index; \
	}
#define ARGUMENT(T) \
	void kernel_argument_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t n = PARAM(4), inner = PARAM(5), rows = PARAM(6), segments = PARAM(8), s = uint64_t(group) % segments; \
		bool most = (PARAM(7) & 1ul) != 0ul, skips = (PARAM(7) & 2ul) != 0ul, shared_row = inner == 1ul; \
		uint64_t r = uint64_t(group) / segments, length = (n + segments - 1ul) / segments, first = s * length; \
		uint64_t last = min(first + length, n), step = shared_row ? 256ul : 1ul, best = NOWHERE; \
		r = shared_row ? r : r * 256ul + uint64_t(local); \
		uint64_t row = min(r, rows - 1ul), outer = quotient(row, inner), base = outer * n * inner + row - outer * inner; \
		uint64_t i = first + (shared_row ? uint64_t(local) : 0ul), apart = step * inner * BYTES_##T; \
		E_##T value = E_##T(0); \
		for (; PARAM(3) == 0ul && i + 3ul * step < last; i += 4ul * step) { \
			uint64_t p = PARAM(2) + (base + i * inner) * BYTES_##T; \
			E_##T v0 = at_##T(p).v, v1 = at_##T(p + apart).v, v2 = at_##T(p + 2ul * apart).v; \
			E_##T v3 = at_##T(p + 3ul * apart).v; \
			LOOK_AT(T, v0, i) \
			LOOK_AT(T, v1, i + step) \
			LOOK_AT(T, v2, i + 2ul * step) \
			LOOK_AT(T, v3, i + 3ul * step) \
		} \
		for (; i < last; i += step) { \
			uint64_t at = base + i * inner, index = i; \
			E_##T v = at_##T(PARAM(2) + at * BYTES_##T).v; \
			if (PARAM(3) != 0ul) \
				index = at_u64(PARAM(3) + at * 8ul).v; \
			LOOK_AT(T, v, index) \
		} \
		shared_##T[local] = value; \
		shared_index[local] = best; \
		for (uint h = 128u; h > 0u && shared_row; h = h / 2u) { \
			barrier(); \
			if (local < h && shared_index[local + h] != NOWHERE && \
			    (shared_index[local] == NOWHERE || \
			     goes_first_##T(shared_##T[local], shared_index[local], shared_##T[local + h], \
					    shared_index[local + h], most, skips))) { \
				shared_##T[local] = shared_##T[local + h]; \
				shared_index[local] = shared_index[local + h]; \
			} \
		} \
		if (r >= rows || (shared_row && local != 0u)) \
			return; \
		at_u64(PARAM(0) + (r * segments + s) * 8ul).v = shared_index[local]; \
		if (segments != 1ul) \
			at_##T(PARAM(1) + (r * segments + s) * BYTES_##T).v = shared_##T[local]; \
	}

/* Parameters: word, y x  n inner rows. 0 into the 32-bit word if an extreme found is a NaN. */
#define NUMBERS(T) \
	void kernel_numbers_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t r = uint64_t(group) * 256ul + uint64_t(local), n = PARAM(3), inner = PARAM(4); \
		if (r >= PARAM(5)) \
			return; \
		uint64_t outer = quotient(r, inner), at = outer * n * inner + r - outer * inner; \
		if (v_isnan(at_##T(PARAM(2) + (at + at_u64(PARAM(1) + r * 8ul).v * inner) * BYTES_##T).v)) \
			at_u32(PARAM(0)).v = 0u; \
	}

GOES_FIRST_FLOAT(f32) GOES_FIRST_FLOAT(f64) GOES_FIRST_INTEGER(i64) GOES_FIRST_INTEGER(u64)
ARGUMENT(f32) ARGUMENT(f64) ARGUMENT(i64) ARGUMENT(u64)
NUMBERS(f32) NUMBERS(f64)

/* Parameters: word, indices, n, low, limit. The least position whose index is not in low … limit - 1 into the 32-bit word. */
void kernel_check_i64(uint64_t params, uint group, uint local)
{
	uint64_t i = uint64_t(group) * 256ul + uint64_t(local);

	if (i >= PARAM(2))
		return;
	if (at_u64(PARAM(1) + i * 8ul).v - PARAM(3) >= PARAM(4) - PARAM(3))
		atomicMin(at_u32(PARAM(0)).v, uint(min(i, 0xfffffffeul)));
}

/*
 * Parameters: y a indices  n indices_n inner limit guard. y[outer, index, inner] = a[outer, index's, inner], n units of memory;
 * nothing if guard, unless it is 0, is the address of a word that check has written.
 */
#define TAKE(T, BYTES) \
	void kernel_take_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t i = uint64_t(group) * 256ul + uint64_t(local), inner = PARAM(5), limit = PARAM(6); \
		if (i >= PARAM(3)) \
			return; \
		if (PARAM(7) != 0ul && at_u32(PARAM(7)).v != 0xffffffffu) \
			return; \
		uint64_t which = i / inner % PARAM(4), outer = i / (inner * PARAM(4)); \
		uint64_t index = at_u64(PARAM(2) + which * 8ul).v; \
		index = int64_t(index) < 0l ? index + limit : index; \
		at_##T(PARAM(0) + i * BYTES).v = at_##T(PARAM(1) + ((outer * limit + index) * inner + i % inner) * BYTES).v; \
	}

TAKE(u8, 1ul) TAKE(u16, 2ul) TAKE(u32, 4ul) TAKE(u64, 8ul) TAKE(v4, 16ul)

#undef ARGUMENT
#undef NUMBERS
#undef TAKE
