/* SPDX-License-Identifier: MIT */
/* The table of rules, and what they have in common: promotion, binding, refusal. */
#include <stdarg.h>
#include <stdio.h>

#include "lib/rules/rules.h"

const struct tr_rule tr__rules[TR_FAMILY_COUNT] = {
	[TR_FAMILY_UNARY] = {1, 1, tr__infer_map, tr__lower_map},
	[TR_FAMILY_UNARY1] = {1, 1, tr__infer_map, tr__lower_map},
	[TR_FAMILY_UNARY2] = {1, 1, tr__infer_map, tr__lower_map},
	[TR_FAMILY_DECIMALS] = {1, 1, tr__infer_map, tr__lower_map},
	[TR_FAMILY_BINARY] = {2, 2, tr__infer_map, tr__lower_map},
	[TR_FAMILY_TERNARY] = {3, 3, tr__infer_map, tr__lower_map},
	[TR_FAMILY_SELECT] = {3, 3, tr__infer_map, tr__lower_map},
	[TR_FAMILY_CAST] = {1, 1, tr__infer_cast, tr__lower_map},
	[TR_FAMILY_FILL] = {0, 0, tr__infer_fill, tr__lower_map},
	[TR_FAMILY_REDUCE] = {1, 1, tr__infer_reduce, tr__lower_reduce},
	[TR_FAMILY_ARGREDUCE] = {1, 1, tr__infer_argreduce, tr__lower_reduce},
	[TR_FAMILY_VECTOR_NORM] = {1, 1, tr__infer_vector_norm, tr__lower_reduce},
	[TR_FAMILY_MEDIAN] = {1, 1, tr__infer_reduce, tr__lower_reduce},
	[TR_FAMILY_QUANTILE] = {1, 1, tr__infer_quantile, tr__lower_reduce},
	[TR_FAMILY_SCAN] = {1, 1, tr__infer_scan, tr__lower_rows},
	[TR_FAMILY_SORT] = {1, 1, tr__infer_sort, tr__lower_rows},
	[TR_FAMILY_SEARCH] = {2, 2, tr__infer_search, tr__lower_search},
	[TR_FAMILY_SOFTMAX] = {1, 1, tr__infer_softmax, tr__lower_rows},
	[TR_FAMILY_NORM] = {1, 3, tr__infer_norm, tr__lower_rows},
	[TR_FAMILY_MATMUL] = {2, 2, tr__infer_matmul, tr__lower_matmul},
	[TR_FAMILY_VECDOT] = {2, 2, tr__infer_vecdot, tr__lower_vecdot},
	[TR_FAMILY_LINEAR] = {2, 3, tr__infer_linear, tr__lower_linear},
	[TR_FAMILY_ATTENTION] = {3, 4, tr__infer_attention, tr__lower_attention},
	[TR_FAMILY_CONV] = {2, 3, tr__infer_conv, tr__lower_conv},
	[TR_FAMILY_CONV_TRANSPOSE] = {2, 3, tr__infer_conv, tr__lower_conv},
	[TR_FAMILY_MAX_POOL] = {1, 1, tr__infer_pool, tr__lower_pool},
	[TR_FAMILY_AVG_POOL] = {1, 1, tr__infer_pool, tr__lower_pool},
	[TR_FAMILY_ADAPTIVE_POOL] = {1, 1, tr__infer_pool, tr__lower_pool},
	[TR_FAMILY_INTERPOLATE] = {1, 1, tr__infer_interpolate, tr__lower_interpolate},
	[TR_FAMILY_TAKE] = {2, 2, tr__infer_take, tr__lower_take},
	[TR_FAMILY_EMBEDDING] = {2, 2, tr__infer_embedding, tr__lower_embedding},
	[TR_FAMILY_PUT] = {2, 2, tr__infer_put, tr__lower_put},
	[TR_FAMILY_RAVEL] = {1, 1, tr__infer_ravel, tr__lower_indices},
	[TR_FAMILY_NONZERO] = {1, 1, tr__infer_nonzero, tr__lower_indices},
	[TR_FAMILY_COMPRESS] = {2, 2, tr__infer_compress, tr__lower_compress},
	[TR_FAMILY_RANGE] = {0, 0, tr__infer_range, tr__lower_indices},
	[TR_FAMILY_RANDOM] = {0, 0, tr__infer_random, tr__lower_indices},
	[TR_FAMILY_RANDOM_TRY] = {0, 0, tr__infer_random, tr__lower_indices},
	[TR_FAMILY_VIEW] = {1, 1, NULL, NULL},
};

int tr__refuse(struct tr_call *c, enum tr_status status, const char *fmt, ...)
{
	char text[384];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return tr__fail(c->ctx, status, "%s: %s", c->info->name, text);
}

static enum tr_dtype promote_pair(enum tr_dtype a, bool a_weak, enum tr_dtype b, bool b_weak)
{
	if (a == b || a_weak == b_weak)
		return tr_promote_types(a, b);
	return a_weak ? tr__promote_weak(b, a) : tr__promote_weak(a, b);
}

int tr__settle(struct tr_call *c, enum tr_dtype p)
{
	uint32_t set = c->info->dtypes;

	c->eval = c->result = p;
	if (p >= TR_DTYPE_COUNT)
		return tr__refuse(c, TR_EDTYPE, "no type is common to its operands");
	if (set & TR__BIT(p))
		return 0;
	if (set == TR__SET_DOUBLE && tr__kind(p) <= TR_KIND_FLOAT) {
		c->eval = c->result = TR_F64;
	} else if (p == TR_F16 || p == TR_BF16) {
		c->eval = TR_F32;
	} else if (tr__kind(p) < TR_KIND_FLOAT && !(set & TR__SET_INTEGER)) {
		c->result = c->info->result == TR_RESULT_MEAN ? TR_F64 : tr__float_for(p);
		c->eval = c->result == TR_F16 ? TR_F32 : c->result;
	} else if (p == TR_BOOL && !(set & TR__NO_BOOL)) {
		c->eval = c->result = TR_I8;
	}
	if (set & TR__BIT(c->eval))
		return 0;
	if (TR__SET_COMPLEX & TR__BIT(p) && tr__complex_has(c))
		return TR__IN_PARTS;
	return tr__refuse(c, TR_EDTYPE, "not defined for %s%s", tr_dtype_name(p),
			  p == TR_BOOL ? "; use logical or bitwise operations, or cast first" : "");
}

/* An operand's type as it meets the others: where only floats will do, an integer becomes the float that holds it first, as
 * NumPy's ufuncs look for a loop (uint8 and int8 make float16, not by way of int16 float32). */
static enum tr_dtype type_among(const struct tr_call *c, const struct tr_tensor *t)
{
	enum tr_dtype dtype = tr_dtype_of(t);
	bool floats = !(c->info->dtypes & (TR__SET_INTEGER | TR__SET_BOOL)) && c->info->result != TR_RESULT_MEAN;

	return floats && tr__kind(dtype) < TR_KIND_FLOAT && !(t->flags & TR_TENSOR_WEAK) ? tr__float_for(dtype) : dtype;
}

int tr__promote(struct tr_call *c, int first)
{
	enum tr_dtype p = type_among(c, c->src[first]); /* the first operand is never optional */
	bool weak = c->src[first]->flags & TR_TENSOR_WEAK;
	int err;

	for (int i = first + 1; i < c->nsrc; i++) {
		struct tr_tensor *t = c->src[i];
		bool w;

		if (!t)
			continue;
		w = t->flags & TR_TENSOR_WEAK;
		if (t->dtype != p || w != weak)
			p = promote_pair(p, weak, type_among(c, t), w);
		weak &= w;
	}
	err = tr__settle(c, p);
	if (err)
		return err;
	if (c->info->result == TR_RESULT_BOOL && c->nsrc == 2 && tr__compares_signs(c))
		return TR__IN_PARTS;
	if (c->info->result == TR_RESULT_BOOL)
		c->result = TR_BOOL;
	else if (c->info->result == TR_RESULT_INDEX)
		c->result = TR_I64;
	return 0;
}

void tr__bind(struct tr_node *node, int k, struct tr_tensor *t)
{
	struct tr_operand *o = &node->operand[k];

	if (!t) {
		node->storage[k] = NULL;
		o->addr = NULL;
		o->ndim = 0;
		return;
	}
	o->dtype = t->dtype;
	o->ndim = t->ndim;
	o->frozen = tr__frozen(t->storage);
	for (int i = 0; i < t->ndim; i++) {
		o->shape[i] = t->shape[i];
		o->stride[i] = t->stride[i];
	}
	node->storage[k] = t->storage;
	node->offset[k] = t->offset * tr__size(tr_dtype_of(t));
}

void tr__bind_broadcast(struct tr_node *node, int k, struct tr_tensor *t, int ndim, const int64_t *shape)
{
	struct tr_operand *o = &node->operand[k];

	o->dtype = t->dtype;
	o->ndim = (uint8_t)ndim;
	o->frozen = tr__frozen(t->storage);
	for (int i = 0; i < ndim; i++)
		o->shape[i] = shape[i];
	tr__broadcast_strides(t->ndim, t->shape, t->stride, ndim, shape, o->stride);
	node->storage[k] = t->storage;
	node->offset[k] = t->offset * tr__size(tr_dtype_of(t));
}
