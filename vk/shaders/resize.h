/* SPDX-License-Identifier: MIT */
/*
 * Interpolation, an invocation for each element of the result: positions and weights as the CPU's (simd/exec_interpolate.c), means
 * along the last axis first. Conventions: vk/shaders/kernels.h and vk/shaders/windows.h; OUT and IN are the sizes.
 *
 * Parameters: y x  n  OUT IN  scale, of three axes each, bits of T  mode. An axis whose bit is set in mode is mixed.
 */
#define RESIZE_LINEAR 8ul
#define RESIZE_ALIGN 16ul  /* TR_ALIGN_CORNERS */
#define RESIZE_CENTRE 32ul /* the nearest of centres, not of corners */

/* The elements near and next for place j of axis a, and their weights u and v. */
#define AXIS(T, a, j, near, next, u, v) \
	E_##T x##a = resize_at_##T(PARAM(15), BITS_##T(PARAM(12 + a)), j); \
	int64_t near = int64_t(v_min(op_floor_##T(x##a), E_##T(IN(a) - 1l))); \
	near = min(near, IN(a) - 1l); \
	int64_t next = min(near + 1l, IN(a) - 1l); \
	E_##T v = op_subtract_##T(x##a, E_##T(near)); \
	v = v < E_##T(1) ? v : E_##T(1); \
	E_##T u = op_subtract_##T(E_##T(1), v); \
	if (linear && !mixed_##a) \
		near = j;

#define MIX(T, a, b, u, v) op_fma_##T(b, v, op_multiply_##T(a, u))

#define RESIZE(T) \
	E_##T resize_at_##T(uint64_t mode, E_##T scale, int64_t j) \
	{ \
		E_##T zero = E_##T(0), half_way = E_##T(0.5), at = E_##T(j), x; \
		bool linear = (mode & RESIZE_LINEAR) != 0ul; \
		if ((mode & RESIZE_ALIGN) != 0ul) \
			return op_multiply_##T(scale, at); \
		if (linear || (mode & RESIZE_CENTRE) != 0ul) \
			at = op_add_##T(at, half_way); \
		x = op_multiply_##T(scale, at); \
		if (!linear) \
			return E_##T(float(x)); \
		x = op_subtract_##T(x, half_way); \
		return x > zero ? x : zero; \
	} \
	/* Of a line, at w. */ \
	E_##T resize_line_##T(uint64_t p, int64_t near, int64_t next, E_##T u, E_##T v, bool mixed) \
	{ \
		E_##T a = at_##T(p + uint64_t(near) * BYTES_##T).v; \
		if (!mixed) \
			return a; \
		E_##T b = at_##T(p + uint64_t(next) * BYTES_##T).v; \
		return MIX(T, a, b, u, v); \
	} \
	void kernel_interpolate_##T(uint64_t params, uint group, uint local) \
	{ \
		uint64_t i = uint64_t(group) * 256ul + uint64_t(local); \
		if (i >= PARAM(2)) \
			return; \
		FIND_PLACE(i, OUT) \
		bool linear = (PARAM(15) & RESIZE_LINEAR) != 0ul; \
		bool mixed_0 = (PARAM(15) & 1ul) != 0ul, mixed_1 = (PARAM(15) & 2ul) != 0ul, mixed_2 = (PARAM(15) & 4ul) != 0ul; \
		AXIS(T, 0, d, d0, d1, u_d, v_d) \
		AXIS(T, 1, h, h0, h1, u_h, v_h) \
		AXIS(T, 2, w, w0, w1, u_w, v_w) \
		uint64_t row = uint64_t(IN(2)) * BYTES_##T, p = PARAM(1) + uint64_t(plane * IN(0) + d0) * uint64_t(IN(1)) * row; \
		uint64_t q = PARAM(1) + uint64_t(plane * IN(0) + d1) * uint64_t(IN(1)) * row; \
		E_##T y = resize_line_##T(p + uint64_t(h0) * row, w0, w1, u_w, v_w, mixed_2); \
		if (mixed_1) { \
			E_##T below = resize_line_##T(p + uint64_t(h1) * row, w0, w1, u_w, v_w, mixed_2); \
			y = MIX(T, y, below, u_h, v_h); \
		} \
		if (mixed_0) { \
			E_##T behind = resize_line_##T(q + uint64_t(h0) * row, w0, w1, u_w, v_w, mixed_2); \
			if (mixed_1) { \
				E_##T below = resize_line_##T(q + uint64_t(h1) * row, w0, w1, u_w, v_w, mixed_2); \
				behind = MIX(T, behind, below, u_h, v_h); \
			} \
			y = MIX(T, y, behind, u_d, v_d); \
		} \
		at_##T(PARAM(0) + i * BYTES_##T).v = y; \
	}

RESIZE(f32) RESIZE(f64)

#undef RESIZE
#undef MIX
#undef AXIS
#undef RESIZE_LINEAR
#undef RESIZE_ALIGN
#undef RESIZE_CENTRE
