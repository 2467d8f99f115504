/* SPDX-License-Identifier: MIT */
/*
 * LAPACK as the library calls it: the functions it takes from LAPACKE, typed by LAPACKE's own header. Those called _work check
 * nothing and allocate nothing.
 */
#ifndef TR_LIB_LINALG_LAPACK_H
#define TR_LIB_LINALG_LAPACK_H

#include <lapacke.h>

#include "lib/context.h"

/* By type: s, d for real numbers of 32 and 64 bits, c, z for complex ones. */
#define TR__LAPACK_REAL(FN, t) \
	FN(t##gesv) FN(t##getrf) FN(t##potrf) FN(t##geqrf) FN(t##orgqr) FN(t##gesdd) FN(t##syevd) FN(t##geev) FN(t##gelsd)
#define TR__LAPACK_COMPLEX(FN, t) \
	FN(t##gesv) FN(t##getrf) FN(t##potrf) FN(t##geqrf) FN(t##ungqr) FN(t##gesdd) FN(t##heevd) FN(t##geev) FN(t##gelsd)
#define TR__LAPACK_FUNCTIONS(FN) \
	TR__LAPACK_REAL(FN, s) TR__LAPACK_REAL(FN, d) TR__LAPACK_COMPLEX(FN, c) TR__LAPACK_COMPLEX(FN, z)

struct tr_lapack {
#define TR__LAPACK_MEMBER(name) __typeof__(LAPACKE_##name##_work) *name;
	TR__LAPACK_FUNCTIONS(TR__LAPACK_MEMBER)
#undef TR__LAPACK_MEMBER
};

/* Opens LAPACKE if nobody has. NULL after tr__fail, which names what is missing. */
const struct tr_lapack *tr__lapack(struct tr_context *ctx, const char *who);

/*
 * Around calls on problems of so many elements: where the BLAS is OpenBLAS it uses no more threads than the context may, and
 * one for small problems, for which waking others takes longer than the work. Calls overlap in time only if contexts do; the
 * first of them decides, and the last one restores what was set before.
 */
void tr__lapack_begin(struct tr_context *ctx, int64_t elements);
void tr__lapack_end(void);

#endif
