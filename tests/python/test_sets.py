# SPDX-License-Identifier: MIT
"""Sorting, sets, counts, histograms and samples of the Python package against NumPy."""
import sys
import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from trueno_c import BUILD

sys.path.insert(0, str(BUILD / "python"))
import trueno as tn  # noqa: E402

REAL = ["bool", "int8", "int16", "int64", "uint8", "uint32", "uint64", "float16", "float32", "float64"]
TYPES = [*REAL, "complex64", "complex128"]
SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, 2.0]
some = settings(max_examples=60, deadline=None)


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


@st.composite
def arrays(draw, min_dims=1, max_dims=3, types=TYPES, side=9, special=True):
    shape = tuple(draw(st.lists(st.integers(0, side), min_size=min_dims, max_size=max_dims)))
    dtype = np.dtype(draw(st.sampled_from(types)))
    rng = np.random.default_rng(draw(st.integers(0, 2 ** 32)))
    x = rng.integers(0 if dtype.kind == "u" else -4, 5, shape)
    if dtype.kind in "fc" and special:
        x = np.where(rng.random(shape) < 0.3, rng.choice(SPECIAL, shape), x)
    if dtype.kind == "c":
        x = x + 1j * rng.integers(-2, 3, shape)
    x = np.asarray(x).astype(dtype)
    return x[::-1] if x.ndim and draw(st.booleans()) else x


def same(got, want):
    if isinstance(want, tuple):
        assert len(got) == len(want)
        for g, w in zip(got, want):
            same(g, w)
        return
    got, want = np.asarray(got), np.asarray(want)
    assert (got.dtype, got.shape) == (want.dtype, want.shape)
    np.testing.assert_array_equal(got, want)


def near(got, want, rtol=1e-12):
    got, want = np.asarray(got), np.asarray(want)
    assert (got.dtype, got.shape) == (want.dtype, want.shape)
    np.testing.assert_allclose(got, want, rtol=rtol, atol=1e-12, equal_nan=True)


def ours(x):
    return tn.asarray(np.array(x))


@some
@given(arrays(), st.data())
def test_sort_and_argsort(x, data):
    axis = data.draw(st.one_of(st.none(), st.integers(-x.ndim, x.ndim - 1)))
    same(tn.sort(ours(x), axis), np.sort(x, axis))
    same(tn.argsort(ours(x), axis), np.argsort(x, axis, kind="stable"))
    if axis is not None:
        a = ours(x)
        a.sort(axis)
        same(a, np.sort(x, axis))


@some
@given(arrays(2, 2), st.sampled_from([0, 1]))
def test_lexsort(x, axis):
    keys = [x, x[::-1]]
    assume(not (x.dtype.kind == "c" and np.isnan(x).any()))
    same(tn.lexsort([ours(k) for k in keys], axis), np.lexsort(keys, axis))


@some
@given(arrays(1, 1), arrays(0, 2), st.sampled_from(["left", "right"]), st.booleans())
def test_searchsorted(a, v, side, sorter):
    order = np.argsort(a, kind="stable")
    if sorter:
        same(tn.searchsorted(ours(a), ours(v), side, ours(order)), np.searchsorted(a, v, side, order))
    same(tn.searchsorted(ours(a[order]), ours(v), side), np.searchsorted(a[order], v, side))


@some
@given(arrays(), st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_unique(x, index, inverse, counts, nans):
    index = index or inverse and x.dtype.kind in "fc" and not nans  # else NumPy numbers its NaNs in any order
    same(tn.unique(ours(x), index, inverse, counts, equal_nan=nans), np.unique(x, index, inverse, counts, equal_nan=nans))


@some
@given(arrays(2, 3, special=False), st.data())
def test_unique_along_an_axis(x, data):
    axis = data.draw(st.integers(0, x.ndim - 1))
    assume(0 not in x.shape)
    same(tn.unique(ours(x), True, True, True, axis), np.unique(x, True, True, True, axis))


@some
@given(arrays(), arrays())
def test_sets(a, b):
    for name in ("isin", "intersect1d", "union1d", "setdiff1d", "setxor1d"):
        if name in ("intersect1d", "setxor1d") and (a.dtype.kind in "fc" or b.dtype.kind in "fc"):
            assume(not np.isnan(a).any() and not np.isnan(b).any())  # NumPy pairs neighbours that differ
        same(getattr(tn, name)(ours(a), ours(b)), getattr(np, name)(a, b))


def test_intersect1d_indices():
    a, b = np.array([5, 1, 3, 3]), np.array([3, 4, 5, 3])
    same(tn.intersect1d(ours(a), ours(b), return_indices=True), np.intersect1d(a, b, return_indices=True))


@some
@given(st.lists(st.integers(0, 20)), st.booleans(), st.integers(0, 30), st.sampled_from(["int8", "int64", "uint8", "uint32"]))
def test_bincount(x, weighted, minlength, dtype):
    x = np.array(x, dtype)
    w = np.linspace(-1, 1, x.size) if weighted else None
    near(tn.bincount(ours(x), None if w is None else ours(w), minlength), np.bincount(x, w, minlength))


@some
@given(arrays(types=REAL), st.booleans(), st.booleans(), st.booleans())
def test_digitize(x, right, descending, even):
    bins = np.array([-2.0, -1, 0, 0, 2] if even else [0.5])[::-1 if descending else 1]
    same(tn.digitize(ours(x), ours(bins), right), np.digitize(x, bins, right))


@some
@given(arrays(types=["int8", "int64", "uint8", "float16", "float32", "float64"], side=40),
       st.one_of(st.integers(1, 12), st.just([-3, -1, 0.5, 0.5, 4]), st.sampled_from(["auto", "sqrt", "sturges", "rice"])),
       st.sampled_from([None, (-2, 3), (0.5, 0.5)]), st.booleans(), st.booleans())
def test_histogram(x, bins, limits, density, weighted):
    w = np.linspace(0, 2, x.size).reshape(x.shape) if weighted else None
    try:
        want = np.histogram(x, bins, limits, density, w)
    except (ValueError, TypeError) as error:
        with pytest.raises((ValueError, TypeError), match=str(error)[:12].replace("[", r"\[")):
            tn.histogram(ours(x), bins, limits, density, None if w is None else ours(w))
        return
    got = tn.histogram(ours(x), bins, limits, density, None if w is None else ours(w))
    near(got[1], want[1], 1e-3 if x.dtype == np.float16 else 1e-6)
    if (np.asarray(got[1]) == want[1]).all():  # an edge that is rounded elsewhere moves what lies on it
        near(got[0], want[0], 1e-5)


@pytest.mark.parametrize("name", ["auto", "fd", "doane", "scott", "stone", "rice", "sturges", "sqrt"])
@pytest.mark.parametrize("n", [1, 2, 5, 50, 1000])
def test_estimators(name, n):
    x = np.random.default_rng(n).normal(size=n) ** 3
    near(tn.histogram_bin_edges(ours(x), name), np.histogram_bin_edges(x, name))
    i = np.random.default_rng(n).integers(-5, 90, n)
    near(tn.histogram_bin_edges(ours(i), name), np.histogram_bin_edges(i, name))


@some
@given(st.integers(1, 3), st.integers(0, 60), st.booleans(), st.booleans())
def test_histogramdd(d, n, density, weighted):
    rng = np.random.default_rng(n)
    x, w = rng.normal(size=(n, d)), rng.random(n) if weighted else None
    bins = [3, np.array([-2.0, -1, 0, 3]), 4][:d]
    got, edges = tn.histogramdd(ours(x), [ours(b) if np.ndim(b) else b for b in bins], None, density, None if w is None else ours(w))
    want, there = np.histogramdd(x, bins, None, density, w)
    near(got, want)
    for a, b in zip(edges, there):
        near(a, b)


@some
@given(arrays(1, 3, special=False), st.integers(0, 3), st.data())
def test_diff(x, n, data):
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    same(tn.diff(ours(x), n, axis), np.diff(x, n, axis))


@some
@given(arrays(1, 1, types=REAL), st.integers(1, 6), st.sampled_from([None, -7.0]), st.sampled_from([None, 9.0]), st.booleans())
def test_interp(x, n, left, right, infinite):
    xp = np.arange(n) * 1.5 - 2
    fp = np.where(np.arange(n) == n // 2, np.inf if infinite else 1.0, np.arange(n) ** 2.0)
    near(tn.interp(ours(x), ours(xp), ours(fp), left, right), np.interp(x, xp, fp, left, right))


@some
@given(arrays(1, 3, types=["int64", "float32", "float64", "complex128"], special=False), st.sampled_from([1, 2]), st.data())
def test_gradient_and_trapezoid(x, order, data):
    axis = data.draw(st.integers(0, x.ndim - 1))
    assume(x.shape[axis] > order and x.size)
    at = np.cumsum(np.arange(1.0, x.shape[axis] + 1))
    rtol = 1e-5 if x.dtype == np.float32 else 1e-12
    near(tn.gradient(ours(x), axis=axis, edge_order=order), np.gradient(x, axis=axis, edge_order=order), rtol)
    near(tn.gradient(ours(x), ours(at), axis=axis, edge_order=order), np.gradient(x, at, axis=axis, edge_order=order), rtol)
    near(tn.trapezoid(ours(x), None, 0.5, axis), np.trapezoid(x, None, 0.5, axis), rtol)
    near(tn.trapezoid(ours(x), ours(at), axis=axis), np.trapezoid(x, at, axis=axis), rtol)


@some
@given(st.integers(1, 4), st.integers(2, 9), st.booleans(), st.booleans(), st.sampled_from([None, 0, 1]), st.booleans())
def test_cov_and_corrcoef(n, m, rowvar, weighted, ddof, complex_):
    rng = np.random.default_rng(n * 100 + m)
    x = rng.normal(size=(n, m)) + (1j * rng.normal(size=(n, m)) if complex_ else 0)
    k = m if rowvar else n
    kw = {"fweights": rng.integers(1, 4, k), "aweights": rng.random(k)} if weighted else {}
    near(tn.cov(ours(x), rowvar=rowvar, ddof=ddof, **{a: ours(b) for a, b in kw.items()}), np.cov(x, rowvar=rowvar, ddof=ddof, **kw))
    if n > 1:
        near(tn.corrcoef(ours(x)), np.corrcoef(x))


@some
@given(st.lists(st.integers(1, 6), min_size=1, max_size=4), st.sampled_from("CF"), st.integers(0, 99))
def test_places_in_a_grid(shape, order, seed):
    rng = np.random.default_rng(seed)
    flat = rng.integers(0, np.prod(shape), (2, 3))
    got, want = tn.unravel_index(ours(flat), shape, order), np.unravel_index(flat, shape, order)
    same(tuple(got), tuple(want))
    same(tn.ravel_multi_index(got, shape, order=order), np.ravel_multi_index(want, shape, order=order))
    wild = tuple(rng.integers(-9, 9, 5) for _ in shape)
    for mode in ("wrap", "clip"):
        same(tn.ravel_multi_index([ours(i) for i in wild], shape, mode, order), np.ravel_multi_index(wild, shape, mode, order))
    with pytest.raises(ValueError):
        tn.ravel_multi_index([ours([n]) for n in shape], shape)
    with pytest.raises(ValueError):
        tn.unravel_index(ours(np.prod(shape)), shape)


@pytest.mark.parametrize("n, k, m", [(3, 0, None), (4, 1, 2), (2, -1, 5), (0, 0, 0)])
def test_indices_of_triangles(n, k, m):
    same(tn.tril_indices(n, k, m), np.tril_indices(n, k, m))
    same(tn.triu_indices(n, k, m), np.triu_indices(n, k, m))


@pytest.mark.parametrize("shape, wrap", [((5, 5), False), ((7, 3), False), ((7, 3), True), ((3, 7), False), ((9, 2), True), ((3, 3, 3), False)])
@pytest.mark.parametrize("val", [4, [1, 2]])
def test_fill_diagonal(shape, wrap, val):
    a, b = tn.zeros(shape, "int64"), np.zeros(shape, "int64")
    tn.fill_diagonal(a, val, wrap)
    np.fill_diagonal(b, val, wrap)
    same(a, b)


def test_choices():
    i = np.array([2, 0, 1, 1])
    choices = [np.arange(4), np.arange(4) * 10, np.full(4, -1)]
    same(tn.choose(ours(i), [ours(c) for c in choices]), np.choose(i, choices))
    same(tn.choose(ours(i + 5), [ours(c) for c in choices], mode="wrap"), np.choose(i + 5, choices, mode="wrap"))
    x = np.linspace(-2, 2, 9)
    conditions, f = [x < -1, x > 1], [lambda v: v * 2, 7.0, lambda v: -v]
    same(tn.piecewise(ours(x), [ours(c) for c in conditions], f), np.piecewise(x, conditions, f))
    same(tn.select([ours(c) for c in conditions], [ours(x), ours(x * 2)], 5), np.select(conditions, [x, x * 2], 5))
    for increasing in (False, True):
        same(tn.vander(ours([1, 2, 3]), 4, increasing), np.vander([1, 2, 3], 4, increasing))
    y = np.arange(24.0).reshape(2, 3, 4)
    same(tn.apply_along_axis(tn.cumsum, 1, ours(y)), np.apply_along_axis(np.cumsum, 1, y))
    same(tn.apply_along_axis(tn.sum, 0, ours(y)), np.apply_along_axis(np.sum, 0, y))
    same(tn.apply_along_axis(tn.diag, -1, ours(y)), np.apply_along_axis(np.diag, -1, y))


METHODS = ["inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull",
           "linear", "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest"]


@pytest.mark.parametrize("method", METHODS)
def test_quantiles(method):
    x = np.random.default_rng(3).normal(size=(4, 7, 3))
    q = [0, 0.1, 0.25, 0.5, 0.77, 1]
    for axis in (None, 0, 1, (0, 2)):
        near(tn.quantile(ours(x), ours(q), axis, method=method), np.quantile(x, q, axis, method=method))
        near(tn.percentile(ours(x), 30, axis, method=method, keepdims=True), np.percentile(x, 30, axis, method=method, keepdims=True))
    x[0, 0, 0] = np.nan
    near(tn.quantile(ours(x), 0.3, 1, method=method), np.quantile(x, 0.3, 1, method=method))


def test_topk():
    x = np.array([[3.0, np.nan, 1, 3], [0, -1, 5, 2]])
    values, places = tn.topk(ours(x), 2)
    same(values, np.array([[np.nan, 3], [5, 2]]))
    same(places, np.array([[1, 0], [2, 3]]))
    same(tn.topk(ours(x), 2, largest=False)[1], np.array([[2, 0], [1, 0]]))
    same(tn.partition(ours(x), 1)[:, 1], np.partition(x, 1)[:, 1])
    with pytest.raises(ValueError, match="kth"):
        tn.partition(ours(x), 9)


@pytest.mark.parametrize("call, message", [
    (lambda: tn.searchsorted(tn.zeros((2, 2)), 1), "searchsorted: what is searched is"),
    (lambda: tn.bincount(tn.asarray([-1])), "negative"), (lambda: tn.bincount(tn.asarray([1.5])), "according to the rule 'safe'"),
    (lambda: tn.digitize(tn.zeros(3), tn.asarray([1, 3, 2])), "monotonically increasing or decreasing"),
    (lambda: tn.histogram(tn.zeros(3), [3, 2]), "increase monotonically"), (lambda: tn.histogram(tn.zeros(3), 0), "must be positive"),
    (lambda: tn.histogram(tn.asarray([np.nan]), 3), "is not finite"), (lambda: tn.interp(1, [1, 2], [1]), "one length"),
    (lambda: tn.gradient(tn.zeros(1)), "too small"), (lambda: tn.unique(tn.zeros(3), axis=2), "axis 2"),
    (lambda: tn.take_along_axis(tn.zeros((2, 2)), tn.asarray([1]), 0), "same number of dimensions")])
def test_errors_name_the_culprit(call, message):
    with pytest.raises((ValueError, TypeError, IndexError), match=message):
        call()
