/* SPDX-License-Identifier: MIT */
/* What the tokenizer has to know of a code point. Code points are 0 … 0x10ffff, no surrogates. */
#ifndef TR_HUB_UNICODE_H
#define TR_HUB_UNICODE_H

#include <stddef.h>
#include <stdint.h>

enum tr__category {
	TR__OTHER,   /* letters, digits, symbols, spacing marks, unassigned: what words are made of */
	TR__SPACE,   /* property White_Space, unless it is a control */
	TR__CONTROL, /* Cc, Cf, Co, whitespace among them included */
	TR__MARK,    /* Mn */
	TR__PUNCT    /* P* and ASCII's symbols */
};

enum tr__category tr__unicode_category(uint32_t c);

/* Property White_Space, controls included. */
int tr__unicode_is_space(uint32_t c);

/* The simple lowercase mapping, c itself without one. U+0130, whose full mapping is two code points, stays. */
uint32_t tr__unicode_lower(uint32_t c);

#define TR__DECOMPOSED_MAX 8 /* Unicode's longest canonical decomposition has 4 */

/* Full canonical decomposition, unordered. Returns the number of code points, 1 … TR__DECOMPOSED_MAX. */
size_t tr__unicode_decompose(uint32_t c, uint32_t out[TR__DECOMPOSED_MAX]);

#endif
