/* SPDX-License-Identifier: MIT */
/*
 * The CONV and CONV_TRANSPOSE families: finds the phases, prepares planes and weights, cuts the work and gives it to
 * the pool. Which kernel computes a piece is decided here, how it runs is conv_run.c's business.
 */
#include <string.h>

#include "lib/ref/winograd.h"
#include "simd/conv.h"
#include "simd/depthwise.h"
#include "simd/map.h"
#include "simd/strided.h"
#include "simd/sweep.h"

enum { Y, X, W, BIAS };

/* Outputs of a group that would leave most lanes empty. */
#define DIRECT_OUTPUTS 4

/* Input that stays in L2 while panel after panel of weights comes by, in bytes, and pixels worth turning a panel for. */
#define BLOCK_BYTES ((size_t)768 << 10)
#define BLOCK_PIXELS 112

/* Where several phases read planes, those of so many bytes are prepared at a time, or those of one image. */
#define CHUNK_BYTES ((size_t)2 << 20)

/* Multiply-adds in a nanosecond, by the lanes of a register. */
#define FMA_PER_NS 4.0

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t max_size(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t ceil_div(size_t a, size_t b)
{
	return a / b + (a % b != 0);
}

/* Adds room for a · b elements of size bytes to *total; where it begins to *at. */
static bool reserve(size_t *total, size_t *at, size_t a, size_t b, size_t size)
{
	size_t n;

	*at = *total;
	if (__builtin_mul_overflow(a, b, &n) || __builtin_mul_overflow(n, size, &n) || __builtin_add_overflow(n, 63,
													      &n) ||
	    __builtin_add_overflow(*total, n & ~(size_t)63, total))
		return false;
	return true;
}

/* Phases along axis i. */
static int64_t phases(const struct tr_conv *c, int i)
{
	int64_t out = c->y->shape[2 + i];

	return !c->transposed ? 1 : c->p.stride[i] < out ? c->p.stride[i] : out;
}

/* Whether kernel position k of axis i is one of phase f's, and at which window position the phase's first output meets
 * it. Transposed, the input element is (output + padding - k · dilation) / stride. */
static bool meets(const struct tr_conv *c, int i, int64_t f, int64_t k, int64_t *at)
{
	int64_t back = f + c->p.padding[i] - k * c->p.dilation[i];

	*at = c->transposed ? back / c->p.stride[i] : k * c->p.dilation[i];
	return !c->transposed || back % c->p.stride[i] == 0;
}

/* Outputs of phase f along axis i. */
static int64_t count(const struct tr_conv *c, int i, int64_t f)
{
	int64_t step = tr__conv_step(c, i);

	return (c->y->shape[2 + i] - f - 1) / step + 1;
}

/* A transposed convolution's windows are single elements of the plane; which ones all phases together need. */
static void set_window(struct tr_conv *c, int i)
{
	struct tr_window *w = &c->window;
	int64_t low = INT64_MAX, high = INT64_MIN, at;

	w->lead[i] = c->p.padding[i];
	w->stride[i] = c->p.stride[i];
	w->dilation[i] = c->p.dilation[i];
	w->count[i] = c->y->shape[2 + i];
	w->taps[i] = c->w->shape[2 + i];
	if (!c->transposed)
		return;
	for (int64_t f = 0; f < phases(c, i); f++)
		for (int64_t k = 0; k < c->w->shape[2 + i]; k++) {
			if (!meets(c, i, f, k, &at))
				continue;
			low = at < low ? at : low;
			high = at + count(c, i, f) - 1 > high ? at + count(c, i, f) - 1 : high;
		}
	if (low > high)
		low = high = 0;
	w->lead[i] = -low;
	w->count[i] = high - low + 1;
	w->stride[i] = w->dilation[i] = w->taps[i] = 1;
}

/* The kernel positions of a phase: appended to the lists from n on. */
static size_t list_taps(const struct tr_conv *c, const struct tr_conv_phase *f, size_t n)
{
	ptrdiff_t *at = (ptrdiff_t *)tr__conv_shared(c, c->at_taps);
	uint32_t *index = (uint32_t *)tr__conv_shared(c, c->at_index);
	const int64_t *k = &c->w->shape[2];
	int64_t pos[3], origin[3];

	for (int i = 0; i < 3; i++)
		origin[i] = c->transposed ? c->window.lead[i] : 0;
	for (int64_t d = 0; d < k[0]; d++) {
		if (!meets(c, 0, f->first[0], d, &pos[0]))
			continue;
		for (int64_t h = 0; h < k[1]; h++) {
			if (!meets(c, 1, f->first[1], h, &pos[1]))
				continue;
			for (int64_t w = 0; w < k[2]; w++) {
				if (!meets(c, 2, f->first[2], w, &pos[2]))
					continue;
				index[n] = (uint32_t)((d * k[1] + h) * k[2] + w);
				at[n++] = tr__window_tap(&c->window, pos[0] + origin[0], pos[1] + origin[1],
							 pos[2] + origin[2]);
			}
		}
	}
	return n;
}

static void list_phases(struct tr_conv *c)
{
	struct tr_conv_phase *f = (struct tr_conv_phase *)tr__conv_shared(c, c->at_phases);
	const ptrdiff_t *at = (const ptrdiff_t *)tr__conv_shared(c, c->at_taps);
	ptrdiff_t *list = (ptrdiff_t *)tr__conv_shared(c, c->at_list);
	size_t n = 0;

	for (size_t i = 0; i < c->nphase; i++, f++) {
		size_t rest = i;

		for (int a = 2; a >= 0; a--) {
			f->first[a] = (int64_t)(rest % (size_t)phases(c, a));
			f->q[a] = count(c, a, f->first[a]);
			rest /= (size_t)phases(c, a);
		}
		f->at = n;
		f->weights = n * c->groups * c->cout * c->cin;
		n = list_taps(c, f, n);
		f->taps = n - f->at;
		for (size_t ch = 0; ch < c->cin; ch++)
			for (size_t t = 0; t < f->taps; t++)
				*list++ = (ptrdiff_t)ch * c->channel + at[f->at + t];
	}
	memset(list, 0, TR_LIST_AHEAD * sizeof(*list));
}

/* The weights of output channel o of all groups into the rows of every phase: dense ones of dtype. */
static void turn_weights(void *arg, size_t o, unsigned worker)
{
	const struct tr_conv *c = arg;
	const uint32_t *index = (const uint32_t *)tr__conv_shared(c, c->at_index);
	size_t line = c->transposed ? o / c->cout * c->cin * c->cout + o % c->cout : o * c->cin, size = c->size;
	const char *from = (const char *)c->w->addr + line * c->taps * size;

	(void)worker;
	for (size_t i = 0; i < c->nphase; i++) {
		const struct tr_conv_phase *f = &tr__conv_phases(c)[i];
		char *to = tr__conv_shared(c, c->at_weights) + (f->weights + o * c->cin * f->taps) * size;

		for (size_t t = 0; t < f->taps; t++)
			tr__copy_run(to + t * size, (ptrdiff_t)f->taps, from + index[f->at + t] * size,
				     (ptrdiff_t)(c->transposed ? c->cout * c->taps : c->taps), c->cin, size);
	}
}

/* The same for any others. */
static void copy_weights(void *arg, size_t o, unsigned worker)
{
	const struct tr_conv *c = arg;
	const uint32_t *index = (const uint32_t *)tr__conv_shared(c, c->at_index);
	size_t group = o / c->cout, in_group = o % c->cout, size = c->size;

	for (size_t ch = 0; ch < c->cin; ch++) {
		size_t line = c->transposed ? (group * c->cin + ch) * c->cout + in_group : o * c->cin + ch;
		const char *from = tr__load_range(c->dev, c->w, (int64_t)(line * c->taps), c->taps, c->dtype,
						  c->dev->scratch[worker]);

		for (size_t i = 0; i < c->nphase; i++) {
			const struct tr_conv_phase *f = &tr__conv_phases(c)[i];
			char *to = tr__conv_shared(c,
						   c->at_weights) + (f->weights + (o * c->cin + ch) * f->taps) * size;

			for (size_t t = 0; t < f->taps; t++)
				memcpy(to + t * size, from + index[f->at + t] * size, size);
		}
	}
}

/* The panels kept of the weights, and whether they are still to be made. */
static char *find_panels(const struct tr_conv *c, bool *fresh)
{
	const struct tr_operand *w = c->w;
	size_t bytes, row;
	struct {
		uint64_t kind, types, groups, nr;
		const void *addr, *kernel;
		int64_t shape[5], stride[5];
		int64_t phases[3], step[3], padding[3], dilation[3]; /* transposed: which position is of which phase */
	} key = {.kind = TR_FORM_CONV, .types = (uint64_t)c->dtype << 8 | w->dtype, .groups = c->groups, .nr = c->nr,
		 .addr = w->addr, .kernel = &c->dev->k->gemm[c->dtype]};

	*fresh = false;
	if (c->direct || !w->frozen)
		return NULL;
	bytes = c->groups * tr__ceil_div(c->cout, c->nr) * c->nr;
	if (__builtin_mul_overflow(c->cin * c->size, c->taps, &row) || __builtin_mul_overflow(bytes, row, &bytes))
		return NULL;
	memcpy(key.shape, w->shape, sizeof(key.shape));
	memcpy(key.stride, w->stride, sizeof(key.stride));
	for (int i = 0; i < 3 && c->transposed; i++) {
		key.phases[i] = phases(c, i);
		key.step[i] = c->p.stride[i];
		key.padding[i] = c->p.padding[i];
		key.dilation[i] = c->p.dilation[i];
	}
	return tr__kept(w->frozen, &key, sizeof(key), bytes, fresh);
}

/* Panel number i of those, of all phases. */
static void make_panel(void *arg, size_t i, unsigned worker)
{
	const struct tr_conv *c = arg;
	size_t panels = tr__ceil_div(c->cout, c->nr), group = i / panels, o = i % panels * c->nr;

	(void)worker;
	for (size_t n = 0; n < c->nphase; n++) {
		const struct tr_conv_phase *f = &tr__conv_phases(c)[n];

		tr__conv_pack(c, f, tr__conv_rows(c, f, group), o, tr__conv_panel(c, f, group, o));
	}
}

static void copy_planes(void *arg, size_t i, unsigned worker)
{
	const struct tr_conv *c = arg;
	size_t channels = c->groups * c->cin;

	tr__window_copy(&c->window, c->image + (int64_t)(i / channels), (int64_t)(i % channels),
			tr__conv_shared(c, c->at_planes) + i * c->window.plane, c->dev->scratch[worker]);
}

static void run_part(void *arg, size_t part, unsigned worker)
{
	const struct tr_conv *c = arg;
	size_t more = c->units % c->parts, u = c->units / c->parts * part + min_size(part, more);
	size_t last = u + c->units / c->parts + (part < more);

	for (; u < last; u++)
		tr__conv_unit(c, u, c->dev->scratch[worker]);
}

/* Bytes of one image's planes that a group's outputs read; positions between windows are left out but along w. */
static double read_bytes(const struct tr_conv *c)
{
	const struct tr_window *w = &c->window;
	double n = (double)c->cin * (double)c->size * (double)w->stride[2];

	for (int i = 0; i < 3; i++)
		n *= (double)count(c, i, 0);
	for (int i = 0; i < 2; i++)
		n *= (double)(w->stride[i] < w->taps[i] ? w->stride[i] : w->taps[i]);
	return n;
}

/* Whether the rows of a channel's windows, and of its outputs, follow each other like one. */
static bool is_flat(const struct tr_conv *c)
{
	const struct tr_window *w = &c->window;
	int64_t n = c->y->shape[4];

	if (c->nphase != 1)
		return count(c, 0, 0) * count(c, 1, 0) == 1;
	for (int i = 1; i >= 0; i--) {
		ptrdiff_t next = i ? tr__window_row(w, 0, 1) : tr__window_row(w, 1, 0);

		if (c->y->shape[2 + i] != 1 && (next != n * (ptrdiff_t)w->step || c->y->stride[2 + i] != n))
			return false;
		n *= c->y->shape[2 + i];
	}
	return true;
}

/*
 * How a group's outputs, their columns and images are cut for `want` units: into blocks whose input stays in cache for all
 * outputs, if they are not too small; fewer images or columns if threads want more, then fewer outputs.
 */
static void plan_units(struct tr_conv *c, size_t want)
{
	const struct tr_gemm_kernel *k = &c->dev->k->gemm[c->dtype];
	double blocks = read_bytes(c) / (double)BLOCK_BYTES;
	size_t columns = 1, images = max_size((size_t)c->images, 1), width = (size_t)count(c, 2, 0), most, panels;

	for (int i = 0; i < 3; i++)
		columns *= (size_t)count(c, i, 0);
	c->nr = c->direct ? k->mr : k->nr;
	c->lines = c->direct && !is_flat(c);
	panels = ceil_div(c->cout, c->nr);
	most = max_size(columns / BLOCK_PIXELS, 1);
	c->p_units = blocks > (double)most ? most : max_size((size_t)blocks, 1);
	c->p_units = max_size(c->p_units, min_size(want / images, most));
	c->i_step = blocks < 1 && !c->direct ? (int64_t)min_size(images / want, (size_t)(1 / blocks)) : 1;
	c->i_step = c->i_step < 1 ? 1 : c->i_step;
	c->p_step = ceil_div(columns, c->p_units);
	if (c->lines || (c->p_units > 1 && c->p_step > width))
		c->p_step = ceil_div(c->p_step, width) * width;
	else if (c->direct)
		c->p_step = ceil_div(c->p_step, k->nr) * k->nr;
	c->p_units = ceil_div(columns, c->p_step);
	if (c->lines)
		c->p_step /= width;
	want = ceil_div(want, c->p_units * ceil_div(images, (size_t)c->i_step));
	c->o_step = ceil_div(panels, min_size(want, panels)) * c->nr;
	c->o_units = ceil_div(c->cout, c->o_step);
}

/* Slabs and rows of the planes that one unit's columns meet, at most. False if a channel's would not fit size_t. */
static bool plan_planes(struct tr_conv *c)
{
	const struct tr_window *w = &c->window;
	size_t least[3], step = c->p_step - 1, rows, slabs, n;

	c->channel = w->channel;
	if (!c->own_planes)
		return true;
	for (int i = 0; i < 3; i++)
		least[i] = (size_t)count(c, i, phases(c, i) - 1);
	if (c->lines)
		step *= least[2];
	for (int i = 0; i < 2; i++)
		c->reach[i] = c->transposed ? w->extent[i] - (int64_t)least[i] + 1 : (w->taps[i] - 1) * w->dilation[i] + 1;
	rows = min_size((size_t)count(c, 1, 0), step / least[2] + 2) - 1;
	rows = min_size((size_t)w->extent[1], rows * (size_t)w->stride[1] + (size_t)c->reach[1]);
	slabs = min_size((size_t)count(c, 0, 0), step / (least[1] * least[2]) + 2) - 1;
	n = (min_size((size_t)w->extent[0], (size_t)c->reach[0]) - 1) * (size_t)w->extent[1] + rows;
	if (slabs)
		n = max_size(n, min_size((size_t)w->extent[0], slabs * (size_t)w->stride[0] + (size_t)c->reach[0]) *
					(size_t)w->extent[1]);
	if (__builtin_mul_overflow(n, (size_t)w->row, &n) || __builtin_mul_overflow(n, c->size, &n) || n > PTRDIFF_MAX / 2)
		return false;
	n = ((n + 63) & ~(size_t)63) | 64; /* as in window.c, an odd number of lines */
	c->channel = (ptrdiff_t)(n / c->size);
	return true;
}

/* Where a window of one position moves by more, nobody reads what is between: x without that, by steps of one. */
static void skip_gaps(struct tr_conv *c, struct tr_operand *x)
{
	*x = *c->x;
	for (int i = 0; i < 3; i++) {
		if (c->w->shape[2 + i] != 1 || c->p.padding[i] || c->transposed)
			continue;
		x->shape[2 + i] = c->y->shape[2 + i];
		x->stride[2 + i] *= c->p.stride[i];
		c->p.stride[i] = 1;
	}
	c->x = x;
}

/* Whether rows of pixels fill the lanes, so that many outputs of a few pixels each can be computed where they belong. */
static bool fills_lanes(const struct tr_conv *c)
{
	const struct tr_operand *y = c->y;
	size_t lanes = c->dev->k->gemm[c->dtype].lanes, width = (size_t)y->shape[4];

	return !c->transposed && y->dtype == c->dtype && (y->stride[4] == 1 || width == 1) && width >= lanes &&
	       16 * width >= 15 * lanes * ceil_div(width, lanes);
}

static double cost_ns(const struct tr_conv *c)
{
	double n = (double)c->images * (double)(c->groups * c->cout) * (double)c->cin;

	for (int i = 0; i < 3; i++)
		n *= (double)c->y->shape[2 + i] * (double)c->w->shape[2 + i] / (double)tr__conv_step(c, i);
	return n / FMA_PER_NS / c->dev->k->gemm[c->dtype].lanes;
}

/* A worker's own part of scratch: the largest of what its tasks need. */
static int plan_workspace(struct tr_conv *c, size_t *total)
{
	size_t cols = c->lines ? (size_t)count(c, 2, 0) : c->p_step, size = c->size, at, own;
	size_t prepare = max_size(c->window.buffer, c->taps * size);
	bool fits = !__builtin_mul_overflow(c->own_planes ? c->cin : 0, (size_t)c->i_step, &own);

	*total = 0;
	if (c->direct) {
		fits &= reserve(total, &at, 2 * cols, 1, size);
		fits &= reserve(total, &c->at_store, 2 * cols, 1, 16);
	} else {
		cols = min_size(cols, TR_CONV_PIXELS);
		fits &= reserve(total, &c->at_panel, c->nr, c->cin * c->taps, size);
		fits &= reserve(total, &c->at_c, c->nr, cols, size);
		fits &= reserve(total, &c->at_turned, c->nr, cols, size);
		fits &= reserve(total, &c->at_store, cols, 1, 16);
	}
	fits &= reserve(total, &c->at_own, own, own ? (size_t)c->channel : 0, size);
	fits &= reserve(total, &c->at_buf, c->window.buffer, 1, 1);
	*total = max_size(*total, (prepare + 63) & ~(size_t)63);
	return fits ? 0 : -TR_EOVERFLOW;
}

static int plan_scratch(struct tr_conv *c)
{
	size_t total, all = c->groups * c->cout, size = c->size, planes = c->groups * c->cin, list;
	int err = plan_workspace(c, &total);
	bool fits = true;

	if (err)
		return err;
	fits &= reserve(&total, &c->at_phases, c->nphase, 1, sizeof(struct tr_conv_phase));
	fits &= reserve(&total, &c->at_taps, c->taps, 1, sizeof(ptrdiff_t));
	fits &= reserve(&total, &c->at_index, c->taps, 1, sizeof(uint32_t));
	fits &= !__builtin_mul_overflow(c->taps, c->cin, &list) && !__builtin_add_overflow(list, TR_LIST_AHEAD, &list);
	fits &= reserve(&total, &c->at_list, list, 1, sizeof(ptrdiff_t));
	fits &= reserve(&total, &c->at_bias, c->ready_bias ? 0 : all, 1, size);
	fits &= reserve(&total, &c->at_weights, c->ready_weights ? 0 : all, c->cin * c->taps, size);
	fits &= reserve(&total, &c->at_planes, c->own_planes ? 0 : (size_t)c->images * planes, 1, c->window.plane);
	return fits ? tr__scratch(c->dev, total) : -TR_EOVERFLOW;
}

/* Fills the shared part of scratch but for the planes. */
static void prepare(struct tr_conv *c)
{
	size_t all = c->groups * c->cout;
	bool fresh;

	list_phases(c);
	if (!c->ready_bias) {
		char *to = tr__conv_shared(c, c->at_bias);
		const char *from = tr__load_range(c->dev, c->bias, 0, all, c->dtype, to);

		if (from != to)
			memcpy(to, from, all * c->size);
	}
	c->panels = find_panels(c, &fresh);
	if (!c->ready_weights && (!c->panels || fresh))
		tr__pool_run(c->dev, all,
			     c->w->dtype == c->dtype && tr__is_dense(c->w) ? turn_weights : copy_weights, c);
	if (fresh)
		tr__pool_run(c->dev, c->groups * tr__ceil_div(c->cout, c->nr), make_panel, c);
}

static int run(struct tr_conv *c)
{
	int64_t n = c->y->shape[0];
	size_t planes = c->groups * c->cin, work, want;
	int err = tr__window_plan(&c->window);

	if (err)
		return err;
	if (__builtin_mul_overflow(planes, c->window.plane, &work))
		return -TR_EOVERFLOW;
	c->own_planes = work && (!c->direct || c->nphase == 1);
	c->images = n;
	if (work && !c->own_planes)
		c->images = (int64_t)min_size(max_size(CHUNK_BYTES / work, 1), (size_t)n);
	want = tr__pool_parts(c->dev, cost_ns(c), SIZE_MAX);
	plan_units(c, ceil_div(want, c->nphase * c->groups));
	if (!plan_planes(c))
		return -TR_EOVERFLOW;
	err = plan_scratch(c);
	if (err)
		return err;
	prepare(c);
	for (int64_t chunk = c->images; c->image < n; c->image += chunk) {
		c->images = chunk < n - c->image ? chunk : n - c->image;
		if (c->window.plane && planes && !c->own_planes)
			tr__pool_run(c->dev, (size_t)c->images * planes, copy_planes, c);
		c->i_units = (size_t)((c->images + c->i_step - 1) / c->i_step);
		c->units = c->nphase * c->i_units * c->groups * c->o_units * c->p_units;
		c->parts = min_size(want, c->units);
		tr__pool_run(c->dev, c->parts, run_part, c);
	}
	return 0;
}

static int sweep(const struct tr_conv *c)
{
	struct tr_sweep s = {.dev = c->dev, .y = c->y, .x = c->x, .w = c->w, .bias = c->bias, .dtype = c->dtype,
			     .kernel = c->dev->k->lanes_fma[c->dtype]};

	for (int i = 0; i < 3; i++) {
		s.lead[i] = c->p.padding[i];
		s.stride[i] = c->p.stride[i];
		s.dilation[i] = c->p.dilation[i];
		s.taps[i] = c->w->shape[2 + i];
	}
	return tr__sweep(&s);
}

int tr__exec_conv(struct tr_device *dev, const struct tr_cmd *cmd, char *detail)
{
	static const double zero;
	const struct tr_operand *o = cmd->operand;
	struct tr_conv c = {.dev = dev,
			    .y = &o[Y],
			    .x = &o[X],
			    .w = &o[W],
			    .bias = cmd->noperand > BIAS ? &o[BIAS] : NULL,
			    .dtype = (enum tr_dtype)cmd->dtype,
			    .size = tr_dtype_size(cmd->dtype),
			    .transposed = cmd->family == TR_FAMILY_CONV_TRANSPOSE,
			    .taps = 1,
			    .nphase = 1};

	struct tr_operand x;
	int m;

	(void)detail;
	memcpy(&c.p, &cmd->attr, sizeof(c.p));
	c.groups = (size_t)c.p.groups;
	c.cin = (size_t)o[X].shape[1] / c.groups;
	c.cout = (size_t)o[Y].shape[1] / c.groups;
	m = c.transposed || c.dtype != TR_F32
		    ? 0 : tr__winograd(&c.p, (int64_t)c.cin, (int64_t)c.cout, &o[W].shape[2], &o[Y].shape[2]);
	if (m)
		return tr__conv_winograd(dev, cmd, &c.p, m);
	if (tr__depthwise_fits(&c))
		return tr__depthwise(&c);
	if (!c.transposed && c.cin == 1 && c.cout == 1 && tr__sweeps(dev, c.dtype, c.p.groups))
		return sweep(&c);
	skip_gaps(&c, &x);
	c.tiles = c.cout > DIRECT_OUTPUTS && fills_lanes(&c);
	c.direct = c.tiles || c.cout <= DIRECT_OUTPUTS;
	c.window = (struct tr_window){.dev = dev, .x = c.x, .dtype = c.dtype, .fill = &zero, .in_order = !c.direct};
	for (int i = 0; i < 3; i++) {
		set_window(&c, i);
		if (__builtin_mul_overflow(c.taps, (size_t)o[W].shape[2 + i], &c.taps) ||
		    __builtin_mul_overflow(c.nphase, (size_t)phases(&c, i), &c.nphase) || c.taps > UINT32_MAX)
			return -TR_EOVERFLOW;
	}
	c.ready_weights = !c.transposed && o[W].dtype == c.dtype && tr__is_dense(&o[W]);
	c.ready_bias = !c.bias || (c.bias->dtype == c.dtype && (c.bias->stride[0] == 1 || c.bias->shape[0] == 1));
	return run(&c);
}
