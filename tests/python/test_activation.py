# SPDX-License-Identifier: MIT
"""Activations against torch.nn.functional, in float64 and to the row's tolerance: values, types, and what is refused."""
import ctypes

import numpy as np
import pytest

from trueno_ops import NUMBERS, Ops, P, TruenoError, table

torch = pytest.importorskip("torch")
F = torch.nn.functional
torch.set_num_threads(1)

OPS = Ops()
SPECIAL = [0.0, -0.0, 1.0, -1.0, 3.0, -3.0, 6.0, 20.0, -20.0, np.inf, -np.inf, np.nan, 1e-40, -1e-40, 3e38, -3e38]
# name: (numbers, torch's function of them)
JUDGES = {
    "relu": ((), F.relu), "relu6": ((), F.relu6), "sigmoid": ((), torch.sigmoid), "tanh": ((), torch.tanh),
    # torch's own gelu loses everything to 1 + erf, even in float64
    "silu": ((), F.silu), "gelu": ((), lambda x: x / 2 * torch.erfc(-x * 0.5**0.5)),
    "gelu_tanh": ((), lambda x: x * torch.sigmoid(1.5957691216057308 * (x + 0.044715 * x * x * x))),
    "leaky_relu": ((0.01,), F.leaky_relu), "elu": ((1.3,), F.elu), "selu": ((), F.selu), "celu": ((0.7,), F.celu),
    "logsigmoid": ((), F.logsigmoid), "hardsigmoid": ((), F.hardsigmoid), "hardtanh": ((-0.5, 2.0), F.hardtanh),
    "mish": ((), F.mish), "hardswish": ((), F.hardswish), "softplus": ((1.7, 15.0), F.softplus),
    "softsign": ((), F.softsign), "threshold": ((0.5, -4.0), F.threshold), "hardshrink": ((0.5,), F.hardshrink),
    "softshrink": ((0.5,), F.softshrink), "round": ((2,), lambda x, d: torch.round(x, decimals=d)),
}
ROWS = {r.name: r for r in table()}


def test_all_rows_with_numbers_are_judged():
    assert {r.name for r in ROWS.values() if r.family in NUMBERS} <= set(JUDGES)


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
@pytest.mark.parametrize("name", JUDGES)
def test_activation(name, dtype):
    numbers, judge = JUDGES[name]
    rng = np.random.default_rng(3)
    x = np.concatenate([rng.normal(size=3000) * 10.0 ** rng.integers(-3, 3, 3000), np.array(SPECIAL)])
    if name in ("hardswish", "round"):  # the product overflows on the way
        x = x[~np.isfinite(x) | (np.abs(x) < 1e30)]
    with np.errstate(all="ignore"):
        x = x.astype(dtype)
    got = getattr(OPS, name)(x, *numbers)
    assert got.dtype == x.dtype and got.shape == x.shape
    # what the numbers are in the type, and the rest in float64
    width = np.float64 if dtype == "float64" else np.float32
    rounded = [float(width(n)) if isinstance(n, float) else n for n in numbers]
    want = judge(torch.from_numpy(x.astype(np.float64)), *rounded).numpy()
    assert (np.isnan(got) == np.isnan(want)).all()
    fine = np.isfinite(got) & np.isfinite(want)
    rest = ~fine & ~np.isnan(want)
    with np.errstate(all="ignore"):
        assert (got[rest] == want[rest].astype(dtype)).all()
    info = np.finfo(dtype)
    # "exact" is each step rounded, of which there are four at most; torch's own float64 result is off by some ulps too,
    # where it is e to some power of x by the rounding of that
    power = np.minimum(x[fine].astype(np.float64) ** 4, 1500)
    ulps = {"float64": 32 + power, "float32": max(ROWS[name].ulp, 2) + 0.1, "float16": 1.1}[dtype]
    scale = np.abs(want[fine]) + (np.abs(x[fine].astype(np.float64)) * 0.5 if name == "softshrink" else 0)
    if name == "round":
        return np.testing.assert_allclose(got[fine].astype(np.float64), want[fine], rtol=4 * info.eps, atol=0.005)
    error = np.abs(got[fine].astype(np.float64) - want[fine])
    assert (error <= ulps * np.maximum(scale * info.eps, float(info.smallest_subnormal))).all(), error.max()


@pytest.mark.parametrize("decimals", [-3, -1, 0, 1, 2, 7])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_round_has_the_bits_of_numpy(decimals, dtype):
    rng = np.random.default_rng(4)
    x = np.concatenate([rng.normal(size=2000) * 10.0 ** rng.integers(-3, 7, 2000), [0.5, 1.5, 2.5, -0.5, 25, 35, 0.125]])
    x = x.astype(dtype)
    assert (OPS.round(x, decimals).view(np.uint8) == np.round(x, decimals).view(np.uint8)).all()


def call(name, *args):
    f = getattr(OPS.c, "tr_" + name)
    f.restype, f.argtypes = P, [ctypes.c_int if isinstance(a, int) else P for a in args]
    OPS.alive = []
    OPS.c.tr_scope_begin(OPS.ctx)
    try:
        return OPS.array(OPS.check(f(*[a if isinstance(a, int) else OPS.tensor(a) for a in args])))
    finally:
        OPS.c.tr_scope_end(OPS.ctx)


@pytest.mark.parametrize("shape", [(5,), (4, 3), (2, 3, 5), (2, 3, 4, 5), (0, 3, 2)])
def test_prelu(shape):
    rng = np.random.default_rng(5)
    x = rng.normal(size=shape).astype(np.float32)
    for c in {1, shape[1] if len(shape) > 1 else 1}:
        w = rng.normal(size=c).astype(np.float32)
        np.testing.assert_array_equal(call("prelu_channels", x, w), F.prelu(torch.from_numpy(x), torch.from_numpy(w)))
    with pytest.raises(TruenoError, match=r"prelu_channels: weight \[7\]"):
        call("prelu_channels", x, np.zeros(7, np.float32))


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_glu(axis):
    x = np.random.default_rng(6).normal(size=(4, 6, 8)).astype(np.float32)
    want = F.glu(torch.from_numpy(x.astype(np.float64)), dim=axis).numpy()
    np.testing.assert_allclose(call("glu", x, axis), want, rtol=4e-7)
    with pytest.raises(TruenoError, match="glu: axis 0 has 3 elements"):
        call("glu", x[:3], 0)
    with pytest.raises(TruenoError, match="glu: rank 3 has no axis 3"):
        call("glu", x, 3)
