/* SPDX-License-Identifier: MIT */
/*
 * Every elementwise, reducing and row operation of the table through the public API, f32, by size: time a call and
 * the bandwidth it comes to. Arguments: names of operations to run instead of all.
 */
#include <stdio.h>
#include <string.h>

#include <trueno/ops.h>
#include <trueno/ring.h>
#include <trueno/tensor.h>

#include "bench/measure.h"
#include "lib/op.h"

static const int64_t sizes[] = {16, 1000, 100000, 1000000};

struct work {
	struct tr_context *ctx;
	struct tr_sqe sqe;
};

static void run(void *arg)
{
	struct work *w = arg;
	struct tr_sqe sqe = w->sqe;

	tr_submit(w->ctx, &sqe, 1);
}

/* Operands within the operation's domain, and a destination; 0 if the family is not benched here. */
static int operands(struct work *w, enum tr_op op, int64_t n)
{
	const struct tr_op_info *info = &tr__ops[op];
	static const double positive = 0.7, real = -0.7;
	struct tr_tensor *a = tr_full(w->ctx, TR_F32, 1, &n, info->domain == TR_DOMAIN_REAL ? real : positive);
	struct tr_tensor *b = tr_full(w->ctx, TR_F32, 1, &n, positive);
	int count = 0;

	switch (info->family) {
	case TR_FAMILY_UNARY:
	case TR_FAMILY_UNARY1:
	case TR_FAMILY_UNARY2:
	case TR_FAMILY_DECIMALS:
	case TR_FAMILY_SOFTMAX:
	case TR_FAMILY_REDUCE:
	case TR_FAMILY_ARGREDUCE:
	case TR_FAMILY_VECTOR_NORM:
	case TR_FAMILY_MEDIAN:
	case TR_FAMILY_QUANTILE:
	case TR_FAMILY_SCAN:
	case TR_FAMILY_SORT:
		count = 1;
		break;
	case TR_FAMILY_BINARY:
		count = 2;
		break;
	case TR_FAMILY_TERNARY:
	case TR_FAMILY_SELECT:
		count = 3;
		break;
	default:
		return 0;
	}
	tr_prep_ternary(&w->sqe, op, tr_handle(a), tr_handle(count > 1 ? b : NULL), tr_handle(count > 2 ? a : NULL));
	w->sqe.nsrc = (uint8_t)count;
	if (info->family >= TR_FAMILY_REDUCE && info->family < TR_FAMILY_SCAN)
		tr_prep_reduce_by(&w->sqe, op, tr_handle(a), info->family == TR_FAMILY_QUANTILE ? 0.25 : 2, TR_ALL_AXES, 0);
	if (tr__family_numbers((enum tr_family)info->family))
		w->sqe.attr.f64[0] = w->sqe.attr.f64[1] = 1;
	return tr_submit(w->ctx, &w->sqe, 1) == 0; /* the first run makes the destination */
}

static void bench(struct tr_context *ctx, enum tr_op op)
{
	char text[16];

	printf("%-14s", tr_op_name(op));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct work w = {.ctx = ctx};

		tr_scope_begin(ctx);
		if (operands(&w, op, sizes[i]))
			printf(" %11s", show_ns(text, measure(run, &w, 0.03).median));
		tr_error_clear(ctx);
		tr_scope_end(ctx);
	}
	printf("\n");
}

int main(int argc, char **argv)
{
	struct tr_device_info info;
	struct tr_context *ctx;
	char why[128];

	if (tr_context_create(&ctx, NULL, why, sizeof(why))) {
		fprintf(stderr, "%s\n", why);
		return 1;
	}
	tr_device_info(ctx, &info);
	printf("%s, %s, at most %u threads; time a call with out=, f32\n%-14s", info.name, info.level, info.threads, "n");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		printf(" %11lld", (long long)sizes[i]);
	printf("\n");
	for (int op = 0; op < TR_OP_COUNT; op++) {
		bool wanted = argc == 1;

		for (int i = 1; i < argc; i++)
			wanted |= !strcmp(argv[i], tr_op_name((enum tr_op)op));
		if (wanted && (tr__ops[op].family <= TR_FAMILY_SELECT ||
			       (tr__ops[op].family >= TR_FAMILY_REDUCE && tr__ops[op].family <= TR_FAMILY_SOFTMAX)))
			bench(ctx, (enum tr_op)op);
	}
	tr_context_destroy(ctx);
	return 0;
}
