/* SPDX-License-Identifier: MIT */
/* Random numbers of the Vulkan driver against the CPU's, bit for bit: every distribution, type and layout. */
#include "tests/pairs.h"

#include <string.h>

#include <trueno/random.h>

static struct tr_generator start;

/* Distribution number k, of n, into both, and that generators end alike. */
#define DISTRIBUTIONS 14
static int fill(int k, struct tr_tensor *y, struct tr_generator *g)
{
	switch (k) {
	case 0: return tr_random_uniform_out(y, g, -1, 2);
	case 1: return tr_random_normal_out(y, g, 1, 3);
	case 2: return tr_random_exponential_out(y, g, 2);
	case 3: return tr_random_gamma_out(y, g, 0.3, 2);
	case 4: return tr_random_gamma_out(y, g, 4, 1);
	case 5: return tr_random_loggamma_out(y, g, 0.01, 1);
	case 6: return tr_random_beta_out(y, g, 0.5, 3);
	case 7: return tr_random_poisson_out(y, g, 3);
	case 8: return tr_random_poisson_out(y, g, 300);
	case 9: return tr_random_binomial_out(y, g, 20, 0.2);
	case 10: return tr_random_binomial_out(y, g, 1000, 0.7);
	case 11: return tr_random_bernoulli_out(y, g, 0.5);
	case 12: return tr_random_bits_out(y, g);
	default: return tr_random_integers_out(y, g, 3, (1ull << 31) / 3 * 4);
	}
}

static void compare(int k, struct pair y, const char *what)
{
	struct tr_generator g = start, c = start;

	test_note("distribution %d, %s", k, what);
	CU_ASSERT_EQUAL(fill(k, y.g, &g), 0);
	CU_ASSERT_EQUAL(fill(k, y.c, &c), 0);
	CU_ASSERT_EQUAL(g.position, c.position);
	assert_pair(y, what);
}

/* A rasteriser's compiler takes minutes for what multiplies and adds in f64 a hundred times, by software where it must: those are
 * the long run's. */
static bool takes_minutes(int k, enum tr_dtype dtype)
{
	struct tr_device_info info;

	tr_device_info(gpu, &info);
	return !test_long() && strstr(info.name, "llvmpipe") && ((k >= 3 && k <= 10) || (k == 1 && dtype == TR_F64));
}

static void every_distribution_gives_the_bits_of_the_cpu(void)
{
	static const enum tr_dtype floats[] = {TR_F32, TR_F64, TR_F16}, integers[] = {TR_I64, TR_U64, TR_U32};

	NEEDS_GPU();
	for (int k = 0; k < DISTRIBUTIONS; k++)
		for (int t = 0; t < 3; t++) {
			enum tr_dtype dtype = k == 11 ? (enum tr_dtype[]){TR_BOOL, TR_F32, TR_I8}[t] : k > 6 ? integers[t] : floats[t];
			int64_t n = 1 + (int64_t)test_rand_below(5000);
			struct pair y;

			if (takes_minutes(k, dtype))
				continue;
			y = random_pair(dtype, 1, &n);
			start = (struct tr_generator){.seed = test_rand(), .position = test_rand(), .stream = (uint32_t)test_rand()};
			compare(k, y, tr_dtype_name(dtype));
			free_pair(y);
		}
}

static void any_layout_of_the_destination(void)
{
	NEEDS_GPU();
	for (int i = 0; i < 20; i++) {
		int64_t shape[TR_MAX_RANK];
		int ndim = random_rank(shape, 2000);
		struct pair y;

		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		start = (struct tr_generator){.seed = test_rand()};
		y = random_view(i % 2 ? TR_F32 : TR_F64, ndim, shape, false);
		compare(i % 2 ? i % 3 : 0, y, "a view");
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

static void orders_give_those_of_the_cpu(void)
{
	static const double p[] = {0.25, 0.25, 0.5};
	struct tr_generator g = {.seed = 5}, c = g;
	struct pair y;
	int64_t n = 500, m = 2;

	NEEDS_GPU();
	y = (struct pair){tr_random_permutation(gpu, &g, n), tr_random_permutation(cpu, &c, n)};
	assert_pair(y, "permutation");
	y = (struct pair){tr_random_choice(gpu, &g, 3, 1, &m, false, p), tr_random_choice(cpu, &c, 3, 1, &m, false, p)};
	assert_pair(y, "choice");
	y = random_pair(TR_F32, 1, &n);
	CU_ASSERT_EQUAL(tr_random_shuffle(y.g, &g, 0), 0);
	CU_ASSERT_EQUAL(tr_random_shuffle(y.c, &c, 0), 0);
	assert_pair(y, "shuffle");
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(every_distribution_gives_the_bits_of_the_cpu),
		TEST(any_layout_of_the_destination),
		TEST(orders_give_those_of_the_cpu),
		TEST(validation_had_nothing_to_say),
	};

	return VK_RUN("vk_random", cases);
}
