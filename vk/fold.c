/* SPDX-License-Identifier: MIT */
/*
 * Folding rows and columns, by one dispatch or more: how the blocks of the tree (vk/shaders/rows.h) are dealt to teams,
 * workgroups and segments. Knows kernels by name and no operation.
 */
#include <stdio.h>
#include <string.h>

#include "vk/rows.h"

#define ENOUGH ((int64_t)1 << 17) /* invocations that keep a large GPU's memory busy */
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
void tr__vk_deal_row(const struct tr_vk_gpu *gpu, struct tr_vk_deal *d, int64_t n, int64_t rows)
{
	int64_t blocks = ceil_divide(n, 1024), segments = 2 * ENOUGH / TR_VK_GROUP / rows, most = 4;

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

static void deal_column(struct tr_vk_deal *d, int64_t n, int64_t columns)
{
	int64_t blocks = ceil_divide(n, 16), groups, segments;

	d->width = power_above(columns < 64 ? columns : 64);
	while (d->width < 256 && columns >= ENOUGH)
		d->width *= 2;
	d->teams = 256 / d->width;
	groups = ceil_divide(columns, d->width);
	segments = ENOUGH / 256 / groups;
	if (segments > 1 && blocks > d->teams * 2 * FEW_BLOCKS)
		d->blocks = power_below(blocks / (d->teams * segments));
	else
		d->blocks = power_above(ceil_divide(blocks, d->teams));
	d->segments = blocks ? ceil_divide(blocks, d->teams * d->blocks) : 1;
}

/* Room for partial results, as an operand. */
static int make_partial(struct tr_device *dev, const struct tr_vk_rows *r, const struct tr_vk_deal *d,
			struct tr_operand *out, char *detail)
{
	struct tr_operand like = {.ndim = 3, .shape = {r->rows, d->segments, r->inner == 1 ? 64 : 1}};

	return tr__vk_scratch(dev, r->dtype, &like, out, detail);
}

/* What kernels fold these rows or columns: those of medium rows know no function of the elements, and no subtrees. */
static const char *kind_of(const struct tr_vk_rows *r, const char *how)
{
	static const char *const medium[] = {"add", "multiply", "minimum", "maximum"};

	if (r->inner != 1)
		return r->n > 0 && r->n <= TR_VK_SHORT ? "few" : "column";
	if (!strcmp(how, "dot"))
		return "row";
	if (r->n > 0 && r->n <= TR_VK_SHORT)
		return "short";
	for (size_t i = 0; i < sizeof(medium) / sizeof(*medium); i++)
		if (r->n > TR_VK_SHORT && r->n <= TR_VK_MEDIUM && !strcmp(how, medium[i]))
			return "medium";
	return "row";
}

static int dispatch(struct tr_device *dev, const char *how, const struct tr_vk_rows *r, const struct tr_vk_deal *d,
		    const struct tr_operand *y, const struct tr_operand *means, uint64_t empty, char *detail)
{
	const char *kind = kind_of(r, how);
	int64_t per_group = !strcmp(kind, "short") || !strcmp(kind, "few") ? TR_VK_GROUP : !strcmp(kind, "medium") ? TR_VK_GROUP / 16 : d->width;
	uint64_t groups = (uint64_t)(ceil_divide(r->rows, per_group) * d->segments);
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

/* The partial results as rows or columns of their own. Lanes that the last segment left absent stay so. */
static void view_partial(struct tr_vk_rows *r, const struct tr_vk_deal *d, const struct tr_operand *partial)
{
	int64_t size = (int64_t)tr_dtype_size(r->dtype), left;

	r->x = *partial;
	if (r->inner == 1) {
		left = r->n - (d->segments - 1) * d->teams * d->blocks * 1024;
		r->n = (d->segments - 1) * 64 + (left < 64 ? left : 64);
		r->row_bytes = d->segments * 64 * size;
	} else {
		r->n = d->segments;
	}
}

int tr__vk_fold(struct tr_device *dev, const struct tr_vk_rows *rows, const struct tr_operand *y, const char *how,
		const char *join, const struct tr_operand *means, uint64_t empty, char *detail)
{
	struct tr_vk_rows r = *rows;
	struct tr_operand partial;
	struct tr_vk_deal d;
	int err;

	for (;; how = join, means = NULL) {
		if (r.inner == 1)
			tr__vk_deal_row(dev->gpu, &d, r.n, r.rows);
		else
			deal_column(&d, r.n, r.rows);
		if (d.segments == 1)
			return dispatch(dev, how, &r, &d, y, means, empty, detail);
		err = make_partial(dev, &r, &d, &partial, detail);
		if (!err)
			err = dispatch(dev, how, &r, &d, &partial, means, empty, detail);
		if (err)
			return err;
		view_partial(&r, &d, &partial);
	}
}
