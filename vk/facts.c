/* SPDX-License-Identifier: MIT */
/*
 * What a GPU says of itself, as lines of text for people (tr_device_facts). Nothing here is used by the driver, and nothing
 * makes a VkDevice. The address on the bus and the number of the DRM render node are what other tools find it by.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vk/vk.h"

#ifndef VK_KHR_cooperative_matrix /* younger than Debian 12's headers */
#define VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME "VK_KHR_cooperative_matrix"
#define VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_KHR ((VkStructureType)1000506001)
typedef struct VkCooperativeMatrixPropertiesKHR {
	VkStructureType sType;
	void *pNext;
	uint32_t MSize, NSize, KSize;
	uint32_t AType, BType, CType, ResultType;
	VkBool32 saturatingAccumulation;
	uint32_t scope;
} VkCooperativeMatrixPropertiesKHR;
typedef VkResult(VKAPI_PTR *PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR)(
	VkPhysicalDevice, uint32_t *, VkCooperativeMatrixPropertiesKHR *);
#endif

struct teller {
	void (*say)(void *user, const char *name, const char *text);
	void *user;
};

static void tell(const struct teller *t, const char *name, const char *fmt, ...) TR_PRINTF(3, 4);

static void tell(const struct teller *t, const char *name, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	t->say(t->user, name, text);
}

/* The names of the bits that are set, each behind a comma. */
static const char *list_bits(char *out, size_t len, uint32_t bits, const char *const *names, unsigned n)
{
	size_t used = 0;

	*out = '\0';
	for (unsigned i = 0; i < n && used < len; i++)
		if (bits >> i & 1 && names[i])
			used += (size_t)snprintf(out + used, len - used, ", %s", names[i]);
	return out;
}

static double gib(VkDeviceSize bytes)
{
	return (double)bytes / (1 << 30);
}

static void tell_identity(const struct teller *t, VkPhysicalDevice physical)
{
	static const char *const types[] = {"other", "integrated", "discrete", "virtual", "processor"};
	VkPhysicalDevicePCIBusInfoPropertiesEXT pci = {
		.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PCI_BUS_INFO_PROPERTIES_EXT};
	VkPhysicalDeviceDrmPropertiesEXT drm = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRM_PROPERTIES_EXT};
	VkPhysicalDeviceVulkan12Properties v12 = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_PROPERTIES};
	VkPhysicalDeviceProperties2 p = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &v12};
	bool has_pci = tr__vk_has_extension(physical, VK_EXT_PCI_BUS_INFO_EXTENSION_NAME);
	bool has_drm = tr__vk_has_extension(physical, VK_EXT_PHYSICAL_DEVICE_DRM_EXTENSION_NAME);

	if (has_pci)
		v12.pNext = &pci;
	if (has_drm) {
		drm.pNext = v12.pNext;
		v12.pNext = &drm;
	}
	tr__vk.GetPhysicalDeviceProperties2(physical, &p);
	tell(t, "name", "%s", p.properties.deviceName);
	tell(t, "type", "%s", p.properties.deviceType < 5 ? types[p.properties.deviceType] : "unknown");
	tell(t, "vulkan", "%u.%u.%u", VK_API_VERSION_MAJOR(p.properties.apiVersion),
	     VK_API_VERSION_MINOR(p.properties.apiVersion), VK_API_VERSION_PATCH(p.properties.apiVersion));
	tell(t, "vulkan driver", "%s, %s", v12.driverName, v12.driverInfo);
	tell(t, "vendor and device", "%04x:%04x", p.properties.vendorID, p.properties.deviceID);
	if (has_pci)
		tell(t, "pci", "%04x:%02x:%02x.%x", pci.pciDomain, pci.pciBus, pci.pciDevice, pci.pciFunction);
	if (has_drm && drm.hasRender)
		tell(t, "drm render", "%lld:%lld", (long long)drm.renderMajor, (long long)drm.renderMinor);
}

static void tell_memory(const struct teller *t, const struct tr_vk_gpu *gpu)
{
	static const char *const kinds[] = {"device-local", "host-visible", "host-coherent", "host-cached"};
	VkPhysicalDeviceMemoryProperties m;
	char name[32], text[128];

	tr__vk.GetPhysicalDeviceMemoryProperties(gpu->physical, &m);
	for (uint32_t i = 0; i < m.memoryHeapCount; i++) {
		snprintf(name, sizeof(name), "memory heap %u", i);
		tell(t, name, "%.1f GiB%s", gib(m.memoryHeaps[i].size),
		     m.memoryHeaps[i].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT ? ", device-local" : "");
	}
	for (uint32_t i = 0; i < m.memoryTypeCount; i++) {
		snprintf(name, sizeof(name), "memory type %u", i);
		tell(t, name, "heap %u%s%s", m.memoryTypes[i].heapIndex,
		     list_bits(text, sizeof(text), m.memoryTypes[i].propertyFlags, kinds, 4),
		     i == gpu->memory_type ? "; used" : "");
	}
	tell(t, "largest allocation", "%.1f GiB", gib(gpu->max_allocation));
}

static void tell_queues(const struct teller *t, const struct tr_vk_gpu *gpu)
{
	static const char *const kinds[] = {"graphics", "compute", "transfer", "sparse binding"};
	VkQueueFamilyProperties f[16];
	char name[32], text[128];
	uint32_t n = 16;

	tr__vk.GetPhysicalDeviceQueueFamilyProperties(gpu->physical, &n, f);
	for (uint32_t i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "queue family %u", i);
		tell(t, name, "%u queues%s%s", f[i].queueCount, list_bits(text, sizeof(text), f[i].queueFlags, kinds, 4),
		     i == gpu->queue_family ? "; used" : "");
	}
	tell(t, "clock", "%u bits of %.3g ns%s", gpu->timestamp_bits, gpu->timestamp_ns,
	     gpu->calibrated ? ", read together with the processor's" : "");
}

static void tell_limits(const struct teller *t, const struct tr_vk_gpu *gpu)
{
	VkPhysicalDeviceVulkan11Properties v11 = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES};
	VkPhysicalDeviceProperties2 p = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &v11};
	const VkPhysicalDeviceLimits *l = &p.properties.limits;
	const char *names[TR_DTYPE_COUNT];
	char text[256];

	tr__vk.GetPhysicalDeviceProperties2(gpu->physical, &p);
	for (int d = 0; d < TR_DTYPE_COUNT; d++)
		names[d] = tr_dtype_name((enum tr_dtype)d);
	tell(t, "element types", "%s", list_bits(text, sizeof(text), gpu->dtypes, names, TR_DTYPE_COUNT) + 2);
	tell(t, "subgroup", "%u invocations", v11.subgroupSize);
	tell(t, "workgroup", "%u invocations, %.0f KiB shared", l->maxComputeWorkGroupInvocations,
	     (double)l->maxComputeSharedMemorySize / 1024);
	tell(t, "push constants", "%u bytes", l->maxPushConstantsSize);
	tell(t, "storage buffer", "%.1f GiB", (double)l->maxStorageBufferRange / (1 << 30));
}

static const char *component(uint32_t type)
{
	static const char *const names[] = {"f16", "f32", "f64", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"};

	return type < sizeof(names) / sizeof(*names) ? names[type] : type == 1000141000 ? "bf16" : "other";
}

/* The shapes of its matrix units, each once: M x N x K a.b > result. */
static void tell_matrices(const struct teller *t, VkInstance instance, VkPhysicalDevice physical)
{
	PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR get =
		(PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR)tr__vk_function(
			instance, "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR");
	VkCooperativeMatrixPropertiesKHR *p = NULL;
	uint32_t n = 0;

	if (!get || !tr__vk_has_extension(physical, VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME)) {
		tell(t, "cooperative matrices", "none");
		return;
	}
	if (!get(physical, &n, NULL))
		p = calloc(n ? n : 1, sizeof(*p));
	for (uint32_t i = 0; p && i < n; i++)
		p[i].sType = VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_KHR;
	if (p && get(physical, &n, p))
		n = 0;
	for (uint32_t i = 0; p && i < n; i++)
		tell(t, "cooperative matrix", "%u x %u x %u, %s . %s > %s%s%s", p[i].MSize, p[i].NSize, p[i].KSize,
		     component(p[i].AType), component(p[i].BType), component(p[i].ResultType),
		     p[i].saturatingAccumulation ? ", saturating" : "", p[i].scope == 3 ? "" : ", not of a subgroup");
	free(p);
}

int tr__vk_facts(unsigned index, void (*say)(void *user, const char *name, const char *text), void *user, char *errbuf,
		 size_t errlen)
{
	const struct teller t = {say, user};
	const struct tr_vk_gpu *gpu = NULL;
	VkInstance instance;
	int err = tr__vk_gpu_find(&gpu, index, errbuf, errlen);

	if (!err)
		err = tr__vk_load(&instance, errbuf, errlen);
	if (err)
		return err;
	tell_identity(&t, gpu->physical);
	tell_memory(&t, gpu);
	tell_queues(&t, gpu);
	tell_limits(&t, gpu);
	tell_matrices(&t, instance, gpu->physical);
	return 0;
}
