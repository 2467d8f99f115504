/* SPDX-License-Identifier: MIT */
/* Plans: recording into the queue, keeping what the compiler makes of it, replaying it. */
#include <string.h>

#include "lib/context.h"

struct tr_plan {
	struct tr_context *ctx;
	struct tr_compiled code;
	struct tr_cache temps; /* the memory of its temporaries */
	size_t recorded;
	struct tr_recording *recording; /* the driver's; NULL if it has none */
	bool was_recorded;              /* it was asked for one */
	bool rebound;                   /* addresses have changed since */
	size_t read;                    /* 1 + the operand that was read after the run before; 0: none was */
	struct tr_reading reading;      /* which bytes of it */
	bool was_read;                  /* after the last run */
	uint64_t frozen;                /* the context's when it was seen to write to nothing read-only */
};

int tr_plan_begin(struct tr_context *ctx)
{
	int err;

	if (ctx->capturing)
		return tr__fail(ctx, TR_ESTATE, "plan_begin: a plan is being recorded already");
	err = tr_flush(ctx);
	if (err)
		return err;
	ctx->capturing = true;
	ctx->failures = 0;
	ctx->batch++;
	return 0;
}

struct tr_plan *tr_plan_end(struct tr_context *ctx)
{
	struct tr_plan *plan = NULL;

	if (!ctx->capturing) {
		tr__fail(ctx, TR_ESTATE, "plan_end: no plan is being recorded");
		return NULL;
	}
	ctx->capturing = false;
	ctx->batch--;
	if (ctx->failures)
		goto fail;
	plan = tr__zalloc(&ctx->alloc, 1, sizeof(*plan));
	if (!plan) {
		tr__fail(ctx, TR_ENOMEM, "plan_end: out of memory");
		goto fail;
	}
	plan->ctx = ctx;
	plan->recorded = ctx->queue.n;
	plan->frozen = ctx->frozen;
	tr__cache_init(&plan->temps, ctx->driver, ctx->dev, &ctx->alloc, &ctx->stats, SIZE_MAX);
	plan->temps.keeper = &ctx->cache;
	tr__cache_pin(&plan->temps);
	if (tr__compile(ctx, &plan->code, &plan->temps)) {
		tr__fail(ctx, TR_ENOMEM, "plan_end: out of memory for %zu operations", plan->recorded);
		goto fail;
	}
	ctx->queue.n = 0;
	ctx->stats.fused += plan->code.fused;
	return plan;
fail:
	tr__queue_clear(ctx);
	tr_plan_destroy(plan);
	return NULL;
}

/* Has the driver record the commands, unless what it recorded before still fits. */
static int record(struct tr_plan *plan)
{
	struct tr_context *ctx = plan->ctx;
	const struct tr_driver *d = ctx->driver;
	char detail[128] = "";
	size_t failed = 0;
	int err;

	if (!d->record || !plan->code.ncmd)
		return 0;
	if (plan->rebound && plan->recording && !d->rebind(ctx->dev, plan->recording)) {
		d->forget(ctx->dev, plan->recording);
		plan->recording = NULL;
		plan->was_recorded = false;
	}
	plan->rebound = false;
	if (plan->was_recorded)
		return 0;
	err = d->record(ctx->dev, plan->code.cmd, plan->code.ncmd, &plan->recording, &failed, detail);
	plan->was_recorded = !err;
	return err ? tr__blame(ctx, &plan->code.cmd[failed], err, detail) : 0;
}

void tr__plan_was_read(struct tr_plan *plan, const struct tr_reading *r)
{
	plan->was_read = true;
	plan->reading = *r;
	plan->read = 0;
	for (size_t i = 0; i < plan->code.noperand && !plan->read; i++)
		if (plan->code.storage[i] == r->storage)
			plan->read = i + 1;
}

/* What was read after the last run is expected to be read after this one. */
static void expect(struct tr_plan *plan)
{
	if (!plan->was_read)
		plan->read = 0;
	plan->was_read = false;
	if (!plan->read)
		return;
	plan->reading.storage = plan->code.storage[plan->read - 1]; /* another one may have been bound */
	tr__expect(plan->ctx, &plan->reading);
}

static int run(struct tr_plan *plan)
{
	struct tr_context *ctx = plan->ctx;
	char detail[128] = "";
	size_t failed = 0;
	int err;

	if (!plan->recording)
		return tr__run(ctx, plan->code.cmd, plan->code.ncmd, &failed);
	err = ctx->driver->replay(ctx->dev, plan->recording, &failed, detail);
	ctx->stats.dispatched += err ? failed : plan->code.ncmd;
	return err ? tr__blame(ctx, &plan->code.cmd[failed], err, detail) : 0;
}

/* The first command that writes to s, or, if that is NULL, to what is read-only; -1 if none does. */
static ptrdiff_t find_writer(const struct tr_compiled *c, const struct tr_storage *s)
{
	size_t k, last;

	for (size_t i = 0; i < c->ncmd; i++)
		for (tr__destinations(c, i, &k, &last); k < last; k++)
			if (c->storage[k] && (s ? c->storage[k] == s : c->storage[k]->is_const))
				return (ptrdiff_t)i;
	return -1;
}

/* What was frozen after the plan was recorded may be what it writes, else it may keep things of it. */
static int check_frozen(struct tr_plan *plan)
{
	struct tr_compiled *c = &plan->code;
	ptrdiff_t writer;

	if (plan->frozen == plan->ctx->frozen)
		return 0;
	writer = find_writer(c, NULL);
	if (writer >= 0)
		return tr__blame(plan->ctx, &c->cmd[writer], -TR_EREADONLY,
				 "its destination in the plan is read-only: it was frozen (tr_freeze) since");
	for (size_t i = 0; i < c->noperand; i++)
		c->operand[i].frozen = c->storage[i] ? tr__frozen(c->storage[i]) : NULL;
	plan->frozen = plan->ctx->frozen;
	return 0;
}

int tr_plan_run(struct tr_plan *plan)
{
	struct tr_compiled *c = &plan->code;
	struct tr_trace *trace = plan->ctx->trace;
	uint64_t begin;
	int err = tr_flush(plan->ctx);

	if (!err)
		err = check_frozen(plan);
	if (err)
		return err;
	begin = trace ? tr__trace_now() : 0;
	err = record(plan);
	if (!err) {
		expect(plan);
		err = run(plan);
	}
	plan->ctx->replayed = plan;
	if (trace)
		tr__trace_span(trace, tr__trace_thread(), "plan_run", begin, tr__trace_now(), c->ncmd);
	for (size_t i = 0; i < c->noperand; i++)
		if (c->storage[i] && c->storage[i]->state != TR_STORAGE_READY && !err)
			c->storage[i]->state = TR_STORAGE_READY;
	return err;
}

int tr_plan_bind(struct tr_plan *plan, const struct tr_tensor *from, struct tr_tensor *to)
{
	struct tr_compiled *c = &plan->code;
	struct tr_context *ctx = plan->ctx;
	struct tr_storage *old, *new;
	int64_t shift;
	bool found = false;

	if (!from || !to || from->dtype != to->dtype || from->ndim != to->ndim ||
	    memcmp(from->shape, to->shape, from->ndim * sizeof(from->shape[0])) != 0 ||
	    memcmp(from->stride, to->stride, from->ndim * sizeof(from->stride[0])) != 0)
		return tr__fail(ctx, TR_EINVAL, "plan_bind: the tensors differ in type, shape or strides");
	if (tr_flush(ctx) || tr__storage_back(to->storage))
		return tr__fail(ctx, TR_ENOMEM, "plan_bind: out of memory");
	old = from->storage;
	new = to->storage;
	if (new->is_const && find_writer(c, old) >= 0)
		return tr__fail(ctx, TR_EREADONLY, "plan_bind: the plan writes to it, and the other's memory is read-only%s",
				tr__why_readonly(new));
	shift = (to->offset - from->offset) * tr__size(tr_dtype_of(to));
	for (size_t i = 0; i < c->noperand; i++) {
		if (c->storage[i] != old)
			continue;
		c->offset[i] += shift;
		c->operand[i].addr = (char *)new->mem.addr + c->offset[i];
		c->operand[i].frozen = tr__frozen(new);
		c->storage[i] = tr__storage_ref(new);
		tr__storage_unref(old);
		found = plan->rebound = true;
	}
	return found ? 0 : tr__fail(ctx, TR_EINVAL, "plan_bind: the plan does not use that tensor");
}

void tr_plan_info(const struct tr_plan *plan, struct tr_plan_info *info)
{
	info->recorded = (uint32_t)plan->recorded;
	info->commands = (uint32_t)plan->code.ncmd;
	info->temp_bytes = plan->temps.held;
}

void tr_plan_destroy(struct tr_plan *plan)
{
	if (!plan)
		return;
	if (plan->ctx->replayed == plan)
		plan->ctx->replayed = NULL;
	if (plan->recording)
		plan->ctx->driver->forget(plan->ctx->dev, plan->recording);
	tr__compiled_finish(&plan->code, &plan->ctx->alloc);
	tr__cache_finish(&plan->temps);
	tr__free(&plan->ctx->alloc, plan, 1, sizeof(*plan));
}
