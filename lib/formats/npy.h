/* SPDX-License-Identifier: MIT */
/* What the files of the npy and npz readers and writers share: the header, and tensors over an array's bytes. */
#ifndef TR_LIB_FORMATS_NPY_H
#define TR_LIB_FORMATS_NPY_H

#include <trueno/npy.h>

#include "lib/formats/file.h"

/* What the header of an array says, checked. */
struct tr__npy {
	enum tr_dtype dtype;
	bool swap;    /* the other byte order */
	bool fortran; /* the first axis is the one without gaps */
	int ndim;
	int64_t shape[TR_MAX_RANK];
	size_t data, bytes; /* where the elements begin in the file, and how many bytes they are */
};

/* Bytes that a file has at least: magic, version, length of the header. */
#define TR__NPY_LEAST 10u

/* Reads file[size]; the elements are known to lie in it. */
int tr__npy_parse(struct tr__npy *h, const unsigned char *file, size_t size, const struct tr__file_report *r);

/* The header that numpy.save would write, into buf. Returns its length, a multiple of 64; 0 if the format has no name
 * for the type. */
#define TR__NPY_HEADER 512
size_t tr__npy_header(char buf[TR__NPY_HEADER], enum tr_dtype dtype, bool fortran, int ndim, const int64_t *shape);

/* t with its axes reversed if it lies in Fortran order: contiguous then, and the caller's to free. NULL otherwise. */
struct tr_tensor *tr__npy_fortran(struct tr_tensor *t);

/*
 * The tensor over file[…], as h describes it. The bytes are put right first: order, alignment, and bools that are
 * neither 0 nor 1. release(user) will be called once, at the latest before this returns.
 */
struct tr_tensor *tr__npy_tensor(struct tr_context *ctx, const struct tr__npy *h, unsigned char *file,
				 void (*release)(void *user), void *user);

#endif
