# SPDX-License-Identifier: MIT
"""Random calls against NumPy, element by element: views of any strides, indices of all kinds read and written, reductions,
elementwise operations with broadcasting. TRUENO_PROPERTY_CASES is how many cases there are in all, always the same ones."""
import os
import sys
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from trueno_c import BUILD

sys.path.insert(0, str(BUILD / "python"))
import trueno as tn  # noqa: E402

PROPERTIES = 8
CASES = max(1, int(os.environ.get("TRUENO_PROPERTY_CASES", "480")) // PROPERTIES)
TYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64",
         "complex64", "complex128"]
REAL = TYPES[:-2]
SPECIAL = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 0.5, 3.0, -2.0]
few = settings(max_examples=CASES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def values(rng, shape, dtype):
    kind = np.dtype(dtype).kind
    if kind == "b":
        return rng.integers(0, 2, shape).astype(bool)
    if kind in "iu":
        x = rng.integers(-9 if kind == "i" else 0, 10, shape)
        return x.astype(dtype)
    x = np.where(rng.random(shape) < 0.2, rng.choice(SPECIAL, shape), rng.integers(-40, 40, shape) / 4)
    if kind == "c":
        return (x + 1j * np.where(np.isfinite(x), rng.integers(-8, 8, shape) / 2, 0)).astype(dtype)
    return x.astype(dtype)


@st.composite
def shapes(draw, most=8, side=4):
    ndim = draw(st.integers(0, most))
    limit = side if ndim < 5 else 2
    return tuple(draw(st.integers(0 if draw(st.integers(0, 9)) == 0 else 1, limit)) for _ in range(ndim))


@st.composite
def pairs(draw, most=8, types=TYPES, repeats=True):
    """An array as this package's and as NumPy's: the same view of a dense base, with strides of any sign, or 0."""
    shape = draw(shapes(most))
    dtype = draw(st.sampled_from(types))
    rng = np.random.default_rng(draw(st.integers(0, 2 ** 32)))
    base = values(rng, tuple(n * draw(st.integers(1, 2)) + draw(st.integers(0, 1)) for n in shape), dtype)
    key = tuple(slice(draw(st.integers(0, 1)) if n < b else 0, None, None) for n, b in zip(shape, base.shape))
    steps = tuple(draw(st.sampled_from([1, 1, 1, 2, -1, -2])) for _ in shape)
    order = draw(st.permutations(range(len(shape))))
    spread = [i for i in range(len(shape)) if repeats and 0 not in shape and draw(st.integers(0, 9)) == 0]

    def view(m, x):
        x = x[(*key, ...)][(*(slice(None, None, s) for s in steps), ...)]
        if order != list(range(x.ndim)):
            x = x.transpose(*order) if m is np else m.transpose(x, tuple(order))
        if spread:
            x = x[(*(slice(0, 1) if i in spread else slice(None) for i in range(x.ndim)), ...)]
            x = m.broadcast_to(x, tuple(3 if i in spread else n for i, n in enumerate(x.shape)))
        return x

    return view(tn, tn.asarray(np.array(base))), view(np, np.array(base))


def as_numpy(x):
    return np.asarray(x)


def same(got, want, places=0):
    """The same type, shape and values; -0 as -0. places: units in the last place that may be missing."""
    got, want = as_numpy(got), np.asarray(want)
    assert got.dtype == want.dtype, (got.dtype, want.dtype)
    assert got.shape == want.shape, (got.shape, want.shape)
    if not places or want.dtype.kind not in "fc":
        np.testing.assert_array_equal(got, want)
        if want.dtype.kind == "f":
            number = ~np.isnan(want)
            np.testing.assert_array_equal(np.signbit(got)[number], np.signbit(want)[number])
        return
    eps = np.finfo(want.dtype).eps
    np.testing.assert_allclose(got, want, rtol=places * eps, atol=places * eps)


# ---- indices ----

whole = st.one_of(st.none(), st.integers(-5, 5))
slices = st.builds(slice, whole, whole, st.one_of(st.none(), st.sampled_from([1, 2, 3, -1, -2, -3])))


@st.composite
def keys(draw, shape):
    """An index for an array of that shape, mostly a good one: a tuple."""
    key, axis, advanced = [], 0, draw(st.booleans())
    common = draw(st.sampled_from([(), (1,), (2,), (3,), (2, 1), (2, 3)]))
    rng = np.random.default_rng(draw(st.integers(0, 2 ** 32)))
    while axis < len(shape) and draw(st.integers(0, 7)):
        n = shape[axis]
        kind = draw(st.integers(0, 8 if advanced else 4))
        if kind == 0 and n:
            key.append(draw(st.integers(-n, n - 1)))
        elif kind == 3:
            key.append(None)
            axis -= 1
        elif kind == 4 and Ellipsis not in [k for k in key if k is Ellipsis]:
            key.append(...)
            axis += draw(st.integers(0, len(shape) - axis)) - 1
        elif kind in (5, 6) and n:
            key.append(rng.integers(-n, n, draw(st.sampled_from([common, common[-1:], (1,) * len(common)]))))
        elif kind == 7:
            key.append(rng.random(n) < 0.5)
        elif kind == 8 and axis + 1 < len(shape):
            key.append(rng.random(shape[axis:axis + 2]) < 0.5)
            axis += 1
        else:
            key.append(draw(slices))
        axis += 1
    if draw(st.integers(0, 19)) == 0:
        key.append(draw(st.integers(-9, 9)))
    return tuple(key)


def ours(key):
    return tuple(tn.asarray(k) if isinstance(k, np.ndarray) else k for k in key)


@few
@given(st.data())
def test_reads_by_index(data):
    a, b = data.draw(pairs(6))
    key = data.draw(keys(b.shape))
    try:
        want = b[key]
    except (IndexError, ValueError):
        with pytest.raises((IndexError, ValueError)):
            a[ours(key)]
        return
    assume(want.ndim <= 8)
    same(a[ours(key)], want)


def once(b, key):
    """Whether the index names no element twice, so that it does not matter which value is written last."""
    place = np.arange(b.size).reshape(b.shape)[key]
    return np.unique(place).size == np.size(place)


@few
@given(st.data())
def test_writes_by_index(data):
    a, b = data.draw(pairs(5, repeats=False))
    key = data.draw(keys(b.shape))
    try:
        want = b[key]
        assume(want.ndim <= 8 and once(b, key))
    except (IndexError, ValueError):
        with pytest.raises((IndexError, ValueError)):
            a[ours(key)] = 0
        return
    shape = tuple(1 if data.draw(st.integers(0, 4)) == 0 else n for n in want.shape)[data.draw(st.integers(0, want.ndim)):]
    v = values(np.random.default_rng(data.draw(st.integers(0, 99))), shape, b.dtype)
    b[key] = v
    a[ours(key)] = tn.asarray(v)
    same(a, b)


@few
@given(st.data())
def test_writes_what_overlaps(data):
    a, b = data.draw(pairs(4, repeats=False))
    assume(b.ndim and min(b.shape) > 0)
    to = tuple(data.draw(slices) for _ in b.shape)
    shape = b[to].shape
    if data.draw(st.booleans()):
        source = tuple(slice(None, None, -1) for _ in shape)
        va, vb = a[to][source], b[to][source]
    else:
        k = tuple(data.draw(st.integers(0, n)) for n in b.shape)
        assume(all(n <= m - i for n, m, i in zip(shape, b.shape, k)))
        source = tuple(slice(i, i + n) for i, n in zip(k, shape))
        va, vb = a[source], b[source]
    b[to] = vb.copy()
    a[to] = va
    same(a, b)


@few
@given(st.data())
def test_adds_to_what_overlaps(data):
    a, b = data.draw(pairs(3, types=["int8", "int64", "float32", "complex64"], repeats=False))
    assume(b.ndim and b.shape[0] > 1)
    n = data.draw(st.integers(1, b.shape[0] - 1))
    with np.errstate(all="ignore"):
        want = b.copy()
        want[n:] = b[n:] + b[:-n]
    a[n:] += a[:-n]
    same(a, want)


def test_nothing_repeats_in_what_is_empty():
    """Strides of 0 make no view of nothing read-only."""
    a = tn.as_strided(tn.zeros(4), (2, 0), (0, 0))
    a[0] = tn.zeros(0)
    a[:, :] = 1.0
    assert a.shape == (2, 0)


# ---- reductions ----

REDUCTIONS = ["sum", "prod", "min", "max", "all", "any", "count_nonzero", "mean", "argmin", "argmax", "ptp", "median"]


@few
@given(st.data())
def test_reduces(data):
    name = data.draw(st.sampled_from(REDUCTIONS))
    a, b = data.draw(pairs(6, types=REAL))
    assume(not (name == "ptp" and b.dtype == bool))
    one = name in ("argmin", "argmax")
    axis = data.draw(st.one_of(st.none(), st.integers(-b.ndim, max(b.ndim - 1, 0))) if one or not b.ndim else
                     st.one_of(st.none(), st.lists(st.integers(0, b.ndim - 1), unique=True).map(tuple)))
    assume(not (axis == 0 and b.ndim == 0))
    keepdims = data.draw(st.booleans())
    assume(not (name == "median" and axis == ()))

    def call(m, x):
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return getattr(m, name)(x, axis=axis, keepdims=keepdims)

    try:
        want = call(np, b)
    except ValueError:
        with pytest.raises(ValueError):
            call(tn, a)
        return
    got = call(tn, a)
    if name in ("sum", "mean", "median") and b.dtype.kind == "f":
        wide = call(np, b.astype("float64"))
        assert as_numpy(got).shape == np.shape(want) and as_numpy(got).dtype == np.asarray(want).dtype
        eps = np.finfo(b.dtype).eps
        finite = np.isfinite(wide)
        np.testing.assert_array_equal(np.isfinite(as_numpy(got)), finite)
        np.testing.assert_allclose(as_numpy(got)[finite], wide[finite], rtol=8 * eps, atol=64 * eps)
    elif name == "prod" and b.dtype.kind == "f":
        assume(b.dtype != np.float16)  # rounded once here, and after each product there
        same(got, want, 64)
    elif name in ("min", "max"):
        np.testing.assert_array_equal(as_numpy(got), want)  # either zero is right there
    else:
        same(got, want)


# ---- elementwise ----

BINARY = ["add", "subtract", "multiply", "divide", "minimum", "maximum", "equal", "less", "greater_equal", "logical_and",
          "logical_xor", "floor_divide", "remainder", "copysign", "bitwise_and", "fmin", "fmax"]


@few
@given(st.data())
def test_broadcasts(data):
    name = data.draw(st.sampled_from(BINARY))
    types = REAL if name not in ("add", "subtract", "multiply", "equal", "logical_and") else TYPES
    a, b = data.draw(pairs(8, types=types))
    shape = tuple(1 if data.draw(st.integers(0, 2)) == 0 else n for n in b.shape)[data.draw(st.integers(0, b.ndim)):]
    dtype = data.draw(st.sampled_from(types))
    d = values(np.random.default_rng(data.draw(st.integers(0, 99))), shape, dtype)
    c = tn.asarray(d)
    if data.draw(st.booleans()):
        a, b, c, d = c, d, a, b

    def call(m, x, y):
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return getattr(m, name)(x, y)

    try:
        want = call(np, b, d)
    except TypeError:
        with pytest.raises(TypeError):
            call(tn, a, c)
        return
    got = call(tn, a, c)
    if np.result_type(b, d).kind == "c" and name == "multiply":
        number = np.isfinite(want)
        np.testing.assert_array_equal(as_numpy(got)[number], want[number])
    elif name in ("minimum", "maximum", "fmin", "fmax"):
        assert as_numpy(got).dtype == want.dtype
        np.testing.assert_array_equal(as_numpy(got), want)
    else:
        same(got, want)


@few
@given(st.data())
def test_reshapes_and_turns(data):
    a, b = data.draw(pairs(6))
    order = data.draw(st.permutations(range(b.ndim)))
    a, b = (a, b) if not b.ndim else (tn.transpose(a, tuple(order)), b.transpose(order))
    cut = data.draw(st.integers(0, b.ndim))
    shape = (int(np.prod(b.shape[:cut])), int(np.prod(b.shape[cut:])))
    same(tn.reshape(a, shape), b.reshape(shape))
    axes = data.draw(st.lists(st.integers(0, max(b.ndim - 1, 0)), unique=True, max_size=b.ndim)) if b.ndim else []
    same(tn.flip(a, tuple(axes)), np.flip(b, tuple(axes)))


@few
@given(st.data())
def test_sorts(data):
    a, b = data.draw(pairs(4))
    assume(b.ndim)
    axis = data.draw(st.integers(-b.ndim, b.ndim - 1))
    np.testing.assert_array_equal(as_numpy(tn.sort(a, axis)), np.sort(b, axis, kind="stable"))
    same(tn.argsort(a, axis), np.argsort(b, axis, kind="stable"))
    same(tn.sort(a, axis), np.take_along_axis(b, np.argsort(b, axis, kind="stable"), axis))
