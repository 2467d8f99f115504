/* SPDX-License-Identifier: MIT */
/*
 * Frozen tensors: every way to write one is refused, and what a device keeps of them changes no bit, costs what is counted,
 * and goes with them or when memory is short.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <trueno/conv.h>
#include <trueno/index.h>

#include "tests/tensors.h"

static uint64_t kept(struct tr_context *ctx)
{
	struct tr_stats stats;

	tr_stats(ctx, &stats);
	return stats.bytes_kept;
}

/* ---- the promise ---- */

static void nothing_writes_a_frozen_tensor(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = ramp(ctx, 1, 1, SHAPE(2, 3)), *row = tr_select(x, 0, 1), *column = tr_select(x, 1, 0);
	struct tr_tensor *later;
	const float six[6] = {0};

	CU_ASSERT_FALSE(tr_is_frozen(x));
	CU_ASSERT_EQUAL(tr_freeze(x), 0);
	CU_ASSERT_EQUAL(tr_freeze(x), 0);
	CU_ASSERT_TRUE(tr_is_frozen(x) && tr_is_frozen(row) && tr_is_frozen(column));
	later = tr_transpose(x);
	CU_ASSERT_TRUE(tr_is_frozen(later));
	CU_ASSERT_PTR_NULL(tr_data(x));
	assert_error(ctx, TR_EREADONLY, "data: the tensor's memory is read-only: it is frozen");
	CU_ASSERT_PTR_NULL(tr_data(row));
	assert_error(ctx, TR_EREADONLY, "frozen");
	CU_ASSERT_EQUAL(tr_write(x, six, 24), -TR_EREADONLY);
	assert_error(ctx, TR_EREADONLY, "write: the tensor's memory is read-only: it is frozen");
	CU_ASSERT_EQUAL(tr_write(column, six, 8), -TR_EREADONLY);
	assert_error(ctx, TR_EREADONLY, "frozen");
	CU_ASSERT_EQUAL(tr_add_out(x, x, x), -TR_EREADONLY);
	assert_error(ctx, TR_EREADONLY, "add: the destination's memory is read-only: it is frozen");
	CU_ASSERT_EQUAL(tr_negative_out(row, row), -TR_EREADONLY);
	assert_error(ctx, TR_EREADONLY, "negative");
	CU_ASSERT_EQUAL(tr_copy_out(later, tr_zeros(ctx, TR_F32, SHAPE(3, 2))), -TR_EREADONLY);
	assert_error(ctx, TR_EREADONLY, "frozen");
	CU_ASSERT_EQUAL(tr_fill_out(column, 7), -TR_EREADONLY);
	assert_error(ctx, TR_EREADONLY, "fill");
	CU_ASSERT_EQUAL(tr_assign(tr_scalar(ctx, 7), x, TR_AT(0)), -TR_EREADONLY);
	assert_error(ctx, TR_EREADONLY, "frozen");
	ASSERT_F32(x, 1, 2, 3, 4, 5, 6);
	CU_ASSERT_PTR_NOT_NULL(tr_data_const(x));
	CU_ASSERT_PTR_NOT_NULL(tr_data(tr_copy(x)));
	CU_ASSERT_EQUAL(tr_freeze(NULL), -TR_EINVAL);
	CU_ASSERT_EQUAL(tr_error(ctx), 0);
	tr_context_destroy(ctx);
}

static void what_is_pending_runs_first(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = ramp(ctx, 1, 1, SHAPE(3)), *y, *z = ramp(ctx, 0, 1, SHAPE(2));

	tr_batch_begin(ctx);
	CU_ASSERT_EQUAL(tr_add_out(x, x, x), 0);
	y = tr_negative(x);
	CU_ASSERT_EQUAL(tr_freeze(x), 0);
	CU_ASSERT_EQUAL(tr_freeze(y), 0);
	CU_ASSERT_EQUAL(tr_add_out(y, x, x), -TR_EREADONLY);
	tr_error_clear(ctx);
	CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
	ASSERT_F32(x, 2, 4, 6);
	ASSERT_F32(y, -2, -4, -6);
	CU_ASSERT_EQUAL(tr_plan_begin(ctx), 0);
	CU_ASSERT_EQUAL(tr_freeze(z), -TR_ESTATE);
	CU_ASSERT_PTR_NULL(tr_plan_end(ctx));
	tr_context_destroy(ctx);
}

static void a_plan_does_not_write_what_was_frozen_since(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = ramp(ctx, 1, 1, SHAPE(3)), *y = tr_zeros(ctx, TR_F32, SHAPE(3)), *z = tr_zeros(ctx, TR_F32, SHAPE(3));
	struct tr_plan *plan;

	tr_freeze(z);
	CU_ASSERT_EQUAL(tr_plan_begin(ctx), 0);
	CU_ASSERT_EQUAL(tr_add_out(y, x, x), 0);
	plan = tr_plan_end(ctx);
	CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
	CU_ASSERT_EQUAL(tr_freeze(x), 0);
	CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
	CU_ASSERT_EQUAL(tr_plan_bind(plan, y, z), -TR_EREADONLY);
	assert_error(ctx, TR_EREADONLY, "plan_bind: the plan writes to it");
	CU_ASSERT_EQUAL(tr_plan_bind(plan, x, z), 0);
	CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
	ASSERT_F32(y, 0, 0, 0);
	CU_ASSERT_EQUAL(tr_plan_bind(plan, z, x), 0);
	CU_ASSERT_EQUAL(tr_freeze(y), 0);
	CU_ASSERT_EQUAL(tr_plan_run(plan), -TR_EREADONLY);
	assert_error(ctx, TR_EREADONLY, "add: its destination in the plan is read-only");
	CU_ASSERT_EQUAL(tr_plan_run(plan), -TR_EREADONLY);
	tr_error_clear(ctx);
	ASSERT_F32(y, 0, 0, 0);
	tr_plan_destroy(plan);
	tr_context_destroy(ctx);
}

/* ---- what is kept ---- */

/* An operation with a weight that may be frozen, and its other operands. */
struct subject {
	enum {LINEAR, MATMUL, MATMUL_AS, CONV, TRANSPOSED} kind;
	enum tr_dtype type;
	int64_t m, n, k;
	struct tr_conv_params conv;
	int64_t kernel, image;
};

static struct tr_tensor *numbers(struct tr_context *ctx, enum tr_dtype type, int ndim, const int64_t *shape)
{
	struct tr_tensor *t = random_f32(ctx, false, ndim, shape);

	return type == TR_F32 ? t : tr_astype(type == TR_I8 ? tr_multiply(t, tr_scalar(ctx, 30)) : t, type);
}

static void make(const struct subject *s, struct tr_context *ctx, struct tr_tensor **x, struct tr_tensor **w, struct tr_tensor **b)
{
	int64_t groups = s->conv.groups ? s->conv.groups : 1;

	*b = numbers(ctx, s->type, SHAPE(s->n));
	if (s->kind == CONV || s->kind == TRANSPOSED) {
		*x = numbers(ctx, s->type, SHAPE(s->m, s->k, s->image, s->image));
		*w = s->kind == CONV ? numbers(ctx, s->type, SHAPE(s->n, s->k / groups, s->kernel, s->kernel))
				     : numbers(ctx, s->type, SHAPE(s->k, s->n / groups, s->kernel, s->kernel));
		return;
	}
	*x = numbers(ctx, s->type, SHAPE(s->m, s->k));
	*w = s->kind == LINEAR ? numbers(ctx, s->type, SHAPE(s->n, s->k)) : numbers(ctx, s->type, SHAPE(s->k, s->n));
}

static struct tr_tensor *run(const struct subject *s, struct tr_tensor *x, struct tr_tensor *w, struct tr_tensor *b)
{
	switch (s->kind) {
	case LINEAR:
		return tr_linear(x, w, b);
	case MATMUL:
		return tr_matmul(x, w);
	case MATMUL_AS:
		return tr_matmul_as(x, w, TR_I32);
	case CONV:
		return tr_conv2d(x, w, b, &s->conv);
	default:
		return tr_conv_transpose2d(x, w, b, &s->conv);
	}
}

static const struct subject subjects[] = {
	{LINEAR, TR_F32, .m = 1, .n = 100, .k = 70},
	{LINEAR, TR_F32, .m = 37, .n = 130, .k = 600},
	{LINEAR, TR_F32, .m = 150, .n = 96, .k = 33},
	{LINEAR, TR_F64, .m = 20, .n = 50, .k = 40},
	{LINEAR, TR_F16, .m = 33, .n = 70, .k = 90},
	{LINEAR, TR_BF16, .m = 40, .n = 100, .k = 130},
	{LINEAR, TR_BF16, .m = 1, .n = 64, .k = 64},
	{MATMUL, TR_F32, .m = 64, .n = 200, .k = 300},
	{MATMUL, TR_F32, .m = 200, .n = 3, .k = 50},
	{MATMUL, TR_BF16, .m = 50, .n = 70, .k = 60},
	{MATMUL, TR_I32, .m = 40, .n = 70, .k = 90},
	{MATMUL_AS, TR_I8, .m = 40, .n = 100, .k = 130},
	{MATMUL_AS, TR_U8, .m = 33, .n = 65, .k = 77},
	/* m images of k channels; Winograd's filtering with few and with many tiles and weights, others in panels */
	{CONV, TR_F32, .m = 1, .n = 80, .k = 80, .kernel = 3, .image = 7, .conv = {.padding = {1, 1}}},
	{CONV, TR_F32, .m = 1, .n = 80, .k = 80, .kernel = 3, .image = 14, .conv = {.padding = {1, 1}}},
	{CONV, TR_F16, .m = 2, .n = 90, .k = 100, .kernel = 3, .image = 7},
	{CONV, TR_F32, .m = 3, .n = 40, .k = 36, .kernel = 3, .image = 9, .conv = {.groups = 2}},
	{CONV, TR_BF16, .m = 1, .n = 180, .k = 180, .kernel = 3, .image = 8, .conv = {.groups = 2}},
	{CONV, TR_F32, .m = 2, .n = 70, .k = 20, .kernel = 3, .image = 11, .conv = {.stride = {2, 1}, .padding = {1, 0}}},
	{CONV, TR_F32, .m = 1, .n = 66, .k = 21, .kernel = 5, .image = 9, .conv = {.groups = 3, .dilation = {1, 2}}},
	{CONV, TR_F64, .m = 1, .n = 20, .k = 10, .kernel = 2, .image = 6},
	{CONV, TR_F16, .m = 1, .n = 40, .k = 12, .kernel = 4, .image = 8, .conv = {.stride = {2, 2}}},
	{CONV, TR_F32, .m = 2, .n = 3, .k = 12, .kernel = 4, .image = 8},
	{CONV, TR_F32, .m = 1, .n = 96, .k = 200, .kernel = 1, .image = 7},
	{CONV, TR_BF16, .m = 1, .n = 96, .k = 200, .kernel = 1, .image = 7, .conv = {.stride = {2, 2}}},
	{TRANSPOSED, TR_F32, .m = 2, .n = 40, .k = 10, .kernel = 3, .image = 6, .conv = {.stride = {2, 1}, .padding = {1, 1}}},
	{TRANSPOSED, TR_F32, .m = 1, .n = 48, .k = 16, .kernel = 4, .image = 5, .conv = {.groups = 2, .stride = {3, 2}}},
	{TRANSPOSED, TR_F16, .m = 1, .n = 33, .k = 8, .kernel = 3, .image = 1, .conv = {.stride = {4, 4}, .padding = {1, 1}}},
};

/* What is kept of s's weight by a context that keeps at most `most` bytes; results are the bits of a weight not frozen, with a
 * frozen one as of the first use, and as a matrix of the left. */
static uint64_t compare(const struct subject *s, unsigned threads, size_t most)
{
	struct tr_context_params params = {.device = "cpu", .threads = threads, .kept_bytes = most};
	struct tr_context *ctx;
	struct tr_tensor *x, *w, *b, *want, *frozen;
	uint64_t bytes;

	test_note("kind %d of %s, %d threads: %dx%dx%d", (int)s->kind, tr_dtype_name(s->type), (int)threads, (int)s->m, (int)s->n,
		  (int)s->k);
	CU_ASSERT_EQUAL(tr_context_create(&ctx, &params, NULL, 0), 0);
	make(s, ctx, &x, &w, &b);
	want = run(s, x, w, b);
	frozen = tr_copy(w);
	tr_freeze(frozen);
	for (int i = 0; i < 4; i++) {
		assert_same(run(s, x, frozen, b), want);
		if (i == 0)
			CU_ASSERT_EQUAL(kept(ctx), 0);
	}
	bytes = kept(ctx);
	if (s->kind <= MATMUL_AS) {
		struct tr_tensor *left = tr_copy(x);

		tr_freeze(left);
		for (int i = 0; i < 3; i++)
			assert_same(run(s, left, frozen, b), want);
	}
	if (s->kind == LINEAR) { /* other rows share what is kept of the weight */
		struct tr_tensor *few = tr_slice_axis(x, 0, 0, (s->m + 1) / 2, 1);

		assert_same(run(s, few, frozen, b), run(s, few, w, b));
	}
	CU_ASSERT_EQUAL(tr_error(ctx), 0);
	tr_context_destroy(ctx);
	return bytes;
}

static void results_have_the_same_bits(void)
{
	int keep = 0;

	for (size_t i = 0; i < sizeof(subjects) / sizeof(*subjects); i++)
		for (unsigned threads = 1; threads <= 4; threads += threads) {
			uint64_t bytes = compare(&subjects[i], threads, 0);

			keep += bytes > 0;
			CU_ASSERT_EQUAL(compare(&subjects[i], threads, 1), 0);
			if (bytes > 1)
				CU_ASSERT_EQUAL(compare(&subjects[i], threads, bytes - 1), 0);
		}
	CU_ASSERT_TRUE(keep > 50);
}

static void views_and_plans_keep_their_own(void)
{
	struct tr_context *ctx = open_context_with(2, NULL);
	struct tr_tensor *x = random_f32(ctx, false, SHAPE(40, 64)), *w = random_f32(ctx, false, SHAPE(3, 64, 64)), *y, *want, *tail;
	struct tr_plan *plan;
	uint64_t one = 0;

	CU_ASSERT_EQUAL(tr_plan_begin(ctx), 0);
	y = tr_linear(x, tr_select(w, 0, 2), NULL);
	plan = tr_plan_end(ctx);
	CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
	want = tr_copy(y);
	CU_ASSERT_EQUAL(tr_freeze(w), 0);
	for (int i = 0; i < 3; i++) { /* a plan recorded before keeps things too */
		CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
		assert_same(y, want);
		one = kept(ctx);
	}
	CU_ASSERT_TRUE(one > 0);
	assert_same(tr_linear(x, tr_select(w, 0, 2), NULL), want);
	CU_ASSERT_EQUAL(kept(ctx), one);
	for (int64_t layer = 0; layer < 3; layer++)
		for (int i = 0; i < 3; i++)
			assert_same(tr_linear(x, tr_select(w, 0, layer), NULL), tr_linear(x, tr_copy(tr_select(w, 0, layer)), NULL));
	CU_ASSERT_EQUAL(kept(ctx), 3 * one);
	tail = tr_transpose(tr_select(w, 0, 1));
	for (int i = 0; i < 3; i++)
		assert_same(tr_linear(x, tail, NULL), tr_linear(x, tr_copy(tail), NULL));
	/* Batches read several parts: nothing is kept of those. */
	for (int i = 0; i < 3; i++)
		assert_same(tr_matmul(x, w), tr_matmul(x, tr_copy(w)));
	tr_plan_destroy(plan);
	tr_context_destroy(ctx);
}

/* Forms of one weight for whatever reads it are told apart. */
static void one_weight_of_many_convolutions(void)
{
	static const struct {
		int image;
		bool transposed;
		struct tr_conv_params p;
	} uses[] = {
		{.image = 7, .p = {.padding = {1, 1}}},
		{.image = 10, .p = {.padding = {1, 1}}},
		{.image = 16, .p = {.padding = {1, 1}}},
		{.image = 7, .p = {.flags = TR_CONV_PLAIN}},
		{.image = 9, .p = {.stride = {2, 2}}},
		{.image = 9, .p = {.dilation = {2, 1}}},
		{.image = 5, .transposed = true},
		{.image = 5, .transposed = true, .p = {.stride = {2, 1}}},
		{.image = 5, .transposed = true, .p = {.stride = {1, 2}}},
		{.image = 5, .transposed = true, .p = {.stride = {2, 2}, .padding = {1, 0}}},
		{.image = 5, .transposed = true, .p = {.stride = {2, 2}, .padding = {0, 1}}},
		{.image = 5, .transposed = true, .p = {.stride = {2, 2}, .dilation = {2, 1}}},
		{.image = 1, .transposed = true, .p = {.stride = {5, 5}}},
	};
	enum {USES = sizeof(uses) / sizeof(*uses)};
	struct tr_context *ctx = open_context_with(2, NULL);
	struct tr_tensor *w = random_f32(ctx, false, SHAPE(80, 80, 3, 3)), *frozen = tr_copy(w), *x[USES], *want[USES];

	tr_freeze(frozen);
	for (int i = 0; i < USES; i++) {
		x[i] = random_f32(ctx, false, SHAPE(1, 80, uses[i].image, uses[i].image));
		want[i] = (uses[i].transposed ? tr_conv_transpose2d : tr_conv2d)(x[i], w, NULL, &uses[i].p);
	}
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < USES; i++) {
			test_note("use %d, round %d", i, round);
			assert_same((uses[i].transposed ? tr_conv_transpose2d : tr_conv2d)(x[i], frozen, NULL, &uses[i].p), want[i]);
		}
	CU_ASSERT_TRUE(kept(ctx) > 4 * 9 * 80 * 80 * sizeof(float));
	tr_context_destroy(ctx);
}

static void it_is_freed_with_the_last_view(void)
{
	struct test_heap heap = {0};
	struct tr_allocator allocator = test_heap_allocator(&heap);
	struct tr_context *ctx = open_context_with(2, &allocator);
	struct tr_tensor *x = random_f32(ctx, false, SHAPE(33, 40)), *w = random_f32(ctx, false, SHAPE(70, 40)), *view;

	tr_freeze(w);
	view = tr_slice_axis(w, 0, 0, 2, 1);
	for (int i = 0; i < 3; i++)
		tr_free(tr_linear(x, w, NULL));
	CU_ASSERT_TRUE(kept(ctx) >= sizeof(float) * 70 * 40);
	tr_free(w);
	CU_ASSERT_TRUE(kept(ctx) > 0);
	tr_free(view);
	CU_ASSERT_EQUAL(kept(ctx), 0);
	/* The block that comes back is not frozen any more. */
	w = random_f32(ctx, false, SHAPE(70, 40));
	CU_ASSERT_FALSE(tr_is_frozen(w));
	CU_ASSERT_PTR_NOT_NULL(tr_data(w));
	tr_context_destroy(ctx);
	CU_ASSERT_EQUAL(heap.live, 0);
}

static void many_views_of_one_tensor_stay_few_forms(void)
{
	struct test_heap heap = {0};
	struct tr_allocator allocator = test_heap_allocator(&heap);
	struct tr_context *ctx = open_context_with(1, &allocator);
	struct tr_tensor *x = random_f32(ctx, false, SHAPE(8, 16)), *w = random_f32(ctx, false, SHAPE(500, 16)), *first;
	size_t blocks;

	tr_freeze(w);
	first = tr_slice_axis(w, 0, 0, 40, 1);
	for (int i = 0; i < 3; i++)
		tr_free(tr_linear(x, first, NULL));
	blocks = heap.live;
	for (int64_t i = 1; i < 400; i++) {
		tr_scope_begin(ctx);
		tr_linear(x, tr_slice_axis(w, 0, i, i + 40, 1), NULL);
		tr_scope_end(ctx);
	}
	CU_ASSERT_TRUE(heap.live < blocks + 100);
	for (int64_t i = 0; i < 400; i++)
		for (int twice = 0; twice < 2; twice++) {
			struct tr_tensor *v;

			tr_scope_begin(ctx);
			v = tr_slice_axis(w, 0, i, i + 40, 1);
			assert_same(tr_linear(x, v, NULL), tr_linear(x, tr_copy(v), NULL));
			tr_scope_end(ctx);
		}
	CU_ASSERT_TRUE(heap.live < blocks + 200);
	tr_context_destroy(ctx);
	CU_ASSERT_EQUAL(heap.live, 0);
}

/* ---- memory that is short ---- */

static struct tr_tensor *make_weight(struct tr_context *ctx)
{
	struct tr_tensor *w = ramp(ctx, 0, 0.25, SHAPE(70, 40));

	tr_freeze(w);
	return w;
}

static bool use_weight(struct tr_tensor *w)
{
	struct tr_context *ctx = tr_context_of(w);
	struct tr_tensor *x = tr_ones(ctx, TR_F32, SHAPE(60, 40)), *y = NULL;

	for (int i = 0; i < 3; i++) {
		tr_free(y);
		y = tr_linear(x, w, NULL);
		if (!y)
			return false;
	}
	for (int64_t j = 0; j < 70; j++) /* 40 numbers from 10 j on, a quarter apart */
		CU_ASSERT_EQUAL(((const float *)tr_data_const(y))[59 * 70 + j], (float)(40 * (10.0 * (double)j) + 195));
	return true;
}

static void a_form_that_cannot_be_made_is_done_without(void)
{
	survive_failing_allocations(make_weight, use_weight, 3);
}

/* Memory of so many bytes. */
struct small_memory {
	size_t used, most;
};

static void *small_alloc(void *user, size_t size, size_t align)
{
	struct small_memory *m = user;

	if (size > m->most - m->used)
		return NULL;
	m->used += size;
	return aligned_alloc(align, (size + align - 1) / align * align);
}

static void small_free(void *user, void *p, size_t size)
{
	((struct small_memory *)user)->used -= size;
	free(p);
}

static void forms_make_room_for_tensors(void)
{
	struct small_memory memory = {.most = SIZE_MAX};
	struct tr_context_params params = {.device = "cpu", .threads = 1, .cache_bytes = 1,
					   .allocator = {small_alloc, small_free, &memory}};
	struct tr_context *ctx;
	struct tr_tensor *w, *large;

	CU_ASSERT_EQUAL(tr_context_create(&ctx, &params, NULL, 0), 0);
	w = make_weight(ctx);
	CU_ASSERT_TRUE(use_weight(w));
	CU_ASSERT_TRUE(kept(ctx) > 1000);
	memory.most = memory.used + 1024 * 1024 * sizeof(float) - 1000;
	large = tr_zeros(ctx, TR_F32, SHAPE(1024, 1024));
	CU_ASSERT_PTR_NOT_NULL(large);
	CU_ASSERT_EQUAL(tr_error(ctx), 0);
	CU_ASSERT_EQUAL(kept(ctx), 0);
	tr_free(large);
	CU_ASSERT_TRUE(use_weight(w)); /* and half as much is kept from then on: not this */
	CU_ASSERT_EQUAL(kept(ctx), 0);
	tr_context_destroy(ctx);
	CU_ASSERT_EQUAL(memory.used, 0);
}

/* ---- threads ---- */

static float shared[96 * 80];

/* Contexts of several threads make their forms of the same memory at once. */
static void *use_shared(void *failures)
{
	struct tr_context *ctx = open_context_with(3, NULL);
	struct tr_tensor *w = tr_borrow(ctx, TR_F32, SHAPE(96, 80), shared, TR_BORROW_CONST, NULL, NULL), *x, *want;

	x = ramp(ctx, -1, 1.0 / 1024, SHAPE(40, 80));
	want = tr_linear(x, w, NULL);
	tr_freeze(w);
	for (int i = 0; i < 5; i++) {
		struct tr_tensor *y = tr_linear(x, w, NULL);
		const float *a = tr_data_const(y), *b = tr_data_const(want);

		*(int *)failures += !a || !b || memcmp(a, b, sizeof(float) * 40 * 96) != 0;
	}
	*(int *)failures += !kept(ctx);
	tr_context_destroy(ctx);
	return NULL;
}

static void contexts_do_not_meet(void)
{
	pthread_t thread[3];
	int failures[3] = {0};

	for (size_t i = 0; i < sizeof(shared) / sizeof(*shared); i++)
		shared[i] = (float)test_rand_normal();
	for (int i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(pthread_create(&thread[i], NULL, use_shared, &failures[i]), 0);
	for (int i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	CU_ASSERT_EQUAL(failures[0] + failures[1] + failures[2], 0);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(nothing_writes_a_frozen_tensor),
		TEST(what_is_pending_runs_first),
		TEST(a_plan_does_not_write_what_was_frozen_since),
		TEST(results_have_the_same_bits),
		TEST(views_and_plans_keep_their_own),
		TEST(one_weight_of_many_convolutions),
		TEST(it_is_freed_with_the_last_view),
		TEST(many_views_of_one_tensor_stay_few_forms),
		TEST(a_form_that_cannot_be_made_is_done_without),
		TEST(forms_make_room_for_tensors),
		TEST(contexts_do_not_meet),
	};
	return TEST_RUN("kept", cases);
}
