/* SPDX-License-Identifier: MIT */
/*
 * The executor of RANGE: element i is start + i·(next - start), each step rounded in the type evaluated in, by the level's
 * own kernels. Element 1 is next itself, as in NumPy.
 */
#include <string.h>

#include "simd/cpu.h"

#define BATCH 512

/* About what an element costs, in nanoseconds. */
#define ELEMENT_NS 0.3

struct range {
	struct tr_device *dev;
	const struct tr_operand *dst;
	enum tr_dtype dtype;
	_Alignas(8) char start[8], step[8], next[8]; /* one element each */
	int64_t n;
	size_t parts;
};

/* n elements from number first on, dense. */
static void make(const struct range *r, int64_t first, size_t n, char *y)
{
	size_t size = tr_dtype_size(r->dtype);

	r->dev->k->range[r->dtype](y, r->start, r->step, first, n);
	if (first <= 1 && first + (int64_t)n > 1)
		memcpy(y + (size_t)(1 - first) * size, r->next, size);
}

static void range_part(void *arg, size_t part, unsigned worker)
{
	const struct range *r = arg;
	int64_t chunk = r->n / (int64_t)r->parts, first = (int64_t)part * chunk;
	int64_t last = part + 1 == r->parts ? r->n : first + chunk;
	_Alignas(64) char y[BATCH * 8], buf[BATCH * 16];

	(void)worker;
	if (r->dst->dtype == r->dtype && (r->dst->stride[0] == 1 || r->n == 1)) {
		make(r, first, (size_t)(last - first), (char *)r->dst->addr + first * (int64_t)tr_dtype_size(r->dtype));
		return;
	}
	for (; first < last; first += BATCH) {
		size_t n = last - first < BATCH ? (size_t)(last - first) : BATCH;

		make(r, first, n, y);
		tr__store_range(r->dev, r->dst, first, n, r->dtype, y, buf);
	}
}

/* A number as an element of dst, in the type evaluated in. */
static void set(const struct range *r, void *element, enum tr_dtype given, const void *number)
{
	const struct tr_kernels *k = r->dev->k;
	char stored[16];

	k->cast[given][r->dst->dtype](stored, number, 1);
	if (r->dst->dtype == r->dtype)
		memcpy(element, stored, tr_dtype_size(r->dtype));
	else
		k->cast[r->dst->dtype][r->dtype](element, stored, 1);
}

int tr__exec_range(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	struct range r = {.dev = dev, .dst = &cmd->operand[0], .dtype = (enum tr_dtype)cmd->dtype,
			  .n = cmd->operand[0].shape[0]};
	enum tr_dtype given = r.dtype == TR_F32 || r.dtype == TR_F64 ? TR_F64 : TR_I64;

	(void)detail;
	set(&r, r.start, given, &cmd->attr.i64[0]);
	set(&r, r.next, given, &cmd->attr.i64[1]);
	dev->k->map[TR_OP_subtract][r.dtype](r.step, (const void *[]){r.next, r.start}, 1);
	r.parts = tr__pool_parts(dev, (double)r.n * ELEMENT_NS, (size_t)r.n);
	tr__pool_run(dev, r.parts, range_part, &r);
	return 0;
}
