/* SPDX-License-Identifier: MIT */
/*
 * Transposed convolutions, an invocation for each element of the result: the chain over the input channels of its group and the
 * kernel positions that meet a multiple of the strides (docs/numerics.md). Parameters and conventions: vk/shaders/windows.h; the
 * weight is [channels of x, channels of the result in a group, kernel].
 */
#define CONV_TRANSPOSE(T) \
	void kernel_conv_transpose_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t i = uint64_t(group) * 256ul + uint64_t(local), weight = PARAM(22), bias = PARAM(23); \
		int64_t in_all = int64_t(PARAM(25)), out_all = int64_t(PARAM(26)), ins = int64_t(PARAM(27)), outs = int64_t(PARAM(28)); \
		if (i >= PARAM(2)) \
			return; \
		FIND_PLACE(i, OUT) \
		int64_t o = plane % out_all, g = o / outs, taps = KERNEL(0) * KERNEL(1) * KERNEL(2), size = IN(0) * IN(1) * IN(2); \
		uint64_t x = PARAM(1) + uint64_t((plane / out_all * in_all + g * ins) * size) * BYTES_##T; \
		E_##T acc = E_##T(0); \
		if (bias != 0ul) \
			acc = at_##T(bias + uint64_t(o) * PARAM(24)).v; \
		for (int64_t k = 0l; k < ins * taps; k += 1l) { \
			int64_t channel = k / taps, c = k % KERNEL(2), b = k / KERNEL(2) % KERNEL(1); \
			int64_t a = k / (KERNEL(2) * KERNEL(1)) % KERNEL(0); \
			/* as many strides more as there are positions, so that nothing is below 0 */ \
			int64_t p = d + PADDING(0) + (KERNEL(0) * STRIDE(0) - a) * DILATION(0); \
			int64_t q = h + PADDING(1) + (KERNEL(1) * STRIDE(1) - b) * DILATION(1); \
			int64_t r = w + PADDING(2) + (KERNEL(2) * STRIDE(2) - c) * DILATION(2); \
			int64_t at = ((g * ins + channel) * outs + o % outs) * taps + k % taps; \
			bool meets = p % STRIDE(0) == 0l && q % STRIDE(1) == 0l && r % STRIDE(2) == 0l; \
			E_##T v = E_##T(0); \
			p = p / STRIDE(0) - KERNEL(0) * DILATION(0); \
			q = q / STRIDE(1) - KERNEL(1) * DILATION(1); \
			r = r / STRIDE(2) - KERNEL(2) * DILATION(2); \
			if (meets && INSIDE(p, q, r)) \
				v = AT_PLACE(T, x + uint64_t(channel * size) * BYTES_##T, p, q, r); \
			if (meets) \
				acc = fma(at_##T(weight + uint64_t(at) * BYTES_##T).v, v, acc); \
		} \
		at_##T(PARAM(0) + i * BYTES_##T).v = acc; \
	}

CONV_TRANSPOSE(f32)
CONV_TRANSPOSE(f64)

#undef CONV_TRANSPOSE
