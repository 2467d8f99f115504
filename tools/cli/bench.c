/* SPDX-License-Identifier: MIT */
/*
 * `trueno bench embed`: latency of one text, throughput over many, and the time from exec to a vector; and the choice of
 * what is timed. Figures of this machine in this minute; bench/ compares with others.
 */
#include "tools/cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <trueno/encoder.h>

extern char **environ;

#define SECONDS 2.0
#define LEAST_RUNS 20
#define MOST_RUNS 2000
#define CORPUS 1000
#define COLD_STARTS 10

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void print_quantiles(const char *label, double *times, size_t n)
{
	qsort(times, n, sizeof(*times), by_value);
	printf("%-28s p50 %8.3f ms   p99 %8.3f ms   (%zu runs)\n", label, 1e3 * times[n / 2], 1e3 * times[n * 99 / 100],
	       n);
}

/* n one-token words; words known to be whole tokens of English vocabularies. */
static int add_words(struct texts *t, unsigned *seed, size_t n)
{
	static const char *const words[] = {"the", "time", "water", "people", "small", "house", "light", "music",
					    "river", "over", "under", "with", "red", "green", "table", "night"};
	char buf[2048];
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		*seed = *seed * 1103515245u + 12345u;
		at += (size_t)snprintf(buf + at, sizeof(buf) - at, "%s ", words[*seed >> 28]);
	}
	return texts_add(t, "bench", 1, buf, at);
}

/* times: room for MOST_RUNS; v: room for a vector. */
static int time_one(struct model *m, const struct texts *t, double *times, float *v)
{
	int code = model_encode(m, t, 0, 1, v);
	double start = now_seconds();
	char label[64];
	size_t n = 0;

	while (!code && n < MOST_RUNS && (n < LEAST_RUNS || now_seconds() - start < SECONDS)) {
		double before = now_seconds();

		code = model_encode(m, t, 0, 1, v);
		times[n++] = now_seconds() - before;
	}
	if (code)
		return code;
	snprintf(label, sizeof(label), "1 text of %lld tokens",
		 (long long)tr_encoder_tokens(m->enc, t->bytes, t->item[0].len));
	print_quantiles(label, times, n);
	return 0;
}

static int bench_latency(struct model *m, size_t tokens)
{
	double *times = malloc(MOST_RUNS * sizeof(*times));
	float *v = malloc((size_t)tr_encoder_dim(m->enc) * sizeof(*v));
	struct texts t = {0};
	unsigned seed = 1;
	int code = add_words(&t, &seed, tokens - 2);

	if (!times || !v)
		code = fail(EXIT_RUNTIME, "no memory for times");
	else if (!code)
		code = time_one(m, &t, times, v);
	texts_finish(&t);
	free(times);
	free(v);
	return code;
}

/* Texts of 4 to 67 words, as sentences are: most are short. */
static int bench_throughput(struct model *m)
{
	float *v = malloc(CORPUS * (size_t)tr_encoder_dim(m->enc) * sizeof(*v));
	int code = v ? 0 : fail(EXIT_RUNTIME, "no memory for %d vectors", CORPUS);
	struct texts t = {0};
	unsigned seed = 7;
	int64_t tokens = 0;
	double start;

	for (size_t i = 0; !code && i < CORPUS; i++) {
		size_t r = (seed >> 16) % 64;

		code = add_words(&t, &seed, 4 + r * r / 63);
	}
	for (size_t i = 0; !code && i < t.count; i++)
		tokens += tr_encoder_tokens(m->enc, t.bytes + t.item[i].begin, t.item[i].len);
	start = now_seconds();
	if (!code)
		code = model_encode(m, &t, 0, t.count, v);
	if (!code)
		printf("%-28s %8.0f texts/s   %8.0f tokens/s\n", "1000 texts of mixed length",
		       (double)t.count / (now_seconds() - start), (double)tokens / (now_seconds() - start));
	texts_finish(&t);
	free(v);
	return code;
}

/* Runs this program with one text, output thrown away. */
static int start_once(const char *model)
{
	char *argv[] = {"trueno", "embed", "--text", "A cold start.", "--output", "/dev/null",
			model ? "--model" : NULL, (char *)model, NULL};
	int status = 0, err;
	pid_t pid;

	err = posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ);
	if (err)
		return fail(EXIT_RUNTIME, "cannot start itself: %s", strerror(err));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : fail(EXIT_RUNTIME, "a cold start failed");
}

static int bench_cold_start(const char *model)
{
	double times[COLD_STARTS];
	int code = start_once(model); /* brings the file into the page cache */

	for (size_t i = 0; !code && i < COLD_STARTS; i++) {
		double before = now_seconds();

		code = start_once(model);
		times[i] = now_seconds() - before;
	}
	if (!code)
		print_quantiles("exec to vector and exit", times, COLD_STARTS);
	return code;
}

static int bench_embed(const char *name)
{
	struct model m;
	int code = model_open(&m, name);

	if (code)
		return code;
	code = bench_latency(&m, 32);
	if (!code)
		code = bench_latency(&m, 128);
	if (!code)
		code = bench_throughput(&m);
	model_close(&m);
	return code ? code : bench_cold_start(name);
}

static int run(int argc, char **argv)
{
	static const struct option longs[] = {
		{"model", required_argument, NULL, 'm'}, {"device", required_argument, NULL, 'd'},
		{"time", required_argument, NULL, 't'},	 {"help", no_argument, NULL, 'h'},
		{0},
	};
	const char *model = NULL, *device = "vulkan";
	long ms = 500;
	int c;

	while ((c = getopt_long(argc, argv, "m:d:t:h", longs, NULL)) != -1) {
		if (c == 'h') {
			print_help(&bench_command, stdout);
			return EXIT_FINE;
		}
		if (c == 'm')
			model = optarg;
		else if (c == 'd')
			device = optarg;
		else if (c == 't' && !parse_number(optarg, "-t", 1, 100000, &ms))
			return EXIT_INPUT;
		else if (c != 't')
			return bad_option(&bench_command);
	}
	if (argc - optind != 1)
		return bad_option(&bench_command);
	if (!strcmp(argv[optind], "gpu"))
		return bench_gpu(device, 1e-3 * (double)ms);
	if (strcmp(argv[optind], "embed"))
		return fail(EXIT_INPUT, "bench: \"%s\" is not embed or gpu", argv[optind]);
	return bench_embed(model);
}

const struct command bench_command = {
	.name = "bench",
	.run = run,
	.usage = "embed|gpu [OPTION…]",
	.summary = "latency, throughput and cold start of sentence embedding; latencies and rates of a GPU",
	.options = "  -m, --model MODEL    embed: a name (trueno help) or a folder; default all-MiniLM-L6-v2\n"
		   "  -d, --device DEVICE  gpu: vulkan (the default), vulkan:1, cpu\n"
		   "  -t, --time MS        gpu: milliseconds for each line; default 500\n",
};
