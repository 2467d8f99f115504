/* SPDX-License-Identifier: MIT */
/*
 * Convolutions and pooling, an invocation for each element of the result, and the columns a convolution as a product wants.
 * Conventions: vk/shaders/kernels.h. All operands are dense, [planes, D, H, W].
 *
 * Parameters: y x  n  of the result, of x, of the kernel, stride, padding, dilation: D H W each  flags, then those of
 * convolutions: weight bias bias_step  channels of x, of the result, of both in a group.
 */
#define OUT(i) int64_t(PARAM(3 + i))
#define IN(i) int64_t(PARAM(6 + i))
#define KERNEL(i) int64_t(PARAM(9 + i))
#define STRIDE(i) int64_t(PARAM(12 + i))
#define PADDING(i) int64_t(PARAM(15 + i))
#define DILATION(i) int64_t(PARAM(18 + i))
#define EXCLUDE_PAD 2ul /* TR_POOL_EXCLUDE_PAD */

/* Of numbers that are not negative. */
int64_t whole_part(int64_t a, int64_t b)
{
	return int64_t(quotient(uint64_t(a), uint64_t(b)));
}

/* Takes an index apart: the plane, and the place in it. */
#define FIND_PLACE(index, SIZE) \
	int64_t rows_before = whole_part(int64_t(index), SIZE(2)), w = int64_t(index) - rows_before * SIZE(2); \
	int64_t areas_before = whole_part(rows_before, SIZE(1)), h = rows_before - areas_before * SIZE(1); \
	int64_t plane = whole_part(areas_before, SIZE(0)), d = areas_before - plane * SIZE(0);

#define AT_PLACE(T, base, d, h, w) at_##T(base + uint64_t(((d) * IN(1) + (h)) * IN(2) + (w)) * BYTES_##T).v
#define INSIDE(d, h, w) ((d) >= 0l && (d) < IN(0) && (h) >= 0l && (h) < IN(1) && (w) >= 0l && (w) < IN(2))

int64_t window_count(uint64_t flags, int64_t size, int64_t first, int64_t kernel, int64_t padding)
{
	int64_t last = min(first + kernel, size + padding), begin = first;

	if ((flags & EXCLUDE_PAD) != 0ul) {
		begin = max(begin, 0l);
		last = min(last, size);
	}
	return last - begin;
}

#define WINDOWS(T) \
	/* avg_pool if `mean`, else max_pool. */ \
	void pool_##T(uint64_t params, uint group, uint local, bool mean) \
	{ \
		uint64_t i = uint64_t(group) * 256ul + uint64_t(local); \
		if (i >= PARAM(2)) \
			return; \
		FIND_PLACE(i, OUT) \
		uint64_t x = PARAM(1) + uint64_t(plane * IN(0) * IN(1) * IN(2)) * BYTES_##T; \
		int64_t d0 = d * STRIDE(0) - PADDING(0), h0 = h * STRIDE(1) - PADDING(1), w0 = w * STRIDE(2) - PADDING(2); \
		E_##T acc = mean ? E_##T(0) : -E_##T(INFINITY); \
		for (int64_t a = 0l; a < KERNEL(0); a += 1l) \
			for (int64_t b = 0l; b < KERNEL(1); b += 1l) \
				for (int64_t c = 0l; c < KERNEL(2); c += 1l) { \
					int64_t p = d0 + a * DILATION(0), q = h0 + b * DILATION(1), r = w0 + c * DILATION(2); \
					E_##T v = mean ? E_##T(0) : -E_##T(INFINITY); \
					if (INSIDE(p, q, r)) \
						v = AT_PLACE(T, x, p, q, r); \
					acc = mean ? op_add_##T(acc, v) : op_maximum_##T(acc, v); \
				} \
		if (mean) { \
			uint64_t f = PARAM(21); \
			int64_t count = window_count(f, IN(0), d0, KERNEL(0), PADDING(0)) * \
					window_count(f, IN(1), h0, KERNEL(1), PADDING(1)) * \
					window_count(f, IN(2), w0, KERNEL(2), PADDING(2)); \
			acc = op_divide_##T(acc, E_##T(count)); \
		} \
		at_##T(PARAM(0) + i * BYTES_##T).v = acc; \
	} \
	void kernel_max_pool_##T(uint64_t params, uint group, uint local) { pool_##T(params, group, local, false); } \
	void kernel_avg_pool_##T(uint64_t params, uint group, uint local) { pool_##T(params, group, local, true); } \
	void kernel_adaptive_pool_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t i = uint64_t(group) * 256ul + uint64_t(local); \
		if (i >= PARAM(2)) \
			return; \
		FIND_PLACE(i, OUT) \
		uint64_t x = PARAM(1) + uint64_t(plane * IN(0) * IN(1) * IN(2)) * BYTES_##T; \
		int64_t d0 = d * IN(0) / OUT(0), d1 = ((d + 1l) * IN(0) + OUT(0) - 1l) / OUT(0); \
		int64_t h0 = h * IN(1) / OUT(1), h1 = ((h + 1l) * IN(1) + OUT(1) - 1l) / OUT(1); \
		int64_t w0 = w * IN(2) / OUT(2), w1 = ((w + 1l) * IN(2) + OUT(2) - 1l) / OUT(2); \
		E_##T acc = E_##T(0); \
		for (int64_t p = d0; p < d1; p += 1l) \
			for (int64_t q = h0; q < h1; q += 1l) \
				for (int64_t r = w0; r < w1; r += 1l) \
					acc = op_add_##T(acc, AT_PLACE(T, x, p, q, r)); \
		at_##T(PARAM(0) + i * BYTES_##T).v = op_divide_##T(acc, E_##T((d1 - d0) * (h1 - h0) * (w1 - w0))); \
	} \
	/* Element (channel and place in the kernel, place in the result) of each image's matrix of columns. */ \
	void kernel_columns_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t i = uint64_t(group) * 256ul + uint64_t(local); \
		if (i >= PARAM(2)) \
			return; \
		FIND_PLACE(i, OUT) \
		int64_t rest = whole_part(plane, KERNEL(2)), c = plane - rest * KERNEL(2), lines = whole_part(rest, KERNEL(1)); \
		int64_t b = rest - lines * KERNEL(1), channel = whole_part(lines, KERNEL(0)), a = lines - channel * KERNEL(0); \
		int64_t p = d * STRIDE(0) - PADDING(0) + a * DILATION(0), q = h * STRIDE(1) - PADDING(1) + b * DILATION(1); \
		int64_t r = w * STRIDE(2) - PADDING(2) + c * DILATION(2); \
		E_##T v = E_##T(0); \
		if (INSIDE(p, q, r)) \
			v = AT_PLACE(T, PARAM(1) + uint64_t(channel * IN(0) * IN(1) * IN(2)) * BYTES_##T, p, q, r); \
		at_##T(PARAM(0) + i * BYTES_##T).v = v; \
	} \
	void kernel_conv_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t i = uint64_t(group) * 256ul + uint64_t(local), weight = PARAM(22), bias = PARAM(23); \
		int64_t in_all = int64_t(PARAM(25)), out_all = int64_t(PARAM(26)), ins = int64_t(PARAM(27)), outs = int64_t(PARAM(28)); \
		if (i >= PARAM(2)) \
			return; \
		FIND_PLACE(i, OUT) \
		int64_t o = plane % out_all, g = o / outs, taps = KERNEL(0) * KERNEL(1) * KERNEL(2); \
		uint64_t x = PARAM(1) + uint64_t((plane / out_all * in_all + g * ins) * IN(0) * IN(1) * IN(2)) * BYTES_##T; \
		E_##T acc = E_##T(0); \
		if (bias != 0ul) \
			acc = at_##T(bias + uint64_t(o) * PARAM(24)).v; \
		for (int64_t k = 0l; k < ins * taps; k += 1l) { \
			int64_t channel = k / taps, c = k % KERNEL(2), b = k / KERNEL(2) % KERNEL(1); \
			int64_t a = k / (KERNEL(2) * KERNEL(1)) % KERNEL(0); \
			int64_t p = d * STRIDE(0) - PADDING(0) + a * DILATION(0), q = h * STRIDE(1) - PADDING(1) + b * DILATION(1); \
			int64_t r = w * STRIDE(2) - PADDING(2) + c * DILATION(2), at = o * ins * taps + k; \
			E_##T v = E_##T(0); \
			if (INSIDE(p, q, r)) \
				v = AT_PLACE(T, x + uint64_t(channel * IN(0) * IN(1) * IN(2)) * BYTES_##T, p, q, r); \
			acc = fma(at_##T(weight + uint64_t(at) * BYTES_##T).v, v, acc); \
		} \
		at_##T(PARAM(0) + i * BYTES_##T).v = acc; \
	}

WINDOWS(f32)
WINDOWS(f64)

/* y = x with zeros around: y is the result, x the input, the padding what is before it. */
#define PADDED(T, E) \
	void kernel_padded_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t i = uint64_t(group) * 256ul + uint64_t(local), size = BYTES_##T; \
		if (i >= PARAM(2)) \
			return; \
		FIND_PLACE(i, OUT) \
		int64_t p = d - PADDING(0), q = h - PADDING(1), r = w - PADDING(2); \
		E v = E(0); \
		if (INSIDE(p, q, r)) \
			v = AT_PLACE(T, PARAM(1) + uint64_t(plane * IN(0) * IN(1) * IN(2)) * size, p, q, r); \
		at_##T(PARAM(0) + i * size).v = v; \
	}
PADDED(f32, float)

/* The table of vk/shaders/gemm_conv.h: offset k of each place of the kernel and channel, NOWHERE32 from PARAM(2) on. x is the padded
 * input; PARAM(22): how many entries there are. */
void kernel_offsets_u32(uint64_t params, uint group, uint local)
{
	uint64_t i = uint64_t(group) * 256ul + uint64_t(local), at;

	if (i >= PARAM(22))
		return;
	FIND_PLACE(i, KERNEL)
	at = uint64_t(((plane * IN(0) + d * DILATION(0)) * IN(1) + h * DILATION(1)) * IN(2) + w * DILATION(2));
	at_u32(PARAM(0) + i * 4ul).v = i < PARAM(2) ? uint(at) : NOWHERE32;
}

#undef WINDOWS
