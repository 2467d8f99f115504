/* SPDX-License-Identifier: MIT */
/*
 * Tensors: views of refcounted storage. Creation, inspection, data in and out. Operations are in ops.h,
 * views that take lists (slices, permutations) in view.h.
 *
 * Shapes and strides are in elements, not bytes. Functions that make a tensor return NULL on failure, after
 * putting the reason into the context; what they return belongs to the current scope.
 */
#ifndef TRUENO_TENSOR_H
#define TRUENO_TENSOR_H

#include <trueno/context.h>

#ifdef __cplusplus
extern "C" {
#endif

/* shape[ndim], each >= 0; ndim in 0..8. The product of shape and element size must fit ptrdiff_t.
 * empty: contents undefined. zeros/ones/full: value converted as a C cast from double.
 * NULL + TR_EINVAL | TR_EOVERFLOW | TR_ENOMEM. */
TR_API struct tr_tensor *tr_empty(struct tr_context *ctx, enum tr_dtype dtype, int ndim, const int64_t *shape);
TR_API struct tr_tensor *tr_zeros(struct tr_context *ctx, enum tr_dtype dtype, int ndim, const int64_t *shape);
TR_API struct tr_tensor *tr_ones(struct tr_context *ctx, enum tr_dtype dtype, int ndim, const int64_t *shape);
TR_API struct tr_tensor *tr_full(struct tr_context *ctx, enum tr_dtype dtype, int ndim, const int64_t *shape,
				 double value);

/* A 0-d tensor that is weak in NEP 50's sense, as a Python float or int: its type does not widen the other
 * operand's within the same kind (f32 + tr_scalar stays f32; i32 + tr_scalar is f64). */
TR_API struct tr_tensor *tr_scalar(struct tr_context *ctx, double value);
TR_API struct tr_tensor *tr_scalar_int(struct tr_context *ctx, int64_t value);

/* Copies prod(shape) elements, C order, from data. */
TR_API struct tr_tensor *tr_from_data(struct tr_context *ctx, enum tr_dtype dtype, int ndim, const int64_t *shape,
				      const void *data);

/*
 * Borrows size bytes at data, which must stay valid until the storage dies; then release(user) is called
 * once, from the thread that dropped the last reference (release may be NULL). data must be aligned to the
 * element size. TR_BORROW_CONST promises that nobody writes the memory as long as it is borrowed: writing
 * through the tensor is then -TR_EREADONLY. That alone has nothing kept of it; tr_freeze does.
 * If the call fails, release is not called.
 */
#define TR_BORROW_CONST 0x1u
TR_API struct tr_tensor *tr_borrow(struct tr_context *ctx, enum tr_dtype dtype, int ndim, const int64_t *shape,
				   void *data, unsigned flags, void (*release)(void *user), void *user);

/* Frees the tensor now instead of with its scope; the storage lives on while views share it. NULL allowed. */
TR_API void tr_free(struct tr_tensor *t);

TR_API struct tr_context *tr_context_of(const struct tr_tensor *t);
TR_API enum tr_dtype tr_dtype_of(const struct tr_tensor *t);
TR_API int tr_ndim(const struct tr_tensor *t);
TR_API const int64_t *tr_shape(const struct tr_tensor *t);   /* tr_ndim values, owned by t */
TR_API const int64_t *tr_strides(const struct tr_tensor *t); /* in elements; may be 0 or negative */
TR_API int64_t tr_numel(const struct tr_tensor *t);
TR_API bool tr_is_contiguous(const struct tr_tensor *t); /* C order, no gaps */
TR_API bool tr_shares_storage(const struct tr_tensor *a, const struct tr_tensor *b);

/*
 * The address of element [0,…,0] in host memory, after running what is pending; laid out by tr_strides.
 * Valid until t is freed. NULL on failure, and for a tensor without elements. Write through it only if t is
 * not read-only (tr_data_const is for those).
 */
TR_API void *tr_data(struct tr_tensor *t);
TR_API const void *tr_data_const(struct tr_tensor *t);

/*
 * Makes t constant: from now on nothing writes the memory that t is a view of, until it is freed. All views of it, older ones
 * too, are read-only: tr_data, tr_write and operations with such a destination fail with -TR_EREADONLY, as does a plan that
 * writes it. What the program can still write to by itself (an address from tr_data, borrowed memory, a mapped file) it must
 * leave alone.
 *
 * For that, devices keep what they derive from t, such as weights in the order in which a product reads them, from the second
 * use on, and need not derive it again. Results are the same bits. It costs memory, about as much again as the weights of
 * products and plain convolutions and up to four times those of 3 x 3 ones, within tr_context_params' kept_bytes; it is freed with
 * t's memory, or before if the context runs out. Freeze what is used again and again; a second tr_freeze changes nothing.
 *
 * Runs what is pending. 0; NULL is -TR_EINVAL; -TR_ESTATE while a plan is being recorded, or if t's values are not there; an
 * error of the pending work.
 */
TR_API int tr_freeze(struct tr_tensor *t);
TR_API bool tr_is_frozen(const struct tr_tensor *t);

/* Copies all elements out of t (C order) or into t, whatever its strides; size must be numel × element size.
 * 0, or -TR_EINVAL | -TR_EREADONLY | an error of the pending work. */
TR_API int tr_read(struct tr_tensor *t, void *dst, size_t size);
TR_API int tr_write(struct tr_tensor *t, const void *src, size_t size);

/*
 * Pins size bytes of the program's memory: reads into any part of it and writes from it are copied by the device itself, several
 * times as fast where that is a GPU of its own. It must stay mapped until tr_unpin, which gets the same address, or until the
 * context is destroyed. Pinning takes as long as copying, so it pays for what is used again. It is done in whole pages.
 * 0 also on a device that has no use for it. -TR_EINVAL (no memory; pinned already, or not; memory that cannot be pinned) |
 * -TR_ENOMEM | -TR_EDEVICE.
 */
TR_API int tr_pin(struct tr_context *ctx, void *data, size_t size);
TR_API int tr_unpin(struct tr_context *ctx, void *data);

#ifdef __cplusplus
}
#endif
#endif
