/* SPDX-License-Identifier: MIT */
/*
 * The encoder's weights: every tensor that the configuration asks for, taken from model.safetensors where it is
 * mapped, and checked against the configuration. Runs no operation.
 */
#include "hub/encoder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <trueno/safetensors.h>

/* Sizes that shapes are made of, as offsets into the configuration; NONE leaves the axis out. */
#define NONE ((size_t)-1)
#define HIDDEN offsetof(struct tr__encoder_config, hidden)
#define INTERMEDIATE offsetof(struct tr__encoder_config, intermediate)
#define VOCAB offsetof(struct tr__encoder_config, vocab)
#define POSITIONS offsetof(struct tr__encoder_config, positions)
#define TYPES offsetof(struct tr__encoder_config, types)

/* One tensor: its name, where its pointer goes, and its shape. */
struct part {
	const char *name;
	size_t at;
	size_t dim[2];
};

#define DENSE(name, member, out, in)                                                                        \
	{name ".weight", offsetof(struct tr__encoder_layer, member.weight), {out, in}},                     \
	{name ".bias", offsetof(struct tr__encoder_layer, member.bias), {out, NONE}}
#define NORM(name, type, member)                                                                            \
	{name ".weight", offsetof(struct type, member.weight), {HIDDEN, NONE}},                             \
	{name ".bias", offsetof(struct type, member.bias), {HIDDEN, NONE}}

static const struct part embedding_parts[] = {
	{"word_embeddings.weight", offsetof(struct tr__encoder_weights, words), {VOCAB, HIDDEN}},
	{"position_embeddings.weight", offsetof(struct tr__encoder_weights, positions), {POSITIONS, HIDDEN}},
	{"token_type_embeddings.weight", offsetof(struct tr__encoder_weights, types), {TYPES, HIDDEN}},
	NORM("LayerNorm", tr__encoder_weights, embedded),
};

static const struct part layer_parts[] = {
	DENSE("attention.self.query", query, HIDDEN, HIDDEN),
	DENSE("attention.self.key", key, HIDDEN, HIDDEN),
	DENSE("attention.self.value", value, HIDDEN, HIDDEN),
	DENSE("attention.output.dense", attended, HIDDEN, HIDDEN),
	NORM("attention.output.LayerNorm", tr__encoder_layer, after_attention),
	DENSE("intermediate.dense", up, INTERMEDIATE, HIDDEN),
	DENSE("output.dense", down, HIDDEN, INTERMEDIATE),
	NORM("output.LayerNorm", tr__encoder_layer, after_mlp),
};

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define NAME_MAX_LEN 128

static const char file[] = "model.safetensors";

static void shape_text(char *buf, size_t len, int ndim, const int64_t *shape)
{
	size_t at = (size_t)snprintf(buf, len, "[");

	for (int i = 0; i < ndim && at < len; i++)
		at += (size_t)snprintf(buf + at, len - at, "%s%lld", i ? ", " : "", (long long)shape[i]);
	if (at < len)
		snprintf(buf + at, len - at, "]");
}

static int check(const struct tr_safetensors *st, const char *name, int ndim, const int64_t *shape,
		 const struct tr__encoder_report *r)
{
	ptrdiff_t i = tr_safetensors_find(st, name);
	char has[192], wants[192];
	const int64_t *s;
	int n;

	if (i < 0)
		return tr__encoder_fail(r, TR_EFORMAT, file, "no tensor \"%s\", which config.json implies", name);
	s = tr_safetensors_shape(st, (size_t)i, &n);
	if (n != ndim || memcmp(s, shape, (size_t)ndim * sizeof(*s))) {
		shape_text(has, sizeof(has), n, s);
		shape_text(wants, sizeof(wants), ndim, shape);
		return tr__encoder_fail(r, TR_EFORMAT, file, "tensor \"%s\" has shape %s but config.json implies %s",
					name, has, wants);
	}
	if (tr_safetensors_dtype(st, (size_t)i) != TR_F32)
		return tr__encoder_fail(r, TR_EFORMAT, file, "tensor \"%s\" is %s; only float32 is supported", name,
					tr_dtype_name(tr_safetensors_dtype(st, (size_t)i)));
	return 0;
}

/* Loads n parts named prefix + part name into the struct at base. */
static int load(struct tr_encoder *enc, const struct tr_safetensors *st, const char *prefix, const struct part *part,
		size_t n, void *base, const struct tr__encoder_report *r)
{
	const char *config = (const char *)&enc->config;
	char name[NAME_MAX_LEN];

	for (size_t i = 0; i < n; i++) {
		struct tr_tensor *t;
		int64_t shape[2];
		int ndim = 0, err;

		for (; ndim < 2 && part[i].dim[ndim] != NONE; ndim++)
			memcpy(&shape[ndim], config + part[i].dim[ndim], sizeof(*shape));
		snprintf(name, sizeof(name), "%s%s", prefix, part[i].name);
		err = check(st, name, ndim, shape, r);
		if (err)
			return err;
		t = tr_safetensors_tensor(st, enc->ctx, name);
		if (!t)
			return tr__encoder_fail(r, TR_ENOMEM, file, "tensor \"%s\": %s", name,
						tr_error_message(enc->ctx));
		memcpy((char *)base + part[i].at, &t, sizeof(t));
	}
	return 0;
}

/* The matrices are the same for all texts: promises that, so that the device may keep them as it reads them best. */
static int freeze(const struct tr__encoder_layer *l)
{
	const struct tr__dense *dense[] = {&l->query, &l->key, &l->value, &l->attended, &l->up, &l->down};
	int err = 0;

	for (size_t i = 0; !err && i < COUNT(dense); i++)
		err = tr_freeze(dense[i]->weight);
	return err;
}

static int load_all(struct tr_encoder *enc, const struct tr_safetensors *st, const struct tr__encoder_report *r)
{
	struct tr__encoder_weights *w = &enc->weights;
	/* A file of the whole BertModel has bare names, one of a head on top of it has a prefix. */
	const char *root = tr_safetensors_find(st, "bert.embeddings.word_embeddings.weight") < 0 ? "" : "bert.";
	char prefix[NAME_MAX_LEN / 2], next[NAME_MAX_LEN];
	int err;

	snprintf(prefix, sizeof(prefix), "%sembeddings.", root);
	err = load(enc, st, prefix, embedding_parts, COUNT(embedding_parts), w, r);
	if (err)
		return err;
	w->layer = calloc((size_t)enc->config.layers, sizeof(*w->layer));
	if (!w->layer)
		return tr__encoder_fail(r, TR_ENOMEM, file, "no memory for its layers");
	for (int64_t i = 0; !err && i < enc->config.layers; i++) {
		int refused;

		snprintf(prefix, sizeof(prefix), "%sencoder.layer.%lld.", root, (long long)i);
		err = load(enc, st, prefix, layer_parts, COUNT(layer_parts), &w->layer[i], r);
		refused = err ? 0 : freeze(&w->layer[i]);
		if (refused)
			err = tr__encoder_fail(r, -refused, file, "%s", tr_error_message(enc->ctx));
	}
	if (err)
		return err;
	snprintf(next, sizeof(next), "%sencoder.layer.%lld.%s", root, (long long)enc->config.layers,
		 layer_parts[0].name);
	if (tr_safetensors_find(st, next) >= 0)
		return tr__encoder_fail(r, TR_EFORMAT, file, "tensor \"%s\" is there but config.json says "
					"num_hidden_layers %lld", next, (long long)enc->config.layers);
	return 0;
}

int tr__encoder_load_weights(struct tr_encoder *enc, const struct tr__encoder_report *r)
{
	struct tr_safetensors *st;
	char *path = tr__encoder_path(r, file);
	int err;

	if (!path)
		return tr__encoder_fail(r, TR_ENOMEM, file, "no memory to open it");
	err = tr_safetensors_open(&st, path, r->buf, r->len);
	free(path);
	if (!err)
		err = load_all(enc, st, r);
	tr_safetensors_close(st);
	return err;
}

static void free_parts(const struct part *part, size_t n, const void *base)
{
	struct tr_tensor *t;

	for (size_t i = 0; i < n; i++) {
		memcpy(&t, (const char *)base + part[i].at, sizeof(t));
		tr_free(t);
	}
}

void tr__encoder_free_weights(struct tr_encoder *enc)
{
	struct tr__encoder_weights *w = &enc->weights;

	free_parts(embedding_parts, COUNT(embedding_parts), w);
	for (int64_t i = 0; w->layer && i < enc->config.layers; i++)
		free_parts(layer_parts, COUNT(layer_parts), &w->layer[i]);
	free(w->layer);
	*w = (struct tr__encoder_weights){0};
}
