/* SPDX-License-Identifier: MIT */
/*
 * The Vulkan driver's side of the contract: opens a GPU for a context, gives out its memory, hands commands to the
 * executor of their family. Knows no shader.
 */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vk/recording.h"
#include "vk/units.h"

#define TIMEOUT_MS 120000
#define MOVERS 8u /* threads that move bytes as fast as the memory there is takes them */

static void vk_close(struct tr_device *dev)
{
	const struct tr_allocator *alloc;

	if (!dev)
		return;
	alloc = dev->alloc;
	if (!atomic_load(&dev->gpu->lost))
		tr__vk_pipelines_save(dev->gpu);
	dev->heap.stuck = !tr__vk_commands_finish(dev);
	tr__pool_put(dev->workers.pool);
	tr__vk_stage_finish(dev, !dev->heap.stuck);
	tr__vk_kept_finish(dev, !dev->heap.stuck);
	tr__vk_trace_finish(dev, !dev->heap.stuck);
	tr__vk_heap_finish(&dev->heap);
	tr__vk_gpu_put(dev->gpu, !dev->heap.stuck);
	alloc->free(alloc->user, dev, sizeof(*dev));
}

/* "auto" wants a GPU; who names this driver may get a rasteriser. */
static bool is_named(const struct tr_context_params *params)
{
	const char *want = params && params->device ? params->device : getenv("TRUENO_DEVICE");

	return want && !strncmp(want, "vulkan", 6);
}

/* Milliseconds; 0 if the variable is no such number. */
static uint64_t find_timeout(const struct tr_context_params *params)
{
	const char *text = getenv("TRUENO_TIMEOUT_MS");
	unsigned long long ms;
	char *end;

	if (params && params->timeout_ms)
		return params->timeout_ms;
	if (!text || !*text)
		return TIMEOUT_MS;
	if (!isdigit((unsigned char)*text))
		return 0;
	ms = strtoull(text, &end, 10);
	return *end || ms > UINT_MAX ? 0 : ms;
}

static int vk_open(struct tr_device **out, unsigned index, const struct tr_context_params *params,
		   const struct tr_allocator *alloc, char *errbuf, size_t errlen)
{
	struct tr_vk_gpu *gpu = NULL;
	struct tr_device *dev;
	unsigned threads = tr__threads(params ? params->threads : 0);
	uint64_t timeout;
	char none[1];
	int err;

	*out = NULL;
	if (!errbuf) {
		errbuf = none;
		errlen = sizeof(none);
	}
	timeout = find_timeout(params);
	if (!timeout) {
		snprintf(errbuf, errlen, "TRUENO_TIMEOUT_MS=%.32s: not a number from 1 to %u", getenv("TRUENO_TIMEOUT_MS"),
			 UINT_MAX);
		return -TR_EINVAL;
	}
	if (!threads) {
		snprintf(errbuf, errlen, "TRUENO_THREADS=%.32s: not a number from 1 to %d", getenv("TRUENO_THREADS"), TR_POOL_THREADS);
		return -TR_EINVAL;
	}
	err = tr__vk_gpu_get(&gpu, index, is_named(params), errbuf, errlen);
	if (err)
		return err;
	dev = alloc->alloc(alloc->user, sizeof(*dev), 16);
	if (!dev) {
		tr__vk_gpu_put(gpu, true);
		snprintf(errbuf, errlen, "out of memory");
		return -TR_ENOMEM;
	}
	memset(dev, 0, sizeof(*dev));
	dev->alloc = alloc;
	dev->gpu = gpu;
	dev->units = tr__vk_units_of(gpu, params ? params->exact : 0);
	dev->heap.gpu = gpu;
	dev->heap.alloc = alloc;
	dev->timeout_ns = timeout * 1000000;
	dev->workers = (struct tr_workers){.threads = threads < MOVERS ? threads : MOVERS, .owner = dev};
	err = tr__vk_commands_init(dev, errbuf, errlen);
	if (!err)
		err = tr__vk_probe(dev, errbuf, errlen);
	if (err) {
		vk_close(dev);
		return err;
	}
	*out = dev;
	return 0;
}

static void vk_info(const struct tr_device *dev, struct tr_device_info *info)
{
	info->driver = tr__vulkan_driver.name;
	info->name = dev->gpu->name;
	info->level = dev->gpu->level;
	info->threads = 1;
}

static int vk_mem_alloc(struct tr_device *dev, size_t size, struct tr_mem *mem)
{
	return tr__vk_heap_alloc(&dev->heap, size, mem);
}

static void vk_mem_free(struct tr_device *dev, struct tr_mem *mem)
{
	tr__vk_heap_free(&dev->heap, mem);
}

int tr__vk_lacks(char *detail)
{
	snprintf(detail, 128, "the vulkan driver has no kernel for it; use the cpu device");
	return -TR_EDTYPE;
}

int tr__vk_command(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	if (atomic_load(&dev->gpu->lost)) {
		snprintf(detail, 128, "%.60s was lost; nothing more can run in this context", dev->gpu->name);
		return -TR_EDEVICE;
	}
	if (cmd->prog || tr__family_is_map((enum tr_family)cmd->family))
		return tr__vk_exec_map(dev, cmd, detail);
	if (!dev->recorder && dev->nscratch > TR_VK_SCRATCH - TR_VK_SCRATCH_OF_COMMAND) {
		int err = tr__vk_flush(dev, detail);

		if (err)
			return err;
		tr__vk_scratch_free(dev);
	}
	switch (cmd->family) {
	case TR_FAMILY_MATMUL:
	case TR_FAMILY_VECDOT:
	case TR_FAMILY_LINEAR:
		return tr__vk_exec_matmul(dev, cmd, detail);
	case TR_FAMILY_REDUCE:
	case TR_FAMILY_VECTOR_NORM:
		return tr__vk_exec_reduce(dev, cmd, detail);
	case TR_FAMILY_SOFTMAX:
	case TR_FAMILY_NORM:
		return tr__vk_exec_rows(dev, cmd, detail);
	case TR_FAMILY_ARGREDUCE:
		return tr__vk_exec_argreduce(dev, cmd, detail);
	case TR_FAMILY_TAKE:
	case TR_FAMILY_EMBEDDING:
		return tr__vk_exec_take(dev, cmd, detail);
	case TR_FAMILY_PUT:
		return tr__vk_exec_put(dev, cmd, detail);
	case TR_FAMILY_RAVEL:
		return tr__vk_exec_ravel(dev, cmd, detail);
	case TR_FAMILY_NONZERO:
	case TR_FAMILY_COMPRESS:
		return tr__vk_exec_compress(dev, cmd, detail);
	case TR_FAMILY_RANGE:
		return tr__vk_exec_range(dev, cmd, detail);
	case TR_FAMILY_ATTENTION:
		return tr__vk_exec_attention(dev, cmd, detail);
	case TR_FAMILY_SORT:
		return tr__vk_exec_sort(dev, cmd, detail);
	case TR_FAMILY_MEDIAN:
	case TR_FAMILY_QUANTILE:
		return tr__vk_exec_quantile(dev, cmd, detail);
	case TR_FAMILY_SEARCH:
		return tr__vk_exec_search(dev, cmd, detail);
	case TR_FAMILY_SCAN:
		return tr__vk_exec_scan(dev, cmd, detail);
	case TR_FAMILY_CONV_TRANSPOSE:
	case TR_FAMILY_CONV:
		return tr__vk_exec_conv(dev, cmd, detail);
	case TR_FAMILY_MAX_POOL:
	case TR_FAMILY_AVG_POOL:
	case TR_FAMILY_ADAPTIVE_POOL:
		return tr__vk_exec_pool(dev, cmd, detail);
	case TR_FAMILY_INTERPOLATE:
		return tr__vk_exec_interpolate(dev, cmd, detail);
	case TR_FAMILY_RANDOM:
	case TR_FAMILY_RANDOM_TRY:
		return tr__vk_exec_random(dev, cmd, detail);
	default:
		return tr__vk_lacks(detail);
	}
}

/* Commands are recorded until one refuses or the ring is full. A submission that fails is blamed on its first command. */
static int run(struct tr_device *dev, const struct tr_cmd *cmds, size_t n, size_t *failed, char *detail)
{
	size_t first = 0;
	char other[128];
	int err;

	for (size_t i = 0; i < n; i++) {
		uint64_t submits = dev->submits;

		if (dev->trace)
			tr__vk_trace_command(dev, &cmds[i]);
		err = tr__vk_command(dev, &cmds[i], detail);
		if (dev->submits != submits)
			first = i;
		if (!err)
			continue;
		*failed = i;
		if (tr__vk_flush(dev, other)) { /* those before it did not run either */
			*failed = first;
			memcpy(detail, other, sizeof(other));
			return -TR_EDEVICE;
		}
		return err;
	}
	err = tr__vk_flush_last(dev, detail);
	if (err)
		*failed = first;
	return err;
}

static int vk_run(struct tr_device *dev, const struct tr_cmd *cmds, size_t n, size_t *failed, char *detail)
{
	int err = run(dev, cmds, n, failed, detail);

	dev->expected.size = 0;
	tr__vk_scratch_free(dev);
	if (dev->trace)
		tr__vk_trace_command(dev, NULL); /* addresses of commands end here */
	return err;
}

const struct tr_driver tr__vulkan_driver = {
	.name = "vulkan",
	.collects = true,
	.open = vk_open,
	.close = vk_close,
	.info = vk_info,
	.trace = tr__vk_trace,
	.facts = tr__vk_facts,
	.mem_alloc = vk_mem_alloc,
	.mem_free = vk_mem_free,
	.read = tr__vk_read,
	.write = tr__vk_write,
	.expect = tr__vk_expect,
	.pin = tr__vk_pin,
	.unpin = tr__vk_unpin,
	.run = vk_run,
	.record = tr__vk_record,
	.replay = tr__vk_replay,
	.rebind = tr__vk_rebind,
	.forget = tr__vk_forget,
};
