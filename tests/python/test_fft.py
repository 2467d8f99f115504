# SPDX-License-Identifier: MIT
"""trueno.fft, convolve and correlate against NumPy's: random shapes, strides, types, lengths, axes and norms."""
import numpy as np
import pytest
import trueno as tn
from hypothesis import given, settings
from hypothesis import strategies as st

TYPES = ["float16", "float32", "float64", "complex64", "complex128", "int32", "bool", "uint8"]
NORM = st.sampled_from([None, "backward", "ortho", "forward"])


def assert_close(got, want, what="", size=0):
    """size: of the terms whose sum it is, if they may be greater than that."""
    got, want = np.asarray(got), np.asarray(want)
    assert got.dtype == want.dtype, f"{what}: {got.dtype} for {want.dtype}"
    assert got.shape == want.shape, f"{what}: {got.shape} for {want.shape}"
    bound = {"f2": 2e-3, "f4": 2e-6, "c8": 2e-6}.get(got.dtype.str[1:], 1e-14)
    scale = max(1, size, np.abs(want).max(initial=0))
    np.testing.assert_allclose(got / scale, want / scale, rtol=0, atol=8 * bound, err_msg=what)


@st.composite
def arrays(draw, min_dims=1, max_dims=4, types=TYPES, most=12):
    """A view with steps and axes in any order, of normal numbers."""
    shape = draw(st.lists(st.integers(1, most), min_size=min_dims, max_size=max_dims))
    dtype = draw(st.sampled_from(types))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    perm = draw(st.permutations(range(len(shape))))
    steps = [draw(st.sampled_from([1, 1, -1, 2])) for _ in shape]
    base = [shape[perm[i]] * abs(steps[perm[i]]) for i in range(len(shape))]
    x = rng.normal(size=base) * 9
    if dtype.startswith("c"):
        x = x + 1j * rng.normal(size=base)
    x = (np.abs(x) if dtype == "uint8" else x).astype(dtype).transpose(np.argsort(perm).astype(int))
    return x[tuple(slice(None, None, s) for s in steps)]


def calls(module, name, x, *args):
    """Half precision counts as float32; NumPy's own scales are float16 then."""
    return getattr(module.fft, name)(x.astype("f4") if module is np and x.dtype == "f2" else x, *args)


@settings(max_examples=500, deadline=None)
@given(st.data(), NORM)
def test_one_axis(data, norm):
    name = data.draw(st.sampled_from(["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"]))
    types = [t for t in TYPES if not t.startswith("c")] if name in ("rfft", "ihfft") else TYPES
    x = data.draw(arrays(types=types))
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    n = data.draw(st.sampled_from([None, None, 1, 2, 5, 8, 13, 30]))
    if n is None and name in ("irfft", "hfft") and x.shape[axis] == 1:
        n = 1
    assert_close(calls(tn, name, x, n, axis, norm), calls(np, name, x, n, axis, norm), name)


@settings(max_examples=500, deadline=None)
@given(st.data(), NORM)
def test_several_axes(data, norm):
    name = data.draw(st.sampled_from(["fftn", "ifftn", "rfftn", "irfftn", "fft2", "ifft2", "rfft2", "irfft2"]))
    types = [t for t in TYPES if not t.startswith("c")] if name in ("rfftn", "rfft2") else TYPES
    x = data.draw(arrays(2, types=types, most=7))
    count = 2 if "2" in name else data.draw(st.integers(1, x.ndim))
    axes = data.draw(st.lists(st.integers(0, x.ndim - 1), min_size=count, max_size=count, unique="r" not in name))
    s = data.draw(st.one_of(st.none(), st.lists(st.sampled_from([1, 2, 5, 8, -1]), min_size=count, max_size=count)))
    if "irfft" in name and x.shape[axes[-1]] == 1 and (s is None or s[-1] == -1):
        return
    assert_close(calls(tn, name, x, s, axes, norm), calls(np, name, x, s, axes, norm), f"{name} {s} {axes}")


@pytest.mark.parametrize("n", [1, 2, 3, 16, 17, 97, 1000, 1009, 4096, 30030])
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128"])
def test_long(n, dtype):
    rng = np.random.default_rng(n)
    x = (rng.normal(size=(3, n)) + (1j * rng.normal(size=(3, n)) if dtype[0] == "c" else 0)).astype(dtype)
    assert_close(tn.fft.fft(x), np.fft.fft(x))
    assert_close(tn.fft.ifft(x), np.fft.ifft(x))
    assert_close(tn.fft.irfft(x, n), np.fft.irfft(x, n))
    if dtype[0] == "f":
        assert_close(tn.fft.rfft(x), np.fft.rfft(x))


def test_inputs_stay():
    for name in ("fft", "ifft", "rfft", "irfft", "hfft", "fftn", "irfftn", "rfftn"):
        x = tn.asarray(np.random.default_rng(0).normal(size=(6, 8)).astype("f4" if name[0] == "r" else "c8"))
        before = np.array(x)
        getattr(tn.fft, name)(x)
        assert (np.asarray(x) == before).all(), name


@given(st.integers(1, 40), st.sampled_from([1.0, 0.1, 3, -2.5]))
def test_frequencies(n, d):
    assert_close(tn.fft.fftfreq(n, d), np.fft.fftfreq(n, d))
    assert_close(tn.fft.rfftfreq(n, d), np.fft.rfftfreq(n, d))


@given(arrays(types=["int32", "complex64"]), st.data())
def test_shifts(x, data):
    axes = data.draw(st.one_of(st.none(), st.integers(-x.ndim, x.ndim - 1),
                               st.lists(st.integers(0, x.ndim - 1), unique=True).map(tuple)))
    assert (np.asarray(tn.fft.fftshift(x, axes)) == np.fft.fftshift(x, axes)).all()
    assert (np.asarray(tn.fft.ifftshift(x, axes)) == np.fft.ifftshift(x, axes)).all()


@settings(max_examples=300, deadline=None)
@given(st.data(), st.sampled_from(["full", "same", "valid"]))
def test_convolve(data, mode):
    types = [t for t in TYPES if t != "float16"]
    a, v = (data.draw(arrays(1, 1, types=types, most=40)) for _ in range(2))
    sizes = np.abs(np.asarray(a)).astype(float), np.abs(np.asarray(v)).astype(float)
    assert_close(tn.convolve(a, v, mode), np.convolve(a, v, mode), "convolve", np.convolve(*sizes, mode).max())
    assert_close(tn.correlate(a, v, mode), np.correlate(a, v, mode), "correlate", np.correlate(*sizes, mode).max())


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128", "int64", "int8"])
@pytest.mark.parametrize("mode", ["full", "same", "valid"])
def test_long_convolution(dtype, mode):
    rng = np.random.default_rng(5)
    a, v = ((rng.normal(size=n) * 9 + (1j * rng.normal(size=n) if dtype[0] == "c" else 0)).astype(dtype) for n in (5000, 3001))
    for x, y in ((a, v), (v, a)):
        for name in ("convolve", "correlate"):
            want = getattr(np, name)(*(z.astype("c16" if dtype[0] == "c" else "f8") if dtype[0] != "i" else z for z in (x, y)), mode)
            assert_close(getattr(tn, name)(x, y, mode), want.astype(dtype), name)


@pytest.mark.parametrize("special", [np.nan, np.inf])
def test_special_numbers_stay_where_they_meet(special):
    a, v = np.ones(4000), np.ones(2000)
    a[7] = special
    np.testing.assert_array_equal(np.asarray(tn.convolve(a, v)), np.convolve(a, v))
    v[5] = special
    a[7] = 1
    np.testing.assert_array_equal(np.asarray(tn.convolve(a, v[:50])), np.convolve(a, v[:50]))
    np.testing.assert_array_equal(np.asarray(tn.correlate(a, v[:50], "same")), np.correlate(a, v[:50], "same"))


def test_errors():
    x = np.ones((2, 3))
    for call in (lambda m: m.fft.fft(x, 0), lambda m: m.fft.fft(x, norm="x"), lambda m: m.fft.fftn(x, (2,), (0, 1)),
                 lambda m: m.fft.irfft(np.ones(1)), lambda m: m.convolve([], [1]), lambda m: m.convolve([1], []),
                 lambda m: m.convolve([1], [1], "other")):
        for module in (np, tn):
            with pytest.raises(ValueError):
                call(module)
    for module in (np, tn):
        with pytest.raises(TypeError):
            module.fft.rfft(x * 1j)
        with pytest.raises(IndexError):
            module.fft.fft(x, axis=2)
