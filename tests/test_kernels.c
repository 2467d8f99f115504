/* SPDX-License-Identifier: MIT */
/*
 * The elementwise kernels and conversions of every level against the specification (lib/ref), bit for bit, over the
 * whole op table: all sizes around the vector's, against guard pages on both sides, in place, special values crossed.
 * tests/test_ref.c checks the specification itself. NaN equals NaN, whatever its bits.
 */
#include "tests/harness.h"

#include <math.h>
#include <string.h>

#include "tests/levels.h"

#define MOST 1031     /* elements; more than four vectors of bytes, and odd */
#define ELEMENT 16    /* bytes of the largest */
#define CANARY 0xa5
#define VECTOR 64     /* bytes of the widest level's */

/* One operand's room, with a guard page after it or before it. */
struct arena {
	unsigned char *base;
	enum guard_side side;
};

struct operands {
	struct arena src[3], dst;
	unsigned char *data[3]; /* MOST elements each: what is copied into the arenas */
	unsigned char *want;
	uint32_t cases;         /* kernels compared so far, all sizes */
	bool failed;            /* nothing is compared after the first difference, so that the note names it */
};

static void arena_init(struct arena *a, enum guard_side side)
{
	a->side = side;
	a->base = guard_alloc(MOST * ELEMENT, side);
}

/* Where size bytes touch the guard page. */
static unsigned char *arena_at(const struct arena *a, size_t size)
{
	return a->side == GUARD_AFTER ? a->base + MOST * ELEMENT - size : a->base;
}

static void operands_init(struct operands *o, enum guard_side side)
{
	memset(o, 0, sizeof(*o));
	for (int i = 0; i < 3; i++) {
		arena_init(&o->src[i], side);
		o->data[i] = guard_alloc(MOST * ELEMENT, GUARD_AFTER);
	}
	arena_init(&o->dst, side);
	o->want = guard_alloc(MOST * ELEMENT, GUARD_AFTER);
}

static void operands_finish(struct operands *o)
{
	for (int i = 0; i < 3; i++) {
		guard_free(o->src[i].base);
		guard_free(o->data[i]);
	}
	guard_free(o->dst.base);
	guard_free(o->want);
}

/* Bit patterns that are special in some type when cut to its size: zeros, units, limits and their neighbours … */
static const uint64_t special_bits[] = {
	0, 1, 2, 3, 7, 8, 31, 63, 64, 127, 128, 255, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
	0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0xfffffffffffffffe,
	0x7bff, 0x7c00, 0xfc00, 0x7e01, 0x0400, 0x03ff, 0x3c00, /* binary16: largest, ±Inf, NaN, least normal … 1 */
	0x7f80, 0xff80, 0x7fc1, 0x3f80,                         /* bfloat16: ±Inf, NaN, 1 */
};

/* … and numbers: halves for rint, limits of the integers for casts, of f16 and f32 for rounding into them. */
static const double special_numbers[] = {
	0.0, -0.0, 0.5, -0.5, 1, -1, 1.5, 2.5, -2.5, 3, -7, 0x1p-149, -0x1p-126, 0x1.fffffep-127, 0x1p-1074, 0x1p-1022,
	0x1.fffffep127, 0x1.fffffefp127, -0x1.ffffffp127, 0x1.fffffffffffffp1023, __builtin_inf(), -__builtin_inf(),
	__builtin_nan(""), 127, 128, -128.5, -129, 255.5, 256, 32767, -32769, 65504, 65519.99, 65520, 0x1p-24, 0x1p-25,
	0x1.8p-25, 0x1p-14, 0x1.ffcp-15, 0x1p31, 0x1.fffffffcp30, -0x1p31, 4294967295.0, 0x1p32, 0x1p63, -0x1p63,
	0x1p64, 0x1.01p0, 0x1.03p0, 0x1.00200000000001p0, 8388607.5, 0x1p52, 4503599627370495.5, 1e10, 3e-39,
};

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void put_number(enum tr_dtype dtype, unsigned char *p, double x)
{
	tr__ref_kernels.cast[TR_F64][dtype](p, &x, 1);
}

static bool has_bits(enum tr_dtype dtype)
{
	return dtype != TR_BOOL && dtype != TR_C64 && dtype != TR_C128;
}

static size_t special_count(enum tr_dtype dtype)
{
	return COUNT(special_numbers) + (has_bits(dtype) ? COUNT(special_bits) : 0);
}

static void put_special(enum tr_dtype dtype, unsigned char *p, size_t i)
{
	if (i < COUNT(special_numbers))
		put_number(dtype, p, special_numbers[i]);
	else
		memcpy(p, &special_bits[i - COUNT(special_numbers)], tr_dtype_size(dtype));
}

/* Specials, random bits, and numbers of moderate size, mixed. */
static void put_random(enum tr_dtype dtype, unsigned char *p)
{
	uint64_t bits[2] = {test_rand(), test_rand()};
	uint64_t kind = test_rand_below(4);

	if (kind == 0)
		put_special(dtype, p, test_rand_below(special_count(dtype)));
	else if (kind == 1 && dtype != TR_BOOL)
		memcpy(p, bits, tr_dtype_size(dtype));
	else
		put_number(dtype, p, dtype == TR_BOOL ? (double)(bits[0] & 1) : test_rand_normal() * 20);
}

static bool is_nan(enum tr_dtype dtype, const unsigned char *p)
{
	double x;

	tr__ref_kernels.cast[dtype][TR_F64](&x, p, 1);
	return x != x;
}

/* A complex number is two floats here. */
static bool same(enum tr_dtype dtype, const unsigned char *a, const unsigned char *b, size_t n)
{
	enum tr_dtype part = dtype == TR_C64 ? TR_F32 : dtype == TR_C128 ? TR_F64 : dtype;
	size_t size = tr_dtype_size(part);

	if (!memcmp(a, b, n * tr_dtype_size(dtype)))
		return true;
	for (size_t i = 0; i < n * tr_dtype_size(dtype); i += size)
		if (memcmp(a + i, b + i, size) && !(is_nan(part, a + i) && is_nan(part, b + i)))
			return false;
	return true;
}

/* Whether size bytes at p, inside the arena of its base, have only canaries around them. */
static bool only_there(const struct arena *a, const unsigned char *p, size_t size)
{
	for (const unsigned char *q = a->base; q < a->base + MOST * ELEMENT; q++)
		if ((q < p || q >= p + size) && *q != CANARY)
			return false;
	return true;
}

/* The next size after n: every one up to two vectors and one element, then some larger. */
static size_t next_size(size_t n, size_t size)
{
	size_t dense = 2 * VECTOR / size + 1;

	return n < dense ? n + 1 : n < MOST / 2 ? n + MOST / 4 - 1 : n < MOST ? MOST : MOST + 1;
}

struct map_case {
	const struct tr_kernels *level;
	enum tr_op op;
	enum tr_dtype dtype, out;
	int nsrc;
};

static bool is_half(enum tr_dtype dtype)
{
	return dtype == TR_F16 || dtype == TR_BF16;
}

static tr_map_fn map_of(const struct tr_kernels *k, const struct map_case *c)
{
	return is_half(c->dtype) ? k->half[c->op][TR__HALF(c->dtype)] : k->map[c->op][c->dtype];
}

/* What the specification makes of n elements; of half types by way of f32, which the numbers are in. */
static void specify(const struct map_case *c, void *dst, const void *const *src, size_t n)
{
	static float wide[3][MOST], result[MOST];
	const void *from[] = {src[0], src[1], src[2]};

	if (!is_half(c->dtype)) {
		tr__ref_kernels.map[c->op][c->dtype](dst, src, n);
		return;
	}
	for (int i = 0; i < c->nsrc; i++) {
		if (tr__ops[c->op].family == TR_FAMILY_SELECT && i == 0)
			continue;
		tr__ref_kernels.cast[c->dtype][TR_F32](wide[i], src[i], n);
		from[i] = wide[i];
	}
	tr__ref_kernels.map[c->op][TR_F32](c->out == TR_BOOL ? dst : result, from, n);
	if (c->out != TR_BOOL)
		tr__ref_kernels.cast[TR_F32][c->dtype](dst, result, n);
}

/* In place of source `over`, or of none if it is -1. shift: dst is one element off where it would touch the page. */
static void check_map(struct operands *o, const struct map_case *c, size_t n, int over, bool shift)
{
	static const double numbers[2] = {0.75, 6};
	uint64_t number[2] = {0};
	static const uint64_t key = 0x123456789abcdefull, stream = 7ull << 32;
	const void *src[5] = {NULL}, *data[5] = {NULL};
	size_t out_size = n * tr_dtype_size(c->out), step = shift ? tr_dtype_size(c->out) : 0;
	unsigned char *dst = o->dst.side == GUARD_AFTER ? arena_at(&o->dst, out_size) - step : o->dst.base + step;

	if (o->failed)
		return;
	memset(o->dst.base, CANARY, MOST * ELEMENT);
	for (int i = 0; i < c->nsrc; i++) {
		bool is_mask = tr__ops[c->op].family == TR_FAMILY_SELECT && i == 0;
		size_t size = n * tr_dtype_size(is_mask ? TR_BOOL : c->dtype);
		unsigned char *p = i == over ? dst : arena_at(&o->src[i], size);

		memcpy(p, o->data[i], size);
		src[i] = p;
		data[i] = o->data[i];
	}
	for (unsigned i = 0; i < tr__family_numbers((enum tr_family)tr__ops[c->op].family); i++) {
		put_number(is_half(c->dtype) ? TR_F32 : c->dtype, (unsigned char *)&number[i], numbers[i]);
		src[c->nsrc + (int)i] = data[c->nsrc + (int)i] = &number[i];
	}
	if (tr__ops[c->op].family == TR_FAMILY_RANDOM_TRY) {
		src[3] = data[3] = &key;
		src[4] = data[4] = &stream;
	}
	test_note("%s %s %s n=%zu in place of %d shift %d", c->level->name, tr__ops[c->op].name,
		  tr_dtype_name(c->dtype), n, over, shift);
	specify(c, o->want, data, n);
	map_of(c->level, c)(dst, src, n);
	o->failed = !same(c->out, dst, o->want, n) || !only_there(&o->dst, dst, out_size);
	o->cases++;
}

static void check_map_sizes(struct operands *o, const struct map_case *c)
{
	bool select = tr__ops[c->op].family == TR_FAMILY_SELECT;
	size_t size = tr_dtype_size(c->dtype), specials = special_count(c->dtype);

	for (int i = 0; i < c->nsrc; i++)
		for (size_t j = 0; j < MOST; j++)
			put_random(select && i == 0 ? TR_BOOL : c->dtype, o->data[i] + j * (select && i == 0 ? 1 : size));
	for (size_t n = 1; n <= MOST; n = next_size(n, size)) {
		check_map(o, c, n, -1, false);
		for (int i = 0; i < c->nsrc && c->out == c->dtype && n < MOST; i++)
			if (!select || i || c->dtype == TR_BOOL)
				check_map(o, c, n, i, true);
	}
	if (select)
		return;
	for (size_t first = 0; first < specials * specials; first += MOST) {
		for (size_t j = 0; j < MOST; j++)
			for (int i = 0; i < c->nsrc; i++)
				put_special(c->dtype, o->data[i] + j * size,
					    (i == 0   ? first + j
					     : i == 1 ? (first + j) / specials
						      : test_rand()) % specials);
		check_map(o, c, MOST, -1, false);
	}
}

static void maps_match_on(enum guard_side side)
{
	const struct tr_kernels *tables[MOST_TABLES];
	size_t levels = list_tables(tables) - 1;
	struct operands o;

	operands_init(&o, side);
	for (size_t i = 1; i <= levels; i++) {
		const struct tr_kernels *l = tables[i];

		for (int op = 0; op < TR_OP_COUNT; op++) {
			for (int dtype = 0; dtype < TR_DTYPE_COUNT; dtype++) {
				bool is_bool = tr__ops[op].result == TR_RESULT_BOOL;
				struct map_case c = {l, (enum tr_op)op, (enum tr_dtype)dtype,
						     is_bool ? TR_BOOL : (enum tr_dtype)dtype,
						     (int)tr__family_sources((enum tr_family)tr__ops[op].family)};

				if (map_of(l, &c))
					check_map_sizes(&o, &c);
			}
		}
	}
	operands_finish(&o);
	CU_ASSERT_FALSE(o.failed);
	if (!levels)
		TEST_SKIP("no level but the specification runs here");
	CU_ASSERT_TRUE(o.failed || o.cases > 10000 * levels);
}

static void maps_match_specification_at_end(void)
{
	maps_match_on(GUARD_AFTER);
}

static void maps_match_specification_at_start(void)
{
	maps_match_on(GUARD_BEFORE);
}

/* a, b and c of an fma whose sum cancels, ends in a tie or a bit beside one, or has terms of any distance and size. */
static void put_fma(double *a, double *b, double *c)
{
	int gap = (int)test_rand_below(240) - 120;
	int shift = test_rand_below(2) ? (int)test_rand_below(2200) - 1100 : (int)test_rand_below(320) - 160; /* of f64, of f32 */
	double sign = test_rand_below(2) ? 1 : -1;

	*a = test_rand_normal();
	*b = test_rand_normal();
	if (test_rand_below(2)) { /* few bits */
		*a = ldexp(floor(ldexp(*a, 20)), -20);
		*b = ldexp(floor(ldexp(*b, 32)), -32);
	}
	*c = sign * *a * *b;
	switch (test_rand_below(4)) {
	case 0: *c = nextafter(*c, test_rand_normal()); break;
	case 1: *c = sign * ldexp(1, gap); break;
	case 2: *c = ldexp(test_rand_normal(), gap); break;
	}
	if (!test_rand_below(4)) {
		*a = ldexp(*a, shift);
		*c = ldexp(*c, shift);
	}
	if (!test_rand_below(16))
		*(test_rand_below(2) ? a : c) *= 0;
}

static void fma_rounds_once(void)
{
	enum { N = 256, ROUNDS = 400 };
	const struct tr_kernels *tables[MOST_TABLES];
	size_t levels = list_tables(tables);
	double wide[3][N], y[N], z[N];
	float narrow[3][N];
	const void *src[] = {wide[0], wide[1], wide[2]}, *src_f32[] = {narrow[0], narrow[1], narrow[2]};

	for (int r = 0; r < ROUNDS; r++) {
		for (int i = 0; i < N; i++) {
			put_fma(&wide[0][i], &wide[1][i], &wide[2][i]);
			for (int k = 0; k < 3; k++)
				narrow[k][i] = (float)wide[k][i];
		}
		for (size_t l = 1; l < levels; l++) {
			test_note("%s", tables[l]->name);
			tr__ref_kernels.map[TR_OP_fma][TR_F64](z, src, N);
			tables[l]->map[TR_OP_fma][TR_F64](y, src, N);
			CU_ASSERT_FATAL(same(TR_F64, (const void *)y, (const void *)z, N));
			tr__ref_kernels.map[TR_OP_fma][TR_F32](z, src_f32, N);
			tables[l]->map[TR_OP_fma][TR_F32](y, src_f32, N);
			CU_ASSERT_FATAL(same(TR_F32, (const void *)y, (const void *)z, N));
		}
	}
	if (levels == 1)
		TEST_SKIP("no level but the specification runs here");
}

static void check_cast(struct operands *o, const struct tr_kernels *k, enum tr_dtype from, enum tr_dtype to, size_t n,
		       bool in_place)
{
	size_t size = n * tr_dtype_size(from), out_size = n * tr_dtype_size(to);
	unsigned char *dst = arena_at(&o->dst, out_size), *src = in_place ? dst : arena_at(&o->src[0], size);

	if (o->failed)
		return;
	memset(o->dst.base, CANARY, MOST * ELEMENT);
	memcpy(src, o->data[0], size);
	test_note("%s %s to %s n=%zu in place %d", k->name, tr_dtype_name(from), tr_dtype_name(to), n, in_place);
	tr__ref_kernels.cast[from][to](o->want, o->data[0], n);
	k->cast[from][to](dst, src, n);
	o->failed = !same(to, dst, o->want, n) || !only_there(&o->dst, dst, out_size);
	o->cases++;
}

static void check_cast_sizes(struct operands *o, const struct tr_kernels *k, enum tr_dtype from, enum tr_dtype to)
{
	size_t size = tr_dtype_size(from), specials = special_count(from);

	for (size_t j = 0; j < MOST; j++)
		if (j < specials)
			put_special(from, o->data[0] + j * size, j);
		else
			put_random(from, o->data[0] + j * size);
	for (size_t n = 1; n <= MOST; n = next_size(n, 4)) {
		check_cast(o, k, from, to, n, false);
		if (size == tr_dtype_size(to))
			check_cast(o, k, from, to, n, true);
	}
}

static void casts_match_specification(void)
{
	const struct tr_kernels *tables[MOST_TABLES];
	size_t levels = list_tables(tables) - 1, cases = 0;
	bool failed = false;

	for (int side = GUARD_AFTER; side <= GUARD_BEFORE; side++) {
		struct operands o;

		operands_init(&o, (enum guard_side)side);
		for (size_t i = 1; i <= levels; i++)
			for (int from = 0; from < TR_DTYPE_COUNT; from++)
				for (int to = 0; to < TR_DTYPE_COUNT; to++)
					if (tables[i]->cast[from][to] != tr__ref_kernels.cast[from][to])
						check_cast_sizes(&o, tables[i], (enum tr_dtype)from, (enum tr_dtype)to);
		cases += o.cases;
		operands_finish(&o);
		CU_ASSERT_FALSE(o.failed);
		failed |= o.failed;
	}
	if (!levels)
		TEST_SKIP("no level but the specification runs here");
	CU_ASSERT_TRUE(failed || cases > 1000 * levels);
}

/* A level has a kernel for exactly the elementwise rows and types that the table says. */
static void tables_are_complete(void)
{
	const struct tr_kernels *tables[MOST_TABLES];
	size_t n = list_tables(tables);

	for (size_t i = 0; i < n; i++) {
		for (int op = 0; op < TR_OP_COUNT; op++) {
			bool maps = tr__ops[op].family <= TR_FAMILY_SELECT || tr__family_is_random((enum tr_family)tr__ops[op].family);

			for (int dtype = 0; dtype < TR_DTYPE_COUNT; dtype++) {
				bool want = maps && (tr__ops[op].dtypes >> dtype & 1);

				test_note("%s %s %s", tables[i]->name, tr__ops[op].name, tr_dtype_name((enum tr_dtype)dtype));
				CU_ASSERT_EQUAL(tables[i]->map[op][dtype] != NULL, want);
				if (is_half((enum tr_dtype)dtype) && tables[i]->half[TR_OP_add][0])
					CU_ASSERT_EQUAL(tables[i]->half[op][TR__HALF(dtype)] != NULL,
							tr__ops[op].family <= TR_FAMILY_SELECT &&
								(tr__ops[op].dtypes >> TR_F32 & 1));
				if (want && i)
					CU_ASSERT_PTR_NOT_EQUAL(tables[i]->map[op][dtype], tr__ref_kernels.map[op][dtype]);
			}
		}
	}
	for (int from = 0; from < TR_DTYPE_COUNT; from++)
		for (int to = 0; to < TR_DTYPE_COUNT; to++)
			CU_ASSERT_PTR_NOT_NULL(tr__ref_kernels.cast[from][to]);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(tables_are_complete),
		TEST(maps_match_specification_at_end),
		TEST(maps_match_specification_at_start),
		TEST(fma_rounds_once),
		TEST(casts_match_specification),
	};

	return TEST_RUN("kernels", cases);
}
