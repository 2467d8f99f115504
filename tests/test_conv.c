/* SPDX-License-Identifier: MIT */
/*
 * Convolutions and pooling of the CPU driver against their definition written out, bit for bit: sizes around the tiles,
 * every parameter, layouts, types, special values and thread counts, between guard pages. What the public calls refuse.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/products.h"
#include "tests/tensors.h"

enum { Y, X, W, BIAS, OPERANDS };

static int64_t one_to(int64_t n)
{
	return 1 + (int64_t)test_rand_below((uint64_t)n);
}

static const uint8_t floats[] = { TR_F32, TR_F64 };

/* ---- convolutions ---- */

struct conv {
	bool transposed, bias;
	uint8_t dtype, types[OPERANDS]; /* 0 (bool): dtype */
	struct tr_conv_params p;
	int64_t batch, cin, cout;       /* channels of one group */
	int64_t in[3], kernel[3], out[3];
	enum layout layout[OPERANDS];
	enum values values;
};

static void random_params(struct conv *c, int axes, int most)
{
	c->p.groups = test_rand_below(3) ? 1 : (int32_t)one_to(4);
	for (int i = 0; i < 3; i++) {
		bool used = i >= 3 - axes;

		c->p.stride[i] = used ? (int32_t)one_to(3) : 1;
		c->p.dilation[i] = used ? (int32_t)one_to(3) : 1;
		c->p.padding[i] = used ? (int32_t)test_rand_below(4) : 0;
		c->kernel[i] = used ? one_to(4) : 1;
		c->in[i] = used ? one_to(most) : 1;
		if (c->transposed && used)
			c->p.output_padding[i] = (int32_t)test_rand_below((uint64_t)c->p.stride[i]);
	}
}

/* Sizes of the result; false if there is none. */
static bool set_out(struct conv *c)
{
	for (int i = 0; i < 3; i++) {
		int64_t span = c->p.dilation[i] * (c->kernel[i] - 1) + 1, padded = c->in[i] + 2 * c->p.padding[i];

		if (c->transposed)
			c->out[i] = (c->in[i] - 1) * c->p.stride[i] - 2 * c->p.padding[i] + span + c->p.output_padding[i];
		else
			c->out[i] = padded < span ? 0 : (padded - span) / c->p.stride[i] + 1;
		if (c->out[i] < 1)
			return false;
	}
	return true;
}

/* The input position that output o meets at kernel position k of axis i: false if it is between two elements. */
static bool meets(const struct conv *c, int i, int64_t o, int64_t k, int64_t *at)
{
	int64_t back = o + c->p.padding[i] - k * c->p.dilation[i];

	*at = c->transposed ? back / c->p.stride[i] : o * c->p.stride[i] - c->p.padding[i] + k * c->p.dilation[i];
	return !c->transposed || back % c->p.stride[i] == 0;
}

/* One output: the chain as docs/numerics.md has it. x: planes of the group; w: of the first channel, w_ch apart. */
static double one_output(const struct conv *c, const double *x, const double *w, int64_t w_ch, const int64_t *o,
			 double acc)
{
	int64_t plane = c->in[0] * c->in[1] * c->in[2], p[3];

	for (int64_t ch = 0; ch < c->cin; ch++)
		for (int64_t d = 0; d < c->kernel[0]; d++)
			for (int64_t h = 0; h < c->kernel[1]; h++)
				for (int64_t k = 0; k < c->kernel[2]; k++) {
					double v = 0;
					bool inside = true;

					if (!meets(c, 0, o[0], d, &p[0]) || !meets(c, 1, o[1], h, &p[1]) ||
					    !meets(c, 2, o[2], k, &p[2]))
						continue;
					for (int i = 0; i < 3; i++)
						inside &= p[i] >= 0 && p[i] < c->in[i];
					if (inside)
						v = x[ch * plane + (p[0] * c->in[1] + p[1]) * c->in[2] + p[2]];
					acc = chain(c->dtype, w[ch * w_ch + (d * c->kernel[1] + h) * c->kernel[2] + k],
						    v,
						    acc);
				}
	return acc;
}

static void expect_conv(const struct conv *c, const struct view *v)
{
	double *x = numbers(&v[X]), *w = numbers(&v[W]), *bias = c->bias ? numbers(&v[BIAS]) : NULL;
	int64_t plane = c->in[0] * c->in[1] * c->in[2], taps = c->kernel[0] * c->kernel[1] * c->kernel[2];
	int64_t outputs = c->p.groups * c->cout, i = 0, at[3];

	for (int64_t n = 0; n < c->batch; n++)
		for (int64_t o = 0; o < outputs; o++) {
			int64_t group = o / c->cout;
			const double *from = x + (n * c->p.groups + group) * c->cin * plane;
			const double *row = c->transposed ? w + (group * c->cin * c->cout + o % c->cout) * taps
							  : w + o * c->cin * taps;

			for (at[0] = 0; at[0] < c->out[0]; at[0]++)
				for (at[1] = 0; at[1] < c->out[1]; at[1]++)
					for (at[2] = 0; at[2] < c->out[2]; at[2]++)
						expect_number(&v[Y], i++,
							      one_output(c, from, row,
									 c->transposed ? c->cout * taps : taps,
									 at, bias ? bias[o] : 0),
							      c->dtype);
		}
	free(x);
	free(w);
	free(bias);
}

static void check_conv(struct tr_device *dev, struct conv *c)
{
	struct tr_operand operand[OPERANDS];
	struct tr_cmd cmd = { .op = c->transposed ? TR_OP_conv_transpose3d : TR_OP_conv3d,
			      .family = c->transposed ? TR_FAMILY_CONV_TRANSPOSE : TR_FAMILY_CONV,
			      .dtype = c->dtype, .noperand = c->bias ? 4 : 3, .operand = operand };
	int64_t cin = c->cin * c->p.groups, cout = c->cout * c->p.groups, *k = c->kernel;
	int64_t shape[OPERANDS][5] = { { c->batch, cout }, { c->batch, cin, c->in[0], c->in[1], c->in[2] },
				       { cout, c->cin, k[0], k[1], k[2] }, { cout } };
	struct view v[OPERANDS];

	if (!set_out(c))
		return;
	memcpy(&shape[Y][2], c->out, sizeof(c->out));
	if (c->transposed) {
		shape[W][0] = cin;
		shape[W][1] = c->cout;
	}
	test_note("%s %s %dx(%dx%d -> %d) in %dx%dx%d kernel %dx%dx%d stride %d %d %d padding %d %d %d dilation %d %d %d",
		  c->transposed ? "transposed" : "conv", tr_dtype_name(c->dtype), (int)c->batch, c->p.groups, (int)c->cin,
		  (int)c->cout, (int)c->in[0], (int)c->in[1], (int)c->in[2], (int)k[0], (int)k[1], (int)k[2],
		  c->p.stride[0], c->p.stride[1], c->p.stride[2], c->p.padding[0], c->p.padding[1], c->p.padding[2],
		  c->p.dilation[0], c->p.dilation[1], c->p.dilation[2]);
	memcpy(&cmd.attr, &c->p, sizeof(c->p));
	for (int i = 0; i < cmd.noperand; i++) {
		make_numbers(&v[i], c->types[i] ? c->types[i] : c->dtype, i == BIAS ? 1 : 5, shape[i], c->layout[i],
			     c->values);
		operand[i] = v[i].o;
		if (i)
			guard_readonly(v[i].block);
	}
	expect_conv(c, v);
	run_product(dev, &cmd, v);
	for (int i = 0; i < cmd.noperand; i++)
		free_view(&v[i]);
}

static void random_layouts(enum layout *layout)
{
	for (int i = 0; i < OPERANDS; i++)
		layout[i] = random_layout(i == Y);
}

/* Every parameter, few channels: both kernels, whole and partial tiles. */
static void any_parameters(void)
{
	struct tr_device *dev = open_device(1);

	for (int i = 0; dev && i < 1200; i++) {
		struct conv c = { .transposed = i & 1, .dtype = floats[i >> 1 & 1], .bias = i & 4, .values = NORMAL,
				  .batch = one_to(3), .cin = one_to(4), .cout = one_to(9) };
		int axes = (int)one_to(3);

		random_params(&c, axes, axes == 3 ? 5 : axes == 2 ? 9 : 70);
		check_conv(dev, &c);
	}
	if (dev)
		close_device(dev);
}

static void any_strides(void)
{
	struct tr_device *dev = open_device(1);

	for (int i = 0; dev && i < 500; i++) {
		struct conv c = { .transposed = i & 1, .dtype = floats[i >> 1 & 1], .bias = i & 4, .values = NORMAL,
				  .batch = one_to(3), .cin = one_to(4), .cout = one_to(9) };

		random_params(&c, 2, 8);
		random_layouts(c.layout);
		check_conv(dev, &c);
	}
	if (dev)
		close_device(dev);
}

static void special_values(void)
{
	struct tr_device *dev = open_device(1);

	for (int i = 0; dev && i < 400; i++) {
		struct conv c = { .transposed = i & 1, .dtype = floats[i >> 1 & 1], .bias = i & 4, .values = SPECIAL,
				  .batch = 1, .cin = one_to(2), .cout = one_to(9) };

		random_params(&c, 2, 7);
		check_conv(dev, &c);
	}
	if (dev)
		close_device(dev);
}

static void mixed_types(void)
{
	struct tr_device *dev = open_device(2);

	for (int i = 0; dev && i < 300; i++) {
		struct conv c = { .transposed = i & 1, .dtype = floats[i >> 1 & 1], .bias = i & 4, .values = WHOLE,
				  .batch = one_to(2), .cin = one_to(3), .cout = one_to(9) };

		random_params(&c, 2, 8);
		random_layouts(c.layout);
		for (int o = X; o < OPERANDS; o++)
			c.types[o] = random_dtype();
		c.types[Y] = test_rand_below(2) ? TR_F32 : TR_F64;
		check_conv(dev, &c);
	}
	if (dev)
		close_device(dev);
}

/* Around the tiles, and more than a block of channels, columns and outputs; windows of one element read in place. */
static void tiles_and_blocks(void)
{
	struct tr_device *dev = open_device(1);

	for (int i = 0; dev && i < 60; i++) {
		struct conv c = { .dtype = floats[i & 1], .bias = i & 2, .values = NORMAL, .batch = 1,
				 .cin = one_to(20),
				  .cout = one_to(40), .p = { .stride = { 1, 1, 1 }, .dilation = { 1, 1, 1 },
							    .groups = 1 },
				  .kernel = { 1, 1, 1 }, .in = { 1, one_to(6), one_to(70) } };

		if (i % 3 == 0)
			c.kernel[2] = 3;
		if (i % 3 == 1)
			c.kernel[1] = c.kernel[2] = c.p.padding[1] = c.p.padding[2] = 2;
		check_conv(dev, &c);
	}
	for (int i = 0; dev && i < 6; i++) {
		struct conv c = { .dtype = floats[i & 1], .values = NORMAL, .batch = 1,
				  .cin = (int64_t[]){ 130, 700, 9 }[i / 2], .cout = (int64_t[]){ 30, 150, 33 }[i / 2],
				  .p = { .stride = { 1, 1, 1 }, .dilation = { 1, 1, 1 }, .groups = 1 },
				  .kernel = { 1, 1, 1 }, .in = { 1, 11, 37 } };

		if (i / 2 == 0)
			c.kernel[1] = c.kernel[2] = 3;
		if (i / 2 == 2)
			c.kernel[0] = c.kernel[1] = c.kernel[2] = c.in[0] = 9;
		check_conv(dev, &c);
	}
	if (dev)
		close_device(dev);
}

static void any_number_of_threads(void)
{
	for (unsigned threads = 1; threads <= 3; threads++) {
		struct tr_device *dev = open_device(threads);

		for (int i = 0; dev && i < 12; i++) {
			struct conv c = { .transposed = i % 2, .dtype = floats[i / 2 % 2], .bias = true,
					 .values = NORMAL,
					  .batch = i % 3 ? 1 : 5, .cin = i < 8 ? 30 : 1, .cout = i < 4 ? 60 : i < 8 ? 16 : 1,
					  .p = { .stride = { 1, 2, 2 }, .dilation = { 1, 1, 1 }, .padding = { 0, 1, 1 },
						 .groups = i < 8 ? 1 : 60 },
					  .kernel = { 1, 3, 3 }, .in = { 1, 17, 19 } };

			check_conv(dev, &c);
		}
		if (dev)
			close_device(dev);
	}
}

/* ---- pooling ---- */

struct pool {
	enum tr_family family;
	uint8_t dtype, types[2];
	struct tr_pool_params p;
	int64_t batch, channels, in[3], out[3];
	enum layout layout[2];
	enum values values;
};

static void random_pool(struct pool *p, int axes)
{
	p->p.flags = (uint32_t)test_rand_below(p->family == TR_FAMILY_AVG_POOL ? 4 : 2);
	for (int i = 0; i < 3; i++) {
		bool used = i >= 3 - axes;
		int64_t over;

		p->p.kernel[i] = used ? (int32_t)one_to(4) : 1;
		p->p.stride[i] = used ? (int32_t)one_to(4) : 1;
		p->p.dilation[i] = used && p->family == TR_FAMILY_MAX_POOL ? (int32_t)one_to(2) : 1;
		p->p.padding[i] = (int32_t)test_rand_below((uint64_t)p->p.kernel[i] / 2 + 1);
		p->in[i] = used ? 8 + one_to(axes == 1 ? 80 : 9) : 1;
		over = p->in[i] + 2 * p->p.padding[i] - p->p.dilation[i] * (p->p.kernel[i] - 1) - 1;
		p->out[i] = (over + (p->p.flags & TR_POOL_CEIL ? p->p.stride[i] - 1 : 0)) / p->p.stride[i] + 1;
		if (p->p.flags & TR_POOL_CEIL && (p->out[i] - 1) * p->p.stride[i] >= p->in[i] + p->p.padding[i])
			p->out[i]--;
		if (p->family == TR_FAMILY_ADAPTIVE_POOL)
			p->out[i] = used ? one_to(20) : 1;
		p->p.output[i] = (int32_t)p->out[i];
	}
}

static double round_to(uint8_t dtype, double x)
{
	return dtype == TR_F32 ? (double)(float)x : x;
}

/* The greater, NaN if either is, -0 below +0. */
static double maximum(double a, double b)
{
	if (isnan(a) || isnan(b))
		return NAN;
	return a == b ? signbit(a) ? b : a : a > b ? a : b;
}

/* Positions of window o along axis i: first, how many, how far apart, and how many the average counts. */
static void window(const struct pool *p, int i, int64_t o, int64_t *first, int64_t *n, int64_t *counted)
{
	int64_t size = p->in[i], end;

	if (p->family == TR_FAMILY_ADAPTIVE_POOL) {
		*first = o * size / p->out[i];
		*n = *counted = ((o + 1) * size + p->out[i] - 1) / p->out[i] - *first;
		return;
	}
	*first = o * p->p.stride[i] - p->p.padding[i];
	*n = p->p.kernel[i];
	end = *first + *n < size + p->p.padding[i] ? *first + *n : size + p->p.padding[i];
	*counted = end - *first;
	if (p->p.flags & TR_POOL_EXCLUDE_PAD)
		*counted = (end < size ? end : size) - (*first > 0 ? *first : 0);
}

static double one_window(const struct pool *p, const double *x, const int64_t *o)
{
	bool max = p->family == TR_FAMILY_MAX_POOL;
	int64_t first[3], n[3], counted[3], by[3] = { 1, 1, 1 }, t[3], all;
	double acc = max ? -INFINITY : 0;

	for (int i = 0; i < 3; i++) {
		window(p, i, o[i], &first[i], &n[i], &counted[i]);
		by[i] = max ? p->p.dilation[i] : 1;
	}
	for (t[0] = 0; t[0] < n[0]; t[0]++)
		for (t[1] = 0; t[1] < n[1]; t[1]++)
			for (t[2] = 0; t[2] < n[2]; t[2]++) {
				int64_t at = 0;
				bool inside = true;

				for (int i = 0; i < 3; i++) {
					int64_t c = first[i] + t[i] * by[i];

					inside &= c >= 0 && c < p->in[i];
					at = at * p->in[i] + c;
				}
				if (inside)
					acc = max ? maximum(acc, x[at]) : round_to(p->dtype, acc + x[at]);
			}
	all = counted[0] * counted[1] * counted[2];
	return max ? acc : round_to(p->dtype, acc / round_to(p->dtype, (double)all));
}

static void check_pool(struct tr_device *dev, const struct pool *p)
{
	struct tr_operand operand[2];
	struct tr_cmd cmd = { .op = p->family == TR_FAMILY_MAX_POOL ? TR_OP_max_pool3d
				    : p->family == TR_FAMILY_AVG_POOL ? TR_OP_avg_pool3d : TR_OP_adaptive_avg_pool3d,
			      .family = (uint8_t)p->family, .dtype = p->dtype, .noperand = 2, .operand = operand };
	int64_t plane = p->in[0] * p->in[1] * p->in[2], i = 0, o[3];
	struct view v[2];
	double *x;

	test_note("family %d %s in %dx%dx%d kernel %d %d %d stride %d %d %d padding %d %d %d flags %u", p->family,
		  tr_dtype_name(p->dtype), (int)p->in[0], (int)p->in[1], (int)p->in[2], p->p.kernel[0], p->p.kernel[1],
		  p->p.kernel[2], p->p.stride[0], p->p.stride[1], p->p.stride[2], p->p.padding[0], p->p.padding[1],
		  p->p.padding[2], p->p.flags);
	memcpy(&cmd.attr, &p->p, sizeof(p->p));
	for (int k = 0; k < 2; k++) {
		const int64_t *s = k ? p->in : p->out;
		int64_t shape[] = { p->batch, p->channels, s[0], s[1], s[2] };

		make_numbers(&v[k], p->types[k] ? p->types[k] : p->dtype, 5, shape, p->layout[k], p->values);
		operand[k] = v[k].o;
	}
	guard_readonly(v[X].block);
	x = numbers(&v[X]);
	for (int64_t n = 0; n < p->batch * p->channels; n++)
		for (o[0] = 0; o[0] < p->out[0]; o[0]++)
			for (o[1] = 0; o[1] < p->out[1]; o[1]++)
				for (o[2] = 0; o[2] < p->out[2]; o[2]++)
					expect_number(&v[Y], i++, one_window(p, x + n * plane, o), p->dtype);
	free(x);
	run_product(dev, &cmd, v);
	free_view(&v[Y]);
	free_view(&v[X]);
}

static void any_pooling(void)
{
	static const enum tr_family families[] = { TR_FAMILY_MAX_POOL, TR_FAMILY_AVG_POOL, TR_FAMILY_ADAPTIVE_POOL };

	for (unsigned threads = 1; threads <= 3; threads++) {
		struct tr_device *dev = open_device(threads);

		for (int i = 0; dev && i < 500; i++) {
			struct pool p = { .family = families[i % 3], .dtype = floats[i & 1], .batch = one_to(2),
					  .channels = one_to(3), .values = i & 4 ? SPECIAL : NORMAL };

			random_pool(&p, (int)one_to(3));
			if (i & 8) {
				p.layout[Y] = random_layout(true);
				p.layout[X] = random_layout(false);
			}
			if (i & 16) {
				p.types[X] = random_dtype();
				p.types[Y] = TR_F64;
				p.values = WHOLE;
			}
			check_pool(dev, &p);
		}
		if (dev)
			close_device(dev);
	}
}

/* ---- public calls ---- */

static void defaults_and_forms(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = ramp(ctx, 1, 1, SHAPE(1, 1, 3, 3)), *w = ramp(ctx, 1, 0, SHAPE(1, 1, 2, 2));
	struct tr_pool_params two = { .kernel = { 2, 2 } };
	struct tr_tensor *y = ramp(ctx, 0, 0, SHAPE(1, 1, 2, 2)), *plain = ramp(ctx, 1, 1, SHAPE(1, 3, 3));

	ASSERT_F32(tr_conv2d(x, w, NULL, NULL), 12, 16, 24, 28);
	ASSERT_F32(tr_conv2d(plain, w, NULL, NULL), 12, 16, 24, 28);
	ASSERT_F32(tr_conv_transpose2d(w, w, NULL, NULL), 1, 2, 1, 2, 4, 2, 1, 2, 1);
	ASSERT_F32(tr_max_pool2d(x, &two), 5);
	ASSERT_F32(tr_avg_pool2d(x, &two), 3);
	ASSERT_F32(tr_adaptive_avg_pool2d(x, NULL), 1, 2, 3, 4, 5, 6, 7, 8, 9);
	CU_ASSERT_EQUAL(tr_conv2d_out(y, x, w, NULL, NULL), 0);
	ASSERT_F32(y, 12, 16, 24, 28);
	CU_ASSERT_EQUAL(tr_max_pool2d_out(y, y, &(struct tr_pool_params){ .kernel = { 1, 1 } }), 0);
	ASSERT_F32(y, 12, 16, 24, 28);
	tr_context_destroy(ctx);
}

static void refusals_name_shapes(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = ramp(ctx, 1, 1, SHAPE(1, 2, 5)), *w = ramp(ctx, 1, 0, SHAPE(3, 2, 2));
	struct tr_tensor *big = ramp(ctx, 1, 1, SHAPE(3, 2, 9));

	CU_ASSERT_PTR_NULL(tr_conv1d(x, x, NULL, &(struct tr_conv_params){ .groups = 2 }));
	assert_error(ctx, TR_ESHAPE, "input [1,2,5] and weight [1,2,5]: groups does not divide");
	CU_ASSERT_PTR_NULL(tr_conv1d(x, big, NULL, NULL));
	assert_error(ctx, TR_ESHAPE, "the kernel spans 9, but spatial axis 0 has 5");
	CU_ASSERT_PTR_NULL(tr_conv1d(x, w, x, NULL));
	assert_error(ctx, TR_ESHAPE, "bias is [1,2,5]");
	CU_ASSERT_PTR_NULL(tr_conv2d(x, w, NULL, NULL));
	assert_error(ctx, TR_ESHAPE, "rank 3 and 3");
	CU_ASSERT_PTR_NULL(tr_conv1d(x, w, NULL, &(struct tr_conv_params){ .padding = { -1 } }));
	assert_error(ctx, TR_EINVAL, "padding -1");
	CU_ASSERT_PTR_NULL(tr_max_pool1d(x, NULL));
	assert_error(ctx, TR_EINVAL, "kernel 0");
	CU_ASSERT_PTR_NULL(tr_max_pool1d(x, &(struct tr_pool_params){ .kernel = { 2 }, .flags = TR_POOL_EXCLUDE_PAD }));
	assert_error(ctx, TR_EINVAL, "flags 0x2");
	tr_context_destroy(ctx);
}

/* Any allocation may fail, and the call after it works. */
static void every_failing_allocation(void)
{
	struct tr_pool_params two = { .kernel = { 2, 2 } };
	struct test_heap heap = { 0 };
	struct tr_allocator alloc = test_heap_allocator(&heap);
	int failed = 0;

	for (size_t n = 1; n < 40; n++) {
		struct tr_context *ctx = open_context_with(2, &alloc);
		struct tr_tensor *x = ramp(ctx, 0, 1, SHAPE(2, 8, 20, 20)), *w = ramp(ctx, 0, 1, SHAPE(8, 8, 3, 3)), *y;

		heap.fail_at = n;
		y = tr_max_pool2d(tr_conv_transpose2d(tr_conv2d(x, w, NULL, NULL), w, NULL, NULL), &two);
		heap.fail_at = 0;
		if (!y) {
			failed++;
			assert_error(ctx, TR_ENOMEM, "memory");
			y = tr_max_pool2d(tr_conv_transpose2d(tr_conv2d(x, w, NULL, NULL), w, NULL, NULL), &two);
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
		TEST(any_parameters), TEST(any_strides), TEST(special_values), TEST(mixed_types), TEST(tiles_and_blocks),
		TEST(any_number_of_threads), TEST(any_pooling), TEST(defaults_and_forms), TEST(refusals_name_shapes),
		TEST(every_failing_allocation),
	};

	return TEST_RUN("conv", cases);
}
