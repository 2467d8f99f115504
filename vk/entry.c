/* SPDX-License-Identifier: MIT */
/*
 * How every main function begins: the push constants, and which invocation this is. Knows no kernel.
 */
#include "vk/spirv.h"

uint32_t tr__spv_pointer(struct tr_spv *m, unsigned storage, uint32_t to)
{
	uint32_t id = tr__spv_id(m);

	SPV(&m->globals, SPV_OpTypePointer, id, storage, to);
	return id;
}

uint32_t tr__spv_binary(struct tr_spv *m, unsigned op, uint32_t type, uint32_t a, uint32_t b)
{
	uint32_t id = tr__spv_id(m);

	SPV(&m->main, op, type, id, a, b);
	return id;
}

uint32_t tr__spv_constant32(struct tr_spv *m, uint32_t value)
{
	uint32_t id = tr__spv_id(m), type = tr__spv_int(m, 32, false);

	SPV(&m->globals, SPV_OpConstant, type, id, value);
	return id;
}

uint32_t tr__spv_constant64(struct tr_spv *m, uint64_t value)
{
	uint32_t id = tr__spv_id(m), type = tr__spv_int(m, 64, false);

	SPV(&m->globals, SPV_OpConstant, type, id, (uint32_t)value, (uint32_t)(value >> 32));
	return id;
}

/* A vector of three u32 the device provides; its first two components. */
static void builtin(struct tr_spv *m, uint32_t pointer, uint32_t vector, unsigned which, uint32_t *x, uint32_t *y)
{
	uint32_t variable = tr__spv_id(m), value = tr__spv_id(m), u32 = tr__spv_int(m, 32, false);

	SPV(&m->decorations, SPV_OpDecorate, variable, SPV_BuiltIn, which);
	SPV(&m->globals, SPV_OpVariable, pointer, variable, SPV_Input);
	tr__spv_expose(m, variable);
	SPV(&m->entry, SPV_OpLoad, vector, value, variable);
	*x = tr__spv_id(m);
	SPV(&m->entry, SPV_OpCompositeExtract, u32, *x, value, 0);
	if (!y)
		return;
	*y = tr__spv_id(m);
	SPV(&m->entry, SPV_OpCompositeExtract, u32, *y, value, 1);
}

static void find_pushed(struct tr_spv *m, struct tr_spv_entry *e, unsigned n)
{
	uint32_t block = tr__spv_id(m), variable = tr__spv_id(m), member, pointer, to_block;
	uint32_t u64 = tr__spv_int(m, 64, false), structure[1 + TR_VK_PUSHED] = {block};

	for (uint32_t i = 0; i < n; i++) {
		structure[1 + i] = u64;
		SPV(&m->decorations, SPV_OpMemberDecorate, block, i, SPV_Offset, 8 * i);
	}
	SPV(&m->decorations, SPV_OpDecorate, block, SPV_Block);
	tr__spv_put(&m->globals, SPV_OpTypeStruct, structure, 1 + n);
	to_block = tr__spv_pointer(m, SPV_PushConstant, block);
	pointer = tr__spv_pointer(m, SPV_PushConstant, u64);
	SPV(&m->globals, SPV_OpVariable, to_block, variable, SPV_PushConstant);
	tr__spv_expose(m, variable);
	for (uint32_t i = 0; i < n; i++) {
		member = tr__spv_id(m);
		SPV(&m->entry, SPV_OpAccessChain, pointer, member, variable, tr__spv_constant32(m, i));
		e->pushed[i] = tr__spv_id(m);
		SPV(&m->entry, SPV_OpLoad, u64, e->pushed[i], member);
	}
}

void tr__spv_enter(struct tr_spv *m, struct tr_spv_entry *e, unsigned npushed)
{
	uint32_t vector = tr__spv_vector(m, tr__spv_int(m, 32, false), 3), pointer;

	m->block = tr__spv_id(m);
	SPV(&m->entry, SPV_OpLabel, m->block);
	pointer = tr__spv_pointer(m, SPV_Input, vector);
	find_pushed(m, e, npushed);
	builtin(m, pointer, vector, SPV_WorkgroupId, &e->group_x, &e->group_y);
	builtin(m, pointer, vector, SPV_NumWorkgroups, &e->groups_x, &e->groups_y);
	builtin(m, pointer, vector, SPV_LocalInvocationId, &e->local, NULL);
	m->local = e->local;
}
