/* SPDX-License-Identifier: MIT */
/*
 * Convolutions, pooling, attention and indices of the Vulkan driver against the CPU's, bit for bit.
 */
#include "vk/vk.h"

#include "lib/context.h"
#include "tests/pairs.h"

#include <trueno/conv.h>

#define BOTH(call_g, call_c, what) assert_pair((struct pair){call_g, call_c}, what)

static int32_t below(int n)
{
	return (int32_t)test_rand_below((uint64_t)n);
}

static void convolutions_give_the_bits_of_the_cpu(void)
{
	NEEDS_GPU();
	for (int round = 0; round < (test_long() ? 200 : 24); round++) {
		int groups = round % 4 == 3 ? 6 : 1 + below(3), ins = groups * (1 + below(4)), outs = groups * (1 + below(4));
		struct tr_conv_params p = {.groups = groups, .flags = TR_CONV_PLAIN};
		enum tr_dtype dtype = round % 5 == 4 ? TR_F64 : round % 7 == 6 ? TR_F16 : TR_F32;
		int64_t n = 1 + below(3), k0 = 1 + below(3), k1 = 1 + below(3);
		struct pair x, w, b;

		for (int i = 0; i < 2; i++) {
			p.stride[i] = 1 + below(3);
			p.dilation[i] = 1 + below(2);
			p.padding[i] = below(3);
		}
		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		test_note("round %d, %d groups", round, groups);
		x = random_view(dtype, 4, (int64_t[]){n, ins, 7 + below(20), 7 + below(30)}, false);
		w = random_pair(dtype, SHAPE(outs, ins / groups, k0, k1));
		b = random_pair(TR_F32, SHAPE(outs));
		BOTH(tr_conv2d(x.g, w.g, b.g, &p), tr_conv2d(x.c, w.c, b.c, &p), "conv2d");
		BOTH(tr_conv2d(x.g, w.g, NULL, &p), tr_conv2d(x.c, w.c, NULL, &p), "conv2d without bias");
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

/* Tiles of both sizes, whole and not; channels in groups, steps and gaps. */
static void large_convolutions_give_the_bits_of_the_cpu(void)
{
	static const int64_t shapes[][6] = {{8, 3, 129, 40, 40, 1}, {2, 8, 64, 23, 50, 2}, {4, 4, 260, 33, 31, 1}};

	NEEDS_GPU();
	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		const int64_t *s = shapes[i];
		struct tr_conv_params p = {.groups = (int32_t)s[5], .flags = TR_CONV_PLAIN, .padding = {1, 1}};
		struct pair x, w, b;

		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		test_note("round %d", (int)i);
		p.stride[0] = p.dilation[1] = 1 + (int32_t)(i & 1);
		x = random_pair(TR_F32, SHAPE(s[0], s[1], s[3], s[4]));
		w = random_pair(TR_F32, SHAPE(s[2], s[1] / s[5], 3, 3));
		b = random_pair(TR_F32, SHAPE(s[2]));
		BOTH(tr_conv2d(x.g, w.g, b.g, &p), tr_conv2d(x.c, w.c, b.c, &p), "conv2d");
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

static void pools_give_the_bits_of_the_cpu(void)
{
	NEEDS_GPU();
	for (int round = 0; round < (test_long() ? 100 : 12); round++) {
		struct tr_pool_params p = {.kernel = {1 + below(3), 1 + below(4)}, .stride = {1 + below(3), 1 + below(2)},
					   .flags = (uint32_t)below(4)};
		struct tr_pool_params to = {.output = {1 + below(9), 1 + below(9)}};
		struct pair x;

		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		test_note("round %d", round);
		p.padding[0] = p.kernel[0] / 2;
		x = random_view(round % 2 ? TR_F32 : TR_F64, 4, (int64_t[]){2, 3, 7 + below(20), 7 + below(30)}, true);
		BOTH(tr_avg_pool2d(x.g, &p), tr_avg_pool2d(x.c, &p), "avg_pool2d");
		p.flags &= TR_POOL_CEIL;
		BOTH(tr_max_pool2d(x.g, &p), tr_max_pool2d(x.c, &p), "max_pool2d");
		BOTH(tr_adaptive_avg_pool2d(x.g, &to), tr_adaptive_avg_pool2d(x.c, &to), "adaptive_avg_pool2d");
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

/* Between -8 and 8, NaN included: a probability that is denormal here is 0 there, and 0 times infinity is NaN. */
static struct tr_tensor *bounded(struct tr_tensor *t)
{
	struct tr_context *ctx = tr_context_of(t);
	struct tr_tensor *most = tr_full(ctx, tr_dtype_of(t), SCALAR, 8), *least = tr_full(ctx, tr_dtype_of(t), SCALAR, -8);

	return tr_fmax(tr_fmin(t, most), least);
}

static void attention_gives_the_bits_of_the_cpu(void)
{
	NEEDS_GPU();
	for (int round = 0; round < (test_long() ? 100 : 8); round++) {
		int64_t b = 1 + below(3), m = 1 + below(70), n = round == 5 ? 1500 : 1 + below(90), d = 1 + below(40);
		/* matrix units have a bound of their own: tests/test_vk_units.c */
		enum tr_dtype dtype = round % 4 == 3 && !gpu->dev->gpu->units ? TR_F16 : TR_F32;
		struct pair q, k, v, mask;

		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		test_note("round %d", round);
		q = random_pair(dtype, SHAPE(b, 2, m, d));
		k = random_view(dtype, 4, (int64_t[]){b, 2, n, d}, false);
		v = random_pair(dtype, SHAPE(b, 2, n, 1 + below(40)));
		if (flushes)
			v = (struct pair){bounded(v.g), bounded(v.c)};
		mask = random_pair(TR_F32, SHAPE(b, 1, m, n));
		BOTH(tr_attention(q.g, k.g, v.g, NULL, 0.125), tr_attention(q.c, k.c, v.c, NULL, 0.125), "attention");
		BOTH(tr_attention(q.g, k.g, v.g, mask.g, 1), tr_attention(q.c, k.c, v.c, mask.c, 1), "masked");
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

static void extremes_are_found_where_the_cpu_finds_them(void)
{
	static const enum tr_dtype types[] = {TR_F32, TR_F64, TR_F16, TR_I8, TR_I64, TR_U64, TR_BOOL};

	NEEDS_GPU();
	for (int round = 0; round < (test_long() ? 200 : 30); round++) {
		enum tr_dtype dtype = types[test_rand_below(sizeof(types) / sizeof(*types))];
		int64_t shape[3] = {1 + below(4), 1 + below(40), round == 7 ? 100000 : 1 + below(500)};
		uint32_t axes = round == 7 ? 4 : round % 4 == 3 ? TR_ALL_AXES : 1u << below(3);
		struct pair x;

		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		test_note("round %d: %s over %x", round, tr_dtype_name(dtype), axes);
		x = random_view(dtype, 3, shape, round != 7);
		BOTH(tr_argmin(x.g, axes, 0), tr_argmin(x.c, axes, 0), "argmin");
		BOTH(tr_argmax(x.g, axes, 0), tr_argmax(x.c, axes, 0), "argmax");
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

static struct pair random_indices(int64_t n, int64_t limit, bool negative)
{
	int64_t index[64];

	for (int64_t i = 0; i < n; i++)
		index[i] = (int64_t)test_rand_below((uint64_t)limit) - (negative && test_rand_below(2) ? limit : 0);
	return (struct pair){tr_from_data(gpu, TR_I64, 1, &n, index), tr_from_data(cpu, TR_I64, 1, &n, index)};
}

static void elements_are_taken(void)
{
	NEEDS_GPU();
	for (int round = 0; round < 24; round++) {
		enum tr_dtype dtype = (enum tr_dtype)test_rand_below(TR_DTYPE_COUNT);
		int64_t shape[3] = {1 + below(9), 1 + below(9), 1 + below(40)};
		int axis = below(3);
		struct pair a, i, small;

		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		test_note("round %d: %s", round, tr_dtype_name(dtype));
		a = random_view(dtype, 3, shape, false);
		i = random_indices(1 + below(50), shape[axis], true);
		small = (struct pair){tr_astype(i.g, TR_I8), tr_astype(i.c, TR_I8)};
		BOTH(tr_take(a.g, i.g, axis), tr_take(a.c, i.c, axis), "take");
		BOTH(tr_take(a.g, small.g, axis), tr_take(a.c, small.c, axis), "take by int8");
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

static void wrong_indices_are_named(void)
{
	static const int64_t index[4] = {0, 2, -4, 3};
	int64_t n = 3, four = 4;
	struct tr_tensor *a, *i;

	NEEDS_GPU();
	a = tr_ones(gpu, TR_F32, 1, &n);
	i = tr_from_data(gpu, TR_I64, 1, &four, index);
	CU_ASSERT_PTR_NULL(tr_take(a, i, 0));
	assert_error(gpu, TR_EINDEX, "index -4 at position 2 is out of bounds for axis 0 with size 3");
	tr_free(a);
	tr_free(i);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(convolutions_give_the_bits_of_the_cpu),
		TEST(large_convolutions_give_the_bits_of_the_cpu),
		TEST(pools_give_the_bits_of_the_cpu),
		TEST(attention_gives_the_bits_of_the_cpu),
		TEST(extremes_are_found_where_the_cpu_finds_them),
		TEST(elements_are_taken),
		TEST(wrong_indices_are_named),
		TEST(validation_had_nothing_to_say),
	};

	return VK_RUN("vk_windows", cases);
}
