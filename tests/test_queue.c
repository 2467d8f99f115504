/* SPDX-License-Identifier: MIT */
/* Batches: same values as eager calls wherever the flush falls, fused, and without work nobody sees. */
#include <string.h>

#include "tests/tensors.h"

static struct tr_stats stats_of(struct tr_context *ctx)
{
	struct tr_stats s;

	tr_stats(ctx, &s);
	return s;
}

static void a_chain_becomes_one_command(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *a = ramp(ctx, -2, 0.25, SHAPE(16)), *b = ramp(ctx, 1, 1, SHAPE(16)), *y, *want;
	struct tr_stats before, after;

	want = tr_relu(tr_add(tr_multiply(a, b), a));
	before = stats_of(ctx);
	tr_batch_begin(ctx);
	tr_scope_begin(ctx);
	y = tr_keep(tr_relu(tr_add(tr_multiply(a, b), a)));
	tr_scope_end(ctx);
	CU_ASSERT_EQUAL(stats_of(ctx).dispatched, before.dispatched);
	CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
	after = stats_of(ctx);
	CU_ASSERT_EQUAL(after.dispatched - before.dispatched, 1);
	CU_ASSERT_EQUAL(after.fused - before.fused, 3);
	assert_same(y, want);
	tr_context_destroy(ctx);
}

static void temporaries_of_a_chain_get_no_memory(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *a = ramp(ctx, 0, 1e-6, SHAPE(1 << 20)), *y;
	uint64_t before = stats_of(ctx).bytes_live;

	tr_batch_begin(ctx);
	tr_scope_begin(ctx);
	y = a;
	for (int i = 0; i < 10; i++)
		y = tr_add(tr_multiply(y, a), a);
	tr_keep(y);
	tr_scope_end(ctx);
	CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
	CU_ASSERT_EQUAL(stats_of(ctx).bytes_live - before, 4u << 20);
	tr_context_destroy(ctx);
}

static void results_nobody_sees_are_not_computed(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *a = ramp(ctx, 0, 1, SHAPE(8, 8)), *y;
	uint64_t before;

	tr_batch_begin(ctx);
	before = stats_of(ctx).dispatched;
	y = tr_matmul(a, a);
	tr_free(tr_sum(y, TR_ALL_AXES, 0));
	tr_free(y);
	CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
	CU_ASSERT_EQUAL(stats_of(ctx).dispatched, before);
	tr_context_destroy(ctx);
}

/* Softmaxes do not fuse, so that each has a result of its own, dead before the batch has run. */
static struct tr_tensor *chain(struct tr_tensor *y)
{
	for (int i = 0; i < 5; i++)
		y = tr_softmax(y, i % 2);
	return y;
}

/* The memory of dead results is too much for the cache, but commands that have yet to run name it. */
static void dead_results_keep_their_memory_until_the_batch_has_run(void)
{
	struct tr_context_params params = {.device = "cpu", .cache_bytes = 1};
	struct tr_context *ctx, *small;
	struct tr_tensor *y;
	uint64_t before;

	CU_ASSERT_EQUAL_FATAL(tr_context_create(&small, &params, NULL, 0), 0);
	ctx = open_context();
	y = ramp(small, 0, 0.01, SHAPE(200, 300));
	before = stats_of(small).bytes_live;
	tr_batch_begin(small);
	tr_scope_begin(small);
	y = tr_keep(chain(y));
	tr_scope_end(small);
	CU_ASSERT_EQUAL(tr_batch_end(small), 0);
	assert_same(y, chain(ramp(ctx, 0, 0.01, SHAPE(200, 300))));
	CU_ASSERT_EQUAL(stats_of(small).bytes_live, 2 * before);
	tr_context_destroy(small);
	tr_context_destroy(ctx);
}

static void looking_at_a_result_flushes(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *a = ramp(ctx, 1, 1, SHAPE(3)), *y;

	tr_batch_begin(ctx);
	y = tr_negative(a);
	CU_ASSERT_EQUAL(value_at(y, 2), -3);
	CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
	ASSERT_F32(y, -1, -2, -3);
	tr_context_destroy(ctx);
}

static void reading_before_a_write_in_the_same_run_sees_the_old_value(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = ramp(ctx, 1, 1, SHAPE(4)), *head, *tail, *y;

	head = tr_slice_axis(x, 0, 0, 3, 1);
	tail = tr_slice_axis(x, 0, 1, 4, 1);
	tr_batch_begin(ctx);
	y = tr_add(head, tail); /* 3 5 7 */
	CU_ASSERT_EQUAL(tr_add_out(tail, head, tail), 0);
	CU_ASSERT_EQUAL(tr_multiply_out(head, head, head), 0);
	CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
	ASSERT_F32(y, 3, 5, 7);
	ASSERT_F32(x, 1, 9, 25, 7);
	tr_context_destroy(ctx);
}

/* One step of a random program over a pool of tensors, the same for each context that is given the same numbers. */
struct step {
	int op, a, b, c, kind;
};

#define POOL 6

static struct tr_tensor *some_view(struct tr_tensor *t, int kind)
{
	switch (kind) {
	case 0: return tr_slice_axis(t, 0, TR_NONE, TR_NONE, -1);
	case 1: return tr_transpose(t);
	case 2: return tr_broadcast_to(tr_slice_axis(t, 0, 2, 3, 1), 2, (int64_t[]){5, 5});
	case 3: return tr_broadcast_to(tr_slice_axis(t, 1, 0, 1, 1), 2, (int64_t[]){5, 5});
	default: return t;
	}
}

static void run_step(struct tr_tensor **pool, const struct step *s)
{
	struct tr_tensor *a, *b, *y;

	tr_scope_begin(tr_context_of(pool[0]));
	a = some_view(pool[s->a], s->kind % 8);
	b = some_view(pool[s->b], s->kind / 8 % 8);
	switch (s->op) {
	case 0: y = tr_add(a, b); break;
	case 1: y = tr_subtract(a, b); break;
	case 2: y = tr_maximum(a, b); break;
	case 3: y = tr_where(tr_less(a, b), a, b); break;
	case 4: y = tr_astype(tr_astype(a, TR_F64), TR_F32); break;
	case 5: y = tr_matmul(a, b); break;
	case 6: y = tr_multiply(tr_scalar(tr_context_of(a), 0.5), a); break;
	case 7: y = tr_add(tr_sum(a, TR_AXIS(s->kind % 2), TR_KEEPDIMS), b); break;
	case 8: tr_add_out(pool[s->c], a, b); y = NULL; break;
	default: tr_minimum_out(some_view(pool[s->c], s->kind % 2), a, b); y = NULL; break;
	}
	if (y) {
		tr_keep(y);
		tr_free(pool[s->c]);
		pool[s->c] = y;
	}
	tr_scope_end(tr_context_of(pool[0]));
}

static void random_programs_give_the_same_values_wherever_they_are_flushed(void)
{
	struct tr_context *eager = open_context_with(1, NULL), *batched = open_context_with(2, NULL);

	for (int round = 0; round < 300; round++) {
		struct tr_tensor *x[POOL], *y[POOL];
		int steps = 1 + (int)test_rand_below(25);

		tr_scope_begin(eager);
		tr_scope_begin(batched);
		for (int i = 0; i < POOL; i++) {
			x[i] = random_f32(eager, false, SHAPE(5, 5));
			y[i] = tr_from_data(batched, TR_F32, SHAPE(5, 5), tr_data(x[i]));
		}
		tr_batch_begin(batched);
		for (int i = 0; i < steps; i++) {
			struct step s = {(int)test_rand_below(10), (int)test_rand_below(POOL),
					 (int)test_rand_below(POOL), (int)test_rand_below(POOL),
					 (int)test_rand_below(64)};

			run_step(x, &s);
			run_step(y, &s);
			if (test_rand_below(8) == 0)
				CU_ASSERT_EQUAL(tr_flush(batched), 0);
		}
		CU_ASSERT_EQUAL(tr_batch_end(batched), 0);
		test_note("round %d of %d steps", round, steps);
		for (int i = 0; i < POOL; i++)
			assert_same(x[i], y[i]);
		CU_ASSERT_EQUAL(tr_scope_end(eager), 0);
		CU_ASSERT_EQUAL(tr_scope_end(batched), 0);
		CU_ASSERT_EQUAL(tr_error(eager), 0);
		CU_ASSERT_EQUAL(tr_error(batched), 0);
	}
	tr_context_destroy(eager);
	tr_context_destroy(batched);
}

static void a_program_longer_than_the_limits_is_split(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *in[40], *y, *want;

	for (int i = 0; i < 40; i++)
		in[i] = random_f32(ctx, true, SHAPE(37));
	want = in[0];
	for (int i = 0; i < 200; i++)
		want = tr_add(tr_negative(want), in[i % 40]);
	tr_batch_begin(ctx);
	y = in[0];
	for (int i = 0; i < 200; i++)
		y = tr_add(tr_negative(y), in[i % 40]);
	CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
	assert_same(y, want);
	tr_context_destroy(ctx);
}

static void a_full_queue_flushes_itself(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *y = tr_zeros(ctx, TR_I32, SHAPE(3)), *one = tr_ones(ctx, TR_I32, SHAPE(3));

	tr_batch_begin(ctx);
	for (int i = 0; i < 5000; i++)
		CU_ASSERT_EQUAL_FATAL(tr_add_out(y, y, one), 0);
	CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
	CU_ASSERT_EQUAL(value_at(y, 1), 5000);
	CU_ASSERT(stats_of(ctx).flushes >= 4);
	tr_context_destroy(ctx);
}

static void steady_state_batches_allocate_nothing(void)
{
	struct test_heap heap = {0};
	struct tr_allocator a = test_heap_allocator(&heap);
	struct tr_context *ctx = open_context_with(2, &a);
	struct tr_tensor *x = random_f32(ctx, false, SHAPE(64, 64)), *w = random_f32(ctx, false, SHAPE(64, 64));
	size_t calls = 0;

	for (int round = 0; round < 12; round++) {
		struct tr_tensor *y;

		if (round == 4)
			calls = heap.calls;
		tr_scope_begin(ctx);
		tr_batch_begin(ctx);
		y = tr_softmax(tr_relu(tr_add(tr_linear(x, w, NULL), x)), -1);
		y = tr_layer_norm(tr_sum(y, TR_AXIS(0), TR_KEEPDIMS), NULL, NULL, 1e-5);
		CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
		CU_ASSERT_PTR_NOT_NULL(tr_data(y));
		CU_ASSERT_EQUAL(tr_scope_end(ctx), 0);
	}
	CU_ASSERT_EQUAL(heap.calls, calls);
	tr_context_destroy(ctx);
	CU_ASSERT_EQUAL(heap.live, 0);
}

static void a_failing_command_fails_what_follows_and_nothing_before(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *a = ramp(ctx, 1, 1, SHAPE(3)), *before, *bad, *after;
	struct tr_tensor *index = tr_from_data(ctx, TR_I64, SHAPE(1), &(int64_t){7});

	tr_batch_begin(ctx);
	before = tr_negative(a);
	bad = tr_take(a, index, 0);
	after = tr_negative(bad);
	CU_ASSERT_EQUAL(tr_batch_end(ctx), -TR_EINDEX);
	assert_error(ctx, TR_EINDEX, "take: index 7");
	ASSERT_F32(before, -1, -2, -3);
	CU_ASSERT_PTR_NULL(tr_data(after));
	assert_error(ctx, TR_ESTATE, "failed");
	CU_ASSERT_PTR_NULL(tr_negative(bad));
	assert_error(ctx, TR_ESTATE, "never computed");
	tr_context_destroy(ctx);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(a_chain_becomes_one_command),
		TEST(temporaries_of_a_chain_get_no_memory),
		TEST(results_nobody_sees_are_not_computed),
		TEST(dead_results_keep_their_memory_until_the_batch_has_run),
		TEST(looking_at_a_result_flushes),
		TEST(reading_before_a_write_in_the_same_run_sees_the_old_value),
		TEST(random_programs_give_the_same_values_wherever_they_are_flushed),
		TEST(a_program_longer_than_the_limits_is_split),
		TEST(a_full_queue_flushes_itself),
		TEST(steady_state_batches_allocate_nothing),
		TEST(a_failing_command_fails_what_follows_and_nothing_before),
	};

	return TEST_RUN("queue", cases);
}
