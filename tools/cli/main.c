/* SPDX-License-Identifier: MIT */
/*
 * The `trueno` program: finds the command and runs it. What a command does is in its own file.
 *
 * SIGPIPE keeps its default: a reader such as head that has seen enough ends the program quietly, and a command
 * that writes a file has no other reader to lose.
 */
#include "tools/cli/cli.h"

#include <errno.h>
#include <string.h>

static int help_run(int argc, char **argv);
static int version_run(int argc, char **argv);

static const struct command help_command = {
	.name = "help", .run = help_run, .usage = "[COMMAND]", .summary = "what the commands are, and how one is used",
};
static const struct command version_command = {
	.name = "version", .run = version_run, .usage = "", .summary = "the version of the library",
};

const struct command *const commands[] = {
	&embed_command, &search_command, &info_command, &bench_command, &help_command, &version_command, NULL,
};

const struct command *find_command(const char *name)
{
	for (const struct command *const *c = commands; *c; c++)
		if (!strcmp((*c)->name, name))
			return *c;
	return NULL;
}

static void print_overview(FILE *to)
{
	fputs("Usage: trueno COMMAND [OPTION…] [ARGUMENT…]\n\nCommands:\n", to);
	for (const struct command *const *c = commands; *c; c++)
		fprintf(to, "  %-9s %s\n", (*c)->name, (*c)->summary);
	fputs("\nModels (--model):\n", to);
	package_list(to);
	fputs("  FOLDER            any folder of a sentence-transformers BERT encoder\n"
	      "\nExit codes: 0 done, 1 failed while running, 2 wrong request or input.\n", to);
}

static int help_run(int argc, char **argv)
{
	const struct command *c;

	if (argc < 2) {
		print_overview(stdout);
		return EXIT_FINE;
	}
	c = find_command(argv[1]);
	if (!c)
		return fail(EXIT_INPUT, "no command \"%s\"; try: trueno help", argv[1]);
	print_help(c, stdout);
	return EXIT_FINE;
}

static int version_run(int argc, char **argv)
{
	if (argc > 1)
		return fail(EXIT_INPUT, "version takes no argument, not \"%s\"", argv[1]);
	printf("trueno %s\n", tr_version());
	return EXIT_FINE;
}

int main(int argc, char **argv)
{
	const struct command *c;
	char program[32];
	int code;

	if (argc < 2) {
		print_overview(stderr);
		return EXIT_INPUT;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		argv[1] = "help";
	else if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))
		argv[1] = "version";
	c = find_command(argv[1]);
	if (!c)
		return fail(EXIT_INPUT, "no command \"%s\"; try: trueno help", argv[1]);
	snprintf(program, sizeof(program), "trueno %s", c->name);
	argv[1] = program; /* what getopt_long puts before its messages */
	code = c->run(argc - 1, argv + 1);
	errno = 0;
	if ((fflush(stdout) || ferror(stdout)) && !code)
		code = fail(EXIT_RUNTIME, "standard output: %s", strerror(errno ? errno : EIO));
	return code;
}
