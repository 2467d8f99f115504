/* SPDX-License-Identifier: MIT */
/*
 * The npy header: a Python dictionary in, type, order and shape out, or one line saying what is wrong with it; and
 * back. Sees bytes and sizes only; knows neither files nor tensor objects.
 *
 * Format: NumPy's numpy.lib.format. "\x93NUMPY", two version bytes, the header's length (little-endian, 2 bytes in
 * version 1.0, 4 later), then {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } padded with spaces.
 */
#include <stdio.h>
#include <string.h>

#include "lib/formats/npy.h"
#include "lib/shape.h"

/* A reader that expects more than this refuses real files too: numpy.load stops at 10,000 bytes. */
#define HEADER_MAX 65535u

static const char *const descr[TR_DTYPE_COUNT] = {
	[TR_BOOL] = "b1", [TR_I8] = "i1",  [TR_I16] = "i2", [TR_I32] = "i4", [TR_I64] = "i8", [TR_U8] = "u1",
	[TR_U16] = "u2",  [TR_U32] = "u4", [TR_U64] = "u8", [TR_F16] = "f2", [TR_F32] = "f4", [TR_F64] = "f8",
	[TR_C64] = "c8",  [TR_C128] = "c16",
};

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define NATIVE '<'
#else
#define NATIVE '>'
#endif

/* A cursor over the dictionary's text. */
struct text {
	const char *at, *end;
	const struct tr__file_report *report;
};

static void space(struct text *t)
{
	while (t->at < t->end && (*t->at == ' ' || *t->at == '\n' || *t->at == '\t' || *t->at == '\r'))
		t->at++;
}

static bool skip(struct text *t, char c)
{
	space(t);
	if (t->at == t->end || *t->at != c)
		return false;
	t->at++;
	return true;
}

static int malformed(const struct text *t, const char *what)
{
	char quoted[TR__FILE_QUOTED], rest[24];
	size_t len = (size_t)(t->end - t->at) < sizeof(rest) - 1 ? (size_t)(t->end - t->at) : sizeof(rest) - 1;

	memcpy(rest, t->at, len);
	rest[len] = 0;
	return tr__file_fail(t->report, TR_EFORMAT, "the header has no %s before %s", what,
			     tr__file_quote(quoted, rest));
}

/* A string literal without escapes, of at most len - 1 characters. */
static int string(struct text *t, char *buf, size_t len)
{
	char quote = skip(t, '\'') ? '\'' : skip(t, '"') ? '"' : 0;
	size_t n = 0;

	if (!quote)
		return malformed(t, "string");
	while (t->at < t->end && *t->at != quote && *t->at != '\\' && n + 1 < len)
		buf[n++] = *t->at++;
	buf[n] = 0;
	return t->at < t->end && *t->at++ == quote ? 0 : malformed(t, "end of a short, plain string");
}

static bool word(struct text *t, const char *w)
{
	size_t len = strlen(w);

	space(t);
	if ((size_t)(t->end - t->at) < len || memcmp(t->at, w, len))
		return false;
	t->at += len;
	return true;
}

static int boolean(struct text *t, bool *value)
{
	*value = word(t, "True");
	return *value || word(t, "False") ? 0 : malformed(t, "True or False");
}

static int number(struct text *t, int64_t *value)
{
	const char *first;

	space(t);
	first = t->at;
	for (*value = 0; t->at < t->end && *t->at >= '0' && *t->at <= '9'; t->at++)
		if (__builtin_mul_overflow(*value, 10, value) || __builtin_add_overflow(*value, *t->at - '0', value))
			return tr__file_fail(t->report, TR_EFORMAT, "an axis of its shape is too long for any array");
	if (t->at == first)
		return malformed(t, "non-negative integer");
	skip(t, 'L'); /* as Python 2 wrote them */
	return 0;
}

static int tuple(struct text *t, struct tr__npy *h)
{
	int err;

	if (!skip(t, '('))
		return malformed(t, "tuple");
	for (h->ndim = 0; !skip(t, ')');) {
		if (h->ndim == TR_MAX_RANK)
			return tr__file_fail(t->report, TR_EFORMAT, "its array has more than %d axes", TR_MAX_RANK);
		err = number(t, &h->shape[h->ndim++]);
		if (err)
			return err;
		if (skip(t, ','))
			continue;
		if (!skip(t, ')') || h->ndim == 1) /* (3) would be a number */
			return malformed(t, "comma in its tuple");
		return 0;
	}
	return 0;
}

static int dtype(struct text *t, struct tr__npy *h)
{
	char name[32], quoted[TR__FILE_QUOTED];
	int err;

	if (skip(t, '['))
		return tr__file_fail(t->report, TR_EDTYPE, "structured arrays are not supported");
	err = string(t, name, sizeof(name));
	if (err)
		return err;
	h->dtype = TR_DTYPE_NONE;
	for (int d = 0; d < TR_DTYPE_COUNT; d++)
		if (descr[d] && name[0] && strchr("<>=|", name[0]) && !strcmp(descr[d], name + 1))
			h->dtype = (enum tr_dtype)d;
	if (h->dtype == TR_DTYPE_NONE)
		return tr__file_fail(t->report, TR_EDTYPE, "element type %s is not supported",
				     tr__file_quote(quoted, name));
	h->swap = (name[0] == '<' || name[0] == '>') && name[0] != NATIVE && tr_dtype_size(h->dtype) > 1;
	return 0;
}

/* The three entries, each once, in any order. */
static int dictionary(struct text *t, struct tr__npy *h)
{
	static const char *const keys[] = {"descr", "fortran_order", "shape"};
	char key[32], quoted[TR__FILE_QUOTED];
	bool seen[3] = {false};
	int err = 0, which;

	if (!skip(t, '{'))
		return malformed(t, "dictionary");
	while (!skip(t, '}')) {
		err = string(t, key, sizeof(key));
		if (err)
			return err;
		for (which = 0; which < 3 && strcmp(key, keys[which]); which++)
			;
		if (which == 3 || seen[which])
			return tr__file_fail(t->report, TR_EFORMAT, "its header has %s %s",
					     which == 3 ? "an unknown key" : "a second", tr__file_quote(quoted, key));
		seen[which] = true;
		if (!skip(t, ':'))
			return malformed(t, "colon");
		err = which == 0 ? dtype(t, h) : which == 1 ? boolean(t, &h->fortran) : tuple(t, h);
		if (err)
			return err;
		if (!skip(t, ',') && (t->at == t->end || *t->at != '}'))
			return malformed(t, "comma");
	}
	for (which = 0; which < 3; which++)
		if (!seen[which])
			return tr__file_fail(t->report, TR_EFORMAT, "its header has no '%s'", keys[which]);
	space(t);
	return t->at == t->end ? 0 : malformed(t, "end");
}

int tr__npy_parse(struct tr__npy *h, const unsigned char *file, size_t size, const struct tr__file_report *r)
{
	static const unsigned char magic[] = {0x93, 'N', 'U', 'M', 'P', 'Y'};
	struct text t = {.report = r};
	char shape[TR_SHAPE_TEXT];
	size_t start, length;
	int64_t numel;
	int err;

	memset(h, 0, sizeof(*h));
	if (size < TR__NPY_LEAST || memcmp(file, magic, sizeof(magic)))
		return tr__file_fail(r, TR_EFORMAT, "not an npy file: it does not begin as one");
	if (file[6] < 1 || file[6] > 3 || file[7])
		return tr__file_fail(r, TR_EFORMAT, "npy version %u.%u is not known", file[6], file[7]);
	start = file[6] == 1 ? 10 : 12;
	length = file[8] | (size_t)file[9] << 8;
	if (file[6] > 1 && size >= start)
		length |= (size_t)file[10] << 16 | (size_t)file[11] << 24;
	if (size < start || length > size - start)
		return tr__file_fail(r, TR_EFORMAT, "its header of %zu bytes is truncated", length);
	if (length > HEADER_MAX)
		return tr__file_fail(r, TR_EFORMAT, "its header claims %zu bytes; at most %u are read", length,
				     HEADER_MAX);
	t.at = (const char *)file + start;
	t.end = t.at + length;
	err = dictionary(&t, h);
	if (err)
		return err;
	numel = tr__numel(h->ndim, h->shape, tr_dtype_size(h->dtype));
	h->data = start + length;
	h->bytes = numel < 0 ? 0 : (size_t)numel * tr_dtype_size(h->dtype);
	if (numel >= 0 && h->bytes <= size - h->data)
		return 0;
	return tr__file_fail(r, TR_EFORMAT, "shape %s of %s does not fit the %zu bytes that follow its header",
			     tr__shape_text(shape, h->ndim, h->shape), tr_dtype_name(h->dtype), size - h->data);
}

size_t tr__npy_header(char buf[TR__NPY_HEADER], enum tr_dtype type, bool fortran, int ndim, const int64_t *shape)
{
	size_t at = TR__NPY_LEAST, length;
	char order = tr_dtype_size(type) > 1 ? NATIVE : '|';

	if (!descr[type])
		return 0;
	at += (size_t)snprintf(buf + at, TR__NPY_HEADER - at, "{'descr': '%c%s', 'fortran_order': %s, 'shape': (", order,
			       descr[type], fortran ? "True" : "False");
	for (int i = 0; i < ndim; i++)
		at += (size_t)snprintf(buf + at, TR__NPY_HEADER - at, "%s%lld%s", i ? " " : "", (long long)shape[i],
				       i + 1 < ndim || ndim == 1 ? "," : "");
	at += (size_t)snprintf(buf + at, TR__NPY_HEADER - at, "), }");
	length = (at + 1 + 63) / 64 * 64;
	memset(buf + at, ' ', length - at - 1);
	buf[length - 1] = '\n';
	memcpy(buf, "\x93NUMPY\x01", 8);
	buf[8] = (char)(length - TR__NPY_LEAST);
	buf[9] = (char)((length - TR__NPY_LEAST) >> 8);
	return length;
}
