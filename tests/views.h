/* SPDX-License-Identifier: MIT */
/*
 * What tests of the CPU driver's executors share: devices, operands of random shape and layout in guarded memory, and
 * the comparison of whole blocks. Speaks the driver contract; no tensors.
 */
#ifndef TESTS_VIEWS_H
#define TESTS_VIEWS_H

#include "simd/cpu.h"
#include "tests/harness.h"

/* A CPU device; NULL, which fails the test, if it cannot be opened. Blocks not freed fail the test at the close. */
struct tr_device *open_device(unsigned threads);
void close_device(struct tr_device *dev);

/* In C order without gaps; axes in another order; with gaps; backwards; some axes repeated; all of it. */
enum layout { DENSE, PERMUTED, STRIDED, REVERSED, REPEATED, MIXED, LAYOUTS };

/* A destination does not repeat, and is dense as often as not. */
enum layout random_layout(bool written);

/* A shape of at most `most` elements with axes around the sizes where the executors change their ways; its rank. */
int random_shape(int64_t *shape, int64_t most);

/* Any real type. */
uint8_t random_dtype(void);

/* An operand with the block it lies in and what the block should hold afterwards: at first what it holds. */
struct view {
	struct tr_operand o;
	unsigned char *block, *expect;
	size_t bytes;
	bool shared; /* the block is another view's */
};

/* Filled with small whole numbers, exact in every type and far from any type's limits. */
void make_view(struct view *v, uint8_t dtype, int ndim, const int64_t *shape, enum layout layout);

/* The same memory and layout as another view's, as an operation in place has it; dtype is as large. */
void share_view(struct view *v, const struct view *with, uint8_t dtype);
void free_view(struct view *v);

int64_t numel(const struct tr_operand *o);

/* Element i in C order, and where its expected value is. */
const void *element(const struct view *v, int64_t i);
void *expected(const struct view *v, int64_t i);

/* One element converted by the specification. */
void convert(void *dst, uint8_t to, const void *src, uint8_t from);

/* Runs the command and compares whole blocks, so that a byte beside the view counts too. */
void run_and_compare(struct tr_device *dev, const struct tr_cmd *cmd, const struct view *views, unsigned n);

#endif
