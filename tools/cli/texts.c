/* SPDX-License-Identifier: MIT */
/* Texts from files, standard input and the command line, as lines or paragraphs of any length and any bytes. */
#include "tools/cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(void **p, size_t *cap, size_t need, size_t size)
{
	size_t want = *cap ? *cap : 1024, bytes;
	void *grown;

	if (need <= *cap)
		return true;
	while (want < need && want <= SIZE_MAX / 2)
		want *= 2;
	if (want < need || __builtin_mul_overflow(want, size, &bytes))
		return false;
	grown = realloc(*p, bytes);
	if (!grown)
		return false;
	*p = grown;
	*cap = want;
	return true;
}

static bool push_bytes(struct texts *t, const char *bytes, size_t len)
{
	void *p = t->bytes;
	bool ok = reserve(&p, &t->cap, t->used + len + 1, 1);

	t->bytes = p;
	if (!ok)
		return false;
	if (len)
		memcpy(t->bytes + t->used, bytes, len);
	t->used += len;
	t->bytes[t->used] = 0;
	return true;
}

int texts_add(struct texts *t, const char *source, size_t line, const char *bytes, size_t len)
{
	size_t begin = t->used;
	void *p = t->item;
	bool ok = reserve(&p, &t->item_cap, t->count + 1, sizeof(*t->item));

	t->item = p;
	if (!ok || !push_bytes(t, bytes, len))
		return fail(EXIT_RUNTIME, "%s:%zu: no memory for the text", source, line);
	t->item[t->count++] = (struct text){.source = source, .line = line, .begin = begin, .len = len};
	return 0;
}

static bool is_blank(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!strchr(" \t\r\f\v", s[i]) || !s[i])
			return false;
	return true;
}

/* Adds a line of a paragraph: to the last text if open, else as a new one. */
static int add_to_paragraph(struct texts *t, bool *open, const char *source, size_t line, const char *s, size_t len)
{
	struct text *last;

	if (is_blank(s, len)) {
		*open = false;
		return 0;
	}
	if (!*open) {
		*open = true;
		return texts_add(t, source, line, s, len);
	}
	if (!push_bytes(t, " ", 1) || !push_bytes(t, s, len))
		return fail(EXIT_RUNTIME, "%s:%zu: no memory for the text", source, line);
	last = &t->item[t->count - 1];
	last->len = t->used - last->begin;
	return 0;
}

static int read_stream(struct texts *t, FILE *f, const char *source, enum split split)
{
	char *buf = NULL;
	size_t cap = 0, line = 0;
	bool open = false;
	int code = 0;
	ssize_t got;

	errno = 0;
	while (!code && (got = getline(&buf, &cap, f)) >= 0) {
		size_t len = (size_t)got;

		line++;
		if (len && buf[len - 1] == '\n')
			len--;
		if (len && buf[len - 1] == '\r')
			len--;
		if (split == SPLIT_LINES)
			code = texts_add(t, source, line, buf, len);
		else
			code = add_to_paragraph(t, &open, source, line, buf, len);
	}
	if (!code && !feof(f))
		code = fail(ferror(f) ? EXIT_INPUT : EXIT_RUNTIME, "%s: %s", source, strerror(errno));
	free(buf);
	return code;
}

int texts_read(struct texts *t, const char *path, enum split split)
{
	FILE *f;
	int code;

	if (!strcmp(path, "-"))
		return read_stream(t, stdin, "stdin", split);
	f = fopen(path, "re");
	if (!f)
		return fail(EXIT_INPUT, "%s: %s", path, strerror(errno));
	code = read_stream(t, f, path, split);
	fclose(f);
	return code;
}

int texts_read_all(struct texts *t, char *const *paths, int n, enum split split)
{
	int code = n ? 0 : texts_read(t, "-", split);

	for (int i = 0; !code && i < n; i++)
		code = texts_read(t, paths[i], split);
	return code;
}

void texts_finish(struct texts *t)
{
	free(t->bytes);
	free(t->item);
	*t = (struct texts){0};
}
