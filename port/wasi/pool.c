/* SPDX-License-Identifier: MIT */
/* The worker pool where there are no threads: every job runs on its caller. */
#include "lib/pool.h"

unsigned tr__pool_share(const struct tr_workers *w, size_t parts, tr_part_fn fn, void *arg)
{
	(void)w;
	for (size_t p = 0; p < parts; p++)
		fn(arg, p, 0);
	return 0;
}

size_t tr__pool_cut(const struct tr_workers *w, double cost_ns, size_t most)
{
	(void)w;
	(void)cost_ns;
	(void)most;
	return 1;
}

struct tr_pool *tr__pool_get(unsigned threads)
{
	(void)threads;
	return NULL;
}

void tr__pool_put(struct tr_pool *pool)
{
	(void)pool;
}

unsigned tr__cpus(void)
{
	return 1;
}
