/* SPDX-License-Identifier: MIT */
/*
 * Sentence embeddings from the outside: load a folder, turn texts into vectors. Texts become tokens, are sorted by
 * length and cut into batches of little padding; encoder_plan.c runs each.
 */
#include "hub/encoder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <trueno/tokenizer.h>

/* One text's tokens within the scratch. */
struct tr__encoder_text {
	size_t index; /* which text */
	size_t begin;
	int32_t count;
};

static int load(struct tr_encoder *enc, const struct tr__encoder_report *r)
{
	int err = tr__encoder_read_config(&enc->config, r);

	if (!err)
		err = tr__encoder_load_weights(enc, r);
	if (!err)
		err = tr_tokenizer_load(&enc->tokenizer, r->folder, r->buf, r->len);
	if (err)
		return err;
	if (tr_tokenizer_size(enc->tokenizer) > (size_t)enc->config.vocab)
		return tr__encoder_fail(r, TR_EFORMAT, NULL, "the tokenizer has %zu tokens but config.json says vocab_size "
					"%lld", tr_tokenizer_size(enc->tokenizer), (long long)enc->config.vocab);
	err = tr__encoder_create_io(enc);
	return err ? tr__encoder_fail(r, -err, NULL, "no memory for its buffers") : 0;
}

int tr_encoder_load(struct tr_encoder **out, struct tr_context *ctx, const char *folder, char *errbuf, size_t errlen)
{
	const struct tr__encoder_report r = {.folder = folder, .buf = errbuf, .len = errlen};
	struct tr_encoder *enc;
	int err;

	*out = NULL;
	enc = calloc(1, sizeof(*enc));
	if (!enc)
		return tr__encoder_fail(&r, TR_ENOMEM, NULL, "no memory to load it");
	enc->ctx = ctx;
	err = load(enc, &r);
	if (err) {
		tr_encoder_destroy(enc);
		return err;
	}
	*out = enc;
	return 0;
}

void tr_encoder_destroy(struct tr_encoder *enc)
{
	if (!enc)
		return;
	tr__encoder_free_plans(enc);
	tr__encoder_free_weights(enc);
	tr_tokenizer_destroy(enc->tokenizer);
	free(enc->ids);
	free(enc->text);
	free(enc);
}

int64_t tr_encoder_dim(const struct tr_encoder *enc)
{
	return enc->config.hidden;
}

int64_t tr_encoder_max_tokens(const struct tr_encoder *enc)
{
	return enc->config.max_tokens;
}

/* Makes room for need elements of size bytes, keeping what is there; doubles, so that growing stays rare. */
static int reserve(void **p, size_t *cap, size_t need, size_t size)
{
	size_t want = *cap, bytes;
	void *grown;

	if (need <= *cap)
		return 0;
	while (want < need)
		want = want ? (want > SIZE_MAX / 2 ? need : want * 2) : 256;
	if (__builtin_mul_overflow(want, size, &bytes))
		return -TR_ENOMEM;
	grown = realloc(*p, bytes);
	if (!grown)
		return -TR_ENOMEM;
	*p = grown;
	*cap = want;
	return 0;
}

static int reserve_ids(struct tr_encoder *enc, size_t need)
{
	void *p = enc->ids;
	int err = reserve(&p, &enc->ids_cap, need, sizeof(*enc->ids));

	enc->ids = p;
	return err;
}

static int reserve_texts(struct tr_encoder *enc, size_t need)
{
	void *p = enc->text;
	int err = reserve(&p, &enc->text_cap, need, sizeof(*enc->text));

	enc->text = p;
	return err;
}

int64_t tr_encoder_tokens(struct tr_encoder *enc, const char *text, size_t len)
{
	size_t max = (size_t)enc->config.max_tokens;
	int err = reserve_ids(enc, max);

	return err ? err : tr_tokenizer_encode(enc->tokenizer, text, len, enc->ids, max, max);
}

static int tokenize(struct tr_encoder *enc, const char *const *texts, const size_t *lens, size_t n)
{
	size_t max = (size_t)enc->config.max_tokens, used = 0;
	int err = reserve_texts(enc, n);

	for (size_t i = 0; !err && i < n; i++) {
		int64_t count;

		err = reserve_ids(enc, used + max);
		if (err)
			break;
		count = tr_tokenizer_encode(enc->tokenizer, texts[i], lens ? lens[i] : strlen(texts[i]), enc->ids + used,
					    max, max);
		if (count < 0)
			return (int)count;
		enc->text[i] = (struct tr__encoder_text){.index = i, .begin = used, .count = (int32_t)count};
		used += (size_t)count;
	}
	return err;
}

/* Longest first: the first of a batch then gives its length. */
static int by_count(const void *a, const void *b)
{
	const struct tr__encoder_text *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* Fills the inputs with n texts padded to length. What pads is masked: its own values are finite and meet a
 * weight of 0 everywhere. */
static int feed(const struct tr_encoder *enc, const struct tr__encoder_text *text, size_t n, size_t length)
{
	int32_t *ids = tr_data(enc->io.ids);
	float *mask = tr_data(enc->io.mask), *pool = tr_data(enc->io.pool);

	if (!ids || !mask || !pool)
		return tr_error(enc->ctx);
	for (size_t i = 0; i < n; i++) {
		size_t count = (size_t)text[i].count;

		memcpy(ids, enc->ids + text[i].begin, count * sizeof(*ids));
		memset(ids + count, 0, (length - count) * sizeof(*ids));
		for (size_t j = 0; j < length; j++) {
			mask[j] = j < count ? 0 : -INFINITY;
			pool[j] = j < count ? 1 / (float)count : 0;
		}
		ids += length;
		mask += length;
		pool += length;
	}
	return 0;
}

static int run_batch(struct tr_encoder *enc, const struct tr__encoder_text *text, size_t n, float *out)
{
	size_t dim = (size_t)enc->config.hidden, length = (size_t)text[0].count;
	const float *from;
	int err;

	err = feed(enc, text, n, length);
	if (!err)
		err = tr__encoder_forward(enc, (int64_t)n, (int64_t)length, text[n - 1].count != text[0].count);
	if (err)
		return err;
	from = tr_data_const(enc->io.out);
	if (!from)
		return tr_error(enc->ctx);
	for (size_t i = 0; i < n; i++)
		memcpy(out + text[i].index * dim, from + i * dim, dim * sizeof(*out));
	return 0;
}

int tr_encoder_encode(struct tr_encoder *enc, const char *const *texts, const size_t *lens, size_t n, float *out)
{
	size_t budget = (size_t)enc->io.tokens, first, batch;
	int err = tr_error(enc->ctx);

	if (!err)
		err = tokenize(enc, texts, lens, n);
	if (!err && n)
		qsort(enc->text, n, sizeof(*enc->text), by_count);
	for (first = 0; !err && first < n; first += batch) {
		size_t most = budget / (size_t)enc->text[first].count;

		batch = n - first < most ? n - first : most;
		err = run_batch(enc, enc->text + first, batch, out);
	}
	return err;
}
