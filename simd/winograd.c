/* SPDX-License-Identifier: MIT */
/*
 * Convolutions by Winograd's filtering, for the executor of convolutions. Tiles of the input and the weights are
 * transformed with channels in the lanes; then each of the transform's points is one matrix product, tiles × input
 * channels × output channels, on the level's tile kernel; and its results are transformed back.
 *
 * Lines (rows of tiles) of all images are cut into chunks whose transformed tiles are kept; within a chunk a unit is
 * a panel of output channels and a block of lines. Weights that are small are transformed once for all chunks. Large
 * ones would not stay in cache on their way to the products, so a unit transforms those of its panel again, as many
 * input channels at a time as L2 holds, and its blocks are larger. Only frozen weights are kept from call to call. What is computed,
 * lib/ref/winograd.h says.
 */
#include <string.h>

#include "simd/conv.h"
#include "simd/map.h"
#include "simd/pixels.h"

/* Transformed weights up to which they are made once, and those a unit makes at a time, in bytes. */
#define SHARED_BYTES ((size_t)768 << 10)
#define OWN_BYTES ((size_t)320 << 10)

/* Transformed tiles of a chunk. */
#define CHUNK_BYTES ((size_t)768 << 10)
#define CHUNK_OWN_BYTES ((size_t)16 << 20)

/* About as many tiles make a block: several of the tile kernel's, with products that fit L2. */
#define BLOCK_TILES 28
#define BLOCK_OWN_TILES 64

#define TURN 16        /* input channels whose weights are turned at a time */
#define TAPS 9
#define KEPT_TILES 8   /* of the whole result, for which transformed weights that no cache holds are worth keeping */
#define PAD 16         /* elements between lines of transformed data, so that they do not fall into one set of L1 */

struct filter {
	struct tr_device *dev;
	const struct tr_operand *y, *x, *w, *bias;
	const struct tr_conv_params *p;
	const tr_winograd_fn *transform;
	const struct tr_gemm_kernel *gemm;
	size_t m, side, points;
	size_t cin, cout, group;           /* channels of a group, and the group under way */
	int64_t tiles_w, tiles_h, lines;   /* lines: of all images */
	int64_t first, count, chunk, block; /* lines: of the chunk under way, of a chunk, of a block */
	size_t nr, panels, blocks;
	size_t v_ld, v_point, u_point;     /* elements from tile to tile and from point to point */
	size_t depth;                      /* input channels whose transformed weights are kept at a time */
	bool own, ready;                   /* own: units transform weights; ready: those lie as copy2d takes them */
	/* Of frozen weights: all panels of all groups, transformed, or only turned: [input channel][tap][nr]; NULL: not kept. fresh:
	 * they are still to be made. */
	float *kept, *turned;
	bool fresh;
	size_t at_v, at_u, at_bias;        /* in worker 0's scratch */
	size_t at_pixels, at_rows, at_turn, at_own, at_m, at_out, at_buf; /* in each worker's */
};

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static int64_t min_i64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static float *shared(const struct filter *f, size_t at)
{
	return (float *)(void *)((char *)f->dev->scratch[0] + at);
}

static float *own(const struct filter *f, unsigned worker, size_t at)
{
	return (float *)(void *)((char *)f->dev->scratch[worker] + at);
}

/* ---- tiles ---- */

/* Row h of an image's group, with the padding, a pixel's channels together. */
static void load_row(const struct filter *f, int64_t image, int64_t h, float *to, void *buf)
{
	const struct tr_operand *x = f->x;
	size_t width = (size_t)f->tiles_w * f->m + 2, before = (size_t)f->p->padding[2], n = (size_t)x->shape[4];
	struct tr_pixels p = {.image = image, .channel = (int64_t)(f->group * f->cin), .h = h, .channels = f->cin,
			      .count = n};

	if (h < 0 || h >= x->shape[3]) {
		memset(to, 0, width * f->cin * sizeof(*to));
		return;
	}
	memset(to, 0, before * f->cin * sizeof(*to));
	to += before * f->cin;
	tr__pixels_load(f->dev, x, &p, TR_F32, to, buf);
	memset(to + n * f->cin, 0, (width - before - n) * f->cin * sizeof(*to));
}

/* Lines [l,end) of one image. */
static void transform_lines(const struct filter *f, int64_t l, int64_t end, unsigned worker)
{
	size_t pixel = f->cin, row = ((size_t)f->tiles_w * f->m + 2) * pixel;
	float *pixels = own(f, worker, f->at_pixels);
	int64_t image = l / f->tiles_h, h = l % f->tiles_h * (int64_t)f->m - f->p->padding[1];
	float *v = shared(f, f->at_v) + (size_t)((l - f->first) * f->tiles_w) * f->v_ld;
	struct tr_winograd t = {.n = f->cin,
				.x_row = (ptrdiff_t)row,
				.x_col = (ptrdiff_t)pixel,
				.y_row = (ptrdiff_t)(f->side * f->v_point),
				.y_col = (ptrdiff_t)f->v_point};

	for (int64_t i = 0; i < (end - l) * (int64_t)f->m + 2; i++)
		load_row(f, image, h + i, pixels + (size_t)i * row, own(f, worker, f->at_buf));
	for (int64_t i = 0; i < end - l; i++)
		for (int64_t j = 0; j < f->tiles_w; j++, v += f->v_ld) {
			t.x = pixels + (size_t)i * f->m * row + (size_t)j * f->m * pixel;
			t.y = v;
			f->transform[TR_WINOGRAD_INPUT](&t);
		}
}

/* One block of lines of the chunk, image by image. */
static void transform_block(void *arg, size_t part, unsigned worker)
{
	const struct filter *f = arg;
	int64_t l = f->first + (int64_t)part * f->block, end = min_i64(l + f->block, f->first + f->count), next;

	for (; l < end; l = next) {
		next = min_i64(end, (l / f->tiles_h + 1) * f->tiles_h);
		transform_lines(f, l, next, worker);
	}
}

/* ---- weights ---- */

static size_t panel_size(const struct filter *f, size_t panel)
{
	return min_size(f->nr, f->cout - panel * f->nr);
}

/* Where a panel that is kept turned has input channel ch. */
static float *turned_panel(const struct filter *f, size_t panel, size_t ch)
{
	return f->turned + ((f->group * f->panels + panel) * f->cin + ch) * TAPS * f->nr;
}

/* Those of n channels from ch on as they lie, or as rows: where they begin, *ld apart. */
static const float *weight_rows(const struct filter *f, size_t panel, size_t ch, size_t n, size_t *ld, unsigned worker)
{
	size_t o = f->group * f->cout + panel * f->nr;
	float *rows = own(f, worker, f->at_rows);

	*ld = f->cin * TAPS;
	if (f->ready)
		return (const float *)f->w->addr + (o * f->cin + ch) * TAPS;
	*ld = TURN * TAPS;
	for (size_t i = 0; i < panel_size(f, panel); i++) {
		const void *line = tr__load_range(f->dev, f->w, (int64_t)(((o + i) * f->cin + ch) * TAPS), n * TAPS, TR_F32,
						  rows + i * *ld);

		if (line != rows + i * *ld)
			memcpy(rows + i * *ld, line, n * TAPS * sizeof(float));
	}
	return rows;
}

/* The weights of one panel of output channels and depth input channels from ch on: [point][input channel][nr]. */
static void transform_panel(const struct filter *f, size_t panel, size_t begin, size_t depth, float *u, unsigned worker)
{
	size_t outputs = panel_size(f, panel), n, ld;
	struct tr_winograd t = {.n = outputs, .x_row = 3 * (ptrdiff_t)f->nr, .x_col = (ptrdiff_t)f->nr,
				.y_row = (ptrdiff_t)(f->side * f->u_point), .y_col = (ptrdiff_t)f->u_point};

	for (size_t ch = begin; ch < begin + depth; ch += n) {
		float *turned = f->turned ? turned_panel(f, panel, ch) : own(f, worker, f->at_turn);
		const float *from = NULL;

		n = min_size(TURN, begin + depth - ch);
		if (!f->turned) {
			from = weight_rows(f, panel, ch, n, &ld, worker);
			f->gemm->copy2d(turned, (ptrdiff_t)f->nr, n * TAPS, outputs, from, 1, (ptrdiff_t)ld);
		}
		for (size_t i = 0; i < n; i++) {
			t.x = turned + i * TAPS * f->nr;
			t.y = u + (ch - begin + i) * f->nr;
			for (size_t r = 2 * i; from && r < 2 * i + 2 && r < outputs; r++)
				for (size_t b = 0; b < TURN * TAPS; b += 16)
					__builtin_prefetch(from + r * ld + n * TAPS + b);
			f->transform[TR_WINOGRAD_WEIGHT](&t);
		}
	}
}

/* A panel of those that are kept turned. */
static void turn_weights(void *arg, size_t panel, unsigned worker)
{
	const struct filter *f = arg;
	size_t ld;

	for (size_t ch = 0; ch < f->cin; ch += TURN) {
		size_t n = min_size(TURN, f->cin - ch);
		const float *from = weight_rows(f, panel, ch, n, &ld, worker);

		f->gemm->copy2d(turned_panel(f, panel, ch), (ptrdiff_t)f->nr, n * TAPS, panel_size(f, panel), from, 1, (ptrdiff_t)ld);
	}
}

/* Where the whole of a panel is. */
static float *whole_panel(const struct filter *f, size_t panel)
{
	size_t size = f->points * f->u_point;

	return f->kept ? f->kept + (f->group * f->panels + panel) * size : shared(f, f->at_u) + panel * size;
}

static void transform_weights(void *arg, size_t panel, unsigned worker)
{
	const struct filter *f = arg;

	transform_panel(f, panel, 0, f->cin, whole_panel(f, panel), worker);
}

/* ---- products ---- */

/* All points' products of the panel's weights for input channels [ch, ch + depth) with tiles [first, first + n) of the
 * chunk, added to m: [point][tile][nr]. */
static void multiply(const struct filter *f, size_t panel, const float *u, size_t ch, size_t first, size_t n, float *m)
{
	static const float zero;
	size_t mr = tr__ceil_div(n, tr__ceil_div(n, f->gemm->mr));
	struct tr_gemm_tile t = {.nr = panel_size(f, panel), .k = min_size(f->depth, f->cin - ch),
				 .s_row = (ptrdiff_t)f->v_ld, .s_k = 1, .v_ld = (ptrdiff_t)f->nr,
				 .c0_row = ch ? (ptrdiff_t)f->nr : 0, .c0_col = ch != 0, .ldc = (ptrdiff_t)f->nr,
				 .ahead_step = 64};

	for (size_t point = 0; point < f->points; point++, u += f->u_point, m += n * f->nr) {
		const float *v = shared(f, f->at_v) + point * f->v_point + first * f->v_ld + ch;
		const char *ahead = (const char *)(u + f->u_point);

		t.v = u;
		for (size_t i = 0; i < n; i += mr, ahead += t.k * 64) {
			t.mr = min_size(mr, n - i);
			t.s = v + i * f->v_ld;
			t.c = m + i * f->nr;
			t.c0 = ch ? t.c : &zero;
			t.ahead = ahead;
			f->gemm->tile(&t);
		}
	}
}

/* The products of a block of lines, transformed back and stored. Tiles are taken last to first, so that what a line's
 * last tile has too much is overwritten by the first tile of the pixels behind it. */
static void finish_block(const struct filter *f, size_t panel, const float *m, int64_t l, int64_t end, unsigned worker)
{
	float *out = own(f, worker, f->at_out);
	size_t n = (size_t)((end - l) * f->tiles_w);
	struct tr_winograd t = {.n = panel_size(f, panel), .x_row = (ptrdiff_t)(f->side * n * f->nr),
				.x_col = (ptrdiff_t)(n * f->nr), .y_row = (ptrdiff_t)((size_t)f->y->shape[4] * f->nr),
				.y_col = (ptrdiff_t)f->nr};

	if (f->bias)
		t.start = shared(f, f->at_bias) + f->group * f->cout + panel * f->nr;
	for (; l < end; l++, m += (size_t)f->tiles_w * f->nr) {
		struct tr_pixels p = {.image = l / f->tiles_h,
				      .channel = (int64_t)(f->group * f->cout + panel * f->nr),
				      .h = l % f->tiles_h * (int64_t)f->m, .channels = t.n,
				      .count = (size_t)f->y->shape[4]};

		for (int64_t j = f->tiles_w; j-- > 0;) {
			t.x = m + (size_t)j * f->nr;
			t.y = out + (size_t)j * f->m * f->nr;
			f->transform[TR_WINOGRAD_OUTPUT](&t);
		}
		tr__pixels_store(f->dev, f->y, &p, (size_t)min_i64((int64_t)f->m, f->y->shape[3] - p.h), TR_F32, out, f->nr,
				 own(f, worker, f->at_buf));
	}
}

/* A panel and a block of the chunk. */
static void run_unit(void *arg, size_t unit, unsigned worker)
{
	const struct filter *f = arg;
	size_t panel = unit % f->panels;
	int64_t l = f->first + (int64_t)(unit / f->panels) * f->block, end = min_i64(l + f->block, f->first + f->count);
	size_t tile = (size_t)((l - f->first) * f->tiles_w), n = (size_t)((end - l) * f->tiles_w);
	float *m = own(f, worker, f->at_m), *u = f->own ? own(f, worker, f->at_own) : whole_panel(f, panel);

	for (size_t ch = 0; ch < f->cin; ch += f->depth) {
		if (f->own)
			transform_panel(f, panel, ch, min_size(f->depth, f->cin - ch), u, worker);
		multiply(f, panel, f->own ? u : u + ch * f->nr, ch, tile, n, m);
	}
	finish_block(f, panel, m, l, end, worker);
}

/* ---- plan ---- */

/* Adds room for a · b floats to *total; where it begins to *at. */
static bool reserve(size_t *total, size_t *at, size_t a, size_t b)
{
	size_t n;

	*at = *total;
	return !__builtin_mul_overflow(a, b, &n) && !__builtin_mul_overflow(n, sizeof(float), &n) &&
	       !__builtin_add_overflow(n, 63, &n) && !__builtin_add_overflow(*total, n & ~(size_t)63, total);
}

static int plan_scratch(struct filter *f)
{
	size_t total = 0, width = (size_t)f->tiles_w * f->m, tiles = (size_t)(f->block * f->tiles_w), n, out;
	bool fits = true;

	fits &= reserve(&total, &f->at_pixels, (width + 2) * f->cin, (size_t)f->block * f->m + 2);
	fits &= reserve(&total, &f->at_rows, f->ready ? 0 : f->nr, TURN * TAPS);
	fits &= reserve(&total, &f->at_turn, f->nr, TURN * TAPS);
	fits &= reserve(&total, &f->at_own, f->own ? f->points : 0, f->u_point);
	fits &= reserve(&total, &f->at_m, tiles * f->nr, f->points);
	fits &= reserve(&total, &f->at_out, (f->m + 1) * width, f->nr);
	n = f->x->dtype == TR_F32 ? 0 : tr__pixels_buffer(f->cin, (size_t)f->x->shape[4]);
	out = tr__pixels_buffer(f->nr, (size_t)f->y->shape[4]);
	fits &= out && (f->x->dtype == TR_F32 || n);
	fits &= reserve(&total, &f->at_buf, (n > out ? n : out) / sizeof(float), 1);
	fits &= !__builtin_mul_overflow((size_t)(f->chunk * f->tiles_w), f->points, &n);
	fits &= reserve(&total, &f->at_v, fits ? n : 0, f->v_ld);
	fits &= !__builtin_mul_overflow(f->panels, f->points, &n);
	fits &= reserve(&total, &f->at_u, f->own ? 0 : n, f->u_point);
	fits &= reserve(&total, &f->at_bias, f->bias ? (size_t)f->bias->shape[0] : 0, 1);
	return fits ? tr__scratch(f->dev, total) : -TR_EOVERFLOW;
}

/* How lines are cut into blocks and chunks, and whether weights are transformed once. */
static int plan(struct filter *f)
{
	size_t line, channel = f->points * f->nr * sizeof(float), weights, most, tiles = (size_t)f->tiles_w;

	f->v_ld = (f->cin + PAD - 1) / PAD * PAD + PAD;
	if (f->cin > SIZE_MAX / 2 / channel || __builtin_mul_overflow(f->cin * channel, f->panels, &weights) ||
	    __builtin_mul_overflow(f->points * sizeof(float) * f->v_ld, tiles, &line))
		return -TR_EOVERFLOW;
	f->own = weights > SHARED_BYTES;
	f->depth = min_size(f->gemm->kc, f->cin);
	if (f->own && f->depth > OWN_BYTES / channel)
		f->depth = tr__ceil_div(f->cin, tr__ceil_div(f->cin, OWN_BYTES / channel));
	f->u_point = (f->own ? f->depth : f->cin) * f->nr + PAD;
	most = f->own ? CHUNK_OWN_BYTES / line : CHUNK_BYTES * f->dev->threads / line;
	f->block = (int64_t)(((f->own ? BLOCK_OWN_TILES : BLOCK_TILES) + tiles / 2) / tiles);
	f->block = min_i64(f->block ? f->block : 1, f->lines);
	f->chunk = min_i64((int64_t)min_size(most ? most : 1, INT32_MAX), f->lines);
	if (f->chunk > f->block)
		f->chunk = f->chunk / f->block * f->block;
	else
		f->block = f->chunk;
	f->v_point = (size_t)f->chunk * tiles * f->v_ld;
	return plan_scratch(f);
}

/* Looks for what is kept of frozen weights. Transformed ones are several times as large: where few tiles meet what no cache
 * holds, it takes as long to read that as to transform it again, and weights are kept turned. */
static void find_kept(struct filter *f, size_t groups)
{
	const struct tr_operand *w = f->w;
	size_t point = f->cin * f->nr + PAD, bytes = f->panels * groups;
	bool few = f->lines * f->tiles_w < KEPT_TILES && f->own;
	void *form;
	struct {
		uint64_t kind, dtype, groups, points, nr;
		const void *addr, *transform;
		int64_t shape[5], stride[5];
	} key = {.kind = TR_FORM_WINOGRAD, .dtype = w->dtype, .groups = groups, .points = few ? 0 : f->points, .nr = f->nr,
		 .addr = w->addr, .transform = few ? (const void *)f->gemm : (const void *)f->transform};

	if (!w->frozen || __builtin_mul_overflow(bytes, few ? f->cin * TAPS * f->nr : f->points * point, &bytes) ||
	    __builtin_mul_overflow(bytes, sizeof(float), &bytes))
		return;
	memcpy(key.shape, w->shape, sizeof(key.shape));
	memcpy(key.stride, w->stride, sizeof(key.stride));
	form = tr__kept(w->frozen, &key, sizeof(key), bytes, &f->fresh);
	if (few)
		f->turned = form;
	else
		f->kept = form;
	if (!f->kept)
		return;
	f->own = false;
	f->depth = min_size(f->gemm->kc, f->cin);
	f->u_point = point;
}

static void run_group(struct filter *f)
{
	if (f->turned && f->fresh)
		tr__pool_run(f->dev, f->panels, turn_weights, f);
	if (!f->own && (!f->kept || f->fresh))
		tr__pool_run(f->dev, f->panels, transform_weights, f);
	for (f->first = 0; f->first < f->lines; f->first += f->chunk) {
		f->count = min_i64(f->chunk, f->lines - f->first);
		f->blocks = (size_t)((f->count + f->block - 1) / f->block);
		tr__pool_run(f->dev, f->blocks, transform_block, f);
		tr__pool_run(f->dev, f->panels * f->blocks, run_unit, f);
	}
}

int tr__conv_winograd(struct tr_device *dev, const struct tr_cmd *cmd, const struct tr_conv_params *p, int m)
{
	const struct tr_operand *o = cmd->operand;
	struct filter f = {.dev = dev,
			   .y = &o[0],
			   .x = &o[1],
			   .w = &o[2],
			   .bias = cmd->noperand > 3 ? &o[3] : NULL,
			   .p = p,
			   .transform = dev->k->winograd[m == 4],
			   .gemm = &dev->k->gemm[TR_F32],
			   .m = (size_t)m,
			   .side = (size_t)m + 2,
			   .points = (size_t)((m + 2) * (m + 2))};
	int err;

	f.cin = (size_t)(o[1].shape[1] / p->groups);
	f.cout = (size_t)(o[0].shape[1] / p->groups);
	f.tiles_h = (o[0].shape[3] + m - 1) / m;
	f.tiles_w = (o[0].shape[4] + m - 1) / m;
	f.lines = o[0].shape[0] * f.tiles_h;
	f.nr = f.gemm->nr;
	f.panels = tr__ceil_div(f.cout, f.nr);
	f.ready = o[2].dtype == TR_F32 && tr__is_dense(&o[2]);
	err = plan(&f);
	if (err)
		return err;
	find_kept(&f, (size_t)p->groups);
	if (f.bias) {
		float *to = shared(&f, f.at_bias);
		const void *from = tr__load_range(dev, f.bias, 0, (size_t)f.bias->shape[0], TR_F32, to);

		if (from != to)
			memcpy(to, from, (size_t)f.bias->shape[0] * sizeof(*to));
	}
	for (f.group = 0; f.group < (size_t)p->groups; f.group++)
		run_group(&f);
	return 0;
}
