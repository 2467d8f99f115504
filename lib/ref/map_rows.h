/* SPDX-License-Identifier: MIT */
/*
 * The rows of the op table that are elementwise with kernels (all map families but CAST and FILL), filtered by type at
 * compile time: what both lib/ref/map.h and simd/kernels/map.h are instantiated with. Knows no vectors.
 */
#ifndef TR_REF_MAP_ROWS_H
#define TR_REF_MAP_ROWS_H

#include "lib/ref/elem.h"

/* TR__IF(1)(x) is x, TR__IF(0)(x) nothing. */
#define TR__IF(c) TR__PASTE2(TR__IF_, c)
#define TR__IF_0(...)
#define TR__IF_1(...) __VA_ARGS__
#define TR__AND(a, b) TR__PASTE3(TR__AND_, a, b)
#define TR__AND_00 0
#define TR__AND_01 0
#define TR__AND_10 0
#define TR__AND_11 1

/* Whether a set of lib/op.h's TR__SET_* holds a type. The other sets stand in rows without kernels here. */
#define TR__HAS(set, T) TR__PASTE4(TR__HAS_, set, _, TR__PASTE2(TR__KIND_, T))
#define TR__HAS_NUMBER_BOOL 1
#define TR__HAS_NUMBER_INT 1
#define TR__HAS_NUMBER_WORD 1
#define TR__HAS_NUMBER_FLOAT 1
#define TR__HAS_NUMBER_DOUBLE 1
#define TR__HAS_NUMERIC_BOOL 0
#define TR__HAS_NUMERIC_INT 1
#define TR__HAS_NUMERIC_WORD 1
#define TR__HAS_NUMERIC_FLOAT 1
#define TR__HAS_NUMERIC_DOUBLE 1
#define TR__HAS_SIGNED_BOOL 0
#define TR__HAS_SIGNED_INT 1
#define TR__HAS_SIGNED_WORD 1
#define TR__HAS_SIGNED_FLOAT 1
#define TR__HAS_SIGNED_DOUBLE 1
#define TR__HAS_INTEGER_BOOL 0
#define TR__HAS_INTEGER_INT 1
#define TR__HAS_INTEGER_WORD 1
#define TR__HAS_INTEGER_FLOAT 0
#define TR__HAS_INTEGER_DOUBLE 0
#define TR__HAS_WHOLE_BOOL 0
#define TR__HAS_WHOLE_INT 1
#define TR__HAS_WHOLE_WORD 1
#define TR__HAS_WHOLE_FLOAT 0
#define TR__HAS_WHOLE_DOUBLE 0
#define TR__HAS_BITS_BOOL 1
#define TR__HAS_BITS_INT 1
#define TR__HAS_BITS_WORD 1
#define TR__HAS_BITS_FLOAT 0
#define TR__HAS_BITS_DOUBLE 0
#define TR__HAS_FLOAT_BOOL 0
#define TR__HAS_FLOAT_INT 0
#define TR__HAS_FLOAT_WORD 0
#define TR__HAS_FLOAT_FLOAT 1
#define TR__HAS_FLOAT_DOUBLE 1
#define TR__HAS_DOUBLE_BOOL 0
#define TR__HAS_DOUBLE_INT 0
#define TR__HAS_DOUBLE_WORD 0
#define TR__HAS_DOUBLE_FLOAT 0
#define TR__HAS_DOUBLE_DOUBLE 1
#define TR__HAS_WORD_BOOL 0
#define TR__HAS_WORD_INT 0
#define TR__HAS_WORD_WORD 1
#define TR__HAS_WORD_FLOAT 0
#define TR__HAS_WORD_DOUBLE 0
#define TR__HAS_ORDERED_BOOL 1
#define TR__HAS_ORDERED_INT 1
#define TR__HAS_ORDERED_WORD 1
#define TR__HAS_ORDERED_FLOAT 1
#define TR__HAS_ORDERED_DOUBLE 1
#define TR__HAS_ANY_BOOL 1
#define TR__HAS_ANY_INT 1
#define TR__HAS_ANY_WORD 1
#define TR__HAS_ANY_FLOAT 1
#define TR__HAS_ANY_DOUBLE 1

#define TR__KIND_b8 BOOL
#define TR__KIND_i8 INT
#define TR__KIND_i16 INT
#define TR__KIND_i32 INT
#define TR__KIND_i64 INT
#define TR__KIND_u8 INT
#define TR__KIND_u16 INT
#define TR__KIND_u32 INT
#define TR__KIND_u64 WORD
#define TR__KIND_f32 FLOAT
#define TR__KIND_f64 DOUBLE

#define TR__MAPS_UNARY 1
#define TR__MAPS_UNARY1 1
#define TR__MAPS_UNARY2 1
#define TR__MAPS_DECIMALS 1
#define TR__MAPS_BINARY 1
#define TR__MAPS_TERNARY 1
#define TR__MAPS_SELECT 1
#define TR__MAPS_CAST 0
#define TR__MAPS_FILL 0
#define TR__MAPS_REDUCE 0
#define TR__MAPS_ARGREDUCE 0
#define TR__MAPS_VECTOR_NORM 0
#define TR__MAPS_MEDIAN 0
#define TR__MAPS_QUANTILE 0
#define TR__MAPS_SCAN 0
#define TR__MAPS_SORT 0
#define TR__MAPS_SEARCH 0
#define TR__MAPS_SOFTMAX 0
#define TR__MAPS_NORM 0
#define TR__MAPS_MATMUL 0
#define TR__MAPS_VECDOT 0
#define TR__MAPS_LINEAR 0
#define TR__MAPS_ATTENTION 0
#define TR__MAPS_CONV 0
#define TR__MAPS_CONV_TRANSPOSE 0
#define TR__MAPS_MAX_POOL 0
#define TR__MAPS_AVG_POOL 0
#define TR__MAPS_ADAPTIVE_POOL 0
#define TR__MAPS_INTERPOLATE 0
#define TR__MAPS_TAKE 0
#define TR__MAPS_EMBEDDING 0
#define TR__MAPS_PUT 0
#define TR__MAPS_RAVEL 0
#define TR__MAPS_NONZERO 0
#define TR__MAPS_COMPRESS 0
#define TR__MAPS_RANGE 0
#define TR__MAPS_RANDOM 1
#define TR__MAPS_RANDOM_TRY 1
#define TR__MAPS_VIEW 0

/* 1 if a row of this family and set of types has a kernel for T. */
#define TR__MAPS(family, set, T) TR__AND(TR__MAPS_##family, TR__HAS(set, T))

/* 1 for the families whose operands are of the row's type, but for a condition. */
#define TR__PLAIN(family) TR__PLAIN_PICK(TR__PASTE2(TR__PLAIN_, family), 0, 0)
#define TR__PLAIN_PICK(...) TR__PLAIN_SECOND(__VA_ARGS__)
#define TR__PLAIN_SECOND(first, second, ...) second
#define TR__PLAIN_UNARY 0, 1
#define TR__PLAIN_UNARY1 0, 1
#define TR__PLAIN_UNARY2 0, 1
#define TR__PLAIN_DECIMALS 0, 1
#define TR__PLAIN_BINARY 0, 1
#define TR__PLAIN_TERNARY 0, 1
#define TR__PLAIN_SELECT 0, 1

/* How a result column is stored: as T or as bool. (MEAN differs from SAME in what integers are promoted to.) */
#define TR__STORED(result) TR__STORED_##result
#define TR__STORED_SAME SAME
#define TR__STORED_MEAN SAME
#define TR__STORED_ASKED SAME
#define TR__STORED_BOOL BOOL

/* The sources of a family as pointers, and its expression's operands: LOAD(p) of a vector, MASK(p) of bools. */
#define TR__SRC_UNARY(E) const E *a = src[0];
#define TR__SRC_UNARY1(E) TR__SRC_UNARY(E) const TR__NUMBER(p, E, 1);
#define TR__SRC_UNARY2(E) TR__SRC_UNARY1(E) const TR__NUMBER(q, E, 2);
#define TR__SRC_DECIMALS(E) TR__SRC_UNARY2(E)
#define TR__SRC_RANDOM(E) TR__SRC_UNARY2(E)
#define TR__SRC_RANDOM_TRY(E) TR__SRC_UNARY2(E) \
	const vu64 key = vu64_set(*(const eu64 *)src[3]), stream = vu64_set(*(const eu64 *)src[4]);
#define TR__NUMBER(p, E, i) TR__PASTE2(v, T) p = TR__PASTE3(v, T, _set)(*(const TR__PASTE2(e, T) *)src[i])
#define TR__SRC_BINARY(E) TR__SRC_UNARY(E) const E *b = src[1];
#define TR__SRC_TERNARY(E) TR__SRC_BINARY(E) const E *c = src[2];
#define TR__SRC_SELECT(E) const eb8 *a = src[0]; const E *b = src[1]; const E *c = src[2];
#define TR__ARG_UNARY(LOAD, MASK) LOAD(a)
#define TR__ARG_UNARY1(LOAD, MASK) LOAD(a), p
#define TR__ARG_UNARY2(LOAD, MASK) LOAD(a), p, q
#define TR__ARG_DECIMALS(LOAD, MASK) LOAD(a), p, q
#define TR__ARG_RANDOM(LOAD, MASK) LOAD(a), p, q
#define TR__ARG_RANDOM_TRY(LOAD, MASK) LOAD(a), p, q, key, stream
#define TR__ARG_BINARY(LOAD, MASK) LOAD(a), LOAD(b)
#define TR__ARG_TERNARY(LOAD, MASK) LOAD(a), LOAD(b), LOAD(c)
#define TR__ARG_SELECT(LOAD, MASK) MASK(a), LOAD(b), LOAD(c)

/* A kernel's name; LEVEL is defined by the file that instantiates: add_f32_avx2. */
#define TR__KERNEL(name, T) TR__PASTE2(TR__PASTE4(name, _, T, _), LEVEL)

/* One row of struct tr_kernels.map; map_slots.h makes all. */
#define TR__MAP_SLOT(name, family, set, T) TR__IF(TR__MAPS(family, set, T))([TR__DTYPE_##T] = TR__KERNEL(name, T),)

#endif
