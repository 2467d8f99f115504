/* SPDX-License-Identifier: MIT */
/*
 * One reduction in work, between the half that plans it (exec_reduce.c) and the half that takes units of results
 * through the tree (reduce_units.c). What the forms are, the planner says.
 */
#ifndef TR_SIMD_REDUCE_JOB_H
#define TR_SIMD_REDUCE_JOB_H

#include "simd/reduce.h"
#include "simd/tree.h"

/* Most columns of a unit, and results finished at once. */
#define TR_REDUCE_STRIP 512
#define TR_REDUCE_BATCH 512

/* What follows the fold. */
enum {TR_REDUCE_FOLD = 0, TR_REDUCE_DIVIDE = 1, TR_REDUCE_DEVIATION = 2, TR_REDUCE_ROOT = 4};

/* What an operation reduces, how, and what follows. TR_DTYPE_NONE: the command's type. */
struct tr_reduction {
	uint8_t fold;
	uint8_t load;  /* type elements are loaded as */
	uint8_t dtype; /* type they are folded in */
	uint8_t then;
	double empty; /* result over no elements */
};

enum tr_reduce_form {
	TR_REDUCE_ROW,    /* lanes along the row */
	TR_REDUCE_BESIDE, /* lanes × rows, rows side by side in memory */
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
	struct tr_reduce_view view;
	int64_t strips;   /* units the view's inner results are cut into */
	int64_t units;
	double divisor;
	struct tr_tree tree; /* of a full unit */
	/* Offsets into a worker's scratch block. */
	size_t room, mean, divisors, results, partials;
};

/* One unit on one thread; its results, not concluded, at the start of the block. */
void tr__reduce_unit(const struct tr_reduce_job *job, int64_t i, char *block);

/* What follows the fold, for n results in place. */
void tr__reduce_conclude(const struct tr_reduce_job *job, char *results, size_t n, char *block);

/* Units [first, last) one after the other, to the destination. */
void tr__reduce_units(const struct tr_reduce_job *job, int64_t first, int64_t last, char *block);

/* All units, few and long: each on all threads. */
void tr__reduce_split(const struct tr_reduce_job *job, double cost_ns);

/* Results over no elements. */
void tr__reduce_fill_empty(const struct tr_reduce_job *job, int64_t results, char *block);

/* The tree's fold_chunk; its arg is the unit in work. */
size_t tr__reduce_fold_chunk(const struct tr_tree *t, size_t chunk, void *acc, char *scratch);

#endif
