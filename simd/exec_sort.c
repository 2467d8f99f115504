/* SPDX-License-Identifier: MIT */
/*
 * The SORT family: each row becomes unsigned integers in the order of its elements, which are sorted by their digits from
 * the lowest on, so that equal ones stay in order. Only bits in which the row's keys differ, or their distances from the least
 * one, are looked at, and a row that is sorted already is left as it is. argsort sorts the places along with the keys.
 * Threads share rows.
 */
#include <stdio.h>
#include <string.h>

#include "lib/ref/format.h"
#include "simd/rows.h"

/* Rows so short are sorted by insertion. */
#define FEW 32

/* Bits of a digit: more for longer rows, where a pass costs more than clearing the counts. */
#define DIGIT 11
#define SHORT_DIGIT 8
#define SHORT 4096
#define MOST_DIGITS 8

/* About what an element costs, in nanoseconds. */
#define ELEMENT_NS 8.0

struct pair {
	uint64_t key, place;
};

#define KEY_OF(x) (x)
#define KEY_OF_PAIR(x) (x).key

/*
 * Sorts x[0..n) by the bits of the keys that are in mask, by way of room; where they are in the end. Equal keys keep their
 * order.
 */
#define DEFINE_SORT(name, T, KEY) \
	static void insert_##name(T *x, size_t n, uint64_t mask) \
	{ \
		for (size_t i = 1; i < n; i++) { \
			T v = x[i]; \
			size_t j = i; \
\
			for (; j && (KEY(x[j - 1]) & mask) > (KEY(v) & mask); j--) \
				x[j] = x[j - 1]; \
			x[j] = v; \
		} \
	} \
\
	static T *sort_##name(T *x, T *room, size_t n, uint64_t mask) \
	{ \
		unsigned digit = n < SHORT ? SHORT_DIGIT : DIGIT, low, bits; \
		uint64_t differ = 0, first = KEY(x[0]), last = first & mask, least = last, most = last, base = 0; \
		bool sorted = true; \
\
		for (size_t i = 1; i < n; i++) { \
			uint64_t key = KEY(x[i]); \
\
			differ |= key ^ first; \
			sorted &= (key & mask) >= last; \
			last = key & mask; \
			least = last < least ? last : least; \
			most = last > most ? last : most; \
		} \
		differ &= mask; \
		if (sorted) \
			return x; \
		if (n <= FEW) { \
			insert_##name(x, n, mask); \
			return x; \
		} \
		low = (unsigned)__builtin_ctzll(differ); \
		bits = 64 - (unsigned)__builtin_clzll(differ) - low; \
		if ((most - least) >> low < (uint64_t)1 << (bits - 1)) { /* numbers around zero differ in all bits */ \
			base = least; \
			bits = 64 - (unsigned)__builtin_clzll((most - least) >> low); \
		} \
		for (unsigned passes = (bits - 1) / digit + 1, width = (bits - 1) / passes + 1; passes; passes--) { \
			size_t at[1 << DIGIT], sum = 0; \
			uint64_t field = ((uint64_t)1 << width) - 1; \
			T *to = room; \
\
			memset(at, 0, sizeof(*at) << width); \
			for (size_t i = 0; i < n; i++) \
				at[((KEY(x[i]) & mask) - base) >> low & field]++; \
			for (size_t d = 0; d <= field; d++) { \
				size_t count = at[d]; \
\
				at[d] = sum; \
				sum += count; \
			} \
			for (size_t i = 0; i < n; i++) \
				to[at[((KEY(x[i]) & mask) - base) >> low & field]++] = x[i]; \
			room = x; \
			x = to; \
			low += width; \
		} \
		return x; \
	}
DEFINE_SORT(8, uint8_t, KEY_OF)
DEFINE_SORT(16, uint16_t, KEY_OF)
DEFINE_SORT(32, uint32_t, KEY_OF)
DEFINE_SORT(64, uint64_t, KEY_OF)
DEFINE_SORT(pairs, struct pair, KEY_OF_PAIR)

/* Zeros of either sign in a row. */
enum { PLUS_ZERO = 1, MINUS_ZERO = 2 };

/*
 * Keys of n elements, NaN above all. With zeros NULL those are equal; else -0 is below +0, and *zeros says which there are.
 * Keys may lie where the elements do. A bool in a user's own memory may be any byte.
 */
#define DEFINE_KEYS(bits, T) \
	static void keys_##bits(T *key, const T *x, size_t n, const struct tr_format *f, bool is_bool, unsigned *zeros) \
	{ \
		T sign = (T)f->sign, infinity = (T)f->infinity, magnitude = (T)~sign; \
		unsigned found = 0; \
\
		if (is_bool) { \
			for (size_t i = 0; i < n; i++) \
				key[i] = x[i] != 0; \
			return; \
		} \
		if (!infinity) { \
			for (size_t i = 0; i < n; i++) \
				key[i] = x[i] ^ sign; \
			return; \
		} \
		for (size_t i = 0; i < n; i++) { \
			T v = x[i], size = v & magnitude; \
			T flip = v & sign ? (T)~(T)0 : sign; \
\
			found |= size ? 0 : v ? MINUS_ZERO : PLUS_ZERO; \
			flip = !size && !zeros ? (T)(v ^ sign) : flip; \
			key[i] = size > infinity ? (T)~(T)0 : (T)(v ^ flip); \
		} \
		if (zeros) \
			*zeros = found; \
	} \
\
	static void values_##bits(T *x, const T *key, size_t n, const struct tr_format *f) \
	{ \
		T sign = (T)f->sign; \
\
		for (size_t i = 0; i < n; i++) \
			x[i] = key[i] ^ (!f->infinity || key[i] & sign ? sign : (T)~(T)0); \
	}
DEFINE_KEYS(8, uint8_t)
DEFINE_KEYS(16, uint16_t)
DEFINE_KEYS(32, uint32_t)
DEFINE_KEYS(64, uint64_t)

static void to_keys(void *key, const void *x, size_t n, enum tr_dtype dtype, unsigned *zeros)
{
	const struct tr_format *f = &tr__formats[dtype];

	switch (tr_dtype_size(dtype)) {
	case 1:
		keys_8(key, x, n, f, dtype == TR_BOOL, zeros);
		break;
	case 2:
		keys_16(key, x, n, f, false, zeros);
		break;
	case 4:
		keys_32(key, x, n, f, false, zeros);
		break;
	default:
		keys_64(key, x, n, f, false, zeros);
	}
}

/* Sorts keys of that many bytes and makes them elements again; where those are: x or room. */
static void *sort_keys(void *x, void *room, size_t n, enum tr_dtype dtype)
{
	const struct tr_format *f = &tr__formats[dtype];
	void *y;

	switch (tr_dtype_size(dtype)) {
	case 1:
		y = sort_8(x, room, n, UINT8_MAX);
		values_8(y, y, n, f);
		break;
	case 2:
		y = sort_16(x, room, n, UINT16_MAX);
		values_16(y, y, n, f);
		break;
	case 4:
		y = sort_32(x, room, n, UINT32_MAX);
		values_32(y, y, n, f);
		break;
	default:
		y = sort_64(x, room, n, UINT64_MAX);
		values_64(y, y, n, f);
	}
	return y;
}

static uint64_t bits_at(const char *x, size_t i, size_t size)
{
	uint64_t v = 0;

	memcpy(&v, x + i * size, size);
	return v;
}

/* The zeros of sorted y, which stand together, in the order that those of x have. */
static void order_zeros(char *y, const char *x, size_t n, size_t size, uint64_t sign)
{
	size_t at = 0;

	while (bits_at(y, at, size) & ~sign)
		at++;
	for (size_t i = 0; i < n; i++) {
		uint64_t v = bits_at(x, i, size);

		if (!(v & ~sign))
			memcpy(y + at++ * size, &v, size);
	}
}

/* A worker's block: two buffers of the row, and one for conversions. */
struct room {
	char *a, *b, *stage;
};

static void sort_row(const struct tr_rows_job *r, const struct tr_operand *to, const struct tr_operand *from,
		     const struct room *room)
{
	size_t n = (size_t)r->n;
	unsigned zeros = 0;
	char *y;

	to_keys(room->a, tr__load_range(r->dev, from, 0, n, r->dtype, room->b), n, r->dtype, &zeros);
	y = sort_keys(room->a, room->b, n, r->dtype);
	if (zeros == (PLUS_ZERO | MINUS_ZERO))
		order_zeros(y, tr__load_range(r->dev, from, 0, n, r->dtype, y == room->a ? room->b : room->a), n, r->size,
			    tr__formats[r->dtype].sign);
	tr__store_range(r->dev, to, 0, n, r->dtype, y, room->stage);
}

/* Keys of up to 32 bits, as those bits, each above its place; they lie in room->b. */
static const int64_t *places_packed(const struct tr_rows_job *r, const struct room *room)
{
	uint64_t *x = (uint64_t *)room->a, *y;
	size_t n = (size_t)r->n;
	int64_t *out;

	for (size_t i = 0; i < n; i++)
		x[i] = bits_at(room->b, i, r->size) << 32 | i;
	y = sort_64(x, (uint64_t *)room->b, n, ~(uint64_t)UINT32_MAX);
	out = (int64_t *)y;
	for (size_t i = 0; i < n; i++)
		out[i] = (int64_t)(y[i] & UINT32_MAX);
	return out;
}

static const int64_t *places_paired(const struct tr_rows_job *r, const struct room *room)
{
	struct pair *x = (struct pair *)room->a, *y;
	size_t n = (size_t)r->n;
	int64_t *out;

	for (size_t i = 0; i < n; i++)
		x[i] = (struct pair){bits_at(room->b, i, r->size), i};
	y = sort_pairs(x, (struct pair *)room->b, n, UINT64_MAX);
	out = (int64_t *)(y == x ? room->b : room->a);
	for (size_t i = 0; i < n; i++)
		out[i] = (int64_t)y[i].place;
	return out;
}

static bool is_packed(const struct tr_rows_job *r)
{
	return r->size <= 4 && r->n <= UINT32_MAX;
}

static void argsort_row(const struct tr_rows_job *r, const struct tr_operand *to, const struct tr_operand *from,
			const struct room *room)
{
	size_t n = (size_t)r->n;

	to_keys(room->b, tr__load_range(r->dev, from, 0, n, r->dtype, room->b), n, r->dtype, NULL);
	tr__store_range(r->dev, to, 0, n, TR_I64, is_packed(r) ? places_packed(r, room) : places_paired(r, room), room->stage);
}

/* Bytes of each of a block's buffers. */
static size_t buffer_size(const struct tr_rows_job *r)
{
	size_t each = r->cmd->op == TR_OP_sort ? r->size : is_packed(r) ? sizeof(uint64_t) : sizeof(struct pair);

	return ((size_t)r->n * each + 127) & ~(size_t)63;
}

static void run_part(void *arg, size_t part, unsigned worker)
{
	const struct tr_rows_job *r = arg;
	int64_t each = r->units / (int64_t)r->parts, more = r->units % (int64_t)r->parts, p = (int64_t)part;
	int64_t first = p * each + (p < more ? p : more), last = first + each + (p < more);
	struct tr_operand to = tr__row_of(r->dst, r->axis), from = tr__row_of(r->src, r->axis);
	struct tr_walk w = tr__rows_walk(r);
	char *block = r->dev->scratch[worker];
	struct room room = {block, block + buffer_size(r), block + 2 * buffer_size(r)};

	tr__walk_seek(&w, first);
	for (int64_t i = first; i < last; i++) {
		to.addr = tr__row_at(r->dst, w.offset[0]);
		from.addr = tr__row_at(r->src, w.offset[1]);
		if (r->cmd->op == TR_OP_sort)
			sort_row(r, &to, &from, &room);
		else
			argsort_row(r, &to, &from, &room);
		tr__walk_advance(&w, 1);
	}
}

int tr__exec_sort(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	struct tr_rows_job r = {.dev = NULL};
	bool converts;
	size_t need;

	if (!tr__rows_begin(&r, dev, cmd, (int)cmd->attr.i64[0]))
		return 0;
	converts = r.dst->dtype != (cmd->op == TR_OP_sort ? r.dtype : TR_I64);
	if (r.n > PTRDIFF_MAX / 64 || tr__scratch(dev, need = 2 * buffer_size(&r) + (converts ? (size_t)r.n * 16 : 0))) {
		snprintf(detail, 128, "cannot allocate what rows of %lld elements need", (long long)r.n);
		return -TR_ENOMEM;
	}
	r.parts = tr__pool_parts(dev, (double)r.n * (double)r.rows * ELEMENT_NS, (size_t)r.units);
	tr__pool_run(dev, r.parts, run_part, &r);
	return 0;
}
