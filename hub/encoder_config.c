/* SPDX-License-Identifier: MIT */
/*
 * The JSON files of a sentence-transformers folder: which modules it chains, and the sizes of the BERT encoder
 * among them. What it does not know it refuses, so that no model is run as something it is not. Sees no weights.
 */
#include "hub/encoder.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_MAX (1 << 24)

int tr__encoder_fail(const struct tr__encoder_report *r, int status, const char *file, const char *fmt, ...)
{
	va_list args;
	int used;

	if (r->buf && r->len) {
		used = snprintf(r->buf, r->len, file ? "%s/%s: " : "%s: ", r->folder, file);
		if (used >= 0 && (size_t)used < r->len) {
			va_start(args, fmt);
			vsnprintf(r->buf + used, r->len - (size_t)used, fmt, args);
			va_end(args);
		}
	}
	return -status;
}

char *tr__encoder_path(const struct tr__encoder_report *r, const char *file)
{
	size_t len = strlen(r->folder) + strlen(file) + 2;
	char *path = malloc(len);

	if (path)
		snprintf(path, len, "%s/%s", r->folder, file);
	return path;
}

/* Reads folder/file. *out is NULL on failure, and when an optional file is not there. */
static int read_json(json_t **out, const char *file, bool optional, const struct tr__encoder_report *r)
{
	char *path = tr__encoder_path(r, file);
	json_error_t why;

	*out = NULL;
	if (!path)
		return tr__encoder_fail(r, TR_ENOMEM, file, "no memory to read it");
	*out = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
	free(path);
	if (*out)
		return 0;
	if (json_error_code(&why) != json_error_cannot_open_file)
		return tr__encoder_fail(r, TR_EFORMAT, file, "line %d: %s", why.line, why.text);
	return optional ? 0 : tr__encoder_fail(r, TR_EIO, file, "cannot be opened; not a sentence-transformers model?");
}

static int get_count(int64_t *out, const json_t *object, const char *key, const char *file,
		     const struct tr__encoder_report *r)
{
	const json_t *v = json_object_get(object, key);

	if (!json_is_integer(v) || json_integer_value(v) < 1 || json_integer_value(v) > COUNT_MAX)
		return tr__encoder_fail(r, TR_EFORMAT, file, "%s is not a number from 1 to %d", key, COUNT_MAX);
	*out = json_integer_value(v);
	return 0;
}

/* A key that must have one value if it is there at all. */
static int expect(const json_t *object, const char *key, const char *value, const char *file,
		  const struct tr__encoder_report *r)
{
	const json_t *v = json_object_get(object, key);
	const char *has = json_string_value(v);

	if (!v || (has && !strcmp(has, value)))
		return 0;
	return tr__encoder_fail(r, TR_EFORMAT, file, "%s is %s%.40s%s; only \"%s\" is supported", key, has ? "\"" : "",
				has ? has : "not a string", has ? "\"" : "", value);
}

static int read_bert(struct tr__encoder_config *c, const struct tr__encoder_report *r)
{
	static const char file[] = "config.json";
	const struct { const char *key; int64_t *to; } counts[] = {
		{"hidden_size", &c->hidden},		     {"intermediate_size", &c->intermediate},
		{"num_hidden_layers", &c->layers},	     {"num_attention_heads", &c->heads},
		{"vocab_size", &c->vocab},		     {"type_vocab_size", &c->types},
		{"max_position_embeddings", &c->positions},
	};
	const json_t *eps;
	json_t *root;
	int err = read_json(&root, file, false, r);

	if (!err)
		err = expect(root, "model_type", "bert", file, r);
	if (!err)
		err = expect(root, "hidden_act", "gelu", file, r);
	if (!err)
		err = expect(root, "position_embedding_type", "absolute", file, r);
	for (size_t i = 0; !err && i < sizeof(counts) / sizeof(*counts); i++)
		err = get_count(counts[i].to, root, counts[i].key, file, r);
	if (!err && c->hidden % c->heads)
		err = tr__encoder_fail(r, TR_EFORMAT, file, "hidden_size %lld is not a multiple of num_attention_heads "
				       "%lld", (long long)c->hidden, (long long)c->heads);
	eps = json_object_get(root, "layer_norm_eps");
	c->norm_eps = eps ? json_number_value(eps) : 1e-12;
	if (!err && !(c->norm_eps > 0 && c->norm_eps < 1))
		err = tr__encoder_fail(r, TR_EFORMAT, file, "layer_norm_eps is not a number between 0 and 1");
	json_decref(root);
	return err;
}

static int read_limits(struct tr__encoder_config *c, const struct tr__encoder_report *r)
{
	static const char file[] = "sentence_bert_config.json";
	json_t *root;
	int err = read_json(&root, file, true, r);

	c->max_tokens = c->positions;
	if (!err && root && !json_is_null(json_object_get(root, "max_seq_length")) &&
	    json_object_get(root, "max_seq_length"))
		err = get_count(&c->max_tokens, root, "max_seq_length", file, r);
	if (!err && json_is_true(json_object_get(root, "do_lower_case")))
		err = tr__encoder_fail(r, TR_EFORMAT, file, "do_lower_case is true; lower case is the tokenizer's "
				       "business");
	if (!err && c->max_tokens > c->positions)
		err = tr__encoder_fail(r, TR_EFORMAT, file, "max_seq_length is %lld but config.json has "
				       "max_position_embeddings %lld", (long long)c->max_tokens,
				       (long long)c->positions);
	if (!err && c->max_tokens < TR__ENCODER_LEAST_TOKENS)
		err = tr__encoder_fail(r, TR_EFORMAT, file, "max_seq_length must be at least %d",
				       TR__ENCODER_LEAST_TOKENS);
	json_decref(root);
	return err;
}

static int read_pooling(struct tr__encoder_config *c, const char *folder, const struct tr__encoder_report *r)
{
	static const char prefix[] = "pooling_mode_";
	char file[128];
	int64_t dim = 0;
	const char *key;
	json_t *root, *value;
	int err, modes = 0;

	snprintf(file, sizeof(file), "%s/config.json", folder);
	err = read_json(&root, file, false, r);
	if (!err)
		err = get_count(&dim, root, "word_embedding_dimension", file, r);
	if (!err && dim != c->hidden)
		err = tr__encoder_fail(r, TR_EFORMAT, file, "word_embedding_dimension is %lld but config.json has "
				       "hidden_size %lld", (long long)dim, (long long)c->hidden);
	json_object_foreach(root, key, value) {
		if (err || strncmp(key, prefix, sizeof(prefix) - 1) || !json_is_true(value))
			continue;
		modes++;
		if (!strcmp(key, "pooling_mode_mean_tokens"))
			c->pooling = TR__POOL_MEAN;
		else if (!strcmp(key, "pooling_mode_cls_token"))
			c->pooling = TR__POOL_CLS;
		else
			err = tr__encoder_fail(r, TR_EFORMAT, file, "%.60s is not supported", key);
	}
	if (!err && modes != 1)
		err = tr__encoder_fail(r, TR_EFORMAT, file, "%d pooling modes are set; one is supported", modes);
	json_decref(root);
	return err;
}

/* Transformer, Pooling and perhaps Normalize, in this order. */
static int read_module(struct tr__encoder_config *c, size_t i, const json_t *module, const struct tr__encoder_report *r)
{
	static const char *const kinds[] = {"Transformer", "Pooling", "Normalize"};
	static const char file[] = "modules.json";
	const char *type = json_string_value(json_object_get(module, "type"));
	const char *path = json_string_value(json_object_get(module, "path"));
	const char *kind;

	if (!type || !path)
		return tr__encoder_fail(r, TR_EFORMAT, file, "module %zu has no type or no path", i);
	kind = strrchr(type, '.');
	kind = kind ? kind + 1 : type;
	if (i >= sizeof(kinds) / sizeof(*kinds) || strcmp(kind, kinds[i]))
		return tr__encoder_fail(r, TR_EFORMAT, file, "module %zu is \"%.80s\"; supported is Transformer, Pooling "
					"and perhaps Normalize", i, type);
	if (i == 0 && *path)
		return tr__encoder_fail(r, TR_EFORMAT, file, "the Transformer is in \"%.80s\", not in the folder itself",
					path);
	if (i == 1 && (!*path || strlen(path) > 64 || strchr(path, '/') || *path == '.'))
		return tr__encoder_fail(r, TR_EFORMAT, file, "\"%.80s\" is no folder of a Pooling module", path);
	if (i == 2)
		c->normalize = true;
	return i == 1 ? read_pooling(c, path, r) : 0;
}

int tr__encoder_read_config(struct tr__encoder_config *c, const struct tr__encoder_report *r)
{
	json_t *modules;
	int err = read_json(&modules, "modules.json", false, r);

	*c = (struct tr__encoder_config){0};
	if (!err && json_array_size(modules) < 2)
		err = tr__encoder_fail(r, TR_EFORMAT, "modules.json", "not a list of at least Transformer and Pooling");
	if (!err)
		err = read_bert(c, r);
	if (!err)
		err = read_limits(c, r);
	for (size_t i = 0; !err && i < json_array_size(modules); i++)
		err = read_module(c, i, json_array_get(modules, i), r);
	json_decref(modules);
	return err;
}
