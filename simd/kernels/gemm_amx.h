/* SPDX-License-Identifier: MIT */
/*
 * A tile of struct tr_gemm_kernel by AMX: 32 rows by 32 columns are four tile registers of sums, two of s and two of v,
 * and a step of k is 16 units of 4 bytes. No include guard: the file that includes this once per type has defined
 *   T, NAME                 type of the sums; the function's name
 *   TILE_MULTIPLY(c, a, b)  c += a · b, of tile registers
 *   HALF, TO_HALF(to, sum)  optional: name of the function whose c is bf16; one row of 32 sums, rounded
 *   TILE_CONFIG(p) TILE_ZERO(c) TILE_LOAD(c, p, stride) TILE_STORE(c, p, stride) TILE_RELEASE()
 *   TILE_STREAM(c, p, stride)  TILE_LOAD of what is not worth L1's room
 * which are instructions, or a model of them in tests/; T to TO_HALF are undefined at the end. amx_enter
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
#define AMX_NEAR (32 << 10) /* bytes of s and v that L1 keeps; of more than that it keeps s alone */

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

#define BODY TR__PASTE2(NAME, _body)
#define FILL TR__PASTE2(NAME, _fill)
#define DRAIN TR__PASTE2(NAME, _drain)

/* Where chains start, into sum; what belongs to no element stays as it is. */
static inline void FILL(const struct tr_gemm_tile *t, T (*sum)[2 * AMX_ROWS])
{
	const T *c0 = t->c0;

	for (size_t i = 0; i < t->mr; i++, c0 += t->c0_row)
		for (size_t j = 0; j < t->nr; j++)
			sum[i][j] = c0[(ptrdiff_t)j * t->c0_col];
	__asm__ volatile("" ::: "memory"); /* what loads tiles does not say that it reads memory */
}

static inline void DRAIN(const struct tr_gemm_tile *t, const T (*sum)[2 * AMX_ROWS])
{
	T *c = t->c;

	for (size_t i = 0; i < t->mr; i++, c += t->ldc)
		memcpy(c, sum[i], t->nr * sizeof(*c));
}

/* Whole registers of sums come and go where they lie, others by way of the stack. */
static inline void BODY(const struct tr_gemm_tile *t, const bool half)
{
	const bool low = t->mr > AMX_ROWS, right = t->nr > AMX_ROWS;
	const bool whole = !((t->mr | t->nr) % AMX_ROWS);
	const bool far = 4 * (t->mr + t->nr) * t->k > AMX_NEAR;
	const ptrdiff_t s_row = 4 * t->s_row, v_ld = 4 * t->v_ld;
	const char *s = t->s, *v = t->v;
	_Alignas(64) T sum[2 * AMX_ROWS][2 * AMX_ROWS];
	char *to = whole && !half ? t->c : (char *)sum;
	const ptrdiff_t to_ld = whole && !half ? t->ldc * (ptrdiff_t)sizeof(T) : (ptrdiff_t)sizeof(*sum);

	if (!t->c0_col && !t->c0_row && !*(const int32_t *)t->c0) {
		TILE_ZERO(0);
		TILE_ZERO(1);
		TILE_ZERO(2);
		TILE_ZERO(3);
	} else {
		const bool there = whole && t->c0_col;
		const char *from = there ? t->c0 : sum;
		const ptrdiff_t from_ld = there ? t->c0_row * (ptrdiff_t)sizeof(T) : (ptrdiff_t)sizeof(*sum);

		if (!there)
			FILL(t, sum);
		TILE_LOAD(0, from, from_ld);
		if (right)
			TILE_LOAD(1, from + AMX_BYTES, from_ld);
		if (low)
			TILE_LOAD(2, from + AMX_ROWS * from_ld, from_ld);
		if (low && right)
			TILE_LOAD(3, from + AMX_ROWS * from_ld + AMX_BYTES, from_ld);
	}
	for (size_t p = 0; p < t->k; p += AMX_ROWS) {
		TILE_LOAD(4, s, s_row);
		if (far)
			TILE_STREAM(6, v, v_ld);
		else
			TILE_LOAD(6, v, v_ld);
		TILE_MULTIPLY(0, 4, 6);
		if (right) {
			if (far)
				TILE_STREAM(7, v + AMX_BYTES, v_ld);
			else
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
	TILE_STORE(0, to, to_ld);
	if (right)
		TILE_STORE(1, to + AMX_BYTES, to_ld);
	if (low)
		TILE_STORE(2, to + AMX_ROWS * to_ld, to_ld);
	if (low && right)
		TILE_STORE(3, to + AMX_ROWS * to_ld + AMX_BYTES, to_ld);
	if (half) {
#ifdef HALF
		uint16_t *c = t->c, line[2 * AMX_ROWS];

		for (size_t i = 0; i < t->mr; i++, c += t->ldc) {
			TO_HALF(t->nr == 2 * AMX_ROWS ? c : line, sum[i]);
			if (t->nr < 2 * AMX_ROWS)
				memcpy(c, line, t->nr * sizeof(*c));
		}
#endif
	} else if (!whole) {
		DRAIN(t, (const T (*)[2 * AMX_ROWS])sum);
	}
}

static void NAME(const struct tr_gemm_tile *t)
{
	BODY(t, false);
}

#ifdef HALF
static void HALF(const struct tr_gemm_tile *t)
{
	BODY(t, true);
}
#undef HALF
#undef TO_HALF
#endif

#undef T
#undef NAME
#undef BODY
#undef FILL
#undef DRAIN
#undef TILE_MULTIPLY
