/* SPDX-License-Identifier: MIT */
/* The drivers this library is built with. The only file that names them. */
#include "lib/driver.h"

extern const struct tr_driver tr__cpu_driver;
extern const struct tr_driver tr__vulkan_driver;

const struct tr_driver *const tr__drivers[] = {
	&tr__cpu_driver,
	&tr__vulkan_driver, /* behind the CPU until it has every operation: who wants it names it */
	NULL,
};
