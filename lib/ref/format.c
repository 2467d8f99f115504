/* SPDX-License-Identifier: MIT */
/* The bits of signs and infinities, by element type. */
#include "lib/ref/format.h"

const struct tr_format tr__formats[TR_DTYPE_COUNT] = {
	[TR_I8] = {0x80, 0},
	[TR_I16] = {0x8000, 0},
	[TR_I32] = {0x80000000, 0},
	[TR_I64] = {(uint64_t)1 << 63, 0},
	[TR_F16] = {0x8000, 0x7c00},
	[TR_BF16] = {0x8000, 0x7f80},
	[TR_F32] = {0x80000000, 0x7f800000},
	[TR_F64] = {(uint64_t)1 << 63, 0x7ff0000000000000},
};
