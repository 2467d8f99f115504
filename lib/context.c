/* SPDX-License-Identifier: MIT */
/* Contexts: opening a device, scopes, batches, the error slot. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <trueno/trace.h>

#include "lib/context.h"

#define DEFAULT_CACHE ((size_t)256 << 20)
#define DEFAULT_KEPT ((size_t)1 << 30)

static void say(char *buf, size_t len, const char *fmt, ...) TR_PRINTF(3, 4);

static void say(char *buf, size_t len, const char *fmt, ...)
{
	va_list ap;

	if (!buf || !len)
		return;
	va_start(ap, fmt);
	vsnprintf(buf, len, fmt, ap);
	va_end(ap);
}

/* "vulkan:1" → the length of the name and the number after the colon; -TR_EINVAL if that is no number. */
static int parse_device(const char *text, size_t *name_len, unsigned *index)
{
	const char *colon = strchr(text, ':');
	char *end;
	unsigned long n;

	*name_len = colon ? (size_t)(colon - text) : strlen(text);
	*index = 0;
	if (!colon)
		return 0;
	if (!isdigit((unsigned char)colon[1]))
		return -TR_EINVAL;
	n = strtoul(colon + 1, &end, 10);
	if (*end || n > 255)
		return -TR_EINVAL;
	*index = (unsigned)n;
	return 0;
}

static void list_drivers(char *buf, size_t len)
{
	size_t used = 0;

	buf[0] = '\0';
	for (int i = 0; tr__drivers[i] && used < len; i++)
		used += (size_t)snprintf(buf + used, len - used, "%s, ", tr__drivers[i]->name);
	if (used < len)
		snprintf(buf + used, len - used, "auto");
}

/* Opens the driver named, or for "auto" the first that has a device; its own line says why it could not. */
static int open_device(struct tr_context *ctx, const struct tr_context_params *p, char *errbuf, size_t errlen)
{
	const char *want = p->device ? p->device : getenv("TRUENO_DEVICE");
	size_t len;
	unsigned index;
	char known[128];
	bool any, found = false;
	int err;

	if (!want || !*want)
		want = "auto";
	err = parse_device(want, &len, &index);
	any = len == 4 && !memcmp(want, "auto", 4);
	for (int i = 0; tr__drivers[i] && !err; i++) {
		const struct tr_driver *d = tr__drivers[i];

		if (!any && (strlen(d->name) != len || memcmp(d->name, want, len) != 0))
			continue;
		found = true;
		ctx->driver = d;
		err = d->open(&ctx->dev, index, p, &ctx->alloc, errbuf, errlen);
		if (!any || err != -TR_EDEVICE)
			return err;
		if (tr__drivers[i + 1])
			err = 0; /* the next may do */
	}
	if (found)
		return err;
	list_drivers(known, sizeof(known));
	say(errbuf, errlen, "unknown device \"%.40s\"; known: %s", want, known);
	return -TR_EINVAL;
}

/* The timeline that was asked for. */
static int open_trace(struct tr_context *ctx, const struct tr_context_params *p, char *errbuf, size_t errlen)
{
	const char *path = p->trace ? p->trace : getenv("TRUENO_TRACE");
	char why[160] = "";
	int err;

	if (!path || !*path)
		return 0;
	err = tr__trace_open(&ctx->trace, path, &ctx->alloc, why, sizeof(why));
	if (!err) {
		err = ctx->driver->trace(ctx->dev, ctx->trace);
		if (err)
			snprintf(why, sizeof(why), "trace: out of memory");
	}
	if (err)
		say(errbuf, errlen, "%s", why);
	return err;
}

int tr_context_create(struct tr_context **out, const struct tr_context_params *params, char *errbuf, size_t errlen)
{
	static const struct tr_context_params defaults;
	const struct tr_context_params *p = params ? params : &defaults;
	const struct tr_allocator *a = p->allocator.alloc ? &p->allocator : &tr__libc_allocator;
	struct tr_context *ctx;
	int err;

	*out = NULL;
	say(errbuf, errlen, "%s", "");
	if (p->exact & ~TR_EXACT_HALF) {
		say(errbuf, errlen, "exact: unknown flags 0x%x", p->exact & ~TR_EXACT_HALF);
		return -TR_EINVAL;
	}
	ctx = tr__zalloc(a, 1, sizeof(*ctx));
	if (!ctx) {
		say(errbuf, errlen, "out of memory");
		return -TR_ENOMEM;
	}
	ctx->alloc = *a;
	err = open_device(ctx, p, errbuf, errlen);
	if (!err) {
		err = open_trace(ctx, p, errbuf, errlen);
		if (err)
			ctx->driver->close(ctx->dev);
	}
	if (err) {
		tr__trace_close(ctx->trace);
		tr__free(a, ctx, 1, sizeof(*ctx));
		return err;
	}
	tr__cache_init(&ctx->cache, ctx->driver, ctx->dev, &ctx->alloc, &ctx->stats,
		       p->cache_bytes ? p->cache_bytes : DEFAULT_CACHE);
	ctx->cache.forms_most = p->kept_bytes ? p->kept_bytes : DEFAULT_KEPT;
	ctx->scopes[0].prev = ctx->scopes[0].next = &ctx->scopes[0];
	*out = ctx;
	return 0;
}

void tr_context_destroy(struct tr_context *ctx)
{
	struct tr_allocator alloc;

	if (!ctx)
		return;
	tr__queue_finish(ctx);
	tr__scopes_clear(ctx, 0);
	tr__cache_finish(&ctx->cache);
	for (uint32_t i = 0; i < ctx->nslabs; i++)
		tr__free(&ctx->alloc, ctx->slabs[i], TR_SLAB, sizeof(struct tr_tensor));
	tr__free(&ctx->alloc, ctx->slabs, ctx->slab_cap, sizeof(*ctx->slabs));
	tr__pins_finish(ctx);
	ctx->driver->close(ctx->dev);
	tr__trace_close(ctx->trace);
	alloc = ctx->alloc;
	tr__free(&alloc, ctx, 1, sizeof(*ctx));
}

int tr__fail(struct tr_context *ctx, enum tr_status status, const char *fmt, ...)
{
	va_list ap;

	ctx->status = -(int)status;
	ctx->failures++;
	if (!ctx->error) {
		ctx->error = -(int)status;
		va_start(ap, fmt);
		vsnprintf(ctx->message, sizeof(ctx->message), fmt, ap);
		va_end(ap);
	}
	return -(int)status;
}

int tr_error(const struct tr_context *ctx)
{
	return ctx->error;
}

const char *tr_error_message(const struct tr_context *ctx)
{
	return ctx->message;
}

void tr_error_clear(struct tr_context *ctx)
{
	ctx->error = 0;
	ctx->message[0] = '\0';
}

void tr_scope_begin(struct tr_context *ctx)
{
	struct tr_tensor *head;

	/* Past the limit scopes still nest, but their tensors live in the deepest one. */
	if (++ctx->scope >= TR_MAX_SCOPES)
		return;
	head = &ctx->scopes[ctx->scope];
	head->prev = head->next = head;
}

void tr__scopes_clear(struct tr_context *ctx, unsigned from)
{
	unsigned top = ctx->scope < TR_MAX_SCOPES ? ctx->scope : TR_MAX_SCOPES - 1;

	for (unsigned i = from; i <= top; i++)
		while (ctx->scopes[i].next != &ctx->scopes[i])
			tr_free(ctx->scopes[i].next);
}

int tr_scope_end(struct tr_context *ctx)
{
	if (ctx->scope == 0)
		return tr__fail(ctx, TR_ESTATE, "scope_end: no scope was begun");
	if (ctx->scope < TR_MAX_SCOPES)
		tr__scopes_clear(ctx, ctx->scope);
	ctx->scope--;
	return 0;
}

void tr_batch_begin(struct tr_context *ctx)
{
	ctx->batch++;
}

int tr_batch_end(struct tr_context *ctx)
{
	if (ctx->batch == 0)
		return tr__fail(ctx, TR_ESTATE, "batch_end: no batch was begun");
	return --ctx->batch ? 0 : tr_flush(ctx);
}

void tr_device_info(const struct tr_context *ctx, struct tr_device_info *info)
{
	memset(info, 0, sizeof(*info));
	info->driver = ctx->driver->name;
	ctx->driver->info(ctx->dev, info);
}

void tr_trace_write(struct tr_context *ctx)
{
	if (ctx->trace)
		tr__trace_write(ctx->trace);
}

int tr_device_facts(const char *device, void (*say_fact)(void *user, const char *name, const char *text), void *user,
		    char *errbuf, size_t errlen)
{
	char why[256] = "", known[128];
	size_t len;
	unsigned index;
	int err = parse_device(device, &len, &index);

	for (int i = 0; tr__drivers[i] && !err; i++) {
		const struct tr_driver *d = tr__drivers[i];

		if (strlen(d->name) != len || memcmp(d->name, device, len) != 0)
			continue;
		err = d->facts(index, say_fact, user, why, sizeof(why));
		say(errbuf, errlen, "%s", why);
		return err;
	}
	list_drivers(known, sizeof(known));
	say(errbuf, errlen, "unknown device \"%.40s\"; known: %s", device, known);
	return -TR_EINVAL;
}

void tr_stats(const struct tr_context *ctx, struct tr_stats *stats)
{
	*stats = ctx->stats;
}
