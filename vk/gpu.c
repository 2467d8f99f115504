/* SPDX-License-Identifier: MIT */
/*
 * The machine's GPUs: which of them can run the kernels, in which order they are numbered, and their one VkDevice each.
 * Knows neither memory nor commands.
 *
 * GPUs are numbered with the fastest kind first and rasterisers on the CPU last. $TRUENO_VISIBLE_DEVICES, a list
 * such as "1,0", leaves only those numbers, renumbered in its order.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vk/units.h"

#define MAX_GPUS 16
#define MAX_QUEUES 8
#define MAX_FAMILIES 16

static struct {
	pthread_mutex_t lock;
	bool listed;
	struct tr_vk_gpu gpu[MAX_GPUS];
	unsigned n;
	char unfit[128]; /* why the last GPU that is not listed is not */
} all = {.lock = PTHREAD_MUTEX_INITIALIZER};

struct features {
	VkPhysicalDeviceFeatures2 core;
	VkPhysicalDeviceVulkan11Features v11;
	VkPhysicalDeviceVulkan12Features v12;
};

static void chain(struct features *f)
{
	memset(f, 0, sizeof(*f));
	f->core.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2;
	f->v11.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES;
	f->v12.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES;
	f->core.pNext = &f->v11;
	f->v11.pNext = &f->v12;
}

bool tr__vk_has_extension(VkPhysicalDevice physical, const char *name)
{
	VkExtensionProperties *p = NULL;
	uint32_t n = 0;
	bool found = false;

	if (!tr__vk.EnumerateDeviceExtensionProperties(physical, NULL, &n, NULL))
		p = calloc(n ? n : 1, sizeof(*p));
	if (p && !tr__vk.EnumerateDeviceExtensionProperties(physical, NULL, &n, p))
		for (uint32_t i = 0; i < n && !found; i++)
			found = !strcmp(p[i].extensionName, name);
	free(p);
	return found;
}

/* The memory type nearest to the device that the CPU can write; -1 if there is none. */
static int choose_memory(VkPhysicalDevice physical)
{
	const VkMemoryPropertyFlags visible =
		VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
	VkPhysicalDeviceMemoryProperties m;
	VkDeviceSize most = 0;
	int found = -1;

	tr__vk.GetPhysicalDeviceMemoryProperties(physical, &m);
	/* Device-local memory counts only if all of it is visible, not through a window of 256 MiB. */
	for (uint32_t i = 0; i < m.memoryHeapCount; i++)
		if (m.memoryHeaps[i].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT && m.memoryHeaps[i].size > most)
			most = m.memoryHeaps[i].size;
	for (uint32_t i = 0; i < m.memoryTypeCount; i++) {
		VkMemoryPropertyFlags flags = m.memoryTypes[i].propertyFlags;

		if ((flags & visible) != visible)
			continue;
		if (flags & VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT &&
		    m.memoryHeaps[m.memoryTypes[i].heapIndex].size >= most / 2)
			return (int)i;
		if (found < 0 || flags & VK_MEMORY_PROPERTY_HOST_CACHED_BIT)
			found = (int)i;
	}
	return found;
}

/* The type of memory to read device memory by: one that the CPU caches. Whether the GPU's own lacks that. */
static bool choose_cached(struct tr_vk_gpu *gpu, VkPhysicalDevice physical)
{
	const VkMemoryPropertyFlags cached = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT |
					     VK_MEMORY_PROPERTY_HOST_CACHED_BIT;
	VkPhysicalDeviceMemoryProperties m;
	bool found = false;

	tr__vk.GetPhysicalDeviceMemoryProperties(physical, &m);
	for (uint32_t i = 0; i < m.memoryTypeCount && !found; i++) {
		found = (m.memoryTypes[i].propertyFlags & cached) == cached;
		gpu->cached_type = i;
	}
	return found && !(m.memoryTypes[gpu->memory_type].propertyFlags & VK_MEMORY_PROPERTY_HOST_CACHED_BIT);
}

/* A family that computes, and nothing else if possible; -1 if there is none. */
static int choose_queues(VkPhysicalDevice physical, uint32_t *count)
{
	VkQueueFamilyProperties f[MAX_FAMILIES];
	uint32_t n = MAX_FAMILIES;
	int found = -1;

	tr__vk.GetPhysicalDeviceQueueFamilyProperties(physical, &n, f);
	for (uint32_t i = 0; i < n; i++) {
		if (!(f[i].queueFlags & VK_QUEUE_COMPUTE_BIT))
			continue;
		if (found >= 0 && f[i].queueFlags & VK_QUEUE_GRAPHICS_BIT)
			continue;
		found = (int)i;
		*count = f[i].queueCount < MAX_QUEUES ? f[i].queueCount : MAX_QUEUES;
	}
	return found;
}

static uint32_t usable_dtypes(const struct features *f)
{
	uint32_t set = TR__BIT(TR_I32) | TR__BIT(TR_U32) | TR__BIT(TR_I64) | TR__BIT(TR_U64) | TR__BIT(TR_F32) |
		       TR__BIT(TR_C64);

	if (f->v12.shaderInt8 && f->v12.storageBuffer8BitAccess)
		set |= TR__BIT(TR_BOOL) | TR__BIT(TR_I8) | TR__BIT(TR_U8);
	if (f->core.features.shaderInt16 && f->v11.storageBuffer16BitAccess)
		set |= TR__BIT(TR_I16) | TR__BIT(TR_U16) | TR__BIT(TR_F16) | TR__BIT(TR_BF16);
	if (f->core.features.shaderFloat64)
		set |= TR__BIT(TR_F64) | TR__BIT(TR_C128);
	return set;
}

/* Where the widths are not independent, what one has the other must have too. */
static void find_float_controls(struct tr_vk_gpu *gpu, const VkPhysicalDeviceVulkan12Properties *p)
{
	uint8_t both;

	gpu->controls32 = (uint8_t)((p->shaderDenormPreserveFloat32 ? TR_VK_DENORMALS : 0) |
				    (p->shaderSignedZeroInfNanPreserveFloat32 ? TR_VK_SPECIALS : 0) |
				    (p->shaderRoundingModeRTEFloat32 ? TR_VK_NEAREST : 0));
	gpu->controls64 = (uint8_t)((p->shaderDenormPreserveFloat64 ? TR_VK_DENORMALS : 0) |
				    (p->shaderSignedZeroInfNanPreserveFloat64 ? TR_VK_SPECIALS : 0) |
				    (p->shaderRoundingModeRTEFloat64 ? TR_VK_NEAREST : 0));
	both = gpu->controls32 & gpu->controls64;
	if (p->denormBehaviorIndependence == VK_SHADER_FLOAT_CONTROLS_INDEPENDENCE_NONE) {
		gpu->controls32 &= both | (uint8_t)~TR_VK_DENORMALS;
		gpu->controls64 &= both | (uint8_t)~TR_VK_DENORMALS;
	}
	if (p->roundingModeIndependence == VK_SHADER_FLOAT_CONTROLS_INDEPENDENCE_NONE) {
		gpu->controls32 &= both | (uint8_t)~TR_VK_NEAREST;
		gpu->controls64 &= both | (uint8_t)~TR_VK_NEAREST;
	}
}

/* Clocks, for timelines. */
static void find_clocks(struct tr_vk_gpu *gpu, const VkPhysicalDeviceLimits *limits)
{
	VkQueueFamilyProperties family[MAX_FAMILIES];
	VkTimeDomainEXT domain[8];
	uint32_t n = MAX_FAMILIES;

	tr__vk.GetPhysicalDeviceQueueFamilyProperties(gpu->physical, &n, family);
	gpu->timestamp_bits = family[gpu->queue_family].timestampValidBits;
	gpu->timestamp_ns = (double)limits->timestampPeriod;
	n = 8;
	if (!tr__vk_has_extension(gpu->physical, VK_EXT_CALIBRATED_TIMESTAMPS_EXTENSION_NAME) ||
	    !tr__vk.GetPhysicalDeviceCalibrateableTimeDomainsEXT || !tr__vk.GetCalibratedTimestampsEXT ||
	    tr__vk.GetPhysicalDeviceCalibrateableTimeDomainsEXT(gpu->physical, &n, domain))
		return;
	for (uint32_t i = 0; i < n; i++)
		gpu->calibrated |= domain[i] == VK_TIME_DOMAIN_CLOCK_MONOTONIC_EXT;
}

static void find_import(struct tr_vk_gpu *gpu)
{
	VkPhysicalDeviceExternalMemoryHostPropertiesEXT host = {
		.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_MEMORY_HOST_PROPERTIES_EXT};
	VkPhysicalDeviceProperties2 p = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &host};

	if (!tr__vk_has_extension(gpu->physical, VK_EXT_EXTERNAL_MEMORY_HOST_EXTENSION_NAME) ||
	    !tr__vk.GetMemoryHostPointerPropertiesEXT)
		return;
	tr__vk.GetPhysicalDeviceProperties2(gpu->physical, &p);
	gpu->import_page = host.minImportedHostPointerAlignment;
}

/* Fills gpu; false with the reason in all.unfit. */
static bool inspect(struct tr_vk_gpu *gpu, VkPhysicalDevice physical)
{
	VkPhysicalDeviceVulkan12Properties v12 = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_PROPERTIES};
	VkPhysicalDeviceVulkan11Properties v11 = {
		.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES, .pNext = &v12};
	VkPhysicalDeviceProperties2 p = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2};
	struct features f;
	const char *lacks = NULL;
	int memory, family;

	memset(gpu, 0, sizeof(*gpu));
	tr__vk.GetPhysicalDeviceProperties2(physical, &p);
	chain(&f);
	if (p.properties.apiVersion >= VK_API_VERSION_1_2) {
		p.pNext = &v11;
		tr__vk.GetPhysicalDeviceProperties2(physical, &p);
		tr__vk.GetPhysicalDeviceFeatures2(physical, &f.core);
	} else {
		lacks = "Vulkan 1.2";
	}
	memory = choose_memory(physical);
	family = choose_queues(physical, &gpu->nqueue);
	if (!lacks)
		lacks = !f.v12.bufferDeviceAddress ? "bufferDeviceAddress"
			: !f.v12.timelineSemaphore ? "timelineSemaphore"
			: !f.core.features.shaderInt64 ? "shaderInt64"
			: !(v11.subgroupSupportedStages & VK_SHADER_STAGE_COMPUTE_BIT &&
			    v11.subgroupSupportedOperations & VK_SUBGROUP_FEATURE_VOTE_BIT) ? "votes of subgroups"
			: memory < 0 ? "memory that the CPU can write"
			: family < 0 ? "a compute queue"
			: NULL;
	if (lacks) {
		snprintf(all.unfit, sizeof(all.unfit), "%.60s lacks %s", p.properties.deviceName, lacks);
		return false;
	}
	gpu->physical = physical;
	gpu->type = p.properties.deviceType;
	snprintf(gpu->name, sizeof(gpu->name), "%s", p.properties.deviceName);
	snprintf(gpu->level, sizeof(gpu->level), "vulkan %u.%u", VK_API_VERSION_MAJOR(p.properties.apiVersion),
		 VK_API_VERSION_MINOR(p.properties.apiVersion));
	memcpy(gpu->cache_uuid, p.properties.pipelineCacheUUID, VK_UUID_SIZE);
	gpu->dtypes = usable_dtypes(&f);
	/* Vulkan leaves f32 quotients 2.5 units; a rasteriser's are the processor's. */
	gpu->wide_division = gpu->dtypes & TR__BIT(TR_F64) && gpu->type != VK_PHYSICAL_DEVICE_TYPE_CPU;
	find_float_controls(gpu, &v12);
	gpu->max_allocation = v11.maxMemoryAllocationSize;
	gpu->max_group = p.properties.limits.maxComputeWorkGroupInvocations;
	if (gpu->max_group > p.properties.limits.maxComputeWorkGroupSize[0])
		gpu->max_group = p.properties.limits.maxComputeWorkGroupSize[0];
	gpu->memory_type = (uint32_t)memory;
	gpu->reads_slowly = choose_cached(gpu, physical);
	gpu->queue_family = (uint32_t)family;
	find_clocks(gpu, &p.properties.limits);
	find_import(gpu);
	return true;
}

static int rank(VkPhysicalDeviceType type)
{
	switch (type) {
	case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
		return 0;
	case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
		return 1;
	case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
		return 2;
	case VK_PHYSICAL_DEVICE_TYPE_CPU:
		return 4;
	default:
		return 3;
	}
}

static void list(VkInstance instance)
{
	VkPhysicalDevice physical[MAX_GPUS];
	uint32_t n = MAX_GPUS;
	VkResult r = tr__vk.EnumeratePhysicalDevices(instance, &n, physical);

	if (r && r != VK_INCOMPLETE)
		n = 0;
	for (int want = 0; want <= 4; want++) {
		for (uint32_t i = 0; i < n; i++) {
			struct tr_vk_gpu *gpu = &all.gpu[all.n];
			VkPhysicalDeviceProperties2 p = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2};

			tr__vk.GetPhysicalDeviceProperties2(physical[i], &p);
			if (rank(p.properties.deviceType) != want || !inspect(gpu, physical[i]))
				continue;
			tr__vk_find_units(gpu, instance);
			pthread_mutex_init(&gpu->queue_lock, NULL);
			all.n++;
		}
	}
	all.listed = true;
}

/* The index-th visible GPU; NULL past the last one. */
static struct tr_vk_gpu *visible(unsigned index)
{
	const char *s = getenv("TRUENO_VISIBLE_DEVICES");

	if (!s)
		return index < all.n ? &all.gpu[index] : NULL;
	while (isdigit((unsigned char)*s)) {
		char *end;
		unsigned long number = strtoul(s, &end, 10);

		if (number < all.n && index-- == 0)
			return &all.gpu[number];
		s = end + (*end == ',');
	}
	return NULL;
}

static VkResult create_device(struct tr_vk_gpu *gpu)
{
	static const float priority[MAX_QUEUES];
	VkDeviceQueueCreateInfo queues = {
		.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
		.queueFamilyIndex = gpu->queue_family,
		.queueCount = gpu->nqueue,
		.pQueuePriorities = priority,
	};
	VkDeviceCreateInfo info = {
		.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
		.queueCreateInfoCount = 1,
		.pQueueCreateInfos = &queues,
	};
	VkPushConstantRange push = {VK_SHADER_STAGE_COMPUTE_BIT, 0, TR_VK_PUSHED * sizeof(uint64_t)};
	VkPipelineLayoutCreateInfo layout = {
		.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
		.pushConstantRangeCount = 1,
		.pPushConstantRanges = &push,
	};
	const char *extension[2 + TR_VK_UNIT_EXTENSIONS];
	struct tr_vk_unit_features units;
	struct features f;
	VkResult r;

	if (gpu->calibrated)
		extension[info.enabledExtensionCount++] = VK_EXT_CALIBRATED_TIMESTAMPS_EXTENSION_NAME;
	if (gpu->import_page)
		extension[info.enabledExtensionCount++] = VK_EXT_EXTERNAL_MEMORY_HOST_EXTENSION_NAME;
	chain(&f);
	info.pNext = tr__vk_unit_features(gpu, &units, &f.core, extension, &info.enabledExtensionCount);
	info.ppEnabledExtensionNames = extension;
	f.v12.bufferDeviceAddress = f.v12.timelineSemaphore = f.core.features.shaderInt64 = VK_TRUE;
	f.v12.shaderInt8 = f.v12.storageBuffer8BitAccess = gpu->dtypes & TR__BIT(TR_I8) ? VK_TRUE : VK_FALSE;
	f.core.features.shaderInt16 = f.v11.storageBuffer16BitAccess =
		gpu->dtypes & TR__BIT(TR_I16) ? VK_TRUE : VK_FALSE;
	f.core.features.shaderFloat64 = gpu->dtypes & TR__BIT(TR_F64) ? VK_TRUE : VK_FALSE;
	f.v12.shaderFloat16 = f.v12.vulkanMemoryModel = f.v12.vulkanMemoryModelDeviceScope =
		gpu->units ? VK_TRUE : VK_FALSE;
	r = tr__vk.CreateDevice(gpu->physical, &info, NULL, &gpu->device);
	if (r) {
		gpu->device = VK_NULL_HANDLE;
		return r;
	}
	r = tr__vk.CreatePipelineLayout(gpu->device, &layout, NULL, &gpu->layout);
	if (!r) {
		gpu->pipelines = tr__vk_pipelines_create(gpu);
		if (gpu->pipelines)
			return VK_SUCCESS;
		r = VK_ERROR_OUT_OF_HOST_MEMORY;
		tr__vk.DestroyPipelineLayout(gpu->device, gpu->layout, NULL);
	}
	tr__vk.DestroyDevice(gpu->device, NULL);
	gpu->device = VK_NULL_HANDLE;
	return r;
}

/* Makes a lost GPU usable again, if it can be; else says why not. */
static const char *revive(struct tr_vk_gpu *gpu)
{
	if (!atomic_load(&gpu->lost))
		return NULL;
	if (gpu->stuck)
		return "has work that never ended";
	if (gpu->users)
		return "was lost; destroy all contexts on it first";
	tr__vk_pipelines_destroy(gpu);
	tr__vk.DestroyPipelineLayout(gpu->device, gpu->layout, NULL);
	tr__vk.DestroyDevice(gpu->device, NULL);
	gpu->device = VK_NULL_HANDLE;
	atomic_store(&gpu->lost, false);
	return NULL;
}

int tr__vk_gpu_get(struct tr_vk_gpu **out, unsigned index, bool software, char *errbuf, size_t errlen)
{
	struct tr_vk_gpu *gpu;
	VkInstance instance;
	const char *why;
	VkResult r;
	int err = tr__vk_load(&instance, errbuf, errlen);

	if (err)
		return err;
	pthread_mutex_lock(&all.lock);
	if (!all.listed)
		list(instance);
	gpu = visible(index);
	err = -TR_EDEVICE;
	if (!gpu) {
		snprintf(errbuf, errlen, "vulkan:%u: no such device%s%s", index, *all.unfit ? "; " : "", all.unfit);
	} else if (gpu->type == VK_PHYSICAL_DEVICE_TYPE_CPU && !software) {
		snprintf(errbuf, errlen, "vulkan: %.80s is no GPU; ask for \"vulkan\" to use it", gpu->name);
	} else if ((why = revive(gpu))) {
		snprintf(errbuf, errlen, "vulkan:%u: %.80s %s", index, gpu->name, why);
	} else if (!gpu->device && (r = create_device(gpu))) {
		snprintf(errbuf, errlen, "vulkan:%u: %.80s: %s", index, gpu->name, tr__vk_result(r));
		err = tr__vk_status(r);
	} else {
		*out = gpu;
		gpu->users++;
		err = 0;
	}
	pthread_mutex_unlock(&all.lock);
	return err;
}

int tr__vk_gpu_find(const struct tr_vk_gpu **out, unsigned index, char *errbuf, size_t errlen)
{
	VkInstance instance;
	int err = tr__vk_load(&instance, errbuf, errlen);

	if (err)
		return err;
	pthread_mutex_lock(&all.lock);
	if (!all.listed)
		list(instance);
	*out = visible(index);
	pthread_mutex_unlock(&all.lock);
	if (*out)
		return 0;
	snprintf(errbuf, errlen, "vulkan:%u: no such device%s%s", index, *all.unfit ? "; " : "", all.unfit);
	return -TR_EDEVICE;
}

void tr__vk_gpu_put(struct tr_vk_gpu *gpu, bool finished)
{
	pthread_mutex_lock(&all.lock);
	gpu->users--;
	gpu->stuck |= !finished;
	pthread_mutex_unlock(&all.lock);
}
