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

/*
 * Kernels: those that fetch by 16 bytes, whole slices along k, and where that cannot be done another. The larger the tile, the less
 * often memory is read, if there are enough of them.
 */
static const struct kernel {
	const char *name;
	int64_t rows, cols; /* of a tile */
	unsigned size;      /* of a workgroup */
	int64_t slice;      /* 0: any k */
	const struct kernel *plain;
} any_type = {"matmul", 64, 64, 256, 0, NULL}, plain128 = {"gemm128", 128, 128, 256, 0, NULL},
  plain64 = {"gemm64", 64, 64, 64, 0, NULL}, plain_f64 = {"gemm", 64, 64, 128, 0, NULL},
  large = {"wide128", 128, 128, 128, 16, &plain128}, medium = {"gemm64", 64, 64, 64, 16, &plain64},
  tall = {"wide64", 128, 64, 64, 16, &plain64}, small = {"gemm32", 32, 32, 64, 32, &plain64},
  of_f64 = {"gemm", 64, 64, 64, 8, &plain_f64},
  thin = {"thin", 8, 16, 256, 0, NULL};

#define FEW_LARGE 96   /* too few for a large GPU's hundred processors */
#define FEW_MEDIUM 192 /* which want more of these */
#define MOST_THIN 16   /* rows or columns */
#define WORTH_A_COPY ((int64_t)1 << 25) /* multiplications beside which copies of the operands take no time */

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

static void fill_params(uint64_t *w, const struct tr_operand *o, int64_t number, uint64_t groups, double scale)
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
	w[19] = tr__vk_bits((enum tr_dtype)o[Y].dtype, scale);
}

static int64_t tiles_of(const struct kernel *k, int64_t m, int64_t n)
{
	return ((m + k->rows - 1) / k->rows) * ((n + k->cols - 1) / k->cols);
}

/* What tiles cover, the edge's included. */
static int64_t covered(const struct kernel *k, int64_t m, int64_t n)
{
	return tiles_of(k, m, n) * k->rows * k->cols;
}

static const struct kernel *choose(const struct tr_operand *o, int64_t batch, int64_t products)
{
	int n = o[Y].ndim;
	int64_t rows = o[Y].shape[n - 2], cols = o[Y].shape[n - 1];

	if (o[Y].dtype == TR_F64)
		return products >= WORTH_A_COPY ? &of_f64 : &plain_f64;
	if (o[Y].dtype != TR_F32)
		return &any_type;
	if (tiles_of(&large, rows, cols) * batch >= FEW_LARGE && covered(&medium, rows, cols) * 4 > covered(&large, rows, cols) * 3)
		return &large;
	if (tiles_of(&tall, rows, cols) * batch >= FEW_MEDIUM && covered(&medium, rows, cols) * 4 > covered(&tall, rows, cols) * 3)
		return &tall;
	return tiles_of(&medium, rows, cols) * batch >= FEW_MEDIUM || o[A].shape[n - 1] % small.slice ? &medium : &small;
}

/* The direction in which an operand can be fetched by 16 bytes everywhere: "K", "T" (tile); NULL for none. */
static const char *direction(const struct tr_operand *o, int tile_axis, int k_axis)
{
	int side = o->stride[k_axis] == 1 ? k_axis : tile_axis;
	int64_t per = 16 / (int64_t)tr_dtype_size((enum tr_dtype)o->dtype);

	if ((uintptr_t)o->addr % 16 || o->stride[side] != 1 || o->shape[side] % per)
		return NULL;
	for (int d = 0; d < o->ndim; d++)
		if (d != side && (o->stride[d] % per || o->stride[d] < 0))
			return NULL;
	return side == k_axis ? "K" : "T";
}

/* Names the kernel for the operands; those that it cannot fetch are copied if there is enough to do, else its plain one does. */
static int name_kernel(struct tr_device *dev, char *name, const struct kernel **kernel, struct tr_operand *o, int64_t products,
		       char *detail)
{
	int n = o[Y].ndim, err = 0;
	int64_t k = o[A].shape[n - 1], slice = (*kernel)->slice;
	bool whole = slice && k > 0 && k % slice == 0;
	const char *a, *b;

	/* +0 · -0 leaves a sum as it is, the sign of zero included. */
	if (slice && products >= WORTH_A_COPY && !(whole && direction(&o[A], n - 2, n - 1)))
		err = tr__vk_padded(dev, &o[A], n - 2, n - 1, slice, 0.0, false, detail);
	if (!err && slice && products >= WORTH_A_COPY && !(whole && direction(&o[B], n - 1, n - 2)))
		err = tr__vk_padded(dev, &o[B], n - 1, n - 2, slice, -0.0, false, detail);
	a = direction(&o[A], n - 2, n - 1);
	b = direction(&o[B], n - 1, n - 2);
	if (slice && a && b && o[A].shape[n - 1] > 0 && o[A].shape[n - 1] % slice == 0) {
		snprintf(name, 32, "%s_%s_%s", (*kernel)->name, a, b);
	} else {
		*kernel = slice ? (*kernel)->plain : *kernel;
		snprintf(name, 32, "%s", (*kernel)->name);
	}
	return err;
}

static void swap_axes(struct tr_operand *o)
{
	int64_t *shape = &o->shape[o->ndim - 2], *stride = &o->stride[o->ndim - 2], n = shape[0], step = stride[0];

	shape[0] = shape[1];
	shape[1] = n;
	stride[0] = stride[1];
	stride[1] = step;
}

/* The transpose of the product, which has the same chains. */
static void transpose(struct tr_operand *o)
{
	struct tr_operand a = o[A];

	o[A] = o[B];
	o[B] = a;
	for (int i = Y; i < OPERANDS; i++)
		if (i != C || o[C].addr)
			swap_axes(&o[i]);
}

/* Whether few rows, or few columns, make the product one for the thin kernel, as which it is seen then; it has few chains. */
static bool is_thin(struct tr_operand *o)
{
	int n = o[Y].ndim;
	int64_t rows = o[Y].shape[n - 2], cols = o[Y].shape[n - 1];

	if (o[Y].dtype != TR_F32 || (rows > MOST_THIN && cols > MOST_THIN) || o[A].shape[n - 1] < 1 ||
	    !(rows <= cols ? direction(&o[B], n - 1, n - 2) : direction(&o[A], n - 2, n - 1)))
		return false;
	if (rows > cols)
		transpose(o);
	return true;
}

int tr__vk_product(struct tr_device *dev, const struct tr_operand *operand, double scale, char *detail)
{
	struct tr_operand o[OPERANDS];
	int n = operand[Y].ndim;
	int64_t inner = n > 2 ? operand[Y].shape[n - 3] : 1, outer = 1, products = operand[A].shape[n - 1];
	struct tr_vk_range range[OPERANDS];
	const struct kernel *kernel;
	unsigned ranges = 0;
	VkPipeline pipeline;
	uint64_t groups;
	char name[32];
	int err = 0;

	memcpy(o, operand, sizeof(o));
	for (int d = 0; d < n - 3; d++)
		outer *= o[Y].shape[d];
	for (int d = 0; d < n; d++)
		products *= o[Y].shape[d];
	if (is_thin(o)) {
		kernel = &thin;
		snprintf(name, sizeof(name), "thin_%s", direction(&o[B], n - 1, n - 2));
	} else {
		kernel = choose(o, inner, products);
		err = name_kernel(dev, name, &kernel, o, products, detail);
	}
	groups = (uint64_t)(tiles_of(kernel, o[Y].shape[n - 2], o[Y].shape[n - 1]) * inner);
	if (!err)
		err = tr__vk_named(dev, name, (enum tr_dtype)o[Y].dtype, kernel->size, &pipeline, detail);
	for (int i = Y; i < OPERANDS; i++)
		if (o[i].addr)
			range[ranges++] = tr__vk_extent(&o[i], i == Y);
	for (int64_t i = 0; i < outer && !err; i++) {
		uint64_t address, *w = tr__vk_params(dev, 20, &address, &err, detail);

		if (!w)
			return err;
		fill_params(w, o, i, groups, scale);
		err = tr__vk_dispatch(dev, pipeline, &address, 1, groups, range, ranges, detail);
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
		err = tr__vk_units_product(dev, units, o, 1, detail);
	} else {
		/* Products that wrap have the same bits whatever the sign. */
		for (int i = Y; i <= B && dtype != TR_F32 && dtype != TR_F64; i++)
			o[i].dtype = tr_dtype_size(dtype) == 4 ? TR_U32 : TR_U64;
		err = tr__vk_product(dev, o, 1, detail);
	}
	return err || direct ? err : tr__vk_convert(dev, &result, &made, detail);
}
