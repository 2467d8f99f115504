/* SPDX-License-Identifier: MIT */
/*
 * matmul, vecdot and linear: on matrix units where the GPU has them for the operands' types, else by kernels that keep
 * the specification's chain. Those are told by strides where everything lies; operands of another type than the chain's are
 * converted first. Knows no shader.
 */
#include <stdio.h>
#include <string.h>

#include "vk/rows.h"
#include "vk/units.h"

enum { Y, A, B, C, OPERANDS };

/* Kernels of one command: the larger the tile, the less often memory is read, if there are enough of them. */
static const struct kernel {
	const char *name;
	int64_t tile;
	unsigned size;
} large = {"gemm128", 128, 256}, small = {"gemm64", 64, 64}, of_f64 = {"gemm", 64, 128},
	any_type = {"matmul", 64, 256};

#define FEW_TILES 96 /* too few for a large GPU's hundred processors */

/* All as matrices in the last two axes, [M,N] = [M,K] · [K,N], with y's batch axes before them. */
static void view_linear(struct tr_operand *o)
{
	for (int i = Y; i <= A; i++) {
		if (o[i].ndim != 1)
			continue;
		o[i].shape[1] = o[i].shape[0];
		o[i].stride[1] = o[i].stride[0];
		o[i].shape[0] = 1;
		o[i].stride[0] = 0;
		o[i].ndim = 2;
	}
	struct tr_operand weight = o[B]; /* [N,K] */

	if (o[C].addr) {
		o[C].shape[1] = o[C].shape[0];
		o[C].stride[1] = o[C].stride[0];
		o[C].shape[0] = 1;
		o[C].stride[0] = 0;
		o[C].ndim = 2;
	}

	o[B].ndim = o[Y].ndim;
	for (int d = 0; d < o[Y].ndim - 2; d++) {
		o[B].shape[d] = o[Y].shape[d];
		o[B].stride[d] = 0;
	}
	for (int d = 0; d < 2; d++) {
		o[B].shape[o[Y].ndim - 2 + d] = weight.shape[1 - d];
		o[B].stride[o[Y].ndim - 2 + d] = weight.stride[1 - d];
	}
}

/* An axis of size 1 before axis d. */
static void insert_axis(struct tr_operand *o, int d)
{
	for (int i = o->ndim++; i > d; i--) {
		o->shape[i] = o->shape[i - 1];
		o->stride[i] = o->stride[i - 1];
	}
	o->shape[d] = 1;
	o->stride[d] = 0;
}

/* Vectors as matrices of one row and one column. */
static void view_vecdot(struct tr_operand *o)
{
	insert_axis(&o[Y], o[Y].ndim);
	insert_axis(&o[Y], o[Y].ndim);
	insert_axis(&o[A], o[A].ndim - 1);
	insert_axis(&o[B], o[B].ndim);
}

/* Byte offset of an operand's matrix for the number-th combination of the outer batch axes. */
static int64_t outer_offset(const struct tr_operand *o, int outer, int64_t number)
{
	int64_t offset = 0;

	for (int d = outer - 1; d >= 0; d--) {
		offset += number % o->shape[d] * o->stride[d];
		number /= o->shape[d];
	}
	return offset * (int64_t)tr_dtype_size((enum tr_dtype)o->dtype);
}

static void fill_params(uint64_t *w, const struct tr_operand *o, int64_t number, uint64_t groups)
{
	int n = o[Y].ndim, batch = n - 3;
	int64_t size = (int64_t)tr_dtype_size((enum tr_dtype)o[Y].dtype);
	const int64_t *ys = &o[Y].stride[n - 2], *as = &o[A].stride[n - 2], *bs = &o[B].stride[n - 2];

	for (int i = Y; i <= B; i++)
		w[i] = (uint64_t)((int64_t)(uintptr_t)o[i].addr + outer_offset(&o[i], batch > 0 ? batch : 0, number));
	w[C] = (uint64_t)(uintptr_t)o[C].addr;
	w[4] = (uint64_t)o[Y].shape[n - 2];
	w[5] = (uint64_t)o[Y].shape[n - 1];
	w[6] = (uint64_t)o[A].shape[n - 1];
	w[7] = (uint64_t)(ys[0] * size);
	w[8] = (uint64_t)(ys[1] * size);
	w[9] = (uint64_t)(as[0] * size);
	w[10] = (uint64_t)(as[1] * size);
	w[11] = (uint64_t)(bs[0] * size);
	w[12] = (uint64_t)(bs[1] * size);
	w[13] = (uint64_t)(o[C].addr ? o[C].stride[1] * size : 0);
	w[18] = (uint64_t)(o[C].addr ? o[C].stride[0] * size : 0);
	for (int i = Y; i <= B; i++)
		w[14 + i] = (uint64_t)(batch >= 0 ? o[i].stride[batch] * size : 0);
	w[17] = groups;
}

static int64_t tiles_of(const struct kernel *k, int64_t m, int64_t n)
{
	return ((m + k->tile - 1) / k->tile) * ((n + k->tile - 1) / k->tile);
}

static const struct kernel *choose(const struct tr_operand *o, int64_t m, int64_t n, int64_t batch)
{
	if (o[Y].dtype == TR_F64)
		return &of_f64;
	if (o[Y].dtype != TR_F32)
		return &any_type;
	return m < 64 || n < 64 || tiles_of(&large, m, n) * batch < FEW_TILES ? &small : &large;
}

/* The direction in which an operand can be fetched by 16 bytes everywhere: "K", "T" (tile); NULL for none. */
static const char *direction(const struct tr_operand *o, int tile_axis, int k_axis)
{
	int side = o->stride[k_axis] == 1 ? k_axis : tile_axis;

	if ((uintptr_t)o->addr % 16 || o->stride[side] != 1 || o->shape[side] % 4)
		return NULL;
	for (int d = 0; d < o->ndim; d++)
		if (d != side && (o->stride[d] % 4 || o->stride[d] < 0))
			return NULL;
	return side == k_axis ? "K" : "T";
}

/* The name of the kernel: of its variant for operands that need no care, if they are such. */
#define SLICE 16
#define WORTH_A_COPY ((int64_t)1 << 25) /* multiplications beside which copies of the operands take no time */

/* Names the fastest kernel and its workgroups' size; operands that it cannot fetch are copied if there is enough to do. */
static int name_kernel(struct tr_device *dev, char *name, unsigned *size, const struct kernel *kernel, struct tr_operand *o,
		       int64_t products, char *detail)
{
	int n = o[Y].ndim, err = 0;
	int64_t k = o[A].shape[n - 1];
	bool whole = k > 0 && k % SLICE == 0;
	const char *a, *b;

	snprintf(name, 32, "%s", kernel->name);
	*size = kernel->size;
	if (kernel == &any_type || kernel == &of_f64)
		return 0;
	/* +0 · -0 leaves a sum as it is, the sign of zero included. */
	if (products >= WORTH_A_COPY && !(whole && direction(&o[A], n - 2, n - 1)))
		err = tr__vk_padded(dev, &o[A], n - 2, n - 1, SLICE, 0.0, false, detail);
	if (!err && products >= WORTH_A_COPY && !(whole && direction(&o[B], n - 1, n - 2)))
		err = tr__vk_padded(dev, &o[B], n - 1, n - 2, SLICE, -0.0, false, detail);
	a = direction(&o[A], n - 2, n - 1);
	b = direction(&o[B], n - 1, n - 2);
	if (!err && a && b && o[A].shape[n - 1] > 0 && o[A].shape[n - 1] % SLICE == 0) {
		snprintf(name, 32, "%s_%s_%s", kernel == &large ? "wide128" : kernel->name, a, b);
		*size = kernel == &large ? 128 : kernel->size;
	}
	return err;
}

int tr__vk_product(struct tr_device *dev, const struct tr_operand *operand, char *detail)
{
	struct tr_operand o[OPERANDS];
	int n = operand[Y].ndim;
	int64_t m = operand[Y].shape[n - 2], columns = operand[Y].shape[n - 1], inner = n > 2 ? operand[Y].shape[n - 3] : 1;
	const struct kernel *kernel = choose(operand, m, columns, inner);
	uint64_t tiles = (uint64_t)tiles_of(kernel, m, columns);
	struct tr_vk_range range[OPERANDS];
	unsigned ranges = 0;
	int64_t outer = 1;
	VkPipeline pipeline;
	char name[32];
	unsigned size;
	int err;

	memcpy(o, operand, sizeof(o));
	for (int d = 0; d < n - 3; d++)
		outer *= o[Y].shape[d];
	err = name_kernel(dev, name, &size, kernel, o, outer * inner * m * columns * o[A].shape[n - 1], detail);
	if (!err)
		err = tr__vk_named(dev, name, (enum tr_dtype)o[Y].dtype, size, &pipeline, detail);
	for (int i = Y; i < OPERANDS; i++)
		if (o[i].addr)
			range[ranges++] = tr__vk_extent(&o[i], i == Y);
	for (int64_t i = 0; i < outer && !err; i++) {
		uint64_t address, *w = tr__vk_params(dev, 19, &address, &err, detail);

		if (!w)
			return err;
		fill_params(w, o, i, tiles * (uint64_t)inner);
		err = tr__vk_dispatch(dev, pipeline, &address, 1, tiles * (uint64_t)inner, range, ranges, detail);
	}
	return err;
}

static void view_as_matrices(const struct tr_cmd *cmd, struct tr_operand *o)
{
	if (cmd->family == TR_FAMILY_LINEAR)
		view_linear(o);
	else if (cmd->family == TR_FAMILY_VECDOT)
		view_vecdot(o);
}

/* Whether a product goes to matrix units: docs/numerics.md says from which size on. */
static bool on_units(struct tr_device *dev, const struct tr_cmd *cmd, enum tr_vk_units *units)
{
	struct tr_operand o[OPERANDS] = {{0}};
	int64_t products = 1;

	if (cmd->family == TR_FAMILY_VECDOT ||
	    !tr__vk_units_take(dev->units, cmd->operand[A].dtype, cmd->operand[B].dtype, cmd->dtype, units))
		return false;
	memcpy(o, cmd->operand, cmd->noperand * sizeof(*o));
	view_as_matrices(cmd, o);
	for (int d = o[Y].ndim - 2; d < o[Y].ndim; d++)
		products *= o[Y].shape[d];
	return products * o[A].shape[o[Y].ndim - 1] >= TR_VK_UNITS_LEAST;
}

/* What the units can write: a sum, or if that is f32 one rounded to half the bits. */
static bool units_write(enum tr_dtype sum, unsigned result)
{
	return result == sum || (sum == TR_F32 && (result == TR_F16 || result == TR_BF16));
}

/* Sums of products along the last axis, by the tree of a row fold. */
static int dot(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	enum tr_dtype dtype = (enum tr_dtype)cmd->dtype;
	struct tr_operand o[3] = {cmd->operand[Y], cmd->operand[A], cmd->operand[B]}, made = o[Y];
	bool direct = o[Y].dtype == dtype && tr__vk_is_dense(&o[Y]);
	struct tr_vk_rows r;
	int err = 0;

	for (int i = A; i <= B && !err; i++)
		err = tr__vk_make_dense(dev, dtype, &o[i], detail);
	if (!err && !direct)
		err = tr__vk_scratch(dev, dtype, &o[Y], &made, detail);
	if (err)
		return err;
	tr__vk_find_rows(&r, &o[A], o[A].ndim - 1, 1, dtype);
	err = tr__vk_fold(dev, &r, &made, "dot", "join_add", &o[B], (uint64_t)r.row_bytes, detail);
	return err || direct ? err : tr__vk_convert(dev, &o[Y], &made, detail);
}

int tr__vk_exec_matmul(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	enum tr_dtype dtype = (enum tr_dtype)cmd->dtype;
	struct tr_operand o[OPERANDS] = {{0}}, result, made;
	enum tr_vk_units units;
	bool fast, direct;
	int err = 0;

	memcpy(o, cmd->operand, cmd->noperand * sizeof(*o));
	result = o[Y];
	for (int d = 0; d < o[Y].ndim; d++)
		if (!o[Y].shape[d])
			return 0;
	if (!(dev->gpu->dtypes >> dtype & 1)) {
		snprintf(detail, 128, "%.60s has no %s", dev->gpu->name, tr_dtype_name(dtype));
		return -TR_EDTYPE;
	}
	if (cmd->family == TR_FAMILY_VECDOT && (dtype == TR_F32 || dtype == TR_F64))
		return dot(dev, cmd, detail);
	fast = on_units(dev, cmd, &units);
	direct = fast ? units_write(dtype, o[Y].dtype) : o[Y].dtype == dtype;
	if (!direct)
		err = tr__vk_scratch(dev, dtype, &result, &o[Y], detail);
	for (int i = fast ? C : A; i < OPERANDS && !err; i++)
		err = tr__vk_converted(dev, dtype, &o[i], detail);
	if (err)
		return err;
	made = o[Y];
	view_as_matrices(cmd, o);
	if (fast) {
		err = tr__vk_units_product(dev, units, o, detail);
	} else {
		/* Products that wrap have the same bits whatever the sign. */
		for (int i = Y; i <= B && dtype != TR_F32 && dtype != TR_F64; i++)
			o[i].dtype = tr_dtype_size(dtype) == 4 ? TR_U32 : TR_U64;
		err = tr__vk_product(dev, o, detail);
	}
	return err || direct ? err : tr__vk_convert(dev, &result, &made, detail);
}
