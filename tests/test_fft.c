/* SPDX-License-Identifier: MIT */
/*
 * Fourier transforms in C: sums as they are defined, there and back, strides, more transforms than plans are kept, libraries that
 * are missing, several threads, memory that runs out. Values are compared with NumPy in tests/python/test_fft.py.
 */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include <trueno/complex.h>
#include <trueno/create.h>
#include <trueno/fft.h>
#include <trueno/manip.h>

#include "tests/tensors.h"

static const enum tr_dtype types[] = {TR_F32, TR_F64, TR_C64, TR_C128};

static struct tr_tensor *numbers(struct tr_context *ctx, enum tr_dtype dtype, int ndim, const int64_t *shape)
{
	struct tr_tensor *part[2];

	for (int i = 0; i < 2; i++) {
		double *p;

		part[i] = tr_empty(ctx, TR_F64, ndim, shape);
		p = tr_data(part[i]);
		for (int64_t j = 0; p && j < tr_numel(part[i]); j++)
			p[j] = test_rand_normal();
	}
	return tr_astype(dtype == TR_C64 || dtype == TR_C128 ? tr_complex(part[0], part[1]) : part[0], dtype);
}

/* Asserts that a and b are the same but for rounding in the type given, of the greatest element. */
static void assert_near(enum tr_dtype dtype, struct tr_tensor *a, struct tr_tensor *b)
{
	struct tr_tensor *d = tr_absolute(tr_subtract(tr_astype(a, TR_C128), tr_astype(b, TR_C128)));
	double bound = dtype == TR_F32 || dtype == TR_C64 ? 1e-5 : 1e-13;
	double most = d ? value_at(tr_max(d, TR_ALL_AXES, 0), 0) : INFINITY;
	double size = d ? value_at(tr_max(tr_absolute(b), TR_ALL_AXES, 0), 0) : 0;

	most /= size > 1 ? size : 1;
	if (!(most <= bound))
		test_note("%s: off by %g", tr_dtype_name(dtype), most);
	CU_ASSERT_TRUE(most <= bound);
}

/* First, since libraries stay open once they are. Each precision has its own. */
static void missing_libraries_are_named(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = tr_ones(ctx, TR_F32, SHAPE(4)), *wide = tr_ones(ctx, TR_F64, SHAPE(4));

	setenv("TRUENO_FFTWF", "/nowhere/libfftw3f.so", 1);
	CU_ASSERT_PTR_NULL(tr_fft(x, TR_NONE, 0, TR_FFT_BACKWARD));
	assert_error(ctx, TR_EDEVICE, "fft: /nowhere/libfftw3f.so cannot be opened; Debian's package libfftw3-single3 has it");
	CU_ASSERT_PTR_NOT_NULL(tr_rfft(wide, TR_NONE, 0, TR_FFT_BACKWARD));
	/* what needs no library, or can do without */
	CU_ASSERT_PTR_NOT_NULL(tr_fftshift(x, TR_ALL_AXES));
	CU_ASSERT_PTR_NOT_NULL(tr_fftfreq(ctx, 4, 1));
	ASSERT_F32(tr_slice_axis(tr_convolve(tr_ones(ctx, TR_F32, SHAPE(4000)), tr_ones(ctx, TR_F32, SHAPE(3000)), TR_CONVOLVE_VALID), 0,
				 0, 2, 1), 3000, 3000);
	unsetenv("TRUENO_FFTWF");
	setenv("TRUENO_FFTW", "/nowhere/libfftw3.so", 1);
	ASSERT_F32(tr_real(tr_fft(x, TR_NONE, 0, TR_FFT_BACKWARD)), 4, 0, 0, 0);
	CU_ASSERT_PTR_NOT_NULL(tr_rfft(wide, TR_NONE, 0, TR_FFT_BACKWARD));
	unsetenv("TRUENO_FFTW");
	CU_ASSERT_EQUAL(tr_error(ctx), 0);
	tr_context_destroy(ctx);
}

/* The matrix exp(∓2πi j k / n). */
static struct tr_tensor *turns(struct tr_context *ctx, int64_t n, double sign)
{
	struct tr_tensor *j = tr_arange(ctx, TR_F64, 0, (double)n, 1);
	struct tr_tensor *angle = tr_remainder(tr_multiply(tr_unsqueeze(j, 1), j), tr_scalar(ctx, (double)n));

	angle = tr_multiply(angle, tr_scalar(ctx, sign * 2 * 3.14159265358979323846 / (double)n));
	return tr_complex(tr_cos(angle), tr_sin(angle));
}

static void sums_are_as_defined(void)
{
	static const int64_t lengths[] = {1, 2, 3, 8, 11, 30};
	struct tr_context *ctx = open_context();

	for (size_t i = 0; i < 24; i++) {
		enum tr_dtype type = types[i / 6];
		int64_t n = lengths[i % 6];
		struct tr_tensor *x = numbers(ctx, type, SHAPE(3, n)), *wide = tr_astype(x, TR_C128), *y;
		struct tr_tensor *want = tr_matmul(wide, turns(ctx, n, -1)), *back = tr_matmul(wide, turns(ctx, n, 1));

		y = tr_fft(x, TR_NONE, -1, TR_FFT_BACKWARD);
		CU_ASSERT_EQUAL(tr_dtype_of(y), i / 6 % 2 ? TR_C128 : TR_C64);
		assert_near(type, y, want);
		assert_near(type, tr_multiply(tr_fft(x, TR_NONE, -1, TR_FFT_ORTHO), tr_scalar(ctx, sqrt((double)n))), want);
		assert_near(type, tr_ifft(x, TR_NONE, -1, TR_FFT_FORWARD), back);
		assert_near(type, tr_multiply(tr_ifft(x, TR_NONE, -1, TR_FFT_BACKWARD), tr_scalar(ctx, (double)n)), back);
		assert_near(type, tr_fft(tr_transpose(x), TR_NONE, 0, TR_FFT_BACKWARD), tr_transpose(want));
		if (i >= 12)
			continue;
		assert_near(type, tr_rfft(x, TR_NONE, 1, TR_FFT_BACKWARD), tr_slice_axis(want, 1, 0, n / 2 + 1, 1));
		assert_near(type, tr_irfft(tr_rfft(x, TR_NONE, 1, TR_FFT_ORTHO), n, 1, TR_FFT_ORTHO), x);
		assert_near(type, tr_hfft(tr_ihfft(x, TR_NONE, 1, TR_FFT_BACKWARD), n, 1, TR_FFT_BACKWARD), x);
	}
	tr_context_destroy(ctx);
}

/* Several axes are one after the other, and come back. */
static void several_axes(void)
{
	struct tr_context *ctx = open_context();
	const int64_t longer[] = {7, 4};

	for (size_t i = 0; i < 4; i++) {
		struct tr_tensor *whole = numbers(ctx, types[i], SHAPE(8, 5, 6)), *x = tr_slice_axis(whole, 0, TR_NONE, TR_NONE, -2), *y;
		const int axes[] = {2, 0};

		x = tr_permute(x, (int[]){2, 0, 1}); /* [6, 4, 5] */
		y = tr_fftn(x, 2, NULL, axes, TR_FFT_BACKWARD);
		assert_near(types[i], y, tr_fft(tr_fft(x, TR_NONE, 0, TR_FFT_BACKWARD), TR_NONE, 2, TR_FFT_BACKWARD));
		assert_near(types[i], tr_ifftn(y, 2, NULL, axes, TR_FFT_BACKWARD), x);
		assert_near(types[i], tr_ifft2(tr_fft2(x, NULL, NULL, TR_FFT_ORTHO), NULL, NULL, TR_FFT_ORTHO), x);
		y = tr_fftn(x, 2, longer, axes, TR_FFT_BACKWARD);
		CU_ASSERT_TRUE(tr_shape(y)[2] == 7 && tr_shape(y)[0] == 4);
		assert_near(types[i], y, tr_fft(tr_fft(x, 7, 2, TR_FFT_BACKWARD), 4, 0, TR_FFT_BACKWARD));
		assert_near(types[i], tr_fftn(x, 0, NULL, NULL, TR_FFT_ORTHO), x);
		if (i >= 2)
			continue;
		y = tr_rfftn(x, 3, NULL, NULL, TR_FFT_FORWARD);
		CU_ASSERT_EQUAL(tr_shape(y)[2], 3);
		assert_near(types[i], tr_irfftn(y, 3, (int64_t[]){TR_NONE, TR_NONE, 5}, NULL, TR_FFT_FORWARD), x);
		y = tr_rfft2(x, NULL, axes, TR_FFT_FORWARD);
		assert_near(types[i], tr_irfft2(y, NULL, axes, TR_FFT_FORWARD), x);
	}
	tr_context_destroy(ctx);
}

/* More shapes than the plans that are kept, twice: what is planned anew gives the same. Operands are not written. */
static void plans_come_and_go(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = numbers(ctx, TR_F64, SHAPE(200)), *kept = tr_copy(x);

	for (int round = 0; round < 2; round++)
		for (int64_t n = 1; n <= 200; n++) {
			struct tr_tensor *part = tr_slice_axis(x, 0, 0, n, 1);

			assert_near(TR_F64, tr_irfft(tr_rfft(part, TR_NONE, 0, TR_FFT_BACKWARD), n, 0, TR_FFT_BACKWARD), part);
		}
	assert_same(x, kept);
	tr_context_destroy(ctx);
}

static void shifts_and_frequencies(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = ramp(ctx, 0, 1, SHAPE(2, 5));

	ASSERT_F32(tr_astype(tr_fftfreq(ctx, 5, 0.5), TR_F32), 0, 0.4f, 0.8f, -0.8f, -0.4f);
	ASSERT_F32(tr_astype(tr_fftfreq(ctx, 4, 0.25), TR_F32), 0, 1, -2, -1);
	ASSERT_F32(tr_astype(tr_rfftfreq(ctx, 4, 0.25), TR_F32), 0, 1, 2);
	ASSERT_F32(tr_fftshift(x, TR_AXIS(1)), 3, 4, 0, 1, 2, 8, 9, 5, 6, 7);
	assert_same(tr_ifftshift(tr_fftshift(x, TR_ALL_AXES), TR_ALL_AXES), x);
	tr_context_destroy(ctx);
}

static void convolutions(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *a = ramp(ctx, 1, 1, SHAPE(4)), *v = ramp(ctx, 1, 1, SHAPE(2)), *x, *w;

	ASSERT_F32(tr_convolve(a, v, TR_CONVOLVE_FULL), 1, 4, 7, 10, 8);
	ASSERT_F32(tr_convolve(v, a, TR_CONVOLVE_SAME), 1, 4, 7, 10);
	ASSERT_F32(tr_convolve(a, v, TR_CONVOLVE_VALID), 4, 7, 10);
	ASSERT_F32(tr_correlate(a, v, TR_CONVOLVE_FULL), 2, 5, 8, 11, 4);
	ASSERT_F32(tr_correlate(v, a, TR_CONVOLVE_FULL), 4, 11, 8, 5, 2);
	x = tr_astype(a, TR_U8);
	CU_ASSERT_EQUAL(value_at(tr_convolve(x, tr_full(ctx, TR_U8, SHAPE(1), 200), TR_CONVOLVE_FULL), 1), 400 - 256);
	/* the long way and the short one */
	for (size_t i = 0; i < 4; i++) {
		x = numbers(ctx, types[i], SHAPE(4000));
		w = numbers(ctx, types[i], SHAPE(2000));
		assert_near(types[i], tr_slice_axis(tr_correlate(x, w, TR_CONVOLVE_VALID), 0, 7, 20, 1),
			    tr_correlate(tr_slice_axis(x, 0, 7, 2019, 1), w, TR_CONVOLVE_VALID));
		assert_near(types[i], tr_convolve(x, w, TR_CONVOLVE_SAME), tr_convolve(w, x, TR_CONVOLVE_SAME));
	}
	tr_context_destroy(ctx);
}

#define REFUSED(call, status, words) \
	do { \
		CU_ASSERT_PTR_NULL(call); \
		assert_error(ctx, status, words); \
	} while (0)

static void errors_say_what_is_wrong(void)
{
	struct tr_context *ctx = open_context();
	struct tr_tensor *x = tr_ones(ctx, TR_F32, SHAPE(2, 3)), *none = tr_zeros(ctx, TR_F32, SHAPE(0, 3)), *v = tr_ravel(x);
	struct tr_plan *plan;

	REFUSED(tr_fft(x, TR_NONE, 2, TR_FFT_BACKWARD), TR_EINVAL, "fft: axis 2 of [2,3] is not there");
	REFUSED(tr_fft(x, 0, 1, TR_FFT_BACKWARD), TR_EINVAL, "fft: Invalid number of FFT data points (0) along axis 1 of [2,3]");
	REFUSED(tr_fft(none, TR_NONE, 0, TR_FFT_BACKWARD), TR_EINVAL, "fft: Invalid number of FFT data points (0)");
	CU_ASSERT_EQUAL(tr_numel(tr_fft(none, TR_NONE, 1, TR_FFT_BACKWARD)), 0);
	REFUSED(tr_irfft(tr_ones(ctx, TR_F32, SHAPE(1)), TR_NONE, 0, TR_FFT_BACKWARD), TR_EINVAL, "irfft: Invalid number");
	REFUSED(tr_fftn(x, 2, NULL, (int[]){0, -2}, TR_FFT_BACKWARD), TR_EINVAL, "fftn: axis -2 of [2,3] is not there, or named twice");
	REFUSED(tr_ifftn(x, 3, NULL, NULL, TR_FFT_BACKWARD), TR_EINVAL, "ifftn: 3 axes of [2,3]");
	REFUSED(tr_rfftn(x, 0, NULL, NULL, TR_FFT_BACKWARD), TR_EINVAL, "rfftn: 0 axes of [2,3]");
	REFUSED(tr_fft(x, TR_NONE, 1, (enum tr_fft_norm)3), TR_EINVAL, "fft: an unknown norm");
	REFUSED(tr_rfft(tr_complex(x, x), TR_NONE, 1, TR_FFT_BACKWARD), TR_EDTYPE, "rfft: the operand must be real");
	REFUSED(tr_ihfft(tr_complex(x, x), TR_NONE, 1, TR_FFT_BACKWARD), TR_EDTYPE, "ihfft: the operand must be real");
	REFUSED(tr_fftfreq(ctx, 0, 1), TR_EINVAL, "fftfreq: 0 elements");
	REFUSED(tr_ifftshift(x, TR_AXIS(3)), TR_EINVAL, "ifftshift: axes do not exist in shape [2,3]");
	REFUSED(tr_convolve(x, v, TR_CONVOLVE_FULL), TR_ESHAPE, "convolve: shapes [2,3] and [6]");
	REFUSED(tr_correlate(v, tr_ravel(none), TR_CONVOLVE_FULL), TR_ESHAPE, "correlate: shapes [6] and [0]");
	REFUSED(tr_correlate(v, v, (enum tr_convolve_mode)7), TR_EINVAL, "correlate: an unknown mode");
	CU_ASSERT_PTR_NULL(tr_fft(NULL, 1, 0, TR_FFT_BACKWARD));
	CU_ASSERT_PTR_NULL(tr_hfft(NULL, 1, 0, TR_FFT_BACKWARD));
	CU_ASSERT_PTR_NULL(tr_ihfft(NULL, 1, 0, TR_FFT_BACKWARD));
	CU_ASSERT_PTR_NULL(tr_convolve(NULL, x, TR_CONVOLVE_FULL));
	CU_ASSERT_EQUAL(tr_plan_begin(ctx), 0);
	CU_ASSERT_PTR_NULL(tr_fft(x, TR_NONE, 1, TR_FFT_BACKWARD));
	plan = tr_plan_end(ctx);
	assert_error(ctx, TR_ESTATE, "a plan is being recorded");
	tr_plan_destroy(plan);
	tr_context_destroy(ctx);
}

static void *transform_often(void *failures)
{
	struct tr_context *ctx = open_context_with(1, NULL);
	struct tr_tensor *x = tr_arange(ctx, TR_F32, 0, 300, 1), *part, *y;

	for (int64_t n = 1; n <= 300; n++) {
		tr_scope_begin(ctx);
		part = tr_slice_axis(x, 0, 0, n, 1);
		y = tr_real(tr_ifft(tr_fft(part, TR_NONE, 0, TR_FFT_BACKWARD), TR_NONE, 0, TR_FFT_BACKWARD));
		y = tr_max(tr_absolute(tr_subtract(y, part)), TR_ALL_AXES, 0);
		*(int *)failures += !y || !(*(const float *)tr_data_const(y) < 1e-2f);
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
		CU_ASSERT_EQUAL(pthread_create(&thread[i], NULL, transform_often, &failures[i]), 0);
	for (int i = 0; i < 3; i++) {
		pthread_join(thread[i], NULL);
		CU_ASSERT_EQUAL(failures[i], 0);
	}
}

static struct tr_tensor *everything(struct tr_context *ctx, struct tr_tensor *x)
{
	struct tr_tensor *y, *z, *inf = tr_full(ctx, TR_F32, SHAPE(2), INFINITY);

	y = tr_irfftn(tr_rfftn(x, 2, NULL, NULL, TR_FFT_ORTHO), 2, NULL, NULL, TR_FFT_ORTHO);
	y = tr_real(tr_ifft(tr_fftn(y, 2, (int64_t[]){4, 5}, NULL, TR_FFT_ORTHO), 6, 1, TR_FFT_BACKWARD));
	y = tr_hfft(tr_ihfft(tr_ifftshift(y, TR_ALL_AXES), 5, 0, TR_FFT_FORWARD), 3, 1, TR_FFT_BACKWARD);
	y = tr_multiply(tr_fftfreq(ctx, 3, 1), y);
	z = tr_convolve(tr_ravel(y), tr_ravel(x), TR_CONVOLVE_FULL);
	z = tr_correlate(z, tr_full(ctx, TR_F32, SHAPE(2100), 1), TR_CONVOLVE_SAME);
	return tr_convolve(tr_correlate(tr_complex(z, z), tr_rfftfreq(ctx, 3000, 1), TR_CONVOLVE_SAME), inf, TR_CONVOLVE_SAME);
}

static struct tr_tensor *operand(struct tr_context *ctx)
{
	return ramp(ctx, 0, 1, SHAPE(3, 4));
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
		TEST(missing_libraries_are_named),
		TEST(sums_are_as_defined),
		TEST(several_axes),
		TEST(plans_come_and_go),
		TEST(shifts_and_frequencies),
		TEST(convolutions),
		TEST(errors_say_what_is_wrong),
		TEST(contexts_work_at_the_same_time),
		TEST(survives_every_failing_allocation),
	};

	return TEST_RUN("fft", cases);
}
