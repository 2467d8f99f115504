/* SPDX-License-Identifier: MIT */
/* Moving bytes on the processor (vk/bytes.h). */
#include <string.h>
#ifdef __SSE2__
#include <immintrin.h>
#endif

#include "vk/bytes.h"

#define PART ((size_t)64 << 10) /* least bytes worth a thread */
#define BYTE_NS 0.08            /* about what one takes, in nanoseconds */
#define STORERS 3               /* threads whose stores a bus takes */

struct move {
	char *dst;
	const char *src;
	size_t n, parts;
	enum tr_vk_way way;
};

#ifdef __SSE2__
/* Whole lines of the destination without reading them first. */
static void copy_past(char *dst, const char *src, size_t n)
{
	size_t head = (size_t)(-(uintptr_t)dst & 63), i;

	head = head < n ? head : n;
	memcpy(dst, src, head);
	for (i = head; i + 64 <= n; i += 64)
		for (size_t k = 0; k < 64; k += 16)
			_mm_stream_si128((__m128i *)(void *)(dst + i + k), _mm_loadu_si128((const __m128i *)(const void *)(src + i + k)));
	memcpy(dst + i, src + i, n - i);
	_mm_sfence();
}

/* Loads that fetch a whole line, of which the next three take their part. */
__attribute__((target("sse4.1"))) static void copy_uncached(char *dst, const char *src, size_t n)
{
	size_t head = (size_t)(-(uintptr_t)src & 15), i;

	head = head < n ? head : n;
	memcpy(dst, src, head);
	for (i = head; i + 16 <= n; i += 16)
		_mm_storeu_si128((__m128i *)(void *)(dst + i), _mm_stream_load_si128((__m128i *)(void *)(uintptr_t)(src + i)));
	memcpy(dst + i, src + i, n - i);
}

static bool has_line_loads(void)
{
	return __builtin_cpu_supports("sse4.1");
}
#else
static void copy_past(char *dst, const char *src, size_t n)
{
	memcpy(dst, src, n);
}

static void copy_uncached(char *dst, const char *src, size_t n)
{
	memcpy(dst, src, n);
}

static bool has_line_loads(void)
{
	return false;
}
#endif

static void move(char *dst, const char *src, size_t n, enum tr_vk_way way)
{
	if (way == TR_VK_PAST)
		copy_past(dst, src, n);
	else if (way == TR_VK_UNCACHED && has_line_loads())
		copy_uncached(dst, src, n);
	else
		memcpy(dst, src, n);
}

static void move_part(void *arg, size_t part, unsigned worker)
{
	const struct move *m = arg;
	size_t each = (m->n / m->parts + 64) & ~(size_t)63, first = part * each, last = first + each;

	(void)worker;
	if (first < m->n)
		move(m->dst + first, m->src + first, (last < m->n ? last : m->n) - first, m->way);
}

/* The pool, from the first time on that it is needed; whether there is one. */
static bool has_pool(struct tr_device *dev)
{
	if (dev->workers.threads > 1 && !dev->workers.pool) {
		dev->workers.pool = tr__pool_get(dev->workers.threads);
		dev->workers.threads = dev->workers.pool ? dev->workers.threads : 1;
	}
	return dev->workers.threads > 1;
}

static void do_nothing(void *arg, size_t part, unsigned worker)
{
	(void)arg;
	(void)part;
	(void)worker;
}

void tr__vk_wake_movers(struct tr_device *dev)
{
	if (has_pool(dev))
		tr__pool_share(&dev->workers, dev->workers.threads, do_nothing, NULL);
}

void tr__vk_move(struct tr_device *dev, void *dst, const void *src, size_t n, enum tr_vk_way way)
{
	struct move m = {dst, src, n, 1, way};

	if (n >= 2 * PART && has_pool(dev))
		m.parts = tr__pool_cut(&dev->workers, (double)n * BYTE_NS, way == TR_VK_STORED ? STORERS : n / PART);
	if (m.parts == 1)
		move(dst, src, n, way);
	else
		tr__pool_share(&dev->workers, m.parts, move_part, &m);
}
