/* SPDX-License-Identifier: MIT */
/*
 * libutf8proc's tables, bent to those of the reference (`tokenizers` 0.23). Knows nothing of text.
 *
 * The reference mixes editions of Unicode: categories are of 8.0, decompositions of 9.0, lowercase and
 * White_Space of 17.0. Debian 12's libutf8proc 2.8.0 is 15.0. A letter of one edition more or less changes
 * nothing, but a mark that is dropped, punctuation that splits a word, and a letter that gains a lowercase
 * do; those are listed here, found by comparing every code point. A later libutf8proc may need more rows:
 * tests/python/test_tokenizer.py finds them.
 *
 * Two differences stay, because they could only be seen with a vocabulary that has the characters in question:
 * U+11938 (decomposes since Unicode 13), and the canonical order of the marks that survive the
 * removal of accents (U+302E, U+1D165 and the like: spacing, yet with a combining class).
 */
#include "hub/unicode.h"

#include <utf8proc.h>

struct range {
	uint32_t first, last;
};

/* What became a mark, punctuation or a format control after Unicode 8.0: plain characters for the reference. */
static const struct range newer[] = {
	{0x061d, 0x061d}, {0x07fd, 0x07fd}, {0x0890, 0x0891}, {0x0898, 0x089f}, {0x08ca, 0x08e2},
	{0x09fd, 0x09fe}, {0x0a76, 0x0a76}, {0x0afa, 0x0aff}, {0x0b55, 0x0b55}, {0x0c04, 0x0c04},
	{0x0c3c, 0x0c3c}, {0x0c77, 0x0c77}, {0x0c84, 0x0c84}, {0x0d00, 0x0d00}, {0x0d3b, 0x0d3c},
	{0x0d81, 0x0d81}, {0x0eba, 0x0eba}, {0x0ece, 0x0ece}, {0x180f, 0x180f}, {0x1885, 0x1886},
	{0x1abf, 0x1ace}, {0x1b7d, 0x1b7e}, {0x1df6, 0x1dfb}, {0x2e43, 0x2e4f}, {0x2e52, 0x2e5d},
	{0xa82c, 0xa82c}, {0xa8c5, 0xa8c5}, {0xa8ff, 0xa8ff}, {0xa9bd, 0xa9bd}, {0x10d24, 0x10d27},
	{0x10eab, 0x10ead}, {0x10efd, 0x10eff}, {0x10f46, 0x10f50}, {0x10f55, 0x10f59}, {0x10f82, 0x10f89},
	{0x11070, 0x11070}, {0x11073, 0x11074}, {0x110c2, 0x110c2}, {0x110cd, 0x110cd}, {0x111cf, 0x111cf},
	{0x1123e, 0x1123e}, {0x11241, 0x11241}, {0x1133b, 0x1133b}, {0x11438, 0x1143f}, {0x11442, 0x11444},
	{0x11446, 0x11446}, {0x1144b, 0x1144f}, {0x1145a, 0x1145b}, {0x1145d, 0x1145e}, {0x11660, 0x1166c},
	{0x116b9, 0x116b9}, {0x1182f, 0x11837}, {0x11839, 0x1183b}, {0x1193b, 0x1193c}, {0x1193e, 0x1193e},
	{0x11943, 0x11946}, {0x119d4, 0x119d7}, {0x119da, 0x119db}, {0x119e0, 0x119e0}, {0x119e2, 0x119e2},
	{0x11a01, 0x11a0a}, {0x11a33, 0x11a38}, {0x11a3b, 0x11a47}, {0x11a51, 0x11a56}, {0x11a59, 0x11a5b},
	{0x11a8a, 0x11a96}, {0x11a98, 0x11a9c}, {0x11a9e, 0x11aa2}, {0x11b00, 0x11b09}, {0x11c30, 0x11c36},
	{0x11c38, 0x11c3d}, {0x11c3f, 0x11c3f}, {0x11c41, 0x11c45}, {0x11c70, 0x11c71}, {0x11c92, 0x11ca7},
	{0x11caa, 0x11cb0}, {0x11cb2, 0x11cb3}, {0x11cb5, 0x11cb6}, {0x11d31, 0x11d36}, {0x11d3a, 0x11d3a},
	{0x11d3c, 0x11d3d}, {0x11d3f, 0x11d45}, {0x11d47, 0x11d47}, {0x11d90, 0x11d91}, {0x11d95, 0x11d95},
	{0x11d97, 0x11d97}, {0x11ef3, 0x11ef4}, {0x11ef7, 0x11ef8}, {0x11f00, 0x11f01}, {0x11f36, 0x11f3a},
	{0x11f40, 0x11f40}, {0x11f42, 0x11f4f}, {0x11fff, 0x11fff}, {0x12ff1, 0x12ff2}, {0x13430, 0x13440},
	{0x13447, 0x13455}, {0x16e97, 0x16e9a}, {0x16f4f, 0x16f4f}, {0x16fe2, 0x16fe2}, {0x16fe4, 0x16fe4},
	{0x1cf00, 0x1cf2d}, {0x1cf30, 0x1cf46}, {0x1e000, 0x1e006}, {0x1e008, 0x1e018}, {0x1e01b, 0x1e021},
	{0x1e023, 0x1e024}, {0x1e026, 0x1e02a}, {0x1e08f, 0x1e08f}, {0x1e130, 0x1e136}, {0x1e2ae, 0x1e2ae},
	{0x1e2ec, 0x1e2ef}, {0x1e4ec, 0x1e4ef}, {0x1e944, 0x1e94a}, {0x1e95e, 0x1e95f},
};

static int is_newer(uint32_t c)
{
	size_t low = 0, high = sizeof(newer) / sizeof(newer[0]);

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (c > newer[mid].last)
			low = mid + 1;
		else if (c < newer[mid].first)
			high = mid;
		else
			return 1;
	}
	return 0;
}

/* Lowercase since Unicode 16.0 and 17.0; each row maps first … last, in steps of one, to lower and on. */
static const struct {
	uint32_t first, last, lower;
} newer_lower[] = {
	{0x1c89, 0x1c89, 0x1c8a}, {0xa7cb, 0xa7cb, 0x0264},    {0xa7cc, 0xa7cc, 0xa7cd},    {0xa7ce, 0xa7ce, 0xa7cf},
	{0xa7d2, 0xa7d2, 0xa7d3}, {0xa7d4, 0xa7d4, 0xa7d5},    {0xa7da, 0xa7da, 0xa7db},    {0xa7dc, 0xa7dc, 0x019b},
	{0x10d50, 0x10d65, 0x10d70}, {0x16ea0, 0x16eb8, 0x16ebb},
};

int tr__unicode_is_space(uint32_t c)
{
	return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xa0 || c == 0x1680 ||
	       (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

static int is_ascii_symbol(uint32_t c)
{
	return (c >= 0x21 && c <= 0x2f) || (c >= 0x3a && c <= 0x40) || (c >= 0x5b && c <= 0x60) ||
	       (c >= 0x7b && c <= 0x7e);
}

enum tr__category tr__unicode_category(uint32_t c)
{
	enum tr__category category;

	if (is_ascii_symbol(c))
		return TR__PUNCT;
	switch (utf8proc_category((utf8proc_int32_t)c)) {
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_CO:
		category = TR__CONTROL;
		break;
	case UTF8PROC_CATEGORY_MN:
		category = TR__MARK;
		break;
	case UTF8PROC_CATEGORY_PC:
	case UTF8PROC_CATEGORY_PD:
	case UTF8PROC_CATEGORY_PS:
	case UTF8PROC_CATEGORY_PE:
	case UTF8PROC_CATEGORY_PI:
	case UTF8PROC_CATEGORY_PF:
	case UTF8PROC_CATEGORY_PO:
		category = TR__PUNCT;
		break;
	case UTF8PROC_CATEGORY_ZS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return TR__SPACE;
	default: /* U+1734 was Mn and U+166D was Po; both have changed since */
		return c == 0x1734 ? TR__MARK : c == 0x166d ? TR__PUNCT : TR__OTHER;
	}
	if (c == 0x111c9) /* was Po, is Mn */
		return TR__PUNCT;
	return is_newer(c) ? TR__OTHER : category;
}

uint32_t tr__unicode_lower(uint32_t c)
{
	if (c == 0x130)
		return c;
	if (c >= newer_lower[0].first)
		for (size_t i = 0; i < sizeof(newer_lower) / sizeof(newer_lower[0]); i++)
			if (c >= newer_lower[i].first && c <= newer_lower[i].last)
				return newer_lower[i].lower + (c - newer_lower[i].first);
	return (uint32_t)utf8proc_tolower((utf8proc_int32_t)c);
}

size_t tr__unicode_decompose(uint32_t c, uint32_t out[TR__DECOMPOSED_MAX])
{
	utf8proc_int32_t buf[TR__DECOMPOSED_MAX];
	utf8proc_ssize_t n;

	n = utf8proc_decompose_char((utf8proc_int32_t)c, buf, TR__DECOMPOSED_MAX, UTF8PROC_DECOMPOSE, NULL);
	if (n < 1 || n > TR__DECOMPOSED_MAX) {
		out[0] = c;
		return 1;
	}
	for (utf8proc_ssize_t i = 0; i < n; i++)
		out[i] = (uint32_t)buf[i];
	return (size_t)n;
}
