/* SPDX-License-Identifier: MIT */
/*
 * The elementwise executor (single commands, fused programs, copies, fills) against loops over the scalar kernels, one
 * element at a time: random shapes around the tile sizes, layouts, types and thread counts, between guard pages.
 */
#include <string.h>

#include "tests/views.h"

#define OPERANDS 16
#define ELEMENT 16 /* bytes of the largest */

static const struct {
	uint16_t op;
	uint8_t dtype;
} rows[] = {
	{ TR_OP_add, TR_F32 },      { TR_OP_add, TR_F64 },      { TR_OP_add, TR_I8 },   { TR_OP_multiply, TR_I16 },
	{ TR_OP_subtract, TR_I64 }, { TR_OP_maximum, TR_U8 },   { TR_OP_less, TR_F32 }, { TR_OP_less, TR_I64 },
	{ TR_OP_negative, TR_F32 }, { TR_OP_negative, TR_I32 }, { TR_OP_fma, TR_F32 },  { TR_OP_fma, TR_F64 },
	{ TR_OP_clip, TR_I32 },     { TR_OP_isnan, TR_F64 },    { TR_OP_sqrt, TR_F32 }, { TR_OP_where, TR_F32 },
	{ TR_OP_where, TR_U16 },    { TR_OP_where, TR_F64 },    { TR_OP_add, TR_BOOL }, { TR_OP_leaky_relu, TR_F32 },
	{ TR_OP_hardtanh, TR_F32 }, { TR_OP_hardtanh, TR_F64 },
};

/* What every operation with numbers is given. */
static const double numbers[2] = { -0.75, 1.5 };

static unsigned sources_of(uint16_t op)
{
	return tr__family_sources((enum tr_family)tr__ops[op].family);
}

/* One element by the specification; returns the result's type. */
static uint8_t apply(uint16_t op, uint8_t dtype, uint8_t to, const void *const *src, void *dst)
{
	_Alignas(16) char number[2][ELEMENT];
	const void *all[] = { src[0], src[1], src[2] };

	if (tr__ops[op].family == TR_FAMILY_CAST) {
		convert(dst, to, src[0], dtype);
		return to;
	}
	for (unsigned i = 0; i < tr__family_numbers((enum tr_family)tr__ops[op].family); i++) {
		convert(number[i], dtype, &numbers[i], TR_F64);
		all[sources_of(op) + i] = number[i];
	}
	tr__ref_kernels.map[op][dtype](dst, all, 1);
	return tr__ops[op].result == TR_RESULT_BOOL ? TR_BOOL : dtype;
}

static void expect_single(const struct view *v, uint16_t op, uint8_t dtype)
{
	_Alignas(16) char in[3][ELEMENT], out[ELEMENT];
	const void *src[3] = { in[0], in[1], in[2] };

	for (int64_t i = 0; i < numel(&v[0].o); i++) {
		uint8_t result;

		for (unsigned a = 0; a < sources_of(op); a++)
			convert(in[a], tr__ops[op].family == TR_FAMILY_SELECT && a == 0 ? TR_BOOL : dtype,
				element(&v[1 + a], i), v[1 + a].o.dtype);
		result = apply(op, dtype, v[0].o.dtype, src, out);
		convert(expected(&v[0], i), v[0].o.dtype, out, result);
	}
}

static void run_views(struct tr_device *dev, struct view *v, unsigned n, uint16_t op, uint8_t dtype)
{
	struct tr_operand operand[TR_CMD_OPERANDS];
	struct tr_cmd cmd = {
		.op = op, .family = tr__ops[op].family, .dtype = dtype, .noperand = (uint8_t)n, .operand = operand,
	};

	for (unsigned i = 0; i < n; i++)
		operand[i] = v[i].o;
	if (tr__family_numbers((enum tr_family)tr__ops[op].family))
		memcpy(cmd.attr.f64, numbers, sizeof(numbers));
	expect_single(v, op, dtype);
	run_and_compare(dev, &cmd, v, n);
	for (unsigned i = 0; i < n; i++)
		free_view(&v[i]);
}

static void random_single(struct tr_device *dev, int64_t most, bool convert_types)
{
	unsigned r = (unsigned)test_rand_below(sizeof(rows) / sizeof(*rows));
	uint16_t op = rows[r].op;
	uint8_t dtype = rows[r].dtype, result = tr__ops[op].result == TR_RESULT_BOOL ? TR_BOOL : dtype;
	unsigned n = 1 + sources_of(op);
	int64_t shape[TR_MAX_RANK];
	int ndim = random_shape(shape, most);
	struct view v[4];

	test_note("%s on %s", tr__ops[op].name, tr_dtype_name(dtype));
	make_view(&v[0], convert_types && test_rand_below(2) ? random_dtype() : result, ndim, shape, random_layout(true));
	for (unsigned i = 1; i < n; i++) {
		uint8_t type = op == TR_OP_where && i == 1 ? TR_BOOL : dtype;

		if (convert_types && test_rand_below(2))
			type = random_dtype();
		if (!test_rand_below(4) && tr_dtype_size(type) == tr_dtype_size(v[0].o.dtype) && type == v[0].o.dtype)
			share_view(&v[i], &v[0], type);
		else
			make_view(&v[i], type, ndim, shape, random_layout(false));
	}
	run_views(dev, v, n, op, dtype);
}

static void commands_match_the_specification(void)
{
	struct tr_device *dev = open_device(3);

	if (!dev)
		return;
	for (unsigned round = 0; round < 1500; round++)
		random_single(dev, 6000, false);
	for (unsigned round = 0; round < 1500; round++)
		random_single(dev, 6000, true);
	close_device(dev);
}

/* Large enough that the work is spread, with one thread and with more than there are CPUs. */
static void large_commands_match_on_any_threads(void)
{
	for (unsigned threads = 1; threads <= 5; threads += 2) {
		struct tr_device *dev = open_device(threads);

		if (!dev)
			return;
		for (unsigned round = 0; round < 12; round++)
			random_single(dev, 400000, round & 1);
		close_device(dev);
	}
}

/* Every length around the tile for one dense and one spread operand. */
static void lengths_around_tiles_are_exact(void)
{
	struct tr_device *dev = open_device(1);

	if (!dev)
		return;
	for (int64_t n = 0; n < 4200; n += n < 140 || n % 1024 > 1018 || n % 1024 < 5 ? 1 : 37) {
		struct view v[3];

		make_view(&v[0], TR_F32, 1, &n, DENSE);
		make_view(&v[1], TR_F32, 1, &n, DENSE);
		make_view(&v[2], n % 2 ? TR_F32 : TR_F64, 1, &n, n % 3 ? REPEATED : STRIDED);
		run_views(dev, v, 3, TR_OP_add, TR_F32);
	}
	close_device(dev);
}

static void moves_keep_every_bit(void)
{
	struct tr_device *dev = open_device(2);

	if (!dev)
		return;
	for (unsigned round = 0; round < 1500; round++) {
		int64_t shape[TR_MAX_RANK], most = round % 100 ? 8000 : 500000;
		int ndim = random_shape(shape, most);
		uint8_t from = (uint8_t)test_rand_below(TR_DTYPE_COUNT);
		uint8_t to = from > TR_F64 || test_rand_below(2) ? from : random_dtype();
		struct view v[2];

		test_note("%s to %s", tr_dtype_name(from), tr_dtype_name(to));
		make_view(&v[0], to, ndim, shape, random_layout(true));
		make_view(&v[1], from, ndim, shape, random_layout(false));
		if (from == to) /* any bits at all, but a bool's */
			for (size_t i = 0; i < v[1].bytes && from != TR_BOOL; i++)
				v[1].block[i] = v[1].expect[i] = (unsigned char)test_rand();
		run_views(dev, v, 2, from == to ? TR_OP_copy : TR_OP_astype, from);
	}
	close_device(dev);
}

static void fills_convert_their_value(void)
{
	struct tr_device *dev = open_device(2);

	if (!dev)
		return;
	for (unsigned round = 0; round < 300; round++) {
		int64_t shape[TR_MAX_RANK];
		int ndim = random_shape(shape, round % 50 ? 4000 : 300000);
		uint8_t dtype = (uint8_t)test_rand_below(TR_DTYPE_COUNT);
		double value = (double)test_rand_below(40);
		struct view v;
		struct tr_cmd cmd = {
			.op = TR_OP_fill, .family = TR_FAMILY_FILL, .dtype = dtype, .noperand = 1, .operand = &v.o,
		};

		make_view(&v, dtype, ndim, shape, random_layout(true));
		cmd.attr.f64[0] = value;
		for (int64_t i = 0; i < numel(&v.o); i++)
			convert(expected(&v, i), dtype, &value, TR_F64);
		run_and_compare(dev, &cmd, &v, 1);
		free_view(&v);
	}
	close_device(dev);
}

/* The types of a program's registers, to draw operands from. */
struct types {
	uint8_t of[TR_PROGRAM_REGS];
	unsigned n;
};

/* A random register of a type; -1 if there is none. */
static int pick(const struct types *t, uint8_t dtype)
{
	unsigned start = (unsigned)test_rand_below(t->n);

	for (unsigned i = 0; i < t->n; i++)
		if (t->of[(start + i) % t->n] == dtype)
			return (int)((start + i) % t->n);
	return -1;
}

/* Sums and selections only: nothing overflows a float, so nothing is NaN, whose bits depend on operand order. */
static bool random_instr(struct tr_instr *in, const struct types *t)
{
	static const uint16_t ops[] = { TR_OP_add, TR_OP_maximum, TR_OP_negative, TR_OP_clip, TR_OP_less, TR_OP_where,
					TR_OP_hardtanh };
	static const uint8_t wider[TR_DTYPE_COUNT] = {
		[TR_BOOL] = TR_F32, [TR_I32] = TR_F64, [TR_F32] = TR_F64, [TR_F64] = TR_F32,
	};
	uint8_t dtype = t->of[test_rand_below(t->n)];

	memset(in, 0, sizeof(*in));
	in->op = ops[test_rand_below(sizeof(ops) / sizeof(*ops))];
	if (dtype == TR_BOOL || !test_rand_below(5)) {
		in->op = TR_OP_astype;
		in->dtype = dtype;
		in->to = wider[dtype];
		in->src[0] = (uint8_t)pick(t, dtype);
		return true;
	}
	if (!tr__ref_kernels.map[in->op][dtype])
		return false;
	in->number = (uint16_t)(t->n % 3 * tr__family_numbers((enum tr_family)tr__ops[in->op].family));
	in->dtype = dtype;
	in->to = in->op == TR_OP_less ? TR_BOOL : dtype;
	for (unsigned a = 0; a < sources_of(in->op); a++) {
		int reg = pick(t, in->op == TR_OP_where && a == 0 ? TR_BOOL : dtype);

		if (reg < 0)
			return false;
		in->src[a] = (uint8_t)reg;
	}
	return true;
}

static void random_program(struct tr_program *p, struct types *t, unsigned ninstr)
{
	static const uint8_t loads[] = { TR_F32, TR_F32, TR_F32, TR_I32, TR_F64, TR_BOOL };

	memset(p, 0, sizeof(*p));
	for (unsigned i = 0; i < TR_PROGRAM_NUMBERS; i++)
		p->number[i] = numbers[i % 2];
	p->nload = (uint8_t)(1 + test_rand_below(8));
	t->n = p->nload;
	for (unsigned i = 0; i < p->nload; i++)
		t->of[i] = loads[test_rand_below(sizeof(loads))];
	while (p->ninstr < ninstr) {
		struct tr_instr *in = &p->instr[p->ninstr];

		if (!random_instr(in, t))
			continue;
		/* a new register, or one that an earlier instruction wrote */
		if (t->n == p->nload || (t->n < TR_PROGRAM_REGS && test_rand_below(3)))
			in->dst = (uint8_t)t->n++;
		else
			in->dst = (uint8_t)(p->nload + test_rand_below(t->n - p->nload));
		t->of[in->dst] = in->to;
		p->ninstr++;
	}
	p->nreg = (uint8_t)t->n;
	p->nstore = (uint8_t)(1 + test_rand_below(OPERANDS - 1u - p->nload < 4 ? OPERANDS - 1u - p->nload : 4));
	for (unsigned s = 0; s < p->nstore; s++)
		p->store[s] = (uint8_t)test_rand_below(t->n);
}

static void expect_program(const struct tr_program *p, const struct view *v)
{
	_Alignas(16) char reg[TR_PROGRAM_REGS][ELEMENT], out[ELEMENT];

	for (int64_t i = 0; i < numel(&v[0].o); i++) {
		for (unsigned l = 0; l < p->nload; l++)
			convert(reg[l], v[l].o.dtype, element(&v[l], i), v[l].o.dtype);
		for (unsigned j = 0; j < p->ninstr; j++) {
			const struct tr_instr *in = &p->instr[j];
			const void *src[3] = { reg[in->src[0]], reg[in->src[1]], reg[in->src[2]] };

			apply(in->op, in->dtype, in->to, src, out);
			memcpy(reg[in->dst], out, ELEMENT);
		}
		for (unsigned s = 0; s < p->nstore; s++)
			memcpy(expected(&v[p->nload + s], i), reg[p->store[s]],
			       tr_dtype_size(v[p->nload + s].o.dtype));
	}
}

/* A load that nothing else is stored to and that is a fit place for a store of that type; -1 if there is none. */
static int place_to_share(const struct tr_program *p, const struct view *v, uint8_t dtype, const enum layout *layout,
			  unsigned *taken)
{
	for (int l = 0; l < p->nload; l++)
		if (v[l].o.dtype == dtype && layout[l] < REPEATED && !(*taken & 1u << l)) {
			*taken |= 1u << l;
			return l;
		}
	return -1;
}

static void random_fused(struct tr_device *dev, unsigned ninstr, int64_t most)
{
	struct tr_operand operand[OPERANDS];
	enum layout layout[OPERANDS];
	struct view v[OPERANDS];
	struct tr_program p;
	struct types t;
	int64_t shape[TR_MAX_RANK];
	int ndim = random_shape(shape, most);
	unsigned n, taken = 0;
	struct tr_cmd cmd = { .op = TR_OP_COUNT, .prog = &p, .operand = operand };

	random_program(&p, &t, ninstr);
	n = p.nload + p.nstore;
	cmd.noperand = (uint8_t)n;
	for (unsigned i = 0; i < n; i++) {
		uint8_t type = i < p.nload ? t.of[i] : t.of[p.store[i - p.nload]];
		int l = -1;

		layout[i] = random_layout(i >= p.nload);
		if (i >= p.nload && !test_rand_below(3))
			l = place_to_share(&p, v, type, layout, &taken);
		if (l >= 0)
			share_view(&v[i], &v[l], type);
		else
			make_view(&v[i], type, ndim, shape, layout[i]);
	}
	for (unsigned i = 0; i < n; i++)
		operand[i] = v[i].o;
	test_note("program of %u instructions, %u loads, %u stores", ninstr, p.nload, p.nstore);
	expect_program(&p, v);
	run_and_compare(dev, &cmd, v, n);
	for (unsigned i = 0; i < n; i++)
		free_view(&v[i]);
}

static void programs_match_their_interpretation(void)
{
	struct tr_device *dev = open_device(3);

	if (!dev)
		return;
	for (unsigned round = 0; round < 1500; round++)
		random_fused(dev, 1 + (unsigned)test_rand_below(round % 3 ? 7 : TR_PROGRAM_INSTRS), 3000);
	for (unsigned round = 0; round < 10; round++)
		random_fused(dev, TR_PROGRAM_INSTRS, 60000);
	close_device(dev);
}

/* Every thread needs a scratch block; without one nothing is written. */
static void missing_scratch_is_reported(void)
{
	static struct test_heap heap;
	struct tr_allocator alloc = test_heap_allocator(&heap);
	struct tr_context_params params = { .threads = 3 };
	int64_t n = 5000;
	char detail[128] = "", err[128];
	struct tr_device *dev = NULL;
	struct view v[2];
	size_t failed = 9;

	CU_ASSERT_EQUAL_FATAL(tr__cpu_driver.open(&dev, 0, &params, &alloc, err, sizeof(err)), 0);
	make_view(&v[0], TR_F32, 1, &n, DENSE);
	make_view(&v[1], TR_F32, 1, &n, STRIDED);
	v[1].o.stride[0] = -1; /* any view that must be gathered */
	v[1].o.addr = v[1].block + (n - 1) * 4;
	for (size_t nth = 1; nth <= 3; nth++) {
		struct tr_operand operand[2] = { v[0].o, v[1].o };
		struct tr_cmd cmd = { .op = TR_OP_negative, .family = TR_FAMILY_UNARY, .dtype = TR_F32, .noperand = 2,
				      .operand = operand };

		heap.fail_at = nth;
		CU_ASSERT_EQUAL(tr__cpu_driver.run(dev, &cmd, 1, &failed, detail), -TR_ENOMEM);
		CU_ASSERT_EQUAL(failed, 0);
		CU_ASSERT(strstr(detail, "cannot allocate") != NULL);
		CU_ASSERT_EQUAL(memcmp(v[0].block, v[0].expect, v[0].bytes), 0);
	}
	free_view(&v[0]);
	free_view(&v[1]);
	tr__cpu_driver.close(dev);
	CU_ASSERT_EQUAL(heap.live, 0);
}

int main(void)
{
	static const struct test_case cases[] = {
		TEST(commands_match_the_specification),
		TEST(large_commands_match_on_any_threads),
		TEST(lengths_around_tiles_are_exact),
		TEST(moves_keep_every_bit),
		TEST(fills_convert_their_value),
		TEST(programs_match_their_interpretation),
		TEST(missing_scratch_is_reported),
	};

	return TEST_RUN("map", cases);
}
