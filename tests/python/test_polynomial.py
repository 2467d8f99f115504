# SPDX-License-Identifier: MIT
"""Polynomials of the package against NumPy's, and poly1d."""
import warnings

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

tn = pytest.importorskip("trueno")

WHOLE = st.lists(st.integers(-9, 9), min_size=1, max_size=6)


def same(y, want):
    np.testing.assert_allclose(np.asarray(y), np.asarray(want), rtol=1e-12, atol=1e-12)
    assert np.asarray(y).dtype == np.asarray(want).dtype


@hypothesis.given(WHOLE, WHOLE, st.sampled_from(["int64", "float32", "float64", "complex128"]))
def test_sums_and_products(a, b, dtype):
    p, q = (np.array(c, dtype) for c in (a, b))
    for name in ("polyadd", "polysub", "polymul"):
        same(getattr(tn, name)(tn.asarray(p), tn.asarray(q)), getattr(np, name)(p, q))
    if b[0] and dtype != "float32":
        for y, want in zip(tn.polydiv(tn.asarray(p), tn.asarray(q)), np.polydiv(p, q)):
            same(y, want)


@hypothesis.given(WHOLE, st.lists(st.floats(-3, 3), min_size=1, max_size=5), st.integers(0, 3))
def test_values_integrals_derivatives(a, x, m):
    p = np.array(a)
    same(tn.polyval(tn.asarray(p), tn.asarray(np.array(x))), np.polyval(p, np.array(x)))
    same(tn.polyint(tn.asarray(p), m), np.polyint(p, m))
    same(tn.polyder(tn.asarray(p), m), np.polyder(p, m))
    assert tn.polyval(a, 2) == np.polyval(a, 2)


@hypothesis.given(st.lists(st.integers(-5, 5), min_size=0, max_size=5, unique=True))
def test_zeros_there_and_back(zeros):
    p = tn.poly(tn.asarray(np.array(zeros, "float64")))
    same(p, np.poly(np.array(zeros, "float64")))
    if zeros:
        np.testing.assert_allclose(sorted(tn.roots(p).tolist(), key=lambda z: z.real), sorted(zeros), atol=1e-6)


def test_zeros_of_matrices_pairs_and_of_nothing():
    same(tn.poly([[1, 2], [3, 4]]), np.poly([[1, 2], [3, 4]]))
    same(tn.poly([1j, -1j, 2.0]), np.poly([1j, -1j, 2.0]))
    same(tn.roots([1, 0, 0]), np.roots([1, 0, 0]))
    same(tn.roots([0, 0]), np.roots([0, 0]))
    same(tn.roots([5]), np.roots([5]))
    with pytest.raises(ValueError, match="rank-1"):
        tn.roots([[1, 2]])
    with pytest.raises(ValueError, match="1d or non-empty square"):
        tn.poly(tn.zeros((2, 3)))


@pytest.mark.parametrize("columns", [0, 3])
@pytest.mark.parametrize("weights", [False, True])
def test_fit(columns, weights):
    rng = np.random.default_rng(5)
    x, y = np.linspace(-1, 2, 12), rng.normal(size=(12, columns) if columns else 12)
    w = rng.uniform(1, 2, 12) if weights else None
    for cov in (False, True, "unscaled"):
        mine = tn.polyfit(tn.asarray(x), tn.asarray(y), 3, w=None if w is None else tn.asarray(w), cov=cov)
        theirs = np.polyfit(x, y, 3, w=w, cov=cov)
        for m, t in zip(mine if cov else (mine,), theirs if cov else (theirs,)):
            np.testing.assert_allclose(np.asarray(m), t, rtol=1e-9, atol=1e-12)
    full = tn.polyfit(tn.asarray(x), tn.asarray(y), 2, full=True)
    assert len(full) == 5 and full[2] == 3
    with pytest.warns(tn.exceptions.RankWarning):
        tn.polyfit([1.0, 1.0], [1.0, 2.0], 2)


@pytest.mark.parametrize("x, y, deg, error", [
    ([1.0], [1.0], -1, ValueError), ([[1.0]], [1.0], 0, TypeError), ([], [], 0, TypeError), ([1.0], 1.0, 0, TypeError),
    ([1.0, 2.0], [1.0], 0, TypeError)])
def test_fit_refuses(x, y, deg, error):
    with pytest.raises(error):
        tn.polyfit(x, y, deg)
    with pytest.raises(ValueError, match="must exceed order"):
        tn.polyfit([1.0], [1.0], 0, cov=True)


@hypothesis.given(st.lists(st.integers(-9, 9), min_size=1, max_size=20), st.sampled_from(["x", "lambda"]))
def test_text(a, variable):
    assert str(tn.poly1d(a, variable=variable)) == str(np.poly1d(a, variable=variable))
    assert repr(tn.poly1d(a)) == repr(np.poly1d(a))
    z = [c + 1j * d for c, d in zip(a, reversed(a))]
    assert str(tn.poly1d(z)) == str(np.poly1d(z))


@hypothesis.given(WHOLE, WHOLE)
def test_poly1d_as_numpys(a, b):
    p, q, P, Q = tn.poly1d(a), tn.poly1d(b), np.poly1d(a), np.poly1d(b)
    for f in (lambda p, q: p + q, lambda p, q: p - q, lambda p, q: p * q, lambda p, q: 2 - p, lambda p, q: p(q),
              lambda p, q: p ** 3, lambda p, q: -p, lambda p, q: 2 * p, lambda p, q: p / 2, lambda p, q: p.integ(2, k=3),
              lambda p, q: p.deriv()):
        y, want = f(p, q), f(P, Q)
        assert isinstance(y, tn.poly1d)
        np.testing.assert_allclose(np.asarray(y.coeffs), want.coeffs, rtol=1e-12)
    assert (p == q) == bool(P == Q) and p != None and len(p) == len(P)  # noqa: E711
    assert [p[i] for i in range(-1, 8)] == [P[i] for i in range(-1, 8)]
    p[7], P[7] = 5, 5
    assert np.asarray(p).tolist() == P.coeffs.tolist()


def test_poly1d_of_zeros_and_what_it_refuses():
    p = tn.poly1d([1, 2], r=True)
    assert p.c.tolist() == [1.0, -3.0, 2.0] and sorted(p.r.tolist()) == pytest.approx([1, 2]) and p.variable == "x"
    p.coeffs += 1
    assert p.coeffs.tolist() == [2.0, -2.0, 3.0]
    for fail, error in ((lambda: tn.poly1d([[1]]), ValueError), (lambda: p ** -1, ValueError), (lambda: p ** 1.5, ValueError)):
        with pytest.raises(error):
            fail()
    with pytest.raises(ValueError, match="negative powers"):
        p[-1] = 3
    with pytest.raises(AttributeError):
        p.coeffs = 3
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(TypeError):
            hash(p)
