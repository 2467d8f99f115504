/* SPDX-License-Identifier: MIT */
/*
 * Comparisons of uint64 with signed integers. The two meet in no integer type, and float64 would round both: so the sign
 * decides first, and the others are compared as uint64.
 */
#include <trueno/ops.h>

#include "lib/context.h"
#include "lib/rules/rules.h"

typedef struct tr_tensor *(*compare_fn)(struct tr_tensor *, struct tr_tensor *);

/* By operation: what it is of operands that are not negative, and, of a negative first one, its answer; the operation of
 * exchanged operands. */
static const struct {
	compare_fn of;
	bool negative;
	uint16_t exchanged;
} comparisons[TR_OP_COUNT] = {
	[TR_OP_equal] = {tr_equal, false, TR_OP_equal},
	[TR_OP_not_equal] = {tr_not_equal, true, TR_OP_not_equal},
	[TR_OP_less] = {tr_less, true, TR_OP_greater},
	[TR_OP_less_equal] = {tr_less_equal, true, TR_OP_greater_equal},
	[TR_OP_greater] = {tr_greater, false, TR_OP_less},
	[TR_OP_greater_equal] = {tr_greater_equal, false, TR_OP_less_equal},
};

bool tr__compares_signs(const struct tr_call *c)
{
	const struct tr_tensor *a = c->src[0], *b = c->src[1];

	if (!comparisons[c->sqe->op].of || (a->flags | b->flags) & TR_TENSOR_WEAK)
		return false;
	return (a->dtype == TR_U64 && tr__kind(tr_dtype_of(b)) == TR_KIND_SINT) ||
	       (b->dtype == TR_U64 && tr__kind(tr_dtype_of(a)) == TR_KIND_SINT);
}

struct tr_tensor *tr__compare_signs(struct tr_call *c)
{
	bool exchange = c->src[0]->dtype == TR_U64;
	struct tr_tensor *a = c->src[exchange], *b = c->src[!exchange], *zero = tr_scalar_int(c->ctx, 0), *y;
	uint16_t op = exchange ? comparisons[c->sqe->op].exchanged : c->sqe->op;

	y = comparisons[op].of(tr_astype(a, TR_U64), b);
	return comparisons[op].negative ? tr_logical_or(tr_less(a, zero), y) : tr_logical_and(tr_greater_equal(a, zero), y);
}
