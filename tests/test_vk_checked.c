/* SPDX-License-Identifier: MIT */
/*
 * Whether validation on the GPU sees what it is for: kernels of both kinds, those that are generated and those in GLSL, are
 * given addresses where nothing is. The layer must say so; the suites that run under it are clean because of nothing else.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/context.h"
#include "vk/vk.h"

#include "tests/pairs.h"

#define FAR ((uint64_t)64 << 30) /* bytes behind the chunk */

#define NEEDS_LAYER() \
	do { \
		NEEDS_GPU(); \
		if (!getenv("VK_INSTANCE_LAYERS")) \
			TEST_SKIP("the validation layer is not installed"); \
	} while (0)

/* y = op(x, x), but the last operand is far outside the chunk, which claims to be that large. */
static void read_nowhere(enum tr_op op, unsigned noperand)
{
	struct tr_operand o[3] = {{0}};
	struct tr_cmd cmd = {.op = (uint16_t)op, .family = tr__ops[op].family, .dtype = TR_F32,
			     .noperand = (uint8_t)noperand, .operand = o};
	struct tr_tensor *t = tr_ones(gpu, TR_F32, SHAPE(64));
	struct tr_vk_chunk *chunk = gpu->dev->heap.chunks;
	uint64_t size = chunk->size;
	char detail[128] = "", line[1024] = "";
	size_t failed;

	CU_ASSERT_EQUAL_FATAL(tr_flush(gpu), 0);
	for (unsigned i = 0; i < noperand; i++) {
		o[i].addr = t->storage->mem.addr;
		o[i].dtype = TR_F32;
		o[i].ndim = 1;
		o[i].shape[0] = 64;
		o[i].stride[0] = 1;
	}
	CU_ASSERT_FALSE(validation_said(line, sizeof(line)));
	o[noperand - 1].addr = (void *)(uintptr_t)(chunk->address + size + FAR);
	chunk->size += 2 * FAR;
	CU_ASSERT_EQUAL(tr__vulkan_driver.run(gpu->dev, &cmd, 1, &failed, detail), 0);
	chunk->size = size;
	CU_ASSERT_TRUE(validation_said(line, sizeof(line)));
	test_note("%s", line);
	CU_ASSERT_PTR_NOT_NULL(strstr(line, "Device address"));
	tr_free(t);
}

static void generated_kernels_are_checked(void)
{
	NEEDS_LAYER();
	read_nowhere(TR_OP_add, 3);
}

static void written_kernels_are_checked(void)
{
	NEEDS_LAYER();
	read_nowhere(TR_OP_softmax, 2);
}

static void what_is_right_is_not_complained_of(void)
{
	struct tr_tensor *t;

	NEEDS_LAYER();
	t = tr_softmax(tr_exp(tr_ones(gpu, TR_F32, SHAPE(3, 50))), 1);
	CU_ASSERT_DOUBLE_EQUAL(value_at(t, 7), 0.02, 1e-6);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(generated_kernels_are_checked),
		TEST(written_kernels_are_checked),
		TEST(what_is_right_is_not_complained_of),
		TEST(validation_had_nothing_to_say),
	};

	setenv("TRUENO_TEST_GPU_ASSISTED", "1", 1);
	return VK_RUN("vk_checked", cases);
}
