/* SPDX-License-Identifier: MIT */
/* The kernel tables of the levels that run here, for suites that compare kernels. Knows no device. */
#ifndef TESTS_LEVELS_H
#define TESTS_LEVELS_H

#include <stdlib.h>
#include <string.h>

#include "lib/op.h"
#include "simd/cpu.h"

#define MOST_TABLES 8

/* The specification first, then every other level this machine can run, best first. The tables stay. */
static inline size_t list_tables(const struct tr_kernels *tables[MOST_TABLES])
{
	static struct tr_kernels filled[MOST_TABLES];
	size_t n = 0;

	tables[n++] = &tr__ref_kernels;
	for (const struct tr_level *l = tr__levels; l->name && n < MOST_TABLES; l++)
		if (strcmp(l->name, tr__ref_kernels.name) && l->usable()) {
			tr__level_kernels(l, &filled[n]);
			tables[n] = &filled[n];
			n++;
		}
	return n;
}

/* The level that TRUENO_CPU names, else the best. */
static inline const struct tr_kernels *chosen_table(void)
{
	const struct tr_kernels *tables[MOST_TABLES];
	const char *want = getenv("TRUENO_CPU");
	size_t n = list_tables(tables);

	for (size_t i = 0; i < n && want && *want; i++)
		if (!strcmp(want, tables[i]->name))
			return tables[i];
	return tables[n > 1];
}

#endif
