/* SPDX-License-Identifier: MIT */
/* NumPy's products of two tensors (uapi/trueno/product.h), made of views and operations, or of labels for einsum. */
#include <string.h>

#include <trueno/ops.h>

#include "lib/product/product.h"

/* Whether there are two operands, of one context. */
static bool given(const char *who, const struct tr_tensor *a, const struct tr_tensor *b)
{
	if (!a || !b)
		return false;
	if (a->ctx != b->ctx) {
		tr__fail(a->ctx, TR_EINVAL, "%s: the operands are of two contexts", who);
		return false;
	}
	return true;
}

static struct tr_tensor *clash(const char *who, const struct tr_tensor *a, const struct tr_tensor *b, const char *why)
{
	char x[TR_SHAPE_TEXT], y[TR_SHAPE_TEXT];

	tr__fail(a->ctx, TR_ESHAPE, "%s: shapes %s and %s: %s", who, tr__shape_text(x, a->ndim, a->shape),
		 tr__shape_text(y, b->ndim, b->shape), why);
	return NULL;
}

/* Sums over the pairs of axes a_axes[i], b_axes[i], counted from the front; sizes agree. */
static struct tr_tensor *contract(const char *who, struct tr_tensor *a, struct tr_tensor *b, int n, const int *a_axes,
				  const int *b_axes)
{
	struct tr_einsum e = {.ctx = a->ctx, .who = who, .n = 2, .rank = {a->ndim, b->ndim}};

	for (int i = 0; i < TR_MAX_RANK; i++) {
		e.label[0][i] = (uint8_t)i;
		e.label[1][i] = (uint8_t)(TR_MAX_RANK + i);
	}
	for (int i = 0; i < n; i++)
		e.label[1][b_axes[i]] = (uint8_t)a_axes[i];
	if (a->ndim + b->ndim - 2 * n > TR_MAX_RANK)
		return clash(who, a, b, "the result would have more axes than a tensor");
	for (int side = 0; side < 2; side++)
		for (int i = 0; i < e.rank[side]; i++) {
			bool summed = false;

			for (int j = 0; j < n; j++)
				summed |= (side ? b_axes : a_axes)[j] == i;
			if (!summed)
				e.out[e.out_rank++] = e.label[side][i];
		}
	return tr__einsum_run(&e, (struct tr_tensor *[]){a, b});
}

struct tr_tensor *tr_dot(struct tr_tensor *a, struct tr_tensor *b)
{
	int last, before;

	if (!given("dot", a, b))
		return NULL;
	if (!a->ndim || !b->ndim)
		return tr_multiply(a, b);
	last = a->ndim - 1;
	before = b->ndim > 1 ? b->ndim - 2 : 0;
	if (a->shape[last] != b->shape[before])
		return clash("dot", a, b, "the last axis of the first must equal the second to last of the second");
	return b->ndim <= 2 ? tr_matmul(a, b) : contract("dot", a, b, 1, &last, &before);
}

static struct tr_tensor *flat(struct tr_tensor *a)
{
	int64_t n = a->numel;

	return tr_reshape(a, 1, &n);
}

struct tr_tensor *tr_vdot(struct tr_tensor *a, struct tr_tensor *b)
{
	struct tr_tensor *x, *z, *y;

	if (!given("vdot", a, b))
		return NULL;
	if (a->numel != b->numel)
		return clash("vdot", a, b, "they must have as many elements");
	x = flat(a);
	z = flat(b);
	y = x && z ? tr_vecdot(x, z) : NULL;
	tr_free(x);
	tr_free(z);
	return y;
}

struct tr_tensor *tr_inner(struct tr_tensor *a, struct tr_tensor *b)
{
	int i, j;

	if (!given("inner", a, b))
		return NULL;
	if (!a->ndim || !b->ndim)
		return tr_multiply(a, b);
	i = a->ndim - 1;
	j = b->ndim - 1;
	if (a->shape[i] != b->shape[j])
		return clash("inner", a, b, "the last axes must be equal");
	return contract("inner", a, b, 1, &i, &j);
}

struct tr_tensor *tr_outer(struct tr_tensor *a, struct tr_tensor *b)
{
	struct tr_tensor *x, *z, *y;

	if (!given("outer", a, b))
		return NULL;
	x = tr_reshape(a, 2, (int64_t[]){a->numel, 1});
	z = flat(b);
	y = x && z ? tr_multiply(x, z) : NULL;
	tr_free(x);
	tr_free(z);
	return y;
}

/* The product with x as a matrix of one row or column, without that axis. */
static struct tr_tensor *vector_product(const char *who, struct tr_tensor *a, struct tr_tensor *x, bool row)
{
	struct tr_tensor *thin, *y, *r;

	if (a->ndim < 2 || x->ndim < 1)
		return clash(who, row ? x : a, row ? a : x, "it takes a matrix and a vector");
	if (x->shape[x->ndim - 1] != a->shape[a->ndim - (row ? 2 : 1)])
		return clash(who, row ? x : a, row ? a : x, "the matrix does not fit the vector");
	thin = tr_unsqueeze(x, row ? x->ndim - 1 : -1);
	y = !thin ? NULL : row ? tr_matmul(thin, a) : tr_matmul(a, thin);
	r = tr_squeeze(y, row ? -2 : -1);
	tr_free(thin);
	tr_free(y);
	return r;
}

struct tr_tensor *tr_matvec(struct tr_tensor *a, struct tr_tensor *x)
{
	return given("matvec", a, x) ? vector_product("matvec", a, x, false) : NULL;
}

struct tr_tensor *tr_vecmat(struct tr_tensor *x, struct tr_tensor *a)
{
	return given("vecmat", x, a) ? vector_product("vecmat", a, x, true) : NULL;
}

struct tr_tensor *tr_kron(struct tr_tensor *a, struct tr_tensor *b)
{
	int64_t split[2][TR_MAX_RANK], joined[TR_MAX_RANK];
	struct tr_tensor *x, *z, *y, *r;
	int n;

	if (!given("kron", a, b))
		return NULL;
	n = a->ndim > b->ndim ? a->ndim : b->ndim;
	if (2 * n > TR_MAX_RANK)
		return clash("kron", a, b, "it takes at most 4 axes");
	for (int i = 0; i < n; i++) {
		int d = i - (n - a->ndim), e = i - (n - b->ndim);

		split[0][2 * i] = d < 0 ? 1 : a->shape[d];
		split[1][2 * i + 1] = e < 0 ? 1 : b->shape[e];
		split[0][2 * i + 1] = split[1][2 * i] = 1;
		joined[i] = split[0][2 * i] * split[1][2 * i + 1]; /* multiply refuses what would overflow */
	}
	x = tr_reshape(a, 2 * n, split[0]);
	z = tr_reshape(b, 2 * n, split[1]);
	y = x && z ? tr_multiply(x, z) : NULL;
	r = tr_reshape(y, n, joined);
	tr_free(x);
	tr_free(z);
	tr_free(y);
	return r;
}

struct tr_tensor *tr_trace(struct tr_tensor *a, int64_t offset, int axis1, int axis2)
{
	struct tr_tensor *d = tr_diagonal(a, offset, axis1, axis2), *y = tr_sum(d, TR_AXIS(-1), 0);

	tr_free(d);
	return y;
}

/* An axis list counted from the front; false after a complaint. */
static bool settle_axes(const struct tr_tensor *a, int n, const int *axes, int *to)
{
	char text[TR_SHAPE_TEXT];
	unsigned seen = 0;

	for (int i = 0; i < n; i++) {
		to[i] = tr__axis(axes[i], a->ndim);
		if (to[i] < 0 || seen >> to[i] & 1) {
			tr__fail(a->ctx, TR_EINVAL, "tensordot: axis %d of shape %s is not there, or named twice", axes[i],
				 tr__shape_text(text, a->ndim, a->shape));
			return false;
		}
		seen |= 1u << to[i];
	}
	return true;
}

struct tr_tensor *tr_tensordot(struct tr_tensor *a, struct tr_tensor *b, int n, const int *a_axes, const int *b_axes)
{
	int i[TR_MAX_RANK], j[TR_MAX_RANK];

	if (!given("tensordot", a, b))
		return NULL;
	if (n < 0 || n > a->ndim || n > b->ndim) {
		tr__fail(a->ctx, TR_EINVAL, "tensordot: %d axes to sum over; the operands have %d and %d", n, a->ndim,
			 b->ndim);
		return NULL;
	}
	if (!settle_axes(a, n, a_axes, i) || !settle_axes(b, n, b_axes, j))
		return NULL;
	for (int d = 0; d < n; d++)
		if (a->shape[i[d]] != b->shape[j[d]])
			return clash("tensordot", a, b, "axes summed together differ in size");
	return contract("tensordot", a, b, n, i, j);
}
