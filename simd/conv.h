/* SPDX-License-Identifier: MIT */
/*
 * A planned convolution: exec_conv.c makes it, conv_run.c computes pieces of it on one thread.
 *
 * Outputs whose window lies alike on a lattice of the input form a phase: a plain convolution is one phase, a
 * transposed one has as many as its strides multiply to, each with the kernel positions that meet an input element.
 * Within a phase, every output is one chain over channels, then the phase's positions in order.
 */
#ifndef TR_SIMD_CONV_H
#define TR_SIMD_CONV_H

#include "simd/gemm.h"
#include "simd/window.h"

struct tr_conv_phase {
	int64_t first[3], q[3]; /* its first output, and how many along each axis */
	size_t taps;            /* kernel positions */
	size_t at;              /* where they begin in the lists, and, times channels, in the direct one */
	size_t weights;         /* where its rows begin, in elements */
};

/* Pixels whose outputs are made before they are turned. */
#define TR_CONV_PIXELS 224

struct tr_conv {
	struct tr_device *dev;
	const struct tr_operand *y, *x, *w, *bias; /* bias: NULL if left out */
	struct tr_conv_params p;
	enum tr_dtype dtype;
	size_t size;               /* of an element of dtype */
	bool transposed;
	size_t groups, cin, cout;  /* channels of one group */
	size_t taps;               /* kernel positions */
	struct tr_window window;

	bool own_planes;           /* a unit prepares what it reads of the planes, in its worker's part of scratch */
	ptrdiff_t channel;         /* elements from one channel's plane to the next one's, as units read them */
	bool direct;               /* pixels in the lanes rather than outputs */
	bool tiles;                /* directly, many outputs at a time */
	bool lines;                /* units have whole rows of outputs, and count them */
	size_t nphase;
	size_t nr;                 /* outputs of a panel or, directly, of a tile */
	size_t o_step, p_step;     /* outputs of a group and columns, or lines, of one unit */
	int64_t i_step;            /* images of one unit */
	int64_t reach[2];          /* slabs and rows that a window spans */
	size_t o_units, p_units, i_units, units, parts;
	int64_t image, images;     /* the chunk under way */

	/* In worker 0's scratch, in bytes; each worker's own part is below. */
	size_t at_phases, at_taps, at_index, at_list, at_bias, at_weights, at_planes;
	bool ready_weights;        /* read in place */
	char *panels;              /* those of all outputs, kept of frozen weights; NULL: units make them */
	bool ready_bias;
	/* In a worker's part: a panel of weights, outputs as they are made, and turned; room to convert them; its own
	 * planes, and what copying those needs. */
	size_t at_panel, at_c, at_turned, at_store, at_own, at_buf;
};

static inline char *tr__conv_shared(const struct tr_conv *c, size_t at)
{
	return (char *)c->dev->scratch[0] + at;
}

static inline const struct tr_conv_phase *tr__conv_phases(const struct tr_conv *c)
{
	return (const struct tr_conv_phase *)tr__conv_shared(c, c->at_phases);
}

/* The panel of outputs of a group from o on, a multiple of nr. */
static inline char *tr__conv_panel(const struct tr_conv *c, const struct tr_conv_phase *f, size_t group, size_t o)
{
	size_t panels = tr__ceil_div(c->cout, c->nr), before = f->at * c->groups * panels;

	return c->panels + (before + (group * panels + o / c->nr) * f->taps) * c->cin * c->nr * c->size;
}

/* Makes it, dense rows of weights from w on. */
void tr__conv_pack(const struct tr_conv *c, const struct tr_conv_phase *f, const char *w, size_t o, char *panel);

/* Where the rows of a phase's group begin. */
static inline const char *tr__conv_rows(const struct tr_conv *c, const struct tr_conv_phase *f, size_t group)
{
	return (c->ready_weights ? (const char *)c->w->addr : tr__conv_shared(c, c->at_weights)) +
	       (f->weights + group * c->cout * f->taps * c->cin) * c->size;
}

/* How far outputs of one phase are apart. */
static inline int64_t tr__conv_step(const struct tr_conv *c, int i)
{
	return c->transposed ? c->p.stride[i] : 1;
}

/* Whether the elements of a phase's outputs along axis i … w of one channel lie one after the other. */
bool tr__conv_dense(const struct tr_conv *c, const struct tr_conv_phase *f, int axis);

/* One of c->units, in the worker's scratch. */
void tr__conv_unit(const struct tr_conv *c, size_t unit, void *ws);

/* The whole command by Winograd's filtering F(m×m, 3×3), which its shape allows. 0 or a negative status. */
int tr__conv_winograd(struct tr_device *dev, const struct tr_cmd *cmd, const struct tr_conv_params *p, int m);

#endif
