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
