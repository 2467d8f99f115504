/* SPDX-License-Identifier: MIT */
/*
 * Reductions fused with what they reduce: the bits of the same calls one by one, one command, no memory for what is only
 * reduced; and the cases that must stay apart.
 */
#include <math.h>

#include <sys/mman.h>

#include "tests/tensors.h"

/* Chains that end in a reduction, by number; x and y of one shape, m with the reduced axes of size 1. */
#define CHAINS 12
static struct tr_tensor *chain(int which, struct tr_tensor *x, struct tr_tensor *y, struct tr_tensor *m, uint32_t axes)
{
	struct tr_context *ctx = tr_context_of(x);
	struct tr_tensor *t, *s;

	switch (which) {
	case 0:
		t = tr_multiply(x, y);
		s = tr_sum(t, axes, 0);
		break;
	case 1:
		t = tr_square(tr_subtract(x, m));
		s = tr_mean(t, axes, TR_KEEPDIMS);
		break;
	case 2:
		t = tr_absolute(x);
		s = tr_max(t, axes, 0);
		break;
	case 3:
		t = tr_add(tr_multiply(x, tr_scalar(ctx, 3)), y);
		s = tr_std(t, axes, TR_DDOF(1));
		break;
	case 4:
		t = tr_less(x, y);
		s = tr_all(t, axes, 0);
		break;
	case 5:
		t = tr_greater(tr_add(x, y), m);
		s = tr_count_nonzero(t, axes, 0);
		break;
	case 6:
		t = tr_subtract(x, y);
		s = tr_norm(t, 2, axes, 0);
		break;
	case 7:
		t = tr_exp(tr_subtract(x, m));
		s = tr_sum(t, axes, TR_KEEPDIMS);
		break;
	case 8:
		t = tr_multiply(x, y);
		t = tr_astype(tr_add(t, t), TR_F16);
		s = tr_sum(t, axes, TR_AS(TR_F64));
		break;
	case 9:
		t = tr_maximum(x, tr_scalar(ctx, 0));
		s = tr_logsumexp(t, axes, 0);
		break;
	case 10:
		t = tr_divide(x, y);
		s = tr_nanvar(t, axes, 0);
		break;
	default:
		t = tr_astype(tr_floor(tr_multiply(x, tr_scalar(ctx, 9))), TR_I16);
		s = tr_sum(t, axes, 0);
	}
	return s;
}

/* A chain in a scope of its own, so that nobody holds what it goes through. */
static struct tr_tensor *in_scope(int which, struct tr_tensor *x, struct tr_tensor *y, struct tr_tensor *m, uint32_t axes)
{
	struct tr_context *ctx = tr_context_of(x);
	struct tr_tensor *s;

	tr_scope_begin(ctx);
	s = tr_keep(chain(which, x, y, m, axes));
	tr_scope_end(ctx);
	return s;
}

/* Every chain over these views, one by one and in a batch. */
static void check(struct tr_context *ctx, struct tr_tensor *x, struct tr_tensor *y, uint32_t axes)
{
	struct tr_tensor *m = tr_mean(x, axes, TR_KEEPDIMS);

	for (int c = 0; c < CHAINS; c++) {
		struct tr_stats before, after;
		struct tr_tensor *want = in_scope(c, x, y, m, axes), *got;

		tr_stats(ctx, &before);
		tr_batch_begin(ctx);
		got = in_scope(c, x, y, m, axes);
		CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
		tr_stats(ctx, &after);
		test_note("chain %d, axes %u, shape %lld %lld %lld", c, axes, (long long)tr_shape(x)[0],
			  (long long)tr_shape(x)[1], (long long)tr_shape(x)[2]);
		CU_ASSERT_EQUAL(after.dispatched - before.dispatched, 1);
		assert_same(want, got);
	}
}

static void fused_reductions_keep_their_bits(void)
{
	static const int64_t shapes[][3] = {{3, 5, 7}, {40, 9, 70}, {2, 2100, 3}, {1, 4, 5000}, {130, 1, 33}, {7, 700, 2}};
	static const int perms[4][3] = {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}, {0, 2, 1}};

	for (unsigned threads = 1; threads <= 3; threads++) {
		struct tr_context *ctx = open_context_with(threads, NULL);

		for (size_t s = 0; s < sizeof(shapes) / sizeof(*shapes); s++) {
			for (uint32_t axes = 1; axes < 8; axes++) {
				const int *perm = perms[test_rand_below(4)];
				int64_t back[3];
				struct tr_tensor *x, *y;

				tr_scope_begin(ctx);
				x = tr_permute(random_f32(ctx, false, 3, shapes[s]), perm);
				for (int d = 0; d < 3; d++)
					back[d] = tr_shape(x)[d];
				y = random_f32(ctx, false, 3, back);
				if (s & 1)
					x = tr_slice_axis(x, 2, TR_NONE, TR_NONE, -1);
				check(ctx, x, y, axes);
				tr_scope_end(ctx);
			}
		}
		tr_context_destroy(ctx);
	}
}

/* Long: threads share the tree, each with its own evaluation of the program. */
static void threads_share_a_fused_tree(void)
{
	float first = 0;

	for (unsigned threads = 1; threads <= 3; threads++) {
		struct tr_context *ctx = open_context_with(threads, NULL);
		struct tr_tensor *x = ramp(ctx, 0.1, 1e-5, SHAPE(1000003)), *y = ramp(ctx, 3, -1e-6, SHAPE(1000003)), *s;

		tr_batch_begin(ctx);
		s = in_scope(0, x, y, NULL, TR_ALL_AXES);
		CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
		assert_same(s, in_scope(0, x, y, NULL, TR_ALL_AXES));
		if (threads == 1)
			first = (float)value_at(s, 0);
		CU_ASSERT_EQUAL((float)value_at(s, 0), first);
		tr_context_destroy(ctx);
	}
}

static void only_the_result_has_memory(void)
{
	struct test_heap heap = {0};
	struct tr_allocator alloc = test_heap_allocator(&heap);
	struct tr_context *ctx = open_context_with(2, &alloc);
	struct tr_tensor *a = random_f32(ctx, false, SHAPE(600, 500)), *b = random_f32(ctx, false, SHAPE(500, 600));

	/* The first batch makes the queue and the workers' scratch; after it there is nothing to allocate at all. */
	for (int round = 0; round < 3; round++) {
		size_t bytes = heap.bytes, calls = heap.calls;
		struct tr_stats before, after;

		tr_stats(ctx, &before);
		tr_batch_begin(ctx);
		tr_scope_begin(ctx);
		tr_keep(tr_sum(tr_multiply(tr_transpose(a), b), TR_ALL_AXES, 0));
		tr_scope_end(ctx);
		CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
		tr_stats(ctx, &after);
		test_note("round %d: %zu bytes in %zu calls", round, heap.bytes - bytes, heap.calls - calls);
		CU_ASSERT(heap.bytes - bytes < 500 * 600 * sizeof(float) / 2);
		if (round)
			CU_ASSERT(heap.bytes - bytes <= 4096); /* a tensor's slot and its storage, with a scalar in it */
		CU_ASSERT_EQUAL(after.fused - before.fused, 2);
	}
	tr_context_destroy(ctx);
	CU_ASSERT_EQUAL(heap.live, 0);
}

/* Bytes of storage that a call adds to those held, besides a slot; the second round of three, when nothing else is new. */
static size_t bytes_added(struct test_heap *heap, struct tr_context *ctx, struct tr_tensor *(*f)(struct tr_tensor **x),
			  struct tr_tensor **x, bool batch)
{
	size_t bytes = 0;

	for (int round = 0; round < 3; round++) {
		size_t before = heap->bytes;
		struct tr_tensor *y;

		if (batch)
			tr_batch_begin(ctx);
		tr_scope_begin(ctx);
		y = tr_keep(f(x)); /* kept to the end: what is allocated next is new */
		tr_scope_end(ctx);
		if (batch)
			CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
		CU_ASSERT_PTR_NOT_NULL(y);
		if (round == 1)
			bytes = heap->bytes - before;
	}
	return bytes;
}

static struct tr_tensor *add_row(struct tr_tensor **x)
{
	return tr_add(x[0], x[1]);
}

/* |x[::-1, ::2]| · 2 + row, of what lies apart and backwards. */
static struct tr_tensor *strided_chain(struct tr_tensor **x)
{
	struct tr_tensor *view = tr_slice_axis(tr_slice_axis(x[0], 0, TR_NONE, TR_NONE, -1), 1, 0, TR_NONE, 2);

	return tr_add(tr_multiply(tr_absolute(view), x[2]), tr_slice_axis(x[1], 0, 0, TR_NONE, 2));
}

static struct tr_tensor *turned(struct tr_tensor **x)
{
	return tr_transpose(x[0]);
}

/* Broadcast and strided operands, and what lies between the operations of a chain, are never in memory of their own. */
static void operands_have_no_copies(void)
{
	/* a slab of slots and records; sizes are rounded up to a class */
	const size_t slot = 65536, whole = 1000 * 1000 * sizeof(float), most = whole + whole / 8;
	struct test_heap heap = {0};
	struct tr_allocator alloc = test_heap_allocator(&heap);
	struct tr_context *ctx = open_context_with(1, &alloc);
	struct tr_tensor *x[] = {random_f32(ctx, false, SHAPE(1000, 1000)), random_f32(ctx, false, SHAPE(1000)),
				 ramp(ctx, 2, 0, SCALAR)};
	size_t bytes = bytes_added(&heap, ctx, add_row, x, false);

	test_note("%zu bytes", bytes);
	CU_ASSERT(bytes >= whole && bytes < most + slot);
	bytes = bytes_added(&heap, ctx, strided_chain, x, true);
	test_note("%zu bytes of a chain", bytes);
	CU_ASSERT(bytes >= whole / 2 && bytes < most / 2 + slot);
	tr_context_destroy(ctx);
	CU_ASSERT_EQUAL(heap.live, 0);
}

/* A transposed view is strides: nothing is allocated for it, and it takes no time that grows with the elements, since it
 * works on memory that nobody may touch. */
static void transposing_touches_no_element(void)
{
	const int64_t shape[] = {TR_MAX_RANK, 7, 1, 3, 2, 5, 4, 6}, n = 8 * 7 * 3 * 2 * 5 * 4 * 6;
	struct test_heap heap = {0};
	struct tr_allocator alloc = test_heap_allocator(&heap);
	struct tr_context *ctx = open_context_with(1, &alloc);
	size_t size = (size_t)n * sizeof(float), page = 4096, room = (size + page - 1) / page * page;
	void *forbidden = mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct tr_tensor *x = forbidden == MAP_FAILED ? NULL : tr_borrow(ctx, TR_F32, 8, shape, forbidden, 0, NULL, NULL), *y;
	size_t calls;

	CU_ASSERT_PTR_NOT_NULL(x);
	tr_free(turned(&x)); /* the slab of slots */
	calls = heap.calls;
	y = tr_permute(turned(&x), NULL);
	CU_ASSERT_PTR_NOT_NULL(y);
	CU_ASSERT_EQUAL(heap.calls, calls);
	CU_ASSERT_TRUE(tr_shares_storage(x, y));
	if (y)
		CU_ASSERT_EQUAL(tr_strides(y)[0], 6);
	tr_context_destroy(ctx);
	if (forbidden != MAP_FAILED)
		munmap(forbidden, room);
}

static void what_is_seen_is_stored(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = ramp(ctx, 1, 1, SHAPE(2, 3)), *y, *s, *late;

	tr_batch_begin(ctx);
	y = tr_multiply(x, x); /* kept by its handle */
	s = tr_sum(y, TR_AXIS(0), 0);
	late = tr_add(y, s);
	CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
	ASSERT_F32(y, 1, 4, 9, 16, 25, 36);
	ASSERT_F32(s, 17, 29, 45);
	ASSERT_F32(late, 18, 33, 54, 33, 54, 81);

	/* A result that lies over what the chain reads. */
	tr_batch_begin(ctx);
	tr_scope_begin(ctx);
	CU_ASSERT_EQUAL(tr_sum_out(tr_select(x, 0, 0), tr_multiply(x, x), TR_AXIS(0), 0), 0);
	tr_scope_end(ctx);
	CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
	ASSERT_F32(x, 17, 29, 45, 4, 5, 6);

	/* Written through a view before it is reduced. */
	tr_batch_begin(ctx);
	tr_scope_begin(ctx);
	y = tr_add(x, x);
	CU_ASSERT_EQUAL(tr_fill_out(tr_select(y, 0, 1), 1), 0);
	s = tr_keep(tr_max(y, TR_AXIS(1), 0));
	tr_scope_end(ctx);
	CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
	ASSERT_F32(s, 90, 1);
	tr_context_destroy(ctx);
}

static void plans_replay_fused_reductions(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = ramp(ctx, 1, 1, SHAPE(2, 3)), *s;
	struct tr_plan_info info;
	struct tr_plan *plan;

	CU_ASSERT_EQUAL(tr_plan_begin(ctx), 0);
	tr_scope_begin(ctx);
	s = tr_keep(tr_sum(tr_square(x), TR_AXIS(1), TR_KEEPDIMS));
	tr_scope_end(ctx);
	plan = tr_plan_end(ctx);
	CU_ASSERT_PTR_NOT_NULL_FATAL(plan);
	tr_plan_info(plan, &info);
	CU_ASSERT_EQUAL(info.commands, 1);
	CU_ASSERT_EQUAL(info.temp_bytes, 0);
	CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
	ASSERT_F32(s, 14, 77);
	CU_ASSERT_EQUAL(tr_fill_out(x, 2), 0);
	CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
	ASSERT_F32(s, 12, 12);
	tr_plan_destroy(plan);
	tr_context_destroy(ctx);
}

int main(void)
{
	static const struct test_case tests[] = {
		TEST(fused_reductions_keep_their_bits),
		TEST(threads_share_a_fused_tree),
		TEST(only_the_result_has_memory),
		TEST(operands_have_no_copies),
		TEST(transposing_touches_no_element),
		TEST(what_is_seen_is_stored),
		TEST(plans_replay_fused_reductions),
	};

	return TEST_RUN("fuse", tests);
}
