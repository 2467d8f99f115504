/* SPDX-License-Identifier: MIT */
/*
 * Guarded buffers (tests/harness.h) where memory cannot be made inaccessible: canaries on both sides tell of writes;
 * reads outside and writes to what is read only go unnoticed, and are left to the other targets.
 */
#include "tests/harness.h"

#include <stdlib.h>
#include <string.h>

#define CANARY 0xa5
#define EDGE 4096 /* bytes of canary on each side; the header stands in front of them */

struct guard_header {
	unsigned char *block;
	size_t size;
};

void *guard_alloc(size_t size, enum guard_side side)
{
	/* as aligned as size is (GUARD_AFTER), or to a page */
	size_t room = (size + EDGE - 1) / EDGE * EDGE, all = room + 4 * EDGE;
	unsigned char *block = size > SIZE_MAX / 2 ? NULL : aligned_alloc(EDGE, all), *data;

	if (!block) {
		CU_FAIL("guard_alloc: out of memory");
		return NULL;
	}
	memset(block, CANARY, all);
	data = block + 2 * EDGE + (side == GUARD_AFTER ? room - size : 0);
	memcpy(data - EDGE - sizeof(struct guard_header), &(struct guard_header){block, size}, sizeof(struct guard_header));
	return data;
}

void guard_free(void *ptr)
{
	unsigned char *data = ptr;
	struct guard_header h;
	bool intact = true;

	if (!ptr)
		return;
	memcpy(&h, data - EDGE - sizeof(h), sizeof(h));
	for (size_t i = 0; i < EDGE; i++)
		intact &= data[-1 - (ptrdiff_t)i] == CANARY && data[h.size + i] == CANARY;
	CU_ASSERT_TRUE(intact);
	free(h.block);
}

void guard_readonly(void *ptr)
{
	(void)ptr;
}
