/* SPDX-License-Identifier: MIT */
/* Conversions. */
#include "simd/levels.h"

#include TR__VEC_HEADER
#include "lib/ref/map_rows.h"
/* in the words of the vector header */
#include TR__CAST_HEADER
#include "simd/kernels/cast.h"

TR__PART(cast)
{
	fill_casts(k);
}
