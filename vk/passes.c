/* SPDX-License-Identifier: MIT */
/*
 * Reductions in general: the passes of lib/ref/reduction.h, each an elementwise program over what is folded, a fold that
 * joins, and programs over its results. Those that a fold knows itself do not come here. Knows no shader.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/ref/reduction.h"
#include "vk/rows.h"

#define MOST_LINES 4

/* One instruction; a result of TR_BOOL is only used as the first operand of where, or converted. */
struct line {
	uint16_t op;
	uint8_t dst, a, b, c;
};

/* Registers of a fold's program: the element, the centre, a constant; then what instructions make. */
enum { X, C, K, T, U };

struct element {
	const char *fold;
	double k;
	uint8_t nline, made; /* the register that is folded */
	struct line line[MOST_LINES];
};

static const struct element elements[TR_FOLD_COUNT] = {
	[TR_FOLD_ADD] = {"add", 0, 0, X, {{0}}},
	[TR_FOLD_MULTIPLY] = {"multiply", 0, 0, X, {{0}}},
	[TR_FOLD_MINIMUM] = {"minimum", 0, 0, X, {{0}}},
	[TR_FOLD_MAXIMUM] = {"maximum", 0, 0, X, {{0}}},
	[TR_FOLD_FMIN] = {"minimum", INFINITY, 2, U, {{TR_OP_isnan, T, X, 0, 0}, {TR_OP_where, U, T, K, X}}},
	[TR_FOLD_FMAX] = {"maximum", -INFINITY, 2, U, {{TR_OP_isnan, T, X, 0, 0}, {TR_OP_where, U, T, K, X}}},
	[TR_FOLD_ADD_ABS] = {"add", 0, 1, T, {{TR_OP_absolute, T, X, 0, 0}}},
	[TR_FOLD_ADD_SQUARE] = {"add", 0, 1, T, {{TR_OP_multiply, T, X, X, 0}}},
	[TR_FOLD_ADD_NONZERO] = {"add", 0, 2, U, {{TR_OP_not_equal, T, X, K, 0}, {TR_OP_astype, U, T, 0, 0}}},
	[TR_FOLD_MINIMUM_ABS] = {"minimum", 0, 1, T, {{TR_OP_absolute, T, X, 0, 0}}},
	[TR_FOLD_MAXIMUM_ABS] = {"maximum", 0, 1, T, {{TR_OP_absolute, T, X, 0, 0}}},
	[TR_FOLD_ADD_NUMBER] = {"add", 0, 2, U, {{TR_OP_isnan, T, X, 0, 0}, {TR_OP_where, U, T, K, X}}},
	[TR_FOLD_MULTIPLY_NUMBER] = {"multiply", 1, 2, U, {{TR_OP_isnan, T, X, 0, 0}, {TR_OP_where, U, T, K, X}}},
	[TR_FOLD_ADD_IS_NUMBER] = {"add", 0, 2, U, {{TR_OP_equal, T, X, X, 0}, {TR_OP_astype, U, T, 0, 0}}},
	[TR_FOLD_ADD_DEVIATION] = {"add", 0, 2, T, {{TR_OP_subtract, T, X, C, 0}, {TR_OP_multiply, T, T, T, 0}}},
	[TR_FOLD_ADD_NUMBER_DEVIATION] = {"add", 0, 4, T, {{TR_OP_subtract, T, X, C, 0}, {TR_OP_multiply, T, T, T, 0},
							   {TR_OP_isnan, U, X, 0, 0}, {TR_OP_where, T, U, K, T}}},
	[TR_FOLD_ADD_POW] = {"add", 0, 2, T, {{TR_OP_absolute, T, X, 0, 0}, {TR_OP_pow, T, T, C, 0}}},
	[TR_FOLD_ADD_EXP] = {"add", 0, 2, T, {{TR_OP_subtract, T, X, C, 0}, {TR_OP_exp, T, T, 0, 0}}},
};

/* A constant of o's type and shape. */
static int constant(struct tr_device *dev, struct tr_operand *o, double value, char *detail)
{
	uint64_t address, *w;
	int err;

	w = tr__vk_params(dev, 1, &address, &err, detail);
	if (!w)
		return err;
	*w = tr__vk_bits((enum tr_dtype)o->dtype, value);
	o->addr = (void *)(uintptr_t)address;
	memset(o->stride, 0, sizeof(o->stride));
	return 0;
}

/* Runs a program over o, nload loads and the destination, which register `made` goes to. */
static int run_lines(struct tr_device *dev, const struct line *line, unsigned n, unsigned made, struct tr_operand *o,
		     unsigned nload, char *detail)
{
	struct tr_program p = {.nload = (uint8_t)nload, .nstore = 1, .ninstr = (uint8_t)n, .nreg = (uint8_t)(nload + 2),
			       .to = o->dtype, .store = {(uint8_t)made}};
	struct tr_cmd cmd = {.op = TR_OP_COUNT, .dtype = o->dtype, .noperand = (uint8_t)(nload + 1), .prog = &p, .operand = o};

	for (unsigned i = 0; i < n; i++) {
		bool truth = tr__ops[line[i].op].result == TR_RESULT_BOOL, cast = line[i].op == TR_OP_astype;

		p.instr[i] = (struct tr_instr){.op = line[i].op, .dtype = cast ? TR_BOOL : o->dtype,
					       .to = truth ? TR_BOOL : o->dtype, .dst = line[i].dst,
					       .src = {line[i].a, line[i].b, line[i].c}};
	}
	return tr__vk_exec_map(dev, &cmd, detail);
}

/* The state between passes: operands of the results' shape, and how results lie beside the elements. */
struct passes {
	const struct tr_vk_rows *rows;
	struct tr_operand like; /* [outer, n, inner], the elements */
	struct tr_operand centre, count;
	double order;
};

/* The centre as an operand of the elements' shape: a row's own, or the order of a norm. */
static int spread_centre(struct tr_device *dev, const struct passes *p, struct tr_operand *c, char *detail)
{
	*c = p->like;
	if (!p->centre.addr)
		return constant(dev, c, p->order, detail);
	c->addr = p->centre.addr;
	c->stride[0] = p->rows->inner;
	c->stride[1] = 0;
	return 0;
}

static int fold(struct tr_device *dev, const struct passes *p, enum tr_fold how, struct tr_operand *y, char *detail)
{
	const struct element *e = &elements[how];
	struct tr_operand o[4] = {p->like, p->like, p->like, p->like};
	struct tr_vk_rows r = *p->rows;
	char join[24];
	int err = 0;

	snprintf(join, sizeof(join), "join_%s", e->fold);
	if (e->nline) {
		err = tr__vk_scratch(dev, r.dtype, &p->like, &o[3], detail);
		if (!err)
			err = spread_centre(dev, p, &o[C], detail);
		if (!err)
			err = constant(dev, &o[K], e->k, detail);
		if (!err)
			err = run_lines(dev, e->line, e->nline, e->made, o, 3, detail);
		r.x = o[3];
		r.row_bytes = r.n * (int64_t)tr_dtype_size(r.dtype);
	}
	return err ? err : tr__vk_fold(dev, &r, y, e->fold, join, NULL, 0, detail);
}

/* r = op(r, b). */
static int join(struct tr_device *dev, enum tr_op op, const struct tr_operand *r, const struct tr_operand *b, char *detail)
{
	struct tr_operand o[3] = {*r, *b, *r};

	return run_lines(dev, &(struct line){(uint16_t)op, 2, 0, 1, 0}, 1, 2, o, 2, detail);
}

/* r = r / (count - ddof); NaN unless that is positive. */
static int divide_by_free(struct tr_device *dev, const struct tr_operand *r, const struct tr_operand *count, double ddof,
			  char *detail)
{
	static const struct line lines[] = {
		{TR_OP_add, 5, 1, 2, 0}, {TR_OP_greater, 6, 5, 3, 0}, {TR_OP_where, 5, 6, 5, 4}, {TR_OP_divide, 5, 0, 5, 0}};
	struct tr_operand o[6] = {*r, *count, *r, *r, *r, *r};
	int err = constant(dev, &o[2], -ddof, detail);

	if (!err)
		err = constant(dev, &o[3], 0, detail);
	if (!err)
		err = constant(dev, &o[4], NAN, detail);
	return err ? err : run_lines(dev, lines, 4, 5, o, 5, detail);
}

/* NaN where nothing was a number. */
static int need_numbers(struct tr_device *dev, struct passes *p, struct tr_operand *r, char *detail)
{
	static const struct line lines[] = {{TR_OP_not_equal, 4, 1, 2, 0}, {TR_OP_where, 5, 4, 0, 3}};
	struct tr_operand o[5] = {*r, *r, *r, *r, *r};
	int err = tr__vk_scratch(dev, p->rows->dtype, r, &o[1], detail);

	if (!err)
		err = fold(dev, p, TR_FOLD_ADD_IS_NUMBER, &o[1], detail);
	if (!err)
		err = constant(dev, &o[2], 0, detail);
	if (!err)
		err = constant(dev, &o[3], NAN, detail);
	return err ? err : run_lines(dev, lines, 2, 5, o, 4, detail);
}

/* c = r, or 0 where that is infinite. */
static int take_centre(struct tr_device *dev, struct passes *p, const struct tr_operand *r, bool finite, char *detail)
{
	static const struct line lines[] = {{TR_OP_isinf, 2, 0, 0, 0}, {TR_OP_where, 3, 2, 1, 0}};
	struct tr_operand o[3] = {*r, *r, *r};
	int err = 0;

	if (finite) {
		err = tr__vk_scratch(dev, p->rows->dtype, r, &o[2], detail);
		if (!err)
			err = constant(dev, &o[1], 0, detail);
		if (!err)
			err = run_lines(dev, lines, 2, 3, o, 2, detail);
	}
	p->centre = o[2];
	return err;
}

static int take_steps(struct tr_device *dev, const struct tr_cmd *cmd, unsigned then, struct passes *p, struct tr_operand *r,
		      char *detail)
{
	double n = (double)p->rows->n, free = cmd->attr.f64[2], divisor = free > 0 ? free : NAN, inverse = 1 / p->order;
	int err = 0;

	if (then & TR_STEP_DIVIDE_N)
		err = tr__vk_apply(dev, TR_OP_divide, r, &n, detail);
	if (!err && then & TR_STEP_DIVIDE)
		err = tr__vk_apply(dev, TR_OP_divide, r, &divisor, detail);
	if (!err && then & TR_STEP_DIVIDE_COUNT)
		err = join(dev, TR_OP_divide, r, &p->count, detail);
	if (!err && then & TR_STEP_DIVIDE_DDOF)
		err = divide_by_free(dev, r, &p->count, n - free, detail);
	if (!err && then & TR_STEP_ROOT)
		err = tr__vk_apply(dev, TR_OP_sqrt, r, NULL, detail);
	if (!err && then & TR_STEP_POWER)
		err = tr__vk_apply(dev, TR_OP_pow, r, &inverse, detail);
	if (!err && then & TR_STEP_LOG)
		err = tr__vk_apply(dev, TR_OP_log, r, NULL, detail);
	if (!err && then & TR_STEP_PLUS_CENTRE)
		err = join(dev, TR_OP_add, r, &p->centre, detail);
	if (!err && then & TR_STEP_MINUS_CENTRE)
		err = join(dev, TR_OP_subtract, r, &p->centre, detail);
	if (then & TR_STEP_COUNT)
		p->count = *r;
	if (!err && then & (TR_STEP_CENTRE | TR_STEP_FINITE_CENTRE))
		err = take_centre(dev, p, r, then & TR_STEP_FINITE_CENTRE, detail);
	return err;
}

int tr__vk_passes(struct tr_device *dev, const struct tr_cmd *cmd, const struct tr_vk_rows *rows, struct tr_operand *y,
		  char *detail)
{
	const struct tr_reduction *reduction = tr__reduction_of(cmd);
	struct passes p = {.rows = rows, .order = cmd->attr.f64[3]};
	int err = 0;

	if (!rows->n) {
		struct tr_cmd fill = {.op = TR_OP_fill, .family = TR_FAMILY_FILL, .dtype = y->dtype, .noperand = 1, .operand = y,
				      .attr.f64 = {reduction->empty}};

		return tr__vk_exec_map(dev, &fill, detail);
	}
	p.like = (struct tr_operand){.addr = rows->x.addr, .dtype = (uint8_t)rows->dtype, .ndim = 3,
				     .shape = {rows->rows / rows->inner, rows->n, rows->inner},
				     .stride = {rows->n * rows->inner, rows->inner, 1}};
	for (unsigned i = 0; i < reduction->passes && !err; i++) {
		enum tr_fold how = (enum tr_fold)reduction->pass[i].fold;
		struct tr_operand r = *y;

		if (i + 1 < reduction->passes)
			err = tr__vk_scratch(dev, rows->dtype, y, &r, detail);
		if (!err)
			err = fold(dev, &p, how, &r, detail);
		if (!err && (how == TR_FOLD_FMIN || how == TR_FOLD_FMAX))
			err = need_numbers(dev, &p, &r, detail);
		if (!err)
			err = take_steps(dev, cmd, reduction->pass[i].then, &p, &r, detail);
	}
	return err;
}
