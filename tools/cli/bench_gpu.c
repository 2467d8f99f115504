/* SPDX-License-Identifier: MIT */
/*
 * `trueno bench gpu`: what one operation costs between the program and a device, and what the device is capable of. Knows
 * the public interface only, so that it times any device.
 */
#include "tools/cli/cli.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <trueno/trueno.h>

#define TOO_SLOW 0.2 /* seconds of a call: ten times the work is left out */
#define MOST_RUNS 20000
#define CHAIN 30
#define BAR 40

struct bench {
	struct tr_context *ctx;
	double seconds; /* per line */
	double *times;  /* MOST_RUNS */
	size_t n;
};

struct work {
	int (*run)(struct bench *b, struct work *w);
	struct tr_tensor *x, *y, *z;
	struct tr_plan *plan;
	void *host;
	size_t bytes;
};

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* A call and its result: a GPU's calls wait for each other until something asks for them. */
static int run_whole(struct bench *b, struct work *w)
{
	int err = w->run(b, w);

	return err ? err : tr_flush(b->ctx);
}

/* Seconds a call, of as many as there is time for, sorted. 0 or an exit code, after a message. */
static int measure(struct bench *b, struct work *w)
{
	int err = run_whole(b, w); /* kernels are made */
	double start = now_seconds();

	b->n = 0;
	while (!err && b->n < MOST_RUNS && (!b->n || now_seconds() - start < b->seconds)) {
		double before = now_seconds();

		err = run_whole(b, w);
		b->times[b->n++] = now_seconds() - before;
	}
	if (err)
		return fail(code_of(err), "%s", tr_error_message(b->ctx));
	qsort(b->times, b->n, sizeof(*b->times), by_value);
	return 0;
}

static double median(const struct bench *b)
{
	return b->times[b->n / 2];
}

/* One line of how many fell between two powers of sqrt(2) microseconds, for all that hold a hundredth. */
static void print_histogram(const struct bench *b)
{
	for (size_t i = 0; i < b->n;) {
		double step = floor(2 * log2(1e6 * b->times[i] + 1e-3)), end = exp2((step + 1) / 2);
		size_t first = i;

		while (i < b->n && 1e6 * b->times[i] + 1e-3 < end)
			i++;
		if (i == first) /* rounding */
			i++;
		if (100 * (i - first) < b->n)
			continue;
		printf("    %9.1f us %5.1f%% ", exp2(step / 2), 100. * (double)(i - first) / (double)b->n);
		for (size_t k = 0; k < BAR * (i - first) / b->n; k++)
			putchar('#');
		putchar('\n');
	}
}

static void print_latency(const struct bench *b, const char *label)
{
	printf("%-38s p50 %10.2f us   p99 %10.2f us   (%zu runs)\n", label, 1e6 * median(b),
	       1e6 * b->times[b->n * 99 / 100], b->n);
	print_histogram(b);
}

static int run_round_trip(struct bench *b, struct work *w)
{
	(void)b;
	return tr_add_out(w->z, w->x, w->y);
}

static int run_write(struct bench *b, struct work *w)
{
	(void)b;
	return tr_write(w->x, w->host, w->bytes);
}

static int run_read(struct bench *b, struct work *w)
{
	(void)b;
	return tr_read(w->x, w->host, w->bytes);
}

static int run_matmul(struct bench *b, struct work *w)
{
	(void)b;
	return tr_matmul_out(w->z, w->x, w->y);
}

/* The result of 30 dependent operations, of which nothing else is kept. */
static struct tr_tensor *chain(struct work *w)
{
	struct tr_tensor *t = w->x, *next;

	for (int i = 0; i < CHAIN && t; i++) {
		next = i % 3 == 0 ? tr_multiply(t, w->y) : i % 3 == 1 ? tr_add(t, w->y) : tr_tanh(t);
		if (t != w->x)
			tr_free(t);
		t = next;
	}
	return t;
}

static int run_chain(struct bench *b, struct work *w)
{
	struct tr_tensor *t;
	int err;

	tr_batch_begin(b->ctx);
	t = chain(w);
	err = tr_batch_end(b->ctx);
	tr_free(t);
	return err ? err : tr_error(b->ctx);
}

static int run_plan(struct bench *b, struct work *w)
{
	(void)b;
	return tr_plan_run(w->plan);
}

static int run_there_and_back(struct bench *b, struct work *w)
{
	int err = tr_write(w->x, w->host, w->bytes);

	(void)b;
	if (!err)
		err = tr_plan_run(w->plan);
	return err ? err : tr_read(w->z, w->host, w->bytes);
}

/* Operands of n by m elements and host memory as large; 0 or an exit code, after a message. */
static int prepare(struct bench *b, struct work *w, int64_t n, int64_t m)
{
	const int64_t shape[2] = {n, m};

	memset(w, 0, sizeof(*w));
	tr_scope_begin(b->ctx);
	w->bytes = (size_t)n * (size_t)m * sizeof(float);
	w->host = calloc(1, w->bytes);
	w->x = tr_full(b->ctx, TR_F32, 2, shape, 0.5);
	w->y = tr_full(b->ctx, TR_F32, 2, shape, 0.75);
	w->z = tr_zeros(b->ctx, TR_F32, 2, shape);
	if (!w->host)
		return fail(EXIT_RUNTIME, "no memory for %zu bytes", w->bytes);
	return tr_error(b->ctx) ? fail(code_of(tr_error(b->ctx)), "%s", tr_error_message(b->ctx)) : 0;
}

static void drop(struct bench *b, struct work *w)
{
	tr_plan_destroy(w->plan);
	tr_scope_end(b->ctx);
	free(w->host);
}

/* What the call alone costs: operations that wait in a batch. */
static int bench_submit(struct bench *b)
{
	struct work w;
	int code = prepare(b, &w, 1, 1000), err = 0;

	b->n = 0;
	for (int round = 0; !code && !err && round < 4; round++) {
		tr_batch_begin(b->ctx);
		for (int i = 0; i < 500; i++) {
			double before = now_seconds();

			err |= tr_add_out(w.z, w.x, w.y);
			b->times[b->n++] = now_seconds() - before;
		}
		err |= tr_batch_end(b->ctx);
	}
	if (err)
		code = fail(EXIT_RUNTIME, "%s", tr_error_message(b->ctx));
	if (!code) {
		qsort(b->times, b->n, sizeof(*b->times), by_value);
		print_latency(b, "submit: add, 1000, into a batch");
	}
	drop(b, &w);
	return code;
}

static int bench_latency(struct bench *b, const char *label, int (*run)(struct bench *, struct work *), int64_t n)
{
	struct work w;
	int code = prepare(b, &w, 1, n);

	w.run = run;
	if (!code)
		code = measure(b, &w);
	if (!code)
		print_latency(b, label);
	drop(b, &w);
	return code;
}

/* bytes, or operations of arithmetic, of a call over its median time. */
static int bench_rate(struct bench *b, const char *label, int (*run)(struct bench *, struct work *), int64_t n, int64_t m,
		      double amount, const char *unit)
{
	struct work w;
	int code = prepare(b, &w, n, m);

	w.run = run;
	if (!code)
		code = measure(b, &w);
	if (!code)
		printf("%-38s     %10.2f us   %14.1f %s\n", label, 1e6 * median(b), 1e-9 * amount / median(b), unit);
	drop(b, &w);
	return code;
}

static int bench_chain(struct bench *b, int64_t n)
{
	static const struct { const char *name; int (*run)(struct bench *, struct work *); } how[] = {
		{"in a batch", run_chain}, {"as a plan", run_plan}, {"plan, with both transfers", run_there_and_back}};
	struct work w;
	char label[64];
	int code = prepare(b, &w, 1, n);

	if (!code && !tr_plan_begin(b->ctx)) {
		w.z = chain(&w);
		w.plan = tr_plan_end(b->ctx);
	}
	if (!code && !w.plan)
		code = fail(EXIT_RUNTIME, "%s", tr_error_message(b->ctx));
	for (size_t i = 0; !code && i < sizeof(how) / sizeof(*how); i++) {
		w.run = how[i].run;
		code = measure(b, &w);
		snprintf(label, sizeof(label), "%d operations, %lld, %s", CHAIN, (long long)n, how[i].name);
		if (!code)
			printf("%-50s %10.2f us   p99 %10.2f us\n", label, 1e6 * median(b), 1e6 * b->times[b->n * 99 / 100]);
	}
	drop(b, &w);
	return code;
}

static int run_all(struct bench *b)
{
	static const int64_t chains[] = {1000, 100000, 1000000}, sides[] = {256, 512, 1024};
	const int64_t m = 4 << 20;
	const double bytes = 4. * (double)m;
	char label[64];
	int code = bench_submit(b);

	if (!code)
		code = bench_latency(b, "round trip: add, 1000", run_round_trip, 1000);
	if (!code)
		code = bench_latency(b, "upload, 4 KB", run_write, 1000);
	if (!code)
		code = bench_latency(b, "download, 4 KB", run_read, 1000);
	if (!code)
		code = bench_rate(b, "upload, 16 MiB", run_write, 1, m, bytes, "GB/s");
	if (!code)
		code = bench_rate(b, "download, 16 MiB", run_read, 1, m, bytes, "GB/s");
	if (!code)
		code = bench_rate(b, "add, 3 x 16 MiB", run_round_trip, 1, m, 3 * bytes, "GB/s");
	for (size_t i = 0; !code && i < 3; i++) {
		double n = (double)sides[i];

		snprintf(label, sizeof(label), "matmul, float32, %lld", (long long)sides[i]);
		code = bench_rate(b, label, run_matmul, sides[i], sides[i], 2 * n * n * n, "GFLOPS");
	}
	for (size_t i = 0; !code && i < 3; i++) {
		if (i && median(b) > TOO_SLOW)
			printf("%d operations, %lld: left out, too slow here\n", CHAIN, (long long)chains[i]);
		else
			code = bench_chain(b, chains[i]);
	}
	return code;
}

int bench_gpu(const char *device, double seconds)
{
	struct tr_context_params params = {.device = device};
	struct bench b = {.seconds = seconds, .times = malloc(MOST_RUNS * sizeof(double))};
	struct tr_device_info info;
	char why[256] = "";
	int err = tr_context_create(&b.ctx, &params, why, sizeof(why)), code;

	if (err) {
		free(b.times);
		return fail(code_of(err), "%s", why);
	}
	tr_device_info(b.ctx, &info);
	printf("%s: %s, %s\n", info.driver, info.name, info.level);
	code = b.times ? run_all(&b) : fail(EXIT_RUNTIME, "no memory for times");
	tr_context_destroy(b.ctx);
	free(b.times);
	return code;
}
