/* SPDX-License-Identifier: MIT */
/*
 * The sweep of sweep.h. A unit is a strip of rows of the result in one slab, for one group of channels of one image. It
 * goes down the strip block by block; the rows that two blocks share are moved up rather than turned again.
 */
#include "simd/sweep.h"

#include <string.h>

#include "simd/pixels.h"
#include "simd/strided.h"

/* Rows of pixels under way, in bytes: they and the results fit L2, and mostly L1. */
#define BLOCK_BYTES ((size_t)48 << 10)

/* About what an element costs to turn, and a window's to fold, in nanoseconds. */
#define TURN_NS 0.2
#define TAP_NS 0.03

struct unit {
	const struct tr_sweep *s;
	int64_t image, channel, d;
	size_t n;   /* channels */
	char *ws;
	int64_t known; /* rows that the divisors in ws are for */
};

static int64_t min_i64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void set_element(enum tr_dtype dtype, void *at, double x)
{
	float narrow = (float)x;

	if (dtype == TR_F32)
		memcpy(at, &narrow, sizeof(narrow));
	else
		memcpy(at, &x, sizeof(x));
}

/* n elements of padding. */
static void pad(const struct tr_sweep *s, char *to, size_t n)
{
	double value;

	if (s->fill == 0)
		memset(to, 0, n * s->size);
	if (!n || s->fill == 0)
		return;
	set_element(s->dtype, &value, s->fill);
	tr__copy_run(to, 1, &value, 0, n, s->size);
}

/* Row h, counted from the padding's first, of slab k of the window. */
static void load_row(const struct unit *u, int64_t k, int64_t h, char *to)
{
	const struct tr_sweep *s = u->s;
	const struct tr_operand *x = s->x;
	int64_t d = u->d * s->stride[0] + k * s->dilation[0] - s->lead[0], before = s->lead[2];
	struct tr_pixels p = {.image = u->image, .channel = u->channel, .d = d, .h = h - s->lead[1], .channels = u->n};

	before = min_i64(before, (int64_t)s->width);
	p.count = (size_t)min_i64(x->shape[4], (int64_t)s->width - before);
	if (d < 0 || d >= x->shape[2] || p.h < 0 || p.h >= x->shape[3]) {
		pad(s, to, s->width * u->n);
		return;
	}
	pad(s, to, (size_t)before * u->n);
	to += (size_t)before * u->n * s->size;
	if (p.count)
		tr__pixels_load(s->dev, x, &p, s->dtype, to, u->ws + s->at_buf);
	pad(s, to + p.count * u->n * s->size, (s->width - (size_t)before - p.count) * u->n);
}

/* Rows [have, need) of every slab, for the block whose first row of x is h. */
static void load_rows(const struct unit *u, int64_t h, size_t have, size_t need)
{
	const struct tr_sweep *s = u->s;
	size_t row = s->width * u->n * s->size;

	for (int64_t k = 0; k < s->taps[0]; k++)
		for (size_t i = have; i < need; i++)
			load_row(u, k, h + (int64_t)i, u->ws + s->at_x + ((size_t)k * s->rows + i) * row);
}

static void move_rows(const struct unit *u, size_t from, size_t n)
{
	const struct tr_sweep *s = u->s;
	size_t row = s->width * u->n * s->size;

	for (size_t k = 0; k < (size_t)s->taps[0]; k++) {
		char *slab = u->ws + s->at_x + k * s->rows * row;

		memmove(slab, slab + from * row, n * row);
	}
}

/* How many positions of window j of axis i count. */
static int64_t counted(const struct tr_sweep *s, int i, int64_t j)
{
	int64_t size = s->x->shape[2 + i], first = j * s->stride[i] - s->lead[i], last = first + s->taps[i];

	last = min_i64(last, size + s->lead[i]);
	if (s->exclude_pad) {
		first = first < 0 ? 0 : first;
		last = min_i64(last, size);
	}
	return last - first;
}

/* The divisors of row h. */
static const void *divisors(struct unit *u, int64_t h)
{
	const struct tr_sweep *s = u->s;
	int64_t rows = counted(s, 0, u->d) * counted(s, 1, h);
	char *div = u->ws + s->at_div;

	for (int64_t j = 0; j < s->y->shape[4] && rows != u->known; j++)
		set_element(s->dtype, div + (size_t)j * s->size, (double)(rows * counted(s, 2, j)));
	u->known = rows;
	return div;
}

/* The weights of the unit's channels, [tap][channel], the chains' starts, and where the taps are. */
static void prepare(const struct unit *u)
{
	const struct tr_sweep *s = u->s;
	ptrdiff_t *at = (ptrdiff_t *)(void *)(u->ws + s->at_taps);
	char *start = u->ws + s->at_start, *w = u->ws + s->at_w;

	for (int64_t d = 0; d < s->taps[0]; d++)
		for (int64_t h = 0; h < s->taps[1]; h++)
			for (int64_t k = 0; k < s->taps[2]; k++)
				*at++ = ((d * (ptrdiff_t)s->rows + h * s->dilation[1]) * (ptrdiff_t)s->width +
					 k * s->dilation[2]) * (ptrdiff_t)u->n;
	pad(s, start, u->n);
	if (s->bias) {
		const void *from = tr__load_range(s->dev, s->bias, u->channel, u->n, s->dtype, start);

		if (from != start)
			memcpy(start, from, u->n * s->size);
	}
	if (s->w) {
		const void *from = tr__load_range(s->dev, s->w, u->channel * (int64_t)s->all_taps, u->n * s->all_taps,
						  s->dtype, u->ws + s->at_buf);

		s->dev->k->gemm[s->dtype].copy2d(w, (ptrdiff_t)u->n, s->all_taps, u->n, from, 1, (ptrdiff_t)s->all_taps);
	}
}

/* Rows [h,end) of the result. */
static void run_strip(struct unit *u, int64_t h, int64_t end)
{
	const struct tr_sweep *s = u->s;
	size_t row = s->width * u->n * s->size, out = (size_t)s->y->shape[4] * u->n * s->size, have = 0;
	struct tr_lane_taps t = {.cols = (size_t)s->y->shape[4], .n = u->n, .taps = s->all_taps,
				 .x_col = (ptrdiff_t)(s->stride[2] * (int64_t)u->n),
				 .at = (const ptrdiff_t *)(const void *)(u->ws + s->at_taps), .w = s->w ? u->ws + s->at_w : NULL,
				 .start = u->ws + s->at_start, .y_col = (ptrdiff_t)u->n};

	for (; h < end; h += (int64_t)s->block) {
		size_t n = (size_t)min_i64((int64_t)s->block, end - h);
		size_t need = (n - 1) * (size_t)s->stride[1] + s->span, next = s->block * (size_t)s->stride[1];
		struct tr_pixels p = {.image = u->image, .channel = u->channel, .d = u->d, .h = h, .channels = u->n,
				      .count = t.cols};

		load_rows(u, h * s->stride[1], have, need);
		for (size_t i = 0; i < n; i++) {
			t.x = u->ws + s->at_x + i * (size_t)s->stride[1] * row;
			t.y = u->ws + s->at_y + i * out;
			t.div = s->mean ? divisors(u, h + (int64_t)i) : NULL;
			s->kernel(&t);
		}
		tr__pixels_store(s->dev, s->y, &p, n, s->dtype, u->ws + s->at_y, u->n, u->ws + s->at_buf);
		have = need > next ? need - next : 0;
		if (have && h + (int64_t)s->block < end)
			move_rows(u, next, have);
	}
}

static size_t units(const struct tr_sweep *s)
{
	return (size_t)s->y->shape[0] * s->groups * (size_t)s->y->shape[2] * s->strips;
}

static void run_part(void *arg, size_t part, unsigned worker)
{
	const struct tr_sweep *s = arg;
	size_t all = units(s), more = all % s->parts, i = all / s->parts * part + (part < more ? part : more);
	size_t last = i + all / s->parts + (part < more);
	int64_t rows = s->y->shape[3], strips = (int64_t)s->strips;

	for (; i < last; i++) {
		size_t plane = i / s->strips;
		int64_t strip = (int64_t)(i % s->strips), first = rows * strip / strips, end = rows * (strip + 1) / strips;
		struct unit u = {.s = s, .ws = s->dev->scratch[worker], .d = (int64_t)(plane % (size_t)s->y->shape[2])};

		plane /= (size_t)s->y->shape[2];
		u.channel = (int64_t)(plane % s->groups * s->channels);
		u.image = (int64_t)(plane / s->groups);
		u.n = (size_t)min_i64((int64_t)s->channels, s->y->shape[1] - u.channel);
		prepare(&u);
		run_strip(&u, first, end);
	}
}

static bool reserve(size_t *total, size_t *at, size_t a, size_t b, size_t size)
{
	size_t n;

	*at = *total;
	return !__builtin_mul_overflow(a, b, &n) && !__builtin_mul_overflow(n, size, &n) &&
	       !__builtin_add_overflow(n, 63, &n) && !__builtin_add_overflow(*total, n & ~(size_t)63, total);
}

/* Positions from the first element of the first of n windows to the last one's last; 0 if they do not fit. */
static size_t extent(const struct tr_sweep *s, int i, int64_t n)
{
	int64_t moved, all;

	if (__builtin_mul_overflow(n - 1, s->stride[i], &moved) ||
	    __builtin_mul_overflow(s->taps[i] - 1, s->dilation[i], &all) || __builtin_add_overflow(moved, all, &all) ||
	    all == INT64_MAX)
		return 0;
	return (size_t)all + 1;
}

static int plan_scratch(struct tr_sweep *s)
{
	size_t total = 0, wide = (size_t)(s->x->shape[4] > s->y->shape[4] ? s->x->shape[4] : s->y->shape[4]), slab, weights;
	size_t buf = tr__pixels_buffer(s->channels, wide);
	bool fits = buf != 0 && !__builtin_mul_overflow(s->width, s->rows, &slab);

	fits = fits && !__builtin_mul_overflow(slab, (size_t)s->taps[0], &slab) &&
	       !__builtin_mul_overflow(s->all_taps, s->channels * s->size, &weights);
	if (!fits)
		return -TR_EOVERFLOW;
	fits &= reserve(&total, &s->at_x, slab, s->channels, s->size);
	fits &= reserve(&total, &s->at_y, (size_t)s->y->shape[4] * s->channels, s->block, s->size);
	fits &= reserve(&total, &s->at_w, s->w ? weights : 0, 1, 1);
	fits &= reserve(&total, &s->at_start, s->channels, 1, s->size);
	fits &= reserve(&total, &s->at_div, s->mean ? (size_t)s->y->shape[4] : 0, 1, s->size);
	fits &= reserve(&total, &s->at_buf, s->w && weights > buf ? weights : buf, 1, 1);
	fits &= reserve(&total, &s->at_taps, s->all_taps, 1, sizeof(ptrdiff_t));
	return fits ? tr__scratch(s->dev, total) : -TR_EOVERFLOW;
}

int tr__sweep(struct tr_sweep *s)
{
	size_t planes = (size_t)s->y->shape[0], row;
	double cost;
	int err;

	s->size = tr_dtype_size(s->dtype);
	s->channels = s->dev->k->gemm[s->dtype].lanes;
	s->groups = ((size_t)s->y->shape[1] + s->channels - 1) / s->channels;
	s->width = extent(s, 2, s->y->shape[4]);
	s->span = extent(s, 1, 1);
	if (!s->width || !s->span || !extent(s, 1, s->y->shape[3]) || !extent(s, 0, s->y->shape[2]) ||
	    __builtin_mul_overflow((size_t)s->taps[0], (size_t)s->taps[1], &s->all_taps) ||
	    __builtin_mul_overflow(s->all_taps, (size_t)s->taps[2], &s->all_taps) ||
	    __builtin_mul_overflow(s->width, s->channels * s->size * (size_t)s->taps[0], &row))
		return -TR_EOVERFLOW;
	planes *= s->groups * (size_t)s->y->shape[2];
	cost = (double)planes * (double)s->channels * (double)s->y->shape[3] * (double)s->y->shape[4];
	cost *= TURN_NS * (1 + (double)(s->stride[1] * s->stride[2])) + TAP_NS * (double)s->all_taps;
	s->parts = tr__pool_parts(s->dev, cost, SIZE_MAX);
	s->strips = planes < s->parts ? (size_t)min_i64((int64_t)((s->parts + planes - 1) / planes), s->y->shape[3]) : 1;
	s->block = BLOCK_BYTES / row > s->span ? (BLOCK_BYTES / row - s->span) / (size_t)s->stride[1] + 1 : 1;
	s->block = (size_t)min_i64((int64_t)s->block, s->y->shape[3]);
	s->rows = (s->block - 1) * (size_t)s->stride[1] + s->span;
	err = plan_scratch(s);
	if (err)
		return err;
	if (s->parts > units(s))
		s->parts = units(s);
	tr__pool_run(s->dev, s->parts, run_part, s);
	return 0;
}
