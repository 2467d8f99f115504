/* SPDX-License-Identifier: MIT */
/*
 * What drivers keep of frozen storages: bytes under keys that only they understand. A few a storage, found by comparing
 * keys. Knows no operation and no driver.
 *
 * A form is made at a key's second use, so that a program which runs once pays nothing for it. Forms are not dropped for
 * newer ones: a loop over more weights than there is room for would then drop each just before it is read.
 */
#include <string.h>

#include "lib/memory.h"

/* Most forms of one storage: layers stacked in one tensor have one each. */
#define MOST_FORMS 64

static void free_memory(struct tr_cache *c, struct tr_form *f)
{
	if (!f->mem.addr)
		return;
	c->stats->bytes_kept -= f->mem.size;
	tr__memory_drop(c, &f->mem);
}

static struct tr_form *form_create(struct tr_cache *c, const void *key, size_t key_size)
{
	struct tr_form *f = tr__zalloc(c->alloc, 1, sizeof(*f) + key_size);

	if (!f)
		return NULL;
	c->stats->allocs++;
	f->key_size = key_size;
	memcpy(f->key, key, key_size);
	f->cache_next = c->forms;
	f->cache_link = &c->forms;
	if (c->forms)
		c->forms->cache_link = &f->cache_next;
	c->forms = f;
	return f;
}

static void form_destroy(struct tr_cache *c, struct tr_form *f)
{
	free_memory(c, f);
	*f->cache_link = f->cache_next;
	if (f->cache_next)
		f->cache_next->cache_link = f->cache_link;
	tr__free(c->alloc, f, 1, sizeof(*f) + f->key_size);
}

/* Notes a use; among many that came to nothing, the oldest is forgotten. */
static void note(struct tr_storage *s, const void *key, size_t key_size)
{
	struct tr_form **at, **spare = NULL, *f;
	size_t n = 0;

	for (at = &s->forms; *at; at = &(*at)->next, n++)
		if (!(*at)->mem.addr)
			spare = at;
	if (n >= MOST_FORMS) {
		if (!spare)
			return;
		f = *spare;
		*spare = f->next;
		form_destroy(s->cache, f);
	}
	f = form_create(s->cache, key, key_size);
	if (!f)
		return;
	f->next = s->forms;
	s->forms = f;
}

void *tr__kept(struct tr_storage *s, const void *key, size_t key_size, size_t bytes, bool *fresh)
{
	struct tr_cache *c = s->cache;
	struct tr_form *f = s->forms;

	*fresh = false;
	while (f && (f->key_size != key_size || memcmp(f->key, key, key_size) != 0))
		f = f->next;
	if (f && f->mem.addr)
		return f->mem.addr;
	if (!bytes || bytes > c->forms_most || c->stats->bytes_kept > c->forms_most - bytes)
		return NULL;
	if (!f) {
		note(s, key, key_size);
		return NULL;
	}
	if (tr__memory_take(c, bytes, &f->mem))
		return NULL;
	c->stats->bytes_kept += f->mem.size;
	*fresh = true;
	return f->mem.addr;
}

void tr__forms_destroy(struct tr_storage *s)
{
	struct tr_form *f;

	while ((f = s->forms)) {
		s->forms = f->next;
		form_destroy(s->cache, f);
	}
}

bool tr__forms_shrink(struct tr_cache *c)
{
	size_t kept = c->stats->bytes_kept;

	if (!kept)
		return false;
	for (struct tr_form *f = c->forms; f; f = f->cache_next)
		free_memory(c, f);
	c->forms_most = kept / 2;
	return true;
}
