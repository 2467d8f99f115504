/* SPDX-License-Identifier: MIT */
/*
 * Submissions of one dispatch, as calls that nothing else is collected with are: what was recorded for it is kept and submitted
 * again when the same is asked for. Knows dispatches, no operation.
 */
#include <string.h>

#include "vk/vk.h"

#define KEPT 32

struct tr_vk_kept {
	VkCommandPool pool;
	uint64_t clock;
	VkCommandBuffer commands[KEPT];
	struct {
		struct tr_vk_dispatch dispatch; /* without a pipeline: nothing is recorded */
		uint64_t used;
	} entry[KEPT];
};

static struct tr_vk_kept *find(struct tr_device *dev)
{
	struct tr_vk_kept *k = dev->kept;

	if (k)
		return k;
	k = dev->alloc->alloc(dev->alloc->user, sizeof(*k), 16);
	if (!k)
		return NULL;
	memset(k, 0, sizeof(*k));
	dev->kept = k;
	return k;
}

void tr__vk_kept_finish(struct tr_device *dev, bool finished)
{
	if (!dev->kept)
		return;
	if (finished)
		tr__vk.DestroyCommandPool(dev->gpu->device, dev->kept->pool, NULL);
	dev->alloc->free(dev->alloc->user, dev->kept, sizeof(*dev->kept));
	dev->kept = NULL;
}

static bool is_same(const struct tr_vk_dispatch *a, const struct tr_vk_dispatch *b)
{
	return a->pipeline == b->pipeline && a->columns == b->columns && a->rows == b->rows && a->n == b->n &&
	       !memcmp(a->push, b->push, a->n * sizeof(*a->push));
}

VkResult tr__vk_find_kept(struct tr_device *dev, const struct tr_vk_dispatch *d, VkCommandBuffer *commands)
{
	static const VkCommandBufferBeginInfo info = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO};
	struct tr_vk_kept *k = find(dev);
	unsigned at = 0;
	VkResult r = VK_SUCCESS;

	if (!k)
		return VK_ERROR_OUT_OF_HOST_MEMORY;
	if (!k->pool)
		r = tr__vk_command_buffers(dev->gpu, VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT, KEPT, &k->pool, k->commands);
	if (r) {
		tr__vk_kept_finish(dev, true);
		return r;
	}
	for (unsigned i = 0; i < KEPT; i++) {
		if (is_same(&k->entry[i].dispatch, d)) {
			k->entry[i].used = ++k->clock;
			*commands = k->commands[i];
			return VK_SUCCESS;
		}
		if (k->entry[i].used < k->entry[at].used)
			at = i;
	}
	*commands = k->commands[at];
	k->entry[at].dispatch.pipeline = VK_NULL_HANDLE;
	r = tr__vk.BeginCommandBuffer(*commands, &info);
	if (r)
		return r;
	dev->bound = VK_NULL_HANDLE;
	tr__vk_put(dev, *commands, d);
	r = tr__vk_end(dev, *commands);
	if (!r) {
		k->entry[at].dispatch = *d;
		k->entry[at].used = ++k->clock;
	}
	return r;
}
