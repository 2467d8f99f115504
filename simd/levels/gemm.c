/* SPDX-License-Identifier: MIT */
/* Matrix products. */
#include "simd/levels.h"

#include TR__GEMM_HEADER

TR__PART(gemm)
{
	k->gemm[TR_F32] = (struct tr_gemm_kernel)GEMM_F32;
	k->gemm[TR_F64] = (struct tr_gemm_kernel)GEMM_F64;
}
