/* SPDX-License-Identifier: MIT */
/*
 * The CPU as a device: chooses the level of its kernels once, owns scratch memory, hands each command to the
 * executor of its family. Knows no shape rule and no instruction set.
 *
 * $TRUENO_CPU names the level to use instead of the best one; $TRUENO_THREADS the number of threads.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simd/cpu.h"
#include "simd/host.h"

#define ALIGN 64
#define HUGE_PAGE ((size_t)2 << 20)

/* A device with its table of kernels, in one allocation. */
struct cpu_device {
	struct tr_device dev; /* first: a struct tr_device * is one of these */
	struct tr_kernels kernels;
};

/* "avx512, avx2, scalar": what this machine can run. */
static void list_usable(char *buf, size_t len)
{
	size_t used = 0;

	for (const struct tr_level *l = tr__levels; l->name && used < len; l++)
		if (l->usable())
			used += (size_t)snprintf(buf + used, len - used, "%s%s", used ? ", " : "", l->name);
}

/* The level $TRUENO_CPU asks for, else the best; NULL with a line in errbuf if there is none of that name here. */
static const struct tr_level *choose_level(char *errbuf, size_t errlen)
{
	const char *want = getenv("TRUENO_CPU");
	bool built = false;
	char list[128];

	if (want && !*want)
		want = NULL;
	for (const struct tr_level *l = tr__levels; l->name; l++) {
		if (want && strcmp(want, l->name))
			continue;
		built = true;
		if (l->usable())
			return l;
	}
	list_usable(list, sizeof(list));
	snprintf(errbuf, errlen, "TRUENO_CPU=%.32s: %s; available: %s", want,
		 built ? "this processor lacks that level" : "no such level", list);
	return NULL;
}

static int cpu_mem_alloc(struct tr_device *dev, size_t size, struct tr_mem *mem)
{
	bool large = size >= HUGE_PAGE;
	void *p = dev->alloc->alloc(dev->alloc->user, size, large ? HUGE_PAGE : ALIGN);

	if (!p)
		return -TR_ENOMEM;
	if (large)
		tr__host_huge_pages(p, size);
	mem->addr = mem->host = p;
	mem->size = size;
	mem->priv = NULL;
	return 0;
}

static void cpu_mem_free(struct tr_device *dev, struct tr_mem *mem)
{
	dev->alloc->free(dev->alloc->user, mem->addr, mem->size);
}

static void free_scratch(struct tr_device *dev)
{
	for (unsigned i = 0; i < dev->threads; i++) {
		if (dev->scratch[i])
			dev->alloc->free(dev->alloc->user, dev->scratch[i], dev->scratch_size);
		dev->scratch[i] = NULL;
	}
	dev->scratch_size = 0;
}

int tr__scratch(struct tr_device *dev, size_t size)
{
	if (size <= dev->scratch_size)
		return 0;
	if (size > SIZE_MAX / 2)
		return -TR_ENOMEM;
	/* Half as much again, so that sizes that creep up do not allocate each time. */
	if (size < dev->scratch_size + dev->scratch_size / 2)
		size = dev->scratch_size + dev->scratch_size / 2;
	size = (size + ALIGN - 1) / ALIGN * ALIGN;
	free_scratch(dev);
	dev->scratch_size = size;
	for (unsigned i = 0; i < dev->threads; i++) {
		dev->scratch[i] = dev->alloc->alloc(dev->alloc->user, size, ALIGN);
		if (!dev->scratch[i]) {
			free_scratch(dev);
			return -TR_ENOMEM;
		}
	}
	return 0;
}

static void cpu_close(struct tr_device *dev)
{
	const struct tr_allocator *alloc;

	if (!dev)
		return;
	alloc = dev->alloc;
	tr__pool_put(dev->pool);
	if (dev->scratch) {
		free_scratch(dev);
		alloc->free(alloc->user, dev->scratch, dev->threads * sizeof(*dev->scratch));
	}
	if (dev->span)
		alloc->free(alloc->user, dev->span, dev->threads * sizeof(*dev->span));
	alloc->free(alloc->user, dev, sizeof(struct cpu_device));
}

static int cpu_open(struct tr_device **out, unsigned index, const struct tr_context_params *params,
		    const struct tr_allocator *alloc, char *errbuf, size_t errlen)
{
	unsigned threads = tr__threads(params ? params->threads : 0);
	const struct tr_level *level = choose_level(errbuf, errlen);
	struct cpu_device *cpu;
	struct tr_device *dev;

	*out = NULL;
	if (!level)
		return -TR_EINVAL;
	if (!threads) {
		snprintf(errbuf, errlen, "TRUENO_THREADS=%.32s: not a number from 1 to %d", getenv("TRUENO_THREADS"),
			 TR_POOL_THREADS);
		return -TR_EINVAL;
	}
	if (index) {
		snprintf(errbuf, errlen, "cpu:%u: there is one cpu device, number 0", index);
		return -TR_EDEVICE;
	}
	cpu = alloc->alloc(alloc->user, sizeof(*cpu), ALIGN);
	if (!cpu)
		goto fail;
	dev = &cpu->dev;
	memset(dev, 0, sizeof(*dev));
	dev->alloc = alloc;
	dev->threads = threads;
	dev->exact = params ? params->exact : 0;
	tr__level_kernels(level, &cpu->kernels);
	dev->k = &cpu->kernels;
	tr__host_name(dev->cpu_name, sizeof(dev->cpu_name));
	dev->l1_ways = tr__host_l1_ways();
	dev->scratch = alloc->alloc(alloc->user, threads * sizeof(*dev->scratch), ALIGN);
	if (!dev->scratch)
		goto fail;
	memset(dev->scratch, 0, threads * sizeof(*dev->scratch));
	dev->pool = tr__pool_get(threads);
	*out = dev;
	return 0;
fail:
	cpu_close(cpu ? &cpu->dev : NULL);
	snprintf(errbuf, errlen, "out of memory");
	return -TR_ENOMEM;
}

static void cpu_info(const struct tr_device *dev, struct tr_device_info *info)
{
	info->driver = tr__cpu_driver.name;
	info->name = dev->cpu_name;
	info->level = dev->k->name;
	info->threads = dev->threads;
}

static int cpu_trace(struct tr_device *dev, struct tr_trace *trace)
{
	dev->span = dev->alloc->alloc(dev->alloc->user, dev->threads * sizeof(*dev->span), ALIGN);
	if (!dev->span)
		return -TR_ENOMEM;
	dev->trace = trace;
	return 0;
}

static int cpu_facts(unsigned index, void (*say)(void *user, const char *name, const char *text), void *user,
		     char *errbuf, size_t errlen)
{
	char text[128];

	if (index) {
		snprintf(errbuf, errlen, "cpu:%u: there is one cpu device, number 0", index);
		return -TR_EDEVICE;
	}
	tr__host_name(text, sizeof(text));
	say(user, "name", text);
	list_usable(text, sizeof(text));
	say(user, "levels", text);
	snprintf(text, sizeof(text), "%u", tr__cpus());
	say(user, "processors", text);
	return 0;
}

static int run_traced(struct tr_device *dev, tr_exec_fn run, const struct tr_cmd *cmd, char *detail)
{
	uint64_t begin = tr__trace_now();
	int err;

	dev->running = cmd;
	err = run(dev, cmd, detail);
	tr__trace_command(dev->trace, tr__trace_thread(), begin, tr__trace_now(), cmd);
	return err;
}

static int cpu_run(struct tr_device *dev, const struct tr_cmd *cmds, size_t n, size_t *failed, char *detail)
{
	static const tr_exec_fn exec[TR_FAMILY_COUNT] = {
		[TR_FAMILY_UNARY] = tr__exec_map,
		[TR_FAMILY_UNARY1] = tr__exec_map,
		[TR_FAMILY_UNARY2] = tr__exec_map,
		[TR_FAMILY_DECIMALS] = tr__exec_map,
		[TR_FAMILY_BINARY] = tr__exec_map,
		[TR_FAMILY_TERNARY] = tr__exec_map,
		[TR_FAMILY_SELECT] = tr__exec_map,
		[TR_FAMILY_CAST] = tr__exec_map,
		[TR_FAMILY_FILL] = tr__exec_map,
		[TR_FAMILY_REDUCE] = tr__exec_reduce,
		[TR_FAMILY_ARGREDUCE] = tr__exec_argreduce,
		[TR_FAMILY_VECTOR_NORM] = tr__exec_reduce,
		[TR_FAMILY_MEDIAN] = tr__exec_order,
		[TR_FAMILY_QUANTILE] = tr__exec_order,
		[TR_FAMILY_SCAN] = tr__exec_scan,
		[TR_FAMILY_SORT] = tr__exec_sort,
		[TR_FAMILY_SEARCH] = tr__exec_search,
		[TR_FAMILY_SOFTMAX] = tr__exec_softmax,
		[TR_FAMILY_NORM] = tr__exec_norm,
		[TR_FAMILY_MATMUL] = tr__exec_matmul,
		[TR_FAMILY_VECDOT] = tr__exec_vecdot,
		[TR_FAMILY_LINEAR] = tr__exec_matmul,
		[TR_FAMILY_ATTENTION] = tr__exec_attention,
		[TR_FAMILY_CONV] = tr__exec_conv,
		[TR_FAMILY_CONV_TRANSPOSE] = tr__exec_conv,
		[TR_FAMILY_MAX_POOL] = tr__exec_pool,
		[TR_FAMILY_AVG_POOL] = tr__exec_pool,
		[TR_FAMILY_ADAPTIVE_POOL] = tr__exec_adaptive,
		[TR_FAMILY_INTERPOLATE] = tr__exec_interpolate,
		[TR_FAMILY_TAKE] = tr__exec_take,
		[TR_FAMILY_EMBEDDING] = tr__exec_take,
		[TR_FAMILY_PUT] = tr__exec_put,
		[TR_FAMILY_RAVEL] = tr__exec_ravel,
		[TR_FAMILY_NONZERO] = tr__exec_compress,
		[TR_FAMILY_COMPRESS] = tr__exec_compress,
		[TR_FAMILY_RANGE] = tr__exec_range,
		[TR_FAMILY_RANDOM] = tr__exec_random,
		[TR_FAMILY_RANDOM_TRY] = tr__exec_random,
	};

	for (size_t i = 0; i < n; i++) {
		const struct tr_cmd *cmd = &cmds[i];
		tr_exec_fn run = exec[cmd->family]; /* a program of its own has an elementwise family */
		int err = dev->trace ? run_traced(dev, run, cmd, detail) : run(dev, cmd, detail);

		if (err) {
			*failed = i;
			return err;
		}
	}
	return 0;
}

const struct tr_driver tr__cpu_driver = {
	.name = "cpu",
	.fuses_reductions = true,
	.open = cpu_open,
	.close = cpu_close,
	.info = cpu_info,
	.trace = cpu_trace,
	.facts = cpu_facts,
	.mem_alloc = cpu_mem_alloc,
	.mem_free = cpu_mem_free,
	.run = cpu_run,
};
