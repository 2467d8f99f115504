/* SPDX-License-Identifier: MIT */
/* Activations made of views and elementwise operations (uapi/trueno/activation.h). Knows no driver. */
#include <trueno/activation.h>
#include <trueno/ops.h>
#include <trueno/view.h>

#include "lib/submit.h"

struct tr_tensor *tr_prelu_channels(struct tr_tensor *a, struct tr_tensor *weight)
{
	char x[TR_SHAPE_TEXT], w[TR_SHAPE_TEXT];
	int64_t shape[TR_MAX_RANK], channels;
	struct tr_tensor *view, *y;

	if (!a || !weight)
		return NULL;
	if (a->ctx != weight->ctx) {
		tr__fail(a->ctx, TR_EINVAL, "prelu_channels: the operands are of two contexts");
		return NULL;
	}
	channels = a->ndim > 1 ? a->shape[1] : 1;
	if (weight->ndim != 1 || (weight->shape[0] != 1 && weight->shape[0] != channels)) {
		tr__fail(a->ctx, TR_ESHAPE, "prelu_channels: weight %s for %s: give it the shape [%lld] or [1]",
			 tr__shape_text(w, weight->ndim, weight->shape), tr__shape_text(x, a->ndim, a->shape),
			 (long long)channels);
		return NULL;
	}
	for (int i = 0; i < a->ndim; i++)
		shape[i] = i == 1 ? weight->shape[0] : 1;
	view = tr_reshape(weight, a->ndim, shape);
	y = tr_prelu(a, view);
	tr_free(view);
	return y;
}

struct tr_tensor *tr_glu(struct tr_tensor *a, int axis)
{
	struct tr_tensor *x, *z, *gate, *y;
	int at;
	int64_t half;

	if (!a)
		return NULL;
	at = axis < 0 ? axis + a->ndim : axis;
	if (at < 0 || at >= a->ndim) {
		tr__fail(a->ctx, TR_EINVAL, "glu: rank %d has no axis %d", a->ndim, axis);
		return NULL;
	}
	if (a->shape[at] % 2) {
		tr__fail(a->ctx, TR_ESHAPE, "glu: axis %d has %lld elements; it takes an even number, to be halved", axis,
			 (long long)a->shape[at]);
		return NULL;
	}
	half = a->shape[at] / 2;
	x = tr_slice_axis(a, at, 0, half, 1);
	z = tr_slice_axis(a, at, half, TR_NONE, 1);
	gate = tr_sigmoid(z);
	y = tr_multiply(x, gate);
	tr_free(gate);
	tr_free(z);
	tr_free(x);
	return y;
}
