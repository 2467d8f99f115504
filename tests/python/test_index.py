# SPDX-License-Identifier: MIT
"""Indexing against NumPy: reading and writing by any mix of entries, on views of any strides, and what is refused."""
import ctypes
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trueno_ops import Ops, TruenoError

OPS = Ops()
C, P, I64 = OPS.c, ctypes.c_void_p, ctypes.c_int64
NONE = -2 ** 63
SLICE, AT, NEW, ELLIPSIS, TENSOR = range(5)


class Index(ctypes.Structure):
    _fields_ = [("kind", ctypes.c_int), ("start", I64), ("stop", I64), ("step", I64), ("tensor", P)]


for name, result, args in [
        ("tr_index_get", P, [P, ctypes.c_int, ctypes.POINTER(Index)]),
        ("tr_index_set", ctypes.c_int, [P, ctypes.c_int, ctypes.POINTER(Index), P]),
        ("tr_flatnonzero", P, [P]), ("tr_argwhere", P, [P]), ("tr_nonzero", ctypes.c_int, [P, ctypes.POINTER(P)]),
        ("tr_masked_select", P, [P, P]), ("tr_shares_storage", ctypes.c_bool, [P, P]),
        ("tr_index_copy_out", ctypes.c_int, [P, P, P, ctypes.c_int]),
        ("tr_index_add_out", ctypes.c_int, [P, P, P, ctypes.c_int])]:
    f = getattr(C, name)
    f.restype, f.argtypes = result, args


@pytest.fixture(autouse=True)
def scope():
    C.tr_scope_begin(OPS.ctx)
    yield
    C.tr_scope_end(OPS.ctx)


def entries(key):
    key = key if isinstance(key, tuple) else (key,)
    out = (Index * max(len(key), 1))()
    for e, k in zip(out, key):
        if isinstance(k, slice):
            e.kind = SLICE
            e.start, e.stop, e.step = (NONE if v is None else v for v in (k.start, k.stop, k.step))
        elif k is None:
            e.kind = NEW
        elif k is Ellipsis:
            e.kind = ELLIPSIS
        elif isinstance(k, int) and not isinstance(k, bool):
            e.kind, e.start = AT, k
        else:
            e.kind, e.tensor = TENSOR, OPS.tensor(np.asarray(k))
    return len(key), out


def strided(draw, rng, dtype, shape):
    """An array of that shape with axes permuted, reversed or with gaps; and the same view of a tensor."""
    perm = draw(st.permutations(range(len(shape))))
    steps = [draw(st.sampled_from([1, 1, 2, -1, -2])) for _ in shape]
    base = np.zeros([shape[p] * abs(s) for p, s in zip(perm, steps)], dtype)
    base[...] = rng.integers(-99, 99, base.shape).astype(dtype)
    order = list(np.argsort(perm))
    cut = tuple(slice(None, None, s) for s in steps)
    t = OPS.tensor(base)
    for axis, s in enumerate(steps):
        t = OPS.check(C.tr_slice_axis(t, axis, NONE, NONE, s))
    t = OPS.check(C.tr_permute(t, (ctypes.c_int * max(len(order), 1))(*order)))
    return base[cut].transpose(order), t


@st.composite
def keys(draw, shape):
    """A key for the shape, now and then one that is out of range."""
    n = draw(st.integers(0, len(shape)))
    common = draw(st.lists(st.integers(0, 4), max_size=2))
    rng = np.random.default_rng(draw(st.integers(0, 2 ** 32)))
    key, axis, gap = [], 0, draw(st.integers(0, n)) if draw(st.booleans()) else None
    for i in range(n):
        if gap == i:
            key.append(...)
            axis = len(shape) - (n - i)
        if axis >= len(shape):
            break
        size = shape[axis]
        kind = draw(st.sampled_from("sssiittmnM"))
        if kind == "s":
            key.append(slice(*[draw(st.none() | st.integers(-6, 6)) for _ in range(2)],
                             draw(st.none() | st.sampled_from([1, 2, 3, -1, -2, -7]))))
        elif kind == "i" and size:
            key.append(draw(st.integers(-size, size - 1)))
        elif kind == "t":
            own = [c if draw(st.booleans()) else 1 for c in common][draw(st.integers(0, len(common))):]
            low, high = (-size, size) if draw(st.integers(0, 30)) else (-size - 1, size + 1)
            dtype = draw(st.sampled_from(["int64", "int64", "int32", "uint8", "int8", "uint64"]))
            key.append(rng.integers(0 if dtype[0] == "u" else low, max(high, 1), own).astype(dtype))
        elif kind == "m" and (gap is None or gap <= i):
            key.append(rng.integers(0, 2, size).astype(bool))
        elif kind == "M" and axis + 2 <= len(shape) and gap is None:
            key.append(rng.integers(0, 2, shape[axis:axis + 2]).astype(bool))
            axis += 1
        elif kind == "n":
            key.append(None)
            axis -= 1
        else:
            key.append(slice(None))
        axis += 1
    return tuple(key)


@st.composite
def cases(draw):
    shape = tuple(draw(st.lists(st.integers(0, 5), max_size=4)))
    rng = np.random.default_rng(draw(st.integers(0, 2 ** 32)))
    dtype = draw(st.sampled_from(["float32", "int8", "int16", "float64", "complex128", "bool"]))
    return *strided(draw, rng, dtype, shape), draw(keys(shape)), rng


def numpy_says(f):
    """What f gives, or None if NumPy refuses."""
    try:
        return f()
    except (IndexError, ValueError):
        return None


@settings(max_examples=600, deadline=None)
@given(case=cases())
def test_reads_as_numpy(case):
    x, t, key, _ = case
    want = numpy_says(lambda: x[key])
    n, index = entries(key)
    got = C.tr_index_get(t, n, index)
    if want is None:
        with pytest.raises(TruenoError):
            OPS.check(got)
        return
    np.testing.assert_array_equal(OPS.array(OPS.check(got)), want, strict=True)
    basic = all(k is None or k is Ellipsis or isinstance(k, (int, slice)) for k in key)
    if want.size:
        assert C.tr_shares_storage(got, t) == basic


@settings(max_examples=600, deadline=None)
@given(case=cases(), scalar=st.booleans(), same=st.booleans(), drop=st.integers(0, 2))
def test_writes_as_numpy(case, scalar, same, drop):
    x, t, key, rng = case
    x = np.array(x)
    shape = numpy_says(lambda: x[key].shape)
    if shape is None:
        shape = ()
    shape = () if scalar else tuple(1 if rng.integers(4) == 0 else s for s in shape)[drop:]
    value = rng.integers(-9, 9, shape).astype(x.dtype if same else "float64")
    n, index = entries(key)
    err = C.tr_index_set(t, n, index, OPS.tensor(value))
    with np.errstate(invalid="ignore"):
        if numpy_says(lambda: x.__setitem__(key, value) or True) is None:
            assert err < 0
            C.tr_error_clear(OPS.ctx)
            return
    if err:
        OPS.check(None)
    np.testing.assert_array_equal(OPS.array(t), x, strict=True)


@pytest.mark.parametrize("key, words", [
    ((1, 2, 3), "too many indices for array: 3 for shape [4,5]"),
    ((4,), "index 4 is out of bounds for axis 0 with size 4"),
    ((slice(None), -6), "index -6 is out of bounds for axis 1 with size 5"),
    ((..., ...), "single ellipsis"),
    ((np.array([0, 4]),), "index 4 at position 1 is out of bounds for axis 0 with size 4"),
    ((np.array([0, 1]), np.array([0, -6])), "index -6 at position 1 is out of bounds for axis 1 with size 5"),
    ((np.array([0, 1]), np.array([0, 1, 2])), "indexing arrays of shapes [2] and [3] could not be broadcast together"),
    ((np.array([0.5]),), "entry 0 is float64; arrays used as indices must be of integer (or boolean) type"),
    ((np.ones(3, bool),), "size of axis is 4 but size of corresponding boolean axis is 3"),
    ((np.ones((4, 4), bool),), "along axis 1; size of axis is 5 but size of corresponding boolean axis is 4"),
    ((np.array([[2 ** 64 - 1]], np.uint64),), "index 18446744073709551615 at position 0 is out of bounds"),
])
def test_names_what_is_wrong(key, words):
    n, index = entries(key)
    with pytest.raises(TruenoError, match=re.escape(words)):
        OPS.check(C.tr_index_get(OPS.tensor(np.zeros((4, 5))), n, index))


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_finds_what_is_not_zero(data):
    shape = tuple(data.draw(st.lists(st.integers(0, 6), max_size=3)))
    rng = np.random.default_rng(data.draw(st.integers(0, 2 ** 32)))
    dtype = data.draw(st.sampled_from(["float32", "int8", "bool", "float16", "complex64", "uint64"]))
    x, t = strided(data.draw, rng, dtype, shape)
    x = np.array(x * (rng.random(shape) < 0.5), dtype)
    t = OPS.tensor(x)
    np.testing.assert_array_equal(OPS.array(OPS.check(C.tr_flatnonzero(t))), np.flatnonzero(x), strict=True)
    np.testing.assert_array_equal(OPS.array(OPS.check(C.tr_argwhere(t))), np.argwhere(x), strict=True)
    if shape:
        axes = (P * len(shape))()
        assert C.tr_nonzero(t, axes) == 0
        for got, want in zip(axes, np.nonzero(x)):
            np.testing.assert_array_equal(OPS.array(got), want, strict=True)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_selects_by_mask_with_broadcasting(data):
    shape = tuple(data.draw(st.lists(st.integers(1, 6), max_size=3)))
    rng = np.random.default_rng(data.draw(st.integers(0, 2 ** 32)))
    small = tuple(1 if data.draw(st.booleans()) else s for s in shape)
    x, t = strided(data.draw, rng, data.draw(st.sampled_from(["float32", "int8", "complex128"])), shape)
    mask = rng.integers(0, 2, small).astype(bool)
    got = OPS.array(OPS.check(C.tr_masked_select(t, OPS.tensor(mask))))
    np.testing.assert_array_equal(got, x[np.broadcast_to(mask, shape)], strict=True)


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_adds_and_copies_along_an_axis(data):
    shape = tuple(data.draw(st.lists(st.integers(1, 5), min_size=1, max_size=3)))
    rng = np.random.default_rng(data.draw(st.integers(0, 2 ** 32)))
    axis = data.draw(st.integers(0, len(shape) - 1))
    dtype = data.draw(st.sampled_from(["float32", "int8", "float64", "float16", "bool", "uint16"]))
    x, t = strided(data.draw, rng, dtype, shape)
    x = np.array(x)
    index = rng.integers(-shape[axis], shape[axis], tuple(data.draw(st.lists(st.integers(0, 6), max_size=2))))
    value = rng.integers(-5, 5, shape[:axis] + index.shape + shape[axis + 1:]).astype(dtype)
    key = (slice(None),) * axis + (index,)
    if data.draw(st.booleans()):
        np.add.at(x, key, value)
        assert C.tr_index_add_out(t, OPS.tensor(value), OPS.tensor(index), axis) == 0
    else:
        x[key] = value
        assert C.tr_index_copy_out(t, OPS.tensor(value), OPS.tensor(index), axis) == 0
    np.testing.assert_array_equal(OPS.array(t), x, strict=True)


def test_large_arrays_in_parts():
    rng = np.random.default_rng(1)
    x = rng.normal(size=700_001).astype("float32")
    i = rng.integers(-x.size, x.size, 500_000)
    y = x.reshape(-1, 1) + np.zeros(3, "float32")
    for key, a in [((x > 0,), x), ((i,), x), ((i, i % 3), y), ((slice(None), x[:3] < 2), y), ((x > 0.3,), y)]:
        n, index = entries(key)
        t = OPS.tensor(a)
        np.testing.assert_array_equal(OPS.array(OPS.check(C.tr_index_get(t, n, index))), a[key], strict=True)
        value = np.arange(a[key].size, dtype="float32").reshape(a[key].shape)
        b = a.copy()
        b[key] = value
        assert C.tr_index_set(t, n, index, OPS.tensor(value)) == 0
        np.testing.assert_array_equal(OPS.array(t), b)
