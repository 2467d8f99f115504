/* SPDX-License-Identifier: MIT */
/*
 * Every expression of lib/ref/expr for every type, in the vector vocabulary that the includer has chosen before.
 * Conventions: expr/arith.h.
 */
#ifndef TR_REF_EXPR_ALL_H
#define TR_REF_EXPR_ALL_H

#include "lib/ref/expr/scalar.h"

#define V TR__PASTE2(v, T)
#define E TR__PASTE2(e, T)
#define M TR__PASTE2(m, T)
#define FN(name) TR__PASTE4(op_, name, _, T)
#define SET(c) TR__PASTE3(v, T, _set)(c)

#define T b8
#include "lib/ref/expr/bool.h"
#include "lib/ref/expr/logic.h"
#undef T

#define T i8
#include "lib/ref/expr/arith.h"
#include "lib/ref/expr/logic.h"
#include "lib/ref/expr/integer_each.h"
#include "lib/ref/expr/integer.h"
#undef T

#define T i16
#include "lib/ref/expr/arith.h"
#include "lib/ref/expr/logic.h"
#include "lib/ref/expr/integer_each.h"
#include "lib/ref/expr/integer.h"
#undef T

#define T i32
#define F f32
#include "lib/ref/expr/arith.h"
#include "lib/ref/expr/logic.h"
#include "lib/ref/expr/integer_divide.h"
#include "lib/ref/expr/integer.h"
#undef F
#undef T

#define T i64
#define F f64
#include "lib/ref/expr/arith.h"
#include "lib/ref/expr/logic.h"
#include "lib/ref/expr/integer_divide.h"
#include "lib/ref/expr/integer.h"
#undef F
#undef T

#define T u8
#include "lib/ref/expr/arith.h"
#include "lib/ref/expr/logic.h"
#include "lib/ref/expr/integer_each.h"
#include "lib/ref/expr/integer.h"
#undef T

#define T u16
#include "lib/ref/expr/arith.h"
#include "lib/ref/expr/logic.h"
#include "lib/ref/expr/integer_each.h"
#include "lib/ref/expr/integer.h"
#undef T

#define T u32
#include "lib/ref/expr/arith.h"
#include "lib/ref/expr/logic.h"
#include "lib/ref/expr/integer_each.h"
#include "lib/ref/expr/integer.h"
#undef T

#define T u64
#include "lib/ref/expr/arith.h"
#include "lib/ref/expr/logic.h"
#include "lib/ref/expr/integer_each.h"
#include "lib/ref/expr/integer.h"
#undef T

#define T f32
#include "lib/ref/expr/arith.h"
#include "lib/ref/expr/logic.h"
#include "lib/ref/expr/float.h"
#undef T

#define T f64
#include "lib/ref/expr/arith.h"
#include "lib/ref/expr/logic.h"
#include "lib/ref/expr/float.h"
#undef T

#undef V
#undef E
#undef M
#undef FN
#undef SET

#include "lib/ref/expr/philox.h"
#include "lib/ref/expr/math_f32.h"
#include "lib/ref/expr/math_f64.h"

#endif
