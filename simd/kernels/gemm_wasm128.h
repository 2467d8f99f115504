/* SPDX-License-Identifier: MIT */
/* Matrix kernels of the wasm128 level: eight accumulators, since the engine behind may have 16 registers. */
#define MR 4
#define EACH_MR(F) F(1) F(2) F(3) F(4)
#include "simd/kernels/gemm_vec128.h"
