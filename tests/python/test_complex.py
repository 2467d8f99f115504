# SPDX-License-Identifier: MIT
"""Operations on complex numbers against NumPy."""
import ctypes

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trueno_ops import Ops, TruenoError

OPS = Ops()
C, P = OPS.c, ctypes.c_void_p
for name, n in [("real", 1), ("imag", 1), ("view_as_real", 1), ("view_as_complex", 1), ("complex", 2), ("conjugate", 1),
                ("angle", 1), ("shares_storage", 2)]:
    f = getattr(C, "tr_" + name)
    f.restype, f.argtypes = P, [P] * n
C.tr_shares_storage.restype = ctypes.c_bool
ULPS = {"complex64": 2.0 ** -23, "complex128": 2.0 ** -52}

UNARY = {"negative": np.negative, "square": np.square, "reciprocal": np.reciprocal, "absolute": np.absolute,
         "sign": np.sign, "rint": np.rint, "exp": np.exp, "exp2": np.exp2, "expm1": np.expm1, "log": np.log,
         "log2": np.log2, "log10": np.log10, "log1p": np.log1p, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos,
         "tan": np.tan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "asin": np.arcsin, "acos": np.arccos,
         "atan": np.arctan, "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh}
BINARY = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide, "pow": np.power}
EXACT = {"isnan": np.isnan, "isinf": np.isinf, "isfinite": np.isfinite, "logical_not": np.logical_not,
         "equal": np.equal, "not_equal": np.not_equal, "less": np.less, "less_equal": np.less_equal,
         "greater": np.greater, "greater_equal": np.greater_equal, "logical_and": np.logical_and,
         "logical_or": np.logical_or, "logical_xor": np.logical_xor}


@pytest.fixture(autouse=True)
def scope():
    C.tr_scope_begin(OPS.ctx)
    yield
    C.tr_scope_end(OPS.ctx)


def numbers(rng, shape, dtype, specials=False):
    x = (rng.normal(size=shape) * 10.0 ** rng.integers(-3, 2, shape) + 1j * rng.normal(size=shape)).astype(dtype)
    if specials:
        for part in (x.real, x.imag):
            part[...] = np.where(rng.random(shape) < 0.4, rng.choice([0, -0.0, 1, -1, np.inf, -np.inf, np.nan], shape), part)
    return x


def near(got, want, scale, ulps):
    """Within ulps of a magnitude, or less than a normal number apart, of which NumPy's powers may have no digit right."""
    assert got.dtype == want.dtype and got.shape == want.shape
    fine = np.isfinite(want) & np.isfinite(scale)
    of = np.result_type(want.dtype, np.complex64)
    bound = ulps * ULPS.get(str(of), 2.0 ** -23) * scale + np.finfo(of).tiny
    assert (np.abs(got[fine] - want[fine]) <= np.broadcast_to(bound, want.shape)[fine]).all()


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(sorted(UNARY)), dtype=st.sampled_from(sorted(ULPS)), seed=st.integers(0, 2 ** 32))
def test_functions(name, dtype, seed):
    x = numbers(np.random.default_rng(seed), (7, 9), dtype)
    with np.errstate(all="ignore"):
        want = UNARY[name](x)
        judge = UNARY[name](x.astype("complex128"))
        if name == "log1p":  # near 0 NumPy's is off by units of 1
            want = np.log1p(x.astype(np.clongdouble)).astype(dtype)
    near_zero = ("log", "log2", "log10", "log1p", "expm1", "asin", "acos", "atan", "asinh", "acosh", "atanh")
    near(getattr(OPS, name)(x), want, np.abs(judge) + 1e-3 * (name in near_zero), 40)


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(sorted(BINARY)), dtype=st.sampled_from(sorted(ULPS)), seed=st.integers(0, 2 ** 32),
       other=st.sampled_from(["complex64", "complex128", "float32", "int16", "float64", "scalar"]))
def test_arithmetic(name, dtype, seed, other):
    rng = np.random.default_rng(seed)
    x, y = numbers(rng, (6, 5), dtype), numbers(rng, (1, 5), "complex128")
    y = 1.5 if other == "scalar" else y.astype(other) if other[0] == "c" else (y.real * 4).astype(other)
    with np.errstate(all="ignore"):
        want, judge = BINARY[name](x, y), BINARY[name](x.astype("complex128"), y)
        power = np.abs(y * np.log(x)) if name == "pow" else 0
    near(getattr(OPS, name)(x, y), want, (np.abs(judge) + (np.abs(x) + np.abs(y)) * (name in ("add", "subtract"))) *
         (1 + power), 12)


@settings(max_examples=100, deadline=None)
@given(name=st.sampled_from(sorted(EXACT)), dtype=st.sampled_from(sorted(ULPS)), seed=st.integers(0, 2 ** 32))
def test_tests_and_comparisons(name, dtype, seed):
    rng = np.random.default_rng(seed)
    f = EXACT[name]
    args = [numbers(rng, (8, 8), dtype, True) for _ in range(f.nin)]
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(getattr(OPS, name)(*args), f(*args), strict=True)


@settings(max_examples=60, deadline=None)
@given(dtype=st.sampled_from(sorted(ULPS)), seed=st.integers(0, 2 ** 32))
def test_arithmetic_of_specials(dtype, seed):
    """Sums and products are the textbook's formulae in both (NumPy's with fma or not); an infinity or a NaN comes out the
    same, signs and all."""
    rng = np.random.default_rng(seed)
    x, y = (numbers(rng, (8, 8), dtype, True) for _ in range(2))
    with np.errstate(all="ignore"):
        for name in ("add", "subtract", "multiply"):
            got, want = getattr(OPS, name)(x, y), BINARY[name](x, y)
            for a, b in ((got.real, want.real), (got.imag, want.imag)):
                odd = ~np.isfinite(b)
                np.testing.assert_array_equal(a[odd], b[odd])
                near(a[~odd], b[~odd], (np.abs(x) * np.abs(y) + np.abs(x) + np.abs(y))[~odd], 2)
        mask = rng.random((8, 8)) < 0.5
        np.testing.assert_array_equal(OPS.where(mask, x, y), np.where(mask, x, y), strict=True)


@settings(max_examples=60, deadline=None)
@given(dtype=st.sampled_from(sorted(ULPS)), seed=st.integers(0, 2 ** 32), axes=st.sampled_from([None, 0, 1, -1, (0, 2)]),
       keep=st.booleans(), ddof=st.integers(0, 1))
def test_reductions_and_products(dtype, seed, axes, keep, ddof):
    x = numbers(np.random.default_rng(seed), (3, 4, 5), dtype)
    size = np.abs(x).sum(axes, keepdims=keep)
    for name in ("sum", "mean", "var", "std"):
        kw = {"ddof": ddof} if name in ("var", "std") else {}
        near(getattr(OPS, name)(x, axes=axes, keepdims=keep, **kw), getattr(np, name)(x, axes, keepdims=keep, **kw),
             size * (1 + size), 8)
    for name in ("all", "any", "count_nonzero"):
        np.testing.assert_array_equal(getattr(OPS, name)(x, axes=axes, keepdims=keep),
                                      getattr(np, name)(x, axes, keepdims=keep))
    y = x.transpose(0, 2, 1).copy()
    near(OPS.matmul(x, y), x @ y, np.abs(x) @ np.abs(y), 8)


def test_parts_are_views():
    x = numbers(np.random.default_rng(3), (4, 6), "complex64")
    t = OPS.check(C.tr_slice_axis(OPS.tensor(x), 1, 1, 6, 2))
    v = x[:, 1:6:2]
    for name, want in [("real", v.real), ("imag", v.imag), ("conjugate", v.conj()), ("angle", np.angle(v))]:
        got = OPS.check(getattr(C, "tr_" + name)(t))
        np.testing.assert_allclose(OPS.array(got), want, 1e-6, strict=True)
        assert C.tr_shares_storage(got, t) == (name in ("real", "imag"))
    pairs = OPS.check(C.tr_view_as_real(t))
    np.testing.assert_array_equal(OPS.array(pairs)[..., 1], v.imag)
    again = OPS.check(C.tr_view_as_complex(pairs))
    np.testing.assert_array_equal(OPS.array(again), v, strict=True)
    assert C.tr_shares_storage(again, t)
    made = OPS.check(C.tr_complex(OPS.tensor(v.real), OPS.tensor(np.float32(2))))
    np.testing.assert_array_equal(OPS.array(made), (v.real + 2j).astype("complex64"), strict=True)


def test_refuses_what_is_not_defined():
    x = np.ones(3, "complex64")
    for name in ("floor", "cbrt", "erf", "cummax"):
        with pytest.raises(TruenoError, match=f"{name}: not defined for complex64"):
            getattr(OPS, name)(x)
    with pytest.raises(TruenoError, match="view_as_complex: the last axis is not of two elements"):
        OPS.check(C.tr_view_as_complex(OPS.tensor(np.ones((3, 4), "float32"))))
    with pytest.raises(TruenoError, match=r"add: shapes \[3\] and \[4\] do not broadcast"):
        OPS.add(x, np.ones(4, "complex64"))
