/* SPDX-License-Identifier: MIT */
/* The Vulkan driver's sorts, searches, running sums and transposed convolutions: the CPU's bits, along every axis. */
#include <stdio.h>

#include <trueno/conv.h>

#include "tests/pairs.h"

static enum tr_dtype any_type(uint32_t set)
{
	static const enum tr_dtype quick[] = {TR_F32, TR_I32, TR_F32, TR_U8, TR_F16};
	enum tr_dtype d;

	do
		d = test_long() ? (enum tr_dtype)test_rand_below(TR_DTYPE_COUNT) : quick[test_rand_below(5)];
	while (!(set >> d & 1));
	return d;
}

/* Mostly short rows; some longer than a workgroup's block, and some of several. */
static void any_shape(int64_t *shape)
{
	static const int64_t lengths[] = {1, 2, 3, 7, 16, 17, 31, 100, 257, 1000, 1024, 1025, 2500};

	for (int d = 0; d < 3; d++)
		shape[d] = 1 + (int64_t)test_rand_below(4);
	shape[test_rand_below(3)] = lengths[test_rand_below(sizeof(lengths) / sizeof(*lengths))];
}

/* One operation along an axis of the pair. */
static struct pair along(enum tr_op op, struct pair x, int axis)
{
	struct tr_sqe g, c;

	tr_prep_unary(&g, op, tr_handle(x.g));
	g.attr.i64[0] = axis;
	c = g;
	c.src[0] = tr_handle(x.c);
	tr_submit(gpu, &g, 1);
	tr_submit(cpu, &c, 1);
	return (struct pair){tr_from_handle(gpu, g.dst), tr_from_handle(cpu, c.dst)};
}

static void try_rows(const enum tr_op *ops, int nops, int rounds)
{
	for (int round = 0; round < rounds; round++) {
		enum tr_op op = ops[test_rand_below((uint64_t)nops)];
		enum tr_dtype dtype = any_type(tr__ops[op].dtypes);
		int64_t shape[3];
		struct pair x, y;
		char what[160];

		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		any_shape(shape);
		x = test_rand_below(3) ? random_pair(dtype, 3, shape) : random_view(dtype, 3, shape, true);
		y = along(op, x, (int)test_rand_below(3));
		snprintf(what, sizeof(what), "%s of %s, [%d, %d, %d]", tr__ops[op].name, tr_dtype_name(dtype), (int)shape[0],
			 (int)shape[1], (int)shape[2]);
		assert_pair(y, what);
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

static void rows_are_sorted(void)
{
	static const enum tr_op ops[] = {TR_OP_sort, TR_OP_argsort};

	NEEDS_GPU();
	try_rows(ops, 2, test_long() ? 400 : 40);
}

static void rows_are_summed_up(void)
{
	static const enum tr_op ops[] = {TR_OP_cumsum, TR_OP_cummax, TR_OP_cumprod, TR_OP_cummin};

	NEEDS_GPU();
	if (flushes)
		TEST_SKIP("denormals that the GPU flushes on the way change what comes of them");
	try_rows(ops, test_long() ? 4 : 2, test_long() ? 400 : 40);
}

static void quantiles_agree(void)
{
	static const unsigned methods[] = {0, TR_QUANTILE_LOWER, TR_QUANTILE_HIGHER, TR_QUANTILE_NEAREST, TR_QUANTILE_MIDPOINT};
	static const double q[] = {0, 1, 0.5, 0.1, 0.999};

	NEEDS_GPU();
	if (flushes)
		TEST_SKIP("denormals that the GPU flushes on the way change what comes of them");
	for (int round = 0; round < (test_long() ? 300 : 40); round++) {
		enum tr_dtype dtype = test_long() && test_rand_below(2) ? TR_F64 : test_rand_below(3) ? TR_F32 : TR_F16;
		unsigned axes = 1u + (unsigned)test_rand_below(7), flags = methods[test_rand_below(5)];
		double at = q[test_rand_below(5)];
		struct pair x, y, half, other;
		int64_t shape[3];

		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		any_shape(shape);
		if (test_rand_below(10) == 0)
			shape[0] = 0;
		x = random_view(dtype, 3, shape, false);
		/* Few rows of random bits have no NaN: the half of them are made numbers. */
		if (test_rand_below(2))
			x = (struct pair){tr_where(tr_isfinite(x.g), x.g, tr_scalar(gpu, 1)),
					  tr_where(tr_isfinite(x.c), x.c, tr_scalar(cpu, 1))};
		y = (struct pair){tr_quantile(x.g, at, axes, flags), tr_quantile(x.c, at, axes, flags)};
		other = (struct pair){tr_nanquantile(x.g, at, axes, flags), tr_nanquantile(x.c, at, axes, flags)};
		half = (struct pair){tr_nanmedian(x.g, axes, 0), tr_nanmedian(x.c, axes, 0)};
		assert_pair(y, "quantile");
		assert_pair(other, "nanquantile");
		assert_pair(half, "nanmedian");
		assert_pair((struct pair){tr_median(x.g, axes, 0), tr_median(x.c, axes, 0)}, "median");
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

/* In sorted vectors of every length, empty ones too, with equal elements and NaN. */
static void values_are_searched_for(void)
{
	NEEDS_GPU();
	for (int round = 0; round < (test_long() ? 200 : 30); round++) {
		enum tr_dtype dtype = any_type(tr__ops[TR_OP_searchsorted].dtypes);
		int64_t n = (int64_t)test_rand_below(round % 3 ? 5 : 3000), shape[2] = {3, 17};
		unsigned side = test_rand_below(2) ? TR_SEARCH_RIGHT : 0;
		struct pair a, v, y;

		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		a = random_pair(dtype, 1, &n);
		if (n)
			a = (struct pair){tr_sort(a.g, 0), tr_sort(a.c, 0)};
		v = random_view(dtype, 2, shape, true);
		y = (struct pair){tr_searchsorted(a.g, v.g, side), tr_searchsorted(a.c, v.c, side)};
		assert_pair(y, tr_dtype_name(dtype));
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

static void transposed_convolutions_agree(void)
{
	int made = 0;

	NEEDS_GPU();
	if (flushes)
		TEST_SKIP("denormals that the GPU flushes on the way change what comes of them");
	for (int round = 0; round < (test_long() ? 300 : 30); round++) {
		struct tr_conv_params p = {.groups = 1 + (int32_t)test_rand_below(3)};
		int64_t groups = p.groups, ins = groups * (1 + (int64_t)test_rand_below(3)), outs = 1 + (int64_t)test_rand_below(3);
		int64_t x_shape[4] = {2, ins, 1 + (int64_t)test_rand_below(6), 1 + (int64_t)test_rand_below(6)};
		int64_t w_shape[4] = {ins, outs, 1 + (int64_t)test_rand_below(4), 1 + (int64_t)test_rand_below(4)};
		int64_t b_shape = groups * outs;
		struct pair x, w, b = {NULL, NULL}, y;

		for (int d = 0; d < 2; d++) {
			p.stride[d] = 1 + (int32_t)test_rand_below(4);
			p.dilation[d] = 1 + (int32_t)test_rand_below(3);
			p.padding[d] = (int32_t)test_rand_below(3);
			if (test_rand_below(2))
				p.output_padding[d] = (int32_t)test_rand_below((uint64_t)p.stride[d]);
		}
		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		x = random_pair(TR_F32, 4, x_shape);
		w = random_view(TR_F32, 4, w_shape, false);
		if (test_rand_below(2))
			b = random_pair(TR_F32, 1, &b_shape);
		y = (struct pair){tr_conv_transpose2d(x.g, w.g, b.g, &p), tr_conv_transpose2d(x.c, w.c, b.c, &p)};
		CU_ASSERT_EQUAL(!y.g, !y.c);
		if (y.g && y.c)
			assert_pair(y, "conv_transpose2d");
		made += y.g != NULL;
		tr_error_clear(gpu); /* padding may leave nothing: refused in both */
		tr_error_clear(cpu);
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
	CU_ASSERT_TRUE(made > 10);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(rows_are_sorted),
		TEST(quantiles_agree),
		TEST(values_are_searched_for),
		TEST(rows_are_summed_up),
		TEST(transposed_convolutions_agree),
		TEST(validation_had_nothing_to_say),
	};

	return VK_RUN("vk_order", cases);
}
