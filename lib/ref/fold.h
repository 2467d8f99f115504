/* SPDX-License-Identifier: MIT */
/*
 * The specification of reductions: fold and arg kernels of lib/ref, and the two fixed-order folds of
 * docs/numerics.md for any fold and type. Knows no strides but one, and no axes.
 */
#ifndef TR_REF_FOLD_H
#define TR_REF_FOLD_H

#include "lib/ref/kernels.h"

/* X(…, T) for every type a reduction works in; bool is for those that only compare. */
#define TR__EACH_FLOAT(X, ...) X(__VA_ARGS__, f32) X(__VA_ARGS__, f64)
#define TR__EACH_NUMERIC(X, ...) \
	X(__VA_ARGS__, i8) X(__VA_ARGS__, i16) X(__VA_ARGS__, i32) X(__VA_ARGS__, i64) \
	X(__VA_ARGS__, u8) X(__VA_ARGS__, u16) X(__VA_ARGS__, u32) X(__VA_ARGS__, u64) \
	TR__EACH_FLOAT(X, __VA_ARGS__)
#define TR__EACH_NUMBER(X, ...) X(__VA_ARGS__, b8) TR__EACH_NUMERIC(X, __VA_ARGS__)

/* Rows of a kernel table: name_<T> for the same types. */
#define TR__OF_BOOL(name) [TR_BOOL] = name##_b8
#define TR__OF_FLOAT(name) [TR_F32] = name##_f32, [TR_F64] = name##_f64
#define TR__OF_NUMERIC(name) \
	[TR_I8] = name##_i8, [TR_I16] = name##_i16, [TR_I32] = name##_i32, [TR_I64] = name##_i64, \
	[TR_U8] = name##_u8, [TR_U16] = name##_u16, [TR_U32] = name##_u32, [TR_U64] = name##_u64, \
	TR__OF_FLOAT(name)
#define TR__OF_NUMBER(name) TR__OF_BOOL(name), TR__OF_NUMERIC(name)

/* The operations that join, over two vectors. */
#define TR__JOIN_ADD(T, a, b) ((a) + (b))
#define TR__JOIN_MULTIPLY(T, a, b) ((a) * (b))
#define TR__JOIN_MINIMUM(T, a, b) v_min(a, b)
#define TR__JOIN_MAXIMUM(T, a, b) v_max(a, b)
#define TR__JOIN_AND(T, a, b) ((a) & (b))
#define TR__JOIN_OR(T, a, b) ((a) | (b))
#define TR__JOIN_FMIN(T, a, b) TR__PASTE2(op_fmin_, T)(a, b)
#define TR__JOIN_FMAX(T, a, b) TR__PASTE2(op_fmax_, T)(a, b)

/* What is folded, of the element x and the centre c. */
#define TR__SPLAT(T, value) TR__PASTE3(v, T, _set)(value)
#define TR__ELEMENT_X(T, x, c) (x)
#define TR__ELEMENT_ABS(T, x, c) v_abs(x)
#define TR__ELEMENT_SQUARE(T, x, c) ((x) * (x))
#define TR__ELEMENT_NONZERO(T, x, c) v_select(v_ne(x, TR__SPLAT(T, 0)), TR__SPLAT(T, 1), TR__SPLAT(T, 0))
#define TR__ELEMENT_NUMBER(T, x, c) v_select(v_isnan(x), TR__SPLAT(T, 0), x)
#define TR__ELEMENT_NUMBER_1(T, x, c) v_select(v_isnan(x), TR__SPLAT(T, 1), x)
#define TR__ELEMENT_IS_NUMBER(T, x, c) v_select(v_isnan(x), TR__SPLAT(T, 0), TR__SPLAT(T, 1))
#define TR__ELEMENT_DEVIATION(T, x, c) (((x) - (c)) * ((x) - (c)))
#define TR__ELEMENT_NUMBER_DEVIATION(T, x, c) v_select(v_isnan(x), TR__SPLAT(T, 0), TR__ELEMENT_DEVIATION(T, x, c))
#define TR__ELEMENT_POW(T, x, c) TR__PASTE2(op_pow_, T)(v_abs(x), c)
#define TR__ELEMENT_EXP(T, x, c) TR__PASTE2(op_exp_, T)((x) - (c))

/*
 * X(name, join, of, T, free, centred, width) for each fold of type T. free: the order of elements shows in no result.
 * centred: there is a centre. width: vectors that a kernel does well to take at a time.
 */
#define TR__FOLDS_BOOL(X, T) \
	X(and, TR__JOIN_AND, TR__ELEMENT_X, T, 1, 0, 8) \
	X(or, TR__JOIN_OR, TR__ELEMENT_X, T, 1, 0, 8)
#define TR__FOLDS_NUMBER(X, T) \
	X(minimum, TR__JOIN_MINIMUM, TR__ELEMENT_X, T, 1, 0, 8) \
	X(maximum, TR__JOIN_MAXIMUM, TR__ELEMENT_X, T, 1, 0, 8)
#define TR__FOLDS_NUMERIC(X, T) \
	X(add, TR__JOIN_ADD, TR__ELEMENT_X, T, 0, 0, 8) \
	X(multiply, TR__JOIN_MULTIPLY, TR__ELEMENT_X, T, 0, 0, 8)
#define TR__FOLDS_FLOAT(X, T) \
	X(fmin, TR__JOIN_FMIN, TR__ELEMENT_X, T, 1, 0, 4) \
	X(fmax, TR__JOIN_FMAX, TR__ELEMENT_X, T, 1, 0, 4)
/* Folds of an expression of the element; their results are joined by the folds above. */
#define TR__FOLDS_OF(X, T) \
	X(add_abs, TR__JOIN_ADD, TR__ELEMENT_ABS, T, 0, 0, 4) \
	X(add_square, TR__JOIN_ADD, TR__ELEMENT_SQUARE, T, 0, 0, 4) \
	X(add_nonzero, TR__JOIN_ADD, TR__ELEMENT_NONZERO, T, 0, 0, 4) \
	X(minimum_abs, TR__JOIN_MINIMUM, TR__ELEMENT_ABS, T, 1, 0, 4) \
	X(maximum_abs, TR__JOIN_MAXIMUM, TR__ELEMENT_ABS, T, 1, 0, 4) \
	X(add_number, TR__JOIN_ADD, TR__ELEMENT_NUMBER, T, 0, 0, 4) \
	X(multiply_number, TR__JOIN_MULTIPLY, TR__ELEMENT_NUMBER_1, T, 0, 0, 4) \
	X(add_is_number, TR__JOIN_ADD, TR__ELEMENT_IS_NUMBER, T, 0, 0, 4) \
	X(add_deviation, TR__JOIN_ADD, TR__ELEMENT_DEVIATION, T, 0, 1, 4) \
	X(add_number_deviation, TR__JOIN_ADD, TR__ELEMENT_NUMBER_DEVIATION, T, 0, 1, 4) \
	X(add_exp, TR__JOIN_ADD, TR__ELEMENT_EXP, T, 0, 1, 1) \
	X(add_pow, TR__JOIN_ADD, TR__ELEMENT_POW, T, 0, 1, 1)

/* All folds that join, of all types; and all others. */
#define TR__NUMERIC_JOINS(X, T) TR__FOLDS_NUMBER(X, T) TR__FOLDS_NUMERIC(X, T)
#define TR__EACH_JOIN(X) \
	TR__FOLDS_BOOL(X, b8) TR__FOLDS_NUMBER(X, b8) \
	TR__NUMERIC_JOINS(X, i8) TR__NUMERIC_JOINS(X, i16) TR__NUMERIC_JOINS(X, i32) TR__NUMERIC_JOINS(X, i64) \
	TR__NUMERIC_JOINS(X, u8) TR__NUMERIC_JOINS(X, u16) TR__NUMERIC_JOINS(X, u32) TR__NUMERIC_JOINS(X, u64) \
	TR__NUMERIC_JOINS(X, f32) TR__NUMERIC_JOINS(X, f64) TR__FOLDS_FLOAT(X, f32) TR__FOLDS_FLOAT(X, f64)
#define TR__EACH_FOLD_OF(X) TR__FOLDS_OF(X, f32) TR__FOLDS_OF(X, f64)

/* The tables of name_<fold>_<T>. */
#define TR__JOIN_ROWS(name) \
	[TR_FOLD_ADD] = {TR__OF_NUMERIC(name##_add)}, \
	[TR_FOLD_MULTIPLY] = {TR__OF_NUMERIC(name##_multiply)}, \
	[TR_FOLD_MINIMUM] = {TR__OF_NUMBER(name##_minimum)}, \
	[TR_FOLD_MAXIMUM] = {TR__OF_NUMBER(name##_maximum)}, \
	[TR_FOLD_AND] = {TR__OF_BOOL(name##_and)}, \
	[TR_FOLD_OR] = {TR__OF_BOOL(name##_or)}, \
	[TR_FOLD_FMIN] = {TR__OF_FLOAT(name##_fmin)}, \
	[TR_FOLD_FMAX] = {TR__OF_FLOAT(name##_fmax)}
#define TR__JOIN_TABLE(name) {TR__JOIN_ROWS(name)}
#define TR__FOLD_TABLE(name) { \
	TR__JOIN_ROWS(name), \
	[TR_FOLD_ADD_ABS] = {TR__OF_FLOAT(name##_add_abs)}, \
	[TR_FOLD_ADD_SQUARE] = {TR__OF_FLOAT(name##_add_square)}, \
	[TR_FOLD_ADD_NONZERO] = {TR__OF_FLOAT(name##_add_nonzero)}, \
	[TR_FOLD_MINIMUM_ABS] = {TR__OF_FLOAT(name##_minimum_abs)}, \
	[TR_FOLD_MAXIMUM_ABS] = {TR__OF_FLOAT(name##_maximum_abs)}, \
	[TR_FOLD_ADD_NUMBER] = {TR__OF_FLOAT(name##_add_number)}, \
	[TR_FOLD_MULTIPLY_NUMBER] = {TR__OF_FLOAT(name##_multiply_number)}, \
	[TR_FOLD_ADD_IS_NUMBER] = {TR__OF_FLOAT(name##_add_is_number)}, \
	[TR_FOLD_ADD_DEVIATION] = {TR__OF_FLOAT(name##_add_deviation)}, \
	[TR_FOLD_ADD_NUMBER_DEVIATION] = {TR__OF_FLOAT(name##_add_number_deviation)}, \
	[TR_FOLD_ADD_EXP] = {TR__OF_FLOAT(name##_add_exp)}, \
	[TR_FOLD_ADD_POW] = {TR__OF_FLOAT(name##_add_pow)}}

/* Entries of tr__ref_kernels. */
#define TR__REF_FOLD TR__FOLD_TABLE(tr__ref_fold)
#define TR__REF_COLUMN TR__FOLD_TABLE(tr__ref_column)
#define TR__REF_LINE TR__FOLD_TABLE(tr__ref_line)
#define TR__REF_LINES TR__JOIN_TABLE(tr__ref_lines)
#define TR__REF_HALVE TR__JOIN_TABLE(tr__ref_halve)
#define TR__REF_ARGMIN {TR__OF_NUMBER(tr__ref_argmin)}
#define TR__REF_ARGMAX {TR__OF_NUMBER(tr__ref_argmax)}
#define TR__REF_NANARGMIN {TR__OF_FLOAT(tr__ref_nanargmin)}
#define TR__REF_NANARGMAX {TR__OF_FLOAT(tr__ref_nanargmax)}
#define TR__REF_ARGMINS {TR__OF_NUMBER(tr__ref_argmins)}
#define TR__REF_ARGMAXS {TR__OF_NUMBER(tr__ref_argmaxs)}
#define TR__REF_NANARGMINS {TR__OF_FLOAT(tr__ref_nanargmins)}
#define TR__REF_NANARGMAXS {TR__OF_FLOAT(tr__ref_nanargmaxs)}
#define TR__REF_RANGE {TR__OF_NUMERIC(tr__ref_range)}

#define TR__DECLARE_FOLD(fold, join, of, T, free, centred, width) \
	void tr__ref_fold_##fold##_##T(void *acc, const void *src, ptrdiff_t stride, size_t rows, size_t n, \
				       const void *centre); \
	void tr__ref_column_##fold##_##T(void *acc, const void *src, ptrdiff_t stride, size_t rows, size_t n, \
					 const void *centre); \
	void tr__ref_line_##fold##_##T(void *acc, const void *src, size_t n, const void *centre);
#define TR__DECLARE_HALVE(fold, join, of, T, free, centred, width) \
	void tr__ref_lines_##fold##_##T(void *dst, const void *src, ptrdiff_t stride, size_t rows, size_t n); \
	void tr__ref_halve_##fold##_##T(void *lanes);
#define TR__DECLARE_ARG(name, T) \
	size_t name##_##T(const void *src, size_t n); \
	void name##s_##T(void *best, void *at, const void *src, ptrdiff_t stride, size_t rows, size_t n);
#define TR__DECLARE_RANGE(T) \
	void tr__ref_range_##T(void *dst, const void *start, const void *step, int64_t first, size_t n);
TR__EACH_JOIN(TR__DECLARE_FOLD)
TR__EACH_FOLD_OF(TR__DECLARE_FOLD)
TR__EACH_JOIN(TR__DECLARE_HALVE)
TR__EACH_NUMBER(TR__DECLARE_ARG, tr__ref_argmin)
TR__EACH_NUMBER(TR__DECLARE_ARG, tr__ref_argmax)
TR__EACH_FLOAT(TR__DECLARE_ARG, tr__ref_nanargmin)
TR__EACH_FLOAT(TR__DECLARE_ARG, tr__ref_nanargmax)
TR__DECLARE_RANGE(i8) TR__DECLARE_RANGE(i16) TR__DECLARE_RANGE(i32) TR__DECLARE_RANGE(i64)
TR__DECLARE_RANGE(u8) TR__DECLARE_RANGE(u16) TR__DECLARE_RANGE(u32) TR__DECLARE_RANGE(u64)
TR__DECLARE_RANGE(f32) TR__DECLARE_RANGE(f64)
#undef TR__DECLARE_FOLD
#undef TR__DECLARE_HALVE
#undef TR__DECLARE_ARG
#undef TR__DECLARE_RANGE

/*
 * *out = the column fold, or the row fold, of src[0], src[stride], … src[(n-1)·stride]; n >= 1, stride in elements.
 * centre: TR_LANES copies, or NULL for folds without one.
 * This is what every level and executor must return to the bit; written to be read, not to be fast.
 */
void tr__ref_fold_column(enum tr_fold fold, enum tr_dtype dtype, void *out, const void *src, ptrdiff_t stride,
			 size_t n, const void *centre);
void tr__ref_fold_row(enum tr_fold fold, enum tr_dtype dtype, void *out, const void *src, ptrdiff_t stride, size_t n,
		      const void *centre);

#endif
