/* SPDX-License-Identifier: MIT */
/*
 * The specification of scans, and of the kernels that find an element by its rank. Prototypes for tr__ref_kernels.
 */
#ifndef TR_REF_SCAN_H
#define TR_REF_SCAN_H

#include "lib/ref/fold.h"

/* X(…) as TR__FOLDS_NUMBER, for each fold that can run along an axis. */
#define TR__EACH_SCAN(X) \
	TR__FOLDS_NUMBER(X, b8) \
	TR__NUMERIC_JOINS(X, i8) TR__NUMERIC_JOINS(X, i16) TR__NUMERIC_JOINS(X, i32) TR__NUMERIC_JOINS(X, i64) \
	TR__NUMERIC_JOINS(X, u8) TR__NUMERIC_JOINS(X, u16) TR__NUMERIC_JOINS(X, u32) TR__NUMERIC_JOINS(X, u64) \
	TR__NUMERIC_JOINS(X, f32) TR__NUMERIC_JOINS(X, f64)

/* The tables of name_<fold>_<T>, and of name_<T>. */
#define TR__SCAN_TABLE(name) { \
	[TR_FOLD_ADD] = {TR__OF_NUMERIC(name##_add)}, \
	[TR_FOLD_MULTIPLY] = {TR__OF_NUMERIC(name##_multiply)}, \
	[TR_FOLD_MINIMUM] = {TR__OF_NUMBER(name##_minimum)}, \
	[TR_FOLD_MAXIMUM] = {TR__OF_NUMBER(name##_maximum)}}
#define TR__REF_SCAN TR__SCAN_TABLE(tr__ref_scan)
#define TR__REF_BETWEEN {TR__OF_FLOAT(tr__ref_between)}
#define TR__REF_PICK {TR__OF_FLOAT(tr__ref_pick)}

#define TR__DECLARE_SCAN(fold, join, of, T, free, centred, width) \
	void tr__ref_scan_##fold##_##T(void *dst, ptrdiff_t to, const void *src, ptrdiff_t from, size_t rows, size_t n, \
				       void *carry, bool first);
#define TR__DECLARE_BETWEEN(name, T) \
	size_t name##_##T(void *dst, const void *src, size_t n, const void *low, const void *high, size_t *below);
#define TR__DECLARE_PICK(name, T) void name##_##T(void *two, const void *src, size_t n, size_t rank, void *room);
TR__EACH_SCAN(TR__DECLARE_SCAN)
TR__EACH_FLOAT(TR__DECLARE_BETWEEN, tr__ref_between)
TR__EACH_FLOAT(TR__DECLARE_PICK, tr__ref_pick)
#undef TR__DECLARE_SCAN
#undef TR__DECLARE_PICK
#undef TR__DECLARE_BETWEEN

#endif
