/* SPDX-License-Identifier: MIT */
/*
 * The Vulkan driver against the CPU's, bit for bit: every elementwise operation and type, every conversion, random
 * arrangements, fused chains and random sequences in place. Runs on whatever "vulkan" opens, a rasteriser
 * included, under the validation layer if it is installed: one message fails the suite.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/tensors.h"
#include "vk/spirv.h"

static struct tr_context *gpu, *cpu;
static char scratch[] = "/tmp/trueno-vk-XXXXXX";
static char log_file[64];
static char why_not[256];
static bool flushes; /* whether the GPU takes f32 denormals for 0, as Vulkan lets it */

#define NEEDS_GPU() \
	do { \
		if (!gpu) \
			TEST_SKIP("no Vulkan device: %s", why_not); \
	} while (0)

static bool is_nan(enum tr_dtype dtype, const unsigned char *p)
{
	uint16_t h;
	float f;
	double d;

	switch (dtype) {
	case TR_F16:
	case TR_BF16:
		memcpy(&h, p, 2);
		return (h & 0x7fff) > (dtype == TR_F16 ? 0x7c00 : 0x7f80);
	case TR_F32:
		memcpy(&f, p, 4);
		return isnan(f);
	case TR_F64:
		memcpy(&d, p, 8);
		return isnan(d);
	default:
		return false;
	}
}

static bool is_denormal(enum tr_dtype dtype, const unsigned char *p)
{
	float f;

	if (dtype == TR_C64)
		return is_denormal(TR_F32, p) || is_denormal(TR_F32, p + 4);
	memcpy(&f, p, 4);
	return dtype == TR_F32 && fpclassify(f) == FP_SUBNORMAL;
}

static bool same(enum tr_dtype dtype, const unsigned char *a, const unsigned char *b)
{
	size_t size = tr_dtype_size(dtype);
	enum tr_dtype part = dtype == TR_C64 ? TR_F32 : TR_F64;

	if (dtype == TR_C64 || dtype == TR_C128)
		return same(part, a, b) && same(part, a + size / 2, b + size / 2);
	return !memcmp(a, b, size) || (is_nan(dtype, a) && is_nan(dtype, b));
}

static void print_bytes(char *out, const unsigned char *p, size_t n)
{
	for (size_t i = n; i-- > 0;)
		out += sprintf(out, "%02x", p[i]);
}

/* The first element in which the tensors differ, noted; -1 if there is none. */
static int64_t first_difference(struct tr_tensor *a, struct tr_tensor *b, const char *what)
{
	enum tr_dtype dtype = tr_dtype_of(a);
	size_t size = tr_dtype_size(dtype), n = (size_t)tr_numel(a);
	unsigned char *x = malloc(n * size + 1), *y = malloc(n * size + 1);
	char hx[40], hy[40];
	int64_t bad = -1;

	if (dtype != tr_dtype_of(b) || tr_numel(a) != tr_numel(b) || tr_read(a, x, n * size) || tr_read(b, y, n * size))
		bad = 0;
	for (size_t i = 0; i < n && bad < 0; i++) {
		if (same(dtype, x + i * size, y + i * size) || (flushes && is_denormal(dtype, y + i * size)))
			continue;
		bad = (int64_t)i;
		print_bytes(hx, x + i * size, size);
		print_bytes(hy, y + i * size, size);
		test_note("%s: element %zu is %s, cpu %s", what, i, hx, hy);
	}
	if (tr_error(gpu))
		test_note("%s: %s", what, tr_error_message(gpu));
	free(x);
	free(y);
	return bad;
}

/* A value in both contexts. */
struct pair {
	struct tr_tensor *g, *c;
};

/* Of any kind; where denormals are flushed, so that even products and quotients are normal. */
static float random_float(void)
{
	float f = test_rand_f32(), size = fabsf(f);

	return flushes && size > 0 && size < INFINITY && (size < 0x1p-50f || size > 0x1p50f) ? (float)test_rand_normal() : f;
}

static void random_element(enum tr_dtype dtype, unsigned char *p)
{
	float f = random_float(), parts[2] = {f, random_float()};
	double d = test_rand_f64(), dparts[2] = {d, test_rand_f64()};
	uint64_t bits = test_rand_below(3) ? test_rand() : test_rand_below(5) - 2;
	uint16_t half = (uint16_t)test_rand();

	if (flushes && dtype == TR_BF16) {
		uint32_t f_bits;

		memcpy(&f_bits, &f, sizeof(f_bits));
		half = (uint16_t)(f_bits >> 16);
	}
	if (test_rand_below(2)) { /* where functions have something to do */
		f = (float)(8 * test_rand_normal());
		d = 8 * test_rand_normal();
	}
	switch (dtype) {
	case TR_BOOL:
		*p = bits & 1;
		break;
	case TR_F16:
	case TR_BF16:
		memcpy(p, &half, 2);
		break;
	case TR_F32:
		memcpy(p, &f, 4);
		break;
	case TR_F64:
		memcpy(p, &d, 8);
		break;
	case TR_C64:
		memcpy(p, parts, 8);
		break;
	case TR_C128:
		memcpy(p, dparts, 16);
		break;
	default:
		memcpy(p, &bits, tr_dtype_size(dtype));
	}
}

static struct pair random_pair(enum tr_dtype dtype, int ndim, const int64_t *shape)
{
	size_t size = tr_dtype_size(dtype), n = 1;
	unsigned char *data;
	struct pair p;

	for (int i = 0; i < ndim; i++)
		n *= (size_t)shape[i];
	data = malloc(n * size + 1);
	for (size_t i = 0; i < n; i++)
		random_element(dtype, data + i * size);
	p.g = tr_from_data(gpu, dtype, ndim, shape, data);
	p.c = tr_from_data(cpu, dtype, ndim, shape, data);
	free(data);
	return p;
}

static void free_pair(struct pair p)
{
	tr_free(p.g);
	tr_free(p.c);
}

static int sources_of(enum tr_op op)
{
	enum tr_family f = (enum tr_family)tr__ops[op].family;

	return tr__family_is_map(f) && f != TR_FAMILY_FILL ? (int)tr__family_sources(f) : 0;
}

static struct tr_tensor *submit(struct tr_context *ctx, enum tr_op op, struct tr_tensor *const *src,
				struct tr_tensor *dst, enum tr_dtype to)
{
	struct tr_sqe sqe;

	tr_prep(&sqe, op);
	sqe.nsrc = (uint8_t)sources_of(op);
	for (int i = 0; i < sqe.nsrc; i++)
		sqe.src[i] = tr_handle(src[i]);
	sqe.dst = dst ? tr_handle(dst) : 0;
	sqe.dtype = (uint8_t)to;
	sqe.attr.f64[0] = 0.75; /* of operations with numbers */
	sqe.attr.f64[1] = 6;
	return tr_submit(ctx, &sqe, 1) ? NULL : tr_from_handle(ctx, sqe.dst);
}

static struct pair submit_pair(enum tr_op op, const struct pair *src, const struct pair *dst, enum tr_dtype to)
{
	struct tr_tensor *g[3] = {src[0].g, src[1].g, src[2].g}, *c[3] = {src[0].c, src[1].c, src[2].c};
	struct pair p;

	p.g = submit(gpu, op, g, dst ? dst->g : NULL, to);
	p.c = submit(cpu, op, c, dst ? dst->c : NULL, to);
	return p;
}

static bool is_map(enum tr_op op)
{
	return tr__family_is_map((enum tr_family)tr__ops[op].family) && tr__ops[op].family != TR_FAMILY_FILL;
}

static void assert_pair(struct pair p, const char *what)
{
	if (!p.g || !p.c)
		test_note("%s: %s%s", what, tr_error_message(gpu), tr_error_message(cpu));
	CU_ASSERT_PTR_NOT_NULL(p.g);
	CU_ASSERT_PTR_NOT_NULL(p.c);
	if (p.g && p.c)
		CU_ASSERT_EQUAL(first_difference(p.g, p.c, what), -1);
	CU_ASSERT_EQUAL(tr_error(gpu), 0);
	tr_error_clear(gpu);
	tr_error_clear(cpu);
}

static void compare(enum tr_op op, enum tr_dtype dtype, int64_t n)
{
	struct pair src[3] = {{0}}, y;
	char what[64];
	int nsrc = sources_of(op);

	snprintf(what, sizeof(what), "%s of %s", tr__ops[op].name, tr_dtype_name(dtype));
	test_note("%s", what);
	for (int i = 0; i < nsrc; i++)
		src[i] = random_pair(i == 0 && tr__ops[op].family == TR_FAMILY_SELECT ? TR_BOOL : dtype, 1, &n);
	y = submit_pair(op, src, NULL, TR_DTYPE_NONE);
	assert_pair(y, what);
	free_pair(y);
	for (int i = 0; i < nsrc; i++)
		free_pair(src[i]);
}

static void every_operation_gives_the_bits_of_the_cpu(void)
{
	NEEDS_GPU();
	for (int op = 0; op < TR_OP_COUNT; op++) {
		if (!is_map((enum tr_op)op) || tr__ops[op].family == TR_FAMILY_CAST)
			continue;
		for (int d = 0; d < TR_DTYPE_COUNT; d++)
			if (tr__ops[op].dtypes & TR__BIT(d))
				compare((enum tr_op)op, (enum tr_dtype)d, test_long() ? 200000 : 3001);
	}
}

static void every_conversion_gives_the_bits_of_the_cpu(void)
{
	int64_t n = 4000;

	NEEDS_GPU();
	for (int from = 0; from < TR_DTYPE_COUNT; from++) {
		struct pair a[3] = {random_pair((enum tr_dtype)from, 1, &n)};

		for (int to = 0; to < TR_DTYPE_COUNT; to++) {
			struct pair y = submit_pair(TR_OP_astype, a, NULL, (enum tr_dtype)to);
			char what[64];

			snprintf(what, sizeof(what), "%s to %s", tr_dtype_name((enum tr_dtype)from),
				 tr_dtype_name((enum tr_dtype)to));
			assert_pair(y, what);
			free_pair(y);
		}
		free_pair(a[0]);
	}
}

/* All of them: rounding of every f32 pattern would take long, but all halves are few. */
static void every_half_survives_a_round_trip(void)
{
	static uint16_t bits[65536];
	int64_t n = 65536;

	NEEDS_GPU();
	for (int i = 0; i < 65536; i++)
		bits[i] = (uint16_t)i;
	for (int d = TR_F16; d <= TR_BF16; d++) {
		struct pair a = {tr_from_data(gpu, (enum tr_dtype)d, 1, &n, bits),
				 tr_from_data(cpu, (enum tr_dtype)d, 1, &n, bits)};
		struct pair wide = {tr_astype(a.g, TR_F32), tr_astype(a.c, TR_F32)};
		struct pair back = {tr_astype(wide.g, (enum tr_dtype)d), tr_astype(wide.c, (enum tr_dtype)d)};

		assert_pair(wide, "widened");
		assert_pair(back, "and back");
		CU_ASSERT_EQUAL(first_difference(back.g, a.c, "round trip"), -1);
		free_pair(a);
		free_pair(wide);
		free_pair(back);
	}
}

static int random_rank(int64_t *shape, int64_t most)
{
	int ndim = (int)test_rand_below(6);

	for (int i = 0; i < ndim; i++) {
		shape[i] = 1 + (int64_t)test_rand_below(9);
		if (shape[i] > most)
			shape[i] = 1;
		most /= shape[i];
	}
	return ndim;
}

/* A view of the given shape on new memory: axes permuted, backwards, with gaps, repeated. */
static struct pair random_view(enum tr_dtype dtype, int ndim, const int64_t *shape, bool repeats)
{
	int64_t whole[TR_MAX_RANK] = {0}, step[TR_MAX_RANK];
	int perm[TR_MAX_RANK], back[TR_MAX_RANK];
	struct pair p, base;

	for (int i = 0; i < ndim; i++)
		perm[i] = i;
	for (int i = ndim - 1; i > 0; i--) {
		int k = (int)test_rand_below((uint64_t)i + 1), t = perm[i];

		perm[i] = perm[k];
		perm[k] = t;
	}
	for (int i = 0; i < ndim; i++) {
		bool repeat = repeats && !test_rand_below(4);

		back[perm[i]] = i;
		step[i] = repeat ? 1 : (int64_t)test_rand_below(3) + 1;
		if (!repeat && test_rand_below(2))
			step[i] = -step[i];
		whole[i] = repeat ? 1 : shape[perm[i]] * (step[i] < 0 ? -step[i] : step[i]);
	}
	base = p = random_pair(dtype, ndim, whole);
	for (int i = 0; i < ndim; i++) {
		int64_t first = step[i] < 0 ? whole[i] - 1 : 0, end = step[i] < 0 ? -whole[i] - 1 : whole[i];
		struct pair next = {tr_slice_axis(p.g, i, first, end, step[i]),
				    tr_slice_axis(p.c, i, first, end, step[i])};

		p = next;
	}
	if (ndim) {
		struct pair turned = {tr_permute(p.g, back), tr_permute(p.c, back)};
		struct pair wide = {tr_broadcast_to(turned.g, ndim, shape), tr_broadcast_to(turned.c, ndim, shape)};

		p = wide;
	}
	(void)base; /* the scope frees the steps on the way */
	return p;
}

static enum tr_op random_op(enum tr_dtype dtype)
{
	for (;;) {
		enum tr_op op = (enum tr_op)test_rand_below(TR_OP_COUNT);

		if (is_map(op) && tr__ops[op].family != TR_FAMILY_CAST && tr__ops[op].dtypes & TR__BIT(dtype))
			return op;
	}
}

static enum tr_dtype random_number(void)
{
	static const enum tr_dtype often[] = {TR_F32, TR_F64, TR_I32, TR_I64, TR_U8, TR_I16};

	return often[test_rand_below(sizeof(often) / sizeof(*often))];
}

static void arrangements_do_not_matter(void)
{
	NEEDS_GPU();
	for (int round = 0; round < (test_long() ? 2000 : 150); round++) {
		enum tr_dtype dtype = random_number();
		enum tr_op op = random_op(dtype);
		int64_t shape[TR_MAX_RANK];
		int ndim = random_rank(shape, 5000);
		struct pair src[3] = {{0}}, y, dst;

		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		test_note("round %d: %s of %s", round, tr__ops[op].name, tr_dtype_name(dtype));
		for (int i = 0; i < sources_of(op); i++)
			src[i] = random_view(i == 0 && tr__ops[op].family == TR_FAMILY_SELECT ? TR_BOOL : dtype, ndim,
					     shape, true);
		y = submit_pair(op, src, NULL, TR_DTYPE_NONE);
		assert_pair(y, tr__ops[op].name);
		if (y.g && y.c) {
			dst = random_view(tr_dtype_of(y.g), ndim, shape, false);
			submit_pair(op, src, &dst, TR_DTYPE_NONE);
			assert_pair(dst, "into a view");
		}
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

#define LIVE 10

/* Random operations on a few tensors of one shape, many of them in place or on overlapping halves, in one batch. */
static void random_batch(enum tr_dtype dtype, int length)
{
	int64_t shape[2] = {2 + (int64_t)test_rand_below(40), 1 + (int64_t)test_rand_below(70)};
	struct pair live[LIVE];

	for (int i = 0; i < LIVE; i++)
		live[i] = random_pair(dtype, 2, shape);
	tr_batch_begin(gpu);
	tr_batch_begin(cpu);
	for (int k = 0; k < length; k++) {
		int64_t half = shape[0] / 2, from = (int64_t)test_rand_below((uint64_t)(shape[0] - half + 1));
		unsigned at = (unsigned)test_rand_below(LIVE);
		enum tr_op op = random_op(dtype);
		struct pair src[3], dst = live[at];
		bool partly = test_rand_below(3) == 0;

		for (int i = 0; i < 3; i++)
			src[i] = live[test_rand_below(LIVE)];
		if (partly) {
			for (int i = 0; i < 3; i++) {
				int64_t start = (int64_t)test_rand_below((uint64_t)(shape[0] - half + 1));

				src[i].g = tr_slice_axis(src[i].g, 0, start, start + half, 1);
				src[i].c = tr_slice_axis(src[i].c, 0, start, start + half, 1);
			}
			dst.g = tr_slice_axis(dst.g, 0, from, from + half, 1);
			dst.c = tr_slice_axis(dst.c, 0, from, from + half, 1);
		}
		/* The sign of a NaN that an operation made is nobody's business, so it must not be looked at. */
		if (tr__ops[op].family == TR_FAMILY_SELECT || tr__ops[op].result == TR_RESULT_BOOL || op == TR_OP_copysign)
			continue;
		if (partly || test_rand_below(2))
			submit_pair(op, src, &dst, TR_DTYPE_NONE);
		else
			live[at] = submit_pair(op, src, NULL, TR_DTYPE_NONE);
	}
	CU_ASSERT_EQUAL(tr_batch_end(gpu), 0);
	CU_ASSERT_EQUAL(tr_batch_end(cpu), 0);
	for (int i = 0; i < LIVE; i++)
		assert_pair(live[i], "after the batch");
}

static void batches_give_the_bits_of_the_cpu(void)
{
	NEEDS_GPU();
	for (int round = 0; round < (test_long() ? 200 : 12); round++) {
		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		test_note("round %d", round);
		/* values wander off to denormals on the way */
		random_batch(round % 3 == 2 ? TR_I32 : flushes ? TR_F64 : TR_F32, 4 + (int)test_rand_below(30));
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

/* One chain of multiply-adds per element: the same bits whatever the tiles are. */
static void products_give_the_bits_of_the_cpu(void)
{
	static const enum tr_dtype types[] = {TR_F32, TR_F64, TR_F16, TR_BF16};

	NEEDS_GPU();
	for (int round = 0; round < (test_long() ? 400 : 40); round++) {
		enum tr_dtype dtype = types[test_rand_below(4)];
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

/* Enough of them for large tiles, whole ones and not, along every axis. */
static void large_products_give_the_bits_of_the_cpu(void)
{
	NEEDS_GPU();
	for (int round = 0; round < 4; round++) {
		int64_t m = round % 2 ? 1280 : 1283, n = round / 2 ? 1408 : 1301, k = round % 2 ? 36 : 21;
		int64_t as[2] = {m, k}, bs[2] = {k, n}, ws[2] = {n, k};
		struct pair a, b, w, p;

		tr_scope_begin(gpu);
		tr_scope_begin(cpu);
		test_note("%lldx%lldx%lld", (long long)m, (long long)k, (long long)n);
		a = random_pair(TR_F32, 2, as);
		b = round == 3 ? random_view(TR_F32, 2, bs, false) : random_pair(TR_F32, 2, bs);
		w = random_pair(TR_F32, 2, ws);
		p = (struct pair){tr_matmul(a.g, b.g), tr_matmul(a.c, b.c)};
		assert_pair(p, "matmul");
		p = (struct pair){tr_linear(a.g, w.g, NULL), tr_linear(a.c, w.c, NULL)};
		assert_pair(p, "linear");
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
	for (int round = 0; round < (test_long() ? 600 : 90); round++) {
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
	for (int round = 0; round < (test_long() ? 300 : 40); round++) {
		enum tr_dtype dtype = types[test_rand_below(3)];
		int64_t shape[3] = {1 + (int64_t)test_rand_below(4), 1 + (int64_t)test_rand_below(30),
				    1 + (int64_t)test_rand_below(300)};
		int axis = (int)test_rand_below(3);
		struct pair x, w, b, y;

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
		y = (struct pair){tr_layer_norm(x.g, NULL, NULL, 0), tr_layer_norm(x.c, NULL, NULL, 0)};
		assert_pair(y, "bare layer_norm");
		tr_scope_end(gpu);
		tr_scope_end(cpu);
	}
}

/* Rows and columns that several workgroups share, and what makes them few, many, long or uneven. */
static void long_rows_give_the_bits_of_the_cpu(void)
{
	static const int64_t shapes[][2] = {{1, 300000}, {3, 140001}, {5000, 33}, {17, 5000}, {70001, 3}, {20000, 11},
					    {2, 131073}, {9000, 1}, {300, 2049}};
	static const enum tr_op ops[] = {TR_OP_sum, TR_OP_var, TR_OP_prod, TR_OP_max};

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

/* More commands than the parameter ring holds are several submissions. */
static void long_batches_are_split(void)
{
	int64_t n = 5;
	float x[5];
	struct tr_tensor *t, *y;
	struct tr_stats before, after;

	NEEDS_GPU();
	t = tr_zeros(gpu, TR_F32, 1, &n);
	y = tr_ones(gpu, TR_F32, 1, &n);
	tr_stats(gpu, &before);
	for (int batch = 0; batch < 12; batch++) {
		tr_batch_begin(gpu);
		for (int k = 0; k < 500; k++) {
			tr_add_out(t, t, y);
			tr_fill_out(y, 1);
		}
		CU_ASSERT_EQUAL(tr_batch_end(gpu), 0);
	}
	tr_stats(gpu, &after);
	CU_ASSERT_EQUAL(after.submitted - before.submitted, 12000);
	CU_ASSERT_EQUAL(tr_read(t, x, sizeof(x)), 0);
	CU_ASSERT_EQUAL(x[0], 6000);
	CU_ASSERT_EQUAL(x[4], 6000);
	tr_free(t);
	tr_free(y);
}

static void fills_write_every_type(void)
{
	int64_t shape[2] = {7, 9};

	NEEDS_GPU();
	for (int d = 0; d < TR_DTYPE_COUNT; d++) {
		static const double values[] = {0, 1, -3.25, 1e10, 0.1};

		for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
			struct pair p = {tr_full(gpu, (enum tr_dtype)d, 2, shape, values[i]),
					 tr_full(cpu, (enum tr_dtype)d, 2, shape, values[i])};

			assert_pair(p, tr_dtype_name((enum tr_dtype)d));
			free_pair(p);
		}
	}
}

/* A barrier is asked for exactly when a byte is written that was touched, or read that was written, since the last. */
static void barriers_follow_from_the_ranges(void)
{
	for (int round = 0; round < 200; round++) {
		struct tr_vk_hazards h = {.n = 0};
		unsigned char read[64] = {0}, written[64] = {0};

		for (int step = 0; step < 12; step++) {
			struct tr_vk_range r[3];
			bool want = false;

			for (int i = 0; i < 3; i++) {
				r[i].low = test_rand_below(60);
				r[i].high = r[i].low + test_rand_below(4);
				r[i].write = i == 0;
				for (uint64_t b = r[i].low; b < r[i].high; b++)
					want |= written[b] || (r[i].write && read[b]);
			}
			CU_ASSERT_EQUAL(tr__vk_hazard(&h, r, 3), want);
			if (want) {
				memset(read, 0, sizeof(read));
				memset(written, 0, sizeof(written));
			}
			for (int i = 0; i < 3; i++)
				memset((r[i].write ? written : read) + r[i].low, 1, r[i].high - r[i].low);
		}
	}
}

static void a_full_list_of_ranges_asks_for_a_barrier(void)
{
	struct tr_vk_hazards h = {.n = 0};

	for (uint64_t i = 0; i < TR_VK_RANGES; i++) {
		struct tr_vk_range r = {2 * i, 2 * i + 1, true};

		CU_ASSERT_FALSE(tr__vk_hazard(&h, &r, 1));
	}
	CU_ASSERT_TRUE(tr__vk_hazard(&h, &(struct tr_vk_range){1000, 1001, true}, 1));
	CU_ASSERT_EQUAL(h.n, 1);
}

static void memory_comes_back(void)
{
	struct test_heap heap = {0};
	struct tr_context_params params = {.device = "vulkan", .cache_bytes = 1, .allocator = test_heap_allocator(&heap)};
	struct tr_context *ctx;
	struct tr_tensor *t[32] = {NULL};
	char err[256];

	NEEDS_GPU();
	CU_ASSERT_EQUAL_FATAL(tr_context_create(&ctx, &params, err, sizeof(err)), 0);
	for (int round = 0; round < 400; round++) {
		size_t i = test_rand_below(32);
		int64_t n = 1 + (int64_t)test_rand_below(test_rand_below(8) ? 3000 : 3000000);
		struct tr_tensor *old = t[i];

		t[i] = tr_full(ctx, TR_F32, 1, &n, round);
		CU_ASSERT_PTR_NOT_NULL(t[i]);
		tr_free(old);
		i = test_rand_below(32);
		if (t[i])
			CU_ASSERT_EQUAL(value_at(t[i], 0), value_at(t[i], tr_numel(t[i]) - 1));
	}
	CU_ASSERT_EQUAL(tr_error(ctx), 0);
	tr_context_destroy(ctx);
	CU_ASSERT_EQUAL(heap.live, 0);
}

static void too_much_memory_is_an_error(void)
{
	int64_t n = (int64_t)1 << 44;

	NEEDS_GPU();
	CU_ASSERT_PTR_NULL(tr_empty(gpu, TR_F64, 1, &n));
	assert_error(gpu, TR_ENOMEM, "memory");
}

/* Opening fails cleanly wherever the allocator does. */
static void failing_allocations_are_errors(void)
{
	NEEDS_GPU();
	for (size_t at = 1;; at++) {
		struct test_heap heap = {.fail_at = at};
		struct tr_context_params params = {.device = "vulkan", .allocator = test_heap_allocator(&heap)};
		struct tr_context *ctx;
		char err[256];
		int64_t n = 100;
		int status = tr_context_create(&ctx, &params, err, sizeof(err));
		struct tr_tensor *t = status ? NULL : tr_full(ctx, TR_I32, 1, &n, 1);
		bool done = t != NULL;

		CU_ASSERT_TRUE(status == 0 || status == -TR_ENOMEM);
		if (!status)
			tr_context_destroy(ctx);
		CU_ASSERT_EQUAL(heap.live, 0);
		if (done && heap.calls < at)
			return;
	}
}

static void foreign_memory_is_refused(void)
{
	static float data[16];
	int64_t n = 16;
	struct tr_vk_heap none = {0};

	NEEDS_GPU();
	CU_ASSERT_FALSE(tr__vk_heap_has(&none, (uintptr_t)data, (uintptr_t)data + 4));
	tr_negative(tr_borrow(gpu, TR_F32, 1, &n, data, 0, NULL, NULL));
	assert_error(gpu, TR_EDEVICE, "not the device's");
}

static void missing_kernels_are_refused(void)
{
	int64_t n = 16;

	NEEDS_GPU();
	tr_argmax(tr_ones(gpu, TR_F32, 1, &n), TR_ALL_AXES, 0);
	assert_error(gpu, TR_EDTYPE, "no kernel");
}

static void devices_are_named(void)
{
	struct tr_context_params params = {.device = "vulkan:200"};
	struct tr_device_info info;
	struct tr_context *ctx;
	char err[256];

	NEEDS_GPU();
	tr_device_info(gpu, &info);
	CU_ASSERT_STRING_EQUAL(info.driver, "vulkan");
	CU_ASSERT_NOT_EQUAL(strlen(info.name), 0);
	CU_ASSERT_EQUAL(tr_context_create(&ctx, &params, err, sizeof(err)), -TR_EDEVICE);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "no such device"));
	setenv("TRUENO_VISIBLE_DEVICES", "", 1);
	params.device = "vulkan";
	CU_ASSERT_EQUAL(tr_context_create(&ctx, &params, err, sizeof(err)), -TR_EDEVICE);
	setenv("TRUENO_VISIBLE_DEVICES", "0", 1);
	CU_ASSERT_EQUAL(tr_context_create(&ctx, &params, err, sizeof(err)), 0);
	tr_context_destroy(ctx);
	unsetenv("TRUENO_VISIBLE_DEVICES");
}

static void auto_takes_no_rasteriser(void)
{
	struct tr_context_params params = {.device = "auto"};
	struct tr_device_info info;
	struct tr_context *ctx;
	char err[256];

	NEEDS_GPU();
	tr_device_info(gpu, &info);
	if (!strstr(info.name, "llvmpipe"))
		TEST_SKIP("%s is no rasteriser", info.name);
	CU_ASSERT_EQUAL_FATAL(tr_context_create(&ctx, &params, err, sizeof(err)), 0);
	tr_device_info(ctx, &info);
	CU_ASSERT_STRING_EQUAL(info.driver, "cpu");
	tr_context_destroy(ctx);
}

/* What was written is read back; what was tampered with is not. */
static void the_disk_cache_is_checked(void)
{
	static const char data[] = "what a driver compiled";
	static struct tr_vk_gpu some = {.cache_uuid = {1, 2, 3}};
	char path[256];
	size_t size;
	void *back;
	FILE *f;

	tr__vk_disk_write(&some, 7, data, sizeof(data));
	back = tr__vk_disk_read(&some, 7, &size);
	CU_ASSERT_EQUAL(size, sizeof(data));
	CU_ASSERT_TRUE(back && !memcmp(back, data, sizeof(data)));
	free(back);
	CU_ASSERT_PTR_NULL(tr__vk_disk_read(&some, 8, &size));
	snprintf(path, sizeof(path), "%s/trueno/vk/01020300000000000000000000000000-0000000000000007", scratch);
	f = fopen(path, "r+");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	fseek(f, -3, SEEK_END);
	fputc('!', f);
	fclose(f);
	CU_ASSERT_PTR_NULL(tr__vk_disk_read(&some, 7, &size));
	CU_ASSERT_EQUAL(truncate(path, 30), 0);
	CU_ASSERT_PTR_NULL(tr__vk_disk_read(&some, 7, &size));
	CU_ASSERT_EQUAL(truncate(path, 3), 0);
	CU_ASSERT_PTR_NULL(tr__vk_disk_read(&some, 7, &size));
}

/* One module with the given instruction, checked by spirv-val. */
static bool is_valid(const struct tr_vk_gpu *target, const struct tr_vk_signature *s)
{
	struct tr_vk_code code;
	char path[96], command[256];
	FILE *f;
	bool ok;

	if (tr__vk_program_code(target, s, &code))
		return false;
	snprintf(path, sizeof(path), "%s/shader.spv", scratch);
	snprintf(command, sizeof(command), "spirv-val --target-env vulkan1.2 %s", path);
	f = fopen(path, "w");
	ok = f && fwrite(code.words, 4, code.n, f) == code.n;
	if (f)
		fclose(f);
	free(code.words);
	return ok && system(command) == 0;
}

/* Elements of an invocation and parameters, differently for every count. */
static void arrange(struct tr_vk_signature *s, unsigned count)
{
	size_t widest = 1;

	for (int i = 0; i < 4; i++)
		if (tr_dtype_size((enum tr_dtype)s->dtype[i]) > widest)
			widest = tr_dtype_size((enum tr_dtype)s->dtype[i]);
	s->lanes = (uint8_t)(16 / widest);
	s->pushed = count % 3 ? 11 : 0;
	s->tail = count % 2;
	for (int i = 0; i < 4; i++)
		s->group[i] = s->form[i] == TR_VK_REPEAT ? TR_VK_SAME
			      : s->lanes * tr_dtype_size((enum tr_dtype)s->dtype[i]) < 4 ? TR_VK_EACH
											 : TR_VK_TOGETHER;
}

/* For GPUs of every kind, not only the one that is here. */
static void modules_are_valid(void)
{
	struct tr_vk_gpu target = {.dtypes = UINT32_MAX};
	const uint8_t every = TR_VK_DENORMALS | TR_VK_SPECIALS | TR_VK_NEAREST;
	int step = test_long() ? 1 : 17, count = 0;

	if (system("spirv-val --version >/dev/null 2>&1"))
		TEST_SKIP("spirv-val is not installed");
	for (int op = 0; op < TR_OP_COUNT; op++) {
		for (int d = 0; d < TR_DTYPE_COUNT; d++) {
			uint8_t result = tr__ops[op].result == TR_RESULT_BOOL ? TR_BOOL : (uint8_t)d;
			struct tr_vk_signature s = {
				.kind = 1, .ndim = 3, .nload = 3, .nstore = 1, .ninstr = 1, .store = {3},
				.dtype = {(uint8_t)d, (uint8_t)d, (uint8_t)d, result},
				.form = {TR_VK_STRIDED, TR_VK_REPEAT, TR_VK_DENSE, TR_VK_DENSE},
				.instr = {{(uint16_t)op, (uint8_t)d, result, 3, {0, 1, 2}}},
			};

			if (!is_map((enum tr_op)op) || tr__ops[op].family == TR_FAMILY_CAST ||
			    !(tr__ops[op].dtypes & TR__BIT(d)) || count++ % step)
				continue;
			if (tr__ops[op].family == TR_FAMILY_SELECT)
				s.dtype[0] = TR_BOOL;
			arrange(&s, (unsigned)count);
			s.wide = count & 1;
			target.wide_division = count & 2;
			target.controls32 = count & 4 ? every : TR_VK_SPECIALS;
			target.controls64 = count & 8 ? every : 0;
			target.soft_fma32 = target.soft_fma64 = count & 16;
			test_note("%s of %s", tr__ops[op].name, tr_dtype_name((enum tr_dtype)d));
			CU_ASSERT_TRUE(is_valid(&target, &s));
		}
	}
}

/* Runs last: what the layer had to say about all that went before. */
static void validation_had_nothing_to_say(void)
{
	char line[1024] = "";
	FILE *f;

	NEEDS_GPU();
	if (!getenv("VK_INSTANCE_LAYERS"))
		TEST_SKIP("the validation layer is not installed");
	f = fopen(log_file, "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f); /* made by the layer when it starts */
	if (fgets(line, sizeof(line), f))
		test_note("%s", line);
	fclose(f);
	CU_ASSERT_STRING_EQUAL(line, "");
}

/* Some instructions may keep denormals where others do not; comparisons are the ones to tell. */
static bool find_flushes(void)
{
	static const float least[1] = {0x1p-149f};
	struct tr_tensor *t = tr_from_data(gpu, TR_F32, 0, NULL, least), *zero = tr_zeros(gpu, TR_F32, 0, NULL);
	struct tr_tensor *y = tr_equal(t, zero);
	unsigned char equal = 0;

	tr_read(y, &equal, sizeof(equal));
	tr_free(t);
	tr_free(zero);
	tr_free(y);
	return equal;
}

/* The layer and its settings, before the library is loaded. */
static void ask_for_validation(void)
{
	char path[64];
	FILE *f;

	snprintf(log_file, sizeof(log_file), "%s/validation", scratch);
	snprintf(path, sizeof(path), "%s/vk_layer_settings.txt", scratch);
	if (access("/usr/share/vulkan/explicit_layer.d/VkLayer_khronos_validation.json", R_OK))
		return;
	f = fopen(path, "w");
	if (!f)
		return;
	fprintf(f, "khronos_validation.debug_action = VK_DBG_LAYER_ACTION_LOG_MSG\n"
		   "khronos_validation.report_flags = error,warn\n"
		   "khronos_validation.enables = VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT\n"
		   "khronos_validation.log_filename = %s\n", log_file);
	fclose(f);
	setenv("VK_LAYER_SETTINGS_PATH", path, 1);
	setenv("VK_INSTANCE_LAYERS", "VK_LAYER_KHRONOS_validation", 1);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(every_operation_gives_the_bits_of_the_cpu),
		TEST(every_conversion_gives_the_bits_of_the_cpu),
		TEST(every_half_survives_a_round_trip),
		TEST(arrangements_do_not_matter),
		TEST(batches_give_the_bits_of_the_cpu),
		TEST(products_give_the_bits_of_the_cpu),
		TEST(large_products_give_the_bits_of_the_cpu),
		TEST(reductions_give_the_bits_of_the_cpu),
		TEST(rows_give_the_bits_of_the_cpu),
		TEST(long_rows_give_the_bits_of_the_cpu),
		TEST(long_batches_are_split),
		TEST(fills_write_every_type),
		TEST(barriers_follow_from_the_ranges),
		TEST(a_full_list_of_ranges_asks_for_a_barrier),
		TEST(memory_comes_back),
		TEST(too_much_memory_is_an_error),
		TEST(failing_allocations_are_errors),
		TEST(foreign_memory_is_refused),
		TEST(missing_kernels_are_refused),
		TEST(devices_are_named),
		TEST(auto_takes_no_rasteriser),
		TEST(the_disk_cache_is_checked),
		TEST(modules_are_valid),
		TEST(validation_had_nothing_to_say),
	};
	struct tr_context_params on_gpu = {.device = "vulkan"}, on_cpu = {.device = "cpu"};
	char command[96];
	int status;

	if (!mkdtemp(scratch))
		return 2;
	setenv("XDG_CACHE_HOME", scratch, 1);
	ask_for_validation();
	if (tr_context_create(&gpu, &on_gpu, why_not, sizeof(why_not)))
		gpu = NULL;
	if (tr_context_create(&cpu, &on_cpu, command, sizeof(command)))
		return 2;
	flushes = gpu && find_flushes();
	status = TEST_RUN("vk", cases);
	tr_context_destroy(gpu);
	tr_context_destroy(cpu);
	snprintf(command, sizeof(command), "rm -rf %s", scratch);
	return system(command) ? 2 : status;
}
