/* SPDX-License-Identifier: MIT */
/*
 * The inside of tr_einsum and its kin: a product of several tensors as labelled axes. Speaks of tensors and public
 * operations; no command and no driver.
 */
#ifndef TR_LIB_PRODUCT_H
#define TR_LIB_PRODUCT_H

#include <trueno/product.h>

#include "lib/context.h"

/* Labels are bits of a set: A-Z are 0-25, a-z 26-51, axes of the ellipsis end at 59. */
#define TR_LABELS 60
#define TR_LABEL_DOTS_END 60

/* y[out] = the sum over all other labels of the product of the operands, operand i with axes label[i]. */
struct tr_einsum {
	struct tr_context *ctx;
	const char *who;             /* for messages */
	int n;
	int rank[TR_EINSUM_OPERANDS];
	uint8_t label[TR_EINSUM_OPERANDS][TR_MAX_RANK];
	int out_rank;
	uint8_t out[TR_MAX_RANK];
};

/* Fills everything but ctx, which is set. 0, or a negative status with the reason in the context. */
int tr__einsum_parse(struct tr_einsum *e, const char *subscripts, struct tr_tensor *const *operands, int n);

/* Evaluates it, once labels of the same name have been seen to have one size, or 1. NULL after tr__fail. */
struct tr_tensor *tr__einsum_run(const struct tr_einsum *e, struct tr_tensor *const *operands);

/* A tensor with a label for each of its axes, all different. The tensor is the term's own. */
struct tr_term {
	struct tr_tensor *t;
	uint8_t label[TR_MAX_RANK];
};

/* What terms are evaluated under. */
struct tr_terms {
	struct tr_context *ctx;
	const char *who;
	enum tr_dtype dtype;         /* of the result */
	int64_t size[TR_LABELS];
	uint8_t place[TR_LABELS];    /* in the output; labels it lacks come after all others */
};

uint64_t tr__term_labels(const struct tr_term *x);

/* Sums over the labels that keep lacks. Frees x's tensor; .t is NULL after tr__fail. */
struct tr_term tr__term_sum(const struct tr_terms *s, struct tr_term x, uint64_t keep);

/* x·y summed over the labels they share and keep lacks; every other label of theirs is in keep. Frees both. */
struct tr_term tr__term_multiply(const struct tr_terms *s, struct tr_term x, struct tr_term y, uint64_t keep);

/* A view of x with axes in this order, of size 1 where x lacks the label. */
struct tr_tensor *tr__term_arrange(const struct tr_term *x, const uint8_t *label, int n);

#endif
