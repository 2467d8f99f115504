# SPDX-License-Identifier: MIT
"""Comparisons of whole arrays, rounding and differences, and the array API's names for running sums."""
import builtins
import warnings

from . import _core
from ._create import asarray
from ._errors import errstate
from ._manip import as_axis, concatenate

__all__ = ["where", "clip", "allclose", "array_equal", "array_equiv", "isclose", "around", "cumulative_sum",
           "cumulative_prod", "nan_to_num", "square"]
ops = _core.ops
square = ops["square"]


def where(condition, x=None, y=None, /, *, out=None):
    """x where condition is true, y elsewhere; without x and y the places where it is true, as nonzero."""
    if x is None and y is None:
        return tuple(_core.nonzero(asarray(condition)))
    if x is None or y is None:
        raise ValueError("either both or neither of x and y should be given")
    return ops["where"](condition, x, y, out=out)


NO_LIMIT = type("NO_LIMIT", (), {"__repr__": lambda self: "<no value>"})()


def limit(x, a, lowest):
    """An int that a's integers cannot pass is no limit."""
    from ._types import iinfo
    if type(x) is not int or a.dtype.kind not in "iu":
        return x
    info = iinfo(a.dtype)
    return None if (x <= info.min if lowest else x >= info.max) else x


def clip(a, a_min=NO_LIMIT, a_max=NO_LIMIT, out=None, *, min=NO_LIMIT, max=NO_LIMIT, **kwargs):
    """minimum(maximum(a, a_min), a_max); a limit may be None."""
    given = a_min is not NO_LIMIT or a_max is not NO_LIMIT
    if given and (min is not NO_LIMIT or max is not NO_LIMIT):
        raise ValueError("Passing `min` or `max` keyword argument when `a_min` and `a_max` are provided is forbidden.")
    if given and (a_min is NO_LIMIT or a_max is NO_LIMIT):
        raise TypeError(f"clip() missing 1 required positional argument: {'a_max' if a_max is NO_LIMIT else 'a_min'!r}")
    low, high = (a_min, a_max) if given else (None if x is NO_LIMIT else x for x in (min, max))
    a = asarray(a)
    low, high = limit(low, a, True), limit(high, a, False)
    if low is None and high is None:
        return ops["positive"](a, out=out, **kwargs) if "positive" in ops else ops["copy"](a, out=out, **kwargs)
    if low is None or high is None:
        return ops["minimum"](a, high, out=out, **kwargs) if low is None else ops["maximum"](a, low, out=out, **kwargs)
    if a.dtype.kind == "c" or any(getattr(x, "dtype", a.dtype).kind == "c" or isinstance(x, complex) for x in (low, high)):
        return ops["minimum"](ops["maximum"](a, low), high, out=out, **kwargs)
    return ops["clip"](a, low, high, out=out, **kwargs)


def isclose(a, b, rtol=1e-5, atol=1e-8, equal_nan=False):
    """Whether |a - b| <= atol + rtol |b|. Python's numbers have the other operands' precision."""
    a, b, rtol, atol = (x if type(x) in (int, float, complex) else asarray(x) for x in (a, b, rtol, atol))
    a, b = (float(x) if type(x) is int else x if not hasattr(x, "dtype") or x.dtype.kind in "fc" else
            _core.asarray(x, "float64", None) for x in (a, b))
    if not all(ops["all"](ops["isfinite"](x)) for x in (rtol, atol)):
        warnings.warn(f"One of rtol or atol is not valid, atol: {atol}, rtol: {rtol}", RuntimeWarning, stacklevel=2)
    with errstate(invalid="ignore"):
        near = ops["less_equal"](builtins.abs(a - b), atol + rtol * builtins.abs(b))
        y = near & ops["isfinite"](b) | ops["equal"](a, b)
        return y | (ops["isnan"](a) & ops["isnan"](b)) if equal_nan else y


def allclose(a, b, rtol=1e-5, atol=1e-8, equal_nan=False):
    return builtins.bool(ops["all"](isclose(a, b, rtol, atol, equal_nan)))


def array_equal(a1, a2, equal_nan=False):
    a, b = asarray(a1), asarray(a2)
    if a.shape != b.shape:
        return False
    same = a == b
    if equal_nan and a.dtype.kind in "fc" and b.dtype.kind in "fc":
        same = same | (ops["isnan"](a) & ops["isnan"](b))
    return builtins.bool(ops["all"](same))


def array_equiv(a1, a2):
    try:
        return builtins.bool(ops["all"](asarray(a1) == asarray(a2)))
    except ValueError:
        return False


def around(a, decimals=0, out=None):
    """To nearest, halves to even; integers to so many zeros where decimals is negative."""
    a = asarray(a)
    if a.dtype.kind == "c":
        return _core.complex(around(_core.real(a), decimals), around(_core.imag(a), decimals))
    if a.dtype.kind == "f":
        return ops["round"](a, decimals, out)
    if decimals >= 0:
        return ops["copy"](a, out=out)
    y = _core.asarray(ops["round"](_core.asarray(a, "float64", None), decimals), a.dtype, None)
    return y[()] if out is None else ops["astype"](y, out=out)


def nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None):
    """With NaN and infinite elements, or parts of complex ones, replaced: in place if copy is false and x is an array."""
    y = asarray(x, copy=True if copy else None)
    if y.dtype.kind not in "fc":
        return y[()] if not y.ndim else y
    from ._types import finfo
    limit = finfo(y.dtype)
    for part in (y,) if y.dtype.kind == "f" else (_core.real(y), _core.imag(y)):
        new = ops["where"](ops["isnan"](part), nan, part)
        new = ops["where"](part == float("inf"), limit.max if posinf is None else posinf, new)
        part[...] = ops["where"](part == float("-inf"), limit.min if neginf is None else neginf, new)
    return y[()] if not y.ndim else y


def cumulative(op, start, x, axis, dtype, out, include_initial):
    x = asarray(x)
    if axis is None:
        if x.ndim != 1:
            raise ValueError("For arrays which have more than one dimension ``axis`` argument is required.")
        axis = 0
    if not include_initial:
        return op(x, axis, dtype, out)
    axis, y = as_axis(axis, x.ndim), op(x, axis, dtype)
    first = _core.asarray(_core.zeros((*x.shape[:axis], 1, *x.shape[axis + 1:]), y.dtype) + start, y.dtype, None)
    y = concatenate([first, y], axis)
    return y if out is None else ops["astype"](y, out=out)


def cumulative_sum(x, /, *, axis=None, dtype=None, out=None, include_initial=False):
    return cumulative(ops["cumsum"], 0, x, axis, dtype, out, include_initial)


def cumulative_prod(x, /, *, axis=None, dtype=None, out=None, include_initial=False):
    return cumulative(ops["cumprod"], 1, x, axis, dtype, out, include_initial)
