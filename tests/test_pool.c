/* SPDX-License-Identifier: MIT */
/*
 * The worker pool: every part runs exactly once whatever the threads, callers and forks do; worker numbers never
 * collide; quotas are read as written. The time of a hand-off is printed, not judged.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "simd/cpu.h"
#include "tests/harness.h"

#define PARTS 200
#define THREADS_MOST 8

/* A device with a pool and nothing else. */
static struct tr_device bare_device(unsigned threads)
{
	struct tr_device dev = { .threads = threads, .pool = tr__pool_get(threads) };

	return dev;
}

static void close_bare(struct tr_device *dev)
{
	tr__pool_put(dev->pool);
	dev->pool = NULL;
}

struct cover {
	struct tr_device *dev;
	unsigned threads;
	atomic_uint ran[PARTS];
	atomic_bool in_use[THREADS_MOST];
	atomic_uint collisions;
	unsigned work; /* loops per part */
};

static void cover_part(void *arg, size_t part, unsigned worker)
{
	struct cover *c = arg;

	if (worker >= c->threads || atomic_exchange(&c->in_use[worker], true))
		atomic_fetch_add(&c->collisions, 1);
	for (volatile unsigned i = 0; i < c->work; i++)
		;
	atomic_fetch_add(&c->ran[part], 1);
	if (worker < c->threads)
		atomic_store(&c->in_use[worker], false);
}

/* Parts not run exactly once, plus collisions of worker numbers. */
static unsigned run_cover(struct tr_device *dev, size_t parts, unsigned work)
{
	struct cover c;
	unsigned bad = 0;

	memset(&c, 0, sizeof(c));
	c.dev = dev;
	c.threads = dev->threads;
	c.work = work;
	tr__pool_run(dev, parts, cover_part, &c);
	for (size_t p = 0; p < PARTS; p++)
		bad += atomic_load(&c.ran[p]) != (p < parts);
	return bad + atomic_load(&c.collisions);
}

static void every_part_runs_once(void)
{
	for (unsigned threads = 1; threads <= THREADS_MOST; threads++) {
		struct tr_device dev = bare_device(threads);
		unsigned bad = 0;

		for (size_t parts = 0; parts <= PARTS; parts += parts < 10 ? 1 : 19)
			for (unsigned round = 0; round < 20; round++)
				bad += run_cover(&dev, parts, round * 50);
		CU_ASSERT_EQUAL(bad, 0);
		close_bare(&dev);
	}
}

/* Jobs after idle times that let workers fall asleep, before, around and after the spin. */
static void sleeping_workers_wake(void)
{
	struct tr_device dev = bare_device(4);
	unsigned bad = 0;

	for (unsigned us = 0; us < 200; us += 4) {
		struct timespec pause = { .tv_nsec = us * 1000 };

		nanosleep(&pause, NULL);
		bad += run_cover(&dev, 16, 2000);
	}
	CU_ASSERT_EQUAL(bad, 0);
	close_bare(&dev);
}

static void *caller_main(void *arg)
{
	unsigned *bad = arg;

	for (unsigned i = 0; i < 30; i++) {
		struct tr_device dev = bare_device(2 + i % 3);

		for (unsigned round = 0; round < 50; round++)
			*bad += run_cover(&dev, 1 + (i * 50 + round) % PARTS, round);
		close_bare(&dev);
	}
	return NULL;
}

/* Several contexts at once, each opening and closing its device: one has the pool, the rest run alone. */
static void callers_share_the_pool(void)
{
	pthread_t thread[6];
	unsigned bad[6] = {0}, started = 0;

	while (started < 6 && !pthread_create(&thread[started], NULL, caller_main, &bad[started]))
		started++;
	for (unsigned i = 0; i < started; i++)
		pthread_join(thread[i], NULL);
	CU_ASSERT_EQUAL(started, 6);
	for (unsigned i = 0; i < started; i++)
		CU_ASSERT_EQUAL(bad[i], 0);
}

/* Threads of this process that the pool started. */
static unsigned count_workers(void)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *task;
	unsigned n = 0;

	while (tasks && (task = readdir(tasks))) {
		char path[300], name[32] = "";
		FILE *f;

		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", task->d_name);
		f = fopen(path, "re");
		n += f && fgets(name, sizeof(name), f) && !strcmp(name, "trueno\n");
		if (f)
			fclose(f);
	}
	if (tasks)
		closedir(tasks);
	return n;
}

struct crowd {
	struct tr_device dev;
	atomic_int *inside, *most;
};

static void crowd_part(void *arg, size_t part, unsigned worker)
{
	struct crowd *c = arg;
	int now = atomic_fetch_add(c->inside, 1) + 1, most = atomic_load(c->most);

	(void)part, (void)worker;
	while (now > most && !atomic_compare_exchange_weak(c->most, &most, now))
		;
	for (volatile unsigned i = 0; i < 3000; i++)
		;
	atomic_fetch_sub(c->inside, 1);
}

static void *crowd_main(void *arg)
{
	struct crowd *c = arg;

	for (unsigned i = 0; i < 200; i++)
		tr__pool_run(&c->dev, 16, crowd_part, c);
	return NULL;
}

/* Six contexts of three threads, each used by a thread of its own, are six threads and two workers, not eighteen. */
static void contexts_do_not_multiply_threads(void)
{
	enum { CONTEXTS = 6, EACH = 3 };
	atomic_int inside = 0, most = 0;
	struct crowd crowd[CONTEXTS];
	pthread_t thread[CONTEXTS];
	unsigned started = 0;

	for (unsigned i = 0; i < CONTEXTS; i++)
		crowd[i] = (struct crowd){bare_device(EACH), &inside, &most};
	CU_ASSERT_EQUAL(count_workers(), EACH - 1);
	while (started < CONTEXTS && !pthread_create(&thread[started], NULL, crowd_main, &crowd[started]))
		started++;
	for (unsigned i = 0; i < started; i++)
		pthread_join(thread[i], NULL);
	CU_ASSERT_EQUAL(started, CONTEXTS);
	CU_ASSERT_EQUAL(count_workers(), EACH - 1);
	CU_ASSERT(most >= 1 && most <= CONTEXTS + EACH - 1);
	for (unsigned i = 0; i < CONTEXTS; i++)
		close_bare(&crowd[i].dev);
	CU_ASSERT_EQUAL(count_workers(), 0);
}

struct nest {
	struct tr_device *dev, *other;
	atomic_uint ran;
	atomic_bool in_use[THREADS_MOST];
	atomic_uint bad;
};

static void inner_part(void *arg, size_t part, unsigned worker)
{
	struct nest *n = arg;

	(void)part;
	/* the same device: under the outer part's number, which is taken by it */
	if (worker >= n->dev->threads || !atomic_load(&n->in_use[worker]))
		atomic_fetch_add(&n->bad, 1);
	atomic_fetch_add(&n->ran, 1);
}

static void count_part(void *arg, size_t part, unsigned worker)
{
	struct nest *n = arg;

	(void)part;
	if (worker >= n->other->threads)
		atomic_fetch_add(&n->bad, 1);
	atomic_fetch_add(&n->ran, 1);
}

static void outer_part(void *arg, size_t part, unsigned worker)
{
	struct nest *n = arg;

	(void)part;
	if (atomic_exchange(&n->in_use[worker], true))
		atomic_fetch_add(&n->bad, 1);
	tr__pool_run(n->dev, 5, inner_part, n);
	tr__pool_run(n->other, 7, count_part, n);
	atomic_store(&n->in_use[worker], false);
}

static void nested_runs_stay_on_their_thread(void)
{
	struct tr_device dev = bare_device(4), other = bare_device(2);

	for (unsigned round = 0; round < 200; round++) {
		struct nest n;

		memset(&n, 0, sizeof(n));
		n.dev = &dev;
		n.other = &other;
		tr__pool_run(&dev, 16, outer_part, &n);
		CU_ASSERT_EQUAL(atomic_load(&n.ran), 16 * 12);
		CU_ASSERT_EQUAL(atomic_load(&n.bad), 0);
	}
	close_bare(&other);
	close_bare(&dev);
}

struct where {
	pthread_t self;
	atomic_uint elsewhere, unblocked;
	cpu_set_t mask;
	atomic_uint strayed;
};

static void where_part(void *arg, size_t part, unsigned worker)
{
	struct where *w = arg;
	struct timespec pause = { .tv_nsec = 200000 };
	cpu_set_t mask;
	sigset_t set;

	(void)part;
	nanosleep(&pause, NULL); /* long enough for every worker to get its share */
	if (pthread_equal(pthread_self(), w->self))
		return;
	atomic_fetch_add(&w->elsewhere, 1);
	pthread_sigmask(SIG_SETMASK, NULL, &set);
	if (!sigismember(&set, SIGINT) || !sigismember(&set, SIGTERM) || !sigismember(&set, SIGCHLD))
		atomic_fetch_add(&w->unblocked, 1);
	CPU_ZERO(&mask);
	if (sched_getaffinity(0, sizeof(mask), &mask) || !CPU_EQUAL(&mask, &w->mask))
		atomic_fetch_add(&w->strayed, 1);
	if (worker == 0)
		atomic_fetch_add(&w->strayed, 1);
}

static void workers_block_signals_and_keep_the_mask(void)
{
	struct tr_device dev;
	struct where w;
	cpu_set_t old;
	int cpu = 0;

	memset(&w, 0, sizeof(w));
	CU_ASSERT_EQUAL_FATAL(sched_getaffinity(0, sizeof(old), &old), 0);
	while (!CPU_ISSET(cpu, &old))
		cpu++;
	CPU_ZERO(&w.mask);
	CPU_SET(cpu, &w.mask);
	CU_ASSERT_EQUAL_FATAL(sched_setaffinity(0, sizeof(w.mask), &w.mask), 0);
	CU_ASSERT_EQUAL(tr__cpus(), 1);
	dev = bare_device(3);
	w.self = pthread_self();
	tr__pool_run(&dev, 60, where_part, &w);
	close_bare(&dev);
	sched_setaffinity(0, sizeof(old), &old);
	CU_ASSERT(atomic_load(&w.elsewhere) > 0);
	CU_ASSERT_EQUAL(atomic_load(&w.unblocked), 0);
	CU_ASSERT_EQUAL(atomic_load(&w.strayed), 0);
}

/* In a child, a device opened before still works, and so does one opened after. Exit status: what went wrong. */
static int child_main(struct tr_device *dev)
{
	struct tr_device fresh;
	int bad = run_cover(dev, 50, 10) ? 1 : 0;

	fresh = bare_device(3);
	for (unsigned i = 0; i < 50; i++) {
		bad |= run_cover(&fresh, 50, 100) ? 2 : 0;
		bad |= run_cover(dev, 50, 100) ? 4 : 0;
	}
	close_bare(&fresh);
	close_bare(dev);
	return bad;
}

static void fork_leaves_both_sides_working(void)
{
	struct tr_device dev = bare_device(4);
	int status = -1;
	pid_t pid;

#ifdef __SANITIZE_THREAD__
	close_bare(&dev);
	TEST_SKIP("the sanitizer allows no threads in a child");
#endif
	CU_ASSERT_EQUAL(run_cover(&dev, 50, 100), 0);
	pid = fork();
	if (!pid) {
		alarm(20); /* a hang must not outlive the test */
		_exit(child_main(&dev));
	}
	CU_ASSERT(pid > 0);
	if (pid > 0)
		waitpid(pid, &status, 0);
	CU_ASSERT_EQUAL(status, 0);
	CU_ASSERT_EQUAL(run_cover(&dev, 50, 100), 0);
	close_bare(&dev);
}

struct first {
	atomic_size_t part; /* the second thread's first */
};

static void first_part(void *arg, size_t part, unsigned worker)
{
	struct first *f = arg;
	size_t none = SIZE_MAX;

	if (worker)
		atomic_compare_exchange_strong(&f->part, &none, part);
	for (volatile unsigned i = 0; i < 500; i++)
		;
}

/* The caller's half of the parts is not where the other thread begins. */
static void threads_begin_with_their_own_parts(void)
{
	struct tr_device dev = bare_device(2);
	unsigned bad = 0;

	for (unsigned i = 0; i < 500; i++) {
		struct first f = { SIZE_MAX };

		tr__pool_run(&dev, 16, first_part, &f);
		bad += atomic_load(&f.part) < 8;
	}
	CU_ASSERT_EQUAL(bad, 0);
	close_bare(&dev);
}

static void work_is_cut_by_its_cost(void)
{
	struct tr_device one = bare_device(1), four = bare_device(4);

	CU_ASSERT_EQUAL(tr__pool_parts(&one, 1e9, 1000), 1);
	CU_ASSERT_EQUAL(tr__pool_parts(&four, 100, 1000), 1);
	CU_ASSERT_EQUAL(tr__pool_parts(&four, 1e9, 1), 1);
	CU_ASSERT_EQUAL(tr__pool_parts(&four, 1e9, 0), 1);
	CU_ASSERT_EQUAL(tr__pool_parts(&four, 1e9, 3), 3);
	CU_ASSERT(tr__pool_parts(&four, 1e9, 1000) >= 4);
	CU_ASSERT(tr__pool_parts(&four, 40e3, 1000) >= 2);
	close_bare(&four);
	close_bare(&one);
}

/* Work too short to wake workers for wakes them when it comes again and again. */
static void short_work_wakes_at_last(void)
{
	struct tr_device dev = bare_device(2);
	struct timespec pause = { .tv_nsec = 2000000 };
	size_t first = 2, parts = 1;

	if (tr__cpus() < 2) {
		close_bare(&dev);
		TEST_SKIP("workers poll too short a time where there are no CPUs for them");
	}
	for (unsigned i = 0; i < 50 && first > 1; i++) {
		nanosleep(&pause, NULL);
		first = tr__pool_parts(&dev, 10e3, 1000);
	}
	CU_ASSERT_EQUAL(first, 1);
	for (unsigned i = 0; i < 1000 && parts == 1; i++)
		parts = tr__pool_parts(&dev, 10e3, 1000);
	CU_ASSERT(parts > 1);
	close_bare(&dev);
}

static void write_file(const char *dir, const char *name, const char *text)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL(f);
	if (f) {
		fputs(text, f);
		fclose(f);
	}
}

static unsigned quota_with(const char *dir, const char *root, bool v2, const char *group)
{
	char cgroup[512], mounts[512], text[1200];

	snprintf(cgroup, sizeof(cgroup), "%s/cgroup", dir);
	snprintf(mounts, sizeof(mounts), "%s/mounts", dir);
	snprintf(text, sizeof(text), v2 ? "3:cpuset:/x\n0::%s\n" : "3:cpuset:/x\n2:cpuacct,cpu:%s\n0::/\n", group);
	write_file(dir, "cgroup", text);
	snprintf(text, sizeof(text), "22 1 0:5 / /proc rw - proc proc rw\n31 22 0:27 %s %s rw,nosuid shared:9 - %s none rw%s\n",
		 root, dir, v2 ? "cgroup2" : "cgroup", v2 ? "" : ",cpu,cpuacct");
	write_file(dir, "mounts", text);
	return tr__cpus_quota(cgroup, mounts);
}

static void quotas_are_read(void)
{
	char dir[] = "/tmp/trueno-quota-XXXXXX", sub[256], cmd[300];

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
	snprintf(sub, sizeof(sub), "%s/a", dir);
	mkdir(sub, 0700);
	write_file(sub, "cpu.max", "max 100000\n");
	CU_ASSERT_EQUAL(quota_with(dir, "/", true, "/a"), 0);
	write_file(sub, "cpu.max", "150000 100000\n");
	CU_ASSERT_EQUAL(quota_with(dir, "/", true, "/a"), 2);
	CU_ASSERT_EQUAL(quota_with(dir, "/", true, "/a/b/c"), 2); /* an ancestor's */
	CU_ASSERT_EQUAL(quota_with(dir, "/", true, "/"), 0);
	CU_ASSERT_EQUAL(quota_with(dir, "/pod", true, "/pod/a"), 2);
	write_file(dir, "cpu.max", "100000 100000\n");
	CU_ASSERT_EQUAL(quota_with(dir, "/", true, "/a"), 1); /* the tightest */
	CU_ASSERT_EQUAL(quota_with(dir, "/pod", true, "/elsewhere"), 1);
	write_file(sub, "cpu.cfs_quota_us", "-1\n");
	write_file(sub, "cpu.cfs_period_us", "100000\n");
	CU_ASSERT_EQUAL(quota_with(dir, "/", false, "/a"), 0);
	write_file(sub, "cpu.cfs_quota_us", "300001\n");
	CU_ASSERT_EQUAL(quota_with(dir, "/", false, "/a"), 4);
	CU_ASSERT_EQUAL(tr__cpus_quota("/nonexistent", "/nonexistent"), 0);
	snprintf(cmd, sizeof(cmd), "rm -r %s", dir);
	CU_ASSERT_EQUAL(system(cmd), 0);
}

static void thread_counts_are_checked(void)
{
	static const char *const wrong[] = { "0", "-1", "two", "3x", "99999999999999999999", "4096", " 2" };
	const char *was = getenv("TRUENO_THREADS");
	char *saved = was ? strdup(was) : NULL;

	CU_ASSERT(tr__cpus() >= 1);
	unsetenv("TRUENO_THREADS");
	CU_ASSERT_EQUAL(tr__threads(0), tr__cpus());
	CU_ASSERT_EQUAL(tr__threads(5), 5);
	setenv("TRUENO_THREADS", "3", 1);
	CU_ASSERT_EQUAL(tr__threads(0), 3);
	CU_ASSERT_EQUAL(tr__threads(5), 5);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		setenv("TRUENO_THREADS", wrong[i], 1);
		test_note("TRUENO_THREADS=%s", wrong[i]);
		CU_ASSERT_EQUAL(tr__threads(0), 0);
	}
	if (saved)
		setenv("TRUENO_THREADS", saved, 1);
	else
		unsetenv("TRUENO_THREADS");
	free(saved);
}

/* A thread bound to one processor gets one, whatever the machine has, and what it opens starts no worker. */
static void affinity_is_honoured(void)
{
	const char *was = getenv("TRUENO_THREADS");
	char *saved = was ? strdup(was) : NULL;
	cpu_set_t before, one;
	struct tr_device dev;

	CU_ASSERT_EQUAL_FATAL(sched_getaffinity(0, sizeof(before), &before), 0);
	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE && !CPU_COUNT(&one); cpu++)
		if (CPU_ISSET(cpu, &before))
			CPU_SET(cpu, &one);
	unsetenv("TRUENO_THREADS");
	CU_ASSERT_EQUAL(sched_setaffinity(0, sizeof(one), &one), 0);
	CU_ASSERT_EQUAL(tr__cpus(), 1);
	CU_ASSERT_EQUAL(tr__threads(0), 1);
	dev = bare_device(tr__threads(0));
	CU_ASSERT_PTR_NULL(dev.pool);
	CU_ASSERT_EQUAL(count_workers(), 0);
	CU_ASSERT_EQUAL(sched_setaffinity(0, sizeof(before), &before), 0);
	CU_ASSERT(tr__cpus() <= (unsigned)CPU_COUNT(&before));
	close_bare(&dev);
	if (saved)
		setenv("TRUENO_THREADS", saved, 1);
	free(saved);
}

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

struct handoff {
	_Atomic int64_t seen;
};

/* Part 0 waits until part 1 has begun on another thread, for at most a millisecond. */
static void handoff_part(void *arg, size_t part, unsigned worker)
{
	struct handoff *h = arg;
	int64_t end;

	(void)part;
	if (worker) {
		atomic_store(&h->seen, now_ns());
		return;
	}
	for (end = now_ns() + 1000000; !atomic_load(&h->seen) && now_ns() < end;)
		;
}

static void print_handoff(struct tr_device *dev, const char *name, long idle_ns)
{
	struct timespec pause = { .tv_nsec = idle_ns };
	int64_t sum = 0, least = INT64_MAX;
	unsigned n = 0;

	for (unsigned i = 0; i < 300; i++) {
		struct handoff h = { 0 };
		int64_t start;

		if (idle_ns)
			nanosleep(&pause, NULL);
		start = now_ns();
		tr__pool_run(dev, 2, handoff_part, &h);
		if (!h.seen)
			continue;
		sum += h.seen - start;
		least = h.seen - start < least ? h.seen - start : least;
		n++;
	}
	if (n)
		printf("pool: %s hand-off: best %lld ns, mean %lld ns (%u of 300)\n", name, (long long)least,
		       (long long)(sum / n), n);
}

static void hand_off_time_is_printed(void)
{
	struct tr_device dev = bare_device(2);

	if (tr__cpus() < 2) {
		close_bare(&dev);
		TEST_SKIP("one CPU");
	}
	print_handoff(&dev, "spinning", 0);
	print_handoff(&dev, "sleeping", 200000);
	CU_ASSERT_EQUAL(run_cover(&dev, PARTS, 10), 0);
	close_bare(&dev);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(every_part_runs_once),
		TEST(sleeping_workers_wake),
		TEST(callers_share_the_pool),
		TEST(contexts_do_not_multiply_threads),
		TEST(nested_runs_stay_on_their_thread),
		TEST(workers_block_signals_and_keep_the_mask),
		TEST(fork_leaves_both_sides_working),
		TEST(threads_begin_with_their_own_parts),
		TEST(work_is_cut_by_its_cost),
		TEST(short_work_wakes_at_last),
		TEST(quotas_are_read),
		TEST(thread_counts_are_checked),
		TEST(affinity_is_honoured),
		TEST(hand_off_time_is_printed),
	};

	return TEST_RUN("pool", cases);
}
