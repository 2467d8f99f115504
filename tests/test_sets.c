/* SPDX-License-Identifier: MIT */
/*
 * Sorting, sets and samples in C: order of zeros and NaN, long rows, batches, threads, errors, and memory that runs out. Values
 * are compared with NumPy in tests/python/test_sets.py.
 */
#include <math.h>

#include <trueno/create.h>
#include <trueno/manip.h>
#include <trueno/numeric.h>
#include <trueno/sets.h>

#include "tests/tensors.h"

static struct tr_tensor *f32(struct tr_context *ctx, int64_t n, const float *x)
{
	return tr_from_data(ctx, TR_F32, 1, &n, x);
}
#define F32(ctx, ...) f32(ctx, sizeof((float[]){__VA_ARGS__}) / sizeof(float), (float[]){__VA_ARGS__})

static void assert_i64(struct tr_tensor *t, const int64_t *want, int64_t n)
{
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	CU_ASSERT_EQUAL(tr_dtype_of(t), TR_I64);
	CU_ASSERT_EQUAL(tr_numel(t), n);
	for (int64_t i = 0; i < n && i < tr_numel(t); i++)
		CU_ASSERT_EQUAL((int64_t)value_at(t, i), want[i]);
}
#define ASSERT_I64(t, ...) assert_i64(t, (int64_t[]){__VA_ARGS__}, (int64_t)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)))

/* Zeros are equal, whichever their sign; so are NaNs, which are last. */
static void equal_elements_stay_in_order(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = F32(ctx, NAN, 0.0f, -0.0f, 2, -INFINITY, -NAN, INFINITY, -0.0f, 0.0f);

	ASSERT_I64(tr_argsort(x, 0), 4, 1, 2, 7, 8, 3, 6, 0, 5);
	ASSERT_F32(tr_sort(x, 0), -INFINITY, 0.0f, -0.0f, -0.0f, 0.0f, 2, INFINITY, NAN, NAN);
	ASSERT_F32(tr_copysign(tr_ones(ctx, TR_F32, SHAPE(5)), tr_slice_axis(tr_sort(x, 0), 0, 0, 5, 1)), -1, 1, -1, -1, 1);
	tr_context_destroy(ctx);
}

/* The same elements, and any NaN for a NaN in half precision too. */
static void assert_same_elements(struct tr_tensor *a, struct tr_tensor *b)
{
	bool half = a && (tr_dtype_of(a) == TR_F16 || tr_dtype_of(a) == TR_BF16);

	assert_same(half ? tr_astype(a, TR_F32) : a, half ? tr_astype(b, TR_F32) : b);
}

/* Random elements of every type, as long as each way of sorting: the order is that of argsort, and argsort's is right. */
static void sorts_every_type_and_length(void)
{
	static const int64_t lengths[] = {1, 2, 31, 33, 300, 4095, 5000};
	struct tr_context *ctx = open_context_with(2, NULL);

	for (int d = 0; d < TR_DTYPE_COUNT; d++)
		for (size_t k = 0; k < sizeof(lengths) / sizeof(*lengths); k++) {
			int64_t n = lengths[k], shape[] = {2, n};
			struct tr_tensor *x, *order, *y, *z;
			uint8_t ok = 0;

			tr_scope_begin(ctx);
			test_note("%s, %lld", tr_dtype_name((enum tr_dtype)d), (long long)n);
			x = tr_astype(tr_multiply(random_f32(ctx, k & 1, 2, shape), tr_scalar(ctx, 50)), (enum tr_dtype)d);
			order = tr_argsort(x, 1);
			y = tr_take_along_axis(x, order, 1);
			assert_same_elements(tr_sort(x, -1), y);
			z = tr_sort(tr_permute(x, NULL), 0); /* across memory */
			assert_same_elements(tr_copy(tr_permute(z, NULL)), y);
			z = tr_slice_axis(y, 1, 0, -1, 1);
			y = tr_slice_axis(y, 1, 1, TR_NONE, 1);
			if (n > 1 && !(d == TR_C64 || d == TR_C128)) { /* ascending, or NaN behind */
				z = tr_all(tr_logical_or(tr_less_equal(z, y), tr_not_equal(y, y)), TR_ALL_AXES, 0);
				CU_ASSERT_EQUAL(tr_read(z, &ok, 1), 0);
				CU_ASSERT_TRUE(ok);
			}
			order = tr_sort(order, 1); /* each place once */
			assert_same(order, tr_add(tr_zeros(ctx, TR_I64, 2, shape), tr_arange_int(ctx, TR_I64, 0, n, 1)));
			tr_scope_end(ctx);
		}
	CU_ASSERT_EQUAL(tr_error(ctx), 0);
	tr_context_destroy(ctx);
}

/* One value or many, dense or not: how many are below, and how many are not above. */
static void searches(void)
{
	struct tr_context *ctx = open_context_with(2, NULL);
	struct tr_tensor *x = tr_sort(random_f32(ctx, true, SHAPE(1000)), 0), *v = random_f32(ctx, true, SHAPE(3000)), *a;
	struct tr_tensor *spread = tr_empty(ctx, TR_F32, SHAPE(1000, 3)), *wide = tr_astype(x, TR_F64);

	a = tr_select(spread, 1, 1);
	CU_ASSERT_EQUAL(tr_copy_out(a, x), 0);
	for (uint32_t right = 0; right < 2; right++) {
		struct tr_tensor *y = tr_searchsorted(x, v, right ? TR_SEARCH_RIGHT : 0), *below;

		assert_same(tr_searchsorted(a, v, right), y);
		assert_same(tr_searchsorted(wide, v, right), y);
		assert_same(tr_searchsorted(a, tr_select(v, 0, 7), right), tr_copy(tr_select(y, 0, 7)));
		below = tr_unsqueeze(v, 1);
		below = right ? tr_logical_or(tr_less_equal(x, below), tr_isnan(below)) :
				tr_logical_or(tr_less(x, below), tr_logical_and(tr_isnan(below), tr_equal(x, x)));
		assert_same(tr_count_nonzero(below, TR_AXIS(1), 0), y);
	}
	ASSERT_I64(tr_searchsorted(tr_slice_axis(x, 0, 0, 0, 1), tr_zeros(ctx, TR_F32, SHAPE(2)), 0), 0, 0);
	CU_ASSERT_EQUAL(tr_error(ctx), 0);
	tr_context_destroy(ctx);
}

static void finds_distinct_elements(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = tr_reshape(F32(ctx, 3, NAN, 1, 3, NAN, 1), SHAPE(2, 3));
	struct tr_unique u;

	CU_ASSERT_EQUAL(tr_unique(x, TR_UNIQUE_INDEX | TR_UNIQUE_INVERSE | TR_UNIQUE_COUNTS, &u), 0);
	ASSERT_F32(u.values, 1, 3, NAN);
	ASSERT_I64(u.index, 2, 0, 1);
	ASSERT_I64(u.inverse, 1, 2, 0, 1, 2, 0);
	CU_ASSERT_EQUAL(tr_ndim(u.inverse), 2);
	ASSERT_I64(u.counts, 2, 2, 2);
	CU_ASSERT_EQUAL(tr_unique(x, TR_UNIQUE_NANS, &u), 0);
	ASSERT_F32(u.values, 1, 3, NAN, NAN);
	CU_ASSERT_PTR_NULL(u.counts);
	CU_ASSERT_EQUAL(tr_unique_along(tr_reshape(F32(ctx, 2, 1, 0, 5, 2, 1), SHAPE(3, 2)), 0, TR_UNIQUE_COUNTS, &u), 0);
	ASSERT_F32(u.values, 0, 5, 2, 1);
	ASSERT_I64(u.counts, 1, 2);
	ASSERT_F32(tr_setxor1d(F32(ctx, 1, 2, 2), F32(ctx, 2, 3)), 1, 3);
	ASSERT_F32(tr_union1d(F32(ctx, 1, 2, 2), F32(ctx, 2, 3)), 1, 2, 3);
	tr_context_destroy(ctx);
}

static void counts(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *n = tr_astype(F32(ctx, 1, 3, 1, 0), TR_I16);

	ASSERT_I64(tr_bincount(n, NULL, 6), 1, 2, 0, 1, 0, 0);
	ASSERT_F32(tr_astype(tr_bincount(n, F32(ctx, 1, 2, 4, 8), 0), TR_F32), 8, 5, 0, 2);
	ASSERT_I64(tr_histogram(F32(ctx, -1, 0, 1, 2, NAN, 3), F32(ctx, 0, 1, 2), NULL), 1, 2);
	ASSERT_I64(tr_digitize(F32(ctx, 0, 2.5f, 9), F32(ctx, 3, 2, 1), false), 3, 1, 0);
	ASSERT_F32(tr_astype(tr_interp(F32(ctx, -1, 0.5f, 2, 9), F32(ctx, 0, 1, 3), F32(ctx, 1, 3, 5), NULL, NULL), TR_F32), 1, 2, 4, 5);
	ASSERT_F32(tr_trapezoid(F32(ctx, 1, 2, 4), NULL, 2, 0), 9);
	tr_context_destroy(ctx);
}

static void largest_few(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *values, *places;

	CU_ASSERT_EQUAL(tr_topk(F32(ctx, 2, 5, 1, 5), 3, 0, 0, &values, &places), 0);
	ASSERT_F32(values, 5, 5, 2);
	ASSERT_I64(places, 1, 3, 0);
	CU_ASSERT_EQUAL(tr_topk(F32(ctx, 2, 5, 1, 5), 2, -1, TR_SMALLEST, NULL, &places), 0);
	ASSERT_I64(places, 2, 0);
	CU_ASSERT_EQUAL(tr_topk(F32(ctx, 2, 5), 3, 0, 0, &values, &places), -TR_EINVAL);
	assert_error(ctx, TR_EINVAL, "topk: 3 of an axis of 2 elements");
	tr_context_destroy(ctx);
}

static void errors_name_the_culprit(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = ramp(ctx, 0, 1, SHAPE(2, 3)), *v = F32(ctx, 1, 2);
	struct tr_unique u;
	int64_t grid[] = {2, 3};

	CU_ASSERT_PTR_NULL(tr_sort(x, 2));
	assert_error(ctx, TR_EINVAL, "sort: axis 2 does not exist in shape [2,3]");
	CU_ASSERT_PTR_NULL(tr_searchsorted(x, v, 0));
	assert_error(ctx, TR_ESHAPE, "searchsorted: what is searched is [2,3]");
	CU_ASSERT_PTR_NULL(tr_searchsorted(v, v, 8));
	assert_error(ctx, TR_EINVAL, "unknown flags 0x8");
	CU_ASSERT_PTR_NULL(tr_bincount(v, NULL, 0));
	assert_error(ctx, TR_EDTYPE, "bincount: float32");
	CU_ASSERT_PTR_NULL(tr_bincount(tr_full(ctx, TR_I64, SHAPE(2), -3), NULL, 0));
	assert_error(ctx, TR_EINVAL, "bincount: an element is negative");
	CU_ASSERT_PTR_NULL(tr_digitize(v, F32(ctx, 1, 3, 2), false));
	assert_error(ctx, TR_EINVAL, "digitize: bins must be monotonically");
	CU_ASSERT_PTR_NULL(tr_histogram(v, F32(ctx, 2, 1), NULL));
	assert_error(ctx, TR_EINVAL, "histogram: edges must increase");
	CU_ASSERT_EQUAL(tr_unique_along(x, 5, 0, &u), -TR_EINVAL);
	assert_error(ctx, TR_EINVAL, "unique: axis 5");
	CU_ASSERT_PTR_NULL(tr_take_along_axis(x, tr_zeros(ctx, TR_I64, SHAPE(2)), 0));
	assert_error(ctx, TR_ESHAPE, "take_along_axis: indices have 1 axes");
	CU_ASSERT_PTR_NULL(tr_ravel_multi_index((struct tr_tensor *[]){tr_full(ctx, TR_I64, SHAPE(1), 2),
						tr_zeros(ctx, TR_I64, SHAPE(1))}, 2, grid, TR_INDEX_RAISE));
	assert_error(ctx, TR_EINDEX, "ravel_multi_index: an index is out of bounds for an axis of 2");
	tr_context_destroy(ctx);
}

/* One of each, for a context whose allocator fails at some point. */
static bool everything(struct tr_tensor *x)
{
	struct tr_tensor *flat = tr_ravel(x), *y, *out[2], *values, *places;
	int64_t grid[] = {3, 5};
	struct tr_unique u;

	if (!flat || tr_unique(x, TR_UNIQUE_INDEX | TR_UNIQUE_INVERSE | TR_UNIQUE_COUNTS, &u) || tr_unique_along(x, 1, 7, &u) ||
	    tr_topk(x, 2, 1, 0, &values, &places))
		return false;
	y = tr_bincount(tr_astype(flat, TR_I32), flat, 3);
	y = tr_add(tr_setxor1d(flat, values), tr_sum(y, TR_ALL_AXES, 0));
	y = tr_add(tr_sum(y, TR_ALL_AXES, 0), tr_sum(tr_histogram(x, tr_sort(flat, 0), x), TR_ALL_AXES, 0));
	y = tr_add(y, tr_interp(x, flat, flat, NULL, NULL));
	if (!y || tr_unravel_index(tr_astype(flat, TR_I64), 2, grid, out))
		return false;
	y = tr_add(tr_trapezoid(y, NULL, 1, 0), tr_max(tr_ravel_multi_index(out, 2, grid, TR_INDEX_WRAP), TR_ALL_AXES, 0));
	return y && tr_lexsort((struct tr_tensor *[]){x, x}, 2, 0) && tr_digitize(x, flat, true) && tr_isin(x, flat);
}

static struct tr_tensor *operand(struct tr_context *ctx)
{
	return ramp(ctx, 0, 1, SHAPE(2, 3));
}

static void survives_every_failing_allocation(void)
{
	survive_failing_allocations(operand, everything, 20);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(equal_elements_stay_in_order),
		TEST(sorts_every_type_and_length),
		TEST(searches),
		TEST(finds_distinct_elements),
		TEST(counts),
		TEST(largest_few),
		TEST(errors_name_the_culprit),
		TEST(survives_every_failing_allocation),
	};

	return TEST_RUN("sets", cases);
}
