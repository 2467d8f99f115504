/* SPDX-License-Identifier: MIT */
/*
 * Where barriers are needed, decided in this one place from the bytes that dispatches read and write: validation
 * layers do not see accesses through device addresses. Knows no Vulkan.
 */
#include "vk/vk.h"

#include <trueno/types.h>

static bool overlap(const struct tr_vk_range *a, const struct tr_vk_range *b)
{
	return a->low < b->high && b->low < a->high && b->low < b->high;
}

bool tr__vk_hazard(struct tr_vk_hazards *h, const struct tr_vk_range *range, unsigned n)
{
	bool conflict = h->n + n > TR_VK_RANGES;

	for (unsigned i = 0; i < h->n && !conflict; i++)
		for (unsigned k = 0; k < n && !conflict; k++)
			conflict = (h->range[i].write || range[k].write) && overlap(&h->range[i], &range[k]);
	if (conflict)
		h->n = 0;
	for (unsigned k = 0; k < n; k++)
		if (range[k].low < range[k].high)
			h->range[h->n++] = range[k];
	return conflict;
}

struct tr_vk_range tr__vk_extent(const struct tr_operand *o, bool write)
{
	struct tr_vk_range r = {(uint64_t)(uintptr_t)o->addr, (uint64_t)(uintptr_t)o->addr, write};
	uint64_t size = tr_dtype_size((enum tr_dtype)o->dtype);

	for (int i = 0; i < o->ndim; i++) {
		int64_t span = (o->shape[i] - 1) * o->stride[i];

		if (o->shape[i] == 0)
			return (struct tr_vk_range){0, 0, write};
		if (span < 0)
			r.low -= (uint64_t)-span * size;
		else
			r.high += (uint64_t)span * size;
	}
	r.high += size;
	return r;
}
