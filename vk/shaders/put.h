/* SPDX-License-Identifier: MIT */
/*
 * Writing by an index, places of indices, elements that a mask chooses, and ranges. Conventions: vk/shaders/kernels.h. A guard
 * is as that of take (vk/shaders/index.h).
 */
#define GUARDED(i) (PARAM(i) != 0ul && at_u32(PARAM(i)).v != 0xffffffffu)

/* Parameters: y indices  n  limit step more guard. y = (index, or index + limit of one below 0) · step + more. */
void kernel_ravel(uint64_t params, uint group, uint local)
{
	uint64_t i = uint64_t(group) * 256ul + uint64_t(local);

	if (i >= PARAM(2) || GUARDED(6))
		return;
	uint64_t index = at_u64(PARAM(1) + i * 8ul).v;
	index = int64_t(index) < 0l ? index + PARAM(3) : index;
	at_u64(PARAM(0) + i * 8ul).v = index * PARAM(4) + PARAM(5);
}

/* Where element `index` of n axes lies, whose sizes and strides in bytes are parameters from `first` on, the last axis first. */
uint64_t lie(uint64_t params, uint64_t first, uint64_t n, uint64_t index)
{
	uint64_t sum = 0ul;

	for (uint64_t k = first; k < first + 2ul * n; k += 2ul) {
		uint64_t size = PARAM(k), above = quotient(index, size);
		sum += (index - above * size) * PARAM(k + 1ul);
		index = above;
	}
	return sum;
}

/*
 * Parameters: y a places order  n indices_n inner step guard, the number of inner axes and of outer ones, and how these lie in y.
 * places: indices, none below 0; order: their numbers, sorted by them, equal ones as they stand. y[outer, place, inner] = or +=
 * a[outer, number, inner], n elements of a in all: an invocation for each, of which the last of equal indices writes, or the first
 * adds all.
 */
#define FIND_ROW \
	uint64_t i = uint64_t(group) * 256ul + uint64_t(local), count = PARAM(5), inner = PARAM(6); \
	if (i >= PARAM(4) || GUARDED(8)) \
		return; \
	uint64_t above = quotient(i, inner), column = i - above * inner, outer = quotient(above, count), k = above - outer * count; \
	uint64_t row = at_u64(PARAM(3) + k * 8ul).v, place = at_u64(PARAM(2) + row * 8ul).v;
#define FIND_TO \
	uint64_t to = PARAM(0) + place * PARAM(7) + lie(params, 11ul, PARAM(9), column) + \
		      lie(params, 11ul + 2ul * PARAM(9), PARAM(10), outer);
#define PLACE_OF(k) at_u64(PARAM(2) + at_u64(PARAM(3) + (k) * 8ul).v * 8ul).v

#define PUT(T, BYTES) \
	void kernel_put_##T(uint64_t params, uint group, uint local) \
	{ \
		FIND_ROW \
		if (k + 1ul < count && PLACE_OF(k + 1ul) == place) \
			return; \
		FIND_TO \
		at_##T(to).v = at_##T(PARAM(1) + ((outer * count + row) * inner + column) * BYTES).v; \
	}

PUT(u8, 1ul) PUT(u16, 2ul) PUT(u32, 4ul) PUT(u64, 8ul) PUT(v4, 16ul)

#define PUT_SUM(T, M, E, BYTES, SUM) \
	void kernel_add_##T(uint64_t params, uint group, uint local) \
	{ \
		FIND_ROW \
		if (k > 0ul && PLACE_OF(k - 1ul) == place) \
			return; \
		FIND_TO \
		E sum = at_##M(to).v; \
		for (; k < count && PLACE_OF(k) == place; k += 1ul) { \
			row = at_u64(PARAM(3) + k * 8ul).v; \
			E more = at_##M(PARAM(1) + ((outer * count + row) * inner + column) * BYTES).v; \
			sum = SUM; \
		} \
		at_##M(to).v = sum; \
	}
#define HALF_SUM(T) T##_from_f32(op_add_f32(f32_from_##T(sum), f32_from_##T(more)))

PUT_SUM(b8, u8, uint8_t, 1ul, op_add_b8(sum, more)) PUT_SUM(u8, u8, uint8_t, 1ul, sum + more)
PUT_SUM(u16, u16, uint16_t, 2ul, sum + more) PUT_SUM(u32, u32, uint, 4ul, sum + more)
PUT_SUM(u64, u64, uint64_t, 8ul, sum + more)
PUT_SUM(f16, u16, uint16_t, 2ul, HALF_SUM(f16)) PUT_SUM(bf16, u16, uint16_t, 2ul, HALF_SUM(bf16))
PUT_SUM(f32, f32, float, 4ul, op_add_f32(sum, more)) PUT_SUM(f64, f64, double, 8ul, op_add_f64(sum, more))

/* Parameters: word  found room. word = 0 unless as many are found, at that address, as there is room for. */
void kernel_room(uint64_t params, uint group, uint local)
{
	if (local == 0u && at_u64(PARAM(1)).v != PARAM(2))
		at_u32(PARAM(0)).v = 0u;
}

/*
 * Parameters: y a found  n  guard. found: how many elements up to each are chosen. y = a's chosen elements, one behind the other,
 * or their positions.
 */
#define FIND_CHOSEN \
	uint64_t i = uint64_t(group) * 256ul + uint64_t(local), before = 0ul; \
	if (i >= PARAM(3) || GUARDED(4)) \
		return; \
	uint64_t found = at_u64(PARAM(2) + i * 8ul).v; \
	if (i > 0ul) \
		before = at_u64(PARAM(2) + (i - 1ul) * 8ul).v; \
	if (found == before) \
		return;
#define SELECT(T, BYTES) \
	void kernel_select_##T(uint64_t params, uint group, uint local) \
	{ \
		FIND_CHOSEN \
		at_##T(PARAM(0) + before * BYTES).v = at_##T(PARAM(1) + i * BYTES).v; \
	}

SELECT(u8, 1ul) SELECT(u16, 2ul) SELECT(u32, 4ul) SELECT(u64, 8ul) SELECT(v4, 16ul)

void kernel_positions(uint64_t params, uint group, uint local)
{
	FIND_CHOSEN
	at_u64(PARAM(0) + before * 8ul).v = i;
}

/* Parameters: y  n  start step next, their bits. y[i] = start + i · step, both rounded; y[1] = next. */
#define BITS_f32(w) uintBitsToFloat(uint(w))
#define BITS_f64(w) int64BitsToDouble(int64_t(w))
#define BITS_u64(w) (w)
#define RANGE(T, SUM) \
	void kernel_range_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t i = uint64_t(group) * 256ul + uint64_t(local); \
		if (i >= PARAM(1)) \
			return; \
		E_##T start = BITS_##T(PARAM(2)), step = BITS_##T(PARAM(3)), y = SUM; \
		at_##T(PARAM(0) + i * BYTES_##T).v = i == 1ul ? BITS_##T(PARAM(4)) : y; \
	}

RANGE(f32, op_add_f32(start, op_multiply_f32(float(i), step)))
RANGE(f64, op_add_f64(start, op_multiply_f64(double(i), step)))
RANGE(u64, start + i * step)

#undef GUARDED
#undef FIND_ROW
#undef FIND_TO
#undef PLACE_OF
#undef PUT
#undef PUT_SUM
#undef HALF_SUM
#undef FIND_CHOSEN
#undef SELECT
#undef RANGE
