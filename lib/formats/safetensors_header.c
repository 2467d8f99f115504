/* SPDX-License-Identifier: MIT */
/*
 * The safetensors header: JSON in, a table of tensors out, or one line saying what is wrong with it. Sees bytes
 * and sizes only; knows neither files nor tensor objects.
 *
 * The format is the one of the safetensors 0.4+ reference: {"name": {"dtype", "shape", "data_offsets"}, …} with
 * an optional "__metadata__" of strings, offsets counted from the end of the header, data covered exactly.
 */
#include "lib/formats/safetensors.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const dtype_names[TR_DTYPE_COUNT] = {
	[TR_BOOL] = "BOOL", [TR_I8] = "I8",   [TR_I16] = "I16", [TR_I32] = "I32",   [TR_I64] = "I64",
	[TR_U8] = "U8",     [TR_U16] = "U16", [TR_U32] = "U32", [TR_U64] = "U64",   [TR_F16] = "F16",
	[TR_BF16] = "BF16", [TR_F32] = "F32", [TR_F64] = "F64", [TR_C64] = "C64",
};

const char *tr__st_dtype_name(enum tr_dtype dtype)
{
	return (unsigned)dtype < TR_DTYPE_COUNT ? dtype_names[dtype] : NULL;
}

enum tr_dtype tr__st_dtype(const char *name)
{
	for (int d = 0; d < TR_DTYPE_COUNT; d++)
		if (dtype_names[d] && !strcmp(dtype_names[d], name))
			return (enum tr_dtype)d;
	return TR_DTYPE_NONE;
}

/* "[2, 3]", cut when it does not fit. */
static const char *shape_text(char *buf, size_t len, const struct tr__st_entry *e)
{
	size_t at = 0;

	for (int i = 0; i < e->ndim && at + 24 < len; i++)
		at += (size_t)snprintf(buf + at, len - at, "%s%lld", i ? ", " : "[", (long long)e->shape[i]);
	snprintf(buf + at, len - at, "%s", e->ndim ? "]" : "[]");
	return buf;
}

static int parse_shape(struct tr__st_entry *e, const json_t *shape, const char *quoted, const struct tr__file_report *r)
{
	size_t n;

	if (!json_is_array(shape))
		return tr__file_fail(r, TR_EFORMAT, "tensor %s: shape is not an array", quoted);
	n = json_array_size(shape);
	if (n > TR_MAX_RANK)
		return tr__file_fail(r, TR_EFORMAT, "tensor %s: %zu axes; at most %d are supported", quoted, n,
				     TR_MAX_RANK);
	e->ndim = (int)n;
	for (size_t i = 0; i < n; i++) {
		const json_t *dim = json_array_get(shape, i);

		if (!json_is_integer(dim) || json_integer_value(dim) < 0)
			return tr__file_fail(r, TR_EFORMAT, "tensor %s: shape[%zu] is not a non-negative integer",
					     quoted, i);
		e->shape[i] = json_integer_value(dim);
	}
	return 0;
}

static int parse_offsets(struct tr__st_entry *e, const json_t *offsets, size_t data_size, const char *quoted,
			 const struct tr__file_report *r)
{
	const json_t *begin = json_array_get(offsets, 0), *end = json_array_get(offsets, 1);
	long long b, z;

	if (!json_is_array(offsets) || json_array_size(offsets) != 2 || !json_is_integer(begin) ||
	    !json_is_integer(end))
		return tr__file_fail(r, TR_EFORMAT, "tensor %s: data_offsets is not an array of two integers", quoted);
	b = json_integer_value(begin);
	z = json_integer_value(end);
	if (b < 0 || z < b)
		return tr__file_fail(r, TR_EFORMAT, "tensor %s: data_offsets [%lld, %lld] are not a range", quoted, b,
				     z);
	if ((unsigned long long)z > data_size)
		return tr__file_fail(r, TR_EFORMAT,
				     "tensor %s: data_offsets [%lld, %lld] end beyond the data, which has %zu bytes",
				     quoted, b, z, data_size);
	e->begin = (size_t)b;
	e->end = (size_t)z;
	return 0;
}

/* Shape and type must need exactly the bytes the offsets give, at an address the type can live at. */
static int check_size(const struct tr__st_entry *e, size_t data_start, const char *quoted,
		      const struct tr__file_report *r)
{
	size_t itemsize = tr_dtype_size(e->dtype), bytes = itemsize;
	const char *type = tr__st_dtype_name(e->dtype);
	bool overflow = false;
	char shape[192];

	for (int i = 0; i < e->ndim; i++)
		overflow |= __builtin_mul_overflow(bytes, (uint64_t)e->shape[i], &bytes);
	shape_text(shape, sizeof(shape), e);
	if (overflow || bytes > PTRDIFF_MAX)
		return tr__file_fail(r, TR_EFORMAT, "tensor %s: shape %s of %s overflows a size", quoted, shape, type);
	if (e->end - e->begin != bytes)
		return tr__file_fail(r, TR_EFORMAT,
				     "tensor %s: data_offsets [%zu, %zu] say %zu bytes but shape %s of %s needs %zu",
				     quoted, e->begin, e->end, e->end - e->begin, shape, type, bytes);
	if (bytes && (data_start + e->begin) % itemsize)
		return tr__file_fail(r, TR_EFORMAT,
				     "tensor %s: starts at byte %zu of the file, which is not aligned to the %zu bytes "
				     "of %s", quoted, data_start + e->begin, itemsize, type);
	return 0;
}

static int parse_entry(struct tr__st_entry *e, const char *name, const json_t *info, size_t data_start,
		       size_t data_size, const struct tr__file_report *r)
{
	char buf[TR__FILE_QUOTED], wrong[TR__FILE_QUOTED];
	const char *quoted = tr__file_quote(buf, name);
	const char *type;
	int err;

	if (!json_is_object(info))
		return tr__file_fail(r, TR_EFORMAT, "tensor %s: its entry is not an object", quoted);
	type = json_string_value(json_object_get(info, "dtype"));
	if (!type)
		return tr__file_fail(r, TR_EFORMAT, "tensor %s: dtype is not a string", quoted);
	e->dtype = tr__st_dtype(type);
	if (e->dtype == TR_DTYPE_NONE)
		return tr__file_fail(r, TR_EFORMAT, "tensor %s: dtype %s is not supported", quoted,
				     tr__file_quote(wrong, type));
	err = parse_shape(e, json_object_get(info, "shape"), quoted, r);
	if (!err)
		err = parse_offsets(e, json_object_get(info, "data_offsets"), data_size, quoted, r);
	if (!err)
		err = check_size(e, data_start, quoted, r);
	if (err)
		return err;
	e->name = strdup(name);
	return e->name ? 0 : tr__file_fail(r, TR_ENOMEM, "no memory for its table of tensors");
}

static int by_begin(const void *a, const void *b)
{
	const struct tr__st_entry *x = a, *y = b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return x->end < y->end ? -1 : x->end > y->end;
}

static int by_name(const void *a, const void *b)
{
	const struct tr__st_entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* Every byte of the data must belong to exactly one tensor. Leaves the entries sorted by name. */
static int check_cover(struct tr__st_table *t, size_t data_size, const struct tr__file_report *r)
{
	char a[TR__FILE_QUOTED], b[TR__FILE_QUOTED];
	size_t at = 0;

	if (t->count)
		qsort(t->entry, t->count, sizeof(*t->entry), by_begin);
	for (size_t i = 0; i < t->count; i++) {
		const struct tr__st_entry *e = &t->entry[i];

		if (e->begin < at)
			return tr__file_fail(r, TR_EFORMAT, "tensor %s: data_offsets [%zu, %zu] overlap tensor %s, which "
					     "ends at %zu", tr__file_quote(a, e->name), e->begin, e->end,
					     tr__file_quote(b, e[-1].name), at);
		if (e->begin > at)
			return tr__file_fail(r, TR_EFORMAT, "tensor %s: a hole of %zu bytes before its data_offsets "
					     "[%zu, %zu]", tr__file_quote(a, e->name), e->begin - at, e->begin, e->end);
		at = e->end;
	}
	if (at != data_size)
		return tr__file_fail(r, TR_EFORMAT, "%zu bytes after the last tensor belong to none", data_size - at);
	if (t->count)
		qsort(t->entry, t->count, sizeof(*t->entry), by_name);
	return 0;
}

static int check_metadata(const json_t *metadata, const struct tr__file_report *r)
{
	char quoted[TR__FILE_QUOTED];
	const char *key;
	json_t *value;

	if (!json_is_object(metadata))
		return tr__file_fail(r, TR_EFORMAT, "__metadata__ is not an object");
	json_object_foreach((json_t *)metadata, key, value)
		if (!json_is_string(value))
			return tr__file_fail(r, TR_EFORMAT, "__metadata__ %s is not a string",
					     tr__file_quote(quoted, key));
	return 0;
}

static int fill(struct tr__st_table *t, json_t *root, size_t data_start, size_t data_size,
		const struct tr__file_report *r)
{
	const char *name;
	json_t *info;
	int err;

	t->entry = calloc(json_object_size(root) + 1, sizeof(*t->entry));
	if (!t->entry)
		return tr__file_fail(r, TR_ENOMEM, "no memory for its table of tensors");
	json_object_foreach(root, name, info) {
		if (!strcmp(name, "__metadata__")) {
			err = check_metadata(info, r);
			if (!err)
				t->metadata = json_incref(info);
		} else {
			err = parse_entry(&t->entry[t->count], name, info, data_start, data_size, r);
			t->count += !err;
		}
		if (err)
			return err;
	}
	return check_cover(t, data_size, r);
}

int tr__st_parse(struct tr__st_table *table, const char *json, size_t size, size_t data_start, size_t data_size,
		 const struct tr__file_report *r)
{
	json_error_t why;
	json_t *root;
	int err;

	*table = (struct tr__st_table){0};
	if (!size || json[0] != '{')
		return tr__file_fail(r, TR_EFORMAT, "the header does not start with '{'; not a safetensors file?");
	root = json_loadb(json, size, JSON_REJECT_DUPLICATES, &why);
	if (!root)
		return tr__file_fail(r, json_error_code(&why) == json_error_out_of_memory ? TR_ENOMEM : TR_EFORMAT,
				     "the header is not valid JSON at byte %d: %s", why.position, why.text);
	err = fill(table, root, data_start, data_size, r);
	if (err)
		tr__st_table_finish(table);
	json_decref(root);
	return err;
}

void tr__st_table_finish(struct tr__st_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->entry[i].name);
	free(table->entry);
	json_decref(table->metadata);
	*table = (struct tr__st_table){0};
}
