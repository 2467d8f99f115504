/* SPDX-License-Identifier: MIT */
/*
 * Complex operations in C: in place, batches, plans, one command for both parts, memory that runs out. Values are compared with
 * NumPy in tests/python/test_complex.py.
 */
#include <trueno/complex.h>

#include "tests/tensors.h"

static struct tr_tensor *pair(struct tr_context *ctx, float re, float im)
{
	return tr_from_data(ctx, TR_C64, SHAPE(1), (float[]){re, im});
}

static void assert_parts(struct tr_tensor *t, float re, float im)
{
	ASSERT_F32(tr_real(t), re);
	ASSERT_F32(tr_imag(t), im);
}

/* Both parts of a result need both parts of an operand that is overwritten. */
static void works_in_place(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *a = pair(ctx, 1, 2), *b = pair(ctx, 0, 2);

	CU_ASSERT_EQUAL(tr_multiply_out(a, a, b), 0);
	assert_parts(a, -4, 2);
	CU_ASSERT_EQUAL(tr_divide_out(a, a, b), 0);
	assert_parts(a, 1, 2);
	tr_batch_begin(ctx);
	CU_ASSERT_EQUAL(tr_multiply_out(a, a, b), 0);
	CU_ASSERT_EQUAL(tr_multiply_out(a, a, a), 0);
	CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
	assert_parts(a, 12, -16);
	CU_ASSERT_EQUAL(tr_add_out(tr_real(a), a, b), -TR_EDTYPE);
	assert_error(ctx, TR_EDTYPE, "add: the result is complex64, which does not cast to the destination's float32");
	CU_ASSERT_EQUAL(tr_add_out(tr_zeros(ctx, TR_C64, SHAPE(2, 2)), a, b), -TR_ESHAPE);
	assert_error(ctx, TR_ESHAPE, "add: the destination is [2,2], the result [1]");
	tr_context_destroy(ctx);
}

/* An operation is one pass over the elements for each part of its result, whatever its formula. */
static void formulae_are_fused(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *a = tr_complex(tr_ones(ctx, TR_F32, SHAPE(1000)), tr_ones(ctx, TR_F32, SHAPE(1000))), *y;
	struct tr_stats before, after;

	tr_stats(ctx, &before);
	tr_batch_begin(ctx);
	tr_scope_begin(ctx);
	y = tr_keep(tr_add(tr_multiply(a, a), a));
	tr_scope_end(ctx);
	CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
	tr_stats(ctx, &after);
	CU_ASSERT_EQUAL(after.dispatched - before.dispatched, 4);
	CU_ASSERT_EQUAL(value_at(tr_real(y), 999), 1);
	CU_ASSERT_EQUAL(value_at(tr_imag(y), 999), 3);
	tr_context_destroy(ctx);
}

static void plans_record_them(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *a = pair(ctx, 3, 4), *size, *sum;
	struct tr_plan *plan;

	CU_ASSERT_EQUAL(tr_plan_begin(ctx), 0);
	size = tr_absolute(a);
	sum = tr_sum(tr_square(a), TR_ALL_AXES, TR_KEEPDIMS);
	plan = tr_plan_end(ctx);
	CU_ASSERT_PTR_NOT_NULL(plan);
	CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
	ASSERT_F32(size, 5);
	assert_parts(sum, -7, 24);
	CU_ASSERT_EQUAL(tr_copy_out(a, pair(ctx, 5, 12)), 0);
	CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
	ASSERT_F32(size, 13);
	assert_parts(sum, -119, 120);
	tr_plan_destroy(plan);
	tr_context_destroy(ctx);
}

/* Of which the real one has no imaginary part, of any shape. */
static void products_with_a_real_matrix(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *a = ramp(ctx, 1, 1, SHAPE(2, 3)), *re = ramp(ctx, 1, 1, SHAPE(3, 2));
	struct tr_tensor *b = tr_complex(re, ramp(ctx, -2, 1, SHAPE(3, 2)));
	struct tr_tensor *y = tr_matmul(a, b), *z = tr_matmul(b, a);

	ASSERT_F32(tr_real(y), 22, 28, 49, 64);
	ASSERT_F32(tr_imag(y), 4, 10, 4, 19);
	assert_same(z, tr_matmul(b, tr_astype(a, TR_C64)));
	CU_ASSERT_PTR_NULL(tr_matmul(b, b));
	assert_error(ctx, TR_ESHAPE, "matmul: shapes [3,2] and [3,2]");
	tr_context_destroy(ctx);
}

static struct tr_tensor *operand(struct tr_context *ctx)
{
	return pair(ctx, 3, 4);
}

static bool a_formula(struct tr_tensor *a)
{
	return tr_pow(tr_divide(tr_sqrt(a), tr_tanh(a)), tr_where(tr_less(a, a), a, tr_sum(a, TR_ALL_AXES, 0))) != NULL;
}

static struct tr_tensor *some(struct tr_context *ctx)
{
	return tr_from_data(ctx, TR_C64, SHAPE(2, 3), (float[]){1, 2, 3, 0, 0, 1, 2, 1, 0, -1, 2, 1});
}

static bool reductions(struct tr_tensor *a)
{
	return tr_max(tr_cumprod(a, 1, 0), TR_AXIS(0), 0) && tr_nanmedian(tr_prod(a, TR_AXIS(1), TR_KEEPDIMS), TR_ALL_AXES, 0) &&
	       tr_nanvar(a, TR_AXIS(0), 0) && tr_argmin(a, TR_ALL_AXES, 0) && tr_vecdot(a, tr_maximum(a, a));
}

static void survives_every_failing_allocation(void)
{
	survive_failing_allocations(operand, a_formula, 5);
	survive_failing_allocations(some, reductions, 5);
}

/* Products over rows; the greatest by real parts, then imaginary ones; its first place; the running product; conjugates. */
static void reduces(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *a = some(ctx), *y = tr_prod(a, TR_AXIS(1), 0);
	int64_t place;

	ASSERT_F32(tr_real(y), -6, 4);
	ASSERT_F32(tr_imag(y), 3, -3);
	y = tr_cumprod(a, 1, 0);
	ASSERT_F32(tr_real(y), 1, 3, -6, 2, 1, 4);
	ASSERT_F32(tr_imag(y), 2, 6, 3, 1, -2, -3);
	y = tr_max(a, TR_AXIS(1), TR_KEEPDIMS);
	ASSERT_F32(tr_real(y), 3, 2);
	ASSERT_F32(tr_imag(y), 0, 1);
	y = tr_argmax(tr_slice_axis(a, 0, 1, 2, 1), TR_ALL_AXES, 0);
	CU_ASSERT_EQUAL(tr_read(y, &place, sizeof(place)), 0);
	CU_ASSERT_EQUAL(place, 0);
	y = tr_vecdot(a, a);
	ASSERT_F32(tr_real(y), 15, 11);
	ASSERT_F32(tr_imag(y), 0, 0);
	CU_ASSERT_PTR_NULL(tr_max(tr_zeros(ctx, TR_C64, SHAPE(2, 0)), TR_AXIS(1), 0));
	assert_error(ctx, TR_ESHAPE, "max: no elements along the reduced axes");
	tr_context_destroy(ctx);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(works_in_place),
		TEST(formulae_are_fused),
		TEST(plans_record_them),
		TEST(products_with_a_real_matrix),
		TEST(reduces),
		TEST(survives_every_failing_allocation),
	};

	return TEST_RUN("complex", cases);
}
