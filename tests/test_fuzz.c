/* SPDX-License-Identifier: MIT */
/*
 * The readers of files on damaged ones: seeds as they are, cut, with bits turned, pieces repeated or exchanged, and inputs that
 * fuzzing found trouble with. `make fuzz` goes on where this stops.
 */
#include "tests/fuzz/seeds.h"
#include "tests/harness.h"

#define MUTATIONS 40
#define LONGEST 8192

static void run_target(const char *target, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < FUZZ_TARGETS; i++)
		if (!strcmp(fuzz_targets[i].name, target))
			fuzz_targets[i].run(data, size);
}

/* One small damage. */
static size_t damage(uint8_t *x, size_t n)
{
	size_t at = n ? test_rand_below(n) : 0, piece = n ? test_rand_below(n - at) : 0, to = n ? test_rand_below(n) : 0;

	switch (test_rand_below(6)) {
	case 0:
		return at;
	case 1:
		if (n)
			x[at] ^= (uint8_t)(1 << test_rand_below(8));
		return n;
	case 2:
		if (n)
			x[at] = (uint8_t)test_rand();
		return n;
	case 3: /* take a piece out */
		memmove(x + at, x + at + piece, n - at - piece);
		return n - piece;
	case 4: /* put it in again */
		piece = n + piece > LONGEST ? 0 : piece;
		memmove(x + at + piece, x + at, n - at);
		return n + piece;
	default: /* lay it over another */
		piece = piece < n - to ? piece : n - to;
		memmove(x + to, x + at, piece);
		return n;
	}
}

static void run_seed(void *arg, const char *target, int number, const void *data, size_t size)
{
	size_t *runs = arg;
	uint8_t x[LONGEST];

	test_note("%s seed %d", target, number);
	run_target(target, data, size);
	for (int i = 0; i < MUTATIONS && size <= LONGEST; i++) {
		size_t n = size;

		memcpy(x, data, size);
		for (uint64_t k = test_rand_below(4) + 1; k; k--)
			n = damage(x, n);
		run_target(target, x, n);
		++*runs;
	}
}

static void takes_damaged_files(void)
{
	size_t runs = 0;

	fuzz_each_seed(run_seed, &runs);
	rmdir(fuzz_folder());
	CU_ASSERT_TRUE(runs > 1000);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(takes_damaged_files),
	};

	return TEST_RUN("fuzz", cases);
}
