/* SPDX-License-Identifier: MIT */
/*
 * Shared libraries that are opened when they are first needed, and a table of their functions: a machine without one runs
 * the same binary, and a program that never needs one does not pay for it. Knows no library.
 */
#ifndef TR_LIB_DYNAMIC_H
#define TR_LIB_DYNAMIC_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

/*
 * One library, static. functions[i] gets the address of names[i]; a struct of function pointers in the order of the names,
 * in a union with the array, gives them their types.
 */
struct tr_library {
	const char *file;      /* "libfoo.so.1" */
	const char *package;   /* Debian's that has it, for the message */
	const char *variable;  /* environment variable with another file to open, or NULL */
	const char *const *names;
	void **functions;
	size_t count;
	void *handle;
	atomic_bool loaded;
	pthread_mutex_t lock;
};
#define TR_LIBRARY_UNLOADED .handle = NULL, .loaded = false, .lock = PTHREAD_MUTEX_INITIALIZER

/*
 * Opens the library and resolves all names, unless an earlier call has. 0, or -TR_EDEVICE and one line in why[len]; the next
 * call then tries again. It stays open until the process ends. Safe from several threads.
 */
int tr__library_load(struct tr_library *l, char *why, size_t len);

/* A function that a loaded library, or one it is made of, may have; else NULL. */
void *tr__library_find(struct tr_library *l, const char *name);

#endif
