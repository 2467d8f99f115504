/* SPDX-License-Identifier: MIT */
/* UTF-8, one code point at a time. Knows nothing of what code points mean. */
#ifndef TR_HUB_UTF8_H
#define TR_HUB_UTF8_H

#include <stddef.h>
#include <stdint.h>

#define TR__UTF8_MAX 4         /* bytes of one code point at most */
#define TR__UTF8_ILL UINT32_MAX /* stands for an ill-formed subsequence; no code point */
#define TR__UTF8_REPLACEMENT 0xfffdu

/*
 * Decodes what starts at p, p < end, and returns its bytes, 1 … 4. *c is the code point, or TR__UTF8_ILL for a
 * maximal subpart of an ill-formed sequence (Unicode 15, section 3.9, table 3-7).
 */
static inline size_t tr__utf8_decode(const uint8_t *p, const uint8_t *end, uint32_t *c)
{
	uint32_t lead = p[0];
	uint8_t low = 0x80, high = 0xbf; /* bounds of the second byte; those of later ones never differ */
	size_t n;

	*c = lead < 0x80 ? lead : TR__UTF8_ILL;
	if (lead < 0xc2 || lead > 0xf4)
		return 1;
	n = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	if (lead == 0xe0)
		low = 0xa0;
	else if (lead == 0xed)
		high = 0x9f;
	else if (lead == 0xf0)
		low = 0x90;
	else if (lead == 0xf4)
		high = 0x8f;
	lead &= 0x7fu >> n;
	for (size_t i = 1; i < n; i++) {
		if (p + i == end || p[i] < low || p[i] > high)
			return i;
		lead = lead << 6 | (p[i] & 0x3f);
		low = 0x80;
		high = 0xbf;
	}
	*c = lead;
	return n;
}

/* Writes a code point to p and returns its bytes, 1 … 4. */
static inline size_t tr__utf8_encode(uint32_t c, uint8_t *p)
{
	if (c < 0x80) {
		p[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		p[0] = (uint8_t)(0xc0 | c >> 6);
		p[1] = (uint8_t)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		p[0] = (uint8_t)(0xe0 | c >> 12);
		p[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		p[2] = (uint8_t)(0x80 | (c & 0x3f));
		return 3;
	}
	p[0] = (uint8_t)(0xf0 | c >> 18);
	p[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
	p[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	p[3] = (uint8_t)(0x80 | (c & 0x3f));
	return 4;
}

#endif
