/* SPDX-License-Identifier: MIT */
/* Matrix kernels of the neon level: 24 accumulators, two columns and a splat element in 27 of 32 registers. */
#define MR 12
#define EACH_MR(F) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11) F(12)
#include "simd/kernels/gemm_vec128.h"
