/* SPDX-License-Identifier: MIT */
/* Tensors: slots, creation, inspection, data in and out. */
#include <stdint.h>
#include <string.h>

#include <trueno/ops.h>

#include "lib/context.h"

static int grow_slabs(struct tr_context *ctx)
{
	struct tr_tensor *slab;

	if (ctx->nslabs == ctx->slab_cap) {
		uint32_t cap = ctx->slab_cap ? 2 * ctx->slab_cap : 16;
		struct tr_tensor **slabs = tr__alloc(&ctx->alloc, cap, sizeof(*slabs));

		if (!slabs)
			return -TR_ENOMEM;
		ctx->stats.allocs++;
		if (ctx->slabs)
			memcpy(slabs, ctx->slabs, ctx->nslabs * sizeof(*slabs));
		tr__free(&ctx->alloc, ctx->slabs, ctx->slab_cap, sizeof(*slabs));
		ctx->slabs = slabs;
		ctx->slab_cap = cap;
	}
	slab = tr__zalloc(&ctx->alloc, TR_SLAB, sizeof(*slab));
	if (!slab)
		return -TR_ENOMEM;
	ctx->stats.allocs++;
	for (uint32_t i = TR_SLAB; i-- > 0;) {
		slab[i].ctx = ctx;
		slab[i].index = ctx->nslabs * TR_SLAB + i;
		slab[i].next = ctx->free_tensors;
		ctx->free_tensors = &slab[i];
	}
	ctx->slabs[ctx->nslabs++] = slab;
	return 0;
}

/* An empty slot, linked into the current scope. Takes over the reference to storage, also on failure. */
static struct tr_tensor *slot(struct tr_context *ctx, struct tr_storage *storage)
{
	struct tr_tensor *head = &ctx->scopes[ctx->scope < TR_MAX_SCOPES ? ctx->scope : TR_MAX_SCOPES - 1];
	struct tr_tensor *t;

	if (!storage || (!ctx->free_tensors && grow_slabs(ctx))) {
		tr__storage_unref(storage);
		tr__fail(ctx, TR_ENOMEM, "%s: out of memory for the result", tr__who(ctx));
		return NULL;
	}
	t = ctx->free_tensors;
	ctx->free_tensors = t->next;
	t->storage = storage;
	t->generation++;
	t->flags = 0;
	t->next = head->next;
	t->prev = head;
	head->next->prev = t;
	head->next = t;
	return t;
}

static struct tr_tensor *dense(struct tr_context *ctx, struct tr_storage *storage, enum tr_dtype dtype, int ndim,
			       const int64_t *shape, int64_t numel)
{
	struct tr_tensor *t = slot(ctx, storage);

	if (!t)
		return NULL;
	t->offset = 0;
	t->numel = numel;
	t->dtype = (uint8_t)dtype;
	t->ndim = (uint8_t)ndim;
	t->contiguous = true;
	for (int i = 0; i < ndim; i++)
		t->shape[i] = shape[i];
	tr__contiguous_strides(ndim, shape, t->stride);
	return t;
}

/* Elements of a new tensor, or -1 with the reason in the context. */
static int64_t count(struct tr_context *ctx, enum tr_dtype dtype, int ndim, const int64_t *shape)
{
	int64_t n = tr__numel(ndim, shape, tr_dtype_size(dtype));
	char text[TR_SHAPE_TEXT];

	if (n < 0)
		tr__fail(ctx, TR_EOVERFLOW, "%s: shape %s of %s does not fit in memory", tr__who(ctx),
			 tr__shape_text(text, ndim, shape), tr_dtype_name(dtype));
	return n;
}

struct tr_tensor *tr__tensor_create(struct tr_context *ctx, enum tr_dtype dtype, int ndim, const int64_t *shape)
{
	int64_t n = count(ctx, dtype, ndim, shape);
	size_t size;

	if (n < 0)
		return NULL;
	if (__builtin_mul_overflow((uint64_t)n, tr_dtype_size(dtype), &size)) /* where size_t has 32 bits */
		return dense(ctx, NULL, dtype, ndim, shape, n);
	/* A queued result gets memory when the queue is compiled: perhaps it never needs any. */
	return dense(ctx, tr__collects(ctx) ? tr__storage_bare(&ctx->cache, size) : tr__storage_create(&ctx->cache, size),
		     dtype, ndim, shape, n);
}

struct tr_tensor *tr__tensor_view(struct tr_tensor *t)
{
	struct tr_tensor *v = slot(t->ctx, tr__storage_ref(t->storage));

	if (!v)
		return NULL;
	v->offset = t->offset;
	v->numel = t->numel;
	v->dtype = t->dtype;
	v->ndim = t->ndim;
	v->flags = t->flags;
	v->contiguous = t->contiguous;
	memcpy(v->shape, t->shape, sizeof(v->shape));
	memcpy(v->stride, t->stride, sizeof(v->stride));
	return v;
}

void tr__tensor_settle(struct tr_tensor *t)
{
	t->numel = 1;
	for (int i = 0; i < t->ndim; i++)
		t->numel *= t->shape[i];
	t->contiguous = tr__is_contiguous(t->ndim, t->shape, t->stride);
}

void tr_free(struct tr_tensor *t)
{
	struct tr_context *ctx;

	if (!t)
		return;
	ctx = t->ctx;
	t->prev->next = t->next;
	t->next->prev = t->prev;
	tr__storage_unref(t->storage);
	t->storage = NULL;
	t->generation++;
	t->next = ctx->free_tensors;
	ctx->free_tensors = t;
}

struct tr_tensor *tr_keep(struct tr_tensor *t)
{
	struct tr_tensor *head;

	if (!t || t->ctx->scope == 0 || t->ctx->scope >= TR_MAX_SCOPES)
		return t;
	head = &t->ctx->scopes[t->ctx->scope - 1];
	t->prev->next = t->next;
	t->next->prev = t->prev;
	t->next = head->next;
	t->prev = head;
	head->next->prev = t;
	head->next = t;
	return t;
}

uint64_t tr_handle(const struct tr_tensor *t)
{
	return tr__handle(t);
}

struct tr_tensor *tr_from_handle(struct tr_context *ctx, uint64_t handle)
{
	return tr__lookup(ctx, handle);
}

static bool valid(struct tr_context *ctx, enum tr_dtype dtype, int ndim, const int64_t *shape)
{
	char text[TR_SHAPE_TEXT];

	if ((unsigned)dtype >= TR_DTYPE_COUNT) {
		tr__fail(ctx, TR_EINVAL, "element type %d is not one", (int)dtype);
		return false;
	}
	if (ndim < 0 || ndim > TR_MAX_RANK) {
		tr__fail(ctx, TR_EINVAL, "rank %d is outside 0..%d", ndim, TR_MAX_RANK);
		return false;
	}
	for (int i = 0; i < ndim; i++) {
		if (shape[i] < 0) {
			tr__fail(ctx, TR_EINVAL, "shape %s has a negative size", tr__shape_text(text, ndim, shape));
			return false;
		}
	}
	return true;
}

struct tr_tensor *tr_empty(struct tr_context *ctx, enum tr_dtype dtype, int ndim, const int64_t *shape)
{
	struct tr_tensor *t;

	if (!valid(ctx, dtype, ndim, shape))
		return NULL;
	t = tr__tensor_create(ctx, dtype, ndim, shape);
	if (t && tr__storage_back(t->storage)) {
		tr__fail(ctx, TR_ENOMEM, "%s: out of memory for %zu bytes", tr__who(ctx), t->storage->size);
		tr_free(t);
		return NULL;
	}
	return t;
}

struct tr_tensor *tr_full(struct tr_context *ctx, enum tr_dtype dtype, int ndim, const int64_t *shape, double value)
{
	struct tr_tensor *t;

	if (!valid(ctx, dtype, ndim, shape))
		return NULL;
	t = tr__tensor_create(ctx, dtype, ndim, shape);
	if (t && tr_fill_out(t, value)) {
		tr_free(t);
		return NULL;
	}
	return t;
}

struct tr_tensor *tr_zeros(struct tr_context *ctx, enum tr_dtype dtype, int ndim, const int64_t *shape)
{
	return tr_full(ctx, dtype, ndim, shape, 0);
}

struct tr_tensor *tr_ones(struct tr_context *ctx, enum tr_dtype dtype, int ndim, const int64_t *shape)
{
	return tr_full(ctx, dtype, ndim, shape, 1);
}

/* The dense tensor's values, which it has memory for. */
static int write_values(struct tr_tensor *t, const void *src, size_t size)
{
	struct tr_context *ctx = t->ctx;
	const struct tr_storage *s = t->storage;
	size_t offset = (size_t)t->offset * tr__size(tr_dtype_of(t));
	char detail[128] = "";
	int err;

	if (!ctx->driver->write || s->borrowed) {
		memcpy((char *)s->mem.host + offset, src, size);
		return 0;
	}
	err = ctx->driver->write(ctx->dev, &s->mem, offset, src, size, detail);
	return err ? tr__fail(ctx, -err, "write: %s", detail) : 0;
}

struct tr_tensor *tr_from_data(struct tr_context *ctx, enum tr_dtype dtype, int ndim, const int64_t *shape,
			       const void *data)
{
	struct tr_tensor *t = tr_empty(ctx, dtype, ndim, shape);

	if (t && t->numel && write_values(t, data, t->storage->size)) {
		tr_free(t);
		return NULL;
	}
	return t;
}

static struct tr_tensor *weak(struct tr_context *ctx, enum tr_dtype dtype, const void *value)
{
	struct tr_tensor *t = tr_from_data(ctx, dtype, 0, NULL, value);

	if (t)
		t->flags |= TR_TENSOR_WEAK;
	return t;
}

struct tr_tensor *tr_scalar(struct tr_context *ctx, double value)
{
	return weak(ctx, TR_F64, &value);
}

struct tr_tensor *tr_scalar_int(struct tr_context *ctx, int64_t value)
{
	return weak(ctx, TR_I64, &value);
}

struct tr_tensor *tr_borrow(struct tr_context *ctx, enum tr_dtype dtype, int ndim, const int64_t *shape, void *data,
			    unsigned flags, void (*release)(void *user), void *user)
{
	struct tr_tensor *t;
	struct tr_storage *s;
	int64_t n;

	if (!valid(ctx, dtype, ndim, shape))
		return NULL;
	if (flags & ~TR_BORROW_CONST) {
		tr__fail(ctx, TR_EINVAL, "borrow: unknown flags 0x%x", flags);
		return NULL;
	}
	if ((uintptr_t)data % tr_dtype_size(dtype) && tr__kind(dtype) != TR_KIND_COMPLEX) {
		tr__fail(ctx, TR_EINVAL, "borrow: address %p is not aligned to the %zu bytes of %s", data,
			 tr_dtype_size(dtype), tr_dtype_name(dtype));
		return NULL;
	}
	n = count(ctx, dtype, ndim, shape);
	if (n < 0)
		return NULL;
	t = dense(ctx, tr__storage_bare(&ctx->cache, (size_t)n * tr_dtype_size(dtype)), dtype, ndim, shape, n);
	if (!t)
		return NULL;
	s = t->storage;
	s->borrowed = true;
	s->is_const = flags & TR_BORROW_CONST;
	s->mem.addr = s->mem.host = data;
	s->mem.size = s->size;
	s->release = release;
	s->user = user;
	return t;
}

struct tr_context *tr_context_of(const struct tr_tensor *t)
{
	return t->ctx;
}

enum tr_dtype tr_dtype_of(const struct tr_tensor *t)
{
	return (enum tr_dtype)t->dtype;
}

int tr_ndim(const struct tr_tensor *t)
{
	return t->ndim;
}

const int64_t *tr_shape(const struct tr_tensor *t)
{
	return t->shape;
}

const int64_t *tr_strides(const struct tr_tensor *t)
{
	return t->stride;
}

int64_t tr_numel(const struct tr_tensor *t)
{
	return t->numel;
}

bool tr_is_contiguous(const struct tr_tensor *t)
{
	return t->contiguous;
}

bool tr_shares_storage(const struct tr_tensor *a, const struct tr_tensor *b)
{
	return a->storage == b->storage;
}

/* Runs what is pending, so that the storage holds its values. */
static int settle_values(struct tr_tensor *t, const char *who)
{
	struct tr_context *ctx = t->ctx;
	int err;

	if (ctx->capturing)
		return tr__fail(ctx, TR_ESTATE, "%s: a plan is being recorded; its results exist after tr_plan_run",
				who);
	err = ctx->queue.n ? tr_flush(ctx) : 0;
	if (t->storage->state == TR_STORAGE_FAILED)
		return err ? err : tr__fail(ctx, TR_ESTATE, "%s: the operation that should have made this tensor failed", who);
	if (t->storage->state == TR_STORAGE_PENDING)
		return tr__fail(ctx, TR_ESTATE, "%s: the plan that makes this tensor was not run yet", who);
	if (tr__storage_back(t->storage))
		return tr__fail(ctx, TR_ENOMEM, "%s: out of memory", who);
	return 0;
}

const void *tr_data_const(struct tr_tensor *t)
{
	if (!t || t->numel == 0 || settle_values(t, "data"))
		return NULL;
	return (const char *)t->storage->mem.host + t->offset * tr__size(tr_dtype_of(t));
}

void *tr_data(struct tr_tensor *t)
{
	const void *data;

	if (t && t->storage->is_const) {
		tr__fail(t->ctx, TR_EREADONLY, "data: the tensor's memory is read-only%s; use tr_data_const",
			 tr__why_readonly(t->storage));
		return NULL;
	}
	data = tr_data_const(t);
	if (data && t->ctx->driver->expect)
		t->ctx->driver->expect(t->ctx->dev, NULL, 0, 0);
	return (void *)(uintptr_t)data;
}

int tr_freeze(struct tr_tensor *t)
{
	int err;

	if (!t)
		return -TR_EINVAL;
	err = settle_values(t, "freeze");
	if (err || t->storage->is_frozen)
		return err;
	t->storage->is_const = t->storage->is_frozen = true;
	t->ctx->frozen++;
	return 0;
}

bool tr_is_frozen(const struct tr_tensor *t)
{
	return t->storage->is_frozen;
}

/* Bytes of all elements, and that the caller's size agrees. */
static int check_size(struct tr_tensor *t, size_t size, const char *who)
{
	size_t want = (size_t)t->numel * tr_dtype_size(tr_dtype_of(t));
	char text[TR_SHAPE_TEXT];

	if (size == want)
		return 0;
	return tr__fail(t->ctx, TR_EINVAL, "%s: %zu bytes given, but %s of %s has %zu", who, size,
			tr__shape_text(text, t->ndim, t->shape), tr_dtype_name(tr_dtype_of(t)), want);
}

/* Dense t, whose values are there. */
static int read_values(struct tr_tensor *t, void *dst, size_t size)
{
	struct tr_context *ctx = t->ctx;
	const struct tr_storage *s = t->storage;
	size_t offset = (size_t)t->offset * tr__size(tr_dtype_of(t));
	char detail[128] = "";
	int err;

	if (!ctx->driver->read || s->borrowed) {
		memcpy(dst, (const char *)s->mem.host + offset, size);
		return 0;
	}
	err = ctx->driver->read(ctx->dev, &s->mem, offset, dst, size, detail);
	return err ? tr__fail(ctx, -err, "read: %s", detail) : 0;
}

int tr_read(struct tr_tensor *t, void *dst, size_t size)
{
	struct tr_tensor *flat = t;
	struct tr_reading reading;
	int err;

	if (!t)
		return -TR_EINVAL;
	err = check_size(t, size, "read");
	if (err || t->numel == 0)
		return err;
	if (!t->contiguous)
		flat = tr_copy(t);
	if (!flat)
		return t->ctx->status;
	reading = (struct tr_reading){flat->storage, (size_t)flat->offset * tr__size(tr_dtype_of(flat)), size};
	t->ctx->reading = reading;
	err = settle_values(flat, "data");
	t->ctx->reading.storage = NULL;
	if (!err)
		err = read_values(flat, dst, size);
	if (!err && t->ctx->replayed)
		tr__plan_was_read(t->ctx->replayed, &reading);
	t->ctx->replayed = NULL;
	if (flat != t)
		tr_free(flat);
	return err;
}

int tr_write(struct tr_tensor *t, const void *src, size_t size)
{
	struct tr_tensor *from;
	int err;

	if (!t)
		return -TR_EINVAL;
	err = check_size(t, size, "write");
	if (err || t->numel == 0)
		return err;
	if (t->contiguous && !(t->flags & TR_TENSOR_REPEATS)) {
		if (t->storage->is_const)
			return tr__fail(t->ctx, TR_EREADONLY, "write: the tensor's memory is read-only%s",
					tr__why_readonly(t->storage));
		err = settle_values(t, "data");
		return err ? err : write_values(t, src, size);
	}
	from = tr_from_data(t->ctx, tr_dtype_of(t), t->ndim, t->shape, src);
	err = from ? tr_copy_out(t, from) : t->ctx->status;
	tr_free(from);
	return err ? err : tr_flush(t->ctx);
}
