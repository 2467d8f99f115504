/* SPDX-License-Identifier: MIT */
/* The processor's name and large pages, on Linux. Knows no device. */
#define _GNU_SOURCE
#include "simd/host.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

void tr__host_name(char *name, size_t len)
{
	struct utsname host;
	const char *s = NULL;

#if defined(__x86_64__) || defined(__i386__)
	unsigned r[12] = {0};
	char brand[sizeof(r) + 1] = "";

	if (__get_cpuid_max(0x80000000, NULL) >= 0x80000004) {
		for (unsigned i = 0; i < 3; i++)
			__get_cpuid(0x80000002 + i, &r[4 * i], &r[4 * i + 1], &r[4 * i + 2], &r[4 * i + 3]);
		memcpy(brand, r, sizeof(r));
		s = brand + strspn(brand, " "); /* some are padded in front */
	}
#endif
	if (!s || !*s)
		s = uname(&host) ? "unknown" : host.machine;
	snprintf(name, len, "%.*s", (int)len - 1, s);
	for (size_t n = strlen(name); n && name[n - 1] == ' '; n--)
		name[n - 1] = '\0';
}

unsigned tr__host_l1_ways(void)
{
	long ways = 0;

#ifdef _SC_LEVEL1_DCACHE_ASSOC
	ways = sysconf(_SC_LEVEL1_DCACHE_ASSOC);
#endif
	return ways > 1 ? (unsigned)ways : 8;
}

void tr__host_huge_pages(void *p, size_t size)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t begin = ((uintptr_t)p + page - 1) / page * page;
	uintptr_t end = ((uintptr_t)p + size) / page * page;

	if (begin < end)
		madvise((void *)begin, end - begin, MADV_HUGEPAGE);
}
