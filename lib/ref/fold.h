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

/* The folds with their expressions over two vectors, and the types each is for. */
#define TR__FOLD_ADD(a, b) ((a) + (b))
#define TR__FOLD_MULTIPLY(a, b) ((a) * (b))
#define TR__FOLD_AND(a, b) ((a) & (b))
#define TR__FOLD_OR(a, b) ((a) | (b))
#define TR__EACH_FOLD(X) \
	TR__EACH_NUMERIC(X, add, TR__FOLD_ADD) \
	TR__EACH_NUMERIC(X, multiply, TR__FOLD_MULTIPLY) \
	TR__EACH_NUMBER(X, minimum, v_min) \
	TR__EACH_NUMBER(X, maximum, v_max) \
	X(and, TR__FOLD_AND, b8) \
	X(or, TR__FOLD_OR, b8)

/* The table of name_<fold>_<T>. */
#define TR__FOLD_TABLE(name) { \
	[TR_FOLD_ADD] = {TR__OF_NUMERIC(name##_add)}, \
	[TR_FOLD_MULTIPLY] = {TR__OF_NUMERIC(name##_multiply)}, \
	[TR_FOLD_MINIMUM] = {TR__OF_NUMBER(name##_minimum)}, \
	[TR_FOLD_MAXIMUM] = {TR__OF_NUMBER(name##_maximum)}, \
	[TR_FOLD_AND] = {TR__OF_BOOL(name##_and)}, \
	[TR_FOLD_OR] = {TR__OF_BOOL(name##_or)}}

/* Entries of tr__ref_kernels. */
#define TR__REF_FOLD TR__FOLD_TABLE(tr__ref_fold)
#define TR__REF_HALVE TR__FOLD_TABLE(tr__ref_halve)
#define TR__REF_DEVIATION {TR__OF_FLOAT(tr__ref_deviation)}
#define TR__REF_ARGMIN {TR__OF_NUMBER(tr__ref_argmin)}
#define TR__REF_ARGMAX {TR__OF_NUMBER(tr__ref_argmax)}

#define TR__DECLARE_FOLD(fold, op, T) \
	void tr__ref_fold_##fold##_##T(void *acc, const void *src, ptrdiff_t stride, size_t rows, size_t n); \
	void tr__ref_halve_##fold##_##T(void *lanes);
#define TR__DECLARE_DEVIATION(name, T) \
	void name##_##T(void *acc, const void *src, ptrdiff_t stride, size_t rows, size_t n, const void *mean);
#define TR__DECLARE_ARG(name, T) size_t name##_##T(const void *src, size_t n);
TR__EACH_FOLD(TR__DECLARE_FOLD)
TR__EACH_FLOAT(TR__DECLARE_DEVIATION, tr__ref_deviation)
TR__EACH_NUMBER(TR__DECLARE_ARG, tr__ref_argmin)
TR__EACH_NUMBER(TR__DECLARE_ARG, tr__ref_argmax)
#undef TR__DECLARE_FOLD
#undef TR__DECLARE_DEVIATION
#undef TR__DECLARE_ARG

/*
 * *out = the column fold, or the row fold, of src[0], src[stride], … src[(n-1)·stride]; n >= 1, stride in elements.
 * This is what every level and executor must return to the bit; written to be read, not to be fast.
 */
void tr__ref_fold_column(enum tr_fold fold, enum tr_dtype dtype, void *out, const void *src, ptrdiff_t stride,
			 size_t n);
void tr__ref_fold_row(enum tr_fold fold, enum tr_dtype dtype, void *out, const void *src, ptrdiff_t stride, size_t n);

#endif
