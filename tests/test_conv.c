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

/* ---- by Winograd's filtering ---- */

#define MOST 6

/* One line of each transform, as docs/numerics.md has it: m of 2 or 4 outputs. */
static void line_in(int m, const float *d, float *y)
{
	const float a2 = 25.0f / 64, b2 = 121.0f / 64, both = 146.0f / 64, product = 3025.0f / 4096;

	if (m == 2) {
		memcpy(y, (float[]){ d[0] - d[2], d[1] + d[2], d[2] - d[1], d[3] - d[1] }, 4 * sizeof(*y));
		return;
	}
	y[0] = fmaf(product, d[0], fmaf(-both, d[2], d[4]));
	y[1] = fmaf(-b2, d[2], d[4]) + fmaf(-b2, d[1], d[3]) * 0.625f;
	y[2] = fmaf(-b2, d[2], d[4]) - fmaf(-b2, d[1], d[3]) * 0.625f;
	y[3] = fmaf(-a2, d[2], d[4]) + fmaf(-a2, d[1], d[3]) * 1.375f;
	y[4] = fmaf(-a2, d[2], d[4]) - fmaf(-a2, d[1], d[3]) * 1.375f;
	y[5] = fmaf(product, d[1], fmaf(-both, d[3], d[5]));
}

static void line_weight(int m, const float *g, float *y)
{
	const float a2 = 25.0f / 64, b2 = 121.0f / 64, product = 3025.0f / 4096;

	if (m == 2) {
		memcpy(y, (float[]){ g[0], ((g[0] + g[2]) + g[1]) / 2, ((g[0] + g[2]) - g[1]) / 2, g[2] }, 4 * sizeof(*y));
		return;
	}
	y[0] = g[0] * (1 / product);
	y[1] = (fmaf(a2, g[2], g[0]) + g[1] * 0.625f) * (1 / (2 * a2 * (a2 - b2)));
	y[2] = (fmaf(a2, g[2], g[0]) - g[1] * 0.625f) * (1 / (2 * a2 * (a2 - b2)));
	y[3] = (fmaf(b2, g[2], g[0]) + g[1] * 1.375f) * (1 / (2 * b2 * (b2 - a2)));
	y[4] = (fmaf(b2, g[2], g[0]) - g[1] * 1.375f) * (1 / (2 * b2 * (b2 - a2)));
	y[5] = g[2];
}

static void line_out(int m, const float *x, float *y)
{
	float p = x[1] + x[2], q = x[1] - x[2], r = x[3], s = 0;

	if (m == 2) {
		y[0] = x[0] + p;
		y[1] = q + r;
		return;
	}
	r = x[3] + x[4];
	s = x[3] - x[4];
	y[0] = x[0] + (p + r);
	y[1] = fmaf(1.375f, s, q * 0.625f);
	y[2] = fmaf(121.0f / 64, r, p * (25.0f / 64));
	y[3] = fmaf(1331.0f / 512, s, fmaf(125.0f / 512, q, x[5]));
}

/* Columns, then rows, of a square of n into one of k. */
static void square(void (*line)(int m, const float *x, float *y), int m, int n, int k, const float x[MOST][MOST],
		   float y[MOST][MOST])
{
	float mid[MOST][MOST], in[MOST], out[MOST];

	for (int j = 0; j < n; j++) {
		for (int i = 0; i < n; i++)
			in[i] = x[i][j];
		line(m, in, out);
		for (int i = 0; i < k; i++)
			mid[i][j] = out[i];
	}
	for (int i = 0; i < k; i++)
		line(m, mid[i], y[i]);
}

/* The tile of outputs at (h,w): x of the group's first plane, w0 of the output's first weight. */
static void one_tile(const struct conv *c, int m, const double *x, const double *w0, int64_t h, int64_t w,
		     float y[MOST][MOST])
{
	float in[MOST][MOST], v[MOST][MOST], u[MOST][MOST], sum[MOST][MOST] = { { 0 } };

	for (int64_t ch = 0; ch < c->cin; ch++, x += c->in[1] * c->in[2], w0 += 9) {
		for (int i = 0; i < m + 2; i++)
			for (int j = 0; j < m + 2; j++) {
				int64_t a = h + i - c->p.padding[1], b = w + j - c->p.padding[2];
				bool inside = a >= 0 && a < c->in[1] && b >= 0 && b < c->in[2];

				in[i][j] = inside ? (float)x[a * c->in[2] + b] : 0;
			}
		square(line_in, m, m + 2, m + 2, in, v);
		for (int i = 0; i < 9; i++)
			in[i / 3][i % 3] = (float)w0[i];
		square(line_weight, m, 3, m + 2, in, u);
		for (int i = 0; i < m + 2; i++)
			for (int j = 0; j < m + 2; j++)
				sum[i][j] = (float)chain(TR_F32, v[i][j], u[i][j], sum[i][j]);
	}
	square(line_out, m, m + 2, m, sum, y);
}

static void expect_tiles(const struct conv *c, int m, const struct view *v)
{
	double *x = numbers(&v[X]), *w = numbers(&v[W]), *bias = c->bias ? numbers(&v[BIAS]) : NULL;
	int64_t outputs = c->p.groups * c->cout, plane = c->in[1] * c->in[2];
	float y[MOST][MOST];

	for (int64_t i = 0; i < c->batch * outputs; i++) {
		int64_t o = i % outputs, group = i / outputs * c->p.groups + o / c->cout;

		for (int64_t h = 0; h < c->out[1]; h += m)
			for (int64_t at = 0; at < c->out[2]; at += m) {
				one_tile(c, m, x + group * c->cin * plane, w + o * c->cin * 9, h, at, y);
				for (int64_t k = 0; k < m * m; k++) {
					int64_t a = h + k / m, b = at + k % m;
					float value = bias ? y[k / m][k % m] + (float)bias[o] : y[k / m][k % m];

					if (a < c->out[1] && b < c->out[2])
						expect_number(&v[Y], (i * c->out[1] + a) * c->out[2] + b, value, TR_F32);
				}
			}
	}
	free(x);
	free(w);
	free(bias);
}

/* m if the specification computes this one by tiles of m × m. */
static int tile_of(const struct conv *c)
{
	int64_t four = ((c->out[1] + 3) / 4) * ((c->out[2] + 3) / 4);
	bool three = c->kernel[0] == 1 && c->kernel[1] == 3 && c->kernel[2] == 3 && c->out[0] == 1 && !c->p.padding[0];

	for (int i = 1; i < 3; i++)
		three &= c->p.stride[i] == 1 && c->p.dilation[i] == 1;
	if (!three || c->transposed || c->dtype != TR_F32 || c->p.flags || c->cin < 16 || c->cout < 16 || four < 4)
		return 0;
	return ((c->out[1] + 1) / 2) * ((c->out[2] + 1) / 2) * 16 <= four * 36 ? 2 : 4;
}

/* ---- */

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
	if (tile_of(c))
		expect_tiles(c, tile_of(c), v);
	else
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

/* A channel to a group: enough of them to fill lanes, and planes of more than a block of rows. */
static void depthwise(void)
{
	for (unsigned threads = 1; threads <= 3; threads++) {
		struct tr_device *dev = open_device(threads);

		for (int i = 0; dev && i < 60; i++) {
			struct conv c = { .dtype = floats[i & 1], .bias = i & 2, .values = i % 3 ? NORMAL : SPECIAL,
					  .batch = one_to(2), .cin = 1, .cout = 1 };
			int axes = (int)one_to(3);

			random_params(&c, axes, axes == 3 ? 5 : axes == 2 ? 30 : 70);
			c.p.groups = (int32_t)one_to(40);
			if (i & 4)
				random_layouts(c.layout);
			if (i % 8 == 3) {
				for (int o = X; o < OPERANDS; o++)
					c.types[o] = random_dtype();
				c.types[Y] = TR_F32;
				c.values = WHOLE;
			}
			check_conv(dev, &c);
		}
		if (dev)
			close_device(dev);
	}
}

/* Square windows that move by one or two over planes of a channel each, which are read where they lie: every width around a
 * vector and a block of them, and every padding. */
static void windows_that_move_little(void)
{
	for (unsigned threads = 1; threads <= 2; threads++) {
		struct tr_device *dev = open_device(threads);

		for (int i = 0; dev && i < 400; i++) {
			const int32_t step = i < 200 ? 1 : 2;
			struct conv c = { .dtype = floats[i & 1], .bias = i & 2, .values = i % 3 ? NORMAL : SPECIAL,
					  .batch = one_to(2), .cin = 1, .cout = 1,
					  .in = { 1, one_to(7 * step), one_to(90 * step) },
					  .p = { .stride = { 1, step, step }, .dilation = { 1, 1, 1 } } };

			c.kernel[0] = 1;
			c.kernel[1] = c.kernel[2] = i & 4 ? 3 : 5;
			c.p.padding[1] = (int32_t)test_rand_below(4);
			c.p.padding[2] = (int32_t)test_rand_below(4);
			c.p.groups = (int32_t)one_to(6);
			if (i & 8)
				random_layouts(c.layout);
			check_conv(dev, &c);
		}
		if (dev)
			close_device(dev);
	}
}

/* The same by one, with half a window of padding, over dense planes narrower than two vectors: any number of rows in one, and
 * tensors so small that every plane is next to their ends. */
static void narrow_planes(void)
{
	for (unsigned threads = 1; threads <= 2; threads++) {
		struct tr_device *dev = open_device(threads);

		for (int i = 0; dev && i < 200; i++) {
			struct conv c = { .dtype = TR_F32, .bias = i & 2, .values = i % 3 ? NORMAL : SPECIAL,
					  .batch = one_to(3), .cin = 1, .cout = 1, .in = { 1, one_to(18), one_to(i & 16 ? 16 : 34) },
					  .p = { .stride = { 1, 1, 1 }, .dilation = { 1, 1, 1 } } };

			c.kernel[0] = 1;
			c.kernel[1] = c.kernel[2] = i & 4 ? 3 : 5;
			c.p.padding[1] = c.p.padding[2] = (int32_t)c.kernel[1] / 2;
			c.p.groups = (int32_t)one_to(i & 8 ? 3 : 40);
			check_conv(dev, &c);
		}
		if (dev)
			close_device(dev);
	}
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

/* Sizes around tiles, blocks, panels and chunks; groups, layouts, types, special values and threads. */
static void filtered_tiles(void)
{
	for (unsigned threads = 1; threads <= 2; threads++) {
		struct tr_device *dev = open_device(threads);

		for (int i = 0; dev && i < 60; i++) {
			struct conv c = { .dtype = TR_F32, .bias = i & 1, .values = i % 3 ? NORMAL : SPECIAL,
					  .batch = one_to(3), .cin = 15 + one_to(3), .cout = 15 + one_to(20),
					  .p = { .stride = { 1, 1, 1 }, .dilation = { 1, 1, 1 }, .groups = i % 5 ? 1 : 2 },
					  .kernel = { 1, 3, 3 }, .in = { 1, 2 + one_to(22), 2 + one_to(30) } };

			c.p.padding[1] = (int32_t)test_rand_below(3);
			c.p.padding[2] = (int32_t)test_rand_below(3);
			c.p.flags = i % 6 == 5 ? TR_CONV_PLAIN : 0;
			if (i % 7 == 0) {
				c.in[1] = c.in[2] = 4 + one_to(2); /* where tiles of two are as good */
				c.p.padding[1] = c.p.padding[2] = 1;
			}
			if (i & 4)
				random_layouts(c.layout);
			if (i % 4 == 3) {
				for (int o = X; o < OPERANDS; o++)
					c.types[o] = random_dtype();
				c.types[Y] = i & 8 ? TR_F64 : TR_F32;
				c.values = WHOLE;
			}
			check_conv(dev, &c);
		}
		for (int i = 0; dev && i < 5; i++) { /* weights of more than a panel, more than L2 holds; several chunks */
			struct conv c = { .dtype = TR_F32, .values = NORMAL, .batch = i == 3 ? 9 : 1,
					  .cin = (int64_t[]){ 200, 70, 40, 17, 530 }[i],
					  .cout = (int64_t[]){ 40, 130, 34, 17, 16 }[i],
					  .p = { .stride = { 1, 1, 1 }, .padding = { 0, 1, 1 }, .dilation = { 1, 1, 1 },
						 .groups = 1 },
					  .kernel = { 1, 3, 3 },
					  .in = { 1, (int64_t[]){ 14, 7, 20, 60, 7 }[i], (int64_t[]){ 14, 9, 20, 52, 7 }[i] } };

			check_conv(dev, &c);
		}
		if (dev)
			close_device(dev);
	}
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

/* More input than a unit takes at once, or so little that it takes several images: parts of planes that begin and end within
 * slabs and between them, in rows of padding and outside of them. */
static void blocks_of_planes(void)
{
	for (unsigned threads = 1; threads <= 2; threads++) {
		struct tr_device *dev = open_device(threads);

		for (int i = 0; dev && i < 8; i++) {
			bool volume = i % 4 == 1, small = i % 4 == 2, transposed = i % 4 == 3;
			struct conv c = { .transposed = transposed, .dtype = TR_F32, .bias = i & 1, .values = NORMAL,
					  .batch = small ? 9 : 1, .cin = transposed ? 12 : 40, .cout = 4 + one_to(4),
					  .p = { .stride = { 1 + volume, 1 + (i > 3), 2 }, .dilation = { 1, 1, 1 },
						 .groups = 1 + small },
					  .kernel = { volume ? 2 + i / 4 : 1, 3, 3 }, .layout = { i > 3 ? STRIDED : DENSE },
					  .in = { volume ? 20 : 1, volume ? 25 : small ? 7 : transposed ? 40 : 110, 100 } };

			if (volume || small || transposed)
				c.in[2] = volume ? 25 : small ? 9 : 41;
			for (int a = 0; a < 3; a++)
				c.p.padding[a] = c.kernel[a] == 1 ? 0 : (int32_t)test_rand_below(3);
			check_conv(dev, &c);
		}
		if (dev)
			close_device(dev);
	}
}

/* Rows that fill the lanes, of many outputs: windows that move by any step over lines, planes and volumes, planes without
 * gaps between rows, and so much work that it is cut within rows, between them and between slabs. */
static void rows_of_pixels(void)
{
	for (unsigned threads = 1; threads <= 3; threads++) {
		struct tr_device *dev = open_device(threads);

		for (int i = 0; dev && i < 36; i++) {
			int axes = 1 + i % 3;
			const int64_t width = (int64_t[]){ 32, 16, 47, 64 }[test_rand_below(4)];
			struct conv c = { .dtype = floats[i / 3 & 1], .bias = i & 2, .values = i % 5 ? NORMAL : SPECIAL,
					  .batch = one_to(2), .cin = one_to(12), .cout = 4 + one_to(30),
					  .p = { .stride = { 1, 1, 1 }, .dilation = { 1, 1, 1 }, .groups = i % 7 ? 1 : 2 },
					  .kernel = { 1, 1, 1 }, .in = { 1, 1, axes == 1 ? 200 + one_to(600) : width } };

			for (int a = 3 - axes; a < 3; a++) {
				c.kernel[a] = i % 4 ? one_to(3) : 1;
				c.p.stride[a] = (int32_t)one_to(2);
				c.p.dilation[a] = (int32_t)one_to(2);
				c.p.padding[a] = c.kernel[a] == 1 ? 0 : (int32_t)test_rand_below(3);
				if (axes > 1)
					c.in[a] = a == 2 ? width * c.p.stride[a] + (c.kernel[a] - 1) * c.p.dilation[a] -
								   2 * c.p.padding[a] : 4 + one_to(axes == 2 ? 14 : 4);
			}
			if (i % 9 == 8)
				random_layouts(c.layout);
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
					  .channels = i % 5 ? one_to(3) : one_to(40), .values = i & 4 ? SPECIAL : NORMAL };

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
	for (int i = 0; i < 2; i++) { /* to one element: the mean, whatever the layout */
		struct tr_pool_params one = { .output = { 1, 1 } };
		struct tr_tensor *big = random_f32(ctx, i, SHAPE(2, 9, 11, 13));

		assert_same(tr_reshape(tr_adaptive_avg_pool2d(big, &one), SHAPE(2, 9)), tr_mean(big, 12, 0));
		big = tr_permute(big, (int[]){ 3, 0, 2, 1 });
		assert_same(tr_reshape(tr_adaptive_avg_pool2d(big, &one), SHAPE(13, 2)), tr_mean(big, 12, 0));
	}
	ASSERT_F32(tr_adaptive_avg_pool2d(ramp(ctx, 3, 0, SHAPE(1, 1, 1)), &(struct tr_pool_params){ .output = { 1, 1 } }), 3);
	ASSERT_F32(tr_avg_pool2d(x, &two), 3);
	ASSERT_F32(tr_adaptive_avg_pool2d(x, NULL), 1, 2, 3, 4, 5, 6, 7, 8, 9);
	CU_ASSERT_EQUAL(tr_conv2d_out(y, x, w, NULL, NULL), 0);
	ASSERT_F32(y, 12, 16, 24, 28);
	CU_ASSERT_EQUAL(tr_max_pool2d_out(y, y, &(struct tr_pool_params){ .kernel = { 1, 1 } }), 0);
	ASSERT_F32(y, 12, 16, 24, 28);
	tr_context_destroy(ctx);
}

/* Kernels of one position become dense layers; with padding they do not, and inside it the values are the same. */
static void pointwise(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *w = random_f32(ctx, false, SHAPE(21, 18, 1, 1)), *bias = random_f32(ctx, false, SHAPE(21));
	struct tr_conv_params pad = { .padding = { 1, 1 } };

	for (int i = 0; i < 5; i++) {
		struct tr_tensor *x = random_f32(ctx, i & 1, SHAPE(2, 18, 6, 7)), *b = i & 2 ? bias : NULL, *y;

		if (i == 1)
			x = tr_permute(random_f32(ctx, true, SHAPE(2, 6, 7, 18)), (int[]){ 0, 3, 1, 2 });
		if (i == 2)
			x = tr_permute(random_f32(ctx, true, SHAPE(18, 2, 7, 6)), (int[]){ 1, 0, 3, 2 });
		if (i == 3)
			x = tr_slice_axis(random_f32(ctx, false, SHAPE(2, 18, 6, 14)), 3, 0, 14, 2);
		if (i == 4)
			x = random_f32(ctx, false, SHAPE(2, 18, 1, 1));
		y = tr_conv2d(x, w, b, &pad);
		y = tr_slice_axis(tr_slice_axis(y, 2, 1, tr_shape(y)[2] - 1, 1), 3, 1, tr_shape(y)[3] - 1, 1);
		assert_same(tr_conv2d(x, w, b, NULL), y);
	}
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
	CU_ASSERT_PTR_NULL(tr_conv1d(x, w, NULL, &(struct tr_conv_params){ .flags = 2 }));
	assert_error(ctx, TR_EINVAL, "flags 0x2");
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
		TEST(depthwise), TEST(windows_that_move_little), TEST(narrow_planes), TEST(filtered_tiles), TEST(any_number_of_threads),
		TEST(blocks_of_planes), TEST(rows_of_pixels), TEST(any_pooling), TEST(defaults_and_forms),
		TEST(pointwise), TEST(refusals_name_shapes), TEST(every_failing_allocation),
	};

	return TEST_RUN("conv", cases);
}
