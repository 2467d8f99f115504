/* SPDX-License-Identifier: MIT */
/* LAPACKE at run time. */
#include "lib/linalg/lapack.h"

#include "lib/dynamic.h"

#define NAME(name) "LAPACKE_" #name "_work",
static const char *const names[] = {TR__LAPACK_FUNCTIONS(NAME)};
#define COUNT (sizeof(names) / sizeof(*names))

static union {
	struct tr_lapack fn;
	void *address[COUNT];
} table;
_Static_assert(sizeof(table.fn) == sizeof(table.address), "one address for each member");

static struct tr_library lapacke = {
	.file = "liblapacke.so.3",
	.package = "liblapacke",
	.variable = "TRUENO_LAPACKE",
	.names = names,
	.functions = table.address,
	.count = COUNT,
	TR_LIBRARY_UNLOADED,
};

/* OpenBLAS's own functions, NULL where the BLAS is another. */
static struct {
	pthread_once_t once;
	pthread_mutex_t lock;
	void (*set)(int threads);
	int (*get)(void);
	unsigned depth;
	int before;
} threads = {.once = PTHREAD_ONCE_INIT, .lock = PTHREAD_MUTEX_INITIALIZER};

static void find_threads(void)
{
	threads.set = (void (*)(int))tr__library_find(&lapacke, "openblas_set_num_threads");
	threads.get = (int (*)(void))tr__library_find(&lapacke, "openblas_get_num_threads");
}

#define SMALL (128 * 128)

void tr__lapack_begin(struct tr_context *ctx, int64_t elements)
{
	struct tr_device_info info;

	pthread_once(&threads.once, find_threads);
	if (!threads.set || !threads.get)
		return;
	tr_device_info(ctx, &info);
	pthread_mutex_lock(&threads.lock);
	if (!threads.depth++) {
		threads.before = threads.get();
		if (elements <= SMALL)
			info.threads = 1;
		if (info.threads && info.threads < (unsigned)threads.before)
			threads.set((int)info.threads);
	}
	pthread_mutex_unlock(&threads.lock);
}

void tr__lapack_end(void)
{
	if (!threads.set || !threads.get)
		return;
	pthread_mutex_lock(&threads.lock);
	if (!--threads.depth)
		threads.set(threads.before);
	pthread_mutex_unlock(&threads.lock);
}

const struct tr_lapack *tr__lapack(struct tr_context *ctx, const char *who)
{
	char why[256];

	if (!tr__library_load(&lapacke, why, sizeof(why)))
		return &table.fn;
	tr__fail(ctx, TR_EDEVICE, "%s: %s", who, why);
	return NULL;
}
