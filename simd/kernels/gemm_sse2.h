/* SPDX-License-Identifier: MIT */
/* Matrix kernels of the sse2 level: 12 accumulators, two columns, a splat element and a product in 16 registers. */
#define MR 6
#define EACH_MR(F) F(1) F(2) F(3) F(4) F(5) F(6)
#include "simd/kernels/gemm_vec128.h"
