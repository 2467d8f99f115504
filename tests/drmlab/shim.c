/* SPDX-License-Identifier: MIT */
/*
 * /dev/udmabuf for a QEMU whose kernel has none, preloaded: QEMU asks it to make a dma-buf of the guest's memory, which is a
 * memfd already, and all that is done with the buffer here works on the memfd as well. Nothing else is touched.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/udmabuf.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static bool is_udmabuf(const char *path)
{
	return path && !strcmp(path, "/dev/udmabuf");
}

static void *next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

/* The mode, where the flags say that there is one. */
#define MODE_OF(flags) \
	({ \
		va_list ap; \
		int mode = 0; \
		va_start(ap, flags); \
		if (flags & (O_CREAT | __O_TMPFILE)) \
			mode = va_arg(ap, int); \
		va_end(ap); \
		mode; \
	})

int open(const char *path, int flags, ...)
{
	int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))next("open");
	int mode = MODE_OF(flags);

	return is_udmabuf(path) ? memfd_create("udmabuf", MFD_CLOEXEC) : real(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))next("open64");
	int mode = MODE_OF(flags);

	return is_udmabuf(path) ? memfd_create("udmabuf", MFD_CLOEXEC) : real(path, flags, mode);
}

int access(const char *path, int mode)
{
	int (*real)(const char *, int) = (int (*)(const char *, int))next("access");

	return is_udmabuf(path) ? 0 : real(path, mode);
}

/* Making the buffer gives the memfd once more; and a memfd needs no synchronisation. */
int ioctl(int fd, unsigned long request, ...)
{
	int (*real)(int, unsigned long, ...) = (int (*)(int, unsigned long, ...))next("ioctl");
	void *arg;
	va_list ap;
	int r;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if ((unsigned)request == (unsigned)UDMABUF_CREATE)
		return fcntl((int)((struct udmabuf_create *)arg)->memfd, F_DUPFD_CLOEXEC, 0);
	r = real(fd, request, arg);
	return r < 0 && (unsigned)request == (unsigned)DMA_BUF_IOCTL_SYNC ? 0 : r;
}
