/* SPDX-License-Identifier: MIT */
/*
 * attention: a band of query rows at a time, so that the scores of all rows are never in memory together. Their product
 * with the keys, scaled and masked, softmax, and the product with the values are the commands they are by themselves.
 */
#include <string.h>

#include "vk/rows.h"

#define BAND_BYTES ((int64_t)32 << 20) /* of scores: they stay in a large GPU's cache */

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

/* scores = scores · scale + mask, each rounded. */
static int adjust(struct tr_device *dev, const struct tr_operand *scores, double scale, const struct tr_operand *mask,
		  char *detail)
{
	enum tr_dtype dtype = (enum tr_dtype)scores->dtype;
	struct tr_operand o[4] = {*scores, *scores}; /* loads, then the store */
	struct tr_program p = {.nload = 2, .nstore = 1};
	struct tr_cmd cmd = {.op = TR_OP_COUNT, .prog = &p, .operand = o};
	uint64_t address, *w;
	int err = 0;

	if (scale == 1 && !mask)
		return 0;
	w = tr__vk_params(dev, 1, &address, &err, detail);
	if (!w)
		return err;
	*w = tr__vk_bits(dtype, scale);
	o[1].addr = (void *)(uintptr_t)address;
	memset(o[1].stride, 0, sizeof(o[1].stride));
	if (mask)
		o[p.nload++] = *mask;
	o[p.nload] = *scores;
	p.nreg = p.nload;
	if (scale != 1) {
		p.store[0] = p.nreg;
		p.instr[p.ninstr++] = (struct tr_instr){.op = TR_OP_multiply, .dtype = (uint8_t)dtype,
							   .to = (uint8_t)dtype, .dst = p.nreg++, .src = {0, 1}};
	}
	if (mask) {
		p.instr[p.ninstr++] = (struct tr_instr){.op = TR_OP_add, .dtype = (uint8_t)dtype,
							   .to = (uint8_t)dtype, .dst = p.nreg,
							   .src = {p.store[0], 2}};
		p.store[0] = p.nreg++;
	}
	cmd.noperand = (uint8_t)(p.nload + 1);
	return tr__vk_exec_map(dev, &cmd, detail);
}

static int run_band(struct tr_device *dev, const struct tr_operand *o, const struct tr_operand *scores,
		    const struct tr_operand *mask, double scale, char *detail)
{
	struct tr_operand score[4] = {*scores, o[Q], turned(&o[K])}, mix[4] = {o[Y], *scores, o[V]};
	struct tr_operand both[2] = {*scores, *scores};
	struct tr_cmd softmax = {.op = TR_OP_softmax, .family = TR_FAMILY_SOFTMAX, .dtype = scores->dtype, .noperand = 2,
				 .operand = both, .attr.i64 = {scores->ndim - 1}};
	int err = tr__vk_product(dev, score, detail);

	if (!err)
		err = adjust(dev, scores, scale, mask, detail);
	if (!err)
		err = tr__vk_exec_rows(dev, &softmax, detail);
	return err ? err : tr__vk_product(dev, mix, detail);
}

int tr__vk_exec_attention(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	enum tr_dtype dtype = (enum tr_dtype)cmd->dtype;
	struct tr_operand o[OPERANDS] = {{0}}, result, like, scores;
	int64_t rows, batch = 1, keys, most;
	int n, err = 0;

	memcpy(o, cmd->operand, cmd->noperand * sizeof(*o));
	result = o[Y];
	n = o[Y].ndim;
	for (int i = Q; i < OPERANDS && !err; i++)
		err = tr__vk_converted(dev, dtype, &o[i], detail);
	if (!err && (o[Y].dtype != dtype || !tr__vk_is_dense(&o[Y])))
		err = tr__vk_scratch(dev, dtype, &result, &o[Y], detail);
	rows = o[Q].shape[n - 2];
	keys = o[K].shape[n - 2];
	for (int d = 0; d < n - 2; d++)
		batch *= o[Y].shape[d];
	most = BAND_BYTES / (int64_t)tr_dtype_size(dtype) / batch / (keys ? keys : 1);
	most = most < 1 ? 1 : most > rows ? rows : most;
	like = o[Y];
	like.shape[n - 2] = most;
	like.shape[n - 1] = keys;
	if (!err)
		err = tr__vk_scratch(dev, dtype, &like, &scores, detail);
	for (int64_t first = 0; first < rows && !err; first += most) {
		int64_t height = rows - first < most ? rows - first : most;
		struct tr_operand part[OPERANDS] = {band(&o[Y], first, height), band(&o[Q], first, height), o[K], o[V]};
		struct tr_operand mask = o[MASK];

		if (mask.addr)
			mask = band(&mask, first, height);
		scores.shape[n - 2] = height;
		for (int d = n - 3; d >= 0; d--)
			scores.stride[d] = scores.stride[d + 1] * scores.shape[d + 1];
		err = run_band(dev, part, &scores, mask.addr ? &mask : NULL, cmd->attr.f64[0], detail);
	}
	return err || o[Y].addr == result.addr ? err : tr__vk_convert(dev, &result, &o[Y], detail);
}
