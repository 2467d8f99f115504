/* SPDX-License-Identifier: MIT */
/*
 * Rows of a plane as pixels, the channels of one next to each other, for executors that have channels in the lanes.
 * Knows strides and conversions; no padding and no arithmetic.
 */
#ifndef TR_SIMD_PIXELS_H
#define TR_SIMD_PIXELS_H

#include "simd/cpu.h"

/* A place in x[N,C,D,H,W], and how many channels of how many positions along w from there. */
struct tr_pixels {
	int64_t image, channel, d, h, w;
	size_t channels, count;
};

/* The pixels to `to`, of dtype, p->channels apart. buf: tr__pixels_buffer bytes. */
void tr__pixels_load(const struct tr_device *dev, const struct tr_operand *x, const struct tr_pixels *p,
		     enum tr_dtype dtype, void *to, void *buf);

/* The reverse, of `rows` rows from p->h on, whose pixels lie ld elements apart and one row behind the other. */
void tr__pixels_store(const struct tr_device *dev, const struct tr_operand *y, const struct tr_pixels *p, size_t rows,
		      enum tr_dtype dtype, const void *from, size_t ld, void *buf);

/* Bytes of buf for pixels of a row, a multiple of 64; 0 if they do not fit size_t. */
static inline size_t tr__pixels_buffer(size_t channels, size_t count)
{
	size_t n;

	if (__builtin_mul_overflow(channels, count, &n) || __builtin_add_overflow(n, 2 * count + 8, &n) ||
	    __builtin_mul_overflow(n, sizeof(double), &n))
		return 0;
	return n & ~(size_t)63;
}

#endif
