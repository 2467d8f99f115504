/* SPDX-License-Identifier: MIT */
/* Arithmetic and bits of bool: lanes are the bytes 0 and 1. Conventions: expr/arith.h. */

TR__INLINE V FN(add)(V a, V b) { return a | b; }
TR__INLINE V FN(multiply)(V a, V b) { return a & b; }
TR__INLINE V FN(minimum)(V a, V b) { return a & b; }
TR__INLINE V FN(maximum)(V a, V b) { return a | b; }
TR__INLINE V FN(fmin)(V a, V b) { return a & b; }
TR__INLINE V FN(fmax)(V a, V b) { return a | b; }
TR__INLINE V FN(bitwise_and)(V a, V b) { return a & b; }
TR__INLINE V FN(bitwise_or)(V a, V b) { return a | b; }
TR__INLINE V FN(bitwise_xor)(V a, V b) { return a ^ b; }
TR__INLINE V FN(invert)(V a) { return a ^ SET(1); }
TR__INLINE V FN(absolute)(V a) { return a; }
TR__INLINE V FN(floor)(V a) { return a; }
TR__INLINE V FN(ceil)(V a) { return a; }
TR__INLINE V FN(trunc)(V a) { return a; }
