/* SPDX-License-Identifier: MIT */
/* The worker pool where there are no threads: every job runs on its caller. */
#include "simd/cpu.h"
#include "simd/pool.h"

void tr__pool_run(struct tr_device *dev, size_t parts, tr_part_fn fn, void *arg)
{
	(void)dev;
	for (size_t p = 0; p < parts; p++)
		fn(arg, p, 0);
}

size_t tr__pool_parts(const struct tr_device *dev, double cost_ns, size_t most)
{
	(void)dev;
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
