/* SPDX-License-Identifier: MIT */
/*
 * What tokenizer.json and tokenizer_config.json say. Whatever would make the reference give other ids than
 * tokenizer.c does is refused here; what changes no id (lstrip and rstrip, since whitespace is no token; padding
 * and the length of truncation, which are the caller's) is passed over.
 */
#include "hub/tokenizer.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* -TR_EFORMAT with a line that begins with the file's name. */
#define MALFORMED(src, fmt, ...) \
	tr__report((src)->report, -TR_EFORMAT, "%s: " fmt, (src)->path, __VA_ARGS__)

static int parse_object(const struct tr__source *src, json_t **root)
{
	json_error_t e;

	*root = json_loadb(src->text, src->len, JSON_REJECT_DUPLICATES, &e);
	if (!*root && json_error_code(&e) == json_error_out_of_memory)
		return tr__report(src->report, -TR_ENOMEM, "%s: out of memory", src->path);
	if (!*root)
		return MALFORMED(src, "line %d: %s", e.line, e.text);
	if (!json_is_object(*root)) {
		json_decref(*root);
		*root = NULL;
		return MALFORMED(src, "not a JSON %s", "object");
	}
	return 0;
}

/* Absent and null leave *value as it is. */
static int get_flag(const struct tr__source *src, const json_t *object, const char *key, int *value)
{
	const json_t *v = json_object_get(object, key);

	if (!v || json_is_null(v))
		return 0;
	if (!json_is_boolean(v))
		return MALFORMED(src, "\"%s\" is not true, false or null", key);
	*value = json_is_true(v);
	return 0;
}

/* The flags of BERT's normalizer, which the two files name differently in places. */
static int get_rules(struct tr_tokenizer *tok, const struct tr__source *src, const json_t *object,
		     const char *lowercase, const char *chinese)
{
	int clean = 1, lower = 1, han = 1, strip = -1, ret;

	if ((ret = get_flag(src, object, "clean_text", &clean)) || (ret = get_flag(src, object, lowercase, &lower)) ||
	    (ret = get_flag(src, object, chinese, &han)) || (ret = get_flag(src, object, "strip_accents", &strip)))
		return ret;
	tok->rules.clean_text = clean;
	tok->rules.lowercase = lower;
	tok->rules.chinese_chars = han;
	tok->rules.strip_accents = strip < 0 ? lower : strip;
	return 0;
}

/* The object's member "type" must be that; what names the object in the message. */
static int expect_type(const struct tr__source *src, const json_t *object, const char *what, const char *type)
{
	const char *given = json_string_value(json_object_get(object, "type"));

	if (!given || strcmp(given, type))
		return MALFORMED(src, "%s is of type \"%.64s\", not %s", what, given ? given : "null", type);
	return 0;
}

static size_t token_len(const struct tr_tokenizer *tok, int32_t id)
{
	size_t len;

	tr__vocab_token(&tok->vocab, (uint32_t)id, &len);
	return len;
}

/* Has the token recognised in raw text. added stays sorted, the longest first. */
static int recognise(struct tr_tokenizer *tok, const struct tr__source *src, int32_t id)
{
	uint32_t at = 0, n = tok->added_count;

	for (uint32_t i = 0; i < n; i++)
		if (tok->added[i] == id)
			return 0;
	if (n == TR__ADDED_MAX)
		return MALFORMED(src, "more than %u added tokens", TR__ADDED_MAX);
	if (!tok->added)
		tok->added = malloc(TR__ADDED_MAX * sizeof(*tok->added));
	if (!tok->added)
		return tr__report(src->report, -TR_ENOMEM, "%s: out of memory", src->path);
	while (at < n && token_len(tok, tok->added[at]) >= token_len(tok, id))
		at++;
	memmove(tok->added + at + 1, tok->added + at, (n - at) * sizeof(*tok->added));
	tok->added[at] = id;
	tok->added_count++;
	return 0;
}

/* Text of an added token, which is a string or an object with "content". NULL: it is neither, or one that raw
 * text cannot be searched for. */
static const char *added_content(const struct tr__source *src, const json_t *v, int *ret)
{
	const char *content = json_string_value(json_is_object(v) ? json_object_get(v, "content") : v);
	int normalized = 0, single_word = 0;

	*ret = 0;
	if (!content || !content[0]) {
		*ret = MALFORMED(src, "a special or added token is %s", "not a string");
		return NULL;
	}
	if (json_is_object(v)) {
		*ret = get_flag(src, v, "normalized", &normalized);
		if (!*ret)
			*ret = get_flag(src, v, "single_word", &single_word);
		if (!*ret && (normalized || single_word))
			*ret = MALFORMED(src, "added token \"%.64s\" is %s, which is not supported", content,
					 normalized ? "normalized" : "single_word");
	}
	return *ret ? NULL : content;
}

/* An added token with its id, in the vocabulary or the next one behind it. */
static int add_token(struct tr_tokenizer *tok, const struct tr__source *src, const json_t *v, json_int_t id)
{
	int ret;
	const char *content = added_content(src, v, &ret);
	int32_t there;

	if (!content)
		return ret;
	there = tr__vocab_find(&tok->vocab, content, strlen(content));
	if (there < 0 && id == (json_int_t)tok->vocab.count && tok->added_count < TR__ADDED_MAX)
		there = (int32_t)tr__vocab_add(&tok->vocab, content, strlen(content), false);
	if (there < 0 || there != id)
		return MALFORMED(src, "added token \"%.64s\" has id %lld, which is not its id in the vocabulary",
				 content, (long long)id);
	return recognise(tok, src, there);
}

/* Finds a special token by name. */
static int special(struct tr_tokenizer *tok, const struct tr__source *src, const char *name, int32_t *id)
{
	*id = tr__vocab_find(&tok->vocab, name, strlen(name));
	if (*id < 0)
		return MALFORMED(src, "the vocabulary has no \"%.64s\"", name);
	return 0;
}

/* The special token that tokenizer_config.json names under key. */
static int config_special(struct tr_tokenizer *tok, const struct tr__source *src, const json_t *root, const char *key,
			  const char *fallback, int32_t *id)
{
	const json_t *v = json_object_get(root, key);
	const char *name = fallback;
	int ret;

	if (v && !json_is_null(v)) {
		name = added_content(src, v, &ret);
		if (!name)
			return ret;
	}
	ret = special(tok, src, name, id);
	return ret ? ret : recognise(tok, src, *id);
}

static int config_added(struct tr_tokenizer *tok, const struct tr__source *src, json_t *root)
{
	json_t *decoder = json_object_get(root, "added_tokens_decoder");
	json_t *more = json_object_get(root, "additional_special_tokens");
	const char *key;
	json_t *v;
	size_t i;
	int ret;

	json_object_foreach(decoder, key, v) {
		char *stop;
		long long id;

		errno = 0;
		id = strtoll(key, &stop, 10);
		if (errno || *stop || stop == key)
			return MALFORMED(src, "added_tokens_decoder: \"%.64s\" is no id", key);
		ret = add_token(tok, src, v, id);
		if (ret)
			return ret;
	}
	json_array_foreach(more, i, v) {
		const char *name = added_content(src, v, &ret);
		int32_t id;

		if (!name || (ret = special(tok, src, name, &id)) || (ret = recognise(tok, src, id)))
			return ret;
	}
	return 0;
}

/* Classes of `transformers` that are BertTokenizer under another name. */
static bool is_bert_class(const json_t *v)
{
	static const char *const names[] = {"BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer"};
	const char *name = json_string_value(v);

	if (!v || json_is_null(v))
		return true;
	for (size_t i = 0; name && i < sizeof(names) / sizeof(names[0]); i++) {
		size_t n = strlen(names[i]);

		if (!strncmp(name, names[i], n) && (!name[n] || !strcmp(name + n, "Fast")))
			return true;
	}
	return false;
}

int tr__tokenizer_parse_config(struct tr_tokenizer *tok, const struct tr__source *src)
{
	int32_t mask;
	const char *side;
	json_t *root;
	int ret = parse_object(src, &root);

	if (ret)
		return ret;
	tok->max_word_chars = 100; /* the reference's constant */
	side = json_string_value(json_object_get(root, "truncation_side"));
	if (!is_bert_class(json_object_get(root, "tokenizer_class")))
		ret = 1;
	else if (side && strcmp(side, "right"))
		ret = MALFORMED(src, "truncation_side is \"%.64s\", not right", side);
	else if (!(ret = get_rules(tok, src, root, "do_lower_case", "tokenize_chinese_chars")) &&
		 !(ret = config_added(tok, src, root)) &&
		 !(ret = config_special(tok, src, root, "pad_token", "[PAD]", &tok->pad)) &&
		 !(ret = config_special(tok, src, root, "unk_token", "[UNK]", &tok->unk)) &&
		 !(ret = config_special(tok, src, root, "cls_token", "[CLS]", &tok->cls)) &&
		 !(ret = config_special(tok, src, root, "sep_token", "[SEP]", &tok->sep)))
		ret = config_special(tok, src, root, "mask_token", "[MASK]", &mask);
	json_decref(root);
	return ret;
}

/* model.vocab: an object from token to id, the ids 0 … size-1 in any order. */
static int model_vocab(struct tr_tokenizer *tok, const struct tr__source *src, json_t *vocab)
{
	size_t size = json_object_size(vocab);
	const char **tokens;
	const char *token;
	json_t *v;
	int ret;

	if (!size)
		return MALFORMED(src, "model.vocab has no %s", "tokens");
	ret = tr__vocab_init(&tok->vocab, size + TR__ADDED_MAX, src->len);
	tokens = ret ? NULL : calloc(size, sizeof(*tokens));
	if (!tokens)
		return tr__report(src->report, ret ? ret : -TR_ENOMEM, "%s: no room for %zu tokens", src->path, size);
	json_object_foreach(vocab, token, v) {
		json_int_t id = json_is_integer(v) ? json_integer_value(v) : -1;

		if (id < 0 || (size_t)id >= size || tokens[id] || !token[0]) {
			ret = MALFORMED(src, "token \"%.64s\" is empty, or its id is not one of 0 ... %zu or taken",
					token, size - 1);
			break;
		}
		tokens[id] = token;
	}
	for (size_t i = 0; i < size && !ret; i++)
		tr__vocab_add(&tok->vocab, tokens[i], strlen(tokens[i]), true);
	free(tokens);
	return ret;
}

static int json_model(struct tr_tokenizer *tok, const struct tr__source *src, const json_t *model)
{
	const char *prefix = json_string_value(json_object_get(model, "continuing_subword_prefix"));
	const char *unk = json_string_value(json_object_get(model, "unk_token"));
	const json_t *most = json_object_get(model, "max_input_chars_per_word");
	json_int_t chars = most ? json_integer_value(most) : 100;
	int ret = expect_type(src, model, "model", "WordPiece");

	if (ret)
		return ret;
	if (prefix && strcmp(prefix, "##"))
		return MALFORMED(src, "model.continuing_subword_prefix is \"%.64s\", not ##", prefix);
	if (chars < 1 || chars > TR__WORD_CHARS_MAX)
		return MALFORMED(src, "model.max_input_chars_per_word is not in 1 ... %d", TR__WORD_CHARS_MAX);
	tok->max_word_chars = (uint32_t)chars;
	ret = model_vocab(tok, src, json_object_get(model, "vocab"));
	return ret ? ret : special(tok, src, unk ? unk : "[UNK]", &tok->unk);
}

/* [CLS] and [SEP] from the post-processor: BertProcessing names them, TemplateProcessing spells them out. */
static int json_template(struct tr_tokenizer *tok, const struct tr__source *src, const json_t *post)
{
	const char *type = json_string_value(json_object_get(post, "type"));
	const char *cls = NULL, *sep = NULL;
	int ret;

	if (type && !strcmp(type, "BertProcessing")) {
		cls = json_string_value(json_array_get(json_object_get(post, "cls"), 0));
		sep = json_string_value(json_array_get(json_object_get(post, "sep"), 0));
	} else if (type && !strcmp(type, "TemplateProcessing")) {
		const json_t *t = json_object_get(post, "single");

		if (json_array_size(t) == 3 && json_object_get(json_array_get(t, 1), "Sequence")) {
			cls = json_string_value(
				json_object_get(json_object_get(json_array_get(t, 0), "SpecialToken"), "id"));
			sep = json_string_value(
				json_object_get(json_object_get(json_array_get(t, 2), "SpecialToken"), "id"));
		}
	}
	if (!cls || !sep)
		return MALFORMED(src, "post_processor is not of the form %s", "[CLS] text [SEP]");
	ret = special(tok, src, cls, &tok->cls);
	return ret ? ret : special(tok, src, sep, &tok->sep);
}

static int json_added(struct tr_tokenizer *tok, const struct tr__source *src, const json_t *added)
{
	const json_t *v;
	size_t i;

	json_array_foreach(added, i, v) {
		const json_t *id = json_object_get(v, "id");
		int ret = add_token(tok, src, v, json_is_integer(id) ? json_integer_value(id) : -1);

		if (ret)
			return ret;
	}
	return 0;
}

int tr__tokenizer_parse_json(struct tr_tokenizer *tok, const struct tr__source *src)
{
	const json_t *normalizer;
	const char *pad, *side;
	json_t *root;
	int ret = parse_object(src, &root);

	if (ret)
		return ret;
	normalizer = json_object_get(root, "normalizer");
	pad = json_string_value(json_object_get(json_object_get(root, "padding"), "pad_token"));
	side = json_string_value(json_object_get(json_object_get(root, "truncation"), "direction"));
	if (side && strcmp(side, "Right"))
		ret = MALFORMED(src, "truncation.direction is \"%.64s\", not Right", side);
	else if (!(ret = expect_type(src, normalizer, "normalizer", "BertNormalizer")) &&
		 !(ret = expect_type(src, json_object_get(root, "pre_tokenizer"), "pre_tokenizer",
				     "BertPreTokenizer")) &&
		 !(ret = get_rules(tok, src, normalizer, "lowercase", "handle_chinese_chars")) &&
		 !(ret = json_model(tok, src, json_object_get(root, "model"))) &&
		 !(ret = json_added(tok, src, json_object_get(root, "added_tokens"))) &&
		 !(ret = json_template(tok, src, json_object_get(root, "post_processor"))))
		ret = special(tok, src, pad ? pad : "[PAD]", &tok->pad);
	json_decref(root);
	return ret;
}
