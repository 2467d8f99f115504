/* SPDX-License-Identifier: MIT */
/* The rule of random numbers: which types they have and which parameters there are. */
#include <math.h>

#include "lib/rules/rules.h"

/* What the numbers of an operation may be: p within [p_least, p_most], q likewise. Those not listed take any. */
static const struct limits {
	const char *p, *q; /* NULL: not used */
	double p_least, p_most, q_least, q_most;
} limits[TR_OP_COUNT] = {
	[TR_OP_random_uniform] = {"low", "high - low", -0x1.fffffffffffffp1023, 0x1.fffffffffffffp1023,
				  -0x1.fffffffffffffp1023, 0x1.fffffffffffffp1023},
	[TR_OP_random_normal] = {"loc", "scale", -INFINITY, INFINITY, 0, INFINITY},
	[TR_OP_random_exponential] = {"loc", "scale", -INFINITY, INFINITY, 0, INFINITY},
	[TR_OP_random_bernoulli] = {"p", NULL, 0, 1, 0, 0},
	[TR_OP_random_loggamma] = {"shape", "scale", 0, 0x1p53, 0, INFINITY},
	[TR_OP_random_poisson] = {"lam", NULL, 0, 0x1p53, 0, 0},
	[TR_OP_random_binomial] = {"p", "n", 0, 1, 0, 0x1p53},
};

static int check(struct tr_call *c, const char *name, double value, double least, double most)
{
	if (!name || (value >= least && value <= most))
		return 0;
	return tr__refuse(c, TR_EINVAL, "%s is %g; it must be from %g to %g", name, value, least, most);
}

int tr__infer_random(struct tr_call *c)
{
	const struct limits *l = &limits[c->sqe->op];
	uint32_t set = c->info->dtypes, takes = TR__SET_NUMERIC | TR__SET_HALF;
	int err;

	if (!c->dst)
		return tr__refuse(c, TR_EINVAL, "needs a destination");
	if (set == TR__SET_WORD)
		takes = TR__SET_BITS;
	else if (set & TR__BIT(TR_F32) || c->sqe->op == TR_OP_random_loggamma)
		takes = TR__SET_FLOAT | TR__SET_HALF;
	else if (c->info->result == TR_RESULT_BOOL)
		takes = TR__SET_ANY;
	c->result = tr_dtype_of(c->dst);
	if (!(takes & TR__BIT(c->result)))
		return tr__refuse(c, TR_EDTYPE, "not defined for %s", tr_dtype_name(c->result));
	c->eval = set == TR__SET_WORD ? TR_U64 : set & TR__BIT(TR_F32) && c->result != TR_F64 ? TR_F32 : TR_F64;
	tr__shape_set(c, c->dst->ndim, c->dst->shape);
	err = check(c, l->p, c->sqe->attr.f64[0], l->p_least, l->p_most);
	return err ? err : check(c, l->q, c->sqe->attr.f64[1], l->q_least, l->q_most);
}
