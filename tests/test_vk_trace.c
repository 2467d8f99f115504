/* SPDX-License-Identifier: MIT */
/* Timelines of the Vulkan driver: the GPU's spans, by its own clock, beside the processor's. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/pairs.h"
#include "tests/timeline.h"

static char path[64];

static struct tr_context *open_traced(void)
{
	struct tr_context_params params = {.device = "vulkan", .trace = path};
	struct tr_context *ctx;

	snprintf(path, sizeof(path), "%s/timeline", scratch);
	remove(path);
	CU_ASSERT_EQUAL(tr_context_create(&ctx, &params, NULL, 0), 0);
	return ctx;
}

static bool is_of_gpu(const struct span *s)
{
	return !strcmp(s->cat, "gpu");
}

static void commands_are_on_the_track_of_the_gpu(void)
{
	struct tr_context *ctx;
	struct tr_tensor *a, *b;
	struct timeline t;
	size_t n = 0;

	NEEDS_GPU();
	ctx = open_traced();
	a = ramp(ctx, 1, 1, SHAPE(20, 30));
	b = ramp(ctx, 1, 1, SHAPE(30, 40));
	tr_batch_begin(ctx);
	tr_softmax(tr_matmul(a, b), 1);
	tr_exp(tr_multiply(a, a));
	CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
	tr_sqrt(a);
	CU_ASSERT_EQUAL(tr_flush(ctx), 0);
	tr_context_destroy(ctx);
	t = read_timeline(path);
	assert_nested(&t);
	for (size_t i = 0; i < t.n; i++)
		n += is_of_gpu(&t.span[i]);
	CU_ASSERT_EQUAL(n, 4);
	CU_ASSERT_TRUE(has_arg(find_span(&t, "matmul", 0), "operands", "[[20,30],[30,40]]"));
	CU_ASSERT_TRUE(is_of_gpu(find_span(&t, "matmul", 0)));
	CU_ASSERT_TRUE(has_arg(find_span(&t, "fused", 0), "ops", "[\"multiply\",\"exp\"]"));
	CU_ASSERT_EQUAL(count_spans(&t, "record"), 2);
	CU_ASSERT_EQUAL(count_spans(&t, "wait"), 2);
	CU_ASSERT_EQUAL(count_spans(&t, "softmax"), 1);
	free_timeline(&t);
}

/* By the processor's clock the GPU works while it is waited for: not before the submission, nor after the end was seen. */
static void the_clocks_agree(void)
{
	struct tr_context *ctx;
	struct tr_tensor *a;
	struct timeline t;

	NEEDS_GPU();
	ctx = open_traced();
	a = tr_ones(ctx, TR_F32, SHAPE(200, 200));
	for (int i = 0; i < 20; i++) {
		struct tr_tensor *y = tr_matmul(a, a);

		CU_ASSERT_EQUAL(tr_flush(ctx), 0);
		tr_free(y);
	}
	tr_context_destroy(ctx);
	t = read_timeline(path);
	CU_ASSERT_EQUAL(count_spans(&t, "matmul"), 20);
	CU_ASSERT_EQUAL(count_spans(&t, "wait"), 20);
	for (size_t i = 0; i < 20 && count_spans(&t, "wait") == 20; i++) {
		const struct span *wait = find_span(&t, "wait", i), *gpu_span = find_span(&t, "matmul", i);

		test_note("%zu: waited %.3f … %.3f, worked %.3f … %.3f", i, wait->ts, wait->end, gpu_span->ts, gpu_span->end);
		CU_ASSERT_TRUE(gpu_span->ts >= wait->ts - 1e-4 && gpu_span->end <= wait->end + 1e-4);
		CU_ASSERT_TRUE(gpu_span->end > gpu_span->ts);
	}
	free_timeline(&t);
}

/* More commands than the parameter ring holds. */
static void long_batches_lose_no_time(void)
{
	struct tr_context *ctx;
	struct tr_tensor *t, *one;
	struct timeline line;
	const struct span *flush;
	double work = 0;

	NEEDS_GPU();
	ctx = open_traced();
	t = tr_zeros(ctx, TR_F32, SHAPE(5));
	one = tr_ones(ctx, TR_F32, SHAPE(5));
	tr_batch_begin(ctx);
	for (int i = 0; i < 450; i++) {
		tr_add_out(t, t, one);
		tr_softmax_out(one, t, 0);
	}
	CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
	tr_context_destroy(ctx);
	line = read_timeline(path);
	assert_nested(&line);
	flush = find_span(&line, "flush", 0);
	for (size_t i = 0; i < line.n && flush; i++)
		if (is_of_gpu(&line.span[i]) && line.span[i].ts >= flush->ts)
			work += line.span[i].end - line.span[i].ts;
	CU_ASSERT_TRUE(flush && work > 0 && work <= flush->end - flush->ts);
	CU_ASSERT_TRUE(count_spans(&line, "softmax") == 450);
	free_timeline(&line);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(commands_are_on_the_track_of_the_gpu),
		TEST(the_clocks_agree),
		TEST(long_batches_lose_no_time),
		TEST(validation_had_nothing_to_say),
	};

	return VK_RUN("vk_trace", cases);
}
