/* SPDX-License-Identifier: MIT */
/*
 * libvulkan at run time: the library is opened, not linked, so that a machine without Vulkan runs the same binary.
 * Makes the process's one instance. Knows no device.
 */
#include <stdio.h>
#include <string.h>

#include "lib/dynamic.h"
#include "vk/vk.h"

struct tr_vk_api tr__vk;

static union {
	PFN_vkGetInstanceProcAddr get;
	void *address;
} first;

static struct tr_library libvulkan = {
	.file = "libvulkan.so.1",
	.package = "libvulkan1",
	.names = (const char *const[]){"vkGetInstanceProcAddr"},
	.functions = &first.address,
	.count = 1,
	TR_LIBRARY_UNLOADED,
};

static struct {
	pthread_once_t once;
	PFN_vkGetInstanceProcAddr get;
	VkInstance instance;
	int err;
	char why[160];
} loaded = {.once = PTHREAD_ONCE_INIT};

/* All functions of a kind; the name of the first one missing, or NULL. */
static const char *load_global(PFN_vkGetInstanceProcAddr get)
{
#define FN(name)
#define FN_OPTIONAL(name)
#define FN_GLOBAL(name) \
	tr__vk.name = (PFN_vk##name)get(NULL, "vk" #name); \
	if (!tr__vk.name) \
		return "vk" #name;
#include "vk/functions.h"
	return NULL;
}

static const char *load_instance(PFN_vkGetInstanceProcAddr get, VkInstance instance)
{
#define FN_GLOBAL(name)
#define FN_OPTIONAL(name) tr__vk.name = (PFN_vk##name)get(instance, "vk" #name);
#define FN(name) \
	tr__vk.name = (PFN_vk##name)get(instance, "vk" #name); \
	if (!tr__vk.name) \
		return "vk" #name;
#include "vk/functions.h"
	return NULL;
}

static void load(void)
{
	static const VkApplicationInfo app = {
		.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
		.pEngineName = "trueno",
		.apiVersion = VK_API_VERSION_1_2,
	};
	static const VkInstanceCreateInfo info = {
		.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
		.pApplicationInfo = &app,
	};
	const char *missing;
	char why[140];
	uint32_t version = 0;
	VkResult r;

	loaded.err = -TR_EDEVICE;
	if (tr__library_load(&libvulkan, why, sizeof(why))) {
		snprintf(loaded.why, sizeof(loaded.why), "vulkan: %s", why);
		return;
	}
	missing = load_global(first.get);
	if (missing)
		goto incomplete;
	if (tr__vk.EnumerateInstanceVersion(&version) || version < VK_API_VERSION_1_2) {
		snprintf(loaded.why, sizeof(loaded.why), "vulkan: the loader knows version %u.%u; 1.2 is needed",
			 VK_API_VERSION_MAJOR(version), VK_API_VERSION_MINOR(version));
		return;
	}
	r = tr__vk.CreateInstance(&info, NULL, &loaded.instance);
	if (r) {
		snprintf(loaded.why, sizeof(loaded.why), "vulkan: no instance: %s", tr__vk_result(r));
		return;
	}
	missing = load_instance(first.get, loaded.instance);
	if (missing)
		goto incomplete;
	loaded.get = first.get;
	loaded.err = 0;
	return;
incomplete:
	snprintf(loaded.why, sizeof(loaded.why), "vulkan: libvulkan.so.1 has no %s", missing);
}

int tr__vk_load(VkInstance *out, char *errbuf, size_t errlen)
{
	pthread_once(&loaded.once, load);
	*out = loaded.instance;
	if (loaded.err)
		snprintf(errbuf, errlen, "%s", loaded.why);
	return loaded.err;
}

PFN_vkVoidFunction tr__vk_function(VkInstance instance, const char *name)
{
	return loaded.get(instance, name);
}

int tr__vk_status(VkResult r)
{
	return r == VK_ERROR_OUT_OF_HOST_MEMORY || r == VK_ERROR_OUT_OF_DEVICE_MEMORY ? -TR_ENOMEM : -TR_EDEVICE;
}

const char *tr__vk_result(VkResult r)
{
	switch (r) {
	case VK_SUCCESS:
		return "VK_SUCCESS";
	case VK_TIMEOUT:
		return "VK_TIMEOUT";
	case VK_ERROR_OUT_OF_HOST_MEMORY:
		return "VK_ERROR_OUT_OF_HOST_MEMORY";
	case VK_ERROR_OUT_OF_DEVICE_MEMORY:
		return "VK_ERROR_OUT_OF_DEVICE_MEMORY";
	case VK_ERROR_INITIALIZATION_FAILED:
		return "VK_ERROR_INITIALIZATION_FAILED";
	case VK_ERROR_DEVICE_LOST:
		return "VK_ERROR_DEVICE_LOST";
	case VK_ERROR_EXTENSION_NOT_PRESENT:
		return "VK_ERROR_EXTENSION_NOT_PRESENT";
	case VK_ERROR_FEATURE_NOT_PRESENT:
		return "VK_ERROR_FEATURE_NOT_PRESENT";
	case VK_ERROR_LAYER_NOT_PRESENT:
		return "VK_ERROR_LAYER_NOT_PRESENT";
	case VK_ERROR_INCOMPATIBLE_DRIVER:
		return "VK_ERROR_INCOMPATIBLE_DRIVER";
	case VK_ERROR_TOO_MANY_OBJECTS:
		return "VK_ERROR_TOO_MANY_OBJECTS";
	default:
		return "an error without a name";
	}
}
