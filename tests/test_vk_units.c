/* SPDX-License-Identifier: MIT */
/*
 * Products on matrix units. Their modules are compiled ahead of the build, so what every machine can tell is told here: whether they
 * are those of their source, and what the driver makes of them; where there are such units, results are held to their bound.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vk/coop/modules.h"
#include "vk/spirv.h"
#include "vk/units.h"

#include "lib/context.h"
#include "tests/pairs.h"

/* A module that is older than its source, or changed by hand. tools/gen/coop.py makes new ones. */
static void modules_are_those_of_their_source(void)
{
	FILE *f = fopen("vk/coop/gemm.comp", "r");
	char text[65536];
	size_t n;

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	CU_ASSERT_TRUE(n > 0 && n < sizeof(text));
	CU_ASSERT_EQUAL(tr__vk_hash(text, n), TR_VK_COOP_SOURCE);
	for (size_t i = 0; i < sizeof(tr__vk_modules) / sizeof(*tr__vk_modules); i++)
		CU_ASSERT_EQUAL(tr__vk_hash(tr__vk_modules[i].words, tr__vk_modules[i].n * sizeof(uint32_t)),
				tr__vk_modules[i].hash);
}

/* How many instructions of a module have this opcode and this word after it. */
static unsigned count(const struct tr_vk_code *code, unsigned op, unsigned at, uint32_t word)
{
	unsigned found = 0;

	for (size_t i = 5; i < code->n; i += code->words[i] >> 16)
		found += (code->words[i] & 0xffff) == op && code->words[i] >> 16 > at && code->words[i + at] == word;
	return found;
}

static void constants_are_filled_in(void)
{
	struct tr_vk_tiling t = {.size = 1009, .rows = 1013, .cols = 1019, .units = 1021, .warp_rows = 1031, .warp_cols = 1033,
				 .pack = 1039, .pad = 1049, .a_along = 1051, .b_along = 1061, .result = 1063, .band = 1069};
	const uint32_t *each = (const uint32_t *)&t;

	for (int units = 0; units < TR_VK_UNITS_COUNT; units++) {
		struct tr_vk_code code;
		size_t end = 5;

		CU_ASSERT_EQUAL_FATAL(tr__vk_units_code((enum tr_vk_units)units, &t, &code), 0);
		for (size_t i = 0; i < sizeof(t) / sizeof(*each); i++)
			CU_ASSERT_EQUAL(count(&code, SPV_OpSpecConstant, 3, each[i]), 1);
		while (end < code.n && code.words[end] >> 16)
			end += code.words[end] >> 16;
		CU_ASSERT_EQUAL(end, code.n);
		CU_ASSERT_EQUAL(count(&code, SPV_OpCapability, 1, SPV_CapFloat16), units == TR_VK_UNITS_F16);
		CU_ASSERT_EQUAL(count(&code, SPV_OpCapability, 1, SPV_CapBFloat16TypeKHR), units == TR_VK_UNITS_BF16);
		CU_ASSERT_EQUAL(count(&code, SPV_OpCapability, 1, SPV_CapBFloat16CooperativeMatrixKHR), units == TR_VK_UNITS_BF16);
		CU_ASSERT_EQUAL(count(&code, SPV_OpTypeFloat, 2, 16), units <= TR_VK_UNITS_BF16);
		CU_ASSERT_EQUAL(count(&code, SPV_OpTypeFloat, 3, 0), units == TR_VK_UNITS_BF16); /* its encoding */
		free(code.words);
	}
}

static void units_take_their_types_only(void)
{
	const struct tr_vk_gpu card = {.units = 1u << TR_VK_UNITS_F16 | 1u << TR_VK_UNITS_U8};
	unsigned some = tr__vk_units_of(&card, 0), exact = tr__vk_units_of(&card, TR_EXACT_HALF);
	enum tr_vk_units units = TR_VK_UNITS_COUNT;

	CU_ASSERT_TRUE(tr__vk_units_take(some, TR_F16, TR_F16, TR_F32, &units));
	CU_ASSERT_EQUAL(units, TR_VK_UNITS_F16);
	CU_ASSERT_TRUE(tr__vk_units_take(some, TR_BOOL, TR_U8, TR_I32, &units));
	CU_ASSERT_EQUAL(units, TR_VK_UNITS_U8);
	CU_ASSERT_FALSE(tr__vk_units_take(some, TR_F16, TR_BF16, TR_F32, &units));
	CU_ASSERT_FALSE(tr__vk_units_take(some, TR_BF16, TR_BF16, TR_F32, &units));
	CU_ASSERT_FALSE(tr__vk_units_take(some, TR_F16, TR_F16, TR_F64, &units));
	CU_ASSERT_FALSE(tr__vk_units_take(some, TR_U8, TR_I8, TR_I32, &units));
	CU_ASSERT_FALSE(tr__vk_units_take(some, TR_U8, TR_U8, TR_I64, &units));
	CU_ASSERT_FALSE(tr__vk_units_take(some, TR_F32, TR_F32, TR_F32, &units));
	CU_ASSERT_FALSE(tr__vk_units_take(exact, TR_F16, TR_F16, TR_F32, &units));
	CU_ASSERT_TRUE(tr__vk_units_take(exact, TR_BOOL, TR_U8, TR_I32, &units));
}

static double *values(struct tr_tensor *t)
{
	struct tr_tensor *wide = tr_astype(t, TR_F64);
	double *x = malloc((size_t)tr_numel(t) * sizeof(*x));

	if (x && tr_read(wide, x, (size_t)tr_numel(t) * sizeof(*x))) {
		free(x);
		x = NULL;
	}
	return x;
}

static struct tr_tensor *turned(struct tr_tensor *t)
{
	return tr_permute(t, (const int[]){0, 2, 1});
}

/* a [b,m,k] and w [k,n] of small random numbers, either stored the other way round, or from an odd place. */
static struct tr_tensor *operand(enum tr_dtype dtype, int64_t b, int64_t rows, int64_t cols, bool turn, bool shift)
{
	int64_t r = turn ? cols : rows, c = turn ? rows : cols, wide = c + shift, n = b * r * wide;
	float *x = malloc((size_t)n * sizeof(*x));
	struct tr_tensor *t = NULL;

	for (int64_t i = 0; x && i < n; i++)
		x[i] = (float)((double)test_rand_below(1 << 16) / 32768 - 1);
	if (x)
		t = tr_astype(tr_from_data(gpu, TR_F32, 3, (const int64_t[]){b, r, wide}, x), dtype);
	free(x);
	t = tr_slice_axis(t, 2, shift, wide, 1);
	return turn ? turned(t) : t;
}

static void check(struct tr_tensor *y, struct tr_tensor *a, struct tr_tensor *w, struct tr_tensor *bias, int64_t b, int64_t m,
		  int64_t n, int64_t k)
{
	double *got = values(y), *x = values(a), *v = values(w), *c = bias ? values(bias) : NULL;
	double unit = tr_dtype_of(y) == TR_F16 ? 0x1p-11 : tr_dtype_of(y) == TR_BF16 ? 0x1p-8 : 0x1p-24;
	int wrong = 0;

	for (int64_t e = 0; got && x && v && e < b * m * n; e += 1 + (int64_t)test_rand_below(7)) {
		double exact = 0, sum = 0;

		for (int64_t q = 0; q < k; q++) {
			double product = x[e / n * k + q] * v[q * n + e % n];

			exact += product;
			sum += fabs(product);
		}
		if (c)
			exact += c[e % n];
		sum = (double)(k + 2) * (0x1p-23 * sum + 0x1p-126);
		wrong += !(fabs(got[e] - exact) <= sum + (fabs(exact) + sum) * (unit + 0x1p-24) + 0x1p-25);
	}
	CU_ASSERT_TRUE(got && x && v);
	CU_ASSERT_EQUAL(wrong, 0);
	free(got);
	free(x);
	free(v);
	free(c);
}

static void halves_are_within_the_bound(void)
{
	static const enum tr_dtype types[] = {TR_F16, TR_BF16};

	NEEDS_GPU();
	if (!gpu->dev->gpu->units)
		TEST_SKIP("the device has no matrix units");
	for (int round = 0; round < (test_long() ? 300 : 60); round++) {
		enum tr_dtype dtype = types[round & 1];
		bool large = round % 6 == 5;
		int64_t b = 1 + (int64_t)test_rand_below(3), m = 1 + (int64_t)test_rand_below(large ? 700 : 200);
		int64_t n = 1 + (int64_t)test_rand_below(large ? 700 : 300), k = 1 + (int64_t)test_rand_below(large ? 500 : 130);
		struct tr_tensor *a, *w, *c, *y;

		if (test_rand_below(2)) {
			m = (m + 7) / 8 * 8;
			n = (n + 7) / 8 * 8;
			k = (k + 31) / 32 * 32;
		}
		tr_scope_begin(gpu);
		test_note("round %d: %dx%dx%dx%d %s", round, (int)b, (int)m, (int)k, (int)n, tr_dtype_name(dtype));
		a = operand(dtype, b, m, k, test_rand_below(2), test_rand_below(4) == 0);
		w = tr_select(operand(dtype, 1, k, n, test_rand_below(2), test_rand_below(4) == 0), 0, 0);
		c = tr_select(tr_select(operand(dtype, 1, 1, n, false, false), 0, 0), 0, 0);
		y = tr_matmul(a, w);
		check(y, a, w, NULL, b, m, n, k);
		y = tr_matmul_as(a, w, TR_F32);
		check(y, a, w, NULL, b, m, n, k);
		y = tr_linear(a, tr_permute(w, (const int[]){1, 0}), c);
		check(y, a, w, c, b, m, n, k);
		CU_ASSERT_EQUAL(tr_error(gpu), 0);
		if (tr_error(gpu))
			test_note("%s", tr_error_message(gpu));
		tr_error_clear(gpu);
		tr_scope_end(gpu);
	}
}

/* [b,rows,cols] of numbers below 1 in magnitude. */
static struct pair small_pair(enum tr_dtype dtype, int64_t b, int64_t rows, int64_t cols)
{
	int64_t shape[3] = {b, rows, cols}, n = b * rows * cols;
	float *x = malloc((size_t)n * sizeof(*x));
	struct pair p = {NULL, NULL};

	for (int64_t i = 0; x && i < n; i++)
		x[i] = (float)((double)test_rand_below(1 << 16) / 32768 - 1);
	if (x) {
		p.g = tr_astype(tr_from_data(gpu, TR_F32, 3, shape, x), dtype);
		p.c = tr_astype(tr_from_data(cpu, TR_F32, 3, shape, x), dtype);
	}
	free(x);
	return p;
}

/* Softmax is rounded to the operands' type before the second product; values are below 1. */
static void attention_is_within_the_bound(void)
{
	NEEDS_GPU();
	if (!gpu->dev->gpu->units)
		TEST_SKIP("the device has no matrix units");
	for (int round = 0; round < 12; round++) {
		enum tr_dtype dtype = round & 1 ? TR_BF16 : TR_F16;
		int64_t b = 1 + (int64_t)test_rand_below(6), rows = 1 + (int64_t)test_rand_below(150);
		int64_t keys = 32 * (1 + (int64_t)test_rand_below(6)), d = 32 * (1 + (int64_t)test_rand_below(3));
		double unit = dtype == TR_F16 ? 0x1p-11 : 0x1p-8, worst = 0, *got, *want;
		struct pair q, k, v;

		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		q = small_pair(dtype, b, rows, d);
		k = small_pair(dtype, b, keys, d);
		v = small_pair(dtype, b, keys, d);
		got = values(tr_attention(q.g, k.g, v.g, NULL, 0.25));
		want = values(tr_attention(q.c, k.c, v.c, NULL, 0.25));
		CU_ASSERT_TRUE(got && want);
		for (int64_t i = 0; got && want && i < b * rows * d; i++)
			worst = fmax(worst, isnan(got[i]) ? INFINITY : fabs(got[i] - want[i]));
		CU_ASSERT_TRUE(worst <= 4 * unit);
		free(got);
		free(want);
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

/* Integers are exact, on matrix units and without: they wrap. */
static void integers_give_the_bits_of_the_cpu(void)
{
	static const enum tr_dtype types[] = {TR_I8, TR_U8, TR_BOOL, TR_I16, TR_U16, TR_I32, TR_U32, TR_I64, TR_U64};

	NEEDS_GPU();
	for (int round = 0; round < (test_long() ? 200 : 30); round++) {
		enum tr_dtype dtype = types[round % 9], other = round % 5 ? dtype : types[test_rand_below(3)];
		int64_t m = 1 + (int64_t)test_rand_below(90), n = 1 + (int64_t)test_rand_below(90), b = 1 + (int64_t)test_rand_below(2);
		int64_t k = (int64_t)test_rand_below(200), as[3] = {b, m, k}, bs[2] = {k, n};
		struct pair x, y, p;

		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		test_note("round %d: %dx%dx%d %s %s", round, (int)m, (int)k, (int)n, tr_dtype_name(dtype), tr_dtype_name(other));
		x = random_view(dtype, 3, as, true);
		y = random_view(other, 2, bs, true);
		p = (struct pair){tr_matmul(x.g, y.g), tr_matmul(x.c, y.c)};
		assert_pair(p, "matmul");
		if (tr_dtype_size(dtype) == 1 && dtype == other && dtype != TR_BOOL) {
			p = (struct pair){tr_matmul_as(x.g, y.g, TR_I32), tr_matmul_as(x.c, y.c, TR_I32)};
			assert_pair(p, "matmul_as");
		}
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(modules_are_those_of_their_source),
		TEST(constants_are_filled_in),
		TEST(units_take_their_types_only),
		TEST(halves_are_within_the_bound),
		TEST(attention_is_within_the_bound),
		TEST(integers_give_the_bits_of_the_cpu),
		TEST(validation_had_nothing_to_say),
	};

	return VK_RUN("vk_units", cases);
}
