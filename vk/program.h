/* SPDX-License-Identifier: MIT */
/*
 * What the two halves of an elementwise kernel's shader share: vk/access.c finds, loads and stores the elements of an
 * invocation, vk/program.c computes with them.
 */
#ifndef TR_VK_PROGRAM_H
#define TR_VK_PROGRAM_H

#include "vk/spirv.h"

struct tr_vk_program {
	struct tr_spv m;
	const struct tr_vk_signature *s;
	struct tr_spv_entry entry;
	uint32_t u32, u64, boolean, pointer_u64;
	uint32_t index, n;                  /* of the first element, and how many there are: u64 if wide, else u32 */
	uint32_t at[TR_MAX_RANK];           /* u64: the first element's place along each axis */
	uint32_t first[TR_PROGRAM_OPERANDS]; /* u64: its address */
	uint32_t zero8, one8;               /* of TR_BOOL's type, made when needed */
	uint32_t pointer[TR_DTYPE_COUNT];
	uint32_t reg[TR_PROGRAM_REGS][TR_VK_LANES]; /* the values each register holds */
};

/* The type elements have in memory, which is also what the library's functions take. */
uint32_t tr__vk_type_of(struct tr_vk_program *p, unsigned dtype);

/* Finds index and n. */
void tr__vk_find_index(struct tr_vk_program *p);
uint32_t tr__vk_index_step(struct tr_vk_program *p);

/* Finds places and addresses; after tr__vk_find_index. */
void tr__vk_find_addresses(struct tr_vk_program *p);

/* The program's number i, as f32 or f64. */
uint32_t tr__vk_load_number(struct tr_vk_program *p, unsigned i, unsigned dtype);

/* Loads operand i into register i. */
void tr__vk_load_operand(struct tr_vk_program *p, unsigned i);

/* Stores what the program's registers hold at its end, but nothing past the last element. */
void tr__vk_store_all(struct tr_vk_program *p);

#endif
