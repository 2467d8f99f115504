/* SPDX-License-Identifier: MIT */
/*
 * The fixed tree of reductions: a binary counter of partial results, and its split over threads at whole subtrees.
 * Knows no operand.
 */
#include <string.h>

#include "simd/tree.h"

/* The elementwise operation of each fold: partial results are joined by the level's map kernels. */
static const uint16_t join_op[TR_FOLD_JOINS] = {
	[TR_FOLD_ADD] = TR_OP_add,
	[TR_FOLD_MULTIPLY] = TR_OP_multiply,
	[TR_FOLD_MINIMUM] = TR_OP_minimum,
	[TR_FOLD_MAXIMUM] = TR_OP_maximum,
	[TR_FOLD_AND] = TR_OP_bitwise_and,
	[TR_FOLD_OR] = TR_OP_bitwise_or,
	[TR_FOLD_FMIN] = TR_OP_fmin,
	[TR_FOLD_FMAX] = TR_OP_fmax,
};

/* a[i] = a[i] ⊕ b[i], i < n. */
static void join(const struct tr_tree *t, void *a, const void *b, size_t n)
{
	const void *src[] = {a, b};

	t->k->map[join_op[tr__fold_join[t->fold]]][t->dtype](a, src, n);
}

/* Bytes of one partial result, a multiple of 64. */
static size_t slot_size(const struct tr_tree *t)
{
	return (t->lanes * t->width * t->size + 63) & ~(size_t)63;
}

size_t tr__tree_stack(const struct tr_tree *t)
{
	size_t depth = 2;

	for (size_t n = t->leaves; n > 1; n /= 2)
		depth++;
	return depth * slot_size(t);
}

size_t tr__tree_fold(const struct tr_tree *t, size_t first, size_t last, char *stack, char *scratch)
{
	size_t slot = slot_size(t), full = t->lanes * t->width, filled = full;
	char *top = stack;

	for (size_t leaf = first; leaf < last; leaf++, top += slot) {
		filled = t->fold_leaf(t, leaf, top, scratch);
		/* As many equal neighbours to the left as the counter has trailing ones. */
		for (size_t count = leaf - first; count & 1; count /= 2) {
			join(t, top - slot, top, filled);
			filled = full;
			top -= slot;
		}
	}
	for (top -= slot; top > stack; top -= slot) {
		join(t, top - slot, top, filled);
		filled = full;
	}
	return filled;
}

void tr__tree_halve(const struct tr_tree *t, void *acc, size_t filled)
{
	if (t->width == 1 && filled == TR_LANES) {
		t->k->halve[tr__fold_join[t->fold]][t->dtype](acc);
		return;
	}
	for (size_t half = t->lanes / 2 * t->width; half >= t->width; half /= 2) {
		if (filled > half) {
			join(t, acc, (char *)acc + half * t->size, filled - half);
			filled = half;
		}
	}
}

/* A tree on several threads: parts of `block` leaves, then a tree of their results. */
struct split {
	struct tr_tree top;
	const struct tr_tree *tree;
	struct tr_device *dev;
	size_t block;
	size_t scratch;
	char *partials;
	size_t last_filled; /* of the last part; all others are full */
};

static void fold_part(void *arg, size_t part, unsigned worker)
{
	struct split *s = arg;
	char *block = s->dev->scratch[worker];
	size_t slot = slot_size(s->tree), first = part * s->block, filled;
	size_t last = s->tree->leaves - first < s->block ? s->tree->leaves : first + s->block;

	filled = tr__tree_fold(s->tree, first, last, block, block + s->scratch);
	memcpy(s->partials + part * slot, block, slot);
	if (last == s->tree->leaves)
		s->last_filled = filled;
}

static size_t take_partial(const struct tr_tree *top, size_t part, void *acc, char *scratch)
{
	const struct split *s = top->arg;
	size_t slot = slot_size(top);

	(void)scratch;
	memcpy(acc, s->partials + part * slot, slot);
	return part + 1 == top->leaves ? s->last_filled : top->lanes * top->width;
}

void tr__tree_run(struct tr_device *dev, const struct tr_tree *t, double cost_ns, size_t scratch, size_t partials)
{
	char *block = dev->scratch[0];
	struct split s = {.top = *t, .tree = t, .dev = dev, .block = 1, .scratch = scratch, .partials = block + partials};
	size_t most = t->leaves < TR_TREE_PARTS ? t->leaves : TR_TREE_PARTS;
	size_t parts = tr__pool_parts(dev, cost_ns, most), filled;

	while ((t->leaves - 1) / s.block + 1 > parts)
		s.block *= 2;
	if (s.block >= t->leaves) {
		filled = tr__tree_fold(t, 0, t->leaves, block, block + scratch);
	} else {
		s.top.leaves = (t->leaves - 1) / s.block + 1;
		s.top.fold_leaf = take_partial;
		s.top.arg = &s;
		tr__pool_run(dev, s.top.leaves, fold_part, &s);
		filled = tr__tree_fold(&s.top, 0, s.top.leaves, block, NULL);
	}
	tr__tree_halve(t, block, filled);
}
