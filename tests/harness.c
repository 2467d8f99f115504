/* SPDX-License-Identifier: MIT */
/*
 * The frame of the C suites (harness.h): runs CUnit's registry with handlers of its own, because CUnit knows no
 * skipped tests and takes one without assertions as passed. Knows no suite.
 */
#include "tests/harness.h"
#include "tests/crash.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <CUnit/TestDB.h>
#include <CUnit/TestRun.h>

static struct {
	const char *suite, *test;
	uint64_t seed;
	unsigned passed, failed, skipped;
	unsigned asserts; /* made before the current test */
	char skip[256];   /* reason of the current test, or "" */
	char note[256];
} run;

static void start_random(uint64_t seed);

static void crashed_in(const char **suite, const char **test, const char **note)
{
	*suite = run.suite;
	*test = run.test ? run.test : "?";
	*note = run.note;
}

static void vset(char *buf, size_t size, const char *fmt, va_list ap)
{
	if (vsnprintf(buf, size, fmt, ap) < 0)
		*buf = '\0';
}

void test_skipped(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vset(run.skip, sizeof(run.skip), fmt, ap);
	va_end(ap);
}

void test_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vset(run.note, sizeof(run.note), fmt, ap);
	va_end(ap);
}

bool test_long(void)
{
	const char *s = getenv("TRUENO_TEST_LONG");

	return s && !strcmp(s, "1");
}

static void on_start(const CU_pTest test, const CU_pSuite suite)
{
	(void)suite;
	run.test = test->pName;
	run.asserts = CU_get_number_of_asserts();
	*run.skip = *run.note = '\0';
	start_random(run.seed);
}

/* failure: the first of the whole suite's list; CUnit appends, so the test's own are those that name it. */
static void on_complete(const CU_pTest test, const CU_pSuite suite, const CU_pFailureRecord failure)
{
	unsigned n = 0;

	(void)suite;
	for (CU_pFailureRecord f = failure; f; f = f->pNext) {
		if (f->pTest != test)
			continue;
		if (++n <= 10)
			printf("FAIL %s.%s %s:%u: %s\n", run.suite, test->pName, f->strFileName, f->uiLineNumber,
			       f->strCondition);
	}
	if (n && *run.note)
		printf("     last note: %s\n", run.note);
	if (n > 10)
		printf("     and %u more\n", n - 10);
	if (n) {
		run.failed++;
	} else if (*run.skip) {
		run.skipped++;
		printf("skip %s.%s: %s\n", run.suite, test->pName, run.skip);
	} else if (CU_get_number_of_asserts() == run.asserts) {
		run.failed++;
		printf("FAIL %s.%s: made no assertion\n", run.suite, test->pName);
	} else {
		run.passed++;
	}
	fflush(stdout);
}

static uint64_t choose_seed(void)
{
	const char *s = getenv("TRUENO_TEST_SEED");
	struct timespec now;

	if (s && *s)
		return strtoull(s, NULL, 0);
	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000007u ^ (uint64_t)now.tv_nsec;
}

static int register_cases(const char *suite, const struct test_case *cases, size_t n)
{
	const char *only = getenv("TRUENO_TEST_ONLY");
	CU_pSuite s;

	if (CU_initialize_registry() != CUE_SUCCESS)
		return -1;
	s = CU_add_suite(suite, NULL, NULL);
	if (!s)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (only && *only && !strstr(cases[i].name, only))
			continue;
		if (!CU_add_test(s, cases[i].name, cases[i].run))
			return -1;
	}
	return 0;
}

int test_run(const char *suite, const struct test_case *cases, size_t n)
{
	const char *level = getenv("TRUENO_CPU");

	run.suite = suite;
	run.seed = choose_seed();
	printf("suite %s, TRUENO_TEST_SEED=%" PRIu64 "\n", suite, run.seed);
	fflush(stdout);
	if (register_cases(suite, cases, n)) {
		printf("FAIL %s: %s\n", suite, CU_get_error_msg());
		return EXIT_FAILURE;
	}
	catch_crashes(crashed_in);
	CU_set_test_start_handler(on_start);
	CU_set_test_complete_handler(on_complete);
	CU_run_all_tests();
	CU_cleanup_registry();
	printf("result suite=%s level=%s seed=%" PRIu64 " passed=%u failed=%u skipped=%u\n", suite,
	       level && *level ? level : "best", run.seed, run.passed, run.failed, run.skipped);
	return run.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* xoshiro256** 1.0 (Blackman and Vigna 2018), its state filled by splitmix64. */
static uint64_t state[4];

static uint64_t splitmix64(uint64_t *x)
{
	uint64_t z = *x += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static void start_random(uint64_t seed)
{
	for (size_t i = 0; i < 4; i++)
		state[i] = splitmix64(&seed);
}

static uint64_t rotl(uint64_t x, int k)
{
	return x << k | x >> (64 - k);
}

uint64_t test_rand(void)
{
	uint64_t result = rotl(state[1] * 5, 7) * 9;
	uint64_t t = state[1] << 17;

	state[2] ^= state[0];
	state[3] ^= state[1];
	state[1] ^= state[2];
	state[0] ^= state[3];
	state[2] ^= t;
	state[3] = rotl(state[3], 45);
	return result;
}

uint64_t test_rand_below(uint64_t n)
{
	uint64_t limit = UINT64_MAX - UINT64_MAX % n;
	uint64_t r;

	do
		r = test_rand();
	while (r >= limit);
	return r % n;
}

double test_rand_unit(void)
{
	return (double)(test_rand() >> 11) * 0x1p-53;
}

/* The sum of 12 uniforms has variance 1 and tails to ±6: all that tests need, and the same bits with every libm. */
double test_rand_normal(void)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += test_rand_unit();
	return sum;
}

float test_rand_f32(void)
{
	static const uint32_t specials[] = {0, 0x80000000, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00001,
					    1, 0x807fffff, 0x00800000, 0x7f7fffff, 0xff7fffff, 0x3f800000};
	uint32_t bits = (uint32_t)test_rand();
	float f;

	switch (test_rand_below(8)) {
	case 0:
		bits = specials[test_rand_below(sizeof(specials) / sizeof(*specials))];
		break;
	case 1:
		bits &= 0x807fffff; /* denormal */
		break;
	case 2:
		return (float)((int)test_rand_below(65) - 32);
	case 3:
	case 4:
		return (float)test_rand_normal();
	default:
		break;
	}
	memcpy(&f, &bits, sizeof(f));
	return f;
}

double test_rand_f64(void)
{
	static const uint64_t specials[] = {0, 0x8000000000000000, 0x7ff0000000000000, 0xfff0000000000000,
					    0x7ff8000000000000, 0xfff8000000000001, 1, 0x800fffffffffffff,
					    0x0010000000000000, 0x7fefffffffffffff, 0xffefffffffffffff};
	uint64_t bits = test_rand();
	double d;

	switch (test_rand_below(8)) {
	case 0:
		bits = specials[test_rand_below(sizeof(specials) / sizeof(*specials))];
		break;
	case 1:
		bits &= 0x800fffffffffffff; /* denormal */
		break;
	case 2:
		return (double)((int)test_rand_below(65) - 32);
	case 3:
	case 4:
		return test_rand_normal();
	default:
		break;
	}
	memcpy(&d, &bits, sizeof(d));
	return d;
}
