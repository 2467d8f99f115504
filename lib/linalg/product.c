/* SPDX-License-Identifier: MIT */
/* Products of matrices, and equations between tensors, made of views, matmul and what the other files solve. */
#include <string.h>

#include <trueno/create.h>
#include <trueno/manip.h>
#include <trueno/ops.h>

#include "lib/linalg/linalg.h"

static struct tr_tensor *out_of_scope(struct tr_context *ctx, struct tr_tensor *y)
{
	tr_keep(y);
	tr_scope_end(ctx);
	return y;
}

struct tr_tensor *tr_matrix_power(struct tr_tensor *a, int64_t n)
{
	uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;
	struct tr_tensor *square, *y = NULL;

	if (!tr__linalg_check("matrix_power", a, true))
		return NULL;
	tr_scope_begin(a->ctx);
	square = n < 0 ? tr_inv(a) : a;
	if (!n) {
		y = tr_eye(a->ctx, tr_dtype_of(a), a->shape[a->ndim - 1], a->shape[a->ndim - 1], 0);
		y = tr_copy(tr_broadcast_to(y, a->ndim, a->shape));
	}
	for (; left && square; left >>= 1) {
		if (left & 1)
			y = y ? tr_matmul(y, square) : left == 1 ? tr_copy(square) : square;
		if (left & 1 && !y)
			break;
		if (left > 1)
			square = tr_matmul(square, square);
	}
	return out_of_scope(a->ctx, square ? y : NULL);
}

#define MOST_PARTS 64

/* cut[i][j]: behind which part the product of parts i … j is cut, at least cost. size[i] × size[i + 1] is part i. */
static void find_cuts(const int64_t *size, int n, uint8_t cut[MOST_PARTS][MOST_PARTS])
{
	double cost[MOST_PARTS][MOST_PARTS];

	for (int i = 0; i < n; i++)
		cost[i][i] = 0;
	for (int length = 1; length < n; length++) {
		for (int i = 0, j = length; j < n; i++, j++) {
			for (int k = i; k < j; k++) {
				double q = cost[i][k] + cost[k + 1][j] + (double)size[i] * (double)size[k + 1] * (double)size[j + 1];

				if (k > i && q >= cost[i][j])
					continue;
				cost[i][j] = q;
				cut[i][j] = (uint8_t)k;
			}
		}
	}
}

static struct tr_tensor *multiply(struct tr_tensor *const *parts, uint8_t cut[MOST_PARTS][MOST_PARTS], int i, int j)
{
	return i == j ? parts[i]
		      : tr_matmul(multiply(parts, cut, i, cut[i][j]), multiply(parts, cut, cut[i][j] + 1, j));
}

/* The parts as matrices, with their sizes. false after tr__fail. */
static bool as_matrices(struct tr_tensor *const *parts, int n, struct tr_tensor **matrix, int64_t *size)
{
	char x[TR_SHAPE_TEXT];

	for (int i = 0; i < n; i++) {
		struct tr_tensor *p = parts[i];
		bool vector = p->ndim == 1 && (i == 0 || i == n - 1);

		if (p->ndim != 2 && !vector) {
			tr__fail(p->ctx, TR_ESHAPE, "multi_dot: part %d is %s; it takes matrices, vectors at the ends", i,
				 tr__shape_text(x, p->ndim, p->shape));
			return false;
		}
		matrix[i] = vector ? tr_unsqueeze(p, i == 0 ? 0 : 1) : p;
		if (!matrix[i])
			return false;
		if (i && matrix[i]->shape[0] != size[i]) {
			tr__fail(p->ctx, TR_ESHAPE, "multi_dot: part %d is %s, the one before it has %lld columns", i,
				 tr__shape_text(x, p->ndim, p->shape), (long long)size[i]);
			return false;
		}
		size[i] = matrix[i]->shape[0];
		size[i + 1] = matrix[i]->shape[1];
	}
	return true;
}

struct tr_tensor *tr_multi_dot(struct tr_tensor *const *parts, int n)
{
	struct tr_tensor *matrix[MOST_PARTS], *y = NULL;
	uint8_t cut[MOST_PARTS][MOST_PARTS];
	int64_t size[MOST_PARTS + 1];

	for (int i = 0; i < n; i++)
		if (!parts[i])
			return NULL;
	if (n < 1)
		return NULL;
	if (n < 2 || n > MOST_PARTS) {
		tr__fail(parts[0]->ctx, TR_EINVAL, "multi_dot: %d arrays; it takes 2 to %d", n, MOST_PARTS);
		return NULL;
	}
	tr_scope_begin(parts[0]->ctx);
	if (as_matrices(parts, n, matrix, size)) {
		find_cuts(size, n, cut);
		y = multiply(matrix, cut, 0, n - 1);
		if (parts[n - 1]->ndim == 1)
			y = tr_squeeze(y, -1);
		if (parts[0]->ndim == 1)
			y = tr_squeeze(y, 0);
	}
	return out_of_scope(parts[0]->ctx, y);
}

/* Whether axes of a can be moved: order[] is what permute takes. */
static bool to_the_end(struct tr_tensor *a, int n, const int *axes, int *order)
{
	unsigned moved = 0;
	int at = 0;

	for (int i = 0; i < n; i++) {
		int d = tr__axis(axes[i], a->ndim);

		if (d < 0 || moved >> d & 1) {
			tr__fail(a->ctx, TR_EINVAL, "tensorsolve: axis %d is not there, or named twice", axes[i]);
			return false;
		}
		moved |= 1u << d;
	}
	for (int d = 0; d < a->ndim; d++)
		if (!(moved >> d & 1))
			order[at++] = d;
	for (int i = 0; i < n; i++)
		order[at++] = tr__axis(axes[i], a->ndim);
	return true;
}

struct tr_tensor *tr_tensorsolve(struct tr_tensor *a, struct tr_tensor *b, int n, const int *axes)
{
	char x[TR_SHAPE_TEXT], z[TR_SHAPE_TEXT];
	struct tr_tensor *moved, *y = NULL;
	int order[TR_MAX_RANK], rest;
	int64_t size = 1;

	if (!a || !b || !to_the_end(a, n, axes, order))
		return NULL;
	tr_scope_begin(a->ctx);
	moved = tr_permute(a, order);
	rest = a->ndim - b->ndim;
	for (int i = b->ndim; moved && i < a->ndim; i++)
		size *= moved->shape[i];
	if (moved && (rest < 0 || a->numel != size * size || b->numel != size))
		tr__fail(a->ctx, TR_ESHAPE, "tensorsolve: %s is no square matrix for %s", tr__shape_text(x, a->ndim, moved->shape),
			 tr__shape_text(z, b->ndim, b->shape));
	else if (moved)
		y = tr_reshape(tr_solve(tr_reshape(moved, 2, (int64_t[]){size, size}), tr_ravel(b)), rest,
			       moved->shape + b->ndim);
	return out_of_scope(a->ctx, y);
}

struct tr_tensor *tr_tensorinv(struct tr_tensor *a, int ind)
{
	int64_t shape[TR_MAX_RANK], rows = 1;
	char x[TR_SHAPE_TEXT];
	struct tr_tensor *y;

	if (!a)
		return NULL;
	if (ind < 1 || ind > a->ndim) {
		tr__fail(a->ctx, TR_EINVAL, "tensorinv: ind is %d; it must be positive, and no more than the axes", ind);
		return NULL;
	}
	for (int i = 0; i < ind; i++)
		rows *= a->shape[i];
	if (a->numel != rows * rows) {
		tr__fail(a->ctx, TR_ESHAPE, "tensorinv: %s is no square matrix of its first %d axes by the others",
			 tr__shape_text(x, a->ndim, a->shape), ind);
		return NULL;
	}
	memcpy(shape, a->shape + ind, (size_t)(a->ndim - ind) * sizeof(*shape));
	memcpy(shape + a->ndim - ind, a->shape, (size_t)ind * sizeof(*shape));
	tr_scope_begin(a->ctx);
	y = tr_reshape(tr_inv(tr_reshape(a, 2, (int64_t[]){rows, rows})), a->ndim, shape);
	return out_of_scope(a->ctx, y);
}

/* a[i] b[j] - a[j] b[i] */
static struct tr_tensor *minor(struct tr_tensor *a, struct tr_tensor *b, int axis, int i, int j)
{
	return tr_subtract(tr_multiply(tr_select(a, axis, i), tr_select(b, axis, j)),
			   tr_multiply(tr_select(a, axis, j), tr_select(b, axis, i)));
}

struct tr_tensor *tr_cross(struct tr_tensor *a, struct tr_tensor *b, int axis)
{
	char x[TR_SHAPE_TEXT], z[TR_SHAPE_TEXT];
	struct tr_context *ctx = a ? a->ctx : NULL;
	struct tr_tensor *y[3] = {NULL}, *r;
	int i, j;

	if (!a || !b)
		return NULL;
	i = tr__axis(axis, a->ndim);
	j = tr__axis(axis, b->ndim);
	if (i < 0 || j < 0 || a->shape[i] != 3 || b->shape[j] != 3) {
		tr__fail(a->ctx, TR_ESHAPE, "cross: axis %d of %s and %s is not of three elements", axis,
			 tr__shape_text(x, a->ndim, a->shape), tr__shape_text(z, b->ndim, b->shape));
		return NULL;
	}
	tr_scope_begin(ctx);
	a = tr_moveaxis(a, i, -1);
	b = tr_moveaxis(b, j, -1);
	for (int k = 0; k < 3; k++)
		y[k] = minor(a, b, -1, (k + 1) % 3, (k + 2) % 3);
	r = tr_stack(y, 3, -1);
	r = r && axis != -1 ? tr_moveaxis(r, -1, axis) : r;
	return out_of_scope(ctx, r);
}
