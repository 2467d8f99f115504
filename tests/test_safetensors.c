/* SPDX-License-Identifier: MIT */
/*
 * safetensors files: what is written comes back bit for bit and in place, and a file that lies in any way is refused
 * with a message naming the culprit, before anything of it is shown.
 */
#include "tests/harness.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <trueno/safetensors.h>
#include <trueno/view.h>

static char folder[] = "/tmp/test_safetensors.XXXXXX";
static char path[64];

/* A file of a length field, a header and data_size bytes counting up. */
static void write_raw(uint64_t claimed, const char *header, size_t header_size, size_t data_size)
{
	FILE *f = fopen(path, "wb");

	CU_ASSERT_PTR_NOT_NULL(f);
	if (!f)
		return;
	for (int i = 0; i < 8; i++)
		fputc((int)(claimed >> 8 * i & 0xff), f);
	fwrite(header, 1, header_size, f);
	for (size_t i = 0; i < data_size; i++)
		fputc((int)(i & 0xff), f);
	fclose(f);
}

static void write_text(const char *header, size_t data_size)
{
	write_raw(strlen(header), header, strlen(header), data_size);
}

/* Opening must fail with the status, and a message that names the file and has the part. */
static void expect_refused(int status, const char *part)
{
	struct tr_safetensors *st = (void *)&st;
	char why[512] = "";
	int err = tr_safetensors_open(&st, path, why, sizeof(why));

	test_note("wanted \"%s\", got %d \"%s\"", part, err, why);
	CU_ASSERT_EQUAL(err, -status);
	CU_ASSERT_PTR_NULL(st);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, part));
	CU_ASSERT_PTR_NOT_NULL(strstr(why, path));
	CU_ASSERT_PTR_NULL(strchr(why, '\n'));
	if (!err)
		tr_safetensors_close(st);
}

#define T(name, dtype, shape, offsets)                                                                      \
	"\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

/* Headers are padded to a multiple of 8 where alignment is not the point, so that the message is about the rest. */
static const struct {
	const char *header;
	size_t data;
	const char *part;
} lies[] = {
	{"", 0, "does not start with '{'"},
	{"[]", 0, "does not start with '{'"},
	{" {}", 0, "does not start with '{'"},
	{"{", 0, "not valid JSON"},
	{"{}}", 0, "not valid JSON"},
	{"{} x", 0, "not valid JSON"},
	{"{\"a\":1}", 0, "tensor \"a\": its entry is not an object"},
	{"{\"a\":null}", 0, "tensor \"a\": its entry is not an object"},
	{"{" T("a", "F32", "[1]", "[0,4]") "," T("a", "F32", "[1]", "[4,8]") "}", 8, "duplicate object key"},
	{"{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", 4,
	 "duplicate object key"},
	{"{\"\xff\xfe\":{}}", 0, "unable to decode byte 0xff"},
	{"{\"\xc0\xaf\":{}}", 0, "unable to decode byte 0xc0"},
	{"{\"a\\u0000b\":{}}", 0, "not valid JSON"},
	{"{" T("a", "F8_E5M2", "[4]", "[0,4]") "}", 4, "dtype \"F8_E5M2\" is not supported"},
	{"{" T("a", "f32", "[1]", "[0,4]") "}", 4, "dtype \"f32\" is not supported"},
	{"{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "dtype is not a string"},
	{"{\"a\":{\"dtype\":7,\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "dtype is not a string"},
	{"{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, "shape is not an array"},
	{"{" T("a", "F32", "4", "[0,16]") "}", 16, "shape is not an array"},
	{"{" T("a", "F32", "[-1]", "[0,4]") "}", 4, "shape[0] is not a non-negative integer"},
	{"{" T("a", "F32", "[1,1.0]", "[0,4]") "}", 4, "shape[1] is not a non-negative integer"},
	{"{" T("a", "F32", "[\"1\"]", "[0,4]") "}", 4, "shape[0] is not a non-negative integer"},
	{"{" T("a", "F32", "[1,1,1,1,1,1,1,1,1]", "[0,4]") "}", 4, "9 axes; at most 8"},
	{"{" T("a", "F32", "[18446744073709551616]", "[0,4]") "}", 4, "not valid JSON"},
	{"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "data_offsets is not an array of two"},
	{"{" T("a", "F32", "[1]", "[0]") "}", 4, "data_offsets is not an array of two"},
	{"{" T("a", "F32", "[1]", "[0,4,8]") "}", 4, "data_offsets is not an array of two"},
	{"{" T("a", "F32", "[1]", "[0,4.0]") "}", 4, "data_offsets is not an array of two"},
	{"{" T("a", "F32", "[1]", "[-4,0]") "}", 4, "data_offsets [-4, 0] are not a range"},
	{"{" T("a", "F32", "[1]", "[4,0]") "}", 4, "data_offsets [4, 0] are not a range"},
	{"{" T("a", "F32", "[1]", "[0,8]") "}", 4,
	 "tensor \"a\": data_offsets [0, 8] end beyond the data, which has 4 bytes"},
	{"{" T("a", "F32", "[2,3]", "[0,12]") "}", 12,
	 "tensor \"a\": data_offsets [0, 12] say 12 bytes but shape [2, 3] of F32 needs 24"},
	{"{" T("a", "F32", "[2]", "[0,12]") "}", 12, "say 12 bytes but shape [2] of F32 needs 8"},
	{"{" T("a", "F32", "[]", "[0,0]") "}", 0, "say 0 bytes but shape [] of F32 needs 4"},
	{"{" T("a", "F32", "[0]", "[0,4]") "}", 4, "say 4 bytes but shape [0] of F32 needs 0"},
	{"{" T("a", "F32", "[4611686018427387904,4]", "[0,4]") "}", 4, "overflows a size"},
	{"{" T("a", "F64", "[1152921504606846976]", "[0,4]") "}", 4, "overflows a size"},
	{"{" T("a", "U8", "[9223372036854775807,2,9223372036854775807]", "[0,4]") "}", 4, "overflows a size"},
	{"{" T("a", "U8", "[8]", "[0,8]") "," T("b", "U8", "[8]", "[4,12]") "}", 12,
	 "tensor \"b\": data_offsets [4, 12] overlap tensor \"a\", which ends at 8"},
	{"{" T("a", "U8", "[4]", "[0,4]") "," T("b", "U8", "[4]", "[0,4]") "}", 4, "overlap tensor \"a\""},
	{"{" T("a", "U8", "[4]", "[0,4]") "," T("b", "U8", "[4]", "[8,12]") "}", 12,
	 "tensor \"b\": a hole of 4 bytes before its data_offsets [8, 12]"},
	{"{" T("a", "U8", "[4]", "[4,8]") "}", 8, "tensor \"a\": a hole of 4 bytes"},
	{"{" T("a", "U8", "[4]", "[0,4]") "}", 7, "3 bytes after the last tensor belong to none"},
	{"{}", 1, "1 bytes after the last tensor"},
	{"{\"__metadata__\":[]}", 0, "__metadata__ is not an object"},
	{"{\"__metadata__\":{\"k\":1}}", 0, "__metadata__ \"k\" is not a string"},
	{"{" T("line\\nbreak", "F32", "[1]", "[0,8]") "}", 4, "tensor \"line?break\""},
};

static void refuses_lies(void)
{
	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		char padded[512];
		size_t len = strlen(lies[i].header);

		snprintf(padded, sizeof(padded), "%-*s", (int)((len + 7) / 8 * 8), lies[i].header);
		write_text(padded, lies[i].data);
		expect_refused(TR_EFORMAT, lies[i].part);
	}
}

static void refuses_misaligned_data(void)
{
	static const char tail[] = "{" T("a", "U8", "[1]", "[0,1]") "," T("b", "F32", "[1]", "[1,5]") "}";
	char header[256];

	snprintf(header, sizeof(header), "%-*s", 128, tail);
	write_text(header, 5);
	expect_refused(TR_EFORMAT, "tensor \"b\": starts at byte 137 of the file, which is not aligned to the 4 bytes of F32");
}

static void refuses_long_names_within_the_buffer(void)
{
	char header[4096], name[3000];

	for (size_t i = 0; i + 2 < sizeof(name); i += 2)
		memcpy(name + i, "\xc3\xa9", 3); /* cut in between, a message would not be UTF-8 */
	snprintf(header, sizeof(header), "{\"%s\":{\"dtype\":\"F99\"}}", name);
	write_text(header, 0);
	expect_refused(TR_EFORMAT, "\xc3\xa9\xe2\x80\xa6\": dtype \"F99\" is not supported");
}

static void refuses_deep_json(void)
{
	size_t depth = 200000;
	char *header = malloc(depth + 8);

	CU_ASSERT_PTR_NOT_NULL(header);
	if (!header)
		return;
	memcpy(header, "{\"a\":", 5);
	memset(header + 5, '[', depth);
	write_raw(depth + 5, header, depth + 5, 0);
	free(header);
	expect_refused(TR_EFORMAT, "not valid JSON");
}

static void refuses_lengths_that_lie(void)
{
	write_raw(100000001, "{}", 2, 0);
	expect_refused(TR_EFORMAT, "claims 100000001 bytes; at most 100000000");
	write_raw(UINT64_MAX, "{}", 2, 0);
	expect_refused(TR_EFORMAT, "claims 18446744073709551615 bytes");
	write_raw(UINT64_MAX - 7, "{}", 2, 0);
	expect_refused(TR_EFORMAT, "at most 100000000");
	write_raw(3, "{}", 2, 0);
	expect_refused(TR_EFORMAT, "claims 3 bytes but only 2 follow");
	write_raw(0, "{}", 2, 0);
	expect_refused(TR_EFORMAT, "does not start with '{'");
}

/* A good file cut anywhere is refused: nothing in it is optional. */
static void refuses_every_truncation(void)
{
	static const char header[] = "{" T("a", "F32", "[2]", "[0,8]") "," T("b", "I16", "[3]", "[8,14]") "}";
	struct tr_safetensors *st;
	char padded[256], why[256];
	long size;

	snprintf(padded, sizeof(padded), "%-*s", 128, header);
	write_text(padded, 14);
	CU_ASSERT_EQUAL(tr_safetensors_open(&st, path, why, sizeof(why)), 0);
	tr_safetensors_close(st);
	for (size = 8 + 128 + 14 - 1; size >= 0; size--) {
		CU_ASSERT_EQUAL(truncate(path, size), 0);
		expect_refused(TR_EFORMAT, size < 8 ? "too few" : size < 136 ? "truncated?" : "end beyond the data");
	}
}

static void refuses_what_is_no_file(void)
{
	unlink(path);
	expect_refused(TR_EIO, "No such file");
	CU_ASSERT_EQUAL(mkdir(path, 0700), 0);
	expect_refused(TR_EIO, "not a regular file");
	CU_ASSERT_EQUAL(rmdir(path), 0);
}

/* Short buffers get what fits; none is allowed. */
static void messages_fit_any_buffer(void)
{
	struct tr_safetensors *st;
	char why[64];

	write_text("[]", 0);
	for (size_t len = 1; len < sizeof(why); len++) {
		memset(why, '#', sizeof(why));
		CU_ASSERT_EQUAL(tr_safetensors_open(&st, path, why, len), -TR_EFORMAT);
		CU_ASSERT_PTR_NOT_NULL(memchr(why, 0, len));
		CU_ASSERT_EQUAL(why[len], '#');
	}
	CU_ASSERT_EQUAL(tr_safetensors_open(&st, path, NULL, 0), -TR_EFORMAT);
}

/* Random single-byte damage to the header never crashes, and what is still accepted is consistent. */
static void survives_damage(void)
{
	static const char good[] = "{\"__metadata__\":{\"format\":\"pt\"}," T("a", "F32", "[2,3]", "[0,24]") ","
				   T("b", "F64", "[2]", "[24,40]") "," T("c", "BOOL", "[0,5]", "[40,40]") "}";
	char header[256];
	size_t len, refused = 0;

	len = (size_t)snprintf(header, sizeof(header), "%-*s", 232, good);
	for (int i = 0; i < (test_long() ? 100000 : 3000); i++) {
		size_t at = (size_t)test_rand_below(sizeof(good) - 1);
		char saved = header[at];
		struct tr_safetensors *st;

		header[at] = (char)test_rand_below(256);
		write_raw(len, header, len, 40);
		header[at] = saved;
		if (tr_safetensors_open(&st, path, NULL, 0)) {
			refused++;
			continue;
		}
		for (size_t k = 0; k < tr_safetensors_count(st); k++) {
			const char *name = tr_safetensors_name(st, k);

			CU_ASSERT_EQUAL(tr_safetensors_find(st, name), (ptrdiff_t)k);
		}
		tr_safetensors_close(st);
	}
	CU_ASSERT_TRUE(refused > 1000);
}

static struct tr_context *open_context(void)
{
	struct tr_context *ctx = NULL;

	CU_ASSERT_EQUAL(tr_context_create(&ctx, NULL, NULL, 0), 0);
	return ctx;
}

/* Every type, with bytes of every value, comes back as it went. */
static void round_trip_of_every_type(void)
{
	static const int64_t shape[] = {3, 1, 5};
	const char *metadata[] = {"format", "pt", "note", "\xc3\xa9 \"quoted\"\n", NULL};
	struct tr_context *ctx = open_context();
	struct tr_tensor *t[TR_DTYPE_COUNT];
	unsigned char bytes[TR_DTYPE_COUNT][15 * 16];
	const char *names[TR_DTYPE_COUNT];
	struct tr_safetensors *st;
	char why[256] = "";
	size_t n = 0;

	for (int d = 0; d < TR_C128; d++, n++) {
		for (size_t i = 0; i < sizeof(bytes[n]); i++)
			bytes[n][i] = (unsigned char)(d == TR_BOOL ? i & 1 : test_rand());
		t[n] = tr_from_data(ctx, (enum tr_dtype)d, 3, shape, bytes[n]);
		names[n] = tr_dtype_name((enum tr_dtype)d);
	}
	CU_ASSERT_EQUAL(tr_safetensors_write(path, names, t, n, metadata, why, sizeof(why)), 0);
	test_note("%s", why);
	CU_ASSERT_EQUAL(tr_safetensors_open(&st, path, why, sizeof(why)), 0);
	test_note("%s", why);
	CU_ASSERT_EQUAL(tr_safetensors_count(st), n);
	CU_ASSERT_STRING_EQUAL(tr_safetensors_metadata(st, "note"), metadata[3]);
	CU_ASSERT_PTR_NULL(tr_safetensors_metadata(st, "absent"));
	for (size_t i = 0; i < n; i++) {
		struct tr_tensor *u = tr_safetensors_tensor(st, ctx, names[i]);
		size_t size = 15 * tr_dtype_size((enum tr_dtype)i);
		ptrdiff_t at = tr_safetensors_find(st, names[i]);
		int ndim;

		CU_ASSERT_PTR_NOT_NULL(u);
		CU_ASSERT_EQUAL(tr_dtype_of(u), i);
		CU_ASSERT_EQUAL(tr_safetensors_dtype(st, (size_t)at), i);
		CU_ASSERT_EQUAL(memcmp(tr_safetensors_shape(st, (size_t)at, &ndim), shape, sizeof(shape)), 0);
		CU_ASSERT_EQUAL(ndim, 3);
		CU_ASSERT_EQUAL(memcmp(tr_data_const(u), bytes[i], size), 0);
	}
	tr_safetensors_close(st);
	tr_context_destroy(ctx);
}

static void tensors_are_views_that_outlive_the_file(void)
{
	static const int64_t shape[] = {2, 3};
	static const float values[] = {1, 2, 3, 4, 5, 6};
	const char *names[] = {"w"};
	struct tr_context *ctx = open_context(), *other = open_context();
	struct tr_tensor *t = tr_from_data(ctx, TR_F32, 2, shape, values), *u, *v, *w;
	struct tr_safetensors *st;

	CU_ASSERT_EQUAL(tr_safetensors_write(path, names, &t, 1, NULL, NULL, 0), 0);
	CU_ASSERT_EQUAL(tr_safetensors_open(&st, path, NULL, 0), 0);
	u = tr_safetensors_tensor(st, ctx, "w");
	v = tr_safetensors_tensor(st, other, "w");
	CU_ASSERT_PTR_EQUAL(tr_data_const(u), tr_data_const(v));
	CU_ASSERT_EQUAL((uintptr_t)tr_data_const(u) % 64, 0);
	tr_safetensors_close(st);
	unlink(path);
	tr_free(u);
	tr_context_destroy(ctx);
	w = tr_transpose(v);
	tr_free(v);
	CU_ASSERT_EQUAL(((const float *)tr_data_const(w))[5], 6);
	CU_ASSERT_EQUAL(tr_write(w, values, sizeof(values)), -TR_EREADONLY);
	tr_context_destroy(other);
}

static void empty_files_and_empty_tensors(void)
{
	static const int64_t shape[] = {3, 0, 2};
	const char *names[] = {"nothing", "scalar"};
	struct tr_context *ctx = open_context();
	struct tr_tensor *t[] = {tr_zeros(ctx, TR_F64, 3, shape), tr_full(ctx, TR_F32, 0, NULL, 7)};
	struct tr_safetensors *st;
	struct tr_tensor *u;

	CU_ASSERT_EQUAL(tr_safetensors_write(path, names, t, 2, NULL, NULL, 0), 0);
	CU_ASSERT_EQUAL(tr_safetensors_open(&st, path, NULL, 0), 0);
	u = tr_safetensors_tensor(st, ctx, "nothing");
	CU_ASSERT_PTR_NOT_NULL(u);
	CU_ASSERT_EQUAL(tr_numel(u), 0);
	u = tr_safetensors_tensor(st, ctx, "scalar");
	CU_ASSERT_EQUAL(*(const float *)tr_data_const(u), 7);
	tr_safetensors_close(st);
	CU_ASSERT_EQUAL(tr_safetensors_write(path, NULL, NULL, 0, NULL, NULL, 0), 0);
	CU_ASSERT_EQUAL(tr_safetensors_open(&st, path, NULL, 0), 0);
	CU_ASSERT_EQUAL(tr_safetensors_count(st), 0);
	CU_ASSERT_EQUAL(tr_safetensors_find(st, "scalar"), -1);
	CU_ASSERT_PTR_NULL(tr_safetensors_tensor(st, ctx, "scalar"));
	CU_ASSERT_EQUAL(tr_error(ctx), -TR_EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(tr_error_message(ctx), "\"scalar\""));
	tr_safetensors_close(st);
	tr_context_destroy(ctx);
}

static void writes_views_in_c_order(void)
{
	static const int64_t shape[] = {2, 3};
	static const float values[] = {1, 2, 3, 4, 5, 6}, turned[] = {1, 4, 2, 5, 3, 6};
	const char *names[] = {"t"};
	struct tr_context *ctx = open_context();
	struct tr_tensor *t = tr_transpose(tr_from_data(ctx, TR_F32, 2, shape, values));
	struct tr_safetensors *st;

	CU_ASSERT_EQUAL(tr_safetensors_write(path, names, &t, 1, NULL, NULL, 0), 0);
	CU_ASSERT_EQUAL(tr_safetensors_open(&st, path, NULL, 0), 0);
	CU_ASSERT_EQUAL(memcmp(tr_data_const(tr_safetensors_tensor(st, ctx, "t")), turned, sizeof(turned)), 0);
	tr_safetensors_close(st);
	tr_context_destroy(ctx);
}

static void expect_unwritten(int status, const char *name, const char *second, struct tr_tensor *t,
			     const char *const *metadata, const char *part)
{
	const char *names[] = {name, second};
	struct tr_tensor *tensors[] = {t, t};
	char why[256] = "";

	CU_ASSERT_EQUAL(tr_safetensors_write(path, names, tensors, 2, metadata, why, sizeof(why)), -status);
	test_note("wanted \"%s\", got \"%s\"", part, why);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, part));
}

/* A failed write leaves the old file as it was, and nothing beside it. */
static void failed_writes_leave_no_trace(void)
{
	const char *bad[] = {"k", "\xff", NULL};
	struct tr_context *ctx = open_context();
	struct tr_tensor *t = tr_full(ctx, TR_F32, 0, NULL, 1), *c = tr_zeros(ctx, TR_C128, 0, NULL);
	struct stat before, after;
	char why[256] = "";
	const char *name = "a";

	write_text("{}", 0);
	CU_ASSERT_EQUAL(stat(path, &before), 0);
	expect_unwritten(TR_EINVAL, "a", "a", t, NULL, "tensor \"a\": the name is given twice");
	expect_unwritten(TR_EINVAL, "a", "__metadata__", t, NULL, "__metadata__");
	expect_unwritten(TR_EINVAL, "a", "\xff", t, NULL, "not UTF-8");
	expect_unwritten(TR_EINVAL, "a", "b", t, bad, "not UTF-8");
	expect_unwritten(TR_EINVAL, "a", "b", NULL, NULL, "no tensor");
	expect_unwritten(TR_EDTYPE, "a", "b", c, NULL, "complex128");
	CU_ASSERT_EQUAL(stat(path, &after), 0);
	CU_ASSERT_EQUAL(before.st_ino, after.st_ino);
	CU_ASSERT_EQUAL(tr_safetensors_write("/nonexistent/x", &name, &t, 1, NULL, why, sizeof(why)), -TR_EIO);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "/nonexistent/x"));
	unlink(path);
	CU_ASSERT_EQUAL(rmdir(folder), 0); /* fails if a temporary file were left */
	CU_ASSERT_EQUAL(mkdir(folder, 0700), 0);
	tr_context_destroy(ctx);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(refuses_lies),
		TEST(refuses_misaligned_data),
		TEST(refuses_long_names_within_the_buffer),
		TEST(refuses_deep_json),
		TEST(refuses_lengths_that_lie),
		TEST(refuses_every_truncation),
		TEST(refuses_what_is_no_file),
		TEST(messages_fit_any_buffer),
		TEST(survives_damage),
		TEST(round_trip_of_every_type),
		TEST(tensors_are_views_that_outlive_the_file),
		TEST(empty_files_and_empty_tensors),
		TEST(writes_views_in_c_order),
		TEST(failed_writes_leave_no_trace),
	};
	int status;

	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/x.safetensors", folder);
	status = TEST_RUN("safetensors", cases);
	unlink(path);
	rmdir(folder);
	return status;
}
