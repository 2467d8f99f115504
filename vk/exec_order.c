/* SPDX-License-Identifier: MIT */
/* Sorting, searching and running sums (vk/shaders/order.h), along rows that copies have made dense. Knows kernels by name. */
#include <stdio.h>
#include <string.h>

#include "lib/ref/format.h"
#include "vk/rows.h"

#define BLOCK 1024 /* elements of a workgroup, and of a chunk of a scan */

/* The operand with an axis put last, and its elements along the others. */
static struct tr_operand with_last(const struct tr_operand *o, int axis, uint64_t *rows)
{
	struct tr_operand turned = *o;
	int last = o->ndim - 1;

	*rows = 1;
	for (int d = 0, to = 0; d < o->ndim; d++) {
		if (d == axis)
			continue;
		turned.shape[to] = o->shape[d];
		turned.stride[to++] = o->stride[d];
		*rows *= (uint64_t)o->shape[d];
	}
	turned.shape[last] = o->shape[axis];
	turned.stride[last] = o->stride[axis];
	return turned;
}

/* Rows of x, and where their results go before y has them. */
struct rows {
	struct tr_operand x, y, made;
	uint64_t n, rows;
	bool direct; /* made is y */
};

static int begin(struct tr_device *dev, const struct tr_cmd *cmd, enum tr_dtype from, enum tr_dtype to, struct rows *r,
		 char *detail)
{
	int axis = (int)cmd->attr.i64[0], err;

	r->y = with_last(&cmd->operand[0], axis, &r->rows);
	r->x = with_last(&cmd->operand[1], axis, &r->rows);
	r->n = (uint64_t)cmd->operand[1].shape[axis];
	if (!(dev->gpu->dtypes >> from & 1)) {
		snprintf(detail, 128, "%.60s has no %s", dev->gpu->name, tr_dtype_name(from));
		return -TR_EDTYPE;
	}
	r->made = r->y;
	r->direct = r->y.dtype == to && tr__vk_is_dense(&r->y);
	err = tr__vk_converted(dev, (enum tr_dtype)cmd->dtype, &r->x, detail); /* first to the type it is evaluated in */
	if (!err)
		err = tr__vk_make_dense(dev, from, &r->x, detail);
	return err || r->direct ? err : tr__vk_scratch(dev, to, &r->y, &r->made, detail);
}

static int end(struct tr_device *dev, const struct rows *r, char *detail)
{
	return r->direct ? 0 : tr__vk_convert(dev, &r->y, &r->made, detail);
}

/* Padded rows of keys and places. */
struct pairs {
	struct tr_operand keys, places;
	struct tr_vk_range range[2];
	uint64_t padded, all;
	uint64_t width; /* all bits of the elements' type: a NaN's key */
};

static enum tr_dtype bits_of(enum tr_dtype dtype)
{
	static const enum tr_dtype bits[9] = {[1] = TR_U8, [2] = TR_U16, [4] = TR_U32, [8] = TR_U64};

	return bits[tr_dtype_size(dtype)];
}

/* zeros: whether -0 comes before +0, and not as they stand. */
static int make_pairs(struct tr_device *dev, const struct rows *r, enum tr_dtype dtype, bool zeros, struct pairs *p,
		      char *detail)
{
	struct tr_operand like = {.ndim = 2, .shape = {(int64_t)r->rows}};
	uint64_t size = tr_dtype_size(dtype);
	struct tr_vk_range range[3];
	int err;

	p->width = size == 8 ? UINT64_MAX : ((uint64_t)1 << 8 * size) - 1;
	for (p->padded = 2; p->padded < r->n;)
		p->padded *= 2;
	if (p->padded > (uint64_t)1 << 31) {
		snprintf(detail, 128, "rows of %llu elements are too long to sort here", (unsigned long long)r->n);
		return -TR_ENOMEM;
	}
	p->all = r->rows * p->padded;
	like.shape[1] = (int64_t)p->padded;
	err = tr__vk_scratch(dev, TR_U64, &like, &p->keys, detail);
	if (!err)
		err = tr__vk_scratch(dev, TR_U32, &like, &p->places, detail);
	if (err)
		return err;
	p->range[0] = range[0] = tr__vk_extent(&p->keys, true);
	p->range[1] = range[1] = tr__vk_extent(&p->places, true);
	range[2] = tr__vk_extent(&r->x, false);
	return tr__vk_run_named(dev, "keys", bits_of(dtype),
				(const uint64_t[]){(uintptr_t)p->keys.addr, (uintptr_t)p->places.addr, (uintptr_t)r->x.addr, r->n,
						   p->padded, p->all, tr__formats[dtype].sign, tr__formats[dtype].infinity, p->width,
						   dtype == TR_BOOL, zeros},
				11, tr__vk_groups(p->all), range, 3, detail);
}

/* The steps of distances up to half a block of the runs first … last. */
static int sort_blocks(struct tr_device *dev, const struct pairs *p, uint64_t first, uint64_t last, char *detail)
{
	return tr__vk_run_named(dev, "sort_block", TR_DTYPE_NONE,
				(const uint64_t[]){(uintptr_t)p->keys.addr, (uintptr_t)p->places.addr, p->all, p->padded, first,
						   last},
				6, (p->all + BLOCK - 1) / BLOCK, p->range, 2, detail);
}

static int sort_pairs(struct tr_device *dev, const struct pairs *p, char *detail)
{
	int err = sort_blocks(dev, p, 2, p->padded < BLOCK ? p->padded : BLOCK, detail);

	for (uint64_t k = 2 * BLOCK; k <= p->padded && !err; k *= 2) {
		/* A row's last run ascends, whatever its place among the rows. */
		uint64_t turns = k < p->padded ? k : 0;

		for (uint64_t j = k / 2; j >= BLOCK && !err; j /= 2)
			err = tr__vk_run_named(dev, "sort_step", TR_DTYPE_NONE,
					       (const uint64_t[]){(uintptr_t)p->keys.addr, (uintptr_t)p->places.addr, p->all / 2,
								  j, turns},
					       5, tr__vk_groups(p->all / 2), p->range, 2, detail);
		if (!err)
			err = sort_blocks(dev, p, k, k, detail);
	}
	return err;
}

int tr__vk_exec_sort(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	enum tr_dtype dtype = (enum tr_dtype)cmd->dtype;
	bool is_sort = cmd->op == TR_OP_sort;
	struct tr_vk_range range[3];
	struct pairs p;
	struct rows r;
	int err = begin(dev, cmd, dtype, is_sort ? dtype : TR_I64, &r, detail);

	if (err || !r.n)
		return err;
	err = make_pairs(dev, &r, dtype, false, &p, detail);
	if (!err)
		err = sort_pairs(dev, &p, detail);
	range[0] = tr__vk_extent(&r.made, true);
	range[1] = tr__vk_extent(&p.places, false);
	range[2] = tr__vk_extent(&r.x, false);
	if (!err)
		err = tr__vk_run_named(dev, is_sort ? "sorted" : "places", is_sort ? bits_of(dtype) : TR_DTYPE_NONE,
				       (const uint64_t[]){(uintptr_t)r.made.addr, (uintptr_t)p.places.addr, (uintptr_t)r.x.addr,
							  r.n, p.padded, r.rows * r.n},
				       6, tr__vk_groups(r.rows * r.n), range, 3, detail);
	return err ? err : end(dev, &r, detail);
}

/* The elements that make each result as dense rows. */
static int gather_rows(struct tr_device *dev, const struct tr_cmd *cmd, struct rows *r, char *detail)
{
	int kept = (int)cmd->attr.u32[1], reduced = (int)cmd->attr.u32[2], ndim = cmd->operand[1].ndim;
	enum tr_dtype dtype = (enum tr_dtype)cmd->dtype;
	int err;

	r->x = r->y = cmd->operand[1];
	r->n = r->rows = 1;
	for (int d = 0; d < ndim; d++) {
		bool is_reduced = d >= kept && d < kept + reduced;
		int to = d < kept ? d : is_reduced ? d + ndim - kept - reduced : d - reduced;

		r->x.shape[to] = cmd->operand[1].shape[d];
		r->x.stride[to] = cmd->operand[1].stride[d];
		*(is_reduced ? &r->n : &r->rows) *= (uint64_t)cmd->operand[1].shape[d];
	}
	r->y = r->made = cmd->operand[0];
	r->direct = r->y.dtype == dtype && tr__vk_is_dense(&r->y);
	err = r->n ? tr__vk_make_dense(dev, dtype, &r->x, detail) : 0;
	return err || r->direct ? err : tr__vk_scratch(dev, dtype, &r->y, &r->made, detail);
}

static uint64_t method_of(const struct tr_cmd *cmd)
{
	if (cmd->family == TR_FAMILY_MEDIAN)
		return 5;
	switch (cmd->attr.u32[3]) {
	case TR_QUANTILE_LOWER:
		return 1;
	case TR_QUANTILE_HIGHER:
		return 2;
	case TR_QUANTILE_NEAREST:
		return 3;
	case TR_QUANTILE_MIDPOINT:
		return 4;
	default:
		return 0;
	}
}

int tr__vk_exec_quantile(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	bool skips = cmd->op == TR_OP_nanmedian || cmd->op == TR_OP_nanquantile;
	double q = cmd->family == TR_FAMILY_MEDIAN ? 0.5 : cmd->attr.f64[3];
	struct tr_vk_range range[4];
	struct pairs p;
	struct rows r;
	int err;

	if (!(dev->gpu->dtypes >> TR_F64 & 1)) {
		snprintf(detail, 128, "%.60s has no %s", dev->gpu->name, tr_dtype_name(TR_F64));
		return -TR_EDTYPE;
	}
	err = gather_rows(dev, cmd, &r, detail);
	if (!err)
		err = make_pairs(dev, &r, (enum tr_dtype)cmd->dtype, true, &p, detail);
	if (!err)
		err = sort_pairs(dev, &p, detail);
	if (err)
		return err;
	range[0] = tr__vk_extent(&r.made, true);
	range[1] = tr__vk_extent(&p.keys, false);
	range[2] = tr__vk_extent(&p.places, false);
	range[3] = tr__vk_extent(&r.x, false);
	err = tr__vk_run_named(dev, "quantile", (enum tr_dtype)cmd->dtype,
			       (const uint64_t[]){(uintptr_t)r.made.addr, (uintptr_t)p.keys.addr, (uintptr_t)p.places.addr,
						  (uintptr_t)r.x.addr, r.n, p.padded, r.rows, tr__vk_bits(TR_F64, q),
						  method_of(cmd), skips, p.width},
			       11, tr__vk_groups(r.rows), range, 4, detail);
	return err ? err : end(dev, &r, detail);
}

/* The type of kernels for integers of any size. */
static enum tr_dtype widest(enum tr_dtype dtype)
{
	if (dtype == TR_F32 || dtype == TR_F64)
		return dtype;
	return dtype >= TR_I8 && dtype <= TR_I64 ? TR_I64 : TR_U64;
}

int tr__vk_exec_search(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	struct tr_operand y = cmd->operand[0], a = cmd->operand[1], v = cmd->operand[2], made = y;
	enum tr_dtype dtype = widest((enum tr_dtype)cmd->dtype);
	bool direct = y.dtype == TR_I64 && tr__vk_is_dense(&y);
	struct tr_operand *given[2] = {&a, &v};
	struct tr_vk_range range[3];
	uint64_t count = 1;
	int err = 0;

	for (int d = 0; d < v.ndim; d++)
		count *= (uint64_t)v.shape[d];
	for (int i = 0; i < 2 && !err; i++) {
		if (i == 0 && !a.shape[0])
			continue;
		err = tr__vk_converted(dev, (enum tr_dtype)cmd->dtype, given[i], detail);
		if (!err)
			err = tr__vk_make_dense(dev, dtype, given[i], detail);
	}
	if (!err && !direct)
		err = tr__vk_scratch(dev, TR_I64, &y, &made, detail);
	if (err)
		return err;
	range[0] = tr__vk_extent(&made, true);
	range[1] = tr__vk_extent(&v, false);
	range[2] = tr__vk_extent(&a, false);
	err = tr__vk_run_named(dev, "search", dtype,
			       (const uint64_t[]){(uintptr_t)made.addr, (uintptr_t)a.addr, (uintptr_t)v.addr, count,
						  (uint64_t)a.shape[0], cmd->attr.u32[0] & TR_SEARCH_RIGHT},
			       6, tr__vk_groups(count), range, 3, detail);
	return err || direct ? err : tr__vk_convert(dev, &y, &made, detail);
}

static int run_scan(struct tr_device *dev, const char *fold, const char *step, enum tr_dtype dtype, const struct rows *r,
		    const struct tr_operand *carry, uint64_t groups, char *detail)
{
	struct tr_vk_range range[3] = {tr__vk_extent(&r->made, true), tr__vk_extent(&r->x, false)};
	uint64_t w[] = {(uintptr_t)r->made.addr, (uintptr_t)r->x.addr, (uintptr_t)carry->addr, r->n,
			(r->n + BLOCK - 1) / BLOCK, r->rows * r->n};
	char name[32];

	if (carry->addr)
		range[2] = tr__vk_extent(carry, true);
	snprintf(name, sizeof(name), "%s_%s", fold, step);
	return tr__vk_run_named(dev, name, dtype, w, 6, groups, range, carry->addr ? 3 : 2, detail);
}

int tr__vk_exec_scan(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	static const char *const folds[TR_OP_COUNT] = {[TR_OP_cumsum] = "add", [TR_OP_cumprod] = "multiply",
						       [TR_OP_cummax] = "maximum", [TR_OP_cummin] = "minimum"};
	struct tr_operand carry = {.ndim = 2};
	enum tr_dtype dtype = widest((enum tr_dtype)cmd->dtype);
	const char *fold = folds[cmd->op];
	uint64_t chunks;
	struct rows r;
	int err = begin(dev, cmd, dtype, dtype, &r, detail);

	if (err || !r.n)
		return err;
	chunks = (r.n + BLOCK - 1) / BLOCK;
	if (chunks > 1) {
		struct tr_operand like = {.ndim = 2, .shape = {(int64_t)r.rows, (int64_t)chunks}};

		err = tr__vk_scratch(dev, dtype, &like, &carry, detail);
	}
	if (!err)
		err = run_scan(dev, fold, "scan", dtype, &r, &carry, r.rows * chunks, detail);
	if (!err && chunks > 1)
		err = run_scan(dev, fold, "carry", dtype, &r, &carry, tr__vk_groups(r.rows), detail);
	if (!err && chunks > 1)
		err = run_scan(dev, fold, "join", dtype, &r, &carry, tr__vk_groups(r.rows * r.n), detail);
	return err ? err : end(dev, &r, detail);
}
