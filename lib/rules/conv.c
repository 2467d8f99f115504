/* SPDX-License-Identifier: MIT */
/*
 * Convolutions and transposed ones, and what they share with pooling. The driver always sees three spatial axes; those
 * an operation does not have are of size 1, with parameters that do nothing.
 */
#include "lib/rules/rules.h"

_Static_assert(sizeof(struct tr_conv_params) <= sizeof(union tr_attr), "an entry holds the parameters");

#define LONGEST INT32_MAX /* of a spatial axis or kernel: sums of products of two stay below 2^63 */

void tr__bind_spatial(struct tr_node *node, int k, struct tr_tensor *t, int n)
{
	struct tr_operand *o = &node->operand[k], own;
	int lead = t->ndim - n;

	tr__bind(node, k, t);
	own = *o;
	o->ndim = 5;
	for (int d = 0; d < 5; d++) {
		int from = d < 2 ? d - (2 - lead) : d - 5 + own.ndim;
		bool there = d < 2 ? from >= 0 : d >= 5 - n;

		o->shape[d] = there ? own.shape[from] : 1;
		o->stride[d] = there ? own.stride[from] : 0;
	}
}

/* Moves the n values of an array to its end; the rest, and zeros, become fill. */
static void spread(int32_t *a, int n, int32_t fill)
{
	for (int i = 2; i >= 0; i--) {
		int32_t x = i >= 3 - n ? a[i - (3 - n)] : 0;

		a[i] = x ? x : fill;
	}
}

static int clash(struct tr_call *c, const char *why)
{
	char a[TR_SHAPE_TEXT], b[TR_SHAPE_TEXT];

	return tr__refuse(c, TR_ESHAPE, "input %s and weight %s: %s",
			  tr__shape_text(a, c->src[0]->ndim, c->src[0]->shape),
			  tr__shape_text(b, c->src[1]->ndim, c->src[1]->shape), why);
}

static struct tr_conv_params params_of(const struct tr_sqe *sqe)
{
	struct tr_conv_params p;

	memcpy(&p, &sqe->attr, sizeof(p));
	if (!p.groups)
		p.groups = 1;
	return p;
}

static int check_params(struct tr_call *c, const struct tr_conv_params *p, int n, bool transposed)
{
	if (p->flags & ~TR_CONV_PLAIN)
		return tr__refuse(c, TR_EINVAL, "unknown flags 0x%x", p->flags);
	if (p->groups < 1)
		return tr__refuse(c, TR_EINVAL, "groups is %d; at least 1", p->groups);
	for (int i = 0; i < 3; i++) {
		int32_t stride = p->stride[i] ? p->stride[i] : 1, dilation = p->dilation[i] ? p->dilation[i] : 1;

		if (i >= n && (p->stride[i] || p->padding[i] || p->dilation[i] || p->output_padding[i]))
			return tr__refuse(c, TR_EINVAL, "parameters of spatial axis %d are given; there are %d", i, n);
		if (stride < 1 || dilation < 1 || p->padding[i] < 0 || p->output_padding[i] < 0)
			return tr__refuse(c, TR_EINVAL,
					  "stride %d, padding %d, dilation %d, output_padding %d on spatial axis %d: none "
					  "may be negative",
					  p->stride[i], p->padding[i], p->dilation[i], p->output_padding[i], i);
		if (!transposed && p->output_padding[i])
			return tr__refuse(c, TR_EINVAL, "output_padding is for transposed convolutions");
		if (p->output_padding[i] && p->output_padding[i] >= stride && p->output_padding[i] >= dilation)
			return tr__refuse(c, TR_EINVAL, "output_padding %d must be less than stride %d or dilation %d",
					  p->output_padding[i], stride, dilation);
	}
	return 0;
}

/* Size of spatial axis i of the result. */
static int out_size(struct tr_call *c, const struct tr_conv_params *p, int i, bool transposed, int64_t *out)
{
	const struct tr_tensor *a = c->src[0], *w = c->src[1];
	int n = tr__spatial(c->info);
	int64_t size = a->shape[a->ndim - n + i], kernel = w->shape[2 + i];
	int64_t stride = p->stride[i] ? p->stride[i] : 1, dilation = p->dilation[i] ? p->dilation[i] : 1, span;

	if (size > LONGEST || kernel > LONGEST)
		return tr__refuse(c, TR_EOVERFLOW,
				  "spatial axis %d is %lld long, its kernel %lld; both must be below 2^31", i,
				  (long long)size, (long long)kernel);
	if (!kernel || (transposed && !size))
		return clash(c, "a spatial axis is empty");
	span = dilation * (kernel - 1) + 1;
	if (transposed)
		*out = (size - 1) * stride - 2 * (int64_t)p->padding[i] + span + p->output_padding[i];
	else if (size + 2 * (int64_t)p->padding[i] < span)
		return tr__refuse(c, TR_ESHAPE, "the kernel spans %lld, but spatial axis %d has %lld with its padding",
				  (long long)span, i, (long long)(size + 2 * (int64_t)p->padding[i]));
	else
		*out = (size + 2 * (int64_t)p->padding[i] - span) / stride + 1;
	if (*out < 1)
		return tr__refuse(c, TR_ESHAPE, "spatial axis %d of the result would be %lld long", i, (long long)*out);
	return 0;
}

int tr__infer_conv(struct tr_call *c)
{
	const struct tr_tensor *a = c->src[0], *w = c->src[1], *bias = c->src[2];
	const struct tr_conv_params p = params_of(c->sqe);
	bool transposed = c->info->family == TR_FAMILY_CONV_TRANSPOSE;
	int n = tr__spatial(c->info), lead = a->ndim - n, err;
	int64_t channels, outputs;
	char x[TR_SHAPE_TEXT];

	err = check_params(c, &p, n, transposed);
	if (err)
		return err;
	if ((lead != 1 && lead != 2) || w->ndim != n + 2)
		return tr__refuse(c, TR_ESHAPE,
				  "operands of rank %d and %d; input is [N,C,…] or [C,…] and weight %s with %d "
				  "spatial axes each", a->ndim, w->ndim,
				  transposed ? "[C,O/groups,…]" : "[O,C/groups,…]", n);
	channels = a->shape[lead - 1];
	if (w->shape[0] % p.groups || channels % p.groups)
		return clash(c, "groups does not divide the channels");
	if (transposed ? w->shape[0] != channels : w->shape[1] != channels / p.groups)
		return clash(c, transposed ? "the weight's first axis must be the input's channels"
					   : "the weight's second axis must be the input's channels over groups");
	if (__builtin_mul_overflow(w->shape[1], (int64_t)p.groups, &outputs))
		return tr__refuse(c, TR_EOVERFLOW, "too many channels");
	if (!transposed)
		outputs = w->shape[0];
	if (bias && (bias->ndim != 1 || bias->shape[0] != outputs))
		return tr__refuse(c, TR_ESHAPE, "bias is %s, but the result has %lld channels",
				  tr__shape_text(x, bias->ndim, bias->shape), (long long)outputs);
	tr__shape_set(c, a->ndim, a->shape);
	c->shape[lead - 1] = outputs;
	for (int i = 0; i < n; i++) {
		err = out_size(c, &p, i, transposed, &c->shape[lead + i]);
		if (err)
			return err;
	}
	return tr__promote(c, 0);
}

static bool is_pointwise(const struct tr_call *c, const struct tr_node *node, const struct tr_conv_params *p)
{
	if (c->info->family != TR_FAMILY_CONV || p->groups != 1)
		return false;
	for (int i = 0; i < 3; i++)
		if (node->operand[2].shape[2 + i] != 1 || p->stride[i] != 1 || p->padding[i])
			return false;
	return true;
}

/*
 * A kernel of one position is a dense layer over the channels of every pixel, its chains the same: a command of that
 * family, y[N, pixel, O] = x[N, pixel, C] · weight[O, C]ᵀ + bias[O]. False if the pixels of a plane do not lie evenly.
 */
static bool lower_linear(struct tr_node *node)
{
	struct tr_operand y = node->operand[0], x = node->operand[1], *both[2] = {&y, &x};

	if (tr__merge_axes(both, 2, 2, 5) > 1)
		return false;
	for (int k = 0; k < 2; k++) {
		struct tr_operand *o = &node->operand[k], *merged = both[k];
		bool one = merged->ndim == 2; /* a plane of one pixel */

		o->ndim = 3;
		o->shape[1] = one ? 1 : merged->shape[2];
		o->stride[1] = one ? 0 : merged->stride[2];
		o->shape[2] = merged->shape[1];
		o->stride[2] = merged->stride[1];
	}
	node->operand[2].ndim = 2;
	node->cmd.op = TR_OP_linear;
	node->cmd.family = TR_FAMILY_LINEAR;
	memset(&node->cmd.attr, 0, sizeof(node->cmd.attr));
	return true;
}

void tr__lower_conv(struct tr_call *c, struct tr_node *node)
{
	struct tr_conv_params p = params_of(c->sqe);
	int n = tr__spatial(c->info);

	spread(p.stride, n, 1);
	spread(p.padding, n, 0);
	spread(p.dilation, n, 1);
	spread(p.output_padding, n, 0);
	tr__bind_spatial(node, 0, c->dst, n);
	tr__bind_spatial(node, 1, c->src[0], n);
	tr__bind_spatial(node, 2, c->src[1], n);
	tr__bind(node, 3, c->src[2]);
	node->cmd.noperand = c->src[2] ? 4 : 3;
	if (!is_pointwise(c, node, &p) || !lower_linear(node))
		memcpy(&node->cmd.attr, &p, sizeof(p));
}
