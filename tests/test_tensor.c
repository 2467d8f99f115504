/* SPDX-License-Identifier: MIT */
/* Tensors through the public API: creation, views, promotion, destinations, and every refusal's words. */
#include <stdlib.h>
#include <string.h>

#include "tests/tensors.h"

static struct tr_context *ctx; /* opened by each test through fresh(), so that errors do not leak between them */

static void fresh(void)
{
	tr_context_destroy(ctx);
	ctx = open_context();
}

static void creation_fills_and_converts(void)
{
	fresh();
	ASSERT_F32(tr_zeros(ctx, TR_F32, SHAPE(2)), 0, 0);
	ASSERT_F32(tr_full(ctx, TR_F32, SHAPE(2, 1), 2.5), 2.5f, 2.5f);
	for (int d = 0; d < TR_C64; d++)
		CU_ASSERT_EQUAL(value_at(tr_ones(ctx, (enum tr_dtype)d, SHAPE(3)), 2), 1);
	CU_ASSERT_EQUAL(value_at(tr_full(ctx, TR_I8, SCALAR, -3.7), 0), -3);
	CU_ASSERT_EQUAL(tr_numel(tr_empty(ctx, TR_F64, SHAPE(3, 0, 2))), 0);
	CU_ASSERT_PTR_NULL(tr_data(tr_empty(ctx, TR_F64, SHAPE(3, 0, 2))));
	CU_ASSERT_EQUAL(tr_error(ctx), 0);
}

static void creation_refuses_what_cannot_be(void)
{
	int64_t nine[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};

	fresh();
	CU_ASSERT_PTR_NULL(tr_empty(ctx, TR_F32, SHAPE(2, -1)));
	assert_error(ctx, TR_EINVAL, "[2,-1] has a negative size");
	CU_ASSERT_PTR_NULL(tr_empty(ctx, TR_F32, 9, nine));
	assert_error(ctx, TR_EINVAL, "rank 9");
	CU_ASSERT_PTR_NULL(tr_empty(ctx, (enum tr_dtype)99, SHAPE(2)));
	assert_error(ctx, TR_EINVAL, "99");
	CU_ASSERT_PTR_NULL(tr_empty(ctx, TR_F32, SHAPE(INT64_MAX / 2, 4)));
	assert_error(ctx, TR_EOVERFLOW, "does not fit");
	CU_ASSERT_PTR_NULL(tr_empty(ctx, TR_F64, SHAPE((int64_t)1 << 50)));
	assert_error(ctx, TR_ENOMEM, "out of memory");
}

static void views_share_storage_and_cost_no_copy(void)
{
	struct tr_tensor *x, *t, *r;
	struct tr_stats before, after;

	fresh();
	x = ramp(ctx, 0, 1, SHAPE(2, 3));
	tr_stats(ctx, &before);
	t = tr_transpose(x);
	r = tr_slice_axis(t, 0, TR_NONE, TR_NONE, -2);
	tr_stats(ctx, &after);
	CU_ASSERT_EQUAL(before.dispatched, after.dispatched);
	CU_ASSERT(tr_shares_storage(x, t) && tr_shares_storage(x, r));
	ASSERT_F32(t, 0, 3, 1, 4, 2, 5);
	ASSERT_F32(r, 2, 5, 0, 3);
	CU_ASSERT_FALSE(tr_is_contiguous(t));
	((float *)tr_data(x))[2] = 9;
	ASSERT_F32(r, 9, 5, 0, 3);
	tr_free(x);
	ASSERT_F32(t, 0, 3, 1, 4, 9, 5);
	ASSERT_F32(tr_reshape(t, SHAPE(-1)), 0, 3, 1, 4, 9, 5); /* has to copy */
	ASSERT_F32(tr_select(t, 0, -1), 9, 5);
	ASSERT_F32(tr_broadcast_to(tr_select(t, 0, 1), SHAPE(2, 2)), 1, 4, 1, 4);
	CU_ASSERT_EQUAL(tr_ndim(tr_unsqueeze(t, -1)), 3);
	ASSERT_F32(tr_select(t, 1, -2), 0, 1, 9);
	CU_ASSERT_EQUAL(tr_error(ctx), 0);
	CU_ASSERT_PTR_NULL(tr_select(t, 1, 2));
	assert_error(ctx, TR_EINDEX, "select: index 2 is out of bounds for axis 1 with size 2");
	CU_ASSERT_PTR_NULL(tr_select(t, 1, -3));
	assert_error(ctx, TR_EINDEX, "select: index -3 is out of bounds");
	CU_ASSERT_PTR_NULL(tr_transpose(ramp(ctx, 0, 1, SHAPE(3))));
	assert_error(ctx, TR_ESHAPE, "transpose: rank 1 has no two axes to exchange");
}

static void slices_follow_python(void)
{
	static const struct {
		int64_t start, stop, step, n, first, last;
	} t[] = {
		{TR_NONE, TR_NONE, TR_NONE, 5, 0, 4}, {1, 4, 1, 3, 1, 3},        {-2, TR_NONE, 1, 2, 3, 4},
		{TR_NONE, -2, 1, 3, 0, 2},            {TR_NONE, TR_NONE, 2, 3, 0, 4}, {TR_NONE, TR_NONE, -1, 5, 4, 0},
		{3, 0, -2, 2, 3, 1},                  {-100, 100, 1, 5, 0, 4},   {100, -100, -1, 5, 4, 0},
		{4, 1, 1, 0, 0, 0},                   {0, 5, INT64_MAX, 1, 0, 0}, {4, TR_NONE, INT64_MIN + 1, 1, 4, 4},
	};
	struct tr_tensor *x;

	fresh();
	x = ramp(ctx, 0, 1, SHAPE(5));
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct tr_tensor *s = tr_slice_axis(x, 0, t[i].start, t[i].stop, t[i].step);

		test_note("case %zu", i);
		CU_ASSERT_EQUAL(tr_numel(s), t[i].n);
		if (t[i].n) {
			CU_ASSERT_EQUAL(value_at(s, 0), t[i].first);
			CU_ASSERT_EQUAL(value_at(s, t[i].n - 1), t[i].last);
		}
	}
	CU_ASSERT_PTR_NULL(tr_slice_axis(x, 0, 0, 1, 0));
	assert_error(ctx, TR_EINVAL, "slice: step is 0");
	CU_ASSERT_PTR_NULL(tr_slice_axis(x, 1, 0, 1, 1));
	assert_error(ctx, TR_EINVAL, "axis 1 does not exist in shape [5]");
}

/* Strides of one's own: what stays in the storage is a view, and nothing else is. */
static void strides_stay_in_the_storage(void)
{
	static const struct {
		int64_t shape[2], strides[2], offset;
	} outside[] = {
		{{3, 4}, {4, 1}, 1},            {{3, 4}, {4, 1}, -1},          {{3, 5}, {4, 1}, 0},
		{{3, 4}, {-4, 1}, 0},           {{2, 2}, {-12, 1}, 11},        {{1, 1}, {0, 0}, 12},
		{{2, 1}, {INT64_MAX, 1}, 0},    {{2, 1}, {INT64_MIN, 1}, 0},   {{3, 1}, {INT64_MAX, 1}, 0},
		{{1, 1}, {1, 1}, INT64_MAX},    {{1, 1}, {1, 1}, INT64_MIN},   {{2, 2}, {INT64_MAX, INT64_MAX}, 0},
		{{INT64_MAX, 4}, {0, 1}, 0},    {{-1, 4}, {4, 1}, 0},
	};
	struct tr_tensor *x, *tail, *y;

	fresh();
	x = ramp(ctx, 0, 1, SHAPE(3, 4));
	tail = tr_slice_axis(x, 0, 1, TR_NONE, TR_NONE);
	ASSERT_F32(tr_as_strided(x, 2, (int64_t[]){2, 2}, (int64_t[]){5, -1}, 1), 1, 0, 6, 5);
	ASSERT_F32(tr_as_strided(x, 2, (int64_t[]){2, 2}, (int64_t[]){-4, -1}, 11), 11, 10, 7, 6);
	ASSERT_F32(tr_as_strided(tail, 1, (int64_t[]){3}, (int64_t[]){4}, -4), 0, 4, 8); /* offset counts from tail's first */
	y = tr_as_strided(x, 2, (int64_t[]){2, 3}, (int64_t[]){0, 1}, 9);
	ASSERT_F32(y, 9, 10, 11, 9, 10, 11);
	CU_ASSERT_EQUAL(tr_negative_out(y, y), -TR_EREADONLY);
	assert_error(ctx, TR_EREADONLY, "negative");
	for (size_t i = 0; i < sizeof(outside) / sizeof(*outside); i++) {
		test_note("outside[%zu]", i);
		CU_ASSERT_PTR_NULL(tr_as_strided(x, 2, outside[i].shape, outside[i].strides, outside[i].offset));
		assert_error(ctx, TR_EINVAL, "leaves the storage");
	}
	y = tr_as_strided(x, 2, (int64_t[]){0, 4}, (int64_t[]){INT64_MAX, INT64_MAX}, INT64_MAX); /* no element, none outside */
	CU_ASSERT_PTR_NOT_NULL(y);
	CU_ASSERT_EQUAL(tr_numel(tr_negative(y)), 0);
	CU_ASSERT_PTR_NULL(tr_as_strided(x, -1, NULL, NULL, 0));
	assert_error(ctx, TR_EINVAL, "leaves the storage");
	ASSERT_F32(tr_as_strided(x, 0, NULL, NULL, 7), 7);
	CU_ASSERT_EQUAL(tr_ndim(tr_as_strided(x, 8, (int64_t[8]){1, 1, 1, 1, 1, 1, 1, 2}, (int64_t[8]){0, 0, 0, 0, 0, 0, 0, 1}, 0)), 8);
	CU_ASSERT_PTR_NULL(tr_as_strided(x, 9, (int64_t[9]){1, 1, 1, 1, 1, 1, 1, 1, 1}, (int64_t[9]){0}, 0));
	assert_error(ctx, TR_EINVAL, "leaves the storage");
	y = tr_as_strided(x, 2, (int64_t[]){1, 3}, (int64_t[]){0, 4}, 1); /* a stride of 0 that nothing repeats along */
	CU_ASSERT_EQUAL(tr_negative_out(y, y), 0);
	ASSERT_F32(x, 0, -1, 2, 3, 4, -5, 6, 7, 8, -9, 10, 11);
}

static void promotion_follows_nep50(void)
{
	static const struct {
		enum tr_dtype a, b, r;
	} t[] = {
		{TR_I8, TR_U8, TR_I16},    {TR_I16, TR_U8, TR_I16},    {TR_I64, TR_U64, TR_F64},  {TR_I32, TR_F32, TR_F64}, {TR_I16, TR_F16, TR_F32},
		{TR_U8, TR_F16, TR_F16},   {TR_F16, TR_BF16, TR_F32}, {TR_BOOL, TR_I8, TR_I8},  {TR_U32, TR_I32, TR_I64},
		{TR_F64, TR_C64, TR_C128}, {TR_I32, TR_C64, TR_C128}, {TR_I16, TR_C64, TR_C64}, {TR_BF16, TR_F32, TR_F32},
	};
	struct tr_tensor *i32, *f16, *b;

	fresh();
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		CU_ASSERT_EQUAL(tr_promote_types(t[i].a, t[i].b), t[i].r);
		CU_ASSERT_EQUAL(tr_promote_types(t[i].b, t[i].a), t[i].r);
	}
	i32 = tr_full(ctx, TR_I32, SHAPE(2), 7);
	f16 = tr_full(ctx, TR_F16, SHAPE(2), 7);
	b = tr_ones(ctx, TR_BOOL, SHAPE(2));
	CU_ASSERT_EQUAL(tr_dtype_of(tr_add(i32, tr_scalar_int(ctx, 1))), TR_I32);
	CU_ASSERT_EQUAL(tr_dtype_of(tr_add(i32, tr_scalar(ctx, 1))), TR_F64);
	CU_ASSERT_EQUAL(tr_dtype_of(tr_add(f16, tr_scalar(ctx, 1))), TR_F16);
	CU_ASSERT_EQUAL(tr_dtype_of(tr_add(b, tr_scalar_int(ctx, 1))), TR_I64);
	CU_ASSERT_EQUAL(tr_dtype_of(tr_divide(i32, i32)), TR_F64);
	CU_ASSERT_EQUAL(tr_dtype_of(tr_sqrt(tr_astype(i32, TR_I8))), TR_F16);
	CU_ASSERT_EQUAL(tr_dtype_of(tr_less(i32, f16)), TR_BOOL);
	CU_ASSERT_EQUAL(tr_dtype_of(tr_sum(b, TR_ALL_AXES, 0)), TR_I64);
	CU_ASSERT_EQUAL(tr_dtype_of(tr_sum(i32, TR_ALL_AXES, TR_AS(TR_F32))), TR_F32);
	CU_ASSERT_EQUAL(tr_dtype_of(tr_mean(i32, TR_ALL_AXES, 0)), TR_F64);
	CU_ASSERT_EQUAL(value_at(tr_add(f16, i32), 0), 14);
	CU_ASSERT_EQUAL(tr_error(ctx), 0);
	CU_ASSERT_PTR_NULL(tr_subtract(b, b));
	assert_error(ctx, TR_EDTYPE, "subtract: not defined for bool");
	CU_ASSERT_PTR_NULL(tr_bitwise_and(f16, f16));
	assert_error(ctx, TR_EDTYPE, "bitwise_and: not defined for float16");
}

/* Where float64 would hold the operands equal, or the other way about. */
static void comparisons_of_uint64_with_signed_types_are_exact(void)
{
	static const struct {
		struct tr_tensor *(*compare)(struct tr_tensor *, struct tr_tensor *);
		uint8_t less, equal, greater;
	} t[] = {
		{tr_less, 1, 0, 0}, {tr_less_equal, 1, 1, 0}, {tr_equal, 0, 1, 0},
		{tr_not_equal, 1, 0, 1}, {tr_greater, 0, 0, 1}, {tr_greater_equal, 0, 1, 1},
	};
	static const int64_t a[] = {INT64_MAX, INT64_MAX, INT64_MAX, -1, INT64_MIN, 0, INT64_C(1) << 53};
	static const uint64_t b[] = {(uint64_t)INT64_MAX + 1, INT64_MAX, (uint64_t)INT64_MAX - 1, UINT64_MAX, UINT64_C(1) << 63, 0,
				     (UINT64_C(1) << 53) + 1};
	static const int order[] = {-1, 0, 1, -1, -1, 0, -1};
	struct tr_tensor *s, *u;

	fresh();
	s = tr_from_data(ctx, TR_I64, SHAPE(7), a);
	u = tr_from_data(ctx, TR_U64, SHAPE(7), b);
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		const uint8_t *y = tr_data_const(t[i].compare(s, u)), *turned = tr_data_const(t[i].compare(u, s));
		uint8_t answers[] = {t[i].less, t[i].equal, t[i].greater};

		for (int k = 0; k < 7; k++) {
			CU_ASSERT_EQUAL(y[k], answers[1 + order[k]]);
			CU_ASSERT_EQUAL(turned[k], answers[1 - order[k]]);
		}
	}
	s = tr_from_data(ctx, TR_I8, SCALAR, (int8_t[]){-1});
	CU_ASSERT_EQUAL(value_at(tr_less(s, tr_from_data(ctx, TR_U64, SHAPE(1), b)), 0), 1);
	CU_ASSERT_EQUAL(tr_less_out(tr_empty(ctx, TR_BOOL, SHAPE(7)), u, s), 0);
	CU_ASSERT_EQUAL(tr_error(ctx), 0);
}

static void errors_name_the_culprit_and_the_first_is_kept(void)
{
	struct tr_tensor *a, *b;

	fresh();
	a = tr_zeros(ctx, TR_F32, SHAPE(3, 4));
	b = tr_zeros(ctx, TR_F32, SHAPE(5, 4));
	CU_ASSERT_PTR_NULL(tr_exp(tr_sum(tr_add(a, b), 9, 0)));
	assert_error(ctx, TR_ESHAPE, "add: shapes [3,4] and [5,4] do not broadcast: axis 0 is 3 vs 5");
	CU_ASSERT_PTR_NULL(tr_add(a, NULL));
	assert_error(ctx, TR_EINVAL, "add: operand 2 is NULL");
	CU_ASSERT_PTR_NULL(tr_matmul(a, b));
	assert_error(ctx, TR_ESHAPE, "matmul: shapes [3,4] and [5,4]");
	CU_ASSERT_PTR_NULL(tr_sum(a, TR_AXIS(2), 0));
	assert_error(ctx, TR_EINVAL, "sum: axes do not exist in shape [3,4]");
	CU_ASSERT_PTR_NULL(tr_max(tr_zeros(ctx, TR_F32, SHAPE(0, 2)), TR_AXIS(0), 0));
	assert_error(ctx, TR_ESHAPE, "max: no elements");
	CU_ASSERT_PTR_NULL(tr_softmax(a, 2));
	assert_error(ctx, TR_EINVAL, "softmax: axis 2");
	CU_ASSERT_PTR_NULL(tr_reshape(a, SHAPE(5, -1)));
	assert_error(ctx, TR_ESHAPE, "reshape: [3,4] cannot become [5,-1]");
	CU_ASSERT_PTR_NULL(tr_layer_norm(a, b, NULL, 0));
	assert_error(ctx, TR_ESHAPE, "layer_norm: weight is [5,4]");
	CU_ASSERT_PTR_NULL(tr_broadcast_to(a, SHAPE(4, 4)));
	assert_error(ctx, TR_ESHAPE, "broadcast_to: [3,4] does not broadcast to [4,4]");
	CU_ASSERT_PTR_NULL(tr_linear(a, b, tr_zeros(ctx, TR_F32, SHAPE(3))));
	assert_error(ctx, TR_ESHAPE, "linear: bias is [3]");
	CU_ASSERT_PTR_NULL(tr_take(a, a, 0));
	assert_error(ctx, TR_EDTYPE, "take: indices are float32");
	CU_ASSERT_EQUAL(tr_scope_end(ctx), -TR_ESTATE);
	assert_error(ctx, TR_ESTATE, "scope_end");
}

static void destinations_are_checked_and_overlap_is_safe(void)
{
	struct tr_tensor *x, *y, *fixed;
	static const float constant[4] = {1, 2, 3, 4};

	fresh();
	x = ramp(ctx, 1, 1, SHAPE(4));
	y = tr_zeros(ctx, TR_I32, SHAPE(4));
	CU_ASSERT_EQUAL(tr_add_out(x, x, x), 0);
	ASSERT_F32(x, 2, 4, 6, 8);
	CU_ASSERT_EQUAL(tr_copy_out(x, tr_slice_axis(x, 0, TR_NONE, TR_NONE, -1)), 0);
	ASSERT_F32(x, 8, 6, 4, 2);
	CU_ASSERT_EQUAL(tr_softmax_out(x, x, 0), 0);
	CU_ASSERT_EQUAL(tr_add_out(y, x, x), -TR_EDTYPE);
	assert_error(ctx, TR_EDTYPE, "does not cast to the destination's int32");
	CU_ASSERT_EQUAL(tr_add_out(tr_zeros(ctx, TR_F32, SHAPE(3)), x, x), -TR_ESHAPE);
	assert_error(ctx, TR_ESHAPE, "the destination is [3], the result [4]");
	CU_ASSERT_EQUAL(tr_add_out(tr_broadcast_to(x, SHAPE(2, 4)), x, tr_broadcast_to(x, SHAPE(2, 4))),
			-TR_EREADONLY);
	assert_error(ctx, TR_EREADONLY, "broadcast view");
	fixed = tr_borrow(ctx, TR_F32, SHAPE(4), (void *)(uintptr_t)constant, TR_BORROW_CONST, NULL, NULL);
	CU_ASSERT_EQUAL(tr_add_out(fixed, fixed, fixed), -TR_EREADONLY);
	assert_error(ctx, TR_EREADONLY, "read-only");
	CU_ASSERT_PTR_NULL(tr_data(fixed));
	assert_error(ctx, TR_EREADONLY, "read-only");
	ASSERT_F32(tr_add(fixed, fixed), 2, 4, 6, 8);
	CU_ASSERT_EQUAL(tr_write(fixed, constant, 16), -TR_EREADONLY);
	tr_error_clear(ctx);
	CU_ASSERT_EQUAL(tr_write(x, constant, 12), -TR_EINVAL);
	assert_error(ctx, TR_EINVAL, "12 bytes given");
}

#define SIDE 72

/* A block of a square matrix, maybe transposed or backwards, rows × cols. */
static struct tr_tensor *random_block(struct tr_tensor *x, int64_t rows, int64_t cols)
{
	int64_t size[2] = {rows, cols};
	struct tr_tensor *v = test_rand_below(2) ? tr_transpose(x) : x;

	for (int d = 0; d < 2; d++) {
		int64_t step = size[d] > SIDE / 2 ? 1 : 1 + (int64_t)test_rand_below(2), span = (size[d] - 1) * step;
		int64_t first = (int64_t)test_rand_below((uint64_t)(SIDE - span));

		if (test_rand_below(2))
			v = tr_slice_axis(v, d, first, first + span + 1, step);
		else
			v = tr_slice_axis(v, d, first + span, first ? first - 1 : TR_NONE, -step);
	}
	return v;
}

/* Whatever blocks of one matrix an operation reads and writes, small or of several tiles, it is as if it had read all before. */
static void any_overlap_is_safe(void)
{
	for (int i = 0; i < 2000; i++) {
		int64_t least = test_rand_below(2) ? 1 : SIDE - 5;
		int64_t rows = least + (int64_t)test_rand_below(5), cols = least + (int64_t)test_rand_below(5);
		struct tr_tensor *x, *y, *from, *rest;

		if (i % 100 == 0)
			fresh();
		tr_scope_begin(ctx);
		x = ramp(ctx, 1, 1, SHAPE(SIDE, SIDE));
		from = random_block(x, rows, cols);
		rest = test_rand_below(4) ? random_block(x, rows, cols) : from;
		y = test_rand_below(4) ? random_block(x, rows, cols) : from;
		if (i & 1) {
			struct tr_tensor *want = tr_add(tr_copy(from), tr_copy(rest));

			CU_ASSERT_EQUAL(tr_add_out(y, from, rest), 0);
			assert_same(tr_copy(y), want);
		} else {
			struct tr_tensor *want = tr_cumsum(tr_copy(from), 1, 0);

			CU_ASSERT_EQUAL(tr_cumsum_out(y, from, 1, 0), 0);
			assert_same(tr_copy(y), want);
		}
		tr_scope_end(ctx);
	}
}

static int released;

static void count_release(void *user)
{
	released += *(int *)user;
}

static void borrowed_memory_is_released_once_with_its_last_view(void)
{
	float data[4] = {1, 2, 3, 4};
	struct tr_tensor *x, *v;
	int by = 1;

	fresh();
	released = 0;
	x = tr_borrow(ctx, TR_F32, SHAPE(2, 2), data, 0, count_release, &by);
	v = tr_select(x, 0, 1);
	tr_free(x);
	CU_ASSERT_EQUAL(released, 0);
	CU_ASSERT_EQUAL(tr_negative_out(v, v), 0);
	CU_ASSERT_EQUAL(data[3], -4);
	tr_free(v);
	CU_ASSERT_EQUAL(released, 1);
	CU_ASSERT_PTR_NULL(tr_borrow(ctx, TR_F32, SHAPE(1), (char *)data + 1, 0, count_release, &by));
	assert_error(ctx, TR_EINVAL, "not aligned");
	CU_ASSERT_PTR_NULL(tr_borrow(ctx, TR_F32, SHAPE(1), data, 8, count_release, &by));
	assert_error(ctx, TR_EINVAL, "unknown flags");
	CU_ASSERT_EQUAL(released, 1);
	tr_free(tr_borrow(ctx, TR_F32, SHAPE(4), data, 0, NULL, NULL)); /* takes what the first one left */
	tr_free(ramp(ctx, 1, 1, SHAPE(4)));
	CU_ASSERT_EQUAL(released, 1);
}

static size_t alloc_calls;

static void *count_alloc(void *user, size_t size, size_t align)
{
	(void)user;
	alloc_calls++;
	return aligned_alloc(align, (size + align - 1) / align * align);
}

static void count_free(void *user, void *p, size_t size)
{
	(void)user;
	(void)size;
	free(p);
}

static struct tr_stats stats(struct tr_context *of)
{
	struct tr_stats s;

	tr_stats(of, &s);
	return s;
}

/* Freed memory is kept up to cache_bytes and no further, used again, and counted. */
static void freed_memory_is_kept_and_counted(void)
{
	struct tr_context_params params = {.device = "cpu", .cache_bytes = 2 * 40960, .allocator = {count_alloc, count_free, NULL}};
	struct tr_context *small;
	struct tr_tensor *t[3];
	struct tr_stats before, after;
	uint64_t block;

	CU_ASSERT_EQUAL_FATAL(tr_context_create(&small, &params, NULL, 0), 0);
	alloc_calls = stats(small).allocs;
	before = stats(small);
	t[0] = tr_ones(small, TR_F32, SHAPE(10240)); /* 40960 bytes, a size that memory comes in */
	block = stats(small).bytes_live - before.bytes_live;
	CU_ASSERT_EQUAL(block, 40960);
	for (int i = 0; i < 100; i++) {
		tr_free(t[0]);
		t[0] = tr_ones(small, TR_F32, SHAPE(10240 - i % 7));
	}
	after = stats(small);
	CU_ASSERT_EQUAL(after.bytes_live - before.bytes_live, block);
	t[1] = tr_ones(small, TR_F32, SHAPE(10240));
	t[2] = tr_ones(small, TR_F32, SHAPE(10240));
	CU_ASSERT_EQUAL(stats(small).allocs, alloc_calls);
	CU_ASSERT_EQUAL(stats(small).bytes_live - before.bytes_live, 3 * block);
	for (int i = 0; i < 3; i++)
		tr_free(t[i]);
	CU_ASSERT_EQUAL(stats(small).bytes_live - before.bytes_live, 2 * block); /* as much as the cache may hold */
	CU_ASSERT_EQUAL(stats(small).bytes_peak - before.bytes_live, 3 * block);
	before = stats(small);
	t[0] = tr_ones(small, TR_F32, SHAPE(10240));
	t[1] = tr_ones(small, TR_F32, SHAPE(10240));
	CU_ASSERT_EQUAL(stats(small).allocs, before.allocs);
	CU_ASSERT_EQUAL(stats(small).bytes_live, before.bytes_live);
	tr_context_destroy(small);
}

static void scopes_free_what_is_not_kept(void)
{
	struct tr_tensor *a, *kept;
	uint64_t handle;

	fresh();
	a = ramp(ctx, 1, 1, SHAPE(3));
	tr_scope_begin(ctx);
	tr_scope_begin(ctx);
	handle = tr_handle(tr_exp(a));
	kept = tr_keep(tr_keep(tr_negative(a)));
	CU_ASSERT_PTR_NOT_NULL(tr_from_handle(ctx, handle));
	tr_scope_end(ctx);
	CU_ASSERT_PTR_NULL(tr_from_handle(ctx, handle));
	ASSERT_F32(kept, -1, -2, -3);
	tr_scope_end(ctx);
	for (int i = 0; i < 200; i++)
		tr_scope_begin(ctx);
	tr_exp(a);
	for (int i = 0; i < 200; i++)
		CU_ASSERT_EQUAL(tr_scope_end(ctx), 0);
	CU_ASSERT_EQUAL(tr_error(ctx), 0);
}

static void concatenation_joins_and_promotes(void)
{
	struct tr_tensor *a, *b;

	fresh();
	a = ramp(ctx, 0, 1, SHAPE(2, 2));
	b = tr_full(ctx, TR_I8, SHAPE(2, 1), 9);
	ASSERT_F32(tr_concatenate((struct tr_tensor *[]){a, b, a}, 3, -1), 0, 1, 9, 0, 1, 2, 3, 9, 2, 3);
	CU_ASSERT_PTR_NULL(tr_concatenate((struct tr_tensor *[]){a, b}, 2, 0));
	assert_error(ctx, TR_ESHAPE, "part 1 is [2,1]");
	CU_ASSERT_PTR_NULL(tr_concatenate((struct tr_tensor *[]){a, ramp(ctx, 0, 1, SHAPE(3, 2))}, 2, 1));
	assert_error(ctx, TR_ESHAPE, "part 1 is [3,2]");
	CU_ASSERT_PTR_NULL(tr_concatenate((struct tr_tensor *[]){NULL, a}, 2, 0));
	CU_ASSERT_PTR_NULL(tr_concatenate((struct tr_tensor *[]){a}, 0, 0));
	CU_ASSERT_EQUAL(tr_error(ctx), 0);
	ASSERT_F32(tr_concatenate(&a, 1, 0), 0, 1, 2, 3);
	/* Types of the greatest kind decide before those below are joined to them: int8 and uint8 alone would make int16. */
	a = tr_full(ctx, TR_I8, SHAPE(1), 1);
	b = tr_full(ctx, TR_U8, SHAPE(1), 2);
	CU_ASSERT_EQUAL(tr_dtype_of(tr_concatenate((struct tr_tensor *[]){a, b, tr_full(ctx, TR_F16, SHAPE(1), 3)}, 3, 0)), TR_F16);
	CU_ASSERT_EQUAL(tr_dtype_of(tr_concatenate((struct tr_tensor *[]){a, b}, 2, 0)), TR_I16);
}

static void matmul_has_numpys_vector_and_batch_rules(void)
{
	struct tr_tensor *m, *v, *batch;

	fresh();
	m = ramp(ctx, 1, 1, SHAPE(2, 3));
	v = ramp(ctx, 1, 1, SHAPE(3));
	batch = ramp(ctx, 0, 1, SHAPE(2, 1, 3, 2));
	ASSERT_F32(tr_matmul(m, v), 14, 32);
	ASSERT_F32(tr_matmul(v, tr_transpose(m)), 14, 32);
	CU_ASSERT_EQUAL(tr_ndim(tr_matmul(v, v)), 0);
	ASSERT_F32(tr_matmul(v, v), 14);
	ASSERT_F32(tr_matmul(v, batch), 16, 22, 52, 58);
	CU_ASSERT_EQUAL(tr_ndim(tr_matmul(tr_reshape(m, SHAPE(1, 2, 3)), batch)), 4);
	CU_ASSERT_EQUAL(tr_error(ctx), 0);
	CU_ASSERT_PTR_NULL(tr_matmul(m, tr_scalar(ctx, 1)));
	assert_error(ctx, TR_ESHAPE, "use multiply");
}

static void every_failing_allocation_is_an_error_and_nothing_leaks(void)
{
	for (size_t n = 1; n < 400; n++) {
		struct test_heap heap = {.fail_at = n};
		struct tr_allocator alloc = test_heap_allocator(&heap);
		struct tr_context_params params = {.device = "cpu", .threads = 2, .allocator = alloc};
		struct tr_context *c;
		struct tr_tensor *x, *y;
		char why[128];
		bool failed;
		int err = tr_context_create(&c, &params, why, sizeof(why));

		if (err) {
			CU_ASSERT_EQUAL(err, -TR_ENOMEM);
			CU_ASSERT_EQUAL(heap.live, 0);
			continue;
		}
		x = tr_full(c, TR_F32, SHAPE(40, 40), 0.5);
		tr_batch_begin(c);
		y = tr_softmax(tr_add(tr_matmul(x, x), tr_sum(x, TR_AXIS(1), 0)), -1);
		y = tr_layer_norm(tr_transpose(y), NULL, NULL, 1e-5);
		y = tr_reshape(tr_attention(y, x, x, NULL, 1), SHAPE(1600));
		err = tr_batch_end(c);
		failed = tr_error(c) != 0;
		if (failed)
			CU_ASSERT_EQUAL(tr_error(c), -TR_ENOMEM);
		CU_ASSERT(failed || (!err && y && tr_data(y)));
		tr_context_destroy(c);
		CU_ASSERT_EQUAL(heap.live, 0);
		if (heap.calls < n)
			break; /* nothing failed any more: every allocation has had its turn */
		CU_ASSERT(n < 399);
	}
}

static void devices_that_do_not_exist_are_named(void)
{
	static const char *const names[] = {"gpu9000", "cpu:x", "cpu:", ":1"};

	for (size_t i = 0; i < 4; i++) {
		struct tr_context_params params = {.device = names[i]};
		struct tr_context *c = (struct tr_context *)1;
		char why[128];

		CU_ASSERT_EQUAL(tr_context_create(&c, &params, why, sizeof(why)), -TR_EINVAL);
		CU_ASSERT_PTR_NULL(c);
		CU_ASSERT_PTR_NOT_NULL(strstr(why, names[i]));
		CU_ASSERT_PTR_NOT_NULL(strstr(why, "cpu"));
	}
	tr_context_destroy(ctx);
	ctx = NULL;
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(creation_fills_and_converts),
		TEST(creation_refuses_what_cannot_be),
		TEST(views_share_storage_and_cost_no_copy),
		TEST(slices_follow_python),
		TEST(strides_stay_in_the_storage),
		TEST(promotion_follows_nep50),
		TEST(comparisons_of_uint64_with_signed_types_are_exact),
		TEST(errors_name_the_culprit_and_the_first_is_kept),
		TEST(destinations_are_checked_and_overlap_is_safe),
		TEST(any_overlap_is_safe),
		TEST(borrowed_memory_is_released_once_with_its_last_view),
		TEST(freed_memory_is_kept_and_counted),
		TEST(scopes_free_what_is_not_kept),
		TEST(concatenation_joins_and_promotes),
		TEST(matmul_has_numpys_vector_and_batch_rules),
		TEST(every_failing_allocation_is_an_error_and_nothing_leaks),
		TEST(devices_that_do_not_exist_are_named),
	};

	return TEST_RUN("tensor", cases);
}
