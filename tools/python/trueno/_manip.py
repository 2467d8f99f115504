# SPDX-License-Identifier: MIT
"""Views, joining, splitting and rearranging: the arguments of NumPy's functions brought into the library's form."""
import builtins
import operator

from . import _core
from ._create import asarray, in_order
from ._types import can_cast, check_casting
from .exceptions import AxisError

__all__ = ["append", "argwhere", "array_split", "as_strided", "astype", "atleast_1d", "atleast_2d", "atleast_3d",
           "broadcast_arrays", "broadcast_shapes", "broadcast_to", "column_stack", "concat", "concatenate",
           "block", "copyto", "delete", "diagonal", "dsplit", "dstack", "expand_dims", "extract", "flatnonzero", "flip", "fliplr",
           "flipud", "hsplit", "hstack", "insert", "masked_select", "matrix_transpose", "moveaxis", "ndim", "nonzero",
           "permute_dims", "positive", "put_along_axis", "ravel", "repeat", "reshape", "resize", "roll",
           "rollaxis", "rot90", "shape", "shares_memory", "size", "sliding_window_view", "split", "squeeze", "stack",
           "swapaxes", "tile", "transpose", "unstack", "vsplit", "vstack", "copy", "may_share_memory"]


def as_axis(axis, ndim, prefix=None):
    i = operator.index(axis)
    if not -ndim <= i < ndim:
        raise AxisError(i, ndim, prefix)
    return i % ndim


def as_axes(axes, ndim, prefix=None):
    axes = (axes,) if hasattr(axes, "__index__") and not getattr(axes, "ndim", 0) else tuple(axes)
    axes = tuple(as_axis(i, ndim, prefix) for i in axes)
    if len(set(axes)) != len(axes):
        raise ValueError(f"repeated axis in `{prefix}` argument" if prefix else "repeated axis")
    return axes


def ndim(a):
    return asarray(a).ndim


def shape(a):
    return asarray(a).shape


def size(a, axis=None):
    a = asarray(a)
    if axis is None:
        return a.size
    n = 1
    for i in as_axes(axis, a.ndim):
        n *= a.shape[i]
    return n


def astype(x, dtype, /, *, copy=True, device=None):
    if not isinstance(x, _core.ndarray):
        raise TypeError(f"Input should be a NumPy array. It is a {type(x)} instead.")
    if device not in (None, "cpu"):
        raise ValueError(f'Device not understood. Only "cpu" is allowed, but received: {device}')
    return _core.asarray(x, dtype, True if copy else None)


def copy(a, order="K", subok=False):
    from ._create import array
    return array(a, order=order)


def positive(x, /, out=None, **kwds):
    if asarray(x).dtype == "bool":
        raise TypeError("ufunc 'positive' did not contain a loop with signature matching types dtype('bool') -> None")
    return _core.ops["copy"](x, out=out, **kwds)


def reshape(a, /, shape, order="C", *, copy=None):
    a = asarray(a)
    if order == "A":
        order = "F" if a.ndim > 1 and a.T.c_contiguous and not a.c_contiguous else "C"
    if order == "F":
        shape = (shape,) if hasattr(shape, "__index__") else tuple(shape)
        y = transpose(_core.reshape(transpose(a), shape[::-1]))
    else:
        y = _core.reshape(a, shape)
    if copy:
        return _core.asarray(y, None, True) if _core.shares_storage(a, y) else y
    if copy is False and not _core.shares_storage(a, y):
        raise ValueError("Unable to avoid creating a copy while reshaping.")
    return y


def ravel(a, order="C"):
    a, order = asarray(a), order.upper()
    if order not in ("C", "F", "A", "K"):
        raise ValueError(f"order must be one of 'C', 'F', 'A', or 'K' (got {order!r})")
    if order == "K":
        axes = sorted(range(a.ndim), key=lambda i: (-builtins.abs(a.strides[i]), i))
        return _core.ravel(_core.permute(a, axes))
    turned = order == "F" or order == "A" and a.ndim > 1 and a.T.c_contiguous and not a.c_contiguous
    return _core.ravel(transpose(a) if turned else a)


def transpose(a, axes=None):
    a = asarray(a)
    if axes is None:
        return a.T
    axes = tuple(operator.index(i) for i in ((axes,) if hasattr(axes, "__index__") else axes))
    if len(axes) != a.ndim:
        raise ValueError("axes don't match array")
    return _core.permute(a, as_axes(axes, a.ndim, "transpose"))


permute_dims = transpose


def matrix_transpose(x, /):
    x = asarray(x)
    if x.ndim < 2:
        raise ValueError(f"Input array must be at least 2-dimensional, but it is {x.ndim}")
    return x.mT


def swapaxes(a, axis1, axis2):
    a = asarray(a)
    return _core.swapaxes(a, as_axis(axis1, a.ndim, "axis1"), as_axis(axis2, a.ndim, "axis2"))


def moveaxis(a, source, destination):
    a = asarray(a)
    source, destination = as_axes(source, a.ndim, "source"), as_axes(destination, a.ndim, "destination")
    if len(source) != len(destination):
        raise ValueError("`source` and `destination` arguments must have the same number of elements")
    order = [i for i in range(a.ndim) if i not in source]
    for to, axis in sorted(zip(destination, source)):
        order.insert(to, axis)
    return _core.permute(a, order)


def rollaxis(a, axis, start=0):
    a = asarray(a)
    axis, first = as_axis(axis, a.ndim), operator.index(start)
    start = first + a.ndim if first < 0 else first
    if not 0 <= start <= a.ndim:
        raise AxisError(f"'start' arg requires {-a.ndim} <= start < {a.ndim + 1}, but {first} was passed in")
    return _core.moveaxis(a, axis, start - 1 if axis < start else start)


def squeeze(a, axis=None):
    a = asarray(a)
    if axis is None:
        return _core.squeeze_all(a)
    axes = sorted(as_axes(axis, a.ndim), reverse=True)
    if builtins.any(a.shape[i] != 1 for i in axes):
        raise ValueError("cannot select an axis to squeeze out which has size not equal to one")
    for i in axes:
        a = _core.squeeze(a, i)
    return a


def expand_dims(a, axis=0):
    a = asarray(a)
    axes = (axis,) if hasattr(axis, "__index__") else tuple(axis)
    for i in sorted(as_axes(axes, a.ndim + len(axes))):
        a = _core.unsqueeze(a, i)
    return a


def atleast(a, n, place):
    a = asarray(a)
    return a if a.ndim >= n else _core.reshape(a, place(a.shape))


def each(arrays, f):
    return f(arrays[0]) if len(arrays) == 1 else tuple(f(a) for a in arrays)


MOST = 2 ** 31 - 1


def listed(arrays, what):
    """arrays as a list; a generator is none."""
    if not hasattr(arrays, "__getitem__"):
        raise TypeError(f"arrays to {what} must be passed as a \"sequence\" type such as list or tuple.")
    if isinstance(arrays, (list, tuple)) and len(arrays) > MOST:
        raise ValueError(f"{what}() only supports up to {MOST} arrays but got {len(arrays)}.")
    return list(arrays)


def atleast_1d(*arrays):
    """Arrays of at least one axis; of several a tuple."""
    return each(arrays, lambda a: atleast(a, 1, lambda s: (1,)))


def atleast_2d(*arrays):
    return each(arrays, lambda a: atleast(a, 2, lambda s: (1,) * (2 - len(s)) + s))


def atleast_3d(*arrays):
    return each(arrays, lambda a: atleast(a, 3, lambda s: {0: (1, 1, 1), 1: (1, *s, 1), 2: (*s, 1)}[len(s)]))


def broadcast_to(a, shape, subok=False):
    return _core.broadcast_to(asarray(a), shape)


def broadcast_shapes(*shapes):
    shapes = [(s,) if hasattr(s, "__index__") else tuple(s) for s in shapes]
    result = [1] * builtins.max((len(s) for s in shapes), default=0)
    for s in shapes:
        for i, n in enumerate(reversed(s), 1):
            if n != 1 and result[-i] not in (1, n):
                raise ValueError(f"shape mismatch: {', '.join(map(str, shapes))} cannot be broadcast to a single shape")
            result[-i] = n if n != 1 else result[-i]
    return tuple(result)


def broadcast_arrays(*args, subok=False):
    arrays = [asarray(a) for a in args]
    shape = broadcast_shapes(*(a.shape for a in arrays))
    return tuple(a if a.shape == shape else _core.broadcast_to(a, shape) for a in arrays)


def as_strided(x, shape=None, strides=None, subok=False, writeable=True, *, check_bounds=None):
    """A view with these strides, in bytes; every element must lie in x's storage."""
    x = asarray(x)
    strides = x.strides if strides is None else strides
    if builtins.any(s % x.itemsize for s in strides):
        raise ValueError(f"as_strided: strides {strides} are not of whole elements of {x.itemsize} bytes")
    y = _core.as_strided(x, x.shape if shape is None else shape, [s // x.itemsize for s in strides], 0)
    if not writeable:
        _core.make_readonly(y)
    return y


def sliding_window_view(x, window_shape, axis=None, *, subok=False, writeable=False):
    """Every window of that shape, as further axes."""
    x = asarray(x)
    sizes = (window_shape,) if hasattr(window_shape, "__index__") else tuple(window_shape)
    if builtins.any(n < 0 for n in sizes):
        raise ValueError("`window_shape` cannot contain negative values")
    if axis is None and len(sizes) != x.ndim:
        raise ValueError("Since axis is None, must provide window_shape for all dimensions of `x`; got "
                         f"{len(sizes)} window_shape elements and `x.ndim` is {x.ndim}.")
    axes = range(x.ndim) if axis is None else [as_axis(i, x.ndim) for i in
                                               ((axis,) if hasattr(axis, "__index__") else axis)]
    if len(axes) != len(sizes):
        raise ValueError("Must provide matching length window_shape and axis; got "
                         f"{len(sizes)} window_shape elements and {len(axes)} axes elements.")
    shape = list(x.shape)
    for i, n in zip(axes, sizes):
        shape[i] -= n - 1
        if shape[i] < 1:
            raise ValueError("window shape cannot be larger than input array shape")
    return as_strided(x, [*shape, *sizes], [*x.strides, *(x.strides[i] for i in axes)], writeable=writeable)


def given(y, out, dtype, casting, parts):
    """y as dtype= and out= ask, if casting lets the parts become that."""
    if out is not None and dtype is not None:
        raise TypeError("concatenate() only takes `out` or `dtype` as an argument, but both were provided.")
    check_casting(casting)
    if out is not None and out.shape != y.shape:
        raise ValueError("Output array is the wrong shape")
    want = dtype if out is None else out.dtype
    for p in parts:
        if want is not None and not can_cast(p.dtype, want, casting):
            raise TypeError(f"Cannot cast array data from {p.dtype!r} to {_core.dtype(want)!r} according to the rule "
                            f"'{casting}'")
    if out is not None:
        return _core.ops["astype"](y, out=out) if dtype is None else _core.ops["astype"](astype(y, dtype), out=out)
    return y if dtype is None else astype(y, dtype, copy=False)


def concatenate(arrays, /, axis=0, out=None, *, dtype=None, casting="same_kind"):
    arrays = [asarray(a) for a in listed(arrays, "concatenate")]
    if not arrays:
        raise ValueError("need at least one array to concatenate")
    if axis is None:
        arrays, axis = [_core.ravel(a) for a in arrays], 0
    if arrays[0].ndim == 0:
        raise ValueError("zero-dimensional arrays cannot be concatenated")
    axis = as_axis(axis, arrays[0].ndim)
    for i, a in enumerate(arrays):
        if a.ndim != arrays[0].ndim:
            raise ValueError("all the input arrays must have same number of dimensions, but the array at index 0 has "
                             f"{arrays[0].ndim} dimension(s) and the array at index {i} has {a.ndim} dimension(s)")
        for k in range(a.ndim):
            if k != axis and a.shape[k] != arrays[0].shape[k]:
                raise ValueError("all the input array dimensions except for the concatenation axis must match exactly, "
                                 f"but along dimension {k}, the array at index 0 has size {arrays[0].shape[k]} and the "
                                 f"array at index {i} has size {a.shape[k]}")
    return given(_core.concatenate(arrays, axis), out, dtype, casting, arrays)


concat = concatenate


def stack(arrays, axis=0, out=None, *, dtype=None, casting="same_kind"):
    arrays = [asarray(a) for a in listed(arrays, "stack")]
    if not arrays:
        raise ValueError("need at least one array to stack")
    if builtins.any(a.shape != arrays[0].shape for a in arrays):
        raise ValueError("all input arrays must have the same shape")
    axis = as_axis(axis, arrays[0].ndim + 1)
    return given(_core.stack(arrays, axis), out, dtype, casting, arrays)


def unstack(x, /, *, axis=0):
    x = asarray(x)
    if x.ndim == 0:
        raise ValueError("Input array must be at least 1-d.")
    return tuple(moveaxis(x, axis, 0))


def vstack(tup, *, dtype=None, casting="same_kind"):
    return concatenate([atleast_2d(a) for a in listed(tup, "stack")], 0, dtype=dtype, casting=casting)


def hstack(tup, *, dtype=None, casting="same_kind"):
    arrays = [atleast_1d(a) for a in listed(tup, "stack")]
    return concatenate(arrays, 0 if arrays and arrays[0].ndim == 1 else 1, dtype=dtype, casting=casting)


def dstack(tup):
    return concatenate([atleast_3d(a) for a in listed(tup, "stack")], 2)


def block(arrays):
    """Nested lists of arrays put together: the innermost along the last axis, the next along the one before it, …"""
    def depth(x, path):
        if isinstance(x, tuple):
            raise TypeError(f"{path} is a tuple. Only lists can be used to arrange blocks, and np.block does not allow "
                            "implicit conversion from tuple to ndarray.")
        if not isinstance(x, list):
            return 0
        if not x:
            raise ValueError(f"List at {path} cannot be empty")
        depths = [depth(y, f"{path}[{i}]") for i, y in enumerate(x)]
        if len(set(depths)) > 1:
            raise ValueError(f"List depths are mismatched. First element was at depth {depths[0] + 1}, but there is an "
                             f"element at another depth in {path}")
        return depths[0] + 1

    def most(x):
        return builtins.max(map(most, x)) if isinstance(x, list) else ndim(x)

    def joined(x, level):
        if level == 0:
            a = asarray(x)
            return _core.asarray(_core.reshape(a, [1] * (axes - a.ndim) + list(a.shape)), None, levels == 0 or None)
        return concatenate([joined(y, level - 1) for y in x], axes - level)
    levels = depth(arrays, "arrays")
    axes = builtins.max(levels, most(arrays))
    return joined(arrays, levels)


def column_stack(tup):
    arrays = [asarray(a) for a in listed(tup, "stack")]
    return concatenate([_core.reshape(a, (-1, 1)) if a.ndim < 2 else a for a in arrays], 1)


def append(arr, values, axis=None):
    return concatenate((arr, values), axis)


def array_split(ary, indices_or_sections, axis=0):
    a = asarray(ary)
    axis = as_axis(axis, a.ndim)
    if hasattr(indices_or_sections, "__index__") and not getattr(indices_or_sections, "ndim", 0):
        if indices_or_sections <= 0:
            raise ValueError("number sections must be larger than 0.")
        return _core.split(a, operator.index(indices_or_sections), None, axis)
    at = [operator.index(i) for i in indices_or_sections]
    return _core.split(a, len(at) + 1, at, axis)


def split(ary, indices_or_sections, axis=0):
    a = asarray(ary)
    as_axis(axis, a.ndim)
    if isinstance(indices_or_sections, int) and indices_or_sections > 0 and a.shape[axis] % indices_or_sections:
        raise ValueError("array split does not result in an equal division")
    return array_split(a, indices_or_sections, axis)


def vsplit(ary, indices_or_sections):
    if ndim(ary) < 2:
        raise ValueError("vsplit only works on arrays of 2 or more dimensions")
    return split(ary, indices_or_sections, 0)


def dsplit(ary, indices_or_sections):
    if ndim(ary) < 3:
        raise ValueError("dsplit only works on arrays of 3 or more dimensions")
    return split(ary, indices_or_sections, 2)


def hsplit(ary, indices_or_sections):
    if ndim(ary) == 0:
        raise ValueError("hsplit only works on arrays of 1 or more dimensions")
    return split(ary, indices_or_sections, 0 if ndim(ary) == 1 else 1)


def flip(m, axis=None):
    m = asarray(m)
    bits = 0xFFFFFFFF if axis is None else builtins.sum(1 << i for i in as_axes(axis, m.ndim))
    return _core.flip(m, bits)


def flipud(m):
    if ndim(m) < 1:
        raise ValueError("Input must be >= 1-d.")
    return flip(m, 0)


def fliplr(m):
    if ndim(m) < 2:
        raise ValueError("Input must be >= 2-d.")
    return flip(m, 1)


def rot90(m, k=1, axes=(0, 1)):
    m, axes = asarray(m), tuple(axes)
    if len(axes) != 2:
        raise ValueError("len(axes) must be 2.")
    if axes[0] == axes[1] or builtins.abs(axes[0] - axes[1]) == m.ndim:
        raise ValueError("Axes must be different.")
    if not builtins.all(-m.ndim <= i < m.ndim for i in axes):
        raise ValueError(f"Axes={axes} out of range for array of ndim={m.ndim}.")
    first, second = as_axes(axes, m.ndim)
    y = moveaxis(m, (first, second), (-2, -1))
    return moveaxis(_core.rot90(y, k), (-2, -1), (first, second))


def roll(a, shift, axis=None):
    a = asarray(a)
    if axis is None:
        line = _core.ravel(a)
        several = not isinstance(shift, int) and (not hasattr(shift, "__index__") or ndim(shift))
        n = builtins.sum(operator.index(k) for k in asarray(shift).ravel().tolist()) if several else operator.index(shift)
        return _core.reshape(_core.roll(line, n % builtins.max(line.size, 1), 0), a.shape)
    axes = (axis,) if hasattr(axis, "__index__") else tuple(axis)
    shifts = (shift,) if isinstance(shift, int) or hasattr(shift, "__index__") and not ndim(shift) else tuple(shift)
    if len(shifts) > 1 and len(axes) > 1 and len(shifts) != len(axes):
        raise ValueError("'shift' and 'axis' should be scalars or 1D sequences")
    n = builtins.max(len(shifts), len(axes)) if shifts and axes else 0
    for k, i in zip(shifts * n if len(shifts) == 1 else shifts, axes * n if len(axes) == 1 else axes):
        i = as_axis(i, a.ndim)
        a = _core.roll(a, operator.index(k) % builtins.max(a.shape[i], 1), i)
    return a if n else copy(a)


def resize(a, new_shape):
    """The elements of a in C order, as often as needed, in another shape."""
    shape = [operator.index(k) for k in ((new_shape,) if hasattr(new_shape, "__index__") else new_shape)]
    line, n = _core.ravel(asarray(a)), 1
    for k in shape:
        if k < 0:
            raise ValueError("all elements of `new_shape` must be non-negative")
        n *= k
    if line.size == 0 or n == 0:
        return _core.zeros(shape, line.dtype)
    return _core.reshape(concatenate([line] * -(-n // line.size))[:n], shape)


def places_of(obj, n):
    """obj as places of an axis of n, an array without axes if it is one number."""
    if isinstance(obj, slice):
        return _core.asarray(list(range(*obj.indices(n))), "int64", None)
    places = asarray(obj)
    if places.size == 0 and not isinstance(obj, _core.ndarray):
        places = _core.asarray(places, "int64", None)
    if places.dtype.kind not in "biu":
        raise IndexError("arrays used as indices must be of integer (or boolean) type")
    return places


def within(places, n, most, axis):
    """Places counted from the front, all of them below most."""
    for i in places:
        if not -n <= i < most:
            raise IndexError(f"index {i} is out of bounds for axis {axis} with size {n}")
    return [i + n if i < 0 else i for i in places]


def along(arr, axis):
    """arr, or its elements in a line, and the axis."""
    a = asarray(arr)
    a, axis = (_core.ravel(a), 0) if axis is None else (a, axis)
    return a, as_axis(axis, a.ndim)


def delete(arr, obj, axis=None):
    """arr without the parts at the places obj of an axis."""
    a, axis = along(arr, axis)
    n, places = a.shape[axis], places_of(obj, a.shape[axis])
    if places.dtype == "bool":
        if places.shape != (n,):
            raise ValueError("boolean array argument obj to delete must be one dimensional and match the axis length of "
                             f"{n}")
        gone = set(_core.flatnonzero(places).tolist())
    else:
        gone = set(within(_core.ravel(places).tolist(), n, n, axis))
    keep = _core.asarray([i for i in range(n) if i not in gone], "int64", None)
    return in_order(_core.ops["take"](a, keep, axis), "F" if a.ndim > 1 and a.T.c_contiguous and not a.c_contiguous else "C")


def insert(arr, obj, values, axis=None):
    """arr with values put before the places obj of an axis. One place takes all that values have along the axis."""
    a, axis = along(arr, axis)
    n, places = a.shape[axis], places_of(obj, a.shape[axis])
    if places.dtype == "bool":
        if places.ndim != 1:
            raise ValueError("boolean array argument obj to insert must be one dimensional")
        places = _core.flatnonzero(places)
    elif places.ndim > 1:
        raise ValueError("index array argument obj to insert must be one dimensional or scalar")
    values = _core.asarray(asarray(values), a.dtype, None)
    values = _core.reshape(values, [1] * (a.ndim - values.ndim) + list(values.shape)) if values.ndim < a.ndim else values
    if places.ndim == 0:
        values = _core.moveaxis(values, 0, axis)
    at = within(_core.ravel(places).tolist(), n, n + 1, axis)
    at = at * values.shape[axis] if len(at) == 1 else at
    order = sorted(range(len(at)), key=at.__getitem__)
    new = {at[k] + i: k for i, k in enumerate(order)}
    front, size = (slice(None),) * axis, n + len(new)
    y = _core.empty([*a.shape[:axis], size, *a.shape[axis + 1:]], a.dtype)
    y = in_order(y, "F" if a.ndim > 1 and a.T.c_contiguous and not a.c_contiguous else "C")
    y[front + (_core.asarray([i for i in range(size) if i not in new], "int64", None),)] = a
    y[front + (_core.asarray(sorted(new, key=new.get), "int64", None),)] = values
    return y


def tile(A, reps):
    return _core.tile(asarray(A), reps if hasattr(reps, "__index__") else tuple(reps))


def repeat(a, repeats, axis=None):
    a = asarray(a)
    if axis is None:
        a, axis = _core.ravel(a), 0
    axis = as_axis(axis, a.ndim)
    if isinstance(repeats, int):
        if repeats < 0:
            raise ValueError("repeats may not contain negative values.")
        return _core.repeat(a, repeats, axis)
    if asarray(repeats).dtype.kind not in "iub" and asarray(repeats).size:
        raise TypeError(f"Cannot cast array data from {asarray(repeats).dtype!r} to dtype('int64') according to the rule 'safe'")
    counts = asarray(repeats).tolist()
    n = a.shape[axis]
    counts = counts if isinstance(counts, list) else [counts]
    counts = counts * n if len(counts) == 1 else counts
    if len(counts) != n:
        raise ValueError(f"operands could not be broadcast together with shape ({n},) ({len(counts)},)")
    places = [i for i, count in enumerate(counts) for _ in range(count)]
    return _core.ops["take"](a, _core.asarray(places, "int64", None), axis)


def diagonal(a, offset=0, axis1=0, axis2=1):
    return _core.diagonal(asarray(a), offset, axis1, axis2)


def nonzero(a):
    a = asarray(a)
    if not a.ndim:
        raise ValueError("Calling nonzero on 0d arrays is not allowed. Use np.atleast_1d(scalar).nonzero() instead.")
    return tuple(_core.nonzero(a))


def flatnonzero(a):
    return _core.flatnonzero(asarray(a))


def argwhere(a):
    return _core.argwhere(asarray(a))


def masked_select(a, mask):
    return _core.masked_select(asarray(a), asarray(mask))


def extract(condition, arr):
    return ravel(arr)[ravel(asarray(condition, "bool"))]


def along_axis(a, indices, axis):
    """The key that indexes a with indices along an axis and pairs the others."""
    if indices.dtype.kind not in "iu":
        raise IndexError("`indices` must be an integer array")
    if indices.ndim != a.ndim:
        raise ValueError("`indices` and `arr` must have the same number of dimensions")
    axis = as_axis(axis, a.ndim)
    key = []
    for i in range(a.ndim):
        line = [1] * a.ndim
        line[i] = a.shape[i]
        key.append(indices if i == axis else _core.reshape(_core.arange_int("int64", 0, a.shape[i], 1), line))
    return tuple(key)


def put_along_axis(arr, indices, values, axis):
    indices = asarray(indices)
    if axis is None:
        if indices.ndim != 1:
            raise ValueError("when axis=None, `indices` must have a single dimension.")
        key = asarray(indices)
        arr.flat[key] = values
    else:
        arr[along_axis(arr, indices, axis)] = values


def copyto(dst, src, casting="same_kind", where=True):
    """dst[...] = src where where is true, if casting lets src become dst's type."""
    if not isinstance(dst, _core.ndarray):
        raise TypeError(f"copyto() argument 1 must be trueno.ndarray, not {type(dst).__name__}")
    check_casting(casting)
    if not isinstance(src, (bool, int, float, complex)):
        src = asarray(src)
        if not can_cast(src.dtype, dst.dtype, casting):
            raise TypeError(f"Cannot cast array data from {src.dtype!r} to {dst.dtype!r} according to the rule '{casting}'")
    if where is True:
        dst[...] = src
        return
    where = asarray(where)
    if where.dtype != "bool":
        raise TypeError(f"Cannot cast array data from {where.dtype!r} to dtype('bool') according to the rule 'safe'")
    y = _core.ops["where"](_core.broadcast_to(where, dst.shape), _core.asarray(src, dst.dtype, None), dst)
    if y.shape != dst.shape:
        raise ValueError(f"could not broadcast input array from shape {asarray(src).shape} into shape {dst.shape}")
    dst[...] = y


def shares_memory(a, b, max_work=None):
    """Whether the bytes between the ends of the arrays overlap."""
    return _core.overlap(asarray(a), asarray(b))


may_share_memory = shares_memory
