/* SPDX-License-Identifier: MIT */
/*
 * The shader of a kernel written in GLSL (vk/shaders/kernels.h): a main function that calls it. Knows kernels by name.
 */
#include <stdio.h>
#include <string.h>

#include "vk/spirv.h"

struct named {
	uint8_t kind, soft;
	uint16_t size; /* of a workgroup */
	char name[36];
};

static int make_code(const struct tr_vk_gpu *gpu, const void *key, struct tr_vk_code *code)
{
	const struct named *k = key;
	struct tr_spv_entry e;
	struct tr_spv m;
	uint32_t group, function, result, type;
	int err = tr__spv_init(&m, gpu);

	if (err)
		return err;
	tr__spv_enter(&m, &e, 1);
	type = tr__spv_int(&m, 32, false);
	group = tr__spv_binary(&m, SPV_OpIMul, type, e.group_y, e.groups_x);
	group = tr__spv_binary(&m, SPV_OpIAdd, type, group, e.group_x);
	function = tr__spv_function(&m, k->name);
	result = tr__spv_id(&m);
	SPV(&m.main, SPV_OpFunctionCall, tr__spv_void(&m), result, function, e.pushed[0], group, e.local);
	tr__spv_put(&m.main, SPV_OpReturn, NULL, 0);
	err = tr__spv_assemble(&m, k->size, code);
	tr__spv_finish(&m);
	return err;
}

int tr__vk_named(struct tr_device *dev, const char *name, enum tr_dtype dtype, unsigned size, VkPipeline *out,
		 char *detail)
{
	struct named key = {.kind = 2, .soft = tr__vk_soft(dev->gpu), .size = (uint16_t)size};
	struct tr_vk_kernel kernel = {&key, sizeof(key), make_code};

	if (dtype == TR_DTYPE_NONE)
		snprintf(key.name, sizeof(key.name), "kernel_%s", name);
	else
		snprintf(key.name, sizeof(key.name), "kernel_%s_%s", name, tr__vk_tags[dtype]);
	return tr__vk_pipeline(dev->gpu, &kernel, out, detail);
}

int tr__vk_run_named(struct tr_device *dev, const char *name, enum tr_dtype dtype, const uint64_t *params, unsigned n,
		     uint64_t groups, const struct tr_vk_range *range, unsigned nrange, char *detail)
{
	uint64_t address, *w;
	VkPipeline pipeline;
	int err = tr__vk_named(dev, name, dtype, TR_VK_GROUP, &pipeline, detail);

	if (err)
		return err;
	w = tr__vk_params(dev, n, &address, &err, detail);
	if (!w)
		return err;
	memcpy(w, params, n * sizeof(*w));
	return tr__vk_dispatch(dev, pipeline, &address, 1, groups, range, nrange, detail);
}

int tr__vk_run_unit(struct tr_device *dev, const char *name, uint64_t unit, const uint64_t *params, unsigned n, uint64_t groups,
		    const struct tr_vk_range *range, unsigned nrange, char *detail)
{
	static const char *const types[] = {[1] = "u8", [2] = "u16", [4] = "u32", [8] = "u64", [16] = "v4"};
	char full[32];

	snprintf(full, sizeof(full), "%s_%s", name, types[unit]);
	return tr__vk_run_named(dev, full, TR_DTYPE_NONE, params, n, groups, range, nrange, detail);
}
