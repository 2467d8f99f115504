/* SPDX-License-Identifier: MIT */
/* What goes with transforms and needs no library: frequencies, and moving frequency 0 to the middle. */
#include <trueno/fft.h>
#include <trueno/manip.h>

#include "lib/context.h"

/* All n frequencies, of which those from half a turn on are negative; or those up to half a turn. */
static struct tr_tensor *frequencies(struct tr_context *ctx, const char *who, int64_t n, double d, bool half)
{
	int64_t length = half ? n / 2 + 1 : n;
	struct tr_tensor *y;
	double *p;

	if (n < 1 || d == 0) {
		tr__fail(ctx, TR_EINVAL, "%s: %lld elements, %g apart", who, (long long)n, d);
		return NULL;
	}
	y = tr_empty(ctx, TR_F64, 1, &length);
	p = y ? tr_data(y) : NULL;
	if (!p) {
		tr_free(y);
		return NULL;
	}
	for (int64_t i = 0; i < length; i++)
		p[i] = (double)(half || i <= (n - 1) / 2 ? i : i - n) * (1 / ((double)n * d));
	return y;
}

struct tr_tensor *tr_fftfreq(struct tr_context *ctx, int64_t n, double d)
{
	return frequencies(ctx, "fftfreq", n, d, false);
}

struct tr_tensor *tr_rfftfreq(struct tr_context *ctx, int64_t n, double d)
{
	return frequencies(ctx, "rfftfreq", n, d, true);
}

static struct tr_tensor *shift(const char *who, struct tr_tensor *a, uint32_t axes, bool back)
{
	char text[TR_SHAPE_TEXT];
	struct tr_tensor *y = a;
	int bits;

	if (!a)
		return NULL;
	bits = tr__axes_mask(axes, a->ndim);
	if (bits < 0) {
		tr__fail(a->ctx, TR_EINVAL, "%s: axes do not exist in shape %s, or are named twice", who,
			 tr__shape_text(text, a->ndim, a->shape));
		return NULL;
	}
	tr_scope_begin(a->ctx);
	if (!bits)
		y = tr_reshape(a, a->ndim, a->shape);
	for (int i = 0; i < a->ndim; i++)
		if (bits >> i & 1)
			y = tr_roll(y, back ? -(a->shape[i] / 2) : a->shape[i] / 2, i);
	tr_keep(y);
	tr_scope_end(a->ctx);
	return y;
}

struct tr_tensor *tr_fftshift(struct tr_tensor *a, uint32_t axes)
{
	return shift("fftshift", a, axes, false);
}

struct tr_tensor *tr_ifftshift(struct tr_tensor *a, uint32_t axes)
{
	return shift("ifftshift", a, axes, true);
}
