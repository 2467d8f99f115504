/* SPDX-License-Identifier: MIT */
/*
 * The source of a reduction as its executors see it: results in front, elements per result, results behind. Knows
 * strides, no types and no operation.
 */
#ifndef TR_SIMD_REDUCE_H
#define TR_SIMD_REDUCE_H

#include "simd/cpu.h"
#include "simd/strided.h"

/*
 * Element r of the result with index o·inner + j lies, when the view is even,
 * tr__reduce_offset(o) + j·beside + r·step elements from the operand's address.
 */
struct tr_reduce_view {
	int64_t outer, n, inner; /* n elements for each of outer × inner results */
	bool columns;            /* inner kept axes with more than one result: the column fold */
	bool even;
	ptrdiff_t step, beside;
	struct tr_walk walk; /* over the outer axes */
};

/* o is [outer axes…, reduced axes…, kept inner axes…]; no axis of size 0. */
void tr__reduce_view(struct tr_reduce_view *v, const struct tr_operand *o, int outer_axes, int reduced_axes);

/*
 * If the innermost outer axis has at least `least` results that lie side by side, and the elements of one do not,
 * makes that axis the inner one (columns stays false) and returns true.
 */
bool tr__reduce_view_turn(struct tr_reduce_view *v, int64_t least);

static inline int64_t tr__reduce_offset(const struct tr_reduce_view *v, int64_t o)
{
	int64_t offset = 0;

	for (int d = v->walk.ndim - 1; d > 0; d--) {
		offset += o % v->walk.shape[d] * v->walk.stride[0][d];
		o /= v->walk.shape[d];
	}
	return offset + o * v->walk.stride[0][0];
}

static inline int64_t tr__product(const int64_t *shape, int n)
{
	int64_t p = 1;

	for (int i = 0; i < n; i++)
		p *= shape[i];
	return p;
}

#endif
