/* SPDX-License-Identifier: MIT */
/* What the CPU driver asks of the system beside threads: simd/host.c on Linux, port/ elsewhere. */
#ifndef TR_SIMD_HOST_H
#define TR_SIMD_HOST_H

#include <stddef.h>

/* The processor's name, cut to len - 1 characters; never empty. */
void tr__host_name(char *name, size_t len);

/* Lines in a set of the L1 data cache; 8 where nobody says. */
unsigned tr__host_l1_ways(void);

/* Suggests large pages for size bytes at p. A hint: for the whole pages of the block only, so that it does no harm
 * whoever made it. */
void tr__host_huge_pages(void *p, size_t size);

#endif
