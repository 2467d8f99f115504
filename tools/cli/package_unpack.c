/* SPDX-License-Identifier: MIT */
/* Unpacks a folder of a zip. Trusts none of its names: an entry can only ever be made below the folder given. */
#include "tools/cli/package.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

/* Relative, of non-empty parts other than "." and "..", without backslashes; a folder's ends with a slash. */
static bool is_safe(const char *name)
{
	const char *part = name;

	if (!*name || strchr(name, '\\'))
		return false;
	while (*part) {
		size_t len = strcspn(part, "/");

		if (!len || (len == 1 && part[0] == '.') || (len == 2 && part[0] == '.' && part[1] == '.'))
			return false;
		part += len;
		part += *part == '/';
	}
	return true;
}

/* The folders that lead to path's last part, below the first skip bytes. */
static int make_parents(char *path, size_t skip)
{
	int err = 0;

	for (char *s = strchr(path + skip, '/'); !err && s; s = strchr(s + 1, '/')) {
		*s = 0;
		if (mkdir(path, 0777) && errno != EEXIST)
			err = errno;
		*s = '/';
	}
	return err;
}

static int copy_out(zip_file_t *from, int fd, const char *path)
{
	char block[65536];
	zip_int64_t n;

	while ((n = zip_fread(from, block, sizeof(block))) > 0)
		for (zip_int64_t at = 0; at < n;) {
			ssize_t put = write(fd, block + at, (size_t)(n - at));

			if (put < 0 && errno != EINTR)
				return fail(EXIT_RUNTIME, "%s: %s", path, strerror(errno));
			at += put > 0 ? put : 0;
		}
	return n < 0 ? fail(EXIT_RUNTIME, "%s: %s", path, zip_file_strerror(from)) : 0;
}

static int unpack_file(zip_t *zip, zip_uint64_t i, const char *path)
{
	zip_file_t *from = zip_fopen_index(zip, i, 0);
	int fd, code;

	if (!from)
		return fail(EXIT_RUNTIME, "%s: %s", path, zip_strerror(zip));
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd < 0) {
		code = fail(EXIT_RUNTIME, "%s: %s", path, strerror(errno));
	} else {
		code = copy_out(from, fd, path);
		if (close(fd) && !code)
			code = fail(EXIT_RUNTIME, "%s: %s", path, strerror(errno));
	}
	zip_fclose(from);
	return code;
}

static int unpack_entry(zip_t *zip, zip_uint64_t i, const char *name, const char *folder)
{
	size_t len = strlen(name);
	char *path;
	int err, code = 0;

	if (!is_safe(name))
		return fail(EXIT_RUNTIME, "the entry \"%s\" would leave its folder; nothing is used", name);
	path = join_path(folder, name);
	if (!path)
		return EXIT_RUNTIME;
	err = make_parents(path, strlen(folder) + 1);
	if (err)
		code = fail(EXIT_RUNTIME, "%s: %s", path, strerror(err));
	else if (name[len - 1] != '/')
		code = unpack_file(zip, i, path);
	free(path);
	return code;
}

int package_unpack(const char *path, const char *prefix, const char *folder)
{
	size_t skip = strlen(prefix), files = 0;
	int zip_err = 0, code = 0;
	zip_t *zip = zip_open(path, ZIP_RDONLY | ZIP_CHECKCONS, &zip_err);
	zip_int64_t n;

	if (!zip) {
		zip_error_t why;

		zip_error_init_with_code(&why, zip_err);
		code = fail(EXIT_RUNTIME, "%s: %s", path, zip_error_strerror(&why));
		zip_error_fini(&why);
		return code;
	}
	n = zip_get_num_entries(zip, 0);
	for (zip_int64_t i = 0; !code && i < n; i++) {
		const char *name = zip_get_name(zip, (zip_uint64_t)i, ZIP_FL_ENC_GUESS);

		if (!name || strncmp(name, prefix, skip) || !name[skip])
			continue;
		code = unpack_entry(zip, (zip_uint64_t)i, name + skip, folder);
		files++;
	}
	zip_discard(zip);
	if (!code && !files)
		code = fail(EXIT_RUNTIME, "%s: has no folder %s", path, prefix);
	return code;
}
