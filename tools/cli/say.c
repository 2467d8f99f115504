/* SPDX-License-Identifier: MIT */
/*
 * What commands say to whoever typed them: messages, exit codes, help, and what is wrong with an option's number.
 */
#include "tools/cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

int fail(enum exit_code code, const char *fmt, ...)
{
	va_list args;

	fputs("trueno: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return code;
}

enum exit_code code_of(int status)
{
	switch (status) {
	case 0:
		return EXIT_FINE;
	case -TR_EINVAL:
	case -TR_EFORMAT:
	case -TR_EIO:
		return EXIT_INPUT;
	default:
		return EXIT_RUNTIME;
	}
}

int bad_option(const struct command *c)
{
	fprintf(stderr, "Usage: trueno %s %s\nTry: trueno help %s\n", c->name, c->usage, c->name);
	return EXIT_INPUT;
}

void print_help(const struct command *c, FILE *to)
{
	fprintf(to, "Usage: trueno %s %s\n\n%s\n", c->name, c->usage, c->summary);
	if (c->options)
		fprintf(to, "\n%s", c->options);
}

bool parse_number(const char *text, const char *option, long least, long most, long *out)
{
	char *end;

	errno = 0;
	*out = strtol(text, &end, 10);
	if (!errno && end != text && !*end && *out >= least && *out <= most)
		return true;
	fail(EXIT_INPUT, "%s: \"%s\" is not a number from %ld to %ld", option, text, least, most);
	return false;
}

double now_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
