/* SPDX-License-Identifier: MIT */
/* Files that appear complete or not at all: written beside the path, synced, renamed. Reads tensors through the
 * public calls only. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/formats/file.h"

/* Named so that neither another thread nor a process left behind can own it. */
static int create_beside(struct tr__output *o, size_t len)
{
	static atomic_uint serial;

	do {
		unsigned id = atomic_fetch_add_explicit(&serial, 1, memory_order_relaxed);

		snprintf(o->temp, len, "%s.%ld.%u.tmp", o->report->path, (long)getpid(), id);
		o->fd = open(o->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	} while (o->fd < 0 && errno == EEXIST);
	return o->fd < 0 ? tr__file_fail(o->report, TR_EIO, "cannot create a file beside it: %s", strerror(errno)) : 0;
}

int tr__output_begin(struct tr__output *o, const struct tr__file_report *r)
{
	size_t len = strlen(r->path) + 48;
	int err;

	o->report = r;
	o->fd = -1;
	o->temp = malloc(len);
	if (!o->temp)
		return tr__file_fail(r, TR_ENOMEM, "no memory for a file name");
	err = create_beside(o, len);
	if (err)
		free(o->temp);
	return err;
}

int tr__output_write(struct tr__output *o, const void *data, size_t size)
{
	const char *p = data;

	while (size) {
		ssize_t n = write(o->fd, p, size);

		if (n < 0 && errno != EINTR)
			return tr__file_fail(o->report, TR_EIO, "%s", strerror(errno));
		if (n > 0) {
			p += n;
			size -= (size_t)n;
		}
	}
	return 0;
}

int tr__output_tensor(struct tr__output *o, struct tr_tensor *t, const char *name)
{
	size_t size = (size_t)tr_numel(t) * tr_dtype_size(tr_dtype_of(t));
	char quoted[TR__FILE_QUOTED];
	const void *data;
	void *copy;
	int err;

	if (!size)
		return 0;
	if (tr_is_contiguous(t)) {
		data = tr_data_const(t);
		if (data)
			return tr__output_write(o, data, size);
		err = tr_error(tr_context_of(t));
		return tr__file_fail(o->report, err ? -err : TR_EDEVICE, "tensor %s has no data", tr__file_quote(quoted, name));
	}
	copy = malloc(size);
	if (!copy)
		return tr__file_fail(o->report, TR_ENOMEM, "no memory for tensor %s", tr__file_quote(quoted, name));
	err = tr_read(t, copy, size);
	err = err ? tr__file_fail(o->report, -err, "tensor %s cannot be read", tr__file_quote(quoted, name))
		  : tr__output_write(o, copy, size);
	free(copy);
	return err;
}

int tr__output_end(struct tr__output *o, int err)
{
	if (!err && fsync(o->fd))
		err = tr__file_fail(o->report, TR_EIO, "%s", strerror(errno));
	if (close(o->fd) && !err)
		err = tr__file_fail(o->report, TR_EIO, "%s", strerror(errno));
	if (!err && rename(o->temp, o->report->path))
		err = tr__file_fail(o->report, TR_EIO, "cannot be put in place: %s", strerror(errno));
	if (err)
		unlink(o->temp);
	free(o->temp);
	return err;
}
