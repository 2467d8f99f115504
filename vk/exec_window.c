/* SPDX-License-Identifier: MIT */
/*
 * Convolutions and pooling. A convolution of few groups is a product with the matrix of columns, made for as many images
 * at a time as stay in a cache; the chain of each element is the same either way. Knows kernels by name.
 */
#include <stdio.h>
#include <string.h>

#include <trueno/conv.h>

#include "vk/rows.h"

#define COLUMN_BYTES ((int64_t)32 << 20)
#define FEW_GROUPS 4
#define WINDOW_PARAMS 22
#define CONV_PARAMS 29
#define CONV_SLICE 16
#define CONV_GEMM_PARAMS 27
#define FEW_TILES 96 /* too few for a large GPU's hundred processors */

struct window {
	struct tr_operand y, x;
	enum tr_dtype dtype;
	int64_t kernel[3];
	const int32_t *stride, *padding, *dilation; /* three each; NULL for 1, 0, 1 */
	uint32_t flags;
};

static void fill_params(uint64_t *w, const struct window *g)
{
	w[0] = (uintptr_t)g->y.addr;
	w[1] = (uintptr_t)g->x.addr;
	w[2] = (uint64_t)tr__vk_count(g->y.shape, 5);
	for (int i = 0; i < 3; i++) {
		w[3 + i] = (uint64_t)g->y.shape[2 + i];
		w[6 + i] = (uint64_t)g->x.shape[2 + i];
		w[9 + i] = (uint64_t)g->kernel[i];
		w[12 + i] = (uint64_t)(g->stride ? g->stride[i] : 1);
		w[15 + i] = (uint64_t)(g->padding ? g->padding[i] : 0);
		w[18 + i] = (uint64_t)(g->dilation ? g->dilation[i] : 1);
	}
	w[21] = g->flags;
}

/* Makes both sides dense and of the chain's type; y is made elsewhere and converted at the end unless it is that. */
static int begin(struct tr_device *dev, const struct tr_cmd *cmd, struct window *g, bool *direct, char *detail)
{
	int err;

	g->dtype = (enum tr_dtype)cmd->dtype;
	g->y = cmd->operand[0];
	g->x = cmd->operand[1];
	if (!(dev->gpu->dtypes >> g->dtype & 1)) {
		snprintf(detail, 128, "%.60s has no %s", dev->gpu->name, tr_dtype_name(g->dtype));
		return -TR_EDTYPE;
	}
	*direct = g->y.dtype == g->dtype && tr__vk_is_dense(&g->y);
	err = tr__vk_make_dense(dev, g->dtype, &g->x, detail);
	if (!err && !*direct)
		err = tr__vk_scratch(dev, g->dtype, &cmd->operand[0], &g->y, detail);
	return err;
}

static int run(struct tr_device *dev, const char *name, const struct window *g, const uint64_t *w, unsigned n,
	       const struct tr_operand *weight, const struct tr_operand *bias, char *detail)
{
	struct tr_vk_range range[4] = {tr__vk_extent(&g->y, true), tr__vk_extent(&g->x, false)};
	unsigned ranges = 2;

	if (weight)
		range[ranges++] = tr__vk_extent(weight, false);
	if (bias && bias->addr)
		range[ranges++] = tr__vk_extent(bias, false);
	return tr__vk_run_named(dev, name, g->dtype, w, n, (w[2] + TR_VK_GROUP - 1) / TR_VK_GROUP, range, ranges, detail);
}

int tr__vk_exec_pool(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	const char *name = cmd->family == TR_FAMILY_MAX_POOL	? "max_pool"
			   : cmd->family == TR_FAMILY_AVG_POOL ? "avg_pool"
							       : "adaptive_pool";
	struct window g = {.dtype = TR_F32};
	struct tr_pool_params p;
	uint64_t w[WINDOW_PARAMS];
	bool direct;
	int err = begin(dev, cmd, &g, &direct, detail);

	if (err)
		return err;
	memcpy(&p, &cmd->attr, sizeof(p));
	g.flags = p.flags;
	if (cmd->family != TR_FAMILY_ADAPTIVE_POOL) {
		g.stride = p.stride;
		g.padding = p.padding;
	}
	if (cmd->family == TR_FAMILY_MAX_POOL)
		g.dilation = p.dilation;
	for (int i = 0; i < 3; i++)
		g.kernel[i] = p.kernel[i];
	fill_params(w, &g);
	err = run(dev, name, &g, w, WINDOW_PARAMS, NULL, NULL, detail);
	return err || direct ? err : tr__vk_convert(dev, &cmd->operand[0], &g.y, detail);
}

/* Every element by an invocation. */
static int direct_conv(struct tr_device *dev, const struct window *g, int64_t groups, const struct tr_operand *weight,
		       const struct tr_operand *bias, const char *name, char *detail)
{
	uint64_t w[CONV_PARAMS];

	fill_params(w, g);
	w[22] = (uintptr_t)weight->addr;
	w[23] = (uintptr_t)bias->addr;
	w[24] = bias->addr ? (uint64_t)bias->stride[0] * tr_dtype_size(g->dtype) : 0;
	w[25] = (uint64_t)g->x.shape[1];
	w[26] = (uint64_t)g->y.shape[1];
	w[27] = (uint64_t)(g->x.shape[1] / groups);
	w[28] = (uint64_t)(g->y.shape[1] / groups);
	return run(dev, name, g, w, CONV_PARAMS, weight, bias, detail);
}

static void shape_as(struct tr_operand *o, char *addr, int64_t a, int64_t b, int64_t c, int64_t step)
{
	o->addr = addr;
	o->ndim = 3;
	memcpy(o->shape, (const int64_t[]){a, b, c}, sizeof(int64_t[3]));
	memcpy(o->stride, (const int64_t[]){step, c, 1}, sizeof(int64_t[3]));
}

/* y[image, group's rows, place] = bias + weight[group's rows, K] · columns[image, K, place]. */
static int multiply(struct tr_device *dev, const struct window *g, const struct tr_operand *columns, int64_t image,
		    int64_t images, int64_t groups, const struct tr_operand *weight, const struct tr_operand *bias,
		    char *detail)
{
	int64_t size = (int64_t)tr_dtype_size(g->dtype), places = tr__vk_count(g->y.shape + 2, 3), rows = g->y.shape[1] / groups;
	int64_t k = g->x.shape[1] / groups * tr__vk_count(g->kernel, 3);
	int err = 0;

	for (int64_t i = 0; i < groups && !err; i++) {
		struct tr_operand o[4] = {g->y, *weight, *columns, *bias};

		shape_as(&o[0], (char *)g->y.addr + (image * groups + i) * rows * places * size, images, rows, places,
			 groups * rows * places);
		shape_as(&o[1], (char *)weight->addr + i * rows * k * size, images, rows, k, 0);
		shape_as(&o[2], (char *)columns->addr + i * k * places * size, images, k, places, groups * k * places);
		if (bias->addr) {
			o[3].addr = (char *)bias->addr + i * rows * bias->stride[0] * size;
			o[3].ndim = 2;
			o[3].shape[0] = rows;
			o[3].shape[1] = places;
			o[3].stride[0] = bias->stride[0];
			o[3].stride[1] = 0;
		}
		err = tr__vk_product(dev, o, 1, detail);
	}
	return err;
}

static int conv_by_columns(struct tr_device *dev, const struct window *g, int64_t groups, const struct tr_operand *weight,
			   const struct tr_operand *bias, char *detail)
{
	int64_t size = (int64_t)tr_dtype_size(g->dtype), k = g->x.shape[1] * tr__vk_count(g->kernel, 3);
	int64_t places = tr__vk_count(g->y.shape + 2, 3), plane = tr__vk_count(g->x.shape + 1, 4), images = g->x.shape[0], most;
	struct tr_operand like = {.ndim = 3}, columns;
	int err;

	most = COLUMN_BYTES / size / k / places;
	most = most < 1 ? 1 : most > images ? images : most;
	memcpy(like.shape, (const int64_t[]){most, k, places}, sizeof(int64_t[3]));
	err = tr__vk_scratch(dev, g->dtype, &like, &columns, detail);
	for (int64_t i = 0; i < images && !err; i += most) {
		struct window c = *g;
		uint64_t w[WINDOW_PARAMS];

		c.x.addr = (char *)g->x.addr + i * plane * size;
		c.x.shape[0] = images - i < most ? images - i : most;
		c.y.addr = columns.addr;
		c.y.shape[0] = c.x.shape[0];
		c.y.shape[1] = k;
		fill_params(w, &c);
		c.y = columns; /* for its range */
		err = run(dev, "columns", &c, w, WINDOW_PARAMS, NULL, NULL, detail);
		if (!err)
			err = multiply(dev, g, &columns, i, c.x.shape[0], groups, weight, bias, detail);
	}
	return err;
}

/* What is gathered for a product, without the matrix of columns: the padded input and where in it each k lies. */
struct gathered {
	struct tr_operand x, table;
	int64_t k; /* a multiple of CONV_SLICE */
};

static int gather(struct tr_device *dev, const struct window *g, int64_t groups, struct gathered *t, char *detail)
{
	struct window c = *g;
	int64_t k = g->x.shape[1] / groups * tr__vk_count(g->kernel, 3);
	struct tr_operand like = {.ndim = 1};
	bool pads = false;
	uint64_t w[WINDOW_PARAMS + 1];
	int err = 0;

	t->x = c.y = g->x;
	for (int i = 0; i < 3; i++) {
		pads |= g->padding[i] != 0;
		c.y.shape[2 + i] += 2 * g->padding[i];
	}
	if (pads)
		err = tr__vk_scratch(dev, g->dtype, &c.y, &t->x, detail);
	if (!err && pads) {
		c.y = t->x;
		fill_params(w, &c);
		err = run(dev, "padded", &c, w, WINDOW_PARAMS, NULL, NULL, detail);
	}
	t->k = like.shape[0] = (k + CONV_SLICE - 1) / CONV_SLICE * CONV_SLICE;
	if (!err)
		err = tr__vk_scratch(dev, TR_U32, &like, &t->table, detail);
	if (err)
		return err;
	c.x = t->x;
	c.y = t->table;
	c.dtype = TR_U32;
	fill_params(w, &c);
	w[2] = (uint64_t)k;
	w[22] = (uint64_t)t->k;
	return tr__vk_run_named(dev, "offsets", TR_U32, w, WINDOW_PARAMS + 1, (w[22] + TR_VK_GROUP - 1) / TR_VK_GROUP,
				(const struct tr_vk_range[]){tr__vk_extent(&t->table, true)}, 1, detail);
}

/* Parameters of a group of channels' product. */
static void fill_group(uint64_t *w, const struct window *g, const struct gathered *t, int64_t groups, int64_t i,
		       const struct tr_operand *weight, const struct tr_operand *bias)
{
	int64_t rows = g->y.shape[1] / groups, places = tr__vk_count(g->y.shape + 2, 3), row_bytes = weight->stride[0] * 4;
	int64_t plane = tr__vk_count(t->x.shape + 2, 3), channels = g->x.shape[1];

	memset(w, 0, CONV_GEMM_PARAMS * sizeof(*w));
	w[0] = (uint64_t)(uintptr_t)g->y.addr + (uint64_t)(i * rows * places * 4);
	w[1] = (uint64_t)(uintptr_t)weight->addr + (uint64_t)(i * rows * row_bytes);
	w[2] = (uint64_t)(uintptr_t)t->x.addr + (uint64_t)(i * (channels / groups) * plane * 4);
	if (bias->addr) {
		w[3] = (uint64_t)(uintptr_t)bias->addr + (uint64_t)(i * rows * bias->stride[0] * 4);
		w[18] = (uint64_t)(bias->stride[0] * 4);
	}
	w[4] = (uint64_t)rows;
	w[5] = (uint64_t)places;
	w[6] = (uint64_t)t->k;
	w[7] = (uint64_t)places * 4;
	w[8] = 4;
	w[9] = (uint64_t)row_bytes;
	w[10] = 4;
	w[11] = (uint64_t)(uintptr_t)t->table.addr;
	w[14] = (uint64_t)(g->y.shape[1] * places * 4);
	w[16] = (uint64_t)(channels * plane * 4);
	for (int d = 0; d < 3; d++) {
		w[19 + d] = (uint64_t)g->y.shape[2 + d];
		w[22 + d] = (uint64_t)g->stride[d];
	}
	w[25] = (uint64_t)t->x.shape[3];
	w[26] = (uint64_t)t->x.shape[4];
}

static int64_t conv_tiles(const struct window *g, int64_t rows, int64_t tile)
{
	return (rows + tile - 1) / tile * ((tr__vk_count(g->y.shape + 2, 3) + tile - 1) / tile) * g->x.shape[0];
}

/* One group of channels: y[image, rows, place] = bias + weight[rows, K] · what is gathered[image, K, place]. */
static int conv_group(struct tr_device *dev, const struct window *g, const struct gathered *t, int64_t groups, int64_t i,
		      const struct tr_operand *weight, const struct tr_operand *bias, char *detail)
{
	int64_t rows = g->y.shape[1] / groups, tile = 128, tiles;
	struct tr_vk_range range[5] = {tr__vk_extent(&g->y, true), tr__vk_extent(weight, false), tr__vk_extent(&t->x, false),
				       tr__vk_extent(&t->table, false)};
	uint64_t address, *w;
	VkPipeline pipeline;
	int err;

	if ((rows % 128 && rows % 128 <= 64) || conv_tiles(g, rows, 128) < FEW_TILES)
		tile = 64;
	tiles = conv_tiles(g, rows, tile);
	err = tr__vk_named(dev, tile == 128 ? "conv_gemm128" : "conv_gemm64", TR_F32, tile == 128 ? 256 : 64, &pipeline, detail);
	if (err)
		return err;
	w = tr__vk_params(dev, CONV_GEMM_PARAMS, &address, &err, detail);
	if (!w)
		return err;
	fill_group(w, g, t, groups, i, weight, bias);
	w[17] = (uint64_t)tiles;
	if (bias->addr)
		range[4] = tr__vk_extent(bias, false);
	return tr__vk_dispatch(dev, pipeline, &address, 1, (uint64_t)tiles, range, bias->addr ? 5 : 4, detail);
}

/* Whether offsets have room in 32 bits, and weights lie where 16 bytes are fetched. */
static bool can_gather(const struct window *g)
{
	int64_t n = g->x.shape[1];

	for (int i = 0; i < 3; i++)
		n *= g->x.shape[2 + i] + 2 * g->padding[i];
	return g->dtype == TR_F32 && n <= INT32_MAX && tr__vk_count(g->y.shape + 2, 3) <= INT32_MAX;
}

static int conv_by_gathering(struct tr_device *dev, const struct window *g, int64_t groups, const struct tr_operand *weight,
			     const struct tr_operand *bias, char *detail)
{
	struct tr_operand w = {.addr = weight->addr, .dtype = TR_F32, .ndim = 2,
			       .shape = {weight->shape[0], tr__vk_count(weight->shape + 1, 4)},
			       .stride = {tr__vk_count(weight->shape + 1, 4), 1}};
	struct gathered t;
	int err = gather(dev, g, groups, &t, detail);

	if (!err && (w.shape[1] % CONV_SLICE || (uintptr_t)w.addr % 16))
		err = tr__vk_padded(dev, &w, 0, 1, CONV_SLICE, 0.0, true, detail);
	for (int64_t i = 0; i < groups && !err; i++)
		err = conv_group(dev, g, &t, groups, i, &w, bias, detail);
	return err;
}

int tr__vk_exec_conv(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	struct tr_operand weight = cmd->operand[2], bias = {0};
	struct window g = {.dtype = TR_F32};
	struct tr_conv_params p;
	bool direct;
	int err = begin(dev, cmd, &g, &direct, detail);

	memcpy(&p, &cmd->attr, sizeof(p));
	if (cmd->noperand > 3)
		bias = cmd->operand[3];
	if (!err)
		err = tr__vk_make_dense(dev, g.dtype, &weight, detail);
	if (!err)
		err = tr__vk_converted(dev, g.dtype, &bias, detail);
	if (err)
		return err;
	g.stride = p.stride;
	g.padding = p.padding;
	g.dilation = p.dilation;
	for (int i = 0; i < 3; i++)
		g.kernel[i] = weight.shape[2 + i];
	if (cmd->family == TR_FAMILY_CONV_TRANSPOSE)
		err = direct_conv(dev, &g, p.groups, &weight, &bias, "conv_transpose", detail);
	else if (p.groups <= FEW_GROUPS && can_gather(&g))
		err = conv_by_gathering(dev, &g, p.groups, &weight, &bias, detail);
	else if (p.groups <= FEW_GROUPS)
		err = conv_by_columns(dev, &g, p.groups, &weight, &bias, detail);
	else
		err = direct_conv(dev, &g, p.groups, &weight, &bias, "conv", detail);
	return err || direct ? err : tr__vk_convert(dev, &cmd->operand[0], &g.y, detail);
}
