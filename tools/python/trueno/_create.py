# SPDX-License-Identifier: MIT
"""Arrays from Python objects, memory and rules. Knows nothing of operations on them."""
import builtins
import operator

from . import _core

__all__ = ["arange", "array", "asanyarray", "asarray", "ascontiguousarray", "empty", "empty_like", "eye",
           "from_dlpack", "frombuffer", "fromiter", "full", "full_like", "identity", "linspace", "logspace",
           "meshgrid", "ones", "ones_like", "tri", "tril", "triu", "diag", "zeros", "zeros_like", "indices"]


def on_cpu(device):
    if device not in (None, "cpu"):
        raise ValueError(f"device {device!r}: arrays of this package lie on 'cpu'")


def in_c_order(order):
    if order not in (None, "C", "K", "A"):
        raise ValueError(f"order {order!r}: arrays are made in C order")


def asarray(a, dtype=None, order=None, *, device=None, copy=None):
    """a as an array: itself, borrowing the memory of buffers and DLPack tensors, or a copy of numbers."""
    on_cpu(device)
    in_c_order(order)
    return _core.asarray(a, dtype, copy)


asanyarray = asarray


def array(object, dtype=None, *, copy=True, order="K", ndmin=0):
    """A copy of object as an array of at least ndmin axes."""
    in_c_order(order)
    a = _core.asarray(object, dtype, copy)
    return a if a.ndim >= ndmin else _core.reshape(a, (1,) * (ndmin - a.ndim) + a.shape)


def ascontiguousarray(a, dtype=None):
    a = asarray(a, dtype)
    return a if a.c_contiguous else _core.asarray(a, None, True)


def empty(shape, dtype=None, order="C", *, device=None):
    on_cpu(device)
    in_c_order(order)
    return _core.empty(shape, dtype)


def zeros(shape, dtype=None, order="C", *, device=None):
    on_cpu(device)
    in_c_order(order)
    return _core.zeros(shape, dtype)


def ones(shape, dtype=None, order="C", *, device=None):
    on_cpu(device)
    in_c_order(order)
    return _core.ones(shape, dtype)


def full(shape, fill_value, dtype=None, order="C", *, device=None):
    on_cpu(device)
    in_c_order(order)
    value = _core.asarray(fill_value, dtype, None)
    a = _core.empty(shape, value.dtype)
    a[...] = value
    return a


def like(a, dtype, shape):
    a = asarray(a)
    return (a.shape if shape is None else shape), (a.dtype if dtype is None else dtype)


def empty_like(a, dtype=None, order="K", subok=True, shape=None, *, device=None):
    return empty(*like(a, dtype, shape), order, device=device)


def zeros_like(a, dtype=None, order="K", subok=True, shape=None, *, device=None):
    return zeros(*like(a, dtype, shape), order, device=device)


def ones_like(a, dtype=None, order="K", subok=True, shape=None, *, device=None):
    return ones(*like(a, dtype, shape), order, device=device)


def full_like(a, fill_value, dtype=None, order="K", subok=True, shape=None, *, device=None):
    shape, dtype = like(a, dtype, shape)
    return full(shape, fill_value, dtype, order, device=device)


def arange(start, stop=None, step=1, dtype=None, *, device=None):
    """start, start + step, … before stop; arange(n) counts from 0."""
    on_cpu(device)
    if stop is None:
        start, stop = 0, start
    if builtins.all(isinstance(x, int) for x in (start, stop, step)):
        return _core.arange_int(dtype or "int64", start, stop, step)
    of = [x.dtype for x in (start, stop, step) if isinstance(x, _core.ndarray)]
    if of and builtins.all(d.kind in "iu" for d in of):
        return arange(operator.index(start), operator.index(stop), operator.index(step), dtype or of[0])
    return _core.arange(dtype or "float64", float(start), float(stop), float(step))


def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0, *, device=None):
    on_cpu(device)
    num = operator.index(num)
    y = _core.linspace(dtype or "float64", float(start), float(stop), num, endpoint)
    if not retstep:
        return y
    parts = num - 1 if endpoint else num
    return y, (float(stop) - float(start)) / parts if parts > 0 else float("nan")


def logspace(start, stop, num=50, endpoint=True, base=10.0, dtype=None):
    y = _core.ops["pow"](float(base), linspace(start, stop, num, endpoint))
    return y if dtype is None else _core.asarray(y, dtype, None)


def eye(n_rows, n_cols=None, k=0, dtype=None, *, device=None):
    on_cpu(device)
    return _core.eye(dtype or "float64", n_rows, n_rows if n_cols is None else n_cols, k)


def identity(n, dtype=None):
    return eye(n, dtype=dtype)


def tri(N, M=None, k=0, dtype=None):
    return _core.tri(dtype or "float64", N, N if M is None else M, k)


def tril(x, /, *args, k=0):
    return _core.tril(asarray(x), *(args or (k,)))


def triu(x, /, *args, k=0):
    return _core.triu(asarray(x), *(args or (k,)))


def diag(v, k=0):
    """A matrix with v on its k-th diagonal, or a view of that diagonal of a matrix."""
    return _core.diag(asarray(v), k)


def meshgrid(*arrays, indexing="xy", copy=False, sparse=False):
    if indexing not in ("xy", "ij"):
        raise ValueError("Valid values for `indexing` are 'xy' and 'ij'.")
    return tuple(_core.meshgrid([asarray(a) for a in arrays], indexing == "xy")) if arrays else ()


def indices(dimensions, dtype="int64", sparse=False):
    grids = [arange(n, dtype=dtype) for n in dimensions]
    if sparse:
        return tuple(_core.reshape(g, (1,) * i + (-1,) + (1,) * (len(grids) - i - 1)) for i, g in enumerate(grids))
    return _core.stack([*_core.meshgrid(grids, False)], 0)


def from_dlpack(x, /, *, device=None, copy=None):
    """An array on the memory of a DLPack tensor."""
    on_cpu(device)
    a = _core.from_dlpack(x)
    return _core.asarray(a, None, True) if copy else a


def frombuffer(buffer, dtype="float64", count=-1, offset=0):
    """A vector on the memory of any buffer, read as elements of dtype."""
    size = _core.dtype(dtype).itemsize
    view = memoryview(buffer).cast("B")[offset:]
    n = len(view) // size if count < 0 else count
    if n * size > len(view) or (count < 0 and len(view) % size):
        raise ValueError("buffer size must be a multiple of element size" if count < 0 else
                         "buffer is smaller than requested size")
    format = {"bool": "?", "int8": "b", "int16": "h", "int32": "i", "int64": "q", "uint8": "B", "uint16": "H",
              "uint32": "I", "uint64": "Q", "float32": "f", "float64": "d"}.get(_core.dtype(dtype).name)
    if format is None:
        return _core.from_bytes(dtype, n, view[:n * size])
    return _core.asarray(view[:n * size].cast(format), None, None)


def fromiter(iterable, dtype, count=-1):
    items = list(iterable) if count < 0 else [x for x, _ in zip(iterable, range(count))]
    return _core.asarray(items, dtype, None)
