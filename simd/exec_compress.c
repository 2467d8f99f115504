/* SPDX-License-Identifier: MIT */
/*
 * The executor of NONZERO and COMPRESS: elements, or their positions, where a mask is true, one behind the other. Each part
 * of the work counts what it will find first, so that all know where to write; the second pass writes without a branch
 * per element.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "simd/cpu.h"
#include "simd/map.h"
#include "simd/strided.h"

#define BATCH 512

/* Parts whose counts are kept; more would not be worth waking for. */
#define MOST_PARTS 256

/* About what an element costs over both passes, in nanoseconds. */
#define ELEMENT_NS 0.8

struct compress {
	struct tr_device *dev;
	const struct tr_operand *dst, *src, *mask; /* src is NULL for positions */
	size_t size;
	int64_t n;
	size_t parts;
	int64_t found[MOST_PARTS + 1]; /* by part; then where each begins, and the total */
};

static int64_t part_first(const struct compress *c, size_t part)
{
	return part == c->parts ? c->n : c->n / (int64_t)c->parts * (int64_t)part;
}

/* The mask's next elements as bytes. A user's own memory may hold others than 0 and 1. */
static const uint8_t *load_mask(const struct compress *c, int64_t first, size_t n, void *buf)
{
	return tr__load_range(c->dev, c->mask, first, n, TR_BOOL, buf);
}

/* Of eight bytes, how many up to each are not 0: a byte of the result for each, the first one's lowest. */
static inline uint64_t up_to(const uint8_t *mask)
{
	uint64_t eight;

	memcpy(&eight, mask, sizeof(eight));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	eight = __builtin_bswap64(eight);
#endif
	eight = ((((eight & 0x7f7f7f7f7f7f7f7f) + 0x7f7f7f7f7f7f7f7f) | eight) >> 7) & 0x0101010101010101;
	return eight * 0x0101010101010101;
}

static void count_part(void *arg, size_t part, unsigned worker)
{
	struct compress *c = arg;
	int64_t last = part_first(c, part + 1), found = 0;
	uint8_t buf[BATCH];

	(void)worker;
	for (int64_t first = part_first(c, part); first < last; first += BATCH) {
		size_t n = last - first < BATCH ? (size_t)(last - first) : BATCH;
		const uint8_t *mask = load_mask(c, first, n, buf);
		size_t i = 0;

		for (; i + 8 <= n; i += 8)
			found += (int64_t)(up_to(mask + i) >> 56);
		for (; i < n; i++)
			found += mask[i] != 0;
	}
	c->found[part] = found;
}

/*
 * dst[0 …] = GET(i) where mask[i]; returns how many. Writes at most one element more than it keeps, if room allows. Eight at
 * a time their places are known at once.
 */
#define SELECT(T, bytes, GET)                                                                 \
	char *to = dst;                                                                       \
	size_t i = 0;                                                                         \
	T e;                                                                                  \
                                                                                              \
	for (; i + 8 <= n; i += 8) {                                                          \
		uint64_t places = up_to(mask + i);                                            \
                                                                                              \
		_Pragma("GCC unroll 8") for (size_t j = 0; j < 8; j++) {                      \
			GET(i + j);                                                           \
			memcpy(to + (j ? (places >> 8 * (j - 1) & 0xff) * (bytes) : 0), &e, bytes); \
		}                                                                             \
		to += (places >> 56) * (bytes);                                               \
	}                                                                                     \
	for (; i < n; i++) {                                                                  \
		GET(i);                                                                       \
		memcpy(to, &e, bytes);                                                        \
		to += mask[i] ? bytes : 0;                                                    \
	}                                                                                     \
	return (size_t)(to - (char *)dst) / (bytes)

#define DEFINE_SELECT(T, bytes)                                                               \
	static size_t select_##bytes(void *dst, const void *src, const uint8_t *mask, size_t n) \
	{                                                                                     \
		const char *from = src;                                                       \
                                                                                              \
		SELECT(T, bytes, ELEMENT_##bytes);                                            \
	}
#define ELEMENT(i, bytes) memcpy(&e, from + (i) * (bytes), bytes)
#define ELEMENT_1(i) ELEMENT(i, 1)
#define ELEMENT_2(i) ELEMENT(i, 2)
#define ELEMENT_4(i) ELEMENT(i, 4)
#define ELEMENT_8(i) ELEMENT(i, 8)
#define ELEMENT_16(i) ELEMENT(i, 16)
#define POSITION(i) e = first + (int64_t)(i)
struct sixteen {
	uint64_t half[2];
};
DEFINE_SELECT(uint8_t, 1)
DEFINE_SELECT(uint16_t, 2)
DEFINE_SELECT(uint32_t, 4)
DEFINE_SELECT(uint64_t, 8)
DEFINE_SELECT(struct sixteen, 16)

static size_t select_batch(void *dst, const void *src, const uint8_t *mask, size_t n, size_t size)
{
	switch (size) {
	case 1:
		return select_1(dst, src, mask, n);
	case 2:
		return select_2(dst, src, mask, n);
	case 4:
		return select_4(dst, src, mask, n);
	case 8:
		return select_8(dst, src, mask, n);
	default:
		return select_16(dst, src, mask, n);
	}
}

/* The same of positions first, first + 1, … */
static size_t select_positions(void *dst, int64_t first, const uint8_t *mask, size_t n)
{
	SELECT(int64_t, 8, POSITION);
}

/* At the end, or if the destination is not dense, what is found goes through a buffer: it has room behind the last one. */
static void write_part(void *arg, size_t part, unsigned worker)
{
	const struct compress *c = arg;
	int64_t last = part_first(c, part + 1), at = c->found[part], stride = c->dst->stride[0];
	_Alignas(64) char in[BATCH * 16], out[(BATCH + 1) * 16];
	uint8_t buf[BATCH];

	(void)worker;
	for (int64_t first = part_first(c, part); first < last && at < c->found[part + 1]; first += BATCH) {
		size_t n = last - first < BATCH ? (size_t)(last - first) : BATCH, k;
		const uint8_t *mask = load_mask(c, first, n, buf);
		char *dst = (char *)c->dst->addr + at * stride * (int64_t)c->size;
		bool in_place = stride == 1 && c->found[part + 1] - at > (int64_t)n;
		void *to = in_place ? dst : out;

		if (c->src)
			k = select_batch(to, tr__load_range(c->dev, c->src, first, n, (enum tr_dtype)c->src->dtype, in),
					 mask, n, c->size);
		else
			k = select_positions(to, first, mask, n);
		if (!in_place)
			tr__copy_run(dst, stride, out, 1, k, c->size);
		at += (int64_t)k;
	}
}

/* From counts to places. */
static int64_t add_up(struct compress *c)
{
	int64_t total = 0;

	for (size_t p = 0; p < c->parts; p++) {
		int64_t found = c->found[p];

		c->found[p] = total;
		total += found;
	}
	c->found[c->parts] = total;
	return total;
}

int tr__exec_compress(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	bool select = cmd->family == TR_FAMILY_COMPRESS;
	struct compress c = {.dev = dev, .dst = &cmd->operand[0], .src = select ? &cmd->operand[1] : NULL,
			     .mask = &cmd->operand[select ? 2 : 1], .size = tr_dtype_size(cmd->operand[0].dtype), .n = 1};
	int64_t total;

	for (int d = 0; d < c.mask->ndim; d++)
		c.n *= c.mask->shape[d];
	c.parts = tr__pool_parts(dev, (double)c.n * ELEMENT_NS, c.n < MOST_PARTS ? (size_t)c.n : MOST_PARTS);
	tr__pool_run(dev, c.parts, count_part, &c);
	total = add_up(&c);
	if (total != c.dst->shape[0]) {
		snprintf(detail, 128, "%" PRId64 " elements are found; the destination has room for %" PRId64, total,
			 c.dst->shape[0]);
		return -TR_ESTATE;
	}
	tr__pool_run(dev, c.parts, write_part, &c);
	return 0;
}
