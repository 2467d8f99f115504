/* SPDX-License-Identifier: MIT */
/* npz files: npy arrays in a zip, which libzip reads and writes. Each member is read whole when asked for. */
#include "lib/formats/npy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "lib/context.h"

struct tr_npz {
	zip_t *zip;
	char *path;
	char **name; /* without ".npy" */
	size_t count;
};

/* What libzip's error amounts to here. */
static int status_of(int zip_error)
{
	switch (zip_error) {
	case ZIP_ER_MEMORY:
		return TR_ENOMEM;
	case ZIP_ER_NOZIP:
	case ZIP_ER_INCONS:
	case ZIP_ER_CRC:
	case ZIP_ER_ZLIB:
	case ZIP_ER_EOF:
	case ZIP_ER_COMPNOTSUPP:
	case ZIP_ER_ENCRNOTSUPP:
	case ZIP_ER_NOPASSWD:
	case ZIP_ER_MULTIDISK:
	case ZIP_ER_COMPRESSED_DATA:
		return TR_EFORMAT;
	default:
		return TR_EIO;
	}
}

static int zip_failure(zip_error_t *e, const struct tr__file_report *r)
{
	return tr__file_fail(r, status_of(zip_error_code_zip(e)), "%s", zip_error_strerror(e));
}

static zip_t *open_zip(const char *path, int flags, int *err, const struct tr__file_report *r)
{
	int code = 0;
	zip_t *zip = zip_open(path, flags, &code);
	zip_error_t e;

	*err = 0;
	if (zip)
		return zip;
	zip_error_init_with_code(&e, code);
	*err = zip_failure(&e, r);
	zip_error_fini(&e);
	return NULL;
}

static int list(struct tr_npz *npz, const struct tr__file_report *r)
{
	size_t n = (size_t)zip_get_num_entries(npz->zip, 0);

	npz->name = calloc(n + 1, sizeof(*npz->name));
	if (!npz->name)
		return tr__file_fail(r, TR_ENOMEM, "no memory for its list of names");
	for (; npz->count < n; npz->count++) {
		const char *name = zip_get_name(npz->zip, npz->count, ZIP_FL_ENC_GUESS);
		size_t len = name ? strlen(name) : 0;

		if (len >= 4 && !strcmp(name + len - 4, ".npy"))
			len -= 4;
		npz->name[npz->count] = strndup(name ? name : "", len);
		if (!npz->name[npz->count])
			return tr__file_fail(r, TR_ENOMEM, "no memory for its list of names");
	}
	return 0;
}

int tr_npz_open(struct tr_npz **out, const char *path, char *errbuf, size_t errlen)
{
	const struct tr__file_report r = {.path = path, .buf = errbuf, .len = errlen};
	struct tr_npz *npz = calloc(1, sizeof(*npz));
	int err;

	*out = NULL;
	if (!npz || !(npz->path = strdup(path))) {
		free(npz);
		return tr__file_fail(&r, TR_ENOMEM, "no memory to open it");
	}
	npz->zip = open_zip(path, ZIP_RDONLY | ZIP_CHECKCONS, &err, &r);
	if (!err)
		err = list(npz, &r);
	if (err) {
		tr_npz_close(npz);
		return err;
	}
	*out = npz;
	return 0;
}

void tr_npz_close(struct tr_npz *npz)
{
	if (!npz)
		return;
	for (size_t i = 0; i < npz->count; i++)
		free(npz->name[i]);
	if (npz->zip)
		zip_discard(npz->zip);
	free(npz->name);
	free(npz->path);
	free(npz);
}

size_t tr_npz_count(const struct tr_npz *npz)
{
	return npz->count;
}

const char *tr_npz_name(const struct tr_npz *npz, size_t i)
{
	return i < npz->count ? npz->name[i] : NULL;
}

/* Reads size bytes and checks that there are no more, which makes libzip compare the checksum. */
static int read_whole(zip_file_t *f, unsigned char *buf, size_t size, const struct tr__file_report *r)
{
	unsigned char more;
	size_t at = 0;

	while (at < size) {
		zip_int64_t n = zip_fread(f, buf + at, size - at);

		if (n < 0)
			return zip_failure(zip_file_get_error(f), r);
		if (!n)
			return tr__file_fail(r, TR_EFORMAT, "ends after %zu of its %zu bytes", at, size);
		at += (size_t)n;
	}
	switch (zip_fread(f, &more, 1)) {
	case 0:
		return 0;
	case 1:
		return tr__file_fail(r, TR_EFORMAT, "has more than its %zu bytes", size);
	default:
		return zip_failure(zip_file_get_error(f), r);
	}
}

static int read_member(struct tr_npz *npz, size_t i, unsigned char **data, size_t *size,
		       const struct tr__file_report *r)
{
	zip_file_t *f;
	zip_stat_t st;
	int err;

	*data = NULL;
	if (zip_stat_index(npz->zip, i, 0, &st))
		return zip_failure(zip_get_error(npz->zip), r);
	if (!(st.valid & ZIP_STAT_SIZE) || st.size > PTRDIFF_MAX)
		return tr__file_fail(r, TR_EFORMAT, "its size is not known");
	*size = (size_t)st.size;
	*data = malloc(*size + 1);
	if (!*data)
		return tr__file_fail(r, TR_ENOMEM, "no memory for its %zu bytes", *size);
	f = zip_fopen_index(npz->zip, i, 0);
	err = f ? read_whole(f, *data, *size, r) : zip_failure(zip_get_error(npz->zip), r);
	if (f)
		zip_fclose(f);
	return err;
}

struct tr_tensor *tr_npz_load(struct tr_npz *npz, struct tr_context *ctx, const char *name)
{
	char quoted[TR__FILE_QUOTED], why[256] = "";
	const struct tr__file_report r = {.path = tr__file_quote(quoted, name), .buf = why, .len = sizeof(why)};
	unsigned char *data;
	struct tr__npy h;
	size_t i = 0, size = 0;
	int err;

	while (i < npz->count && strcmp(npz->name[i], name))
		i++;
	if (i == npz->count) {
		tr__fail(ctx, TR_EINVAL, "npz_load: no array %s in %s", quoted, npz->path);
		return NULL;
	}
	err = read_member(npz, i, &data, &size, &r);
	if (!err)
		err = tr__npy_parse(&h, data, size, &r);
	if (!err)
		return tr__npy_tensor(ctx, &h, data, free, data);
	free(data);
	tr__fail(ctx, (enum tr_status)-err, "npz_load: %s: %s", npz->path, why);
	return NULL;
}

/* What a member is made of until the zip is written: its header, and its elements if they could not be used in place. */
struct member {
	char header[TR__NPY_HEADER];
	void *copy;
};

/* The elements of t in C order: where they lie, or in a copy. NULL for lack of memory or a failure of the work. */
static const void *elements(struct tr_tensor *t, size_t bytes, struct member *m, int *err)
{
	*err = 0;
	if (!bytes)
		return m;
	if (tr_is_contiguous(t)) {
		const void *data = tr_data_const(t);

		if (!data)
			*err = tr_error(tr_context_of(t)) ? tr_error(tr_context_of(t)) : -TR_EDEVICE;
		return data;
	}
	m->copy = malloc(bytes);
	*err = m->copy ? tr_read(t, m->copy, bytes) : -TR_ENOMEM;
	return *err ? NULL : m->copy;
}

static int add_source(zip_t *zip, const char *file, zip_source_t *source, unsigned flags, const struct tr__file_report *r)
{
	zip_int64_t at = source ? zip_file_add(zip, file, source, ZIP_FL_ENC_UTF_8) : -1;

	if (at < 0) {
		zip_error_t *e = zip_get_error(zip);

		if (source)
			zip_source_free(source);
		if (zip_error_code_zip(e) == ZIP_ER_EXISTS)
			return tr__file_fail(r, TR_EINVAL, "the name is given twice");
		if (zip_error_code_zip(e) == ZIP_ER_INVAL)
			return tr__file_fail(r, TR_EINVAL, "the name is not UTF-8");
		return zip_failure(e, r);
	}
	/* a date of its own would make equal data unequal files; NumPy writes the zip format's first day too */
	if (zip_file_set_dostime(zip, (zip_uint64_t)at, 0, 1 << 5 | 1, 0) ||
	    zip_set_file_compression(zip, (zip_uint64_t)at, flags & TR_NPZ_COMPRESSED ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0))
		return zip_failure(zip_get_error(zip), r);
	return 0;
}

static int add(zip_t *zip, const char *name, struct tr_tensor *t, struct member *m, unsigned flags,
	       const struct tr__file_report *r)
{
	size_t bytes = (size_t)tr_numel(t) * tr_dtype_size(tr_dtype_of(t)), len = strlen(name) + sizeof(".npy");
	struct tr_tensor *v = tr__npy_fortran(t);
	size_t head = tr__npy_header(m->header, tr_dtype_of(t), v != NULL, tr_ndim(t), tr_shape(t));
	zip_buffer_fragment_t part[2] = {{(zip_uint8_t *)m->header, head}, {NULL, bytes}};
	char *file;
	int err;

	part[1].data = (zip_uint8_t *)elements(v ? v : t, bytes, m, &err);
	tr_free(v);
	if (!head)
		return tr__file_fail(r, TR_EDTYPE, "the format has no %s", tr_dtype_name(tr_dtype_of(t)));
	if (err)
		return tr__file_fail(r, -err, "its elements cannot be read");
	file = malloc(len);
	if (!file)
		return tr__file_fail(r, TR_ENOMEM, "no memory for its name");
	memcpy(file, name, len - sizeof(".npy"));
	memcpy(file + len - sizeof(".npy"), ".npy", sizeof(".npy"));
	err = add_source(zip, file, zip_source_buffer_fragment(zip, part, bytes ? 2 : 1, 0), flags, r);
	free(file);
	return err;
}

static int write_zip(zip_t *zip, struct member *m, const char *const *names, struct tr_tensor *const *tensors, size_t n,
		     unsigned flags, char *errbuf, size_t errlen)
{
	char quoted[TR__FILE_QUOTED];
	int err = 0;

	for (size_t i = 0; !err && i < n; i++) {
		const struct tr__file_report r = {.path = tr__file_quote(quoted, names[i] ? names[i] : ""),
						  .buf = errbuf, .len = errlen};

		err = names[i] && tensors[i] ? add(zip, names[i], tensors[i], &m[i], flags, &r)
					     : tr__file_fail(&r, TR_EINVAL, "tensor %zu has no name, or is NULL", i);
	}
	return err;
}

int tr_npz_save(const char *path, const char *const *names, struct tr_tensor *const *tensors, size_t n, unsigned flags,
		char *errbuf, size_t errlen)
{
	const struct tr__file_report r = {.path = path, .buf = errbuf, .len = errlen};
	struct member *m = calloc(n + 1, sizeof(*m));
	zip_t *zip = NULL;
	int err = 0;

	if (!m)
		return tr__file_fail(&r, TR_ENOMEM, "no memory for %zu headers", n);
	zip = open_zip(path, ZIP_CREATE | ZIP_TRUNCATE, &err, &r);
	if (!err)
		err = write_zip(zip, m, names, tensors, n, flags, errbuf, errlen);
	if (!err && zip_close(zip))
		err = zip_failure(zip_get_error(zip), &r);
	else if (!err)
		zip = NULL;
	if (zip)
		zip_discard(zip);
	for (size_t i = 0; i < n; i++)
		free(m[i].copy);
	free(m);
	return err;
}
