/* SPDX-License-Identifier: MIT */
/*
 * Element types as tokens: the tag T of a type (b8 i8 … u64 f32 f64), from which names are pasted. What vectors
 * look like is the business of whoever includes this.
 */
#ifndef TR_REF_ELEM_H
#define TR_REF_ELEM_H

#include <trueno/types.h>

/* bool is a macro in C11 and cannot be pasted; its tag is b8, and its elements are the bytes 0 and 1. */
typedef uint8_t eb8;
typedef int8_t ei8;
typedef int16_t ei16;
typedef int32_t ei32;
typedef int64_t ei64;
typedef uint8_t eu8;
typedef uint16_t eu16;
typedef uint32_t eu32;
typedef uint64_t eu64;
typedef uint16_t ef16; /* the bits of a binary16 */
typedef uint16_t ebf16;
typedef float ef32;
typedef double ef64;

/* The enumerator of a tag. */
#define TR__DTYPE_b8 TR_BOOL
#define TR__DTYPE_i8 TR_I8
#define TR__DTYPE_i16 TR_I16
#define TR__DTYPE_i32 TR_I32
#define TR__DTYPE_i64 TR_I64
#define TR__DTYPE_u8 TR_U8
#define TR__DTYPE_u16 TR_U16
#define TR__DTYPE_u32 TR_U32
#define TR__DTYPE_u64 TR_U64
#define TR__DTYPE_f16 TR_F16
#define TR__DTYPE_bf16 TR_BF16
#define TR__DTYPE_f32 TR_F32
#define TR__DTYPE_f64 TR_F64

#define TR__PASTE2_(a, b) a##b
#define TR__PASTE2(a, b) TR__PASTE2_(a, b)
#define TR__PASTE3_(a, b, c) a##b##c
#define TR__PASTE3(a, b, c) TR__PASTE3_(a, b, c)
#define TR__PASTE4_(a, b, c, d) a##b##c##d
#define TR__PASTE4(a, b, c, d) TR__PASTE4_(a, b, c, d)

#define TR__UNUSED __attribute__((unused))
#define TR__INLINE static inline __attribute__((always_inline, unused))

/* Before a loop of at most n rounds, a number known to the compiler: arrays of vectors it indexes stay in registers. */
#if defined(__clang__)
#define TR__UNROLL(n) TR__PRAGMA(unroll n)
#else
#define TR__UNROLL(n) TR__PRAGMA(GCC unroll n)
#endif
#define TR__PRAGMA(x) _Pragma(#x)

#endif
