/* SPDX-License-Identifier: MIT */
/*
 * Depthwise convolution with columns in the lanes: windows of 3 × 3 or 5 × 5 that move by one or two, over planes whose rows
 * are dense and at least half a vector long, and by one over dense planes of any narrower. They are read where they lie; other convolutions of a channel to a group are
 * simd/sweep.h's.
 */
#ifndef TR_SIMD_DEPTHWISE_H
#define TR_SIMD_DEPTHWISE_H

#include "simd/conv.h"

/* Whether c, of which operands, type and parameters are set, is one. */
bool tr__depthwise_fits(const struct tr_conv *c);

/* 0 or a negative status. */
int tr__depthwise(const struct tr_conv *c);

#endif
