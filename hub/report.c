/* SPDX-License-Identifier: MIT */
/*
 * The one line that says why a tokenizer's folder was refused.
 */
#include "hub/tokenizer.h"

#include <stdarg.h>
#include <stdio.h>

int tr__report(const struct tr__report *r, int code, const char *fmt, ...)
{
	va_list ap;

	if (!r->buf || !r->len)
		return code;
	va_start(ap, fmt);
	if (vsnprintf(r->buf, r->len, fmt, ap) < 0)
		r->buf[0] = '\0';
	va_end(ap);
	for (char *p = r->buf; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	return code;
}
