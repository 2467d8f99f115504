/* SPDX-License-Identifier: MIT */
/* `trueno embed`: a vector for every text, as numbers, JSON lines or a NumPy array. */
#include "tools/cli/cli.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include <trueno/encoder.h>

enum format { FORMAT_TEXT, FORMAT_JSONL, FORMAT_NPY };

struct options {
	enum format format;
	const char *output, *model;
};

/* The header of a C-ordered float32 matrix; format version 1.0, padded so that the data is 64-byte aligned. */
static void write_npy_header(FILE *f, size_t rows, size_t columns)
{
	static const size_t prefix = 10, align = 64;
	char dict[160];
	size_t len = (size_t)snprintf(dict, sizeof(dict),
				      "{'descr': '<f4', 'fortran_order': False, 'shape': (%zu, %zu), }", rows, columns);
	size_t header = (prefix + len + 1 + align - 1) / align * align - prefix;

	fwrite("\x93NUMPY\x01\x00", 1, 8, f);
	fputc((int)(header & 0xff), f);
	fputc((int)(header >> 8), f);
	fprintf(f, "%-*s\n", (int)header - 1, dict);
}

static void write_vector(FILE *f, enum format format, const struct texts *t, size_t i, const float *v, size_t dim)
{
	switch (format) {
	case FORMAT_TEXT:
		for (size_t j = 0; j < dim; j++)
			fprintf(f, "%s%.9g", j ? " " : "", (double)v[j]);
		fputc('\n', f);
		break;
	case FORMAT_JSONL:
		fputs("{\"text\": ", f);
		write_json_string(f, t->bytes + t->item[i].begin, t->item[i].len);
		fputs(", \"embedding\": ", f);
		write_json_floats(f, v, dim);
		fputs("}\n", f);
		break;
	case FORMAT_NPY:
		fwrite(v, sizeof(*v), dim, f);
		break;
	}
}

static int write_all(struct model *m, const struct texts *t, enum format format, FILE *f)
{
	size_t dim = (size_t)tr_encoder_dim(m->enc);
	float *v = malloc(MODEL_CHUNK * dim * sizeof(*v));
	struct progress bar;
	int code = 0;

	if (!v)
		return fail(EXIT_RUNTIME, "no memory for %d vectors", MODEL_CHUNK);
	progress_begin(&bar, "embedding", t->count);
	if (format == FORMAT_NPY)
		write_npy_header(f, t->count, dim);
	for (size_t i = 0; !code && i < t->count && !ferror(f); i += MODEL_CHUNK) {
		size_t n = t->count - i < MODEL_CHUNK ? t->count - i : MODEL_CHUNK;

		code = model_encode(m, t, i, n, v);
		for (size_t j = 0; !code && j < n; j++)
			write_vector(f, format, t, i + j, v + j * dim, dim);
		progress_show(&bar, i + n);
	}
	progress_end(&bar);
	free(v);
	return code;
}

static int embed(const struct options *o, const struct texts *t)
{
	struct output out;
	struct model m;
	int code, closed;

	code = model_open(&m, o->model);
	if (code)
		return code;
	code = output_open(&out, o->output);
	if (!code) {
		code = write_all(&m, t, o->format, out.file);
		closed = output_close(&out, !code);
		code = code ? code : closed;
	}
	model_close(&m);
	return code;
}

static int parse_format(const char *name, enum format *out)
{
	static const char *const names[] = {"text", "jsonl", "npy"};

	for (int i = 0; i < 3; i++)
		if (!strcmp(names[i], name)) {
			*out = (enum format)i;
			return 0;
		}
	return fail(EXIT_INPUT, "--format: \"%s\" is not text, jsonl or npy", name);
}

static int run(int argc, char **argv)
{
	static const struct option longs[] = {
		{"format", required_argument, NULL, 'f'}, {"output", required_argument, NULL, 'o'},
		{"model", required_argument, NULL, 'm'},  {"text", required_argument, NULL, 't'},
		{"help", no_argument, NULL, 'h'},	  {0},
	};
	struct options o = {0};
	struct texts t = {0};
	int c, code = 0;

	while (!code && (c = getopt_long(argc, argv, "f:o:m:t:h", longs, NULL)) != -1) {
		if (c == 'f')
			code = parse_format(optarg, &o.format);
		else if (c == 'o')
			o.output = optarg;
		else if (c == 'm')
			o.model = optarg;
		else if (c == 't')
			code = texts_add(&t, "--text", 1, optarg, strlen(optarg));
		else if (c == 'h') {
			print_help(&embed_command, stdout);
			texts_finish(&t);
			return EXIT_FINE;
		} else
			code = bad_option(&embed_command);
	}
	if (!code && (optind < argc || !t.count))
		code = texts_read_all(&t, argv + optind, argc - optind, SPLIT_LINES);
	if (!code)
		code = embed(&o, &t);
	texts_finish(&t);
	return code;
}

const struct command embed_command = {
	.name = "embed",
	.run = run,
	.usage = "[OPTION…] [FILE…]",
	.summary = "a vector for every line of the files, or of standard input",
	.options = "  -t, --text T         embed T; may be given several times, and comes before the files\n"
		   "  -f, --format FORMAT  text (numbers, a line each; the default), jsonl, or npy\n"
		   "  -o, --output FILE    write to FILE, which appears complete or not at all\n"
		   "  -m, --model MODEL    a name (trueno help) or a folder; default all-MiniLM-L6-v2\n",
};
