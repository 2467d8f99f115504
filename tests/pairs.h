/* SPDX-License-Identifier: MIT */
/*
 * What suites of the Vulkan driver share: a context on whatever "vulkan" opens, a rasteriser included, and one on the
 * CPU, under the validation layer if it is installed; tensors that are the same in both, and their comparison bit for bit.
 * TRUENO_TEST_GPU_ASSISTED=1 has the layer check accesses on the GPU too, which takes several times as long.
 */
#ifndef TESTS_PAIRS_H
#define TESTS_PAIRS_H

#include "lib/op.h"
#include "tests/tensors.h"

/* Set by vk_main. gpu is NULL, and why_not says why, if there is no Vulkan device. */
extern struct tr_context *gpu, *cpu;
extern char scratch[]; /* a folder of the suite's own */
extern char why_not[256];
extern bool flushes; /* whether the GPU takes f32 denormals for 0, as Vulkan lets it */

#define NEEDS_GPU() \
	do { \
		if (!gpu) \
			TEST_SKIP("no Vulkan device: %s", why_not); \
	} while (0)

/* A value in both contexts. */
struct pair {
	struct tr_tensor *g, *c;
};

/* The first element in which the tensors differ, noted; -1 if there is none. */
int64_t first_difference(struct tr_tensor *a, struct tr_tensor *b, const char *what);

/* Asserts that both are there and the same, and that the GPU's context has no error; clears both contexts' errors. */
void assert_pair(struct pair p, const char *what);

struct pair random_pair(enum tr_dtype dtype, int ndim, const int64_t *shape);
void free_pair(struct pair p);

/* A view of the given shape on new memory: axes permuted, backwards, with gaps, repeated. A scope must be open in both
 * contexts. */
struct pair random_view(enum tr_dtype dtype, int ndim, const int64_t *shape, bool repeats);

/* A shape of up to 5 axes and `most` elements; its rank. */
int random_rank(int64_t *shape, int64_t most);

/* Elementwise operations with operands: how many those are, a random one for the type, and a call into dst if it is given. */
bool is_map(enum tr_op op);
int sources_of(enum tr_op op);
enum tr_op random_op(enum tr_dtype dtype);
struct pair submit_pair(enum tr_op op, const struct pair *src, const struct pair *dst, enum tr_dtype to);

/* The first line of what the layer has said since the last call; false if there is none. */
bool validation_said(char *line, size_t len);

/* A test to be the last of a suite: what the layer had to say about all that went before. */
void validation_had_nothing_to_say(void);

/* main of a suite: the contexts and the layer's settings around test_run. */
int vk_main(const char *suite, const struct test_case *cases, size_t n);
#define VK_RUN(suite, cases) vk_main(suite, cases, sizeof(cases) / sizeof(*(cases)))

#endif
