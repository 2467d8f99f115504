/* SPDX-License-Identifier: MIT */
/* `trueno search`: the lines or paragraphs that mean most nearly what was asked, by cosine of their vectors. */
#include "tools/cli/cli.h"

#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <trueno/encoder.h>

struct options {
	long k;
	enum split split;
	bool json;
	const char *model;
};

struct hit {
	float score;
	size_t index;
};

static bool better(struct hit a, struct hit b)
{
	return a.score != b.score ? a.score > b.score : a.index < b.index;
}

/* hits[*n], best first, at most k of them. */
static void keep_best(struct hit *hits, size_t *n, size_t k, struct hit h)
{
	size_t i;

	if (*n == k && !better(h, hits[k - 1]))
		return;
	for (i = *n < k ? (*n)++ : k - 1; i && better(h, hits[i - 1]); i--)
		hits[i] = hits[i - 1];
	hits[i] = h;
}

static float cosine(const float *a, const float *b, size_t n)
{
	double dot = 0, aa = 0, bb = 0;

	for (size_t i = 0; i < n; i++) {
		dot += (double)a[i] * (double)b[i];
		aa += (double)a[i] * (double)a[i];
		bb += (double)b[i] * (double)b[i];
	}
	return aa > 0 && bb > 0 ? (float)(dot / sqrt(aa * bb)) : 0;
}

static bool is_empty(const char *s, size_t len)
{
	while (len && (*s == ' ' || *s == '\t'))
		s++, len--;
	return !len;
}

/* Item 0 is the query, the rest is searched. v: MODEL_CHUNK + 1 vectors. */
static int rank(struct model *m, const struct texts *t, float *v, struct hit *hits, size_t *n, size_t k)
{
	size_t dim = (size_t)tr_encoder_dim(m->enc);
	struct progress bar;
	int code = model_encode(m, t, 0, 1, v);

	progress_begin(&bar, "searching", t->count);
	for (size_t i = 1; !code && i < t->count; i += MODEL_CHUNK) {
		size_t count = t->count - i < MODEL_CHUNK ? t->count - i : MODEL_CHUNK;

		code = model_encode(m, t, i, count, v + dim);
		for (size_t j = 0; !code && j < count; j++) {
			const struct text *x = &t->item[i + j];

			if (!is_empty(t->bytes + x->begin, x->len))
				keep_best(hits, n, k, (struct hit){cosine(v, v + (j + 1) * dim, dim), i + j});
		}
		progress_show(&bar, i + count);
	}
	progress_end(&bar);
	return code;
}

static void print_hit(const struct texts *t, struct hit h, bool json)
{
	const struct text *x = &t->item[h.index];

	if (!json) {
		printf("%.4f %s:%zu: ", (double)h.score, x->source, x->line);
		fwrite(t->bytes + x->begin, 1, x->len, stdout);
		putchar('\n');
		return;
	}
	printf("{\"score\": %.6f, \"file\": ", (double)h.score);
	write_json_string(stdout, x->source, strlen(x->source));
	printf(", \"line\": %zu, \"text\": ", x->line);
	write_json_string(stdout, t->bytes + x->begin, x->len);
	puts("}");
}

static int search(const struct options *o, const struct texts *t)
{
	size_t n = 0, k = (size_t)o->k;
	struct hit *hits = NULL;
	struct model m;
	float *v = NULL;
	int code = model_open(&m, o->model);

	if (code)
		return code;
	hits = calloc(k, sizeof(*hits));
	v = malloc((MODEL_CHUNK + 1) * (size_t)tr_encoder_dim(m.enc) * sizeof(*v));
	code = hits && v ? rank(&m, t, v, hits, &n, k) : fail(EXIT_RUNTIME, "no memory for %zu results", k);
	for (size_t i = 0; !code && i < n; i++)
		print_hit(t, hits[i], o->json);
	free(v);
	free(hits);
	model_close(&m);
	return code;
}

/* 0, an exit code after a message, or -1 when help was asked for and given. */
static int parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{"count", required_argument, NULL, 'k'}, {"paragraphs", no_argument, NULL, 'p'},
		{"format", required_argument, NULL, 'f'}, {"model", required_argument, NULL, 'm'},
		{"help", no_argument, NULL, 'h'},	  {0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "k:pf:m:h", longs, NULL)) != -1) {
		switch (c) {
		case 'k':
			if (!parse_number(optarg, "-k", 1, 1000000, &o->k))
				return EXIT_INPUT;
			break;
		case 'p':
			o->split = SPLIT_PARAGRAPHS;
			break;
		case 'f':
			if (strcmp(optarg, "text") && strcmp(optarg, "jsonl"))
				return fail(EXIT_INPUT, "--format: \"%s\" is not text or jsonl", optarg);
			o->json = *optarg == 'j';
			break;
		case 'm':
			o->model = optarg;
			break;
		case 'h':
			print_help(&search_command, stdout);
			return -1;
		default:
			return bad_option(&search_command);
		}
	}
	return optind < argc ? 0 : bad_option(&search_command);
}

static int run(int argc, char **argv)
{
	struct options o = {.k = 10};
	struct texts t = {0};
	int code = parse(argc, argv, &o);

	if (code)
		return code < 0 ? EXIT_FINE : code;
	code = texts_add(&t, "query", 1, argv[optind], strlen(argv[optind]));
	if (!code)
		code = texts_read_all(&t, argv + optind + 1, argc - optind - 1, o.split);
	if (!code)
		code = search(&o, &t);
	texts_finish(&t);
	return code;
}

const struct command search_command = {
	.name = "search",
	.run = run,
	.usage = "[OPTION…] QUERY [FILE…]",
	.summary = "the lines of the files, or of standard input, nearest in meaning to QUERY",
	.options = "  -k, --count N        show the N best; default 10\n"
		   "  -p, --paragraphs     search paragraphs (separated by blank lines) instead of lines\n"
		   "  -f, --format FORMAT  text (score file:line: text; the default) or jsonl\n"
		   "  -m, --model MODEL    a name (trueno help) or a folder; default all-MiniLM-L6-v2\n",
};
