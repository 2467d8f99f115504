# SPDX-License-Identifier: MIT
"""Counts and histograms: edges of bins are found here, elements between them by the library."""
import builtins
import math
import operator
import warnings

from . import _core
from ._create import asarray, linspace
from ._types import result_type

__all__ = ["bincount", "digitize", "histogram", "histogram2d", "histogram_bin_edges", "histogramdd"]
ops = _core.ops


def bincount(x, /, weights=None, minlength=0):
    if minlength is None:
        raise TypeError("'NoneType' object cannot be interpreted as an integer")
    x = asarray(x)
    if not x.size and x.dtype.kind == "f" and not hasattr(x, "name"):
        x = _core.asarray(x, "int64", None)
    if operator.index(minlength) < 0:
        raise ValueError("'minlength' must not be negative")
    if x.dtype.kind not in "biu":
        raise TypeError(f"Cannot cast array data from {x.dtype!r} to {_core.dtype('int64')!r} according to the rule 'safe'")
    if weights is not None:
        weights = asarray(weights)
        if weights.dtype.kind == "c":
            raise TypeError("Cannot cast weights from complex numbers to float64")
        if weights.shape != x.shape and x.ndim == 1:
            raise ValueError("The weights and list don't have the same length.")
    if x.ndim != 1:
        raise ValueError("object too deep for desired array" if x.ndim else "object of too small depth for desired array")
    if x.dtype == "uint64":
        x = _core.asarray(x, "int64", None)
    return _core.bincount(x, weights if x.size else None, minlength)


def digitize(x, bins, right=False):
    x, bins = asarray(x), asarray(bins)
    if x.dtype.kind == "c":
        raise TypeError("x may not be complex")
    return _core.digitize(x, bins, builtins.bool(right))


def spread(x):
    return float(_core.asarray(ops["max"](x), "float64", None) - _core.asarray(ops["min"](x), "float64", None))


def iqr(x):
    return float(ops["quantile"](x, 0.75) - ops["quantile"](x, 0.25))


# Widths of bins by the estimators of numpy.histogram_bin_edges; 0 for those that have no answer.


def by_sqrt(x, limits):
    return spread(x) / math.sqrt(x.size)


def by_sturges(x, limits):
    return spread(x) / (math.log2(x.size) + 1)


def by_rice(x, limits):
    return spread(x) / (2 * x.size ** (1 / 3))


def by_scott(x, limits):
    return (24 * math.sqrt(math.pi) / x.size) ** (1 / 3) * float(ops["std"](x))


def by_stone(x, limits):
    """Minimises the estimated loss of leaving one out."""
    n, width = x.size, spread(x)
    if n <= 1 or width == 0:
        return 0

    def loss(bins):
        p = histogram(x, bins, limits)[0] / n
        return (2 - (n + 1) * float(ops["sum"](p * p))) * bins / width

    most = builtins.max(100, int(math.sqrt(n)))
    best = builtins.min(range(1, most + 1), key=loss)
    if best == most:
        warnings.warn("The number of bins estimated may be suboptimal.", RuntimeWarning, stacklevel=3)
    return width / best


def by_doane(x, limits):
    n = x.size
    sigma = float(ops["std"](x)) if n > 2 else 0
    if sigma <= 0:
        return 0
    skew = float(ops["mean"](((x - ops["mean"](x)) / sigma) ** 3))
    of_normal = math.sqrt(6 * (n - 2) / ((n + 1) * (n + 3)))
    return spread(x) / (1 + math.log2(n) + math.log2(1 + builtins.abs(skew) / of_normal))


def by_fd(x, limits):
    return 2 * iqr(x) * x.size ** (-1 / 3)


def by_auto(x, limits):
    fd, sturges = by_fd(x, limits), by_sturges(x, limits)
    return builtins.min(builtins.max(fd, by_sqrt(x, limits) / 2), sturges)


ESTIMATORS = {"auto": by_auto, "doane": by_doane, "fd": by_fd, "rice": by_rice, "scott": by_scott, "sqrt": by_sqrt,
              "stone": by_stone, "sturges": by_sturges}


def outer_edges(a, limits):
    """The ends of the first and the last bin, as scalars."""
    if limits is not None:
        low, high = limits
        if low > high:
            raise ValueError("max must be larger than min in range parameter.")
        what = "supplied"
    else:
        low, high = (ops["min"](a), ops["max"](a)) if a.size else (0, 1)
        what = "autodetected"
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError(f"{what} range of [{low}, {high}] is not finite")
    return (low - 0.5, high + 0.5) if low == high else (low, high)


def estimated(a, name, limits, weights, low, high):
    if name not in ESTIMATORS:
        raise ValueError(f"{name!r} is not a valid estimator for `bins`")
    if weights is not None:
        raise TypeError("Automated estimation of the number of bins is not supported for weighted data")
    if limits is not None:
        a = a[(a >= low) & (a <= high)]
    if not a.size:
        return 1
    width = ESTIMATORS[name](a, (low, high))
    if a.dtype.kind in "iu" and 0 < width < 1:
        width = 1
    return math.ceil((as_number(high) - as_number(low)) / width) if width else 1


def as_number(x):
    return x.item() if hasattr(x, "item") else x


def bin_edges(a, bins, limits, weights):
    """(edges, whether they are evenly spaced)"""
    if not isinstance(bins, str) and asarray(bins).ndim == 1:
        edges = asarray(bins)
        if builtins.bool(ops["any"](edges[:-1] > edges[1:])):
            raise ValueError("`bins` must increase monotonically, when an array")
        return edges
    if not isinstance(bins, str) and asarray(bins).ndim > 1:
        raise ValueError("`bins` must be 1d, when an array")
    low, high = None, None
    if isinstance(bins, str):
        if bins not in ESTIMATORS:
            raise ValueError(f"{bins!r} is not a valid estimator for `bins`")
        if weights is not None:
            raise TypeError("Automated estimation of the number of bins is not supported for weighted data")
        low, high = outer_edges(a, limits)
        n = estimated(a, bins, limits, weights, low, high)
    else:
        try:
            n = operator.index(bins)
        except TypeError as error:
            raise TypeError("`bins` must be an integer, a string, or an array") from error
        if n < 1:
            raise ValueError("`bins` must be positive, when an integer")
        low, high = outer_edges(a, limits)
    dtype = result_type(low, high, a)
    if dtype.kind in "iu":
        dtype = result_type(dtype, 1.0)
    edges = _core.asarray(linspace(as_number(low), as_number(high), n + 1), dtype, None)
    if builtins.bool(ops["any"](edges[:-1] >= edges[1:])):
        raise ValueError(f"Too many bins for data range. Cannot create {n} finite-sized bins.")
    return edges


def flat(a, weights):
    """Elements and weights as vectors; bools count as integers."""
    a = asarray(a)
    if a.dtype == "bool":
        warnings.warn(f"Converting input from {a.dtype} to {_core.uint8} for compatibility.", RuntimeWarning, stacklevel=3)
        a = _core.asarray(a, "uint8", None)
    if weights is not None:
        weights = asarray(weights)
        if weights.shape != a.shape:
            raise ValueError("weights should have the same shape as a.")
        weights = _core.ravel(weights)
    return _core.ravel(a), weights


def histogram_bin_edges(a, bins=10, range=None, weights=None):
    a, weights = flat(a, weights)
    return bin_edges(a, bins, range, weights)


def histogram(a, bins=10, range=None, density=None, weights=None):
    a, weights = flat(a, weights)
    edges = bin_edges(a, bins, range, weights)
    n = _core.histogram(a, edges, weights)
    if weights is not None and weights.dtype != "bool" and n.dtype != weights.dtype:
        n = _core.asarray(n, weights.dtype, None)
    if not density:
        return n, edges
    return n / _core.asarray(_core.diff(edges, 1, 0), "float64", None) / ops["sum"](n), edges


def edges_of_axis(sample, bins, limits, i):
    if asarray(bins).ndim == 0:
        if bins < 1:
            raise ValueError(f"`bins[{i}]` must be positive, when an integer")
        n = operator.index(bins)
        low, high = outer_edges(sample, limits)
        return linspace(as_number(low), as_number(high), n + 1)
    edges = asarray(bins)
    if edges.ndim != 1:
        raise ValueError(f"`bins[{i}]` must be a scalar or 1d array")
    if builtins.bool(ops["any"](edges[:-1] > edges[1:])):
        raise ValueError(f"`bins[{i}]` must be monotonically increasing, when an array")
    return edges


def histogramdd(sample, bins=10, range=None, density=None, weights=None):
    """Counts in cells of a grid: sample is [N, D], or D vectors of N."""
    if not hasattr(sample, "shape"):
        sample = [asarray(s) for s in sample]
        sample = _core.stack(sample, 1 if sample[0].ndim else 0)
    sample = sample if sample.ndim == 2 else _core.reshape(sample, (-1, 1))
    n, d = sample.shape
    weights = None if weights is None else asarray(weights)
    try:
        count = len(bins)
    except TypeError:
        bins = [bins] * d
    else:
        if count != d:
            raise ValueError("The dimension of bins must be equal to the dimension of the sample x.")
    limits = [None] * d if range is None else list(range)
    if len(limits) != d:
        raise ValueError("range argument must have one entry per dimension")
    edges, at, inside = [], None, None
    for i in builtins.range(d):
        x = sample[:, i]
        edges.append(edges_of_axis(x, bins[i], limits[i], i))
        m = edges[i].size - 1
        place = ops["searchsorted"](edges[i], x, 1) - 1
        place = ops["where"](x == edges[i][-1], m - 1, place)
        within = (place >= 0) & (place < m)
        at = place if at is None else at * m + place
        inside = within if inside is None else inside & within
    shape = tuple(e.size - 1 for e in edges)
    cells = _core.bincount(at[inside], None if weights is None else weights[inside], math.prod(shape))
    counts = _core.asarray(_core.reshape(cells, shape), "float64", None)
    if density:
        total = ops["sum"](counts)
        for i in builtins.range(d):
            line = [1] * d
            line[i] = shape[i]
            counts = counts / _core.reshape(_core.diff(edges[i], 1, 0), line)
        counts = counts / total
    return counts, tuple(edges)


def histogram2d(x, y, bins=10, range=None, density=None, weights=None):
    if len(x) != len(y):
        raise ValueError("x and y must have the same length.")
    try:
        n = len(bins)
    except TypeError:
        n = 1
    if n not in (1, 2):
        bins = [asarray(bins)] * 2
    counts, edges = histogramdd([x, y], bins, range, density, weights)
    return counts, edges[0], edges[1]
