# SPDX-License-Identifier: MIT
"""Arrays from Python objects, memory and rules. Knows nothing of operations on them."""
import builtins
import operator

from . import _core

__all__ = ["arange", "array", "asanyarray", "asarray", "ascontiguousarray", "empty", "empty_like", "eye",
           "asarray_chkfinite", "asfortranarray", "diagflat", "from_dlpack", "frombuffer", "fromfunction", "fromiter",
           "full", "full_like", "geomspace", "identity", "indices", "isfortran", "linspace", "logspace",
           "meshgrid", "ones", "ones_like", "require", "tri", "tril", "triu", "diag", "zeros", "zeros_like"]


def on_cpu(device):
    if device not in (None, "cpu"):
        raise ValueError(f"device {device!r}: arrays of this package lie on 'cpu'")


def check_order(order):
    if order not in (None, "C", "K", "A", "F", "c", "k", "a", "f"):
        raise ValueError(f"order must be one of 'C', 'F', 'A', or 'K' (got {order!r})")


def in_order(a, order, as_is=None):
    """a, or a copy of it, in Fortran's order where that is asked for; as_is is never copied."""
    check_order(order)
    if order not in ("F", "f") or a is as_is or a.T.c_contiguous:
        return a
    return _core.asarray(a.T, None, True).T


def copy_mode(copy):
    """True, False, or None for a copy if one is needed; NumPy's _CopyMode says it by number."""
    if copy is None or copy is True or copy is False:
        return copy
    if isinstance(copy, str):
        raise ValueError("strings are not allowed for 'copy' keyword. Use True/False/None instead.")
    return None if getattr(copy, "value", None) == 2 else builtins.bool(copy)


def asarray_with(a, dtype=None, order=None, *, device=None, copy=None, like=None):
    """asarray where there is more than a type to heed."""
    on_cpu(device)
    copy = copy_mode(copy)
    if order is None:
        return _core.asarray(a, dtype, copy)
    y = _core.asarray(a, dtype, copy)
    if order in ("C", "c") and not y.c_contiguous:
        y = _core.asarray(y, None, True)
    z = in_order(y, order)
    if z is not y and copy is False:
        raise ValueError("Unable to avoid copy while creating an array as requested.")
    return z


asarray = _core.quick("asarray", asarray_with)


def asanyarray(a, dtype=None, order=None, *, device=None, copy=None, like=None):
    return asarray(a, dtype, order, device=device, copy=copy)


def array_with(object, dtype=None, *, copy=True, order="K", subok=False, ndmin=0, ndmax=None, like=None):
    """A copy of object as an array of at least ndmin axes."""
    copy = copy_mode(copy)
    if ndmax is not None:
        check_ndmax(object, ndmin, ndmax)
    if ndmin > 8:
        raise ValueError(f"ndmin bigger than allowable number of dimensions ndmax=8, not {ndmin}")
    if order == "K" and copy is not True:
        a = _core.asarray(object, dtype, copy)
    else:
        a = asarray(object, dtype, order, copy=copy)
        if copy and order in ("K", "A") and isinstance(object, _core.ndarray) and object.ndim > 1 and \
           not object.c_contiguous and object.T.c_contiguous:
            a = _core.asarray(_core.asarray(object.T, None, True), dtype, None).T
    return a if a.ndim >= ndmin else _core.reshape(a, (1,) * (ndmin - a.ndim) + a.shape)


array = _core.quick("array", array_with)


def check_ndmax(object, ndmin, ndmax):
    if ndmax < 0 or ndmax > 64:
        raise ValueError("ndmax must be in the range [0, NPY_MAXDIMS (64)]")
    if ndmin > ndmax:
        raise ValueError(f"ndmin must be <= ndmax, but {ndmin} > {ndmax}")
    if _core.asarray(object, None, None).ndim > ndmax:
        raise _core.UnsupportedDTypeError("setting an array element with a sequence. The requested array would exceed the "
                                          f"maximum number of dimension of {ndmax}.")


def asfortranarray(a, dtype=None, *, like=None):
    return asarray(a, dtype, "F")


def isfortran(a):
    return a.T.c_contiguous and not a.c_contiguous


def asarray_chkfinite(a, dtype=None, order=None):
    a = asarray(a, dtype, order)
    if a.dtype.kind in "fc" and not builtins.bool(_core.ops["all"](_core.ops["isfinite"](a))):
        raise ValueError("array must not contain infs or NaNs")
    return a


def require(a, dtype=None, requirements=None, *, like=None):
    """a with the flags of requirements: C, F, A(ligned), W(riteable), O(wndata), E(nsurearray)."""
    known = {"C": "C", "F": "F", "A": "A", "W": "W", "O": "O", "E": "E", "C_CONTIGUOUS": "C", "CONTIGUOUS": "C",
             "F_CONTIGUOUS": "F", "FORTRAN": "F", "ALIGNED": "A", "WRITEABLE": "W", "OWNDATA": "O", "ENSUREARRAY": "E"}
    asked = {known[str(x).upper()] for x in requirements or ()}
    if {"C", "F"} <= asked:
        raise ValueError('Cannot specify both "C" and "F" order')
    a = asarray(a, dtype, "F" if "F" in asked else "C" if "C" in asked else None)
    if "W" in asked and _core.readonly(a) or "O" in asked:
        a = array(a, order="F" if "F" in asked else "C")
    return a


def new_array(cls, shape, dtype="float64", buffer=None, offset=0, strides=None, order=None):
    """ndarray(shape, …): new memory, or that of a buffer from offset on, with strides in bytes."""
    if cls is not _core.ndarray:
        raise TypeError("trueno.ndarray is no base for other classes")
    if buffer is None:
        return empty(shape, dtype, order or "C")
    shape = (operator.index(shape),) if hasattr(shape, "__index__") else tuple(shape)
    dtype = _core.dtype(dtype)
    source = buffer if isinstance(buffer, _core.ndarray) else _core.asarray(memoryview(buffer).cast("B"), None, None)
    if strides is None:
        strides, step = [], dtype.itemsize
        for n in (shape if order == "F" else reversed(shape)):
            strides.append(step)
            step *= n
        strides = strides if order == "F" else strides[::-1]
    strides = [dtype.itemsize if n < 2 else s for n, s in zip(shape, strides)]  # of what is never stepped over
    if builtins.any(s % dtype.itemsize for s in strides):
        raise ValueError(f"strides {tuple(strides)} are not of whole elements of {dtype.itemsize} bytes")
    return _core.reinterpret(source, dtype, shape, [s // dtype.itemsize for s in strides], offset, False)


def ascontiguousarray(a, dtype=None, *, like=None):
    a = asarray(a, dtype)
    a = _core.reshape(a, (1,)) if a.ndim == 0 else a
    return a if a.c_contiguous else _core.asarray(a, None, True)


def ordered(shape, order, make):
    if isinstance(order, list):  # the axes from the outermost in memory to the innermost
        return _core.permute(make([shape[i] for i in order]), [order.index(i) for i in range(len(order))])
    check_order(order)
    if order not in ("F", "f"):
        return make(shape)
    return make(shape if hasattr(shape, "__index__") else tuple(shape)[::-1]).T


def empty_with(shape, dtype=None, order="C", *, device=None, like=None):
    on_cpu(device)
    if order == "C":
        return _core.empty(shape, dtype)
    return ordered(shape, order, lambda shape: _core.empty(shape, dtype))


def zeros_with(shape, dtype=None, order="C", *, device=None, like=None):
    on_cpu(device)
    if order == "C":
        return _core.zeros(shape, dtype)
    return ordered(shape, order, lambda shape: _core.zeros(shape, dtype))


def ones_with(shape, dtype=None, order="C", *, device=None, like=None):
    on_cpu(device)
    if order == "C":
        return _core.ones(shape, dtype)
    return ordered(shape, order, lambda shape: _core.ones(shape, dtype))


empty, zeros, ones = (_core.quick(*pair) for pair in (("empty", empty_with), ("zeros", zeros_with), ("ones", ones_with)))


def full(shape, fill_value, dtype=None, order="C", *, device=None, like=None):
    on_cpu(device)
    value = _core.asarray(fill_value, dtype, None)
    a = ordered(shape, order, lambda shape: _core.empty(shape, value.dtype))
    a[...] = value
    return a


def like(a, dtype, shape, order):
    a = asarray(a)
    axes = a.ndim if shape is None else 1 if hasattr(shape, "__index__") else len(shape)
    if order in ("K", "A") and a.ndim > 1 and not a.c_contiguous and a.T.c_contiguous and (order == "A" or axes == a.ndim):
        order = "F"
    elif order == "K" and axes == a.ndim > 1 and not a.c_contiguous:
        order = sorted(range(a.ndim), key=lambda i: -builtins.abs(a.strides[i]))
    return (a.shape if shape is None else shape), (a.dtype if dtype is None else dtype), order


def empty_like(a, /, dtype=None, order="K", subok=True, shape=None, *, device=None):
    return empty(*like(a, dtype, shape, order), device=device)


def zeros_like(a, dtype=None, order="K", subok=True, shape=None, *, device=None):
    return zeros(*like(a, dtype, shape, order), device=device)


def ones_like(a, dtype=None, order="K", subok=True, shape=None, *, device=None):
    return ones(*like(a, dtype, shape, order), device=device)


def full_like(a, fill_value, dtype=None, order="K", subok=True, shape=None, *, device=None):
    shape, dtype, order = like(a, dtype, shape, order)
    return full(shape, fill_value, dtype, order, device=device)


NO_STEP = object()


def arange(start=NO_STEP, stop=None, step=None, dtype=None, *, device=None, like=None):
    """start, start + step, … before stop; arange(n) counts from 0."""
    on_cpu(device)
    if start is NO_STEP:
        if stop is None:
            raise TypeError("arange() requires stop to be specified.")
        start = 0
    elif stop is None:
        start, stop = 0, start
    step = 1 if step is None else step
    parts = [x.item() if hasattr(x, "item") else x for x in (start, stop, step)]
    given = [x.dtype for x in (start, stop, step) if hasattr(x, "dtype")]
    if builtins.any(x != x or abs(x) == float("inf") for x in parts[:2]):
        raise ValueError("arange: cannot compute length" if builtins.any(x != x for x in parts[:2]) else "Maximum allowed size exceeded")
    if builtins.all(isinstance(x, int) for x in parts):
        if dtype is None:
            from ._types import result_type
            weak = [x for x in (start, stop, step) if not hasattr(x, "dtype")]
            dtype = result_type(*given, *weak) if given else _core.dtype("int64")
            dtype = _core.dtype("int64") if dtype == "bool" else dtype
        if parts[2] == 0:
            raise ZeroDivisionError("Maximum allowed size exceeded: step is 0")
        if _core.dtype(dtype).kind in "iu":
            return _core.arange_int(dtype, *parts)
        parts[1] = parts[0] + parts[2] * builtins.max(0, -((parts[0] - parts[1]) // parts[2]))
    if _core.dtype(dtype or "float64").kind in "biu":
        return _core.asarray(_core.arange("float64", *map(float, parts)), dtype, None)
    if _core.dtype(dtype or "float64").kind == "c":
        return _core.asarray(arange(*parts), dtype, None)
    return _core.arange(dtype or "float64", *map(float, parts))


def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0, *, device=None):
    """num numbers from start to stop, along a new axis where those are arrays."""
    on_cpu(device)
    num = operator.index(num)
    if num < 0:
        raise ValueError(f"Number of samples, {num}, must be non-negative.")
    parts = num - 1 if endpoint else num
    ends = [x if isinstance(x, (int, float, complex)) else asarray(x) for x in (start, stop)]
    if builtins.all(isinstance(x, (int, float)) or x.ndim == 0 and x.dtype.kind in "biuf" and (x.itemsize == 8 or
                    x.dtype.kind != "f") for x in ends if not isinstance(x, complex)) and \
            not builtins.any(isinstance(x, complex) for x in ends):
        start, stop = map(float, ends)
        y = _core.linspace("float64", start, stop, num, endpoint)
        step = _core.asarray((stop - start) / parts if parts > 0 else float("nan"), None, None)
    else:
        y, step = between(*ends, num, parts, endpoint)
        if axis != 0:
            y = _core.moveaxis(y, 0, axis)
    if dtype is not None:
        y = _core.asarray(_core.ops["floor"](y) if _core.dtype(dtype).kind in "iu" else y, dtype, None)
    return (y, step) if retstep else y


def between(start, stop, num, parts, endpoint):
    from ._types import result_type
    kind = result_type(start, stop, float(num))
    start, stop = _core.asarray(start, kind, None), _core.asarray(stop, kind, None)
    delta = stop - start
    line = _core.reshape(_core.asarray(_core.arange_int("int64", 0, num, 1), kind, None), [num, *[1] * delta.ndim])
    step = delta / parts if parts > 0 else delta * float("nan")
    y = line * step + start if parts > 0 else line * delta + start
    if endpoint and num > 1:
        y[-1] = _core.broadcast_to(stop, y.shape[1:])
    return y, step


def logspace(start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0):
    if not isinstance(base, (int, float)):
        base = asarray(base)
        base = _core.unsqueeze(base, axis if axis >= 0 else axis) if base.ndim else base
        base = _core.asarray(base, "float64", None)
    else:
        base = float(base)
    y = _core.ops["pow"](base, linspace(start, stop, num, endpoint, axis=axis))
    return y if dtype is None else _core.asarray(y, dtype, None)


def geomspace(start, stop, num=50, endpoint=True, dtype=None, axis=0):
    """Numbers at equal ratios from start to stop."""
    ops = _core.ops
    a, b = asarray(start), asarray(stop)
    if builtins.bool(ops["any"](a == 0)) or builtins.bool(ops["any"](b == 0)):
        raise ValueError("Geometric sequence cannot include zero")
    if a.dtype.kind == "c" or b.dtype.kind == "c":
        raise TypeError("geomspace: not defined for complex numbers")
    from ._types import result_type
    kind = result_type(a, b, 1.0)
    a, b = _core.asarray(a, kind, None), _core.asarray(b, kind, None)
    sign = ops["where"]((ops["sign"](a) == -1) & (ops["sign"](b) == -1), _core.asarray(-1, kind, None),
                        _core.asarray(1, kind, None))
    a, b = a * sign, b * sign
    y = ops["pow"](10.0, linspace(ops["log10"](a), ops["log10"](b), num, endpoint))
    if num > 0:
        y[0] = a
        if endpoint and num > 1:
            y[-1] = b
    y = y * sign
    y = _core.moveaxis(y, 0, axis) if axis else y
    return _core.asarray(y, kind if dtype is None else dtype, None)


def eye(N, M=None, k=0, dtype=None, order="C", *, device=None, like=None):
    on_cpu(device)
    a = _core.eye(dtype or "float64", operator.index(N), operator.index(N if M is None else M), operator.index(k))
    return in_order(a, order)


def identity(n, dtype=None, *, like=None):
    return eye(n, dtype=dtype)


def tri(N, M=None, k=0, dtype=None, *, like=None):
    return _core.tri(dtype or "float64", N, N if M is None else M, k)


def matrices(m):
    m = asarray(m)
    return _core.broadcast_to(m, (*m.shape, *m.shape)) if m.ndim == 1 else m


def tril(m, k=0):
    return _core.tril(matrices(m), k)


def triu(m, k=0):
    return _core.triu(matrices(m), k)


def diagflat(v, k=0):
    return _core.diag(_core.ravel(asarray(v)), k)


def fromfunction(function, shape, *, dtype="float64", like=None, **kwargs):
    return function(*indices(shape, dtype=dtype), **kwargs)


def diag(v, k=0):
    """A matrix with v on its k-th diagonal, or a view of that diagonal of a matrix."""
    return _core.diag(asarray(v), k)


def meshgrid(*xi, copy=True, sparse=False, indexing="xy"):
    if indexing not in ("xy", "ij"):
        raise ValueError("Valid values for `indexing` are 'xy' and 'ij'.")
    lines = [_core.ravel(asarray(a)) for a in xi]
    if sparse:
        n = len(lines)
        places = [1 - i if i < 2 and n > 1 and indexing == "xy" else i for i in range(n)]
        grids = [_core.reshape(a, [1] * p + [a.size] + [1] * (n - p - 1)) for a, p in zip(lines, places)]
    else:
        grids = _core.meshgrid(lines, indexing == "xy") if lines else ()
    return tuple(_core.asarray(g, None, True) if copy else g for g in grids)


def indices(dimensions, dtype="int64", sparse=False):
    grids = [arange(n, dtype=dtype) for n in dimensions]
    if not grids:
        return _core.empty((0,), dtype)
    if sparse:
        return tuple(_core.reshape(g, (1,) * i + (-1,) + (1,) * (len(grids) - i - 1)) for i, g in enumerate(grids))
    return _core.stack([*_core.meshgrid(grids, False)], 0)


def from_dlpack(x, /, *, device=None, copy=None):
    """An array on the memory of a DLPack tensor."""
    on_cpu(device)
    a = _core.from_dlpack(x)
    return _core.asarray(a, None, True) if copy else a


def frombuffer(buffer, dtype="float64", count=-1, offset=0, *, like=None):
    """A vector on the memory of any buffer, read as elements of dtype."""
    dtype = _core.dtype(dtype)
    view = memoryview(buffer).cast("B")
    if not 0 <= offset <= len(view):
        raise ValueError(f"offset must be non-negative and no greater than buffer length ({len(view)})")
    rest = len(view) - offset
    n = rest // dtype.itemsize if count < 0 else count
    if n * dtype.itemsize > rest or (count < 0 and rest % dtype.itemsize):
        raise ValueError("buffer size must be a multiple of element size" if count < 0 else
                         "buffer is smaller than requested size")
    if n == 0:
        return _core.empty((0,), dtype)
    return _core.reinterpret(_core.asarray(view, None, None), dtype, (n,), (1,), offset, False)


def fromiter(iter, dtype, count=-1, *, like=None):
    items = list(iter) if count < 0 else [x for x, _ in zip(iter, range(count))]
    if len(items) < count:
        raise ValueError(f"iterator too short: Expected {count} but iterator had only {len(items)} items.")
    return _core.asarray(items, dtype, None)
