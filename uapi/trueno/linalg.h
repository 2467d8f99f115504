/* SPDX-License-Identifier: MIT */
/*
 * Linear algebra: NumPy's numpy.linalg, computed by LAPACK. products, outer and trace are in <trueno/product.h>, matmul, vecdot and
 * the vector norm in <trueno/ops.h>.
 *
 * Matrices are the last two axes; the axes before them are a stack of independent problems, and those of two operands
 * broadcast. float32, float64, complex64 and complex128; bool and integers count as float64, half precision is refused
 * (TR_EDTYPE). Where two operands differ in type they are converted to the type that holds both. "Real" below is float32
 * of float32 and complex64, else float64. Empty stacks and empty matrices have the results that definitions give them.
 *
 * Operands are read in place or through copies, whatever their strides, and are never written. Results are new, in C order,
 * and belong to the current scope. All run pending work first and compute on the host at once, so none can be part of a
 * plan (TR_ESTATE). A NULL operand passes through. Errors, beside those of each function:
 *
 *	TR_ENUMERIC  the matrices have no such result; the message says which one of the stack, and nothing is returned
 *	TR_ESHAPE    fewer than two axes, matrices that are not square, stacks that do not broadcast
 *	TR_EDEVICE   LAPACKE is not installed: liblapacke.so.3, Debian's package liblapacke, or the file that the environment
 *	             variable TRUENO_LAPACKE names, is opened by the first call
 *	TR_EOVERFLOW a size beyond the integers of LAPACK, 2^31 - 1
 *	TR_ENOMEM
 *
 * Threads: as everywhere, one at a time for a context. LAPACK is called from the caller's thread, one problem after the
 * other; on a problem work as many threads as the BLAS that is installed is set to use. OpenBLAS is told to use no more
 * than the context may, and one for matrices of up to 128 × 128 elements, for the time of the call; this setting is the
 * process's, so that another thread's use of the same OpenBLAS meanwhile has it too. The order of additions is the BLAS's
 * business: results are within LAPACK's error bounds, not the same bits everywhere.
 */
#ifndef TRUENO_LINALG_H
#define TRUENO_LINALG_H

#include <trueno/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* x[…,n,k] with a[…,n,n] · x = b[…,n,k] (gesv). A b of one axis, [n], is a vector, and so is x then, [n] or […,n].
 * TR_ENUMERIC: a is singular. */
TR_API struct tr_tensor *tr_solve(struct tr_tensor *a, struct tr_tensor *b);

/* a⁻¹ of a[…,n,n]. TR_ENUMERIC: a is singular. */
TR_API struct tr_tensor *tr_inv(struct tr_tensor *a);

/* Determinants […] of a[…,n,n], and such as do not overflow: det = sign · exp(logabsdet), logabsdet real; 0 and -Inf of a
 * singular matrix (getrf). */
TR_API struct tr_tensor *tr_det(struct tr_tensor *a);
TR_API int tr_slogdet(struct tr_tensor *a, struct tr_tensor **sign, struct tr_tensor **logabsdet);

/* l with l · lᴴ = a[…,n,n], lower triangular, or u with uᴴ · u = a (potrf). Only that triangle of a is read. TR_ENUMERIC:
 * a is not positive definite. */
TR_API struct tr_tensor *tr_cholesky(struct tr_tensor *a, bool upper);

/*
 * q · r = a[…,m,n] with columns of q orthonormal, r upper triangular (geqrf, orgqr). k = min(m,n).
 *	REDUCED   q[…,m,k], r[…,k,n]
 *	COMPLETE  q[…,m,m], r[…,m,n]
 *	R         r[…,k,n] alone; *q is NULL
 *	RAW       q[…,n,m] and r[…,k] are what geqrf leaves: the factors, transposed, and the reflectors' scalars
 */
enum tr_qr_mode { TR_QR_REDUCED, TR_QR_COMPLETE, TR_QR_R, TR_QR_RAW };
TR_API int tr_qr(struct tr_tensor *a, enum tr_qr_mode mode, struct tr_tensor **q, struct tr_tensor **r);

/* u · diag(s) · vh = a[…,m,n], s[…,k] real and falling, k = min(m,n) (gesdd). u[…,m,k], vh[…,k,n], or u[…,m,m], vh[…,n,n]
 * if full. svdvals: s alone. TR_ENUMERIC: no convergence. */
TR_API int tr_svd(struct tr_tensor *a, bool full, struct tr_tensor **u, struct tr_tensor **s, struct tr_tensor **vh);
TR_API struct tr_tensor *tr_svdvals(struct tr_tensor *a);

/* Eigenvalues w[…,n], real and rising, and orthonormal eigenvectors v[…,n,n], columns, of symmetric or Hermitian a[…,n,n], of
 * which only one triangle is read (syevd, heevd). TR_ENUMERIC: no convergence. */
TR_API int tr_eigh(struct tr_tensor *a, bool upper, struct tr_tensor **w, struct tr_tensor **v);
TR_API struct tr_tensor *tr_eigvalsh(struct tr_tensor *a, bool upper);

/* Eigenvalues w[…,n] in no order, and eigenvectors v[…,n,n], columns of length 1, of a[…,n,n]; always complex, also where
 * imaginary parts are all 0 (geev). TR_ENUMERIC: an element is not finite; no convergence. */
TR_API int tr_eig(struct tr_tensor *a, struct tr_tensor **w, struct tr_tensor **v);
TR_API struct tr_tensor *tr_eigvals(struct tr_tensor *a);

/*
 * x[n,k] of least |x| among those of least |a[m,n] · x - b[m,k]|, column by column; b[m] gives x[n]. One problem, no stack
 * (gelsd). Singular values up to rcond times the greatest count as 0; NaN stands for the type's precision times max(m,n), what
 * is not between 0 and 1 for that precision. residuals[k] are the sums of |a · x - b|² if the rank is n and m > n; else there are none,
 * [0]. singular[min(m,n)] is real. TR_ESHAPE if b does not fit. TR_ENUMERIC: no convergence.
 */
struct tr_lstsq {
	struct tr_tensor *x, *residuals, *singular;
	int64_t rank;
};
TR_API int tr_lstsq(struct tr_tensor *a, struct tr_tensor *b, double rcond, struct tr_lstsq *result);

/*
 * The pseudo-inverse [n,m] of a[…,m,n] (Moore, Penrose): by singular values, or by eigenvalues of a Hermitian a, which takes
 * half the time. Those up to rtol, which broadcasts against […], times the greatest count as 0. rtol NULL: the type's precision
 * times max(m,n).
 */
TR_API struct tr_tensor *tr_pinv(struct tr_tensor *a, struct tr_tensor *rtol, bool hermitian);

/* Ranks […], int64: how many singular values, or magnitudes of eigenvalues of a Hermitian a, are greater than tol; or than
 * rtol times the greatest. Both broadcast against […]; at most one is given, the other NULL; rtol as in tr_pinv. 1 or 0 of a
 * with less than two axes: whether an element is not 0. */
TR_API struct tr_tensor *tr_matrix_rank(struct tr_tensor *a, struct tr_tensor *tol, struct tr_tensor *rtol, bool hermitian);

/* a[…,n,n] times itself, |n| times, by squaring; of its inverse if n < 0, the identity if n = 0. Integers wrap, and stay integers
 * unless n < 0; half precision is taken if n >= 0. TR_ENUMERIC: n < 0 and a is singular. */
TR_API struct tr_tensor *tr_matrix_power(struct tr_tensor *a, int64_t n);

/*
 * Norms […] of a[…,m,n], real: FRO the root of the sum of |a|²; NUC the sum of singular values; 2 the greatest of them and MINUS_2
 * the least; 1 the greatest sum of |a| down a column and MINUS_1 the least; INF and MINUS_INF likewise along rows. flags:
 * TR_KEEPDIMS. The greatest of nothing is 0, the least TR_ESHAPE. (tr_norm is the norm of vectors.)
 */
enum tr_matrix_norm {
	TR_NORM_FRO, TR_NORM_NUC, TR_NORM_1, TR_NORM_MINUS_1, TR_NORM_2, TR_NORM_MINUS_2, TR_NORM_INF, TR_NORM_MINUS_INF
};
TR_API struct tr_tensor *tr_matrix_norm(struct tr_tensor *a, enum tr_matrix_norm order, uint32_t flags);

/* Condition numbers […]: norm(a) · norm(a⁻¹), for 2 and MINUS_2 by singular values, and then of matrices that need not be square.
 * Inf if a is singular; NaN if an element is. TR_ESHAPE of an empty matrix. */
TR_API struct tr_tensor *tr_cond(struct tr_tensor *a, enum tr_matrix_norm order);

/* The product of n >= 2 matrices in the order of least multiplications (Cormen et al., 15.2). The first and the last may be
 * vectors, of which the result lacks the axis. Any type that matmul takes. TR_ESHAPE. */
TR_API struct tr_tensor *tr_multi_dot(struct tr_tensor *const *parts, int n);

/* x with tensordot(a, x, tr_ndim(x)) = b: a reshaped to a matrix of as many rows as b has elements. Axes of a named in
 * axes[n] are moved to its end first. TR_ESHAPE unless that is square. */
TR_API struct tr_tensor *tr_tensorsolve(struct tr_tensor *a, struct tr_tensor *b, int n, const int *axes);

/* The inverse of a as a matrix of its first ind >= 1 axes by the others: of shape a[ind:] + a[:ind]. TR_ESHAPE unless square. */
TR_API struct tr_tensor *tr_tensorinv(struct tr_tensor *a, int ind);

/* a × b of vectors of three elements along an axis, which both have; the others broadcast. Any type that multiply takes.
 * TR_ESHAPE. */
TR_API struct tr_tensor *tr_cross(struct tr_tensor *a, struct tr_tensor *b, int axis);

#ifdef __cplusplus
}
#endif
#endif
