/* SPDX-License-Identifier: MIT */
/*
 * The readers of files as functions of any bytes, and seeds for them: what tests/fuzz/fuzz.c hands to libFuzzer and
 * tests/test_fuzz.c calls with a few mutations of the seeds. Whatever the bytes, a reader says what is wrong with them or
 * what is in them; a sanitizer, or the asserts here, say if it does not.
 */
#ifndef TESTS_FUZZ_TARGETS_H
#define TESTS_FUZZ_TARGETS_H

#define _GNU_SOURCE /* memfd_create; this header comes first */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <trueno/trueno.h>

/* Elements looked at of what came out of a file: a header may promise more than anybody wants to read. */
#define FUZZ_MOST_ELEMENTS 4096

#define FUZZ_REQUIRE(x) \
	do { \
		if (!(x)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #x); \
			abort(); \
		} \
	} while (0)

/* A file in memory of these bytes; path gets a name for it. Close it after use. */
static int fuzz_file(const uint8_t *data, size_t size, char path[64])
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	FUZZ_REQUIRE(fd >= 0);
	for (size_t done = 0; done < size;) {
		ssize_t n = write(fd, data + done, size - done);

		FUZZ_REQUIRE(n > 0);
		done += (size_t)n;
	}
	snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd;
}

/* The one context; what belongs to a run is in a scope. */
static struct tr_context *fuzz_context(void)
{
	static struct tr_context *ctx;
	struct tr_context_params params = {.device = "cpu", .threads = 1};
	char why[128];

	if (!ctx)
		FUZZ_REQUIRE(!tr_context_create(&ctx, &params, why, sizeof(why)));
	tr_scope_begin(ctx);
	return ctx;
}

/* Either an error with a message, or a tensor all of whose bytes can be read. */
static void fuzz_look(struct tr_context *ctx, struct tr_tensor *t)
{
	char bytes[FUZZ_MOST_ELEMENTS * 16];
	size_t size;

	if (!t) {
		FUZZ_REQUIRE(tr_error(ctx) && tr_error_message(ctx)[0]);
		tr_error_clear(ctx);
		return;
	}
	FUZZ_REQUIRE(tr_ndim(t) >= 0 && tr_ndim(t) <= TR_MAX_RANK && tr_numel(t) >= 0);
	size = (size_t)tr_numel(t) * tr_dtype_size(tr_dtype_of(t));
	if (tr_numel(t) <= FUZZ_MOST_ELEMENTS)
		FUZZ_REQUIRE(!tr_read(t, bytes, size));
	tr_free(t);
}

static inline void fuzz_npy(const uint8_t *data, size_t size)
{
	struct tr_context *ctx = fuzz_context();
	char path[64];
	int fd = fuzz_file(data, size, path);

	fuzz_look(ctx, tr_npy_load(ctx, path));
	close(fd);
	tr_scope_end(ctx);
}

static inline void fuzz_npz(const uint8_t *data, size_t size)
{
	struct tr_context *ctx = fuzz_context();
	struct tr_npz *npz;
	char path[64], why[256] = "";
	int fd = fuzz_file(data, size, path), err = tr_npz_open(&npz, path, why, sizeof(why));

	FUZZ_REQUIRE(!err == !why[0]);
	for (size_t i = 0; !err && i < tr_npz_count(npz) && i < 16; i++) {
		FUZZ_REQUIRE(tr_npz_name(npz, i));
		fuzz_look(ctx, tr_npz_load(npz, ctx, tr_npz_name(npz, i)));
	}
	if (!err)
		tr_npz_close(npz);
	close(fd);
	tr_scope_end(ctx);
}

static inline void fuzz_safetensors(const uint8_t *data, size_t size)
{
	struct tr_context *ctx = fuzz_context();
	struct tr_safetensors *st;
	char path[64], why[256] = "";
	int ndim, fd = fuzz_file(data, size, path), err = tr_safetensors_open(&st, path, why, sizeof(why));

	FUZZ_REQUIRE(!err == !why[0]);
	for (size_t i = 0; !err && i < tr_safetensors_count(st); i++) {
		FUZZ_REQUIRE(tr_safetensors_find(st, tr_safetensors_name(st, i)) == (ptrdiff_t)i);
		FUZZ_REQUIRE(tr_safetensors_shape(st, i, &ndim) && ndim <= TR_MAX_RANK);
		fuzz_look(ctx, tr_safetensors_tensor(st, ctx, tr_safetensors_name(st, i)));
	}
	if (!err) {
		tr_safetensors_metadata(st, "format");
		tr_safetensors_close(st);
	}
	close(fd);
	tr_scope_end(ctx);
}

/* A folder of this process's own for what is read by a fixed name. */
static const char *fuzz_folder(void)
{
	static char folder[64];

	if (!folder[0]) {
		snprintf(folder, sizeof(folder), "/dev/shm/trueno-fuzz-XXXXXX");
		FUZZ_REQUIRE(mkdtemp(folder));
	}
	return folder;
}

static void fuzz_put(const char *name, const void *data, size_t size)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", fuzz_folder(), name);
	f = fopen(path, "wb");
	FUZZ_REQUIRE(f && fwrite(data, 1, size, f) == size && !fclose(f));
}

static void fuzz_drop(void)
{
	static const char *const names[] = {"tokenizer.json", "vocab.txt", "tokenizer_config.json"};
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", fuzz_folder(), names[i]);
		unlink(path);
	}
}

/* What is in the folder; the ids of a text with bytes of all kinds stay within the vocabulary. */
static void fuzz_tokenize(void)
{
	static const char text[] = "Hello, [SEP] w\xc3\xb6rld \xe4\xbd\xa0 \xff 123 [MASK]unaffable";
	struct tr_tokenizer *tok;
	char why[256] = "";
	int32_t ids[64];
	int err = tr_tokenizer_load(&tok, fuzz_folder(), why, sizeof(why));

	FUZZ_REQUIRE(!err == !why[0]);
	fuzz_drop();
	if (err)
		return;
	for (size_t limit = 0; limit < 8; limit += 4) {
		int64_t n = tr_tokenizer_encode(tok, text, sizeof(text), ids, 64, limit);

		FUZZ_REQUIRE(n >= 2 && (!limit || n <= (int64_t)limit));
		for (int64_t i = 0; i < n && i < 64; i++)
			FUZZ_REQUIRE(ids[i] >= 0 && (size_t)ids[i] < tr_tokenizer_size(tok));
	}
	tr_tokenizer_destroy(tok);
}

static inline void fuzz_tokenizer(const uint8_t *data, size_t size)
{
	fuzz_put("tokenizer.json", data, size);
	fuzz_tokenize();
}

/* vocab.txt, then a byte 1, then tokenizer_config.json; without it a usual one. */
static inline void fuzz_vocab(const uint8_t *data, size_t size)
{
	static const char usual[] = "{\"tokenizer_class\": \"BertTokenizer\", \"do_lower_case\": true}";
	const uint8_t *cut = size ? memchr(data, 1, size) : NULL;

	fuzz_put("vocab.txt", data, cut ? (size_t)(cut - data) : size);
	fuzz_put("tokenizer_config.json", cut ? (const void *)(cut + 1) : usual,
		 cut ? size - (size_t)(cut - data) - 1 : sizeof(usual) - 1);
	fuzz_tokenize();
}

struct fuzz_target {
	const char *name;
	void (*run)(const uint8_t *data, size_t size);
};

static const struct fuzz_target fuzz_targets[] = {
	{"npy", fuzz_npy}, {"npz", fuzz_npz}, {"safetensors", fuzz_safetensors}, {"tokenizer", fuzz_tokenizer},
	{"vocab", fuzz_vocab},
};
#define FUZZ_TARGETS (sizeof(fuzz_targets) / sizeof(*fuzz_targets))

#endif
