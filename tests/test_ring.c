/* SPDX-License-Identifier: MIT */
/* Entries and completions: layout, handles, links, refusal. */
#include <stddef.h>

#include "tests/tensors.h"

static void the_entry_is_laid_out_for_a_shader_too(void)
{
	CU_ASSERT_EQUAL(sizeof(struct tr_sqe), 128);
	CU_ASSERT_EQUAL(offsetof(struct tr_sqe, user_data), 8);
	CU_ASSERT_EQUAL(offsetof(struct tr_sqe, dst), 16);
	CU_ASSERT_EQUAL(offsetof(struct tr_sqe, src), 24);
	CU_ASSERT_EQUAL(offsetof(struct tr_sqe, attr), 56);
	CU_ASSERT_EQUAL(offsetof(struct tr_sqe, reserved), 120);
	CU_ASSERT_EQUAL(sizeof(struct tr_cqe), 24);
}

static void entries_make_results_and_completions(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *a = ramp(ctx, 1, 1, SHAPE(3)), *y = tr_empty(ctx, TR_F32, SHAPE(3));
	struct tr_sqe sqe[3];
	struct tr_cqe cqe;

	tr_prep_binary(&sqe[0], TR_OP_add, tr_handle(a), tr_handle(a));
	tr_prep_unary(&sqe[1], TR_OP_negative, tr_handle(a));
	sqe[1].dst = tr_handle(y);
	tr_prep_reduce(&sqe[2], TR_OP_sum, tr_handle(a), TR_ALL_AXES, TR_KEEPDIMS);
	for (int i = 0; i < 3; i++) {
		sqe[i].user_data = 100 + (uint64_t)i;
		sqe[i].flags = TR_SQE_CQE;
	}
	tr_batch_begin(ctx);
	CU_ASSERT_EQUAL(tr_submit(ctx, sqe, 3), 0);
	CU_ASSERT_FALSE(tr_peek_cqe(ctx, &cqe));
	for (int i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(tr_wait_cqe(ctx, &cqe), 0);
		CU_ASSERT_EQUAL(cqe.user_data, 100 + (uint64_t)i);
		CU_ASSERT_EQUAL(cqe.res, 0);
		CU_ASSERT_EQUAL(cqe.dst, sqe[i].dst);
	}
	CU_ASSERT_EQUAL(tr_wait_cqe(ctx, &cqe), -TR_ESTATE);
	CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
	ASSERT_F32(tr_from_handle(ctx, sqe[0].dst), 2, 4, 6);
	ASSERT_F32(y, -1, -2, -3);
	ASSERT_F32(tr_from_handle(ctx, sqe[2].dst), 6);
	tr_context_destroy(ctx);
}

static void a_refused_entry_takes_its_chain_along_and_no_other(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *a = ramp(ctx, 1, 1, SHAPE(3)), *b = ramp(ctx, 1, 1, SHAPE(4));
	static const int want[] = {0, -TR_ESHAPE, -TR_ESTATE, -TR_ESTATE, 0};
	struct tr_sqe sqe[5];
	struct tr_cqe cqe;

	for (int i = 0; i < 5; i++) {
		tr_prep_binary(&sqe[i], TR_OP_add, tr_handle(a), tr_handle(i == 1 ? b : a));
		sqe[i].flags = TR_SQE_CQE | (i < 3 ? TR_SQE_LINK : 0);
		sqe[i].user_data = (uint64_t)i;
	}
	CU_ASSERT_EQUAL(tr_submit(ctx, sqe, 5), -TR_ESHAPE);
	for (int i = 0; i < 5; i++) {
		CU_ASSERT(tr_peek_cqe(ctx, &cqe));
		CU_ASSERT_EQUAL(cqe.user_data, (uint64_t)i);
		CU_ASSERT_EQUAL(cqe.res, want[i]);
	}
	assert_error(ctx, TR_ESHAPE, "add");
	tr_context_destroy(ctx);
}

static void stale_and_foreign_handles_are_refused(void)
{
	struct tr_context *ctx = open_context(), *other = open_context();
	struct tr_tensor *a = ramp(ctx, 1, 1, SHAPE(3)), *gone = ramp(ctx, 1, 1, SHAPE(3));
	uint64_t stale = tr_handle(gone);
	struct tr_sqe sqe;

	tr_free(gone);
	ramp(ctx, 5, 1, SHAPE(3)); /* takes over the slot */
	tr_prep_binary(&sqe, TR_OP_add, tr_handle(a), stale);
	CU_ASSERT_EQUAL(tr_submit(ctx, &sqe, 1), -TR_EINVAL);
	assert_error(ctx, TR_EINVAL, "add: operand 2 is no tensor of this context");
	tr_prep_unary(&sqe, TR_OP_negative, ~0ull);
	CU_ASSERT_EQUAL(tr_submit(ctx, &sqe, 1), -TR_EINVAL);
	tr_error_clear(ctx);
	CU_ASSERT_PTR_NULL(tr_add(a, ramp(other, 1, 1, SHAPE(3))));
	assert_error(ctx, TR_EINVAL, "another context");
	CU_ASSERT_EQUAL(tr_handle(NULL), 0);
	CU_ASSERT_PTR_NULL(tr_from_handle(ctx, 0));
	tr_context_destroy(other);
	tr_context_destroy(ctx);
}

static void entries_from_the_future_are_refused(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *a = ramp(ctx, 1, 1, SHAPE(3));
	struct tr_sqe sqe;

	for (int k = 0; k < 5; k++) {
		tr_prep_unary(&sqe, TR_OP_negative, tr_handle(a));
		switch (k) {
		case 0: sqe.op = TR_OP_COUNT; break;
		case 1: sqe.version = 2; break;
		case 2: sqe.flags = 0x80; break;
		case 3: sqe.nsrc = 3; break;
		default: sqe.reserved = 1; break;
		}
		CU_ASSERT_EQUAL(tr_submit(ctx, &sqe, 1), -TR_EINVAL);
		CU_ASSERT_EQUAL(tr_error(ctx), -TR_EINVAL);
		tr_error_clear(ctx);
	}
	tr_context_destroy(ctx);
}

static void completions_push_back_when_the_ring_is_full(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *a = ramp(ctx, 1, 1, SHAPE(3)), *y = tr_empty(ctx, TR_F32, SHAPE(3));
	struct tr_sqe sqe;
	struct tr_cqe cqe;
	int posted = 0;

	tr_prep_unary(&sqe, TR_OP_negative, tr_handle(a));
	sqe.dst = tr_handle(y);
	sqe.flags = TR_SQE_CQE;
	while (tr_submit(ctx, &sqe, 1) == 0 && posted < 5000)
		posted++;
	CU_ASSERT_EQUAL(posted, TR_CQ_ENTRIES);
	CU_ASSERT_EQUAL(tr_submit(ctx, &sqe, 1), -TR_EBUSY);
	CU_ASSERT_EQUAL(tr_error(ctx), 0);
	CU_ASSERT(tr_peek_cqe(ctx, &cqe));
	CU_ASSERT_EQUAL(tr_submit(ctx, &sqe, 1), 0);
	tr_context_destroy(ctx);
}

/* Entries of a batch that is still collected count too; and one without elements completes like any. */
static void completions_of_a_batch_push_back_too(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *a = ramp(ctx, 1, 1, SHAPE(3)), *none = tr_empty(ctx, TR_F32, SHAPE(0));
	struct tr_sqe sqe;
	struct tr_cqe cqe;
	uint64_t seen = 0;
	int posted = 0;

	tr_batch_begin(ctx);
	while (posted < 5000) {
		tr_prep_unary(&sqe, TR_OP_negative, tr_handle(posted % 5 ? a : none));
		sqe.flags = TR_SQE_CQE;
		sqe.user_data = (uint64_t)posted;
		if (tr_submit(ctx, &sqe, 1))
			break;
		posted++;
	}
	CU_ASSERT_EQUAL(posted, TR_CQ_ENTRIES);
	CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
	for (int i = 0; i < posted; i++) {
		CU_ASSERT_TRUE_FATAL(tr_peek_cqe(ctx, &cqe));
		CU_ASSERT_EQUAL(cqe.res, 0);
		seen += cqe.user_data;
	}
	CU_ASSERT_FALSE(tr_peek_cqe(ctx, &cqe));
	CU_ASSERT_EQUAL(seen, (uint64_t)posted * (uint64_t)(posted - 1) / 2);
	tr_prep_unary(&sqe, TR_OP_negative, tr_handle(none));
	sqe.flags = TR_SQE_CQE;
	CU_ASSERT_EQUAL(tr_submit(ctx, &sqe, 1), 0);
	CU_ASSERT_TRUE(tr_peek_cqe(ctx, &cqe));
	tr_context_destroy(ctx);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(the_entry_is_laid_out_for_a_shader_too),
		TEST(entries_make_results_and_completions),
		TEST(a_refused_entry_takes_its_chain_along_and_no_other),
		TEST(stale_and_foreign_handles_are_refused),
		TEST(entries_from_the_future_are_refused),
		TEST(completions_push_back_when_the_ring_is_full),
		TEST(completions_of_a_batch_push_back_too),
	};

	return TEST_RUN("ring", cases);
}
