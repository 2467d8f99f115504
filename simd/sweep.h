/* SPDX-License-Identifier: MIT */
/*
 * Windows sliding over every channel on its own, with channels in the lanes: depthwise convolution and pooling. Rows of
 * some channels are turned into pixels, padding included, swept, and turned back.
 */
#ifndef TR_SIMD_SWEEP_H
#define TR_SIMD_SWEEP_H

#include "simd/cpu.h"

struct tr_sweep {
	/* The caller's. */
	struct tr_device *dev;
	const struct tr_operand *y, *x;           /* [N,C,D,H,W] */
	const struct tr_operand *w, *bias;        /* a convolution's, [C,1,…] and [C] or NULL; w NULL: pooling */
	enum tr_dtype dtype;
	tr_lane_taps_fn kernel;
	int64_t lead[3], stride[3], dilation[3], taps[3];
	double fill;                              /* what padding holds, and where chains start that have no bias */
	bool mean, exclude_pad;                   /* results are divided by what their windows count */

	/* The plan. */
	size_t size, channels, groups;            /* of an element in bytes; of a unit; units' worth of channels */
	size_t all_taps, width, span;             /* of a row of pixels; rows a window spans */
	size_t block, rows;                       /* rows of the result made at a time, and of x that they need */
	size_t strips, parts;                     /* of a plane's rows, for as many units; of all work */
	size_t at_x, at_y, at_w, at_start, at_div, at_buf, at_taps; /* in each worker's scratch */
};

/* 0 or a negative status. */
int tr__sweep(struct tr_sweep *s);

/* Whether lanes would be well filled. */
static inline bool tr__sweeps(const struct tr_device *dev, enum tr_dtype dtype, int64_t channels)
{
	return 2 * channels >= dev->k->gemm[dtype].lanes;
}

#endif
