/* SPDX-License-Identifier: MIT */
/*
 * softmax, log_softmax and layer_norm of type T; included once per type by lib/ref/rows.c.
 */
#define E TR__PASTE2(e, T)
#define FN(name) TR__PASTE3(name, _, T)
#define OP(name) TR__PASTE4(op_, name, _, T)

/* What a row fold adds up, c being the row's maximum or mean. */
static E FN(plain)(E x, E c)
{
	(void)c;
	return x;
}

static E FN(exp_of_difference)(E x, E c)
{
	return OP(exp)(x - c);
}

static E FN(square_of_difference)(E x, E c)
{
	return (x - c) * (x - c);
}

/* The column fold of f(x[0]), f(x[64]), …, n elements. */
static E FN(column)(const E *x, size_t n, E (*f)(E, E), E c)
{
	size_t half = TR_CHUNK_ROWS;
	E sum;

	if (n > TR_CHUNK_ROWS) {
		while (half < n - half)
			half *= 2;
		sum = FN(column)(x, half, f, c);
		return sum + FN(column)(x + half * TR_LANES, n - half, f, c);
	}
	sum = f(x[0], c);
	for (size_t r = 1; r < n; r++)
		sum = sum + f(x[r * TR_LANES], c);
	return sum;
}

/* The row fold of f(x[0]), f(x[1]), …, n elements. */
static E FN(row)(const E *x, size_t n, E (*f)(E, E), E c)
{
	E lane[TR_LANES];

	for (size_t i = 0; i < TR_LANES; i++)
		lane[i] = i < n ? FN(column)(x + i, (n - i + TR_LANES - 1) / TR_LANES, f, c) : -(E)0;
	for (size_t half = TR_LANES / 2; half; half /= 2)
		for (size_t i = 0; i < half; i++)
			lane[i] = lane[i] + lane[i + half];
	return lane[0];
}

static E FN(greatest)(const E *x, size_t n)
{
	E m = x[0];

	for (size_t i = 1; i < n; i++)
		m = v_max(m, x[i]);
	return m;
}

void FN(tr__ref_softmax)(void *dst, const void *src, size_t n)
{
	const E *x = src;
	E *y = dst, m = FN(greatest)(x, n);
	E scale = 1 / FN(row)(x, n, FN(exp_of_difference), m);

	for (size_t i = 0; i < n; i++)
		y[i] = FN(exp_of_difference)(x[i], m) * scale;
}

void FN(tr__ref_log_softmax)(void *dst, const void *src, size_t n)
{
	const E *x = src;
	E *y = dst, m = FN(greatest)(x, n);
	E log_sum = OP(log)(FN(row)(x, n, FN(exp_of_difference), m));

	for (size_t i = 0; i < n; i++)
		y[i] = (x[i] - m) - log_sum;
}

void FN(tr__ref_layer_norm)(void *dst, ptrdiff_t to, const void *src, ptrdiff_t from, const void *weight, const void *bias,
			    size_t n, size_t rows, double eps)
{
	const E *w = weight, *b = bias;

	for (size_t j = 0; j < rows; j++) {
		const E *x = (const E *)src + (ptrdiff_t)j * from;
		E *y = (E *)dst + (ptrdiff_t)j * to, mean = FN(row)(x, n, FN(plain), 0) / (E)n;
		E var = FN(row)(x, n, FN(square_of_difference), mean) / (E)n;
		E scale = 1 / OP(sqrt)(var + (E)eps);

		for (size_t i = 0; i < n; i++)
			y[i] = OP(fma)((x[i] - mean) * scale, w ? w[i] : 1, b ? b[i] : -(E)0);
	}
}

/* Rows side by side: one after the other, through room. */
#define BESIDE(call) \
	for (size_t j = 0; j < rows; j++) { \
		E *row = room; \
		\
		for (size_t i = 0; i < n; i++) \
			row[i] = ((const E *)src)[(ptrdiff_t)i * from + (ptrdiff_t)j]; \
		call; \
		for (size_t i = 0; i < n; i++) \
			((E *)dst)[(ptrdiff_t)i * to + (ptrdiff_t)j] = row[i]; \
	}

void FN(tr__ref_softmaxes)(void *dst, ptrdiff_t to, const void *src, ptrdiff_t from, size_t n, size_t rows, void *room)
{
	BESIDE(FN(tr__ref_softmax)(row, row, n))
}

void FN(tr__ref_log_softmaxes)(void *dst, ptrdiff_t to, const void *src, ptrdiff_t from, size_t n, size_t rows, void *room)
{
	BESIDE(FN(tr__ref_log_softmax)(row, row, n))
}

void FN(tr__ref_layer_norms)(void *dst, ptrdiff_t to, const void *src, ptrdiff_t from, const void *weight,
			     const void *bias, size_t n, size_t rows, double eps, void *room)
{
	BESIDE(FN(tr__ref_layer_norm)(row, 0, row, 0, weight, bias, n, 1, eps))
}

#undef E
#undef FN
#undef OP
#undef BESIDE
