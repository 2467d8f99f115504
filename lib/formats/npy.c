/* SPDX-License-Identifier: MIT */
/* npy files: one array, mapped or written; and the tensors over an array's bytes that npz files need too. What makes a
 * header valid is npy_header.c's business. */
#include "lib/formats/npy.h"

#include <stdlib.h>
#include <string.h>

#include "lib/context.h"

/* Reverses the bytes of n units of size bytes. */
static void swap_bytes(unsigned char *p, size_t n, size_t size)
{
	for (; n; n--, p += size)
		for (size_t i = 0; i < size / 2; i++) {
			unsigned char c = p[i];

			p[i] = p[size - 1 - i];
			p[size - 1 - i] = c;
		}
}

static bool all_bool(const unsigned char *p, size_t n)
{
	unsigned char any = 0;

	for (size_t i = 0; i < n; i++)
		any |= p[i];
	return any <= 1;
}

static void put_right(const struct tr__npy *h, unsigned char *p)
{
	size_t unit = tr_dtype_size(h->dtype);

	if (h->dtype == TR_BOOL)
		for (size_t i = 0; i < h->bytes; i++)
			p[i] = p[i] != 0;
	if (h->dtype == TR_C64 || h->dtype == TR_C128)
		unit /= 2;
	if (h->swap)
		swap_bytes(p, h->bytes / unit, unit);
}

/* The same elements where they can be used: file's own, or a copy that takes its place as what release frees. */
static unsigned char *usable(struct tr_context *ctx, const struct tr__npy *h, unsigned char *file,
			     void (**release)(void *user), void **user)
{
	unsigned char *data = file + h->data, *copy;

	if ((uintptr_t)data % tr_dtype_size(h->dtype) == 0 && !h->swap && (h->dtype != TR_BOOL || all_bool(data, h->bytes)))
		return data;
	copy = malloc(h->bytes);
	if (copy) {
		memcpy(copy, data, h->bytes);
		put_right(h, copy);
	} else {
		tr__fail(ctx, TR_ENOMEM, "npy: no memory for a copy of %zu bytes", h->bytes);
	}
	(*release)(*user);
	*release = free;
	*user = copy;
	return copy;
}

static void reverse(int64_t *to, const int64_t *from, int n)
{
	for (int i = 0; i < n; i++)
		to[i] = from[n - 1 - i];
}

struct tr_tensor *tr__npy_fortran(struct tr_tensor *t)
{
	struct tr_tensor *v = tr_is_contiguous(t) ? NULL : tr_permute(t, NULL);

	if (!v || tr_is_contiguous(v))
		return v;
	tr_free(v);
	return NULL;
}

struct tr_tensor *tr__npy_tensor(struct tr_context *ctx, const struct tr__npy *h, unsigned char *file,
				 void (*release)(void *user), void *user)
{
	int64_t shape[TR_MAX_RANK];
	struct tr_tensor *t = NULL, *v;
	unsigned char *data;

	if (!h->bytes) {
		release(user);
		return tr_empty(ctx, h->dtype, h->ndim, h->shape);
	}
	data = usable(ctx, h, file, &release, &user);
	memcpy(shape, h->shape, sizeof(shape));
	if (h->fortran)
		reverse(shape, h->shape, h->ndim);
	if (data)
		t = tr_borrow(ctx, h->dtype, h->ndim, shape, data, 0, release, user);
	if (!t)
		release(user);
	if (!t || !h->fortran || h->ndim < 2)
		return t;
	v = tr_permute(t, NULL);
	tr_free(t);
	return v;
}

struct tr_tensor *tr_npy_load(struct tr_context *ctx, const char *path)
{
	char why[256] = "";
	const struct tr__file_report r = {.path = path, .buf = why, .len = sizeof(why)};
	struct tr__mapping *map;
	struct tr__npy h;
	int err = tr__mapping_open(&map, true, TR__NPY_LEAST, "npy", &r);

	if (!err)
		err = tr__npy_parse(&h, map->addr, map->size, &r);
	if (!err)
		return tr__npy_tensor(ctx, &h, map->addr, tr__mapping_drop, map);
	tr__mapping_drop(map);
	tr__fail(ctx, (enum tr_status)-err, "npy_load: %s", why);
	return NULL;
}

static int save(struct tr_tensor *t, const struct tr__file_report *r)
{
	struct tr_tensor *v = tr__npy_fortran(t);
	char header[TR__NPY_HEADER];
	size_t length = tr__npy_header(header, tr_dtype_of(t), v != NULL, tr_ndim(t), tr_shape(t));
	struct tr__output o;
	int err;

	if (length)
		err = tr__output_begin(&o, r);
	else
		err = tr__file_fail(r, TR_EDTYPE, "the format has no %s", tr_dtype_name(tr_dtype_of(t)));
	if (!err) {
		err = tr__output_write(&o, header, length);
		if (!err)
			err = tr__output_tensor(&o, v ? v : t, "");
		err = tr__output_end(&o, err);
	}
	tr_free(v);
	return err;
}

int tr_npy_save(const char *path, struct tr_tensor *t)
{
	char why[256] = "";
	const struct tr__file_report r = {.path = path, .buf = why, .len = sizeof(why)};
	int err;

	if (!t)
		return -TR_EINVAL;
	err = save(t, &r);
	if (err)
		tr__fail(tr_context_of(t), (enum tr_status)-err, "npy_save: %s", why);
	return err;
}
