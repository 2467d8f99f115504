/* SPDX-License-Identifier: MIT */
/*
 * The loop of every elementwise kernel: whole vectors, several at a time while there are enough, then one partial
 * vector. Included once per type T by simd/levels/map_*.c, which has chosen the vector vocabulary. Knows no
 * operation but through the op table.
 *
 * A vector's sources are loaded before its result is stored, so dst may be the address of a source.
 */
#define E TR__PASTE2(e, T)
#define LOAD(p) TR__PASTE3(v, T, _load)((p) + i)
#define MASK(p) TR__PASTE3(m, T, _load)((p) + i)
#define LOAD_PART(p) TR__PASTE3(v, T, _load_part)((p) + i, n - i)
#define MASK_PART(p) TR__PASTE3(m, T, _load_part)((p) + i, n - i)

#define STORE_SAME(v) v_store((E *)dst + i, v)
#define STORE_BOOL(m) v_store_mask((eb8 *)dst + i, m)
#define STORE_PART_SAME(v) v_store_part((E *)dst + i, v, n - i)
#define STORE_PART_BOOL(m) v_store_mask_part((eb8 *)dst + i, m, n - i)

/* Vectors per round of the main loop. Approximated functions are long enough to fill the pipeline by themselves. */
#define ROUND_EXACT 4
#define ROUND_ULP(n) 1
#define ROUND_DRAWN 1
#define TIMES_1(x) x
#define TIMES_4(x) x x x x

#define MAP(name, family, stored, round) \
	static void TR__KERNEL(name, T)(void *dst, const void *const *src, size_t n) \
	{ \
		const size_t lanes = v_lanes(T); \
		TR__SRC_##family(E) \
		size_t i = 0; \
		\
		while (n - i >= round * lanes) { \
			TR__PASTE2(TIMES_, round)( \
				TR__PASTE2(STORE_, stored)(TR__PASTE4(op_, name, _, T)(TR__ARG_##family(LOAD, MASK))); \
				i += lanes;) \
		} \
		for (; n - i >= lanes; i += lanes) \
			TR__PASTE2(STORE_, stored)(TR__PASTE4(op_, name, _, T)(TR__ARG_##family(LOAD, MASK))); \
		if (i < n) \
			TR__PASTE2(STORE_PART_, stored)( \
				TR__PASTE4(op_, name, _, T)(TR__ARG_##family(LOAD_PART, MASK_PART))); \
	}

#define OP(name, family, set, result, tolerance, domain, doc) \
	TR__IF(TR__MAPS(family, set, T))(MAP(name, family, TR__STORED(result), ROUND_##tolerance))
#include "lib/ops.def"
#undef OP

/* Into the level's table. */
static void TR__PASTE2(fill_map_, T)(struct tr_kernels *k)
{
#define OP(name, family, set, result, tolerance, domain, doc) \
	TR__IF(TR__MAPS(family, set, T))(k->map[TR_OP_##name][TR__PASTE2(TR__DTYPE_, T)] = TR__KERNEL(name, T);)
#include "lib/ops.def"
#undef OP
}

#undef E
#undef LOAD
#undef MASK
#undef LOAD_PART
#undef MASK_PART
#undef STORE_SAME
#undef STORE_BOOL
#undef STORE_PART_SAME
#undef STORE_PART_BOOL
#undef ROUND_EXACT
#undef ROUND_ULP
#undef ROUND_DRAWN
#undef TIMES_1
#undef TIMES_4
#undef MAP
