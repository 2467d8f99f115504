/* SPDX-License-Identifier: MIT */
/*
 * The specification of whole-row operations: softmax, log_softmax, layer_norm. Prototypes for tr__ref_kernels.
 */
#ifndef TR_REF_ROWS_H
#define TR_REF_ROWS_H

#include "lib/ref/fold.h"

#define TR__REF_SOFTMAX {TR__OF_FLOAT(tr__ref_softmax)}
#define TR__REF_LOG_SOFTMAX {TR__OF_FLOAT(tr__ref_log_softmax)}
#define TR__REF_LAYER_NORM {TR__OF_FLOAT(tr__ref_layer_norm)}
#define TR__REF_SOFTMAXES {TR__OF_FLOAT(tr__ref_softmaxes)}
#define TR__REF_LOG_SOFTMAXES {TR__OF_FLOAT(tr__ref_log_softmaxes)}
#define TR__REF_LAYER_NORMS {TR__OF_FLOAT(tr__ref_layer_norms)}

#define TR__DECLARE_ROW(name, T) void name##_##T(void *dst, const void *src, size_t n);
#define TR__DECLARE_NORM(name, T) \
	void name##_##T(void *dst, ptrdiff_t to, const void *src, ptrdiff_t from, const void *weight, const void *bias, \
			size_t n, size_t rows, double eps);
#define TR__DECLARE_ROWS(name, T) \
	void name##_##T(void *dst, ptrdiff_t to, const void *src, ptrdiff_t from, size_t n, size_t rows, void *room);
#define TR__DECLARE_NORMS(name, T) \
	void name##_##T(void *dst, ptrdiff_t to, const void *src, ptrdiff_t from, const void *weight, const void *bias, \
			size_t n, size_t rows, double eps, void *room);
TR__EACH_FLOAT(TR__DECLARE_ROW, tr__ref_softmax)
TR__EACH_FLOAT(TR__DECLARE_ROW, tr__ref_log_softmax)
TR__EACH_FLOAT(TR__DECLARE_NORM, tr__ref_layer_norm)
TR__EACH_FLOAT(TR__DECLARE_ROWS, tr__ref_softmaxes)
TR__EACH_FLOAT(TR__DECLARE_ROWS, tr__ref_log_softmaxes)
TR__EACH_FLOAT(TR__DECLARE_NORMS, tr__ref_layer_norms)
#undef TR__DECLARE_ROW
#undef TR__DECLARE_NORM
#undef TR__DECLARE_ROWS
#undef TR__DECLARE_NORMS

#endif
