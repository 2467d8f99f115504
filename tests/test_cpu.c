/* SPDX-License-Identifier: MIT */
/*
 * The CPU driver as the core sees it: levels and threads chosen as asked, memory aligned, failures told apart, take's
 * elements and its range check.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/views.h"

/* Sets an environment variable and gives back what it was; restore() undoes it. */
static char *replace_env(const char *name, const char *value)
{
	const char *was = getenv(name);
	char *saved = was ? strdup(was) : NULL;

	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
	return saved;
}

static void restore_env(const char *name, char *saved)
{
	if (saved)
		setenv(name, saved, 1);
	else
		unsetenv(name);
	free(saved);
}

static int try_open(unsigned index, unsigned threads, struct tr_device_info *info, char *err, size_t errlen)
{
	static struct test_heap heap;
	struct tr_allocator alloc = test_heap_allocator(&heap);
	struct tr_context_params params = { .threads = threads };
	static char level[32];
	struct tr_device *dev = NULL;
	int res = tr__cpu_driver.open(&dev, index, &params, &alloc, err, errlen);

	CU_ASSERT((res == 0) == (dev != NULL));
	if (dev) {
		tr__cpu_driver.info(dev, info);
		CU_ASSERT_STRING_EQUAL(info->driver, "cpu");
		CU_ASSERT(strlen(info->name) > 0);
		snprintf(level, sizeof(level), "%s", info->level);
		info->level = level;
		tr__cpu_driver.close(dev);
	}
	CU_ASSERT_EQUAL(heap.live, 0);
	return res;
}

static void levels_are_chosen_by_name(void)
{
	char *saved = replace_env("TRUENO_CPU", NULL);
	const char *best = tr__ref_kernels.name;
	struct tr_device_info info;
	char err[160] = "";

	for (const struct tr_level *l = tr__levels; l->name; l++) {
		setenv("TRUENO_CPU", l->name, 1);
		test_note("level %s", l->name);
		if (l->usable()) {
			CU_ASSERT_EQUAL(try_open(0, 1, &info, err, sizeof(err)), 0);
			CU_ASSERT_STRING_EQUAL(info.level, l->name);
			if (!strcmp(best, tr__ref_kernels.name))
				best = l->name;
		} else {
			CU_ASSERT_EQUAL(try_open(0, 1, &info, err, sizeof(err)), -TR_EINVAL);
			CU_ASSERT_PTR_NOT_NULL(strstr(err, "lacks"));
		}
	}
	setenv("TRUENO_CPU", "scalar", 1);
	CU_ASSERT_EQUAL(try_open(0, 1, &info, err, sizeof(err)), 0);
	CU_ASSERT_STRING_EQUAL(info.level, "scalar");
	unsetenv("TRUENO_CPU");
	CU_ASSERT_EQUAL(try_open(0, 1, &info, err, sizeof(err)), 0);
	CU_ASSERT_STRING_EQUAL(info.level, best);
	setenv("TRUENO_CPU", "abacus", 1);
	CU_ASSERT_EQUAL(try_open(0, 1, &info, err, sizeof(err)), -TR_EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "abacus"));
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "scalar"));
	CU_ASSERT_PTR_NOT_NULL(strstr(err, best));
	restore_env("TRUENO_CPU", saved);
}

static void tables_have_no_gap_the_specification_fills(void)
{
	struct tr_device *dev = open_device(1);
	unsigned gaps = 0;

	if (!dev)
		return;
	for (unsigned op = 0; op < TR_OP_COUNT; op++)
		for (unsigned d = 0; d < TR_DTYPE_COUNT; d++)
			gaps += tr__ref_kernels.map[op][d] && !dev->k->map[op][d];
	for (unsigned a = 0; a < TR_DTYPE_COUNT; a++)
		for (unsigned b = 0; b < TR_DTYPE_COUNT; b++)
			gaps += tr__ref_kernels.cast[a][b] && !dev->k->cast[a][b];
	for (unsigned d = 0; d < TR_DTYPE_COUNT; d++)
		gaps += tr__ref_kernels.gemm[d].tile && !dev->k->gemm[d].tile;
	CU_ASSERT_EQUAL(gaps, 0);
	close_device(dev);
}

static void threads_and_devices_are_checked(void)
{
	char *saved = replace_env("TRUENO_THREADS", "7");
	struct tr_device_info info;
	char err[160] = "";

	CU_ASSERT_EQUAL(try_open(0, 0, &info, err, sizeof(err)), 0);
	CU_ASSERT_EQUAL(info.threads, 7);
	CU_ASSERT_EQUAL(try_open(0, 3, &info, err, sizeof(err)), 0);
	CU_ASSERT_EQUAL(info.threads, 3);
	setenv("TRUENO_THREADS", "many", 1);
	CU_ASSERT_EQUAL(try_open(0, 0, &info, err, sizeof(err)), -TR_EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "many"));
	restore_env("TRUENO_THREADS", saved);
	CU_ASSERT_EQUAL(try_open(1, 1, &info, err, sizeof(err)), -TR_EDEVICE);
}

static void failing_allocations_leave_nothing(void)
{
	static struct test_heap heap;
	struct tr_allocator alloc = test_heap_allocator(&heap);
	struct tr_device *dev = NULL;
	char err[160];
	int res;

	for (size_t nth = 1;; nth++) {
		heap.fail_at = nth;
		res = tr__cpu_driver.open(&dev, 0, &(struct tr_context_params){ .threads = 2 }, &alloc, err, sizeof(err));
		if (!res)
			break;
		CU_ASSERT_EQUAL(res, -TR_ENOMEM);
		CU_ASSERT_PTR_NULL(dev);
		CU_ASSERT_EQUAL(heap.live, 0);
		if (nth > 20)
			break;
	}
	heap.fail_at = 0;
	CU_ASSERT_EQUAL(res, 0);
	if (!res)
		tr__cpu_driver.close(dev);
	CU_ASSERT_EQUAL(heap.live, 0);
}

static void memory_is_aligned_and_usable(void)
{
	static const size_t sizes[] = { 1, 63, 64, 4096, 100000, (2 << 20) - 1, 2 << 20, (5 << 20) + 12345 };
	struct tr_device *dev = open_device(1);

	if (!dev)
		return;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		size_t align = sizes[i] < 2 << 20 ? 64 : 2 << 20;
		struct tr_mem mem;

		CU_ASSERT_EQUAL(tr__cpu_driver.mem_alloc(dev, sizes[i], &mem), 0);
		CU_ASSERT_EQUAL((uintptr_t)mem.addr % align, 0);
		CU_ASSERT_PTR_EQUAL(mem.addr, mem.host);
		CU_ASSERT(mem.size >= sizes[i]);
		memset(mem.host, 0xff, sizes[i]);
		tr__cpu_driver.mem_free(dev, &mem);
	}
	close_device(dev);
}

static const uint8_t index_types[] = { TR_I8, TR_I16, TR_I32, TR_I64, TR_U8, TR_U16, TR_U32, TR_U64 };

static void set_index(struct view *idx, int64_t i, int64_t value)
{
	void *at = (void *)element(idx, i);

	convert(at, idx->o.dtype, &value, TR_I64);
	convert(expected(idx, i), idx->o.dtype, &value, TR_I64);
}

/* Operands of a random take: views[0] dst, [1] a, [2] idx with valid indices. */
static void make_take(struct view *v, struct tr_operand *operand, struct tr_cmd *cmd, int64_t most)
{
	uint8_t type = index_types[test_rand_below(sizeof(index_types))];
	bool negative = type <= TR_I64;
	int64_t a[TR_MAX_RANK], idx[TR_MAX_RANK], dst[TR_MAX_RANK];
	uint8_t dtype = (uint8_t)test_rand_below(TR_DTYPE_COUNT);
	int na = 1 + (int)test_rand_below(3), ni = (int)test_rand_below(3), nd = 0, axis;

	for (int d = 0; d < na; d++)
		a[d] = 1 + (int64_t)test_rand_below(d ? 40 : 100);
	for (int d = 0; d < ni; d++)
		idx[d] = 1 + (int64_t)test_rand_below((uint64_t)most);
	axis = (int)test_rand_below((uint64_t)na);
	for (int d = 0; d < na; d++) {
		if (d != axis)
			dst[nd++] = a[d];
		for (int e = 0; e < ni && d == axis; e++)
			dst[nd++] = idx[e];
	}
	make_view(&v[0], dtype, nd, dst, random_layout(true));
	make_view(&v[1], dtype, na, a, random_layout(false));
	make_view(&v[2], type, ni, idx, test_rand_below(2) ? DENSE : PERMUTED);
	for (int64_t i = 0; i < numel(&v[2].o); i++)
		set_index(&v[2], i, (int64_t)test_rand_below((uint64_t)a[axis] * (negative ? 2 : 1)) -
					    (negative ? a[axis] : 0));
	for (unsigned i = 0; i < 3; i++)
		operand[i] = v[i].o;
	*cmd = (struct tr_cmd){ .op = TR_OP_take, .family = TR_FAMILY_TAKE, .dtype = dtype, .noperand = 3,
				.operand = operand };
	cmd->attr.i64[0] = axis;
}

static int64_t product(const int64_t *shape, int from, int to)
{
	int64_t n = 1;

	for (int d = from; d < to; d++)
		n *= shape[d];
	return n;
}

static void expect_take(const struct view *v, int axis)
{
	const struct tr_operand *a = &v[1].o;
	int64_t outer = product(a->shape, 0, axis), inner = product(a->shape, axis + 1, a->ndim);
	int64_t n = numel(&v[2].o);

	for (int64_t o = 0; o < outer; o++)
		for (int64_t j = 0; j < n; j++)
			for (int64_t i = 0; i < inner; i++) {
				int64_t x;

				convert(&x, TR_I64, element(&v[2], j), v[2].o.dtype);
				x += x < 0 ? a->shape[axis] : 0;
				memcpy(expected(&v[0], (o * n + j) * inner + i),
				       element(&v[1], (o * a->shape[axis] + x) * inner + i), tr_dtype_size(a->dtype));
			}
}

static void takes_match_their_definition(void)
{
	struct tr_device *dev = open_device(3);

	if (!dev)
		return;
	for (unsigned round = 0; round < 600; round++) {
		struct tr_operand operand[3];
		struct tr_cmd cmd;
		struct view v[3];

		make_take(v, operand, &cmd, round % 60 ? 12 : 60);
		expect_take(v, (int)cmd.attr.i64[0]);
		run_and_compare(dev, &cmd, v, 3);
		for (unsigned i = 0; i < 3; i++)
			free_view(&v[i]);
	}
	close_device(dev);
}

/* A wrong index among good ones: where and what it is, and nothing written. */
static void indices_out_of_range_are_refused(void)
{
	struct tr_device *dev = open_device(2);

	if (!dev)
		return;
	for (unsigned round = 0; round < 200; round++) {
		struct tr_operand operand[3];
		char detail[128] = "", want[128];
		struct tr_cmd cmd;
		struct view v[3];
		int64_t at, size, wrong;
		size_t failed = 9;

		make_take(v, operand, &cmd, 40);
		size = v[1].o.shape[cmd.attr.i64[0]];
		wrong = v[2].o.dtype <= TR_I64 && test_rand_below(2) ? -size - 1 : size;
		at = (int64_t)test_rand_below((uint64_t)numel(&v[2].o));
		set_index(&v[2], at, wrong);
		snprintf(want, sizeof(want), "index %lld at position %lld is out of bounds for axis %d with size %lld",
			 (long long)wrong, (long long)at, (int)cmd.attr.i64[0], (long long)size);
		CU_ASSERT_EQUAL(tr__cpu_driver.run(dev, &cmd, 1, &failed, detail), -TR_EINDEX);
		CU_ASSERT_EQUAL(failed, 0);
		CU_ASSERT_STRING_EQUAL(detail, want);
		CU_ASSERT_EQUAL(memcmp(v[0].block, v[0].expect, v[0].bytes), 0);
		for (unsigned i = 0; i < 3; i++)
			free_view(&v[i]);
	}
	close_device(dev);
}

/* 2^64 - 1 is no -1. */
static void large_unsigned_indices_do_not_wrap(void)
{
	struct tr_device *dev = open_device(1);
	float a[4] = { 1, 2, 3, 4 }, dst[1] = { 9 };
	uint64_t index[1] = { UINT64_MAX };
	struct tr_operand operand[3] = {
		{ .addr = dst, .dtype = TR_F32, .ndim = 1, .shape = { 1 }, .stride = { 1 } },
		{ .addr = a, .dtype = TR_F32, .ndim = 1, .shape = { 4 }, .stride = { 1 } },
		{ .addr = index, .dtype = TR_U64, .ndim = 1, .shape = { 1 }, .stride = { 1 } },
	};
	struct tr_cmd cmd = { .op = TR_OP_take, .family = TR_FAMILY_TAKE, .dtype = TR_F32, .noperand = 3,
			      .operand = operand };
	char detail[128] = "";
	size_t failed = 9;

	if (!dev)
		return;
	CU_ASSERT_EQUAL(tr__cpu_driver.run(dev, &cmd, 1, &failed, detail), -TR_EINDEX);
	CU_ASSERT_PTR_NOT_NULL(strstr(detail, "index 18446744073709551615 "));
	CU_ASSERT_EQUAL(dst[0], 9);
	close_device(dev);
}

/* The index of the failing command, with those before it done and those after it not. */
static void a_batch_stops_at_its_first_failure(void)
{
	struct tr_device *dev = open_device(1);
	float a[4] = { 1, 2, 3, 4 }, one = 0, two = 0, three = 0;
	int32_t good = 2, bad = 4;
	struct tr_operand from = { .addr = a, .dtype = TR_F32, .ndim = 1, .shape = { 4 }, .stride = { 1 } };
	struct tr_operand operand[3][3] = {
		{ { .addr = &one, .dtype = TR_F32 }, from, { .addr = &good, .dtype = TR_I32 } },
		{ { .addr = &two, .dtype = TR_F32 }, from, { .addr = &bad, .dtype = TR_I32 } },
		{ { .addr = &three, .dtype = TR_F32 }, from, { .addr = &good, .dtype = TR_I32 } },
	};
	struct tr_cmd cmd[3];
	char detail[128] = "";
	size_t failed = 9;

	if (!dev)
		return;
	for (unsigned i = 0; i < 3; i++)
		cmd[i] = (struct tr_cmd){ .op = TR_OP_take, .family = TR_FAMILY_TAKE, .dtype = TR_F32, .noperand = 3,
					  .operand = operand[i] };
	CU_ASSERT_EQUAL(tr__cpu_driver.run(dev, cmd, 3, &failed, detail), -TR_EINDEX);
	CU_ASSERT_EQUAL(failed, 1);
	CU_ASSERT_EQUAL(one, 3);
	CU_ASSERT_EQUAL(two, 0);
	CU_ASSERT_EQUAL(three, 0);
	close_device(dev);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(levels_are_chosen_by_name),
		TEST(tables_have_no_gap_the_specification_fills),
		TEST(threads_and_devices_are_checked),
		TEST(failing_allocations_leave_nothing),
		TEST(memory_is_aligned_and_usable),
		TEST(takes_match_their_definition),
		TEST(indices_out_of_range_are_refused),
		TEST(large_unsigned_indices_do_not_wrap),
		TEST(a_batch_stops_at_its_first_failure),
	};

	return TEST_RUN("cpu", cases);
}
