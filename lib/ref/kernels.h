/* SPDX-License-Identifier: MIT */
/*
 * The kernel contract: what one CPU level provides, and the specification provides for every level.
 *
 * A kernel works on contiguous elements of one type, writes exactly the elements it is told to, reads none
 * beyond them, takes any alignment of at least the element's, allocates nothing and cannot fail. Everything
 * else (strides, broadcasting, type conversion, threads) is the executor's business.
 *
 * Entries that a level does not have stay the specification's, so that a level is never incomplete.
 */
#ifndef TR_REF_KERNELS_H
#define TR_REF_KERNELS_H

#include <trueno/opcodes.h>
#include <trueno/types.h>

/* dst[i] = op(src[0][i], src[1][i], …), i < n; where the family has numbers, src goes on with the address of each, one
 * element of the operation's type. dst may be the very address of a source whose elements have the size of
 * dst's; no other overlap. Of RANDOM src[0] is the elements' bits, of RANDOM_TRY their positions as 64-bit integers, and
 * src[3] and src[4] are the key and the stream, as in tr_philox_fn. */
typedef void (*tr_map_fn)(void *dst, const void *const *src, size_t n);

/* Blocks position … position + n - 1 of 16 random bytes (lib/ref/expr/philox.h). stream has the stream in its upper half,
 * the attempt in its lower. dst: of any alignment. */
typedef void (*tr_philox_fn)(void *dst, uint64_t key, uint64_t stream, uint64_t position, size_t n);

/* dst[i] = (to)src[i]. No overlap, but dst may be src when the sizes are equal. */
typedef void (*tr_cast_fn)(void *dst, const void *src, size_t n);

/*
 * acc[j] = f(src[0·stride + j]) ⊕ f(src[1·stride + j]) ⊕ … ⊕ f(src[(rows-1)·stride + j]), left to right, j < n; what f
 * is, the fold says, and whether it takes centre[j] too. Other folds do not read centre.
 * rows >= 1; stride in elements. acc does not overlap src.
 */
typedef void (*tr_fold_fn)(void *acc, const void *src, ptrdiff_t stride, size_t rows, size_t n, const void *centre);

/*
 * A row's lanes: acc[j] = f(src[j]) ⊕ f(src[TR_LANES + j]) ⊕ f(src[2·TR_LANES + j]) ⊕ … while there are elements, by chunks
 * of TR_CHUNK_ROWS and their tree, j < min(n, TR_LANES). centre: TR_LANES copies of one. 1 <= n <= TR_LANES · TR_LINE_ROWS,
 * or more where the order shows in no result. The other lanes are left undefined; there is room for all. acc does not
 * overlap src.
 */
typedef void (*tr_line_fn)(void *acc, const void *src, size_t n, const void *centre);

/* dst[i] = the row fold of src[i·stride] … src[i·stride + n - 1], i < rows; TR_LANES <= n <= TR_LANES · TR_LINE_ROWS. */
typedef void (*tr_lines_fn)(void *dst, const void *src, ptrdiff_t stride, size_t rows, size_t n);

/* lanes[0] = TR_LANES elements folded by halves: lanes[i] ⊕ lanes[i + 32] for i < 32, then 16 … 1. The others are
 * left undefined. */
typedef void (*tr_halve_fn)(void *lanes);

/*
 * The lanes of an inner product: of a chunk acc[j] = a[j]·b[j], then fma(a[64r + j], b[64r + j], acc[j]) for r = 1, 2, … while
 * 64r + j < n, for every j < min(n, TR_LANES), and of several their tree; integers wrap. 1 <= n <= TR_LANES · TR_LINE_ROWS. The
 * other lanes are left undefined; there is room for all. No overlap.
 */
typedef void (*tr_dot_fn)(void *acc, const void *a, const void *b, size_t n);

/* Index of the first extreme element of src[0..n), n >= 1; the first NaN if there is one. nanargmin and nanargmax pass
 * over NaNs instead; n if there is nothing else. */
typedef size_t (*tr_arg_fn)(const void *src, size_t n);

/*
 * Columns side by side: of every column j < n, for r = 0 … rows-1 in order: if src[r·stride + j] is to be preferred to
 * best[j], it becomes best[j], and at[j] = r; at[j] = TR_ARG_NONE if none was. What is preferred to what: as above, a NaN
 * once in best stays there; for nanargmin and nanargmax everything else is preferred to it, and it to nothing. at has
 * elements of the type (bytes for bool). rows <= TR_ARG_ROWS; stride in elements. No overlap.
 */
typedef void (*tr_args_fn)(void *best, void *at, const void *src, ptrdiff_t stride, size_t rows, size_t n);
#define TR_ARG_NONE 127 /* which every type has */
#define TR_ARG_ROWS 127

/* dst[i] = start + (first + i) · step, i < n: the number is converted to the type, product and sum are rounded each. start and
 * step are one element each. first >= 0. */
typedef void (*tr_range_fn)(void *dst, const void *start, const void *step, int64_t first, size_t n);

/*
 * Running folds, in the order docs/numerics.md gives for scans: for each j < n,
 *   dst[r·to + j] = carry[j] ⊕ (src[0·from + j] ⊕ … ⊕ src[r·from + j]), r < rows
 * without the carry if first. If rows is a multiple of TR_SCAN_CHUNK, carry[j] is what the elements after these continue
 * from. Strides in elements; dst may be src if they are equal, else there is no overlap.
 */
typedef void (*tr_scan_fn)(void *dst, ptrdiff_t to, const void *src, ptrdiff_t from, size_t rows, size_t n, void *carry,
			   bool first);

/* Elements of a block and of a chunk of a scan. */
#define TR_SCAN_BLOCK 16
#define TR_SCAN_CHUNK 1024

/* Those of src[0..n) with *low <= src[i] <= *high to dst, in order; returns how many. Adds the number of those below
 * *low to *below. NaNs are neither. dst may be src and has room for n elements; no other overlap. */
typedef size_t (*tr_between_fn)(void *dst, const void *src, size_t n, const void *low, const void *high, size_t *below);

/*
 * two = the elements of ranks rank and rank + 1 of src[0..n), which are no NaNs, counted from 0 in ascending order with -0
 * before +0; the second is the first again where there is none. 1 <= n <= TR_PICK_MOST. room: for n elements and 64 bytes,
 * may be src.
 */
#define TR_PICK_MOST 4096
typedef void (*tr_pick_fn)(void *two, const void *src, size_t n, size_t rank, void *room);

/* One row: dst[i] from src[0..n), n >= 1. dst may be src. */
typedef void (*tr_row_fn)(void *dst, const void *src, size_t n);

/*
 * Rows of layer_norm: dst[j·to + i] from src[j·from … j·from + n), i < n, j < rows. weight and bias may be NULL for 1 and 0. dst may be src
 * if the strides are equal.
 */
typedef void (*tr_norm_fn)(void *dst, ptrdiff_t to, const void *src, ptrdiff_t from, const void *weight, const void *bias,
			   size_t n, size_t rows, double eps);

/* The same for rows that lie side by side: element i of row j is src[i·from + j] and becomes dst[i·to + j], j < rows. dst
 * may be src if the strides are equal. n <= TR_BESIDE_MOST; room: for n × 64 bytes, aligned to 64, apart from both. */
#define TR_BESIDE_MOST 16384
typedef void (*tr_rows_fn)(void *dst, ptrdiff_t to, const void *src, ptrdiff_t from, size_t n, size_t rows, void *room);
typedef void (*tr_norms_fn)(void *dst, ptrdiff_t to, const void *src, ptrdiff_t from, const void *weight,
			    const void *bias, size_t n, size_t rows, double eps, void *room);

/*
 * One tile of a matrix product, strides in elements. Each c[i·ldc + j], i < mr, j < nr, is one chain of fused
 * multiply-adds over p in ascending order:
 *   acc = c0[i·c0_row + j·c0_col];  acc = fma(s[i·s_row + p·s_k], V, acc) for p = 0 … k-1;  c[i·ldc + j] = acc
 * The scalar side s is read in place, one element at a time. V is where the two kernels differ:
 *   tile  V = v[p·v_ld + j]: the vector side has contiguous columns, as a packed panel or where it lies
 *   dot   V = v[j·v_ld + p]: the vector side has contiguous k, and is transposed in registers
 * c0_col is 0 or 1; c0 may be c itself, else c overlaps nothing. mr and nr may be less than the kernel's most, k may be 0;
 * nothing else is read or written. A tile of at most TR_FEW rows may have TR_FEW times the kernel's most columns.
 * list is tile, without more columns than the kernel's most, but reads s[i·s_row + at[p]]: what slides over planes. Behind
 * the k entries of at come TR_LIST_AHEAD more, each a hint of what may be read later; any number will do.
 * slide is the same with what slides on the vector side, and columns in two registers that lie anywhere: V = v[at[p] + j] and
 * c[i·ldc + j] for the first, from v_next and c_next elements behind for the second, which may overlap it. nr is twice
 * lanes, s_k is 1, c0_col 0. */
#define TR_FEW 4
#define TR_LIST_AHEAD 12
struct tr_gemm_tile {
	size_t mr, nr, k;
	const void *s;
	ptrdiff_t s_row, s_k;
	const ptrdiff_t *at; /* list and slide only */
	const void *v;
	ptrdiff_t v_ld;
	ptrdiff_t v_next, c_next; /* slide only */
	const void *c0;
	ptrdiff_t c0_row, c0_col;
	void *c;
	ptrdiff_t ldc;
	const void *ahead;    /* a hint: each step of k may prefetch from here what a tile's row of v takes, ahead_step */
	ptrdiff_t ahead_step; /* bytes on each time; any address will do */
};

typedef void (*tr_gemm_fn)(const struct tr_gemm_tile *t);

/* dst[i·ld + j] = src[i·row + j·col], i < rows, j < cols: packs panels and transposes tiles. No overlap. */
typedef void (*tr_copy2d_fn)(void *dst, ptrdiff_t ld, size_t rows, size_t cols, const void *src, ptrdiff_t row,
			     ptrdiff_t col);

/*
 * Packs short types for kernels that multiply and add `group` of them at a time: that many along k are one unit of 4
 * bytes. dst[i·ld + u] is the unit of src[i·step + p·along], p = group·u …, i < n, u < units, each byte with flip's bits
 * inverted; elements from k on are 0. tr_group.turned: dst[u·ld + i] instead, i < ld, and so on in panels of ld columns:
 * dst[i / ld·panel + u·ld + i % ld], ld a multiple of 32 if there are several. Strides of dst in units. No overlap.
 */
struct tr_group {
	void *dst;
	ptrdiff_t ld, panel;
	size_t n, units, k;
	const void *src;
	ptrdiff_t step, along;
	uint8_t flip;
	bool turned;
};

typedef void (*tr_group_fn)(const struct tr_group *g);

/* A level's matrix kernels for one type (f32, f64, 32- and 64-bit integers, which wrap), with their sizes in elements. */
struct tr_gemm_kernel {
	tr_gemm_fn tile, dot, list, slide; /* the last two: f32 and f64 */
	tr_copy2d_fn copy2d;
	uint16_t mr, nr, lanes;  /* tile: most rows (scalar side), most columns (vector side), columns of one register */
	uint16_t dot_mr, dot_nr; /* dot: the same */
	uint16_t kc, nc;         /* block of the vector side that stays in L2; mr × kc stays in L1 */

	/*
	 * Of short types: the tile's elements are units, s_k and v_ld count them, and copy2d moves results. s and v are
	 * packed by group, v in whole panels of nr columns; k is a multiple of round. No dot, and nr is the most columns always.
	 */
	tr_group_fn pack;
	uint8_t group, round;
	tr_gemm_fn tile_half; /* NULL, or tile with c of bf16, rounded once; c0 is not c */
	/* NULL, or called by a thread before and after it runs tiles; s then has a multiple of round rows to read. */
	void (*enter)(void), (*leave)(void);
};

/*
 * Sliding windows: y[i·y_row + j], i < rows, j < cols, is the chain over p < taps, in order, from acc = *start:
 *   taps_fma  acc = fma(w[p], X, acc)     taps_add  acc = acc + X     taps_max  acc = maximum(acc, X)
 * with X = x[i·x_row + at[p] + j]. Strides and at in elements. y overlaps nothing.
 */
struct tr_taps {
	size_t rows, cols, taps;
	const void *x;
	ptrdiff_t x_row;
	const ptrdiff_t *at;
	const void *w; /* taps_fma only */
	const void *start;
	void *y;
	ptrdiff_t y_row;
};

typedef void (*tr_taps_fn)(const struct tr_taps *t);

/*
 * The same with channels in the lanes, each on its own: y[j·y_col + c], j < cols, c < n, is the chain from start[c] with
 * weights w[p·n + c] and X = x[j·x_col + at[p] + c]. With lanes_add and div not NULL it is then divided by div[j].
 */
struct tr_lane_taps {
	size_t cols, n, taps;
	const void *x;
	ptrdiff_t x_col;
	const ptrdiff_t *at;
	const void *w; /* lanes_fma only */
	const void *start, *div; /* div: lanes_add only */
	void *y;
	ptrdiff_t y_col;
};

typedef void (*tr_lane_taps_fn)(const struct tr_lane_taps *t);

/*
 * One plane under a k × k window that moves by step, 1 or 2: y[i·y_row + j], i < rows, j < cols, is the chain from
 * acc = *start over p, then q < k, in order, acc = fma(w[p·k + q], X, acc) with X = line[i·step + p][j·step + q - pad], or 0
 * where that column is outside of [0,width). Each line can be read from column -pad to width + pad - 1, with step 2 to
 * width + pad + 1. k is 3 or TR_PLANE_MOST, pad at most k / 2; y overlaps nothing.
 */
#define TR_PLANE_MOST 5
struct tr_plane {
	size_t rows, cols, k, step;
	ptrdiff_t pad, width;
	const void *const *line; /* (rows - 1)·step + k */
	const void *w, *start;
	void *y;
	ptrdiff_t y_row;
};

typedef void (*tr_plane_fn)(const struct tr_plane *t);

/*
 * The same, step 1 and pad k / 2, of dense planes one after the other. Their rows, with k / 2 zeros behind, fit a vector, or fill
 * one and fit two. Row i of plane n begins at x[(n·rows + i)·cols] and its result in y alike, weights at w[n·k·k], and the start
 * is start[n·start_step]. TR_NARROW_MARGIN elements before x and behind the last plane can be read. y overlaps nothing.
 */
#define TR_NARROW_MARGIN 16
struct tr_narrow {
	size_t planes, rows, cols, k;
	const void *x, *w, *start;
	ptrdiff_t start_step;
	void *y;
};

typedef void (*tr_narrow_fn)(const struct tr_narrow *t);

/*
 * Winograd's transforms of squares of pixels, n channels each (lib/ref/winograd.h). Element (i,j) of channel c lies at
 * x[i·x_row + j·x_col + c], that of the result at y[i·y_row + j·y_col + c]; start, if not NULL, is added: start[c].
 * y overlaps nothing.
 */
struct tr_winograd {
	size_t n;
	const float *x;
	ptrdiff_t x_row, x_col;
	float *y;
	ptrdiff_t y_row, y_col;
	const float *start;
};

typedef void (*tr_winograd_fn)(const struct tr_winograd *t);

/* m + 2 square to m + 2 square; 3 square to m + 2 square; m + 2 square to m square. */
enum tr_winograd_kind { TR_WINOGRAD_INPUT, TR_WINOGRAD_WEIGHT, TR_WINOGRAD_OUTPUT, TR_WINOGRAD_KINDS };

/*
 * What a reduction can fold: elements as they are, or an expression of them and of a centre c (lib/ref/fold.h), joined by
 * the fold that tr__fold_join names.
 */
enum tr_fold {
	TR_FOLD_ADD, TR_FOLD_MULTIPLY, TR_FOLD_MINIMUM, TR_FOLD_MAXIMUM, TR_FOLD_AND, TR_FOLD_OR, TR_FOLD_FMIN, TR_FOLD_FMAX,
	TR_FOLD_JOINS, /* those above join; those below are for f32 and f64 only, as FMIN and FMAX are */
	TR_FOLD_ADD_ABS = TR_FOLD_JOINS, /* |x| */
	TR_FOLD_ADD_SQUARE,              /* x · x */
	TR_FOLD_ADD_NONZERO,             /* 1 unless x = 0 */
	TR_FOLD_MINIMUM_ABS,
	TR_FOLD_MAXIMUM_ABS,
	TR_FOLD_ADD_NUMBER,              /* x, 0 for NaN */
	TR_FOLD_MULTIPLY_NUMBER,         /* x, 1 for NaN */
	TR_FOLD_ADD_IS_NUMBER,           /* 1, 0 for NaN */
	TR_FOLD_ADD_DEVIATION,           /* (x - c)² */
	TR_FOLD_ADD_NUMBER_DEVIATION,    /* (x - c)², 0 for NaN */
	TR_FOLD_ADD_EXP,                 /* exp(x - c) */
	TR_FOLD_ADD_POW,                 /* |x| to the c */
	TR_FOLD_COUNT
};
extern const uint8_t tr__fold_join[TR_FOLD_COUNT];

/*
 * Reductions are specified (docs/numerics.md): a row of elements is a matrix TR_LANES wide, cut into chunks of
 * TR_CHUNK_ROWS rows; each chunk folds to TR_LANES partial results, top to bottom; chunks are joined in a binary tree
 * by position; last, the lanes are halved until one is left. Reducing leading axes is the same without the last step.
 */
#define TR_LANES 64
#define TR_CHUNK_ROWS 16

/* Most rows of a column kernel, 64 chunks, and of a line or dot kernel, 8. */
#define TR_COLUMN_ROWS 1024
#define TR_LINE_ROWS 128

struct tr_kernels {
	const char *name; /* "scalar", "avx2", … */
	bool unfused;     /* chains of contractions (gemm, taps_fma) are acc + a·b, both rounded, instead of fma */
	tr_map_fn map[TR_OP_COUNT][TR_DTYPE_COUNT];
	tr_map_fn half[TR_OP_COUNT][2]; /* map's of f32 over f16 and bf16, at levels that convert those in hardware; or NULL */
	tr_philox_fn philox;
	tr_cast_fn cast[TR_DTYPE_COUNT][TR_DTYPE_COUNT]; /* [from][to] */
	tr_fold_fn fold[TR_FOLD_COUNT][TR_DTYPE_COUNT];
	tr_fold_fn column[TR_FOLD_COUNT][TR_DTYPE_COUNT]; /* of up to TR_COLUMN_ROWS rows, by chunks and tree */
	tr_line_fn line[TR_FOLD_COUNT][TR_DTYPE_COUNT];
	tr_lines_fn lines[TR_FOLD_JOINS][TR_DTYPE_COUNT];
	tr_halve_fn halve[TR_FOLD_JOINS][TR_DTYPE_COUNT];
	tr_dot_fn dot[TR_DTYPE_COUNT];
	tr_arg_fn argmin[TR_DTYPE_COUNT];
	tr_arg_fn argmax[TR_DTYPE_COUNT];
	tr_arg_fn nanargmin[TR_DTYPE_COUNT]; /* f32 and f64 only */
	tr_arg_fn nanargmax[TR_DTYPE_COUNT];
	tr_args_fn argmins[TR_DTYPE_COUNT]; /* of columns */
	tr_args_fn argmaxs[TR_DTYPE_COUNT];
	tr_args_fn nanargmins[TR_DTYPE_COUNT];
	tr_args_fn nanargmaxs[TR_DTYPE_COUNT];
	tr_range_fn range[TR_DTYPE_COUNT];
	tr_scan_fn scan[TR_FOLD_MAXIMUM + 1][TR_DTYPE_COUNT];
	tr_between_fn between[TR_DTYPE_COUNT];
	tr_pick_fn pick[TR_DTYPE_COUNT];
	tr_row_fn softmax[TR_DTYPE_COUNT];
	tr_row_fn log_softmax[TR_DTYPE_COUNT];
	tr_norm_fn layer_norm[TR_DTYPE_COUNT];
	tr_rows_fn softmaxes[TR_DTYPE_COUNT]; /* of rows side by side */
	tr_rows_fn log_softmaxes[TR_DTYPE_COUNT];
	tr_norms_fn layer_norms[TR_DTYPE_COUNT];
	struct tr_gemm_kernel gemm[TR_DTYPE_COUNT];
	/* [s is i8][v is i8], else u8; c of i32, wrapping. u8 by i8 is always there, the others have no tile where they are not. */
	struct tr_gemm_kernel gemm_bytes[2][2];
	struct tr_gemm_kernel gemm_bf16; /* bf16 to f32 by units of their own rounding; no tile where there are none */
	tr_taps_fn taps_fma[TR_DTYPE_COUNT];
	tr_taps_fn taps_add[TR_DTYPE_COUNT];
	tr_taps_fn taps_max[TR_DTYPE_COUNT];
	tr_plane_fn plane_fma[TR_DTYPE_COUNT];
	tr_narrow_fn narrow_fma[TR_DTYPE_COUNT]; /* f32 only */
	tr_lane_taps_fn lanes_fma[TR_DTYPE_COUNT];
	tr_lane_taps_fn lanes_add[TR_DTYPE_COUNT];
	tr_lane_taps_fn lanes_max[TR_DTYPE_COUNT];
	tr_winograd_fn winograd[2][TR_WINOGRAD_KINDS]; /* m of 2, of 4; f32 */
};

/* Where a type has its kernels in half. */
#define TR__HALF(dtype) ((dtype) == TR_BF16)

/* The specification, in plain C: lib/ref. */
extern const struct tr_kernels tr__ref_kernels;

#endif
