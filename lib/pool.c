/* SPDX-License-Identifier: MIT */
/*
 * The worker pool: one for the process, one job at a time. A job is a count of parts handed out by an atomic
 * counter; workers that are awake join it, those that are late miss it and nobody waits for them. Knows no
 * command and no kernel.
 *
 * Everything hangs on one word, `state`: the job's number, whether it is open, and how many workers joined. A
 * worker joins by compare-and-swap and only then reads the job's fields, so they cannot change under it; the
 * caller closes the job, which fixes the number of joiners, and waits for exactly those to leave.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lib/pool.h"
#include "lib/trace.h"

/* state: number of the job << 16 | open | joined. The number may wrap: it only keeps a worker from rejoining. */
#define JOINED_MASK 0x3fffu
#define OPEN 0x4000u
#define STOP 0x8000u
#define NUMBER_SHIFT 16

/* How long an idle worker polls before it sleeps, and the caller for its last workers. With more threads than
 * CPUs polling takes the time from whoever has work. */
#define SPIN_NS 50000
#define SPIN_CROWDED_NS 1000
#define POLLS_PER_CLOCK 16

/* Nanoseconds of work that pay for handing it to workers that poll, and to workers that must be woken, in one job
 * or, because they stay awake while more come, in a row of them; and the least worth being a part. The hand-off itself takes 0.1-2 µs and 15-25 µs (printed by tests/test_pool.c). */
#define SPLIT_AWAKE_NS 6000.0
#define SPLIT_ASLEEP_NS 25000.0
#define SPLIT_SOON_NS 100000
#define PART_NS 3000.0
#define PARTS_PER_THREAD 4

struct tr_pool {
	/* Written by callers. */
	_Alignas(64) atomic_uint state;
	atomic_bool busy; /* one caller at a time */
	tr_part_fn fn;
	void *arg;
	const void *owner;
	struct tr_worker_span *span; /* NULL: no timeline */
	size_t parts;
	unsigned limit; /* most workers that may join */

	/* Written by everyone in a job. */
	_Alignas(64) atomic_size_t next;

	/* Written by leaving and sleeping workers. */
	_Alignas(64) atomic_uint left;
	atomic_uint sleepers;
	atomic_bool waiting; /* the caller sleeps on left */
	atomic_uint missed;  /* nanoseconds of work that awake workers would have shared since some were last woken */

	/* Written under lock; nworkers is also read by callers. */
	_Alignas(64) pthread_mutex_t lock;
	unsigned refs;
	atomic_uint nworkers;
	atomic_long spin_ns;
	pthread_t worker[TR_POOL_THREADS - 1];
};

static struct tr_pool the_pool = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* The part this thread is in, for a part that calls tr__pool_run itself: its scratch block is the one to use. */
static _Thread_local struct {
	const void *owner;
	unsigned worker;
} inside;

static void futex_wait(atomic_uint *word, unsigned expected)
{
	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, NULL, NULL, 0);
}

static void futex_wake(atomic_uint *word, int n)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, n, NULL, NULL, 0);
}

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("isb" ::: "memory");
#endif
}

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

/* Polls until *word is not old, at most ns nanoseconds; returns the last value seen. */
static unsigned poll_change(atomic_uint *word, unsigned old, int64_t ns)
{
	int64_t end = 0;
	unsigned v;

	for (;;) {
		for (int i = 0; i < POLLS_PER_CLOCK; i++) {
			v = atomic_load_explicit(word, memory_order_acquire);
			if (v != old)
				return v;
			relax();
		}
		if (!end)
			end = now_ns() + ns;
		else if (now_ns() >= end)
			return v;
	}
}

static void run_here(const void *owner, size_t parts, tr_part_fn fn, void *arg)
{
	unsigned worker = inside.owner == owner ? inside.worker : 0;

	for (size_t p = 0; p < parts; p++)
		fn(arg, p, worker);
}

static void take_parts(struct tr_pool *pool, unsigned worker)
{
	tr_part_fn fn = pool->fn;
	void *arg = pool->arg;
	size_t parts = pool->parts, p;
	const void *outer_owner = inside.owner;
	unsigned outer_worker = inside.worker;
	struct tr_worker_span *span = pool->span ? &pool->span[worker] : NULL;

	if (span) {
		span->begin = tr__trace_now();
		span->thread = tr__trace_thread();
	}
	inside.owner = pool->owner;
	inside.worker = worker;
	while ((p = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed)) < parts)
		fn(arg, p, worker);
	if (span)
		span->end = tr__trace_now();
	inside.owner = outer_owner;
	inside.worker = outer_worker;
}

/* Joins the open job s belongs to and works until its parts are gone. False: closed or full by now. */
static bool join_job(struct tr_pool *pool, unsigned s)
{
	unsigned number = s >> NUMBER_SHIFT;

	while (!atomic_compare_exchange_weak_explicit(&pool->state, &s, s + 1, memory_order_acquire,
						      memory_order_relaxed)) {
		if (!(s & OPEN) || s >> NUMBER_SHIFT != number)
			return false;
	}
	/* Numbers are given in order of joining, so that they stay below the device's threads. */
	if ((s & JOINED_MASK) < pool->limit)
		take_parts(pool, (s & JOINED_MASK) + 1);
	atomic_fetch_add(&pool->left, 1);
	if (atomic_load(&pool->waiting))
		futex_wake(&pool->left, 1);
	return true;
}

static void *worker_main(void *arg)
{
	struct tr_pool *pool = arg;
	unsigned s = atomic_load(&pool->state);
	unsigned done = ~0u; /* number of the last job this worker has seen the end of */

	for (;;) {
		if (s & STOP)
			return NULL;
		if ((s & OPEN) && s >> NUMBER_SHIFT != done) {
			join_job(pool, s);
			done = s >> NUMBER_SHIFT;
			s = atomic_load(&pool->state);
			continue;
		}
		unsigned seen = s;

		s = poll_change(&pool->state, seen, atomic_load_explicit(&pool->spin_ns, memory_order_relaxed));
		if (s != seen)
			continue;
		/* The caller publishes and then looks for sleepers; this side is the other way round, so one of
		 * the two sees the other. */
		atomic_fetch_add(&pool->sleepers, 1);
		futex_wait(&pool->state, seen);
		atomic_fetch_sub(&pool->sleepers, 1);
		s = atomic_load(&pool->state);
	}
}

/* Closes the job and waits for the workers in it: first polling, then asleep. How many those were. */
static unsigned finish_job(struct tr_pool *pool)
{
	unsigned joined = atomic_fetch_and(&pool->state, ~OPEN) & JOINED_MASK;
	unsigned left = atomic_load_explicit(&pool->left, memory_order_acquire);
	int64_t spin = atomic_load_explicit(&pool->spin_ns, memory_order_relaxed);

	while (left != joined) {
		unsigned v = poll_change(&pool->left, left, spin);

		if (v == left) {
			atomic_store(&pool->waiting, true);
			v = atomic_load(&pool->left);
			if (v == left)
				futex_wait(&pool->left, left);
			atomic_store(&pool->waiting, false);
			v = atomic_load(&pool->left);
		}
		left = v;
	}
	return joined;
}

unsigned tr__pool_share(const struct tr_workers *w, size_t parts, tr_part_fn fn, void *arg)
{
	struct tr_pool *pool = w->pool;
	unsigned helpers, sleepers, joined, s;

	if (parts <= 1 || !pool || !atomic_load_explicit(&pool->nworkers, memory_order_relaxed) ||
	    atomic_exchange_explicit(&pool->busy, true, memory_order_acquire)) {
		run_here(w->owner, parts, fn, arg);
		return 0;
	}

	helpers = w->threads - 1;
	if (helpers > parts - 1)
		helpers = (unsigned)(parts - 1);
	pool->fn = fn;
	pool->arg = arg;
	pool->owner = w->owner;
	pool->span = w->span;
	pool->parts = parts;
	pool->limit = helpers;
	atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
	atomic_store_explicit(&pool->left, 0, memory_order_relaxed);
	s = (atomic_load_explicit(&pool->state, memory_order_relaxed) >> NUMBER_SHIFT) + 1;
	atomic_store(&pool->state, s << NUMBER_SHIFT | OPEN);

	sleepers = atomic_load(&pool->sleepers);
	if (sleepers)
		futex_wake(&pool->state, (int)(sleepers < helpers ? sleepers : helpers));
	take_parts(pool, 0);
	joined = finish_job(pool);
	atomic_store_explicit(&pool->busy, false, memory_order_release);
	return joined < helpers ? joined : helpers;
}

size_t tr__pool_cut(const struct tr_workers *w, double cost_ns, size_t most)
{
	struct tr_pool *pool = w->pool;
	size_t parts;
	bool asleep;

	if (w->threads <= 1 || !pool || most <= 1 || cost_ns < SPLIT_AWAKE_NS)
		return 1;
	asleep = atomic_load_explicit(&pool->sleepers, memory_order_relaxed) > 0;
	if (asleep && cost_ns < SPLIT_ASLEEP_NS &&
	    atomic_fetch_add_explicit(&pool->missed, (unsigned)cost_ns, memory_order_relaxed) < SPLIT_SOON_NS)
		return 1;
	if (asleep)
		atomic_store_explicit(&pool->missed, 0, memory_order_relaxed);
	parts = (size_t)PARTS_PER_THREAD * w->threads;
	if (cost_ns < (double)parts * PART_NS)
		parts = (size_t)(cost_ns / PART_NS);
	/* As many for each, so that none is left over; and of few, each worker gets the same next time: they are in its caches. */
	if (parts > w->threads)
		parts -= parts % w->threads;
	return parts < most ? parts : most;
}

static void fork_prepare(void)
{
	pthread_mutex_lock(&the_pool.lock);
}

static void fork_parent(void)
{
	pthread_mutex_unlock(&the_pool.lock);
}

/* The child has this thread alone: no workers, and no caller that could be inside a job. */
static void fork_child(void)
{
	pthread_mutex_init(&the_pool.lock, NULL);
	atomic_store(&the_pool.nworkers, 0);
	atomic_store(&the_pool.sleepers, 0);
	atomic_store(&the_pool.waiting, false);
	atomic_store(&the_pool.state, 0);
	atomic_store(&the_pool.busy, false);
}

static void register_fork(void)
{
	/* Without the handlers a child that closes its devices would wait for threads it has not got. */
	pthread_atfork(fork_prepare, fork_parent, fork_child);
}

/* Starts workers until there are n. Called under lock; fewer than asked is not an error. */
static void grow(struct tr_pool *pool, unsigned n)
{
	unsigned have = atomic_load(&pool->nworkers), cpus = tr__cpus();
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	while (have < n && !pthread_create(&pool->worker[have], NULL, worker_main, pool)) {
		pthread_setname_np(pool->worker[have], "trueno");
		have++;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	atomic_store(&pool->spin_ns, have < cpus ? SPIN_NS : SPIN_CROWDED_NS);
	atomic_store(&pool->nworkers, have);
}

struct tr_pool *tr__pool_get(unsigned threads)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct tr_pool *pool = &the_pool;

	if (threads <= 1)
		return NULL;
	if (threads > TR_POOL_THREADS)
		threads = TR_POOL_THREADS;
	pthread_once(&once, register_fork);
	pthread_mutex_lock(&pool->lock);
	if (!pool->refs)
		atomic_store(&pool->state, atomic_load(&pool->state) & ~STOP);
	if (atomic_load(&pool->nworkers) < threads - 1)
		grow(pool, threads - 1);
	if (!atomic_load(&pool->nworkers))
		pool = NULL;
	else
		pool->refs++;
	pthread_mutex_unlock(&the_pool.lock);
	return pool;
}

void tr__pool_put(struct tr_pool *pool)
{
	unsigned n;

	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	if (--pool->refs == 0) {
		atomic_fetch_or(&pool->state, STOP);
		futex_wake(&pool->state, INT_MAX);
		n = atomic_load(&pool->nworkers);
		for (unsigned i = 0; i < n; i++)
			pthread_join(pool->worker[i], NULL);
		atomic_store(&pool->nworkers, 0);
	}
	pthread_mutex_unlock(&pool->lock);
}
