/* SPDX-License-Identifier: MIT */
/*
 * Every f32 there is through every elementary function of one operand, against the C library in double: the level that
 * TRUENO_CPU names, else the best. Runs for an hour or two, and so only when asked (TRUENO_TEST_LONG=1, as make
 * tier3 does). The specification is tried on every 61st number: it is slow, and has the same bits (test_golden.c).
 */
#include "tests/harness.h"

#include <inttypes.h>
#include <string.h>

#include "tests/levels.h"
#include "tests/truth.h"

#define BLOCK 4096

static void check_all(const struct truth *t, const struct tr_kernels *k)
{
	static float a[BLOCK], y[BLOCK];
	const void *src[] = {a};
	uint64_t step = k == &tr__ref_kernels ? 61 : 1;
	double ulps, worst = 0;
	float at = 0;

	for (uint64_t next = 0; next <= UINT32_MAX;) {
		size_t n = 0;

		for (; n < BLOCK && next <= UINT32_MAX; next += step) {
			uint32_t bits = (uint32_t)next;
			memcpy(&a[n++], &bits, sizeof(bits));
		}
		k->map[t->op][TR_F32](y, src, n);
		for (size_t i = 0; i < n; i++) {
			ulps = truth_ulps_f32(y[i], t->of_f32(a[i]));
			if (ulps > worst) {
				worst = ulps;
				at = a[i];
			}
		}
	}
	printf("%s on %s: at most %.4f units in the last place, at %a\n", tr__ops[t->op].name, k->name, worst, at);
	test_note("%s on %s: off by %.4f at %a", tr__ops[t->op].name, k->name, worst, at);
	CU_ASSERT_FATAL(worst < tr__ops[t->op].ulp);
}

static void every_f32(void)
{
	const struct tr_kernels *k = chosen_table();

	if (!test_long())
		TEST_SKIP("takes hours; TRUENO_TEST_LONG=1 runs it");
	for (size_t i = 0; i < TRUTH_COUNT; i++)
		check_all(&truths[i], k);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(every_f32),
	};

	return TEST_RUN("exhaustive", cases);
}
