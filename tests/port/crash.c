/* SPDX-License-Identifier: MIT */
/* Crashes where there are no signals: the engine tells of them. */
#include "tests/crash.h"

void catch_crashes(crashed_fn where)
{
	(void)where;
}
