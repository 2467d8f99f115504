/* SPDX-License-Identifier: MIT */
/* Elementwise kernels of integers of 32 and 64 bits, and random bits. */
#include "simd/levels.h"

#include TR__VEC_HEADER
/* in the words of the vector header */
#include "lib/ref/expr/all.h"
#include "lib/ref/map_rows.h"

#include "lib/ref/philox.h"

#define T i32
#include "simd/kernels/map.h"
#undef T
#define T u32
#include "simd/kernels/map.h"
#undef T
#define T i64
#include "simd/kernels/map.h"
#undef T
#define T u64
#include "simd/kernels/map.h"
#undef T

TR__PART(map_wide)
{
	fill_map_i32(k);
	fill_map_u32(k);
	fill_map_i64(k);
	fill_map_u64(k);
	k->philox = TR__KERNEL(philox, u64);
}
