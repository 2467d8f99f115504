/* SPDX-License-Identifier: MIT */
/*
 * softmax and layer_norm: the axis is brought to the end and the rows made dense where they are not. A workgroup does
 * one row or more whole; a few long rows are folded by all of the GPU, and finished by elementwise programs. Knows
 * no shader.
 */
#include <stdio.h>
#include <string.h>

#include "vk/rows.h"

#define PARAMS 11
#define SOFT_PARAMS 12
#define SOFT_STEP 4096 /* elements that a workgroup finishes, or a multiple if more than MOST_SOFT workgroups would be needed */
#define MOST_SOFT 8192
#define TEAM 32        /* invocations that keep 1,024 elements of a row */
#define SHORT_GROUP 64 /* a workgroup's rows of up to 16 elements, and its invocations */

/* The axis that a row runs along becomes the last one. */
static void move_axis(struct tr_operand *o, int axis)
{
	int64_t shape = o->shape[axis], stride = o->stride[axis];

	for (int d = axis; d + 1 < o->ndim; d++) {
		o->shape[d] = o->shape[d + 1];
		o->stride[d] = o->stride[d + 1];
	}
	o->shape[o->ndim - 1] = shape;
	o->stride[o->ndim - 1] = stride;
}

/* An operand of one element for each row, repeated along it. */
static struct tr_operand repeated(const struct tr_operand *of, const struct tr_operand *x)
{
	struct tr_operand o = *of;

	o.ndim = x->ndim;
	o.shape[o.ndim - 1] = x->shape[x->ndim - 1];
	o.stride[o.ndim - 1] = 0;
	return o;
}

/* An operand along the last axis, repeated over the others. */
static struct tr_operand spread(const struct tr_operand *of, const struct tr_operand *x)
{
	struct tr_operand o = *x;

	o.addr = of->addr;
	memset(o.stride, 0, sizeof(o.stride));
	o.stride[o.ndim - 1] = of->stride[0];
	return o;
}

/* Appends value = op(values[0 …]) of registers; the register it is in. */
static uint8_t append(struct tr_program *p, enum tr_op op, enum tr_dtype dtype, uint8_t a, uint8_t b, uint8_t c)
{
	p->instr[p->ninstr++] = (struct tr_instr){
		.op = (uint16_t)op, .dtype = (uint8_t)dtype, .to = (uint8_t)dtype, .dst = p->nreg, .src = {a, b, c}};
	return p->nreg++;
}

static int run_program(struct tr_device *dev, struct tr_program *p, uint8_t result, struct tr_operand *o, char *detail)
{
	struct tr_cmd cmd = {.op = TR_OP_COUNT, .noperand = (uint8_t)(p->nload + 1), .prog = p, .operand = o};

	p->nstore = 1;
	p->store[0] = result;
	return tr__vk_exec_map(dev, &cmd, detail);
}

/* One of the kernels soft_*, after which comes what they leave: d as they take it, last: their parameter 9. */
static int soft(struct tr_device *dev, const char *name, const struct tr_vk_rows *r, const struct tr_vk_rows *left,
		const struct tr_operand *y, const struct tr_operand *most, const struct tr_vk_deal *d, uint64_t last, uint64_t length,
		char *detail)
{
	bool finish = length > 0;
	struct tr_vk_range range[4] = {tr__vk_extent(y, true), tr__vk_extent(&r->x, false), tr__vk_extent(most, !finish),
				       tr__vk_extent(&left->x, false)};
	uint64_t address, *w;
	VkPipeline pipeline;
	int err = tr__vk_named(dev, name, r->dtype, (unsigned)d->teams * TR_VK_TEAM, &pipeline, detail);

	if (err)
		return err;
	w = tr__vk_params(dev, SOFT_PARAMS, &address, &err, detail);
	if (!w)
		return err;
	memcpy(w, (const uint64_t[SOFT_PARAMS]){(uintptr_t)y->addr, (uintptr_t)r->x.addr, (uintptr_t)most->addr, (uint64_t)r->n,
						(uint64_t)r->rows, (uint64_t)left->row_bytes, (uintptr_t)left->x.addr,
						(uint64_t)left->n, (uint64_t)d->teams, last, (uint64_t)d->segments, length},
	       SOFT_PARAMS * sizeof(*w));
	return tr__vk_dispatch(dev, pipeline, &address, 1, (uint64_t)(r->rows * d->segments), range, 4, detail);
}

/* y = exp(x - most) · (1 / sum), or (x - most) - log(sum). */
static int long_softmax(struct tr_device *dev, const struct tr_vk_rows *r, const struct tr_operand *y, bool log,
			char *detail)
{
	struct tr_operand per_row = {.ndim = 1, .shape = {r->rows}}, most;
	struct tr_vk_rows greatest, sums;
	struct tr_vk_deal d;
	int64_t length;
	int err;

	tr__vk_deal_long(dev->gpu, &d, r->n, r->rows);
	err = tr__vk_scratch(dev, r->dtype, &per_row, &most, detail);
	if (!err)
		err = tr__vk_partial(dev, r, &d, &greatest, detail);
	if (!err)
		err = tr__vk_partial(dev, r, &d, &sums, detail);
	if (!err)
		err = tr__vk_fold_once(dev, r, &d, &greatest.x, "maximum", NULL, 0, detail);
	if (!err)
		err = tr__vk_join(dev, &greatest, "join_maximum", detail);
	if (!err)
		err = soft(dev, "soft_sums", r, &greatest, &sums.x, &most, &d, (uint64_t)d.blocks, 0, detail);
	if (!err)
		err = tr__vk_join(dev, &sums, "join_add", detail);
	length = r->n * r->rows / MOST_SOFT / SOFT_STEP * SOFT_STEP;
	length = length < SOFT_STEP ? SOFT_STEP : length;
	d = (struct tr_vk_deal){.teams = 4, .segments = (r->n + length - 1) / length};
	return err ? err : soft(dev, "soft_finish", r, &sums, y, &most, &d, log, (uint64_t)length, detail);
}

/* y = fma((x - mean) · r, weight, bias), what is missing left out: it would change nothing. */
static int finish_norm(struct tr_device *dev, const struct tr_vk_rows *r, const struct tr_operand *y,
		       const struct tr_operand *mean, const struct tr_operand *scale, const struct tr_operand *weight,
		       const struct tr_operand *bias, char *detail)
{
	struct tr_program p = {.nload = 3, .nreg = 3};
	struct tr_operand o[6] = {r->x, repeated(mean, y), repeated(scale, y)};
	uint8_t w = 0, b = 0, v;

	if (weight->addr) {
		o[p.nload] = spread(weight, y);
		w = p.nload++;
	}
	if (bias->addr) {
		o[p.nload] = spread(bias, y);
		b = p.nload++;
	}
	o[p.nload] = *y;
	p.nreg = p.nload;
	v = append(&p, TR_OP_subtract, r->dtype, 0, 1, 0);
	v = append(&p, TR_OP_multiply, r->dtype, v, 2, 0);
	if (w && b)
		v = append(&p, TR_OP_fma, r->dtype, v, w, b);
	else if (w || b)
		v = append(&p, w ? TR_OP_multiply : TR_OP_add, r->dtype, v, w ? w : b, 0);
	return run_program(dev, &p, v, o, detail);
}

static int long_norm(struct tr_device *dev, const struct tr_vk_rows *r, const struct tr_operand *o,
		     const struct tr_operand *y, double eps, char *detail)
{
	struct tr_operand per_row = *y, mean, scale;
	double n = (double)r->n;
	int err;

	per_row.shape[per_row.ndim - 1] = 1;
	err = tr__vk_scratch(dev, r->dtype, &per_row, &mean, detail);
	if (!err)
		err = tr__vk_scratch(dev, r->dtype, &per_row, &scale, detail);
	if (!err)
		err = tr__vk_fold(dev, r, &mean, "add", "join_add", NULL, 0, detail);
	if (!err)
		err = tr__vk_apply(dev, TR_OP_divide, &mean, &n, detail);
	if (!err)
		err = tr__vk_fold(dev, r, &scale, "square", "join_add", &mean, 0, detail);
	if (!err)
		err = tr__vk_apply(dev, TR_OP_divide, &scale, &n, detail);
	if (!err)
		err = tr__vk_apply(dev, TR_OP_add, &scale, &eps, detail);
	if (!err)
		err = tr__vk_apply(dev, TR_OP_sqrt, &scale, NULL, detail);
	if (!err)
		err = tr__vk_apply(dev, TR_OP_reciprocal, &scale, NULL, detail);
	return err ? err : finish_norm(dev, r, y, &mean, &scale, &o[2], &o[3], detail);
}

/* The kernel for rows that a workgroup has whole. */
struct choice {
	char name[20];
	unsigned size;    /* of a workgroup */
	int64_t per_group; /* rows */
	uint64_t teams, last; /* parameters 9 and 10 */
};

/* Rows that are kept in registers. */
static bool is_whole(const struct tr_vk_gpu *gpu, const struct tr_vk_rows *r)
{
	return r->dtype == TR_F32 && r->n > TR_VK_SHORT && r->n <= 16 * TR_VK_MEDIUM &&
	       (r->n + TR_VK_MEDIUM - 1) / TR_VK_MEDIUM * TEAM <= gpu->max_group;
}

/* As many rows as make a workgroup large enough. */
static struct choice choose_whole(const char *what, int64_t n)
{
	int64_t teams = (n + TR_VK_MEDIUM - 1) / TR_VK_MEDIUM;
	struct choice c = {.teams = (uint64_t)teams, .per_group = teams > 1 ? 1 : n > TR_VK_MEDIUM / 2 ? 2 : 4};

	snprintf(c.name, sizeof(c.name), "%s_%s", what,
		 teams > 1 ? "teams" : n > TR_VK_MEDIUM / 2 ? "team" : n > TR_VK_MEDIUM / 4 ? "half" : "quarter");
	c.last = (uint64_t)c.per_group;
	c.size = (unsigned)(teams * c.per_group * TEAM);
	return c;
}

static struct choice choose(const struct tr_vk_gpu *gpu, const struct tr_cmd *cmd, const struct tr_vk_rows *r,
			    const struct tr_vk_deal *d)
{
	bool norm = cmd->family == TR_FAMILY_NORM;
	const char *what = norm ? "layer_norm" : cmd->op == TR_OP_log_softmax ? "log_softmax" : "softmax";
	struct choice c = {"", (unsigned)d->teams * TR_VK_TEAM, 1, (uint64_t)d->teams, (uint64_t)d->blocks};

	if (is_whole(gpu, r))
		return choose_whole(what, r->n);
	if (!norm && r->n <= TR_VK_SHORT)
		return (struct choice){"softmax_short", SHORT_GROUP, SHORT_GROUP, 0, 0};
	snprintf(c.name, sizeof(c.name), "%s", norm ? "layer_norm" : "softmax");
	return c;
}

int tr__vk_whole_var(struct tr_device *dev, const struct tr_vk_rows *r, const struct tr_operand *y, double divisor,
		     char *detail)
{
	struct tr_vk_range range[2] = {tr__vk_extent(y, true), tr__vk_extent(&r->x, false)};
	uint64_t address, *w;
	VkPipeline pipeline;
	struct choice c = choose_whole("var", r->n);
	int err = tr__vk_named(dev, c.name, r->dtype, c.size, &pipeline, detail);

	if (err)
		return err;
	w = tr__vk_params(dev, PARAMS, &address, &err, detail);
	if (!w)
		return err;
	memcpy(w, (const uint64_t[PARAMS]){(uintptr_t)y->addr, (uintptr_t)r->x.addr, (uint64_t)r->n, (uint64_t)r->rows,
					   tr__vk_bits(r->dtype, divisor), 0, 0, 0, 0, c.teams, c.last},
	       PARAMS * sizeof(*w));
	return tr__vk_dispatch(dev, pipeline, &address, 1, (uint64_t)((r->rows + c.per_group - 1) / c.per_group), range, 2, detail);
}

bool tr__vk_is_whole(const struct tr_vk_gpu *gpu, const struct tr_vk_rows *r)
{
	return r->inner == 1 && r->row_bytes == r->n * 4 && is_whole(gpu, r);
}

/* Whole rows by a workgroup each, or several. */
static int short_rows(struct tr_device *dev, const struct tr_cmd *cmd, const struct tr_vk_rows *r,
		      const struct tr_vk_deal *d, const struct tr_operand *o, const struct tr_operand *y, char *detail)
{
	bool norm = cmd->family == TR_FAMILY_NORM;
	struct choice c = choose(dev->gpu, cmd, r, d);
	struct tr_vk_range range[4] = {tr__vk_extent(y, true), tr__vk_extent(&r->x, false)};
	uint64_t address, *w, size = tr_dtype_size(r->dtype);
	unsigned ranges = 2;
	VkPipeline pipeline;
	int err = tr__vk_named(dev, c.name, r->dtype, c.size, &pipeline, detail);

	if (err)
		return err;
	w = tr__vk_params(dev, PARAMS, &address, &err, detail);
	if (!w)
		return err;
	memset(w, 0, PARAMS * sizeof(*w));
	w[0] = (uintptr_t)y->addr;
	w[1] = (uintptr_t)r->x.addr;
	w[2] = (uint64_t)r->n;
	w[3] = (uint64_t)r->rows;
	w[4] = norm ? tr__vk_bits(r->dtype, cmd->attr.f64[0]) : cmd->op == TR_OP_log_softmax;
	for (int i = 2; i < 4 && norm; i++) {
		w[3 + i] = (uintptr_t)o[i].addr;
		w[5 + i] = (uint64_t)o[i].stride[0] * size;
		if (o[i].addr)
			range[ranges++] = tr__vk_extent(&o[i], false);
	}
	w[9] = c.teams;
	w[10] = c.last;
	return tr__vk_dispatch(dev, pipeline, &address, 1, (uint64_t)((r->rows + c.per_group - 1) / c.per_group), range, ranges,
			       detail);
}

int tr__vk_exec_rows(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	bool norm = cmd->family == TR_FAMILY_NORM, direct;
	enum tr_dtype dtype = (enum tr_dtype)cmd->dtype;
	struct tr_operand o[4] = {{0}}, y;
	struct tr_vk_rows r;
	struct tr_vk_deal d;
	int err = 0;

	memcpy(o, cmd->operand, cmd->noperand * sizeof(*o));
	for (int i = 0; i < o[0].ndim; i++)
		if (!o[0].shape[i])
			return 0;
	for (int i = 0; i < 2 && !norm; i++)
		move_axis(&o[i], (int)cmd->attr.i64[0]);
	y = o[0];
	direct = y.dtype == dtype && tr__vk_is_dense(&y);
	err = tr__vk_make_dense(dev, dtype, &o[1], detail);
	if (!err && !direct)
		err = tr__vk_scratch(dev, dtype, &o[0], &y, detail);
	for (int i = 2; i < 4 && norm && !err; i++)
		err = tr__vk_converted(dev, dtype, &o[i], detail);
	if (err)
		return err;
	tr__vk_find_rows(&r, &o[1], o[1].ndim - 1, 1, dtype);
	tr__vk_deal_row(dev->gpu, &d, r.n, r.rows);
	if (d.segments == 1 || is_whole(dev->gpu, &r))
		err = short_rows(dev, cmd, &r, &d, o, &y, detail);
	else if (norm)
		err = long_norm(dev, &r, o, &y, cmd->attr.f64[0], detail);
	else
		err = long_softmax(dev, &r, &y, cmd->op == TR_OP_log_softmax, detail);
	return err || direct ? err : tr__vk_convert(dev, &o[0], &y, detail);
}
