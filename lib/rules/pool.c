/* SPDX-License-Identifier: MIT */
/* Pooling: windows sliding over the spatial axes, and adaptive ones. Three spatial axes for the driver, as conv.c. */
#include "lib/rules/rules.h"

_Static_assert(sizeof(struct tr_pool_params) <= sizeof(union tr_attr), "an entry holds the parameters");

static struct tr_pool_params params_of(const struct tr_sqe *sqe)
{
	struct tr_pool_params p;

	memcpy(&p, &sqe->attr, sizeof(p));
	return p;
}

/* Parameters of one spatial axis. */
struct axis {
	int32_t kernel, stride, padding, dilation, output;
};

static struct axis axis_of(const struct tr_pool_params *p, int i)
{
	return (struct axis){.kernel = p->kernel[i],
			     .stride = p->stride[i] ? p->stride[i] : p->kernel[i],
			     .padding = p->padding[i],
			     .dilation = p->dilation[i] ? p->dilation[i] : 1,
			     .output = p->output[i]};
}

static int check_params(struct tr_call *c, const struct tr_pool_params *p, int n)
{
	enum tr_family family = (enum tr_family)c->info->family;
	uint32_t flags = family == TR_FAMILY_AVG_POOL ? TR_POOL_CEIL | TR_POOL_EXCLUDE_PAD
			 : family == TR_FAMILY_MAX_POOL ? TR_POOL_CEIL : 0;

	if (p->flags & ~flags)
		return tr__refuse(c, TR_EINVAL, "unknown flags 0x%x", p->flags & ~flags);
	for (int i = 0; i < 3; i++) {
		struct axis a = axis_of(p, i);

		if (i >= n && (a.kernel || a.stride || a.padding || p->dilation[i] || a.output))
			return tr__refuse(c, TR_EINVAL, "parameters of spatial axis %d are given; there are %d", i, n);
		if (i >= n)
			continue;
		if (family == TR_FAMILY_ADAPTIVE_POOL) {
			if (a.output < 0 || a.kernel || a.stride || a.padding || p->dilation[i])
				return tr__refuse(c, TR_EINVAL, "output is all that can be given, and not below 0");
			continue;
		}
		if (a.output)
			return tr__refuse(c, TR_EINVAL, "output is for adaptive pooling");
		if (a.kernel < 1 || a.stride < 1 || a.dilation < 1 || a.padding < 0)
			return tr__refuse(c, TR_EINVAL,
					  "kernel %d, stride %d, padding %d, dilation %d on spatial axis %d",
					  a.kernel, a.stride, a.padding, a.dilation, i);
		if (p->dilation[i] && family == TR_FAMILY_AVG_POOL)
			return tr__refuse(c, TR_EINVAL, "dilation is for max pooling");
		if (a.padding > ((int64_t)a.dilation * (a.kernel - 1) + 1) / 2)
			return tr__refuse(c, TR_EINVAL, "padding %d on spatial axis %d is more than half of the window",
					  a.padding, i);
	}
	return 0;
}

/* Size of spatial axis i of the result, from size elements. */
static int out_size(struct tr_call *c, const struct tr_pool_params *p, int i, int64_t size, int64_t *out)
{
	struct axis a = axis_of(p, i);
	int64_t over;

	if (size > INT32_MAX)
		return tr__refuse(c, TR_EOVERFLOW, "spatial axis %d is %lld long; it must be below 2^31", i,
				  (long long)size);
	if (!size)
		return tr__refuse(c, TR_ESHAPE, "spatial axis %d is empty", i);
	if (c->info->family == TR_FAMILY_ADAPTIVE_POOL) {
		*out = a.output ? a.output : size;
		return 0;
	}
	over = size + 2 * (int64_t)a.padding - ((int64_t)a.dilation * (a.kernel - 1) + 1);
	if (p->flags & TR_POOL_CEIL)
		over += a.stride - 1;
	if (over < 0)
		return tr__refuse(c, TR_ESHAPE, "the window spans %lld, but spatial axis %d has %lld with its padding",
				  (long long)a.dilation * (a.kernel - 1) + 1, i,
				  (long long)(size + 2 * (int64_t)a.padding));
	*out = over / a.stride + 1;
	/* A window must begin within the axis or the padding before it. */
	if (p->flags & TR_POOL_CEIL && (*out - 1) * a.stride >= size + a.padding)
		--*out;
	return 0;
}

int tr__infer_pool(struct tr_call *c)
{
	const struct tr_tensor *a = c->src[0];
	const struct tr_pool_params p = params_of(c->sqe);
	int n = tr__spatial(c->info), lead = a->ndim - n, err = check_params(c, &p, n);
	char x[TR_SHAPE_TEXT];

	if (err)
		return err;
	if (lead != 1 && lead != 2)
		return tr__refuse(c, TR_ESHAPE, "input is %s; it must be [N,C,…] or [C,…] with %d spatial axes",
				  tr__shape_text(x, a->ndim, a->shape), n);
	tr__shape_set(c, a->ndim, a->shape);
	for (int i = 0; i < n; i++) {
		err = out_size(c, &p, i, a->shape[lead + i], &c->shape[lead + i]);
		if (err)
			return err;
	}
	return tr__promote(c, 0);
}

/* Adaptive pooling to one element is the mean over the spatial axes, to the bit: a command of its family. */
static void lower_mean(struct tr_node *node)
{
	node->operand[0].ndim = 2;
	memset(&node->cmd.attr, 0, sizeof(node->cmd.attr));
	node->cmd.op = TR_OP_mean;
	node->cmd.family = TR_FAMILY_REDUCE;
	node->cmd.attr.u32[0] = TR_AXIS(2) | TR_AXIS(3) | TR_AXIS(4);
}

void tr__lower_pool(struct tr_call *c, struct tr_node *node)
{
	const struct tr_pool_params given = params_of(c->sqe);
	struct tr_pool_params p = {.flags = given.flags};
	int n = tr__spatial(c->info);

	tr__bind_spatial(node, 0, c->dst, n);
	tr__bind_spatial(node, 1, c->src[0], n);
	for (int i = 0; i < 3; i++) {
		struct axis a = {.kernel = 1, .stride = 1, .dilation = 1};

		if (i >= 3 - n)
			a = axis_of(&given, i - (3 - n));
		p.kernel[i] = a.kernel;
		p.stride[i] = a.stride;
		p.padding[i] = a.padding;
		p.dilation[i] = a.dilation;
		p.output[i] = (int32_t)node->operand[0].shape[2 + i];
	}
	memcpy(&node->cmd.attr, &p, sizeof(p));
	node->cmd.noperand = 2;
	if (c->info->family == TR_FAMILY_ADAPTIVE_POOL && p.output[0] == 1 && p.output[1] == 1 && p.output[2] == 1)
		lower_mean(node);
}
