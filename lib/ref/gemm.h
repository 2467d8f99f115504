/* SPDX-License-Identifier: MIT */
/*
 * The matrix kernels of the specification, for its kernel table. Knows nothing of blocks or threads.
 */
#ifndef TR_REF_GEMM_H
#define TR_REF_GEMM_H

#include "lib/ref/kernels.h"

#define TR__DECLARE_GEMM(T) \
	void tr__ref_gemm_tile_##T(const struct tr_gemm_tile *t); \
	void tr__ref_gemm_list_##T(const struct tr_gemm_tile *t); \
	void tr__ref_gemm_slide_##T(const struct tr_gemm_tile *t); \
	void tr__ref_gemm_dot_##T(const struct tr_gemm_tile *t); \
	void tr__ref_copy2d_##T(void *dst, ptrdiff_t ld, size_t rows, size_t cols, const void *src, ptrdiff_t row, \
				ptrdiff_t col); \
	void tr__ref_dot_##T(void *acc, const void *a, const void *b, size_t n);
TR__DECLARE_GEMM(f32)
TR__DECLARE_GEMM(f64)
TR__DECLARE_GEMM(i32)
TR__DECLARE_GEMM(i64)
#undef TR__DECLARE_GEMM

void tr__ref_gemm_tile_u8i8(const struct tr_gemm_tile *t);
void tr__ref_group_i8(const struct tr_group *g);

/* Entries by type; name(T) makes one. Unsigned products have the bits of signed ones. */
#define TR__OF_PRODUCT(name) \
	[TR_F32] = name(f32), [TR_F64] = name(f64), [TR_I32] = name(i32), [TR_U32] = name(i32), [TR_I64] = name(i64), \
	[TR_U64] = name(i64)

#define TR__REF_DOT(T) tr__ref_dot_##T

/* The loops take a tile of any size; these are as good as others. */
#define TR__REF_GEMM(type) \
	{ \
		.tile = tr__ref_gemm_tile_##type, .list = tr__ref_gemm_list_##type, .slide = tr__ref_gemm_slide_##type, \
		.dot = tr__ref_gemm_dot_##type, \
		.copy2d = tr__ref_copy2d_##type, .mr = 4, .nr = 4, .lanes = 1, .dot_mr = 4, .dot_nr = 4, .kc = 256, .nc = 256 \
	}

#define TR__REF_GEMM_U8I8 \
	{ \
		.tile = tr__ref_gemm_tile_u8i8, .copy2d = tr__ref_copy2d_i32, .mr = 4, .nr = 4, .lanes = 1, .kc = 256, \
		.nc = 256, .pack = tr__ref_group_i8, .group = 4, .round = 1 \
	}

#endif
