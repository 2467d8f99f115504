# SPDX-License-Identifier: MIT
"""Resizing and embedding against torch.nn.functional: values, shapes, types, and what is refused."""
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from trueno_ops import Ops, TruenoError

torch = pytest.importorskip("torch")
F = torch.nn.functional
torch.set_num_threads(1)

OPS = Ops()
ERROR = {"float32": 2e-6, "float64": 1e-13}  # of the greatest magnitude, for each axis
MODES = ["nearest", "nearest-exact", "linear"]
LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}


@pytest.mark.parametrize("dtype", ERROR)
@pytest.mark.parametrize("mode", range(3))
@settings(max_examples=300, deadline=None)
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_interpolate(mode, dtype, data, seed):
    n = data.draw(st.integers(1, 3))
    axes = data.draw(st.tuples(*[st.integers(1, 40 if n == 1 else 12)] * n))
    x = np.random.default_rng(seed).normal(size=(2, 3, *axes)).astype(dtype)
    align = mode == 2 and data.draw(st.booleans())
    if data.draw(st.booleans()):
        size = data.draw(st.tuples(*[st.integers(1, 50 if n == 1 else 15)] * n))
        ours, theirs = {"size": size}, {"size": size}
    else:
        scale = data.draw(st.tuples(*[st.sampled_from([0.25, 0.5, 0.7, 1.0, 1.2, 1.5, 2.0, 3.0, 3.7])] * n))
        ours, theirs = {"scale": scale}, {"scale_factor": scale}
        # torch's nearest over two axes, and only there, forgets the factor where the size stays or doubles
        assume(mode or n != 2 or all(int(L * s) not in (L, 2 * L) or L * s == int(L * s) for L, s in zip(axes, scale)))
    if mode == 2:
        theirs["align_corners"] = align
    theirs["mode"] = LINEAR[n] if mode == 2 else MODES[mode]
    judge = getattr(OPS, f"interpolate{n}d")
    try:
        want = F.interpolate(torch.from_numpy(x), **theirs).numpy()
    except RuntimeError:
        with pytest.raises(TruenoError):
            judge(x, mode=mode, flags=int(align), **ours)
        return
    got = judge(x, mode=mode, flags=int(align), **ours)
    assert got.dtype == dtype and got.shape == want.shape
    if mode < 2:
        np.testing.assert_array_equal(got, want)
    else:  # positions differ by rounding, so that values next to each other do by as much of their difference
        np.testing.assert_allclose(got, want, rtol=0, atol=ERROR[dtype] * n * 8 * np.abs(x).max())


@pytest.mark.parametrize("index", ["int32", "int64"])
@pytest.mark.parametrize("dtype", ["float32", "float16", "int8"])
@pytest.mark.parametrize("shape", [(), (7,), (3, 5), (0,), (2, 1, 9)])
def test_embedding(shape, dtype, index):
    rng = np.random.default_rng(1)
    weight, at = (rng.normal(size=(30, 17)) * 9).astype(dtype), rng.integers(0, 30, size=shape).astype(index)
    np.testing.assert_array_equal(OPS.embedding(at, weight), F.embedding(torch.from_numpy(at), torch.from_numpy(weight)))


@pytest.mark.parametrize("index", [-1, 30, -31])
def test_embedding_refuses(index):
    at, weight = np.array([0, index]), np.ones((30, 4), "f4")
    with pytest.raises(IndexError):
        F.embedding(torch.from_numpy(at), torch.from_numpy(weight))
    with pytest.raises(TruenoError, match=f"embedding: index {index} at position 1 .* size 30"):
        OPS.embedding(at, weight)
