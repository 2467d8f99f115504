/* SPDX-License-Identifier: MIT */
/*
 * Every row of the op table, called wrongly: operands left out, of other types and shapes, destinations that do not fit or
 * must not be written, sizes that overflow, an allocator that fails at every call in turn. Each is an error that names the
 * operation and the culprit, after which the context works as before and, in the end, owes no memory. A destination that
 * overlaps an operand is none: the operand is read first. Knows of each family one call that is right.
 */
#include "tests/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <trueno/conv.h>

#include "lib/op.h"
#include "tests/tensors.h"

#define MOST_BYTES ((size_t)1 << 26) /* what the test's memory has for one block */
#define ROOM 16384
#define HUGE_SIZE ((int64_t)1 << 31)
#define ALLOCATIONS 60 /* more than any call makes */

struct form {
	enum tr_dtype dtype;
	int ndim;
	int64_t shape[TR_MAX_RANK];
};

/* The right call of an operation. */
struct call {
	struct tr_sqe sqe; /* without handles */
	int n;
	struct form operand[TR_SQE_SRCS];
	bool into; /* it is given a destination, of this form */
	struct form dst;
};

/* An operation under test. */
struct subject {
	enum tr_op op;
	struct call call;
	struct test_heap heap;
	struct tr_allocator inner, allocator;
	struct tr_context *ctx;
	struct tr_tensor *src[TR_SQE_SRCS], *dst;
	char right[ROOM]; /* the right call's result */
	size_t bytes;
};

static size_t refusals, overlaps;

static void is(struct form *f, enum tr_dtype dtype, int ndim, const int64_t *shape)
{
	f->dtype = dtype;
	f->ndim = ndim;
	memcpy(f->shape, shape, (size_t)ndim * sizeof(*shape));
}

static void takes(struct call *c, enum tr_dtype dtype, int ndim, const int64_t *shape)
{
	is(&c->operand[c->n++], dtype, ndim, shape);
}

static void writes(struct call *c, enum tr_dtype dtype, int ndim, const int64_t *shape)
{
	is(&c->dst, dtype, ndim, shape);
	c->into = true;
}

static enum tr_dtype usual(const struct tr_op_info *info)
{
	static const enum tr_dtype order[] = {TR_F32, TR_F64, TR_I32, TR_U64, TR_BOOL};

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		if (info->dtypes & TR__BIT(order[i]))
			return order[i];
	return TR_F32;
}

static int spatial(const struct tr_op_info *info)
{
	return info->name[strlen(info->name) - 2] - '0';
}

static void window_call(struct call *c, const struct tr_op_info *info)
{
	struct tr_interpolate_params by = {.mode = 0};
	struct tr_conv_params conv = {.groups = 1};
	struct tr_pool_params pool = {.flags = 0};
	bool adaptive = info->family == TR_FAMILY_ADAPTIVE_POOL;
	int n = 2 + spatial(info);

	takes(c, TR_F32, n, (int64_t[]){3, 4, 5, 5, 5});
	if (info->family == TR_FAMILY_CONV || info->family == TR_FAMILY_CONV_TRANSPOSE) {
		takes(c, TR_F32, n, (int64_t[]){4, 4, 2, 2, 2});
		takes(c, TR_F32, 1, (int64_t[]){4});
		memcpy(&c->sqe.attr, &conv, sizeof(conv));
	} else if (info->family == TR_FAMILY_INTERPOLATE) {
		for (int i = 0; i < n - 2; i++)
			by.size[i] = 4;
		memcpy(&c->sqe.attr, &by, sizeof(by));
	} else {
		for (int i = 0; i < 3; i++) {
			pool.output[i] = adaptive && i < n - 2 ? 2 : 0;
			pool.kernel[i] = !adaptive && i < n - 2 ? 2 : 0;
		}
		memcpy(&c->sqe.attr, &pool, sizeof(pool));
	}
}

static void product_call(struct call *c, const struct tr_op_info *info)
{
	switch (info->family) {
	case TR_FAMILY_MATMUL:
		takes(c, TR_F32, 2, (int64_t[]){3, 4});
		takes(c, TR_F32, 2, (int64_t[]){4, 5});
		if (info->result == TR_RESULT_ASKED)
			c->sqe.dtype = TR_F64;
		break;
	case TR_FAMILY_VECDOT:
		takes(c, TR_F32, 2, (int64_t[]){3, 4});
		takes(c, TR_F32, 2, (int64_t[]){3, 4});
		break;
	case TR_FAMILY_LINEAR:
		takes(c, TR_F32, 2, (int64_t[]){3, 4});
		takes(c, TR_F32, 2, (int64_t[]){5, 4});
		takes(c, TR_F32, 1, (int64_t[]){5});
		break;
	default:
		for (int i = 0; i < 3; i++)
			takes(c, TR_F32, 3, (int64_t[]){5, 3, 4});
		takes(c, TR_F32, 2, (int64_t[]){3, 3});
		c->sqe.attr.f64[0] = 0.5;
	}
}

static void index_call(struct call *c, const struct tr_op_info *info)
{
	switch (info->family) {
	case TR_FAMILY_TAKE:
		takes(c, TR_F32, 2, (int64_t[]){3, 4});
		takes(c, TR_I64, 1, (int64_t[]){5});
		break;
	case TR_FAMILY_EMBEDDING:
		takes(c, TR_I64, 1, (int64_t[]){5});
		takes(c, TR_F32, 2, (int64_t[]){3, 4});
		break;
	case TR_FAMILY_PUT:
		takes(c, TR_F32, 2, (int64_t[]){5, 4});
		takes(c, TR_I64, 1, (int64_t[]){5});
		writes(c, TR_F32, 2, (int64_t[]){3, 4});
		break;
	case TR_FAMILY_RAVEL:
		takes(c, TR_I64, 1, (int64_t[]){5});
		c->sqe.attr.i64[0] = 1000;
		c->sqe.attr.i64[1] = 8;
		break;
	case TR_FAMILY_NONZERO:
		takes(c, TR_BOOL, 2, (int64_t[]){3, 4});
		writes(c, TR_I64, 1, (int64_t[]){6});
		break;
	default:
		takes(c, TR_F32, 2, (int64_t[]){3, 4});
		takes(c, TR_BOOL, 2, (int64_t[]){3, 4});
		writes(c, TR_F32, 1, (int64_t[]){6});
	}
}

static void view_call(struct call *c, enum tr_op op)
{
	static const struct {
		enum tr_op op;
		uint16_t rank;
		int64_t attr[4];
	} views[] = {
		{TR_OP_reshape, 3, {2, 3, 2}}, {TR_OP_permute, 2, {1, 0}}, {TR_OP_slice, 4, {0, 1, 3, 1}},
		{TR_OP_diagonal, 3, {0, 0, 1}}, {TR_OP_broadcast_to, 3, {5, 3, 4}},
	};

	takes(c, TR_F32, 2, (int64_t[]){3, 4});
	for (size_t i = 0; i < sizeof(views) / sizeof(*views); i++)
		if (views[i].op == op) {
			c->sqe.rank = views[i].rank;
			memcpy(c->sqe.attr.i64, views[i].attr, sizeof(views[i].attr));
		}
}

static void element_call(struct call *c, const struct tr_op_info *info)
{
	unsigned n = tr__family_sources((enum tr_family)info->family);

	if (info->family == TR_FAMILY_FILL || tr__family_is_random((enum tr_family)info->family)) {
		writes(c, info->result == TR_RESULT_BOOL ? TR_BOOL : usual(info), 2, (int64_t[]){3, 4});
		c->sqe.attr.f64[0] = c->sqe.attr.f64[1] = 1;
		if (info->dtypes == TR__SET_WORD)
			c->sqe.attr.i64[0] = c->sqe.attr.i64[1] = 5;
		return;
	}
	for (unsigned i = 0; i < n; i++)
		takes(c, info->family == TR_FAMILY_SELECT && !i ? TR_BOOL : usual(info), 2, (int64_t[]){3, 4});
	if (info->family == TR_FAMILY_CAST)
		c->sqe.dtype = TR_I32;
	else
		c->sqe.attr.f64[0] = c->sqe.attr.f64[1] = 1;
}

static struct call right_call(enum tr_op op)
{
	const struct tr_op_info *info = &tr__ops[op];
	struct call c = {.n = 0};

	tr_prep(&c.sqe, op);
	if (info->family >= TR_FAMILY_CONV && info->family <= TR_FAMILY_INTERPOLATE) {
		window_call(&c, info);
	} else if (info->family >= TR_FAMILY_MATMUL && info->family <= TR_FAMILY_ATTENTION) {
		product_call(&c, info);
	} else if (info->family >= TR_FAMILY_TAKE && info->family <= TR_FAMILY_COMPRESS) {
		index_call(&c, info);
	} else if (info->family == TR_FAMILY_VIEW) {
		view_call(&c, op);
	} else if (tr__family_is_map((enum tr_family)info->family) || tr__family_is_random((enum tr_family)info->family)) {
		element_call(&c, info);
	} else if (tr__family_is_reduce((enum tr_family)info->family)) {
		takes(&c, usual(info), 2, (int64_t[]){3, 4});
		c.sqe.attr.u32[0] = TR_AXIS(1);
		c.sqe.attr.f64[3] = 0.25;
	} else if (info->family == TR_FAMILY_RANGE) {
		writes(&c, TR_F32, 1, (int64_t[]){6});
	} else if (info->family == TR_FAMILY_SEARCH) {
		takes(&c, TR_F32, 1, (int64_t[]){4});
		takes(&c, TR_F32, 2, (int64_t[]){3, 4});
	} else { /* of rows */
		takes(&c, usual(info), 2, (int64_t[]){3, 4});
		if (info->family == TR_FAMILY_NORM) {
			takes(&c, usual(info), 1, (int64_t[]){4});
			takes(&c, usual(info), 1, (int64_t[]){4});
			c.sqe.attr.f64[0] = 1e-5;
		} else {
			c.sqe.attr.i64[0] = 1;
		}
	}
	return c;
}

/* The failing allocator, which has no block for what is absurd. */
static void *limited_alloc(void *user, size_t size, size_t align)
{
	struct tr_allocator *inner = user;

	return size > MOST_BYTES ? NULL : inner->alloc(inner->user, size, align);
}

static void limited_free(void *user, void *ptr, size_t size)
{
	struct tr_allocator *inner = user;

	inner->free(inner->user, ptr, size);
}

/* Elements 0, 1, 0, 1 …: true and false, and indices that are there. */
static struct tr_tensor *made(struct tr_context *ctx, const struct form *f)
{
	struct tr_tensor *t = tr_empty(ctx, TR_F64, f->ndim, f->shape), *y;
	double *x = tr_data(t);

	for (int64_t i = 0; t && i < tr_numel(t); i++)
		x[i] = (double)(i % 2);
	y = tr_astype(t, f->dtype);
	tr_free(t);
	return y;
}

static struct tr_tensor *run(struct subject *s, struct tr_tensor **src, int n, struct tr_tensor *dst)
{
	struct tr_sqe sqe = s->call.sqe;

	sqe.nsrc = (uint8_t)n;
	for (int i = 0; i < n; i++)
		sqe.src[i] = tr_handle(src[i]);
	sqe.dst = tr_handle(dst);
	return tr_submit(s->ctx, &sqe, 1) ? NULL : tr_from_handle(s->ctx, sqe.dst);
}

static size_t read_result(struct tr_tensor *y, char *to)
{
	size_t bytes = y ? (size_t)tr_numel(y) * tr_dtype_size(tr_dtype_of(y)) : 0;

	CU_ASSERT_TRUE(bytes <= ROOM);
	return y && bytes <= ROOM && !tr_read(y, to, bytes) ? bytes : 0;
}

/* The right call, from fresh operands; its result's bytes. */
static size_t run_right(struct subject *s, char *to)
{
	struct tr_tensor *dst = s->call.into ? made(s->ctx, &s->call.dst) : NULL;
	struct tr_tensor *y = run(s, s->src, s->call.n, dst);
	size_t bytes = read_result(y, to);

	tr_free(y ? y : dst);
	return bytes;
}

static void open_subject(struct subject *s, enum tr_op op)
{
	memset(s, 0, sizeof(*s));
	s->op = op;
	s->call = right_call(op);
	s->inner = test_heap_allocator(&s->heap);
	s->allocator = (struct tr_allocator){limited_alloc, limited_free, &s->inner};
	s->ctx = open_context_with(1, &s->allocator);
	test_note("%s", tr_op_name(op));
	for (int i = 0; i < s->call.n; i++)
		s->src[i] = made(s->ctx, &s->call.operand[i]);
	if (s->call.into)
		s->dst = made(s->ctx, &s->call.dst);
	CU_ASSERT_EQUAL(tr_error(s->ctx), 0);
}

static void close_subject(struct subject *s)
{
	tr_context_destroy(s->ctx);
	CU_ASSERT_EQUAL(s->heap.live, 0);
}

/* check on every operation, whose context has run the right call before. */
static void each(void (*check)(struct subject *s))
{
	for (int op = 0; op < TR_OP_COUNT; op++) {
		struct subject s;

		open_subject(&s, (enum tr_op)op);
		s.bytes = run_right(&s, s.right);
		CU_ASSERT_EQUAL(tr_error(s.ctx), 0);
		CU_ASSERT_TRUE(s.bytes > 0);
		check(&s);
		close_subject(&s);
	}
}

static void still_works(struct subject *s)
{
	char now[ROOM];

	tr_error_clear(s->ctx);
	CU_ASSERT_EQUAL(run_right(s, now), s->bytes);
	CU_ASSERT_EQUAL(tr_error(s->ctx), 0);
	CU_ASSERT_EQUAL(memcmp(now, s->right, s->bytes), 0);
}

/* Asserts that the context holds an error of one of these statuses, that its message begins with the operation's name and
 * has these words, and that the right call is right again. */
static void assert_refused(struct subject *s, struct tr_tensor *y, uint32_t statuses, const char *words)
{
	const char *message = tr_error_message(s->ctx), *name = tr_op_name(s->op);
	size_t n = strlen(name);
	int status = -tr_error(s->ctx);

	test_note("%s, \"%s\" wanted: %s, \"%s\"", name, words, tr_strstatus(status), message);
	CU_ASSERT_PTR_NULL(y);
	CU_ASSERT_TRUE(status > 0 && statuses & 1u << status);
	CU_ASSERT_TRUE(!strncmp(message, name, n) && message[n] == ':');
	CU_ASSERT_PTR_NOT_NULL(strstr(message, words));
	refusals++;
	still_works(s);
}

#define ONE_OF(status) (1u << (status))

static bool is_view(const struct subject *s)
{
	return tr__ops[s->op].family == TR_FAMILY_VIEW;
}

static void check_count(struct subject *s)
{
	struct tr_tensor *src[TR_SQE_SRCS] = {NULL}, *other = tr_zeros(s->ctx, TR_F32, 1, (int64_t[]){3});
	const struct tr_op_info *info = &tr__ops[s->op];
	bool optional = info->family == TR_FAMILY_NORM || info->family == TR_FAMILY_LINEAR || info->family == TR_FAMILY_CONV ||
			info->family == TR_FAMILY_CONV_TRANSPOSE || info->family == TR_FAMILY_ATTENTION;

	memcpy(src, s->src, sizeof(src));
	if (s->call.n && !optional)
		assert_refused(s, run(s, src, s->call.n - 1, s->dst), ONE_OF(TR_EINVAL), "operands given");
	if (s->call.n < TR_SQE_SRCS) {
		src[s->call.n] = other;
		assert_refused(s, run(s, src, s->call.n + 1, s->dst), ONE_OF(TR_EINVAL), "operands given");
	}
	if (s->call.n) {
		src[0] = NULL;
		assert_refused(s, run(s, src, s->call.n, s->dst), ONE_OF(TR_EINVAL), "operand 1");
	}
	tr_free(other);
}

static void operands_are_counted(void)
{
	each(check_count);
}

/* Whether the table alone says that this operand cannot be of this type. */
static bool is_impossible(const struct tr_op_info *info, int operand, enum tr_dtype dtype)
{
	bool is_index = (info->family == TR_FAMILY_TAKE || info->family == TR_FAMILY_PUT) && operand == 1;

	if (is_index || info->family == TR_FAMILY_RAVEL || (info->family == TR_FAMILY_EMBEDDING && operand == 0))
		return !(TR__SET_INTEGER & TR__BIT(dtype));
	if (info->family == TR_FAMILY_COMPRESS && operand == 1)
		return dtype != TR_BOOL;
	if ((dtype == TR_F32 || dtype == TR_F64) && !(info->dtypes & (TR__SET_FLOAT | TR__SET_HALF | TR__SET_COMPLEX)))
		return true;
	return dtype == TR_BOOL && info->dtypes & TR__NO_BOOL && tr__family_sources((enum tr_family)info->family) == 1;
}

static void check_types(struct subject *s)
{
	for (int i = 0; i < s->call.n; i++)
		for (int d = 0; d < TR_DTYPE_COUNT; d++) {
			struct form f = s->call.operand[i];
			struct tr_tensor *src[TR_SQE_SRCS], *y;

			memcpy(src, s->src, sizeof(src));
			f.dtype = (enum tr_dtype)d;
			src[i] = made(s->ctx, &f);
			y = run(s, src, s->call.n, s->dst);
			if (!y)
				assert_refused(s, y, ONE_OF(TR_EDTYPE), "");
			else if (is_impossible(&tr__ops[s->op], i, f.dtype))
				CU_FAIL("taken");
			if (y != s->dst)
				tr_free(y);
			tr_free(src[i]);
		}
}

static void types_are_checked(void)
{
	size_t before = refusals;

	each(check_types);
	CU_ASSERT_TRUE(refusals - before > 300);
}

static void check_shapes(struct subject *s)
{
	static const struct form forms[] = {
		{TR_F32, 0, {0}}, {TR_F32, 2, {7, 11}}, {TR_F32, 3, {3, 4, 2}}, {TR_F32, 2, {0, 4}},
		{TR_F32, 8, {1, 1, 1, 1, 1, 2, 1, 7}},
	};
	bool alone = s->call.n == 1 && !s->call.into;

	for (int i = 0; i < s->call.n; i++)
		for (size_t k = 0; k < sizeof(forms) / sizeof(*forms); k++) {
			struct form f = forms[k];
			struct tr_tensor *src[TR_SQE_SRCS], *y;

			memcpy(src, s->src, sizeof(src));
			f.dtype = s->call.operand[i].dtype;
			src[i] = made(s->ctx, &f);
			y = run(s, src, s->call.n, s->dst);
			/* of operands that can be any shape only 7 x 11 next to others; ESTATE is another count of elements */
			if (!y)
				assert_refused(s, y, ONE_OF(TR_ESHAPE) | ONE_OF(TR_EINVAL) | ONE_OF(TR_EINDEX) |
					       (s->call.into ? ONE_OF(TR_ESTATE) : 0), "");
			else if (k == 1 && !alone && tr__family_is_map((enum tr_family)tr__ops[s->op].family))
				CU_FAIL("taken");
			if (y != s->dst)
				tr_free(y);
			tr_free(src[i]);
		}
}

static void shapes_are_checked(void)
{
	size_t before = refusals;

	each(check_shapes);
	CU_ASSERT_TRUE(refusals - before > 300);
}

static void check_destination(struct subject *s)
{
	const struct tr_op_info *info = &tr__ops[s->op];
	bool any_shape = info->family == TR_FAMILY_FILL || tr__family_is_random((enum tr_family)info->family);
	static const double memory[12];
	struct tr_tensor *large = tr_zeros(s->ctx, s->call.into ? s->call.dst.dtype : TR_F32, SHAPE(9, 9, 9));
	struct tr_tensor *one = tr_zeros(s->ctx, TR_F32, SHAPE(1, 1)), *repeats = tr_broadcast_to(one, SHAPE(3, 4));
	struct tr_tensor *constant = tr_borrow(s->ctx, TR_F32, SHAPE(3, 4), (void *)(uintptr_t)memory, TR_BORROW_CONST, NULL,
					       NULL);
	struct tr_tensor *frozen = tr_zeros(s->ctx, TR_F32, SHAPE(3, 4));

	CU_ASSERT_EQUAL(tr_freeze(frozen), 0);
	if (is_view(s)) {
		assert_refused(s, run(s, s->src, s->call.n, large), ONE_OF(TR_EINVAL), "no destination");
	} else {
		if (!any_shape)
			assert_refused(s, run(s, s->src, s->call.n, large), ONE_OF(TR_ESHAPE), "9,9]");
		assert_refused(s, run(s, s->src, s->call.n, repeats), ONE_OF(TR_EREADONLY), "broadcast");
		assert_refused(s, run(s, s->src, s->call.n, constant), ONE_OF(TR_EREADONLY), "read-only");
		assert_refused(s, run(s, s->src, s->call.n, frozen), ONE_OF(TR_EREADONLY), "it is frozen");
	}
	if (s->call.into)
		assert_refused(s, run(s, s->src, s->call.n, NULL), ONE_OF(TR_EINVAL), "destination");
	tr_free(repeats);
	tr_free(one);
	tr_free(large);
	tr_free(constant);
	tr_free(frozen);
}

static void destinations_are_checked(void)
{
	each(check_destination);
}

static void check_result_type(struct subject *s)
{
	const struct tr_op_info *info = &tr__ops[s->op];
	struct tr_tensor *y = s->call.into || is_view(s) ? NULL : run(s, s->src, s->call.n, NULL), *narrow;

	if (!y)
		return;
	narrow = tr_zeros(s->ctx, TR_BOOL, tr_ndim(y), tr_shape(y));
	if (tr_dtype_of(y) != TR_BOOL && info->family != TR_FAMILY_CAST && info->result != TR_RESULT_ASKED)
		assert_refused(s, run(s, s->src, s->call.n, narrow), ONE_OF(TR_EDTYPE), "destination's bool");
	tr_free(narrow);
	tr_free(y);
}

static void destinations_are_not_cast_to_less(void)
{
	size_t before = refusals;

	each(check_result_type);
	CU_ASSERT_TRUE(refusals - before > 100);
}

/* The first operand and the destination in one line of memory, one element apart, whichever comes first. */
static void check_overlap(struct subject *s, int ndim, const int64_t *shape)
{
	const struct form *f = &s->call.operand[0];
	int64_t most = 1, n = 1;

	for (int i = 0; i < ndim; i++)
		most *= shape[i];
	for (int i = 0; i < f->ndim; i++)
		n *= f->shape[i];
	for (int order = 0; order < 2; order++) {
		struct tr_tensor *line = tr_zeros(s->ctx, f->dtype, SHAPE((most > n ? most : n) + 1)), *src[TR_SQE_SRCS];
		struct tr_tensor *part = tr_slice_axis(line, 0, order, order + n, 1), *a = tr_reshape(part, f->ndim, f->shape);
		struct tr_tensor *rest = tr_slice_axis(line, 0, !order, !order + most, 1), *y = tr_reshape(rest, ndim, shape);
		char bytes[ROOM];

		memcpy(src, s->src, sizeof(src));
		src[0] = a;
		if (s->call.into)
			tr_copy_out(y, s->dst);
		tr_copy_out(a, s->src[0]);
		if (s->op != TR_OP_index_add && s->op != TR_OP_index_copy) { /* of which only the places written are known */
			CU_ASSERT_PTR_NOT_NULL(run(s, src, s->call.n, y));
			CU_ASSERT_EQUAL(read_result(y, bytes), s->bytes);
			CU_ASSERT_EQUAL(memcmp(bytes, s->right, s->bytes), 0);
			overlaps++;
		}
		tr_free(a);
		tr_free(part);
		tr_free(y);
		tr_free(rest);
		tr_free(line);
	}
}

static void overlap(struct subject *s)
{
	struct tr_tensor *y;

	if (!s->call.n || is_view(s))
		return;
	y = s->call.into ? NULL : run(s, s->src, s->call.n, NULL);
	if (tr_dtype_of(y ? y : s->dst) == s->call.operand[0].dtype)
		check_overlap(s, tr_ndim(y ? y : s->dst), tr_shape(y ? y : s->dst));
	tr_free(y);
}

static void destinations_may_overlap_operands(void)
{
	each(overlap);
	CU_ASSERT_TRUE(overlaps > 200);
}

/* All axes longer than 2 as long as half of what a size can be: no result of them fits. */
static void check_sizes(struct subject *s)
{
	const struct tr_op_info *info = &tr__ops[s->op];
	struct tr_tensor *src[TR_SQE_SRCS], *y;

	if (!s->call.n || s->call.into || is_view(s) || info->family == TR_FAMILY_RAVEL)
		return; /* those make no memory */
	for (int i = 0; i < s->call.n; i++) {
		struct form f = s->call.operand[i], one = {f.dtype, f.ndim, {1, 1, 1, 1, 1, 1, 1, 1}};
		struct tr_tensor *t;
		int64_t room = INT64_MAX / 16;

		for (int k = 0; k < f.ndim; k++) {
			bool grows = f.shape[k] > 2 && room / HUGE_SIZE > 0;

			f.shape[k] = grows ? HUGE_SIZE : 1;
			room /= f.shape[k];
		}
		t = made(s->ctx, &one);
		src[i] = tr_broadcast_to(t, f.ndim, f.shape);
		tr_free(t);
	}
	CU_ASSERT_EQUAL(tr_error(s->ctx), 0);
	y = run(s, src, s->call.n, NULL);
	for (int i = 0; i < s->call.n; i++)
		tr_free(src[i]);
	assert_refused(s, y, ONE_OF(TR_ENOMEM) | ONE_OF(TR_EOVERFLOW) | ONE_OF(TR_ESHAPE) | ONE_OF(TR_EINVAL), "");
}

static void sizes_that_overflow_are_refused(void)
{
	each(check_sizes);
}

/* The right call in memory whose n-th allocation fails, at once or from a batch. Whether it came through. */
static bool check_allocation(enum tr_op op, size_t n, bool batch, const struct subject *model)
{
	struct tr_tensor *y, *dst;
	bool came_through;
	struct subject s;

	open_subject(&s, op);
	s.bytes = model->bytes;
	memcpy(s.right, model->right, s.bytes);
	dst = s.call.into ? made(s.ctx, &s.call.dst) : NULL;
	s.heap.fail_at = n;
	if (batch)
		tr_batch_begin(s.ctx);
	y = run(&s, s.src, s.call.n, dst);
	if (batch && tr_batch_end(s.ctx))
		y = NULL;
	came_through = s.heap.fail_at != 0;
	s.heap.fail_at = 0;
	if (tr_error(s.ctx))
		assert_refused(&s, y, ONE_OF(TR_ENOMEM), "");
	else
		still_works(&s);
	CU_ASSERT_TRUE(!came_through || y);
	close_subject(&s);
	return came_through;
}

static void check_allocations(struct subject *s)
{
	for (int batch = 0; batch < 2; batch++) {
		size_t n = 1;

		while (n < ALLOCATIONS && !check_allocation(s->op, n, batch, s))
			n++;
		CU_ASSERT_TRUE(n < ALLOCATIONS);
	}
}

static void every_failing_allocation_is_survived(void)
{
	size_t before = refusals;

	each(check_allocations);
	CU_ASSERT_TRUE(refusals - before > TR_OP_COUNT);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(operands_are_counted),
		TEST(types_are_checked),
		TEST(shapes_are_checked),
		TEST(destinations_are_checked),
		TEST(destinations_are_not_cast_to_less),
		TEST(destinations_may_overlap_operands),
		TEST(sizes_that_overflow_are_refused),
		TEST(every_failing_allocation_is_survived),
	};

	return TEST_RUN("errors", cases);
}
