# SPDX-License-Identifier: MIT
"""Convolutions and pooling against torch.nn.functional: values, shapes, types, and what is refused."""
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from trueno_ops import Ops, TruenoError

torch = pytest.importorskip("torch")
F = torch.nn.functional
torch.set_num_threads(1)

OPS = Ops()
ERROR = {"float32": 1e-5, "float64": 1e-12}  # of the sum of magnitudes


def random(rng, dtype, *shape):
    return rng.normal(size=shape).astype(dtype)


def close(got, want, magnitudes, dtype):
    assert got.dtype == dtype and got.shape == tuple(want.shape)
    assert (np.abs(got - want.numpy()) <= ERROR[dtype] * magnitudes.numpy() + 1e-30).all()


@st.composite
def convolutions(draw, transposed):
    n = draw(st.integers(1, 3))
    axis = st.tuples(*[st.integers(1, 14 if n < 3 else 7)] * n)
    small = st.tuples(*[st.integers(1, 3)] * n)
    case = {"stride": draw(small), "dilation": draw(small), "groups": draw(st.sampled_from([1, 1, 2, 3, 8])),
            "padding": draw(st.tuples(*[st.integers(0, 3)] * n))}
    if transposed:
        case["output_padding"] = tuple(draw(st.integers(0, max(s, d) - 1))
                                       for s, d in zip(case["stride"], case["dilation"]))
    sizes = draw(st.integers(1, 3)), draw(st.integers(1, 5)), draw(st.sampled_from([1, 2, 4, 5, 15, 30]))
    return n, case, sizes, draw(axis), draw(st.tuples(*[st.integers(1, 4)] * n)), draw(st.booleans()), draw(st.booleans())


def check(drawn, transposed, dtype, seed):
    n, case, (batch, cin, cout), axes, kernel, biased, batched = drawn
    rng, groups = np.random.default_rng(seed), case["groups"]
    name = f"conv_transpose{n}d" if transposed else f"conv{n}d"
    x = random(rng, dtype, *([batch] if batched else []), cin * groups, *axes)
    w = random(rng, dtype, *((cin * groups, cout) if transposed else (cout * groups, cin)), *kernel)
    b = random(rng, dtype, cout * groups) if biased else None
    judge = getattr(F, name)
    args = [None if a is None else torch.from_numpy(a) for a in (x, w, b)]
    try:
        want = judge(*args, **case)
        refused = want.numel() == 0  # an empty result is refused by some of torch's paths and given by others
    except RuntimeError:
        refused = True
    if refused:
        with pytest.raises(TruenoError):
            getattr(OPS, name)(x, w, b, **case)
        return
    magnitudes = judge(*[None if a is None else a.abs() for a in args], **case)
    close(getattr(OPS, name)(x, w, b, **case), want, magnitudes, dtype)


@pytest.mark.parametrize("dtype", ERROR)
@pytest.mark.parametrize("transposed", [False, True])
@settings(max_examples=400, deadline=None)
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_convolution(transposed, dtype, data, seed):
    check(data.draw(convolutions(transposed)), transposed, dtype, seed)


@pytest.mark.parametrize("dtype", ERROR)
@pytest.mark.parametrize("average", [False, True])
@settings(max_examples=400, deadline=None)
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_pooling(average, dtype, data, seed):
    n = data.draw(st.integers(1, 3))
    axes, kernel = (data.draw(st.tuples(*[st.integers(low, high)] * n)) for low, high in ((1, 20 if n < 3 else 7), (1, 5)))
    stride = data.draw(st.one_of(st.just(kernel), st.tuples(*[st.integers(1, 4)] * n)))
    dilation = tuple(1 for _ in axes) if average else data.draw(st.tuples(*[st.integers(1, 2)] * n))
    padding = tuple(data.draw(st.integers(0, k // 2)) for k in kernel)
    assume(not (average and n == 3 and any(k > size for k, size in zip(kernel, axes))))  # torch alone refuses it
    ceil, include = data.draw(st.booleans()), data.draw(st.booleans())
    x = random(np.random.default_rng(seed), dtype, *data.draw(st.sampled_from([(2, 3), (4,)])), *axes)
    if not average and data.draw(st.booleans()):
        x.flat[data.draw(st.integers(0, x.size - 1))] = np.nan
    name = f"{'avg' if average else 'max'}_pool{n}d"
    ours = {"kernel": kernel, "stride": stride, "padding": padding, "flags": ceil | (average and not include) << 1}
    theirs = {"stride": stride, "padding": padding, "ceil_mode": ceil}
    if average:
        theirs["count_include_pad"] = include
    else:
        ours["dilation"] = theirs["dilation"] = dilation
    try:
        want = getattr(F, name)(torch.from_numpy(x), kernel, **theirs)
    except RuntimeError:
        with pytest.raises(TruenoError):
            getattr(OPS, name)(x, **ours)
        return
    got = getattr(OPS, name)(x, **ours)
    if average:
        close(got, want, torch.ones(()) * np.abs(x).max(), dtype)
    else:
        np.testing.assert_array_equal(got, want.numpy())


@pytest.mark.parametrize("dtype", ERROR)
@settings(max_examples=200, deadline=None)
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_adaptive(dtype, data, seed):
    n = data.draw(st.integers(1, 3))
    axes, out = (data.draw(st.tuples(*[st.integers(1, 12)] * n)) for _ in range(2))
    x = random(np.random.default_rng(seed), dtype, 2, 3, *axes)
    want = getattr(F, f"adaptive_avg_pool{n}d")(torch.from_numpy(x), out)
    close(getattr(OPS, f"adaptive_avg_pool{n}d")(x, output=out), want, torch.ones(()) * np.abs(x).max(), dtype)


@pytest.mark.parametrize("shape,weight,params", [
    ((1, 64, 56, 56), (64, 64, 3, 3), {"padding": (1, 1)}),
    ((2, 3, 60, 61), (20, 3, 7, 7), {"padding": (3, 3), "stride": (2, 2)}),
    ((2, 40, 14, 14), (150, 40, 1, 1), {}),
    ((1, 600, 7, 7), (30, 600, 3, 3), {"padding": (1, 1)}),
    ((3, 48, 17, 40), (96, 1, 3, 3), {"padding": (1, 1), "groups": 48}),
])
def test_larger_than_a_block(shape, weight, params):
    rng = np.random.default_rng(0)
    x, w = random(rng, "float32", *shape), random(rng, "float32", *weight)
    want = F.conv2d(torch.from_numpy(x), torch.from_numpy(w), **params)
    magnitudes = F.conv2d(torch.from_numpy(abs(x)), torch.from_numpy(abs(w)), **params)
    close(OPS.conv2d(x, w, None, **params), want, magnitudes, "float32")


@pytest.mark.parametrize("draw", ["normal", "random"])
@pytest.mark.parametrize("cin,size", [(16, 24), (64, 56), (128, 28), (512, 7), (64, 6), (1024, 10)])
def test_error_of_filtered_tiles(cin, size, draw):
    """What docs/numerics.md states: against float64, of the sum of magnitudes; and the plain chain when asked for."""
    rng = np.random.default_rng(0)
    x, w = getattr(rng, draw)(size=(1, cin, size, size)).astype("f4"), random(rng, "float32", 32, cin, 3, 3)
    exact, magnitudes = (F.conv2d(torch.from_numpy(f(x)).double(), torch.from_numpy(f(w)).double(), padding=1).numpy()
                         for f in (np.asarray, np.abs))
    tiles, plain = (OPS.conv2d(x, w, None, padding=(1, 1), flags=flags) for flags in (0, 1))
    assert (np.abs(tiles - exact) <= 2e-6 * magnitudes).all()
    assert (np.abs(plain - exact) <= 1e-6 * magnitudes).all()
    assert (tiles != plain).any()


def test_half_precision_goes_through_single():
    rng = np.random.default_rng(1)
    x, w, b = random(rng, "float16", 2, 6, 9, 9), random(rng, "float16", 8, 3, 3, 3), random(rng, "float16", 8)
    got = OPS.conv2d(x, w, b, groups=2, padding=(1, 1))
    want = OPS.conv2d(x.astype("float32"), w.astype("float32"), b.astype("float32"), groups=2, padding=(1, 1))
    assert got.dtype == np.float16
    np.testing.assert_array_equal(got, want.astype("float16"))


@pytest.mark.parametrize("call,words", [
    (lambda x: OPS.conv2d(x, np.ones((4, 2, 3, 3), "f4"), None), ["[1,3,8,8]", "[4,2,3,3]", "second axis"]),
    (lambda x: OPS.conv2d(x, np.ones((4, 3, 3), "f4"), None), ["rank 4 and 3"]),
    (lambda x: OPS.conv2d(x, np.ones((4, 3, 9, 3), "f4"), None), ["spans 9", "has 8"]),
    (lambda x: OPS.conv2d(x, np.ones((4, 3, 3, 3), "f4"), np.ones(5, "f4")), ["bias is [5]", "4 channels"]),
    (lambda x: OPS.conv2d(x, np.ones((4, 3, 3, 3), "f4"), None, groups=2), ["groups does not divide"]),
    (lambda x: OPS.conv2d(x, np.ones((4, 3, 3, 3), "f4"), None, stride=(1, 1, 1)), ["spatial axis 2"]),
    (lambda x: OPS.conv2d(x, np.ones((4, 3, 3, 3), "f4"), None, stride=(-1, 1)), ["stride -1"]),
    (lambda x: OPS.conv_transpose2d(x, np.ones((3, 4, 2, 2), "f4"), None, output_padding=(1, 0)), ["output_padding 1"]),
    (lambda x: OPS.conv_transpose2d(x, np.ones((4, 3, 2, 2), "f4"), None), ["first axis", "[4,3,2,2]"]),
    (lambda x: OPS.max_pool2d(x), ["kernel 0"]),
    (lambda x: OPS.max_pool2d(x, kernel=(2, 2), padding=(2, 0)), ["padding 2", "half"]),
    (lambda x: OPS.avg_pool2d(x, kernel=(9, 2)), ["spans 9", "has 8"]),
    (lambda x: OPS.avg_pool2d(x, kernel=(2, 2), dilation=(2, 2)), ["dilation"]),
    (lambda x: OPS.adaptive_avg_pool2d(x, output=(2, -1)), ["below 0"]),
])
def test_refused(call, words):
    with pytest.raises(TruenoError) as error:
        call(np.ones((1, 3, 8, 8), "f4"))
    for word in words:
        assert word in str(error.value)
