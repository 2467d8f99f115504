/* SPDX-License-Identifier: MIT */
/*
 * How many CPUs the process may keep busy: affinity mask, control-group quota. Reads /proc and the cgroup file
 * systems; starts no thread.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/pool.h"

#define PATH_SIZE 4096
#define LINE_SIZE (2 * PATH_SIZE + 512)

/* One hierarchy that may limit CPU time: version 2, or version 1's cpu controller. */
struct hierarchy {
	bool v2;
	char group[PATH_SIZE]; /* the process's group in it, from /proc/self/cgroup; "" if there is none */
};

/* Whether the comma-separated list holds word. */
static bool list_has(const char *list, const char *word)
{
	size_t n = strlen(word);

	while (list) {
		if (!strncmp(list, word, n) && (list[n] == '\0' || list[n] == ',' || list[n] == '\n'))
			return true;
		list = strchr(list, ',');
		if (list)
			list++;
	}
	return false;
}

/* Copies up to the end of the line; leaves "" if it does not fit. */
static void copy_line(char *dst, size_t size, const char *src)
{
	size_t n = strcspn(src, "\n");

	if (n >= size)
		n = 0;
	memcpy(dst, src, n);
	dst[n] = '\0';
}

/* Lines are "number:controllers:path"; version 2 has number 0 and no controllers. */
static void read_groups(const char *path, struct hierarchy *v2, struct hierarchy *v1)
{
	char line[LINE_SIZE];
	FILE *f = fopen(path, "re");

	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		char *controllers = strchr(line, ':');
		char *group = controllers ? strchr(controllers + 1, ':') : NULL;

		if (!group)
			continue;
		*group++ = '\0';
		controllers++;
		if (!strncmp(line, "0:", 2) && !*controllers)
			copy_line(v2->group, sizeof(v2->group), group);
		else if (list_has(controllers, "cpu"))
			copy_line(v1->group, sizeof(v1->group), group);
	}
	fclose(f);
}

static bool read_text(const char *dir, const char *name, char *text, size_t size)
{
	char path[PATH_SIZE + 64];
	int len = snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f;
	bool ok;

	if (len < 0 || (size_t)len >= sizeof(path))
		return false;
	f = fopen(path, "re");
	if (!f)
		return false;
	ok = fgets(text, (int)size, f) != NULL;
	fclose(f);
	return ok;
}

/* CPUs' worth of time the group at dir grants, rounded up; 0 for no limit. */
static unsigned group_quota(const char *dir, bool v2)
{
	char text[64], text2[64];
	long long quota, period;

	if (v2) {
		/* "max 100000" does not scan as two numbers */
		if (!read_text(dir, "cpu.max", text, sizeof(text)) ||
		    sscanf(text, "%lld %lld", &quota, &period) != 2)
			return 0;
	} else {
		if (!read_text(dir, "cpu.cfs_quota_us", text, sizeof(text)) ||
		    !read_text(dir, "cpu.cfs_period_us", text2, sizeof(text2)) ||
		    sscanf(text, "%lld", &quota) != 1 || sscanf(text2, "%lld", &period) != 1)
			return 0;
	}
	if (quota <= 0 || period <= 0)
		return 0;
	quota = (quota - 1) / period + 1;
	return quota > TR_POOL_THREADS ? TR_POOL_THREADS : (unsigned)quota;
}

static unsigned least(unsigned a, unsigned b)
{
	if (!a || !b)
		return a + b;
	return a < b ? a : b;
}

/* The tightest quota from the process's group up to where the hierarchy is mounted. */
static unsigned mount_quota(const char *root, const char *mount, const struct hierarchy *h)
{
	char dir[PATH_SIZE];
	size_t base = strlen(mount), skip = strcmp(root, "/") ? strlen(root) : 0;
	const char *below = h->group;
	unsigned quota = 0;

	/* A container sees a part of the hierarchy mounted; a group outside of it is the mount itself. */
	if (skip)
		below = strncmp(below, root, skip) ? "" : below + skip;
	if (base + strlen(below) >= sizeof(dir))
		return 0;
	memcpy(dir, mount, base);
	memcpy(dir + base, below, strlen(below) + 1);
	for (;;) {
		char *slash;

		quota = least(quota, group_quota(dir, h->v2));
		slash = strrchr(dir + base, '/');
		if (!slash)
			return quota;
		*slash = '\0';
	}
}

unsigned tr__cpus_quota(const char *cgroup_path, const char *mountinfo_path)
{
	struct hierarchy v2 = { .v2 = true }, v1 = { .v2 = false };
	char line[LINE_SIZE], root[PATH_SIZE], mount[PATH_SIZE], type[32], options[256];
	unsigned quota = 0;
	FILE *f;

	read_groups(cgroup_path, &v2, &v1);
	f = fopen(mountinfo_path, "re");
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f)) {
		const char *tail = strstr(line, " - ");

		/* id parent major:minor root mount options… - type source super-options */
		if (!tail || sscanf(line, "%*s %*s %*s %4095s %4095s", root, mount) != 2 ||
		    sscanf(tail, " - %31s %*s %255s", type, options) != 2)
			continue;
		if (!strcmp(type, "cgroup2") && *v2.group)
			quota = least(quota, mount_quota(root, mount, &v2));
		else if (!strcmp(type, "cgroup") && *v1.group && list_has(options, "cpu"))
			quota = least(quota, mount_quota(root, mount, &v1));
	}
	fclose(f);
	return quota;
}

/* CPUs in the calling thread's affinity mask, whatever the kernel's mask size. */
static unsigned affinity(void)
{
	for (int cpus = 1024; cpus <= 1 << 20; cpus *= 2) {
		size_t size = CPU_ALLOC_SIZE(cpus);
		cpu_set_t *set = CPU_ALLOC(cpus);
		int err, count = 0;

		if (!set)
			break;
		err = sched_getaffinity(0, size, set) ? errno : 0;
		if (!err)
			count = CPU_COUNT_S(size, set);
		CPU_FREE(set);
		if (!err)
			return count > 0 ? (unsigned)count : 1;
		if (err != EINVAL) /* EINVAL: the kernel's mask is larger */
			break;
	}
	return 1;
}

unsigned tr__cpus(void)
{
	unsigned n = least(affinity(), tr__cpus_quota("/proc/self/cgroup", "/proc/self/mountinfo"));

	return n < TR_POOL_THREADS ? n : TR_POOL_THREADS;
}
