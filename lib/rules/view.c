/* SPDX-License-Identifier: MIT */
/* Views: new shape, strides and offset over the same storage. No command, no data. */
#include "lib/rules/rules.h"

static struct tr_tensor *refused(int err)
{
	(void)err; /* the reason is in the context */
	return NULL;
}

/* Works out a -1 in the requested shape, and that the counts agree. */
static int settle_shape(struct tr_call *c, int64_t *shape)
{
	const struct tr_tensor *a = c->src[0];
	int64_t known = 1;
	int n = c->sqe->rank, free_axis = -1;
	char x[TR_SHAPE_TEXT], y[TR_SHAPE_TEXT];

	for (int i = 0; i < n; i++) {
		shape[i] = c->sqe->attr.i64[i];
		if (shape[i] == -1 && free_axis < 0)
			free_axis = i;
		else if (shape[i] < 0 || __builtin_mul_overflow(known, shape[i], &known))
			goto clash;
	}
	if (free_axis >= 0) {
		if (known == 0 || a->numel % known)
			goto clash;
		shape[free_axis] = a->numel / known;
	} else if (known != a->numel) {
		goto clash;
	}
	return 0;
clash:
	return tr__refuse(c, TR_ESHAPE, "%s cannot become %s: the counts differ",
			  tr__shape_text(x, a->ndim, a->shape), tr__shape_text(y, n, c->sqe->attr.i64));
}

static struct tr_tensor *apply_reshape(struct tr_call *c)
{
	int64_t shape[TR_MAX_RANK], stride[TR_MAX_RANK];
	struct tr_tensor *a = c->src[0], *copy = NULL, *v;
	int n = c->sqe->rank;

	if (settle_shape(c, shape))
		return NULL;
	if (!tr__reshape_strides(a->ndim, a->shape, a->stride, n, shape, stride)) {
		struct tr_sqe sqe;

		tr_prep_unary(&sqe, TR_OP_copy, tr__handle(a));
		copy = tr__submit(c->ctx, &sqe);
		if (!copy)
			return NULL;
		tr__contiguous_strides(n, shape, stride);
		a = copy;
	}
	v = tr__tensor_view(a);
	tr_free(copy);
	if (!v)
		return NULL;
	v->ndim = (uint8_t)n;
	for (int i = 0; i < n; i++) {
		v->shape[i] = shape[i];
		v->stride[i] = stride[i];
	}
	return v;
}

static struct tr_tensor *apply_permute(struct tr_call *c)
{
	const struct tr_tensor *a = c->src[0];
	struct tr_tensor *v;
	unsigned seen = 0;

	if (c->sqe->rank != a->ndim)
		return refused(tr__refuse(c, TR_EINVAL, "%d axes given for rank %d", c->sqe->rank, a->ndim));
	for (int i = 0; i < a->ndim; i++) {
		int64_t p = c->sqe->attr.i64[i];

		if (p < 0 || p >= a->ndim || seen >> p & 1)
			return refused(tr__refuse(c, TR_EINVAL, "axis %lld is out of range or named twice",
						  (long long)p));
		seen |= 1u << p;
	}
	v = tr__tensor_view(c->src[0]);
	for (int i = 0; v && i < a->ndim; i++) {
		v->shape[i] = a->shape[c->sqe->attr.i64[i]];
		v->stride[i] = a->stride[c->sqe->attr.i64[i]];
	}
	return v;
}

static int64_t clamp(int64_t x, int64_t low, int64_t high)
{
	return x < low ? low : x > high ? high : x;
}

/* Python's slice.indices(). */
static struct tr_tensor *apply_slice(struct tr_call *c)
{
	const struct tr_tensor *a = c->src[0];
	int axis = tr__axis((int)c->sqe->attr.i64[0], a->ndim);
	int64_t start = c->sqe->attr.i64[1], stop = c->sqe->attr.i64[2], step = c->sqe->attr.i64[3];
	int64_t size, low, high, count;
	struct tr_tensor *v;
	char text[TR_SHAPE_TEXT];

	if (axis < 0)
		return refused(tr__refuse(c, TR_EINVAL, "axis %lld does not exist in shape %s",
					  (long long)c->sqe->attr.i64[0], tr__shape_text(text, a->ndim, a->shape)));
	if (step == TR_NONE)
		step = 1;
	if (step == 0)
		return refused(tr__refuse(c, TR_EINVAL, "step is 0"));
	size = a->shape[axis];
	low = step < 0 ? -1 : 0;
	high = step < 0 ? size - 1 : size;
	start = start == TR_NONE ? (step < 0 ? high : low) : clamp(start < 0 ? start + size : start, low, high);
	stop = stop == TR_NONE ? (step < 0 ? low : high) : clamp(stop < 0 ? stop + size : stop, low, high);
	step = clamp(step, -INT64_MAX, INT64_MAX);
	if (step > 0)
		count = stop > start ? (stop - start - 1) / step + 1 : 0;
	else
		count = start > stop ? (start - stop - 1) / -step + 1 : 0;
	v = tr__tensor_view(c->src[0]);
	if (!v)
		return NULL;
	if (count)
		v->offset += start * a->stride[axis];
	v->shape[axis] = count;
	v->stride[axis] = count > 1 ? a->stride[axis] * step : a->stride[axis];
	return v;
}

static struct tr_tensor *apply_diagonal(struct tr_call *c)
{
	const struct tr_tensor *a = c->src[0];
	int64_t offset = c->sqe->attr.i64[0], one = c->sqe->attr.i64[1], two = c->sqe->attr.i64[2], rows, cols;
	int row = one == (int)one ? tr__axis((int)one, a->ndim) : -1, n = 0;
	int col = two == (int)two ? tr__axis((int)two, a->ndim) : -1;
	struct tr_tensor *v;
	char text[TR_SHAPE_TEXT];

	if (row < 0 || col < 0 || row == col)
		return refused(tr__refuse(c, TR_EINVAL, "%lld and %lld are not two axes of shape %s", (long long)one,
					  (long long)two, tr__shape_text(text, a->ndim, a->shape)));
	rows = a->shape[row];
	cols = a->shape[col];
	if (offset >= cols || offset <= -rows)
		rows = offset = 0;
	rows = offset < 0 ? rows + offset : rows;
	cols = offset > 0 ? cols - offset : cols;
	v = tr__tensor_view(c->src[0]);
	if (!v)
		return NULL;
	v->offset += offset < 0 ? -offset * a->stride[row] : offset * a->stride[col];
	for (int i = 0; i < a->ndim; i++) {
		if (i == row || i == col)
			continue;
		v->shape[n] = a->shape[i];
		v->stride[n++] = a->stride[i];
	}
	v->shape[n] = rows < cols ? rows : cols;
	v->stride[n] = a->stride[row] + a->stride[col];
	v->ndim = (uint8_t)(n + 1);
	return v;
}

static struct tr_tensor *apply_broadcast(struct tr_call *c)
{
	const struct tr_tensor *a = c->src[0];
	int64_t shape[TR_MAX_RANK];
	int n = a->ndim, rank = c->sqe->rank;
	struct tr_tensor *v;
	char x[TR_SHAPE_TEXT], y[TR_SHAPE_TEXT];
	bool fits = rank >= n && tr__numel(rank, c->sqe->attr.i64, 1) >= 0;

	for (int i = 0; i < n && fits; i++) {
		int64_t want = c->sqe->attr.i64[rank - n + i];

		fits = a->shape[i] == want || a->shape[i] == 1;
	}
	if (!fits)
		return refused(tr__refuse(c, TR_ESHAPE, "%s does not broadcast to %s",
					  tr__shape_text(x, n, a->shape),
					  tr__shape_text(y, rank, c->sqe->attr.i64)));
	for (int i = 0; i < rank; i++)
		shape[i] = c->sqe->attr.i64[i];
	v = tr__tensor_view(c->src[0]);
	if (!v)
		return NULL;
	tr__broadcast_strides(n, a->shape, a->stride, rank, shape, v->stride);
	v->ndim = (uint8_t)rank;
	for (int i = 0; i < rank; i++)
		v->shape[i] = shape[i];
	tr__tensor_settle(v);
	if (v->numel > a->numel)
		v->flags |= TR_TENSOR_REPEATS;
	return v;
}

struct tr_tensor *tr__view_apply(struct tr_call *c)
{
	struct tr_tensor *v;

	if (c->sqe->rank > TR_MAX_RANK)
		return refused(tr__refuse(c, TR_EINVAL, "rank %u is above %d", c->sqe->rank, TR_MAX_RANK));
	switch (c->sqe->op) {
	case TR_OP_reshape:
		v = apply_reshape(c);
		break;
	case TR_OP_permute:
		v = apply_permute(c);
		break;
	case TR_OP_slice:
		v = apply_slice(c);
		break;
	case TR_OP_diagonal:
		v = apply_diagonal(c);
		break;
	default:
		v = apply_broadcast(c);
		break;
	}
	if (v)
		tr__tensor_settle(v);
	return v;
}
