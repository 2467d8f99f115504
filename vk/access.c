/* SPDX-License-Identifier: MIT */
/*
 * The shader of an elementwise program, its memory: which elements are an invocation's, where they lie, how they are
 * loaded and stored. Knows element types and arrangements, no operation.
 *
 * Parameters, 64-bit words: the number of elements n; the address of each operand; if some operand is strided, the
 * ndim sizes, then for each strided operand its ndim strides in bytes; last the bits of the program's numbers, each in
 * the type of its instruction.
 *
 * An invocation has `lanes` elements, side by side along the last axis. A load of 16 bytes may go past the last element,
 * but not past the 16 aligned bytes around it, which are the same block of memory; stores never do.
 */
#include "vk/program.h"

uint32_t tr__vk_type_of(struct tr_vk_program *p, unsigned dtype)
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

static uint32_t unary(struct tr_vk_program *p, unsigned op, uint32_t type, uint32_t value)
{
	uint32_t id = tr__spv_id(&p->m);

	SPV(&p->m.main, op, type, id, value);
	return id;
}

static uint32_t add(struct tr_vk_program *p, uint32_t a, uint32_t b)
{
	return tr__spv_binary(&p->m, SPV_OpIAdd, p->u64, a, b);
}

static uint32_t times(struct tr_vk_program *p, uint32_t a, uint64_t b)
{
	return tr__spv_binary(&p->m, SPV_OpIMul, p->u64, a, tr__spv_constant64(&p->m, b));
}

bool tr__vk_chained;

/* A pointer of a type from an address. */
static uint32_t to_pointer(struct tr_vk_program *p, uint32_t type, uint32_t address)
{
	uint32_t pointer = unary(p, SPV_OpConvertUToPtr, type, address), id;

	if (!tr__vk_chained)
		return pointer;
	id = tr__spv_id(&p->m);
	SPV(&p->m.main, SPV_OpAccessChain, type, id, pointer);
	return id;
}

static uint32_t load_param(struct tr_vk_program *p, unsigned word)
{
	uint32_t pointer, id;

	if (p->s->pushed)
		return p->entry.pushed[word];
	pointer = to_pointer(p, p->pointer_u64, add(p, p->entry.pushed[0], tr__spv_constant64(&p->m, 8 * (uint64_t)word)));
	id = tr__spv_id(&p->m);
	SPV(&p->m.main, SPV_OpLoad, p->u64, id, pointer, SPV_Aligned, 8);
	return id;
}

static uint32_t widen(struct tr_vk_program *p, uint32_t value)
{
	return unary(p, SPV_OpUConvert, p->u64, value);
}

/* A value of the index's type, from u64 or u32. */
static uint32_t as_index(struct tr_vk_program *p, uint32_t value, bool is_wide)
{
	if (is_wide == p->s->wide)
		return value;
	return unary(p, SPV_OpUConvert, p->s->wide ? p->u64 : p->u32, value);
}

static uint32_t index_constant(struct tr_vk_program *p, uint64_t value)
{
	return p->s->wide ? tr__spv_constant64(&p->m, value) : tr__spv_constant32(&p->m, (uint32_t)value);
}

/* index = ((group.y · groups.x + group.x) · TR_VK_GROUP + local) · lanes. */
void tr__vk_find_index(struct tr_vk_program *p)
{
	struct tr_spv *m = &p->m;
	uint32_t type = p->s->wide ? p->u64 : p->u32, at;

	at = tr__spv_binary(m, SPV_OpIMul, type, as_index(p, p->entry.group_y, false), as_index(p, p->entry.groups_x, false));
	at = tr__spv_binary(m, SPV_OpIAdd, type, at, as_index(p, p->entry.group_x, false));
	at = tr__spv_binary(m, SPV_OpIMul, type, at, index_constant(p, TR_VK_GROUP));
	at = tr__spv_binary(m, SPV_OpIAdd, type, at, as_index(p, p->entry.local, false));
	p->index = tr__spv_binary(m, SPV_OpIMul, type, at, index_constant(p, p->s->lanes));
	p->n = as_index(p, load_param(p, 0), true);
}

/* What all invocations together take at a time. */
uint32_t tr__vk_index_step(struct tr_vk_program *p)
{
	uint32_t type = p->s->wide ? p->u64 : p->u32, groups;

	groups = tr__spv_binary(&p->m, SPV_OpIMul, type, as_index(p, p->entry.groups_x, false), as_index(p, p->entry.groups_y, false));
	return tr__spv_binary(&p->m, SPV_OpIMul, type, groups, index_constant(p, TR_VK_GROUP * p->s->lanes));
}

/* Takes the index apart into places along the axes. */
static void find_places(struct tr_vk_program *p)
{
	const struct tr_vk_signature *s = p->s;
	unsigned first = 1u + s->nload + s->nstore;
	uint32_t type = s->wide ? p->u64 : p->u32, rest = p->index;

	for (int d = s->ndim - 1; d >= 0; d--) {
		uint32_t size, quotient;

		p->at[d] = rest;
		if (d == 0)
			break;
		size = as_index(p, load_param(p, first + (unsigned)d), true);
		quotient = tr__spv_binary(&p->m, SPV_OpUDiv, type, rest, size);
		p->at[d] = tr__spv_binary(&p->m, SPV_OpISub, type, rest, tr__spv_binary(&p->m, SPV_OpIMul, type, quotient, size));
		rest = quotient;
	}
	for (int d = 0; d < s->ndim && !s->wide; d++)
		p->at[d] = widen(p, p->at[d]);
}

/* The parameter that holds operand i's first stride. */
static unsigned stride_param(const struct tr_vk_signature *s, unsigned i)
{
	unsigned word = 1u + s->nload + s->nstore + s->ndim;

	for (unsigned k = 0; k < i; k++)
		word += s->form[k] == TR_VK_STRIDED ? s->ndim : 0;
	return word;
}

uint32_t tr__vk_load_number(struct tr_vk_program *p, unsigned i, unsigned dtype)
{
	uint32_t bits = load_param(p, stride_param(p->s, (unsigned)p->s->nload + p->s->nstore) + i);

	return unary(p, SPV_OpBitcast, tr__vk_type_of(p, dtype), dtype == TR_F32 ? unary(p, SPV_OpUConvert, p->u32, bits) : bits);
}

void tr__vk_find_addresses(struct tr_vk_program *p)
{
	const struct tr_vk_signature *s = p->s;

	find_places(p);
	for (unsigned i = 0; i < (unsigned)s->nload + s->nstore; i++) {
		uint32_t address = load_param(p, 1 + i);

		if (s->form[i] == TR_VK_DENSE)
			address = add(p, address, times(p, s->wide ? p->index : widen(p, p->index),
							tr_dtype_size((enum tr_dtype)s->dtype[i])));
		for (unsigned d = 0; d < s->ndim && s->form[i] == TR_VK_STRIDED; d++)
			address = add(p, address, tr__spv_binary(&p->m, SPV_OpIMul, p->u64, p->at[d],
								 load_param(p, stride_param(s, i) + d)));
		p->first[i] = address;
	}
}

/* Complex numbers need be aligned to their parts only. */
static uint32_t alignment(unsigned dtype)
{
	size_t size = tr_dtype_size((enum tr_dtype)dtype);

	return (uint32_t)(dtype == TR_C64 || dtype == TR_C128 ? size / 2 : size);
}

/* A pointer to one element of operand i. */
static uint32_t element(struct tr_vk_program *p, unsigned i, unsigned lane)
{
	const struct tr_vk_signature *s = p->s;
	uint32_t address = p->first[i], step;
	unsigned dtype = s->dtype[i];

	if (lane && s->form[i] == TR_VK_DENSE) {
		address = add(p, address, tr__spv_constant64(&p->m, lane * tr_dtype_size((enum tr_dtype)dtype)));
	} else if (lane && s->form[i] == TR_VK_STRIDED) {
		step = load_param(p, stride_param(s, i) + s->ndim - 1u);
		address = add(p, address, times(p, step, lane));
	}
	if (!p->pointer[dtype])
		p->pointer[dtype] = tr__spv_pointer(&p->m, SPV_PhysicalStorageBuffer, tr__vk_type_of(p, dtype));
	return to_pointer(p, p->pointer[dtype], address);
}

/* The words that hold an invocation's elements of operand i when they are together: 1, 2 or 4. */
static unsigned words_of(const struct tr_vk_signature *s, unsigned i)
{
	return (unsigned)(s->lanes * tr_dtype_size((enum tr_dtype)s->dtype[i]) / 4);
}

/* A pointer to them, and the type they are there. */
static uint32_t together(struct tr_vk_program *p, unsigned i, uint32_t *type)
{
	unsigned n = words_of(p->s, i);
	uint32_t pointer;

	*type = n == 1 ? p->u32 : tr__spv_vector(&p->m, p->u32, n);
	pointer = tr__spv_pointer(&p->m, SPV_PhysicalStorageBuffer, *type);
	return to_pointer(p, pointer, p->first[i]);
}

static uint32_t extract(struct tr_vk_program *p, uint32_t type, uint32_t vector, unsigned which)
{
	uint32_t id = tr__spv_id(&p->m);

	SPV(&p->m.main, SPV_OpCompositeExtract, type, id, vector, which);
	return id;
}

/* Words into elements; fewer than 4 bytes each are parts of a word, more are made of two. */
static void unpack(struct tr_vk_program *p, unsigned i, const uint32_t *word, uint32_t *value)
{
	unsigned dtype = p->s->dtype[i], size = (unsigned)tr_dtype_size((enum tr_dtype)dtype);
	uint32_t type = tr__vk_type_of(p, dtype), parts = 0;

	for (unsigned e = 0; e < p->s->lanes; e++) {
		if (size == 8) {
			uint32_t pair = tr__spv_id(&p->m);

			SPV(&p->m.main, SPV_OpCompositeConstruct, tr__spv_vector(&p->m, p->u32, 2), pair, word[2 * e],
			    word[2 * e + 1]);
			value[e] = unary(p, SPV_OpBitcast, type, pair);
		} else if (size == 4) {
			value[e] = type == p->u32 ? word[e] : unary(p, SPV_OpBitcast, type, word[e]);
		} else {
			unsigned per = 4 / size;

			if (e % per == 0)
				parts = unary(p, SPV_OpBitcast, tr__spv_vector(&p->m, type, per), word[e / per]);
			value[e] = extract(p, type, parts, e % per);
		}
	}
}

/* The reverse. */
static void pack(struct tr_vk_program *p, unsigned i, const uint32_t *value, uint32_t *word)
{
	unsigned dtype = p->s->dtype[i], size = (unsigned)tr_dtype_size((enum tr_dtype)dtype);
	uint32_t type = tr__vk_type_of(p, dtype), parts[6];

	for (unsigned e = 0; e < p->s->lanes; e++) {
		if (size == 8) {
			uint32_t pair = unary(p, SPV_OpBitcast, tr__spv_vector(&p->m, p->u32, 2), value[e]);

			word[2 * e] = extract(p, p->u32, pair, 0);
			word[2 * e + 1] = extract(p, p->u32, pair, 1);
		} else if (size == 4) {
			word[e] = type == p->u32 ? value[e] : unary(p, SPV_OpBitcast, p->u32, value[e]);
		} else {
			unsigned per = 4 / size;

			parts[2 + e % per] = value[e];
			if ((e + 1) % per)
				continue;
			parts[0] = tr__spv_vector(&p->m, type, per);
			parts[1] = tr__spv_id(&p->m);
			tr__spv_put(&p->m.main, SPV_OpCompositeConstruct, parts, 2 + per);
			word[e / per] = unary(p, SPV_OpBitcast, p->u32, parts[1]);
		}
	}
}

void tr__vk_load_operand(struct tr_vk_program *p, unsigned i)
{
	const struct tr_vk_signature *s = p->s;
	uint32_t type = tr__vk_type_of(p, s->dtype[i]), word[4], pointer, id;
	unsigned n = words_of(s, i);

	if (s->group[i] == TR_VK_TOGETHER) {
		pointer = together(p, i, &type);
		id = word[0] = tr__spv_id(&p->m);
		SPV(&p->m.main, SPV_OpLoad, type, id, pointer, SPV_Aligned, 4 * n);
		for (unsigned k = 0; k < n && n > 1; k++)
			word[k] = extract(p, p->u32, id, k);
		unpack(p, i, word, p->reg[i]);
		return;
	}
	for (unsigned e = 0; e < s->lanes; e++) {
		if (e && s->group[i] == TR_VK_SAME) {
			p->reg[i][e] = p->reg[i][0];
			continue;
		}
		pointer = element(p, i, e);
		p->reg[i][e] = tr__spv_id(&p->m);
		SPV(&p->m.main, SPV_OpLoad, type, p->reg[i][e], pointer, SPV_Aligned, alignment(s->dtype[i]));
	}
}

static void store_element(struct tr_vk_program *p, unsigned i, unsigned lane)
{
	const struct tr_vk_signature *s = p->s;
	uint32_t pointer = element(p, s->nload + i, lane);

	SPV(&p->m.main, SPV_OpStore, pointer, p->reg[s->store[i]][lane], SPV_Aligned,
	    alignment(s->dtype[s->nload + i]));
}

static void store_group(struct tr_vk_program *p, unsigned i)
{
	const struct tr_vk_signature *s = p->s;
	uint32_t word[6], type, pointer;
	unsigned n = words_of(s, s->nload + i);

	if (s->group[s->nload + i] != TR_VK_TOGETHER) {
		for (unsigned e = 0; e < s->lanes; e++)
			store_element(p, i, e);
		return;
	}
	pack(p, s->nload + i, p->reg[s->store[i]], word + 2);
	pointer = together(p, s->nload + i, &type);
	if (n > 1) {
		word[0] = type;
		word[1] = tr__spv_id(&p->m);
		tr__spv_put(&p->m.main, SPV_OpCompositeConstruct, word, 2 + n);
	}
	SPV(&p->m.main, SPV_OpStore, pointer, n > 1 ? word[1] : word[2], SPV_Aligned, 4 * n);
}

/* Opens a block that is entered if element `lane` is one; the label after it. */
static uint32_t open_if(struct tr_vk_program *p, unsigned lane)
{
	struct tr_spv *m = &p->m;
	uint32_t inside = tr__spv_id(m), after = tr__spv_id(m), at;

	at = tr__spv_binary(m, SPV_OpIAdd, p->s->wide ? p->u64 : p->u32, p->index, index_constant(p, lane));
	at = tr__spv_binary(m, SPV_OpULessThan, p->boolean, at, p->n);
	SPV(&m->main, SPV_OpSelectionMerge, after, 0);
	SPV(&m->main, SPV_OpBranchConditional, at, inside, after);
	SPV(&m->main, SPV_OpLabel, inside);
	return after;
}

static void close_if(struct tr_vk_program *p, uint32_t after)
{
	SPV(&p->m.main, SPV_OpBranch, after);
	SPV(&p->m.main, SPV_OpLabel, after);
}

/* The last invocation's elements one by one, all others' together. */
static void store_with_tail(struct tr_vk_program *p)
{
	const struct tr_vk_signature *s = p->s;
	struct tr_spv *m = &p->m;
	uint32_t whole = tr__spv_id(m), part = tr__spv_id(m), after = tr__spv_id(m), last;

	last = tr__spv_binary(m, SPV_OpIAdd, s->wide ? p->u64 : p->u32, p->index, index_constant(p, s->lanes - 1u));
	last = tr__spv_binary(m, SPV_OpULessThan, p->boolean, last, p->n);
	SPV(&m->main, SPV_OpSelectionMerge, after, 0);
	SPV(&m->main, SPV_OpBranchConditional, last, whole, part);
	SPV(&m->main, SPV_OpLabel, whole);
	for (unsigned i = 0; i < s->nstore; i++)
		store_group(p, i);
	SPV(&m->main, SPV_OpBranch, after);
	SPV(&m->main, SPV_OpLabel, part);
	for (unsigned e = 0; e + 1u < s->lanes; e++) {
		uint32_t next = open_if(p, e);

		for (unsigned i = 0; i < s->nstore; i++)
			store_element(p, i, e);
		close_if(p, next);
	}
	close_if(p, after);
}

void tr__vk_store_all(struct tr_vk_program *p)
{
	if (p->s->tail) {
		store_with_tail(p);
		return;
	}
	for (unsigned i = 0; i < p->s->nstore; i++)
		store_group(p, i);
}
