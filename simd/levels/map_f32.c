/* SPDX-License-Identifier: MIT */
/* Elementwise kernels of f32. */
#include "simd/levels.h"

#include TR__VEC_HEADER
/* in the words of the vector header */
#include "lib/ref/expr/all.h"
#include "lib/ref/map_rows.h"

#define T f32
#include "simd/kernels/map.h"
#undef T

TR__PART(map_f32)
{
	fill_map_f32(k);
}
