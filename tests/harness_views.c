/* SPDX-License-Identifier: MIT */
/*
 * Operands in guarded memory for tests of the CPU driver's executors (views.h). Knows no operation.
 */
#include "tests/views.h"

#include <stdlib.h>
#include <string.h>

static struct test_heap heap;

struct tr_device *open_device(unsigned threads)
{
	static struct tr_allocator alloc;
	struct tr_context_params params = { .threads = threads, .exact = TR_EXACT_HALF };
	struct tr_device *dev = NULL;
	char err[128] = "";

	alloc = test_heap_allocator(&heap);
	CU_ASSERT_EQUAL(tr__cpu_driver.open(&dev, 0, &params, &alloc, err, sizeof(err)), 0);
	return dev;
}

void close_device(struct tr_device *dev)
{
	tr__cpu_driver.close(dev);
	CU_ASSERT_EQUAL(heap.live, 0);
}

int64_t numel(const struct tr_operand *o)
{
	int64_t n = 1;

	for (int d = 0; d < o->ndim; d++)
		n *= o->shape[d];
	return n;
}

/* Offset in elements of element i in C order. */
static int64_t offset(const struct tr_operand *o, int64_t i)
{
	int64_t off = 0;

	for (int d = o->ndim - 1; d >= 0; d--) {
		off += i % o->shape[d] * o->stride[d];
		i /= o->shape[d];
	}
	return off;
}

static void choose_strides(struct tr_operand *o, enum layout layout)
{
	int order[TR_MAX_RANK];
	int64_t step = 1;

	for (int d = 0; d < o->ndim; d++)
		order[d] = d;
	if (layout == PERMUTED || layout == MIXED)
		for (int d = o->ndim - 1; d > 0; d--) {
			int e = (int)test_rand_below((uint64_t)d + 1), t = order[d];

			order[d] = order[e];
			order[e] = t;
		}
	for (int k = o->ndim - 1; k >= 0; k--) {
		int d = order[k];

		if (layout == STRIDED || (layout == MIXED && !test_rand_below(3)))
			step *= 1 + (int64_t)test_rand_below(3);
		o->stride[d] = step;
		step *= o->shape[d];
		if (layout == REVERSED || (layout == MIXED && !test_rand_below(4)))
			o->stride[d] = -o->stride[d];
	}
	if (layout == REPEATED || layout == MIXED)
		for (int d = 0; d < o->ndim; d++)
			if (test_rand_below(2))
				o->stride[d] = 0;
}

/* Small numbers, exact in every type and far from any type's limits. */
static void set_random(uint8_t dtype, void *at)
{
	bool positive = dtype >= TR_U8 && dtype <= TR_U64;
	double v = (double)test_rand_below(17) - (positive ? 0 : 8);

	if (dtype == TR_F64)
		memcpy(at, &v, sizeof(v));
	else
		tr__ref_kernels.cast[TR_F64][dtype](at, &v, 1);
}

void make_view(struct view *v, uint8_t dtype, int ndim, const int64_t *shape, enum layout layout)
{
	size_t size = tr_dtype_size(dtype);
	int64_t low = 0, high = 0;

	memset(v, 0, sizeof(*v));
	v->o.dtype = dtype;
	v->o.ndim = (uint8_t)ndim;
	memcpy(v->o.shape, shape, (size_t)ndim * sizeof(*shape));
	choose_strides(&v->o, layout);
	for (int d = 0; d < ndim; d++)
		*(v->o.stride[d] < 0 ? &low : &high) += v->o.stride[d] * (shape[d] ? shape[d] - 1 : 0);
	v->bytes = (size_t)(high - low + 1) * size;
	v->block = guard_alloc(v->bytes, test_rand_below(2) ? GUARD_AFTER : GUARD_BEFORE);
	v->expect = malloc(v->bytes);
	if (!v->block || !v->expect)
		abort();
	for (size_t i = 0; i < v->bytes; i += size)
		set_random(dtype, v->block + i);
	v->o.addr = v->block - low * (int64_t)size;
	memcpy(v->expect, v->block, v->bytes);
}

void share_view(struct view *v, const struct view *with, uint8_t dtype)
{
	*v = *with;
	v->o.dtype = dtype;
	v->shared = true;
}

void free_view(struct view *v)
{
	if (!v->shared) {
		guard_free(v->block);
		free(v->expect);
	}
}

const void *element(const struct view *v, int64_t i)
{
	return (const char *)v->o.addr + offset(&v->o, i) * (int64_t)tr_dtype_size(v->o.dtype);
}

void *expected(const struct view *v, int64_t i)
{
	return v->expect + ((const unsigned char *)element(v, i) - v->block);
}

void convert(void *dst, uint8_t to, const void *src, uint8_t from)
{
	if (from == to)
		memmove(dst, src, tr_dtype_size(to));
	else
		tr__ref_kernels.cast[from][to](dst, src, 1);
}

void run_and_compare(struct tr_device *dev, const struct tr_cmd *cmd, const struct view *views, unsigned n)
{
	char detail[128] = "";
	size_t failed = 0;
	int err = tr__cpu_driver.run(dev, cmd, 1, &failed, detail);

	CU_ASSERT_EQUAL(err, 0);
	for (unsigned i = 0; i < n; i++)
		CU_ASSERT_EQUAL(memcmp(views[i].block, views[i].expect, views[i].bytes), 0);
}

static const int64_t edges[] = { 1, 2, 3, 7, 16, 31, 64, 127, 255, 256, 257, 300, 1023, 1024, 1025, 2049 };

int random_shape(int64_t *shape, int64_t most)
{
	int ndim = (int)test_rand_below(5);
	int64_t n = 1;

	for (int d = 0; d < ndim; d++) {
		shape[d] = edges[test_rand_below(sizeof(edges) / sizeof(*edges))];
		if (n * shape[d] > most)
			shape[d] = 1 + (int64_t)test_rand_below((uint64_t)(most / n > 9 ? 9 : most / n));
		n *= shape[d];
	}
	/* the long axis anywhere */
	for (int d = ndim - 1; d > 0; d--) {
		int e = (int)test_rand_below((uint64_t)d + 1);
		int64_t t = shape[d];

		shape[d] = shape[e];
		shape[e] = t;
	}
	return ndim;
}

enum layout random_layout(bool written)
{
	enum layout layout = (enum layout)test_rand_below(LAYOUTS);

	if (written && (layout >= REPEATED || test_rand_below(2)))
		return DENSE;
	return layout;
}

uint8_t random_dtype(void)
{
	static const uint8_t types[] = { TR_BOOL, TR_I8, TR_I16, TR_I32, TR_I64, TR_U8,  TR_U16,
					 TR_U32,  TR_U64, TR_F16, TR_BF16, TR_F32, TR_F64 };

	return types[test_rand_below(sizeof(types))];
}
