/* SPDX-License-Identifier: MIT */
/*
 * Matrix units: which types of operands a GPU's multiply (VK_KHR_cooperative_matrix), and the kernels that use them,
 * vk/coop/gemm.comp with its specialisation constants filled in.
 */
#ifndef TR_VK_UNITS_H
#define TR_VK_UNITS_H

#include "vk/vk.h"

#define TR_VK_UNITS_SHARED 49152 /* bytes a workgroup shares at most */

/* Types of the operands: f16 and bf16 are summed in f32, bytes in i32. */
enum tr_vk_units { TR_VK_UNITS_F16, TR_VK_UNITS_BF16, TR_VK_UNITS_I8, TR_VK_UNITS_U8, TR_VK_UNITS_COUNT };

/* A kernel's constants, in the order of their numbers in the source. */
struct tr_vk_tiling {
	uint32_t size;                 /* invocations of a workgroup */
	uint32_t rows, cols;           /* of its tile */
	uint32_t units;                /* 16 bytes of a slice along k */
	uint32_t warp_rows, warp_cols; /* of a subgroup's part */
	uint32_t pack, pad;
	uint32_t a_along, b_along; /* 0: an operand's elements lie side by side along k; 1: along the tile */
	uint32_t result;           /* 0: as they are summed; 1: f16; 2: bf16 */
	uint32_t band;
};

/* Fills gpu->units, before its device is made; instance: for a function that libvulkan need not have. */
void tr__vk_find_units(struct tr_vk_gpu *gpu, VkInstance instance);

/* What a VkDevice needs for them: extensions (at most TR_VK_UNIT_EXTENSIONS names) and a chain of features to be put
 * before `next`, in storage that lasts as long as f. Returns `next` if the GPU has none. */
#define TR_VK_UNIT_EXTENSIONS 2
struct tr_vk_unit_features {
	struct tr_vk_feature {
		VkStructureType type;
		void *next;
		VkBool32 on[3];
	} matrix, bf16;
};
void *tr__vk_unit_features(const struct tr_vk_gpu *gpu, struct tr_vk_unit_features *f, void *next, const char **names,
			   uint32_t *count);

/* SPIR-V of the kernel, in memory from malloc. 0 or -TR_ENOMEM. */
int tr__vk_units_code(enum tr_vk_units units, const struct tr_vk_tiling *t, struct tr_vk_code *code);

/* Its pipeline. */
int tr__vk_units_pipeline(struct tr_device *dev, enum tr_vk_units units, const struct tr_vk_tiling *t, VkPipeline *out,
			  char *detail);

/* Those that may be used, a bit for each, by a context that wants TR_EXACT_*. */
unsigned tr__vk_units_of(const struct tr_vk_gpu *gpu, unsigned exact);

/* Whether some of them multiply operands of these types and sum them in `sum`; which kind of units then. */
bool tr__vk_units_take(unsigned have, unsigned a, unsigned b, unsigned sum, enum tr_vk_units *units);

#define TR_VK_UNITS_LEAST 32768 /* multiplications of a matrix below which a chain is as fast */

/* Records y = (a · b + c) · scale as tr__vk_product does, for a and b of types the units take; y of f32, f16 or bf16, or i32; c
 * of the type of the sums. */
int tr__vk_units_product(struct tr_device *dev, enum tr_vk_units units, const struct tr_operand *o, double scale, char *detail);

#endif
