# SPDX-License-Identifier: MIT
"""Reductions that pass over NaN, and medians: operations of the table with NumPy's further arguments and warnings."""
import inspect
import operator
import warnings

from . import _core, _ufunc
from ._create import asarray
from ._manip import as_axes, as_axis
from ._types import result_type
from ._ufunc import NOTHING, the_out

__all__ = ["median", "nanargmax", "nanargmin", "nancumprod", "nancumsum", "nanmax", "nanmean", "nanmedian", "nanmin",
           "nanprod", "nanstd", "nansum", "nanvar"]
ops = _core.ops
INF = float("inf")


def warn(text, times=1):
    for _ in range(times):
        warnings.warn(text, RuntimeWarning, stacklevel=4)


def checked(a, axis):
    """a as an array, and the axes that it has."""
    a = asarray(a)
    return a, axis if axis is None or a.ndim == 0 and axis in (0, -1) else as_axes(axis, a.ndim)


def without_nan(a, value):
    return ops["where"](ops["isnan"](a), value, a) if a.dtype.kind in "fc" else a


def numbers(a, axis, where, keepdims):
    """How many numbers are reduced to each result."""
    good = ops["logical_not"](ops["isnan"](a)) if a.dtype.kind in "fc" else _core.ones(a.shape, "bool")
    if where is not True:
        good = good & asarray(where, "bool")
    return ops["sum"](good, axis, keepdims=keepdims)


def has_nan(y):
    return y.dtype.kind in "fc" and bool(ops["any"](ops["isnan"](y)))


# ---- extremes ----


def extreme(name, rest, a, axis, out, keepdims, initial, where):
    a, axis = checked(a, axis)
    if initial is NOTHING and where is True:
        y = ops[name](a, axis, out=the_out(out), keepdims=keepdims)
    else:
        y = ops[name[3:]](without_nan(a, rest), axis, out=the_out(out), keepdims=keepdims, initial=initial, where=where)
    if has_nan(y):
        warn("All-NaN slice encountered")
    return y


def nanmin(a, axis=None, out=None, keepdims=False, initial=NOTHING, where=True):
    return extreme("nanmin", INF, a, axis, out, keepdims, initial, where)


def nanmax(a, axis=None, out=None, keepdims=False, initial=NOTHING, where=True):
    return extreme("nanmax", -INF, a, axis, out, keepdims, initial, where)


def place_of(name, rest, a, axis, out, keepdims):
    a = asarray(a)
    axis = axis if axis is None or a.ndim == 0 else as_axis(axis, a.ndim)
    if (a.size if axis is None or a.ndim == 0 else a.shape[axis]) == 0:
        raise ValueError(f"attempt to get {name[3:]} of an empty sequence")
    if a.dtype.kind == "c":
        if bool(ops["any"](ops["all"](ops["isnan"](a), axis))):
            raise ValueError("All-NaN slice encountered")
        return ops[name[3:]](without_nan(a, rest), axis, out=out, keepdims=keepdims)
    try:
        return ops[name](a, axis, out=out, keepdims=keepdims)
    except ValueError as error:
        if a.dtype.kind == "f" and bool(ops["any"](ops["all"](ops["isnan"](a), axis))):
            raise ValueError("All-NaN slice encountered") from error
        raise


def nanargmin(a, axis=None, out=None, *, keepdims=False):
    return place_of("nanargmin", INF, a, axis, out, keepdims)


def nanargmax(a, axis=None, out=None, *, keepdims=False):
    return place_of("nanargmax", -INF, a, axis, out, keepdims)


# ---- sums and products ----


def total(name, rest, a, axis, dtype, out, keepdims, initial, where):
    a, axis = checked(a, axis)
    if initial is NOTHING and where is True:
        return ops[name](a, axis, dtype=dtype, out=the_out(out), keepdims=keepdims)
    more = {} if initial is NOTHING else {"initial": initial}
    return ops[name[3:]](without_nan(a, rest), axis, dtype=dtype, out=out, keepdims=keepdims, where=where, **more)


def nansum(a, axis=None, dtype=None, out=None, keepdims=False, initial=NOTHING, where=True):
    return total("nansum", 0, a, axis, dtype, out, keepdims, initial, where)


def nanprod(a, axis=None, dtype=None, out=None, keepdims=False, initial=NOTHING, where=True):
    return total("nanprod", 1, a, axis, dtype, out, keepdims, initial, where)


def nancumsum(a, axis=None, dtype=None, out=None):
    return ops["cumsum"](without_nan(asarray(a), 0), axis, dtype, out)


def nancumprod(a, axis=None, dtype=None, out=None):
    return ops["cumprod"](without_nan(asarray(a), 1), axis, dtype, out)


# ---- means and deviations ----


def check_inexact(a, dtype, out):
    if a.dtype.kind not in "fc":
        return
    if dtype is not None and _core.dtype(dtype).kind not in "fc":
        raise TypeError("If a is inexact, then dtype must be inexact")
    if out is not None and out.dtype.kind not in "fc":
        raise TypeError("If a is inexact, then out must be inexact")


def masked(a, where):
    """a with 0 in the place of NaN and of what is not reduced."""
    a = without_nan(a, 0)
    return a if where is True else ops["where"](asarray(where, "bool"), a, 0)


def mean_of(a, axis, dtype, where, keepdims):
    """The mean, where it can be in float64."""
    kind = result_type(a, 1.0) if dtype is None else dtype
    return ops["sum"](masked(a, where), axis, None if kind == "float16" else kind, None, keepdims) / \
        numbers(a, axis, where, keepdims)


def nanmean(a, axis=None, dtype=None, out=None, keepdims=False, *, where=True):
    (a, axis), out = checked(a, axis), the_out(out)
    check_inexact(a, dtype, out)
    if where is True:
        y = ops["nanmean"](a, axis, dtype=dtype, out=out, keepdims=keepdims)
    else:
        y = _core.asarray(mean_of(a, axis, dtype, where, keepdims), result_type(a, 1.0) if dtype is None else dtype, None)
        y = y if out is None else ops["astype"](y, out=out)
    if has_nan(y) and bool(ops["any"](numbers(a, axis, where, False) == 0)):
        warn("Mean of empty slice")
    return y


def variance(name, a, axis, dtype, out, ddof, keepdims, where, mean, correction):
    """nanvar and nanstd: by the operation of the table where it has the form, else by way of sums."""
    (a, axis), out = checked(a, axis), the_out(out)
    check_inexact(a, dtype, out)
    if correction is not NOTHING:
        if ddof != 0:
            raise ValueError("ddof and correction can't be provided simultaneously.")
        ddof = correction
    n = numbers(a, axis, where, keepdims)
    if where is True and mean is NOTHING and ddof in range(256):
        y = ops[name](a, axis, dtype=dtype, keepdims=keepdims, ddof=operator.index(int(ddof)))
    else:
        average = mean_of(a, axis, dtype, where, True) if mean is NOTHING else asarray(mean)
        d = a - average
        square = masked(ops["square"](ops["absolute"](d) if d.dtype.kind == "c" else d), where)
        y = ops["sum"](square, axis, keepdims=keepdims) / ops["maximum"](n - ddof, 0)
        y = ops["sqrt"](y) if name == "nanstd" else y
        kind = a.dtype if dtype is None and a.dtype.kind in "fc" else y.dtype if dtype is None else _core.dtype(dtype)
        y = _core.asarray(y, {"complex64": "float32", "complex128": "float64"}.get(kind.name, kind), None)
    few = n - ddof <= 0
    if bool(ops["any"](few)):
        warn("Degrees of freedom <= 0 for slice.")
        y = _core.asarray(ops["where"](few, float("nan"), y), y.dtype, None)
    return y if out is None else ops["astype"](y, out=out)


def nanvar(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=True, mean=NOTHING, correction=NOTHING):
    return variance("nanvar", a, axis, dtype, out, ddof, keepdims, where, mean, correction)


def nanstd(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=True, mean=NOTHING, correction=NOTHING):
    return variance("nanstd", a, axis, dtype, out, ddof, keepdims, where, mean, correction)


# ---- medians ----


def median(a, axis=None, out=None, overwrite_input=False, keepdims=False):
    """overwrite_input is for compatibility: a stays as it is."""
    a, axis = checked(a, axis)
    y = ops["median"](a, axis, out=the_out(out), keepdims=keepdims)
    if not a.size and y.size:
        warn("Mean of empty slice.")
        warn("invalid value encountered in divide")
    return y


def nanmedian(a, axis=None, out=None, overwrite_input=False, keepdims=False):
    a, axis = checked(a, axis)
    y = ops["nanmedian"](a, axis, out=the_out(out), keepdims=keepdims)
    if has_nan(y):
        empty = int(ops["sum"](numbers(a, axis, True, False) == 0))
        warn("All-NaN slice encountered" if a.size else "Mean of empty slice", empty if a.size else 1)
    return y


# What inspect.signature says of reductions and running operations, which have these arguments by general().
PARAMETERS = {"sum prod": "a, axis=None, dtype=None, out=None, keepdims=False, initial=0, where=True",
              "min max all any": "a, axis=None, out=None, keepdims=False, initial=None, where=True",
              "argmin argmax": "a, axis=None, out=None, *, keepdims=False",
              "mean": "a, axis=None, dtype=None, out=None, keepdims=False, *, where=True",
              "var std": "a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=True, mean=None, correction=0",
              "cumsum cumprod": "a, axis=None, dtype=None, out=None"}
SIGNATURES = {name: text for names, text in PARAMETERS.items() for name in names.split()}


def signature(self):
    if self.__name__ not in SIGNATURES:
        if not self.elementwise and self.signature is None:
            raise AttributeError(f"{self.__name__} has no signature")
        return _ufunc.signature_of(self)
    return inspect.signature(eval(f"lambda {SIGNATURES[self.__name__]}: None"))


_core.operation.__signature__ = property(signature)
