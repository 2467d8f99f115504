/* SPDX-License-Identifier: MIT */
/*
 * Divisions of single elements: what v_each2 calls where there is no vector form. Knows no vectors.
 */
#ifndef TR_REF_EXPR_SCALAR_H
#define TR_REF_EXPR_SCALAR_H

#include <math.h>

#include "lib/ref/elem.h"

/* Division by zero gives 0; the least integer divided by -1 wraps, and C leaves its quotient open. */
#define SIGNED(T) \
	static inline e##T scalar_floor_divide_##T(e##T a, e##T b) \
	{ \
		if (b == 0) \
			return 0; \
		if (b == -1) \
			return (e##T)-a; \
		return (e##T)(a / b - (a % b && (a < 0) != (b < 0))); \
	} \
	static inline e##T scalar_remainder_##T(e##T a, e##T b) \
	{ \
		if (b == 0 || b == -1) \
			return 0; \
		e##T r = (e##T)(a % b); \
		return (e##T)(r && (r < 0) != (b < 0) ? r + b : r); \
	}

#define UNSIGNED(T) \
	static inline e##T scalar_floor_divide_##T(e##T a, e##T b) { return b ? (e##T)(a / b) : 0; } \
	static inline e##T scalar_remainder_##T(e##T a, e##T b) { return b ? (e##T)(a % b) : 0; }

SIGNED(i8) SIGNED(i16) SIGNED(i32) SIGNED(i64)
UNSIGNED(u8) UNSIGNED(u16) UNSIGNED(u32) UNSIGNED(u64)

/*
 * Python's float division, by way of the exact fmod: the remainder takes the sign of b; (a - r) / b is within half
 * a unit of an integer or too large to have a fraction.
 */
#define FLOATING(T, f) \
	static inline e##T scalar_fmod_##T(e##T a, e##T b) { return fmod##f(a, b); } \
	static inline e##T scalar_remainder_##T(e##T a, e##T b) \
	{ \
		if (b == 0) \
			return (e##T)NAN; \
		e##T r = fmod##f(a, b); \
		if (r == 0) \
			return copysign##f(0, b); \
		return (r < 0) != (b < 0) ? r + b : r; \
	} \
	static inline e##T scalar_floor_divide_##T(e##T a, e##T b) \
	{ \
		if (b == 0) \
			return a / b; \
		e##T r = fmod##f(a, b); \
		e##T q = (a - r) / b - ((r < 0) != (b < 0) && r != 0); \
		if (q == 0) \
			return copysign##f(0, a / b); \
		e##T low = floor##f(q); \
		return q - low > (e##T)0.5 ? low + 1 : low; \
	}

FLOATING(f32, f) FLOATING(f64, )

#undef SIGNED
#undef UNSIGNED
#undef FLOATING

#endif
