/* SPDX-License-Identifier: MIT */
/* Looking at values on the GPU before they are used (vk/checks.h). Knows kernels by name. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vk/checks.h"

int tr__vk_checked(const struct tr_device *dev, const struct tr_vk_check *c, char *detail)
{
	uint32_t position;
	uint64_t culprit;
	char number[24];
	int err;

	memcpy(&position, c->word, sizeof(position));
	if (position == UINT32_MAX)
		return 0;
	if (c->numbers) {
		snprintf(detail, 128, "nothing but NaNs along the axis");
		return -TR_EINVAL;
	}
	err = tr__vk_peek(dev, c->values + 8 * (uint64_t)position, &culprit, sizeof(culprit));
	if (err)
		snprintf(number, sizeof(number), "?");
	else if (c->was_unsigned)
		snprintf(number, sizeof(number), "%" PRIu64, culprit);
	else
		snprintf(number, sizeof(number), "%" PRId64, (int64_t)culprit);
	if (c->counts) {
		snprintf(detail, 128, "%s elements are found; the destination has room for %" PRId64, number, c->limit);
		return -TR_ESTATE;
	}
	snprintf(detail, 128, "index %s at position %" PRIu32 " is out of bounds for axis %" PRId64 " with size %" PRId64, number,
		 position, c->axis, c->limit);
	return -TR_EINDEX;
}

/* Runs the kernel, whose first parameter is the word, over values [c->values, end) and what else it reads. */
static int look(struct tr_device *dev, struct tr_vk_check *c, const char *kernel, enum tr_dtype dtype, uint64_t *params,
		unsigned n, uint64_t end, const struct tr_operand *also, uint64_t groups, uint64_t *guard, char *detail)
{
	struct tr_vk_range range[3] = {{.write = true}, {c->values, end, false}};
	struct tr_mem mem;
	int err = tr__vk_scratch_memory(dev, sizeof(*c->word), &mem, detail);

	if (err)
		return err;
	if (also)
		range[2] = tr__vk_extent(also, false);
	c->word = mem.host;
	*c->word = UINT32_MAX;
	*guard = dev->recorder ? (uintptr_t)mem.addr : 0;
	range[0].low = params[0] = (uintptr_t)mem.addr;
	range[0].high = range[0].low + sizeof(*c->word);
	err = tr__vk_run_named(dev, kernel, dtype, params, n, groups, range, also ? 3 : 2, detail);
	if (!err && dev->recorder)
		return tr__vk_recorder_check(dev, c, detail);
	if (!err)
		err = tr__vk_flush(dev, detail);
	return err ? err : tr__vk_checked(dev, c, detail);
}

int tr__vk_check_indices(struct tr_device *dev, const struct tr_operand *idx, bool was_unsigned, int64_t low, int64_t axis,
			 int64_t limit, uint64_t *guard, char *detail)
{
	struct tr_vk_check c = {.values = (uintptr_t)idx->addr, .axis = axis, .limit = limit, .was_unsigned = was_unsigned};
	uint64_t n = (uint64_t)tr__vk_count(idx->shape, idx->ndim);
	uint64_t params[] = {0, c.values, n, (uint64_t)low, (uint64_t)limit};

	return look(dev, &c, "check", TR_I64, params, 5, c.values + 8 * n, NULL, tr__vk_groups(n), guard, detail);
}

int tr__vk_check_room(struct tr_device *dev, uint64_t found, int64_t room, uint64_t *guard, char *detail)
{
	struct tr_vk_check c = {.values = found, .limit = room, .counts = true};
	uint64_t params[] = {0, found, (uint64_t)room};

	return look(dev, &c, "room", TR_DTYPE_NONE, params, 3, found + 8, NULL, 1, guard, detail);
}

int tr__vk_check_numbers(struct tr_device *dev, const struct tr_vk_rows *r, const struct tr_operand *y, char *detail)
{
	struct tr_vk_check c = {.values = (uintptr_t)r->x.addr, .numbers = true};
	uint64_t bytes = (uint64_t)(r->rows * r->n) * tr_dtype_size(r->dtype), guard;
	uint64_t params[] = {0, (uintptr_t)y->addr, c.values, (uint64_t)r->n, (uint64_t)r->inner, (uint64_t)r->rows};

	return look(dev, &c, "numbers", r->dtype, params, 6, c.values + bytes, y, tr__vk_groups((uint64_t)r->rows), &guard, detail);
}
