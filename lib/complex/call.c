/* SPDX-License-Identifier: MIT */
/*
 * A call that is a formula of others, in one batch. With complex operands it is one of their parts, and the results' go into
 * the destination's. What the formulae are is the business of fns.c and of lib/rules/signs.c.
 */
#include <trueno/ops.h>

#include "lib/complex/complex.h"
#include "lib/context.h"

bool tr__complex_has(const struct tr_call *c)
{
	return tr__complex_fns[c->sqe->op] != NULL;
}

/* Operand t in parts of type real. A real one has a weak 0 for an imaginary part, and stays weak if it is; what is to be
 * reduced has every element of it. */
static struct tr__parts split(struct tr_tensor *t, enum tr_dtype real, enum tr_family family)
{
	enum tr_dtype whole = real == TR_F32 ? TR_C64 : TR_C128;
	struct tr_context *ctx = t->ctx;

	if (TR__SET_COMPLEX & TR__BIT(t->dtype) || tr__family_is_reduce(family) || family == TR_FAMILY_SCAN) {
		t = t->dtype == whole ? t : tr_astype(t, whole);
		if (!t)
			return (struct tr__parts){NULL, NULL, true};
		return (struct tr__parts){tr_real(t), tr_imag(t), false};
	}
	if (!(t->flags & TR_TENSOR_WEAK) && t->dtype != real)
		t = tr_astype(t, real);
	return (struct tr__parts){t, tr_scalar(ctx, 0), false};
}

/* The destination the call named, or a new one of the result's shape. */
static int settle_destination(struct tr_call *c, const struct tr__parts *y, bool *made)
{
	enum tr_dtype dtype = tr_dtype_of(y->re);
	struct tr_tensor *large = !y->is_real && y->im->ndim > y->re->ndim ? y->im : y->re;

	if (!y->is_real)
		dtype = c->eval;
	c->result = dtype;
	tr__shape_set(c, large->ndim, large->shape);
	if (c->info->family <= TR_FAMILY_SELECT) {
		int err = tr__infer_broadcast(c);

		if (err)
			return err;
	}
	*made = !c->dst;
	if (c->dst)
		return tr__check_destination(c);
	c->dst = tr__tensor_create(c->ctx, dtype, c->ndim, c->shape);
	return c->dst ? 0 : c->ctx->status;
}

static int evaluate(struct tr_call *c, bool *made)
{
	enum tr_dtype real = c->eval == TR_C64 ? TR_F32 : TR_F64;
	struct tr__parts x[TR_SQE_SRCS] = {{.re = NULL}}, y;
	int err;

	if (TR__SET_COMPLEX & TR__BIT(c->eval)) {
		for (int i = 0; i < c->nsrc; i++)
			if (c->src[i])
				x[i] = split(c->src[i], real, c->info->family);
		y = tr__complex_fns[c->sqe->op](c, x);
	} else {
		y = (struct tr__parts){tr__compare_signs(c), NULL, true};
	}
	if (!y.re || (!y.im && !y.is_real))
		return c->ctx->status;
	err = settle_destination(c, &y, made);
	if (err)
		return err;
	return !y.is_real ? tr__complex_write(c->dst, y.re, y.im) : tr_astype_out(c->dst, y.re);
}

int tr__call_in_parts(struct tr_call *c)
{
	bool made = false;
	int err, run;

	tr_scope_begin(c->ctx);
	tr_batch_begin(c->ctx);
	err = evaluate(c, &made);
	if (made && c->dst)
		tr_keep(c->dst);
	tr_scope_end(c->ctx); /* before the batch, so that intermediates are known to be nobody's */
	run = tr_batch_end(c->ctx);
	err = err ? err : run;
	if (err && made) {
		tr_free(c->dst);
		c->dst = NULL;
	}
	tr__complete(c->ctx, c->sqe->flags, c->sqe->user_data, err ? 0 : tr_handle(c->dst), err);
	return err;
}
