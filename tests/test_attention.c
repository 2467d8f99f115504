/* SPDX-License-Identifier: MIT */
/*
 * Attention of the CPU driver against its definition written out row by row, bit for bit, and against float64: sizes
 * around blocks and tiles, strides of heads, masks, types and thread counts, between guard pages.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/products.h"

enum { Y, Q, K, V, MASK, OPERANDS };

struct attention {
	uint8_t dtype;
	uint8_t types[OPERANDS]; /* 0 (bool): dtype */
	bool mask;
	unsigned mask_same;      /* bit d: the mask repeats along axis d */
	int64_t batch, heads, rows, keys, depth, width;
	double scale;
	enum layout layout[OPERANDS];
	enum values values;
};

static void make_operand(const struct attention *p, struct view *v, int which, int64_t rows, int64_t cols)
{
	const int64_t shape[] = { p->batch, p->heads, rows, cols };

	make_numbers(v, p->types[which] ? p->types[which] : p->dtype, 4, shape, p->layout[which], p->values);
	for (int d = 0; d < 4 && which == MASK; d++)
		if (p->mask_same >> d & 1)
			v->o.stride[d] = 0;
}

/* The scores of one query row, each operation rounded to dtype, into probabilities. */
static void probabilities(const struct attention *p, const double *q, const double *k, const double *mask, double *s)
{
	float narrow[512];

	for (int64_t j = 0; j < p->keys; j++) {
		double acc = 0;

		for (int64_t d = 0; d < p->depth; d++)
			acc = chain(p->dtype, q[d], k[j * p->depth + d], acc);
		if (p->dtype == TR_F32) {
			narrow[j] = (float)acc * (float)p->scale;
			if (mask)
				narrow[j] += (float)mask[j];
		} else {
			s[j] = acc * p->scale;
			if (mask)
				s[j] += mask[j];
		}
	}
	if (!p->keys)
		return;
	tr__ref_kernels.softmax[p->dtype](p->dtype == TR_F32 ? (void *)narrow : s,
					  p->dtype == TR_F32 ? (void *)narrow : s, (size_t)p->keys);
	for (int64_t j = 0; j < p->keys && p->dtype == TR_F32; j++)
		s[j] = (double)narrow[j];
}

static void expect_attention(const struct attention *p, const struct view *v)
{
	double *q = numbers(&v[Q]), *k = numbers(&v[K]), *val = numbers(&v[V]), *mask = p->mask ? numbers(&v[MASK]) : NULL;
	double s[512];

	for (int64_t r = 0; r < p->batch * p->heads * p->rows; r++) {
		int64_t head = r / p->rows;

		probabilities(p, q + r * p->depth, k + head * p->keys * p->depth, mask ? mask + r * p->keys : NULL, s);
		for (int64_t c = 0; c < p->width; c++) {
			double acc = 0;

			for (int64_t j = 0; j < p->keys; j++)
				acc = chain(p->dtype, s[j], val[(head * p->keys + j) * p->width + c], acc);
			expect_number(&v[Y], r * p->width + c, acc, p->dtype);
		}
	}
	free(q);
	free(k);
	free(val);
	free(mask);
}

static void make_all(const struct attention *p, struct view *v, struct tr_operand *operand)
{
	test_note("%s %dx%d rows %d keys %d depth %d width %d mask %d", tr_dtype_name(p->dtype), (int)p->batch,
		  (int)p->heads, (int)p->rows, (int)p->keys, (int)p->depth, (int)p->width, p->mask);
	make_operand(p, &v[Y], Y, p->rows, p->width);
	make_operand(p, &v[Q], Q, p->rows, p->depth);
	make_operand(p, &v[K], K, p->keys, p->depth);
	make_operand(p, &v[V], V, p->keys, p->width);
	make_operand(p, &v[MASK], MASK, p->rows, p->keys);
	for (int i = 0; i < OPERANDS; i++)
		operand[i] = v[i].o;
}

static struct tr_cmd command(const struct attention *p, struct tr_operand *operand)
{
	return (struct tr_cmd){ .op = TR_OP_attention, .family = TR_FAMILY_ATTENTION, .dtype = p->dtype,
				.noperand = p->mask ? 5 : 4, .operand = operand, .attr.f64[0] = p->scale };
}

static void check(struct tr_device *dev, const struct attention *p)
{
	struct tr_operand operand[OPERANDS];
	struct tr_cmd cmd = command(p, operand);
	struct view v[OPERANDS];

	make_all(p, v, operand);
	expect_attention(p, v);
	run_product(dev, &cmd, v);
	for (int i = 0; i < OPERANDS; i++)
		free_view(&v[i]);
}

static const uint8_t floats[] = { TR_F32, TR_F64 };

static int64_t one_to(int64_t n)
{
	return 1 + (int64_t)test_rand_below((uint64_t)n);
}

static struct attention random_case(int i)
{
	struct attention p = { .dtype = floats[i & 1], .values = NORMAL, .batch = one_to(2), .heads = one_to(3),
			       .rows = one_to(20), .keys = one_to(70), .depth = one_to(40), .width = one_to(40) };

	if (!test_rand_below(4))
		p.rows = one_to(150);
	p.scale = test_rand_below(4) ? 1 / sqrt((double)p.depth) : 1;
	p.mask = test_rand_below(2);
	p.mask_same = (unsigned)test_rand_below(16);
	return p;
}

static void any_shape(void)
{
	struct tr_device *dev = open_device(1);

	for (int i = 0; dev && i < 300; i++) {
		struct attention p = random_case(i);

		check(dev, &p);
	}
	if (dev)
		close_device(dev);
}

static void any_strides(void)
{
	struct tr_device *dev = open_device(2);

	for (int i = 0; dev && i < 300; i++) {
		struct attention p = random_case(i);

		for (int o = 0; o < OPERANDS; o++)
			p.layout[o] = random_layout(o == Y);
		check(dev, &p);
	}
	if (dev)
		close_device(dev);
}

/* Whole numbers times 1: scores are exact in every type. */
static void mixed_types(void)
{
	struct tr_device *dev = open_device(1);

	for (int i = 0; dev && i < 200; i++) {
		struct attention p = random_case(i);

		p.values = WHOLE;
		p.scale = 1;
		for (int o = Q; o < OPERANDS; o++)
			p.types[o] = random_dtype();
		p.types[Y] = test_rand_below(2) ? TR_F32 : TR_F64;
		check(dev, &p);
	}
	if (dev)
		close_device(dev);
}

static void any_number_of_threads(void)
{
	for (unsigned threads = 1; threads <= 3; threads++) {
		struct tr_device *dev = open_device(threads);

		for (int i = 0; dev && i < 6; i++) {
			struct attention p = { .dtype = floats[i & 1], .values = NORMAL, .batch = 1, .heads = 1 + i % 3,
					       .rows = 130, .keys = 500, .depth = 64, .width = 64, .scale = 0.125,
					       .mask = i & 1 };

			check(dev, &p);
		}
		if (dev)
			close_device(dev);
	}
}

/* Nothing to attend to gives 0; no depth gives the mean of the values. */
static void empty_dimensions(void)
{
	struct tr_device *dev = open_device(1);

	for (int i = 0; dev && i < 32; i++) {
		struct attention p = random_case(i);

		*(i & 2 ? i & 4 ? &p.rows : &p.keys : i & 4 ? &p.depth : &p.width) = 0;
		if (i & 8)
			p.heads = 0;
		check(dev, &p);
	}
	if (dev)
		close_device(dev);
}

/* A causal mask, and a last row that sees no key at all: NaN, as PyTorch's. */
static void masks_of_infinity(void)
{
	enum { ROWS = 70, KEYS = 70, WIDTH = 24 };
	struct attention p = { .dtype = TR_F32, .values = NORMAL, .batch = 1, .heads = 2, .rows = ROWS, .keys = KEYS,
			       .depth = 16, .width = WIDTH, .scale = 0.25, .mask = true };
	struct tr_device *dev = open_device(1);
	struct tr_operand operand[OPERANDS];
	struct tr_cmd cmd = command(&p, operand);
	struct view v[OPERANDS];

	if (!dev)
		return;
	make_all(&p, v, operand);
	for (int64_t i = 0; i < 2 * ROWS * KEYS; i++) {
		int64_t row = i / KEYS % ROWS, key = i % KEYS;

		*(float *)element(&v[MASK], i) = key <= row && row < ROWS - 1 ? 0 : -INFINITY;
	}
	memcpy(v[MASK].expect, v[MASK].block, v[MASK].bytes);
	expect_attention(&p, v);
	run_product(dev, &cmd, v);
	for (int64_t c = 0; c < WIDTH; c++) {
		CU_ASSERT_EQUAL(*(const float *)element(&v[Y], c), *(const float *)element(&v[V], c));
		CU_ASSERT(isnan(*(const float *)element(&v[Y], (ROWS - 1) * WIDTH + c)));
	}
	for (int i = 0; i < OPERANDS; i++)
		free_view(&v[i]);
	close_device(dev);
}

/*
 * How far f32 may be from float64. A score is off by (depth + 2) half units of its terms' absolute sum at most, a
 * probability by twice that and the softmax's own error, and the last sum by keys half units: together times the largest
 * value.
 */
static double bound(const struct attention *p, const double *q, const double *k, const double *val)
{
	double terms = 0, largest = 0;

	for (int64_t i = 0; i < p->batch * p->heads * p->keys * p->width; i++)
		largest = fmax(largest, fabs(val[i]));
	for (int64_t r = 0; r < p->batch * p->heads * p->rows; r++)
		for (int64_t j = 0; j < p->keys; j++) {
			double sum = 0;

			for (int64_t d = 0; d < p->depth; d++)
				sum += fabs(q[r * p->depth + d] * k[(r / p->rows * p->keys + j) * p->depth + d]);
			terms = fmax(terms, sum * p->scale);
		}
	return ldexp(2 * (double)(p->depth + 2) * terms + (double)p->keys + 16, -24) * largest;
}

/* The farthest of v's results from float64's. */
static double distance(const struct attention *p, const struct view *v, const double *q, const double *k,
		       const double *val)
{
	struct attention exact = *p;
	double s[512], far = 0;

	exact.dtype = TR_F64;
	for (int64_t r = 0; r < p->batch * p->heads * p->rows; r++) {
		int64_t head = r / p->rows;

		probabilities(&exact, q + r * p->depth, k + head * p->keys * p->depth, NULL, s);
		for (int64_t c = 0; c < p->width; c++) {
			double want = 0;

			for (int64_t j = 0; j < p->keys; j++)
				want += s[j] * val[(head * p->keys + j) * p->width + c];
			far = fmax(far, fabs((double)*(const float *)element(&v[Y], r * p->width + c) - want));
		}
	}
	return far;
}

static void error_bound(void)
{
	struct tr_device *dev = open_device(1);

	for (int i = 0; dev && i < 40; i++) {
		struct attention p = random_case(0);
		struct tr_operand operand[OPERANDS];
		struct tr_cmd cmd;
		struct view v[OPERANDS];
		double *q, *k, *val;
		char detail[128];
		size_t failed;

		p.mask = false;
		cmd = command(&p, operand);
		make_all(&p, v, operand);
		q = numbers(&v[Q]);
		k = numbers(&v[K]);
		val = numbers(&v[V]);
		CU_ASSERT_EQUAL(tr__cpu_driver.run(dev, &cmd, 1, &failed, detail), 0);
		CU_ASSERT(distance(&p, v, q, k, val) <= bound(&p, q, k, val));
		free(q);
		free(k);
		free(val);
		for (int o = 0; o < OPERANDS; o++)
			free_view(&v[o]);
	}
	if (dev)
		close_device(dev);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(any_shape),	    TEST(any_strides),	     TEST(mixed_types), TEST(any_number_of_threads),
		TEST(empty_dimensions), TEST(masks_of_infinity), TEST(error_bound),
	};

	return TEST_RUN("attention", cases);
}
