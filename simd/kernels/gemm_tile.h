/* SPDX-License-Identifier: MIT */
/*
 * The matrix kernels of struct tr_gemm_kernel for one element type and one instruction set. No include guard: the
 * instruction set's file includes this once per type, having defined
 *   T, G(name)                   element type; a name with its type and level
 *   VEC, LANES, MASK, G(mask)(n) register, elements in it, what selects its first n, 1 <= n <= LANES
 *   LOAD, LOAD_PART, STORE, STORE_PART, SPLAT, FMA
 *   MASKS_COST                   whether a partial load or store is slower than a whole one
 *   MR, EACH_MR(F)               most rows of a tile, which is two registers wide; F(1) … F(MR)
 *   LISTED                       if list and slide are wanted; VEC then has elements of T
 *   TILE_ONLY                    if neither dot, wide nor copy2d are wanted; else
 *   DOT_MR, EACH_DOT_MR(F)       most rows of a dot tile, which is one register wide
 *   EACH_WIDE(F)                 F(rows, registers) of a wide tile, from one row on; 8 registers at most
 *   G(transpose)(VEC r[LANES])   in place
 * T to FMA, and LISTED, are undefined at the end. Arrays of VEC live in registers: every loop over them has constant bounds and is
 * unrolled.
 */

/* Every other element of two registers. */
#define EVEN_2 0, 2
#define EVEN_4 EVEN_2, 4, 6
#define EVEN_8 EVEN_4, 8, 10, 12, 14
#define EVEN_16 EVEN_8, 16, 18, 20, 22, 24, 26, 28, 30
#define EVEN(a, b) __builtin_shufflevector(a, b, TR__PASTE2(EVEN_, LANES))

/* Units of short types lie where their elements may. */
typedef T G(scalar) __attribute__((aligned(1)));

/* c0 into the accumulators. */
GEMM_INLINE void G(start)(const struct tr_gemm_tile *t, const size_t rows, const size_t vecs, const bool whole,
			  MASK last, VEC acc[][2])
{
	const T *c0 = t->c0;

	if (t->c0_col) {
		GEMM_UNROLL for (size_t i = 0; i < rows; i++, c0 += t->c0_row) {
			const T *end = c0 + (vecs - 1) * LANES;

			if (vecs == 2)
				acc[i][0] = LOAD(c0);
			acc[i][vecs - 1] = whole ? LOAD(end) : LOAD_PART(end, last);
		}
	} else {
		GEMM_UNROLL for (size_t i = 0; i < rows; i++, c0 += t->c0_row)
			acc[i][0] = acc[i][vecs - 1] = SPLAT(*c0);
	}
}

/* The accumulators into c. */
GEMM_INLINE void G(finish)(const struct tr_gemm_tile *t, const size_t rows, const size_t vecs, const bool whole,
			   MASK last, VEC acc[][2])
{
	T *c = t->c;

	GEMM_UNROLL for (size_t i = 0; i < rows; i++, c += t->ldc) {
		if (vecs == 2)
			STORE(c, acc[i][0]);
		if (whole)
			STORE(c + (vecs - 1) * LANES, acc[i][vecs - 1]);
		else
			STORE_PART(c + (vecs - 1) * LANES, last, acc[i][vecs - 1]);
	}
}

/* The scalar side is addressed from every third row: base + stride·{0, 1, 2} is one x86 operand, so that 14 rows take
 * six registers. */
GEMM_INLINE void G(tile_body)(const struct tr_gemm_tile *t, const size_t rows, const size_t vecs, const bool whole)
{
	const MASK last = G(mask)(t->nr - (vecs - 1) * LANES);
	const ptrdiff_t row = t->s_row * (ptrdiff_t)sizeof(T), step = t->s_k * (ptrdiff_t)sizeof(T), v_ld = t->v_ld;
	const T *v = t->v;
	const char *s[(MR + 2) / 3], *ahead = t->ahead;
	const ptrdiff_t ahead_step = t->ahead_step;
	VEC acc[MR][2];

	G(start)(t, rows, vecs, whole, last, acc);
	GEMM_UNROLL for (size_t i = 0; i < (rows + 2) / 3; i++)
		s[i] = (const char *)t->s + (ptrdiff_t)(3 * i) * row;
	for (size_t p = t->k; p; p--) {
		const T *end = v + (vecs - 1) * LANES;
		const VEC right = whole ? LOAD(end) : LOAD_PART(end, last), left = vecs == 2 ? LOAD(v) : right;

		__builtin_prefetch(ahead);
		if (vecs * LANES * sizeof(T) > 64)
			__builtin_prefetch(ahead + 64);
		ahead += ahead_step;
		GEMM_UNROLL for (size_t i = 0; i < rows; i++) {
			const VEC x = SPLAT(*(const G(scalar) *)(s[i / 3] + (ptrdiff_t)(i % 3) * row));

			if (vecs == 2)
				acc[i][0] = FMA(x, left, acc[i][0]);
			acc[i][vecs - 1] = FMA(x, right, acc[i][vecs - 1]);
		}
		GEMM_UNROLL for (size_t i = 0; i < (rows + 2) / 3; i++)
			s[i] += step;
		v += v_ld;
	}
	G(finish)(t, rows, vecs, whole, last, acc);
}

#ifdef LISTED
/* The scalar side is addressed from every seventh row: base + stride·{0 … 6} takes three registers beside it. It jumps from
 * plane to plane, which no processor foresees: two lines of what comes later are fetched. */
GEMM_INLINE void G(list_body)(const struct tr_gemm_tile *t, const size_t rows, const size_t vecs, const bool whole)
{
	const MASK last = G(mask)(t->nr - (vecs - 1) * LANES);
	const ptrdiff_t row = t->s_row * (ptrdiff_t)sizeof(T), v_ld = t->v_ld, *at = t->at, *const end = at + t->k;
	const T *v = t->v, *base = t->s;
	ptrdiff_t by_3 = 3 * row, by_5 = 5 * row, by_7 = 7 * row;
	VEC acc[MR][2];

	__asm__("" : "+r"(by_3), "+r"(by_5), "+r"(by_7)); /* or they are added up again in every step */
	G(start)(t, rows, vecs, whole, last, acc);
	for (; at < end; at++, v += v_ld) {
		const T *const edge = v + (vecs - 1) * LANES;
		const VEC right = whole ? LOAD(edge) : LOAD_PART(edge, last), left = vecs == 2 ? LOAD(v) : right;
		const char *const s[2] = {(const char *)(base + *at), (const char *)(base + *at) + by_7};
		const ptrdiff_t from[7] = {0, row, 2 * row, by_3, 4 * row, by_5, 2 * by_3};
		const char *const ahead = (const char *)(base + at[TR_LIST_AHEAD]);

		__builtin_prefetch(ahead);
		__builtin_prefetch(ahead + 64);
		GEMM_UNROLL for (size_t i = 0; i < rows; i++) {
			const VEC x = SPLAT(*(const G(scalar) *)(s[i / 7] + from[i % 7]));

			if (vecs == 2)
				acc[i][0] = FMA(x, left, acc[i][0]);
			acc[i][vecs - 1] = FMA(x, right, acc[i][vecs - 1]);
		}
	}
	G(finish)(t, rows, vecs, whole, last, acc);
}

/* Steps of slide_body, for at < end. fetch: where the next tile's results go is fetched, row by row, for all at once would be
 * more than can be under way. */
GEMM_INLINE void G(slide_steps)(const struct tr_gemm_tile *t, const char **s, const ptrdiff_t **at, const ptrdiff_t *end,
				const ptrdiff_t *by, ptrdiff_t by_7, const size_t rows, const bool fetch, VEC acc[][2])
{
	const ptrdiff_t next = t->v_next;
	const T *v = t->v;
	const char *to = t->ahead;

	for (; *at < end; ++*at, *s += sizeof(T)) {
		const T *const from = v + **at;
		const VEC left = LOAD(from), right = LOAD(from + next);

		__builtin_prefetch(v + (*at)[TR_LIST_AHEAD]);
		if (fetch) {
			__builtin_prefetch(to, 1);
			__builtin_prefetch(to + t->c_next * (ptrdiff_t)sizeof(T), 1);
			to += t->ahead_step;
		}
		GEMM_UNROLL for (size_t i = 0; i < rows; i++) {
			const VEC x = SPLAT(*(const G(scalar) *)((i < 7 ? *s : *s + by_7) + by[i % 7]));

			acc[i][0] = FMA(x, left, acc[i][0]);
			acc[i][1] = FMA(x, right, acc[i][1]);
		}
	}
}

/* The scalar side as above. */
GEMM_INLINE void G(slide_body)(const struct tr_gemm_tile *t, const size_t rows)
{
	const ptrdiff_t row = t->s_row * (ptrdiff_t)sizeof(T), *at = t->at;
	const char *s = t->s;
	const T *c0 = t->c0;
	T *c = t->c;
	ptrdiff_t by_3 = 3 * row, by_5 = 5 * row, by_7 = 7 * row;
	VEC acc[MR][2];

	__asm__("" : "+r"(by_3), "+r"(by_5), "+r"(by_7));
	const ptrdiff_t by[7] = {0, row, 2 * row, by_3, 4 * row, by_5, 2 * by_3};

	GEMM_UNROLL for (size_t i = 0; i < rows; i++, c0 += t->c0_row)
		acc[i][0] = acc[i][1] = SPLAT(*c0);
	G(slide_steps)(t, &s, &at, t->at + (t->k < rows ? t->k : rows), by, by_7, rows, true, acc);
	G(slide_steps)(t, &s, &at, t->at + t->k, by, by_7, rows, false, acc);
	GEMM_UNROLL for (size_t i = 0; i < rows; i++, c += t->ldc) {
		STORE(c, acc[i][0]);
		STORE(c + t->c_next, acc[i][1]);
	}
}
#endif

#define TILES(R) \
	static void G(tile_1x##R)(const struct tr_gemm_tile *t) { G(tile_body)(t, R, 1, false); } \
	static void G(tile_2x##R)(const struct tr_gemm_tile *t) { G(tile_body)(t, R, 2, false); }
#define WHOLE_TILES(R) \
	static void G(whole_1x##R)(const struct tr_gemm_tile *t) { G(tile_body)(t, R, 1, true); } \
	static void G(whole_2x##R)(const struct tr_gemm_tile *t) { G(tile_body)(t, R, 2, true); }
#define LISTS(R) \
	static void G(list_1x##R)(const struct tr_gemm_tile *t) { G(list_body)(t, R, 1, false); } \
	static void G(list_2x##R)(const struct tr_gemm_tile *t) { G(list_body)(t, R, 2, false); }
#define SLIDES(R) \
	static void G(slide_##R)(const struct tr_gemm_tile *t) { G(slide_body)(t, R); }
#define WHOLE_LISTS(R) \
	static void G(whole_list_1x##R)(const struct tr_gemm_tile *t) { G(list_body)(t, R, 1, true); } \
	static void G(whole_list_2x##R)(const struct tr_gemm_tile *t) { G(list_body)(t, R, 2, true); }

/* part and whole: tables of the tiles one and two registers wide. */
#if MASKS_COST
#define NARROW(name, part, whole) \
	static void G(name)(const struct tr_gemm_tile *t) \
	{ \
		static const tr_gemm_fn parts[][MR] = {part}, wholes[][MR] = {whole}; \
\
		(t->nr % LANES ? parts : wholes)[t->nr > LANES][t->mr - 1](t); \
	}
EACH_MR(WHOLE_TILES)
#else
#define NARROW(name, part, whole) \
	static void G(name)(const struct tr_gemm_tile *t) \
	{ \
		static const tr_gemm_fn parts[][MR] = {part}; \
\
		parts[t->nr > LANES][t->mr - 1](t); \
	}
#endif
#define TILE_1(R) G(tile_1x##R),
#define TILE_2(R) G(tile_2x##R),
#define WHOLE_TILE_1(R) G(whole_1x##R),
#define WHOLE_TILE_2(R) G(whole_2x##R),
#define LIST_1(R) G(list_1x##R),
#define LIST_2(R) G(list_2x##R),
#define WHOLE_LIST_1(R) G(whole_list_1x##R),
#define WHOLE_LIST_2(R) G(whole_list_2x##R),
#define BOTH(one, two) {EACH_MR(one)}, {EACH_MR(two)}
EACH_MR(TILES)
NARROW(gemm_narrow, BOTH(TILE_1, TILE_2), BOTH(WHOLE_TILE_1, WHOLE_TILE_2))
#ifdef LISTED
EACH_MR(LISTS)
#if MASKS_COST
EACH_MR(WHOLE_LISTS)
#endif
NARROW(gemm_list, BOTH(LIST_1, LIST_2), BOTH(WHOLE_LIST_1, WHOLE_LIST_2))
EACH_MR(SLIDES)

static void G(gemm_slide)(const struct tr_gemm_tile *t)
{
#define SLIDE(R) G(slide_##R),
	static const tr_gemm_fn slide[MR] = {EACH_MR(SLIDE)};
#undef SLIDE

	slide[t->mr - 1](t);
}
#endif
#undef TILES
#undef WHOLE_TILES
#undef LISTS
#undef SLIDES
#undef WHOLE_LISTS
#undef NARROW
#undef TILE_1
#undef TILE_2
#undef WHOLE_TILE_1
#undef WHOLE_TILE_2
#undef LIST_1
#undef LIST_2
#undef WHOLE_LIST_1
#undef WHOLE_LIST_2
#undef BOTH

#ifdef TILE_ONLY
static void G(gemm_tile)(const struct tr_gemm_tile *t)
{
	G(gemm_narrow)(t);
}
#else
/* Few rows by many registers: what is read of each row of v is long, as the processor's own fetching wants it. */
GEMM_INLINE void G(wide_body)(const struct tr_gemm_tile *t, const size_t rows, const size_t vecs)
{
	const ptrdiff_t s_row = t->s_row, s_k = t->s_k, v_ld = t->v_ld;
	const T *s = t->s, *v = t->v, *c0 = t->c0;
	T *c = t->c;
	VEC acc[TR_FEW][2 * TR_FEW], x[TR_FEW];

	GEMM_UNROLL for (size_t i = 0; i < rows; i++, c0 += t->c0_row)
		GEMM_UNROLL for (size_t j = 0; j < vecs; j++)
			acc[i][j] = t->c0_col ? LOAD(c0 + j * LANES) : SPLAT(*c0);
	for (size_t p = t->k; p; p--, s += s_k, v += v_ld) {
		GEMM_UNROLL for (size_t i = 0; i < rows; i++)
			x[i] = SPLAT(s[(ptrdiff_t)i * s_row]);
		GEMM_UNROLL for (size_t j = 0; j < vecs; j++) {
			const VEC y = LOAD(v + j * LANES);

			GEMM_UNROLL for (size_t i = 0; i < rows; i++)
				acc[i][j] = FMA(x[i], y, acc[i][j]);
		}
	}
	GEMM_UNROLL for (size_t i = 0; i < rows; i++, c += t->ldc)
		GEMM_UNROLL for (size_t j = 0; j < vecs; j++)
			STORE(c + j * LANES, acc[i][j]);
}

#define WIDE(R, V) \
	static void G(wide_##R)(const struct tr_gemm_tile *t) { G(wide_body)(t, R, V); }
EACH_WIDE(WIDE)
#undef WIDE

/* At most TR_FEW rows: wide tiles, then narrower ones. */
static void G(gemm_wide)(const struct tr_gemm_tile *t)
{
#define WIDE(R, V) {G(wide_##R), V * LANES},
	static const struct { tr_gemm_fn run; size_t cols; } wide[] = {EACH_WIDE(WIDE)};
#undef WIDE
	struct tr_gemm_tile part = *t;

	for (size_t j = 0; j < t->nr; j += part.nr) {
		bool whole = t->nr - j >= wide[t->mr - 1].cols;

		part.nr = whole ? wide[t->mr - 1].cols : t->nr - j < 2 * LANES ? t->nr - j : 2 * LANES;
		part.v = (const T *)t->v + j;
		part.c = (T *)t->c + j;
		part.c0 = (const T *)t->c0 + (ptrdiff_t)j * t->c0_col;
		(whole ? wide[t->mr - 1].run : G(gemm_narrow))(&part);
	}
}

static void G(gemm_tile)(const struct tr_gemm_tile *t)
{
	(t->nr > 2 * LANES ? G(gemm_wide) : G(gemm_narrow))(t);
}

/*
 * Blocks of LANES k by LANES rows of v are loaded along k and transposed, which leaves one register per k with the
 * rows in its lanes. Rows past nr repeat the last one. Whole: v is addressed from every third row, as the scalar side is.
 */
GEMM_INLINE void G(dot_body)(const struct tr_gemm_tile *t, const size_t rows, const bool whole)
{
	const MASK last = G(mask)(t->nr);
	const ptrdiff_t s_row = t->s_row, s_k = t->s_k, v_ld = t->v_ld;
	const T *s = t->s, *v[LANES];
	VEC acc[DOT_MR][2], r[LANES];
	T rest[LANES * LANES];
	size_t p = 0;

	G(start)(t, rows, 1, false, last, acc);
	GEMM_UNROLL for (size_t j = 0; j < LANES; j++)
		v[j] = (const T *)t->v + (ptrdiff_t)(whole ? j / 3 * 3 : j < t->nr ? j : t->nr - 1) * v_ld;
	for (; p + LANES <= t->k; p += LANES) {
		GEMM_UNROLL for (size_t j = 0; j < LANES; j++)
			r[j] = LOAD(v[j] + p + (whole ? (ptrdiff_t)(j % 3) * v_ld : 0));
		G(transpose)(r);
		GEMM_UNROLL for (size_t q = 0; q < LANES; q++, s += s_k)
			GEMM_UNROLL for (size_t i = 0; i < rows; i++)
				acc[i][0] = FMA(SPLAT(s[(ptrdiff_t)i * s_row]), r[q], acc[i][0]);
	}
	if (p < t->k) {
		const MASK part = G(mask)(t->k - p);

		GEMM_UNROLL for (size_t j = 0; j < LANES; j++)
			r[j] = LOAD_PART(v[j] + p + (whole ? (ptrdiff_t)(j % 3) * v_ld : 0), part);
		G(transpose)(r);
		GEMM_UNROLL for (size_t q = 0; q < LANES; q++)
			STORE(rest + q * LANES, r[q]);
		for (const T *at = rest; p < t->k; p++, at += LANES, s += s_k)
			GEMM_UNROLL for (size_t i = 0; i < rows; i++)
				acc[i][0] = FMA(SPLAT(s[(ptrdiff_t)i * s_row]), LOAD(at), acc[i][0]);
	}
	G(finish)(t, rows, 1, false, last, acc);
}

#define DOT(R) \
	static void G(dot_##R)(const struct tr_gemm_tile *t) { G(dot_body)(t, R, false); } \
	static void G(dot_whole_##R)(const struct tr_gemm_tile *t) { G(dot_body)(t, R, true); }
EACH_DOT_MR(DOT)
#undef DOT

static void G(gemm_dot)(const struct tr_gemm_tile *t)
{
#define DOT(R) G(dot_##R),
#define DOT_WHOLE(R) G(dot_whole_##R),
	static const tr_gemm_fn dot[][DOT_MR] = {{EACH_DOT_MR(DOT)}, {EACH_DOT_MR(DOT_WHOLE)}};
#undef DOT
#undef DOT_WHOLE

	dot[t->nr == LANES][t->mr - 1](t);
}

/* LANES by LANES, columns of the source contiguous. */
GEMM_INLINE void G(turn_whole)(T *dst, ptrdiff_t ld, const T *src, ptrdiff_t col)
{
	VEC r[LANES];

	GEMM_UNROLL for (size_t j = 0; j < LANES; j++)
		r[j] = LOAD(src + (ptrdiff_t)j * col);
	G(transpose)(r);
	GEMM_UNROLL for (size_t i = 0; i < LANES; i++)
		STORE(dst + (ptrdiff_t)i * ld, r[i]);
}

/* At most LANES by LANES. */
static void G(turn)(T *dst, ptrdiff_t ld, size_t rows, size_t cols, const T *src, ptrdiff_t col)
{
	const MASK down = G(mask)(rows), across = G(mask)(cols);
	VEC r[LANES];

	if (rows == LANES && cols == LANES) {
		G(turn_whole)(dst, ld, src, col);
		return;
	}
	GEMM_UNROLL for (size_t j = 0; j < LANES; j++)
		r[j] = LOAD_PART(src + (ptrdiff_t)(j < cols ? j : 0) * col, down);
	G(transpose)(r);
	GEMM_UNROLL for (size_t i = 0; i < LANES; i++)
		if (i < rows)
			STORE_PART(dst + (ptrdiff_t)i * ld, across, r[i]);
}

#ifdef LISTED
/* dst[j] = src[2j]; what lies behind the last is not read. */
GEMM_INLINE void G(copy_even)(T *dst, const T *src, size_t cols)
{
	for (; cols > LANES; cols -= LANES, dst += LANES, src += 2 * LANES)
		STORE(dst, EVEN(LOAD(src), LOAD(src + LANES)));
	if (cols) {
		const size_t n = 2 * cols - 1;
		VEC first = LOAD_PART(src, G(mask)(n < LANES ? n : LANES)); /* const is not for v_store_part: clang keeps it */

		STORE_PART(dst, G(mask)(cols), EVEN(first, n > LANES ? LOAD_PART(src + LANES, G(mask)(n - LANES)) : first));
	}
}
#endif

static void G(gemm_copy2d)(void *dst, ptrdiff_t ld, size_t rows, size_t cols, const void *src, ptrdiff_t row,
			   ptrdiff_t col)
{
	const T *from = src;
	T *to = dst;

	if (row == 1 && col != 1) {
		for (size_t i = 0; i < rows; i += LANES)
			for (size_t j = 0; j < cols; j += LANES)
				G(turn)(to + (ptrdiff_t)i * ld + j, ld, rows - i < LANES ? rows - i : LANES,
					cols - j < LANES ? cols - j : LANES, from + i + (ptrdiff_t)j * col, col);
		return;
	}
	for (; rows; rows--, from += row, to += ld) {
		size_t j = 0;

		if (col == 1) {
			for (; cols - j >= LANES; j += LANES)
				STORE(to + j, LOAD(from + j));
			if (j < cols)
				STORE_PART(to + j, G(mask)(cols - j), LOAD_PART(from + j, G(mask)(cols - j)));
			continue;
		}
#ifdef LISTED
		if (col == 2) {
			G(copy_even)(to, from, cols);
			continue;
		}
#endif
		for (; j < cols; j++)
			to[j] = from[(ptrdiff_t)j * col];
	}
}
#endif

#undef EVEN_2
#undef EVEN_4
#undef EVEN_8
#undef EVEN_16
#undef EVEN
#undef LISTED
#undef T
#undef G
#undef VEC
#undef LANES
#undef MASK
#undef LOAD
#undef LOAD_PART
#undef STORE
#undef STORE_PART
#undef SPLAT
#undef FMA
