/* SPDX-License-Identifier: MIT */
/*
 * What readers and writers of files share: one-line reasons, mapped files, and files that appear complete or not at
 * all. Knows no format.
 */
#ifndef TR_LIB_FORMATS_FILE_H
#define TR_LIB_FORMATS_FILE_H

#include <stdatomic.h>

#include <trueno/tensor.h>

/* Where a reason goes, and the file it is about. */
struct tr__file_report {
	const char *path;
	char *buf; /* may be NULL */
	size_t len;
};

/* Puts "path: reason" in the buffer and returns -status. */
int tr__file_fail(const struct tr__file_report *r, int status, const char *fmt, ...) TR_PRINTF(3, 4);

/* A name fit for a one-line message: in quotes, control characters as '?', cut with "…" when long. Returns buf. */
#define TR__FILE_QUOTED 112
const char *tr__file_quote(char buf[TR__FILE_QUOTED], const char *name);

/* A whole file in memory, shared by whatever holds a reference, in whatever thread; the last one unmaps. Writing
 * to a writable one changes this process's pages only. */
struct tr__mapping {
	atomic_size_t refs;
	unsigned char *addr;
	size_t size;
};

/* Maps a regular file of at least least bytes; what names its format for messages. On failure *out is NULL. */
int tr__mapping_open(struct tr__mapping **out, bool writable, size_t least, const char *what,
		     const struct tr__file_report *r);
struct tr__mapping *tr__mapping_ref(struct tr__mapping *m);
void tr__mapping_drop(void *mapping); /* NULL allowed; the signature of a release callback */

/* A file being written beside the one it will replace. */
struct tr__output {
	const struct tr__file_report *report;
	char *temp;
	int fd;
};

int tr__output_begin(struct tr__output *o, const struct tr__file_report *r);
int tr__output_write(struct tr__output *o, const void *data, size_t size);

/* A tensor's elements in C order; name is for messages. */
int tr__output_tensor(struct tr__output *o, struct tr_tensor *t, const char *name);

/* Puts the file in place, or removes it if err is not 0. Returns err, or what went wrong now. */
int tr__output_end(struct tr__output *o, int err);

#endif
