# SPDX-License-Identifier: MIT
"""Creation and array manipulation against NumPy."""
import ctypes
import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from trueno_ops import CODE, Ops, TruenoError, axis_bits

OPS = Ops()
C, P, I64, INT, F64 = OPS.c, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int, ctypes.c_double
I64S, PS = ctypes.POINTER(I64), ctypes.POINTER(P)
for name, result, args in [
        ("empty_like", P, [P]), ("zeros_like", P, [P]), ("ones_like", P, [P]), ("full_like", P, [P, F64]),
        ("arange", P, [P, INT, F64, F64, F64]), ("arange_int", P, [P, INT, I64, I64, I64]),
        ("linspace", P, [P, INT, F64, F64, I64, ctypes.c_bool]), ("eye", P, [P, INT, I64, I64, I64]),
        ("tri", P, [P, INT, I64, I64, I64]), ("tril", P, [P, I64]), ("triu", P, [P, I64]), ("diag", P, [P, I64]),
        ("meshgrid", INT, [PS, INT, ctypes.c_uint, PS]), ("moveaxis", P, [P, INT, INT]), ("swapaxes", P, [P, INT, INT]),
        ("squeeze_all", P, [P]), ("ravel", P, [P]), ("flip", P, [P, ctypes.c_uint32]), ("rot90", P, [P, INT]),
        ("roll", P, [P, I64, INT]), ("stack", P, [PS, INT, INT]), ("split", INT, [P, INT, INT, PS]),
        ("array_split", INT, [P, INT, INT, PS]), ("split_at", INT, [P, I64S, INT, INT, PS]),
        ("tile", P, [P, INT, I64S]), ("repeat", P, [P, I64, INT]), ("pad", P, [P, I64S, I64S, INT, F64]),
        ("concatenate", P, [PS, INT, INT])]:
    f = getattr(C, "tr_" + name)
    f.restype, f.argtypes = result, args
PAD = ["constant", "edge", "reflect", "symmetric", "wrap"]
TYPES = ["bool", "int8", "int64", "uint16", "float16", "float32", "float64", "complex64", "complex128"]


@pytest.fixture(autouse=True)
def scope():
    C.tr_scope_begin(OPS.ctx)
    yield
    C.tr_scope_end(OPS.ctx)


def call(name, *args):
    return OPS.array(OPS.check(getattr(C, "tr_" + name)(*args)))


def same(got, want):
    np.testing.assert_array_equal(got, want, strict=True)


def i64s(values):
    return (I64 * max(len(values), 1))(*values)


def pointers(tensors):
    return (P * max(len(tensors), 1))(*tensors)


@st.composite
def arrays(draw, min_dims=0, max_dims=4, min_side=0, types=TYPES):
    shape = tuple(draw(st.lists(st.integers(min_side, 5), min_size=min_dims, max_size=max_dims)))
    rng = np.random.default_rng(draw(st.integers(0, 2 ** 32)))
    x = rng.integers(-99, 99, shape).astype(draw(st.sampled_from(types)))
    t = OPS.tensor(x)
    if draw(st.booleans()):
        x, t = x.T, OPS.check(C.tr_permute(t, None))
    return x, t


AXIS = st.integers(-4, 3)


def either(numpy, ours):
    """The same result, or both refuse."""
    try:
        want = numpy()
    except (ValueError, IndexError, TypeError):
        with pytest.raises(TruenoError):
            ours()
        return
    same(ours(), np.asarray(want))


@settings(max_examples=300, deadline=None)
@given(a=arrays(), i=AXIS, j=AXIS, n=st.integers(-7, 7))
def test_axes_change_places(a, i, j, n):
    x, t = a
    either(lambda: np.moveaxis(x, i, j), lambda: call("moveaxis", t, i, j))
    either(lambda: np.swapaxes(x, i, j), lambda: call("swapaxes", t, i, j))
    either(lambda: np.flip(x, i), lambda: call("flip", t, axis_bits(i)))
    either(lambda: np.flip(x, (i, j)), lambda: call("flip", t, axis_bits(i) | axis_bits(j))) if i != j else None
    either(lambda: np.roll(x, n, i), lambda: call("roll", t, n, i))
    same(call("flip", t, axis_bits(None)), np.asarray(np.flip(x)))
    same(call("ravel", t), x.ravel())
    same(call("squeeze_all", t), x.squeeze())
    if x.ndim >= 2:
        same(call("rot90", t, n), np.rot90(x, n, (-2, -1)))


@settings(max_examples=300, deadline=None)
@given(a=arrays(), axis=AXIS, n=st.integers(0, 4), reps=st.lists(st.integers(0, 3), max_size=5), data=st.data())
def test_repeats(a, axis, n, reps, data):
    x, t = a
    assume(x.size <= 200)
    either(lambda: np.repeat(x, n, axis if x.ndim else -9), lambda: call("repeat", t, n, axis))
    same(call("tile", t, len(reps), i64s(reps)), np.tile(x, reps))
    mode = data.draw(st.sampled_from(PAD))
    before, after = ([data.draw(st.integers(0, 8 if x.ndim < 3 else 2)) for _ in x.shape] for _ in range(2))
    kw = {"constant_values": 3} if mode == "constant" else {}
    either(lambda: np.pad(x, list(zip(before, after)), mode, **kw) if x.ndim else x,
           lambda: call("pad", t, i64s(before), i64s(after), PAD.index(mode), 3.0))


@settings(max_examples=200, deadline=None)
@given(a=arrays(min_dims=1), axis=AXIS, n=st.integers(1, 6), data=st.data())
def test_joins_and_splits(a, axis, n, data):
    x, t = a
    others = [x] + [x.real.astype(data.draw(st.sampled_from(TYPES))) for _ in range(n - 1)]
    with np.errstate(all="ignore"):
        try:
            want = np.stack(others, axis)
        except (ValueError, TypeError, IndexError):
            want = None
    parts = pointers([OPS.tensor(o) for o in others])
    got = C.tr_stack(parts, n, axis)
    if want is None:
        assert not got
        C.tr_error_clear(OPS.ctx)
    else:
        same(OPS.array(OPS.check(got)), want)
    at = sorted(data.draw(st.lists(st.integers(-6, 6), max_size=4)))
    for name, numpy, args, count in [("split", np.split, (n,), n), ("array_split", np.array_split, (n,), n),
                                     ("split_at", np.split, (at,), len(at) + 1)]:
        out = pointers([None] * count)
        given = (i64s(at), len(at) + 1) if name == "split_at" else args
        err = getattr(C, "tr_" + name)(t, *given, axis, out)
        try:
            want = numpy(x, *args, axis)
        except (ValueError, IndexError):
            assert err < 0 and not any(out)
            C.tr_error_clear(OPS.ctx)
            continue
        assert err == 0
        for got, part in zip(out, want):
            same(OPS.array(got), part)


@settings(max_examples=300, deadline=None)
@given(start=st.floats(-50, 50), stop=st.floats(-50, 50), step=st.floats(-9, 9),
       dtype=st.sampled_from(["float32", "float64", "float16"]), n=st.integers(0, 300), endpoint=st.booleans())
def test_evenly_spaced(start, stop, step, dtype, n, endpoint):
    assume(abs(step) > 0.01)
    same(call("arange", OPS.ctx, CODE[dtype], start, stop, step), np.arange(start, stop, step, dtype))
    same(call("linspace", OPS.ctx, CODE[dtype], start, stop, n, endpoint), np.linspace(start, stop, n, endpoint, dtype=dtype))
    same(call("linspace", OPS.ctx, CODE["int32"], start, stop, n, endpoint),
         np.linspace(start, stop, n, endpoint, dtype="int32"))
    a, b, s = int(start), int(stop), int(step) or 1
    for d in ("int64", "int8", "uint16", dtype):
        with np.errstate(all="ignore"):
            try:
                want = np.arange(a, b, s, d)
            except OverflowError:
                continue
        same(call("arange_int", OPS.ctx, CODE[d], a, b, s), want)


def test_long_ranges():
    for d in ("float32", "float64", "float16", "int64", "int32", "uint8"):
        same(call("arange_int", OPS.ctx, CODE[d], 3, 40_003 if d != "uint8" else 250, 1),
             np.arange(3, 40_003 if d != "uint8" else 250, dtype=d))
    same(call("linspace", OPS.ctx, CODE["float32"], -1.0, 1.0, 1_000_001, True),
         np.linspace(-1, 1, 1_000_001, dtype="float32"))


@settings(max_examples=200, deadline=None)
@given(n=st.integers(0, 6), m=st.integers(0, 6), k=st.integers(-9, 9), dtype=st.sampled_from(TYPES),
       a=arrays(types=["bool", "int8", "float16", "float64"]))
def test_diagonals_and_triangles(n, m, k, dtype, a):
    same(call("eye", OPS.ctx, CODE[dtype], n, m, k), np.eye(n, m, k, dtype))
    same(call("tri", OPS.ctx, CODE[dtype], n, m, k), np.tri(n, m, k, dtype))
    x, t = a
    either(lambda: np.diag(x, k), lambda: call("diag", t, k))
    if x.ndim >= 2:
        same(call("tril", t, k), np.tril(x, k))
        same(call("triu", t, k), np.triu(x, k))
    same(call("full_like", t, 3.0), np.full_like(x, 3, order="C"))
    same(call("zeros_like", t), np.zeros_like(x, order="C"))


@settings(max_examples=100, deadline=None)
@given(sizes=st.lists(st.integers(0, 4), min_size=1, max_size=4), xy=st.booleans())
def test_grids(sizes, xy):
    axes = [np.arange(s, dtype="float32") for s in sizes]
    out = pointers([None] * len(sizes))
    assert C.tr_meshgrid(pointers([OPS.tensor(a) for a in axes]), len(sizes), int(xy), out) == 0
    for got, want in zip(out, np.meshgrid(*axes, indexing="xy" if xy else "ij")):
        same(OPS.array(got), want)


@pytest.mark.parametrize("make, words", [
    (lambda t: C.tr_arange(OPS.ctx, CODE["float32"], 0, 1, 0), "arange: from 0 to 1 in steps of 0"),
    (lambda t: C.tr_arange(OPS.ctx, CODE["bool"], 0, 1, 1), "arange: not defined for bool"),
    (lambda t: C.tr_roll(t, 1, 2), "roll: axis 2 does not exist for shape [2,3]"),
    (lambda t: C.tr_stack(pointers([t, C.tr_transpose(t)]), 2, 0), "stack: part 1 is [3,2], the first [2,3]"),
    (lambda t: C.tr_split(t, 2, 1, pointers([None] * 2)), "split: axis 1 of [2,3] cannot be cut into 2 equal parts"),
    (lambda t: C.tr_repeat(t, -1, 0), "repeat: -1 times axis 0"),
    (lambda t: C.tr_repeat(t, 2 ** 62, 0), "repeat: 4611686018427387904 times axis 0"),
    (lambda t: C.tr_pad(t, i64s([0, -1]), i64s([0, 0]), 0, 0), "pad: -1 before and 0 after axis 1"),
    (lambda t: C.tr_pad(t, i64s([0, 0]), i64s([0, 0]), 9, 0), "pad: unknown mode 9"),
    (lambda t: C.tr_tile(t, 9, i64s([1] * 9)), "tile: 9 axes; at most 8"),
])
def test_names_what_is_wrong(make, words):
    C.tr_transpose.restype, C.tr_transpose.argtypes = P, [P]
    status = make(OPS.tensor(np.zeros((2, 3), "float32")))
    with pytest.raises(TruenoError, match=re.escape(words)):
        OPS.check(None if not status or status < 0 else status)
