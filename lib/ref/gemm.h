/* SPDX-License-Identifier: MIT */
/*
 * The matrix kernels of the specification, for its kernel table. Knows nothing of blocks or threads.
 */
#ifndef TR_REF_GEMM_H
#define TR_REF_GEMM_H

#include "lib/ref/kernels.h"

void tr__ref_gemm_tile_f32(const struct tr_gemm_tile *t);
void tr__ref_gemm_dot_f32(const struct tr_gemm_tile *t);
void tr__ref_copy2d_f32(void *dst, ptrdiff_t ld, size_t rows, size_t cols, const void *src, ptrdiff_t row,
			ptrdiff_t col);
void tr__ref_gemm_tile_f64(const struct tr_gemm_tile *t);
void tr__ref_gemm_dot_f64(const struct tr_gemm_tile *t);
void tr__ref_copy2d_f64(void *dst, ptrdiff_t ld, size_t rows, size_t cols, const void *src, ptrdiff_t row,
			ptrdiff_t col);

/* Entries gemm[TR_F32] and gemm[TR_F64]. The loops take a tile of any size; these are as good as others. */
#define TR__REF_GEMM(type) \
	{ \
		.tile = tr__ref_gemm_tile_##type, .dot = tr__ref_gemm_dot_##type, .copy2d = tr__ref_copy2d_##type, \
		.mr = 4, .nr = 4, .lanes = 1, .dot_mr = 4, .dot_nr = 4, .kc = 256, .nc = 256 \
	}

#endif
