/* SPDX-License-Identifier: MIT */
/*
 * Indices that are results, argmin and argmax, and indices that are operands, take. Conventions: vk/shaders/kernels.h.
 */

#define NOWHERE 0xfffffffffffffffful

/* What is looked for: a NaN before numbers, or no NaN at all (SKIPS), then the extreme. IS_NAN is false of integers. */
#define IS_NAN_f32(v) v_isnan(v)
#define IS_NAN_f64(v) v_isnan(v)
#define IS_NAN_i64(v) false
#define IS_NAN_u64(v) false
#define NAN_f32 float(NAN)
#define NAN_f64 double(NAN)
#define NAN_i64 0l
#define NAN_u64 0ul
#define MORE(a, b) ((a) > (b))
#define FEWER(a, b) ((a) < (b))

/* Whether v is looked for rather than what was found before it. */
#define GOES_FIRST(T, BEYOND, v, found) (!IS_NAN_##T(found) && (IS_NAN_##T(v) || BEYOND(v, found)))
#define IS_THE_ONE(T, v, found) (v == found || (IS_NAN_##T(v) && IS_NAN_##T(found)))

/*
 * Parameters: y values  x indices  n inner rows  segments length. y = the index of each row's extreme, the first of equal ones; with more
 * than one segment y and values are [rows, segments] with those of the segments, which a second dispatch takes as x and indices
 * (0: an element's own index); length: of a segment. A row (inner = 1) is shared by a workgroup, a column has an invocation.
 *
 * An invocation goes by blocks of 16 elements, the last once more for what is not there, and remembers the block of the extreme
 * only; where in it that is, those find out whose value is the workgroup's. Where only NaNs are, and they are skipped, the first of
 * them is found, and NaN. LEAST: what a block's extreme is at first.
 */
#define DECLARE_ARGUMENT(j, T, X) E_##T v##j;
#define LOAD_ARGUMENT(j, T, X) v##j = at_##T(q + uint64_t(min(j##u, left)) * apart).v;
#define LOAD_ROW_ARGUMENT(j, T, X) v##j = at_##T(q + uint64_t(j) * 256ul * BYTES_##T).v; /* at distances that are known */
#define LOAD_ARGUMENTS(T) \
	EACH_16(DECLARE_ARGUMENT, T, 0) \
	if (shared_row && left == 15u) { \
		EACH_16(LOAD_ROW_ARGUMENT, T, 0) \
	} else { \
		EACH_16(LOAD_ARGUMENT, T, 0) \
	}
#define LOOK_AT(j, T, BEYOND) \
	extreme = BEYOND(v##j, extreme) ? v##j : extreme; \
	bool nan##j = IS_NAN_##T(v##j); /* for a call after || is a branch */ \
	is_nan = is_nan || nan##j; \
	is_number = is_number || !nan##j;
#define FIND_ARGUMENT(j, T, X) \
	bool is##j = v##j == value, not##j = IS_NAN_##T(v##j); \
	is##j = is##j || (not##j && is_none); \
	place = is##j ? min(place, j##u) : place;
#define ARGUMENT(NAME, T, BEYOND, SKIPS, LEAST) \
	void kernel_##NAME##_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t n = PARAM(4), inner = PARAM(5), rows = PARAM(6), segments = PARAM(7), s = uint64_t(group) % segments; \
		uint64_t indices = PARAM(3), y = PARAM(0), values = PARAM(1); \
		bool shared_row = inner == 1ul; \
		uint64_t r = quotient(uint64_t(group), segments), length = PARAM(8), first = s * length; \
		uint64_t last = min(first + length, n), step = shared_row ? 256ul : 1ul, block = NOWHERE, best = NOWHERE; \
		r = shared_row ? r : r * 256ul + uint64_t(local); \
		uint64_t row = min(r, rows - 1ul), outer = quotient(row, inner), base = outer * n * inner + row - outer * inner; \
		uint64_t i = first + (shared_row ? uint64_t(local) : 0ul), apart = step * inner * BYTES_##T; \
		uint64_t p = PARAM(2) + base * BYTES_##T, q; \
		E_##T value = SKIPS ? NAN_##T : E_##T(0); \
		uint left, place = 15u; \
		for (; i < last; i += 16ul * step) { \
			left = uint(min(shared_row ? (last - 1ul - i) >> 8 : last - 1ul - i, 15ul)); \
			q = p + i * inner * BYTES_##T; \
			LOAD_ARGUMENTS(T) \
			E_##T extreme = LEAST; \
			bool is_nan = false, is_number = !SKIPS; \
			EACH_16(LOOK_AT, T, BEYOND) \
			extreme = is_nan && !SKIPS ? NAN_##T : extreme; \
			if (is_number && (block == NOWHERE || GOES_FIRST(T, BEYOND, extreme, value))) { \
				value = extreme; \
				block = i; \
			} \
		} \
		E_##T found = value; \
		shared_##T[local] = value; \
		shared_index[local] = block; \
		for (uint h = 128u; h > 0u && shared_row; h = h / 2u) { \
			barrier(); \
			if (local < h && shared_index[local + h] != NOWHERE && \
			    (shared_index[local] == NOWHERE || \
			     GOES_FIRST(T, BEYOND, shared_##T[local + h], shared_##T[local]))) { \
				shared_##T[local] = shared_##T[local + h]; \
				shared_index[local] = shared_index[local + h]; \
			} \
		} \
		barrier(); \
		if (shared_row) \
			found = shared_##T[0]; \
		bool is_none = IS_NAN_##T(value); \
		if (IS_THE_ONE(T, value, found) && block != NOWHERE) { \
			left = uint(min(shared_row ? (last - 1ul - block) >> 8 : last - 1ul - block, 15ul)); \
			q = p + block * inner * BYTES_##T; \
			LOAD_ARGUMENTS(T) \
			EACH_16(FIND_ARGUMENT, T, 0) \
			best = block + uint64_t(place) * step; \
		} \
		barrier(); \
		shared_index[local] = best; \
		for (uint h = 128u; h > 0u && shared_row; h = h / 2u) { \
			barrier(); \
			if (local < h) \
				shared_index[local] = min(shared_index[local], shared_index[local + h]); \
		} \
		if (r >= rows || (shared_row && local != 0u)) \
			return; \
		best = shared_index[local]; \
		if (SKIPS && best == NOWHERE) \
			best = first; \
		if (indices != 0ul) \
			best = at_u64(indices + (base + best * inner) * 8ul).v; \
		at_u64(y + (r * segments + s) * 8ul).v = best; \
		if (segments != 1ul) \
			at_##T(values + (r * segments + s) * BYTES_##T).v = found; \
	}
#define ARGUMENTS(T) ARGUMENT(argmax, T, MORE, false, v0) ARGUMENT(argmin, T, FEWER, false, v0)
#define ARGUMENTS_OF_NUMBERS(T) \
	ARGUMENT(nanargmax, T, MORE, true, E_##T(-INFINITY)) ARGUMENT(nanargmin, T, FEWER, true, E_##T(INFINITY))

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

ARGUMENTS(f32) ARGUMENTS(f64) ARGUMENTS(i64) ARGUMENTS(u64)
ARGUMENTS_OF_NUMBERS(f32) ARGUMENTS_OF_NUMBERS(f64)
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
#undef ARGUMENTS
#undef ARGUMENTS_OF_NUMBERS
#undef NUMBERS
#undef LOOK_AT
#undef TAKE
