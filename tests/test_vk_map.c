/* SPDX-License-Identifier: MIT */
/*
 * Elementwise operations of the Vulkan driver against the CPU's, bit for bit: every operation and type, every conversion,
 * random arrangements, fused chains and random sequences in place.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "vk/vk.h"

#include "lib/context.h"
#include "tests/pairs.h"

#define LIVE 10

static void compare(enum tr_op op, enum tr_dtype dtype, int64_t n)
{
	struct pair src[3] = {{0}}, y;
	char what[64];
	int nsrc = sources_of(op);

	snprintf(what, sizeof(what), "%s of %s", tr__ops[op].name, tr_dtype_name(dtype));
	test_note("%s", what);
	for (int i = 0; i < nsrc; i++)
		src[i] = random_pair(i == 0 && tr__ops[op].family == TR_FAMILY_SELECT ? TR_BOOL : dtype, 1, &n);
	y = submit_pair(op, src, NULL, TR_DTYPE_NONE);
	assert_pair(y, what);
	free_pair(y);
	for (int i = 0; i < nsrc; i++)
		free_pair(src[i]);
}

/* Kernels that cost a rasteriser from ten seconds to minutes each. */
static bool is_vast(enum tr_op op, enum tr_dtype dtype)
{
	return op == TR_OP_lgamma || (op == TR_OP_erfc && dtype == TR_F64) ||
	       ((op == TR_OP_gcd || op == TR_OP_lcm) && tr_dtype_size(dtype) == 2);
}

static void compare_each(bool vast)
{
	for (int op = 0; op < TR_OP_COUNT; op++) {
		if (!is_map((enum tr_op)op) || tr__ops[op].family == TR_FAMILY_CAST)
			continue;
		for (int d = 0; d < TR_DTYPE_COUNT; d++)
			if (tr__ops[op].dtypes & TR__BIT(d) && is_vast((enum tr_op)op, (enum tr_dtype)d) == vast)
				compare((enum tr_op)op, (enum tr_dtype)d, test_long() ? 200000 : 3001);
	}
}

static void every_operation_gives_the_bits_of_the_cpu(void)
{
	NEEDS_GPU();
	compare_each(false);
}

static void so_do_the_vastest(void)
{
	NEEDS_GPU();
	if (gpu->dev->gpu->type == VK_PHYSICAL_DEVICE_TYPE_CPU && !test_long())
		TEST_SKIP("lgamma, erfc of float64, gcd and lcm of 16 bits take minutes on a device in software: only in the long run");
	compare_each(true);
}

static void every_conversion_gives_the_bits_of_the_cpu(void)
{
	int64_t n = 4000;

	NEEDS_GPU();
	for (int from = 0; from < TR_DTYPE_COUNT; from++) {
		struct pair a[3] = {random_pair((enum tr_dtype)from, 1, &n)};

		for (int to = 0; to < TR_DTYPE_COUNT; to++) {
			struct pair y = submit_pair(TR_OP_astype, a, NULL, (enum tr_dtype)to);
			char what[64];

			snprintf(what, sizeof(what), "%s to %s", tr_dtype_name((enum tr_dtype)from),
				 tr_dtype_name((enum tr_dtype)to));
			assert_pair(y, what);
			free_pair(y);
		}
		free_pair(a[0]);
	}
}

/* All of them: rounding of every f32 pattern would take long, but all halves are few. */
static void every_half_survives_a_round_trip(void)
{
	static uint16_t bits[65536];
	int64_t n = 65536;

	NEEDS_GPU();
	for (int i = 0; i < 65536; i++)
		bits[i] = (uint16_t)i;
	for (int d = TR_F16; d <= TR_BF16; d++) {
		struct pair a = {tr_from_data(gpu, (enum tr_dtype)d, 1, &n, bits),
				 tr_from_data(cpu, (enum tr_dtype)d, 1, &n, bits)};
		struct pair wide = {tr_astype(a.g, TR_F32), tr_astype(a.c, TR_F32)};
		struct pair back = {tr_astype(wide.g, (enum tr_dtype)d), tr_astype(wide.c, (enum tr_dtype)d)};

		assert_pair(wide, "widened");
		assert_pair(back, "and back");
		CU_ASSERT_EQUAL(first_difference(back.g, a.c, "round trip"), -1);
		free_pair(a);
		free_pair(wide);
		free_pair(back);
	}
}

static enum tr_dtype random_number(void)
{
	static const enum tr_dtype often[] = {TR_F32, TR_F64, TR_I32, TR_I64, TR_U8, TR_I16};

	return often[test_rand_below(sizeof(often) / sizeof(*often))];
}

static void arrangements_do_not_matter(void)
{
	NEEDS_GPU();
	if (gpu->dev->gpu->type == VK_PHYSICAL_DEVICE_TYPE_CPU && !test_long())
		TEST_SKIP("its kernels take minutes to compile on a device in software: only in the long run");
	for (int round = 0; round < 2000; round++) {
		enum tr_dtype dtype = random_number();
		enum tr_op op = random_op(dtype);
		int64_t shape[TR_MAX_RANK];
		int ndim = random_rank(shape, 5000);
		struct pair src[3] = {{0}}, y, dst;

		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		test_note("round %d: %s of %s", round, tr__ops[op].name, tr_dtype_name(dtype));
		for (int i = 0; i < sources_of(op); i++)
			src[i] = random_view(i == 0 && tr__ops[op].family == TR_FAMILY_SELECT ? TR_BOOL : dtype, ndim,
					     shape, true);
		y = submit_pair(op, src, NULL, TR_DTYPE_NONE);
		assert_pair(y, tr__ops[op].name);
		if (y.g && y.c) {
			dst = random_view(tr_dtype_of(y.g), ndim, shape, false);
			submit_pair(op, src, &dst, TR_DTYPE_NONE);
			assert_pair(dst, "into a view");
		}
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

/* Random operations on a few tensors of one shape, many of them in place or on overlapping halves, in one batch. */
static void random_batch(enum tr_dtype dtype, int length)
{
	int64_t shape[2] = {2 + (int64_t)test_rand_below(40), 1 + (int64_t)test_rand_below(70)};
	struct pair live[LIVE];

	for (int i = 0; i < LIVE; i++)
		live[i] = random_pair(dtype, 2, shape);
	tr_batch_begin(gpu);
	tr_batch_begin(cpu);
	for (int k = 0; k < length; k++) {
		int64_t half = shape[0] / 2, from = (int64_t)test_rand_below((uint64_t)(shape[0] - half + 1));
		unsigned at = (unsigned)test_rand_below(LIVE);
		enum tr_op op = random_op(dtype);
		struct pair src[3], dst = live[at];
		bool partly = test_rand_below(3) == 0;

		for (int i = 0; i < 3; i++)
			src[i] = live[test_rand_below(LIVE)];
		if (partly) {
			for (int i = 0; i < 3; i++) {
				int64_t start = (int64_t)test_rand_below((uint64_t)(shape[0] - half + 1));

				src[i].g = tr_slice_axis(src[i].g, 0, start, start + half, 1);
				src[i].c = tr_slice_axis(src[i].c, 0, start, start + half, 1);
			}
			dst.g = tr_slice_axis(dst.g, 0, from, from + half, 1);
			dst.c = tr_slice_axis(dst.c, 0, from, from + half, 1);
		}
		/* The sign of a NaN that an operation made is nobody's business, so it must not be looked at. */
		if (tr__ops[op].family == TR_FAMILY_SELECT || tr__ops[op].result == TR_RESULT_BOOL || op == TR_OP_copysign)
			continue;
		if (partly || test_rand_below(2))
			submit_pair(op, src, &dst, TR_DTYPE_NONE);
		else
			live[at] = submit_pair(op, src, NULL, TR_DTYPE_NONE);
	}
	CU_ASSERT_EQUAL(tr_batch_end(gpu), 0);
	CU_ASSERT_EQUAL(tr_batch_end(cpu), 0);
	for (int i = 0; i < LIVE; i++)
		assert_pair(live[i], "after the batch");
}

static void batches_give_the_bits_of_the_cpu(void)
{
	NEEDS_GPU();
	for (int round = 0; round < (test_long() ? 200 : 3); round++) {
		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		test_note("round %d", round);
		/* values wander off to denormals on the way */
		random_batch(round % 3 == 2 ? TR_I32 : flushes ? TR_F64 : TR_F32, 4 + (int)test_rand_below(30));
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

/* Copies of turned matrices go by squares: whole and cut ones, every size of element, with and without a batch. */
static void turned_copies_give_the_bits_of_the_cpu(void)
{
	static const enum tr_dtype types[] = {TR_U8, TR_F16, TR_F32, TR_I64, TR_C128};
	static const int turns[3][3] = {{0, 2, 1}, {2, 1, 0}, {1, 2, 0}};

	NEEDS_GPU();
	for (int round = 0; round < 30; round++) {
		int64_t shape[3] = {1 + (int64_t)test_rand_below(4), 14 + (int64_t)test_rand_below(60),
				    14 + (int64_t)test_rand_below(90)}, turned[3];
		const int *turn = turns[round % 3];
		struct pair a, y, into;

		test_note("round %d", round);
		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		a = random_pair(types[round % 5], 3, shape);
		a = (struct pair){tr_permute(a.g, turn), tr_permute(a.c, turn)};
		y = (struct pair){tr_copy(a.g), tr_copy(a.c)};
		assert_pair(y, "a turned copy");
		for (int i = 0; i < 3; i++)
			turned[i] = 2 * shape[turn[i]];
		into = random_pair(types[round % 5], 3, turned);
		for (int i = 0; i < 3; i++) {
			into.g = tr_slice_axis(into.g, i, 1, shape[turn[i]] + 1, 1);
			into.c = tr_slice_axis(into.c, i, 1, shape[turn[i]] + 1, 1);
		}
		CU_ASSERT_EQUAL(tr_copy_out(into.g, a.g), 0);
		CU_ASSERT_EQUAL(tr_copy_out(into.c, a.c), 0);
		assert_pair(into, "a turned copy into a part");
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

static void fills_write_every_type(void)
{
	int64_t shape[2] = {7, 9};

	NEEDS_GPU();
	for (int d = 0; d < TR_DTYPE_COUNT; d++) {
		static const double values[] = {0, 1, -3.25, 1e10, 0.1};

		for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
			struct pair p = {tr_full(gpu, (enum tr_dtype)d, 2, shape, values[i]),
					 tr_full(cpu, (enum tr_dtype)d, 2, shape, values[i])};

			assert_pair(p, tr_dtype_name((enum tr_dtype)d));
			free_pair(p);
		}
	}
}

/* Quotients that a GPU does not round are refined: those that lie next to a tie, and what is near the ends of all numbers. */
static void refined_quotients_and_roots_give_the_bits_of_the_cpu(void)
{
	static const float odd[] = {0, -0.0f, 0x1p-149f, 0x1p-60f, 0x1p60f, 0x1.fffffep59f, 0x1.fffffep127f, INFINITY, NAN, 1, 0x1.fffffep0f};
	const int64_t n = 4096, few = sizeof(odd) / sizeof(*odd);
	struct tr_vk_gpu *device;
	struct pair a, b, y;
	bool wide;

	NEEDS_GPU();
	device = gpu->dev->gpu;
	if (!(device->dtypes & TR__BIT(TR_F64)))
		TEST_SKIP("the GPU has no f64");
	a = random_pair(TR_F32, 1, &n);
	b = random_pair(TR_F32, 1, &n);
	for (int side = 0; side < 2; side++) {
		float *x = tr_data(side ? a.c : a.g), *z = tr_data(side ? b.c : b.g);

		for (int64_t i = 0; i < few * few && !flushes; i++) {
			x[i] = odd[i / few];
			z[i] = odd[i % few];
		}
		for (int64_t i = few * few; i < n / 2; i++) { /* (2 k + 1) / 2 of b's units, a unit of a's off */
			z[i] = 0x1p24f - (float)(2 * i + 1);
			x[i] = 0x1p23f + (float)(i / 2);
		}
	}
	wide = device->wide_division;
	device->wide_division = true;
	y = (struct pair){tr_divide(a.g, b.g), tr_divide(a.c, b.c)};
	assert_pair(y, "divide");
	free_pair(y);
	y = (struct pair){tr_sqrt(a.g), tr_sqrt(a.c)};
	assert_pair(y, "sqrt");
	device->wide_division = wide;
	free_pair(y);
	free_pair(a);
	free_pair(b);
}

/* Every root of [1, 4), by what stands in for the GPU's: the others are these times powers of 2. */
static void every_refined_root_has_the_bits_of_the_cpu(void)
{
	const int64_t n = 1 << 24;
	struct tr_vk_gpu *device;
	struct pair a, y;
	bool wide;

	NEEDS_GPU();
	device = gpu->dev->gpu;
	if (!(device->dtypes & TR__BIT(TR_F64)))
		TEST_SKIP("the GPU has no f64");
	a = (struct pair){tr_empty(gpu, TR_F32, 1, &n), tr_empty(cpu, TR_F32, 1, &n)};
	for (int side = 0; side < 2; side++) {
		uint32_t *x = tr_data(side ? a.c : a.g);

		for (uint32_t i = 0; x && i < n; i++)
			x[i] = 0x3f800000 + i;
	}
	wide = device->wide_division;
	device->wide_division = true;
	y = (struct pair){tr_sqrt(a.g), tr_sqrt(a.c)};
	assert_pair(y, "sqrt");
	device->wide_division = wide;
	free_pair(y);
	free_pair(a);
}

/* What a batch does to large tensors that have nothing to do with each other is one program, and run part by part. */
static void parts_of_programs_give_the_bits_of_the_cpu(void)
{
	const int64_t shape[2] = {1024, 1030};
	struct tr_context *ctx[2] = {gpu, cpu};
	struct tr_tensor *y[2][4];
	struct pair a, b;

	NEEDS_GPU();
	tr_scope_begin(gpu);
	tr_scope_begin(cpu);
	a = random_pair(TR_F32, 2, shape);
	b = random_pair(TR_F32, 2, (const int64_t[]){1030, 1024});
	for (int i = 0; i < 2; i++) {
		struct tr_tensor *x = i ? a.c : a.g, *turned = tr_permute(i ? b.c : b.g, (const int[]){1, 0});

		tr_batch_begin(ctx[i]);
		y[i][0] = tr_copy(turned);
		y[i][1] = tr_leaky_relu(x, 0.25);
		y[i][2] = tr_copy(x);
		y[i][3] = tr_hardtanh(turned, -0.5, 0.75);
		CU_ASSERT_EQUAL(tr_batch_end(ctx[i]), 0);
	}
	for (int k = 0; k < 4; k++)
		assert_pair((struct pair){y[0][k], y[1][k]}, "part");
	tr_scope_end(gpu);
	tr_scope_end(cpu);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(every_operation_gives_the_bits_of_the_cpu),
		TEST(so_do_the_vastest),
		TEST(every_conversion_gives_the_bits_of_the_cpu),
		TEST(every_half_survives_a_round_trip),
		TEST(arrangements_do_not_matter),
		TEST(batches_give_the_bits_of_the_cpu),
		TEST(turned_copies_give_the_bits_of_the_cpu),
		TEST(fills_write_every_type),
		TEST(refined_quotients_and_roots_give_the_bits_of_the_cpu),
		TEST(every_refined_root_has_the_bits_of_the_cpu),
		TEST(parts_of_programs_give_the_bits_of_the_cpu),
		TEST(validation_had_nothing_to_say),
	};

	return VK_RUN("vk_map", cases);
}
