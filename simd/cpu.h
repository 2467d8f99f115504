/* SPDX-License-Identifier: MIT */
/*
 * The inside of the CPU driver: what its executors share. An executor takes one command of its family and runs it
 * with the level's kernels over strides, types and threads; it knows no tensor and no instruction set.
 */
#ifndef TR_SIMD_CPU_H
#define TR_SIMD_CPU_H

#include "lib/driver.h"
#include "lib/op.h"
#include "lib/pool.h"
#include "lib/ref/kernels.h"
#include "lib/trace.h"

struct tr_device {
	const struct tr_kernels *k; /* the level's table, gaps filled from the specification */
	const struct tr_allocator *alloc;
	struct tr_pool *pool;
	unsigned exact;        /* TR_EXACT_* */
	unsigned threads;      /* most workers one command may use, >= 1 */
	unsigned l1_ways;      /* lines in a set of the L1 cache */
	void **scratch;        /* one block per worker, 64-byte aligned */
	size_t scratch_size;   /* bytes of each */
	struct tr_trace *trace;        /* NULL: no timeline */
	struct tr_worker_span *span;   /* one per worker, if there is one */
	const struct tr_cmd *running;
	char cpu_name[64];
};

/* Kinds of what is kept of frozen weights (tr__kept), first in every key, whose members are all of 8 bytes. */
enum tr_form_kind { TR_FORM_PANELS, TR_FORM_CONV, TR_FORM_WINOGRAD };

/* tr__pool_share by the device's workers: worker < threads names the scratch block a part may use. */
void tr__pool_run(struct tr_device *dev, size_t parts, tr_part_fn fn, void *arg);

/* tr__pool_cut for the device's workers. */
size_t tr__pool_parts(const struct tr_device *dev, double cost_ns, size_t most);

/* Makes every worker's scratch block at least size bytes. 0 or -TR_ENOMEM. Never shrinks: no allocation in steady state. */
int tr__scratch(struct tr_device *dev, size_t size);

/* Executors, by family. detail: at least 128 bytes for one line of reason. Each returns 0 or a negative status. */
typedef int (*tr_exec_fn)(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);
int tr__exec_map(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);       /* UNARY … FILL, programs */
int tr__exec_reduce(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);    /* REDUCE, VECTOR_NORM */
int tr__exec_argreduce(struct tr_device *dev, const struct tr_cmd *cmd, char *detail); /* ARGREDUCE */
int tr__exec_order(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);     /* MEDIAN, QUANTILE */
int tr__exec_scan(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);      /* SCAN */
int tr__exec_sort(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);      /* SORT */
int tr__exec_search(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);    /* SEARCH */
int tr__exec_softmax(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);   /* SOFTMAX */
int tr__exec_norm(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);      /* NORM */
int tr__exec_matmul(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);    /* MATMUL, LINEAR */
int tr__exec_vecdot(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);    /* VECDOT */
int tr__exec_attention(struct tr_device *dev, const struct tr_cmd *cmd, char *detail); /* ATTENTION */
int tr__exec_conv(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);      /* CONV, CONV_TRANSPOSE */
int tr__exec_pool(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);      /* MAX_POOL, AVG_POOL */
int tr__exec_adaptive(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);  /* ADAPTIVE_POOL */
int tr__exec_interpolate(struct tr_device *dev, const struct tr_cmd *cmd, char *detail); /* INTERPOLATE */
int tr__exec_take(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);      /* TAKE, EMBEDDING */
int tr__exec_put(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);       /* PUT */
int tr__exec_ravel(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);     /* RAVEL */
int tr__exec_compress(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);  /* NONZERO, COMPRESS */
int tr__exec_range(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);     /* RANGE */
int tr__exec_random(struct tr_device *dev, const struct tr_cmd *cmd, char *detail);    /* RANDOM, RANDOM_TRY */

/* Copies n elements of a view's iteration range [first, first+n) (C order over shape) into dense dst, converting
 * to dtype; returns dst, or the elements' own address when they are already dense and of that type. */
const void *tr__load_range(const struct tr_device *dev, const struct tr_operand *o, int64_t first, size_t n,
			   enum tr_dtype dtype, void *dst);

/* The reverse: writes n dense elements of dtype to the view's range. buf: scratch for n elements of 16 bytes. */
void tr__store_range(const struct tr_device *dev, const struct tr_operand *o, int64_t first, size_t n,
		     enum tr_dtype dtype, const void *src, void *buf);

/* Levels built into this library, best first and the specification last; ends with a NULL name. */
struct tr_level {
	const char *name;
	void (*fill)(struct tr_kernels *k); /* enters what the level has; only if it is usable */
	bool (*usable)(void);               /* asks cpuid and the OS */
};
extern const struct tr_level tr__levels[];

/* The specification's table with a usable level's kernels in their places. */
void tr__level_kernels(const struct tr_level *level, struct tr_kernels *k);

extern const struct tr_driver tr__cpu_driver;

#endif
