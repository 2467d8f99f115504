/* SPDX-License-Identifier: MIT */
/*
 * Planning an elementwise command (map.h): how to cut the space, which operands are used where they lie, and which
 * memory each instruction writes. Runs nothing and allocates nothing.
 */
#include <string.h>

#include "simd/map.h"

/* Elements of a tile: enough to forget the calls, few enough that a program's registers stay in half of L1. */
#define TILE_MOST 1024
#define TILE_LEAST 256
#define TILE_BYTES 32768
#define ROW_LEAST 256

/* Rows of a panel: a cache line of 4-byte elements, two of smaller ones. */
#define PANEL_BYTES 16384
#define PANEL_ROWS 16
#define PANEL_ROWS_SMALL 32
#define PANEL_ROWS_LEAST 4

/* Slots are this much more than a power of two apart: equal low 12 bits would make loads wait for stores. */
#define SLOT_SKEW 128

static size_t round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

bool tr__is_dense(const struct tr_operand *o)
{
	int64_t expect = 1;

	for (int d = o->ndim - 1; d >= 0; d--) {
		if (o->shape[d] != 1 && o->stride[d] != expect)
			return false;
		expect *= o->shape[d];
	}
	return true;
}

/* Elements after which o repeats itself, 1 for one value; 0 if it does not within most. */
static int64_t period(const struct tr_operand *o, int64_t most)
{
	int64_t p = 1;
	int d = o->ndim - 1;

	for (; d >= 0 && (o->shape[d] == 1 || (o->stride[d] == p && p <= most)); d--)
		p *= o->shape[d];
	for (; d >= 0; d--)
		if (o->shape[d] != 1 && o->stride[d])
			return 0;
	return p <= most ? p : 0;
}

double tr__map_cost(uint16_t op, uint8_t dtype)
{
	double words = (double)tr_dtype_size(dtype) / 4;

	/* Inexact operations are polynomials, with divisions in some. */
	return (tr__ops[op].ulp ? 1.0 : 0.05) * (words < 1 ? 1 : words);
}

unsigned tr__map_numbers(uint64_t element[2], const struct tr_kernels *k, uint16_t op, uint8_t dtype,
			 const double *number)
{
	unsigned n = tr__family_numbers((enum tr_family)tr__ops[op].family);

	for (unsigned i = 0; i < n; i++)
		if (dtype == TR_F64)
			memcpy(&element[i], &number[i], sizeof(*element));
		else
			k->cast[TR_F64][dtype](&element[i], &number[i], 1);
	return n;
}

static bool unit_stride(const struct tr_operand *o)
{
	int last = o->ndim - 1;

	return last < 0 || o->stride[last] == 1 || o->shape[last] == 1;
}

/*
 * Whether every operand is dense or has a period that divides the tile. *tile comes out shrunk to a multiple of the
 * first such period.
 */
static bool fits_flat(const struct tr_map_plan *plan, size_t *tile)
{
	bool fits = true;

	for (unsigned i = 0; i < plan->nload; i++) {
		const struct tr_operand *o = plan->load[i].o;
		int64_t p;

		if (tr__is_dense(o))
			continue;
		p = period(o, TILE_LEAST);
		if (p > 1 && *tile == plan->tile)
			*tile -= *tile % (size_t)p;
		fits = fits && p && *tile % (size_t)p == 0;
	}
	for (unsigned i = 0; i < plan->nstore; i++)
		fits = fits && tr__is_dense(plan->store[i].o);
	return fits;
}

/* Whether a row-wise walk over o would touch a line per element, and several rows at once would share them. */
static bool is_transposed(const struct tr_operand *o)
{
	int last = o->ndim - 1;

	return last > 0 && o->stride[last - 1] == 1 && o->stride[last] && o->stride[last] != 1 &&
	       o->shape[last - 1] >= PANEL_ROWS_LEAST;
}

static void choose_panels(struct tr_map_plan *plan)
{
	size_t largest = 0, tile;

	for (unsigned i = 0; i < plan->nload; i++)
		if (is_transposed(plan->load[i].o) && plan->load[i].size > largest)
			largest = plan->load[i].size;
	if (!largest)
		return;
	plan->group = largest < 4 ? PANEL_ROWS_SMALL : PANEL_ROWS;
	plan->block = plan->shape[plan->outer - 1];
	if (plan->group > plan->block)
		plan->group = plan->block;
	tile = PANEL_BYTES / largest / (size_t)plan->group;
	if (tile < plan->tile)
		plan->tile = tile;
}

/* Cuts the space: flat or by rows, and the length of a tile. */
static void cut(struct tr_map_plan *plan, const struct tr_operand *space, unsigned nreg, size_t widest)
{
	int64_t n = 1;
	size_t tile;
	bool flat;

	for (int d = 0; d < space->ndim; d++)
		n *= space->shape[d];
	plan->shape = space->shape;
	plan->tile = TILE_MOST;
	while (plan->tile > TILE_LEAST && plan->tile * nreg * widest > TILE_BYTES)
		plan->tile /= 2;
	plan->group = 1;
	tile = plan->tile;
	flat = fits_flat(plan, &tile);
	if (flat || space->ndim < 2 || space->shape[space->ndim - 1] < ROW_LEAST) {
		plan->tile = tile;
		plan->outer = 0;
		plan->rows = 1;
		plan->cols = (size_t)n;
	} else {
		plan->outer = space->ndim - 1;
		plan->cols = (size_t)space->shape[plan->outer];
		plan->rows = n / (int64_t)plan->cols;
		choose_panels(plan);
	}
	if (plan->group == 1)
		plan->block = plan->rows;
	plan->pieces = (int64_t)((plan->cols + plan->tile - 1) / plan->tile);
	if (plan->outer) /* equal pieces: no short tile at the end of each row */
		plan->tile = round_up((plan->cols + (size_t)plan->pieces - 1) / (size_t)plan->pieces, 16);
	if (plan->tile > plan->cols)
		plan->tile = plan->cols;
	plan->units = plan->rows / plan->block * ((plan->block + plan->group - 1) / plan->group) * plan->pieces;
}

/* Whether load i is stored as it is. */
static bool is_stored(const struct tr_program *prog, unsigned i)
{
	for (unsigned s = 0; s < prog->nstore; s++)
		if (prog->store[s] == i)
			return true;
	return false;
}

/* most: the longest period of what is loaded once. */
static void place_loads(struct tr_map_plan *plan, const struct tr_program *prog, int64_t most, size_t slot_bytes)
{
	plan->spreads = false;
	for (unsigned i = 0; i < plan->nload; i++) {
		struct tr_map_load *l = &plan->load[i];
		int64_t p = period(l->o, most);

		if (plan->outer ? unit_stride(l->o) : tr__is_dense(l->o))
			l->kind = TR_MAP_IN_PLACE;
		else if (p && (plan->outer ? p == 1 : plan->tile % (size_t)p == 0))
			l->kind = TR_MAP_ONCE;
		else if (plan->outer && !l->o->stride[plan->outer] && !is_stored(prog, i))
			l->kind = TR_MAP_ROW;
		else if (plan->group > 1 && is_transposed(l->o))
			l->kind = TR_MAP_PANEL;
		else
			l->kind = TR_MAP_RANGE;
		plan->spreads = plan->spreads || l->kind == TR_MAP_ROW;
		l->room = plan->scratch;
		if (l->kind == TR_MAP_PANEL)
			plan->scratch += round_up((size_t)plan->group * plan->tile * l->size, 64) + SLOT_SKEW;
		else if (l->kind != TR_MAP_IN_PLACE)
			plan->scratch += slot_bytes;
		plan->cost += l->kind >= TR_MAP_RANGE ? 0.5 : 0;
		plan->bytes += l->size;
	}
}

/*
 * Whether instruction j may write straight into the memory of store s: it is the last to write the register, and no
 * instruction after it reads an operand that is the same memory (an operation in place).
 */
static bool can_write_direct(const struct tr_map_plan *plan, const struct tr_program *prog, unsigned j, unsigned s)
{
	const void *addr = plan->store[s].o->addr;

	for (unsigned k = j + 1; k < prog->ninstr; k++)
		if (prog->instr[k].dst == prog->instr[j].dst)
			return false;
	for (unsigned i = 0; i < plan->nload; i++) {
		if (plan->load[i].o->addr != addr)
			continue;
		for (unsigned k = j + 1; k < prog->ninstr; k++)
			for (unsigned a = 0; a < 3; a++)
				if (prog->instr[k].src[a] == i) /* an unused source at worst costs a copy */
					return false;
	}
	return true;
}

/* Moves of a type to itself, which a level's cast table need not have. */
#define DEFINE_MOVE(bytes)                                               \
	static void move_##bytes(void *dst, const void *src, size_t n)   \
	{                                                                \
		memmove(dst, src, n * (bytes));                          \
	}
DEFINE_MOVE(1)
DEFINE_MOVE(2)
DEFINE_MOVE(4)
DEFINE_MOVE(8)
DEFINE_MOVE(16)

static tr_cast_fn cast_fn(const struct tr_kernels *k, uint8_t from, uint8_t to)
{
	if (from != to)
		return k->cast[from][to];
	switch (tr_dtype_size(from)) {
	case 1:
		return move_1;
	case 2:
		return move_2;
	case 4:
		return move_4;
	case 8:
		return move_8;
	default:
		return move_16;
	}
}

/* What is known of the registers while instructions are placed. */
struct registers {
	uint8_t place[TR_PROGRAM_REGS];
	uint8_t size[TR_MAP_PLACES]; /* of elements, by place */
	bool once[TR_MAP_PLACES];    /* the same for every tile, by place */
};

/* A new slot, as the place after all others. */
static uint8_t new_slot(struct tr_map_plan *plan, size_t slot_bytes)
{
	unsigned place = plan->nload + plan->nstore + plan->nslot++;

	plan->slot[place] = plan->scratch;
	plan->scratch += slot_bytes;
	return (uint8_t)place;
}

/* Loads that are stored again are set aside first if their own memory is stored to: two operands may trade places. */
static void set_aside(struct tr_map_plan *plan, const struct tr_program *prog, struct registers *r, size_t slot_bytes)
{
	for (unsigned i = 0; i < plan->nload; i++) {
		const struct tr_map_load *l = &plan->load[i];
		struct tr_map_step step = { .nsrc = 1, .src = { (uint8_t)i } };
		bool stored = false, written = false;

		for (unsigned s = 0; s < plan->nstore; s++) {
			stored = stored || prog->store[s] == i;
			written = written || plan->store[s].o->addr == l->o->addr;
		}
		if (!stored || !written)
			continue;
		step.cast = cast_fn(plan->dev->k, l->o->dtype, l->o->dtype);
		step.dst = new_slot(plan, slot_bytes);
		r->place[i] = step.dst;
		r->size[step.dst] = l->size;
		r->once[step.dst] = false;
		plan->step[plan->nstep++] = step;
	}
}

/* The place instruction j writes: memory if that is possible, the register's old slot, or a new one. */
static uint8_t choose_place(struct tr_map_plan *plan, const struct tr_program *prog, unsigned j,
			    const struct registers *r, bool once, size_t slot_bytes)
{
	const struct tr_instr *in = &prog->instr[j];
	unsigned fixed = plan->nload + plan->nstore;
	uint8_t old = r->place[in->dst];

	for (unsigned s = 0; s < plan->nstore && !once; s++) {
		struct tr_map_store *st = &plan->store[s];

		if (prog->store[s] == in->dst && st->dense && can_write_direct(plan, prog, j, s)) {
			st->direct = true;
			return (uint8_t)(plan->nload + s);
		}
	}
	/* A kernel may write what it reads only if the elements are of one size. */
	if (!once && old != TR_MAP_NOWHERE && old >= fixed && !r->once[old] &&
	    r->size[old] == tr_dtype_size(in->to))
		return old;
	return new_slot(plan, slot_bytes);
}

static void place_steps(struct tr_map_plan *plan, const struct tr_program *prog, struct registers *r,
			size_t slot_bytes)
{
	for (unsigned j = 0; j < prog->ninstr; j++) {
		const struct tr_instr *in = &prog->instr[j];
		bool cast = tr__ops[in->op].family == TR_FAMILY_CAST, once = true;
		struct tr_map_step step;

		step.nsrc = (uint8_t)tr__family_sources((enum tr_family)tr__ops[in->op].family);
		step.nnumber = (uint8_t)tr__map_numbers(step.number, plan->dev->k, in->op, in->dtype,
							prog->number + in->number);
		step.map = cast ? NULL : plan->dev->k->map[in->op][in->dtype];
		step.cast = cast ? cast_fn(plan->dev->k, in->dtype, in->to) : NULL;
		step.spread = false;
		for (unsigned a = 0; a < step.nsrc; a++) {
			uint8_t place = step.src[a] = r->place[in->src[a]];
			bool in_row = place < plan->nload && plan->load[place].kind == TR_MAP_ROW;

			once = once && r->once[place];
			step.size[1 + a] = in_row ? 0 : r->size[place];
			step.spread = step.spread || in_row;
		}
		step.dst = choose_place(plan, prog, j, r, once, slot_bytes);
		step.size[0] = (uint8_t)tr_dtype_size(in->to);
		r->place[in->dst] = step.dst;
		r->size[step.dst] = (uint8_t)tr_dtype_size(in->to);
		r->once[step.dst] = once;
		if (once)
			plan->once[plan->nonce++] = step;
		else
			plan->step[plan->nstep++] = step;
		plan->cost += once ? 0 : tr__map_cost(in->op, in->dtype);
	}
}

/* Loads and the types of registers; returns the size of the widest. */
static size_t begin(struct tr_map_plan *plan, const struct tr_device *dev, const struct tr_program *prog,
		    const struct tr_operand *load)
{
	size_t widest = 1;

	plan->dev = dev;
	plan->nload = prog->nload;
	plan->nstore = 0;
	plan->nslot = plan->nonce = plan->nstep = 0;
	plan->scratch = 0;
	plan->cost = 0;
	plan->bytes = 0;
	for (unsigned i = 0; i < plan->nload; i++) {
		plan->load[i].o = &load[i];
		plan->load[i].size = (uint8_t)tr_dtype_size(load[i].dtype);
		if (plan->load[i].size > widest)
			widest = plan->load[i].size;
	}
	for (unsigned j = 0; j < prog->ninstr; j++) {
		size_t size = tr_dtype_size(prog->instr[j].to);

		widest = size > widest ? size : widest;
	}
	return widest;
}

static void begin_registers(const struct tr_map_plan *plan, const struct tr_program *prog, struct registers *r)
{
	for (unsigned i = 0; i < plan->nload; i++) {
		r->place[i] = (uint8_t)i;
		r->size[i] = plan->load[i].size;
		r->once[i] = plan->load[i].kind == TR_MAP_ONCE;
	}
	for (unsigned i = plan->nload; i < prog->nreg; i++)
		r->place[i] = TR_MAP_NOWHERE;
}

void tr__map_plan(struct tr_map_plan *plan, const struct tr_device *dev, const struct tr_program *prog,
		  const struct tr_operand *load, const struct tr_operand *store)
{
	struct registers r;
	size_t widest = begin(plan, dev, prog, load), slot_bytes;

	plan->nstore = prog->nstore;
	for (unsigned i = 0; i < plan->nstore; i++) {
		plan->store[i].o = &store[i];
		plan->store[i].size = (uint8_t)tr_dtype_size(store[i].dtype);
		plan->bytes += plan->store[i].size;
	}
	cut(plan, store, prog->nreg, widest);
	slot_bytes = round_up(plan->tile * widest, 64) + SLOT_SKEW;
	place_loads(plan, prog, (int64_t)plan->tile, slot_bytes);
	begin_registers(plan, prog, &r);
	for (unsigned s = 0; s < plan->nstore; s++) {
		struct tr_map_store *st = &plan->store[s];

		st->dense = plan->outer ? unit_stride(st->o) : tr__is_dense(st->o);
		st->direct = false;
		r.size[plan->nload + s] = st->size;
		r.once[plan->nload + s] = false;
	}
	set_aside(plan, prog, &r, slot_bytes);
	place_steps(plan, prog, &r, slot_bytes);
	for (unsigned s = 0; s < plan->nstore; s++)
		plan->store[s].place = r.place[prog->store[s]];
}

void tr__map_plan_ranges(struct tr_map_plan *plan, const struct tr_device *dev, const struct tr_program *prog,
			 const struct tr_operand *load)
{
	struct registers r;
	size_t slot_bytes = round_up(TILE_MOST * begin(plan, dev, prog, load), 64) + SLOT_SKEW;

	plan->tile = 1;
	for (int d = 0; d < load->ndim; d++) /* no more than the space has */
		plan->tile = plan->tile < TILE_MOST ? plan->tile * (size_t)load->shape[d] : plan->tile;
	plan->tile = plan->tile < TILE_MOST ? plan->tile : TILE_MOST;
	plan->outer = 0;
	plan->group = plan->rows = 1;
	plan->cols = plan->tile; /* of the one row that ranges count along, to no end */
	/* A range begins anywhere, so nothing that repeats but single values is the same in each. */
	place_loads(plan, prog, 1, slot_bytes);
	begin_registers(plan, prog, &r);
	place_steps(plan, prog, &r, slot_bytes);
	plan->result = r.place[prog->store[0]];
	plan->places = plan->scratch;
	plan->scratch += TR_MAP_PLACES * sizeof(void *);
}
