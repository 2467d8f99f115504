/* SPDX-License-Identifier: MIT */
/*
 * Device memory: blocks cut from large chunks, because drivers allow few allocations and make each one slowly. Every
 * chunk is one buffer with a device address, mapped for the CPU as long as it lives. A block too large for a
 * common chunk has one of its own, which is kept for the next such block until memory is short. Knows no command.
 */
#include <string.h>

#include "vk/vk.h"

#define CHUNK ((uint64_t)64 << 20)
#define ALIGN ((uint64_t)256)

struct tr_vk_block {
	struct tr_vk_chunk *chunk;
	uint64_t offset, size;
	bool used;
	struct tr_vk_block *prev, *next;
};

static void *take(const struct tr_vk_heap *heap, size_t size)
{
	void *p = heap->alloc->alloc(heap->alloc->user, size, 16);

	if (p)
		memset(p, 0, size);
	return p;
}

static void give(const struct tr_vk_heap *heap, void *p, size_t size)
{
	if (p)
		heap->alloc->free(heap->alloc->user, p, size);
}

static void chunk_destroy(struct tr_vk_heap *heap, struct tr_vk_chunk *c)
{
	VkDevice device = heap->gpu->device;

	while (c->blocks) {
		struct tr_vk_block *next = c->blocks->next;

		give(heap, c->blocks, sizeof(*c->blocks));
		c->blocks = next;
	}
	heap->gone++;
	if (!heap->stuck) {
		tr__vk.DestroyBuffer(device, c->buffer, NULL);
		tr__vk.FreeMemory(device, c->memory, NULL); /* unmaps */
	}
	give(heap, c, sizeof(*c));
}

/* Memory, buffer, mapping and address of a new chunk. */
static VkResult chunk_bind(struct tr_vk_gpu *gpu, struct tr_vk_chunk *c)
{
	VkMemoryAllocateFlagsInfo addressable = {
		.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO,
		.flags = VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT,
	};
	VkMemoryAllocateInfo info = {
		.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
		.pNext = &addressable,
		.memoryTypeIndex = gpu->memory_type,
	};
	VkBufferCreateInfo buffer = {
		.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
		.size = c->size,
		.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
			 VK_BUFFER_USAGE_TRANSFER_DST_BIT | VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT,
	};
	VkBufferDeviceAddressInfo address = {.sType = VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO};
	VkMemoryRequirements need;
	void *host;
	VkResult r = tr__vk.CreateBuffer(gpu->device, &buffer, NULL, &c->buffer);

	if (r) {
		c->buffer = VK_NULL_HANDLE;
		return r;
	}
	tr__vk.GetBufferMemoryRequirements(gpu->device, c->buffer, &need);
	if (!(need.memoryTypeBits >> gpu->memory_type & 1))
		return VK_ERROR_OUT_OF_DEVICE_MEMORY;
	info.allocationSize = need.size;
	r = tr__vk.AllocateMemory(gpu->device, &info, NULL, &c->memory);
	if (r) {
		c->memory = VK_NULL_HANDLE;
		return r;
	}
	r = tr__vk.BindBufferMemory(gpu->device, c->buffer, c->memory, 0);
	if (!r)
		r = tr__vk.MapMemory(gpu->device, c->memory, 0, VK_WHOLE_SIZE, 0, &host);
	if (r)
		return r;
	c->host = host;
	address.buffer = c->buffer;
	c->address = tr__vk.GetBufferDeviceAddress(gpu->device, &address);
	return VK_SUCCESS;
}

static struct tr_vk_chunk *chunk_create(struct tr_vk_heap *heap, uint64_t size)
{
	struct tr_vk_chunk *c = take(heap, sizeof(*c));

	if (!c)
		return NULL;
	c->size = size;
	c->blocks = take(heap, sizeof(*c->blocks));
	if (!c->blocks || size > heap->gpu->max_allocation || chunk_bind(heap->gpu, c)) {
		chunk_destroy(heap, c);
		return NULL;
	}
	c->blocks->chunk = c;
	c->blocks->size = size;
	c->next = heap->chunks;
	heap->chunks = c;
	return c;
}

/* The first free block with room, cut to size; NULL if there is none or nothing to note the rest in. */
static struct tr_vk_block *cut(struct tr_vk_heap *heap, struct tr_vk_chunk *c, uint64_t size)
{
	struct tr_vk_block *b = c->blocks, *rest;

	while (b && (b->used || b->size < size))
		b = b->next;
	if (!b)
		return NULL;
	if (b->size > size) {
		rest = take(heap, sizeof(*rest));
		if (!rest)
			return NULL;
		rest->chunk = c;
		rest->offset = b->offset + size;
		rest->size = b->size - size;
		rest->prev = b;
		rest->next = b->next;
		if (rest->next)
			rest->next->prev = rest;
		b->next = rest;
		b->size = size;
	}
	b->used = true;
	return b;
}

/* Joins b with the free block after it, if it is one. */
static void join(struct tr_vk_heap *heap, struct tr_vk_block *b)
{
	struct tr_vk_block *next = b ? b->next : NULL;

	if (!next || b->used || next->used)
		return;
	b->size += next->size;
	b->next = next->next;
	if (b->next)
		b->next->prev = b;
	give(heap, next, sizeof(*next));
}

/* Whether a block of that size may be cut from the chunk: large ones want a chunk they fill at least half of. */
static bool is_for(const struct tr_vk_chunk *c, uint64_t size)
{
	return size < CHUNK ? c->size <= CHUNK : c->size > CHUNK / 2 && c->size / 2 <= size;
}

/* Gives back chunks nothing lies in; whether there were any. */
static bool trim(struct tr_vk_heap *heap)
{
	struct tr_vk_chunk **link = &heap->chunks;
	bool any = false;

	while (*link && !atomic_load(&heap->gpu->lost)) { /* else perhaps still written */
		struct tr_vk_chunk *c = *link;

		if (c->blocks->used || c->blocks->next) {
			link = &c->next;
			continue;
		}
		*link = c->next;
		chunk_destroy(heap, c);
		any = true;
	}
	return any;
}

int tr__vk_heap_alloc(struct tr_vk_heap *heap, size_t size, struct tr_mem *mem)
{
	struct tr_vk_block *b = NULL;
	struct tr_vk_chunk *c;
	uint64_t want;

	if (size > PTRDIFF_MAX - ALIGN)
		return -TR_ENOMEM;
	want = (size + ALIGN - 1) / ALIGN * ALIGN;
	for (c = heap->chunks; c && !b; c = c->next)
		if (is_for(c, want))
			b = cut(heap, c, want);
	if (!b) {
		c = chunk_create(heap, want > CHUNK ? want : CHUNK);
		if (!c && trim(heap))
			c = chunk_create(heap, want > CHUNK ? want : CHUNK);
		if (!c && want < CHUNK) /* perhaps there is room for less */
			c = chunk_create(heap, want);
		b = c ? cut(heap, c, want) : NULL;
	}
	if (!b)
		return -TR_ENOMEM;
	mem->addr = (void *)(uintptr_t)(b->chunk->address + b->offset);
	mem->host = b->chunk->host + b->offset;
	mem->size = size;
	mem->priv = b;
	return 0;
}

void tr__vk_heap_free(struct tr_vk_heap *heap, struct tr_mem *mem)
{
	struct tr_vk_block *b = mem->priv;

	b->used = false;
	join(heap, b);
	join(heap, b->prev);
}

VkBuffer tr__vk_heap_buffer(const struct tr_mem *mem, uint64_t *offset)
{
	const struct tr_vk_block *b = mem->priv;

	if (!b)
		return VK_NULL_HANDLE;
	*offset = (uintptr_t)mem->addr - b->chunk->address;
	return b->chunk->buffer;
}

bool tr__vk_heap_has(const struct tr_vk_heap *heap, uint64_t low, uint64_t high)
{
	for (const struct tr_vk_chunk *c = heap->chunks; c; c = c->next)
		if (low >= c->address && high <= c->address + c->size)
			return true;
	return false;
}

int tr__vk_peek(const struct tr_device *dev, uint64_t address, void *out, size_t size)
{
	for (const struct tr_vk_chunk *c = dev->heap.chunks; c; c = c->next) {
		if (address < c->address || address + size > c->address + c->size)
			continue;
		memcpy(out, c->host + (address - c->address), size);
		return 0;
	}
	return -TR_EDEVICE;
}

void tr__vk_heap_finish(struct tr_vk_heap *heap)
{
	while (heap->chunks) {
		struct tr_vk_chunk *c = heap->chunks;

		heap->chunks = c->next;
		chunk_destroy(heap, c);
	}
}
