/* SPDX-License-Identifier: MIT */
/* The initializer of struct tr_kernels.map, included between its braces: a row per operation, a slot per type. */
#define OP(name, family, set, result, tolerance, domain, doc) \
	TR__IF(TR__MAPS_##family)([TR_OP_##name] = { \
		TR__MAP_SLOT(name, family, set, b8) \
		TR__MAP_SLOT(name, family, set, i8) \
		TR__MAP_SLOT(name, family, set, i16) \
		TR__MAP_SLOT(name, family, set, i32) \
		TR__MAP_SLOT(name, family, set, i64) \
		TR__MAP_SLOT(name, family, set, u8) \
		TR__MAP_SLOT(name, family, set, u16) \
		TR__MAP_SLOT(name, family, set, u32) \
		TR__MAP_SLOT(name, family, set, u64) \
		TR__MAP_SLOT(name, family, set, f32) \
		TR__MAP_SLOT(name, family, set, f64) \
	},)
#include "lib/ops.def"
#undef OP
