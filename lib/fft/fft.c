/* SPDX-License-Identifier: MIT */
/* The transforms of <trueno/fft.h>: tensors brought into FFTW's form, transformed, scaled. */
#include <math.h>
#include <string.h>

#include <trueno/complex.h>
#include <trueno/fft.h>
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
			return tr__fail(c->ctx, TR_EINVAL, "%s: invalid number of data points (%lld) along axis %d of %s", c->who,
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

/* Where one side is real, its axis sizes count; all others are the same on both sides. */
static void describe(const struct call *c, const struct tr_tensor *in, const struct tr_tensor *out, struct tr_fft_transform *t)
{
	const struct tr_tensor *sizes = c->kind == TR_FFT_FROM_REAL ? in : out;
	unsigned transformed = 0;

	memset(t, 0, sizeof(*t));
	t->rank = c->n;
	t->many = in->ndim - c->n;
	t->kind = (int32_t)c->kind;
	t->wide = c->wide;
	t->inverse = c->inverse && c->kind == TR_FFT_COMPLEX;
	for (int i = 0; i < c->n; i++) {
		int d = c->axis[i];

		t->axis[i] = (struct tr_fft_axis){sizes->shape[d], in->stride[d], out->stride[d]};
		transformed |= 1u << d;
	}
	for (int d = 0, i = c->n; d < in->ndim; d++)
		if (!(transformed >> d & 1))
			t->axis[i++] = (struct tr_fft_axis){sizes->shape[d], in->stride[d], out->stride[d]};
}

/* out = the transform of in, which is kept unless spoils. 0 or a status. */
static int transform(const struct call *c, struct tr_tensor *in, struct tr_tensor *out, bool spoils)
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
	describe(c, in, out, &t);
	t.spoils = spoils;
	return tr__fft_run(c->ctx, c->who, &t, (void *)(uintptr_t)from, to);
}

/* y[k] = conjugates of y[n - k], for the half of the axis that a transform of real numbers has left out. If inverse the whole is
 * conjugated. */
static int complete(const struct call *c, struct tr_tensor *y)
{
	int d = c->axis[c->n - 1];
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

/* Of real numbers to all elements: the last axis by way of its half, then the others in place. */
static int from_real(const struct call *c, struct tr_tensor *a, struct tr_tensor *y)
{
	int d = c->axis[c->n - 1];
	struct call last = *c, rest = *c;
	struct tr_tensor *in, *half;
	int err;

	last.n = 1;
	last.axis[0] = d;
	last.size[0] = c->size[c->n - 1];
	last.kind = TR_FFT_FROM_REAL;
	rest.n--;
	in = fit(c, a, real_type(c));
	half = tr_slice_axis(y, d, 0, last.size[0] / 2 + 1, 1);
	err = transform(&last, in, half, false);
	if (!err)
		err = complete(&last, y);
	return err || !rest.n ? err : transform(&rest, y, y, true);
}

/* To real numbers: all axes but the last in a complex tensor of our own, then that one. */
static int to_real(const struct call *c, struct tr_tensor *a, struct tr_tensor *y)
{
	struct call last = *c, rest = *c;
	struct tr_tensor *in = fit(c, a, complex_type(c)), *own = in;
	int err;

	last.n = 1;
	last.axis[0] = c->axis[c->n - 1];
	rest.n--;
	rest.kind = TR_FFT_COMPLEX;
	if (!in || !rest.n)
		return transform(&last, in, y, false);
	own = tr_empty(c->ctx, complex_type(c), in->ndim, in->shape);
	err = transform(&rest, in, own, false);
	return err ? err : transform(&last, own, y, true);
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

static struct tr_tensor *run(struct call *c, struct tr_tensor *a)
{
	int64_t shape[TR_MAX_RANK];
	struct tr_tensor *y;
	int err;

	memcpy(shape, a->shape, sizeof(shape));
	for (int i = 0; i < c->n; i++)
		shape[c->axis[i]] = c->kind == TR_FFT_FROM_REAL && i == c->n - 1 ? c->size[i] / 2 + 1 : c->size[i];
	y = tr_empty(c->ctx, c->kind == TR_FFT_TO_REAL ? real_type(c) : complex_type(c), a->ndim, shape);
	if (!y)
		return NULL;
	if (!c->n)
		return tr_astype_out(y, a) ? NULL : y;
	if (c->kind == TR_FFT_TO_REAL)
		err = to_real(c, a, y);
	else if (c->kind == TR_FFT_FROM_REAL)
		err = transform(c, fit(c, a, real_type(c)), y, false);
	else if (!is_complex(a))
		err = from_real(c, a, y);
	else
		err = transform(c, fit(c, a, complex_type(c)), y, false);
	return err || scale(c, y) ? NULL : y;
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
