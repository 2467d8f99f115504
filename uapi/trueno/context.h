/* SPDX-License-Identifier: MIT */
/*
 * A context is the place work happens in: one device, one queue, one error slot, the tensors made in it.
 *
 * Threads: a context and its tensors must be used by one thread at a time; different contexts are
 * independent and share the process's worker threads without oversubscribing them.
 */
#ifndef TRUENO_CONTEXT_H
#define TRUENO_CONTEXT_H

#include <trueno/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tr_context;
struct tr_tensor;

/*
 * Where memory comes from. alloc returns size bytes aligned to align (a power of two, at least 16) or NULL;
 * free gets back what alloc gave, with the same size. Both may be called from the thread that uses the
 * context only. Zero (both NULL) is the C library's allocator.
 */
struct tr_allocator {
	void *(*alloc)(void *user, size_t size, size_t align);
	void (*free)(void *user, void *ptr, size_t size);
	void *user;
};

/*
 * Results that are to be the same bits on every device.
 *
 * TR_EXACT_HALF: products of two operands of 16 bits (matmul, linear and what is made of them) are one chain of float32
 * multiply-adds, as docs/numerics.md has it, everywhere. Without it a device's matrix units (AMX and AVX512_BF16 of a
 * processor, for bfloat16; cooperative matrices of a GPU) sum them, several products at a time, rounded their own way,
 * denormals as 0: several times as fast. Before it is converted to the result's type, an element of K products is then
 * within (K + 2) 2^-23 sum |a b| + (K + 2) 2^-126 of the exact one.
 */
#define TR_EXACT_HALF 0x1u

struct tr_context_params {
	const char *device; /* "cpu", "vulkan", "vulkan:1", "auto"; NULL: $TRUENO_DEVICE, else "auto" */
	unsigned threads;   /* at most this many threads per operation; 0: $TRUENO_THREADS, else every CPU the
	                       process may run on */
	size_t cache_bytes; /* freed storage kept for reuse at most; 0: 256 MiB */
	struct tr_allocator allocator;
	unsigned exact;     /* TR_EXACT_*; 0: none */
	unsigned timeout_ms; /* most milliseconds a GPU may take for one submission, a batch or a part of it, before it
	                        counts as lost; 0: $TRUENO_TIMEOUT_MS, else 120,000 */
	const char *trace;  /* the file a timeline of the context's work goes to (docs/trace.md); NULL: $TRUENO_TRACE,
	                       else none. Not kept */
	size_t kept_bytes;  /* memory for what is derived from frozen tensors (tr_freeze) at most, beside the tensors' own;
	                       what would not fit is derived anew each time. 0: 1 GiB; 1: nothing is kept */
};

/*
 * A GPU that hangs, faults or is reset is lost: the call that meets it, and every later one that needs the GPU, in every
 * context on it, fails with -TR_EDEVICE and says which GPU and why. What was already computed can still be read. When
 * all contexts on the GPU are destroyed it can be opened again, unless work is left on it that never ends: then nothing
 * this process had there is freed, so that what still runs finds its memory. No call waits for a GPU longer than
 * timeout_ms, and tr_context_destroy once more that long for what did not end in time.
 */

/*
 * Opens a device. params may be NULL for all defaults and is not kept. On failure *out is NULL and the
 * result is -TR_EINVAL (unknown device name, environment value or flag), -TR_EDEVICE or -TR_ENOMEM; if errbuf is
 * not NULL it receives one line saying why, NUL-terminated within errlen bytes. Safe from any thread.
 */
TR_API int tr_context_create(struct tr_context **out, const struct tr_context_params *params, char *errbuf,
			     size_t errlen);

/* Flushes nothing, frees every tensor still alive in the context, then the context. NULL is allowed. */
TR_API void tr_context_destroy(struct tr_context *ctx);

/*
 * The first error since creation or the last tr_error_clear: 0, or a negative status. Functions that make a
 * tensor return NULL on failure and pass NULL operands through untouched, so a chain of calls is checked
 * once, here, at its end.
 */
TR_API int tr_error(const struct tr_context *ctx);

/* One line: operation, shapes, reason, hint; "" without an error. Owned by the context, valid until the
 * next failing call or tr_error_clear. */
TR_API const char *tr_error_message(const struct tr_context *ctx);

TR_API void tr_error_clear(struct tr_context *ctx);

/*
 * Batches. On the CPU a call outside a batch runs at once. Inside tr_batch_begin/end calls are collected and
 * run when the outermost batch ends, when something looks at a result (tr_data, tr_read), on tr_flush, or when
 * the queue is full. Values never depend on where that happens; elementwise runs are fused, and a result
 * that nobody can see any more by then is never computed into memory.
 *
 * On a GPU calls outside a batch are collected too, until something looks at a result, on tr_flush, or when they are much
 * work. A call that may fail for its operands' values, such as tr_take, runs at once with what was collected before it, and
 * entries given to tr_submit that ask for completions are done when it returns, as on the CPU. What else can fail only when it
 * runs, for lack of memory or because the device is lost, fails as in a batch: the context has the error when a result is
 * looked at, and what was collected after it is not computed. Memory that tr_data gave the address of may be written until
 * the next operation on it; call tr_data again before writing more.
 * tr_batch_end and tr_flush return 0 or the negative status of the first command that failed.
 */
TR_API void tr_batch_begin(struct tr_context *ctx);
TR_API int tr_batch_end(struct tr_context *ctx);
TR_API int tr_flush(struct tr_context *ctx);

/*
 * Scopes. Every tensor belongs to the scope it was made in; tr_scope_end frees those that are left.
 * tr_keep moves a tensor to the enclosing scope and returns it (NULL passes through). The outermost scope is
 * the context itself. Ending a scope that was not begun is -TR_ESTATE.
 */
TR_API void tr_scope_begin(struct tr_context *ctx);
TR_API int tr_scope_end(struct tr_context *ctx);
TR_API struct tr_tensor *tr_keep(struct tr_tensor *t);

/* What the context runs on. Strings are owned by the context. */
struct tr_device_info {
	const char *driver; /* "cpu" */
	const char *name;   /* the processor's own name */
	const char *level;  /* "scalar", "avx2", "avx512" … the kernels chosen */
	unsigned threads;   /* most threads one operation uses */
};
TR_API void tr_device_info(const struct tr_context *ctx, struct tr_device_info *info);

/*
 * What is known of a device without opening it: say is called once for every fact, with a name ("memory heap 0") and a
 * text ("7.8 GiB, device-local"), both valid during the call. device is a name as in tr_context_params, with a number to
 * look at all devices of a driver. 0; -TR_EINVAL (unknown name), -TR_EDEVICE (no such device, or its driver is missing) with
 * a line in errbuf as tr_context_create. Safe from any thread.
 */
TR_API int tr_device_facts(const char *device, void (*say)(void *user, const char *name, const char *text), void *user,
			   char *errbuf, size_t errlen);

/* Counters since the context was created; they only grow. */
struct tr_stats {
	uint64_t submitted;  /* entries accepted */
	uint64_t dispatched; /* commands the driver was given, after fusion */
	uint64_t fused;      /* entries that ran inside a fused command */
	uint64_t flushes;    /* batches handed to the driver; eager commands count as none */
	uint64_t allocs;     /* calls of the allocator */
	uint64_t bytes_live; /* bytes of storage now held, cache and bytes_kept included */
	uint64_t bytes_peak;
	uint64_t bytes_kept; /* bytes now held of what is derived from frozen tensors */
};
TR_API void tr_stats(const struct tr_context *ctx, struct tr_stats *stats);

#ifdef __cplusplus
}
#endif
#endif
