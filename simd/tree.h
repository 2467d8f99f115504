/* SPDX-License-Identifier: MIT */
/*
 * The fixed tree of reductions (docs/numerics.md): folds leaves that a caller provides, joins them by position, on one
 * thread or several, with the same bits. Knows neither where leaves come from nor what becomes of the result.
 */
#ifndef TR_SIMD_TREE_H
#define TR_SIMD_TREE_H

#include "simd/cpu.h"

/*
 * A leaf folds to lanes × width partial results, lane after lane: width results are reduced side by side. In a row
 * fold lanes is TR_LANES, in a column fold 1.
 */
struct tr_tree {
	const struct tr_kernels *k;
	enum tr_fold fold;
	enum tr_dtype dtype;
	size_t size; /* of an element */
	size_t lanes, width;
	size_t leaves; /* >= 1 */

	/* Folds one leaf, a subtree of chunks or what is left of one, to acc. Returns how many elements it wrote: all but in
	 * the last leaf, where lanes at the end may be absent. scratch is the caller's own of this worker. */
	size_t (*fold_leaf)(const struct tr_tree *t, size_t leaf, void *acc, char *scratch);
	const void *arg;
};

/*
 * For fold_leaf: folds count dense elements of a single row to at most TR_LANES. centre: TR_LANES copies, if the fold takes
 * one. Returns how many it wrote.
 */
static inline size_t tr__tree_fold_line(const struct tr_tree *t, void *acc, const char *src, size_t count,
					const char *centre)
{
	t->k->line[t->fold][t->dtype](acc, src, count, centre);
	return count < TR_LANES ? count : TR_LANES;
}

/* Bytes tr__tree_fold needs for its stack. */
size_t tr__tree_stack(const struct tr_tree *t);

/*
 * Folds leaves [first, last), an aligned subtree or what is left of one, to the start of stack. Returns how many
 * elements are there. stack is aligned to 64 bytes; scratch goes to fold_leaf.
 */
size_t tr__tree_fold(const struct tr_tree *t, size_t first, size_t last, char *stack, char *scratch);

/* Halves the lanes: filled elements at acc become width results. */
void tr__tree_halve(const struct tr_tree *t, void *acc, size_t filled);

/*
 * All leaves to width results at the start of worker 0's scratch block, on as many threads as cost_ns is worth. Every
 * worker's block has its stack first, then, `scratch` bytes in, what fold_leaf may use; in worker 0's there is room
 * for TR_TREE_PARTS × lanes × width elements at `partials`.
 */
#define TR_TREE_PARTS 64
void tr__tree_run(struct tr_device *dev, const struct tr_tree *t, double cost_ns, size_t scratch, size_t partials);

#endif
