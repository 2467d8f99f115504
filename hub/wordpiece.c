/* SPDX-License-Identifier: MIT */
/*
 * The vocabulary is one block of bytes and one open-addressed table of hashes, at most half full. The hash of a
 * prefix is a step on the way to the hash of the word, so that one pass over a word yields the keys of all its
 * prefixes, and the longest match is found by asking from the long end: for most words the first question is the
 * last. Tokens that begin with "##" share the table; their hash starts where "##" leaves it.
 */
#include "hub/wordpiece.h"

#include <stdlib.h>
#include <string.h>

#include <trueno/types.h>

#define PREFIX_LEN 2 /* of "##" */
#define EMPTY UINT32_MAX

struct tr__vocab_slot {
	uint32_t tag; /* upper half of the token's hash */
	uint32_t id;
};

/* Multiplicative hashing, Knuth vol. 3, 6.4: the multiplier is 2^64 over the golden ratio. */
static inline uint64_t hash_step(uint64_t h, uint8_t byte)
{
	return (h + byte + 1) * 0x9e3779b97f4a7c15u;
}

static uint64_t hash_bytes(const char *s, size_t len)
{
	uint64_t h = 0;

	for (size_t i = 0; i < len; i++)
		h = hash_step(h, (uint8_t)s[i]);
	return h;
}

static inline uint32_t hash_tag(uint64_t h)
{
	return (uint32_t)(h >> 32);
}

int tr__vocab_init(struct tr__vocab *v, size_t tokens, size_t bytes)
{
	uint32_t slots = 16;

	*v = (struct tr__vocab){0};
	if (tokens > TR__VOCAB_MAX || bytes > UINT32_MAX - tokens)
		return -TR_EOVERFLOW;
	while (slots < 2 * tokens)
		slots *= 2;
	v->bytes = malloc(bytes + tokens + 1);
	v->start = malloc((tokens + 1) * sizeof(*v->start));
	v->slots = malloc(slots * sizeof(*v->slots));
	if (!v->bytes || !v->start || !v->slots) {
		tr__vocab_finish(v);
		return -TR_ENOMEM;
	}
	for (uint32_t i = 0; i < slots; i++)
		v->slots[i].id = EMPTY;
	v->start[0] = 0;
	v->slot_mask = slots - 1;
	return 0;
}

void tr__vocab_finish(struct tr__vocab *v)
{
	free(v->bytes);
	free(v->start);
	free(v->slots);
	*v = (struct tr__vocab){0};
}

/* The slot that holds the token whose first skip bytes are "##" and whose others are s, or the free slot it would
 * go to. */
static inline struct tr__vocab_slot *probe(const struct tr__vocab *v, uint64_t h, size_t skip, const char *s,
					   size_t len)
{
	uint32_t tag = hash_tag(h);

	/* The middle bits choose the slot: the low ones of a product are weak, the high ones are the tag. */
	for (uint32_t i = (uint32_t)(h >> 24) & v->slot_mask;; i = (i + 1) & v->slot_mask) {
		struct tr__vocab_slot *slot = &v->slots[i];
		const char *token;
		size_t n;

		if (slot->id == EMPTY)
			return slot;
		if (slot->tag != tag)
			continue;
		token = tr__vocab_token(v, slot->id, &n);
		if (n == skip + len && !memcmp(token, "##", skip) && !memcmp(token + skip, s, len))
			return slot;
	}
}

uint32_t tr__vocab_add(struct tr__vocab *v, const char *token, size_t len, bool piece)
{
	uint64_t h = hash_bytes(token, len);
	struct tr__vocab_slot *slot = probe(v, h, 0, token, len);
	uint32_t at = v->start[v->count];
	bool goes_on = len >= PREFIX_LEN && !memcmp(token, "##", PREFIX_LEN);
	uint32_t span = (uint32_t)len - (goes_on ? PREFIX_LEN : 0);

	if (slot->id != EMPTY)
		return slot->id;
	memcpy(v->bytes + at, token, len);
	v->bytes[at + len] = '\0';
	slot->tag = hash_tag(h);
	slot->id = v->count;
	v->start[++v->count] = at + (uint32_t)len + 1;
	if (piece) {
		v->pieces = v->count;
		if (span > v->longest[goes_on])
			v->longest[goes_on] = span;
	}
	return slot->id;
}

int32_t tr__vocab_find(const struct tr__vocab *v, const char *token, size_t len)
{
	uint32_t id = probe(v, hash_bytes(token, len), 0, token, len)->id;

	return id == EMPTY ? -1 : (int32_t)id;
}

size_t tr__wordpiece(const struct tr__vocab *v, const uint8_t *word, size_t len, int32_t *pieces)
{
	const uint64_t go_on = hash_step(hash_step(0, '#'), '#');
	uint64_t keys[TR__WORD_BYTES_MAX];
	size_t at = 0, count = 0;

	while (at < len) {
		size_t skip = at ? PREFIX_LEN : 0;
		size_t n = len - at;
		uint64_t h = at ? go_on : 0;
		uint32_t id = EMPTY;

		if (n > v->longest[at > 0])
			n = v->longest[at > 0];
		for (size_t i = 0; i < n; i++)
			keys[i] = h = hash_step(h, word[at + i]);
		/* A token is well-formed UTF-8, so that it can only match up to the end of a code point. */
		for (; n; n--) {
			id = probe(v, keys[n - 1], skip, (const char *)word + at, n)->id;
			if (id < v->pieces)
				break;
		}
		if (!n)
			return 0;
		pieces[count++] = (int32_t)id;
		at += n;
	}
	return count;
}
