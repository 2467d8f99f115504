/* SPDX-License-Identifier: MIT */
/*
 * Reading safetensors files: the mapping, look-ups, and tensors over it. What makes a header valid is
 * safetensors_header.c's business.
 */
#include "lib/formats/safetensors.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "lib/context.h"

struct tr_safetensors {
	struct tr__st_table table;
	struct tr__mapping *map;
	unsigned char *data;
};

static uint64_t load_le64(const unsigned char *p)
{
	uint64_t v = 0;

	for (int i = 7; i >= 0; i--)
		v = v << 8 | p[i];
	return v;
}

static int parse(struct tr_safetensors *st, const struct tr__file_report *r)
{
	const struct tr__mapping *m = st->map;
	uint64_t header = load_le64(m->addr);
	size_t rest = m->size - TR__ST_PREFIX;

	if (header > TR__ST_HEADER_MAX)
		return tr__file_fail(r, TR_EFORMAT, "the header claims %llu bytes; at most %u are allowed",
				     (unsigned long long)header, TR__ST_HEADER_MAX);
	if (header > rest)
		return tr__file_fail(r, TR_EFORMAT, "the header claims %llu bytes but only %zu follow; truncated?",
				     (unsigned long long)header, rest);
	st->data = m->addr + TR__ST_PREFIX + header;
	return tr__st_parse(&st->table, (const char *)m->addr + TR__ST_PREFIX, (size_t)header,
			    TR__ST_PREFIX + (size_t)header, rest - (size_t)header, r);
}

int tr_safetensors_open(struct tr_safetensors **out, const char *path, char *errbuf, size_t errlen)
{
	const struct tr__file_report r = {.path = path, .buf = errbuf, .len = errlen};
	struct tr_safetensors *st;
	int err;

	*out = NULL;
	st = calloc(1, sizeof(*st));
	if (!st)
		return tr__file_fail(&r, TR_ENOMEM, "no memory to open it");
	err = tr__mapping_open(&st->map, false, TR__ST_PREFIX, "safetensors", &r);
	if (!err)
		err = parse(st, &r);
	if (err) {
		tr_safetensors_close(st);
		return err;
	}
	*out = st;
	return 0;
}

void tr_safetensors_close(struct tr_safetensors *st)
{
	if (!st)
		return;
	tr__st_table_finish(&st->table);
	tr__mapping_drop(st->map);
	free(st);
}

size_t tr_safetensors_count(const struct tr_safetensors *st)
{
	return st->table.count;
}

static int compare_name(const void *key, const void *entry)
{
	return strcmp(key, ((const struct tr__st_entry *)entry)->name);
}

static const struct tr__st_entry *lookup(const struct tr_safetensors *st, const char *name)
{
	return bsearch(name, st->table.entry, st->table.count, sizeof(*st->table.entry), compare_name);
}

ptrdiff_t tr_safetensors_find(const struct tr_safetensors *st, const char *name)
{
	const struct tr__st_entry *e = lookup(st, name);

	return e ? e - st->table.entry : -1;
}

const char *tr_safetensors_name(const struct tr_safetensors *st, size_t i)
{
	return st->table.entry[i].name;
}

enum tr_dtype tr_safetensors_dtype(const struct tr_safetensors *st, size_t i)
{
	return st->table.entry[i].dtype;
}

const int64_t *tr_safetensors_shape(const struct tr_safetensors *st, size_t i, int *ndim)
{
	*ndim = st->table.entry[i].ndim;
	return st->table.entry[i].shape;
}

const char *tr_safetensors_metadata(const struct tr_safetensors *st, const char *key)
{
	return json_string_value(json_object_get(st->table.metadata, key));
}

struct tr_tensor *tr_safetensors_tensor(const struct tr_safetensors *st, struct tr_context *ctx, const char *name)
{
	const struct tr__st_entry *e = lookup(st, name);
	struct tr__mapping *m = st->map;
	char quoted[TR__FILE_QUOTED];
	struct tr_tensor *t;

	if (!e) {
		tr__fail(ctx, TR_EINVAL, "safetensors: no tensor %s in the file", tr__file_quote(quoted, name));
		return NULL;
	}
	if (e->begin == e->end) /* an address past the last element may not be aligned, nor mapped */
		return tr_empty(ctx, e->dtype, e->ndim, e->shape);
	t = tr_borrow(ctx, e->dtype, e->ndim, e->shape, st->data + e->begin, TR_BORROW_CONST, tr__mapping_drop,
		      tr__mapping_ref(m));
	if (!t)
		tr__mapping_drop(m);
	return t;
}
