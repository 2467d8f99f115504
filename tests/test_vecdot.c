/* SPDX-License-Identifier: MIT */
/*
 * Inner products of the CPU driver against the tree of docs/numerics.md written out, bit for bit: lengths around lanes and
 * chunks, layouts, batches, types and thread counts, between guard pages; and every level's kernel against the
 * specification's.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/levels.h"
#include "tests/products.h"

enum { Y, A, B, OPERANDS };

static const uint8_t types[] = { TR_F32, TR_F64, TR_I32, TR_U32, TR_I64, TR_U64 };

/* a + b in the type. */
static double join(uint8_t dtype, double a, double b)
{
	return dtype == TR_F32 ? (double)((float)a + (float)b) : a + b;
}

/* The lane that begins at x, y: chunks of 16 chained, joined by position. */
static double lane(uint8_t dtype, const double *x, const double *y, size_t n)
{
	size_t half = TR_CHUNK_ROWS;
	double acc;

	if (n > TR_CHUNK_ROWS) {
		while (half < n - half)
			half *= 2;
		return join(dtype, lane(dtype, x, y, half),
			    lane(dtype, x + half * TR_LANES, y + half * TR_LANES, n - half));
	}
	acc = dtype == TR_F32 ? (double)((float)x[0] * (float)y[0]) : x[0] * y[0];
	for (size_t i = 1; i < n; i++)
		acc = chain(dtype, x[i * TR_LANES], y[i * TR_LANES], acc);
	return acc;
}

static double inner(uint8_t dtype, const double *x, const double *y, size_t n)
{
	size_t lanes = n < TR_LANES ? n : TR_LANES;
	double part[TR_LANES];

	if (!n)
		return 0;
	for (size_t i = 0; i < lanes; i++)
		part[i] = lane(dtype, x + i, y + i, (n - i + TR_LANES - 1) / TR_LANES);
	for (size_t half = TR_LANES / 2; half; half /= 2)
		for (size_t i = 0; i < half; i++)
			if (i + half < lanes)
				part[i] = join(dtype, part[i], part[i + half]);
	return part[0];
}

/* any: layouts and, of floats, types too. */
static void check(struct tr_device *dev, uint8_t dtype, int batches, const int64_t *batch, int64_t n, bool any,
		  enum values values)
{
	struct tr_operand operand[OPERANDS];
	struct tr_cmd cmd = { .op = TR_OP_vecdot, .family = TR_FAMILY_VECDOT, .dtype = dtype, .noperand = OPERANDS,
			      .operand = operand };
	int64_t shape[TR_MAX_RANK];
	struct view v[OPERANDS];
	double *a, *b;

	for (int d = 0; d < batches; d++)
		shape[d] = batch[d];
	shape[batches] = n;
	for (int o = 0; o < OPERANDS; o++) {
		uint8_t type = any && o != Y && (dtype == TR_F32 || dtype == TR_F64) ? random_dtype() : dtype;

		make_numbers(&v[o], type, batches + (o != Y), shape, any ? random_layout(o == Y) : DENSE, values);
		operand[o] = v[o].o;
		if (o != Y)
			guard_readonly(v[o].block);
	}
	test_note("%s n=%d batches=%d of %s and %s", tr_dtype_name(dtype), (int)n, batches, tr_dtype_name(v[A].o.dtype),
		  tr_dtype_name(v[B].o.dtype));
	a = numbers(&v[A]);
	b = numbers(&v[B]);
	for (int64_t i = 0; i < numel(&v[Y].o); i++)
		expect_number(&v[Y], i, inner(dtype, a + i * n, b + i * n, (size_t)n), dtype);
	run_product(dev, &cmd, v);
	for (int o = 0; o < OPERANDS; o++)
		free_view(&v[o]);
	free(a);
	free(b);
}

static void every_length(void)
{
	struct tr_device *dev = open_device(1);

	for (int64_t n = 0; dev && n < 2200; n += n < 140 ? 1 : 1 + (int64_t)test_rand_below(40))
		for (int d = 0; d < 6; d++)
			check(dev, types[d], 0, NULL, n, false, d < 2 ? n & 1 ? SPECIAL : NORMAL : WHOLE);
	if (dev)
		close_device(dev);
}

static void any_layout(void)
{
	struct tr_device *dev = open_device(2);

	for (int i = 0; dev && i < 400; i++) {
		int batches = (int)test_rand_below(4);
		int64_t batch[3];

		for (int d = 0; d < batches; d++)
			batch[d] = (int64_t)test_rand_below(8);
		check(dev, types[i % 6], batches, batch, (int64_t)test_rand_below(i % 8 ? 90 : 1500), true, WHOLE);
		check(dev, types[i % 2], batches, batch, (int64_t)test_rand_below(90), false, NORMAL);
	}
	if (dev)
		close_device(dev);
}

static void any_number_of_threads(void)
{
	static const int64_t sizes[][2] = { { 1, 300000 }, { 1, 65536 }, { 3, 120001 }, { 500, 700 }, { 4000, 5 } };

	for (unsigned threads = 1; threads <= 3; threads++) {
		struct tr_device *dev = open_device(threads);

		for (size_t i = 0; dev && i < sizeof(sizes) / sizeof(*sizes) * 2; i++)
			check(dev, types[i & 1], 1, sizes[i / 2], sizes[i / 2][1], false, NORMAL);
		if (dev)
			close_device(dev);
	}
}

/* whole: numbers whose products add up exactly. */
static void fill(unsigned char *to, uint8_t dtype, size_t n, bool whole)
{
	for (size_t i = 0; i < n; i++, to += tr_dtype_size(dtype)) {
		double real = whole ? (double)test_rand_below(99) - 49 : test_rand_normal();
		uint64_t bits = test_rand();

		if (dtype == TR_F32 || dtype == TR_F64)
			convert(to, dtype, &real, TR_F64);
		else
			convert(to, dtype, &bits, TR_U64);
	}
}

/* Random bits of integers: a kernel wraps as its specification does. A level without fma gets no sum to round. */
static void kernels_match_specification(void)
{
	enum { MOST = TR_LANES * TR_LINE_ROWS };
	const struct tr_kernels *tables[MOST_TABLES];
	size_t levels = list_tables(tables) - 1;

	for (size_t l = 1; l <= levels; l++)
		for (size_t d = 0; d < sizeof(types); d++)
			for (size_t n = 1; n <= MOST; n += n < 200 ? 1 : 1 + test_rand_below(n / 20)) {
				_Alignas(8) unsigned char got[TR_LANES * 8], want[TR_LANES * 8];
				size_t size = tr_dtype_size(types[d]);
				unsigned char *x = guard_alloc(n * size, GUARD_AFTER), *y = guard_alloc(n * size, GUARD_BEFORE);

				fill(x, types[d], n, tables[l]->unfused);
				fill(y, types[d], n, tables[l]->unfused);
				tables[l]->dot[types[d]](got, x, y, n);
				tr__ref_kernels.dot[types[d]](want, x, y, n);
				test_note("%s %s n=%zu", tables[l]->name, tr_dtype_name(types[d]), n);
				CU_ASSERT_EQUAL(memcmp(got, want, (n < TR_LANES ? n : TR_LANES) * size), 0);
				guard_free(x);
				guard_free(y);
			}
	if (!levels)
		TEST_SKIP("no level but the specification runs here");
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(every_length), TEST(any_layout), TEST(any_number_of_threads), TEST(kernels_match_specification),
	};

	return TEST_RUN("vecdot", cases);
}
