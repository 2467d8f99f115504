/* SPDX-License-Identifier: MIT */
/* What WASI says of the machine: nothing. */
#include "simd/host.h"

#include <stdio.h>

void tr__host_name(char *name, size_t len)
{
	snprintf(name, len, "WebAssembly");
}

unsigned tr__host_l1_ways(void)
{
	return 8;
}

void tr__host_huge_pages(void *p, size_t size)
{
	(void)p;
	(void)size;
}
