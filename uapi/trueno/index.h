/* SPDX-License-Identifier: MIT */
/*
 * Indexing as NumPy does it: integers, slices, new axes, an ellipsis, boolean masks and integer tensors, all mixed.
 *
 *	tr_slice(x, TR_(1, 5), TR_ALL, TR_(, , -1))       x[1:5, :, ::-1]
 *	tr_slice(x, TR_ETC, TR_AT(-1), TR_NEW)            x[..., -1, None]
 *	tr_slice(x, TR_BY(rows), TR_BY(columns))          x[rows, columns]
 *	tr_assign(value, x, TR_BY(mask))                  x[mask] = value
 *
 * Without tensors the result is a view; with them it is a copy in C order. Where the axes of the tensors' common shape go
 * is NumPy's rule: in place of the indices if these stand side by side, in front otherwise; an integer counts among them.
 * A mask stands for the positions where it is true and needs their number, so that pending work runs first and no plan can
 * record it (TR_ESTATE).
 */
#ifndef TRUENO_INDEX_H
#define TRUENO_INDEX_H

#include <trueno/view.h>

#ifdef __cplusplus
extern "C" {
#endif

enum tr_index_kind { TR_INDEX_SLICE, TR_INDEX_AT, TR_INDEX_NEW, TR_INDEX_ELLIPSIS, TR_INDEX_TENSOR };

/* One entry of an index; the macros below make them. */
struct tr_index {
	enum tr_index_kind kind;
	int64_t start, stop, step; /* of a slice, TR_NONE where left out; start is the position of TR_INDEX_AT */
	struct tr_tensor *tensor;  /* integers, or a bool mask for as many axes as it has */
};

/*
 * a[index…]. NULL + TR_EINDEX (too many indices; an integer outside its axis; an element of a tensor outside it, known when
 * it runs; tensors that do not broadcast; a mask of another shape than its axes; a tensor of floats; two ellipses) | TR_ESHAPE
 * (more than TR_MAX_RANK axes) | TR_EINVAL | TR_ESTATE | TR_ENOMEM.
 */
TR_API struct tr_tensor *tr_index_get(struct tr_tensor *a, int n, const struct tr_index *index);

/* a[index…] = value, which is broadcast and converted as by a C cast; of places named twice the last keeps its value. value
 * may overlap a. 0, or a negative status: those above, or -TR_EREADONLY. */
TR_API int tr_index_set(struct tr_tensor *a, int n, const struct tr_index *index, struct tr_tensor *value);

/* Positions in C order where a is not zero: int64 [n], and one such tensor for each axis of a in axes[tr_ndim(a)]. */
TR_API struct tr_tensor *tr_flatnonzero(struct tr_tensor *a);
TR_API int tr_nonzero(struct tr_tensor *a, struct tr_tensor **axes);

/* The same as rows: int64 [n, ndim] (numpy.argwhere). */
TR_API struct tr_tensor *tr_argwhere(struct tr_tensor *a);

/* Elements of a where mask is true, after broadcasting them together: [n] (torch.masked_select). */
TR_API struct tr_tensor *tr_masked_select(struct tr_tensor *a, struct tr_tensor *mask);

/* What can stand between the commas of tr_slice. TR_(…) is start:stop:step, any of which may be left out. */
#define TR_(...) TR__SLICE(__VA_ARGS__, , , )
#define TR_ALL TR_(, )
#define TR_AT(i) {.kind = TR_INDEX_AT, .start = (i)}
#define TR_NEW {.kind = TR_INDEX_NEW}
#define TR_ETC {.kind = TR_INDEX_ELLIPSIS}
#define TR_BY(t) {.kind = TR_INDEX_TENSOR, .tensor = (t)}

#define tr_slice(a, ...) tr_index_get((a), TR__INDICES(__VA_ARGS__))
#define tr_assign(value, a, ...) tr_index_set((a), TR__INDICES(__VA_ARGS__), (value))

/* An argument left out is the empty string. Adding 0 behind makes it an expression that is never used. */
#define TR__SLICE(a, b, c, ...) \
	{.kind = TR_INDEX_SLICE, .start = TR__OR_NONE(a), .stop = TR__OR_NONE(b), .step = TR__OR_NONE(c)}
#define TR__OR_NONE(x) (sizeof(#x) > 1 ? (int64_t)(x + 0) : TR_NONE)
#define TR__INDICES(...) \
	(int)(sizeof((const struct tr_index[]){__VA_ARGS__}) / sizeof(struct tr_index)), (const struct tr_index[]){__VA_ARGS__}

#ifdef __cplusplus
}
#endif
#endif
