/* SPDX-License-Identifier: MIT */
/* Plans: replay equals eager, allocates nothing, keeps what it needs, refuses misuse. */
#include "tests/tensors.h"

static struct tr_tensor *network(struct tr_tensor *x, struct tr_tensor *w, struct tr_tensor *b)
{
	struct tr_tensor *y;

	tr_scope_begin(tr_context_of(x));
	y = tr_linear(x, w, b);
	y = tr_layer_norm(tr_add(tr_gelu(y), x), b, b, 1e-5);
	y = tr_keep(tr_softmax(tr_multiply(y, y), -1));
	tr_scope_end(tr_context_of(x));
	return y;
}

static void replay_equals_eager_and_allocates_nothing(void)
{
	struct test_heap heap = {0};
	struct tr_allocator alloc = test_heap_allocator(&heap);
	struct tr_context *ctx = open_context_with(2, &alloc);
	struct tr_tensor *x = random_f32(ctx, false, SHAPE(9, 32)), *w = random_f32(ctx, false, SHAPE(32, 32));
	struct tr_tensor *b = random_f32(ctx, false, SHAPE(32)), *y;
	struct tr_plan *plan;
	struct tr_plan_info info;

	CU_ASSERT_EQUAL(tr_plan_begin(ctx), 0);
	y = network(x, w, b);
	plan = tr_plan_end(ctx);
	CU_ASSERT_PTR_NOT_NULL(plan);
	tr_plan_info(plan, &info);
	CU_ASSERT_EQUAL(info.recorded, 6);
	CU_ASSERT(info.commands < info.recorded);
	for (int round = 0; round < 5; round++) {
		float *data = tr_data(x);
		size_t calls;

		for (int i = 0; i < 9 * 32; i++)
			data[i] = (float)test_rand_normal();
		calls = heap.calls;
		CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
		CU_ASSERT_PTR_NOT_NULL(tr_data(y));
		if (round)
			CU_ASSERT_EQUAL(heap.calls, calls);
		tr_scope_begin(ctx);
		assert_same(y, network(x, w, b));
		tr_scope_end(ctx);
	}
	tr_plan_destroy(plan);
	tr_context_destroy(ctx);
	CU_ASSERT_EQUAL(heap.live, 0);
}

static void temporaries_share_memory(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = random_f32(ctx, false, SHAPE(64, 64)), *y;
	struct tr_plan *plan;
	struct tr_plan_info info;

	tr_plan_begin(ctx);
	tr_scope_begin(ctx);
	y = x;
	for (int i = 0; i < 20; i++)
		y = tr_matmul(y, x);
	tr_keep(y);
	tr_scope_end(ctx);
	plan = tr_plan_end(ctx);
	tr_plan_info(plan, &info);
	CU_ASSERT_EQUAL(info.commands, 20);
	CU_ASSERT(info.temp_bytes <= 3 * 64 * 64 * 4);
	CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
	tr_plan_destroy(plan);
	tr_context_destroy(ctx);
}

static void an_input_freed_while_recording_is_kept_by_the_plan(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = ramp(ctx, 1, 1, SHAPE(4)), *y;
	struct tr_plan *plan;

	tr_plan_begin(ctx);
	y = tr_add(tr_matmul(x, x), x);
	tr_free(x);
	plan = tr_plan_end(ctx);
	for (int i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
		tr_free(ramp(ctx, 100, 1, SHAPE(4))); /* would land in x's memory were it free */
		ASSERT_F32(y, 31, 32, 33, 34);
	}
	tr_plan_destroy(plan);
	ASSERT_F32(y, 31, 32, 33, 34);
	tr_context_destroy(ctx);
}

static void inputs_and_results_can_be_rebound(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = ramp(ctx, 1, 1, SHAPE(3)), *other = ramp(ctx, 10, 1, SHAPE(3)), *y;
	struct tr_tensor *elsewhere = tr_zeros(ctx, TR_F32, SHAPE(3));
	struct tr_plan *plan;

	tr_plan_begin(ctx);
	y = tr_multiply(tr_slice_axis(x, 0, TR_NONE, TR_NONE, -1), x);
	plan = tr_plan_end(ctx);
	CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
	ASSERT_F32(y, 3, 4, 3);
	CU_ASSERT_EQUAL(tr_plan_bind(plan, x, other), 0);
	CU_ASSERT_EQUAL(tr_plan_bind(plan, y, elsewhere), 0);
	CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
	ASSERT_F32(elsewhere, 120, 121, 120);
	ASSERT_F32(y, 3, 4, 3);
	CU_ASSERT_EQUAL(tr_plan_bind(plan, x, other), -TR_EINVAL);
	assert_error(ctx, TR_EINVAL, "does not use");
	CU_ASSERT_EQUAL(tr_plan_bind(plan, other, tr_slice_axis(x, 0, 0, 2, 1)), -TR_EINVAL);
	assert_error(ctx, TR_EINVAL, "differ");
	tr_plan_destroy(plan);
	tr_context_destroy(ctx);
}

static void misuse_is_refused(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = ramp(ctx, 1, 1, SHAPE(3)), *y;
	struct tr_plan *plan;

	CU_ASSERT_PTR_NULL(tr_plan_end(ctx));
	assert_error(ctx, TR_ESTATE, "no plan");
	CU_ASSERT_EQUAL(tr_plan_begin(ctx), 0);
	CU_ASSERT_EQUAL(tr_plan_begin(ctx), -TR_ESTATE);
	assert_error(ctx, TR_ESTATE, "already");
	y = tr_negative(x);
	CU_ASSERT_PTR_NULL(tr_data(y));
	CU_ASSERT_PTR_NULL(tr_plan_end(ctx)); /* looking at y was an error */
	assert_error(ctx, TR_ESTATE, "recorded");
	CU_ASSERT_PTR_NULL(tr_data(y));
	assert_error(ctx, TR_ESTATE, "failed");
	tr_plan_begin(ctx);
	y = tr_negative(x);
	plan = tr_plan_end(ctx);
	CU_ASSERT_PTR_NULL(tr_data(y));
	assert_error(ctx, TR_ESTATE, "not run");
	CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
	ASSERT_F32(y, -1, -2, -3);
	tr_plan_destroy(plan);
	tr_context_destroy(ctx);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(replay_equals_eager_and_allocates_nothing),
		TEST(temporaries_share_memory),
		TEST(an_input_freed_while_recording_is_kept_by_the_plan),
		TEST(inputs_and_results_can_be_rebound),
		TEST(misuse_is_refused),
	};

	return TEST_RUN("plan", cases);
}
