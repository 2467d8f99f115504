/* SPDX-License-Identifier: MIT */
/*
 * Reading an index, entry by entry: basic ones become views at once, tensors are noted with the axis they index. Neither
 * moves an element. The rules are those of NumPy's "Indexing on ndarrays".
 */
#include <trueno/ops.h>

#include "lib/index.h"
#include "lib/submit.h"

/* Where reading stands. */
struct reader {
	struct tr__index_plan *p;
	const char *who;
	struct tr_context *ctx;
	bool advanced;  /* there are tensors: integers count among them */
	int axis;       /* of the view, the next entry is about */
	int input_axis; /* the same of a, for messages */
	int last;       /* entry of the indexer before, -1 for none */
	bool apart;     /* entries of other kinds stand between indexers */
};

static int fail_index(struct reader *r, int64_t i, int64_t size)
{
	return tr__fail(r->ctx, TR_EINDEX, "%s: index %lld is out of bounds for axis %d with size %lld", r->who,
			(long long)i, r->input_axis, (long long)size);
}

/* The next view, or the error that its making left. */
static int use(struct reader *r, struct tr_tensor *v)
{
	r->p->view = v;
	return v ? 0 : r->ctx->status;
}

static int note(struct reader *r, int entry, struct tr_tensor *tensor, int64_t at)
{
	struct tr__index_plan *p = r->p;

	if (p->n == TR_MAX_RANK)
		return tr__fail(r->ctx, TR_EINDEX, "%s: more than %d axes are indexed", r->who, TR_MAX_RANK);
	if (r->last < 0)
		p->where = r->axis;
	r->apart |= r->last >= 0 && r->last != entry && r->last != entry - 1;
	r->last = entry;
	p->by[p->n++] = (struct tr__indexer){r->axis++, tensor, at};
	r->input_axis++;
	return 0;
}

static int read_at(struct reader *r, int entry, int64_t i)
{
	int64_t size = r->p->view->shape[r->axis];

	if (i < -size || i >= size)
		return fail_index(r, i, size);
	if (r->advanced)
		return note(r, entry, NULL, i < 0 ? i + size : i);
	r->input_axis++;
	return use(r, tr_select(r->p->view, r->axis, i));
}

/* The positions of a mask's true elements, one tensor for each of its axes. */
static int read_mask(struct reader *r, int entry, struct tr_tensor *mask)
{
	struct tr_tensor *axes[TR_MAX_RANK];
	int err;

	for (int i = 0; i < mask->ndim; i++)
		/* one without elements selects none of any axis, as in NumPy */
		if (mask->shape[i] && mask->shape[i] != r->p->view->shape[r->axis + i])
			return tr__fail(r->ctx, TR_EINDEX,
					"%s: boolean index did not match indexed array along axis %d; size of axis is "
					"%lld but size of corresponding boolean axis is %lld", r->who, r->input_axis + i,
					(long long)r->p->view->shape[r->axis + i], (long long)mask->shape[i]);
	if (!mask->ndim) { /* one position of a new axis, or none */
		err = use(r, tr_unsqueeze(r->p->view, r->axis));
		axes[0] = err ? NULL : tr_flatnonzero(mask);
		r->input_axis--;
		return axes[0] ? note(r, entry, axes[0], 0) : r->ctx->status;
	}
	err = tr_nonzero(mask, axes);
	for (int i = 0; i < mask->ndim && !err; i++)
		err = note(r, entry, axes[i], 0);
	return err;
}

static int read_entry(struct reader *r, int entry, const struct tr_index *index, int rest)
{
	struct tr_tensor *v = r->p->view, *t = index->tensor;
	int err = 0;

	switch (index->kind) {
	case TR_INDEX_SLICE:
		if (index->start != TR_NONE || index->stop != TR_NONE || index->step != TR_NONE)
			err = use(r, tr_slice_axis(v, r->axis, index->start, index->stop, index->step));
		r->axis++;
		r->input_axis++;
		return err;
	case TR_INDEX_AT:
		return read_at(r, entry, index->start);
	case TR_INDEX_NEW:
		return use(r, tr_unsqueeze(v, r->axis++));
	case TR_INDEX_ELLIPSIS:
		r->axis += rest;
		r->input_axis += rest;
		return 0;
	default:
		return t->dtype == TR_BOOL ? read_mask(r, entry, t) : note(r, entry, t, 0);
	}
}

/* Counts what the entries need. *rest: axes that an ellipsis stands for. */
static int survey(struct reader *r, const struct tr_tensor *a, int n, const struct tr_index *index, int *rest)
{
	int consumed = 0, ellipses = 0;
	char text[TR_SHAPE_TEXT];

	for (int i = 0; i < n; i++) {
		const struct tr_tensor *t = index[i].tensor;

		switch (index[i].kind) {
		case TR_INDEX_SLICE:
		case TR_INDEX_AT:
			consumed++;
			break;
		case TR_INDEX_NEW:
			break;
		case TR_INDEX_ELLIPSIS:
			ellipses++;
			break;
		case TR_INDEX_TENSOR:
			if (!t || t->ctx != r->ctx)
				return tr__fail(r->ctx, TR_EINVAL, "%s: entry %d is %s", r->who, i,
						t ? "a tensor of another context" : "NULL");
			if (!(TR__SET_BITS & TR__BIT(t->dtype)))
				return tr__fail(r->ctx, TR_EINDEX,
						"%s: entry %d is %s; arrays used as indices must be of integer (or boolean) type",
						r->who, i, tr_dtype_name(tr_dtype_of(t)));
			consumed += t->dtype == TR_BOOL ? t->ndim : 1;
			r->advanced = true;
			break;
		default:
			return tr__fail(r->ctx, TR_EINVAL, "%s: entry %d has no known kind", r->who, i);
		}
	}
	if (ellipses > 1)
		return tr__fail(r->ctx, TR_EINDEX, "%s: an index can only have a single ellipsis ('...')", r->who);
	if (consumed > a->ndim)
		return tr__fail(r->ctx, TR_EINDEX, "%s: too many indices for array: %d for shape %s", r->who, consumed,
				tr__shape_text(text, a->ndim, a->shape));
	*rest = a->ndim - consumed;
	return 0;
}

/* The result's shape: the tensors' common one among the axes that none of them indexes. */
static int settle_shape(struct reader *r)
{
	struct tr__index_plan *p = r->p;
	int64_t common[TR_MAX_RANK];
	bool indexed[TR_MAX_RANK] = {false};
	char x[TR_SHAPE_TEXT], y[TR_SHAPE_TEXT];

	p->common = 0;
	for (int i = 0; i < p->n; i++) {
		const struct tr_tensor *t = p->by[i].tensor;

		indexed[p->by[i].axis] = true;
		if (t && tr__broadcast(&p->common, common, t->ndim, t->shape) >= 0)
			return tr__fail(r->ctx, TR_EINDEX,
					"%s: shape mismatch: indexing arrays of shapes %s and %s could not be broadcast together",
					r->who, tr__shape_text(x, p->common, common), tr__shape_text(y, t->ndim, t->shape));
	}
	if (p->view->ndim - p->n + p->common > TR_MAX_RANK)
		return tr__fail(r->ctx, TR_ESHAPE, "%s: the result would have rank %d; at most %d", r->who,
				p->view->ndim - p->n + p->common, TR_MAX_RANK);
	p->where = r->apart || !p->n ? 0 : p->where;
	p->ndim = 0;
	for (int d = 0, rest = 0; d <= p->view->ndim; d++) {
		if (rest == p->where && p->ndim == p->where)
			for (int i = 0; i < p->common; i++)
				p->shape[p->ndim++] = common[i];
		if (d < p->view->ndim && !indexed[d]) {
			p->shape[p->ndim++] = p->view->shape[d];
			rest++;
		}
	}
	return 0;
}

int tr__index_plan(struct tr__index_plan *p, struct tr_tensor *a, int n, const struct tr_index *index, const char *who)
{
	struct reader r = {.p = p, .who = who, .ctx = a->ctx, .last = -1};
	int rest = 0, err;

	*p = (struct tr__index_plan){.view = a};
	err = survey(&r, a, n, index, &rest);
	if (!err && n == 1 && r.advanced && index->tensor->dtype == TR_BOOL && index->tensor->ndim && !rest) {
		p->mask = index->tensor;
		for (int i = 0; i < a->ndim; i++)
			if (p->mask->shape[i] != a->shape[i])
				return tr__index_expand(p, who); /* which says what is wrong */
		return 0;
	}
	for (int i = 0; i < n && !err; i++)
		err = read_entry(&r, i, &index[i], rest);
	return err ? err : settle_shape(&r);
}

int tr__index_expand(struct tr__index_plan *p, const char *who)
{
	struct reader r = {.p = p, .who = who, .ctx = p->view->ctx, .last = -1, .advanced = true};
	struct tr_tensor *mask = p->mask;
	int err;

	p->mask = NULL;
	err = read_mask(&r, 0, mask);
	return err ? err : settle_shape(&r);
}

/* The view's memory between the first and the last element that the indexers reach, as one axis of single steps. low: how far
 * the first lies before the view's own first. */
static struct tr_tensor *make_span(const struct tr__index_plan *p, int64_t *low)
{
	const struct tr_tensor *v = p->view;
	bool indexed[TR_MAX_RANK] = {false};
	struct tr_tensor *s = tr__tensor_view(p->view);
	int64_t high = 0, shift = 0;
	char text[TR_SHAPE_TEXT];

	*low = 0;
	for (int i = 0; i < p->n; i++) {
		int64_t stride = v->stride[p->by[i].axis], size = v->shape[p->by[i].axis];
		int64_t reach = size > 0 ? (size - 1) * stride : 0;

		indexed[p->by[i].axis] = true;
		if (!p->by[i].tensor)
			shift += p->by[i].at * stride;
		else if (reach < 0)
			*low += reach;
		else
			high += reach;
	}
	if (!s)
		return NULL;
	s->offset += shift + *low;
	s->ndim = 1;
	s->shape[0] = high - *low + 1;
	s->stride[0] = 1;
	for (int d = 0; d < v->ndim; d++) {
		if (indexed[d])
			continue;
		s->shape[s->ndim] = v->shape[d];
		s->stride[s->ndim++] = v->stride[d];
	}
	if (tr__numel(s->ndim, s->shape, tr_dtype_size(tr_dtype_of(s))) < 0) {
		tr__fail(v->ctx, TR_EOVERFLOW, "index: places in %s cannot be numbered",
			 tr__shape_text(text, v->ndim, v->shape));
		return NULL;
	}
	tr__tensor_settle(s);
	return s;
}

/* Where each index of one axis lies in the span. */
static struct tr_tensor *places_along(const struct tr__index_plan *p, int i, int64_t added)
{
	int axis = p->by[i].axis;
	struct tr_sqe sqe;

	tr_prep_unary(&sqe, TR_OP_ravel_index, tr_handle(p->by[i].tensor));
	sqe.attr.i64[0] = p->view->shape[axis];
	sqe.attr.i64[1] = p->view->stride[axis];
	sqe.attr.i64[2] = added;
	sqe.attr.i64[3] = axis;
	return tr__submit(p->view->ctx, &sqe);
}

int tr__index_places(const struct tr__index_plan *p, struct tr_tensor **span, struct tr_tensor **places)
{
	struct tr_tensor *sum = NULL;
	int64_t low;

	*span = make_span(p, &low);
	/* Indices that are broadcast away are not looked at, save a single one: as in NumPy. */
	if (tr__numel(p->common, p->shape + p->where, 1) == 0)
		sum = tr_empty(p->view->ctx, TR_I64, p->common, p->shape + p->where);
	for (int i = 0; *span && i < p->n; i++) {
		struct tr_tensor *at;

		if (!p->by[i].tensor || (sum && !sum->numel && p->by[i].tensor->ndim))
			continue;
		at = places_along(p, i, sum ? 0 : -low);
		sum = sum ? tr_add(sum, at) : at;
		if (!sum || !at)
			return p->view->ctx->status;
	}
	*places = sum;
	return *span ? 0 : p->view->ctx->status;
}
