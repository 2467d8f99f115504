/* SPDX-License-Identifier: MIT */
/*
 * Reading device memory. Where the CPU sees it without a cache, every load goes to the GPU and back; there the GPU copies
 * into memory that the CPU caches, a piece at a time, and the CPU takes one piece from there while the next is on its way.
 * Knows memory and submissions, no operation.
 */
#include <string.h>

#include "vk/vk.h"

#define PIECE ((size_t)4 << 20)
#define PIECES 2
#define LEAST 512 /* bytes that the CPU has read itself in less time */

bool tr__vk_staged;

struct tr_vk_stage {
	VkDeviceMemory memory;
	VkBuffer buffer;
	char *host;
	VkCommandPool pool;
	VkCommandBuffer commands[PIECES];
	uint64_t value[PIECES]; /* the timeline's when the piece is there */
};

static VkResult make_memory(struct tr_vk_gpu *gpu, struct tr_vk_stage *s)
{
	VkBufferCreateInfo buffer = {.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO, .size = PIECES * PIECE,
				     .usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT};
	VkMemoryAllocateInfo info = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, .memoryTypeIndex = gpu->cached_type};
	VkMemoryRequirements need;
	void *host = NULL;
	VkResult r = tr__vk.CreateBuffer(gpu->device, &buffer, NULL, &s->buffer);

	if (r) {
		s->buffer = VK_NULL_HANDLE;
		return r;
	}
	tr__vk.GetBufferMemoryRequirements(gpu->device, s->buffer, &need);
	if (!(need.memoryTypeBits >> gpu->cached_type & 1))
		return VK_ERROR_OUT_OF_HOST_MEMORY;
	info.allocationSize = need.size;
	r = tr__vk.AllocateMemory(gpu->device, &info, NULL, &s->memory);
	if (r) {
		s->memory = VK_NULL_HANDLE;
		return r;
	}
	r = tr__vk.BindBufferMemory(gpu->device, s->buffer, s->memory, 0);
	if (!r)
		r = tr__vk.MapMemory(gpu->device, s->memory, 0, VK_WHOLE_SIZE, 0, &host);
	s->host = host;
	return r;
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

	if (s)
		return s;
	s = dev->alloc->alloc(dev->alloc->user, sizeof(*s), 16);
	if (!s)
		return NULL;
	memset(s, 0, sizeof(*s));
	dev->stage = s;
	if (make_memory(dev->gpu, s) || tr__vk_command_buffers(dev->gpu, VK_COMMAND_POOL_CREATE_TRANSIENT_BIT |
							       VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT,
							       PIECES, &s->pool, s->commands)) {
		tr__vk_stage_finish(dev, true);
		return NULL;
	}
	return s;
}

static void order(VkCommandBuffer commands, VkPipelineStageFlags from, VkAccessFlags written, VkPipelineStageFlags to,
		  VkAccessFlags read)
{
	VkMemoryBarrier all = {.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER, .srcAccessMask = written, .dstAccessMask = read};

	tr__vk.CmdPipelineBarrier(commands, from, to, 0, 1, &all, 0, NULL, 0, NULL);
}

/* Sends for n bytes. */
static VkResult send_piece(struct tr_device *dev, struct tr_vk_stage *s, unsigned piece, VkBuffer from, uint64_t offset, size_t n)
{
	static const VkCommandBufferBeginInfo info = {
		.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
		.flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT,
	};
	VkBufferCopy copy = {offset, piece * PIECE, n};
	VkCommandBuffer commands = s->commands[piece];
	VkResult r = tr__vk.BeginCommandBuffer(commands, &info);

	if (r)
		return r;
	order(commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_ACCESS_SHADER_WRITE_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT,
	      VK_ACCESS_TRANSFER_READ_BIT);
	tr__vk.CmdCopyBuffer(commands, from, s->buffer, 1, &copy);
	order(commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_HOST_BIT,
	      VK_ACCESS_HOST_READ_BIT);
	r = tr__vk.EndCommandBuffer(commands);
	if (!r)
		r = tr__vk_send(dev, commands);
	s->value[piece] = dev->submitted;
	return r;
}

int tr__vk_read(struct tr_device *dev, const struct tr_mem *mem, size_t offset, void *dst, size_t size, char *detail)
{
	struct tr_vk_stage *s = NULL;
	uint64_t from = 0;
	VkBuffer buffer = tr__vk_heap_buffer(mem, &from);
	VkResult r = VK_SUCCESS;
	size_t sent = 0;

	if (buffer && (dev->gpu->reads_slowly || tr__vk_staged) && size >= LEAST && !atomic_load(&dev->gpu->lost))
		s = find_stage(dev);
	if (!s) {
		memcpy(dst, (const char *)mem->host + offset, size);
		return 0;
	}
	for (size_t taken = 0; taken < size && !r;) {
		size_t n = size - taken < PIECE ? size - taken : PIECE;
		unsigned piece = (unsigned)(taken / PIECE % PIECES);

		for (; sent < size && sent - taken < PIECES * PIECE && !r; sent += PIECE)
			r = send_piece(dev, s, (unsigned)(sent / PIECE % PIECES), buffer, from + offset + sent,
				       size - sent < PIECE ? size - sent : PIECE);
		if (!r)
			r = tr__vk_await(dev, s->value[piece]);
		if (!r)
			memcpy((char *)dst + taken, s->host + piece * PIECE, n);
		taken += n;
	}
	if (r && dev->unfinished)
		tr__vk_await(dev, dev->submitted);
	return r ? tr__vk_fail(dev, r, detail) : 0;
}
