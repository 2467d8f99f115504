/* SPDX-License-Identifier: MIT */
/*
 * The pipeline cache's file, ${XDG_CACHE_HOME:-$HOME/.cache}/trueno/vk/<driver>-<shaders>. It may be missing, stale,
 * cut short or somebody else's: whatever fails here only costs time, so nothing reports an error.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vk/vk.h"

#define MAX_FILE ((size_t)256 << 20)

struct header {
	char magic[8];
	uint64_t size, hash; /* of what follows */
};

static const char magic[8] = "trvk\0\0\1";

/* The folder, made if make; false if there is no home for it or the path is too long. */
static bool folder(char *path, size_t len, bool make)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	int n;

	if (cache && *cache == '/')
		n = snprintf(path, len, "%s/trueno/vk", cache);
	else if (home && *home == '/')
		n = snprintf(path, len, "%s/.cache/trueno/vk", home);
	else
		return false;
	if (n < 0 || (size_t)n >= len)
		return false;
	for (char *p = path + 1; make && (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(path, 0700);
		*p = '/';
	}
	if (make)
		mkdir(path, 0700);
	return true;
}

static bool file_path(const struct tr_vk_gpu *gpu, uint64_t version, char *path, size_t len, bool make)
{
	size_t n;

	if (!folder(path, len, make))
		return false;
	n = strlen(path);
	if (len - n < 2 * VK_UUID_SIZE + 32)
		return false;
	path[n++] = '/';
	for (size_t i = 0; i < VK_UUID_SIZE; i++)
		n += (size_t)sprintf(path + n, "%02x", gpu->cache_uuid[i]);
	sprintf(path + n, "-%016llx", (unsigned long long)version);
	return true;
}

static bool read_all(int fd, void *data, size_t size)
{
	char *p = data;

	while (size) {
		ssize_t n = read(fd, p, size);

		if (n <= 0)
			return false;
		p += n;
		size -= (size_t)n;
	}
	return true;
}

static bool write_all(int fd, const void *data, size_t size)
{
	const char *p = data;

	while (size) {
		ssize_t n = write(fd, p, size);

		if (n <= 0)
			return false;
		p += n;
		size -= (size_t)n;
	}
	return true;
}

void *tr__vk_disk_read(const struct tr_vk_gpu *gpu, uint64_t version, size_t *size)
{
	char path[4096];
	struct header h;
	void *data = NULL;
	int fd;

	*size = 0;
	if (!file_path(gpu, version, path, sizeof(path), false))
		return NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	if (read_all(fd, &h, sizeof(h)) && !memcmp(h.magic, magic, sizeof(magic)) && h.size && h.size <= MAX_FILE)
		data = malloc((size_t)h.size);
	if (data && (!read_all(fd, data, (size_t)h.size) || tr__vk_hash(data, (size_t)h.size) != h.hash)) {
		free(data);
		data = NULL;
	}
	close(fd);
	*size = data ? (size_t)h.size : 0;
	return data;
}

/* Under another name first, so that a reader sees all of it or none. */
void tr__vk_disk_write(const struct tr_vk_gpu *gpu, uint64_t version, const void *data, size_t size)
{
	struct header h = {.size = size, .hash = tr__vk_hash(data, size)};
	char path[4096], temporary[4096 + 8];
	bool written;
	int fd;

	memcpy(h.magic, magic, sizeof(magic));
	if (size > MAX_FILE || !file_path(gpu, version, path, sizeof(path), true))
		return;
	snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
	fd = mkstemp(temporary);
	if (fd < 0)
		return;
	written = write_all(fd, &h, sizeof(h)) && write_all(fd, data, size);
	if (close(fd) || !written || rename(temporary, path))
		unlink(temporary);
}
