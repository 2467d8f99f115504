# SPDX-License-Identifier: MIT
"""Windows and other functions of samples: sinc, the Bessel function i0, unwrapped phases, zeros at the ends."""
import math

from . import _core
from ._create import arange, asarray
from ._manip import as_axes, as_axis
from ._types import result_type

__all__ = ["bartlett", "blackman", "hamming", "hanning", "i0", "kaiser", "sinc", "trim_zeros", "unwrap"]
ops = _core.ops


def window(M, form):
    """form(n, M) of n = 1 - M, 3 - M, … M - 1; one point is 1."""
    M = float(M)
    if M < 1:
        return _core.empty((0,), "float64")
    return _core.ones((1,), "float64") if M == 1 else form(arange(1 - M, M, 2), M)


def cosines(*terms):
    return lambda n, M: sum(a * ops["cos"](n * (k * math.pi / (M - 1))) for k, a in enumerate(terms))


def bartlett(M):
    return window(M, lambda n, M: 1 - ops["absolute"](n) / (M - 1))


def blackman(M):
    return window(M, cosines(0.42, 0.5, 0.08))


def hamming(M):
    return window(M, cosines(0.54, 0.46))


def hanning(M):
    return window(M, cosines(0.5, 0.5))


def kaiser(M, beta):
    beta = float(beta)

    def form(n, M):
        x = n / (M - 1)
        return i0(beta * ops["sqrt"](1 - x * x)) / i0(beta)
    return window(M, form)


def i0_near(x):
    """sum (x² / 4)^k / (k!)², innermost term first; enough of them up to x = 30."""
    t, y = x * x * 0.25, 1.0
    for k in range(70, 0, -1):
        y = y * t * (1.0 / (k * k)) + 1.0
    return y


def i0_far(x):
    """e^x / sqrt(2 pi x) · sum ((2k - 1)!!)² / (k! (8x)^k), whose terms have become small enough from x = 30 on."""
    y, z = 1.0, 0.125 / x
    for k in range(20, 0, -1):
        y = y * z * ((2 * k - 1) ** 2 / k) + 1.0
    half = ops["exp"](x * 0.5)  # whose square may overflow where the result does not
    return half * (y / ops["sqrt"](x * (2 * math.pi))) * half


def i0(x):
    """The modified Bessel function of the first kind, order 0."""
    x = asarray(x)
    if x.dtype.kind == "c":
        raise TypeError("i0 not supported for complex values")
    kind = x.dtype if x.dtype.kind == "f" else "float64"
    x = ops["absolute"](_core.asarray(x, "float64", None))
    y = ops["where"](x <= 30, i0_near(ops["minimum"](x, 30.0)), i0_far(ops["maximum"](x, 30.0)))
    return _core.asarray(y, kind, None)


def sinc(x):
    """sin(pi x) / (pi x)"""
    x = asarray(x)
    y = math.pi * ops["where"](x == 0, 1.0e-20, x if x.dtype.kind in "fc" else _core.asarray(x, "float64", None))
    return _core.asarray(ops["where"](x == 0, 1.0, ops["sin"](y) / y), y.dtype, None)


def unwrap(p, discont=None, axis=-1, *, period=2 * math.pi):
    """p with jumps of discont or more replaced by what differs from them by whole periods, and is least."""
    p = asarray(p)
    axis = as_axis(axis, p.ndim)
    d = _core.diff(p, 1, axis)
    discont = period / 2 if discont is None else discont
    kind = result_type(d, period)
    if kind.kind in "iu":
        high, odd = divmod(period, 2)
    else:
        high, odd = period / 2, False
    low = -high
    near = ops["remainder"](d - low, period) + low
    if not odd:
        near = ops["where"]((near == low) & (d > 0), high, near)
    step = ops["where"](ops["absolute"](d) < discont, 0, near - d)
    y = _core.asarray(p, kind, True)
    rest = (slice(None),) * axis + (slice(1, None),)
    y[rest] = p[rest] + ops["cumsum"](step, axis)
    return y


def trim_zeros(filt, trim="fb", axis=None):
    """Without the zeros at the front (f) and back (b) of all axes, or of some."""
    a, how = asarray(filt), trim.lower()
    if how not in ("f", "b", "fb", "bf"):
        raise ValueError(f"unexpected character(s) in `trim`: {trim!r}")
    axes = tuple(range(a.ndim)) if axis is None else as_axes(axis, a.ndim)
    key = [slice(None)] * a.ndim
    for i in axes:
        others = tuple(k for k in range(a.ndim) if k != i)
        at = _core.flatnonzero(ops["any"](a, others) if others else a)
        if not at.size:
            key[i] = slice(0, 0)
            continue
        key[i] = slice(int(at[0]) if "f" in how else None, int(at[-1]) + 1 if "b" in how else None)
    return filt[key[0]] if isinstance(filt, (list, tuple)) and a.ndim == 1 else a[tuple(key)]
