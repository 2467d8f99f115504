/* SPDX-License-Identifier: MIT */
/* The inside of a context and of a tensor: what the core's own files share. Drivers never include this. */
#ifndef TR_LIB_CONTEXT_H
#define TR_LIB_CONTEXT_H

#include <trueno/plan.h>
#include <trueno/view.h>

#include "lib/dtype.h"
#include "lib/memory.h"
#include "lib/op.h"
#include "lib/queue.h"
#include "lib/shape.h"
#include "lib/trace.h"

enum {
	TR_TENSOR_WEAK = 1,     /* a Python-like scalar: only its kind takes part in promotion */
	TR_TENSOR_REPEATS = 2   /* a broadcast view: elements alias, so it must not be written */
};

struct tr_tensor {
	struct tr_context *ctx;
	struct tr_storage *storage; /* NULL while the slot is free */
	int64_t offset;             /* of element [0,…,0], in elements */
	int64_t numel;
	uint8_t dtype;
	uint8_t ndim;
	uint8_t flags;
	bool contiguous;
	uint32_t index;             /* of the slot */
	uint32_t generation;        /* odd while in use */
	struct tr_tensor *prev, *next; /* in its scope's ring; next also links free slots */
	int64_t shape[TR_MAX_RANK];
	int64_t stride[TR_MAX_RANK];
};

#define TR_SLAB 64      /* tensors allocated at a time */
#define TR_MAX_SCOPES 64

/* Bytes of a storage that somebody reads. */
struct tr_reading {
	const struct tr_storage *storage; /* NULL: nobody does */
	size_t offset, size;
};

struct tr_pin; /* lib/pin.c */

struct tr_context {
	struct tr_allocator alloc;
	const struct tr_driver *driver;
	struct tr_device *dev;
	struct tr_trace *trace; /* NULL: nobody wants a timeline */
	struct tr_stats stats;
	struct tr_cache cache;

	struct tr_tensor **slabs;
	uint32_t nslabs, slab_cap;
	struct tr_tensor *free_tensors;
	struct tr_tensor scopes[TR_MAX_SCOPES]; /* ring heads; only prev and next are used */
	unsigned scope;

	struct tr_queue queue;
	unsigned batch;       /* nesting depth */
	bool capturing;         /* a plan is being recorded */
	uint64_t frozen;        /* how many times a tensor was: plans look then whether they write to it */
	struct tr_plan *replayed; /* the plan run last, until something is read */
	struct tr_reading reading; /* what is to be read once the queue has run */
	struct tr_pin *pins;

	struct tr_cqe *cq; /* ring of TR_CQ_ENTRIES, made on first use */
	uint32_t cq_head, cq_tail;

	const char *who; /* the operation being submitted: the outermost, whatever it is made of. NULL: none */
	int error;  /* the first since the last clear, with its message */
	int status; /* the latest */
	unsigned failures; /* since the plan being recorded was begun */
	char message[512];
};

/* Who an error that anybody can have is of. */
static inline const char *tr__who(const struct tr_context *ctx)
{
	return ctx->who ? ctx->who : "tensor";
}

/* What to add to the statement that memory is read-only. */
static inline const char *tr__why_readonly(const struct tr_storage *s)
{
	return s->is_frozen ? ": it is frozen (tr_freeze)" : "";
}

/* Whether calls become nodes of the queue: in a batch, and always where single submissions do not pay. */
static inline bool tr__collects(const struct tr_context *ctx)
{
	return ctx->batch || ctx->driver->collects;
}

/* tr_handle and tr_from_handle, for the hot path. */
static inline uint64_t tr__handle(const struct tr_tensor *t)
{
	return t ? (uint64_t)t->generation << 32 | (t->index + 1) : 0;
}

static inline struct tr_tensor *tr__lookup(struct tr_context *ctx, uint64_t handle)
{
	uint32_t index = (uint32_t)handle - 1;
	struct tr_tensor *t;

	if ((uint32_t)handle == 0 || index / TR_SLAB >= ctx->nslabs)
		return NULL;
	t = &ctx->slabs[index / TR_SLAB][index % TR_SLAB];
	return t->generation == handle >> 32 && t->storage ? t : NULL;
}

/* Tells the driver what will be read after the commands it is given next, if it wants to know. */
static inline void tr__expect(struct tr_context *ctx, const struct tr_reading *r)
{
	if (ctx->driver->expect && r->storage && r->storage->mem.addr && !r->storage->borrowed)
		ctx->driver->expect(ctx->dev, &r->storage->mem, r->offset, r->size);
}

/* Tells a plan what was read when it had run: the same will be again. */
void tr__plan_was_read(struct tr_plan *plan, const struct tr_reading *r);

/* Before the device is closed. */
void tr__pins_finish(struct tr_context *ctx);

/* Keeps the first error; later ones are its consequences. Returns -status. */
int tr__fail(struct tr_context *ctx, enum tr_status status, const char *fmt, ...) TR_PRINTF(3, 4);

/* A tensor on new storage, C-contiguous, in the current scope; the storage has no memory yet. */
struct tr_tensor *tr__tensor_create(struct tr_context *ctx, enum tr_dtype dtype, int ndim, const int64_t *shape);

/* Another view of t's storage. The caller fills shape and strides and then calls tr__tensor_settle. */
struct tr_tensor *tr__tensor_view(struct tr_tensor *t);
void tr__tensor_settle(struct tr_tensor *t);

/* The type n tensors are joined in. Those of the greatest kind first, so that integers meet the float they end up with and
 * not each other: uint16, int8 and float16 make float32. */
enum tr_dtype tr__common_type(struct tr_tensor *const *parts, int n);

/* Frees what is left in the scopes from level `from` up. */
void tr__scopes_clear(struct tr_context *ctx, unsigned from);

#endif
