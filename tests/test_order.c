/* SPDX-License-Identifier: MIT */
/*
 * Scans and elements by rank: the level's kernels against lib/ref's and against sorted copies, operations along every
 * axis, layout, type and number of threads against rows taken one by one.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ref/scan.h"
#include "simd/order.h"
#include "tests/tensors.h"
#include "tests/views.h"

/* ---- scans ---- */

/* Random elements; of floats any kind, or numbers near 1, whose sums and products tell one order from another. */
static void fill(enum tr_dtype t, char *x, size_t n, bool specials)
{
	for (size_t i = 0; i < n; i++) {
		double d = specials ? test_rand_f64() : 1 + test_rand_normal() / 64;
		float f = specials ? test_rand_f32() : (float)d;
		uint64_t bits = test_rand();

		if (t == TR_F64)
			memcpy(x + i * 8, &d, 8);
		else if (t == TR_F32)
			memcpy(x + i * 4, &f, 4);
		else if (t == TR_BOOL)
			x[i] = bits & 1;
		else
			memcpy(x + i * tr_dtype_size(t), &bits, tr_dtype_size(t));
	}
}

static bool is_nan(enum tr_dtype t, const char *x)
{
	float f = 0;
	double d = 0;

	memcpy(t == TR_F64 ? (void *)&d : &f, x, t == TR_F64 || t == TR_F32 ? tr_dtype_size(t) : 0);
	return isnan(t == TR_F64 ? d : (double)f);
}

static bool same_bits(enum tr_dtype t, const char *a, const char *b, size_t n)
{
	size_t size = tr_dtype_size(t);

	for (size_t i = 0; i < n * size; i += size) {
		if (memcmp(a + i, b + i, size) && !(is_nan(t, a + i) && is_nan(t, b + i))) {
			test_note("%s element %zu of %zu", tr_dtype_name(t), i / size, n);
			return false;
		}
	}
	return true;
}

/* rows × n elements in two calls, the first of whole chunks, with a stride, where they lie if `in_place`. */
static void check_scan(const struct tr_kernels *k, int fold, enum tr_dtype t, size_t rows, size_t n, bool in_place)
{
	size_t size = tr_dtype_size(t), step = n + (n > 1 ? test_rand_below(3) : 0), total = (rows - 1) * step + n;
	size_t first = rows > TR_SCAN_CHUNK ? TR_SCAN_CHUNK : rows;
	char *x = guard_alloc(total * size, rows & 1 ? GUARD_AFTER : GUARD_BEFORE);
	char *y = in_place ? x : guard_alloc(total * size, rows & 1 ? GUARD_AFTER : GUARD_BEFORE);
	char *want = malloc(total * size), *carry = guard_alloc(n * size, GUARD_AFTER), *carried = malloc(n * size);

	fill(t, x, total, rows % 3 == 0);
	memcpy(y, x, total * size); /* what lies between the rows must stay */
	memcpy(want, x, total * size);
	tr__ref_kernels.scan[fold][t](want, (ptrdiff_t)step, x, (ptrdiff_t)step, rows, n, carried, true);
	k->scan[fold][t](y, (ptrdiff_t)step, x, (ptrdiff_t)step, first, n, carry, true);
	if (rows > first)
		k->scan[fold][t](y + first * step * size, (ptrdiff_t)step, x + first * step * size, (ptrdiff_t)step,
				 rows - first, n, carry, false);
	test_note("fold %d, %zu rows of %zu", fold, rows, n);
	CU_ASSERT(same_bits(t, y, want, total));
	guard_free(x);
	if (!in_place)
		guard_free(y);
	guard_free(carry);
	free(want);
	free(carried);
}

static void scans_like_the_specification(void)
{
	static const size_t large[] = {1023, 1024, 1025, 1040, 2048, 2049, 5000};
	struct tr_device *dev = open_device(1);

	for (size_t i = 1; i <= 70 + sizeof(large) / sizeof(*large); i++) {
		size_t rows = i <= 70 ? i : large[i - 71];

		for (int fold = 0; fold <= TR_FOLD_MAXIMUM; fold++) {
			for (enum tr_dtype t = TR_BOOL; t <= TR_F64; t++) {
				if (!dev->k->scan[fold][t])
					continue;
				check_scan(dev->k, fold, t, rows, 1, i & 1);
				check_scan(dev->k, fold, t, rows, 1 + test_rand_below(70), i & 2);
			}
		}
	}
	close_device(dev);
}

/* The scan of one row by the page, from lib/ref, on elements gathered one by one. */
static void runs_along_every_axis(void)
{
	static const int perms[4][3] = {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}, {0, 2, 1}};

	for (unsigned threads = 1; threads <= 3; threads++) {
		struct tr_context *ctx = open_context_with(threads, NULL);

		for (int p = 0; p < 4; p++) {
			for (int axis = 0; axis < 3; axis++) {
				int64_t shape[] = {37, 1100 / (p + 1), 3}, index[3];
				struct tr_tensor *x = tr_permute(random_f32(ctx, false, 3, shape), perms[p]), *y, *h;
				const int64_t *s = tr_shape(x);
				size_t n = (size_t)s[axis];
				float *row = malloc(n * sizeof(*row)), carry;
				bool right = true;

				y = tr_cumsum(x, axis, 0);
				h = tr_cumsum(tr_astype(x, TR_F16), axis, TR_AS(TR_F32));
				for (int64_t i = 0; i < s[(axis + 1) % 3]; i += 5) {
					for (int64_t j = 0; j < s[(axis + 2) % 3]; j += 7) {
						index[(axis + 1) % 3] = i;
						index[(axis + 2) % 3] = j;
						for (size_t r = 0; r < n; r++) {
							index[axis] = (int64_t)r;
							row[r] = (float)value_at(x, (index[0] * s[1] + index[1]) * s[2] + index[2]);
						}
						tr__ref_kernels.scan[TR_FOLD_ADD][TR_F32](row, 1, row, 1, n, 1, &carry, true);
						for (size_t r = 0; r < n; r++) {
							int64_t at;

							index[axis] = (int64_t)r;
							at = (index[0] * s[1] + index[1]) * s[2] + index[2];
							right = right && (float)value_at(y, at) == row[r] &&
								fabs(value_at(h, at) - (double)row[r]) < 0.5;
						}
					}
				}
				test_note("%u threads, permutation %d, axis %d", threads, p, axis);
				CU_ASSERT(right);
				free(row);
			}
		}
		tr_context_destroy(ctx);
	}
}

static void scans_have_types_and_refusals(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *a = ramp(ctx, 1, 1, SHAPE(2, 3)), *y = tr_zeros(ctx, TR_F64, SHAPE(2, 3));
	struct tr_tensor *i8 = tr_astype(tr_full(ctx, TR_F32, SHAPE(3), 100), TR_I8);

	ASSERT_F32(tr_cumsum(a, -1, 0), 1, 3, 6, 4, 9, 15);
	ASSERT_F32(tr_cumprod(a, 0, 0), 1, 2, 3, 4, 10, 18);
	ASSERT_F32(tr_cummax(tr_negative(a), 1, 0), -1, -1, -1, -4, -4, -4);
	ASSERT_F32(tr_cummin(tr_negative(a), 1, 0), -1, -2, -3, -4, -5, -6);
	CU_ASSERT_EQUAL(tr_cumsum_out(y, a, 1, 0), 0);
	CU_ASSERT_EQUAL(value_at(y, 5), 15);
	CU_ASSERT_EQUAL(tr_cumsum_out(a, a, 1, 0), 0); /* in place */
	ASSERT_F32(a, 1, 3, 6, 4, 9, 15);
	CU_ASSERT_EQUAL(tr_dtype_of(tr_cumsum(i8, 0, 0)), TR_I64);
	CU_ASSERT_EQUAL(value_at(tr_cumsum(i8, 0, 0), 2), 300);
	CU_ASSERT_EQUAL(value_at(tr_cumsum(i8, 0, TR_AS(TR_I8)), 2), 44); /* 300 mod 256 */
	CU_ASSERT_EQUAL(tr_dtype_of(tr_cummax(i8, 0, 0)), TR_I8);
	CU_ASSERT_EQUAL(tr_numel(tr_cumsum(tr_zeros(ctx, TR_F32, SHAPE(3, 0)), 1, 0)), 0);
	CU_ASSERT_PTR_NULL(tr_cumsum(a, 2, 0));
	assert_error(ctx, TR_EINVAL, "cumsum: axis 2 does not exist in shape [2,3]");
	CU_ASSERT_PTR_NULL(tr_cumsum(a, 0, TR_KEEPDIMS));
	assert_error(ctx, TR_EINVAL, "cumsum: unknown flags");
	CU_ASSERT_PTR_NULL(tr_cummax(a, 0, TR_AS(TR_F64)));
	assert_error(ctx, TR_EINVAL, "cummax: takes no TR_AS");
	tr_context_destroy(ctx);
}

/* ---- ranks ---- */

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	if (x == y)
		return signbit(y) - signbit(x) ? (signbit(x) ? -1 : 1) : 0;
	return (x > y) - (x < y);
}

/* Kinds of input: random, few values, sorted, the reverse, all equal, zeros of both signs, geometric, one far off. */
#define KINDS 8
static double draw(int kind, size_t i, size_t n)
{
	switch (kind) {
	case 0:
		return test_rand_normal();
	case 1:
		return (double)test_rand_below(3);
	case 2:
		return (double)i;
	case 3:
		return (double)n - (double)i;
	case 4:
		return 7;
	case 5:
		return test_rand_below(2) ? 0.0 : -0.0;
	case 6:
		return ldexp(1, (int)test_rand_below(200) - 100) * (test_rand_below(2) ? 1 : -1);
	default:
		return i == n / 2 ? -INFINITY : i == n / 3 ? INFINITY : test_rand_below(9) ? 0.0 : -1;
	}
}

static void check_pick(const struct tr_kernels *k, enum tr_dtype t, int kind, size_t n)
{
	size_t size = tr_dtype_size(t);
	char *x = guard_alloc(n * size, GUARD_AFTER), *room = guard_alloc(n * size + 64, GUARD_AFTER);
	double *sorted = malloc(n * sizeof(*sorted)), picked[2];

	for (size_t i = 0; i < n; i++) {
		double d = draw(kind, i, n);
		float f = (float)d;

		memcpy(x + i * size, t == TR_F64 ? (void *)&d : &f, size);
		sorted[i] = t == TR_F64 ? d : (double)f;
	}
	qsort(sorted, n, sizeof(*sorted), ascending);
	guard_readonly(x);
	for (int round = 0; round < 6; round++) {
		size_t rank = round == 0 ? 0 : round == 1 ? n - 1 : round == 2 ? n / 2 : test_rand_below(n);
		size_t above = rank + 1 < n ? rank + 1 : rank;

		tr__order_pick(k, t, x, n, rank, room, picked);
		test_note("%s kind %d: rank %zu of %zu is %g, %g", tr_dtype_name(t), kind, rank, n, picked[0], picked[1]);
		CU_ASSERT(picked[0] == sorted[rank] && signbit(picked[0]) == signbit(sorted[rank]));
		CU_ASSERT(picked[1] == sorted[above] && signbit(picked[1]) == signbit(sorted[above]));
	}
	guard_free(x);
	guard_free(room);
	free(sorted);
}

static void ranks_are_those_of_a_sort(void)
{
	static const size_t large[] = {127, 1000, 4097, 70000, 300000};
	struct tr_device *dev = open_device(1);

	for (int kind = 0; kind < KINDS; kind++) {
		for (size_t i = 1; i <= 100 + sizeof(large) / sizeof(*large); i++) {
			check_pick(dev->k, TR_F32, kind, i <= 100 ? i : large[i - 101]);
			check_pick(dev->k, TR_F64, kind, i <= 100 ? i : large[i - 101]);
		}
	}
	close_device(dev);
}

static void keeps_what_lies_between(void)
{
	struct tr_device *dev = open_device(1);

	for (size_t n = 0; n <= 200; n++) {
		float *x = guard_alloc((n ? n : 1) * sizeof(*x), GUARD_AFTER), *y = guard_alloc((n ? n : 1) * sizeof(*y), GUARD_AFTER);
		float want[200], low = -0.5f, high = n % 3 ? 0.7f : INFINITY;
		size_t below = 5, below_ref = 5, kept, kept_ref;

		for (size_t i = 0; i < n; i++)
			x[i] = test_rand_below(8) ? (float)test_rand_normal() : test_rand_f32();
		kept = dev->k->between[TR_F32](y, x, n, &low, &high, &below);
		kept_ref = tr__ref_kernels.between[TR_F32](want, x, n, &low, &high, &below_ref);
		CU_ASSERT_EQUAL(kept, kept_ref);
		CU_ASSERT_EQUAL(below, below_ref);
		CU_ASSERT(!memcmp(y, want, kept_ref * sizeof(*want)));
		CU_ASSERT_EQUAL(dev->k->between[TR_F32](x, x, n, &low, &high, &below), kept_ref);
		CU_ASSERT(!memcmp(x, want, kept_ref * sizeof(*want)));
		guard_free(x);
		guard_free(y);
	}
	close_device(dev);
}

/* Both ranks of n numbers, some of them equal, zeros of both signs and infinities, where they lie and in place. */
static void check_ranks(const struct tr_kernels *k, enum tr_dtype t, size_t n, size_t rank)
{
	size_t size = tr_dtype_size(t);
	char *x = guard_alloc(n * size, GUARD_AFTER), *room = guard_alloc(n * size + 64, GUARD_AFTER);
	char *sorted = guard_alloc(n * size, GUARD_AFTER), got[16], want[16];

	for (size_t i = 0; i < n; i++) {
		static const double few[] = {0.0, -0.0, INFINITY, -INFINITY, 1, -1};
		double d = test_rand_below(3) ? test_rand_normal() : few[test_rand_below(6)];
		float f = (float)d;

		memcpy(x + i * size, t == TR_F64 ? (void *)&d : (void *)&f, size);
	}
	tr__ref_kernels.pick[t](want, x, n, rank, sorted);
	memcpy(room, x, n * size);
	guard_readonly(x);
	k->pick[t](got, x, n, rank, room);
	test_note("pick %zu of %zu, %s", rank, n, tr_dtype_name(t));
	CU_ASSERT(!memcmp(got, want, 2 * size));
	memcpy(room, x, n * size);
	k->pick[t](got, room, n, rank, room);
	CU_ASSERT(!memcmp(got, want, 2 * size));
	guard_free(x);
	guard_free(room);
	guard_free(sorted);
}

static void picks_like_the_specification(void)
{
	struct tr_device *dev = open_device(1);

	for (size_t n = 1; n <= 300; n += 1 + test_rand_below(4)) {
		size_t ranks[] = {0, n - 1, n / 2, test_rand_below((uint32_t)n)};

		for (size_t i = 0; i < 4; i++)
			check_ranks(dev->k, i & 1 ? TR_F64 : TR_F32, n, ranks[i]);
	}
	check_ranks(dev->k, TR_F32, TR_PICK_MOST, TR_PICK_MOST / 3);
	check_ranks(dev->k, TR_F64, TR_PICK_MOST, TR_PICK_MOST - 1);
	close_device(dev);
}

static void medians_and_quantiles_by_hand(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *a = tr_from_data(ctx, TR_F32, SHAPE(2, 4), (float[]){4, 1, 3, 2, NAN, 8, 6, 7});
	struct tr_tensor *nan = tr_full(ctx, TR_F32, SHAPE(5), NAN);

	ASSERT_F32(tr_median(a, TR_AXIS(1), 0), 2.5f, NAN);
	ASSERT_F32(tr_nanmedian(a, TR_AXIS(1), 0), 2.5f, 7);
	ASSERT_F32(tr_nanmedian(a, TR_ALL_AXES, 0), 4);
	ASSERT_F32(tr_nanmedian(a, TR_AXIS(0), TR_KEEPDIMS), 4, 4.5f, 4.5f, 4.5f);
	ASSERT_F32(tr_quantile(a, 0.25, TR_AXIS(1), 0), 1.75f, NAN);
	ASSERT_F32(tr_quantile(a, 0.25, TR_AXIS(1), TR_QUANTILE_LOWER), 1, NAN);
	ASSERT_F32(tr_quantile(a, 0.25, TR_AXIS(1), TR_QUANTILE_HIGHER), 2, NAN);
	ASSERT_F32(tr_quantile(a, 0.25, TR_AXIS(1), TR_QUANTILE_NEAREST), 2, NAN);
	ASSERT_F32(tr_quantile(a, 0.25, TR_AXIS(1), TR_QUANTILE_MIDPOINT), 1.5f, NAN);
	ASSERT_F32(tr_nanquantile(a, 1, TR_AXIS(1), 0), 4, 8);
	ASSERT_F32(tr_nanquantile(nan, 0.5, TR_ALL_AXES, 0), NAN);
	ASSERT_F32(tr_median(tr_zeros(ctx, TR_F32, SHAPE(2, 0)), TR_AXIS(1), 0), NAN, NAN);
	CU_ASSERT_EQUAL(tr_dtype_of(tr_median(tr_ones(ctx, TR_I16, SHAPE(3)), TR_ALL_AXES, 0)), TR_F64);
	CU_ASSERT_EQUAL(tr_dtype_of(tr_median(tr_ones(ctx, TR_F16, SHAPE(3)), TR_ALL_AXES, 0)), TR_F16);
	CU_ASSERT_PTR_NULL(tr_quantile(a, 1.5, TR_ALL_AXES, 0));
	assert_error(ctx, TR_EINVAL, "quantile: q is 1.5, not within 0 and 1");
	CU_ASSERT_PTR_NULL(tr_quantile(a, NAN, TR_ALL_AXES, 0));
	assert_error(ctx, TR_EINVAL, "not within 0 and 1");
	CU_ASSERT_PTR_NULL(tr_quantile(a, 0.5, TR_ALL_AXES, 0x07000000u));
	assert_error(ctx, TR_EINVAL, "unknown flags");
	CU_ASSERT_PTR_NULL(tr_median(a, TR_AXIS(2), 0));
	assert_error(ctx, TR_EINVAL, "median: axes do not exist in shape [2,4]");
	CU_ASSERT_PTR_NULL(tr_nanargmin(nan, TR_ALL_AXES, 0));
	assert_error(ctx, TR_EINVAL, "nanargmin: nothing but NaNs along the axis");
	CU_ASSERT_PTR_NULL(tr_norm(a, NAN, TR_ALL_AXES, 0));
	assert_error(ctx, TR_EINVAL, "norm: there is no norm of order NaN");
	CU_ASSERT_PTR_NULL(tr_norm(tr_zeros(ctx, TR_F32, SHAPE(2, 0)), -INFINITY, TR_AXIS(1), 0));
	assert_error(ctx, TR_ESHAPE, "norm: no elements");
	CU_ASSERT_PTR_NULL(tr_ptp(tr_ones(ctx, TR_BOOL, SHAPE(3)), TR_ALL_AXES, 0));
	assert_error(ctx, TR_EDTYPE, "ptp: not defined for bool");
	tr_context_destroy(ctx);
}

/* A median does not depend on how its elements lie, nor on threads. */
static void medians_keep_their_values(void)
{
	static const int perms[4][3] = {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}, {0, 2, 1}};

	for (unsigned threads = 1; threads <= 3; threads++) {
		struct tr_context *ctx = open_context_with(threads, NULL);

		for (int p = 0; p < 4; p++) {
			for (uint32_t axes = 1; axes < 8; axes++) {
				struct tr_tensor *x = tr_permute(random_f32(ctx, false, SHAPE(19, 60, 23)), perms[p]);

				test_note("%u threads, permutation %d, axes %u", threads, p, axes);
				assert_same(tr_median(x, axes, 0), tr_median(tr_copy(x), axes, 0));
				assert_same(tr_quantile(x, 0.3, axes, 0),
					    tr_astype(tr_quantile(tr_astype(x, TR_F64), 0.3, axes, TR_AS(TR_F32)), TR_F32));
			}
		}
		tr_context_destroy(ctx);
	}
}

int main(void)
{
	static const struct test_case tests[] = {
		TEST(scans_like_the_specification),
		TEST(runs_along_every_axis),
		TEST(scans_have_types_and_refusals),
		TEST(ranks_are_those_of_a_sort),
		TEST(keeps_what_lies_between),
		TEST(picks_like_the_specification),
		TEST(medians_and_quantiles_by_hand),
		TEST(medians_keep_their_values),
	};

	return TEST_RUN("order", tests);
}
