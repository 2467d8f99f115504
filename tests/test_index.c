/* SPDX-License-Identifier: MIT */
/*
 * Indexing in C: the macros of <trueno/index.h>, views that stay views, batches and plans, memory that runs out. Which
 * elements an index means is compared with NumPy in tests/python/test_index.py.
 */
#include <trueno/index.h>

#include "tests/tensors.h"

static void slices_read_like_python(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = ramp(ctx, 0, 1, SHAPE(3, 4));
	int64_t n = 4;

	ASSERT_F32(tr_slice(x, TR_AT(1)), 4, 5, 6, 7);
	ASSERT_F32(tr_slice(x, TR_ALL, TR_AT(-1)), 3, 7, 11);
	ASSERT_F32(tr_slice(x, TR_(1, ), TR_(, 2)), 4, 5, 8, 9);
	ASSERT_F32(tr_slice(x, TR_(, , -2), TR_(n - 1, n > 3 ? 1 : 0, -1)), 11, 10, 3, 2);
	ASSERT_F32(tr_slice(x, TR_ETC, TR_(0, 1)), 0, 4, 8);
	CU_ASSERT_EQUAL(tr_ndim(tr_slice(x, TR_NEW, TR_ETC, TR_NEW)), 4);
	CU_ASSERT_TRUE(tr_shares_storage(tr_slice(x, TR_(, , 2)), x));
	CU_ASSERT_EQUAL(tr_assign(tr_scalar(ctx, 9), x, TR_(1, ), TR_(, , 3)), 0);
	ASSERT_F32(x, 0, 1, 2, 3, 9, 5, 6, 9, 9, 9, 10, 9);
	CU_ASSERT_PTR_NULL(tr_slice((struct tr_tensor *)NULL, TR_ALL));
	tr_context_destroy(ctx);
}

static void tensors_gather_and_scatter(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = ramp(ctx, 0, 1, SHAPE(3, 4));
	struct tr_tensor *rows = tr_from_data(ctx, TR_I64, SHAPE(2), (int64_t[]){2, -3});
	struct tr_tensor *cols = tr_from_data(ctx, TR_I8, SHAPE(2), (int8_t[]){1, 3});
	struct tr_tensor *odd = tr_from_data(ctx, TR_BOOL, SHAPE(4), (uint8_t[]){0, 1, 0, 1});

	ASSERT_F32(tr_slice(x, TR_BY(rows), TR_BY(cols)), 9, 3);
	ASSERT_F32(tr_slice(x, TR_AT(1), TR_BY(odd)), 5, 7);
	CU_ASSERT_EQUAL(tr_assign(tr_slice(x, TR_BY(rows)), x, TR_(, 2)), 0); /* overlapping */
	ASSERT_F32(x, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11);
	CU_ASSERT_EQUAL(tr_assign(tr_scalar(ctx, -1), x, TR_ALL, TR_BY(odd)), 0);
	ASSERT_F32(x, 8, -1, 10, -1, 0, -1, 2, -1, 8, -1, 10, -1);
	tr_context_destroy(ctx);
}

/* Where the common shape of index tensors goes, an integer between or beside them, and memory that runs backwards. */
static void common_shape_goes_where_indices_stand(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = ramp(ctx, 0, 1, SHAPE(2, 3, 4)), *back = tr_slice(x, TR_(, , -1), TR_(, , -1), TR_(, , -1)), *y;
	struct tr_tensor *i = tr_from_data(ctx, TR_I64, SHAPE(2), (int64_t[]){1, 0});
	struct tr_tensor *j = tr_from_data(ctx, TR_I64, SHAPE(2), (int64_t[]){2, 1});
	struct tr_tensor *yes = tr_from_data(ctx, TR_BOOL, SCALAR, (uint8_t[]){1});
	struct tr_tensor *no = tr_from_data(ctx, TR_BOOL, SCALAR, (uint8_t[]){0});

	ASSERT_F32(tr_slice(x, TR_ALL, TR_BY(i), TR_BY(j)), 6, 1, 18, 13);
	ASSERT_F32(tr_slice(x, TR_BY(i), TR_ALL, TR_BY(j)), 14, 18, 22, 1, 5, 9);
	ASSERT_F32(tr_slice(x, TR_AT(0), TR_ALL, TR_BY(j)), 2, 6, 10, 1, 5, 9);
	ASSERT_F32(tr_slice(x, TR_ALL, TR_AT(0), TR_BY(j)), 2, 1, 14, 13);
	ASSERT_F32(tr_slice(x, TR_BY(i), TR_NEW, TR_BY(j)), 20, 21, 22, 23, 4, 5, 6, 7);
	ASSERT_F32(tr_slice(back, TR_BY(i), TR_ALL, TR_BY(j)), 9, 5, 1, 22, 18, 14);
	ASSERT_F32(tr_slice(back, TR_ALL, TR_BY(i), TR_BY(j)), 17, 22, 5, 10);
	CU_ASSERT_EQUAL(tr_assign(tr_scalar(ctx, -1), back, TR_AT(1), TR_BY(i), TR_BY(j)), 0); /* x's 5 and 10 */
	ASSERT_F32(tr_slice(x, TR_AT(0)), 0, 1, 2, 3, 4, -1, 6, 7, 8, 9, -1, 11);
	y = tr_slice(x, TR_BY(yes));
	CU_ASSERT_EQUAL(tr_ndim(y), 4);
	CU_ASSERT_EQUAL(tr_shape(y)[0], 1);
	CU_ASSERT_EQUAL(value_at(y, 23), 23);
	y = tr_slice(x, TR_BY(no));
	CU_ASSERT_EQUAL(tr_ndim(y), 4);
	CU_ASSERT_EQUAL(tr_numel(y), 0);
	tr_context_destroy(ctx);
}

/* Of indices named twice the last is kept by a copy, and all count in a sum. */
static void equal_indices_follow_each_other(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = tr_zeros(ctx, TR_F32, SHAPE(3)), *y = tr_zeros(ctx, TR_F32, SHAPE(3));
	struct tr_tensor *i = tr_from_data(ctx, TR_I32, SHAPE(4), (int32_t[]){1, 1, -2, 0});
	struct tr_tensor *v = tr_from_data(ctx, TR_F32, SHAPE(4), (float[]){1, 2, 4, 8});

	CU_ASSERT_EQUAL(tr_index_copy_out(x, v, i, 0), 0);
	ASSERT_F32(x, 8, 4, 0);
	CU_ASSERT_EQUAL(tr_index_add_out(y, v, i, 0), 0);
	ASSERT_F32(y, 8, 7, 0);
	tr_context_destroy(ctx);
}

#define PUTS 1500
#define PLACES 37

/*
 * Rows long enough to be shared by place, with places named many times: what several threads leave is what a loop in C does,
 * however indices count. The values' order shows in the sums' last bits.
 */
static void threads_share_places(void)
{
	static const int64_t widths[] = {1, 100, 257};
	static int64_t places[PUTS];
	static float values[PUTS * 257], want[2][PLACES * 257];

	for (size_t t = 0; t < 9; t++) {
		int64_t width = widths[t / 3], at;
		struct tr_context *ctx = open_context_with((unsigned)(t % 3) * 2 + 1, NULL);
		struct tr_tensor *sums = tr_zeros(ctx, TR_F32, SHAPE(PLACES, width)), *last = tr_zeros(ctx, TR_F32, SHAPE(PLACES, width));
		struct tr_tensor *v, *i;

		memset(want, 0, sizeof(want));
		for (int64_t j = 0; j < PUTS; j++) {
			at = (int64_t)test_rand_below(PLACES);
			places[j] = test_rand_below(2) ? at - PLACES : at;
			for (int64_t k = 0; k < width; k++) {
				values[j * width + k] = (float)test_rand_f64();
				want[0][at * width + k] += values[j * width + k];
				want[1][at * width + k] = values[j * width + k];
			}
		}
		v = tr_from_data(ctx, TR_F32, SHAPE(PUTS, width), values);
		i = tr_from_data(ctx, TR_I64, SHAPE(PUTS), places);
		CU_ASSERT_EQUAL(tr_index_add_out(sums, v, i, 0), 0);
		CU_ASSERT_EQUAL(tr_index_copy_out(last, v, i, 0), 0);
		test_note("rows of %d, %d threads", (int)width, (int)(t % 3) * 2 + 1);
		assert_f32(sums, want[0], PLACES * width);
		assert_f32(last, want[1], PLACES * width);
		tr_context_destroy(ctx);
	}
}

/* A bad index is found when it runs, before anything is written. */
static void bad_indices_write_nothing(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = ramp(ctx, 0, 1, SHAPE(3)), *v = ramp(ctx, 5, 1, SHAPE(2));
	struct tr_tensor *i = tr_from_data(ctx, TR_I64, SHAPE(2), (int64_t[]){0, 3});

	CU_ASSERT_EQUAL(tr_assign(v, x, TR_BY(i)), -TR_EINDEX);
	assert_error(ctx, TR_EINDEX, "index_copy: index 3 at position 1 is out of bounds for axis 0 with size 3");
	ASSERT_F32(x, 0, 1, 2);
	CU_ASSERT_EQUAL(tr_index_copy_out(x, x, tr_from_data(ctx, TR_F32, SHAPE(1), (float[]){0}), 0), -TR_EDTYPE);
	assert_error(ctx, TR_EDTYPE, "indices are float32; they must be integers");
	CU_ASSERT_EQUAL(tr_index_copy_out(x, v, i, 1), -TR_EINVAL);
	assert_error(ctx, TR_EINVAL, "axis 1 does not exist in shape [3]");
	CU_ASSERT_EQUAL(tr_index_copy_out(x, ramp(ctx, 0, 1, SHAPE(3)), i, 0), -TR_ESHAPE);
	assert_error(ctx, TR_ESHAPE, "values are [3]; the places to write are [2]");
	CU_ASSERT_EQUAL(tr_index_copy_out(x, tr_astype(v, TR_F64), i, 0), -TR_EDTYPE);
	assert_error(ctx, TR_EDTYPE, "values are float64 and the destination float32: cast first");
	CU_ASSERT_EQUAL(tr_masked_select_out(tr_empty(ctx, TR_F32, SHAPE(1)), x, tr_greater(x, tr_scalar(ctx, 0))), -TR_ESTATE);
	assert_error(ctx, TR_ESTATE, "2 elements are found; the destination has room for 1");
	CU_ASSERT_EQUAL(tr_assign(v, tr_broadcast_to(x, SHAPE(2, 3)), TR_ALL, TR_AT(0)), -TR_EREADONLY);
	assert_error(ctx, TR_EREADONLY, "broadcast view");
	tr_context_destroy(ctx);
}

/* Index and value are results of the same batch; a mask makes it run. */
static void indexes_within_a_batch(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = ramp(ctx, 0, 1, SHAPE(5)), *i = tr_from_data(ctx, TR_I64, SHAPE(2), (int64_t[]){3, 1}), *y, *z;

	tr_batch_begin(ctx);
	y = tr_add(x, x);
	CU_ASSERT_EQUAL(tr_assign(tr_negative(tr_slice(y, TR_BY(tr_add(i, tr_scalar_int(ctx, 1))))), y, TR_BY(i)), 0);
	z = tr_slice(y, TR_BY(tr_less(y, tr_scalar(ctx, 0))));
	CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
	ASSERT_F32(y, 0, -4, 4, -8, 8);
	ASSERT_F32(z, -4, -8);
	tr_context_destroy(ctx);
}

static void a_plan_follows_its_index(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = ramp(ctx, 0, 1, SHAPE(4)), *i = tr_from_data(ctx, TR_I64, SHAPE(2), (int64_t[]){3, 1}), *y;
	struct tr_plan *plan;

	CU_ASSERT_EQUAL(tr_plan_begin(ctx), 0);
	y = tr_slice(x, TR_BY(i));
	CU_ASSERT_PTR_NULL(tr_slice(x, TR_BY(tr_less(x, tr_scalar(ctx, 2)))));
	assert_error(ctx, TR_ESTATE, "a plan cannot record how many elements are true");
	tr_plan_destroy(tr_plan_end(ctx));
	CU_ASSERT_EQUAL(tr_plan_begin(ctx), 0);
	y = tr_slice(x, TR_BY(i));
	plan = tr_plan_end(ctx);
	CU_ASSERT_PTR_NOT_NULL(plan);
	for (int64_t k = 0; k < 2; k++) {
		CU_ASSERT_EQUAL(tr_write(i, (int64_t[]){k, -1}, 2 * sizeof(int64_t)), 0);
		CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
		ASSERT_F32(y, (float)k, 3);
	}
	tr_plan_destroy(plan);
	tr_context_destroy(ctx);
}

/* Every allocation of a read and a write by index fails once; the destination is as it was or as it should be. */
static void survives_every_failing_allocation(void)
{
	for (size_t fail = 1; fail < 400; fail++) {
		struct test_heap heap = {0};
		struct tr_allocator allocator = test_heap_allocator(&heap);
		struct tr_context *ctx = open_context_with(1, &allocator);
		struct tr_tensor *x = ramp(ctx, 0, 1, SHAPE(300, 4)), *m = tr_less(x, tr_scalar(ctx, 600)), *i, *y;
		float first;
		bool failed;

		i = tr_from_data(ctx, TR_I64, SHAPE(2), (int64_t[]){2, 1});
		CU_ASSERT_EQUAL(tr_error(ctx), 0);
		heap.fail_at = fail;
		y = tr_slice(x, TR_BY(i), TR_BY(i));
		y = y ? tr_slice(x, TR_BY(m)) : NULL;
		failed = !y || tr_assign(y, x, TR_BY(m)) || tr_assign(tr_scalar(ctx, 5), x, TR_BY(i), TR_BY(i));
		failed |= heap.fail_at == 0 && tr_error(ctx);
		heap.fail_at = 0;
		CU_ASSERT_EQUAL(failed, tr_error(ctx) == -TR_ENOMEM);
		CU_ASSERT_EQUAL(tr_read(tr_slice(x, TR_(, 1), TR_(, 1)), &first, sizeof(first)), 0);
		CU_ASSERT_EQUAL(first, 0);
		tr_context_destroy(ctx);
		CU_ASSERT_EQUAL(heap.live, 0);
		if (!failed) {
			CU_ASSERT_TRUE(fail > 1);
			return;
		}
	}
	CU_FAIL("never came through");
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(slices_read_like_python),
		TEST(tensors_gather_and_scatter),
		TEST(common_shape_goes_where_indices_stand),
		TEST(equal_indices_follow_each_other),
		TEST(threads_share_places),
		TEST(bad_indices_write_nothing),
		TEST(indexes_within_a_batch),
		TEST(a_plan_follows_its_index),
		TEST(survives_every_failing_allocation),
	};

	return TEST_RUN("index", cases);
}
