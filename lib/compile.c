/* SPDX-License-Identifier: MIT */
/*
 * The compiler: the queue's nodes become commands with addresses. It fuses, gives memory to results that are seen,
 * and lets temporaries share it. Runs in time linear in the queue; in steady state it allocates nothing.
 */
#include <string.h>

#include "lib/context.h"

/* Makes room for n more elements in one of the arrays. */
static int reserve(const struct tr_allocator *alloc, void *array, size_t *cap, size_t used, size_t n, size_t size)
{
	void **p = array, *grown;
	size_t want = *cap ? *cap : 64;

	if (used + n <= *cap)
		return 0;
	while (want < used + n)
		want *= 2;
	grown = tr__alloc(alloc, want, size);
	if (!grown)
		return -TR_ENOMEM;
	if (used)
		memcpy(grown, *p, used * size);
	tr__free(alloc, *p, *cap, size);
	*p = grown;
	*cap = want;
	return 0;
}

static int reserve_command(struct tr_context *ctx, struct tr_compiled *c)
{
	const struct tr_allocator *a = &ctx->alloc;

	return reserve(a, &c->cmd, &c->cmd_cap, c->ncmd, 1, sizeof(*c->cmd)) ||
	       reserve(a, &c->first, &c->first_cap, c->ncmd, 1, sizeof(*c->first)) ||
	       reserve(a, &c->operand, &c->operand_cap, c->noperand, TR_PROGRAM_OPERANDS, sizeof(*c->operand)) ||
	       reserve(a, &c->storage, &c->storage_cap, c->noperand, TR_PROGRAM_OPERANDS, sizeof(*c->storage)) ||
	       reserve(a, &c->offset, &c->offset_cap, c->noperand, TR_PROGRAM_OPERANDS, sizeof(*c->offset)) ||
	       reserve(a, &c->program, &c->program_cap, c->nprogram, 1, sizeof(*c->program));
}

/*
 * Appends operands to the command being built, giving their storages memory. The arrays may still move, so the command
 * holds its operands' index until relink().
 */
static int add_operands(struct tr_compiled *c, const struct tr_operand *o, struct tr_storage *const *storage,
			const int64_t *offset, int n)
{
	for (int i = 0; i < n; i++) {
		size_t at = c->noperand + (size_t)i;
		struct tr_storage *s = storage[i];

		c->operand[at] = o[i];
		c->storage[at] = s && !s->is_temp ? s : NULL;
		c->offset[at] = offset[i];
		if (!s)
			continue;
		if (s->is_temp)
			s->cache = c->temps;
		if (tr__storage_back(s))
			return -TR_ENOMEM;
		c->operand[at].addr = (char *)s->mem.addr + offset[i];
	}
	return 0;
}

static void merge_map(struct tr_operand *o, int n)
{
	struct tr_operand *all[TR_PROGRAM_OPERANDS];

	for (int i = 0; i < n; i++)
		all[i] = &o[i];
	tr__merge_axes(all, n, 0, o[0].ndim);
}

static int compile_fused(struct tr_compiled *c, struct tr_cmd *cmd, struct tr_fused *f)
{
	int n = f->program->nload + f->program->nstore;

	merge_map(f->operand, n);
	memset(cmd, 0, sizeof(*cmd));
	cmd->op = TR_OP_COUNT;
	cmd->family = TR_FAMILY_UNARY;
	cmd->noperand = (uint8_t)n;
	cmd->prog = f->program; /* moves with the array; see relink() */
	return add_operands(c, f->operand, f->storage, f->offset, n);
}

/* A program whose value the reduction node takes. */
static int compile_reduction(struct tr_compiled *c, struct tr_cmd *cmd, const struct tr_node *node, struct tr_fused *f)
{
	*cmd = node->cmd;
	cmd->noperand = (uint8_t)(1 + f->program->nload);
	cmd->prog = f->program;
	tr__group_reduce(&f->operand[0], &f->operand[1], f->program->nload, &cmd->attr);
	return add_operands(c, f->operand, f->storage, f->offset, cmd->noperand);
}

static int compile_single(struct tr_compiled *c, struct tr_cmd *cmd, struct tr_node *node)
{
	if (tr__family_is_map((enum tr_family)node->cmd.family))
		merge_map(node->operand, node->cmd.noperand);
	if (tr__family_is_reduce((enum tr_family)node->cmd.family))
		tr__group_reduce(&node->operand[0], &node->operand[1], 1, &node->cmd.attr);
	*cmd = node->cmd;
	return add_operands(c, node->operand, node->storage, node->offset, node->cmd.noperand);
}

/* The arrays have stopped moving: point the commands into them. */
static void relink(struct tr_compiled *c)
{
	struct tr_operand *o = c->operand;
	struct tr_program *p = c->program;

	for (size_t i = 0; i < c->ncmd; i++) {
		c->cmd[i].operand = o;
		o += c->cmd[i].noperand;
		if (c->cmd[i].prog)
			c->cmd[i].prog = p++;
	}
}

/* The compiled operands take references of their own, and the nodes give up theirs. */
static void let_go(struct tr_compiled *c, size_t first_operand, struct tr_node *node, size_t n)
{
	for (size_t k = first_operand; k < c->noperand; k++)
		if (c->storage[k])
			tr__storage_ref(c->storage[k]);
	for (size_t i = 0; i < n; i++) {
		for (int k = 0; k < node[i].cmd.noperand; k++) {
			struct tr_storage *s = node[i].storage[k];

			if (!s)
				continue;
			s->uses--;
			tr__storage_unref(s);
			node[i].storage[k] = NULL;
		}
	}
}

/* Counts the nodes' references, and marks storages that nothing else refers to. */
static void find_temporaries(struct tr_queue *q)
{
	for (size_t i = 0; i < q->n; i++)
		for (int k = 0; k < q->node[i].cmd.noperand; k++)
			if (q->node[i].storage[k])
				q->node[i].storage[k]->uses++;
	for (size_t i = 0; i < q->n; i++) {
		for (int k = 0; k < q->node[i].cmd.noperand; k++) {
			struct tr_storage *s = q->node[i].storage[k];

			if (!s)
				continue;
			s->is_temp = s->state == TR_STORAGE_PENDING && atomic_load(&s->refs) == s->uses;
			s->is_read = false;
		}
	}
}

/* Drops nodes whose result no tensor and no node that matters will read, last to first. */
static void drop_unseen(struct tr_queue *q)
{
	size_t kept = 0;

	for (size_t i = q->n; i-- > 0;) {
		struct tr_node *node = &q->node[i];
		bool matters = !node->storage[0]->is_temp || node->storage[0]->is_read || node->flags & TR_SQE_CQE;

		for (int k = 0; k < node->cmd.noperand; k++) {
			struct tr_storage *s = node->storage[k];

			if (!s)
				continue;
			if (matters) {
				s->is_read |= k > 0;
			} else {
				s->uses--;
				tr__storage_unref(s);
			}
		}
		if (!matters)
			node->cmd.noperand = 0;
	}
	for (size_t i = 0; i < q->n; i++)
		if (q->node[i].cmd.noperand && kept++ != i)
			q->node[kept - 1] = q->node[i];
	q->n = kept;
}

/* Compiles as many nodes from the front as become one command; how many, or -TR_ENOMEM. */
static int64_t compile_next(struct tr_context *ctx, struct tr_compiled *c, size_t at)
{
	struct tr_node *node = &ctx->queue.node[at];
	size_t first = c->noperand, taken;
	struct tr_fused f;
	struct tr_cmd *cmd;
	int err;

	if (reserve_command(ctx, c))
		return -TR_ENOMEM;
	cmd = &c->cmd[c->ncmd];
	f.program = &c->program[c->nprogram];
	taken = tr__fuse(node, ctx->queue.n - at, ctx->driver->fuses_reductions, &f);
	if (taken < 2)
		err = compile_single(c, cmd, node);
	else
		err = f.reduction ? compile_reduction(c, cmd, &node[taken - 1], &f) : compile_fused(c, cmd, &f);
	if (err)
		return err;
	if (taken < 2) {
		taken = 1;
	} else {
		c->nprogram++;
		c->fused += taken;
	}
	c->first[c->ncmd++] = at;
	c->noperand += cmd->noperand;
	let_go(c, first, node, taken);
	return (int64_t)taken;
}

int tr__compile(struct tr_context *ctx, struct tr_compiled *out, struct tr_cache *temps)
{
	struct tr_queue *q = &ctx->queue;
	size_t at = 0;

	out->ncmd = out->noperand = out->nprogram = out->fused = 0;
	out->temps = temps;
	find_temporaries(q);
	drop_unseen(q);
	while (at < q->n) {
		int64_t taken = compile_next(ctx, out, at);

		if (taken < 0)
			break;
		at += (size_t)taken;
	}
	relink(out);
	out->nodes = at;
	for (size_t i = at; i < q->n; i++) /* out of memory: these stay queued, uncounted */
		for (int k = 0; k < q->node[i].cmd.noperand; k++)
			if (q->node[i].storage[k])
				q->node[i].storage[k]->uses = 0;
	return at < q->n ? -TR_ENOMEM : 0;
}

void tr__compiled_release(struct tr_compiled *c)
{
	for (size_t i = 0; i < c->noperand; i++)
		tr__storage_unref(c->storage[i]);
	c->ncmd = c->noperand = c->nprogram = 0;
}

void tr__compiled_finish(struct tr_compiled *c, const struct tr_allocator *a)
{
	tr__compiled_release(c);
	tr__free(a, c->cmd, c->cmd_cap, sizeof(*c->cmd));
	tr__free(a, c->first, c->first_cap, sizeof(*c->first));
	tr__free(a, c->operand, c->operand_cap, sizeof(*c->operand));
	tr__free(a, c->storage, c->storage_cap, sizeof(*c->storage));
	tr__free(a, c->offset, c->offset_cap, sizeof(*c->offset));
	tr__free(a, c->program, c->program_cap, sizeof(*c->program));
	memset(c, 0, sizeof(*c));
}
