/* SPDX-License-Identifier: MIT */
/*
 * Packs short types in units of 4 bytes (struct tr_group) for x86-64-v4: four bytes or two halves to a unit. Runs along k
 * are units already; runs across k are interleaved. Knows no product.
 */
#ifndef TR_SIMD_KERNELS_GROUP_AVX512_H
#define TR_SIMD_KERNELS_GROUP_AVX512_H

#include <string.h>

#include "lib/ref/kernels.h"
#include "simd/kernels/transpose_avx512.h"

#define UNIT 4
#define BLOCK 16 /* units of a register, and lines handled together */

/* 64 bytes of line i from unit u on, zeros past k elements of size bytes. */
GEMM_INLINE __m512i line_of_units(const struct tr_group *g, size_t i, size_t u, size_t size, __m512i flip)
{
	const char *src = (const char *)g->src + (ptrdiff_t)i * g->step * (ptrdiff_t)size;
	size_t at = u * UNIT, end = g->k * size, left = at < end ? end - at : 0;
	__mmask64 some = left >= 64 ? ~(__mmask64)0 : ((__mmask64)1 << left) - 1;
	const __m512i x = _mm512_maskz_loadu_epi8(some, src + (some ? at : 0));

	return _mm512_maskz_mov_epi8(some, _mm512_xor_si512(x, flip));
}

/* Units u … u + units - 1 of line i, at most BLOCK of them. A masked store is slower than a whole one, and whoever reads it
 * soon waits for it. */
GEMM_INLINE void group_part(const struct tr_group *g, size_t i, size_t u, size_t units, size_t size, __m512i flip)
{
	const char *src = (const char *)g->src + (ptrdiff_t)i * g->step * (ptrdiff_t)size + u * UNIT;
	int32_t *dst = (int32_t *)g->dst + (ptrdiff_t)i * g->ld + (ptrdiff_t)u;

	if (units == BLOCK && (u + BLOCK) * UNIT <= g->k * size)
		_mm512_storeu_si512(dst, _mm512_xor_si512(_mm512_loadu_si512(src), flip));
	else
		_mm512_mask_storeu_epi32(dst, mask_f32_avx512(units), line_of_units(g, i, u, size, flip));
}

/* Column i of the panels, at unit 0. */
GEMM_INLINE int32_t *column(const struct tr_group *g, size_t i)
{
	return (int32_t *)g->dst + (ptrdiff_t)i / g->ld * g->panel + (ptrdiff_t)i % g->ld;
}

GEMM_INLINE size_t block_from(size_t i, size_t n)
{
	return n - i < BLOCK ? n - i : BLOCK;
}

/* Lines that run along k, to lines. */
GEMM_INLINE void group_lines(const struct tr_group *g, size_t size)
{
	const __m512i flip = _mm512_set1_epi8((char)g->flip);

	for (size_t i = 0; i < g->n; i++)
		for (size_t u = 0; u < g->units; u += BLOCK)
			group_part(g, i, u, block_from(u, g->units), size, flip);
}

/* Lines that run along k, to columns. */
GEMM_INLINE void group_along(const struct tr_group *g, size_t size)
{
	const __m512i flip = _mm512_set1_epi8((char)g->flip);

	for (size_t i = 0; i < g->n; i += BLOCK) {
		size_t lines = block_from(i, g->n);
		int32_t *dst = column(g, i);

		for (size_t u = 0; u < g->units; u += BLOCK) {
			size_t units = block_from(u, g->units);
			__m512i r[BLOCK];

			GEMM_UNROLL for (size_t j = 0; j < BLOCK; j++)
				r[j] = line_of_units(g, j < lines ? i + j : i, u, size, flip);
			transpose_i32_avx512(r);
			GEMM_UNROLL for (size_t j = 0; j < BLOCK; j++)
				if (j < units)
					_mm512_mask_storeu_epi32(dst + (ptrdiff_t)(u + j) * g->ld,
								 mask_f32_avx512(lines), r[j]);
		}
	}
}

/* Row p of elements across k, 16 from line i on; zeros past k. */
GEMM_INLINE __m256i row_across(const struct tr_group *g, size_t i, size_t p, size_t size, __mmask16 some)
{
	const char *src = (const char *)g->src + ((ptrdiff_t)p * g->along + (ptrdiff_t)i) * (ptrdiff_t)size;

	if (p >= g->k)
		return _mm256_setzero_si256();
	if (size == 2)
		return _mm256_maskz_loadu_epi16(some, src);
	return _mm256_castsi128_si256(_mm_xor_si128(_mm_maskz_loadu_epi8(some, src), _mm_set1_epi8((char)g->flip)));
}

/* 16 units, of the lines from i on, that element p begins. */
GEMM_INLINE __m512i units_across(const struct tr_group *g, size_t i, size_t p, size_t size, __mmask16 some)
{
	__m256i a = row_across(g, i, p, size, some), b = row_across(g, i, p + 1, size, some);
	__m128i ab, cd, AB, CD, c, d;
	__m512i r;

	if (size == 2) {
		__m256i lo = _mm256_unpacklo_epi16(a, b), hi = _mm256_unpackhi_epi16(a, b);

		return _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_permute2x128_si256(lo, hi, 0x20)),
					  _mm256_permute2x128_si256(lo, hi, 0x31), 1);
	}
	c = _mm256_castsi256_si128(row_across(g, i, p + 2, size, some));
	d = _mm256_castsi256_si128(row_across(g, i, p + 3, size, some));
	ab = _mm_unpacklo_epi8(_mm256_castsi256_si128(a), _mm256_castsi256_si128(b));
	AB = _mm_unpackhi_epi8(_mm256_castsi256_si128(a), _mm256_castsi256_si128(b));
	cd = _mm_unpacklo_epi8(c, d);
	CD = _mm_unpackhi_epi8(c, d);
	r = _mm512_castsi128_si512(_mm_unpacklo_epi16(ab, cd));
	r = _mm512_inserti32x4(r, _mm_unpackhi_epi16(ab, cd), 1);
	r = _mm512_inserti32x4(r, _mm_unpacklo_epi16(AB, CD), 2);
	return _mm512_inserti32x4(r, _mm_unpackhi_epi16(AB, CD), 3);
}

/* A unit of 32 lines of bytes, to columns: twice the width in half the instructions. */
GEMM_INLINE void bytes_across(char *dst, const char *src, ptrdiff_t along, __m256i flip)
{
	__m256i row[UNIT], r[UNIT];

	GEMM_UNROLL for (int p = 0; p < UNIT; p++)
		row[p] = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)(src + p * along)), flip);
	r[0] = _mm256_unpacklo_epi8(row[0], row[1]);
	r[1] = _mm256_unpackhi_epi8(row[0], row[1]);
	r[2] = _mm256_unpacklo_epi8(row[2], row[3]);
	r[3] = _mm256_unpackhi_epi8(row[2], row[3]);
	GEMM_UNROLL for (int h = 0; h < 2; h++) {
		const __m256i lo = _mm256_unpacklo_epi16(r[h], r[h + 2]), hi = _mm256_unpackhi_epi16(r[h], r[h + 2]);

		_mm256_storeu_si256((__m256i *)(dst + 32 * h), _mm256_permute2x128_si256(lo, hi, 0x20));
		_mm256_storeu_si256((__m256i *)(dst + 32 * h + 64), _mm256_permute2x128_si256(lo, hi, 0x31));
	}
}

/* The same of halves. */
GEMM_INLINE void halves_across(char *dst, const char *src, ptrdiff_t along, __m512i lower, __m512i upper)
{
	const __m512i a = _mm512_loadu_si512(src), b = _mm512_loadu_si512(src + 2 * along);

	_mm512_storeu_si512(dst, _mm512_permutex2var_epi16(a, lower, b));
	_mm512_storeu_si512(dst + 64, _mm512_permutex2var_epi16(a, upper, b));
}

/* The first `whole` units of the first `wide` lines, a multiple of 32, in the order in which they lie. */
GEMM_INLINE void wide_across(const struct tr_group *g, size_t wide, size_t whole, size_t size)
{
	static const uint16_t order[2][32] = {
#define PAIR(x) (x), (x) + 32
#define PAIRS(x) PAIR(x), PAIR((x) + 1), PAIR((x) + 2), PAIR((x) + 3)
		{PAIRS(0), PAIRS(4), PAIRS(8), PAIRS(12)}, {PAIRS(16), PAIRS(20), PAIRS(24), PAIRS(28)},
#undef PAIR
#undef PAIRS
	};
	const __m512i lower = _mm512_loadu_si512(order[0]), upper = _mm512_loadu_si512(order[1]);
	const __m256i flip = _mm256_set1_epi8((char)g->flip);

	const size_t ld = (size_t)g->ld;

	for (size_t u = 0; u < whole; u++) {
		const char *src = (const char *)g->src + (ptrdiff_t)u * UNIT * g->along;
		char *dst = (char *)((int32_t *)g->dst + (ptrdiff_t)u * g->ld);

		for (size_t left = wide; left; dst += UNIT * g->panel) {
			size_t cols = left < ld ? left : ld;

			for (size_t i = 0; i < cols; i += 2 * BLOCK, src += 2 * BLOCK * size) {
				if (size == 1)
					bytes_across(dst + UNIT * i, src, g->along, flip);
				else
					halves_across(dst + UNIT * i, src, g->along, lower, upper);
			}
			left -= cols;
		}
	}
}

/* Lines that lie side by side. */
GEMM_INLINE void group_across(const struct tr_group *g, size_t size)
{
	const size_t each = UNIT / size, whole = g->turned ? g->k / each : 0;
	const size_t wide = whole ? g->n & ~(size_t)(2 * BLOCK - 1) : 0;

	wide_across(g, wide, whole, size);
	for (size_t i = 0; i < g->n; i += BLOCK) {
		size_t lines = block_from(i, g->n);
		const __mmask16 some = mask_f32_avx512(lines);
		int32_t *dst = g->turned ? column(g, i) : g->dst;

		for (size_t u = i < wide ? whole : 0; u < g->units; u += g->turned ? 1 : BLOCK) {
			size_t units = block_from(u, g->units);
			__m512i r[BLOCK];

			if (g->turned) {
				_mm512_mask_storeu_epi32(dst + (ptrdiff_t)u * g->ld, some,
							 units_across(g, i, u * each, size, some));
				continue;
			}
			for (size_t j = 0; j < BLOCK; j++)
				r[j] = units_across(g, i, (u + j) * each, size, some);
			transpose_i32_avx512(r);
			for (size_t j = 0; j < lines; j++)
				_mm512_mask_storeu_epi32(dst + (ptrdiff_t)(i + j) * g->ld + (ptrdiff_t)u,
							 mask_f32_avx512(units), r[j]);
		}
	}
}

/* Any strides; elements of size bytes. */
GEMM_INLINE void group_strided(const struct tr_group *g, size_t size)
{
	for (size_t i = 0; i < g->n; i++)
		for (size_t u = 0; u < g->units; u++) {
			char *to = g->turned ? (char *)(column(g, i) + (ptrdiff_t)u * g->ld) :
					       (char *)((int32_t *)g->dst + (ptrdiff_t)i * g->ld + (ptrdiff_t)u);

			for (size_t p = u * UNIT / size, b = 0; b < UNIT; p++, b += size) {
				ptrdiff_t at = (ptrdiff_t)i * g->step + (ptrdiff_t)p * g->along;

				memset(to + b, 0, size);
				if (p < g->k)
					memcpy(to + b, (const char *)g->src + at * (ptrdiff_t)size, size);
				if (p < g->k && size == 1)
					to[b] = (char)(to[b] ^ (char)g->flip);
			}
		}
}

GEMM_INLINE void group(const struct tr_group *g, size_t size)
{
	if (g->along == 1 && !g->turned)
		group_lines(g, size);
	else if (g->along == 1)
		group_along(g, size);
	else if (g->step == 1)
		group_across(g, size);
	else
		group_strided(g, size);
}

#undef UNIT
#undef BLOCK
#endif
