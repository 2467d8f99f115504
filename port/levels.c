/* SPDX-License-Identifier: MIT */
/* What simd/levels.c is for a build without levels, make CONFIG=novec: the specification alone. */
#include "simd/cpu.h"

static bool always(void)
{
	return true;
}

static void fill_nothing(struct tr_kernels *k)
{
	(void)k;
}

const struct tr_level tr__levels[] = {
	{"scalar", fill_nothing, always},
	{0},
};

void tr__level_kernels(const struct tr_level *level, struct tr_kernels *k)
{
	*k = tr__ref_kernels;
	k->name = level->name;
}
