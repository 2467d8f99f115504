/* SPDX-License-Identifier: MIT */
/*
 * Fusion: a run of elementwise nodes over one iteration space becomes one program, and so does a reduction of its
 * result. A value written in the run is read back from its register; it goes to memory only if somebody outside the run
 * can see it. Knows commands and storages, neither drivers nor tensors.
 */
#include <string.h>

#include "lib/op.h"
#include "lib/queue.h"

#define MAX_VALUES (TR_PROGRAM_OPERANDS + TR_PROGRAM_INSTRS)
#define NO_INSTR 0xff

/* A view of memory the run has met, and the value it holds by now. */
struct view {
	const struct tr_operand *o;
	struct tr_storage *storage;
	int64_t offset;
	uint8_t load;  /* index among the loads; NO_INSTR if the run wrote it first */
	uint8_t value; /* 0 … TR_PROGRAM_OPERANDS-1: a load; above: an instruction's result */
	bool written;
};

struct fuser {
	const struct tr_node *node;
	struct view view[2 * TR_PROGRAM_OPERANDS];
	unsigned nview, nload, ninstr, nnumber;
	struct tr_instr instr[TR_PROGRAM_INSTRS]; /* registers are value numbers until they are allocated */
	double number[TR_PROGRAM_NUMBERS];
};

static bool same_space(const struct tr_operand *a, const struct tr_operand *b)
{
	return a->ndim == b->ndim && !memcmp(a->shape, b->shape, a->ndim * sizeof(a->shape[0]));
}

static bool same_view(const struct view *v, const struct tr_operand *o, int64_t offset)
{
	if (v->offset != offset || v->o->dtype != o->dtype)
		return false;
	for (int i = 0; i < o->ndim; i++)
		if (o->shape[i] > 1 && v->o->stride[i] != o->stride[i])
			return false;
	return true;
}

static struct view *add_view(struct fuser *f, const struct tr_node *node, int k)
{
	struct view *v;

	if (f->nview == 2 * TR_PROGRAM_OPERANDS)
		return NULL;
	v = &f->view[f->nview++];
	v->o = &node->operand[k];
	v->storage = node->storage[k];
	v->offset = node->offset[k];
	v->load = NO_INSTR;
	v->written = false;
	return v;
}

/* The value of a source operand, loading it if it is new; -1 if it cannot be part of this run. */
static int source(struct fuser *f, const struct tr_node *node, int k)
{
	struct view *v;

	for (unsigned i = 0; i < f->nview; i++) {
		v = &f->view[i];
		if (v->storage != node->storage[k])
			continue;
		if (same_view(v, &node->operand[k], node->offset[k]))
			return v->value;
		if (v->written)
			return -1;
	}
	if (f->nload == TR_PROGRAM_OPERANDS)
		return -1;
	v = add_view(f, node, k);
	if (!v)
		return -1;
	v->load = (uint8_t)f->nload;
	v->value = (uint8_t)f->nload++;
	return v->value;
}

/* The view a node writes; NULL if memory the run already uses would be written in another arrangement. */
static struct view *destination(struct fuser *f, const struct tr_node *node)
{
	struct view *found = NULL;

	for (unsigned i = 0; i < f->nview; i++) {
		struct view *v = &f->view[i];

		if (v->storage != node->storage[0])
			continue;
		if (!same_view(v, &node->operand[0], node->offset[0]))
			return NULL;
		found = v;
	}
	return found ? found : add_view(f, node, 0);
}

/* Appends an instruction; its value, or -1 if the program is full. */
static int emit(struct fuser *f, enum tr_op op, enum tr_dtype dtype, enum tr_dtype to, const int *src, int nsrc)
{
	struct tr_instr *in;

	if (f->ninstr == TR_PROGRAM_INSTRS)
		return -1;
	in = &f->instr[f->ninstr];
	memset(in, 0, sizeof(*in));
	in->op = (uint16_t)op;
	in->dtype = (uint8_t)dtype;
	in->to = (uint8_t)to;
	in->dst = (uint8_t)(TR_PROGRAM_OPERANDS + f->ninstr++);
	for (int i = 0; i < nsrc; i++)
		in->src[i] = (uint8_t)src[i];
	return in->dst;
}

static int convert(struct fuser *f, int value, enum tr_dtype from, enum tr_dtype to)
{
	return from == to || value < 0 ? value : emit(f, TR_OP_astype, from, to, &value, 1);
}

/* Gives the last instruction, whose value is this, the numbers of its command; -1 if there is no room for them. */
static int take_numbers(struct fuser *f, const struct tr_cmd *cmd, int value)
{
	unsigned n = tr__family_numbers((enum tr_family)cmd->family);

	if (value < 0 || f->nnumber + n > TR_PROGRAM_NUMBERS)
		return -1;
	f->instr[f->ninstr - 1].number = (uint16_t)f->nnumber;
	for (unsigned i = 0; i < n; i++)
		f->number[f->nnumber++] = cmd->attr.f64[i];
	return value;
}

/* Adds a node; false, with f unchanged, if it does not fit. */
static bool add(struct fuser *f, const struct tr_node *node)
{
	unsigned nview = f->nview, nload = f->nload, ninstr = f->ninstr, nnumber = f->nnumber;
	const struct tr_op_info *info = &tr__ops[node->cmd.op];
	enum tr_dtype eval = (enum tr_dtype)node->cmd.dtype, type = eval;
	struct view *dst;
	int src[3] = {-1}, value, n = node->cmd.noperand - 1;

	if (!tr__family_is_map((enum tr_family)info->family) || info->family == TR_FAMILY_FILL ||
	    !same_space(&node->operand[0], &f->node->operand[0]))
		return false;
	for (int i = 0; i < n; i++) {
		bool condition = info->family == TR_FAMILY_SELECT && i == 0;

		src[i] = convert(f, source(f, node, i + 1), (enum tr_dtype)node->operand[i + 1].dtype,
				 condition ? TR_BOOL : eval);
		if (src[i] < 0)
			goto undo;
	}
	value = src[0];
	if (info->family != TR_FAMILY_CAST) {
		type = info->result == TR_RESULT_BOOL ? TR_BOOL : eval;
		value = take_numbers(f, &node->cmd, emit(f, (enum tr_op)node->cmd.op, eval, type, src, n));
		if (value < 0)
			goto undo;
	}
	value = convert(f, value, type, (enum tr_dtype)node->operand[0].dtype);
	dst = value < 0 ? NULL : destination(f, node);
	if (!dst)
		goto undo;
	dst->value = (uint8_t)value;
	dst->written = true;
	return true;
undo:
	f->nview = nview;
	f->nload = nload;
	f->ninstr = ninstr;
	f->nnumber = nnumber;
	return false;
}

/* Whether what the run wrote there is of no use outside it: no tensor, no later node. */
static bool is_internal(const struct tr_node *node, size_t n, const struct tr_storage *s)
{
	uint32_t here = 0;

	if (!s->is_temp || s->mem.addr)
		return false;
	for (size_t i = 0; i < n; i++)
		for (int k = 0; k < node[i].cmd.noperand; k++)
			here += node[i].storage[k] == s;
	return s->uses == here;
}

/* Replaces value numbers by registers, reusing those whose value is dead. False if there are too few. */
static bool allocate(struct fuser *f, struct tr_program *p)
{
	uint8_t reg[MAX_VALUES], last[MAX_VALUES];
	uint32_t busy = (1u << f->nload) - 1;

	memset(last, 0, sizeof(last));
	for (unsigned i = 0; i < f->nload; i++)
		reg[i] = (uint8_t)i;
	for (unsigned i = 0; i < f->ninstr; i++)
		for (int k = 0; k < 3; k++)
			last[f->instr[i].src[k]] = (uint8_t)i;
	for (unsigned i = 0; i < p->nstore; i++)
		last[p->store[i]] = NO_INSTR;
	p->nreg = (uint8_t)f->nload;
	for (unsigned i = 0; i < f->ninstr; i++) {
		struct tr_instr *in = &f->instr[i];
		int r;

		for (int k = 0; k < 3; k++) {
			unsigned v = in->src[k];

			in->src[k] = reg[v];
			if (v >= TR_PROGRAM_OPERANDS && last[v] == i)
				busy &= ~(1u << reg[v]);
		}
		r = __builtin_ffs((int)~busy) - 1;
		if (r < 0 || r >= TR_PROGRAM_REGS)
			return false;
		busy |= 1u << r;
		reg[in->dst] = (uint8_t)r;
		in->dst = (uint8_t)r;
		if (r >= p->nreg)
			p->nreg = (uint8_t)(r + 1);
		p->instr[i] = *in;
	}
	for (unsigned i = 0; i < p->nstore; i++)
		p->store[i] = reg[p->store[i]];
	p->nload = (uint8_t)f->nload;
	p->ninstr = (uint8_t)f->ninstr;
	memcpy(p->number, f->number, f->nnumber * sizeof(*p->number));
	return true;
}

static void put_operand(struct tr_fused *out, unsigned at, const struct view *v)
{
	out->operand[at] = *v->o;
	out->storage[at] = v->storage;
	out->offset[at] = v->offset;
}

/* Writes the program for the first `taken` nodes. False if it has too many operands or registers. */
static bool finish(struct fuser *f, size_t taken, struct tr_fused *out)
{
	struct tr_program *p = out->program;

	memset(p, 0, sizeof(*p));
	for (unsigned i = 0; i < f->nview; i++)
		if (f->view[i].load != NO_INSTR)
			put_operand(out, f->view[i].load, &f->view[i]);
	for (unsigned i = 0; i < f->nview; i++) {
		struct view *v = &f->view[i];

		if (!v->written || is_internal(f->node, taken, v->storage))
			continue;
		if (f->nload + p->nstore == TR_PROGRAM_OPERANDS)
			return false;
		put_operand(out, f->nload + p->nstore, v);
		p->store[p->nstore++] = v->value;
	}
	return allocate(f, p);
}

/* The view a reduction takes: the one value of the first `taken` nodes that it or anybody can see. NULL: it is not. */
static struct view *reduced_view(struct fuser *f, const struct tr_node *reduction, size_t taken)
{
	struct view *found = NULL;

	if (reduction->cmd.family != TR_FAMILY_REDUCE && reduction->cmd.family != TR_FAMILY_VECTOR_NORM)
		return NULL;
	if (f->nload == TR_PROGRAM_OPERANDS || !same_space(&reduction->operand[1], &f->node->operand[0]))
		return NULL;
	for (unsigned i = 0; i < f->nview; i++) {
		struct view *v = &f->view[i];

		/* Its memory may not be read by the run: results are written while others' elements are still to come. */
		if (v->storage == reduction->storage[0] || (v->written && !is_internal(f->node, taken + 1, v->storage)))
			return NULL;
		if (v->storage == reduction->storage[1] && same_view(v, &reduction->operand[1], reduction->offset[1]))
			found = v;
	}
	return found && found->written ? found : NULL;
}

/* Writes the program of the first `taken` nodes for the reduction behind them. False if that is not possible. */
static bool finish_reduction(struct fuser *f, size_t taken, struct tr_fused *out)
{
	const struct tr_node *reduction = &f->node[taken];
	struct view *v = reduced_view(f, reduction, taken);
	struct tr_program *p = out->program;

	if (!v)
		return false;
	memset(p, 0, sizeof(*p));
	out->operand[0] = reduction->operand[0];
	out->storage[0] = reduction->storage[0];
	out->offset[0] = reduction->offset[0];
	for (unsigned i = 0; i < f->nview; i++)
		if (f->view[i].load != NO_INSTR)
			put_operand(out, 1u + f->view[i].load, &f->view[i]);
	p->nstore = 1;
	p->store[0] = v->value;
	p->to = v->o->dtype;
	return allocate(f, p);
}

size_t tr__fuse(const struct tr_node *node, size_t n, bool reductions, struct tr_fused *out)
{
	size_t limit = n < TR_PROGRAM_INSTRS ? n : TR_PROGRAM_INSTRS;

	out->reduction = false;
	while (limit >= 2) {
		struct fuser f = {.node = node}, before;
		size_t taken = 0;

		while (taken < limit && add(&f, &node[taken]))
			taken++;
		if (reductions && taken && taken < n) {
			before = f; /* registers replace value numbers */
			out->reduction = finish_reduction(&f, taken, out);
			if (out->reduction)
				return taken + 1;
			f = before;
		}
		if (taken < 2)
			return taken;
		if (finish(&f, taken, out))
			return taken;
		limit = taken / 2;
	}
	return 0;
}
