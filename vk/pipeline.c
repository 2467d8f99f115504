/* SPDX-License-Identifier: MIT */
/*
 * Pipelines, made when a kernel is first used and kept as long as the process, in a table by the kernel's key. What the
 * driver compiled is kept on disk between processes. Knows no operation.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vk/spirv.h"

/* gcc 12's analyser does not follow what is owned through gpu->pipelines, and calls it leaked. */
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"

struct entry {
	uint64_t hash;
	VkPipeline pipeline;
	size_t key_size;
	void *key;
};

struct tr_vk_pipelines {
	pthread_mutex_t lock;
	VkPipelineCache cache;
	struct entry *entry; /* open addressing; a power of two, at most half full */
	size_t n, cap;
	bool unsaved;
};

uint64_t tr__vk_hash(const void *data, size_t size)
{
	const unsigned char *p = data;
	uint64_t h = 0xcbf29ce484222325; /* FNV-1a */

	for (size_t i = 0; i < size; i++)
		h = (h ^ p[i]) * 0x100000001b3;
	return h;
}

struct tr_vk_pipelines *tr__vk_pipelines_create(struct tr_vk_gpu *gpu)
{
	struct tr_vk_pipelines *t = calloc(1, sizeof(*t));
	VkPipelineCacheCreateInfo info = {.sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO};
	size_t size = 0;
	void *data;

	if (!t)
		return NULL;
	data = tr__vk_disk_read(gpu, tr__spv_version(), &size);
	info.initialDataSize = size;
	info.pInitialData = data;
	if (tr__vk.CreatePipelineCache(gpu->device, &info, NULL, &t->cache))
		t->cache = VK_NULL_HANDLE; /* only slower */
	free(data);
	pthread_mutex_init(&t->lock, NULL);
	return t;
}

static struct entry *find(struct tr_vk_pipelines *t, uint64_t hash, const struct tr_vk_kernel *k)
{
	for (size_t i = hash & (t->cap - 1);; i = (i + 1) & (t->cap - 1)) {
		struct entry *e = &t->entry[i];

		if (!e->key || (e->hash == hash && e->key_size == k->key_size && !memcmp(e->key, k->key, k->key_size)))
			return e;
	}
}

static int grow(struct tr_vk_pipelines *t)
{
	size_t cap = t->cap ? 2 * t->cap : 64;
	struct entry *entry = calloc(cap, sizeof(*entry));

	if (!entry)
		return -TR_ENOMEM;
	for (size_t i = 0; i < t->cap; i++) {
		size_t at = t->entry[i].hash & (cap - 1);

		if (!t->entry[i].key)
			continue;
		while (entry[at].key)
			at = (at + 1) & (cap - 1);
		entry[at] = t->entry[i];
	}
	free(t->entry);
	t->entry = entry;
	t->cap = cap;
	return 0;
}

static VkResult compile(const struct tr_vk_gpu *gpu, VkPipelineCache cache, const struct tr_vk_code *code,
			VkPipeline *out)
{
	VkShaderModuleCreateInfo info = {
		.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
		.codeSize = code->n * sizeof(uint32_t),
		.pCode = code->words,
	};
	VkComputePipelineCreateInfo pipeline = {
		.sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
		.stage = {
			.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
			.stage = VK_SHADER_STAGE_COMPUTE_BIT,
			.pName = "main",
		},
		.layout = gpu->layout,
	};
	VkResult r = tr__vk.CreateShaderModule(gpu->device, &info, NULL, &pipeline.stage.module);

	if (r)
		return r;
	r = tr__vk.CreateComputePipelines(gpu->device, cache, 1, &pipeline, NULL, out);
	tr__vk.DestroyShaderModule(gpu->device, pipeline.stage.module, NULL);
	return r;
}

static int create(struct tr_vk_gpu *gpu, struct entry *e, uint64_t hash, const struct tr_vk_kernel *k, char *detail)
{
	struct tr_vk_code code = {0};
	void *key = malloc(k->key_size);
	VkPipeline pipeline;
	VkResult r;
	int err = key ? k->make(gpu, k->key, &code) : -TR_ENOMEM;

	if (err) {
		snprintf(detail, 128, "out of memory for a shader");
		goto fail;
	}
	r = compile(gpu, gpu->pipelines->cache, &code, &pipeline);
	free(code.words);
	if (r) {
		snprintf(detail, 128, "%.60s: cannot make a pipeline: %s", gpu->name, tr__vk_result(r));
		err = tr__vk_status(r);
		goto fail;
	}
	memcpy(key, k->key, k->key_size);
	*e = (struct entry){hash, pipeline, k->key_size, key};
	gpu->pipelines->n++;
	gpu->pipelines->unsaved = true;
	return 0;
fail:
	free(key);
	return err;
}

int tr__vk_pipeline(struct tr_vk_gpu *gpu, const struct tr_vk_kernel *kernel, VkPipeline *out, char *detail)
{
	struct tr_vk_pipelines *t = gpu->pipelines;
	uint64_t hash = tr__vk_hash(kernel->key, kernel->key_size);
	struct entry *e;
	int err = 0;

	pthread_mutex_lock(&t->lock);
	if (2 * t->n >= t->cap && grow(t)) {
		snprintf(detail, 128, "out of memory for a pipeline");
		err = -TR_ENOMEM;
	} else {
		e = find(t, hash, kernel);
		if (!e->key)
			err = create(gpu, e, hash, kernel, detail);
		*out = e->pipeline;
	}
	pthread_mutex_unlock(&t->lock);
	return err;
}

void tr__vk_pipelines_destroy(struct tr_vk_gpu *gpu)
{
	struct tr_vk_pipelines *t = gpu->pipelines;

	for (size_t i = 0; i < t->cap; i++) {
		if (!t->entry[i].key)
			continue;
		tr__vk.DestroyPipeline(gpu->device, t->entry[i].pipeline, NULL);
		free(t->entry[i].key);
	}
	tr__vk.DestroyPipelineCache(gpu->device, t->cache, NULL);
	pthread_mutex_destroy(&t->lock);
	free(t->entry);
	free(t);
	gpu->pipelines = NULL;
}

void tr__vk_pipelines_save(struct tr_vk_gpu *gpu)
{
	struct tr_vk_pipelines *t = gpu->pipelines;
	size_t size = 0;
	void *data = NULL;

	pthread_mutex_lock(&t->lock);
	if (t->unsaved && t->cache && !tr__vk.GetPipelineCacheData(gpu->device, t->cache, &size, NULL))
		data = malloc(size);
	if (data && !tr__vk.GetPipelineCacheData(gpu->device, t->cache, &size, data))
		tr__vk_disk_write(gpu, tr__spv_version(), data, size);
	t->unsaved = false;
	pthread_mutex_unlock(&t->lock);
	free(data);
}
