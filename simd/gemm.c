/* SPDX-License-Identifier: MIT */
/*
 * Planning a matrix product: which operand is the scalar side, what is packed, how it is blocked. Reads no element;
 * gemm_run.c computes. Costs are in cycles of one multiply-add on a whole register, measured on Zen 4 and rounded: only
 * their ratios matter.
 */
#include <math.h>

#include "simd/gemm.h"

/* Cycles per element. */
#define PACK_ROWS 0.5    /* copying runs */
#define PACK_TURN 1.5    /* transposing in registers */
#define PACK_STRIDED 3.0 /* one element at a time */
#define CONVERT 0.5      /* on top, for another type */
#define DOT_TURN 4.0     /* per register of the vector side that dot transposes */
#define LATENCY 4.0      /* multiply-adds in flight that keep the unit busy */
#define MATRIX_UNIT 8.0  /* multiply-adds of a unit like AMX in a cycle, with what it loads and stores */
#define READ 0.25        /* what cannot be hidden of reading from the outer caches */

/* A vector side that lies ready is packed only for this many tiles of rows, or its pages cost more than copying. */
#define PACK_ABOVE 8

/* Streaming: rows of the vector side read together, how many tiles make a row long, and bytes that no cache holds. */
#define STREAM_K 8
#define STREAM_NR 8
#define STREAM_ABOVE (3 << 20)

/* Panels: k of a block of rows, and its bytes, which leave room in L2. */
#define PANEL_K 256
#define PANEL_BYTES (256 << 10)

/* Most tiles in a row of the buffer for c, and in a column of it if c is transposed: then whole registers of it come out
 * however many rows a tile has. */
#define BUFFER_NR 16
#define BUFFER_MR 8

#define L1_SETS 64 /* of 64-byte lines, of the L1 cache */

static double min_double(double a, double b)
{
	return a < b ? a : b;
}

static double pack_cost(const struct tr_matrix *x, enum tr_dtype dtype)
{
	double cost = x->col == 1 ? PACK_ROWS : x->row == 1 ? PACK_TURN : PACK_STRIDED;

	return x->dtype == dtype ? cost : cost + CONVERT;
}

/* The tile rounds to c's type. */
static bool rounds(const struct tr_gemm *g)
{
	return g->kernel->tile_half && g->c.dtype == TR_BF16;
}

static bool must_buffer(const struct tr_gemm *g)
{
	return g->c.col != 1 || (g->c.dtype != g->dtype && !rounds(g));
}

static bool must_pack(const struct tr_gemm *g)
{
	return g->v.col != 1 || g->v.dtype != g->dtype;
}

/* Rows that lie across memory are read in place for a few tiles, and for more if a step of k finds them side by side. */
#define PACK_ABOVE_ACROSS 8
#define PACK_ABOVE_STRIDED 2

static bool turns_rows(const struct tr_gemm *g, size_t nr)
{
	return g->s.col != 1 && g->n > (g->s.row == 1 ? PACK_ABOVE_ACROSS : PACK_ABOVE_STRIDED) * nr;
}

/* Of the scalar side, which is packed along k in any case. */
static double rows_cost(const struct tr_gemm *g)
{
	if (g->s.dtype == g->dtype)
		return turns_rows(g, g->kernel->nr) ? PACK_TURN : 0;
	return CONVERT + (g->s.col == 1 ? PACK_ROWS : PACK_STRIDED);
}

static double multiply_cost(const struct tr_gemm *g)
{
	double regs = (double)tr__ceil_div(g->n, g->kernel->lanes);
	double flight = min_double((double)g->m, g->kernel->mr) * min_double(regs, 2);
	double cost = (double)g->m * regs * (double)g->k;

	return flight < LATENCY ? cost * LATENCY / flight : cost;
}

/* Cycles of g as it stands, without and with the dot kernel. */
static double tile_cost(const struct tr_gemm *g)
{
	double m = (double)g->m, n = (double)g->n, k = (double)g->k, cost = multiply_cost(g);

	if (must_pack(g) && !g->kept)
		cost += n * k * pack_cost(&g->v, g->dtype);
	cost += m * k * rows_cost(g);
	if (must_buffer(g))
		cost += m * n * (g->c.row == 1 ? PACK_TURN : PACK_STRIDED);
	return cost;
}

static bool can_dot(const struct tr_gemm *g)
{
	return g->kernel->dot && g->m <= g->kernel->dot_mr && g->v.row == 1 && g->v.col != 1;
}

static double dot_cost(const struct tr_gemm *g)
{
	double regs = (double)tr__ceil_div(g->n, g->kernel->lanes), k = (double)g->k;
	double cost = regs * k * (DOT_TURN + (double)g->m);

	if (g->v.dtype != g->dtype)
		cost += (double)g->n * k * CONVERT;
	if (must_buffer(g))
		cost += (double)g->m * (double)g->n * PACK_STRIDED;
	return cost;
}

static void turn(struct tr_matrix *x)
{
	ptrdiff_t row = x->row;

	x->row = x->col;
	x->col = row;
}

static void swap(struct tr_gemm *g)
{
	struct tr_matrix s = g->s;
	ptrdiff_t c0_row = g->c0_row;
	size_t m = g->m;

	g->s = g->v;
	g->v = s;
	turn(&g->s);
	turn(&g->v);
	turn(&g->c);
	g->m = g->n;
	g->n = m;
	g->c0_row = g->c0_col;
	g->c0_col = c0_row;
	g->swapped = !g->swapped;
}

/* Picks the orientation and the kernel. */
static void choose(struct tr_gemm *g)
{
	struct tr_gemm other = *g;
	double here = tile_cost(g), there;

	swap(&other);
	there = tile_cost(&other);
	if (can_dot(g) && dot_cost(g) <= min_double(here, there)) {
		g->dot = true;
	} else if (can_dot(&other) && dot_cost(&other) <= min_double(here, there)) {
		*g = other;
		g->dot = true;
	} else if (there < here) {
		*g = other;
	}
}

size_t tr__gemm_rows(const struct tr_device *dev, size_t stride)
{
	size_t sets = L1_SETS;

	for (size_t bytes = 128; sets > 1 && stride % bytes == 0; bytes *= 2)
		sets /= 2;
	return sets * (dev->l1_ways - 1); /* one line of a set is left for the vector side */
}

/* Rows of the scalar side that fit the L1 cache together. */
static size_t most_rows(const struct tr_gemm *g)
{
	size_t stride = (size_t)(g->s.row < 0 ? -g->s.row : g->s.row) * g->size;

	if (g->dot || g->s.col != 1 || g->s.dtype != g->dtype || !stride)
		return SIZE_MAX;
	return tr__gemm_rows(g->dev, stride);
}

/* Few rows, and a vector side that lies as the wide tile reads it. */
static bool widens(const struct tr_gemm *g)
{
	return !g->dot && !g->grouped && g->m <= TR_FEW && !must_pack(g) && !must_buffer(g);
}

/* A vector side that one row of tiles meets, and that no cache holds, is bound by memory: it is read in place, STREAM_K
 * rows of it at a time, which are as many long sequential streams. */
static bool streams(const struct tr_gemm *g)
{
	return !g->dot && !must_pack(g) && !must_buffer(g) && g->m <= g->kernel->mr &&
	       g->n > STREAM_NR * g->kernel->nr && (double)g->n * (double)g->k * (double)g->size > STREAM_ABOVE;
}

/* Rows so few that they stay in L2 while the vector side comes by once: it need not be packed, or only a panel at a time,
 * for L1. */
static bool by_panels(const struct tr_gemm *g)
{
	size_t rows = PANEL_BYTES / (PANEL_K * g->size);

	if (g->dot || g->stream || g->grouped || must_buffer(g) || g->v.dtype != g->dtype)
		return false;
	return g->wide || g->m <= rows;
}

/* Rows of short types that are units where they lie, and need neither other signs nor sums. Units that step over k read a
 * line of each row, once. */
static bool lies_in_units(const struct tr_gemm *g)
{
	size_t size = tr_dtype_size(g->s.dtype), row = (size_t)(g->s.row < 0 ? -g->s.row : g->s.row) * size;

	return g->s.col == 1 && row % g->size == 0 && g->elements == g->k * g->kernel->group && !g->extra &&
	       (g->kernel->round > 1 || g->mr <= tr__gemm_rows(g->dev, row));
}

static void choose_tile(struct tr_gemm *g)
{
	const struct tr_gemm_kernel *kernel = g->kernel;
	size_t mr = g->dot ? kernel->dot_mr : kernel->mr, most = most_rows(g);

	g->half = rounds(g) && !must_buffer(g);
	g->tile = g->dot ? kernel->dot : g->half ? kernel->tile_half : kernel->tile;
	g->nr = g->dot ? kernel->dot_nr : (g->wide ? TR_FEW : 1) * kernel->nr;
	g->buffer_c = must_buffer(g);
	g->pack_s = g->s.dtype != g->dtype || g->stream || turns_rows(g, g->nr);
	if (g->m < mr)
		mr = g->m;
	if (mr > most && g->n > (g->panels ? PACK_ABOVE_STRIDED : PACK_ABOVE_ACROSS) * g->nr)
		g->pack_s = true;
	if (mr > most && !g->pack_s)
		mr = most;
	g->mr = tr__ceil_div(g->m, tr__ceil_div(g->m, mr));
	if (g->grouped) /* a unit's registers hold as many rows as it steps over k */
		g->mr = tr__ceil_div(g->mr, g->kernel->round) * g->kernel->round;
	if (g->dot)
		g->pack_v = g->v.dtype != g->dtype;
	else
		g->pack_v = must_pack(g) || (!g->panels && g->m > PACK_ABOVE * g->mr);
	if (g->grouped && lies_in_units(g))
		g->pack_s = false;
	g->wide_v = g->pack_v && !g->dot && !g->grouped && g->v.col == 1 && g->v.dtype != g->dtype;
	g->v_panel = (ptrdiff_t)g->nr * g->v.col;
}

/* Rows of short types are packed for every block of the vector side, so that is larger than L2. */
#define SHORT_BLOCKS 4

/* Panels that rows read in place are worth coming by for: a block of fewer may take twice the room. */
#define SHORT_NR 4

/* Up to this many tiles in a row, rows of the scalar side are read whole: there is no reuse that L1 could serve. */
#define WHOLE_ROWS 2

/* Rows are cut into equal blocks, and a block's into equal tiles. */
static void choose_panels(struct tr_gemm *g)
{
	size_t rows = PANEL_BYTES / (PANEL_K * g->size);

	g->kc = g->wide || g->k < PANEL_K ? g->k : PANEL_K;
	g->depth = g->kc;
	g->nc = g->nr;
	g->mc = tr__ceil_div(g->m, tr__ceil_div(g->m, rows));
	g->mr = tr__ceil_div(g->mc, tr__ceil_div(g->mc, g->mr));
}

/* A buffer for c holds one row of tiles, so their chains must be finished before the next row: depth is all of k. */
static void choose_blocks(struct tr_gemm *g)
{
	size_t budget = (size_t)g->kernel->kc * g->kernel->nc * (g->grouped && g->pack_s ? SHORT_BLOCKS : 1);

	if (g->panels) {
		choose_panels(g);
		return;
	}
	if (g->grouped && budget < SHORT_NR * g->nr * g->k)
		budget *= 2;
	g->kc = g->stream ? STREAM_K : g->kernel->kc;
	if (g->kc > g->k || g->grouped || (g->n <= WHOLE_ROWS * g->nr && !g->pack_s && !g->stream))
		g->kc = g->k;
	g->depth = g->buffer_c ? g->k : g->kc;
	g->nc = g->depth ? budget / g->depth / g->nr * g->nr : g->nr;
	if (g->buffer_c && g->nc > BUFFER_NR * g->nr)
		g->nc = BUFFER_NR * g->nr;
	if (g->nc < g->nr)
		g->nc = g->nr;
}

/* Adds room for rows · cols elements of size bytes to *at. */
static bool reserve(size_t *at, size_t rows, size_t cols, size_t size)
{
	size_t n;

	if (__builtin_mul_overflow(rows, cols, &n) || __builtin_mul_overflow(n, size, &n) ||
	    __builtin_add_overflow(n, 63, &n) || __builtin_add_overflow(*at, n & ~(size_t)63, at))
		return false;
	return true;
}

static int plan_workspace(struct tr_gemm *g)
{
	size_t at = 0, cols = g->nc < g->n ? g->nc : g->n;
	bool fits = true;

	/* An odd number of cache lines, so that rows do not fall into one set. */
	g->v_ld = (tr__ceil_div(cols * g->size, 64) | 1) * (64 / g->size);

	g->s_ld = g->kc + 64 / g->size;
	if (g->pack_v)
		fits &= reserve(&at, g->wide_v ? g->v_ld : tr__ceil_div(cols, g->nr) * g->nr, g->depth + g->extra, g->size);
	g->at_s = at;
	if (g->pack_s || g->grouped)
		fits &= reserve(&at, g->panels ? g->mc : g->mr, g->s_ld, g->size);
	g->at_c = at;
	g->c_rows = g->c.dtype == g->dtype && g->c.row == 1 ? BUFFER_MR * g->mr : g->mr;
	if (g->buffer_c)
		fits &= reserve(&at, g->c_rows, cols, g->size);
	g->at_x = at;
	if (g->pack_v && g->v.dtype != g->dtype)
		fits &= reserve(&at, g->depth, g->nr, g->size);
	if (g->buffer_c)
		fits &= reserve(&at, g->mr, cols, 16);
	g->workspace = at;
	return fits ? 0 : -TR_EOVERFLOW;
}

static bool is_byte(enum tr_dtype dtype)
{
	return dtype == TR_I8 || dtype == TR_U8 || dtype == TR_BOOL;
}

static bool multiplies_bytes(const struct tr_gemm *g)
{
	return g->size == 4 && is_byte(g->s.dtype) && is_byte(g->v.dtype) && g->dtype != TR_F32 && !g->c0 &&
	       g->dev->k->gemm_bytes[false][true].lanes >= g->dev->k->gemm[g->dtype].lanes; /* else it is the specification's */
}

/* The level's kernel; for operands of short types one that takes them as they are, and k counts its units. */
static void choose_kernel(struct tr_gemm *g)
{
	const struct tr_kernels *k = g->dev->k;

	g->kernel = &k->gemm[g->dtype];
	g->size = tr_dtype_size(g->dtype);
	g->bytes = multiplies_bytes(g);
	if (g->bytes)
		g->kernel = &k->gemm_bytes[false][true];
	else if (g->dtype == TR_F32 && g->s.dtype == TR_BF16 && g->v.dtype == TR_BF16 &&
		 !(g->dev->exact & TR_EXACT_HALF) && k->gemm_bf16.tile)
		g->kernel = &k->gemm_bf16;
	g->grouped = g->kernel->group > 1;
	g->elements = g->k;
	if (g->grouped)
		g->k = tr__ceil_div(tr__ceil_div(g->k, g->kernel->group), g->kernel->round) * g->kernel->round;
}

/* The kernel for these signs, which is like the others but for them; or else the bits that make them others. */
static void choose_signs(struct tr_gemm *g)
{
	const bool s = g->s.dtype == TR_I8, v = g->v.dtype == TR_I8;
	const struct tr_gemm_kernel *kernel = &g->dev->k->gemm_bytes[s][v];

	g->s_flip = g->v_flip = 0;
	if (g->bytes && kernel->tile) {
		g->kernel = kernel;
	} else if (g->bytes) {
		g->s_flip = s ? 0x80 : 0;
		g->v_flip = v ? 0 : 0x80;
	}
	g->extra = g->s_flip || g->v_flip;
}

/* The stride of an axis of size 1 says nothing; 1 is the one that needs no packing. */
static void start_plan(struct tr_gemm *g)
{
	static const double zero;

	choose_kernel(g);
	g->swapped = g->dot = g->kept = false;
	if (g->m == 1)
		g->s.row = g->c.row = 1;
	if (g->n == 1)
		g->v.col = g->c.col = 1;
	if (g->elements == 1)
		g->s.col = g->v.row = 1;
	if (!g->c0) {
		g->c0 = &zero;
		g->c0_row = g->c0_col = 0;
	}
}

static int finish_plan(struct tr_gemm *g)
{
	choose_signs(g);
	g->stream = streams(g);
	g->wide = !g->stream && widens(g);
	g->panels = by_panels(g);
	choose_tile(g);
	choose_blocks(g);
	return plan_workspace(g);
}

int tr__gemm_plan(struct tr_gemm *g)
{
	start_plan(g);
	choose(g);
	return finish_plan(g);
}

/* Panels of all of v, in bytes, and of one on its way. */
static int plan_in_panels(struct tr_gemm *g, size_t *panels, size_t *temp)
{
	choose_signs(g);
	g->wide = g->stream = g->panels = false;
	choose_tile(g);
	g->pack_v = false;
	choose_blocks(g);
	*panels = *temp = 0;
	return reserve(panels, tr__ceil_div(g->n, g->nr) * g->nr, g->k + g->extra, g->size) &&
		       (g->v.dtype == g->dtype || reserve(temp, g->nr, g->k + g->extra, g->size))
		       ? plan_workspace(g) : -TR_EOVERFLOW;
}

int tr__gemm_plan_packed(struct tr_gemm *g, size_t *panels)
{
	size_t temp;
	int err;

	start_plan(g);
	err = plan_in_panels(g, panels, &temp);
	if (!err && __builtin_add_overflow(*panels, temp, panels))
		err = -TR_EOVERFLOW;
	return err;
}

/* Cycles per element in which weights come to the first rows of a block, measured: those of a model are in no near cache when their
 * turn comes. As the scalar side they are fetched row by row, in time. Blocks of a buffered c are few panels of all of k, which
 * come faster. */
#define FETCH 1.1
#define FETCH_WHOLE 0.55

/* Cycles of g with a frozen operand. Beside a matrix unit, which takes as many rows at a step, it counts that rows of short types
 * are units as they lie. */
static double frozen_cost(const struct tr_gemm *g)
{
	double elements = (double)g->n * (double)g->k;
	double cost = g->dot ? dot_cost(g) : tile_cost(g);

	if (g->grouped) {
		cost -= multiply_cost(g) * (1 - 1.0 / g->kernel->round);
		if (g->s.col == 1)
			cost -= (double)g->m * (double)g->k * rows_cost(g);
	} else if (g->v.frozen) {
		cost += elements * (must_buffer(g) ? FETCH_WHOLE : FETCH);
	}
	return cost;
}

int tr__gemm_plan_kept(struct tr_gemm *g, size_t *panels, size_t *temp)
{
	struct tr_gemm plain, other;
	double least, here, there;

	start_plan(g);
	plain = other = *g;
	choose(&plain);
	least = frozen_cost(&plain);
	swap(&other);
	g->kept = g->v.frozen;
	other.kept = other.v.frozen;
	here = g->kept ? frozen_cost(g) : INFINITY;
	there = other.kept ? frozen_cost(&other) : INFINITY;
	*panels = 0;
	if (here > least && there > least)
		return 0;
	if (there < here)
		*g = other;
	return plan_in_panels(g, panels, temp);
}

void *tr__gemm_kept(const struct tr_gemm *g, size_t panels, bool *fresh)
{
	const struct {
		uint64_t kind, types, flips;
		const void *addr, *kernel;
		ptrdiff_t row, col;
		size_t n, k, nr;
	} key = {TR_FORM_PANELS, (uint64_t)g->dtype << 8 | g->v.dtype, (uint64_t)g->s_flip << 8 | g->v_flip, g->v.addr,
		 g->kernel, g->v.row, g->v.col, g->n, g->elements, g->nr};

	return tr__kept(g->v.frozen, &key, sizeof(key), panels, fresh);
}

/* Nanoseconds a byte that a core reads from the outer caches takes: a product of a few rows waits for its weights. */
#define READ_BYTE_NS 0.025

double tr__gemm_ns(const struct tr_gemm *g)
{
	double cycles = g->dot ? dot_cost(g) : tile_cost(g), bytes = (double)(g->m + g->n) * (double)g->k * (double)g->size;
	double ns = cycles / (g->kernel->round > 1 ? 3 * MATRIX_UNIT : 3), read = bytes * READ_BYTE_NS;

	return ns > read ? ns : read;
}

double tr__gemm_cost(const struct tr_gemm *g, size_t rows, size_t cols)
{
	double m = (double)rows, n = (double)cols, k = (double)g->k;
	double blocks = g->panels ? 1 : (double)tr__ceil_div(cols, g->nc);
	double cost = m * n / (double)g->kernel->lanes * k;

	if (g->kernel->round > 1)
		cost /= MATRIX_UNIT;
	cost += m * k * (g->pack_s ? rows_cost(g) : 0) * blocks;
	cost += n * k * (g->pack_v ? pack_cost(&g->v, g->dtype) : 0);
	return cost + (m * blocks + n) * k * READ;
}
