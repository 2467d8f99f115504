/* SPDX-License-Identifier: MIT */
/* Opening a library and finding its functions (lib/dynamic.h). */
#define _GNU_SOURCE
#include "lib/dynamic.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include <trueno/types.h>

static int load(struct tr_library *l, char *why, size_t len)
{
	const char *other = l->variable ? secure_getenv(l->variable) : NULL;
	const char *file = other && *other ? other : l->file;
	void *lib = dlopen(file, RTLD_NOW | RTLD_LOCAL);

	if (!lib) {
		snprintf(why, len, "%s cannot be opened; Debian's package %s has it (%s)", file, l->package, dlerror());
		return -TR_EDEVICE;
	}
	for (size_t i = 0; i < l->count; i++) {
		l->functions[i] = dlsym(lib, l->names[i]);
		if (l->functions[i])
			continue;
		snprintf(why, len, "%s has no %s; Debian's package %s does", file, l->names[i], l->package);
		dlclose(lib);
		return -TR_EDEVICE;
	}
	/* Never closed: libraries leave threads behind that would run into unmapped code. */
	l->handle = lib;
	atomic_store_explicit(&l->loaded, true, memory_order_release);
	return 0;
}

int tr__library_load(struct tr_library *l, char *why, size_t len)
{
	int err = 0;

	if (atomic_load_explicit(&l->loaded, memory_order_acquire))
		return 0;
	pthread_mutex_lock(&l->lock);
	if (!atomic_load_explicit(&l->loaded, memory_order_relaxed))
		err = load(l, why, len);
	pthread_mutex_unlock(&l->lock);
	return err;
}

void *tr__library_find(struct tr_library *l, const char *name)
{
	return dlsym(l->handle, name);
}
