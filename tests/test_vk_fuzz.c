/* SPDX-License-Identifier: MIT */
/*
 * Random entries through the ring, on the CPU and the Vulkan driver side by side: operations of many families on tensors of
 * many types, views of each other, as sources and destinations, alone, in batches and in plans, with links, completions
 * and entries that are wrong. Both must refuse the same, complete the same and hold the same bits.
 */
#include <stdio.h>
#include <string.h>

#include "tests/pairs.h"

#define LIVE 12
#define ENTRIES 6

/* NULL in both contexts: an empty place. */
static struct pair live[LIVE];

/* A rasteriser takes a second for a kernel of some operations: those, and most types, are for the long run. */
static enum tr_dtype random_type(void)
{
	static const enum tr_dtype types[] = {TR_F32, TR_I32, TR_F32, TR_BOOL, TR_F64, TR_U8, TR_I64, TR_F16};

	return types[test_rand_below(test_long() ? 8 : 2)];
}

static enum tr_op random_map(void)
{
	static const enum tr_op quick[] = {TR_OP_add, TR_OP_subtract, TR_OP_multiply, TR_OP_minimum, TR_OP_negative,
					   TR_OP_absolute, TR_OP_less, TR_OP_square};

	return test_long() ? random_op(random_type()) : quick[test_rand_below(sizeof(quick) / sizeof(*quick))];
}

static struct pair fresh(void)
{
	static const int64_t whole[3] = {3, 5, 17};
	int ndim = (int)test_rand_below(4);
	int64_t shape[3];

	/* Shapes that mostly broadcast with each other. */
	for (int i = 0; i < ndim; i++)
		shape[i] = test_rand_below(12) == 0 ? (int64_t)test_rand_below(4) : test_rand_below(4) ? whole[3 - ndim + i] : 1;
	return random_pair(random_type(), ndim, shape);
}

static struct pair *any(void)
{
	struct pair *p = &live[test_rand_below(LIVE)];

	if (!p->g)
		*p = fresh();
	return p;
}

static void put(struct pair p)
{
	struct pair *at = &live[test_rand_below(LIVE)];

	free_pair(*at);
	*at = p;
}

/* A view of one of the tensors: it shares memory with it from now on. */
static void look(void)
{
	struct pair from = *any(), to;
	int ndim = tr_ndim(from.g), axis = ndim ? (int)test_rand_below((uint64_t)ndim) : 0;
	int64_t n = ndim ? tr_shape(from.g)[axis] : 0, low = n ? (int64_t)test_rand_below((uint64_t)n) : 0;
	int turned[3] = {1, 0, 2};

	if (!ndim)
		return;
	switch (test_rand_below(3)) {
	case 0:
		to = (struct pair){tr_slice_axis(from.g, axis, low, n, 1), tr_slice_axis(from.c, axis, low, n, 1)};
		break;
	case 1:
		to = (struct pair){tr_slice_axis(from.g, axis, n - 1, -n - 1, -1), tr_slice_axis(from.c, axis, n - 1, -n - 1, -1)};
		break;
	default:
		if (ndim < 2)
			return;
		to = (struct pair){tr_permute(from.g, turned), tr_permute(from.c, turned)};
	}
	CU_ASSERT_TRUE(to.g && to.c);
	put(to);
}

/* Whether the result could tell of the sign of a NaN, which is nobody's business. */
static bool is_of_signs(enum tr_op op)
{
	return op == TR_OP_signbit || op == TR_OP_copysign;
}

static void prepare_map(struct tr_sqe *e)
{
	enum tr_op op;

	do
		op = random_map();
	while (is_of_signs(op));
	tr_prep(e, op);
	e->nsrc = (uint8_t)sources_of(op);
	e->attr.f64[0] = 0.75;
	e->attr.f64[1] = 6;
}

/* An entry without its handles. */
static void prepare(struct tr_sqe *e)
{
	enum tr_op op;

	switch (test_rand_below(10)) {
	case 0:
		op = test_long() ? (enum tr_op)(TR_OP_sum + (int)test_rand_below(TR_OP_argmin - TR_OP_sum)) : TR_OP_max;
		tr_prep_reduce(e, op, 0, (uint32_t)test_rand_below(8), test_rand_below(2) ? TR_KEEPDIMS : 0);
		break;
	case 1:
		tr_prep_reduce(e, test_rand_below(2) ? TR_OP_argmax : TR_OP_argmin, 0, 1u << test_rand_below(3), 0);
		break;
	case 2:
		tr_prep_unary(e, test_rand_below(2) ? TR_OP_softmax : TR_OP_log_softmax, 0);
		e->attr.i64[0] = (int64_t)test_rand_below(3) - 1;
		break;
	case 3:
		tr_prep_binary(e, TR_OP_matmul, 0, 0);
		break;
	case 4:
		tr_prep_unary(e, TR_OP_astype, 0);
		e->dtype = (uint8_t)random_type();
		break;
	default:
		prepare_map(e);
	}
}

/* Makes an entry wrong in one way. */
static void spoil(struct tr_sqe *e)
{
	switch (test_rand_below(6)) {
	case 0: e->op = TR_OP_COUNT; break;
	case 1: e->version = 7; break;
	case 2: e->nsrc = 5; break;
	case 3: e->reserved = 1; break;
	case 4: e->flags |= 0x80; break;
	default: e->src[0] = 0xdead; break;
	}
}

/* n entries for both contexts, the same but for their handles. */
static void make_entries(struct tr_sqe *g, struct tr_sqe *c, int n, bool completions)
{
	for (int i = 0; i < n; i++) {
		struct tr_sqe e;
		struct pair *src[TR_SQE_SRCS], *dst = test_rand_below(3) ? NULL : any();

		prepare(&e);
		e.user_data = (uint64_t)i;
		e.flags = (uint8_t)((test_rand_below(4) ? 0 : TR_SQE_LINK) | (completions && test_rand_below(2) ? TR_SQE_CQE : 0));
		for (int k = 0; k < e.nsrc; k++)
			src[k] = any();
		g[i] = c[i] = e;
		for (int k = 0; k < e.nsrc; k++) {
			g[i].src[k] = tr_handle(src[k]->g);
			c[i].src[k] = tr_handle(src[k]->c);
		}
		if (dst) {
			g[i].dst = tr_handle(dst->g);
			c[i].dst = tr_handle(dst->c);
		}
		if (test_rand_below(16) == 0) {
			spoil(&e);
			g[i].op = c[i].op = e.op;
			g[i].version = c[i].version = e.version;
			g[i].nsrc = c[i].nsrc = e.nsrc;
			g[i].reserved = c[i].reserved = e.reserved;
			g[i].flags = c[i].flags = e.flags;
			if (e.src[0])
				g[i].src[0] = c[i].src[0] = e.src[0];
		}
	}
}

static void assert_completions(void)
{
	struct tr_cqe g, c;
	bool more_g, more_c;

	do {
		more_g = tr_peek_cqe(gpu, &g);
		more_c = tr_peek_cqe(cpu, &c);
		CU_ASSERT_EQUAL(more_g, more_c);
		if (!more_g || !more_c)
			continue;
		CU_ASSERT_EQUAL(g.user_data, c.user_data);
		CU_ASSERT_EQUAL(g.res, c.res);
		CU_ASSERT_EQUAL(!g.dst, !c.dst);
	} while (more_g || more_c);
}

static void clear_errors(void)
{
	tr_error_clear(gpu);
	tr_error_clear(cpu);
}

/* Values that a plan never made are there in neither context, and are dropped. */
static void assert_values(void)
{
	for (int i = 0; i < LIVE; i++) {
		struct pair *p = &live[i];
		bool in_g, in_c;

		if (!p->g || !tr_numel(p->g))
			continue;
		in_g = tr_data_const(p->g);
		in_c = tr_data_const(p->c);
		CU_ASSERT_EQUAL(in_g, in_c);
		clear_errors();
		if (in_g && in_c) {
			assert_pair(*p, "after a round");
			continue;
		}
		free_pair(*p);
		*p = (struct pair){NULL, NULL};
	}
}

/* What the entries made becomes part of the next ones. */
static void take_results(const struct tr_sqe *g, const struct tr_sqe *c, const struct tr_sqe *before, int n)
{
	for (int i = 0; i < n; i++) {
		struct pair made = {tr_from_handle(gpu, g[i].dst), tr_from_handle(cpu, c[i].dst)};

		CU_ASSERT_EQUAL(!made.g, !made.c);
		if (!before[i].dst && made.g && made.c)
			put(made);
	}
}

static void run_plan(int n, struct tr_sqe *g, struct tr_sqe *c)
{
	struct tr_plan *on_gpu, *on_cpu;

	CU_ASSERT_EQUAL(tr_plan_begin(gpu), 0);
	CU_ASSERT_EQUAL(tr_plan_begin(cpu), 0);
	CU_ASSERT_EQUAL(tr_submit(gpu, g, n), tr_submit(cpu, c, n));
	on_gpu = tr_plan_end(gpu);
	on_cpu = tr_plan_end(cpu);
	CU_ASSERT_EQUAL(!on_gpu, !on_cpu);
	for (int i = 0; i < 2 && on_gpu && on_cpu; i++)
		CU_ASSERT_EQUAL(tr_plan_run(on_gpu), tr_plan_run(on_cpu));
	tr_plan_destroy(on_gpu);
	tr_plan_destroy(on_cpu);
}

static void describe(int round, const struct tr_sqe *e, int n)
{
	char text[200];
	size_t at = (size_t)snprintf(text, sizeof(text), "round %d:", round);

	for (int i = 0; i < n && at < sizeof(text); i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, " %s%s", tr_op_name((enum tr_op)e[i].op),
				       e[i].flags & TR_SQE_LINK ? "+" : "");
	test_note("%s", text);
}

static void one_round(int round)
{
	struct tr_sqe g[ENTRIES], c[ENTRIES], before[ENTRIES];
	unsigned way = (unsigned)test_rand_below(4);
	int n = 1 + (int)test_rand_below(ENTRIES);

	make_entries(g, c, n, way != 0);
	memcpy(before, g, sizeof(before));
	describe(round, g, n);
	if (way == 0) {
		run_plan(n, g, c);
	} else {
		if (way > 1) {
			tr_batch_begin(gpu);
			tr_batch_begin(cpu);
		}
		CU_ASSERT_EQUAL(tr_submit(gpu, g, n), tr_submit(cpu, c, n));
		if (way > 1)
			CU_ASSERT_EQUAL(tr_batch_end(gpu), tr_batch_end(cpu));
	}
	CU_ASSERT_EQUAL(tr_error(gpu), tr_error(cpu));
	clear_errors();
	assert_completions();
	take_results(g, c, before, n);
	assert_values();
	if (test_rand_below(2))
		look();
}

static void both_do_the_same(void)
{
	NEEDS_GPU();
	if (flushes)
		TEST_SKIP("denormals that the GPU flushes on the way change what comes of them");
	for (int round = 0; round < (test_long() ? 600 : 25); round++) {
		one_round(round);
		if (CU_get_number_of_failures() > 20)
			break; /* one fault shows in all that follows from it */
	}
	for (int i = 0; i < LIVE; i++) {
		free_pair(live[i]);
		live[i] = (struct pair){NULL, NULL};
	}
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(both_do_the_same),
		TEST(validation_had_nothing_to_say),
	};

	return VK_RUN("vk_fuzz", cases);
}
