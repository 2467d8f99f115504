/* SPDX-License-Identifier: MIT */
/*
 * Storage: refcounted device memory, and the cache that keeps freed blocks for reuse. Knows devices only
 * through the driver contract, and nothing of tensors.
 */
#ifndef TR_LIB_MEMORY_H
#define TR_LIB_MEMORY_H

#include <stdatomic.h>

#include "lib/driver.h"

/* Plain memory through the context's allocator. tr__zalloc clears; n × size is overflow-checked. */
void *tr__alloc(const struct tr_allocator *a, size_t n, size_t size);
void *tr__zalloc(const struct tr_allocator *a, size_t n, size_t size);
void tr__free(const struct tr_allocator *a, void *p, size_t n, size_t size);

extern const struct tr_allocator tr__libc_allocator;

enum tr_storage_state {
	TR_STORAGE_READY,   /* holds its values */
	TR_STORAGE_PENDING, /* a queued command will write it; memory may not exist yet */
	TR_STORAGE_FAILED   /* the command that should have written it failed */
};

struct tr_cache;

/* What is kept of a frozen storage under one key (kept.c). */
struct tr_form {
	struct tr_form *next;                  /* of the same storage */
	struct tr_form *cache_next, **cache_link; /* in the cache's list */
	struct tr_mem mem;                     /* addr NULL: a use was seen, but nothing is kept */
	size_t key_size;
	unsigned char key[];
};

struct tr_storage {
	atomic_uint refs;
	uint8_t state;
	bool is_const;  /* read-only: borrowed with TR_BORROW_CONST, or frozen */
	bool is_frozen; /* and never changes again */
	bool borrowed;
	uint16_t class; /* of the cache; meaningless when borrowed */
	bool is_temp;   /* set by the compiler: nobody outside the queue can see it, */
	bool is_read;   /* and a node that matters reads it */
	uint32_t uses;  /* references by nodes not compiled yet; 0 between flushes */
	uint32_t round; /* of the cache, when it came back */
	struct tr_mem mem; /* mem.addr NULL until the memory is needed */
	size_t size;       /* bytes asked for; mem.size may be more */
	struct tr_cache *cache;
	struct tr_storage *next; /* in a free list */
	struct tr_form *forms;   /* if it is frozen */
	void (*release)(void *user);
	void *user;
};

/* Sizes are rounded up to classes four to an octave from 64 bytes on; at most a quarter is wasted. */
#define TR_CLASSES 232

/*
 * Free lists by class. A cache is used by one thread; storage goes back to the cache it came from. Everything
 * in it came from one device.
 */
struct tr_cache {
	const struct tr_driver *driver;
	struct tr_device *dev;
	const struct tr_allocator *alloc;
	struct tr_stats *stats;
	struct tr_storage *bare; /* structs without memory */
	struct tr_storage *free[TR_CLASSES];
	size_t held, limit; /* bytes in the free lists, and when to give some back */
	struct tr_form *forms;
	size_t forms_most;  /* bytes of them */
	struct tr_cache *keeper; /* whose forms go when memory is short: the context's, which may be this */
	bool pinned;        /* blocks that came back in this round are named by commands that have yet to run: */
	uint32_t round;     /* they may be reused by later commands, but do not go back to the device */
};

void tr__cache_init(struct tr_cache *c, const struct tr_driver *driver, struct tr_device *dev,
		    const struct tr_allocator *alloc, struct tr_stats *stats, size_t limit);
void tr__cache_finish(struct tr_cache *c);

/* Around compiling and running commands: what comes back in between stays memory until the end. */
void tr__cache_pin(struct tr_cache *c);
void tr__cache_unpin(struct tr_cache *c);

/* A storage for size bytes, one reference. It may come with memory from the cache; a bare one has none yet.
 * NULL if out of memory. */
struct tr_storage *tr__storage_create(struct tr_cache *c, size_t size);
struct tr_storage *tr__storage_bare(struct tr_cache *c, size_t size);

/* Gives it memory if it has none, from its cache first. 0 or -TR_ENOMEM. */
int tr__storage_find_memory(struct tr_storage *s);

static inline int tr__storage_back(struct tr_storage *s)
{
	return s->mem.addr ? 0 : tr__storage_find_memory(s);
}

static inline struct tr_storage *tr__storage_ref(struct tr_storage *s)
{
	atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
	return s;
}

/* The storage as an operand names it if it is frozen. */
static inline struct tr_storage *tr__frozen(struct tr_storage *s)
{
	return s->is_frozen ? s : NULL;
}

/* Memory of the cache's device, counted. 0 or -TR_ENOMEM. */
int tr__memory_take(struct tr_cache *c, size_t size, struct tr_mem *mem);
void tr__memory_drop(struct tr_cache *c, struct tr_mem *mem);

/* Frees what is kept of a storage that dies. */
void tr__forms_destroy(struct tr_storage *s);

/* Frees the memory of everything kept, while nothing runs, and has half as much be kept from then on. Whether there was any. */
bool tr__forms_shrink(struct tr_cache *c);

/* Drops a reference; the last one returns the memory to the cache or to its lender. NULL allowed. */
void tr__storage_unref(struct tr_storage *s);

#endif
