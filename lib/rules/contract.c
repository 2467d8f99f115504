/* SPDX-License-Identifier: MIT */
/*
 * Contractions: matmul with NumPy's vector and batch rules, vecdot, linear, attention. The driver always sees matrices
 * in the last two axes and batch axes of the destination's shape before them, repeated ones with stride 0.
 */
#include "lib/rules/rules.h"

static int clash(struct tr_call *c, const char *why)
{
	char a[TR_SHAPE_TEXT], b[TR_SHAPE_TEXT];

	return tr__refuse(c, TR_ESHAPE, "shapes %s and %s: %s",
			  tr__shape_text(a, c->src[0]->ndim, c->src[0]->shape),
			  tr__shape_text(b, c->src[1]->ndim, c->src[1]->shape), why);
}

/* matmul_as: operands are converted to the type asked for, which must hold them to within their kind. */
static int ask(struct tr_call *c)
{
	enum tr_dtype want = (enum tr_dtype)c->sqe->dtype;

	if (want == TR_DTYPE_NONE && c->dst)
		want = tr_dtype_of(c->dst);
	if ((unsigned)want >= TR_DTYPE_COUNT)
		return tr__refuse(c, TR_EINVAL, "the type asked for is none");
	for (int i = 0; i < 2; i++)
		if (!tr__can_cast_same_kind(tr_dtype_of(c->src[i]), want))
			return tr__refuse(c, TR_EDTYPE, "operand %d is %s, which does not cast to %s within its kind", i + 1,
					  tr_dtype_name(tr_dtype_of(c->src[i])), tr_dtype_name(want));
	return tr__settle(c, want);
}

/*
 * Products of small integers are evaluated in 32 bits, whose low ones are theirs, and bool by counting: both are then
 * converted on the way out. k: products to add.
 */
static int settle_types(struct tr_call *c, int64_t k)
{
	int err = c->info->result == TR_RESULT_ASKED ? ask(c) : tr__promote(c, 0);

	if (err)
		return err;
	if (c->eval == TR_BOOL)
		c->eval = k <= INT32_MAX ? TR_I32 : TR_I64;
	else if (tr__kind(c->eval) < TR_KIND_FLOAT && tr__size(c->eval) < 4)
		c->eval = TR_I32;
	return 0;
}

int tr__infer_vecdot(struct tr_call *c)
{
	const struct tr_tensor *a = c->src[0], *b = c->src[1];

	if (a->ndim == 0 || b->ndim == 0)
		return clash(c, "a scalar has no last axis; use multiply");
	if (a->shape[a->ndim - 1] != b->shape[b->ndim - 1])
		return clash(c, "the last axes must be equal");
	tr__shape_set(c, a->ndim - 1, a->shape);
	if (tr__broadcast(&c->ndim, c->shape, b->ndim - 1, b->shape) >= 0)
		return clash(c, "the axes before the last do not broadcast");
	return settle_types(c, a->shape[a->ndim - 1]);
}

/* Inserts an axis of size 1 at position axis (from the back when negative) into an operand. */
static void insert_axis(struct tr_operand *o, int axis)
{
	for (int i = o->ndim++; i > axis; i--) {
		o->shape[i] = o->shape[i - 1];
		o->stride[i] = o->stride[i - 1];
	}
	o->shape[axis] = 1;
	o->stride[axis] = 0;
}

/* Operand k as [the destination's axes…, K]. */
static void bind_rows(struct tr_call *c, struct tr_node *node, int k)
{
	struct tr_tensor *t = c->src[k - 1];
	int64_t shape[TR_MAX_RANK];
	int n = c->ndim;

	for (int i = 0; i < n; i++)
		shape[i] = c->shape[i];
	shape[n] = t->shape[t->ndim - 1];
	tr__bind_broadcast(node, k, t, n + 1, shape);
}

void tr__lower_vecdot(struct tr_call *c, struct tr_node *node)
{
	struct tr_operand *y = &node->operand[0], *all[3] = {y, &node->operand[1], &node->operand[2]};

	node->cmd.op = TR_OP_vecdot;
	node->cmd.family = TR_FAMILY_VECDOT;
	node->cmd.noperand = 3;
	tr__bind(node, 0, c->dst);
	if (!c->ndim) {
		tr__bind(node, 1, c->src[0]);
		tr__bind(node, 2, c->src[1]);
		return;
	}
	bind_rows(c, node, 1);
	bind_rows(c, node, 2);
	insert_axis(y, y->ndim); /* the others' last axis, while axes before it are merged */
	tr__merge_axes(all, 3, 0, c->ndim);
	y->ndim--;
}

int tr__infer_matmul(struct tr_call *c)
{
	const struct tr_tensor *a = c->src[0], *b = c->src[1];
	int abatch = a->ndim > 2 ? a->ndim - 2 : 0, bbatch = b->ndim > 2 ? b->ndim - 2 : 0;

	if (a->ndim == 0 || b->ndim == 0)
		return clash(c, "a scalar is no matrix; use multiply");
	if (a->shape[a->ndim - 1] != b->shape[b->ndim > 1 ? b->ndim - 2 : 0])
		return clash(c, "the last axis of the first must equal the second to last of the second");
	tr__shape_set(c, abatch, a->shape);
	if (tr__broadcast(&c->ndim, c->shape, bbatch, b->shape) >= 0)
		return clash(c, "batch axes do not broadcast");
	c->scratch[0] = c->ndim; /* batch axes */
	if (a->ndim > 1)
		c->shape[c->ndim++] = a->shape[a->ndim - 2];
	if (b->ndim > 1)
		c->shape[c->ndim++] = b->shape[b->ndim - 1];
	return settle_types(c, a->shape[a->ndim - 1]);
}

/* Gives an operand whose last two axes are the matrix the batch axes of out. */
static void broadcast_batch(struct tr_operand *o, int batch, const int64_t *out)
{
	struct tr_operand m = *o;
	int own = m.ndim - 2;

	tr__broadcast_strides(own, m.shape, m.stride, batch, out, o->stride);
	for (int i = 0; i < batch; i++)
		o->shape[i] = out[i];
	for (int i = 0; i < 2; i++) {
		o->shape[batch + i] = m.shape[own + i];
		o->stride[batch + i] = m.stride[own + i];
	}
	o->ndim = (uint8_t)(batch + 2);
}

void tr__lower_matmul(struct tr_call *c, struct tr_node *node)
{
	struct tr_operand *y = &node->operand[0], *a = &node->operand[1], *b = &node->operand[2];
	struct tr_operand *all[3] = {y, a, b};
	int batch = (int)c->scratch[0];

	if (c->src[0]->ndim == 1 && c->src[1]->ndim == 1) {
		tr__lower_vecdot(c, node);
		return;
	}
	tr__bind(node, 0, c->dst);
	tr__bind(node, 1, c->src[0]);
	tr__bind(node, 2, c->src[1]);
	if (c->src[1]->ndim == 1) {
		insert_axis(b, 1);
		insert_axis(y, y->ndim);
	}
	if (c->src[0]->ndim == 1) {
		insert_axis(a, 0);
		insert_axis(y, y->ndim - 1);
	}
	if (batch) {
		broadcast_batch(a, batch, c->shape);
		broadcast_batch(b, batch, c->shape);
		tr__merge_axes(all, 3, 0, batch);
	}
	node->cmd.noperand = 3;
}

int tr__infer_linear(struct tr_call *c)
{
	const struct tr_tensor *a = c->src[0], *w = c->src[1], *bias = c->src[2];
	char x[TR_SHAPE_TEXT];

	if (w->ndim != 2)
		return clash(c, "the weight must be a matrix [out, in]");
	if (a->ndim < 1 || a->shape[a->ndim - 1] != w->shape[1])
		return clash(c, "the last axis of the input must equal the weight's second");
	if (bias && (bias->ndim != 1 || bias->shape[0] != w->shape[0]))
		return tr__refuse(c, TR_ESHAPE, "bias is %s, but the weight has %lld rows",
				  tr__shape_text(x, bias->ndim, bias->shape), (long long)w->shape[0]);
	tr__shape_set(c, a->ndim, a->shape);
	c->shape[a->ndim - 1] = w->shape[0];
	return tr__promote(c, 0);
}

void tr__lower_linear(struct tr_call *c, struct tr_node *node)
{
	struct tr_operand *both[2] = {&node->operand[0], &node->operand[1]};

	tr__bind(node, 0, c->dst);
	for (int i = 0; i < 3; i++)
		tr__bind(node, i + 1, c->src[i]);
	tr__merge_axes(both, 2, 0, both[0]->ndim - 1);
	node->cmd.noperand = c->src[2] ? 4 : 3;
}

int tr__infer_attention(struct tr_call *c)
{
	const struct tr_tensor *q = c->src[0], *k = c->src[1], *v = c->src[2], *mask = c->src[3];
	char x[TR_SHAPE_TEXT], y[TR_SHAPE_TEXT];
	int64_t scores[TR_MAX_RANK];
	int n = q->ndim, rank;

	if (n < 2 || k->ndim != n || v->ndim != n)
		return clash(c, "q, k and v must have one rank, at least 2");
	for (int i = 0; i < n - 2; i++)
		if (k->shape[i] != q->shape[i] || v->shape[i] != q->shape[i])
			return clash(c, "q, k and v must agree in their leading axes");
	if (k->shape[n - 1] != q->shape[n - 1])
		return clash(c, "q and k must agree in their last axis");
	if (v->shape[n - 2] != k->shape[n - 2])
		return tr__refuse(c, TR_ESHAPE, "k %s and v %s differ in how many keys there are",
				  tr__shape_text(x, n, k->shape), tr__shape_text(y, n, v->shape));
	tr__shape_set(c, n, q->shape);
	c->shape[n - 1] = k->shape[n - 2];
	for (int i = 0; i < n; i++)
		scores[i] = c->shape[i];
	if (mask) {
		rank = n;
		if (mask->ndim > n || tr__broadcast(&rank, c->shape, mask->ndim, mask->shape) >= 0 ||
		    tr__numel(n, c->shape, 1) != tr__numel(n, scores, 1))
			return tr__refuse(c, TR_ESHAPE, "mask %s does not broadcast to the scores %s",
					  tr__shape_text(x, mask->ndim, mask->shape), tr__shape_text(y, n, scores));
	}
	c->scratch[0] = k->shape[n - 2];
	c->shape[n - 1] = v->shape[n - 1];
	return tr__promote(c, 0);
}

void tr__lower_attention(struct tr_call *c, struct tr_node *node)
{
	struct tr_operand *all[TR_CMD_OPERANDS];
	int64_t scores[TR_MAX_RANK];
	int n = 4;

	tr__bind(node, 0, c->dst);
	for (int i = 0; i < 3; i++)
		tr__bind(node, i + 1, c->src[i]);
	if (c->src[3]) {
		for (int i = 0; i < c->ndim; i++)
			scores[i] = c->shape[i];
		scores[c->ndim - 1] = c->scratch[0];
		tr__bind_broadcast(node, 4, c->src[3], c->ndim, scores);
		n = 5;
	}
	for (int i = 0; i < n; i++)
		all[i] = &node->operand[i];
	tr__merge_axes(all, n, 0, c->ndim - 2);
	node->cmd.noperand = (uint8_t)n;
	node->cmd.attr.f64[0] = c->sqe->attr.f64[0];
}
