/* SPDX-License-Identifier: MIT */
/*
 * Every f32 there is through every elementary function of one operand, against the C library in double: the level that
 * TRUENO_CPU names, else the best. That runs for an hour or two, and so only when asked (TRUENO_TEST_LONG=1, as make
 * tier3 does), the specification on every 61st number: it is slow, and has the same bits (test_golden.c). Otherwise it is
 * every STRIDE-th, from a random one on.
 */
#include "tests/harness.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/levels.h"
#include "simd/map.h"
#include "tests/truth.h"

#define BLOCK 4096
#define STRIDE 4099 /* a prime: about a million operands, of every exponent and all low bits */

static void check_all(const struct truth *t, const struct tr_kernels *k)
{
	static float a[BLOCK], y[BLOCK];
	uint64_t number[2];
	const void *src[] = {a, &number[0], &number[1]};
	uint64_t step = !test_long() ? STRIDE : k == &tr__ref_kernels ? 61 : 1;
	double ulps, worst = 0;
	float at = 0;

	tr__map_numbers(number, k, (uint16_t)t->op, TR_F32, &t->p);
	for (uint64_t next = test_long() ? 0 : test_rand_below(step); next <= UINT32_MAX;) {
		size_t n = 0;

		for (; n < BLOCK && next <= UINT32_MAX; next += step) {
			uint32_t bits = (uint32_t)next;
			memcpy(&a[n++], &bits, sizeof(bits));
		}
		k->map[t->op][TR_F32](y, src, n);
		for (size_t i = 0; i < n; i++) {
			ulps = truth_error_f32(t, a[i], y[i]);
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
