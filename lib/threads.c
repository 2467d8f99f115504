/* SPDX-License-Identifier: MIT */
/* How many threads a device gets: what it asked for, $TRUENO_THREADS, or one for each CPU. Starts none. */
#include <errno.h>
#include <stdlib.h>

#include "lib/pool.h"

unsigned tr__threads(unsigned asked)
{
	const char *env = getenv("TRUENO_THREADS");
	unsigned long n;
	char *end;

	if (asked)
		return asked < TR_POOL_THREADS ? asked : TR_POOL_THREADS;
	if (!env || !*env)
		return tr__cpus();
	if (*env < '0' || *env > '9')
		return 0;
	errno = 0;
	n = strtoul(env, &end, 10);
	if (errno || *end || n > TR_POOL_THREADS)
		return 0;
	return (unsigned)n;
}
