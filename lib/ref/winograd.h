/* SPDX-License-Identifier: MIT */
/*
 * Winograd's minimal filtering F(m×m, 3×3), m of 2 or 4: the rule that says when a convolution is computed that way,
 * and its three transforms in the words of lib/ref/vec1.h, which every level compiles as they stand. The specification
 * of both; knows no planes, no blocks and no threads.
 *
 * m outputs of a 3-tap filter g from m + 2 inputs d are Aᵀ(Gg ⊙ Bᵀd): Toom and Cook's product of polynomials, read
 * backwards. The matrices follow from m + 1 finite points and infinity (Lavin and Gray, "Fast Algorithms for
 * Convolutional Neural Networks", 2016; Blahut, "Fast Algorithms for Signal Processing", ch. 5). F(2): 0, ±1. F(4):
 * 0, ±5/8, ±11/8, whose powers are exact and whose transforms grow their operands less than those of 0, ±1, ±2: the
 * root mean square of the error is a third. In two dimensions the transform runs down columns, then along rows.
 */
#ifndef TR_REF_WINOGRAD_H
#define TR_REF_WINOGRAD_H

#include <trueno/conv.h>

#include "lib/ref/kernels.h"

/* Channels of a group from which it is worth while, on either side, and tiles of the result. */
#define TR_WINOGRAD_CHANNELS 16
#define TR_WINOGRAD_TILES 4

/*
 * m if a convolution evaluated in f32 is computed so, else 0. p: with defaults replaced; kernel and out: three spatial
 * axes; cin and cout: channels of a group. Of two ways that multiply as often, F(2) has the smaller error.
 */
static inline int tr__winograd(const struct tr_conv_params *p, int64_t cin, int64_t cout, const int64_t *kernel,
			       const int64_t *out)
{
	int64_t two = ((out[1] + 1) / 2) * ((out[2] + 1) / 2), four = ((out[1] + 3) / 4) * ((out[2] + 3) / 4);

	if (p->flags & TR_CONV_PLAIN || cin < TR_WINOGRAD_CHANNELS || cout < TR_WINOGRAD_CHANNELS ||
	    four < TR_WINOGRAD_TILES || kernel[0] != 1 || out[0] != 1 || p->padding[0])
		return 0;
	for (int i = 1; i < 3; i++)
		if (kernel[i] != 3 || p->stride[i] != 1 || p->dilation[i] != 1)
			return 0;
	return two * 16 <= four * 36 ? 2 : 4;
}

#endif

/* The transforms, for whoever has included a vocabulary. */
#if defined(v_fma) && !defined(WINOGRAD_KERNELS)
#define WINOGRAD_UNROLL TR__UNROLL(6)

TR__INLINE void winograd_input2(const vf32 *d, vf32 *y)
{
	y[0] = d[0] - d[2];
	y[1] = d[1] + d[2];
	y[2] = d[2] - d[1];
	y[3] = d[3] - d[1];
}

TR__INLINE void winograd_weight2(const vf32 *g, vf32 *y)
{
	vf32 even = g[0] + g[2], half = vf32_set(0.5f);

	y[0] = g[0];
	y[1] = (even + g[1]) * half;
	y[2] = (even - g[1]) * half;
	y[3] = g[2];
}

TR__INLINE void winograd_output2(const vf32 *m, vf32 *y)
{
	y[0] = m[0] + (m[1] + m[2]);
	y[1] = (m[1] - m[2]) + m[3];
}

/* The points a and b, their powers, and 1/a²b², 1/2a²(a²-b²), 1/2b²(b²-a²). */
#define WA 0.625f
#define WB 1.375f
#define WA2 0.390625f
#define WB2 1.890625f
#define WA3 0.244140625f
#define WB3 2.599609375f
#define WA2_PLUS_B2 2.28125f
#define WA2_TIMES_B2 0.738525390625f
#define WG0 (1 / WA2_TIMES_B2)
#define WGA (1 / (2 * WA2 * (WA2 - WB2)))
#define WGB (1 / (2 * WB2 * (WB2 - WA2)))

TR__INLINE void winograd_input4(const vf32 *d, vf32 *y)
{
	vf32 a = vf32_set(WA), b = vf32_set(WB), a2 = vf32_set(-WA2), b2 = vf32_set(-WB2);
	vf32 sum = vf32_set(-WA2_PLUS_B2), product = vf32_set(WA2_TIMES_B2);
	vf32 even_a = v_fma(b2, d[2], d[4]), odd_a = v_fma(b2, d[1], d[3]) * a;
	vf32 even_b = v_fma(a2, d[2], d[4]), odd_b = v_fma(a2, d[1], d[3]) * b;

	y[0] = v_fma(product, d[0], v_fma(sum, d[2], d[4]));
	y[1] = even_a + odd_a;
	y[2] = even_a - odd_a;
	y[3] = even_b + odd_b;
	y[4] = even_b - odd_b;
	y[5] = v_fma(product, d[1], v_fma(sum, d[3], d[5]));
}

TR__INLINE void winograd_weight4(const vf32 *g, vf32 *y)
{
	vf32 a = g[1] * vf32_set(WA), b = g[1] * vf32_set(WB);
	vf32 even_a = v_fma(vf32_set(WA2), g[2], g[0]), even_b = v_fma(vf32_set(WB2), g[2], g[0]);

	y[0] = g[0] * vf32_set(WG0);
	y[1] = (even_a + a) * vf32_set(WGA);
	y[2] = (even_a - a) * vf32_set(WGA);
	y[3] = (even_b + b) * vf32_set(WGB);
	y[4] = (even_b - b) * vf32_set(WGB);
	y[5] = g[2];
}

TR__INLINE void winograd_output4(const vf32 *m, vf32 *y)
{
	vf32 even_a = m[1] + m[2], odd_a = m[1] - m[2], even_b = m[3] + m[4], odd_b = m[3] - m[4];

	y[0] = m[0] + (even_a + even_b);
	y[1] = v_fma(vf32_set(WB), odd_b, odd_a * vf32_set(WA));
	y[2] = v_fma(vf32_set(WB2), even_b, even_a * vf32_set(WA2));
	y[3] = v_fma(vf32_set(WB3), odd_b, v_fma(vf32_set(WA3), odd_a, m[5]));
}

/* P × P in, Q × Q out, of n channels. */
#define WINOGRAD(name, P, Q) \
	TR__INLINE void name##_block(const struct tr_winograd *t, size_t c, const size_t part) \
	{ \
		vf32 mid[Q][P], line[P], out[Q], start = {0}; \
\
		WINOGRAD_UNROLL for (int j = 0; j < P; j++) { \
			WINOGRAD_UNROLL for (int i = 0; i < P; i++) { \
				const float *x = t->x + i * t->x_row + j * t->x_col + c; \
\
				line[i] = part ? vf32_load_part(x, part) : vf32_load(x); \
			} \
			name(line, out); \
			WINOGRAD_UNROLL for (int i = 0; i < Q; i++) \
				mid[i][j] = out[i]; \
		} \
		if (t->start) \
			start = part ? vf32_load_part(t->start + c, part) : vf32_load(t->start + c); \
		WINOGRAD_UNROLL for (int i = 0; i < Q; i++) { \
			name(mid[i], out); \
			WINOGRAD_UNROLL for (int j = 0; j < Q; j++) { \
				float *y = t->y + i * t->y_row + j * t->y_col + c; \
				vf32 v = t->start ? out[j] + start : out[j]; \
\
				if (part) \
					v_store_part(y, v, part); \
				else \
					v_store(y, v); \
			} \
		} \
	} \
\
	static void name##_f32(const struct tr_winograd *t) \
	{ \
		size_t c = 0; \
\
		for (; t->n - c >= v_lanes(f32); c += v_lanes(f32)) \
			name##_block(t, c, 0); \
		if (c < t->n) \
			name##_block(t, c, t->n - c); \
	}
WINOGRAD(winograd_input2, 4, 4)
WINOGRAD(winograd_weight2, 3, 4)
WINOGRAD(winograd_output2, 4, 2)
WINOGRAD(winograd_input4, 6, 6)
WINOGRAD(winograd_weight4, 3, 6)
WINOGRAD(winograd_output4, 6, 4)

#undef WINOGRAD
#undef WINOGRAD_UNROLL
#undef WA
#undef WB
#undef WA2
#undef WB2
#undef WA3
#undef WB3
#undef WA2_PLUS_B2
#undef WA2_TIMES_B2
#undef WG0
#undef WGA
#undef WGB

/* A table's entry. */
#define WINOGRAD_KERNELS \
	{ \
		{winograd_input2_f32, winograd_weight2_f32, winograd_output2_f32}, \
		{winograd_input4_f32, winograd_weight4_f32, winograd_output4_f32}, \
	}
#endif
