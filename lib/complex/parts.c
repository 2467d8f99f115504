/* SPDX-License-Identifier: MIT */
/* Views of the parts of complex tensors, and complex tensors of parts. */
#include <trueno/ops.h>

#include "lib/complex/complex.h"
#include "lib/context.h"

static bool is_complex(const struct tr_tensor *a)
{
	return a->dtype == TR_C64 || a->dtype == TR_C128;
}

static enum tr_dtype part_of(const struct tr_tensor *a)
{
	return a->dtype == TR_C64 ? TR_F32 : TR_F64;
}

/* Part number which of a, which is complex. */
static struct tr_tensor *part(struct tr_tensor *a, int which)
{
	struct tr_tensor *v = tr__tensor_view(a);

	if (!v)
		return NULL;
	v->dtype = (uint8_t)part_of(a);
	v->offset = 2 * a->offset + which;
	for (int i = 0; i < v->ndim; i++)
		v->stride[i] *= 2;
	tr__tensor_settle(v);
	return v;
}

struct tr_tensor *tr_real(struct tr_tensor *a)
{
	if (!a)
		return NULL;
	return is_complex(a) ? part(a, 0) : tr_reshape(a, a->ndim, a->shape);
}

struct tr_tensor *tr_imag(struct tr_tensor *a)
{
	if (!a)
		return NULL;
	return is_complex(a) ? part(a, 1) : tr_zeros(a->ctx, tr_dtype_of(a), a->ndim, a->shape);
}

struct tr_tensor *tr_view_as_real(struct tr_tensor *a)
{
	struct tr_tensor *v;

	if (!a)
		return NULL;
	if (!is_complex(a) || a->ndim == TR_MAX_RANK) {
		tr__fail(a->ctx, is_complex(a) ? TR_ESHAPE : TR_EDTYPE, "view_as_real: %s of rank %d",
			 tr_dtype_name(tr_dtype_of(a)), a->ndim);
		return NULL;
	}
	v = part(a, 0);
	if (!v)
		return NULL;
	v->shape[v->ndim] = 2;
	v->stride[v->ndim++] = 1;
	tr__tensor_settle(v);
	return v;
}

struct tr_tensor *tr_view_as_complex(struct tr_tensor *a)
{
	int last = a ? a->ndim - 1 : 0;
	struct tr_tensor *v;
	bool fits;

	if (!a)
		return NULL;
	if (a->dtype != TR_F32 && a->dtype != TR_F64) {
		tr__fail(a->ctx, TR_EDTYPE, "view_as_complex: parts are %s, not float32 or float64",
			 tr_dtype_name(tr_dtype_of(a)));
		return NULL;
	}
	fits = last >= 0 && a->shape[last] == 2 && a->stride[last] == 1 && a->offset % 2 == 0;
	for (int i = 0; i < last && fits; i++)
		fits = a->stride[i] % 2 == 0;
	v = fits ? tr__tensor_view(a) : NULL;
	if (!fits)
		tr__fail(a->ctx, TR_ESHAPE, "view_as_complex: the last axis is not of two elements beside each other");
	if (!v)
		return NULL;
	v->dtype = a->dtype == TR_F32 ? TR_C64 : TR_C128;
	v->offset /= 2;
	v->ndim--;
	for (int i = 0; i < v->ndim; i++)
		v->stride[i] /= 2;
	tr__tensor_settle(v);
	return v;
}

/* Writes both parts of y, which is complex. */
int tr__complex_write(struct tr_tensor *y, struct tr_tensor *re, struct tr_tensor *im)
{
	struct tr_tensor *to[2] = {part(y, 0), part(y, 1)}, *from[2] = {re, im};
	int err = 0;

	for (int i = 0; i < 2 && !err; i++) {
		struct tr_tensor *v = tr_broadcast_to(from[i], y->ndim, y->shape);

		err = to[i] && v ? tr_astype_out(to[i], v) : y->ctx->status;
		tr_free(v);
	}
	tr_free(to[0]);
	tr_free(to[1]);
	return err;
}

struct tr_tensor *tr_complex(struct tr_tensor *re, struct tr_tensor *im)
{
	bool narrow;
	int64_t shape[TR_MAX_RANK];
	char x[TR_SHAPE_TEXT], z[TR_SHAPE_TEXT];
	struct tr_tensor *y;
	int ndim;

	if (!re || !im)
		return NULL;
	if (is_complex(re) || is_complex(im) || re->ctx != im->ctx) {
		tr__fail(re->ctx, TR_EDTYPE, "complex: parts are %s and %s; they must be real, and of one context",
			 tr_dtype_name(tr_dtype_of(re)), tr_dtype_name(tr_dtype_of(im)));
		return NULL;
	}
	ndim = re->ndim;
	for (int i = 0; i < ndim; i++)
		shape[i] = re->shape[i];
	if (tr__broadcast(&ndim, shape, im->ndim, im->shape) >= 0) {
		tr__fail(re->ctx, TR_ESHAPE, "complex: shapes %s and %s do not broadcast",
			 tr__shape_text(x, re->ndim, re->shape), tr__shape_text(z, im->ndim, im->shape));
		return NULL;
	}
	narrow = (re->dtype == TR_F32 && (im->dtype == TR_F32 || im->flags & TR_TENSOR_WEAK)) ||
		 (im->dtype == TR_F32 && re->flags & TR_TENSOR_WEAK);
	y = tr_empty(re->ctx, narrow ? TR_C64 : TR_C128, ndim, shape);
	if (!y || !tr__complex_write(y, re, im))
		return y;
	tr_free(y);
	return NULL;
}

struct tr_tensor *tr_conjugate(struct tr_tensor *a)
{
	struct tr_tensor *y = NULL;

	if (!a)
		return NULL;
	if (!is_complex(a))
		return tr_copy(a);
	tr_scope_begin(a->ctx);
	y = tr_keep(tr_complex(tr_real(a), tr_negative(tr_imag(a))));
	tr_scope_end(a->ctx);
	return y;
}

struct tr_tensor *tr_angle(struct tr_tensor *a)
{
	struct tr_tensor *y;

	if (!a)
		return NULL;
	tr_scope_begin(a->ctx);
	y = tr_keep(is_complex(a) ? tr_atan2(tr_imag(a), tr_real(a)) : tr_atan2(tr_scalar(a->ctx, 0), a));
	tr_scope_end(a->ctx);
	return y;
}
