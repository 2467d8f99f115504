/* SPDX-License-Identifier: MIT */
/*
 * An element by its rank: a sample says between which two values it lies, one pass keeps what is between them, until few
 * are left to sort (Floyd and Rivest, "Expected time bounds for selection", 1975). Should a sample mislead, the range of
 * values is halved instead, which ends after as many rounds as an element has bits.
 */
#include "simd/order.h"

#include <math.h>
#include <string.h>

/* A sample is one element in so many, up to so many. */
#define SAMPLE_EACH 16
#define SAMPLE_MOST TR_PICK_MOST

/* Samples that may mislead before the range is halved instead. */
#define MISSES 4

struct pick {
	const struct tr_kernels *k;
	enum tr_dtype dtype;
	size_t size;
	char *room;
};

/* Integers in the order of the numbers they stand for, -0 below +0. */
static int64_t to_key(double x)
{
	int64_t i;

	memcpy(&i, &x, sizeof(i));
	return i < 0 ? INT64_MIN - i - 1 : i;
}

static double from_key(int64_t i)
{
	double x;

	i = i < 0 ? INT64_MIN - i - 1 : i;
	memcpy(&x, &i, sizeof(x));
	return x;
}

static double get(const struct pick *p, const char *x, size_t i)
{
	double d;
	float f;

	if (p->dtype == TR_F64) {
		memcpy(&d, x + i * sizeof(d), sizeof(d));
		return d;
	}
	memcpy(&f, x + i * sizeof(f), sizeof(f));
	return f;
}

/* Keeps of x[0..n) what lies in [low, high], in room; how many, and in *below those under low. */
static size_t keep(const struct pick *p, const char *x, size_t n, double low, double high, size_t *below)
{
	float l = (float)low, h = (float)high;
	bool is_f64 = p->dtype == TR_F64;

	*below = 0;
	return p->k->between[p->dtype](p->room, x, n, is_f64 ? (void *)&low : &l, is_f64 ? (void *)&high : &h, below);
}

/* The least of n >= 1 elements. */
static double least(const struct pick *p, const char *x, size_t n)
{
	double v = get(p, x, p->k->argmin[p->dtype](x, n));

	for (size_t i = 0; v == 0 && i < n; i++)
		if (get(p, x, i) == 0 && signbit(get(p, x, i)))
			return -0.0;
	return v;
}

/*
 * Values between which rank k of n elements is likely to lie, from a sample of evenly spaced ones: as many places of
 * the sample to either side as three standard deviations of the rank's place in it. Leaves a bound that is beyond them.
 */
static void guess(const struct pick *p, const char *x, size_t n, size_t rank, double *low, double *high)
{
	size_t count = n / SAMPLE_EACH < SAMPLE_MOST ? n / SAMPLE_EACH : SAMPLE_MOST;
	double q = (double)rank / (double)n, at = q * (double)count, off = 3 * sqrt((double)count * q * (1 - q)) + 1, two[2];
	char sample[SAMPLE_MOST * sizeof(double)], room[SAMPLE_MOST * sizeof(double) + 64];

	for (size_t i = 0; i < count; i++)
		memcpy(sample + i * p->size, x + i * (n / count) * p->size, p->size);
	if (at - off >= 0) {
		tr__order_pick(p->k, p->dtype, sample, count, (size_t)(at - off), room, two);
		*low = two[0];
	}
	if (at + off + 1 < (double)count) {
		tr__order_pick(p->k, p->dtype, sample, count, (size_t)(at + off), room, two);
		*high = two[1];
	}
}

/* The midpoint of low < high in their order, rounded to the type so that it stays below high. */
static double middle(const struct pick *p, double low, double high)
{
	int64_t a = to_key(low), b = to_key(high);
	double m = from_key((a & b) + ((a ^ b) >> 1));
	float f = (float)m;

	if (p->dtype == TR_F64)
		return m;
	return (double)f < high ? (double)f : (double)nextafterf((float)high, -INFINITY);
}

static double next(const struct pick *p, double x, double towards)
{
	return p->dtype == TR_F64 ? nextafter(x, towards) : (double)nextafterf((float)x, (float)towards);
}

/* Both ranks among few elements. */
static void pick_few(const struct pick *p, const char *x, size_t n, size_t rank, double picked[2])
{
	char two[2 * sizeof(double)];

	p->k->pick[p->dtype](two, x, n, rank, p->room);
	picked[0] = get(p, two, 0);
	picked[1] = get(p, two, 1);
}

/* Both ranks among elements that are equal: zeros alone can still differ. */
static void pick_equal(const struct pick *p, const char *x, size_t n, size_t rank, double picked[2])
{
	double value = get(p, x, 0);
	size_t negative = 0;

	picked[0] = picked[1] = value;
	if (value != 0)
		return;
	for (size_t i = 0; i < n; i++)
		negative += signbit(get(p, x, i)) != 0;
	picked[0] = rank < negative ? -0.0 : 0.0;
	picked[1] = rank + (rank + 1 < n) < negative ? -0.0 : 0.0;
}

void tr__order_pick(const struct tr_kernels *k, enum tr_dtype dtype, const void *all, size_t n, size_t rank, void *room,
		    double picked[2])
{
	struct pick p = {.k = k, .dtype = dtype, .size = tr_dtype_size(dtype), .room = room};
	const char *x = all;
	double low = -INFINITY, high = INFINITY, second = 0, from, to;
	size_t count = n, r = rank, below, kept;
	bool has_second = false;

	/* x[0..count) is what of all lies between low and high; the rank is the r-th of it, and so is the next. */
	for (unsigned misses = 0; count > TR_PICK_MOST && low != high;) {
		from = low;
		to = high;
		if (misses < MISSES)
			guess(&p, x, count, r, &from, &to);
		if (from == low && to == high)
			to = middle(&p, low, high);
		kept = keep(&p, x, count, from, to, &below);
		if (r >= below && r - below < kept && (has_second || r - below + 1 < kept || r + 1 == count)) {
			misses += kept == count;
			low = from;
			high = to;
			r -= below;
			x = room;
			count = kept;
			continue;
		}
		misses++;
		if (r < below) {
			high = next(&p, from, -INFINITY);
		} else if (r >= below + kept) {
			low = next(&p, to, INFINITY);
		} else {
			low = from;
			high = to;
		}
		if (!has_second && (r + 1 == below || r + 1 == below + kept) && rank + 1 < n) {
			/* The two fall apart: the next one is the least of those above. */
			has_second = true;
			kept = keep(&p, all, n, next(&p, high, INFINITY), INFINITY, &below);
			second = least(&p, room, kept);
		}
		count = keep(&p, all, n, low, high, &below);
		r = rank - below;
		x = room;
	}
	if (count <= TR_PICK_MOST)
		pick_few(&p, x, count, r, picked);
	else
		pick_equal(&p, x, count, r, picked);
	if (has_second)
		picked[1] = second;
}
