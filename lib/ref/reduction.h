/* SPDX-License-Identifier: MIT */
/*
 * The operations of the REDUCE and VECTOR_NORM families, spelled out in folds and the steps between them: the table of
 * docs/numerics.md. Drivers carry it out; it knows no memory and no order.
 */
#ifndef TR_REF_REDUCTION_H
#define TR_REF_REDUCTION_H

#include "lib/driver.h"
#include "lib/ref/kernels.h"

/*
 * What becomes of a fold's result r, in this order. N is the number of elements, c the centre for the folds after it, k a
 * count of numbers, which later steps divide by. Each arithmetic operation is rounded in the fold's type.
 */
enum tr_step {
	TR_STEP_DIVIDE_N = 1 << 0,      /* r = r / N */
	TR_STEP_DIVIDE = 1 << 1,        /* r = r / (N - ddof); NaN unless that is positive */
	TR_STEP_DIVIDE_COUNT = 1 << 2,  /* r = r / k */
	TR_STEP_DIVIDE_DDOF = 1 << 3,   /* r = r / (k - ddof); NaN unless that is positive */
	TR_STEP_ROOT = 1 << 4,          /* r = sqrt(r) */
	TR_STEP_POWER = 1 << 11,        /* r = pow(r, 1 / p); before the first fold, c = p */
	TR_STEP_LOG = 1 << 5,           /* r = log(r) */
	TR_STEP_PLUS_CENTRE = 1 << 6,   /* r = r + c */
	TR_STEP_MINUS_CENTRE = 1 << 7,  /* r = r - c */
	TR_STEP_COUNT = 1 << 8,         /* k = r */
	TR_STEP_CENTRE = 1 << 9,        /* c = r */
	TR_STEP_FINITE_CENTRE = 1 << 10 /* c = r, or 0 if that is infinite */
};

#define TR_REDUCTION_PASSES 3

struct tr_pass {
	uint8_t fold;
	uint16_t then; /* TR_STEP_* */
};

/* The folds, over all elements each, and their steps. TR_DTYPE_NONE: the command's type. */
struct tr_reduction {
	uint8_t load;  /* type elements are loaded as */
	uint8_t dtype; /* type they are folded in */
	uint8_t passes;
	struct tr_pass pass[TR_REDUCTION_PASSES];
	double empty; /* the result over no elements */
	bool refuses; /* there is no result over no elements */
};

/* The reduction of a type; p: the order of a norm. Static storage. */
const struct tr_reduction *tr__reduction(enum tr_op op, enum tr_dtype dtype, double p);

/* Of a command. */
static inline const struct tr_reduction *tr__reduction_of(const struct tr_cmd *cmd)
{
	return tr__reduction((enum tr_op)cmd->op, (enum tr_dtype)cmd->dtype, cmd->attr.f64[3]);
}

#endif
