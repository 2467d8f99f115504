/* SPDX-License-Identifier: MIT */
/*
 * Complex numbers and their parts. Elementwise operations, sums, means, variances and matrix products of <trueno/ops.h> take
 * complex64 and complex128 too, by NumPy's formulae and promotion; those that do not say so (TR_EDTYPE). absolute, var, std
 * and norm of complex numbers are real.
 *
 * All return NULL on failure, pass a NULL operand through, and belong to the current scope.
 */
#ifndef TRUENO_COMPLEX_H
#define TRUENO_COMPLEX_H

#include <trueno/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Views of the real or the imaginary parts; a real tensor is its own real part, and has zeros of its own for an imaginary one. */
TR_API struct tr_tensor *tr_real(struct tr_tensor *a);
TR_API struct tr_tensor *tr_imag(struct tr_tensor *a);

/* A view [..., 2] of the parts as real numbers, and back: the last axis has two elements beside each other (torch's names).
 * NULL + TR_EDTYPE | TR_ESHAPE (rank; parts that lie apart or at an odd place). */
TR_API struct tr_tensor *tr_view_as_real(struct tr_tensor *a);
TR_API struct tr_tensor *tr_view_as_complex(struct tr_tensor *a);

/* re + i im, after broadcasting: complex64 of two float32, complex128 of other reals. */
TR_API struct tr_tensor *tr_complex(struct tr_tensor *re, struct tr_tensor *im);

/* re - i im, and atan2(im, re); of a real tensor a itself, and 0 or pi. */
TR_API struct tr_tensor *tr_conjugate(struct tr_tensor *a);
TR_API struct tr_tensor *tr_angle(struct tr_tensor *a);

#ifdef __cplusplus
}
#endif
#endif
