/* SPDX-License-Identifier: MIT */
/* What the files of this folder share. All are compositions of public operations. */
#ifndef TR_LIB_SETS_H
#define TR_LIB_SETS_H

#include <trueno/complex.h>
#include <trueno/create.h>
#include <trueno/index.h>
#include <trueno/manip.h>
#include <trueno/ops.h>
#include <trueno/sets.h>

#include "lib/context.h"

/* Closes the scope of intermediates around a result. */
static inline struct tr_tensor *tr__leave(struct tr_context *ctx, struct tr_tensor *y)
{
	tr_keep(y);
	tr_scope_end(ctx);
	return y;
}

/* a[start:stop] along axis 0. */
static inline struct tr_tensor *tr__part(struct tr_tensor *a, int64_t start, int64_t stop)
{
	return tr_slice_axis(a, 0, start, stop, 1);
}

/* The bytes of a tensor of one element, running what is pending. 0 or a status; a plan is refused in who's name. */
int tr__value_of(struct tr_tensor *t, void *out, size_t size, const char *who);

/* axis in 0..ndim-1, or -1 after a complaint in who's name. */
int tr__need_axis(struct tr_tensor *a, int axis, const char *who);

#endif
