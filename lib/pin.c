/* SPDX-License-Identifier: MIT */
/* Memory of the program's that a device is to reach by itself. Which that is is kept here; how it does, the driver knows. */
#include <stdint.h>

#include "lib/context.h"

struct tr_pin {
	struct tr_pin *next;
	void *data;
};

int tr_pin(struct tr_context *ctx, void *data, size_t size)
{
	struct tr_pin *pin;
	int err;

	if (!data || !size || size > PTRDIFF_MAX || (uintptr_t)data > UINTPTR_MAX - size)
		return tr__fail(ctx, TR_EINVAL, "pin: %zu bytes at %p are no memory", size, data);
	for (pin = ctx->pins; pin; pin = pin->next)
		if (pin->data == data)
			return tr__fail(ctx, TR_EINVAL, "pin: what begins at %p is pinned already", data);
	pin = tr__alloc(&ctx->alloc, 1, sizeof(*pin));
	if (!pin)
		return tr__fail(ctx, TR_ENOMEM, "pin: out of memory");
	err = ctx->driver->pin ? ctx->driver->pin(ctx->dev, data, size) : 0;
	if (err) {
		tr__free(&ctx->alloc, pin, 1, sizeof(*pin));
		return tr__fail(ctx, (enum tr_status)-err, "pin: the device cannot reach %zu bytes at %p", size, data);
	}
	*pin = (struct tr_pin){ctx->pins, data};
	ctx->pins = pin;
	return 0;
}

static void drop(struct tr_context *ctx, struct tr_pin **at)
{
	struct tr_pin *pin = *at;

	*at = pin->next;
	if (ctx->driver->unpin)
		ctx->driver->unpin(ctx->dev, pin->data);
	tr__free(&ctx->alloc, pin, 1, sizeof(*pin));
}

int tr_unpin(struct tr_context *ctx, void *data)
{
	struct tr_pin **at = &ctx->pins;

	while (*at && (*at)->data != data)
		at = &(*at)->next;
	if (!*at)
		return tr__fail(ctx, TR_EINVAL, "unpin: nothing that begins at %p is pinned", data);
	drop(ctx, at);
	return 0;
}

void tr__pins_finish(struct tr_context *ctx)
{
	while (ctx->pins)
		drop(ctx, &ctx->pins);
}
