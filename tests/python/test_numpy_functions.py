# SPDX-License-Identifier: MIT
"""The package's functions of arrays with NumPy's names, against NumPy: those that several operations make together."""
import numpy as np
import pytest

tn = pytest.importorskip("trueno")


REDUCED = {"prod": np.prod, "nansum": np.nansum, "nanprod": np.nanprod, "nanmean": np.nanmean, "nanvar": np.nanvar,
           "nanstd": np.nanstd, "max": np.max, "min": np.min, "nanmax": np.nanmax, "nanmin": np.nanmin, "median": np.median,
           "nanmedian": np.nanmedian, "sum": np.sum, "mean": np.mean}


def small(rng, shape, dtype, nans):
    """Small whole numbers, so that there are equal ones to choose from, some of them NaN in one part or the other."""
    z = (rng.integers(-2, 3, shape) + 1j * rng.integers(-2, 3, shape)).astype(dtype)
    if nans and z.size:
        z.flat[0], z.flat[-1] = complex(np.nan, 1), complex(1, np.nan)
    return z


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("nans", [False, True])
@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
@pytest.mark.parametrize("name", REDUCED)
def test_reductions(name, dtype, nans):
    rng = np.random.default_rng(3)
    for shape in ((5,), (3, 4), (2, 3, 5), (1,), (7, 1)):
        a = small(rng, shape, dtype, nans)
        for axis in [None, *range(len(shape)), tuple(range(len(shape)))]:
            for keepdims in (False, True):
                y = getattr(tn, name)(tn.array(a), axis=axis, keepdims=keepdims)
                want = REDUCED[name](a, axis=axis, keepdims=keepdims)
                assert (y.shape, y.dtype.name) == (want.shape, want.dtype.name)
                np.testing.assert_allclose(np.asarray(y), want, 1e-5 if dtype == "complex64" else 1e-13)


@pytest.mark.parametrize("nans", [False, True])
def test_places_pairs_and_runs(nans):
    rng = np.random.default_rng(4)
    a, b = small(rng, (4, 7), "complex128", nans), small(rng, (4, 7), "complex128", False)
    ta, tb = tn.array(a), tn.array(b)
    for axis in (None, 0, 1):
        for name in ("argmax", "argmin"):
            np.testing.assert_array_equal(np.asarray(getattr(tn, name)(ta, axis=axis)), getattr(np, name)(a, axis=axis))
    for axis in (0, 1):
        for name in ("cumsum", "cumprod"):
            np.testing.assert_allclose(np.asarray(getattr(tn, name)(ta, axis=axis)), getattr(np, name)(a, axis=axis))
    for name in ("maximum", "minimum", "fmax", "fmin"):
        np.testing.assert_array_equal(np.asarray(getattr(tn, name)(ta, tb)), getattr(np, name)(a, b))
    with pytest.raises(ValueError, match="max: no elements along the reduced axes"):
        tn.max(tn.zeros((0, 3), "complex128"), axis=0)
    np.testing.assert_array_equal(np.asarray(tn.prod(tn.zeros((0, 3), "complex128"), axis=0)), np.ones(3))


def test_products_with_real_ones():
    rng = np.random.default_rng(5)
    a, b = rng.normal(size=(3, 4, 5)) + 1j * rng.normal(size=(3, 4, 5)), rng.normal(size=(5, 6))
    ta, tb = tn.array(a), tn.array(b)
    for ours, numpys in ((ta @ tb, a @ b), (tn.vecdot(ta, ta[0]), np.vecdot(a, a[0])), (tn.vecdot(tb, tb + 1j), np.vecdot(b, b + 1j)),
                         (tn.vecdot(tb + 1j, tb), np.vecdot(b + 1j, b)), (tn.vdot(ta, 2j * ta), np.vdot(a, 2j * a)),
                         (tn.inner(ta, ta), np.inner(a, a)), (tn.tensordot(ta, ta, 3), np.tensordot(a, a, 3)),
                         (tn.einsum("ijk,kl->il", ta, tb), np.einsum("ijk,kl->il", a, b)),
                         (tn.einsum("ijk,ijk->", ta, ta), np.einsum("ijk,ijk->", a, a))):
        np.testing.assert_allclose(np.asarray(ours), numpys)
    for axis in (None, 0, 1):
        for name in ("sum", "prod", "mean", "cumsum"):
            np.testing.assert_allclose(np.asarray(getattr(tn, name)(tb, axis, dtype="complex128")),
                                       getattr(np, name)(b, axis, dtype="complex128"))


def same(ours, numpys, rtol=0):
    ours, numpys = np.asarray(ours), np.asarray(numpys)
    assert (ours.shape, ours.dtype) == (numpys.shape, numpys.dtype)
    np.testing.assert_allclose(ours, numpys, rtol, equal_nan=True)


# ---- pad ----

PADDED = [dict(mode="constant", constant_values=((1, 2), (3, 4))), dict(mode="constant", constant_values=7), dict(mode="edge"),
          dict(mode="linear_ramp", end_values=((5, -4), (0, 9))), dict(mode="maximum", stat_length=2), dict(mode="minimum"),
          dict(mode="mean"), dict(mode="median", stat_length=((2, 3), (1, 2))), dict(mode="reflect"), dict(mode="symmetric"),
          dict(mode="reflect", reflect_type="odd"), dict(mode="symmetric", reflect_type="odd"), dict(mode="wrap")]


@pytest.mark.parametrize("kwds", PADDED, ids=lambda k: "-".join(map(str, k.values())))
@pytest.mark.parametrize("dtype", ["int32", "float64", "complex64"])
@pytest.mark.parametrize("widths", [((2, 3), (1, 0)), ((0, 9), (11, 2)), 1, {-1: (2, 1)}])
def test_pad(kwds, dtype, widths):
    if dtype == "complex64" and kwds["mode"] == "median":
        pytest.skip("NumPy has no median of complex numbers in pad")
    a = np.arange(12).reshape(3, 4).astype(dtype)
    if dtype == "complex64":
        a = a * (1 - 2j)
        a = a.astype(dtype)
    same(tn.pad(tn.array(a), widths, **kwds), np.pad(a, widths, **kwds), 1e-6)


def test_pad_by_a_function_and_what_it_refuses():
    def margins(vector, widths, axis, kwds):
        vector[:widths[0]] = kwds["value"] + axis
        vector[vector.shape[0] - widths[1]:] = -1
    a = np.arange(6.0).reshape(2, 3)
    same(tn.pad(tn.array(a), 2, margins, value=10), np.pad(a, 2, margins, value=10))
    assert tn.pad(tn.array(a), ((1, 2), (0, 0)), "empty").shape == (5, 3)
    for widths, kwds, error, text in (
            (1.5, {}, TypeError, "integral type"), (-1, {}, ValueError, "can't contain negative values"),
            (1, {"mode": "none"}, ValueError, "mode 'none' is not supported"),
            (1, {"mode": "edge", "stat_length": 3}, ValueError, "unsupported keyword arguments for mode 'edge'"),
            (((1,), (2,), (3,)), {}, ValueError, "could not be broadcast together")):
        with pytest.raises(error, match=text):
            tn.pad(tn.array(a), widths, **kwds)
    with pytest.raises(ValueError, match="can't extend empty axis 1"):
        tn.pad(tn.zeros((2, 0)), 1, "edge")
    assert tn.pad(tn.array(a, order="F"), 1).flags.f_contiguous


# ---- text ----

TEXTS = [dict(floatmode="fixed", precision=3), dict(floatmode="unique"), dict(floatmode="maxprec_equal", precision=5), dict(sign="+"),
         dict(sign=" "), dict(suppress=True), dict(nanstr="none", infstr="oo"), dict(formatter={"float_kind": "<{:.1f}>".format}),
         dict(linewidth=30), dict(threshold=4, edgeitems=1), dict(precision=2, suppress=True)]
SHOWN = [[1.5, -2.25, 1e-3], [1e10, 1.0], [np.nan, np.inf, -np.inf, 0.1], [[0.5, 0.25], [100.0, 3.14159]], [1 + 2j, 3.5 - 0.25j],
         [1, -20, 300], [True, False], list(range(20))]


@pytest.mark.parametrize("options", TEXTS, ids=lambda o: ",".join(o))
@pytest.mark.parametrize("values", SHOWN, ids=str)
def test_print_options(options, values):
    with tn.printoptions(**options), np.printoptions(**options):
        assert repr(tn.array(values)) == repr(np.array(values))
        assert str(tn.array(values)) == str(np.array(values))
    same = {k: v for k, v in options.items() if k not in ("suppress", "linewidth", "nanstr", "infstr")}
    assert tn.array2string(tn.array(values), separator=", ", **same) == np.array2string(np.array(values), separator=", ", **same)
    assert tn.get_printoptions()["precision"] == 8


def test_print_options_are_checked():
    for options, error in (({"floatmode": "none"}, ValueError), ({"sign": "x"}, ValueError), ({"threshold": "a"}, TypeError),
                           ({"precision": 1.5}, TypeError), ({"legacy": "1.13"}, ValueError), ({"none": 1}, TypeError)):
        with pytest.raises(error):
            tn.set_printoptions(**options)
    with tn.printoptions(override_repr=lambda a: "mine"):
        assert repr(tn.zeros(2)) == "mine"
    assert repr(tn.zeros(2)) == "array([0., 0.])"


# ---- NaN ----

GAPS = np.array([[1.0, np.nan, 3.0, 5.0], [np.nan, np.nan, np.nan, np.nan], [2.0, 7.0, np.nan, -1.0]])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("axis", [None, 0, 1])
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_nan_functions(axis, dtype):
    a = GAPS.astype(dtype)
    t, where = tn.array(a), np.arange(12).reshape(3, 4) % 3 > 0
    for name, kwds in (("nansum", dict(where=where)), ("nanprod", dict(initial=3)), ("nanmin", dict(where=where, initial=2)),
                       ("nanmax", {}), ("nanmean", dict(where=where)), ("nanvar", dict(ddof=0.5)), ("nanvar", dict(where=where)),
                       ("nanstd", dict(correction=1)), ("nanstd", dict(mean=np.nanmean(a, axis=axis, keepdims=True))),
                       ("nanmedian", {}), ("nancumsum", None), ("nancumprod", None)):
        for keepdims in (False, True) if kwds is not None else (None,):
            more = {} if keepdims is None else {**kwds, "keepdims": keepdims}
            same(getattr(tn, name)(t, axis, **more), getattr(np, name)(a, axis, **more), 1e-5 if dtype == "float32" else 1e-12)


def test_nan_functions_warn():
    t = tn.array(GAPS)
    for name, text in (("nanmin", "All-NaN slice"), ("nanmean", "Mean of empty slice"), ("nanvar", "Degrees of freedom"),
                       ("nanmedian", "All-NaN slice"), ("nanquantile", "All-NaN slice")):
        with pytest.warns(RuntimeWarning, match=text):
            getattr(tn, name)(t, *([0.5] if name == "nanquantile" else []), axis=1)
    with pytest.raises(ValueError, match="All-NaN slice encountered"):
        tn.nanargmin(t, axis=1)
    with pytest.raises(ValueError, match="attempt to get argmax of an empty sequence"):
        tn.nanargmax(tn.zeros((0, 2)), axis=0)


METHODS = ["inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull",
           "linear", "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("method", METHODS)
def test_quantiles(method):
    q, whole = [0, 0.1, 0.5, 0.73, 1], np.random.default_rng(1).integers(0, 9, (4, 6))
    for axis in (None, 0, 1):
        same(tn.nanquantile(tn.array(GAPS), q, axis, method=method), np.nanquantile(GAPS, q, axis, method=method), 1e-14)
        same(tn.quantile(tn.array(whole), q, axis, method=method), np.quantile(whole, q, axis, method=method), 1e-14)


# ---- functions of elements and samples ----


def test_samples():
    x = np.concatenate([np.linspace(-3, 3, 25), [29.9, 30.1, 100.0, 700.0]])
    np.testing.assert_allclose(np.asarray(tn.i0(tn.array(x))), np.i0(x), 1e-13)
    same(tn.sinc(tn.array(x)), np.sinc(x), 1e-12)
    for name in ("bartlett", "blackman", "hamming", "hanning"):
        for n in (0, 1, 2, 11, 12):
            np.testing.assert_allclose(np.asarray(getattr(tn, name)(n)), getattr(np, name)(n), 1e-13, 1e-15)
    np.testing.assert_allclose(np.asarray(tn.kaiser(12, 14)), np.kaiser(12, 14), 1e-12)
    turns = np.cumsum(np.random.default_rng(2).normal(size=(3, 50)), 1) * 3
    for axis in (0, 1):
        np.testing.assert_allclose(np.asarray(tn.unwrap(tn.array(turns % (2 * np.pi)), axis=axis)),
                                   np.unwrap(turns % (2 * np.pi), axis=axis), 1e-12, 1e-12)
    same(tn.unwrap(tn.array([0, 75, 150, 225, 45]), period=255), np.unwrap(np.array([0, 75, 150, 225, 45]), period=255))
    z = np.zeros((5, 6))
    z[1:3, 2:5] = 1
    for trim in ("fb", "f", "b"):
        for axis in (None, 0, 1):
            same(tn.trim_zeros(tn.array(z), trim, axis), np.trim_zeros(z, trim, axis))
    assert tn.trim_zeros([0, 1, 2, 0]) == [1, 2]


def test_vectorize():
    f = tn.vectorize(lambda a, b=2: a - b if a > b else a + b)
    same(f([0, 3, 6, 9], [1, 3, 5, 7]), np.array([1, 6, 1, 2]))
    same(f([0, 3], b=1), np.array([1, 2]))
    same(tn.vectorize(lambda x: x, otypes=["float32"])([1, 2]), np.array([1, 2], "float32"))
    two = tn.vectorize(lambda x: (x, -x))([1, 2])
    same(two[1], np.array([-1, -2]))
    same(tn.vectorize(tn.outer, signature="(a),(b)->(a,b)")([[1, 2], [3, 4]], [5, 6]),
         np.array([[[5, 6], [10, 12]], [[15, 18], [20, 24]]]))
    with pytest.raises(ValueError, match="inconsistent size for core dimension 'n'"):
        tn.vectorize(lambda a, b: a, signature="(n),(n)->()")([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="size 0 inputs unless `otypes` is set"):
        f(tn.zeros((0,)))
    with pytest.raises(ValueError, match="not a valid gufunc signature"):
        tn.vectorize(len, signature="(n)(m)->()")


def test_insert_delete_and_parts():
    a = np.arange(12).reshape(3, 4)
    t = tn.array(a)
    for obj, values, axis in (([1], [7, 8, 9], 1), (1, [7, 8, 9], 1), ([0, 2], [[7], [8], [9]], 1), (slice(0, 2), 5, 0), (-1, 6, None)):
        same(tn.insert(t, obj, values, axis), np.insert(a, obj, values, axis))
    for obj, axis in (([0, -1], 1), (slice(None, None, 2), 1), ([[0, 1], [1, 2]], 0), ([True, False, True], 0), (5, None)):
        same(tn.delete(t, obj, axis), np.delete(a, obj, axis))
    with pytest.raises(IndexError, match="index 9 is out of bounds for axis 0 with size 3"):
        tn.delete(t, 9, 0)
    z = np.array([complex(np.nan, 1), complex(2, -np.inf), 3j])
    same(tn.nan_to_num(tn.array(z), nan=5), np.nan_to_num(z, nan=5))
    y = tn.array([np.nan, 1.0])
    assert tn.nan_to_num(y, copy=False) is y and y[0] == 0
    same(tn.iscomplex(tn.array(z)), np.iscomplex(z))
    same(tn.isreal(tn.array(z)), np.isreal(z))
    same(tn.real_if_close(tn.array([1 + 1e-15j])), np.real_if_close(np.array([1 + 1e-15j])))


def test_cross():
    a, b = np.random.default_rng(3).normal(size=(2, 3, 4))
    same(tn.cross(tn.array(a), tn.array(b), axis=0), np.cross(a, b, axis=0), 1e-13)
    same(tn.cross(tn.array(a), tn.array(b.T), axisa=0, axisc=0), np.cross(a, b.T, axisa=0, axisc=0), 1e-13)
    with pytest.raises(ValueError, match="4 and 4 dimensional instead"):
        tn.cross(tn.array(a), tn.array(b))


def test_linalg_and_fft_arguments():
    a = tn.array([[0, 1], [1, 1]], dtype="int64")
    same(tn.linalg.matrix_power(tn.eye(3)[[2, 0, 1]], 2 ** 100 + 1), np.eye(3)[[1, 2, 0]] if (2 ** 100 + 1) % 3 == 2 else
         np.eye(3)[[2, 0, 1]] if (2 ** 100 + 1) % 3 == 1 else np.eye(3))
    assert tn.linalg.matrix_power(a, 3).tolist() == [[1, 2], [2, 3]]
    u, s, vh = tn.linalg.svd(tn.zeros((2, 2)), hermitian=True)
    np.testing.assert_array_equal(np.asarray(vh @ vh.T), np.eye(2))
    with pytest.raises(tn.linalg.LinAlgError, match="Incompatible dimensions"):
        tn.linalg.lstsq(tn.ones((4, 2)), tn.ones(5))
    out = np.zeros(4, "complex128")
    assert tn.fft.fft(tn.arange(4.0), out=out) is out
    np.testing.assert_allclose(out, np.fft.fft(np.arange(4.0)))
    with pytest.raises(TypeError, match="Cannot cast"):
        tn.fft.fft(tn.arange(4.0), out=tn.zeros(4))
    with pytest.raises(ValueError, match="has wrong shape"):
        tn.fft.fft(tn.arange(4.0), out=tn.zeros(5, "complex128"))
    with pytest.warns(DeprecationWarning, match="`axes` should not be `None`"):
        tn.fft.fftn(tn.ones((3, 4)), s=(2, 2))


PATHS = ["ab,bc->ac", "ab,bc,cd->ad", "ea,fb,abcd,gc,hd->efgh", "a,b,c->abc", "ab,ab,c->", "ab,cd,ef->abcdef", "a,ab,abc->abc",
         "...a,ab,bc", "ab,ab,cd,cd", "eb,cb,fb->cef", "dd,fb,be,cdb->cef", "bca,cdb,dbf,afc->", "efc,dbc,acf,fd->abe", "aab,bc,c",
         "bb,ff,be->e", "ij,jk,kl,lm->im"]


@pytest.mark.parametrize("text", PATHS)
@pytest.mark.parametrize("how", ["greedy", "optimal", False, True, None, ("greedy", 30), ("optimal", 6)])
def test_paths_are_numpys(text, how):
    sizes = dict(zip("abcdefghijklm", [2, 3, 4, 5, 2, 3, 2, 3, 7, 6, 5, 4, 3]))
    operands = [np.ones([9] * s.count("...") + [sizes[c] for c in s.replace("...", "")]) for s in text.split("->")[0].split(",")]
    path, report = tn.einsum_path(text, *operands, optimize=how)
    want, theirs = np.einsum_path(text, *operands, optimize=how)
    assert path == want and "Complete contraction" in report
    assert [line.split()[0] for line in report.splitlines()[10:]] == [line.split()[0] for line in theirs.splitlines()[10:]]
    np.testing.assert_allclose(np.asarray(tn.einsum(text, *operands, optimize=path)), np.einsum(text, *operands), 1e-12)


def test_paths_that_make_no_sense():
    a = np.ones((2, 2))
    for args, kwds, error in (
            ((), {}, ValueError), (("",), {}, ValueError), (("ab,bc", a), {}, ValueError), (("a.b", a), {}, ValueError),
            (("a...b...", a), {}, ValueError), (("abc...", a), {}, ValueError), (("ab->aa", a), {}, ValueError),
            (("ab->c", a), {}, ValueError), (("abc", a), {}, ValueError), (("ab,bc", a, np.ones((3, 2))), {}, ValueError),
            (("ab,bc,cd", a, a, a), {"optimize": ["einsum_path", (0, 1)]}, RuntimeError),
            (("ab,bc", a, a), {"optimize": "fast"}, KeyError), (("ab,bc", a, a), {"optimize": [3, 4]}, TypeError)):
        with pytest.raises(error):
            tn.einsum_path(*args, **kwds)
    assert tn.einsum_path(a, [0, 1], a, [1, 2], [0, 2])[0] == ["einsum_path", (0, 1)]
    with pytest.raises(RuntimeError):
        tn.einsum("ab,bc,cd", a, a, a, optimize=["einsum_path", (0, 1)])
