/* SPDX-License-Identifier: MIT */
/*
 * safetensors files: named tensors behind a JSON header, read in place and written whole.
 *
 * A file is checked completely before anything of it is shown: every name, type, shape and offset, and that
 * the tensors cover the data without overlap or hole. Tensors are views of the mapped file; nothing is copied.
 */
#ifndef TRUENO_SAFETENSORS_H
#define TRUENO_SAFETENSORS_H

#include <trueno/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tr_safetensors;

/*
 * Maps and checks a file. On failure *out is NULL and the result -TR_EIO (cannot be opened or mapped),
 * -TR_EFORMAT (breaks the format; also element types this library does not have, more than TR_MAX_RANK axes,
 * and data not aligned to its element size) or -TR_ENOMEM; if errbuf is not NULL it receives one line naming
 * file, tensor and reason, NUL-terminated within errlen bytes. The file must not be truncated while it is mapped.
 * Safe from any thread.
 */
TR_API int tr_safetensors_open(struct tr_safetensors **out, const char *path, char *errbuf, size_t errlen);

/* Forgets names and metadata. The mapping lives until the last tensor made from it is freed. NULL is allowed. */
TR_API void tr_safetensors_close(struct tr_safetensors *st);

/* Tensors in the file; they are numbered 0 … count-1 in the order of their names' bytes. */
TR_API size_t tr_safetensors_count(const struct tr_safetensors *st);

/* Number of the tensor of that name, or -1. O(log count). */
TR_API ptrdiff_t tr_safetensors_find(const struct tr_safetensors *st, const char *name);

/* What number i is; i must be below count. UTF-8, owned by st. *ndim is in 0..TR_MAX_RANK. */
TR_API const char *tr_safetensors_name(const struct tr_safetensors *st, size_t i);
TR_API enum tr_dtype tr_safetensors_dtype(const struct tr_safetensors *st, size_t i);
TR_API const int64_t *tr_safetensors_shape(const struct tr_safetensors *st, size_t i, int *ndim);

/* The value the header's __metadata__ has under key, or NULL. UTF-8, owned by st. */
TR_API const char *tr_safetensors_metadata(const struct tr_safetensors *st, const char *key);

/*
 * The named tensor, read-only and contiguous, over the mapped file itself; it holds the mapping, so st may be
 * closed first. NULL + TR_EINVAL (no such name) | TR_ENOMEM. st may serve contexts of several threads at once.
 */
TR_API struct tr_tensor *tr_safetensors_tensor(const struct tr_safetensors *st, struct tr_context *ctx,
					       const char *name);

/*
 * Writes n tensors under n distinct names, elements in C order, every one aligned to its element size and the
 * first to 64 bytes. metadata: key, value, key, value, …, NULL; or NULL for none. The file appears at path
 * complete or not at all: it is written beside it and renamed. 0, or -TR_EINVAL (a name twice, "__metadata__",
 * or text that is not UTF-8), -TR_EDTYPE (complex128), -TR_EIO, -TR_ENOMEM, or the error of pending work;
 * errbuf as above.
 */
TR_API int tr_safetensors_write(const char *path, const char *const *names, struct tr_tensor *const *tensors,
				size_t n, const char *const *metadata, char *errbuf, size_t errlen);

#ifdef __cplusplus
}
#endif
#endif
