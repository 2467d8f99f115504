/* SPDX-License-Identifier: MIT */
/*
 * Linear algebra in C: results put together again, stacks, strides, matrices without elements or without a result, the library
 * that is missing, several threads, memory that runs out. Values are compared with NumPy in tests/python/test_linalg.py.
 */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include <trueno/complex.h>
#include <trueno/create.h>
#include <trueno/linalg.h>
#include <trueno/manip.h>
#include <trueno/product.h>

#include "tests/tensors.h"

static const enum tr_dtype types[] = {TR_F32, TR_F64, TR_C64, TR_C128};

static struct tr_tensor *normal(struct tr_context *ctx, int ndim, const int64_t *shape)
{
	struct tr_tensor *t = tr_empty(ctx, TR_F64, ndim, shape);
	double *p = tr_data(t);

	for (int64_t i = 0; p && i < tr_numel(t); i++)
		p[i] = test_rand_normal();
	return t;
}

static struct tr_tensor *matrix(struct tr_context *ctx, enum tr_dtype dtype, int ndim, const int64_t *shape)
{
	struct tr_tensor *re = normal(ctx, ndim, shape);

	if (dtype == TR_C64 || dtype == TR_C128)
		return tr_astype(tr_complex(re, normal(ctx, ndim, shape)), dtype);
	return tr_astype(re, dtype);
}

static struct tr_tensor *adjoint(struct tr_tensor *a)
{
	return tr_conjugate(tr_transpose(a));
}

/* Hermitian, positive definite. */
static struct tr_tensor *positive(struct tr_tensor *a)
{
	int64_t n = tr_shape(a)[tr_ndim(a) - 1];

	return tr_add(tr_matmul(a, adjoint(a)), tr_eye(tr_context_of(a), tr_dtype_of(a), n, n, 0));
}

static struct tr_tensor *wide(struct tr_tensor *a)
{
	return tr_astype(a, TR_C128);
}

/* Asserts that a and b, evaluated in complex128, are the same but for rounding in that type. */
static void assert_near(enum tr_dtype dtype, struct tr_tensor *a, struct tr_tensor *b)
{
	struct tr_tensor *d = tr_absolute(tr_subtract(wide(a), wide(b)));
	bool narrow = dtype == TR_F32 || dtype == TR_C64;
	double most = d ? value_at(tr_max(d, TR_ALL_AXES, 0), 0) : INFINITY;

	if (!(most <= (narrow ? 2e-4 : 1e-11)))
		test_note("%s: off by %g", tr_dtype_name(dtype), most);
	CU_ASSERT_TRUE(most <= (narrow ? 2e-4 : 1e-11));
}

#define PRODUCT(a, b) tr_matmul(wide(a), wide(b))

/* First, since the library stays open once it is. */
static void a_missing_library_is_named(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *a = tr_eye(ctx, TR_F32, 2, 2, 0);

	setenv("TRUENO_LAPACKE", "/nowhere/liblapacke.so", 1);
	CU_ASSERT_PTR_NULL(tr_inv(a));
	assert_error(ctx, TR_EDEVICE, "inv: /nowhere/liblapacke.so cannot be opened; Debian's package liblapacke has it");
	setenv("TRUENO_LAPACKE", "libm.so.6", 1);
	CU_ASSERT_PTR_NULL(tr_inv(a));
	assert_error(ctx, TR_EDEVICE, "inv: libm.so.6 has no LAPACKE_sgesv_work; Debian's package liblapacke does");
	unsetenv("TRUENO_LAPACKE");
	assert_same(tr_inv(a), a);
	setenv("TRUENO_LAPACKE", "/nowhere/liblapacke.so", 1);
	assert_same(tr_inv(a), a);
	unsetenv("TRUENO_LAPACKE");
	tr_context_destroy(ctx);
}

static void systems_are_solved(void)
{
	struct tr_context *ctx = open_context();

	for (size_t i = 0; i < 4; i++) {
		struct tr_tensor *a = positive(matrix(ctx, types[i], SHAPE(2, 5, 5))), *b = matrix(ctx, types[i], SHAPE(3, 1, 5, 2));
		struct tr_tensor *v = matrix(ctx, types[i], SHAPE(5)), *sign, *size;

		CU_ASSERT_EQUAL(tr_dtype_of(tr_solve(a, b)), types[i]);
		assert_near(types[i], PRODUCT(a, tr_solve(a, b)), tr_broadcast_to(b, SHAPE(3, 2, 5, 2)));
		assert_near(types[i], tr_matvec(wide(a), wide(tr_solve(a, v))), tr_broadcast_to(v, SHAPE(2, 5)));
		assert_near(types[i], PRODUCT(a, tr_inv(a)), tr_broadcast_to(tr_eye(ctx, types[i], 5, 5, 0), SHAPE(2, 5, 5)));
		CU_ASSERT_EQUAL(tr_slogdet(a, &sign, &size), 0);
		assert_near(types[i], sign, tr_ones(ctx, types[i], SHAPE(2)));
		assert_near(types[i], tr_log(tr_absolute(wide(tr_det(a)))), size);
		assert_near(types[i], PRODUCT(tr_cholesky(a, false), adjoint(tr_cholesky(a, false))), a);
		assert_same(tr_cholesky(a, false), tr_tril(tr_cholesky(a, false), 0));
		assert_near(types[i], PRODUCT(adjoint(tr_cholesky(a, true)), tr_cholesky(a, true)), a);
	}
	tr_context_destroy(ctx);
}

static void factors_make_the_matrix(void)
{
	static const int64_t shapes[][3] = {{2, 5, 3}, {2, 3, 5}, {1, 4, 4}};
	struct tr_context *ctx = open_context();

	for (size_t i = 0; i < 12; i++) {
		struct tr_tensor *a = matrix(ctx, types[i / 3], 3, shapes[i % 3]), *q, *r, *u, *s, *v;

		for (int full = 0; full < 2; full++) {
			CU_ASSERT_EQUAL(tr_qr(a, full ? TR_QR_COMPLETE : TR_QR_REDUCED, &q, &r), 0);
			assert_near(types[i / 3], PRODUCT(q, r), a);
			assert_same(r, tr_triu(r, 0));
			assert_near(types[i / 3], PRODUCT(adjoint(q), q), tr_broadcast_to(tr_eye(ctx, TR_F64, tr_shape(q)[2], tr_shape(q)[2], 0), 3,
									    (int64_t[]){shapes[i % 3][0], tr_shape(q)[2], tr_shape(q)[2]}));
			CU_ASSERT_EQUAL(tr_svd(a, full, &u, &s, &v), 0);
			CU_ASSERT_EQUAL(tr_shape(u)[2], full ? tr_shape(a)[1] : tr_shape(s)[1]);
			CU_ASSERT_EQUAL(tr_shape(v)[1], full ? tr_shape(a)[2] : tr_shape(s)[1]);
			u = tr_slice_axis(u, 2, 0, tr_shape(s)[1], 1);
			v = tr_slice_axis(v, 1, 0, tr_shape(s)[1], 1);
			assert_near(types[i / 3], PRODUCT(tr_multiply(wide(u), tr_unsqueeze(wide(s), 1)), v), a);
			assert_near(types[i / 3], tr_svdvals(a), s);
		}
		CU_ASSERT_EQUAL(tr_qr(a, TR_QR_R, &q, &u), 0);
		CU_ASSERT_PTR_NULL(q);
		assert_near(types[i / 3], u, tr_slice_axis(r, 1, 0, tr_shape(s)[1], 1));
		u = tr_pinv(a, NULL, false);
		assert_near(types[i / 3], PRODUCT(PRODUCT(a, u), a), a);
	}
	tr_context_destroy(ctx);
}

static void eigenvectors_are_scaled_by_eigenvalues(void)
{
	struct tr_context *ctx = open_context();

	for (size_t i = 0; i < 4; i++) {
		struct tr_tensor *a = matrix(ctx, types[i], SHAPE(3, 5, 5)), *h = tr_add(a, adjoint(a)), *w, *v;

		CU_ASSERT_EQUAL(tr_eig(a, &w, &v), 0);
		CU_ASSERT_EQUAL(tr_dtype_of(w), i % 2 ? TR_C128 : TR_C64);
		assert_near(types[i], PRODUCT(a, v), tr_multiply(wide(v), tr_unsqueeze(wide(w), 1)));
		assert_near(types[i], tr_sum(wide(tr_eigvals(a)), TR_AXIS(-1), 0), tr_trace(wide(a), 0, 1, 2));
		for (int upper = 0; upper < 2; upper++) {
			/* the other triangle is not read */
			struct tr_tensor *half = upper ? tr_triu(h, 0) : tr_tril(h, 0);

			CU_ASSERT_EQUAL(tr_eigh(half, upper, &w, &v), 0);
			CU_ASSERT_EQUAL(tr_dtype_of(w), i % 2 ? TR_F64 : TR_F32);
			assert_near(types[i], PRODUCT(h, v), tr_multiply(wide(v), tr_unsqueeze(wide(w), 1)));
			assert_near(types[i], tr_eigvalsh(half, upper), w);
		}
		assert_near(types[i], PRODUCT(PRODUCT(h, tr_pinv(h, NULL, true)), h), h);
	}
	tr_context_destroy(ctx);
}

/* The normal equations hold at the least squares. */
static void least_squares_are_least(void)
{
	struct tr_context *ctx = open_context();

	for (size_t i = 0; i < 4; i++) {
		struct tr_tensor *a = matrix(ctx, types[i], SHAPE(6, 3)), *b = matrix(ctx, types[i], SHAPE(6, 2)), *d;
		struct tr_lstsq y;

		CU_ASSERT_EQUAL(tr_lstsq(a, b, NAN, &y), 0);
		CU_ASSERT_EQUAL(y.rank, 3);
		d = tr_subtract(PRODUCT(a, y.x), wide(b));
		assert_near(types[i], tr_matmul(adjoint(wide(a)), d), tr_zeros(ctx, TR_F64, SHAPE(3, 2)));
		assert_near(types[i], y.residuals, tr_sum(tr_square(tr_absolute(d)), TR_AXIS(0), 0));
		assert_near(types[i], y.singular, tr_svdvals(a));
		CU_ASSERT_EQUAL(tr_lstsq(a, tr_select(b, 1, 0), 0.9999, &y), 0);
		CU_ASSERT_EQUAL(y.rank, 1);
		CU_ASSERT_EQUAL(tr_numel(y.residuals), 0);
		CU_ASSERT_EQUAL(tr_ndim(y.x), 1);
		CU_ASSERT_EQUAL(tr_lstsq(tr_transpose(a), matrix(ctx, types[i], SHAPE(3, 0)), -1, &y), 0);
		CU_ASSERT_EQUAL(y.rank, 3);
		CU_ASSERT_EQUAL(tr_shape(y.x)[0], 6);
		CU_ASSERT_EQUAL(tr_lstsq(tr_zeros(ctx, types[i], SHAPE(2, 0)), matrix(ctx, types[i], SHAPE(2)), NAN, &y), 0);
		CU_ASSERT_EQUAL(y.rank, 0);
		CU_ASSERT_EQUAL(tr_numel(y.residuals), 1);
	}
	tr_context_destroy(ctx);
}

/* Determinants whose partial products leave the range of the type. */
static void determinants_do_not_overflow_on_the_way(void)
{
	struct tr_context *ctx = open_context();

	for (size_t i = 0; i < 4; i++) {
		double big = i % 2 ? 0x1p1000 : 0x1p100;
		struct tr_tensor *d = tr_from_data(ctx, TR_F64, SHAPE(4), (double[]){big, big, 1 / big, 3 / big});
		struct tr_tensor *a = tr_astype(tr_multiply(tr_unsqueeze(d, 1), tr_eye(ctx, TR_F64, 4, 4, 0)), types[i]);
		struct tr_tensor *swapped = tr_flip(a, TR_AXIS(0)), *sign, *size;

		assert_near(types[i], tr_det(a), tr_full(ctx, types[i], SCALAR, 3));
		assert_near(types[i], tr_det(tr_roll(a, 1, 0)), tr_full(ctx, types[i], SCALAR, -3));
		CU_ASSERT_EQUAL(tr_slogdet(tr_negative(swapped), &sign, &size), 0);
		assert_near(types[i], sign, tr_ones(ctx, types[i], SCALAR));
		assert_near(types[i], size, tr_full(ctx, TR_F64, SCALAR, log(3)));
		a = tr_full(ctx, types[i], SHAPE(2, 2), 1);
		assert_near(types[i], tr_det(a), tr_zeros(ctx, types[i], SCALAR));
		CU_ASSERT_EQUAL(tr_slogdet(a, &sign, &size), 0);
		assert_near(types[i], sign, tr_zeros(ctx, types[i], SCALAR));
		CU_ASSERT_EQUAL(value_at(size, 0), -INFINITY);
	}
	tr_context_destroy(ctx);
}

/* Views give what dense copies give, and stacks what their matrices do. */
static void strides_and_stacks_change_nothing(void)
{
	struct tr_context *ctx = open_context();

	for (size_t i = 0; i < 4; i++) {
		struct tr_tensor *whole = matrix(ctx, types[i], SHAPE(4, 9, 8));
		struct tr_tensor *v = tr_slice_axis(tr_flip(tr_slice_axis(whole, 1, 0, TR_NONE, 2), TR_AXIS(1)), 2, 0, 5, 1);

		v = tr_permute(v, (int[]){1, 0, 2});
		v = tr_transpose(tr_slice_axis(v, 1, 0, TR_NONE, 1));
		v = tr_slice_axis(v, 1, 0, 4, 1); /* [5, 4, 4] */
		CU_ASSERT_FALSE(tr_is_contiguous(v));
		assert_same(tr_inv(v), tr_inv(tr_copy(v)));
		assert_same(tr_svdvals(v), tr_svdvals(tr_copy(v)));
		assert_same(tr_solve(v, tr_select(v, 0, 1)), tr_solve(tr_copy(v), tr_copy(tr_select(v, 0, 1))));
		assert_same(tr_select(tr_inv(v), 0, 3), tr_inv(tr_select(v, 0, 3)));
		assert_same(tr_select(tr_eigvals(v), 0, 3), tr_eigvals(tr_select(v, 0, 3)));
	}
	tr_context_destroy(ctx);
}

static void norms_and_conditions(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *a = tr_from_data(ctx, TR_F32, SHAPE(2, 2), (float[]){3, 0, -4, 5}), *one = tr_ones(ctx, TR_I32, SHAPE(2, 2));
	static const double want[] = {7.0710678, 8.9442719, 7, 5, 6.7082039, 2.2360680, 9, 3};

	for (int i = TR_NORM_FRO; i <= TR_NORM_MINUS_INF; i++)
		CU_ASSERT_DOUBLE_EQUAL(value_at(tr_matrix_norm(a, (enum tr_matrix_norm)i, 0), 0), want[i], 1e-6);
	CU_ASSERT_EQUAL(tr_ndim(tr_matrix_norm(a, TR_NORM_NUC, TR_KEEPDIMS)), 2);
	CU_ASSERT_DOUBLE_EQUAL(value_at(tr_cond(a, TR_NORM_2), 0), 3, 1e-5);
	CU_ASSERT_DOUBLE_EQUAL(value_at(tr_cond(a, TR_NORM_1), 0), 7 * 9 / 15.0, 1e-5);
	CU_ASSERT_EQUAL(value_at(tr_cond(one, TR_NORM_INF), 0), INFINITY);
	CU_ASSERT_EQUAL(value_at(tr_cond(tr_zeros(ctx, TR_F64, SHAPE(2, 2)), TR_NORM_2), 0), INFINITY);
	CU_ASSERT_TRUE(isnan(value_at(tr_cond(tr_full(ctx, TR_F64, SHAPE(2, 2), (double)NAN), TR_NORM_1), 0)));
	CU_ASSERT_EQUAL(value_at(tr_matrix_rank(one, NULL, NULL, false), 0), 1);
	CU_ASSERT_EQUAL(value_at(tr_matrix_rank(a, tr_scalar(ctx, 3), NULL, false), 0), 1);
	CU_ASSERT_EQUAL(value_at(tr_matrix_rank(a, NULL, tr_scalar(ctx, 0.3), false), 0), 2);
	CU_ASSERT_EQUAL(value_at(tr_matrix_rank(tr_ravel(a), NULL, NULL, false), 0), 1);
	tr_context_destroy(ctx);
}

static void products_in_the_cheapest_order(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = normal(ctx, SHAPE(40)), *a = normal(ctx, SHAPE(40, 30)), *b = normal(ctx, SHAPE(30, 50)), *y;
	struct tr_tensor *i = tr_from_data(ctx, TR_I8, SHAPE(2, 2), (int8_t[]){1, 1, 1, 0}), *t, *d;

	y = tr_multi_dot((struct tr_tensor *[]){x, a, b, tr_transpose(b), tr_transpose(a), x}, 6);
	CU_ASSERT_EQUAL(tr_ndim(y), 0);
	d = tr_sum(tr_square(tr_vecmat(tr_vecmat(x, a), b)), TR_ALL_AXES, 0);
	assert_near(TR_F64, tr_divide(y, d), tr_ones(ctx, TR_F64, SCALAR));
	CU_ASSERT_EQUAL(tr_dtype_of(tr_matrix_power(i, 13)), TR_I8);
	CU_ASSERT_EQUAL(value_at(tr_matrix_power(i, 13), 0), (int8_t)377);
	CU_ASSERT_EQUAL(value_at(tr_matrix_power(i, -2), 3), 2);
	CU_ASSERT_EQUAL(value_at(tr_matrix_power(i, 0), 1), 0);
	t = normal(ctx, SHAPE(2, 3, 6));
	d = normal(ctx, SHAPE(2, 3));
	assert_near(TR_F64, tr_tensordot(t, tr_tensorsolve(t, d, 0, NULL), 1, (int[]){2}, (int[]){0}), d);
	y = tr_tensorsolve(tr_permute(t, (int[]){2, 0, 1}), d, 1, (int[]){0});
	assert_near(TR_F64, y, tr_tensorsolve(t, d, 0, NULL));
	assert_near(TR_F64, tr_tensordot(tr_tensorinv(t, 2), d, 2, (int[]){1, 2}, (int[]){0, 1}), y);
	y = tr_eye(ctx, TR_F32, 3, 3, 0);
	assert_same(tr_cross(y, tr_roll(y, 2, 1), 0), tr_roll(y, 1, 1));
	assert_same(tr_cross(d, d, 1), tr_zeros(ctx, TR_F64, SHAPE(2, 3)));
	tr_context_destroy(ctx);
}

/* Shapes of what definitions say of nothing. */
static void empty_matrices(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *none = tr_zeros(ctx, TR_F32, SHAPE(2, 0, 0)), *thin = tr_zeros(ctx, TR_C64, SHAPE(2, 3, 0)), *q, *r, *s;

	CU_ASSERT_EQUAL(tr_numel(tr_inv(none)), 0);
	ASSERT_F32(tr_det(none), 1, 1);
	CU_ASSERT_EQUAL(tr_slogdet(none, &q, &r), 0);
	ASSERT_F32(r, 0, 0);
	CU_ASSERT_EQUAL(tr_numel(tr_solve(none, tr_zeros(ctx, TR_F32, SHAPE(0, 4)))), 0);
	CU_ASSERT_EQUAL(tr_qr(thin, TR_QR_COMPLETE, &q, &r), 0);
	assert_same(q, tr_copy(tr_broadcast_to(tr_eye(ctx, TR_C64, 3, 3, 0), SHAPE(2, 3, 3))));
	CU_ASSERT_EQUAL(tr_svd(thin, true, &q, &s, &r), 0);
	assert_same(q, tr_copy(tr_broadcast_to(tr_eye(ctx, TR_C64, 3, 3, 0), SHAPE(2, 3, 3))));
	CU_ASSERT_EQUAL(tr_dtype_of(s), TR_F32);
	CU_ASSERT_EQUAL(tr_eigh(none, false, &q, &r), 0);
	CU_ASSERT_EQUAL(tr_eig(none, &q, &r), 0);
	CU_ASSERT_EQUAL(tr_dtype_of(q), TR_C64);
	CU_ASSERT_EQUAL(tr_shape(tr_pinv(thin, NULL, false))[1], 0);
	CU_ASSERT_EQUAL(value_at(tr_matrix_rank(thin, NULL, NULL, false), 1), 0);
	CU_ASSERT_EQUAL(value_at(tr_matrix_norm(thin, TR_NORM_INF, 0), 1), 0);
	CU_ASSERT_EQUAL(tr_numel(tr_cholesky(tr_zeros(ctx, TR_I32, SHAPE(0, 3, 3)), true)), 0);
	CU_ASSERT_EQUAL(tr_error(ctx), 0);
	tr_context_destroy(ctx);
}

#define REFUSED(call, status, words) \
	do { \
		CU_ASSERT_PTR_NULL(call); \
		assert_error(ctx, status, words); \
	} while (0)

static void errors_say_what_is_wrong(void)
{
	struct tr_context *ctx = open_context(), *other = open_context();
	struct tr_tensor *a = tr_astype(tr_eye(ctx, TR_F64, 2, 2, 0), TR_I64), *stack = tr_copy(tr_broadcast_to(a, SHAPE(2, 3, 2, 2)));
	struct tr_tensor *x = NULL, *y = NULL, *long_one = tr_ones(ctx, TR_F64, SHAPE(2, 3));
	struct tr_lstsq l;

	CU_ASSERT_EQUAL(tr_fill_out(tr_select(tr_select(stack, 0, 1), 0, 2), -1), 0);
	REFUSED(tr_inv(stack), TR_ENUMERIC, "inv: matrix [1,2] of the stack is singular");
	REFUSED(tr_solve(stack, a), TR_ENUMERIC, "solve: matrix [1,2] of the stack is singular");
	REFUSED(tr_cholesky(stack, false), TR_ENUMERIC, "cholesky: matrix [1,2] of the stack is not positive definite");
	REFUSED(tr_inv(tr_zeros(ctx, TR_C64, SHAPE(2, 2))), TR_ENUMERIC, "inv: the matrix is singular");
	REFUSED(tr_inv(long_one), TR_ESHAPE, "inv: [2,3]: the array must have at least two axes, the last two of one size");
	REFUSED(tr_det(tr_ravel(a)), TR_ESHAPE, "det: [4]: the array must have at least two axes");
	REFUSED(tr_svdvals(tr_ravel(a)), TR_ESHAPE, "svdvals: [4]: the array must have at least two axes");
	REFUSED(tr_solve(a, tr_ones(ctx, TR_F64, SHAPE(3))), TR_ESHAPE, "solve: matrices [2,2] and right-hand sides [3]");
	REFUSED(tr_solve(stack, tr_ones(ctx, TR_F64, SHAPE(4, 2, 1))), TR_ESHAPE, "solve: stacks of [2,3,2,2] and [4,2,1]");
	REFUSED(tr_inv(tr_astype(a, TR_F16)), TR_EDTYPE, "inv: float16 is unsupported in linalg");
	REFUSED(tr_solve(a, tr_eye(other, TR_F64, 2, 2, 0)), TR_EINVAL, "solve: the operands are of two contexts");
	REFUSED(tr_eigvals(tr_full(ctx, TR_F32, SHAPE(2, 2), INFINITY)), TR_ENUMERIC, "must not contain infinities or NaNs");
	CU_ASSERT_EQUAL(tr_svd(tr_full(ctx, TR_F32, SHAPE(2, 2), (double)NAN), false, &x, &y, &x), -TR_ENUMERIC);
	assert_error(ctx, TR_ENUMERIC, "svd: the matrix has singular values that did not converge");
	CU_ASSERT_EQUAL(tr_qr(a, (enum tr_qr_mode)9, &x, &y), -TR_EINVAL);
	assert_error(ctx, TR_EINVAL, "qr: mode 9");
	CU_ASSERT_EQUAL(tr_lstsq(a, tr_ones(ctx, TR_F64, SHAPE(3)), 0, &l), -TR_ESHAPE);
	assert_error(ctx, TR_ESHAPE, "lstsq: a matrix [2,2] and right-hand sides [3]");
	REFUSED(tr_cond(tr_zeros(ctx, TR_F32, SHAPE(0, 0)), TR_NORM_2), TR_ESHAPE, "cond: it is not defined on empty arrays");
	REFUSED(tr_cond(long_one, TR_NORM_1), TR_ESHAPE, "cond: [2,3]");
	REFUSED(tr_matrix_norm(a, TR_NORM_1, 9), TR_EINVAL, "matrix_norm: order 2, flags 0x9");
	REFUSED(tr_matrix_norm(tr_zeros(ctx, TR_F32, SHAPE(3, 0)), TR_NORM_MINUS_1, 0), TR_ESHAPE, "min");
	REFUSED(tr_multi_dot(&a, 1), TR_EINVAL, "multi_dot: 1 arrays");
	REFUSED(tr_multi_dot((struct tr_tensor *[]){long_one, a}, 2), TR_ESHAPE, "multi_dot: part 1 is [2,2], the one before it has 3");
	REFUSED(tr_multi_dot((struct tr_tensor *[]){a, stack}, 2), TR_ESHAPE, "multi_dot: part 1 is [2,3,2,2]");
	REFUSED(tr_tensorsolve(a, a, 1, (int[]){2}), TR_EINVAL, "tensorsolve: axis 2");
	REFUSED(tr_tensorsolve(stack, a, 0, NULL), TR_ESHAPE, "tensorsolve: [2,3,2,2] is no square matrix for [2,2]");
	REFUSED(tr_tensorinv(a, 0), TR_EINVAL, "tensorinv: ind is 0");
	REFUSED(tr_tensorinv(long_one, 1), TR_ESHAPE, "tensorinv: [2,3] is no square matrix");
	REFUSED(tr_cross(a, a, 0), TR_ESHAPE, "cross: axis 0 of [2,2] and [2,2]");
	CU_ASSERT_PTR_NULL(x);
	CU_ASSERT_PTR_NULL(tr_inv(NULL));
	CU_ASSERT_PTR_NULL(tr_solve(a, NULL));
	CU_ASSERT_EQUAL(tr_error(ctx), 0);
	tr_context_destroy(other);
	tr_context_destroy(ctx);
}

static void batches_and_plans(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *a = tr_full(ctx, TR_F32, SHAPE(1, 1), 2), *y;
	struct tr_plan *plan;

	tr_batch_begin(ctx);
	tr_scope_begin(ctx);
	y = tr_keep(tr_add(tr_inv(tr_add(a, a)), a));
	tr_scope_end(ctx);
	CU_ASSERT_EQUAL(tr_batch_end(ctx), 0);
	ASSERT_F32(y, 2.25f);
	CU_ASSERT_EQUAL(tr_plan_begin(ctx), 0);
	CU_ASSERT_PTR_NULL(tr_inv(a));
	plan = tr_plan_end(ctx);
	assert_error(ctx, TR_ESTATE, "a plan is being recorded");
	tr_plan_destroy(plan);
	tr_context_destroy(ctx);
}

static void *solve_often(void *failures)
{
	struct tr_context *ctx = open_context_with(2, NULL);
	struct tr_tensor *a = tr_add(tr_eye(ctx, TR_F64, 150, 150, 0), tr_tri(ctx, TR_F64, 150, 150, -1)), *y;

	for (int i = 0; i < 20; i++) {
		tr_scope_begin(ctx);
		y = tr_subtract(tr_matmul(a, tr_inv(a)), tr_eye(ctx, TR_F64, 150, 150, 0));
		y = tr_max(tr_absolute(y), TR_ALL_AXES, 0);
		*(int *)failures += !y || *(const double *)tr_data_const(y) > 1e-9;
		y = tr_det(tr_slice_axis(tr_slice_axis(a, 0, 0, 3, 1), 1, 0, 3, 1));
		*(int *)failures += !y || *(const double *)tr_data_const(y) != 1;
		tr_scope_end(ctx);
	}
	tr_context_destroy(ctx);
	return NULL;
}

static void contexts_work_at_the_same_time(void)
{
	pthread_t thread[3];
	int failures[3] = {0};

	for (int i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(pthread_create(&thread[i], NULL, solve_often, &failures[i]), 0);
	for (int i = 0; i < 3; i++) {
		pthread_join(thread[i], NULL);
		CU_ASSERT_EQUAL(failures[i], 0);
	}
}

static struct tr_tensor *everything(struct tr_context *ctx, struct tr_tensor *a)
{
	struct tr_tensor *u, *s, *v, *w, *q, *r;
	struct tr_lstsq l;

	if (tr_svd(a, true, &u, &s, &v) || tr_qr(a, TR_QR_REDUCED, &q, &r) || tr_lstsq(a, q, NAN, &l))
		return NULL;
	u = tr_add(tr_solve(u, q), tr_cholesky(positive(u), true));
	if (!u || tr_eigh(u, false, &w, &v) || tr_eig(v, &w, &q) || tr_slogdet(q, &w, &s))
		return NULL;
	u = tr_add(tr_pinv(u, NULL, false), tr_add(tr_matrix_power(u, -3), l.x));
	u = tr_add(u, tr_add(tr_cond(u, TR_NORM_1), tr_add(tr_matrix_norm(u, TR_NORM_NUC, 0), tr_det(u))));
	u = tr_multi_dot((struct tr_tensor *[]){u, u, tr_select(u, 0, 0)}, 3);
	u = tr_cross(tr_tensorsolve(a, u, 0, NULL), u, 0);
	return u ? tr_add(tr_matrix_rank(a, tr_scalar(ctx, 1e-6), NULL, false), u) : NULL;
}

static struct tr_tensor *operand(struct tr_context *ctx)
{
	return tr_add(ramp(ctx, 0, 1, SHAPE(3, 3)), tr_eye(ctx, TR_F32, 3, 3, 0));
}

static bool all_of_it(struct tr_tensor *x)
{
	return everything(tr_context_of(x), x) != NULL;
}

static void survives_every_failing_allocation(void)
{
	survive_failing_allocations(operand, all_of_it, 20);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(a_missing_library_is_named),
		TEST(systems_are_solved),
		TEST(factors_make_the_matrix),
		TEST(eigenvectors_are_scaled_by_eigenvalues),
		TEST(least_squares_are_least),
		TEST(determinants_do_not_overflow_on_the_way),
		TEST(strides_and_stacks_change_nothing),
		TEST(norms_and_conditions),
		TEST(products_in_the_cheapest_order),
		TEST(empty_matrices),
		TEST(errors_say_what_is_wrong),
		TEST(batches_and_plans),
		TEST(contexts_work_at_the_same_time),
		TEST(survives_every_failing_allocation),
	};

	return TEST_RUN("linalg", cases);
}
