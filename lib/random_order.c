/* SPDX-License-Identifier: MIT */
/*
 * Permutations and choices: loops of the host over numbers from a stream, where each has a place of its own. Moves a generator
 * on as lib/random.c does.
 */
#include <math.h>
#include <stdlib.h>

#include <trueno/ops.h>
#include <trueno/random.h>

#include "lib/context.h"
#include "lib/ref/kernels.h"

#define WORDS 256

/* The 64-bit words of a stream, one after the other. */
struct words {
	const struct tr_generator *g;
	uint64_t next;
	uint64_t word[WORDS];
};

/* The next word's number below count, as random_integers makes it: rarely of later attempts' words at its place. */
static uint64_t below(struct words *w, uint64_t count)
{
	const struct tr_generator *g = w->g;
	uint64_t i = w->next++, stream = (uint64_t)g->stream << 32, x, block[2];
	unsigned __int128 product;

	if (i % WORDS == 0)
		tr__ref_kernels.philox(w->word, g->seed, stream, g->position + i / 2, WORDS / 2);
	x = w->word[i % WORDS];
	for (;;) {
		product = (unsigned __int128)x * count;
		if ((uint64_t)product >= count || (uint64_t)product >= -count % count)
			return (uint64_t)(product >> 64);
		tr__ref_kernels.philox(block, g->seed, ++stream, g->position + i / 2, 1);
		x = block[i % 2];
	}
}

/* Puts m random ones of 0 … n - 1 first, in random order: place i trades with one from i on. */
static void shuffle(const struct tr_generator *g, int64_t *order, int64_t n, int64_t m)
{
	struct words w = {.g = g};

	for (int64_t i = 0; i < n; i++)
		order[i] = i;
	for (int64_t i = 0; i < m && i < n - 1; i++) {
		int64_t j = i + (int64_t)below(&w, (uint64_t)(n - i)), kept = order[i];

		order[i] = order[j];
		order[j] = kept;
	}
}

static void *room(struct tr_context *ctx, const char *name, int64_t n, size_t size)
{
	void *p = tr__alloc(&ctx->alloc, (size_t)n, size);

	if (!p)
		tr__fail(ctx, TR_ENOMEM, "%s: out of memory for %lld numbers", name, (long long)n);
	return p;
}

struct tr_tensor *tr_random_permutation(struct tr_context *ctx, struct tr_generator *g, int64_t n)
{
	struct tr_tensor *y = NULL;
	int64_t *order;

	if (n < 0) {
		tr__fail(ctx, TR_EINVAL, "random_permutation: %lld numbers", (long long)n);
		return NULL;
	}
	if (!n)
		return tr_empty(ctx, TR_I64, 1, &n);
	order = room(ctx, "random_permutation", n, sizeof(*order));
	if (order) {
		shuffle(g, order, n, n);
		y = tr_from_data(ctx, TR_I64, 1, &n, order);
		tr__free(&ctx->alloc, order, (size_t)n, sizeof(*order));
	}
	if (y)
		g->position += ((uint64_t)n + 1) / 2;
	return y;
}

int tr_random_shuffle(struct tr_tensor *y, struct tr_generator *g, int axis)
{
	struct tr_generator next = *g;
	struct tr_tensor *order;
	int err;

	if (!y)
		return -TR_EINVAL;
	if (axis < -y->ndim || axis >= y->ndim)
		return tr__fail(y->ctx, TR_EINVAL, "random_shuffle: axis %d of %d", axis, y->ndim);
	order = tr_random_permutation(y->ctx, &next, y->shape[axis < 0 ? axis + y->ndim : axis]);
	if (!order)
		return y->ctx->status;
	err = tr_take_out(y, y, order, axis);
	tr_free(order);
	if (!err)
		*g = next;
	return err;
}

/* Random numbers of float64 to x, which has room for an even number of them. */
static void draw(const struct tr_generator *g, enum tr_op op, double *x, int64_t n)
{
	static const double zero = 0, one = 1;

	tr__ref_kernels.philox(x, g->seed, (uint64_t)g->stream << 32, g->position, (size_t)(n + 1) / 2);
	tr__ref_kernels.map[op][TR_F64](x, (const void *[]){x, &zero, &one}, (size_t)n);
}

/* m numbers, each the first whose sum of probabilities from 0 on is above a uniform one; sum: room for n. */
static void draw_weighted(const struct tr_generator *g, const double *p, double *sum, int64_t n, void *y, int64_t m)
{
	double *u = y, total = 0;
	int64_t *index = y;

	for (int64_t i = 0; i < n; i++)
		sum[i] = total += p[i];
	draw(g, TR_OP_random_uniform, u, m);
	for (int64_t i = 0; i < m; i++) {
		double at = u[i] * total;
		int64_t low = 0, high = n - 1;

		while (low < high) {
			int64_t middle = low + (high - low) / 2;

			if (sum[middle] > at)
				high = middle;
			else
				low = middle + 1;
		}
		while (low && !(p[low] > 0)) /* where the product was rounded to the total */
			low--;
		index[i] = low;
	}
}

struct waiting {
	double time;
	int64_t index;
};

static int earlier(const void *a, const void *b)
{
	const struct waiting *x = a, *y = b;

	return x->time != y->time ? (x->time > y->time) - (x->time < y->time) : (x->index > y->index) - (x->index < y->index);
}

/* The first m of n events of rates p: whichever are left, the next is one of them by its share of their rates (Efraimidis and
 * Spirakis, Information Processing Letters 97, 2006). w: room for n. */
static void draw_different(const struct tr_generator *g, const double *p, struct waiting *w, int64_t n, double *time,
			   int64_t *index, int64_t m)
{
	draw(g, TR_OP_random_exponential, time, n);
	for (int64_t i = 0; i < n; i++)
		w[i] = (struct waiting){p[i] > 0 ? time[i] / p[i] : INFINITY, i};
	qsort(w, (size_t)n, sizeof(*w), earlier);
	for (int64_t i = 0; i < m; i++)
		index[i] = w[i].index;
}

/* 0, or -TR_EINVAL if there is nothing to choose from or not enough. */
static int check(struct tr_context *ctx, int64_t n, int64_t m, bool replace, const double *p)
{
	int64_t possible = 0;
	double sum = 0;

	if (n < 1 && m)
		return tr__fail(ctx, TR_EINVAL, "random_choice: %lld numbers to choose from", (long long)n);
	for (int64_t i = 0; p && i < n; i++) {
		if (!(p[i] >= 0 && p[i] <= 2))
			return tr__fail(ctx, TR_EINVAL, "random_choice: probability %lld is %g", (long long)i, p[i]);
		sum += p[i];
		possible += p[i] > 0;
	}
	if (p && !(fabs(sum - 1) <= 1e-8))
		return tr__fail(ctx, TR_EINVAL, "random_choice: the probabilities' sum is %.12g, not 1", sum);
	if (!replace && m > (p ? possible : n))
		return tr__fail(ctx, TR_EINVAL, "random_choice: %lld different numbers of %lld%s", (long long)m,
				(long long)(p ? possible : n), p ? " whose probability is not 0" : "");
	return 0;
}

/* On the host: into y's elements, with room for what a method needs beside them. */
static int choose(struct tr_context *ctx, const struct tr_generator *g, int64_t n, int64_t m, bool replace, const double *p,
		  int64_t *y)
{
	size_t size = !p ? sizeof(int64_t) : replace ? sizeof(double) : sizeof(struct waiting);
	void *beside = room(ctx, "random_choice", n, size);
	double *time = NULL;
	int err = beside ? 0 : -TR_ENOMEM;

	if (!err && p && !replace) {
		time = room(ctx, "random_choice", n + 1, sizeof(*time));
		err = time ? 0 : -TR_ENOMEM;
	}
	if (err) {
		tr__free(&ctx->alloc, beside, (size_t)n, size);
		return err;
	}
	if (!p) {
		shuffle(g, beside, n, m);
		for (int64_t i = 0; i < m; i++)
			y[i] = ((int64_t *)beside)[i];
	} else if (replace) {
		draw_weighted(g, p, beside, n, y, m);
	} else {
		draw_different(g, p, beside, n, time, y, m);
	}
	tr__free(&ctx->alloc, time, (size_t)n + 1, sizeof(*time));
	tr__free(&ctx->alloc, beside, (size_t)n, size);
	return 0;
}

struct tr_tensor *tr_random_choice(struct tr_context *ctx, struct tr_generator *g, int64_t n, int ndim, const int64_t *shape,
				   bool replace, const double *p)
{
	struct tr_tensor *y = NULL;
	int64_t m = 1, *index;

	if (replace && !p && n > 0)
		return tr_random_integers(ctx, g, TR_I64, ndim, shape, 0, (uint64_t)n);
	for (int i = 0; i < ndim; i++)
		if (shape[i] < 0 || __builtin_mul_overflow(m, shape[i], &m) || m > INT64_MAX / 16)
			return tr_empty(ctx, TR_I64, ndim, shape); /* says why */
	if (check(ctx, n, m, replace, p))
		return NULL;
	if (!m)
		return tr_empty(ctx, TR_I64, ndim, shape);
	index = room(ctx, "random_choice", m + 1, sizeof(*index));
	if (!index)
		return NULL;
	if (!choose(ctx, g, n, m, replace, p, index))
		y = tr_from_data(ctx, TR_I64, ndim, shape, index);
	tr__free(&ctx->alloc, index, (size_t)m + 1, sizeof(*index));
	if (y)
		g->position += (uint64_t)((p && !replace ? n : m) + 1) / 2;
	return y;
}
