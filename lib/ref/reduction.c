/* SPDX-License-Identifier: MIT */
/* The reductions as data (reduction.h). */
#include "lib/ref/reduction.h"

#include <math.h>

#define OWN_TYPE .load = TR_DTYPE_NONE, .dtype = TR_DTYPE_NONE
#define ONE_PASS(fold, then) .passes = 1, .pass = {{TR_FOLD_##fold, then}}
#define TWO_PASSES(a, then_a, b, then_b) .passes = 2, .pass = {{TR_FOLD_##a, then_a}, {TR_FOLD_##b, then_b}}

/* Deviations from the mean, and the same of numbers only. */
#define VARIANCE(then) \
	.empty = NAN, .passes = 2, \
	.pass = {{TR_FOLD_ADD, TR_STEP_DIVIDE_N | TR_STEP_CENTRE}, {TR_FOLD_ADD_DEVIATION, TR_STEP_DIVIDE | (then)}}
#define NUMBER_VARIANCE(then) \
	.empty = NAN, .passes = 3, \
	.pass = {{TR_FOLD_ADD_IS_NUMBER, TR_STEP_COUNT}, \
		 {TR_FOLD_ADD_NUMBER, TR_STEP_DIVIDE_COUNT | TR_STEP_CENTRE}, \
		 {TR_FOLD_ADD_NUMBER_DEVIATION, TR_STEP_DIVIDE_DDOF | (then)}}

static const struct tr_reduction reductions[TR_OP_COUNT] = {
	[TR_OP_sum] = {OWN_TYPE, ONE_PASS(ADD, 0), .empty = 0},
	[TR_OP_prod] = {OWN_TYPE, ONE_PASS(MULTIPLY, 0), .empty = 1},
	[TR_OP_mean] = {OWN_TYPE, ONE_PASS(ADD, TR_STEP_DIVIDE_N), .empty = NAN},
	[TR_OP_var] = {OWN_TYPE, VARIANCE(0)},
	[TR_OP_std] = {OWN_TYPE, VARIANCE(TR_STEP_ROOT)},
	[TR_OP_min] = {OWN_TYPE, ONE_PASS(MINIMUM, 0), .refuses = true},
	[TR_OP_max] = {OWN_TYPE, ONE_PASS(MAXIMUM, 0), .refuses = true},
	[TR_OP_ptp] = {OWN_TYPE, TWO_PASSES(MINIMUM, TR_STEP_CENTRE, MAXIMUM, TR_STEP_MINUS_CENTRE), .refuses = true},
	[TR_OP_all] = {.load = TR_BOOL, .dtype = TR_BOOL, ONE_PASS(AND, 0), .empty = 1},
	[TR_OP_any] = {.load = TR_BOOL, .dtype = TR_BOOL, ONE_PASS(OR, 0), .empty = 0},
	[TR_OP_count_nonzero] = {.load = TR_BOOL, .dtype = TR_I64, ONE_PASS(ADD, 0), .empty = 0},
	[TR_OP_logsumexp] = {OWN_TYPE, TWO_PASSES(MAXIMUM, TR_STEP_FINITE_CENTRE, ADD_EXP, TR_STEP_LOG | TR_STEP_PLUS_CENTRE),
			     .empty = -INFINITY},
	[TR_OP_nansum] = {OWN_TYPE, ONE_PASS(ADD_NUMBER, 0), .empty = 0},
	[TR_OP_nanprod] = {OWN_TYPE, ONE_PASS(MULTIPLY_NUMBER, 0), .empty = 1},
	[TR_OP_nanmean] = {OWN_TYPE, TWO_PASSES(ADD_IS_NUMBER, TR_STEP_COUNT, ADD_NUMBER, TR_STEP_DIVIDE_COUNT), .empty = NAN},
	[TR_OP_nanvar] = {OWN_TYPE, NUMBER_VARIANCE(0)},
	[TR_OP_nanstd] = {OWN_TYPE, NUMBER_VARIANCE(TR_STEP_ROOT)},
	[TR_OP_nanmin] = {OWN_TYPE, ONE_PASS(FMIN, 0), .refuses = true},
	[TR_OP_nanmax] = {OWN_TYPE, ONE_PASS(FMAX, 0), .refuses = true},
};

static const struct tr_reduction *norm(double p)
{
	static const struct tr_reduction zero = {OWN_TYPE, ONE_PASS(ADD_NONZERO, 0), .empty = 0};
	static const struct tr_reduction one = {OWN_TYPE, ONE_PASS(ADD_ABS, 0), .empty = 0};
	static const struct tr_reduction two = {OWN_TYPE, ONE_PASS(ADD_SQUARE, TR_STEP_ROOT), .empty = 0};
	static const struct tr_reduction greatest = {OWN_TYPE, ONE_PASS(MAXIMUM_ABS, 0), .empty = 0};
	static const struct tr_reduction power = {OWN_TYPE, ONE_PASS(ADD_POW, TR_STEP_POWER), .empty = 0};
	static const struct tr_reduction inverse = {OWN_TYPE, ONE_PASS(ADD_POW, TR_STEP_POWER), .empty = INFINITY};
	static const struct tr_reduction least = {OWN_TYPE, ONE_PASS(MINIMUM_ABS, 0), .refuses = true};

	if (isinf(p))
		return p > 0 ? &greatest : &least;
	if (p == 0 || p == 1 || p == 2)
		return p == 0 ? &zero : p == 1 ? &one : &two;
	return p > 0 ? &power : &inverse;
}

/* Integers are all numbers. */
static enum tr_op without_nan(enum tr_op op)
{
	switch (op) {
	case TR_OP_nansum:
		return TR_OP_sum;
	case TR_OP_nanprod:
		return TR_OP_prod;
	case TR_OP_nanmin:
		return TR_OP_min;
	case TR_OP_nanmax:
		return TR_OP_max;
	default:
		return op;
	}
}

const struct tr_reduction *tr__reduction(enum tr_op op, enum tr_dtype dtype, double p)
{
	if (op == TR_OP_norm)
		return norm(p);
	return &reductions[dtype < TR_F16 ? without_nan(op) : op];
}
