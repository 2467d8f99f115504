/* SPDX-License-Identifier: MIT */
/*
 * Products, reductions and row operations of the Vulkan driver against the CPU's, bit for bit.
 */
#include "vk/vk.h"

#include "lib/context.h"
#include "tests/pairs.h"

/* One chain of multiply-adds per element: the same bits whatever the tiles are. */
static void products_give_the_bits_of_the_cpu(void)
{
	static const enum tr_dtype types[] = {TR_F32, TR_F64, TR_F16, TR_BF16};

	NEEDS_GPU();
	for (int round = 0; round < (test_long() ? 400 : 24); round++) {
		/* Matrix units have a bound of their own: tests/test_vk_units.c. */
		enum tr_dtype dtype = types[test_rand_below(gpu->dev->gpu->units ? 2 : 4)];
		int64_t m = 1 + (int64_t)test_rand_below(150), n = 1 + (int64_t)test_rand_below(150);
		int64_t k = (int64_t)test_rand_below(round % 4 ? 50 : 300), b = 1 + (int64_t)test_rand_below(3);
		int64_t as[4] = {b, 2, m, k}, bs[4] = {test_rand_below(2) ? 1 : b, 1, k, n}, ws[2] = {n, k}, cs[1] = {n};
		struct pair x, y, w, c, p;

		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		test_note("round %d: %lldx%lldx%lld %s", round, (long long)m, (long long)k, (long long)n,
			  tr_dtype_name(dtype));
		x = random_view(dtype, 4, as, true);
		y = random_view(dtype, 4, bs, true);
		w = random_view(dtype, 2, ws, false);
		c = random_pair(test_rand_below(2) ? TR_F32 : dtype, 1, cs);
		p = (struct pair){tr_matmul(x.g, y.g), tr_matmul(x.c, y.c)};
		assert_pair(p, "matmul");
		p = (struct pair){tr_linear(x.g, w.g, c.g), tr_linear(x.c, w.c, c.c)};
		assert_pair(p, "linear");
		p = (struct pair){tr_linear(x.g, w.g, NULL), tr_linear(x.c, w.c, NULL)};
		assert_pair(p, "linear without bias");
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

/* [rows, cols], stored the other way round if turned. */
static struct pair random_matrix(enum tr_dtype dtype, int64_t rows, int64_t cols, bool turned)
{
	struct pair p = random_pair(dtype, SHAPE(turned ? cols : rows, turned ? rows : cols));

	return turned ? (struct pair){tr_permute(p.g, (const int[]){1, 0}), tr_permute(p.c, (const int[]){1, 0})} : p;
}

/* Few and many tiles, whole ones and not, every way the operands can lie, and sizes that need care and that do not. */
static void large_products_give_the_bits_of_the_cpu(void)
{
	NEEDS_GPU();
	for (int round = 0; round < 10; round++) {
		bool turned = round & 1, other = round & 2, small = round & 4, odd = round >= 8;
		int64_t m = odd ? 1283 : small ? 100 : 1284, n = odd ? 1301 : small ? 68 : 1412, k = odd ? 21 : 48;
		struct pair a, b, p;

		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		test_note("%lldx%lldx%lld, round %d", (long long)m, (long long)k, (long long)n, round);
		a = random_matrix(TR_F32, m, k, turned);
		b = random_matrix(TR_F32, k, n, other);
		p = (struct pair){tr_matmul(a.g, b.g), tr_matmul(a.c, b.c)};
		assert_pair(p, "matmul");
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

/* The same of sizes for which there are kernels of their own: few rows or columns, whole slices and not; few tiles; f64. */
static void products_of_any_form_give_the_bits_of_the_cpu(void)
{
	static const struct {
		enum tr_dtype dtype;
		int64_t m, n, k;
	} form[] = {
		{TR_F32, 1, 100, 4},	{TR_F32, 1, 33, 1024}, {TR_F32, 3, 68, 300},  {TR_F32, 9, 132, 61}, {TR_F32, 16, 16, 16},
		{TR_F32, 200, 1, 260},	{TR_F32, 132, 12, 67}, {TR_F32, 36, 100, 96}, {TR_F32, 100, 36, 32}, {TR_F32, 40, 40, 48},
		{TR_F64, 68, 130, 24},	{TR_F64, 1, 64, 80},
	};

	NEEDS_GPU();
	for (int round = 0; round < 4 * (int)(sizeof(form) / sizeof(*form)); round++) {
		enum tr_dtype dtype = form[round / 4].dtype;
		int64_t m = form[round / 4].m, n = form[round / 4].n, k = form[round / 4].k;
		struct pair a, b, w, c, p;

		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		test_note("%s %lldx%lldx%lld, round %d", tr_dtype_name(dtype), (long long)m, (long long)n, (long long)k, round);
		a = random_matrix(dtype, m, k, round & 1);
		b = random_matrix(dtype, k, n, round & 2);
		w = random_matrix(dtype, n, k, round & 2);
		c = random_pair(dtype, 1, &n);
		p = (struct pair){tr_matmul(a.g, b.g), tr_matmul(a.c, b.c)};
		assert_pair(p, "matmul");
		p = (struct pair){tr_linear(a.g, w.g, c.g), tr_linear(a.c, w.c, c.c)};
		assert_pair(p, "linear");
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

/* So large that f64 has larger pieces, for which it is made whole slices; and many tiles of few columns. */
static void long_products_give_the_bits_of_the_cpu(void)
{
	static const struct {
		enum tr_dtype dtype;
		int64_t m, n, k;
	} form[] = {{TR_F64, 330, 329, 309}, {TR_F32, 24700, 40, 16}};

	NEEDS_GPU();
	for (int i = 0; i < 2; i++) {
		struct pair a, b, p;

		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		test_note("%s", tr_dtype_name(form[i].dtype));
		a = random_matrix(form[i].dtype, form[i].m, form[i].k, false);
		b = random_matrix(form[i].dtype, form[i].k, form[i].n, false);
		p = (struct pair){tr_matmul(a.g, b.g), tr_matmul(a.c, b.c)};
		assert_pair(p, "matmul");
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

static struct tr_tensor *reduced(struct tr_context *ctx, enum tr_op op, struct tr_tensor *x, uint32_t axes,
				 uint32_t flags)
{
	struct tr_sqe sqe;

	tr_prep_reduce(&sqe, op, tr_handle(x), axes, flags);
	return tr_submit(ctx, &sqe, 1) ? NULL : tr_from_handle(ctx, sqe.dst);
}

static void reductions_give_the_bits_of_the_cpu(void)
{
	static const enum tr_dtype types[] = {TR_F32, TR_F64, TR_F16, TR_I8, TR_I64, TR_U16, TR_U64, TR_BOOL};

	NEEDS_GPU();
	for (int round = 0; round < (test_long() ? 600 : 60); round++) {
		enum tr_dtype dtype = types[test_rand_below(8)];
		enum tr_op op = (enum tr_op)(TR_OP_sum + (int)test_rand_below(TR_OP_argmin - TR_OP_sum));
		int64_t shape[3] = {1 + (int64_t)test_rand_below(5), 1 + (int64_t)test_rand_below(40),
				    1 + (int64_t)test_rand_below(round % 3 ? 90 : 3000)};
		uint32_t axes = (uint32_t)test_rand_below(8), flags = test_rand_below(2) ? TR_KEEPDIMS : 0;
		struct pair x, y;

		if (op == TR_OP_var || op == TR_OP_std)
			flags |= TR_DDOF(test_rand_below(3));
		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		test_note("round %d: %s of %s [%lld %lld %lld] over %u", round, tr__ops[op].name, tr_dtype_name(dtype),
			  (long long)shape[0], (long long)shape[1], (long long)shape[2], axes);
		x = random_view(dtype, 3, shape, true);
		y = (struct pair){reduced(gpu, op, x.g, axes, flags), reduced(cpu, op, x.c, axes, flags)};
		if (!y.g && !y.c)
			tr_error_clear(gpu);
		else
			assert_pair(y, tr__ops[op].name);
		tr_error_clear(cpu);
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

static void rows_give_the_bits_of_the_cpu(void)
{
	static const enum tr_dtype types[] = {TR_F32, TR_F64, TR_F16};

	NEEDS_GPU();
	for (int round = 0; round < (test_long() ? 300 : 24); round++) {
		enum tr_dtype dtype = types[test_rand_below(3)];
		int64_t shape[3] = {1 + (int64_t)test_rand_below(4), 1 + (int64_t)test_rand_below(30),
				    1 + (int64_t)test_rand_below(300)};
		int axis = (int)test_rand_below(3);
		struct pair x, w, b, y;
		double eps;

		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		x = random_view(dtype, 3, shape, true);
		w = random_pair(dtype, 1, &shape[2]);
		b = random_pair(TR_F32, 1, &shape[2]);
		test_note("round %d: %s [%lld %lld %lld]", round, tr_dtype_name(dtype), (long long)shape[0],
			  (long long)shape[1], (long long)shape[2]);
		y = (struct pair){tr_softmax(x.g, axis), tr_softmax(x.c, axis)};
		assert_pair(y, "softmax");
		y = (struct pair){tr_log_softmax(x.g, axis), tr_log_softmax(x.c, axis)};
		assert_pair(y, "log_softmax");
		y = (struct pair){tr_layer_norm(x.g, w.g, b.g, 1e-5), tr_layer_norm(x.c, w.c, b.c, 1e-5)};
		assert_pair(y, "layer_norm");
		/* A variance that is denormal here is 0 where those are flushed. */
		eps = flushes ? 1e-5 : 0;
		y = (struct pair){tr_layer_norm(x.g, NULL, NULL, eps), tr_layer_norm(x.c, NULL, NULL, eps)};
		assert_pair(y, "bare layer_norm");
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

/* Rows and columns that several workgroups share, and what makes them few, many, long or uneven. */
static void long_rows_give_the_bits_of_the_cpu(void)
{
	static const int64_t shapes[][2] = {{1, 140001}, {2, 131073}, {5000, 33}, {70001, 3},  {300, 2049}, {9000, 1},
					   {35, 100},   {18, 1024},  {5, 1025},  {7, 2048},   {2, 16384},  {3, 16385},
					   {600, 17},   {520, 4200}};
	static const enum tr_op ops[] = {TR_OP_sum, TR_OP_var, TR_OP_max};

	NEEDS_GPU();
	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		struct pair x, w, y;

		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		test_note("%lld x %lld", (long long)shapes[i][0], (long long)shapes[i][1]);
		x = random_pair(TR_F32, 2, shapes[i]);
		w = random_pair(TR_F32, 1, &shapes[i][1]);
		for (size_t k = 0; k < sizeof(ops) / sizeof(*ops); k++) {
			for (uint32_t axes = 1; axes < 4; axes++) {
				y = (struct pair){reduced(gpu, ops[k], x.g, axes, 0), reduced(cpu, ops[k], x.c, axes, 0)};
				assert_pair(y, tr__ops[ops[k]].name);
			}
		}
		for (int axis = 0; axis < 2; axis++) {
			y = (struct pair){tr_softmax(x.g, axis), tr_softmax(x.c, axis)};
			assert_pair(y, "softmax");
			y = (struct pair){tr_log_softmax(x.g, axis), tr_log_softmax(x.c, axis)};
			assert_pair(y, "log_softmax");
			y = (struct pair){tr_layer_norm(x.g, axis ? w.g : NULL, w.g, 1e-5),
					  tr_layer_norm(x.c, axis ? w.c : NULL, w.c, 1e-5)};
			assert_pair(y, "layer_norm");
		}
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

/* Sums of products go by the tree of a row fold, however they are shared among workgroups. */
static void dots_give_the_bits_of_the_cpu(void)
{
	static const int64_t shapes[][2] = {{3, 1}, {5, 50}, {4, 64}, {3, 1500}, {1, 150001}, {2, 70000}, {2, 0}};

	NEEDS_GPU();
	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		enum tr_dtype dtype = i % 4 == 1 ? TR_F64 : i % 4 == 2 ? TR_F16 : TR_F32;
		struct pair x, y, p;

		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		test_note("%lld x %lld %s", (long long)shapes[i][0], (long long)shapes[i][1], tr_dtype_name(dtype));
		x = random_view(dtype, 2, shapes[i], true);
		y = random_pair(dtype, 1, &shapes[i][1]);
		p = (struct pair){tr_vecdot(x.g, y.g), tr_vecdot(x.c, y.c)};
		assert_pair(p, "vecdot");
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(products_give_the_bits_of_the_cpu),
		TEST(large_products_give_the_bits_of_the_cpu),
		TEST(products_of_any_form_give_the_bits_of_the_cpu),
		TEST(long_products_give_the_bits_of_the_cpu),
		TEST(reductions_give_the_bits_of_the_cpu),
		TEST(rows_give_the_bits_of_the_cpu),
		TEST(long_rows_give_the_bits_of_the_cpu),
		TEST(dots_give_the_bits_of_the_cpu),
		TEST(validation_had_nothing_to_say),
	};

	return VK_RUN("vk_rows", cases);
}
