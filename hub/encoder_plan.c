/* SPDX-License-Identifier: MIT */
/*
 * The encoder's forward pass: the graph, recorded once per shape and replayed. Knows tokens and vectors; texts are
 * encoder.c's business.
 *
 * The model is the BERT encoder of Devlin et al. 2018 (post-norm, erf gelu) with the pooling and the
 * normalisation of sentence-transformers.
 */
#include "hub/encoder.h"

#include <math.h>

#include <trueno/ops.h>
#include <trueno/plan.h>
#include <trueno/view.h>

/* torch.nn.functional.normalize divides by at least this. */
#define NORMALIZE_EPS 1e-12

static struct tr_tensor *linear(struct tr_tensor *x, const struct tr__dense *d)
{
	return tr_linear(x, d->weight, d->bias);
}

/* layer_norm(x + residual) */
static struct tr_tensor *add_norm(struct tr_tensor *x, struct tr_tensor *residual, const struct tr__norm *n, double eps)
{
	return tr_layer_norm(tr_add(x, residual), n->weight, n->bias, eps);
}

/* [batch, length, hidden] seen as [batch, heads, length, hidden / heads] */
static struct tr_tensor *split_heads(const struct tr_encoder *enc, struct tr_tensor *x, int64_t batch, int64_t length)
{
	const int64_t heads = enc->config.heads;
	const int64_t shape[] = {batch, length, heads, enc->config.hidden / heads};
	static const int perm[] = {0, 2, 1, 3};

	return tr_permute(tr_reshape(x, 4, shape), perm);
}

static struct tr_tensor *attend(const struct tr_encoder *enc, const struct tr__encoder_layer *layer,
				struct tr_tensor *x, struct tr_tensor *mask, int64_t batch, int64_t length)
{
	const struct tr__encoder_config *c = &enc->config;
	const int64_t shape[] = {batch, length, c->hidden};
	struct tr_tensor *q = split_heads(enc, linear(x, &layer->query), batch, length);
	struct tr_tensor *k = split_heads(enc, linear(x, &layer->key), batch, length);
	struct tr_tensor *v = split_heads(enc, linear(x, &layer->value), batch, length);
	struct tr_tensor *y = tr_empty(enc->ctx, TR_F32, 3, shape);

	/* Written through a view, the heads lie side by side again. */
	if (tr_attention_out(split_heads(enc, y, batch, length), q, k, v, mask, 1 / sqrt((double)(c->hidden / c->heads))))
		return NULL;
	return add_norm(linear(y, &layer->attended), x, &layer->after_attention, c->norm_eps);
}

static struct tr_tensor *embed(const struct tr_encoder *enc, struct tr_tensor *ids, int64_t length)
{
	const struct tr__encoder_weights *w = &enc->weights;
	struct tr_tensor *typed = tr_add(tr_take(w->words, ids, 0), tr_select(w->types, 0, 0));

	return add_norm(typed, tr_slice_axis(w->positions, 0, 0, length, 1), &w->embedded, enc->config.norm_eps);
}

/* [batch, length, hidden] to [batch, hidden] */
static struct tr_tensor *pool(const struct tr_encoder *enc, struct tr_tensor *x, struct tr_tensor *weights)
{
	struct tr_tensor *norm;

	if (enc->config.pooling == TR__POOL_MEAN)
		x = tr_squeeze(tr_matmul(weights, x), 1);
	else
		x = tr_select(x, 1, 0);
	if (!enc->config.normalize)
		return x;
	norm = tr_sqrt(tr_sum(tr_square(x), TR_AXIS(-1), TR_KEEPDIMS));
	return tr_divide(x, tr_maximum(norm, tr_scalar(enc->ctx, NORMALIZE_EPS)));
}

/* The front of a buffer in the shape given. */
static struct tr_tensor *front(struct tr_tensor *buffer, int ndim, const int64_t *shape)
{
	int64_t n = 1;

	for (int i = 0; i < ndim; i++)
		n *= shape[i];
	return tr_reshape(tr_slice_axis(buffer, 0, 0, n, 1), ndim, shape);
}

static int record(struct tr_encoder *enc, struct tr__encoder_plan *p)
{
	const struct tr__encoder_config *c = &enc->config;
	const int64_t ids_shape[] = {p->batch, p->length}, mask_shape[] = {p->batch, 1, 1, p->length};
	const int64_t pool_shape[] = {p->batch, 1, p->length}, out_shape[] = {p->batch, c->hidden};
	struct tr_tensor *ids = front(enc->io.ids, 2, ids_shape);
	struct tr_tensor *mask = p->ragged ? front(enc->io.mask, 4, mask_shape) : NULL;
	struct tr_tensor *weights = front(enc->io.pool, 3, pool_shape);
	struct tr_tensor *out = front(enc->io.out, 2, out_shape);
	struct tr_tensor *x;
	int err = tr_plan_begin(enc->ctx);

	if (err)
		return err;
	tr_scope_begin(enc->ctx);
	x = embed(enc, ids, p->length);
	for (int64_t i = 0; i < c->layers; i++) {
		const struct tr__encoder_layer *layer = &enc->weights.layer[i];

		x = attend(enc, layer, x, mask, p->batch, p->length);
		x = add_norm(linear(tr_gelu(linear(x, &layer->up)), &layer->down), x, &layer->after_mlp, c->norm_eps);
	}
	tr_copy_out(out, pool(enc, x, weights));
	tr_scope_end(enc->ctx);
	p->plan = tr_plan_end(enc->ctx);
	return tr_error(enc->ctx); /* the first failure of all the above */
}

static void drop(struct tr_encoder *enc, struct tr__encoder_plan *p)
{
	tr_plan_destroy(p->plan);
	enc->plan_bytes -= p->bytes;
	*p = (struct tr__encoder_plan){0};
}

/* An empty slot: the first, or else the one longest unused, emptied. */
static struct tr__encoder_plan *make_room(struct tr_encoder *enc)
{
	struct tr__encoder_plan *slot;

	for (;;) {
		struct tr__encoder_plan *oldest = NULL;

		slot = NULL;
		for (size_t i = 0; i < TR__ENCODER_PLANS; i++) {
			struct tr__encoder_plan *p = &enc->plan[i];

			if (!p->plan)
				slot = slot ? slot : p;
			else if (!oldest || p->used < oldest->used)
				oldest = p;
		}
		if (!oldest || (slot && enc->plan_bytes <= TR__ENCODER_PLAN_BYTES))
			return slot;
		drop(enc, oldest);
	}
}

static int make(struct tr_encoder *enc, struct tr__encoder_plan **out, int64_t batch, int64_t length, bool ragged)
{
	struct tr__encoder_plan *p = make_room(enc);
	struct tr_plan_info info;
	int err;

	*p = (struct tr__encoder_plan){.batch = batch, .length = length, .ragged = ragged};
	tr_scope_begin(enc->ctx);
	err = record(enc, p);
	tr_scope_end(enc->ctx);
	if (err) {
		drop(enc, p);
		return err;
	}
	tr_plan_info(p->plan, &info);
	p->bytes = info.temp_bytes;
	enc->plan_bytes += p->bytes;
	*out = p;
	return 0;
}

int tr__encoder_forward(struct tr_encoder *enc, int64_t batch, int64_t length, bool ragged)
{
	struct tr__encoder_plan *p = NULL;
	int err;

	for (size_t i = 0; !p && i < TR__ENCODER_PLANS; i++) {
		struct tr__encoder_plan *q = &enc->plan[i];

		if (q->plan && q->batch == batch && q->length == length && q->ragged == ragged)
			p = q;
	}
	if (!p) {
		err = make(enc, &p, batch, length, ragged);
		if (err)
			return err;
	}
	p->used = ++enc->clock;
	return tr_plan_run(p->plan);
}

int tr__encoder_create_io(struct tr_encoder *enc)
{
	const struct tr__encoder_config *c = &enc->config;
	struct tr__encoder_io *io = &enc->io;
	int64_t tokens = c->max_tokens > TR__ENCODER_BATCH_TOKENS ? c->max_tokens : TR__ENCODER_BATCH_TOKENS;
	int64_t floats = tokens / TR__ENCODER_LEAST_TOKENS * c->hidden;

	io->tokens = tokens;
	io->ids = tr_zeros(enc->ctx, TR_I32, 1, &tokens);
	io->mask = tr_zeros(enc->ctx, TR_F32, 1, &tokens);
	io->pool = tr_zeros(enc->ctx, TR_F32, 1, &tokens);
	io->out = tr_zeros(enc->ctx, TR_F32, 1, &floats);
	return io->ids && io->mask && io->pool && io->out ? 0 : -TR_ENOMEM;
}

void tr__encoder_free_plans(struct tr_encoder *enc)
{
	struct tr__encoder_io *io = &enc->io;

	for (size_t i = 0; i < TR__ENCODER_PLANS; i++)
		drop(enc, &enc->plan[i]);
	tr_free(io->ids);
	tr_free(io->mask);
	tr_free(io->pool);
	tr_free(io->out);
	*io = (struct tr__encoder_io){0};
}
