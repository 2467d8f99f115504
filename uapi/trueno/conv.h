/* SPDX-License-Identifier: MIT */
/*
 * Parameters of convolutions, pooling and resizing. Zero means default, and NULL all defaults. Element 0 of an array belongs to
 * the first spatial axis (the one behind the channels); elements past the operation's 1, 2 or 3 spatial axes must be 0.
 * The structures are also what union tr_attr holds in an entry of the ring. Names and formulae are PyTorch's.
 */
#ifndef TRUENO_CONV_H
#define TRUENO_CONV_H

#include <trueno/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Flags of convolutions. Without it, float32 convolutions of certain shapes are computed by Winograd's filtering, whose
 * error is about twice as large and which spreads an infinity over its tile (docs/numerics.md). */
#define TR_CONV_PLAIN 0x1u /* every element is one chain of multiply-adds */

/* conv1d … conv_transpose3d. No spatial axis or kernel may be 2^31 long or longer (TR_EOVERFLOW). */
struct tr_conv_params {
	int32_t stride[3];         /* default 1 */
	int32_t padding[3];        /* zeros at both ends of the axis; transposed: positions cut off there */
	int32_t dilation[3];       /* default 1 */
	int32_t output_padding[3]; /* transposed: more positions at the end; less than stride or dilation */
	int32_t groups;            /* default 1; divides the channels of both sides */
	uint32_t flags;            /* TR_CONV_* */
};

/* Flags of pooling. */
#define TR_POOL_CEIL 0x1u        /* ceil_mode: the last window may reach beyond the padding */
#define TR_POOL_EXCLUDE_PAD 0x2u /* count_include_pad=False: avg divides by the elements of x in the window */

struct tr_pool_params {
	int32_t kernel[3];   /* max, avg: the window's size, at least 1 */
	int32_t stride[3];   /* default: kernel */
	int32_t padding[3];  /* at most half of what the window spans */
	int32_t dilation[3]; /* max only; default 1 */
	int32_t output[3];   /* adaptive only: size of the result; default: the size of x */
	uint32_t flags;      /* TR_POOL_* */
};

/* How an element of the result comes about. Along an axis of L elements that becomes n long, position j of the result is
 * position x of a, with s = 1/scale if one was given and L/n if not:
 *   NEAREST        x = floor(s j)          as PyTorch's "nearest"
 *   NEAREST_EXACT  x = floor(s (j + 1/2))
 *   LINEAR         x = s (j + 1/2) - 1/2, at least 0, between two elements; with TR_ALIGN_CORNERS j (L-1)/(n-1) */
enum tr_interpolate_mode { TR_INTERPOLATE_NEAREST, TR_INTERPOLATE_NEAREST_EXACT, TR_INTERPOLATE_LINEAR };

#define TR_ALIGN_CORNERS 0x1u /* linear only: the first and last elements of both sides meet */

struct tr_interpolate_params {
	int32_t size[3]; /* of the result; for each axis either size or scale is given */
	uint32_t mode;   /* enum tr_interpolate_mode */
	double scale[3]; /* the result's size is floor(L scale) */
	uint32_t flags;  /* TR_ALIGN_CORNERS */
	uint32_t reserved; /* must be 0 */
};

#ifdef __cplusplus
}
#endif
#endif
