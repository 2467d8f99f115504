/* SPDX-License-Identifier: MIT */
/*
 * Allocation, storage, and the cache of freed blocks. First touch of fresh memory costs more than most
 * operations, so a block that was used once is kept, with its struct, for the next request of its class.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

#include "lib/memory.h"

#define HUGE_PAGE ((size_t)2 << 20)
#define HUGE_FROM (2 * HUGE_PAGE)

static void *libc_alloc(void *user, size_t size, size_t align)
{
	(void)user;
#ifdef MADV_HUGEPAGE
	void *p = NULL;

	/* Many rows far apart are a page each, more than the processor remembers; and one fault is cheaper than 512. */
	if (size >= HUGE_FROM && align <= HUGE_PAGE && !posix_memalign(&p, HUGE_PAGE, size)) {
		madvise(p, size, MADV_HUGEPAGE);
		return p;
	}
#endif
	/* aligned_alloc wants a multiple of the alignment; callers' sizes are far from SIZE_MAX by then */
	return aligned_alloc(align, (size + align - 1) & ~(align - 1));
}

static void libc_free(void *user, void *ptr, size_t size)
{
	(void)user;
	(void)size;
	free(ptr);
}

const struct tr_allocator tr__libc_allocator = {libc_alloc, libc_free, NULL};

void *tr__alloc(const struct tr_allocator *a, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes) || bytes > PTRDIFF_MAX)
		return NULL;
	return a->alloc(a->user, bytes ? bytes : 1, 16);
}

void *tr__zalloc(const struct tr_allocator *a, size_t n, size_t size)
{
	void *p = tr__alloc(a, n, size);

	if (p)
		memset(p, 0, n * size);
	return p;
}

void tr__free(const struct tr_allocator *a, void *p, size_t n, size_t size)
{
	size_t bytes = n * size;

	if (p)
		a->free(a->user, p, bytes ? bytes : 1);
}

/* Class of a size, and the size of a class: 64·2^(c/4)·(1 + (c%4)/4). */
static unsigned class_of(size_t size)
{
	unsigned octave, quarter;

	if (size <= 64)
		return 0;
	octave = 63 - (unsigned)__builtin_clzll(size - 1); /* 2^octave <= size-1 < 2^(octave+1) */
	quarter = (unsigned)((size - 1) >> (octave - 2)) & 3;
	return (octave - 6) * 4 + quarter + 1;
}

static size_t class_size(unsigned class)
{
	return ((size_t)16 << (class / 4)) * (4 + class % 4);
}

void tr__cache_init(struct tr_cache *c, const struct tr_driver *driver, struct tr_device *dev,
		    const struct tr_allocator *alloc, struct tr_stats *stats, size_t limit)
{
	memset(c, 0, sizeof(*c));
	c->driver = driver;
	c->dev = dev;
	c->alloc = alloc;
	c->stats = stats;
	c->limit = limit;
	c->keeper = c;
}

int tr__memory_take(struct tr_cache *c, size_t size, struct tr_mem *mem)
{
	if (c->driver->mem_alloc(c->dev, size, mem)) {
		memset(mem, 0, sizeof(*mem));
		return -TR_ENOMEM;
	}
	c->stats->allocs++;
	c->stats->bytes_live += mem->size;
	if (c->stats->bytes_live > c->stats->bytes_peak)
		c->stats->bytes_peak = c->stats->bytes_live;
	return 0;
}

void tr__memory_drop(struct tr_cache *c, struct tr_mem *mem)
{
	c->stats->bytes_live -= mem->size;
	c->driver->mem_free(c->dev, mem);
	memset(mem, 0, sizeof(*mem));
}

/* Gives cached blocks back to the device, large ones first, until at most `most` bytes are held; their structs stay. */
static void cache_trim(struct tr_cache *c, size_t most)
{
	for (unsigned i = TR_CLASSES; i-- > 0 && c->held > most;) {
		struct tr_storage **at = &c->free[i];

		while (*at && c->held > most) {
			struct tr_storage *s = *at;

			if (c->pinned && s->round == c->round) {
				at = &s->next;
				continue;
			}
			*at = s->next;
			c->held -= s->mem.size;
			tr__memory_drop(c, &s->mem);
			s->next = c->bare;
			c->bare = s;
		}
	}
}

void tr__cache_pin(struct tr_cache *c)
{
	c->pinned = true;
	c->round++;
}

void tr__cache_unpin(struct tr_cache *c)
{
	c->pinned = false;
	cache_trim(c, c->limit);
}

void tr__cache_finish(struct tr_cache *c)
{
	c->pinned = false;
	cache_trim(c, 0);
	while (c->bare) {
		struct tr_storage *s = c->bare;

		c->bare = s->next;
		tr__free(c->alloc, s, 1, sizeof(*s));
	}
}

static struct tr_storage *pop(struct tr_storage **list)
{
	struct tr_storage *s = *list;

	if (s)
		*list = s->next;
	return s;
}

static void reset(struct tr_cache *c, struct tr_storage *s, size_t size, unsigned class)
{
	atomic_init(&s->refs, 1);
	s->state = TR_STORAGE_READY;
	s->is_const = s->is_frozen = false;
	s->borrowed = false;
	s->is_temp = s->is_read = false;
	s->class = (uint16_t)class;
	s->uses = 0;
	s->round = 0;
	s->size = size;
	s->cache = c;
	s->next = NULL;
	s->forms = NULL;
	s->release = NULL;
	s->user = NULL;
}

struct tr_storage *tr__storage_bare(struct tr_cache *c, size_t size)
{
	struct tr_storage *s = pop(&c->bare);

	if (!s) {
		s = tr__alloc(c->alloc, 1, sizeof(*s));
		if (!s)
			return NULL;
		c->stats->allocs++;
	}
	memset(&s->mem, 0, sizeof(s->mem));
	reset(c, s, size, class_of(size));
	return s;
}

struct tr_storage *tr__storage_create(struct tr_cache *c, size_t size)
{
	unsigned class = class_of(size);
	struct tr_storage *s = pop(&c->free[class]);

	if (!s)
		return tr__storage_bare(c, size);
	c->held -= s->mem.size;
	reset(c, s, size, class);
	return s;
}

int tr__storage_find_memory(struct tr_storage *s)
{
	struct tr_cache *c = s->cache;
	struct tr_storage *spare;
	size_t size;
	int err;

	spare = pop(&c->free[s->class]);
	if (spare) {
		c->held -= spare->mem.size;
		s->mem = spare->mem;
		memset(&spare->mem, 0, sizeof(spare->mem));
		spare->next = c->bare;
		c->bare = spare;
		return 0;
	}
	size = class_size(s->class);
	err = tr__memory_take(c, size, &s->mem);
	if (err && c->held) {
		cache_trim(c, 0);
		err = tr__memory_take(c, size, &s->mem);
	}
	if (err && tr__forms_shrink(c->keeper))
		err = tr__memory_take(c, size, &s->mem);
	return err;
}

static void storage_destroy(struct tr_storage *s)
{
	struct tr_cache *c = s->cache;

	if (s->forms)
		tr__forms_destroy(s);
	if (s->borrowed) {
		if (s->release)
			s->release(s->user);
		memset(&s->mem, 0, sizeof(s->mem));
	} else if (s->mem.addr) {
		if (c->pinned || c->held + s->mem.size <= c->limit) {
			s->round = c->round;
			c->held += s->mem.size;
			s->next = c->free[s->class];
			c->free[s->class] = s;
			return;
		}
		tr__memory_drop(c, &s->mem);
	}
	s->next = c->bare;
	c->bare = s;
}

void tr__storage_unref(struct tr_storage *s)
{
	/* A sole owner needs no locked instruction: nobody else can be counting. */
	if (s && (atomic_load_explicit(&s->refs, memory_order_acquire) == 1 ||
		  atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) == 1))
		storage_destroy(s);
}
