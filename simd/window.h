/* SPDX-License-Identifier: MIT */
/*
 * The input of a convolution or pooling as sliding windows want it: of one type, padding included, and columns that one
 * position of the window meets next to each other. Knows no channels' meaning and no arithmetic.
 */
#ifndef TR_SIMD_WINDOW_H
#define TR_SIMD_WINDOW_H

#include "simd/cpu.h"

/*
 * Planes of x[N,C,D,H,W]. A window that moves by stride[i] and has an element every dilation[i] starts at -lead[i];
 * count[i] windows, of taps[i] elements. Element (d,h,w) of the plane, from the padding's first, lies at
 *   d·slab + h·row + (w mod stride[2])·phase + w / stride[2]
 * so that windows one after the other along w read one after the other; unless columns stay in order, at
 *   d·slab + h·row + w
 */
struct tr_window {
	/* The caller's. */
	const struct tr_device *dev;
	const struct tr_operand *x;
	enum tr_dtype dtype;
	int64_t lead[3], stride[3], dilation[3], count[3], taps[3]; /* count and taps >= 1 */
	const void *fill; /* what the padding holds, of dtype */
	bool in_order;    /* columns stay in order */

	/* The plan. */
	bool in_place;          /* x is like that already, and planes lie in it */
	size_t size;            /* bytes of an element */
	int64_t step;           /* from one window's element to that of the next along w */
	int64_t sort;           /* by which columns are sorted: stride[2] or 1 */
	int64_t extent[2];      /* rows of slabs, d and h */
	int64_t phases, width;  /* of a row: width elements of each phase */
	ptrdiff_t phase, row, slab, channel, image; /* in elements; image and channel of x if in place */
	size_t plane;           /* bytes of a plane's copy; 0 if in place */
	size_t buffer;          /* bytes tr__window_copy needs beside it */
};

/* 0, or -TR_EOVERFLOW if a plane would not fit size_t. */
int tr__window_plan(struct tr_window *w);

/* A box of a plane's elements by slabs, rows and elements of a row's phases, first and behind the last. */
struct tr_window_part {
	int64_t d0, d1, h0, h1, w0, w1;
};

/* Makes the plane of one image and channel; buf: w->buffer bytes. */
void tr__window_copy(const struct tr_window *w, int64_t image, int64_t channel, void *plane, void *buf);

/* Only a part of it, the first element of whose first row goes to to, others where they are from that in a plane. */
void tr__window_copy_part(const struct tr_window *w, int64_t image, int64_t channel, const struct tr_window_part *part,
			  void *to, void *buf);

/* Elements of a row's phases that windows [first,last) along w meet: from where on, and behind the last. */
void tr__window_columns(const struct tr_window *w, int64_t first, int64_t last, struct tr_window_part *part);

/* Where a window's element (d,h,w) is from its first; and the first window of row h in slab d from that of row 0. */
ptrdiff_t tr__window_tap(const struct tr_window *w, int64_t d, int64_t h, int64_t column);
static inline ptrdiff_t tr__window_row(const struct tr_window *w, int64_t d, int64_t h)
{
	return (ptrdiff_t)(d * w->stride[0]) * w->slab + (ptrdiff_t)(h * w->stride[1]) * w->row;
}

#endif
