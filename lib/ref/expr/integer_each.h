/* SPDX-License-Identifier: MIT */
/* Division of the integers that no float holds or that are narrower: element by element. Conventions: expr/arith.h. */

TR__INLINE V FN(floor_divide)(V a, V b) { return v_each2(TR__PASTE2(scalar_floor_divide_, T), a, b); }
TR__INLINE V FN(remainder)(V a, V b) { return v_each2(TR__PASTE2(scalar_remainder_, T), a, b); }
