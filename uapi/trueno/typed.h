/* SPDX-License-Identifier: MIT */
/*
 * Tensors whose type and rank the compiler knows, for those who want it: a tensor of another rank or type where one of these
 * is expected does not compile. tr_f32_2 is a matrix of float32, tr_i64_1 a vector of int64, and so on for the types of
 * TR_TYPED and ranks 0 to 8; each is a struct around the tensor, costs nothing and owns nothing of its own.
 *
 *	tr_f32_2 a = tr_as_f32_2(x), b = tr_as_f32_2(y);   checked when it runs: type and rank of x, y
 *	tr_f32_2 c = tr_matmul_f32_2(a, b);                and from here on when it compiles
 *	tr_f32_1 s = tr_sum_f32_2(c, 0);
 *	struct tr_tensor *t = c.t;                         what every other function takes
 *
 * In C11 the names without a suffix choose by their operands, and say what is wrong:
 *
 *	TR_ADD(a, b)      TR_SUBTRACT(a, b)  TR_MULTIPLY(a, b)  TR_DIVIDE(a, b): of one type, equal in rank or one a scalar
 *	TR_MATMUL(a, b)   matrices, or stacks of them of equal rank, of one type
 *	TR_T(a)           matrices
 *
 * "TR_ADD: operands differ in type or rank" and the like is what the compiler prints. In C++ the same names are overloads. They are no
 * part of <trueno/trueno.h>.
 *
 * Errors are those of the functions underneath: the tensor is NULL then and the reason in the context, and a NULL passes
 * through. tr_as_… of a tensor of another type or rank gives NULL and leaves TR_EDTYPE or TR_ESHAPE in the context.
 */
#ifndef TRUENO_TYPED_H
#define TRUENO_TYPED_H

#include <trueno/ops.h>
#include <trueno/tensor.h>
#include <trueno/view.h>

#ifdef __cplusplus
extern "C" {
#endif

/* t if it has this type and rank; else NULL, with the name of what was expected in the context. */
TR_API struct tr_tensor *tr_expect(struct tr_tensor *t, enum tr_dtype dtype, int ndim);

/* X(name, dtype) for each type. */
#define TR_TYPED(X) \
	X(bool, TR_BOOL) X(i8, TR_I8) X(i16, TR_I16) X(i32, TR_I32) X(i64, TR_I64) X(u8, TR_U8) X(u16, TR_U16) \
	X(u32, TR_U32) X(u64, TR_U64) X(f16, TR_F16) X(bf16, TR_BF16) X(f32, TR_F32) X(f64, TR_F64)

/* Those that arithmetic keeps. */
#define TR_TYPED_NUMBERS(X) \
	X(i8, TR_I8) X(i16, TR_I16) X(i32, TR_I32) X(i64, TR_I64) X(u8, TR_U8) X(u16, TR_U16) X(u32, TR_U32) X(u64, TR_U64) \
	TR_TYPED_FLOATS(X)
#define TR_TYPED_FLOATS(X) X(f16, TR_F16) X(bf16, TR_BF16) X(f32, TR_F32) X(f64, TR_F64)

/* The handle of a type and rank, and its maker. */
#define TR__TYPED_RANK(name, dtype, rank) \
	typedef struct tr_##name##_##rank { \
		struct tr_tensor *t; \
	} tr_##name##_##rank; \
	static inline tr_##name##_##rank tr_as_##name##_##rank(struct tr_tensor *t) \
	{ \
		tr_##name##_##rank y; \
		y.t = tr_expect(t, dtype, rank); \
		return y; \
	}
#define TR__TYPED_RANKS(name, dtype) \
	TR__TYPED_RANK(name, dtype, 0) TR__TYPED_RANK(name, dtype, 1) TR__TYPED_RANK(name, dtype, 2) \
	TR__TYPED_RANK(name, dtype, 3) TR__TYPED_RANK(name, dtype, 4) TR__TYPED_RANK(name, dtype, 5) \
	TR__TYPED_RANK(name, dtype, 6) TR__TYPED_RANK(name, dtype, 7) TR__TYPED_RANK(name, dtype, 8)
TR_TYPED(TR__TYPED_RANKS)

/* y[…] = op(a[…], b[…]): equal ranks, and a scalar on the right. Sizes broadcast, and are checked when it runs. */
#define TR__TYPED_BINARY(op, name, rank) \
	static inline tr_##name##_##rank tr_##op##_##name##_##rank(tr_##name##_##rank a, tr_##name##_##rank b) \
	{ \
		tr_##name##_##rank y; \
		y.t = tr_##op(a.t, b.t); \
		return y; \
	} \
	static inline tr_##name##_##rank tr_##op##_##name##_##rank##_0(tr_##name##_##rank a, tr_##name##_0 b) \
	{ \
		tr_##name##_##rank y; \
		y.t = tr_##op(a.t, b.t); \
		return y; \
	}
#define TR__TYPED_BINARIES(op, name) \
	TR__TYPED_BINARY(op, name, 0) TR__TYPED_BINARY(op, name, 1) TR__TYPED_BINARY(op, name, 2) \
	TR__TYPED_BINARY(op, name, 3) TR__TYPED_BINARY(op, name, 4) TR__TYPED_BINARY(op, name, 5) \
	TR__TYPED_BINARY(op, name, 6) TR__TYPED_BINARY(op, name, 7) TR__TYPED_BINARY(op, name, 8)
#define TR__TYPED_ARITHMETIC(name, dtype) \
	TR__TYPED_BINARIES(add, name) TR__TYPED_BINARIES(subtract, name) TR__TYPED_BINARIES(multiply, name)
#define TR__TYPED_DIVISION(name, dtype) TR__TYPED_BINARIES(divide, name)
TR_TYPED_NUMBERS(TR__TYPED_ARITHMETIC)
TR_TYPED_FLOATS(TR__TYPED_DIVISION)

/* y[…, M, N] = a[…, M, K] · b[…, K, N]; y[M] = a[M, K] · x[K]; aᵀ, a view; y[…] without the axis, of floats. */
#define TR__TYPED_MATMUL(name, rank) \
	static inline tr_##name##_##rank tr_matmul_##name##_##rank(tr_##name##_##rank a, tr_##name##_##rank b) \
	{ \
		tr_##name##_##rank y; \
		y.t = tr_matmul(a.t, b.t); \
		return y; \
	}
#define TR__TYPED_MATRICES(name, dtype) \
	TR__TYPED_MATMUL(name, 2) TR__TYPED_MATMUL(name, 3) TR__TYPED_MATMUL(name, 4) \
	static inline tr_##name##_1 tr_matvec_##name(tr_##name##_2 a, tr_##name##_1 x) \
	{ \
		tr_##name##_1 y; \
		y.t = tr_matmul(a.t, x.t); \
		return y; \
	} \
	static inline tr_##name##_2 tr_transpose_##name##_2(tr_##name##_2 a) \
	{ \
		tr_##name##_2 y; \
		y.t = tr_transpose(a.t); \
		return y; \
	}
TR_TYPED_NUMBERS(TR__TYPED_MATRICES)
#define TR__TYPED_SUM(name, rank, less) \
	static inline tr_##name##_##less tr_sum_##name##_##rank(tr_##name##_##rank a, int axis) \
	{ \
		tr_##name##_##less y; \
		y.t = tr_sum(a.t, TR_AXIS(axis), 0); \
		return y; \
	}
#define TR__TYPED_SUMS(name, dtype) \
	TR__TYPED_SUM(name, 1, 0) TR__TYPED_SUM(name, 2, 1) TR__TYPED_SUM(name, 3, 2) TR__TYPED_SUM(name, 4, 3) \
	TR__TYPED_SUM(name, 5, 4) TR__TYPED_SUM(name, 6, 5) TR__TYPED_SUM(name, 7, 6) TR__TYPED_SUM(name, 8, 7)
TR_TYPED_FLOATS(TR__TYPED_SUMS)

#ifdef __cplusplus
}
#endif

#ifdef __cplusplus
/* Overloads: the compiler names the operands' types where none takes them. */
#define TR__OVERLOAD(NAME, op, name, rank) \
	static inline tr_##name##_##rank NAME(tr_##name##_##rank a, tr_##name##_##rank b) \
	{ \
		return tr_##op##_##name##_##rank(a, b); \
	}
#define TR__OVERLOAD_0(NAME, op, name, rank) \
	static inline tr_##name##_##rank NAME(tr_##name##_##rank a, tr_##name##_0 b) \
	{ \
		return tr_##op##_##name##_##rank##_0(a, b); \
	}
#define TR__OVERLOADS(NAME, op, name) \
	TR__OVERLOAD(NAME, op, name, 0) TR__OVERLOAD(NAME, op, name, 1) TR__OVERLOAD(NAME, op, name, 2) \
	TR__OVERLOAD(NAME, op, name, 3) TR__OVERLOAD(NAME, op, name, 4) TR__OVERLOAD(NAME, op, name, 5) \
	TR__OVERLOAD(NAME, op, name, 6) TR__OVERLOAD(NAME, op, name, 7) TR__OVERLOAD(NAME, op, name, 8) \
	TR__OVERLOAD_0(NAME, op, name, 1) TR__OVERLOAD_0(NAME, op, name, 2) TR__OVERLOAD_0(NAME, op, name, 3) \
	TR__OVERLOAD_0(NAME, op, name, 4) TR__OVERLOAD_0(NAME, op, name, 5) TR__OVERLOAD_0(NAME, op, name, 6) \
	TR__OVERLOAD_0(NAME, op, name, 7) TR__OVERLOAD_0(NAME, op, name, 8)
#define TR__OVERLOAD_NUMBER(name, dtype) \
	TR__OVERLOADS(TR_ADD, add, name) TR__OVERLOADS(TR_SUBTRACT, subtract, name) TR__OVERLOADS(TR_MULTIPLY, multiply, name) \
	TR__OVERLOAD(TR_MATMUL, matmul, name, 2) TR__OVERLOAD(TR_MATMUL, matmul, name, 3) \
	TR__OVERLOAD(TR_MATMUL, matmul, name, 4) \
	static inline tr_##name##_2 TR_T(tr_##name##_2 a) \
	{ \
		return tr_transpose_##name##_2(a); \
	}
#define TR__OVERLOAD_FLOAT(name, dtype) TR__OVERLOADS(TR_DIVIDE, divide, name)
TR_TYPED_NUMBERS(TR__OVERLOAD_NUMBER)
TR_TYPED_FLOATS(TR__OVERLOAD_FLOAT)
#else
/*
 * Chosen by the first operand's type; the second must have that type too, or be its scalar. The checks are assertions with
 * a text, and what is returned has the first operand's type.
 */
#define TR__CASE_2(name, dtype) tr_##name##_2 : 1,
#define TR__CASE_STACK(name, dtype) tr_##name##_2 : 1, tr_##name##_3 : 1, tr_##name##_4 : 1,
#define TR__CASE_ALL(name, dtype) \
	tr_##name##_0 : 1, tr_##name##_1 : 1, tr_##name##_2 : 1, tr_##name##_3 : 1, tr_##name##_4 : 1, tr_##name##_5 : 1, \
	tr_##name##_6 : 1, tr_##name##_7 : 1, tr_##name##_8 : 1,

/* Whether b is the scalar of a's type. */
#define TR__IS(a, cases) _Generic((a), cases default : 0)
#define TR__ALIKE(a, b) _Generic((a), __typeof__(b) : 1, default : 0)
#define TR__IS_SCALAR_OF(a, b) _Generic((b), TR__SCALAR_CASES(a, f16) TR__SCALAR_CASES(a, bf16) TR__SCALAR_CASES(a, f32) \
	TR__SCALAR_CASES(a, f64) TR__SCALAR_CASES(a, i8) TR__SCALAR_CASES(a, i16) TR__SCALAR_CASES(a, i32) \
	TR__SCALAR_CASES(a, i64) TR__SCALAR_CASES(a, u8) TR__SCALAR_CASES(a, u16) TR__SCALAR_CASES(a, u32) \
	TR__SCALAR_CASES(a, u64) default : 0)
#define TR__SCALAR_CASES(a, name) \
	tr_##name##_0 : _Generic((a), tr_##name##_1 : 1, tr_##name##_2 : 1, tr_##name##_3 : 1, tr_##name##_4 : 1, \
				 tr_##name##_5 : 1, tr_##name##_6 : 1, tr_##name##_7 : 1, tr_##name##_8 : 1, default : 0),
#define TR__CHECK(what, text) (void)sizeof(struct { _Static_assert(what, text); int unused; })

/* Operands once, under names of this expansion's own, so that calls nest. */
#define TR__PASTE(a, b) a##b
#define TR__BINARY(...) TR__BINARY_AS(__COUNTER__, __VA_ARGS__)
#define TR__BINARY_AS(n, ...) TR__BINARY_OF(TR__PASTE(a_, n), TR__PASTE(b_, n), __VA_ARGS__)
#define TR__BINARY_OF(p, q, NAME, op, a, b, kinds) \
	__extension__({ \
		__typeof__(a) p = (a); \
		__typeof__(b) q = (b); \
		TR__CHECK(TR__IS(p, kinds(TR__CASE_ALL)), NAME ": no typed tensor that it is defined for"); \
		TR__CHECK(TR__ALIKE(p, q) || TR__IS_SCALAR_OF(p, q), NAME ": operands differ in type or rank"); \
		p.t = op(p.t, q.t); \
		p; \
	})
#define TR_ADD(a, b) TR__BINARY("TR_ADD", tr_add, a, b, TR_TYPED_NUMBERS)
#define TR_SUBTRACT(a, b) TR__BINARY("TR_SUBTRACT", tr_subtract, a, b, TR_TYPED_NUMBERS)
#define TR_MULTIPLY(a, b) TR__BINARY("TR_MULTIPLY", tr_multiply, a, b, TR_TYPED_NUMBERS)
#define TR_DIVIDE(a, b) TR__BINARY("TR_DIVIDE", tr_divide, a, b, TR_TYPED_FLOATS)
#define TR_MATMUL(a, b) TR__MATMUL_AS(__COUNTER__, a, b)
#define TR__MATMUL_AS(n, ...) TR__MATMUL_OF(TR__PASTE(a_, n), TR__PASTE(b_, n), __VA_ARGS__)
#define TR__MATMUL_OF(p, q, a, b) \
	__extension__({ \
		__typeof__(a) p = (a); \
		__typeof__(b) q = (b); \
		TR__CHECK(TR__IS(p, TR_TYPED_NUMBERS(TR__CASE_STACK)), "TR_MATMUL: operands must be matrices"); \
		TR__CHECK(TR__ALIKE(p, q), "TR_MATMUL: operands differ in type or rank"); \
		p.t = tr_matmul(p.t, q.t); \
		p; \
	})
#define TR_T(a) TR__T_AS(__COUNTER__, a)
#define TR__T_AS(n, a) TR__T_OF(TR__PASTE(a_, n), a)
#define TR__T_OF(p, a) \
	__extension__({ \
		__typeof__(a) p = (a); \
		TR__CHECK(TR__IS(p, TR_TYPED_NUMBERS(TR__CASE_2)), "TR_T: the operand must be a matrix"); \
		p.t = tr_transpose(p.t); \
		p; \
	})
#endif
#endif
