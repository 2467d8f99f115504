/* SPDX-License-Identifier: MIT */
/*
 * The sentence encoder on a model small enough to make here: batches, plans and scopes keep a text's vector bit for
 * bit, and a folder whose files disagree is refused naming file, tensor and both shapes. What the vectors should be
 * is tests/python/test_embed.py's business, on real weights.
 */
#include "tests/harness.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <trueno/encoder.h>
#include <trueno/safetensors.h>

#define HIDDEN 24
#define INNER 40
#define LAYERS 2
#define MAX_TOKENS 12
#define POSITIONS 16

static char folder[] = "/tmp/test_encoder.XXXXXX";

static const char vocab[] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\nd\ne\nf\ng\n##a\n##b\n";
#define VOCAB 14

static const struct file {
	const char *name, *content;
} files[] = {
	{"vocab.txt", vocab},
	{"tokenizer_config.json", "{\"tokenizer_class\": \"BertTokenizer\", \"do_lower_case\": true}"},
	{"modules.json", "[{\"idx\": 0, \"path\": \"\", \"type\": \"sentence_transformers.models.Transformer\"},"
			 "{\"idx\": 1, \"path\": \"1_Pooling\", \"type\": \"sentence_transformers.models.Pooling\"},"
			 "{\"idx\": 2, \"path\": \"2_Normalize\", \"type\": \"sentence_transformers.models.Normalize\"}]"},
	{"config.json", "{\"model_type\": \"bert\", \"hidden_act\": \"gelu\", \"hidden_size\": 24, \"intermediate_size\": 40,"
			"\"num_hidden_layers\": 2, \"num_attention_heads\": 3, \"vocab_size\": 14, \"type_vocab_size\": 2,"
			"\"max_position_embeddings\": 16, \"layer_norm_eps\": 1e-12}"},
	{"sentence_bert_config.json", "{\"max_seq_length\": 12}"},
	{"1_Pooling/config.json", "{\"word_embedding_dimension\": 24, \"pooling_mode_mean_tokens\": true}"},
};

static bool put_file(const char *name, const char *content)
{
	char path[128];
	bool ok;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	if (!f)
		return false;
	ok = fputs(content, f) >= 0;
	return !fclose(f) && ok;
}

static void write_file(const char *name, const char *content)
{
	CU_ASSERT_TRUE(put_file(name, content));
}

static const char *content_of(const char *name)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (!strcmp(files[i].name, name))
			return files[i].content;
	return NULL;
}

struct weights {
	struct tr_context *ctx;
	char name[64][96];
	const char *names[64];
	struct tr_tensor *t[64];
	size_t n;
};

static void add(struct weights *w, int64_t rows, int64_t columns, const char *fmt, ...)
{
	int64_t shape[] = {rows, columns};
	float *values = malloc((size_t)(rows * (columns ? columns : 1)) * sizeof(*values));
	va_list args;

	va_start(args, fmt);
	vsnprintf(w->name[w->n], sizeof(w->name[0]), fmt, args);
	va_end(args);
	for (int64_t i = 0; values && i < rows * (columns ? columns : 1); i++)
		values[i] = (float)test_rand_normal() * 0.3f;
	w->names[w->n] = w->name[w->n];
	w->t[w->n++] = values ? tr_from_data(w->ctx, TR_F32, columns ? 2 : 1, shape, values) : NULL;
	free(values);
}

static void add_pair(struct weights *w, int64_t out, int64_t in, const char *name)
{
	add(w, out, in, "%s.weight", name);
	add(w, out, 0, "%s.bias", name);
}

/* Random weights; widened says how many more columns the position table gets, layers how many are written. */
static void write_weights(int widened, int layers)
{
	static const struct { const char *name; int64_t out, in; } parts[] = {
		{"attention.self.query", HIDDEN, HIDDEN},    {"attention.self.key", HIDDEN, HIDDEN},
		{"attention.self.value", HIDDEN, HIDDEN},    {"attention.output.dense", HIDDEN, HIDDEN},
		{"attention.output.LayerNorm", HIDDEN, 0},   {"intermediate.dense", INNER, HIDDEN},
		{"output.dense", HIDDEN, INNER},	     {"output.LayerNorm", HIDDEN, 0},
	};
	struct weights *w = calloc(1, sizeof(*w));
	char path[128], name[96];

	CU_ASSERT_PTR_NOT_NULL(w);
	if (!w)
		return;
	CU_ASSERT_EQUAL(tr_context_create(&w->ctx, NULL, NULL, 0), 0);
	add(w, VOCAB, HIDDEN, "embeddings.word_embeddings.weight");
	add(w, POSITIONS, HIDDEN + widened, "embeddings.position_embeddings.weight");
	add(w, 2, HIDDEN, "embeddings.token_type_embeddings.weight");
	add_pair(w, HIDDEN, 0, "embeddings.LayerNorm");
	for (int i = 0; i < layers; i++)
		for (size_t p = 0; p < sizeof(parts) / sizeof(*parts); p++) {
			snprintf(name, sizeof(name), "encoder.layer.%d.%s", i, parts[p].name);
			add_pair(w, parts[p].out, parts[p].in, name);
		}
	snprintf(path, sizeof(path), "%s/model.safetensors", folder);
	CU_ASSERT_EQUAL(tr_safetensors_write(path, w->names, w->t, w->n, NULL, NULL, 0), 0);
	tr_context_destroy(w->ctx);
	free(w);
}

static struct tr_context *open_context(void)
{
	struct tr_context *ctx = NULL;

	CU_ASSERT_EQUAL(tr_context_create(&ctx, NULL, NULL, 0), 0);
	return ctx;
}

static struct tr_encoder *open_encoder(struct tr_context *ctx)
{
	struct tr_encoder *enc = NULL;
	char why[256] = "";

	if (tr_encoder_load(&enc, ctx, folder, why, sizeof(why)))
		test_note("%s", why);
	CU_ASSERT_PTR_NOT_NULL_FATAL(enc);
	return enc;
}

static void expect_refused(const char *part)
{
	struct tr_context *ctx = open_context();
	struct tr_encoder *enc = (void *)&enc;
	char why[512] = "";
	int err = tr_encoder_load(&enc, ctx, folder, why, sizeof(why));

	test_note("wanted \"%s\", got %d \"%s\"", part, err, why);
	CU_ASSERT_TRUE(err == -TR_EFORMAT || err == -TR_EIO);
	CU_ASSERT_PTR_NULL(enc);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, part));
	CU_ASSERT_PTR_NOT_NULL(strstr(why, folder));
	if (!err)
		tr_encoder_destroy(enc);
	tr_context_destroy(ctx);
}

/* Each file in turn says something else than the rest. */
static void refuses_files_that_disagree(void)
{
	static const struct { const char *file, *from, *to, *part; } lies[] = {
		{"config.json", "\"hidden_size\": 24", "\"hidden_size\": 27", "word_embedding_dimension is 24 but config.json "
		 "has hidden_size 27"},
		{"config.json", "\"intermediate_size\": 40", "\"intermediate_size\": 41",
		 "tensor \"encoder.layer.0.intermediate.dense.weight\" has shape [40, 24] but config.json implies [41, 24]"},
		{"config.json", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3",
		 "no tensor \"encoder.layer.2.attention.self.query.weight\", which config.json implies"},
		{"config.json", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1",
		 "tensor \"encoder.layer.1.attention.self.query.weight\" is there but config.json says num_hidden_layers 1"},
		{"config.json", "\"num_attention_heads\": 3", "\"num_attention_heads\": 5",
		 "hidden_size 24 is not a multiple of num_attention_heads 5"},
		{"config.json", "\"vocab_size\": 14", "\"vocab_size\": 13",
		 "\"embeddings.word_embeddings.weight\" has shape [14, 24] but config.json implies [13, 24]"},
		{"config.json", "\"type_vocab_size\": 2", "\"type_vocab_size\": 0", "type_vocab_size is not a number from 1"},
		{"config.json", "\"hidden_act\": \"gelu\"", "\"hidden_act\": \"relu\"", "hidden_act is \"relu\""},
		{"config.json", "\"model_type\": \"bert\"", "\"model_type\": \"t5\"", "model_type is \"t5\""},
		{"config.json", "1e-12", "\"x\"", "layer_norm_eps is not a number"},
		{"config.json", "{\"model", "[\"model", "config.json: line 1"},
		{"sentence_bert_config.json", "12", "17", "max_seq_length is 17 but config.json has max_position_embeddings 16"},
		{"1_Pooling/config.json", "mean_tokens", "max_tokens", "pooling_mode_max_tokens is not supported"},
		{"1_Pooling/config.json", "true", "false", "0 pooling modes"},
		{"modules.json", "Pooling\"}", "Dense\"}", "module 1 is \"sentence_transformers.models.Dense\""},
		{"modules.json", "\"1_Pooling\"", "\"../x\"", "no folder of a Pooling module"},
		{"vocab.txt", "##b\n", "##b\nh\n", "the tokenizer has 15 tokens but config.json says vocab_size 14"},
	};

	write_weights(0, LAYERS);
	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		const char *good = content_of(lies[i].file), *at = strstr(good, lies[i].from);
		char bad[1024];

		CU_ASSERT_PTR_NOT_NULL_FATAL(at);
		snprintf(bad, sizeof(bad), "%.*s%s%s", (int)(at - good), good, lies[i].to, at + strlen(lies[i].from));
		write_file(lies[i].file, bad);
		expect_refused(lies[i].part);
		write_file(lies[i].file, good);
	}
	write_weights(1, LAYERS);
	expect_refused("\"embeddings.position_embeddings.weight\" has shape [16, 25] but config.json implies [16, 24]");
}

static void refuses_missing_files(void)
{
	static const char *const needed[] = {"modules.json", "config.json", "1_Pooling/config.json", "vocab.txt"};
	char path[128];

	write_weights(0, LAYERS);
	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, needed[i]);
		unlink(path);
		expect_refused(folder);
		write_file(needed[i], content_of(needed[i]));
	}
	snprintf(path, sizeof(path), "%s/model.safetensors", folder);
	unlink(path);
	expect_refused("model.safetensors: No such file");
}

/* Texts of every length up to the cut and beyond, in an order that mixes them. */
static const char *const texts[] = {
	"a b c", "", "d", "a b c d e f g a b c d e f g", "g f e d", "ab ba", "c c c c c c c c c c", "e f",
	"x y z", "a b c d e f g", "\xff", "d d", "b a", "f g a b c d e f g a", "c", "a a a a a a",
};
#define TEXTS (sizeof(texts) / sizeof(*texts))

static void expect_same(const float *a, const float *b, size_t i)
{
	test_note("text %zu", i);
	CU_ASSERT_EQUAL(memcmp(a, b, HIDDEN * sizeof(*a)), 0);
}

static void a_vector_does_not_depend_on_its_company(void)
{
	static float all[TEXTS * HIDDEN], alone[HIDDEN], many[64 * TEXTS * HIDDEN];
	const char *repeated[64 * TEXTS];
	struct tr_context *ctx;
	struct tr_encoder *enc;

	write_weights(0, LAYERS);
	ctx = open_context();
	enc = open_encoder(ctx);
	CU_ASSERT_EQUAL(tr_encoder_dim(enc), HIDDEN);
	CU_ASSERT_EQUAL(tr_encoder_max_tokens(enc), MAX_TOKENS);
	CU_ASSERT_EQUAL(tr_encoder_encode(enc, texts, NULL, TEXTS, all), 0);
	for (size_t i = 0; i < TEXTS; i++) {
		double norm = 0;

		for (size_t j = 0; j < HIDDEN; j++)
			norm += (double)all[i * HIDDEN + j] * (double)all[i * HIDDEN + j];
		CU_ASSERT_DOUBLE_EQUAL(norm, 1, 1e-5);
		CU_ASSERT_EQUAL(tr_encoder_encode(enc, &texts[i], NULL, 1, alone), 0);
		expect_same(alone, all + i * HIDDEN, i);
	}
	for (size_t i = 0; i < 64 * TEXTS; i++)
		repeated[i] = texts[i % TEXTS];
	CU_ASSERT_EQUAL(tr_encoder_encode(enc, repeated, NULL, 64 * TEXTS, many), 0);
	for (size_t i = 0; i < 64 * TEXTS; i++)
		expect_same(many + i * HIDDEN, all + i % TEXTS * HIDDEN, i);
	CU_ASSERT_EQUAL(tr_encoder_encode(enc, NULL, NULL, 0, NULL), 0);
	tr_encoder_destroy(enc);
	tr_context_destroy(ctx);
}

/* More shapes than plans are kept: old ones go, values stay. Encoding inside scopes leaves nothing behind. */
static void plans_come_and_go(void)
{
	static float first[TEXTS * HIDDEN], again[TEXTS * HIDDEN];
	struct tr_stats before, after;
	struct tr_context *ctx;
	struct tr_encoder *enc;

	write_weights(0, LAYERS);
	ctx = open_context();
	enc = open_encoder(ctx);
	tr_scope_begin(ctx);
	CU_ASSERT_EQUAL(tr_encoder_encode(enc, texts, NULL, TEXTS, first), 0);
	tr_scope_end(ctx);
	for (size_t round = 0; round < 2; round++)
		for (size_t n = 1; n <= TEXTS; n++)
			for (size_t i = 0; i + n <= TEXTS; i++) {
				CU_ASSERT_EQUAL(tr_encoder_encode(enc, texts + i, NULL, n, again), 0);
				expect_same(again, first + i * HIDDEN, i);
				expect_same(again + (n - 1) * HIDDEN, first + (i + n - 1) * HIDDEN, i + n - 1);
			}
	CU_ASSERT_EQUAL(tr_encoder_encode(enc, texts, NULL, TEXTS, again), 0);
	tr_stats(ctx, &before);
	CU_ASSERT_EQUAL(tr_encoder_encode(enc, texts, NULL, TEXTS, again), 0);
	tr_stats(ctx, &after);
	CU_ASSERT_EQUAL(after.allocs, before.allocs);
	CU_ASSERT_TRUE(after.dispatched > before.dispatched);
	tr_encoder_destroy(enc);
	tr_context_destroy(ctx);
}

static void counts_tokens_and_takes_lengths(void)
{
	static const char with_nul[] = "a\0b c";
	const char *text = with_nul, *plain = "ab c";
	size_t len = sizeof(with_nul) - 1;
	float x[HIDDEN], y[HIDDEN];
	struct tr_context *ctx;
	struct tr_encoder *enc;

	write_weights(0, LAYERS);
	ctx = open_context();
	enc = open_encoder(ctx);
	CU_ASSERT_EQUAL(tr_encoder_tokens(enc, "", 0), 2);
	CU_ASSERT_EQUAL(tr_encoder_tokens(enc, "a b", 3), 4);
	CU_ASSERT_EQUAL(tr_encoder_tokens(enc, texts[3], strlen(texts[3])), MAX_TOKENS);
	CU_ASSERT_EQUAL(tr_encoder_encode(enc, &text, &len, 1, x), 0);
	CU_ASSERT_EQUAL(tr_encoder_encode(enc, &plain, NULL, 1, y), 0);
	expect_same(x, y, 0); /* BERT's cleaning drops NUL */
	tr_encoder_destroy(enc);
	tr_context_destroy(ctx);
}

/* Memory that runs out at any point of loading or encoding is an error, and nothing leaks. */
static void survives_any_failing_allocation(void)
{
	float x[HIDDEN];

	write_weights(0, LAYERS);
	for (size_t n = 1; n < 100000; n += n < 200 ? 1 : n / 50) {
		struct test_heap heap = {.fail_at = n};
		struct tr_context_params params = {.allocator = test_heap_allocator(&heap), .threads = 1};
		struct tr_context *ctx = NULL;
		struct tr_encoder *enc = NULL;
		int err = tr_context_create(&ctx, &params, NULL, 0);

		if (!err)
			err = tr_encoder_load(&enc, ctx, folder, NULL, 0);
		if (!err)
			err = tr_encoder_encode(enc, texts, NULL, 1, x);
		tr_encoder_destroy(enc);
		tr_context_destroy(ctx);
		test_note("allocation %zu: %d", n, err);
		CU_ASSERT_EQUAL(heap.live, 0);
		CU_ASSERT_TRUE(!err || err == -TR_ENOMEM);
		if (!err && heap.calls < n)
			return;
	}
	CU_FAIL("no run was without a failure");
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(refuses_files_that_disagree),
		TEST(refuses_missing_files),
		TEST(a_vector_does_not_depend_on_its_company),
		TEST(plans_come_and_go),
		TEST(counts_tokens_and_takes_lengths),
		TEST(survives_any_failing_allocation),
	};
	char path[128];
	int status;

	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/1_Pooling", folder);
	if (mkdir(path, 0700))
		return 1;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (!put_file(files[i].name, files[i].content))
			return 1;
	status = TEST_RUN("encoder", cases);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i].name);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/model.safetensors", folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/1_Pooling", folder);
	rmdir(path);
	rmdir(folder);
	return status;
}
