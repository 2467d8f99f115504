/* SPDX-License-Identifier: MIT */
/* Files mapped whole, and the reasons why one could not be. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/formats/file.h"

int tr__file_fail(const struct tr__file_report *r, int status, const char *fmt, ...)
{
	va_list args;
	int used;

	if (r->buf && r->len) {
		used = snprintf(r->buf, r->len, "%s: ", r->path);
		if (used >= 0 && (size_t)used < r->len) {
			va_start(args, fmt);
			vsnprintf(r->buf + used, r->len - (size_t)used, fmt, args);
			va_end(args);
		}
	}
	return -status;
}

const char *tr__file_quote(char buf[TR__FILE_QUOTED], const char *name)
{
	static const char more[] = "\xe2\x80\xa6\"";
	const size_t room = TR__FILE_QUOTED - 1 - sizeof(more);
	size_t i;

	buf[0] = '"';
	for (i = 0; i < room && name[i]; i++)
		buf[i + 1] = (unsigned char)name[i] < 0x20 || name[i] == 0x7f ? '?' : name[i];
	if (!name[i]) {
		memcpy(buf + i + 1, "\"", 2);
		return buf;
	}
	while (i && ((unsigned char)name[i] & 0xc0) == 0x80) /* cut between characters */
		i--;
	memcpy(buf + i + 1, more, sizeof(more));
	return buf;
}

static int measure(int fd, size_t least, const char *what, size_t *size, const struct tr__file_report *r)
{
	struct stat st;

	if (fstat(fd, &st))
		return tr__file_fail(r, TR_EIO, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return tr__file_fail(r, TR_EIO, "not a regular file");
	if ((uintmax_t)st.st_size < least)
		return tr__file_fail(r, TR_EFORMAT, "%lld bytes are too few for a %s file", (long long)st.st_size, what);
	if ((uintmax_t)st.st_size > PTRDIFF_MAX)
		return tr__file_fail(r, TR_EFORMAT, "%lld bytes do not fit the address space", (long long)st.st_size);
	*size = (size_t)st.st_size;
	return 0;
}

static int map_fd(struct tr__mapping **out, int fd, bool writable, size_t size, const struct tr__file_report *r)
{
	struct tr__mapping *m = malloc(sizeof(*m));
	void *addr;

	if (!m)
		return tr__file_fail(r, TR_ENOMEM, "no memory to map it");
	addr = mmap(NULL, size, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_PRIVATE, fd, 0);
	if (addr == MAP_FAILED) {
		free(m);
		return tr__file_fail(r, TR_EIO, "cannot be mapped: %s", strerror(errno));
	}
	atomic_init(&m->refs, 1);
	m->addr = addr;
	m->size = size;
	*out = m;
	return 0;
}

int tr__mapping_open(struct tr__mapping **out, bool writable, size_t least, const char *what,
		     const struct tr__file_report *r)
{
	int err, fd = open(r->path, O_RDONLY | O_CLOEXEC);
	size_t size = 0;

	*out = NULL;
	if (fd < 0)
		return tr__file_fail(r, TR_EIO, "%s", strerror(errno));
	err = measure(fd, least, what, &size, r);
	if (!err)
		err = map_fd(out, fd, writable, size, r);
	close(fd);
	return err;
}

struct tr__mapping *tr__mapping_ref(struct tr__mapping *m)
{
	atomic_fetch_add_explicit(&m->refs, 1, memory_order_relaxed);
	return m;
}

void tr__mapping_drop(void *mapping)
{
	struct tr__mapping *m = mapping;

	if (!m || atomic_fetch_sub_explicit(&m->refs, 1, memory_order_acq_rel) != 1)
		return;
	munmap(m->addr, m->size);
	free(m);
}
