/* SPDX-License-Identifier: MIT */
/*
 * The process's worker threads, which devices share, and how many of them a device should ask for. Knows no device.
 */
#ifndef TR_LIB_POOL_H
#define TR_LIB_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tr_pool;

/* Most threads a device can have; worker numbers stay below it. */
#define TR_POOL_THREADS 1024

/*
 * Takes a reference to the pool and sees to it that threads - 1 workers exist, as far as the system grants them.
 * NULL if threads is 1 or no worker could be started: tr__pool_run then works on the calling thread.
 * Workers block all signals and inherit the affinity of the thread that started them.
 *
 * After fork() the child's pool has no workers: devices opened before go on on one thread until a device is
 * opened in the child, which starts workers for all of them.
 */
struct tr_pool *tr__pool_get(unsigned threads);

/* A worker's part in a job, for a timeline. */
struct tr_worker_span {
	uint64_t begin, end;
	unsigned thread;
};

/* Those who do a device's work: the calling thread and at most threads - 1 of the pool's, which may be NULL. */
struct tr_workers {
	struct tr_pool *pool;
	unsigned threads;
	const void *owner;           /* the device: a part of its may share work in turn, and does it alone */
	struct tr_worker_span *span; /* one per worker, or NULL: no timeline */
};

/* Work for one part; worker < threads tells apart those at work. */
typedef void (*tr_part_fn)(void *arg, size_t part, unsigned worker);

/*
 * Calls fn(arg, 0 … parts-1, worker) once each, in any order, on the calling thread and others; returns, when all are done,
 * how many others there were. Runs all parts on the calling thread if the pool is busy with another device.
 */
unsigned tr__pool_share(const struct tr_workers *w, size_t parts, tr_part_fn fn, void *arg);

/* How many parts to cut work into: 1 unless cost (in about nanoseconds on one core) pays for waking others. */
size_t tr__pool_cut(const struct tr_workers *w, double cost_ns, size_t most);

/* Gives the reference back; the last one ends the workers. NULL is allowed. */
void tr__pool_put(struct tr_pool *pool);

/*
 * CPUs this process may keep busy: the affinity mask of the calling thread, or fewer if a control group's quota
 * (version 2 or 1, at any level of the hierarchy) grants less time. At least 1.
 */
unsigned tr__cpus(void);

/*
 * The quota part of tr__cpus, for any pair of files in the formats of /proc/self/cgroup and /proc/self/mountinfo:
 * CPUs' worth of time per period, rounded up; 0 if nothing limits it.
 */
unsigned tr__cpus_quota(const char *cgroup_path, const char *mountinfo_path);

/*
 * Threads for a device: asked if not 0, else $TRUENO_THREADS, else tr__cpus(). 0 if the variable is not a number
 * from 1 to TR_POOL_THREADS.
 */
unsigned tr__threads(unsigned asked);

#endif
