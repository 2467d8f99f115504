/* SPDX-License-Identifier: MIT */
/* Shape arithmetic against brute force over small shapes. */
#include <string.h>

#include "lib/shape.h"
#include "tests/harness.h"

static void counts_elements_and_refuses_overflow(void)
{
	int64_t big[] = {INT64_MAX / 4, 2, 4}, hidden[] = {INT64_MAX, 2, 0};

	CU_ASSERT_EQUAL(tr__numel(0, NULL, 4), 1);
	CU_ASSERT_EQUAL(tr__numel(2, (int64_t[]){3, 4}, 4), 12);
	CU_ASSERT_EQUAL(tr__numel(2, (int64_t[]){3, 0}, 4), 0);
	CU_ASSERT_EQUAL(tr__numel(2, (int64_t[]){3, -1}, 4), -1);
	CU_ASSERT_EQUAL(tr__numel(3, big, 1), -1);
	CU_ASSERT_EQUAL(tr__numel(3, hidden, 1), -1);
	CU_ASSERT_EQUAL(tr__numel(1, (int64_t[]){INT64_MAX / 8}, 8), INT64_MAX / 8);
	CU_ASSERT_EQUAL(tr__numel(1, (int64_t[]){INT64_MAX / 8 + 1}, 8), -1);
}

static void broadcasts_as_numpy(void)
{
	static const struct {
		int an, bn, n, axis;
		int64_t a[4], b[4], out[4];
	} t[] = {
		{2, 1, 2, -1, {3, 4}, {4}, {3, 4}},     {2, 2, 2, -1, {3, 1}, {1, 4}, {3, 4}},
		{1, 3, 3, -1, {4}, {2, 3, 1}, {2, 3, 4}}, {0, 2, 2, -1, {0}, {2, 3}, {2, 3}},
		{1, 1, 1, -1, {1}, {0}, {0}},           {2, 1, 2, 1, {3, 4}, {3}, {3, 4}},
		{2, 2, 2, 0, {3, 4}, {5, 4}, {3, 4}},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		int64_t a[TR_MAX_RANK];
		int n = t[i].an;

		memcpy(a, t[i].a, sizeof(t[i].a));
		test_note("case %zu", i);
		CU_ASSERT_EQUAL(tr__broadcast(&n, a, t[i].bn, t[i].b), t[i].axis);
		CU_ASSERT_EQUAL(n, t[i].n);
		if (t[i].axis < 0)
			CU_ASSERT(!memcmp(a, t[i].out, (size_t)n * sizeof(*a)));
	}
}

/* Offsets of all elements in C order. */
static int64_t offsets(const struct tr_operand *o, int64_t *out)
{
	int64_t index[TR_MAX_RANK] = {0}, n = tr__numel(o->ndim, o->shape, 1);

	for (int64_t e = 0; e < n; e++) {
		out[e] = 0;
		for (int i = 0; i < o->ndim; i++)
			out[e] += index[i] * o->stride[i];
		for (int i = o->ndim; i-- > 0 && ++index[i] == o->shape[i];)
			index[i] = 0;
	}
	return n;
}

static void random_view(struct tr_operand *o, int ndim, const int64_t *shape)
{
	int64_t step = 1;

	o->ndim = (uint8_t)ndim;
	for (int i = ndim; i-- > 0;) {
		static const int64_t gap[] = {1, 1, 1, 2, -1, 0};
		int64_t g = gap[test_rand_below(6)];

		o->shape[i] = shape[i];
		o->stride[i] = step * g;
		step *= shape[i] * (g == 2 ? 2 : 1);
	}
}

static void merging_axes_keeps_every_offset(void)
{
	for (int round = 0; round < 5000; round++) {
		struct tr_operand a, b, *both[2] = {&a, &b};
		int64_t shape[5], before[2][1024], after[2][1024], n;
		int ndim = (int)test_rand_below(6), first, last, merged;

		for (int i = 0; i < ndim; i++)
			shape[i] = 1 + (int64_t)test_rand_below(4);
		random_view(&a, ndim, shape);
		random_view(&b, ndim, shape);
		first = ndim ? (int)test_rand_below((uint64_t)ndim) : 0;
		last = first + (ndim ? (int)test_rand_below((uint64_t)(ndim - first + 1)) : 0);
		n = offsets(&a, before[0]);
		offsets(&b, before[1]);
		merged = tr__merge_axes(both, 2, first, last);
		CU_ASSERT_EQUAL(a.ndim, ndim - (last - first) + merged);
		CU_ASSERT_EQUAL(offsets(&a, after[0]), n);
		CU_ASSERT_EQUAL(offsets(&b, after[1]), n);
		CU_ASSERT(!memcmp(before[0], after[0], (size_t)n * 8));
		CU_ASSERT(!memcmp(before[1], after[1], (size_t)n * 8));
	}
}

static void reshape_strides_keep_every_offset(void)
{
	static const int64_t shapes[][4] = {{2, 3, 4, 1}, {6, 4, 1, 1}, {24, 1, 1, 1}, {3, 8, 1, 1},
					    {4, 3, 2, 1}, {2, 12, 1, 1}, {1, 2, 3, 4}, {2, 2, 6, 1}};
	int views = 0, copies = 0;

	for (int round = 0; round < 4000; round++) {
		struct tr_operand a, b;
		int64_t before[64], after[64];

		random_view(&a, 4, shapes[test_rand_below(8)]);
		b.ndim = 4;
		memcpy(b.shape, shapes[test_rand_below(8)], sizeof(shapes[0]));
		offsets(&a, before);
		if (!tr__reshape_strides(4, a.shape, a.stride, 4, b.shape, b.stride)) {
			copies++;
			continue;
		}
		views++;
		offsets(&b, after);
		CU_ASSERT(!memcmp(before, after, 24 * 8));
	}
	CU_ASSERT(views > 500 && copies > 100);
}

static void reshape_finds_the_view_where_numpy_does(void)
{
	int64_t out[4];

	/* a transposed matrix can be split but not flattened */
	CU_ASSERT(tr__reshape_strides(2, (int64_t[]){4, 6}, (int64_t[]){1, 4}, 3, (int64_t[]){2, 2, 6}, out));
	CU_ASSERT(out[0] == 2 && out[1] == 1 && out[2] == 4);
	CU_ASSERT_FALSE(tr__reshape_strides(2, (int64_t[]){4, 6}, (int64_t[]){1, 4}, 1, (int64_t[]){24}, out));
	/* every second element is still one run */
	CU_ASSERT(tr__reshape_strides(1, (int64_t[]){6}, (int64_t[]){2}, 2, (int64_t[]){2, 3}, out));
	CU_ASSERT(out[0] == 6 && out[1] == 2);
}

static void extents_cover_exactly_what_is_reached(void)
{
	for (int round = 0; round < 2000; round++) {
		struct tr_operand a;
		int64_t at[256], low, high, min = INT64_MAX, max = INT64_MIN, n;
		int64_t shape[4];

		for (int i = 0; i < 4; i++)
			shape[i] = 1 + (int64_t)test_rand_below(4);
		random_view(&a, 4, shape);
		n = offsets(&a, at);
		for (int64_t i = 0; i < n; i++) {
			min = at[i] < min ? at[i] : min;
			max = at[i] > max ? at[i] : max;
		}
		tr__extent(4, a.shape, a.stride, &low, &high);
		CU_ASSERT_EQUAL(low, min);
		CU_ASSERT_EQUAL(high, max + 1);
	}
}

static void axis_sets_resolve_and_refuse(void)
{
	CU_ASSERT_EQUAL(tr__axes_mask(TR_ALL_AXES, 3), 7);
	CU_ASSERT_EQUAL(tr__axes_mask(TR_AXIS(0) | TR_AXIS(-1), 3), 5);
	CU_ASSERT_EQUAL(tr__axes_mask(TR_AXIS(-3), 3), 1);
	CU_ASSERT_EQUAL(tr__axes_mask(0, 3), 0);
	CU_ASSERT_EQUAL(tr__axes_mask(TR_AXIS(3), 3), -1);
	CU_ASSERT_EQUAL(tr__axes_mask(TR_AXIS(-4), 3), -1);
	CU_ASSERT_EQUAL(tr__axes_mask(TR_AXIS(0) | TR_AXIS(-3), 3), -1);
	CU_ASSERT_EQUAL(tr__axes_mask(TR_AXIS(8), 8), -1);
	CU_ASSERT_EQUAL(tr__axes_mask(TR_AXIS(-9), 8), -1);
	CU_ASSERT_EQUAL(tr__axes_mask(TR_AXIS(7) | TR_AXIS(-8), 8), 0x81);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(counts_elements_and_refuses_overflow), TEST(broadcasts_as_numpy),
		TEST(merging_axes_keeps_every_offset),      TEST(reshape_strides_keep_every_offset),
		TEST(reshape_finds_the_view_where_numpy_does), TEST(extents_cover_exactly_what_is_reached),
		TEST(axis_sets_resolve_and_refuse),
	};

	return TEST_RUN("shape", cases);
}
