/* SPDX-License-Identifier: MIT */
/*
 * The executor of elementwise commands and fused programs: calls the kernel at once when all operands are dense and of
 * its type, else runs a plan (map.h) tile by tile over the workers. Knows no instruction set and no operation by
 * name but the moves.
 */
#include <stdio.h>
#include <string.h>

#include "simd/cpu.h"
#include "simd/map.h"
#include "simd/strided.h"

/* Below this many elements nothing is ever worth another thread: not even asked. */
#define ALONE 4096

/* Elements a repeated operand is spread to on the stack to make it dense, and their most bytes. */
#define SPREAD 64
#define SPREAD_BYTES (SPREAD * 8)

struct direct {
	tr_map_fn map;
	tr_cast_fn cast; /* if not NULL, instead of map */
	char *dst;
	const char *src[3];
	size_t n, size, src_size[3], nsrc;
	size_t parts;
};

static void direct_part(void *arg, size_t part, unsigned worker)
{
	const struct direct *d = arg;
	/* whole cache lines, whatever the type */
	size_t chunk = (d->n / d->parts + 63) / 64 * 64;
	size_t first = part * chunk, n;
	const void *src[3];

	(void)worker;
	if (first >= d->n)
		return;
	n = part + 1 == d->parts || d->n - first < chunk ? d->n - first : chunk;
	for (size_t i = 0; i < d->nsrc; i++)
		src[i] = d->src[i] + first * d->src_size[i];
	if (d->cast)
		d->cast(d->dst + first * d->size, src[0], n);
	else
		d->map(d->dst + first * d->size, src, n);
}

static void run_direct(struct tr_device *dev, struct direct *d, double cost)
{
	double bytes = (double)d->size;

	for (size_t i = 0; i < d->nsrc; i++)
		bytes += (double)d->src_size[i];
	d->parts = tr__pool_parts(dev, tr__map_ns((double)d->n, cost, bytes), d->n / 64);
	tr__pool_run(dev, d->parts, direct_part, d);
}

static inline bool is_line(const struct tr_operand *o)
{
	return o->ndim == 0 || (o->ndim == 1 && (o->stride[0] == 1 || o->shape[0] == 1));
}

/* The single value o repeats, as n elements of type dtype at room. */
static void spread(const struct tr_kernels *k, const struct tr_operand *o, uint8_t dtype, size_t n, void *room)
{
	uint64_t one[2];
	const void *value = o->addr;

	if (o->dtype != dtype) {
		k->cast[o->dtype][dtype](one, o->addr, 1);
		value = one;
	}
	tr__copy_run(room, 1, value, 0, n, tr_dtype_size(dtype));
}

/* The type of elements that a kernel of the command takes in memory: f16 or bf16 if all are and there is one. */
static uint8_t stored_type(const struct tr_device *dev, const struct tr_cmd *cmd)
{
	const struct tr_operand *last = &cmd->operand[cmd->noperand - 1];

	if (cmd->dtype != TR_F32 || (last->dtype != TR_F16 && last->dtype != TR_BF16) ||
	    !dev->k->half[cmd->op][TR__HALF(last->dtype)])
		return cmd->dtype;
	return last->dtype;
}

/* All operands dense, or few elements and some repeated: no plan is needed. False: it is. */
static bool try_direct(struct tr_device *dev, const struct tr_cmd *cmd)
{
	const uint8_t type = stored_type(dev, cmd);
	const struct tr_operand *o = cmd->operand;
	unsigned nsrc = cmd->noperand - 1u;
	size_t n = o->ndim ? (size_t)o->shape[0] : 1;
	_Alignas(64) char room[3][SPREAD_BYTES];
	uint64_t number[2];
	struct direct d;

	if (!is_line(&o[0]) || o[0].dtype != (tr__ops[cmd->op].result == TR_RESULT_BOOL ? TR_BOOL : type))
		return false;
	for (unsigned i = 0; i < nsrc; i++) {
		const struct tr_operand *s = &o[1 + i];
		uint8_t want = cmd->family == TR_FAMILY_SELECT && i == 0 ? TR_BOOL : type;

		if (s->dtype == want && is_line(s)) {
			d.src[i] = s->addr;
		} else if (n <= SPREAD && s->ndim <= 1 && (n == 1 || s->stride[0] == 0) &&
			   (s->dtype == want || type == cmd->dtype)) {
			spread(dev->k, s, want, n, room[i]);
			d.src[i] = room[i];
		} else {
			return false;
		}
	}
	if (tr__family_numbers((enum tr_family)cmd->family)) {
		unsigned more = tr__map_numbers(number, dev->k, cmd->op, cmd->dtype, cmd->attr.f64);

		for (unsigned i = 0; i < more; i++) {
			d.src[nsrc] = (const char *)&number[i];
			d.src_size[nsrc++] = 0;
		}
	}
	d.map = type == cmd->dtype ? dev->k->map[cmd->op][type] : dev->k->half[cmd->op][TR__HALF(type)];
	if (n <= ALONE) {
		d.map(o[0].addr, (const void *const *)d.src, n);
		return true;
	}
	d.cast = NULL;
	d.dst = o[0].addr;
	d.n = n;
	d.size = tr_dtype_size(o[0].dtype);
	d.nsrc = nsrc;
	for (unsigned i = 0; i < cmd->noperand - 1u; i++)
		d.src_size[i] = tr_dtype_size(o[1 + i].dtype);
	run_direct(dev, &d, tr__map_cost(cmd->op, cmd->dtype));
	return true;
}

struct copy_job {
	struct tr_copy copy;
	size_t parts;
};

static void copy_part(void *arg, size_t part, unsigned worker)
{
	const struct copy_job *job = arg;
	int64_t chunk = job->copy.units / (int64_t)job->parts, first = (int64_t)part * chunk;

	(void)worker;
	tr__copy_units(&job->copy, first, part + 1 == job->parts ? job->copy.units : first + chunk);
}

static void run_copy(struct tr_device *dev, const struct tr_operand *dst, const void *src, const int64_t *stride)
{
	size_t size = tr_dtype_size(dst->dtype);
	struct copy_job job;
	double n = 1;

	for (int i = 0; i < dst->ndim; i++)
		n *= (double)dst->shape[i];
	tr__copy_init(&job.copy, dst->ndim, dst->shape, dst->addr, dst->stride, src, stride, size);
	job.parts = tr__pool_parts(dev, tr__map_ns(n, 0, 2 * (double)size), (size_t)job.copy.units);
	tr__pool_run(dev, job.parts, copy_part, &job);
}

static void run_fill(struct tr_device *dev, const struct tr_cmd *cmd)
{
	static const int64_t zero[TR_MAX_RANK];
	const struct tr_operand *dst = &cmd->operand[0];
	double value = cmd->attr.f64[0];
	uint64_t element[2];

	if (dst->dtype == TR_F64)
		memcpy(element, &value, sizeof(value));
	else
		dev->k->cast[TR_F64][dst->dtype](element, &value, 1);
	run_copy(dev, dst, element, zero);
}

/* Copies and dense conversions; false if a plan is needed. */
static bool try_move(struct tr_device *dev, const struct tr_cmd *cmd)
{
	const struct tr_operand *dst = &cmd->operand[0], *src = &cmd->operand[1];
	struct direct d;

	if (dst->dtype == src->dtype) {
		run_copy(dev, dst, src->addr, src->stride);
		return true;
	}
	if (!is_line(dst) || !is_line(src))
		return false;
	d.cast = dev->k->cast[src->dtype][dst->dtype];
	d.dst = dst->addr;
	d.src[0] = src->addr;
	d.n = dst->ndim ? (size_t)dst->shape[0] : 1;
	d.size = tr_dtype_size(dst->dtype);
	d.src_size[0] = tr_dtype_size(src->dtype);
	d.nsrc = 1;
	run_direct(dev, &d, tr__map_cost(cmd->op, dst->dtype));
	return true;
}

struct map_job {
	const struct tr_map_plan *plan;
	size_t parts;
};

static void call(const struct tr_map_step *step, void *const *place, size_t n)
{
	size_t most = step->spread && n > TR_MAP_SPREAD ? TR_MAP_SPREAD : n;
	char *dst = place[step->dst];
	const void *src[3];

	for (unsigned a = 0; a < step->nsrc; a++)
		src[a] = place[step->src[a]];
	for (unsigned i = 0; i < step->nnumber; i++)
		src[step->nsrc + i] = &step->number[i];
	while (true) {
		if (step->cast)
			step->cast(dst, src[0], most);
		else
			step->map(dst, src, most);
		n -= most;
		if (!n)
			return;
		dst += most * step->size[0];
		for (unsigned a = 0; a < step->nsrc; a++)
			src[a] = (const char *)src[a] + most * step->size[1 + a];
		most = n < most ? n : most;
	}
}

/* Offset in elements of the first column of a row. */
static int64_t row_offset(const struct tr_map_plan *plan, const struct tr_operand *o, int64_t row)
{
	int64_t off = 0;

	if (!plan->outer)
		return 0;
	for (int d = plan->outer - 1; d > 0; d--) {
		off += row % plan->shape[d] * o->stride[d];
		row /= plan->shape[d];
	}
	return off + row * o->stride[0];
}

static void *address(const struct tr_map_plan *plan, const struct tr_operand *o, int64_t row, size_t col, size_t size)
{
	return (char *)o->addr + (row_offset(plan, o, row) + (int64_t)col) * (int64_t)size;
}

static void load_panels(const struct tr_map_plan *plan, char *scratch, int64_t row, size_t rows, size_t col, size_t n)
{
	for (unsigned i = 0; i < plan->nload; i++) {
		const struct tr_map_load *l = &plan->load[i];
		int64_t stride = l->o->stride[plan->outer];
		int64_t off;

		if (l->kind != TR_MAP_PANEL)
			continue;
		off = row_offset(plan, l->o, row) + (int64_t)col * stride;
		tr__transpose(scratch + l->room, (ptrdiff_t)plan->tile,
			      (const char *)l->o->addr + off * (int64_t)l->size, stride, rows, n, l->size);
	}
}

/* n elements of a row from column col on that are not dense in it, or of the whole range. */
static void *load_run(const struct tr_map_plan *plan, const struct tr_map_load *l, char *scratch, int64_t row, size_t col,
		      size_t n)
{
	void *room = scratch + l->room;
	int64_t stride, off;

	if (!plan->outer)
		return (void *)tr__load_range(plan->dev, l->o, (int64_t)col, n, l->o->dtype, room);
	stride = l->o->stride[plan->outer];
	off = row_offset(plan, l->o, row) + (int64_t)col * stride;
	tr__copy_run(room, 1, (const char *)l->o->addr + off * (int64_t)l->size, stride, n, l->size);
	return room;
}

/* The loads of a tile: columns col … col+n-1 of a row, the g-th of its panels. */
static void load_tile(const struct tr_map_plan *plan, char *scratch, void **place, int64_t row, size_t g, size_t col,
		      size_t n)
{
	for (unsigned i = 0; i < plan->nload; i++) {
		const struct tr_map_load *l = &plan->load[i];

		if (l->kind == TR_MAP_IN_PLACE)
			place[i] = address(plan, l->o, row, col, l->size);
		else if (l->kind == TR_MAP_ROW)
			place[i] = scratch + l->room;
		else if (l->kind == TR_MAP_RANGE)
			place[i] = load_run(plan, l, scratch, row, col, n);
		else if (l->kind == TR_MAP_PANEL)
			place[i] = scratch + l->room + g * plan->tile * l->size;
	}
}

static void run_tile(const struct tr_map_plan *plan, char *scratch, void **place, int64_t row, size_t g, size_t col,
		     size_t n)
{
	int64_t first = row * (int64_t)plan->cols + (int64_t)col;

	load_tile(plan, scratch, place, row, g, col, n);
	for (unsigned s = 0; s < plan->nstore; s++) {
		const struct tr_map_store *st = &plan->store[s];

		if (st->dense)
			place[plan->nload + s] = address(plan, st->o, row, col, st->size);
	}
	for (unsigned j = 0; j < plan->nstep; j++)
		call(&plan->step[j], place, n);
	for (unsigned s = 0; s < plan->nstore; s++) {
		const struct tr_map_store *st = &plan->store[s];

		if (st->direct)
			continue;
		if (st->dense)
			memmove(place[plan->nload + s], place[st->place], n * st->size);
		else
			tr__store_range(plan->dev, st->o, first, n, st->o->dtype, place[st->place], NULL);
	}
}

/* Slots, and what is the same for every tile. */
static void begin_tiles(const struct tr_map_plan *plan, char *scratch, void **place)
{
	for (unsigned i = 0; i < plan->nslot; i++)
		place[plan->nload + plan->nstore + i] = scratch + plan->slot[plan->nload + plan->nstore + i];
	for (unsigned i = 0; i < plan->nload; i++) {
		const struct tr_map_load *l = &plan->load[i];

		if (l->kind == TR_MAP_ONCE)
			place[i] = (void *)tr__load_range(plan->dev, l->o, 0, plan->tile, l->o->dtype,
							  scratch + l->room);
	}
	for (unsigned j = 0; j < plan->nonce; j++)
		call(&plan->once[j], place, plan->tile);
}

void tr__map_begin(const struct tr_map_plan *plan, char *scratch)
{
	begin_tiles(plan, scratch, (void **)(void *)(scratch + plan->places));
}

const void *tr__map_range(const struct tr_map_plan *plan, char *scratch, int64_t first, size_t n)
{
	void **place = (void **)(void *)(scratch + plan->places);

	load_tile(plan, scratch, place, 0, 0, (size_t)first, n);
	for (unsigned j = 0; j < plan->nstep; j++)
		call(&plan->step[j], place, n);
	return place[plan->result];
}

/* What repeats along a row. */
static void spread_row(const struct tr_map_plan *plan, char *scratch, int64_t row)
{
	for (unsigned i = 0; i < plan->nload; i++) {
		const struct tr_map_load *l = &plan->load[i];

		if (l->kind == TR_MAP_ROW)
			tr__copy_run(scratch + l->room, 1, address(plan, l->o, row, 0, l->size), 0,
				    plan->tile < TR_MAP_SPREAD ? plan->tile : TR_MAP_SPREAD, l->size);
	}
}

static void run_units(const struct tr_map_plan *plan, char *scratch, int64_t unit, int64_t last)
{
	int64_t groups = (plan->block + plan->group - 1) / plan->group; /* of a block */
	int64_t group = unit / plan->pieces, piece = unit % plan->pieces, spread_to = -1;
	void *place[TR_MAP_PLACES];

	begin_tiles(plan, scratch, place);
	for (; unit < last; unit++) {
		size_t col = (size_t)piece * plan->tile;
		size_t n = plan->cols - col < plan->tile ? plan->cols - col : plan->tile;
		int64_t row = group, rows = 1;

		if (plan->group > 1) {
			int64_t in_block = group % groups * plan->group;

			row = group / groups * plan->block + in_block;
			rows = plan->block - in_block < plan->group ? plan->block - in_block : plan->group;
			load_panels(plan, scratch, row, (size_t)rows, col, n);
		}
		for (int64_t g = 0; g < rows; g++) {
			if (plan->spreads && row + g != spread_to) {
				spread_to = row + g;
				spread_row(plan, scratch, spread_to);
			}
			run_tile(plan, scratch, place, row + g, (size_t)g, col, n);
		}
		if (++piece == plan->pieces) {
			piece = 0;
			group++;
		}
	}
}

static void map_part(void *arg, size_t part, unsigned worker)
{
	const struct map_job *job = arg;
	const struct tr_map_plan *plan = job->plan;
	int64_t units = plan->units / (int64_t)job->parts, more = plan->units % (int64_t)job->parts;
	int64_t p = (int64_t)part, first = p * units + (p < more ? p : more);

	run_units(plan, plan->dev->scratch[worker], first, first + units + (p < more));
}

/* One command as a program: conversions on the way in, the operation, a conversion on the way out. */
static void make_program(struct tr_program *prog, const struct tr_cmd *cmd)
{
	const struct tr_operand *o = cmd->operand;
	uint8_t reg = cmd->noperand - 1, result = tr__ops[cmd->op].result == TR_RESULT_BOOL ? TR_BOOL : cmd->dtype;
	struct tr_instr in = { .op = cmd->op, .dtype = cmd->dtype, .to = result };

	memcpy(prog->number, cmd->attr.f64, tr__family_numbers((enum tr_family)cmd->family) * sizeof(double));
	prog->nload = reg;
	prog->nstore = 1;
	prog->ninstr = 0;
	if (cmd->family == TR_FAMILY_CAST) {
		in.dtype = o[1].dtype;
		in.to = result = o[0].dtype;
	}
	for (uint8_t i = 0; i < prog->nload; i++) {
		uint8_t want = cmd->family == TR_FAMILY_SELECT && i == 0 ? TR_BOOL : in.dtype;

		in.src[i] = i;
		if (o[1 + i].dtype == want)
			continue;
		prog->instr[prog->ninstr++] = (struct tr_instr){
			.op = TR_OP_astype, .dtype = o[1 + i].dtype, .to = want, .dst = reg, .src = { i },
		};
		in.src[i] = reg++;
	}
	in.dst = reg++;
	prog->instr[prog->ninstr++] = in;
	if (result != o[0].dtype) {
		prog->instr[prog->ninstr++] = (struct tr_instr){
			.op = TR_OP_astype, .dtype = result, .to = o[0].dtype, .dst = reg, .src = { in.dst },
		};
		reg++;
	}
	prog->store[0] = reg - 1;
	prog->nreg = reg;
}

static int run_program(struct tr_device *dev, const struct tr_program *prog, const struct tr_operand *load,
		       const struct tr_operand *store, char *detail)
{
	struct tr_map_plan plan;
	struct map_job job = { .plan = &plan };
	double n;

	tr__map_plan(&plan, dev, prog, load, store);
	if (tr__scratch(dev, plan.scratch)) {
		snprintf(detail, 128, "cannot allocate %zu bytes for each of %u threads", plan.scratch, dev->threads);
		return -TR_ENOMEM;
	}
	n = (double)plan.rows * (double)plan.cols;
	job.parts = n <= ALONE ? 1 : tr__pool_parts(dev, tr__map_ns(n, plan.cost, (double)plan.bytes), (size_t)plan.units);
	tr__pool_run(dev, job.parts, map_part, &job);
	return 0;
}

int tr__exec_map(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	const struct tr_operand *o = cmd->operand;
	struct tr_program one;

	for (int d = 0; d < o->ndim; d++)
		if (o->shape[d] == 0)
			return 0;
	if (cmd->prog)
		return run_program(dev, cmd->prog, o, o + cmd->prog->nload, detail);
	if (cmd->family == TR_FAMILY_FILL) {
		run_fill(dev, cmd);
		return 0;
	}
	if (cmd->family == TR_FAMILY_CAST ? try_move(dev, cmd) : try_direct(dev, cmd))
		return 0;
	make_program(&one, cmd);
	return run_program(dev, &one, o + 1, o, detail);
}
