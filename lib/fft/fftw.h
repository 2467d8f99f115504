/* SPDX-License-Identifier: MIT */
/*
 * FFTW behind one function: a transform said by sizes and strides, planned once and executed on any memory that is aligned
 * alike. Knows no tensor.
 */
#ifndef TR_LIB_FFT_FFTW_H
#define TR_LIB_FFT_FFTW_H

#include "lib/context.h"

enum tr_fft_kind { TR_FFT_COMPLEX, TR_FFT_FROM_REAL, TR_FFT_TO_REAL };

/* An axis of so many elements: of the transform, real ones where one side is real; strides in elements of either side. */
struct tr_fft_axis {
	int64_t n, in, out;
};

/* axis[0 … rank - 1] are transformed, the next `many` are repetitions. Compared as bytes: cleared before it is filled. */
struct tr_fft_transform {
	struct tr_fft_axis axis[TR_MAX_RANK];
	int32_t rank, many;
	int32_t kind;     /* enum tr_fft_kind */
	int32_t wide;     /* of float64, not float32 */
	int32_t inverse;  /* sign of the exponent, if complex on both sides */
	int32_t in_place;
	int32_t spoils;   /* whether the input may be overwritten */
	int32_t in_at, out_at; /* the addresses' alignment, filled by tr__fft_run */
};

/* Opens FFTW of that precision if nobody has. 0, or -TR_EDEVICE after tr__fail. */
int tr__fft_load(struct tr_context *ctx, const char *who, bool wide);

/* Whether it can be opened. */
bool tr__fft_there(bool wide);

/* Computes it, without any factor. The library is loaded. 0, or a status after tr__fail. */
int tr__fft_run(struct tr_context *ctx, const char *who, struct tr_fft_transform *t, void *in, void *out);

#endif
