/* SPDX-License-Identifier: MIT */
/*
 * Memory that tells on its users (harness.h): an allocator that counts and fails. Knows no test.
 */
#include "tests/harness.h"

#include <stdlib.h>
#include <string.h>

#define CANARY 0xa5 /* what fresh memory holds */

/* Directly in front of each block. */
struct heap_header {
	uint64_t magic;
	void *raw;
	size_t size;
};
#define HEAP_MAGIC 0x6b636f6c62657274u

static bool heap_must_fail(struct test_heap *heap)
{
	heap->calls++;
	if (heap->fail_at == 0)
		return false;
	if (heap->fail_at > 1) {
		heap->fail_at--;
		return false;
	}
	if (!heap->fail_all)
		heap->fail_at = 0;
	return true;
}

static void *heap_alloc(void *user, size_t size, size_t align)
{
	struct test_heap *heap = user;
	size_t front = sizeof(struct heap_header) + align;
	char *raw, *p;

	if (heap_must_fail(heap) || size > SIZE_MAX - front)
		return NULL;
	raw = malloc(front + size);
	if (!raw)
		return NULL;
	p = raw + sizeof(struct heap_header);
	p += -(uintptr_t)p & (align - 1);
	memcpy(p - sizeof(struct heap_header), &(struct heap_header){HEAP_MAGIC, raw, size}, sizeof(struct heap_header));
	memset(p, CANARY, size);
	heap->live++;
	heap->bytes += size;
	return p;
}

static void heap_free(void *user, void *ptr, size_t size)
{
	struct test_heap *heap = user;
	struct heap_header h;

	if (!ptr)
		return;
	memcpy(&h, (char *)ptr - sizeof(h), sizeof(h));
	CU_ASSERT_EQUAL(h.magic, HEAP_MAGIC);
	if (h.magic != HEAP_MAGIC)
		return;
	CU_ASSERT_EQUAL(h.size, size);
	heap->live--;
	heap->bytes -= h.size;
	memset((char *)ptr - sizeof(h), 0, sizeof(h)); /* a second free is noticed */
	free(h.raw);
}

struct tr_allocator test_heap_allocator(struct test_heap *heap)
{
	return (struct tr_allocator){heap_alloc, heap_free, heap};
}
