/* SPDX-License-Identifier: MIT */
/*
 * Reductions as docs/numerics.md specifies them, one element at a time. Knows no axes, no threads, no vectors.
 */
#include "lib/ref/fold.h"

#include "lib/ref/vec1.h"
/* after the vocabulary they are written in */
#include "lib/ref/expr/all.h"

const uint8_t tr__fold_join[TR_FOLD_COUNT] = {
	[TR_FOLD_ADD] = TR_FOLD_ADD,
	[TR_FOLD_MULTIPLY] = TR_FOLD_MULTIPLY,
	[TR_FOLD_MINIMUM] = TR_FOLD_MINIMUM,
	[TR_FOLD_MAXIMUM] = TR_FOLD_MAXIMUM,
	[TR_FOLD_AND] = TR_FOLD_AND,
	[TR_FOLD_OR] = TR_FOLD_OR,
	[TR_FOLD_FMIN] = TR_FOLD_FMIN,
	[TR_FOLD_FMAX] = TR_FOLD_FMAX,
	[TR_FOLD_ADD_ABS] = TR_FOLD_ADD,
	[TR_FOLD_ADD_SQUARE] = TR_FOLD_ADD,
	[TR_FOLD_ADD_NONZERO] = TR_FOLD_ADD,
	[TR_FOLD_MINIMUM_ABS] = TR_FOLD_MINIMUM,
	[TR_FOLD_MAXIMUM_ABS] = TR_FOLD_MAXIMUM,
	[TR_FOLD_ADD_NUMBER] = TR_FOLD_ADD,
	[TR_FOLD_MULTIPLY_NUMBER] = TR_FOLD_MULTIPLY,
	[TR_FOLD_ADD_IS_NUMBER] = TR_FOLD_ADD,
	[TR_FOLD_ADD_DEVIATION] = TR_FOLD_ADD,
	[TR_FOLD_ADD_NUMBER_DEVIATION] = TR_FOLD_ADD,
	[TR_FOLD_ADD_EXP] = TR_FOLD_ADD,
	[TR_FOLD_ADD_POW] = TR_FOLD_ADD,
};

#define FOLD(fold, join, of, T, free, centred, width) \
	void tr__ref_fold_##fold##_##T(void *acc, const void *src, ptrdiff_t stride, size_t rows, size_t n, \
				       const void *centre) \
	{ \
		for (size_t j = 0; j < n; j++) { \
			const e##T *s = (const e##T *)src + j; \
			e##T c = centred ? ((const e##T *)centre)[j] : 0, x = of(T, *s, c); \
			(void)c; \
			for (size_t r = 1; r < rows; r++) { \
				s += stride; \
				x = (e##T)join(T, x, of(T, *s, c)); \
			} \
			((e##T *)acc)[j] = x; \
		} \
	}
TR__EACH_JOIN(FOLD)
TR__EACH_FOLD_OF(FOLD)

#define COLUMN(fold, join, of, T, free, centred, width) \
	void tr__ref_column_##fold##_##T(void *acc, const void *src, ptrdiff_t stride, size_t rows, size_t n, \
					 const void *centre) \
	{ \
		e##T right; \
		size_t half = TR_CHUNK_ROWS; \
		if (rows <= half) { \
			tr__ref_fold_##fold##_##T(acc, src, stride, rows, n, centre); \
			return; \
		} \
		while (half < rows - half) \
			half *= 2; \
		tr__ref_column_##fold##_##T(acc, src, stride, half, n, centre); \
		for (size_t j = 0; j < n; j++) { \
			tr__ref_column_##fold##_##T(&right, (const e##T *)src + (ptrdiff_t)half * stride + j, stride, \
						    rows - half, 1, centred ? (const e##T *)centre + j : NULL); \
			((e##T *)acc)[j] = (e##T)join(T, ((e##T *)acc)[j], right); \
		} \
	}
TR__EACH_JOIN(COLUMN)
TR__EACH_FOLD_OF(COLUMN)

#define LINE(fold, join, of, T, free, centred, width) \
	void tr__ref_line_##fold##_##T(void *acc, const void *src, size_t n, const void *centre) \
	{ \
		for (size_t j = 0; j < n && j < TR_LANES; j++) \
			tr__ref_column_##fold##_##T((e##T *)acc + j, (const e##T *)src + j, TR_LANES, \
						    (n - j + TR_LANES - 1) / TR_LANES, 1, centre); \
	}
TR__EACH_JOIN(LINE)
TR__EACH_FOLD_OF(LINE)

#define HALVE(fold, join, of, T, free, centred, width) \
	void tr__ref_halve_##fold##_##T(void *lanes) \
	{ \
		e##T *x = lanes; \
		for (size_t h = TR_LANES / 2; h; h /= 2) \
			for (size_t i = 0; i < h; i++) \
				x[i] = (e##T)join(T, x[i], x[i + h]); \
	}
TR__EACH_JOIN(HALVE)

#define LINES(fold, join, of, T, free, centred, width) \
	void tr__ref_lines_##fold##_##T(void *dst, const void *src, ptrdiff_t stride, size_t rows, size_t n) \
	{ \
		e##T lanes[TR_LANES]; \
		for (size_t i = 0; i < rows; i++) { \
			tr__ref_line_##fold##_##T(lanes, (const e##T *)src + (ptrdiff_t)i * stride, n, NULL); \
			tr__ref_halve_##fold##_##T(lanes); \
			((e##T *)dst)[i] = lanes[0]; \
		} \
	}
TR__EACH_JOIN(LINES)

/* Comparisons with NaN are false, except that x != x: the first NaN is better than anything before it, and
 * nothing is better than it. */
#define ARG(name, better, T) \
	size_t name##_##T(const void *src, size_t n) \
	{ \
		const e##T *x = src; \
		size_t best = 0; \
		for (size_t i = 1; i < n && !v_ne(x[best], x[best]); i++) \
			if (better(x[i], x[best]) || v_ne(x[i], x[i])) \
				best = i; \
		return best; \
	}
TR__EACH_NUMBER(ARG, tr__ref_argmin, v_lt)
TR__EACH_NUMBER(ARG, tr__ref_argmax, v_gt)

/* The same without NaNs. */
#define NANARG(name, better, T) \
	size_t name##_##T(const void *src, size_t n) \
	{ \
		const e##T *x = src; \
		size_t best = n; \
		for (size_t i = 0; i < n; i++) \
			if (!v_isnan(x[i]) && (best == n || better(x[i], x[best]))) \
				best = i; \
		return best; \
	}
TR__EACH_FLOAT(NANARG, tr__ref_nanargmin, v_lt)
TR__EACH_FLOAT(NANARG, tr__ref_nanargmax, v_gt)

#define ARGS(name, prefer, T) \
	void name##_##T(void *best, void *at, const void *src, ptrdiff_t stride, size_t rows, size_t n) \
	{ \
		e##T *b = best, *a = at; \
		for (size_t j = 0; j < n; j++) { \
			a[j] = TR_ARG_NONE; \
			for (size_t r = 0; r < rows; r++) { \
				e##T x = ((const e##T *)src)[(ptrdiff_t)r * stride + (ptrdiff_t)j]; \
				if (prefer(x, b[j])) { \
					b[j] = x; \
					a[j] = (e##T)r; \
				} \
			} \
		} \
	}
#define LESS(x, b) (v_lt(x, b) || (v_ne(x, x) && v_eq(b, b)))
#define GREATER(x, b) (v_gt(x, b) || (v_ne(x, x) && v_eq(b, b)))
#define LESS_NUMBER(x, b) (v_lt(x, b) || (v_eq(x, x) && v_ne(b, b)))
#define GREATER_NUMBER(x, b) (v_gt(x, b) || (v_eq(x, x) && v_ne(b, b)))
TR__EACH_NUMBER(ARGS, tr__ref_argmins, LESS)
TR__EACH_NUMBER(ARGS, tr__ref_argmaxs, GREATER)
TR__EACH_FLOAT(ARGS, tr__ref_nanargmins, LESS_NUMBER)
TR__EACH_FLOAT(ARGS, tr__ref_nanargmaxs, GREATER_NUMBER)

/* Operands of a product of small integers are promoted to int, in which u16's would overflow. */
#define RANGE(T, wide) \
	void tr__ref_range_##T(void *dst, const void *start, const void *step, int64_t first, size_t n) \
	{ \
		for (size_t i = 0; i < n; i++) { \
			e##T number = (e##T)(first + (int64_t)i), product = (e##T)((wide)number * (wide)*(const e##T *)step); \
			((e##T *)dst)[i] = (e##T)((wide)*(const e##T *)start + (wide)product); \
		} \
	}
RANGE(i8, uint64_t) RANGE(i16, uint64_t) RANGE(i32, uint64_t) RANGE(i64, uint64_t)
RANGE(u8, uint64_t) RANGE(u16, uint64_t) RANGE(u32, uint64_t) RANGE(u64, uint64_t)
RANGE(f32, float) RANGE(f64, double)

static const tr_fold_fn fold_fn[TR_FOLD_COUNT][TR_DTYPE_COUNT] = TR__REF_FOLD;

/* a = a ⊕ b, one element. */
static void join(enum tr_fold fold, enum tr_dtype dtype, void *a, const void *b)
{
	size_t size = tr_dtype_size(dtype);
	unsigned char pair[2 * sizeof(double)];

	memcpy(pair, a, size);
	memcpy(pair + size, b, size);
	fold_fn[tr__fold_join[fold]][dtype](a, pair, 1, 2, 1, NULL);
}

void tr__ref_fold_column(enum tr_fold fold, enum tr_dtype dtype, void *out, const void *src, ptrdiff_t stride,
			 size_t n, const void *centre)
{
	size_t half = TR_CHUNK_ROWS;
	double right;

	if (n <= TR_CHUNK_ROWS) {
		fold_fn[fold][dtype](out, src, stride, n, 1, centre);
		return;
	}
	while (half < n - half)
		half *= 2;
	tr__ref_fold_column(fold, dtype, out, src, stride, half, centre);
	tr__ref_fold_column(fold, dtype, &right,
			    (const unsigned char *)src + (ptrdiff_t)half * stride * (ptrdiff_t)tr_dtype_size(dtype),
			    stride, n - half, centre);
	join(fold, dtype, out, &right);
}

void tr__ref_fold_row(enum tr_fold fold, enum tr_dtype dtype, void *out, const void *src, ptrdiff_t stride, size_t n,
		      const void *centre)
{
	double lane[TR_LANES]; /* room for any type */
	size_t lanes = n < TR_LANES ? n : TR_LANES;
	ptrdiff_t step = stride * (ptrdiff_t)tr_dtype_size(dtype);

	for (size_t i = 0; i < lanes; i++)
		tr__ref_fold_column(fold, dtype, &lane[i], (const unsigned char *)src + (ptrdiff_t)i * step,
				    stride * TR_LANES, (n - i + TR_LANES - 1) / TR_LANES, centre);
	for (size_t half = TR_LANES / 2; half; half /= 2)
		for (size_t i = 0; i < half; i++)
			if (i + half < lanes)
				join(fold, dtype, &lane[i], &lane[i + half]);
	memcpy(out, &lane[0], tr_dtype_size(dtype));
}
