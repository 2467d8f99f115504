# SPDX-License-Identifier: MIT
"""Operations as ufuncs, places and orders, floating-point errors: NumPy is the judge."""
import numpy as np
import pytest

import trueno as tn

A = np.arange(24.0).reshape(2, 3, 4) - 7
REDUCED = ["add", "multiply", "maximum", "minimum", "fmax", "fmin", "hypot", "logaddexp", "subtract", "divide", "bitwise_or"]


def same(ours, theirs, places=12):
    theirs = np.asarray(theirs)
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    np.testing.assert_allclose(np.asarray(ours), theirs, 10.0 ** -places)


def source(name):
    return A.astype("int64") if name == "bitwise_or" else A


@pytest.mark.parametrize("name", REDUCED)
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_reduce_accumulate_and_outer(name, axis):
    a = source(name)
    same(getattr(tn, name).reduce(a, axis), getattr(np, name).reduce(a, axis))
    same(getattr(tn, name).reduce(a, axis, keepdims=True), getattr(np, name).reduce(a, axis, keepdims=True))
    same(getattr(tn, name).accumulate(a, axis), getattr(np, name).accumulate(a, axis))
    same(getattr(tn, name).outer(a[0, 0], a[1]), getattr(np, name).outer(a[0, 0], a[1]))
    same(getattr(tn, name).reduceat(a, [0, 1, 0], axis), getattr(np, name).reduceat(a, [0, 1, 0], axis))


@pytest.mark.parametrize("name", ["add", "maximum"])
def test_reduce_of_a_part(name):
    mask = A % 3 == 0
    same(getattr(tn, name).reduce(A, 1, where=mask, initial=-2.0), getattr(np, name).reduce(A, 1, where=mask, initial=-2.0))
    same(tn.sum(A, 2, where=mask), np.sum(A, 2, where=mask))
    same(tn.mean(A, 0, where=A > -3), np.mean(A, 0, where=A > -3))
    same(tn.var(A, where=mask), np.var(A, where=mask))


def test_at_counts_repeated_places():
    ours, theirs, places = tn.zeros(5), np.zeros(5), [0, 3, 0, -1, 0]
    tn.add.at(ours, places, tn.arange(5.0))
    np.add.at(theirs, places, np.arange(5.0))
    same(ours, theirs)


def test_arguments_of_ufuncs():
    out = tn.full((3, 4), 9.0)
    assert tn.add(A[0], 1, out=out, where=A[0] > 0) is out
    same(out, np.add(A[0], 1, out=np.full((3, 4), 9.0), where=A[0] > 0))
    with pytest.raises(TypeError, match="casting rule"):
        tn.add(A, 1, dtype="int32", casting="safe")
    with pytest.raises(ValueError, match="casting must be"):
        tn.add(A, 1, casting="never")
    with pytest.raises(TypeError, match="keyword argument 'color'"):
        tn.add(A, 1, color=1)
    assert tn.add(A, 1, order="F").T.c_contiguous


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
def test_functions_of_the_bits(kind):
    x = np.array([0.0, -0.0, 1, -1.5, 3e-5, 6e-8, 60000, np.inf, -np.inf], kind)
    for ours, theirs in zip(tn.frexp(x)[:1] + tn.modf(x), np.frexp(x)[:1] + np.modf(x)):
        same(ours, theirs)
    with np.errstate(all="ignore"):
        same(tn.spacing(x[:-2]), np.spacing(x[:-2]))
        same(tn.ldexp(x, -3), np.ldexp(x, -3))
    same(tn.frexp(x[:-2])[1], np.frexp(x[:-2])[1])


def test_errors_are_told_when_asked_for():
    zero = tn.zeros(3)
    tn.divide(1.0, zero)
    with tn.errstate(all="raise"):
        with pytest.raises(FloatingPointError, match="divide by zero encountered in divide"):
            tn.divide(1.0, zero)
        with pytest.raises(FloatingPointError, match="invalid value"):
            tn.sqrt(tn.asarray([-1.0]))
        with pytest.raises(FloatingPointError, match="overflow"):
            tn.exp(tn.asarray([1e4]))
    with tn.errstate(invalid="warn"), pytest.warns(RuntimeWarning, match="invalid"):
        zero / zero
    tn.divide(zero, zero)


def test_places():
    for key in ("r_[1:4, 0, 7]", "c_[1:4, 5:8]", "mgrid[0:3, 0:1:4j]"):
        same(eval(f"tn.{key}"), eval(f"np.{key}"))
    ours, theirs = tn.arange(6).reshape(2, 3), np.arange(6).reshape(2, 3)
    tn.put(ours.T, [1, -1, 8], [10, 11], mode="wrap")
    np.put(theirs.T, [1, -1, 8], [10, 11], mode="wrap")
    same(ours, theirs)
    tn.putmask(ours, ours > 3, [1, 2])
    np.putmask(theirs, theirs > 3, [1, 2])
    same(ours, theirs)


def test_views_of_other_types_and_flags():
    a = tn.arange(4, dtype="float32")
    same(a.view("int32"), np.arange(4, dtype="float32").view("int32"))
    a.view("uint8")[3] = 0x40
    assert a[0] == 2
    with pytest.raises(ValueError, match="beyond the memory"):
        tn.ndarray((3,), "float64", a)
    a.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        a[0] = 1


def test_arrays_without_axes_are_scalars():
    one = tn.float32(1)
    assert isinstance(one, tn.float32) and isinstance(one, tn.floating) and not isinstance(one, tn.integer)
    assert issubclass(tn.int8, tn.signedinteger) and tn.issubdtype("float32", tn.inexact)
    assert {tn.int64(3): "x"}[3] == "x" and round(tn.float64(2.6)) == 3
    with pytest.raises(TypeError, match="unhashable"):
        hash(tn.ones(2))


def test_numpys_functions_are_ours():
    y = np.add(tn.arange(3), np.arange(3))
    assert isinstance(y, tn.ndarray) and y.tolist() == [0, 2, 4]
    assert isinstance(np.arange(3) + tn.arange(3), tn.ndarray)
    assert np.dtype(tn.float32) == np.float32


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
def test_neighbours_of_numbers(kind):
    if kind == "float16":
        x = np.arange(0x10000, dtype="uint32").astype("uint16").view(kind)
    else:
        x = np.random.default_rng(3).normal(size=1000).astype(kind)
    for y in (np.inf, -np.inf, 0.0, 1.0, np.nan):
        same(tn.nextafter(x, np.array(y, kind)), np.nextafter(x, np.array(y, kind)), 20)
    with np.errstate(all="ignore"):
        same(tn.spacing(x), np.spacing(x), 20)


@pytest.mark.parametrize("kind", ["float16", "float32", "float64", "complex64", "complex128"])
def test_sums_that_begin_with_negative_zero(kind):
    start = -np.array(0, kind)[()]
    for a in ([], [-0.0], [-0.0] * 40, [-0.0, 0.0], [0.0], [-1.0, 1.0]):
        x = -np.array([-v for v in a], kind).reshape(1, -1)
        for kwds in ({"initial": start}, {"initial": start, "axis": 1}, {"initial": start, "axis": 0, "keepdims": True}):
            ours, theirs = np.asarray(tn.sum(x, **kwds)), np.sum(x, **kwds)
            for part in ("real", "imag"):
                np.testing.assert_array_equal(np.signbit(getattr(ours, part)), np.signbit(getattr(theirs, part)))


@pytest.mark.parametrize("kwds", [
    {"sig": "i"}, {"sig": ("i4",)}, {"signature": (None,)}, {"signature": 123.0}, {"signature": "%^->#"}, {"signature": b"ii-i"},
    {"signature": "ii>i"}, {"signature": (None, "f8")}, {"dtype": "int64"}, {"dtype": "int64", "casting": "safe"},
    {"dtype": "float32", "casting": "equiv"}, {"dtype": "bool"}, {"signature": "ii->i", "dtype": "int32"}])
@pytest.mark.parametrize("name", ["add", "equal", "divide"])
def test_types_that_no_loop_has(name, kwds):
    for args in ((0.5, 1.5), (A, 0.5)):
        def outcome(module):
            try:
                return getattr(module, name)(*args, **kwds).dtype.name
            except (TypeError, ValueError) as error:
                return TypeError if isinstance(error, TypeError) else ValueError
        assert outcome(tn) == outcome(np), (args, kwds)


def test_types_of_results_and_numbers():
    for kwds in ({"dtype": "int32", "casting": "unsafe"}, {"signature": (None, None, "int32"), "casting": "unsafe"},
                 {"sig": "ii->i", "casting": "unsafe"}, {"sig": (None, None, None)}, {"dtype": "float32"}, {"dtype": "complex64"}):
        same(tn.add(A, 0.5, **kwds), np.add(A, 0.5, **kwds))
    with pytest.raises(TypeError):
        tn.divide(3, 4, dtype="int64")
    with pytest.raises(TypeError):
        tn.divide(A + 1j, 4, dtype="float32")
    same(tn.ldexp(np.float32(1), 2, dtype="float64"), np.float64(4))
    with pytest.raises(TypeError):
        tn.ldexp(1.0, np.uint64(3))


def test_casts_are_checked_when_asked_for():
    for a, kind, error in ((np.nan, "int64", "invalid"), (1e300, "int32", "invalid"), (1e300, "float32", "overflow")):
        with tn.errstate(all="raise"), pytest.raises(FloatingPointError, match=error):
            tn.add(np.array([1, a]), 1, dtype=kind, casting="unsafe")
        tn.add(np.array([1, a]), 1, dtype=kind, casting="unsafe")


def test_results_without_axes_are_scalars():
    for f in (lambda: tn.spacing(1.0), lambda: tn.nextafter(1.0, 2), lambda: tn.ldexp(1.0, 2), lambda: tn.fabs(-3)):
        assert isinstance(f(), tn.generic)


def test_vecdot_into_more_and_axes():
    a, out = np.arange(3).reshape(1, 3), tn.empty((5, 4, 3))
    assert tn.vecdot(a, a, out=out) is out and (np.asarray(out) == 5).all()
    with pytest.raises(tn.exceptions.AxisError):
        tn.vecdot(A, A, axes=[-1, -1, -1])
    with pytest.raises(ValueError, match="simultaneously"):
        tn.var(A, ddof=1, correction=0)
