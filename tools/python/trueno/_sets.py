# SPDX-License-Identifier: MIT
"""Sorting, and what it makes possible: orders, distinct elements, sets."""
import builtins
import typing

from . import _core
from ._create import asarray
from ._manip import as_axis, flip
from ._types import result_type

__all__ = ["argpartition", "argsort", "in1d", "intersect1d", "isin", "lexsort", "partition", "searchsorted", "setdiff1d",
           "setxor1d", "sort", "sort_complex", "take_along_axis", "topk", "union1d", "unique", "unique_all",
           "unique_counts", "unique_inverse", "unique_values"]
ops = _core.ops
INDEX, INVERSE, COUNTS, NANS = 1, 2, 4, 8
KINDS = ("quicksort", "heapsort", "stable", "mergesort")


def check_kind(kind, order, stable):
    if order is not None:
        raise ValueError("Cannot specify order when the array has no fields.")
    if kind is not None and stable is not None:
        raise ValueError("`kind` and `stable` parameters can't be provided at the same time. Use only one of them.")
    if kind is not None and kind not in KINDS and str(kind)[:1].lower() not in "qhsm":
        raise ValueError(f"sort kind must be one of 'quick', 'heap', or 'stable' (got '{kind}')")


def sort(a, axis=-1, kind=None, order=None, *, stable=None, descending=False):
    """In ascending order, NaN last; equal elements stay in order whatever kind says."""
    check_kind(kind, order, stable)
    a = asarray(a)
    axis = axis if axis is None else as_axis(axis, a.ndim)
    if not descending:
        return ops["sort"](a, axis)
    a, axis = (_core.ravel(a), 0) if axis is None else (a, axis)
    return flip(ops["sort"](flip(a, axis), axis), axis)


def argsort(a, axis=-1, kind=None, order=None, *, stable=None, descending=False):
    check_kind(kind, order, stable)
    a = asarray(a)
    axis = axis if axis is None else as_axis(axis, a.ndim)
    if not descending:
        return ops["argsort"](a, axis)
    a, axis = (_core.ravel(a), 0) if axis is None else (a, axis)
    return a.shape[axis] - 1 - flip(ops["argsort"](flip(a, axis), axis), axis)


def sort_complex(a):
    a = sort(a)
    if a.dtype.kind == "c":
        return a
    narrow = a.dtype in ("int8", "uint8", "int16", "uint16", "float16", "float32")
    return _core.asarray(a, "complex64" if narrow else "complex128", None)


def check_kth(a, kth, axis):
    n = a.size if axis is None else a.shape[as_axis(axis, a.ndim)]
    kth = asarray(kth)
    if kth.dtype.kind not in "iu":
        raise TypeError("Partition index must be integer")
    if kth.ndim > 1:
        raise ValueError("kth must be a scalar or a vector")
    for k in _core.ravel(kth).tolist() if a.size else ():
        if not -n <= k < n:
            raise ValueError(f"kth(={k}) out of bounds ({n})")


def partition(a, kth, axis=-1, kind="introselect", order=None):
    """What kth leaves open is sorted too."""
    a = asarray(a)
    check_kth(a, kth, axis)
    return sort(a, axis)


def argpartition(a, kth, axis=-1, kind="introselect", order=None):
    a = asarray(a)
    check_kth(a, kth, axis)
    return argsort(a, axis)


def lexsort(keys, axis=-1):
    keys = [asarray(k) for k in keys]
    if not keys:
        raise TypeError("need sequence of keys with len > 0 in lexsort")
    if not keys[0].ndim:
        return asarray(0)
    return _core.lexsort(keys, as_axis(axis, keys[0].ndim))


def topk(a, k, axis=-1, largest=True):
    """The k largest elements, in descending order, or the smallest, in ascending order, and where they are."""
    a = asarray(a)
    return tuple(_core.topk(a, k, as_axis(axis, a.ndim), 0 if largest else 1))


def take_along_axis(arr, indices, axis=-1):
    a, indices = asarray(arr), asarray(indices)
    if indices.dtype.kind not in "iu":
        raise IndexError("`indices` must be an integer array")
    if axis is None:
        if indices.ndim != 1:
            raise ValueError("when axis=None, `indices` must have a single dimension.")
        return ops["take"](_core.ravel(a), indices)
    axis = as_axis(axis, a.ndim)
    if indices.ndim != a.ndim:
        raise ValueError("`indices` and `arr` must have the same number of dimensions")
    return _core.take_along_axis(a, indices, axis)


def searchsorted(a, v, side="left", sorter=None):
    if side not in ("left", "right", "l", "r", "L", "R"):
        raise ValueError(f"search side must be 'left' or 'right' (got '{side}')")
    a, v = asarray(a), asarray(v)
    if sorter is not None:
        sorter = asarray(sorter)
        if sorter.dtype.kind not in "iu":
            raise TypeError("sorter must only contain integers")
        if sorter.shape != a.shape:
            raise ValueError("sorter.size must equal array.size")
        if sorter.size and not 0 <= int(ops["min"](sorter)) <= int(ops["max"](sorter)) < a.size:
            raise ValueError("Sorter index out of range.")
        a = ops["take"](a, sorter)
    return ops["searchsorted"](a, v, builtins.int(side[0] in "rR"))


def axis_of(axis, ndim):
    if isinstance(axis, float):
        raise TypeError(f"integer argument expected, got float: axis {axis}")
    return as_axis(axis, ndim)


def unique(ar, return_index=False, return_inverse=False, return_counts=False, axis=None, *, equal_nan=True, sorted=True):
    ar = asarray(ar)
    flags = INDEX * return_index | INVERSE * return_inverse | COUNTS * return_counts | NANS * (not equal_nan)
    if axis is not None:
        axis = axis_of(axis, ar.ndim)
        axis = None if ar.ndim == 1 else axis  # single elements, of which NaN can be equal
    parts = _core.unique(ar, axis, flags)
    wanted = [True, return_index, return_inverse, return_counts]
    result = tuple(p for p, want in zip(parts, wanted) if want)
    return result if len(result) > 1 else result[0]


class UniqueAllResult(typing.NamedTuple):
    values: _core.ndarray
    indices: _core.ndarray
    inverse_indices: _core.ndarray
    counts: _core.ndarray


class UniqueCountsResult(typing.NamedTuple):
    values: _core.ndarray
    counts: _core.ndarray


class UniqueInverseResult(typing.NamedTuple):
    values: _core.ndarray
    inverse_indices: _core.ndarray


def unique_all(x):
    return UniqueAllResult(*unique(x, True, True, True, equal_nan=False))


def unique_counts(x):
    return UniqueCountsResult(*unique(x, return_counts=True, equal_nan=False))


def unique_inverse(x):
    return UniqueInverseResult(*unique(x, return_inverse=True, equal_nan=False))


def unique_values(x):
    return unique(x, equal_nan=False)


def isin(element, test_elements, assume_unique=False, invert=False, *, kind=None):
    if kind not in (None, "sort", "table"):
        raise ValueError(f"Invalid kind: '{kind}'. Please use None, 'sort' or 'table'.")
    element, tests = asarray(element), asarray(test_elements)
    if kind == "table" and not (element.dtype.kind in "iub" and tests.dtype.kind in "iub"):
        raise ValueError("The 'table' method is only supported for boolean or integer arrays. Please select 'sort' or "
                         "None for kind.")
    found = _core.isin(element, tests)
    return ops["logical_not"](found) if invert else found


def in1d(ar1, ar2, assume_unique=False, invert=False, *, kind=None):
    return isin(_core.ravel(asarray(ar1)), ar2, assume_unique, invert, kind=kind)


def intersect1d(ar1, ar2, assume_unique=False, return_indices=False):
    a, b = _core.ravel(asarray(ar1)), _core.ravel(asarray(ar2))
    if not return_indices:
        return _core.intersect1d(a, b)
    a, first = unique(a, return_index=True)
    b, second = unique(b, return_index=True)
    in_a, in_b = isin(a, b), isin(b, a)
    return _core.asarray(a[in_a], result_type(a, b), None), first[in_a], second[in_b]


def union1d(ar1, ar2):
    return _core.union1d(asarray(ar1), asarray(ar2))


def setdiff1d(ar1, ar2, assume_unique=False):
    a, b = asarray(ar1), asarray(ar2)
    if assume_unique:
        a = _core.ravel(a)
        return a[isin(a, b, invert=True)]
    return _core.asarray(_core.setdiff1d(a, b), a.dtype, None)


def setxor1d(ar1, ar2, assume_unique=False):
    return _core.setxor1d(asarray(ar1), asarray(ar2))


# ---- methods of ndarray ----


def sort_in_place(self, axis=-1, kind=None, order=None, *, stable=None):
    self[...] = sort(self, as_axis(axis, self.ndim), kind, order, stable=stable)


def partition_in_place(self, kth, axis=-1, kind="introselect", order=None):
    self[...] = partition(self, kth, axis)


METHODS = {"argpartition": argpartition, "argsort": argsort, "partition": partition_in_place,
           "searchsorted": searchsorted, "sort": sort_in_place}
