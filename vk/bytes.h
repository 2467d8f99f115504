/* SPDX-License-Identifier: MIT */
/*
 * Moving bytes on the processor: by several threads, past the cache where nobody wants them there, out of memory that has no cache.
 * Knows addresses alone.
 */
#ifndef TR_VK_BYTES_H
#define TR_VK_BYTES_H

#include "vk/vk.h"

enum tr_vk_way {
	TR_VK_PLAIN,
	TR_VK_STORED,  /* the destination is the GPU's, which few threads keep busy */
	TR_VK_PAST,    /* the destination is more than a cache holds */
	TR_VK_UNCACHED /* the source has no cache: a load takes as long for 64 bytes, in the right way, as for one */
};

/* dst and src do not overlap. */
void tr__vk_move(struct tr_device *dev, void *dst, const void *src, size_t n, enum tr_vk_way way);

/* For some 50 µs the threads do not sleep, from which waking them takes as long as moving a megabyte. */
void tr__vk_wake_movers(struct tr_device *dev);

#endif
