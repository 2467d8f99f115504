/* SPDX-License-Identifier: MIT */
/*
 * What the GPU takes for operations of many shapes: microseconds alone, from call to result, and in a batch, with the
 * bandwidth or arithmetic rate that makes. Every case is first compared with the CPU at a size that the CPU is done with
 * soon: "same" has its bits, "near" what matrix units may differ by (docs/numerics.md). Knows the public API only.
 *
 * Usage: bench_gpu [part of a case's name…]    without one, all
 *        bench_gpu --list                       the cases, for bench/gpu_torch.py: name, operation, type, shapes
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <trueno/conv.h>
#include <trueno/plan.h>
#include <trueno/trueno.h>

#define SETS 4 /* of operands; a batch has each result once, since one that is overwritten unseen is never made */
#define MOST 4
#define WARM_UP 0.4 /* seconds: a card's clock falls while operands are made, and takes a quarter of one to rise again */

struct gpu_case {
	const char *name, *operation;
	int (*run)(struct tr_tensor **t); /* t[0] is the result */
	enum tr_dtype dtype;
	int64_t shape[MOST][4]; /* of the result and the operands; an axis of 0 ends one */
	double bytes, flops;    /* per element of the result; 0: counted from the operands */
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int run_add(struct tr_tensor **t) { return tr_add_out(t[0], t[1], t[2]); }
static int run_exp(struct tr_tensor **t) { return tr_exp_out(t[0], t[1]); }
static int run_log(struct tr_tensor **t) { return tr_log_out(t[0], t[1]); }
static int run_erf(struct tr_tensor **t) { return tr_erf_out(t[0], t[1]); }
static int run_tanh(struct tr_tensor **t) { return tr_tanh_out(t[0], t[1]); }
static int run_sin(struct tr_tensor **t) { return tr_sin_out(t[0], t[1]); }
static int run_lgamma(struct tr_tensor **t) { return tr_lgamma_out(t[0], t[1]); }
static int run_pow(struct tr_tensor **t) { return tr_pow_out(t[0], t[1], t[2]); }
static int run_gelu(struct tr_tensor **t) { return tr_gelu_out(t[0], t[1]); }
static int run_copy(struct tr_tensor **t) { return tr_copy_out(t[0], t[1]); }
static int run_sum0(struct tr_tensor **t) { return tr_sum_out(t[0], t[1], 1, 0); }
static int run_sum1(struct tr_tensor **t) { return tr_sum_out(t[0], t[1], 2, 0); }
static int run_var1(struct tr_tensor **t) { return tr_var_out(t[0], t[1], 2, 0); }
static int run_argmax(struct tr_tensor **t)
{
	struct tr_tensor *y = tr_argmax(t[1], 2, 0);
	int err = y ? tr_copy_out(t[0], y) : -1;

	tr_free(y);
	return err;
}
static int run_dot(struct tr_tensor **t) { return tr_vecdot_out(t[0], t[1], t[2]); }
static int run_softmax(struct tr_tensor **t) { return tr_softmax_out(t[0], t[1], 1); }
static int run_softmax0(struct tr_tensor **t) { return tr_softmax_out(t[0], t[1], 0); }
static int run_norm(struct tr_tensor **t) { return tr_layer_norm_out(t[0], t[1], t[2], t[3], 1e-5); }
static int run_matmul(struct tr_tensor **t) { return tr_matmul_out(t[0], t[1], t[2]); }
static int run_linear(struct tr_tensor **t) { return tr_linear_out(t[0], t[1], t[2], NULL); }

static int run_attention(struct tr_tensor **t) { return tr_attention_out(t[0], t[1], t[2], t[3], NULL, 0.125); }

static int run_conv(struct tr_tensor **t)
{
	static const struct tr_conv_params p = {.padding = {1, 1}, .flags = TR_CONV_PLAIN};

	return tr_conv2d_out(t[0], t[1], t[2], NULL, &p);
}

static int run_transpose(struct tr_tensor **t)
{
	struct tr_tensor *turned = tr_permute(t[1], (const int[]){1, 0});
	int err = tr_copy_out(t[0], turned);

	tr_free(turned);
	return err;
}

#define RUN(operation) #operation, run_##operation
#define M1 1048576
static const struct gpu_case cases[] = {
	{"add 1K", RUN(add), TR_F32, {{1000}, {1000}, {1000}}, 0, 0},
	{"add 1M", RUN(add), TR_F32, {{M1}, {M1}, {M1}}, 0, 0},
	{"add 100M", RUN(add), TR_F32, {{100 * M1}, {100 * M1}, {100 * M1}}, 0, 0},
	{"add 100M+3", RUN(add), TR_F32, {{100 * M1 + 3}, {100 * M1 + 3}, {100 * M1 + 3}}, 0, 0},
	{"add 100M f16", RUN(add), TR_F16, {{100 * M1}, {100 * M1}, {100 * M1}}, 0, 0},
	{"add 100M u8", RUN(add), TR_U8, {{100 * M1}, {100 * M1}, {100 * M1}}, 0, 0},
	{"add 50M f64", RUN(add), TR_F64, {{50 * M1}, {50 * M1}, {50 * M1}}, 0, 0},
	{"add row 10K x 10K", RUN(add), TR_F32, {{10000, 10000}, {10000, 10000}, {1, 10000}}, 0, 0},
	{"add column 10K x 10K", RUN(add), TR_F32, {{10000, 10000}, {10000, 10000}, {10000, 1}}, 0, 0},
	{"copy 100M", RUN(copy), TR_F32, {{100 * M1}, {100 * M1}}, 0, 0},
	{"transpose 10K x 10K", RUN(transpose), TR_F32, {{10000, 10000}, {10000, 10000}}, 0, 0},
	{"exp 100M", RUN(exp), TR_F32, {{100 * M1}, {100 * M1}}, 0, 0},
	{"log 100M", RUN(log), TR_F32, {{100 * M1}, {100 * M1}}, 0, 0},
	{"erf 100M", RUN(erf), TR_F32, {{100 * M1}, {100 * M1}}, 0, 0},
	{"tanh 100M", RUN(tanh), TR_F32, {{100 * M1}, {100 * M1}}, 0, 0},
	{"sin 100M", RUN(sin), TR_F32, {{100 * M1}, {100 * M1}}, 0, 0},
	{"lgamma 100M", RUN(lgamma), TR_F32, {{100 * M1}, {100 * M1}}, 0, 0},
	{"pow 100M", RUN(pow), TR_F32, {{100 * M1}, {100 * M1}, {100 * M1}}, 0, 0},
	{"gelu 100M", RUN(gelu), TR_F32, {{100 * M1}, {100 * M1}}, 0, 0},
	{"sum 1 x 1M", RUN(sum1), TR_F32, {{1}, {1, M1}}, 0, 0},
	{"sum 1 x 100M", RUN(sum1), TR_F32, {{1}, {1, 100 * M1}}, 0, 0},
	{"sum 100 x 1M", RUN(sum1), TR_F32, {{100}, {100, M1}}, 0, 0},
	{"sum 10K x 10K", RUN(sum1), TR_F32, {{10000}, {10000, 10000}}, 0, 0},
	{"sum 100K x 1000", RUN(sum1), TR_F32, {{100000}, {100000, 1000}}, 0, 0},
	{"sum 1M x 100", RUN(sum1), TR_F32, {{M1}, {M1, 100}}, 0, 0},
	{"sum 6M x 16", RUN(sum1), TR_F32, {{6 * M1}, {6 * M1, 16}}, 0, 0},
	{"sum 33M x 3", RUN(sum1), TR_F32, {{33 * M1}, {33 * M1, 3}}, 0, 0},
	{"sum columns 100M x 1", RUN(sum0), TR_F32, {{1}, {100 * M1, 1}}, 0, 0},
	{"sum columns 33M x 3", RUN(sum0), TR_F32, {{3}, {33 * M1, 3}}, 0, 0},
	{"sum columns 1M x 100", RUN(sum0), TR_F32, {{100}, {M1, 100}}, 0, 0},
	{"sum columns 10K x 10K", RUN(sum0), TR_F32, {{10000}, {10000, 10000}}, 0, 0},
	{"sum columns 100 x 1M", RUN(sum0), TR_F32, {{M1}, {100, M1}}, 0, 0},
	{"sum columns 4 x 25M", RUN(sum0), TR_F32, {{25 * M1}, {4, 25 * M1}}, 0, 0},
	{"sum 10K x 10K f16", RUN(sum1), TR_F16, {{10000}, {10000, 10000}}, 0, 0},
	{"argmax 1 x 100M", RUN(argmax), TR_F32, {{1}, {1, 100 * M1}}, 0, 0},
	{"dot 1 x 100M", RUN(dot), TR_F32, {{1}, {1, 100 * M1}, {1, 100 * M1}}, 0, 0},
	{"var 10K x 10K", RUN(var1), TR_F32, {{10000}, {10000, 10000}}, 0, 0},
	{"softmax 1 x 1M", RUN(softmax), TR_F32, {{1, M1}, {1, M1}}, 0, 0},
	{"softmax 1 x 10M", RUN(softmax), TR_F32, {{1, 10 * M1}, {1, 10 * M1}}, 0, 0},
	{"softmax 1 x 100M", RUN(softmax), TR_F32, {{1, 100 * M1}, {1, 100 * M1}}, 0, 0},
	{"softmax 10K x 10K", RUN(softmax), TR_F32, {{10000, 10000}, {10000, 10000}}, 0, 0},
	{"softmax 100K x 1000", RUN(softmax), TR_F32, {{100000, 1000}, {100000, 1000}}, 0, 0},
	{"softmax 524288 x 16", RUN(softmax), TR_F32, {{524288, 16}, {524288, 16}}, 0, 0},
	{"softmax columns 10K x 10K", RUN(softmax0), TR_F32, {{10000, 10000}, {10000, 10000}}, 0, 0},
	{"layer_norm 100K x 1024", RUN(norm), TR_F32, {{100000, 1024}, {100000, 1024}, {1024}, {1024}}, 0, 0},
	{"matmul 512", RUN(matmul), TR_F32, {{512, 512}, {512, 512}, {512, 512}}, 0, 2 * 512.},
	{"matmul 1024", RUN(matmul), TR_F32, {{1024, 1024}, {1024, 1024}, {1024, 1024}}, 0, 2 * 1024.},
	{"matmul 2048", RUN(matmul), TR_F32, {{2048, 2048}, {2048, 2048}, {2048, 2048}}, 0, 2 * 2048.},
	{"matmul 4096", RUN(matmul), TR_F32, {{4096, 4096}, {4096, 4096}, {4096, 4096}}, 0, 2 * 4096.},
	{"matmul 8192", RUN(matmul), TR_F32, {{8192, 8192}, {8192, 8192}, {8192, 8192}}, 0, 2 * 8192.},
	{"matmul 4095", RUN(matmul), TR_F32, {{4095, 4095}, {4095, 4095}, {4095, 4095}}, 0, 2 * 4095.},
	{"matmul 64 x 2 x 512", RUN(matmul), TR_F32, {{64, 512, 512}, {64, 512, 512}, {64, 512, 512}}, 0, 2 * 512.},
	{"linear 4096", RUN(linear), TR_F32, {{4096, 4096}, {4096, 4096}, {4096, 4096}}, 0, 2 * 4096.},
	{"linear 128 x 768 x 3072", RUN(linear), TR_F32, {{128, 3072}, {128, 768}, {3072, 768}}, 0, 2 * 768.},
	{"linear 1 x 4096 x 4096", RUN(linear), TR_F32, {{1, 4096}, {1, 4096}, {4096, 4096}}, 0, 2 * 4096.},
	{"conv 8 x 128 > 512, 16 x 16", RUN(conv), TR_F32, {{8, 512, 16, 16}, {8, 128, 16, 16}, {512, 128, 3, 3}}, 0, 2 * 1152.},
	{"conv 8 x 32 > 64, 58 x 58", RUN(conv), TR_F32, {{8, 64, 58, 58}, {8, 32, 58, 58}, {64, 32, 3, 3}}, 0, 2 * 288.},
	{"attention 96 x 512 x 64", RUN(attention), TR_F32, {{96, 512, 64}, {96, 512, 64}, {96, 512, 64}, {96, 512, 64}}, 0,
	 4 * 512.},
	{"matmul 2048 f16", RUN(matmul), TR_F16, {{2048, 2048}, {2048, 2048}, {2048, 2048}}, 0, 2 * 2048.},
	{"matmul 8192 f16", RUN(matmul), TR_F16, {{8192, 8192}, {8192, 8192}, {8192, 8192}}, 0, 2 * 8192.},
	{"matmul 8192 bf16", RUN(matmul), TR_BF16, {{8192, 8192}, {8192, 8192}, {8192, 8192}}, 0, 2 * 8192.},
	{"matmul 4095 f16", RUN(matmul), TR_F16, {{4095, 4095}, {4095, 4095}, {4095, 4095}}, 0, 2 * 4095.},
	{"linear 4096 f16", RUN(linear), TR_F16, {{4096, 4096}, {4096, 4096}, {4096, 4096}}, 0, 2 * 4096.},
	{"linear 128 x 768 x 3072 f16", RUN(linear), TR_F16, {{128, 3072}, {128, 768}, {3072, 768}}, 0, 2 * 768.},
	{"matmul 64 x 2 x 512 f16", RUN(matmul), TR_F16, {{64, 512, 512}, {64, 512, 512}, {64, 512, 512}}, 0, 2 * 512.},
	{"attention 96 x 512 x 64 f16", RUN(attention), TR_F16, {{96, 512, 64}, {96, 512, 64}, {96, 512, 64}, {96, 512, 64}}, 0,
	 4 * 512.},
	{"matmul 4096 bf16", RUN(matmul), TR_BF16, {{4096, 4096}, {4096, 4096}, {4096, 4096}}, 0, 2 * 4096.},
	{"matmul 4096 f16", RUN(matmul), TR_F16, {{4096, 4096}, {4096, 4096}, {4096, 4096}}, 0, 2 * 4096.},
	{"matmul 2048 f64", RUN(matmul), TR_F64, {{2048, 2048}, {2048, 2048}, {2048, 2048}}, 0, 2 * 2048.},
};

/* Operands of the case with every axis at most `limit`, the same for every context: small integers and fractions. */
static bool make(struct tr_context *ctx, const struct gpu_case *c, int64_t limit, struct tr_tensor **t)
{
	memset(t, 0, MOST * sizeof(*t));
	for (int i = 0; i < MOST && c->shape[i][0]; i++) {
		int64_t shape[4], n = 1;
		struct tr_tensor *f;
		float *x;
		int ndim = 0;

		for (; ndim < 4 && c->shape[i][ndim]; ndim++) {
			shape[ndim] = c->shape[i][ndim] < limit ? c->shape[i][ndim] : limit;
			n *= shape[ndim];
		}
		t[i] = tr_empty(ctx, c->dtype, ndim, shape);
		f = tr_empty(ctx, TR_F32, ndim, shape);
		if (!t[i] || !f)
			return false;
		x = tr_data(f);
		for (int64_t k = 0; k < n; k++) {
			uint32_t h = (uint32_t)(k + 7919 * i) * 2654435761u;

			x[k] = (float)((int)(h >> 16 & 255) - 128) / 64;
		}
		if (i && tr_astype_out(t[i], f))
			return false;
		tr_free(f);
	}
	return true;
}

/* The same operands once more. */
static bool make_another(const struct gpu_case *c, struct tr_tensor *const *from, struct tr_tensor **t)
{
	bool ok = true;

	memset(t, 0, MOST * sizeof(*t));
	for (int i = 0; i < MOST && c->shape[i][0]; i++) {
		t[i] = tr_copy(from[i]);
		ok = ok && t[i];
	}
	return ok;
}

static void drop(struct tr_tensor **t)
{
	for (int i = 0; i < MOST; i++)
		tr_free(t[i]);
}

enum agreement { WRONG, NEAR, SAME };

/* One NaN is as good as another. */
static bool has_same_bits(const void *a, const void *b, size_t size, enum tr_dtype dtype)
{
	const uint32_t *x = a, *y = b;

	for (size_t i = 0; dtype == TR_F32 && i < size / sizeof(*x); i++)
		if (x[i] != y[i] && ((x[i] & 0x7fffffff) <= 0x7f800000 || (y[i] & 0x7fffffff) <= 0x7f800000))
			return false;
	return dtype == TR_F32 || !memcmp(a, b, size);
}

/* Products of half the bits on matrix units: a thousandth of the greatest element, or of bf16 a hundredth. */
static enum agreement compare_tensors(struct tr_tensor *a, struct tr_tensor *b, enum tr_dtype dtype)
{
	int64_t n = tr_numel(a);
	struct tr_tensor *fa, *fb;
	double most = 0, worst = 0;
	float *x, *y;

	if (has_same_bits(tr_data(a), tr_data(b), (size_t)n * tr_dtype_size(dtype), dtype))
		return SAME;
	if (dtype != TR_F16 && dtype != TR_BF16)
		return WRONG;
	fa = tr_astype(a, TR_F32);
	fb = tr_astype(b, TR_F32);
	x = tr_data(fa);
	y = tr_data(fb);
	for (int64_t i = 0; x && y && i < n; i++) {
		double apart = fabs((double)x[i] - (double)y[i]);

		most = fmax(most, fabs((double)y[i]));
		worst = isnan(apart) ? INFINITY : fmax(worst, apart);
	}
	tr_free(fa);
	tr_free(fb);
	return x && y && worst <= most * (dtype == TR_F16 ? 0.001 : 0.01) ? NEAR : WRONG;
}

static enum agreement agrees(struct tr_context *gpu, struct tr_context *cpu, const struct gpu_case *c)
{
	static const int64_t limits[] = {33, 700, 2100};
	enum agreement least = SAME;

	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits) && least; i++) {
		struct tr_tensor *a[MOST], *b[MOST];
		enum agreement found = WRONG;

		if (c->flops > 0 && limits[i] > 1500)
			break;
		if (make(gpu, c, limits[i], a) && make(cpu, c, limits[i], b) && !c->run(a) && !c->run(b))
			found = compare_tensors(a[0], b[0], c->dtype);
		least = found < least ? found : least;
		drop(a);
		drop(b);
	}
	return least;
}

/* Seconds for `count` runs in one batch. */
static double batch(struct tr_context *ctx, const struct gpu_case *c, struct tr_tensor *t[SETS][MOST], int count)
{
	double start = now();

	tr_batch_begin(ctx);
	for (int i = 0; i < count; i++)
		c->run(t[i % SETS]);
	if (tr_batch_end(ctx))
		return NAN;
	return now() - start;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

#define ROUNDS 7

static double median_batch(struct tr_context *ctx, const struct gpu_case *c, struct tr_tensor *t[SETS][MOST], int count)
{
	double s[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		s[i] = batch(ctx, c, t, count);
	qsort(s, ROUNDS, sizeof(*s), compare);
	return s[ROUNDS / 2];
}

static void bench(struct tr_context *gpu, struct tr_context *cpu, const struct gpu_case *c)
{
	struct tr_tensor *t[SETS][MOST];
	double first, alone, each, work, bytes = 0;
	int sets = 0;
	static const char *const words[] = {"WRONG", "near", "same"};
	enum agreement found = agrees(gpu, cpu, c);

	for (; sets < SETS; sets++)
		if (sets ? !make_another(c, t[0], t[sets]) : !make(gpu, c, INT64_MAX, t[0]))
			break;
	if (sets < SETS) {
		printf("%-28s %s\n", c->name, tr_error_message(gpu));
		tr_error_clear(gpu);
		return;
	}
	first = batch(gpu, c, t, 1);
	for (double start = now(); now() - start < WARM_UP;)
		batch(gpu, c, t, SETS);
	alone = median_batch(gpu, c, t, 1);
	each = (median_batch(gpu, c, t, SETS) - alone) / (SETS - 1);
	for (int i = 0; i < MOST && t[0][i]; i++)
		bytes += (double)tr_numel(t[0][i]) * (double)tr_dtype_size(c->dtype);
	work = c->flops > 0 ? c->flops * (double)tr_numel(t[0][0]) / 1e12 : bytes / 1e12;
	printf("%-28s %-5s  first %8.1f  alone %9.1f  each %9.1f us  %7.2f %s\n", c->name, words[found], first * 1e6,
	       alone * 1e6, each * 1e6, work / each, c->flops > 0 ? "TFLOPS" : "TB/s");
	if (tr_error(gpu))
		printf("    %s\n", tr_error_message(gpu));
	tr_error_clear(gpu);
	for (int i = 0; i < SETS; i++)
		drop(t[i]);
	fflush(stdout);
}

/* What is not one operation many times: its microseconds, from before the call to when the result is there. */
struct chain {
	struct tr_tensor *x, *y;
	struct tr_plan *plan; /* y = ten times sigmoid(x * 1.01 + 0.1) */
	float *host;          /* as many of the processor's */
	size_t bytes;
};

struct special {
	const char *name, *operation;
	int64_t n; /* floats */
	int (*run)(struct chain *c);
	bool pins; /* the processor's memory */
};

static int run_replay(struct chain *c) { return tr_plan_run(c->plan); }
static int run_upload(struct chain *c) { return tr_write(c->x, c->host, c->bytes); }
static int run_download(struct chain *c) { return tr_read(c->x, c->host, c->bytes); }

static int run_round(struct chain *c)
{
	int err = run_upload(c);

	if (!err)
		err = run_replay(c);
	return err ? err : tr_read(c->y, c->host, c->bytes);
}

static const struct special specials[] = {
	{"30 operations, 1K", "chain", 1000, run_replay, false},
	{"30 operations, 100K", "chain", 100000, run_replay, false},
	{"30 operations, 1M", "chain", 1000000, run_replay, false},
	{"up, 30 operations, down, 1K", "round", 1000, run_round, false},
	{"up, 30 operations, down, 100K", "round", 100000, run_round, false},
	{"up, 30 operations, down, 1M", "round", 1000000, run_round, false},
	{"up, 30 operations, down, 1M, pinned", "round", 1000000, run_round, true},
	{"upload 1M", "upload", 1000000, run_upload, false},
	{"upload 1M, pinned", "upload", 1000000, run_upload, true},
	{"upload 64M", "upload", 64 * M1, run_upload, false},
	{"upload 64M, pinned", "upload", 64 * M1, run_upload, true},
	{"download 1M", "download", 1000000, run_download, false},
	{"download 1M, pinned", "download", 1000000, run_download, true},
	{"download 64M", "download", 64 * M1, run_download, false},
	{"download 64M, pinned", "download", 64 * M1, run_download, true},
};

static bool make_chain(struct tr_context *ctx, int64_t n, struct chain *c)
{
	struct tr_tensor *v, *factor = tr_full(ctx, TR_F32, 0, NULL, 1.01), *term = tr_full(ctx, TR_F32, 0, NULL, 0.1);

	c->bytes = (size_t)n * sizeof(*c->host);
	c->host = aligned_alloc(4096, (c->bytes + 4095) & ~(size_t)4095);
	c->x = v = tr_full(ctx, TR_F32, 1, &n, 0.5);
	for (int64_t i = 0; c->host && i < n; i++)
		c->host[i] = 0.5f;
	if (tr_plan_begin(ctx))
		return false;
	for (int i = 0; i < 10; i++) {
		struct tr_tensor *product = tr_multiply(v, factor), *sum = tr_add(product, term);

		if (i)
			tr_free(v);
		v = tr_sigmoid(sum);
		tr_free(product);
		tr_free(sum);
	}
	c->y = v;
	c->plan = tr_plan_end(ctx);
	tr_free(factor);
	tr_free(term);
	return c->host && c->plan;
}

/* Whether every element is what the chain makes of 0.5. */
static bool is_right(struct chain *c)
{
	double expected = 0.5, worst = 0;

	for (int i = 0; i < 10; i++)
		expected = 1 / (1 + exp(-(expected * 1.01 + 0.1)));
	for (size_t i = 0; i < c->bytes / sizeof(*c->host); i++)
		c->host[i] = 0.5f;
	if (run_round(c))
		return false;
	for (size_t i = 0; i < c->bytes / sizeof(*c->host); i++)
		worst = fmax(worst, fabs((double)c->host[i] - expected));
	return worst < 1e-6;
}

#define TIMES 51

static void bench_special(struct tr_context *gpu, const struct special *special)
{
	struct chain c = {0};
	double s[TIMES] = {0};
	bool made = make_chain(gpu, special->n, &c) && (!special->pins || !tr_pin(gpu, c.host, c.bytes));
	bool right = made && is_right(&c);
	int err = 0;

	for (double start = now(); right && !err && now() - start < WARM_UP;)
		err = special->run(&c);
	for (int i = 0; right && !err && i < TIMES; i++) {
		double start = now();

		err = special->run(&c);
		s[i] = now() - start;
	}
	qsort(s, TIMES, sizeof(*s), compare);
	printf("%-36s %-5s  first %8.1f  alone %9.1f  each %9.1f us  %7.2f %s\n", special->name, right && !err ? "same" : "WRONG",
	       0.0, s[TIMES / 2] * 1e6, s[TIMES / 2] * 1e6, 1e-9 * (double)c.bytes / s[TIMES / 2], "GB/s");
	if (tr_error(gpu))
		printf("    %s\n", tr_error_message(gpu));
	fflush(stdout);
	if (special->pins)
		tr_unpin(gpu, c.host);
	tr_plan_destroy(c.plan);
	tr_free(c.y);
	tr_free(c.x);
	tr_error_clear(gpu);
	free(c.host);
}

static enum tr_op asked;

static int run_asked(struct tr_tensor **t)
{
	struct tr_sqe entry;

	tr_prep_unary(&entry, asked, tr_handle(t[1]));
	if (t[2])
		tr_prep_binary(&entry, asked, tr_handle(t[1]), tr_handle(t[2]));
	entry.dst = tr_handle(t[0]);
	return tr_submit(tr_context_of(t[0]), &entry, 1);
}

/* An operation of the table by its name, with a "2" before it if it takes two operands: "exp", "2pow". */
static void bench_asked(struct tr_context *gpu, struct tr_context *cpu, const char *word)
{
	bool two = *word == '2';
	struct gpu_case c = {.name = word + two, .run = run_asked, .dtype = TR_F32, .shape = {{100 * M1}, {100 * M1}, {two ? 100 * M1 : 0}}};

	asked = tr_op_by_name(c.name);
	if (asked < TR_OP_COUNT)
		bench(gpu, cpu, &c);
	else
		printf("%s: no such operation\n", c.name);
}

static void list(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		printf("%s\t%s\t%s", cases[i].name, cases[i].operation, tr_dtype_name(cases[i].dtype));
		for (int k = 0; k < MOST && cases[i].shape[k][0]; k++)
			for (int d = 0; d < 4 && cases[i].shape[k][d]; d++)
				printf("%s%lld", d ? "," : "\t", (long long)cases[i].shape[k][d]);
		putchar('\n');
	}
	for (size_t i = 0; i < sizeof(specials) / sizeof(*specials); i++)
		printf("%s\t%s\tfloat32\t%lld\n", specials[i].name, specials[i].operation, (long long)specials[i].n);
}

static bool is_wanted(const char *name, int n, char **parts)
{
	for (int i = 0; i < n; i++)
		if (strstr(name, parts[i]))
			return true;
	return !n;
}

static void bench_listed(struct tr_context *gpu, struct tr_context *cpu, int n, char **parts)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (is_wanted(cases[i].name, n, parts))
			bench(gpu, cpu, &cases[i]);
	for (size_t i = 0; i < sizeof(specials) / sizeof(*specials); i++)
		if (is_wanted(specials[i].name, n, parts))
			bench_special(gpu, &specials[i]);
}

int main(int argc, char **argv)
{
	struct tr_context_params on_gpu = {.device = "vulkan", .cache_bytes = 1}, on_cpu = {.device = "cpu", .exact = TR_EXACT_HALF};
	struct tr_context *gpu, *cpu;
	struct tr_device_info info;
	char why[256];

	if (argc == 2 && !strcmp(argv[1], "--list")) {
		list();
		return 0;
	}
	if (tr_context_create(&gpu, &on_gpu, why, sizeof(why)) || tr_context_create(&cpu, &on_cpu, why, sizeof(why))) {
		fprintf(stderr, "bench_gpu: %s\n", why);
		return 1;
	}
	tr_device_info(gpu, &info);
	printf("%s, %s\n", info.name, info.level);
	if (argc > 1 && !strcmp(argv[1], "--operations"))
		for (int i = 2; i < argc; i++)
			bench_asked(gpu, cpu, argv[i]);
	else
		bench_listed(gpu, cpu, argc - 1, argv + 1);
	tr_context_destroy(gpu);
	tr_context_destroy(cpu);
	return 0;
}
