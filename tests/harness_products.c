/* SPDX-License-Identifier: MIT */
/* Operands and comparisons of matrix products (products.h). Knows no operation. */
#include "tests/products.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/levels.h"

void make_numbers(struct view *v, uint8_t dtype, int ndim, const int64_t *shape, enum layout layout, enum values values)
{
	make_view(v, dtype, ndim, shape, layout);
	if (values == WHOLE || (dtype != TR_F32 && dtype != TR_F64))
		return;
	for (size_t at = 0; at < v->bytes; at += tr_dtype_size(dtype)) {
		double wide = values == SPECIAL && !test_rand_below(4) ? test_rand_f64() : test_rand_normal();
		float narrow = values == SPECIAL && !test_rand_below(4) ? test_rand_f32() : (float)wide;

		if (dtype == TR_F32)
			memcpy(v->block + at, &narrow, sizeof(narrow));
		else
			memcpy(v->block + at, &wide, sizeof(wide));
	}
	memcpy(v->expect, v->block, v->bytes);
}

double *numbers(const struct view *v)
{
	int64_t n = numel(&v->o);
	double *x = malloc((size_t)(n ? n : 1) * sizeof(*x));

	if (!x)
		abort();
	for (int64_t i = 0; i < n; i++)
		convert(&x[i], TR_F64, element(v, i), v->o.dtype);
	return x;
}

/* Whether the level under test rounds the products of a chain. */
static bool unfused(void)
{
	static const struct tr_kernels *table;

	if (!table)
		table = chosen_table();
	return table->unfused;
}

double chain(uint8_t dtype, double x, double y, double acc)
{
	if (unfused())
		return dtype == TR_F32 ? (double)((float)x * (float)y + (float)acc) : x * y + acc;
	return dtype == TR_F32 ? (double)fmaf((float)x, (float)y, (float)acc) : fma(x, y, acc);
}

void expect_number(const struct view *v, int64_t i, double x, uint8_t dtype)
{
	float narrow = (float)x;

	if (dtype == TR_F32)
		convert(expected(v, i), v->o.dtype, &narrow, TR_F32);
	else
		convert(expected(v, i), v->o.dtype, &x, TR_F64);
}

/* One NaN for all. */
static void plain_nans(uint8_t dtype, unsigned char *at, size_t bytes)
{
	for (size_t i = 0; i + tr_dtype_size(dtype) <= bytes; i += tr_dtype_size(dtype)) {
		float narrow;
		double wide;

		if (dtype == TR_F32) {
			memcpy(&narrow, at + i, sizeof(narrow));
			narrow = isnan(narrow) ? NAN : narrow;
			memcpy(at + i, &narrow, sizeof(narrow));
		} else if (dtype == TR_F64) {
			memcpy(&wide, at + i, sizeof(wide));
			wide = isnan(wide) ? NAN : wide;
			memcpy(at + i, &wide, sizeof(wide));
		}
	}
}

void run_product(struct tr_device *dev, const struct tr_cmd *cmd, const struct view *views)
{
	char detail[128] = "";
	size_t failed = 0;
	int err = tr__cpu_driver.run(dev, cmd, 1, &failed, detail);

	CU_ASSERT_EQUAL(err, 0);
	plain_nans(views[0].o.dtype, views[0].block, views[0].bytes);
	plain_nans(views[0].o.dtype, views[0].expect, views[0].bytes);
	for (unsigned i = 0; i < cmd->noperand; i++)
		CU_ASSERT_EQUAL(memcmp(views[i].block, views[i].expect, views[i].bytes), 0);
}
