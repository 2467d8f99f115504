/* SPDX-License-Identifier: MIT */
/*
 * What the commands of the `trueno` program share: exit codes, messages, the table of commands, and the small
 * services below. Commands use the public interface of the library only.
 */
#ifndef TR_TOOLS_CLI_H
#define TR_TOOLS_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <trueno/types.h>

/* What the program ends with. */
enum exit_code {
	EXIT_FINE = 0,
	EXIT_RUNTIME = 1, /* the work failed: memory, a file, the device, the network */
	EXIT_INPUT = 2    /* the request was wrong: an option, a missing file, a broken model */
};

struct command {
	const char *name;
	int (*run)(int argc, char **argv); /* argv[0] is the command; returns an exit code */
	const char *usage;                 /* after "trueno NAME " */
	const char *summary;
	const char *options; /* one per line, ready to print */
};

/* main.c */
extern const struct command *const commands[]; /* NULL-terminated */
const struct command *find_command(const char *name);

/* say.c: "trueno: …" on standard error; returns the code. */
int fail(enum exit_code code, const char *fmt, ...) TR_PRINTF(2, 3);
/* Of a library status: TR_EINVAL and TR_EFORMAT and missing files are input, the rest is runtime. */
enum exit_code code_of(int status);
/* After getopt_long said '?' or ':'. */
int bad_option(const struct command *c);
void print_help(const struct command *c, FILE *to);
/* A whole decimal number in least..most. false, after a message, if it is not. */
bool parse_number(const char *text, const char *option, long least, long most, long *out);
double now_seconds(void); /* monotonic */

/* devices.c: every device that Vulkan has, with its render node. */
void print_devices(void);

/* bench_gpu.c: `trueno bench gpu`, with so much time for a line. */
int bench_gpu(const char *device, double seconds);

/* commands */
extern const struct command embed_command, search_command, info_command, bench_command;

/*
 * texts.c: a list of texts, each with where it came from.
 */
struct text {
	const char *source; /* file name, "stdin" or "--text" */
	size_t line;        /* 1-based, of its first line */
	size_t begin, len;  /* in texts.bytes */
};

struct texts {
	char *bytes;
	size_t used, cap;
	struct text *item;
	size_t count, item_cap;
};

enum split { SPLIT_LINES, SPLIT_PARAGRAPHS };

/* Each adds to the list; 0 or an exit code, after a message. Paragraphs are separated by blank lines, and blank
 * ones are left out; lines are taken as they are, without \n or \r\n. path "-" is standard input. */
int texts_add(struct texts *t, const char *source, size_t line, const char *bytes, size_t len);
int texts_read(struct texts *t, const char *path, enum split split);
int texts_read_all(struct texts *t, char *const *paths, int n, enum split split); /* n == 0: standard input */
void texts_finish(struct texts *t);

/*
 * model.c: a context with an encoder, found by name or folder.
 */
struct tr_context;
struct tr_encoder;

struct model {
	struct tr_context *ctx;
	struct tr_encoder *enc;
};

/* name: --model's value or NULL. 0 or an exit code, after a message. */
int model_open(struct model *m, const char *name);
void model_close(struct model *m);
/* Vectors of texts first … first+n-1 into out. 0 or an exit code, after a message. */
int model_encode(struct model *m, const struct texts *t, size_t first, size_t n, float *out);
/* Texts encoded between two looks at the screen; more make no batch better. */
#define MODEL_CHUNK 256

/*
 * package.c: where a model's folder is.
 */
/* *folder, to be freed, gets the model's folder, fetched into the cache if it has to be. name NULL:
 * $TRUENO_MODEL_DIR, else the default model. 0 or an exit code, after a message. */
int package_locate(const char *name, char **folder);
void package_list(FILE *to); /* registered names, one a line */

/*
 * output.c: a file that appears complete or not at all, or standard output.
 */
struct output {
	FILE *file;
	const char *path; /* NULL: standard output */
	char *temp;
};

/* path NULL or "-": standard output. 0 or an exit code, after a message. */
int output_open(struct output *o, const char *path);
/* Puts the file in place if ok, else removes it. 0, or an exit code after a message. */
int output_close(struct output *o, bool ok);
/* len bytes as a JSON string; what is not UTF-8 becomes U+FFFD. */
void write_json_string(FILE *f, const char *s, size_t len);
void write_json_floats(FILE *f, const float *v, size_t n);

/* progress.c: a bar on standard error when that is a terminal, and nothing otherwise. */
struct progress {
	const char *label;
	size_t total, shown;
	bool on;
	double start;
};
void progress_begin(struct progress *p, const char *label, size_t total);
void progress_show(struct progress *p, size_t done);
void progress_end(struct progress *p);

#endif
