/* SPDX-License-Identifier: MIT */
/*
 * The SEARCH family: how many elements of a sorted vector go before each value, by halving the range that is left. Some
 * values are searched for at once, in step, so that the processor waits for several elements together. Threads share
 * values.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "simd/cpu.h"
#include "simd/strided.h"

/* Values in step, and values converted at a time. */
#define STEP 8
#define BATCH 256

/* About what a value costs for each halving, in nanoseconds. */
#define HALVING_NS 2.0

struct search {
	struct tr_device *dev;
	const struct tr_operand *dst, *a, *v;
	enum tr_dtype dtype;
	const void *sorted; /* all of a, dense and of the type; NULL: elements are loaded one by one */
	int64_t n;          /* in a */
	int64_t count;      /* in v */
	bool right;
	size_t parts;
};

/*
 * out[i] = how many of a[0..n) are below v[i], or not above it. A NaN is above every number and equal to another: then
 * `number` says what is below.
 */
#define BELOW(x, v) ((x) < (v))
#define UP_TO(x, v) ((x) <= (v))
#define NUMBER(x, v) ((x) == (x)) /* whatever v */
#define DEFINE_HALVE(name, T, GOES) \
	static void name##_##T(int64_t *out, const T *a, int64_t n, const T *v, size_t count) \
	{ \
		size_t i = 0; \
\
		(void)v; \
		for (; i + STEP <= count; i += STEP) { \
			const T *at[STEP]; \
			int64_t left = n; \
\
			_Pragma("GCC unroll 8") for (int j = 0; j < STEP; j++) \
				at[j] = a; \
			for (int64_t half = left / 2; left > 1; left -= half, half = left / 2) \
				_Pragma("GCC unroll 8") for (int j = 0; j < STEP; j++) \
					at[j] += half & -(int64_t)GOES(at[j][half - 1], v[i + (size_t)j]); \
			_Pragma("GCC unroll 8") for (int j = 0; j < STEP; j++) \
				out[i + (size_t)j] = at[j] - a + GOES(*at[j], v[i + (size_t)j]); \
		} \
		for (; i < count; i++) { \
			const T *at = a; \
\
			for (int64_t left = n; left > 1; left -= left / 2) \
				at += left / 2 & -(int64_t)GOES(at[left / 2 - 1], v[i]); \
			out[i] = at - a + GOES(*at, v[i]); \
		} \
	}
#define DEFINE_SEARCH(T) \
	DEFINE_HALVE(below, T, BELOW) \
	DEFINE_HALVE(up_to, T, UP_TO) \
	static void search_##T(int64_t *out, const void *a, int64_t n, const void *v, size_t count, bool right) \
	{ \
		if (right) \
			up_to_##T(out, a, n, v, count); \
		else \
			below_##T(out, a, n, v, count); \
	}
#define DEFINE_SEARCH_FLOAT(T) \
	DEFINE_HALVE(below, T, BELOW) \
	DEFINE_HALVE(up_to, T, UP_TO) \
	DEFINE_HALVE(number, T, NUMBER) \
	static void search_##T(int64_t *out, const void *a, int64_t n, const void *v, size_t count, bool right) \
	{ \
		if (right) \
			up_to_##T(out, a, n, v, count); \
		else \
			below_##T(out, a, n, v, count); \
		for (size_t i = 0; i < count; i++) { \
			T x = ((const T *)v)[i]; \
\
			if (x != x && right) \
				out[i] = n; \
			else if (x != x) \
				number_##T(out + i, a, n, &x, 1); \
		} \
	}
DEFINE_SEARCH(int8_t)
DEFINE_SEARCH(int16_t)
DEFINE_SEARCH(int32_t)
DEFINE_SEARCH(int64_t)
DEFINE_SEARCH(uint8_t)
DEFINE_SEARCH(uint16_t)
DEFINE_SEARCH(uint32_t)
DEFINE_SEARCH(uint64_t)
DEFINE_SEARCH_FLOAT(float)
DEFINE_SEARCH_FLOAT(double)

typedef void (*search_fn)(int64_t *out, const void *a, int64_t n, const void *v, size_t count, bool right);

static const search_fn searches[TR_DTYPE_COUNT] = {
	[TR_BOOL] = search_uint8_t, [TR_I8] = search_int8_t,    [TR_I16] = search_int16_t,  [TR_I32] = search_int32_t,
	[TR_I64] = search_int64_t,  [TR_U8] = search_uint8_t,   [TR_U16] = search_uint16_t, [TR_U32] = search_uint32_t,
	[TR_U64] = search_uint64_t, [TR_F32] = search_float,    [TR_F64] = search_double,
};

/* The same for one value, where a lies. */
static int64_t search_one(const struct search *s, const void *v)
{
	int64_t at = 0;

	for (int64_t left = s->n; left > 0;) {
		char x[sizeof(double)];
		int64_t half = (left + 1) / 2, goes;

		searches[s->dtype](&goes, tr__load_range(s->dev, s->a, at + half - 1, 1, s->dtype, x), 1, v, 1, s->right);
		at += goes ? half : 0;
		left = goes ? left - half : half - 1;
	}
	return at;
}

static void run_part(void *arg, size_t part, unsigned worker)
{
	const struct search *s = arg;
	int64_t chunk = s->count / (int64_t)s->parts, first = (int64_t)part * chunk, out[BATCH];
	int64_t last = part + 1 == s->parts ? s->count : first + chunk;
	_Alignas(64) char values[BATCH * sizeof(double)], buf[BATCH * 16];
	size_t size = tr_dtype_size(s->dtype);

	(void)worker;
	for (; first < last; first += BATCH) {
		size_t n = last - first < BATCH ? (size_t)(last - first) : BATCH;
		const char *v = tr__load_range(s->dev, s->v, first, n, s->dtype, values);

		if (s->sorted)
			searches[s->dtype](out, s->sorted, s->n, v, n, s->right);
		for (size_t i = 0; i < n && !s->sorted; i++)
			out[i] = s->n ? search_one(s, v + i * size) : 0;
		tr__store_range(s->dev, s->dst, first, n, TR_I64, out, buf);
	}
}

/* Brings a together if that pays. Scratch of the first worker holds it. */
static int prepare(struct search *s, char *detail)
{
	double halvings = log2((double)s->n + 1);
	bool dense = s->a->dtype == s->dtype && s->n && (s->n == 1 || s->a->stride[0] == 1);
	size_t size = tr_dtype_size(s->dtype);

	if (dense) {
		s->sorted = s->a->addr;
		return 0;
	}
	if ((double)s->count * halvings * 8 < (double)s->n || !s->n)
		return 0;
	if (tr__scratch(s->dev, (size_t)s->n * size)) {
		snprintf(detail, 128, "cannot allocate %zu bytes", (size_t)s->n * size);
		return -TR_ENOMEM;
	}
	s->sorted = tr__load_range(s->dev, s->a, 0, (size_t)s->n, s->dtype, s->dev->scratch[0]);
	return 0;
}

int tr__exec_search(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	struct search s = {.dev = dev, .dst = &cmd->operand[0], .a = &cmd->operand[1], .v = &cmd->operand[2],
			   .dtype = cmd->dtype, .n = cmd->operand[1].shape[0], .count = 1,
			   .right = cmd->attr.u32[0] & TR_SEARCH_RIGHT};
	int err = prepare(&s, detail);

	if (err)
		return err;
	for (int d = 0; d < s.v->ndim; d++)
		s.count *= s.v->shape[d];
	s.parts = tr__pool_parts(dev, (double)s.count * (5 + HALVING_NS * log2((double)s.n + 1)), (size_t)s.count);
	tr__pool_run(dev, s.parts, run_part, &s);
	return 0;
}
