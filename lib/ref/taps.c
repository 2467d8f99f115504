/* SPDX-License-Identifier: MIT */
/* The specification of sliding windows: every element is one chain over the window's positions, in order. */
#include "lib/ref/taps.h"

#include "lib/ref/vec1.h"

#define REF_TAPS(name, E, T, next) \
	void tr__ref_taps_##name##_##T(const struct tr_taps *t) \
	{ \
		const E *w = t->w; \
\
		(void)w; \
		for (ptrdiff_t i = 0; i < (ptrdiff_t)t->rows; i++) { \
			for (ptrdiff_t j = 0; j < (ptrdiff_t)t->cols; j++) { \
				E acc = *(const E *)t->start; \
\
				for (size_t p = 0; p < t->taps; p++) { \
					E x = ((const E *)t->x)[i * t->x_row + t->at[p] + j]; \
\
					acc = next; \
				} \
				((E *)t->y)[i * t->y_row + j] = acc; \
			} \
		} \
	}

REF_TAPS(fma, float, f32, v_fma_f32(w[p], x, acc))
REF_TAPS(fma, double, f64, v_fma_f64(w[p], x, acc))
REF_TAPS(add, float, f32, acc + x)
REF_TAPS(add, double, f64, acc + x)
REF_TAPS(max, float, f32, v_max_f32(acc, x))
REF_TAPS(max, double, f64, v_max_f64(acc, x))

#define REF_PLANE(E, T) \
	void tr__ref_plane_fma_##T(const struct tr_plane *t) \
	{ \
		const E *w = t->w; \
\
		for (size_t i = 0; i < t->rows; i++) { \
			for (ptrdiff_t j = 0; j < (ptrdiff_t)t->cols; j++) { \
				E acc = *(const E *)t->start; \
\
				for (size_t p = 0; p < t->k * t->k; p++) { \
					const E *line = t->line[i * t->step + p / t->k]; \
					ptrdiff_t at = j * (ptrdiff_t)t->step + (ptrdiff_t)(p % t->k) - t->pad; \
\
					acc = v_fma_##T(w[p], at >= 0 && at < t->width ? line[at] : 0, acc); \
				} \
				((E *)t->y)[(ptrdiff_t)i * t->y_row + j] = acc; \
			} \
		} \
	}
REF_PLANE(float, f32)
REF_PLANE(double, f64)

/* One output of plane n. */
static float narrow_output(const struct tr_narrow *t, size_t n, ptrdiff_t i, ptrdiff_t j)
{
	const float *w = (const float *)t->w + n * t->k * t->k;
	const ptrdiff_t rows = (ptrdiff_t)t->rows, cols = (ptrdiff_t)t->cols, half = (ptrdiff_t)t->k / 2;
	float acc = ((const float *)t->start)[(ptrdiff_t)n * t->start_step];

	for (size_t p = 0; p < t->k * t->k; p++) {
		ptrdiff_t r = i + (ptrdiff_t)(p / t->k) - half, c = j + (ptrdiff_t)(p % t->k) - half;
		bool inside = r >= 0 && r < rows && c >= 0 && c < cols;

		acc = v_fma_f32(w[p], inside ? ((const float *)t->x)[((ptrdiff_t)n * rows + r) * cols + c] : 0, acc);
	}
	return acc;
}

void tr__ref_narrow_fma(const struct tr_narrow *t)
{
	float *y = t->y;

	for (size_t n = 0; n < t->planes; n++)
		for (size_t i = 0; i < t->rows; i++)
			for (size_t j = 0; j < t->cols; j++)
				*y++ = narrow_output(t, n, (ptrdiff_t)i, (ptrdiff_t)j);
}

#define REF_LANES(name, E, T, next) \
	void tr__ref_lanes_##name##_##T(const struct tr_lane_taps *t) \
	{ \
		for (ptrdiff_t j = 0; j < (ptrdiff_t)t->cols; j++) { \
			for (size_t c = 0; c < t->n; c++) { \
				E acc = ((const E *)t->start)[c]; \
\
				for (size_t p = 0; p < t->taps; p++) { \
					E x = ((const E *)t->x)[j * t->x_col + t->at[p] + (ptrdiff_t)c]; \
\
					acc = next; \
				} \
				((E *)t->y)[j * t->y_col + (ptrdiff_t)c] = t->div ? acc / ((const E *)t->div)[j] : acc; \
			} \
		} \
	}

/* Only fma has weights. */
#define WEIGHT(E) ((const E *)t->w)[p * t->n + c]
REF_LANES(fma, float, f32, v_fma_f32(WEIGHT(float), x, acc))
REF_LANES(fma, double, f64, v_fma_f64(WEIGHT(double), x, acc))
REF_LANES(add, float, f32, acc + x)
REF_LANES(add, double, f64, acc + x)
REF_LANES(max, float, f32, v_max_f32(acc, x))
REF_LANES(max, double, f64, v_max_f64(acc, x))
