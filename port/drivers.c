/* SPDX-License-Identifier: MIT */
/* What lib/drivers.c is for a build of the core alone: the CPU driver. */
#include "lib/driver.h"

extern const struct tr_driver tr__cpu_driver;

const struct tr_driver *const tr__drivers[] = {
	&tr__cpu_driver,
	NULL,
};
