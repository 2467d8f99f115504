/* SPDX-License-Identifier: MIT */
/* An element by its rank among others, without sorting them. Knows no operand and no axis. */
#ifndef TR_SIMD_ORDER_H
#define TR_SIMD_ORDER_H

#include "lib/ref/kernels.h"

/*
 * The elements of ranks k and k + 1, counted from 0 in ascending order with -0 before +0, among n > k elements of
 * dtype, f32 or f64, none of them NaN; the second is the first again if k is the last rank. room: for n elements and
 * 64 bytes, apart from x.
 */
void tr__order_pick(const struct tr_kernels *k, enum tr_dtype dtype, const void *x, size_t n, size_t rank, void *room,
		    double picked[2]);

#endif
