/* SPDX-License-Identifier: MIT */
/*
 * A tile of struct tr_gemm_kernel by AMX: 32 rows by 32 columns are four tile registers of sums, two of s and two of v,
 * and a step of k is 16 units of 4 bytes. No include guard: the file that includes this once per type has defined
 *   T, NAME                 type of the sums; the function's name
 *   TILE_MULTIPLY(c, a, b)  c += a · b, of tile registers
 *   TILE_CONFIG(p) TILE_ZERO(c) TILE_LOAD(c, p, stride) TILE_STORE(c, p, stride) TILE_RELEASE()
 * which are instructions, or a model of them in tests/; T, NAME and TILE_MULTIPLY are undefined at the end. amx_enter
 * configures the registers for a whole product, because that takes as long as some steps, and amx_leave releases them: who
 * else uses them is nobody's to know. All rows of a register count: s has room for them, and sums of no row are not
 * stored. Source: Intel SDM vol. 1 18, AMX; palette 1.
 */
#include <stdbool.h>
#include <string.h>

#include "lib/ref/kernels.h"
#include "lib/ref/elem.h"

#ifndef AMX_ROWS
#define AMX_ROWS 16
#define AMX_BYTES 64

struct amx_config {
	uint8_t palette, start_row, reserved[14];
	uint16_t bytes[16]; /* of a row, by register */
	uint8_t rows[16];
};

/* Read by an instruction of which compilers know its first bytes only: in memory whatever they think of its use. */
#define AMX_EACH(x) {x, x, x, x, x, x, x, x}
static const struct amx_config amx_config = {
	.palette = 1, .bytes = AMX_EACH(AMX_BYTES), .rows = AMX_EACH(AMX_ROWS),
};

static void amx_enter(void)
{
	TILE_CONFIG(&amx_config);
}

static void amx_leave(void)
{
	TILE_RELEASE();
}
#endif

#define LINE TR__PASTE2(NAME, _line)
#define STORE_SUMS TR__PASTE2(NAME, _store)

typedef T LINE __attribute__((vector_size(AMX_BYTES)));

/* c = c0 + sum */
static inline void STORE_SUMS(const struct tr_gemm_tile *t, const T (*sum)[2 * AMX_ROWS])
{
	const T *c0 = t->c0;
	T *c = t->c;

	for (size_t i = 0; i < t->mr; i++, c0 += t->c0_row, c += t->ldc) {
		size_t j = 0;

		for (; t->nr - j >= AMX_ROWS; j += AMX_ROWS) {
			LINE start = (LINE){0} + *c0, x;

			if (t->c0_col)
				memcpy(&start, c0 + j, sizeof(start));
			memcpy(&x, &sum[i][j], sizeof(x));
			x += start;
			memcpy(c + j, &x, sizeof(x));
		}
		for (; j < t->nr; j++)
			c[j] = c0[(ptrdiff_t)j * t->c0_col] + sum[i][j];
	}
}

static void NAME(const struct tr_gemm_tile *t)
{
	const bool low = t->mr > AMX_ROWS, right = t->nr > AMX_ROWS;
	const ptrdiff_t s_row = 4 * t->s_row, v_ld = 4 * t->v_ld;
	const char *s = t->s, *v = t->v;
	_Alignas(64) T sum[2 * AMX_ROWS][2 * AMX_ROWS];

	TILE_ZERO(0);
	TILE_ZERO(1);
	TILE_ZERO(2);
	TILE_ZERO(3);
	for (size_t p = 0; p < t->k; p += AMX_ROWS) {
		TILE_LOAD(4, s, s_row);
		TILE_LOAD(6, v, v_ld);
		TILE_MULTIPLY(0, 4, 6);
		if (right) {
			TILE_LOAD(7, v + AMX_BYTES, v_ld);
			TILE_MULTIPLY(1, 4, 7);
		}
		if (low) {
			TILE_LOAD(5, s + AMX_ROWS * s_row, s_row);
			TILE_MULTIPLY(2, 5, 6);
		}
		if (low && right)
			TILE_MULTIPLY(3, 5, 7);
		s += 4 * AMX_ROWS * t->s_k;
		v += AMX_ROWS * v_ld;
	}
	TILE_STORE(0, sum, sizeof(*sum));
	TILE_STORE(1, &sum[0][AMX_ROWS], sizeof(*sum));
	if (low) {
		TILE_STORE(2, sum[AMX_ROWS], sizeof(*sum));
		TILE_STORE(3, &sum[AMX_ROWS][AMX_ROWS], sizeof(*sum));
	}
	STORE_SUMS(t, (const T (*)[2 * AMX_ROWS])sum);
}

#undef T
#undef NAME
#undef LINE
#undef STORE_SUMS
#undef TILE_MULTIPLY
