/* SPDX-License-Identifier: MIT */
/*
 * Our side of bench/versus: a case is operands and steps, each step an entry of the ring, through the public interface
 * alone. One step runs as a program would call it; several are recorded into a plan, and a run is a replay.
 *
 *	threads N                          a new context; ok LEVEL
 *	scalar VALUE | integer VALUE       a weak scalar operand
 *	step OP DTYPE RANK ATTR DST INDEX… DTYPE "-": none; ATTR: the attributes' bytes in hexadecimal, "-": the
 *	                                   operation takes none; DST: the operand to write, "-": make a result;
 *	                                   INDEX counts operands, then steps, "-": left out
 *	freeze INDEX                       the operand is constant, as weights are: tr_freeze
 *	ready out|new                      runs once, twice if operands are frozen; out: later runs write into that result
 */
#define _GNU_SOURCE
#ifndef __wasm__ /* which has no such thing, and finds the host's header */
#include <dlfcn.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <trueno/ops.h>
#include <trueno/plan.h>
#include <trueno/ring.h>
#include <trueno/view.h>

#include "bench/side.h"

#define MOST 64

typedef int (*out1)(struct tr_tensor *, struct tr_tensor *);
typedef int (*out2)(struct tr_tensor *, struct tr_tensor *, struct tr_tensor *);
typedef int (*out3)(struct tr_tensor *, struct tr_tensor *, struct tr_tensor *, struct tr_tensor *);

struct step {
	struct tr_sqe sqe;
	int src[TR_SQE_SRCS];
	int dst; /* the operand to write, or -1 */
	bool plain; /* no attributes: tr_x_out(y, operands…) is its prototype */
};

static struct tr_context *ctx;
static struct tr_tensor *value[2 * MOST]; /* operands, then the steps' results */
static struct step step[MOST];
static int values, steps;
static bool frozen;
static struct tr_plan *plan;
static void *copy; /* of the result */
static void (*call)(void);
static void *function;

static void clear(void)
{
	tr_plan_destroy(plan);
	plan = NULL;
	if (ctx) {
		tr_error_clear(ctx);
		tr_scope_end(ctx);
		tr_scope_begin(ctx);
	}
	free(copy);
	copy = NULL;
	values = steps = 0;
	frozen = false;
}

static int open_context(unsigned threads, char *answer, size_t room)
{
	struct tr_context_params params = {.threads = threads};
	struct tr_device_info info;
	char why[256];

	if (ctx) {
		clear();
		tr_context_destroy(ctx);
	}
	if (tr_context_create(&ctx, &params, why, sizeof(why)))
		return side_error("%s", why);
	tr_scope_begin(ctx);
	tr_device_info(ctx, &info);
	snprintf(answer, room, " %s", info.level);
	return 0;
}

static int keep(struct tr_tensor *t)
{
	if (!t)
		return side_error("%s", tr_error_message(ctx));
	if (values == MOST)
		return side_error("more than %d operands", MOST);
	value[values++] = t;
	return 0;
}

static enum tr_dtype dtype_by_name(const char *name)
{
	for (int d = 0; d < TR_DTYPE_COUNT; d++)
		if (!strcmp(tr_dtype_name((enum tr_dtype)d), name))
			return (enum tr_dtype)d;
	return TR_DTYPE_NONE;
}

static int operand(struct side_operand *o)
{
	enum tr_dtype dtype = dtype_by_name(o->dtype);
	int64_t shape[SIDE_MAX_RANK];
	struct tr_tensor *t;

	memcpy(shape, o->shape, sizeof(shape));
	if (o->layout[0] == 's') {
		shape[o->ndim - 1] *= 2;
	} else if (o->layout[0] == 't') {
		shape[o->ndim - 1] = o->shape[o->ndim - 2];
		shape[o->ndim - 2] = o->shape[o->ndim - 1];
	}
	t = tr_empty(ctx, dtype, o->ndim, shape);
	if (t && tr_write(t, o->data, o->bytes))
		t = NULL;
	free(o->data);
	if (o->layout[0] == 's')
		t = tr_slice_axis(t, -1, 0, TR_NONE, 2);
	else if (o->layout[0] == 't')
		t = tr_transpose(t);
	return keep(t);
}

static int add_step(int words, char **word)
{
	struct step *s = &step[steps];
	int op = 0, n;

	if (words < 6 || words > 6 + TR_SQE_SRCS || steps == MOST)
		return side_error("a step is: step OP DTYPE RANK ATTR DST INDEX…");
	while (op < TR_OP_COUNT && strcmp(tr_op_name((enum tr_op)op), word[1]) != 0)
		op++;
	if (op == TR_OP_COUNT)
		return side_error("no operation %s", word[1]);
	tr_prep(&s->sqe, (enum tr_op)op);
	if (word[2][0] != '-')
		s->sqe.dtype = (uint8_t)dtype_by_name(word[2]);
	s->sqe.rank = (uint16_t)atoi(word[3]);
	s->plain = word[4][0] == '-';
	for (size_t i = 0; !s->plain && word[4][2 * i] && i < sizeof(s->sqe.attr); i++) {
		unsigned byte = 0;

		sscanf(word[4] + 2 * i, "%2x", &byte);
		memcpy((char *)&s->sqe.attr + i, &(uint8_t){(uint8_t)byte}, 1);
	}
	s->dst = word[5][0] == '-' ? -1 : atoi(word[5]);
	for (n = 0; n < words - 6; n++) {
		s->src[n] = word[6 + n][0] == '-' ? -1 : atoi(word[6 + n]);
		if (s->src[n] >= values + steps || s->dst >= values)
			return side_error("step %s reads value %d, which is not there yet", word[1], s->src[n]);
	}
	s->sqe.nsrc = (uint8_t)n;
	steps++;
	return 0;
}

/* A library of before, beside which bench/compare times this one, has no such function. */
static int freeze(int i)
{
	int (*function_of)(struct tr_tensor *) = NULL;

	if (i < 0 || i >= values)
		return side_error("no operand %d", i);
#ifdef RTLD_DEFAULT
	*(void **)&function_of = dlsym(RTLD_DEFAULT, "tr_freeze");
#endif
	frozen = true;
	return function_of && function_of(value[i]) ? side_error("%s", tr_error_message(ctx)) : 0;
}

static struct tr_tensor *submit_step(int i)
{
	struct step *s = &step[i];

	for (int k = 0; k < s->sqe.nsrc; k++)
		s->sqe.src[k] = s->src[k] < 0 ? 0 : tr_handle(value[s->src[k]]);
	s->sqe.dst = s->dst < 0 ? 0 : tr_handle(value[s->dst]);
	if (tr_submit(ctx, &s->sqe, 1)) {
		side_error("%s", tr_error_message(ctx));
		return NULL;
	}
	return value[values + i] = tr_from_handle(ctx, s->sqe.dst);
}

static struct tr_tensor *source(int k)
{
	return step[0].src[k] < 0 ? NULL : value[step[0].src[k]];
}

static void call_out1(void)
{
	((out1)function)(value[values], source(0));
}

static void call_out2(void)
{
	((out2)function)(value[values], source(0), source(1));
}

static void call_out3(void)
{
	((out3)function)(value[values], source(0), source(1), source(2));
}

static void call_submit(void)
{
	tr_submit(ctx, &step[0].sqe, 1);
}

static void call_new(void)
{
	step[0].sqe.dst = 0;
	tr_submit(ctx, &step[0].sqe, 1);
	tr_free(value[values]);
	value[values] = tr_from_handle(ctx, step[0].sqe.dst);
}

static void call_plan(void)
{
	tr_plan_run(plan);
}

/* How a program would call the one step: by its own function where that takes operands alone, else by an entry. */
static void choose_call(bool out)
{
	static void (*const by_count[])(void) = {NULL, call_out1, call_out2, call_out3};
	char name[64];

	call = out ? call_submit : call_new;
	if (!out || !step[0].plain || step[0].sqe.nsrc > 3)
		return;
	snprintf(name, sizeof(name), "tr_%s_out", tr_op_name((enum tr_op)step[0].sqe.op));
#ifdef RTLD_DEFAULT
	function = dlsym(RTLD_DEFAULT, name);
#endif
	if (function)
		call = by_count[step[0].sqe.nsrc];
}

/* What is kept of frozen operands is made at their second use. */
static int settle(void)
{
	if (frozen)
		call();
	return tr_error(ctx) ? side_error("%s", tr_error_message(ctx)) : 0;
}

static int record(void)
{
	struct tr_tensor *last = NULL;

	if (tr_plan_begin(ctx))
		return side_error("%s", tr_error_message(ctx));
	for (int i = 0; i < steps; i++) {
		last = submit_step(i);
		if (!last)
			return -1;
	}
	for (int i = 0; i < steps - 1; i++)
		tr_free(value[values + i]);
	plan = tr_plan_end(ctx);
	call = call_plan;
	return plan && !tr_plan_run(plan) ? settle() : side_error("%s", tr_error_message(ctx));
}

static int command(int words, char **word, char *answer, size_t room)
{
	if (!strcmp(word[0], "threads") && words == 2)
		return open_context((unsigned)atoi(word[1]), answer, room);
	if (!strcmp(word[0], "scalar") && words == 2)
		return keep(tr_scalar(ctx, atof(word[1])));
	if (!strcmp(word[0], "integer") && words == 2)
		return keep(tr_scalar_int(ctx, atoll(word[1])));
	if (!strcmp(word[0], "step"))
		return add_step(words, word);
	if (!strcmp(word[0], "freeze") && words == 2)
		return freeze(atoi(word[1]));
	if (!strcmp(word[0], "ready") && words == 2 && steps) {
		if (steps > 1)
			return record();
		choose_call(!strcmp(word[1], "out"));
		return submit_step(0) ? settle() : -1;
	}
	return side_error("unknown command %s", word[0]);
}

static void run(void *unused)
{
	(void)unused;
	call();
}

static const void *result(size_t *bytes, const char **dtype)
{
	struct tr_tensor *y = value[values + steps - 1];

	if (tr_error(ctx)) {
		side_error("a call failed: %s", tr_error_message(ctx));
		return NULL;
	}
	*dtype = tr_dtype_name(tr_dtype_of(y));
	*bytes = (size_t)tr_numel(y) * tr_dtype_size(tr_dtype_of(y));
	free(copy);
	copy = malloc(*bytes + 1);
	if (!copy || tr_read(y, copy, *bytes)) {
		side_error("the result cannot be read: %s", tr_error_message(ctx));
		return NULL;
	}
	return copy;
}

int main(void)
{
	static const struct side side = {clear, operand, command, run, result};

	return side_serve(&side);
}
