/* SPDX-License-Identifier: MIT */
/*
 * Reductions, softmax, layer_norm: the source is made dense and of the accumulator's type where it is not, folded by
 * the fixed tree, and the result finished by elementwise commands. Knows no shader.
 */
#include <math.h>
#include <string.h>

#include "lib/ref/kernels.h"
#include "vk/spirv.h"

enum { ADD, MULTIPLY, MINIMUM, MAXIMUM };
enum { OF_X, OF_SQUARES };

#define PARAMS 10

/* What the kernels see: [outer, n, inner] of one type. */
struct rows {
	struct tr_operand x;
	enum tr_dtype dtype;
	int64_t n, inner, rows; /* rows = outer · inner */
};

static int make_dense(struct tr_device *dev, enum tr_dtype dtype, struct tr_operand *o, char *detail)
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

/* A row runs along axes first … first + count - 1. */
static void find_rows(struct rows *r, const struct tr_operand *x, int first, int count, enum tr_dtype dtype)
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
}

static void put(uint64_t *w, enum tr_dtype dtype, double value)
{
	*w = 0;
	if (dtype == TR_F64)
		memcpy(w, &value, sizeof(value));
	else
		tr__ref_kernels.cast[TR_F64][dtype](w, &value, 1);
}

/* Dispatches a kernel whose first parameters are those of rows; more fills in the others. */
static int dispatch(struct tr_device *dev, const char *name, const struct rows *r, const struct tr_operand *y,
		    const uint64_t *more, const struct tr_operand *const *read, unsigned nread, bool lanes, char *detail)
{
	uint64_t per_group = lanes ? 4 : 256, address, *w;
	struct tr_vk_range range[4];
	VkPipeline pipeline;
	int err = tr__vk_named(dev, name, r->dtype, TR_VK_GROUP, &pipeline, detail);

	if (err)
		return err;
	w = tr__vk_params(dev, PARAMS, &address, &err, detail);
	if (!w)
		return err;
	w[0] = (uint64_t)(uintptr_t)y->addr;
	w[1] = (uint64_t)(uintptr_t)r->x.addr;
	w[2] = (uint64_t)r->n;
	w[3] = (uint64_t)r->inner;
	w[4] = (uint64_t)r->rows;
	memcpy(w + 5, more, 5 * sizeof(*w));
	range[0] = tr__vk_extent(y, true);
	range[1] = tr__vk_extent(&r->x, false);
	for (unsigned i = 0; i < nread; i++)
		range[2 + i] = tr__vk_extent(read[i], false);
	return tr__vk_dispatch(dev, pipeline, &address, 1, ((uint64_t)r->rows + per_group - 1) / per_group, range, 2 + nread,
			       detail);
}

static int fold(struct tr_device *dev, const struct rows *r, const struct tr_operand *y, int how, int of,
		const struct tr_operand *means, double empty, char *detail)
{
	uint64_t more[5] = {(uint64_t)how, (uint64_t)of, means ? (uint64_t)(uintptr_t)means->addr : 0};

	put(&more[3], r->dtype, empty);
	return dispatch(dev, "reduce", r, y, more, &means, means != NULL, r->inner == 1, detail);
}

/* y = op(y[, value]), elementwise in place. */
static int apply(struct tr_device *dev, enum tr_op op, struct tr_operand *y, const double *value, char *detail)
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
		put(w, (enum tr_dtype)y->dtype, *value);
		o[2].addr = (void *)(uintptr_t)address;
		memset(o[2].stride, 0, sizeof(o[2].stride));
	}
	return tr__vk_exec_map(dev, &cmd, detail);
}

static int deviation(struct tr_device *dev, const struct tr_cmd *cmd, const struct rows *r, struct tr_operand *y,
		     char *detail)
{
	double n = (double)r->n, divisor = cmd->attr.f64[2];
	struct tr_operand means;
	int err = tr__vk_scratch(dev, r->dtype, y, &means, detail);

	if (divisor <= 0)
		divisor = NAN;
	if (!err)
		err = fold(dev, r, &means, ADD, OF_X, NULL, NAN, detail);
	if (!err)
		err = apply(dev, TR_OP_divide, &means, &n, detail);
	if (!err)
		err = fold(dev, r, y, ADD, OF_SQUARES, &means, NAN, detail);
	if (!err)
		err = apply(dev, TR_OP_divide, y, &divisor, detail);
	return err || cmd->op != TR_OP_std ? err : apply(dev, TR_OP_sqrt, y, NULL, detail);
}

static int reduce(struct tr_device *dev, const struct tr_cmd *cmd, const struct rows *r, struct tr_operand *y,
		  char *detail)
{
	double n = (double)r->n;
	int err;

	switch (cmd->op) {
	case TR_OP_mean:
		err = fold(dev, r, y, ADD, OF_X, NULL, NAN, detail);
		return err ? err : apply(dev, TR_OP_divide, y, &n, detail);
	case TR_OP_var:
	case TR_OP_std:
		return deviation(dev, cmd, r, y, detail);
	case TR_OP_prod:
		return fold(dev, r, y, MULTIPLY, OF_X, NULL, 1, detail);
	case TR_OP_min:
	case TR_OP_all:
		return fold(dev, r, y, MINIMUM, OF_X, NULL, 1, detail);
	case TR_OP_max:
	case TR_OP_any:
		return fold(dev, r, y, MAXIMUM, OF_X, NULL, 0, detail);
	case TR_OP_sum:
	case TR_OP_count_nonzero:
		return fold(dev, r, y, ADD, OF_X, NULL, 0, detail);
	default:
		return tr__vk_lacks(detail);
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
	bool truth = cmd->op == TR_OP_all || cmd->op == TR_OP_any || cmd->op == TR_OP_count_nonzero;
	struct tr_operand x = cmd->operand[1], y = cmd->operand[0], made;
	struct rows r;
	int err = 0;

	for (int d = 0; d < y.ndim; d++)
		if (!y.shape[d])
			return 0;
	/* Elements are first what they are loaded as, then as wide as the accumulator. */
	err = tr__vk_converted(dev, truth ? TR_BOOL : (enum tr_dtype)cmd->dtype, &x, detail);
	if (!err)
		err = make_dense(dev, dtype, &x, detail);
	if (!err)
		err = tr__vk_scratch(dev, dtype, &y, &made, detail);
	if (err)
		return err;
	find_rows(&r, &x, (int)cmd->attr.u32[1], (int)cmd->attr.u32[2], dtype);
	err = reduce(dev, cmd, &r, &made, detail);
	return err ? err : tr__vk_convert(dev, &y, &made, detail);
}

int tr__vk_exec_rows(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	bool norm = cmd->family == TR_FAMILY_NORM;
	struct tr_operand o[4] = {{0}}, made;
	const struct tr_operand *read[2];
	uint64_t more[5] = {cmd->op == TR_OP_log_softmax};
	unsigned nread = 0;
	struct rows r;
	int err;

	memcpy(o, cmd->operand, cmd->noperand * sizeof(*o));
	for (int d = 0; d < o[0].ndim; d++)
		if (!o[0].shape[d])
			return 0;
	err = make_dense(dev, (enum tr_dtype)cmd->dtype, &o[1], detail);
	if (!err)
		err = tr__vk_scratch(dev, (enum tr_dtype)cmd->dtype, &o[0], &made, detail);
	find_rows(&r, &o[1], norm ? o[1].ndim - 1 : (int)cmd->attr.i64[0], 1, (enum tr_dtype)cmd->dtype);
	if (norm)
		put(&more[0], r.dtype, cmd->attr.f64[0]);
	for (int i = 2; i < 4 && norm && !err; i++) {
		err = tr__vk_converted(dev, r.dtype, &o[i], detail);
		more[i - 1] = (uint64_t)(uintptr_t)o[i].addr;
		more[i + 1] = (uint64_t)(o[i].stride[0] * (int64_t)tr_dtype_size(r.dtype));
		if (o[i].addr)
			read[nread++] = &o[i];
	}
	if (!err)
		err = dispatch(dev, norm ? "layer_norm" : "softmax", &r, &made, more, read, nread, true, detail);
	return err ? err : tr__vk_convert(dev, &o[0], &made, detail);
}
