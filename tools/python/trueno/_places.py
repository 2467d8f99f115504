# SPDX-License-Identifier: MIT
"""Index tricks: places written as slices, grids, and elements put at places."""
import builtins
import inspect
import itertools
import math
import operator
import warnings

from . import _core
from ._create import arange, asarray, linspace
from ._manip import broadcast_shapes, concatenate, copyto

__all__ = ["apply_over_axes", "broadcast", "c_", "compress", "flatiter", "index_exp", "ix_", "mgrid", "ndenumerate", "ndindex",
           "ogrid", "place", "put", "putmask", "r_", "s_"]


class Slices:
    """s_[1:3, ...] is the index itself; index_exp's is always a tuple."""

    def __init__(self, maketuple):
        self.maketuple = maketuple

    def __getitem__(self, item):
        return (item,) if self.maketuple and not isinstance(item, tuple) else item


s_, index_exp = Slices(False), Slices(True)


def line_of(s, typed=True):
    """start:stop:step as an array; an imaginary step is a number of points, stop included. typed: of the numbers' type."""
    start, step = (0 if s.start is None else s.start), (1 if s.step is None else s.step)
    if isinstance(step, complex) or getattr(getattr(step, "dtype", None), "kind", "") == "c":
        return linspace(start, s.stop, int(abs(step)))
    from ._types import result_type
    given = [x for x in (start, s.stop, step) if hasattr(x, "dtype")]
    kind = result_type(*given, *(x for x in (start, s.stop, step) if not hasattr(x, "dtype"))) if given else None
    line = arange(*(x.item() if hasattr(x, "item") else x for x in (start, s.stop, step)))
    return line if kind is None or not typed else _core.asarray(line, kind, None)


class Grid:
    """mgrid[0:3, 0:4j] are the coordinates of every point, ogrid's broadcast to them."""

    def __init__(self, sparse):
        self.sparse = sparse

    def __getitem__(self, key):
        if isinstance(key, slice):
            return line_of(key, False)
        lines = [line_of(s) for s in key]
        if not lines:
            return _core.empty((0,), "float64")
        from ._types import result_type
        kind = result_type(*lines)
        n = len(lines)
        lines = [_core.reshape(_core.asarray(a, kind, None), [1] * i + [a.size] + [1] * (n - i - 1))
                 for i, a in enumerate(lines)]
        if self.sparse:
            return tuple(lines)
        shape = [a.size for a in lines]
        return _core.stack([_core.broadcast_to(a, shape) for a in lines], 0)


mgrid, ogrid = Grid(False), Grid(True)


class Joining:
    """r_[1:4, 0, x] joins along the first axis, c_ as columns; a text "axis,ndmin,place" says otherwise."""

    def __init__(self, axis, ndmin, place):
        self.form = axis, ndmin, place

    def __getitem__(self, key):
        parts, weak = [], []
        axis, ndmin, place = self.form
        for i, item in enumerate(key if isinstance(key, tuple) else (key,)):
            if isinstance(item, str):
                if i:
                    raise ValueError("special directives must be the first entry.")
                if item in ("r", "c"):
                    raise ValueError("r_ of matrices is not supported")
                form = [int(x) for x in item.split(",")]
                axis, ndmin, place = form + [axis, ndmin, place][len(form):]
                continue
            if isinstance(item, (bool, int, float, complex)):
                weak.append(len(parts))
                parts.append(item)
                continue
            parts.append(line_of(item) if isinstance(item, slice) else asarray(item))
        from ._types import result_type
        kind = result_type(*parts)
        arrays = [shaped(_core.asarray(x, kind, None), ndmin, place) for x in parts]
        return concatenate(arrays, axis)

    def __len__(self):
        return 0


def shaped(a, ndmin, place):
    """a with new axes until there are ndmin, its own at place among them."""
    new = ndmin - a.ndim
    if a.ndim == 0:
        return _core.reshape(a, [1] * builtins.max(ndmin, 1))
    if new <= 0:
        return a
    first = place if place >= 0 else new + place + 1
    return _core.reshape(a, [1] * first + list(a.shape) + [1] * (new - first))


r_, c_ = Joining(0, 1, -1), Joining(-1, 2, 0)


def ix_(*args):
    """Sequences as an index of every combination of theirs."""
    out = []
    for i, seq in enumerate(args):
        a = asarray(seq)
        if a.ndim != 1:
            raise ValueError("Cross index must be 1 dimensional")
        if a.size == 0 and not isinstance(seq, _core.ndarray):
            a = _core.asarray(a, "int64", None)
        a = _core.flatnonzero(a) if a.dtype == "bool" else a
        out.append(_core.reshape(a, [1] * i + [a.size] + [1] * (len(args) - i - 1)))
    return tuple(out)


class ndindex:
    """Every index of a shape, the last axis running fastest."""

    def __init__(self, *shape):
        shape = tuple(shape[0]) if len(shape) == 1 and isinstance(shape[0], tuple) else shape
        if builtins.any(n < 0 for n in shape):
            raise ValueError("negative dimensions are not allowed")
        self.steps = itertools.product(*map(range, shape))

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.steps)


class ndenumerate:
    """(index, element) of every element."""

    def __init__(self, arr):
        self.a = asarray(arr)
        self.places = ndindex(self.a.shape)

    def __iter__(self):
        return self

    def __next__(self):
        place = next(self.places)
        return place, self.a[place]


def common_shape(parts):
    """What all broadcast to; the two that do not are named."""
    shape = ()
    for i, a in enumerate(parts):
        try:
            new = broadcast_shapes(shape, a.shape)
        except ValueError:
            with_ = next(k for k, b in enumerate(parts[:i]) if not broadcasts(b.shape, a.shape))
            raise ValueError("shape mismatch: objects cannot be broadcast to a single shape.  Mismatch is between "
                             f"arg {with_} with shape {parts[with_].shape} and arg {i} with shape {a.shape}.") from None
        shape = new
    return shape


def broadcasts(a, b):
    return all(n == m or 1 in (n, m) for n, m in zip(reversed(a), reversed(b)))


class OnlyArrays(type):
    def __call__(cls, *arrays, **kwds):
        if kwds:
            raise ValueError("no keyword arguments expected")
        return super().__call__(*arrays)

    __signature__ = inspect.Signature([inspect.Parameter("arrays", inspect.Parameter.VAR_POSITIONAL)])


class broadcast(metaclass=OnlyArrays):
    """Arrays brought to one shape, and their elements side by side."""

    def __init__(self, *arrays):
        parts = [x for a in arrays for x in (a.parts if isinstance(a, broadcast) else [asarray(a)])]
        if len(parts) > 64:
            raise ValueError("Need at least 0 and at most 64 array objects.")
        self.parts, self.shape = parts, common_shape(parts)
        self.ndim = self.nd = len(self.shape)
        self.size, self.numiter, self.index = math.prod(self.shape), len(parts), 0
        self.lines = [_core.ravel(_core.broadcast_to(a, self.shape)) for a in parts]
        self.iters = tuple(a.flat for a in parts)

    def __iter__(self):
        return self

    def __next__(self):
        if self.index == self.size:
            raise StopIteration
        self.index += 1
        return tuple(x[self.index - 1] for x in self.lines)

    def reset(self, /):
        self.index = 0


NO_INDEX = "only integers, slices (`:`), ellipsis (`...`) and integer or boolean arrays are valid indices"


class flatiter:
    """a.flat: the elements in C order."""

    def __init__(self, base):
        self.base, self.index = base, 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.index >= self.base.size:
            raise StopIteration
        self.index += 1
        return _core.ravel(self.base)[self.index - 1]

    def __len__(self):
        return self.base.size

    def place(self, key):
        if isinstance(key, tuple):
            if len(key) > 1:
                raise IndexError("too many indices for flat iterator: flat iterator is 1-dimensional, but "
                                 f"{len(key)} were indexed")
            key = key[0] if key else Ellipsis
        if isinstance(key, (int, slice)) and not isinstance(key, bool) or key is Ellipsis:
            return key
        if key is None:
            raise IndexError(NO_INDEX)
        given, key = key, asarray(key)
        if key.dtype == "bool" and not key.ndim:
            warnings.warn("Indexing flat iterators with a 0-dimensional boolean index is deprecated and may be removed in a future "
                          "version.", DeprecationWarning, stacklevel=3)
            return 0 if key else slice(0, 0)
        if isinstance(given, (list, tuple)):
            if key.dtype == "bool":
                raise IndexError("boolean indices for iterators are not supported because of their ambiguity: use an array")
            if key.dtype.kind == "f" and key.size:
                warnings.warn("Invalid non-array indices for iterator objects are deprecated and will be removed in a future "
                              "version.", DeprecationWarning, stacklevel=3)
            return _core.asarray(key, "int64", None)
        if key.dtype.kind not in "iub":
            raise IndexError(NO_INDEX)
        if key.dtype == "bool" and key.shape != (self.base.size,):
            raise IndexError("boolean index did not match indexed flat iterator along axis 0; size of axis is "
                             f"{self.base.size} but size of boolean axis is {key.shape[0]}")
        return key

    def __getitem__(self, key):
        y = _core.ravel(self.base)[self.place(key)]
        return y if isinstance(y, _core.generic) else _core.asarray(y, None, True)

    def __setitem__(self, key, value):
        if isinstance(key, tuple) and not key:
            raise IndexError("Assigning to a flat iterator with a 0-D index is not supported")
        places = asarray(_core.arange_int("int64", 0, self.base.size, 1)[self.place(key)])
        put(self.base, places, value)

    def __array__(self, dtype=None, copy=None):
        return _core.ravel(self.base).__array__(dtype)

    def copy(self):
        return _core.asarray(_core.ravel(self.base), None, True)

    coords = property(lambda self: tuple(self.index // math.prod(self.base.shape[i + 1:]) % n
                                         for i, n in enumerate(self.base.shape)))


def writable_line(a):
    """The elements of a as one axis, and whether they lie in a's own memory."""
    return (_core.ravel(a), True) if a.c_contiguous else (_core.asarray(_core.ravel(a), None, True), False)


def bounded(places, n, mode):
    """Places within 0 … n - 1, as mode says."""
    if mode not in ("raise", "wrap", "clip"):
        raise ValueError(f"mode {mode!r} is not 'raise', 'wrap' or 'clip'")
    if mode == "wrap":
        return places % n
    return _core.ops["clip"](places, 0, n - 1) if mode == "clip" else places


def writable(a):
    """a, or an array on the memory of another buffer, which is changed in place."""
    if isinstance(a, _core.ndarray):
        return a
    try:
        memoryview(a)
    except TypeError:
        raise TypeError(f"argument 1 must be trueno.ndarray, not {type(a).__name__}") from None
    return _core.asarray(a, None, False)


def put(a, ind, v, mode="raise"):
    """a.flat[ind] = v, with the values repeated as often as needed."""
    a = writable(a)
    if _core.readonly(a):
        raise ValueError("put: output array is read-only")
    places, values = _core.ravel(_core.asarray(asarray(ind), "int64", None)), _core.ravel(asarray(v))
    if not places.size or not values.size:
        return
    if not a.size:
        raise IndexError("cannot replace elements of an empty array")
    line, own = writable_line(a)
    repeated = values if values.size == 1 else values[_core.arange_int("int64", 0, places.size, 1) % values.size]
    line[bounded(places, a.size, mode)] = _core.asarray(repeated, a.dtype, None)
    if not own:
        a[...] = _core.reshape(line, a.shape)


def putmask(a, mask, values):
    """a.flat[i] = values[i] where mask.flat[i], with the values repeated as often as needed."""
    a, mask, values = writable(a), asarray(mask, "bool"), asarray(values)
    if mask.size != a.size:
        raise ValueError("putmask: mask and data must be the same size")
    from ._types import can_cast
    if not can_cast(values.dtype, a.dtype, "same_kind"):
        raise TypeError(f"Cannot cast array data from {values.dtype!r} to {a.dtype!r} according to the rule 'safe'")
    if not values.size or not a.size:
        return
    repeated = _core.ravel(values)[_core.arange_int("int64", 0, a.size, 1) % values.size]
    copyto(a, _core.reshape(_core.asarray(repeated, a.dtype, None), a.shape), "unsafe", _core.reshape(mask, a.shape))


def place(arr, mask, vals):
    """arr[mask] = vals, one after the other and repeated as often as needed."""
    arr = writable(arr)
    places = _core.flatnonzero(asarray(mask, "bool"))
    if places.size and not asarray(vals).size:
        raise ValueError("Cannot insert from an empty array!")
    put(arr, places, vals)


def compress(condition, a, axis=None, out=None):
    """The parts of an axis where condition is true."""
    a, condition = asarray(a), asarray(condition, "bool")
    if condition.ndim != 1:
        raise ValueError("condition must be a 1-d array")
    line = _core.ravel(a) if axis is None else a
    return _core.ops["take"](line, _core.flatnonzero(condition), 0 if axis is None else axis, out)


def apply_over_axes(func, a, axes):
    """func(a, axis) for one axis after the other; the number of axes stays."""
    a = asarray(a)
    for axis in (axes,) if hasattr(axes, "__index__") else axes:
        axis = operator.index(axis) % a.ndim
        y = asarray(func(a, axis))
        if y.ndim != a.ndim:
            y = _core.unsqueeze(y, axis)
            if y.ndim != a.ndim:
                raise ValueError("function is not returning an array of the correct shape")
        a = y
    return a
