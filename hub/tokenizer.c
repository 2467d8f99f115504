/* SPDX-License-Identifier: MIT */
/*
 * A tokenizer's life and its encoding: one pass over the text that gathers a word and spells it when it ends.
 * Knows the rules of BERT through bert_normalizer.h only, and nothing of files.
 */
#include "hub/tokenizer.h"

#include <stdlib.h>
#include <string.h>

#include "hub/utf8.h"

/* One call of encode. word[0 … word_len) is what the current word has become so far. */
struct scan {
	const struct tr_tokenizer *tok;
	int32_t *ids;
	size_t cap;   /* ids written at most */
	size_t limit; /* ids counted at most */
	size_t count;
	uint32_t word_len;
	uint32_t word_chars; /* above max_word_chars: too long, and word is not kept any more */
	uint8_t word[TR__WORD_BYTES_MAX];
};

static inline void put_id(struct scan *s, int32_t id)
{
	if (s->count == s->limit)
		return;
	if (s->count < s->cap)
		s->ids[s->count] = id;
	s->count++;
}

static void end_word(struct scan *s)
{
	int32_t pieces[TR__WORD_CHARS_MAX];
	size_t n = 0;

	if (!s->word_chars)
		return;
	if (s->word_chars <= s->tok->max_word_chars)
		n = tr__wordpiece(&s->tok->vocab, s->word, s->word_len, pieces);
	if (!n)
		put_id(s, s->tok->unk);
	for (size_t i = 0; i < n; i++)
		put_id(s, pieces[i]);
	s->word_len = 0;
	s->word_chars = 0;
}

static void put_char(struct scan *s, uint32_t c)
{
	if (s->word_chars < s->tok->max_word_chars) {
		s->word_len += (uint32_t)tr__utf8_encode(c, s->word + s->word_len);
		s->word_chars++;
	} else {
		s->word_chars = s->tok->max_word_chars + 1;
	}
}

/* Takes the ASCII letters and digits that lie at p into the word; returns where they end. */
static inline const uint8_t *put_plain(struct scan *s, const uint8_t *p, const uint8_t *end)
{
	const uint8_t *plain = s->tok->plain;
	uint32_t most = s->tok->max_word_chars;
	size_t room = most - (s->word_chars < most ? s->word_chars : most);
	const uint8_t *stop = (size_t)(end - p) > room ? p + room : end;
	uint8_t *w = s->word + s->word_len;
	const uint8_t *q = p;

	while (q < stop && plain[*q])
		*w++ = plain[*q++];
	s->word_len += (uint32_t)(q - p);
	s->word_chars += (uint32_t)(q - p);
	if (q < end && plain[*q]) {
		s->word_chars = most + 1;
		do
			q++;
		while (q < end && plain[*q]);
	}
	return q;
}

/* An ASCII character that is more than a letter. */
static void put_ascii(struct scan *s, uint8_t c)
{
	switch ((enum tr__action)s->tok->action[c]) {
	case TR__ACT_DROP:
		break;
	case TR__ACT_SPACE:
		end_word(s);
		break;
	case TR__ACT_WORD:
		put_char(s, s->tok->lower[c]);
		break;
	case TR__ACT_ALONE:
		end_word(s);
		put_id(s, s->tok->alone[c]);
		break;
	}
}

static void put_wide(struct scan *s, uint32_t c)
{
	struct tr__bert_char chars[TR__DECOMPOSED_MAX];
	size_t n = tr__bert_normalize(&s->tok->rules, c == TR__UTF8_ILL ? TR__UTF8_REPLACEMENT : c, chars);

	for (size_t i = 0; i < n; i++) {
		if (chars[i].kind != TR__BERT_WORD)
			end_word(s);
		if (chars[i].kind != TR__BERT_SPACE)
			put_char(s, chars[i].c);
		if (chars[i].kind == TR__BERT_ALONE)
			end_word(s);
	}
}

/* Bytes of the added token that lies at p, 0 if there is none. Of several the longest wins. */
static size_t match_added(const struct tr_tokenizer *tok, const uint8_t *p, const uint8_t *end, int32_t *id)
{
	for (uint32_t i = 0; i < tok->added_count; i++) {
		size_t len;
		const char *token = tr__vocab_token(&tok->vocab, (uint32_t)tok->added[i], &len);

		if (len <= (size_t)(end - p) && !memcmp(p, token, len)) {
			*id = tok->added[i];
			return len;
		}
	}
	return 0;
}

static void scan_text(struct scan *s, const uint8_t *p, const uint8_t *end)
{
	while (p < end && s->count < s->limit) {
		uint32_t c;
		int32_t id;
		size_t n;

		p = put_plain(s, p, end);
		if (p == end)
			break;
		if (s->tok->added_first[*p] && (n = match_added(s->tok, p, end, &id))) {
			end_word(s);
			put_id(s, id);
			p += n;
		} else if (*p < 0x80) {
			put_ascii(s, *p++);
		} else {
			p += tr__utf8_decode(p, end, &c);
			put_wide(s, c);
		}
	}
	end_word(s);
}

int64_t tr_tokenizer_encode(const struct tr_tokenizer *tok, const char *text, size_t len, int32_t *ids, size_t cap,
			    size_t max_length)
{
	const uint8_t *p = (const uint8_t *)text;
	struct scan s;

	if (!tok || (!text && len) || (!ids && cap) || max_length == 1)
		return -TR_EINVAL;
	if (max_length == 0)
		max_length = SIZE_MAX;
	s.tok = tok;
	s.ids = ids;
	s.cap = cap;
	s.count = 0;
	s.word_len = 0;
	s.word_chars = 0;
	s.limit = max_length - 1; /* room for [SEP] */
	put_id(&s, tok->cls);
	if (len)
		scan_text(&s, p, p + len);
	s.limit = max_length;
	put_id(&s, tok->sep);
	return (int64_t)s.count;
}

/* Tabulates the rules for ASCII, and for bytes that may begin an added token. */
static void tabulate(struct tr_tokenizer *tok)
{
	for (uint32_t i = 0; i < tok->added_count; i++)
		tok->added_first[(uint8_t)tok->vocab.bytes[tok->vocab.start[tok->added[i]]]] = true;
	for (uint32_t c = 0; c < 128; c++) {
		struct tr__bert_char out[TR__DECOMPOSED_MAX];
		size_t n = tr__bert_normalize(&tok->rules, c, out); /* ASCII stays single */
		uint8_t byte = n ? (uint8_t)out[0].c : 0;

		if (!n) {
			tok->action[c] = TR__ACT_DROP;
		} else if (out[0].kind == TR__BERT_SPACE) {
			tok->action[c] = TR__ACT_SPACE;
		} else if (out[0].kind == TR__BERT_WORD) {
			tok->action[c] = TR__ACT_WORD;
			tok->lower[c] = byte;
			tok->plain[c] = tok->added_first[c] ? 0 : byte;
		} else {
			int32_t id;

			tok->action[c] = TR__ACT_ALONE;
			tok->alone[c] = tr__wordpiece(&tok->vocab, &byte, 1, &id) ? id : tok->unk;
		}
	}
}

int tr_tokenizer_load(struct tr_tokenizer **out, const char *dir, char *errbuf, size_t errlen)
{
	const struct tr__report r = {errbuf, errlen};
	struct tr_tokenizer *tok;
	int ret;

	if (errbuf && errlen)
		errbuf[0] = '\0';
	if (!out)
		return tr__report(&r, -TR_EINVAL, "tokenizer: out is NULL");
	*out = NULL;
	if (!dir)
		return tr__report(&r, -TR_EINVAL, "tokenizer: dir is NULL");
	tok = calloc(1, sizeof(*tok));
	if (!tok)
		return tr__report(&r, -TR_ENOMEM, "%s: out of memory", dir);
	ret = tr__tokenizer_read(tok, dir, &r);
	if (ret) {
		tr_tokenizer_destroy(tok);
		return ret;
	}
	tabulate(tok);
	*out = tok;
	return 0;
}

void tr_tokenizer_destroy(struct tr_tokenizer *tok)
{
	if (!tok)
		return;
	tr__vocab_finish(&tok->vocab);
	free(tok->added);
	free(tok);
}

int32_t tr_tokenizer_id(const struct tr_tokenizer *tok, const char *token)
{
	return tr__vocab_find(&tok->vocab, token, strlen(token));
}

const char *tr_tokenizer_token(const struct tr_tokenizer *tok, int32_t id, size_t *len)
{
	size_t n;

	if (id < 0 || (uint32_t)id >= tok->vocab.count)
		return NULL;
	return tr__vocab_token(&tok->vocab, (uint32_t)id, len ? len : &n);
}

size_t tr_tokenizer_size(const struct tr_tokenizer *tok)
{
	return tok->vocab.count;
}

int32_t tr_tokenizer_pad_id(const struct tr_tokenizer *tok)
{
	return tok->pad;
}

int32_t tr_tokenizer_cls_id(const struct tr_tokenizer *tok)
{
	return tok->cls;
}

int32_t tr_tokenizer_sep_id(const struct tr_tokenizer *tok)
{
	return tok->sep;
}

int32_t tr_tokenizer_unk_id(const struct tr_tokenizer *tok)
{
	return tok->unk;
}
