/* SPDX-License-Identifier: MIT */
/* Tensor helpers of the suites; see tensors.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tensors.h"

struct tr_context *open_context_with(unsigned threads, const struct tr_allocator *allocator)
{
	struct tr_context_params params = {.device = "cpu", .threads = threads};
	struct tr_context *ctx;
	char why[256];

	if (allocator)
		params.allocator = *allocator;
	if (tr_context_create(&ctx, &params, why, sizeof(why))) {
		fprintf(stderr, "no context: %s\n", why);
		exit(2);
	}
	return ctx;
}

struct tr_context *open_context(void)
{
	return open_context_with(0, NULL);
}

void survive_failing_allocations(struct tr_tensor *(*make)(struct tr_context *ctx), bool (*work)(struct tr_tensor *x),
				 size_t least)
{
	for (size_t fail = 1; fail < 2000; fail++) {
		struct test_heap heap = {0};
		struct tr_allocator allocator = test_heap_allocator(&heap);
		struct tr_context *ctx = open_context_with(1, &allocator);
		struct tr_tensor *x = make(ctx);
		bool done, came_through;

		heap.fail_at = fail;
		done = work(x);
		came_through = heap.fail_at != 0;
		heap.fail_at = 0;
		test_note("call %zu: %s", fail, tr_error_message(ctx));
		CU_ASSERT_EQUAL(tr_error(ctx), done ? 0 : -TR_ENOMEM);
		CU_ASSERT_TRUE(done || !came_through);
		tr_context_destroy(ctx);
		CU_ASSERT_EQUAL(heap.live, 0);
		if (came_through) {
			CU_ASSERT_TRUE(fail > least);
			return;
		}
	}
	CU_FAIL("never came through");
}

struct tr_tensor *ramp(struct tr_context *ctx, double start, double step, int ndim, const int64_t *shape)
{
	struct tr_tensor *t = tr_empty(ctx, TR_F32, ndim, shape);
	float *x = tr_data(t);

	for (int64_t i = 0; t && i < tr_numel(t); i++)
		x[i] = (float)(start + step * (double)i);
	return t;
}

struct tr_tensor *random_f32(struct tr_context *ctx, bool specials, int ndim, const int64_t *shape)
{
	struct tr_tensor *t = tr_empty(ctx, TR_F32, ndim, shape);
	float *x = tr_data(t);

	for (int64_t i = 0; t && i < tr_numel(t); i++)
		x[i] = specials ? test_rand_f32() : (float)test_rand_normal();
	return t;
}

double value_at(struct tr_tensor *t, int64_t index)
{
	struct tr_tensor *wide = tr_astype(t, TR_F64);
	const double *x = tr_data_const(wide);
	double v = x && index < tr_numel(wide) ? x[index] : NAN;

	tr_free(wide);
	return v;
}

static bool same_element(enum tr_dtype dtype, const char *a, const char *b)
{
	float x, y;
	double u, v;

	switch (dtype) {
	case TR_F32:
		memcpy(&x, a, 4);
		memcpy(&y, b, 4);
		return !memcmp(a, b, 4) || (isnan(x) && isnan(y));
	case TR_F64:
		memcpy(&u, a, 8);
		memcpy(&v, b, 8);
		return !memcmp(a, b, 8) || (isnan(u) && isnan(v));
	default:
		return !memcmp(a, b, tr_dtype_size(dtype));
	}
}

void assert_same(struct tr_tensor *a, struct tr_tensor *b)
{
	size_t size, n;
	char *x, *y;
	int64_t bad = -1;

	CU_ASSERT(a && b);
	if (!a || !b)
		return;
	CU_ASSERT_EQUAL(tr_dtype_of(a), tr_dtype_of(b));
	CU_ASSERT_EQUAL(tr_ndim(a), tr_ndim(b));
	CU_ASSERT_EQUAL(tr_numel(a), tr_numel(b));
	if (tr_dtype_of(a) != tr_dtype_of(b) || tr_ndim(a) != tr_ndim(b) || tr_numel(a) != tr_numel(b))
		return;
	CU_ASSERT(!memcmp(tr_shape(a), tr_shape(b), (size_t)tr_ndim(a) * sizeof(int64_t)));
	size = tr_dtype_size(tr_dtype_of(a));
	n = (size_t)tr_numel(a);
	x = malloc(n * size + 1);
	y = malloc(n * size + 1);
	CU_ASSERT_EQUAL(tr_read(a, x, n * size), 0);
	CU_ASSERT_EQUAL(tr_read(b, y, n * size), 0);
	for (size_t i = 0; i < n && bad < 0; i++)
		if (!same_element(tr_dtype_of(a), x + i * size, y + i * size))
			bad = (int64_t)i;
	if (bad >= 0)
		test_note("element %lld of %zu: %.9g and %.9g", (long long)bad, n, value_at(a, bad), value_at(b, bad));
	CU_ASSERT_EQUAL(bad, -1);
	free(x);
	free(y);
}

void assert_f32(struct tr_tensor *t, const float *want, int64_t n)
{
	float *x;

	CU_ASSERT_PTR_NOT_NULL(t);
	if (!t)
		return;
	CU_ASSERT_EQUAL(tr_dtype_of(t), TR_F32);
	CU_ASSERT_EQUAL(tr_numel(t), n);
	if (tr_dtype_of(t) != TR_F32 || tr_numel(t) != n)
		return;
	x = malloc((size_t)n * sizeof(*x) + 1);
	CU_ASSERT_EQUAL(tr_read(t, x, (size_t)n * sizeof(*x)), 0);
	for (int64_t i = 0; i < n; i++) {
		if (!same_element(TR_F32, (char *)&x[i], (const char *)&want[i]))
			test_note("element %lld is %.9g, wanted %.9g", (long long)i, x[i], want[i]);
		CU_ASSERT(same_element(TR_F32, (char *)&x[i], (const char *)&want[i]));
	}
	free(x);
}

void assert_error(struct tr_context *ctx, enum tr_status status, const char *words)
{
	if (tr_error(ctx) != -(int)status || !strstr(tr_error_message(ctx), words))
		test_note("got %s \"%s\", wanted %s \"%s\"", tr_strstatus(tr_error(ctx)), tr_error_message(ctx),
			  tr_strstatus(status), words);
	CU_ASSERT_EQUAL(tr_error(ctx), -(int)status);
	CU_ASSERT_PTR_NOT_NULL(strstr(tr_error_message(ctx), words));
	tr_error_clear(ctx);
}
