/* SPDX-License-Identifier: MIT */
/*
 * The queue: entries that were accepted and lowered to commands, waiting to be compiled and run together.
 * Batches and plans are both lists of nodes; a plan keeps what the compiler made of them.
 */
#ifndef TR_LIB_QUEUE_H
#define TR_LIB_QUEUE_H

#include "lib/driver.h"
#include "lib/memory.h"

/* One accepted entry: the command, with the storage behind each operand until addresses are known. */
struct tr_node {
	struct tr_cmd cmd;
	struct tr_operand operand[TR_CMD_OPERANDS]; /* addr is filled in by the compiler */
	struct tr_storage *storage[TR_CMD_OPERANDS];/* referenced by the node once it is queued; NULL if left out */
	int64_t offset[TR_CMD_OPERANDS];            /* of the first element, in bytes */
	uint64_t user_data;
	uint64_t dst;                               /* handle for the completion */
	uint8_t flags;                              /* TR_SQE_* of the entry */
};

#define TR_QUEUE_NODES 1024 /* a batch is flushed when it has this many; a plan may grow past it */
#define TR_QUEUE_BYTES ((size_t)512 << 20) /* and what is collected outside one when it touches so many: it keeps what was
					      freed since, and a submission costs little beside them */

/*
 * What the compiler makes of a list of nodes. The arrays are kept from batch to batch. storage and offset are parallel
 * to operand; storage is referenced here if somebody else can see it, NULL for a temporary.
 */
struct tr_compiled {
	struct tr_cmd *cmd;
	size_t ncmd, cmd_cap;
	size_t *first; /* first[c]: the first node of command c */
	size_t first_cap;
	struct tr_operand *operand;
	size_t noperand, operand_cap;
	struct tr_storage **storage;
	size_t storage_cap;
	int64_t *offset;
	size_t offset_cap;
	struct tr_program *program;
	size_t nprogram, program_cap;
	size_t nodes;           /* compiled, from the front of the queue, unless all are */
	size_t fused;           /* nodes that share a command */
	struct tr_cache *temps; /* where temporaries' memory comes from and goes to */
};

struct tr_queue {
	struct tr_node *node;
	size_t n, cap;
	size_t bytes; /* of the operands' storages, of nodes collected outside a batch */
	struct tr_compiled compiled;
};

/* Appends a node and takes references to its storages; flushes first if the queue is full. 0 or -TR_ENOMEM. */
int tr__queue_push(struct tr_context *ctx, const struct tr_node *node);

/*
 * Brings operands of a reduction, whose axes are in logical order with the reduced ones in the set attr->u32[0], into
 * the form of the driver contract: [kept…, reduced…, kept inner…], axes merged where dst and all n sources allow it.
 */
void tr__group_reduce(struct tr_operand *dst, struct tr_operand *src, int n, union tr_attr *attr);

/* The same outside a batch, for a command that cannot fail for its operands' values: the queue is flushed if what is
 * collected is work enough for a submission. */
int tr__queue_collect(struct tr_context *ctx, const struct tr_node *node);

/* Runs one node at once, without the queue. */
int tr__queue_bypass(struct tr_context *ctx, struct tr_node *node);

/* Drops all nodes; what they should have written is marked failed. */
void tr__queue_clear(struct tr_context *ctx);
void tr__queue_finish(struct tr_context *ctx);

/* Posts a node's completion, if its entry asked for one. */
void tr__complete(struct tr_context *ctx, uint8_t flags, uint64_t user_data, uint64_t dst, int res);

/*
 * Fuses the queue's nodes into commands and gives memory to what needs it; the queue is empty afterwards. Results
 * nobody can see are left out, and a temporary's memory goes to temps when its last reader is compiled, to be used
 * again by the commands after it. temps is the context's cache for a batch and the plan's own for a plan.
 * 0 or -TR_ENOMEM; the nodes not compiled are then still queued.
 */
int tr__compile(struct tr_context *ctx, struct tr_compiled *out, struct tr_cache *temps);

/* The operands that command i writes: from c->operand[*first] up to *last. */
static inline void tr__destinations(const struct tr_compiled *c, size_t i, size_t *first, size_t *last)
{
	const struct tr_cmd *cmd = &c->cmd[i];
	bool stores = cmd->op == TR_OP_COUNT; /* else the one result is operand 0 */

	*first = (size_t)(cmd->operand - c->operand);
	*last = *first + (stores ? cmd->noperand : 1);
	if (stores)
		*first += cmd->prog->nload;
}

/* Marks what was written ready or failed, and drops the references. */
void tr__compiled_release(struct tr_compiled *c);
void tr__compiled_finish(struct tr_compiled *c, const struct tr_allocator *alloc);

/* Hands commands to the driver; the first failing one is recorded in the context under its operation's name. */
int tr__run(struct tr_context *ctx, const struct tr_cmd *cmds, size_t n, size_t *failed);

/* Records the error of a command, with the driver's line if it has one; returns it. */
int tr__blame(struct tr_context *ctx, const struct tr_cmd *cmd, int err, const char *detail);

/*
 * Fuses a run of elementwise nodes from the front of node[0..n): fills a program and the operands it loads and stores
 * with their storages and offsets. Returns how many nodes it took; below 2 nothing was fused. Values that nobody outside
 * the run can see are never stored. If the node behind the run reduces the one value that is seen, and `reductions` are
 * wanted, it is taken too: reduction is then true, and the operands are its destination and the loads. Storages' uses
 * must still count the nodes' references.
 */
struct tr_fused {
	bool reduction;
	struct tr_program *program;
	struct tr_operand operand[TR_PROGRAM_OPERANDS];
	struct tr_storage *storage[TR_PROGRAM_OPERANDS];
	int64_t offset[TR_PROGRAM_OPERANDS];
};
size_t tr__fuse(const struct tr_node *node, size_t n, bool reductions, struct tr_fused *out);

#endif
