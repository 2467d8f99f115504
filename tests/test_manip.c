/* SPDX-License-Identifier: MIT */
/*
 * Creation and manipulation in C: which results are views, batches, and memory that runs out. Values are compared with NumPy in
 * tests/python/test_manip.py.
 */
#include <trueno/create.h>
#include <trueno/manip.h>

#include "tests/tensors.h"

static void views_share_storage(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = ramp(ctx, 0, 1, SHAPE(2, 3, 1)), *part[3], *grid[2];

	CU_ASSERT_TRUE(tr_shares_storage(tr_moveaxis(x, 0, -1), x));
	CU_ASSERT_TRUE(tr_shares_storage(tr_swapaxes(x, 0, 1), x));
	CU_ASSERT_TRUE(tr_shares_storage(tr_squeeze_all(x), x));
	CU_ASSERT_TRUE(tr_shares_storage(tr_ravel(x), x));
	CU_ASSERT_FALSE(tr_shares_storage(tr_ravel(tr_swapaxes(x, 0, 1)), x));
	CU_ASSERT_TRUE(tr_shares_storage(tr_flip(x, TR_ALL_AXES), x));
	CU_ASSERT_TRUE(tr_shares_storage(tr_rot90(x, 3), x));
	CU_ASSERT_EQUAL(tr_split(x, 3, 1, part), 0);
	CU_ASSERT_EQUAL(tr_fill_out(part[1], 9), 0);
	ASSERT_F32(x, 0, 9, 2, 3, 9, 5);
	CU_ASSERT_EQUAL(tr_meshgrid((struct tr_tensor *[]){tr_ravel(x), tr_ones(ctx, TR_F32, SHAPE(2))}, 2, 0, grid), 0);
	CU_ASSERT_TRUE(tr_shares_storage(grid[0], x));
	CU_ASSERT_EQUAL(tr_fill_out(grid[0], 1), -TR_EREADONLY);
	tr_error_clear(ctx);
	CU_ASSERT_EQUAL(tr_fill_out(tr_diag(tr_slice_axis(tr_reshape(x, SHAPE(3, 2)), 0, 0, 2, 1), 0), -1), 0);
	ASSERT_F32(x, -1, 9, 2, -1, 9, 5);
	tr_context_destroy(ctx);
}

/* Everything of this kind in one batch, and what it makes kept past the scope it was made in. */
static void works_within_a_batch(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x, *y;

	tr_batch_begin(ctx);
	tr_scope_begin(ctx);
	x = tr_add(tr_arange(ctx, TR_F32, 0, 3, 1), tr_linspace(ctx, TR_F32, 0, 1, 3, true));
	x = tr_stack((struct tr_tensor *[]){x, tr_roll(x, 1, 0)}, 2, 0);
	x = tr_pad(x, (int64_t[]){0, 1}, (int64_t[]){0, 1}, TR_PAD_EDGE, 0);
	y = tr_keep(tr_triu(tr_repeat(x, 2, 0), 1));
	tr_scope_end(ctx);
	CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
	ASSERT_F32(y, 0, 0, 1.5f, 3, 3, 0, 0, 1.5f, 3, 3, 0, 0, 0, 1.5f, 1.5f, 0, 0, 0, 0, 1.5f);
	tr_context_destroy(ctx);
}

static struct tr_tensor *everything(struct tr_context *ctx, struct tr_tensor *x)
{
	struct tr_tensor *part[2] = {NULL}, *y;
	int64_t one[] = {1, 1};

	y = tr_tile(tr_pad(x, one, one, TR_PAD_REFLECT, 0), 2, (int64_t[]){2, 1});
	y = tr_rot90(tr_flip(tr_roll(y, 2, 0), TR_AXIS(0)), 2);
	if (!y || tr_array_split(y, 2, 1, part))
		return NULL;
	y = tr_stack((struct tr_tensor *[]){tr_ravel(part[0]), tr_ravel(part[0])}, 2, 0);
	y = tr_matmul(y, tr_eye(ctx, TR_F32, y ? tr_shape(y)[1] : 1, 3, 0));
	return tr_add(tr_tril(y, 0), tr_linspace(ctx, TR_F32, 0, 2, 3, true));
}

static struct tr_tensor *operand(struct tr_context *ctx)
{
	return ramp(ctx, 0, 1, SHAPE(2, 3));
}

static bool all_of_it(struct tr_tensor *x)
{
	return everything(tr_context_of(x), x) != NULL;
}

static void survives_every_failing_allocation(void)
{
	survive_failing_allocations(operand, all_of_it, 20);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(views_share_storage),
		TEST(works_within_a_batch),
		TEST(survives_every_failing_allocation),
	};

	return TEST_RUN("manip", cases);
}
