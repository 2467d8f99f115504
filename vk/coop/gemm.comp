/* SPDX-License-Identifier: MIT */
/*
 * y[M,N] = (a[M,K] · b[K,N] + c) · scale on matrix units (VK_KHR_cooperative_matrix). The build does not compile this file, since it
 * needs a newer compiler than the build asks for: tools/gen/coop.py makes vk/coop/modules.h of it.
 *
 * Operands are fetched by units of 16 bytes, along k or along the tile, and lie in shared memory as fragments: 16 lines
 * of 2 units, what a multiplication takes. PACK fragments lie side by side, their lines an odd number of units apart, so
 * that the 8 lines that are loaded at a time meet different banks. So do the 8 units that 8 neighbours store: along the tile they
 * are those of 4 fragments beside each other, along k those of lines 16 apart. What is past an edge of the tile is fetched
 * from the last line or unit again, and not stored; K is a multiple of the slice. Two slices take turns: while one is multiplied
 * the next is on its way from memory into registers.
 *
 * TYPE is the type of the operands' elements, ELEMENT their bytes, SUM the type they are summed in, DEPTH the k of one multiplication,
 * 32 bytes of them. Bytes are fetched along k only. Numbers of specialisation constants: vk/units.c.
 */
#version 460
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_EXT_shader_explicit_arithmetic_types : require

layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint ROWS = 128u;
layout(constant_id = 2) const uint COLS = 256u;
layout(constant_id = 3) const uint UNITS = 4u; /* of a slice, along k */
layout(constant_id = 4) const uint WARP_ROWS = 64u;
layout(constant_id = 5) const uint WARP_COLS = 64u;
layout(constant_id = 6) const uint PACK = 1u;
layout(constant_id = 7) const uint PAD = 0u;
layout(constant_id = 8) const uint A_ALONG = 0u; /* 0: units lie along k; 1: along the tile */
layout(constant_id = 9) const uint B_ALONG = 1u;
layout(constant_id = 10) const uint RESULT = 0u; /* 0: as accumulated; 1: f16; 2: bf16 */
layout(constant_id = 11) const uint BAND = 8u; /* tiles are taken in bands of so many rows of them */

const uint SIZE = gl_WorkGroupSize.x;
const uint PITCH = 2u * PACK + PAD;
const uint A_FRAGMENTS = ROWS / 16u * (UNITS / 2u);
const uint B_FRAGMENTS = COLS / 16u * (UNITS / 2u);
const uint A_ROOM = (A_FRAGMENTS + PACK - 1u) / PACK * 16u * PITCH;
const uint B_ROOM = (B_FRAGMENTS + PACK - 1u) / PACK * 16u * PITCH;
const uint SLICE = A_ROOM + B_ROOM;
const uint ACROSS = COLS / WARP_COLS;             /* warps along a row of the tile */
const uint WARPS = ROWS / WARP_ROWS * ACROSS;
const uint A_FETCHES = ROWS * UNITS / SIZE;
const uint B_FETCHES = COLS * UNITS / SIZE;
const uint HIGH = WARP_ROWS / 16u;
const uint WIDE = WARP_COLS / 16u;
const uint STRIP = 4u * WARP_COLS;                /* units: 16 rows of a warp's results */

shared uvec4 slices[2u * SLICE > WARPS * STRIP ? 2u * SLICE : WARPS * STRIP];

layout(buffer_reference, std430, buffer_reference_align = 8) readonly buffer Words { uint64_t v[]; };
layout(buffer_reference, std430, buffer_reference_align = 16) buffer Unit { uvec4 v; };
layout(buffer_reference, std430, buffer_reference_align = 4) buffer Word { uint v; };
layout(buffer_reference, std430, buffer_reference_align = 4) readonly buffer Sum { SUM v; };
layout(buffer_reference, std430, buffer_reference_align = 2) buffer Half { uint16_t v; };

/* y a b c  M N K  y_row  a_step b_step  c_row c_col  y_batch a_batch b_batch  groups  scale; steps are in bytes, those of a and b
 * from one line of units to the next. c is 0 if there is none, scale that of sums in f32. */
layout(push_constant) uniform Push { uint64_t params; };

#define PARAM(i) Words(params).v[i]

uint place(uint fragment, uint line, uint unit)
{
	return fragment / PACK * (16u * PITCH) + line * PITCH + fragment % PACK * 2u + unit;
}

/* The fragment that is the tile's `o`-th and the slice's `k`-th. */
uint fragment_of(uint along, uint o, uint k, uint tile)
{
	return along == 0u ? o * (UNITS / 2u) + k : k * (tile / 16u) + o;
}

/* Which unit is the number-th to be fetched: its line, and its place in it. */
void unit_of(uint along, uint number, uint tile, out uint line, out uint u)
{
	const uint per = 16u / ELEMENT, apart = UNITS < 8u ? 8u / UNITS : 1u;

	if (along == 0u) {
		u = number % UNITS;
		line = number / (UNITS * apart) % 16u + 16u * (number / UNITS % apart) + 16u * apart * (number / (16u * UNITS * apart));
	} else {
		u = number % (tile / per);
		line = number / (tile / per);
	}
}

/* Where it is fetched from, relative to the slice; `left`: lines or elements up to the edge. */
uint source(uint along, uint number, uint tile, uint64_t step, uint64_t left)
{
	const uint per = 16u / ELEMENT;
	uint line, u, most = uint(min(left, uint64_t(tile)));

	unit_of(along, number, tile, line, u);
	if (along == 0u)
		return min(line, most - 1u) * uint(step) + 16u * u;
	return line * uint(step) + 16u * min(u, (most + per - 1u) / per - 1u);
}

uint target(uint along, uint number, uint tile)
{
	uint line, u;

	unit_of(along, number, tile, line, u);
	if (along == 0u)
		return place(fragment_of(0u, line / 16u, u / 2u, tile), line % 16u, u % 2u);
	return place(fragment_of(1u, u / 2u, line / 16u, tile), line % 16u, u % 2u);
}

uint half_bits(float a)
{
	uint bits = floatBitsToUint(a), sign = (bits >> 16) & 0x8000u, r;

	bits = bits & 0x7fffffffu;
	if (RESULT == 2u) {
		r = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
		return sign | (bits > 0x7f800000u ? (bits >> 16) | 0x40u : r);
	}
	/* Below 2^-14 the sum's last place is that of a half's denormals; from 65520 on it is infinite. */
	r = bits < 0x38800000u ? floatBitsToUint(uintBitsToFloat(bits) + 0.5) - 0x3f000000u
			       : ((bits + 0xfffu + ((bits >> 13) & 1u)) >> 13) - (112u << 10);
	r = bits > 0x7f800000u ? 0x7e00u : min(r, 0x7c00u);
	return sign | r;
}

SUM from_bits(uint v) { return FROM_BITS(v); }
uint to_bits(SUM v) { return TO_BITS(v); }

void main()
{
	uint group = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x, local = gl_LocalInvocationIndex;
	uint64_t m = PARAM(4), n = PARAM(5), a_step = PARAM(8), b_step = PARAM(9);

	if (uint64_t(group) >= PARAM(15))
		return;
	uint across = uint((n + uint64_t(COLS - 1u)) / uint64_t(COLS)), down = uint((m + uint64_t(ROWS - 1u)) / uint64_t(ROWS));
	uint tile = group % (across * down), batch = group / (across * down);
	uint band = tile / (BAND * across), rest = tile % (BAND * across), tall = min(BAND, down - band * BAND);
	uint64_t row0 = uint64_t((band * BAND + rest % tall) * ROWS), col0 = uint64_t(rest / tall * COLS);
	uint64_t a = PARAM(1) + uint64_t(batch) * PARAM(13) + row0 * (A_ALONG == 0u ? a_step : uint64_t(ELEMENT));
	uint64_t b = PARAM(2) + uint64_t(batch) * PARAM(14) + col0 * (B_ALONG == 0u ? b_step : uint64_t(ELEMENT));
	uint64_t a_next = A_ALONG == 0u ? 16ul * uint64_t(UNITS) : a_step * uint64_t(UNITS * (16u / ELEMENT));
	uint64_t b_next = B_ALONG == 0u ? 16ul * uint64_t(UNITS) : b_step * uint64_t(UNITS * (16u / ELEMENT));
	uint slices_left = uint(PARAM(6)) / (UNITS * (16u / ELEMENT)), at = 0u;
	uint warp = gl_SubgroupID, warp_row = warp / ACROSS * HIGH, warp_col = warp % ACROSS * WIDE;
	uint from_a[A_FETCHES], from_b[B_FETCHES];
	uvec4 next_a[A_FETCHES], next_b[B_FETCHES];
	coopmat<SUM, gl_ScopeSubgroup, 16, 16, gl_MatrixUseAccumulator> acc[HIGH * WIDE];

	[[unroll]] for (uint i = 0u; i < HIGH * WIDE; i++)
		acc[i] = coopmat<SUM, gl_ScopeSubgroup, 16, 16, gl_MatrixUseAccumulator>(SUM(0));
	[[unroll]] for (uint i = 0u; i < A_FETCHES; i++) {
		from_a[i] = source(A_ALONG, local + i * SIZE, ROWS, a_step, m - row0);
		next_a[i] = Unit(a + uint64_t(from_a[i])).v;
	}
	[[unroll]] for (uint i = 0u; i < B_FETCHES; i++) {
		from_b[i] = source(B_ALONG, local + i * SIZE, COLS, b_step, n - col0);
		next_b[i] = Unit(b + uint64_t(from_b[i])).v;
	}
	for (;;) {
		[[unroll]] for (uint i = 0u; i < A_FETCHES; i++)
			slices[at + target(A_ALONG, local + i * SIZE, ROWS)] = next_a[i];
		[[unroll]] for (uint i = 0u; i < B_FETCHES; i++)
			slices[at + A_ROOM + target(B_ALONG, local + i * SIZE, COLS)] = next_b[i];
		barrier();
		slices_left--;
		/* The last slice is fetched again rather than asked about. */
		a += slices_left != 0u ? a_next : 0ul;
		b += slices_left != 0u ? b_next : 0ul;
		[[unroll]] for (uint i = 0u; i < A_FETCHES; i++)
			next_a[i] = Unit(a + uint64_t(from_a[i])).v;
		[[unroll]] for (uint i = 0u; i < B_FETCHES; i++)
			next_b[i] = Unit(b + uint64_t(from_b[i])).v;
		[[unroll]] for (uint k = 0u; k < UNITS / 2u; k++) {
			coopmat<TYPE, gl_ScopeSubgroup, 16, DEPTH, gl_MatrixUseA> f[HIGH];

			[[unroll]] for (uint i = 0u; i < HIGH; i++) {
				uint p = at + place(fragment_of(A_ALONG, warp_row + i, k, ROWS), 0u, 0u);

				if (A_ALONG == 0u)
					coopMatLoad(f[i], slices, p, PITCH, gl_CooperativeMatrixLayoutRowMajor);
				else
					coopMatLoad(f[i], slices, p, PITCH, gl_CooperativeMatrixLayoutColumnMajor);
			}
			[[unroll]] for (uint j = 0u; j < WIDE; j++) {
				coopmat<TYPE, gl_ScopeSubgroup, DEPTH, 16, gl_MatrixUseB> g;
				uint p = at + A_ROOM + place(fragment_of(B_ALONG, warp_col + j, k, COLS), 0u, 0u);

				if (B_ALONG == 0u)
					coopMatLoad(g, slices, p, PITCH, gl_CooperativeMatrixLayoutColumnMajor);
				else
					coopMatLoad(g, slices, p, PITCH, gl_CooperativeMatrixLayoutRowMajor);
				[[unroll]] for (uint i = 0u; i < HIGH; i++)
					acc[i * WIDE + j] = coopMatMulAdd(f[i], g, acc[i * WIDE + j]);
			}
		}
		if (slices_left == 0u)
			break;
		at = SLICE - at;
	}

	/* Results go through shared memory, 16 rows of a warp at a time. */
	uint64_t y = PARAM(0) + uint64_t(batch) * PARAM(12), c = PARAM(3), y_row = PARAM(7);
	uint lane = gl_SubgroupInvocationID, lanes = gl_SubgroupSize, own = warp * STRIP;
	const uint per = RESULT == 0u ? 4u : 8u, bytes = 16u / per;
	SUM scale = SUM(uintBitsToFloat(uint(PARAM(16))));

	barrier();
	[[unroll]] for (uint i = 0u; i < HIGH; i++) {
		[[unroll]] for (uint j = 0u; j < WIDE; j++)
			coopMatStore(acc[i * WIDE + j], slices, own + 4u * j, WARP_COLS / 4u, gl_CooperativeMatrixLayoutRowMajor);
		subgroupBarrier();
		for (uint u = lane; u < 16u * WARP_COLS / per; u += lanes) {
			uint r = u / (WARP_COLS / per), q = u % (WARP_COLS / per) * per;
			uint64_t row = row0 + uint64_t((warp_row + i) * 16u + r), col = col0 + uint64_t(warp_col * 16u + q);
			uint64_t p = y + row * y_row + col * uint64_t(bytes);
			uvec4 v = slices[own + r * (WARP_COLS / 4u) + q / 4u], w = uvec4(0u);

			if (per == 8u)
				w = slices[own + r * (WARP_COLS / 4u) + q / 4u + 1u];
			if (row >= m || col >= n)
				continue;
			uint most = uint(min(n - col, uint64_t(per)));
			if (c != 0ul) {
				uint64_t from = c + row * PARAM(10) + col * PARAM(11);

				for (uint e = 0u; e < most; e++) {
					SUM with = Sum(from + uint64_t(e) * PARAM(11)).v;

					if (e < 4u)
						v[e] = to_bits(from_bits(v[e]) + with);
					else
						w[e - 4u] = to_bits(from_bits(w[e - 4u]) + with);
				}
			}
			for (uint e = 0u; e < 4u; e++) {
				v[e] = to_bits(from_bits(v[e]) * scale);
				w[e] = to_bits(from_bits(w[e]) * scale);
			}
			if (RESULT != 0u) {
				uvec4 h = uvec4(half_bits(uintBitsToFloat(v.x)), half_bits(uintBitsToFloat(v.y)),
						half_bits(uintBitsToFloat(v.z)), half_bits(uintBitsToFloat(v.w)));
				uvec4 l = uvec4(half_bits(uintBitsToFloat(w.x)), half_bits(uintBitsToFloat(w.y)),
						half_bits(uintBitsToFloat(w.z)), half_bits(uintBitsToFloat(w.w)));

				v = uvec4(h.x | h.y << 16, h.z | h.w << 16, l.x | l.y << 16, l.z | l.w << 16);
			}
			if (most == per && (p & 15ul) == 0ul) {
				Unit(p).v = v;
				continue;
			}
			for (uint e = 0u; e < most; e++) {
				if (RESULT == 0u)
					Word(p + uint64_t(4u * e)).v = v[e];
				else
					Half(p + uint64_t(2u * e)).v = uint16_t(v[e / 2u] >> (16u * (e & 1u)));
			}
		}
		subgroupBarrier();
	}
}
