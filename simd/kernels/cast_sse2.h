/* SPDX-License-Identifier: MIT */
/* Conversions of the sse2 level: those of all 128-bit levels. */
#include "simd/kernels/cast_vec128.h"
