/* SPDX-License-Identifier: MIT */
/*
 * Random numbers: Philox against its authors' vectors, elements against what docs/numerics.md makes of its words, the same
 * for every level, number of threads, split, batch and layout; permutations, choices, generators, refusals. Whether they are
 * distributed as they should be is tests/python/test_random.py's to say.
 */
#include "tests/tensors.h"

#include <math.h>
#include <string.h>

#include <trueno/random.h>

#include "tests/levels.h"

#define N 1031

/* Words of blocks as the text of the paper has them. */
static void reference(uint32_t block[4], uint64_t key, uint64_t stream, uint64_t position)
{
	uint32_t c[4] = {(uint32_t)position, (uint32_t)(position >> 32), (uint32_t)stream, (uint32_t)(stream >> 32)};
	uint32_t k[2] = {(uint32_t)key, (uint32_t)(key >> 32)};

	for (int i = 0; i < 10; i++) {
		uint64_t a = 0xd2511f53ull * c[0], b = 0xcd9e8d57ull * c[2];
		uint32_t next[4] = {(uint32_t)(b >> 32) ^ c[1] ^ k[0], (uint32_t)b, (uint32_t)(a >> 32) ^ c[3] ^ k[1],
				    (uint32_t)a};

		memcpy(c, next, sizeof(next));
		k[0] += 0x9e3779b9;
		k[1] += 0xbb67ae85;
	}
	memcpy(block, c, 16);
}

static uint32_t word32(const struct tr_generator *g, uint64_t i)
{
	uint32_t block[4];

	reference(block, g->seed, (uint64_t)g->stream << 32, g->position + i / 4);
	return block[i % 4];
}

static uint64_t word64(const struct tr_generator *g, uint64_t i)
{
	return word32(g, 2 * i) | (uint64_t)word32(g, 2 * i + 1) << 32;
}

/* Random123's kat_vectors: philox4x32 10. */
static void known_answers(void)
{
	static const struct {
		uint64_t position, stream, key;
		uint32_t want[4];
	} vectors[] = {
		{0, 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{~0ull, ~0ull, ~0ull, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{0x85a308d3243f6a88, 0x0370734413198a2e, 0x299f31d0a4093822,
		 {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	};
	const struct tr_kernels *tables[MOST_TABLES];
	size_t n = list_tables(tables);
	uint32_t block[4];

	for (size_t v = 0; v < sizeof(vectors) / sizeof(*vectors); v++) {
		reference(block, vectors[v].key, vectors[v].stream, vectors[v].position);
		CU_ASSERT_EQUAL(memcmp(block, vectors[v].want, 16), 0);
		for (size_t t = 0; t < n; t++) {
			test_note("%s vector %zu", tables[t]->name, v);
			tables[t]->philox(block, vectors[v].key, vectors[v].stream, vectors[v].position, 1);
			CU_ASSERT_EQUAL(memcmp(block, vectors[v].want, 16), 0);
		}
	}
}

/* Every length, against a guard page, across the end of the position's low word and its own. */
static void blocks_of_every_level(void)
{
	static const uint64_t starts[] = {0, 0xfffffff0, 0xfffffffffffffff1};
	const struct tr_kernels *tables[MOST_TABLES];
	size_t levels = list_tables(tables);
	uint64_t key = test_rand(), stream = test_rand();

	for (size_t t = 0; t < levels; t++)
		for (size_t n = 1; n < 70; n++) {
			uint64_t start = starts[n % 3];
			unsigned char *p = guard_alloc(n * 16, GUARD_AFTER);
			bool same = true;

			tables[t]->philox(p, key, stream, start, n);
			for (size_t i = 0; i < n; i++) {
				uint32_t block[4];

				reference(block, key, stream, start + i);
				same &= !memcmp(p + 16 * i, block, 16);
			}
			guard_free(p);
			test_note("%s, %zu blocks", tables[t]->name, n);
			CU_ASSERT(same);
		}
}

static struct tr_generator some(void)
{
	return (struct tr_generator){.seed = test_rand(), .position = test_rand_below(1000), .stream = (uint32_t)test_rand()};
}

static void elements_of_words(void)
{
	struct tr_context *ctx = open_context();
	struct tr_generator g = some(), start = g;
	uint64_t bits[N];
	float narrow[N];
	double wide[N];
	bool coin[N];

	CU_ASSERT_EQUAL(tr_read(tr_random_bits(ctx, &g, SHAPE(N)), bits, sizeof(bits)), 0);
	CU_ASSERT_EQUAL(g.position, start.position + (N + 1) / 2);
	g = start;
	CU_ASSERT_EQUAL(tr_read(tr_random_uniform(ctx, &g, TR_F32, SHAPE(N), 0, 1), narrow, sizeof(narrow)), 0);
	CU_ASSERT_EQUAL(g.position, start.position + (N + 3) / 4);
	g = start;
	CU_ASSERT_EQUAL(tr_read(tr_random_uniform(ctx, &g, TR_F64, SHAPE(N), -3, 5), wide, sizeof(wide)), 0);
	CU_ASSERT_EQUAL(g.position, start.position + (N + 1) / 2);
	g = start;
	CU_ASSERT_EQUAL(tr_read(tr_random_bernoulli(ctx, &g, SHAPE(N), 0.3), coin, sizeof(coin)), 0);
	for (uint64_t i = 0; i < N; i++) {
		uint64_t w = word64(&start, i);
		double u = (double)(w >> 11) * 0x1p-53;

		test_note("element %d", (int)i);
		CU_ASSERT_EQUAL(bits[i], w);
		CU_ASSERT_EQUAL(narrow[i], (float)(word32(&start, i) >> 8) * 0x1p-24f);
		CU_ASSERT_EQUAL(wide[i], fma(u, 8, -3));
		CU_ASSERT_EQUAL(coin[i], u < 0.3);
	}
	tr_context_destroy(ctx);
}

/* The number that Lemire's method makes of one element's words. */
static uint64_t below(const struct tr_generator *g, uint64_t i, uint64_t count, int *attempts)
{
	for (uint32_t a = 0;; a++) {
		uint32_t block[4];

		reference(block, g->seed, (uint64_t)g->stream << 32 | a, g->position + i);
		for (int half = 0; half < 2; half++) {
			uint64_t x = block[2 * half] | (uint64_t)block[2 * half + 1] << 32;
			unsigned __int128 product = (unsigned __int128)x * count;

			++*attempts;
			if (!count)
				return x;
			if ((uint64_t)product >= -count % count)
				return (uint64_t)(product >> 64);
		}
	}
}

static void integers_of_words(void)
{
	static const uint64_t counts[] = {1, 2, 3, 10, 0xffffffff, 1ull << 32, (1ull << 32) + 1, (1ull << 63) + 1, 0,
					  0xffffffffffffffff, 3ull << 62};
	struct tr_context *ctx = open_context();
	uint64_t y[N];
	int most = 0;

	for (size_t c = 0; c < sizeof(counts) / sizeof(*counts); c++) {
		struct tr_generator g = some(), start = g;
		int attempts = 0;
		bool same = true;

		CU_ASSERT_EQUAL(tr_read(tr_random_integers(ctx, &g, TR_U64, SHAPE(N), 0, counts[c]), y, sizeof(y)), 0);
		CU_ASSERT_EQUAL(g.position, start.position + N);
		for (uint64_t i = 0; i < N; i++)
			same &= y[i] == below(&start, i, counts[c], &attempts);
		most = attempts > most ? attempts : most;
		test_note("below %llu", (unsigned long long)counts[c]);
		CU_ASSERT(same);
	}
	CU_ASSERT(most > 3 * N / 2); /* some were drawn again */
	tr_context_destroy(ctx);
}

#define INTEGERS(T, dtype, low, high) \
	do { \
		T data[N]; \
		bool least = false, most = false; \
		struct tr_tensor *t = tr_random_integers(ctx, &g, dtype, SHAPE(N), (int64_t)(low), \
							 (uint64_t)(high) - (uint64_t)(low) + 1); \
		CU_ASSERT_EQUAL(tr_read(t, data, sizeof(data)), 0); \
		for (int i = 0; i < N; i++) { \
			CU_ASSERT(data[i] >= (T)(low) && data[i] <= (T)(high)); \
			least |= data[i] == (T)(low); \
			most |= data[i] == (T)(high); \
		} \
		if ((uint64_t)(high) - (uint64_t)(low) < 100) \
			CU_ASSERT(least && most); \
	} while (0)

static void integers_of_every_type(void)
{
	struct tr_context *ctx = open_context();
	struct tr_generator g = some();

	INTEGERS(bool, TR_BOOL, 0, 1);
	INTEGERS(int8_t, TR_I8, -128, 127);
	INTEGERS(int8_t, TR_I8, -128, -100);
	INTEGERS(uint8_t, TR_U8, 200, 255);
	INTEGERS(int16_t, TR_I16, -32768, 32767);
	INTEGERS(uint16_t, TR_U16, 65530, 65535);
	INTEGERS(int32_t, TR_I32, INT32_MIN, INT32_MAX);
	INTEGERS(uint32_t, TR_U32, 4294967290, 4294967295);
	INTEGERS(int64_t, TR_I64, INT64_MIN, INT64_MAX);
	INTEGERS(int64_t, TR_I64, INT64_MIN, INT64_MIN + 9);
	INTEGERS(uint64_t, TR_U64, UINT64_MAX - 9, UINT64_MAX);
	tr_context_destroy(ctx);
}

/* Every distribution, number k, into y. */
#define DISTRIBUTIONS 12
static int distribution(int k, struct tr_tensor *y, struct tr_generator *g)
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
	default: return tr_random_bernoulli_out(y, g, 0.5);
	}
}

/* The number of threads, the split into calls and the layout of the destination change nothing. */
static void same_however_made(void)
{
	struct tr_context *one = open_context_with(1, NULL), *four = open_context_with(4, NULL);
	const int64_t n = 40000, whole[] = {n}, table[] = {200, 200};
	static double a[40000], b[40000];

	for (int k = 0; k < DISTRIBUTIONS; k++) {
		struct tr_generator start = some(), g = start;
		struct tr_tensor *x, *y = tr_empty(four, TR_F64, 1, whole), *turned;

		test_note("distribution %d", k);
		x = tr_empty(one, TR_F64, 1, whole);
		CU_ASSERT_EQUAL(distribution(k, x, &g), 0);
		CU_ASSERT_EQUAL(tr_read(x, a, sizeof(a)), 0);
		start.spawned = g.spawned;
		g = start;
		CU_ASSERT_EQUAL(distribution(k, y, &g), 0);
		CU_ASSERT_EQUAL(tr_read(y, b, sizeof(b)), 0);
		CU_ASSERT_EQUAL(memcmp(a, b, sizeof(a)), 0);
		turned = tr_permute(tr_empty(four, TR_F64, 2, table), (int[]){1, 0});
		g = start;
		CU_ASSERT_EQUAL(distribution(k, turned, &g), 0);
		CU_ASSERT_EQUAL(tr_read(turned, b, sizeof(b)), 0);
		CU_ASSERT_EQUAL(memcmp(a, b, sizeof(a)), 0);
		if (k == 6) /* each call takes two numbers for an element, one kind after the other */
			continue;
		g = start;
		for (int64_t first = 0, length = 2; first < n; first += length, length = length < 5000 ? length * 3 : length) {
			int64_t last = first + length < n ? first + length : n;

			CU_ASSERT_EQUAL(distribution(k, tr_slice_axis(x, 0, first, last, 1), &g), 0);
		}
		CU_ASSERT_EQUAL(tr_read(x, b, sizeof(b)), 0);
		CU_ASSERT_EQUAL(memcmp(a, b, sizeof(a)), 0);
	}
	tr_context_destroy(one);
	tr_context_destroy(four);
}

/* Any type of destination: what float64 or float32 would hold, converted. */
static void destinations(void)
{
	struct tr_context *ctx = open_context();
	struct tr_generator start = some(), g = start;
	struct tr_tensor *x = tr_random_normal(ctx, &g, TR_F32, SHAPE(300), 0, 1), *y = tr_empty(ctx, TR_F16, SHAPE(300));

	g = start;
	CU_ASSERT_EQUAL(tr_random_normal_out(y, &g, 0, 1), 0);
	assert_same(y, tr_astype(x, TR_F16));
	CU_ASSERT_EQUAL(g.position, start.position + 75);
	x = tr_random_poisson(ctx, &g, TR_F64, SHAPE(300), 50);
	tr_generator_advance(&g, -300ull);
	assert_same(tr_random_poisson(ctx, &g, TR_I32, SHAPE(300), 50), tr_astype(x, TR_I32));
	tr_generator_advance(&g, -300ull);
	assert_same(tr_random_poisson(ctx, &g, TR_F32, SHAPE(300), 50), tr_astype(x, TR_F32));
	y = tr_slice_axis(tr_zeros(ctx, TR_F32, SHAPE(600)), 0, 599, -601, -2);
	g = start;
	CU_ASSERT_EQUAL(tr_random_uniform_out(y, &g, 0, 1), 0);
	g = start;
	assert_same(tr_copy(y), tr_random_uniform(ctx, &g, TR_F32, SHAPE(300), 0, 1));
	start = g;
	y = tr_random_normal(ctx, &g, TR_F32, SHAPE(0, 3), 0, 1);
	CU_ASSERT_EQUAL(tr_numel(y), 0);
	CU_ASSERT_EQUAL(g.position, start.position);
	CU_ASSERT_EQUAL(tr_numel(tr_random_normal(ctx, &g, TR_F64, SCALAR, 0, 1)), 1);
	tr_context_destroy(ctx);
}

/* Positions are settled by the order of calls; a plan has the same numbers every time. */
static void batches_and_plans(void)
{
	struct tr_context *ctx = open_context();
	struct tr_generator start = some(), g = start;
	struct tr_tensor *a = tr_random_normal(ctx, &g, TR_F32, SHAPE(100), 0, 1);
	struct tr_tensor *b = tr_random_uniform(ctx, &g, TR_F32, SHAPE(100), 0, 1), *x, *y, *sum = tr_add(a, b), *total;
	struct tr_plan *plan;

	g = start;
	tr_batch_begin(ctx);
	x = tr_random_normal(ctx, &g, TR_F32, SHAPE(100), 0, 1);
	y = tr_random_uniform(ctx, &g, TR_F32, SHAPE(100), 0, 1);
	total = tr_add(x, y);
	CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
	assert_same(total, sum);
	assert_same(x, a);
	g = start;
	CU_ASSERT_EQUAL(tr_plan_begin(ctx), 0);
	x = tr_random_normal(ctx, &g, TR_F32, SHAPE(100), 0, 1);
	total = tr_add(x, tr_random_uniform(ctx, &g, TR_F32, SHAPE(100), 0, 1));
	plan = tr_plan_end(ctx);
	CU_ASSERT_PTR_NOT_NULL_FATAL(plan);
	for (int i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(tr_plan_run(plan), 0);
		assert_same(total, sum);
	}
	tr_plan_destroy(plan);
	tr_context_destroy(ctx);
}

static void generators(void)
{
	struct tr_context *ctx = open_context();
	struct tr_generator g, child[3], again[2];
	uint32_t block[4];

	tr_generator_init(&g, 7);
	CU_ASSERT(g.seed == 7 && !g.position && !g.stream && !g.spawned);
	tr_generator_spawn(&g, child, 3);
	CU_ASSERT(g.spawned == 3 && !g.position);
	reference(block, 7, 0xffffffff, 1);
	CU_ASSERT_EQUAL(child[1].seed, block[0] | (uint64_t)block[1] << 32);
	CU_ASSERT_EQUAL(child[1].stream, block[2]);
	CU_ASSERT(!child[1].position && !child[1].spawned);
	tr_generator_init(&g, 7);
	tr_random_bits(ctx, &g, SHAPE(10));
	tr_generator_spawn(&g, again, 1);
	tr_generator_spawn(&g, again + 1, 1);
	CU_ASSERT_EQUAL(memcmp(again, child, sizeof(again)), 0);
	CU_ASSERT_EQUAL(g.position, 5);
	tr_generator_advance(&g, 3);
	CU_ASSERT_EQUAL(g.position, 8);
	tr_generator_jump(&g, 2);
	CU_ASSERT(g.stream == 2 && !g.position);
	tr_context_destroy(ctx);
}

/* Whether the n numbers of t are 0 … n - 1, each once. */
static bool is_permutation(struct tr_tensor *t, int64_t n)
{
	bool seen[N] = {false};
	int64_t data[N];

	if (tr_numel(t) != n || tr_read(t, data, (size_t)n * 8))
		return false;
	for (int64_t i = 0; i < n; i++) {
		if (data[i] < 0 || data[i] >= n || seen[data[i]])
			return false;
		seen[data[i]] = true;
	}
	return true;
}

/* Fisher and Yates with numbers of words; none of so few is drawn again. */
static void permutation_of_words(void)
{
	struct tr_context *ctx = open_context();
	struct tr_generator g = some(), start = g;
	int64_t got[N], want[N];

	CU_ASSERT_EQUAL(tr_read(tr_random_permutation(ctx, &g, N), got, sizeof(got)), 0);
	for (int64_t i = 0; i < N; i++)
		want[i] = i;
	for (int64_t i = 0; i < N - 1; i++) {
		int64_t j = i + (int64_t)(((unsigned __int128)word64(&start, (uint64_t)i) * (uint64_t)(N - i)) >> 64);
		int64_t kept = want[i];

		want[i] = want[j];
		want[j] = kept;
	}
	CU_ASSERT_EQUAL(memcmp(got, want, sizeof(got)), 0);
	tr_context_destroy(ctx);
}

static void permutations(void)
{
	struct tr_context *ctx = open_context();
	struct tr_generator g = some(), start = g;
	struct tr_tensor *order, *x, *y;

	for (int64_t n = 0; n < 40; n++)
		CU_ASSERT(is_permutation(tr_random_permutation(ctx, &g, n), n));
	g = start;
	order = tr_random_permutation(ctx, &g, N);
	CU_ASSERT(is_permutation(order, N));
	CU_ASSERT_EQUAL(g.position, start.position + (N + 1) / 2);
	x = ramp(ctx, 0, 1, SHAPE(N, 3));
	y = tr_copy(x);
	g = start;
	CU_ASSERT_EQUAL(tr_random_shuffle(y, &g, 0), 0);
	assert_same(y, tr_take(x, order, 0));
	y = tr_permute(tr_copy(x), (int[]){1, 0});
	g = start;
	CU_ASSERT_EQUAL(tr_random_shuffle(y, &g, -1), 0);
	assert_same(tr_copy(y), tr_take(tr_permute(x, (int[]){1, 0}), order, 1));
	tr_context_destroy(ctx);
}

static void choices(void)
{
	static const double p[] = {0.25, 0, 0.5, 0, 0.25}, one[] = {0, 0, 1};
	struct tr_context *ctx = open_context();
	struct tr_generator g = some(), start = g;
	struct tr_tensor *a = tr_random_choice(ctx, &g, 10, SHAPE(5, 7), true, NULL);
	int64_t count[5] = {0}, data[4000];

	g = start;
	assert_same(a, tr_random_integers(ctx, &g, TR_I64, SHAPE(5, 7), 0, 10));
	CU_ASSERT(is_permutation(tr_random_choice(ctx, &g, 30, SHAPE(5, 6), false, NULL), 30));
	CU_ASSERT_EQUAL(tr_read(tr_random_choice(ctx, &g, 5, SHAPE(4000), true, p), data, sizeof(data)), 0);
	for (int i = 0; i < 4000; i++)
		count[data[i] % 5]++;
	CU_ASSERT(!count[1] && !count[3] && count[2] > 1800 && count[2] < 2200 && count[0] > 850 && count[4] > 850);
	CU_ASSERT_EQUAL(tr_read(tr_random_choice(ctx, &g, 5, SHAPE(3), false, p), data, 24), 0);
	CU_ASSERT(data[0] + data[1] + data[2] == 6 && data[0] * data[1] * data[2] == 0);
	CU_ASSERT_EQUAL(value_at(tr_random_choice(ctx, &g, 3, SCALAR, true, one), 0), 2);
	CU_ASSERT_EQUAL(value_at(tr_random_choice(ctx, &g, 3, SHAPE(1), false, one), 0), 2);
	CU_ASSERT_EQUAL(tr_numel(tr_random_choice(ctx, &g, 0, SHAPE(0), false, NULL)), 0);
	tr_context_destroy(ctx);
}

#define REFUSED(call, status, words) \
	do { \
		CU_ASSERT_PTR_NULL(call); \
		assert_error(ctx, status, words); \
		CU_ASSERT_EQUAL(memcmp(&g, &start, sizeof(g)), 0); \
	} while (0)

static void refusals(void)
{
	static const double few[] = {0.5, 0.4}, below_0[] = {1.5, -0.5}, nan[] = {NAN, 1}, zero[] = {1, 0};
	struct tr_context *ctx = open_context();
	struct tr_generator g = some(), start = g;

	REFUSED(tr_random_normal(ctx, &g, TR_F32, SHAPE(3), 0, -1), TR_EINVAL, "random_normal: scale is -1");
	REFUSED(tr_random_normal(ctx, &g, TR_F32, SHAPE(3), 0, NAN), TR_EINVAL, "scale is nan");
	REFUSED(tr_random_normal(ctx, &g, TR_F32, SHAPE(3), NAN, 1), TR_EINVAL, "loc is nan");
	REFUSED(tr_random_normal(ctx, &g, TR_I32, SHAPE(3), 0, 1), TR_EDTYPE, "not defined for int32");
	REFUSED(tr_random_normal(ctx, &g, TR_C64, SHAPE(3), 0, 1), TR_EDTYPE, "not defined for complex64");
	REFUSED(tr_random_normal(ctx, &g, TR_F32, SHAPE(-3), 0, 1), TR_EINVAL, "-3");
	REFUSED(tr_random_uniform(ctx, &g, TR_F32, SHAPE(3), 0, INFINITY), TR_EINVAL, "high - low is inf");
	REFUSED(tr_random_uniform(ctx, &g, TR_F64, SHAPE(3), -1e308, 1e308), TR_EINVAL, "high - low is inf");
	REFUSED(tr_random_exponential(ctx, &g, TR_F64, SHAPE(3), -2), TR_EINVAL, "scale is -2");
	REFUSED(tr_random_bernoulli(ctx, &g, SHAPE(3), 1.5), TR_EINVAL, "p is 1.5");
	REFUSED(tr_random_bernoulli(ctx, &g, SHAPE(3), NAN), TR_EINVAL, "p is nan");
	REFUSED(tr_random_gamma(ctx, &g, TR_F32, SHAPE(3), -1, 1), TR_EINVAL, "shape is -1");
	REFUSED(tr_random_gamma(ctx, &g, TR_F32, SHAPE(3), 1, NAN), TR_EINVAL, "scale is nan");
	REFUSED(tr_random_beta(ctx, &g, TR_F32, SHAPE(3), 0, 1), TR_EINVAL, "a is 0 and b is 1");
	REFUSED(tr_random_poisson(ctx, &g, TR_I64, SHAPE(3), -1), TR_EINVAL, "lam is -1");
	REFUSED(tr_random_poisson(ctx, &g, TR_C64, SHAPE(3), 1), TR_EDTYPE, "complex64");
	REFUSED(tr_random_binomial(ctx, &g, TR_I64, SHAPE(3), -1, 0.5), TR_EINVAL, "n is -1");
	REFUSED(tr_random_binomial(ctx, &g, TR_I64, SHAPE(3), 1, 2), TR_EINVAL, "p is 2");
	REFUSED(tr_random_integers(ctx, &g, TR_I8, SHAPE(3), 0, 129), TR_EINVAL, "129 integers from 0 are not all int8");
	REFUSED(tr_random_integers(ctx, &g, TR_U8, SHAPE(3), -1, 2), TR_EINVAL, "from -1 are not all uint8");
	REFUSED(tr_random_integers(ctx, &g, TR_I32, SHAPE(3), 0, 0), TR_EINVAL, "not all int32");
	REFUSED(tr_random_integers(ctx, &g, TR_I64, SHAPE(3), 1, 1ull << 63), TR_EINVAL, "not all int64");
	REFUSED(tr_random_integers(ctx, &g, TR_F32, SHAPE(3), 0, 2), TR_EDTYPE, "not defined for float32");
	REFUSED(tr_random_permutation(ctx, &g, -1), TR_EINVAL, "-1 numbers");
	REFUSED(tr_random_choice(ctx, &g, 0, SHAPE(1), true, NULL), TR_EINVAL, "0 numbers to choose from");
	REFUSED(tr_random_choice(ctx, &g, 3, SHAPE(4), false, NULL), TR_EINVAL, "4 different numbers of 3");
	REFUSED(tr_random_choice(ctx, &g, 2, SHAPE(2), false, zero), TR_EINVAL, "2 different numbers of 1 whose");
	REFUSED(tr_random_choice(ctx, &g, 2, SHAPE(2), true, few), TR_EINVAL, "sum is 0.9, not 1");
	REFUSED(tr_random_choice(ctx, &g, 2, SHAPE(2), true, below_0), TR_EINVAL, "probability 1 is -0.5");
	REFUSED(tr_random_choice(ctx, &g, 2, SHAPE(2), true, nan), TR_EINVAL, "probability 0 is nan");
	REFUSED(tr_random_choice(ctx, &g, 2, SHAPE(-1), false, NULL), TR_EINVAL, "-1");
	CU_ASSERT_EQUAL(tr_random_normal_out(NULL, &g, 0, 1), -TR_EINVAL);
	CU_ASSERT_EQUAL(tr_random_shuffle(ramp(ctx, 0, 1, SHAPE(3)), &g, 1), -TR_EINVAL);
	assert_error(ctx, TR_EINVAL, "axis 1 of 1");
	CU_ASSERT_EQUAL(tr_random_shuffle(tr_broadcast_to(ramp(ctx, 0, 1, SHAPE(3)), SHAPE(2, 3)), &g, 0), -TR_EREADONLY);
	assert_error(ctx, TR_EREADONLY, "broadcast");
	CU_ASSERT_EQUAL(memcmp(&g, &start, sizeof(g)), 0);
	tr_context_destroy(ctx);
}

/* Any allocation may fail; the generator then stays where it was, and the call after it works. */
static void every_failing_allocation(void)
{
	static const double p[] = {0.25, 0.25, 0.5};
	struct test_heap heap = {0};
	struct tr_allocator alloc = test_heap_allocator(&heap);
	int failed = 0;

	for (int what = 0; what < 5; what++)
		for (size_t n = 1; n < 12; n++) {
			struct tr_context *ctx = open_context_with(1, &alloc);
			struct tr_generator g = some(), start = g;
			struct tr_tensor *y = NULL;

			for (int again = 0; again < 2 && !y; again++) {
				heap.fail_at = again ? 0 : n;
				y = what == 0 ? tr_random_beta(ctx, &g, TR_F32, SHAPE(20), 1, 2)
				  : what == 1 ? tr_random_permutation(ctx, &g, 20)
				  : what == 2 ? tr_random_choice(ctx, &g, 3, SHAPE(2), false, p)
				  : what == 3 ? tr_random_choice(ctx, &g, 3, SHAPE(20), true, p)
					      : tr_random_normal(ctx, &g, TR_F32, SHAPE(20), 0, 1);
				heap.fail_at = 0;
				if (!y) {
					failed++;
					assert_error(ctx, TR_ENOMEM, "");
					CU_ASSERT_EQUAL(memcmp(&g, &start, sizeof(g)), 0);
				}
			}
			CU_ASSERT_PTR_NOT_NULL(y);
			tr_context_destroy(ctx);
			CU_ASSERT_EQUAL(heap.live, 0);
		}
	CU_ASSERT(failed > 10);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(known_answers), TEST(blocks_of_every_level), TEST(elements_of_words), TEST(integers_of_words),
		TEST(integers_of_every_type), TEST(same_however_made), TEST(destinations), TEST(batches_and_plans),
		TEST(generators), TEST(permutation_of_words), TEST(permutations), TEST(choices), TEST(refusals), TEST(every_failing_allocation),
	};

	return TEST_RUN("random", cases);
}
