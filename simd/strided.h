/* SPDX-License-Identifier: MIT */
/*
 * Moving elements as bytes between views: runs, transposed planes, whole copies. Knows element sizes, no types.
 * Strides are in elements; sizes are 1, 2, 4, 8 or 16 bytes.
 */
#ifndef TR_SIMD_STRIDED_H
#define TR_SIMD_STRIDED_H

#include <trueno/types.h>

/* A walk in C order over a shape, with the offsets of two views of it. Axes are merged where both allow it. */
struct tr_walk {
	int ndim; /* >= 1 */
	int64_t shape[TR_MAX_RANK];
	int64_t stride[2][TR_MAX_RANK];
	int64_t coord[TR_MAX_RANK];
	int64_t offset[2];
};

/* No axis may have size 0. b may be NULL: one view only. Starts at the first element. */
void tr__walk_init(struct tr_walk *w, int ndim, const int64_t *shape, const int64_t *a, const int64_t *b);

/* Goes to element first, which exists. */
void tr__walk_seek(struct tr_walk *w, int64_t first);

/* Elements from here to the end of the innermost axis. */
static inline int64_t tr__walk_run(const struct tr_walk *w)
{
	return w->shape[w->ndim - 1] - w->coord[w->ndim - 1];
}

/* Goes n <= tr__walk_run elements on; after the last element the walk must not be used. */
static inline void tr__walk_advance(struct tr_walk *w, int64_t n)
{
	int d = w->ndim - 1;

	w->coord[d] += n;
	w->offset[0] += n * w->stride[0][d];
	w->offset[1] += n * w->stride[1][d];
	while (d > 0 && w->coord[d] == w->shape[d]) {
		w->coord[d] = 0;
		w->offset[0] += w->stride[0][d - 1] - w->shape[d] * w->stride[0][d];
		w->offset[1] += w->stride[1][d - 1] - w->shape[d] * w->stride[1][d];
		w->coord[--d]++;
	}
}

/* dst[i·to] = src[i·from], i < n. */
void tr__copy_run(void *dst, ptrdiff_t to, const void *src, ptrdiff_t from, size_t n, size_t size);

/* dst[i·to + j] = src[i + j·from], i < rows, j < cols. */
void tr__transpose(void *dst, ptrdiff_t to, const void *src, ptrdiff_t from, size_t rows, size_t cols, size_t size);

/* A whole copy, prepared once and run in parts. Views do not overlap. */
struct tr_copy {
	struct tr_walk walk; /* view 0 is dst, view 1 is src; of transposed planes, over the plane's corners */
	void *dst;
	const void *src;
	size_t size;
	int64_t units;       /* what parts are made of: elements, or planes' stripes */
	bool transposed;
	int64_t rows, cols;  /* of a plane: rows along src's unit stride, columns along dst's */
	int64_t to, from;    /* strides of its rows in dst and of its columns in src */
	int64_t stripes;     /* per plane */
};

/* ndim >= 0; no axis of size 0. */
void tr__copy_init(struct tr_copy *c, int ndim, const int64_t *shape, void *dst, const int64_t *to, const void *src,
		   const int64_t *from, size_t size);

/* Units [first, last). */
void tr__copy_units(const struct tr_copy *c, int64_t first, int64_t last);

#endif
