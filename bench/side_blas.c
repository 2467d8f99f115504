/* SPDX-License-Identifier: MIT */
/*
 * A side of bench/versus that is a BLAS: side_blas LIBRARY, any shared library with the C interface. The number of
 * threads is in the library's own environment variable.
 *
 *	multiply BATCH M N K    operand 0 [BATCH,M,K] times operand 1 [BATCH,K,N], both of one type
 *	dot N                   operand 0 [N] by operand 1 [N]
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/side.h"

enum { ROW_MAJOR = 101, NO_TRANS = 111, TRANS = 112 };

static struct {
	void (*sgemm)(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int);
	void (*dgemm)(int, int, int, int, int, int, double, const double *, int, const double *, int, double, double *,
		      int);
	void (*sgemv)(int, int, int, int, float, const float *, int, const float *, int, float, float *, int);
	float (*sdot)(int, const float *, int, const float *, int);
	double (*ddot)(int, const double *, int, const double *, int);
} blas;

static void *operand[2], *product;
static int operands, batch, m, n, k;
static bool is_double;
static void (*call)(void);

static void clear(void)
{
	for (int i = 0; i < operands; i++)
		free(operand[i]);
	free(product);
	product = NULL;
	operands = 0;
}

static int take(struct side_operand *o)
{
	is_double = !strcmp(o->dtype, "float64");
	if (operands == 2 || o->layout[0] != 'c' || (!is_double && strcmp(o->dtype, "float32") != 0)) {
		free(o->data);
		return side_error("two dense operands of float32 or float64 only");
	}
	operand[operands++] = o->data;
	return 0;
}

static void call_sgemm(void)
{
	const float *a = operand[0], *b = operand[1];

	for (int i = 0; i < batch; i++)
		blas.sgemm(ROW_MAJOR, NO_TRANS, NO_TRANS, m, n, k, 1, a + (size_t)i * m * k, k, b + (size_t)i * k * n, n, 0,
			   (float *)product + (size_t)i * m * n, n);
}

static void call_dgemm(void)
{
	const double *a = operand[0], *b = operand[1];

	for (int i = 0; i < batch; i++)
		blas.dgemm(ROW_MAJOR, NO_TRANS, NO_TRANS, m, n, k, 1, a + (size_t)i * m * k, k, b + (size_t)i * k * n, n, 0,
			   (double *)product + (size_t)i * m * n, n);
}

static void call_sgemv(void)
{
	if (m == 1)
		blas.sgemv(ROW_MAJOR, TRANS, k, n, 1, operand[1], n, operand[0], 1, 0, product, 1);
	else
		blas.sgemv(ROW_MAJOR, NO_TRANS, m, k, 1, operand[0], k, operand[1], 1, 0, product, 1);
}

static void call_sdot(void)
{
	*(float *)product = blas.sdot(k, operand[0], 1, operand[1], 1);
}

static void call_ddot(void)
{
	*(double *)product = blas.ddot(k, operand[0], 1, operand[1], 1);
}

static int command(int words, char **word, char *answer, size_t room)
{
	bool dot = !strcmp(word[0], "dot") && words == 2;

	(void)answer, (void)room;
	if (operands != 2 || (!dot && (strcmp(word[0], "multiply") != 0 || words != 5)))
		return side_error("unknown command %s, or operands are missing", word[0]);
	batch = dot ? 1 : atoi(word[1]);
	m = dot ? 1 : atoi(word[2]);
	n = dot ? 1 : atoi(word[3]);
	k = atoi(word[words - 1]);
	if (dot)
		call = is_double ? call_ddot : call_sdot;
	else if (is_double)
		call = call_dgemm;
	else
		call = batch == 1 && (m == 1 || n == 1) ? call_sgemv : call_sgemm;
	product = calloc((size_t)batch * (size_t)m * (size_t)n, is_double ? 8 : 4);
	if (!product)
		return side_error("out of memory");
	call();
	return 0;
}

static void run(void *unused)
{
	(void)unused;
	call();
}

static const void *result(size_t *bytes, const char **dtype)
{
	*dtype = is_double ? "float64" : "float32";
	*bytes = (size_t)batch * (size_t)m * (size_t)n * (is_double ? 8 : 4);
	return product;
}

/* Looks name up into *to, which is a pointer to a function. */
static int find(void *library, const char *name, void *to)
{
	void *found = dlsym(library, name);

	memcpy(to, &found, sizeof(found));
	return found ? 0 : -1;
}

int main(int argc, char **argv)
{
	static const struct side side = {clear, take, command, run, result};
	void *library = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;

	if (!library || find(library, "cblas_sgemm", &blas.sgemm) || find(library, "cblas_dgemm", &blas.dgemm) ||
	    find(library, "cblas_sgemv", &blas.sgemv) || find(library, "cblas_sdot", &blas.sdot) ||
	    find(library, "cblas_ddot", &blas.ddot)) {
		printf("error %s\n", argc == 2 ? dlerror() : "usage: side_blas LIBRARY");
		return 1;
	}
	printf("ok\n");
	fflush(stdout);
	return side_serve(&side);
}
