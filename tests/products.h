/* SPDX-License-Identifier: MIT */
/*
 * What the suites of matrix products and attention share: operands of real numbers, and results compared where a NaN
 * equals a NaN.
 */
#ifndef TESTS_PRODUCTS_H
#define TESTS_PRODUCTS_H

#include "tests/views.h"

/* What operands hold. */
enum values { WHOLE, NORMAL, SPECIAL };

/* make_view, with real numbers in it if its type has them. */
void make_numbers(struct view *v, uint8_t dtype, int ndim, const int64_t *shape, enum layout layout, enum values values);

/* All elements in C order, converted; to be freed. */
double *numbers(const struct view *v);

/* A step of a contraction's chain: acc + x·y with one rounding to dtype, or as the level under test has it. */
double chain(uint8_t dtype, double x, double y, double acc);

/* Sets the expected value of element i. */
void expect_number(const struct view *v, int64_t i, double x, uint8_t dtype);

/* Runs the command and compares the whole block of its destination, and that the sources are as they were. A NaN
 * equals any NaN. */
void run_product(struct tr_device *dev, const struct tr_cmd *cmd, const struct view *views);

#endif
