/* SPDX-License-Identifier: MIT */
/*
 * The specification's kernel table: expressions and conversions on single elements, compiled for the baseline
 * processor. What every level is tested against, and what runs where a level has nothing better.
 */
#include "lib/ref/kernels.h"

#include "lib/ref/cast.h"
#include "lib/ref/fold.h"
#include "lib/ref/gemm.h"
#include "lib/ref/map_rows.h"
#include "lib/ref/rows.h"
#include "lib/ref/scan.h"
#include "lib/ref/taps.h"
#include "lib/ref/vec1.h"
/* after the vocabulary they are written in */
#include "lib/ref/expr/all.h"
#include "lib/ref/winograd.h"

#define LEVEL scalar

#include "lib/ref/philox.h"

#define TEMPLATE "lib/ref/map.h"
#include "lib/ref/each_type.h"

#define CAST_TO_ALL(F) \
	CAST_FROM(F) CAST_REAL(eb8, F, b8) CAST_WIDEN(float, F, c64) CAST_WIDEN(double, F, c128)

CAST_TO_ALL(b8)
CAST_TO_ALL(i8) CAST_TO_ALL(i16) CAST_TO_ALL(i32) CAST_TO_ALL(i64)
CAST_TO_ALL(u8) CAST_TO_ALL(u16) CAST_TO_ALL(u32) CAST_TO_ALL(u64)
CAST_TO_ALL(f16) CAST_TO_ALL(bf16) CAST_TO_ALL(f32) CAST_TO_ALL(f64)
CAST_FROM(c64) CAST_COMPLEX_BOOL(float, c64)
CAST_FROM(c128) CAST_COMPLEX_BOOL(double, c128)
CAST_COMPLEX(float, c64, float, c64) CAST_COMPLEX(float, c64, double, c128)
CAST_COMPLEX(double, c128, float, c64) CAST_COMPLEX(double, c128, double, c128)

const struct tr_kernels tr__ref_kernels = {
	.name = "scalar",
	.map = {
#include "lib/ref/map_slots.h"
	},
	.cast = {
		CAST_SLOTS_SCALAR(b8),
		CAST_SLOTS_SCALAR(i8), CAST_SLOTS_SCALAR(i16), CAST_SLOTS_SCALAR(i32), CAST_SLOTS_SCALAR(i64),
		CAST_SLOTS_SCALAR(u8), CAST_SLOTS_SCALAR(u16), CAST_SLOTS_SCALAR(u32), CAST_SLOTS_SCALAR(u64),
		CAST_SLOTS_SCALAR(f16), CAST_SLOTS_SCALAR(bf16), CAST_SLOTS_SCALAR(f32), CAST_SLOTS_SCALAR(f64),
		CAST_SLOTS_SCALAR(c64), CAST_SLOTS_SCALAR(c128),
	},
	.philox = philox_u64_scalar,
	.fold = TR__REF_FOLD,
	.column = TR__REF_COLUMN,
	.line = TR__REF_LINE,
	.lines = TR__REF_LINES,
	.halve = TR__REF_HALVE,
	.dot = {TR__OF_PRODUCT(TR__REF_DOT)},
	.argmin = TR__REF_ARGMIN,
	.argmax = TR__REF_ARGMAX,
	.nanargmin = TR__REF_NANARGMIN,
	.nanargmax = TR__REF_NANARGMAX,
	.argmins = TR__REF_ARGMINS,
	.argmaxs = TR__REF_ARGMAXS,
	.nanargmins = TR__REF_NANARGMINS,
	.nanargmaxs = TR__REF_NANARGMAXS,
	.range = TR__REF_RANGE,
	.scan = TR__REF_SCAN,
	.between = TR__REF_BETWEEN,
	.pick = TR__REF_PICK,
	.softmax = TR__REF_SOFTMAX,
	.log_softmax = TR__REF_LOG_SOFTMAX,
	.layer_norm = TR__REF_LAYER_NORM,
	.softmaxes = TR__REF_SOFTMAXES,
	.log_softmaxes = TR__REF_LOG_SOFTMAXES,
	.layer_norms = TR__REF_LAYER_NORMS,
	.gemm = {TR__OF_PRODUCT(TR__REF_GEMM)},
	.gemm_bytes[false][true] = TR__REF_GEMM_U8I8,
	.taps_fma = TR__REF_TAPS_FMA,
	.taps_add = TR__REF_TAPS_ADD,
	.taps_max = TR__REF_TAPS_MAX,
	.plane_fma = TR__REF_PLANE_FMA,
	.narrow_fma = TR__REF_NARROW_FMA,
	.lanes_fma = TR__REF_LANES_FMA,
	.lanes_add = TR__REF_LANES_ADD,
	.lanes_max = TR__REF_LANES_MAX,
	.winograd = WINOGRAD_KERNELS,
};
