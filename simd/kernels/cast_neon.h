/* SPDX-License-Identifier: MIT */
/* Conversions of the neon level: those of all 128-bit levels. */
#include "simd/kernels/cast_vec128.h"
