/* SPDX-License-Identifier: MIT */
/* The queue: collecting nodes, flushing them through the compiler to the driver, completions. */
#include <string.h>

#include "lib/context.h"

void tr__complete(struct tr_context *ctx, uint8_t flags, uint64_t user_data, uint64_t dst, int res)
{
	struct tr_cqe *cqe;

	if (!(flags & TR_SQE_CQE))
		return;
	cqe = &ctx->cq[ctx->cq_tail++ % TR_CQ_ENTRIES]; /* tr_submit saw that there is room */
	cqe->user_data = user_data;
	cqe->dst = res ? 0 : dst;
	cqe->res = res;
	cqe->flags = 0;
}

int tr__blame(struct tr_context *ctx, const struct tr_cmd *cmd, int err, const char *detail)
{
	return tr__fail(ctx, (enum tr_status)-err, "%s: %s",
			cmd->op == TR_OP_COUNT ? "fused operations" : tr__ops[cmd->op].name,
			detail[0] ? detail : tr_strstatus(err));
}

int tr__run(struct tr_context *ctx, const struct tr_cmd *cmds, size_t n, size_t *failed)
{
	char detail[128] = "";
	int err = ctx->driver->run(ctx->dev, cmds, n, failed, detail);

	ctx->stats.dispatched += err ? *failed : n;
	return err ? tr__blame(ctx, &cmds[*failed], err, detail) : 0;
}

int tr__queue_bypass(struct tr_context *ctx, struct tr_node *node)
{
	struct tr_operand *all[TR_CMD_OPERANDS];
	int n = node->cmd.noperand, err;
	size_t failed;

	for (int k = 0; k < n; k++) {
		struct tr_storage *s = node->storage[k];

		all[k] = &node->operand[k];
		if (s && tr__storage_back(s))
			return tr__fail(ctx, TR_ENOMEM, "%s: out of memory for %zu bytes",
					tr__ops[node->cmd.op].name, s->size);
		node->operand[k].addr = s ? (char *)s->mem.addr + node->offset[k] : NULL;
	}
	if (tr__family_is_map((enum tr_family)node->cmd.family) && node->operand[0].ndim > 1)
		tr__merge_axes(all, n, 0, node->operand[0].ndim);
	if (tr__family_is_reduce((enum tr_family)node->cmd.family))
		tr__group_reduce(&node->operand[0], &node->operand[1], 1, &node->cmd.attr);
	node->cmd.operand = node->operand;
	err = tr__run(ctx, &node->cmd, 1, &failed);
	if (!err) /* else an old destination still holds values: drivers check before they write */
		node->storage[0]->state = TR_STORAGE_READY;
	return err;
}

static int grow(struct tr_context *ctx)
{
	struct tr_queue *q = &ctx->queue;
	size_t cap = q->cap ? 2 * q->cap : 64;
	struct tr_node *node = tr__alloc(&ctx->alloc, cap, sizeof(*node));

	if (!node)
		return tr__fail(ctx, TR_ENOMEM, "%s: out of memory for %zu queued operations", tr__who(ctx), cap);
	ctx->stats.allocs++;
	if (q->n)
		memcpy(node, q->node, q->n * sizeof(*node));
	tr__free(&ctx->alloc, q->node, q->cap, sizeof(*node));
	q->node = node;
	q->cap = cap;
	return 0;
}

int tr__queue_push(struct tr_context *ctx, const struct tr_node *node)
{
	struct tr_queue *q = &ctx->queue;

	if (q->n >= TR_QUEUE_NODES && !ctx->capturing)
		tr_flush(ctx);
	if (q->n == q->cap && grow(ctx))
		return -TR_ENOMEM;
	q->node[q->n++] = *node;
	for (int k = 0; k < node->cmd.noperand; k++)
		if (node->storage[k])
			tr__storage_ref(node->storage[k]);
	if (!node->storage[0]->mem.addr)
		node->storage[0]->state = TR_STORAGE_PENDING;
	return 0;
}

int tr__queue_collect(struct tr_context *ctx, const struct tr_node *node)
{
	int err = tr__queue_push(ctx, node);

	for (int k = 0; k < node->cmd.noperand && !err; k++)
		ctx->queue.bytes += node->storage[k] ? node->storage[k]->size : 0;
	if (!err && ctx->queue.bytes >= TR_QUEUE_BYTES)
		tr_flush(ctx); /* whose results fail tells their reader */
	return err;
}

void tr__queue_clear(struct tr_context *ctx)
{
	struct tr_queue *q = &ctx->queue;

	for (size_t i = 0; i < q->n; i++) {
		struct tr_node *node = &q->node[i];

		for (int k = 0; k < node->cmd.noperand; k++) {
			if (!node->storage[k])
				continue;
			if (k == 0)
				node->storage[0]->state = TR_STORAGE_FAILED;
			tr__storage_unref(node->storage[k]);
		}
	}
	q->n = 0;
}

void tr__queue_finish(struct tr_context *ctx)
{
	tr__queue_clear(ctx);
	tr__compiled_finish(&ctx->queue.compiled, &ctx->alloc);
	tr__free(&ctx->alloc, ctx->queue.node, ctx->queue.cap, sizeof(*ctx->queue.node));
	tr__free(&ctx->alloc, ctx->cq, TR_CQ_ENTRIES, sizeof(*ctx->cq));
}

/* Whether a command failed for its operands' values: it then was looked at before anything was written. */
static bool was_refused(int res)
{
	return res == -TR_EINDEX || res == -TR_ESTATE;
}

/*
 * The destinations of commands [from, to) take a state, and their nodes, of the first `nodes`, complete with res. One that
 * already held values holds them still after a command that was refused, the first of those that failed.
 */
static void settle(struct tr_context *ctx, const struct tr_compiled *c, size_t from, size_t to, size_t nodes,
		   enum tr_storage_state state, int res)
{
	for (size_t i = from; i < to; i++) {
		size_t k, last;
		size_t node_end = i + 1 < c->ncmd ? c->first[i + 1] : nodes;

		for (tr__destinations(c, i, &k, &last); k < last; k++)
			if (c->storage[k] &&
			    !(i == from && was_refused(res) && c->storage[k]->state == TR_STORAGE_READY))
				c->storage[k]->state = (uint8_t)state;
		for (k = c->first[i]; k < node_end; k++)
			tr__complete(ctx, ctx->queue.node[k].flags, ctx->queue.node[k].user_data,
				     ctx->queue.node[k].dst, res);
	}
}

/* Compiles the queue and runs it. Nodes there is no memory for stay queued: -TR_ENOMEM in *err. The status of the run. */
static int flush_queue(struct tr_context *ctx, int *err)
{
	struct tr_queue *q = &ctx->queue;
	struct tr_compiled *c = &q->compiled;
	size_t failed = 0, done;
	uint64_t begin = ctx->trace ? tr__trace_now() : 0;
	int run;

	tr__cache_pin(&ctx->cache);
	*err = tr__compile(ctx, c, &ctx->cache);
	if (ctx->trace)
		tr__trace_span(ctx->trace, tr__trace_thread(), "compile", begin, tr__trace_now(), c->ncmd);
	if (c->ncmd)
		tr__expect(ctx, &ctx->reading);
	run = c->ncmd ? tr__run(ctx, c->cmd, c->ncmd, &failed) : 0;
	if (!run)
		failed = c->ncmd;
	done = *err ? c->nodes : q->n;
	/* What follows a failed command may have needed its result: none of it counts as done. */
	settle(ctx, c, 0, failed, done, TR_STORAGE_READY, 0);
	settle(ctx, c, failed, c->ncmd, done, TR_STORAGE_FAILED, run);
	ctx->stats.fused += c->fused;
	tr__compiled_release(c);
	tr__cache_unpin(&ctx->cache);
	q->n -= done;
	memmove(q->node, q->node + done, q->n * sizeof(*q->node));
	return run;
}

int tr_flush(struct tr_context *ctx)
{
	struct tr_queue *q = &ctx->queue;
	uint64_t begin = 0;
	size_t all = q->n, before;
	int err, run;

	if (ctx->capturing)
		return tr__fail(ctx, TR_ESTATE, "flush: a plan is being recorded");
	if (q->n == 0)
		return 0;
	if (ctx->trace)
		begin = tr__trace_now();
	do { /* what is done may leave memory for the rest */
		before = q->n;
		run = flush_queue(ctx, &err);
	} while (err && !run && q->n < before);
	ctx->stats.flushes++;
	q->bytes = 0;
	if (ctx->trace)
		tr__trace_span(ctx->trace, tr__trace_thread(), "flush", begin, tr__trace_now(), all);
	if (err) {
		tr__fail(ctx, TR_ENOMEM, "%s: out of memory for a batch of %zu operations, which ends there",
			 tr__ops[q->node[0].cmd.op].name, all);
		tr__queue_clear(ctx);
	}
	return run ? run : err;
}

bool tr_peek_cqe(struct tr_context *ctx, struct tr_cqe *cqe)
{
	if (ctx->cq_head == ctx->cq_tail)
		return false;
	*cqe = ctx->cq[ctx->cq_head++ % TR_CQ_ENTRIES];
	return true;
}

int tr_wait_cqe(struct tr_context *ctx, struct tr_cqe *cqe)
{
	if (ctx->cq_head == ctx->cq_tail)
		tr_flush(ctx);
	return tr_peek_cqe(ctx, cqe) ? 0 : -TR_ESTATE;
}
