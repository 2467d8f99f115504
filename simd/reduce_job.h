/* SPDX-License-Identifier: MIT */
/*
 * One reduction in work, between the half that plans it (exec_reduce.c) and the half that takes units of results
 * through the tree (reduce_units.c). What the forms are, the planner says.
 */
#ifndef TR_SIMD_REDUCE_JOB_H
#define TR_SIMD_REDUCE_JOB_H

#include "lib/ref/reduction.h"
#include "simd/map.h"
#include "simd/reduce.h"
#include "simd/tree.h"

/* Most columns of a unit, and results finished at once. */
#define TR_REDUCE_STRIP 512
#define TR_REDUCE_BATCH 512

enum tr_reduce_form {
	TR_REDUCE_ROW,    /* lanes along the row */
	TR_REDUCE_BESIDE, /* lanes × rows, rows side by side in memory; one lane if the order shows in no result */
	TR_REDUCE_SHORT,  /* the same after transposing; one chunk */
	TR_REDUCE_COLUMNS
};

struct tr_reduce_job {
	struct tr_device *dev;
	const struct tr_operand *dst, *src;
	const struct tr_reduction *reduction;
	enum tr_dtype load;
	size_t load_size;
	enum tr_reduce_form form;
	bool direct;      /* elements can be folded where they are */
	const struct tr_map_plan *plan; /* a fused program, whose value is what is reduced; NULL: src is */
	enum tr_dtype value;            /* the type of its value */
	struct tr_reduce_view view;
	int64_t strips;   /* units the view's inner results are cut into */
	int64_t units;
	double free;      /* N - ddof */
	double order;     /* p of a norm */
	uint16_t late;    /* the last steps, if they can be taken for many units' results at once */
	size_t rows;         /* of lanes × width elements in a leaf: a chunk's, or that times a power of two */
	struct tr_tree tree; /* of a full unit */
	/* Offsets into a worker's scratch block. */
	size_t room, centre, count, divisors, results, program, partials;
};

/* One unit on one thread; its results, but for the late steps, at the start of the block. */
void tr__reduce_unit(const struct tr_reduce_job *job, int64_t i, char *block);

/* The late steps, for n results in place. */
void tr__reduce_conclude(const struct tr_reduce_job *job, char *results, size_t n, char *block);

/* Units [first, last) one after the other, to the destination. */
void tr__reduce_units(const struct tr_reduce_job *job, int64_t first, int64_t last, char *block);

/* All units, few and long: each on all threads. */
void tr__reduce_split(const struct tr_reduce_job *job, double cost_ns);

/* Results over no elements. */
void tr__reduce_fill_empty(const struct tr_reduce_job *job, int64_t results, char *block);

/* The tree's fold_leaf; its arg is the unit in work. */
size_t tr__reduce_fold_leaf(const struct tr_tree *t, size_t leaf, void *acc, char *scratch);

#endif
