# SPDX-License-Identifier: MIT
"""Elementwise, reducing and contracting operations against NumPy: values, types, shapes, and what is refused.

The cases come from the op table; NumPy's function of the same name is the judge. Exact operations must give the
same bits (any NaN equals any NaN), others stay within the row's error of NumPy's float64 result.
"""
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from trueno_ops import Ops, TruenoError, table

OPS = Ops()
ROWS = table()
warnings.simplefilter("ignore")
np.seterr(all="ignore")

# Names NumPy has under another name, and those it has not.
def logsumexp(x, axis, keepdims=False):
    if np.asarray(x).dtype.kind not in "fc":
        x = np.asarray(x, np.float64)
    most = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    most = np.where(np.isinf(most), 0, most).astype(x.dtype)
    y = np.log(np.sum(np.exp(x - most), axis=axis, keepdims=True)) + most
    return y if keepdims else np.squeeze(y, axis=axis)


NUMPY = {"isposinf": lambda x: x == np.inf, "isneginf": lambda x: x == -np.inf, "divide": np.true_divide, "min": np.min, "max": np.max, "logsumexp": logsumexp}
MAPS = [r for r in ROWS if r.family in ("UNARY", "BINARY") and (r.name in NUMPY or hasattr(np, r.name))
        and not r.name.startswith("logaddexp")]  # its tolerance is in units of the operands: tests/test_golden.c
REDUCTIONS = [r for r in ROWS if r.family in ("REDUCE", "ARGREDUCE")]
TYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64"]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, np.inf, -np.inf, np.nan, 1e-40, -1e-40, 3e38, 65504.0, 1e-300]


def judge(row):
    return NUMPY.get(row.name) or getattr(np, row.name)


def values(dtype, rng, n):
    if dtype == "bool":
        return rng.integers(0, 2, n).astype(bool)
    if np.dtype(dtype).kind in "iu":
        info = np.iinfo(dtype)
        small = rng.integers(max(info.min, -9), 10, n)
        wide = rng.integers(info.min, info.max, n, dtype=dtype, endpoint=True)
        return np.where(rng.random(n) < 0.5, small.astype(dtype), wide)
    special = rng.choice(np.array(SPECIAL), n)
    return np.where(rng.random(n) < 0.4, special, rng.normal(size=n) * 10.0 ** rng.integers(-6, 5, n)).astype(dtype)


def shifts(row, x, y):
    """Counts beyond the width are left out: NumPy leaves them to C. So are negative powers, which it refuses."""
    if row.name == "pow":
        return [x, np.where(y < 0, ~y, y)]
    return [x, np.abs(y % (8 * y.dtype.itemsize)).astype(y.dtype)] if row.domain == "SHIFT" else [x, y]


def ulps(got, want):
    """Distance of got from want, a float64 array, in units of the last place of got's type."""
    g, w = got.astype(np.float64), want
    both = np.isfinite(w) & np.isfinite(g)
    info = np.finfo(got.dtype)
    unit = np.maximum(np.spacing(np.abs(w[both]).astype(got.dtype)).astype(np.float64), float(info.smallest_subnormal))
    limit = float(info.max)
    same = np.where(both, True, (np.isnan(g) & np.isnan(w)) | (g == w) | ((np.abs(w) > limit) & np.isinf(g)))
    assert same.all(), f"not finite alike: {g[~same][:4]} for {w[~same][:4]}"
    return np.abs(g[both] - w[both]) / unit


def assert_bits(got, want, what):
    assert got.dtype == want.dtype, f"{what}: {got.dtype} for {want.dtype}"
    assert got.shape == want.shape, f"{what}: {got.shape} for {want.shape}"
    if got.dtype.kind == "f":
        nan = np.isnan(want)
        assert (np.isnan(got) == nan).all(), what
        got, want = np.where(nan, 0, got), np.where(nan, 0, want)
        assert (np.signbit(got) == np.signbit(want)).all(), f"{what}: sign of zero"
    assert (got == want).all(), f"{what}: {got[got != want][:4]} for {want[got != want][:4]}"


# Zeros of both signs: NumPy leaves open which minimum gives; ours is specified.
def drop_zero_sign(row, arrays):
    if row.name in ("minimum", "maximum", "fmin", "fmax"):
        return [np.where(a == 0, abs(a), a).astype(a.dtype) if a.dtype.kind == "f" else a for a in arrays]
    return arrays


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("row", MAPS, ids=lambda r: r.name)
def test_map(row, dtype):
    rng = np.random.default_rng(hash((row.name, dtype)) % 2**32)
    args = [values(dtype, rng, 1537) for _ in range(1 if row.family == "UNARY" else 2)]
    if row.family == "BINARY" and args[0].dtype.kind in "iu":
        args = shifts(row, *args)
    args = drop_zero_sign(row, args)
    if row.name == "nextafter" and dtype == "float16":
        args = [a.astype(np.float32) for a in args]  # half precision steps in float32
    if row.name == "reciprocal" and args[0].dtype.kind in "iu":
        args = [np.where(args[0] == 0, 1, args[0]).astype(dtype)]  # NumPy leaves 1 / 0 to C
    try:
        want = judge(row)(*args)
    except TypeError:
        with pytest.raises(TruenoError):
            getattr(OPS, row.name)(*args)
        return
    got = getattr(OPS, row.name)(*args)
    if row.ulp == 0 and not (want.dtype == np.float16):
        assert_bits(got, want, row.name)
        return
    # float16 goes through float32 here and perhaps through something coarser there: judge by the exact result
    assert got.dtype == want.dtype and got.shape == want.shape
    if want.dtype.kind != "f":
        assert_bits(got, want, row.name)
        return
    exact = judge(row)(*[a.astype(np.longdouble) for a in args]).astype(np.float64)
    budget = {2: 0.5001, 4: row.ulp + 0.01, 8: 2 * row.ulp + 1}[want.dtype.itemsize]
    finite = exact if want.dtype != np.float64 else want
    assert ulps(got, finite).max(initial=0) <= max(budget, 0.5001), row.name


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint16", "int64", "uint64", "float16", "float32", "float64"])
@pytest.mark.parametrize("row", REDUCTIONS, ids=lambda r: r.name)
def test_reduce(row, dtype):
    rng = np.random.default_rng(7)
    for shape in [(5,), (3, 70), (70, 3), (2, 3, 4, 5), (1, 1), (1100,), (4, 0, 3)]:
        x = values(dtype, rng, int(np.prod(shape))).reshape(shape)
        if np.dtype(dtype).kind == "f":
            x = rng.normal(size=shape).astype(dtype)
        for axes in [None, 0, -1] + ([(0, -1)] if len(shape) > 2 else []):
            if row.family == "ARGREDUCE" and isinstance(axes, tuple):
                continue
            f = judge(row)
            try:
                want = np.asarray(f(x, axis=axes, keepdims=True))
            except (ValueError, TypeError):
                with pytest.raises(TruenoError):
                    getattr(OPS, row.name)(x, axes=axes, keepdims=True)
                continue
            got = getattr(OPS, row.name)(x, axes=axes, keepdims=True)
            assert got.dtype == want.dtype and got.shape == want.shape, (shape, axes)
            assert getattr(OPS, row.name)(x, axes=axes).shape == np.asarray(f(x, axis=axes)).shape
            if want.dtype.kind != "f":
                assert (got == want).all(), (shape, axes)
                continue
            exact = f(x.astype(np.longdouble), axis=axes, keepdims=True).astype(np.float64)
            # a sum's error is relative to the sum of magnitudes, and so is a mean's
            scale = np.abs(exact)
            if row.name in ("sum", "mean", "nansum", "nanmean"):
                scale = f(np.abs(x.astype(np.float64)), axis=axes, keepdims=True)
            smallest = float(np.finfo(want.dtype).smallest_subnormal)
            tolerance = {2: 2e-3, 4: 2e-6, 8: 1e-14}[want.dtype.itemsize]
            error = np.abs(got.astype(np.float64) - exact)
            if row.name == "logsumexp":  # log s + max a: relative to its two terms
                scale = scale + np.abs(x.astype(np.float64)).max(initial=0)
            same = (got == exact) | (np.isnan(got) & np.isnan(exact))
            assert (same | (error <= tolerance * scale + smallest)).all(), f"{row.name} {shape} {axes}: {error.max()}"


NAN_ROWS = [r for r in ROWS if r.name.startswith("nan") and r.family in ("REDUCE", "ARGREDUCE", "MEDIAN", "QUANTILE")]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("row", NAN_ROWS, ids=lambda r: r.name)
def test_nan_variants(row, dtype):
    rng = np.random.default_rng(11)
    for shape in [(5,), (3, 70), (70, 3), (2, 30, 4, 5), (1300,)]:
        x = rng.normal(size=shape).astype(dtype)
        x[rng.random(shape) < 0.3] = np.nan
        if row.family != "ARGREDUCE":
            x.reshape(-1)[: shape[-1]] = np.nan  # a row of nothing else
        more = {"q": 0.3} if row.family == "QUANTILE" else {}
        for axes in [None, 0, -1] + ([(1, -1)] if len(shape) > 2 and row.family != "ARGREDUCE" else []):
            try:
                want = np.asarray(judge(row)(x.astype(np.float64), axis=axes, **more))
            except ValueError:
                with pytest.raises(TruenoError, match="nothing but NaNs"):
                    getattr(OPS, row.name)(x, axes=axes)
                continue
            got = getattr(OPS, row.name)(x, axes=axes, **more)
            assert got.dtype == (np.int64 if row.family == "ARGREDUCE" else dtype) and got.shape == want.shape
            rtol = {"float16": 2e-3, "float32": 4e-6, "float64": 1e-13}[dtype]
            np.testing.assert_allclose(got, want, rtol=rtol, atol=rtol, err_msg=f"{row.name} {shape} {axes}")
    y = np.array([[1, np.nan, 4], [np.nan, 2, np.nan]], dtype)
    if row.name in ("nanvar", "nanstd"):
        np.testing.assert_allclose(getattr(OPS, row.name)(y, axes=1, ddof=1), judge(row)(y, axis=1, ddof=1), rtol=1e-3)


@pytest.mark.parametrize("p", [0, 1, 2, 3, 0.5, -1, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", ["bool", "int16", "uint8", "float16", "float32", "float64"])
def test_norm(p, dtype):
    rng = np.random.default_rng(12)
    for shape in [(7,), (3, 70), (70, 3), (2, 3, 4, 5), (4, 0)]:
        x = rng.normal(size=shape).astype(dtype) if np.dtype(dtype).kind == "f" else rng.integers(0, 2, shape).astype(dtype)
        for axis in [0, -1]:
            try:
                want = np.linalg.norm(x.astype(np.float64), ord=p, axis=axis, keepdims=True)
            except ValueError:
                with pytest.raises(TruenoError, match="no elements"):
                    OPS.norm(x, axes=axis, p=p)
                continue
            got = OPS.norm(x, axes=axis, keepdims=True, p=float(p))
            assert got.dtype == (dtype if np.dtype(dtype).kind == "f" else np.float64)
            np.testing.assert_allclose(got, want, rtol=2e-3 if dtype == "float16" else 1e-6)
    if p == 2:
        np.testing.assert_allclose(OPS.norm(x + 1, axes=None, p=2.0), np.linalg.norm(x.astype(np.float64) + 1), rtol=2e-3)
    special = np.array([[1, np.nan, -2], [3, -np.inf, 0], [-0.0, 0, 0]])
    assert_bits(OPS.norm(special, axes=1, p=float(p)), np.linalg.norm(special, ord=p, axis=1), "norm")


def test_reductions_of_specials():
    x = np.array([[np.inf, 1, 2], [-np.inf, -np.inf, -np.inf], [np.nan, 0, 1], [np.inf, -np.inf, 0], [-0.0, -0.0, -0.0]])
    for name in ("ptp", "logsumexp", "nansum", "nanprod", "nanmax", "nanmin", "nanmean", "nanvar"):
        f = NUMPY.get(name) or getattr(np, name)
        np.testing.assert_array_equal(getattr(OPS, name)(x, axes=1), f(x, axis=1), err_msg=name)


@pytest.mark.parametrize("method", ["linear", "lower", "higher", "nearest", "midpoint"])
@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "float16", "float32", "float64"])
def test_quantile(dtype, method):
    rng = np.random.default_rng(13)
    for shape in [(1,), (6,), (3, 70), (70, 3), (2, 30, 4, 5), (1300,)]:
        x = rng.normal(size=shape).astype(dtype) if np.dtype(dtype).kind == "f" else values(dtype, rng, int(np.prod(shape)))
        x = x.reshape(shape)
        for axes in [None, 0, -1] + ([(0, 2)] if len(shape) > 2 else []):
            for q in (0, 0.25, 0.3, 0.5, 0.9, 1):
                wide = x.astype(np.float64)
                want = np.quantile(wide, q, axis=axes, method=method, keepdims=True)
                got = OPS.quantile(x, axes=axes, q=float(q), method=method, keepdims=True)
                assert got.dtype == (dtype if np.dtype(dtype).kind == "f" else np.float64) and got.shape == want.shape
                np.testing.assert_allclose(got, want, rtol=2e-3 if dtype == "float16" else 1e-6, atol=1e-6)
            if method == "linear":
                want = np.median(x, axis=axes)
                got = OPS.median(x, axes=axes)
                assert got.dtype == want.dtype and got.shape == want.shape
                np.testing.assert_allclose(got, want, rtol=2e-3 if dtype == "float16" else 1e-6)


def test_median_of_specials():
    x = np.array([[np.nan, 1, 2, 3], [np.inf, np.inf, 0, -np.inf], [-np.inf, np.inf, 1, 2], [-0.0, -0.0, -0.0, -0.0]])
    np.testing.assert_array_equal(OPS.median(x, axes=1), np.median(x, axis=1))
    np.testing.assert_array_equal(OPS.nanmedian(x, axes=1), np.nanmedian(x, axis=1))
    assert np.signbit(OPS.median(x, axes=1)[3])
    assert np.isnan(OPS.median(np.zeros((2, 0)), axes=1)).all()


SCANS = {"cumsum": np.cumsum, "cumprod": np.cumprod, "cummax": np.maximum.accumulate, "cummin": np.minimum.accumulate}


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("name", SCANS)
def test_scan(name, dtype):
    rng = np.random.default_rng(14)
    for shape in [(5,), (3, 70), (70, 3), (2, 300, 4, 5), (1, 1), (2100,), (4, 0, 3), (0, 4)]:
        x = values(dtype, rng, int(np.prod(shape))).reshape(shape)
        if np.dtype(dtype).kind == "f" and name in ("cumsum", "cumprod"):
            x = (1 + rng.normal(size=shape) / 99).astype(dtype)
        for axis in range(-1, len(shape)):
            want = SCANS[name](x, axis=axis)
            got = getattr(OPS, name)(x, axis=axis)
            if want.dtype.kind != "f":
                assert_bits(got, want, name)
                continue
            assert got.dtype == want.dtype and got.shape == want.shape
            if name in ("cummax", "cummin"):
                np.testing.assert_array_equal(got, want)
            else:
                exact = SCANS[name](x.astype(np.longdouble), axis=axis).astype(np.float64)
                rtol = {2: 2e-3, 4: 2e-5, 8: 1e-13}[want.dtype.itemsize]
                np.testing.assert_allclose(got.astype(np.float64), exact, rtol=rtol)


def test_scan_dtype_and_specials():
    x = np.arange(12, dtype=np.int8).reshape(3, 4) * 11
    assert_bits(OPS.cumsum(x, axis=0, dtype="int8"), x.cumsum(axis=0, dtype=np.int8), "cumsum")
    assert_bits(OPS.cumsum(x, axis=1, dtype="float32"), x.cumsum(axis=1, dtype=np.float32), "cumsum")
    y = np.array([1, np.inf, 2, -np.inf, 3, np.nan, 1] + [0] * 30)
    for name, f in SCANS.items():
        np.testing.assert_array_equal(getattr(OPS, name)(y), f(y))
    assert_bits(OPS.cumsum(np.full(40, -0.0)), np.full(40, -0.0), "cumsum")


def test_ddof_and_dtype():
    x = np.arange(12, dtype=np.int32).reshape(3, 4)
    assert np.allclose(OPS.var(x, axes=1, ddof=1), x.var(axis=1, ddof=1))
    assert np.allclose(OPS.std(x, axes=None, ddof=2), x.std(ddof=2))
    assert np.isnan(OPS.var(x[:, :1], axes=1, ddof=1)).all()
    assert OPS.sum(x, axes=0, dtype="float32").dtype == np.float32
    assert_bits(OPS.sum(x, axes=0, dtype="int8"), x.sum(axis=0, dtype=np.int8), "sum")


@pytest.mark.parametrize("to", TYPES)
@pytest.mark.parametrize("dtype", TYPES)
def test_astype(dtype, to):
    x = values(dtype, np.random.default_rng(3), 999)
    if np.dtype(dtype).kind == "f" and np.dtype(to).kind in "iu":
        info = np.iinfo(to)  # C leaves the rest open
        x = x[np.isfinite(x) & (x > float(info.min) - 1) & (x < float(info.max))]
    assert_bits(OPS.astype(x, dtype=to), x.astype(to), f"{dtype} to {to}")


@pytest.mark.parametrize("a, b", [((3, 4), (4,)), ((4,), (4, 3)), ((4,), (4,)), ((2, 1, 3, 4), (5, 4, 2)), ((7, 0), (0, 3)),
                                  ((0, 4), (4, 2)), ((65, 130), (130, 67))])
@pytest.mark.parametrize("dtype", TYPES)
def test_matmul(a, b, dtype):
    rng = np.random.default_rng(5)
    if np.dtype(dtype).kind != "f":
        x, y = (values(dtype, rng, int(np.prod(s))).reshape(s) for s in (a, b))
        assert_bits(np.asarray(OPS.matmul(x, y)), np.asarray(x @ y), "matmul")
        return
    x, y = rng.integers(-8, 9, a).astype(dtype), rng.integers(-8, 9, b).astype(dtype)
    want = (x.astype(np.float64) @ y.astype(np.float64)).astype(dtype)
    assert_bits(np.asarray(OPS.matmul(x, y)), np.asarray(want), "matmul")


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_softmax_and_log_softmax(axis):
    x = np.random.default_rng(2).normal(size=(5, 33, 7)).astype(np.float32) * 10
    wide = x.astype(np.float64)
    e = np.exp(wide - wide.max(axis=axis, keepdims=True))
    want = e / e.sum(axis=axis, keepdims=True)
    # a - max a is rounded at up to 64, an error of 2e-6 that exp passes on
    np.testing.assert_allclose(OPS.softmax(x, axis=axis), want, rtol=4e-6)
    np.testing.assert_allclose(OPS.log_softmax(x, axis=axis), np.log(want), rtol=4e-6, atol=4e-6)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_take(axis):
    x = np.arange(60, dtype=np.int16).reshape(3, 4, 5)
    for index in (np.array([2, 0, -1]), np.array([[0, 1], [-3, 2]], dtype=np.int8), np.array(1, dtype=np.uint64)):
        assert_bits(OPS.take(x, index, axis=axis), np.take(x, index.astype(np.int64), axis=axis), "take")
    with pytest.raises(TruenoError, match="out of bounds"):
        OPS.take(x, np.array([0, 5]), axis=axis)


SHAPES = hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=5, max_side=6)
INPUTS = [r.name for r in ROWS if r.name in ("add", "subtract", "maximum", "less", "divide", "hypot", "logical_xor")]


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_broadcasting(data):
    name = data.draw(st.sampled_from(INPUTS))
    shapes = data.draw(SHAPES)
    kinds = [data.draw(st.sampled_from(["float32", "float64", "int16", "float16", "uint8"])) for _ in range(2)]
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    x, y = (np.asarray(values(k, rng, int(np.prod(s)))).reshape(s) for k, s in zip(kinds, shapes.input_shapes))
    x, y = (np.where(a == 0, abs(a), a).astype(a.dtype) for a in (x, y))
    want = np.asarray(getattr(np, name)(x, y))
    got = getattr(OPS, name)(x, y)
    assert got.shape == want.shape and got.dtype == want.dtype
    if name == "hypot" or want.dtype == np.float16:
        np.testing.assert_allclose(got.astype(np.float64), want.astype(np.float64), rtol=2e-3 if want.itemsize == 2 else 1e-6)
    else:
        assert_bits(got, want, name)


@given(x=hnp.arrays(np.float32, hnp.array_shapes(max_dims=2, max_side=5)), k=st.one_of(st.integers(-99, 99), st.floats(-9, 9)))
def test_weak_scalars(x, k):
    assert_bits(OPS.add(x, k), x + k, "add")
    i = x.view(np.int32) // 2**20
    assert OPS.multiply(i, k).dtype == (i * k).dtype


def test_errors_name_both_shapes():
    with pytest.raises(TruenoError, match=r"add: shapes \[3,4\] and \[5,4\] do not broadcast: axis 0 is 3 vs 5"):
        OPS.add(np.zeros((3, 4)), np.zeros((5, 4)))
