/* SPDX-License-Identifier: MIT */
/*
 * Submission: the one way in. An entry is checked, its rule infers the result, the destination is made or checked, the
 * command is lowered, and then it runs at once or waits in the queue.
 */
#include "lib/rules/rules.h"
#include "lib/submit.h"

static int find_sources(struct tr_call *c)
{
	const struct tr_rule *rule = &tr__rules[c->info->family];
	const struct tr_sqe *sqe = c->sqe;

	if (sqe->nsrc < rule->min_src || sqe->nsrc > rule->max_src)
		return tr__refuse(c, TR_EINVAL, "%u operands given; it takes %d to %d", sqe->nsrc, rule->min_src,
				  rule->max_src);
	for (int i = 0; i < TR_SQE_SRCS; i++) {
		c->src[i] = NULL;
		if (i >= sqe->nsrc || (i >= rule->min_src && sqe->src[i] == 0))
			continue;
		c->src[i] = tr__lookup(c->ctx, sqe->src[i]);
		if (!c->src[i])
			return tr__refuse(c, TR_EINVAL, "operand %d is no tensor of this context", i + 1);
		if (c->src[i]->storage->state == TR_STORAGE_FAILED)
			return tr__refuse(c, TR_ESTATE, "operand %d was never computed: its operation failed", i + 1);
	}
	c->nsrc = sqe->nsrc;
	return 0;
}

static int find_destination(struct tr_call *c)
{
	struct tr_tensor *y;

	c->dst = NULL;
	if (c->sqe->dst == 0)
		return 0;
	y = tr__lookup(c->ctx, c->sqe->dst);
	if (!y)
		return tr__refuse(c, TR_EINVAL, "the destination is no tensor of this context");
	if (y->storage->is_const)
		return tr__refuse(c, TR_EREADONLY, "the destination's memory is read-only%s", tr__why_readonly(y->storage));
	if (y->flags & TR_TENSOR_REPEATS)
		return tr__refuse(c, TR_EREADONLY, "the destination is a broadcast view; its elements share memory");
	c->dst = y;
	return 0;
}

int tr__check_destination(struct tr_call *c)
{
	const struct tr_tensor *y = c->dst;
	char a[TR_SHAPE_TEXT], b[TR_SHAPE_TEXT];

	if (!tr__same_shape(y->ndim, y->shape, c->ndim, c->shape))
		return tr__refuse(c, TR_ESHAPE, "the destination is %s, the result %s",
				  tr__shape_text(a, y->ndim, y->shape), tr__shape_text(b, c->ndim, c->shape));
	if (c->result != y->dtype && c->info->family != TR_FAMILY_CAST &&
	    !tr__can_cast_same_kind(c->result, tr_dtype_of(y)))
		return tr__refuse(c, TR_EDTYPE, "the result is %s, which does not cast to the destination's %s",
				  tr_dtype_name(c->result), tr_dtype_name(tr_dtype_of(y)));
	return 0;
}

/* Whether writing y could change elements of t before they are read. */
static bool clobbers(const struct tr_call *c, const struct tr_tensor *y, const struct tr_tensor *t)
{
	int64_t ylow, yhigh, tlow, thigh;
	bool same = y->offset == t->offset && y->dtype == t->dtype && y->ndim == t->ndim;

	if (y->storage != t->storage)
		return false;
	for (int i = 0; i < y->ndim && same; i++)
		same = y->shape[i] == t->shape[i] && (y->shape[i] == 1 || y->stride[i] == t->stride[i]);
	if (same && tr__family_is_map((enum tr_family)c->info->family))
		return false; /* element i is read before element i is written */
	tr__extent(y->ndim, y->shape, y->stride, &ylow, &yhigh);
	tr__extent(t->ndim, t->shape, t->stride, &tlow, &thigh);
	return y->offset + ylow < t->offset + thigh && t->offset + tlow < y->offset + yhigh;
}

/* Operands that the destination overlaps are read first: through copies. They live until free_copies. */
static int copy_overlapping(struct tr_call *c, struct tr_tensor **copies)
{
	for (int i = 0; i < c->nsrc; i++) {
		struct tr_sqe sqe;

		copies[i] = NULL;
		if (!c->src[i] || !clobbers(c, c->dst, c->src[i]))
			continue;
		tr_prep_unary(&sqe, TR_OP_copy, tr__handle(c->src[i]));
		copies[i] = tr__submit(c->ctx, &sqe);
		if (!copies[i])
			return c->ctx->status;
		copies[i]->flags |= c->src[i]->flags & TR_TENSOR_WEAK;
		c->src[i] = copies[i];
	}
	return 0;
}

/* Completes an entry that waits for nothing, outside a batch not before the ones collected earlier. */
static void complete(struct tr_context *ctx, uint8_t flags, uint64_t user_data, uint64_t dst, int res)
{
	if (flags & TR_SQE_CQE && !ctx->batch)
		tr_flush(ctx);
	tr__complete(ctx, flags, user_data, dst, res);
}

/* Families whose commands may fail for what their operands hold. */
static bool may_fail(enum tr_family f)
{
	return tr__family_checks(f) || f == TR_FAMILY_NONZERO || f == TR_FAMILY_COMPRESS;
}

/* Lowers the command and runs or queues it. */
static int dispatch(struct tr_call *c)
{
	struct tr_context *ctx = c->ctx;
	struct tr_node node;
	int err;

	if (c->dst->numel == 0 && !tr__family_checks((enum tr_family)c->info->family)) {
		complete(ctx, c->sqe->flags, c->sqe->user_data, tr__handle(c->dst), 0);
		return 0;
	}
	node.cmd.op = c->sqe->op;
	node.cmd.family = c->info->family;
	node.cmd.dtype = (uint8_t)c->eval;
	node.cmd.prog = NULL;
	node.cmd.attr = c->sqe->attr;
	node.user_data = c->sqe->user_data;
	node.dst = tr__handle(c->dst);
	node.flags = c->sqe->flags;
	tr__rules[c->info->family].lower(c, &node);
	if (ctx->batch)
		return tr__queue_push(ctx, &node);
	if (ctx->driver->collects && !may_fail((enum tr_family)c->info->family))
		return tr__queue_collect(ctx, &node);
	node.flags = 0; /* completed here, or by tr_submit if it fails */
	err = ctx->driver->collects ? tr__queue_push(ctx, &node) : tr__queue_bypass(ctx, &node);
	if (!err && ctx->driver->collects)
		err = tr_flush(ctx);
	if (!err)
		complete(ctx, c->sqe->flags, node.user_data, node.dst, 0);
	return err;
}

static struct tr_tensor *run_view(struct tr_call *c)
{
	struct tr_tensor *v = NULL;

	if (c->dst)
		tr__refuse(c, TR_EINVAL, "a view takes no destination");
	else
		v = tr__view_apply(c);
	if (v)
		complete(c->ctx, c->sqe->flags, c->sqe->user_data, tr__handle(v), 0);
	return v;
}

static int run_call(struct tr_call *c)
{
	struct tr_tensor *copies[TR_SQE_SRCS] = {NULL}, *made = NULL;
	int err = tr__rules[c->info->family].infer(c);

	if (err)
		return err == TR__IN_PARTS ? tr__call_in_parts(c) : err;
	if (c->dst) {
		err = tr__check_destination(c);
		if (!err)
			err = copy_overlapping(c, copies);
	} else {
		c->dst = made = tr__tensor_create(c->ctx, c->result, c->ndim, c->shape);
		err = made ? 0 : c->ctx->status;
	}
	if (!err)
		err = dispatch(c);
	for (int i = 0; i < c->nsrc; i++)
		if (copies[i])
			tr_free(copies[i]);
	if (err)
		tr_free(made);
	return err;
}

static struct tr_tensor *submit_call(struct tr_call *c)
{
	if (find_sources(c) || find_destination(c))
		return NULL;
	c->ctx->stats.submitted++;
	if (c->info->family == TR_FAMILY_VIEW)
		return run_view(c);
	return run_call(c) ? NULL : c->dst;
}

struct tr_tensor *tr__submit(struct tr_context *ctx, const struct tr_sqe *sqe)
{
	const char *outer = ctx->who;
	struct tr_tensor *y;
	struct tr_call c;

	if (sqe->op >= TR_OP_COUNT || sqe->version != TR_SQE_VERSION || sqe->reserved) {
		tr__fail(ctx, TR_EINVAL, "entry: unknown opcode %u or version %u", sqe->op, sqe->version);
		return NULL;
	}
	c.ctx = ctx;
	c.sqe = sqe;
	c.info = &tr__ops[sqe->op];
	ctx->who = outer ? outer : c.info->name;
	y = submit_call(&c);
	ctx->who = outer;
	return y;
}

/* Room for n completions, making the ring if this is the first time. */
static int reserve_completions(struct tr_context *ctx, const struct tr_sqe *entries, int n)
{
	uint32_t pending = 0;

	for (int i = 0; i < n; i++)
		pending += (entries[i].flags & TR_SQE_CQE) != 0;
	if (!pending)
		return 0;
	for (size_t i = 0; i < ctx->queue.n; i++)
		pending += (ctx->queue.node[i].flags & TR_SQE_CQE) != 0;
	if (pending + (ctx->cq_tail - ctx->cq_head) > TR_CQ_ENTRIES)
		return -TR_EBUSY;
	if (!ctx->cq) {
		ctx->cq = tr__alloc(&ctx->alloc, TR_CQ_ENTRIES, sizeof(*ctx->cq));
		if (!ctx->cq)
			return tr__fail(ctx, TR_ENOMEM, "submit: out of memory for completions");
		ctx->stats.allocs++;
	}
	return 0;
}

int tr_submit(struct tr_context *ctx, struct tr_sqe *entries, int n)
{
	int first = reserve_completions(ctx, entries, n); /* the first error */
	bool skip = false;                                /* the entry before was linked to this one, and failed */
	bool completes = false;

	if (first)
		return first;
	for (int i = 0; i < n; i++) {
		struct tr_sqe *sqe = &entries[i];
		struct tr_tensor *t = NULL;
		int err = skip ? -TR_ESTATE : 0;

		if (!err && sqe->flags & ~(TR_SQE_LINK | TR_SQE_DRAIN | TR_SQE_CQE))
			err = tr__fail(ctx, TR_EINVAL, "entry %d: unknown flags 0x%x", i, sqe->flags);
		if (!err) {
			t = tr__submit(ctx, sqe);
			err = t ? 0 : ctx->status;
		}
		if (t)
			sqe->dst = tr__handle(t);
		else
			complete(ctx, sqe->flags, sqe->user_data, 0, err);
		if (!first)
			first = err;
		skip = err && sqe->flags & TR_SQE_LINK;
		completes |= sqe->flags & TR_SQE_CQE;
	}
	if (completes && !ctx->batch) { /* there is nothing to flush where calls run at once */
		int err = tr_flush(ctx);

		first = first ? first : err;
	}
	return first;
}
