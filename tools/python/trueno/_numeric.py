# SPDX-License-Identifier: MIT
"""Samples of functions, statistics of several variables, quantiles; places in grids and on diagonals; choices."""
import builtins
import functools
import operator
import warnings

from . import _core
from ._create import arange, asarray, tri, zeros
from ._manip import as_axes, as_axis, broadcast_arrays, broadcast_to, concatenate, copyto, moveaxis
from ._nan import has_nan, nanmean
from ._types import result_type
from ._ufunc import the_out

__all__ = ["apply_along_axis", "average", "choose", "corrcoef", "cov", "diag_indices", "diag_indices_from", "diff", "ediff1d",
           "fill_diagonal", "gradient", "interp", "mask_indices", "nanpercentile", "nanquantile", "percentile", "piecewise",
           "quantile", "ravel_multi_index", "select", "trapezoid", "tril_indices", "tril_indices_from", "triu_indices",
           "triu_indices_from", "unravel_index", "vander"]
ops = _core.ops


def diff(a, n=1, axis=-1, prepend=None, append=None):
    if n == 0:
        return a
    if n < 0:
        raise ValueError(f"order must be non-negative but got {n!r}")
    a = asarray(a)
    if not a.ndim:
        raise ValueError("diff requires input that is at least one dimensional")
    axis = as_axis(axis, a.ndim)
    parts = [asarray(p) for p in (prepend, a, append) if p is not None]
    if len(parts) > 1:
        line = (*a.shape[:axis], 1, *a.shape[axis + 1:])
        a = concatenate([_core.broadcast_to(p, line) if p.ndim == 0 else p for p in parts], axis)
    return _core.diff(a, n, axis)


def ediff1d(ary, to_end=None, to_begin=None):
    a = _core.ravel(asarray(ary))
    y = _core.diff(a, 1, 0)
    parts = [y]
    for value, place in ((to_begin, 0), (to_end, len(parts) + 1)):
        if value is None:
            continue
        value = _core.ravel(asarray(value))
        if value.size and not same_kind(value.dtype, a.dtype):
            raise TypeError(f"dtype of `{'to_begin' if place == 0 else 'to_end'}` must be compatible with input `ary` under "
                            "the `same_kind` rule.")
        parts.insert(place, _core.asarray(value, a.dtype, None))
    return concatenate(parts) if len(parts) > 1 else y


def same_kind(of, to):
    return "buifc".index(of.kind) <= "buifc".index(to.kind) or of.kind == "i" and to.kind == "u"


def spacing(distances, f, axis):
    """A number, or the steps between coordinates as a vector."""
    d = asarray(distances)
    if d.ndim == 0:
        return d.item()
    if d.ndim != 1:
        raise ValueError("distances must be either scalars or 1d")
    if d.shape[0] != f.shape[axis]:
        raise ValueError("when 1d, distances must match the length of the corresponding dimension")
    d = _core.diff(_core.asarray(d, "float64", None) if d.dtype.kind in "iub" else d, 1, 0)
    return d[0].item() if builtins.bool(ops["all"](d == d[0])) else d


def slopes(f, h, edge_order):
    """The gradient along the first axis, in steps of h."""
    if f.shape[0] < edge_order + 1:
        raise ValueError("Shape of array too small to calculate a numerical gradient, at least (edge_order + 1) elements are "
                         "required.")
    even = not hasattr(h, "ndim")
    line = (-1,) + (1,) * (f.ndim - 1)
    if even:
        inner = (f[2:] - f[:-2]) / (2.0 * h)
        first, last = h, h
    else:
        a, b = h[:-1], h[1:]
        weights = [_core.reshape(w, line) for w in (-b / (a * (a + b)), (b - a) / (a * b), a / (b * (a + b)))]
        inner = weights[0] * f[:-2] + weights[1] * f[1:-1] + weights[2] * f[2:]
        first, last = h[0], h[-1]
    if edge_order == 1:
        ends = (f[1] - f[0]) / first, (f[-1] - f[-2]) / last
    elif even:
        ends = (-1.5 / h * f[0] + 2.0 / h * f[1] - 0.5 / h * f[2], 0.5 / h * f[-3] - 2.0 / h * f[-2] + 1.5 / h * f[-1])
    else:
        a, b, c, d = h[0], h[1], h[-2], h[-1]
        ends = (-(2.0 * a + b) / (a * (a + b)) * f[0] + (a + b) / (a * b) * f[1] - a / (b * (a + b)) * f[2],
                d / (c * (c + d)) * f[-3] - (d + c) / (c * d) * f[-2] + (2.0 * d + c) / (d * (c + d)) * f[-1])
    return concatenate([ends[0][None], inner, ends[1][None]])


def gradient(f, *varargs, axis=None, edge_order=1):
    f = asarray(f)
    axes = tuple(range(f.ndim)) if axis is None else as_axes(axis, f.ndim)
    if not varargs:
        steps = [1.0] * len(axes)
    elif len(varargs) == 1 and asarray(varargs[0]).ndim == 0:
        steps = [asarray(varargs[0]).item()] * len(axes)
    elif len(varargs) == len(axes):
        steps = [spacing(v, f, i) for v, i in zip(varargs, axes)]
    else:
        raise TypeError("invalid number of arguments")
    if edge_order > 2:
        raise ValueError("'edge_order' greater than 2 not supported")
    if f.dtype.kind not in "fc":
        f = _core.asarray(f, "float64", None)
    y = tuple(_core.asarray(moveaxis(slopes(moveaxis(f, i, 0), h, edge_order), 0, i), f.dtype, None)
              for i, h in zip(axes, steps))
    return y[0] if len(axes) == 1 else y


def interp(x, xp, fp, left=None, right=None, period=None):
    x, xp, fp = asarray(x), asarray(xp), asarray(fp)
    if period is not None:
        if period == 0:
            raise ValueError("period must be a non-zero value")
        if xp.ndim != 1 or fp.ndim != 1:
            raise ValueError("Data points must be 1-D sequences")
        if xp.shape != fp.shape:
            raise ValueError("fp and xp are not of the same length")
        period, left, right = builtins.abs(period), None, None
        x, xp = (ops["remainder"](_core.asarray(v, "float64", None), period) for v in (x, xp))
        order = ops["argsort"](xp, 0)
        xp, fp = xp[order], fp[order]
        xp, fp = concatenate((xp[-1:] - period, xp, xp[:1] + period)), concatenate((fp[-1:], fp, fp[:1]))
    if isinstance(left, complex) or isinstance(right, complex):
        parts = [_core.interp(x, xp, f(fp), *(None if e is None else getattr(complex(e), name) for e in (left, right)))
                 for f, name in ((_core.real, "real"), (_core.imag, "imag"))]
        return as_scalar(_core.complex(*parts))
    return as_scalar(_core.interp(x, xp, fp, left, right))


def as_scalar(y):
    return y if y.ndim else y[()]


def trapezoid(y, x=None, dx=1.0, axis=-1):
    y = asarray(y)
    return _core.trapezoid(y, None if x is None else asarray(x), float(dx), as_axis(axis, y.ndim))


def average(a, axis=None, weights=None, returned=False, *, keepdims=False):
    a = asarray(a)
    if weights is None:
        y = ops["mean"](a, axis, keepdims=keepdims)
        total = broadcast_to(asarray(a.size / builtins.max(y.size, 1), y.dtype), y.shape)
        return (y, total) if returned else y
    weights = asarray(weights)
    dtype = result_type(a.dtype, weights.dtype, "float64") if a.dtype.kind in "iub" else result_type(a.dtype, weights.dtype)
    if weights.shape != a.shape:
        if axis is None:
            raise TypeError("Axis must be specified when shapes of a and weights differ.")
        axes = as_axes(axis, a.ndim)
        if weights.shape != tuple(a.shape[i] for i in axes):
            raise ValueError("Shape of weights must be consistent with shape of a along specified axis.")
        order = sorted(range(len(axes)), key=axes.__getitem__)
        weights = _core.permute(weights, order)
        weights = _core.reshape(weights, [n if i in axes else 1 for i, n in enumerate(a.shape)])
    weights = broadcast_to(weights, a.shape)
    total = ops["sum"](_core.asarray(weights, dtype, None), axis, keepdims=keepdims)
    if builtins.bool(ops["any"](total == 0)):
        raise ZeroDivisionError("Weights sum to zero, can't be normalized")
    y = ops["sum"](_core.asarray(a, dtype, None) * weights, axis, keepdims=keepdims) / total
    return (y, broadcast_to(total, y.shape)) if returned else y


def sample_weights(w, n, name, whole):
    w = _core.asarray(asarray(w), "float64", None)
    if whole and not builtins.bool(ops["all"](w == ops["rint"](w))):
        raise TypeError(f"{name} must be integer")
    if w.ndim > 1:
        raise RuntimeError(f"cannot handle multidimensional {name}")
    if w.shape[0] != n:
        raise RuntimeError(f"incompatible numbers of samples and {name}")
    if builtins.bool(ops["any"](w < 0)):
        raise ValueError(f"{name} cannot be negative")
    return w


def variables(m, rowvar, dtype, name):
    m = asarray(m)
    if m.ndim > 2:
        raise ValueError(f"{name} has more than 2 dimensions")
    x = _core.asarray(m, dtype, None)
    x = x if x.ndim == 2 else _core.reshape(x, (1, -1))
    return x.T if not rowvar and (m.ndim != 1 if name == "m" else x.shape[0] != 1) else x


def cov(m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None, *, dtype=None):
    """Covariances of the variables, which are m's rows, or columns if not rowvar."""
    if ddof is not None and ddof != int(ddof):
        raise ValueError("ddof must be integer")
    if dtype is None:
        dtype = result_type("float64", *(asarray(v).dtype for v in (m, y) if v is not None))
    x = variables(m, rowvar, dtype, "m")
    if x.shape[0] == 0:
        return zeros((0, 0))
    if y is not None:
        x = concatenate((x, variables(y, rowvar, dtype, "y")))
    ddof = (0 if bias else 1) if ddof is None else ddof
    w, n = None, x.shape[1]
    if fweights is not None:
        w = sample_weights(fweights, n, "fweights", True)
    if aweights is not None:
        a = sample_weights(aweights, n, "aweights", False)
        w = a if w is None else w * a
    mean, total = average(x, 1, w, True)
    total = total[0]
    if w is None:
        divisor = n - ddof
    elif ddof == 0 or aweights is None:
        divisor = total.real.item() - ddof
    else:
        divisor = total.real.item() - ddof * ops["sum"](w * a).item() / total.real.item()
    if divisor <= 0:
        warnings.warn("Degrees of freedom <= 0 for slice", RuntimeWarning, stacklevel=2)
        divisor = 0.0
    x = x - mean[:, None]
    other = (x if w is None else x * w).T
    c = x @ (_core.conjugate(other) if other.dtype.kind == "c" else other)
    c = c * ops["divide"](asarray(1.0), asarray(float(divisor)))
    return _core.squeeze_all(_core.asarray(c, dtype, None))


def corrcoef(x, y=None, rowvar=True, *, dtype=None):
    """cov, over the standard deviations of both variables."""
    c = cov(x, y, rowvar, dtype=dtype)
    if c.ndim == 0:
        return c / c
    deviation = ops["sqrt"](_core.asarray(_core.real(_core.diagonal(c, 0, 0, 1)), None, True))
    c = c / deviation[:, None] / deviation[None, :]
    if c.dtype.kind == "c":
        return _core.complex(ops["clip"](_core.real(c), -1, 1), ops["clip"](_core.imag(c), -1, 1))
    return ops["clip"](c, -1, 1)


# ---- quantiles ----

# Hyndman and Fan's alpha and beta: n q + alpha + q (1 - alpha - beta) - 1 is the place of a quantile.
CONTINUOUS = {"interpolated_inverted_cdf": (0, 1), "hazen": (0.5, 0.5), "weibull": (0, 0), "linear": (1, 1),
              "median_unbiased": (1 / 3, 1 / 3), "normal_unbiased": (3 / 8, 3 / 8)}
OWN = ("linear", "lower", "higher", "midpoint", "nearest")
METHODS = (*CONTINUOUS, "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "lower", "higher", "midpoint",
           "nearest")


def place(n, q, method):
    """Where among n sorted elements a quantile lies: the element before it, and the share of the next."""
    if method in CONTINUOUS:
        alpha, beta = CONTINUOUS[method]
        at = (n - 1) * q if method == "linear" else n * q + (alpha + q * (1 - alpha - beta)) - 1
    else:
        at = n * q - 1 - (0.5 if method == "closest_observation" else 0)
    at = builtins.min(builtins.max(at, 0 if method in CONTINUOUS else -1), n - 1)
    low = int(at // 1)
    share = at - low
    if method == "inverted_cdf":
        share = 1 if share > 0 else 0
    elif method == "averaged_inverted_cdf":
        share = 1 if share > 0 else 0.5
    elif method == "closest_observation":
        share = 0 if share == 0 and low % 2 == 1 else 1
    if low < 0:
        low, share = 0, 0
    return low, share


def rows_of(a, axis):
    """The reduced elements as the last axis, the shape of what is kept, and that with the reduced axes as 1."""
    axes = tuple(range(a.ndim)) if axis is None else as_axes(axis, a.ndim)
    rows = moveaxis(a, axes, tuple(range(-len(axes), 0))) if axes else _core.unsqueeze(a, -1)
    kept = [n for i, n in enumerate(a.shape) if i not in axes]
    n = functools.reduce(operator.mul, (a.shape[i] for i in axes), 1)
    return _core.reshape(rows, (*kept, n)), kept, [1 if i in axes else n for i, n in enumerate(a.shape)]


def between(rows, n, q, method):
    """The quantile of the first n elements of sorted rows."""
    low, share = place(n, q, method)
    x, y = rows[..., low], rows[..., builtins.min(low + 1, n - 1)]
    if share in (0, 1):
        return y if share else x
    d = y - x
    return x + d * share if share < 0.5 else y - d * (1 - share)


def by_place(a, q, axis, method, keepdims, skips):
    """Of sorted rows; those with a NaN become NaN, unless it is passed over."""
    if a.dtype.kind in "biu" and method in (*CONTINUOUS, "averaged_inverted_cdf"):
        a = _core.asarray(a, "float64", None)
    rows, kept, ones = rows_of(a, axis)
    rows, n = ops["sort"](rows, -1), rows.shape[-1]
    y = between(rows, n, q, method)
    if rows.dtype.kind == "f" and not skips:
        y = ops["where"](ops["isnan"](rows[..., -1]), rows[..., -1], y)
    elif rows.dtype.kind == "f":
        counts = n - ops["sum"](ops["isnan"](rows), -1)
        for m in _core.unique(counts, None, 0)[0].tolist():
            if m < n:
                y = ops["where"](counts == m, between(rows, m, q, method) if m else float("nan"), y)
    return _core.reshape(_core.asarray(y, rows.dtype if rows.dtype.kind == "f" else None, None), ones if keepdims else kept)


def by_weights(rows, weights, q, skips):
    """The least element of each row at which the weights before it and its own reach q of all."""
    order = ops["argsort"](rows, -1)
    rows, weights = (_core.take_along_axis(x, order, x.ndim - 1) for x in (rows, weights))
    nan = ops["isnan"](rows) if rows.dtype.kind == "f" else None
    if nan is not None and skips:
        weights = ops["where"](nan, 0.0, weights)
    share = ops["cumsum"](weights, -1)
    total = share[..., -1]
    sound = ops["isfinite"](total) & (total > 0)
    if skips and nan is not None:
        sound = sound | ops["all"](nan, -1)
    if not builtins.bool(ops["all"](sound)):
        raise ValueError("Weights included NaN, inf or were all zero.")
    share = share / total[..., None]
    below = share < q if q > 0 else share <= 0
    at = ops["minimum"](ops["count_nonzero"](below, -1), rows.shape[-1] - 1)
    y = _core.take_along_axis(rows, at[..., None], rows.ndim - 1)[..., 0]
    return y if nan is None or skips else ops["where"](nan[..., -1], rows[..., -1], y)


def weighted(a, q, axis, weights, method, keepdims, skips):
    if method != "inverted_cdf":
        raise ValueError("Only method 'inverted_cdf' supports weights. Got: " + method)
    weights = asarray(weights)
    if weights.dtype.kind == "c":
        raise TypeError("weights must be real")
    axes = tuple(range(a.ndim)) if axis is None else as_axes(axis, a.ndim)
    if weights.shape != a.shape:
        if axis is None:
            raise TypeError("Axis must be specified when shapes of a and weights differ.")
        if weights.shape != tuple(a.shape[i] for i in axes):
            raise ValueError("Shape of weights must be consistent with shape of a along specified axis.")
        weights = _core.permute(weights, sorted(range(len(axes)), key=axes.__getitem__))
        weights = _core.reshape(weights, [n if i in axes else 1 for i, n in enumerate(a.shape)])
    weights = _core.asarray(broadcast_to(weights, a.shape), "float64", None)
    if builtins.bool(ops["any"](weights < 0)):
        raise ValueError("Weights must be non-negative.")
    (rows, kept, ones), weights = rows_of(a, axis), rows_of(weights, axis)[0]
    y = [by_weights(rows, weights, float(p), skips) for p in _core.ravel(q).tolist()]
    shape = ones if keepdims else kept
    y = [_core.reshape(x, shape) for x in y]
    return y[0] if q.ndim == 0 else _core.reshape(_core.stack(y, 0), (*q.shape, *shape))


def quantiles(op, a, q, axis, out, method, keepdims, weights=None, asked=None):
    a, own, q = asarray(a), isinstance(q if asked is None else asked, (int, float)), asarray(q)
    if method not in METHODS:
        raise ValueError(f"{method!r} is not a valid method. Use one of: {', '.join(METHODS)}")
    if a.dtype.kind == "c":
        raise TypeError("a must be an array of real numbers")
    if q.size and not builtins.bool(ops["all"]((q >= 0) & (q <= 1))):
        raise ValueError("Quantiles must be in the range [0, 1]")

    skips, out = op == "nanquantile", the_out(out)
    axis = None if axis is None or not a.ndim and axis in (0, -1) else as_axes(axis, a.ndim)
    if skips and not a.size:
        return nanmean(a, axis, out=out, keepdims=keepdims)
    if weights is not None:
        y = weighted(a, q, axis, weights, method, keepdims, skips)
    else:
        y = unweighted(op, a, q, axis, method, keepdims, own)
    if skips and has_nan(y):
        warnings.warn("All-NaN slice encountered", RuntimeWarning, stacklevel=3)
    if out is None:
        return y
    copyto(out, y, "unsafe")
    return out


def unweighted(op, a, q, axis, method, keepdims, own):
    if not own and a.dtype.kind == "f" and method not in ("lower", "higher", "nearest", "inverted_cdf", "closest_observation"):
        a = _core.asarray(a, result_type(a.dtype, q.dtype if q.dtype.kind == "f" else "float64"), None)

    def one(p):
        if method in OWN:
            y = ops[op](a, p, axis, None, method, keepdims)
            return _core.asarray(y, a.dtype, None) if method in OWN[1:3] + OWN[4:] and a.dtype.kind in "iub" else y
        return by_place(a, p, axis, method, keepdims, op == "nanquantile")

    y = [one(float(p)) for p in _core.ravel(q).tolist()]
    return y[0] if q.ndim == 0 else _core.reshape(_core.stack(y, 0), (*q.shape, *y[0].shape)) if y else zeros(q.shape)


def quantile(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False, *, weights=None):
    return quantiles("quantile", a, q, axis, out, method, keepdims, weights)


def nanquantile(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False, *, weights=None):
    return quantiles("nanquantile", a, q, axis, out, method, keepdims, weights)


def hundredths(q):
    q = asarray(q)
    if q.size and not builtins.bool(ops["all"]((q >= 0) & (q <= 100))):
        raise ValueError("Percentiles must be in the range [0, 100]")
    return q / 100.0


def percentile(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False, *, weights=None):
    return quantiles("quantile", a, hundredths(q), axis, out, method, keepdims, weights, q)


def nanpercentile(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False, *, weights=None):
    return quantiles("nanquantile", a, hundredths(q), axis, out, method, keepdims, weights, q)


# ---- places ----


def tril_indices(n, k=0, m=None):
    return tuple(_core.nonzero(tri(n, m, k=k, dtype="bool")))


def triu_indices(n, k=0, m=None):
    return tuple(_core.nonzero(ops["logical_not"](tri(n, m, k=k - 1, dtype="bool"))))


def matrix_shape(arr):
    if arr.ndim != 2:
        raise ValueError("input array must be 2-d")
    return arr.shape


def tril_indices_from(arr, k=0):
    n, m = matrix_shape(arr)
    return tril_indices(n, k, m)


def triu_indices_from(arr, k=0):
    n, m = matrix_shape(arr)
    return triu_indices(n, k, m)


def diag_indices(n, ndim=2):
    return (arange(n),) * ndim


def diag_indices_from(arr):
    if arr.ndim < 2:
        raise ValueError("input array must be at least 2-d")
    if len(set(arr.shape)) != 1:
        raise ValueError("All dimensions of input must be of equal length")
    return diag_indices(arr.shape[0], arr.ndim)


def mask_indices(n, mask_func, k=0):
    return tuple(_core.nonzero(asarray(mask_func(_core.ones((n, n), "int64"), k)) != 0))


INFERRED = ("empty indices must be integral: the provided empty sequence was inferred as float. Wrap it with "
            "'np.array(indices, dtype=np.intp)'")


def ravel_multi_index(multi_index, dims, mode="raise", order="C"):
    dims = (dims,) if isinstance(dims, int) else tuple(operator.index(n) for n in dims)
    if builtins.any(isinstance(i, (list, tuple)) and not i for i in multi_index):
        raise TypeError(INFERRED)
    multi_index = [asarray(i) for i in multi_index]
    modes = [mode] * len(dims) if isinstance(mode, str) else list(mode)
    names = ["raise", "wrap", "clip"]
    if len(multi_index) != len(dims):
        raise ValueError(f"parameter multi_index must be a sequence of length {len(dims)}")
    if len(modes) != len(dims) or builtins.any(m not in names for m in modes):
        raise ValueError(f"mode {mode!r} is not one of raise, wrap and clip, or one for each axis")
    if builtins.any(i.dtype.kind not in "iu" for i in multi_index):
        raise TypeError("only int indices permitted")
    if order not in ("C", "F"):
        raise ValueError("only 'C' or 'F' order is permitted")
    for k, (i, n, m) in enumerate(zip(multi_index, dims, modes)):
        if len(set(modes)) > 1:
            multi_index[k] = _core.ravel_multi_index([i], [n], names.index(m))
    if order == "F":
        multi_index, dims = multi_index[::-1], dims[::-1]
    try:
        return _core.ravel_multi_index(multi_index, dims, names.index(modes[0]) if len(set(modes)) == 1 else 0)
    except IndexError as error:
        raise ValueError("invalid entry in coordinates array") from error
    except OverflowError as error:
        raise ValueError("invalid dims: array size defined by dims is larger than the maximum possible size.") from error


def unravel_index(indices, shape, order="C"):
    given, indices = indices, asarray(indices)
    shape = (shape,) if isinstance(shape, int) else tuple(operator.index(n) for n in shape)
    if not indices.size and indices.dtype.kind == "f" and not hasattr(given, "dtype"):
        raise TypeError(INFERRED)
    if indices.dtype.kind not in "iu":
        raise TypeError("only int indices permitted")
    if order not in ("C", "F"):
        raise ValueError("only 'C' or 'F' order is permitted")
    if not shape and indices.ndim:
        if builtins.bool(ops["any"](indices != 0)):
            raise ValueError("index is out of bounds for array with size 1")
        raise ValueError("multiple indices are not supported for 0d array")
    try:
        y = _core.unravel_index(indices, shape if order == "C" else shape[::-1])
    except IndexError as error:
        raise ValueError(str(error)) from error
    return tuple(y if order == "C" else y[::-1])


def fill_diagonal(a, val, wrap=False):
    """Writes val along the main diagonal, again and again if it is shorter; wrap goes on below it in a tall matrix."""
    if a.ndim < 2:
        raise ValueError("array must be at least 2-d")
    if a.ndim > 2 and len(set(a.shape)) != 1:
        raise ValueError("All dimensions of input must be of equal length")
    rows = a.shape[0]
    step = a.shape[1] + 1 if a.ndim == 2 and wrap else rows + 1
    at = arange(rows)
    if a.ndim == 2:
        at = at[(at % step) < a.shape[1]]
        if not wrap:
            at = at[at < a.shape[1]]
        key = (at, at % step if wrap else at)
    else:
        key = (at,) * a.ndim
    val = _core.ravel(asarray(val))
    if at.size and val.size:
        a[key] = val if val.size == 1 else ops["take"](val, ops["remainder"](arange(at.size), val.size))


# ---- choices ----


def choose(a, choices, out=None, mode="raise"):
    a, choices = asarray(a), [c if isinstance(c, (bool, int, float, complex)) else asarray(c) for c in choices]
    n = len(choices)
    if a.dtype.kind not in "iub":
        raise TypeError("choose: the places are no integers")
    a = _core.asarray(a, "int64", None)
    if mode == "wrap":
        a = ops["remainder"](a, n)
    elif mode == "clip":
        a = ops["clip"](a, 0, n - 1)
    elif a.size and not 0 <= int(ops["min"](a)) <= int(ops["max"](a)) < n:
        raise ValueError("invalid entry in choice array")
    dtype = result_type(*choices)
    a, *choices = broadcast_arrays(a, *(_core.asarray(c, dtype, None) for c in choices))
    y = choices[0]
    for i, c in enumerate(choices[1:], 1):
        y = ops["where"](a == i, c, y)
    y = _core.asarray(y, None, True)
    return y if out is None else ops["astype"](y, out=out)


def select(condlist, choicelist, default=0):
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    if not condlist:
        raise ValueError("select with an empty condition list is not possible")
    conditions = [asarray(c) for c in condlist]
    for i, c in enumerate(conditions):
        if c.dtype != "bool":
            raise TypeError(f"invalid entry {i} in condlist: should be boolean ndarray")
    values = [v if isinstance(v, (int, float, complex)) else asarray(v) for v in (*choicelist, default)]
    dtype = result_type(*(v.dtype if hasattr(v, "dtype") else v for v in values))
    y, *values = (_core.asarray(asarray(v), dtype, None) for v in (values[-1], *values[:-1]))
    for c, v in reversed(list(zip(conditions, values))):
        y = ops["where"](c, v, y)
    shape = broadcast_arrays(y, *conditions, *values)[0].shape
    return _core.asarray(broadcast_to(y, shape), None, True)


def piecewise(x, condlist, funclist, *args, **kw):
    x = asarray(x)
    if asarray(condlist).ndim == 0 or x.ndim and not isinstance(condlist[0], (list, tuple)) and asarray(condlist[0]).ndim == 0:
        condlist = [condlist]
    conditions = [_core.asarray(asarray(c), "bool", None) for c in condlist]
    n = len(conditions)
    if len(funclist) == n + 1:
        conditions.append(ops["logical_not"](functools.reduce(ops["logical_or"], conditions)))
    elif len(funclist) != n:
        raise ValueError(f"with {n} condition(s), either {n} or {n + 1} functions are expected")
    y = zeros(x.shape, x.dtype)
    for c, f in zip(conditions, funclist):
        if not callable(f):
            y[c] = f
        elif (part := x[c]).size:
            y[c] = f(part, *args, **kw)
    return y


def vander(x, N=None, increasing=False):
    x = asarray(x)
    if x.ndim != 1:
        raise ValueError("x must be a one-dimensional array or sequence.")
    n = x.size if N is None else N
    dtype = result_type(x.dtype, "int64")
    y = _core.ones((x.size, n), dtype)
    for i in range(1, n):
        y[:, i] = y[:, i - 1] * x
    return y if increasing else _core.asarray(_core.flip(y, 2), None, True)


def apply_along_axis(func1d, axis, arr, *args, **kwargs):
    """func1d's results for the vectors along an axis, in the axis's place."""
    a = asarray(arr)
    axis = as_axis(axis, a.ndim)
    rows = moveaxis(a, axis, -1)
    shape = rows.shape[:-1]
    if 0 in shape:
        raise ValueError("Cannot apply_along_axis when any iteration dimensions are 0")
    rows = _core.reshape(rows, (functools.reduce(operator.mul, shape, 1), a.shape[axis]))
    results = [asarray(func1d(rows[i], *args, **kwargs)) for i in range(rows.shape[0])]
    y = _core.reshape(_core.stack(results, 0), (*shape, *results[0].shape))
    extra = results[0].ndim
    return moveaxis(y, tuple(range(len(shape), y.ndim)), tuple(range(axis, axis + extra))) if extra else y
