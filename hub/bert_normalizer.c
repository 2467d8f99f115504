/* SPDX-License-Identifier: MIT */
/*
 * BertNormalizer and BertPreTokenizer of the reference, per code point. The reference makes whole passes over
 * the text (clean, space out Chinese, decompose, drop marks, lowercase, split); every pass looks at one code
 * point only, so they compose into this one function.
 */
#include "hub/bert_normalizer.h"

#include "hub/utf8.h"

/* The reference's blocks. 2b820-2b91f, a slip of its authors, is not among them. */
static bool is_chinese(uint32_t c)
{
	return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3400 && c <= 0x4dbf) || (c >= 0x20000 && c <= 0x2a6df) ||
	       (c >= 0x2a700 && c <= 0x2b81f) || (c >= 0x2b920 && c <= 0x2ceaf) || (c >= 0xf900 && c <= 0xfaff) ||
	       (c >= 0x2f800 && c <= 0x2fa1f);
}

static enum tr__bert_kind kind_of(uint32_t c)
{
	if (tr__unicode_is_space(c))
		return TR__BERT_SPACE;
	return tr__unicode_category(c) == TR__PUNCT ? TR__BERT_ALONE : TR__BERT_WORD;
}

/* Cleaning drops controls before it looks for whitespace, so that U+000B or U+0085 join what they stand between. */
static bool is_unclean(uint32_t c)
{
	if (c == '\t' || c == '\n' || c == '\r')
		return false;
	return c == 0 || c == TR__UTF8_REPLACEMENT || tr__unicode_category(c) == TR__CONTROL;
}

size_t tr__bert_normalize(const struct tr__bert_rules *rules, uint32_t c,
			  struct tr__bert_char out[TR__DECOMPOSED_MAX])
{
	bool alone = rules->chinese_chars && is_chinese(c);
	uint32_t parts[TR__DECOMPOSED_MAX];
	size_t count = 1, kept = 0;

	if (rules->clean_text && is_unclean(c))
		return 0;
	parts[0] = c;
	if (rules->strip_accents)
		count = tr__unicode_decompose(c, parts);
	else if (rules->lowercase && c == 0x130) { /* the one letter whose lowercase is two code points */
		parts[0] = 'i';
		parts[1] = 0x307;
		count = 2;
	}
	for (size_t i = 0; i < count; i++) {
		uint32_t d = parts[i];

		if (rules->strip_accents && tr__unicode_category(d) == TR__MARK)
			continue;
		if (rules->lowercase)
			d = tr__unicode_lower(d);
		out[kept].c = d;
		out[kept].kind = alone ? TR__BERT_ALONE : kind_of(d);
		kept++;
	}
	return kept;
}
