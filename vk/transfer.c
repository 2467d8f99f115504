/* SPDX-License-Identifier: MIT */
/*
 * Copies between the program's memory and the GPU's. Where the CPU sees the latter without a cache, it reads little of it itself;
 * else the GPU copies, from and to memory that the program had pinned, or memory of the driver's that the CPU caches: a piece at a
 * time, which threads fill or empty while the next is on its way. Knows memory and submissions, no operation.
 */
#include <stdio.h>
#include <string.h>

#include "vk/bytes.h"

/*
 * Measured on an H200 behind PCIe 5, in microseconds: the CPU's loads take 1 for a kilobyte, a submission of its own 13, a copy
 * in another one 6. The CPU's stores reach 33 GB/s with three threads, and one thread alone 14; a copy 51, but the first piece
 * has to be there. Importing memory for one transfer takes longer than to copy it.
 */
#define PIECE ((size_t)4 << 20)
#define PIECES 4
#define LEAST_PIECE ((size_t)1 << 20) /* each costs some 8 more on its way */
#define LOADED ((size_t)12 << 10)  /* most bytes that the CPU reads itself, */
#define FETCHED ((size_t)5 << 10)  /* if a submission can copy them that is made anyway, */
#define STORED ((size_t)4 << 20)   /* and writes, */
#define PINNED ((size_t)1 << 20)   /* or reads from pinned memory and writes */
#define DIRECT ((size_t)512 << 10) /* most bytes that come to pinned memory by way of the stage, if the submission is free */
#define CACHED ((size_t)8 << 20)   /* most bytes that a cache is to hold */
#define SHARED ((size_t)128 << 10) /* least that threads are to be awake for */

bool tr__vk_staged;

struct tr_vk_stage {
	VkDeviceMemory memory;
	VkBuffer buffer;
	char *host;
	VkCommandPool pool;
	VkCommandBuffer commands[PIECES + 1]; /* the last copies with another submission */
	uint64_t value[PIECES];               /* the timeline's when the piece is there */

	/* What the last command buffer copies, and the number of the submission it was copied with. */
	VkBuffer from;
	uint64_t gone; /* chunks when it was recorded: a new one's buffer may be named as an old one's */
	uint64_t offset, at;
	size_t size;
};

struct tr_vk_pin {
	struct tr_vk_pin *next;
	char *data, *base; /* what the program named; where its first page begins */
	size_t size;       /* bytes of pages */
	VkDeviceMemory memory;
	VkBuffer buffer;
};

/* Memory of a type, or the program's at `import`, and a buffer over it. What is made is to be destroyed whatever is returned. */
static VkResult make_memory(struct tr_vk_gpu *gpu, size_t size, void *import, VkBuffer *made, VkDeviceMemory *memory)
{
	VkExternalMemoryBufferCreateInfo external = {.sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_BUFFER_CREATE_INFO,
						     .handleTypes = VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT};
	VkBufferCreateInfo buffer = {.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO, .pNext = import ? &external : NULL,
				     .size = size,
				     .usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT};
	VkImportMemoryHostPointerInfoEXT pointer = {.sType = VK_STRUCTURE_TYPE_IMPORT_MEMORY_HOST_POINTER_INFO_EXT,
						    .handleType = VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT,
						    .pHostPointer = import};
	VkMemoryHostPointerPropertiesEXT given = {.sType = VK_STRUCTURE_TYPE_MEMORY_HOST_POINTER_PROPERTIES_EXT};
	VkMemoryAllocateInfo info = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, .pNext = import ? &pointer : NULL,
				     .memoryTypeIndex = gpu->cached_type};
	VkMemoryRequirements need;
	VkResult r = tr__vk.CreateBuffer(gpu->device, &buffer, NULL, made);

	if (r) {
		*made = VK_NULL_HANDLE;
		return r;
	}
	tr__vk.GetBufferMemoryRequirements(gpu->device, *made, &need);
	info.allocationSize = import ? size : need.size;
	if (import) {
		r = tr__vk.GetMemoryHostPointerPropertiesEXT(gpu->device, pointer.handleType, import, &given);
		need.memoryTypeBits &= given.memoryTypeBits;
		if (!(need.memoryTypeBits >> gpu->cached_type & 1) && need.memoryTypeBits)
			info.memoryTypeIndex = (uint32_t)__builtin_ctz(need.memoryTypeBits);
	}
	if (r)
		return r;
	if (!(need.memoryTypeBits >> info.memoryTypeIndex & 1))
		return VK_ERROR_OUT_OF_HOST_MEMORY;
	r = tr__vk.AllocateMemory(gpu->device, &info, NULL, memory);
	if (r) {
		*memory = VK_NULL_HANDLE;
		return r;
	}
	return tr__vk.BindBufferMemory(gpu->device, *made, *memory, 0);
}

void tr__vk_stage_finish(struct tr_device *dev, bool finished)
{
	struct tr_vk_stage *s = dev->stage;

	if (!s)
		return;
	if (finished) {
		tr__vk.DestroyCommandPool(dev->gpu->device, s->pool, NULL);
		tr__vk.DestroyBuffer(dev->gpu->device, s->buffer, NULL);
		tr__vk.FreeMemory(dev->gpu->device, s->memory, NULL);
	}
	dev->alloc->free(dev->alloc->user, s, sizeof(*s));
	dev->stage = NULL;
}

/* The device's, made when first wanted; NULL if it cannot be. */
static struct tr_vk_stage *find_stage(struct tr_device *dev)
{
	struct tr_vk_stage *s = dev->stage;
	void *host = NULL;

	if (s)
		return s;
	s = dev->alloc->alloc(dev->alloc->user, sizeof(*s), 16);
	if (!s)
		return NULL;
	memset(s, 0, sizeof(*s));
	dev->stage = s;
	if (make_memory(dev->gpu, PIECES * PIECE, NULL, &s->buffer, &s->memory) ||
	    tr__vk.MapMemory(dev->gpu->device, s->memory, 0, VK_WHOLE_SIZE, 0, &host) ||
	    tr__vk_command_buffers(dev->gpu, VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT, PIECES + 1, &s->pool, s->commands)) {
		tr__vk_stage_finish(dev, true);
		return NULL;
	}
	s->host = host;
	return s;
}

static void order(VkCommandBuffer commands, VkPipelineStageFlags from, VkAccessFlags written, VkPipelineStageFlags to,
		  VkAccessFlags touched)
{
	VkMemoryBarrier all = {.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER, .srcAccessMask = written, .dstAccessMask = touched};

	tr__vk.CmdPipelineBarrier(commands, from, to, 0, 1, &all, 0, NULL, 0, NULL);
}

/* Records a copy between what was before and whatever comes after. */
static VkResult record_copy(VkCommandBuffer commands, VkBuffer from, uint64_t at, VkBuffer to, uint64_t offset, size_t n)
{
	static const VkCommandBufferBeginInfo info = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO};
	VkBufferCopy copy = {at, offset, n};
	VkResult r = tr__vk.BeginCommandBuffer(commands, &info);

	if (r)
		return r;
	order(commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT,
	      VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT,
	      VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT);
	tr__vk.CmdCopyBuffer(commands, from, to, 1, &copy);
	order(commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_WRITE_BIT,
	      VK_PIPELINE_STAGE_HOST_BIT | VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
	      VK_ACCESS_HOST_READ_BIT | VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT);
	return tr__vk.EndCommandBuffer(commands);
}

/* A transfer: `offset` of `buffer` on the GPU; the program's bytes, and if they are pinned, where in which. */
struct transfer {
	VkBuffer buffer;
	uint64_t offset;
	char *data;
	size_t size;
	bool up;
};

/* By copies of a piece each through the stage, up to PIECES on their way. */
static VkResult by_pieces(struct tr_device *dev, struct tr_vk_stage *s, const struct transfer *t)
{
	size_t piece = t->size / 8 < LEAST_PIECE ? LEAST_PIECE : t->size / 8 < PIECE ? t->size / 8 & ~(size_t)4095 : PIECE;
	enum tr_vk_way way = !t->up && t->size > CACHED ? TR_VK_PAST : TR_VK_PLAIN; /* the stage is to stay in the cache */
	size_t count = (t->size + piece - 1) / piece, sent = 0;
	VkResult r = VK_SUCCESS;

	for (size_t i = 0; i < count && !r; i++) {
		/* Up: piece i is filled and sent once its place is free. Down: all that have a place are sent, and i is taken. */
		for (; sent < count && sent < (t->up ? i + 1 : i + PIECES) && !r; sent++) {
			size_t begin = sent * piece, n = t->size - begin < piece ? t->size - begin : piece, k = sent % PIECES;

			if (sent >= PIECES)
				r = tr__vk_await(dev, s->value[k]);
			if (r)
				break;
			if (t->up)
				tr__vk_move(dev, s->host + k * PIECE, t->data + begin, n, way);
			r = t->up ? record_copy(s->commands[k], s->buffer, k * PIECE, t->buffer, t->offset + begin, n)
				  : record_copy(s->commands[k], t->buffer, t->offset + begin, s->buffer, k * PIECE, n);
			if (!r)
				r = tr__vk_send(dev, &s->commands[k], 1);
			s->value[k] = dev->submitted;
		}
		if (t->up || r)
			continue;
		r = tr__vk_await(dev, s->value[i % PIECES]);
		if (!r)
			tr__vk_move(dev, t->data + i * piece, s->host + i % PIECES * PIECE,
				    t->size - i * piece < piece ? t->size - i * piece : piece, way);
	}
	return r;
}

static const struct tr_vk_pin *find_pin(const struct tr_device *dev, const char *data, size_t size)
{
	for (const struct tr_vk_pin *p = dev->pins; p; p = p->next)
		if (data >= p->base && size <= p->size && (size_t)(data - p->base) <= p->size - size)
			return p;
	return NULL;
}

/* By one copy from or to the program's own memory. */
static VkResult by_pin(struct tr_device *dev, struct tr_vk_stage *s, const struct transfer *t, const struct tr_vk_pin *pin)
{
	uint64_t at = (uint64_t)(t->data - pin->base);
	VkResult r = t->up ? record_copy(s->commands[0], pin->buffer, at, t->buffer, t->offset, t->size)
			   : record_copy(s->commands[0], t->buffer, t->offset, pin->buffer, at, t->size);

	return r ? r : tr__vk_send(dev, &s->commands[0], 1);
}

/* Has the GPU copy, and waits for it. */
static int transfer(struct tr_device *dev, struct tr_vk_stage *s, const struct transfer *t, char *detail)
{
	const struct tr_vk_pin *pin = find_pin(dev, t->data, t->size);
	VkResult r = pin ? by_pin(dev, s, t, pin) : by_pieces(dev, s, t);

	if (dev->unfinished) {
		VkResult end = tr__vk_await(dev, dev->submitted);

		r = r ? r : end;
	}
	return r ? tr__vk_fail(dev, r, detail) : 0;
}

/* Whether the CPU is to leave the GPU's memory to the GPU. */
static bool is_far(const struct tr_device *dev)
{
	return (dev->gpu->reads_slowly || tr__vk_staged) && !atomic_load(&dev->gpu->lost);
}

/* Whether the stage has what is asked for. */
static bool is_fetched(const struct tr_device *dev, VkBuffer buffer, uint64_t offset, size_t size)
{
	const struct tr_vk_stage *s = dev->stage;

	return s && s->at && s->at == dev->submits && s->from == buffer && s->offset == offset && s->size == size;
}

int tr__vk_read(struct tr_device *dev, const struct tr_mem *mem, size_t offset, void *dst, size_t size, char *detail)
{
	struct transfer t = {.data = dst, .size = size};
	struct tr_vk_stage *s = NULL;
	uint64_t from = 0;

	t.buffer = tr__vk_heap_buffer(mem, &from);
	t.offset = from + offset;
	dev->reads_directly = size > DIRECT && find_pin(dev, dst, size);
	if (t.buffer && is_fetched(dev, t.buffer, t.offset, size)) {
		tr__vk_move(dev, dst, dev->stage->host, size, TR_VK_PLAIN);
		return 0;
	}
	if (t.buffer && is_far(dev) && size > LOADED)
		s = find_stage(dev);
	if (s)
		return transfer(dev, s, &t, detail);
	tr__vk_move(dev, dst, (const char *)mem->host + offset, size, dev->gpu->reads_slowly ? TR_VK_UNCACHED : TR_VK_PLAIN);
	return 0;
}

int tr__vk_write(struct tr_device *dev, const struct tr_mem *mem, size_t offset, const void *src, size_t size, char *detail)
{
	struct transfer t = {.data = (char *)(uintptr_t)src, .size = size, .up = true};
	struct tr_vk_stage *s = NULL;
	uint64_t to = 0;

	tr__vk_expect(dev, NULL, 0, 0);
	t.buffer = tr__vk_heap_buffer(mem, &to);
	t.offset = to + offset;
	if (t.buffer && is_far(dev) && (size > STORED || (size > PINNED && find_pin(dev, src, size))))
		s = find_stage(dev);
	if (s)
		return transfer(dev, s, &t, detail);
	tr__vk_move(dev, (char *)mem->host + offset, src, size, dev->gpu->reads_slowly ? TR_VK_STORED : TR_VK_PLAIN);
	return 0;
}

void tr__vk_expect(struct tr_device *dev, const struct tr_mem *mem, size_t offset, size_t size)
{
	uint64_t from = 0;

	dev->expected.size = 0;
	if (dev->stage)
		dev->stage->at = 0;
	if (!mem || size <= FETCHED || size > PIECES * PIECE || dev->reads_directly || !is_far(dev))
		return;
	dev->expected.buffer = tr__vk_heap_buffer(mem, &from);
	dev->expected.offset = from + offset;
	dev->expected.size = dev->expected.buffer ? size : 0;
}

VkCommandBuffer tr__vk_fetch(struct tr_device *dev)
{
	struct tr_vk_stage *s = dev->expected.size ? find_stage(dev) : NULL;
	VkCommandBuffer commands = s ? s->commands[PIECES] : VK_NULL_HANDLE;
	size_t size = dev->expected.size;

	dev->expected.size = 0;
	if (!s)
		return VK_NULL_HANDLE;
	if (s->from != dev->expected.buffer || s->gone != dev->heap.gone || s->offset != dev->expected.offset || s->size != size) {
		s->from = VK_NULL_HANDLE;
		if (record_copy(commands, dev->expected.buffer, dev->expected.offset, s->buffer, 0, size))
			return VK_NULL_HANDLE;
		s->from = dev->expected.buffer;
		s->gone = dev->heap.gone;
		s->offset = dev->expected.offset;
		s->size = size;
	}
	s->at = dev->submits + 1;
	dev->wakes = size >= SHARED;
	return commands;
}

static void pin_destroy(struct tr_device *dev, struct tr_vk_pin *p)
{
	if (!dev->unfinished) {
		tr__vk.DestroyBuffer(dev->gpu->device, p->buffer, NULL);
		tr__vk.FreeMemory(dev->gpu->device, p->memory, NULL);
	}
	dev->alloc->free(dev->alloc->user, p, sizeof(*p));
}

int tr__vk_pin(struct tr_device *dev, void *data, size_t size)
{
	uintptr_t page = dev->gpu->import_page, base = (uintptr_t)data & ~(page - 1);
	uintptr_t end = ((uintptr_t)data + size + page - 1) & ~(page - 1);
	struct tr_vk_pin *p;
	VkResult r;

	if (!page || !(dev->gpu->reads_slowly || tr__vk_staged))
		return 0;
	p = dev->alloc->alloc(dev->alloc->user, sizeof(*p), 16);
	if (!p)
		return -TR_ENOMEM;
	*p = (struct tr_vk_pin){.next = dev->pins, .data = data, .base = (char *)base, .size = end - base};
	r = make_memory(dev->gpu, p->size, p->base, &p->buffer, &p->memory);
	if (r) {
		pin_destroy(dev, p);
		return r == VK_ERROR_INVALID_EXTERNAL_HANDLE ? -TR_EINVAL : tr__vk_status(r);
	}
	dev->pins = p;
	return 0;
}

void tr__vk_unpin(struct tr_device *dev, void *data)
{
	struct tr_vk_pin **at = &dev->pins, *p;

	while (*at && (*at)->data != data)
		at = &(*at)->next;
	p = *at;
	if (!p)
		return;
	*at = p->next;
	pin_destroy(dev, p);
}
