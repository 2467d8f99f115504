/* SPDX-License-Identifier: MIT */
/*
 * The AMX kernels' logic on a model of the tile registers, so that it is tested where no processor has them: the kernels
 * of simd/kernels/gemm_amx.h are compiled against the model, put into a device's table, and products run through the
 * driver. The model refuses what the instructions would: shapes that do not fit, registers not configured.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ref/gemm.h"
#include "tests/products.h"

#define REGISTERS 8

static struct {
	bool on;
	uint8_t rows[REGISTERS];
	uint16_t bytes[REGISTERS];
	uint8_t data[REGISTERS][16][64];
} tiles;

static unsigned multiplies;

/* The layout of LDTILECFG's 64 bytes. */
static void model_config(const void *config)
{
	const uint8_t *p = config;

	CU_ASSERT_EQUAL(p[0], 1);
	CU_ASSERT_FALSE(tiles.on);
	tiles.on = true;
	for (int i = 0; i < REGISTERS; i++) {
		memcpy(&tiles.bytes[i], p + 16 + 2 * i, 2);
		tiles.rows[i] = p[48 + i];
		CU_ASSERT_FATAL(tiles.rows[i] >= 1 && tiles.rows[i] <= 16 && tiles.bytes[i] >= 1 && tiles.bytes[i] <= 64);
		memset(tiles.data[i], 0, sizeof(tiles.data[i]));
	}
	for (int i = 0; i < 14; i++)
		CU_ASSERT_EQUAL(p[2 + i], 0);
}

static void model_load(int c, const void *p, ptrdiff_t stride)
{
	CU_ASSERT_FATAL(tiles.on);
	memset(tiles.data[c], 0, sizeof(tiles.data[c]));
	for (int r = 0; r < tiles.rows[c]; r++)
		memcpy(tiles.data[c][r], (const char *)p + r * stride, tiles.bytes[c]);
}

static void model_store(int c, void *p, ptrdiff_t stride)
{
	CU_ASSERT_FATAL(tiles.on);
	for (int r = 0; r < tiles.rows[c]; r++)
		memcpy((char *)p + r * stride, tiles.data[c][r], tiles.bytes[c]);
}

static void check_shapes(int c, int a, int b)
{
	CU_ASSERT_FATAL(tiles.on && tiles.rows[c] == tiles.rows[a] && tiles.bytes[c] == tiles.bytes[b] &&
			tiles.bytes[a] == 4 * tiles.rows[b]);
	multiplies++;
}

static int byte_at(const uint8_t *p, bool is_signed)
{
	return is_signed ? (int8_t)*p : *p;
}

static void model_bytes(int c, int a, int b, bool a_signed, bool b_signed)
{
	check_shapes(c, a, b);
	for (int i = 0; i < tiles.rows[c]; i++)
		for (int j = 0; j < tiles.bytes[c] / 4; j++) {
			int32_t acc;

			memcpy(&acc, &tiles.data[c][i][4 * j], 4);
			for (int p = 0; p < tiles.bytes[a]; p++)
				acc += byte_at(&tiles.data[a][i][p], a_signed) *
				       byte_at(&tiles.data[b][p / 4][4 * j + p % 4], b_signed);
			memcpy(&tiles.data[c][i][4 * j], &acc, 4);
		}
}

static float bf16_at(const uint8_t *p)
{
	float x;

	convert(&x, TR_F32, p, TR_BF16);
	return fabsf(x) < 0x1p-126f ? 0 : x;
}

static void model_bf16(int c, int a, int b)
{
	check_shapes(c, a, b);
	for (int i = 0; i < tiles.rows[c]; i++)
		for (int j = 0; j < tiles.bytes[c] / 4; j++) {
			float acc;

			memcpy(&acc, &tiles.data[c][i][4 * j], 4);
			for (int p = 0; p < tiles.bytes[a]; p += 2)
				acc += bf16_at(&tiles.data[a][i][p]) * bf16_at(&tiles.data[b][p / 4][4 * j + p % 4]);
			memcpy(&tiles.data[c][i][4 * j], &acc, 4);
		}
}

static void model_release(void)
{
	tiles.on = false;
}

#define TILE_CONFIG(p) model_config(p)
#define TILE_RELEASE() model_release()
#define TILE_ZERO(c) memset(tiles.data[c], 0, sizeof(tiles.data[c]))
#define TILE_LOAD(c, p, stride) model_load(c, p, stride)
#define TILE_STREAM(c, p, stride) model_load(c, p, stride)
#define TILE_STORE(c, p, stride) model_store(c, p, stride)

#define T int32_t
#define NAME tile_u8u8
#define TILE_MULTIPLY(c, a, b) model_bytes(c, a, b, false, false)
#include "simd/kernels/gemm_amx.h"

#define T int32_t
#define NAME tile_u8i8
#define TILE_MULTIPLY(c, a, b) model_bytes(c, a, b, false, true)
#include "simd/kernels/gemm_amx.h"

#define T int32_t
#define NAME tile_i8u8
#define TILE_MULTIPLY(c, a, b) model_bytes(c, a, b, true, false)
#include "simd/kernels/gemm_amx.h"

#define T int32_t
#define NAME tile_i8i8
#define TILE_MULTIPLY(c, a, b) model_bytes(c, a, b, true, true)
#include "simd/kernels/gemm_amx.h"

static void to_half(uint16_t *to, const float *sum)
{
	for (int i = 0; i < 32; i++)
		convert(&to[i], TR_BF16, &sum[i], TR_F32);
}

#define T float
#define NAME tile_bf16
#define TILE_MULTIPLY(c, a, b) model_bf16(c, a, b)
#define HALF half_bf16
#define TO_HALF(to, sum) to_half(to, sum)
#include "simd/kernels/gemm_amx.h"

static void group_bf16(const struct tr_group *g)
{
	for (ptrdiff_t i = 0; i < (ptrdiff_t)g->n; i++)
		for (ptrdiff_t p = 0; p < 2 * (ptrdiff_t)g->units; p++) {
			ptrdiff_t at = g->turned ? i / g->ld * g->panel + p / 2 * g->ld + i % g->ld : i * g->ld + p / 2;
			uint16_t *to = (uint16_t *)g->dst + 2 * at + p % 2;

			*to = (size_t)p < g->k ? ((const uint16_t *)g->src)[i * g->step + p * g->along] : 0;
		}
}

/* A device whose table has the model's kernels; flips: no more than other units have, so that bytes of other signs are
 * made u8 by i8, and halves are rounded behind the tiles. */
static struct tr_device *open_model(struct tr_kernels *k, bool flips)
{
	static const tr_gemm_fn tile[2][2] = { { tile_u8u8, tile_u8i8 }, { tile_i8u8, tile_i8i8 } };
	struct tr_device *dev = open_device(1);

	if (!dev)
		return NULL;
	*k = *dev->k;
	for (int s = 0; s < 2; s++)
		for (int v = 0; v < 2; v++)
			k->gemm_bytes[s][v] = (struct tr_gemm_kernel){
				.tile = flips && (s || !v) ? NULL : tile[s][v], .copy2d = tr__ref_copy2d_i32, .mr = 32,
				.nr = 32, .lanes = 16, .kc = 64, .nc = 64, .pack = tr__ref_group_i8, .group = 4,
				.round = 16, .enter = amx_enter, .leave = amx_leave };
	k->gemm_bf16 = k->gemm_bytes[0][1];
	k->gemm_bf16.tile = tile_bf16;
	k->gemm_bf16.tile_half = flips ? NULL : half_bf16;
	k->gemm_bf16.copy2d = tr__ref_copy2d_f32;
	k->gemm_bf16.pack = group_bf16;
	k->gemm_bf16.group = 2;
	dev->k = k;
	dev->exact = 0;
	return dev;
}

/* types: of the result, of a, of b, and of a bias, or 0; with a bias, b lies [n,k]. */
static void product(struct tr_device *dev, uint8_t dtype, const uint8_t *types, int64_t m, int64_t n, int64_t k)
{
	const bool linear = types[3];
	const int64_t shape[4][2] = { { m, n }, { m, k }, { linear ? n : k, linear ? k : n }, { n } };
	struct tr_operand operand[4];
	struct tr_cmd cmd = { .op = linear ? TR_OP_linear : TR_OP_matmul, .family = linear ? TR_FAMILY_LINEAR : TR_FAMILY_MATMUL,
			      .dtype = dtype, .noperand = linear ? 4 : 3, .operand = operand };
	unsigned before = multiplies;
	double *x, *y, *bias = NULL;
	struct view v[4];

	test_note("%s x %s, %dx%dx%d%s", tr_dtype_name(types[1]), tr_dtype_name(types[2]), (int)m, (int)n, (int)k,
		  linear ? " and a bias" : "");
	for (int o = 0; o < cmd.noperand; o++) {
		make_view(&v[o], types[o], o == 3 ? 1 : 2, shape[o], test_rand_below(2) ? DENSE : random_layout(!o));
		for (size_t at = 0; o && dtype == TR_I32 && at < v[o].bytes; at++)
			v[o].block[at] = (unsigned char)test_rand();
		memcpy(v[o].expect, v[o].block, v[o].bytes);
		operand[o] = v[o].o;
	}
	x = numbers(&v[1]);
	y = numbers(&v[2]);
	if (linear)
		bias = numbers(&v[3]);
	for (int64_t e = 0; e < m * n; e++) {
		double sum = linear ? bias[e % n] : 0;

		for (int64_t q = 0; q < k; q++)
			sum += x[e / n * k + q] * y[linear ? e % n * k + q : q * n + e % n];
		expect_number(&v[0], e, sum, TR_F64);
	}
	run_product(dev, &cmd, v);
	CU_ASSERT_TRUE(multiplies > before);
	free(x);
	free(y);
	free(bias);
	for (int o = 0; o < cmd.noperand; o++)
		free_view(&v[o]);
}

static int64_t one_to(int64_t n)
{
	return 1 + (int64_t)test_rand_below((uint64_t)n);
}

/* A length of any size, or one of whole tiles, where operands and results are used where they lie. */
static int64_t length(int64_t n)
{
	return test_rand_below(3) ? one_to(n) : 32 * one_to(n / 32);
}

/* Every pair of signs, exact; and whole numbers in bf16, whose sums are. */
static void products_on_the_model(void)
{
	static const uint8_t bytes[] = { TR_I8, TR_U8 };

	for (int i = 0; i < 400; i++) {
		uint8_t exact[] = { TR_I32, bytes[i & 1], bytes[i >> 1 & 1], 0 };
		uint8_t halves[] = { i & 8 ? TR_F32 : TR_BF16, TR_BF16, TR_BF16, i & 16 ? 0 : i & 8 ? TR_F32 : TR_BF16 };
		struct tr_kernels k;
		struct tr_device *dev = open_model(&k, i & 4);

		if (!dev)
			return;
		product(dev, TR_I32, exact, length(70), length(70), length(i % 8 ? 140 : 600));
		product(dev, TR_F32, halves, length(70), length(70), length(140));
		close_device(dev);
	}
}

/* What the levels' table says of AMX is used when the machine has it: test_gemm runs at the level then. */
static void the_level_is_there_or_said_to_be_missing(void)
{
	const struct tr_level *l = tr__levels;

	while (l->name && strcmp(l->name, "amx"))
		l++;
	if (!l->name || !l->usable()) {
		TEST_SKIP("this processor has no AMX: its kernels ran on the model alone");
		return;
	}
	struct tr_kernels k;

	tr__level_kernels(l, &k);
	CU_ASSERT_EQUAL(k.gemm_bytes[true][true].round, 16);
	CU_ASSERT_EQUAL(k.gemm_bf16.round, 16);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(products_on_the_model), TEST(the_level_is_there_or_said_to_be_missing),
	};

	return TEST_RUN("amx", cases);
}
