/* SPDX-License-Identifier: MIT */
/* The transforms of <trueno/fft.h>: tensors brought into FFTW's form, transformed, scaled. */
#include <math.h>
#include <string.h>

#include <trueno/complex.h>
#include <trueno/fft.h>
#include <trueno/manip.h>
#include <trueno/ops.h>

#include "lib/fft/fftw.h"

/* A call along axes axis[n], counted from the front, of lengths size[]. The last is halved where one side is real. */
struct call {
	struct tr_context *ctx;
	const char *who;
	int n;
	int axis[TR_MAX_RANK];
	int64_t size[TR_MAX_RANK];
	enum tr_fft_norm norm;
	enum tr_fft_kind kind;
	bool inverse, wide;
};

static bool is_complex(const struct tr_tensor *a)
{
	return tr__kind(tr_dtype_of(a)) == TR_KIND_COMPLEX;
}

static bool is_wide(const struct tr_tensor *a)
{
	return !(a->dtype == TR_F16 || a->dtype == TR_BF16 || a->dtype == TR_F32 || a->dtype == TR_C64);
}

static enum tr_dtype complex_type(const struct call *c)
{
	return c->wide ? TR_C128 : TR_C64;
}

static enum tr_dtype real_type(const struct call *c)
{
	return c->wide ? TR_F64 : TR_F32;
}

/* Axes and lengths: 0 or a status. */
static int find_axes(struct call *c, const struct tr_tensor *a, const int64_t *s, const int *axes)
{
	char text[TR_SHAPE_TEXT];
	unsigned seen = 0;

	if (c->n < (c->kind != TR_FFT_COMPLEX) || c->n > a->ndim)
		return tr__fail(c->ctx, TR_EINVAL, "%s: %d axes of %s", c->who, c->n, tr__shape_text(text, a->ndim, a->shape));
	for (int i = 0; i < c->n; i++) {
		int d = axes ? tr__axis(axes[i], a->ndim) : a->ndim - c->n + i;
		bool halved = c->kind == TR_FFT_TO_REAL && i == c->n - 1;

		if (d < 0 || seen >> d & 1)
			return tr__fail(c->ctx, TR_EINVAL, "%s: axis %d of %s is not there, or named twice", c->who, axes[i],
					tr__shape_text(text, a->ndim, a->shape));
		seen |= 1u << d;
		c->axis[i] = d;
		c->size[i] = s && s[i] != TR_NONE ? s[i] : halved ? 2 * (a->shape[d] - 1) : a->shape[d];
		if (c->size[i] < 1)
			return tr__fail(c->ctx, TR_EINVAL, "%s: Invalid number of FFT data points (%lld) along axis %d of %s", c->who,
					(long long)c->size[i], d, tr__shape_text(text, a->ndim, a->shape));
	}
	return 0;
}

/* a as the transform reads it: of the type, cut or filled up with zeros along the axes. It may be a itself or a view. */
static struct tr_tensor *fit(const struct call *c, struct tr_tensor *a, enum tr_dtype dtype)
{
	int64_t shape[TR_MAX_RANK];
	struct tr_tensor *cut = a, *y, *slot;
	bool longer = false;

	memcpy(shape, a->shape, sizeof(shape));
	for (int i = 0; i < c->n && cut; i++) {
		int d = c->axis[i];
		int64_t want = c->kind == TR_FFT_TO_REAL && i == c->n - 1 ? c->size[i] / 2 + 1 : c->size[i];

		if (want < a->shape[d])
			cut = tr_slice_axis(cut, d, 0, want, 1);
		longer |= want > a->shape[d];
		shape[d] = want;
	}
	if (!cut || !longer)
		return !cut || tr_dtype_of(cut) == dtype ? cut : tr_astype(cut, dtype);
	y = slot = tr_zeros(c->ctx, dtype, a->ndim, shape);
	for (int d = 0; d < a->ndim && slot; d++)
		if (cut->shape[d] < shape[d])
			slot = tr_slice_axis(slot, d, 0, cut->shape[d], 1);
	return slot && !tr_astype_out(slot, cut) ? y : NULL;
}

/* out = in transformed along one axis: of n real elements, or n on both sides. 0 or a status. */
static int transform(const struct call *c, enum tr_fft_kind kind, int axis, int64_t n, struct tr_tensor *in, struct tr_tensor *out,
		     bool spoils)
{
	struct tr_fft_transform t;
	const void *from;
	void *to;

	if (!in || !out)
		return -TR_ENOMEM;
	if (!out->numel)
		return 0;
	from = tr_data_const(in);
	to = tr_data(out);
	if (!from || !to)
		return c->ctx->status;
	memset(&t, 0, sizeof(t));
	t.rank = 1;
	t.many = in->ndim - 1;
	t.kind = (int32_t)kind;
	t.wide = c->wide;
	t.inverse = c->inverse && kind == TR_FFT_COMPLEX;
	t.spoils = spoils;
	t.axis[0] = (struct tr_fft_axis){n, in->stride[axis], out->stride[axis]};
	for (int d = 0, i = 1; d < in->ndim; d++)
		if (d != axis)
			t.axis[i++] = (struct tr_fft_axis){in->shape[d], in->stride[d], out->stride[d]};
	return tr__fft_run(c->ctx, c->who, &t, (void *)(uintptr_t)from, to);
}

/* y[k] = conjugates of y[n - k], for the half of the axis that a transform of real numbers has left out. If inverse the whole is
 * conjugated. */
static int complete(const struct call *c, int d, struct tr_tensor *y)
{
	int64_t n = y->shape[d], half = n / 2 + 1;
	struct tr_tensor *im = tr_imag(c->inverse ? tr_slice_axis(y, d, 0, half, 1) : NULL), *from, *to;

	if (half < n) {
		from = tr_slice_axis(y, d, n - half, 0, -1);
		to = tr_slice_axis(y, d, half, TR_NONE, 1);
		if (!from || !to || tr_copy_out(tr_real(to), tr_real(from)) ||
		    (c->inverse ? tr_copy_out(tr_imag(to), tr_imag(from)) : tr_negative_out(tr_imag(to), tr_imag(from))))
			return c->ctx->status;
	}
	return c->inverse && (!im || tr_negative_out(im, im)) ? c->ctx->status : 0;
}

/* x with elements along the axis beside each other: FFTW takes its time over strides, the more so if they are powers of two. */
static struct tr_tensor *dense_along(struct tr_tensor *x, int axis)
{
	if (!x || x->stride[axis] == 1 || x->shape[axis] == 1)
		return x;
	return tr_moveaxis(tr_copy(tr_moveaxis(x, axis, -1)), -1, axis);
}

/* x transformed along axis number i of the call, as a view in which that axis is dense. */
static struct tr_tensor *pass(const struct call *c, int i, struct tr_tensor *x, bool spoils)
{
	int64_t shape[TR_MAX_RANK], n = c->size[i];
	int d = c->axis[i], last = x ? x->ndim - 1 : 0;
	bool half = c->kind != TR_FFT_COMPLEX && i == c->n - 1, real = x && !is_complex(x);
	enum tr_fft_kind kind = real ? TR_FFT_FROM_REAL : half ? TR_FFT_TO_REAL : TR_FFT_COMPLEX;
	struct tr_tensor *y;
	int err;

	if (!x)
		return NULL;
	memcpy(shape, x->shape, sizeof(shape));
	memmove(shape + d, shape + d + 1, (size_t)(last - d) * sizeof(*shape));
	shape[last] = half && real ? n / 2 + 1 : n;
	y = tr_empty(c->ctx, kind == TR_FFT_TO_REAL ? real_type(c) : complex_type(c), x->ndim, shape);
	if (d != last)
		y = tr_moveaxis(y, last, d);
	err = transform(c, kind, d, n, dense_along(x, d), real && !half ? tr_slice_axis(y, d, 0, n / 2 + 1, 1) : y, spoils);
	if (!err && real && !half)
		err = complete(c, d, y);
	return err ? NULL : y;
}

static int scale(const struct call *c, struct tr_tensor *y)
{
	double n = 1, f;
	struct tr_tensor *all;

	for (int i = 0; i < c->n; i++)
		n *= (double)c->size[i];
	f = c->norm == TR_FFT_ORTHO ? 1 / sqrt(n) : (c->norm == TR_FFT_FORWARD) != c->inverse ? 1 / n : 1;
	if (f == 1 || !y->numel)
		return 0;
	all = tr_reshape(y, 1, &y->numel);
	if (is_complex(y))
		all = tr_view_as_real(all);
	return all ? tr_multiply_out(all, all, tr_scalar(c->ctx, f)) : c->ctx->status;
}

/* Numbers of the call's axes in the order of passes: that with a real side first, or last, and the tensor's last axis last if
 * there is a choice, since its pass leaves C order. */
static void find_order(const struct call *c, int ndim, int *order)
{
	int whole = c->kind == TR_FFT_COMPLEX ? c->n : c->n - 1, at = 0, dense = -1;

	if (c->kind == TR_FFT_FROM_REAL)
		order[at++] = c->n - 1;
	for (int i = 0; i < whole; i++) {
		if (c->axis[i] == ndim - 1)
			dense = i;
		else
			order[at++] = i;
	}
	if (dense >= 0)
		order[at++] = dense;
	if (c->kind == TR_FFT_TO_REAL)
		order[at] = c->n - 1;
}

static struct tr_tensor *run(struct call *c, struct tr_tensor *a)
{
	bool from_real = c->kind == TR_FFT_FROM_REAL || (c->kind == TR_FFT_COMPLEX && c->n && !is_complex(a));
	struct tr_tensor *y = fit(c, a, from_real ? real_type(c) : complex_type(c));
	int order[TR_MAX_RANK];

	find_order(c, a->ndim, order);
	for (int i = 0; i < c->n; i++)
		y = pass(c, order[i], y, i > 0);
	if (y && (!c->n || !y->contiguous))
		y = tr_copy(y);
	return !y || scale(c, y) ? NULL : y;
}

static struct tr_tensor *call(const char *who, enum tr_fft_kind kind, bool inverse, struct tr_tensor *a, int n, const int64_t *s,
			      const int *axes, enum tr_fft_norm norm)
{
	struct call c = {.who = who, .n = n, .norm = norm, .kind = kind, .inverse = inverse};
	struct tr_tensor *y;

	if (!a)
		return NULL;
	c.ctx = a->ctx;
	c.wide = is_wide(a);
	if (norm > TR_FFT_FORWARD || (kind == TR_FFT_FROM_REAL && is_complex(a))) {
		tr__fail(a->ctx, norm > TR_FFT_FORWARD ? TR_EINVAL : TR_EDTYPE, "%s: %s", who,
			 norm > TR_FFT_FORWARD ? "an unknown norm" : "the operand must be real");
		return NULL;
	}
	if (find_axes(&c, a, s, axes) || tr__fft_load(a->ctx, who, c.wide))
		return NULL;
	tr_scope_begin(a->ctx);
	y = tr_keep(run(&c, a));
	tr_scope_end(a->ctx);
	return y;
}

struct tr_tensor *tr_fft(struct tr_tensor *a, int64_t n, int axis, enum tr_fft_norm norm)
{
	return call("fft", TR_FFT_COMPLEX, false, a, 1, &n, &axis, norm);
}

struct tr_tensor *tr_ifft(struct tr_tensor *a, int64_t n, int axis, enum tr_fft_norm norm)
{
	return call("ifft", TR_FFT_COMPLEX, true, a, 1, &n, &axis, norm);
}

struct tr_tensor *tr_rfft(struct tr_tensor *a, int64_t n, int axis, enum tr_fft_norm norm)
{
	return call("rfft", TR_FFT_FROM_REAL, false, a, 1, &n, &axis, norm);
}

struct tr_tensor *tr_irfft(struct tr_tensor *a, int64_t n, int axis, enum tr_fft_norm norm)
{
	return call("irfft", TR_FFT_TO_REAL, true, a, 1, &n, &axis, norm);
}

/* The other direction's factor. */
static enum tr_fft_norm swapped(enum tr_fft_norm norm)
{
	return norm == TR_FFT_BACKWARD ? TR_FFT_FORWARD : norm == TR_FFT_FORWARD ? TR_FFT_BACKWARD : norm;
}

struct tr_tensor *tr_hfft(struct tr_tensor *a, int64_t n, int axis, enum tr_fft_norm norm)
{
	struct tr_tensor *y = NULL;

	if (!a)
		return NULL;
	tr_scope_begin(a->ctx);
	y = tr_keep(call("hfft", TR_FFT_TO_REAL, true, is_complex(a) ? tr_conjugate(a) : a, 1, &n, &axis, swapped(norm)));
	tr_scope_end(a->ctx);
	return y;
}

struct tr_tensor *tr_ihfft(struct tr_tensor *a, int64_t n, int axis, enum tr_fft_norm norm)
{
	struct tr_tensor *y = call("ihfft", TR_FFT_FROM_REAL, false, a, 1, &n, &axis, swapped(norm)), *im = tr_imag(y);
	int err = im ? tr_negative_out(im, im) : -TR_ENOMEM;

	tr_free(im);
	if (!err)
		return y;
	tr_free(y);
	return NULL;
}

struct tr_tensor *tr_fftn(struct tr_tensor *a, int n, const int64_t *s, const int *axes, enum tr_fft_norm norm)
{
	return call("fftn", TR_FFT_COMPLEX, false, a, n, s, axes, norm);
}

struct tr_tensor *tr_ifftn(struct tr_tensor *a, int n, const int64_t *s, const int *axes, enum tr_fft_norm norm)
{
	return call("ifftn", TR_FFT_COMPLEX, true, a, n, s, axes, norm);
}

struct tr_tensor *tr_rfftn(struct tr_tensor *a, int n, const int64_t *s, const int *axes, enum tr_fft_norm norm)
{
	return call("rfftn", TR_FFT_FROM_REAL, false, a, n, s, axes, norm);
}

struct tr_tensor *tr_irfftn(struct tr_tensor *a, int n, const int64_t *s, const int *axes, enum tr_fft_norm norm)
{
	return call("irfftn", TR_FFT_TO_REAL, true, a, n, s, axes, norm);
}
