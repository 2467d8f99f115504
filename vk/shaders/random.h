/* SPDX-License-Identifier: MIT */
/*
 * Random numbers: a kernel for each row of the families RANDOM and RANDOM_TRY and each of its types, made from the op table.
 * Conventions: vk/shaders/kernels.h.
 *
 * Parameters: y n p q key position stream. Of RANDOM an invocation makes the elements of one block, of RANDOM_TRY one
 * element.
 */
#include "lib/ref/map_rows.h"

/* 1 for a family that has a probe, whose expansion puts another argument in its place. */
#define IS(kind, family) SECOND(TR__PASTE3(kind, _, family), 0, 0)
#define SECOND(...) SECOND_(__VA_ARGS__)
#define SECOND_(a, b, ...) b
#define DENSE_RANDOM 0, 1
#define TRY_RANDOM_TRY 0, 1

#define SAME_BITS_f32(w) uintBitsToFloat(uint(w))
#define SAME_BITS_f64(w) int64BitsToDouble(int64_t(w))
#define SAME_BITS_u64(w) (w)
#define WORD_f32(i) ((i & 1u) == 0u ? (i < 2u ? low : high) : (i < 2u ? low : high) >> 32)
#define WORD_f64(i) (i == 0u ? low : high)
#define WORD_u64(i) WORD_f64(i)
#define SIZE_f32 4u
#define SIZE_f64 8u
#define SIZE_u64 8u
#define PUT_SAME(T, i, value) at_##T(PARAM(0) + (i) * uint64_t(SIZE_##T)).v = value
#define PUT_BOOL(T, i, value) at_u8(PARAM(0) + (i)).v = uint8_t(value)

#define DENSE(name, T, PUT) \
	void kernel_##name##_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t unit = uint64_t(group) * 256ul + uint64_t(local), n = PARAM(1), low = 0ul, high = 0ul; \
		op_philox(PARAM(5) + unit, PARAM(4), PARAM(6), low, high); \
		for (uint i = 0u; i < 16u / SIZE_##T; i++) { \
			uint64_t at = unit * uint64_t(16u / SIZE_##T) + uint64_t(i); \
			if (at < n) \
				PUT(T, at, op_##name##_##T(SAME_BITS_##T(WORD_##T(i)), SAME_BITS_##T(PARAM(2)), \
							   SAME_BITS_##T(PARAM(3)))); \
		} \
	}

#define TRY(name, T, PUT) \
	void kernel_##name##_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t at = uint64_t(group) * 256ul + uint64_t(local); \
		if (at < PARAM(1)) \
			PUT(T, at, op_##name##_##T(SAME_BITS_##T(PARAM(5) + at), SAME_BITS_##T(PARAM(2)), \
						   SAME_BITS_##T(PARAM(3)), PARAM(4), PARAM(6))); \
	}

#define EACH(kind, name, family, set, result, T) \
	TR__IF(TR__AND(IS(kind, family), TR__HAS(set, T)))(kind(name, T, TR__PASTE2(PUT_, TR__STORED(result))))
#define OP(name, family, set, result, tolerance, domain, doc) \
	EACH(DENSE, name, family, set, result, f32) EACH(DENSE, name, family, set, result, f64) \
	EACH(DENSE, name, family, set, result, u64) EACH(TRY, name, family, set, result, f64) \
	EACH(TRY, name, family, set, result, u64)
#include "lib/ops.def"
#undef OP
