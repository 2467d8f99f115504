/* SPDX-License-Identifier: MIT */
/*
 * The inside of <trueno/linalg.h>: a stack of problems of one kind and size, and the kernels that hand them to LAPACK one
 * after the other.
 */
#ifndef TR_LIB_LINALG_H
#define TR_LIB_LINALG_H

#include <trueno/linalg.h>

#include "lib/linalg/lapack.h"

struct tr_linalg_kernels;

/*
 * One call. What a, b, u, v, s and t are depends on the kernel; matrices lie column-major, problem after problem without
 * gaps. All tensors made for a call belong to its scope.
 */
struct tr_linalg {
	struct tr_context *ctx;
	const char *who;
	const struct tr_lapack *lapack;
	const struct tr_linalg_kernels *kernels;
	enum tr_dtype dtype, real; /* of matrices, and of their absolute values */
	int ndim;                  /* of the stack */
	int64_t stack[TR_MAX_RANK];
	int64_t count;             /* of problems */
	lapack_int m, n, k, columns;
	void *a, *b, *s, *u, *v;
	char job, triangle;        /* as LAPACK names them */
	double rcond;
	bool lenient;              /* a problem without a result gets NaNs, and the others theirs */
	const char *trouble;       /* what a matrix is or has if LAPACK finds no result */
};

/*
 * Kernels run all problems, none of which is empty. 0 or a status, with the reason in the context.
 *
 *	solve     b[n,k] = a[n,n]⁻¹ b, b being the identity first if job is 'I'; a becomes its factors
 *	lu        a[n,n] becomes its factors, s its determinant if job is 'D', else s the sign of that and u, real, the
 *	          logarithm of its absolute value
 *	cholesky  a[n,n] becomes its factor, triangle 'L' or 'U', with zeros in the other
 *	qr        a[m,n] becomes its factors as geqrf leaves them, s their min(m,n) scalar factors
 *	q         u[m,k] = the first columns of Q of a and s as qr made them
 *	svd       a[m,n]: u[m,columns or m], s[min(m,n)], real, v[columns or n, n]; job 'S', 'A', or 'N' for s alone
 *	eigh      a[n,n] becomes eigenvectors if job is 'V', s[n], real, its eigenvalues
 *	eig       s[n], complex: eigenvalues of a[n,n], and u[n,n], complex, eigenvectors if job is 'V'
 *	lstsq     b[max(m,n),k] becomes the solutions in its first n rows, s[min(m,n)] the singular values; columns: the rank
 */
struct tr_linalg_kernels {
	int (*solve)(struct tr_linalg *l);
	int (*lu)(struct tr_linalg *l);
	int (*cholesky)(struct tr_linalg *l);
	int (*qr)(struct tr_linalg *l);
	int (*q)(struct tr_linalg *l);
	int (*svd)(struct tr_linalg *l);
	int (*eigh)(struct tr_linalg *l);
	int (*eig)(struct tr_linalg *l);
	int (*lstsq)(struct tr_linalg *l);
};

/* Those of a type; dtype is one of the four. */
const struct tr_linalg_kernels *tr__linalg_kernels(enum tr_dtype dtype);

/* Runs one of them. */
int tr__linalg_run(struct tr_linalg *l, int (*kernel)(struct tr_linalg *l));

/* n elements of scratch, at least one. NULL after tr__fail. */
void *tr__linalg_scratch(struct tr_linalg *l, int64_t n, size_t size);

/* Says that problem i has no result. -TR_ENUMERIC, or 0 if l is lenient. */
int tr__linalg_without_result(struct tr_linalg *l, int64_t i);

/* Whether a has matrices, square ones if asked; else a complaint. */
bool tr__linalg_check(const char *who, const struct tr_tensor *a, bool square);

/*
 * Prepares a call on matrices a[…,m,n], and b[…,rows,k] if not NULL, whose stacks broadcast: fills l up to n, opens the
 * library, and begins a scope. 0, or a status and no scope.
 */
int tr__linalg_begin(struct tr_linalg *l, const char *who, struct tr_tensor *a, struct tr_tensor *b);

/* Ends the scope around a result, which is also returned. */
struct tr_tensor *tr__linalg_end(struct tr_linalg *l, struct tr_tensor *y);

/* Dense copies of the matrices, broadcast to the stack and converted, column-major: [stack…, columns, rows]. */
struct tr_tensor *tr__linalg_columns(struct tr_linalg *l, struct tr_tensor *a);

/* [stack…, rows, cols] of those, in C order. */
struct tr_tensor *tr__linalg_rows(struct tr_tensor *columns);

/* A new tensor [stack…, sizes…], n more axes. */
struct tr_tensor *tr__linalg_empty(struct tr_linalg *l, enum tr_dtype dtype, int n, const int64_t *sizes);

/* Where elements lie, once they are computed; NULL after tr__fail or of an empty tensor. */
static inline bool tr__linalg_data(struct tr_tensor *t, void **out)
{
	*out = tr_data(t);
	return *out || (t && !t->numel);
}

/* Identities [stack…, n, n]. */
struct tr_tensor *tr__linalg_identity(struct tr_linalg *l, int64_t n);

/* The inverse, or NaNs for a matrix that has none. */
struct tr_tensor *tr__linalg_inverse(struct tr_tensor *a, const char *who, bool lenient);

/* Singular values [stack…, min(m,n)], falling; NaNs where LAPACK finds none, if lenient. */
struct tr_tensor *tr__linalg_singular(struct tr_tensor *a, const char *who, bool lenient);

#endif
