/* SPDX-License-Identifier: MIT */
/* The kernel tables of the levels this architecture has; simd/levels.c lists them. */
#ifndef TR_SIMD_LEVELS_H
#define TR_SIMD_LEVELS_H

#include "lib/ref/kernels.h"

#if defined(__x86_64__)
extern const struct tr_kernels tr__avx512_kernels; /* x86-64-v4: AVX-512 F, BW, CD, DQ, VL */
extern const struct tr_kernels tr__avx2_kernels;   /* AVX2, FMA, F16C, BMI2 */
#endif

#endif
