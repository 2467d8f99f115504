/* SPDX-License-Identifier: MIT */
/*
 * Values that must be right before anything is written: they are looked at on the GPU, which takes a submission of its own; a
 * wrong one is an error, never a fault. What is recorded to be replayed is looked at after each replay: *guard is then the
 * address of the word that tells kernels to leave things alone unless it is UINT32_MAX, else 0.
 */
#ifndef TR_VK_CHECKS_H
#define TR_VK_CHECKS_H

#include "vk/recording.h"
#include "vk/rows.h"

/* 0, or -TR_EINDEX with the first index that is not in low … limit - 1. idx is dense, of TR_I64. */
int tr__vk_check_indices(struct tr_device *dev, const struct tr_operand *idx, bool was_unsigned, int64_t low, int64_t axis,
			 int64_t limit, uint64_t *guard, char *detail);

/* 0, or -TR_ESTATE if the 64-bit number at address `found` is not `room`. */
int tr__vk_check_room(struct tr_device *dev, uint64_t found, int64_t room, uint64_t *guard, char *detail);

/* 0, or -TR_EINVAL if the element of a row that y, dense and of TR_I64, has the index of is a NaN. */
int tr__vk_check_numbers(struct tr_device *dev, const struct tr_vk_rows *r, const struct tr_operand *y, char *detail);

#endif
