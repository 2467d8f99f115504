/* SPDX-License-Identifier: MIT */
/* Elementwise kernels of f32 over f16 and bf16, where converting them takes an instruction or two. */
#include <string.h>

#include "simd/levels.h"

#include TR__VEC_HEADER
/* in the words of the vector header */
#include "lib/ref/expr/all.h"
#include "lib/ref/map_rows.h"
#include TR__CAST_HEADER
#include "simd/kernels/cast_words.h"

#if V_HALF
#define HALF_PART(H) \
	TR__INLINE vf32 half_load_part_##H(const e##H *p, size_t n) \
	{ \
		e##H room[v_lanes(f32)] = {0}; \
		\
		memcpy(room, p, n * sizeof(*p)); \
		return f32_from_##H(room); \
	} \
	TR__INLINE void half_store_part_##H(e##H *p, vf32 a, size_t n) \
	{ \
		e##H room[v_lanes(f32)]; \
		\
		H##_of_f32(room, a); \
		memcpy(p, room, n * sizeof(*p)); \
	}
HALF_PART(f16)
HALF_PART(bf16)

#define T f32
#define H f16
#include "simd/kernels/map.h"
#undef H
#define H bf16
#include "simd/kernels/map.h"
#undef H
#undef T
#endif

TR__PART(map_half)
{
#if V_HALF
	fill_map_f16(k);
	fill_map_bf16(k);
#else
	(void)k;
#endif
}
