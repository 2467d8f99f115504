/* SPDX-License-Identifier: MIT */
/*
 * The frame of every C suite, over CUnit: registration, random numbers from one printed seed, buffers between
 * guard pages, an allocator that fails on demand, and skips that are counted as skips. Knows nothing of Trueno but
 * the public allocator interface.
 *
 *	static void adds_floats(void)
 *	{
 *		CU_ASSERT_EQUAL(1 + 1, 2);
 *	}
 *
 *	int main(void)
 *	{
 *		static const struct test_case cases[] = {
 *			TEST(adds_floats),
 *		};
 *		return TEST_RUN("op", cases);
 *	}
 *
 * A suite is one process, run once per CPU level by tests/run. TRUENO_TEST_SEED sets the seed, TRUENO_TEST_ONLY=part
 * runs the tests whose names contain part, TRUENO_TEST_LONG=1 asks for the exhaustive ones.
 */
#ifndef TESTS_HARNESS_H
#define TESTS_HARNESS_H

#include <CUnit/CUnit.h>
#include <trueno/context.h>

struct test_case {
	const char *name;
	void (*run)(void);
};

#define TEST(fn) {#fn, fn}

/* Runs n cases and prints each failure and one line of counts; gives main's exit status. A test that neither asserts
 * nor skips fails: it could not have. */
int test_run(const char *suite, const struct test_case *cases, size_t n);
#define TEST_RUN(suite, cases) test_run(suite, cases, sizeof(cases) / sizeof(*(cases)))

/* Leaves the test, counted as skipped unless something failed before. reason says what is missing. */
#define TEST_SKIP(...)                       \
	do {                                 \
		test_skipped(__VA_ARGS__);   \
		return;                      \
	} while (0)
void test_skipped(const char *fmt, ...) TR_PRINTF(1, 2);

/* A line of context that the next failures of this test print with them: which case of a loop it was. */
void test_note(const char *fmt, ...) TR_PRINTF(1, 2);

/* Whether the exhaustive tests were asked for. */
bool test_long(void);

/* Random numbers: xoshiro256** from the seed, so that a run can be repeated. Each test starts from the seed anew.
 * One thread. */
uint64_t test_rand(void);
uint64_t test_rand_below(uint64_t n); /* uniform in 0 … n-1; n >= 1 */
double test_rand_unit(void);          /* uniform in [0, 1) */
double test_rand_normal(void);        /* mean 0, variance 1 */

/* A float of any kind: normal over the whole exponent range, denormal, ±0, ±Inf, NaN, small integers. */
float test_rand_f32(void);
double test_rand_f64(void);

/*
 * size bytes that end (GUARD_AFTER) or begin (GUARD_BEFORE) right at an inaccessible page: the first byte outside
 * raises SIGSEGV. The other side has canaries, checked by guard_free, which fails the test if they changed. With
 * GUARD_AFTER the address is as aligned as size is. NULL only for lack of memory, which fails the test.
 */
enum guard_side { GUARD_AFTER, GUARD_BEFORE };
void *guard_alloc(size_t size, enum guard_side side);
void guard_free(void *ptr); /* NULL allowed */

/* Forbids writing: a kernel that touches its source raises SIGSEGV. */
void guard_readonly(void *ptr);

/*
 * An allocator that counts, and fails the fail_at-th call from now (1: the next) and, with fail_all, every later one.
 * 0: never. Blocks carry their size, and a free with another one fails the test, as does one of a foreign pointer.
 */
struct test_heap {
	size_t calls;  /* of alloc, failed ones included */
	size_t live;   /* blocks not yet freed */
	size_t bytes;  /* in them */
	size_t fail_at;
	bool fail_all;
};
struct tr_allocator test_heap_allocator(struct test_heap *heap);

#endif
