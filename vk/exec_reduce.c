/* SPDX-License-Identifier: MIT */
/*
 * Reductions: the source is made dense and of the accumulator's type where it is not, folded by the fixed tree, and the
 * result finished by elementwise commands. Knows no shader.
 */
#include <math.h>
#include <string.h>

#include "lib/ref/kernels.h"
#include "vk/rows.h"

int tr__vk_make_dense(struct tr_device *dev, enum tr_dtype dtype, struct tr_operand *o, char *detail)
{
	struct tr_operand copy;
	int err;

	if (o->dtype == dtype && tr__vk_is_dense(o))
		return 0;
	err = tr__vk_scratch(dev, dtype, o, &copy, detail);
	if (!err)
		err = tr__vk_convert(dev, &copy, o, detail);
	*o = copy;
	return err;
}

void tr__vk_find_rows(struct tr_vk_rows *r, const struct tr_operand *x, int first, int count, enum tr_dtype dtype)
{
	r->x = *x;
	r->dtype = dtype;
	r->n = r->inner = r->rows = 1;
	for (int d = 0; d < x->ndim; d++) {
		if (d >= first && d < first + count)
			r->n *= x->shape[d];
		else
			r->rows *= x->shape[d];
		if (d >= first + count)
			r->inner *= x->shape[d];
	}
	r->row_bytes = r->n * (int64_t)tr_dtype_size(dtype);
}

uint64_t tr__vk_bits(enum tr_dtype dtype, double value)
{
	uint64_t bits = 0;

	if (dtype == TR_F64)
		memcpy(&bits, &value, sizeof(value));
	else
		tr__ref_kernels.cast[TR_F64][dtype](&bits, &value, 1);
	return bits;
}

int tr__vk_apply(struct tr_device *dev, enum tr_op op, struct tr_operand *y, const double *value, char *detail)
{
	struct tr_operand o[3] = {*y, *y, *y};
	struct tr_cmd cmd = {.op = (uint16_t)op, .family = tr__ops[op].family, .dtype = y->dtype,
			     .noperand = value ? 3 : 2, .operand = o};
	uint64_t address, *w;
	int err;

	if (value) {
		w = tr__vk_params(dev, 1, &address, &err, detail);
		if (!w)
			return err;
		*w = tr__vk_bits((enum tr_dtype)y->dtype, *value);
		o[2].addr = (void *)(uintptr_t)address;
		memset(o[2].stride, 0, sizeof(o[2].stride));
	}
	return tr__vk_exec_map(dev, &cmd, detail);
}

static int fold(struct tr_device *dev, const struct tr_vk_rows *r, const struct tr_operand *y, const char *how,
		const char *join, double empty, char *detail)
{
	return tr__vk_fold(dev, r, y, how, join, NULL, tr__vk_bits(r->dtype, empty), detail);
}

/* By way of the means, where a row is not kept in registers. */
static int var_by_means(struct tr_device *dev, const struct tr_vk_rows *r, struct tr_operand *y, double divisor, char *detail)
{
	double n = (double)r->n;
	struct tr_operand means;
	int err = tr__vk_scratch(dev, r->dtype, y, &means, detail);

	if (!err)
		err = fold(dev, r, &means, "add", "join_add", NAN, detail);
	if (!err)
		err = tr__vk_apply(dev, TR_OP_divide, &means, &n, detail);
	if (!err)
		err = tr__vk_fold(dev, r, y, "square", "join_add", &means, tr__vk_bits(r->dtype, NAN), detail);
	return err ? err : tr__vk_apply(dev, TR_OP_divide, y, &divisor, detail);
}

static int deviation(struct tr_device *dev, const struct tr_cmd *cmd, const struct tr_vk_rows *r, struct tr_operand *y,
		     char *detail)
{
	double divisor = cmd->attr.f64[2] > 0 ? cmd->attr.f64[2] : NAN;
	int err = tr__vk_is_whole(dev->gpu, r) ? tr__vk_whole_var(dev, r, y, divisor, detail)
					       : var_by_means(dev, r, y, divisor, detail);

	return err || cmd->op != TR_OP_std ? err : tr__vk_apply(dev, TR_OP_sqrt, y, NULL, detail);
}

static int reduce(struct tr_device *dev, const struct tr_cmd *cmd, const struct tr_vk_rows *r, struct tr_operand *y,
		  char *detail)
{
	double n = (double)r->n;
	int err;

	switch (cmd->op) {
	case TR_OP_mean:
		err = fold(dev, r, y, "add", "join_add", NAN, detail);
		return err ? err : tr__vk_apply(dev, TR_OP_divide, y, &n, detail);
	case TR_OP_var:
	case TR_OP_std:
		return deviation(dev, cmd, r, y, detail);
	case TR_OP_prod:
		return fold(dev, r, y, "multiply", "join_multiply", 1, detail);
	case TR_OP_min:
	case TR_OP_all:
		return fold(dev, r, y, "minimum", "join_minimum", 1, detail);
	case TR_OP_max:
	case TR_OP_any:
		return fold(dev, r, y, "maximum", "join_maximum", 0, detail);
	case TR_OP_sum:
	case TR_OP_count_nonzero:
		return fold(dev, r, y, "add", "join_add", 0, detail);
	default:
		return tr__vk_passes(dev, cmd, r, y, detail);
	}
}

/* The accumulator: integers are folded in 64 bits, whose low bits are those of the narrower fold. */
static enum tr_dtype accumulator(const struct tr_cmd *cmd)
{
	if (cmd->op == TR_OP_all || cmd->op == TR_OP_any || cmd->op == TR_OP_count_nonzero)
		return TR_U64;
	if (cmd->dtype == TR_F32 || cmd->dtype == TR_F64)
		return (enum tr_dtype)cmd->dtype;
	return cmd->dtype >= TR_I8 && cmd->dtype <= TR_I64 ? TR_I64 : TR_U64;
}

int tr__vk_exec_reduce(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	enum tr_dtype dtype = accumulator(cmd);
	bool truth = cmd->op == TR_OP_all || cmd->op == TR_OP_any || cmd->op == TR_OP_count_nonzero, direct;
	struct tr_operand x = cmd->operand[1], y = cmd->operand[0], made = y;
	struct tr_vk_rows r;
	int err = 0;

	for (int d = 0; d < y.ndim; d++)
		if (!y.shape[d])
			return 0;
	direct = y.dtype == dtype && tr__vk_is_dense(&y);
	/* Elements are first what they are loaded as, then as wide as the accumulator. */
	err = tr__vk_converted(dev, truth ? TR_BOOL : (enum tr_dtype)cmd->dtype, &x, detail);
	if (!err)
		err = tr__vk_make_dense(dev, dtype, &x, detail);
	if (!err && !direct)
		err = tr__vk_scratch(dev, dtype, &y, &made, detail);
	if (err)
		return err;
	tr__vk_find_rows(&r, &x, (int)cmd->attr.u32[1], (int)cmd->attr.u32[2], dtype);
	err = reduce(dev, cmd, &r, &made, detail);
	return err || direct ? err : tr__vk_convert(dev, &y, &made, detail);
}
