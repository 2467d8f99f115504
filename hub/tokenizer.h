/* SPDX-License-Identifier: MIT */
/* The inside of a tokenizer, shared by those who read one from files and those who encode with it. */
#ifndef TR_HUB_TOKENIZER_H
#define TR_HUB_TOKENIZER_H

#include <trueno/tokenizer.h>

#include "hub/bert_normalizer.h"
#include "hub/wordpiece.h"

#define TR__ADDED_MAX 1024 /* tokens recognised in raw text */

struct tr_tokenizer {
	struct tr__vocab vocab;
	struct tr__bert_rules rules;
	uint32_t max_word_chars; /* longer words are unknown; 1 … TR__WORD_CHARS_MAX */
	int32_t pad, cls, sep, unk;
	int32_t *added; /* ids of the tokens recognised in raw text, the longest token first */
	uint32_t added_count;

	/*
	 * What to do at a byte of raw text, worked out at load from the rules. plain: the byte that a word takes
	 * on for it, or 0 if there is more to it than that.
	 */
	uint8_t plain[256];
	uint8_t action[128];   /* enum tr__action of an ASCII character */
	uint8_t lower[128];    /* and what the rules make of it, for TR__ACT_WORD */
	int32_t alone[128];    /* and its id, for TR__ACT_ALONE */
	bool added_first[256]; /* an added token begins with this byte */
};

enum tr__action { TR__ACT_DROP, TR__ACT_SPACE, TR__ACT_WORD, TR__ACT_ALONE };

/* Where the one line of reason goes. buf may be NULL. */
struct tr__report {
	char *buf;
	size_t len;
};

/* Writes the line, control characters as '?', and returns code. */
int tr__report(const struct tr__report *r, int code, const char *fmt, ...) TR_PRINTF(3, 4);

/*
 * Fills vocab, rules, max_word_chars, special ids and added tokens from a folder. On failure the half-filled
 * tokenizer is to be destroyed.
 */
int tr__tokenizer_read(struct tr_tokenizer *tok, const char *dir, const struct tr__report *r);

/* One file's content; path is for messages. */
struct tr__source {
	const char *path;
	char *text;
	size_t len;
	const struct tr__report *report;
};

/* tokenizer.json: fills everything. */
int tr__tokenizer_parse_json(struct tr_tokenizer *tok, const struct tr__source *src);

/*
 * tokenizer_config.json: fills everything but the vocabulary, which must be there with room for TR__ADDED_MAX
 * tokens of the file's length more. 1 if the file is of a class whose tokenizer is not known to be BERT's.
 */
int tr__tokenizer_parse_config(struct tr_tokenizer *tok, const struct tr__source *src);

#endif
