/* SPDX-License-Identifier: MIT */
/*
 * Elementwise operations, specified: each row's expression over one lane, element by element. Included once per
 * type T by lib/ref/ref.c.
 */
#define E TR__PASTE2(e, T)
#define M_LOAD TR__PASTE3(m, T, _load)
#define V_LOAD TR__PASTE3(v, T, _load)

#define LOAD(p) V_LOAD(p + i)
#define MASK(p) M_LOAD(p + i)
#define STORE_SAME(d, v) v_store((E *)(d) + i, v)
#define STORE_BOOL(d, m) v_store_mask((eb8 *)(d) + i, m)

#define MAP(name, family, stored) \
	static void TR__KERNEL(name, T)(void *dst, const void *const *src, size_t n) \
	{ \
		TR__SRC_##family(E) \
		\
		for (size_t i = 0; i < n; i++) \
			TR__PASTE2(STORE_, stored)(dst, TR__PASTE4(op_, name, _, T)(TR__ARG_##family(LOAD, MASK))); \
	}

#define OP(name, family, set, result, tolerance, domain, doc) \
	TR__IF(TR__MAPS(family, set, T))(MAP(name, family, TR__STORED(result)))
#include "lib/ops.def"
#undef OP

#undef E
#undef M_LOAD
#undef V_LOAD
#undef LOAD
#undef MASK
#undef STORE_SAME
#undef STORE_BOOL
#undef MAP
