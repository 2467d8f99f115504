/* SPDX-License-Identifier: MIT */
/*
 * Ranges of a view as dense elements, and back: what lets every executor work on contiguous memory of one type.
 * Knows strides and conversions; no operation and no threads.
 */
#include <string.h>

#include "simd/cpu.h"
#include "simd/strided.h"

/* Room for elements on their way through a conversion, in bytes. */
#define STAGE 4096

static char *at(const struct tr_operand *o, int64_t offset, size_t size)
{
	return (char *)o->addr + offset * (int64_t)size;
}

/* Copies n elements from the walk's place to dst and goes on. */
static void gather(struct tr_walk *w, const struct tr_operand *o, char *dst, size_t n, size_t size)
{
	int64_t stride = w->stride[0][w->ndim - 1];

	while (n) {
		size_t run = (size_t)tr__walk_run(w);

		if (run > n)
			run = n;
		tr__copy_run(dst, 1, at(o, w->offset[0], size), stride, run, size);
		tr__walk_advance(w, (int64_t)run);
		dst += run * size;
		n -= run;
	}
}

const void *tr__load_range(const struct tr_device *dev, const struct tr_operand *o, int64_t first, size_t n,
			   enum tr_dtype dtype, void *dst)
{
	size_t size = tr_dtype_size(o->dtype), to_size = tr_dtype_size(dtype);
	_Alignas(64) char stage[STAGE];
	char *out = dst;
	struct tr_walk w;

	if (!n)
		return dst;
	tr__walk_init(&w, o->ndim, o->shape, o->stride, NULL);
	if (first)
		tr__walk_seek(&w, first);
	if ((size_t)tr__walk_run(&w) >= n && (w.stride[0][w.ndim - 1] == 1 || n == 1)) {
		const void *src = at(o, w.offset[0], size);

		if (o->dtype == dtype)
			return src;
		dev->k->cast[o->dtype][dtype](dst, src, n);
		return dst;
	}
	if (o->dtype == dtype) {
		gather(&w, o, dst, n, size);
		return dst;
	}
	while (n) {
		size_t part = n < STAGE / size ? n : STAGE / size;

		gather(&w, o, stage, part, size);
		dev->k->cast[o->dtype][dtype](out, stage, part);
		out += part * to_size;
		n -= part;
	}
	return dst;
}

void tr__store_range(const struct tr_device *dev, const struct tr_operand *o, int64_t first, size_t n,
		     enum tr_dtype dtype, const void *src, void *buf)
{
	size_t size = tr_dtype_size(o->dtype);
	const char *in = src;
	struct tr_walk w;
	int64_t stride;

	if (!n)
		return;
	tr__walk_init(&w, o->ndim, o->shape, o->stride, NULL);
	if (first)
		tr__walk_seek(&w, first);
	stride = w.stride[0][w.ndim - 1];
	if (o->dtype != dtype) {
		bool whole = (size_t)tr__walk_run(&w) >= n && stride == 1;

		if (whole)
			buf = at(o, w.offset[0], size);
		dev->k->cast[dtype][o->dtype](buf, src, n);
		if (whole)
			return;
		in = buf;
	}
	while (n) {
		size_t run = (size_t)tr__walk_run(&w);

		if (run > n)
			run = n;
		tr__copy_run(at(o, w.offset[0], size), stride, in, 1, run, size);
		tr__walk_advance(&w, (int64_t)run);
		in += run * size;
		n -= run;
	}
}
