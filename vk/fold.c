/* SPDX-License-Identifier: MIT */
/*
 * Folding rows and columns, by one dispatch or more: how the blocks of the tree (vk/shaders/rows.h) are dealt to teams,
 * workgroups and segments. Knows kernels by name and no operation.
 */
#include <stdio.h>
#include <string.h>

#include "vk/rows.h"

#define ENOUGH ((int64_t)1 << 17) /* invocations that keep a large GPU's memory busy */
#define SEGMENTS 8192 /* workgroups that make the last ones' idling small beside the work of all */
#define PARAMS 12
#define FEW_BLOCKS 4 /* that a team folds in less time than a second dispatch takes */

static int64_t power_above(int64_t n)
{
	int64_t p = 1;

	while (p < n)
		p *= 2;
	return p;
}

static int64_t power_below(int64_t n)
{
	return n < 1 ? 1 : power_above(n / 2 + 1);
}

static int64_t ceil_divide(int64_t a, int64_t b)
{
	return a / b + (a % b != 0);
}

/* Few rows have more teams each, and if they are long several workgroups. */
static void deal_row(const struct tr_vk_gpu *gpu, struct tr_vk_deal *d, int64_t n, int64_t rows, int64_t segments)
{
	int64_t blocks = ceil_divide(n, 1024), most = 4;

	segments /= rows;
	if (segments > 1 && gpu->max_group >= 16 * TR_VK_TEAM)
		most = 16;
	d->width = 1;
	d->teams = power_above(blocks < most ? blocks : most);
	d->blocks = power_above(ceil_divide(blocks, d->teams));
	if (segments > 1 && blocks > d->teams * FEW_BLOCKS) {
		d->teams = 4;
		d->blocks = power_below(blocks / (d->teams * segments));
	}
	d->segments = blocks ? ceil_divide(blocks, d->teams * d->blocks) : 1;
}

void tr__vk_deal_row(const struct tr_vk_gpu *gpu, struct tr_vk_deal *d, int64_t n, int64_t rows)
{
	deal_row(gpu, d, n, rows, SEGMENTS);
}

void tr__vk_deal_long(const struct tr_vk_gpu *gpu, struct tr_vk_deal *d, int64_t n, int64_t rows)
{
	int64_t blocks = ceil_divide(n, 1024), large = gpu->max_group >= 16 * TR_VK_TEAM ? 16 : 4;

	d->width = 1;
	/* As many as make no more partial results than need no joining, or as keep the GPU busy. */
	d->teams = blocks <= TR_VK_PARTS / 64 * large ? large : 4;
	d->blocks = power_below(blocks * rows / (d->teams * SEGMENTS / 8));
	d->segments = ceil_divide(blocks, d->teams * d->blocks);
}

static void deal_column(struct tr_vk_deal *d, int64_t n, int64_t columns)
{
	int64_t blocks = ceil_divide(n, 16), groups, segments;

	d->width = power_above(columns < 64 ? columns : 64);
	while (d->width < 256 && columns >= ENOUGH)
		d->width *= 2;
	d->teams = 256 / d->width;
	groups = ceil_divide(columns, d->width);
	segments = SEGMENTS / 2 / groups;
	if (segments > 1 && blocks > d->teams * 2 * FEW_BLOCKS)
		d->blocks = power_below(blocks / (d->teams * segments));
	else
		d->blocks = power_above(ceil_divide(blocks, d->teams));
	d->segments = blocks ? ceil_divide(blocks, d->teams * d->blocks) : 1;
}

/* Whether elements are folded as they are: neither functions of them nor subtrees. */
static bool is_plain(const char *how)
{
	static const char *const plain[] = {"add", "multiply", "minimum", "maximum"};

	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		if (!strcmp(how, plain[i]))
			return true;
	return false;
}

/* What kernels fold these rows or columns. */
static const char *kind_of(const struct tr_vk_rows *r, const struct tr_operand *y, const char *how)
{
	bool few = r->n > 0 && r->n <= TR_VK_SHORT;

	if (r->inner != 1 && few && r->dtype == TR_F32 && r->inner % 4 == 0 && is_plain(how) &&
	    ((uintptr_t)r->x.addr | (uintptr_t)y->addr) % 16 == 0)
		return "four";
	if (r->inner != 1)
		return few ? "few" : "column";
	if (!strcmp(how, "dot"))
		return "row";
	if (few)
		return "short";
	return r->n > TR_VK_SHORT && r->n <= TR_VK_MEDIUM && is_plain(how) ? "medium" : "row";
}

/* Rows or columns of a workgroup. */
static int64_t per_group(const char *kind, const struct tr_vk_deal *d)
{
	switch (*kind) {
	case 's': /* short */
		return TR_VK_GROUP;
	case 'f': /* few, four */
		return kind[1] == 'e' ? TR_VK_GROUP : 4 * TR_VK_GROUP;
	case 'm': /* medium */
		return TR_VK_GROUP / 16;
	default:
		return d->width;
	}
}

int tr__vk_fold_once(struct tr_device *dev, const struct tr_vk_rows *r, const struct tr_vk_deal *d, const struct tr_operand *y,
		     const char *how, const struct tr_operand *means, uint64_t empty, char *detail)
{
	const char *kind = kind_of(r, y, how);
	uint64_t groups = (uint64_t)(ceil_divide(r->rows, per_group(kind, d)) * d->segments);
	struct tr_vk_range range[3] = {tr__vk_extent(y, true), tr__vk_extent(&r->x, false)};
	unsigned size = strcmp(kind, "row") ? TR_VK_GROUP : (unsigned)d->teams * TR_VK_TEAM;
	uint64_t address, *w;
	VkPipeline pipeline;
	char name[32];
	int err;

	snprintf(name, sizeof(name), "%s_%s", kind, how);
	err = tr__vk_named(dev, name, r->dtype, size, &pipeline, detail);
	if (err)
		return err;
	w = tr__vk_params(dev, PARAMS, &address, &err, detail);
	if (!w)
		return err;
	memcpy(w, (const uint64_t[PARAMS]){(uintptr_t)y->addr, (uintptr_t)r->x.addr, (uint64_t)r->n, (uint64_t)r->inner,
					   (uint64_t)r->rows, (uint64_t)r->row_bytes,
					   means ? (uintptr_t)means->addr : 0, empty, (uint64_t)d->teams,
					   (uint64_t)d->blocks, (uint64_t)d->segments, (uint64_t)d->width},
	       PARAMS * sizeof(*w));
	if (means)
		range[2] = tr__vk_extent(means, false);
	return tr__vk_dispatch(dev, pipeline, &address, 1, groups, range, means ? 3 : 2, detail);
}

/* Lanes that the last segment left absent stay so. Of one segment a whole row's fold is left. */
int tr__vk_partial(struct tr_device *dev, const struct tr_vk_rows *r, const struct tr_vk_deal *d, struct tr_vk_rows *partial,
		   char *detail)
{
	int64_t lanes = r->inner == 1 && d->segments > 1 ? 64 : 1, left = r->n - (d->segments - 1) * d->teams * d->blocks * 1024;
	struct tr_operand like = {.ndim = 3, .shape = {r->rows, d->segments, lanes}};

	*partial = *r;
	partial->dtype = r->sum;
	partial->n = (d->segments - 1) * lanes + (left < lanes ? left : lanes);
	partial->row_bytes = d->segments * lanes * (int64_t)tr_dtype_size(r->sum);
	if (r->inner != 1)
		partial->n = d->segments;
	return tr__vk_scratch(dev, r->sum, &like, &partial->x, detail);
}

int tr__vk_join(struct tr_device *dev, struct tr_vk_rows *r, const char *join, char *detail)
{
	struct tr_vk_rows partial;
	struct tr_vk_deal d;
	int err = 0;

	for (; r->n > TR_VK_PARTS && !err; *r = partial) {
		tr__vk_deal_long(dev->gpu, &d, r->n, r->rows);
		err = tr__vk_partial(dev, r, &d, &partial, detail);
		if (!err)
			err = tr__vk_fold_once(dev, r, &d, &partial.x, join, NULL, 0, detail);
	}
	return err;
}

int tr__vk_fold(struct tr_device *dev, const struct tr_vk_rows *rows, const struct tr_operand *y, const char *how,
		const char *join, const struct tr_operand *means, uint64_t empty, char *detail)
{
	struct tr_vk_rows r = *rows, partial;
	struct tr_vk_deal d;
	int err;

	for (;; how = join, means = NULL, r = partial) {
		if (r.inner == 1)
			deal_row(dev->gpu, &d, r.n, r.rows, !strcmp(how, "dot") ? 4 * SEGMENTS : SEGMENTS);
		else
			deal_column(&d, r.n, r.rows);
		if (d.segments == 1)
			return tr__vk_fold_once(dev, &r, &d, y, how, means, empty, detail);
		err = tr__vk_partial(dev, &r, &d, &partial, detail);
		if (!err)
			err = tr__vk_fold_once(dev, &r, &d, &partial.x, how, means, empty, detail);
		if (err)
			return err;
	}
}
