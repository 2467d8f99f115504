/* SPDX-License-Identifier: MIT */
/* Reductions and scans of bool and of integers, ranges of the latter. */
#include "simd/levels.h"

#include TR__VEC_HEADER

#define T b8
#include "simd/kernels/fold.h"
#include "simd/kernels/arg.h"
#include "simd/kernels/scan.h"
#undef T
#define T i8
#include "simd/kernels/fold.h"
#include "simd/kernels/arg.h"
#include "simd/kernels/scan.h"
#include "simd/kernels/range.h"
#undef T
#define T i16
#include "simd/kernels/fold.h"
#include "simd/kernels/arg.h"
#include "simd/kernels/scan.h"
#include "simd/kernels/range.h"
#undef T
#define T i32
#include "simd/kernels/fold.h"
#include "simd/kernels/arg.h"
#include "simd/kernels/scan.h"
#include "simd/kernels/range.h"
#undef T
#define T i64
#include "simd/kernels/fold.h"
#include "simd/kernels/arg.h"
#include "simd/kernels/scan.h"
#include "simd/kernels/range.h"
#undef T
#define T u8
#include "simd/kernels/fold.h"
#include "simd/kernels/arg.h"
#include "simd/kernels/scan.h"
#include "simd/kernels/range.h"
#undef T
#define T u16
#include "simd/kernels/fold.h"
#include "simd/kernels/arg.h"
#include "simd/kernels/scan.h"
#include "simd/kernels/range.h"
#undef T
#define T u32
#include "simd/kernels/fold.h"
#include "simd/kernels/arg.h"
#include "simd/kernels/scan.h"
#include "simd/kernels/range.h"
#undef T
#define T u64
#include "simd/kernels/fold.h"
#include "simd/kernels/arg.h"
#include "simd/kernels/scan.h"
#include "simd/kernels/range.h"
#undef T

TR__PART(fold)
{
	fill_folds_b8(k);
	fill_args_b8(k);
	fill_scans_b8(k);
	fill_folds_i8(k);
	fill_args_i8(k);
	k->range[TR_I8] = range_i8;
	fill_scans_i8(k);
	fill_folds_i16(k);
	fill_args_i16(k);
	k->range[TR_I16] = range_i16;
	fill_scans_i16(k);
	fill_folds_i32(k);
	fill_args_i32(k);
	k->range[TR_I32] = range_i32;
	fill_scans_i32(k);
	fill_folds_i64(k);
	fill_args_i64(k);
	k->range[TR_I64] = range_i64;
	fill_scans_i64(k);
	fill_folds_u8(k);
	fill_args_u8(k);
	k->range[TR_U8] = range_u8;
	fill_scans_u8(k);
	fill_folds_u16(k);
	fill_args_u16(k);
	k->range[TR_U16] = range_u16;
	fill_scans_u16(k);
	fill_folds_u32(k);
	fill_args_u32(k);
	k->range[TR_U32] = range_u32;
	fill_scans_u32(k);
	fill_folds_u64(k);
	fill_args_u64(k);
	k->range[TR_U64] = range_u64;
	fill_scans_u64(k);
}
