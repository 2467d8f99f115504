/* SPDX-License-Identifier: MIT */
/*
 * Matrix products of the CPU driver against chains of fused multiply-adds written out, bit for bit: sizes around the
 * tiles, layouts, batches, biases, types, special values and thread counts, between guard pages.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/products.h"

enum { Y, A, B, BIAS, OPERANDS };

/* A product of batch × m × n × k; B of linear is [n, k]. */
struct product {
	bool linear, bias;
	uint8_t dtype;             /* evaluated in */
	uint8_t types[OPERANDS];   /* of the operands; 0 (bool): dtype */
	int batches;               /* leading axes */
	int64_t batch[TR_MAX_RANK];
	unsigned same[2];          /* bit d: A, B repeat along leading axis d */
	int64_t m, n, k;
	enum layout layout[OPERANDS];
	enum values values;
};

static void make_operand(const struct product *p, struct view *v, int which, int64_t rows, int64_t cols)
{
	uint8_t type = p->types[which] ? p->types[which] : p->dtype;
	bool flat = which == BIAS || (which == B && p->linear);
	int64_t shape[TR_MAX_RANK];
	int ndim = flat ? 0 : p->batches;

	memcpy(shape, p->batch, sizeof(shape));
	if (which != BIAS)
		shape[ndim++] = rows;
	shape[ndim++] = cols;
	make_numbers(v, type, ndim, shape, p->layout[which], p->values);
	for (int d = 0; d < p->batches && !flat && which != Y; d++)
		if (p->same[which == B] >> d & 1)
			v->o.stride[d] = 0;
}

static void expect_product(const struct product *p, const struct view *v)
{
	double *a = numbers(&v[A]), *b = numbers(&v[B]), *bias = p->bias ? numbers(&v[BIAS]) : NULL;
	int64_t count = 1;

	for (int d = 0; d < p->batches; d++)
		count *= p->batch[d];
	for (int64_t i = 0; i < count * p->m; i++)
		for (int64_t j = 0; j < p->n; j++) {
			const double *x = a + i * p->k;
			const double *y = p->linear ? b + j * p->k : b + i / p->m * p->k * p->n + j;
			double acc = bias ? bias[j] : 0;

			for (int64_t q = 0; q < p->k; q++)
				acc = chain(p->dtype, x[q], y[p->linear ? q : q * p->n], acc);
			expect_number(&v[Y], i * p->n + j, acc, p->dtype);
		}
	free(a);
	free(b);
	free(bias);
}

static void check(struct tr_device *dev, const struct product *p)
{
	struct tr_operand operand[OPERANDS];
	struct tr_cmd cmd = { .op = p->linear ? TR_OP_linear : TR_OP_matmul,
			      .family = p->linear ? TR_FAMILY_LINEAR : TR_FAMILY_MATMUL,
			      .dtype = p->dtype,
			      .noperand = p->bias ? 4 : 3,
			      .operand = operand };
	struct view v[OPERANDS];

	test_note("%s %s %dx%dx%d batches %d layouts %d %d %d", p->linear ? "linear" : "matmul", tr_dtype_name(p->dtype),
		  (int)p->m, (int)p->n, (int)p->k, p->batches, (int)p->layout[Y], (int)p->layout[A], (int)p->layout[B]);
	make_operand(p, &v[Y], Y, p->m, p->n);
	make_operand(p, &v[A], A, p->m, p->k);
	make_operand(p, &v[B], B, p->linear ? p->n : p->k, p->linear ? p->k : p->n);
	if (p->bias)
		make_operand(p, &v[BIAS], BIAS, 0, p->n);
	for (unsigned i = 0; i < cmd.noperand; i++) {
		operand[i] = v[i].o;
		if (i)
			guard_readonly(v[i].block);
	}
	expect_product(p, v);
	run_product(dev, &cmd, v);
	for (unsigned i = 0; i < cmd.noperand; i++)
		free_view(&v[i]);
}

static const uint8_t floats[] = { TR_F32, TR_F64 };

static int64_t one_to(int64_t n)
{
	return 1 + (int64_t)test_rand_below((uint64_t)n);
}

static void random_layouts(struct product *p)
{
	for (int i = 0; i < OPERANDS; i++)
		p->layout[i] = random_layout(i == Y);
}

/* ---- one product ---- */

static void every_tile_size(void)
{
	struct tr_device *dev = open_device(1);

	if (!dev)
		return;
	for (int d = 0; d < 2; d++) {
		const struct tr_gemm_kernel *k = &dev->k->gemm[floats[d]];

		for (int64_t s = 1; s <= 2 * k->nr + 1; s++) {
			struct product rows = { .dtype = floats[d], .m = s, .n = one_to(2 * k->nr), .k = one_to(40) };
			struct product cols = { .dtype = floats[d], .m = one_to(2 * k->mr), .n = s, .k = one_to(40) };
			struct product depth = { .dtype = floats[d], .m = one_to(k->mr), .n = one_to(k->nr), .k = s };
			struct product *all[] = { &rows, &cols, &depth };

			for (int i = 0; i < 3; i++) {
				all[i]->values = NORMAL;
				check(dev, all[i]);
				all[i]->linear = true;
				all[i]->bias = s & 1;
				check(dev, all[i]);
			}
		}
	}
	close_device(dev);
}

static void any_strides(void)
{
	struct tr_device *dev = open_device(1);

	for (int i = 0; dev && i < 1500; i++) {
		struct product p = { .dtype = floats[i & 1], .values = NORMAL, .m = one_to(35), .n = one_to(70),
				     .k = one_to(50) };

		random_layouts(&p);
		p.linear = test_rand_below(2);
		p.bias = p.linear && test_rand_below(2);
		if (!test_rand_below(4))
			*(test_rand_below(2) ? &p.m : &p.n) = 1;
		check(dev, &p);
	}
	if (dev)
		close_device(dev);
}

/* More than a block of every dimension, rows on one set of the cache, and too few rows to keep the processor busy. */
static void blocks(void)
{
	static const int64_t sizes[][3] = {
		{ 30, 700, 600 }, { 1, 5000, 300 }, { 5, 3000, 257 }, { 40, 40, 2048 }, { 300, 7, 1024 },
		{ 130, 33, 700 }, { 9, 1200, 1024 }, { 200, 300, 1 }, { 1, 1, 20000 }, { 16, 530, 1100 },
		{ 20, 300, 512 }, { 262, 40, 270 }, { 129, 40, 300 }, { 530, 40, 40 }, { 2, 2100, 520 }, { 9, 2100, 520 },
	};
	struct tr_device *dev = open_device(1);

	for (size_t i = 0; dev && i < sizeof(sizes) / sizeof(*sizes) * 6; i++) {
		const int64_t *s = sizes[i / 6];
		struct product p = { .dtype = floats[i % 2], .values = NORMAL, .m = s[0], .n = s[1], .k = s[2] };

		p.linear = i % 6 / 2 == 1;
		p.bias = p.linear;
		if (i % 6 / 2 == 2)
			random_layouts(&p);
		check(dev, &p);
	}
	if (dev)
		close_device(dev);
}

/* Rows so few that their tiles are wider than others, whole and in part, from a bias too. */
static void few_rows(void)
{
	struct tr_device *dev = open_device(1);

	for (int i = 0; dev && i < 300; i++) {
		struct product p = { .dtype = floats[i & 1], .values = NORMAL, .m = one_to(TR_FEW + 1), .k = one_to(30) - 1 };
		const struct tr_gemm_kernel *k = &dev->k->gemm[p.dtype];

		p.n = one_to(2 * TR_FEW * k->nr + 2);
		if (i & 2) { /* a weight that lies with its columns side by side */
			p.linear = p.bias = true;
			p.layout[B] = PERMUTED;
		}
		check(dev, &p);
	}
	if (dev)
		close_device(dev);
}

static void special_values(void)
{
	struct tr_device *dev = open_device(1);

	for (int i = 0; dev && i < 400; i++) {
		struct product p = { .dtype = floats[i & 1], .values = SPECIAL, .linear = i & 2, .bias = (i & 6) == 6,
				     .m = one_to(35), .n = one_to(40), .k = one_to(6) };

		check(dev, &p);
	}
	if (dev)
		close_device(dev);
}

/* No products to add: the chain's start. Nothing to compute: nothing is touched. */
static void empty_dimensions(void)
{
	struct tr_device *dev = open_device(2);

	for (int i = 0; dev && i < 64; i++) {
		struct product p = { .dtype = floats[i & 1], .values = NORMAL, .linear = i & 2, .bias = (i & 6) == 6,
				     .m = one_to(20), .n = one_to(40), .k = one_to(9) };

		*(i & 8 ? i & 16 ? &p.m : &p.n : &p.k) = 0;
		if (i & 32) {
			p.batches = 1;
			p.batch[0] = 3;
		}
		check(dev, &p);
	}
	if (dev)
		close_device(dev);
}

/* Operands and results of other types than the evaluation. Whole numbers: results are exact in every type. */
static void mixed_types(void)
{
	struct tr_device *dev = open_device(2);

	for (int i = 0; dev && i < 500; i++) {
		struct product p = { .dtype = floats[i & 1], .values = WHOLE, .linear = i & 2, .bias = (i & 6) == 6,
				     .m = one_to(40), .n = one_to(70), .k = one_to(40) };

		random_layouts(&p);
		for (int o = A; o < OPERANDS; o++)
			p.types[o] = random_dtype();
		p.types[Y] = test_rand_below(2) ? TR_F32 : TR_F64;
		check(dev, &p);
	}
	if (dev)
		close_device(dev);
}

/* ---- many ---- */

static void batches(void)
{
	struct tr_device *dev = open_device(2);

	for (int i = 0; dev && i < 600; i++) {
		struct product p = { .dtype = floats[i & 1], .values = NORMAL, .linear = i & 2, .bias = (i & 6) == 6,
				     .m = one_to(20), .n = one_to(40), .k = one_to(20), .batches = (int)one_to(4) };

		for (int d = 0; d < p.batches; d++)
			p.batch[d] = one_to(4);
		if (test_rand_below(2))
			random_layouts(&p);
		p.same[0] = (unsigned)test_rand_below(16) & (unsigned)test_rand_below(16);
		p.same[1] = (unsigned)test_rand_below(16);
		if (!test_rand_below(4))
			p.m = 1;
		check(dev, &p);
	}
	if (dev)
		close_device(dev);
}

/* A vector through linear: x[k], y[n]. */
static void vectors(void)
{
	struct tr_device *dev = open_device(1);

	for (int i = 0; dev && i < 60; i++) {
		struct product p = { .dtype = floats[i & 1], .values = NORMAL, .linear = true, .bias = i & 2, .m = 1,
				     .n = one_to(70), .k = one_to(40) };
		struct tr_operand operand[OPERANDS];
		struct tr_cmd cmd = { .op = TR_OP_linear, .family = TR_FAMILY_LINEAR, .dtype = p.dtype,
				      .noperand = p.bias ? 4 : 3, .operand = operand };
		struct view v[OPERANDS];

		make_numbers(&v[Y], p.dtype, 1, &p.n, DENSE, NORMAL);
		make_numbers(&v[A], p.dtype, 1, &p.k, i & 4 ? STRIDED : DENSE, NORMAL);
		make_operand(&p, &v[B], B, p.n, p.k);
		make_operand(&p, &v[BIAS], BIAS, 0, p.n);
		expect_product(&p, v);
		for (int o = 0; o < OPERANDS; o++)
			operand[o] = v[o].o;
		run_product(dev, &cmd, v);
		for (int o = 0; o < OPERANDS; o++)
			free_view(&v[o]);
	}
	if (dev)
		close_device(dev);
}

static void any_number_of_threads(void)
{
	static const int64_t sizes[][3] = { { 400, 300, 200 }, { 32, 900, 256 }, { 900, 32, 256 }, { 1, 4000, 500 },
					    { 3, 3000, 400 }, { 250, 250, 250 } };

	for (unsigned threads = 1; threads <= 3; threads++) {
		struct tr_device *dev = open_device(threads);

		for (size_t i = 0; dev && i < sizeof(sizes) / sizeof(*sizes) * 2; i++) {
			const int64_t *s = sizes[i / 2];
			struct product p = { .dtype = floats[i / 2 % 2], .values = NORMAL, .linear = i & 1, .bias = i & 1,
					     .m = s[0], .n = s[1], .k = s[2] };

			check(dev, &p);
		}
		if (dev)
			close_device(dev);
	}
}

/* The low bits of an element. */
static uint64_t bits(const struct view *v, int64_t i)
{
	int64_t x;

	convert(&x, TR_I64, element(v, i), v->o.dtype);
	return (uint64_t)x;
}

/* Random bits of every integer type: products and sums wrap, and bool is any of ands. */
static void integers_wrap(void)
{
	static const uint8_t evaluated[] = { TR_I32, TR_U32, TR_I64, TR_U64 };
	static const uint8_t types[] = { TR_BOOL, TR_I8, TR_I16, TR_I32, TR_I64, TR_U8, TR_U16, TR_U32, TR_U64 };
	struct tr_device *dev = open_device(2);

	for (int i = 0; dev && i < 800; i++) {
		bool small = i & 1; /* both of 8 bits, to 32: what has kernels of its own */
		uint8_t dtype = small ? TR_I32 : evaluated[test_rand_below(4)];
		bool units = small && i % 3 == 0; /* rows that kernels can read where they lie */
		int64_t m = one_to(40), n = one_to(70), k = units ? 4 * one_to(40) : one_to(i % 8 < 2 ? 600 : 50);
		struct tr_operand operand[3];
		struct tr_cmd cmd = { .op = TR_OP_matmul, .family = TR_FAMILY_MATMUL, .dtype = dtype, .noperand = 3,
				      .operand = operand };
		const int64_t shape[3][2] = { { m, n }, { m, k }, { k, n } };
		struct view v[3];

		for (int o = 0; o < 3; o++) {
			uint8_t type = !o && (small || test_rand_below(2)) ? dtype
				       : small ? types[test_rand_below(2) ? 1 : 5] : types[test_rand_below(9)];

			make_view(&v[o], type, 2, shape[o], units || test_rand_below(2) ? DENSE : random_layout(o == 0));
			if (type != TR_BOOL)
				for (size_t at = 0; at < v[o].bytes; at++)
					v[o].block[at] = (unsigned char)test_rand();
			memcpy(v[o].expect, v[o].block, v[o].bytes);
			operand[o] = v[o].o;
		}
		test_note("%s = %s x %s in %s, %dx%dx%d", tr_dtype_name(v[0].o.dtype), tr_dtype_name(v[1].o.dtype),
			  tr_dtype_name(v[2].o.dtype), tr_dtype_name(dtype), (int)m, (int)n, (int)k);
		for (int64_t e = 0; e < m * n; e++) {
			uint64_t sum = 0;

			for (int64_t q = 0; q < k; q++)
				sum += bits(&v[1], e / n * k + q) * bits(&v[2], q * n + e % n);
			convert(expected(&v[0], e), v[0].o.dtype, &sum, dtype); /* its low half is where 32 bits look */
		}
		run_product(dev, &cmd, v);
		for (int o = 0; o < 3; o++)
			free_view(&v[o]);
	}
	if (dev)
		close_device(dev);
}

/* Random bits of a bf16 of moderate size, denormals now and then. */
static void make_bf16(struct view *v, int64_t rows, int64_t cols, enum layout layout)
{
	int64_t shape[2] = { rows, cols };

	make_view(v, TR_BF16, 2, shape, layout);
	for (size_t at = 0; at < v->bytes; at += 2) {
		float x = (float)(test_rand_below(50) ? test_rand_normal() : test_rand_normal() * 1e-39);

		convert(v->block + at, TR_BF16, &x, TR_F32);
	}
	memcpy(v->expect, v->block, v->bytes);
}

/* To a floating type and back. */
static double rounded(double x, uint8_t dtype)
{
	uint64_t bits;

	convert(&bits, dtype, &x, TR_F64);
	convert(&x, TR_F64, &bits, dtype);
	return x;
}

/* Where bf16 units are allowed, results are within the bound of <trueno/context.h>; where not, they are one chain. */
static void bf16_units(void)
{
	struct tr_device *dev = open_device(2);

	if (dev && !dev->k->gemm_bf16.tile) {
		close_device(dev);
		TEST_SKIP("this level has no bf16 units");
	}
	for (int i = 0; dev && dev->k->gemm_bf16.tile && i < 200; i++) {
		bool units = i % 3 == 0; /* rows that kernels can read where they lie */
		int64_t m = one_to(70), n = one_to(70), k = units ? 2 * one_to(80) : one_to(i % 8 ? 90 : 2500);
		int64_t shape[2] = { m, n };
		uint8_t to = i & 2 ? TR_BF16 : TR_F32;
		struct tr_operand operand[3];
		struct tr_cmd cmd = { .op = TR_OP_matmul, .family = TR_FAMILY_MATMUL, .dtype = TR_F32, .noperand = 3,
				      .operand = operand };
		struct view v[3];
		double *x, *y;
		char detail[128];
		size_t failed;

		make_view(&v[0], to, 2, shape, DENSE);
		make_bf16(&v[1], m, k, units ? DENSE : random_layout(false));
		make_bf16(&v[2], k, n, units ? DENSE : random_layout(false));
		for (int o = 0; o < 3; o++)
			operand[o] = v[o].o;
		x = numbers(&v[1]);
		y = numbers(&v[2]);
		dev->exact = i & 1 ? 0 : TR_EXACT_HALF;
		test_note("bf16 units %d, %dx%dx%d", i & 1, (int)m, (int)n, (int)k);
		CU_ASSERT_EQUAL(tr__cpu_driver.run(dev, &cmd, 1, &failed, detail), 0);
		for (int64_t e = 0; e < m * n; e++) {
			double exact = 0, sum = 0, acc = 0, got;

			for (int64_t q = 0; q < k; q++) {
				double product = x[e / n * k + q] * y[q * n + e % n];

				exact += product;
				sum += fabs(product);
				acc = chain(TR_F32, x[e / n * k + q], y[q * n + e % n], acc);
			}
			convert(&got, TR_F64, element(&v[0], e), to);
			if (i & 1) {
				CU_ASSERT_TRUE(fabs(got - exact) <= (double)(k + 2) * (0x1p-23 * sum + 0x1p-126) +
					       (to == TR_BF16 ? 0x1p-8 * fabs(exact) : 0));
			} else {
				CU_ASSERT_EQUAL(got, rounded(acc, to));
			}
		}
		free(x);
		free(y);
		for (int o = 0; o < 3; o++)
			free_view(&v[o]);
	}
	if (dev)
		close_device(dev);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(every_tile_size), TEST(any_strides),  TEST(blocks),  TEST(special_values),
		TEST(empty_dimensions), TEST(mixed_types), TEST(batches), TEST(vectors),
		TEST(any_number_of_threads), TEST(integers_wrap), TEST(bf16_units), TEST(few_rows),
	};

	return TEST_RUN("gemm", cases);
}
