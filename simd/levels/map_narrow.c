/* SPDX-License-Identifier: MIT */
/* Elementwise kernels of bool and of integers of 8 and 16 bits. */
#include "simd/levels.h"

#include TR__VEC_HEADER
/* in the words of the vector header */
#include "lib/ref/expr/all.h"
#include "lib/ref/map_rows.h"

#define T b8
#include "simd/kernels/map.h"
#undef T
#define T i8
#include "simd/kernels/map.h"
#undef T
#define T u8
#include "simd/kernels/map.h"
#undef T
#define T i16
#include "simd/kernels/map.h"
#undef T
#define T u16
#include "simd/kernels/map.h"
#undef T

TR__PART(map_narrow)
{
	fill_map_b8(k);
	fill_map_i8(k);
	fill_map_u8(k);
	fill_map_i16(k);
	fill_map_u16(k);
}
