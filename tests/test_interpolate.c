/* SPDX-License-Identifier: MIT */
/*
 * Resizing and embedding of the CPU driver against their definition written out, bit for bit: every mode, axes,
 * layouts, types, special values and thread counts, between guard pages. What the public calls refuse.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/products.h"
#include "tests/tensors.h"

enum { Y, X };

static int64_t one_to(int64_t n)
{
	return 1 + (int64_t)test_rand_below((uint64_t)n);
}

struct resize {
	uint8_t dtype, types[2]; /* 0 (bool): dtype */
	struct tr_interpolate_params p;
	int64_t batch, channels, in[3], out[3];
	enum layout layout[2];
	enum values values;
};

/* Elements of axis i that position j of the result is made of, and the weight of the second. */
static void meets(const struct resize *r, int i, int64_t j, int64_t *near, int64_t *next, double *weight)
{
	bool single = r->dtype == TR_F32, linear = r->p.mode == TR_INTERPOLATE_LINEAR;
	double scale = single ? (double)((float)r->in[i] / (float)r->out[i]) : (double)r->in[i] / (double)r->out[i];
	double half = r->p.mode == TR_INTERPOLATE_NEAREST ? 0 : 0.5, x;

	if (r->p.scale[i] > 0)
		scale = single ? (double)(float)(1 / r->p.scale[i]) : 1 / r->p.scale[i];
	if (r->p.flags & TR_ALIGN_CORNERS) {
		scale = r->out[i] == 1 ? 0 : (double)(r->in[i] - 1) / (double)(r->out[i] - 1);
		half = 0;
		scale = single ? (double)(float)scale : scale;
	}
	x = single ? (double)((float)scale * (float)((double)j + half)) : scale * ((double)j + half);
	if (linear) {
		x = single ? (double)((float)x - (float)half) : x - half;
		x = x < 0 ? 0 : x;
	} else {
		x = (double)(float)x;
	}
	*near = (int64_t)floor(x) < r->in[i] - 1 ? (int64_t)floor(x) : r->in[i] - 1;
	*next = *near + 1 < r->in[i] ? *near + 1 : *near;
	*weight = x - (double)*near > 1 ? 1 : x - (double)*near;
	if (linear && r->in[i] == r->out[i])
		*near = *next = j;
}

static double mixed(uint8_t dtype, double a, double b, double w)
{
	if (dtype == TR_F32)
		return (double)fmaf((float)w, (float)b, (1 - (float)w) * (float)a);
	return fma(w, b, (1 - w) * a);
}

/* The mean over axis i and those behind it at position o of the result; x: of the axes' elements from there on. */
static double value(const struct resize *r, const double *x, const int64_t *o, int i)
{
	int64_t near, next, inner = 1;
	double w, a;

	if (i == 3)
		return *x;
	for (int k = i + 1; k < 3; k++)
		inner *= r->in[k];
	meets(r, i, o[i], &near, &next, &w);
	a = value(r, x + near * inner, o, i + 1);
	if (r->p.mode != TR_INTERPOLATE_LINEAR || r->in[i] == r->out[i])
		return a;
	return mixed(r->dtype, a, value(r, x + next * inner, o, i + 1), w);
}

static void check_resize(struct tr_device *dev, const struct resize *r)
{
	struct tr_operand operand[2];
	struct tr_cmd cmd = { .op = TR_OP_interpolate3d, .family = TR_FAMILY_INTERPOLATE, .dtype = r->dtype,
			      .noperand = 2, .operand = operand };
	int64_t plane = r->in[0] * r->in[1] * r->in[2], i = 0, o[3];
	struct view v[2];
	double *x;

	test_note("mode %u flags %u %s %dx(%dx%dx%d -> %dx%dx%d) scale %g %g %g", r->p.mode, r->p.flags,
		  tr_dtype_name(r->dtype), (int)(r->batch * r->channels), (int)r->in[0], (int)r->in[1], (int)r->in[2],
		  (int)r->out[0], (int)r->out[1], (int)r->out[2], r->p.scale[0], r->p.scale[1], r->p.scale[2]);
	memcpy(&cmd.attr, &r->p, sizeof(r->p));
	for (int k = 0; k < 2; k++) {
		const int64_t *s = k ? r->in : r->out;
		int64_t shape[] = { r->batch, r->channels, s[0], s[1], s[2] };

		make_numbers(&v[k], r->types[k] ? r->types[k] : r->dtype, 5, shape, r->layout[k], r->values);
		operand[k] = v[k].o;
	}
	guard_readonly(v[X].block);
	x = numbers(&v[X]);
	for (int64_t n = 0; n < r->batch * r->channels; n++)
		for (o[0] = 0; o[0] < r->out[0]; o[0]++)
			for (o[1] = 0; o[1] < r->out[1]; o[1]++)
				for (o[2] = 0; o[2] < r->out[2]; o[2]++)
					expect_number(&v[Y], i++, value(r, x + n * plane, o, 0), r->dtype);
	free(x);
	run_product(dev, &cmd, v);
	free_view(&v[Y]);
	free_view(&v[X]);
}

static void any_resizing(void)
{
	for (unsigned threads = 1; threads <= 3; threads++) {
		struct tr_device *dev = open_device(threads);

		for (int i = 0; dev && i < 500; i++) {
			struct resize r = { .dtype = i & 1 ? TR_F32 : TR_F64, .batch = one_to(2), .channels = one_to(4),
					    .values = i & 4 ? SPECIAL : NORMAL };
			int axes = (int)one_to(3);

			r.p.mode = (uint32_t)(i % 3);
			r.p.flags = r.p.mode == TR_INTERPOLATE_LINEAR && i & 2 ? TR_ALIGN_CORNERS : 0;
			for (int a = 0; a < 3; a++) {
				r.in[a] = a >= 3 - axes ? one_to(axes == 1 ? 60 : 9) : 1;
				r.out[a] = a >= 3 - axes ? one_to(axes == 1 ? 90 : 12) : 1;
				if (a >= 3 - axes && test_rand_below(3) == 0) {
					r.p.scale[a] = 0.3 + (double)test_rand_below(300) / 100;
					r.out[a] = (int64_t)floor((double)r.in[a] * r.p.scale[a]);
					r.out[a] = r.out[a] ? r.out[a] : 1;
				}
				r.p.size[a] = (int32_t)r.out[a];
			}
			if (i & 8) {
				r.layout[Y] = random_layout(true);
				r.layout[X] = random_layout(false);
			}
			if (i & 16) {
				r.types[X] = random_dtype();
				r.types[Y] = TR_F64;
				r.values = WHOLE;
			}
			check_resize(dev, &r);
		}
		if (dev)
			close_device(dev);
	}
}

/* Channels next to each other in both, as an image read from a file has them. */
static void channels_last(void)
{
	struct tr_context *ctx = open_context();
	struct tr_interpolate_params p = { .size = { 11, 13 }, .mode = TR_INTERPOLATE_LINEAR };

	for (int threes = 0; threes < 2; threes++) {
		int64_t channels = threes ? 3 : 37;
		int back[] = { 0, 3, 1, 2 };
		struct tr_tensor *x = tr_permute(random_f32(ctx, true, SHAPE(2, 7, 6, channels)), back);
		struct tr_tensor *y = tr_permute(ramp(ctx, 0, 0, SHAPE(2, 11, 13, channels)), back);

		CU_ASSERT_EQUAL(tr_interpolate2d_out(y, x, &p), 0);
		assert_same(y, tr_interpolate2d(tr_copy(x), &p));
		p.mode = TR_INTERPOLATE_NEAREST;
		CU_ASSERT_EQUAL(tr_interpolate2d_out(y, x, &p), 0);
		assert_same(y, tr_interpolate2d(tr_copy(x), &p));
	}
	tr_context_destroy(ctx);
}

static void known_values(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = ramp(ctx, 1, 1, SHAPE(1, 1, 4));

	ASSERT_F32(tr_interpolate1d(x, &(struct tr_interpolate_params){ .scale = { 2 } }), 1, 1, 2, 2, 3, 3, 4, 4);
	ASSERT_F32(tr_interpolate1d(x, &(struct tr_interpolate_params){ .size = { 3 }, .mode = TR_INTERPOLATE_NEAREST }),
		   1, 2, 3);
	ASSERT_F32(tr_interpolate1d(x, &(struct tr_interpolate_params){ .size = { 3 },
									.mode = TR_INTERPOLATE_NEAREST_EXACT }),
		   1, 3, 4);
	ASSERT_F32(tr_interpolate1d(x, &(struct tr_interpolate_params){ .scale = { 2 }, .mode = TR_INTERPOLATE_LINEAR }),
		   1, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4);
	ASSERT_F32(tr_interpolate1d(x, &(struct tr_interpolate_params){ .size = { 7 }, .mode = TR_INTERPOLATE_LINEAR,
									.flags = TR_ALIGN_CORNERS }),
		   1, 1.5, 2, 2.5, 3, 3.5, 4);
	tr_context_destroy(ctx);
}

static void refused(struct tr_tensor *x, struct tr_interpolate_params p, enum tr_status status, const char *words,
		    struct tr_context *ctx)
{
	CU_ASSERT_PTR_NULL(tr_interpolate2d(x, &p));
	assert_error(ctx, status, words);
}

static void refusals(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = ramp(ctx, 1, 1, SHAPE(1, 2, 4, 5)), *line = ramp(ctx, 1, 1, SHAPE(5));
	struct tr_interpolate_params p = { .size = { 3, 3 } };

	refused(x, (struct tr_interpolate_params){ .size = { 3 } }, TR_EINVAL, "spatial axis 1: either size or scale", ctx);
	refused(x, (struct tr_interpolate_params){ .size = { 3, 3 }, .scale = { 2 } }, TR_EINVAL, "spatial axis 0: either",
		ctx);
	refused(x, (struct tr_interpolate_params){ .size = { -3, 3 } }, TR_EINVAL, "size -3", ctx);
	refused(x, (struct tr_interpolate_params){ .scale = { NAN, 1 } }, TR_EINVAL, "scale nan", ctx);
	refused(x, (struct tr_interpolate_params){ .scale = { 1, 0.1 } }, TR_ESHAPE, "5 elements, scaled by 0.1", ctx);
	refused(x, (struct tr_interpolate_params){ .scale = { 1, 1e10 } }, TR_EOVERFLOW, "below 2^31", ctx);
	refused(x, (struct tr_interpolate_params){ .size = { 3, 3, 3 } }, TR_EINVAL, "axis 2", ctx);
	refused(x, (struct tr_interpolate_params){ .size = { 3, 3 }, .mode = 3 }, TR_EINVAL, "mode 3", ctx);
	refused(x, (struct tr_interpolate_params){ .size = { 3, 3 }, .flags = TR_ALIGN_CORNERS }, TR_EINVAL, "linear", ctx);
	refused(line, p, TR_ESHAPE, "input is [5]", ctx);
	tr_context_destroy(ctx);
}

static void embeddings(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *w = ramp(ctx, 0, 1, SHAPE(5, 3)), *empty = ramp(ctx, 0, 1, SHAPE(0, 3)), *at, *y;
	int64_t rows[] = { 4, 0, 1, 1 };
	int32_t bad[] = { 0, 5 }, negative[] = { 0, -1 };

	at = tr_from_data(ctx, TR_I64, SHAPE(2, 2), rows);
	ASSERT_F32(tr_reshape(tr_embedding(at, w), SHAPE(12)), 12, 13, 14, 0, 1, 2, 3, 4, 5, 3, 4, 5);
	y = tr_embedding(tr_astype(at, TR_I32), tr_astype(w, TR_I8));
	CU_ASSERT_EQUAL(tr_dtype_of(y), TR_I8);
	CU_ASSERT_EQUAL(value_at(y, 0), 12);
	CU_ASSERT_PTR_NULL(tr_embedding(tr_from_data(ctx, TR_I32, SHAPE(2), bad), w));
	assert_error(ctx, TR_EINDEX, "index 5 at position 1 is out of bounds for axis 0 with size 5");
	CU_ASSERT_PTR_NULL(tr_embedding(tr_from_data(ctx, TR_I32, SHAPE(2), negative), w));
	assert_error(ctx, TR_EINDEX, "index -1 at position 1");
	CU_ASSERT_PTR_NULL(tr_embedding(tr_astype(at, TR_U8), w));
	assert_error(ctx, TR_EDTYPE, "indices are uint8");
	CU_ASSERT_PTR_NULL(tr_embedding(at, at));
	assert_error(ctx, TR_EINDEX, "size 2");
	CU_ASSERT_PTR_NULL(tr_embedding(at, tr_reshape(w, SHAPE(15))));
	assert_error(ctx, TR_ESHAPE, "weight is [15]");
	CU_ASSERT_PTR_NULL(tr_embedding(at, empty));
	assert_error(ctx, TR_EINDEX, "no rows");
	tr_context_destroy(ctx);
}

/* Any allocation may fail, and the call after it works. */
static void every_failing_allocation(void)
{
	struct tr_interpolate_params p = { .scale = { 2, 2 }, .mode = TR_INTERPOLATE_LINEAR };
	struct test_heap heap = { 0 };
	struct tr_allocator alloc = test_heap_allocator(&heap);
	int failed = 0;

	for (size_t n = 1; n < 20; n++) {
		struct tr_context *ctx = open_context_with(2, &alloc);
		struct tr_tensor *x = ramp(ctx, 0, 1, SHAPE(2, 8, 20, 20)), *y;

		heap.fail_at = n;
		y = tr_interpolate2d(x, &p);
		heap.fail_at = 0;
		if (!y) {
			failed++;
			assert_error(ctx, TR_ENOMEM, "memory");
			y = tr_interpolate2d(x, &p);
		}
		CU_ASSERT_PTR_NOT_NULL(y);
		tr_context_destroy(ctx);
		CU_ASSERT_EQUAL(heap.live, 0);
	}
	CU_ASSERT(failed > 0);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(any_resizing), TEST(channels_last), TEST(known_values), TEST(refusals), TEST(embeddings),
		TEST(every_failing_allocation),
	};

	return TEST_RUN("interpolate", cases);
}
