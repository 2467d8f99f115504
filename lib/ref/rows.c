/* SPDX-License-Identifier: MIT */
/*
 * Whole-row operations as docs/numerics.md specifies them, one element at a time. Knows no axes and no vectors.
 */
#include "lib/ref/rows.h"

#include "lib/ref/vec1.h"
#include "lib/ref/expr/all.h"

#define T f32
#include "lib/ref/rows_of.h"
#undef T

#define T f64
#include "lib/ref/rows_of.h"
#undef T
