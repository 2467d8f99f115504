/* SPDX-License-Identifier: MIT */
/*
 * The command entry, and the ring it goes through: what tr_add() and every other operation is made of.
 *
 *	struct tr_sqe sqe;
 *	tr_prep_binary(&sqe, TR_OP_add, tr_handle(a), tr_handle(b));
 *	sqe.user_data = 42;
 *	tr_submit(ctx, &sqe, 1);              // sqe.dst now names the result
 *	while (tr_peek_cqe(ctx, &cqe)) …      // cqe.user_data == 42, cqe.res == 0
 *
 * An entry is 128 bytes, holds no host pointer and is laid out as std430 would (every member aligned to its
 * size, the whole to 16), so that it can cross into a process, a ring or a device unchanged.
 */
#ifndef TRUENO_RING_H
#define TRUENO_RING_H

#include <string.h>

#include <trueno/context.h>
#include <trueno/opcodes.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TR_SQE_VERSION 1
#define TR_SQE_SRCS 4

/* Entry flags. */
#define TR_SQE_LINK 0x1u  /* the next entry runs only if this one succeeds; else it completes with -TR_ESTATE */
#define TR_SQE_DRAIN 0x2u /* everything submitted before this entry completes before it starts */
#define TR_SQE_CQE 0x4u   /* post a completion */

/* The operation's own parameters. Which member an operation reads is said in its row of the operation table;
 * the rest must be zero. */
union tr_attr {
	double f64[8];   /* scalars: slope, alpha, eps … */
	int64_t i64[8];  /* shapes, permutations, slices, counts */
	uint32_t u32[16];
};

struct tr_sqe {
	uint16_t op;       /* enum tr_op */
	uint8_t version;   /* TR_SQE_VERSION */
	uint8_t flags;     /* TR_SQE_* */
	uint8_t nsrc;      /* sources used, 0..4 */
	uint8_t dtype;     /* result or accumulator type where the operation takes one; TR_DTYPE_NONE otherwise */
	uint16_t rank;     /* entries of attr.i64 used as a shape or permutation */
	uint64_t user_data;/* copied to the completion */
	uint64_t dst;      /* handle of the destination; 0: make one, and write its handle here */
	uint64_t src[TR_SQE_SRCS]; /* handles; unused ones are 0 */
	union tr_attr attr;
	uint64_t reserved; /* must be 0 */
};

struct tr_cqe {
	uint64_t user_data;
	uint64_t dst; /* handle of the result, 0 on failure */
	int32_t res;  /* 0 or a negative status */
	uint32_t flags;
};

/* A tensor's handle: an index with a generation, never 0 and never reused within a context, so that a stale
 * one is refused (-TR_EINVAL) rather than followed. NULL gives 0. tr_from_handle gives NULL for 0 or stale. */
TR_API uint64_t tr_handle(const struct tr_tensor *t);
TR_API struct tr_tensor *tr_from_handle(struct tr_context *ctx, uint64_t handle);

/*
 * Submits n entries in order. Each is checked at once (shapes, types, handles); inside a batch the work itself
 * waits for the flush. 0, or the status of the first entry that was refused: those after it are still taken,
 * unless it was linked to them. An entry with TR_SQE_CQE gets its completion in either case.
 * -TR_EBUSY if the completions would not fit: reap some and submit again; nothing was taken then.
 * A batch stops at the first command that fails while it runs; that one and all behind it complete with its status.
 * Entries are read and dst written before the call returns; the array stays the caller's.
 */
TR_API int tr_submit(struct tr_context *ctx, struct tr_sqe *entries, int n);

/* Takes the oldest completion, if there is one. Never blocks, runs nothing. */
TR_API bool tr_peek_cqe(struct tr_context *ctx, struct tr_cqe *cqe);

/* As tr_peek_cqe, after flushing if there is none yet. -TR_ESTATE if nothing is under way. */
TR_API int tr_wait_cqe(struct tr_context *ctx, struct tr_cqe *cqe);

/* Completions that can wait unreaped. */
#define TR_CQ_ENTRIES 1024

static inline void tr_prep(struct tr_sqe *sqe, enum tr_op op)
{
	/* in halves: a compiler clears more than 64 bytes by a string instruction, slower than the rest of a call */
	memset(sqe, 0, sizeof(*sqe) / 2);
	memset((char *)sqe + sizeof(*sqe) / 2, 0, sizeof(*sqe) / 2);
	sqe->op = (uint16_t)op;
	sqe->version = TR_SQE_VERSION;
	sqe->dtype = TR_DTYPE_NONE;
}

static inline void tr_prep_unary(struct tr_sqe *sqe, enum tr_op op, uint64_t a)
{
	tr_prep(sqe, op);
	sqe->nsrc = 1;
	sqe->src[0] = a;
}

static inline void tr_prep_binary(struct tr_sqe *sqe, enum tr_op op, uint64_t a, uint64_t b)
{
	tr_prep_unary(sqe, op, a);
	sqe->nsrc = 2;
	sqe->src[1] = b;
}

static inline void tr_prep_ternary(struct tr_sqe *sqe, enum tr_op op, uint64_t a, uint64_t b, uint64_t c)
{
	tr_prep_binary(sqe, op, a, b);
	sqe->nsrc = 3;
	sqe->src[2] = c;
}

/* axes: TR_AXIS(…) set; flags: TR_KEEPDIMS | TR_AS(dtype) | TR_DDOF(n). */
static inline void tr_prep_reduce(struct tr_sqe *sqe, enum tr_op op, uint64_t a, uint32_t axes, uint32_t flags)
{
	tr_prep_unary(sqe, op, a);
	sqe->attr.u32[0] = axes;
	sqe->attr.u32[1] = flags;
}

/* The same with a number: the p of tr_norm, the q of tr_quantile. */
static inline void tr_prep_reduce_by(struct tr_sqe *sqe, enum tr_op op, uint64_t a, double value, uint32_t axes,
				     uint32_t flags)
{
	tr_prep_reduce(sqe, op, a, axes, flags);
	sqe->attr.f64[3] = value;
}

/* flags: TR_AS(dtype) or 0. */
static inline void tr_prep_scan(struct tr_sqe *sqe, enum tr_op op, uint64_t a, int axis, uint32_t flags)
{
	tr_prep_unary(sqe, op, a);
	sqe->attr.i64[0] = axis;
	sqe->attr.u32[2] = flags;
}

#ifdef __cplusplus
}
#endif
#endif
