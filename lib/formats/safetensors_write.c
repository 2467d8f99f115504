/* SPDX-License-Identifier: MIT */
/*
 * Writing safetensors files: layout and header. Reads tensors through the public calls only.
 *
 * Tensors are laid out by falling element size, so that padding the header alone aligns every one of them.
 */
#include "lib/formats/safetensors.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Where the data starts in the file: a cache line, so that mapped tensors can be read with aligned vectors. */
#define DATA_ALIGN 64u

struct item {
	const char *name;
	struct tr_tensor *tensor;
	size_t itemsize, bytes;
};

struct writer {
	struct item *item;
	size_t n;
	char *header; /* length field and JSON, padded */
	size_t header_size; /* of the JSON with its padding */
	struct tr__file_report report;
};

static int by_size_and_name(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->itemsize != y->itemsize)
		return x->itemsize > y->itemsize ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int collect(struct writer *w, const char *const *names, struct tr_tensor *const *tensors)
{
	char quoted[TR__FILE_QUOTED];

	w->item = calloc(w->n + 1, sizeof(*w->item));
	if (!w->item)
		return tr__file_fail(&w->report, TR_ENOMEM, "no memory for its table of tensors");
	for (size_t i = 0; i < w->n; i++) {
		enum tr_dtype dtype;

		if (!tensors[i] || !names[i] || !strcmp(names[i], "__metadata__"))
			return tr__file_fail(&w->report, TR_EINVAL, "tensor %zu, %s: no tensor, or no name it can have",
					     i, tr__file_quote(quoted, names[i] ? names[i] : ""));
		dtype = tr_dtype_of(tensors[i]);
		if (!tr__st_dtype_name(dtype))
			return tr__file_fail(&w->report, TR_EDTYPE, "tensor %s: the format has no %s",
					     tr__file_quote(quoted, names[i]), tr_dtype_name(dtype));
		w->item[i].name = names[i];
		w->item[i].tensor = tensors[i];
		w->item[i].itemsize = tr_dtype_size(dtype);
		w->item[i].bytes = (size_t)tr_numel(tensors[i]) * tr_dtype_size(dtype);
	}
	if (w->n)
		qsort(w->item, w->n, sizeof(*w->item), by_size_and_name);
	return 0;
}

/* Sets object[key] = value, taking the value; key may be any bytes. */
static int put(json_t *object, const char *key, json_t *value, const struct tr__file_report *r)
{
	char quoted[TR__FILE_QUOTED];

	errno = 0;
	if (!value || json_object_set_new(object, key, value)) {
		if (errno == ENOMEM)
			return tr__file_fail(r, TR_ENOMEM, "no memory for its header");
		return tr__file_fail(r, TR_EINVAL, "%s: the name or its text is not UTF-8", tr__file_quote(quoted, key));
	}
	return 0;
}

static json_t *describe(const struct item *it, size_t begin)
{
	const int64_t *shape = tr_shape(it->tensor);
	json_t *dims = json_array();

	for (int i = 0; i < tr_ndim(it->tensor); i++)
		json_array_append_new(dims, json_integer(shape[i]));
	if (json_array_size(dims) != (size_t)tr_ndim(it->tensor)) {
		json_decref(dims);
		errno = ENOMEM;
		return NULL;
	}
	return json_pack("{s:s, s:o, s:[I, I]}", "dtype", tr__st_dtype_name(tr_dtype_of(it->tensor)), "shape", dims,
			 "data_offsets", (json_int_t)begin, (json_int_t)(begin + it->bytes));
}

static int fill(json_t *root, const struct writer *w, const char *const *metadata)
{
	const struct tr__file_report *r = &w->report;
	char quoted[TR__FILE_QUOTED];
	size_t at = 0;
	int err = 0;

	if (metadata && metadata[0]) {
		json_t *object = json_object();

		err = put(root, "__metadata__", object, r);
		for (size_t i = 0; !err && metadata[i]; i += 2)
			err = put(object, metadata[i], json_string(metadata[i + 1]), r);
	}
	for (size_t i = 0; !err && i < w->n; i++) {
		const struct item *it = &w->item[i];

		if (json_object_get(root, it->name))
			return tr__file_fail(r, TR_EINVAL, "tensor %s: the name is given twice",
					     tr__file_quote(quoted, it->name));
		err = put(root, it->name, describe(it, at), r);
		if (__builtin_add_overflow(at, it->bytes, &at) || at > PTRDIFF_MAX)
			return tr__file_fail(r, TR_EINVAL, "the tensors are larger than a file can be");
	}
	return err;
}

static int make_header(struct writer *w, const char *const *metadata)
{
	json_t *root = json_object();
	char *text = NULL;
	size_t len, total;
	int err;

	err = root ? fill(root, w, metadata) : tr__file_fail(&w->report, TR_ENOMEM, "no memory for its header");
	if (err)
		goto out;
	err = -TR_ENOMEM;
	text = json_dumps(root, JSON_COMPACT);
	if (!text)
		goto out;
	len = strlen(text);
	total = (TR__ST_PREFIX + len + DATA_ALIGN - 1) / DATA_ALIGN * DATA_ALIGN;
	w->header_size = total - TR__ST_PREFIX;
	if (w->header_size > TR__ST_HEADER_MAX) {
		err = tr__file_fail(&w->report, TR_EINVAL, "its header would be longer than the %u bytes allowed",
				    TR__ST_HEADER_MAX);
		goto out;
	}
	w->header = malloc(total);
	if (!w->header)
		goto out;
	for (unsigned i = 0; i < TR__ST_PREFIX; i++)
		w->header[i] = (char)(w->header_size >> 8 * i);
	memcpy(w->header + TR__ST_PREFIX, text, len);
	memset(w->header + TR__ST_PREFIX + len, ' ', total - TR__ST_PREFIX - len);
	err = 0;
out:
	if (err == -TR_ENOMEM)
		tr__file_fail(&w->report, TR_ENOMEM, "no memory for its header");
	free(text);
	json_decref(root);
	return err;
}

static int write_file(const struct writer *w)
{
	struct tr__output o;
	int err = tr__output_begin(&o, &w->report);

	if (err)
		return err;
	err = tr__output_write(&o, w->header, TR__ST_PREFIX + w->header_size);
	for (size_t i = 0; !err && i < w->n; i++)
		err = tr__output_tensor(&o, w->item[i].tensor, w->item[i].name);
	return tr__output_end(&o, err);
}

int tr_safetensors_write(const char *path, const char *const *names, struct tr_tensor *const *tensors, size_t n,
			 const char *const *metadata, char *errbuf, size_t errlen)
{
	struct writer w = {.n = n, .report = {.path = path, .buf = errbuf, .len = errlen}};
	int err;

	err = collect(&w, names, tensors);
	if (!err)
		err = make_header(&w, metadata);
	if (!err)
		err = write_file(&w);
	free(w.header);
	free(w.item);
	return err;
}
