/* SPDX-License-Identifier: MIT */
/* Indices: whether all are in range, and the rows they name. */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "simd/indexed.h"

/* About what it takes to look at an index, in nanoseconds. */
#define CHECK_NS 0.4

struct search {
	struct tr_device *dev;
	const struct tr_operand *idx;
	int64_t n, low, limit;
	size_t parts;
	atomic_bool bad;
};

/* From low to limit - 1. As bits, so that unsigned 64-bit indices above all others are out of range too. */
static bool in_range(const struct search *s, int64_t x)
{
	return (uint64_t)x - (uint64_t)s->low < (uint64_t)s->limit - (uint64_t)s->low;
}

/*
 * Whether all of them are. Either difference is negative for an index out of range, wrapped or not, and for no other; two at
 * a time.
 */
static bool all_in_range(const struct search *s, const int64_t *index, size_t n)
{
	typedef int64_t pair __attribute__((vector_size(16), aligned(8), may_alias));
	pair low = {s->low, s->low}, high = {s->limit - 1, s->limit - 1}, out = {0, 0};
	size_t i = 0;

	for (; i + 2 <= n; i += 2) {
		pair x = *(const pair *)(index + i);

		out |= (x - low) | (high - x);
	}
	return (out[0] | out[1]) >= 0 && (i == n || in_range(s, index[i]));
}

/* Position of an index out of range in [first, last), or -1: the first one if exact, else any. */
static int64_t find_bad(const struct search *s, int64_t first, int64_t last, bool exact, int64_t *culprit)
{
	int64_t batch[TR_INDEX_BATCH];

	for (; first < last; first += TR_INDEX_BATCH) {
		size_t n = last - first < TR_INDEX_BATCH ? (size_t)(last - first) : TR_INDEX_BATCH;
		const int64_t *index = tr__load_range(s->dev, s->idx, first, n, TR_I64, batch);
		bool bad = !all_in_range(s, index, n);

		for (size_t i = 0; bad && i < n; i++)
			if (!exact || !in_range(s, index[i])) {
				*culprit = index[i];
				return first + (int64_t)i;
			}
	}
	return -1;
}

static void search_part(void *arg, size_t part, unsigned worker)
{
	struct search *s = arg;
	int64_t chunk = s->n / (int64_t)s->parts, first = (int64_t)part * chunk, culprit;

	(void)worker;
	if (find_bad(s, first, part + 1 == s->parts ? s->n : first + chunk, false, &culprit) >= 0)
		atomic_store_explicit(&s->bad, true, memory_order_relaxed);
}

static int64_t product(const int64_t *shape, int n)
{
	int64_t p = 1;

	for (int d = 0; d < n; d++)
		p *= shape[d];
	return p;
}

int tr__check_indices(struct tr_device *dev, const struct tr_operand *idx, int64_t limit, bool from_end, bool alone,
		      int64_t axis, char *detail)
{
	bool is_unsigned = idx->dtype == TR_U64;
	struct search s = {.dev = dev, .idx = idx, .n = product(idx->shape, idx->ndim), .limit = limit,
			   .low = from_end && !is_unsigned ? -limit : 0};
	int64_t at, culprit = 0;
	char number[24];

	s.parts = alone ? 1 : tr__pool_parts(dev, (double)s.n * CHECK_NS, (size_t)s.n);
	tr__pool_run(dev, s.parts, search_part, &s);
	if (!atomic_load_explicit(&s.bad, memory_order_relaxed))
		return 0;
	at = find_bad(&s, 0, s.n, true, &culprit);
	if (is_unsigned)
		snprintf(number, sizeof(number), "%" PRIu64, (uint64_t)culprit);
	else
		snprintf(number, sizeof(number), "%" PRId64, culprit);
	snprintf(detail, 128, "index %s at position %" PRId64 " is out of bounds for axis %" PRId64 " with size %" PRId64,
		 number, at, axis, limit);
	return -TR_EINDEX;
}

bool tr__indexed_init(struct tr_indexed *x, struct tr_device *dev, const struct tr_operand *plain,
		      const struct tr_operand *sided, const struct tr_operand *idx, int axis)
{
	int lead = axis + idx->ndim;
	int64_t outer[TR_MAX_RANK];

	*x = (struct tr_indexed){.dev = dev, .plain = plain, .sided = sided, .idx = idx,
				 .size = tr_dtype_size(plain->dtype), .limit = sided->shape[axis],
				 .step = sided->stride[axis], .inner = sided->ndim - axis - 1, .plain_inner = lead,
				 .sided_inner = axis + 1};
	x->outer = product(sided->shape, axis);
	x->nidx = product(idx->shape, idx->ndim);
	x->row = product(sided->shape + axis + 1, x->inner);
	if (!x->outer || !x->nidx || !x->row)
		return false;
	for (int d = 0; d < lead; d++)
		outer[d] = d < axis ? sided->stride[d] : 0;
	tr__walk_init(&x->rows, lead, plain->shape, plain->stride, outer);
	return true;
}

/* A run ends with the innermost axis of rows, with the indices' last, and with the batch. */
void tr__indexed_walk(const struct tr_indexed *x, int64_t first, int64_t last, tr_index_run_fn fn, const void *arg)
{
	struct tr_walk w = x->rows;
	int64_t batch[TR_INDEX_BATCH];

	if (first < last)
		tr__walk_seek(&w, first);
	while (first < last) {
		int64_t j = first % x->nidx, n = tr__walk_run(&w);
		struct tr_index_run run = {.to = w.stride[0][w.ndim - 1]};

		n = n < x->nidx - j ? n : x->nidx - j;
		n = n < last - first ? n : last - first;
		n = n < TR_INDEX_BATCH ? n : TR_INDEX_BATCH;
		run.n = (size_t)n;
		run.index = tr__load_range(x->dev, x->idx, j, run.n, TR_I64, batch);
		run.plain = (char *)x->plain->addr + w.offset[0] * (int64_t)x->size;
		run.sided = (char *)x->sided->addr + w.offset[1] * (int64_t)x->size;
		fn(arg, &run);
		tr__walk_advance(&w, n);
		first += n;
	}
}
