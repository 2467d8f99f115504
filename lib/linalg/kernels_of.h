/* SPDX-License-Identifier: MIT */
/*
 * The kernels for one type: ELEM, with parts of type REAL; NAME(x) is this type's x, LAPACK(x, y) its function, y being the
 * name for complex matrices. No include guard: included once for each type, by lib/linalg/kernels.c.
 */

/* A number that LAPACK's query for workspace left. */
#define SIZE(x) ((lapack_int)(REAL)(x))

static void NAME(fill_nan)(void *p, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
		((ELEM *)p)[i] = (REAL)NAN;
}

static int NAME(solve)(struct tr_linalg *l)
{
	lapack_int *pivots = tr__linalg_scratch(l, l->n, sizeof(*pivots));
	ELEM *a = l->a, *b = l->b;
	int64_t size = (int64_t)l->n * l->n, columns = (int64_t)l->n * l->k;
	int err = 0;

	if (!pivots)
		return -TR_ENOMEM;
	for (int64_t i = 0; i < l->count && !err; i++, a += size, b += columns) {
		if (l->job == 'I') {
			memset(b, 0, (size_t)columns * sizeof(*b));
			for (int64_t j = 0; j < l->n; j++)
				b[j * (l->n + 1)] = 1;
		}
		if (!l->lapack->LAPACK(gesv, gesv)(LAPACK_COL_MAJOR, l->n, l->k, a, l->n, pivots, b, l->n))
			continue;
		err = tr__linalg_without_result(l, i);
		NAME(fill_nan)(b, columns);
	}
	return err;
}

#if IS_COMPLEX
union NAME(number) {
	ELEM z;
	REAL part[2];
};

/* x · 2^-*shift with parts of at most 1. */
static ELEM NAME(scale_down)(ELEM x, int *shift)
{
	union NAME(number) n = {x};
	double large = fmax(fabs((double)n.part[0]), fabs((double)n.part[1]));

	(void)frexp(large, shift);
	*shift = isfinite(large) ? *shift : 0;
	for (int i = 0; i < 2; i++)
		n.part[i] = (REAL)ldexp((double)n.part[i], -*shift);
	return n.z;
}

static ELEM NAME(scale_up)(ELEM x, int shift)
{
	union NAME(number) n = {x};

	for (int i = 0; i < 2; i++)
		n.part[i] = (REAL)ldexp((double)n.part[i], shift);
	return n.z;
}

/* x / |x| */
static ELEM NAME(direction)(ELEM x, double *size)
{
	union NAME(number) n = {x};

	*size = hypot((double)n.part[0], (double)n.part[1]);
	for (int i = 0; i < 2; i++)
		n.part[i] = (REAL)((double)n.part[i] / *size);
	return n.z;
}
#else
static ELEM NAME(scale_down)(ELEM x, int *shift)
{
	REAL y = (REAL)frexp((double)x, shift);

	*shift = isfinite(x) ? *shift : 0;
	return y;
}

static ELEM NAME(scale_up)(ELEM x, int shift)
{
	return (REAL)ldexp((double)x, shift);
}

static ELEM NAME(direction)(ELEM x, double *size)
{
	*size = fabs((double)x);
	return isnan(x) ? x : x < 0 ? -1 : 1;
}
#endif

/* m · 2^e = the product of the diagonal: exponents apart, so that nothing overflows that does not in the end. */
static ELEM NAME(determinant)(const ELEM *a, lapack_int n, const lapack_int *pivots)
{
	int64_t e = 0;
	ELEM m = 1;
	int shift;

	for (lapack_int i = 0; i < n; i++) {
		m *= NAME(scale_down)(a[i * ((int64_t)n + 1)], &shift);
		e += shift;
		m = NAME(scale_down)(pivots[i] == i + 1 ? m : -m, &shift);
		e += shift;
	}
	return NAME(scale_up)(m, e > 100000 ? 100000 : e < -100000 ? -100000 : (int)e);
}

static ELEM NAME(sign)(const ELEM *a, lapack_int n, const lapack_int *pivots, REAL *log_size)
{
	double sum = 0, size;
	ELEM sign = 1;

	for (lapack_int i = 0; i < n; i++) {
		sign *= NAME(direction)(a[i * ((int64_t)n + 1)], &size);
		sign = pivots[i] == i + 1 ? sign : -sign;
		sum += log(size);
	}
	*log_size = (REAL)sum;
	return sign;
}

static int NAME(lu)(struct tr_linalg *l)
{
	lapack_int *pivots = tr__linalg_scratch(l, l->n, sizeof(*pivots));
	ELEM *a = l->a, *sign = l->s;
	REAL *log_size = l->u;

	if (!pivots)
		return -TR_ENOMEM;
	for (int64_t i = 0; i < l->count; i++, a += (int64_t)l->n * l->n) {
		lapack_int info = l->lapack->LAPACK(getrf, getrf)(LAPACK_COL_MAJOR, l->n, l->n, a, l->n, pivots);

		if (l->job == 'D') {
			sign[i] = info > 0 ? 0 : NAME(determinant)(a, l->n, pivots);
		} else if (info > 0) {
			sign[i] = 0;
			log_size[i] = (REAL)-INFINITY;
		} else {
			sign[i] = NAME(sign)(a, l->n, pivots, &log_size[i]);
		}
	}
	return 0;
}

static int NAME(cholesky)(struct tr_linalg *l)
{
	int64_t n = l->n;
	ELEM *a = l->a;

	for (int64_t i = 0; i < l->count; i++, a += n * n) {
		if (l->lapack->LAPACK(potrf, potrf)(LAPACK_COL_MAJOR, l->triangle, l->n, a, l->n))
			return tr__linalg_without_result(l, i);
		for (int64_t c = 0; c < n; c++)
			for (int64_t r = l->triangle == 'L' ? 0 : c + 1; r < (l->triangle == 'L' ? c : n); r++)
				a[c * n + r] = 0;
	}
	return 0;
}

static int NAME(qr)(struct tr_linalg *l)
{
	int64_t least = l->m < l->n ? l->m : l->n;
	ELEM *a = l->a, *factor = l->s, size = 0, *work;

	l->lapack->LAPACK(geqrf, geqrf)(LAPACK_COL_MAJOR, l->m, l->n, a, l->m, factor, &size, -1);
	work = tr__linalg_scratch(l, SIZE(size), sizeof(*work));
	if (!work)
		return -TR_ENOMEM;
	for (int64_t i = 0; i < l->count; i++, a += (int64_t)l->m * l->n, factor += least)
		l->lapack->LAPACK(geqrf, geqrf)(LAPACK_COL_MAJOR, l->m, l->n, a, l->m, factor, work, SIZE(size));
	return 0;
}

static int NAME(q)(struct tr_linalg *l)
{
	lapack_int least = l->m < l->n ? l->m : l->n;
	ELEM *a = l->a, *factor = l->s, *q = l->u, size = 0, *work;
	int64_t same = (int64_t)l->m * (l->k < l->n ? l->k : l->n);

	l->lapack->LAPACK(orgqr, ungqr)(LAPACK_COL_MAJOR, l->m, l->k, least, q, l->m, factor, &size, -1);
	work = tr__linalg_scratch(l, SIZE(size), sizeof(*work));
	if (!work)
		return -TR_ENOMEM;
	for (int64_t i = 0; i < l->count; i++) {
		memcpy(q, a, (size_t)same * sizeof(*q));
		l->lapack->LAPACK(orgqr, ungqr)(LAPACK_COL_MAJOR, l->m, l->k, least, q, l->m, factor, work, SIZE(size));
		a += (int64_t)l->m * l->n;
		q += (int64_t)l->m * l->k;
		factor += least;
	}
	return 0;
}

static lapack_int NAME(gesdd)(struct tr_linalg *l, void *a, void *s, void *u, void *v, void *work, lapack_int size, void *real,
			      lapack_int *whole)
{
	lapack_int ldu = l->job == 'N' ? 1 : l->m, ldv = l->job == 'N' ? 1 : l->job == 'A' ? l->n : l->columns;

	(void)real;
	return l->lapack->LAPACK(gesdd, gesdd)(LAPACK_COL_MAJOR, l->job, l->m, l->n, a, l->m, s, u, ldu, v, ldv, work, size,
#if IS_COMPLEX
					       real,
#endif
					       whole);
}

static int NAME(svd)(struct tr_linalg *l)
{
	int64_t least = l->m < l->n ? l->m : l->n, most = l->m < l->n ? l->n : l->m;
	int64_t of_u = (int64_t)l->m * (l->job == 'A' ? l->m : l->columns);
	int64_t of_v = (int64_t)l->n * (l->job == 'A' ? l->n : l->columns);
	lapack_int *whole = tr__linalg_scratch(l, 8 * least, sizeof(*whole));
	ELEM *a = l->a, *u = l->u, *v = l->v, size = 0, *work;
	REAL *s = l->s, *real = NULL;
	int err = 0;

#if IS_COMPLEX /* zgesdd.f */
	real = tr__linalg_scratch(l, l->job == 'N' ? 7 * least : 2 * least * most + 5 * least * least + 5 * least, sizeof(*real));
#else
	(void)most;
#endif
	if (!whole || (IS_COMPLEX && !real))
		return -TR_ENOMEM;
	NAME(gesdd)(l, a, s, u, v, &size, -1, real, whole);
	work = tr__linalg_scratch(l, SIZE(size), sizeof(*work));
	if (!work)
		return -TR_ENOMEM;
	for (int64_t i = 0; i < l->count && !err; i++, a += (int64_t)l->m * l->n, s += least) {
		if (NAME(gesdd)(l, a, s, u, v, work, SIZE(size), real, whole)) {
			err = tr__linalg_without_result(l, i);
			for (int64_t j = 0; j < least; j++)
				s[j] = (REAL)NAN;
		}
		if (l->job == 'N')
			continue;
		u += of_u;
		v += of_v;
	}
	return err;
}

static lapack_int NAME(syevd)(struct tr_linalg *l, void *a, void *s, void *work, lapack_int size, void *real, lapack_int reals,
			      lapack_int *whole, lapack_int wholes)
{
	(void)real, (void)reals;
	return l->lapack->LAPACK(syevd, heevd)(LAPACK_COL_MAJOR, l->job, l->triangle, l->n, a, l->n, s, work, size,
#if IS_COMPLEX
					       real, reals,
#endif
					       whole, wholes);
}

static int NAME(eigh)(struct tr_linalg *l)
{
	ELEM *a = l->a, size = 0, *work;
	REAL *s = l->s, reals = 0, *real;
	lapack_int wholes = 0, *whole;

	NAME(syevd)(l, a, s, &size, -1, &reals, -1, &wholes, -1);
	work = tr__linalg_scratch(l, SIZE(size), sizeof(*work));
	real = tr__linalg_scratch(l, (int64_t)reals, sizeof(*real));
	whole = tr__linalg_scratch(l, wholes, sizeof(*whole));
	if (!work || !real || !whole)
		return -TR_ENOMEM;
	for (int64_t i = 0; i < l->count; i++, a += (int64_t)l->n * l->n, s += l->n)
		if (NAME(syevd)(l, a, s, work, SIZE(size), real, (lapack_int)reals, whole, wholes))
			return tr__linalg_without_result(l, i);
	return 0;
}

#if IS_COMPLEX
static int NAME(eig)(struct tr_linalg *l)
{
	REAL *real = tr__linalg_scratch(l, 2 * (int64_t)l->n, sizeof(*real));
	ELEM *a = l->a, *w = l->s, *v = l->u, size = 0, none, *work;
	int64_t of_v = l->job == 'V' ? (int64_t)l->n * l->n : 0;
	lapack_int ldv = l->job == 'V' ? l->n : 1;

	if (!real)
		return -TR_ENOMEM;
	l->lapack->LAPACK(geev, geev)(LAPACK_COL_MAJOR, 'N', l->job, l->n, a, l->n, w, &none, 1, v, ldv, &size, -1, real);
	work = tr__linalg_scratch(l, SIZE(size), sizeof(*work));
	if (!work)
		return -TR_ENOMEM;
	for (int64_t i = 0; i < l->count; i++, a += (int64_t)l->n * l->n, w += l->n, v += of_v)
		if (l->lapack->LAPACK(geev, geev)(LAPACK_COL_MAJOR, 'N', l->job, l->n, a, l->n, w, &none, 1, v, ldv, work,
						  SIZE(size), real))
			return tr__linalg_without_result(l, i);
	return 0;
}
#else
/* Complex eigenvalues of a real matrix come in pairs; the columns of the pair's vectors are a real and an imaginary part. */
static void NAME(pair_up)(lapack_int n, const REAL *re, const REAL *im, const REAL *vectors, REAL _Complex *w, REAL _Complex *v)
{
	for (int64_t c = 0; c < n; c++) {
		REAL *out = (REAL *)(v + c * n);
		const REAL *from = vectors + c * n;
		bool first = im[c] > 0, second = im[c] < 0;

		((REAL *)&w[c])[0] = re[c];
		((REAL *)&w[c])[1] = im[c];
		for (int64_t r = 0; v && r < n; r++) {
			out[2 * r] = second ? from[r - n] : from[r];
			out[2 * r + 1] = first ? from[r + n] : second ? -from[r] : 0;
		}
	}
}

static int NAME(eig)(struct tr_linalg *l)
{
	int64_t n = l->n;
	REAL *parts = tr__linalg_scratch(l, 2 * n, sizeof(*parts)), *a = l->a, size = 0, none, *work;
	REAL *vectors = tr__linalg_scratch(l, l->job == 'V' ? n * n : 1, sizeof(*vectors));
	REAL _Complex *w = l->s, *v = l->job == 'V' ? l->u : NULL;
	lapack_int ldv = l->job == 'V' ? l->n : 1;

	if (!parts || !vectors)
		return -TR_ENOMEM;
	l->lapack->LAPACK(geev, geev)(LAPACK_COL_MAJOR, 'N', l->job, l->n, a, l->n, parts, parts + n, &none, 1, vectors, ldv,
				      &size, -1);
	work = tr__linalg_scratch(l, SIZE(size), sizeof(*work));
	if (!work)
		return -TR_ENOMEM;
	for (int64_t i = 0; i < l->count; i++, a += n * n, w += n) {
		if (l->lapack->LAPACK(geev, geev)(LAPACK_COL_MAJOR, 'N', l->job, l->n, a, l->n, parts, parts + n, &none, 1,
						  vectors, ldv, work, SIZE(size)))
			return tr__linalg_without_result(l, i);
		NAME(pair_up)(l->n, parts, parts + n, vectors, w, v);
		v = v ? v + n * n : NULL;
	}
	return 0;
}
#endif

static lapack_int NAME(gelsd)(struct tr_linalg *l, void *work, lapack_int size, void *real, lapack_int *whole)
{
	lapack_int most = l->m < l->n ? l->n : l->m;

	(void)real;
	return l->lapack->LAPACK(gelsd, gelsd)(LAPACK_COL_MAJOR, l->m, l->n, l->k, l->a, l->m, l->b, most, l->s, (REAL)l->rcond,
					       &l->columns, work, size,
#if IS_COMPLEX
					       real,
#endif
					       whole);
}

static int NAME(lstsq)(struct tr_linalg *l)
{
	ELEM size = 0, *work;
	REAL reals = 0, *real;
	lapack_int wholes = 0, *whole;

	NAME(gelsd)(l, &size, -1, &reals, &wholes);
	work = tr__linalg_scratch(l, SIZE(size), sizeof(*work));
	real = tr__linalg_scratch(l, (int64_t)reals, sizeof(*real));
	whole = tr__linalg_scratch(l, wholes, sizeof(*whole));
	if (!work || !real || !whole)
		return -TR_ENOMEM;
	return NAME(gelsd)(l, work, SIZE(size), real, whole) ? tr__linalg_without_result(l, 0) : 0;
}

static const struct tr_linalg_kernels NAME(kernels) = {
	NAME(solve), NAME(lu), NAME(cholesky), NAME(qr), NAME(q), NAME(svd), NAME(eigh), NAME(eig), NAME(lstsq),
};

#undef ELEM
#undef REAL
#undef NAME
#undef LAPACK
#undef IS_COMPLEX
#undef SIZE
