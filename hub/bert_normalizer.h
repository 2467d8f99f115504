/* SPDX-License-Identifier: MIT */
/*
 * BERT's rules for one code point: what is dropped, what separates words, what stands alone, and what is left
 * of an accented or capital letter. Knows nothing of words, ids or vocabularies.
 */
#ifndef TR_HUB_BERT_NORMALIZER_H
#define TR_HUB_BERT_NORMALIZER_H

#include <stdbool.h>

#include "hub/unicode.h"

/* The fields of tokenizer.json's "BertNormalizer", with strip_accents resolved: null means as lowercase. */
struct tr__bert_rules {
	bool clean_text;
	bool chinese_chars;
	bool strip_accents;
	bool lowercase;
};

enum tr__bert_kind {
	TR__BERT_WORD,  /* goes on with the word before it */
	TR__BERT_SPACE, /* ends a word and is no token */
	TR__BERT_ALONE  /* a word of its own: punctuation, Chinese characters */
};

struct tr__bert_char {
	uint32_t c;
	enum tr__bert_kind kind;
};

/* What c becomes, in order; returns how many, 0 for a character that vanishes without separating anything. */
size_t tr__bert_normalize(const struct tr__bert_rules *rules, uint32_t c,
			  struct tr__bert_char out[TR__DECOMPOSED_MAX]);

#endif
