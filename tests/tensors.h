/* SPDX-License-Identifier: MIT */
/* What suites over the public API share: opening a context, tensors from literal values, comparing values. */
#ifndef TESTS_TENSORS_H
#define TESTS_TENSORS_H

#include "tests/harness.h"

#include <trueno/ops.h>
#include <trueno/plan.h>
#include <trueno/ring.h>
#include <trueno/tensor.h>
#include <trueno/view.h>

/* A context with default parameters, or with threads and an allocator; never NULL: the suite exits if none opens. */
struct tr_context *open_context(void);
struct tr_context *open_context_with(unsigned threads, const struct tr_allocator *allocator);

/* Does work on what make makes with an allocator that fails once, at work's first call, its second, and so on until none is
 * left; more than `least` there must be. Asserts that work fails with -TR_ENOMEM or does what it should, and leaks nothing. */
void survive_failing_allocations(struct tr_tensor *(*make)(struct tr_context *ctx), bool (*work)(struct tr_tensor *x),
				 size_t least);

#define SHAPE(...) (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), (int64_t[]){__VA_ARGS__}
#define SCALAR 0, NULL

/* f32 tensor of the given shape holding start, start + step, … */
struct tr_tensor *ramp(struct tr_context *ctx, double start, double step, int ndim, const int64_t *shape);

/* f32 tensor of random values: specials included, or normal ones only. */
struct tr_tensor *random_f32(struct tr_context *ctx, bool specials, int ndim, const int64_t *shape);

/* One value of t, whatever its type, by its index in C order. */
double value_at(struct tr_tensor *t, int64_t index);

/* Asserts type, shape and, bit for bit, the values of two tensors; a NaN equals any NaN. */
void assert_same(struct tr_tensor *a, struct tr_tensor *b);

/* Asserts that t is f32 with these values in C order. */
void assert_f32(struct tr_tensor *t, const float *want, int64_t n);
#define ASSERT_F32(t, ...) assert_f32(t, (float[]){__VA_ARGS__}, (int64_t)(sizeof((float[]){__VA_ARGS__}) / sizeof(float)))

/* Asserts that the context holds this status and a message with these words, and clears it. */
void assert_error(struct tr_context *ctx, enum tr_status status, const char *words);

#endif
