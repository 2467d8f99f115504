/* SPDX-License-Identifier: MIT */
/* convolve and correlate: the matrix of the longer operand's windows times the shorter one, or a product of transforms. */
#include <math.h>

#include <trueno/complex.h>
#include <trueno/fft.h>
#include <trueno/ops.h>

#include "lib/fft/fftw.h"

static bool is_complex(const struct tr_tensor *a)
{
	return tr__kind(tr_dtype_of(a)) == TR_KIND_COMPLEX;
}

/* y[k] = sum of x[k + j] w[j], k from 0 to n - m. */
static struct tr_tensor *slide(struct tr_tensor *x, struct tr_tensor *w)
{
	int64_t m, step;

	if (!x || !w)
		return NULL;
	m = w->shape[0];
	step = x->stride[0];
	return tr_matmul(tr_as_strided(x, 2, (int64_t[]){x->shape[0] - m + 1, m}, (int64_t[]){step, step}, 0), w);
}

/* 1 or 0, or a negative status. */
static int all_finite(struct tr_tensor *a)
{
	struct tr_tensor *finite = tr_all(tr_isfinite(a), TR_ALL_AXES, 0);
	const bool *p = finite ? tr_data_const(finite) : NULL;

	return p ? *p : a->ctx->status;
}

/* n or the next number whose only factors are 2, 3, 5 and 7. */
static int64_t good_length(int64_t n)
{
	for (;; n++) {
		int64_t left = n;

		for (int f = 2; f <= 7; f += f == 2 ? 1 : 2)
			while (left % f == 0)
				left /= f;
		if (left == 1)
			return n;
	}
}

/* Whether transforms take less time than m products for each of the results: by measurement, within a factor of two. */
static bool is_long(const struct tr_tensor *x, const struct tr_tensor *w)
{
	double n = (double)x->shape[0], m = (double)w->shape[0];

	return m >= 64 && (n - m + 1) * m > 16 * n * log2(n);
}

static bool has_transform(const struct tr_tensor *x)
{
	return x->dtype == TR_F32 || x->dtype == TR_F64 || is_complex(x);
}

/* The same as slide. */
static struct tr_tensor *by_transforms(struct tr_tensor *x, struct tr_tensor *w)
{
	int64_t n = good_length(x->shape[0]), length = x->shape[0] - w->shape[0] + 1;
	struct tr_tensor *y;

	if (is_complex(x))
		y = tr_ifft(tr_multiply(tr_fft(x, n, 0, TR_FFT_BACKWARD), tr_conjugate(tr_fft(tr_conjugate(w), n, 0, TR_FFT_BACKWARD))),
			    n, 0, TR_FFT_BACKWARD);
	else
		y = tr_irfft(tr_multiply(tr_rfft(x, n, 0, TR_FFT_BACKWARD), tr_conjugate(tr_rfft(w, n, 0, TR_FFT_BACKWARD))), n, 0,
			     TR_FFT_BACKWARD);
	return tr_copy(tr_slice_axis(y, 0, 0, length, 1));
}

/* y[at] = the sum over the part of w that meets x, which it overlaps from `from` on. */
static int edge(struct tr_tensor *y, int64_t at, struct tr_tensor *x, struct tr_tensor *w, int64_t from)
{
	int64_t n = x->shape[0], m = w->shape[0], low = from < 0 ? -from : 0, high = from + m > n ? n - from : m;
	struct tr_tensor *sum;
	int err;

	tr_scope_begin(x->ctx);
	sum = slide(tr_slice_axis(x, 0, from + low, from + high, 1), tr_slice_axis(w, 0, low, high, 1));
	err = sum ? tr_copy_out(tr_slice_axis(y, 0, at, at + 1, 1), sum) : -TR_ENOMEM;
	tr_scope_end(x->ctx);
	return err;
}

/* Outputs at the ends one by one: zeros beside x would make NaN of an infinite w. */
static struct tr_tensor *with_edges(struct tr_tensor *x, struct tr_tensor *w, int64_t left, int64_t right)
{
	int64_t inner = x->shape[0] - w->shape[0] + 1, length = left + inner + right;
	struct tr_tensor *y = tr_empty(x->ctx, tr_dtype_of(x), 1, &length), *middle = slide(x, w);

	if (!y || !middle || tr_copy_out(tr_slice_axis(y, 0, left, left + inner, 1), middle))
		return NULL;
	for (int64_t i = 0; i < length; i++)
		if ((i < left || i >= left + inner) && edge(y, i, x, w, i - left))
			return NULL;
	return y;
}

/* x with zeros at its ends. */
static struct tr_tensor *padded(struct tr_tensor *x, int64_t left, int64_t right)
{
	int64_t length = x->shape[0] + left + right;
	struct tr_tensor *y = tr_zeros(x->ctx, tr_dtype_of(x), 1, &length);

	return y && !tr_copy_out(tr_slice_axis(y, 0, left, left + x->shape[0], 1), x) ? y : NULL;
}

/* x is at least as long as w; both of one type. */
static struct tr_tensor *correlate(struct tr_tensor *x, struct tr_tensor *w, enum tr_convolve_mode mode)
{
	int64_t m = w ? w->shape[0] : 0;
	int64_t left = mode == TR_CONVOLVE_FULL ? m - 1 : mode == TR_CONVOLVE_SAME ? m / 2 : 0;
	int64_t right = mode == TR_CONVOLVE_FULL ? m - 1 : mode == TR_CONVOLVE_SAME ? m - m / 2 - 1 : 0;
	bool floating = tr__kind(tr_dtype_of(x)) >= TR_KIND_FLOAT;
	struct tr_tensor *wide;
	int finite = 1;

	if (!w)
		return NULL;
	if (floating)
		finite = all_finite(w);
	if (!finite && left + right)
		return with_edges(x, w, left, right);
	wide = left + right ? padded(x, left, right) : x;
	if (finite < 0 || !wide)
		return NULL;
	if (!finite || !is_long(wide, w) || !has_transform(x) || !tr__fft_there(x->dtype == TR_F64 || x->dtype == TR_C128))
		return slide(wide, w);
	finite = all_finite(x);
	return finite < 0 ? NULL : finite ? by_transforms(wide, w) : slide(wide, w);
}

static bool check(const char *who, const struct tr_tensor *a, const struct tr_tensor *v, enum tr_convolve_mode mode)
{
	char x[TR_SHAPE_TEXT], y[TR_SHAPE_TEXT];

	if (!a || !v)
		return false;
	if (a->ctx != v->ctx || (unsigned)mode > TR_CONVOLVE_FULL) {
		tr__fail(a->ctx, TR_EINVAL, "%s: %s", who, a->ctx != v->ctx ? "the operands are of two contexts" : "an unknown mode");
		return false;
	}
	if (a->ndim == 1 && v->ndim == 1 && a->numel && v->numel)
		return true;
	tr__fail(a->ctx, TR_ESHAPE, "%s: shapes %s and %s: it takes two vectors, neither empty", who,
		 tr__shape_text(x, a->ndim, a->shape), tr__shape_text(y, v->ndim, v->shape));
	return false;
}

static struct tr_tensor *reversed(struct tr_tensor *a)
{
	return tr_slice_axis(a, 0, TR_NONE, TR_NONE, -1);
}

/* a and v in the type that holds both. */
static void unify(struct tr_tensor **a, struct tr_tensor **v)
{
	enum tr_dtype dtype = tr_promote_types(tr_dtype_of(*a), tr_dtype_of(*v));

	if (tr_dtype_of(*a) != dtype)
		*a = tr_astype(*a, dtype);
	if (tr_dtype_of(*v) != dtype)
		*v = tr_astype(*v, dtype);
}

struct tr_tensor *tr_convolve(struct tr_tensor *a, struct tr_tensor *v, enum tr_convolve_mode mode)
{
	struct tr_tensor *y = NULL;
	struct tr_context *ctx;

	if (!check("convolve", a, v, mode))
		return NULL;
	ctx = a->ctx;
	tr_scope_begin(ctx);
	unify(&a, &v);
	if (a && v)
		y = a->numel < v->numel ? correlate(v, reversed(a), mode) : correlate(a, reversed(v), mode);
	tr_keep(y);
	tr_scope_end(ctx);
	return y;
}

struct tr_tensor *tr_correlate(struct tr_tensor *a, struct tr_tensor *v, enum tr_convolve_mode mode)
{
	struct tr_tensor *y = NULL;
	struct tr_context *ctx;

	if (!check("correlate", a, v, mode))
		return NULL;
	ctx = a->ctx;
	tr_scope_begin(ctx);
	unify(&a, &v);
	v = v && is_complex(v) ? tr_conjugate(v) : v;
	if (a && v)
		y = a->numel < v->numel ? tr_copy(reversed(correlate(v, a, mode))) : correlate(a, v, mode);
	tr_keep(y);
	tr_scope_end(ctx);
	return y;
}
