/* SPDX-License-Identifier: MIT */
/*
 * Matrix units: what a GPU says of its own, and the modules of vk/coop/modules.h made kernels of. Knows SPIR-V, no
 * command. Numbers are those of Vulkan's and SPIR-V's registries; the oldest headers that are good enough lack the names.
 */
#include <stdlib.h>
#include <string.h>

#include "vk/coop/modules.h"
#include "vk/spirv.h"
#include "vk/units.h"

#define MATRIX_FEATURES 1000506000
#define MATRIX_PROPERTIES 1000506001
#define BF16_FEATURES 1000141000
#define SCOPE_SUBGROUP 3

/* VkComponentTypeKHR. */
enum { OF_F16 = 0, OF_F32 = 1, OF_I8 = 3, OF_I32 = 5, OF_U8 = 7, OF_U32 = 9, OF_BF16 = 1000141000 };

/* VkCooperativeMatrixPropertiesKHR. */
struct shape {
	VkStructureType type;
	void *next;
	uint32_t m, n, k, a, b, c, result;
	VkBool32 saturating;
	uint32_t scope;
};

#define MOST_SHAPES 64

/* What each kind of units multiplies at a time. */
static const struct {
	uint32_t k, operand, sum;
	enum tr_dtype dtype;
} kinds[TR_VK_UNITS_COUNT] = {
	[TR_VK_UNITS_F16] = {16, OF_F16, OF_F32, TR_F16},
	[TR_VK_UNITS_BF16] = {16, OF_BF16, OF_F32, TR_BF16},
	[TR_VK_UNITS_I8] = {32, OF_I8, OF_I32, TR_I8},
	[TR_VK_UNITS_U8] = {32, OF_U8, OF_U32, TR_U8},
};

static bool has_extension(VkPhysicalDevice physical, const char *name)
{
	VkExtensionProperties *p;
	uint32_t n = 0;
	bool found = false;

	if (tr__vk.EnumerateDeviceExtensionProperties(physical, NULL, &n, NULL) || !n)
		return false;
	p = calloc(n, sizeof(*p));
	if (p && tr__vk.EnumerateDeviceExtensionProperties(physical, NULL, &n, p) >= 0)
		for (uint32_t i = 0; i < n && !found; i++)
			found = !strcmp(p[i].extensionName, name);
	free(p);
	return found;
}

/* The kinds among the shapes, as bits. */
static uint32_t kinds_in(const struct shape *s, uint32_t n)
{
	uint32_t set = 0;

	for (uint32_t i = 0; i < n; i++)
		for (unsigned u = 0; u < TR_VK_UNITS_COUNT; u++)
			if (s[i].m == 16 && s[i].n == 16 && s[i].k == kinds[u].k && s[i].a == kinds[u].operand &&
			    s[i].b == kinds[u].operand && s[i].c == kinds[u].sum && s[i].result == kinds[u].sum &&
			    !s[i].saturating && s[i].scope == SCOPE_SUBGROUP)
				set |= 1u << u;
	return set;
}

/* The features the kernels need besides; bf16 is left out of *set where there is none. */
static bool has_features(const struct tr_vk_gpu *gpu, uint32_t *set)
{
	struct tr_vk_feature bf16 = {.type = (VkStructureType)BF16_FEATURES};
	struct tr_vk_feature matrix = {.type = (VkStructureType)MATRIX_FEATURES};
	VkPhysicalDeviceVulkan12Features v12 = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES,
						.pNext = &matrix};
	VkPhysicalDeviceFeatures2 f = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, .pNext = &v12};

	if (has_extension(gpu->physical, "VK_KHR_shader_bfloat16"))
		matrix.next = &bf16;
	tr__vk.GetPhysicalDeviceFeatures2(gpu->physical, &f);
	if (!bf16.on[0] || !bf16.on[2]) /* the type; matrices of it */
		*set &= ~(1u << TR_VK_UNITS_BF16);
	return matrix.on[0] && v12.shaderFloat16 && v12.vulkanMemoryModel && v12.vulkanMemoryModelDeviceScope;
}

void tr__vk_find_units(struct tr_vk_gpu *gpu, VkInstance instance)
{
	typedef VkResult (*ask)(VkPhysicalDevice, uint32_t *, struct shape *);
	VkPhysicalDeviceVulkan11Properties v11 = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES};
	VkPhysicalDeviceProperties2 p = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &v11};
	const uint32_t narrow = TR__BIT(TR_F16) | TR__BIT(TR_I8);
	struct shape *s = calloc(MOST_SHAPES, sizeof(*s));
	uint32_t n = MOST_SHAPES, set = 0;
	ask get;

	gpu->units = 0;
	tr__vk.GetPhysicalDeviceProperties2(gpu->physical, &p);
	get = (ask)tr__vk.GetInstanceProcAddr(instance, "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR");
	if (s && get && has_extension(gpu->physical, "VK_KHR_cooperative_matrix") && v11.subgroupSize == 32 &&
	    p.properties.limits.maxComputeSharedMemorySize >= TR_VK_UNITS_SHARED && (gpu->dtypes & narrow) == narrow) {
		for (uint32_t i = 0; i < n; i++)
			s[i].type = (VkStructureType)MATRIX_PROPERTIES;
		if (get(gpu->physical, &n, s) >= 0)
			set = kinds_in(s, n);
		if (set && has_features(gpu, &set))
			gpu->units = (uint8_t)set;
	}
	free(s);
}

void *tr__vk_unit_features(const struct tr_vk_gpu *gpu, struct tr_vk_unit_features *f, void *next, const char **names,
			   uint32_t *count)
{
	if (!gpu->units)
		return next;
	f->matrix = (struct tr_vk_feature){(VkStructureType)MATRIX_FEATURES, next, {VK_TRUE}};
	names[(*count)++] = "VK_KHR_cooperative_matrix";
	if (!(gpu->units >> TR_VK_UNITS_BF16 & 1))
		return &f->matrix;
	f->bf16 = (struct tr_vk_feature){(VkStructureType)BF16_FEATURES, &f->matrix, {VK_TRUE, VK_FALSE, VK_TRUE}};
	names[(*count)++] = "VK_KHR_shader_bfloat16";
	return &f->bf16;
}

unsigned tr__vk_units_of(const struct tr_vk_gpu *gpu, unsigned exact)
{
	return exact & TR_EXACT_HALF ? gpu->units & ~(1u << TR_VK_UNITS_F16 | 1u << TR_VK_UNITS_BF16) : gpu->units;
}

bool tr__vk_units_take(unsigned have, unsigned a, unsigned b, unsigned sum, enum tr_vk_units *units)
{
	/* bool is a byte that holds 0 or 1 */
	a = a == TR_BOOL ? TR_U8 : a;
	b = b == TR_BOOL ? TR_U8 : b;
	for (unsigned u = 0; u < TR_VK_UNITS_COUNT; u++) {
		if (!(have >> u & 1) || a != kinds[u].dtype || b != kinds[u].dtype ||
		    sum != (kinds[u].operand == OF_F16 || kinds[u].operand == OF_BF16 ? TR_F32 : TR_I32))
			continue;
		*units = (enum tr_vk_units)u;
		return true;
	}
	return false;
}

/* The number of a specialisation constant's id; -1 if it is not one. */
static int number_of(const uint32_t *w, size_t n, uint32_t id)
{
	for (size_t at = 5; at < n; at += w[at] >> 16)
		if ((w[at] & 0xffff) == SPV_OpDecorate && w[at + 1] == id && w[at + 2] == SPV_SpecId)
			return (int)w[at + 3];
	return -1;
}

static uint32_t *put(uint32_t *out, const uint32_t *from, size_t n)
{
	memcpy(out, from, n * sizeof(*out));
	return out + n;
}

/* bf16 is a 16-bit float of another encoding; what takes f16 takes it where that is said. */
static uint32_t *put_for_bf16(uint32_t *out, const uint32_t *w)
{
	static const uint32_t capabilities[] = {2u << 16 | SPV_OpCapability, SPV_CapBFloat16TypeKHR,
						2u << 16 | SPV_OpCapability, SPV_CapBFloat16CooperativeMatrixKHR};
	uint32_t extension[6] = {6u << 16 | SPV_OpExtension}, type[4] = {4u << 16 | SPV_OpTypeFloat, w[1], 16, 0};
	unsigned op = w[0] & 0xffff;

	if (op == SPV_OpCapability && w[1] == SPV_CapFloat16)
		return put(out, capabilities, 4);
	if (op == SPV_OpTypeFloat && w[2] == 16)
		return put(out, type, 4);
	if (op == SPV_OpExtension) {
		memcpy(&extension[1], "SPV_KHR_bfloat16", 17);
		out = put(out, extension, 6);
	}
	return put(out, w, w[0] >> 16);
}

int tr__vk_units_code(enum tr_vk_units units, const struct tr_vk_tiling *t, struct tr_vk_code *code)
{
	const struct tr_vk_module *m = &tr__vk_modules[units == TR_VK_UNITS_I8 ? 1 : units == TR_VK_UNITS_U8 ? 2 : 0];
	uint32_t constant[sizeof(*t) / sizeof(uint32_t)], *out;

	memcpy(constant, t, sizeof(*t));
	code->words = malloc((m->n + 16) * sizeof(uint32_t)); /* put_for_bf16 adds less than 16 */
	if (!code->words)
		return -TR_ENOMEM;
	out = put(code->words, m->words, 5);
	for (size_t at = 5; at < m->n; at += m->words[at] >> 16) {
		const uint32_t *w = &m->words[at];
		int number = (w[0] & 0xffff) == SPV_OpSpecConstant ? number_of(m->words, m->n, w[2]) : -1;

		if (units == TR_VK_UNITS_BF16)
			out = put_for_bf16(out, w);
		else
			out = put(out, w, w[0] >> 16);
		if (number >= 0)
			out[-1] = constant[number];
	}
	code->n = (size_t)(out - code->words);
	return 0;
}

struct key {
	uint8_t kind, units;
	uint16_t none;
	struct tr_vk_tiling tiling;
};

static int make_code(const struct tr_vk_gpu *gpu, const void *key, struct tr_vk_code *code)
{
	const struct key *k = key;

	(void)gpu;
	return tr__vk_units_code((enum tr_vk_units)k->units, &k->tiling, code);
}

int tr__vk_units_pipeline(struct tr_device *dev, enum tr_vk_units units, const struct tr_vk_tiling *t, VkPipeline *out,
			  char *detail)
{
	struct key key = {.kind = 3, .units = (uint8_t)units, .tiling = *t};
	struct tr_vk_kernel kernel = {&key, sizeof(key), make_code};

	return tr__vk_pipeline(dev->gpu, &kernel, out, detail);
}
