/* SPDX-License-Identifier: MIT */
/*
 * Kernels that find extremes, of a row and of columns side by side, for one type. Included once per type T after fold.h,
 * whose folds they use.
 */
#define E TR__PASTE2(e, T)
#define V TR__PASTE2(v, T)
#define M TR__PASTE2(m, T)
#define FN(name) TR__PASTE3(name, _, T)
#define LOAD(p) TR__PASTE3(v, T, _load)(p)
#define LOAD_PART(p, k) TR__PASTE3(v, T, _load_part)(p, k)
#define FIRST_LANES(k) TR__PASTE3(m, T, _load_part)(lane_ones, k)
#define SET(c) TR__PASTE3(v, T, _set)(c)
#define LANES v_lanes(T)
#define UNROLL TR__UNROLL(16)
#define UNUSED __attribute__((unused)) /* by integers */

/* Of n >= 4·LANES numbers; false where a NaN is among them, or where opposite infinities are. */
#if TR__PASTE2(IS_FLOAT_, T)
#define QUICK(limit) \
	TR__INLINE bool FN(limit##_of_numbers)(E *extreme, const E *src, size_t n) \
	{ \
		const E *last = src + n - 4 * LANES; \
		V x = LOAD(last), y = LOAD(last + LANES), z = LOAD(last + 2 * LANES), w = LOAD(last + 3 * LANES); \
		M odd = v_unordered(x + y, z + w); \
		\
		for (; src < last; src += 4 * LANES) { \
			V a = LOAD(src), b = LOAD(src + LANES), c = LOAD(src + 2 * LANES), d = LOAD(src + 3 * LANES); \
			\
			odd = v_mor(odd, v_unordered(a + b, c + d)); \
			x = limit(x, a); \
			y = limit(y, b); \
			z = limit(z, c); \
			w = limit(w, d); \
		} \
		if (v_any(odd)) \
			return false; \
		x = limit(limit(x, y), limit(z, w)); \
		NEAR(limit, 32) NEAR(limit, 16) NEAR(limit, 8) NEAR(limit, 4) NEAR(limit, 2) NEAR(limit, 1) \
		*extreme = x[0]; \
		return true; \
	}
#define NEAR(limit, h) \
	if (LANES > h) \
		x = limit(x, lanes_down(T, x, h));
QUICK(v_least)
QUICK(v_most)
#undef NEAR
#undef QUICK
#define TRY_NUMBERS(limit) \
	if (n >= 4 * LANES && FN(limit##_of_numbers)(&quick, src, n)) \
		return quick;
#else
#define TRY_NUMBERS(limit)
#endif

/* The extreme of n >= 1 elements. Seeing an element twice does not matter, so the last vector may overlap others. */
#define EXTREME(fold, join, limit) \
	TR__INLINE E FN(extreme_##fold)(const E *src, size_t n) \
	{ \
		E quick UNUSED; \
		V x; \
		\
		TRY_NUMBERS(limit) \
		if (n >= TR_LANES) { \
			E lanes[TR_LANES]; \
			\
			FN(fold_##fold)(lanes, src, TR_LANES, n / TR_LANES, TR_LANES, NULL); \
			UNROLL for (size_t i = 0; i < TR_LANES; i += LANES) \
				v_store(lanes + i, join(T, LOAD(lanes + i), LOAD(src + n - TR_LANES + i))); \
			return FN(fold##_lanes)(lanes); \
		} \
		if (n >= LANES) { \
			x = LOAD(src + n - LANES); \
			for (size_t i = 0; n - i >= LANES; i += LANES) \
				x = join(T, x, LOAD(src + i)); \
		} else { \
			x = v_select(FIRST_LANES(n), LOAD_PART(src, n), SET(src[0])); \
		} \
		return FN(fold##_within)(x); \
	}

EXTREME(minimum, TR__JOIN_MINIMUM, v_least)
EXTREME(maximum, TR__JOIN_MAXIMUM, v_most)

TR__INLINE bool FN(differ)(E a, E b)
{
	return a != b;
}

TR__INLINE M FN(found)(V x, V wanted, bool nan)
{
	return nan ? v_ne(x, x) : v_eq(x, wanted);
}

/* Index of the first element that equals value, or, if nan, is NaN; there is one. */
TR__INLINE size_t FN(find)(const E *src, size_t n, E value, bool nan)
{
	V wanted = SET(value);
	size_t i = 0;

	for (; n - i >= 4 * LANES; i += 4 * LANES) {
		M a = FN(found)(LOAD(src + i), wanted, nan), b = FN(found)(LOAD(src + i + LANES), wanted, nan);
		M c = FN(found)(LOAD(src + i + 2 * LANES), wanted, nan);
		M d = FN(found)(LOAD(src + i + 3 * LANES), wanted, nan);

		if (v_any(v_mor(v_mor(a, b), v_mor(c, d))))
			break;
	}
	for (; n - i >= LANES; i += LANES)
		if (v_any(FN(found)(LOAD(src + i), wanted, nan)))
			break;
	while (nan ? !FN(differ)(src[i], src[i]) : FN(differ)(src[i], value))
		i++;
	return i;
}

/* By blocks that stay in L1: the extreme, and only where it is a better one, its place. */
#define ARG_BLOCK 2048
#define ARG(name, fold, better) \
	static size_t FN(name)(const void *src, size_t n) \
	{ \
		const E *x = src; \
		size_t best = 0; \
		\
		for (size_t first = 0; first < n; first += ARG_BLOCK) { \
			size_t count = n - first < ARG_BLOCK ? n - first : ARG_BLOCK; \
			E value = FN(extreme_##fold)(x + first, count); \
			bool is_nan = FN(differ)(value, value); \
			\
			if (first && !is_nan && !(value better x[best])) \
				continue; \
			best = first + FN(find)(x + first, count, value, is_nan); \
			if (is_nan) \
				break; \
		} \
		return best; \
	}

ARG(argmin, minimum, <)
ARG(argmax, maximum, >)

#if TR__PASTE2(IS_FLOAT_, T)
EXTREME(fmin, TR__JOIN_FMIN, v_least)
EXTREME(fmax, TR__JOIN_FMAX, v_most)

#define NANARG(name, fold, better) \
	static size_t FN(name)(const void *src, size_t n) \
	{ \
		const E *x = src; \
		size_t best = n; \
		\
		for (size_t first = 0; first < n; first += ARG_BLOCK) { \
			size_t count = n - first < ARG_BLOCK ? n - first : ARG_BLOCK; \
			E value = FN(extreme_##fold)(x + first, count); \
			\
			if (FN(differ)(value, value) || (best < n && !(value better x[best]))) \
				continue; \
			best = first + FN(find)(x + first, count, value, false); \
		} \
		return best; \
	}

NANARG(nanargmin, fmin, <)
NANARG(nanargmax, fmax, >)
#undef NANARG
#endif

/* Whether x is to be preferred to b: the comparison is false with a NaN, its contrary true. */
#if TR__PASTE2(IS_FLOAT_, T)
#define LESS(x, b) v_mand(v_mnot(v_ge(x, b)), v_eq(b, b))
#define GREATER(x, b) v_mand(v_mnot(v_le(x, b)), v_eq(b, b))
#define LESS_NUMBER(x, b) v_mand(v_mnot(v_ge(x, b)), v_eq(x, x))
#define GREATER_NUMBER(x, b) v_mand(v_mnot(v_le(x, b)), v_eq(x, x))
#else
#define LESS(x, b) v_lt(x, b)
#define GREATER(x, b) v_gt(x, b)
#endif

#define ARGS_BLOCK(name, prefer, width) \
	TR__INLINE void FN(name##_block##width)(E *best, E *at, const E *src, ptrdiff_t stride, size_t rows) \
	{ \
		V b[width], a[width], row = SET(0), v; \
		M m; \
		\
		UNROLL for (size_t i = 0; i < width; i++) { \
			b[i] = LOAD(best + i * LANES); \
			a[i] = SET(TR_ARG_NONE); \
		} \
		for (size_t r = 0; r < rows; r++) { \
			UNROLL for (size_t i = 0; i < width; i++) { \
				v = LOAD(src + i * LANES); \
				m = prefer(v, b[i]); \
				b[i] = v_select(m, v, b[i]); \
				a[i] = v_select(m, row, a[i]); \
			} \
			src += stride; \
			row = row + SET(1); \
		} \
		UNROLL for (size_t i = 0; i < width; i++) { \
			v_store(best + i * LANES, b[i]); \
			v_store(at + i * LANES, a[i]); \
		} \
	}

#define ARGS(name, prefer) \
	ARGS_BLOCK(name, prefer, 4) \
	ARGS_BLOCK(name, prefer, 1) \
	\
	static void FN(name)(void *best, void *at, const void *src, ptrdiff_t stride, size_t rows, size_t n) \
	{ \
		E *b = best, *a = at; \
		const E *s = src; \
		size_t j = 0; \
		\
		for (; n - j >= 4 * LANES; j += 4 * LANES) \
			FN(name##_block4)(b + j, a + j, s + j, stride, rows); \
		for (; n - j >= LANES; j += LANES) \
			FN(name##_block1)(b + j, a + j, s + j, stride, rows); \
		if (j < n) { \
			V x = LOAD_PART(b + j, n - j), k = SET(TR_ARG_NONE), row = SET(0), v; \
			M m; \
			\
			for (size_t r = 0; r < rows; r++, s += stride) { \
				v = LOAD_PART(s + j, n - j); \
				m = prefer(v, x); \
				x = v_select(m, v, x); \
				k = v_select(m, row, k); \
				row = row + SET(1); \
			} \
			v_store_part(b + j, x, n - j); \
			v_store_part(a + j, k, n - j); \
		} \
	}

ARGS(argmins, LESS)
ARGS(argmaxs, GREATER)
#if TR__PASTE2(IS_FLOAT_, T)
ARGS(nanargmins, LESS_NUMBER)
ARGS(nanargmaxs, GREATER_NUMBER)
#undef LESS_NUMBER
#undef GREATER_NUMBER
#endif

/* Into the level's table. */
static void FN(fill_args)(struct tr_kernels *k)
{
	const enum tr_dtype type = TR__PASTE2(TR__DTYPE_, T);

	k->argmin[type] = FN(argmin);
	k->argmax[type] = FN(argmax);
	k->argmins[type] = FN(argmins);
	k->argmaxs[type] = FN(argmaxs);
#if TR__PASTE2(IS_FLOAT_, T)
	k->nanargmin[type] = FN(nanargmin);
	k->nanargmax[type] = FN(nanargmax);
	k->nanargmins[type] = FN(nanargmins);
	k->nanargmaxs[type] = FN(nanargmaxs);
#endif
}

#undef E
#undef V
#undef M
#undef FN
#undef LOAD
#undef LOAD_PART
#undef FIRST_LANES
#undef SET
#undef LANES
#undef UNROLL
#undef EXTREME
#undef TRY_NUMBERS
#undef UNUSED
#undef ARG_BLOCK
#undef ARG
#undef LESS
#undef GREATER
#undef ARGS_BLOCK
#undef ARGS
