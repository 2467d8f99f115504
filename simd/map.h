/* SPDX-License-Identifier: MIT */
/*
 * A planned elementwise command: where every register of its program lies and what is called on it, for tile after
 * tile. Made by map_plan.c, run by exec_map.c; nobody else uses it.
 *
 * The space is cut into rows and a row into tiles; kernels see one tile of one row. Either the whole space is one row
 * (flat), when every operand is dense in it, repeats within a tile, or the last axis is short; or rows are the
 * last axis, and an operand with unit stride there is used in place whatever its other strides are.
 */
#ifndef TR_SIMD_MAP_H
#define TR_SIMD_MAP_H

#include "simd/cpu.h"

/* Registers' places: the loads, the stores' memory, then scratch slots. */
#define TR_MAP_STEPS (TR_PROGRAM_INSTRS + TR_PROGRAM_OPERANDS)
#define TR_MAP_PLACES (2 * TR_PROGRAM_OPERANDS + TR_MAP_STEPS)
#define TR_MAP_NOWHERE 255

enum tr_map_load_kind {
	TR_MAP_IN_PLACE, /* dense within a tile: read where it is */
	TR_MAP_ONCE,     /* the same for every tile: loaded once per part */
	TR_MAP_ROW,      /* the same in all of a row: spread over TR_MAP_SPREAD elements once per row */
	TR_MAP_RANGE,    /* gathered per tile into a slot, unless a tile happens to be dense */
	TR_MAP_PANEL     /* transposed: gathered for several rows at once */
};

/* So many, few enough to be spread at no cost, are what a step that reads them takes at a time. */
#define TR_MAP_SPREAD 256

struct tr_map_load {
	const struct tr_operand *o;
	uint8_t kind;
	uint8_t size; /* of an element */
	size_t room;  /* offset in scratch of its slot or panel */
};

struct tr_map_store {
	const struct tr_operand *o;
	uint8_t size;
	uint8_t place;    /* what is stored */
	bool dense;       /* within a tile */
	bool direct;      /* place is its own memory: the last instruction writes there */
};

struct tr_map_step {
	tr_map_fn map;
	tr_cast_fn cast; /* if not NULL, instead of map */
	uint8_t nsrc, dst, src[3];
	uint8_t nnumber;
	bool spread;        /* a source is TR_MAP_ROW */
	uint8_t size[4];    /* of an element: dst's, then the sources'; 0 of those that are TR_MAP_ROW */
	uint64_t number[2]; /* as elements of the instruction's type */
};

struct tr_map_plan {
	const struct tr_device *dev;
	const int64_t *shape;
	int outer;          /* axes that number the rows */
	int64_t rows;
	size_t cols;        /* elements of a row */
	size_t tile;        /* most elements of a tile */
	int64_t pieces;     /* tiles of a row */
	int64_t group;      /* rows that share panels */
	int64_t block;      /* rows after which a group ends: the next-to-last axis */
	int64_t units;      /* groups × pieces: what parts are made of */

	bool spreads;       /* some load is TR_MAP_ROW */
	unsigned nload, nstore, nslot, nonce, nstep;
	struct tr_map_load load[TR_PROGRAM_OPERANDS];
	struct tr_map_store store[TR_PROGRAM_OPERANDS];
	struct tr_map_step once[TR_PROGRAM_INSTRS]; /* those that depend on nothing but TR_MAP_ONCE */
	struct tr_map_step step[TR_MAP_STEPS];
	size_t slot[TR_MAP_PLACES]; /* offset in scratch, of places from nload + nstore on */
	uint8_t result;             /* place of the value, of a plan for ranges */
	size_t places;              /* offset in scratch, of such a plan, of its pointers to places */
	size_t scratch;             /* bytes per worker */
	double cost;                /* of one element's arithmetic, in nanoseconds, about */
	size_t bytes;               /* that one element moves */
};

/* load and store: prog's operands. The space is not empty. */
void tr__map_plan(struct tr_map_plan *plan, const struct tr_device *dev, const struct tr_program *prog,
		  const struct tr_operand *load, const struct tr_operand *store);

/*
 * For values that something else takes from the program: those of register prog->store[0], nothing is stored. A worker's
 * scratch is made ready once, by tr__map_begin; tr__map_range then gives elements [first, first + n) of the space in C
 * order, dense, n <= plan->tile, until its next call with that scratch.
 */
void tr__map_plan_ranges(struct tr_map_plan *plan, const struct tr_device *dev, const struct tr_program *prog,
			 const struct tr_operand *load);
void tr__map_begin(const struct tr_map_plan *plan, char *scratch);
const void *tr__map_range(const struct tr_map_plan *plan, char *scratch, int64_t first, size_t n);

/* The numbers of an operation, as elements of dtype; how many there are. */
unsigned tr__map_numbers(uint64_t element[2], const struct tr_kernels *k, uint16_t op, uint8_t dtype,
			 const double *number);

/* Whether the elements of o lie one after the other, in C order. */
bool tr__is_dense(const struct tr_operand *o);

/* About what an element of an operation costs on one core once it is in cache, in nanoseconds. */
double tr__map_cost(uint16_t op, uint8_t dtype);

/* And what a byte moved to or from memory does, or to or from a core's own cache. */
#define TR_MAP_BYTE_NS 0.04
#define TR_MAP_NEAR_NS 0.01
#define TR_MAP_NEAR_BYTES 0x200000

/* Nanoseconds on one core of n elements whose arithmetic takes so long, and that move so many bytes. */
static inline double tr__map_ns(double n, double cost, double bytes)
{
	return n * (cost + bytes * (n * bytes <= TR_MAP_NEAR_BYTES ? TR_MAP_NEAR_NS : TR_MAP_BYTE_NS));
}

#endif
