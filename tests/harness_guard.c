/* SPDX-License-Identifier: MIT */
/* Memory that tells on its users (harness.h): buffers between inaccessible pages. Knows no test. */
#include "tests/harness.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CANARY 0xa5

/* [page: header][inaccessible page][data pages][inaccessible page]; the header is found again from the data's first
 * page, which the address rounds down to. Data that ends at the last page may begin anywhere in the first. */
struct guard_header {
	size_t map;  /* bytes mapped */
	size_t room; /* bytes between the inaccessible pages */
	size_t size;
	unsigned char *data;
};

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

void *guard_alloc(size_t size, enum guard_side side)
{
	size_t page = page_size();
	size_t room = size ? (size + page - 1) / page * page : page;
	struct guard_header h = {.map = room + 3 * page, .room = room, .size = size};
	unsigned char *base = mmap(NULL, h.map, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char *data;

	if (base == MAP_FAILED) {
		CU_FAIL("guard_alloc: out of memory");
		return NULL;
	}
	data = base + 2 * page;
	memset(data, CANARY, room);
	/* An empty buffer's address must round down to its own page too, so it never stands at the very end. */
	h.data = side == GUARD_AFTER && size ? data + room - size : data;
	memcpy(base, &h, sizeof(h));
	if (mprotect(base + page, page, PROT_NONE) || mprotect(data + room, page, PROT_NONE))
		CU_FAIL("guard_alloc: mprotect");
	return h.data;
}

static unsigned char *guard_base(const void *ptr)
{
	size_t page = page_size();

	return (unsigned char *)((uintptr_t)ptr / page * page) - 2 * page;
}

void guard_free(void *ptr)
{
	struct guard_header h;
	const unsigned char *room;
	bool intact = true;

	if (!ptr)
		return;
	memcpy(&h, guard_base(ptr), sizeof(h));
	room = guard_base(ptr) + 2 * page_size();
	for (const unsigned char *p = room; p < room + h.room; p++)
		if ((p < h.data || p >= h.data + h.size) && *p != CANARY)
			intact = false;
	CU_ASSERT_TRUE(intact);
	munmap(guard_base(ptr), h.map);
}

void guard_readonly(void *ptr)
{
	struct guard_header h;

	memcpy(&h, guard_base(ptr), sizeof(h));
	if (mprotect(guard_base(ptr) + 2 * page_size(), h.room, PROT_READ))
		CU_FAIL("guard_readonly: mprotect");
}
