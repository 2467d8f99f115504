/* SPDX-License-Identifier: MIT */
/*
 * softmax, log_softmax and layer_norm: the level's kernels against lib/ref's, commands against rows gathered one by one,
 * and lib/ref against long double.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "simd/cpu.h"
#include "tests/harness.h"

static struct test_heap heap;

static struct tr_device *open_device(unsigned threads)
{
	static struct tr_allocator alloc;
	struct tr_context_params params = {.threads = threads};
	struct tr_device *dev = NULL;
	char err[128] = "";

	alloc = test_heap_allocator(&heap);
	CU_ASSERT_EQUAL(tr__cpu_driver.open(&dev, 0, &params, &alloc, err, sizeof(err)), 0);
	return dev;
}

static void close_device(struct tr_device *dev)
{
	tr__cpu_driver.close(dev);
	CU_ASSERT_EQUAL(heap.live, 0);
}

static bool same_value(enum tr_dtype t, const void *a, const void *b)
{
	double x, y;

	tr__ref_kernels.cast[t][TR_F64](&x, a, 1);
	tr__ref_kernels.cast[t][TR_F64](&y, b, 1);
	return (isnan(x) && isnan(y)) || !memcmp(a, b, tr_dtype_size(t));
}

static bool same(enum tr_dtype t, const void *a, const void *b, size_t n)
{
	size_t size = tr_dtype_size(t);

	for (size_t i = 0; i < n; i++) {
		if (!same_value(t, (const char *)a + i * size, (const char *)b + i * size)) {
			test_note("%s element %zu of %zu", tr_dtype_name(t), i, n);
			return false;
		}
	}
	return true;
}

/* Numbers as in attention scores; special: with an infinity or NaN here and there, or wide apart. */
static void fill_random(enum tr_dtype t, void *p, size_t n, bool special)
{
	for (size_t i = 0; i < n; i++) {
		double x = 3 * test_rand_normal();

		if (special && test_rand_below(n) == 0)
			x = (double[]){NAN, INFINITY, -INFINITY, 1e30, -1e30}[test_rand_below(5)];
		tr__ref_kernels.cast[TR_F64][t]((char *)p + i * tr_dtype_size(t), &x, 1);
	}
}

static const size_t long_rows[] = {191, 192, 193, 1000, 1023, 1024, 1025, 2047, 2049, 3072, 16385};
#define SHORT_ROWS 130
#define ROWS (SHORT_ROWS + sizeof(long_rows) / sizeof(*long_rows))

static size_t row_length(size_t i)
{
	return i < SHORT_ROWS ? i + 1 : long_rows[i - SHORT_ROWS];
}

/* ---- kernels ---- */

static void check_row(tr_row_fn got, tr_row_fn want, enum tr_dtype t, size_t n, bool special, enum guard_side side)
{
	size_t bytes = n * tr_dtype_size(t);
	char *x = guard_alloc(bytes, side), *y = guard_alloc(bytes, side), *z = malloc(bytes);

	fill_random(t, x, n, special);
	want(z, x, n);
	got(y, x, n);
	CU_ASSERT(same(t, y, z, n));
	got(x, x, n); /* in place */
	CU_ASSERT(same(t, x, z, n));
	guard_free(x);
	guard_free(y);
	free(z);
}

static void softmax_like_the_specification(void)
{
	struct tr_device *dev = open_device(1);

	for (int t = TR_F32; t <= TR_F64; t++) {
		for (size_t i = 0; i < 2 * ROWS; i++) {
			size_t n = row_length(i / 2);

			test_note("row of %zu %s", n, tr_dtype_name(t));
			check_row(dev->k->softmax[t], tr__ref_kernels.softmax[t], t, n, i & 1, i % 3 ? GUARD_AFTER : GUARD_BEFORE);
			check_row(dev->k->log_softmax[t], tr__ref_kernels.log_softmax[t], t, n, i & 1, GUARD_AFTER);
		}
	}
	close_device(dev);
}

static void layer_norm_like_the_specification(void)
{
	struct tr_device *dev = open_device(1);

	for (int t = TR_F32; t <= TR_F64; t++) {
		for (size_t i = 0; i < 4 * ROWS; i++) {
			size_t n = row_length(i / 4), bytes = n * tr_dtype_size(t);
			enum guard_side side = i % 3 ? GUARD_AFTER : GUARD_BEFORE;
			char *x = guard_alloc(bytes, side), *w = guard_alloc(bytes, side), *b = guard_alloc(bytes, side);
			char *y = guard_alloc(bytes, side), *z = malloc(bytes);

			fill_random(t, x, n, i % 7 == 0);
			fill_random(t, w, n, false);
			fill_random(t, b, n, false);
			tr__ref_kernels.layer_norm[t](z, 0, x, 0, i & 1 ? w : NULL, i & 2 ? b : NULL, n, 1, 1e-5);
			dev->k->layer_norm[t](y, 0, x, 0, i & 1 ? w : NULL, i & 2 ? b : NULL, n, 1, 1e-5);
			test_note("row of %zu %s, parameters %zu", n, tr_dtype_name(t), i & 3);
			CU_ASSERT(same(t, y, z, n));
			dev->k->layer_norm[t](x, 0, x, 0, i & 1 ? w : NULL, i & 2 ? b : NULL, n, 1, 1e-5);
			CU_ASSERT(same(t, x, z, n));
			guard_free(x);
			guard_free(w);
			guard_free(b);
			guard_free(y);
			free(z);
		}
	}
	close_device(dev);
}

/* Several rows a call, apart and in place: the bits of one by one, whatever is between them left alone. */
static void layer_norm_takes_rows_at_once(void)
{
	static const size_t lengths[] = {1, 17, 64, 257, 1023, 1500};
	struct tr_device *dev = open_device(1);

	for (int t = TR_F32; t <= TR_F64; t++) {
		for (size_t i = 0; i < 10 * sizeof(lengths) / sizeof(*lengths); i++) {
			size_t n = lengths[i / 10], rows = i % 10 + 1, from = n + i % 3, to = n + i % 2, size = tr_dtype_size((enum tr_dtype)t);
			char *x = guard_alloc(((rows - 1) * from + n) * size, GUARD_AFTER), *y = calloc(rows * to, size), *z = calloc(rows * to, size);
			char *w = malloc(n * size), *b = malloc(n * size);

			fill_random((enum tr_dtype)t, x, (rows - 1) * from + n, i % 7 == 0);
			fill_random((enum tr_dtype)t, w, n, false);
			fill_random((enum tr_dtype)t, b, n, false);
			for (size_t j = 0; j < rows; j++)
				tr__ref_kernels.layer_norm[t](z + j * to * size, 0, x + j * from * size, 0, w, b, n, 1, 1e-5);
			test_note("%zu rows of %zu %s", rows, n, tr_dtype_name((enum tr_dtype)t));
			dev->k->layer_norm[t](y, (ptrdiff_t)to, x, (ptrdiff_t)from, w, b, n, rows, 1e-5);
			CU_ASSERT(same((enum tr_dtype)t, y, z, rows * to));
			dev->k->layer_norm[t](x, (ptrdiff_t)from, x, (ptrdiff_t)from, w, b, n, rows, 1e-5);
			for (size_t j = 0; j < rows; j++)
				CU_ASSERT(same((enum tr_dtype)t, x + j * from * size, z + j * to * size, n));
			guard_free(x);
			free(y);
			free(z);
			free(w);
			free(b);
		}
	}
	close_device(dev);
}

/* ---- commands ---- */

static char *element(const struct tr_operand *o, int64_t i)
{
	int64_t at = 0;

	for (int d = o->ndim - 1; d >= 0; d--) {
		at += i % o->shape[d] * o->stride[d];
		i /= o->shape[d];
	}
	return (char *)o->addr + at * (int64_t)tr_dtype_size(o->dtype);
}

static int64_t numel(const struct tr_operand *o)
{
	int64_t n = 1;

	for (int d = 0; d < o->ndim; d++)
		n *= o->shape[d];
	return n;
}

/* Axes in memory from the last to the first, or with `turn` the other way round; `gap` elements between neighbours. */
static char *place(struct tr_operand *o, enum tr_dtype t, int ndim, const int64_t *shape, bool turn, int64_t gap)
{
	int64_t step = gap;
	char *memory;

	*o = (struct tr_operand){.dtype = t, .ndim = (uint8_t)ndim};
	for (int k = 0; k < ndim; k++) {
		int d = turn ? k : ndim - 1 - k;

		o->shape[d] = shape[d];
		o->stride[d] = step;
		step *= shape[d];
	}
	memory = guard_alloc((size_t)step * tr_dtype_size(t), GUARD_AFTER);
	fill_random(t, memory, (size_t)step, false);
	o->addr = memory;
	return memory;
}

/* Every row of dst against the specification's kernel on the gathered row. */
static void check_command(const struct tr_cmd *cmd, int axis)
{
	const struct tr_operand *dst = &cmd->operand[0], *src = &cmd->operand[1];
	enum tr_dtype t = cmd->dtype;
	size_t size = tr_dtype_size(t), n = (size_t)src->shape[axis];
	char *x = malloc(4 * n * size), *y = x + n * size, *w = y + n * size, *b = w + n * size, value[8];
	int64_t inner = 1, total = numel(src);
	bool right = true;

	for (int d = axis + 1; d < src->ndim; d++)
		inner *= src->shape[d];
	for (size_t i = 0; cmd->op == TR_OP_layer_norm && i < n; i++) {
		tr__ref_kernels.cast[cmd->operand[2].dtype][t](w + i * size, element(&cmd->operand[2], (int64_t)i), 1);
		tr__ref_kernels.cast[cmd->operand[3].dtype][t](b + i * size, element(&cmd->operand[3], (int64_t)i), 1);
	}
	for (int64_t row = 0; row < total / (int64_t)n && right; row++) {
		int64_t first = row / inner * (int64_t)n * inner + row % inner;

		for (size_t i = 0; i < n; i++)
			tr__ref_kernels.cast[src->dtype][t](x + i * size, element(src, first + (int64_t)i * inner), 1);
		if (cmd->op == TR_OP_softmax)
			tr__ref_kernels.softmax[t](y, x, n);
		else if (cmd->op == TR_OP_log_softmax)
			tr__ref_kernels.log_softmax[t](y, x, n);
		else
			tr__ref_kernels.layer_norm[t](y, 0, x, 0, w, b, n, 1, cmd->attr.f64[0]);
		for (size_t i = 0; i < n && right; i++) {
			tr__ref_kernels.cast[t][dst->dtype](value, y + i * size, 1);
			right = same_value(dst->dtype, value, element(dst, first + (int64_t)i * inner));
		}
	}
	test_note("op %d of %s, axis %d of %d, %zu long", cmd->op, tr_dtype_name(src->dtype), axis, src->ndim, n);
	CU_ASSERT(right);
	free(x);
}

static void check_softmax(struct tr_device *dev, enum tr_dtype store, enum tr_dtype eval, int ndim, const int64_t *shape,
			  int axis, bool turn, int64_t gap)
{
	struct tr_operand operand[2];
	struct tr_cmd cmd = {.family = TR_FAMILY_SOFTMAX, .dtype = eval, .noperand = 2, .operand = operand};
	char *from = place(&operand[1], store, ndim, shape, turn, gap), *to = place(&operand[0], store, ndim, shape, 0, 1);
	char detail[128];

	guard_readonly(from);
	cmd.attr.i64[0] = axis;
	for (int k = 0; k < 2; k++) {
		cmd.op = k ? TR_OP_log_softmax : TR_OP_softmax;
		CU_ASSERT_EQUAL(tr__exec_softmax(dev, &cmd, detail), 0);
		check_command(&cmd, axis);
	}
	guard_free(from);
	guard_free(to);
}

static void softmax_along_any_axis(void)
{
	static const struct {
		int ndim, axis;
		int64_t shape[4];
	} shapes[] = {
		{1, 0, {1}},          {1, 0, {1000}},        {2, 1, {37, 65}},     {2, 0, {65, 37}},    {2, 0, {300, 130}},
		{3, 1, {3, 70, 19}},  {4, 2, {2, 3, 33, 5}}, {4, 3, {2, 3, 5, 33}}, {3, 0, {9, 2, 1}},  {3, 2, {4, 0, 3}},
		{2, 1, {2, 17000}},   {1, 0, {150001}},      {2, 0, {17000, 3}},    {2, 1, {100, 10}},   {2, 1, {129, 64}},
		{2, 0, {2050, 20}},   {3, 1, {2, 65, 70}},   {3, 2, {5, 40, 1}},    {2, 1, {16, 3}},     {2, 0, {1025, 67}},
	};

	for (unsigned threads = 1; threads <= 3; threads++) {
		struct tr_device *dev = open_device(threads);

		for (size_t s = 0; s < sizeof(shapes) / sizeof(*shapes); s++) {
			for (int form = 0; form < 4; form++) {
				check_softmax(dev, TR_F32, TR_F32, shapes[s].ndim, shapes[s].shape, shapes[s].axis, form & 1,
					      1 + form / 2);
				check_softmax(dev, form & 1 ? TR_F16 : TR_F64, form & 1 ? TR_F32 : TR_F64, shapes[s].ndim,
					      shapes[s].shape, shapes[s].axis, form & 1, 1 + form / 2);
			}
		}
		close_device(dev);
	}
}

static void layer_norm_over_the_last_axis(void)
{
	static const int64_t shapes[][3] = {{1, 1, 1}, {3, 7, 65}, {2, 40, 1024}, {1, 2, 2500}};
	static const enum tr_dtype store[] = {TR_F32, TR_F64, TR_F16, TR_BF16};

	for (unsigned threads = 1; threads <= 3; threads++) {
		struct tr_device *dev = open_device(threads);

		for (size_t s = 0; s < 4; s++) {
			for (int form = 0; form < 16; form++) {
				enum tr_dtype t = store[form / 4];
				struct tr_operand operand[4];
				struct tr_cmd cmd = {.op = TR_OP_layer_norm, .family = TR_FAMILY_NORM, .noperand = 4,
						     .dtype = t == TR_F64 ? TR_F64 : TR_F32, .operand = operand};
				char *memory[4], detail[128];

				cmd.attr.f64[0] = 1e-5;
				memory[0] = place(&operand[0], t, 3, shapes[s], false, 1);
				memory[1] = place(&operand[1], t, 3, shapes[s], form & 1, 1 + (form >> 1 & 1));
				memory[2] = place(&operand[2], t, 1, &shapes[s][2], false, 1 + (form & 1));
				memory[3] = place(&operand[3], TR_F32, 1, &shapes[s][2], false, 1);
				CU_ASSERT_EQUAL(tr__exec_norm(dev, &cmd, detail), 0);
				check_command(&cmd, 2);
				for (int i = 0; i < 4; i++)
					guard_free(memory[i]);
			}
		}
		close_device(dev);
	}
}

/* ---- meaning ---- */

static void rows_mean_what_they_say(void)
{
	float x[700], soft[700], logs[700], norm[700];

	for (int round = 0; round < 100; round++) {
		size_t n = 1 + test_rand_below(700);
		long double most = -INFINITY, sum = 0, mean = 0, var = 0, worst = 0;

		fill_random(TR_F32, x, n, false);
		tr__ref_kernels.softmax[TR_F32](soft, x, n);
		tr__ref_kernels.log_softmax[TR_F32](logs, x, n);
		tr__ref_kernels.layer_norm[TR_F32](norm, 0, x, 0, NULL, NULL, n, 1, 0.5);
		for (size_t i = 0; i < n; i++) {
			most = fmaxl(most, x[i]);
			mean += x[i] / (long double)n;
		}
		for (size_t i = 0; i < n; i++) {
			sum += expl(x[i] - most);
			var += (x[i] - mean) * (x[i] - mean) / n;
		}
		for (size_t i = 0; i < n; i++) {
			long double p = expl(x[i] - most) / sum, l = x[i] - most - logl(sum);
			long double y = (x[i] - mean) / sqrtl(var + 0.5L);

			worst = fmaxl(worst, fabsl(soft[i] - p) / p);
			worst = fmaxl(worst, fabsl(logs[i] - l) / fmaxl(fabsl(l), 1));
			worst = fmaxl(worst, fabsl(norm[i] - y) / fmaxl(fabsl(y), 1));
		}
		test_note("%zu elements, error %Lg", n, worst);
		CU_ASSERT(worst < 16 * 0x1p-23L);
	}
}

static void specials_fill_the_row(void)
{
	static const float rows[][3] = {{1, NAN, 2}, {-INFINITY, -INFINITY, -INFINITY}, {0, INFINITY, 1}};
	struct tr_device *dev = open_device(1);
	float y[3], masked[] = {-INFINITY, 0, 0};

	for (int r = 0; r < 3; r++) {
		dev->k->softmax[TR_F32](y, rows[r], 3);
		CU_ASSERT(isnan(y[0]) && isnan(y[1]) && isnan(y[2]));
		dev->k->log_softmax[TR_F32](y, rows[r], 3);
		CU_ASSERT(isnan(y[0]) && isnan(y[1]) && isnan(y[2]));
	}
	dev->k->softmax[TR_F32](y, masked, 3);
	CU_ASSERT(y[0] == 0 && y[1] == 0.5f && y[2] == 0.5f);
	close_device(dev);
}

static void refuses_only_for_memory(void)
{
	static const int64_t shapes[][2] = {{2, 40000}, {40, 30}};
	struct tr_device *dev = open_device(2);

	for (int s = 0; s < 2; s++) {
		struct tr_operand operand[4];
		struct tr_cmd cmd = {.op = TR_OP_softmax, .family = TR_FAMILY_SOFTMAX, .dtype = TR_F32, .noperand = 2,
				     .operand = operand};
		char *to = place(&operand[0], TR_F16, 2, shapes[1 - s], false, 1);
		char *from = place(&operand[1], TR_F16, 2, shapes[1 - s], false, 1), detail[128];

		cmd.attr.i64[0] = 1;
		heap.fail_at = 1;
		CU_ASSERT_EQUAL(tr__exec_softmax(dev, &cmd, detail), -TR_ENOMEM);
		heap.fail_at = 0;
		CU_ASSERT_EQUAL(tr__exec_softmax(dev, &cmd, detail), 0);
		check_command(&cmd, 1);
		guard_free(to);
		guard_free(from);
	}
	close_device(dev);
}

int main(void)
{
	static const struct test_case tests[] = {
		TEST(softmax_like_the_specification),
		TEST(layer_norm_like_the_specification),
		TEST(layer_norm_takes_rows_at_once),
		TEST(softmax_along_any_axis),
		TEST(layer_norm_over_the_last_axis),
		TEST(rows_mean_what_they_say),
		TEST(specials_fill_the_row),
		TEST(refuses_only_for_memory),
	};

	return TEST_RUN("rows", tests);
}
