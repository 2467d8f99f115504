/* SPDX-License-Identifier: MIT */
/* Reductions, scans, ranges, whole rows and sliding windows of floating types. */
#include <string.h>

#include "simd/levels.h"

#include TR__VEC_HEADER
/* in the words of the vector header */
#include "lib/ref/expr/all.h"
#include "lib/ref/winograd.h"

#define T f32
#include "simd/kernels/fold.h"
#include "simd/kernels/arg.h"
#include "simd/kernels/range.h"
#include "simd/kernels/scan.h"
#include "simd/kernels/rows.h"
#include "simd/kernels/taps.h"
#include "simd/kernels/plane.h"
#undef T
#include "simd/kernels/narrow.h"
#define T f64
#include "simd/kernels/fold.h"
#include "simd/kernels/arg.h"
#include "simd/kernels/range.h"
#include "simd/kernels/scan.h"
#include "simd/kernels/rows.h"
#include "simd/kernels/taps.h"
#include "simd/kernels/plane.h"
#undef T

static const tr_winograd_fn winograd[2][TR_WINOGRAD_KINDS] = WINOGRAD_KERNELS;

TR__PART(rows)
{
	memcpy(k->winograd, winograd, sizeof(winograd));
	fill_folds_f32(k);
	fill_args_f32(k);
	k->range[TR_F32] = range_f32;
	fill_scans_f32(k);
	fill_rows_f32(k);
	fill_taps_f32(k);
	k->plane_fma[TR_F32] = plane_fma_f32;
	k->narrow_fma[TR_F32] = narrow_fma_f32;
	fill_folds_f64(k);
	fill_args_f64(k);
	k->range[TR_F64] = range_f64;
	fill_scans_f64(k);
	fill_rows_f64(k);
	fill_taps_f64(k);
	k->plane_fma[TR_F64] = plane_fma_f64;
}
