/* SPDX-License-Identifier: MIT */
/*
 * The vocabulary every other header uses: element types, status codes, limits, axis sets.
 * Knows nothing of contexts, tensors or devices.
 */
#ifndef TRUENO_TYPES_H
#define TRUENO_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TR_VERSION_MAJOR 0
#define TR_VERSION_MINOR 1
#define TR_VERSION_PATCH 0

#if defined(__GNUC__)
#define TR_API __attribute__((visibility("default")))
#define TR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define TR_API
#define TR_PRINTF(fmt, args)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Most axes a tensor can have. Rank 0 is a scalar with one element. */
#define TR_MAX_RANK 8

/*
 * Element types, NumPy's names in upper case. The order is part of the ABI; the numeric ones stand in
 * kinds (signed, unsigned, floating, complex), each kind by size.
 */
enum tr_dtype {
	TR_BOOL, /* one byte, 0 or 1 */
	TR_I8,
	TR_I16,
	TR_I32,
	TR_I64,
	TR_U8,
	TR_U16,
	TR_U32,
	TR_U64,
	TR_F16,  /* IEEE 754 binary16 */
	TR_BF16, /* upper half of a binary32 */
	TR_F32,
	TR_F64,
	TR_C64, /* two f32: real, imaginary */
	TR_C128,
	TR_DTYPE_COUNT,
	TR_DTYPE_NONE = 255 /* "not given": take the default of the place */
};

/*
 * Status codes. A function that returns int gives 0 or one of these negated; a function that returns a
 * pointer gives NULL and leaves the code, with a message, in the context (see tr_error).
 */
enum tr_status {
	TR_OK,
	TR_EINVAL,   /* an argument outside its documented range */
	TR_ESHAPE,   /* shapes that do not fit each other or the operation */
	TR_EDTYPE,   /* an element type the operation does not take */
	TR_ENOMEM,   /* an allocation failed; nothing was changed */
	TR_EINDEX,   /* an index outside its axis */
	TR_EOVERFLOW,/* a size, offset or count does not fit its type */
	TR_EFORMAT,  /* a file or message that is not what it claims to be */
	TR_EIO,      /* the operating system failed a read, write or map */
	TR_EDEVICE,  /* the device, or a library the call needs, is absent; a device is lost or timed out */
	TR_EBUSY,    /* no room now; reap completions and try again */
	TR_ESTATE,   /* a call out of order, such as a scope ended twice */
	TR_EREADONLY,/* the destination's memory must not be written */
	TR_ENUMERIC, /* the numbers have no such result: a singular matrix, an iteration that did not converge */
	TR_STATUS_COUNT
};

/*
 * A set of axes: TR_AXIS(0) | TR_AXIS(-1). Bits 0-7 count from the front, bits 8-15 from the back (-1 is
 * bit 15). TR_ALL_AXES is NumPy's axis=None; 0 is axis=(), which reduces nothing.
 */
#define TR_ALL_AXES 0xffffffffu
#define TR_AXIS_BAD 0x80000000u /* what TR_AXIS gives outside -8..7; every operation refuses it */
#define TR_AXIS(a) \
	((a) >= 0 ? ((a) < TR_MAX_RANK ? 1u << ((unsigned)(a) & 7) : TR_AXIS_BAD) \
		  : ((a) >= -TR_MAX_RANK ? 1u << ((unsigned)((a) + 2 * TR_MAX_RANK) & 15) : TR_AXIS_BAD))

/* Flags of reductions, combined by |. */
#define TR_KEEPDIMS 0x1u                            /* reduced axes stay, with size 1 */
#define TR_AS(dtype) (((uint32_t)(dtype) + 1u) << 8) /* accumulate and return in this type (NumPy's dtype=) */
#define TR_DDOF(n) (((uint32_t)(n) & 0xffu) << 16)   /* var, std: divide by N - n */

/* Flags of quantiles that fall between two elements, NumPy's method=. Without one: interpolated ("linear"). */
#define TR_QUANTILE_LOWER 0x01000000u
#define TR_QUANTILE_HIGHER 0x02000000u
#define TR_QUANTILE_NEAREST 0x03000000u /* halves to the even position */
#define TR_QUANTILE_MIDPOINT 0x04000000u

/* Flag of searchsorted: behind elements equal to the value, not in front of them (numpy.searchsorted's side). */
#define TR_SEARCH_RIGHT 0x1u

/* Bytes of one element; 0 for a value outside the enum. */
TR_API size_t tr_dtype_size(enum tr_dtype dtype);

/* NumPy's name ("float32"), or "invalid". Static storage. */
TR_API const char *tr_dtype_name(enum tr_dtype dtype);

/*
 * NumPy 2 promotion of two array types (NEP 50; numpy.promote_types). bfloat16 promotes with float16 to
 * float32, and with the integers as float16 does. TR_DTYPE_NONE if either is outside the enum.
 */
TR_API enum tr_dtype tr_promote_types(enum tr_dtype a, enum tr_dtype b);

/* "TR_ESHAPE: shapes do not fit" and the like; accepts the code with either sign. Static storage. */
TR_API const char *tr_strstatus(int status);

/* "0.1.0" of the library that is running, which may be newer than this header. Static storage. */
TR_API const char *tr_version(void);

#ifdef __cplusplus
}
#endif
#endif
