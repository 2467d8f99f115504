/* SPDX-License-Identifier: MIT */
/*
 * Products on matrix units: how a product is cut into tiles, and operands made such that the kernel can fetch them. Knows
 * the kernel's parameters (vk/coop/gemm.comp), not its code.
 */
#include <string.h>

#include "vk/rows.h"
#include "vk/units.h"

enum { Y, A, B, C, OPERANDS };

#define PARAMS 17
#define FEW_TILES 96 /* too few for a large GPU's hundred processors */
#define MOST_STEP ((int64_t)1 << 24) /* bytes from line to line: a tile's are counted in 32 bits */

/* Subgroups of 64 × 64 load least for what they multiply; more have no registers for their sums. */
static const struct tr_vk_tiling large = {.size = 128, .rows = 128, .cols = 128, .units = 4, .warp_rows = 64,
					  .warp_cols = 64, .pack = 4, .pad = 1, .band = 8};
static const struct tr_vk_tiling small = {.size = 128, .rows = 64, .cols = 128, .units = 4, .warp_rows = 32,
					  .warp_cols = 64, .pack = 4, .pad = 1, .band = 8};

static int64_t tiles_of(const struct tr_vk_tiling *t, int64_t m, int64_t n)
{
	return ((m + t->rows - 1) / t->rows) * ((n + t->cols - 1) / t->cols);
}

/* Whether an operand's lines can be fetched as they are; *along: 0 along k, 1 along the tile. */
static bool can_be_fetched(const struct tr_operand *o, int tile, int k, uint32_t *along)
{
	int64_t size = (int64_t)tr_dtype_size((enum tr_dtype)o->dtype), per = 16 / size;
	int side = o->stride[k] == 1 || size == 1 ? k : tile;

	*along = side == tile;
	if ((uintptr_t)o->addr % 16 || o->stride[side] != 1 || o->shape[side] % per)
		return false;
	for (int d = 0; d < o->ndim; d++)
		if (d != side && o->shape[d] > 1 && (o->stride[d] % per || o->stride[d] < 0))
			return false;
	return o->stride[side == k ? tile : k] * size < MOST_STEP;
}

/* Makes an operand what the kernel can fetch. */
static int prepare(struct tr_device *dev, struct tr_operand *o, int tile, int k, int64_t slice, uint32_t *along, char *detail)
{
	int err;

	if (o->shape[k] % slice == 0 && can_be_fetched(o, tile, k, along))
		return 0;
	err = tr__vk_padded(dev, o, tile, k, slice, 0, tr_dtype_size((enum tr_dtype)o->dtype) == 1, detail);
	*along = o->stride[k] != 1;
	return err;
}

static uint64_t outer_address(const struct tr_operand *o, int outer, int64_t number)
{
	int64_t offset = 0;

	for (int d = outer - 1; d >= 0; d--) {
		offset += number % o->shape[d] * o->stride[d];
		number /= o->shape[d];
	}
	return (uint64_t)(uintptr_t)o->addr + (uint64_t)(offset * (int64_t)tr_dtype_size((enum tr_dtype)o->dtype));
}

static uint64_t bytes(const struct tr_operand *o, int d)
{
	return (uint64_t)(o->stride[d] * (int64_t)tr_dtype_size((enum tr_dtype)o->dtype));
}

static void fill_params(uint64_t *w, const struct tr_operand *o, const struct tr_vk_tiling *t, int64_t number, uint64_t groups,
			double scale)
{
	int n = o[Y].ndim, batch = n - 3, outer = batch > 0 ? batch : 0;

	for (int i = Y; i <= B; i++) {
		w[i] = outer_address(&o[i], outer, number);
		w[12 + i] = batch >= 0 ? bytes(&o[i], batch) : 0;
	}
	w[3] = (uint64_t)(uintptr_t)o[C].addr;
	w[4] = (uint64_t)o[Y].shape[n - 2];
	w[5] = (uint64_t)o[Y].shape[n - 1];
	w[6] = (uint64_t)o[A].shape[n - 1];
	w[7] = bytes(&o[Y], n - 2);
	w[8] = bytes(&o[A], t->a_along ? n - 1 : n - 2);
	w[9] = bytes(&o[B], t->b_along ? n - 2 : n - 1);
	w[10] = o[C].addr ? bytes(&o[C], 0) : 0;
	w[11] = o[C].addr ? bytes(&o[C], 1) : 0;
	w[15] = groups;
	w[16] = tr__vk_bits(TR_F32, scale);
}

/* Everything can be fetched and stored as it is. */
static int run(struct tr_device *dev, enum tr_vk_units units, const struct tr_operand *o, struct tr_vk_tiling *t, double scale,
	       char *detail)
{
	int n = o[Y].ndim;
	int64_t m = o[Y].shape[n - 2], columns = o[Y].shape[n - 1], inner = n > 2 ? o[Y].shape[n - 3] : 1, outer = 1;
	uint64_t groups = (uint64_t)(tiles_of(t, m, columns) * inner);
	struct tr_vk_range range[OPERANDS];
	unsigned ranges = 0;
	VkPipeline pipeline;
	int err = tr__vk_units_pipeline(dev, units, t, &pipeline, detail);

	for (int d = 0; d < n - 3; d++)
		outer *= o[Y].shape[d];
	for (int i = Y; i < OPERANDS; i++)
		if (o[i].addr)
			range[ranges++] = tr__vk_extent(&o[i], i == Y);
	for (int64_t i = 0; i < outer && !err; i++) {
		uint64_t address, *w = tr__vk_params(dev, PARAMS, &address, &err, detail);

		if (!w)
			return err;
		fill_params(w, o, t, i, groups, scale);
		err = tr__vk_dispatch(dev, pipeline, &address, 1, groups, range, ranges, detail);
	}
	return err;
}

int tr__vk_units_product(struct tr_device *dev, enum tr_vk_units units, const struct tr_operand *operand, double scale,
			 char *detail)
{
	struct tr_operand o[OPERANDS], y = operand[Y];
	int n = y.ndim, err;
	int64_t m = y.shape[n - 2], columns = y.shape[n - 1], batch = 1;
	bool direct = y.stride[n - 1] == 1 && y.stride[n - 2] >= 0;
	struct tr_vk_tiling t;
	int64_t slice;

	memcpy(o, operand, sizeof(o));
	for (int d = 0; d < n - 2; d++)
		batch *= y.shape[d];
	t = tiles_of(&large, m, columns) * batch < FEW_TILES ? small : large;
	t.result = y.dtype == TR_F16 ? 1 : y.dtype == TR_BF16 ? 2 : 0;
	slice = t.units * 16 / (int64_t)tr_dtype_size((enum tr_dtype)o[A].dtype);
	err = prepare(dev, &o[A], n - 2, n - 1, slice, &t.a_along, detail);
	if (!err)
		err = prepare(dev, &o[B], n - 1, n - 2, slice, &t.b_along, detail);
	if (!err && !direct)
		err = tr__vk_scratch(dev, (enum tr_dtype)y.dtype, &y, &o[Y], detail);
	if (!err)
		err = run(dev, units, o, &t, scale, detail);
	return err || direct ? err : tr__vk_convert(dev, &y, &o[Y], detail);
}
