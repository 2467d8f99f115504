/* SPDX-License-Identifier: MIT */
/*
 * The specification of matrix products: every element is one chain of fused multiply-adds over k, in order; integers
 * wrap. So is every lane of an inner product. Where the vector side lies in memory is all that tells tile from dot.
 */
#include "lib/ref/gemm.h"

#include <math.h>

/* v_k, v_col: strides of the vector side along k and along columns. */
#define REF_GEMM(T, type, FMA) \
	static void chains_##type(const struct tr_gemm_tile *t, const ptrdiff_t *at, ptrdiff_t v_k, ptrdiff_t v_col) \
	{ \
		const T *s = t->s, *v = t->v, *c0 = t->c0; \
		T *c = t->c; \
\
		for (ptrdiff_t i = 0; i < (ptrdiff_t)t->mr; i++) { \
			for (ptrdiff_t j = 0; j < (ptrdiff_t)t->nr; j++) { \
				T acc = c0[i * t->c0_row + j * t->c0_col]; \
\
				for (ptrdiff_t p = 0; p < (ptrdiff_t)t->k; p++) \
					acc = FMA(s[i * t->s_row + (at ? at[p] : p * t->s_k)], v[p * v_k + j * v_col], acc); \
				c[i * t->ldc + j] = acc; \
			} \
		} \
	} \
\
	void tr__ref_gemm_tile_##type(const struct tr_gemm_tile *t) \
	{ \
		chains_##type(t, NULL, t->v_ld, 1); \
	} \
\
	void tr__ref_gemm_list_##type(const struct tr_gemm_tile *t) \
	{ \
		chains_##type(t, t->at, t->v_ld, 1); \
	} \
\
	void tr__ref_gemm_slide_##type(const struct tr_gemm_tile *t) \
	{ \
		const ptrdiff_t half = (ptrdiff_t)t->nr / 2; \
\
		for (ptrdiff_t i = 0; i < (ptrdiff_t)t->mr; i++) { \
			for (ptrdiff_t j = 0; j < 2 * half; j++) { \
				const T *s = (const T *)t->s + i * t->s_row; \
				const T *v = (const T *)t->v + (j < half ? j : t->v_next + j - half); \
				T acc = ((const T *)t->c0)[i * t->c0_row]; \
\
				for (size_t p = 0; p < t->k; p++) \
					acc = FMA(s[p], v[t->at[p]], acc); \
				((T *)t->c)[i * t->ldc + (j < half ? j : t->c_next + j - half)] = acc; \
			} \
		} \
	} \
\
	void tr__ref_gemm_dot_##type(const struct tr_gemm_tile *t) \
	{ \
		chains_##type(t, NULL, 1, t->v_ld); \
	} \
\
	void tr__ref_copy2d_##type(void *dst, ptrdiff_t ld, size_t rows, size_t cols, const void *src, ptrdiff_t row, \
				   ptrdiff_t col) \
	{ \
		for (ptrdiff_t i = 0; i < (ptrdiff_t)rows; i++) \
			for (ptrdiff_t j = 0; j < (ptrdiff_t)cols; j++) \
				((T *)dst)[i * ld + j] = ((const T *)src)[i * row + j * col]; \
	}

/* A unit is four products. */
void tr__ref_gemm_tile_u8i8(const struct tr_gemm_tile *t)
{
	for (ptrdiff_t i = 0; i < (ptrdiff_t)t->mr; i++) {
		for (ptrdiff_t j = 0; j < (ptrdiff_t)t->nr; j++) {
			int32_t acc = ((const int32_t *)t->c0)[i * t->c0_row + j * t->c0_col];

			for (ptrdiff_t p = 0; p < (ptrdiff_t)t->k; p++) {
				const uint8_t *s = (const uint8_t *)t->s + 4 * (i * t->s_row + p * t->s_k);
				const int8_t *v = (const int8_t *)t->v + 4 * (p * t->v_ld + j);

				for (int q = 0; q < 4; q++)
					acc += s[q] * v[q];
			}
			((int32_t *)t->c)[i * t->ldc + j] = acc;
		}
	}
}

void tr__ref_group_i8(const struct tr_group *g)
{
	const uint8_t *src = g->src;

	for (ptrdiff_t i = 0; i < (ptrdiff_t)g->n; i++)
		for (ptrdiff_t u = 0; u < (ptrdiff_t)g->units; u++) {
			ptrdiff_t at = g->turned ? i / g->ld * g->panel + u * g->ld + i % g->ld : i * g->ld + u;
			uint8_t *to = (uint8_t *)g->dst + 4 * at;

			for (ptrdiff_t p = 4 * u; p < 4 * u + 4; p++)
				*to++ = (size_t)p < g->k ? src[i * g->step + p * g->along] ^ g->flip : 0;
		}
}

#define REF_DOT(T, type, FMA) \
	void tr__ref_dot_##type(void *acc, const void *a, const void *b, size_t n) \
	{ \
		const size_t chunk = (size_t)TR_LANES * TR_CHUNK_ROWS; \
		const T *x = a, *y = b; \
		T *lane = acc; \
\
		if (n > chunk) { \
			T more[TR_LANES] = {0}; \
			size_t first = chunk; \
\
			while (2 * first < n) \
				first *= 2; \
			tr__ref_dot_##type(lane, x, y, first); \
			tr__ref_dot_##type(more, x + first, y + first, n - first); \
			for (size_t i = 0; i < TR_LANES && i < n - first; i++) \
				lane[i] += more[i]; \
			return; \
		} \
		for (size_t i = 0; i < n; i++) \
			lane[i % TR_LANES] = i < TR_LANES ? x[i] * y[i] : FMA(x[i], y[i], lane[i % TR_LANES]); \
	}

#define WRAPPING(a, b, acc) ((acc) + (a) * (b))

REF_GEMM(float, f32, fmaf)
REF_GEMM(double, f64, fma)
REF_GEMM(int32_t, i32, WRAPPING)
REF_GEMM(int64_t, i64, WRAPPING)
REF_DOT(float, f32, fmaf)
REF_DOT(double, f64, fma)
REF_DOT(int32_t, i32, WRAPPING)
REF_DOT(int64_t, i64, WRAPPING)
