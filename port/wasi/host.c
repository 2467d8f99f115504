/* SPDX-License-Identifier: MIT */
/* What WASI says of the machine: nothing. */
#include "simd/host.h"

#include <stdio.h>

void tr__host_name(char *name, size_t len)
{
	snprintf(name, len, "WebAssembly");
}

void tr__host_huge_pages(void *p, size_t size)
{
	(void)p;
	(void)size;
}
