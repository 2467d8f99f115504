/* SPDX-License-Identifier: MIT */
/*
 * Reading safetensors files: the mapping, look-ups, and tensors over it. What makes a header valid is
 * safetensors_header.c's business.
 */
#include "lib/formats/safetensors.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/context.h"

/* Shared by the open file and every tensor over it, in whatever thread; the last one unmaps. */
struct mapping {
	atomic_size_t refs;
	unsigned char *addr;
	size_t size;
};

struct tr_safetensors {
	struct tr__st_table table;
	struct mapping *map;
	unsigned char *data;
};

static void mapping_drop(void *user)
{
	struct mapping *m = user;

	if (!m || atomic_fetch_sub_explicit(&m->refs, 1, memory_order_acq_rel) != 1)
		return;
	munmap(m->addr, m->size);
	free(m);
}

/* A regular file of at least a length field, small enough to map. */
static int measure(int fd, size_t *size, const struct tr__st_report *r)
{
	struct stat st;

	if (fstat(fd, &st))
		return tr__st_fail(r, TR_EIO, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return tr__st_fail(r, TR_EIO, "not a regular file");
	if (st.st_size < (off_t)TR__ST_PREFIX)
		return tr__st_fail(r, TR_EFORMAT, "%lld bytes are too few for a safetensors file",
				   (long long)st.st_size);
	if ((uintmax_t)st.st_size > PTRDIFF_MAX)
		return tr__st_fail(r, TR_EFORMAT, "%lld bytes do not fit the address space", (long long)st.st_size);
	*size = (size_t)st.st_size;
	return 0;
}

/* On failure *out is NULL. */
static int map_fd(struct mapping **out, int fd, const struct tr__st_report *r)
{
	struct mapping *m;
	size_t size = 0;
	void *addr;
	int err = measure(fd, &size, r);

	*out = NULL;
	if (err)
		return err;
	m = malloc(sizeof(*m));
	if (!m)
		return tr__st_fail(r, TR_ENOMEM, "no memory to map it");
	addr = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (addr == MAP_FAILED) {
		free(m);
		return tr__st_fail(r, TR_EIO, "cannot be mapped: %s", strerror(errno));
	}
	atomic_init(&m->refs, 1);
	m->addr = addr;
	m->size = size;
	*out = m;
	return 0;
}

static int map_file(struct mapping **out, const struct tr__st_report *r)
{
	int err, fd = open(r->path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return tr__st_fail(r, TR_EIO, "%s", strerror(errno));
	err = map_fd(out, fd, r);
	close(fd);
	return err;
}

static uint64_t load_le64(const unsigned char *p)
{
	uint64_t v = 0;

	for (int i = 7; i >= 0; i--)
		v = v << 8 | p[i];
	return v;
}

static int parse(struct tr_safetensors *st, const struct tr__st_report *r)
{
	const struct mapping *m = st->map;
	uint64_t header = load_le64(m->addr);
	size_t rest = m->size - TR__ST_PREFIX;

	if (header > TR__ST_HEADER_MAX)
		return tr__st_fail(r, TR_EFORMAT, "the header claims %llu bytes; at most %u are allowed",
				   (unsigned long long)header, TR__ST_HEADER_MAX);
	if (header > rest)
		return tr__st_fail(r, TR_EFORMAT, "the header claims %llu bytes but only %zu follow; truncated?",
				   (unsigned long long)header, rest);
	st->data = m->addr + TR__ST_PREFIX + header;
	return tr__st_parse(&st->table, (const char *)m->addr + TR__ST_PREFIX, (size_t)header,
			    TR__ST_PREFIX + (size_t)header, rest - (size_t)header, r);
}

int tr_safetensors_open(struct tr_safetensors **out, const char *path, char *errbuf, size_t errlen)
{
	const struct tr__st_report r = {.path = path, .buf = errbuf, .len = errlen};
	struct tr_safetensors *st;
	int err;

	*out = NULL;
	st = calloc(1, sizeof(*st));
	if (!st)
		return tr__st_fail(&r, TR_ENOMEM, "no memory to open it");
	err = map_file(&st->map, &r);
	if (st->map)
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
	mapping_drop(st->map);
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
	struct mapping *m = st->map;
	char quoted[TR__ST_QUOTED];
	struct tr_tensor *t;

	if (!e) {
		tr__fail(ctx, TR_EINVAL, "safetensors: no tensor %s in the file", tr__st_quote(quoted, name));
		return NULL;
	}
	if (e->begin == e->end) /* an address past the last element may not be aligned, nor mapped */
		return tr_empty(ctx, e->dtype, e->ndim, e->shape);
	atomic_fetch_add_explicit(&m->refs, 1, memory_order_relaxed);
	t = tr_borrow(ctx, e->dtype, e->ndim, e->shape, st->data + e->begin, TR_BORROW_CONST, mapping_drop, m);
	if (!t)
		mapping_drop(m);
	return t;
}
