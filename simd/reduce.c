/* SPDX-License-Identifier: MIT */
/*
 * How the source of a reduction lies in memory (reduce.h).
 */
#include "simd/reduce.h"

void tr__reduce_view(struct tr_reduce_view *v, const struct tr_operand *o, int outer_axes, int reduced_axes)
{
	int kept = outer_axes + reduced_axes;
	struct tr_walk w;

	v->outer = tr__product(o->shape, outer_axes);
	v->n = tr__product(o->shape + outer_axes, reduced_axes);
	v->inner = tr__product(o->shape + kept, o->ndim - kept);
	v->columns = v->inner > 1;
	tr__walk_init(&v->walk, outer_axes, o->shape, o->stride, NULL);
	tr__walk_init(&w, reduced_axes, o->shape + outer_axes, o->stride + outer_axes, NULL);
	v->even = w.ndim == 1;
	v->step = w.stride[0][0];
	v->beside = 1;
	if (!v->columns)
		return;
	tr__walk_init(&w, o->ndim - kept, o->shape + kept, o->stride + kept, NULL);
	v->even = v->even && w.ndim == 1;
	v->beside = w.stride[0][0];
}

bool tr__reduce_view_turn(struct tr_reduce_view *v, int64_t least)
{
	int last = v->walk.ndim - 1;

	if (v->columns || !v->even || v->step == 1 || v->walk.stride[0][last] != 1 || v->walk.shape[last] < least)
		return false;
	v->inner = v->walk.shape[last];
	v->outer /= v->inner;
	if (last)
		v->walk.ndim--;
	else
		v->walk.shape[0] = 1;
	return true;
}
