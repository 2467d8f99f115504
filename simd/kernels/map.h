/* SPDX-License-Identifier: MIT */
/*
 * The loop of every elementwise kernel: whole vectors, several at a time while there are enough, then one partial
 * vector. Included once per type T by simd/levels/map_*.c, which has chosen the vector vocabulary. Knows no
 * operation but through the op table.
 *
 * A vector's sources are loaded before its result is stored, so dst may be the address of a source.
 *
 * If H is defined, f16 or bf16, that is what elements are in memory: they are converted to T on the way in and, rounded once,
 * on the way out, to the bits that a conversion before and one after would give. Then the includer has defined the words for it, of
 * simd/kernels/cast_words.h and half_load_part, half_store_part.
 */
#ifdef H
#define E TR__PASTE2(e, H)
#define STORED_TYPE H
#define LOAD(p) TR__PASTE3(T, _from_, H)((p) + i)
#define LOAD_PART(p) TR__PASTE2(half_load_part_, H)((p) + i, n - i)
#define STORE_SAME(v) TR__PASTE3(H, _of_, T)((E *)dst + i, v)
#define STORE_PART_SAME(v) TR__PASTE2(half_store_part_, H)((E *)dst + i, v, n - i)
#define ROW(family, set) TR__AND(TR__PLAIN(family), TR__MAPS(family, set, T))
#define SLOT(name) k->half[TR_OP_##name][TR__HALF(TR__PASTE2(TR__DTYPE_, H))]
#else
#define E TR__PASTE2(e, T)
#define STORED_TYPE T
#define LOAD(p) TR__PASTE3(v, T, _load)((p) + i)
#define LOAD_PART(p) TR__PASTE3(v, T, _load_part)((p) + i, n - i)
#define STORE_SAME(v) v_store((E *)dst + i, v)
#define STORE_PART_SAME(v) v_store_part((E *)dst + i, v, n - i)
#define ROW(family, set) TR__MAPS(family, set, T)
#define SLOT(name) k->map[TR_OP_##name][TR__PASTE2(TR__DTYPE_, T)]
#endif
#define MASK(p) TR__PASTE3(m, T, _load)((p) + i)
#define MASK_PART(p) TR__PASTE3(m, T, _load_part)((p) + i, n - i)
#define STORE_BOOL(m) v_store_mask((eb8 *)dst + i, m)
#define STORE_PART_BOOL(m) v_store_mask_part((eb8 *)dst + i, m, n - i)

/* Vectors per round of the main loop. Approximated functions are long enough to fill the pipeline by themselves. */
#define ROUND_EXACT 4
#define ROUND_ULP(n) 1
#define ROUND_DRAWN 1
#define TIMES_1(x) x
#define TIMES_4(x) x x x x

/*
 * A vector of a cache line asks for the line to be written some rounds later; that of a long function, which keeps the processor
 * from looking ahead far enough by itself, also for the line to be read. Past the end of an array that does nothing.
 */
#define AHEAD 2048
#define FETCH(p) __builtin_prefetch((const void *)((uintptr_t)((p) + i) + AHEAD))
#define FETCH_EXACT(R) FETCH((const R *)dst);
#define FETCH_ULP(n) FETCH_BOTH
#define FETCH_BOTH(R) FETCH((const R *)dst); FETCH(a);
#define FETCH_DRAWN(R)
#define AS_SAME E
#define AS_BOOL eb8

#define MAP(name, family, stored, round, fetch) \
	static void TR__KERNEL(name, STORED_TYPE)(void *dst, const void *const *src, size_t n) \
	{ \
		const size_t lanes = v_lanes(T); \
		TR__SRC_##family(E) \
		size_t i = 0; \
		\
		while (n - i >= round * lanes) { \
			TR__PASTE2(TIMES_, round)( \
				if (V_SIZE == 64) { \
					fetch(TR__PASTE3(AS, _, stored)) \
				} \
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
	TR__IF(ROW(family, set))(MAP(name, family, TR__STORED(result), ROUND_##tolerance, FETCH_##tolerance))
#include "lib/ops.def"
#undef OP

/* Into the level's table. */
static void TR__PASTE2(fill_map_, STORED_TYPE)(struct tr_kernels *k)
{
#define OP(name, family, set, result, tolerance, domain, doc) \
	TR__IF(ROW(family, set))(SLOT(name) = TR__KERNEL(name, STORED_TYPE);)
#include "lib/ops.def"
#undef OP
}

#undef E
#undef STORED_TYPE
#undef ROW
#undef SLOT
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
#undef AHEAD
#undef FETCH
#undef FETCH_EXACT
#undef FETCH_ULP
#undef FETCH_BOTH
#undef FETCH_DRAWN
#undef AS_SAME
#undef AS_BOOL
#undef MAP
