# SPDX-License-Identifier: MIT
"""Views, joining, splitting and rearranging: the arguments of NumPy's functions brought into the library's form."""
import builtins
import operator

from . import _core
from ._create import asarray
from ._types import can_cast

__all__ = ["append", "argwhere", "array_split", "as_strided", "astype", "atleast_1d", "atleast_2d", "atleast_3d",
           "broadcast_arrays", "broadcast_shapes", "broadcast_to", "column_stack", "concat", "concatenate",
           "copyto", "diagonal", "dstack", "expand_dims", "extract", "flatnonzero", "flip", "fliplr", "flipud",
           "hsplit", "hstack", "masked_select", "matrix_transpose", "moveaxis", "ndim", "nonzero", "pad",
           "permute_dims", "positive", "put", "ravel", "repeat", "reshape", "roll", "rollaxis", "rot90",
           "row_stack", "shape", "shares_memory", "size", "split", "squeeze", "stack", "swapaxes",
           "tile", "transpose", "unstack", "vsplit", "vstack", "copy", "may_share_memory"]


def as_axis(axis, ndim):
    i = operator.index(axis)
    if not -ndim <= i < ndim:
        raise IndexError(f"axis {i} is out of bounds for array of dimension {ndim}")
    return i % ndim


def as_axes(axes, ndim):
    axes = (axes,) if isinstance(axes, int) else tuple(axes)
    axes = tuple(as_axis(i, ndim) for i in axes)
    if len(set(axes)) != len(axes):
        raise ValueError("repeated axis")
    return axes


def ndim(a):
    return asarray(a).ndim


def shape(a):
    return asarray(a).shape


def size(a, axis=None):
    a = asarray(a)
    return a.size if axis is None else a.shape[axis]


def astype(x, dtype, /, *, copy=True, device=None):
    return _core.asarray(asarray(x), dtype, True if copy else None)


def copy(a, order="K"):
    return _core.asarray(asarray(a), None, True)


def positive(x, /, out=None):
    return _core.ops["copy"](x, out=out)


def reshape(a, /, shape, order="C", *, copy=None):
    a = asarray(a)
    if order == "F":
        shape = (shape,) if isinstance(shape, int) else tuple(shape)
        return transpose(_core.reshape(transpose(a), shape[::-1]))
    y = _core.reshape(a, shape)
    if copy:
        return _core.asarray(y, None, True) if _core.shares_storage(a, y) else y
    if copy is False and not _core.shares_storage(a, y):
        raise ValueError("Unable to avoid creating a copy while reshaping.")
    return y


def ravel(a, order="C"):
    a = asarray(a)
    return _core.ravel(transpose(a) if order == "F" else a)


def transpose(a, axes=None):
    a = asarray(a)
    return a.T if axes is None else _core.permute(a, axes)


def permute_dims(x, /, axes):
    return _core.permute(asarray(x), axes)


def matrix_transpose(x, /):
    return asarray(x).mT


def swapaxes(a, axis1, axis2):
    return _core.swapaxes(asarray(a), axis1, axis2)


def moveaxis(a, source, destination):
    a = asarray(a)
    source, destination = as_axes(source, a.ndim), as_axes(destination, a.ndim)
    if len(source) != len(destination):
        raise ValueError("`source` and `destination` arguments must have the same number of elements")
    order = [i for i in range(a.ndim) if i not in source]
    for to, axis in sorted(zip(destination, source)):
        order.insert(to, axis)
    return _core.permute(a, order)


def rollaxis(a, axis, start=0):
    a = asarray(a)
    axis, start = as_axis(axis, a.ndim), start + a.ndim if start < 0 else start
    return _core.moveaxis(a, axis, start - 1 if axis < start else start)


def squeeze(a, axis=None):
    a = asarray(a)
    if axis is None:
        return _core.squeeze_all(a)
    for i in sorted(as_axes(axis, a.ndim), reverse=True):
        a = _core.squeeze(a, i)
    return a


def expand_dims(a, axis=0):
    a = asarray(a)
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    for i in sorted(as_axes(axes, a.ndim + len(axes))):
        a = _core.unsqueeze(a, i)
    return a


def atleast(a, n, place):
    a = asarray(a)
    return a if a.ndim >= n else _core.reshape(a, place(a.shape))


def each(arrays, f):
    return f(arrays[0]) if len(arrays) == 1 else tuple(f(a) for a in arrays)


def atleast_1d(*arrays):
    return each(arrays, lambda a: atleast(a, 1, lambda s: (1,)))


def atleast_2d(*arrays):
    return each(arrays, lambda a: atleast(a, 2, lambda s: (1,) * (2 - len(s)) + s))


def atleast_3d(*arrays):
    return each(arrays, lambda a: atleast(a, 3, lambda s: {0: (1, 1, 1), 1: (1, *s, 1), 2: (*s, 1)}[len(s)]))


def broadcast_to(a, shape, subok=False):
    return _core.broadcast_to(asarray(a), shape)


def broadcast_shapes(*shapes):
    shapes = [(s,) if isinstance(s, int) else tuple(s) for s in shapes]
    result = [1] * builtins.max((len(s) for s in shapes), default=0)
    for s in shapes:
        for i, n in enumerate(reversed(s), 1):
            if n != 1 and result[-i] not in (1, n):
                raise ValueError(f"shape mismatch: {', '.join(map(str, shapes))} cannot be broadcast to a single shape")
            result[-i] = n if n != 1 else result[-i]
    return tuple(result)


def broadcast_arrays(*arrays):
    arrays = [asarray(a) for a in arrays]
    shape = broadcast_shapes(*(a.shape for a in arrays))
    return tuple(_core.broadcast_to(a, shape) for a in arrays)


def as_strided(x, shape=None, strides=None):
    """A view with these strides, in bytes; every element must lie in x's storage."""
    x = asarray(x)
    strides = x.strides if strides is None else strides
    if builtins.any(s % x.itemsize for s in strides):
        raise ValueError(f"as_strided: strides {strides} are not of whole elements of {x.itemsize} bytes")
    return _core.as_strided(x, x.shape if shape is None else shape, [s // x.itemsize for s in strides], 0)


def given(y, out, dtype, casting, parts):
    """y as dtype= and out= ask, if casting lets the parts become that."""
    want = dtype if out is None else out.dtype
    for p in parts:
        if want is not None and not can_cast(p.dtype, want, casting):
            raise TypeError(f"Cannot cast array data from {p.dtype!r} to {_core.dtype(want)!r} according to the rule "
                            f"'{casting}'")
    if out is not None:
        return _core.ops["astype"](y, out=out) if dtype is None else _core.ops["astype"](astype(y, dtype), out=out)
    return y if dtype is None else astype(y, dtype, copy=False)


def concatenate(arrays, /, axis=0, out=None, *, dtype=None, casting="same_kind"):
    arrays = [asarray(a) for a in arrays]
    if axis is None:
        arrays, axis = [_core.ravel(a) for a in arrays], 0
    return given(_core.concatenate(arrays, axis), out, dtype, casting, arrays)


concat = concatenate


def stack(arrays, /, axis=0, out=None, *, dtype=None, casting="same_kind"):
    arrays = [asarray(a) for a in arrays]
    return given(_core.stack(arrays, axis), out, dtype, casting, arrays)


def unstack(x, /, *, axis=0):
    return tuple(moveaxis(x, axis, 0))


def vstack(arrays, *, dtype=None, casting="same_kind"):
    return concatenate([atleast_2d(a) for a in arrays], 0, dtype=dtype, casting=casting)


row_stack = vstack


def hstack(arrays, *, dtype=None, casting="same_kind"):
    arrays = [atleast_1d(a) for a in arrays]
    return concatenate(arrays, 0 if arrays and arrays[0].ndim == 1 else 1, dtype=dtype, casting=casting)


def dstack(arrays):
    return concatenate([atleast_3d(a) for a in arrays], 2)


def column_stack(arrays):
    arrays = [asarray(a) for a in arrays]
    return concatenate([_core.reshape(a, (-1, 1)) if a.ndim < 2 else a for a in arrays], 1)


def append(arr, values, axis=None):
    return concatenate((arr, values), axis)


def array_split(ary, indices_or_sections, axis=0):
    a = asarray(ary)
    if isinstance(indices_or_sections, int):
        return _core.split(a, indices_or_sections, None, axis)
    at = [operator.index(i) for i in indices_or_sections]
    return _core.split(a, len(at) + 1, at, axis)


def split(ary, indices_or_sections, axis=0):
    a = asarray(ary)
    if isinstance(indices_or_sections, int) and indices_or_sections > 0 and a.shape[axis] % indices_or_sections:
        raise ValueError("array split does not result in an equal division")
    return array_split(a, indices_or_sections, axis)


def vsplit(ary, indices_or_sections):
    return split(ary, indices_or_sections, 0)


def hsplit(ary, indices_or_sections):
    return split(ary, indices_or_sections, 0 if ndim(ary) == 1 else 1)


def flip(m, axis=None):
    m = asarray(m)
    bits = 0xFFFFFFFF if axis is None else builtins.sum(1 << i for i in as_axes(axis, m.ndim))
    return _core.flip(m, bits)


def flipud(m):
    return flip(m, 0)


def fliplr(m):
    return flip(m, 1)


def rot90(m, k=1, axes=(0, 1)):
    m = asarray(m)
    first, second = as_axes(axes, m.ndim)
    y = moveaxis(m, (first, second), (-2, -1))
    return moveaxis(_core.rot90(y, k), (-2, -1), (first, second))


def roll(a, shift, axis=None):
    a = asarray(a)
    if axis is None:
        return _core.reshape(_core.roll(_core.ravel(a), operator.index(shift), 0), a.shape)
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    shifts = (shift,) * len(axes) if isinstance(shift, int) else tuple(shift)
    axes = axes * len(shifts) if len(axes) == 1 else axes
    for n, i in zip(shifts, axes, strict=True):
        a = _core.roll(a, n, as_axis(i, a.ndim))
    return a


def tile(A, reps):
    return _core.tile(asarray(A), reps)


def repeat(a, repeats, axis=None):
    a = asarray(a)
    if axis is None:
        a, axis = _core.ravel(a), 0
    if isinstance(repeats, int):
        return _core.repeat(a, repeats, axis)
    counts = asarray(repeats).tolist()
    n = a.shape[axis]
    counts = counts if isinstance(counts, list) else [counts]
    counts = counts * n if len(counts) == 1 else counts
    if len(counts) != n:
        raise ValueError(f"operands could not be broadcast together with shape ({n},) ({len(counts)},)")
    places = [i for i, count in enumerate(counts) for _ in range(count)]
    return _core.ops["take"](a, _core.asarray(places, "int64", None), axis)


def pad(array, pad_width, mode="constant", *, constant_values=0):
    a = asarray(array)
    modes = ["constant", "edge", "reflect", "symmetric", "wrap"]
    if mode not in modes:
        raise ValueError(f"mode {mode!r} is not supported: {', '.join(modes)}")
    widths = broadcast_to(asarray(pad_width, "int64"), (a.ndim, 2)).tolist()
    return _core.pad(a, [w[0] for w in widths], [w[1] for w in widths], modes.index(mode), float(constant_values))


def diagonal(a, offset=0, axis1=0, axis2=1):
    return _core.diagonal(asarray(a), offset, axis1, axis2)


def nonzero(a):
    return tuple(_core.nonzero(asarray(a)))


def flatnonzero(a):
    return _core.flatnonzero(asarray(a))


def argwhere(a):
    return _core.argwhere(asarray(a))


def masked_select(a, mask):
    return _core.masked_select(asarray(a), asarray(mask))


def extract(condition, arr):
    return ravel(arr)[ravel(asarray(condition, "bool"))]


def put(a, ind, v):
    if not a.c_contiguous:
        raise ValueError("put: the array must be contiguous")
    _core.ravel(a)[asarray(ind)] = v


def copyto(dst, src, casting="same_kind", where=True):
    dst[... if where is True else asarray(where)] = src


def shares_memory(a, b):
    """Whether the arrays' elements lie in the same storage."""
    return _core.shares_storage(asarray(a), asarray(b))


may_share_memory = shares_memory
