/* SPDX-License-Identifier: MIT */
/*
 * npy and npz files: what is written comes back bit for bit, a file that lies is refused with a message naming the
 * culprit. What NumPy itself reads and writes is tests/python/test_npy.py's business.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <trueno/npy.h>

#include "tests/tensors.h"

static char folder[] = "/tmp/test_npy.XXXXXX";
static char path[64];
static struct tr_context *ctx;

/* A version 1.0 file: the header as given, then size bytes counting up. */
static void write_raw(const char *magic, size_t claimed, const char *header, size_t size)
{
	FILE *f = fopen(path, "wb");

	CU_ASSERT_PTR_NOT_NULL(f);
	if (!f)
		return;
	fwrite(magic, 1, 8, f);
	fputc((int)(claimed & 0xff), f);
	fputc((int)(claimed >> 8), f);
	fwrite(header, 1, strlen(header), f);
	for (size_t i = 0; i < size; i++)
		fputc((int)(i & 0xff), f);
	fclose(f);
}

static void write_npy(const char *header, size_t size)
{
	write_raw("\x93NUMPY\x01\0", strlen(header), header, size);
}

static void expect_refused(enum tr_status status, const char *part)
{
	struct tr_tensor *t = tr_npy_load(ctx, path);

	test_note("wanted \"%s\", got \"%s\"", part, tr_error_message(ctx));
	CU_ASSERT_PTR_NULL(t);
	CU_ASSERT_PTR_NOT_NULL(strstr(tr_error_message(ctx), path));
	assert_error(ctx, status, part);
}

#define DICT(descr, order, shape) "{'descr': " descr ", 'fortran_order': " order ", 'shape': " shape ", }"

static const struct {
	const char *header;
	size_t data;
	enum tr_status status;
	const char *part;
} lies[] = {
	{"", 0, TR_EFORMAT, "no dictionary before \"\""},
	{"[]", 0, TR_EFORMAT, "no dictionary before \"[]\""},
	{"{", 0, TR_EFORMAT, "no string"},
	{"{}", 0, TR_EFORMAT, "no 'descr'"},
	{"{'descr': '<f4', 'shape': ()}", 4, TR_EFORMAT, "no 'fortran_order'"},
	{"{'descr': '<f4', 'fortran_order': False}", 4, TR_EFORMAT, "no 'shape'"},
	{"{'descr': '<f4', 'descr': '<f4'}", 4, TR_EFORMAT, "a second \"descr\""},
	{"{'descr': '<f4', 'import os': ()}", 4, TR_EFORMAT, "an unknown key \"import os\""},
	{"{'descr' '<f4'}", 4, TR_EFORMAT, "no colon"},
	{"{'descr': '<f4' 'shape': ()}", 4, TR_EFORMAT, "no comma before \"'shape': ()}\""},
	{"{'des\\x63r': '<f4'}", 4, TR_EFORMAT, "no end of a short, plain string"},
	{"{'descr': '<f4", 4, TR_EFORMAT, "no end of a short, plain string"},
	{DICT("'<f4'", "False", "()") "x", 4, TR_EFORMAT, "no end before \"x\""},
	{DICT("'<f4'", "0", "()"), 4, TR_EFORMAT, "no True or False before \"0, 'shape'"},
	{DICT("'<f4'", "False", "3"), 12, TR_EFORMAT, "no tuple"},
	{DICT("'<f4'", "False", "(3)"), 12, TR_EFORMAT, "no comma in its tuple"},
	{DICT("'<f4'", "False", "(-1,)"), 12, TR_EFORMAT, "no non-negative integer before \"-1,)"},
	{DICT("'<f4'", "False", "(1.5,)"), 12, TR_EFORMAT, "no comma in its tuple before \".5,)"},
	{DICT("'<f4'", "False", "(9223372036854775808,)"), 12, TR_EFORMAT, "an axis of its shape is too long"},
	{DICT("'<f4'", "False", "(1,1,1,1,1,1,1,1,1)"), 4, TR_EFORMAT, "more than 8 axes"},
	{DICT("'<f4'", "False", "(4,)"), 15, TR_EFORMAT, "shape [4] of float32 does not fit the 15 bytes"},
	{DICT("'<f8'", "False", "(4611686018427387904, 4)"), 8, TR_EFORMAT, "does not fit the 8 bytes"},
	{DICT("'|O'", "False", "()"), 4, TR_EDTYPE, "element type \"|O\" is not supported"},
	{DICT("'<U3'", "False", "()"), 12, TR_EDTYPE, "element type \"<U3\""},
	{DICT("'f4'", "False", "()"), 4, TR_EDTYPE, "element type \"f4\""},
	{DICT("''", "False", "()"), 4, TR_EDTYPE, "element type \"\""},
	{DICT("[('a', '<f4')]", "False", "()"), 4, TR_EDTYPE, "structured arrays"},
};

static void refuses_lies_by_name(void)
{
	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		write_npy(lies[i].header, lies[i].data);
		expect_refused(lies[i].status, lies[i].part);
	}
	write_raw("\x93NUMPX\x01\0", 2, "{}", 8);
	expect_refused(TR_EFORMAT, "not an npy file");
	write_raw("\x93NUMPY\x04\0", 2, "{}", 8);
	expect_refused(TR_EFORMAT, "npy version 4.0 is not known");
	write_raw("\x93NUMPY\x01\0", 500, "{}", 8);
	expect_refused(TR_EFORMAT, "its header of 500 bytes is truncated");
	write_raw("\x93NUMPY\x02\0", 500, "", 0);
	expect_refused(TR_EFORMAT, "truncated");
	write_raw("\x93NUMPY\x01\0", 0, "", 0);
	CU_ASSERT_EQUAL(truncate(path, 9), 0);
	expect_refused(TR_EFORMAT, "9 bytes are too few for a npy file");
	unlink(path);
	expect_refused(TR_EIO, "No such file");
}

/* The same bytes, type and shape in what comes back. */
static void expect_equal(struct tr_tensor *got, struct tr_tensor *want)
{
	size_t size = (size_t)tr_numel(want) * tr_dtype_size(tr_dtype_of(want));
	unsigned char a[1024], b[1024];

	CU_ASSERT_PTR_NOT_NULL_FATAL(got);
	CU_ASSERT_EQUAL(tr_dtype_of(got), tr_dtype_of(want));
	CU_ASSERT_EQUAL(tr_ndim(got), tr_ndim(want));
	CU_ASSERT_EQUAL(memcmp(tr_shape(got), tr_shape(want), sizeof(int64_t) * (size_t)tr_ndim(want)), 0);
	CU_ASSERT_TRUE(size <= sizeof(a));
	CU_ASSERT_EQUAL(tr_read(got, a, size), 0);
	CU_ASSERT_EQUAL(tr_read(want, b, size), 0);
	CU_ASSERT_EQUAL(memcmp(a, b, size), 0);
}

static struct tr_tensor *noise(enum tr_dtype dtype, int ndim, const int64_t *shape)
{
	unsigned char bytes[1024];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(dtype == TR_BOOL ? i & 1 : test_rand());
	return tr_from_data(ctx, dtype, ndim, shape, bytes);
}

static void every_type_and_layout_comes_back(void)
{
	for (int d = 0; d < TR_DTYPE_COUNT; d++) {
		struct tr_tensor *t = noise((enum tr_dtype)d, SHAPE(3, 4, 5));
		struct tr_tensor *v[] = {t, tr_permute(t, NULL), tr_slice_axis(t, 1, 3, TR_NONE, -2), tr_select(t, 0, 1),
					 noise((enum tr_dtype)d, SCALAR), noise((enum tr_dtype)d, SHAPE(2, 0, 3))};

		for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
			struct tr_tensor *u;

			test_note("%s, layout %zu", tr_dtype_name((enum tr_dtype)d), i);
			if (d == TR_BF16) {
				CU_ASSERT_EQUAL(tr_npy_save(path, v[i]), -TR_EDTYPE);
				assert_error(ctx, TR_EDTYPE, "the format has no bfloat16");
				continue;
			}
			CU_ASSERT_EQUAL(tr_npy_save(path, v[i]), 0);
			u = tr_npy_load(ctx, path);
			expect_equal(u, v[i]);
			CU_ASSERT_EQUAL(tr_is_contiguous(u), i != 1);
		}
	}
}

/* Mapped, but privately: a write stays here. */
static void writing_to_a_loaded_array_spares_the_file(void)
{
	struct tr_tensor *t = ramp(ctx, 0, 1, SHAPE(6)), *u, *v;

	CU_ASSERT_EQUAL(tr_npy_save(path, t), 0);
	u = tr_npy_load(ctx, path);
	CU_ASSERT_EQUAL(tr_fill_out(u, 9), 0);
	ASSERT_F32(u, 9, 9, 9, 9, 9, 9);
	v = tr_npy_load(ctx, path);
	ASSERT_F32(v, 0, 1, 2, 3, 4, 5);
	unlink(path);
	ASSERT_F32(v, 0, 1, 2, 3, 4, 5);
}

/* Hand-made files: the other byte order, an odd offset, bools that are neither 0 nor 1, a second array behind. */
static void puts_right_what_lies_otherwise(void)
{
	static const int64_t wide[] = {0x0001020304050607, 0x08090a0b0c0d0e0f};
	struct tr_tensor *t;

	write_npy(DICT("'>i8'", "False", "(2,)"), 16);
	t = tr_npy_load(ctx, path);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	CU_ASSERT_EQUAL(memcmp(tr_data_const(t), wide, sizeof(wide)), 0);
	write_npy(DICT("'>c8'", "False", "()"), 8);
	t = tr_npy_load(ctx, path);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	CU_ASSERT_EQUAL(memcmp(tr_data_const(t), "\x03\x02\x01\0\x07\x06\x05\x04", 8), 0);
	for (int pad = 0; pad < 8; pad++) {
		char header[128];

		snprintf(header, sizeof(header), "%s%*s", DICT("\"<i4\"", "True", "(2L, 2L)"), pad, "");
		write_npy(header, 16 + 5);
		t = tr_npy_load(ctx, path);
		CU_ASSERT_PTR_NOT_NULL_FATAL(t);
		CU_ASSERT_EQUAL(value_at(t, 0), 0x03020100);
		CU_ASSERT_EQUAL(value_at(t, 1), 0x0b0a0908);
		CU_ASSERT_EQUAL(value_at(t, 2), 0x07060504);
	}
	write_npy(DICT("'|b1'", "False", "(4,)"), 4);
	t = tr_npy_load(ctx, path);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	CU_ASSERT_EQUAL(memcmp(tr_data_const(t), "\0\1\1\1", 4), 0);
}

static void an_archive_comes_back(void)
{
	const char *names[] = {"weights", "caf\xc3\xa9/b", "empty", "f"};
	struct tr_tensor *t[] = {noise(TR_F64, SHAPE(4, 7)), noise(TR_U8, SHAPE(9)), noise(TR_F32, SHAPE(0, 2)), NULL};
	struct tr_npz *npz;
	char why[256] = "";

	t[3] = tr_permute(t[0], NULL);
	for (unsigned flags = 0; flags <= TR_NPZ_COMPRESSED; flags++) {
		CU_ASSERT_EQUAL(tr_npz_save(path, names, t, 4, flags, why, sizeof(why)), 0);
		CU_ASSERT_EQUAL_FATAL(tr_npz_open(&npz, path, why, sizeof(why)), 0);
		test_note("%s", why);
		CU_ASSERT_EQUAL(tr_npz_count(npz), 4);
		for (size_t i = 0; i < 4; i++) {
			CU_ASSERT_STRING_EQUAL(tr_npz_name(npz, i), names[i]);
			expect_equal(tr_npz_load(npz, ctx, names[i]), t[i]);
		}
		CU_ASSERT_PTR_NULL(tr_npz_name(npz, 4));
		CU_ASSERT_PTR_NULL(tr_npz_load(npz, ctx, "absent"));
		assert_error(ctx, TR_EINVAL, "no array \"absent\" in ");
		tr_npz_close(npz);
	}
	tr_npz_close(NULL);
}

static void archives_that_cannot_be_written(void)
{
	struct tr_tensor *t[] = {ramp(ctx, 0, 1, SHAPE(3)), ramp(ctx, 0, 1, SHAPE(3))};
	const char *same[] = {"a", "a"}, *latin[] = {"caf\xe9", "b"}, *gone[] = {"a", NULL};
	struct stat st;
	char why[256];

	unlink(path);
	CU_ASSERT_EQUAL(tr_npz_save(path, same, t, 2, 0, why, sizeof(why)), -TR_EINVAL);
	CU_ASSERT_STRING_EQUAL(why, "\"a\": the name is given twice");
	CU_ASSERT_EQUAL(tr_npz_save(path, latin, t, 2, 0, why, sizeof(why)), -TR_EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "the name is not UTF-8"));
	CU_ASSERT_EQUAL(tr_npz_save(path, gone, t, 2, 0, why, sizeof(why)), -TR_EINVAL);
	CU_ASSERT_STRING_EQUAL(why, "\"\": tensor 1 has no name, or is NULL");
	CU_ASSERT_EQUAL(tr_npz_save("/nowhere/x.npz", same, t, 1, 0, why, sizeof(why)), -TR_EIO);
	CU_ASSERT_NOT_EQUAL(stat(path, &st), 0);
	CU_ASSERT_EQUAL(tr_npy_save("/nowhere/x.npy", t[0]), -TR_EIO);
	assert_error(ctx, TR_EIO, "/nowhere/x.npy: cannot create a file beside it");
}

/* Every byte of an archive changed in turn: refused, or the very same arrays (the bits that only carry dates). */
static void damaged_archives_are_noticed(void)
{
	const char *names[] = {"a", "b"};
	struct tr_tensor *t[] = {noise(TR_F32, SHAPE(3)), noise(TR_I16, SHAPE(2, 3))};
	unsigned char bytes[2048];
	size_t size, noticed = 0;
	FILE *f;

	CU_ASSERT_EQUAL(tr_npz_save(path, names, t, 2, 0, NULL, 0), 0);
	f = fopen(path, "rb");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	size = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	CU_ASSERT_TRUE(size > 300 && size < sizeof(bytes));
	for (size_t at = 0; at < size; at++) {
		struct tr_tensor *u[2] = {NULL};
		struct tr_npz *npz;

		bytes[at] ^= 0x11;
		f = fopen(path, "wb");
		fwrite(bytes, 1, size, f);
		fclose(f);
		bytes[at] ^= 0x11;
		if (!tr_npz_open(&npz, path, NULL, 0))
			for (int i = 0; i < 2; i++)
				u[i] = tr_npz_load(npz, ctx, names[i]);
		tr_npz_close(npz);
		tr_error_clear(ctx);
		for (int i = 0; i < 2; i++)
			if (u[i])
				expect_equal(u[i], t[i]);
		noticed += !u[0] || !u[1];
	}
	CU_ASSERT_TRUE(noticed > size / 2);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(refuses_lies_by_name),
		TEST(every_type_and_layout_comes_back),
		TEST(writing_to_a_loaded_array_spares_the_file),
		TEST(puts_right_what_lies_otherwise),
		TEST(an_archive_comes_back),
		TEST(archives_that_cannot_be_written),
		TEST(damaged_archives_are_noticed),
	};
	int status;

	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/x", folder);
	ctx = open_context();
	status = TEST_RUN("npy", cases);
	tr_context_destroy(ctx);
	unlink(path);
	rmdir(folder);
	return status;
}
