/* SPDX-License-Identifier: MIT */
/*
 * Products of tensors by other names and in greater numbers: NumPy's dot, vdot, inner, outer, tensordot, einsum, matvec,
 * vecmat, kron and trace. All are made of views, matmul, vecdot, multiply and sum (ops.h), and promote and wrap as those
 * do.
 *
 * All return NULL on failure, pass a NULL operand through, and belong to the current scope. Operands must be of one
 * context (TR_EINVAL). Axes may be negative, counted from the back.
 */
#ifndef TRUENO_PRODUCT_H
#define TRUENO_PRODUCT_H

#include <trueno/context.h>

#ifdef __cplusplus
extern "C" {
#endif

/* numpy.dot: y[…, …] = sum over k of a[…, k] · b[…, k, n], no axes broadcast; two vectors make a scalar; a scalar
 * multiplies. NULL + TR_ESHAPE | TR_EDTYPE | TR_ENOMEM. */
TR_API struct tr_tensor *tr_dot(struct tr_tensor *a, struct tr_tensor *b);

/* numpy.vdot: the sum of products of all elements, in C order. NULL + TR_ESHAPE if their counts differ. */
TR_API struct tr_tensor *tr_vdot(struct tr_tensor *a, struct tr_tensor *b);

/* numpy.inner: y[…, …] = sum over k of a[…, k] · b[…, k]; a scalar multiplies. NULL + TR_ESHAPE. */
TR_API struct tr_tensor *tr_inner(struct tr_tensor *a, struct tr_tensor *b);

/* numpy.outer: y[i, j] = a[i] · b[j], of the elements in C order. */
TR_API struct tr_tensor *tr_outer(struct tr_tensor *a, struct tr_tensor *b);

/* numpy.matvec, vecmat: y[…, m] = a[…, m, k] · x[…, k] and y[…, n] = x[…, k] · a[…, k, n]; leading axes broadcast.
 * NULL + TR_ESHAPE. */
TR_API struct tr_tensor *tr_matvec(struct tr_tensor *a, struct tr_tensor *x);
TR_API struct tr_tensor *tr_vecmat(struct tr_tensor *x, struct tr_tensor *a);

/* numpy.kron: blocks a[i, …] · b. At most 4 axes (TR_ESHAPE). */
TR_API struct tr_tensor *tr_kron(struct tr_tensor *a, struct tr_tensor *b);

/* numpy.trace: the sum of tr_diagonal(a, offset, axis1, axis2), integers 64 bits wide. NULL + TR_EINVAL. */
TR_API struct tr_tensor *tr_trace(struct tr_tensor *a, int64_t offset, int axis1, int axis2);

/*
 * numpy.tensordot: sums over axes a_axes[i] of a together with b_axes[i] of b, i < n; y has the other axes of a, then
 * those of b. n = 0 is the outer product. NULL + TR_ESHAPE if sizes differ, TR_EINVAL for an axis that is not there
 * or named twice.
 */
TR_API struct tr_tensor *tr_tensordot(struct tr_tensor *a, struct tr_tensor *b, int n, const int *a_axes,
				      const int *b_axes);

/*
 * numpy.einsum: subscripts as "ij,jk->ik", letters for axes; a letter twice in an operand takes its diagonal, one that
 * the output lacks is summed over, "..." stands for axes that broadcast. Without "->" the output is the broadcast axes,
 * then the letters that occur once, in alphabetical order, capitals first. Axes of size 1 broadcast against larger ones
 * of the same letter. Operands are contracted two at a time, in the order of least multiplications. Where there is
 * nothing to compute y is a view of its operand.
 *
 * operands: n of them, 1 … TR_EINSUM_OPERANDS. NULL + TR_EINVAL (malformed subscripts, with the place) | TR_ESHAPE |
 * TR_EDTYPE | TR_ENOMEM.
 */
#define TR_EINSUM_OPERANDS 10
TR_API struct tr_tensor *tr_einsum(const char *subscripts, struct tr_tensor *const *operands, int n);

#ifdef __cplusplus
}
#endif
#endif
