/* SPDX-License-Identifier: MIT */
/*
 * Recording and submitting: one command buffer, one parameter ring, one timeline semaphore. Everything recorded between
 * two flushes is one submission. Knows addresses and pipelines, no operation.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "vk/bytes.h"
#include "vk/recording.h"

#define RING_BYTES ((size_t)1 << 20)
#define SPIN_NS 500000 /* a sleeping thread wakes some 50 µs late */
#define WAKE_NS 25000
#define MAX_GROUPS 65535u /* along one axis: what every device allows */

VkResult tr__vk_command_buffers(const struct tr_vk_gpu *gpu, VkCommandPoolCreateFlags flags, uint32_t n, VkCommandPool *pool,
				VkCommandBuffer *commands)
{
	VkCommandPoolCreateInfo info = {
		.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
		.flags = flags,
		.queueFamilyIndex = gpu->queue_family,
	};
	VkCommandBufferAllocateInfo buffers = {
		.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
		.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
		.commandBufferCount = n,
	};
	VkResult r = tr__vk.CreateCommandPool(gpu->device, &info, NULL, pool);

	if (r) {
		*pool = VK_NULL_HANDLE;
		return r;
	}
	buffers.commandPool = *pool;
	return tr__vk.AllocateCommandBuffers(gpu->device, &buffers, commands);
}

int tr__vk_commands_init(struct tr_device *dev, char *errbuf, size_t errlen)
{
	VkSemaphoreTypeCreateInfo type = {
		.sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO,
		.semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE,
	};
	VkSemaphoreCreateInfo semaphore = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO, .pNext = &type};
	VkDevice device = dev->gpu->device;
	unsigned number = atomic_fetch_add(&dev->gpu->opened, 1) % dev->gpu->nqueue;
	VkResult r;

	tr__vk.GetDeviceQueue(device, dev->gpu->queue_family, number, &dev->queue);
	r = tr__vk.CreateSemaphore(device, &semaphore, NULL, &dev->timeline);
	if (!r)
		r = tr__vk_command_buffers(dev->gpu, VK_COMMAND_POOL_CREATE_TRANSIENT_BIT, 1, &dev->pool, &dev->commands);
	if (r) {
		snprintf(errbuf, errlen, "vulkan: %.60s: %s", dev->gpu->name, tr__vk_result(r));
		return tr__vk_status(r);
	}
	if (tr__vk_heap_alloc(&dev->heap, RING_BYTES, &dev->ring)) {
		snprintf(errbuf, errlen, "vulkan: %.60s: out of device memory", dev->gpu->name);
		return -TR_ENOMEM;
	}
	return 0;
}

/* Sleeps until the timeline has the value. */
static VkResult sleep_for(const struct tr_device *dev, uint64_t value)
{
	VkSemaphoreWaitInfo wait = {
		.sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO,
		.semaphoreCount = 1,
		.pSemaphores = &dev->timeline,
		.pValues = &value,
	};

	return tr__vk.WaitSemaphores(dev->gpu->device, &wait, dev->timeout_ns);
}

bool tr__vk_commands_finish(struct tr_device *dev)
{
	VkDevice device = dev->gpu->device;

	if (dev->unfinished) {
		VkResult r = sleep_for(dev, dev->submitted);

		dev->unfinished = r && r != VK_ERROR_DEVICE_LOST;
	}
	if (dev->ring.addr)
		tr__vk_heap_free(&dev->heap, &dev->ring);
	tr__vk_recordings_finish(dev, !dev->unfinished);
	if (dev->unfinished)
		return false;
	tr__vk.DestroyCommandPool(device, dev->pool, NULL);
	tr__vk.DestroySemaphore(device, dev->timeline, NULL);
	return true;
}

/* A lost GPU is lost for every context on it. So is one whose work was not seen to end, for whatever reason: what it
 * writes, and when, is not known. */
int tr__vk_fail(struct tr_device *dev, VkResult r, char *detail)
{
	bool lost = r == VK_ERROR_DEVICE_LOST || dev->unfinished;

	if (lost)
		atomic_store(&dev->gpu->lost, true);
	if (r == VK_TIMEOUT)
		snprintf(detail, 128, "%.60s: not done after %u ms (TRUENO_TIMEOUT_MS)", dev->gpu->name,
			 (unsigned)(dev->timeout_ns / 1000000));
	else
		snprintf(detail, 128, "%.60s: %s", dev->gpu->name, tr__vk_result(r));
	return lost ? -TR_EDEVICE : tr__vk_status(r);
}

/* The beginning of a submission. Its first dispatch is not recorded before there is a second. */
static void begin(struct tr_device *dev)
{
	if (dev->begun)
		return;
	dev->begun = true;
	dev->ring_used = 0;
	dev->hazards.n = 0;
}

/* From now on dispatches are recorded, the first one before all. */
static int begin_recording(struct tr_device *dev, char *detail)
{
	static const VkCommandBufferBeginInfo info = {
		.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
		.flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT,
	};
	VkResult r;

	if (dev->recording)
		return 0;
	r = tr__vk.ResetCommandPool(dev->gpu->device, dev->pool, 0);
	if (!r)
		r = tr__vk.BeginCommandBuffer(dev->commands, &info);
	if (r)
		return tr__vk_fail(dev, r, detail);
	dev->recording = true;
	dev->bound = VK_NULL_HANDLE;
	if (dev->trace)
		tr__vk_trace_begin(dev);
	if (dev->has_first)
		tr__vk_put(dev, dev->commands, &dev->first);
	dev->has_first = false;
	return 0;
}

static void barrier(VkCommandBuffer commands, VkPipelineStageFlags to, VkAccessFlags access)
{
	VkMemoryBarrier all = {
		.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
		.srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT,
		.dstAccessMask = access,
	};

	tr__vk.CmdPipelineBarrier(commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, to, 0, 1, &all, 0, NULL, 0, NULL);
}

uint64_t *tr__vk_params(struct tr_device *dev, size_t n, uint64_t *address, int *err, char *detail)
{
	size_t bytes = n * sizeof(uint64_t), at;

	if (dev->recorder)
		return tr__vk_recorder_params(dev, n, address, err, detail);
	*err = 0;
	if (dev->begun && dev->ring_used + bytes > RING_BYTES)
		*err = tr__vk_flush(dev, detail);
	if (*err)
		return NULL;
	begin(dev);
	at = dev->ring_used;
	dev->ring_used += bytes;
	*address = (uint64_t)(uintptr_t)dev->ring.addr + at;
	return (uint64_t *)((char *)dev->ring.host + at);
}

void tr__vk_put(struct tr_device *dev, VkCommandBuffer commands, const struct tr_vk_dispatch *d)
{
	if (dev->bound != d->pipeline)
		tr__vk.CmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_COMPUTE, d->pipeline);
	dev->bound = d->pipeline;
	tr__vk.CmdPushConstants(commands, dev->gpu->layout, VK_SHADER_STAGE_COMPUTE_BIT, 0, (uint32_t)(d->n * sizeof(*d->push)),
				d->push);
	tr__vk.CmdDispatch(commands, d->columns, d->rows, 1);
}

int tr__vk_dispatch(struct tr_device *dev, VkPipeline pipeline, const uint64_t *push, unsigned n, uint64_t groups,
		    const struct tr_vk_range *range, unsigned nrange, char *detail)
{
	uint64_t rows = (groups + MAX_GROUPS - 1) / MAX_GROUPS;
	struct tr_vk_dispatch d = {.pipeline = pipeline, .columns = (uint32_t)(rows > 1 ? MAX_GROUPS : groups),
				   .rows = (uint32_t)rows, .n = n};
	bool wait;
	int err;

	if (dev->recorder && dev->recorder->probing)
		return tr__vk_recorder_compare(dev, pipeline, groups, range, nrange);
	for (unsigned i = 0; i < nrange; i++) {
		if (range[i].low < range[i].high && !tr__vk_heap_has(&dev->heap, range[i].low, range[i].high)) {
			snprintf(detail, 128, "an operand lies in memory that is not the device's");
			return -TR_EDEVICE;
		}
	}
	if (rows > MAX_GROUPS) {
		snprintf(detail, 128, "too many elements for one dispatch");
		return -TR_EDEVICE;
	}
	memcpy(d.push, push, n * sizeof(*push));
	begin(dev);
	wait = tr__vk_hazard(&dev->hazards, range, nrange);
	if (dev->recorder) {
		err = tr__vk_recorder_note(dev, pipeline, groups, wait, range, nrange, detail);
		if (err)
			return err;
	}
	if (!dev->recording && !dev->has_first && !dev->trace) {
		dev->first = d;
		dev->has_first = true;
		return 0;
	}
	err = begin_recording(dev, detail);
	if (err)
		return err;
	if (wait)
		barrier(dev->commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
			VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT);
	tr__vk_put(dev, dev->commands, &d);
	return 0;
}

static uint64_t nanoseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Looks for short work to be done, then sleeps. A rasteriser needs this thread's processor itself. */
static VkResult wait_for(struct tr_device *dev, uint64_t value)
{
	uint64_t start = nanoseconds(), passed = 0, wake = 0, now = 0;
	VkResult r = VK_SUCCESS;

	while (!r && now < value && passed < SPIN_NS && dev->gpu->type != VK_PHYSICAL_DEVICE_TYPE_CPU) {
		r = tr__vk.GetSemaphoreCounterValue(dev->gpu->device, dev->timeline, &now);
		passed = nanoseconds() - start;
		if (!dev->wakes || passed < wake)
			continue;
		tr__vk_wake_movers(dev);
		wake = passed + WAKE_NS;
	}
	if (r || now >= value)
		return r;
	return sleep_for(dev, value);
}

VkResult tr__vk_send(struct tr_device *dev, const VkCommandBuffer *commands, uint32_t n)
{
	uint64_t value = dev->submitted + 1;
	VkTimelineSemaphoreSubmitInfo timeline = {
		.sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO,
		.signalSemaphoreValueCount = 1,
		.pSignalSemaphoreValues = &value,
	};
	VkSubmitInfo info = {
		.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
		.pNext = &timeline,
		.commandBufferCount = n,
		.pCommandBuffers = commands,
		.signalSemaphoreCount = 1,
		.pSignalSemaphores = &dev->timeline,
	};
	VkResult r;

	pthread_mutex_lock(&dev->gpu->queue_lock);
	r = tr__vk.QueueSubmit(dev->queue, 1, &info, VK_NULL_HANDLE);
	pthread_mutex_unlock(&dev->gpu->queue_lock);
	if (r)
		return r;
	dev->submitted = value;
	dev->submits++;
	dev->unfinished = true;
	return VK_SUCCESS;
}

VkResult tr__vk_await(struct tr_device *dev, uint64_t value)
{
	VkResult r = wait_for(dev, value);

	dev->wakes = false;
	if (!r && value == dev->submitted)
		dev->unfinished = false;
	return r;
}

/* last: what is expected to be read is copied with it. */
static VkResult submit(struct tr_device *dev, VkCommandBuffer commands, bool last)
{
	VkCommandBuffer all[2] = {commands, last ? tr__vk_fetch(dev) : VK_NULL_HANDLE};
	VkResult r = tr__vk_send(dev, all, all[1] ? 2 : 1);

	if (r)
		tr__vk_expect(dev, NULL, 0, 0);
	return r ? r : tr__vk_await(dev, dev->submitted);
}

VkResult tr__vk_end(struct tr_device *dev, VkCommandBuffer commands)
{
	dev->recording = dev->begun = false;
	barrier(commands, VK_PIPELINE_STAGE_HOST_BIT, VK_ACCESS_HOST_READ_BIT);
	if (dev->trace)
		tr__vk_trace_end(dev);
	return tr__vk.EndCommandBuffer(commands);
}

int tr__vk_submit(struct tr_device *dev, VkCommandBuffer commands, char *detail)
{
	VkResult r = submit(dev, commands, true);

	return r ? tr__vk_fail(dev, r, detail) : 0;
}

static int flush(struct tr_device *dev, bool last, char *detail)
{
	VkCommandBuffer commands = dev->commands;
	VkResult r;

	if (dev->recorder) {
		dev->recorder->refused = true;
		snprintf(detail, 128, "a command needs the processor in between");
		return -TR_ESTATE;
	}
	if (!dev->recording && !dev->has_first) {
		dev->begun = false;
		return 0;
	}
	r = dev->has_first ? tr__vk_find_kept(dev, &dev->first, &commands) : tr__vk_end(dev, commands);
	dev->begun = dev->has_first = false;
	if (!r)
		r = submit(dev, commands, last);
	if (!r && dev->trace)
		tr__vk_trace_collect(dev);
	return r ? tr__vk_fail(dev, r, detail) : 0;
}

int tr__vk_flush(struct tr_device *dev, char *detail)
{
	return flush(dev, false, detail);
}

int tr__vk_flush_last(struct tr_device *dev, char *detail)
{
	return flush(dev, true, detail);
}
