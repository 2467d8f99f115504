/* SPDX-License-Identifier: MIT */
/* Sharing the device's work with the pool's threads (lib/pool.h), and what they did in the timeline. */
#include "simd/cpu.h"

static struct tr_workers workers_of(const struct tr_device *dev)
{
	return (struct tr_workers){dev->pool, dev->threads, dev, dev->span};
}

void tr__pool_run(struct tr_device *dev, size_t parts, tr_part_fn fn, void *arg)
{
	const struct tr_workers w = workers_of(dev);
	unsigned joined = tr__pool_share(&w, parts, fn, arg);

	for (unsigned i = 1; dev->span && i <= joined; i++)
		tr__trace_command(dev->trace, dev->span[i].thread, dev->span[i].begin, dev->span[i].end, dev->running);
}

size_t tr__pool_parts(const struct tr_device *dev, double cost_ns, size_t most)
{
	const struct tr_workers w = workers_of(dev);

	return tr__pool_cut(&w, cost_ns, most);
}
