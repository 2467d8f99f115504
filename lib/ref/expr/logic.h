/* SPDX-License-Identifier: MIT */
/* Comparisons, logic and selection, alike for every type, bool included. Conventions: expr/arith.h. */

TR__INLINE M FN(equal)(V a, V b) { return v_eq(a, b); }
TR__INLINE M FN(not_equal)(V a, V b) { return v_ne(a, b); }
TR__INLINE M FN(less)(V a, V b) { return v_lt(a, b); }
TR__INLINE M FN(less_equal)(V a, V b) { return v_le(a, b); }
TR__INLINE M FN(greater)(V a, V b) { return v_gt(a, b); }
TR__INLINE M FN(greater_equal)(V a, V b) { return v_ge(a, b); }

TR__INLINE M FN(logical_and)(V a, V b) { return v_mand(v_ne(a, SET(0)), v_ne(b, SET(0))); }
TR__INLINE M FN(logical_or)(V a, V b) { return v_mor(v_ne(a, SET(0)), v_ne(b, SET(0))); }
TR__INLINE M FN(logical_xor)(V a, V b) { return v_mxor(v_ne(a, SET(0)), v_ne(b, SET(0))); }
TR__INLINE M FN(logical_not)(V a) { return v_eq(a, SET(0)); }

TR__INLINE V FN(where)(M a, V b, V c) { return v_select(a, b, c); }
