/* SPDX-License-Identifier: MIT */
/*
 * The shader of an elementwise program: one invocation loads an element of every operand, calls the library's function for
 * each instruction, and stores. Knows element types and arrangements, no operation but by name.
 *
 * Parameters, 64-bit words: the number of elements n; the address of each operand; if some operand is strided, the
 * ndim sizes, then for each strided operand its ndim strides in bytes; last the bits of the program's numbers, each in the
 * type of its instruction.
 */
#include <stdio.h>

#include "vk/spirv.h"

const char *const tr__vk_tags[TR_DTYPE_COUNT] = {
	[TR_BOOL] = "b8", [TR_I8] = "i8",   [TR_I16] = "i16", [TR_I32] = "i32",   [TR_I64] = "i64",
	[TR_U8] = "u8",   [TR_U16] = "u16", [TR_U32] = "u32", [TR_U64] = "u64",   [TR_F16] = "f16",
	[TR_BF16] = "bf16", [TR_F32] = "f32", [TR_F64] = "f64", [TR_C64] = "c64", [TR_C128] = "c128",
};

struct program {
	struct tr_spv m;
	const struct tr_vk_signature *s;
	struct tr_spv_entry entry;
	uint32_t u32, u64, boolean, pointer_u64;
	uint32_t index;                     /* of the element, u32 or u64 */
	uint32_t shape[TR_MAX_RANK], at[TR_MAX_RANK]; /* u64, and the element's place along each axis */
	uint32_t zero8, one8;               /* of TR_BOOL's type, made when needed */
	uint32_t pointer[TR_DTYPE_COUNT];
	uint32_t reg[TR_PROGRAM_REGS];      /* the value each register holds */
};

/* Elements lie in memory as this type, which is also what the library's functions take. */
static uint32_t type_of(struct program *p, unsigned dtype)
{
	static const uint8_t bits[TR_DTYPE_COUNT] = {
		[TR_BOOL] = 8, [TR_I8] = 8,   [TR_I16] = 16, [TR_I32] = 32,  [TR_I64] = 64,  [TR_U8] = 8,
		[TR_U16] = 16, [TR_U32] = 32, [TR_U64] = 64, [TR_F16] = 16,  [TR_BF16] = 16,
	};

	switch (dtype) {
	case TR_F32:
		return tr__spv_float(&p->m, 32);
	case TR_F64:
		return tr__spv_float(&p->m, 64);
	case TR_C64:
		return tr__spv_vector(&p->m, tr__spv_float(&p->m, 32), 2);
	case TR_C128:
		return tr__spv_vector(&p->m, tr__spv_float(&p->m, 64), 2);
	default:
		return tr__spv_int(&p->m, bits[dtype], dtype >= TR_I8 && dtype <= TR_I64);
	}
}

static uint32_t load_param(struct program *p, unsigned word)
{
	uint32_t pointer = tr__spv_id(&p->m), id = tr__spv_id(&p->m);
	uint32_t address = tr__spv_binary(&p->m, SPV_OpIAdd, p->u64, p->entry.params, tr__spv_constant64(&p->m, 8 * (uint64_t)word));

	SPV(&p->m.main, SPV_OpConvertUToPtr, p->pointer_u64, pointer, address);
	SPV(&p->m.main, SPV_OpLoad, p->u64, id, pointer, SPV_Aligned, 8);
	return id;
}

static uint32_t widen(struct program *p, uint32_t value)
{
	uint32_t id = tr__spv_id(&p->m);

	SPV(&p->m.main, SPV_OpUConvert, p->u64, id, value);
	return id;
}

/* index = (group.y · groups.x + group.x) · TR_VK_GROUP + local. */
static void find_index(struct program *p)
{
	struct tr_spv *m = &p->m;
	uint32_t type = p->s->wide ? p->u64 : p->u32, size, group, local = p->entry.local;

	if (p->s->wide) {
		group = tr__spv_binary(m, SPV_OpIMul, type, widen(p, p->entry.group_y), widen(p, p->entry.groups_x));
		group = tr__spv_binary(m, SPV_OpIAdd, type, group, widen(p, p->entry.group_x));
		size = tr__spv_constant64(m, TR_VK_GROUP);
		local = widen(p, local);
	} else {
		group = tr__spv_binary(m, SPV_OpIMul, type, p->entry.group_y, p->entry.groups_x);
		group = tr__spv_binary(m, SPV_OpIAdd, type, group, p->entry.group_x);
		size = tr__spv_constant32(m, TR_VK_GROUP);
	}
	p->index = tr__spv_binary(m, SPV_OpIAdd, type, tr__spv_binary(m, SPV_OpIMul, type, group, size), local);
}

/* Takes the index apart into places along the axes. */
static void find_places(struct program *p)
{
	const struct tr_vk_signature *s = p->s;
	unsigned first = 1u + s->nload + s->nstore;
	uint32_t type = s->wide ? p->u64 : p->u32, rest = p->index;

	for (int d = s->ndim - 1; d >= 0; d--) {
		uint32_t size = load_param(p, first + (unsigned)d), quotient;

		p->at[d] = rest;
		if (d == 0)
			break;
		if (!s->wide) {
			uint32_t narrow = tr__spv_id(&p->m);

			SPV(&p->m.main, SPV_OpUConvert, p->u32, narrow, size);
			size = narrow;
		}
		quotient = tr__spv_binary(&p->m, SPV_OpUDiv, type, rest, size);
		p->at[d] = tr__spv_binary(&p->m, SPV_OpISub, type, rest, tr__spv_binary(&p->m, SPV_OpIMul, type, quotient, size));
		rest = quotient;
	}
	for (int d = 0; d < s->ndim && !s->wide; d++)
		p->at[d] = widen(p, p->at[d]);
}

/* A pointer to this invocation's element of operand i. strided: how many strided operands come before it. */
static uint32_t element(struct program *p, unsigned i, unsigned strided)
{
	const struct tr_vk_signature *s = p->s;
	uint32_t address = load_param(p, 1 + i), pointer, offset;
	unsigned dtype = s->dtype[i], first = 1u + s->nload + s->nstore + s->ndim + strided * s->ndim;

	if (s->form[i] == TR_VK_DENSE) {
		offset = tr__spv_binary(&p->m, SPV_OpIMul, p->u64, s->wide ? p->index : widen(p, p->index),
				tr__spv_constant64(&p->m, tr_dtype_size((enum tr_dtype)dtype)));
		address = tr__spv_binary(&p->m, SPV_OpIAdd, p->u64, address, offset);
	}
	for (unsigned d = 0; d < s->ndim && s->form[i] == TR_VK_STRIDED; d++) {
		offset = tr__spv_binary(&p->m, SPV_OpIMul, p->u64, p->at[d], load_param(p, first + d));
		address = tr__spv_binary(&p->m, SPV_OpIAdd, p->u64, address, offset);
	}
	if (!p->pointer[dtype])
		p->pointer[dtype] = tr__spv_pointer(&p->m, SPV_PhysicalStorageBuffer, type_of(p, dtype));
	pointer = tr__spv_id(&p->m);
	SPV(&p->m.main, SPV_OpConvertUToPtr, p->pointer[dtype], pointer, address);
	return pointer;
}

/* Complex numbers need be aligned to their parts only. */
static uint32_t alignment(unsigned dtype)
{
	size_t size = tr_dtype_size((enum tr_dtype)dtype);

	return (uint32_t)(dtype == TR_C64 || dtype == TR_C128 ? size / 2 : size);
}

static uint32_t bool_constant(struct program *p, uint32_t value)
{
	uint32_t *id = value ? &p->one8 : &p->zero8;

	if (!*id) {
		*id = tr__spv_id(&p->m);
		SPV(&p->m.globals, SPV_OpConstant, type_of(p, TR_BOOL), *id, value);
	}
	return *id;
}

static uint32_t call(struct program *p, const char *name, uint32_t result, const uint32_t *arg, unsigned n)
{
	uint32_t operand[6] = {result, tr__spv_id(&p->m), tr__spv_function(&p->m, name)};

	for (unsigned i = 0; i < n; i++)
		operand[3 + i] = arg[i];
	tr__spv_put(&p->m.main, SPV_OpFunctionCall, operand, 3 + n);
	return operand[1];
}

static uint32_t convert(struct program *p, uint32_t value, unsigned from, unsigned to)
{
	char name[32];

	if (from == to)
		return value;
	snprintf(name, sizeof(name), "cast_%s_%s", tr__vk_tags[from], tr__vk_tags[to]);
	return call(p, name, type_of(p, to), &value, 1);
}

/* A number of the program, of type f32 or f64. */
static uint32_t number(struct program *p, unsigned i, unsigned dtype)
{
	const struct tr_vk_signature *s = p->s;
	unsigned all = s->nload + s->nstore, strided = 0;
	uint32_t bits, narrow, id = tr__spv_id(&p->m);

	for (unsigned k = 0; k < all; k++)
		strided += s->form[k] == TR_VK_STRIDED;
	bits = load_param(p, 1 + all + s->ndim * (1 + strided) + i);
	if (dtype == TR_F32) {
		narrow = tr__spv_id(&p->m);
		SPV(&p->m.main, SPV_OpUConvert, p->u32, narrow, bits);
		bits = narrow;
	}
	SPV(&p->m.main, SPV_OpBitcast, type_of(p, dtype), id, bits);
	return id;
}

static uint32_t instruction(struct program *p, const struct tr_instr *in)
{
	const struct tr_op_info *info = &tr__ops[in->op];
	bool truth = info->result == TR_RESULT_BOOL;
	uint32_t arg[3], value, id;
	char name[48];
	unsigned n;

	if (info->family == TR_FAMILY_CAST)
		return convert(p, p->reg[in->src[0]], in->dtype, in->to);
	n = tr__family_sources((enum tr_family)info->family);
	for (unsigned i = 0; i < n; i++)
		arg[i] = p->reg[in->src[i]];
	for (unsigned i = 0; i < tr__family_numbers((enum tr_family)info->family); i++)
		arg[n++] = number(p, in->number + i, in->dtype);
	if (info->family == TR_FAMILY_SELECT)
		arg[0] = tr__spv_binary(&p->m, SPV_OpINotEqual, p->boolean, arg[0], bool_constant(p, 0));
	snprintf(name, sizeof(name), "op_%s_%s", info->name, tr__vk_tags[in->dtype]);
	value = call(p, name, truth ? p->boolean : type_of(p, in->dtype), arg, n);
	if (!truth)
		return value;
	id = tr__spv_id(&p->m);
	SPV(&p->m.main, SPV_OpSelect, type_of(p, TR_BOOL), id, value, bool_constant(p, 1), bool_constant(p, 0));
	return id;
}

static void body(struct program *p)
{
	const struct tr_vk_signature *s = p->s;
	unsigned n = s->nload + s->nstore, strided[TR_PROGRAM_OPERANDS], before = 0;

	for (unsigned i = 0; i < n; i++) {
		strided[i] = before;
		before += s->form[i] == TR_VK_STRIDED;
	}
	find_places(p);
	for (unsigned i = 0; i < s->nload; i++) {
		uint32_t pointer = element(p, i, strided[i]);

		p->reg[i] = tr__spv_id(&p->m);
		SPV(&p->m.main, SPV_OpLoad, type_of(p, s->dtype[i]), p->reg[i], pointer, SPV_Aligned,
		    alignment(s->dtype[i]));
	}
	for (unsigned i = 0; i < s->ninstr; i++)
		p->reg[s->instr[i].dst] = instruction(p, &s->instr[i]);
	for (unsigned i = 0; i < s->nstore; i++) {
		uint32_t pointer = element(p, s->nload + i, strided[s->nload + i]);

		SPV(&p->m.main, SPV_OpStore, pointer, p->reg[s->store[i]], SPV_Aligned,
		    alignment(s->dtype[s->nload + i]));
	}
}

int tr__vk_program_code(const struct tr_vk_gpu *gpu, const void *key, struct tr_vk_code *code)
{
	struct program p = {.s = key};
	uint32_t inside, done, n, within;
	int err = tr__spv_init(&p.m, gpu);

	if (err)
		return err;
	p.u32 = tr__spv_int(&p.m, 32, false);
	p.u64 = tr__spv_int(&p.m, 64, false);
	p.boolean = tr__spv_bool(&p.m);
	p.pointer_u64 = tr__spv_pointer(&p.m, SPV_PhysicalStorageBuffer, p.u64);
	p.pointer[TR_U64] = p.pointer_u64;
	inside = tr__spv_id(&p.m);
	done = tr__spv_id(&p.m);
	tr__spv_enter(&p.m, &p.entry);
	find_index(&p);
	n = load_param(&p, 0);
	within = tr__spv_binary(&p.m, SPV_OpULessThan, p.boolean, p.s->wide ? p.index : widen(&p, p.index), n);
	SPV(&p.m.main, SPV_OpSelectionMerge, done, 0);
	SPV(&p.m.main, SPV_OpBranchConditional, within, inside, done);
	SPV(&p.m.main, SPV_OpLabel, inside);
	body(&p);
	SPV(&p.m.main, SPV_OpBranch, done);
	SPV(&p.m.main, SPV_OpLabel, done);
	tr__spv_put(&p.m.main, SPV_OpReturn, NULL, 0);
	err = tr__spv_assemble(&p.m, TR_VK_GROUP, code);
	tr__spv_finish(&p.m);
	return err;
}
