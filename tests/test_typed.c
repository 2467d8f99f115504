/* SPDX-License-Identifier: MIT */
/* Typed handles at run time: what they compute, and what their makers refuse. What must not compile is tests/typed.sh's. */
#include <trueno/typed.h>

#include "tests/tensors.h"

static void computes(void)
{
	struct tr_context *ctx = open_context();
	tr_f32_2 a = tr_as_f32_2(ramp(ctx, 0, 1, SHAPE(2, 3))), y = TR_MATMUL(a, TR_T(a));
	tr_f32_0 half = tr_as_f32_0(ramp(ctx, 0.5, 1, SCALAR));
	tr_f32_1 v = tr_as_f32_1(ramp(ctx, 1, 0, SHAPE(3)));

	ASSERT_F32(y.t, 5, 14, 14, 50);
	ASSERT_F32(TR_SUBTRACT(y, half).t, 4.5f, 13.5f, 13.5f, 49.5f);
	ASSERT_F32(TR_DIVIDE(TR_MULTIPLY(a, a), TR_ADD(a, half)).t, 0, 1 / 1.5f, 4 / 2.5f, 9 / 3.5f, 16 / 4.5f, 25 / 5.5f);
	ASSERT_F32(tr_matvec_f32(a, v).t, 3, 12);
	ASSERT_F32(tr_sum_f32_2(a, -1).t, 3, 12);
	CU_ASSERT_TRUE(tr_shares_storage(TR_T(a).t, a.t));
	tr_context_destroy(ctx);
}

static void refuses_other_types_and_ranks(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = ramp(ctx, 0, 1, SHAPE(2, 3));
	tr_f32_2 none;

	CU_ASSERT_PTR_NULL(tr_as_f64_2(x).t);
	assert_error(ctx, TR_EDTYPE, "float64 of rank 2 is wanted, and this is float32, [2,3]");
	CU_ASSERT_PTR_NULL(tr_as_f32_3(x).t);
	assert_error(ctx, TR_ESHAPE, "float32 of rank 3 is wanted");
	none = tr_as_f32_2(NULL);
	CU_ASSERT_PTR_NULL(TR_MATMUL(none, none).t);
	CU_ASSERT_EQUAL(tr_error(ctx), 0);
	tr_context_destroy(ctx);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(computes),
		TEST(refuses_other_types_and_ranks),
	};

	return TEST_RUN("typed", cases);
}
