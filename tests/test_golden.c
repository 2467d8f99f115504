/* SPDX-License-Identifier: MIT */
/*
 * The accuracy of the elementary functions: the specification and every level against committed, correctly rounded
 * results (tests/golden, from tools/gen/golden.py), against the C library in a wider type on random operands, and
 * against each other bit for bit. tests/test_exhaustive.c tries every f32.
 */
#include "tests/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/levels.h"
#include "simd/map.h"
#include "tests/truth.h"

#ifndef TR_SOURCE_DIR
#define TR_SOURCE_DIR "."
#endif

#define MOST_ROWS 4096

/* ---- golden files ---- */

/* A file's rows, by columns; elements are bits in the width of dtype. */
struct golden {
	enum tr_op op;
	enum tr_dtype dtype;
	size_t size; /* bytes of an element */
	size_t rows;
	int nsrc;
	unsigned max_ulp;
	double number[2];       /* the operation's */
	unsigned char column[3][MOST_ROWS * 8]; /* operands, then the result */
};

static void put(struct golden *g, int column, uint64_t bits)
{
	uint32_t narrow = (uint32_t)bits;

	memcpy(g->column[column] + g->rows * g->size, g->size == 4 ? (void *)&narrow : (void *)&bits, g->size);
}

static uint64_t get(const void *column, size_t size, size_t row)
{
	uint32_t narrow;
	uint64_t wide;

	memcpy(size == 4 ? (void *)&narrow : (void *)&wide, (const unsigned char *)column + row * size, size);
	return size == 4 ? narrow : wide;
}

static bool golden_line(struct golden *g, const char *line)
{
	uint64_t bits;
	char *end;

	if (line[0] == '#')
		return true;
	if (sscanf(line, "max_ulp %u", &g->max_ulp) == 1 ||
	    sscanf(line, "numbers %lf %lf", &g->number[0], &g->number[1]) == 2)
		return true;
	if (g->rows == MOST_ROWS)
		return false;
	for (int c = 0; c <= g->nsrc; c++) {
		bits = strtoull(line, &end, 16);
		if (end == line)
			return false;
		put(g, c == g->nsrc ? 2 : c, bits);
		line = end;
	}
	g->rows++;
	return line[0] == '\n';
}

static bool golden_read(struct golden *g)
{
	char path[256], line[128];
	bool good = true;
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/golden/%s.%s.hex", TR_SOURCE_DIR, tr__ops[g->op].name,
		 g->dtype == TR_F32 ? "f32" : "f64");
	test_note("%s", path);
	f = fopen(path, "r");
	if (!f)
		return false;
	while (good && fgets(line, sizeof(line), f))
		good = golden_line(g, line);
	good = good && feof(f) && g->rows > 0;
	fclose(f);
	return good;
}

/* How many numbers of the type lie between two bit patterns; UINT64_MAX if only one is NaN or the signs differ. */
static uint64_t distance(uint64_t a, uint64_t b, enum tr_dtype dtype)
{
	uint64_t sign = dtype == TR_F32 ? 1ull << 31 : 1ull << 63, inf = dtype == TR_F32 ? 0xffull << 23 : 0x7ffull << 52;
	bool a_nan = (a & ~sign) > inf, b_nan = (b & ~sign) > inf;

	if (a_nan && b_nan)
		return 0;
	if (a_nan || b_nan || (a & sign) != (b & sign))
		return UINT64_MAX;
	return a > b ? a - b : b - a;
}

static void check_golden(struct golden *g, const struct tr_kernels *k)
{
	static unsigned char dst[MOST_ROWS * 8];
	uint64_t number[2], far, worst = 0;
	const void *src[] = {g->column[0], g->column[1], NULL};
	size_t at = 0;

	if (tr__map_numbers(number, k, (uint16_t)g->op, (uint8_t)g->dtype, g->number)) {
		src[1] = &number[0];
		src[2] = &number[1];
	}
	k->map[g->op][g->dtype](dst, src, g->rows);
	for (size_t i = 0; i < g->rows; i++) {
		far = distance(get(dst, g->size, i), get(g->column[2], g->size, i), g->dtype);
		if (far > worst) {
			worst = far;
			at = i;
		}
	}
	test_note("%s %s on %s: row %zu, operand %llx, gives %llx instead of %llx", tr__ops[g->op].name,
		  tr_dtype_name(g->dtype), k->name, at, (unsigned long long)get(g->column[0], g->size, at),
		  (unsigned long long)get(dst, g->size, at), (unsigned long long)get(g->column[2], g->size, at));
	CU_ASSERT_FATAL(worst <= g->max_ulp);
}

static void matches_golden_files(void)
{
	static struct golden g;
	const struct tr_kernels *tables[MOST_TABLES];
	size_t n = list_tables(tables), files = 0;

	for (int op = 0; op < TR_OP_COUNT; op++) {
		if (tr__ops[op].ulp == 0 || (tr__ops[op].family > TR_FAMILY_BINARY && tr__ops[op].family != TR_FAMILY_RANDOM))
			continue;
		for (int wide = 0; wide < 2; wide++) {
			if (!(tr__ops[op].dtypes & TR__BIT(wide ? TR_F64 : TR_F32)))
				continue;
			memset(&g, 0, sizeof(g));
			g.op = (enum tr_op)op;
			g.dtype = wide ? TR_F64 : TR_F32;
			g.size = wide ? 8 : 4;
			g.nsrc = (int)tr__family_sources((enum tr_family)tr__ops[op].family);
			CU_ASSERT_FATAL(golden_read(&g));
			CU_ASSERT_EQUAL(g.max_ulp, tr__ops[op].ulp * (wide ? 2u : 1u));
			for (size_t t = 0; t < n; t++)
				check_golden(&g, tables[t]);
			files++;
		}
	}
	/* float_power has no f32; two random distributions */
	CU_ASSERT_EQUAL(files, 2 * (TRUTH_COUNT + PAIR_TRUTH_COUNT) - 1 + 4);
}

/* ---- random operands ---- */

#define BLOCK 4000

/* A quarter any bits; the rest where the function does something, evenly and by magnitude. */
static double draw(const struct truth *t, double widen)
{
	double sign = test_rand_below(2) ? 1 : -1;

	if (t->reach > 0 && test_rand_below(2))
		return sign * t->reach * widen * test_rand_unit();
	if (t->reach > 0)
		return sign * t->reach * widen * exp2(-40 * test_rand_unit());
	if (t->op == TR_OP_asinh || t->op == TR_OP_cbrt)
		return sign * exp2(90 * test_rand_unit() - 45);
	return t->op == TR_OP_log1p ? sign * exp2(50 * test_rand_unit() - 45) : exp2(6 * test_rand_unit() - 3);
}

static float draw_f32(const struct truth *t)
{
	return test_rand_below(4) ? (float)draw(t, 1) : test_rand_f32();
}

static double draw_f64(const struct truth *t)
{
	return test_rand_below(4) ? draw(t, t->op == TR_OP_gelu ? 2.6 : t->reach > 60 ? 7 : 2) : test_rand_f64();
}

/* One block of one function in all tables: the same bits, and those within the table's tolerance. */
static double block_f32(const struct truth *t, const struct tr_kernels *const *tables, size_t n, float *at)
{
	static float a[BLOCK], first[BLOCK], other[BLOCK];
	uint64_t number[2];
	const void *src[] = {a, &number[0], &number[1]};
	double ulps, worst = 0;

	tr__map_numbers(number, tables[0], (uint16_t)t->op, TR_F32, &t->p);
	for (size_t i = 0; i < BLOCK; i++)
		a[i] = draw_f32(t);
	tables[0]->map[t->op][TR_F32](first, src, BLOCK);
	for (size_t k = 1; k < n; k++) {
		tables[k]->map[t->op][TR_F32](other, src, BLOCK);
		for (size_t i = 0; i < BLOCK; i++)
			if (memcmp(&first[i], &other[i], sizeof(float)) && !(isnan(first[i]) && isnan(other[i]))) {
				test_note("%s(%a) is %a in %s", tr__ops[t->op].name, a[i], other[i], tables[k]->name);
				*at = a[i];
				return HUGE_VAL;
			}
	}
	for (size_t i = 0; i < BLOCK; i++) {
		ulps = truth_error_f32(t, a[i], first[i]);
		if (ulps > worst) {
			worst = ulps;
			*at = a[i];
		}
	}
	return worst;
}

static double block_f64(const struct truth *t, const struct tr_kernels *const *tables, size_t n, double *at)
{
	static double a[BLOCK], first[BLOCK], other[BLOCK];
	uint64_t number[2];
	const void *src[] = {a, &number[0], &number[1]};
	double ulps, worst = 0;

	tr__map_numbers(number, tables[0], (uint16_t)t->op, TR_F64, &t->p);
	for (size_t i = 0; i < BLOCK; i++)
		a[i] = draw_f64(t);
	tables[0]->map[t->op][TR_F64](first, src, BLOCK);
	for (size_t k = 1; k < n; k++) {
		tables[k]->map[t->op][TR_F64](other, src, BLOCK);
		for (size_t i = 0; i < BLOCK; i++)
			if (memcmp(&first[i], &other[i], sizeof(double)) && !(isnan(first[i]) && isnan(other[i]))) {
				test_note("%s(%a) is %a in %s", tr__ops[t->op].name, a[i], other[i], tables[k]->name);
				*at = a[i];
				return HUGE_VAL;
			}
	}
	for (size_t i = 0; i < BLOCK; i++) {
		ulps = truth_error_f64(t, a[i], first[i]);
		if (ulps > worst) {
			worst = ulps;
			*at = a[i];
		}
	}
	return worst;
}

static void matches_libm_f32(void)
{
	const struct tr_kernels *tables[MOST_TABLES];
	size_t n = list_tables(tables);
	float at = 0, worst_at = 0;
	double ulps, worst;

	for (size_t i = 0; i < TRUTH_COUNT; i++) {
		worst = 0;
		for (size_t done = 0; done < (test_long() ? 100000000 : 250000); done += BLOCK) {
			ulps = block_f32(&truths[i], tables, n, &at);
			if (ulps > worst) {
				worst = ulps;
				worst_at = at;
			}
		}
		test_note("%s f32: off by %g units at %a", tr__ops[truths[i].op].name, worst, worst_at);
		CU_ASSERT_FATAL(worst < tr__ops[truths[i].op].ulp);
	}
}

static void matches_libm_f64(void)
{
	const struct tr_kernels *tables[MOST_TABLES];
	size_t n = list_tables(tables);
	double ulps, worst, at = 0, worst_at = 0;

	if (LDBL_MANT_DIG <= DBL_MANT_DIG)
		TEST_SKIP("long double is no wider than double");
	for (size_t i = 0; i < TRUTH_COUNT; i++) {
		worst = 0;
		for (size_t done = 0; done < (test_long() ? 20000000 : 60000); done += BLOCK) {
			ulps = block_f64(&truths[i], tables, n, &at);
			if (ulps > worst) {
				worst = ulps;
				worst_at = at;
			}
		}
		test_note("%s f64: off by %g units at %a", tr__ops[truths[i].op].name, worst, worst_at);
		CU_ASSERT_FATAL(worst < 2 * tr__ops[truths[i].op].ulp);
	}
}

/* Operands of all sizes, and as often such that the result is neither 0 nor Inf. */
static void draw_pair(const struct pair_truth *t, double *a, double *b, bool wide)
{
	double any = wide ? test_rand_f64() : test_rand_f32(), other = wide ? test_rand_f64() : test_rand_f32();

	*a = t->is_sum && test_rand_below(2) ? 8 * test_rand_normal() : any;
	if (t->is_sum && test_rand_below(2))
		other = *a + 8 * test_rand_normal();
	*b = test_rand_below(2) ? any * test_rand_normal() : other;
	if (!t->is_power || !test_rand_below(4))
		return;
	*a = test_rand_below(2) ? fabs(any) : 1 + test_rand_normal() * exp2(-20 * test_rand_unit());
	*b = (wide ? 1100 : 155) / log2(fabs(*a)) * (2 * test_rand_unit() - 1);
	if (test_rand_below(2))
		*b = rint(*b);
}

static double pair_block_f32(const struct pair_truth *t, const struct tr_kernels *k)
{
	static float a[BLOCK], b[BLOCK], c[BLOCK];
	const void *src[] = {a, b};
	double x, y, ulps, worst = 0;

	for (size_t i = 0; i < BLOCK; i++) {
		draw_pair(t, &x, &y, false);
		a[i] = (float)x;
		b[i] = (float)y;
	}
	k->map[t->op][TR_F32](c, src, BLOCK);
	for (size_t i = 0; i < BLOCK; i++) {
		ulps = pair_error_f32(t, a[i], b[i], c[i]);
		if (ulps > worst) {
			worst = ulps;
			if (ulps >= tr__ops[t->op].ulp)
				test_note("%s(%a, %a) on %s: off by %g", tr__ops[t->op].name, a[i], b[i], k->name, ulps);
		}
	}
	return worst;
}

static double pair_block_f64(const struct pair_truth *t, const struct tr_kernels *k)
{
	static double a[BLOCK], b[BLOCK], c[BLOCK];
	const void *src[] = {a, b};
	double ulps, worst = 0;

	for (size_t i = 0; i < BLOCK; i++)
		draw_pair(t, &a[i], &b[i], true);
	k->map[t->op][TR_F64](c, src, BLOCK);
	for (size_t i = 0; i < BLOCK; i++) {
		ulps = pair_error_f64(t, a[i], b[i], c[i]);
		if (ulps > worst) {
			worst = ulps;
			if (ulps >= 2 * tr__ops[t->op].ulp)
				test_note("%s(%a, %a) on %s: off by %g", tr__ops[t->op].name, a[i], b[i], k->name, ulps);
		}
	}
	return worst;
}

static void matches_libm_of_two_f32(void)
{
	const struct tr_kernels *tables[MOST_TABLES];
	size_t n = list_tables(tables);

	for (size_t i = 0; i < PAIR_TRUTH_COUNT; i++)
		for (size_t done = 0; done < (test_long() ? 100000000 : 500000); done += BLOCK)
			for (size_t k = 0; k < n && tr__ops[pair_truths[i].op].dtypes & TR__BIT(TR_F32); k++)
				CU_ASSERT_FATAL(pair_block_f32(&pair_truths[i], tables[k]) < tr__ops[pair_truths[i].op].ulp);
}

static void matches_libm_of_two_f64(void)
{
	const struct tr_kernels *tables[MOST_TABLES];
	size_t n = list_tables(tables);

	if (LDBL_MANT_DIG <= DBL_MANT_DIG)
		TEST_SKIP("long double is no wider than double");
	for (size_t i = 0; i < PAIR_TRUTH_COUNT; i++)
		for (size_t done = 0; done < (test_long() ? 20000000 : 100000); done += BLOCK)
			for (size_t k = 0; k < n; k++)
				CU_ASSERT_FATAL(pair_block_f64(&pair_truths[i], tables[k]) <
						2 * tr__ops[pair_truths[i].op].ulp);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(matches_golden_files),
		TEST(matches_libm_f32),
		TEST(matches_libm_f64),
		TEST(matches_libm_of_two_f32),
		TEST(matches_libm_of_two_f64),
	};

	return TEST_RUN("golden", cases);
}
