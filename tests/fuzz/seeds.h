/* SPDX-License-Identifier: MIT */
/* Seeds for the readers: files as the library writes them, of many types and shapes, and small ones written by hand. */
#ifndef TESTS_FUZZ_SEEDS_H
#define TESTS_FUZZ_SEEDS_H

#include "tests/fuzz/targets.h"

typedef void (*fuzz_seed_fn)(void *arg, const char *target, int number, const void *data, size_t size);

struct fuzz_seeds {
	fuzz_seed_fn give;
	void *arg;
	int number;
};

static void fuzz_give(struct fuzz_seeds *s, const char *target, const void *data, size_t size)
{
	s->give(s->arg, target, s->number++, data, size);
}

/* A file that has just been written, and then removed. */
static void fuzz_give_file(struct fuzz_seeds *s, const char *target, const char *path)
{
	static char bytes[1 << 16];
	FILE *f = fopen(path, "rb");
	size_t n;

	FUZZ_REQUIRE(f);
	n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	unlink(path);
	fuzz_give(s, target, bytes, n);
}

static void fuzz_seed_arrays(struct fuzz_seeds *s, struct tr_context *ctx)
{
	static const int64_t shape[] = {2, 3, 1};
	static const char *const names[] = {"a", "weights/b"};
	char path[128];

	snprintf(path, sizeof(path), "%s/seed", fuzz_folder());
	for (int d = 0; d < TR_DTYPE_COUNT; d++) {
		struct tr_tensor *t = tr_full(ctx, (enum tr_dtype)d, d % 4, shape, 1);
		struct tr_tensor *both[] = {t, d % 4 > 1 ? tr_permute(t, NULL) : t};

		FUZZ_REQUIRE(both[1]);
		for (int i = 0; i < 2 && d != TR_BF16; i++) {
			FUZZ_REQUIRE(!tr_npy_save(path, both[i]));
			fuzz_give_file(s, "npy", path);
			FUZZ_REQUIRE(!tr_npz_save(path, names, both, 2, i ? TR_NPZ_COMPRESSED : 0, NULL, 0));
			fuzz_give_file(s, "npz", path);
		}
		if (d == TR_C128)
			continue;
		FUZZ_REQUIRE(!tr_safetensors_write(path, names, both, 2, (const char *const[]){"format", "pt", NULL}, NULL, 0));
		fuzz_give_file(s, "safetensors", path);
	}
}

#define FUZZ_GIVE_TEXT(s, target, text) fuzz_give(s, target, text, sizeof(text) - 1)

static void fuzz_seed_texts(struct fuzz_seeds *s)
{
	static const char header[] = "\x93NUMPY\1\0v\0{'descr': '>f4', 'fortran_order': True, 'shape': (2, 1), }";
	char npy[128 + 8];

	memset(npy, ' ', sizeof(npy));
	memcpy(npy, header, sizeof(header) - 1);
	npy[127] = '\n';
	fuzz_give(s, "npy", npy, sizeof(npy));
	FUZZ_GIVE_TEXT(s, "safetensors", "\x02\0\0\0\0\0\0\0{}");
	FUZZ_GIVE_TEXT(s, "vocab", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\n##ing\nw\n##o\n,\n\xe4\xbd\xa0\n");
	FUZZ_GIVE_TEXT(s, "vocab", "[UNK]\r\n[CLS]\r\n[SEP]\r\n[PAD]\r\n[MASK]\r\nun\r\n##aff\r\n\1{\"tokenizer_class\": "
		       "\"BertTokenizer\", \"do_lower_case\": false, \"model_max_length\": 512, \"unk_token\": \"[UNK]\", "
		       "\"tokenize_chinese_chars\": true, \"strip_accents\": null}");
	FUZZ_GIVE_TEXT(s, "tokenizer", "{\"version\": \"1.0\", \"truncation\": {\"direction\": \"Right\", \"max_length\": 8, "
		       "\"strategy\": \"LongestFirst\", \"stride\": 0}, \"padding\": null, \"added_tokens\": [{\"id\": 0, "
		       "\"content\": \"[PAD]\", \"single_word\": false, \"lstrip\": false, \"rstrip\": false, \"normalized\": false, "
		       "\"special\": true}], \"normalizer\": {\"type\": \"BertNormalizer\", \"clean_text\": true, "
		       "\"handle_chinese_chars\": true, \"strip_accents\": null, \"lowercase\": true}, \"pre_tokenizer\": {\"type\": "
		       "\"BertPreTokenizer\"}, \"post_processor\": {\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\": "
		       "{\"id\": \"[CLS]\", \"type_id\": 0}}, {\"Sequence\": {\"id\": \"A\", \"type_id\": 0}}, {\"SpecialToken\": "
		       "{\"id\": \"[SEP]\", \"type_id\": 0}}], \"pair\": [], \"special_tokens\": {\"[CLS]\": {\"id\": \"[CLS]\", "
		       "\"ids\": [2], \"tokens\": [\"[CLS]\"]}, \"[SEP]\": {\"id\": \"[SEP]\", \"ids\": [3], \"tokens\": "
		       "[\"[SEP]\"]}}}, \"decoder\": {\"type\": \"WordPiece\", \"prefix\": \"##\", \"cleanup\": true}, \"model\": "
		       "{\"type\": \"WordPiece\", \"unk_token\": \"[UNK]\", \"continuing_subword_prefix\": \"##\", "
		       "\"max_input_chars_per_word\": 100, \"vocab\": {\"[PAD]\": 0, \"[UNK]\": 1, \"[CLS]\": 2, \"[SEP]\": 3, "
		       "\"[MASK]\": 4, \"hello\": 5, \"##ing\": 6}}}");
	FUZZ_GIVE_TEXT(s, "tokenizer", "{\"model\": {\"type\": \"WordPiece\", \"vocab\": {}}}");
}

static inline void fuzz_each_seed(fuzz_seed_fn give, void *arg)
{
	struct fuzz_seeds s = {.give = give, .arg = arg};
	struct tr_context *ctx = fuzz_context();

	fuzz_seed_arrays(&s, ctx);
	fuzz_seed_texts(&s);
	tr_scope_end(ctx);
}

#endif
