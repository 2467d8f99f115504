/* SPDX-License-Identifier: MIT */
/*
 * The frame's own promises: what lies outside a guarded buffer cannot be touched, the counting allocator fails when
 * told to, the seed repeats a run. A net with holes would pass every other suite.
 */
#include "tests/harness.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whether writing the byte at p kills a process. */
static bool faults(unsigned char *p)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		signal(SIGSEGV, SIG_DFL);
		*(volatile unsigned char *)p = 1;
		_exit(0);
	}
	return child > 0 && waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

static void guard_after_ends_at_a_fault(void)
{
	for (size_t size = 1; size < 10000; size = size * 3 + 1) {
		unsigned char *p = guard_alloc(size, GUARD_AFTER);

		memset(p, 0, size);
		CU_ASSERT_FALSE(faults(p + size - 1));
		CU_ASSERT_TRUE(faults(p + size));
		guard_free(p);
	}
}

static void guard_before_begins_at_a_fault(void)
{
	unsigned char *p = guard_alloc(100, GUARD_BEFORE);

	CU_ASSERT_TRUE(faults(p - 1));
	CU_ASSERT_FALSE(faults(p));
	guard_readonly(p);
	CU_ASSERT_TRUE(faults(p));
	guard_free(p);
}

static void guard_of_nothing(void)
{
	unsigned char *p = guard_alloc(0, GUARD_AFTER);

	CU_ASSERT_PTR_NOT_NULL(p);
	guard_free(p);
	guard_free(NULL);
}

static void heap_counts_and_aligns(void)
{
	struct test_heap heap = {0};
	struct tr_allocator a = test_heap_allocator(&heap);

	for (size_t align = 16; align <= 4096; align *= 2) {
		void *p = a.alloc(a.user, 100, align);

		CU_ASSERT_EQUAL((uintptr_t)p % align, 0);
		CU_ASSERT_EQUAL(heap.live, 1);
		CU_ASSERT_EQUAL(heap.bytes, 100);
		a.free(a.user, p, 100);
	}
	CU_ASSERT_EQUAL(heap.live, 0);
	CU_ASSERT_EQUAL(heap.bytes, 0);
	CU_ASSERT_EQUAL(heap.calls, 9);
}

static void heap_fails_the_call_it_is_told(void)
{
	struct test_heap heap = {.fail_at = 2};
	struct tr_allocator a = test_heap_allocator(&heap);
	void *p[4];

	for (int i = 0; i < 4; i++)
		p[i] = a.alloc(a.user, 8, 16);
	CU_ASSERT_TRUE(p[0] && !p[1] && p[2] && p[3]);
	for (int i = 0; i < 4; i++)
		a.free(a.user, p[i], 8);
	CU_ASSERT_EQUAL(heap.live, 0);
	heap.fail_at = 1;
	heap.fail_all = true;
	CU_ASSERT_PTR_NULL(a.alloc(a.user, 8, 16));
	CU_ASSERT_PTR_NULL(a.alloc(a.user, 8, 16));
	heap.fail_all = false;
	CU_ASSERT_PTR_NULL(a.alloc(a.user, SIZE_MAX, 16));
}

/* Every test starts from the seed, so two of them must see the same numbers. */
static uint64_t first_seen;

static void seed_gives_numbers(void)
{
	first_seen = test_rand();
	CU_ASSERT_NOT_EQUAL(first_seen, test_rand());
}

static void seed_repeats_them(void)
{
	if (!first_seen)
		TEST_SKIP("needs seed_gives_numbers in the same run");
	CU_ASSERT_EQUAL(test_rand(), first_seen);
}

static void numbers_keep_their_ranges(void)
{
	double sum = 0, squares = 0;
	unsigned seen = 0;

	for (int i = 0; i < 10000; i++) {
		double u = test_rand_unit(), z = test_rand_normal();
		float f = test_rand_f32();

		CU_ASSERT(test_rand_below(7) < 7 && u >= 0 && u < 1);
		sum += z;
		squares += z * z;
		seen |= 1u << (fpclassify(f) & 7);
		seen |= 1u << (fpclassify(test_rand_f64()) & 7) << 8;
	}
	CU_ASSERT(fabs(sum) < 1000 && fabs(squares - 10000) < 2000); /* beyond 10 standard deviations */
	CU_ASSERT_EQUAL(seen, 0x1f1f); /* NaN, Inf, zero, denormal, normal: glibc's 0 … 4 */
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(guard_after_ends_at_a_fault),
		TEST(guard_before_begins_at_a_fault),
		TEST(guard_of_nothing),
		TEST(heap_counts_and_aligns),
		TEST(heap_fails_the_call_it_is_told),
		TEST(seed_gives_numbers),
		TEST(seed_repeats_them),
		TEST(numbers_keep_their_ranges),
	};

	return TEST_RUN("harness", cases);
}
