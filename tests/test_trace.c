/* SPDX-License-Identifier: MIT */
/* Timelines of the CPU driver and the queue: what is in the file, from several threads, and what is refused. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <trueno/trace.h>

#include "tests/tensors.h"
#include "tests/timeline.h"

static char folder[] = "/tmp/trueno-trace-XXXXXX";

static const char *file_named(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static struct tr_context *open_traced(const char *path, unsigned threads)
{
	struct tr_context_params params = {.device = "cpu", .trace = path, .threads = threads};
	struct tr_context *ctx;
	char why[256];

	if (tr_context_create(&ctx, &params, why, sizeof(why)))
		test_note("%s", why);
	CU_ASSERT_PTR_NOT_NULL(ctx);
	return ctx;
}

static void operations_have_names_and_shapes(void)
{
	const char *path = file_named("names");
	struct tr_context *ctx = open_traced(path, 1);
	struct tr_tensor *a = ramp(ctx, 1, 1, SHAPE(2, 3)), *b = ramp(ctx, 1, 1, SHAPE(3, 4)), *reduced;
	struct timeline t;

	tr_matmul(a, b);
	tr_sqrt(a);
	tr_batch_begin(ctx);
	reduced = tr_multiply(a, a);
	tr_exp(reduced);
	tr_free(reduced);
	CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
	tr_batch_begin(ctx);
	reduced = tr_add(a, a);
	tr_sum(reduced, 2, 0);
	tr_free(reduced);
	CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
	tr_context_destroy(ctx);
	t = read_timeline(path);
	assert_nested(&t);
	CU_ASSERT_TRUE(has_arg(find_span(&t, "matmul", 0), "shape", "[2,4]"));
	CU_ASSERT_TRUE(has_arg(find_span(&t, "matmul", 0), "operands", "[[2,3],[3,4]]"));
	CU_ASSERT_TRUE(has_arg(find_span(&t, "sqrt", 0), "dtype", "\"float32\""));
	CU_ASSERT_TRUE(has_arg(find_span(&t, "sqrt", 0), "shape", "[6]"));
	CU_ASSERT_EQUAL(count_spans(&t, "flush"), 2);
	CU_ASSERT_TRUE(has_arg(find_span(&t, "flush", 0), "count", "2"));
	CU_ASSERT_EQUAL(count_spans(&t, "compile"), 2);
	CU_ASSERT_TRUE(has_arg(find_span(&t, "sum", 0), "ops", "[\"add\"]"));
	CU_ASSERT_TRUE(has_arg(find_span(&t, "sum", 0), "shape", "[2]"));
	CU_ASSERT_TRUE(has_arg(find_span(&t, "fused", 0), "ops", "[\"multiply\",\"exp\"]"));
	free_timeline(&t);
}

static void a_plan_is_a_span_around_its_commands(void)
{
	const char *path = file_named("plan");
	struct tr_context *ctx = open_traced(path, 1);
	struct tr_tensor *a = ramp(ctx, 1, 1, SHAPE(5, 5));
	struct tr_plan *plan;
	const struct span *outer;
	struct timeline t;

	CU_ASSERT_EQUAL(tr_plan_begin(ctx), 0);
	tr_softmax(a, 1);
	plan = tr_plan_end(ctx);
	CU_ASSERT_PTR_NOT_NULL(plan);
	for (int i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
	tr_plan_destroy(plan);
	tr_context_destroy(ctx);
	t = read_timeline(path);
	assert_nested(&t);
	CU_ASSERT_EQUAL(count_spans(&t, "plan_run"), 3);
	CU_ASSERT_EQUAL(count_spans(&t, "softmax"), 3);
	outer = find_span(&t, "plan_run", 2);
	CU_ASSERT_TRUE(outer && find_span(&t, "softmax", 2)->ts >= outer->ts && find_span(&t, "softmax", 2)->end <= outer->end);
	free_timeline(&t);
}

/* More spans than the buffer has. */
static void nothing_is_lost_when_the_buffer_is_full(void)
{
	const char *path = file_named("many");
	struct tr_context *ctx = open_traced(path, 1);
	struct tr_tensor *a = ramp(ctx, 1, 1, SHAPE(1, 1, 2, 1, 2)), *y = tr_empty(ctx, TR_F32, SHAPE(1, 1, 2, 1, 2));
	struct timeline t;

	for (int i = 0; i < 5000; i++)
		CU_ASSERT_EQUAL(tr_negative_out(y, a), 0);
	t = read_timeline(path); /* what was written so far */
	CU_ASSERT_TRUE(t.n >= 2048 && t.n < 5000);
	free_timeline(&t);
	tr_trace_write(ctx);
	t = read_timeline(path);
	CU_ASSERT_EQUAL(t.n, 5000);
	free_timeline(&t);
	tr_context_destroy(ctx);
	t = read_timeline(path);
	CU_ASSERT_EQUAL(count_spans(&t, "negative"), 5000);
	assert_nested(&t);
	free_timeline(&t);
}

static void workers_have_tracks(void)
{
	const char *path = file_named("workers");
	struct tr_context *ctx = open_traced(path, 2);
	struct tr_tensor *a = ramp(ctx, 0, 1e-6f, SHAPE(1000000)), *y = tr_empty(ctx, TR_F32, SHAPE(1000000));
	struct timeline t;
	size_t elsewhere = 0;

	for (int i = 0; i < 50; i++) /* a worker that is late misses one */
		CU_ASSERT_EQUAL(tr_exp_out(y, a), 0);
	tr_context_destroy(ctx);
	t = read_timeline(path);
	assert_nested(&t);
	for (size_t i = 0; i < t.n; i++)
		elsewhere += !strcmp(t.span[i].name, "exp") && t.span[i].tid != (json_int_t)getpid();
	CU_ASSERT_EQUAL(count_spans(&t, "exp") - elsewhere, 50);
	free_timeline(&t);
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		TEST_SKIP("one processor: a worker may never get in");
	CU_ASSERT_TRUE(elsewhere > 0);
}

static void *compute(void *path)
{
	for (int round = 0; round < 5; round++) {
		struct tr_context *ctx = open_traced(path, 1);
		struct tr_tensor *a = ramp(ctx, 1, 1, SHAPE(7));

		for (int i = 0; i < 500; i++)
			tr_free(tr_negative(a));
		tr_context_destroy(ctx);
	}
	return NULL;
}

static void contexts_of_many_threads_share_a_file(void)
{
	static char path[128];
	pthread_t thread[4];
	struct timeline t;

	snprintf(path, sizeof(path), "%s", file_named("threads"));
	for (int i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(pthread_create(&thread[i], NULL, compute, path), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	t = read_timeline(path);
	CU_ASSERT_EQUAL(count_spans(&t, "negative"), 4 * 5 * 500);
	assert_nested(&t);
	free_timeline(&t);
}

static void the_environment_names_a_file_too(void)
{
	struct tr_context_params params = {.device = "cpu"};
	struct tr_context *ctx;
	char path[128];
	struct timeline t;

	setenv("TRUENO_TRACE", file_named("%p"), 1);
	CU_ASSERT_EQUAL_FATAL(tr_context_create(&ctx, &params, NULL, 0), 0);
	unsetenv("TRUENO_TRACE");
	tr_negative(ramp(ctx, 1, 1, SHAPE(3)));
	tr_context_destroy(ctx);
	snprintf(path, sizeof(path), "%s/%ld", folder, (long)getpid());
	t = read_timeline(path);
	CU_ASSERT_EQUAL(count_spans(&t, "negative"), 1);
	free_timeline(&t);
}

/* What a file held before the process is gone; what this process put there stays. */
static void a_file_is_begun_once(void)
{
	const char *path = file_named("again");
	FILE *f = fopen(path, "w");
	struct timeline t;

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fputs("[of another time]", f);
	fclose(f);
	for (int i = 0; i < 3; i++) {
		struct tr_context *ctx = open_traced(path, 1);

		tr_negative(ramp(ctx, 1, 1, SHAPE(3)));
		tr_context_destroy(ctx);
		t = read_timeline(path);
		CU_ASSERT_EQUAL(count_spans(&t, "negative"), (size_t)i + 1);
		free_timeline(&t);
	}
}

static void what_cannot_be_written_is_refused(void)
{
	static const struct { const char *name; int mode; } wrong[] = {{"none/here", 0}, {"", 0}, {"pipe", S_IFIFO}};
	struct tr_context_params params = {.device = "cpu"};
	struct tr_context *ctx;
	char why[256], path[128];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		snprintf(path, sizeof(path), "%s", file_named(wrong[i].name));
		if (wrong[i].mode)
			CU_ASSERT_EQUAL(mkfifo(path, 0600), 0);
		params.trace = path;
		CU_ASSERT_EQUAL(tr_context_create(&ctx, &params, why, sizeof(why)), -TR_EIO);
		CU_ASSERT_PTR_NULL(ctx);
		CU_ASSERT_PTR_NOT_NULL(strstr(why, path));
	}
}

static void failing_allocations_are_errors(void)
{
	for (size_t at = 1;; at++) {
		struct test_heap heap = {.fail_at = at};
		struct tr_context_params params = {.device = "cpu", .trace = file_named("failing"),
						   .allocator = test_heap_allocator(&heap)};
		struct tr_context *ctx;
		char why[256];
		int status = tr_context_create(&ctx, &params, why, sizeof(why));

		CU_ASSERT_TRUE(status == 0 || (status == -TR_ENOMEM && strstr(why, "out of memory")));
		tr_context_destroy(ctx);
		CU_ASSERT_EQUAL(heap.live, 0);
		if (!status)
			return;
	}
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(operations_have_names_and_shapes),
		TEST(a_plan_is_a_span_around_its_commands),
		TEST(nothing_is_lost_when_the_buffer_is_full),
		TEST(workers_have_tracks),
		TEST(contexts_of_many_threads_share_a_file),
		TEST(the_environment_names_a_file_too),
		TEST(a_file_is_begun_once),
		TEST(what_cannot_be_written_is_refused),
		TEST(failing_allocations_are_errors),
	};
	char command[64];
	int status;

	if (!mkdtemp(folder))
		return 2;
	status = TEST_RUN("trace", cases);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command) ? 2 : status;
}
