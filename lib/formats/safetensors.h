/* SPDX-License-Identifier: MIT */
/*
 * What the files of the safetensors reader and writer share: the checked table of a file's tensors and the names
 * of element types. Knows no tensor object.
 */
#ifndef TR_LIB_FORMATS_SAFETENSORS_H
#define TR_LIB_FORMATS_SAFETENSORS_H

#include <trueno/safetensors.h>

#include "lib/formats/file.h"

/* The format caps its header so that a reader can refuse a hostile length before allocating for it. */
#define TR__ST_HEADER_MAX 100000000u

/* Bytes that hold a file's length field. */
#define TR__ST_PREFIX 8u

struct tr__st_entry {
	char *name;
	enum tr_dtype dtype;
	int ndim;
	int64_t shape[TR_MAX_RANK];
	size_t begin, end; /* bytes from the start of the data */
};

/* The header, checked: entries sorted by name. metadata is a JSON object of strings, or NULL. */
struct tr__st_table {
	struct tr__st_entry *entry;
	size_t count;
	struct json_t *metadata;
};

/* The format's name of a type ("F32"), or NULL if it has none; and back, TR_DTYPE_NONE if unknown. */
const char *tr__st_dtype_name(enum tr_dtype dtype);
enum tr_dtype tr__st_dtype(const char *name);

/* Parses and checks json[size]; the data after it has data_size bytes and starts at byte data_start of the file.
 * On failure the table is empty. */
int tr__st_parse(struct tr__st_table *table, const char *json, size_t size, size_t data_start, size_t data_size,
		 const struct tr__file_report *r);
void tr__st_table_finish(struct tr__st_table *table);

#endif
