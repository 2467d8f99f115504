/* SPDX-License-Identifier: MIT */
/* Element types as the core reasons about them: kinds, casting rules, weak scalars. */
#ifndef TR_LIB_DTYPE_H
#define TR_LIB_DTYPE_H

#include <trueno/types.h>

/* In NumPy's order of widening. */
enum tr_kind { TR_KIND_BOOL, TR_KIND_UINT, TR_KIND_SINT, TR_KIND_FLOAT, TR_KIND_COMPLEX };

struct tr_type_info {
	uint8_t size, kind;
	const char *name;
};
extern const struct tr_type_info tr__types[TR_DTYPE_COUNT];

/* dtype must be valid in all of these. */
static inline enum tr_kind tr__kind(enum tr_dtype dtype)
{
	return (enum tr_kind)tr__types[dtype].kind;
}

static inline int64_t tr__size(enum tr_dtype dtype)
{
	return tr__types[dtype].size;
}

/* Promotion of an array type with a weak scalar's (NEP 50): only the scalar's kind counts. */
enum tr_dtype tr__promote_weak(enum tr_dtype strong, enum tr_dtype weak);

/* numpy.can_cast(from, to, "same_kind"): what out= accepts. */
bool tr__can_cast_same_kind(enum tr_dtype from, enum tr_dtype to);

/* The type a floating-point function of an integer is evaluated in: f16, f32 or f64 by size. */
enum tr_dtype tr__float_for(enum tr_dtype dtype);

#endif
