/* SPDX-License-Identifier: MIT */
/*
 * Every f32 there is through every function of one operand, at the level that TRUENO_CPU names, else the best: the elementary
 * ones against the C library in double, and all of them against every other level, to the bit. That takes an hour of one
 * processor, and so only when asked (TRUENO_TEST_LONG=1, as make tier3 does). Otherwise it is every STRIDE-th number, from
 * a random one on; and fewer where fma is computed in software.
 *
 *	test_exhaustive [NAME…]    these functions alone; TRUENO_THREADS threads, else as many as there are processors
 */
#include "tests/harness.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "simd/map.h"
#include "tests/levels.h"
#include "tests/truth.h"

#define BLOCK 4096
#define STRIDE 4099 /* a prime: about a million operands, of every exponent and all low bits */
#define SLOW_STRIDE 61 /* of a level without fma in hardware, asked for everything */
#define SLOW_LESS 17   /* how much fewer it is otherwise */
#define PARTS 256

/* One function over one set of operands: first, first + step, … below 2^32, cut into PARTS. */
struct sweep {
	const struct truth *truth; /* NULL: against other's kernel */
	const struct tr_kernels *k, *other;
	enum tr_op op;
	double number[2];
	uint64_t first, step;
	struct {
		double ulps; /* the worst, or how many results differ */
		float at;
	} found[PARTS];
};

static struct tr_device pool;
static char **wanted; /* names; none: all */

static bool is_wanted(enum tr_op op)
{
	for (char **name = wanted; *name; name++)
		if (!strcmp(*name, tr__ops[op].name))
			return true;
	return !*wanted;
}

static bool same_f32(float a, float b)
{
	return !memcmp(&a, &b, sizeof(a)) || (a != a && b != b);
}

/* How far off the result is, but for one that is the nearest f32 already: that costs more than the function. */
static double error_of(const struct truth *t, float a, float got)
{
	return same_f32(got, (float)t->of_f32(a)) ? 0.5 : truth_error_f32(t, a, got);
}

static void take_block(struct sweep *s, size_t part, const float *a, size_t n)
{
	float y[BLOCK], z[BLOCK];
	uint64_t number[2];
	const void *src[] = {a, &number[0], &number[1]};

	tr__map_numbers(number, s->k, (uint16_t)s->op, TR_F32, s->number);
	s->k->map[s->op][TR_F32](y, src, n);
	if (!s->truth) {
		s->other->map[s->op][TR_F32](z, src, n);
		if (!memcmp(y, z, n * sizeof(*y)))
			return;
	}
	for (size_t i = 0; i < n; i++) {
		double ulps = s->truth ? error_of(s->truth, a[i], y[i]) : s->found[part].ulps + !same_f32(y[i], z[i]);

		if (ulps > s->found[part].ulps) {
			s->found[part].ulps = ulps;
			s->found[part].at = a[i];
		}
	}
}

static void take_part(void *arg, size_t part, unsigned worker)
{
	struct sweep *s = arg;
	uint64_t all = (UINT32_MAX - s->first) / s->step + 1, i = all * part / PARTS, end = all * (part + 1) / PARTS;
	float a[BLOCK];

	(void)worker;
	while (i < end) {
		size_t n = 0;

		for (; n < BLOCK && i < end; i++) {
			uint32_t bits = (uint32_t)(s->first + i * s->step);
			memcpy(&a[n++], &bits, sizeof(bits));
		}
		take_block(s, part, a, n);
	}
}

static bool is_slow(const struct tr_kernels *k)
{
	return k && (k == &tr__ref_kernels || !strcmp(k->name, "scalar") || !strcmp(k->name, "sse2") || !strcmp(k->name, "wasm128"));
}

/* The worst of all parts, of several the one at the least bits; or how many differ, and where in the first of such parts. */
static double sweep(struct sweep *s, float *at)
{
	bool slow = is_slow(s->k) || is_slow(s->other);
	double ulps = 0;

	*at = 0;
	s->step = test_long() ? (slow ? SLOW_STRIDE : 1) : slow && !s->truth ? STRIDE * SLOW_LESS : STRIDE;
	s->first = test_long() ? 0 : test_rand_below(s->step);
	tr__pool_run(&pool, PARTS, take_part, s);
	for (size_t i = 0; i < PARTS; i++) {
		if (s->truth ? s->found[i].ulps > ulps : s->found[i].ulps > 0 && ulps == 0)
			*at = s->found[i].at;
		if (!s->truth)
			ulps += s->found[i].ulps;
		else if (s->found[i].ulps > ulps)
			ulps = s->found[i].ulps;
	}
	return ulps;
}

static void every_f32_is_near_the_truth(void)
{
	const struct tr_kernels *k = chosen_table();

	for (size_t i = 0; i < TRUTH_COUNT; i++) {
		const struct truth *t = &truths[i];
		struct sweep s = {.truth = t, .k = k, .op = t->op, .number = {t->p, t->q}};
		double worst;
		float at;

		if (!is_wanted(t->op))
			continue;
		worst = sweep(&s, &at);
		printf("%s on %s: at most %.4f units in the last place, at %a\n", tr__ops[t->op].name, k->name, worst, at);
		fflush(stdout);
		test_note("%s on %s: off by %.4f at %a", tr__ops[t->op].name, k->name, worst, at);
		CU_ASSERT(worst < tr__ops[t->op].ulp);
	}
}

static void compare(const struct tr_kernels *k, const struct tr_kernels *other, enum tr_op op)
{
	struct sweep s = {.k = k, .other = other, .op = op, .number = {0.75, 1.5}};
	double different;
	float at;

	if (k->map[op][TR_F32] == other->map[op][TR_F32])
		return; /* one above the other, with the same kernel */
	different = sweep(&s, &at);
	test_note("%s on %s and %s: %.0f differ, one of them at %a", tr__ops[op].name, k->name, other->name, different, at);
	CU_ASSERT_EQUAL(different, 0);
	if (test_long())
		printf("%s on %s and %s: %.0f of %" PRIu64 " differ\n", tr__ops[op].name, k->name, other->name, different,
		       UINT32_MAX / s.step + 1);
	fflush(stdout);
}

/* Whether it is a function of one f32, whose result is one. */
static bool is_of_one(enum tr_op op)
{
	enum tr_family family = (enum tr_family)tr__ops[op].family;

	return (family == TR_FAMILY_UNARY || family == TR_FAMILY_UNARY1 || family == TR_FAMILY_UNARY2) &&
	       tr__ops[op].dtypes & TR__BIT(TR_F32) && tr__ops[op].result == TR_RESULT_SAME;
}

static void levels_agree_on_every_f32(void)
{
	const struct tr_kernels *tables[MOST_TABLES], *chosen = chosen_table();
	size_t levels = list_tables(tables);

	for (int op = 0; op < TR_OP_COUNT; op++)
		for (size_t l = 0; l < levels && is_of_one((enum tr_op)op) && is_wanted((enum tr_op)op); l++)
			if (strcmp(tables[l]->name, chosen->name))
				compare(chosen, tables[l], (enum tr_op)op);
	if (levels < 2)
		TEST_SKIP("no level but the specification runs here");
}

int main(int argc, char **argv)
{
	static const struct test_case cases[] = {
		TEST(every_f32_is_near_the_truth),
		TEST(levels_agree_on_every_f32),
	};
	int status;

	wanted = argv + 1;
	(void)argc;
	pool.threads = tr__threads(0);
	pool.pool = tr__pool_get(pool.threads);
	status = TEST_RUN("exhaustive", cases);
	tr__pool_put(pool.pool);
	return status;
}
