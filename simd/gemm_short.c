/* SPDX-License-Identifier: MIT */
/*
 * What products of short types need beside tiles: packing in units, and exact sums of any pair of signs from a kernel
 * that multiplies u8 by i8 only. With s' = s + a and v' = v - b, where a and b are 128 or 0,
 *
 *     sum s·v = sum s'·v' - a · sum v' + b · sum s' - k·a·b
 *
 * modulo 2^32. The sum over v' is kept behind each panel, in one row; the sum over s' behind each row, in one unit. Knows
 * no blocks and no threads.
 */
#include <string.h>

#include "simd/gemm.h"

#define SIGN 0x80u

/* Every byte 1: the unit that sums another. As many as a panel has columns at most. */
#define ONES 64
static const uint32_t ones[ONES] = {
#define FOUR 0x01010101u, 0x01010101u, 0x01010101u, 0x01010101u
#define SIXTEEN FOUR, FOUR, FOUR, FOUR
	SIXTEEN, SIXTEEN, SIXTEEN, SIXTEEN
};

static const int32_t zero;

/* What the chains of a panel's columns start from, behind it. */
static void start_panel(const struct tr_gemm *g, size_t cols, char *panel)
{
	int32_t *start = (int32_t *)(panel + g->nr * g->k * g->size);
	struct tr_gemm_tile sum = {.mr = 1, .nr = cols, .k = g->k, .s = ones, .v = panel, .v_ld = (ptrdiff_t)g->nr,
				   .c0 = &zero, .c = start, .ldc = (ptrdiff_t)g->nr, .ahead = ones};

	memset(start, 0, g->nr * sizeof(*start));
	if (!g->s_flip)
		return;
	if (g->k)
		g->tile(&sum);
	for (size_t i = 0; i < cols; i++)
		start[i] = -(int32_t)SIGN * (start[i] + (g->v_flip ? (int32_t)(SIGN * g->elements) : 0));
}

void tr__short_pack_panels(const struct tr_gemm *g, size_t j, size_t cols, char *panels)
{
	const struct tr_matrix *v = &g->v;
	struct tr_group pack = {.dst = panels, .ld = (ptrdiff_t)g->nr, .panel = (ptrdiff_t)(g->nr * (g->k + g->extra)),
				.n = cols, .units = g->k, .k = g->elements,
				.src = v->addr + (ptrdiff_t)j * v->col * (ptrdiff_t)tr_dtype_size(v->dtype),
				.step = v->col, .along = v->row, .flip = g->v_flip, .turned = true};

	g->kernel->pack(&pack);
	for (size_t i = 0; g->extra && i < cols; i += g->nr)
		start_panel(g, cols - i < g->nr ? cols - i : g->nr, panels + i * (g->k + g->extra) * g->size);
}

void tr__short_pack_rows(const struct tr_gemm *g, size_t i, size_t rows, char *to)
{
	const struct tr_matrix *s = &g->s;
	struct tr_group pack = {.dst = to, .ld = (ptrdiff_t)g->s_ld, .n = rows, .units = g->k, .k = g->elements,
				.src = s->addr + (ptrdiff_t)i * s->row * (ptrdiff_t)tr_dtype_size(s->dtype),
				.step = s->row, .along = s->col, .flip = g->s_flip};
	struct tr_gemm_tile sum = {.mr = rows, .nr = 1, .k = g->k, .s = to, .s_row = (ptrdiff_t)g->s_ld, .s_k = 1,
				   .v = ones, .c0 = &zero, .c = to + g->k * g->size, .ldc = (ptrdiff_t)g->s_ld,
				   .ahead = ones};

	g->kernel->pack(&pack);
	if (g->v_flip && g->k)
		g->tile(&sum);
}

bool tr__short_start(const struct tr_gemm *g, const struct tr_gemm_tile *t, const char *start)
{
	const int32_t *cols = (const int32_t *)start;

	if (!g->v_flip || !g->k)
		return false;
	for (size_t i = 0; i < t->mr; i++) {
		int32_t sum, *c = (int32_t *)t->c + (ptrdiff_t)i * t->ldc;

		memcpy(&sum, (const char *)t->s + ((ptrdiff_t)i * t->s_row + (ptrdiff_t)g->k) * (ptrdiff_t)g->size,
		       sizeof(sum));
		for (size_t j = 0; j < t->nr; j++)
			c[j] = cols[j] + (int32_t)SIGN * sum;
	}
	return true;
}
