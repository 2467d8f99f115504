/* SPDX-License-Identifier: MIT */
/*
 * The shader of an elementwise program: an invocation loads its elements of every operand, calls the library's function
 * for each instruction and element, and stores. Knows types and names of operations; vk/access.c knows memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vk/program.h"

const char *const tr__vk_tags[TR_DTYPE_COUNT] = {
	[TR_BOOL] = "b8", [TR_I8] = "i8",   [TR_I16] = "i16", [TR_I32] = "i32",   [TR_I64] = "i64",
	[TR_U8] = "u8",   [TR_U16] = "u16", [TR_U32] = "u32", [TR_U64] = "u64",   [TR_F16] = "f16",
	[TR_BF16] = "bf16", [TR_F32] = "f32", [TR_F64] = "f64", [TR_C64] = "c64", [TR_C128] = "c128",
};

static uint32_t bool_constant(struct tr_vk_program *p, uint32_t value)
{
	uint32_t *id = value ? &p->one8 : &p->zero8;

	if (!*id) {
		*id = tr__spv_id(&p->m);
		SPV(&p->m.globals, SPV_OpConstant, tr__vk_type_of(p, TR_BOOL), *id, value);
	}
	return *id;
}

static uint32_t call(struct tr_vk_program *p, const char *name, uint32_t result, const uint32_t *arg, unsigned n)
{
	uint32_t operand[6] = {result, tr__spv_id(&p->m), tr__spv_function(&p->m, name)};

	for (unsigned i = 0; i < n; i++)
		operand[3 + i] = arg[i];
	tr__spv_put(&p->m.main, SPV_OpFunctionCall, operand, 3 + n);
	return operand[1];
}

static uint32_t convert(struct tr_vk_program *p, uint32_t value, unsigned from, unsigned to)
{
	char name[32];

	if (from == to)
		return value;
	snprintf(name, sizeof(name), "cast_%s_%s", tr__vk_tags[from], tr__vk_tags[to]);
	return call(p, name, tr__vk_type_of(p, to), &value, 1);
}

/* One instruction for one lane. */
static uint32_t instruction(struct tr_vk_program *p, const struct tr_instr *in, unsigned lane)
{
	const struct tr_op_info *info = &tr__ops[in->op];
	bool truth = info->result == TR_RESULT_BOOL;
	uint32_t arg[3], value, id;
	char name[48];
	unsigned n;

	if (info->family == TR_FAMILY_CAST)
		return convert(p, p->reg[in->src[0]][lane], in->dtype, in->to);
	n = tr__family_sources((enum tr_family)info->family);
	for (unsigned i = 0; i < n; i++)
		arg[i] = p->reg[in->src[i]][lane];
	for (unsigned i = 0; i < tr__family_numbers((enum tr_family)info->family); i++)
		arg[n++] = tr__vk_load_number(p, in->number + i, in->dtype);
	if (info->family == TR_FAMILY_SELECT)
		arg[0] = tr__spv_binary(&p->m, SPV_OpINotEqual, p->boolean, arg[0], bool_constant(p, 0));
	snprintf(name, sizeof(name), "op_%s_%s", info->name, tr__vk_tags[in->dtype]);
	value = call(p, name, truth ? p->boolean : tr__vk_type_of(p, in->dtype), arg, n);
	if (!truth)
		return value;
	id = tr__spv_id(&p->m);
	SPV(&p->m.main, SPV_OpSelect, tr__vk_type_of(p, TR_BOOL), id, value, bool_constant(p, 1), bool_constant(p, 0));
	return id;
}

/* Whether an instruction's operands hold one value in all lanes. */
static bool is_uniform(const struct tr_vk_program *p, const struct tr_instr *in)
{
	const struct tr_op_info *info = &tr__ops[in->op];
	unsigned n = tr__family_sources((enum tr_family)info->family);

	for (unsigned i = 0; i < n; i++)
		for (unsigned e = 1; e < p->s->lanes; e++)
			if (p->reg[in->src[i]][e] != p->reg[in->src[i]][0])
				return false;
	return true;
}

static void body(struct tr_vk_program *p)
{
	const struct tr_vk_signature *s = p->s;
	uint32_t value[TR_VK_LANES];

	tr__vk_find_addresses(p);
	for (unsigned i = 0; i < s->nload; i++)
		tr__vk_load_operand(p, i);
	for (unsigned i = 0; i < s->ninstr; i++) {
		bool once = is_uniform(p, &s->instr[i]);

		for (unsigned e = 0; e < s->lanes; e++)
			value[e] = e && once ? value[0] : instruction(p, &s->instr[i], e);
		memcpy(p->reg[s->instr[i].dst], value, sizeof(value));
	}
	tr__vk_store_all(p);
}

/* The body for every group of elements that is the invocation's, the first of which is p->index. */
static void loop(struct tr_vk_program *p)
{
	struct tr_spv_text *main = &p->m.main;
	uint32_t type = p->s->wide ? p->u64 : p->u32, first = p->index, step = tr__vk_index_step(p), within;
	uint32_t head = tr__spv_id(&p->m), inside = tr__spv_id(&p->m), again = tr__spv_id(&p->m), done = tr__spv_id(&p->m);
	uint32_t next = tr__spv_id(&p->m);

	p->index = tr__spv_id(&p->m);
	SPV(main, SPV_OpBranch, head);
	SPV(main, SPV_OpLabel, head);
	SPV(main, SPV_OpPhi, type, p->index, first, p->m.block, next, again);
	within = tr__spv_binary(&p->m, SPV_OpULessThan, p->boolean, p->index, p->n);
	SPV(main, SPV_OpLoopMerge, done, again, 0);
	SPV(main, SPV_OpBranchConditional, within, inside, done);
	SPV(main, SPV_OpLabel, inside);
	body(p);
	SPV(main, SPV_OpBranch, again);
	SPV(main, SPV_OpLabel, again);
	SPV(main, SPV_OpIAdd, type, next, p->index, step);
	SPV(main, SPV_OpBranch, head);
	SPV(main, SPV_OpLabel, done);
}

static int write_module(struct tr_vk_program *p, struct tr_vk_code *code)
{
	int err;

	p->u32 = tr__spv_int(&p->m, 32, false);
	p->u64 = tr__spv_int(&p->m, 64, false);
	p->boolean = tr__spv_bool(&p->m);
	p->pointer_u64 = tr__spv_pointer(&p->m, SPV_PhysicalStorageBuffer, p->u64);
	p->pointer[TR_U64] = p->pointer_u64;
	tr__spv_enter(&p->m, &p->entry, p->s->pushed ? p->s->pushed : 1);
	tr__vk_find_index(p);
	loop(p);
	tr__spv_put(&p->m.main, SPV_OpReturn, NULL, 0);
	err = tr__spv_assemble(&p->m, TR_VK_GROUP, code);
	tr__spv_finish(&p->m);
	return err;
}

int tr__vk_program_code(const struct tr_vk_gpu *gpu, const void *key, struct tr_vk_code *code)
{
	struct tr_vk_program *p = calloc(1, sizeof(*p)); /* some KiB */
	int err = p ? tr__spv_init(&p->m, gpu) : -TR_ENOMEM;

	if (!err) {
		p->s = key;
		err = write_module(p, code);
	}
	free(p);
	return err;
}
