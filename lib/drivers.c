/* SPDX-License-Identifier: MIT */
/* The drivers this library is built with. The only file that names them. */
#include "lib/driver.h"

extern const struct tr_driver tr__cpu_driver;

const struct tr_driver *const tr__drivers[] = {
	&tr__cpu_driver,
	NULL,
};
