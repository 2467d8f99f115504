/* SPDX-License-Identifier: MIT */
/* The shader library's words, as the build makes them; link.c knows what they mean. */
#include "vk/vk.h"

#include "vk/ops.spv.h"

const size_t tr__vk_ops_size = sizeof(tr__vk_ops);
