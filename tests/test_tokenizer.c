/* SPDX-License-Identifier: MIT */
/*
 * The tokenizer on small vocabularies made here: its contract at the edges (cuts, room, guard pages, threads,
 * allocations) and every kind of bad file. That its ids are the reference's is tests/python/test_tokenizer.py's.
 */
#include "tests/harness.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <trueno/tokenizer.h>

#define WORDS "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nun\n##aff\n##able\n##ab\naff\nthe\n.\nx\n##x\nu\n\xe4\xb8\xad\n"
enum { PAD, UNK, CLS, SEP, MASK, UN, _AFF, _ABLE, _AB, AFF, THE, DOT, X, _X, U, ZHONG, COUNT };

#define SPECIAL_JSON \
	"\"added_tokens\":[{\"id\":4,\"content\":\"[MASK]\",\"normalized\":false}]," \
	"\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"}," \
	"\"post_processor\":{\"type\":\"BertProcessing\",\"sep\":[\"[SEP]\",3],\"cls\":[\"[CLS]\",2]},"
#define NORMALIZER_JSON "\"normalizer\":{\"type\":\"BertNormalizer\",\"lowercase\":true},"
#define VOCAB_JSON "\"[PAD]\":0,\"[UNK]\":1,\"[CLS]\":2,\"[SEP]\":3,\"[MASK]\":4,\"un\":5,\"##aff\":6"
#define MODEL_JSON(more) "\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\",\"vocab\":{" VOCAB_JSON more "}}"
#define BASE_JSON SPECIAL_JSON NORMALIZER_JSON
#define WHOLE_JSON "{" BASE_JSON MODEL_JSON("") "}"

/*
 * Counts allocations of the whole process, the JSON library's included, and fails the one fail_at names. Sanitizers
 * have their own malloc, which must stay; there nothing is counted and leaks are theirs to find.
 */
static struct {
	long calls, live, fail_at; /* fail_at: 0 never */
} heap;

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define COUNTS_HEAP 1
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void __libc_free(void *p);

static void *counted(void *p)
{
	if (p)
		__atomic_add_fetch(&heap.live, 1, __ATOMIC_RELAXED);
	return p;
}

static bool fails(void)
{
	long n = __atomic_add_fetch(&heap.calls, 1, __ATOMIC_RELAXED);

	return heap.fail_at && n == heap.fail_at;
}

void *malloc(size_t size)
{
	return fails() ? NULL : counted(__libc_malloc(size));
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : counted(__libc_calloc(n, size));
}

void *realloc(void *p, size_t size)
{
	void *q = fails() ? NULL : __libc_realloc(p, size);

	return p ? q : counted(q);
}

void free(void *p)
{
	if (p)
		__atomic_sub_fetch(&heap.live, 1, __ATOMIC_RELAXED);
	__libc_free(p);
}
#else
#define COUNTS_HEAP 0
#endif

static char folder[] = "/tmp/test_tokenizer_XXXXXX";
static char why[512];

static void path_of(const char *name, char path[128])
{
	snprintf(path, 128, "%s/%s", folder, name);
}

/* Makes a file of the folder; NULL removes it. */
static void put_file(const char *name, const char *content, size_t len)
{
	char path[128];
	FILE *f;

	path_of(name, path);
	if (!content) {
		unlink(path);
		return;
	}
	f = fopen(path, "wb");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(fwrite(content, 1, len, f), len);
	CU_ASSERT_EQUAL(fclose(f), 0);
}

static void put_files(const char *vocab, const char *config, const char *json)
{
	put_file("vocab.txt", vocab, vocab ? strlen(vocab) : 0);
	put_file("tokenizer_config.json", config, config ? strlen(config) : 0);
	put_file("tokenizer.json", json, json ? strlen(json) : 0);
}

static struct tr_tokenizer *load(const char *vocab, const char *config, const char *json)
{
	struct tr_tokenizer *tok;

	put_files(vocab, config, json);
	CU_ASSERT_EQUAL(tr_tokenizer_load(&tok, folder, why, sizeof(why)), 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(tok);
	return tok;
}

/* Compares the ids of text without the template to expected, which ends with -1. */
static void check_ids(const struct tr_tokenizer *tok, const char *text, size_t len, const int32_t *expected)
{
	int32_t ids[512];
	int64_t n = tr_tokenizer_encode(tok, text, len, ids, 512, 0), want = 0;

	test_note("%.60s", text);
	while (expected[want] >= 0)
		want++;
	CU_ASSERT_EQUAL(n, want + 2);
	if (n != want + 2)
		return;
	CU_ASSERT_EQUAL(ids[0], CLS);
	CU_ASSERT_EQUAL(ids[n - 1], SEP);
	CU_ASSERT_EQUAL(memcmp(ids + 1, expected, (size_t)want * sizeof(*ids)), 0);
}

#define CHECK_IDS(tok, text, ...) check_ids(tok, text, sizeof(text) - 1, (const int32_t[]){__VA_ARGS__, -1})
#define CHECK_NO_IDS(tok, text) check_ids(tok, text, sizeof(text) - 1, (const int32_t[]){-1})

static void spells_words(void)
{
	struct tr_tokenizer *tok = load(WORDS, "{}", NULL);

	CHECK_IDS(tok, "unaffable", UN, _AFF, _ABLE);
	CHECK_IDS(tok, "UN\xc3\x84""FFable\xcc\x81.", UN, _AFF, _ABLE, DOT);
	CHECK_IDS(tok, "unaffabl the", UNK, THE); /* no way back from ##ab to something shorter */
	CHECK_IDS(tok, "unaffab", UN, _AFF, _AB);
	CHECK_IDS(tok, "\xc3\x9c \xc3\xbc u\xcc\x88", U, U, U);
	CHECK_IDS(tok, "the\xe4\xb8\xad""the..un", THE, ZHONG, THE, DOT, DOT, UN);
	CHECK_IDS(tok, "[MASK]un[SEP][mask]", MASK, UN, SEP, UNK, UNK, UNK);
	CHECK_IDS(tok, "the\0the \0 un\x7f", UNK, UN);
	CHECK_NO_IDS(tok, "");
	CHECK_NO_IDS(tok, " \t\r\n\xe3\x80\x80 ");
	tr_tokenizer_destroy(tok);
}

static void words_end_at_a_hundred(void)
{
	struct tr_tokenizer *tok = load(WORDS, "{}", NULL);
	char text[102];
	int32_t ids[103];

	memset(text, 'x', sizeof(text));
	CU_ASSERT_EQUAL(tr_tokenizer_encode(tok, text, 100, ids, 103, 0), 102);
	CU_ASSERT_EQUAL(ids[1], X);
	CU_ASSERT_EQUAL(ids[100], _X);
	CU_ASSERT_EQUAL(tr_tokenizer_encode(tok, text, 101, ids, 103, 0), 3);
	CU_ASSERT_EQUAL(ids[1], UNK);
	text[100] = '.';
	CU_ASSERT_EQUAL(tr_tokenizer_encode(tok, text, 102, ids, 103, 0), 104);
	tr_tokenizer_destroy(tok);
}

static void ill_formed_text_is_dropped(void)
{
	struct tr_tokenizer *tok = load(WORDS, "{}", NULL);
	static const char *const inside[] = {"\x80",         "\xff",     "\xc3",
					     "\xe4\xb8",     "\xc0\xaf", "\xf0\x9f\x98",
					     "\xed\xa0\x80", "\xe0\x80\xaf", "\xf4\x90\x80\x80",
					     "\xef\xbf\xbd"};

	for (size_t i = 0; i < sizeof(inside) / sizeof(*inside); i++) {
		char text[32];
		int n = snprintf(text, sizeof(text), "t%sh%se%s", inside[i], inside[i], inside[i]);

		/* 0xaf after an overlong lead is ill-formed too: nothing of these is a character */
		check_ids(tok, text, (size_t)n, (const int32_t[]){THE, -1});
	}
	tr_tokenizer_destroy(tok);
}

/* The text ends at an inaccessible page, and so does the room for ids. */
static void touches_nothing_outside(void)
{
	struct tr_tokenizer *tok = load(WORDS, "{}", NULL);
	static const char *const texts[] = {"the",    "unaffable.",   "un\xf0\x9f\x98", "[MASK",
					    "[MASK]", "\xe4\xb8\xad", "\xe4"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		size_t len = strlen(texts[i]);
		char *text = guard_alloc(len, GUARD_AFTER);
		int64_t n;

		memcpy(text, texts[i], len);
		guard_readonly(text);
		n = tr_tokenizer_encode(tok, text, len, NULL, 0, 0);
		CU_ASSERT(n >= 2);
		for (size_t cap = 0; cap <= (size_t)n; cap++) {
			int32_t *ids = guard_alloc(cap * sizeof(*ids), GUARD_AFTER);

			CU_ASSERT_EQUAL(tr_tokenizer_encode(tok, text, len, ids, cap, 0), n);
			if (cap)
				CU_ASSERT_EQUAL(ids[0], CLS);
			guard_free(ids);
		}
		guard_free(text);
	}
	tr_tokenizer_destroy(tok);
}

static void cuts_at_max_length(void)
{
	static const int32_t whole[] = {CLS, UN, _AFF, _ABLE, THE, DOT, SEP};
	struct tr_tokenizer *tok = load(WORDS, "{}", NULL);
	const char *text = "unaffable the.";

	for (size_t most = 2; most < 12; most++) {
		size_t n = most < 7 ? most : 7;
		int32_t ids[12];

		memset(ids, 0xff, sizeof(ids));
		CU_ASSERT_EQUAL(tr_tokenizer_encode(tok, text, strlen(text), ids, 12, most), (int64_t)n);
		CU_ASSERT_EQUAL(memcmp(ids, whole, (n - 1) * sizeof(*ids)), 0);
		CU_ASSERT_EQUAL(ids[n - 1], SEP);
		CU_ASSERT_EQUAL(ids[n], -1);
	}
	tr_tokenizer_destroy(tok);
}

static void refuses_bad_arguments(void)
{
	struct tr_tokenizer *tok = load(WORDS, "{}", NULL), *none = tok;
	int32_t id;

	CU_ASSERT_EQUAL(tr_tokenizer_encode(tok, "x", 1, &id, 1, 1), -TR_EINVAL);
	CU_ASSERT_EQUAL(tr_tokenizer_encode(tok, "x", 1, NULL, 1, 0), -TR_EINVAL);
	CU_ASSERT_EQUAL(tr_tokenizer_encode(tok, NULL, 1, &id, 1, 0), -TR_EINVAL);
	CU_ASSERT_EQUAL(tr_tokenizer_encode(NULL, "x", 1, &id, 1, 0), -TR_EINVAL);
	CU_ASSERT_EQUAL(tr_tokenizer_encode(tok, NULL, 0, NULL, 0, 0), 2);
	CU_ASSERT_EQUAL(tr_tokenizer_load(NULL, folder, why, sizeof(why)), -TR_EINVAL);
	CU_ASSERT_EQUAL(tr_tokenizer_load(&none, NULL, why, sizeof(why)), -TR_EINVAL);
	CU_ASSERT_PTR_NULL(none);
	tr_tokenizer_destroy(NULL);
	tr_tokenizer_destroy(tok);
}

static void names_its_tokens(void)
{
	struct tr_tokenizer *tok = load(WORDS, "{}", NULL);
	size_t len;

	CU_ASSERT_EQUAL(tr_tokenizer_size(tok), COUNT);
	CU_ASSERT_EQUAL(tr_tokenizer_pad_id(tok), PAD);
	CU_ASSERT_EQUAL(tr_tokenizer_unk_id(tok), UNK);
	CU_ASSERT_EQUAL(tr_tokenizer_cls_id(tok), CLS);
	CU_ASSERT_EQUAL(tr_tokenizer_sep_id(tok), SEP);
	CU_ASSERT_EQUAL(tr_tokenizer_id(tok, "##able"), _ABLE);
	CU_ASSERT_EQUAL(tr_tokenizer_id(tok, "able"), -1);
	CU_ASSERT_EQUAL(tr_tokenizer_id(tok, ""), -1);
	CU_ASSERT_STRING_EQUAL(tr_tokenizer_token(tok, ZHONG, &len), "\xe4\xb8\xad");
	CU_ASSERT_EQUAL(len, 3);
	CU_ASSERT_STRING_EQUAL(tr_tokenizer_token(tok, _AFF, NULL), "##aff");
	CU_ASSERT_PTR_NULL(tr_tokenizer_token(tok, COUNT, &len));
	CU_ASSERT_PTR_NULL(tr_tokenizer_token(tok, -1, &len));
	tr_tokenizer_destroy(tok);
}

static void takes_names_and_flags_from_the_config(void)
{
	static const char vocab[] = "<pad>\r\n<unk>\r\n<s>\r\n</s>\r\n<mask>\r\nThe\r\n\xc3\xa9\r\n\xe4\xb8\xad" "a";
	static const char config[] =
		"{\"do_lower_case\":false,\"tokenize_chinese_chars\":false,\"pad_token\":\"<pad>\","
		"\"unk_token\":{\"content\":\"<unk>\",\"normalized\":false},\"cls_token\":\"<s>\","
		"\"sep_token\":\"</s>\",\"mask_token\":\"<mask>\","
		"\"added_tokens_decoder\":{\"4\":{\"content\":\"<mask>\"},\"8\":{\"content\":\"!e\"}}}";
	struct tr_tokenizer *tok = load(vocab, config, NULL);

	CU_ASSERT_EQUAL(tr_tokenizer_size(tok), 9);
	CHECK_IDS(tok, "The the \xc3\xa9 e<mask>\xe4\xb8\xad" "a!e", 5, UNK, 6, UNK, MASK, 7, 8);
	tr_tokenizer_destroy(tok);
}

static void prefers_the_short_files(void)
{
	struct tr_tokenizer *tok = load(WORDS, "{}", "not JSON");

	CU_ASSERT_EQUAL(tr_tokenizer_size(tok), COUNT);
	tr_tokenizer_destroy(tok);
	tok = load(WORDS, "{\"tokenizer_class\":\"RobertaTokenizer\"}", WHOLE_JSON);
	CU_ASSERT_EQUAL(tr_tokenizer_size(tok), 7);
	CHECK_IDS(tok, "unaff [MASK] [SEP]", UN, _AFF, MASK, UNK, UNK, UNK);
	tr_tokenizer_destroy(tok);
}

static const struct bad {
	const char *vocab, *config, *json;
	int status;
	const char *culprit; /* part of the message */
} bad_files[] = {
	{NULL, NULL, NULL, TR_EIO, "tokenizer.json"},
	{WORDS, NULL, NULL, TR_EIO, "tokenizer_config.json"},
	{"", "{}", NULL, TR_EFORMAT, "vocab.txt: no tokens"},
	{"[PAD]\n\n[UNK]\n", "{}", NULL, TR_EFORMAT, "line 2 is empty"},
	{WORDS "un\n", "{}", NULL, TR_EFORMAT, "line 17 repeats the token \"un\" of line 6"},
	{WORDS "caf\xe9\n", "{}", NULL, TR_EFORMAT, "line 17 is not UTF-8"},
	{"[PAD]\n[CLS]\n[SEP]\n[MASK]\nun\n", "{}", NULL, TR_EFORMAT, "no \"[UNK]\""},
	{WORDS, "{\"sep_token\":\"</s>\"}", NULL, TR_EFORMAT, "no \"</s>\""},
	{WORDS, "", NULL, TR_EFORMAT, "tokenizer_config.json: line"},
	{WORDS, "[1, 2]", NULL, TR_EFORMAT, "not a JSON object"},
	{WORDS, "{\"do_lower_case\":1}", NULL, TR_EFORMAT, "\"do_lower_case\""},
	{WORDS, "{\"cls_token\":7}", NULL, TR_EFORMAT, "not a string"},
	{WORDS, "{\"cls_token\":{\"content\":\"[CLS]\",\"normalized\":true}}", NULL, TR_EFORMAT, "normalized"},
	{WORDS, "{\"truncation_side\":\"left\"}", NULL, TR_EFORMAT, "\"left\""},
	{WORDS, "{\"added_tokens_decoder\":{\"99\":{\"content\":\"new\"}}}", NULL, TR_EFORMAT, "\"new\" has id 99"},
	{WORDS, "{\"added_tokens_decoder\":{\"x\":{\"content\":\"new\"}}}", NULL, TR_EFORMAT, "\"x\" is no id"},
	{WORDS, "{\"added_tokens_decoder\":{\"5\":{\"content\":\"the\"}}}", NULL, TR_EFORMAT, "\"the\" has id 5"},
	{WORDS, "{\"additional_special_tokens\":[\"nowhere\"]}", NULL, TR_EFORMAT, "\"nowhere\""},
	{WORDS, "{\"tokenizer_class\":\"RobertaTokenizer\"}", NULL, TR_EFORMAT, "not BERT's"},
	{NULL, NULL, "{", TR_EFORMAT, "tokenizer.json: line 1"},
	{NULL, NULL, "{\"a\":\"\xff\"}", TR_EFORMAT, "tokenizer.json: line 1"},
	{NULL, NULL, "{}", TR_EFORMAT, "normalizer"},
	{NULL, NULL, "{\"normalizer\":{\"type\":\"NFC\"}}", TR_EFORMAT, "\"NFC\""},
	{NULL, NULL, "{" NORMALIZER_JSON MODEL_JSON("") "}", TR_EFORMAT, "pre_tokenizer"},
	{NULL, NULL, "{" BASE_JSON "\"model\":{\"type\":\"BPE\"}}", TR_EFORMAT, "\"BPE\""},
	{NULL, NULL, "{" BASE_JSON "\"model\":{\"type\":\"WordPiece\",\"vocab\":{}}}", TR_EFORMAT, "no tokens"},
	{NULL, NULL, "{" BASE_JSON MODEL_JSON(",\"x\":5") "}", TR_EFORMAT, "\"x\""},
	{NULL, NULL, "{" BASE_JSON MODEL_JSON(",\"x\":8") "}", TR_EFORMAT, "\"x\""},
	{NULL, NULL, "{" BASE_JSON MODEL_JSON(",\"x\":-1") "}", TR_EFORMAT, "\"x\""},
	{NULL, NULL, "{" BASE_JSON MODEL_JSON(",\"un\":7") "}", TR_EFORMAT, "line 1"},
	{NULL, NULL, "{" BASE_JSON "\"truncation\":{\"direction\":\"Left\"}}", TR_EFORMAT, "\"Left\""},
	{NULL, NULL, "{" BASE_JSON "\"padding\":{\"pad_token\":\"[no\\npad]\"}," MODEL_JSON("") "}",
	 TR_EFORMAT, "\"[no?pad]\""},
};

static void names_the_culprit(void)
{
	for (size_t i = 0; i < sizeof(bad_files) / sizeof(*bad_files); i++) {
		const struct bad *b = &bad_files[i];
		struct tr_tokenizer *tok = (struct tr_tokenizer *)1;
		long live;

		put_files(b->vocab, b->config, b->json);
		live = heap.live;
		CU_ASSERT_EQUAL(tr_tokenizer_load(&tok, folder, why, sizeof(why)), -b->status);
		CU_ASSERT_EQUAL(heap.live, live);
		test_note("row %zu: %s", i, why);
		CU_ASSERT_PTR_NULL(tok);
		CU_ASSERT_PTR_NOT_NULL(strstr(why, b->culprit));
		CU_ASSERT_PTR_NOT_NULL(strstr(why, folder));
		CU_ASSERT_PTR_NULL(strchr(why, '\n'));
	}
}

static void messages_fit_their_room(void)
{
	struct tr_tokenizer *tok;
	char small[9] = "########";

	put_files(NULL, NULL, NULL);
	CU_ASSERT_EQUAL(tr_tokenizer_load(&tok, folder, small, 8), -TR_EIO);
	CU_ASSERT_EQUAL(strlen(small), 7);
	CU_ASSERT_EQUAL(strncmp(small, folder, 7), 0);
	CU_ASSERT_EQUAL(tr_tokenizer_load(&tok, folder, small, 0), -TR_EIO);
	CU_ASSERT_EQUAL(tr_tokenizer_load(&tok, folder, NULL, 100), -TR_EIO);
}

static void refuses_what_is_no_sane_file(void)
{
	struct tr_tokenizer *tok;
	char path[128];

	put_files(WORDS, "{}", NULL);
	path_of("vocab.txt", path);
	CU_ASSERT_EQUAL(truncate(path, (64 << 20) + 1), 0);
	CU_ASSERT_EQUAL(tr_tokenizer_load(&tok, folder, why, sizeof(why)), -TR_EOVERFLOW);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "67108865 bytes"));
	CU_ASSERT_EQUAL(unlink(path), 0);
	CU_ASSERT_EQUAL(mkdir(path, 0700), 0);
	CU_ASSERT_EQUAL(tr_tokenizer_load(&tok, folder, why, sizeof(why)), -TR_EIO);
	CU_ASSERT_EQUAL(rmdir(path), 0);
	CU_ASSERT_EQUAL(mkfifo(path, 0600), 0); /* must not wait for a writer */
	CU_ASSERT_EQUAL(tr_tokenizer_load(&tok, folder, why, sizeof(why)), -TR_EIO);
	CU_ASSERT_EQUAL(unlink(path), 0);
}

/* Fails each allocation of a load in turn, ours and the JSON library's. */
static void survives_lack_of_memory(void)
{
	if (!COUNTS_HEAP)
		TEST_SKIP("a sanitizer's malloc cannot be made to fail");
	for (int json = 0; json < 2; json++) {
		struct tr_tokenizer *tok = NULL;
		long at = 0, live;
		int status;

		if (json)
			put_files(NULL, NULL, WHOLE_JSON);
		else
			put_files(WORDS, "{\"additional_special_tokens\":[\"the\"]}", NULL);
		live = heap.live;
		do {
			heap.calls = 0;
			heap.fail_at = ++at;
			status = tr_tokenizer_load(&tok, folder, why, sizeof(why));
			heap.fail_at = 0;
			if (status)
				CU_ASSERT_EQUAL(heap.live, live);
			if (status)
				CU_ASSERT_EQUAL(status, -TR_ENOMEM);
		} while (status);
		CU_ASSERT(at > 6);
		tr_tokenizer_destroy(tok);
		CU_ASSERT_EQUAL(heap.live, live);
	}
}

static void encoding_allocates_nothing(void)
{
	struct tr_tokenizer *tok = load(WORDS, "{}", NULL);
	const char *text = "unaffable \xc3\x9c\xe4\xb8\xad [MASK] \xff";
	int32_t ids[16];
	long calls;

	if (!COUNTS_HEAP) {
		tr_tokenizer_destroy(tok);
		TEST_SKIP("a sanitizer's malloc cannot be counted");
	}
	calls = heap.calls;
	CU_ASSERT_EQUAL(tr_tokenizer_encode(tok, text, strlen(text), ids, 16, 0), 8);
	CU_ASSERT_EQUAL(heap.calls, calls);
	tr_tokenizer_destroy(tok);
}

struct worker {
	pthread_t thread;
	const struct tr_tokenizer *tok;
	int wrong;
};

static void *encode_often(void *arg)
{
	static const int32_t expected[] = {CLS, UN, _AFF, _ABLE, U, MASK, ZHONG, UNK, SEP};
	const char *text = "unaffable \xc3\x9c [MASK]\xe4\xb8\xad zzz";
	struct worker *w = arg;

	for (int i = 0; i < 2000; i++) {
		int32_t ids[16];

		w->wrong += tr_tokenizer_encode(w->tok, text, strlen(text), ids, 16, 0) != 9 ||
			    memcmp(ids, expected, sizeof(expected)) != 0;
	}
	return NULL;
}

static void serves_many_threads(void)
{
	struct tr_tokenizer *tok = load(WORDS, "{}", NULL);
	struct worker workers[4] = {0};
	int started = 0;

	for (; started < 4; started++) {
		workers[started].tok = tok;
		if (pthread_create(&workers[started].thread, NULL, encode_often, &workers[started]))
			break;
	}
	for (int i = 0; i < started; i++) {
		CU_ASSERT_EQUAL(pthread_join(workers[i].thread, NULL), 0);
		CU_ASSERT_EQUAL(workers[i].wrong, 0);
	}
	CU_ASSERT_EQUAL(started, 4);
	tr_tokenizer_destroy(tok);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(spells_words),
		TEST(words_end_at_a_hundred),
		TEST(ill_formed_text_is_dropped),
		TEST(touches_nothing_outside),
		TEST(cuts_at_max_length),
		TEST(refuses_bad_arguments),
		TEST(names_its_tokens),
		TEST(takes_names_and_flags_from_the_config),
		TEST(prefers_the_short_files),
		TEST(names_the_culprit),
		TEST(messages_fit_their_room),
		TEST(refuses_what_is_no_sane_file),
		TEST(survives_lack_of_memory),
		TEST(encoding_allocates_nothing),
		TEST(serves_many_threads),
	};
	int status;

	if (!mkdtemp(folder))
		return 1;
	status = TEST_RUN("tokenizer", cases);
	put_files(NULL, NULL, NULL);
	return rmdir(folder) ? 1 : status;
}
