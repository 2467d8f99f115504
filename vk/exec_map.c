/* SPDX-License-Identifier: MIT */
/*
 * Elementwise commands: every one becomes a program, the program and the arrangement of its operands a kernel.
 * Knows commands and kernels, neither shaders nor queues.
 */
#include <stdio.h>
#include <string.h>

#include "lib/ref/kernels.h"
#include "vk/spirv.h"

#define MANY ((int64_t)1 << 20) /* elements for which a dispatch of its own is no matter */
#define PLENTY 4096 /* workgroups, more than any GPU runs at once */
#define MOST_PIECES 8
#define MOST_CALLS 64 /* of library functions in one kernel, for whose inlining compilers take their time */

/* A conversion of register i to the type the operation wants; the register that holds it. */
static uint8_t converted(struct tr_program *prog, uint8_t i, uint8_t from, uint8_t to)
{
	if (from == to)
		return i;
	prog->instr[prog->ninstr++] =
		(struct tr_instr){.op = TR_OP_astype, .dtype = from, .to = to, .dst = prog->nreg, .src = {i}};
	return prog->nreg++;
}

/* One command as a program: conversions on the way in, the operation, a conversion on the way out. */
static void make_program(struct tr_program *prog, const struct tr_cmd *cmd)
{
	const struct tr_operand *o = cmd->operand;
	struct tr_instr in = {.op = cmd->op, .dtype = cmd->dtype};
	uint8_t result = cmd->dtype, last = 0;

	memset(prog, 0, sizeof(*prog));
	prog->nload = prog->nreg = (uint8_t)(cmd->noperand - 1);
	prog->nstore = 1;
	memcpy(prog->number, cmd->attr.f64, tr__family_numbers((enum tr_family)cmd->family) * sizeof(double));
	if (cmd->family == TR_FAMILY_CAST) {
		prog->store[0] = converted(prog, 0, o[1].dtype, o[0].dtype);
		return;
	}
	for (uint8_t i = 0; i < prog->nload; i++)
		in.src[i] = converted(prog, i, o[1 + i].dtype,
				      cmd->family == TR_FAMILY_SELECT && i == 0 ? TR_BOOL : cmd->dtype);
	if (tr__ops[cmd->op].result == TR_RESULT_BOOL)
		result = TR_BOOL;
	in.to = result;
	in.dst = last = prog->nreg++;
	prog->instr[prog->ninstr++] = in;
	prog->store[0] = converted(prog, last, result, o[0].dtype);
}

static bool is_repeat(const struct tr_operand *o)
{
	for (int i = 0; i < o->ndim; i++)
		if (o->shape[i] != 1 && o->stride[i])
			return false;
	return true;
}

/* Moving needs no arithmetic, so it takes the unsigned type of the size: fewer kernels, and every GPU has it. */
static uint8_t moved_as(uint8_t dtype)
{
	switch (tr_dtype_size((enum tr_dtype)dtype)) {
	case 1:
		return TR_U8;
	case 2:
		return TR_U16;
	case 4:
		return TR_U32;
	default:
		return dtype == TR_C64 || dtype == TR_C128 ? dtype : TR_U64;
	}
}

/* How an invocation's elements of an operand lie. */
static enum tr_vk_group_form group_form(const struct tr_vk_signature *s, const struct tr_operand *o, unsigned i)
{
	int64_t size = (int64_t)tr_dtype_size((enum tr_dtype)o->dtype), bytes = size * s->lanes;

	if (s->form[i] == TR_VK_REPEAT)
		return TR_VK_SAME;
	if (s->form[i] == TR_VK_STRIDED) {
		if (o->stride[o->ndim - 1] == 0)
			return TR_VK_SAME;
		if (o->stride[o->ndim - 1] != 1)
			return TR_VK_EACH;
		for (int d = 0; d < o->ndim - 1; d++)
			if (o->stride[d] * size % bytes)
				return TR_VK_EACH;
	}
	return s->lanes == 1 || bytes < 4 || (uintptr_t)o->addr % (uintptr_t)bytes ? TR_VK_EACH : TR_VK_TOGETHER;
}

/* Whether the code is long whatever the number of instructions: approximations have polynomials and tables, which
 * compilers copy for every call; in f64, or by a rasteriser's compiler, that takes seconds. */
static bool is_long(const struct tr_vk_gpu *gpu, const struct tr_vk_signature *s)
{
	for (unsigned i = 0; i < s->ninstr; i++)
		if (tr__ops[s->instr[i].op].ulp &&
		    (s->instr[i].dtype == TR_F64 || gpu->type == VK_PHYSICAL_DEVICE_TYPE_CPU))
			return true;
	return false;
}

/* Elements of an invocation: 16 bytes of the widest operand, as long as the code stays short and none of them is past
 * the last one that can be loaded. */
static void find_lanes(const struct tr_vk_gpu *gpu, struct tr_vk_signature *s, const struct tr_operand *const *o,
		       int64_t n)
{
	unsigned all = s->nload + s->nstore, widest = 1, lanes = is_long(gpu, s) ? 1 : TR_VK_LANES;
	int64_t last = s->ndim ? o[0]->shape[s->ndim - 1] : n;
	bool fits;

	for (unsigned i = 0; i < all; i++)
		if (tr_dtype_size((enum tr_dtype)s->dtype[i]) > widest)
			widest = (unsigned)tr_dtype_size((enum tr_dtype)s->dtype[i]);
	while (lanes > 1 && (lanes * widest > 16 || lanes * s->ninstr > MOST_CALLS || (s->ndim && last % lanes)))
		lanes /= 2;
	do {
		s->lanes = (uint8_t)lanes;
		s->tail = last % lanes != 0;
		fits = true;
		for (unsigned i = 0; i < all; i++) {
			s->group[i] = (uint8_t)group_form(s, o[i], i);
			fits &= s->group[i] != TR_VK_EACH || !s->tail;
		}
		lanes /= 2;
	} while (!fits);
}

static void make_signature(const struct tr_device *dev, struct tr_vk_signature *s, const struct tr_program *prog,
			   const struct tr_operand *const *o, int64_t n)
{
	unsigned all = prog->nload + prog->nstore, words;

	memset(s, 0, sizeof(*s));
	s->kind = 1;
	s->wide = n > UINT32_MAX / 2; /* invocations past the end count too */
	s->nload = prog->nload;
	s->nstore = prog->nstore;
	s->ninstr = prog->ninstr;
	for (unsigned i = 0; i < prog->ninstr; i++)
		s->nnumber += (uint8_t)tr__family_numbers((enum tr_family)tr__ops[prog->instr[i].op].family);
	memcpy(s->store, prog->store, prog->nstore);
	memcpy(s->instr, prog->instr, prog->ninstr * sizeof(*s->instr));
	for (unsigned i = 0; i < all; i++) {
		s->dtype[i] = prog->ninstr ? o[i]->dtype : moved_as(o[i]->dtype);
		s->form[i] = tr__vk_is_dense(o[i]) ? TR_VK_DENSE : is_repeat(o[i]) ? TR_VK_REPEAT : TR_VK_STRIDED;
		if (s->form[i] == TR_VK_STRIDED)
			s->ndim = o[i]->ndim;
	}
	find_lanes(dev->gpu, s, o, n);
	words = 1 + all + s->ndim + s->nnumber;
	for (unsigned i = 0; i < all; i++)
		words += s->form[i] == TR_VK_STRIDED ? s->ndim : 0u;
	/* What is replayed may get other addresses, which are changed in memory. */
	s->pushed = words <= TR_VK_PUSHED && !dev->recorder ? (uint8_t)words : 0;
}

/* Whether the GPU has all types the kernel needs. */
static bool has_types(const struct tr_vk_gpu *gpu, const struct tr_vk_signature *s, char *detail)
{
	uint32_t used = 0, lacking;

	for (unsigned i = 0; i < (unsigned)s->nload + s->nstore; i++)
		used |= TR__BIT(s->dtype[i]);
	for (unsigned i = 0; i < s->ninstr; i++)
		used |= TR__BIT(s->instr[i].dtype) | TR__BIT(s->instr[i].to);
	lacking = used & ~gpu->dtypes;
	if (!lacking)
		return true;
	snprintf(detail, 128, "%.60s has no %s", gpu->name,
		 tr_dtype_name((enum tr_dtype)__builtin_ctz(lacking)));
	return false;
}

static void fill_numbers(uint64_t *w, const struct tr_program *prog)
{
	for (unsigned j = 0; j < prog->ninstr; j++) {
		const struct tr_instr *in = &prog->instr[j];

		for (unsigned i = 0; i < tr__family_numbers((enum tr_family)tr__ops[in->op].family); i++) {
			const double *value = &prog->number[in->number + i];

			w[in->number + i] = 0;
			memcpy(&w[in->number + i], value, sizeof(*value));
			if (in->dtype != TR_F64)
				tr__ref_kernels.cast[TR_F64][in->dtype](&w[in->number + i], value, 1);
		}
	}
}

static void fill_params(uint64_t *w, const struct tr_vk_signature *s, const struct tr_program *prog,
			const struct tr_operand *const *o, int64_t n)
{
	unsigned all = s->nload + s->nstore;

	*w++ = (uint64_t)n;
	for (unsigned i = 0; i < all; i++)
		*w++ = (uint64_t)(uintptr_t)o[i]->addr;
	for (unsigned d = 0; d < s->ndim; d++)
		*w++ = (uint64_t)o[0]->shape[d];
	for (unsigned i = 0; i < all; i++)
		for (unsigned d = 0; d < s->ndim && s->form[i] == TR_VK_STRIDED; d++)
			*w++ = (uint64_t)(o[i]->stride[d] * (int64_t)tr_dtype_size((enum tr_dtype)o[i]->dtype));
	fill_numbers(w, prog);
}

/*
 * Of so many pieces of work. Where there are plenty a workgroup takes several, so that what each begins with, its tables foremost,
 * counts less: tanh of 10^8 elements 220 us instead of 330. More than eight would leave the last ones too uneven.
 */
static uint64_t workgroups(int64_t pieces)
{
	int64_t each = pieces / PLENTY;

	each = each < 1 ? 1 : each > MOST_PIECES ? MOST_PIECES : each;
	return (uint64_t)((pieces + each - 1) / each);
}

static int run_program(struct tr_device *dev, const struct tr_program *prog, const struct tr_operand *const *o,
		       char *detail)
{
	struct tr_vk_signature s;
	struct tr_vk_kernel kernel = {&s, 0, tr__vk_program_code};
	struct tr_vk_range range[TR_PROGRAM_OPERANDS];
	unsigned all = prog->nload + prog->nstore;
	VkPipeline pipeline;
	uint64_t address, pushed[TR_VK_PUSHED], *w = pushed;
	int64_t n = 1, per_group;
	int err;

	if (!prog->ninstr && prog->nload == 1 && prog->nstore == 1 && tr__vk_can_transpose(dev->gpu, o[1], o[0]))
		return tr__vk_transpose(dev, o[1], o[0], detail);
	for (int d = 0; d < o[0]->ndim; d++)
		n *= o[0]->shape[d];
	make_signature(dev, &s, prog, o, n);
	if (!has_types(dev->gpu, &s, detail))
		return -TR_EDTYPE;
	s.soft = tr__vk_soft(dev->gpu);
	kernel.key_size = offsetof(struct tr_vk_signature, instr) + s.ninstr * sizeof(*s.instr);
	err = tr__vk_pipeline(dev->gpu, &kernel, &pipeline, detail);
	if (err)
		return err;
	if (!s.pushed)
		w = tr__vk_params(dev, 1u + all + (1u + all) * s.ndim + s.nnumber, &address, &err, detail);
	if (!w)
		return err;
	fill_params(w, &s, prog, o, n);
	for (unsigned i = 0; i < all; i++)
		range[i] = tr__vk_extent(o[i], i >= prog->nload);
	per_group = TR_VK_GROUP * s.lanes;
	return tr__vk_dispatch(dev, pipeline, s.pushed ? pushed : &address, s.pushed ? s.pushed : 1,
			       workgroups((n + per_group - 1) / per_group), range, all, detail);
}

static bool meet(const struct tr_vk_range *a, const struct tr_vk_range *b)
{
	return a->low < b->high && b->low < a->high;
}

/* Whether nothing a program writes lies where it reads or writes another operand, so that its parts may run one by one. */
static bool is_divisible(const struct tr_program *prog, const struct tr_operand *const *o)
{
	struct tr_vk_range range[TR_PROGRAM_OPERANDS];
	unsigned all = prog->nload + prog->nstore;

	for (unsigned i = 0; i < all; i++) {
		range[i] = tr__vk_extent(o[i], i >= prog->nload);
		for (unsigned k = 0; k < i && i >= prog->nload; k++)
			if (meet(&range[i], &range[k]))
				return false;
	}
	return true;
}

/* What of a program has to do with each other has the same number: of its loads, instructions and stores. */
struct parts {
	uint8_t load[TR_PROGRAM_OPERANDS], instr[TR_PROGRAM_INSTRS], store[TR_PROGRAM_OPERANDS];
};

/* Makes all of part b part of a. */
static void unite(struct parts *p, uint8_t *reg, const struct tr_program *prog, uint8_t a, uint8_t b)
{
	for (unsigned i = 0; i < prog->nload; i++)
		p->load[i] = p->load[i] == b ? a : p->load[i];
	for (unsigned i = 0; i < prog->ninstr; i++)
		p->instr[i] = p->instr[i] == b ? a : p->instr[i];
	for (unsigned i = 0; i < TR_PROGRAM_REGS; i++)
		reg[i] = reg[i] == b ? a : reg[i];
}

static void find_parts(struct parts *p, const struct tr_program *prog)
{
	uint8_t reg[TR_PROGRAM_REGS];

	memset(p, 0xff, sizeof(*p));
	memset(reg, 0xff, sizeof(reg));
	for (uint8_t i = 0; i < prog->nload; i++)
		p->load[i] = reg[i] = i;
	for (unsigned i = 0; i < prog->ninstr; i++) {
		const struct tr_instr *in = &prog->instr[i];
		unsigned n = tr__family_sources((enum tr_family)tr__ops[in->op].family);

		p->instr[i] = reg[in->src[0]];
		for (unsigned k = 1; k < n; k++)
			if (reg[in->src[k]] != p->instr[i])
				unite(p, reg, prog, p->instr[i], reg[in->src[k]]);
		reg[in->dst] = p->instr[i];
	}
	for (unsigned i = 0; i < prog->nstore; i++)
		p->store[i] = reg[prog->store[i]];
}

/* The part of that number as a program of its own, and its operands. Registers keep their numbers, but that loads come first. */
static void take_part(struct tr_program *out, const struct tr_operand **out_o, const struct parts *p, uint8_t part,
		      const struct tr_program *prog, const struct tr_operand *const *o)
{
	uint8_t reg[TR_PROGRAM_REGS];
	uint16_t nnumber = 0;

	memset(out, 0, sizeof(*out));
	memset(reg, 0xff, sizeof(reg));
	for (unsigned i = 0; i < prog->nload; i++) {
		if (p->load[i] != part)
			continue;
		reg[i] = out->nload;
		out_o[out->nload++] = o[i];
	}
	out->nreg = out->nload;
	for (unsigned i = 0; i < prog->ninstr; i++) {
		struct tr_instr *in = &out->instr[out->ninstr];
		unsigned n = tr__family_numbers((enum tr_family)tr__ops[prog->instr[i].op].family);

		if (p->instr[i] != part)
			continue;
		*in = prog->instr[i];
		memcpy(&out->number[nnumber], &prog->number[in->number], n * sizeof(*out->number));
		in->number = nnumber;
		nnumber = (uint16_t)(nnumber + n);
		for (unsigned k = 0; k < 3; k++)
			in->src[k] = reg[in->src[k]] == 0xff ? 0 : reg[in->src[k]];
		if (reg[in->dst] == 0xff)
			reg[in->dst] = out->nreg++;
		in->dst = reg[in->dst];
		out->ninstr++;
	}
	for (unsigned i = 0; i < prog->nstore; i++) {
		if (p->store[i] != part)
			continue;
		out->store[out->nstore] = reg[prog->store[i]];
		out_o[out->nload + out->nstore++] = o[prog->nload + i];
	}
}

/*
 * A program over many elements whose parts have nothing to do with each other runs part by part: a part may be a transposition, and
 * an invocation has more elements of fewer operands. Of few elements the dispatches would take longer.
 */
static int run_parts(struct tr_device *dev, const struct tr_program *prog, const struct tr_operand *const *o, char *detail)
{
	const struct tr_operand *part_o[TR_PROGRAM_OPERANDS];
	struct tr_program part;
	struct parts p;
	int64_t n = 1;
	int err = 0;

	for (int d = 0; d < o[0]->ndim; d++)
		n *= o[0]->shape[d];
	if (prog->nstore < 2 || n < MANY || !is_divisible(prog, o))
		return run_program(dev, prog, o, detail);
	find_parts(&p, prog);
	for (uint8_t i = 0; i < prog->nload && !err; i++) {
		take_part(&part, part_o, &p, i, prog, o);
		if (part.nstore)
			err = run_program(dev, &part, part_o, detail);
	}
	return err;
}

/* The element goes into the parameter ring, from where it is copied. */
static int run_fill(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	static const struct tr_program copy = {.nload = 1, .nstore = 1, .nreg = 1};
	struct tr_operand element = cmd->operand[0];
	const struct tr_operand *o[2] = {&element, &cmd->operand[0]};
	double value = cmd->attr.f64[0];
	uint64_t address, *w;
	int err;

	w = tr__vk_params(dev, 2, &address, &err, detail);
	if (!w)
		return err;
	memcpy(w, &value, sizeof(value));
	if (element.dtype != TR_F64)
		tr__ref_kernels.cast[TR_F64][element.dtype](w, &value, 1);
	element.addr = (void *)(uintptr_t)address;
	memset(element.stride, 0, sizeof(element.stride));
	return run_program(dev, &copy, o, detail);
}

int tr__vk_exec_map(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	const struct tr_operand *o[TR_PROGRAM_OPERANDS];
	struct tr_program one;
	unsigned n = cmd->noperand;

	for (int d = 0; d < cmd->operand->ndim; d++)
		if (cmd->operand->shape[d] == 0)
			return 0;
	if (cmd->prog) {
		for (unsigned i = 0; i < n; i++)
			o[i] = &cmd->operand[i];
		return run_parts(dev, cmd->prog, o, detail);
	}
	if (cmd->family == TR_FAMILY_FILL)
		return run_fill(dev, cmd, detail);
	make_program(&one, cmd);
	for (unsigned i = 0; i < n; i++)
		o[i] = &cmd->operand[(i + 1) % n]; /* the destination last */
	return run_program(dev, &one, o, detail);
}
