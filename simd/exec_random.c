/* SPDX-License-Identifier: MIT */
/*
 * The executor of RANDOM and RANDOM_TRY: random bits, or the elements' positions, a batch at a time, and the level's kernel
 * on them. What an element becomes depends on its own number, so that parts may begin anywhere.
 */
#include <string.h>

#include "simd/cpu.h"
#include "simd/map.h"

#define BATCH 512

/* About what an element costs, in nanoseconds. */
#define DRAW_NS 1.0
#define TRY_NS 30.0

struct job {
	struct tr_device *dev;
	const struct tr_operand *dst;
	tr_map_fn map;
	enum tr_dtype eval, stored; /* what the kernel's elements are, and what it writes */
	bool is_try, direct;
	uint64_t number[2]; /* one element each */
	uint64_t key, position, stream;
	int64_t n;
	size_t parts;
};

/* Elements [first, first + n), at y; bits: room for as many of 8 bytes. first is a multiple of 64. */
static void batch(const struct job *j, int64_t first, size_t n, void *y, uint64_t *bits)
{
	const void *src[] = {bits, &j->number[0], &j->number[1], &j->key, &j->stream};
	size_t size = tr_dtype_size(j->eval), blocks = (n * size + 15) / 16;

	if (j->is_try) {
		for (size_t i = 0; i < n; i++)
			bits[i] = j->position + (uint64_t)first + i;
	} else if (j->direct && j->stored == j->eval && blocks * 16 == n * size) {
		src[0] = y; /* one buffer less to go through */
		j->dev->k->philox(y, j->key, j->stream, j->position + (uint64_t)first * size / 16, blocks);
	} else {
		j->dev->k->philox(bits, j->key, j->stream, j->position + (uint64_t)first * size / 16, blocks);
	}
	j->map(y, src, n);
}

static void run_part(void *arg, size_t part, unsigned worker)
{
	const struct job *j = arg;
	int64_t chunk = (j->n / (int64_t)j->parts + 63) / 64 * 64, first = (int64_t)part * chunk;
	int64_t last = part + 1 == j->parts || j->n - first < chunk ? j->n : first + chunk;
	_Alignas(64) uint64_t bits[BATCH], y[BATCH], buf[2 * BATCH];

	(void)worker;
	for (; first < last; first += BATCH) {
		size_t n = last - first < BATCH ? (size_t)(last - first) : BATCH;

		if (j->direct) {
			batch(j, first, n, (char *)j->dst->addr + (size_t)first * tr_dtype_size(j->stored), bits);
		} else {
			batch(j, first, n, y, bits);
			tr__store_range(j->dev, j->dst, first, n, j->stored, y, buf);
		}
	}
}

int tr__exec_random(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	struct job j = {.dev = dev, .dst = &cmd->operand[0], .eval = (enum tr_dtype)cmd->dtype, .n = 1};

	(void)detail;
	for (int d = 0; d < j.dst->ndim; d++)
		j.n *= j.dst->shape[d];
	j.map = dev->k->map[cmd->op][cmd->dtype];
	j.stored = tr__ops[cmd->op].result == TR_RESULT_BOOL ? TR_BOOL : j.eval;
	j.direct = j.stored == j.dst->dtype && tr__is_dense(j.dst);
	j.is_try = cmd->family == TR_FAMILY_RANDOM_TRY;
	if (j.eval == TR_U64)
		memcpy(j.number, cmd->attr.i64, sizeof(j.number));
	else
		tr__map_numbers(j.number, dev->k, cmd->op, cmd->dtype, cmd->attr.f64);
	j.key = (uint64_t)cmd->attr.i64[2];
	j.position = (uint64_t)cmd->attr.i64[3];
	j.stream = (uint64_t)cmd->attr.i64[4];
	j.parts = tr__pool_parts(dev, (double)j.n * (j.is_try ? TRY_NS : DRAW_NS), (size_t)(j.n / 64 + 1));
	tr__pool_run(dev, j.parts, run_part, &j);
	return 0;
}
