/* SPDX-License-Identifier: MIT */
/*
 * Reductions: the level's kernels against lib/ref's, and whole commands against the fixed-order folds of lib/ref, bit for
 * bit over sizes, layouts, axes, types and thread counts.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ref/fold.h"
#include "simd/cpu.h"
#include "tests/harness.h"

static struct test_heap heap;

static struct tr_device *open_device(unsigned threads)
{
	static struct tr_allocator alloc;
	struct tr_context_params params = {.threads = threads};
	struct tr_device *dev = NULL;
	char err[128] = "";

	alloc = test_heap_allocator(&heap);
	CU_ASSERT_EQUAL(tr__cpu_driver.open(&dev, 0, &params, &alloc, err, sizeof(err)), 0);
	return dev;
}

static void close_device(struct tr_device *dev)
{
	tr__cpu_driver.close(dev);
	CU_ASSERT_EQUAL(heap.live, 0);
}

/* ---- values ---- */

static const enum tr_dtype types[] = {TR_BOOL, TR_I8, TR_I16, TR_I32, TR_I64, TR_U8,
				      TR_U16,  TR_U32, TR_U64, TR_F32, TR_F64};
#define NTYPES (sizeof(types) / sizeof(*types))

static bool is_float(enum tr_dtype t)
{
	return t == TR_F32 || t == TR_F64 || t == TR_F16 || t == TR_BF16;
}

/* specials: any bit pattern, else ordinary numbers near 1. */
static void fill_random(enum tr_dtype t, void *p, size_t n, bool specials)
{
	for (size_t i = 0; i < n; i++) {
		double x = test_rand_normal();
		float f = (float)x;

		switch (t) {
		case TR_BOOL:
			((uint8_t *)p)[i] = (uint8_t)test_rand_below(2);
			break;
		case TR_F32:
			((float *)p)[i] = specials ? test_rand_f32() : f;
			break;
		case TR_F64:
			((double *)p)[i] = specials ? test_rand_f64() : x;
			break;
		case TR_F16:
		case TR_BF16:
			tr__ref_kernels.cast[TR_F32][t]((uint16_t *)p + i, &f, 1);
			break;
		default: {
			uint64_t bits = test_rand() >> test_rand_below(64);

			memcpy((char *)p + i * tr_dtype_size(t), &bits, tr_dtype_size(t));
		}
		}
	}
}

static bool is_nan(enum tr_dtype t, const void *p)
{
	float f;
	double d;

	memcpy(&f, p, sizeof(f));
	if (t == TR_F32)
		return isnan(f);
	if (t != TR_F64)
		return false;
	memcpy(&d, p, sizeof(d));
	return isnan(d);
}

/* Whether n elements have the same bits; a NaN equals any NaN. */
static bool same(enum tr_dtype t, const void *a, const void *b, size_t n)
{
	size_t size = tr_dtype_size(t);

	for (size_t i = 0; i < n; i++) {
		const char *x = (const char *)a + i * size, *y = (const char *)b + i * size;

		if (memcmp(x, y, size) && !(is_nan(t, x) && is_nan(t, y))) {
			test_note("%s element %zu of %zu", tr_dtype_name(t), i, n);
			return false;
		}
	}
	return true;
}

/* ---- kernels ---- */

/* Rows, stride and width of a fold, or of a column's chunks, over every type and operation, against lib/ref's. */
static void check_fold(const struct tr_kernels *k, size_t rows, size_t n, enum guard_side side, bool column)
{
	for (int f = 0; f < TR_FOLD_COUNT; f++) {
		for (size_t i = 0; i < NTYPES; i++) {
			enum tr_dtype t = types[i];
			size_t size = tr_dtype_size(t), stride = n + test_rand_below(3);
			char *src, *got, *centre, want[256 * 8];

			if (!k->fold[f][t])
				continue;
			src = guard_alloc(((rows - 1) * stride + n) * size, side);
			got = guard_alloc(n * size, side);
			centre = guard_alloc(n * size, side);
			fill_random(t, src, (rows - 1) * stride + n, true);
			guard_readonly(src);
			/* a centre of ordinary numbers: elements near them, and elements far off */
			fill_random(t, centre, n, false);
			(column ? k->column : k->fold)[f][t](got, src, (ptrdiff_t)stride, rows, n, centre);
			for (size_t j = 0; j < n && column; j++)
				tr__ref_fold_column((enum tr_fold)f, t, want + j * size, src + j * size,
						    (ptrdiff_t)stride, rows, centre + j * size);
			if (!column)
				tr__ref_kernels.fold[f][t](want, src, (ptrdiff_t)stride, rows, n, centre);
			test_note("%s %d of %s, %zu rows of %zu", column ? "column" : "fold", f, tr_dtype_name(t), rows,
				  n);
			CU_ASSERT(same(t, got, want, n));
			guard_free(src);
			guard_free(got);
			guard_free(centre);
		}
	}
}

static void folds_like_the_specification(void)
{
	struct tr_device *dev = open_device(1);

	for (size_t n = 1; n <= 2 * 64 + 1; n++)
		check_fold(dev->k, 1 + n % 5, n, n & 1 ? GUARD_AFTER : GUARD_BEFORE, false);
	for (size_t rows = 1; rows <= 17; rows++)
		check_fold(dev->k, rows, 1 + test_rand_below(200), rows & 1 ? GUARD_AFTER : GUARD_BEFORE, false);
	close_device(dev);
}

static void columns_like_the_specification(void)
{
	struct tr_device *dev = open_device(1);

	for (size_t rows = 1; rows <= TR_COLUMN_ROWS; rows += 1 + test_rand_below(rows < 150 ? 4 : 180))
		check_fold(dev->k, rows, 1 + rows % 19, rows & 1 ? GUARD_AFTER : GUARD_BEFORE, true);
	check_fold(dev->k, TR_COLUMN_ROWS, 70, GUARD_AFTER, true);
	close_device(dev);
}

/* The lanes of n elements, every type and operation, against lib/ref's. */
static void check_line(const struct tr_kernels *k, size_t n, enum guard_side side)
{
	for (int f = 0; f < TR_FOLD_COUNT; f++) {
		for (size_t i = 0; i < NTYPES; i++) {
			enum tr_dtype t = types[i];
			size_t size = tr_dtype_size(t);
			char *src, *got, want[TR_LANES * 8], centre[TR_LANES * 8];

			if (!k->line[f][t])
				continue;
			src = guard_alloc(n * size, side);
			got = guard_alloc(TR_LANES * size, side);
			fill_random(t, src, n, true);
			guard_readonly(src);
			fill_random(t, centre, 1, false);
			for (size_t l = 1; l < TR_LANES; l++)
				memcpy(centre + l * size, centre, size);
			k->line[f][t](got, src, n, centre);
			tr__ref_kernels.line[f][t](want, src, n, centre);
			test_note("line %d of %s, %zu elements", f, tr_dtype_name(t), n);
			CU_ASSERT(same(t, got, want, n < TR_LANES ? n : TR_LANES));
			guard_free(src);
			guard_free(got);
		}
	}
}

static void lines_like_the_specification(void)
{
	struct tr_device *dev = open_device(1);

	for (size_t n = 1; n <= 3 * TR_LANES + 1; n += 1 + test_rand_below(3))
		check_line(dev->k, n, n & 1 ? GUARD_AFTER : GUARD_BEFORE);
	for (size_t n = TR_LANES * TR_CHUNK_ROWS; n < TR_LANES * TR_LINE_ROWS; n += 1 + test_rand_below(900))
		check_line(dev->k, n, n & 1 ? GUARD_AFTER : GUARD_BEFORE);
	check_line(dev->k, TR_LANES * TR_LINE_ROWS, GUARD_AFTER);
	close_device(dev);
}

/* Whole rows of n elements, `gap` apart, every type and operation, against lib/ref's. */
static void check_lines(const struct tr_kernels *k, size_t n, size_t rows, size_t gap)
{
	for (int f = 0; f < TR_FOLD_JOINS; f++) {
		for (size_t i = 0; i < NTYPES; i++) {
			enum tr_dtype t = types[i];
			size_t size = tr_dtype_size(t), count = (rows - 1) * (n + gap) + n;
			char *src, *got, want[16 * 8];

			if (!k->lines[f][t])
				continue;
			src = guard_alloc(count * size, GUARD_AFTER);
			got = guard_alloc(rows * size, GUARD_AFTER);
			fill_random(t, src, count, gap & 1);
			guard_readonly(src);
			k->lines[f][t](got, src, (ptrdiff_t)(n + gap), rows, n);
			tr__ref_kernels.lines[f][t](want, src, (ptrdiff_t)(n + gap), rows, n);
			test_note("lines %d of %s, %zu rows of %zu elements", f, tr_dtype_name(t), rows, n);
			CU_ASSERT(same(t, got, want, rows));
			guard_free(src);
			guard_free(got);
		}
	}
}

static void rows_like_the_specification(void)
{
	struct tr_device *dev = open_device(1);

	for (size_t n = TR_LANES; n <= TR_LANES * TR_LINE_ROWS; n += 1 + test_rand_below((uint32_t)n))
		check_lines(dev->k, n, 1 + n % 5, n % 4);
	check_lines(dev->k, TR_LANES * TR_LINE_ROWS, 2, 1);
	close_device(dev);
}

static void halves_like_the_specification(void)
{
	struct tr_device *dev = open_device(1);

	for (int round = 0; round < 50; round++) {
		for (int f = 0; f < TR_FOLD_JOINS; f++) {
			for (size_t i = 0; i < NTYPES; i++) {
				enum tr_dtype t = types[i];
				size_t bytes = TR_LANES * tr_dtype_size(t);
				char *got, want[TR_LANES * 8];

				if (!dev->k->halve[f][t])
					continue;
				got = guard_alloc(bytes, round & 1 ? GUARD_AFTER : GUARD_BEFORE);
				fill_random(t, got, TR_LANES, round >= 10);
				memcpy(want, got, bytes);
				dev->k->halve[f][t](got);
				tr__ref_kernels.halve[f][t](want);
				test_note("halve %d of %s", f, tr_dtype_name(t));
				CU_ASSERT(same(t, got, want, 1));
				guard_free(got);
			}
		}
	}
	close_device(dev);
}

/* Few different values, so that extremes are found more than once; NaN in some rows, zeros of both signs in most. */
static void fill_for_arg(enum tr_dtype t, char *x, size_t n, bool nan)
{
	static const double values[] = {-3, -1, -0.0, 0, 1, 2, 1, -INFINITY, INFINITY};
	size_t size = tr_dtype_size(t);
	double special = NAN;

	for (size_t i = 0; i < n; i++) {
		double v = values[test_rand_below(is_float(t) && test_rand_below(4) ? 9 : 7)];

		if (t == TR_BOOL || t >= TR_U8)
			v = is_float(t) ? v : fabs(v) + 2 * (v < 0);
		tr__ref_kernels.cast[TR_F64][t](x + i * size, &v, 1);
	}
	for (size_t i = 0, some = nan && is_float(t) ? 1 + test_rand_below(n) / 2 : 0; i < some; i++)
		tr__ref_kernels.cast[TR_F64][t](x + test_rand_below(n) * size, &special, 1);
}

static void finds_the_first_extreme(void)
{
	static const size_t large[] = {1023, 1024, 2047, 2048, 2049, 5000};
	struct tr_device *dev = open_device(1);

	for (size_t n = 1; n <= 140 + sizeof(large) / sizeof(*large); n++) {
		size_t len = n <= 140 ? n : large[n - 141];

		for (size_t i = 0; i < NTYPES; i++) {
			enum tr_dtype t = types[i];
			char *x = guard_alloc(len * tr_dtype_size(t), n & 1 ? GUARD_AFTER : GUARD_BEFORE);

			for (int round = 0; round < 4; round++) {
				if (round == 3)
					fill_random(t, x, len, false);
				else
					fill_for_arg(t, x, len, round == 2);
				test_note("%s, %zu elements, round %d", tr_dtype_name(t), len, round);
				CU_ASSERT_EQUAL(dev->k->argmin[t](x, len), tr__ref_kernels.argmin[t](x, len));
				CU_ASSERT_EQUAL(dev->k->argmax[t](x, len), tr__ref_kernels.argmax[t](x, len));
				if (!is_float(t))
					continue;
				CU_ASSERT_EQUAL(dev->k->nanargmin[t](x, len), tr__ref_kernels.nanargmin[t](x, len));
				CU_ASSERT_EQUAL(dev->k->nanargmax[t](x, len), tr__ref_kernels.nanargmax[t](x, len));
			}
			guard_free(x);
		}
	}
	close_device(dev);
}

/* Columns of one kind of kernel: what is best so far, and where. */
static void check_columns(enum tr_dtype t, const tr_args_fn *got_fn, const tr_args_fn *want_fn, size_t rows, size_t n)
{
	size_t size = tr_dtype_size(t), stride = n + test_rand_below(3);
	enum guard_side side = n & 1 ? GUARD_AFTER : GUARD_BEFORE;
	char *src = guard_alloc(((rows - 1) * stride + n) * size, side), *got = guard_alloc(n * size, side);
	char *at = guard_alloc(n * size, side), want[160 * 8], want_at[160 * 8];

	fill_for_arg(t, src, (rows - 1) * stride + n, rows & 1);
	guard_readonly(src);
	fill_for_arg(t, got, n, n & 1);
	memcpy(want, got, n * size);
	got_fn[t](got, at, src, (ptrdiff_t)stride, rows, n);
	want_fn[t](want, want_at, src, (ptrdiff_t)stride, rows, n);
	test_note("%s, %zu rows of %zu", tr_dtype_name(t), rows, n);
	CU_ASSERT(same(t, got, want, n));
	CU_ASSERT(same(t, at, want_at, n));
	guard_free(src);
	guard_free(got);
	guard_free(at);
}

static void finds_extremes_of_columns(void)
{
	struct tr_device *dev = open_device(1);
	const struct tr_kernels *k = dev->k, *ref = &tr__ref_kernels;

	for (size_t n = 1; n <= 140; n += 1 + test_rand_below(3)) {
		size_t rows = 1 + test_rand_below(TR_ARG_ROWS);

		for (size_t i = 0; i < NTYPES; i++) {
			check_columns(types[i], k->argmins, ref->argmins, rows, n);
			check_columns(types[i], k->argmaxs, ref->argmaxs, rows, n);
			if (!is_float(types[i]))
				continue;
			check_columns(types[i], k->nanargmins, ref->nanargmins, rows, n);
			check_columns(types[i], k->nanargmaxs, ref->nanargmaxs, rows, n);
		}
	}
	close_device(dev);
}

/* From numbers on that a float cannot hold, too. */
static void ranges_like_the_specification(void)
{
	static const int64_t from[] = {0, 1, 1000, (1 << 24) - 20, (1 << 24) + 1, INT64_C(1) << 40, (INT64_C(1) << 53) - 9};
	struct tr_device *dev = open_device(1);

	for (size_t n = 1; n <= 140; n++) {
		for (size_t i = 0; i < NTYPES; i++) {
			enum tr_dtype t = types[i];
			int64_t first = from[test_rand_below(sizeof(from) / sizeof(*from))];
			char want[140 * 8], numbers[2 * 8], *got;

			if (t == TR_BOOL)
				continue;
			got = guard_alloc(n * tr_dtype_size(t), n & 1 ? GUARD_AFTER : GUARD_BEFORE);
			fill_random(t, numbers, 2, false);
			dev->k->range[t](got, numbers, numbers + tr_dtype_size(t), first, n);
			tr__ref_kernels.range[t](want, numbers, numbers + tr_dtype_size(t), first, n);
			test_note("range of %s, %zu from %lld", tr_dtype_name(t), n, (long long)first);
			CU_ASSERT(same(t, got, want, n));
			guard_free(got);
		}
	}
	close_device(dev);
}

/* ---- commands ---- */

/* Of the problem in hand: the order of a norm, and whether one element in eight of a float source is a NaN. */
static double norm_order;
static bool with_nans;

/* A reduction over [outer…, reduced…, inner…] with its memory. */
struct problem {
	struct tr_operand operand[2];
	struct tr_cmd cmd;
	char *src_memory, *dst_memory;
};

static int64_t numel(const struct tr_operand *o)
{
	int64_t n = 1;

	for (int d = 0; d < o->ndim; d++)
		n *= o->shape[d];
	return n;
}

static const char *element(const struct tr_operand *o, int64_t i)
{
	int64_t at = 0;

	for (int d = o->ndim - 1; d >= 0; d--) {
		at += i % o->shape[d] * o->stride[d];
		i /= o->shape[d];
	}
	return (const char *)o->addr + at * (int64_t)tr_dtype_size(o->dtype);
}

static void convert(enum tr_dtype from, enum tr_dtype to, void *dst, const void *src, size_t n)
{
	if (from == to)
		memcpy(dst, src, n * tr_dtype_size(to));
	else
		tr__ref_kernels.cast[from][to](dst, src, n);
}

/* Strides of an operand in memory order `order`, and its memory: gaps, negative and zero strides if wild. */
static char *place(struct tr_operand *o, bool permuted, bool wild)
{
	int order[TR_MAX_RANK];
	int64_t step = 1, back = 0;
	char *memory;

	for (int d = 0; d < o->ndim; d++)
		order[d] = d;
	for (int d = o->ndim - 1; permuted && d > 0; d--) {
		int e = (int)test_rand_below((uint64_t)d + 1), keep = order[d];

		order[d] = order[e];
		order[e] = keep;
	}
	for (int k = o->ndim - 1; k >= 0; k--) {
		int d = order[k];
		uint64_t kind = wild ? test_rand_below(8) : 7;

		step *= kind == 0 ? 2 : 1;
		o->stride[d] = step;
		if (kind == 1) {
			o->stride[d] = 0;
			continue;
		}
		if (kind == 2) {
			o->stride[d] = -step;
			back += step * (o->shape[d] - 1);
		}
		step *= o->shape[d];
	}
	memory = guard_alloc((size_t)(step ? step : 1) * tr_dtype_size(o->dtype), GUARD_AFTER);
	o->addr = memory + back * (int64_t)tr_dtype_size(o->dtype);
	if (step)
		fill_random(o->dtype, memory, (size_t)step, false);
	for (int64_t i = 0; with_nans && is_float(o->dtype) && i < step; i += 1 + (int64_t)test_rand_below(15)) {
		double nan = NAN;

		convert(TR_F64, o->dtype, memory + i * (int64_t)tr_dtype_size(o->dtype), &nan, 1);
	}
	return memory;
}

static void close_problem(struct problem *p)
{
	guard_free(p->src_memory);
	guard_free(p->dst_memory);
}

enum layout { DENSE, PERMUTED, WILD };

static void open_problem(struct problem *p, enum tr_op op, enum tr_dtype in, enum tr_dtype eval, enum tr_dtype out,
			 int outer, int reduced, int ndim, const int64_t *shape, enum layout layout)
{
	struct tr_operand *dst = &p->operand[0], *src = &p->operand[1];

	memset(p, 0, sizeof(*p));
	src->dtype = in;
	dst->dtype = out;
	for (int d = 0; d < ndim; d++) {
		src->shape[src->ndim++] = shape[d];
		if (d < outer || d >= outer + reduced)
			dst->shape[dst->ndim++] = shape[d];
	}
	p->src_memory = place(src, layout != DENSE, layout == WILD);
	p->dst_memory = place(dst, false, false);
	guard_readonly(p->src_memory);
	p->cmd = (struct tr_cmd){.op = op, .family = tr__ops[op].family, .dtype = eval, .noperand = 2,
				 .operand = p->operand};
	p->cmd.attr.f64[3] = norm_order;
	p->cmd.attr.u32[1] = (uint32_t)outer;
	p->cmd.attr.u32[2] = (uint32_t)reduced;
}

static int run(struct tr_device *dev, struct problem *p)
{
	char detail[128] = "";

	if (p->cmd.family == TR_FAMILY_ARGREDUCE)
		return tr__exec_argreduce(dev, &p->cmd, detail);
	return tr__exec_reduce(dev, &p->cmd, detail);
}

static void map1(enum tr_op op, enum tr_dtype t, void *dst, const void *a, const void *b, size_t n)
{
	const void *src[] = {a, b};

	tr__ref_kernels.map[op][t](dst, src, n);
}

static void fold(bool columns, enum tr_fold f, enum tr_dtype t, void *out, const void *x, size_t n)
{
	(columns ? tr__ref_fold_column : tr__ref_fold_row)(f, t, out, x, 1, n, NULL);
}

/* x[i] = op(x[i], b), i < n; b NULL for an operation of one operand. */
static void each(enum tr_op op, enum tr_dtype t, char *x, size_t n, const void *b)
{
	size_t size = tr_dtype_size(t);

	for (size_t i = 0; i < n; i++)
		map1(op, t, x + i * size, x + i * size, b, 1);
}

static void number(enum tr_dtype t, void *out, double value)
{
	convert(TR_F64, t, out, &value, 1);
}

/* NaNs become a number; how many elements were none. */
static size_t replace_nan(enum tr_dtype t, char *x, size_t n, double value)
{
	size_t size = tr_dtype_size(t), numbers = 0;

	for (size_t i = 0; i < n; i++) {
		if (is_nan(t, x + i * size))
			number(t, x + i * size, value);
		else
			numbers++;
	}
	return numbers;
}

/* The nan-variants: x's NaNs are out of the way. */
static void nan_variant(enum tr_op op, enum tr_dtype t, bool columns, char *x, size_t n, double ddof_divisor, void *out)
{
	size_t size = tr_dtype_size(t), numbers;
	char *was_nan = malloc(n);
	double mean, divisor;

	for (size_t i = 0; i < n; i++)
		was_nan[i] = is_nan(t, x + i * size);
	numbers = replace_nan(t, x, n, op == TR_OP_nanprod ? 1 : op == TR_OP_nanmin ? INFINITY : op == TR_OP_nanmax ? -INFINITY : 0);
	fold(columns, op == TR_OP_nanprod ? TR_FOLD_MULTIPLY : op == TR_OP_nanmin ? TR_FOLD_MINIMUM :
	     op == TR_OP_nanmax ? TR_FOLD_MAXIMUM : TR_FOLD_ADD, t, out, x, n);
	if ((op == TR_OP_nanmin || op == TR_OP_nanmax) && !numbers)
		number(t, out, NAN);
	number(t, &divisor, (double)numbers);
	if (op == TR_OP_nanmean || op == TR_OP_nanvar || op == TR_OP_nanstd)
		map1(TR_OP_divide, t, out, out, &divisor, 1);
	if (op == TR_OP_nanvar || op == TR_OP_nanstd) {
		memcpy(&mean, out, size);
		each(TR_OP_subtract, t, x, n, &mean);
		each(TR_OP_square, t, x, n, NULL);
		for (size_t i = 0; i < n; i++)
			if (was_nan[i])
				number(t, x + i * size, 0);
		fold(columns, TR_FOLD_ADD, t, out, x, n);
		ddof_divisor -= (double)(n - numbers);
		number(t, &divisor, ddof_divisor > 0 ? ddof_divisor : NAN);
		map1(TR_OP_divide, t, out, out, &divisor, 1);
		if (op == TR_OP_nanstd)
			map1(TR_OP_sqrt, t, out, out, NULL, 1);
	}
	free(was_nan);
}

static void norm(enum tr_dtype t, bool columns, char *x, size_t n, void *out)
{
	double zero = 0, one;

	number(t, &one, 1);
	if (norm_order == 0) {
		for (size_t i = 0; i < n; i++)
			number(t, x + i * tr_dtype_size(t), memcmp(x + i * tr_dtype_size(t), &zero, tr_dtype_size(t)) != 0);
	} else if (isfinite(norm_order) && norm_order != 1 && norm_order != 2) {
		double p, inverse;

		number(t, &p, norm_order);
		number(t, &inverse, 1 / norm_order);
		each(TR_OP_absolute, t, x, n, NULL);
		each(TR_OP_pow, t, x, n, &p);
		fold(columns, TR_FOLD_ADD, t, out, x, n);
		map1(TR_OP_pow, t, out, out, &inverse, 1);
		return;
	} else {
		each(norm_order == 2 ? TR_OP_square : TR_OP_absolute, t, x, n, NULL);
	}
	fold(columns, isinf(norm_order) ? norm_order > 0 ? TR_FOLD_MAXIMUM : TR_FOLD_MINIMUM : TR_FOLD_ADD, t, out, x, n);
	if (norm_order == 2)
		map1(TR_OP_sqrt, t, out, out, NULL, 1);
}

static void logsumexp(enum tr_dtype t, bool columns, char *x, size_t n, void *out)
{
	double most;

	fold(columns, TR_FOLD_MAXIMUM, t, &most, x, n);
	each(TR_OP_subtract, t, x, n, &most);
	each(TR_OP_exp, t, x, n, NULL);
	fold(columns, TR_FOLD_ADD, t, out, x, n);
	map1(TR_OP_log, t, out, out, NULL, 1);
	map1(TR_OP_add, t, out, out, &most, 1);
}

/* One result by the page: x holds its n >= 1 elements of type t in logical order, out gets one. */
static void reduce_by_the_page(enum tr_op op, enum tr_dtype t, bool columns, char *x, size_t n, double ddof_divisor,
			       void *out)
{
	static const enum tr_fold folds[TR_OP_COUNT] = {
		[TR_OP_prod] = TR_FOLD_MULTIPLY, [TR_OP_min] = TR_FOLD_MINIMUM, [TR_OP_max] = TR_FOLD_MAXIMUM,
		[TR_OP_all] = TR_FOLD_AND, [TR_OP_any] = TR_FOLD_OR,
	};
	size_t size = tr_dtype_size(t);
	double count = (double)n, divisor, mean;

	if (op >= TR_OP_nansum && op <= TR_OP_nanmax) {
		nan_variant(op, t, columns, x, n, ddof_divisor, out);
		return;
	}
	if (op == TR_OP_norm || op == TR_OP_logsumexp) {
		(op == TR_OP_norm ? norm : logsumexp)(t, columns, x, n, out);
		return;
	}
	if (op == TR_OP_ptp) {
		fold(columns, TR_FOLD_MAXIMUM, t, out, x, n);
		fold(columns, TR_FOLD_MINIMUM, t, &mean, x, n);
		map1(TR_OP_subtract, t, out, out, &mean, 1);
		return;
	}
	fold(columns, folds[op], t, out, x, n);
	if (op != TR_OP_mean && op != TR_OP_var && op != TR_OP_std)
		return;
	convert(TR_F64, t, &divisor, &count, 1);
	map1(TR_OP_divide, t, &mean, out, &divisor, 1);
	memcpy(out, &mean, size);
	if (op == TR_OP_mean)
		return;
	for (size_t i = 0; i < n; i++) {
		map1(TR_OP_subtract, t, x + i * size, x + i * size, &mean, 1);
		map1(TR_OP_square, t, x + i * size, x + i * size, NULL, 1);
	}
	fold(columns, TR_FOLD_ADD, t, out, x, n);
	ddof_divisor = ddof_divisor > 0 ? ddof_divisor : NAN;
	convert(TR_F64, t, &divisor, &ddof_divisor, 1);
	map1(TR_OP_divide, t, out, out, &divisor, 1);
	if (op == TR_OP_std)
		map1(TR_OP_sqrt, t, out, out, NULL, 1);
}

static tr_arg_fn arg_kernel(enum tr_op op, enum tr_dtype t)
{
	const struct tr_kernels *k = &tr__ref_kernels;

	if (op == TR_OP_argmin || (op == TR_OP_nanargmin && !is_float(t)))
		return k->argmin[t];
	if (op == TR_OP_argmax || (op == TR_OP_nanargmax && !is_float(t)))
		return k->argmax[t];
	return op == TR_OP_nanargmin ? k->nanargmin[t] : k->nanargmax[t];
}

/* Every result of the command against the page. */
static void check_problem(const struct problem *p)
{
	const struct tr_operand *dst = &p->operand[0], *src = &p->operand[1];
	enum tr_op op = p->cmd.op;
	bool to_bool = op == TR_OP_all || op == TR_OP_any || op == TR_OP_count_nonzero;
	enum tr_dtype load = to_bool ? TR_BOOL : p->cmd.dtype, t = load;
	int64_t outer = 1, n = 1, inner = 1;
	bool right = true;

	if (op == TR_OP_count_nonzero)
		t = TR_I64;
	for (int d = 0; d < src->ndim; d++)
		*(d < (int)p->cmd.attr.u32[1] ? &outer
		  : d < (int)(p->cmd.attr.u32[1] + p->cmd.attr.u32[2]) ? &n : &inner) *= src->shape[d];
	for (int64_t i = 0; i < outer * inner && right; i++) {
		char *x = malloc((size_t)n * 8), value[8], want[8];

		for (int64_t r = 0; r < n; r++) {
			convert(src->dtype, load, value, element(src, (i / inner * n + r) * inner + i % inner), 1);
			convert(load, t, x + r * (int64_t)tr_dtype_size(t), value, 1);
		}
		if (p->cmd.family == TR_FAMILY_ARGREDUCE) {
			int64_t at = (int64_t)arg_kernel(op, t)(x, (size_t)n);

			memcpy(want, &at, sizeof(at));
			t = TR_I64;
		} else {
			reduce_by_the_page(op, t, inner > 1, x, (size_t)n, p->cmd.attr.f64[2], value);
			convert(t, dst->dtype, want, value, 1);
		}
		right = same(dst->dtype, element(dst, i), want, 1);
		if (p->cmd.family == TR_FAMILY_ARGREDUCE)
			t = load;
		free(x);
	}
	test_note("op %d of %s in %s: %lld × %lld × %lld", op, tr_dtype_name(src->dtype), tr_dtype_name(p->cmd.dtype),
		  (long long)outer, (long long)n, (long long)inner);
	CU_ASSERT(right);
}

static const unsigned thread_counts[] = {1, 2, 3};

/* Long rows and columns around every boundary of chunks and trees. */
static void sums_keep_their_bits(void)
{
	static const int64_t large[] = {191,  192,   255,   256,   257,   1023,  1024,   1025,   2047,
					2049, 16383, 16384, 16385, 65535, 65537, 262145, 1000003};

	for (size_t th = 0; th < 3; th++) {
		struct tr_device *dev = open_device(thread_counts[th]);

		for (int64_t i = 0; i < 130 + (int64_t)(sizeof(large) / sizeof(*large)); i++) {
			int64_t shape[] = {1, i < 130 ? i + 1 : large[i - 130], 1};
			struct problem p;

			for (int form = 0; form < 2; form++) {
				if (form && shape[1] > 20000)
					continue;
				shape[2] = form ? 3 : 1;
				open_problem(&p, TR_OP_sum, TR_F32, TR_F32, TR_F32, 1, 1, 3, shape, DENSE);
				CU_ASSERT_EQUAL(run(dev, &p), 0);
				check_problem(&p);
				close_problem(&p);
			}
		}
		close_device(dev);
	}
}

static const double orders[] = {2, 1, INFINITY, -INFINITY, 0, 3, -1.5};

static const struct {
	enum tr_op op;
	enum tr_dtype in, eval, out;
} cases[] = {
	{TR_OP_sum, TR_F32, TR_F32, TR_F32},   {TR_OP_sum, TR_F64, TR_F64, TR_F64},   {TR_OP_sum, TR_F16, TR_F32, TR_F16},
	{TR_OP_sum, TR_I32, TR_I64, TR_I64},   {TR_OP_sum, TR_U8, TR_U64, TR_U64},    {TR_OP_sum, TR_BOOL, TR_I64, TR_I64},
	{TR_OP_prod, TR_F32, TR_F32, TR_F32},  {TR_OP_prod, TR_I64, TR_I64, TR_I64},  {TR_OP_mean, TR_F32, TR_F32, TR_F32},
	{TR_OP_mean, TR_I16, TR_F64, TR_F64},  {TR_OP_mean, TR_BF16, TR_F32, TR_BF16}, {TR_OP_var, TR_F32, TR_F32, TR_F32},
	{TR_OP_var, TR_F64, TR_F64, TR_F64},   {TR_OP_std, TR_F32, TR_F32, TR_F32},   {TR_OP_std, TR_F16, TR_F32, TR_F16},
	{TR_OP_min, TR_F32, TR_F32, TR_F32},   {TR_OP_max, TR_F64, TR_F64, TR_F64},   {TR_OP_min, TR_I8, TR_I8, TR_I8},
	{TR_OP_max, TR_U16, TR_U16, TR_U16},   {TR_OP_max, TR_BOOL, TR_BOOL, TR_BOOL}, {TR_OP_all, TR_F32, TR_F32, TR_BOOL},
	{TR_OP_any, TR_I32, TR_I32, TR_BOOL},  {TR_OP_all, TR_BOOL, TR_BOOL, TR_BOOL},
	{TR_OP_count_nonzero, TR_F32, TR_F32, TR_I64}, {TR_OP_count_nonzero, TR_I8, TR_I8, TR_I64},
	{TR_OP_ptp, TR_F32, TR_F32, TR_F32},   {TR_OP_ptp, TR_I16, TR_I16, TR_I16},   {TR_OP_logsumexp, TR_F32, TR_F32, TR_F32},
	{TR_OP_logsumexp, TR_F64, TR_F64, TR_F64}, {TR_OP_nansum, TR_F32, TR_F32, TR_F32}, {TR_OP_nansum, TR_U8, TR_U64, TR_U64},
	{TR_OP_nanprod, TR_F64, TR_F64, TR_F64}, {TR_OP_nanmean, TR_F16, TR_F32, TR_F16}, {TR_OP_nanvar, TR_F32, TR_F32, TR_F32},
	{TR_OP_nanstd, TR_F64, TR_F64, TR_F64}, {TR_OP_nanmin, TR_F32, TR_F32, TR_F32}, {TR_OP_nanmax, TR_F64, TR_F64, TR_F64},
	{TR_OP_nanmax, TR_I8, TR_I8, TR_I8},   {TR_OP_norm, TR_F32, TR_F32, TR_F32},   {TR_OP_norm, TR_I32, TR_F64, TR_F64},
	{TR_OP_argmin, TR_F32, TR_F32, TR_I64}, {TR_OP_argmax, TR_F64, TR_F64, TR_I64}, {TR_OP_argmax, TR_F16, TR_F32, TR_I64},
	{TR_OP_argmin, TR_U8, TR_U8, TR_I64},  {TR_OP_argmax, TR_I64, TR_I64, TR_I64},
	{TR_OP_nanargmin, TR_F32, TR_F32, TR_I64}, {TR_OP_nanargmax, TR_F64, TR_F64, TR_I64}, {TR_OP_nanargmax, TR_U8, TR_U8, TR_I64},
};
#define NCASES (sizeof(cases) / sizeof(*cases))

/* Every operation and type over every form and layout of small and middling shapes. */
static void forms_and_layouts_agree(void)
{
	static const struct {
		int outer, reduced, ndim;
		int64_t shape[5];
	} shapes[] = {
		{0, 1, 1, {77}},             {1, 1, 2, {20, 7}},        {1, 1, 2, {70, 64}},      {1, 1, 2, {9, 65}},
		{1, 1, 2, {40, 1100}},       {0, 1, 2, {50, 600}},      {0, 1, 2, {2100, 5}},     {1, 1, 3, {3, 300, 1}},
		{1, 2, 4, {3, 4, 11, 6}},    {2, 2, 4, {5, 3, 9, 33}},  {1, 2, 3, {6, 40, 41}},   {2, 1, 4, {2, 3, 40, 33}},
		{2, 1, 3, {4, 33, 100}},     {2, 1, 5, {3, 2, 18, 2, 7}}, {0, 0, 2, {3, 5}},      {1, 0, 1, {4}},
	};

	for (size_t th = 0; th < 3; th++) {
		struct tr_device *dev = open_device(thread_counts[th]);

		for (size_t s = 0; s < sizeof(shapes) / sizeof(*shapes); s++) {
			for (size_t c = 0; c < NCASES; c++) {
				for (int layout = DENSE; layout <= WILD; layout++) {
					struct problem p;

					with_nans = tr__ops[cases[c].op].family == TR_FAMILY_REDUCE &&
						    cases[c].op >= TR_OP_nansum && cases[c].op <= TR_OP_nanmax;
					norm_order = orders[(s + (size_t)layout) % 7];
					open_problem(&p, cases[c].op, cases[c].in, cases[c].eval, cases[c].out,
						     shapes[s].outer, shapes[s].reduced, shapes[s].ndim,
						     shapes[s].shape, layout);
					p.cmd.attr.f64[2] = (double)(numel(&p.operand[1]) / numel(&p.operand[0])) - 1;
					CU_ASSERT_EQUAL(run(dev, &p), 0);
					check_problem(&p);
					close_problem(&p);
				}
			}
		}
		close_device(dev);
	}
	with_nans = false;
}

/* Few long results, which several threads share, and many short ones. */
static void threads_share_long_rows(void)
{
	static const struct {
		int outer, reduced, ndim;
		int64_t shape[3];
	} shapes[] = {{1, 1, 2, {2, 150001}}, {1, 1, 3, {1, 20000, 40}}, {1, 1, 2, {3000, 9}}, {1, 1, 3, {40, 50, 300}},
		     {1, 1, 3, {2, 9000, 3}}};
	static const enum tr_op chosen[] = {TR_OP_sum, TR_OP_var, TR_OP_max, TR_OP_all, TR_OP_count_nonzero, TR_OP_argmin,
					    TR_OP_argmax, TR_OP_nanstd, TR_OP_logsumexp, TR_OP_ptp, TR_OP_nanargmax};

	for (size_t th = 0; th < 3; th++) {
		struct tr_device *dev = open_device(thread_counts[th]);

		for (size_t s = 0; s < sizeof(shapes) / sizeof(*shapes); s++) {
			for (size_t c = 0; c < NCASES; c++) {
				bool wanted = false;
				struct problem p;

				for (size_t i = 0; i < sizeof(chosen) / sizeof(*chosen); i++)
					wanted |= cases[c].op == chosen[i];
				if (!wanted)
					continue;
				open_problem(&p, cases[c].op, cases[c].in, cases[c].eval, cases[c].out, shapes[s].outer,
					     shapes[s].reduced, shapes[s].ndim, shapes[s].shape, s & 1 ? DENSE : WILD);
				p.cmd.attr.f64[2] = (double)shapes[s].shape[1];
				CU_ASSERT_EQUAL(run(dev, &p), 0);
				check_problem(&p);
				close_problem(&p);
			}
		}
		close_device(dev);
	}
}

/* ---- what the page says in words ---- */

static float reduce_floats(enum tr_op op, const float *x, int64_t n, double divisor)
{
	struct tr_device *dev = open_device(1);
	float result = 7;
	struct tr_operand o[2] = {{.addr = &result, .dtype = TR_F32},
				  {.addr = (void *)x, .dtype = TR_F32, .ndim = 1, .shape = {n}, .stride = {1}}};
	struct tr_cmd cmd = {.op = op, .family = TR_FAMILY_REDUCE, .dtype = TR_F32, .noperand = 2, .operand = o};
	char detail[128];

	cmd.attr.u32[2] = 1;
	cmd.attr.f64[2] = divisor;
	CU_ASSERT_EQUAL(tr__exec_reduce(dev, &cmd, detail), 0);
	close_device(dev);
	return result;
}

static void specials_follow_the_rules(void)
{
	static const float zeros[] = {-0.0f, -0.0f, -0.0f}, mixed[] = {0.0f, -0.0f}, nan[] = {1, NAN, -INFINITY};
	static const float infs[] = {INFINITY, -INFINITY}, one[] = {5};

	CU_ASSERT(signbit(reduce_floats(TR_OP_sum, zeros, 3, 3)));
	CU_ASSERT(!signbit(reduce_floats(TR_OP_sum, mixed, 2, 2)));
	CU_ASSERT(signbit(reduce_floats(TR_OP_min, mixed, 2, 2)));
	CU_ASSERT(!signbit(reduce_floats(TR_OP_max, mixed, 2, 2)));
	CU_ASSERT(isnan(reduce_floats(TR_OP_min, nan, 3, 3)));
	CU_ASSERT(isnan(reduce_floats(TR_OP_max, nan, 3, 3)));
	CU_ASSERT(isnan(reduce_floats(TR_OP_sum, infs, 2, 2)));
	CU_ASSERT_EQUAL(reduce_floats(TR_OP_var, one, 1, 1), 0);
	CU_ASSERT(isnan(reduce_floats(TR_OP_var, one, 1, 0)));
	CU_ASSERT(isnan(reduce_floats(TR_OP_std, one, 1, -1)));
}

static void nothing_has_neutral_results(void)
{
	struct tr_device *dev = open_device(1);
	static const struct {
		enum tr_op op;
		enum tr_dtype out;
		double want;
	} empties[] = {{TR_OP_sum, TR_F32, 0},  {TR_OP_prod, TR_F32, 1},   {TR_OP_mean, TR_F32, NAN}, {TR_OP_var, TR_F32, NAN},
		       {TR_OP_all, TR_BOOL, 1}, {TR_OP_any, TR_BOOL, 0},   {TR_OP_count_nonzero, TR_I64, 0}};

	for (size_t i = 0; i < sizeof(empties) / sizeof(*empties); i++) {
		int64_t shape[] = {700, 0, 2};
		struct problem p;
		char want[8];

		open_problem(&p, empties[i].op, TR_F32, TR_F32, empties[i].out, 1, 1, 3, shape, DENSE);
		CU_ASSERT_EQUAL(run(dev, &p), 0);
		convert(TR_F64, empties[i].out, want, &empties[i].want, 1);
		for (int64_t j = 0; j < 1400; j++)
			CU_ASSERT(same(empties[i].out, element(&p.operand[0], j), want, 1));
		close_problem(&p);
		shape[1] = 3;
		shape[2] = 0;
		open_problem(&p, empties[i].op, TR_F32, TR_F32, empties[i].out, 1, 1, 3, shape, DENSE);
		CU_ASSERT_EQUAL(run(dev, &p), 0);
		close_problem(&p);
	}
	close_device(dev);
}

/* Pairwise summation as NumPy's: blocks of 128 in eight accumulators, then halves. */
static float pairwise(const float *x, size_t n)
{
	float r[8] = {0};
	size_t half = n / 2 / 8 * 8;

	if (n > 128)
		return pairwise(x, half) + pairwise(x + half, n - half);
	for (size_t i = 0; i < n; i++)
		r[i % 8] += x[i];
	return ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
}

static void sums_are_as_accurate_as_pairwise(void)
{
	static const int64_t sizes[] = {1000, 20000, 300000};
	static const int rounds[] = {4000, 1500, 600}; /* the ratio's spread is 1 / sqrt(rounds): a 25th at most */
	float *x = malloc(300000 * sizeof(*x));

	for (size_t s = 0; s < 3; s++) {
		double ours = 0, theirs = 0;

		for (int round = 0; round < rounds[s]; round++) {
			long double exact = 0;
			double a, b;

			for (int64_t i = 0; i < sizes[s]; i++)
				exact += x[i] = (float)test_rand_unit();
			a = (double)((reduce_floats(TR_OP_sum, x, sizes[s], 1) - exact) / exact);
			b = (double)((pairwise(x, (size_t)sizes[s]) - exact) / exact);
			ours += a * a;
			theirs += b * b;
		}
		test_note("%lld elements: %g against %g", (long long)sizes[s], sqrt(ours / rounds[s]),
			  sqrt(theirs / rounds[s]));
		CU_ASSERT(sqrt(ours) <= 1.3 * sqrt(theirs));
	}
	free(x);
}

static void refuses_only_for_memory(void)
{
	int64_t shape[] = {3, 100000};
	struct problem p;
	struct tr_device *dev = open_device(2);

	open_problem(&p, TR_OP_sum, TR_F16, TR_F32, TR_F32, 1, 1, 2, shape, DENSE);
	heap.fail_at = 1;
	CU_ASSERT_EQUAL(run(dev, &p), -TR_ENOMEM);
	heap.fail_at = 0;
	CU_ASSERT_EQUAL(run(dev, &p), 0);
	check_problem(&p);
	close_problem(&p);
	close_device(dev);
}

int main(void)
{
	static const struct test_case tests[] = {
		TEST(folds_like_the_specification),
		TEST(columns_like_the_specification),
		TEST(lines_like_the_specification),
		TEST(rows_like_the_specification),
		TEST(halves_like_the_specification),
		TEST(finds_the_first_extreme),
		TEST(finds_extremes_of_columns),
		TEST(ranges_like_the_specification),
		TEST(sums_keep_their_bits),
		TEST(forms_and_layouts_agree),
		TEST(threads_share_long_rows),
		TEST(specials_follow_the_rules),
		TEST(nothing_has_neutral_results),
		TEST(sums_are_as_accurate_as_pairwise),
		TEST(refuses_only_for_memory),
	};

	return TEST_RUN("reduce", tests);
}
