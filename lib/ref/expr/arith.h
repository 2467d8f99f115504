/* SPDX-License-Identifier: MIT */
/*
 * Expressions every numeric type shares. No include guard: included once per type.
 *
 * The convention for all of lib/ref/expr. An operation is one expression, op_<name>_<T>, an always inlined function
 * of vectors, written in the vocabulary of lib/ref/vec1.h. The file that instantiates it (lib/ref/ref.c with one
 * lane, simd/levels/map_*.c with the level's) has chosen the vocabulary before; expressions include nothing.
 * It takes and gives v<T>; where the row's result is BOOL it gives an m<T>; where the family is SELECT its first
 * operand is an m<T>. Unused lanes hold zeros and their results are dropped, so an expression must be harmless on
 * zeros, and it must give each lane the same bits whatever the others hold.
 *
 * A generic header is written with these macros, defined for the time of its inclusion by expr/all.h:
 *   T        the tag: i8 … f64        V, E, M   v<T>, e<T>, m<T>
 *   FN(x)    op_x_<T>                 SET(c)    v<T>_set(c)
 * A header for one type (math_f32.h) spells names out: op_exp_f32.
 */

TR__INLINE V FN(add)(V a, V b) { return a + b; }
TR__INLINE V FN(subtract)(V a, V b) { return a - b; }
TR__INLINE V FN(multiply)(V a, V b) { return a * b; }
TR__INLINE V FN(square)(V a) { return a * a; }
TR__INLINE V FN(absolute)(V a) { return v_abs(a); }

TR__INLINE V FN(minimum)(V a, V b) { return v_min(a, b); }
TR__INLINE V FN(maximum)(V a, V b) { return v_max(a, b); }
TR__INLINE V FN(clip)(V a, V b, V c) { return v_min(v_max(a, b), c); }
TR__INLINE V FN(relu6)(V a) { return v_min(v_max(a, SET(0)), SET(6)); }
TR__INLINE V FN(relu)(V a) { return v_max(a, SET(0)); }
