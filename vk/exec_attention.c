/* SPDX-License-Identifier: MIT */
/*
 * attention: a band of query rows at a time, so that the scores of all rows are never in memory together. Their product
 * with the keys, which scales it, the mask, softmax, and the product with the values are the commands they are by themselves. On
 * matrix units the second product takes the softmax rounded to the operands' type.
 */
#include <string.h>

#include "vk/rows.h"
#include "vk/units.h"

#define BAND_BYTES ((int64_t)128 << 20) /* of scores: enough for all of a large GPU's processors */
#define WHOLE_TILES 128 /* rows of a product's tile */

enum { Y, Q, K, V, MASK, OPERANDS };

/* Rows first … first + rows - 1 of an operand [batch…, rows, n]. */
static struct tr_operand band(const struct tr_operand *o, int64_t first, int64_t rows)
{
	struct tr_operand b = *o;

	b.addr = (char *)o->addr + first * o->stride[o->ndim - 2] * (int64_t)tr_dtype_size((enum tr_dtype)o->dtype);
	b.shape[o->ndim - 2] = rows;
	return b;
}

static struct tr_operand turned(const struct tr_operand *o)
{
	struct tr_operand t = *o;
	int a = o->ndim - 2, b = o->ndim - 1;

	t.shape[a] = o->shape[b];
	t.shape[b] = o->shape[a];
	t.stride[a] = o->stride[b];
	t.stride[b] = o->stride[a];
	return t;
}

/* scores = scores + mask. */
static int add_mask(struct tr_device *dev, const struct tr_operand *scores, const struct tr_operand *mask, char *detail)
{
	struct tr_operand o[3] = {*scores, *mask, *scores}; /* loads, then the store */
	struct tr_program p = {.nload = 2, .nstore = 1, .nreg = 3, .ninstr = 1, .store = {2},
			       .instr = {{.op = TR_OP_add, .dtype = scores->dtype, .to = scores->dtype, .dst = 2, .src = {0, 1}}}};
	struct tr_cmd cmd = {.op = TR_OP_COUNT, .noperand = 3, .prog = &p, .operand = o};

	return tr__vk_exec_map(dev, &cmd, detail);
}

/* Where the scores of a band go, and on matrix units their softmax in the operands' type. */
struct scores {
	struct tr_operand score, weight;
	bool on_units;
	enum tr_vk_units units;
};

static int run_band(struct tr_device *dev, const struct tr_operand *o, const struct scores *s, const struct tr_operand *mask,
		    double scale, char *detail)
{
	struct tr_operand score[4] = {s->score, o[Q], turned(&o[K])}, mix[4] = {o[Y], s->weight, o[V]};
	struct tr_operand both[2] = {s->score, s->score};
	struct tr_cmd softmax = {.op = TR_OP_softmax, .family = TR_FAMILY_SOFTMAX, .dtype = s->score.dtype, .noperand = 2,
				 .operand = both, .attr.i64 = {s->score.ndim - 1}};
	int err = s->on_units ? tr__vk_units_product(dev, s->units, score, scale, detail) : tr__vk_product(dev, score, scale, detail);

	if (!err && mask)
		err = add_mask(dev, &s->score, mask, detail);
	if (!err)
		err = tr__vk_exec_rows(dev, &softmax, detail);
	if (!err && s->on_units)
		err = tr__vk_convert(dev, &s->weight, &s->score, detail);
	if (err)
		return err;
	return s->on_units ? tr__vk_units_product(dev, s->units, mix, 1, detail) : tr__vk_product(dev, mix, 1, detail);
}

/* Whether both products go to matrix units: where nothing need be copied for them, so that no band takes scratch. */
static bool units_do(const struct tr_device *dev, const struct tr_operand *o, enum tr_dtype dtype, enum tr_vk_units *units)
{
	int n = o[Y].ndim;
	int64_t slice = 32;

	if (dtype != TR_F32 || !tr__vk_units_take(dev->units, o[Q].dtype, o[K].dtype, dtype, units) || o[V].dtype != o[K].dtype ||
	    (o[Y].dtype != TR_F32 && o[Y].dtype != o[K].dtype) || o[Q].shape[n - 1] % slice || o[K].shape[n - 2] % slice ||
	    !o[Q].shape[n - 1] || !o[K].shape[n - 2])
		return false;
	for (int i = Q; i <= V; i++)
		if ((uintptr_t)o[i].addr % 16 || !tr__vk_is_dense(&o[i]) || o[i].shape[n - 1] % 8)
			return false;
	return true;
}

/* The band of query rows that begins with row `first`. */
static int run_rows(struct tr_device *dev, const struct tr_operand *o, struct scores *s, int64_t first, int64_t height,
		    double scale, char *detail)
{
	struct tr_operand part[OPERANDS] = {band(&o[Y], first, height), band(&o[Q], first, height), o[K], o[V]};
	struct tr_operand mask = o[MASK], *both[2] = {&s->score, &s->weight};

	if (mask.addr)
		mask = band(&mask, first, height);
	for (int i = 0; i < 2; i++) {
		both[i]->shape[o[Y].ndim - 2] = height;
		for (int d = o[Y].ndim - 3; d >= 0; d--)
			both[i]->stride[d] = both[i]->stride[d + 1] * both[i]->shape[d + 1];
	}
	return run_band(dev, part, s, mask.addr ? &mask : NULL, scale, detail);
}

int tr__vk_exec_attention(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	enum tr_dtype dtype = (enum tr_dtype)cmd->dtype;
	struct tr_operand o[OPERANDS] = {{0}}, result, like;
	struct scores s;
	int64_t rows, batch = 1, keys, most;
	int n, err = 0;

	memcpy(o, cmd->operand, cmd->noperand * sizeof(*o));
	result = o[Y];
	n = o[Y].ndim;
	s.on_units = units_do(dev, o, dtype, &s.units);
	for (int i = s.on_units ? MASK : Q; i < OPERANDS && !err; i++)
		err = tr__vk_converted(dev, dtype, &o[i], detail);
	if (!err && ((o[Y].dtype != dtype && !s.on_units) || !tr__vk_is_dense(&o[Y])))
		err = tr__vk_scratch(dev, dtype, &result, &o[Y], detail);
	rows = o[Q].shape[n - 2];
	keys = o[K].shape[n - 2];
	for (int d = 0; d < n - 2; d++)
		batch *= o[Y].shape[d];
	most = BAND_BYTES / (int64_t)tr_dtype_size(dtype) / batch / (keys ? keys : 1);
	if (most > WHOLE_TILES)
		most -= most % WHOLE_TILES;
	most = most < 1 ? 1 : most > rows ? rows : most;
	like = o[Y];
	like.shape[n - 2] = most;
	like.shape[n - 1] = keys;
	if (!err)
		err = tr__vk_scratch(dev, dtype, &like, &s.score, detail);
	s.weight = s.score;
	if (!err && s.on_units)
		err = tr__vk_scratch(dev, (enum tr_dtype)o[V].dtype, &like, &s.weight, detail);
	for (int64_t first = 0; first < rows && !err; first += most)
		err = run_rows(dev, o, &s, first, rows - first < most ? rows - first : most, cmd->attr.f64[0], detail);
	return err || o[Y].addr == result.addr ? err : tr__vk_convert(dev, &result, &o[Y], detail);
}
