/* SPDX-License-Identifier: MIT */
/* Rows of pixels, channels together (pixels.h): turned in registers, copied as they lie, or converted on the way. */
#include "simd/pixels.h"

static char *address(const struct tr_operand *o, const struct tr_pixels *p)
{
	int64_t at = p->image * o->stride[0] + p->channel * o->stride[1] + p->d * o->stride[2] + p->h * o->stride[3] +
		     p->w * o->stride[4];

	return (char *)o->addr + at * (int64_t)tr_dtype_size(o->dtype);
}

/* Channel i of the pixels. */
static struct tr_operand line_of(const struct tr_operand *o, char *at, const struct tr_pixels *p, size_t i)
{
	return (struct tr_operand){.addr = at + (int64_t)i * o->stride[1] * (int64_t)tr_dtype_size(o->dtype),
				   .dtype = o->dtype, .ndim = 1, .shape = {(int64_t)p->count}, .stride = {o->stride[4]}};
}

void tr__pixels_load(const struct tr_device *dev, const struct tr_operand *x, const struct tr_pixels *p,
		     enum tr_dtype dtype, void *to, void *buf)
{
	const struct tr_gemm_kernel *k = &dev->k->gemm[dtype];
	size_t size = tr_dtype_size(dtype);
	char *from = address(x, p);

	if (x->dtype == dtype) {
		k->copy2d(to, (ptrdiff_t)p->channels, p->count, p->channels, from, (ptrdiff_t)x->stride[4],
			  (ptrdiff_t)x->stride[1]);
		return;
	}
	for (size_t i = 0; i < p->channels; i++) {
		struct tr_operand line = line_of(x, from, p, i);

		tr__load_range(dev, &line, 0, p->count, dtype, (char *)buf + i * p->count * size);
	}
	k->copy2d(to, (ptrdiff_t)p->channels, p->count, p->channels, buf, 1, (ptrdiff_t)p->count);
}

/* One row, or several that lie one behind the other. */
static void store(const struct tr_device *dev, const struct tr_operand *y, const struct tr_pixels *p,
		  enum tr_dtype dtype, const void *from, size_t ld, void *buf)
{
	const struct tr_gemm_kernel *k = &dev->k->gemm[dtype];
	size_t size = tr_dtype_size(dtype);
	char *to = address(y, p), *temp = (char *)buf + p->channels * p->count * size;

	if (y->dtype == dtype && (y->stride[4] == 1 || p->count == 1)) {
		k->copy2d(to, (ptrdiff_t)y->stride[1], p->channels, p->count, from, 1, (ptrdiff_t)ld);
		return;
	}
	if (y->dtype == dtype && y->stride[1] == 1) {
		k->copy2d(to, (ptrdiff_t)y->stride[4], p->count, p->channels, from, (ptrdiff_t)ld, 1);
		return;
	}
	k->copy2d(buf, (ptrdiff_t)p->count, p->channels, p->count, from, 1, (ptrdiff_t)ld);
	for (size_t i = 0; i < p->channels; i++) {
		struct tr_operand line = line_of(y, to, p, i);

		tr__store_range(dev, &line, 0, p->count, dtype, (char *)buf + i * p->count * size, temp);
	}
}

void tr__pixels_store(const struct tr_device *dev, const struct tr_operand *y, const struct tr_pixels *p, size_t rows,
		      enum tr_dtype dtype, const void *from, size_t ld, void *buf)
{
	struct tr_pixels at = *p;

	/* Converting goes row by row, which is what buf has room for. */
	if (y->dtype == dtype && (y->stride[4] == 1 || y->stride[1] == 1) &&
	    y->stride[3] == (int64_t)p->count * y->stride[4]) {
		at.count *= rows;
		rows = 1;
	}
	for (size_t i = 0; i < rows; i++, at.h++)
		store(dev, y, &at, dtype, (const char *)from + i * p->count * ld * tr_dtype_size(dtype), ld, buf);
}
