/* SPDX-License-Identifier: MIT */
/*
 * Matrix products over strides and types, for the executors: c[m,n] = c0 + a[m,k]·b[k,n], every element one chain of
 * fused multiply-adds over k. Plans once how to run (which operand is the scalar side, what to pack, block sizes), then
 * computes any block of c on one thread. Knows no command and no batch.
 */
#ifndef TR_SIMD_GEMM_H
#define TR_SIMD_GEMM_H

#include "simd/cpu.h"

/* Element [i,j] is i·row + j·col elements of dtype from addr. */
struct tr_matrix {
	char *addr;
	ptrdiff_t row, col;
	enum tr_dtype dtype;
	struct tr_storage *frozen; /* the operand's; NULL too if products of a batch read different parts of it */
};

/* The last two axes of an operand; turned: exchanged. */
static inline struct tr_matrix tr__matrix(const struct tr_operand *o, bool turned)
{
	return (struct tr_matrix){.addr = o->addr,
				  .row = (ptrdiff_t)o->stride[o->ndim - 2 + turned],
				  .col = (ptrdiff_t)o->stride[o->ndim - 1 - turned],
				  .dtype = (enum tr_dtype)o->dtype,
				  .frozen = o->frozen};
}

static inline size_t tr__ceil_div(size_t a, size_t b)
{
	return a / b + (a % b != 0);
}

struct tr_gemm {
	/* The caller's; planning exchanges s and v, m and n, and c's strides where cᵀ = bᵀ·aᵀ is the faster way. */
	const struct tr_device *dev;
	enum tr_dtype dtype;      /* evaluated in: TR_F32 or TR_F64 */
	size_t m, n, k;           /* m, n >= 1 */
	struct tr_matrix s, v, c; /* a, b and the result; c overlaps nothing */
	const void *c0;           /* where chains start, in dtype: c0[i·c0_row + j·c0_col]; NULL: from 0 */
	ptrdiff_t c0_row, c0_col; /* each 0 or 1 */

	/* The plan. */
	const struct tr_gemm_kernel *kernel;
	tr_gemm_fn tile;
	bool swapped;
	bool dot;               /* tile is the kernel's dot */
	bool wide;              /* few rows, whose tiles have more columns */
	bool stream;            /* bound by reading v from memory, in place */
	bool panels;            /* mc rows of s stay in L2, and panels of v come by one after the other; else a block of v stays */
	bool kept;              /* v lies in panels that are kept */
	bool pack_s, pack_v;    /* else read in place */
	bool wide_v;            /* pack_v: rows are converted and stay rows, v_ld elements apart */
	bool buffer_c;          /* else tiles store straight into c */
	bool half;              /* tile rounds to c's type itself */
	size_t c_rows;          /* rows the buffer holds, a multiple of mr */
	bool grouped;           /* kernel is one of short types: k, depth and kc count units, and depth is all of k; !pack_s:
				 * rows are packed that are not a whole number of the kernel's round */
	bool bytes;             /* grouped: kernel multiplies bytes */
	size_t elements;        /* k in elements */
	uint8_t s_flip, v_flip; /* grouped: bits that turn s into u8, v into i8 */
	size_t size;            /* bytes of an element, or unit */
	size_t mr, nr, kc;      /* tile */
	size_t mc;              /* panels: rows that stay */
	size_t depth, nc;       /* block of the vector side */
	ptrdiff_t v_panel;      /* in place: elements from one panel of nr columns to the next */
	size_t v_ld;
	size_t s_ld;            /* packed: elements from row to row */
	size_t extra;           /* packed: rows of a panel behind depth: where chains start */
	size_t at_s, at_c, at_x;/* parts of the workspace, in bytes: the v block is at 0, conversions at at_x */
	size_t workspace;       /* bytes tr__gemm_run needs, a multiple of 64 */
};

/* 0, or -TR_EOVERFLOW if a packed block would not fit size_t. */
int tr__gemm_plan(struct tr_gemm *g);

/*
 * For b used again and again: keeps s and v as they are and plans to read v from panels, of so many bytes.
 * tr__gemm_pack fills them, 64-byte aligned, and must come before the first tr__gemm_run.
 */
int tr__gemm_plan_packed(struct tr_gemm *g, size_t *panels);
void tr__gemm_pack(struct tr_gemm *g, void *panels);

/*
 * For a frozen operand: plans to read it from panels that are kept of it. *panels is their bytes, or 0 if that would not be
 * the fastest way; g is then to be planned anew. tr__gemm_kept says where they are, NULL if they are not kept. When *fresh,
 * tr__gemm_pack_part makes those of columns [j0,j1), j0 a multiple of nr; temp: room for one. tr__gemm_read must come before the
 * first tr__gemm_run.
 */
int tr__gemm_plan_kept(struct tr_gemm *g, size_t *panels, size_t *temp);
void *tr__gemm_kept(const struct tr_gemm *g, size_t panels, bool *fresh);
void tr__gemm_pack_part(const struct tr_gemm *g, size_t j0, size_t j1, void *panels, void *temp);
void tr__gemm_read(struct tr_gemm *g, void *panels);

/* Elements [m0,m1) × [n0,n1) of c, counted after planning, n0 a multiple of nr. ws: workspace bytes, 64-byte aligned. */
void tr__gemm_run(const struct tr_gemm *g, size_t m0, size_t m1, size_t n0, size_t n1, void *ws);

/* gemm_short.c, of grouped products: rows of s, and columns of v, to packed ones, with what their chains start from. */
void tr__short_pack_rows(const struct tr_gemm *g, size_t i, size_t rows, char *to);
void tr__short_pack_panels(const struct tr_gemm *g, size_t j, size_t cols, char *panels);

/* The start of every element of a row of tiles that c0 alone cannot say, written to c; false if it can. */
bool tr__short_start(const struct tr_gemm *g, const struct tr_gemm_tile *t, const char *start);

/* How many rows, stride > 0 bytes apart, fit the L1 cache together: with a stride of whole pages all fall into one set,
 * and more of them than it has lines drive each other out between two elements of a line. */
size_t tr__gemm_rows(const struct tr_device *dev, size_t stride);

/* About how long all of it takes on one core. */
double tr__gemm_ns(const struct tr_gemm *g);

/* Of units of so many rows and columns, which a thread computes with a workspace of its own: to compare how to cut. */
double tr__gemm_cost(const struct tr_gemm *g, size_t rows, size_t cols);

#endif
