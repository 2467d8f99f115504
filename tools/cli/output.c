/* SPDX-License-Identifier: MIT */
/* Output files that appear complete or not at all, and JSON text. */
#include "tools/cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Devices and pipes are written in place: there is nothing to keep whole. */
static bool is_special(const char *path)
{
	struct stat st;

	return !stat(path, &st) && !S_ISREG(st.st_mode);
}

static int create_beside(struct output *o)
{
	size_t len = strlen(o->path) + 32;
	int fd;

	o->temp = malloc(len);
	if (!o->temp)
		return fail(EXIT_RUNTIME, "%s: no memory", o->path);
	for (unsigned i = 0;; i++) {
		snprintf(o->temp, len, "%s.%ld.%u.tmp", o->path, (long)getpid(), i);
		fd = open(o->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	o->file = fd < 0 ? NULL : fdopen(fd, "w");
	return 0;
}

int output_open(struct output *o, const char *path)
{
	int code = 0;

	*o = (struct output){0};
	if (!path || !strcmp(path, "-")) {
		o->file = stdout;
		return 0;
	}
	o->path = path;
	if (is_special(path))
		o->file = fopen(path, "we");
	else
		code = create_beside(o);
	if (!code && !o->file)
		code = fail(EXIT_INPUT, "%s: %s", path, strerror(errno));
	if (code) {
		free(o->temp);
		o->temp = NULL;
	}
	return code;
}

int output_close(struct output *o, bool ok)
{
	int code = 0;

	if (!o->path) /* main looks after standard output */
		return 0;
	errno = 0;
	if (ok && (fflush(o->file) || ferror(o->file)))
		code = fail(EXIT_RUNTIME, "%s: %s", o->path, strerror(errno ? errno : EIO));
	if (fclose(o->file) && ok && !code)
		code = fail(EXIT_RUNTIME, "%s: %s", o->path, strerror(errno));
	if (o->temp && ok && !code && rename(o->temp, o->path))
		code = fail(EXIT_RUNTIME, "%s: %s", o->path, strerror(errno));
	if (o->temp && (!ok || code))
		unlink(o->temp);
	free(o->temp);
	*o = (struct output){0};
	return code;
}

/* Bytes of the well-formed UTF-8 character at s, 0 if there is none (RFC 3629). */
static size_t utf8_length(const unsigned char *s, size_t len)
{
	static const struct { unsigned char from, to, second_from, second_to, length; } forms[] = {
		{0x00, 0x7f, 0, 0, 1},	     {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
		{0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		if (s[0] < forms[i].from || s[0] > forms[i].to)
			continue;
		if (forms[i].length > len)
			return 0;
		if (forms[i].length > 1 && (s[1] < forms[i].second_from || s[1] > forms[i].second_to))
			return 0;
		for (size_t j = 2; j < forms[i].length; j++)
			if ((s[j] & 0xc0) != 0x80)
				return 0;
		return forms[i].length;
	}
	return 0;
}

void write_json_string(FILE *f, const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s, *end = p + len;

	fputc('"', f);
	while (p < end) {
		size_t n = utf8_length(p, (size_t)(end - p));

		if (!n) {
			fputs("\xef\xbf\xbd", f);
			n = 1;
		} else if (*p == '"' || *p == '\\') {
			fprintf(f, "\\%c", *p);
		} else if (*p < 0x20 || *p == 0x7f) {
			fprintf(f, "\\u%04x", *p);
		} else {
			fwrite(p, 1, n, f);
		}
		p += n;
	}
	fputc('"', f);
}

void write_json_floats(FILE *f, const float *v, size_t n)
{
	fputc('[', f);
	for (size_t i = 0; i < n; i++) {
		if (i)
			fputs(", ", f);
		if (isfinite(v[i]))
			fprintf(f, "%.9g", (double)v[i]);
		else
			fputs("null", f);
	}
	fputc(']', f);
}
