/* SPDX-License-Identifier: MIT */
/*
 * The Vulkan driver's writes by an index, elements that masks choose, ranges, interpolations, and reductions in several passes:
 * the CPU's bits, and its errors.
 */
#include <math.h>
#include <stdio.h>

#include <trueno/conv.h>
#include <trueno/create.h>
#include <trueno/index.h>
#include <trueno/plan.h>

#include "tests/pairs.h"

#define BOTH(g, c, what) assert_pair((struct pair){g, c}, what)

static int64_t below(int64_t n)
{
	return (int64_t)test_rand_below((uint64_t)n);
}

static enum tr_dtype any_type(uint32_t set)
{
	static const enum tr_dtype quick[] = {TR_F32, TR_I32, TR_F16, TR_U8, TR_I64, TR_F64};
	enum tr_dtype d;

	do
		d = test_long() ? (enum tr_dtype)below(TR_DTYPE_COUNT) : quick[below(6)];
	while (!(set >> d & 1));
	return d;
}

/* n indices of an axis of `limit` elements, from both ends, many of them equal. */
static struct pair some_indices(int64_t n, int64_t limit)
{
	static const enum tr_dtype types[] = {TR_I64, TR_I32, TR_U8, TR_I16};
	enum tr_dtype dtype = types[below(4)];
	int64_t v[3000];
	struct tr_tensor *g, *c;

	for (int64_t i = 0; i < n; i++)
		v[i] = below(limit) - (dtype == TR_U8 || below(2) ? 0 : limit);
	g = tr_from_data(gpu, TR_I64, 1, &n, v);
	c = tr_from_data(cpu, TR_I64, 1, &n, v);
	return (struct pair){tr_astype(g, dtype), tr_astype(c, dtype)};
}

static void open_scopes(void)
{
	tr_scope_begin(gpu);
	tr_scope_begin(cpu);
}

static void close_scopes(void)
{
	tr_scope_end(gpu);
	tr_scope_end(cpu);
}

static void rows_are_written_by_index(void)
{
	NEEDS_GPU();
	for (int round = 0; round < (test_long() ? 300 : 40); round++) {
		bool add = round % 2;
		enum tr_dtype dtype = any_type(tr__ops[add ? TR_OP_index_add : TR_OP_index_copy].dtypes);
		int64_t n = round == 9 ? 3000 : 1 + below(20), shape[3] = {1 + below(4), 1 + below(9), 1 + below(5)}, given[3];
		int axis = (int)below(3), err;
		struct pair y, a, i;
		char what[80];

		open_scopes();
		for (int d = 0; d < 3; d++)
			given[d] = d == axis ? n : shape[d];
		i = some_indices(n, shape[axis]);
		a = below(3) ? random_view(dtype, 3, given, true) : random_pair(dtype, 3, given);
		y = below(3) ? random_pair(dtype, 3, shape) : random_view(dtype, 3, shape, false);
		if (add && flushes) { /* sums of denormals */
			a = (struct pair){tr_ones(gpu, dtype, 3, given), tr_ones(cpu, dtype, 3, given)};
			y = (struct pair){tr_ones(gpu, dtype, 3, shape), tr_ones(cpu, dtype, 3, shape)};
		}
		snprintf(what, sizeof(what), "round %d, %s of %s", round, add ? "index_add" : "index_copy", tr_dtype_name(dtype));
		err = add ? tr_index_add_out(y.g, a.g, i.g, axis) : tr_index_copy_out(y.g, a.g, i.g, axis);
		CU_ASSERT_EQUAL(err, 0);
		if (add)
			tr_index_add_out(y.c, a.c, i.c, axis);
		else
			tr_index_copy_out(y.c, a.c, i.c, axis);
		assert_pair(y, what);
		close_scopes();
	}
}

/* Of several tensors at once: index_get makes one index of them, index_set writes by it. */
static void several_indices_are_one(void)
{
	NEEDS_GPU();
	for (int round = 0; round < (test_long() ? 60 : 8); round++) {
		int64_t shape[3] = {1 + below(6), 1 + below(6), 1 + below(6)}, n = 1 + below(9);
		struct pair a = random_pair(TR_F32, 3, shape), i, k, v;
		struct tr_index g[2], c[2];

		open_scopes();
		i = some_indices(n, shape[0]);
		k = some_indices(n, shape[1]);
		g[0] = (struct tr_index){.kind = TR_INDEX_TENSOR, .tensor = i.g};
		g[1] = (struct tr_index){.kind = TR_INDEX_TENSOR, .tensor = k.g};
		c[0] = (struct tr_index){.kind = TR_INDEX_TENSOR, .tensor = i.c};
		c[1] = (struct tr_index){.kind = TR_INDEX_TENSOR, .tensor = k.c};
		BOTH(tr_index_get(a.g, 2, g), tr_index_get(a.c, 2, c), "index_get");
		v = random_pair(TR_F32, 2, (const int64_t[]){n, shape[2]});
		CU_ASSERT_EQUAL(tr_index_set(a.g, 2, g, v.g), 0);
		tr_index_set(a.c, 2, c, v.c);
		assert_pair(a, "index_set");
		close_scopes();
		free_pair(a);
	}
}

/* What a wrong index would have overwritten stays as it was. */
static void wrong_indices_are_refused(void)
{
	int64_t n = 3;
	float v[3] = {1, 2, 3}, seen[3];
	struct tr_tensor *y, *i;

	NEEDS_GPU();
	tr_scope_begin(gpu);
	y = tr_from_data(gpu, TR_F32, 1, &n, v);
	i = tr_from_data(gpu, TR_I64, 1, &n, (const int64_t[]){0, -4, 1});
	CU_ASSERT_EQUAL(tr_index_copy_out(y, tr_zeros(gpu, TR_F32, 1, &n), i, 0), -TR_EINDEX);
	assert_error(gpu, TR_EINDEX, "index_copy: index -4 at position 1 is out of bounds for axis 0 with size 3");
	CU_ASSERT_EQUAL(tr_index_add_out(y, tr_ones(gpu, TR_F32, 1, &n), i, 0), -TR_EINDEX);
	assert_error(gpu, TR_EINDEX, "index_add: index -4 at position 1 is out of bounds for axis 0 with size 3");
	tr_read(y, seen, sizeof(seen));
	CU_ASSERT_EQUAL(memcmp(seen, v, sizeof(v)), 0);
	tr_scope_end(gpu);
}

static void masks_choose_elements(void)
{
	NEEDS_GPU();
	for (int round = 0; round < (test_long() ? 200 : 24); round++) {
		enum tr_dtype dtype = any_type(TR__SET_ANY);
		int64_t shape[3] = {1 + below(4), 1 + below(50), round == 5 ? 5000 : 1 + below(40)};
		struct pair a, mask;

		open_scopes();
		test_note("round %d, %s", round, tr_dtype_name(dtype));
		a = random_view(dtype, 3, shape, true);
		mask = round == 3 ? (struct pair){tr_zeros(gpu, TR_BOOL, 3, shape), tr_zeros(cpu, TR_BOOL, 3, shape)}
				  : random_view(TR_BOOL, 3, shape, true);
		BOTH(tr_masked_select(a.g, mask.g), tr_masked_select(a.c, mask.c), "masked_select");
		BOTH(tr_flatnonzero(mask.g), tr_flatnonzero(mask.c), "flatnonzero");
		BOTH(tr_argwhere(a.g), tr_argwhere(a.c), "argwhere");
		close_scopes();
	}
}

static void rooms_are_checked(void)
{
	int64_t n = 4, room = 3, found[3] = {7, 7, 7};
	const uint8_t mask[4] = {1, 0, 1, 0};
	struct tr_tensor *m, *y;

	NEEDS_GPU();
	tr_scope_begin(gpu);
	m = tr_from_data(gpu, TR_BOOL, 1, &n, mask);
	y = tr_from_data(gpu, TR_I64, 1, &room, found);
	CU_ASSERT_EQUAL(tr_flatnonzero_out(y, m), -TR_ESTATE);
	assert_error(gpu, TR_ESTATE, "flatnonzero: 2 elements are found; the destination has room for 3");
	tr_read(y, found, sizeof(found));
	CU_ASSERT_EQUAL(found[0], 7);
	tr_scope_end(gpu);
}

/* Checks of what is recorded are looked at after each replay. */
static void plans_check_what_they_find(void)
{
	int64_t n = 4, room = 2, seen[2] = {0};
	struct tr_tensor *m, *y, *i, *x;
	struct tr_plan *plan;

	NEEDS_GPU();
	tr_scope_begin(gpu);
	m = tr_from_data(gpu, TR_BOOL, 1, &n, (const uint8_t[]){0, 1, 0, 1});
	i = tr_from_data(gpu, TR_I64, 1, &room, (const int64_t[]){1, 1});
	x = tr_zeros(gpu, TR_I64, 1, &n);
	y = tr_zeros(gpu, TR_I64, 1, &room);
	CU_ASSERT_EQUAL(tr_plan_begin(gpu), 0);
	tr_flatnonzero_out(y, m);
	tr_index_copy_out(x, y, i, 0);
	plan = tr_plan_end(gpu);
	CU_ASSERT_PTR_NOT_NULL_FATAL(plan);
	for (int round = 0; round < 2; round++) {
		CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
		tr_read(y, seen, sizeof(seen));
		CU_ASSERT(seen[0] == 1 && seen[1] == 3);
		CU_ASSERT_EQUAL(((const int64_t *)tr_data_const(x))[1], 3);
	}
	tr_write(m, (const uint8_t[]){1, 1, 1, 0}, 4);
	CU_ASSERT_EQUAL(tr_plan_run(plan), -TR_ESTATE);
	assert_error(gpu, TR_ESTATE, "flatnonzero: 3 elements are found; the destination has room for 2");
	tr_read(y, seen, sizeof(seen));
	CU_ASSERT(seen[0] == 1 && seen[1] == 3);
	tr_write(m, (const uint8_t[]){1, 0, 1, 0}, 4);
	tr_write(i, (const int64_t[]){0, 9}, 16);
	CU_ASSERT_EQUAL(tr_plan_run(plan), -TR_EINDEX);
	assert_error(gpu, TR_EINDEX, "index_copy: index 9 at position 1 is out of bounds for axis 0 with size 4");
	CU_ASSERT_EQUAL(((const int64_t *)tr_data_const(x))[1], 3);
	tr_plan_destroy(plan);
	tr_scope_end(gpu);
}

static void ranges_agree(void)
{
	static const enum tr_dtype types[] = {TR_F32, TR_F64, TR_F16, TR_BF16, TR_I64, TR_I32, TR_I16, TR_U8, TR_U64};

	NEEDS_GPU();
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		bool is_float = types[i] <= TR_F64 && types[i] >= TR_F16;

		open_scopes();
		if (is_float)
			BOTH(tr_arange(gpu, types[i], 0.1, 77.7, 0.3), tr_arange(cpu, types[i], 0.1, 77.7, 0.3), "arange");
		else
			BOTH(tr_arange_int(gpu, types[i], 3, 100, 7), tr_arange_int(cpu, types[i], 3, 100, 7), "arange");
		BOTH(tr_arange_int(gpu, types[i], 90, 1, -3), tr_arange_int(cpu, types[i], 90, 1, -3), "backwards");
		close_scopes();
	}
	open_scopes();
	BOTH(tr_arange(gpu, TR_F32, 0, 1e6, 0.37), tr_arange(cpu, TR_F32, 0, 1e6, 0.37), "long");
	close_scopes();
}

static void interpolations_agree(void)
{
	NEEDS_GPU();
	if (flushes)
		TEST_SKIP("denormals that the GPU flushes on the way change what comes of them");
	for (int round = 0; round < (test_long() ? 200 : 36); round++) {
		struct tr_interpolate_params p = {.mode = (uint32_t)(round % 3)};
		enum tr_dtype dtype = round % 5 == 4 ? TR_F16 : round % 2 ? TR_F32 : TR_F64;
		int n = 1 + round % 3;
		int64_t shape[5] = {1 + below(3), 1 + below(4)};
		struct pair x;

		open_scopes();
		test_note("round %d", round);
		p.flags = p.mode == TR_INTERPOLATE_LINEAR && below(2) ? TR_ALIGN_CORNERS : 0;
		for (int d = 0; d < n; d++) {
			shape[2 + d] = 1 + below(12);
			if (below(2))
				p.size[d] = below(4) ? (int32_t)(1 + below(25)) : (int32_t)shape[2 + d];
			else
				p.scale[d] = 1 + (double)below(30) / 7;
		}
		x = random_view(dtype, 2 + n, shape, true);
		if (n == 1)
			BOTH(tr_interpolate1d(x.g, &p), tr_interpolate1d(x.c, &p), "interpolate1d");
		if (n == 2)
			BOTH(tr_interpolate2d(x.g, &p), tr_interpolate2d(x.c, &p), "interpolate2d");
		if (n == 3)
			BOTH(tr_interpolate3d(x.g, &p), tr_interpolate3d(x.c, &p), "interpolate3d");
		close_scopes();
	}
}

static void norms_agree(void)
{
	static const double orders[] = {2, 1, 0, INFINITY, -INFINITY, 3, 0.5, -1, -2.5};

	NEEDS_GPU();
	if (flushes)
		TEST_SKIP("denormals that the GPU flushes on the way change what comes of them");
	for (int round = 0; round < (test_long() ? 200 : 36); round++) {
		enum tr_dtype dtype = round % 5 == 4 ? TR_F16 : round % 2 ? TR_F32 : TR_F64;
		int64_t shape[3] = {1 + below(4), round == 7 ? 3000 : 1 + below(70), 1 + below(40)};
		uint32_t axes = round % 4 == 3 ? TR_ALL_AXES : 1u << below(3);
		double p = orders[round % 9];
		struct pair x;

		open_scopes();
		test_note("round %d, p %g", round, p);
		x = random_view(dtype, 3, shape, true);
		BOTH(tr_norm(x.g, p, axes, 0), tr_norm(x.c, p, axes, 0), "norm");
		close_scopes();
	}
}

/* Rows with NaN, rows of nothing else, and all the others. */
static void reductions_of_several_passes_agree(void)
{
	static const enum tr_op ops[] = {TR_OP_ptp, TR_OP_logsumexp, TR_OP_nansum, TR_OP_nanprod, TR_OP_nanmean, TR_OP_nanvar,
					 TR_OP_nanstd, TR_OP_nanmin, TR_OP_nanmax};

	NEEDS_GPU();
	if (flushes)
		TEST_SKIP("denormals that the GPU flushes on the way change what comes of them");
	for (int round = 0; round < (test_long() ? 300 : 54); round++) {
		enum tr_op op = ops[round % 9];
		enum tr_dtype dtype = round % 5 == 4 ? TR_F16 : round % 2 ? TR_F32 : TR_F64;
		int64_t shape[3] = {1 + below(4), 1 + below(70), 1 + below(4)};
		struct tr_sqe g, c;
		struct pair x;

		if (op == TR_OP_ptp && round % 4 == 0)
			dtype = TR_I16;
		open_scopes();
		x = below(2) ? random_view(dtype, 3, shape, true)
			     : (struct pair){tr_full(gpu, dtype, 3, shape, (double)NAN), tr_full(cpu, dtype, 3, shape, (double)NAN)};
		tr_prep_unary(&g, op, tr_handle(x.g));
		g.attr.u32[0] = 1u << below(3);
		c = g;
		c.src[0] = tr_handle(x.c);
		tr_submit(gpu, &g, 1);
		tr_submit(cpu, &c, 1);
		BOTH(tr_from_handle(gpu, g.dst), tr_from_handle(cpu, c.dst), tr__ops[op].name);
		close_scopes();
	}
}

/* Of rows that have a number; a row of nothing else is refused, as on the CPU. */
static void extremes_are_found_among_numbers(void)
{
	NEEDS_GPU();
	for (int round = 0; round < (test_long() ? 100 : 16); round++) {
		enum tr_dtype dtype = round % 3 == 2 ? TR_F64 : round % 5 == 4 ? TR_F16 : round % 5 == 1 ? TR_I32 : TR_F32;
		int64_t shape[3] = {1 + below(4), 1 + below(40), round == 7 ? 40000 : 1 + below(60)};
		uint32_t axes = round == 7 ? 4 : 1u << below(3);
		struct tr_tensor *g, *c;
		struct pair x;
		int told;

		open_scopes();
		test_note("round %d", round);
		x = random_view(dtype, 3, shape, true);
		if (dtype != TR_I32 && round % 2)
			x = (struct pair){tr_where(tr_isfinite(x.g), x.g, tr_scalar(gpu, (double)NAN)),
					  tr_where(tr_isfinite(x.c), x.c, tr_scalar(cpu, (double)NAN))};
		c = round % 4 < 2 ? tr_nanargmin(x.c, axes, 0) : tr_nanargmax(x.c, axes, 0);
		told = tr_error(cpu);
		g = round % 4 < 2 ? tr_nanargmin(x.g, axes, 0) : tr_nanargmax(x.g, axes, 0);
		tr_flush(gpu);
		CU_ASSERT_EQUAL(tr_error(gpu), told);
		if (told)
			assert_error(gpu, TR_EINVAL, "nothing but NaNs along the axis");
		tr_error_clear(cpu);
		if (!told)
			BOTH(g, c, "nanarg");
		close_scopes();
	}
	open_scopes();
	tr_nanargmax(tr_full(gpu, TR_F32, 1, (const int64_t[]){5}, (double)NAN), 1, 0);
	CU_ASSERT_EQUAL(tr_flush(gpu), -TR_EINVAL);
	assert_error(gpu, TR_EINVAL, "nanargmax: nothing but NaNs along the axis");
	close_scopes();
}

/* A row of many segments, whose extreme is the first of equal ones, or the first NaN. */
static void extremes_of_long_rows_are_the_first(void)
{
	const int64_t n = 1200007;

	NEEDS_GPU();
	for (int round = 0; round < 4; round++) {
		struct pair x;
		int64_t nan = round == 3 ? below(n) : n, low = below(n), high = below(n);

		open_scopes();
		x = (struct pair){tr_empty(gpu, TR_F32, 1, &n), tr_empty(cpu, TR_F32, 1, &n)};
		for (int side = 0; side < 2; side++) {
			float *v = tr_data(side ? x.c : x.g);

			for (int64_t i = 0; v && i < n; i++)
				v[i] = i == nan ? NAN : i >= low && i % 3 == 0 ? -1 : i >= high && i % 7 == 0 ? 1 : 0;
		}
		BOTH(tr_argmin(x.g, 1, 0), tr_argmin(x.c, 1, 0), "argmin");
		BOTH(tr_argmax(x.g, 1, 0), tr_argmax(x.c, 1, 0), "argmax");
		BOTH(tr_nanargmin(x.g, 1, 0), tr_nanargmin(x.c, 1, 0), "nanargmin");
		BOTH(tr_nanargmax(x.g, 1, 0), tr_nanargmax(x.c, 1, 0), "nanargmax");
		close_scopes();
	}
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(rows_are_written_by_index),
		TEST(several_indices_are_one),
		TEST(wrong_indices_are_refused),
		TEST(masks_choose_elements),
		TEST(rooms_are_checked),
		TEST(plans_check_what_they_find),
		TEST(ranges_agree),
		TEST(interpolations_agree),
		TEST(norms_agree),
		TEST(extremes_are_found_among_numbers),
		TEST(extremes_of_long_rows_are_the_first),
		TEST(reductions_of_several_passes_agree),
		TEST(validation_had_nothing_to_say),
	};

	return VK_RUN("vk_index", cases);
}
