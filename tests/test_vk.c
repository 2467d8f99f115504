/* SPDX-License-Identifier: MIT */
/*
 * What of the Vulkan driver is not arithmetic: where barriers fall, memory, what is refused, devices, the disk cache, and
 * the SPIR-V it writes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vk/spirv.h"

#include "tests/pairs.h"

/* More commands than the parameter ring holds are several submissions. */
static void long_batches_are_split(void)
{
	int64_t n = 5;
	float x[5];
	struct tr_tensor *t, *y;
	struct tr_stats before, after;

	NEEDS_GPU();
	t = tr_zeros(gpu, TR_F32, 1, &n);
	y = tr_ones(gpu, TR_F32, 1, &n);
	tr_stats(gpu, &before);
	for (int batch = 0; batch < 12; batch++) {
		tr_batch_begin(gpu);
		for (int k = 0; k < 500; k++) {
			tr_add_out(t, t, y);
			tr_fill_out(y, 1);
		}
		CU_ASSERT_EQUAL(tr_batch_end(gpu), 0);
	}
	tr_stats(gpu, &after);
	CU_ASSERT_EQUAL(after.submitted - before.submitted, 12000);
	CU_ASSERT_EQUAL(tr_read(t, x, sizeof(x)), 0);
	CU_ASSERT_EQUAL(x[0], 6000);
	CU_ASSERT_EQUAL(x[4], 6000);
	tr_free(t);
	tr_free(y);
}

/* By way of memory that the CPU caches: from a place in the middle, less than a piece, several, and not whole ones. */
static void memory_is_read_by_way_of_the_gpu(void)
{
	static const int64_t sizes[] = {10, 512, 100001, 4 << 20, (9 << 20) + 5};

	NEEDS_GPU();
	tr__vk_staged = true;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		int64_t n = sizes[i] + 3, wrong = 0;
		unsigned char *x = malloc((size_t)n), *y = calloc((size_t)n, 1);
		struct tr_tensor *t, *part;

		for (int64_t k = 0; k < n; k++)
			x[k] = (unsigned char)(k * 2654435761u >> 13);
		t = tr_add(tr_from_data(gpu, TR_U8, 1, &n, x), tr_ones(gpu, TR_U8, 1, &n));
		part = tr_slice_axis(t, 0, 3, n, 1);
		for (int again = 0; again < 2; again++) {
			memset(y, 0, (size_t)n);
			CU_ASSERT_EQUAL(tr_read(part, y, (size_t)sizes[i]), 0);
			for (int64_t k = 0; k < sizes[i]; k++)
				wrong += y[k] != (unsigned char)(x[k + 3] + 1);
		}
		CU_ASSERT_EQUAL(wrong, 0);
		tr_free(part);
		tr_free(t);
		free(x);
		free(y);
	}
	tr__vk_staged = false;
}

/* Bytes that tell where they were. */
static unsigned char *pattern(size_t n, unsigned salt)
{
	unsigned char *x = aligned_alloc(4096, (n + 4095) & ~(size_t)4095);

	for (size_t k = 0; x && k < n; k++)
		x[k] = (unsigned char)((k + salt) * 2654435761u >> 13);
	return x;
}

/* The same for writes, into the middle of a tensor; and both from and to pinned memory that begins within a page. */
static void memory_is_written_by_way_of_the_gpu(void)
{
	static const size_t sizes[] = {10, (2 << 20) + 1, (9 << 20) + 5, 40 << 20};

	NEEDS_GPU();
	tr__vk_staged = true;
	for (size_t i = 0; i < 2 * sizeof(sizes) / sizeof(*sizes); i++) {
		size_t size = sizes[i / 2];
		int64_t n = (int64_t)size + 6;
		unsigned char *x = pattern(size + 100, (unsigned)i), *y = pattern(size + 100, 77);
		struct tr_tensor *t = tr_zeros(gpu, TR_U8, 1, &n), *part = tr_slice_axis(t, 0, 3, n - 3, 1);
		bool pins = i % 2;

		if (pins) {
			CU_ASSERT_EQUAL(tr_pin(gpu, x + 5, size), 0);
			CU_ASSERT_EQUAL(tr_pin(gpu, y, size + 8), 0);
		}
		CU_ASSERT_EQUAL(tr_write(part, x + 5, size), 0);
		CU_ASSERT_EQUAL(tr_read(part, y + 7, size), 0);
		CU_ASSERT_EQUAL(memcmp(x + 5, y + 7, size), 0);
		CU_ASSERT_EQUAL(tr_read(t, y, (size_t)n), 0);
		CU_ASSERT(!y[0] && !y[2] && !memcmp(y + 3, x + 5, size) && !y[n - 3] && !y[n - 1]);
		if (pins) {
			CU_ASSERT_EQUAL(tr_unpin(gpu, x + 5), 0);
			CU_ASSERT_EQUAL(tr_unpin(gpu, y), 0);
		}
		tr_free(part);
		tr_free(t);
		free(x);
		free(y);
	}
	tr__vk_staged = false;
}

static void wrong_pins_are_refused(void)
{
	struct tr_context *both[] = {gpu, cpu};
	static char memory[100];

	NEEDS_GPU();
	for (int i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(tr_pin(both[i], NULL, 5), -TR_EINVAL);
		assert_error(both[i], TR_EINVAL, "pin: 5 bytes at");
		CU_ASSERT_EQUAL(tr_pin(both[i], memory, 0), -TR_EINVAL);
		assert_error(both[i], TR_EINVAL, "are no memory");
		CU_ASSERT_EQUAL(tr_pin(both[i], memory, 100), 0);
		CU_ASSERT_EQUAL(tr_pin(both[i], memory, 50), -TR_EINVAL);
		assert_error(both[i], TR_EINVAL, "is pinned already");
		CU_ASSERT_EQUAL(tr_unpin(both[i], memory + 1), -TR_EINVAL);
		assert_error(both[i], TR_EINVAL, "unpin: nothing that begins at");
		CU_ASSERT_EQUAL(tr_unpin(both[i], memory), 0);
	}
}

/* A barrier is asked for exactly when a byte is written that was touched, or read that was written, since the last. */
static void barriers_follow_from_the_ranges(void)
{
	for (int round = 0; round < 200; round++) {
		struct tr_vk_hazards h = {.n = 0};
		unsigned char read[64] = {0}, written[64] = {0};

		for (int step = 0; step < 12; step++) {
			struct tr_vk_range r[3];
			bool want = false;

			for (int i = 0; i < 3; i++) {
				r[i].low = test_rand_below(60);
				r[i].high = r[i].low + test_rand_below(4);
				r[i].write = i == 0;
				for (uint64_t b = r[i].low; b < r[i].high; b++)
					want |= written[b] || (r[i].write && read[b]);
			}
			CU_ASSERT_EQUAL(tr__vk_hazard(&h, r, 3), want);
			if (want) {
				memset(read, 0, sizeof(read));
				memset(written, 0, sizeof(written));
			}
			for (int i = 0; i < 3; i++)
				memset((r[i].write ? written : read) + r[i].low, 1, r[i].high - r[i].low);
		}
	}
}

static void a_full_list_of_ranges_asks_for_a_barrier(void)
{
	struct tr_vk_hazards h = {.n = 0};

	for (uint64_t i = 0; i < TR_VK_RANGES; i++) {
		struct tr_vk_range r = {2 * i, 2 * i + 1, true};

		CU_ASSERT_FALSE(tr__vk_hazard(&h, &r, 1));
	}
	CU_ASSERT_TRUE(tr__vk_hazard(&h, &(struct tr_vk_range){1000, 1001, true}, 1));
	CU_ASSERT_EQUAL(h.n, 1);
}

static void memory_comes_back(void)
{
	struct test_heap heap = {0};
	struct tr_context_params params = {.device = "vulkan", .cache_bytes = 1, .allocator = test_heap_allocator(&heap)};
	struct tr_context *ctx;
	struct tr_tensor *t[32] = {NULL};
	char err[256];

	NEEDS_GPU();
	CU_ASSERT_EQUAL_FATAL(tr_context_create(&ctx, &params, err, sizeof(err)), 0);
	for (int round = 0; round < 400; round++) {
		size_t i = test_rand_below(32);
		int64_t n = 1 + (int64_t)test_rand_below(test_rand_below(8) ? 3000 : 3000000);
		struct tr_tensor *old = t[i];

		t[i] = tr_full(ctx, TR_F32, 1, &n, round);
		CU_ASSERT_PTR_NOT_NULL(t[i]);
		tr_free(old);
		i = test_rand_below(32);
		if (t[i])
			CU_ASSERT_EQUAL(value_at(t[i], 0), value_at(t[i], tr_numel(t[i]) - 1));
	}
	CU_ASSERT_EQUAL(tr_error(ctx), 0);
	tr_context_destroy(ctx);
	CU_ASSERT_EQUAL(heap.live, 0);
}

static void too_much_memory_is_an_error(void)
{
	int64_t n = (int64_t)1 << 44;

	NEEDS_GPU();
	CU_ASSERT_PTR_NULL(tr_empty(gpu, TR_F64, 1, &n));
	assert_error(gpu, TR_ENOMEM, "memory");
}

/* Opening fails cleanly wherever the allocator does. */
static void failing_allocations_are_errors(void)
{
	NEEDS_GPU();
	for (size_t at = 1;; at++) {
		struct test_heap heap = {.fail_at = at};
		struct tr_context_params params = {.device = "vulkan", .allocator = test_heap_allocator(&heap)};
		struct tr_context *ctx;
		char err[256];
		int64_t n = 100;
		int status = tr_context_create(&ctx, &params, err, sizeof(err));
		struct tr_tensor *t = status ? NULL : tr_full(ctx, TR_I32, 1, &n, 1);
		bool done = t != NULL;

		CU_ASSERT_TRUE(status == 0 || status == -TR_ENOMEM);
		if (!status)
			tr_context_destroy(ctx);
		CU_ASSERT_EQUAL(heap.live, 0);
		if (done && heap.calls < at)
			return;
	}
}

static void foreign_memory_is_refused(void)
{
	static float data[16];
	int64_t n = 16;
	struct tr_vk_heap none = {0};

	NEEDS_GPU();
	CU_ASSERT_FALSE(tr__vk_heap_has(&none, (uintptr_t)data, (uintptr_t)data + 4));
	tr_negative(tr_borrow(gpu, TR_F32, 1, &n, data, 0, NULL, NULL));
	CU_ASSERT_EQUAL(tr_flush(gpu), -TR_EDEVICE);
	assert_error(gpu, TR_EDEVICE, "not the device's");
}

/* Calls outside a batch run together when something looks at a result; what cannot be put off is not. */
static void calls_are_collected(void)
{
	int64_t n = 4, wrong = 4;
	struct tr_stats before, after;
	struct tr_tensor *x, *y, *index;

	NEEDS_GPU();
	tr_scope_begin(gpu);
	x = ramp(gpu, 1, 1, SHAPE(4));
	index = tr_full(gpu, TR_I64, 1, &n, 1);
	tr_flush(gpu);
	tr_stats(gpu, &before);
	y = x;
	for (int i = 0; i < 30; i++)
		y = tr_add(y, x);
	tr_free(tr_multiply(x, x)); /* never made */
	tr_stats(gpu, &after);
	CU_ASSERT_EQUAL(after.dispatched, before.dispatched);
	ASSERT_F32(y, 31, 62, 93, 124);
	tr_stats(gpu, &after);
	CU_ASSERT_EQUAL(after.flushes, before.flushes + 1);
	CU_ASSERT_TRUE(after.dispatched - before.dispatched < 30);
	y = tr_add(x, x);
	tr_stats(gpu, &before);
	CU_ASSERT_PTR_NOT_NULL(tr_take(x, index, 0));
	tr_stats(gpu, &after);
	CU_ASSERT_EQUAL(after.flushes, before.flushes + 1);
	CU_ASSERT_PTR_NULL(tr_take(x, tr_full(gpu, TR_I64, 1, &n, (double)wrong), 0));
	assert_error(gpu, TR_EINDEX, "index 4");
	ASSERT_F32(y, 2, 4, 6, 8);
	tr_scope_end(gpu);
}

/* What calls have put off does not pile up in memory. */
static void much_work_is_not_collected(void)
{
	int64_t n = (int64_t)24 << 20;
	struct tr_stats before, after;
	struct tr_tensor *y;

	NEEDS_GPU();
	tr_flush(gpu);
	tr_stats(gpu, &before);
	y = tr_full(gpu, TR_U8, 1, &n, 3);
	for (int i = 0; i < 12; i++) {
		struct tr_tensor *next = tr_add(y, y);

		tr_free(y);
		y = next;
	}
	tr_stats(gpu, &after);
	CU_ASSERT_TRUE(after.flushes > before.flushes);
	CU_ASSERT_EQUAL(value_at(y, n - 1), (3 << 12) % 256);
	tr_free(y);
}

static void devices_are_named(void)
{
	struct tr_context_params params = {.device = "vulkan:200"};
	struct tr_device_info info;
	struct tr_context *ctx;
	char err[256];

	NEEDS_GPU();
	tr_device_info(gpu, &info);
	CU_ASSERT_STRING_EQUAL(info.driver, "vulkan");
	CU_ASSERT_NOT_EQUAL(strlen(info.name), 0);
	CU_ASSERT_EQUAL(tr_context_create(&ctx, &params, err, sizeof(err)), -TR_EDEVICE);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "no such device"));
	setenv("TRUENO_VISIBLE_DEVICES", "", 1);
	params.device = "vulkan";
	CU_ASSERT_EQUAL(tr_context_create(&ctx, &params, err, sizeof(err)), -TR_EDEVICE);
	setenv("TRUENO_VISIBLE_DEVICES", "0", 1);
	CU_ASSERT_EQUAL(tr_context_create(&ctx, &params, err, sizeof(err)), 0);
	tr_context_destroy(ctx);
	unsetenv("TRUENO_VISIBLE_DEVICES");
}

static void auto_takes_no_rasteriser(void)
{
	struct tr_context_params params = {.device = "auto"};
	struct tr_device_info info;
	struct tr_context *ctx;
	char err[256];

	NEEDS_GPU();
	tr_device_info(gpu, &info);
	if (!strstr(info.name, "llvmpipe"))
		TEST_SKIP("%s is no rasteriser", info.name);
	CU_ASSERT_EQUAL_FATAL(tr_context_create(&ctx, &params, err, sizeof(err)), 0);
	tr_device_info(ctx, &info);
	CU_ASSERT_STRING_EQUAL(info.driver, "cpu");
	tr_context_destroy(ctx);
}

/* What was written is read back; what was tampered with is not. */
static void the_disk_cache_is_checked(void)
{
	static const char data[] = "what a driver compiled";
	static struct tr_vk_gpu some = {.cache_uuid = {1, 2, 3}};
	char path[256];
	size_t size;
	void *back;
	FILE *f;

	tr__vk_disk_write(&some, 7, data, sizeof(data));
	back = tr__vk_disk_read(&some, 7, &size);
	CU_ASSERT_EQUAL(size, sizeof(data));
	CU_ASSERT_TRUE(back && !memcmp(back, data, sizeof(data)));
	free(back);
	CU_ASSERT_PTR_NULL(tr__vk_disk_read(&some, 8, &size));
	snprintf(path, sizeof(path), "%s/trueno/vk/01020300000000000000000000000000-0000000000000007", scratch);
	f = fopen(path, "r+");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fseek(f, -3, SEEK_END);
	fputc('!', f);
	fclose(f);
	CU_ASSERT_PTR_NULL(tr__vk_disk_read(&some, 7, &size));
	CU_ASSERT_EQUAL(truncate(path, 30), 0);
	CU_ASSERT_PTR_NULL(tr__vk_disk_read(&some, 7, &size));
	CU_ASSERT_EQUAL(truncate(path, 3), 0);
	CU_ASSERT_PTR_NULL(tr__vk_disk_read(&some, 7, &size));
}

/* Whether spirv-val takes a kernel's module. */
static bool is_valid(const struct tr_vk_gpu *target, const struct tr_vk_signature *s)
{
	struct tr_vk_code code;
	char path[96], command[256];
	FILE *f;
	bool ok;

	if (tr__vk_program_code(target, s, &code))
		return false;
	snprintf(path, sizeof(path), "%s/shader.spv", scratch);
	snprintf(command, sizeof(command), "spirv-val --target-env vulkan1.2 %s", path);
	f = fopen(path, "w");
	ok = f && fwrite(code.words, 4, code.n, f) == code.n;
	if (f)
		fclose(f);
	free(code.words);
	return ok && system(command) == 0;
}

/* Elements of an invocation and parameters, differently for every count. */
static void arrange(struct tr_vk_signature *s, unsigned count)
{
	size_t widest = 1;

	for (int i = 0; i < 4; i++)
		if (tr_dtype_size((enum tr_dtype)s->dtype[i]) > widest)
			widest = tr_dtype_size((enum tr_dtype)s->dtype[i]);
	s->lanes = (uint8_t)(16 / widest);
	s->nnumber = (uint8_t)tr__family_numbers((enum tr_family)tr__ops[s->instr[0].op].family);
	s->pushed = count % 3 ? (uint8_t)(11 + s->nnumber) : 0;
	s->tail = count % 2;
	for (int i = 0; i < 4; i++)
		s->group[i] = s->form[i] == TR_VK_REPEAT ? TR_VK_SAME
			      : s->lanes * tr_dtype_size((enum tr_dtype)s->dtype[i]) < 4 ? TR_VK_EACH
											 : TR_VK_TOGETHER;
}

/* For GPUs of every kind, not only the one that is here. */
static void modules_are_valid(void)
{
	struct tr_vk_gpu target = {.dtypes = UINT32_MAX};
	const uint8_t every = TR_VK_DENORMALS | TR_VK_SPECIALS | TR_VK_NEAREST;
	int step = test_long() ? 1 : 17, count = 0;

	if (system("spirv-val --version >/dev/null 2>&1"))
		TEST_SKIP("spirv-val is not installed");
	for (int op = 0; op < TR_OP_COUNT; op++) {
		for (int d = 0; d < TR_DTYPE_COUNT; d++) {
			uint8_t result = tr__ops[op].result == TR_RESULT_BOOL ? TR_BOOL : (uint8_t)d;
			struct tr_vk_signature s = {
				.kind = 1, .ndim = 3, .nload = 3, .nstore = 1, .ninstr = 1, .store = {3},
				.dtype = {(uint8_t)d, (uint8_t)d, (uint8_t)d, result},
				.form = {TR_VK_STRIDED, TR_VK_REPEAT, TR_VK_DENSE, TR_VK_DENSE},
				.instr = {{(uint16_t)op, (uint8_t)d, result, 3, {0, 1, 2}}},
			};

			if (!is_map((enum tr_op)op) || tr__ops[op].family == TR_FAMILY_CAST ||
			    !(tr__ops[op].dtypes & TR__BIT(d)) || count++ % step)
				continue;
			if (tr__ops[op].family == TR_FAMILY_SELECT)
				s.dtype[0] = TR_BOOL;
			arrange(&s, (unsigned)count);
			s.wide = count & 1;
			target.wide_division = count & 2;
			target.controls32 = count & 4 ? every : TR_VK_SPECIALS;
			target.controls64 = count & 8 ? every : 0;
			target.soft_fma32 = target.soft_fma64 = count & 16;
			test_note("%s of %s", tr__ops[op].name, tr_dtype_name((enum tr_dtype)d));
			CU_ASSERT_TRUE(is_valid(&target, &s));
		}
	}
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(long_batches_are_split),
		TEST(memory_is_read_by_way_of_the_gpu),
		TEST(memory_is_written_by_way_of_the_gpu),
		TEST(wrong_pins_are_refused),
		TEST(barriers_follow_from_the_ranges),
		TEST(a_full_list_of_ranges_asks_for_a_barrier),
		TEST(memory_comes_back),
		TEST(too_much_memory_is_an_error),
		TEST(failing_allocations_are_errors),
		TEST(foreign_memory_is_refused),
		TEST(calls_are_collected),
		TEST(much_work_is_not_collected),
		TEST(devices_are_named),
		TEST(auto_takes_no_rasteriser),
		TEST(the_disk_cache_is_checked),
		TEST(modules_are_valid),
		TEST(validation_had_nothing_to_say),
	};

	return VK_RUN("vk", cases);
}
