/* SPDX-License-Identifier: MIT */
/* Resizing: sizes given, or factors of the sizes there are. Three spatial axes for the driver, as conv.c. */
#include <math.h>

#include "lib/rules/rules.h"

_Static_assert(sizeof(struct tr_interpolate_params) <= sizeof(union tr_attr), "an entry holds the parameters");

static struct tr_interpolate_params params_of(const struct tr_sqe *sqe)
{
	struct tr_interpolate_params p;

	memcpy(&p, &sqe->attr, sizeof(p));
	return p;
}

static int check_params(struct tr_call *c, const struct tr_interpolate_params *p, int n)
{
	if (p->mode > TR_INTERPOLATE_LINEAR)
		return tr__refuse(c, TR_EINVAL, "unknown mode %u", p->mode);
	if (p->flags & ~TR_ALIGN_CORNERS || p->reserved)
		return tr__refuse(c, TR_EINVAL, "unknown flags 0x%x or reserved member not 0", p->flags);
	if (p->flags && p->mode != TR_INTERPOLATE_LINEAR)
		return tr__refuse(c, TR_EINVAL, "align_corners is for mode linear");
	for (int i = 0; i < 3; i++) {
		bool sized = p->size[i] != 0, scaled = p->scale[i] != 0;

		if (i >= n && (sized || scaled))
			return tr__refuse(c, TR_EINVAL, "parameters of spatial axis %d are given; there are %d", i, n);
		if (i >= n)
			continue;
		if (sized == scaled)
			return tr__refuse(c, TR_EINVAL, "spatial axis %d: either size or scale must be given", i);
		if (sized ? p->size[i] < 0 : !(p->scale[i] > 0 && isfinite(p->scale[i])))
			return tr__refuse(c, TR_EINVAL, "size %d, scale %g on spatial axis %d: must be above 0",
					  p->size[i], p->scale[i], i);
	}
	return 0;
}

/* Size of spatial axis i of the result, from size elements. */
static int out_size(struct tr_call *c, const struct tr_interpolate_params *p, int i, int64_t size, int64_t *out)
{
	double scaled = floor((double)size * p->scale[i]);

	if (size > INT32_MAX || scaled > INT32_MAX)
		return tr__refuse(c, TR_EOVERFLOW, "spatial axis %d goes from %lld elements to %.0f; both must be below 2^31",
				  i, (long long)size, p->size[i] ? (double)p->size[i] : scaled);
	if (!size)
		return tr__refuse(c, TR_ESHAPE, "spatial axis %d is empty", i);
	*out = p->size[i] ? p->size[i] : (int64_t)scaled;
	if (!*out)
		return tr__refuse(c, TR_ESHAPE, "spatial axis %d of %lld elements, scaled by %g, would be empty", i,
				  (long long)size, p->scale[i]);
	return 0;
}

int tr__infer_interpolate(struct tr_call *c)
{
	const struct tr_tensor *a = c->src[0];
	const struct tr_interpolate_params p = params_of(c->sqe);
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

void tr__lower_interpolate(struct tr_call *c, struct tr_node *node)
{
	const struct tr_interpolate_params given = params_of(c->sqe);
	struct tr_interpolate_params p = {.mode = given.mode, .flags = given.flags};
	int n = tr__spatial(c->info);

	tr__bind_spatial(node, 0, c->dst, n);
	tr__bind_spatial(node, 1, c->src[0], n);
	for (int i = 0; i < 3; i++) {
		p.size[i] = (int32_t)node->operand[0].shape[2 + i];
		p.scale[i] = i >= 3 - n ? given.scale[i - (3 - n)] : 0;
	}
	memcpy(&node->cmd.attr, &p, sizeof(p));
	node->cmd.noperand = 2;
}
