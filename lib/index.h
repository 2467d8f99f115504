/* SPDX-License-Identifier: MIT */
/* What an index comes to: a view, and tensors that name places along some of its axes. Between index_plan.c, which reads
 * what users write, and index.c, which carries it out. */
#ifndef TR_LIB_INDEX_H
#define TR_LIB_INDEX_H

#include <trueno/index.h>

#include "lib/context.h"

/* Positions along an axis of the view. */
struct tr__indexer {
	int axis;
	struct tr_tensor *tensor; /* NULL: the one position at */
	int64_t at;
};

struct tr__index_plan {
	struct tr_tensor *view; /* basic entries applied; axes that tensors index are still whole */
	struct tr_tensor *mask; /* all there is: a mask of the whole view. by is empty then */
	struct tr__indexer by[TR_MAX_RANK];
	int n;                  /* of them; 0 without a mask: view is the result */
	int where;              /* axis of the result at which their common shape begins */
	int common;             /* axes of the common shape */
	int ndim;               /* of the result; not yet known for a mask */
	int64_t shape[TR_MAX_RANK];
};

/* Works out a[index…]; what it makes belongs to the current scope. who: the caller's name, for messages. 0, or a status with
 * the reason in the context. */
int tr__index_plan(struct tr__index_plan *p, struct tr_tensor *a, int n, const struct tr_index *index, const char *who);

/* Replaces the plan's mask by the positions it stands for, running pending work to count them. */
int tr__index_expand(struct tr__index_plan *p, const char *who);

/*
 * What the plan's two or more tensors name, along one axis: *span is the view with their axes replaced by one in front of
 * the others, and *places indexes it. 0 or a status.
 */
int tr__index_places(const struct tr__index_plan *p, struct tr_tensor **span, struct tr_tensor **places);

#endif
