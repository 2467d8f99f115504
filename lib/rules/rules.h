/* SPDX-License-Identifier: MIT */
/*
 * Rules: what each family makes of an entry. infer checks operands and settles result type and shape; lower, once
 * the destination exists, fills the command's operands. Neither touches data, queues or drivers.
 */
#ifndef TR_LIB_RULES_H
#define TR_LIB_RULES_H

#include <string.h>

#include "lib/submit.h"

struct tr_call {
	struct tr_context *ctx;
	const struct tr_sqe *sqe;
	const struct tr_op_info *info;
	struct tr_tensor *src[TR_SQE_SRCS];
	int nsrc;
	struct tr_tensor *dst;   /* what out= named, else made after infer */
	enum tr_dtype eval;      /* type to evaluate in */
	enum tr_dtype result;    /* type of a new destination */
	int ndim;                /* shape of the destination */
	int64_t shape[TR_MAX_RANK];
	int64_t scratch[TR_MAX_RANK]; /* from a rule's infer to its lower */
};

struct tr_rule {
	int8_t min_src, max_src; /* operands: the first min_src are required, the rest may be left out */
	int (*infer)(struct tr_call *c);
	void (*lower)(struct tr_call *c, struct tr_node *node);
};

extern const struct tr_rule tr__rules[TR_FAMILY_COUNT];

/* The VIEW family has no command: it makes a tensor at once. NULL after tr__fail. */
struct tr_tensor *tr__view_apply(struct tr_call *c);

int tr__infer_map(struct tr_call *c);
int tr__infer_cast(struct tr_call *c);
int tr__infer_fill(struct tr_call *c);
void tr__lower_map(struct tr_call *c, struct tr_node *node);
int tr__infer_reduce(struct tr_call *c);
int tr__infer_argreduce(struct tr_call *c);
int tr__infer_vector_norm(struct tr_call *c);
int tr__infer_quantile(struct tr_call *c);
int tr__infer_scan(struct tr_call *c);
void tr__lower_reduce(struct tr_call *c, struct tr_node *node);
int tr__infer_sort(struct tr_call *c);
int tr__infer_search(struct tr_call *c);
void tr__lower_search(struct tr_call *c, struct tr_node *node);
int tr__infer_softmax(struct tr_call *c);
int tr__infer_norm(struct tr_call *c);
void tr__lower_rows(struct tr_call *c, struct tr_node *node);
int tr__infer_matmul(struct tr_call *c);
void tr__lower_matmul(struct tr_call *c, struct tr_node *node);
int tr__infer_vecdot(struct tr_call *c);
void tr__lower_vecdot(struct tr_call *c, struct tr_node *node);
int tr__infer_linear(struct tr_call *c);
void tr__lower_linear(struct tr_call *c, struct tr_node *node);
int tr__infer_attention(struct tr_call *c);
void tr__lower_attention(struct tr_call *c, struct tr_node *node);
int tr__infer_conv(struct tr_call *c);
void tr__lower_conv(struct tr_call *c, struct tr_node *node);
int tr__infer_pool(struct tr_call *c);
void tr__lower_pool(struct tr_call *c, struct tr_node *node);
int tr__infer_interpolate(struct tr_call *c);
void tr__lower_interpolate(struct tr_call *c, struct tr_node *node);
int tr__infer_take(struct tr_call *c);
void tr__lower_take(struct tr_call *c, struct tr_node *node);
int tr__infer_embedding(struct tr_call *c);
void tr__lower_embedding(struct tr_call *c, struct tr_node *node);

int tr__infer_put(struct tr_call *c);
void tr__lower_put(struct tr_call *c, struct tr_node *node);
int tr__infer_ravel(struct tr_call *c);
int tr__infer_nonzero(struct tr_call *c);
void tr__lower_indices(struct tr_call *c, struct tr_node *node);
int tr__infer_range(struct tr_call *c);
int tr__infer_random(struct tr_call *c);
int tr__infer_compress(struct tr_call *c);
void tr__lower_compress(struct tr_call *c, struct tr_node *node);

/* The shape all sources broadcast to, as the result's. 0 or -TR_ESHAPE. */
int tr__infer_broadcast(struct tr_call *c);

/* Promotes all sources that are there from src[first] on, and from it settles c->eval and c->result by the row. */
int tr__promote(struct tr_call *c, int first);

/* The same for operands that count as of type p. */
int tr__settle(struct tr_call *c, enum tr_dtype p);

/* What infer gives, instead of 0 or a negative status, for an operation that is a formula of others: one that is defined on
 * complex operands' parts, eval being the complex type they promote to, or a comparison across signs. tr__call_in_parts then
 * does the rest. */
#define TR__IN_PARTS 1
bool tr__complex_has(const struct tr_call *c);
int tr__call_in_parts(struct tr_call *c);

/* signs.c: whether it compares uint64 with a signed type, and the result of that. */
bool tr__compares_signs(const struct tr_call *c);
struct tr_tensor *tr__compare_signs(struct tr_call *c);

/* Whether the destination the call names has the result's shape and a type it casts to. 0 or a status. */
int tr__check_destination(struct tr_call *c);

/* Fails with "add: " and the message. */
int tr__refuse(struct tr_call *c, enum tr_status status, const char *fmt, ...) TR_PRINTF(3, 4);

/* Sets the result's shape. */
static inline void tr__shape_set(struct tr_call *c, int ndim, const int64_t *shape)
{
	c->ndim = ndim;
	for (int i = 0; i < ndim; i++)
		c->shape[i] = shape[i];
}

/* Makes operand k of the node the tensor as it is (NULL: left out); as the line of its elements, which must be dense;
 * as if its shape were (ndim, shape). */
void tr__bind(struct tr_node *node, int k, struct tr_tensor *t);
static inline void tr__bind_line(struct tr_node *node, int k, struct tr_tensor *t)
{
	struct tr_operand *o = &node->operand[k];

	o->dtype = t->dtype;
	o->ndim = 1;
	o->frozen = tr__frozen(t->storage);
	o->shape[0] = t->numel;
	o->stride[0] = 1;
	node->storage[k] = t->storage;
	node->offset[k] = t->offset * tr__size((enum tr_dtype)t->dtype);
}

/* Spatial axes of a row that ends in 1d, 2d or 3d. */
static inline int tr__spatial(const struct tr_op_info *info)
{
	return info->name[strlen(info->name) - 2] - '0';
}

/* Makes operand k t with five axes: a batch axis of size 1 in front if t has none, and as many more behind the
 * channels as n spatial axes leave of three. */
void tr__bind_spatial(struct tr_node *node, int k, struct tr_tensor *t, int n);

void tr__bind_broadcast(struct tr_node *node, int k, struct tr_tensor *t, int ndim, const int64_t *shape);

#endif
