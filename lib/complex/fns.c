/* SPDX-License-Identifier: MIT */
/*
 * The formulae: each operation that is defined for complex numbers, on real and imaginary parts. Elementary functions are the
 * identities of real ones (Abramowitz and Stegun, 4.2-4.5), with the cases taken apart where those would overflow or lose
 * the sign of a zero; division is Smith's (CACM 5, 1962), as NumPy's.
 */
#include <trueno/manip.h>
#include <trueno/ops.h>
#include <trueno/sets.h>

#include "lib/complex/complex.h"
#include "lib/context.h"

typedef struct tr_tensor *T;
typedef struct tr__parts P;

#define FN(name) static P c_##name(struct tr_call *c, const P *x)
#define BOTH(re, im) (P){re, im, false}
#define REAL(t) (P){t, NULL, true}
#define SCALAR(v) tr_scalar(c->ctx, v)

/* Short names for the parts of up to two operands. */
#define AR x[0].re
#define AI x[0].im
#define BR x[1].re
#define BI x[1].im

/* Part by part. */
#define EACH1(name) \
	FN(name) \
	{ \
		(void)c; \
		return BOTH(tr_##name(AR), tr_##name(AI)); \
	}
#define EACH2(name) \
	FN(name) \
	{ \
		(void)c; \
		return BOTH(tr_##name(AR, BR), tr_##name(AI, BI)); \
	}
EACH2(add)
EACH2(subtract)
EACH1(negative)
EACH1(rint)

FN(multiply)
{
	(void)c;
	return BOTH(tr_subtract(tr_multiply(AR, BR), tr_multiply(AI, BI)),
		    tr_add(tr_multiply(AR, BI), tr_multiply(AI, BR)));
}

FN(square)
{
	P twice[2] = {x[0], x[0]};

	return c_multiply(c, twice);
}

/* For a divisor whose larger part is den and smaller one iden. turned: they are the imaginary and the real one. */
static P smith(T num, T inum, T den, T iden, bool turned)
{
	T ratio = tr_divide(iden, den), scale = tr_reciprocal(tr_add(den, tr_multiply(iden, ratio)));
	T cross = tr_multiply(num, ratio);

	return BOTH(tr_multiply(tr_add(num, tr_multiply(inum, ratio)), scale),
		    tr_multiply(turned ? tr_subtract(cross, inum) : tr_subtract(inum, cross), scale));
}

static P choose(T mask, P a, P b)
{
	return BOTH(tr_where(mask, a.re, b.re), tr_where(mask, a.im, b.im));
}

FN(divide)
{
	T size = tr_absolute(BR), isize = tr_absolute(BI), wide = tr_greater_equal(size, isize);
	T zero = tr_equal(tr_maximum(size, isize), SCALAR(0));
	P q = choose(wide, smith(AR, AI, BR, BI, false), smith(AI, AR, BI, BR, true));

	return choose(zero, BOTH(tr_divide(AR, size), tr_divide(AI, size)), q);
}

FN(reciprocal)
{
	P one[2] = {BOTH(SCALAR(1), SCALAR(0)), x[0]};

	return c_divide(c, one);
}

FN(absolute)
{
	(void)c;
	return REAL(tr_hypot(AR, AI));
}

FN(sign)
{
	T size = tr_hypot(AR, AI), zero = tr_equal(size, SCALAR(0));

	return BOTH(tr_where(zero, SCALAR(0), tr_divide(AR, size)), tr_where(zero, SCALAR(0), tr_divide(AI, size)));
}

/* f(re)·cos(im) + i·g(re)·sin(im), where an imaginary zero stays one. */
static P polar(struct tr_call *c, T f, T g, T angle)
{
	return BOTH(tr_multiply(f, tr_cos(angle)),
		    tr_where(tr_equal(angle, SCALAR(0)), angle, tr_multiply(g, tr_sin(angle))));
}

/* In two factors, the second of which is 1 but for large numbers, since the parts may be numbers where the modulus is none. */
FN(exp)
{
	T large = SCALAR(80), e = tr_exp(tr_minimum(AR, large)), more = tr_exp(tr_maximum(tr_subtract(AR, large), SCALAR(0)));
	P y = polar(c, e, e, AI);

	return BOTH(tr_multiply(y.re, more), tr_where(tr_equal(AI, SCALAR(0)), AI, tr_multiply(y.im, more)));
}

FN(exp2)
{
	T e = tr_exp2(AR);

	return polar(c, e, e, tr_multiply(AI, SCALAR(0x1.62e42fefa39efp-1)));
}

FN(expm1)
{
	T half = tr_sin(tr_multiply(AI, SCALAR(0.5))), e = tr_exp(AR);

	return BOTH(tr_subtract(tr_multiply(tr_expm1(AR), tr_cos(AI)), tr_multiply(SCALAR(2), tr_square(half))),
		    tr_multiply(e, tr_sin(AI)));
}

FN(log)
{
	(void)c;
	return BOTH(tr_log(tr_hypot(AR, AI)), tr_atan2(AI, AR));
}

FN(log2)
{
	return BOTH(tr_log2(tr_hypot(AR, AI)), tr_multiply(tr_atan2(AI, AR), SCALAR(0x1.71547652b82fep0)));
}

FN(log10)
{
	return BOTH(tr_log10(tr_hypot(AR, AI)), tr_multiply(tr_atan2(AI, AR), SCALAR(0x1.bcb7b1526e50ep-2)));
}

/* Near 0 by way of |1 + a|² - 1 = 2 ar + |a|²; elsewhere |1 + a| itself, which does not overflow. */
FN(log1p)
{
	T more = tr_add(AR, SCALAR(1)), size = tr_hypot(AR, AI);
	T near = tr_multiply(tr_log1p(tr_add(tr_multiply(SCALAR(2), AR), tr_square(size))), SCALAR(0.5));

	return BOTH(tr_where(tr_less(size, SCALAR(0.5)), near, tr_log(tr_hypot(more, AI))), tr_atan2(AI, more));
}

FN(sqrt)
{
	T half = SCALAR(0.5), size = tr_hypot(tr_multiply(AR, half), tr_multiply(AI, half));
	T t = tr_sqrt(tr_add(tr_multiply(tr_absolute(AR), half), size)), right = tr_greater_equal(AR, SCALAR(0));
	T other = tr_where(tr_equal(t, SCALAR(0)), SCALAR(0), tr_divide(tr_absolute(AI), tr_multiply(SCALAR(2), t)));

	return BOTH(tr_where(right, t, other), tr_copysign(tr_where(right, other, t), AI));
}

FN(sin)
{
	(void)c;
	return BOTH(tr_multiply(tr_sin(AR), tr_cosh(AI)), tr_multiply(tr_cos(AR), tr_sinh(AI)));
}

FN(cos)
{
	(void)c;
	return BOTH(tr_multiply(tr_cos(AR), tr_cosh(AI)), tr_negative(tr_multiply(tr_sin(AR), tr_sinh(AI))));
}

FN(sinh)
{
	(void)c;
	return BOTH(tr_multiply(tr_sinh(AR), tr_cos(AI)), tr_multiply(tr_cosh(AR), tr_sin(AI)));
}

FN(cosh)
{
	(void)c;
	return BOTH(tr_multiply(tr_cosh(AR), tr_cos(AI)), tr_multiply(tr_sinh(AR), tr_sin(AI)));
}

/* (sinh a cosh a + i sin b cos b) / (sinh² a + cos² b); beyond |a| = 20 the real part is ±1 to the last bit. */
FN(tanh)
{
	T sinh = tr_sinh(AR), cosb = tr_cos(AI), sinb = tr_sin(AI), size = tr_absolute(AR);
	T below = tr_add(tr_square(sinh), tr_square(cosb)), far = tr_greater(size, SCALAR(20));
	T tail = tr_multiply(SCALAR(4), tr_exp(tr_multiply(size, SCALAR(-2))));

	return BOTH(tr_where(far, tr_copysign(SCALAR(1), AR), tr_divide(tr_multiply(sinh, tr_cosh(AR)), below)),
		    tr_multiply(tr_multiply(sinb, cosb), tr_where(far, tail, tr_reciprocal(below))));
}

/* tan a = -i tanh(i a) */
FN(tan)
{
	P turned = BOTH(tr_negative(AI), AR), t = c_tanh(c, &turned);

	return BOTH(t.im, tr_negative(t.re));
}

/* e^(b log a); a power of 0 is 1 for b = 0, else 0. */
/* Kahan's formulae ("Branch cuts for complex elementary functions", 1987): the sign of a zero part says on which side of a
 * cut z lies, so that 1 - z is taken part by part. */
static P one_minus(struct tr_call *c, const P *x)
{
	P p = BOTH(tr_subtract(SCALAR(1), AR), tr_negative(AI));

	return c_sqrt(c, &p);
}

static P one_plus(struct tr_call *c, const P *x)
{
	P p = BOTH(tr_add(SCALAR(1), AR), AI);

	return c_sqrt(c, &p);
}

/* The imaginary part of conj(a)·b. */
static T cross_part(P a, P b)
{
	return tr_subtract(tr_multiply(a.re, b.im), tr_multiply(a.im, b.re));
}

FN(asin)
{
	P less = one_minus(c, x), more = one_plus(c, x);
	T size = tr_subtract(tr_multiply(less.re, more.re), tr_multiply(less.im, more.im));

	return BOTH(tr_atan2(AR, size), tr_asinh(cross_part(less, more)));
}

FN(acos)
{
	P less = one_minus(c, x), more = one_plus(c, x);

	return BOTH(tr_multiply(SCALAR(2), tr_atan2(less.re, more.re)), tr_asinh(cross_part(more, less)));
}

FN(acosh)
{
	P minus = BOTH(tr_subtract(AR, SCALAR(1)), AI), more = one_plus(c, x);
	P less = c_sqrt(c, &minus);

	return BOTH(tr_asinh(tr_add(tr_multiply(less.re, more.re), tr_multiply(less.im, more.im))),
		    tr_multiply(SCALAR(2), tr_atan2(less.im, more.re)));
}

FN(atanh)
{
	T size = tr_absolute(AR), away = tr_add(tr_square(tr_subtract(SCALAR(1), size)), tr_square(AI));
	T re = tr_multiply(tr_log1p(tr_divide(tr_multiply(SCALAR(4), size), away)), SCALAR(0.25));
	T side = tr_subtract(tr_multiply(tr_subtract(SCALAR(1), AR), tr_add(SCALAR(1), AR)), tr_square(AI));

	return BOTH(tr_copysign(re, AR), tr_multiply(tr_atan2(tr_multiply(SCALAR(2), AI), side), SCALAR(0.5)));
}

/* f(z) as -i·g(i·z). */
static P turned(struct tr_call *c, const P *x, P (*g)(struct tr_call *c, const P *x))
{
	P turn = BOTH(tr_negative(AI), AR), y = g(c, &turn);

	return BOTH(y.im, tr_negative(y.re));
}

FN(asinh)
{
	return turned(c, x, c_asin);
}

FN(atan)
{
	return turned(c, x, c_atanh);
}

FN(pow)
{
	P factors[2] = {c_log(c, x), x[1]}, product = c_multiply(c, factors), y = c_exp(c, &product);
	T zero = tr_logical_and(tr_equal(AR, SCALAR(0)), tr_equal(AI, SCALAR(0)));
	T none = tr_logical_and(tr_equal(BR, SCALAR(0)), tr_equal(BI, SCALAR(0)));
	P limit = BOTH(tr_where(none, SCALAR(1), SCALAR(0)), SCALAR(0));

	y = choose(zero, limit, y);
	return choose(none, BOTH(SCALAR(1), SCALAR(0)), y);
}

FN(equal)
{
	(void)c;
	return REAL(tr_logical_and(tr_equal(AR, BR), tr_equal(AI, BI)));
}

FN(not_equal)
{
	(void)c;
	return REAL(tr_logical_or(tr_not_equal(AR, BR), tr_not_equal(AI, BI)));
}

/* Real parts first, and imaginary ones where these are equal; false with a NaN in either. */
#define ORDER(name, strict) \
	FN(name) \
	{ \
		T number = tr_logical_and(tr_equal(AI, AI), tr_equal(BI, BI)); \
\
		(void)c; \
		return REAL(tr_logical_or(tr_logical_and(tr_##strict(AR, BR), number), \
					  tr_logical_and(tr_equal(AR, BR), tr_##name(AI, BI)))); \
	}
ORDER(less, less)
ORDER(less_equal, less)
ORDER(greater, greater)
ORDER(greater_equal, greater)

FN(isnan)
{
	(void)c;
	return REAL(tr_logical_or(tr_isnan(AR), tr_isnan(AI)));
}

FN(isinf)
{
	(void)c;
	return REAL(tr_logical_or(tr_isinf(AR), tr_isinf(AI)));
}

FN(isfinite)
{
	(void)c;
	return REAL(tr_logical_and(tr_isfinite(AR), tr_isfinite(AI)));
}

#define TRUE_OF(k) tr_logical_or(tr_not_equal(x[k].re, SCALAR(0)), tr_not_equal(x[k].im, SCALAR(0)))
#define LOGICAL(name) \
	FN(name) { return REAL(tr_##name(TRUE_OF(0), TRUE_OF(1))); }
LOGICAL(logical_and)
LOGICAL(logical_or)
LOGICAL(logical_xor)

FN(logical_not)
{
	return REAL(tr_logical_not(TRUE_OF(0)));
}

FN(where)
{
	T mask = c->src[0]->dtype == TR_BOOL ? c->src[0] : TRUE_OF(0);

	return BOTH(tr_where(mask, x[1].re, x[2].re), tr_where(mask, x[1].im, x[2].im));
}

/* Reductions keep their axes and flags, but for the type asked for: that of the parts follows from the operand's. */
#define AXES c->sqe->attr.u32[0]
#define FLAGS (c->sqe->attr.u32[1] & ~0xff00u)

#define REDUCE_EACH(name) \
	FN(name) { return BOTH(tr_##name(AR, AXES, FLAGS), tr_##name(AI, AXES, FLAGS)); }
REDUCE_EACH(sum)
REDUCE_EACH(mean)

FN(var)
{
	return REAL(tr_add(tr_var(AR, AXES, FLAGS), tr_var(AI, AXES, FLAGS)));
}

FN(std)
{
	return REAL(tr_sqrt(c_var(c, x).re));
}

#define REDUCE_TRUE(name) \
	FN(name) { return REAL(tr_##name(TRUE_OF(0), AXES, FLAGS)); }
REDUCE_TRUE(all)
REDUCE_TRUE(any)
REDUCE_TRUE(count_nonzero)

/* A real operand's weak 0 has no part in products of matrices. */
static bool is_real(const P *x)
{
	return x->im && x->im->flags & TR_TENSOR_WEAK;
}

FN(matmul)
{
	T re = tr_matmul(AR, BR);

	(void)c;
	if (is_real(&x[0]))
		return BOTH(re, tr_matmul(AR, BI));
	if (is_real(&x[1]))
		return BOTH(re, tr_matmul(AI, BR));
	return BOTH(tr_subtract(re, tr_matmul(AI, BI)), tr_add(tr_matmul(AR, BI), tr_matmul(AI, BR)));
}

/* Of conjugates of the first. */
FN(vecdot)
{
	T re = tr_vecdot(AR, BR);

	(void)c;
	if (is_real(&x[0]))
		return BOTH(re, tr_vecdot(AR, BI));
	if (is_real(&x[1]))
		return BOTH(re, tr_negative(tr_vecdot(AI, BR)));
	return BOTH(tr_add(re, tr_vecdot(AI, BI)), tr_subtract(tr_vecdot(AR, BI), tr_vecdot(AI, BR)));
}

/* a where it is first in order, or no number; f…: b where a is no number. */
#define EXTREME(name, first, skip) \
	FN(name) \
	{ \
		T a = c_isnan(c, &x[0]).re, b = c_isnan(c, &x[1]).re, better = c_##first(c, x).re; \
\
		return choose(tr_logical_or(skip ? b : a, tr_logical_and(tr_logical_not(skip ? a : b), better)), x[0], x[1]); \
	}
EXTREME(maximum, greater_equal, false)
EXTREME(minimum, less_equal, false)
EXTREME(fmax, greater_equal, true)
EXTREME(fmin, less_equal, true)

/*
 * Real parts first, then imaginary ones; in front of that what is NaN: neither part, the imaginary, the real, both. Sorts by
 * the last of these first.
 */
T tr__complex_order(struct tr_call *c, const P *x, int axis)
{
	T nans = tr_add(tr_multiply(tr_astype(tr_isnan(AR), TR_U8), tr_scalar_int(c->ctx, 2)), tr_isnan(AI));

	return tr_lexsort((T[]){AI, AR, nans}, 3, axis);
}

FN(argsort)
{
	return REAL(tr__complex_order(c, x, (int)c->sqe->attr.i64[0]));
}

FN(sort)
{
	int axis = (int)c->sqe->attr.i64[0];
	T places = tr__complex_order(c, x, axis);

	return BOTH(tr_take_along_axis(AR, places, axis), tr_take_along_axis(AI, places, axis));
}

/* Sorted together, the values behind equal elements or in front of them; how many elements are before each value then. */
FN(searchsorted)
{
	int behind = c->sqe->attr.u32[0] & TR_SEARCH_RIGHT ? 1 : 0;
	int64_t n = c->src[0]->numel, m = c->src[1]->numel, total = n + m;
	T parts[2], places, rank, counted;
	P both;

	parts[!behind] = AR;
	parts[behind] = tr_broadcast_to(tr_ravel(BR), 1, &m);
	both.re = parts[0] && parts[1] ? tr_concatenate(parts, 2, 0) : NULL;
	parts[!behind] = tr_broadcast_to(AI, 1, &n);
	parts[behind] = tr_broadcast_to(tr_ravel(BI), 1, &m);
	both.im = parts[0] && parts[1] ? tr_concatenate(parts, 2, 0) : NULL;
	places = both.re && both.im ? tr__complex_order(c, &both, 0) : NULL;
	counted = tr_cumsum(behind ? tr_less(places, tr_scalar_int(c->ctx, n)) : tr_greater_equal(places, tr_scalar_int(c->ctx, m)),
			    0, 0);
	rank = tr_empty(c->ctx, TR_I64, 1, &total);
	if (!counted || !rank || tr_index_copy_out(rank, counted, places, 0))
		return REAL(NULL);
	rank = behind ? tr_slice_axis(rank, 0, n, TR_NONE, 1) : tr_slice_axis(rank, 0, 0, m, 1);
	return REAL(tr_reshape(rank, c->src[1]->ndim, c->src[1]->shape));
}

#define ROW(name) [TR_OP_##name] = c_##name
#define REDUCTION(name) [TR_OP_##name] = tr__complex_##name,

const tr__complex_fn tr__complex_fns[TR_OP_COUNT] = {
	ROW(add), ROW(subtract), ROW(negative), ROW(rint), ROW(multiply), ROW(square), ROW(divide), ROW(reciprocal),
	ROW(absolute), ROW(sign), ROW(exp), ROW(exp2), ROW(expm1), ROW(log), ROW(log2), ROW(log10), ROW(log1p), ROW(sqrt),
	ROW(sin), ROW(cos), ROW(sinh), ROW(cosh), ROW(tanh), ROW(tan), ROW(pow), ROW(equal), ROW(not_equal), ROW(less),
	ROW(asin), ROW(acos), ROW(atan), ROW(asinh), ROW(acosh), ROW(atanh),
	ROW(less_equal), ROW(greater), ROW(greater_equal), ROW(isnan), ROW(isinf), ROW(isfinite), ROW(logical_and),
	ROW(logical_or), ROW(logical_xor), ROW(logical_not), ROW(where), ROW(sum), ROW(mean), ROW(var), ROW(std), ROW(all),
	ROW(any), ROW(count_nonzero), ROW(matmul), [TR_OP_matmul_as] = c_matmul, ROW(vecdot), ROW(maximum), ROW(minimum),
	ROW(fmax), ROW(fmin), ROW(sort), ROW(argsort), ROW(searchsorted), TR__COMPLEX_REDUCTIONS(REDUCTION)
};
