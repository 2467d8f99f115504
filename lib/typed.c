/* SPDX-License-Identifier: MIT */
/* The check that makes a tensor a typed one. */
#include <trueno/typed.h>

#include "lib/context.h"

struct tr_tensor *tr_expect(struct tr_tensor *t, enum tr_dtype dtype, int ndim)
{
	char text[TR_SHAPE_TEXT];

	if (!t || (tr_dtype_of(t) == dtype && t->ndim == ndim))
		return t;
	tr__fail(t->ctx, tr_dtype_of(t) != dtype ? TR_EDTYPE : TR_ESHAPE, "expect: %s of rank %d is wanted, and this is %s, %s",
		 tr_dtype_name(dtype), ndim, tr_dtype_name(tr_dtype_of(t)), tr__shape_text(text, t->ndim, t->shape));
	return NULL;
}
