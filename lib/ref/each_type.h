/* SPDX-License-Identifier: MIT */
/* Includes TEMPLATE once for every type with elementwise kernels, as T, and forgets both. */
#define T b8
#include TEMPLATE
#undef T
#define T i8
#include TEMPLATE
#undef T
#define T i16
#include TEMPLATE
#undef T
#define T i32
#include TEMPLATE
#undef T
#define T i64
#include TEMPLATE
#undef T
#define T u8
#include TEMPLATE
#undef T
#define T u16
#include TEMPLATE
#undef T
#define T u32
#include TEMPLATE
#undef T
#define T u64
#include TEMPLATE
#undef T
#define T f32
#include TEMPLATE
#undef T
#define T f64
#include TEMPLATE
#undef T
#undef TEMPLATE
