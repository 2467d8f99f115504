/* SPDX-License-Identifier: MIT */
/*
 * NumPy's own files: .npy, one array, and .npz, a zip of them.
 *
 * Read: versions 1.0 to 3.0, either byte order, C and Fortran order, every element type this library has but
 * bfloat16, which the format has no name for. Structured, string, date and object arrays are refused by name; nothing
 * in a file is ever executed. Written: version 1.0 in the machine's byte order, as numpy.save does.
 */
#ifndef TRUENO_NPY_H
#define TRUENO_NPY_H

#include <trueno/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The array of an .npy file, as numpy.load. The file is mapped, privately: nothing is read before it is used, and
 * writing to the tensor never reaches the file, which must not be truncated while the tensor lives. An array in
 * Fortran order is a view with the strides that say so. Bytes of the other order are swapped into a copy. What
 * follows the array in the file is ignored, as numpy.load does.
 * NULL + TR_EIO (cannot be opened or mapped) | TR_EFORMAT (breaks the format, or is truncated) | TR_EDTYPE (an element
 * type this library does not have) | TR_ENOMEM; the message names file and reason.
 */
TR_API struct tr_tensor *tr_npy_load(struct tr_context *ctx, const char *path);

/*
 * Writes t, whatever its strides; in Fortran order if that is how it lies. The file appears at path complete or not
 * at all. 0, or -TR_EDTYPE (bfloat16) | -TR_EIO | -TR_ENOMEM, or the error of pending work, with the message in t's
 * context.
 */
TR_API int tr_npy_save(const char *path, struct tr_tensor *t);

/* An open .npz file. One thread at a time. */
struct tr_npz;

/* Opens a file and lists what is in it; arrays are read when asked for. On failure *out is NULL and the result -TR_EIO,
 * -TR_EFORMAT (not a zip) or -TR_ENOMEM; errbuf, if not NULL, receives one line, NUL-terminated within errlen bytes. */
TR_API int tr_npz_open(struct tr_npz **out, const char *path, char *errbuf, size_t errlen);
TR_API void tr_npz_close(struct tr_npz *npz); /* tensors made from it stay; NULL allowed */

/* Members, in the file's order, and their names: without ".npy", as numpy.load gives them. UTF-8, owned by npz. NULL
 * for an i that is not below the count. */
TR_API size_t tr_npz_count(const struct tr_npz *npz);
TR_API const char *tr_npz_name(const struct tr_npz *npz, size_t i);

/* The array of that name, read and checked whole, against the zip's checksum too. NULL + TR_EINVAL (no such name) or what
 * tr_npy_load fails with. */
TR_API struct tr_tensor *tr_npz_load(struct tr_npz *npz, struct tr_context *ctx, const char *name);

/*
 * Writes n tensors under n distinct names, as numpy.savez; with TR_NPZ_COMPRESSED as numpy.savez_compressed. Complete or
 * not at all. 0, or -TR_EINVAL (a name twice, or not UTF-8), -TR_EDTYPE, -TR_EIO, -TR_ENOMEM, or the error of pending
 * work; errbuf as above.
 */
#define TR_NPZ_COMPRESSED 0x1u
TR_API int tr_npz_save(const char *path, const char *const *names, struct tr_tensor *const *tensors, size_t n,
		       unsigned flags, char *errbuf, size_t errlen);

#ifdef __cplusplus
}
#endif
#endif
