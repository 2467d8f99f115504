/* SPDX-License-Identifier: MIT */
/*
 * A vocabulary, and the WordPiece algorithm over it: a word becomes the longest token it starts with, then the
 * longest "##" token that goes on, and so forth. Knows nothing of files, text or special tokens.
 */
#ifndef TR_HUB_WORDPIECE_H
#define TR_HUB_WORDPIECE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hub/utf8.h"

#define TR__VOCAB_MAX (1u << 24)   /* tokens */
#define TR__WORD_CHARS_MAX 256     /* code points of a word, the largest max_input_chars_per_word taken */
#define TR__WORD_BYTES_MAX (TR__WORD_CHARS_MAX * TR__UTF8_MAX)

struct tr__vocab_slot;

/* Constant after the last add; then safe from any number of threads. Zero-initialised is empty. */
struct tr__vocab {
	char *bytes;     /* the tokens in order of their ids, each followed by NUL */
	uint32_t *start; /* id → offset into bytes; start[count] is the end */
	struct tr__vocab_slot *slots;
	uint32_t slot_mask;
	uint32_t count;
	uint32_t pieces;     /* ids below it are WordPiece's; those above are found by name only */
	uint32_t longest[2]; /* bytes of the longest token that starts a word; that continues one, without "##" */
};

/* Makes room for at most tokens tokens of bytes bytes together; more must not be added. 0, -TR_ENOMEM, or
 * -TR_EOVERFLOW above TR__VOCAB_MAX tokens or 4 GiB. */
int tr__vocab_init(struct tr__vocab *v, size_t tokens, size_t bytes);
void tr__vocab_finish(struct tr__vocab *v);

/* Gives the token the next id and returns it; a token that is there already keeps its id, which is returned. */
uint32_t tr__vocab_add(struct tr__vocab *v, const char *token, size_t len, bool piece);

/* Id of exactly this token, or -1. */
int32_t tr__vocab_find(const struct tr__vocab *v, const char *token, size_t len);

static inline const char *tr__vocab_token(const struct tr__vocab *v, uint32_t id, size_t *len)
{
	*len = v->start[id + 1] - v->start[id] - 1;
	return v->bytes + v->start[id];
}

/*
 * Splits a word of 1 … TR__WORD_BYTES_MAX bytes of well-formed UTF-8 into pieces, room for TR__WORD_CHARS_MAX
 * of them. Returns their number, 0 if the vocabulary cannot spell the word.
 */
size_t tr__wordpiece(const struct tr__vocab *v, const uint8_t *word, size_t len, int32_t *pieces);

#endif
