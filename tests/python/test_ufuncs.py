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
        theirs = np.copysign(np.spacing(x[:-2]), np.where(x[:-2] < 0, -1, 1).astype(kind))  # NumPy's halves have no sign
        same(tn.spacing(x[:-2]), theirs)
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
