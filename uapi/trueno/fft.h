/* SPDX-License-Identifier: MIT */
/*
 * Discrete Fourier transforms, NumPy's numpy.fft, computed by FFTW; and convolve and correlate, which are made of them where
 * that pays.
 *
 * y[k] = f · sum over j of x[j] · exp(∓2πi j k / n), minus forward, plus inverse. float32, float64, complex64 and
 * complex128; half precision counts as float32, bool and integers as float64. Results are complex, or real where that is
 * said, of the operand's precision; new, in C order, and of the current scope. Operands are read where they lie or through
 * copies, whatever their strides, and never written. n or s is how many elements along an axis take part: the axis is cut, or
 * zeros follow it; TR_NONE means all. Axes may be negative, counted from the back. A NULL operand passes through.
 *
 * All run pending work first and compute on the host at once, so none can be part of a plan (TR_ESTATE). Errors: TR_EINVAL (an
 * axis that is not there or named twice, a length below 1, an unknown norm or mode) | TR_EDEVICE (FFTW is not installed:
 * libfftw3.so.3 of Debian's libfftw3-double3, libfftw3f.so.3 of libfftw3-single3, or the files that the environment
 * variables TRUENO_FFTW and TRUENO_FFTWF name, are opened by the first call that needs them) | TR_EOVERFLOW | TR_ENOMEM.
 *
 * Threads: one at a time for a context, and one works on a call. How FFTW goes about a transform is decided once for
 * each shape and kept for the process (the last 64 of them); FFTW's planner, which only one thread may use, is behind a lock
 * that other users of FFTW in the process do not know. The order of additions is FFTW's: errors grow as log n, bits may
 * differ between machines.
 */
#ifndef TRUENO_FFT_H
#define TRUENO_FFT_H

#include <trueno/view.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The factor f: BACKWARD 1 forward and 1/n inverse, ORTHO 1/√n for both, FORWARD 1/n forward and 1 inverse; n is the number of
 * points of the transform, the product of its axes. */
enum tr_fft_norm { TR_FFT_BACKWARD, TR_FFT_ORTHO, TR_FFT_FORWARD };

/* Along one axis: forward and inverse. */
TR_API struct tr_tensor *tr_fft(struct tr_tensor *a, int64_t n, int axis, enum tr_fft_norm norm);
TR_API struct tr_tensor *tr_ifft(struct tr_tensor *a, int64_t n, int axis, enum tr_fft_norm norm);

/*
 * Of real numbers. rfft: elements 0 … n/2 of the transform, of which the others are conjugates; a must be real (TR_EDTYPE).
 * irfft: n real numbers from such a half, of which n/2 + 1 elements are read and the first one's imaginary part is taken for
 * 0; TR_NONE: n = 2 (length - 1).
 */
TR_API struct tr_tensor *tr_rfft(struct tr_tensor *a, int64_t n, int axis, enum tr_fft_norm norm);
TR_API struct tr_tensor *tr_irfft(struct tr_tensor *a, int64_t n, int axis, enum tr_fft_norm norm);

/* Of numbers whose transform is real: hfft, forward, from elements 0 … n/2 to n real ones; ihfft its inverse. */
TR_API struct tr_tensor *tr_hfft(struct tr_tensor *a, int64_t n, int axis, enum tr_fft_norm norm);
TR_API struct tr_tensor *tr_ihfft(struct tr_tensor *a, int64_t n, int axis, enum tr_fft_norm norm);

/*
 * Along the axes axes[n], all different; axes NULL: the last n.
 * s[n]: lengths, NULL for all of each. rfftn halves the last axis named, and irfftn restores it. n = 0 changes nothing but
 * the type; rfftn and irfftn refuse it.
 */
TR_API struct tr_tensor *tr_fftn(struct tr_tensor *a, int n, const int64_t *s, const int *axes, enum tr_fft_norm norm);
TR_API struct tr_tensor *tr_ifftn(struct tr_tensor *a, int n, const int64_t *s, const int *axes, enum tr_fft_norm norm);
TR_API struct tr_tensor *tr_rfftn(struct tr_tensor *a, int n, const int64_t *s, const int *axes, enum tr_fft_norm norm);
TR_API struct tr_tensor *tr_irfftn(struct tr_tensor *a, int n, const int64_t *s, const int *axes, enum tr_fft_norm norm);

/* The same for two axes. */
static inline struct tr_tensor *tr_fft2(struct tr_tensor *a, const int64_t *s, const int *axes, enum tr_fft_norm norm)
{
	return tr_fftn(a, 2, s, axes, norm);
}

static inline struct tr_tensor *tr_ifft2(struct tr_tensor *a, const int64_t *s, const int *axes, enum tr_fft_norm norm)
{
	return tr_ifftn(a, 2, s, axes, norm);
}

static inline struct tr_tensor *tr_rfft2(struct tr_tensor *a, const int64_t *s, const int *axes, enum tr_fft_norm norm)
{
	return tr_rfftn(a, 2, s, axes, norm);
}

static inline struct tr_tensor *tr_irfft2(struct tr_tensor *a, const int64_t *s, const int *axes, enum tr_fft_norm norm)
{
	return tr_irfftn(a, 2, s, axes, norm);
}

/* float64: the frequencies of a transform's n >= 1 elements, in cycles per unit of the spacing d: 0, 1, …, then the negative
 * ones, over n d; rfftfreq: 0 … n/2 over n d. Need no library. */
TR_API struct tr_tensor *tr_fftfreq(struct tr_context *ctx, int64_t n, double d);
TR_API struct tr_tensor *tr_rfftfreq(struct tr_context *ctx, int64_t n, double d);

/* Axes (TR_AXIS(i) | …, or TR_ALL_AXES) rolled so that frequency 0 comes to the middle, and back. Any type. Need no library. */
TR_API struct tr_tensor *tr_fftshift(struct tr_tensor *a, uint32_t axes);
TR_API struct tr_tensor *tr_ifftshift(struct tr_tensor *a, uint32_t axes);

/*
 * Of a[n] and v[m], in the type that holds both:
 *	convolve   y[k] = sum over j of a[k - j] · v[j]
 *	correlate  y[k] = sum over j of a[k + j] · conj(v[j]), k from -(m - 1)
 * FULL: wherever they overlap, n + m - 1 elements; SAME: the max(n, m) in the middle; VALID: where the shorter one lies
 * within the longer, |n - m| + 1. Sums are exact, modulo 2^width, for integers, and matmul's for floating-point numbers, but
 * that long ones, of finite numbers, go by way of Fourier transforms where FFTW is installed: an error relative to the
 * greatest element then. TR_ESHAPE: other than one axis, or nothing in one. TR_EINVAL: an unknown mode.
 */
enum tr_convolve_mode { TR_CONVOLVE_VALID, TR_CONVOLVE_SAME, TR_CONVOLVE_FULL };
TR_API struct tr_tensor *tr_convolve(struct tr_tensor *a, struct tr_tensor *v, enum tr_convolve_mode mode);
TR_API struct tr_tensor *tr_correlate(struct tr_tensor *a, struct tr_tensor *v, enum tr_convolve_mode mode);

#ifdef __cplusplus
}
#endif
#endif
