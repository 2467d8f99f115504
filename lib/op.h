/* SPDX-License-Identifier: MIT */
/*
 * The op table as data: one struct tr_op_info per row of ops.def, and the vocabulary its columns use.
 * Knows no tensor and no driver.
 */
#ifndef TR_LIB_OP_H
#define TR_LIB_OP_H

#include <trueno/opcodes.h>
#include <trueno/types.h>

/* A family fixes prototype, shape rule, command form and executor; a row only fills in the numbers. */
enum tr_family {
	TR_FAMILY_UNARY,     /* tr_x(a)                      elementwise */
	TR_FAMILY_UNARY1,    /* tr_x(a, p)                   elementwise, p a number */
	TR_FAMILY_UNARY2,    /* tr_x(a, p, q)                elementwise, p and q numbers */
	TR_FAMILY_DECIMALS,  /* tr_x(a, decimals)            as UNARY2: p and q are powers of ten, of which one is 1 */
	TR_FAMILY_BINARY,    /* tr_x(a, b)                   elementwise */
	TR_FAMILY_TERNARY,   /* tr_x(a, b, c)                elementwise */
	TR_FAMILY_SELECT,    /* tr_x(condition, b, c)        elementwise, a is bool */
	TR_FAMILY_CAST,      /* tr_x(a[, dtype])             elementwise, result type given */
	TR_FAMILY_FILL,      /* tr_x(value), into dst        elementwise, no operand */
	TR_FAMILY_REDUCE,    /* tr_x(a, axes, flags) */
	TR_FAMILY_ARGREDUCE, /* tr_x(a, axes, flags)         one axis or all */
	TR_FAMILY_VECTOR_NORM, /* tr_x(a, p, axes, flags) */
	TR_FAMILY_MEDIAN,    /* tr_x(a, axes, flags) */
	TR_FAMILY_QUANTILE,  /* tr_x(a, q, axes, flags) */
	TR_FAMILY_SCAN,      /* tr_x(a, axis, flags) */
	TR_FAMILY_SORT,      /* tr_x(a, axis) */
	TR_FAMILY_SEARCH,    /* tr_x(a, v, flags) */
	TR_FAMILY_SOFTMAX,   /* tr_x(a, axis) */
	TR_FAMILY_NORM,      /* tr_x(a, weight, bias, eps) */
	TR_FAMILY_MATMUL,    /* tr_x(a, b[, dtype]) */
	TR_FAMILY_VECDOT,    /* tr_x(a, b) */
	TR_FAMILY_LINEAR,    /* tr_x(a, weight, bias) */
	TR_FAMILY_ATTENTION, /* tr_x(q, k, v, mask, scale) */
	TR_FAMILY_CONV,      /* tr_x(a, weight, bias, params); rows end in 1d, 2d or 3d, their number of spatial axes */
	TR_FAMILY_CONV_TRANSPOSE, /* the same */
	TR_FAMILY_MAX_POOL,  /* tr_x(a, params); rows end as those of CONV */
	TR_FAMILY_AVG_POOL,  /* the same */
	TR_FAMILY_ADAPTIVE_POOL, /* the same */
	TR_FAMILY_INTERPOLATE, /* the same, with its own parameters */
	TR_FAMILY_TAKE,      /* tr_x(a, indices, axis) */
	TR_FAMILY_EMBEDDING, /* tr_x(indices, weight) */
	TR_FAMILY_PUT,       /* tr_x_out(y, a, indices, axis)  writes part of y */
	TR_FAMILY_RAVEL,     /* the place of indices: only from within index.c and the ring */
	TR_FAMILY_NONZERO,   /* tr_x_out(y, a)               as many elements as there are */
	TR_FAMILY_COMPRESS,  /* tr_x_out(y, a, mask)         the same */
	TR_FAMILY_RANGE,     /* own prototypes, in create.h */
	TR_FAMILY_RANDOM,    /* own prototypes, in random.h; of one draw per element */
	TR_FAMILY_RANDOM_TRY, /* the same; of draws until one is taken */
	TR_FAMILY_VIEW,      /* own prototypes, in view.h */
	TR_FAMILY_COUNT
};

/* Families whose result element i depends on element i of the (broadcast) operands alone. */
static inline bool tr__family_is_map(enum tr_family f)
{
	return f <= TR_FAMILY_FILL;
}

/* Families that check indices when they run, and do so even if nothing is to be written. */
static inline bool tr__family_checks(enum tr_family f)
{
	return f == TR_FAMILY_TAKE || f == TR_FAMILY_EMBEDDING || f == TR_FAMILY_PUT || f == TR_FAMILY_RAVEL;
}

/* Families whose element i is made of random bits that its number decides. */
static inline bool tr__family_is_random(enum tr_family f)
{
	return f == TR_FAMILY_RANDOM || f == TR_FAMILY_RANDOM_TRY;
}

/* Sources of the kernels of a map family but FILL or of a random one, and the numbers that follow them. */
static inline unsigned tr__family_sources(enum tr_family f)
{
	return f == TR_FAMILY_TERNARY || f == TR_FAMILY_SELECT ? 3 : f == TR_FAMILY_BINARY ? 2 : 1;
}

static inline unsigned tr__family_numbers(enum tr_family f)
{
	return f == TR_FAMILY_UNARY2 || f == TR_FAMILY_DECIMALS || tr__family_is_random(f) ? 2 : f == TR_FAMILY_UNARY1;
}

/* Families whose command has an axis set: each result is made from the elements along some axes. */
static inline bool tr__family_is_reduce(enum tr_family f)
{
	return f >= TR_FAMILY_REDUCE && f <= TR_FAMILY_QUANTILE;
}

/* Sets of element types. */
#define TR__BIT(d) (1u << (d))
#define TR__SET_BOOL TR__BIT(TR_BOOL)
#define TR__SET_SINT (TR__BIT(TR_I8) | TR__BIT(TR_I16) | TR__BIT(TR_I32) | TR__BIT(TR_I64))
#define TR__SET_UINT (TR__BIT(TR_U8) | TR__BIT(TR_U16) | TR__BIT(TR_U32) | TR__BIT(TR_U64))
#define TR__SET_INTEGER (TR__SET_SINT | TR__SET_UINT)
#define TR__SET_FLOAT (TR__BIT(TR_F32) | TR__BIT(TR_F64))
#define TR__SET_DOUBLE TR__BIT(TR_F64) /* whatever the operands are */
#define TR__SET_WORD TR__BIT(TR_U64)
#define TR__SET_HALF (TR__BIT(TR_F16) | TR__BIT(TR_BF16))
#define TR__SET_COMPLEX (TR__BIT(TR_C64) | TR__BIT(TR_C128))
#define TR__NO_BOOL (1u << 31) /* bool is refused rather than promoted, as NumPy does for a - b */
#define TR__SET_NUMERIC (TR__SET_INTEGER | TR__SET_FLOAT)
#define TR__SET_SIGNED (TR__SET_NUMERIC | TR__NO_BOOL) /* unsigned wraps */
#define TR__SET_WHOLE (TR__SET_INTEGER | TR__NO_BOOL)
#define TR__SET_NUMBER (TR__SET_BOOL | TR__SET_NUMERIC)
#define TR__SET_BITS (TR__SET_BOOL | TR__SET_INTEGER)
#define TR__SET_ORDERED (TR__SET_NUMBER | TR__SET_HALF)
#define TR__SET_ANY (TR__SET_NUMBER | TR__SET_HALF | TR__SET_COMPLEX)

enum tr_result { TR_RESULT_SAME, TR_RESULT_BOOL, TR_RESULT_INDEX, TR_RESULT_WIDE, TR_RESULT_MEAN, TR_RESULT_ASKED };

enum tr_domain {
	TR_DOMAIN_REAL,     /* anything, specials included */
	TR_DOMAIN_NONZERO,  /* the last operand is not 0 */
	TR_DOMAIN_POSITIVE, /* >= 0 */
	TR_DOMAIN_ABOVE_M1, /* > -1 */
	TR_DOMAIN_ABOVE_1,  /* >= 1 */
	TR_DOMAIN_UNIT,     /* within [-1, 1] */
	TR_DOMAIN_SHIFT     /* the last operand is within the width */
};

struct tr_op_info {
	const char *name;
	const char *doc;
	uint32_t dtypes; /* TR__SET_*: types it is evaluated in */
	uint8_t family;
	uint8_t result;
	uint8_t ulp; /* 0: exact */
	uint8_t domain;
};

extern const struct tr_op_info tr__ops[TR_OP_COUNT];

#endif
