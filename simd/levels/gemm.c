/* SPDX-License-Identifier: MIT */
/* Matrix products, and inner ones. */
#include "simd/levels.h"

#include TR__VEC_HEADER
#include TR__GEMM_HEADER
#include "lib/ref/gemm.h"

#define T f32
#include "simd/kernels/dot.h"
#undef T
#define T f64
#include "simd/kernels/dot.h"
#undef T
#define T i32
#include "simd/kernels/dot.h"
#undef T
#define T i64
#include "simd/kernels/dot.h"
#undef T

TR__PART(gemm)
{
	static const struct tr_gemm_kernel gemm[TR_DTYPE_COUNT] = {TR__OF_PRODUCT(GEMM_KERNEL)};
	static const tr_dot_fn dot[TR_DTYPE_COUNT] = {TR__OF_PRODUCT(DOT_KERNEL)};

	k->unfused = V_UNFUSED;
	for (int d = 0; d < TR_DTYPE_COUNT; d++) {
		if (gemm[d].tile)
			k->gemm[d] = gemm[d];
		if (dot[d])
			k->dot[d] = dot[d];
	}
}
