/* SPDX-License-Identifier: MIT */
/* Counts: of numbers, and of elements between edges. */
#include "lib/sets/sets.h"

/* y[n] = 0 and y[at[i]] += weights[i], or 1. */
static struct tr_tensor *add_up(struct tr_tensor *at, struct tr_tensor *weights, int64_t n)
{
	enum tr_dtype dtype = weights ? tr_dtype_of(weights) : TR_I64;
	struct tr_tensor *y;

	if (!at)
		return NULL;
	if (!weights)
		weights = tr_ones(at->ctx, TR_I64, 0, NULL);
	y = tr_zeros(at->ctx, dtype, 1, &n);
	return y && weights && !tr_index_add_out(y, weights, at, 0) ? y : NULL;
}

/* Weights as a vector, of a type that sums are kept in; complex ones are sums of their parts. */
static struct tr_tensor *flat_weights(struct tr_tensor *weights)
{
	if ((TR__SET_BOOL | TR__SET_HALF) & TR__BIT(weights->dtype))
		weights = tr_astype(weights, TR_F64);
	return tr_ravel(weights);
}

/* The greatest of int64 elements, none below 0: those are greater than any as unsigned. -1 of none. 0 or a status. */
static int greatest(struct tr_tensor *a, int64_t *most)
{
	struct tr_tensor *bits;
	int err;

	*most = -1;
	if (!a->numel)
		return 0;
	bits = tr__tensor_view(a);
	if (!bits)
		return a->ctx->status;
	bits->dtype = TR_U64;
	err = tr__value_of(tr_max(bits, TR_ALL_AXES, 0), most, sizeof(*most), "bincount");
	if (!err && *most < 0)
		err = tr__fail(a->ctx, TR_EINVAL, "bincount: an element is negative");
	if (!err && *most == INT64_MAX)
		err = tr__fail(a->ctx, TR_EOVERFLOW, "bincount: %lld is too large", (long long)*most);
	return err;
}

static struct tr_tensor *bincount(struct tr_tensor *a, struct tr_tensor *weights, int64_t n)
{
	int64_t most;

	if (tr_dtype_of(a) != TR_I64)
		a = tr_astype(a, TR_I64);
	if (!a || greatest(a, &most))
		return NULL;
	if (weights && tr_dtype_of(weights) != TR_F64) {
		weights = tr_astype(weights, TR_F64);
		if (!weights)
			return NULL;
	}
	return add_up(a, weights, most + 1 > n ? most + 1 : n);
}

struct tr_tensor *tr_bincount(struct tr_tensor *a, struct tr_tensor *weights, int64_t minlength)
{
	char x[TR_SHAPE_TEXT], y[TR_SHAPE_TEXT];

	if (!a)
		return NULL;
	if (!((TR__SET_INTEGER | TR__SET_BOOL) & TR__BIT(a->dtype)) || a->dtype == TR_U64) {
		tr__fail(a->ctx, TR_EDTYPE, "bincount: %s does not cast safely to int64", tr_dtype_name(tr_dtype_of(a)));
		return NULL;
	}
	if (a->ndim != 1 || (weights && !tr__same_shape(weights->ndim, weights->shape, 1, a->shape))) {
		tr__fail(a->ctx, TR_ESHAPE, "bincount: numbers are %s and weights %s; both must be vectors of one length",
			 tr__shape_text(x, a->ndim, a->shape),
			 weights ? tr__shape_text(y, weights->ndim, weights->shape) : "left out");
		return NULL;
	}
	if (minlength < 0 || (weights && TR__SET_COMPLEX & TR__BIT(weights->dtype))) {
		tr__fail(a->ctx, minlength < 0 ? TR_EINVAL : TR_EDTYPE, "bincount: minlength %lld, weights of %s",
			 (long long)minlength, weights ? tr_dtype_name(tr_dtype_of(weights)) : "1");
		return NULL;
	}
	tr_scope_begin(a->ctx);
	return tr__leave(a->ctx, bincount(a, weights, minlength));
}

/* Whether bins never descend (or never ascend): 1 or 0, or a status. NaN is last. */
static int is_monotonic(struct tr_tensor *bins, bool ascending, const char *who)
{
	struct tr_tensor *a = tr__part(bins, 0, -1), *b = tr__part(bins, 1, TR_NONE);
	uint8_t any = 0;
	int err = tr__value_of(tr_any(ascending ? tr_less(b, a) : tr_less(a, b), TR_ALL_AXES, 0), &any, 1, who);

	return err ? err : !any;
}

static struct tr_tensor *digitize(struct tr_tensor *a, struct tr_tensor *bins, bool right)
{
	int ascends = is_monotonic(bins, true, "digitize"), descends = ascends ? 0 : is_monotonic(bins, false, "digitize");

	if (ascends < 0 || descends < 0)
		return NULL;
	if (ascends)
		return tr_searchsorted(bins, a, right ? 0 : TR_SEARCH_RIGHT);
	if (!descends) {
		tr__fail(a->ctx, TR_EINVAL, "digitize: bins must be monotonically increasing or decreasing");
		return NULL;
	}
	return tr_subtract(tr_scalar_int(a->ctx, bins->numel),
			   tr_searchsorted(tr_flip(bins, TR_AXIS(0)), a, right ? TR_SEARCH_RIGHT : 0));
}

struct tr_tensor *tr_digitize(struct tr_tensor *a, struct tr_tensor *bins, bool right)
{
	char text[TR_SHAPE_TEXT];

	if (!a || !bins)
		return NULL;
	if (bins->ndim != 1 || TR__SET_COMPLEX & (TR__BIT(a->dtype) | TR__BIT(bins->dtype))) {
		tr__fail(a->ctx, bins->ndim != 1 ? TR_ESHAPE : TR_EDTYPE, "digitize: bins are %s, of %s; numbers of %s",
			 tr__shape_text(text, bins->ndim, bins->shape), tr_dtype_name(tr_dtype_of(bins)),
			 tr_dtype_name(tr_dtype_of(a)));
		return NULL;
	}
	tr_scope_begin(a->ctx);
	return tr__leave(a->ctx, digitize(a, bins, right));
}

/* Sums in bins 1 … n; 0 and n + 1 get what lies below and above. The last edge belongs to bin n. */
static struct tr_tensor *histogram(struct tr_tensor *a, struct tr_tensor *edges, struct tr_tensor *weights)
{
	int64_t n = edges->numel - 1;
	struct tr_tensor *last = tr_select(edges, 0, -1), *at, *re, *im;
	int ascends = is_monotonic(edges, true, "histogram");

	if (ascends < 1) {
		if (!ascends)
			tr__fail(a->ctx, TR_EINVAL, "histogram: edges must increase monotonically");
		return NULL;
	}
	a = tr_ravel(a);
	at = tr_where(tr_equal(a, last), tr_scalar_int(a ? a->ctx : edges->ctx, n), tr_searchsorted(edges, a, TR_SEARCH_RIGHT));
	if (weights && TR__SET_COMPLEX & TR__BIT(weights->dtype)) {
		weights = tr_ravel(weights);
		re = add_up(at, tr_ravel(tr_real(weights)), n + 2);
		im = add_up(at, tr_ravel(tr_imag(weights)), n + 2);
		return tr_complex(tr__part(re, 1, n + 1), tr__part(im, 1, n + 1));
	}
	if (weights) {
		weights = flat_weights(weights);
		if (!weights)
			return NULL;
	}
	return tr_copy(tr__part(add_up(at, weights, n + 2), 1, n + 1));
}

struct tr_tensor *tr_histogram(struct tr_tensor *a, struct tr_tensor *edges, struct tr_tensor *weights)
{
	char x[TR_SHAPE_TEXT], y[TR_SHAPE_TEXT];

	if (!a || !edges)
		return NULL;
	if (edges->ndim != 1 || !edges->numel ||
	    (weights && !tr__same_shape(weights->ndim, weights->shape, a->ndim, a->shape))) {
		tr__fail(a->ctx, TR_ESHAPE, "histogram: edges are %s, weights %s; a vector of at least one, and a's shape",
			 tr__shape_text(x, edges->ndim, edges->shape),
			 weights ? tr__shape_text(y, weights->ndim, weights->shape) : "left out");
		return NULL;
	}
	tr_scope_begin(a->ctx);
	return tr__leave(a->ctx, histogram(a, edges, weights));
}
