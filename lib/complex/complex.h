/* SPDX-License-Identifier: MIT */
/*
 * Operations on complex numbers as operations on their parts: what a row is for complex operands is said here in terms of the
 * rows there are, and fused like any other chain. Drivers never see a complex number but to move or convert it.
 */
#ifndef TR_LIB_COMPLEX_H
#define TR_LIB_COMPLEX_H

#include <trueno/complex.h>

#include "lib/rules/rules.h"

/* A value in the making. A result that is real has no im, and says so: a part can also be missing because it failed. */
struct tr__parts {
	struct tr_tensor *re, *im;
	bool is_real;
};

/* x: the operands' parts, of one real type; a missing im is a weak 0. NULL among them passes through. */
typedef struct tr__parts (*tr__complex_fn)(struct tr_call *c, const struct tr__parts *x);

/* By operation; NULL for those that are not defined for complex operands. */
extern const tr__complex_fn tr__complex_fns[TR_OP_COUNT];

/* The places of x's elements along an axis in ascending order: real parts first, then imaginary ones, NaN last. */
struct tr_tensor *tr__complex_order(struct tr_call *c, const struct tr__parts *x, int axis);

/* Those that reduce.c defines. */
#define TR__COMPLEX_REDUCTIONS(F) \
	F(prod) F(nansum) F(nanprod) F(nanmean) F(nanvar) F(nanstd) F(max) F(min) F(nanmax) F(nanmin) F(argmax) F(argmin) \
	F(median) F(nanmedian) F(cumsum) F(cumprod)
#define TR__COMPLEX_DECLARE(name) struct tr__parts tr__complex_##name(struct tr_call *c, const struct tr__parts *x);
TR__COMPLEX_REDUCTIONS(TR__COMPLEX_DECLARE)

/* Writes both parts of y, which is complex; they are broadcast and converted. 0 or a status. */
int tr__complex_write(struct tr_tensor *y, struct tr_tensor *re, struct tr_tensor *im);

#endif
